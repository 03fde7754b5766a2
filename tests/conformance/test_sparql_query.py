"""The W3C tests of SPARQL 1.1 queries and result formats against the real endpoint, over real connections.

The suites are those of ``manifest-sparql11-query.ttl``, ``-results.ttl`` and ``-fed.ttl``. Each answer is asked for in JSON and in
XML, or in every form of a graph; where a test is about CSV or TSV, in that alone. What comes out differently is listed with the
reason; a listed test that passes fails here.

The data of a test becomes a published state of the store: its default graph is what everyone may read, its named graphs are record
graphs that everyone may read. Queries are sent with the BASE that the suite gives them: their own address.
"""

from __future__ import annotations

import csv
import http.client
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox
import pytest

from app.settings import Settings
from graph.partitions import partition_iri
from graph.results import GRAPH_FORMATS, ResultFormat
from graph.system_graph import AUDIENCE, IN, LAYOUT, SYSTEM, VERSION
from records.rights import ANY, PUBLIC
from tests.serving import Served, served

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "w3c" / "sparql11"
if not SUITE.is_dir():
    pytest.skip("the W3C suite (../shared/data/w3c) is not here", allow_module_level=True)

BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"

QUERIES = (
    *("aggregates", "bind", "bindings", "cast", "construct", "exists", "functions", "grouping", "negation", "project-expression"),
    *("property-path", "subquery", "syntax-query", "csv-tsv-res", "json-res"),
)
FEDERATED = ("service", "syntax-fed")
# The suite of entailment regimes (70 tests) is left out: answers are what the records state and nothing that follows from it. The
# suites of updates and of the graph store protocol are left out: nothing is written over SPARQL.

ABSENT = "the engine: a path of length zero does not match a constant that the data does not hold"
LANGUAGE = "the engine: GROUP_CONCAT keeps a language that all values have"
KNOWN = {
    "aggregates/agg-groupconcat-04": LANGUAGE,
    "aggregates/agg-groupconcat-06": LANGUAGE,
    "aggregates/agg-empty-group-count-graph": "the engine: GRAPH ?g around a grouping does not bind ?g to each graph",
    "bindings/graph": "the engine: GRAPH ?g around VALUES for ?g does not bind ?g to each graph",
    "negation/graph-minus": "the engine: ?g of GRAPH counts as a shared variable of MINUS",
    "functions/bnode01": "the engine: BNODE of one text is one node in the whole answer, not one in each row",
    "property-path/zero_or_more_set_start": ABSENT,
    "property-path/zero_or_more_set_end": ABSENT,
    "property-path/zero_or_one_set_start": ABSENT,
    "property-path/zero_or_one_set_end": ABSENT,
    "csv-tsv-res/tsv03": "the store keeps all integers as xsd:integer, also xsd:negativeInteger",
    "syntax-query/test_4": "a function that is not known is refused, by design: the status is 403",
    "syntax-query/test_pn_09": "the guard: its parser takes no local name that begins with a colon",
}


class Case(NamedTuple):
    """One entry of a manifest; files by their address in the suite."""

    iri: str
    kind: str
    query: str
    data: tuple[str, ...]
    graphs: tuple[str, ...]
    result: str

    @property
    def name(self) -> str:
        """Folder and name, as in the list of what comes out differently."""
        return self.iri.removeprefix(BASE).replace("/manifest#", "/")


def parsed(iri: str) -> list[ox.Triple]:
    form = ox.RdfFormat.RDF_XML if iri.endswith(".rdf") else ox.RdfFormat.TURTLE
    return [quad.triple for quad in ox.parse(file_of(iri).read_bytes(), form, base_iri=iri)]


def quads(iri: str, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
    return (ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in parsed(iri))


def file_of(iri: str) -> Path:
    return SUITE / iri.removeprefix(BASE)


def read_manifest(folder: str) -> list[Case]:
    store = ox.Store()
    store.extend(quads(f"{BASE}{folder}/manifest.ttl", ox.DefaultGraph()))

    def values(subject: Any, predicate: str) -> list[Any]:
        return [quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None)]

    def entries(node: Any) -> Iterator[Any]:
        while node != ox.NamedNode(f"{RDF}nil"):
            yield values(node, f"{RDF}first")[0]
            [node] = values(node, f"{RDF}rest")

    def case(entry: ox.NamedNode) -> Case:
        [kind], [action] = values(entry, f"{RDF}type"), values(entry, f"{MF}action")
        is_syntax = isinstance(action, ox.NamedNode)
        return Case(
            entry.value,
            kind.value.removeprefix(MF),
            action.value if is_syntax else values(action, f"{QT}query")[0].value,
            () if is_syntax else tuple(value.value for value in values(action, f"{QT}data")),
            () if is_syntax else tuple(value.value for value in values(action, f"{QT}graphData")),
            next((value.value for value in values(entry, f"{MF}result")), ""),
        )

    [first] = [quad.object for quad in store.quads_for_pattern(None, ox.NamedNode(f"{MF}entries"), None)]
    return [case(entry) for entry in entries(first)]


