"""One snapshot, and the file that tells what it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from access.identity import ANONYMOUS, Actor
from graph.files import read_whole, write_whole
from records.rights import Audiences


class Visibility(StrEnum):
    """Who may use a snapshot: its owner, or everyone who has its name. A public one holds public records alone."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one actor could read at one time.

    Args:
        id: Its name.
        owner: Name of the actor who made it.
        visibility: Who may use it.
        note: What its owner wrote about it.
        created: When it was made.
        expires: When it goes, unless it is used before.
        records: How many record versions it has.
        digest: SHA-256 of their list.
        generation: Checkpoint that it was made from.
        audiences: What its owner held then; `PUBLIC` when it is public.
    """

    id: str
    owner: str
    visibility: Visibility
    note: str
    created: datetime
    expires: datetime
    records: int
    digest: str
    generation: str
    audiences: Audiences

    @property
    def is_public(self) -> bool:
        """Whether everyone who has its name may use it."""
        return self.visibility is Visibility.PUBLIC


def snapshot_json(snapshot: Snapshot, actor: Actor, withheld: int | None = None) -> dict[str, Any]:
    """A snapshot as the interfaces print it: its owner's name is for its owner.

    Args:
        snapshot: The snapshot.
        actor: Who reads it.
        withheld: How many of its records that actor may not read now; ``None`` leaves it out.
    """
    return {
        "id": snapshot.id,
        "visibility": snapshot.visibility.value,
        "own": snapshot.owner == actor.name != ANONYMOUS.name,
        "note": snapshot.note,
        "created": _text(snapshot.created),
        "expires": _text(snapshot.expires),
        "records": snapshot.records,
        "digest": snapshot.digest,
        **({} if withheld is None else {"withheld": withheld}),
    }


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Tell in a folder what its snapshot is."""
    times = {"created": _text(snapshot.created), "expires": _text(snapshot.expires)}
    text = json.dumps({**asdict(snapshot), **times, "audiences": sorted(snapshot.audiences)}, indent=1)
    write_whole(folder / "snapshot.json", text)


def read_snapshot(folder: Path) -> Snapshot | None:
    """What a folder tells of its snapshot; ``None``: there is none.

    Raises:
        StoreError: It cannot be read.
    """
    return read_whole(folder / "snapshot.json", "The snapshot", _snapshot)


def _snapshot(value: dict[str, Any]) -> Snapshot:
    given = {
        "visibility": Visibility(value["visibility"]),
        "created": datetime.fromisoformat(value["created"]),
        "expires": datetime.fromisoformat(value["expires"]),
        "audiences": frozenset(value["audiences"]),
    }
    return Snapshot(**{**value, **given})


def _text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
