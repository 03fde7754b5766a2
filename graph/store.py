"""Port: the RDF dataset, one named graph per record, read only within audiences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from records.rdf import Iri, Literal, Triple
from records.rights import Audiences


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
    rows: Iterator[tuple[Iri | Literal | None, ...]]


@dataclass(frozen=True, slots=True)
class Graph:
    """Answer of a CONSTRUCT or DESCRIBE."""

    triples: Iterator[Triple]


@dataclass(frozen=True, slots=True)
class Boolean:
    """Answer of an ASK."""

    value: bool


Answer = Solutions | Graph | Boolean


class GraphStore(Protocol):
    """An RDF dataset with one named graph per record and lattice partitions as default graph.

    Every distinct triple stands once in the partition named by the exact set of audiences that may read it; a reader's default graph
    is the union of the partitions it may read; ``GRAPH ?g`` sees the permitted record graphs alone.
    """

    def apply(self, changes: Sequence[GraphChange]) -> None:
        """Replace these record graphs and their share of the partitions, all in one transaction.

        Raises:
            StoreError: Nothing was changed.
        """

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph that everyone may read and that is not a record (an ontology's hierarchy)."""

    def query(self, text: str, audiences: Audiences) -> Answer:
        """Answer a SPARQL 1.1 query over what these audiences may read, and nothing else.

        Raises:
            QuerySyntaxError: It does not parse; knows the place.
            QueryRefusedError: Update, SERVICE or an unknown function; knows the place.
        """

    def audiences_of(self) -> Mapping[str, Audiences]:
        """Audiences of every record graph, by graph IRI: for checks by the operator, not for answers."""

    def count(self) -> int:
        """Number of statements in record graphs (each record's own, partitions not counted)."""

    def close(self) -> None:
        """Write everything out and let go of the files."""
