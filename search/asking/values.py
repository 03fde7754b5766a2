"""What records say of a property: the value of each, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ontology.units import Unit, Units
from records.record import Quantity, Record
from search.asking.conditions import ConditionAsked
from search.asking.properties import Properties, QuantityAsked
from search.asking.reply import Source, Value
from search.matching import nesting, stands_in
from search.quantity_text import spread_text, unit_of

AGREE: Final = 1e-6
"""Values nearer than this, relatively, are the same: documents convert and round."""
DIGITS: Final = 10
"""Significant digits of a number that was converted."""
_PREFERRED: Final = ("rated", "nominal", "typical")
_LIMIT: Final = 2
_SMALLER: Final[Mapping[str, tuple[float, str]]] = {
    "kg": (1.0, "g"),
    "g": (0.1, "mg"),
    "m": (1.0, "mm"),
    "mm": (0.1, "µm"),
    "Ah": (0.1, "mAh"),
    "A": (0.1, "mA"),
    "Ω": (1.0, "mΩ"),
}
"""Below which number people tell a value in a smaller unit, and in which: 46.7 g for 0.0467 kg."""
_LIMITS: Final = ("minimum", "maximum", "lower", "upper", "pulse", "charging", "discharging", "loss")


@dataclass(frozen=True, slots=True)
class Reading:
    """A quantity of a record."""

    record: Record
    quantity: Quantity
    label: str

    @property
    def source(self) -> Source:
        """Where it stands."""
        return Source(self.record.id, self.record.source_file, self.quantity.pointer, self.quantity.line)

    @property
    def base(self) -> float | None:
        """The number by which it is compared; of a range its middle."""
        values = self.quantity.base_values
        return sum(values) / len(values) if values else None

    def is_like(self, other: Reading) -> bool:
        """Whether both say the same number of the same dimension, or the same as written."""
        one, another = self.quantity, other.quantity
        if not one.base_values or not another.base_values:
            return (one.value, one.unit) == (another.value, another.unit)
        pairs = zip(one.base_values, another.base_values, strict=False)
        return (
            one.dimension == another.dimension
            and len(one.base_values) == len(another.base_values)
            and all(abs(a - b) <= AGREE * max(abs(a), abs(b)) for a, b in pairs)
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is told: the number, its unit, both in words; and in the unit that people use, where that is another."""

    value: Value
    unit: str
    text: str
    everyday: str = ""

    @property
    def in_full(self) -> str:
        """As written, and in the unit that people use: *0.0467 kg (46.7 g)*."""
        return f"{self.text} ({self.everyday})" if self.everyday else self.text


def best_reading(
    record: Record, asked: QuantityAsked, conditions: Sequence[ConditionAsked], properties: Properties
) -> Reading | None:
    """The record's quantity that answers best; ``None`` when it has none.

    Classes that were named go before narrower ones, rated and nominal values before limits, those near the root before those deep
    inside. Without a role only what the thing itself has counts, and nothing of its parts.
    """
    fitting = _fitting(record, asked, conditions, properties)
    best = min(fitting, key=lambda one: _rank(one, asked), default=None)
    if best is not None and _is_other_limit(best, asked) and len({one.label for one in fitting}) > 1:
        return None  # of several limits none is what was asked for in general: the temperature of a cell
    return best if best or asked.of_part is None else best_reading(record, asked.of_part, conditions, properties)


def beside(
    best: Reading, asked: QuantityAsked, conditions: Sequence[ConditionAsked], properties: Properties
) -> tuple[Reading, ...]:
    """Other values that the record gives with no less right than the best one: the rates of the steps of a protocol."""
    standing = _rank(best, asked)[:4]
    found: list[Reading] = []
    for one in _fitting(best.record, asked, conditions, properties):
        if one.label == best.label and _rank(one, asked)[:4] == standing and not any(map(one.is_like, (best, *found))):
            found.append(one)
    return tuple(found)


