"""What a record's page tells of records like it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from api.services import ApiServices
from records.rights import Audiences

_RECORDS: Final = 5
_REASONS: Final = 4


def similar_view(services: ApiServices, record: str, audiences: Audiences) -> dict[str, Any]:
    """``similar`` and ``same_as``: address, title and the first reasons of each."""
    found = services.similar.find(record, audiences, limit=_RECORDS)
    if found is None:
        return {}
    similar = [
        {
            "page": f"/records/{quote(one.record.id)}",
            "title": one.record.title,
            "reasons": [reason.text for reason in one.reasons[:_REASONS]],
        }
        for one in found.similar
    ]
    same_as = []
    for candidate in found.same_as:
        other = 1 if candidate.records[0] == record else 0
        reasons = [evidence.text for evidence in candidate.evidence[:_REASONS]]
        same_as.append(
            {"page": f"/records/{quote(candidate.records[other])}", "title": candidate.titles[other], "reasons": reasons}
        )
    return {"similar": similar, "same_as": same_as}
