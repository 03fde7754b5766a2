"""Limits, clients that leave, and slow ones."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx2 as httpx
import pytest

import api.sparql
from graph.queries import Allowance
from tests.api.sparql.asked import ALL_NAMES, BASE, CONSTRUCT, HUGE, OPEN, PATIENCE, RUNAWAY, Get, names
from tests.serving import Served

LIMITS = {
    "rows": (Allowance(rows=100), "SELECT * { ?s ?p ?o }"),
    "bytes": (Allowance(bytes=1_000), "SELECT * { ?s ?p ?o }"),
    "seconds": (Allowance(seconds=0.5), RUNAWAY),
    "memory_bytes": (
        Allowance(seconds=PATIENCE, memory_bytes=30_000_000),
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


class leaving:  # noqa: N801 - reads as what happens
    """A client that has sent a query and reads nothing."""

    def __init__(self, server: Served, query: str, form: str = "json") -> None:
        self._connection = socket.socket()
        self._connection.settimeout(PATIENCE)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256_000)  # set, it no longer grows by itself
        self._connection.connect((server.host, server.port))
        request = urlencode({"query": query, "format": form}, quote_via=quote)
        self._connection.sendall(f"GET /sparql?{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    def __enter__(self) -> socket.socket:
        return self._connection

    def __exit__(self, *exception: object) -> None:
        self._connection.close()


def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
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


def long_processes() -> set[int]:
    """Processes below this one that give way to all others, also those that are just ending."""
    found = set()
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        for child in (task / "children").read_text().split():
            with suppress(OSError):
                if os.sched_getscheduler(int(child)) == os.SCHED_IDLE:
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
    until(lambda: not any(map(is_alive, working)), seconds=PATIENCE / 4)  # its time would be all of it
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
    until(lambda: not long_processes())  # they count until they have ended, and the next long query would be refused


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
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
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
