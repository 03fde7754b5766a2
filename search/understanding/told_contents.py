"""Cells of which nothing is told: what most others contain they will not be without, *batteries that contain no lithium*."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final, TypeGuard

from ontology import terms
from ontology.concepts import Concepts
from search.query import ConceptPart, Part, Query
from search.understanding.concepts import FORMATS
from search.understanding.vocabulary import Known, Vocabulary

_MOST: Final = 0.75
"""Share of the cells that tell what is in them; what more of them have is taken to be in the others too."""


def with_told_contents(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of cells without something, of which must be told what is in them where most readable ones that do have that."""
    concepts = vocabulary.concepts
    denied = [part for part in query.parts if _is_chemistry(part, concepts)]
    if not denied:
        return query
    told = _told(concepts)
    rest = tuple(part for part in query.parts if part not in denied)
    having = [replace(query, parts=(*rest, told, replace(part, negated=False))) for part in denied]
    telling, *counts = known.count([replace(query, parts=(*rest, told)), *having])
    least = replace(query, parts=(*query.parts, told))
    return least if max(counts) > _MOST * telling and known.count([least])[0] else query


def _is_chemistry(part: Part, concepts: Concepts) -> TypeGuard[ConceptPart]:
    """Whether it is a substance or a kind of battery by what is in it, which is denied."""
    if not isinstance(part, ConceptPart) or not part.negated or part.roles or not FORMATS.isdisjoint(part.labels):
        return False
    chemistries = concepts.narrower(terms.CHEMICAL_SUBSTANCE) | concepts.narrower(terms.BATTERY)
    return chemistries.issuperset(part.concepts)


@lru_cache(maxsize=4)
def _told(concepts: Concepts) -> ConceptPart:
    """Any substance: what an electrode or an electrolyte is made of."""
    substances = (terms.CHEMICAL_SUBSTANCE,)
    return ConceptPart("what is in it", substances, (concepts.label(substances[0]),), concepts.narrower(substances[0]))
