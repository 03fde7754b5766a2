"""Snapshots: what one actor could read at one time, kept as a list of record versions beside a clone of a checkpoint.

`docs/adr/0009-snapshots.md` says why. Under ``HOME/snapshots``, each change by rename, so that a kill leaves nothing half:

    ID/snapshot.json         owner, visibility, times, digest, the audiences of then
    ID/records.tsv           graph IRI and digest of every record that could be read, sorted; its SHA-256 is the snapshot's digest
    ID/store/                the clone
    ID/reduced/NAME/store/   the same without the records that an asker may not read now; NAME is made from their list
    lock                     held while anything here is made or removed
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol

from access.identity import ANONYMOUS, Actor
from graph.checkpoints import Checkpoints
from graph.files import disk_errors
from graph.partitions import held_by, meets
from graph.queries import StorePlace
from graph.snapshot_file import Snapshot, Visibility, read_snapshot, write_snapshot
from graph.store import GraphStore
from records.errors import ForbiddenError, IdentityError, LimitError, NotFoundError, NotOfferedError, QueryRefusedError, StoreError
from records.rights import NOBODY, PUBLIC, Audiences

MAX_NOTE_CHARS: Final = 1_000
"""Longest note of a snapshot."""
VIEWS_CACHE: Final = 256
"""How many answers to "what may this actor read of that snapshot now" are remembered."""
REDUCED_DAYS: Final = 1
"""A clone without withheld records goes when nobody has used it for so long; it is made anew when it is asked for."""

_ID: Final = re.compile("[0-9a-f]{32}")
_UNKNOWN: Final = ("There is no such snapshot, or you may not use it.", "Check its name, or make one: POST /snapshots.")


@dataclass(frozen=True, slots=True)
class SnapshotPolicy:
    """How long snapshots are kept.

    Args:
        days: Since a snapshot was last used.
        per_actor: So many of one owner; of more, those that were used longest ago go.
    """

    days: int = 365
    per_actor: int = 100


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """How a query reads a snapshot for one actor.

    Args:
        place: The clone, without what the actor may not read now.
        audiences: To read it with: those of the time when it was made.
        withheld: How many of its records the actor may not read now. Only who may use the snapshot gets here: its owner could read
            these records, and those of a public snapshot everybody could.
        snapshot: The snapshot.
    """

    place: StorePlace
    audiences: Audiences
    withheld: int
    snapshot: Snapshot


class Frozen(NamedTuple):
    """What `Snapshots.create` gives: the snapshot, and whether it was made just now."""

    snapshot: Snapshot
    is_new: bool


class Version(NamedTuple):
    """One record in a snapshot: its graph, and the SHA-256 of its content."""

    graph_iri: str
    digest: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What one generation of the store says of its record graphs."""

    generation: str
    rights: Mapping[str, Audiences]
    versions: Mapping[str, str]
    has_versions: bool


class FolderStore(GraphStore, Protocol):
    """A graph store in a folder, as a clone of one is."""

    def all_versions(self) -> Mapping[str, str]:
        """SHA-256 of the content of every record graph, by graph IRI: to choose from, not for answers."""


class OpenStore(Protocol):
    """Opens the graph store in a folder; for writing it is made when absent."""

    def __call__(self, path: Path, *, read_only: bool) -> FolderStore:
        """The store; the caller closes it."""


