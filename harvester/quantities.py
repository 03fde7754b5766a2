"""Every way to write a quantity, read into one view: kind, value, unit, base value, spread, conditions.

The ways are listed in `docs/reading.md`. Statements stay as they are; what is added here (today's name of an old or deprecated
class, a class found by name) is in the view alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from harvester.kind_names import KindNames
from harvester.nodes import (
    MAX_UNITS,
    NAMES,
    Nodes,
    Properties,
    first_number,
    first_text,
    nodes_among,
    numbers_of,
)
from harvester.spreads import DEVIATIONS, Bounds, converted, qualifier
from ontology import terms
from ontology.concepts import Concepts
from ontology.former import FormerIris
from ontology.model import Kind
from ontology.units import Unit, Units
from records.rdf import RDF_TYPE, Iri, Literal
from records.record import Condition, Quantity

MAX_QUANTITIES: Final = 100_000
"""Quantities read of one document: many nodes that share many numbers multiply."""
MAX_CONDITIONS: Final = 32
"""Conditions kept of one quantity."""
MAX_CACHED: Final = 8192
"""Combinations of classes that are remembered; beyond it the memory is emptied, so foreign texts cannot fill it."""

_Measured = TypeVar("_Measured", Quantity, Condition)
_NUMBERS: Final = (terms.HAS_NUMBER_VALUE, terms.SCHEMA_VALUE, terms.HAS_DATA_VALUE)
_TEXTS: Final = (terms.HAS_STRING_VALUE,)
_NUMERIC: Final = frozenset((*_NUMBERS, *_TEXTS))
_UNITS: Final = (
    terms.HAS_MEASUREMENT_UNIT,
    terms.SCHEMA_UNIT_CODE,
    terms.SCHEMA_UNIT_TEXT,
    terms.HAS_METROLOGICAL_REFERENCE,
)

_PARTS: Final = (terms.HAS_NUMERICAL_PART, terms.SCHEMA_VALUE)
"""What leads to a node that holds the number of this one."""
_QUANTITATIVE: Final = frozenset(
    (*_NUMBERS, *_TEXTS, terms.HAS_NUMERICAL_PART, terms.SCHEMA_MIN_VALUE, terms.SCHEMA_MAX_VALUE, *DEVIATIONS)
)
"""A node with one of these may be a quantity."""
_LINKS: Final = frozenset((*_PARTS, *DEVIATIONS, terms.SCHEMA_VALUE_REFERENCE))
_SPREADING: Final = frozenset((terms.SCHEMA_MIN_VALUE, terms.SCHEMA_MAX_VALUE, terms.SCHEMA_VALUE_REFERENCE, *DEVIATIONS))
"""A node with one of these may have a spread."""
_PLAIN: Final = _QUANTITATIVE.union(_UNITS, NAMES, (RDF_TYPE,))
"""What most quantities consist of; none of it is a condition."""

_SCHEMA: Final = ("https://schema.org/", "http://schema.org/")
_SAYS_NOTHING: Final = terms.PROPERTY_KINDS | {terms.NUMERICAL_DATA, terms.REAL_DATA}
_DEGREE_CELSIUS: Final = "degC"
_RELATION: Final = re.compile(r"(?:has|is)[A-Z]")
_PURE_NUMBER: Final = Unit("", 1.0, 0.0, "1", "1")


class _Kinds(NamedTuple):
    """What the classes of a node say of it.

    Args:
        iris: Its classes under today's names.
        measured: The first that demands a dimension; ``None`` when none does.
        tells: Whether any of them says what it is a quantity of.
        is_foreign: Whether only classes say it that no ontology has.
    """

    iris: tuple[str, ...]
    measured: str | None
    tells: bool
    is_foreign: bool = False


@dataclass(slots=True)
class _Document:
    """One document while its quantities are read."""

    nodes: Nodes
    pointers: Mapping[str, str]
    line_of: Callable[[str], int]
    within: Mapping[str, tuple[str, ...]]
    leading: dict[str, list[tuple[str, str]]] | None = None
    # What was read of nodes that several others may name, so that naming one many times costs no more than its size.
    numbers: dict[int, dict[float, None]] = field(default_factory=dict)
    conditions: dict[tuple[str, bool], list[Condition]] = field(default_factory=dict)

    def leading_to(self, node: str) -> list[tuple[str, str]]:
        """The statements that lead to a node, as (subject, property); counted out when the first one is asked for."""
        if self.leading is None:
            self.leading = {}
            for subject, properties in self.nodes.items():
                for predicate, values in properties.items():
                    for value in values:
                        if type(value) is Iri and value in self.nodes:
                            self.leading.setdefault(value, []).append((subject, predicate))
        return self.leading.get(node, [])


class QuantityReader:
    """Reads the quantities of documents; remembers what classes mean, so one instance serves a whole harvest.

    Args:
        concepts: For classes, their replacements and names.
        units: For conversion.
        former: For IRIs of old releases.
    """

    def __init__(self, concepts: Concepts, units: Units, former: FormerIris) -> None:
        self._concepts = concepts
        self._units = units
        self._former = former
        self._current: dict[str, str] = {}
        self._kinds: dict[tuple[str, ...], _Kinds] = {}
        self._names = KindNames(concepts, units)
        self._conditional: dict[str, bool] = {}

    def read(
        self, nodes: Nodes, pointers: Mapping[str, str], line_of: Callable[[str], int], within: Mapping[str, tuple[str, ...]]
    ) -> tuple[Quantity, ...]:
        """The quantities of a document, in its order; a node with several numbers is several quantities.

        Args:
            nodes: Its nodes; properties of old releases have today's names.
            pointers: JSON Pointer of each node, by IRI.
            line_of: Line of a JSON Pointer.
            within: In what each node stands.
        """
        document = _Document(nodes, pointers, line_of, within)
        parts = _parts(nodes)
        found: dict[str, list[Quantity]] = {}
        left = MAX_QUANTITIES
        for node, properties in nodes.items():
            if left > 0 and not _QUANTITATIVE.isdisjoint(properties) and node not in parts:
                quantities = self._quantities(node, properties, document)
                if quantities:
                    found[node] = quantities[:left]
                    left -= len(quantities)
        makers = _makers(nodes, found)
        for node, quantities in found.items():
            if node in makers or not nodes[node].keys() <= _PLAIN:
                conditions = dict.fromkeys(islice(self._conditions(node, makers.get(node, ()), found, document), MAX_CONDITIONS))
                if conditions:
                    found[node] = [replace(quantity, conditions=tuple(conditions)) for quantity in quantities]
        return tuple([quantity for quantities in found.values() for quantity in quantities])

    def as_meant(self, quantities: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
        """The quantities with temperatures in degrees Celsius where the document says the programming language C.

        For a record alone: what checks the document tells the mistake (`shapes/lint/units.py`) and judges no number by it.
        """
        if not any(one.unit == terms.C or any(condition.unit == terms.C for condition in one.conditions) for one in quantities):
            return quantities
        return tuple(
            [replace(self._in_celsius(one), conditions=tuple(map(self._in_celsius, one.conditions))) for one in quantities]
        )

    def _in_celsius(self, one: _Measured) -> _Measured:
        unit = self._units.find(_DEGREE_CELSIUS)
        if one.unit != terms.C or one.value is None or unit is None:
            return one
        if all(self._units.dimension_of_kind(kind) != unit.dimension for kind in one.kinds):
            return one
        return replace(one, base_value=unit.to_base(one.value), base_unit=unit.base_unit, dimension=unit.dimension)

    def current_class(self, iri: str) -> str:
        """The class that an IRI is to be read as: today's for one of an old release, the replacement of a deprecated one."""
        known = self._current.get(iri)
        if known is None:
            known = self._concepts.canonical(self._former.today(iri))
            concept = self._concepts.get(known)
            known = (self._concepts.replacement(known) if concept is not None and concept.deprecated else None) or known
            if len(self._current) >= MAX_CACHED:
                self._current.clear()
            self._current[iri] = known
        return known

    def _quantities(self, node: str, properties: Properties, document: _Document) -> list[Quantity]:
        """What one node says, without its conditions."""
        holders = [properties]
        for link in _PARTS:
            if link in properties:
                holders += nodes_among(properties[link], document.nodes)
        written = self._units_written(holders, document.nodes)
        numbers = self._values(holders, bool(written), document)
        bounds = None
        if any(not _SPREADING.isdisjoint(holder) for holder in holders):
            bounds = self._bounds(holders, document)
        if not numbers and (bounds is None or (bounds.minimum is None and bounds.maximum is None)):
            return []
        kinds = self._kinds_of(properties)
        if not kinds.tells and not written and kinds.measured is None and self._is_identifier(node, properties, document):
            return []
        if not kinds.tells or kinds.is_foreign:
            kinds = self._told_elsewhere(node, properties, kinds, written, document)
        unit = self._unit(written, kinds)
        spread = None if bounds is None else converted(bounds, unit)
        pointer = document.pointers.get(node, "")
        line = document.line_of(pointer)
        shown = written[0] if written else ""
        within = document.within.get(node, ())
        name = "" if kinds.tells else first_text(properties) or self._key(node, document)
        return [
            Quantity(
                kinds.iris,
                number,
                shown,
                unit.to_base(number) if unit is not None and number is not None else None,
                unit.base_unit if unit is not None else "",
                unit.dimension if unit is not None else "",
                pointer,
                line,
                spread,
                (),
                name,
                within,
            )
            for number in numbers or (None,)
        ]

    def _values(self, holders: list[Properties], has_unit: bool, document: _Document) -> dict[float, None]:
        """The numbers of a node and of its parts, each once; a text beside nothing else may be a name or a code."""
        numbers: dict[float, None] = {}
        if not _NUMERIC.isdisjoint(holders[0]):
            numbers = numbers_of(holders[0], (*_NUMBERS, *_TEXTS) if has_unit else _NUMBERS, document.nodes)
        for part in holders[1:]:
            known = document.numbers.get(id(part))
            if known is None:
                known = document.numbers[id(part)] = numbers_of(part, (*_NUMBERS, *_TEXTS), document.nodes)
            numbers = numbers | known if numbers else known
        return numbers

    # Units

    def _units_written(self, holders: list[Properties], nodes: Nodes) -> list[str]:
        """The units of a node and of its parts as written; of a unit that is a node of the document also its classes."""
        written: list[str] = []
        for holder in holders:
            for predicate in _UNITS:
                for value in holder[predicate][:MAX_UNITS] if predicate in holder else ():
                    if type(value) is Literal:
                        written.append(value.value)
                    else:
                        iri = str(value)
                        written += map(str, nodes[iri].get(RDF_TYPE, ())[:MAX_UNITS] if iri in nodes else ())
                        written.append(iri)
        return written

    def _unit(self, written: list[str], kinds: _Kinds) -> Unit | None:
        """The first unit that converts; what "C" means depends on the kind: a C-rate, coulombs, or nothing for a temperature."""
        for text in written:
            found = self._units.find(text, kinds.measured)
            if found is not None:
                return found
        # A count or a ratio: no unit is asked of it.
        return _PURE_NUMBER if not written and kinds.iris and kinds.measured is None else None

    # Kinds

    def _kinds_of(self, properties: Properties) -> _Kinds:
        types = tuple([one for one in properties.get(RDF_TYPE, ()) if type(one) is Iri])
        known = self._kinds.get(types)
        if known is None:
            if len(self._kinds) >= MAX_CACHED:
                self._kinds.clear()
            known = self._kinds[types] = self._classified(types)
        return known

    def _classified(self, types: Iterable[str]) -> _Kinds:
        iris = tuple(dict.fromkeys(map(self.current_class, types)))
        measured = next((one for one in iris if self._units.dimension_of_kind(one) is not None), None)
        own = [one for one in iris if one not in _SAYS_NOTHING and not one.startswith(_SCHEMA)]
        return _Kinds(iris, measured, bool(own), bool(own) and not any(map(self._concepts.get, own)))

    def _told_elsewhere(self, node: str, properties: Properties, kinds: _Kinds, written: list[str], document: _Document) -> _Kinds:
        """The kind of a node whose classes do not tell it: by the property that leads to it, or by its name.

        In ``"nominal_capacity": {"value": 2.5, "unit": "Ah"}`` the property is the class NominalCapacity; a ``PropertyValue`` has a
        name. A name counts when it is a label of exactly one class of quantities, and the unit is of its dimension; else the class
        that is nearly called so.
        """
        for _, predicate in document.leading_to(node):
            concept = self._concepts.get(predicate)
            if concept is not None and concept.kind is Kind.CLASS:
                return self._classified((predicate, *kinds.iris))
        said = [value.value for predicate in NAMES for value in properties.get(predicate, ()) if type(value) is Literal]
        names = (*said, self._key(node, document))
        for name in names:
            if named := self._names.named(name):
                wider = self._classified((named, *kinds.iris))
                unit = self._unit(written, wider)
                if unit is not None and self._units.dimension_of_kind(named) in (None, unit.dimension):
                    return wider
        unit = self._unit(written, kinds) if written else None
        like = next((iri for name in names if (iri := self._names.like(name, unit))), "") if unit is not None else ""
        return self._classified((*kinds.iris, like) if kinds.tells else (like, *kinds.iris)) if like else kinds

    def _key(self, node: str, document: _Document) -> str:
        """The name of a property that leads to a node and says what it is: ``ambientTemperature``, not ``hasProperty``."""
        for _, predicate in document.leading_to(node):
            label = self._concepts.label(predicate)
            if not predicate.startswith(_SCHEMA) and not _RELATION.match(label):
                return label
        return ""

    def _is_identifier(self, node: str, properties: Properties, document: _Document) -> bool:
        """Whether a number is a name: a batch or serial number under ``schema:identifier``."""
        return terms.SCHEMA_VALUE in properties and any(
            predicate == terms.SCHEMA_IDENTIFIER for _, predicate in document.leading_to(node)
        )

    # Spread

    def _bounds(self, holders: list[Properties], document: _Document) -> Bounds:
        """The first minimum, maximum and deviation that is written."""
        bounds, nodes = Bounds(), document.nodes
        for holder in holders:
            for predicate, end in ((terms.SCHEMA_MIN_VALUE, "minimum"), (terms.SCHEMA_MAX_VALUE, "maximum")):
                bounds = bounds.with_field(end, first_number(holder, predicate))
            for predicate in DEVIATIONS:
                bounds = bounds.with_field("deviation", first_number(holder, predicate))
                for part in nodes_among(holder.get(predicate, ()), nodes):
                    bounds = self._with_part(bounds, "deviation", part, document)
            for part in nodes_among(holder.get(terms.SCHEMA_VALUE_REFERENCE, ()), nodes):
                if end := qualifier(part):
                    bounds = self._with_part(bounds, end, part, document)
        return bounds

    def _with_part(self, bounds: Bounds, name: str, part: Properties, document: _Document) -> Bounds:
        """The bounds with the number of a node of its own, which may have a unit of its own."""
        holders = [part, *nodes_among(part.get(terms.HAS_NUMERICAL_PART, ()), document.nodes)]
        written = self._units_written(holders, document.nodes)
        unit = self._unit(written, _Kinds((), None, False)) if written else None
        return bounds.with_field(name, next(iter(self._values(holders, True, document)), None), unit)

    # Conditions

    def _conditions(
        self, node: str, makers: Iterable[str], found: Mapping[str, list[Quantity]], document: _Document
    ) -> Iterator[Condition]:
        """The numbers that a node names as its conditions, alone or in a group, and the parameters of what it is the output of."""
        pointer = document.pointers.get(node, "")
        makers = [*makers]
        for predicate, values in document.nodes[node].items():
            if predicate == terms.BATTINFO_CONDITIONS:
                yield from _conditions_among(values, node, found)
                for group in values:
                    if group in document.nodes and group not in found:
                        yield from self._conditions_of(str(group), True, found, document)
            elif predicate == terms.IS_OUTPUT_OF:
                makers += [str(value) for value in values if value in document.nodes]
            elif predicate not in _PLAIN and self._is_conditional(predicate):
                yield from _conditions_among(values, node, found)
        for maker in makers:
            yield from (one for one in self._conditions_of(maker, False, found, document) if one.pointer != pointer)

    def _conditions_of(self, node: str, every: bool, found: Mapping[str, list[Quantity]], document: _Document) -> list[Condition]:
        """The numbers that stand on a group of conditions, or are parameters of a process."""
        known = document.conditions.get((node, every))
        if known is None:
            standing = (
                condition
                for predicate, values in document.nodes[node].items()
                if every or self._is_conditional(predicate)
                for condition in _conditions_among(values, node, found)
            )
            known = document.conditions[node, every] = list(islice(standing, MAX_CONDITIONS + 1))
        return known

    def _is_conditional(self, predicate: str) -> bool:
        """Whether a property leads from a quantity to its conditions: properties, inputs and parameters, or a class as the key."""
        known = self._conditional.get(predicate)
        if known is None:
            if len(self._conditional) >= MAX_CACHED:
                self._conditional.clear()
            concept = self._concepts.get(predicate)
            known = self._conditional[predicate] = (
                predicate in (terms.SCHEMA_VALUE_REFERENCE, terms.SCHEMA_ADDITIONAL_PROPERTY)
                or predicate in self._concepts.narrower(terms.HAS_PROPERTY)
                or predicate in self._concepts.narrower(terms.HAS_INPUT)
                or (concept is not None and concept.kind is Kind.CLASS)
            )
        return known


