"""Looking after the graph store: whether it is what payloads, corrections and rights give; making it anew; backups.

Payloads, corrections and the ledger are the truth; whatever the store holds can be derived from them. Nothing here writes to them,
to the search index, or to the store that readers use: a store is made or brought up to date beside that one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from graph.canonical import Canonical, digest_of
from graph.partitions import collapse
from graph.store import GraphChange, GraphStore, GraphWriter
from harvester.corrections import Corrections
from harvester.ledger import Entry, Ledger, State
from harvester.payloads import Payloads
from harvester.reading import Reader
from harvester.run import OnProgress, Outcome, derive, pending
from records.errors import StoreDamagedError, StoreError, StoreFullError
from records.ntriples import lines_of
from records.rights import NOBODY, Audiences

AGAIN: Final = 4
"""How often something that looks wrong is looked at once more: a harvest may have written it a moment ago."""
AGAIN_SECONDS: Final = 1.5
"""How long to wait before: longer than a writer waits before it publishes."""
MARGIN: Final = timedelta(hours=1)
"""What changed so long before a backup was made is derived anew too when it is restored: a batch is written after it is read."""
MANIFEST: Final = "manifest.json"
"""The file of a backup that tells what else is in it."""
FORMAT: Final = 1
"""Layout of a backup."""

_STEP = 50
_GRAPH: Final = "Run `voltagraph graph rebuild`."
_ALL: Final = "Run `voltagraph rebuild`."
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Truth:
    """What the store is derived from.

    Args:
        ledger: What is loaded, and who may read it.
        payloads: The documents as harvested.
        corrections: What curators accepted.
        reader: Turns a payload into statements.
    """

    ledger: Ledger
    payloads: Payloads
    corrections: Corrections
    reader: Reader

    def graph_iri(self, record: str) -> str:
        """Name of the graph of a record."""
        return f"{self.reader.iri_of(record)}#graph"

    def loaded(self) -> dict[str, Entry]:
        """Every loaded document, by the name of its graph."""
        return {self.graph_iri(entry.record): entry for entry in self.ledger.all_entries() if entry.state is State.LOADED}

    def derived(self, entry: Entry) -> Outcome:
        """What the payload that is loaded gives: a newer form that was refused stays refused until it is harvested again."""
        known = (entry.told and self.ledger.entry(entry.record)) or entry
        return derive(replace(known, seen=known.digest), self.reader, self.payloads, self.corrections)


@dataclass(frozen=True, slots=True)
class Published:
    """A state of the store, as the check reads it.

    Args:
        generation: Its name.
        store: For reading.
        versions: Digest of each record graph, those that nobody may read among them.
        damage: Names of files whose bytes are not those that were written; reads them all.
    """

    generation: str
    store: GraphStore
    versions: Mapping[str, str]
    damage: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of the store that is not as it should be.

    Args:
        subject: A record, a graph, a file, or the store.
        message: What is wrong.
        remedy: How to mend it.
    """

    subject: str
    message: str
    remedy: str

    def to_json(self) -> dict[str, str]:
        """As the command prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Args:
        generation: The state that was checked.
        records: Records that ought to have a graph.
        compared: Of these, how many were derived anew and compared.
        waiting: Records whose corrections changed and that wait to be read with them; they were not derived.
        faults: What is wrong.
        seconds: Time it took.
    """

    generation: str
    records: int
    compared: int
    waiting: int
    faults: tuple[Fault, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """As the command prints it."""
        return {**asdict(self), "seconds": round(self.seconds, 3), "faults": [fault.to_json() for fault in self.faults]}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made anew.

    Args:
        records: Record graphs that were derived.
        faults: Records that could not be.
        seconds: Time it took.
    """

    records: int
    faults: tuple[Fault, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """As the command prints it."""
        return {"records": self.records, "faults": [fault.to_json() for fault in self.faults], "seconds": round(self.seconds, 3)}


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself.

    Args:
        generation: The state it was made from.
        time: When it was made, ISO 8601 in UTC.
        read_as: Under which ontologies, contexts and shapes its records were read.
        files: Size and SHA-256 of each file, by name.
    """

    generation: str
    time: str
    read_as: str
    files: Mapping[str, tuple[int, str]]

    def to_json(self) -> dict[str, object]:
        """As it stands in the manifest."""
        files = {name: {"bytes": size, "sha256": digest} for name, (size, digest) in sorted(self.files.items())}
        return {"format": FORMAT, "generation": self.generation, "time": self.time, "read_as": self.read_as, "files": files}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done to a backup so that it holds what may be read today.

    Args:
        records: Record graphs it has now.
        removed: Graphs taken out, because their records are loaded no more.
        rights: Graphs whose readers changed since.
        derived: Graphs made anew, because their records changed since.
        faults: Records that could not be derived.
        seconds: Time it took.
    """

    records: int
    removed: int
    rights: int
    derived: int
    faults: tuple[Fault, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """As the command prints it."""
        return {**asdict(self), "seconds": round(self.seconds, 3), "faults": [fault.to_json() for fault in self.faults]}


# --- check


def check(
    states: Callable[[], AbstractContextManager[Published]],
    truth: Truth,
    *,
    quick: bool = False,
    outdated: bool = False,
    on_progress: OnProgress | None = None,
) -> Checked:
    """Compare the store with itself, and with what payloads, corrections and rights give. A harvest may run meanwhile.

    Args:
        states: Opens the newest state, each time it is called.
        truth: What the store is derived from.
        quick: Derive nothing anew and read no statements: compare rights, and which graphs are there.
        outdated: The records were read under other ontologies, contexts or shapes than today's: derive nothing, and say so.
        on_progress: Told now and then.

    Raises:
        StoreError: A store cannot be read.
    """
    started = time.perf_counter()
    check_ = _Check(truth, is_deriving=not (quick or outdated))
    with states() as state:
        generation = state.generation
        faults = [] if quick else _faults_within(state)
        check_.look(state, truth.loaded(), on_progress)
    for _ in range(AGAIN):
        if not check_.suspects:
            break
        time.sleep(AGAIN_SECONDS)
        suspects = check_.suspects
        check_.suspects = {}
        with states() as state:
            check_.look_again(state, suspects)
    faults += check_.suspects.values()
    if outdated:
        faults.append(Fault("records", "They were read under other ontologies, contexts or shapes than today's.", _ALL))
    return Checked(generation, check_.records, check_.compared, check_.waiting, tuple(faults), time.perf_counter() - started)


def _faults_within(state: Published) -> list[Fault]:
    files = [Fault(name, "This file of the store has other bytes than were written to it.", _GRAPH) for name in state.damage()]
    try:
        return files + [Fault("graph store", problem, _GRAPH) for problem in state.store.check()]
    except StoreDamagedError as error:
        return [*files, Fault("graph store", error.message, _GRAPH)]


@dataclass(slots=True)
class _Check:
    truth: Truth
    is_deriving: bool
    suspects: dict[str, Fault] = field(default_factory=dict)
    records: int = 0
    compared: int = 0
    waiting: int = 0
    canonical: Canonical = field(default_factory=Canonical)

    def look(self, state: Published, loaded: Mapping[str, Entry], on_progress: OnProgress | None) -> None:
        """Look at every graph that is there or should be."""
        self.records = len(loaded)
        known = state.store.audiences_of()
        waiting = pending(self.truth.corrections, self.truth.ledger)
        for done, (graph, entry) in enumerate(loaded.items(), 1):
            self._compare(graph, entry, known.get(graph), state.versions.get(graph, ""), waiting)
            if on_progress and (done % _STEP == 0 or done == len(loaded)):
                on_progress(done, len(loaded))
        for graph in known.keys() - loaded.keys():
            self._suspect(graph, graph, "The store holds a graph of no record that is loaded.")

    def look_again(self, state: Published, graphs: Iterable[str]) -> None:
        """Look at these graphs alone, with what is known of them now."""
        known = state.store.audiences_of()
        waiting = pending(self.truth.corrections, self.truth.ledger)
        loaded = self.truth.loaded()
        for graph in graphs:
            if graph in loaded:
                self._compare(graph, loaded[graph], known.get(graph), state.versions.get(graph, ""), waiting)
            elif graph in known:
                self._suspect(graph, graph, "The store holds a graph of no record that is loaded.")

    def _compare(self, graph: str, entry: Entry, audiences: Audiences | None, version: str, waiting: set[str]) -> None:
        right = collapse(entry.rights.read_files)
        if audiences is None:
            self._suspect(graph, entry.record, "The record is loaded and has no graph.")
        elif audiences != right:
            self._suspect(graph, entry.record, f"Its graph is for {_named(audiences)}; the record's files are for {_named(right)}.")
        elif not version:
            self._suspect(graph, entry.record, "The store does not say which version of the record its graph is.")
        elif entry.record in waiting:
            self.waiting += 1
        elif self.is_deriving:
            self._compare_content(graph, entry, version)

    def _compare_content(self, graph: str, entry: Entry, version: str) -> None:
        outcome = self.truth.derived(entry)
        self.compared += 1
        if outcome.record is None or outcome.change is None:
            why = next((issue.message for issue in outcome.refused), "it cannot be read")
            self._suspect(graph, entry.record, f"Its payload does not give its graph today: {why}.", _ALL)
        elif digest_of(self.canonical.graphs([lines_of(outcome.change.triples)])[0]) != version:
            self._suspect(graph, entry.record, "Its graph holds other statements than its payload and corrections give.")

    def _suspect(self, graph: str, subject: str, message: str, remedy: str = _GRAPH) -> None:
        self.suspects[graph] = Fault(subject, message, remedy)


def _named(audiences: Audiences) -> str:
    return ", ".join(sorted(audiences)) or "nobody"


# --- rebuild


def fill(writer: GraphWriter, truth: Truth, *, batch: int = 200, on_progress: OnProgress | None = None) -> Rebuilt:
    """Derive the graph of every loaded record into an empty store.

    Args:
        writer: The empty store.
        truth: What it is derived from.
        batch: Graphs written in one transaction.
        on_progress: Told after every batch.

    Raises:
        StoreError: A store failed.
    """
    started = time.perf_counter()
    entries = list(truth.loaded().values())
    faults = _derive_into(writer, truth, entries, batch, on_progress)
    return Rebuilt(len(entries) - len(faults), tuple(faults), time.perf_counter() - started)


def _derive_into(
    writer: GraphWriter, truth: Truth, entries: Sequence[Entry], batch: int, on_progress: OnProgress | None
) -> list[Fault]:
    """Write the graphs of these records; one batch is written while the next is read. What cannot be read has no graph then."""
    faults: list[Fault] = []
    done = 0
    writing: Future[None] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="graph") as pool:
        for group in _groups(entries, batch):
            changes = []
            for entry in group:
                outcome = truth.derived(entry)
                changes.append(outcome.change or GraphChange(truth.graph_iri(entry.record), (), NOBODY))
                if outcome.record is None:
                    why = next((issue.message for issue in outcome.refused), "it cannot be read")
                    faults.append(Fault(entry.record, f"Its payload gives no graph: {why}.", "Harvest its source again."))
            if writing is not None:
                writing.result()
            writing = pool.submit(writer.apply, changes)
            done += len(group)
            if on_progress:
                on_progress(done, len(entries))
        if writing is not None:
            writing.result()
    return faults


# --- backup and restore


def write_backup(store: Path, generation: str, read_as: str, target: Path, *, on_progress: OnProgress | None = None) -> Backup:
    """Copy a published state with a manifest; the folder is whole or not there.

    Args:
        store: Folder of the state; held by the caller.
        generation: Its name.
        read_as: Under which ontologies, contexts and shapes its records were read.
        target: Where to; not there yet, or empty.
        on_progress: Told after every file.

    Raises:
        StoreError: It cannot be written.
    """
    if target.is_dir() and any(target.iterdir()):
        raise StoreError(f"{target} is not empty.", "Name a folder that is not there yet.")
    unfinished = target.with_name(f"{target.name}.tmp")
    with _file_errors(target):
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "graph").mkdir(parents=True)
        files = {}
        found = sorted(store.iterdir())
        for done, file in enumerate(found, 1):
            files[f"graph/{file.name}"] = _copy(file, unfinished / "graph" / file.name)
            if on_progress:
                on_progress(done, len(found))
        backup = Backup(generation, datetime.now(UTC).isoformat(timespec="seconds"), read_as, files)
        (unfinished / MANIFEST).write_text(json.dumps(backup.to_json(), indent=1) + "\n", encoding="utf-8")
        for folder in (unfinished / MANIFEST, unfinished / "graph", unfinished):
            _sync(folder)
        unfinished.replace(target)
    return backup


def read_backup(folder: Path) -> Backup:
    """What a backup says of itself.

    Raises:
        StoreError: It is none, or of another version of the program.
        StoreDamagedError: Its manifest cannot be read, or files are missing or too many.
    """
    manifest = folder / MANIFEST
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise StoreError(f"{manifest} has format {told['format']}.", f"This program reads format {FORMAT}.")
        files = {str(name): (int(file["bytes"]), str(file["sha256"])) for name, file in told["files"].items()}
        backup = Backup(str(told["generation"]), str(told["time"]), str(told["read_as"]), files)
        datetime.fromisoformat(backup.time)
    except OSError as error:
        raise StoreError(
            f"{manifest} cannot be read: {error.strerror}.", "Name a folder that `voltagraph graph backup` made."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreDamagedError(f"{manifest} is damaged.", "Use another backup, or run `voltagraph graph rebuild`.") from error
    there = {f"graph/{file.name}" for file in (folder / "graph").glob("*")}
    if there != files.keys():
        name = min(there ^ files.keys())
        raise StoreDamagedError(
            f"The backup is damaged: {folder / name} {'does not belong to it' if name in there else 'is missing'}.",
            "Use another backup, or run `voltagraph graph rebuild`.",
        )
    return backup


def copy_backup(folder: Path, backup: Backup, target: Path, *, on_progress: OnProgress | None = None) -> None:
    """Copy the store of a backup; what is copied is what the manifest tells.

    Args:
        folder: The backup.
        backup: Its manifest.
        target: Folder of the store; not there yet.
        on_progress: Told after every file.

    Raises:
        StoreDamagedError: A file has other bytes.
        StoreError: It cannot be read or written.
    """
    with _file_errors(target):
        target.mkdir(parents=True)
        for done, (name, known) in enumerate(backup.files.items(), 1):
            if _copy(folder / name, target / Path(name).name) != known:
                raise StoreDamagedError(
                    f"The backup is damaged: {folder / name} has other bytes than were written.",
                    "Use another backup, or run `voltagraph graph rebuild`.",
                )
            if on_progress:
                on_progress(done, len(backup.files))


def bring_up(store: GraphStore, truth: Truth, since: str, *, batch: int = 200, on_progress: OnProgress | None = None) -> Restored:
    """Make an older store hold what is loaded today, for those who may read it today.

    Args:
        store: The older store; nobody reads it yet.
        truth: What it is derived from.
        since: When it was made; what changed later is derived anew. ``""``: everything is.
        batch: Graphs written in one transaction.
        on_progress: Told after every batch of what is derived.

    Raises:
        StoreError: A store failed, or nothing is loaded at all.
    """
    started = time.perf_counter()
    loaded, known = truth.loaded(), store.audiences_of()
    if known and not loaded:
        raise StoreError("The ledger knows no loaded record.", "Restore the ledger first: it says who may read what.")
    gone = sorted(known.keys() - loaded.keys())
    for group in _groups(gone, batch):
        store.apply([GraphChange(graph, (), NOBODY) for graph in group])
    right = {graph: collapse(entry.rights.read_files) for graph, entry in loaded.items()}
    moved = {graph: right[graph] for graph in known.keys() & loaded.keys() if known[graph] != right[graph]}
    for names in _groups(sorted(moved), batch):
        store.set_rights({graph: moved[graph] for graph in names})
    limit = (datetime.fromisoformat(since) - MARGIN).isoformat(timespec="seconds") if since else ""
    waiting = pending(truth.corrections, truth.ledger)
    older = [entry for graph, entry in loaded.items() if graph not in known or entry.changed_at >= limit or entry.record in waiting]
    faults = _derive_into(store, truth, older, batch, on_progress)
    seconds = time.perf_counter() - started
    return Restored(len(loaded) - len(faults), len(gone), len(moved), len(older), tuple(faults), seconds)


def _copy(source: Path, target: Path) -> tuple[int, str]:
    """Copy a file; its size and SHA-256 as they were read."""
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as read, target.open("xb") as write:
        while piece := read.read(1_000_000):
            digest.update(piece)
            size += len(piece)
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())
    return size, digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _groups(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn errors of the file system into ours."""
    try:
        yield
    except OSError as error:
        if error.errno == 28:
            raise StoreFullError(f"No space is left for {path}.", "Make room, then run the command again.") from error
        raise StoreError(
            f"{error.filename or path} cannot be read or written: {error.strerror}.", "Check the path and its permissions."
        ) from error
