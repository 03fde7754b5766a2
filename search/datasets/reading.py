"""Questions that the building of a training set asks of its snapshot."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from access.identity import Actor
from graph.queries import QueryRequest, WrittenAnswer
from graph.results import ResultFormat
from graph.snapshots import SnapshotView
from graph.store import Term
from records.errors import BusyError, QueryLimitError, StoreError
from search.datasets.services import DatasetServices, Watch
from search.datasets.table_files import digest_of, rows_of

ASKED_AT_ONCE: Final = 1_000
"""Record graphs that one query about their origin is asked of."""
PATIENCE: Final = 120
"""Seconds to wait for a query process, or for the actor's other queries to end."""


class SnapshotReader:
    """Asks the snapshot, within the bounds of the actor, and waits when there is no room."""

    def __init__(self, services: DatasetServices, view: SnapshotView, actor: Actor, watch: Watch) -> None:
        self._services = services
        self._view = view
        self._actor = actor
        self._watch = watch

    def answer(self, text: str, terms: Mapping[str, Term], graphs: Sequence[str] | None = None) -> WrittenAnswer:
        """The whole answer as an Arrow stream."""
        request = QueryRequest(
            text=text,
            audiences=self._view.audiences,
            form=ResultFormat.ARROW,
            default_graphs=None if graphs is None else (),
            named_graphs=None if graphs is None else tuple(graphs),
            bindings=terms,
            place=self._view.place,
            repeatable=True,
        )
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._services.queries.run(
                    request,
                    self._services.allowance_of(self._actor),
                    actor=f"account {self._actor.name}",
                    is_cancelled=self._watch.is_cancelled,
                )
            except BusyError as busy:
                if time.monotonic() > until or self._watch.is_cancelled():
                    raise
                time.sleep(min(1, busy.retry_after))

    def rows(self, text: str, graphs: Collection[str]) -> list[tuple[str | None, ...]]:
        """The rows of an answer over some record graphs, asked in portions."""
        ordered = sorted(graphs)
        portions = [ordered[start : start + ASKED_AT_ONCE] for start in range(0, len(ordered), ASKED_AT_ONCE)]
        found: list[tuple[str | None, ...]] = []
        while portions:
            portion = portions.pop()
            try:
                with self.answer(text, {}, portion) as answer:
                    found += rows_of(answer.read())
            except QueryLimitError:
                if len(portion) == 1:
                    raise
                middle = len(portion) // 2
                portions += [portion[:middle], portion[middle:]]
        return found


def keep(answer: WrittenAnswer, path: Path) -> None:
    """Write an answer to a file.

    Raises:
        StoreError: What was written is not what was answered.
    """
    with path.open("wb") as file:
        file.writelines(answer.pieces())
    if digest_of(path) != answer.sha256:
        raise StoreError("The answer was not kept as it came.", "Send it again; nothing of it was kept.")
