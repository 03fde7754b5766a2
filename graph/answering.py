"""Answers from one open engine store, over what a reader may read of it and nothing else.

Both dataset arguments of the engine are always passed. A `Layout` says what they are: in a store with partitions the default graph
is the list of partitions that the reader may read, and the named graphs are permitted record graphs; a view holds nothing but what
its readers may read, so it is asked whole. FROM is met with either in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Final, Protocol, TypeAlias

import pyoxigraph as ox

from graph.guard import GuardedQuery, Pattern
from graph.partitions import meets
from graph.store import Answer, Boolean, Graph, Solutions, Statement, Term
from graph.system_graph import IN, REBUILD, SYSTEM
from records.errors import LimitError, QueryError, QuerySyntaxError, StoreDamagedError, StoreError
from records.rdf import BlankNode, Iri, Literal
from records.rights import NOBODY, Audiences

IRIS_KEPT: Final = 10_000
"""Number of IRIs of one answer that are kept to be used again."""
READABLE_CACHE: Final = 16
"""Number of audience sets whose list of readable record graphs is kept in memory."""
OCCURRING_CACHE: Final = 50_000
"""Number of pairs of a predicate and a partition of which is kept whether the one occurs in the other."""
LOOKED_AT: Final = 20_000
"""So many matches of a pattern are looked at to find the graphs that GRAPH ?g may mean; then all permitted graphs are passed."""
PATTERNS_TRIED: Final = 4
"""So many patterns of a GRAPH ?g are tried for that."""
MERGED_QUADS: Final = 2_000_000
"""Several graphs after FROM are put together in memory, 400 bytes a quad; so many quads at most."""

_Result: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
_Value: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph


class Layout(Protocol):
    """Which graphs of an open store a reader may read."""

    def default_graphs(self, guarded: GuardedQuery, held: Audiences, shorten: bool) -> list[ox.NamedNode] | list[ox.DefaultGraph]:
        """The default graph of a query without FROM."""

    def named_graphs(self, guarded: GuardedQuery, held: Audiences, shorten: bool) -> list[ox.NamedNode] | None:
        """What GRAPH may see in a query without FROM; ``None``: all of the store."""

    def permitted(self, names: Iterable[str], held: Audiences) -> list[ox.NamedNode]:
        """Those of the names that are record graphs which the reader may read."""


class Answering:
    """Answers queries over one state of an open store.

    Args:
        store: The engine's store. When it is written to, a new `Answering` takes the place of this one.
        layout: What of it a reader may read.
        errors: Turns errors of the engine about the store into ours.
    """

    def __init__(self, store: ox.Store, layout: Layout, errors: Callable[[], AbstractContextManager[None]]) -> None:
        self._store = store
        self._layout = layout
        self._errors = errors

    def answer(self, guarded: GuardedQuery, held: Audiences, *, repeatable: bool, shorten: bool) -> Answer:
        """Answer a query that was checked.

        Args:
            guarded: The query.
            held: The collapsed audiences of the reader, `graph.partitions.held_by`.
            repeatable: Name blank nodes of the answer by their order.
            shorten: Look at the data to leave graphs out that cannot matter; only while the store stays as it is.

        Raises:
            QuerySyntaxError: The engine does not read it; knows the place.
            LimitError: It puts together more than `MERGED_QUADS`.
            StoreError: The store cannot be read; this may also come while the answer is read.
        """
        with self._errors(), _syntax_errors(guarded):
            answer = self._evaluate(guarded, held, shorten)
        if isinstance(answer, ox.QueryBoolean):
            return Boolean(bool(answer))
        name = Names() if repeatable else BlankNode
        if isinstance(answer, ox.QuerySolutions):
            return Solutions(tuple(variable.value for variable in answer.variables), self._rows(answer, name))
        return Graph(self._statements(answer, name))

    def _evaluate(self, guarded: GuardedQuery, held: Audiences, shorten: bool) -> _Result:
        dataset, layout = guarded.dataset, self._layout
        if dataset is None:
            named = layout.named_graphs(guarded, held, shorten)
            return run(self._store, guarded.text, layout.default_graphs(guarded, held, shorten), named)
        names = dataset.named_graphs
        within = layout.permitted(names if guarded.any_graph else [name for name in names if name in guarded.graphs], held)
        default = layout.permitted(dataset.default_graphs, held)
        if len(default) < 2:
            return run(self._store, guarded.text, default, within)
        return run(self._merged(default, within), guarded.text, [ox.DefaultGraph()], within)

    def _merged(self, default: list[ox.NamedNode], named: list[ox.NamedNode]) -> ox.Store:
        """A store whose default graph holds each triple of these graphs once."""
        merged = ox.Store()
        for graph in default:
            merged.load(dump(self._store, graph), ox.RdfFormat.N_TRIPLES)
            _check_merged(merged)
        for graph in named:
            merged.load(dump(self._store, graph), ox.RdfFormat.N_TRIPLES, to_graph=graph)
            _check_merged(merged)
        return merged

    def _rows(self, solutions: ox.QuerySolutions, name: Callable[[str], BlankNode]) -> Iterator[tuple[Term | None, ...]]:
        values = _Values(name)
        with self._errors():
            for solution in solutions:
                yield values.row(solution)

    def _statements(self, triples: ox.QueryTriples, name: Callable[[str], BlankNode]) -> Iterator[Statement]:
        with self._errors():
            for triple in triples:
                yield Statement(resource_of(triple.subject, name), Iri(triple.predicate.value), term_of(triple.object, name))


class PartitionLayout:
    """The `Layout` of a store with record graphs and lattice partitions.

    What may be read is asked of the system graph (`graph.system_graph`) graph by graph, so opening a store of 100 000 records costs
    nothing.

    Args:
        store: The engine's store, in one state.
        partitions: The set that each partition stands for.
    """

    def __init__(self, store: ox.Store, partitions: Mapping[str, Audiences]) -> None:
        self._store = store
        self._partitions = partitions
        self._readable: dict[Audiences, list[ox.NamedNode]] = {}
        self._occurring: dict[tuple[str, str], bool] = {}

    def default_graphs(self, guarded: GuardedQuery, held: Audiences, shorten: bool) -> list[ox.NamedNode]:
        """The partitions that the reader may read; passing one that has nothing for the query would cost a look for each match."""
        partitions = [ox.NamedNode(iri) for iri, audiences in self._partitions.items() if meets(audiences, held)]
        if not shorten or guarded.predicates is None:
            return partitions
        return [partition for partition in partitions if any(self._occurs(verb, partition) for verb in guarded.predicates)]

    def named_graphs(self, guarded: GuardedQuery, held: Audiences, shorten: bool) -> list[ox.NamedNode]:
        """The permitted graphs that GRAPH may see; passing more than the query can name would only cost time."""
        if not guarded.any_graph:
            return self.permitted(guarded.graphs, held)
        matching = self._matching(guarded) if shorten else None
        return self._all_readable(held) if matching is None else self.permitted([*guarded.graphs, *matching], held)

    def permitted(self, names: Iterable[str], held: Audiences) -> list[ox.NamedNode]:
        """Those of the names that are record graphs which the reader may read."""
        nodes = (_node(name) for name in dict.fromkeys(names))
        return [node for node in nodes if node is not None and meets(self._audiences(node), held)]

    def _occurs(self, predicate: str, partition: ox.NamedNode) -> bool:
        """Whether a partition holds a statement with this predicate."""
        key = (predicate, partition.value)
        if key not in self._occurring:
            if len(self._occurring) >= OCCURRING_CACHE:
                self._occurring.clear()
            quads = self._store.quads_for_pattern(None, ox.NamedNode(predicate), None, partition)
            self._occurring[key] = next(quads, None) is not None
        return self._occurring[key]

    def _matching(self, guarded: GuardedQuery) -> set[str] | None:
        """Graphs, permitted or not: no other holds a solution of a GRAPH with a variable; ``None`` when they are too many."""
        found: set[str] = set()
        for patterns in guarded.named_patterns:
            graphs = self._graphs_with_match(patterns)
            if graphs is None:
                return None
            found |= graphs
        return found

    def _graphs_with_match(self, patterns: Sequence[Pattern]) -> set[str] | None:
        """Graphs with a match of that pattern which seems to have the fewest; a short look at each comes before a long one."""
        ordered = sorted(patterns, key=lambda pattern: (-pattern.terms, pattern.object is None))[:PATTERNS_TRIED]
        for most in (LOOKED_AT // 20, LOOKED_AT):
            for pattern in ordered:
                quads = list(islice(self._matches(pattern), most))
                if len(quads) < most:
                    return {value_of(quad.graph_name) for quad in quads}
        return None

    def _matches(self, pattern: Pattern) -> Iterator[ox.Quad]:
        subject, predicate = _iri(pattern.subject), _iri(pattern.predicate)
        return self._store.quads_for_pattern(subject, predicate, _engine_term(pattern.object), None)

    def _all_readable(self, held: Audiences) -> list[ox.NamedNode]:
        nodes = self._readable.get(held)
        if nodes is None:
            partitions = [ox.NamedNode(iri) for iri, audiences in self._partitions.items() if meets(audiences, held)]
            nodes = [
                quad.subject
                for partition in partitions
                for quad in self._store.quads_for_pattern(None, _IN, partition, _SYSTEM)
                if isinstance(quad.subject, ox.NamedNode)
            ]
            if len(self._readable) >= READABLE_CACHE:
                self._readable.clear()
            self._readable[held] = nodes
        return nodes

    def _audiences(self, graph: ox.NamedNode) -> Audiences:
        for quad in self._store.quads_for_pattern(graph, _IN, None, _SYSTEM):
            return self._partitions.get(value_of(quad.object), NOBODY)
        return NOBODY


class WholeLayout:
    """The `Layout` of a store that holds nothing but what its readers may read, whoever of them asks.

    Args:
        store: The engine's store.
    """

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def default_graphs(self, guarded: GuardedQuery, held: Audiences, shorten: bool) -> list[ox.DefaultGraph]:  # noqa: ARG002
        """Its default graph."""
        return [ox.DefaultGraph()]

    def named_graphs(self, guarded: GuardedQuery, held: Audiences, shorten: bool) -> None:
        """All of its graphs."""

    def permitted(self, names: Iterable[str], held: Audiences) -> list[ox.NamedNode]:  # noqa: ARG002
        """Those that it has."""
        nodes = (_node(name) for name in dict.fromkeys(names))
        return [node for node in nodes if node is not None and self._store.contains_named_graph(node)]


_IN: Final = ox.NamedNode(IN)
_SYSTEM: Final = ox.NamedNode(SYSTEM)


def run(
    store: ox.Store, text: str, default: Iterable[ox.NamedNode | ox.DefaultGraph], named: Iterable[ox.NamedNode] | None
) -> _Result:
    """The one place where a query meets the engine: without a list it would see graphs that nobody permitted.

    Args:
        store: The store.
        text: The query.
        default: Its default graph.
        named: Its named graphs; ``None``: all of a store that holds nothing else.
    """
    return store.query(text, default_graph=[*default], named_graphs=None if named is None else [*named])


def dump(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> bytes:
    """The statements of a graph as N-Triples."""
    text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph)
    return b"" if text is None else text


def value_of(term: _Value) -> str:
    """The text of a term that is an IRI, a literal or a blank node."""
    if isinstance(term, ox.Triple | ox.DefaultGraph):
        raise StoreDamagedError("The store holds what was never written to it.", REBUILD)
    return term.value


class Names:
    """Names blank nodes by the order in which they come."""

    def __init__(self) -> None:
        self._names: dict[str, BlankNode] = {}

    def __call__(self, label: str) -> BlankNode:
        """The name for this label of the engine."""
        return self._names.setdefault(label, BlankNode(f"b{len(self._names)}"))


def _iri(iri: Iri | None) -> ox.NamedNode | None:
    return None if iri is None else ox.NamedNode(iri)


def _engine_term(term: Iri | Literal | None) -> ox.NamedNode | ox.Literal | None:
    if term is None or isinstance(term, Iri):
        return _iri(term)
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))


def _check_merged(store: ox.Store) -> None:
    if len(store) > MERGED_QUADS:
        message = f"The graphs after FROM hold more than {MERGED_QUADS:,} statements."
        raise LimitError(message, "Name fewer graphs, or leave FROM out: all that you may read is then asked.")


def _node(iri: str) -> ox.NamedNode | None:
    """The node of a name that someone sent; ``None`` when it is no IRI, so that nothing is called so."""
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


class _Values:
    """Our values of the terms of one answer; an IRI that comes again is one object, so it is written faster, too."""

    def __init__(self, name: Callable[[str], BlankNode]) -> None:
        self._name = name
        self._iris = _Iris()

    def row(self, terms: Iterable[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]) -> tuple[Term | None, ...]:
        iris = self._iris
        row: list[Term | None] = []
        for term in terms:
            if isinstance(term, ox.NamedNode):
                row.append(iris[term.value])
            elif isinstance(term, ox.Literal):
                row.append(Literal(term.value, iris[term.datatype.value], term.language or ""))
            else:
                row.append(None if term is None else term_of(term, self._name))
        return tuple(row)


class _Iris(dict[str, Iri]):
    """IRIs that came, up to `IRIS_KEPT`."""

    def __missing__(self, text: str) -> Iri:
        if len(self) >= IRIS_KEPT:
            self.clear()
        iri = self[text] = Iri(text)
        return iri


def term_of(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, name: Callable[[str], BlankNode]) -> Term:
    """Our value of a term in an answer."""
    if isinstance(term, ox.Literal):
        return Literal(term.value, term.datatype.value, term.language or "")
    if isinstance(term, ox.Triple):
        raise StoreError("The answer holds a triple as a term, which no query of SPARQL 1.1 gives.", "Report it.")
    return resource_of(term, name)


def resource_of(term: ox.NamedNode | ox.BlankNode | ox.Triple, name: Callable[[str], BlankNode]) -> Iri | BlankNode:
    """The same of one that is no literal."""
    return name(term.value) if isinstance(term, ox.BlankNode) else Iri(value_of(term))


@contextmanager
def _syntax_errors(guarded: GuardedQuery) -> Iterator[None]:
    """Turn what the engine says of a query into our error with its place in the query as it was sent."""
    try:
        yield
    except SyntaxError as exc:
        raise _syntax_error(str(exc), guarded) from exc
    except ValueError as exc:
        raise QueryError(f"The query cannot be evaluated: {exc}.", "Mend the query.") from exc


_PLACE = re.compile(r"(?:error )?at (\d+):(\d+): (?:expected )?(?:one of )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"[A-Z][a-z]+ [^,\[\]']+")


def _syntax_error(message: str, guarded: GuardedQuery) -> QuerySyntaxError:
    """Our error for the engine's message, e.g. ``error at 2:11: expected one of Prefix not found, ['%'], [':']``.

    >>> from graph.guard import guard
    >>> error = _syntax_error("error at 2:11: expected one of Prefix not found, ['%']", guard("ASK {}"))
    >>> (error.line, error.column, error.message)
    (2, 11, 'The query does not parse at line 2, column 11: Prefix not found.')
    """
    place = _PLACE.search(message)
    if place is None:
        return QuerySyntaxError(f"The query does not parse: {message}.", "Mend the query.")
    line, column = guarded.place(int(place[1]), int(place[2]))
    sentence = _SENTENCE.search(place[3])
    words = sorted(set(re.findall(r"\b[A-Z]{2,}\b", place[3])))
    reason = f": {sentence[0].strip()}" if sentence else f": {' or '.join(words)} is expected" if 0 < len(words) <= 4 else ""
    return QuerySyntaxError(
        f"The query does not parse at line {line}, column {column}{reason}.", "Mend the query there.", line=line, column=column
    )
