"""Concepts of a question, the longest name first, in the role that the words around them give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import OSA

from ontology import terms
from ontology.abbreviations import texts_of
from ontology.concepts import Concepts
from ontology.definitions import Definitions
from ontology.formulae import Formulae
from ontology.lookup import Candidate, Span
from ontology.model import Kind
from ontology.roles import Roles
from search.query import ConceptPart
from search.understanding.adjectives import class_of
from search.understanding.kinds import SAME_STANDING, is_quantity, quantity_classes
from search.understanding.question import WORD, Placed, Question
from search.understanding.roles import Role, RoleReader
from search.understanding.vocabulary import ARTICLES, SILENT, SOFT, Vocabulary, word_set

_BEFORE_ROLE: Final = word_set("based type containing active")
"""Words between a concept and its role that tell nothing: ``NMC-based cathode``."""
_AS: Final = ARTICLES | word_set("as for in at on used serving acting its their")
"""Words between a concept and its role: ``NCA as the positive electrode``."""
_IS: Final = ARTICLES | word_set(
    "is are was of made from based on with containing contains consisting consists being comprising using uses material "
    "metallic elemental pure solid metal plain"
)
"""Words between a role and what stands in it: ``cathode made of NMC``."""
_JOINS: Final = frozenset(("/", ":", "+", "and", "or", "-", "|"))
_AND: Final = frozenset(("and", "or", "plus", "with"))
"""Words between several things in one role."""
_OF: Final = ARTICLES | frozenset(("of", "in", "for"))
"""Words between a quantity and what has it: ``thickness of the cathode``."""
_ELECTRODES: Final = frozenset((terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE, terms.ELECTRODE, terms.CATHODE, terms.ANODE))
_OF_METALS: Final = word_set("aluminium aluminum al copper cu nickel ni titanium ti steel stainless metal")
"""Words before *foil* with which it is a current collector; of lithium it is an electrode."""
_BOUND: Final = re.compile(r"(?<=-)(?:bound|bonded)\Z", re.IGNORECASE)
"""What holds an electrode together: ``PVDF-bound``."""
_COLLECTOR: Final = "CurrentCollector"
_COMPOSITE: Final = "CompositeMaterial"
"""What a name with several substances says already: ``Si/graphite composite``."""
_LONGEST: Final = 5
"""Most words of a name that goes on."""
_BEGUN: Final = 0.78
"""The score of a name that begins with all the words."""
_MOST_ERRORS: Final = 2
"""Typing errors in a name of several words."""
_CAPITALS: Final = re.compile(r"[A-Z][a-z]+|[A-Z]+(?![a-z])")
MENDED: Final = 0.9
"""Below this score a word was not written as a label is."""
FORMATS: Final = frozenset(("PouchCell", "CylindricalBattery", "PrismaticBattery", "CoinCell"))
_MATERIAL: Final = re.compile(r"\bmaterials?\Z", re.IGNORECASE)
_SOLUTION: Final = "Solution"
_RATIO: Final = re.compile(r"(?P<of>[A-Z]\w+Oxide)\d{3}")
_SIZE: Final = re.compile(r"\b([A-Z]{2,3})(\d{4,5})\b")
_SIZE_APART: Final = re.compile(r"\b([A-Z]{2,3})[\s-](\d{4,5})\b")
"""A size with its letters, which titles also write apart: ``INR-21700``."""
_MIXED_OXIDE: Final = re.compile(r"N[MC][CM][\s-]?(?P<ratio>\d{3})", re.IGNORECASE)
"""An oxide with its ratio, of which models have the ratio alone: ``CATL 811``."""
_SPLIT: Final = re.compile(r"[\s_-]+")


@dataclass(slots=True)
class _Item:
    """A stretch that names a concept, or a role, or both (``electrolyte``)."""

    start: int
    end: int
    part: ConceptPart | None
    candidates: tuple[Candidate, ...]
    role: Role | None
    used: bool = False


class ConceptReader:
    """Reads the concepts of a question and the roles in which they stand."""

    def __init__(self, question: Question, vocabulary: Vocabulary) -> None:
        self._question = question
        self._vocabulary = vocabulary
        self._roles = RoleReader(question, vocabulary)

    def read(self) -> None:
        """Put a part for every concept; words for what every record is about go to ``soft``."""
        items = self._items()
        self._join_repeated(items)
        items = self._without_foils(items)
        self._join_collectors(items)
        self._give_roles(items)
        self._nest(items)
        self._dissolve(items)
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
            else:
                self._question.put(item.start, item.end, part)

    # What the question names

    def _items(self) -> list[_Item]:
        items: list[_Item] = []
        roles = self._role_words()
        for span in (*self._question.free_spans(), *self._formulae()):
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

    def _formulae(self) -> Iterator[Span]:
        """Formulae that our table writes otherwise: ``LiNi0.8Co0.1Mn0.1O2``."""
        spans = self._question.spans
        for word in self._question.words():
            is_open = self._question.is_free(*word.span()) and not any(one.start <= word.start() < one.end for one in spans)
            named = _of_formula(word.group(), self._vocabulary) if is_open and _codes(word.group()) else ()
            if named:
                yield Span(*word.span(), word.group(), named)

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
        if len(_SPLIT.split(self._question.text[role.start : role.end])) == 1:
            return None
        return ConceptPart("", (role.iri,), (role.label,), role.expanded)

    # Roles

    def _join_repeated(self, items: list[_Item]) -> None:
        """The same or a broader word after a name only repeats it: ``LP30 electrolyte``, ``LNMO high-voltage spinel``."""
        for name, head in pairwise(items):
            gap = self._question.text[name.end : head.start]
            if head.part is None or name.part is None or name.used or gap.strip(" -"):
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

    def _join_collectors(self, items: list[_Item]) -> None:
        """A current collector that is named twice, or behind its electrode: ``copper foil anode current collector``."""
        for last, collector in enumerate(items):
            if collector.role is None or collector.role.label != _COLLECTOR or not last:
                continue
            before = items[last - 1]
            first = items[last - 2] if last > 1 and _is_bare_electrode(before) else before
            beside = [first, *((before,) if first is not before else ()), collector]
            if any(self._question.text[left.end : right.start].strip(" -") for left, right in pairwise(beside)):
                continue
            is_metal = (
                first is not before and self._takes(first) and self._question.text[first.start : first.end].lower() in _OF_METALS
            )
            if is_metal:
                self._put_in(first, collector)
            if is_metal or (first.role is not None and first.role.iri == collector.role.iri):
                before.end, collector.used = collector.end, True

    def _without_foils(self, items: list[_Item]) -> list[_Item]:
        """The items without foils that collect no current: a *lithium foil* is lithium."""
        kept: list[_Item] = []
        for item in items:
            if self._question.text[item.start : item.end].lower() in {"foil", "foils"}:
                before = kept[-1] if kept and not self._question.text[kept[-1].end : item.start].strip(" -") else None
                words = [] if before is None else self._question.words(before.start, before.end)
                if not words or words[-1].group().lower() not in _OF_METALS:
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
            if before is not None and self._takes(before) and self._gap(before, item, _BEFORE_ROLE):
                self._stand(items[:position], item)
            elif before is not None and self._takes(before) and self._gap(before, item, _AS) and self._says_as(before, item):
                self._stand([before], item)
            elif (
                after is not None
                and self._takes(after)
                and self._gap(item, after, _IS)
                and not self._has_own(items[position + 1 :])
            ):
                self._fill(item, items[position + 1 :])

    def _nest(self, items: list[_Item]) -> None:
        """What stands in a part of an electrode: ``aluminium foil on the cathode side``, ``cathode binder PVDF``."""
        for left, right in pairwise([item for item in items if not item.used]):
            close = not self._question.text[left.end : right.start].strip(" -")
            within = self._gap(left, right, _AS | _OF) and self._says_as(left, right)
            if close and _is_bare_electrode(left) and self._is_inside(right):
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
        return free and not any(is_quantity(self._vocabulary, candidate.iri) for candidate in item.candidates)

    def _is_soft(self, item: _Item) -> bool:
        """Whether it is what every record is about: *cell housings* are housings."""
        return all(word.lower() in SOFT for word in _SPLIT.split(self._question.text[item.start : item.end]))

    def _gap(self, left: _Item, right: _Item, allowed: frozenset[str]) -> bool:
        return self._question.only(left.end, right.start, allowed) and "," not in self._question.text[left.end : right.start]

    def _says_as(self, left: _Item, right: _Item) -> bool:
        words = {word.group().lower() for word in self._question.words(left.end, right.start)}
        return bool(words - ARTICLES)

    def _has_own(self, following: list[_Item]) -> bool:
        """Whether the next concept has a role of its own behind it: ``cathode with graphite anode``."""
        if len(following) < 2 or following[1].role is None:
            return False
        gap = self._question.text[following[0].end : following[1].start]
        return not gap.strip(" -") or self._gap(following[0], following[1], _AS | _BEFORE_ROLE)

    def _stand(self, before: list[_Item], role: _Item) -> None:
        """Put the concept before a role word into the role, and those joined to it (``EC and EMC solvents``)."""
        start, joins = role.start, False
        for item in reversed(before):
            gap = self._question.text[item.end : start].strip()
            joined = start == role.start or gap in _JOINS or (gap == "," and joins)
            joins = joins or (start != role.start and gap in _JOINS)
            if not joined or not self._takes(item):
                break
            if not self._is_material(role):
                self._put_in(item, role)
            start = item.start
        first = before[-1]
        if role.start >= first.end:
            first.end = role.end
        role.used = True

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
        item.part = in_role(replace(item.part, expanded=item.part.expanded | electrodes), role.role)

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
        return self._question.only(start, end, _AND | {"/", "+", "|"})


def read_longer_names(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for words that begin a name which goes on by one word, and for a formula that holds a point.

    ``galvanostatic intermittent titration``, ``LiNi0.8Mn0.1Co0.1O2``.
    """
    words = [word for word in question.words() if question.is_free(*word.span())]
    first = 0
    while first < len(words):
        for last in range(min(len(words), first + _LONGEST), first, -1):
            span = _begun(question, words[first:last], vocabulary)
            part = concept_of(span, vocabulary) if span is not None else None
            if span is not None and part is not None:
                question.put(span.start, span.end, part)
                first = last - 1
                break
        first += 1


