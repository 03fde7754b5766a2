"""What a record's page tells of records like it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from api.services import ApiServices
from records.rights import Audiences
from search.aspects import Aspect

_RECORDS: Final = 5
_REASONS: Final = 4
_LABELS: Final[Mapping[Aspect, str]] = {
    Aspect.ALL: "in all",
    Aspect.CHEMISTRY: "chemistry",
    Aspect.PROTOCOL: "protocol",
    Aspect.DESIGN: "design",
    Aspect.PERFORMANCE: "performance",
    Aspect.PEOPLE: "people",
}


def similar_view(services: ApiServices, record: str, audiences: Audiences, by: Aspect) -> dict[str, Any]:
    """``similar`` and ``same_as``: address, title and the first reasons of each; ``aspects``: in which respects one can ask."""
    found = services.similar.find(record, audiences, by=by, limit=_RECORDS)
    if found is None:
        return {}
    similar = [
        {
            "page": f"/records/{quote(one.record.id)}",
            "title": one.record.title,
            "source_file": one.record.source_file,
            "reasons": [{"text": reason.text, "line": reason.lines[0] if reason.lines else 0} for reason in one.reasons[:_REASONS]],
        }
        for one in found.similar
    ]
    same_as = []
    for candidate in found.same_as:
        other = 1 if candidate.records[0] == record else 0
        reasons = [{"text": evidence.text, "line": 0} for evidence in candidate.evidence[:_REASONS]]
        same_as.append(
            {"page": f"/records/{quote(candidate.records[other])}", "title": candidate.titles[other], "reasons": reasons}
        )
    aspects = [{"label": label, "href": f"?by={one.value}#similar", "current": one is by} for one, label in _LABELS.items()]
    return {"similar": similar, "same_as": same_as, "aspects": aspects}
