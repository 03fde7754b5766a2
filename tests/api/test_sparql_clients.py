"""The same queries read by the libraries that people use, over real connections: equal values whatever the form."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rdflib
import SPARQLWrapper
from rdflib.compare import to_isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import Result

from app.settings import Settings
from app.tokens import add_token
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.rights import PUBLIC
from tests.serving import Served, fill, served

# rdflib's own readers use a class of its own that it calls old.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

BASE = "http://localhost:8000/records/lab/"
XSD = "http://www.w3.org/2001/XMLSchema#"
CAPACITY = "https://example.org/capacity"
NAME = "https://schema.org/name"
NOTE = "https://schema.org/description"
CELLS = {
    "a": ("LFP, prismatic", Literal("120", f"{XSD}integer"), Literal('Wärme "und" Kälte\nzwei Zeilen', language="de")),
    "b": ("NMC µ-Zelle", Literal("3.25", f"{XSD}decimal"), None),
    "c": ("LTO\t40 Ah", Literal("4.0E1", f"{XSD}double"), Literal("<b>&amp;</b>")),
}
TABLE = f"""SELECT ?cell ?name ?capacity ?note {{
  ?cell <{NAME}> ?name ; <{CAPACITY}> ?capacity OPTIONAL {{ ?cell <{NOTE}> ?note }}
}} ORDER BY ?cell"""
TRUTH = f"ASK {{ ?cell <{CAPACITY}> 120 }}"
GRAPH = f"CONSTRUCT {{ ?cell ?p ?o }} WHERE {{ ?cell <{CAPACITY}> ?c ; ?p ?o }}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("clients") / "home"
    graphs = {}
    for key, (name, capacity, note) in CELLS.items():
        iri = BASE + key
        triples = [
            Triple(iri, RDF_TYPE, Iri("https://schema.org/Product")),
            Triple(iri, NAME, Literal(name)),
            Triple(iri, CAPACITY, capacity),
            *([Triple(iri, NOTE, note)] if note else []),
        ]
        graphs[f"{iri}#graph"] = (triples, PUBLIC if key != "c" else frozenset({"local/community:lab"}))
    fill(home, graphs)
    return home


@pytest.fixture(scope="module")
def token(home: Path) -> str:
    return add_token(home / "tokens.json", "alice", ["community:lab"])


@pytest.fixture(scope="module")
def server(home: Path, token: str) -> Iterator[Served]:
    with served(Settings(home=home)) as running:
        yield running


def fetch(server: Served, token: str, query: str, form: str) -> bytes:
    request = Request(
        f"{server.sparql}?{urlencode({'query': query, 'format': form})}", headers={"Authorization": f"Bearer {token}"}
    )
    with urlopen(request, timeout=60) as response:
        content: bytes = response.read()
        return content


def rdf(literal: Literal | None) -> rdflib.Literal | None:
    if literal is None:
        return None
    return rdflib.Literal(literal.value, lang=literal.language or None, datatype=None if literal.language else _datatype(literal))


def _datatype(literal: Literal) -> rdflib.URIRef | None:
    return None if literal.datatype == f"{XSD}string" else rdflib.URIRef(literal.datatype)


def expected_rows() -> list[tuple[Any, ...]]:
    return [
        (rdflib.URIRef(BASE + key), rdflib.Literal(name), rdf(capacity), rdf(note)) for key, (name, capacity, note) in CELLS.items()
    ]


def same(found: list[tuple[Any, ...]], typed: bool = True) -> None:
    """The rows are those of the store; the engine writes numbers in their shortest form, so they are compared by value."""
    wanted = expected_rows()
    assert len(found) == len(wanted)
    for row, other in zip(found, wanted, strict=True):
        assert str(row[0]) == str(other[0])
        assert str(row[1]) == str(other[1])
        assert float(row[2]) == float(other[2])
        assert (None if row[3] is None else str(row[3])) == (None if other[3] is None else str(other[3]))
        if typed:
            assert row[2].datatype == other[2].datatype
            assert (row[3].language if row[3] is not None else None) == (other[3].language if other[3] is not None else None)


def expected_graph() -> rdflib.Graph:
    graph = rdflib.Graph()
    for key, (name, capacity, note) in CELLS.items():
        cell = rdflib.URIRef(BASE + key)
        graph.add((cell, rdflib.RDF.type, rdflib.URIRef("https://schema.org/Product")))
        graph.add((cell, rdflib.URIRef(NAME), rdflib.Literal(name)))
        graph.add((cell, rdflib.URIRef(CAPACITY), rdflib.Literal(rdf(capacity).toPython())))  # type: ignore[union-attr]
        if note:
            graph.add((cell, rdflib.URIRef(NOTE), rdf(note)))  # type: ignore[arg-type]
    return graph


def by_value(graph: rdflib.Graph) -> rdflib.Graph:
    """The same with numbers in one spelling."""
    plain = rdflib.Graph()
    for subject, verb, value in graph:
        if isinstance(value, rdflib.Literal) and isinstance(value.toPython(), int | float | Decimal):
            value = rdflib.Literal(value.toPython())
        plain.add((subject, verb, value))
    return to_isomorphic(plain)


@pytest.mark.parametrize(("form", "known_as"), [("json", "json"), ("xml", "xml"), ("tsv", "tsv"), ("csv", "csv")])
def test_rdflib_reads_tables(form: str, known_as: str, server: Served, token: str) -> None:
    result = Result.parse(io.BytesIO(fetch(server, token, TABLE, form)), format=known_as)
    assert [str(variable) for variable in result.vars or ()] == ["cell", "name", "capacity", "note"]
    same([tuple(row.get(variable) for variable in result.vars or ()) for row in result.bindings], typed=form != "csv")


@pytest.mark.parametrize("form", ["json", "xml"])
def test_rdflib_reads_a_truth(form: str, server: Served, token: str) -> None:
    assert Result.parse(io.BytesIO(fetch(server, token, TRUTH, form)), format=form).askAnswer is True


@pytest.mark.parametrize(("form", "known_as"), [("turtle", "turtle"), ("ntriples", "nt"), ("rdfxml", "xml"), ("jsonld", "json-ld")])
def test_rdflib_reads_graphs(form: str, known_as: str, server: Served, token: str) -> None:
    graph = rdflib.Graph().parse(data=fetch(server, token, GRAPH, form), format=known_as)
    assert by_value(graph) == by_value(expected_graph())


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflib_asks_as_a_store(form: str, method: str, server: Served, token: str) -> None:
    store = SPARQLStore(server.sparql, returnFormat=form, method=method, headers={"Authorization": f"Bearer {token}"})
    rows: list[Any] = list(store.query(TABLE))
    same(rows, typed=form != "csv")
    anonymous = SPARQLStore(server.sparql, returnFormat=form, method=method)
    assert len(list(anonymous.query(TABLE))) == 2


@pytest.mark.parametrize("method", [SPARQLWrapper.GET, SPARQLWrapper.POST])
class TestSparqlWrapper:
    """Every form that SPARQLWrapper knows, asked by its parameters and by content negotiation alone."""

    def ask(self, server: Served, token: str, query: str, form: str, method: str, **more: Any) -> Any:
        wrapper = SPARQLWrapper.SPARQLWrapper(server.sparql)
        wrapper.setMethod(method)
        wrapper.setRequestMethod(SPARQLWrapper.POSTDIRECTLY if more.get("direct") else SPARQLWrapper.URLENCODED)
        wrapper.setOnlyConneg(bool(more.get("conneg")))
        wrapper.addCustomHttpHeader("Authorization", f"Bearer {token}")
        wrapper.setQuery(query)
        wrapper.setReturnFormat(form)
        return wrapper.query()

    @pytest.mark.parametrize("conneg", [False, True])
    def test_tables(self, method: str, conneg: bool, server: Served, token: str) -> None:
        found = self.ask(server, token, TABLE, SPARQLWrapper.JSON, method, conneg=conneg).convert()
        names = found["head"]["vars"]
        same(
            [tuple(row[name]["value"] if name in row else None for name in names) for row in found["results"]["bindings"]],
            typed=False,
        )
        text = self.ask(server, token, TABLE, SPARQLWrapper.CSV, method, conneg=conneg).convert()
        same(rows_of(pd.read_csv(io.BytesIO(text))), typed=False)
        lines = self.ask(server, token, TABLE, SPARQLWrapper.TSV, method, conneg=conneg).convert()
        assert len(lines.splitlines()) == 4
        document = self.ask(server, token, TABLE, SPARQLWrapper.XML, method, conneg=conneg).convert()
        assert len(document.getElementsByTagName("result")) == 3

    def test_a_truth(self, method: str, server: Served, token: str) -> None:
        assert self.ask(server, token, TRUTH, SPARQLWrapper.JSON, method).convert()["boolean"] is True
        document = self.ask(server, token, TRUTH, SPARQLWrapper.XML, method).convert()
        assert document.getElementsByTagName("boolean")[0].firstChild.data == "true"

    @pytest.mark.parametrize("conneg", [False, True])
    def test_graphs(self, method: str, conneg: bool, server: Served, token: str) -> None:
        for form, known_as in ((SPARQLWrapper.TURTLE, "turtle"), (SPARQLWrapper.N3, "turtle")):
            text = self.ask(server, token, GRAPH, form, method, conneg=conneg).response.read()
            assert by_value(rdflib.Graph().parse(data=text, format=known_as)) == by_value(expected_graph())
        for form in (SPARQLWrapper.XML, SPARQLWrapper.RDFXML, SPARQLWrapper.JSONLD):
            graph = self.ask(server, token, GRAPH, form, method, conneg=conneg).convert()
            assert by_value(graph) == by_value(expected_graph())

    def test_the_query_as_the_body(self, method: str, server: Served, token: str) -> None:
        if method == SPARQLWrapper.POST:
            found = self.ask(server, token, TABLE, SPARQLWrapper.JSON, method, direct=True).convert()
            assert len(found["results"]["bindings"]) == 3

    def test_an_error_is_told_with_its_place(self, method: str, server: Served, token: str) -> None:
        with pytest.raises(SPARQLWrapper.SPARQLExceptions.QueryBadFormed, match="line 1, column"):
            self.ask(server, token, "SELECT ?x { ?x ?y }", SPARQLWrapper.JSON, method)


def rows_of(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(None if pd.isna(value) else value for value in row) for row in frame.itertuples(index=False)]


def test_pandas_reads_csv_from_the_address(server: Served, token: str) -> None:
    address = f"{server.sparql}?{urlencode({'query': TABLE, 'format': 'csv'})}"
    frame = pd.read_csv(address, storage_options={"Authorization": f"Bearer {token}"})
    assert list(frame.columns) == ["cell", "name", "capacity", "note"]
    assert frame.capacity.dtype == "float64"
    same(rows_of(frame), typed=False)
    assert len(pd.read_csv(address)) == 2


def test_pandas_reads_parquet_and_arrow(server: Served, token: str) -> None:
    parquet = pq.read_table(io.BytesIO(fetch(server, token, TABLE, "parquet")))
    with pa.ipc.open_stream(fetch(server, token, TABLE, "arrow")) as reader:
        arrow = reader.read_all()
    assert parquet.schema.names == arrow.schema.names == ["cell", "name", "capacity", "note"]
    for table in (parquet, arrow):
        same(rows_of(table.to_pandas()), typed=False)
    same(rows_of(pd.read_json(io.BytesIO(fetch(server, token, TABLE, "jsonl")), lines=True)), typed=False)
