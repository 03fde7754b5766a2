"""The store on a server: faults of the server and of the way to it, several who write at once, what is sent and what is not."""

from __future__ import annotations

import base64
import json
import logging
import re
import socket
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from graph import remote, system_graph
from graph.embedded import EmbeddedGraphStore
from graph.guard import QueryKind
from graph.remote import RemoteGraphStore
from graph.sparql_http import JSON, NOTHING, Bounds, Endpoints
from graph.store import Answer, Boolean, Graph, GraphChange, Solutions
from records.errors import (
    QueryError,
    QueryLimitError,
    QuerySyntaxError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    VoltagraphError,
)
from records.rdf import Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences
from tests.servers import sparql

ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})
NAME = "https://schema.org/name"
PERSON = "https://orcid.org/0000-0000-0000-0001"
EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o }"
SECRET = "correct horse"
SYSTEM = "GRAPH <urn:voltagraph:system>"
AUDIENCE = "<urn:voltagraph:audience>"


def graph(number: int) -> str:
    return f"https://archive.example/{number}#graph"


def change(number: int, audiences: Audiences, *names: str) -> GraphChange:
    own = [Triple(f"https://archive.example/{number}#n", NAME, Literal(name)) for name in names or (f"cell {number}",)]
    return GraphChange(graph(number), [*own, Triple(PERSON, NAME, Literal("A. Author"))], audiences)


def read(answer: Answer) -> Any:
    """All of an answer, so that faults in its middle come out."""
    if isinstance(answer, Boolean):
        return answer.value
    return list(answer.rows if isinstance(answer, Solutions) else answer.triples)


# A server that answers as it is told to, in front of a real one or of none.


@dataclass
class Told:
    """What such a server answers, and what it was asked."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces: Iterator[bytes] | None = None
    answer: Callable[[BaseHTTPRequestHandler, bytes], bool] | None = None
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def telling(told: Told) -> Iterator[Endpoints]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.asked.append((self.path, dict(self.headers), content))
            if told.answer is not None and told.answer(self, content):
                return
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            if told.pieces is None:
                self.send_header("Content-Length", str(len(told.body)))
                self.end_headers()
                self.wfile.write(told.body)
                return
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            for piece in told.pieces:
                try:
                    self.wfile.write(piece)
                    self.wfile.flush()
                except OSError:
                    return

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Endpoints(f"{address}/query", f"{address}/update", f"{address}/data", seconds=5)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def table(*rows: dict[str, Any], names: tuple[str, ...] = ("s", "p", "o")) -> bytes:
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()


IS_EMPTY = table()
"""What a server with nothing in it says when it is asked for its state; every query begins with that."""


def nothing_found(handler: BaseHTTPRequestHandler, content: bytes) -> bool:
    """Answers any query of a table as a server with nothing in it."""
    text = dict(urllib.parse.parse_qsl(content.decode()))["query"]
    send(handler, table(names=tuple(re.findall(r"[?](\w+)", text.partition("{")[0]))))
    return True


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def after_state(status: int, body: bytes, headers: dict[str, str] | None = None) -> Told:
    """Answers what a store asks for itself as an empty server would, and the reader's query so."""

    def answer(handler: BaseHTTPRequestHandler, content: bytes) -> bool:
        is_state = b"urn%3Avoltagraph%3Aturn" in content
        if is_state:
            send(handler, IS_EMPTY)
        else:
            send(handler, body, status, headers)
        return True

    return Told(answer=answer)


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (400, b'Parse error: Encountered "}" at line 2, column 7.', QuerySyntaxError, "does not read"),
        (400, b"error at 2:7: expected ...", QuerySyntaxError, "does not read"),
        (401, b"", StoreError, "refuses us"),
        (403, b"", StoreError, "refuses us"),
        (404, b"no such dataset", StoreError, "404"),
        (406, b"", QueryError, "406"),
        (408, b"", QueryLimitError, "too long"),
        (429, b"", StoreBusyError, "busy"),
        (500, b"stack trace", StoreError, "500"),
        (503, b"", StoreBusyError, "busy"),
        (503, b"Query timed out", QueryLimitError, "too long"),
        (504, b"", QueryLimitError, "too long"),
    ],
)
def test_a_status_is_told_in_our_words(status: int, body: bytes, error: type[VoltagraphError], words: str) -> None:
    with telling(after_state(status, body)) as endpoints, pytest.raises(error, match=words) as caught:
        read(RemoteGraphStore(endpoints).query(EVERYTHING, ONE))
    assert type(caught.value) is error
    assert caught.value.remedy
    if isinstance(caught.value, QuerySyntaxError):
        assert (caught.value.line, caught.value.column) == (2, 7)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with telling(Told()) as other, telling(Told(status, {"Location": other.query})) as endpoints:
        with pytest.raises(StoreError, match="elsewhere"):
            RemoteGraphStore(endpoints).query(EVERYTHING, ONE)
        with pytest.raises(StoreError, match="elsewhere"):
            RemoteGraphStore(endpoints).apply([change(1, ONE)])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Welcome</html>",
        b"{}",
        b'{"head": {"vars": ["s"]}}',
        b'{"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": [',
        b'{"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "no iri"}}]}}',
        b'{"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": [{"s": {"type": "literal", "value": "x"}}',
        b"\xff\xfe",
        b'{"head": {}, "boolean": "perhaps"}',
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes) -> None:
    with telling(after_state(200, body)) as endpoints, pytest.raises(StoreError):
        read(RemoteGraphStore(endpoints).query(EVERYTHING, ONE))
    with telling(Told(body=body)) as endpoints, pytest.raises(StoreError):
        RemoteGraphStore(endpoints).query(EVERYTHING, ONE)


