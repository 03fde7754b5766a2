"""The RDF dataset in this process: pyoxigraph, in memory or on disk.

The store holds one named graph per record, the lattice partitions (`graph.partitions`) and a system graph. One transaction
changes all three, so after a kill at any moment they still agree. The system graph holds, and nothing else does:

    <record graph>   in        <partition>     the partition of the record's own audiences
    <public graph>   public    <partition>     a graph that is not a record (an ontology's hierarchy)
    <partition>      audience  "audience"      one for each audience
    <any graph>      foreign   <subject>       a subject of the graph that is not under its record's IRI
    <system>         version   "1"             layout

Which triples do two graphs share? In the graph ``R#graph`` a subject ``R`` or ``R#...`` is native, any other is foreign. Two
graphs share a triple only if its subject is foreign in at least one of them, so a triple needs a look into the store only when
its subject is *contested*: foreign somewhere in the store, or foreign here and native or foreign elsewhere in the batch. All
others go straight to the partition of their record.

The store normalises typed literals (``"01"^^xsd:int`` becomes ``"1"^^xsd:integer``), so two different literals may be one triple.
Whatever is compared is first passed through an empty store of the same make: one code decides what is equal.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final, NamedTuple, TypeAlias

import pyoxigraph as ox

from graph.guard import Dataset, GuardedQuery, QueryLimits, guard
from graph.partitions import RESERVED, Holders, Ledger, collapse, held_by, meets, partition_iri
from graph.store import Answer, Boolean, Graph, GraphChange, Solutions, Statement, Term
from records.errors import QueryError, QuerySyntaxError, StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from records.ntriples import iri_text, lines_of, literal_text
from records.rdf import BlankNode, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

SYSTEM: Final = f"{RESERVED}system"
IN: Final = f"{RESERVED}in"
PUBLIC_GRAPH: Final = f"{RESERVED}public"
AUDIENCE: Final = f"{RESERVED}audience"
FOREIGN: Final = f"{RESERVED}foreign"
VERSION: Final = f"{RESERVED}version"
LAYOUT: Final = "1"

BULK_MINIMUM: Final = 1_500
"""From so many new quads on, writing new files (12 ms, then 4 µs a quad) is faster than a transaction (10 µs a quad)."""
BULK_MAXIMUM: Final = 500_000
"""Up to so many quads the bulk loader works in one step; beyond, it may commit in several, so a transaction is used."""
HOLDERS_CACHE: Final = 200_000
"""Number of contested triples whose holders are kept in memory between batches."""
READABLE_CACHE: Final = 16
"""Number of audience sets whose list of readable record graphs is kept in memory."""

_REBUILD = "Delete the folder and harvest again: everything in it can be rebuilt from the payloads."
_Result: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class GraphLines(NamedTuple):
    """A `graph.store.GraphChange` whose statements are N-Triples lines already, without the final dot."""

    graph_iri: str
    lines: Sequence[str]
    audiences: Audiences


@dataclass(slots=True)
class _Batch:
    """What one transaction writes, and what the caches must learn once it is written."""

    inserts: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    deletes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    drops: list[str] = field(default_factory=list)
    partitions: dict[str, Audiences] = field(default_factory=dict)
    foreign: set[int] = field(default_factory=set)
    ledger: Ledger = field(default_factory=Ledger)
    revokes: bool = False

    def only_adds(self) -> bool:
        return not self.drops and not any(self.deletes.values())

    def size(self) -> int:
        return sum(map(len, self.inserts.values()))


@dataclass(frozen=True, slots=True)
class _Graph:
    """One graph as it will be: its name, its statements as lines, its set, and how the system graph calls it."""

    iri: str
    lines: Sequence[str]
    audiences: Audiences
    kind: str

    @property
    def home(self) -> str:
        """The record's IRI, under which subjects are native."""
        return self.iri.removesuffix("#graph")

    def subjects(self) -> set[str]:
        return {_subject(line) for line in self.lines}

    @property
    def removed(self) -> bool:
        return not self.lines and (not self.audiences or self.kind == PUBLIC_GRAPH)


