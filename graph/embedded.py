"""The RDF dataset in this process: pyoxigraph, in memory or on disk.

What it holds and what a change writes is planned by `graph.lattice`; one transaction changes record graphs, partitions and the
system graph.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

from graph.answering import Answering, PartitionLayout, dump, run, value_of
from graph.canonical import Canonical, split
from graph.engine import engine_errors, lock_store, open_engine, written_down
from graph.guard import QueryLimits, guard
from graph.lattice import Batch, GraphLines, Lattice, lines_to_store, public_lines, quads_text
from graph.lattice_check import check
from graph.manifest import check_manifest, note_manifest
from graph.partitions import held_by
from graph.store import Answer, GraphChange, Term
from graph.system_graph import CONTENT, LAYOUT_LINE, SYSTEM, VERSION, check_layout
from records.errors import StoreDamagedError, StoreError
from records.ntriples import iri_text
from records.rdf import Triple
from records.rights import Audiences

BULK_MINIMUM: Final = 1_500
"""From so many new quads on, writing new files (12 ms, then 4 µs a quad) is faster than a transaction (10 µs a quad)."""
BULK_MAXIMUM: Final = 500_000
"""Up to so many quads the bulk loader works in one step; beyond, it may commit in several, so a transaction is used."""


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

    >>> from records.rdf import Literal
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
        self._layout = 0  # odd while a commit is changing rights or partitions; see `query`
        self._unflushed = False
        self.withdrew = False
        """Whether something was taken from a reader since it was opened, or since the last `backup`."""
        self._lattice = Lattice(self)
        self._canonical = Canonical()
        self._commits = 0  # odd while there is a commit
        self._answering: Answering | None = None  # of the newest commit
        self._lock_file = lock_store(path, shared=read_only) if path else None
        try:
            with engine_errors(path):
                if path:
                    check_manifest(path)
                self._open: ox.Store | None = open_engine(path, read_only=read_only)
            self._check_layout()
            if not read_only:
                with engine_errors(path):
                    self._forget(list(self._partitions))
                    if path:
                        note_manifest(path)
        except BaseException:
            self._unlock()
            raise

    # --- writing

    def apply(self, changes: Sequence[GraphChange]) -> None:
        """Replace these record graphs and their share of the partitions, all in one transaction."""
        self.apply_lines([lines_to_store(change) for change in changes])

    def apply_lines(self, changes: Sequence[GraphLines]) -> None:
        """The same as `apply`, for statements that are N-Triples lines already."""
        with self._writing():
            self._write(self._lattice.apply(changes))

    def set_rights(self, rights: Mapping[str, Audiences]) -> None:
        """Change who may read these record graphs, and nothing of what they hold; all in one transaction."""
        with self._writing():
            self._write(self._lattice.set_rights(rights))

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph that everyone may read and that is not a record."""
        self.set_public_lines(public_lines(graph_iri, triples))

    def set_public_lines(self, graph: GraphLines) -> None:
        """The same as `set_public_graph`, for statements that are N-Triples lines already."""
        with self._writing():
            self._write(self._lattice.set_public(graph))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._write_lock, engine_errors(self._path):
            if self._read_only:
                message = f"The graph store {self._path} was opened for reading."
                raise StoreError(message, "Write through the process that harvests.")
            yield

    def _write(self, batch: Batch) -> None:
        self._commit(batch)
        self._forget(iri for iri in batch.deletes if iri in self._partitions)

    def _commit(self, batch: Batch) -> None:
        self._layout += batch.changes_layout
        self._commits += 1
        try:
            self._transact(batch)
            self._lattice.remember(batch)
            self._answering = None
            self.withdrew = self.withdrew or batch.withdraws
        finally:
            self._layout += batch.changes_layout
            self._commits += 1

    def _transact(self, batch: Batch) -> None:
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

    def _forget(self, partitions: Iterable[str]) -> None:
        """Take empty partitions out, in a transaction of their own: an empty one does no harm meanwhile."""
        batch = self._lattice.forget(partitions)
        if not batch.is_empty():
            self._store.update(_update_text(batch))
            self._lattice.remember(batch)
            self._answering = None

    # --- answering

    def query(
        self,
        text: str,
        audiences: Audiences,
        *,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        bindings: Mapping[str, Term] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """Answer a SPARQL 1.1 query over what these audiences may read, and nothing else."""
        guarded = guard(text, self._limits, bindings, repeatable).asked_over(default_graphs, named_graphs)
        held = held_by(audiences)
        for shorten in chain((True,), repeat(False)):
            # The engine takes its snapshot within the call. If rights or partitions changed between choosing the graphs and the
            # end of the call, the two may not belong together: choose again. The same after any commit if data was looked at.
            layout, commits = self._layout, self._commits
            if layout % 2:
                with self._write_lock:
                    continue
            shorten = shorten and commits % 2 == 0
            answer = self._answers().answer(guarded, held, repeatable=repeatable, shorten=shorten)
            if self._layout == layout and not (shorten and self._commits != commits):
                return answer
        raise AssertionError("the loop has no end")

    def _answers(self) -> Answering:
        answering = self._answering
        if answering is None:
            layout = PartitionLayout(self._store, dict(self._partitions))
            answering = self._answering = Answering(self._store, layout, partial(engine_errors, self._path))
        return answering

    # --- looking after it

    def audiences_of(self) -> Mapping[str, Audiences]:
        """Audiences of every record graph, by graph IRI."""
        with engine_errors(self._path):
            return dict(self._record_graphs())

    def versions(self, audiences: Audiences) -> Mapping[str, str]:
        """SHA-256 of the content of every record graph that these audiences may read, by graph IRI."""
        with self._write_lock, engine_errors(self._path):
            return self._lattice.versions(audiences)

    def all_versions(self) -> Mapping[str, str]:
        """The same of every record graph, those that nobody may read among them: for checks by the operator, not for answers."""
        with self._write_lock, engine_errors(self._path):
            return dict(self.system(CONTENT))

    def sizes(self) -> Mapping[str, int]:
        """Number of statements of every record graph; reads the index of all graphs, 1 s for 1.5 million statements."""
        with self._write_lock, engine_errors(self._path):
            counts = run(self._store, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", [], None)
            if not isinstance(counts, ox.QuerySolutions):
                raise TypeError("the answer of a SELECT is a table")
            by_graph = {value_of(row[0]): int(value_of(row[1])) for row in counts}
            return {graph: by_graph[graph] for graph in self._record_graphs() if graph in by_graph}

    def count(self) -> int:
        """Number of statements in record graphs."""
        return sum(self.sizes().values())

    def check(self) -> list[str]:
        """What is wrong between record graphs, digests, rights and partitions; reads all, 100 bytes of memory a triple."""
        with self._write_lock, engine_errors(self._path):
            return check(self)

    def clear(self) -> None:
        """Drop everything, in one transaction."""
        with self._write_lock, engine_errors(self._path):
            self._layout += 1
            self._store.update(f"DROP ALL ; INSERT DATA {{ {quads_text({SYSTEM: [LAYOUT_LINE]})} }}")
            self._unflushed = True
            self.withdrew = True
            self._lattice.reset()
            self._answering = None
            self._layout += 1

    def backup(self, target: Path) -> None:
        """Make a store that holds what this one holds now, in a folder that is not there yet; files are shared by hard links.

        Raises:
            StoreError: It cannot be made; this store is as it was.
        """
        with self._write_lock, engine_errors(self._path):
            self._store.backup(str(target))
            note_manifest(target)
            self.withdrew = False

    def close(self) -> None:
        """Write everything out and let go of the files; answers still being read keep them open."""
        with self._write_lock:
            if self._open is None:
                return
            try:
                if self._path and not self._read_only:
                    with engine_errors(self._path):
                        self._open.flush()
                    with suppress(OSError):  # the note before holds for what was there then
                        note_manifest(self._path)
            finally:
                self._open = self._answering = None
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

    # --- what is known of the store, and what the planning asks of it

    @property
    def _partitions(self) -> dict[str, Audiences]:
        return self._lattice.partitions

    def _record_graphs(self) -> dict[str, Audiences]:
        return self._lattice.record_graphs()

    def _check_layout(self) -> None:
        """Refuse what is no store of ours or of another version; make an empty one ours."""
        with engine_errors(self._path):
            layout = [value for _, value in self.system(VERSION)]
            if not layout and not self._read_only:
                if len(self._store):
                    raise StoreDamagedError(f"{self._path} is not a graph store of Voltagraph.", "Choose another folder.")
                self._store.load(_nquads({SYSTEM: [LAYOUT_LINE]}), ox.RdfFormat.N_QUADS)
            else:
                check_layout(layout, str(self._path))
            self._lattice.read_partitions()

    def canonical(self, graphs: Sequence[GraphLines]) -> list[list[str]]:
        """See `graph.lattice.Backend`; terms that are none are found when they are written."""
        return self._canonical.graphs([graph.lines for graph in graphs])

    def lines_of(self, graph_iri: str) -> set[str]:
        """See `graph.lattice.Backend`."""
        return split(dump(self._store, ox.NamedNode(graph_iri)))

    def each_line(self, graph_iri: str, take: Callable[[str], None]) -> None:
        """See `graph.lattice.Backend`."""
        output: IO[bytes] = _Lines(take)  # type: ignore[assignment]  # the engine calls write and flush alone
        self._store.dump(output, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph_iri))

    def about(self, subjects: Collection[str]) -> Iterator[tuple[str, str]]:
        """See `graph.lattice.Backend`."""
        for subject in subjects:
            quads = list(self._store.quads_for_pattern(ox.NamedNode(subject), None, None, None))
            lines = _serialised([quad.triple for quad in quads])
            yield from ((value_of(quad.graph_name), line) for quad, line in zip(quads, lines, strict=True))

    def system(self, predicate: str, subjects: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """See `graph.lattice.Backend`."""
        for subject in (None,) if subjects is None else subjects:
            yield from written_down(self._store, predicate, subject)

    def graphs(self) -> Iterator[str]:
        """See `graph.lattice.Backend`."""
        for graph in (ox.DefaultGraph(), *self._store.named_graphs()):
            if next(self._store.quads_for_pattern(None, None, None, graph), None) is not None:
                yield "" if isinstance(graph, ox.DefaultGraph) else graph.value

    def is_empty(self, graph_iri: str) -> bool:
        """See `graph.lattice.Backend`."""
        return next(self._store.quads_for_pattern(None, None, None, ox.NamedNode(graph_iri)), None) is None


class _Lines:
    """A file that takes N-Triples piece by piece and gives each whole line, without its dot, to a function."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._rest = b""

    def write(self, data: bytes) -> int:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line[:-2].decode())
        return len(data)

    def flush(self) -> None:
        """Nothing to do: whole lines are already given on."""


# --- text: N-Triples lines without the final dot


def _serialised(triples: list[ox.Triple]) -> list[str]:
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return [line[:-2] for line in (text or b"").decode().split("\n") if line]


def _nquads(inserts: Mapping[str, list[str]]) -> bytes:
    parts = []
    for graph, lines in inserts.items():
        if lines:
            end = f" {iri_text(graph)} .\n"
            parts.append(end.join(lines) + end)
    return "".join(parts).encode()


def _update_text(batch: Batch) -> str:
    """The batch as one SPARQL Update request, which is one transaction."""
    drops = [f"DROP SILENT GRAPH {iri_text(graph)}" for graph in batch.drops]
    return " ;\n".join([f"DELETE DATA {{\n{quads_text(batch.deletes)}}}", *drops, f"INSERT DATA {{\n{quads_text(batch.inserts)}}}"])
