"""What the ontologies say of an IRI that a document uses, and what is nearest to one that they do not have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from ontology.concepts import Concepts
from ontology.model import Kind
from ontology.nearest import MAX_NAME, Entry, Names, nearest
from ontology.terms import HAS_MEASUREMENT_UNIT
from ontology.units import Unit, Units, dimension_key
from records.issues import Certainty

_ENOUGH: Final = 20
"""Concepts of a namespace from which it counts as carried whole; of schema.org and the like only a few are."""
_QUDT: Final = "http://qudt.org/vocab/unit/"
_UNSAID: Final = {"AreicCapacity": "L⁻²·T·I"}
"""Kinds whose name says what they are measured in, though the ontologies demand no unit of them."""
_MAX_CACHED: Final = 20_000
_SURE: Final = (Certainty.POSSIBLE, Certainty.LIKELY, Certainty.CERTAIN)
_SHORTEST_OPAQUE: Final = 32
"""Letters of a UUID without its hyphens."""
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class Fault(StrEnum):
    """What may be wrong with an IRI where it stands."""

    NONE = ""
    DEPRECATED = "deprecated"
    PROPERTY = "property"
    CLASS = "class"
    UNKNOWN = "unknown"


class Near(NamedTuple):
    """A concept or unit that may be meant."""

    iri: str
    certainty: Certainty


class Size(NamedTuple):
    """What makes two units the same."""

    dimension: str
    factor: str
    offset: str

    @classmethod
    def of(cls, unit: Unit) -> Size:
        """The size of a unit, as exact as unit tables are."""
        return cls(unit.dimension, f"{unit.factor:.9g}", f"{unit.offset:.9g}")


class _Pool:
    """Labels to choose among, and what each is of."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._names: Names | None = None
        self._near: dict[str, list[Near]] = {}

    def called(self, label: str) -> str:
        """IRI of what has this label; ``""`` for nothing."""
        return self._labels.get(label, "")

    def nearest(self, name: str) -> list[Near]:
        """What has this label or nearly so, best first."""
        if self._names is None:
            self._names = Names(Entry(label, label, iri) for label, iri in self._labels.items())
        found = self._near.get(name)
        if found is None:
            if len(self._near) > _MAX_CACHED:
                self._near.clear()
            near = nearest(name, [self._names], least=3)
            found = self._near[name] = [Near(self._labels[one.name], one.certainty) for one in near]
        return found


