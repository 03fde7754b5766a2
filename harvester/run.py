"""Flow *In*: from a source to payloads, records, findings, graph and index. Read `harvest` from top to bottom.

Order of writing: payload, graph, index, ledger. The ledger comes last, so a document is called loaded only when all the rest holds;
after a kill the next run finds what the ledger does not know and does it again. Writing a document twice changes nothing.

Whenever a payload is read, the corrections of its record that hold are read with it (`harvester/correcting.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TypeVar

from graph.store import GraphChange, GraphWriter
from harvester.correcting import Described, read_corrected
from harvester.corrections import Corrections
from harvester.ledger import Entry, Ledger, State
from harvester.payloads import Payloads
from harvester.reading import Read, Reader, gravest
from harvester.source import Reference, Source
from records.errors import StoreDamagedError
from records.issues import Issue
from records.record import Payload, Record
from records.rights import NOBODY
from search.index import IndexWriter, SearchIndex

OnProgress = Callable[[int, int], None]
"""Called with the number of documents done and the number of documents there are."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything a harvest writes to, and the corrections, which it only reads."""

    payloads: Payloads
    graph: GraphWriter
    index: SearchIndex
    ledger: Ledger
    corrections: Corrections


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
class Outcome:
    """What is to be written for one document.

    Args:
        entry: Its entry in the ledger.
        record: For the index; ``None`` when nothing of it is to be loaded.
        change: For the graph; ``None`` when there is nothing of it to replace.
        refused: Findings because of which its newest form is not loaded.
    """

    entry: Entry
    record: Record | None = None
    change: GraphChange | None = None
    refused: tuple[Issue, ...] = ()


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
    with _Writer(stores, stores.index) as writer:
        for references in _batches(fresh, batch):
            outcomes = [_bring_in(source, reference, known.get(reference.key), reader, stores, counts) for reference in references]
            writer.write(outcomes)
            counts.done += len(outcomes)
            if on_progress:
                on_progress(counts.done, len(offered))
        writer.write(_withdraw(known, offered, reader, counts))
    reread_corrected(reader, stores, batch=batch)
    return _report(source.name, len(offered), stores.ledger, counts, time.perf_counter() - started)


def rebuild(reader: Reader, stores: Stores, *, batch: int = 200, on_progress: OnProgress | None = None) -> int:
    """Derive graph, index and findings of every document anew from its payload, and return how many there are.

    What was refused is tried again: limits, contexts or corrections may have changed. The old index answers until the new one is
    whole.

    Raises:
        StoreError: A store failed.
    """
    with stores.index.rebuilding() as index:
        return _derive_all(kept_entries(stores.ledger), reader, stores, index, batch, on_progress)


def reread_corrected(reader: Reader, stores: Stores, *, batch: int = 200) -> int:
    """Read every record anew whose corrections are not those it was read with, and return how many there were.

    Raises:
        StoreBusyError: Another process is writing; nothing was changed.
        StoreError: A store failed.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    found = map(stores.ledger.entry, sorted(pending(stores.corrections, stores.ledger)))
    entries = [replace(entry, changed_at=now) for entry in found if entry is not None and _is_kept(entry)]
    return _derive_all(entries, reader, stores, stores.index, batch, None)


def pending(corrections: Corrections, ledger: Ledger) -> set[str]:
    """Records that were read with other corrections than those that hold now."""
    holding, read_with = corrections.holding(), ledger.corrected()
    return {record for record in holding.keys() | read_with.keys() if holding.get(record, ()) != read_with.get(record, ())}


def kept_entries(ledger: Ledger) -> list[Entry]:
    """Every document of which a payload is kept and that was not withdrawn; without findings but those its source told."""
    kept = (entry for entry in ledger.all_entries() if _is_kept(entry))
    return [(entry.told and ledger.entry(entry.record)) or entry for entry in kept]


def derive(entry: Entry, reader: Reader, payloads: Payloads, corrections: Corrections) -> Outcome:
    """What the kept payloads of a document give today: its newest form when that can be read, else the last good one.

    Nothing is written.

    Args:
        entry: What is known of it, with the findings that its source told.
        reader: Turns a payload into a record with statements and findings.
        payloads: The documents as harvested.
        corrections: What curators accepted.
    """
    entry = replace(entry, issues=entry.issues[: entry.told])
    forms = _kept(payloads, entry.key, entry.seen, entry.digest)
    return _first_readable(entry, forms, entry.digest, reader, corrections)


def _derive_all(
    entries: Sequence[Entry], reader: Reader, stores: Stores, index: IndexWriter, batch: int, on_progress: OnProgress | None
) -> int:
    if not entries:
        return 0
    done = 0
    with _Writer(stores, index) as writer:
        for group in _batches(entries, batch):
            writer.write([derive(entry, reader, stores.payloads, stores.corrections) for entry in group])
            done += len(group)
            if on_progress:
                on_progress(done, len(entries))
    return len(entries)


def _is_kept(entry: Entry) -> bool:
    return entry.state is not State.WITHDRAWN and bool(entry.seen or entry.digest)


def _is_fresh(reference: Reference, entry: Entry | None) -> bool:
    return entry is None or entry.marker != reference.marker or entry.state is State.WITHDRAWN


def _bring_in(
    source: Source, reference: Reference, known: Entry | None, reader: Reader, stores: Stores, counts: _Counts
) -> Outcome:
    """One document: fetch, keep, read; what cannot be read keeps the form that was loaded before, under today's rights."""
    earlier = known.digest if known is not None and known.state is not State.WITHDRAWN else ""
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
        told=len(reference.issues),
        communities=reference.communities,
    )
    fetched = source.fetch(reference)
    if isinstance(fetched, Issue):
        counts.unreachable.append(f"{reference.key}/")
        outcome = _not_had(entry, reference, fetched, known, earlier, reader, stores)
    else:
        entry = replace(entry, seen=stores.payloads.keep(fetched))
        forms = chain([fetched], _kept(stores.payloads, entry.key, earlier if earlier != entry.seen else ""))
        outcome = _first_readable(entry, forms, earlier, reader, stores.corrections)
    if outcome.refused:
        counts.issues.extend(outcome.refused)
    elif known is not None and known.state is State.LOADED:
        counts.changed += 1
    else:
        counts.new += 1
    return outcome


