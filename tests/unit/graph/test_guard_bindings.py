"""Values are put in the place of variables in the tree of the query: whatever they hold, they stay values."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.guard import QueryKind, QueryLimits, guard
from graph.store import Term
from records.errors import LimitError, QueryError, QueryRefusedError, QuerySyntaxError
from records.rdf import BlankNode, Iri, Literal

XSD = "http://www.w3.org/2001/XMLSchema#"
P, Q, R, S = (f"https://p.example/{name}" for name in "pqrs")
DATA = f"""
<{P}> <{Q}> <{R}>, "five", 5 .
<{S}> <{Q}> "five" .
<urn:g1> <{Q}> 1 .
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.load(DATA.encode(), ox.RdfFormat.TURTLE)
    store.load(DATA.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:g1"))
    return store


def rows(store: ox.Store, text: str, **bindings: Term) -> list[tuple[str | None, ...]]:
    answer = store.query(guard(text, bindings=bindings).text)
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(tuple(None if term is None else str(term) for term in row) for row in answer)


@pytest.mark.parametrize(
    ("text", "bindings", "bound"),
    [
        ("SELECT ?s { ?s ?p 1 }", {"p": Iri(P)}, f"SELECT ?s {{ ?s  <{P}>  1 }}"),
        ("SELECT ?s { $s ?p 1 }", {"s": Iri(P)}, f"SELECT (<{P}> AS ?s) {{  <{P}>  ?p 1 }}"),
        ("ASK { GRAPH ?g { ?s ?p ?g } }", {"g": Iri(P)}, f"ASK {{ GRAPH  <{P}>  {{ ?s ?p  <{P}>  }} }}"),
        (
            "ASK { ?s ?p ?o FILTER(?o>?n) }",
            {"n": Literal("1", f"{XSD}integer")},
            f'ASK {{ ?s ?p ?o FILTER(?o> "1"^^<{XSD}integer> ) }}',
        ),
        ("ASK { ?s ?p ?o FILTER(bound(?n)) }", {"n": Iri(P)}, "ASK { ?s ?p ?o FILTER( true ) }"),
        ("SELECT * { ?s ?p ?o } ORDER BY ?o DESC(?s)", {"o": Iri(P)}, f"SELECT * {{ ?s ?p  <{P}>  }} ORDER BY (<{P}>) DESC(?s)"),
        ("SELECT ?o { ?s ?p ?o } GROUP BY ?o", {"o": Iri(P)}, f"SELECT (<{P}> AS ?o) {{ ?s ?p  <{P}>  }} GROUP BY (<{P}>)"),
        ("SELECT (COUNT(?o) AS ?n) { ?s ?p ?o }", {"o": Iri(P)}, f"SELECT (COUNT( <{P}> ) AS ?n) {{ ?s ?p  <{P}>  }}"),
        (
            "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
            {"o": Literal("x", language="en")},
            'CONSTRUCT { ?s ?p  "x"@en  } { ?s ?p  "x"@en  }',
        ),
        ("CONSTRUCT WHERE { ?s ?p ?o }", {"s": Iri(P)}, f"CONSTRUCT WHERE {{  <{P}>  ?p ?o }}"),
        ("DESCRIBE ?s", {"s": Iri(P)}, f"DESCRIBE  <{P}> "),
        ("ASK { ?s ?p '?s' } # ?s", {"s": Iri(P)}, f"ASK {{  <{P}>  ?p '?s' }} # ?s"),
    ],
)
def test_a_value_is_written_in_the_place_of_its_variable(text: str, bindings: dict[str, Term], bound: str) -> None:
    assert guard(text, bindings=bindings).text == bound


def test_a_sub_select_gets_the_value_too_and_no_column_is_made_twice(store: ox.Store) -> None:
    text = "SELECT ?s ?o { { SELECT ?s ?o { ?s ?p ?o } } }"
    assert rows(store, text, s=Iri(S)) == [(f"<{S}>", '"five"')]
    assert rows(store, "SELECT * { { SELECT ?s ?o { ?s ?p ?o } } }", s=Iri(S)) in ([(f"<{S}>", '"five"')], [('"five"', f"<{S}>")])
    assert rows(store, "SELECT ?s ?s_1 { { SELECT ?s { ?s ?p ?s_1 } } }", s=Iri(S)) == [(f"<{S}>", None)]
    nested = "SELECT ?s { { SELECT * { { SELECT ?s ?o { ?s ?p ?o } } { SELECT DISTINCT ?s { ?s ?p ?z } } } } }"
    assert rows(store, nested, s=Iri(S)) == [(f"<{S}>",)]


def test_a_group_of_a_value_has_no_rows_when_nothing_is_found(store: ox.Store) -> None:
    text = "SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s"
    assert rows(store, text, s=Iri(P)) == [(f"<{P}>", f'"3"^^<{XSD}integer>')]
    assert rows(store, text, s=Iri("urn:none")) == []


@pytest.mark.parametrize(
    ("text", "bindings", "line", "column", "says"),
    [
        ("ASK {\n BIND(1 AS ?x) }", {"x": Iri(P)}, 2, 12, "assigns"),
        ("SELECT (1 AS ?x) {}", {"x": Iri(P)}, 1, 14, "assigns"),
        ("SELECT (1 AS # a comment\n ?x) {}", {"x": Iri(P)}, 2, 2, "assigns"),
        ("ASK { VALUES ?x { 1 } }", {"x": Iri(P)}, 1, 14, "assigns"),
        ("SELECT * {} VALUES (?x ?y) { (1 2) }", {"x": Iri(P)}, 1, 21, "assigns"),
        ("SELECT ?x { ?s ?p ?o } GROUP BY (STR(?o) AS ?x)", {"x": Iri(P)}, 1, 45, "assigns"),
        ("ASK { ?s ?p ?o }", {"x": Iri(P)}, 1, 1, "no variable ?x"),
        ("ASK { ?s 'x' ?o }", {"s": Iri(P)}, 1, 7, "not expected"),
        ("ASK { ?s ?p ?o }", {"s": Literal("x")}, 1, 7, "only an IRI"),
        ("ASK { ?s ?p ?o }", {"p": Literal("x")}, 1, 10, "only an IRI"),
        ("ASK { ?s <urn:p> 1 ; ?p ?o }", {"p": Literal("x")}, 1, 22, "only an IRI"),
        ("ASK { GRAPH ?g {} }", {"g": Literal("x")}, 1, 13, "only an IRI"),
        ("DESCRIBE ?s { ?x ?p ?s }", {"s": Literal("x")}, 1, 10, "only an IRI"),
        ("CONSTRUCT { ?o ?p 1 } { ?s ?p ?o }", {"o": Literal("x")}, 1, 13, "only an IRI"),
        ("ASK { ?s ?p ?o }", {"o": BlankNode("b")}, 1, 13, "blank node"),
        ("ASK { ?s ?p ?o }", {"o": Iri("relative")}, 1, 13, "no RDF term"),
        ("ASK { ?s ?p ?o }", {"o": Iri("urn:a> <urn:b")}, 1, 13, "no RDF term"),
        ("ASK { ?s ?p ?o }", {"o": Literal("x", "relative")}, 1, 13, "no RDF term"),
        ("ASK { ?s ?p ?o }", {"o": Literal("x", language="e n")}, 1, 13, "no RDF term"),
        ("ASK { ?s ?p ?o }", {"o": Literal("half \ud800")}, 1, 13, "no RDF term"),
        ("ASK { ?s ?p ?o MINUS { ?s ?q 1 } }", {"s": Iri(P)}, 1, 24, "MINUS compares"),
    ],
)
def test_what_cannot_be_bound_is_refused_with_its_place(
    text: str, bindings: dict[str, Term], line: int, column: int, says: str
) -> None:
    with pytest.raises(QueryError, match=re.escape(says)) as caught:
        guard(text, bindings=bindings)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.remedy


def test_a_variable_of_minus_alone_may_be_bound(store: ox.Store) -> None:
    text = f"SELECT ?s {{ ?s <{Q}> ?o MINUS {{ ?s <{Q}> ?not }} }}"
    assert rows(store, text, **{"not": Literal("five")}) == [("<urn:g1>",)]


values = st.one_of(
    st.text().map(Literal),
    st.text().map(lambda text: Literal(text, "https://a.example/type")),
    st.text().map(lambda text: Literal(text, language="en")),
    st.sampled_from(
        ["\\u0022", '"', "'''", "\\", "a\\", '"""', "} SERVICE <x> {", "\x00\x07\x7f", "\r\n\t", "\u2028", "?x", "😀"]
    ).map(Literal),
    st.text(alphabet='ab:/#?%.µ\\<>"{} ').map(lambda text: Iri(f"urn:{text}")),
)


@given(values)
def test_whatever_a_value_holds_it_comes_out_as_it_went_in(value: Iri | Literal) -> None:
    try:
        guarded = guard("BASE <urn:x/y> SELECT ?v ?w { BIND(?v AS ?w) }", bindings={"v": value})
    except QueryRefusedError:
        assert isinstance(value, Iri)
        return
    answer = ox.Store().query(guarded.text)
    assert isinstance(answer, ox.QuerySolutions)
    for term in next(answer):
        if isinstance(value, Iri):
            assert term == ox.NamedNode(value)
        elif value.language:
            assert term == ox.Literal(value.value, language=value.language)
        else:
            assert term == ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))


