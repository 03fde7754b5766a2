"""Flow *In*: from a source to payloads, records, findings, graph and index. Read `harvest` from top to bottom.

Order of writing: payload, graph, index, ledger. The ledger comes last, so a document is called loaded only when all the rest holds;
after a kill the next run finds what the ledger does not know and does it again. Writing a document twice changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from graph.store import GraphChange, GraphWriter
from harvester.ledger import Entry, Ledger, State
from harvester.payloads import Payloads
from harvester.reading import Read, Reader
from harvester.source import Reference, Source
from records.errors import StoreDamagedError
from records.issues import Issue
from records.record import Record
from records.rights import NOBODY
from search.index import TextIndex

OnProgress = Callable[[int, int], None]
"""Called with the number of documents done and the number of documents there are."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything a harvest writes to."""

    payloads: Payloads
    graph: GraphWriter
    index: TextIndex
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Report:
    """What a harvest found and did. ``documents = loaded + refused`` are states after the run; the others count this run's work.

    Args:
        source: Name of the source.
        documents: Documents that the source offers.
        loaded: Of these, how many can be found now.
        refused: Of these, how many could not be loaded; their findings say why.
        new: Loaded for the first time in this run.
        changed: Loaded anew in this run, because the document or its rights changed.
        unchanged: Left alone in this run.
        withdrawn: Taken out in this run, because the source no longer offers them.
        quads: Statements of this source's record graphs.
        findings: Findings about this source's documents.
        finding_counts: Findings by code.
        issues: Findings of this run about documents that are refused, and about the source itself.
        seconds: Time it took.
    """

    source: str
    documents: int
    loaded: int
    refused: int
    new: int
    changed: int
    unchanged: int
    withdrawn: int
    quads: int
    findings: int
    finding_counts: dict[str, int]
    issues: tuple[Issue, ...]
    seconds: float


