"""The server as `voltagraph serve` starts it: a process of its own on a free port."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import pytest

ODD = "lab/odd names/a b#c?d%41&é.jsonld"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home(world: Any, tmp_path: Path) -> Any:
    """A copy of the world that the test may change."""
    own = type(world)(tmp_path / "home", world.tokens)
    shutil.copytree(world.path, own.path)
    return own


@pytest.fixture
def start(environment: dict[str, str], repository: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a server; its log goes to a file."""
    started: list[subprocess.Popen[str]] = []

    def begin(home: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        with (tmp_path / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "--home", str(home), "serve", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment | settings,
                cwd=repository,
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


@pytest.fixture
def server(start: Start, home: Any) -> tuple[subprocess.Popen[str], str]:
    process = start(home.path, "--port", "0", "--json", VOLTAGRAPH_LOG_FORMAT="json")
    assert process.stdout is not None
    address: str = json.loads(process.stdout.readline())["url"]
    return process, address.rstrip("/")


def test_the_address_it_prints_answers(server: Any) -> None:
    _, address = server
    assert address.startswith("http://127.0.0.1:")
    assert httpx.get(address + "/ready").json() == {"status": "ready"}
    assert httpx.get(address + "/api/search", params={"q": "LFP"}).json()["total"] == 2
    assert "server" not in httpx.get(address + "/health").headers
    head = httpx.head(address + "/api/search", params={"q": "LFP"})
    whole = httpx.get(address + "/api/search", params={"q": "LFP"})
    assert (head.status_code, head.content) == (200, b"")
    assert [head.headers[name] for name in ("content-length", "etag")] == [
        whole.headers[name] for name in ("content-length", "etag")
    ]


def test_a_record_in_an_oddly_named_file_has_addresses_that_work(server: Any) -> None:
    _, address = server
    for start_of in ("/api/records/", "/api/files/", "/records/"):
        assert httpx.get(address + start_of + quote(ODD)).status_code == 200, start_of
    page = httpx.get(address, params={"q": "odd"}).text
    assert f'href="/records/{quote(ODD)}"' in page
    iri: str = httpx.get(f"{address}/api/records/{quote(ODD)}").json()["iri"]
    assert iri == "http://localhost:8000/records/lab/odd%20names/a%20b%23c%3Fd%2541&%C3%A9.jsonld"
    assert httpx.get(iri.replace("http://localhost:8000", address)).status_code == 200


def test_files_of_the_program_are_not_served(server: Any) -> None:
    _, address = server
    host, port = address.removeprefix("http://").split(":")
    for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/static//etc/passwd", "/static/"):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 404"), (path, answer[:200])


def test_log_lines_hold_no_token_and_no_question(server: Any, home: Any, tmp_path: Path) -> None:
    _, address = server
    token = home.tokens["alice"]
    for path in ("/api/search?q=zircaloy+cladding", "/?q=zircaloy+cladding", "/api/suggest?prefix=zircaloy"):
        httpx.get(address + path, headers={"Authorization": f"Bearer {token}", "Cookie": "zircaloy=zircaloy"})
        httpx.get(address + path, headers={"Authorization": "Bearer vg_zircaloy"})
    httpx.get(address + "/api/search?limit=zircaloy&q=zircaloy")
    # Also not when something breaks: the log then tells more.
    connection = sqlite3.connect(home.path / "index.sqlite")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    (home.path / "index.sqlite").write_bytes(b"no database" * 100_000)
    assert httpx.get(address + "/api/search?q=zircaloy", headers={"Authorization": f"Bearer {token}"}).status_code == 503
    until = time.monotonic() + 20
    while (tmp_path / "log").read_text().count('"event": "request"') < 8 and time.monotonic() < until:
        time.sleep(0.05)  # a request is logged after it was answered
    log = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == 8
    assert set(requests[0]) == {"event", "method", "path", "status", "ms", "request", "timestamp", "level"}
    assert "zircaloy" not in log
    assert token not in log
    [failed] = [line for line in lines if line["event"] == "request failed"]
    assert failed["request"] == requests[-1]["request"]
    assert "index.sqlite" in failed["error"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_within_seconds(server: Any, number: signal.Signals, tmp_path: Path) -> None:
    process, address = server
    with httpx.Client(timeout=60) as waiting:  # a connection that is kept alive must not keep the server
        assert waiting.get(address + "/health").status_code == 200
        started = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=15) == 0
        assert time.monotonic() - started < 8
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert "server stopped" in log
    with pytest.raises(httpx.ConnectError):
        httpx.get(address + "/health")


def test_a_harvest_beside_it_is_seen_in_its_answers(server: Any, home: Any, command: Callable[..., Any], tmp_path: Path) -> None:
    _, address = server

    def titles() -> list[str]:
        return [hit["title"] for hit in httpx.get(address + "/api/search", params={"q": "Newcomer"}).json()["hits"]]

    assert titles() == []
    folder = tmp_path / "more"
    folder.mkdir()
    document = {"@context": "https://w3id.org/emmo/domain/battery/context", "@type": "PouchCell", "schema:name": "Newcomer"}
    (folder / "a.jsonld").write_text(json.dumps(document))
    command(home.path, "harvest", str(folder))
    assert titles() == ["Newcomer"]
    assert httpx.get(address + "/records/more/a.jsonld").status_code == 200
    assert httpx.get(address + "/api/files/more/a.jsonld").content == (folder / "a.jsonld").read_bytes()
    (folder / "a.jsonld").unlink()
    command(home.path, "harvest", str(folder))
    assert titles() == []
    assert httpx.get(address + "/records/more/a.jsonld").status_code == 404


def test_many_readers_at_once_get_what_one_gets(server: Any, home: Any) -> None:
    _, address = server
    asked: list[tuple[str, dict[str, str]]] = [
        (path, headers)
        for path in (
            "/api/search?q=LFP",
            "/api/suggest?prefix=li",
            "/records/lab/public.jsonld",
            "/api/records/lab/community.jsonld",
        )
        for headers in ({}, {"Authorization": f"Bearer {home.tokens['alice']}"})
    ]
    alone = [httpx.get(address + path, headers=headers).content for path, headers in asked]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda one: httpx.get(address + one[0], headers=one[1], timeout=30).content, asked * 5))
    assert together == alone * 5


