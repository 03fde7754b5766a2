"""A bound in volts alone, asked of cells, means their nominal voltage: every cell comes below 3 V while it is discharged."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ontology import terms
from search.query import Part, QuantityPart, Query
from search.understanding.kinds import quantity_classes
from search.understanding.vocabulary import Vocabulary

_VOLT: Final = "L²·M·T⁻³·I⁻¹"
_OF_TESTS: Final = re.compile(r"\b(?:dis|re)?(?:charg|cycl|test|measur|pulse|stor|rest)", re.IGNORECASE)
"""What is done with cells, whose bounds may be any voltage."""


def with_cell_voltages(query: Query, vocabulary: Vocabulary) -> Query:
    """The query with the kind of quantity that a bound on volts of cells is one of."""
    if _OF_TESTS.search(query.text):
        return query
    return replace(query, parts=tuple(_nominal(part, vocabulary) for part in query.parts))


def _nominal(part: Part, vocabulary: Vocabulary) -> Part:
    if not isinstance(part, QuantityPart) or part.kinds or part.role or part.dimension != _VOLT:
        return part
    if (part.minimum is None) == (part.maximum is None):
        return part
    label = vocabulary.concepts.label(terms.NOMINAL_VOLTAGE)
    return replace(part, kinds=quantity_classes(vocabulary, terms.NOMINAL_VOLTAGE), labels=(label,))
