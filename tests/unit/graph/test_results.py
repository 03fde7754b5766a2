"""Answers written in each format are read back by rdflib as what they were."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import BytesIO, StringIO

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.query import Result

from graph.results import CHUNK, ResultFormat, write_answer
from graph.store import Answer, Boolean, Graph, Solutions, Statement, Term
from records.errors import QueryRefusedError
from records.rdf import RDF_TYPE, BlankNode, Iri, Literal

INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
AWKWARD = 'say "x",\tthen\r\n\\ and µ😀'

# rdflib reads TSV line by line and takes more than line feeds for line ends; those are tried below.
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8)
iris = st.sampled_from(["https://a.example/x", "urn:x:1", "https://a.example/µ#1"]).map(Iri)
literals = st.one_of(
    texts.map(Literal),
    texts.map(lambda text: Literal(text, language="en")),
    st.integers().map(lambda number: Literal(str(number), INTEGER)),
)
terms = st.one_of(iris, literals, st.just(BlankNode("b0")))
rows = st.lists(st.tuples(st.one_of(st.none(), terms), terms), max_size=5)
statements = st.lists(
    st.builds(Statement, st.one_of(iris, st.just(BlankNode("b0"))), st.one_of(iris, st.just(Iri(RDF_TYPE))), terms), max_size=6
)


def written(answer: Answer, result_format: ResultFormat) -> bytes:
    return b"".join(write_answer(answer, result_format))


def as_rdflib(term: Term) -> rdflib.term.Identifier:
    if isinstance(term, Literal):
        datatype = None if term.language else rdflib.URIRef(term.datatype)
        return rdflib.Literal(term.value, lang=term.language or None, datatype=datatype, normalize=False)
    return rdflib.BNode(term) if isinstance(term, BlankNode) else rdflib.URIRef(term)


def text_of(term: rdflib.term.Node | None) -> str:
    """What to compare: rdflib gives blank nodes new labels and an untyped string no datatype."""
    if term is None:
        return ""
    if isinstance(term, rdflib.BNode):
        return "_:"
    if not isinstance(term, rdflib.Literal | rdflib.URIRef):
        raise TypeError(f"{term!r} is no term of an answer")
    return term.n3().removesuffix("^^<http://www.w3.org/2001/XMLSchema#string>")


@pytest.mark.parametrize("result_format", [ResultFormat.JSON, ResultFormat.TSV])
@given(rows=rows)
def test_solutions_are_read_back_as_they_were(result_format: ResultFormat, rows: list[tuple[Term | None, Term]]) -> None:
    text = written(Solutions(("a", "b"), iter(rows)), result_format)
    read = Result.parse(BytesIO(text), format="json" if result_format is ResultFormat.JSON else "tsv")
    assert [str(variable) for variable in read.vars or ()] == ["a", "b"]
    found = [tuple(text_of(binding.get(variable)) for variable in read.vars or ()) for binding in read.bindings]
    assert found == [tuple(text_of(None if term is None else as_rdflib(term)) for term in row) for row in rows]


@given(rows=rows)
def test_csv_holds_the_values_without_types(rows: list[tuple[Term | None, Term]]) -> None:
    text = written(Solutions(("a", "b"), iter(rows)), ResultFormat.CSV).decode()
    assert list(csv.reader(StringIO(text, newline=""))) == [["a", "b"], *([plain(term) for term in row] for row in rows)]


def plain(term: Term | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, Literal) else f"_:{term}" if isinstance(term, BlankNode) else str(term)


@pytest.mark.parametrize("result_format", [ResultFormat.N_TRIPLES, ResultFormat.TURTLE])
@given(statements=statements)
def test_a_graph_is_read_back_as_it_was(result_format: ResultFormat, statements: list[Statement]) -> None:
    read = rdflib.Graph().parse(
        data=written(Graph(iter(statements)), result_format), format="nt" if result_format is ResultFormat.N_TRIPLES else "turtle"
    )
    assert {tuple(text_of(term) for term in triple) for triple in read} == {
        tuple(text_of(as_rdflib(term)) for term in statement) for statement in statements
    }


def test_awkward_text_stays_on_its_line_in_tsv_and_in_quotes_in_csv() -> None:
    def solutions() -> Solutions:
        return Solutions(("a",), iter([(Literal(AWKWARD),)]))

    assert written(solutions(), ResultFormat.TSV).decode() == '?a\n"say \\"x\\",\\tthen\\r\\n\\\\ and µ😀"\n'
    assert written(solutions(), ResultFormat.CSV).decode() == 'a\r\n"say ""x"",\tthen\r\n\\ and µ😀"\r\n'
    assert json.loads(written(solutions(), ResultFormat.JSON))["results"]["bindings"] == [
        {"a": {"type": "literal", "value": AWKWARD}}
    ]


def test_a_yes_or_no_is_json() -> None:
    assert json.loads(written(Boolean(True), ResultFormat.JSON)) == {"head": {}, "boolean": True}


def test_no_solution_is_a_table_with_a_head() -> None:
    assert json.loads(written(Solutions(("a",), iter(())), ResultFormat.JSON)) == {
        "head": {"vars": ["a"]},
        "results": {"bindings": []},
    }
    assert written(Solutions(("a", "b"), iter(())), ResultFormat.CSV) == b"a,b\r\n"
    assert written(Graph(iter(())), ResultFormat.TURTLE) == b""


@pytest.mark.parametrize(
    ("answer", "result_format"),
    [
        (Boolean(True), ResultFormat.CSV),
        (Solutions((), iter(())), ResultFormat.TURTLE),
        (Graph(iter(())), ResultFormat.JSON),
    ],
)
def test_an_answer_without_that_format_is_refused_before_anything_is_written(answer: Answer, result_format: ResultFormat) -> None:
    with pytest.raises(QueryRefusedError, match="cannot be written"):
        write_answer(answer, result_format)


def test_rows_are_written_while_they_are_read() -> None:
    read = 0

    def many() -> Iterator[tuple[Term | None, ...]]:
        nonlocal read
        while True:
            read += 1
            yield (Literal("x" * 1000),)

    pieces = write_answer(Solutions(("a",), many()), ResultFormat.JSON)
    assert CHUNK <= len(next(pieces)) < CHUNK + 2000
    assert read < 100
