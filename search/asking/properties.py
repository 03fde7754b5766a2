"""What a question can ask of a thing: a kind of quantity, a name, or what stands in a role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from ontology import terms
from ontology.definitions import Definitions
from ontology.label_index import nearest_among
from ontology.lookup import Candidate
from records.record import EntityKind, Quantity, Record
from search.facets import SECTIONS
from search.query import QuantityPart
from search.understanding.kinds import common_dimension, is_quantity, kind_names, quantity_classes
from search.understanding.vocabulary import Vocabulary

MAX_WORDS: Final = 6
"""Most words that name a property."""
SHORTEST_MENDED: Final = 5
"""Letters of a word that somebody can have mistyped."""
_SURE: Final = 0.7
"""Least score of a look-up that names a kind of quantity, or mistypes it."""
_SPELT_RIGHT: Final = 0.9
_WORDED: Final = 0.5
"""Score of a look-up by words that all stand in the label: *continuous discharging current*."""
_SAME_STANDING: Final = 0.03
_LOW, _HIGH = ("minimum", "lower"), ("maximum", "upper")
_CAPITAL: Final = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def plain_words(label: str) -> str:
    """A label as a person would write it.

    >>> plain_words("MaximumContinuousDischargingCurrent"), plain_words("DCInternalResistance"), plain_words("R18650")
    ('maximum continuous discharging current', 'DC internal resistance', 'R18650')
    """
    return " ".join(
        word if word.isupper() or any(map(str.isdigit, word)) else word.lower() for word in _CAPITAL.sub(" ", label).split()
    )


_VARIANTS: Final[Mapping[str, str]] = {
    "max": "maximum",
    "maximal": "maximum",
    "min": "minimum",
    "minimal": "minimum",
    "discharge": "discharging",
    "charge": "charging",
    "temp": "temperature",
    "temperatures": "temperature",
    "lives": "life",
    **dict.fromkeys(("weight", "weigh", "weighs", "heavy"), "mass"),
    **dict.fromkeys(("thick",), "thickness"),
    **dict.fromkeys(("wide",), "width"),
    **dict.fromkeys(("tall", "high"), "height"),
    **dict.fromkeys(("long",), "length"),
    **dict.fromkeys(("big", "large"), "volume"),
    **dict.fromkeys(("cycles", "lifetime"), "cycle life"),
}
"""How the ontology writes words of longer names, and the kinds that adjectives and verbs stand for."""

_TERMS: Final = (
    *("theoreticalSpecificCapacity", "particleRadius", "maxConcentration", "reactionRateConstant", "compactionDensity"),
    *("stoichiometryMin", "stoichiometryMax"),
)
"""Quantities that BattINFO names and no ontology has a class for."""
_LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "standard charging current": ("ChargingCurrent",),
    "standard discharging current": ("DischargingCurrent",),
    "energy": ("NominalEnergy", "Energy"),
    "resistance": ("InternalResistance", "ElectricResistance"),
    "conductivity": ("ElectrolyticConductivity", "ElectricConductivity"),
    "viscosity": ("DynamicViscosity",),
    **{plain_words(name[0].upper() + name[1:]): (f"{terms.BATTINFO}{name}",) for name in _TERMS},
    "minimum stoichiometry": (f"{terms.BATTINFO}stoichiometryMin",),
    "maximum stoichiometry": (f"{terms.BATTINFO}stoichiometryMax",),
    "maximum concentration": (f"{terms.BATTINFO}maxConcentration",),
    "areal mass": (f"{terms.BATTINFO}arealMass", "MassLoading"),
    "theoretical capacity": (f"{terms.BATTINFO}theoreticalSpecificCapacity",),
    "theoretical gravimetric capacity": (f"{terms.BATTINFO}theoreticalSpecificCapacity",),
    **dict.fromkeys(
        ("voltage range", "voltage limits", "voltage window", "operating voltage", "operating voltage range", "voltage limit"),
        ("LowerVoltageLimit", "UpperVoltageLimit", "ChargingVoltage"),
    ),
}
"""Kinds of quantity that a question about one thing means, besides `kind_names`: labels of the classes (or IRIs), best first."""

_CALLED: Final[Mapping[str, tuple[str, str]]] = dict.fromkeys(
    ("charging time", "charge time", "charging duration", "time to charge", "recharging time"), ("charging", "T")
)
"""What documents call by a name that is no class of quantities, and its dimension."""

_NAMES: Final[Mapping[str, EntityKind]] = {
    **dict.fromkeys(("manufacturer", "maker", "producer", "brand", "company", "vendor"), EntityKind.MANUFACTURER),
    **dict.fromkeys(("model", "model name", "model number", "part number"), EntityKind.MODEL),
    **dict.fromkeys(("author", "authors", "creator", "creators", "publisher", "person", "people"), EntityKind.PERSON),
    **dict.fromkeys(("institution", "laboratory", "lab", "affiliation"), EntityKind.INSTITUTION),
    **dict.fromkeys(("instrument", "device", "cycler"), EntityKind.INSTRUMENT),
}
_FORMATS: Final = frozenset(
    (
        *("format", "shape", "form factor", "form", "case", "casing", "housing", "size", "geometry", "size code", "package format"),
        *(f"{one} {kind}" for one in ("case", "casing", "housing") for kind in ("format", "shape", "type", "form")),
    )
)
_CHEMISTRIES: Final = frozenset(
    ("chemistry", "cell chemistry", "battery chemistry", "chemistries", "cathode chemistry", "cathode material chemistry")
)
_PUBLISHED: Final = ("publication", "release", "launch", "introduction", "manufacturing", "production")
_SAID: Final[Mapping[str, str]] = {
    **dict.fromkeys(("date", "year", "published", *(f"{one} {when}" for one in _PUBLISHED for when in ("date", "year"))), "date"),
    **dict.fromkeys((f"{when} of {one}" for one in _PUBLISHED for when in ("date", "year")), "date"),
    **dict.fromkeys(("licence", "license", "licences", "licenses", "terms of use", "licensing", "copyright licence"), "licence"),
    **dict.fromkeys(
        ("country", "country of origin", "origin country", "origin", "country of manufacture", "country of production"), "country"
    ),
}
"""What a record says of itself -> its kind."""
_OWN_WORDS: Final = frozenset(
    word
    for names in (_VARIANTS, _LABELS, _NAMES, _FORMATS, _CHEMISTRIES, _SAID, kind_names())
    for name in names
    for word in name.split()
    if len(word) >= SHORTEST_MENDED
)
"""Words of names that no label has: of what labels have, the look-up mends errors."""
_OF_THE_CELL: Final = re.compile(r"\A(?:cell|battery) ")
_LINK: Final = re.compile(r" (?:of|in)(?: the)? ")
_IN_A_PART: Final = re.compile(r" (?:of|in) ")
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
    """A name: maker, model, person, institution, instrument."""

    label: str
    kind: EntityKind


@dataclass(frozen=True, slots=True)
class MaterialAsked:
    """What stands in a role, such as the cathode's material."""

    label: str
    role: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class FormatAsked:
    """Shape and size of a cell."""

    label: str = "format"