class EmbeddedGraphStore:
    """The `graph.store.GraphStore` in this process.

    Args:
        path: Folder of the store, made when absent; ``None`` keeps everything in memory.
        read_only: Only answer; several processes may do so at once, but not beside one that writes.
        limits: How long and how deep a query may be.

    Raises:
        StoreBusyError: Another process has it open.
        StoreDamagedError: It cannot be read and must be rebuilt.
        StoreFullError: No space is left.

    >>> from records.rdf import Iri, Triple
    >>> store = EmbeddedGraphStore(None)
    >>> cell = Triple("https://a.example/1#cell", "https://schema.org/name", Literal("LFP cell"))
    >>> store.apply([GraphChange("https://a.example/1#graph", [cell], frozenset({"bma/community:1"}))])
    >>> [row for row in store.query("SELECT ?n { ?s <https://schema.org/name> ?n }", frozenset({"bma/community:1"})).rows]
    [(Literal(value='LFP cell', datatype='http://www.w3.org/2001/XMLSchema#string', language=''),)]
    >>> [row for row in store.query("SELECT ?n { ?s <https://schema.org/name> ?n }", frozenset({"any"})).rows]
    []
    """

    def __init__(self, path: Path | None, *, read_only: bool = False, limits: QueryLimits | None = None) -> None:
        self._path = path
        self._read_only = read_only
        self._limits = limits or QueryLimits()
        self._write_lock = threading.Lock()
        self._load_lock = threading.Lock()
        self._layout = 0  # odd while a commit is changing rights or partitions; see `query`
        self._unflushed = False
        self._graphs: dict[str, Audiences] | None = None
        self._public_graphs: set[str] = set()
        self._foreign: set[int] | None = None
        self._holders: dict[str, dict[str, Holders]] = {}
        self._readable: dict[Audiences, list[ox.NamedNode]] = {}
        self._lock_file = _lock(path, shared=read_only) if path else None
        try:
            with _vendor_errors(path):
                self._open: ox.Store | None = _open(path, read_only)
            self._partitions: dict[str, Audiences] = self._read_partitions()
            if not read_only:
                with _vendor_errors(path):
                    self._forget(list(self._partitions))
        except BaseException:
            self._unlock()
            raise

    # --- writing

    def apply(self, changes: Sequence[GraphChange]) -> None:
        """Replace these record graphs and their share of the partitions, all in one transaction."""
        self.apply_lines(
            [GraphLines(change.graph_iri, _lines(change.graph_iri, change.triples), change.audiences) for change in changes]
        )

    def apply_lines(self, changes: Sequence[GraphLines]) -> None:
        """The same as `apply`, for statements that are N-Triples lines already."""
        graphs = {change.graph_iri: _Graph(change.graph_iri, change.lines, collapse(change.audiences), IN) for change in changes}
        with self._write_lock, _vendor_errors(self._path):
            self._record_graphs()
            for iri in graphs:
                if iri in self._public_graphs:
                    raise StoreError(f"<{iri}> is a public graph, not a record's.", "Give the record another graph IRI.")
            self._write(list(graphs.values()))

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph that everyone may read and that is not a record."""
        self.set_public_lines(GraphLines(graph_iri, _lines(graph_iri, list(triples)), PUBLIC))

    def set_public_lines(self, graph: GraphLines) -> None:
        """The same as `set_public_graph`, for statements that are N-Triples lines already."""
        with self._write_lock, _vendor_errors(self._path):
            if graph.graph_iri in self._record_graphs():
                raise StoreError(f"<{graph.graph_iri}> is a record's graph.", "Give the public graph another IRI.")
            self._write([_Graph(graph.graph_iri, graph.lines, PUBLIC, PUBLIC_GRAPH)])

    def _write(self, graphs: list[_Graph]) -> None:
        if self._read_only:
            raise StoreError(f"The graph store {self._path} was opened for reading.", "Write through the process that harvests.")
        batch = self._plan(graphs)
        self._commit(batch, graphs)
        self._forget(iri for iri in batch.deletes if iri in self._partitions)

    def _plan(self, graphs: list[_Graph]) -> _Batch:
        """Work out what the batch writes; reads the store, changes nothing."""
        batch = _Batch()
        known = self._record_graphs()
        contest = _Contest(graphs, self._foreign_subjects(), known)
        for graph in graphs:
            if graph.iri.startswith(RESERVED):
                raise StoreError(f"<{graph.iri}> is a name that the store keeps for itself.", "Give the record another graph IRI.")
            if graph.iri in known or graph.iri in self._public_graphs:
                self._plan_replacement(graph, contest, batch)
            elif not graph.removed:
                self._plan_new(graph, contest, batch)
        for move in batch.ledger.moves(self._holders_of):
            if move.source is not None:
                batch.deletes[partition_iri(move.source)].append(move.triple)
            if move.target is not None:
                batch.inserts[self._partition(move.target, batch)].append(move.triple)
        return batch

    def _plan_new(self, graph: _Graph, contest: _Contest, batch: _Batch) -> None:
        partition = self._partition(graph.audiences, batch)
        lines = graph.lines
        subjects = graph.subjects()
        contested = contest.among(graph, subjects)
        batch.inserts[graph.iri].extend(lines)
        if contested:
            shared = [line for line in lines if _subject(line) in contested]
            batch.inserts[partition].extend(line for line in lines if _subject(line) not in contested)
            for line in _canonical(shared):
                batch.ledger.enter(line, graph.audiences)
        else:
            batch.inserts[partition].extend(lines)
        self._describe(graph, partition, _foreign(graph, subjects), batch)

    def _plan_replacement(self, graph: _Graph, contest: _Contest, batch: _Batch) -> None:
        old_audiences = PUBLIC if graph.kind == PUBLIC_GRAPH else self._record_graphs()[graph.iri]
        old = self._lines_of(graph.iri)
        new = _canonical(graph.lines)
        old_subjects, new_subjects = {_subject(line) for line in old}, {_subject(line) for line in new}
        contested = contest.among(graph, old_subjects | new_subjects)
        moved = old_audiences != graph.audiences
        source = partition_iri(old_audiences)
        target = source if graph.removed else self._partition(graph.audiences, batch)
        leaving, entering = (old, new) if moved else (old - new, new - old)
        for line in leaving:
            if _subject(line) in contested:
                batch.ledger.leave(line, old_audiences)
            else:
                batch.deletes[source].append(line)
        for line in entering:
            if _subject(line) in contested:
                batch.ledger.enter(line, graph.audiences)
            else:
                batch.inserts[target].append(line)
        old_foreign, new_foreign = _foreign(graph, old_subjects), _foreign(graph, new_subjects)
        batch.deletes[SYSTEM].extend(f"<{graph.iri}> <{FOREIGN}> <{subject}>" for subject in old_foreign - new_foreign)
        if moved or graph.removed:
            batch.deletes[SYSTEM].append(f"<{graph.iri}> <{graph.kind}> <{source}>")
            batch.revokes = True
        if graph.removed:
            batch.drops.append(graph.iri)
            return
        batch.deletes[graph.iri].extend(old - new)
        batch.inserts[graph.iri].extend(new - old)
        self._describe(graph, target if moved else None, new_foreign - old_foreign, batch)

    def _describe(self, graph: _Graph, partition: str | None, foreign: set[str], batch: _Batch) -> None:
        if partition:
            batch.inserts[SYSTEM].append(f"<{graph.iri}> <{graph.kind}> <{partition}>")
        batch.inserts[SYSTEM].extend(f"<{graph.iri}> <{FOREIGN}> <{subject}>" for subject in foreign)
        batch.foreign.update(map(hash, foreign))

    def _partition(self, audiences: Audiences, batch: _Batch) -> str:
        """Name of the partition of this set; the first use of a set writes it down."""
        iri = partition_iri(audiences)
        if iri not in self._partitions and iri not in batch.partitions:
            batch.partitions[iri] = audiences
            texts = (literal_text(Literal(audience)) for audience in sorted(audiences))
            batch.inserts[SYSTEM].extend(f"<{iri}> <{AUDIENCE}> {text}" for text in texts)
        return iri

    def _commit(self, batch: _Batch, graphs: list[_Graph]) -> None:
        changes_layout = batch.revokes or bool(batch.partitions)
        self._layout += changes_layout
        try:
            self._transact(batch)
            self._remember(batch, graphs)
        finally:
            self._layout += changes_layout

    def _transact(self, batch: _Batch) -> None:
        """Write the batch in one transaction."""
        store = self._store
        if not batch.only_adds():
            store.update(_update_text(batch))
            self._unflushed = True
        elif self._path and BULK_MINIMUM <= batch.size() <= BULK_MAXIMUM:
            if self._unflushed:
                # New files are on the disk at once, the log of transactions is not: keep the order should the power fail.
                store.flush()
                self._unflushed = False
            store.bulk_load(_nquads(batch.inserts), ox.RdfFormat.N_QUADS)
        elif batch.inserts:
            store.load(_nquads(batch.inserts), ox.RdfFormat.N_QUADS)
            self._unflushed = True

    def _remember(self, batch: _Batch, graphs: list[_Graph]) -> None:
        """Bring the caches up to what was written; readers see each of them change at once."""
        known = dict(self._record_graphs()) if batch.revokes else self._record_graphs()
        for graph in graphs:
            if graph.kind == PUBLIC_GRAPH:
                (self._public_graphs.discard if graph.removed else self._public_graphs.add)(graph.iri)
            elif graph.removed:
                known.pop(graph.iri, None)
            else:
                known[graph.iri] = graph.audiences
        self._graphs = known
        self._readable = {}
        self._partitions = self._partitions | batch.partitions if batch.partitions else self._partitions
        self._foreign_subjects().update(batch.foreign)
        for triple, change in batch.ledger.changes():
            cached = self._holders.get(_subject(triple))
            if cached is not None:
                cached.setdefault(triple, Counter()).update(change)
        if sum(map(len, self._holders.values())) > HOLDERS_CACHE:
            self._holders.clear()

    def _forget(self, partitions: Iterable[str]) -> None:
        """Take empty partitions out, each in a transaction of its own: an empty one does no harm meanwhile."""
        used = None
        for iri in partitions:
            if next(self._store.quads_for_pattern(None, None, None, ox.NamedNode(iri)), None) is not None:
                continue
            used = set(self._record_graphs().values()) | {PUBLIC} if used is None else used
            if self._partitions[iri] in used or iri == partition_iri(NOBODY):
                continue
            self._store.update(f"DELETE WHERE {{ GRAPH <{SYSTEM}> {{ <{iri}> ?p ?o }} }} ; DROP SILENT GRAPH <{iri}>")
            self._partitions = {name: audiences for name, audiences in self._partitions.items() if name != iri}

    # --- answering

    def query(
        self,
        text: str,
        audiences: Audiences,
        *,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> Answer:
        """Answer a SPARQL 1.1 query over what these audiences may read, and nothing else."""
        guarded = guard(text, self._limits)
        held = held_by(audiences)
        if default_graphs is not None or named_graphs is not None:
            guarded = guarded.over(Dataset(tuple(default_graphs or ()), tuple(named_graphs or ())))
        with _vendor_errors(self._path), _syntax_errors():
            while True:
                # The engine takes its snapshot within the call. If rights or partitions changed between choosing the graphs and the
                # end of the call, the two may not belong together: choose again.
                layout = self._layout
                if layout % 2:
                    with self._write_lock:
                        continue
                answer = self._evaluate(guarded, held)
                if self._layout == layout:
                    return self._answer(answer)

    def _evaluate(self, guarded: GuardedQuery, held: Audiences) -> _Result:
        named = self._named_graphs(guarded, held)
        if guarded.dataset is None:
            default = [ox.NamedNode(iri) for iri, audiences in self._partitions.items() if meets(audiences, held)]
            return _run(self._store, guarded.text, default, named)
        default = self._permitted(guarded.dataset.default_graphs, held)
        if len(default) < 2:
            return _run(self._store, guarded.text, default, named)
        merged = ox.Store()
        for graph in default:
            merged.load(_dump(self._store, graph), ox.RdfFormat.N_TRIPLES)
        for graph in named:
            merged.load(_dump(self._store, graph), ox.RdfFormat.N_TRIPLES, to_graph=graph)
        return _run(merged, guarded.text, [ox.DefaultGraph()], named)

    def _named_graphs(self, guarded: GuardedQuery, held: Audiences) -> list[ox.NamedNode]:
        """The permitted graphs that GRAPH may see; passing more than the query can name would only cost time."""
        if not guarded.any_graph:
            names = guarded.graphs if guarded.dataset is None else set(guarded.graphs) & set(guarded.dataset.named_graphs)
            return self._permitted(names, held)
        if guarded.dataset is not None:
            return self._permitted(guarded.dataset.named_graphs, held)
        readable = self._readable
        nodes = readable.get(held)
        if nodes is None:
            nodes = [ox.NamedNode(iri) for iri, audiences in list(self._record_graphs().items()) if meets(audiences, held)]
            if len(readable) >= READABLE_CACHE:
                readable.clear()
            readable[held] = nodes
        return nodes

    def _permitted(self, names: Iterable[str], held: Audiences) -> list[ox.NamedNode]:
        known = self._record_graphs()
        return [ox.NamedNode(iri) for iri in dict.fromkeys(names) if iri in known and meets(known[iri], held)]

    def _answer(self, answer: _Result) -> Answer:
        if isinstance(answer, ox.QueryBoolean):
            return Boolean(bool(answer))
        if isinstance(answer, ox.QuerySolutions):
            return Solutions(tuple(variable.value for variable in answer.variables), self._rows(answer))
        return Graph(self._statements(answer))

    def _rows(self, solutions: ox.QuerySolutions) -> Iterator[tuple[Term | None, ...]]:
        with _vendor_errors(self._path):
            for solution in solutions:
                yield tuple(None if term is None else _term(term) for term in solution)

    def _statements(self, triples: ox.QueryTriples) -> Iterator[Statement]:
        with _vendor_errors(self._path):
            for triple in triples:
                yield Statement(_resource(triple.subject), Iri(triple.predicate.value), _term(triple.object))

    # --- looking after it

    def audiences_of(self) -> Mapping[str, Audiences]:
        """Audiences of every record graph, by graph IRI."""
        with _vendor_errors(self._path):
            return dict(self._record_graphs())

    def count(self) -> int:
        """Number of statements in record graphs; reads the whole index of the partitions."""
        with self._write_lock, _vendor_errors(self._path):
            self._record_graphs()
            others = [ox.NamedNode(iri) for iri in (SYSTEM, *self._partitions, *self._public_graphs)]
            total = _run(self._store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", others, [])
            number = next(total)[0] if isinstance(total, ox.QuerySolutions) else None
            if not isinstance(number, ox.Literal):
                raise TypeError("a count is a number")
            return len(self._store) - int(number.value)

    def check(self) -> list[str]:
        """What is wrong between record graphs, rights and partitions; reads the whole store, 100 bytes of memory a triple."""
        with self._write_lock, _vendor_errors(self._path):
            return _check(self._store)

    def clear(self) -> None:
        """Drop everything, in one transaction."""
        with self._write_lock, _vendor_errors(self._path):
            self._layout += 1
            self._store.update(f'DROP ALL ; INSERT DATA {{ GRAPH <{SYSTEM}> {{ <{SYSTEM}> <{VERSION}> "{LAYOUT}" }} }}')
            self._unflushed = True
            self._graphs, self._public_graphs, self._foreign = {}, set(), set()
            self._partitions = {partition_iri(NOBODY): NOBODY}
            self._holders.clear()
            self._readable.clear()
            self._layout += 1

    def close(self) -> None:
        """Write everything out and let go of the files; answers still being read keep them open."""
        with self._write_lock:
            if self._open is None:
                return
            try:
                if self._path and not self._read_only:
                    with _vendor_errors(self._path):
                        self._open.flush()
            finally:
                self._open = None
                self._unlock()

    def _unlock(self) -> None:
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    @property
    def _store(self) -> ox.Store:
        if self._open is None:
            raise StoreError("The graph store is closed.", "Open it again.")
        return self._open

    # --- what is known of the store

    def _read_partitions(self) -> dict[str, Audiences]:
        with _vendor_errors(self._path):
            layout = [value for _, value in self._system(VERSION)]
            if not layout and not self._read_only:
                if len(self._store):
                    raise StoreDamagedError(f"{self._path} is not a graph store of Voltagraph.", "Choose another folder.")
                self._store.load(_nquads({SYSTEM: [f'<{SYSTEM}> <{VERSION}> "{LAYOUT}"']}), ox.RdfFormat.N_QUADS)
            elif layout != [LAYOUT]:
                raise StoreDamagedError(f"The graph store {self._path} has a layout that this version does not know.", _REBUILD)
            sets: defaultdict[str, set[str]] = defaultdict(set)
            for partition, audience in self._system(AUDIENCE):
                sets[partition].add(audience)
            return {partition_iri(NOBODY): NOBODY} | {iri: frozenset(audiences) for iri, audiences in sets.items()}

    def _record_graphs(self) -> dict[str, Audiences]:
        """Collapsed audiences of each record graph; read from the store on first use."""
        if self._graphs is None:
            with self._load_lock:  # a reader must not put what it read before a commit in place of what the commit left
                if self._graphs is None:
                    self._public_graphs = {graph for graph, _ in self._system(PUBLIC_GRAPH)}
                    self._graphs = {graph: self._partitions.get(partition, NOBODY) for graph, partition in self._system(IN)}
        return self._graphs

    def _foreign_subjects(self) -> set[int]:
        """Hashes of all subjects that are foreign in some graph. It may hold too many (that costs a look), never too few."""
        if self._foreign is None:
            self._foreign = {hash(subject) for _, subject in self._system(FOREIGN)}
        return self._foreign

    def _system(self, predicate: str) -> Iterator[tuple[str, str]]:
        for quad in self._store.quads_for_pattern(None, ox.NamedNode(predicate), None, ox.NamedNode(SYSTEM)):
            yield _value(quad.subject), _value(quad.object)

    def _lines_of(self, graph_iri: str) -> set[str]:
        return _split(_dump(self._store, ox.NamedNode(graph_iri)))

    def _holders_of(self, triple: str) -> Holders:
        """The holders of a contested triple; the first question about a subject reads it in all graphs."""
        subject = _subject(triple)
        if subject not in self._holders:
            known = self._record_graphs()
            lines: list[ox.Triple] = []
            sets: list[Audiences] = []
            for quad in self._store.quads_for_pattern(ox.NamedNode(subject), None, None, None):
                graph = _value(quad.graph_name)
                audiences = known.get(graph, PUBLIC if graph in self._public_graphs else None)
                if audiences is not None:
                    lines.append(quad.triple)
                    sets.append(audiences)
            holders: defaultdict[str, Holders] = defaultdict(Counter)
            for line, audiences in zip(_serialised(lines), sets, strict=True):
                holders[line][audiences] += 1
            self._holders[subject] = dict(holders)
        return self._holders[subject].get(triple, Counter())


class _Contest:
    """Finds the subjects of which another graph may say the same, for one batch."""

    def __init__(self, graphs: list[_Graph], foreign: set[int], known: Mapping[str, Audiences]) -> None:
        self._foreign = foreign
        self._known = known
        self._homes = {graph.iri for graph in graphs}
        self._in_batch: Counter[str] = Counter()
        for graph in graphs:
            self._in_batch.update(_foreign(graph, graph.subjects()))

    def among(self, graph: _Graph, subjects: set[str]) -> set[str]:
        """Those of these subjects of the graph that are contested."""
        foreign_here = _foreign(graph, subjects)
        return {
            subject
            for subject in subjects
            if hash(subject) in self._foreign
            or (self._shared_here(subject) if subject in foreign_here else subject in self._in_batch)
        }

    def _shared_here(self, subject: str) -> bool:
        native = f"{subject.partition('#')[0]}#graph"
        return self._in_batch[subject] > 1 or native in self._known or native in self._homes


def _foreign(graph: _Graph, subjects: Iterable[str]) -> set[str]:
    """The subjects that are not under the record's IRI."""
    home = graph.home
    prefix = f"{home}#"
    return {subject for subject in subjects if not subject.startswith(prefix) and subject != home}


