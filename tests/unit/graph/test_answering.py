"""What the answering leaves out for speed, and what it bounds, changes no answer."""

from __future__ import annotations

from typing import Any

import pytest

from graph import answering
from graph.embedded import EmbeddedGraphStore
from graph.guard import Pattern, guard
from graph.store import Graph, GraphChange, Solutions, Term
from records.errors import LimitError, QuerySyntaxError
from records.rdf import RDF_TYPE, BlankNode, Iri, Literal, Triple
from records.rights import PUBLIC, Audiences

ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})
NAME, SIZE = "https://schema.org/name", "https://schema.org/size"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


def graph(number: int) -> str:
    return f"https://archive.example/{number}#graph"


def record(number: int, audiences: Audiences, *triples: tuple[str, str]) -> GraphChange:
    node = f"https://archive.example/{number}#cell"
    return GraphChange(graph(number), [Triple(node, predicate, Literal(value)) for predicate, value in triples], audiences)


@pytest.fixture
def store() -> EmbeddedGraphStore:
    store = EmbeddedGraphStore(None)
    store.apply(
        [
            record(1, ONE, (NAME, "a"), (SIZE, "big")),
            record(2, PUBLIC, (NAME, "b"), (SIZE, "big")),
            record(3, TWO, (NAME, "c"), (SIZE, "big")),
            record(4, ONE, (NAME, "d")),
        ]
    )
    return store


def rows(store: EmbeddedGraphStore, text: str, reader: Audiences = ONE, **sent: tuple[str, ...]) -> list[tuple[Term | None, ...]]:
    answer = store.query(text, reader, default_graphs=sent.get("default"), named_graphs=sent.get("named"))
    assert isinstance(answer, Solutions)
    return sorted(answer.rows, key=repr)


GRAPH_QUERIES = [
    f"SELECT ?g {{ GRAPH ?g {{ ?c <{SIZE}> 'big' }} }}",
    f"SELECT ?g ?n {{ GRAPH ?g {{ ?c <{SIZE}> 'big' . OPTIONAL {{ ?c <{NAME}> ?n }} }} }}",
    f"SELECT ?g {{ GRAPH ?g {{ OPTIONAL {{ ?c <{SIZE}> 'big' }} }} }}",
    f"SELECT ?g {{ GRAPH ?g {{ {{ ?c <{SIZE}> 'big' }} UNION {{ ?c <{NAME}> 'd' }} }} }}",
    f"SELECT ?g {{ GRAPH ?g {{ MINUS {{ ?c <{SIZE}> 'big' }} }} }}",
    f"SELECT ?g ?n {{ GRAPH ?g {{ SELECT (COUNT(*) AS ?n) {{ ?c <{SIZE}> 'big' }} }} }}",
    f"SELECT ?g ?h {{ GRAPH ?g {{ ?c <{SIZE}> 'big' }} GRAPH ?h {{ ?d <{NAME}> 'd' }} }}",
    f"SELECT ?g ?c {{ GRAPH ?g {{ ?c <{SIZE}>* ?d }} }}",
    f"SELECT ?g {{ GRAPH ?g {{ ?c <{SIZE}> 'big' }} GRAPH <{graph(4)}> {{ ?d <{NAME}> ?m }} }}",
]


@pytest.mark.parametrize("text", GRAPH_QUERIES)
def test_leaving_graphs_out_changes_no_answer(store: EmbeddedGraphStore, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    short = rows(store, text)
    monkeypatch.setattr(answering, "LOOKED_AT", 0)
    assert rows(store, text) == short
    assert graph(3) not in repr(short)


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        (f"SELECT * {{ GRAPH ?g {{ ?c <{SIZE}> 'big' }} }}", [(Pattern(None, Iri(SIZE), Literal("big")),)]),
        (
            "SELECT * { GRAPH ?g { ?c a <urn:C> ; ?p 1 } }",
            [(Pattern(None, Iri(RDF_TYPE), Iri("urn:C")), Pattern(None, None, Literal("1", INTEGER)))],
        ),
        ("PREFIX : <urn:> SELECT * { GRAPH ?g { :s ?p ?o . FILTER(?o = 1) } }", [(Pattern(Iri("urn:s"), None, None),)]),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", [()]),
        ("SELECT * { GRAPH ?g {} }", [()]),
        ("SELECT * { GRAPH ?g { ?s <urn:p>* <urn:o> } }", [()]),
        ("SELECT * { GRAPH ?g { ?s <urn:p>/<urn:q> <urn:o> } }", [()]),
        ("SELECT * { GRAPH ?g { OPTIONAL { ?s <urn:p> 1 } MINUS { ?s <urn:p> 2 } FILTER EXISTS { ?s <urn:p> 3 } } }", [()]),
        ("SELECT * { GRAPH ?g { ?s <urn:p> 1 { SELECT ?s { ?s ?p ?o } } } }", [()]),
        ("SELECT * { GRAPH ?g { GRAPH ?h { ?s <urn:p> 1 } } }", [(), (Pattern(None, Iri("urn:p"), Literal("1", INTEGER)),)]),
    ],
)
def test_only_a_pattern_that_every_solution_needs_tells_which_graphs_matter(text: str, looks: list[tuple[Pattern, ...]]) -> None:
    assert list(guard(text).named_patterns) == looks


