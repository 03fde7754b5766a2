"""The process that answers queries, one at a time: what `graph.query_processes` starts and, if need be, kills."""

from __future__ import annotations

import gc
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from graph.files import FULL
from graph.queries import Allowance, QueryRequest, StorePlace, WrittenAnswer
from graph.results import TABLE_FORMATS, ResultFormat, write_answer
from graph.store import Answer, GraphReader, Solutions
from records.errors import QueryLimitError, StoreError, StoreFullError, VoltagraphError
from records.rights import PUBLIC

Make: TypeAlias = Callable[[StorePlace], GraphReader]
"""Opens the graphs of one place; goes to the process by `pickle`."""

INLINE: Final = 256_000
"""Longest answer that comes over the pipe, in bytes; longer ones are written to a file."""
GROWN: Final = 200_000_000
"""A process that kept this much memory after a query is not used again."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the process is to do before it is asked: open a place, and let go of others.

    Args:
        place: What to open.
        dropped: What is not needed any more.
    """

    place: StorePlace
    dropped: tuple[StorePlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One query; its place was opened before, or is opened now.

    Args:
        request: The query.
        allowance: What it may take.
        file: Where a long answer goes; not there yet.
        dropped: Places that are not needed any more.
    """

    request: QueryRequest
    allowance: Allowance
    file: Path
    dropped: tuple[StorePlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Crash:
    """An error that nobody foresaw: without its message, which may quote what was asked or read."""

    kind: str
    place: str


class Begun:
    """What a `Task` needs is loaded: its time runs from here. Another reply follows."""


Outcome: TypeAlias = WrittenAnswer | VoltagraphError | Crash | Begun | None
"""An answer, ``None`` for an `Opening`, or what went wrong."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an `Opening` or a `Task`.

    Args:
        outcome: The answer, or what went wrong.
        worn: Whether the process should not be used again.
    """

    outcome: Outcome
    worn: bool = False


def limit_reached(limit: str, allowance: Allowance) -> QueryLimitError:
    """The error for a bound of an allowance; that for rows is made by `graph.results.write_answer`.

    >>> print(limit_reached("bytes", Allowance(bytes=1000)))
    The answer is longer than 1,000 bytes. Ask for fewer columns or rows, or ask in parts.
    """
    allowed = getattr(allowance, limit)
    message, remedy = _LIMITS[limit]
    return QueryLimitError(message.format(allowed), remedy, limit=limit, allowed=allowed)


_LIMITS: Final = {
    "seconds": ("The query takes longer than {:g} seconds.", "Name more of what it asks for, take out parts, or ask in parts."),
    "memory_bytes": (
        "The query takes more memory than {:,} bytes.",
        "Sort, group or combine less at once: name more of what it asks for, or ask in parts.",
    ),
    "bytes": ("The answer is longer than {:,} bytes.", "Ask for fewer columns or rows, or ask in parts."),
}


def serve(pipe: Connection) -> None:
    """Be such a process, until the other end of the pipe is closed.

    Args:
        pipe: First comes how to open a place (`Make`), then each `Opening` or `Task`; a `Reply` goes back for each.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what an engine that aborts holds is nobody else's
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")  # short of memory, a query goes before the server
    with suppress(EOFError, BrokenPipeError):
        worker = _Worker(pipe.recv(), begun=lambda: pipe.send(Reply(Begun())))
        gc.collect()
        gc.freeze()
        while True:
            pipe.send(worker.reply(pipe.recv()))


class _Worker:
    """What the process keeps between queries."""

    def __init__(self, make: Make, begun: Callable[[], None]) -> None:
        self._make = make
        self._begun = begun
        self._stores: dict[StorePlace, GraphReader] = {}
        self._forms: set[ResultFormat] = set()
        self._fresh = 0  # memory when nothing was asked yet

    def reply(self, message: Opening | Task) -> Reply:
        """Do what is asked; every error is an outcome."""
        try:
            for place in message.dropped:
                if (store := self._stores.pop(place, None)) is not None:
                    store.close()
            if isinstance(message, Opening):
                self._warmed(message.place)
                return Reply(None)
            return Reply(self._answered(message), worn=_memory() - self._fresh > GROWN)
        except VoltagraphError as exc:
            return Reply(exc, worn=isinstance(exc, QueryLimitError))
        except BaseException as exc:  # noqa: BLE001 - the engine's panics are no Exception; the parent logs it
            last = traceback.extract_tb(exc.__traceback__)[-1]
            return Reply(Crash(type(exc).__name__, f"{Path(last.filename).name}:{last.lineno}"), worn=True)

    def _warmed(self, place: StorePlace) -> None:
        """A first question loads what the first question of every process would wait for."""
        store = self._opened(place)
        store.query("ASK { }", PUBLIC)
        self._fresh = self._fresh or _memory()

    def _opened(self, place: StorePlace) -> GraphReader:
        if place not in self._stores:
            before = _memory()
            self._stores[place] = self._make(place)
            self._fresh += _memory() - before if self._fresh else 0
        return self._stores[place]

    def _load(self, form: ResultFormat) -> None:
        """Load the libraries of a form, so that they do not count as memory of the query: a table without rows needs them all."""
        if form in TABLE_FORMATS and form not in self._forms:
            before = _memory()
            for _ in write_answer(Solutions(("a",), iter(())), form):
                pass
            self._fresh += _memory() - before
            self._forms.add(form)

    def _answered(self, task: Task) -> WrittenAnswer:
        request, allowance = task.request, task.allowance
        store = self._opened(request.place)
        self._fresh = self._fresh or _memory()
        self._load(request.form)
        self._begun()
        started = time.monotonic()
        try:
            with _memory_bound(allowance.memory_bytes):
                answer = store.query(
                    request.text,
                    request.audiences,
                    default_graphs=request.default_graphs,
                    named_graphs=request.named_graphs,
                    bindings=request.bindings,
                    repeatable=request.repeatable,
                )
                return _written(answer, task, started)
        except MemoryError:
            raise limit_reached("memory_bytes", allowance) from None


def _written(answer: Answer, task: Task, started: float) -> WrittenAnswer:
    allowance = task.allowance
    digest, size = sha256(), 0
    held: list[bytes] = []
    file: BinaryIO | None = None
    try:
        written = write_answer(answer, task.request.form, max_rows=allowance.rows)
        for piece in written:
            size += len(piece)
            if size > allowance.bytes:
                raise limit_reached("bytes", allowance)
            digest.update(piece)
            held.append(piece)
            if size > INLINE:
                file = file or _created(task.file)
                file.writelines(held)
                held.clear()
        if file is not None:
            file.flush()
    except OSError as exc:
        kind = StoreFullError if exc.errno in FULL else StoreError
        raise kind(f"The answer cannot be kept in {task.file.parent}: {exc.strerror}.", "Make room there.") from exc
    finally:
        if file is not None:
            file.close()
    return WrittenAnswer(
        form=task.request.form,
        rows=written.rows,
        size=size,
        sha256=digest.hexdigest(),
        generation=task.request.place.generation,
        seconds=time.monotonic() - started,
        content=b"".join(held),
        file=task.file if file is not None else None,
    )


def _created(file: Path) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def _memory_bound(allowed: int) -> Iterator[None]:
    """Let this process take no more than so much besides what it has; the engine then aborts, Python raises `MemoryError`."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bound = _memory() + allowed
    resource.setrlimit(resource.RLIMIT_AS, (bound if most == resource.RLIM_INFINITY else min(bound, most), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _memory() -> int:
    """Memory of this process as `RLIMIT_AS` counts it, in bytes; 0 where the system does not tell."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return 0
