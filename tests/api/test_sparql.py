"""`/sparql` over real connections: the protocol's corners, rights, limits, and clients that leave or are slow."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2 as httpx
import pyoxigraph as ox
import pytest

import api.sparql
from app.settings import Settings
from app.tokens import add_token
from graph.description import ALLOWANCE as COUNTING
from graph.description import MAX_LISTED
from graph.guard import QueryLimits
from graph.queries import Allowance
from graph.results import ResultFormat
from graph.snapshots import Visibility
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC
from tests.serving import Served, fill, served

BASE = "http://localhost:8000/records/"
NAME = "https://schema.org/name"
OPEN = f"{BASE}lab/open"
SHARED = f"{BASE}lab/shared"
SECRET = f"{BASE}lab/secret"
MISSING = f"{BASE}lab/nowher"  # as long as SECRET
LAB = frozenset({"local/community:lab"})
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
JSON = "application/sparql-results+json"
# All pairs of four thousand numbers in three places: nobody waits for its end.
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = f"SELECT ?a ?b ?c {{ ?a <{BASE}number> ?b . ?c <{BASE}number> ?d }} LIMIT 150000"


def record(iri: str, name: str) -> list[Triple]:
    return [Triple(iri, RDF_TYPE, Iri("https://schema.org/Dataset")), Triple(iri, NAME, Literal(name))]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sparql") / "home"
    numbers = [Triple(f"{OPEN}#{n}", f"{BASE}number", Literal(str(n))) for n in range(600)]
    fill(
        home,
        {
            f"{OPEN}#graph": ([*record(OPEN, "Offen für alle"), *numbers], PUBLIC),
            f"{SHARED}#graph": (
                [*record(SHARED, "Shared"), Triple(SHARED, "https://only.example/p", Literal("x"))],
                LAB,
            ),
            f"{SECRET}#graph": ([*record(SECRET, "Secret"), Triple(SECRET, "https://secret.example/p", Literal("x"))], NOBODY),
        },
    )
    return home


@pytest.fixture(scope="module")
def token(home: Path) -> str:
    return add_token(home / "tokens.json", "alice", ["community:lab"])


@pytest.fixture(scope="module")
def server(home: Path, token: str) -> Iterator[Served]:
    with served(Settings(home=home)) as running:
        allowance = Allowance(seconds=60, rows=200_000, bytes=100_000_000, concurrent=150)
        with running.changed(allowance_of=lambda _actor: allowance):
            yield running


@pytest.fixture
def get(server: Served) -> Callable[..., httpx.Response]:
    def ask(query: str, headers: dict[str, str] | None = None, **parameters: str) -> httpx.Response:
        return httpx.get(server.sparql, params={"query": query, **parameters}, headers=headers, timeout=60)

    return ask


Get = Callable[..., httpx.Response]


def names(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return sorted(row["n"]["value"] for row in response.json()["results"]["bindings"])


ALL_NAMES = f"SELECT ?n {{ ?s <{NAME}> ?n }}"

# --- the protocol


def test_the_three_ways_to_ask_give_the_same_answer(server: Served, get: Get) -> None:
    answers = [
        get(ALL_NAMES),
        httpx.post(server.sparql, data={"query": ALL_NAMES}),
        httpx.post(server.sparql, content=ALL_NAMES, headers={"Content-Type": QUERY}),
        httpx.post(server.sparql, content="\ufeff" + ALL_NAMES, headers={"Content-Type": f'{QUERY}; charset="UTF-8"'}),
    ]
    assert names(answers[0]) == ["Offen für alle"]
    for answer in answers:
        assert answer.content == answers[0].content
        assert answer.headers["Content-Type"] == JSON
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert answer.headers["Vary"] == "Accept, Authorization, Cookie"
        assert answer.headers["Cache-Control"] == "no-cache"
        digest = hashlib.sha256(answer.content).hexdigest()
        assert answer.headers["ETag"] == f'"{digest}"'
        assert answer.headers["X-Voltagraph-SHA256"] == digest
        assert answer.headers["X-Voltagraph-Rows"] == "1"
        assert answer.headers["X-Voltagraph-Generation"]


def test_head_gives_the_headers_of_get_and_no_body(server: Served, get: Get) -> None:
    for parameters in ({"query": ALL_NAMES}, {}):
        whole, head = (httpx.request(method, server.sparql, params=parameters) for method in ("GET", "HEAD"))
        assert head.status_code == whole.status_code == 200
        assert head.content == b""
        for name in ("Content-Length", "Content-Type", "ETag", "X-Voltagraph-Rows", "Vary", "Access-Control-Allow-Origin"):
            assert head.headers[name] == whole.headers[name]


def test_an_answer_that_the_client_has_is_not_sent_again(get: Get) -> None:
    tag = get(ALL_NAMES).headers["ETag"]
    again = get(ALL_NAMES, {"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    assert get(ALL_NAMES, {"If-None-Match": '"other"'}).status_code == 200


def test_graphs_of_the_address_take_the_place_of_from(server: Served) -> None:
    text = f"SELECT ?n FROM <{MISSING}#graph> {{ ?s <{NAME}> ?n }}"
    graph = {"default-graph-uri": f"{OPEN}#graph"}
    by_form = httpx.post(server.sparql, data={"query": text, **graph})
    by_body = httpx.post(server.sparql, params=graph, content=text, headers={"Content-Type": QUERY})
    by_both = httpx.post(server.sparql, params=graph, data={"query": text})
    assert names(by_form) == names(by_body) == names(by_both) == ["Offen für alle"]
    named = f"SELECT ?n {{ GRAPH ?g {{ ?s <{NAME}> ?n }} }}"
    assert names(httpx.get(server.sparql, params={"query": named, "named-graph-uri": f"{OPEN}#graph"})) == ["Offen für alle"]
    assert names(httpx.get(server.sparql, params={"query": named, "named-graph-uri": f"{MISSING}#graph"})) == []
    assert names(httpx.get(server.sparql, params={"query": named, **graph})) == []


Request = Callable[[str], httpx.Response]
WRONG: dict[str, tuple[Request, int, str]] = {
    "two queries": (lambda to: httpx.get(f"{to}?query=ASK%20%7B%7D&query=ASK%20%7B%7D"), 400, "`query` is there 2 times."),
    "a query in the address and in the form": (
        lambda to: httpx.post(f"{to}?query=ASK%20%7B%7D", data={"query": "ASK {}"}),
        400,
        "`query` is there 2 times.",
    ),
    "a query in the address and in the body": (
        lambda to: httpx.post(f"{to}?query=ASK%20%7B%7D", content="ASK {}", headers={"Content-Type": QUERY}),
        400,
        "`query` is there 2 times.",
    ),
    "two snapshots": (lambda to: httpx.get(f"{to}?query=ASK%20%7B%7D&snapshot=a&snapshot=b"), 400, "`snapshot` is there 2 times."),
    "no query in a form": (lambda to: httpx.post(to, data={"quary": "ASK {}"}), 400, "The form has no query."),
    "an empty query": (lambda to: httpx.get(f"{to}?query="), 400, "This is not one query"),
    "a snapshot without a query": (lambda to: httpx.get(f"{to}?snapshot=x"), 400, "A snapshot is named, and no query."),
    "a body of no kind": (lambda to: httpx.post(to, content=b"ASK {}"), 415, "A body of no kind is not read here."),
    "a body of another kind": (
        lambda to: httpx.post(to, content=b"{}", headers={"Content-Type": "application/json"}),
        415,
        "A body of the kind 'application/json' is not read here.",
    ),
    "another character set": (
        lambda to: httpx.post(to, content="ASK {}".encode("utf-16"), headers={"Content-Type": f"{QUERY}; charset=utf-16"}),
        415,
        "A body in 'utf-16' is not read here.",
    ),
    "a compressed body": (
        lambda to: httpx.post(to, content=gzip.compress(b"ASK {}"), headers={"Content-Type": QUERY, "Content-Encoding": "gzip"}),
        415,
        "The body is compressed, which is not read here.",
    ),
    "an update in the address": (lambda to: httpx.get(f"{to}?update=CLEAR%20ALL"), 403, "Updates are not offered."),
    "an update in a form": (lambda to: httpx.post(to, data={"update": "CLEAR ALL"}), 403, "Updates are not offered."),
    "an update in the body": (
        lambda to: httpx.post(to, content="CLEAR ALL", headers={"Content-Type": "application/sparql-update"}),
        403,
        "Updates are not offered.",
    ),
    "an update as a query": (lambda to: httpx.get(to, params={"query": "CLEAR ALL"}), 403, "CLEAR is not offered"),
    "a service": (
        lambda to: httpx.get(to, params={"query": "ASK { SERVICE <http://x.example/> {} }"}),
        403,
        "SERVICE is not offered",
    ),
    "a relative graph": (
        lambda to: httpx.get(to, params={"query": "ASK {}", "default-graph-uri": "graph"}),
        400,
        "'graph' is no absolute IRI.",
    ),
    "too many graphs": (
        lambda to: httpx.post(to, data={"query": "ASK {}", "named-graph-uri": [f"urn:x:{n}" for n in range(300)]}),
        413,
        "More than 256 graphs are named.",
    ),
    "too many parameters": (
        lambda to: httpx.post(to, data={"query": "ASK {}", "x": [str(n) for n in range(600)]}),
        400,
        "There are more than 512 parameters.",
    ),
    "a parameter that is not UTF-8": (lambda to: httpx.get(f"{to}?query=ASK%20%7B%20%FF%7D"), 400, "A parameter is not UTF-8."),
    "a form that is not UTF-8": (
        lambda to: httpx.post(to, content=b"query=ASK {}&x=\xff", headers={"Content-Type": FORM}),
        400,
        "A parameter is not UTF-8.",
    ),
    "an unknown snapshot": (
        lambda to: httpx.get(f"{to}?query=ASK%20%7B%7D&snapshot=" + 32 * "0"),
        404,
        "There is no such snapshot",
    ),
    "a bad token": (
        lambda to: httpx.get(f"{to}?query=ASK%20%7B%7D", headers={"Authorization": "Bearer x"}),
        401,
        "This token is not known.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_told_what_to_do(name: str, server: Served) -> None:
    request, status, message = WRONG[name]
    answer = request(server.sparql)
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["status"] == status
    assert body["message"].startswith(message)
    assert body["remedy"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] in {"no-store", "private, no-store"}
    assert "X-Voltagraph-Rows" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_there_are(method: str, server: Served) -> None:
    answer = httpx.request(method, server.sparql)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert answer.json()["message"] == "Method Not Allowed"


def test_a_syntax_error_has_line_and_column_and_remedy(get: Get) -> None:
    answer = get("SELECT ?n\nWHERE { ?s ?p ?n ;; }}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["field"] == "query"
    assert error["line"] == 2
    assert error["column"] > 10
    assert answer.json()["remedy"]
    refused = get("SELECT * {\n  SERVICE <http://x.example/> { ?s ?p ?o } }")
    assert [(error["line"], error["column"]) for error in refused.json()["errors"]] == [(2, 3)]


def test_bytes_that_are_no_utf_8_have_line_and_column(server: Served) -> None:
    answer = httpx.post(server.sparql, content=b"ASK {\n ?s ?p 'caf\xe9' }", headers={"Content-Type": QUERY})
    assert answer.status_code == 400
    assert [(error["line"], error["column"]) for error in answer.json()["errors"]] == [(2, 12)]


def test_a_query_that_is_too_long_is_refused_before_it_is_read(server: Served) -> None:
    longest = server.services.settings.max_query_bytes

    for media_type in (QUERY, FORM):
        answer = httpx.post(server.sparql, content=b"x" * (4 * longest + 100_000), headers={"Content-Type": media_type})
        assert answer.status_code == 413, media_type
        assert answer.json()["remedy"] == "Shorten the query, or ask in parts."
        with socket.create_connection((server.host, server.port), timeout=30) as connection:  # nobody announced its length
            head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
            connection.sendall(head.encode())
            for _ in range(40):
                connection.sendall(b"2710\r\n" + 10_000 * b"x" + b"\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")  # the body has not ended
    just_fits = "ASK {}".ljust(longest)
    assert httpx.post(server.sparql, data={"query": just_fits}).json()["boolean"] is True
    assert httpx.post(server.sparql, content=just_fits, headers={"Content-Type": QUERY}).json()["boolean"] is True
    assert httpx.post(server.sparql, data={"query": just_fits + " "}).status_code == 413


# --- forms of the answer

CONSTRUCT = f"CONSTRUCT {{ ?s <{NAME}> ?n }} WHERE {{ ?s <{NAME}> ?n }}"
WELCOME = [
    (ALL_NAMES, "*/*", JSON),
    (ALL_NAMES, "", JSON),
    (ALL_NAMES, "application/json", JSON),
    (ALL_NAMES, "text/csv", "text/csv"),
    (ALL_NAMES, "text/*", "text/csv"),
    (ALL_NAMES, "text/csv;q=0.4, text/tab-separated-values;q=0.5", "text/tab-separated-values"),
    (ALL_NAMES, "text/csv;q=0, text/*", "text/tab-separated-values"),
    (ALL_NAMES, "text/turtle, */*;q=0.1", JSON),
    (ALL_NAMES, "application/vnd.apache.parquet", "application/vnd.apache.parquet"),
    (ALL_NAMES, "application/x-ndjson", "application/x-ndjson"),
    (ALL_NAMES, "TEXT/CSV ; Q=1", "text/csv"),
    ("ASK {}", "*/*", JSON),
    ("ASK {}", "text/csv, application/xml;q=0.1", "application/sparql-results+xml"),
    (CONSTRUCT, "*/*", "text/turtle"),
    (CONSTRUCT, "application/ld+json", "application/ld+json"),
    (CONSTRUCT, "application/json;q=0.9, text/html", "application/ld+json"),
    (CONSTRUCT, "application/n-triples, text/turtle;q=0.9", "application/n-triples"),
    (f"DESCRIBE <{OPEN}>", "application/rdf+xml", "application/rdf+xml"),
]


@pytest.mark.parametrize(("query", "accept", "expected"), WELCOME)
def test_the_most_welcome_form_is_sent(query: str, accept: str, expected: str, get: Get) -> None:
    answer = get(query, {"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].partition(";")[0] == expected


NAMED = [
    *((ALL_NAMES, name) for name in ("json", "xml", "csv", "tsv", "arrow", "parquet", "jsonl")),
    *(("ASK {}", name) for name in ("json", "xml")),
    *((CONSTRUCT, name) for name in ("turtle", "ntriples", "jsonld", "rdfxml", "json", "xml")),
]


@pytest.mark.parametrize("parameter", ["format", "output"])
@pytest.mark.parametrize(("query", "name"), NAMED)
def test_a_short_name_chooses_the_form(query: str, name: str, parameter: str, get: Get) -> None:
    answer = get(query, {"Accept": "image/png"}, **{parameter: name})
    assert answer.status_code == 200, answer.text
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type == get(query, {"Accept": media_type}).headers["Content-Type"].partition(";")[0]


@pytest.mark.parametrize(
    ("query", "accept", "form", "offered"),
    [
        (ALL_NAMES, "text/turtle", "", "text/csv"),
        (ALL_NAMES, "*/*;q=0", "", "text/csv"),
        (ALL_NAMES, "nonsense", "", "text/csv"),
        (ALL_NAMES, "*/*", "docx", "csv"),
        ("ASK {}", "text/csv", "", "application/sparql-results+xml"),
        ("ASK {}", "*/*", "parquet", "json"),
        (CONSTRUCT, "text/csv", "", "text/turtle"),
        (CONSTRUCT, "*/*", "csv", "turtle"),
    ],
)
def test_what_is_not_offered_is_answered_with_what_is(query: str, accept: str, form: str, offered: str, get: Get) -> None:
    answer = get(query, {"Accept": accept}, **({"format": form} if form else {}))
    assert answer.status_code == 406
    assert offered in answer.json()["remedy"]


# --- pages of other sites


def test_a_page_of_any_site_may_ask_without_credentials(server: Served) -> None:
    origin = {"Origin": "https://page.example"}
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    for path in ("/sparql", "/.well-known/void"):
        before = httpx.options(server.address + path, headers=asked)
        assert before.status_code == 204
        assert before.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in before.headers["Access-Control-Allow-Methods"]
        assert {"Authorization", "Content-Type"} <= set(before.headers["Access-Control-Allow-Headers"].split(", "))
        assert before.headers["X-Request-ID"]
    for answer in (httpx.get(server.sparql, params={"query": text}, headers=origin) for text in (ALL_NAMES, "SELECT")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert exposed >= {"X-Voltagraph-Rows", "X-Voltagraph-SHA256", "ETag"}
    for path in ("/api/search?q=x", "/", "/health"):
        assert "Access-Control-Allow-Origin" not in httpx.get(server.address + path, headers=origin).headers


def test_other_sites_can_be_named(home: Path) -> None:
    with served(Settings(home=home, cors_origins=("https://page.example",))) as running:
        for origin, allowed in (("https://page.example", "https://page.example"), ("https://other.example", None)):
            answer = httpx.get(running.sparql, params={"query": "ASK {}"}, headers={"Origin": origin})
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
            assert "Origin" in answer.headers["Vary"]


# --- rights


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


# --- limits

LIMITS = {
    "rows": (Allowance(rows=100), "SELECT * { ?s ?p ?o }"),
    "bytes": (Allowance(bytes=1_000), "SELECT * { ?s ?p ?o }"),
    "seconds": (Allowance(seconds=0.5), RUNAWAY),
    "memory_bytes": (
        Allowance(seconds=60, memory_bytes=30_000_000),
        f"SELECT (GROUP_CONCAT(?x) AS ?y) {{ ?a <{BASE}number> ?b . ?c <{BASE}number> ?d BIND (CONCAT(STR(?a), STR(?c)) AS ?x) }}",
    ),
}


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "jsonl", "arrow", "xml", "tsv"])
@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_ends_in_an_error_and_never_in_a_part_of_the_answer(limit: str, form: str, server: Served, get: Get) -> None:
    allowance, query = LIMITS[limit]
    with server.changed(allowance_of=lambda _actor: allowance):
        answer = get(query, format=form)
    assert answer.status_code == 413, answer.text[:300]
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body["remedy"]
    [error] = body["errors"]
    assert error["limit"] == limit
    assert error["allowed"] == getattr(allowance, limit)
    assert "X-Voltagraph-Rows" not in answer.headers


def test_one_reader_has_no_more_queries_at_once_than_allowed(server: Served, get: Get) -> None:
    with server.changed(allowance_of=lambda _actor: Allowance(seconds=20, concurrent=1)):
        with leaving(server, RUNAWAY) as connection:
            until(lambda: busy_processes())
            refused = get("ASK {}")
            assert refused.status_code == 429
            assert refused.headers["Retry-After"]
            assert refused.json()["remedy"]
            connection.close()
        until(lambda: get("ASK {}").status_code == 200)


# --- clients that leave, and slow ones


class leaving:  # noqa: N801 - reads as what happens
    """A client that has sent a query and reads nothing."""

    def __init__(self, server: Served, query: str, form: str = "json") -> None:
        self._connection = socket.socket()
        self._connection.settimeout(60)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256_000)  # set, it no longer grows by itself
        self._connection.connect((server.host, server.port))
        request = urlencode({"query": query, "format": form}, quote_via=quote)
        self._connection.sendall(f"GET /sparql?{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    def __enter__(self) -> socket.socket:
        return self._connection

    def __exit__(self, *exception: object) -> None:
        self._connection.close()


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came so"
        time.sleep(0.02)


def busy_processes() -> set[int]:
    """Processes below this one that have computed for a while."""
    found = set()
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] == "R" and int(fields[11]) > 30:
                found.add(int(child))
    return found


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def answers_kept(server: Served) -> list[Path]:
    return [
        file
        for file in server.services.home.rglob("*")
        if file.is_file() and file.stat().st_size > 1_000_000 and "answer" in str(file)
    ]


def test_a_query_is_killed_when_its_client_leaves(server: Served, get: Get) -> None:
    with leaving(server, RUNAWAY) as connection:
        until(busy_processes)
        working = busy_processes()
        connection.close()
    until(lambda: not any(map(is_alive, working)), seconds=15)  # its time would be 60 seconds
    assert names(get(ALL_NAMES)) == ["Offen für alle"]


def test_other_routes_answer_while_every_query_process_is_busy(server: Served) -> None:
    clients = [leaving(server, RUNAWAY) for _ in range(14)]
    try:
        until(lambda: len(busy_processes()) >= 2)
        for _ in range(20):
            assert httpx.get(f"{server.address}/health", timeout=10).status_code == 200
            assert httpx.get(f"{server.address}/api/search?q=x", timeout=10).status_code == 200
    finally:
        for client in clients:
            client.__exit__()
    until(lambda: not busy_processes())


def test_a_slow_client_gets_the_whole_answer_and_holds_up_nobody(server: Served, get: Get) -> None:
    with leaving(server, HUGE, "csv") as connection:
        until(lambda: answers_kept(server))
        for _ in range(10):
            assert names(get(ALL_NAMES)) == ["Offen für alle"]
        until(lambda: not busy_processes())  # the process has long gone on to other things
        whole = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    head, _, body = whole.partition(b"\r\n\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert len(body) == int(headers["content-length"])
    assert hashlib.sha256(body).hexdigest() == headers["x-voltagraph-sha256"]
    assert body.count(b"\r\n") == 150_001
    assert headers["x-voltagraph-rows"] == "150000"
    until(lambda: not answers_kept(server))


def test_an_answer_whose_client_leaves_midway_is_removed(server: Served) -> None:
    with leaving(server, HUGE, "csv") as connection:
        assert connection.recv(1000)
        assert answers_kept(server)
        connection.close()
    until(lambda: not answers_kept(server))


def test_a_client_that_takes_nothing_is_left(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.sparql, "SEND_SECONDS", 0.5)
    with leaving(server, HUGE, "csv") as connection:
        until(lambda: answers_kept(server))
        until(lambda: not answers_kept(server))
        whole = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    head, _, body = whole.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert len(body) < length  # so nobody takes it for the whole


def test_a_hundred_clients_at_once_get_what_one_gets(server: Served, get: Get) -> None:
    queries = [ALL_NAMES, f"SELECT ?n {{ GRAPH <{OPEN}#graph> {{ ?s <{BASE}number> ?n }} }} ORDER BY ?n", CONSTRUCT, "ASK {}"]
    alone = {query: get(query).content for query in queries}

    def ask(number: int) -> tuple[int, bytes]:
        query = queries[number % len(queries)]
        for _ in range(100):
            answer = get(query)
            if answer.status_code not in {429, 503}:
                return answer.status_code, answer.content
            assert answer.headers["Retry-After"]
            time.sleep(0.2)
        pytest.fail("it never had its turn")

    with ThreadPoolExecutor(100) as pool:
        together = list(pool.map(ask, range(100)))
    assert together == [(200, alone[queries[number % len(queries)]]) for number in range(100)]


# --- snapshots


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


# --- what docs/sparql.md says


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory, facts_cache: Path, command: Callable[..., Any], repository: Path
) -> Iterator[Served]:
    """A server over the samples."""
    home = tmp_path_factory.mktemp("samples") / "home"
    if facts_cache.is_dir():
        shutil.copytree(facts_cache, home / "cache")
    command(home, "harvest", str(repository / "app" / "samples"))
    with served(Settings(home=home)) as running:
        yield running


def blocks(repository: Path, language: str) -> list[str]:
    text = (repository / "docs" / "sparql.md").read_text("utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


def test_the_queries_of_the_guide_find_something(samples: Served, repository: Path) -> None:
    for query in blocks(repository, "sparql"):
        answer = httpx.get(samples.sparql, params={"query": query}, timeout=60)
        assert answer.json()["results"]["bindings"], query


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_programs_of_the_guide_run(samples: Served, repository: Path) -> None:
    found: dict[str, Any] = {}
    for program in blocks(repository, "python"):
        exec(program.replace("http://127.0.0.1:8000", samples.address), found)
    assert len(found["cells"]) > 10
    assert list(found["cells"].columns) == ["cell", "name", "value", "unit"]
    assert found["table"].num_rows == 1000
    assert len(found["names"]) == len(found["rows"]) == 3


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_the_commands_of_the_guide_print_what_it_says(samples: Served, repository: Path) -> None:
    for block in blocks(repository, "console"):
        for line in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            ours, _, said = line.partition("\n")
            done = subprocess.run(
                ["bash", "-c", ours.replace("http://127.0.0.1:8000", samples.address)], capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0
            assert done.stdout
            if said:
                assert done.stdout.strip() == said.strip()


def test_the_limits_of_the_guide_are_those_of_the_program(repository: Path) -> None:
    text = (repository / "docs" / "sparql.md").read_text("utf-8")
    allowance, limits = Allowance(), QueryLimits()
    settings = Settings.model_fields
    for said in (
        f"| time of a query | {allowance.seconds} seconds |",
        f"| memory of a query | {allowance.memory_bytes // 10**9} GB |",
        f"| rows, or statements | {allowance.rows:,} |".replace(",", " ").replace("rows ", "rows,"),
        f"| length of the answer | {allowance.bytes // 10**6} MB |",
        f"of your network address | {allowance.concurrent} |",
        f"| queries of everybody at once | {settings['query_processes'].default}; then a wait of ",
        f"a wait of {settings['query_wait_seconds'].default} seconds |",
        f"| length of a query | {settings['max_query_bytes'].default:,} bytes |".replace(",", " "),
        f"up to {api.sparql.MAX_GRAPHS} |",
        f"no byte for {api.sparql.SEND_SECONDS} seconds",
        f"up to {MAX_LISTED:,} properties".replace(",", " "),
        f"at most {COUNTING.seconds:g} seconds each",
    ):
        assert said in text, said
    assert limits.depth == limits.parts == 256
    for name in ("json", "xml", "csv", "tsv", "arrow", "parquet", "jsonl", "turtle", "ntriples", "jsonld", "rdfxml"):
        assert f"| `{name}`" in text
    for form in ResultFormat:
        assert f"`{form}`" in text