def test_a_place_behind_a_value_is_told_as_it_was_sent() -> None:
    text = "SELECT ?a { ?a ?p ?b .\n ?b ?p ?c }"
    guarded = guard(text, bindings={"a": Iri(P), "b": Iri(Q)})
    for variable in ("?p ?c", "?c }"):
        line = guarded.text.split("\n")[1]
        assert guarded.place(2, line.index(variable) + 1) == (2, text.split("\n")[1].index(variable) + 1)
    assert guarded.place(2, 4) == (2, 2)
    assert guarded.place(1, 1) == (1, 1)


def test_a_value_counts_for_the_length_of_the_query() -> None:
    with pytest.raises(LimitError, match="bytes"):
        guard("ASK { ?s ?p ?o }", QueryLimits(bytes=100), bindings={"o": Literal("x" * 100)})


@pytest.mark.parametrize("function", ["NOW()", "rand()", "Uuid()", "STRUUID()", "(NOW())", "YEAR(NOW())", "BNODE(STR(RAND()))"])
def test_a_repeatable_query_has_no_function_of_the_moment(function: str) -> None:
    text = f"SELECT *\n{{ ?s ?p ?o FILTER(?o = {function}) }}"
    assert guard(text).kind is QueryKind.SELECT
    with pytest.raises(QueryRefusedError, match="another value each time") as caught:
        guard(text, repeatable=True)
    place = re.search("now|rand|struuid|uuid", text, re.IGNORECASE)
    assert place is not None
    assert (caught.value.line, caught.value.column) == (2, place.start() - text.index("\n"))