def _begun(question: Question, words: Sequence[re.Match[str]], vocabulary: Vocabulary) -> Span | None:
    start, end = words[0].start(), words[-1].end()
    text = question.text[start:end]
    ends = {words[0].group().lower(), words[-1].group().lower()}
    if not ends.isdisjoint(SILENT) or any(question.text[one.end() : other.start()].strip() for one, other in pairwise(words)):
        return None
    if len(words) == 1:
        named = vocabulary.lookup.named(text) if _codes(text) else ()
        return Span(start, end, text, named) if named else None
    found = vocabulary.lookup.find(text, limit=1, kinds=frozenset({Kind.CLASS}))
    if not found:
        return None
    more = len(_CAPITALS.findall(found[0].label)) - len(words)
    misspelt = OSA.distance("".join(text.lower().split()), found[0].label.lower(), score_cutoff=_MOST_ERRORS)
    is_sure = found[0].score >= _BEGUN and more == 1
    return Span(start, end, text, found) if is_sure or (not more and misspelt <= _MOST_ERRORS) else None


def _of_formula(text: str, vocabulary: Vocabulary) -> tuple[Candidate, ...]:
    """The concepts of the substance that has this formula."""
    substance = _formulae(vocabulary.concepts).substance(text)
    called = texts_of().get(substance)
    return vocabulary.lookup.named(called[0]) if called else ()