def _run(store: ox.Store, text: str, default: Sequence[ox.NamedNode | ox.DefaultGraph], named: Sequence[ox.NamedNode]) -> _Result:
    """The one place where a query meets the engine: without either list it would see graphs that nobody permitted."""
    return store.query(text, default_graph=[*default], named_graphs=[*named])


# --- text: N-Triples lines without the final dot


def _lines(graph_iri: str, triples: Sequence[Triple]) -> list[str]:
    """The triples as N-Triples lines, as given; nothing in them can end a term or a line early."""
    try:
        return lines_of(triples)
    except ValueError as exc:
        raise StoreError(f"<{graph_iri}> cannot be stored: {exc}", "Mend the record; nothing of this batch was stored.") from exc


def _canonical(lines: Sequence[str]) -> set[str]:
    """The lines as the store will give them back."""
    if not lines:
        return set()
    store = ox.Store()
    store.load("".join(f"{line} .\n" for line in lines).encode(), ox.RdfFormat.N_TRIPLES)
    return _split(_dump(store, ox.DefaultGraph()))


def _dump(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> bytes:
    text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph)
    return b"" if text is None else text


def _split(ntriples: bytes) -> set[str]:
    return {line[:-2] for line in ntriples.decode().split("\n") if line}


def _serialised(triples: list[ox.Triple]) -> list[str]:
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return [line[:-2] for line in (text or b"").decode().split("\n") if line]


