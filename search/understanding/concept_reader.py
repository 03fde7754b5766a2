"""Concepts of a question, the longest name first, in the role that the words around them give them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ontology import terms
from ontology.lookup import Candidate, Span
from search.query import ConceptPart, EitherPart
from search.understanding.adjectives import class_of
from search.understanding.concepts import MENDED, concept_of, expanded
from search.understanding.kinds import is_method, is_quantity
from search.understanding.question import Placed, Question
from search.understanding.roles import Role, RoleReader
from search.understanding.shapes import FOILS, SHAPES, end_of_shape
from search.understanding.sides import materials_of
from search.understanding.sizes import is_round_size
from search.understanding.vocabulary import ARTICLES, SILENT, SOFT, Vocabulary, word_set

_BEFORE_ROLE: Final = word_set("based type containing active metal metallic")
"""Words between a concept and its role that tell nothing: ``NMC-based cathode``."""
_AS: Final = ARTICLES | word_set("as for in at on used serving acting its their is are was were being forms makes up")
"""Words between a concept and its role: ``NCA as the positive electrode``, ``lithium is the anode``."""
_IS: Final = ARTICLES | word_set(
    "is are was of made from based on with containing contains consisting consists being comprising using uses material "
    "that which metallic elemental pure solid metal plain mixture mixtures blend blends combination"
)
"""Words between a role and what stands in it: ``cathode made of NMC``."""
_JOINS: Final = frozenset(("/", ":", "+", "and", "or", "-", "|"))
_EITHER: Final = frozenset(("or", "and/or", "/"))
_AND: Final = frozenset(("and", "or", "plus", "with"))
"""Words between several things in one role."""
_HAS: Final = ARTICLES | word_set("with containing contains that which has have having using uses use comprising including")
"""Words between an electrode and a part of it: ``cathode with PVDF as binder``."""
_OF: Final = ARTICLES | frozenset(("of", "in", "for"))
"""Words between a quantity and what has it: ``thickness of the cathode``."""
_ELECTRODES: Final = frozenset((terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE, terms.ELECTRODE, terms.CATHODE, terms.ANODE))
_OF_METALS: Final = word_set("aluminium aluminum al copper cu nickel ni titanium ti steel stainless metal")
"""Words before *foil* with which it is a current collector; of lithium it is an electrode."""
_KINDS_OF_MATTER: Final = word_set(
    "mixture mixtures blend blends compound compounds substance substances chemical chemicals formulation formulations "
    "composition compositions constituent constituents material materials slurry slurries paste pastes dispersion dispersions"
)
"""Words that say nothing beside the name of a substance."""
_OPPOSITE: Final = ARTICLES | word_set(
    "against opposite opposing facing paired pairing coupled combined matched mated partnered balanced over to with and"
)
"""Words between two electrodes: ``NCA against graphite``, ``NMC paired with graphite``."""
_COATED_ON: Final = re.compile(
    r"(?<!\w)(?:coated|cast|casted|painted|spread|deposited|printed)\s+(?:up)?on(?:to)?\s+(?:an?\s+|the\s+)?\Z", re.IGNORECASE
)
_COLLECTING: Final = _AS | frozenset(("to", "that", "which"))
"""Words before what collects a current: ``copper on the negative side to collect the current``."""
_BOUND: Final = re.compile(r"(?<=-)(?:bound|bonded)\Z", re.IGNORECASE)
"""What holds an electrode together: ``PVDF-bound``."""
_COLLECTOR: Final = "CurrentCollector"
_SUBSTRATE: Final = "Substrate"
"""What a foil is to the coating of an electrode."""
_SOLVENT: Final = "Solvent"
_SOLUTE: Final = "Solute"
_DISSOLVED: Final = frozenset((_SOLUTE, _SOLVENT, "Additive"))
"""Roles that stand in an electrolyte alone."""
_COMPOSITE: Final = "CompositeMaterial"
"""What a name with several substances says already: ``Si/graphite composite``."""
_MATERIAL: Final = re.compile(r"\b(?:materials?|powders?)\Z", re.IGNORECASE)
_SPLIT: Final = re.compile(r"[\s_-]+")


@dataclass(slots=True)
class _Item:
    """A stretch that names a concept, or a role, or both (``electrolyte``).

    Args:
        start: Where it begins.
        end: Where it ends.
        part: The concept.
        candidates: What it can mean.
        role: The role.
        used: Whether another one stands for it.
        other: Another role that does as well: ``salt or additive``.
    """

    start: int
    end: int
    part: ConceptPart | None
    candidates: tuple[Candidate, ...]
    role: Role | None
    used: bool = False
    other: Role | None = None


class ConceptReader:
    """Reads the concepts of a question and the roles in which they stand."""

    def __init__(self, question: Question, vocabulary: Vocabulary) -> None:
        self._question = question
        self._vocabulary = vocabulary
        self._roles = RoleReader(question, vocabulary)

    def read(self) -> None:
        """Put a part for every concept; words for what every record is about go to ``soft``."""
        items = self._items()
        items = self._without_kinds_of_matter(items)
        self._join_repeated(items)
        items = self._without_foils(items)
        self._join_collectors(items)
        items = self._without_electrolyte(self._join_roles(items))
        self._put_in_parts(items)
        self._give_roles(items)
        self._nest(items)
        self._dissolve(items)
        self._coat(items)
        self._take_opposite(items)
        for item in items:
            if item.used or item.part is None:
                if item.used:
                    self._question.take(item.start, item.end)
                continue
            part = replace(item.part, text=self._question.text[item.start : item.end])
            if all(word.lower() in SILENT for word in _SPLIT.split(part.text)):
                continue
            if self._is_soft(item):
                self._question.take(item.start, item.end)
                self._question.soft.append(Placed(item.start, item.end, part))
            elif item.other is not None:
                self._question.put(item.start, item.end, EitherPart(part.text, ((part,), (in_role(part, item.other),))))
            else:
                self._question.put(item.start, item.end, part)

    # What the question names

    def _items(self) -> list[_Item]:
        items: list[_Item] = []
        roles = self._role_words()
        for span in self._question.free_spans():
            role = next((one for one in roles if one.start < span.end and span.start < one.end), None)
            if role is not None and not (role.start <= span.start and span.end <= role.end):
                roles.remove(role)  # a longer name: *electrolyte filling*
                role = None
            if role is None or (role.start, role.end) == (span.start, span.end):
                role = role or self._mended_role(span)
                part = concept_of(span, self._vocabulary)
                if part is not None and role is not None and self._is_of_role(part, role):
                    part = replace(part, expanded=part.expanded | {role.iri})
                if part is not None or role is not None:
                    items.append(_Item(span.start, span.end, part, span.candidates, role))
                    if role in roles:
                        roles.remove(role)
        items += [_Item(role.start, role.end, self._role_concept(role), (), role) for role in roles]
        return sorted(items, key=lambda item: item.start)

    def _is_of_role(self, part: ConceptPart, role: Role) -> bool:
        """Whether it says of a role only where it stands, which records need not: an ElectrolyteAdditive is an Additive."""
        where = part.labels[0].removesuffix(role.label).lower()
        return part.labels[0] != role.label and where in self._vocabulary.roles.words and role.iri not in _ELECTRODES

    def _role_words(self) -> list[Role]:
        found: list[Role] = []
        for word in self._question.words():
            if found and word.start() < found[-1].end:
                continue
            role = self._roles.at(word.start())
            if role is None and (bound := _BOUND.search(word.group())):
                role = self._roles.at(word.start() + bound.start())
            if role is not None and self._question.is_free(role.start, role.end):
                found.append(role)
        return found

    def _mended_role(self, span: Span) -> Role | None:
        """The role that a mistyped word (*cathod*) names."""
        best = span.candidates[0]
        known = best.score < MENDED and best.iri in self._vocabulary.roles.classes
        return replace(self._roles.of(best.iri), start=span.start, end=span.end) if known else None

    def _role_concept(self, role: Role) -> ConceptPart | None:
        """The part for role words that are no label (``cathode material``) where nothing stands in the role."""
        said = self._question.text[role.start : role.end]
        if len(_SPLIT.split(said)) == 1:
            return None
        if _MATERIAL.search(said) and (materials := materials_of(role.iri, self._vocabulary.concepts)):
            iris = tuple(sorted(materials, key=self._vocabulary.concepts.label))
            labels = tuple(map(self._vocabulary.concepts.label, iris))
            return ConceptPart("", iris, labels, expanded(iris, self._vocabulary))
        return ConceptPart("", (role.iri,), (role.label,), role.expanded)

    # Roles

    def _join_repeated(self, items: list[_Item]) -> None:
        """The same or a broader word after a name only repeats it: ``LP30 electrolyte``, ``LNMO high-voltage spinel``."""
        for name, head in pairwise(items):
            gap = self._question.text[name.end : head.start]
            if head.part is None or name.part is None or name.used or gap.strip(" -"):
                continue
            if self._is_narrower(head, name) or self._says_its_role(name, head):  # *nickel-rich NMC811*, *electrolyte LP47*
                head.start, name.used = name.start, True
                continue
            broader = {candidate.iri for candidate in head.candidates}
            is_mixture = _COMPOSITE in head.part.labels and self._takes(name)
            named = frozenset(candidate.iri for candidate in name.candidates)
            if (
                is_mixture
                or named == broader
                or any(not broader.isdisjoint(self._vocabulary.concepts.ancestors(iri)) for iri in named)
            ):
                name.end, head.used = head.end, True

    def _is_narrower(self, item: _Item, other: _Item) -> bool:
        """Whether all substances that one names are among those that the other names, neither of them in a role."""
        if item.part is None or other.part is None or item.role is not None or other.role is not None:
            return False
        is_substance = item.part.expanded.isdisjoint(self._vocabulary.concepts.narrower(terms.DEVICE))
        return is_substance and item.part.expanded < other.part.expanded and self._takes(item) and self._takes(other)

    def _says_its_role(self, role: _Item, item: _Item) -> bool:
        """Whether a role word only says what the thing behind it is by itself, so that it stands in none."""
        if role.role is None or item.part is None or not self._takes(item):
            return False
        return all(role.role.iri in self._vocabulary.concepts.ancestors(iri) for iri in item.part.concepts)

    def _join_collectors(self, items: list[_Item]) -> None:
        """A current collector that is named twice, or behind its electrode: ``copper foil anode current collector``."""
        for last, collector in enumerate(items):
            if collector.role is None or collector.role.label not in {_COLLECTOR, _SUBSTRATE} or not last:
                continue
            before = items[last - 1]
            first = items[last - 2] if last > 1 and _is_bare_electrode(before) else before
            beside = [first, *((before,) if first is not before else ()), collector]
            if not all(self._gap(left, right, _COLLECTING) for left, right in pairwise(beside)):
                continue
            is_metal = first is not before and self._takes(first) and self._is_metal(first)
            if is_metal:
                self._put_in(first, collector)
            if is_metal or (first.role is not None and first.role.label == _COLLECTOR):
                before.end, collector.used = collector.end, True

    def _join_roles(self, items: list[_Item]) -> list[_Item]:
        """The items with one for two roles of which either will do: ``LiFSI salt or additive``."""
        kept: list[_Item] = []
        for item in items:
            first, left = kept[-2:] if len(kept) > 1 else (None, None)
            if first is not None and left is not None and self._are_roles(left, item) and self._stands_in(first, left):
                left.end, left.other = item.end, item.role
            else:
                kept.append(item)
        return kept

    def _without_electrolyte(self, items: list[_Item]) -> list[_Item]:
        """The items without the electrolyte in which a salt, solvent or additive is: ``salt LiPF6 in the electrolyte``."""
        kept: list[_Item] = []
        for item in items:
            inner = next((one for one in reversed(kept[-2:]) if one.role is not None and one.role.label in _DISSOLVED), None)
            thing = kept[-1] if kept else None
            is_beside = inner is not None and thing is not None and (inner is thing or self._is_named(inner, thing))
            is_electrolyte = item.role is not None and item.role.iri == self._roles.by_label("electrolyte").iri
            if thing is not None and is_beside and is_electrolyte and self._gap(thing, item, _OF) and self._says_as(thing, item):
                thing.end = item.end
            else:
                kept.append(item)
        return kept

    def _are_roles(self, left: _Item, right: _Item) -> bool:
        """Whether these are two roles with *or* between them."""
        gap = self._question.text[left.end : right.start].strip().lower()
        return left.role is not None and right.role is not None and left.other is None and gap in _EITHER

    def _stands_in(self, thing: _Item, role: _Item) -> bool:
        """Whether a thing stands in the role behind it."""
        beside = self._gap(thing, role, _BEFORE_ROLE) or (self._gap(thing, role, _AS) and self._says_as(thing, role))
        return self._takes(thing) and beside

    def _without_kinds_of_matter(self, items: list[_Item]) -> list[_Item]:
        """The items without *mixture* and the like, where something else is named."""
        kept = [item for item in items if self._question.text[item.start : item.end].lower() not in _KINDS_OF_MATTER]
        if not kept:
            return items
        for item in items:
            if item not in kept:
                self._question.take(item.start, item.end)
        return kept

    def _coat(self, items: list[_Item]) -> None:
        """A metal on which something is coated collects its current: ``cathode coated on aluminium``."""
        for item in items:
            coated = _COATED_ON.search(self._question.text, 0, item.start)
            is_metal = self._takes(item) and self._is_metal(item)
            if coated is not None and is_metal:
                _stand_in(item, self._roles.by_label("current collector"), frozenset())
                self._question.take(*coated.span())

    def _is_metal(self, item: _Item) -> bool:
        """Whether it is a metal, perhaps in some shape: ``nickel foam``."""
        words = [word.group().lower() for word in self._question.words(item.start, item.end)]
        return words[0] in _OF_METALS and _OF_METALS.union(SHAPES).issuperset(words)

    def _take_opposite(self, items: list[_Item]) -> None:
        """Take the words between two things that say that they stand opposite to each other."""
        for left, right in pairwise(items):
            are_named = all(one.part is not None and not self._is_soft(one) for one in (left, right))
            if are_named and self._gap(left, right, _OPPOSITE):
                self._question.take(left.end, right.start)

    def _without_foils(self, items: list[_Item]) -> list[_Item]:
        """The items without foils that collect no current, and shapes that stand in a role: a *lithium foil* is lithium."""
        kept: list[_Item] = []
        # *LiFePO4 powder* alone may be the powder itself.
        are_roles = any(item.role is not None for item in items)
        for item in items:
            if are_roles and self._takes(item):
                item.end = end_of_shape(self._question, item.end)
            if self._question.text[item.start : item.end].lower() in (SHAPES if are_roles else FOILS):
                before = kept[-1] if kept and not self._question.text[kept[-1].end : item.start].strip(" -") else None
                words = [] if before is None else self._question.words(before.start, before.end)
                is_foil = self._question.text[item.start : item.end].lower() in FOILS
                if not (is_foil and words and words[-1].group().lower() in _OF_METALS):
                    item.role = None
                    if before is not None and self._takes(before):
                        before.end = item.end
                        continue
            kept.append(item)
        return kept

    def _give_roles(self, items: list[_Item]) -> None:
        for position, item in enumerate(items):
            if item.role is None or item.used:
                continue
            before = items[position - 1] if position else None
            after = items[position + 1] if position + 1 < len(items) else None
            if self._quantity_of(item, before, after):
                continue
            if before is not None and self._is_family(before) and item.role.iri in _ELECTRODES:
                before = None  # *sodium-ion anode*: a whole cell stands in none of its electrodes
            if before is not None and after is not None and self._is_dissolved(before, item) and self._is_named(item, after):
                self._fill(item, items[position + 1 :])
            elif before is not None and self._takes(before) and self._gap(before, item, _BEFORE_ROLE):
                self._stand(items[:position], item)
            elif before is not None and self._stands_in(before, item):
                self._stand(self._either_of(items[:position]), item)
            elif after is not None and self._is_named(item, after) and not self._has_own(items[position + 1 :]):
                self._fill(item, items[position + 1 :])

    def _put_in_parts(self, items: list[_Item]) -> None:
        """What is a part of an electrode: ``CMC as anode binder``."""
        for thing, electrode, part in zip(items, items[1:], items[2:], strict=False):
            is_within = _is_bare_electrode(electrode) and self._is_inside(part) and part.role is not None
            if not is_within or self._question.text[electrode.end : part.start].strip(" -"):
                continue
            if (
                self._takes(thing)
                and self._gap(thing, electrode, _AS)
                and self._says_as(thing, electrode)
                and thing.part
                and electrode.role
            ):
                electrode.part, electrode.role = in_role(thing.part, electrode.role), None
                self._put_in(thing, part)
                part.used = True

    def _either_of(self, before: list[_Item]) -> list[_Item]:
        """The last thing, and the one before it with *or* between them: ``LCO or NMC as the cathode``."""
        gap = self._question.text[before[-2].end : before[-1].start].strip().lower() if len(before) > 1 else ""
        return before[-2:] if gap in _EITHER else before[-1:]

    def _is_named(self, role: _Item, after: _Item) -> bool:
        """Whether what comes behind a role word can stand in it: ``cathode made of NMC``; nothing is made of a size."""
        is_size = after.part is not None and is_round_size(after.part)
        return self._takes(after) and not is_size and self._gap(role, after, _IS)

    def _is_dissolved(self, thing: _Item, role: _Item) -> bool:
        """Whether it is in a solvent and not one itself: ``LiFSI in a solvent blend of EC and EMC``."""
        words = {word.group().lower() for word in self._question.words(thing.end, role.start)}
        return role.role is not None and role.role.label == _SOLVENT and "in" in words and self._gap(thing, role, _AS)

    def _nest(self, items: list[_Item]) -> None:
        """What stands in a part of an electrode: ``aluminium foil on the cathode side``, ``cathode binder PVDF``."""
        for left, right in pairwise([item for item in items if not item.used]):
            close = not self._question.text[left.end : right.start].strip(" -")
            within = self._gap(left, right, _AS | _OF) and self._says_as(left, right)
            has = self._gap(left, right, _HAS) and self._says_as(left, right)
            if (close or has) and _is_bare_electrode(left) and self._is_inside(right):
                outer, inner = left, right
            elif (close or within) and _is_bare_electrode(right) and self._is_inside(left):
                outer, inner = right, left
            else:
                continue
            if outer.role is None or inner.part is None:
                continue
            if inner.part.role:
                outer.part, outer.role = in_role(inner.part, outer.role), None
            else:
                self._put_in(inner, outer)
                inner.start, inner.end, outer.used = left.start, right.end, True

    def _is_inside(self, item: _Item) -> bool:
        """Whether it is a part of something, or stands as one, and that is no electrode itself."""
        part = item.part
        if part is None or not (part.role or item.role is not None):
            return False
        return _ELECTRODES.isdisjoint((part.role, *part.concepts)) and (item.role is None or item.role.iri not in _ELECTRODES)

    def _takes(self, item: _Item) -> bool:
        """Whether it is a thing that can stand in a role, and stands in none yet."""
        free = item.part is not None and not item.used and item.role is None and not item.part.role and not self._is_soft(item)
        return free and not any(
            is_quantity(self._vocabulary, one.iri) or is_method(self._vocabulary, one.iri) for one in item.candidates
        )

    def _is_soft(self, item: _Item) -> bool:
        """Whether it is what every record is about: *cell housings* are housings."""
        return all(word.lower() in SOFT for word in _SPLIT.split(self._question.text[item.start : item.end]))

    def _gap(self, left: _Item, right: _Item, allowed: frozenset[str]) -> bool:
        gap = self._question.text[left.end : right.start]
        return self._question.only(left.end, right.start, allowed) and {",", ";"}.isdisjoint(gap)

    def _says_as(self, left: _Item, right: _Item) -> bool:
        words = {word.group().lower() for word in self._question.words(left.end, right.start)}
        return bool(words - ARTICLES)

    def _has_own(self, following: list[_Item]) -> bool:
        """Whether the next concept has a role of its own behind it: ``cathode with graphite anode``."""
        if len(following) < 2 or following[1].role is None or self._is_dissolved(following[0], following[1]):
            return False
        gap = self._question.text[following[0].end : following[1].start]
        return not gap.strip(" -") or self._gap(following[0], following[1], _AS | _BEFORE_ROLE)

    def _stand(self, before: list[_Item], role: _Item) -> None:
        """Put the concept before a role word into the role, and those joined to it (``EC and EMC solvents``)."""
        start, joins = role.start, False
        for item in reversed(before):
            between = self._question.text[item.end : start]
            gap = between.strip()
            joined = start == role.start or (gap in _JOINS and between != ": ") or (gap == "," and joins)
            joins = joins or (start != role.start and gap in _JOINS)
            if not joined or not self._takes(item) or (start != role.start and self._is_cell(item)):
                break
            if not self._is_material(role):
                self._put_in(item, role)
            start = item.start
        first = before[-1]
        if role.start >= first.end:
            first.end = role.end
        role.used = True

    def _is_cell(self, item: _Item) -> bool:
        """Whether it is a whole cell, in a list before what stands in one: ``lithium-ion cell, EC/EMC electrolyte``."""
        cells = self._vocabulary.concepts.narrower(terms.BATTERY)
        return item.part is not None and cells.issuperset(item.part.concepts)

    def _is_family(self, item: _Item) -> bool:
        """Whether it is a family of cells and no model, whose electrode may be meant: *GITT on the MJ1 anode*."""
        return self._is_cell(item) and item.part is not None and item.part.labels[0].endswith(("Battery", "Cell"))

    def _is_material(self, role: _Item) -> bool:
        """Whether it says what a material is for: *NMC622 cathode material* is that wherever it is described."""
        is_electrode = role.role is not None and role.role.iri in _ELECTRODES
        return is_electrode and _MATERIAL.search(self._question.text, role.start, role.end) is not None

    def _fill(self, role: _Item, after: list[_Item]) -> None:
        """Put the concepts after a role word into the role: ``electrolyte: LiPF6 in EC and EMC``."""
        end = role.end
        for position, item in enumerate(after):
            joined = position == 0 or (self._joined(end, item.start) and not self._has_own(after[position:]))
            if not joined or not self._takes(item):
                break
            self._put_in(item, role)
            end = item.end
        after[0].start = role.start
        role.used = True

    def _joined(self, start: int, end: int) -> bool:
        return self._question.only(start, end, _AND) and "," not in self._question.text[start:end]

    def _put_in(self, item: _Item, role: _Item) -> None:
        assert item.part is not None and role.role is not None  # noqa: S101, PT018 - `_takes` said so
        is_electrode = role.role.iri in _ELECTRODES | self._vocabulary.concepts.narrower(terms.ELECTRODE)
        electrodes = self._electrodes_of(item.part) if is_electrode else frozenset()
        # A salt or an acid may stand anywhere in the electrolyte.
        also = self._roles.by_label("electrolyte").expanded if role.role.label == _SOLUTE else frozenset[str]()
        item.part = in_role(replace(item.part, expanded=item.part.expanded | electrodes), role.role, also)
        item.other = role.other

    def _electrodes_of(self, part: ConceptPart) -> frozenset[str]:
        """The electrodes that the ontologies name after these: OxygenElectrode for *oxygen as the positive electrode*."""
        named = (class_of(f"{self._vocabulary.concepts.label(iri)}Electrode", self._vocabulary) for iri in part.concepts)
        return frozenset[str]().union(*(self._vocabulary.concepts.narrower(iri) for iri in named if iri))

    def _quantity_of(self, role: _Item, before: _Item | None, after: _Item | None) -> bool:
        """``cathode thickness`` and ``thickness of the cathode`` without a number: the quantity within the role."""
        if after is not None and self._is_free_quantity(after) and not self._question.text[role.end : after.start].strip(" -"):
            self._put_in(after, role)
            after.start, role.used = role.start, True
        elif before is not None and self._is_free_quantity(before) and self._gap(before, role, _OF) and self._says_as(before, role):
            self._put_in(before, role)
            before.end, role.used = role.end, True
        return role.used

    def _is_free_quantity(self, item: _Item) -> bool:
        quantity = any(is_quantity(self._vocabulary, candidate.iri) for candidate in item.candidates)
        return quantity and item.part is not None and not item.used and not item.part.role

    def _dissolve(self, items: list[_Item]) -> None:
        """``LiPF6 in EC:EMC``: what is dissolved, and in what."""
        words = self._vocabulary.roles.words
        if "solute" not in words or "solvent" not in words or "electrolyte" not in words:
            return
        solvents = self._vocabulary.concepts.narrower(words["solvent"])
        electrolyte = self._roles.by_label("electrolyte").expanded
        for position, (salt, first) in enumerate(pairwise(items)):
            if not (_is_among(first, solvents) and not _is_among(salt, solvents) and self._takes(salt)):
                continue
            if self._question.text[salt.end : first.start].strip().lower() not in {"in", "dissolved in"}:
                continue
            _stand_in(salt, self._roles.by_label("solute"), electrolyte)
            end = first.start
            for item in items[position + 1 :]:
                if not (_is_among(item, solvents) and (item is first or self._mixed(end, item.start))):
                    break
                _stand_in(item, self._roles.by_label("solvent"), electrolyte)
                end = item.end

    def _mixed(self, start: int, end: int) -> bool:
        return self._question.only(start, end, (_AND - {"with"}) | {"/", "+", "|"})


def in_role(part: ConceptPart, role: Role, also: frozenset[str] = frozenset()) -> ConceptPart:
    """The same concept, but only where it stands in a role; a word of a title stands in none."""
    return replace(part, role=role.iri, role_label=role.label, roles=role.expanded | also, words=())


def _is_bare_electrode(item: _Item) -> bool:
    """Whether it names an electrode in which nothing stands yet."""
    return item.role is not None and item.role.iri in _ELECTRODES and (item.part is None or not item.part.role)


def _stand_in(item: _Item, role: Role, also: frozenset[str]) -> None:
    if item.part is not None and not item.part.role:
        item.part = in_role(item.part, role, also)


def _is_among(item: _Item, iris: frozenset[str]) -> bool:
    return item.part is not None and not item.used and any(iri in iris for iri in item.part.concepts)
