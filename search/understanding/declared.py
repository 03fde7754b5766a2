"""The capacity that a maker declares: some sources call it rated, others nominal, and few records have both.

*Nominal capacity above 20 Ah* finds cells of which the rated one is told too, behind those that have it by the name asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from search.query import Part, QuantityPart, Query
from search.understanding.adjectives import classes_of
from search.understanding.vocabulary import Vocabulary

_NOMINAL: Final = "NominalCapacity"
_RATED: Final = "RatedCapacity"
"""The ontologies put the first below the second."""


def with_declared(query: Query, vocabulary: Vocabulary) -> Query:
    """The query in which bounds of the nominal capacity hold for the rated one as well."""
    return replace(query, parts=tuple(_or_rated(part, vocabulary) for part in query.parts))


def _or_rated(part: Part, vocabulary: Vocabulary) -> Part:
    if not isinstance(part, QuantityPart) or part.labels != (_NOMINAL,) or part.role or part.conditions:
        return part
    if part.minimum is None and part.maximum is None:
        return part
    return replace(part, kinds=part.kinds | classes_of((_RATED,), vocabulary), named=part.named or part.kinds)