@lru_cache(maxsize=4)
def _formulae(concepts: Concepts) -> Formulae:
    return Formulae(Definitions(concepts, Roles(concepts)))


def concept_of(span: Span, vocabulary: Vocabulary) -> ConceptPart | None:
    """The part for a stretch that names concepts: the best candidates with their narrower ones; ``None`` when none is a class."""
    concepts = vocabulary.concepts
    best = max(candidate.score for candidate in span.candidates)
    units = concepts.narrower(terms.MEASUREMENT_UNIT)  # *Tesla* is rather a company
    meant: dict[str, Candidate] = {}
    for candidate in sorted(span.candidates, key=lambda one: one.deprecated):
        concept = concepts.get(candidate.iri)
        is_thing = concept is not None and concept.kind is Kind.CLASS and candidate.iri not in units
        if is_thing and candidate.score >= best - SAME_STANDING:
            meant.setdefault(candidate.iri, candidate)
    kept = _without_broader(list(meant), concepts)
    if not kept:
        return None
    words = _literally(span, [meant[iri] for iri in kept], vocabulary)
    # Whoever writes CR2032 means that first; LR2032 is of the same size.
    coded = [iri for iri in kept if _codes(span.text) == concepts.label(iri)]
    first = coded or kept
    labels = tuple(concepts.label(iri) for iri in first)
    return ConceptPart(span.text, tuple(first), labels, expanded(kept, vocabulary), round(best, 3), words)