class Snapshots:
    """Makes, finds and removes snapshots; several threads and processes may do so at once.

    Args:
        home: Where everything is kept.
        checkpoints: States of the live store; ``None`` when the store is another server, which has none.
        open_store: Opens a graph store.
        policy: How long they are kept.
        vocabulary: A short name of the ontologies that everyone reads beside the records.
        clock: The time, in UTC.
    """

    def __init__(
        self,
        home: Path,
        checkpoints: Checkpoints | None,
        open_store: OpenStore,
        policy: SnapshotPolicy,
        *,
        vocabulary: Callable[[], str] = str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = home / "snapshots"
        self._given_checkpoints = checkpoints
        self._open = open_store
        self._policy = policy
        self._vocabulary = vocabulary
        self._clock = clock
        self._lock = Lock()
        self._known: _Known | None = None
        self._views: OrderedDict[tuple[str, str, Audiences], SnapshotView] = OrderedDict()
        self._frozen: OrderedDict[tuple[str, ...], str] = OrderedDict()
        self._swept = ""

    # --- making

    def create(self, actor: Actor, visibility: Visibility, note: str = "") -> Frozen:
        """Freeze what this actor may read now; the same state twice is the same snapshot, kept on from now.

        Args:
            actor: Who asks.
            visibility: `Visibility.PUBLIC` freezes the public records alone, for everyone who has the name.
            note: A few words for its owner; of a public one everyone who has the name reads them. ``""`` leaves an older note.

        Raises:
            IdentityError: A private one, or a note, is asked for without a token.
            LimitError: The note is too long.
            NotOfferedError: The graph store has no checkpoints.
            StoreError: It could not be made; nothing of it is left.
        """
        if actor == ANONYMOUS and (note or visibility is not Visibility.PUBLIC):
            raise IdentityError(
                "Without a token only public snapshots can be made, and without a note.", "Send a token, or ask for a public one."
            )
        if len(note) > MAX_NOTE_CHARS:
            raise LimitError(f"The note has {len(note)} characters.", f"Write at most {MAX_NOTE_CHARS}.")
        held = PUBLIC if visibility is Visibility.PUBLIC else held_by(actor.audiences)
        self.sweep()
        checkpoints = self._checkpoints
        with checkpoints.hold(checkpoints.current()) as place:
            key = (place.generation, self._vocabulary(), actor.name, visibility, *sorted(held))
            known = self._kept(self._frozen.get(key, ""))
            if known is not None:
                return Frozen(self._used(known, note), is_new=False)
            lines = _lines(self._versions(place, held))
            digest = sha256(lines).hexdigest()
            name = _name(actor.name, visibility, self._vocabulary(), digest)
            with self._alone():
                known = self._kept(name)
                if known is None:
                    now = self._now()
                    made = Snapshot(
                        id=name,
                        owner=actor.name,
                        visibility=visibility,
                        note=note,
                        created=now,
                        expires=now + timedelta(days=self._policy.days),
                        records=lines.count(b"\n"),
                        digest=digest,
                        generation=place.generation,
                        audiences=held,
                    )
                    self._make(made, lines, place)
        _remember(self._frozen, key, name)
        if known is not None:
            return Frozen(self._used(known, note), is_new=False)
        self.expire(now, keep=name)
        return Frozen(made, is_new=True)

    def _make(self, snapshot: Snapshot, lines: bytes, place: StorePlace) -> None:
        with self._new() as folder:
            if place.path is None:
                self._open(folder / "store", read_only=False).close()  # nothing was harvested yet
            else:
                self._checkpoints.clone(place, folder / "store")
            (folder / "records.tsv").write_bytes(lines)
            write_snapshot(folder, snapshot)
            self._remove(self._folder / snapshot.id)  # an expired one of the same name
            folder.rename(self._folder / snapshot.id)

    def _versions(self, place: StorePlace, held: Audiences) -> Mapping[str, str]:
        known = self._known_of(place, with_versions=True)
        return {graph: digest for graph, digest in known.versions.items() if meets(known.rights.get(graph, NOBODY), held)}

    # --- finding

    def get(self, snapshot: str, actor: Actor) -> Snapshot:
        """A snapshot that this actor may use.

        Raises:
            NotFoundError: There is none: unknown, somebody else's and expired are the same.
        """
        found = self._kept(snapshot)
        if found is None or not (found.is_public or found.owner == actor.name != ANONYMOUS.name):
            raise NotFoundError(*_UNKNOWN)
        return found

    def own(self, actor: Actor) -> tuple[Snapshot, ...]:
        """The actor's own snapshots, newest first; those made without a token are nobody's."""
        if actor == ANONYMOUS:
            return ()
        own = [one for one in self._all() if one.owner == actor.name and one.expires > self._now()]
        return tuple(sorted(own, key=lambda one: (one.created, one.id), reverse=True))

    def records(self, snapshot: str, actor: Actor) -> tuple[Version, ...]:
        """The records of a snapshot that the actor may read now too, by graph IRI.

        Raises:
            NotFoundError: As for `get`.
            StoreError: It cannot be read.
        """
        found = self.get(snapshot, actor)
        _, rights = self._rights_now()
        held = held_by(actor.audiences)
        return tuple(one for one in self._list_of(found) if meets(rights.get(one.graph_iri, NOBODY), held))

    def place(self, snapshot: str, actor: Actor) -> SnapshotView:
        """Where a query by this actor reads a snapshot: a clone in which nothing is left that the actor may not read now.

        Raises:
            NotFoundError: As for `get`.
            StoreError: It cannot be read, or a clone cannot be made.
        """
        self.sweep()
        found = self._used(self.get(snapshot, actor))
        generation, rights = self._rights_now()
        held = held_by(actor.audiences)
        key = (found.id, generation, held)
        known = self._views.get(key)
        if known is not None and known.place.path is not None and known.place.path.is_dir():
            _touch(known.place.path.parent)
            return replace(known, snapshot=found)
        withheld = [one.graph_iri for one in self._list_of(found) if not meets(rights.get(one.graph_iri, NOBODY), held)]
        place = self._reduced(found, withheld) if withheld else StorePlace(self._folder / found.id / "store", found.id)
        view = SnapshotView(place, found.audiences, len(withheld), found)
        _remember(self._views, key, view)
        return view

    def audiences_if_present(self, snapshot: str, actor: Actor) -> Audiences:
        """What to search with so that today's index answers over the records of a snapshot and no others.

        Raises:
            NotFoundError: As for `get`.
            QueryRefusedError: The records are not the same any more.
        """
        found = self.get(snapshot, actor)
        held = PUBLIC if found.is_public else held_by(actor.audiences)
        checkpoints = self._checkpoints
        with checkpoints.hold(checkpoints.current()) as place:
            key = (place.generation, "present", found.id, *sorted(held))
            same = self._frozen.get(key) or sha256(_lines(self._versions(place, held))).hexdigest()
        _remember(self._frozen, key, same)
        if same != found.digest:
            raise QueryRefusedError(
                "The search index holds today's records, and they are not those of the snapshot any more.",
                "Ask the snapshot in SPARQL, or search without it.",
            )
        return held

    def rights_now(self, graphs: Iterable[str], actor: Actor) -> tuple[str, ...]:
        """Those of these record graphs that the actor may not read now."""
        _, rights = self._rights_now()
        held = held_by(actor.audiences)
        return tuple(graph for graph in graphs if not meets(rights.get(graph, NOBODY), held))

    def versions_now(self, actor: Actor) -> Mapping[str, str]:
        """The version of every record graph that the actor may read now, by graph IRI."""
        checkpoints = self._checkpoints
        with checkpoints.hold(checkpoints.current()) as place:
            return self._versions(place, held_by(actor.audiences))

    def _rights_now(self) -> tuple[str, Mapping[str, Audiences]]:
        """The newest generation and who may read which record graph in it."""
        checkpoints = self._checkpoints
        with checkpoints.hold(checkpoints.current()) as place:
            return place.generation, self._known_of(place).rights

    def _known_of(self, place: StorePlace, *, with_versions: bool = False) -> _Known:
        """What the store says of its record graphs; read once for each generation, because that takes seconds of a large one."""
        with self._lock:
            known = self._known
            if known is None or known.generation != place.generation or (with_versions and not known.has_versions):
                known = self._known = self._read(place, known, with_versions=with_versions)
            return known

    def _read(self, place: StorePlace, known: _Known | None, *, with_versions: bool) -> _Known:
        if place.path is None:
            return _Known(place.generation, {}, {}, has_versions=True)
        store = self._open(place.path, read_only=True)
        try:
            same = known is not None and known.generation == place.generation
            rights = known.rights if same and known is not None else store.audiences_of()
            return _Known(place.generation, rights, store.all_versions() if with_versions else {}, with_versions)
        finally:
            store.close()

    def _reduced(self, snapshot: Snapshot, withheld: list[str]) -> StorePlace:
        """A clone of the snapshot in which nobody may read these records."""
        name = sha256("\n".join(withheld).encode()).hexdigest()[:32]
        target = self._folder / snapshot.id / "reduced" / name
        if not target.is_dir():
            with self._alone():
                if not target.is_dir():
                    with self._new() as folder:
                        self._checkpoints.clone(StorePlace(self._folder / snapshot.id / "store", snapshot.id), folder / "store")
                        store = self._open(folder / "store", read_only=False)
                        try:
                            store.set_rights(dict.fromkeys(withheld, NOBODY))
                        finally:
                            store.close()
                        target.parent.mkdir(exist_ok=True)
                        folder.rename(target)
        _touch(target)
        return StorePlace(target / "store", f"{snapshot.id}-{name}")

    # --- removing

    def delete(self, snapshot: str, actor: Actor) -> None:
        """Remove a snapshot; queries that are reading it may fail.

        Raises:
            NotFoundError: As for `get`.
            ForbiddenError: It is public and somebody else's, or nobody's.
        """
        found = self.get(snapshot, actor)
        if actor == ANONYMOUS or found.owner != actor.name:
            raise ForbiddenError("Only its owner may remove a snapshot.", "It goes by itself when nobody uses it.")
        with self._alone():
            self._remove(self._folder / found.id)

    def sweep(self) -> None:
        """`expire`, once a day."""
        now = self._now()
        if self._swept != now.date().isoformat():
            self._swept = now.date().isoformat()
            self.expire(now)

    def expire(self, now: datetime, *, keep: str = "") -> tuple[str, ...]:
        """Remove what the policy no longer keeps, and what a kill has left.

        Args:
            now: The time.
            keep: Name of one that stays, whatever the policy says.

        Returns:
            Names of the snapshots that went.
        """
        if not self._folder.is_dir():
            return ()
        with self._alone():
            for left in (*self._folder.glob(".new-*"), *self._folder.glob(".gone-*")):
                shutil.rmtree(left, ignore_errors=True)
            since = (now - timedelta(days=REDUCED_DAYS)).timestamp()
            for reduced in self._folder.glob("*/reduced/*"):
                if reduced.stat().st_mtime < since:
                    self._remove(reduced)
            kept: dict[str, int] = {}
            gone = []
            for one in sorted(self._all(), key=lambda one: (one.id == keep, one.expires, one.id), reverse=True):
                kept[one.owner] = kept.get(one.owner, 0) + 1
                if one.id != keep and (one.expires <= now or kept[one.owner] > self._policy.per_actor):
                    self._remove(self._folder / one.id)
                    gone.append(one.id)
        return tuple(gone)

    def _remove(self, path: Path) -> None:
        if path.is_dir():
            gone = Path(mkdtemp(prefix=".gone-", dir=self._folder))
            path.rename(gone / path.name)
            shutil.rmtree(gone, ignore_errors=True)

    # --- files

    @property
    def _checkpoints(self) -> Checkpoints:
        if self._given_checkpoints is None:
            raise NotOfferedError(
                "There are no snapshots over a triple store that is another server.", "Use the embedded store for them."
            )
        return self._given_checkpoints

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

    def _kept(self, name: str) -> Snapshot | None:
        """The snapshot of this name, unless it has expired."""
        found = read_snapshot(self._folder / name) if _ID.fullmatch(name) else None
        return found if found is not None and found.expires > self._now() else None

    def _used(self, snapshot: Snapshot, note: str = "") -> Snapshot:
        """Keep a snapshot on from now; written once a day at most, unless it has another note."""
        expires = self._now() + timedelta(days=self._policy.days)
        if expires - snapshot.expires < timedelta(days=1) and note in ("", snapshot.note):
            return snapshot
        with self._alone():
            current = read_snapshot(self._folder / snapshot.id)
            if current is None:
                raise NotFoundError(*_UNKNOWN)
            used = replace(current, expires=max(expires, current.expires), note=note or current.note)
            write_snapshot(self._folder / snapshot.id, used)
        return used

    def _all(self) -> Iterator[Snapshot]:
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            found = read_snapshot(path) if _ID.fullmatch(path.name) else None
            if found is not None:
                yield found

    def _list_of(self, snapshot: Snapshot) -> list[Version]:
        try:
            text = (self._folder / snapshot.id / "records.tsv").read_text("utf-8")
        except FileNotFoundError:
            raise NotFoundError(*_UNKNOWN) from None  # removed meanwhile
        except OSError as exc:
            raise StoreError(f"The snapshot {snapshot.id} cannot be read: {exc.strerror}.", "Check its folder.") from exc
        return [Version(*line.split("\t")) for line in text.splitlines()]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of the folder: nobody else makes or removes anything meanwhile."""
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "lock").open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield

    @contextmanager
    def _new(self) -> Iterator[Path]:
        """An empty folder, which is gone at the end unless it was renamed."""
        folder = Path(mkdtemp(prefix=".new-", dir=self._folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _name(owner: str, visibility: Visibility, vocabulary: str, digest: str) -> str:
    return sha256(json.dumps([owner, visibility.value, vocabulary, digest]).encode()).hexdigest()[:32]


def _lines(versions: Mapping[str, str]) -> bytes:
    return "".join(f"{graph}\t{digest}\n" for graph, digest in sorted(versions.items())).encode()


def _touch(path: Path) -> None:
    with suppress(FileNotFoundError):  # removed meanwhile; whoever opens it is told
        os.utime(path)


def _remember(cache: OrderedDict[Any, Any], key: object, value: object) -> None:
    cache[key] = value
    if len(cache) > VIEWS_CACHE:
        cache.popitem(last=False)
