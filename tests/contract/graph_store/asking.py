"""What a query asks, over what, and what it gets."""

from __future__ import annotations

import pytest

from graph.store import Graph, GraphChange, GraphStore, Solutions
from records.errors import LimitError, QueryRefusedError, QuerySyntaxError
from records.rdf import BlankNode, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC
from tests.contract.graph_store.examples import (
    AUTHOR,
    BOTH,
    EVERYTHING,
    INTEGER,
    NAME,
    ONE,
    PERSON,
    SUBCLASS,
    TWO,
    graph,
    named,
    names,
    record,
    rows,
)


class Asking:
    """Behaviours of `graph.store.GraphStore` when it is asked."""

    # the dataset clause

    @pytest.fixture
    def three(self, store: GraphStore) -> GraphStore:
        store.apply(
            [
                GraphChange(graph(1), [named(1), AUTHOR], ONE),
                GraphChange(graph(2), [named(2), AUTHOR], ONE),
                GraphChange(graph(3), [named(3), AUTHOR], TWO),
            ]
        )
        return store

    def test_from_names_the_default_graph(self, three: GraphStore) -> None:
        assert names(three, ONE, f"SELECT ?n FROM <{graph(1)}> {{ ?s <{NAME}> ?n }}") == ["A. Author", "cell 1"]

    def test_several_from_are_merged_without_duplicates(self, three: GraphStore) -> None:
        query = f"SELECT ?n FROM <{graph(1)}> FROM <{graph(2)}> FROM <{graph(3)}> {{ ?s <{NAME}> ?n }}"
        assert names(three, ONE, query) == ["A. Author", "cell 1", "cell 2"]

    def test_only_from_leaves_no_named_graphs(self, three: GraphStore) -> None:
        assert rows(three, f"SELECT ?g FROM <{graph(1)}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", ONE) == []

    def test_only_from_named_leaves_an_empty_default_graph(self, three: GraphStore) -> None:
        assert rows(three, f"SELECT * FROM NAMED <{graph(1)}> {{ ?s ?p ?o }}", ONE) == []
        found = rows(
            three, f"SELECT DISTINCT ?g FROM NAMED <{graph(1)}> FROM NAMED <{graph(3)}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", ONE
        )
        assert found == [(Iri(graph(1)),)]

    def test_a_merged_default_graph_and_named_graphs_go_together(self, three: GraphStore) -> None:
        query = (
            f"SELECT ?n ?m FROM <{graph(1)}> FROM <{graph(2)}> FROM NAMED <{graph(2)}> "
            f"{{ ?s <{NAME}> ?n GRAPH ?g {{ ?s <{NAME}> ?m FILTER(?m != 'A. Author') }} }}"
        )
        assert rows(three, query, ONE) == [(Literal("cell 2"), Literal("cell 2"))]

    def test_the_protocols_dataset_takes_the_place_of_the_querys(self, three: GraphStore) -> None:
        query = f"SELECT ?n FROM <{graph(1)}> {{ ?s <{NAME}> ?n }}"
        answer = three.query(query, ONE, default_graphs=[graph(2), graph(3)])
        assert isinstance(answer, Solutions)
        assert sorted(str(row[0]) for row in answer.rows) == sorted(str(Literal(name)) for name in ("A. Author", "cell 2"))
        answer = three.query("SELECT ?g { GRAPH ?g {} }", ONE, named_graphs=[graph(1), graph(3)])
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == [(Iri(graph(1)),)]

    def test_what_is_forbidden_is_answered_as_what_is_not_there(self, three: GraphStore) -> None:
        for template in (
            "SELECT * FROM <%s> { ?s ?p ?o }",
            "SELECT * FROM <%s> FROM <" + graph(1) + "> { ?s ?p ?o }",
            "SELECT * FROM NAMED <%s> { GRAPH ?g { ?s ?p ?o } }",
            "SELECT * FROM NAMED <%s> { GRAPH ?g {} }",
            "SELECT * { GRAPH <%s> { ?s ?p ?o } }",
            "SELECT ?s { VALUES ?g { <%s> } GRAPH ?g { ?s ?p ?o } }",
            "SELECT ?s { BIND(IRI('%s') AS ?g) GRAPH ?g { ?s ?p ?o } }",
        ):
            missing = rows(three, template % graph(9), ONE)
            assert rows(three, template % graph(3), ONE) == missing
            assert rows(three, template % "urn:voltagraph:system", ONE) == missing

    @pytest.mark.parametrize("name", ["urn:x-arq:UnionGraph", "urn:x-arq:DefaultGraph", "urn:x-arq:DefaultGraphNode"])
    def test_names_that_mean_all_graphs_to_a_server_show_nothing_more(self, three: GraphStore, name: str) -> None:
        for query in (
            f"SELECT ?n {{ GRAPH <{name}> {{ ?s <{NAME}> ?n }} }}",
            f"SELECT ?n {{ VALUES ?g {{ <{name}> }} GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
            f"SELECT ?n {{ BIND(IRI('{name}') AS ?g) GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
            f"SELECT ?n FROM <{name}> {{ ?s <{NAME}> ?n }}",
            f"SELECT ?n FROM NAMED <{name}> {{ GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
        ):
            assert not {"cell 3"} & set(names(three, ONE, query))
            assert names(three, NOBODY, query) == []

    def test_a_graph_with_a_variable_is_any_readable_record_even_nested(self, three: GraphStore) -> None:
        found = rows(three, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", ONE)
        assert found == [(Iri(graph(1)),), (Iri(graph(2)),)]
        query = f"SELECT DISTINCT ?g ?h {{ GRAPH ?g {{ ?s <{NAME}> ?o GRAPH ?h {{ ?s <{NAME}> ?o }} }} FILTER(?g != ?h) }}"
        assert len(rows(three, query, ONE)) == 2
        assert len(rows(three, query, BOTH)) == 6

    def test_paths_follow_what_may_be_read(self, store: GraphStore) -> None:
        steps = [Triple(f"urn:n:{n}", SUBCLASS, Iri(f"urn:n:{n + 1}")) for n in range(4)]
        store.apply([GraphChange(graph(n), [step], (ONE, ONE, TWO, ONE)[n]) for n, step in enumerate(steps)])
        path = f"SELECT ?o {{ <urn:n:0> <{SUBCLASS}>* ?o }}"
        assert sorted(map(str, (value for (value,) in rows(store, path, ONE)))) == ["urn:n:0", "urn:n:1", "urn:n:2"]
        assert len(rows(store, path, BOTH)) == 5
        assert len(rows(store, f"SELECT ?o {{ <urn:n:0> <{SUBCLASS}>+ ?o }}", ONE)) == 2
        assert rows(store, f"SELECT ?s {{ ?s ^<{SUBCLASS}>/^<{SUBCLASS}> <urn:n:0> }}", ONE) == [(Iri("urn:n:2"),)]
        assert rows(store, "SELECT ?o { <urn:n:3> !<urn:p> ?o }", ONE) == [(Iri("urn:n:4"),)]

    # bindings

    def test_a_bound_variable_is_a_value_and_nothing_else(self, three: GraphStore) -> None:
        query = f"SELECT ?s {{ ?s <{NAME}> ?name }}"
        answer = three.query(query, ONE, bindings={"name": Literal("cell 1")})
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == [(Iri(f"{record(1)}#cell"),)]
        answer = three.query(query, ONE, bindings={"name": Literal('x" } UNION { ?s ?p ?o } #')})
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == []
        answer = three.query("SELECT ?n { GRAPH ?g { ?s ?p ?n } }", ONE, bindings={"g": Iri(graph(3))})
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == []

    def test_blank_nodes_of_a_repeatable_answer_are_named_by_their_order(self, three: GraphStore) -> None:
        for _ in range(2):
            answer = three.query(f"SELECT (BNODE() AS ?b) {{ ?s <{NAME}> ?n }} ORDER BY ?n", ONE, repeatable=True)
            assert isinstance(answer, Solutions)
            assert [str(value) for (value,) in answer.rows] == ["b0", "b1", "b2"]
        with pytest.raises(QueryRefusedError):
            three.query("SELECT (NOW() AS ?now) {}", ONE, repeatable=True)

    # answers

    def test_a_graph_has_each_statement_once(self, three: GraphStore) -> None:
        answer = three.query(f"CONSTRUCT {{ <urn:s> <{NAME}> 'x' }} {{ ?s <{NAME}> ?o }}", BOTH)
        assert isinstance(answer, Graph)
        assert list(answer.triples) == [("urn:s", NAME, Literal("x"))]

    def test_rows_are_in_the_order_of_the_variables_with_none_for_the_unbound(self, store: GraphStore) -> None:
        answer = store.query("SELECT ?b ?a ?c { VALUES (?a ?b) { (1 <urn:x>) } }", PUBLIC)
        assert isinstance(answer, Solutions)
        assert answer.variables == ("b", "a", "c")
        assert list(answer.rows) == [(Iri("urn:x"), Literal("1", INTEGER), None)]

    def test_blank_nodes_that_a_query_makes_are_blank_nodes(self, store: GraphStore) -> None:
        ((found,),) = rows(store, "SELECT (BNODE() AS ?b) {}", PUBLIC)
        assert type(found) is BlankNode
        answer = store.query("CONSTRUCT { [] <urn:p> 1 } {}", PUBLIC)
        assert isinstance(answer, Graph)
        (statement,) = answer.triples
        assert type(statement.subject) is BlankNode
        assert (statement.predicate, statement.object) == ("urn:p", Literal("1", INTEGER))

    def test_describe_gives_what_the_reader_may_know(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [Triple(PERSON, NAME, Literal("one"))], ONE)])
        store.apply([GraphChange(graph(2), [Triple(PERSON, NAME, Literal("two"))], TWO)])
        answer = store.query(f"DESCRIBE <{PERSON}>", ONE)
        assert isinstance(answer, Graph)
        assert list(answer.triples) == [(PERSON, NAME, Literal("one"))]

    def test_an_answer_is_of_the_moment_it_was_asked(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(n), [named(n)], ONE) for n in range(50)])
        answer = store.query(EVERYTHING, ONE)
        assert isinstance(answer, Solutions)
        next(answer.rows)
        store.apply([GraphChange(graph(n), [], NOBODY) for n in range(50)])
        assert len(list(answer.rows)) == 49
        assert names(store, ONE) == []

    # refusing

    @pytest.mark.parametrize(
        ("query", "error", "line", "column"),
        [
            ("SELECT * {\n  SERVICE <https://b.example> { ?s ?p ?o } }", QueryRefusedError, 2, 3),
            ("INSERT DATA { <urn:a> <urn:b> 1 }", QueryRefusedError, 1, 1),
            ("SELECT * {\n  ?s ?p ?o FILTER(<urn:f>(?o)) }", QueryRefusedError, 2, 19),
            ("SELECT * {\n  ?s ?p }", QuerySyntaxError, 2, 8),
            ("SELECT * {\n  ?s ?p no:x }", QuerySyntaxError, 2, 9),
            ("SELECT (?a AS ?b)\nFROM <relative> {}", QuerySyntaxError, 2, 6),
        ],
        ids=["service", "update", "function", "syntax", "prefix", "relative"],
    )
    def test_what_is_not_offered_is_refused_with_its_place(
        self, store: GraphStore, query: str, error: type[QuerySyntaxError], line: int, column: int
    ) -> None:
        with pytest.raises(error) as caught:
            store.query(query, PUBLIC)
        assert (caught.value.line, caught.value.column) == (line, column)
        assert caught.value.remedy

    def test_too_long_a_query_is_refused(self, store: GraphStore) -> None:
        with pytest.raises(LimitError):
            store.query("ASK {} #" + "x" * 64_000, PUBLIC)