def _subject(line: str) -> str:
    return line[1 : line.index(">")]


def _nquads(inserts: Mapping[str, list[str]]) -> bytes:
    parts = []
    for graph, lines in inserts.items():
        if lines:
            end = f" {iri_text(graph)} .\n"
            parts.append(end.join(lines) + end)
    return "".join(parts).encode()


def _update_text(batch: _Batch) -> str:
    """The batch as one SPARQL Update request, which is one transaction."""
    drops = [f"DROP SILENT GRAPH {iri_text(graph)}" for graph in batch.drops]
    return " ;\n".join([f"DELETE DATA {{\n{_quads(batch.deletes)}}}", *drops, f"INSERT DATA {{\n{_quads(batch.inserts)}}}"])


def _quads(by_graph: Mapping[str, list[str]]) -> str:
    return "".join(f"GRAPH {iri_text(graph)} {{\n" + " .\n".join(lines) + " }\n" for graph, lines in by_graph.items() if lines)


# --- terms


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
    if isinstance(term, ox.Literal):
        return Literal(term.value, term.datatype.value, term.language or "")
    if isinstance(term, ox.Triple):
        raise StoreError("The answer holds a triple as a term, which no query of SPARQL 1.1 gives.", "Report it.")
    return _resource(term)


def _resource(term: ox.NamedNode | ox.BlankNode | ox.Triple) -> Iri | BlankNode:
    return BlankNode(term.value) if isinstance(term, ox.BlankNode) else Iri(_value(term))


