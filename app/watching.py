"""Looks at saved searches while the server runs, and on command: what happened is kept for feeds and sent to webhooks."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import structlog

from records.errors import IdentityError, VoltagraphError
from search.saved_searches import Watching, look
from search.webhooks import Post, deliver

if TYPE_CHECKING:
    from rich.console import Console

_log = structlog.get_logger("watching")


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking at all saved searches came to.

    Args:
        searches: Saved searches there are.
        asleep: Of these, how many have an owner whose token is worth nothing any more.
        paused: Of these, how many their owners paused.
        failed: Of these, how many could not be looked at; the log says why.
        events: What happened since the last look.
    """

    searches: int
    asleep: int
    paused: int
    failed: int
    events: int

    def to_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return asdict(self)


def look_at_all(watching: Watching, post: Post) -> Looked:
    """Look at every saved search and send what is due; one that fails keeps no other from being looked at.

    Raises:
        StoreError: The saved searches cannot be read.
    """
    searches = watching.store.all()
    asleep = failed = events = 0
    awake = [search for search in searches if not search.paused]
    for search in awake:
        try:
            events += len(look(watching, search))
            deliver(watching, search, post)
        except IdentityError:
            asleep += 1
        except VoltagraphError as error:
            failed += 1
            _log.warning("a saved search could not be looked at", search=search.id, reason=str(error))
    return Looked(len(searches), asleep, len(searches) - len(awake), failed, events)


def print_looked(looked: dict[str, Any], console: Console) -> None:
    """For people."""
    console.print(f"{looked['searches']:,} saved searches, {looked['events']:,} events")
    if looked["asleep"]:
        console.print(f"{looked['asleep']:,} sleep: the token with which they were saved is worth nothing any more")
    if looked["paused"]:
        console.print(f"{looked['paused']:,} paused")
    if looked["failed"]:
        console.print(f"{looked['failed']:,} could not be looked at; the log says why", style="yellow")


class Watcher:
    """A thread that looks again and again.

    Args:
        watching: What it uses.
        post: Sends to webhooks.
        seconds: Pause between two looks.
    """

    def __init__(self, watching: Watching, post: Post, *, seconds: float) -> None:
        self._watching = watching
        self._post = post
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="saved searches", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """End after the look that is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                look_at_all(self._watching, self._post)
            except VoltagraphError as error:
                _log.error("saved searches cannot be looked at", reason=str(error))