@pytest.mark.parametrize("body", [b"<urn:a> <urn:b> ", b"<urn:a> <urn:b> 1 .", b"{}", b"<a> <b> <c> .", b"\xff"])
def test_what_is_no_graph_is_an_error(body: bytes) -> None:
    with telling(after_state(200, body)) as endpoints, pytest.raises(StoreError):
        read(RemoteGraphStore(endpoints).query("CONSTRUCT WHERE { ?s ?p ?o }", ONE))


def test_an_answer_that_breaks_off_is_an_error() -> None:
    row = {"s": {"type": "uri", "value": "urn:a"}}
    whole = table(*[row] * 5000)
    with telling(after_state(200, whole[:-200], {"X-Cut": "yes"})) as endpoints, pytest.raises(StoreError):
        read(RemoteGraphStore(endpoints).query(EVERYTHING, ONE))

    def cut(handler: BaseHTTPRequestHandler, content: bytes) -> bool:
        if b"urn%3Avoltagraph%3Aturn" in content:
            return False
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        handler.wfile.write(whole[: len(whole) // 2])
        handler.close_connection = True
        return True

    with telling(Told(body=IS_EMPTY, answer=cut)) as endpoints, pytest.raises(StoreError, match=r"broke off|no answer"):
        read(RemoteGraphStore(endpoints).query(EVERYTHING, ONE))


def test_an_answer_that_is_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server never stops; no more than the limit is taken."""
    given = 0

    def pieces() -> Iterator[bytes]:
        nonlocal given
        yield b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "urn:a"}}'
        while True:
            given += 1
            yield b',{"s": {"type": "uri", "value": "urn:a"}}' * 1000

    bounds = Bounds(seconds=30, most=5_000_000, is_readers=True)
    with telling(Told(pieces=pieces())) as endpoints:
        store = RemoteGraphStore(endpoints)
        body = store._http._send("POST", endpoints.query, b"", {}, bounds)
        with pytest.raises(QueryLimitError) as caught:
            read(remote._answer(body, QueryKind.SELECT, repeatable=False))
        assert (caught.value.limit, caught.value.allowed) == ("bytes", 5_000_000)
    assert given * 41_000 < 50_000_000


def slow(seconds: float) -> Iterator[bytes]:
    yield b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "urn:a"}}'
    for _ in range(int(seconds / 0.05)):
        time.sleep(0.05)
        yield b',{"s": {"type": "uri", "value": "urn:a"}}'


def test_an_answer_that_never_ends_is_ended_on_time_however_often_something_comes() -> None:
    def answer(handler: BaseHTTPRequestHandler, content: bytes) -> bool:
        if b"urn%3Avoltagraph%3Aturn" not in content:
            return False
        send(handler, IS_EMPTY)
        return True

    with telling(Told(pieces=slow(60), answer=answer)) as endpoints:
        started = time.monotonic()
        with pytest.raises(QueryLimitError) as caught:
            read(RemoteGraphStore(replace(endpoints, seconds=1)).query(EVERYTHING, ONE))
        assert (caught.value.limit, caught.value.allowed) == ("seconds", 1)
        assert time.monotonic() - started < 30


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoints = Endpoints(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.5)
        started = time.monotonic()
        with pytest.raises(StoreError, match="longer than"):
            RemoteGraphStore(endpoints).query(EVERYTHING, ONE)
        assert time.monotonic() - started < 30


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/ds", "http://nowhere.invalid/ds"])
def test_a_server_that_is_not_there_is_told_with_a_remedy(address: str) -> None:
    endpoints = Endpoints(address, address, user="voltagraph", password=SECRET)
    uses: tuple[Callable[[RemoteGraphStore], object], ...] = (
        lambda store: store.query(EVERYTHING, ONE),
        lambda store: store.apply([change(1, ONE)]),
        RemoteGraphStore.check,
        RemoteGraphStore.probe,
    )
    for ask in uses:
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            ask(RemoteGraphStore(endpoints))
        assert caught.value.remedy


def test_the_password_is_sent_and_nowhere_shown(caplog: pytest.LogCaptureFixture) -> None:
    told = Told(401, body=b"no")
    with caplog.at_level(logging.DEBUG), telling(told) as endpoints:
        with_user = replace(endpoints, query=f"{endpoints.query}?key={SECRET.replace(' ', '')}", user="voltagräph", password=SECRET)
        store = RemoteGraphStore(with_user)
        with pytest.raises(StoreError) as caught:
            store.query(EVERYTHING, ONE)
        sent = told.asked[0][1]["Authorization"].removeprefix("Basic ")
        assert base64.b64decode(sent).decode() == f"voltagräph:{SECRET}"
        for shown in (str(caught.value), repr(with_user), str(with_user), caplog.text, repr(store)):
            assert SECRET not in shown
            assert sent not in shown
        assert SECRET.replace(" ", "") not in str(caught.value) + repr(with_user)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with telling(Told(status=500)) as proxy, telling(Told(answer=nothing_found)) as endpoints:
        monkeypatch.setenv("http_proxy", proxy.query)
        monkeypatch.setenv("HTTP_PROXY", proxy.query)
        assert RemoteGraphStore(endpoints).versions(ONE) == {}


def test_a_reader_of_nothing_is_sent_a_dataset_that_is_empty() -> None:
    told = Told(answer=nothing_found)
    with telling(told) as endpoints:
        for audiences in (NOBODY, PUBLIC, ONE):
            for query in (EVERYTHING, "SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }", f"SELECT ?s FROM <{graph(1)}> {{ ?s ?p ?o }}"):
                told.asked.clear()
                assert read(RemoteGraphStore(endpoints).query(query, audiences)) == []
                for _, _, content in told.asked:
                    fields = urllib.parse.parse_qs(content.decode())
                    assert fields["default-graph-uri"] in ([NOTHING], [system_graph.SYSTEM])
                    assert "named-graph-uri" not in fields


@pytest.mark.parametrize("ignored", ["default-graph-uri", "named-graph-uri", "both"])
def test_a_server_that_does_not_keep_to_the_dataset_is_refused(ignored: str, oxigraph: Endpoints) -> None:
    """Rights hang on it: better no answer than a wrong one."""
    sparql.clear(oxigraph)
    RemoteGraphStore(oxigraph).apply([change(1, ONE)])

    def forward(handler: BaseHTTPRequestHandler, content: bytes) -> bool:
        fields = urllib.parse.parse_qsl(content.decode())
        text = dict(fields)["query"]
        if "urn:voltagraph:turn" not in text:
            fields = [(name, value) for name, value in fields if ignored not in (name, "both") or name == "query"]
            if len(fields) == 1:
                fields.append(("named-graph-uri", system_graph.SYSTEM))
        request = urllib.request.Request(oxigraph.query, urllib.parse.urlencode(fields).encode(), {"Accept": JSON})
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = answer.read()
        send(handler, said)
        return True

    with telling(Told(answer=forward)) as endpoints:
        store = RemoteGraphStore(endpoints)
        for _ in range(2):
            with pytest.raises(StoreError, match="rights cannot be kept"):
                store.query(EVERYTHING, ONE)
        with pytest.raises(StoreError, match="rights cannot be kept"):
            store.probe()


# Over a real server


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with sparql.oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture
def server(oxigraph: Endpoints) -> Endpoints:
    sparql.clear(oxigraph)
    return oxigraph


def update(server: Endpoints, text: str) -> None:
    assert server.update
    request = urllib.request.Request(server.update, text.encode(), {"Content-Type": "application/sparql-update"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def names(store: RemoteGraphStore | EmbeddedGraphStore, audiences: Audiences) -> list[str]:
    answer = store.query(f"SELECT ?n {{ ?s <{NAME}> ?n }}", audiences)
    assert isinstance(answer, Solutions)
    return sorted(value.value for (value,) in answer.rows if isinstance(value, Literal))


def test_a_reader_sees_at_once_what_another_process_wrote(server: Endpoints) -> None:
    reader, writer = RemoteGraphStore(server), RemoteGraphStore(server)
    everywhere = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert read(reader.query(everywhere, ONE)) == []
    writer.apply([change(1, ONE), change(2, TWO)])
    assert names(reader, ONE) == ["A. Author", "cell 1"]
    assert len(read(reader.query(everywhere, ONE))) == 1
    writer.set_rights({graph(2): ONE, graph(1): NOBODY})
    assert names(reader, ONE) == ["A. Author", "cell 2"]
    assert read(reader.query(everywhere, ONE)) == [(graph(2),)]
    assert names(reader, TWO) == []


def test_two_who_write_in_turn_plan_on_what_is_there(server: Endpoints) -> None:
    first, second = RemoteGraphStore(server), RemoteGraphStore(server)
    for number in range(6):
        (first, second)[number % 2].apply([change(number % 4, (ONE, TWO)[number % 2])])
    assert first.check() == second.check() == []
    assert names(first, ONE | TWO) == ["A. Author", *(f"cell {n}" for n in range(4))]


def test_of_two_who_write_at_once_one_is_told_and_nothing_is_mixed(server: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = RemoteGraphStore(server), RemoteGraphStore(server)
    first.apply([change(1, ONE)])
    plan = first._lattice.apply

    def plan_late(changes: Any) -> Any:
        batch = plan(changes)
        second.apply([change(2, TWO)])
        return batch

    with monkeypatch.context() as patch:
        patch.setattr(first._lattice, "apply", plan_late)
        with pytest.raises(StoreBusyError, match="same time"):
            first.apply([change(1, TWO), change(3, ONE)])
    assert second.check() == []
    assert second.audiences_of() == {graph(1): ONE, graph(2): TWO}
    first.apply([change(1, TWO), change(3, ONE)])
    assert first.check() == []
    assert first.audiences_of() == {graph(1): TWO, graph(2): TWO, graph(3): ONE}


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT ?n {{ ?s <{NAME}> ?n }}",
        f"SELECT ?n {{ GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
        f"SELECT ?n {{ GRAPH <{graph(1)}> {{ ?s <{NAME}> ?n }} }}",
        f"SELECT ?n FROM <{graph(1)}> FROM <{graph(2)}> {{ ?s <{NAME}> ?n }}",
    ],
)
def test_rights_and_content_change_together_for_whoever_asks_meanwhile(server: Endpoints, query: str) -> None:
    """The record swaps a public and a secret content; no answer may give the one under the rights of the other."""
    writer, reader = RemoteGraphStore(server), RemoteGraphStore(server)
    writer.apply([change(1, PUBLIC, "public"), change(2, PUBLIC)])
    stop = threading.Event()
    seen: set[str] = set()
    faults: list[Exception] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                seen.update(value.value for (value,) in read(reader.query(query, PUBLIC)))
            except StoreBusyError:
                pass
            except StoreError as exc:
                faults.append(exc)

    thread = threading.Thread(target=ask)
    thread.start()
    for _ in range(30):
        writer.apply([change(1, ONE, "secret")])
        writer.apply([change(1, PUBLIC, "public")])
    stop.set()
    thread.join()
    assert faults == []
    assert "A. Author" in seen
    assert "secret" not in seen


def test_rights_that_change_between_choosing_graphs_and_asking_hold(server: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, reader = RemoteGraphStore(server), RemoteGraphStore(server)
    writer.apply([change(1, PUBLIC, "public"), change(2, ONE)])
    assert names(reader, PUBLIC) == ["A. Author", "public"]
    ask = reader._answer_to
    waiting = [lambda: writer.apply([change(1, ONE, "secret")])]

    def ask_late(*args: Any, **kwargs: Any) -> Any:
        if waiting:
            waiting.pop()()
        return ask(*args, **kwargs)

    monkeypatch.setattr(reader, "_answer_to", ask_late)
    assert names(reader, PUBLIC) == []


def test_an_update_whose_answer_was_lost_is_sent_again_and_counts_once(server: Endpoints) -> None:
    lost: list[bytes] = []

    def forward(handler: BaseHTTPRequestHandler, content: bytes) -> bool:
        is_update = handler.path == "/update"
        headers = {"Content-Type": handler.headers["Content-Type"], "Accept": handler.headers.get("Accept", "*/*")}
        request = urllib.request.Request((server.update or "") if is_update else server.query, content, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            said, status = answer.read(), answer.status
        if is_update and not lost:
            lost.append(content)
            handler.close_connection = True
            return True
        send(handler, said, status)
        return True

    with telling(Told(answer=forward)) as endpoints:
        store = RemoteGraphStore(replace(endpoints, data=None))
        store.apply([change(1, ONE)])
    assert lost
    assert RemoteGraphStore(server).check() == []
    assert names(RemoteGraphStore(server), ONE) == ["A. Author", "cell 1"]


def test_a_dataset_of_somebody_else_is_left_alone(server: Endpoints) -> None:
    update(server, "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }")
    store = RemoteGraphStore(server)
    writes: tuple[Callable[[], None], ...] = (
        lambda: store.apply([change(1, ONE)]),
        store.clear,
        lambda: store.set_public_graph("urn:o", []),
    )
    for write in writes:
        with pytest.raises(StoreDamagedError, match="other data") as caught:
            write()
        assert "of its own" in caught.value.remedy
    assert read(store.query("SELECT * { GRAPH ?g { ?s ?p ?o } }", PUBLIC)) == []


def test_another_layout_is_not_read_and_can_be_cleared(server: Endpoints) -> None:
    RemoteGraphStore(server).apply([change(1, ONE)])
    layout = f"{SYSTEM} {{ <urn:voltagraph:system> <urn:voltagraph:version> '%s' }}"
    update(server, f"DELETE DATA {{ {layout % 2} }} ; INSERT DATA {{ {layout % 1} }}")
    store = RemoteGraphStore(server)
    uses: tuple[Callable[[], object], ...] = (
        lambda: store.query("ASK {}", ONE),
        lambda: store.apply([change(1, ONE)]),
        lambda: store.versions(ONE),
    )
    for use in uses:
        with pytest.raises(StoreDamagedError, match="layout") as caught:
            use()
        assert "voltagraph rebuild" in caught.value.remedy
    store.clear()
    store.apply([change(1, ONE)])
    assert store.check() == []


def test_nothing_is_written_where_no_update_is_offered(server: Endpoints) -> None:
    with pytest.raises(StoreError, match="Nothing can be written") as caught:
        RemoteGraphStore(replace(server, update=None)).apply([change(1, ONE)])
    assert "graph_store_update_url" in caught.value.remedy


@pytest.mark.parametrize(
    "spoil",
    [
        f"DELETE WHERE {{ GRAPH <{graph(1)}> {{ ?s ?p ?o }} }}",
        f"INSERT DATA {{ GRAPH <{graph(1)}> {{ <urn:foreign> <urn:p> 1 }} }}",
        "INSERT DATA { GRAPH <urn:other> { <urn:a> <urn:b> 1 } }",
        f"DELETE WHERE {{ {SYSTEM} {{ ?g <urn:voltagraph:content> ?d }} }}",
        f"DELETE WHERE {{ {SYSTEM} {{ ?g <urn:voltagraph:foreign> ?s }} }}",
        f"INSERT {{ {SYSTEM} {{ ?p {AUDIENCE} 'any' }} }} WHERE {{ {SYSTEM} {{ ?p {AUDIENCE} ?a }} }}",
    ],
    ids=["original", "foreign", "other", "digest", "marks", "wider"],
)
def test_the_check_finds_what_is_wrong(server: Endpoints, spoil: str) -> None:
    store = RemoteGraphStore(server)
    store.apply([change(1, ONE), change(2, TWO)])
    assert store.check() == []
    update(server, spoil)
    assert RemoteGraphStore(server).check() != []


def test_large_batches_and_large_graphs_go_through(server: Endpoints, tmp_path: Path) -> None:
    changes = [change(n, (ONE, TWO, PUBLIC)[n % 3], *(f"{n} {k}" for k in range(150))) for n in range(100)]
    store = RemoteGraphStore(server)
    store.apply(changes)
    home = EmbeddedGraphStore(tmp_path / "store")
    home.apply(changes)
    assert store.versions(ONE) == home.versions(ONE)
    assert store.count() == home.count() == 100 * 151
    assert store.check() == []
    assert isinstance(answer := store.query("CONSTRUCT WHERE { ?s ?p ?o }", ONE), Graph)
    assert len(read(answer)) == 67 * 150 + 1
    home.close()
