"""Port: queries answered within rights and within bounds, each answer written whole before its first byte is sent.

`docs/adr/0008-bounded-queries.md` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graph.results import ResultFormat
from graph.store import Term
from records.rights import Audiences

PIECE = 64_000
"""Bytes in one piece of an answer."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one query may take, and how many one actor may ask at once.

    Args:
        seconds: Time from its start, when the store is open, to its whole answer.
        memory_bytes: Memory beyond what the process has when it starts.
        rows: Rows of a table, or statements of a graph.
        bytes: Length of the answer as written.
        concurrent: Queries of one actor that run at once.
    """

    seconds: float = 30
    memory_bytes: int = 1_000_000_000
    rows: int = 1_000_000
    bytes: int = 200_000_000
    concurrent: int = 4


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Which state of the graphs a query reads.

    Args:
        path: Folder of a checkpoint or of a snapshot; ``None``: whatever is newest.
        generation: Name of that state, in answers and in caches; ``""`` when ``path`` is ``None``.
    """

    path: Path | None = None
    generation: str = ""


class Places(Protocol):
    """States of the graphs that can be read; `graph.checkpoints.Checkpoints` is one."""

    def current(self) -> StorePlace:
        """The newest."""

    def hold(self, place: StorePlace) -> AbstractContextManager[StorePlace]:
        """Keep it from being removed meanwhile; what is given is what is held: perhaps a newer one, where it was removed before.

        Raises:
            StoreError: It is not there.
        """


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and who asks it.

    Args:
        text: SPARQL 1.1.
        audiences: What the reader holds now.
        form: How the answer is written.
        default_graphs: ``default-graph-uri`` of the protocol; with ``named_graphs`` in the place of FROM and FROM NAMED.
        named_graphs: ``named-graph-uri`` of the protocol.
        bindings: Values of variables of the query, by name without ``?``.
        place: Which state of the graphs is read.
        repeatable: Whether the same question must give the same bytes: functions such as NOW and RAND are then refused.
    """

    text: str
    audiences: Audiences
    form: ResultFormat
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    bindings: Mapping[str, Term] = field(default_factory=dict)
    place: StorePlace = StorePlace()
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """A whole answer. Its file is gone when it is closed.

    Args:
        form: How it is written.
        rows: Rows of a table, statements of a graph; 1 for a yes or no.
        size: Bytes.
        sha256: Of its bytes, in hex.
        generation: State of the graphs that it was read from.
        seconds: Time it took.
        content: The bytes, when they are few.
        file: Where they are, when they are many.
    """

    form: ResultFormat
    rows: int
    size: int
    sha256: str
    generation: str
    seconds: float
    content: bytes = b""
    file: Path | None = None

    def pieces(self) -> Iterator[bytes]:
        """The bytes in pieces of at most `PIECE`."""
        if self.file is None:
            yield from (self.content[start : start + PIECE] for start in range(0, len(self.content), PIECE))
            return
        with self.file.open("rb") as source:
            while piece := source.read(PIECE):
                yield piece

    def read(self) -> bytes:
        """All bytes at once."""
        return self.content if self.file is None else self.file.read_bytes()

    def close(self) -> None:
        """Remove the file."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)

    def __enter__(self) -> WrittenAnswer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class QueryRunner(Protocol):
    """Answers queries in processes that can be killed; may be called from several threads."""

    def run(
        self, request: QueryRequest, allowance: Allowance, *, actor: str, is_cancelled: Callable[[], bool] | None = None
    ) -> WrittenAnswer:
        """The whole answer to one query.

        Args:
            request: The query.
            allowance: What it may take.
            actor: Whose queries it counts with, for `Allowance.concurrent`.
            is_cancelled: Asked every few hundredths of a second; once it says yes the query is killed.

        Raises:
            QuerySyntaxError: It does not parse; knows the place.
            QueryRefusedError: It asks for what is not offered, or this kind of answer has no such form.
            QueryLimitError: It took more than allowed; nothing of its answer is kept.
            CancelledError: Nobody waits for the answer any more.
            RateLimitError: The actor's share is at work already.
            BusyError: All processes are at work, or as many as may be are at work on long queries, or everything ends.
            StoreError: The graphs cannot be read.
        """

    def close(self) -> None:
        """End every process."""