def _not_had(
    entry: Entry, reference: Reference, why: Issue, known: Entry | None, earlier: str, reader: Reader, stores: Stores
) -> Outcome:
    """A document that is offered and cannot be had now."""
    if why in reference.issues:
        # The source could not even look at it, so it said nothing new of its rights.
        entry = replace(entry, issues=())
        entry = replace(entry, rights=known.rights, communities=known.communities) if known else entry
    issues = (*entry.issues, why)
    # No marker: what could not be had is tried again at the next run, whether or not its marker moves.
    entry = replace(entry, marker="", issues=issues, told=len(issues))
    forms = _kept(stores.payloads, entry.key, earlier)
    return replace(_first_readable(entry, forms, earlier, reader, stores.corrections), refused=issues)


def _kept(payloads: Payloads, key: str, *digests: str) -> Iterator[Payload | Issue]:
    """The payloads of these digests, each once; in the place of one that is gone or spoilt, what is to be told of it."""
    for digest in dict.fromkeys(filter(None, digests)):
        try:
            payload = payloads.read(digest)
        except StoreDamagedError as error:
            yield Issue("payload-damaged", error.message, source=key, remedy="harvest its source again")
        else:
            yield payload


def _first_readable(
    entry: Entry, forms: Iterable[Payload | Issue], earlier: str, reader: Reader, corrections: Corrections
) -> Outcome:
    """Of the forms of a document the first that can be read, with what is wrong with those before it.

    Args:
        entry: What is known of the document, with findings that are no matter of its form.
        forms: Newest first.
        earlier: Digest of what is loaded of it; it goes when nothing can be read.
        reader: Turns a payload into a record with statements and findings.
        corrections: What curators accepted.
    """
    holding = tuple(correction for correction in corrections.of(entry.record) if correction.holds)
    described = Described(entry.record, entry.source, entry.key, entry.title, entry.rights, entry.communities)
    refused: tuple[Issue, ...] = ()
    for form in forms:
        if isinstance(form, Issue):
            # Without a marker the next harvest asks the source.
            entry = replace(entry, marker="", issues=(*entry.issues, form))
            refused = entry.issues
            continue
        found = read_corrected(reader, described, form, holding)
        entry = replace(entry, issues=(*entry.issues, *found.read.issues), corrections=found.standings)
        if found.read.record is not None:
            return _loaded(entry, found.read, found.read.record, refused)
        refused = entry.issues
    gone = GraphChange(f"{reader.iri_of(entry.record)}#graph", (), NOBODY) if earlier else None
    return Outcome(replace(entry, state=State.REFUSED, digest="", quads=0, contexts=()), change=gone, refused=refused)


def _loaded(entry: Entry, read: Read, record: Record, refused: tuple[Issue, ...]) -> Outcome:
    # Findings that its source told are its findings too.
    record = replace(record, validation=gravest(entry.issues))
    entry = replace(entry, state=State.LOADED, digest=record.digest, quads=len(read.triples), contexts=read.contexts)
    return Outcome(entry, record, GraphChange(record.graph_iri, read.triples, entry.rights.read_files), refused)


def _withdraw(known: dict[str, Entry], offered: Iterable[Reference], reader: Reader, counts: _Counts) -> list[Outcome]:
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
        Outcome(
            replace(entry, state=State.WITHDRAWN, quads=0, issues=(), told=0, changed_at=now),
            change=GraphChange(f"{reader.iri_of(entry.record)}#graph", (), NOBODY) if entry.state is State.LOADED else None,
        )
        for entry in gone
    ]


class _Writer:
    """Writes the graph of one batch while the next is being read; index and ledger follow when the graph is committed."""

    def __init__(self, stores: Stores, index: IndexWriter) -> None:
        self._stores = stores
        self._index = index
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="harvest-graph")
        self._pending: tuple[Future[None], Sequence[Outcome]] | None = None

    def __enter__(self) -> _Writer:
        return self

    def write(self, outcomes: Sequence[Outcome]) -> None:
        self._finish()
        if outcomes:
            self._pending = self._pool.submit(self._write_graph, outcomes), outcomes

    def __exit__(self, *exception: object) -> None:
        try:
            self._finish()
        finally:
            self._pool.shutdown()

    def _write_graph(self, outcomes: Sequence[Outcome]) -> None:
        self._stores.payloads.sync()
        self._stores.graph.apply([outcome.change for outcome in outcomes if outcome.change])

    def _finish(self) -> None:
        if self._pending is None:
            return
        (graph, outcomes), self._pending = self._pending, None
        graph.result()
        found = [outcome.record for outcome in outcomes if outcome.record]
        self._index.apply(found, removed=[outcome.entry.record for outcome in outcomes if not outcome.record])
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
