"""The W3C tests of SPARQL 1.1 Service Description against the real endpoint, over real connections."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF, Namespace, URIRef
from rdflib.compare import to_isomorphic

from app.settings import Settings
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC
from tests.serving import Served, fill, served

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "w3c" / "sparql11" / "service-description"
if not SUITE.is_dir():
    pytest.skip("the W3C suite (../shared/data/w3c) is not here", allow_module_level=True)

# rdflib's own reader of JSON-LD uses a class of its own that it calls old.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
FORMATS = {
    "text/turtle": "turtle",
    "application/rdf+xml": "xml",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
}

# https://www.w3.org/TR/sparql11-service-description/#vocab: domain and range of each property; "" is anything.
SCHEMA = {
    "endpoint": ("Service", ""),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "defaultSupportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "supportedEntailmentProfile": ("NamedGraph", "EntailmentProfile"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", ""),
    "inputFormat": ("Service", ""),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", ""),
    "graph": ("NamedGraph", "Graph"),
}
INSTANCES = {
    **dict.fromkeys(("SPARQL10Query", "SPARQL11Query", "SPARQL11Update"), "Language"),
    **dict.fromkeys(("DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"), "Feature"),
}
SUBCLASSES = {"Dataset": "GraphCollection", "Aggregate": "Feature", "Function": "Feature", "Language": "Feature"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("description") / "home"
    one, other = "http://localhost:8000/records/a/1", "http://localhost:8000/records/a/2"
    fill(
        home,
        {
            f"{one}#graph": (
                [Triple(one, RDF_TYPE, Iri("https://schema.org/Dataset")), Triple(one, "https://schema.org/name", Literal("One"))],
                PUBLIC,
            ),
            f"{other}#graph": ([Triple(other, "https://secret.example/name", Literal("Other"))], NOBODY),
        },
    )
    with served(Settings(home=home)) as running:
        yield running


def get(server: Served, accept: str | None) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    try:
        connection.request("GET", "/sparql", headers={} if accept is None else {"Accept": accept})
        response = connection.getresponse()
        return response.status, response.headers.get_content_type(), response.read()
    finally:
        connection.close()


def described(server: Served, media_type: str) -> rdflib.Graph:
    status, told, body = get(server, media_type)
    assert (status, told) == (200, media_type)
    return rdflib.Graph().parse(data=body, format=FORMATS[media_type])


def test_the_suite_has_these_three_tests() -> None:
    graph = rdflib.Graph().parse(SUITE / "manifest.ttl")
    names = {str(name) for name in graph.objects(None, MF.name)}
    assert names == {
        "GET on endpoint returns RDF",
        "Service description contains a matching sd:endpoint triple",
        "Service description conforms to schema",
    }


def test_returns_rdf(server: Served) -> None:
    status, media_type, body = get(server, None)
    assert (status, media_type) == (200, "text/turtle")
    assert len(rdflib.Graph().parse(data=body, format="turtle")) > 10
    graphs = [to_isomorphic(described(server, media_type)) for media_type in FORMATS]
    assert all(graph == graphs[0] for graph in graphs)


@pytest.mark.parametrize("media_type", FORMATS)
def test_has_endpoint_triple(server: Served, media_type: str) -> None:
    graph = described(server, media_type)
    assert list(graph.subjects(SD.endpoint, URIRef(server.sparql))) == list(graph.subjects(RDF.type, SD.Service))


def test_conforms_to_schema(server: Served) -> None:
    graph = described(server, "text/turtle")

    def is_a(node: rdflib.term.Node, wanted: str) -> bool:
        kinds = {str(kind).removeprefix(SD) for kind in graph.objects(node, RDF.type)} | {
            INSTANCES.get(str(node).removeprefix(SD), "")
        }
        return wanted in kinds | {SUBCLASSES.get(kind, "") for kind in kinds}

    used = [(s, str(p).removeprefix(SD), o) for s, p, o in graph if str(p).startswith(SD)]
    assert {name for _, name, _ in used} >= {"endpoint", "supportedLanguage", "resultFormat", "defaultDataset", "defaultGraph"}
    for subject, name, value in used:
        domain, range_ = SCHEMA[name]
        assert is_a(subject, domain), (subject, name)
        assert not range_ or is_a(value, range_), (name, value)
    [service] = graph.subjects(RDF.type, SD.Service)
    assert len(list(graph.objects(service, SD.endpoint))) == 1
    classes = {str(kind).removeprefix(SD) for kind in graph.objects(None, RDF.type) if str(kind).startswith(SD)}
    assert classes <= {"Service", "Dataset", "Graph", "Function", "GraphCollection", "NamedGraph", "Feature", "Language"}


def test_what_nobody_may_read_is_not_in_it(server: Served) -> None:
    _, _, body = get(server, "text/turtle")
    assert b"schema.org" in body
    assert b"secret" not in body