def _parts(nodes: Nodes) -> set[str]:
    """The nodes that hold a number of another one: its value, its uncertainty, an end of its range."""
    parts: set[str] = set()
    for properties in nodes.values():
        for link in () if _LINKS.isdisjoint(properties) else _LINKS.intersection(properties):
            for value in properties[link]:
                if value in nodes and (link != terms.SCHEMA_VALUE_REFERENCE or qualifier(nodes[str(value)])):
                    parts.add(str(value))
    return parts


def _makers(nodes: Nodes, found: Mapping[str, list[Quantity]]) -> dict[str, list[str]]:
    """Quantity -> the processes that say that it is their output."""
    makers: dict[str, list[str]] = {}
    for node, properties in nodes.items():
        for value in properties.get(terms.HAS_OUTPUT, ()):
            if value in found:
                makers.setdefault(str(value), []).append(node)
    return makers


def _conditions_among(values: Iterable[Iri | Literal], node: str, found: Mapping[str, list[Quantity]]) -> Iterator[Condition]:
    """The quantities among these values, as conditions of another node."""
    for value in values:
        if value in found and value != node:
            yield from _as_conditions(found[str(value)])


def _as_conditions(quantities: Iterable[Quantity]) -> Iterator[Condition]:
    for one in quantities:
        if one.value is not None:
            yield Condition(
                one.kinds, one.value, one.unit, one.base_value, one.base_unit, one.dimension, one.pointer, one.line, one.name
            )