def test_a_port_that_is_taken_is_told_in_one_line(start: Start, server: Any, home: Any, tmp_path: Path) -> None:
    _, address = server
    port = address.rsplit(":", 1)[1]
    second = start(home.path, "--port", port)
    assert second.wait(timeout=30) == 3
    assert f"Cannot serve on 127.0.0.1:{port}" in (tmp_path / "log").read_text()


def test_a_model_that_is_not_there_is_told_before_anything_is_served(start: Start, tmp_path: Path) -> None:
    process = start(tmp_path, "--port", "0", VOLTAGRAPH_EMBEDDING_MODEL=str(tmp_path / "nowhere"))
    served, _ = process.communicate(timeout=60)
    assert process.returncode == 5
    assert served == ""
    assert "The embedding model cannot be read" in (tmp_path / "log").read_text()


def test_a_home_without_a_harvest_is_served_empty(start: Start, tmp_path: Path) -> None:
    process = start(tmp_path / "new", "--port", "0", "--json")
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["url"]
    assert httpx.get(address + "ready", timeout=60).status_code == 200  # the ontologies are read at the first question
    assert httpx.get(address + "api/search?q=LFP").json()["total"] == 0
    assert httpx.get(address).status_code == 200


def test_what_is_made_at_first_use_is_made_when_the_server_starts(server: tuple[Any, str], tmp_path: Path) -> None:
    _, address = server
    assert httpx.get(f"{address}/ready", timeout=60).status_code == 200
    until = time.monotonic() + 60
    while not (warm := [line for line in (tmp_path / "log").read_text().splitlines() if '"event": "warm"' in line]):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert json.loads(warm[0])["seconds"] > 0


def test_a_store_that_fails_while_warming_up_is_logged(world: Any, capfd: pytest.CaptureFixture[str]) -> None:
    from app.bootstrap import build_services
    from app.settings import Settings
    from app.warming import warm_up
    from records.errors import StoreError

    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise StoreError("The index cannot be read.", "Mend it.")

    services = build_services(Settings(home=world.path))
    object.__setattr__(services, "search", type("Search", (), {"index": Broken()})())
    object.__setattr__(services, "asking", Broken())
    warm_up(services)
    assert "The index cannot be read." in "".join(capfd.readouterr())