@pytest.mark.parametrize(
    ("text", "predicates"),
    [
        ("PREFIX : <urn:> ASK { ?s a :C ; :p/^:q ?o . FILTER EXISTS { ?s :r+ ?o } }", {RDF_TYPE, "urn:p", "urn:q", "urn:r"}),
        ("ASK {}", set()),
        ("ASK { ?s <urn:p> ?o . ?s ?v 1 }", None),
        ("ASK { ?s <urn:p>* ?o }", None),
        ("ASK { <urn:s> <urn:p>? <urn:o> }", None),
        ("ASK { ?s !<urn:p> ?o }", None),
        ("ASK { ?s <urn:p> (1 2) }", None),
        ("DESCRIBE <urn:s>", None),
    ],
)
def test_predicates_tell_which_partitions_matter_only_when_no_other_can(text: str, predicates: set[str] | None) -> None:
    assert guard(text).predicates == predicates


def test_a_partition_without_any_predicate_of_the_query_is_not_passed(
    store: EmbeddedGraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.set_public_graph("urn:onto", [Triple("urn:a", "urn:sub", Iri("urn:b"))])
    passed: list[int] = []
    run = answering.run

    def counted(engine: Any, text: str, default: list[Any], named: list[Any]) -> Any:
        passed.append(len(default))
        return run(engine, text, default, named)

    monkeypatch.setattr(answering, "run", counted)
    assert rows(store, "SELECT ?x { ?x <urn:sub> ?y }") == [(Iri("urn:a"),)]
    assert len(rows(store, f"SELECT ?x {{ ?x <{NAME}> ?y }}")) == 3
    assert len(rows(store, "SELECT ?x { ?x ?p ?y }")) == 6
    assert passed == [1, 2, 2]


def test_what_is_no_iri_names_no_graph(store: EmbeddedGraphStore) -> None:
    text = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    assert rows(store, text, default=("no iri", "<>"), named=("\x00",)) == []
    assert len(rows(store, text, default=("no iri", graph(1)), named=(graph(4), graph(3)))) == 3


def test_graphs_after_from_are_put_together_within_a_bound(store: EmbeddedGraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"SELECT ?n FROM <{graph(1)}> FROM <{graph(2)}> {{ ?c <{NAME}> ?n }}"
    monkeypatch.setattr(answering, "MERGED_QUADS", 4)
    assert rows(store, text) == [(Literal("a"),), (Literal("b"),)]
    monkeypatch.setattr(answering, "MERGED_QUADS", 3)
    with pytest.raises(LimitError, match="more than 3 statements"):
        rows(store, text)


def test_each_statement_of_a_graph_comes_once(store: EmbeddedGraphStore) -> None:
    for text in (
        f"CONSTRUCT {{ <urn:s> <urn:p> ?size }} {{ ?c <{SIZE}> ?size }}",
        f"DESCRIBE ?c <https://archive.example/1#cell> {{ {{ ?c <{SIZE}> ?size }} UNION {{ ?c <{NAME}> ?name }} }}",
    ):
        answer = store.query(text, ONE)
        assert isinstance(answer, Graph)
        statements = list(answer.triples)
        assert len(statements) == len(set(statements)) > 0


def test_blank_nodes_of_a_repeatable_answer_are_named_by_their_order(store: EmbeddedGraphStore) -> None:
    text = f"SELECT (BNODE() AS ?b) ?n {{ ?c <{NAME}> ?n }} ORDER BY ?n"
    answer = store.query(text, ONE, repeatable=True)
    assert isinstance(answer, Solutions)
    assert [row[0] for row in answer.rows] == [BlankNode("b0"), BlankNode("b1"), BlankNode("b2")]


def test_what_the_engine_finds_wrong_behind_a_value_is_told_where_it_was_sent(store: EmbeddedGraphStore) -> None:
    text = "SELECT ?s { ?s <urn:p> ?x ; <urn:q> ?v BIND(1 AS ?x) }"
    places = []
    sent: list[dict[str, Term]] = [{}, {"s": Iri("urn:a"), "v": Literal("5")}]
    for bindings in sent:
        with pytest.raises(QuerySyntaxError) as caught:
            store.query(text, ONE, bindings=bindings)
        places.append((caught.value.line, caught.value.column))
    assert places[0] == places[1]
