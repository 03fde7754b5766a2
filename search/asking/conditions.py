"""What a question says a value must hold under: *at C/5*, *at 25 °C*."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ontology.units import Units
from records.record import Quantity

NEAR: Final = 0.005
"""A condition matches within this share of itself; a temperature within half a kelvin."""
_TEMPERATURE: Final = "Θ"
_HALF_KELVIN: Final = 0.5
AT: Final = re.compile(r"(?:\bat|@|\bunder|\bwith)\s*(?=[-−+]?[\dC.])", re.IGNORECASE)
"""What stands before a condition."""
_AND: Final = re.compile(r"\s*(?:,|\band\b|/)\s*(?:at\s+)?(?=[-−+]?[\dC])", re.IGNORECASE)
_RATE: Final = re.compile(
    r"[Cc]\s?/\s?(?P<hours>\d{1,3}(?:\.\d{1,3})?)(?!\w)|(?P<rate>\d{1,3}(?:\.\d{1,3})?)\s?[Cc](?![\w°])(?:[ -]?rate)?"
)
_NUMBER: Final = re.compile(r"[-−+]?\d{1,9}(?:[.,]\d{1,6})?\s*")
_TRAILING: Final = re.compile(r"\s*(?:(?:dis)?charg(?:e|ing)|rate|c-rate|temperature|current)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ConditionAsked:
    """A number that must stand on the quantity's own node.

    Args:
        text: As asked, e.g. ``C/5``.
        dimension: Its dimension.
        base_value: The number in the base unit.
    """

    text: str
    dimension: str
    base_value: float

    def holds(self, quantity: Quantity) -> bool:
        """Whether the quantity has this condition."""
        allowed = _HALF_KELVIN if self.dimension == _TEMPERATURE else NEAR * abs(self.base_value)
        return any(
            one.dimension == self.dimension and one.base_value is not None and abs(one.base_value - self.base_value) <= allowed
            for one in quantity.conditions
        )


def cut_conditions(text: str, units: Units) -> tuple[str, tuple[ConditionAsked, ...]]:
    """The text without its conditions, and these.

    >>> from ontology.model import Facts
    >>> rest, found = cut_conditions("capacity at C/5 and 25 °C", Units(Facts((), {}, {}, {})))
    >>> rest, [one.text for one in found]
    ('capacity', ['C/5', '25 °C'])
    """
    found: list[ConditionAsked] = []
    position = 0
    while (at := AT.search(text, position)) is not None:
        end = at.end()
        first = len(found)
        while (one := _condition(text, end, units)) is not None:
            found.append(one[0])
            end = one[1]
            more = _AND.match(text, end)
            if more is None:
                break
            end = more.end()
        if len(found) == first:
            position = at.end()
            continue
        trailing = _TRAILING.match(text, end)
        text = f"{text[: at.start()]} {text[trailing.end() if trailing else end :]}"
        position = at.start()
    return " ".join(text.split()), tuple(found)


def _condition(text: str, start: int, units: Units) -> tuple[ConditionAsked, int] | None:
    rate = _RATE.match(text, start)
    if rate is not None:
        unit = units.find("C")
        value = 1 / float(rate["hours"]) if rate["hours"] and float(rate["hours"]) else float(rate["rate"] or 0)
        return (ConditionAsked(rate.group().strip(), unit.dimension, unit.to_base(value)), rate.end()) if unit and value else None
    number = _NUMBER.match(text, start)
    measured = units.match_prefix(text, number.end()) if number and number.end() < len(text) else None
    if number is None or measured is None:
        return None
    value = float(number.group().strip().replace("−", "-").replace(",", "."))
    unit, end = measured
    return ConditionAsked(text[start:end].strip(), unit.dimension, unit.to_base(value)), end
