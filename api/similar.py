"""What is like a record: parse, call one function, render. The route is in `api/app.py`, before that of records."""

from __future__ import annotations

from typing import Any, Final

from access.identity import Actor
from api.services import ApiServices
from records.errors import NotFoundError
from search.aspects import Aspect

MAX_SIMILAR: Final = 20
"""Most records in one answer."""


def similar_json(services: ApiServices, actor: Actor, record: str, by: Aspect, limit: int) -> dict[str, Any]:
    """Records like this one with reasons, and candidates for the same cell.

    Raises:
        NotFoundError: There is no such record for this actor.
        StoreError: The index cannot be read.
    """
    found = services.similar.find(record, actor.audiences, by=by, limit=limit)
    if found is None:
        raise NotFoundError("There is no such record, or you may not read it.", "Check the address, or send a token.")
    return found.to_json()
