"""Port: the RDF dataset, one named graph per record, read only within audiences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from records.rdf import BlankNode, Iri, Literal, Triple
from records.rights import Audiences

Term: TypeAlias = Iri | BlankNode | Literal
"""A value in an answer."""


@dataclass(frozen=True, slots=True)
class GraphChange:
    """The new content of one record's named graph.

    Args:
        graph_iri: Name of the graph; replaced whole.
        triples: Its statements; empty together with ``audiences`` removes the graph.
        audiences: Who may read it (``read_files`` of the record).
    """

    graph_iri: str
    triples: Sequence[Triple]
    audiences: Audiences


@dataclass(frozen=True, slots=True)
class Solutions:
    """Answer of a SELECT: variable names without ``?``, and rows in the order of ``variables``."""

    variables: tuple[str, ...]
    rows: Iterator[tuple[Term | None, ...]]


class Statement(NamedTuple):
    """A triple of an answer; unlike `Triple` it may hold blank nodes that the query made."""

    subject: Iri | BlankNode
    predicate: Iri
    object: Term


@dataclass(frozen=True, slots=True)
class Graph:
    """Answer of a CONSTRUCT or DESCRIBE; each statement comes once."""

    triples: Iterator[Statement]


@dataclass(frozen=True, slots=True)
class Boolean:
    """Answer of an ASK."""

    value: bool


Answer = Solutions | Graph | Boolean


class GraphWriter(Protocol):
    """The half of a `GraphStore` that a harvest needs."""

    def apply(self, changes: Sequence[GraphChange]) -> None:
        """Replace these record graphs and their share of the partitions, all in one transaction.

        Of several changes of one graph the last one counts.

        Raises:
            StoreError: Nothing was changed. What cannot be stored (an IRI that is none, a reserved graph name) is named in it.
        """

    def set_rights(self, rights: Mapping[str, Audiences]) -> None:
        """Change who may read these record graphs, by graph IRI, and nothing of what they hold; all in one transaction.

        Raises:
            StoreError: Nothing was changed; one of them is not a record's graph, say.
        """

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph that everyone may read and that is not a record (an ontology's hierarchy).

        Its triples are in everyone's default graph; ``GRAPH`` and ``FROM`` do not know its name.

        Raises:
            StoreError: Nothing was changed.
        """

    def clear(self) -> None:
        """Drop everything; the next `apply` starts from nothing."""

    def close(self) -> None:
        """Write everything out and let go of the files."""


class GraphReader(Protocol):
    """The half of a `GraphStore` that answers queries."""

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
        """Answer a SPARQL 1.1 query over what these audiences may read, and nothing else.

        Args:
            text: The query.
            audiences: What the reader holds now. Everyone holds ``any`` besides; the empty set is no reader and reads nothing.
            default_graphs: ``default-graph-uri`` of the SPARQL protocol; the two take the place of FROM and FROM NAMED.
            named_graphs: ``named-graph-uri`` of the SPARQL protocol.
            bindings: Values of variables of the query, by name without ``?``: it is answered as if they stood in their place.
            repeatable: Refuse functions that give another value each time (NOW, RAND, UUID, STRUUID), and name blank nodes of the
                answer by their order.

        Raises:
            QuerySyntaxError: It does not parse; knows the place.
            QueryRefusedError: Update, SERVICE, an unknown function, or a binding that cannot be made; knows the place.
            LimitError: It is too long or too deeply nested.
            StoreError: The store cannot be read; this may also come while the answer is read.
        """

    def close(self) -> None:
        """Let go of the files."""


class GraphStore(GraphWriter, GraphReader, Protocol):
    """An RDF dataset with one named graph per record and lattice partitions as default graph.

    Every distinct triple stands once in the partition named by the exact set of audiences that may read it; a reader's default
    graph is the union of the partitions it may read; ``GRAPH ?g`` sees the permitted record graphs alone.
    """

    def versions(self, audiences: Audiences) -> Mapping[str, str]:
        """SHA-256 of the content of every record graph that these audiences may read, by graph IRI.

        The same statements have the same digest, in every store.
        """

    def audiences_of(self) -> Mapping[str, Audiences]:
        """Audiences of every record graph, by graph IRI: for checks by the operator, not for answers.

        A set with ``any`` in it comes as ``{any}``.
        """

    def sizes(self) -> Mapping[str, int]:
        """Number of statements of every record graph that has one, by graph IRI: for checks by the operator, not for answers."""

    def count(self) -> int:
        """Number of statements in record graphs (each record's own, partitions not counted)."""

    def check(self) -> list[str]:
        """What is wrong between record graphs, rights and partitions, one sentence each; empty when all is well."""
