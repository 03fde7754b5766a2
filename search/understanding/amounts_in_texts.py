"""How documents tell one number with its unit: as a quantity, or in a text: ``10 s``, ``10-second``, ``C/10``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from search.query import QuantityPart
from search.understanding.numerals import EQUAL, ROUNDED, Number
from search.words import PREFIX_LENGTH

_TIME: Final = "T"
_RATE: Final = "T⁻¹"
_TIMES: Final = (
    ("s", 1.0),
    ("sec", 1.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("hour", 3600.0),
    ("day", 86400.0),
    ("month", 2629800.0),
    ("year", 31557600.0),
)
"""Units of time as texts begin them, in seconds; months and years as the units of SI count them."""
_LARGE: Final = 1000
"""Times and counts that texts tell in words are less."""
SPELLED: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def exactly(number: Number, asked: str, kinds: frozenset[str]) -> QuantityPart:
    """The quantity that is this number, give or take a little; of any kind where none was named."""
    unit = number.unit
    spread = abs(number.value) * EQUAL
    low, high = number.value - spread, number.value + spread
    base = (low, high) if unit is None else (unit.to_base(low), unit.to_base(high))
    return QuantityPart(
        text=asked,
        kinds=kinds,
        labels=(),
        minimum=base[0],
        maximum=base[1],
        minimum_included=True,
        maximum_included=True,
        unit=number.unit_text,
        dimension="1" if unit is None else unit.dimension,
        asked=f"= {number.value:g} {number.unit_text}".strip(),
    )


def said(number: Number) -> tuple[str, ...]:
    """How texts write it; a sign before it is not looked for.

    >>> from ontology.facts import packaged_facts
    >>> from ontology.units import Units
    >>> units = Units(packaged_facts())
    >>> said(Number(0, 6, 1.0, units.find("h"), "h", False))
    ('1 h', '1h', 'one h', '60 min', '1 hour', 'one hour')
    >>> said(Number(0, 4, 0.1, units.find("C"), "C", False))
    ('C/10', '0.1C', '0.1 C')
    """
    value, unit = abs(number.value), number.unit
    written = f"{value:.10g}"
    if unit is None or number.unit_text == "%":
        return (written, *_spelled(value, ""))
    if unit.dimension == _RATE and number.unit_text == "C":
        slow = [f"C/{part_of_capacity(value)}"] if 0 < value < 1 else []
        return (*slow, f"{written}C", f"{written} C")
    singular = number.unit_text.removesuffix("s") or number.unit_text  # the beginning of the plural too
    ways = [f"{written} {singular}", f"{written}{singular}", *_spelled(value, singular)]
    if unit.dimension == _TIME:
        ways += _times(unit.to_base(value))
    return tuple(dict.fromkeys(ways))


def part_of_capacity(rate: float) -> str:
    """What the capacity is divided by, a whole number where the rate was rounded.

    >>> part_of_capacity(0.33), part_of_capacity(0.4)
    ('3', '2.5')
    """
    hours = 1 / rate
    return f"{round(hours)}" if abs(hours - round(hours)) <= ROUNDED * hours else f"{hours:.3g}"


def _times(seconds: float) -> Iterator[str]:
    """A time in every unit in which it is a whole number that is not too large."""
    for name, size in _TIMES:
        if _is_whole(seconds / size):
            yield f"{seconds / size:.0f} {name}"
            yield from _spelled(seconds / size, name) if len(name) >= PREFIX_LENGTH else (f"{seconds / size:.0f}{name}",)


def _spelled(value: float, unit: str) -> list[str]:
    return [f"{SPELLED[int(value) - 1]} {unit}".strip()] if _is_whole(value) and value <= len(SPELLED) else []


def _is_whole(value: float) -> bool:
    return 1 <= value < _LARGE and abs(value - round(value)) < 1e-9 * value
