"""What a question can ask of a thing: a kind of quantity, a name, or what stands in a role."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from ontology import terms
from ontology.label_index import nearest_among
from ontology.lookup import Candidate
from records.record import EntityKind
from search.asking.classes import SPELT_RIGHT, Classes
from search.asking.property_names import (
    CHEMISTRIES,
    FORMATS,
    LABELS,
    NAMES,
    OWN_WORDS,
    SAID,
    SUBSTANCES,
    VARIANTS,
    named_by_unit,
    plain_words,
)
from search.query import QuantityPart
from search.understanding.kinds import common_dimension, is_quantity, kind_names, quantity_classes
from search.understanding.roles import plain_role
from search.understanding.vocabulary import Vocabulary

MAX_WORDS: Final = 6
"""Most words that name a property."""
_SURE: Final = 0.7
"""Least score of a look-up that names a kind of quantity, or mistypes it."""
_WORDED: Final = 0.5
"""Score of a look-up by words that all stand in the label: *continuous discharging current*."""
_SAME_STANDING: Final = 0.03
_LOW, _HIGH = ("minimum", "lower"), ("maximum", "upper")


_BOTH_SIDES: Final = frozenset(("electrode", "electrodes"))
_OF_THE_CELL: Final = re.compile(r"\A(?:cell|battery) ")
_LINK: Final = re.compile(r" (?:of|in)(?: the)? ")
_IN_A_PART: Final = re.compile(r" (?:of|in) ")
_ROLE_IN_PART: Final = re.compile(r"(?P<role>.+?)(?: (?:is|are|was))?(?: used)? (?:of|in|for) (?:the )?(?P<part>.+)")
"""*Binder of the anode*, *which additive is in the electrolyte*."""
_SUPPLIED: Final = re.compile(r"(?:supplier|manufacturer|maker|producer|vendor|brand)(?: of)?(?: the)? (?P<part>.+)")
_PART_OF_SUBSTANCE: Final = re.compile(r"(?P<rest>.+?) (?:of|in) (?:the )?(?P<substance>\w+) (?P<part>\w+(?: collector)?)")
_MATERIAL: Final = re.compile(r"\s+(?:active )?(?:materials?|compositions?)\Z")


@dataclass(frozen=True, slots=True)
class QuantityAsked:
    """A kind of quantity, perhaps of a part of the thing.

    Args:
        label: For people, e.g. ``rated capacity``.
        best: IRIs of the classes that were named, best first.
        kinds: These and their narrower ones.
        dimension: The dimension it must have; ``""`` for any.
        role: Class of the part that has it; ``""`` for the thing itself.
        role_label: Its label.
        roles: The role and its narrower ones.
        outside: Classes of the parts that this part is in, outermost last: *thickness of the coating of the cathode*.
        of_part: The same words as a quantity of a part: *separator thickness* is a class, and the thickness of a separator.
        called: What documents call it without a class.
    """

    label: str
    best: tuple[str, ...]
    kinds: frozenset[str]
    dimension: str
    role: str = ""
    role_label: str = ""
    roles: frozenset[str] = frozenset()
    outside: tuple[frozenset[str], ...] = ()
    of_part: QuantityAsked | None = None
    called: frozenset[str] = frozenset()

    def part(self) -> QuantityPart:
        """The part of a query: has such a quantity."""
        return QuantityPart(
            self.label,
            self.kinds,
            (self.label,),
            None,
            None,
            True,
            True,
            "",
            self.dimension,
            role=self.role,
            role_label=self.role_label,
            roles=self.roles,
        )


@dataclass(frozen=True, slots=True)
class NameAsked:
    """A name: maker, model, person, institution, instrument; of a part, who supplied it.

    Args:
        label: For people.
        kind: The kind of name.
        roles: Classes of the part; none for the thing itself.
    """

    label: str
    kind: EntityKind
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MaterialAsked:
    """What stands in a role, such as the cathode's material.

    Args:
        label: For people.
        role: Class of the role.
        roles: The role and its narrower ones.
        substances: What it shall be one of; of none, whatever it is.
        outside: Classes of the parts that the role is in, as of `QuantityAsked`: *binder of the anode*.
        besides: What is known to be there as well: *the co-solvent next to EC*.
    """

    label: str
    role: str
    roles: frozenset[str]
    substances: frozenset[str] = frozenset()
    outside: tuple[frozenset[str], ...] = ()
    besides: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FormatAsked:
    """Shape and size of a cell."""

    label: str = "format"


@dataclass(frozen=True, slots=True)
class SaidAsked:
    """What a record says of itself in plain values: its date, its licence, its country."""

    label: str


Property = QuantityAsked | NameAsked | MaterialAsked | FormatAsked | SaidAsked


class Properties(Classes):
    """Properties by what people call them.

    Args:
        vocabulary: The ontologies.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary)
        self._found: dict[str, Property | None] = {}

    def find(self, phrase: str) -> Property | None:
        """The property that exactly this phrase names.

        Args:
            phrase: E.g. ``rated capacity``, ``weight``, ``cathode``, ``separator thickness``.
        """
        if "/" in phrase and (meant := named_by_unit(self._vocabulary.units.find(phrase.strip(" ?!.,")))):
            return self.find(meant)
        words = " ".join(re.sub(r"[^\w°%/+.-]|(?<=\w)-(?=\w)", " ", phrase.lower()).split())
        words = words.replace("cut off", "cutoff")
        words = words if words in LABELS else re.sub(r" (?:ranges?|limits)\Z", "", words)
        if not words or len(_LINK.sub(" ", words).split()) > MAX_WORDS or " and " in words or " or " in words:
            return None
        if words not in self._found:
            if len(self._found) >= 10_000:
                self._found.clear()
            self._found[words] = self._of_words(words) or self._of_words(self._respelt(words))
        return self._found[words]

    def _of_words(self, words: str) -> Property | None:
        bare = _OF_THE_CELL.sub("", words)
        return self._named(words) or self._named(bare) or self._named(bare.removesuffix("s")) or self._measured(words)

    def _respelt(self, words: str) -> str:
        """The words with what no label has replaced by one of our own that was meant: *wieght*."""
        spells = self._vocabulary.lookup.spells
        return " ".join(word if spells(word) else nearest_among(word, OWN_WORDS) or word for word in words.split())

    @cached_property
    def dissolved(self) -> tuple[MaterialAsked, ...]:
        """Solvents and salts in their roles: an electrolyte tells all of them."""
        roles = self._roles.words
        return tuple(
            MaterialAsked(word, roles[word], self.roles_of(roles[word]), self._concepts.narrower(self._class(label)))
            for word, label in (("solvent", "Solvent"), ("salt", "Salt"))
        )

    def _named(self, words: str) -> Property | None:
        if words in NAMES:
            return NameAsked(words, NAMES[words])
        if words in FORMATS:
            return FormatAsked()
        if words in SAID:
            return SaidAsked(SAID[words])
        if words in CHEMISTRIES:
            return MaterialAsked("chemistry", terms.POSITIVE_ELECTRODE, self.roles_of(terms.POSITIVE_ELECTRODE))
        names = (words, _MATERIAL.sub("", words))
        role = next((self._roles.words[one] for one in map(plain_role, names) if one in self._roles.words), None)
        if role is not None and words not in _BOTH_SIDES:  # what both electrodes are of answers nothing
            return MaterialAsked(words, role, self.roles_of(role))
        supplied = _SUPPLIED.fullmatch(words)
        supplied_part = self._named(supplied["part"].removesuffix("s")) if supplied else None
        if isinstance(supplied_part, MaterialAsked):
            return NameAsked(f"supplier of the {supplied_part.label}", EntityKind.SUPPLIER, supplied_part.roles)
        within = _ROLE_IN_PART.fullmatch(words)
        inner, part = (self._named(within["role"]), self._named(within["part"])) if within else (None, None)
        if isinstance(inner, MaterialAsked) and isinstance(part, MaterialAsked):
            return replace(inner, label=f"{inner.label} of the {part.label}", outside=(*inner.outside, part.roles))
        substance, _, rest = words.partition(" ")
        asked = self._named(rest) if substance in SUBSTANCES else None
        if not isinstance(asked, MaterialAsked):
            return None
        return replace(asked, substances=frozenset().union(*map(self._concepts.narrower, map(self._class, SUBSTANCES[substance]))))

    def _measured(self, words: str) -> QuantityAsked | None:
        own, of_part = self._quantity(words), self._of_a_part(words)
        return replace(own, of_part=of_part) if own and of_part else own or of_part

    def _quantity(self, words: str) -> QuantityAsked | None:
        said = " ".join(VARIANTS.get(word, word) for word in words.split())
        names = (said, said.removesuffix("s"), words.removesuffix("s"))
        labels = LABELS.get(said) or LABELS.get(words) or next((kind_names()[name] for name in names if name in kind_names()), ())
        listed = tuple(iri for label in labels if (iri := label if label.startswith(terms.BATTINFO) else self._class(label)))
        if listed:
            return self._of_classes(listed, said)
        for text in dict.fromkeys((said, words)):
            found = self._looked_up(text)
            if found:
                return self._of_classes(found, text)
        return None

    def _looked_up(self, text: str) -> tuple[str, ...]:
        """Classes of quantities that the text names surely, or all of whose words stand in their labels."""
        candidates = self._vocabulary.lookup.find(text, limit=8)
        fitting = [one for one in candidates if is_quantity(self._vocabulary, one.iri) and one.iri not in terms.PROPERTY_KINDS]
        fitting = [one for one in fitting if not _WORDED < one.score < SPELT_RIGHT or self._is_slip(text, one)]
        best = max((one.score for one in fitting), default=0.0)
        if best >= _SURE:
            named = tuple(one.iri for one in fitting if one.score >= best - _SAME_STANDING)
            is_measured = best >= SPELT_RIGHT or common_dimension(self._vocabulary, named)
            return named if is_measured else ()  # *expensive* is no slip of the pen for *extensive*
        if best < _WORDED or len(text.split()) < 2:
            return ()
        wanted = set(text.split())
        return tuple(one.iri for one in fitting if wanted <= set(self.words_of(one.iri).split()))

    def _is_slip(self, text: str, candidate: Candidate) -> bool:
        """Whether only words that no label has are other ones in the label: a *change* of capacity is no *charge* of it."""
        labelled = set(plain_words(candidate.matched.text).lower().split())
        return all(word in labelled or not self._vocabulary.lookup.spells(word) for word in text.split())

    def _of_classes(self, best: tuple[str, ...], text: str) -> QuantityAsked:
        kinds = frozenset().union(*(quantity_classes(self._vocabulary, iri) for iri in best))
        label = self.words_of(best[0]) if len(best) == 1 else text
        return QuantityAsked(label, best, kinds, common_dimension(self._vocabulary, best))

    def _of_a_part(self, words: str) -> QuantityAsked | None:
        """A quantity of a part: *cathode thickness*, *thickness of the cathode*."""
        for name, role in self._roles.words.items():
            for pattern in (rf"(?P<rest>.+) (?:of|in) (?:the )?{re.escape(name)}", rf"{re.escape(name)}(?:'?s)? (?P<rest>.+)"):
                match = re.fullmatch(pattern, words)
                inner = self._of_a_part(match["rest"]) if match and _IN_A_PART.search(match["rest"]) else None
                if inner is not None:
                    label = f"{inner.label} of the {self.words_of(role)}"
                    return replace(inner, label=label, outside=(*inner.outside, self.roles_of(role)))
                asked = self._quantity(match["rest"]) if match else None
                if asked is not None:
                    return QuantityAsked(
                        f"{asked.label} of the {self.words_of(role)}",
                        asked.best,
                        asked.kinds,
                        asked.dimension,
                        role,
                        self._concepts.label(role),
                        self.roles_of(role),
                    )
        return self._of_part_of_substance(words)

    def _of_part_of_substance(self, words: str) -> QuantityAsked | None:
        """A quantity of a part of some substance or of another part: *thickness of the aluminium foil*, *of the anode coating*."""
        match = _PART_OF_SUBSTANCE.fullmatch(words)
        role = self._roles.words.get(plain_role(match["part"])) if match else None
        other = self._roles.words.get(plain_role(match["substance"])) if match and role else None
        of_it = (
            self.roles_of(other) if other else self._concepts.narrower(self.substance(match["substance"])) if match else frozenset()
        )
        asked = self._quantity(match["rest"]) if match and of_it - {""} else None
        if match is None or asked is None or role is None:
            return None
        label = f"{asked.label} of the {self.words_of(role)} of {'the ' if other else ''}{match['substance']}"
        parts = (of_it,)
        return replace(
            asked, label=label, role=role, role_label=self._concepts.label(role), roles=self.roles_of(role), outside=parts
        )

    def ends(self, asked: QuantityAsked) -> tuple[QuantityAsked, ...]:
        """A property for each class, where the words mean a least and a greatest value alike; else none."""
        labels = [self.words_of(iri) for iri in asked.best]
        has_both = any(low in label for low in _LOW for label in labels) and any(
            high in label for high in _HIGH for label in labels
        )
        if not has_both or asked.label in labels:
            return ()
        return tuple(
            replace(self._of_classes((iri,), label), roles=asked.roles) for iri, label in zip(asked.best, labels, strict=True)
        )