def _value(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph) -> str:
    if isinstance(term, ox.Triple | ox.DefaultGraph):
        raise StoreDamagedError("The store holds what was never written to it.", _REBUILD)
    return term.value


# --- the check


class _QuadLines:
    """A file that takes N-Quads piece by piece and gives each whole line to a function."""

    def __init__(self, take: _Checker) -> None:
        self._take = take
        self._rest = b""

    def write(self, data: bytes) -> int:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take.quad(line)
        return len(data)

    def flush(self) -> None:
        """Nothing to do: whole lines are already given on."""


class _Checker:
    """What each triple's graphs and partition are, by digest."""

    def __init__(self, graphs: Mapping[str, Audiences], partitions: Mapping[str, Audiences]) -> None:
        self.graphs = graphs
        self.partitions = partitions
        self.holders: dict[bytes, Audiences] = {}
        self.stands: dict[bytes, Audiences] = {}
        self.foreign: defaultdict[str, set[str]] = defaultdict(set)
        self.problems: list[str] = []

    def quad(self, line: bytes) -> None:
        triple, _, name = line.removesuffix(b"> .").rpartition(b" <")
        graph = name.decode()
        digest = blake2b(triple, digest_size=16).digest()
        if graph in self.graphs:
            held = self.holders.get(digest)
            self.holders[digest] = self.graphs[graph] if held is None else collapse(held | self.graphs[graph])
            subject = _subject(triple.decode())
            if _foreign(_Graph(graph, (), PUBLIC, IN), (subject,)):
                self.foreign[graph].add(subject)
        elif graph in self.partitions:
            if digest in self.stands:
                self.problems.append(f"A triple stands in two partitions: {triple.decode()}")
            self.stands[digest] = self.partitions[graph]
        elif graph != SYSTEM:
            self.problems.append(f"The store holds a graph that nothing describes: <{graph}>")