def expanded(iris: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    """The concepts, their narrower ones, and those that differ from one of them by a ratio in the name (NMC811 of NMC)."""
    reached: set[str] = set()
    for iri in iris:
        reached |= quantity_classes(vocabulary, iri)
        reached |= _dissolved(iri, vocabulary)
        reached.update(_by_ratio(vocabulary.concepts).get(vocabulary.concepts.label(iri), ()))
    return frozenset(reached)


def _dissolved(iri: str, vocabulary: Vocabulary) -> frozenset[str]:
    """What a solution is of: records tell of *KOH solution* by the substance in it."""
    label = vocabulary.concepts.label(iri)
    substance = class_of(label.removesuffix(_SOLUTION), vocabulary) if label.endswith(_SOLUTION) else ""
    return vocabulary.concepts.narrower(substance) if substance else frozenset()


def in_role(part: ConceptPart, role: Role, also: frozenset[str] = frozenset()) -> ConceptPart:
    """The same concept, but only where it stands in a role; a word of a title stands in none."""
    return replace(part, role=role.iri, role_label=role.label, roles=role.expanded | also, words=())


def concept_part(iri: str, concepts: Concepts) -> ConceptPart:
    """The part that a click on this concept in a facet adds: this concept alone, without narrower ones."""
    label = concepts.label(iri)
    return ConceptPart(label, (iri,), (label,), frozenset({iri}))


def _without_broader(iris: list[str], concepts: Concepts) -> list[str]:
    """Where the first one is a special form of another one (NMC811 of NMC), without that one and what is made of it."""
    if not iris:
        return []
    broader = {iri for iri in iris[1:] if iris[0] in _by_ratio(concepts).get(concepts.label(iri), ())}
    made_of = broader
    while made_of:
        made_of = {iri for iri in iris if iri not in broader and any(role.part in made_of for role in concepts.parts(iri))}
        broader |= made_of
    return [iri for iri in iris if iri not in broader]


@lru_cache(maxsize=4)
def _by_ratio(concepts: Concepts) -> Mapping[str, tuple[str, ...]]:
    """Label of a material -> the materials that are it in a certain ratio, which the ontologies do not put below it."""
    labels = {concepts.label(iri) for iri, concept in concepts.facts.concepts.items() if concept.kind is Kind.CLASS}
    found: dict[str, list[str]] = {}
    for iri in concepts.facts.concepts:
        ratio = _RATIO.fullmatch(concepts.label(iri))
        if ratio is not None and ratio["of"] in labels:
            found.setdefault(ratio["of"], []).append(iri)
    return {label: tuple(iris) for label, iris in found.items()}


def _is_bare_electrode(item: _Item) -> bool:
    """Whether it names an electrode in which nothing stands yet."""
    return item.role is not None and item.role.iri in _ELECTRODES and (item.part is None or not item.part.role)


def _stand_in(item: _Item, role: Role, also: frozenset[str]) -> None:
    if item.part is not None and not item.part.role:
        item.part = in_role(item.part, role, also)


def _is_among(item: _Item, iris: frozenset[str]) -> bool:
    return item.part is not None and not item.used and any(iri in iris for iri in item.part.concepts)


def _literally(span: Span, meant: Iterable[Candidate], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Words that mean the same in a title: sizes and abbreviations (``LFP``), else what is written."""
    candidates = list(meant)
    if any(is_quantity(vocabulary, candidate.iri) for candidate in candidates):
        return (span.text,)
    written = [_codes(span.text), *(_codes(candidate.matched.text) for candidate in candidates)]
    codes = next((one for one in written if one), "")
    named = {one.iri for one in vocabulary.lookup.named(codes)} if codes else set()
    if codes and (not named or any(one.iri in named for one in candidates)):  # *NMC* is not what *nickel-rich NMC* says
        ratio = _MIXED_OXIDE.fullmatch(codes)
        sizes = (_SIZE.sub(r"\1 \2", codes), _SIZE_APART.sub(r"\1\2", codes))
        spelt = (f"nmc{ratio['ratio']}", f"ncm{ratio['ratio']}", ratio["ratio"]) if ratio else ()
        return tuple(dict.fromkeys((codes, *(one for one in spelt if one != codes.lower()), *sizes)))
    if max(one.score for one in candidates) < MENDED:
        return ()
    is_format = any(one.label in FORMATS for one in candidates)  # a *pouch cell* is more than something with a pouch
    return (span.text if is_format else _without_soft(span.text),)


def _without_soft(text: str) -> str:
    """A name without words for what every record is about at its end: of ``alkaline batteries`` titles have *alkaline*."""
    words = text.split()
    while len(words) > 1 and words[-1].lower() in SOFT:
        words.pop()
    return " ".join(words)


def _codes(text: str) -> str:
    """Its abbreviations, formulae, sizes and models, without its plain words."""
    codes = (word for word in WORD.findall(text) if (word.isupper() and len(word) > 1) or any(letter.isdigit() for letter in word))
    return " ".join(codes)
