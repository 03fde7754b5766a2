"""Names that nothing has as its own beside the rest of the question, but that are mentioned: *cycling test of the ANR26650M1-B*."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from records.record import EntityKind
from search.query import EntityPart, Part, Query, TextPart
from search.understanding.vocabulary import Known

_MENTIONED: Final = (EntityKind.MANUFACTURER, EntityKind.SUPPLIER, EntityKind.MODEL, EntityKind.INSTRUMENT, None)
_SHORTEST: Final = 2
"""Letters of a name that is looked for in texts."""


def with_mentioned(query: Query, known: Known) -> Query:
    """The query in which names may be mentioned in a title or text, where nothing readable fits otherwise and something does so."""
    asked = replace(query, parts=tuple(part for part in query.parts if part.negated or not isinstance(part, TextPart)))
    loose = replace(query, parts=tuple(map(_loosened, query.parts)))
    if loose.parts == query.parts or len(asked.parts) < 2:
        return query
    loosely = replace(asked, parts=tuple(map(_loosened, asked.parts)))
    own, mentioned = known.count([asked, loosely])
    return loose if mentioned and not own else query


def _loosened(part: Part) -> Part:
    is_name = isinstance(part, EntityPart) and not part.negated and not part.mentioned and part.kind in _MENTIONED
    if not isinstance(part, EntityPart) or not is_name or len(part.text) < _SHORTEST:
        return part
    return replace(part, mentioned=tuple(dict.fromkeys((part.text, part.label))))