def _check(store: ox.Store) -> list[str]:
    system: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(SYSTEM)):
        system[quad.predicate.value].append((_value(quad.subject), _value(quad.object)))
    sets: defaultdict[str, set[str]] = defaultdict(set)
    for partition, audience in system[AUDIENCE]:
        sets[partition].add(audience)
    partitions = {partition_iri(NOBODY): NOBODY} | {iri: frozenset(audiences) for iri, audiences in sets.items()}
    problems = [f"A partition's name is not its set's: <{iri}>" for iri, held in partitions.items() if partition_iri(held) != iri]
    described = [*system[IN], *system[PUBLIC_GRAPH]]
    problems += [f"A graph is in a partition that is not described: <{graph}>" for graph, iri in described if iri not in partitions]
    times = Counter(graph for graph, _ in described)
    problems += [f"A graph has two sets: <{graph}>" for graph, number in times.items() if number > 1]
    graphs = {graph: partitions.get(iri, NOBODY) for graph, iri in described}
    checker = _Checker(graphs, partitions)
    output: IO[bytes] = _QuadLines(checker)  # type: ignore[assignment]  # the engine calls write and flush alone
    store.dump(output, ox.RdfFormat.N_QUADS)
    problems += list(dict.fromkeys(checker.problems))
    wrong = sum(1 for digest, held in checker.holders.items() if checker.stands.get(digest) != held)
    if wrong:
        problems.append(f"{wrong} triples of record graphs do not stand in the partition of their audiences.")
    extra = len(checker.stands.keys() - checker.holders.keys())
    if extra:
        problems.append(f"{extra} triples stand in a partition but in no record graph.")
    foreign: defaultdict[str, set[str]] = defaultdict(set)
    for graph, subject in system[FOREIGN]:
        foreign[graph].add(subject)
    if foreign != checker.foreign:
        problems.append("The foreign subjects written down are not those of the graphs.")
    return problems


