"""The processes that answer queries: started before they are needed, kept warm, replaced when they are worn or dead."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final

import structlog

from graph.child import Child
from graph.queries import Allowance, Places, QueryRequest, StorePlace
from graph.query_worker import Make, Opening, Outcome, Reply, Task, serve
from graph.views import Views
from records.errors import BusyError, CancelledError, StoreError, VoltagraphError
from records.rights import Audiences

START_SECONDS: Final = 60
"""How long a process may take until it can be asked."""
SPARE: Final = 2
"""Processes that wait for the next query, so that it does not wait for one to start; so many are also kept from long queries."""
IDLE_SECONDS: Final = 30
"""Processes beyond the spare ones end after so much time without a query."""
PLACES: Final = 4
"""Places that one process keeps open."""

_LOWEST: Final = 19
_TICK: Final = 0.03
_LOOK_AGAIN: Final = 2.0
_log = structlog.get_logger("queries")


class QueryProcess:
    """One process and what it has open; used by one thread at a time, but for `kill`.

    Args:
        make: Opens a place there.
        places: Which state is newest, and keeping it while it is open there.
        views: Views of the newest, if there are any.

    Raises:
        OSError: No process can be started.
    """

    def __init__(self, make: Make, places: Places, views: Views | None) -> None:
        self._places = places
        self._views = views
        self._held: dict[StorePlace, ExitStack] = {}  # the last used last
        self._leaving: dict[StorePlace, ExitStack] = {}  # until the process has said that it let go
        # One arena of memory: each further one would take 64 MB of the address space that is bounded.
        self._child = Child(serve, environment={"MALLOC_ARENA_MAX": "1"}, quiet=True)
        self.newest: StorePlace | None = None
        self.is_long = False
        self.is_worn = False
        self.since = time.monotonic()
        with suppress(OSError):  # it ended at once: whoever waits for its first reply will notice
            self._child.pipe.send(make)

    @property
    def pipe(self) -> Connection:
        """Readable when there is a reply, or when the process has ended."""
        return self._child.pipe

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.is_alive

    def open(self) -> None:
        """Let it open the newest place; a reply follows."""
        place = self._hold_newest()
        self._child.pipe.send(Opening(place, self._dropped(place)))

    def ask(self, request: QueryRequest, allowance: Allowance, file: Path) -> None:
        """Send a query; a reply follows."""
        if request.place.path is not None:
            place = self._hold(request.place)
        else:
            place = self._hold_newest()
            if not request.repeatable:
                place = self._hold_view(place, request.audiences)
        request = replace(request, place=place)
        self._child.pipe.send(Task(request, allowance, file, self._dropped(place)))

    def reply(self) -> Outcome:
        """What it said.

        Raises:
            EOFError: It ended.
            OSError: The same.
        """
        reply: Reply = self._child.pipe.recv()
        for hold in self._leaving.values():
            hold.close()
        self._leaving.clear()
        self.is_worn = self.is_worn or reply.worn
        self.since = time.monotonic()
        return reply.outcome

    def holds_retired(self) -> bool:
        """Whether it keeps a view open that is not asked any more."""
        return self._views is not None and any(map(self._views.is_retired, self._held))

    def demote(self) -> None:
        """Let it give way to everything else on this machine; there is no way back."""
        self.is_long = self.is_worn = True
        with suppress(OSError):  # it has just ended
            for thread in Path(f"/proc/{self._child.pid}/task").iterdir():
                os.setpriority(os.PRIO_PROCESS, int(thread.name), _LOWEST)
                # Niceness alone lets it run to the end of its slice while somebody wakes: milliseconds at every step of an answer.
                os.sched_setscheduler(int(thread.name), os.SCHED_IDLE, os.sched_param(0))

    def memory(self) -> int:
        """Memory it takes just now, in bytes; 0 when it has just ended."""
        with suppress(OSError, IndexError):
            return int(Path(f"/proc/{self._child.pid}/statm").read_text().split()[1]) * resource.getpagesize()
        return 0

    def kill(self) -> None:
        """End it now, also while another thread waits for its reply."""
        self._child.kill()

    def exit_code(self) -> int:
        """Its exit code, once it has ended."""
        return self._child.wait()

    def close(self) -> None:
        """End it, and let go of all it had."""
        self._child.close()
        for hold in (*self._leaving.values(), *self._held.values()):
            hold.close()

    def _hold_newest(self) -> StorePlace:
        place = self._hold(self._places.current())
        if self.newest not in (None, place) and self.newest in self._held:
            self._leaving[self.newest] = self._held.pop(self.newest)
        self.newest = place
        return place

    def _hold(self, place: StorePlace) -> StorePlace:
        if place not in self._held:
            hold = ExitStack()
            place = hold.enter_context(self._places.hold(place))
            if place in self._held:
                hold.close()
            else:
                self._held[place] = hold
        self._held[place] = self._held.pop(place)
        return place

    def _hold_view(self, newest: StorePlace, audiences: Audiences) -> StorePlace:
        """The view of the newest place for this reader; the place itself where there is none."""
        view = None if self._views is None else self._views.of(newest, audiences)
        if self._views is None or view is None:
            return newest
        hold = ExitStack() if view in self._held else self._views.hold(view)
        if hold is None:
            return newest
        self._held[view] = self._held.pop(view, hold)
        return view

    def _dropped(self, wanted: StorePlace) -> tuple[StorePlace, ...]:
        """What it is to close now: views that are not asked any more, and what was not used for longest."""
        for place in list(self._held):
            if self._views is not None and place != wanted and self._views.is_retired(place):
                self._leaving[place] = self._held.pop(place)
        while len(self._held) > PLACES:
            oldest = next(iter(self._held))
            self._leaving[oldest] = self._held.pop(oldest)
        return tuple(self._leaving)


class QueryPool:
    """Hands out processes, and has a thread that starts and ends them; nothing is started before `begin`.

    Args:
        make: Opens a place in a process.
        places: Which state is newest, and keeping it while it is open.
        processes: How many there may be.
        views: Views of the newest, if there are any.
    """

    def __init__(self, make: Make, places: Places, processes: int, views: Views | None = None) -> None:
        self._make = make
        self._places = places
        self._views = views
        self._most = processes
        self._changed = threading.Condition()
        self._idle: list[QueryProcess] = []  # the last used last
        self._preparing: set[QueryProcess] = set()
        self._at_work: set[QueryProcess] = set()
        self._waiting = 0
        self._failed = 0
        self._retry_at = 0.0
        self._keeper: threading.Thread | None = None
        self._wakes, self._waker = -1, -1
        self.is_closed = False

    def begin(self) -> None:
        """Start the spare processes, without waiting for them; the first use does so too."""
        with self._changed:
            if self._keeper is None and not self.is_closed:
                self._wakes, self._waker = os.pipe()
                os.set_blocking(self._waker, False)
                self._keeper = threading.Thread(target=self._keep, name="query processes", daemon=True)
                self._keeper.start()

    @contextmanager
    def process(self, wait_seconds: float, is_cancelled: Callable[[], bool]) -> Iterator[QueryProcess]:
        """A process for one query; when that ends by an error, so does the process.

        Raises:
            BusyError: All are at work, and none was free within this time.
            CancelledError: Nobody waits any more.
            StoreError: None can be started.
        """
        self.begin()
        process = self._taken(wait_seconds, is_cancelled)
        try:
            yield process
        except BaseException:
            process.is_worn = True
            raise
        finally:
            self._given_back(process)

    def make_long(self, process: QueryProcess) -> None:
        """Let a process at work give way to the others.

        Raises:
            BusyError: As many as may be give way already; the rest is kept for short queries.
        """
        with self._changed:
            if process.is_long:
                return
            if sum(other.is_long for other in self._at_work) >= max(1, self._most - SPARE):
                raise BusyError("Too many long queries are at work just now.", "Ask again in a while.", retry_after=10)
            process.is_long = True
        process.demote()

    def close(self) -> None:
        """End every process, also those at work: whoever waits for their reply finds them ended."""
        with self._changed:
            self.is_closed = True
            for process in self._at_work:
                process.kill()
            self._changed.notify_all()
            self._wake()
        if self._keeper is not None:
            self._keeper.join()
        with self._changed:
            self._changed.wait_for(lambda: not self._at_work, timeout=10)

    def _taken(self, wait_seconds: float, is_cancelled: Callable[[], bool]) -> QueryProcess:
        until = time.monotonic() + wait_seconds
        with self._changed:
            self._waiting += 1
            failed = self._failed
            try:
                while (process := self._picked()) is None:
                    if self.is_closed:
                        raise stopping()
                    if self._failed > failed:
                        raise StoreError("No process for queries can be started.", "Make room for it: memory, or processes.")
                    if is_cancelled():
                        raise CancelledError("Nobody waits for the answer any more.")
                    if time.monotonic() >= until and not self._preparing and self._missing() == 0:
                        raise BusyError("Too many queries are at work just now.", "Ask again in a while.", retry_after=5)
                    self._wake_if_needed()
                    self._changed.wait(_TICK)
            finally:
                self._waiting -= 1
            self._at_work.add(process)
            self._wake_if_needed()
        return process

    def _given_back(self, process: QueryProcess) -> None:
        with self._changed:
            if not process.is_worn and not self.is_closed:
                self._at_work.discard(process)
                self._idle.append(process)
                self._changed.notify()
                return
        process.close()  # it counts as long as it takes memory
        with self._changed:
            self._at_work.discard(process)
            self._changed.notify_all()
            self._wake_if_needed()

    def _picked(self) -> QueryProcess | None:
        while self._idle and not self.is_closed:
            process = self._idle.pop()
            if process.is_alive:
                return process
            process.close()
        return None

    def _missing(self) -> int:
        """How many processes are to be started."""
        if self.is_closed or time.monotonic() < self._retry_at:
            return 0
        wanted = max(self._waiting, SPARE) - len(self._idle) - len(self._preparing)
        room = self._most - len(self._idle) - len(self._preparing) - len(self._at_work)
        return max(0, min(wanted, room))

    def _wake_if_needed(self) -> None:
        if self._missing():
            self._wake()

    def _wake(self) -> None:
        if self._waker >= 0:
            with suppress(BlockingIOError):  # it was woken often enough
                os.write(self._waker, b".")

    # --- the thread that keeps them

    def _keep(self) -> None:
        looked = 0.0
        while not self.is_closed:
            self._start_missing()
            preparing = tuple(self._preparing)
            ready = wait([self._wakes, *(process.pipe for process in preparing)], _LOOK_AGAIN)
            if self._wakes in ready:
                os.read(self._wakes, 4096)
            for process in preparing:
                if process.pipe in ready:
                    self._prepared(process)
            if time.monotonic() - looked > _LOOK_AGAIN:
                self._look_after()
                looked = time.monotonic()
        with self._changed:
            ended = [*self._idle, *self._preparing]
            self._idle.clear()
            self._preparing.clear()
            os.close(self._waker)
            os.close(self._wakes)
            self._waker = -1
        for process in ended:
            process.close()

    def _start_missing(self) -> None:
        with self._changed:
            missing = self._missing()
        for _ in range(missing):
            try:
                process = QueryProcess(self._make, self._places, self._views)
            except OSError as exc:
                self._start_failed(str(exc))
                return
            self._prepare(process)

    def _prepare(self, process: QueryProcess) -> None:
        """Let it open the newest place, so that no query waits for that."""
        with self._changed:
            self._preparing.add(process)
        try:
            process.open()
        except VoltagraphError as exc:  # the query that needs the place will be told
            _log.debug("no place could be opened ahead", error=str(exc))
            self._ready(process)
        except OSError:
            pass  # it has ended: its pipe is readable

    def _prepared(self, process: QueryProcess) -> None:
        try:
            process.reply()
        except (EOFError, OSError):
            with self._changed:
                self._preparing.discard(process)
            code = process.exit_code()
            process.close()
            self._start_failed(f"exit code {code}")
            return
        self._ready(process)

    def _ready(self, process: QueryProcess) -> None:
        with self._changed:
            self._preparing.discard(process)
            self._idle.append(process)
            self._changed.notify()

    def _start_failed(self, why: str) -> None:
        _log.error("a query process could not be started", reason=why)
        with self._changed:
            self._failed += 1
            self._retry_at = time.monotonic() + _LOOK_AGAIN
            self._changed.notify_all()

    def _look_after(self) -> None:
        """End what is not needed or not there any more, and open the newest place in what waits."""
        now = time.monotonic()
        with self._changed:
            spare = len(self._idle) - SPARE
            ended = [
                process
                for index, process in enumerate(self._idle)
                if not process.is_alive or (index < spare and now - process.since > IDLE_SECONDS)
            ]
            ended += [process for process in self._preparing if now - process.since > START_SECONDS]
            self._idle = [process for process in self._idle if process not in ended]
            self._preparing.difference_update(ended)
        for process in ended:
            process.close()
        self._refresh()

    def _refresh(self) -> None:
        """Where the newest place changed, an old one would be kept on the disk by processes that nobody asks."""
        try:
            newest = self._places.current() if self._idle else None
        except VoltagraphError as exc:
            _log.debug("the newest place is not known", error=str(exc))
            return
        with self._changed:
            stale = [process for process in self._idle if process.newest != newest or process.holds_retired()]
            self._idle = [process for process in self._idle if process not in stale]
        for process in stale:
            self._prepare(process)


def stopping() -> BusyError:
    """What is told to who asks while everything ends."""
    return BusyError("The service is stopping.", "Ask again in a while.", retry_after=5)
