"""What two records can have in common: concepts in their places, numbers by kind, names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from search.aspects import Aspect, Aspects
from search.names import fold_name

FAR: Final = 0.1
"""Numbers that differ by more than this, relatively, have nothing in common."""
_ROOT: Final = re.compile(r"(/@graph/\d+)?(/[^/]*identifier(/\d+)?)?", re.IGNORECASE)
_KELVIN: Final = "Θ"
_DEGREES: Final = 100.0
"""Temperatures have no zero that means none, so their difference is divided by this many kelvin."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number that records can be compared by.

    Args:
        kind: IRI of the kind of quantity that says most.
        side: The part of the cell that it belongs to; ``""`` for the whole.
        base: The number in the base unit.
        quantity: Where it comes from.
        aspect: What it tells.
    """

    kind: str
    side: str
    base: float
    quantity: Quantity
    aspect: Aspect

    def distance(self, other: Value) -> float:
        """How far the other one is, relative to the larger; temperatures by `_DEGREES`."""
        largest = _DEGREES if self.quantity.dimension == _KELVIN else max(abs(self.base), abs(other.base))
        return abs(self.base - other.base) / largest if largest else 0.0


@dataclass(frozen=True, slots=True)
class Traits:
    """A record as it is compared.

    Args:
        record: Its id.
        title: For people.
        concepts: What it uses, by concept and part of the cell; the first use of each.
        values: Its numbers, by kind and part of the cell.
        names: Who and what it names, by kind and folded name.
    """

    record: str
    title: str
    concepts: Mapping[tuple[str, str], ConceptUse]
    values: Mapping[tuple[str, str], tuple[Value, ...]]
    names: Mapping[tuple[EntityKind, str], Entity]

    def named(self, kind: EntityKind) -> frozenset[str]:
        """Its folded names of this kind."""
        return frozenset(name for is_kind, name in self.names if is_kind is kind)


class TraitsOf:
    """Finds the traits of records.

    Args:
        concepts: The ontologies.
        aspects: What concepts and numbers tell.
    """

    def __init__(self, concepts: Concepts, aspects: Aspects) -> None:
        self._concepts = concepts
        self._aspects = aspects
        self._kind = lru_cache(maxsize=4096)(self._telling_kind)

    def __call__(self, record: Record) -> Traits:
        """The traits of a record as its reader may see it."""
        used: dict[tuple[str, str], ConceptUse] = {}
        for use in record.concepts:
            if self._aspects.of_use(use) is not None:
                used.setdefault((use.concept, self._aspects.side_of(use.within)), use)
        values: dict[tuple[str, str], tuple[Value, ...]] = {}
        for quantity in record.quantities:
            kind = self._kind(quantity.kinds)
            if kind and quantity.base_value is not None and math.isfinite(quantity.base_value):
                place = kind, self._aspects.side_of(quantity.within)
                value = Value(*place, quantity.base_value, quantity, self._aspects.of_quantity(quantity))
                values[place] = (*values.get(place, ()), value)
        names: dict[tuple[EntityKind, str], Entity] = {}
        for entity in record.entities:
            if folded := fold_name(entity.name):
                names.setdefault((entity.kind, folded), entity)
        return Traits(record.id, record.title, used, values, names)

    def _telling_kind(self, kinds: tuple[str, ...]) -> str:
        """The class that says most: none of the others is narrower; ``""`` when none says anything."""
        telling = [kind for kind in kinds if kind not in terms.PROPERTY_KINDS and self._concepts.get(kind) is not None]
        return next((kind for kind in telling if self._concepts.narrower(kind).isdisjoint({*telling} - {kind})), "")


def is_own(entity: Entity) -> bool:
    """Whether it stands at the record's root: identifiers elsewhere are those of parts and publications."""
    return _ROOT.fullmatch(entity.pointer) is not None


def nearest(value: Value, others: tuple[Value, ...]) -> tuple[float, Value] | None:
    """The nearest of the others with its distance, where one is nearer than `FAR`."""
    near = min(((value.distance(other), position) for position, other in enumerate(others)), default=(FAR, 0))
    return None if near[0] >= FAR else (near[0], others[near[1]])