# --- opening, and errors


def _open(path: Path | None, read_only: bool) -> ox.Store:
    if path is None:
        return ox.Store()
    return ox.Store.read_only(str(path)) if read_only else ox.Store(path)


def _lock(path: Path, *, shared: bool) -> IO[bytes]:
    """Take the lock beside the store: one writer, or any number of readers.

    The engine itself refuses a second writer, but a reader beside a writer would be undefined behaviour.
    """
    if shared and not path.is_dir():
        raise StoreError(f"There is no graph store at {path}.", "Harvest first, or mend the path.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_name(f"{path.name}.lock").open("ab")
    except OSError as exc:
        raise _full_or_other(exc, path) from exc
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as exc:
        file.close()
        if exc.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise _busy(path) from exc
        raise _full_or_other(exc, path) from exc
    return file


def _busy(path: Path | None) -> StoreBusyError:
    return StoreBusyError(f"Another process has the graph store {path} open.", "Stop it or wait for it to end, then try again.")


def _full_or_other(exc: BaseException, path: Path | None) -> StoreError:
    text = str(exc)
    number = exc.errno if isinstance(exc, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(os.strerror(n) in text for n in _FULL):
        return StoreFullError(f"No space is left for the graph store {path}.", "Make room, then start again.")
    if "Corruption" in text or "orrupted" in text:
        return StoreDamagedError(f"The graph store {path} is damaged: {text}.", _REBUILD)
    if "While lock file" in text or "lock hold by current process" in text:
        return _busy(path)
    return StoreError(f"The graph store {path} cannot be used: {text}.", "Check the folder and its permissions.")


_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def _vendor_errors(path: Path | None) -> Iterator[None]:
    """Turn the engine's errors into ours."""
    try:
        yield
    except (SyntaxError, ValueError) as exc:  # an IRI that the engine takes for none, a lone surrogate
        raise StoreError(f"What was given cannot be stored: {exc}.", "Mend the record; nothing of this batch was stored.") from exc
    except (OSError, RuntimeError) as exc:
        raise _full_or_other(exc, path) from exc


@contextmanager
def _syntax_errors() -> Iterator[None]:
    """Turn what the engine says of a query into our error with its place."""
    try:
        yield
    except SyntaxError as exc:
        raise _syntax_error(str(exc)) from exc
    except ValueError as exc:
        raise QueryError(f"The query cannot be evaluated: {exc}.", "Mend the query.") from exc


_PLACE = re.compile(r"(?:error )?at (\d+):(\d+): (?:expected )?(?:one of )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"[A-Z][a-z]+ [^,\[\]']+")


def _syntax_error(message: str) -> QuerySyntaxError:
    """Our error for the engine's message, e.g. ``error at 2:11: expected one of Prefix not found, ['%'], [':']``.

    >>> error = _syntax_error("error at 2:11: expected one of Prefix not found, ['%']")
    >>> (error.line, error.column, error.message)
    (2, 11, 'The query does not parse at line 2, column 11: Prefix not found.')
    """
    place = _PLACE.search(message)
    if place is None:
        return QuerySyntaxError(f"The query does not parse: {message}.", "Mend the query.")
    line, column, expected = int(place[1]), int(place[2]), place[3]
    sentence = _SENTENCE.search(expected)
    words = sorted(set(re.findall(r"\b[A-Z]{2,}\b", expected)))
    reason = f": {sentence[0].strip()}" if sentence else f": {' or '.join(words)} is expected" if 0 < len(words) <= 4 else ""
    return QuerySyntaxError(
        f"The query does not parse at line {line}, column {column}{reason}.", "Mend the query there.", line=line, column=column
    )
