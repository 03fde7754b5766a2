"""Answers written in each format are read back by rdflib, pyoxigraph and pandas as what they were."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO, StringIO
from itertools import count

import pandas as pd
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.query import Result

from graph.result_terms import KEPT_TERMS
from graph.results import (
    BATCH,
    CHUNK,
    GRAPH_FORMATS,
    NODE_STATEMENTS,
    TABLE_FORMATS,
    YES_NO_FORMATS,
    ResultFormat,
    write_answer,
)
from graph.store import Answer, Boolean, Graph, Solutions, Statement, Term
from records.errors import QueryLimitError, QueryRefusedError, StoreError
from records.rdf import RDF_TYPE, BlankNode, Iri, Literal

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
STRING = "http://www.w3.org/2001/XMLSchema#string"
AWKWARD = 'say "x",\tthen\r\n\\ <b>&amp;]]> and µ😀'
TEXTS = (ResultFormat.JSON, ResultFormat.XML, ResultFormat.CSV, ResultFormat.TSV)

characters = st.characters(codec="utf-8", exclude_categories=["Cs"])
xml_characters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], include_characters="\t\n\r")
iris = st.sampled_from(["https://a.example/x", "urn:x:1", "https://a.example/µ#1", "https://a.example/?a=1&b='2'"]).map(Iri)
blanks = st.sampled_from(["b1", "b0", "7f", "urn:x:1"]).map(BlankNode)


def literals_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Literal]:
    return st.one_of(
        texts.map(Literal),
        texts.map(lambda text: Literal(text, f"{RDF}langString", "en-gb")),
        texts.map(lambda text: Literal(text, "https://a.example/type?a&b")),
        st.integers().map(lambda number: Literal(str(number), INTEGER)),
    )


def tables_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[Term | None, ...]]]:
    term = st.one_of(st.none(), iris, blanks, literals_of(texts))
    return st.lists(st.tuples(term, term), max_size=5)


def graphs_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Statement]]:
    predicates = st.sampled_from([RDF_TYPE, "https://a.example/p", "https://a.example/%41#b-1", f"{RDF}_1", "urn:x:größe"]).map(Iri)
    return st.lists(
        st.builds(Statement, st.one_of(iris, blanks), predicates, st.one_of(iris, blanks, literals_of(texts))), max_size=6
    )


def written(answer: Answer, form: ResultFormat) -> bytes:
    return b"".join(write_answer(answer, form))


def relabelled(rows: Sequence[Sequence[Term | None]]) -> list[tuple[Term | None, ...]]:
    """The rows with blank nodes by their order."""
    names: dict[str, BlankNode] = {}
    numbers = count()

    def name(term: Term | None) -> Term | None:
        if not isinstance(term, BlankNode):
            return term
        if term not in names:
            names[term] = BlankNode(f"b{next(numbers)}")
        return names[term]

    return [tuple(name(term) for term in row) for row in rows]


def from_engine(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> Term | None:
    if isinstance(term, ox.Literal):
        return Literal(term.value, term.datatype.value, term.language or "")
    if isinstance(term, ox.Triple):
        raise TypeError("a term in a term")
    return None if term is None else BlankNode(term.value) if isinstance(term, ox.BlankNode) else Iri(term.value)


def read_table(body: bytes, form: ox.QueryResultsFormat) -> tuple[list[str], list[tuple[Term | None, ...]]]:
    found = ox.parse_query_results(body, form)
    assert isinstance(found, ox.QuerySolutions)
    return [variable.value for variable in found.variables], [tuple(from_engine(term) for term in row) for row in found]


# --- tables


@given(rows=tables_of(st.text(characters, max_size=8)))
def test_a_table_in_json_and_tsv_is_read_back_as_it_was(rows: list[tuple[Term | None, ...]]) -> None:
    for form, reader in ((ResultFormat.JSON, ox.QueryResultsFormat.JSON), (ResultFormat.TSV, ox.QueryResultsFormat.TSV)):
        assert read_table(written(Solutions(("a", "b"), iter(rows)), form), reader) == (["a", "b"], relabelled(rows))


@given(rows=tables_of(st.text(xml_characters, max_size=8)))
def test_a_table_in_xml_is_read_back_as_it_was(rows: list[tuple[Term | None, ...]]) -> None:
    body = written(Solutions(("a", "b"), iter(rows)), ResultFormat.XML)
    space = "{http://www.w3.org/2005/sparql-results#}"
    root = ET.fromstring(body)
    assert [variable.get("name") for variable in root.iter(f"{space}variable")] == ["a", "b"]
    found = []
    for result in root.iter(f"{space}result"):
        bindings = {binding.get("name"): binding[0] for binding in result}
        found.append(tuple(term_in_xml(bindings.get(name)) for name in ("a", "b")))
    assert found == relabelled(rows)


def term_in_xml(element: ET.Element | None) -> Term | None:
    if element is None:
        return None
    text = element.text or ""
    kind = element.tag.rpartition("}")[2]
    if kind != "literal":
        return Iri(text) if kind == "uri" else BlankNode(text)
    language = element.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    return Literal(text, f"{RDF}langString" if language else element.get("datatype", STRING), language)


@given(rows=tables_of(st.text(characters, max_size=8)))
def test_a_table_in_csv_holds_the_values_without_types(rows: list[tuple[Term | None, ...]]) -> None:
    body = written(Solutions(("a", "b"), iter(rows)), ResultFormat.CSV).decode()
    expected = [[plain(term) for term in row] for row in relabelled(rows)]
    assert list(csv.reader(StringIO(body, newline=""))) == [["a", "b"], *expected]


def plain(term: Term | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, Literal) else f"_:{term}" if isinstance(term, BlankNode) else str(term)


@pytest.mark.parametrize("form", [ResultFormat.JSON, ResultFormat.XML, ResultFormat.TSV])
def test_rdflib_reads_a_table(form: ResultFormat) -> None:
    name = {ResultFormat.JSON: "json", ResultFormat.XML: "xml", ResultFormat.TSV: "tsv"}[form]
    row = (Iri("urn:x"), Literal('µ😀 "é"', f"{RDF}langString", "de"), None, BlankNode("7f"), Literal("1", INTEGER))
    read = Result.parse(BytesIO(written(Solutions(tuple("abcde"), iter([row])), form)), format=name)
    [binding] = read.bindings
    assert [str(variable) for variable in read.vars or ()] == list("abcde")
    found = {str(name): value for name, value in binding.items()}
    assert found["a"] == rdflib.URIRef("urn:x")
    assert found["b"] == rdflib.Literal('µ😀 "é"', lang="de")
    assert "c" not in found
    assert isinstance(found["d"], rdflib.BNode)
    assert found["e"] == rdflib.Literal(1)


def test_pandas_reads_csv_and_tsv() -> None:
    def solutions() -> Solutions:
        return Solutions(("a", "b"), iter([(Literal(AWKWARD), Literal("1", INTEGER)), (None, Literal("2", INTEGER))]))

    read = pd.read_csv(BytesIO(written(solutions(), ResultFormat.CSV)))
    assert read["a"][0] == AWKWARD
    assert pd.isna(read["a"][1])
    assert read["b"].tolist() == [1, 2]
    assert len(pd.read_csv(BytesIO(written(solutions(), ResultFormat.TSV)), sep="\t", quoting=csv.QUOTE_NONE)) == 2


def test_awkward_text_stays_on_its_line_in_tsv_and_in_quotes_in_csv() -> None:
    def solutions() -> Solutions:
        return Solutions(("a",), iter([(Literal('say "x",\tthen\r\n\\ µ😀\x85\u2028\x00'),)]))

    tsv = '?a\n"say \\"x\\",\\tthen\\r\\n\\\\ µ😀\\u0085\\u2028\\u0000"\n'
    assert written(solutions(), ResultFormat.TSV).decode() == tsv
    assert written(solutions(), ResultFormat.CSV).decode() == 'a\r\n"say ""x"",\tthen\r\n\\ µ😀\x85\u2028\x00"\r\n'


def test_a_row_of_nothing_is_a_line_of_csv_that_no_reader_skips() -> None:
    body = written(Solutions(("a",), iter([(None,), (Literal(""),), (Literal("x"),)])), ResultFormat.CSV)
    assert body == b'a\r\n""\r\n""\r\nx\r\n'
    assert len(pd.read_csv(BytesIO(body))) == 3


@pytest.mark.parametrize("form", TEXTS)
def test_no_row_is_a_table_with_a_head(form: ResultFormat) -> None:
    body = written(Solutions(("a", "b"), iter(())), form)
    if form is ResultFormat.CSV:
        assert body == b"a,b\r\n"
    else:
        reader = ox.QueryResultsFormat.from_media_type(form)
        assert reader is not None
        assert read_table(body, reader) == (["a", "b"], [])


def test_rows_without_columns_are_counted() -> None:
    for form, expected in (
        (ResultFormat.JSON, b'{"head":{"vars":[]},"results":{"bindings":[{},{}]}}'),
        (ResultFormat.CSV, b"\r\n\r\n\r\n"),
        (ResultFormat.TSV, b"\n\n\n"),
    ):
        assert written(Solutions((), iter([(), ()])), form) == expected
    assert written(Solutions((), iter([(), ()])), ResultFormat.XML).count(b"<result>") == 2


@pytest.mark.parametrize("form", YES_NO_FORMATS)
@pytest.mark.parametrize("value", [True, False])
def test_a_yes_or_no_is_read_back(form: ResultFormat, value: bool) -> None:
    reader = ox.QueryResultsFormat.from_media_type(form)
    assert reader is not None
    whole = write_answer(Boolean(value), form)
    found = ox.parse_query_results(b"".join(whole), reader)
    assert isinstance(found, ox.QueryBoolean)
    assert bool(found) is value
    assert whole.rows == 1


# --- graphs


GRAPH_READERS = {
    ResultFormat.TURTLE: ox.RdfFormat.TURTLE,
    ResultFormat.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    ResultFormat.RDF_XML: ox.RdfFormat.RDF_XML,
    ResultFormat.JSON_LD: ox.RdfFormat.JSON_LD,
}
RDFLIB_READERS = {
    ResultFormat.TURTLE: "turtle",
    ResultFormat.N_TRIPLES: "nt",
    ResultFormat.RDF_XML: "xml",
    ResultFormat.JSON_LD: "json-ld",
}


def canonical(quads: Iterator[ox.Quad]) -> list[str]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def to_engine(statement: Statement) -> ox.Quad:
    def term(value: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
        if isinstance(value, Literal):
            if value.language:
                return ox.Literal(value.value, language=value.language)
            return ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))
        return ox.BlankNode(value.replace(":", "-")) if isinstance(value, BlankNode) else ox.NamedNode(value)

    subject = term(statement.subject)
    assert not isinstance(subject, ox.Literal)
    return ox.Quad(subject, ox.NamedNode(statement.predicate), term(statement.object))


@given(statements=graphs_of(st.text(characters, max_size=8)))
def test_a_graph_is_read_back_as_it_was(statements: list[Statement]) -> None:
    expected = canonical(map(to_engine, statements))
    for form in (ResultFormat.TURTLE, ResultFormat.N_TRIPLES, ResultFormat.JSON_LD):
        assert canonical(ox.parse(written(Graph(iter(statements)), form), GRAPH_READERS[form])) == expected, form


@given(statements=graphs_of(st.text(xml_characters, max_size=8)))
def test_a_graph_in_rdf_xml_is_read_back_as_it_was(statements: list[Statement]) -> None:
    body = written(Graph(iter(statements)), ResultFormat.RDF_XML)
    assert canonical(ox.parse(body, ox.RdfFormat.RDF_XML)) == canonical(map(to_engine, statements))


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_rdflib_reads_a_graph(form: ResultFormat) -> None:
    statements = [
        Statement(Iri("https://a.example/x"), Iri(RDF_TYPE), Iri("https://a.example/Cell")),
        Statement(Iri("https://a.example/x"), Iri(RDF_TYPE), Literal("no class")),
        Statement(Iri("https://a.example/x"), Iri("https://a.example/#p-1"), Literal(AWKWARD, f"{RDF}langString", "en")),
        Statement(Iri("https://a.example/x"), Iri("https://a.example/p"), BlankNode("7f")),
        Statement(BlankNode("7f"), Iri("https://a.example/p"), Literal("12", INTEGER)),
    ]
    read = rdflib.Graph().parse(data=written(Graph(iter(statements)), form), format=RDFLIB_READERS[form])
    subject = rdflib.URIRef("https://a.example/x")
    node = read.value(subject, rdflib.URIRef("https://a.example/p"))
    assert len(read) == 5
    assert isinstance(node, rdflib.BNode)
    assert (node, rdflib.URIRef("https://a.example/p"), rdflib.Literal(12)) in read
    assert (subject, rdflib.RDF.type, rdflib.Literal("no class")) in read
    assert (subject, rdflib.URIRef("https://a.example/#p-1"), rdflib.Literal(AWKWARD, lang="en")) in read


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_a_graph_without_statements_is_a_document(form: ResultFormat) -> None:
    assert list(ox.parse(written(Graph(iter(())), form), GRAPH_READERS[form])) == []


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_a_subject_of_many_statements_is_whole(form: ResultFormat) -> None:
    many = [Statement(Iri("urn:a"), Iri(f"https://a.example/p{n % 3}"), Literal(str(n))) for n in range(NODE_STATEMENTS + 10)]
    assert len(set(ox.parse(written(Graph(iter(many)), form), GRAPH_READERS[form]))) == len(many)


@pytest.mark.parametrize(
    "predicate",
    [
        "https://a.example/1",
        "https://a.example/",
        "urn:x:",
        f"{RDF}li",
        f"{RDF}about",
        "http://www.w3.org/2000/xmlns/p",
    ],
)
def test_a_predicate_that_is_no_name_is_refused_in_rdf_xml(predicate: str) -> None:
    graph = Graph(iter([Statement(Iri("urn:a"), Iri(predicate), Literal(""))]))
    with pytest.raises(QueryRefusedError, match=f"<{predicate}>.*text/turtle"):
        written(graph, ResultFormat.RDF_XML)


# --- what no form can hold


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_refused(character: str) -> None:
    value = Literal(f"a{character}b")
    with pytest.raises(QueryRefusedError, match=rf"U\+{ord(character):04X}.*sparql-results\+json"):
        written(Solutions(("a",), iter([(value,)])), ResultFormat.XML)
    with pytest.raises(QueryRefusedError, match=rf"U\+{ord(character):04X}.*text/turtle"):
        written(Graph(iter([Statement(Iri("urn:a"), Iri("urn:x:p"), value)])), ResultFormat.RDF_XML)
    assert (
        json.loads(written(Solutions(("a",), iter([(value,)])), ResultFormat.JSON))["results"]["bindings"][0]["a"]["value"]
        == value.value
    )


@pytest.mark.parametrize("form", TABLE_FORMATS)
def test_half_of_a_surrogate_pair_is_an_error_of_the_store(form: ResultFormat) -> None:
    with pytest.raises(StoreError, match="surrogate"):
        written(Solutions(("a",), iter([(Literal("\ud800"),)])), form)


@pytest.mark.parametrize(
    ("answer", "forms"),
    [
        (lambda: Boolean(True), YES_NO_FORMATS),
        (lambda: Solutions((), iter(())), TABLE_FORMATS),
        (lambda: Graph(iter(())), GRAPH_FORMATS),
    ],
    ids=["yes or no", "table", "graph"],
)
def test_an_answer_without_that_format_is_refused_before_anything_is_written(
    answer: Callable[[], Answer], forms: Sequence[ResultFormat]
) -> None:
    for form in set(ResultFormat) - set(forms):
        with pytest.raises(QueryRefusedError, match="cannot be written"):
            write_answer(answer(), form)


# --- rows, blank nodes, pieces


@pytest.mark.parametrize("form", TABLE_FORMATS)
def test_rows_are_counted_and_bounded(form: ResultFormat) -> None:
    rows = [(Literal(str(number)),) for number in range(BATCH + 3)]
    whole = write_answer(Solutions(("a",), iter(rows)), form, max_rows=len(rows))
    b"".join(whole)
    assert whole.rows == len(rows)
    with pytest.raises(QueryLimitError, match=f"more than {len(rows) - 1} rows") as caught:
        list(write_answer(Solutions(("a",), iter(rows)), form, max_rows=len(rows) - 1))
    assert (caught.value.limit, caught.value.allowed) == ("rows", len(rows) - 1)


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_statements_are_counted_and_bounded(form: ResultFormat) -> None:
    statements = [Statement(Iri("urn:a"), Iri("urn:x:p"), Literal(str(number))) for number in range(7)]
    whole = write_answer(Graph(iter(statements)), form, max_rows=7)
    b"".join(whole)
    assert whole.rows == 7
    with pytest.raises(QueryLimitError):
        list(write_answer(Graph(iter(statements)), form, max_rows=6))


def test_too_many_rows_are_noticed_before_all_are_read() -> None:
    numbers = count()
    rows = ((Literal(str(number)),) for number in numbers)
    with pytest.raises(QueryLimitError):
        list(write_answer(Solutions(("a",), rows), ResultFormat.CSV, max_rows=1000))
    assert next(numbers) < 1000 + 2 * BATCH


@pytest.mark.parametrize("form", [ResultFormat.JSON, ResultFormat.XML, ResultFormat.JSON_LD, ResultFormat.RDF_XML])
def test_what_breaks_off_does_not_parse(form: ResultFormat) -> None:
    rows = [(Literal("x" * 100),) for _ in range(2 * BATCH)]
    statements = [Statement(Iri("urn:a"), Iri("urn:x:p"), row[0]) for row in rows]
    answer: Answer = Solutions(("a",), iter(rows)) if form in TABLE_FORMATS else Graph(iter(statements))
    body = written(answer, form)
    parse = ET.fromstring if "xml" in form else json.loads
    parse(body)
    end = len(body.rstrip())
    for length in (0, end // 2, body.rindex(b"xxx"), end - 20, end - 1):
        with pytest.raises((ET.ParseError, json.JSONDecodeError)):
            parse(body[:length])


def test_blank_nodes_are_named_by_their_order_in_every_form() -> None:
    def solutions() -> Solutions:
        return Solutions(("a", "b"), iter([(Literal("x"), BlankNode("q")), (BlankNode("b0"), BlankNode("q"))]))

    assert written(solutions(), ResultFormat.CSV) == b"a,b\r\nx,_:b0\r\n_:b1,_:b0\r\n"
    assert written(solutions(), ResultFormat.TSV) == b'?a\t?b\n"x"\t_:b0\n_:b1\t_:b0\n'
    bindings = json.loads(written(solutions(), ResultFormat.JSON))["results"]["bindings"]
    assert [row["b"]["value"] for row in bindings] == ["b0", "b0"]
    assert b"<bnode>b1</bnode>" in written(solutions(), ResultFormat.XML)
    assert written(solutions(), ResultFormat.JSON_LINES) == b'{"a":"x","b":"_:b0"}\n{"a":"_:b1","b":"_:b0"}\n'
    statements = [
        Statement(BlankNode("z"), Iri("urn:x:p"), BlankNode("b0")),
        Statement(BlankNode("b0"), Iri("urn:x:p"), BlankNode("z")),
    ]
    assert written(Graph(iter(statements)), ResultFormat.N_TRIPLES) == b"_:b0 <urn:x:p> _:b1 .\n_:b1 <urn:x:p> _:b0 .\n"


def test_a_blank_node_and_an_iri_of_the_same_text_stay_apart() -> None:
    rows: list[tuple[Term | None, ...]] = [(Iri("urn:x"), BlankNode("urn:x")), (BlankNode("urn:x"), Iri("urn:x"))]
    assert written(Solutions(("a", "b"), iter(rows)), ResultFormat.CSV) == b"a,b\r\nurn:x,_:b0\r\n_:b0,urn:x\r\n"


def test_more_different_terms_than_are_kept_are_all_written() -> None:
    numbers = range(2 * KEPT_TERMS + 1)
    body = written(Solutions(("a",), iter([(Iri(f"urn:x:{number}"),) for number in numbers])), ResultFormat.CSV).decode()
    assert body.splitlines()[1:] == [f"urn:x:{number}" for number in numbers]


def test_rows_are_written_while_they_are_read() -> None:
    numbers = count()
    rows = ((Literal("x" * 1000 + str(number)),) for number in numbers)
    first = next(write_answer(Solutions(("a",), rows), ResultFormat.JSON))
    assert len(first) >= CHUNK
    assert next(numbers) <= BATCH + 1
