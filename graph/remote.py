"""The RDF dataset on a server that speaks SPARQL 1.1, with the same rights as the embedded one.

Reading: every query is sent with the graphs that its reader may read, never without any: no dataset would mean all of it. Before
the first answer the server is asked whether it keeps to such a dataset; one that does not is refused.

Writing: what `graph.lattice` planned goes as one SPARQL Update request, which is one transaction. It takes hold only if nobody else
has written since it was planned: the system graph has, beside what `graph.lattice` says,

    <system>   turn   "token"   changes with every write
    <system>   area   "token"   changes when rights or partitions do

An answer is given only if the area was the same before its graphs were chosen and once the server had begun to answer. Whole graphs
are read by the Graph Store Protocol where the server has it, else by a query. They are never written by it: a request of that
protocol changes one graph, and a record is in three.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import islice
from typing import Final, NamedTuple, TypeVar

import pyoxigraph as ox

from graph.answering import Answering, Names, PartitionLayout, resource_of, term_of
from graph.canonical import Canonical, split, through_engine
from graph.guard import GuardedQuery, QueryKind, QueryLimits, guard
from graph.lattice import Batch, GraphLines, Lattice, lines_to_store, public_lines, quads_text
from graph.lattice_check import check
from graph.partitions import RESERVED, held_by, meets, partition_iri
from graph.sparql_http import ANSWER_BYTES, JSON, N_TRIPLES, NOTHING, WRITE_SECONDS, Body, Endpoints, SparqlHttp
from graph.store import Answer, Boolean, Graph, GraphChange, Solutions, Statement, Term
from graph.system_graph import AUDIENCE, CONTENT, IN, LAYOUT_LINE, SYSTEM, VERSION, check_layout, partitions_of
from records.errors import StoreBusyError, StoreDamagedError, StoreError
from records.ntriples import iri_text, lines_of
from records.rdf import BlankNode, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

TURN: Final = f"{RESERVED}turn"
AREA: Final = f"{RESERVED}area"


ASKED_AT_ONCE: Final = 400
"""IRIs after VALUES in one query of ours."""
READABLE_CACHE: Final = 16
"""Number of audience sets whose list of readable record graphs is kept in memory."""
ATTEMPTS: Final = 20
"""How often a query is asked anew because rights changed meanwhile."""
LINES_AT_ONCE: Final = 5_000
"""Statements of a large graph that are held at once."""
CLEAR: Final = "Run `voltagraph rebuild`: it empties the dataset and derives everything in it anew from the payloads."
"""How to mend a store that is a server."""


class _State(NamedTuple):
    """What a query must know of the dataset."""

    turn: str
    area: str
    partitions: Mapping[str, Audiences]


_Found = TypeVar("_Found")
_EMPTY: Final = _State("", "", {partition_iri(NOBODY): NOBODY})


class RemoteGraphStore:
    """The `graph.store.GraphStore` on a SPARQL 1.1 server, whose dataset is Voltagraph's alone.

    Nothing is asked before it is needed. Several may read at once, from any machine; of two that write at once one is told so.

    Args:
        endpoints: Where the server is.
        limits: How long and how deep a query may be.

    Raises:
        StoreError: At the first use: the server cannot be reached, or does not keep to the protocol.
        StoreDamagedError: At the first use: its dataset is not ours or of another version.
    """

    def __init__(self, endpoints: Endpoints, *, limits: QueryLimits | None = None) -> None:
        self._endpoints = endpoints
        self._limits = limits or QueryLimits()
        self._http = SparqlHttp(endpoints)
        self._write_lock = threading.Lock()
        self._lattice = Lattice(self)
        self._canonical = Canonical()
        self._known = _EMPTY  # the state of the dataset that the lattice knows
        self._is_trusted = False
        self._readable: tuple[str, dict[Audiences, list[str]]] = ("", {})

    # --- writing

    def apply(self, changes: Sequence[GraphChange]) -> None:
        """Replace these record graphs and their share of the partitions, all in one transaction."""
        lines = [lines_to_store(change) for change in changes]
        self._write(lambda: self._lattice.apply(lines))

    def set_rights(self, rights: Mapping[str, Audiences]) -> None:
        """Change who may read these record graphs, and nothing of what they hold; all in one transaction."""
        self._write(lambda: self._lattice.set_rights(rights))

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph that everyone may read and that is not a record."""
        lines = public_lines(graph_iri, triples)
        self._write(lambda: self._lattice.set_public(lines))

    def clear(self) -> None:
        """Drop everything, in one transaction."""
        with self._write_lock:
            self._check_ours()
            self._known = _EMPTY
            self._http.update(f"DROP ALL ; INSERT DATA {{ {quads_text({SYSTEM: _first_lines()})} }}")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _write(self, plan: Callable[[], Batch]) -> None:
        with self._write_lock:
            state = self._open()
            if state.turn != self._known.turn:
                self._lattice.read_partitions()
                self._known = state
            batch = plan()
            self._commit(batch)
            self._commit(self._lattice.forget(iri for iri in batch.deletes if iri in self._lattice.partitions))

    def _commit(self, batch: Batch) -> None:
        """Write the batch in one transaction, unless somebody wrote since it was planned."""
        if batch.is_empty():
            return
        before, token = self._known, uuid.uuid4().hex
        after = _State(token, token if batch.changes_layout else before.area, {})
        batch.deletes[SYSTEM].extend(_state_lines(before))
        batch.inserts[SYSTEM].extend(_state_lines(after))
        self._known = _EMPTY  # until it is known what became of it
        self._http.update(
            f"DELETE {{\n{quads_text(batch.deletes)}}}\nINSERT {{\n{quads_text(batch.inserts)}}}\n"
            f'WHERE {{ GRAPH <{SYSTEM}> {{ <{SYSTEM}> <{TURN}> "{before.turn}" }} }}'
        )
        if self._state().turn != token:
            raise StoreBusyError(
                f"Another process writes to {self._http.place} at the same time.",
                "Let one of them end, then run the command again.",
            )
        self._lattice.remember(batch)
        self._known = after

    def _open(self) -> _State:
        """The state of a dataset that is ours; an empty one is made ours."""
        state = self._state()
        if state is _EMPTY:
            self._check_ours()
            lines = quads_text({SYSTEM: _first_lines()})
            self._http.update(f"INSERT {{ {lines} }} WHERE {{ FILTER NOT EXISTS {{ GRAPH <{SYSTEM}> {{ ?s ?p ?o }} }} }}")
            state = self._state()
            if state is _EMPTY:
                raise StoreError(f"{self._http.place} does not keep what is written to it.", "Check graph_store_update_url.")
        return state

    def _check_ours(self) -> None:
        """Refuse a dataset that holds something and that we never wrote to: it is somebody else's."""
        text = f"ASK {{ GRAPH <{SYSTEM}> {{ <{SYSTEM}> <{VERSION}> ?layout }} }}"
        if not self._ask(text) and self._ask("ASK { GRAPH ?g { ?s ?p ?o } }"):
            message = f"The dataset at {self._http.place} holds other data than Voltagraph's."
            raise StoreDamagedError(message, "Give Voltagraph a dataset of its own.")

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
        for _ in range(ATTEMPTS):
            state = self._state()
            self._trust(state)
            found = self._answer_to(guarded, held, state, repeatable=repeatable)
            after = self._state()
            if isinstance(found, Body):
                if after.area == state.area:
                    return _answer(found, guarded.kind, repeatable=repeatable)
                found.close()
            elif after.turn == state.turn:
                return found
        raise _unsettled()

    def _answer_to(self, guarded: GuardedQuery, held: Audiences, state: _State, *, repeatable: bool) -> Body | Answer:
        """The server's answer, not yet read; or one that was made here."""
        if guarded.dataset is None:
            default = [iri for iri, audiences in state.partitions.items() if meets(audiences, held)]
            named = self._all_readable(held, state) if guarded.any_graph else self._permitted(guarded.graphs, held, state)
        else:
            default = self._permitted(guarded.dataset.default_graphs, held, state)
            names = guarded.dataset.named_graphs
            asked = names if guarded.any_graph else [name for name in names if name in guarded.graphs]
            named = self._permitted(asked, held, state)
            if len(default) > 1:
                return self._answer_here(guarded, [*default, *named], repeatable=repeatable)
        return self._http.query(guarded.text, default, named, accept=_accepted(guarded.kind), is_readers=True)

    def _answer_here(self, guarded: GuardedQuery, graphs: list[str], *, repeatable: bool) -> Answer:
        """Answer over a copy of few graphs: what servers make of several default graphs that share statements differs."""
        partition = partition_iri(PUBLIC)
        store = ox.Store()
        left = ANSWER_BYTES
        for iri in dict.fromkeys(graphs):
            document = self._document(iri, left)
            left -= len(document)
            store.load(document, ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(iri))
            store.add(ox.Quad(ox.NamedNode(iri), ox.NamedNode(IN), ox.NamedNode(partition), ox.NamedNode(SYSTEM)))
        answering = Answering(store, PartitionLayout(store, {partition: PUBLIC}), nullcontext)
        return answering.answer(guarded, PUBLIC, repeatable=repeatable, shorten=False)

    def _permitted(self, names: Iterable[str], held: Audiences, state: _State) -> list[str]:
        """Those of the names that are record graphs which the reader may read."""
        asked = [name for name in dict.fromkeys(names) if _is_iri(name)]
        within = dict(self.system(IN, asked)) if asked else {}
        return [name for name in asked if meets(state.partitions.get(within.get(name, ""), NOBODY), held)]

    def _all_readable(self, held: Audiences, state: _State) -> list[str]:
        turn, known = self._readable
        if turn != state.turn or len(known) >= READABLE_CACHE:
            known = {}
            self._readable = (state.turn, known)
        if held not in known:
            known[held] = [graph for graph, partition in self.system(IN) if meets(state.partitions.get(partition, NOBODY), held)]
        return known[held]

    def _trust(self, state: _State) -> None:
        """Refuse a server that answers from other graphs than those that it was told to: rights hang on it."""
        if self._is_trusted or state is _EMPTY:
            return
        anything, anywhere = "ASK { ?s ?p ?o }", "ASK { GRAPH ?g { ?s ?p ?o } }"
        expected: tuple[tuple[str, list[str], list[str], bool], ...] = (
            (anything, [NOTHING], [], False),
            (anywhere, [NOTHING], [], False),
            (f"ASK {{ GRAPH <{SYSTEM}> {{ ?s ?p ?o }} }}", [NOTHING], [], False),
            (anything, [NOTHING], [SYSTEM], False),
            (anywhere, [SYSTEM], [], False),
            (anything, [SYSTEM], [], True),
            (anywhere, [NOTHING], [SYSTEM], True),
        )
        for text, default, named, answer in expected:
            if self._ask(text, default, named) != answer:
                raise StoreError(
                    f"{self._http.place} does not answer from the graphs that it is told to; rights cannot be kept with it.",
                    "Choose a server that follows default-graph-uri and named-graph-uri of the SPARQL 1.1 protocol.",
                )
        self._is_trusted = True

    # --- looking after it

    def probe(self) -> None:
        """Look whether the server can be used.

        Raises:
            StoreError: It cannot.
        """
        self._trust(self._state())

    def audiences_of(self) -> Mapping[str, Audiences]:
        """Audiences of every record graph, by graph IRI."""
        return self._settled(lambda state: {graph: state.partitions.get(p, NOBODY) for graph, p in self.system(IN)})

    def versions(self, audiences: Audiences) -> Mapping[str, str]:
        """SHA-256 of the content of every record graph that these audiences may read, by graph IRI."""
        held = held_by(audiences)

        def read(state: _State) -> dict[str, str]:
            rows = self._select("gpd", f"?g <{IN}> ?p ; <{CONTENT}> ?d", [SYSTEM], WRITE_SECONDS)
            return {str(g): _text(d) for g, p, d in rows if meets(state.partitions.get(str(p), NOBODY), held)}

        return self._settled(read)

    def all_versions(self) -> Mapping[str, str]:
        """The same of every record graph, those that nobody may read among them: for checks by the operator, not for answers."""
        return dict(self.system(CONTENT))

    def _settled(self, read: Callable[[_State], _Found]) -> _Found:
        """What was read while rights and partitions stayed as they are."""
        for _ in range(ATTEMPTS):
            state = self._state()
            found = read(state)
            if self._state().area == state.area:
                return found
        raise _unsettled()

    def sizes(self) -> Mapping[str, int]:
        """Number of statements of every record graph."""
        where = f"{{ SELECT ?g (COUNT(*) AS ?n) {{ GRAPH <{SYSTEM}> {{ ?g <{IN}> ?p }} GRAPH ?g {{ ?s ?q ?o }} }} GROUP BY ?g }}"
        return {str(graph): int(_text(number)) for graph, number in self._select("gn", where, None, WRITE_SECONDS)}

    def count(self) -> int:
        """Number of statements in record graphs."""
        return sum(self.sizes().values())

    def check(self) -> list[str]:
        """What is wrong between record graphs, digests, rights and partitions; fetches all of it."""
        with self._write_lock:
            self._state()
            return check(self)

    # --- what the planning asks

    def canonical(self, graphs: Sequence[GraphLines]) -> list[list[str]]:
        """See `graph.lattice.Backend`; every line goes through the engine, for another server may store what is no RDF."""
        try:
            through_engine(f"<urn:x> <urn:x> {iri_text(graph.graph_iri)}" for graph in graphs)
            return [sorted(through_engine(graph.lines)) for graph in graphs]
        except (SyntaxError, ValueError) as exc:
            raise StoreError(
                f"What was given cannot be stored: {exc}.", "Mend the record; nothing of this batch was stored."
            ) from exc

    def lines_of(self, graph_iri: str) -> set[str]:
        """See `graph.lattice.Backend`."""
        found: set[str] = set()
        self.each_line(graph_iri, found.add)
        return found

    def each_line(self, graph_iri: str, take: Callable[[str], None]) -> None:
        """See `graph.lattice.Backend`."""
        with self._stream(graph_iri, None) as body:
            triples = body.triples()
            while piece := list(islice(triples, LINES_AT_ONCE)):
                text = ox.serialize(piece, format=ox.RdfFormat.N_TRIPLES) or b""
                for line in through_engine(split(text)):
                    take(line)

    def about(self, subjects: Collection[str]) -> Iterator[tuple[str, str]]:
        """See `graph.lattice.Backend`."""
        for some in _in_parts(subjects):
            where = f"VALUES ?s {{ {some} }} GRAPH ?g {{ ?s ?p ?o }}"
            by_graph: dict[str, list[Triple]] = {}
            for graph, subject, predicate, value in self._select("gspo", where, None, WRITE_SECONDS):
                if isinstance(value, BlankNode):
                    raise StoreDamagedError("The store holds what was never written to it.", CLEAR)
                by_graph.setdefault(str(graph), []).append(Triple(str(subject), str(predicate), value))
            lines = self._canonical.graphs([lines_of(triples) for triples in by_graph.values()])
            yield from ((graph, line) for graph, some_lines in zip(by_graph, lines, strict=True) for line in some_lines)

    def system(self, predicate: str, subjects: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """See `graph.lattice.Backend`."""
        for some in ("",) if subjects is None else _in_parts(subjects):
            values = f"VALUES ?s {{ {some} }} " if some else ""
            for subject, value in self._select("so", f"{values}?s <{predicate}> ?o", [SYSTEM], WRITE_SECONDS):
                yield str(subject), _text(value)

    def graphs(self) -> Iterator[str]:
        """See `graph.lattice.Backend`; the default graph is left out: some servers show the union of all there."""
        return (
            str(graph) for (graph,) in self._select("g", "{ SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } }", None, WRITE_SECONDS)
        )

    def is_empty(self, graph_iri: str) -> bool:
        """See `graph.lattice.Backend`."""
        return not self._ask("ASK { ?s ?p ?o }", [graph_iri])

    # --- asking the server

    def _state(self) -> _State:
        predicates = " ".join(f"<{name}>" for name in (VERSION, TURN, AREA, AUDIENCE))
        found: dict[str, list[tuple[str, str]]] = {name: [] for name in (VERSION, TURN, AREA, AUDIENCE)}
        for subject, predicate, value in self._select("spo", f"VALUES ?p {{ {predicates} }} ?s ?p ?o", [SYSTEM]):
            found.setdefault(str(predicate), []).append((str(subject), _text(value)))
        if not any(found.values()):
            return _EMPTY
        check_layout([value for _, value in found[VERSION]], self._http.place, CLEAR)
        turns, areas = found[TURN], found[AREA]
        if len(turns) != 1 or len(areas) != 1:
            raise StoreDamagedError(f"The system graph at {self._http.place} is damaged.", CLEAR)
        return _State(turns[0][1], areas[0][1], partitions_of(found[AUDIENCE]))

    def _ask(self, text: str, default: Sequence[str] | None = None, named: Sequence[str] = ()) -> bool:
        with self._http.query(text, default, named, accept=JSON) as body:
            answer = _answer(body, QueryKind.ASK, repeatable=False)
        if not isinstance(answer, Boolean):
            raise StoreError(f"{self._http.place} gave no yes or no where one was asked for.", "Check graph_store_url.")
        return answer.value

    def _select(
        self, names: str, where: str, default: Sequence[str] | None, seconds: float | None = None
    ) -> Iterator[tuple[Term, ...]]:
        """The rows of a query of ours, in which every variable has a value."""
        text = f"SELECT {' '.join(f'?{name}' for name in names)} WHERE {{ {where} }}"
        answer = _answer(self._http.query(text, default, (), accept=JSON, seconds=seconds), QueryKind.SELECT, repeatable=False)
        if not isinstance(answer, Solutions) or set(answer.variables) != set(names):
            raise self._no_table()
        order = [answer.variables.index(name) for name in names]
        for row in answer.rows:
            values = tuple(value for value in (row[index] for index in order) if value is not None)
            if len(values) != len(names):
                raise self._no_table()
            yield values

    def _no_table(self) -> StoreError:
        return StoreError(f"{self._http.place} gave another table than was asked for.", "Check graph_store_url.")

    def _document(self, graph_iri: str, most: int) -> bytes:
        with self._stream(graph_iri, most) as body:
            return ox.serialize(body.triples(), format=ox.RdfFormat.N_TRIPLES) or b""

    def _stream(self, graph_iri: str, most: int | None) -> Body:
        if self._endpoints.data is not None:
            return self._http.graph(graph_iri, most)
        text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        return self._http.query(text, [graph_iri], (), accept=N_TRIPLES, seconds=WRITE_SECONDS, most=most)


def _unsettled() -> StoreBusyError:
    return StoreBusyError("Rights change too often just now for an answer.", "Ask again in a minute.")


# --- answers


def _accepted(kind: QueryKind) -> str:
    return JSON if kind in (QueryKind.SELECT, QueryKind.ASK) else N_TRIPLES


def _answer(body: Body, kind: QueryKind, *, repeatable: bool) -> Answer:
    name = Names() if repeatable else BlankNode
    if kind not in (QueryKind.SELECT, QueryKind.ASK):
        return Graph(_statements(body, name))
    with body.parsing():
        found = ox.parse_query_results(body.file, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QuerySolutions):
        return Solutions(tuple(variable.value for variable in found.variables), _rows(body, found, name))
    with body, body.parsing():
        body.discard()
    return Boolean(bool(found))


def _rows(body: Body, found: ox.QuerySolutions, name: Callable[[str], BlankNode]) -> Iterator[tuple[Term | None, ...]]:
    with body, body.parsing():
        for row in found:
            yield tuple(None if term is None else _as_stored(term_of(term, name)) for term in row)
        body.discard()


def _statements(body: Body, name: Callable[[str], BlankNode]) -> Iterator[Statement]:
    given: set[Statement] = set()
    with body:
        for triple in body.triples():
            value = _as_stored(term_of(triple.object, name))
            statement = Statement(resource_of(triple.subject, name), Iri(triple.predicate.value), value)
            if statement not in given:
                given.add(statement)
                yield statement


def _as_stored(term: Term) -> Term:
    """Servers write languages in their own way; we write them small."""
    return term._replace(language=term.language.lower()) if isinstance(term, Literal) and term.language else term


def _text(term: Term) -> str:
    return term.value if isinstance(term, Literal) else str(term)


# --- text


def _first_lines() -> list[str]:
    token = uuid.uuid4().hex
    return [LAYOUT_LINE, *_state_lines(_State(token, token, {}))]


def _state_lines(state: _State) -> list[str]:
    return [f'<{SYSTEM}> <{TURN}> "{state.turn}"', f'<{SYSTEM}> <{AREA}> "{state.area}"']


def _in_parts(iris: Collection[str]) -> Iterator[str]:
    """The IRIs as SPARQL writes them, some at a time."""
    rest = iter(iris)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield " ".join(map(iri_text, some))


def _is_iri(name: str) -> bool:
    try:
        ox.NamedNode(name)
    except ValueError:
        return False
    return True
