"""The protocol's corners, forms of the answer, and pages of other sites."""

from __future__ import annotations

import gzip
import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pytest

from app.settings import Settings
from tests.api.sparql.asked import ALL_NAMES, CONSTRUCT, FORM, JSON, MISSING, NAME, OPEN, QUERY, Get, names
from tests.serving import Served, served


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


def test_a_page_of_any_site_may_ask_without_credentials(server: Served) -> None:
    origin = {"Origin": "https://page.example"}
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    for path, methods in (("/sparql", "GET, HEAD, POST, OPTIONS"), ("/.well-known/void", "GET, HEAD, OPTIONS")):
        before = httpx.options(server.address + path, headers=asked)
        assert before.status_code == 204
        assert before.headers["Access-Control-Allow-Origin"] == "*"
        assert before.headers["Access-Control-Allow-Methods"] == methods
        assert {"Authorization", "Content-Type"} <= set(before.headers["Access-Control-Allow-Headers"].split(", "))
        assert before.headers["X-Request-ID"]
    for answer in (httpx.get(server.sparql, params={"query": text}, headers=origin) for text in (ALL_NAMES, "SELECT")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert exposed >= {"X-Voltagraph-Rows", "X-Voltagraph-SHA256", "ETag"}
    for path in ("/", "/health", "/queries"):
        assert "Access-Control-Allow-Origin" not in httpx.get(server.address + path, headers=origin).headers


def test_other_sites_can_be_named(home: Path) -> None:
    with served(Settings(home=home, cors_origins=("https://page.example",))) as running:
        for origin, allowed in (("https://page.example", "https://page.example"), ("https://other.example", None)):
            answer = httpx.get(running.sparql, params={"query": "ASK {}"}, headers={"Origin": origin})
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
            assert "Origin" in answer.headers["Vary"]
            asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
            before = httpx.options(f"{running.address}/api/searches/ab12", headers=asked)
            assert before.headers.get("Access-Control-Allow-Origin") == allowed
            assert ("PATCH" in before.headers.get("Access-Control-Allow-Methods", "")) == (allowed is not None)
