"""How a quantity stands in its document: for messages, and to write another number or unit there in the author's way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from ontology.expansion import Node, Reading
from ontology.model import Facts, UnitFact
from ontology.terms import HAS_MEASUREMENT_UNIT, HAS_NUMBER_VALUE, HAS_NUMERICAL_PART, SCHEMA_VALUE
from ontology.units import Unit, Units
from records.issues import Edit, Operation
from records.record import Quantity

_NUMBERS: Final = frozenset((HAS_NUMBER_VALUE, SCHEMA_VALUE, SCHEMA_VALUE.replace("https:", "http:")))
_PARTS: Final = frozenset((HAS_NUMERICAL_PART,))
_UNIT: Final = frozenset((HAS_MEASUREMENT_UNIT,))

# Units that people who write of batteries use; others of the right size would be no help.
_COMMON: Final = (
    "Metre", "CentiMetre", "MilliMetre", "MicroMetre", "NanoMetre", "Kilogram", "Gram", "MilliGram", "AmpereHour",
    "MilliAmpereHour", "Ampere", "MilliAmpere", "MicroAmpere", "Volt", "MilliVolt", "Ohm", "MilliOhm", "WattHour", "KiloWattHour",
    "Watt", "MilliWatt", "KiloWatt", "Percent", "UnitOne", "WattHourPerKilogram", "WattHourPerLitre", "MilliAmpereHourPerGram",
    "AmpereHourPerKilogram", "MilliAmpereHourPerSquareCentiMetre", "GramPerCubicCentiMetre", "KilogramPerCubicMetre",
    "MilliGramPerSquareCentiMetre",
)  # fmt: skip


def shifted(value: float, power: int) -> str:
    """A number times a power of ten as JSON, with the digits that it had.

    >>> shifted(3.4, -3), shifted(18650, 0), shifted(0.00015, 2), shifted(5.0, 20)
    ('0.0034', '18650', '0.015', '5E+20')
    """
    return _plain(Decimal(repr(value)).scaleb(power))


def rounded(value: float) -> str:
    """A number with three digits, for people and for JSON.

    >>> rounded(0.0205004), rounded(1234.5), rounded(65.0)
    ('0.0205', '1230', '65')
    """
    return _plain(Decimal(f"{value:.3g}"))


def _plain(number: Decimal) -> str:
    number = number.normalize()
    return format(number, "f") if -7 <= number.adjusted() <= 12 else str(number)


class Written:
    """Finds what is written of quantities.

    Args:
        units: The units.
        facts: The fact table that they come from.
    """

    def __init__(self, units: Units, facts: Facts) -> None:
        self._units = units
        self._facts = facts
        self._by_size: dict[tuple[str, float], UnitFact] | None = None

    def unit(self, quantity: Quantity) -> Unit | None:
        """The unit in which a quantity is written; ``None`` when it is not known."""
        unit = self._units.find(quantity.unit, next(iter(quantity.kinds), None)) if quantity.unit else None
        return unit if unit is not None and unit.dimension == quantity.dimension else None

    def value(self, quantity: Quantity) -> str:
        """Number and unit, for people, e.g. ``3.4 Ah``."""
        return self._with_unit(shifted(quantity.value or 0.0, 0), quantity)

    def number(self, base: float, quantity: Quantity) -> str:
        """A value in the base unit as the number that would stand in the quantity's own unit."""
        unit = self.unit(quantity)
        return rounded(unit.from_base(base) if unit else base)

    def span(self, low: float, high: float, quantity: Quantity) -> str:
        """Values in the base unit as they would be written in the quantity's own, e.g. ``20 to 140 g``."""
        numbers = dict.fromkeys((self.number(low, quantity), self.number(high, quantity)))
        return self._with_unit(" to ".join(numbers), quantity)

    def _with_unit(self, text: str, quantity: Quantity) -> str:
        unit = self.unit(quantity)
        return f"{text} {unit.name}" if unit and unit.name != "1" else text

    def number_pointer(self, reading: Reading, quantity: Quantity) -> str:
        """JSON Pointer of the number itself, or of the quantity when it cannot be found."""
        node = _at(reading, quantity.pointer)
        if node is None:
            return quantity.pointer
        nodes = [node, *(part for iri in _PARTS for part in _referred(reading, node, iri))]
        return next(
            (
                pointer
                for part in nodes
                for pointer, value in _members(reading, part, _NUMBERS)
                if _same(value, quantity.value or 0.0)
            ),
            quantity.pointer,
        )

    def other_unit(self, reading: Reading, quantity: Quantity, power: int) -> tuple[str, Edit] | None:
        """The unit that is this power of ten larger, as the author would write it, and the edit; ``None`` when there is no such."""
        unit = self.unit(quantity)
        if unit is None or unit.offset:
            return None
        fact = self._sized().get((unit.dimension, float(f"{unit.factor * 10.0**power:.6g}")))
        return None if fact is None else self._instead(reading, quantity, fact.iri)

    def as_celsius(self, reading: Reading, quantity: Quantity) -> tuple[str, tuple[str, Edit] | None] | None:
        """Of a number in kelvin that was meant in degrees Celsius: the number in kelvin, and the unit to write instead."""
        unit = self.unit(quantity)
        if unit is None or unit.offset or unit.factor != 1 or quantity.value is None or not -60 <= quantity.value <= 200:
            return None
        fact = next((fact for fact in self._facts.units.values() if fact.label == "DegreeCelsius"), None)
        number = _plain(Decimal(repr(quantity.value)) + Decimal("273.15"))
        return number, None if fact is None else self._instead(reading, quantity, fact.iri)

    def _instead(self, reading: Reading, quantity: Quantity, iri: str) -> tuple[str, Edit] | None:
        """Another unit as the author would write it, and the edit; ``None`` when the unit is not written as an IRI."""
        node = _at(reading, quantity.pointer)
        found = next(iter(_members(reading, node, _UNIT)), None) if node is not None else None
        if found is None or not isinstance(found[1], str):
            return None
        pointer, written = found
        text = _in_style(written, quantity.unit, iri)
        return text, Edit(Operation.REPLACE, pointer, json.dumps(text, ensure_ascii=False))

    def _sized(self) -> Mapping[tuple[str, float], UnitFact]:
        if self._by_size is None:
            self._by_size = {}
            by_label = {fact.label: fact for fact in self._facts.units.values()}
            for label in _COMMON:
                fact = by_label.get(label)
                unit = self._units.find(fact.iri) if fact is not None else None
                if fact is not None and unit is not None:
                    self._by_size.setdefault((unit.dimension, float(f"{unit.factor:.6g}")), fact)
        return self._by_size


