"""Making the graph store anew, or bringing an older one up to date, from what it is derived from.

Payloads, corrections and the ledger are the truth; whatever the store holds can be derived from them. Nothing here writes to them,
to the search index, or to the store that readers use: a store is made or brought up to date beside that one. Whether a store is
as it should be: `harvester.graph_check`; backups: `harvester.graph_backup`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

from graph.partitions import collapse
from graph.store import GraphChange, GraphStore, GraphWriter
from harvester.corrections import Corrections
from harvester.ledger import Entry, Ledger, State
from harvester.payloads import Payloads
from harvester.reading import Reader
from harvester.run import OnProgress, Outcome, derive, pending
from records.errors import StoreError
from records.rights import NOBODY

MARGIN: Final = timedelta(hours=1)
"""What changed so long before a backup was made is derived anew too when it is restored: a batch is written after it is read."""

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


def _groups(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
