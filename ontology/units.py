"""Units: EMMO IRIs, QUDT IRIs, UCUM codes and words, converted to one base unit per dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ontology.model import UnitFact


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that converts.

    Args:
        name: For people, e.g. ``mAh``.
        factor: Multiply by it to get the base unit.
        offset: Then add it.
        dimension: Text that is equal for all units that convert to each other, e.g. ``T·I`` (charge); ``1`` for numbers.
        base_unit: Symbol of the base unit of the dimension, e.g. ``A·s``.
    """

    name: str
    factor: float
    offset: float
    dimension: str
    base_unit: str

    def to_base(self, value: float) -> float:
        """The value in the base unit."""
        return value * self.factor + self.offset

    def from_base(self, value: float) -> float:
        """The value in this unit, from the base unit."""
        return (value - self.offset) / self.factor


class Units:
    """Finds the unit that a text means.

    Args:
        facts: Units of the fact table, by IRI.
    """

    def __init__(self, facts: Mapping[str, UnitFact]) -> None:
        self._facts = facts

    def find(self, text: str) -> Unit | None:
        """The unit of an EMMO IRI, QUDT IRI, UCUM code, symbol or word; ``None`` when it is none (or not convertible)."""
        raise NotImplementedError

    def dimension_of_kind(self, kind: str) -> str | None:
        """Dimension that the ontology demands of a quantity class, or ``None`` when it demands none."""
        raise NotImplementedError
