"""Cells that are cylinders by their measures, where the document names no format: with a diameter, and at least as high as wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from records.record import ConceptUse, Quantity

_FORMATS: Final = (terms.CASE, terms.CYLINDRICAL_BATTERY, terms.COIN_CELL, terms.POUCH_CELL, terms.PRISMATIC_BATTERY)


def cylinder(uses: Iterable[ConceptUse], quantities: Sequence[Quantity], concepts: Concepts) -> tuple[ConceptUse, ...]:
    """That a thing with a capacity, a diameter and a height is a cylindrical cell, with the place of the diameter.

    Args:
        uses: What the document says, and what follows.
        quantities: The quantities of the document; what stands in a part is none of the cell's.
        concepts: The ontologies.
    """
    own = [one for one in quantities if not one.within and one.base_value is not None]
    diameter, height = (_first(own, kind) for kind in (terms.DIAMETER, terms.HEIGHT))
    if diameter is None or height is None or (height.base_value or 0.0) < (diameter.base_value or 0.0):
        return ()
    is_cell = any(not concepts.narrower(terms.CAPACITY).isdisjoint(one.kinds) for one in own)
    if not is_cell or any(use.concept in _formats(concepts) for use in uses):
        return ()
    return (ConceptUse(terms.CYLINDRICAL_BATTERY, (), diameter.pointer, diameter.line, implied_by=terms.DIAMETER),)


def _first(quantities: Iterable[Quantity], kind: str) -> Quantity | None:
    return next((one for one in quantities if kind in one.kinds), None)


@lru_cache(maxsize=4)
def _formats(concepts: Concepts) -> frozenset[str]:
    return frozenset[str]().union(*map(concepts.narrower, _FORMATS))