def test_names_and_texts_of_such_functions_and_blank_nodes_are_repeatable() -> None:
    text = "PREFIX now: <urn:> SELECT ?rand (BNODE() AS ?uuid) { ?rand now:now 'NOW()' } # NOW()"
    assert guard(text, repeatable=True).variables == ("rand", "uuid")


@pytest.mark.parametrize(
    ("text", "kind", "variables"),
    [
        ("SELECT ?a (1 AS ?b) { ?a ?p ?o }", QueryKind.SELECT, ("a", "b")),
        ("select distinct $a ?b { { SELECT ?a ?z { ?a ?b ?z } } ?a ?b ?c }", QueryKind.SELECT, ("a", "b")),
        ("SELECT * { ?a ?p ?o }", QueryKind.SELECT, ()),
        ("ASK {}", QueryKind.ASK, ()),
        ("CONSTRUCT { ?a ?p 1 } { ?a ?p ?o }", QueryKind.CONSTRUCT, ()),
        ("DESCRIBE ?a { ?a ?p ?o }", QueryKind.DESCRIBE, ()),
    ],
)
def test_kind_and_columns_are_told(text: str, kind: QueryKind, variables: tuple[str, ...]) -> None:
    guarded = guard(text)
    assert (guarded.kind, guarded.variables) == (kind, variables)


@pytest.mark.parametrize(
    ("text", "error", "says", "column"),
    [
        ("SELECT (FOO(1) AS ?x) {}", QueryRefusedError, "The function FOO is not known", 9),
        ("SELECT (TRIPLE(?s, ?p, ?o) AS ?x) {}", QueryRefusedError, "The function TRIPLE is not known", 9),
        ("SELECT (COUNT(DISTINCT FOO (1)) AS ?x) {}", QueryRefusedError, "The function FOO is not known", 24),
        ("PREFIX f: <urn:f#> SELECT (f:x(1) AS ?x) {}", QueryRefusedError, "The function <urn:f#x> is not known", 28),
        ("PREFIX f: <urn:f#> SELECT (f:sum(DISTINCT ?o) AS ?x) { ?s ?p ?o }", QueryRefusedError, "<urn:f#sum> is not known", 28),
        ("ASK { ?s foo ?o }", QuerySyntaxError, "'foo' is not a word of SPARQL", 10),
        ("ASK { \\u0053ERVICE <urn:x> {} }", QuerySyntaxError, "escape stands outside", 7),
        ("ASK { SERVIC\\u0045 <urn:x> {} }", QuerySyntaxError, "'SERVIC' is not a word", 7),
        ("PREFIX : <urn:> ASK { SERVICE:x {} }", QueryRefusedError, "SERVICE is not offered", 23),
        ("ASK {} ; LOAD <urn:x>", QueryRefusedError, "LOAD is not offered", 10),
        ("ASK { << ?s ?p ?o >> ?q ?r }", QuerySyntaxError, "not expected", 7),
        ("VERSION '1.2' ASK {}", QuerySyntaxError, "'VERSION' is not a word of SPARQL", 1),
    ],
)
def test_what_is_not_offered_is_named_with_its_place(text: str, error: type[QueryError], says: str, column: int) -> None:
    with pytest.raises(error, match=re.escape(says)) as caught:
        guard(text)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert caught.value.remedy


@pytest.mark.parametrize("prefix", ["a", "in", "as", "filter", "graph", "true", "group", "select", "b", "µ", "é.x-1"])
def test_a_prefix_may_be_spelt_like_a_keyword(prefix: str) -> None:
    text = f"PREFIX {prefix}: <urn:x:> SELECT * {{ ?s {prefix}:p/^{prefix}:q* ?o ; {prefix}:r [ {prefix}:s 1 ] ; a {prefix}:T }}"
    assert guard(text).text == text
