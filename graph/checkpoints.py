"""Checkpoints of the embedded store: what readers open while somebody writes (`docs/adr/0008-bounded-queries.md`).

    HOME/graph                       the live store: opened by its one writer alone, which holds HOME/graph.lock
    HOME/graph.new, HOME/graph.old   while another store takes its place (`Checkpoints.replace_live`)
    HOME/checkpoints/GENERATION      a published state; whoever reads it holds GENERATION.lock beside it, shared
    HOME/checkpoints/current         the name of the newest
    HOME/checkpoints/sums            digests of its files, made when there was time
    HOME/checkpoints/unpublished     is there from before the first write until the next publishing
    HOME/checkpoints/lock            held while one is published

Whatever ends in ``.tmp`` was not finished. A name is never used twice, and names sort by age.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import IO, Final, NamedTuple

from graph.embedded import EmbeddedGraphStore
from graph.files import disk_errors, sync, write_whole
from graph.queries import StorePlace
from graph.system_graph import REBUILD
from records.errors import StoreBusyError, StoreDamagedError, StoreError

EMPTY: Final = StorePlace(None, "empty")
"""The state of a store that nobody has written yet."""
FIRST_SECONDS: Final = 2.0
"""How long a reader waits for the first checkpoint of a store that is being written."""
AGAIN_SECONDS: Final = 5.0
"""How long a reader goes on with what was published last before it tries again to publish a store that cannot be read."""


class _Sum(NamedTuple):
    """What one file of the engine is: it is written once and never changed."""

    modified: int
    size: int
    sha256: str


_GENERATION = re.compile(r"\d{16}")


class Checkpoints:
    """The published states of the graph store of one home; may be used by several threads and processes at once.

    Args:
        home: The home directory.

    >>> import tempfile
    >>> Checkpoints(Path(tempfile.mkdtemp())).current()
    StorePlace(path=None, generation='empty')
    """

    def __init__(self, home: Path) -> None:
        self._live = home / "graph"
        self._new = home / "graph.new"
        self._old = home / "graph.old"
        self._folder = home / "checkpoints"
        self._current = self._folder / "current"
        self._unpublished = self._folder / "unpublished"
        self._sums = self._folder / "sums"
        self._guard = Lock()
        self._read: tuple[tuple[int, int], StorePlace] | None = None
        self._failed: tuple[float, StoreError] | None = None

    # --- reading

    def current(self) -> StorePlace:
        """The newest published state. A live store that a killed writer left unpublished is published first, when it is free.

        Returns:
            Where it is; without a path when nothing was ever written.

        Raises:
            StoreBusyError: Somebody writes the store, and nothing of it is published yet.
            StoreDamagedError: The live store must be rebuilt, and nothing of it is published.
        """
        place = self._published()
        if place is not None and not self._unpublished.exists():
            return place
        if place is None and not self._old.exists() and not any(self._live.glob("*")):
            return EMPTY
        return self._publish_what_was_left(place)

    @contextmanager
    def hold(self, place: StorePlace) -> Iterator[StorePlace]:
        """Keep a state from being removed, in every process, until the end of the ``with`` block.

        Args:
            place: From `current`, or the folder of any other store. Without a path, and when it is a checkpoint that was removed
                since, the newest is held in its stead.

        Returns:
            What is held.

        Raises:
            StoreError: It is not there.
        """
        while True:
            if place.path is None:
                place = self.current()
                if place.path is None:
                    yield place
                    return
            with disk_errors(place.path):
                file = _lock_file(place.path, fcntl.LOCK_SH)
            if file is not None and place.path.is_dir():
                break
            if file is not None:
                _let_go(file, place.path)
            if place.path.parent != self._folder:
                raise StoreError(f"There is no store at {place.path}.", "It was removed: ask for another one.")
            place = StorePlace()
        try:
            yield place
        finally:
            file.close()
            if place.path.parent == self._folder:
                self._prune()

    def clone(self, place: StorePlace, target: Path) -> None:
        """Make a store of its own from a state: it may be changed, and the state stays as it is.

        The files that the engine never changes are shared by hard links; the others are copied. It is whole or not there.

        Args:
            place: What to clone; held by the caller.
            target: Folder of the clone; must not be there.

        Raises:
            StoreError: It cannot be made.
        """
        if place.path is None:
            raise StoreError("There is nothing to clone: the graph store is empty.", "Harvest first.")
        unfinished = target.with_name(f"{target.name}.tmp")
        with disk_errors(target):
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            for file in place.path.iterdir():
                if file.suffix == ".sst":
                    (unfinished / file.name).hardlink_to(file)
                elif file.name != "LOCK":
                    shutil.copy2(file, unfinished / file.name)
            unfinished.rename(target)

    def probe(self) -> None:
        """Open the newest state, and the live store when nobody writes it.

        Raises:
            StoreDamagedError: One of them must be rebuilt.
            StoreError: One of them cannot be opened.
        """
        with self.hold(StorePlace()) as place:
            if place.path is None:
                return
            EmbeddedGraphStore(place.path, read_only=True).close()
        with suppress(StoreBusyError):
            self.settle()
            EmbeddedGraphStore(self._live, read_only=True).close()

    def damage(self, place: StorePlace) -> list[str]:
        """Names of the files of a state whose bytes are not those that the engine wrote; reads all of them.

        The engine itself notices that only when it reads the very bytes.

        Args:
            place: A checkpoint; held by the caller.
        """
        sums = self._read_sums()
        with disk_errors(self._folder):
            return [] if place.path is None else [name for name, file in _tables(place.path) if _is_other(file, sums.get(name))]

    # --- writing

    def mark_unpublished(self) -> None:
        """Say that the live store is about to hold what is not published: called before the first write."""
        with disk_errors(self._folder):
            if not self._unpublished.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                self._unpublished.touch()
                sync(self._folder)

    def publish(self, backup: Callable[[Path], None], *, seal: bool = True) -> StorePlace:
        """Make what the writer has the newest state.

        Args:
            backup: Writes a copy of the live store into a folder that is not there yet.
            seal: Note the digests of its files, for `damage`; reads those that are new.

        Returns:
            The new state.

        Raises:
            StoreError: The newest state is what it was.
        """
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for leftover in self._folder.glob("*.tmp"):
                    _remove(leftover)
                generation = self._next()
                unfinished = self._folder / f"{generation}.tmp"
                backup(unfinished)
                unfinished.rename(self._folder / generation)
                write_whole(self._current, generation)
                self._unpublished.unlink(missing_ok=True)
                sync(self._folder)
                if seal:
                    self._seal(self._folder / generation)
        self._prune()
        return StorePlace(self._folder / generation, generation)

    def is_published(self) -> bool:
        """Whether the newest state holds all that is in the live store; holds for its writer, and while nobody writes."""
        return self._published() is not None and not self._unpublished.exists()

    @contextmanager
    def replacement(self) -> Iterator[Path]:
        """Put another store in the place of the live one, at the end of the ``with`` block; readers go on, writers are kept out.

        After an error the live store stays as it was. After a kill, too, unless the new one was whole: then that is the live one.

        Returns:
            Folder for the new store, not there yet; whatever writes it must be closed at the end.

        Raises:
            StoreBusyError: Somebody writes the live store.
            StoreError: The new store cannot be put in its place.
        """
        with self._alone():
            try:
                yield self._new
                with disk_errors(self._live):
                    _sync_all(self._new)
                    self.mark_unpublished()
                    self._swap()
            finally:
                self._tidy()
        self._failed = None
        self.current()

    def settle(self) -> None:
        """Finish or clean up what a killed `replacement` left; called before the live store is opened for writing.

        Raises:
            StoreBusyError: Somebody writes the live store.
            StoreDamagedError: It is gone, or its first file is: the engine would begin an empty one.
        """
        with self._alone():
            had = self._published() is not None or any(self._live.glob("*.sst"))
            if had and not (self._live / "CURRENT").exists():
                raise StoreDamagedError(f"The graph store {self._live} is damaged: it has no file CURRENT.", REBUILD)

    # --- within

    def _published(self) -> StorePlace | None:
        """What `current` names; read again only when it was replaced."""
        try:
            state = self._current.stat()
        except FileNotFoundError:
            return None
        stamp = (state.st_ino, state.st_mtime_ns)
        known = self._read
        if known is not None and known[0] == stamp:
            return known[1]
        generation = self._current.read_text()
        place = StorePlace(self._folder / generation, generation)
        if not _GENERATION.fullmatch(generation) or not (self._folder / generation).is_dir():
            return None
        self._read = (stamp, place)
        return place

    def _publish_what_was_left(self, last: StorePlace | None) -> StorePlace:
        failed = self._failed
        if failed is not None and time.monotonic() - failed[0] < AGAIN_SECONDS:
            if last is None:
                raise failed[1]
            return last
        until = time.monotonic() + FIRST_SECONDS
        while True:
            try:
                return self._publish_live()
            except StoreBusyError:
                newest = self._published()
                if newest is not None:
                    return newest
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            except StoreError as error:
                self._failed = (time.monotonic(), error)
                if last is None:
                    raise
                return last

    def _publish_live(self) -> StorePlace:
        with self._guard:
            self.settle()
            store = EmbeddedGraphStore(self._live)
            try:
                place = self._published()
                if place is None or self._unpublished.exists():  # else another reader was faster
                    place = self.publish(store.backup)
                self._failed = None
                return place
            finally:
                store.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the one writer of the live store, and mend what a killed `replacement` left."""
        with disk_errors(self._live):
            self._live.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = _lock_file(self._live, fcntl.LOCK_EX)
        if file is None:
            raise StoreBusyError(
                f"Another process writes the graph store {self._live}.", "Wait for it to end, or stop it, then try again."
            )
        with file:
            with disk_errors(self._live):
                if self._old.exists() and not self._live.exists():
                    (self._new if self._new.exists() else self._old).rename(self._live)
                self._tidy()
            if self._new.exists():
                raise StoreBusyError(f"Another process writes {self._new}.", "Wait for it to end, or stop it, then try again.")
            yield

    def _swap(self) -> None:
        if self._live.exists():
            self._live.rename(self._old)
        # Killed here, `_alone` goes on: the old one is put aside only when the new one is whole.
        self._new.rename(self._live)
        sync(self._live.parent)

    def _tidy(self) -> None:
        """Remove what is neither the live store nor about to be."""
        if self._live.exists():
            _remove(self._old)
        _remove_held(self._new)
        _remove(self._new.with_name(f"{self._new.name}.tmp"))

    def _seal(self, path: Path) -> None:
        known = self._read_sums()
        write_whole(self._sums, json.dumps({name: _sum(file, known.get(name)) for name, file in _tables(path)}))

    def _read_sums(self) -> dict[str, _Sum]:
        try:
            return {name: _Sum(*parts) for name, parts in json.loads(self._sums.read_text()).items()}
        except (OSError, ValueError, TypeError):
            return {}  # what is not known cannot be compared; the next publishing makes it anew

    def _next(self) -> str:
        """A name that no state has had: the time, in microseconds."""
        names = [path.name for path in self._folder.iterdir() if _GENERATION.fullmatch(path.name)]
        last = max((int(name) for name in names), default=0)
        return f"{max(time.time_ns() // 1000, last + 1):016d}"

    def _prune(self) -> None:
        """Remove what is not the newest and nobody holds."""
        with suppress(OSError):
            newest = self._current.read_text()
            for path in self._folder.iterdir():
                if path.suffix == ".lock" and not path.with_suffix("").is_dir():
                    _remove_held(path.with_suffix(""))
                elif _GENERATION.fullmatch(path.name) and path.name < newest:
                    _remove_held(path)


