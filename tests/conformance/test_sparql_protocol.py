"""The W3C tests of the SPARQL 1.1 Protocol against the real endpoint, over real connections.

Every test of the manifest is here. What comes out differently is listed with the reason; a listed test that passes fails here.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import rdflib
from rdflib import RDF, Namespace
from rdflib.collection import Collection

from app.settings import Settings
from records.rdf import Iri, Triple
from records.rights import PUBLIC
from tests.serving import Served, fill, served

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "w3c" / "sparql11" / "protocol"
if not SUITE.is_dir():
    pytest.skip("the W3C suite (../shared/data/w3c) is not here", allow_module_level=True)

BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

NO_UPDATE = "updates are not offered, by design: the status is 403"
KNOWN = {
    "update_dataset_default_graph": NO_UPDATE,
    "update_dataset_default_graphs": NO_UPDATE,
    "update_dataset_named_graphs": NO_UPDATE,
    "update_dataset_full": NO_UPDATE,
    "update_post_form": NO_UPDATE,
    "update_post_direct": NO_UPDATE,
    "update_base_uri": NO_UPDATE,
    "query_content_type_construct": "it has relative IRIs and no BASE; one that depends on where the service is reached would make "
    "answers depend on it, so the query must bring its own",
}
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {
        *("application/sparql-results+json", "application/sparql-results+xml"),
        *("text/csv", "text/tab-separated-values"),
    },
    "RDF": {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"},
}


class Asked(NamedTuple):
    """One request of a test, and what is to come back."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: frozenset[str]
    boolean: bool | None
    format: str


class Case(NamedTuple):
    """One test of the manifest."""

    name: str
    requests: tuple[Asked, ...]
    data: dict[str, str]


class Answer(NamedTuple):
    """What came back."""

    status: int
    media_type: str
    body: bytes


def read_manifest() -> list[Case]:
    graph = rdflib.Graph().parse(SUITE / "manifest.ttl", publicID=BASE + "manifest.ttl")
    [entries] = graph.objects(rdflib.URIRef(BASE + "manifest.ttl"), MF.entries)
    return [case_of(graph, entry) for entry in Collection(graph, entries)]


def case_of(graph: rdflib.Graph, entry: Any) -> Case:
    requests = Collection(graph, graph.value(graph.value(entry, MF.action), HT.requests))
    data = {
        str(graph.value(one, rdflib.RDFS.label)): str(graph.value(one, UT.graph)).removeprefix(BASE)
        for one in graph.objects(entry, UT.graphData)
    }
    return Case(str(entry).rpartition("#")[2], tuple(request_of(graph, one) for one in requests), data)


def request_of(graph: rdflib.Graph, node: Any) -> Asked:
    assert (node, RDF.type, HT.Request) in graph
    fields = graph.value(node, HT.headers)
    body = graph.value(node, HT.body)
    response = graph.value(node, HT.resp)
    boolean = graph.value(response, MF.expectedBoolean)
    return Asked(
        method=str(graph.value(node, HT.methodName)),
        path=str(graph.value(node, HT.absolutePath)),
        headers={
            str(graph.value(one, HT.fieldName)): str(graph.value(one, HT.fieldValue))
            for one in (Collection(graph, fields) if fields is not None else ())
        },
        body=None if body is None else str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding))),
        statuses=frozenset(str(status)[-3] for status in graph.objects(response, MF.expectedStatus)),
        boolean=None if boolean is None else bool(boolean.toPython()),
        format=str(graph.value(response, MF.expectedFormat) or ""),
    )


CASES = read_manifest()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose store holds the data of the tests, readable by everyone."""
    graphs = {}
    for case in CASES:
        for iri, file in case.data.items():
            parsed = rdflib.Graph().parse(SUITE / file, format="nt")
            graphs[iri] = ([Triple(str(s), str(p), Iri(str(o))) for s, p, o in parsed], PUBLIC)
    assert len(graphs) == 3
    home = tmp_path_factory.mktemp("protocol") / "home"
    fill(home, graphs)
    with served(Settings(home=home)) as running:
        yield running


def ask(server: Served, asked: Asked) -> Answer:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    try:
        # The manifest wants its path replaced by that of the service; a Content-Type that it does not name is not sent either.
        connection.putrequest(asked.method, asked.path.replace("/sparql/", "/sparql", 1), skip_accept_encoding=True)
        for name, value in asked.headers.items():
            connection.putheader(name, value)
        if asked.body is not None:
            connection.putheader("Content-Length", str(len(asked.body)))
        connection.endheaders(asked.body)
        response = connection.getresponse()
        return Answer(response.status, response.headers.get_content_type(), response.read())
    finally:
        connection.close()


def marked(case: Case) -> Any:
    reason = KNOWN.get(case.name)
    return pytest.param(case, id=case.name, marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [])


def test_every_known_difference_is_a_test_of_the_suite() -> None:
    assert KNOWN.keys() <= {case.name for case in CASES}
    assert len(CASES) == 34


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_the_protocol_does_what_the_suite_says(case: Case, server: Served) -> None:
    assert case.requests
    for asked in case.requests:
        answer = ask(server, asked)
        assert str(answer.status)[0] in asked.statuses, answer
        if asked.format:
            assert answer.media_type in FORMATS[asked.format]
        if asked.boolean is not None:
            assert json.loads(answer.body)["boolean"] is asked.boolean


UPDATES = [case for case in CASES if "update" in case.name]


@pytest.mark.parametrize("case", UPDATES, ids=[case.name for case in UPDATES])
def test_an_update_is_refused_with_a_reason_and_changes_nothing(case: Case, server: Served) -> None:
    count = Asked(
        "GET", "/sparql/?query=SELECT%20*%20%7B%20GRAPH%20?g%20%7B%20?s%20?p%20?o%20%7D%20%7D", {}, None, frozenset("2"), None, ""
    )
    before = ask(server, count)
    assert before.body.count(b"foaf") == 3
    for asked in case.requests:
        if asked.headers.get("content-type") == "application/sparql-query":
            continue  # the look at what the update did
        answer = ask(server, asked)
        assert answer.status in {400, 403, 415}
        assert json.loads(answer.body)["remedy"]
    assert ask(server, count) == before
