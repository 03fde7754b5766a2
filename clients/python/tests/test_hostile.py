"""What the client makes of a service that cuts answers, lies, is full, or is none."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from voltagraph_client import (
    BusyError,
    Client,
    DatasetError,
    IncompleteAnswerError,
    NotFoundError,
    QueryError,
    ServiceError,
    UnreachableError,
    VoltagraphError,
)
from voltagraph_client.datasets import build
from voltagraph_client.transport import Transport

QUERY = "SELECT ?s WHERE { ?s ?p ?o }"


def arrow(new: Callable[..., Any]) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"s": [f"row {number}" for number in range(100)]})
    with new(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


BODY = arrow(pa.ipc.new_stream)
FILE = arrow(pa.ipc.new_file)
HONEST = {"X-Voltagraph-Rows": "100", "X-Voltagraph-SHA256": sha256(BODY).hexdigest(), "Content-Length": str(len(BODY))}


class Handler(BaseHTTPRequestHandler):
    """Answers what the test planned, one plan for each request; the last one stays."""

    protocol_version = "HTTP/1.1"
    server: Hostile

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    def _answer(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        plan = self.server.plans.pop(0) if len(self.server.plans) > 1 else self.server.plans[0]
        status, headers, body = plan
        self.close_connection = True
        if status == 0:
            return  # nothing at all
        self.send_response(status)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the signature is the library's
        """Say nothing."""


Plan = tuple[int, dict[str, str], bytes]


class Hostile(ThreadingHTTPServer):
    """A small service without scruples."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plans: list[Plan] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave are what these tests are about."""


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    server = Hostile()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


Open = Callable[..., tuple[Client, list[float]]]


@pytest.fixture
def connect(hostile: Hostile) -> Iterator[Open]:
    """A client of it, and the waits that it makes, which take no time here."""
    opened: list[Client] = []

    def make(*plans: Plan, retries: int = 3, token: str | None = None) -> tuple[Client, list[float]]:
        hostile.plans = list(plans)
        client = Client(f"http://127.0.0.1:{hostile.server_port}", token, retries=retries, timeout=10)
        waits: list[float] = []
        client._transport._sleep = waits.append
        opened.append(client)
        return client, waits

    yield make
    for client in opened:
        client.close()


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in HONEST.items() if key != name}


OK: Plan = (200, HONEST, BODY)
SENT_FILE: Plan = (200, {"X-Voltagraph-SHA256": sha256(FILE).hexdigest(), "Content-Length": str(len(FILE))}, FILE)
FULL: Plan = (503, {"Retry-After": "7", "Content-Length": "0"}, b"")


def test_an_honest_answer_is_given_out(connect: Open) -> None:
    client, waits = connect(OK)
    assert client.table(QUERY).num_rows == 100
    assert waits == []


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ((200, HONEST, BODY[:-10]), "ended after"),
        ((200, HONEST, b""), "ended after"),
        ((200, {**HONEST, "X-Voltagraph-SHA256": "0" * 64}, BODY), "are not those that were sent"),
        ((200, HONEST, BODY[:-1] + b"x"), "are not those that were sent"),
        ((200, {**HONEST, "X-Voltagraph-Rows": "101"}, BODY), "100 rows, and the service says 101"),
        ((200, without("X-Voltagraph-Rows"), BODY), "does not say how many"),
        ((200, without("X-Voltagraph-SHA256"), BODY), "without its digest"),
        ((200, without("Content-Length"), BODY[:-20]), "are not those that were sent"),
        ((200, {"Content-Length": "16"}, b"<html>Welcome!</"), "without its digest"),
    ],
)
def test_what_is_not_the_whole_answer_is_an_error(connect: Open, plan: Plan, said: str) -> None:
    client, _ = connect(plan)
    with pytest.raises(IncompleteAnswerError, match=said):
        client.table(QUERY)


def test_a_whole_body_that_is_no_table_is_an_error(connect: Open) -> None:
    body = b"s\r\na\r\n"
    client, _ = connect(
        (200, {"X-Voltagraph-Rows": "1", "X-Voltagraph-SHA256": sha256(body).hexdigest(), "Content-Length": "6"}, body)
    )
    with pytest.raises(IncompleteAnswerError, match="no Arrow stream"):
        client.table(QUERY)


@pytest.mark.parametrize("bad", [(200, HONEST, BODY[:-10]), (0, {}, b""), FULL, (429, {"Content-Length": "0"}, b"")])
def test_what_may_be_better_next_time_is_tried_again(connect: Open, hostile: Hostile, bad: Plan) -> None:
    client, waits = connect(bad, bad, OK)
    assert client.table(QUERY).num_rows == 100
    assert len(waits) == 2
    assert len(hostile.seen) == 3


def test_a_lie_is_not_asked_for_again(connect: Open, hostile: Hostile) -> None:
    client, _ = connect((200, {**HONEST, "X-Voltagraph-SHA256": "0" * 64}, BODY), OK)
    with pytest.raises(IncompleteAnswerError):
        client.table(QUERY)
    assert len(hostile.seen) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, QueryError), (403, QueryError), (404, NotFoundError), (500, ServiceError), (502, ServiceError), (301, ServiceError)],
)
def test_other_refusals_are_final(connect: Open, hostile: Hostile, status: int, kind: type[ServiceError]) -> None:
    body = json.dumps({"status": status, "message": "No.", "remedy": "Go."}).encode()
    plan = (status, {"Content-Length": str(len(body)), "Location": "http://127.0.0.1:9/"}, body)
    client, waits = connect(plan)
    with pytest.raises(kind, match=r"No\. Go\.") as error:
        client.table(QUERY)
    assert type(error.value) is kind
    assert error.value.status == status
    assert (len(hostile.seen), waits) == (1, [])