@dataclass(frozen=True, slots=True)
class SaidAsked:
    """What a record says of itself in plain values: its date, its licence, its country."""

    label: str


Property = QuantityAsked | NameAsked | MaterialAsked | FormatAsked | SaidAsked


class Properties:
    """Properties by what people call them.

    Args:
        vocabulary: The ontologies.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._concepts = vocabulary.concepts
        self._roles = vocabulary.roles
        self._found: dict[str, Property | None] = {}

    def find(self, phrase: str) -> Property | None:
        """The property that exactly this phrase names.

        Args:
            phrase: E.g. ``rated capacity``, ``weight``, ``cathode``, ``separator thickness``.
        """
        words = " ".join(re.sub(r"[^\w°%/+.-]|(?<=\w)-(?=\w)", " ", phrase.lower()).split())
        words = words.replace("cut off", "cutoff")
        words = words if words in _LABELS else re.sub(r" (?:ranges?|limits)\Z", "", words)
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
        return " ".join(word if spells(word) else nearest_among(word, _OWN_WORDS) or word for word in words.split())

    @cached_property
    def formats(self) -> frozenset[str]:
        """Classes that say what shape or size a cell has."""
        return frozenset().union(*map(self._concepts.narrower, SECTIONS["format"])) - {terms.CASE}

    @cached_property
    def materials(self) -> frozenset[str]:
        """Classes of chemical substances."""
        return frozenset().union(*map(self._concepts.narrower, SECTIONS["material"]))

    @cached_property
    def components(self) -> frozenset[str]:
        """Classes of the parts of a cell: what stands within one of them is not of the cell itself."""
        return self._roles.below

    @cached_property
    def cells(self) -> frozenset[str]:
        """Cells and batteries."""
        return self._concepts.narrower(terms.BATTERY) | self._concepts.narrower(terms.ELECTROCHEMICAL_CELL)

    @cached_property
    def chemistries(self) -> frozenset[str]:
        """Kinds of battery that tell what they are made of: LithiumIonBattery, but not SecondaryBattery or CoinCell."""
        plain = (terms.BATTERY_CELL, self._class("SecondaryBattery"), self._class("PrimaryBattery"))
        return self._concepts.narrower(terms.BATTERY_CELL) - set(plain) - self.formats

    def materials_in(self, role: str) -> frozenset[str]:
        """What stands in an electrode by the definition of some battery: other materials than these are elsewhere too."""
        return self._electrodes[role]

    @cached_property
    def _electrodes(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {terms.POSITIVE_ELECTRODE: set(), terms.NEGATIVE_ELECTRODE: set()}
        definitions = Definitions(self._concepts, self._roles)
        for implied in (one for cell in self.cells for one in definitions.implied(cell)):
            for role, materials in found.items():
                if implied.concept in self.materials and not self.roles_of(role).isdisjoint(implied.within):
                    materials |= self._concepts.narrower(implied.concept)
        return {role: frozenset(materials) for role, materials in found.items()}

    @cached_property
    def collectors(self) -> frozenset[str]:
        """Metals of which current collectors are, whatever is coated on them."""
        return frozenset(filter(None, map(self._class, ("Aluminium", "Copper"))))

    def apart_from(self, iri: str) -> frozenset[str]:
        """Kinds of battery that nothing of this kind is as well: rechargeable ones and others, lithium-ion ones and others."""
        secondary, primary, lithium_ion = map(self._class, ("SecondaryBattery", "PrimaryBattery", "LithiumIonBattery"))
        if iri in (secondary, primary):
            return self._concepts.narrower(primary if iri == secondary else secondary)
        is_other = iri in self.chemistries and iri not in self._concepts.narrower(lithium_ion) | self._concepts.ancestors(
            lithium_ion
        )
        return self._concepts.narrower(lithium_ion) if is_other else frozenset()

    @cached_property
    def generic(self) -> frozenset[str]:
        """Roles and what stands above them: that a cathode is an electrode tells nothing."""
        return frozenset().union(*map(self._concepts.ancestors, self._roles.classes)) | self._roles.classes

    def is_own(self, record: Record, quantity: Quantity) -> bool:
        """Whether a quantity is the thing's own, and not that of a part, a spring or a test.

        An electrode has what its coating has, and a test what its steps have.
        """
        within = quantity.within
        if not within:
            return "hasConstituent/" not in quantity.pointer  # of which no class says what it is
        own = {one.concept for one in record.concepts if not one.pointer}
        if self.components.isdisjoint(within):
            return own.isdisjoint(self._things) or own.union(self.cells, self._coatings).issuperset(within)
        if own.isdisjoint(self.components):
            return False
        return self.components.isdisjoint(set(within) - own - self._coatings)

    @cached_property
    def _things(self) -> frozenset[str]:
        return self.cells | self.components | self.materials

    @cached_property
    def _coatings(self) -> frozenset[str]:
        return frozenset(filter(None, map(self._class, ("Coating", "ElectrodeCoating"))))

    def is_cell(self, record: Record) -> bool:
        """Whether the record is about a cell or battery: it has a model, or says so of itself or of what it describes."""
        return any(one.kind is EntityKind.MODEL for one in record.entities) or self.is_one_of(record, self.cells)

    def is_one_of(self, record: Record, classes: frozenset[str]) -> bool:
        """Whether the record says of itself, or of what it describes, that it is one of these."""
        return any(
            one.concept in classes and not one.implied_by and (not one.role or one.pointer.endswith("isDescriptionFor"))
            for one in record.concepts
        )

    def roles_of(self, role: str) -> frozenset[str]:
        """The role and what is narrower or means the same."""
        return self._roles.expanded(role)

    def _named(self, words: str) -> Property | None:
        if words in _NAMES:
            return NameAsked(words, _NAMES[words])
        if words in _FORMATS:
            return FormatAsked()
        if words in _SAID:
            return SaidAsked(_SAID[words])
        if words in _CHEMISTRIES:
            return MaterialAsked("chemistry", terms.POSITIVE_ELECTRODE, self.roles_of(terms.POSITIVE_ELECTRODE))
        role = self._roles.words.get(words) or self._roles.words.get(_MATERIAL.sub("", words))
        if role is None:
            return None
        return MaterialAsked(words, role, self.roles_of(role))

    def _measured(self, words: str) -> QuantityAsked | None:
        if words in _CALLED:
            label, dimension = _CALLED[words]
            return QuantityAsked(words, (), frozenset(), dimension, called=frozenset((label,)))
        own, of_part = self._quantity(words), self._of_a_part(words)
        return replace(own, of_part=of_part) if own and of_part else own or of_part

    def _quantity(self, words: str) -> QuantityAsked | None:
        said = " ".join(_VARIANTS.get(word, word) for word in words.split())
        names = (said, said.removesuffix("s"), words.removesuffix("s"))
        labels = _LABELS.get(said) or next((kind_names()[name] for name in names if name in kind_names()), ())
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
        fitting = [one for one in fitting if not _WORDED < one.score < _SPELT_RIGHT or self._is_slip(text, one)]
        best = max((one.score for one in fitting), default=0.0)
        if best >= _SURE:
            named = tuple(one.iri for one in fitting if one.score >= best - _SAME_STANDING)
            is_measured = best >= _SPELT_RIGHT or common_dimension(self._vocabulary, named)
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
        return None

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

    def words_of(self, iri: str) -> str:
        """The label in plain words: ``rated capacity`` for RatedCapacity."""
        return plain_words(self._concepts.label(iri))

    def label_of(self, quantity: Quantity) -> str:
        """What a quantity of a record is, in plain words."""
        kinds = [kind for kind in quantity.kinds if kind not in terms.PROPERTY_KINDS]
        return plain_words(quantity.name.replace("_", " ")) or (self.words_of(kinds[0]) if kinds else "")

    def _class(self, label: str) -> str:
        return next((one.iri for one in self._vocabulary.lookup.find(label, limit=3) if one.label == label), "")
