"""On which side of a cell materials stand by the definitions of chemistries: ``LFP versus graphite`` are both in one cell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ontology import terms
from ontology.concepts import Concepts
from ontology.definitions import Definitions
from ontology.roles import Roles
from search.query import ConceptPart, Part


def are_opposite(one: Part, other: Part, concepts: Concepts) -> bool:
    """Whether one is the material of a positive and the other that of a negative electrode."""
    if not isinstance(one, ConceptPart) or not isinstance(other, ConceptPart):
        return False
    sides = _sides(concepts)
    first, second = ({sides[iri] for iri in part.concepts if iri in sides} for part in (one, other))
    return len(first) == len(second) == 1 and first != second


def materials_of(role: str, concepts: Concepts) -> frozenset[str]:
    """The substances of electrodes on this side."""
    substances = concepts.narrower(terms.CHEMICAL_SUBSTANCE)
    return frozenset(iri for iri, side in _sides(concepts).items() if side == role and iri in substances)


@lru_cache(maxsize=4)
def _sides(concepts: Concepts) -> Mapping[str, str]:
    return Definitions(concepts, Roles(concepts)).sides