@dataclass(slots=True)
class _Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    done: int = 0
    issues: list[Issue] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is to be written for one document; ``record`` is ``None`` when nothing of it is to be loaded."""

    entry: Entry
    record: Record | None = None
    change: GraphChange | None = None


def harvest(source: Source, reader: Reader, stores: Stores, *, batch: int = 200, on_progress: OnProgress | None = None) -> Report:
    """Bring everything that changed at *source* into the stores.

    Args:
        source: Where documents come from.
        reader: Turns a payload into a record with statements and findings.
        stores: Where they go.
        batch: Documents written in one transaction.
        on_progress: Told after every batch.

    Returns:
        What was found and done.

    Raises:
        SourceError: The source cannot be read at all; nothing was changed.
        StoreError: A store failed; what was written before stays whole, and the next run goes on from there.
    """
    started = time.perf_counter()
    counts = _Counts()
    offered = list(source.gather())
    known = stores.ledger.entries(source.name)
    fresh = [reference for reference in offered if _is_fresh(reference, known.get(reference.key))]
    counts.unchanged = counts.done = len(offered) - len(fresh)
    with _Writer(stores) as writer:
        for references in _batches(fresh, batch):
            outcomes = [
                _bring_in(source, reference, known.get(reference.key), reader, stores.payloads, counts) for reference in references
            ]
            writer.write(outcomes)
            counts.done += len(outcomes)
            if on_progress:
                on_progress(counts.done, len(offered))
        writer.write(_withdraw(known, offered, reader, counts))
    return _report(source.name, len(offered), stores.ledger, counts, time.perf_counter() - started)


def rebuild(reader: Reader, stores: Stores, *, batch: int = 200, on_progress: OnProgress | None = None) -> int:
    """Derive graph, index and findings of every loaded document anew from its payload, and return how many there are.

    Raises:
        StoreError: A payload is missing or a store failed.
    """
    entries = [entry for entry in stores.ledger.all_entries() if entry.state is State.LOADED]
    stores.index.clear()
    done = 0
    with _Writer(stores) as writer:
        for group in _batches(entries, batch):
            writer.write([_derive(entry, reader, stores.payloads) for entry in group])
            done += len(group)
            if on_progress:
                on_progress(done, len(entries))
    return len(entries)


def _is_fresh(reference: Reference, entry: Entry | None) -> bool:
    return entry is None or entry.marker != reference.marker or entry.state is State.WITHDRAWN


def _bring_in(
    source: Source, reference: Reference, known: Entry | None, reader: Reader, payloads: Payloads, counts: _Counts
) -> _Outcome:
    """One document: fetch, keep, read; what cannot be read keeps the form that was loaded before, under today's rights."""
    entry = Entry(
        record=f"{source.name}/{reference.key}",
        source=source.name,
        key=reference.key,
        marker=reference.marker,
        digest="",
        seen="",
        state=State.REFUSED,
        rights=reference.rights,
        title=reference.title,
        issues=reference.issues,
        changed_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    fetched = source.fetch(reference)
    if isinstance(fetched, Issue):
        counts.unreachable.append(f"{reference.key}/")
        if fetched in reference.issues:
            # The source could not even look at it, so it said nothing new of its rights.
            entry = replace(entry, rights=known.rights if known else entry.rights, issues=())
        # No marker: what could not be had is tried again at the next run, whether or not its marker moves.
        return _refuse(replace(entry, marker=""), (fetched,), known, reader, payloads, counts)
    entry = replace(entry, seen=payloads.keep(fetched))
    read = reader.read(entry.record, entry.source, entry.key, entry.title, entry.rights, fetched)
    if read.record is None:
        return _refuse(entry, read.issues, known, reader, payloads, counts)
    if known is not None and known.state is State.LOADED:
        counts.changed += 1
    else:
        counts.new += 1
    return _loaded(replace(entry, digest=entry.seen), read)


def _refuse(
    entry: Entry, issues: Iterable[Issue], known: Entry | None, reader: Reader, payloads: Payloads, counts: _Counts
) -> _Outcome:
    issues = (*entry.issues, *issues)
    counts.issues.extend(issues)
    entry = replace(entry, issues=issues)
    if known is None or not known.digest or known.state is State.WITHDRAWN:
        return _Outcome(entry)
    try:
        payload = payloads.read(known.digest)
    except StoreDamagedError as error:
        return _lost(entry, error, reader)
    earlier = reader.read(entry.record, entry.source, entry.key, entry.title, entry.rights, payload)
    if earlier.record is None:  # limits or contexts have changed: today the earlier form is refused as well
        return _Outcome(entry, change=GraphChange(f"{reader.iri_of(entry.record)}#graph", (), NOBODY))
    return _loaded(replace(entry, digest=known.digest), earlier)


def _lost(entry: Entry, error: StoreDamagedError, reader: Reader) -> _Outcome:
    """The kept bytes are gone or spoilt: what was made of them goes too. Without a marker the next harvest asks the source."""
    issue = Issue("payload-damaged", error.message, source=entry.key, remedy="harvest its source again")
    gone = replace(entry, marker="", digest="", state=State.REFUSED, quads=0, issues=(*entry.issues, issue))
    return _Outcome(gone, change=GraphChange(f"{reader.iri_of(entry.record)}#graph", (), NOBODY))


def _derive(entry: Entry, reader: Reader, payloads: Payloads) -> _Outcome:
    try:
        payload = payloads.read(entry.digest)
    except StoreDamagedError as error:
        return _lost(entry, error, reader)
    read = reader.read(entry.record, entry.source, entry.key, entry.title, entry.rights, payload)
    return (
        _loaded(replace(entry, issues=()), read)
        if read.record
        else _Outcome(replace(entry, issues=read.issues, state=State.REFUSED))
    )


def _loaded(entry: Entry, read: Read) -> _Outcome:
    assert read.record is not None  # noqa: S101 - callers have looked
    entry = replace(
        entry, state=State.LOADED, quads=len(read.triples), contexts=read.contexts, issues=(*entry.issues, *read.issues)
    )
    return _Outcome(entry, read.record, GraphChange(read.record.graph_iri, read.triples, entry.rights.read_files))


def _withdraw(known: dict[str, Entry], offered: Iterable[Reference], reader: Reader, counts: _Counts) -> list[_Outcome]:
    """Tombstones for documents that the source no longer offers; what lay in a folder that cannot be read now is not gone."""
    keys = {reference.key for reference in offered}
    unreachable = tuple(counts.unreachable)
    gone = [
        entry
        for key, entry in known.items()
        if key not in keys and entry.state is not State.WITHDRAWN and not key.startswith(unreachable)
    ]
    counts.withdrawn = len(gone)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return [
        _Outcome(
            replace(entry, state=State.WITHDRAWN, quads=0, issues=(), changed_at=now),
            change=GraphChange(f"{reader.iri_of(entry.record)}#graph", (), NOBODY) if entry.state is State.LOADED else None,
        )
        for entry in gone
    ]


class _Writer:
    """Writes the graph of one batch while the next is being read; index and ledger follow when the graph is committed."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="harvest-graph")
        self._pending: tuple[Future[None], Sequence[_Outcome]] | None = None

    def __enter__(self) -> _Writer:
        return self

    def write(self, outcomes: Sequence[_Outcome]) -> None:
        self._finish()
        if outcomes:
            self._pending = self._pool.submit(self._write_graph, outcomes), outcomes

    def __exit__(self, *exception: object) -> None:
        try:
            self._finish()
        finally:
            self._pool.shutdown()

    def _write_graph(self, outcomes: Sequence[_Outcome]) -> None:
        self._stores.payloads.sync()
        self._stores.graph.apply([outcome.change for outcome in outcomes if outcome.change])

    def _finish(self) -> None:
        if self._pending is None:
            return
        (graph, outcomes), self._pending = self._pending, None
        graph.result()
        found = [outcome.record for outcome in outcomes if outcome.record]
        self._stores.index.apply(found, removed=[outcome.entry.record for outcome in outcomes if not outcome.record])
        self._stores.ledger.write([outcome.entry for outcome in outcomes])


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Groups of *size*; the first is smaller, so that writing begins early."""
    iterator = iter(items)
    if group := list(islice(iterator, size // 4)):
        yield group
    while group := list(islice(iterator, size)):
        yield group


def _report(source: str, documents: int, ledger: Ledger, counts: _Counts, seconds: float) -> Report:
    totals = ledger.totals(source)
    return Report(
        source=source,
        documents=documents,
        loaded=totals.loaded,
        refused=totals.refused,
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        withdrawn=counts.withdrawn,
        quads=totals.quads,
        findings=totals.findings,
        finding_counts=ledger.issue_counts(source),
        issues=tuple(counts.issues),
        seconds=seconds,
    )