class Words:
    """Answers what linting asks of the ontologies; remembers, so one instance serves a whole harvest.

    Args:
        concepts: The concepts.
        units: The units.
    """

    def __init__(self, concepts: Concepts, units: Units) -> None:
        self.concepts = concepts
        self.units = units
        self._facts = concepts.facts
        self._faults: dict[tuple[str, str], Fault] = {}
        self.sound: dict[str, set[str]] = {"type": set(), "key": set(), "value": set()}
        """Use -> IRIs that are known to have no fault in it: what nearly every IRI is, asked before all else."""
        self._like: dict[tuple[str, str], list[str]] = {}
        self._sizes: dict[str, list[tuple[str, Size]]] = {}
        self._unit_pools: dict[str, _Pool] = {}
        self.fitting: set[tuple[str, ...]] = set()
        """A unit and the classes of a quantity that are known to have no fault together: asked before all else."""
        self.fits: dict[tuple[str, tuple[str, ...]], str] = {}
        """Unit and kinds -> the kind that the unit does not fit; see `shapes.lint.units.wrong_dimension`."""
        self._near: dict[tuple[str, str, str], tuple[Near, ...]] = {}

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """Namespaces whose every term is known."""
        count = Counter(namespace_of(iri) for known in (self._facts.concepts, self._facts.units) for iri in known if "#" in iri)
        return tuple(sorted(namespace for namespace, number in count.items() if number >= _ENOUGH))

    # What is wrong with an IRI

    def fault(self, iri: str, use: str) -> Fault:
        """What is wrong with an IRI as a ``type``, a ``key`` or a ``value``."""
        found = self._faults.get((iri, use))
        if found is None:
            if len(self._faults) > _MAX_CACHED:
                self._faults.clear()
            found = self._faults[iri, use] = self._fault(iri, use)
            if found is Fault.NONE:
                if len(self.sound[use]) > _MAX_CACHED:
                    self.sound[use].clear()
                self.sound[use].add(iri)
        return found

    def _fault(self, iri: str, use: str) -> Fault:
        concept = self._facts.concepts.get(iri)
        if concept is None:
            is_unknown = iri not in self._facts.units and iri.startswith(self.namespaces) and not iri.endswith("#")
            return Fault.UNKNOWN if is_unknown else Fault.NONE
        if use == "type" and "property" in concept.kind:
            return Fault.PROPERTY
        if use == "key" and concept.kind is Kind.CLASS:
            return Fault.CLASS
        return Fault.DEPRECATED if concept.deprecated else Fault.NONE

    def is_no_qudt_unit(self, iri: str) -> bool:
        """Whether an IRI looks like a unit of QUDT, but cannot be read as one."""
        return iri.startswith(_QUDT) and iri not in self._facts.units and self.units.find(iri) is None

    def remember_fitting(self, unit_and_types: tuple[str, ...]) -> None:
        """A unit and the classes of a quantity have no fault together."""
        if len(self.fitting) > _MAX_CACHED:
            self.fitting.clear()
        self.fitting.add(unit_and_types)

    def is_unit(self, iri: str) -> bool:
        """Whether the ontologies have it as a unit."""
        return iri in self._facts.units

    # What is nearest

    def nearest(self, iri: str, use: str, kind: str = "") -> tuple[Near, ...]:
        """What may be meant by an IRI that no ontology has, best first.

        Args:
            iri: The IRI.
            use: ``type``, ``key``, ``value`` or ``unit``.
            kind: Of a unit: the dimension that it should have; ``""`` when that is not known.
        """
        key = (iri, use, kind)
        found = self._near.get(key)
        if found is None:
            if len(self._near) > _MAX_CACHED:
                self._near.clear()
            found = self._near[key] = tuple(self._nearest(iri, use, kind))[:3]
        return found

    def _nearest(self, iri: str, use: str, dimension: str) -> list[Near]:
        name = name_of(iri)
        if len(name) > MAX_NAME:
            return []
        if is_opaque(name):
            return self._by_letters(name)
        if use == "unit":
            if called := self.unit_called(name):
                return [Near(called, Certainty.CERTAIN)]
            if self.units.find(iri) is not None:
                return self._alike(iri, name)
            pools = [self._qudt] if iri.startswith(_QUDT) else [self._unit_pool(dimension), self._unit_pool("")]
            return next((near for pool in pools if (near := pool.nearest(name))), [])
        return self._pools[use].nearest(name)

    def _alike(self, iri: str, name: str) -> list[Near]:
        """The unit of the same size whose name is nearest; none when no unit of that size is called anything like it.

        A bit and a radian are of one size, and so are a hertz and a becquerel.
        """
        found = process.extractOne(name, {same: name_of(same) for same in self.same_size(iri)}, scorer=fuzz.ratio, score_cutoff=60)
        return [Near(found[2], Certainty.CERTAIN)] if found else []

    def _by_letters(self, name: str) -> list[Near]:
        """IRIs with an opaque name that differs in no more than two characters: beyond chance."""
        same = self._opaque.get(name)
        if same:
            return [Near(same, Certainty.CERTAIN)]
        found = process.extract(name, self._opaque.keys(), scorer=OSA.distance, score_cutoff=2, limit=2)
        return [Near(self._opaque[match], Certainty.CERTAIN) for match, _, _ in found] if len(found) == 1 else []

    @cached_property
    def _opaque(self) -> Mapping[str, str]:
        names = ((name_of(iri), iri) for iri in self._facts.concepts)
        return {name: iri for name, iri in names if is_opaque(name)}

    @cached_property
    def _pools(self) -> Mapping[str, _Pool]:
        """What may stand as a type, a key, a unit or another value."""
        current = [concept for concept in self._facts.concepts.values() if not concept.deprecated]
        classes = {self._name(concept.iri): concept.iri for concept in current if concept.kind is Kind.CLASS}
        properties = {self._name(concept.iri): concept.iri for concept in current if "property" in concept.kind}
        units = {self._name(iri): iri for iri in self._facts.units if not self.is_deprecated(iri)}
        pools = {"type": classes, "key": properties, "unit": units, "value": properties | units | classes}
        return {use: _Pool(labels) for use, labels in pools.items()}

    @cached_property
    def _qudt(self) -> _Pool:
        """QUDT units that EMMO refers to, by the last part of their IRIs."""
        return _Pool({name_of(fact.qudt): fact.qudt for fact in self._facts.units.values() if fact.qudt.startswith(_QUDT)})

    def _unit_pool(self, dimension: str) -> _Pool:
        """Units of a dimension, or all when it is not known."""
        if not dimension:
            return self._pools["unit"]
        pool = self._unit_pools.get(dimension)
        if pool is None:
            labels = {self._name(iri): iri for iri in self.units_of(dimension)}
            pool = self._unit_pools[dimension] = _Pool(labels)
        return pool

    def _name(self, iri: str) -> str:
        fact = self._facts.units.get(iri)
        return fact.label if fact is not None and fact.label else self.concepts.label(iri)

    def is_deprecated(self, iri: str) -> bool:
        """Whether the ontologies have given it up."""
        concept = self._facts.concepts.get(iri)
        return concept is not None and concept.deprecated

    def successors(self, iri: str) -> tuple[Near, ...]:
        """What may take the place of a deprecated concept, best first."""
        replacement = self.concepts.replacement(iri)
        if replacement:
            return (Near(replacement, Certainty.CERTAIN),)
        concept = self._facts.concepts[iri]
        use = "type" if concept.kind is Kind.CLASS else "key"
        same = self._pools[use].called(self.concepts.label(iri))
        if same:
            return (Near(same, Certainty.LIKELY),)
        parents = [parent for parent in self.concepts.parents(iri) if not self.is_deprecated(parent)]
        return tuple(Near(parent, Certainty.POSSIBLE) for parent in parents[:3])

    # Classes and properties

    def classes_like(self, label: str) -> tuple[Near, ...]:
        """Classes of this label or nearly so, best first."""
        near = self._pools["type"].nearest(label)
        return tuple(Near(iri, min(certainty, Certainty.LIKELY, key=_SURE.index)) for iri, certainty in near)

    def property_called(self, label: str) -> str:
        """IRI of the property of this label; ``""`` for none."""
        return self._pools["key"].called(label)

    def is_quantity(self, iri: str) -> bool:
        """Whether a class is a kind of physical quantity."""
        return bool(self.units.dimension_of_kind(iri)) or self._quantity in self.concepts.ancestors(iri)

    @cached_property
    def _quantity(self) -> str:
        return self._pools["type"].called("PhysicalQuantity")

    def kinds_like(self, kind: str, dimension: str) -> list[str]:
        """Kinds of quantity of another dimension that are called nearly so: ``SpecificCapacity`` for ``RatedCapacity``."""
        key = (kind, dimension)
        if key not in self._like:
            self._like[key] = self._kinds_like(kind, dimension)
        return self._like[key]

    def _kinds_like(self, kind: str, dimension: str) -> list[str]:
        head = _CAMEL.findall(self.concepts.label(kind))[-1:]
        same = (iri for iri in self._kinds.get(dimension, ()) if _CAMEL.findall(self.concepts.label(iri))[-1:] == head)
        return sorted(same, key=lambda iri: (len(self.concepts.label(iri)), iri))

    @cached_property
    def _kinds(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for iri, concept in self._facts.concepts.items():
            if concept.kind is Kind.CLASS and not concept.deprecated and (dimension := self.units.dimension_of_kind(iri)):
                found.setdefault(dimension, []).append(iri)
        for label, dimension in _UNSAID.items():
            if iri := self._pools["type"].called(label):
                found.setdefault(dimension, []).insert(0, iri)
        return found

    def kinds_called(self, names: Sequence[str], dimension: str) -> list[Near]:
        """Kinds of quantity that are called by the words of a name, best first.

        Args:
            names: What the quantity is called.
            dimension: What it is measured in; ``""`` when that is not known.
        """
        found: dict[str, Certainty] = {}
        for name in names:
            exact = [near for near in self._pools["type"].nearest(name) if self.is_quantity(near.iri)]
            for near in exact:
                if not dimension or self.dimension_of_kind(near.iri) in ("", dimension):
                    found.setdefault(near.iri, min(near.certainty, Certainty.LIKELY, key=_SURE.index))
        asked = {word for name in names for word in words(name).split()}
        shared = [(iri, asked & set(words(self.concepts.label(iri)).split())) for iri in self._kinds.get(dimension, ())]
        best = sorted((-len(common), len(self.concepts.label(iri)), iri) for iri, common in shared if common)
        for _, _, iri in best[:2]:
            found.setdefault(iri, Certainty.POSSIBLE)
        return [Near(iri, certainty) for iri, certainty in found.items()]

    def relations_to(self, part: str, wholes: Iterable[str]) -> list[str]:
        """Properties by which things of these classes have such a part, nearest first."""
        above = {part} | self.concepts.ancestors(part)
        roles = (role for whole in wholes for role in self.concepts.parts(whole))
        return list(dict.fromkeys(role.property for role in roles if role.part in above and role.property[:1] != "^"))

    # Units

    def same_size(self, text: str, kind: str | None = None) -> list[str]:
        """IRIs of units of the ontologies that are the one that a text means, short names first.

        Args:
            text: As `Units.find` takes it.
            kind: IRI of the kind of quantity, which decides what ``C`` is.
        """
        unit = self.units.find(text, kind)
        size = Size.of(unit) if unit is not None else None
        return [iri for iri, own in self._usable(unit.dimension) if own == size] if unit is not None else []

    def dimension_of_unit(self, iri: str) -> str:
        """Dimension of a unit; ``""`` when it is not known."""
        unit = self.units.find(iri)
        if unit is not None:
            return unit.dimension
        fact = self._facts.units.get(iri)
        return dimension_key(fact.dimension) if fact else ""

    def dimension_of_kind(self, kind: str) -> str:
        """Dimension of a kind of quantity, that of numbers for a ratio; ``""`` when the ontologies demand none."""
        return self.units.dimension_of_kind(kind) or ("1" if self._ratio in self.concepts.ancestors(kind) else "")

    @cached_property
    def _ratio(self) -> str:
        return self._pools["type"].called("RatioQuantity")

    def unit_called(self, label: str) -> str:
        """IRI of the unit of this label; ``""`` for none."""
        return self._pools["unit"].called(label)

    def units_of(self, dimension: str) -> tuple[str, ...]:
        """IRIs of the units of a dimension, short names first."""
        return tuple(iri for iri, _ in self._usable(dimension))

    def _usable(self, dimension: str) -> list[tuple[str, Size]]:
        """Units of a dimension that convert, have a readable IRI and are not given up, with their sizes; short names first."""
        usable = self._sizes.get(dimension)
        if usable is None:
            iris = (iri for iri in self.units.of_dimension(dimension) if not (self.is_deprecated(iri) or is_opaque(name_of(iri))))
            found = [(iri, Size.of(unit)) for iri in iris if (unit := self.units.find(iri)) is not None]
            usable = self._sizes[dimension] = sorted(found, key=lambda pair: (len(name_of(pair[0])), pair[0]))
        return usable

    def measure_of(self, kind: str) -> str:
        """What a kind of quantity measures, in words (``electric charge`` for a capacity); ``""`` when no unit is demanded."""
        for role in self.concepts.parts(kind):
            if role.property == HAS_MEASUREMENT_UNIT:
                measured = words(self.concepts.label(role.whole))
                return "temperature" if measured.endswith("temperature") else measured
        return ""


def namespace_of(iri: str) -> str:
    """An IRI up to and with its last ``#``, or ``/``.

    >>> namespace_of("https://w3id.org/emmo#Volt")
    'https://w3id.org/emmo#'
    """
    return iri[: len(iri) - len(name_of(iri))]


def name_of(iri: str) -> str:
    """What stands after the namespace.

    >>> name_of("https://w3id.org/emmo#Volt"), name_of("http://qudt.org/vocab/unit/V")
    ('Volt', 'V')
    """
    return iri.rpartition("#" if "#" in iri else "/")[2]


def is_opaque(name: str) -> bool:
    """Whether a name is made of a UUID, as EMMO's are, perhaps a misspelt one.

    >>> is_opaque("EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569"), is_opaque("LithiumNickelManganeseCobaltOxideElectrode")
    (True, False)
    """
    return len(name) >= _SHORTEST_OPAQUE and sum(character.isdecimal() for character in name) > 5


def words(label: str) -> str:
    """A label in words.

    >>> words("ElectricCharge")
    'electric charge'
    """
    return " ".join(word.lower() for word in _CAMEL.findall(label)) or label


def with_article(label: str) -> str:
    """A label as a sentence names one of its things.

    >>> with_article("Mass"), with_article("InternalResistance")
    ('a Mass', 'an InternalResistance')
    """
    return f"{'an' if label[:1].lower() in 'aeiou' else 'a'} {label}"


def joined(names: Iterable[str]) -> str:
    """Names as a sentence lists them.

    >>> joined(["a", "b", "c"])
    'a, b or c'
    """
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