def test_the_service_says_when_to_come_again(connect: Open) -> None:
    client, waits = connect(FULL, FULL, OK)
    client.table(QUERY)
    assert waits == [7.0, 7.0]


@pytest.mark.parametrize(
    ("asked", "least", "most"), [("100000", 600, 600), ("-1", 0, 1), ("soon", 0, 1), ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0)]
)
def test_no_service_makes_the_client_wait_for_ever(connect: Open, asked: str, least: float, most: float) -> None:
    client, waits = connect((503, {"Retry-After": asked, "Content-Length": "0"}, b""), OK)
    client.table(QUERY)
    assert least <= waits[0] <= most


def test_waits_grow(connect: Open) -> None:
    client, waits = connect((503, {"Content-Length": "0"}, b""), retries=6)
    with pytest.raises(BusyError):
        client.table(QUERY)
    assert len(waits) == 6
    assert all(0.25 * 2**number <= wait <= 0.5 * 2**number for number, wait in enumerate(waits))


def test_nothing_at_all_is_unreachable(connect: Open) -> None:
    client, waits = connect((0, {}, b""), retries=2)
    with pytest.raises(UnreachableError):
        client.table(QUERY)
    assert len(waits) == 2


def test_a_token_goes_to_no_other_address(connect: Open, hostile: Hostile) -> None:
    client, _ = connect(
        (302, {"Location": f"http://127.0.0.1:{hostile.server_port}/elsewhere", "Content-Length": "0"}, b""), token="vg_x"
    )
    with pytest.raises(ServiceError):
        client.table(QUERY)
    assert [path for _, path, _ in hostile.seen] == ["/sparql"]
    assert hostile.seen[0][2]["Authorization"] == "Bearer vg_x"


def test_a_file_is_there_whole_or_not_at_all(connect: Open, tmp_path: Path) -> None:
    client, _ = connect((200, HONEST, BODY[:-10]), retries=0)
    with pytest.raises(IncompleteAnswerError):
        client.download(QUERY, tmp_path / "answer.arrow")
    assert list(tmp_path.iterdir()) == []


# Training sets


def sent(value: object, status: int = 200) -> Plan:
    body = json.dumps(value).encode()
    return status, {"Content-Length": str(len(body))}, body


def told(state: str, **more: object) -> dict[str, object]:
    return {"id": "d1", "state": state, "progress": {"stage": "writing", "rows": 3}, "snapshot": "s1", "files": [], **more}


def a_file(**changes: object) -> dict[str, object]:
    return {
        "name": "data.arrow",
        "rows": 100,
        "bytes": len(FILE),
        "sha256": sha256(FILE).hexdigest(),
        "href": "/datasets/d1/files/data.arrow",
        **changes,
    }


def test_a_training_set_is_waited_for(connect: Open, tmp_path: Path) -> None:
    file = a_file()
    client, _ = connect(sent(told("queued"), 202), sent(told("running")), FULL, sent(told("done", files=[file])), SENT_FILE)
    transport: Transport = client._transport
    made = build(transport, {}, 60, sleep=lambda _seconds: None)
    assert made.download(tmp_path) == (tmp_path / "data.arrow",)
    assert (tmp_path / "data.arrow").read_bytes() == FILE


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rows": 99}, "100 rows; 99 were made"),
        ({"bytes": 1}, "were made"),
        ({"sha256": "0" * 64}, "were made"),
        ({"name": "../x.arrow"}, "no name of a file"),
    ],
)
def test_a_file_that_is_not_what_was_made_does_not_stay(
    connect: Open, tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    client, _ = connect(sent(told("done", files=[a_file(**changes)]), 202), SENT_FILE)
    made = build(client._transport, {}, 60)
    with pytest.raises(IncompleteAnswerError, match=said):
        made.download(tmp_path / "set")
    assert list(tmp_path.rglob("*.arrow*")) == []


def test_a_training_set_that_failed_says_why(connect: Open) -> None:
    client, _ = connect(sent(told("failed", error={"message": "Too many rows.", "remedy": "Ask for less."}), 202))
    with pytest.raises(DatasetError, match=r"Too many rows\. Ask for less\."):
        build(client._transport, {}, 60)


def test_a_training_set_is_not_waited_for_for_ever(connect: Open) -> None:
    client, _ = connect(sent(told("running")))
    with pytest.raises(DatasetError, match="not made within 0 seconds"):
        build(client._transport, {}, 0, sleep=lambda _seconds: None)


def test_a_training_set_is_not_ordered_twice_by_accident(connect: Open, hostile: Hostile) -> None:
    client, _ = connect((0, {}, b""))
    with pytest.raises(VoltagraphError):
        build(client._transport, {}, 60)
    assert len(hostile.seen) == 1