def _at(reading: Reading, pointer: str) -> Node | None:
    return next((node for node in reading.nodes if node.pointer == pointer), None)


def _referred(reading: Reading, node: Node, iri: str) -> Iterator[Node]:
    """The nodes to which a node refers by a property, wherever they stand."""
    values = node.expanded.get(iri, ())
    for value in values if isinstance(values, list) else [values]:
        target = value.get("@id") if isinstance(value, dict) else None
        yield from (other for other in reading.nodes if other.expanded["@id"] == target)


def _members(reading: Reading, node: Node, iris: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Pointer and value of what a node writes under a property; an ``@value``, ``@id`` or an array of one is looked into."""
    for key, value in node.source.items():
        term = reading.terms.term(key)
        if term.iri in iris:
            pointer = node.pointer + term.step
            values = list(enumerate(value)) if isinstance(value, list) else [(-1, value)]
            for index, item in values:
                place = pointer if index < 0 else f"{pointer}/{index}"
                inner = next((name for name in ("@value", "@id") if isinstance(item, dict) and name in item), "")
                yield (f"{place}/{inner}", item[inner]) if inner else (place, item)


def _same(written: object, value: float) -> bool:
    try:
        return not isinstance(written, bool) and float(str(written)) == value
    except ValueError:
        return False


def _in_style(written: str, iri: str, other: str) -> str:
    """Another IRI as a CURIE with the author's prefix, when the author wrote a CURIE of the same namespace; else as it is."""
    prefix, colon, name = written.partition(":")
    space = iri.removesuffix(name)
    if colon and not name.startswith("//") and space != iri and other.startswith(space):
        return f"{prefix}:{other[len(space) :]}"
    return other
