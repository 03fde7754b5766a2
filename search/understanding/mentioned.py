"""Names and methods that nothing has as its own beside the rest of the question, but that are mentioned.

*Cycling test of the ANR26650M1-B* finds a test whose title has that model, *chromatography* what only a description speaks of.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from records.record import EntityKind
from search.query import ConceptPart, EntityPart, Part, Query
from search.understanding.loosening import sure, told_in_text
from search.understanding.vocabulary import Known, Vocabulary

_MENTIONED: Final = (EntityKind.MANUFACTURER, EntityKind.SUPPLIER, EntityKind.MODEL, EntityKind.INSTRUMENT, None)
_SHORTEST_CODE: Final = 6
"""Letters of an instrument or the code of a model that is looked for in titles and texts where nothing else is asked."""
_SHORTEST: Final = 2
"""Letters of a name that is looked for in texts."""


def with_mentioned(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which names and methods may be mentioned in a title or text, where nothing readable fits otherwise.

    Names first, and methods too where that is not enough; if nothing fits even so, the query as it was.
    """
    if len(sure(query).parts) < 2:  # a name that is known is somebody's own; tests are called after a model or an instrument
        query = names = replace(query, parts=tuple(_loosened(part) if _names_tests(part) else part for part in query.parts))
    else:
        names = replace(query, parts=tuple(map(_loosened, query.parts)))
    methods = replace(names, parts=tuple(_told(part, vocabulary.concepts) for part in names.parts))
    ways = tuple(dict.fromkeys((query, names, methods)))
    if len(ways) == 1:
        return query
    counts = known.count([sure(way) for way in ways])
    return next((way for way, count in zip(ways, counts, strict=True) if count), query)


def _told(part: Part, concepts: Concepts) -> Part:
    """A method, also where only a text speaks of it."""
    is_free = isinstance(part, ConceptPart) and not part.negated and not part.roles
    if not isinstance(part, ConceptPart) or not is_free or _methods(concepts).isdisjoint(part.concepts):
        return part
    return told_in_text(part, concepts)


@lru_cache(maxsize=4)
def _methods(concepts: Concepts) -> frozenset[str]:
    """Methods, tests, and the instruments for them."""
    of_methods = (terms.CHARACTERISATION_TECHNIQUE, terms.PROCEDURE, terms.BATTERY_TEST, terms.PROCESS)
    tops = (*of_methods, terms.DEVICE, terms.MEASURING_INSTRUMENT)
    return frozenset[str]().union(*map(concepts.narrower, tops)) - concepts.narrower(terms.ELECTROCHEMICAL_DEVICE)


def _names_tests(part: Part) -> bool:
    """Whether it is an instrument, or the code of a model, which nothing else is called by."""
    if not isinstance(part, EntityPart) or len(part.text) < _SHORTEST_CODE:
        return False
    return part.kind is EntityKind.INSTRUMENT or (part.kind is EntityKind.MODEL and re.search(r"\d", part.text) is not None)


def _loosened(part: Part) -> Part:
    is_name = isinstance(part, EntityPart) and not part.negated and not part.mentioned and part.kind in _MENTIONED
    if not isinstance(part, EntityPart) or not is_name or len(part.text) < _SHORTEST:
        return part
    return replace(part, mentioned=tuple(dict.fromkeys((part.text, part.label))))