CASES = [case for folder in QUERIES for case in read_manifest(folder)]
SERVICES = [case for folder in FEDERATED for case in read_manifest(folder)]


def of_kind(*kinds: str, forms: Mapping[str, Sequence[ResultFormat]] | None = None) -> list[Any]:
    """The tests of these kinds, once for each form of the answer; those known to differ are marked with the reason."""
    found = []
    for case in CASES:
        if case.kind in kinds:
            reason = KNOWN.get(case.name, "")
            marks = [pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)] if reason else []
            if forms is None:
                found.append(pytest.param(case, id=case.name, marks=marks))
            else:
                wanted = forms[".srx" if is_table(case.result) else file_of(case.result).suffix]
                found += [pytest.param(case, form, id=f"{case.name}-{form.name}", marks=marks) for form in wanted]
    return found


def is_table(iri: str) -> bool:
    """Whether a result in RDF is that of a SELECT, in the vocabulary of the suite."""
    return iri.endswith((".ttl", ".rdf")) and "ResultSet" in file_of(iri).read_text()


def test_every_test_is_here_and_every_known_one_is_among_them() -> None:
    assert Counter(case.kind for case in CASES) == {
        "QueryEvaluationTest": 232,
        "CSVResultFormatTest": 3,
        "PositiveSyntaxTest11": 63,
        "NegativeSyntaxTest11": 40,
    }
    assert len(SERVICES) == 10
    assert len({case.name for case in CASES}) == len(CASES)
    assert set(KNOWN) <= {case.name for case in CASES}


# --- the endpoint


