"""What is like a record: parse, call one function, render. The route is in `api/app.py`, before that of records."""

from __future__ import annotations

from typing import Any, Final

from starlette.types import Scope

from access.identity import Actor
from api.services import ApiServices
from search.aspects import Aspect

MAX_SIMILAR: Final = 20
"""Most records in one answer."""


def similar_json(services: ApiServices, actor: Actor, record: str, by: Aspect, limit: int) -> dict[str, Any] | None:
    """Records like this one with reasons, and candidates for the same cell; ``None`` when this actor may not see the record.

    Raises:
        StoreError: The index cannot be read.
    """
    found = services.similar.find(record, actor.audiences, by=by, limit=limit)
    return None if found is None else found.to_json()


def is_of_id(scope: Scope) -> bool:
    """Whether the `/similar` at the end of the address is part of a record's id: then its slash is written `%2F`.

    >>> is_of_id({"raw_path": b"/api/records/lab/a%2Fsimilar"}), is_of_id({"raw_path": b"/api/records/lab/a/similar"})
    (True, False)
    """
    path: bytes = scope.get("raw_path", b"")
    return path.lower().endswith(b"%2fsimilar")
