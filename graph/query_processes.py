"""Queries in processes of their own: within a time, a memory, a length and a number of rows, and killed when nobody waits.

The engine cannot be stopped, and one long query would slow all others of its process; a process can be killed, and the operating
system shares the machine out between processes (`docs/adr/0008-bounded-queries.md`). Here is what a query sees: its turn, its
bounds, its file. `graph/query_pool.py` has the processes, `graph/query_worker.py` is what runs in each of them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import structlog

from graph.queries import Allowance, Places, QueryRequest, StorePlace, WrittenAnswer
from graph.query_pool import SPARE, START_SECONDS, QueryPool, QueryProcess, stopping
from graph.query_worker import Begun, Crash, Make, Outcome, limit_reached
from graph.store import GraphReader
from graph.views import ViewPlace, Views
from records.errors import BusyError, CancelledError, QueryLimitError, RateLimitError, StoreError, VoltagraphError

SHORT: Final = 0.25
"""Seconds after which a query counts as long: its process gets the lowest priority and is not used again."""
SPOOLED_BYTES: Final = 20_000_000_000
"""Once so much of the disk is taken by answers that wait to be fetched, new queries are refused."""

_TICK: Final = 0.03
_log = structlog.get_logger("queries")


@dataclass(frozen=True, slots=True)
class OnePlace:
    """`Places` where there is but one state: a server that knows no checkpoints, or a store that nobody writes to.

    Args:
        place: That one.
    """

    place: StorePlace

    def current(self) -> StorePlace:
        """The one place."""
        return self.place

    def hold(self, place: StorePlace) -> AbstractContextManager[StorePlace]:
        """Nothing removes it."""
        return nullcontext(place)


@dataclass(frozen=True, slots=True)
class Folders:
    """Opens the folder of a place read-only, with an adapter that keeps its store in a folder.

    Args:
        adapter: Called with the folder and ``read_only=True``; with ``None`` it makes an empty store.
        view: Called with the folder of a view; needed where there are views.
    """

    adapter: Callable[..., GraphReader]
    view: Callable[[Path], GraphReader] | None = None

    def __call__(self, place: StorePlace) -> GraphReader:
        """The store of this place."""
        if isinstance(place, ViewPlace) and self.view is not None and place.path is not None:
            return self.view(place.path)
        return self.adapter(place.path, read_only=place.path is not None)


class QueryProcesses:
    """The `graph.queries.QueryRunner` with a pool of processes; none is started before the first query or `warm`.

    Args:
        make: Opens a place in a process; goes there by `pickle`.
        places: Which state is newest, and keeping it while it is read.
        spool: Folder for long answers; made when absent. Answers that a killed server left there are removed.
        processes: How many queries are answered at once; all but `graph.query_pool.SPARE` of them may be long.
        wait_seconds: How long a query waits for a process when all are at work.
        views: Views of the newest state for readers who ask often; they are made from `warm` on.
    """

    def __init__(
        self,
        make: Make,
        places: Places,
        spool: Path,
        *,
        processes: int = 12,
        wait_seconds: float = 5,
        views: Views | None = None,
    ) -> None:
        self._turns = _Turns()
        self._spool = _Spool(spool)
        self._views = views
        self._pool = QueryPool(make, places, processes, views)
        self._wait_seconds = wait_seconds

    def warm(self) -> None:
        """Start the spare processes now, without waiting for them, and let views be made."""
        self._pool.begin()
        if self._views is not None:
            self._views.begin()

    def run(
        self, request: QueryRequest, allowance: Allowance, *, actor: str, is_cancelled: Callable[[], bool] | None = None
    ) -> WrittenAnswer:
        """The whole answer to one query; see `graph.queries.QueryRunner`."""
        is_cancelled = is_cancelled or _never
        with self._turns.of(actor, allowance.concurrent), self._spool.room() as file:
            for _ in range(SPARE):  # all that waited to be asked may have died at once
                with suppress(_NeverBegunError):
                    return self._answered(request, allowance, file, is_cancelled)
            return self._answered(request, allowance, file, is_cancelled)

    def _answered(self, request: QueryRequest, allowance: Allowance, file: Path, is_cancelled: Callable[[], bool]) -> WrittenAnswer:
        with self._pool.process(self._wait_seconds, is_cancelled) as process:
            try:
                outcome = self._outcome(process, request, allowance, file, is_cancelled)
            except QueryLimitError as exc:
                if exc.limit == "seconds":
                    self._note(process, request, exc.allowed)
                raise
            if isinstance(outcome, WrittenAnswer):
                self._note(process, request, outcome.seconds)
        if isinstance(outcome, WrittenAnswer):
            return outcome
        raise _fault(outcome)

    def close(self) -> None:
        """End every process; who waits for an answer is told that there is none. Answers that are kept in files are removed too."""
        self._pool.close()
        if self._views is not None:
            self._views.close()
        self._spool.close()

    def _outcome(
        self, process: QueryProcess, request: QueryRequest, allowance: Allowance, file: Path, is_cancelled: Callable[[], bool]
    ) -> Outcome:
        """Ask, and look meanwhile whether the answer is still wanted and in time."""
        taken = 0
        seconds = allowance.seconds + START_SECONDS  # until what it needs is loaded
        started = time.monotonic()
        has_begun = False
        try:
            process.ask(request, allowance, file)
            while True:
                if process.pipe.poll(_TICK):
                    outcome = process.reply()
                    if not isinstance(outcome, Begun):
                        return outcome
                    started, seconds, has_begun = time.monotonic(), allowance.seconds, True
                passed = time.monotonic() - started
                if passed >= seconds:
                    raise limit_reached("seconds", allowance)
                if is_cancelled():
                    raise CancelledError("Nobody waits for the answer any more.")
                if has_begun and passed >= SHORT:
                    self._pool.make_long(process)
                taken = max(taken, process.memory())
        except (EOFError, OSError):
            raise self._ended(process, allowance, taken, has_begun=has_begun) from None

    def _note(self, process: QueryProcess, request: QueryRequest, seconds: float) -> None:
        """Let a view be made for those who ask often, or what takes long."""
        if self._views is not None and request.place.path is None and not request.repeatable and process.newest is not None:
            self._views.note(request.audiences, process.newest, seconds)

    def _ended(self, process: QueryProcess, allowance: Allowance, taken: int, *, has_begun: bool) -> VoltagraphError:
        """Why a process ended by itself."""
        code = process.exit_code()
        if self._pool.is_closed:
            return stopping()
        # An engine that gets no memory aborts; the system, when it has none left, kills who has most.
        if code == -signal.SIGABRT or (code == -signal.SIGKILL and taken > allowance.memory_bytes / 2):
            return limit_reached("memory_bytes", allowance)
        _log.error("a query process ended by itself", exit_code=code)
        kind = StoreError if has_begun else _NeverBegunError
        return kind("The process that answered the query ended by itself.", "Ask again.")


class _NeverBegunError(StoreError):
    """A process ended before it looked at the query."""


class _Turns:
    """How many queries of each actor are at work."""

    def __init__(self) -> None:
        self._at_work: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, actor: str, most: int) -> Iterator[None]:
        with self._lock:
            if self._at_work[actor] >= most:
                raise RateLimitError(
                    f"{most} of your queries are at work already, and no more may be at once.",
                    "Wait until one of them has its answer.",
                )
            self._at_work[actor] += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work[actor] -= 1
                if not self._at_work[actor]:
                    del self._at_work[actor]


class _Spool:
    """Files of long answers, in a folder of this runner alone below *folder*."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Path | None = None
        self._lock_file: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._made = 0

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A file for one answer, not there yet; it goes when an error comes."""
        file = self._new_file()
        try:
            yield file
        except BaseException:
            file.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        """Remove them all."""
        with self._lock:
            if self._own is not None and self._lock_file is not None:
                shutil.rmtree(self._own, ignore_errors=True)
                self._lock_file.close()
            self._own = None

    def _new_file(self) -> Path:
        with self._lock:
            try:
                own = self._own = self._own or self._make()
                taken = sum(entry.stat().st_size for entry in os.scandir(own))
            except OSError as exc:
                raise StoreError(
                    f"Answers cannot be kept in {self._folder}: {exc.strerror}.", "Mend its permissions, or make room."
                ) from exc
            self._made += 1
            number = self._made
        if taken > SPOOLED_BYTES:
            raise BusyError("Too many long answers wait to be fetched.", "Ask again in a while.", retry_after=30)
        return own / f"{number}.answer"

    def _make(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("ab") as all_of_them:
            fcntl.flock(all_of_them, fcntl.LOCK_EX)
            for left in self._folder.glob("*/lock"):
                _remove_unless_used(left)
            own = Path(tempfile.mkdtemp(dir=self._folder))
            self._lock_file = (own / "lock").open("ab")
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        return own


def _remove_unless_used(lock: Path) -> None:
    with lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(lock.parent, ignore_errors=True)


def _fault(outcome: Outcome) -> Exception:
    if isinstance(outcome, VoltagraphError):
        return outcome
    return RuntimeError(
        f"the query failed with {outcome.kind} at {outcome.place}" if isinstance(outcome, Crash) else "no answer came"
    )


def _never() -> bool:
    return False
