"""Views for the kinds of readers that ask often: which are made, when, how many, and which go (`docs/adr/0010-reader-views.md`).

    HOME/views/GENERATION-KIND-NUMBER    a view of that checkpoint (`graph.view_store`); with .tmp while it is built
    HOME/views/lock                      held by the one server that has views here

What is in the folder when a server takes the lock was left by one that was killed, and goes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

import structlog

from graph.child import Child
from graph.partitions import held_by, readable
from graph.queries import Places, StorePlace
from graph.view_store import ViewTask, partitions_at, serve
from records.errors import StoreError, VoltagraphError
from records.rights import Audiences

SETTLED_SECONDS: Final = 5.0
"""How long a checkpoint must have been the newest before a view of it is made; as long as the last view took, when that is more."""
ASKED: Final = 10
"""So many queries of one kind of readers over one checkpoint are reason enough for a view."""
SLOW_SECONDS: Final = 0.25
"""One that took so long is, too."""
IN_USE_SECONDS: Final = 60.0
"""A view that was asked so short a time ago does not give way to another."""
AGAIN_SECONDS: Final = 600.0
"""After so long a view that could not be made, or was too large, is tried again."""
KINDS_KNOWN: Final = 1_000
"""Audience sets of which is remembered what they may read, and what they asked."""

_TICK: Final = 0.5
_log = structlog.get_logger("views")


@dataclass(frozen=True, slots=True)
class ViewPlace(StorePlace):
    """The folder of a view; its generation is that of its checkpoint."""


@dataclass(slots=True)
class _View:
    """A view that is there.

    Args:
        place: Where.
        size: Bytes.
        used: When it was last asked.
        holders: How many processes have it open.
        retired: Whether it is not asked any more, and goes when nobody has it open.
    """

    place: ViewPlace
    size: int
    used: float = field(default_factory=time.monotonic)
    holders: int = 0
    retired: bool = False


@dataclass(slots=True)
class _Demand:
    """What readers with the same audiences asked of one checkpoint: how often, and how long the longest took."""

    asked: int = 0
    slowest: float = 0.0


class Views:
    """The views of one server; all but `begin` and `close` may be called from any thread, and take microseconds.

    Args:
        folder: Where they are; made when the first is.
        places: The checkpoints.
        most: How many there may be; 0 for none.
        most_bytes: How much of the disk they may take together, with one that is being built; never more than half of what is free.
    """

    def __init__(self, folder: Path, places: Places, *, most: int = 4, most_bytes: int = 20_000_000_000) -> None:
        self._folder = folder
        self._places = places
        self._most = most
        self._most_bytes = most_bytes
        self._changed = threading.Condition()
        self._generation = ""
        self._since = 0.0
        self._partitions: Mapping[str, Audiences] | None = None  # of that generation, once somebody asked for it
        self._kinds: dict[Audiences, str] = {}
        self._demand: dict[Audiences, _Demand] = {}
        self._views: dict[str, _View] = {}  # of that generation, by kind
        self._retired: list[_View] = []
        self._not_before: dict[str, float] = {}
        self._last_build = 0.0
        self._made = 0
        self._lock_file: IO[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._is_closed = False

    def begin(self) -> None:
        """Let views be made from now on, in the background."""
        with self._changed:
            if self._keeper is None and not self._is_closed:
                self._keeper = threading.Thread(target=self._keep, name="views", daemon=True)
                self._keeper.start()

    def close(self) -> None:
        """End what is being built, and remove all views; called when nobody reads them any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._keeper is not None:
            self._keeper.join()

    # --- for those who ask

    def of(self, newest: StorePlace, audiences: Audiences) -> ViewPlace | None:
        """The view of a checkpoint for the kind of this reader; ``None`` when there is none."""
        with self._changed:
            if newest.generation != self._generation or not self._views:
                return None
            view = self._views.get(self._kind(held_by(audiences)))
            if view is None:
                return None
            view.used = time.monotonic()
            return view.place

    def hold(self, place: ViewPlace) -> ExitStack | None:
        """Keep a view from being removed until what this gives is closed; ``None`` when it goes already."""
        with self._changed:
            view = self._at(place)
            if view is None:
                return None
            view.holders += 1
            hold = ExitStack()
            hold.callback(self._let_go, view)
            return hold

    def is_retired(self, place: StorePlace) -> bool:
        """Whether a place is a view that is not asked any more: whoever has it open should let go."""
        with self._changed:
            return isinstance(place, ViewPlace) and self._at(place) is None

    def note(self, audiences: Audiences, newest: StorePlace, seconds: float) -> None:
        """Remember that such a reader asked a query over a checkpoint, and how long that took."""
        held = held_by(audiences)
        if newest.path is None or not self._most or not held:
            return
        with self._changed:
            if newest.generation > self._generation:
                self._begin_generation(newest.generation)
            if newest.generation != self._generation:
                return
            if len(self._demand) >= KINDS_KNOWN:
                self._demand.clear()
            demand = self._demand.setdefault(held, _Demand())
            demand.asked += 1
            demand.slowest = max(demand.slowest, seconds)
            if demand.asked == 1:
                self._changed.notify_all()

    # --- what is known; called with the lock

    def _begin_generation(self, generation: str) -> None:
        """Nothing that is known holds for another checkpoint."""
        self._generation, self._since = generation, time.monotonic()
        self._partitions = None
        self._kinds.clear()
        self._demand.clear()
        for view in self._views.values():
            self._retire(view)
        self._views.clear()

    def _kind(self, held: Audiences) -> str:
        """The name of all readers who may read the same partitions; ``""`` for those who may read none."""
        kind = self._kinds.get(held)
        if kind is None:
            if len(self._kinds) >= KINDS_KNOWN:
                self._kinds.clear()
            names = sorted(readable(self._partitions or {}, held))
            kind = self._kinds[held] = sha256("\n".join(names).encode()).hexdigest()[:32] if names else ""
        return kind

    def _at(self, place: ViewPlace) -> _View | None:
        return next((view for view in self._views.values() if view.place == place), None)

    def _retire(self, view: _View) -> None:
        view.retired = True
        self._retired.append(view)

    def _let_go(self, view: _View) -> None:
        with self._changed:
            view.holders -= 1
            if view.retired:
                self._changed.notify_all()

    # --- the thread that makes and removes them

    def _keep(self) -> None:
        with suppress(OSError):
            if self._folder.exists():
                self._has_folder()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or self._demand or self._views or self._retired)
                if self._is_closed:
                    break
            try:
                self._look()
            except VoltagraphError as exc:
                _log.debug("the newest checkpoint is not known", error=str(exc))
            except OSError as exc:
                _log.warning("views cannot be kept", folder=str(self._folder), error=str(exc))
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed, _TICK)
        self._end()

    def _look(self) -> None:
        newest = self._places.current()
        if newest.path is None:
            return
        with self._changed:
            if newest.generation > self._generation:
                self._begin_generation(newest.generation)
            is_settled = time.monotonic() - self._since >= max(SETTLED_SECONDS, self._last_build)
        self._remove_retired()
        if newest.generation != self._generation or not is_settled:
            return
        wanted = self._wanted(newest.path)
        if wanted is not None and self._has_folder() and self._makes_room():
            self._build(newest, *wanted)

    def _wanted(self, checkpoint: Path) -> tuple[str, frozenset[str]] | None:
        """The kind of readers for whom a view pays most, and what they may read; ``None`` when there is no such kind."""
        with self._changed:
            asked = dict(self._demand)
            partitions, generation = self._partitions, self._generation
        if not asked:
            return None
        partitions = partitions_at(checkpoint) if partitions is None else partitions
        with self._changed:
            if generation != self._generation:
                return None
            if self._partitions is None:
                self._partitions = partitions
                self._kinds.clear()
            kinds: dict[str, _Demand] = {}
            readers: dict[str, Audiences] = {}
            for held, demand in asked.items():
                kind = self._kind(held)
                readers[kind] = held
                whole = kinds.setdefault(kind, _Demand())
                whole.asked += demand.asked
                whole.slowest = max(whole.slowest, demand.slowest)
        now = time.monotonic()
        paying = [
            kind
            for kind, demand in kinds.items()
            if kind
            and kind not in self._views
            and now >= self._not_before.get(kind, 0)
            and (demand.asked >= ASKED or demand.slowest >= SLOW_SECONDS)
        ]
        if not paying:
            return None
        kind = max(paying, key=lambda kind: (kinds[kind].slowest, kinds[kind].asked))
        return kind, readable(partitions, readers[kind])

    def _makes_room(self) -> bool:
        """Whether one more may be made, once the one that was not asked for longest is gone."""
        with self._changed:
            if len(self._views) + len(self._retired) < self._most:
                return True
            self._retire_oldest()
        self._remove_retired()
        with self._changed:
            return len(self._views) + len(self._retired) < self._most

    def _retire_oldest(self) -> bool:
        """Ask the view that was not asked for longest no more, unless it is in use; called with the lock."""
        oldest = min(self._views, key=lambda kind: self._views[kind].used, default=None)
        if oldest is None or time.monotonic() - self._views[oldest].used < IN_USE_SECONDS:
            return False
        self._retire(self._views.pop(oldest))
        for held in [held for held in self._demand if self._kind(held) == oldest]:
            del self._demand[held]  # or it would come back without anybody asking
        return True

    def _build(self, newest: StorePlace, kind: str, partitions: frozenset[str]) -> None:
        started = time.monotonic()
        with self._places.hold(newest) as held:
            if held != newest or newest.path is None:
                return
            self._made += 1
            task = ViewTask(newest.path, partitions, self._folder / f"{newest.generation}-{kind}-{self._made}")
            try:
                is_made = self._built(task, newest)
            except (StoreError, EOFError, OSError) as exc:
                _log.warning("a view could not be made", error=str(exc) or type(exc).__name__)
                self._not_before[kind] = time.monotonic() + AGAIN_SECONDS
                is_made = False
            finally:
                shutil.rmtree(task.unfinished, ignore_errors=True)
        if not is_made:
            return
        self._last_build = time.monotonic() - started
        view = _View(ViewPlace(task.target, newest.generation), _size(task.target))
        with self._changed:
            if newest.generation == self._generation:
                self._views[kind] = view
            else:
                self._retire(view)
        _log.info("a view was made", view=task.target.name, bytes=view.size, seconds=round(self._last_build, 1))

    def _built(self, task: ViewTask, newest: StorePlace) -> bool:
        """Let a process build it; ended when it is not wanted any more, or too large.

        Raises:
            StoreError: It cannot be made.
            EOFError: The process ended by itself.
            OSError: The same, or it could not be started.
        """
        with self._changed:
            room = self._most_bytes - sum(view.size for view in (*self._views.values(), *self._retired))
        room = min(room, shutil.disk_usage(self._folder).free // 2)
        child = Child(serve, quiet=True)
        try:
            child.pipe.send(task)
            while not child.pipe.poll(_TICK):
                if self._is_closed or self._places.current() != newest:
                    return False
                if _size(task.unfinished) > room:
                    return self._is_too_large(room)
            error: str | None = child.pipe.recv()
        finally:
            child.close()
        if error is not None:
            raise StoreError(error)
        if _size(task.target) > room:
            shutil.rmtree(task.target, ignore_errors=True)
            return self._is_too_large(room)
        return True

    def _is_too_large(self, room: int) -> bool:
        """Make room for another try, when there is a view that nobody uses; never true.

        Raises:
            StoreError: There is none.
        """
        with self._changed:
            if self._retire_oldest():
                return False
        raise StoreError(f"It would take more than {room:,} bytes.", "Make room on the disk, or raise query_view_bytes.")

    def _remove_retired(self) -> None:
        with self._changed:
            going = [view for view in self._retired if not view.holders]
            self._retired = [view for view in self._retired if view.holders]
        for view in going:
            if view.place.path is not None:
                shutil.rmtree(view.place.path, ignore_errors=True)

    def _has_folder(self) -> bool:
        """Take the folder, and empty it; not while another server has it."""
        if self._lock_file is not None:
            return True
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self._folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock_file = lock
        self._empty()
        return True

    def _empty(self) -> None:
        for left in self._folder.iterdir():
            if left.name != "lock":
                shutil.rmtree(left, ignore_errors=True)

    def _end(self) -> None:
        with self._changed:
            self._views.clear()
            self._retired.clear()
        with suppress(OSError):
            if self._lock_file is not None:
                self._empty()
                self._lock_file.close()
                self._lock_file = None


def _size(folder: Path) -> int:
    """Bytes of what is in a folder; files that go meanwhile count nothing."""
    size = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                size += os.stat(os.path.join(place, name)).st_size  # noqa: PTH116, PTH118 - paths would cost more than the look
    return size