def _tables(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a store that the engine never changes."""
    yield from ((file.name, file) for file in sorted(path.glob("*.sst")))


def _sum(file: Path, known: _Sum | None) -> _Sum:
    state = file.stat()
    if known is not None and known[:2] == (state.st_mtime_ns, state.st_size):
        return known
    return _Sum(state.st_mtime_ns, state.st_size, _sha256(file))


def _is_other(file: Path, known: _Sum | None) -> bool:
    return known is not None and (file.stat().st_size != known.size or _sha256(file) != known.sha256)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _remove_held(path: Path) -> None:
    """Remove a state unless somebody holds it."""
    file = _lock_file(path, fcntl.LOCK_EX)
    if file is None:
        return
    unfinished = path.with_name(f"{path.name}.tmp")
    with suppress(OSError):
        path.rename(unfinished)
        _remove(unfinished)
    _let_go(file, path)


def _lock_file(path: Path, kind: int) -> IO[bytes] | None:
    """The lock beside a store, as the adapter takes it; ``None`` when somebody has it."""
    try:
        file = path.with_name(f"{path.name}.lock").open("ab")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _let_go(file: IO[bytes], path: Path) -> None:
    if not path.is_dir():
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    file.close()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sync_all(folder: Path) -> None:
    for path in folder.iterdir():
        sync(path)
    sync(folder)
