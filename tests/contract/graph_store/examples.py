"""Records for different readers, and what tests ask of them."""

from __future__ import annotations

from graph.store import Boolean, GraphStore, Solutions, Term
from records.rdf import Literal, Triple
from records.rights import Audiences

ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})
BOTH = ONE | TWO
NAME = "https://schema.org/name"
SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
PERSON = "https://orcid.org/0000-0000-0000-0001"
EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o }"


def record(number: int) -> str:
    return f"https://archive.example/{number}"


def graph(number: int) -> str:
    return f"{record(number)}#graph"


def named(number: int, name: str = "") -> Triple:
    return Triple(f"{record(number)}#cell", NAME, Literal(name or f"cell {number}"))


AUTHOR = Triple(PERSON, NAME, Literal("A. Author"))


def rows(store: GraphStore, query: str, audiences: Audiences) -> list[tuple[Term | None, ...]]:
    answer = store.query(query, audiences)
    assert isinstance(answer, Solutions)
    return list(answer.rows)


def names(store: GraphStore, audiences: Audiences, query: str = f"SELECT ?n {{ ?s <{NAME}> ?n }}") -> list[str]:
    return sorted(value.value for (value,) in rows(store, query, audiences) if isinstance(value, Literal))


def yes(store: GraphStore, query: str, audiences: Audiences) -> bool:
    answer = store.query(query, audiences)
    assert isinstance(answer, Boolean)
    return answer.value