class Endpoint:
    """The endpoint, whose store holds the data of one test at a time."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._holds: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def ask(self, case: Case, accept: str) -> tuple[int, bytes]:
        """Status and body of the answer to the query of a test over its data."""
        text = f"BASE <{case.query}>\n" + file_of(case.query).read_bytes().decode()
        # What FROM names is the data itself, and then a graph of that name.
        graphs = case.graphs + (case.data if re.search(r"\bFROM\b", text, re.IGNORECASE) else ())
        if self._holds != (case.data, graphs):
            self._publish(case.data, graphs)
        connection = http.client.HTTPConnection(self._server.host, self._server.port, timeout=60)
        try:
            headers = {"Content-Type": "application/sparql-query", "Accept": accept}
            connection.request("POST", "/sparql", text.encode(), headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _publish(self, data: tuple[str, ...], graphs: tuple[str, ...]) -> None:
        partition, system = ox.NamedNode(partition_iri(PUBLIC)), ox.NamedNode(SYSTEM)
        content = [
            ox.Quad(system, ox.NamedNode(VERSION), ox.Literal(LAYOUT), system),
            ox.Quad(partition, ox.NamedNode(AUDIENCE), ox.Literal(ANY), system),
            *(ox.Quad(ox.NamedNode(graph), ox.NamedNode(IN), partition, system) for graph in graphs),
            *(quad for file in data for quad in quads(file, partition)),
            *(quad for graph in graphs for quad in quads(graph, ox.NamedNode(graph))),
        ]

        def write(folder: Path) -> None:
            store = ox.Store(folder)
            store.extend(content)
            store.flush()

        self._server.services.checkpoints.publish(write, seal=False)
        self._holds = (data, graphs)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with served(Settings(home=tmp_path_factory.mktemp("w3c") / "home")) as server:
        yield Endpoint(server)


# --- answers


Row = tuple[str, ...]
"""What a row says, one text a column; blank nodes begin with ``_:``."""

TABLES = (ResultFormat.JSON, ResultFormat.XML)
FORMS: Mapping[str, Sequence[ResultFormat]] = {
    ".srx": TABLES,
    ".srj": TABLES,
    ".csv": (ResultFormat.CSV,),
    ".tsv": (ResultFormat.TSV,),
    ".ttl": GRAPH_FORMATS,
    ".rdf": GRAPH_FORMATS,
}
READERS = {
    ResultFormat.JSON: ox.QueryResultsFormat.JSON,
    ResultFormat.XML: ox.QueryResultsFormat.XML,
    ResultFormat.TSV: ox.QueryResultsFormat.TSV,
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_READERS = {
    ResultFormat.TURTLE: ox.RdfFormat.TURTLE,
    ResultFormat.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    ResultFormat.RDF_XML: ox.RdfFormat.RDF_XML,
    ResultFormat.JSON_LD: ox.RdfFormat.JSON_LD,
}
NUMBERS = {f"{XSD}{name}" for name in ("integer", "decimal", "double", "float")}


def text_of(term: Any) -> str:
    """A term to compare: numbers and truths of one datatype by their values, for the suite does not say how they are written."""
    if isinstance(term, ox.Literal) and term.datatype.value == f"{XSD}boolean":
        return str({"0": False, "1": True}.get(term.value, term.value)).lower()
    if isinstance(term, ox.Literal) and term.datatype.value in NUMBERS:
        try:
            return f'"{float(term.value):.12g}"^^{term.datatype}'
        except ValueError:
            return str(term)
    if isinstance(term, ox.Literal) and term.language:
        return f'"{term.value}"@{term.language.lower()}'
    return "" if term is None else str(term)


def table_of(body: bytes, reader: ox.QueryResultsFormat) -> bool | tuple[list[str], list[Row]]:
    found = ox.parse_query_results(body, reader)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    names = sorted(variable.value for variable in found.variables)
    return names, [tuple(text_of(row[name]) for name in names) for row in found]


def table_in_rdf(iri: str) -> tuple[list[str], list[Row]]:
    triples = parsed(iri)

    def values(subject: Any, name: str) -> list[Any]:
        return [triple.object for triple in triples if triple.subject == subject and triple.predicate.value == RS + name]

    [table] = [triple.subject for triple in triples if triple.object == ox.NamedNode(f"{RS}ResultSet")]
    names = sorted(name.value for name in values(table, "resultVariable"))
    rows = []
    for solution in values(table, "solution"):
        row = {values(one, "variable")[0].value: values(one, "value")[0] for one in values(solution, "binding")}
        rows.append(tuple(text_of(row.get(name)) for name in names))
    return names, rows


def csv_of(body: bytes) -> tuple[list[str], list[Row]]:
    rows = list(csv.DictReader(StringIO(body.decode(), newline="")))
    names = sorted(rows[0])
    return names, [tuple(plain_number(row[name]) for name in names) for row in rows]


def plain_number(text: str) -> str:
    return f"{float(text):.12g}" if re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", text) else text


def are_same(found: Sequence[Row], expected: Sequence[Row], *, ordered: bool) -> bool:
    """Whether the rows are the same with other names for their blank nodes."""
    if ordered:
        names: dict[str, str] = {}
        return len(found) == len(expected) and all(map(lambda one, other: renamed(one, other, names), found, expected))
    return matched(list(found), list(expected), {})


def renamed(one: Row, other: Row, names: dict[str, str]) -> bool:
    """Whether one row is the other; then `names` learns what blank nodes are called there."""
    learnt = dict(names)
    for here, there in zip(one, other, strict=True):
        if here.startswith("_:") and there.startswith("_:"):
            if learnt.setdefault(here, there) != there:
                return False
        elif here != there:
            return False
    if len(set(learnt.values())) != len(learnt):
        return False
    names.update(learnt)
    return True


def matched(found: list[Row], expected: list[Row], names: dict[str, str]) -> bool:
    if len(found) != len(expected):
        return False
    if not found:
        return True
    for place, candidate in enumerate(expected):
        learnt = dict(names)
        if renamed(found[0], candidate, learnt) and matched(found[1:], expected[:place] + expected[place + 1 :], learnt):
            return True
    return False


def canonical(triples: Iterable[ox.Triple]) -> list[str]:
    dataset = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


# --- the tests


@pytest.mark.parametrize(("case", "form"), of_kind("QueryEvaluationTest", "CSVResultFormatTest", forms=FORMS))
def test_a_query_has_the_answer_that_the_standard_says(case: Case, form: ResultFormat, endpoint: Endpoint) -> None:
    status, body = endpoint.ask(case, form)
    assert status == 200, body.decode()
    if form in GRAPH_READERS:
        assert canonical(quad.triple for quad in ox.parse(body, GRAPH_READERS[form])) == canonical(parsed(case.result))
        return
    here = csv_of(body) if form is ResultFormat.CSV else table_of(body, READERS[form])
    there = expected(case.result)
    if isinstance(there, bool) or isinstance(here, bool):
        assert here == there
        return
    assert here[0] == there[0]
    ordered = re.search(r"\border\s+by\b", file_of(case.query).read_text(), re.IGNORECASE) is not None
    assert are_same(here[1], there[1], ordered=ordered), f"{here[1]} is not {there[1]}"


def expected(iri: str) -> bool | tuple[list[str], list[Row]]:
    if is_table(iri):
        return table_in_rdf(iri)
    content = file_of(iri).read_bytes()
    return csv_of(content) if iri.endswith(".csv") else table_of(content, READERS[file_of(iri).suffix])


@pytest.mark.parametrize("case", of_kind("PositiveSyntaxTest11"))
def test_a_query_that_is_right_is_answered(case: Case, endpoint: Endpoint) -> None:
    status, body = endpoint.ask(case, "*/*")
    assert status == 200, body.decode()


@pytest.mark.parametrize("case", of_kind("NegativeSyntaxTest11"))
def test_a_query_that_is_wrong_is_refused(case: Case, endpoint: Endpoint) -> None:
    status, body = endpoint.ask(case, "*/*")
    assert status == 400, body.decode()


@pytest.mark.parametrize("case", SERVICES, ids=lambda case: case.name)
def test_a_query_that_calls_a_service_is_refused(case: Case, endpoint: Endpoint) -> None:
    status, body = endpoint.ask(case, "*/*")
    assert status == 403, body.decode()
    assert b"SERVICE is not offered" in body
