"""Rights, the description of the service, and snapshots."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pyoxigraph as ox
import pytest

from app.settings import Settings
from app.tokens import add_token
from graph.queries import Allowance
from graph.snapshot_file import Visibility
from records.rights import NOBODY, PUBLIC
from tests.api.sparql.asked import ALL_NAMES, CONSTRUCT, LAB, MISSING, NAME, OPEN, SECRET, SHARED, Get, names, record
from tests.serving import Served, fill, served


def test_a_token_reads_more_and_its_answers_are_kept_nowhere(get: Get, token: str) -> None:
    answer = get(ALL_NAMES, {"Authorization": f"Bearer {token}"})
    assert names(answer) == ["Offen für alle", "Shared"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert get(ALL_NAMES, {"Cookie": "a=b"}).headers["Cache-Control"] == "private, no-store"


NAMING_A_GRAPH = {
    "GRAPH": "SELECT ?s {{ GRAPH <{g}> {{ ?s ?p ?o }} }}",
    "ASK GRAPH": "ASK {{ GRAPH <{g}> {{ ?s ?p ?o }} }}",
    "empty GRAPH": "ASK {{ GRAPH <{g}> {{}} }}",
    "nested GRAPH": "SELECT * {{ GRAPH ?x {{ ?s ?p ?o GRAPH <{g}> {{ ?a ?b ?c }} }} }}",
    "GRAPH by VALUES": "SELECT ?s {{ VALUES ?g {{ <{g}> }} GRAPH ?g {{ ?s ?p ?o }} }}",
    "GRAPH by FILTER": "SELECT ?s {{ GRAPH ?g {{ ?s ?p ?o }} FILTER (?g = <{g}>) }}",
    "GRAPH by BIND": "SELECT ?s {{ BIND (<{g}> AS ?g) GRAPH ?g {{ ?s ?p ?o }} }}",
    "FROM": "SELECT * FROM <{g}> {{ ?s ?p ?o }}",
    "FROM beside another": f"SELECT * FROM <{OPEN}#graph> FROM <{{g}}> {{{{ ?s <{NAME}> ?o }}}}",
    "FROM NAMED": "SELECT ?s FROM NAMED <{g}> {{ GRAPH ?x {{ ?s ?p ?o }} }}",
    "aggregate": "SELECT (COUNT(*) AS ?n) {{ GRAPH <{g}> {{ ?s ?p ?o }} }}",
    "MINUS": f"SELECT ?n {{{{ ?s <{NAME}> ?n MINUS {{{{ GRAPH <{{g}}> {{{{ ?s ?p ?o }}}} }}}} }}}}",
    "NOT EXISTS": f"SELECT ?n {{{{ ?s <{NAME}> ?n FILTER NOT EXISTS {{{{ GRAPH <{{g}}> {{{{ ?x ?y ?z }}}} }}}} }}}}",
    "OPTIONAL": f"SELECT ?n ?o {{{{ ?s <{NAME}> ?n OPTIONAL {{{{ GRAPH <{{g}}> {{{{ ?x ?y ?o }}}} }}}} }}}}",
    "subquery": "SELECT * {{ {{ SELECT (COUNT(?s) AS ?n) {{ GRAPH <{g}> {{ ?s ?p ?o }} }} }} }}",
    "path": "SELECT ?x {{ GRAPH <{g}> {{ ?s (<urn:a>|!<urn:b>)+ ?x }} }}",
    "CONSTRUCT": "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{g}> {{ ?s ?p ?o }} }}",
    "DESCRIBE by GRAPH": "DESCRIBE ?s {{ GRAPH <{g}> {{ ?s ?p ?o }} }}",
    "DESCRIBE": "DESCRIBE <{g}>",
    "a syntax error": "SELECT * {{ GRAPH <{g}> {{ ?s ?p }} }}",
    "a refused one": "SELECT * {{ GRAPH <{g}> {{ ?s ?p ?o }} SERVICE <urn:x> {{}} }}",
    "an unknown function": "SELECT * {{ GRAPH <{g}> {{ ?s ?p ?o }} FILTER (<urn:f>(?s)) }}",
}


def seen(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """All that a client sees but the time and the number of the request."""
    return (
        answer.status_code,
        {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}},
        answer.content,
    )


@pytest.mark.parametrize("who", ["anonymous", "alice"])
@pytest.mark.parametrize("name", NAMING_A_GRAPH)
def test_a_forbidden_graph_and_a_missing_one_give_the_same_answer(name: str, who: str, get: Get, token: str) -> None:
    headers = {} if who == "anonymous" else {"Authorization": f"Bearer {token}"}
    assert len(SECRET) == len(MISSING)
    forbidden, missing = (seen(get(NAMING_A_GRAPH[name].format(g=f"{iri}#graph"), headers)) for iri in (SECRET, MISSING))
    assert forbidden == missing
    assert forbidden[0] in {200, 400, 403}


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_a_forbidden_graph_in_the_address_is_as_a_missing_one(parameter: str, get: Get) -> None:
    for text in ("SELECT * { ?s ?p ?o }", "SELECT ?s { GRAPH ?g { ?s ?p ?o } }", "SELECT * { ?s ?p }"):
        forbidden, missing = (seen(get(text, **{parameter: f"{iri}#graph"})) for iri in (SECRET, MISSING))
        assert forbidden == missing


def test_the_description_tells_each_reader_what_it_may_read_and_no_more(server: Served, token: str) -> None:
    def described(headers: dict[str, str]) -> str:
        answer = httpx.get(f"{server.address}/.well-known/void", headers={"Accept": "application/n-triples", **headers})
        assert answer.status_code == 200
        assert answer.content == httpx.get(server.sparql, headers={"Accept": "application/n-triples", **headers}).content
        return answer.text

    for headers, records, triples in (({}, 1, 602), ({"Authorization": f"Bearer {token}"}, 2, 605)):
        text = described(headers)
        assert f'<http://rdfs.org/ns/void#documents> "{records}"^^' in text
        assert f'#default-graph> <http://rdfs.org/ns/void#triples> "{triples}"^^' in text
        assert f"exampleResource> <{OPEN}>" in text
        assert (f"exampleResource> <{SHARED}>" in text) == (records == 2)
        assert ("https://only.example/" in text) == (records == 2)
        assert "secret" not in text


def test_counting_that_takes_too_long_leaves_the_counts_out_and_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Settings(home=home)) as running:
        monkeypatch.setattr(running.app.state.sparql.descriptions, "allowance", Allowance(rows=1))
        text = httpx.get(running.sparql).text
        assert "Counting took longer than allowed" in text
        assert "void#triples" not in text
        assert 'void#documents> "1"' in text
        assert httpx.get(running.sparql, params={"query": ALL_NAMES}).status_code == 200


def test_a_browser_that_asks_nothing_is_sent_to_the_page(server: Served) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = httpx.get(server.sparql, headers={"Accept": browser})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/query")
    assert httpx.get(server.sparql, headers={"Accept": browser}, params={"format": "turtle"}).status_code == 200
    assert httpx.get(server.sparql, headers={"Accept": "text/turtle, text/html;q=0.5"}).status_code == 200


def test_the_description_names_no_host_that_is_none(server: Served) -> None:
    for host in ('x"><script>', "a b", "x/../y", ""):
        with socket.create_connection((server.host, server.port), timeout=30) as connection:
            connection.sendall(f"GET /sparql HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert b"endpoint> <http://localhost:8000/sparql>" in answer, host


def test_a_snapshot_is_asked_by_its_owner_and_is_unknown_to_others(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "home"
    fill(
        own,
        {
            f"{OPEN}#graph": (record(OPEN, "First"), PUBLIC),
            f"{SHARED}#graph": (record(SHARED, "Shared"), LAB),
        },
    )
    alice, bob = (add_token(own / "tokens.json", name, ["community:lab"]) for name in ("alice", "bob"))
    with served(Settings(home=own)) as running:
        actor = running.services.identity.resolve(alice)
        name = running.services.snapshots.create(actor, Visibility.PRIVATE).snapshot.id

        def ask(token: str, snapshot: str) -> httpx.Response:
            return httpx.get(
                running.sparql, params={"query": ALL_NAMES, "snapshot": snapshot}, headers={"Authorization": f"Bearer {token}"}
            )

        first = ask(alice, name)
        assert names(first) == ["First", "Shared"]
        assert first.headers["X-Voltagraph-Snapshot"] == name
        assert first.headers["X-Voltagraph-Withheld"] == "0"
        fill(own, {f"{OPEN}#graph": (record(OPEN, "Second"), PUBLIC), f"{SHARED}#graph": ([], NOBODY)})
        assert names(httpx.get(running.sparql, params={"query": ALL_NAMES})) == ["Second"]
        later = ask(alice, name)
        assert names(later) == ["First"]
        assert later.headers["X-Voltagraph-Withheld"] == "1"
        assert seen(ask(bob, name)) == seen(ask(bob, 32 * "0"))
        assert ask(bob, name).status_code == 404


def test_every_answer_parses_with_another_engine(get: Get) -> None:
    formats: dict[str, Any] = {
        "turtle": ox.RdfFormat.TURTLE,
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "rdfxml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
    graphs = [
        {(quad.subject, quad.predicate, quad.object) for quad in ox.parse(get(CONSTRUCT, format=name).content, form)}
        for name, form in formats.items()
    ]
    assert len(graphs[0]) == 1
    assert all(graph == graphs[0] for graph in graphs)
    assert json.loads(get("ASK {}", format="json").content) == {"head": {}, "boolean": True}