def _fitting(record: Record, asked: QuantityAsked, conditions: Sequence[ConditionAsked], properties: Properties) -> list[Reading]:
    is_part = properties.is_one_of(record, asked.roles)  # *thickness of the copper foil* of what is a copper foil itself
    itself = [one.concept for one in record.concepts if is_part and not one.pointer]
    return [
        Reading(record, quantity, properties.label_of(quantity))
        for quantity in record.quantities
        if (quantity.value is not None or quantity.spread is not None)
        and (not asked.kinds.isdisjoint(quantity.kinds) or properties.label_of(quantity) in asked.called)
        and asked.dimension in ("", quantity.dimension)
        and all(stands_in(roles, (*itself, *quantity.within)) for roles in asked.outside)
        and (stands_in(asked.roles, (*itself, *quantity.within)) if asked.roles else properties.is_own(record, quantity))
        and all(condition.holds(quantity) for condition in conditions)
    ]


def _is_other_limit(reading: Reading, asked: QuantityAsked) -> bool:
    """Whether it is a limit, and not a class that was named."""
    return set(asked.best).isdisjoint(reading.quantity.kinds) and _standing(reading) == _LIMIT


def _standing(reading: Reading) -> int:
    words = reading.label.split()
    return 0 if not words or words[0] in _PREFERRED else _LIMIT if any(word in _LIMITS for word in words) else 1


def _rank(reading: Reading, asked: QuantityAsked) -> tuple[int, int, int, int, int, str]:
    named = [position for position, iri in enumerate(asked.best) if iri in reading.quantity.kinds]
    standing = _standing(reading)
    pointer = reading.quantity.pointer
    return (
        0 if named else 1,
        named[0] if named else standing,
        len(reading.quantity.conditions),
        nesting(pointer),
        reading.quantity.line,
        pointer,
    )


def agreeing(readings: Iterable[Reading]) -> list[list[Reading]]:
    """The readings in groups that say the same, the largest group first, then by record id."""
    groups: list[list[Reading]] = []
    for reading in sorted(readings, key=lambda one: one.record.id):
        group = next((one for one in groups if one[0].is_like(reading)), None)
        if group is None:
            groups.append([reading])
        else:
            group.append(reading)
    return sorted(groups, key=lambda group: (-len(group), group[0].record.id))


def shown(reading: Reading, unit: Unit | None, units: Units) -> Shown:
    """The value in the unit that was asked for, else as it is written."""
    quantity = reading.quantity
    written = unit_of(quantity, units)
    name = "" if written is None or written.name == "1" else written.name
    if written is None or not quantity.base_values or (unit is None and quantity.base_value is None):
        return _told(quantity, name, units)
    if unit is None:
        told_in = everyday(written, quantity.base_values, units)
        as_written = _told(quantity, name, units)
        return as_written if told_in == written else replace(as_written, everyday=shown(reading, told_in, units).text)
    values = tuple(round_to(unit.from_base(value)) for value in quantity.base_values)
    text = " to ".join(f"{value:.6g}" for value in values)
    return Shown(values[0] if len(values) == 1 else values, unit.name, f"{text} {unit.name}".strip())


def everyday(unit: Unit, bases: Sequence[float], units: Units) -> Unit:
    """The unit in which people tell these values, given in the base unit: the smaller one where all would begin with a nought."""
    limit, smaller = _SMALLER.get(unit.name, (0.0, ""))
    found = units.find(smaller) if smaller and all(0 < abs(unit.from_base(base)) < limit for base in bases) else None
    return everyday(found, bases, units) if found is not None else unit


def _told(quantity: Quantity, unit: str, units: Units) -> Shown:
    if quantity.value is not None:
        number = int(quantity.value) if quantity.value == int(quantity.value) and abs(quantity.value) < 1e15 else quantity.value
        return Shown(number, unit, f"{quantity.value:.10g} {unit}".strip())
    ends = quantity.spread and tuple(end for end in (quantity.spread.minimum, quantity.spread.maximum) if end is not None)
    return Shown(ends or spread_text(quantity, units), unit, spread_text(quantity, units))


def round_to(value: float) -> float | int:
    """The number without the noise of a conversion; whole numbers as such.

    >>> round_to(19600.000000000004), round_to(0.1 + 0.2)
    (19600, 0.3)
    """
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded
