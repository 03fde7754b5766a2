"""What a batch of changes writes: record graphs, lattice partitions and the system graph, whatever engine holds them.

One transaction changes all three, so after a kill at any moment they still agree. What the system graph says: `graph.system_graph`.

Which triples do two graphs share? In the graph ``R#graph`` a subject ``R`` or ``R#...`` is native, any other is foreign. Two
graphs share a triple only if its subject is foreign in at least one of them, so a triple needs a look into the store only when
its subject is *contested*: foreign somewhere in the store, or foreign here and native or foreign elsewhere in the batch. All
others go straight to the partition of their record.

A statement is its canonical N-Triples line without the final dot (`graph.canonical`). A store that normalises literals in its own
way is read through the same code, so two lines are equal exactly when they are one triple.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from graph.canonical import digest_of
from graph.partitions import RESERVED, Holders, Ledger, collapse, held_by, meets, partition_iri
from graph.store import GraphChange
from graph.system_graph import AUDIENCE, CONTENT, FOREIGN, IN, PUBLIC_GRAPH, SYSTEM, audience_lines, content_line, partitions_of
from records.errors import StoreError
from records.ntriples import iri_text, lines_of
from records.rdf import Triple
from records.rights import NOBODY, PUBLIC, Audiences

HOLDERS_CACHE: Final = 200_000
"""Number of contested triples whose holders are kept in memory between batches."""


class GraphLines(NamedTuple):
    """A `graph.store.GraphChange` whose statements are N-Triples lines already, without the final dot."""

    graph_iri: str
    lines: Sequence[str]
    audiences: Audiences


class Backend(Protocol):
    """What the planning asks of the store that it plans for; lines are canonical."""

    def canonical(self, graphs: Sequence[GraphLines]) -> list[list[str]]:
        """The lines of each graph, canonical, sorted, each once."""

    def lines_of(self, graph_iri: str) -> set[str]:
        """The statements of a graph."""

    def each_line(self, graph_iri: str, take: Callable[[str], None]) -> None:
        """Give each statement of a graph, which may be too many to hold."""

    def about(self, subjects: Collection[str]) -> Iterable[tuple[str, str]]:
        """The statements about these subjects in all graphs, each with the name of its graph."""

    def system(self, predicate: str, subjects: Collection[str] | None = None) -> Iterable[tuple[str, str]]:
        """What the system graph says with a predicate, about these or all subjects: subject and value."""

    def graphs(self) -> Iterable[str]:
        """Names of all graphs that hold something; ``""`` is the default graph, in which nothing belongs."""

    def is_empty(self, graph_iri: str) -> bool:
        """Whether a graph holds nothing."""


@dataclass(frozen=True, slots=True)
class PlannedGraph:
    """One graph as it will be.

    Args:
        iri: Its name.
        lines: Its statements, sorted, each once.
        audiences: Its collapsed set.
        kind: How the system graph calls it.
        removed: Whether it is to go.
        subjects: Of its statements.
    """

    iri: str
    lines: Sequence[str]
    audiences: Audiences
    kind: str
    removed: bool
    subjects: frozenset[str]

    @staticmethod
    def of(iri: str, lines: Sequence[str], audiences: Audiences, kind: str = IN) -> PlannedGraph:
        """The graph that a change describes: without statements and readers it is to go."""
        removed = not lines and (not audiences or kind == PUBLIC_GRAPH)
        return PlannedGraph(iri, lines, audiences, kind, removed, frozenset(map(subject_of, lines)))

    def foreign(self, subjects: Iterable[str]) -> set[str]:
        """Those of the subjects that are not under the record's IRI."""
        return foreign_in(self.iri, subjects)


@dataclass(slots=True)
class Batch:
    """What one transaction writes, by graph, and what the caches must learn once it is written."""

    inserts: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    deletes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    drops: list[str] = field(default_factory=list)
    partitions: dict[str, Audiences] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)
    ledger: Ledger = field(default_factory=Ledger)
    graphs: list[PlannedGraph] = field(default_factory=list)
    revokes: bool = False
    withdraws: bool = False

    @property
    def changes_layout(self) -> bool:
        """Whether rights or partitions change, so that graphs chosen before do not belong to what is read after."""
        return self.revokes or bool(self.partitions)

    def only_adds(self) -> bool:
        """Whether nothing is taken out."""
        return not self.drops and not any(self.deletes.values())

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.only_adds() and not any(self.inserts.values())

    def size(self) -> int:
        """Number of new quads."""
        return sum(map(len, self.inserts.values()))


class Lattice:
    """What is known of one dataset, and what changes of it write; whoever changes it holds a lock meanwhile.

    Args:
        backend: The store; read when something is first needed.

    Attributes:
        partitions: The set that each partition stands for.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._load_lock = threading.Lock()
        self._graphs: dict[str, Audiences] | None = None
        self._public_graphs: set[str] = set()
        self._foreign: set[int] | None = None
        self._holders: dict[str, dict[str, Holders]] = {}
        self.partitions: dict[str, Audiences] = {partition_iri(NOBODY): NOBODY}

    # --- what is known

    def read_partitions(self) -> None:
        """Learn the partitions anew, and forget all else."""
        self.reset()
        self.partitions = partitions_of(self._backend.system(AUDIENCE))

    def reset(self) -> None:
        """Know nothing but that nothing is known."""
        self._graphs, self._foreign, self._public_graphs = None, None, set()
        self._holders.clear()
        self.partitions = {partition_iri(NOBODY): NOBODY}

    def record_graphs(self) -> dict[str, Audiences]:
        """Collapsed audiences of each record graph; read from the store on first use."""
        if self._graphs is None:
            with self._load_lock:  # a reader must not put what it read before a commit in place of what the commit left
                if self._graphs is None:
                    self._public_graphs = {graph for graph, _ in self._backend.system(PUBLIC_GRAPH)}
                    self._graphs = {graph: self.partitions.get(partition, NOBODY) for graph, partition in self._backend.system(IN)}
        return self._graphs

    def public_graphs(self) -> set[str]:
        """Graphs that everyone may read and that are no records."""
        self.record_graphs()
        return self._public_graphs

    def versions(self, audiences: Audiences) -> dict[str, str]:
        """Digest of each record graph that these audiences may read."""
        held = held_by(audiences)
        known = self.record_graphs()
        readable = {graph for graph, set_ in known.items() if meets(set_, held)}
        return {graph: digest for graph, digest in self._backend.system(CONTENT) if graph in readable}

    # --- planning: reads the store, changes nothing

    def apply(self, changes: Sequence[GraphLines]) -> Batch:
        """What replaces these record graphs; of several changes of one graph the last one counts.

        Raises:
            StoreError: One is not a record's graph.
        """
        last = list({change.graph_iri: change for change in changes}.values())
        for change in last:
            if change.graph_iri in self.public_graphs():
                raise StoreError(f"<{change.graph_iri}> is a public graph, not a record's.", "Give the record another graph IRI.")
        lines = self._backend.canonical(last)
        return self._plan(
            [PlannedGraph.of(iri, text, collapse(set_)) for (iri, _, set_), text in zip(last, lines, strict=True)],
        )

    def set_public(self, graph: GraphLines) -> Batch:
        """What replaces a graph that is not a record.

        Raises:
            StoreError: It is a record's.
        """
        if graph.graph_iri in self.record_graphs():
            raise StoreError(f"<{graph.graph_iri}> is a record's graph.", "Give the public graph another IRI.")
        (lines,) = self._backend.canonical([graph])
        return self._plan([PlannedGraph.of(graph.graph_iri, lines, PUBLIC, PUBLIC_GRAPH)])

    def set_rights(self, rights: Mapping[str, Audiences]) -> Batch:
        """What moves these record graphs to other audiences; of the graphs themselves nothing changes.

        Raises:
            StoreError: One is not a record's graph.
        """
        known = self.record_graphs()
        unknown = next((graph for graph in rights if graph not in known), None)
        if unknown is not None:
            raise StoreError(f"<{unknown}> is not a record's graph.", "Name graphs that the store holds; nothing was changed.")
        moved = {graph: collapse(audiences) for graph, audiences in rights.items() if collapse(audiences) != known[graph]}
        graphs = []
        for iri, audiences in moved.items():
            lines = sorted(self._backend.lines_of(iri))
            graphs.append(PlannedGraph(iri, lines, audiences, IN, removed=False, subjects=frozenset(map(subject_of, lines))))
        return self._plan(graphs, {graph.iri: set(graph.lines) for graph in graphs})

    def forget(self, partitions: Iterable[str]) -> Batch:
        """What takes those of these partitions out that hold nothing and that no record is in: an empty one slows every query."""
        batch = Batch()
        used: set[Audiences] | None = None
        for iri in partitions:
            audiences = self.partitions.get(iri)
            if not audiences or not self._backend.is_empty(iri):
                continue
            used = {*self.record_graphs().values(), PUBLIC} if used is None else used
            if audiences in used:
                continue
            batch.deletes[SYSTEM].extend(audience_lines(iri, audiences))
            batch.drops.append(iri)
            batch.forgotten.add(iri)
        return batch

    def remember(self, batch: Batch) -> None:
        """Bring what is known up to what was written; readers see each part change at once."""
        known = dict(self.record_graphs()) if batch.revokes else self.record_graphs()
        for graph in batch.graphs:
            if graph.kind == PUBLIC_GRAPH:
                (self._public_graphs.discard if graph.removed else self._public_graphs.add)(graph.iri)
            elif graph.removed:
                known.pop(graph.iri, None)
            else:
                known[graph.iri] = graph.audiences
        self._graphs = known
        if batch.partitions:
            self.partitions = self.partitions | batch.partitions
        if batch.forgotten:
            self.partitions = {iri: audiences for iri, audiences in self.partitions.items() if iri not in batch.forgotten}
        if self._foreign is not None:
            self._foreign.update(batch.foreign)
        for triple, change in batch.ledger.changes():
            cached = self._holders.get(subject_of(triple))
            if cached is not None:
                cached.setdefault(triple, Counter()).update(change)
        if sum(map(len, self._holders.values())) > HOLDERS_CACHE:
            self._holders.clear()

    def _plan(self, graphs: list[PlannedGraph], old: dict[str, set[str]] | None = None) -> Batch:
        batch = Batch(graphs=graphs)
        known = self.record_graphs()
        for graph in graphs:
            if graph.iri.startswith(RESERVED):
                raise StoreError(f"<{graph.iri}> is a name that the store keeps for itself.", "Give the record another graph IRI.")
        replaced = [graph for graph in graphs if graph.iri in known or graph.iri in self._public_graphs]
        old = old or {graph.iri: self._backend.lines_of(graph.iri) for graph in replaced}
        contest = _Contest(graphs, self._foreign_subjects(), known)
        for graph in graphs:
            if graph.iri in old:
                self._plan_replacement(graph, old[graph.iri], contest, batch)
            elif not graph.removed:
                self._plan_new(graph, contest, batch)
        self._plan_digests([graph for graph in replaced if graph.removed or old[graph.iri] != set(graph.lines)], batch)
        self._learn_holders({subject_of(triple) for triple, _ in batch.ledger.changes()})
        for move in batch.ledger.moves(self._holders_of):
            if move.source is not None:
                batch.deletes[partition_iri(move.source)].append(move.triple)
            if move.target is not None:
                batch.inserts[self._partition(move.target, batch)].append(move.triple)
        return batch

    def _plan_new(self, graph: PlannedGraph, contest: _Contest, batch: Batch) -> None:
        partition = self._partition(graph.audiences, batch)
        lines = graph.lines
        contested = contest.among(graph, graph.subjects)
        batch.inserts[graph.iri].extend(lines)
        if contested:
            batch.inserts[partition].extend(line for line in lines if subject_of(line) not in contested)
            for line in lines:
                if subject_of(line) in contested:
                    batch.ledger.enter(line, graph.audiences)
        else:
            batch.inserts[partition].extend(lines)
        if graph.kind == IN:
            batch.inserts[SYSTEM].append(content_line(graph.iri, digest_of(lines)))
        self._describe(graph, partition, graph.foreign(graph.subjects), batch)

    def _plan_replacement(self, graph: PlannedGraph, old: set[str], contest: _Contest, batch: Batch) -> None:
        old_audiences = PUBLIC if graph.kind == PUBLIC_GRAPH else self.record_graphs()[graph.iri]
        new = set(graph.lines)
        moved = old_audiences != graph.audiences
        if old == new and not moved and not graph.removed:
            return
        old_subjects = {subject_of(line) for line in old}
        contested = contest.among(graph, old_subjects | graph.subjects)
        source = partition_iri(old_audiences)
        target = source if graph.removed else self._partition(graph.audiences, batch)
        leaving, entering = (old, new) if moved else (old - new, new - old)
        for line in leaving:
            if subject_of(line) in contested:
                batch.ledger.leave(line, old_audiences)
            else:
                batch.deletes[source].append(line)
        for line in entering:
            if subject_of(line) in contested:
                batch.ledger.enter(line, graph.audiences)
            else:
                batch.inserts[target].append(line)
        kept = graph.audiences == PUBLIC or (old_audiences <= graph.audiences and not graph.removed)
        batch.withdraws |= bool(old_audiences) and not kept
        batch.revokes |= moved or graph.removed
        batch.deletes[graph.iri].extend(old - new)
        batch.inserts[graph.iri].extend(new - old)
        old_foreign, new_foreign = graph.foreign(old_subjects), graph.foreign(graph.subjects)
        batch.deletes[SYSTEM].extend(f"<{graph.iri}> <{FOREIGN}> <{subject}>" for subject in old_foreign - new_foreign)
        if moved or graph.removed:
            batch.deletes[SYSTEM].append(f"<{graph.iri}> <{graph.kind}> <{source}>")
        if graph.removed:
            batch.drops.append(graph.iri)
        else:
            self._describe(graph, target if moved else None, new_foreign - old_foreign, batch)

    def _plan_digests(self, changed: list[PlannedGraph], batch: Batch) -> None:
        """The digests of graphs that were there before and now hold something else."""
        records = {graph.iri: graph for graph in changed if graph.kind == IN}
        if records:
            for iri, digest in self._backend.system(CONTENT, records):
                batch.deletes[SYSTEM].append(content_line(iri, digest))
        kept = [graph for graph in records.values() if not graph.removed]
        batch.inserts[SYSTEM].extend(content_line(graph.iri, digest_of(graph.lines)) for graph in kept)

    def _describe(self, graph: PlannedGraph, partition: str | None, foreign: set[str], batch: Batch) -> None:
        if partition:
            batch.inserts[SYSTEM].append(f"<{graph.iri}> <{graph.kind}> <{partition}>")
        batch.inserts[SYSTEM].extend(f"<{graph.iri}> <{FOREIGN}> <{subject}>" for subject in foreign)
        batch.foreign.update(map(hash, foreign))

    def _partition(self, audiences: Audiences, batch: Batch) -> str:
        """Name of the partition of this set; the first use of a set writes it down."""
        iri = partition_iri(audiences)
        if iri not in self.partitions and iri not in batch.partitions:
            batch.partitions[iri] = audiences
            batch.inserts[SYSTEM].extend(audience_lines(iri, audiences))
        return iri

    def _foreign_subjects(self) -> set[int]:
        """Hashes of all subjects that are foreign in some graph. It may hold too many (that costs a look), never too few."""
        if self._foreign is None:
            self._foreign = {hash(subject) for _, subject in self._backend.system(FOREIGN)}
        return self._foreign

    def _learn_holders(self, subjects: set[str]) -> None:
        """Read who holds the triples of these contested subjects, where that is not known."""
        unknown = subjects - self._holders.keys()
        if not unknown:
            return
        known = self.record_graphs()
        found: dict[str, defaultdict[str, Holders]] = {subject: defaultdict(Counter) for subject in unknown}
        for graph, line in self._backend.about(unknown):
            audiences = known.get(graph, PUBLIC if graph in self._public_graphs else None)
            if audiences is not None:
                found[subject_of(line)][line][audiences] += 1
        self._holders.update((subject, dict(holders)) for subject, holders in found.items())

    def _holders_of(self, triple: str) -> Holders:
        return self._holders[subject_of(triple)].get(triple, Counter())


class _Contest:
    """Finds the subjects of which another graph may say the same, for one batch."""

    def __init__(self, graphs: list[PlannedGraph], foreign: set[int], known: Mapping[str, Audiences]) -> None:
        self._foreign = foreign
        self._known = known
        self._homes = {graph.iri for graph in graphs}
        self._in_batch: Counter[str] = Counter()
        for graph in graphs:
            self._in_batch.update(graph.foreign(graph.subjects))

    def among(self, graph: PlannedGraph, subjects: Iterable[str]) -> set[str]:
        """Those of these subjects of the graph that are contested."""
        foreign_here = graph.foreign(subjects)
        return {
            subject
            for subject in subjects
            if hash(subject) in self._foreign
            or (self._shared_here(subject) if subject in foreign_here else subject in self._in_batch)
        }

    def _shared_here(self, subject: str) -> bool:
        native = f"{subject.partition('#')[0]}#graph"
        return self._in_batch[subject] > 1 or native in self._known or native in self._homes


# --- text


def lines_to_store(change: GraphChange) -> GraphLines:
    """The change with its statements as N-Triples lines; nothing in them can end a term or a line early.

    Raises:
        StoreError: A term is none.
    """
    return GraphLines(change.graph_iri, _lines(change.graph_iri, change.triples), change.audiences)


def public_lines(graph_iri: str, triples: Iterable[Triple]) -> GraphLines:
    """The same for a public graph."""
    return GraphLines(graph_iri, _lines(graph_iri, list(triples)), PUBLIC)


def _lines(graph_iri: str, triples: Sequence[Triple]) -> list[str]:
    try:
        return lines_of(triples)
    except ValueError as exc:
        raise StoreError(f"<{graph_iri}> cannot be stored: {exc}", "Mend the record; nothing of this batch was stored.") from exc


def subject_of(line: str) -> str:
    """The subject's IRI."""
    return line[1 : line.index(">")]


def quads_text(by_graph: Mapping[str, Sequence[str]]) -> str:
    """The lines as SPARQL writes quads."""
    return "".join(f"GRAPH {iri_text(graph)} {{\n" + " .\n".join(lines) + " }\n" for graph, lines in by_graph.items() if lines)


def foreign_in(graph_iri: str, subjects: Iterable[str]) -> set[str]:
    """Those of the subjects that are not under the IRI of this graph's record.

    >>> foreign_in("https://a.example/1#graph", ["https://a.example/1", "https://a.example/1#n", "https://a.example/12"])
    {'https://a.example/12'}
    """
    home = graph_iri.removesuffix("#graph")
    prefix = f"{home}#"
    return {subject for subject in subjects if not subject.startswith(prefix) and subject != home}
