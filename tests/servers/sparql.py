"""Real triple stores that are servers, each a process of its own on a free port, over a folder that starts empty."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.sparql_http import Endpoints

HERE = Path(__file__).resolve().parent
CACHE = HERE / "cache"
START_SECONDS = 120.0


@contextmanager
def oxigraph(folder: Path) -> Iterator[Endpoints]:
    """The server of Oxigraph from its wheel.

    Args:
        folder: Where it keeps its data and its log.
    """
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("the oxigraph server is not installed (package oxigraph of the group dev)")
    port = _free_port()
    command = [str(program), "serve", "--location", str(folder / "data"), "--bind", f"127.0.0.1:{port}"]
    address = f"http://127.0.0.1:{port}"
    with _running(command, f"{address}/query", folder):
        yield Endpoints(f"{address}/query", f"{address}/update", f"{address}/store")


@contextmanager
def fuseki(folder: Path) -> Iterator[Endpoints]:
    """Apache Jena Fuseki over TDB2.

    Args:
        folder: Where it keeps its data and its log.
    """
    jar = _fuseki_jar()
    port = _free_port()
    (folder / "data").mkdir(parents=True)
    command = [
        *("java", "-Xmx768m", f"-Duser.home={folder}", "-jar", str(jar)),
        *("--port", str(port), "--localhost", "--set", "arq:enablePropertyFunctions=false"),
        *("--tdb2", "--loc", str(folder / "data"), "--update", "/ds"),
    ]
    address = f"http://localhost:{port}/ds"
    with _running(command, address, folder):
        yield Endpoints(address, address, f"{address}/data")


def clear(server: Endpoints) -> None:
    """Drop all data of a server, whatever it is."""
    assert server.update
    headers = {"Content-Type": "application/sparql-update"}
    with urllib.request.urlopen(urllib.request.Request(server.update, b"DROP ALL", headers), timeout=60) as answer:
        answer.read()


def _fuseki_jar() -> Path:
    """The jar, fetched once by Maven for all processes that test; its digest is checked each time."""
    for program, package in (("java", "default-jre-headless"), ("mvn", "maven")):
        if shutil.which(program) is None:
            pytest.skip(f"Apache Jena Fuseki needs {program}: install the package {package}")
    digest, name = (HERE / "jena-fuseki-server.sha256").read_text().split()
    jar = CACHE / name
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jar.exists():
            command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy", f"-DoutputDirectory={CACHE}"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=540, check=False, stdin=subprocess.DEVNULL)
            if not jar.exists():
                pytest.skip(f"Maven did not bring Apache Jena Fuseki: {done.stdout[-300:]}")
        found = hashlib.sha256(jar.read_bytes()).hexdigest()
    assert found == digest, f"{jar} is not the Fuseki that was tested; remove it"
    return jar


@contextmanager
def _running(command: Sequence[str], address: str, folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for(address, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended: {log.read_text(errors='replace')[-2000:]}"
        try:
            with urllib.request.urlopen(f"{address}?query=ASK%7B%7D", timeout=5) as answer:
                answer.read()
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
