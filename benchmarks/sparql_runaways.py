"""How fast a point query is answered while others run away; prints Markdown.

    python -m benchmarks.sparql_runaways --rounds 3

A store of made-up records that point at each other; a point query asks for the name of one of them, after a pause of 5 ms, so that
neither client nor server is always at work. Ten runaways of ten other actors are asked again as soon as they are killed (after 20
seconds, or by memory). Phases without and with them follow each other round by round, all in one run, so that a noisy moment hits
both. Three ways to ask: the store itself in this process, the runner (`graph.query_processes`), and the whole HTTP endpoint of
`voltagraph serve` with a token for each actor.

To reach: p95 beside ten runaways below 3 times p95 without, and the runner's p50 at most 1 ms above the store's own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from app.tokens import add_token
from benchmarks.harvest import machine
from graph.embedded import EmbeddedGraphStore
from graph.queries import Allowance, QueryRequest, StorePlace
from graph.query_processes import Folders, OnePlace, QueryProcesses
from graph.results import ResultFormat, write_answer
from graph.store import GraphChange
from records.errors import VoltagraphError
from records.rdf import Iri, Literal, Triple
from records.rights import PUBLIC

TWO = "?a ?p ?b . ?c ?q ?d"
RUNAWAYS = (
    f"SELECT (COUNT(*) AS ?n) {{ {TWO} . ?e ?r ?f }}",
    "SELECT (COUNT(*) AS ?n) { ?a (<urn:p0>|<urn:p1>|<urn:p2>)+ ?b . ?c (<urn:p0>|<urn:p2>|<urn:p3>)+ ?d }",
    f"SELECT (MAX(SHA512(CONCAT(STR(?a), STR(?d)))) AS ?m) {{ {TWO} }}",
    f"SELECT * {{ {TWO} }} ORDER BY ?d ?a",
    f"SELECT (COUNT(*) AS ?n) {{ {TWO} FILTER REGEX(CONCAT(STR(?a), STR(?c)), '^(([a-z0-9:#]+)+)*(x+x+)+y$') }}",
    "SELECT (SUM(?a * ?b + ?c) AS ?n) { "
    + " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(100)))} }}" for name in "abcdef")
    + " }",
    f"SELECT (COUNT(*) AS ?n) {{ {TWO} MINUS {{ ?a ?r ?d . ?c ?s ?b }} }}",
    "SELECT (COUNT(*) AS ?n) { ?a !<urn:none>+ ?b . ?c !<urn:p1>+ ?d }",
    f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d)); SEPARATOR=', ') AS ?t) {{ {TWO} }}",
    f"SELECT (COUNT(*) AS ?n) {{ {TWO} FILTER(CONCAT(STR(?a), STR(?d)) NOT IN ('1', '2', '3', '4')) . ?e ?r ?f }}",
)
SECONDS = 20
PAUSE = 0.005
Point = Callable[[int], object]
Runaway = Callable[[int], str]


def fill(path: Path, records: int) -> None:
    store = EmbeddedGraphStore(path)
    changes = []
    for number in range(records):
        triples = [Triple(f"urn:r{number}", "urn:name", Literal(f"record {number}"))]
        for part in range(20):
            target = Iri(f"urn:r{(number * 7 + part * part) % records}#{(number + part * 3) % 20}")
            triples.append(Triple(f"urn:r{number}#{part}", f"urn:p{(number + part) % 4}", target))
        changes.append(GraphChange(f"urn:r{number}#graph", triples, PUBLIC))
    store.apply(changes)
    store.close()


def point_text(number: int) -> str:
    return f"SELECT ?n {{ <urn:r{number}> <urn:name> ?n }}"


def measured(point: Point, queries: int, records: int) -> list[float]:
    """Milliseconds of each."""
    taken = []
    for number in range(queries):
        time.sleep(PAUSE)
        started = time.perf_counter()
        point(number * 37 % records)
        taken.append((time.perf_counter() - started) * 1000)
    return taken


@contextmanager
def running_away(runaway: Runaway, ended: Counter[str]) -> Iterator[None]:
    """Ten at a time, each asked again when it has ended."""
    stop = threading.Event()

    def again(number: int) -> None:
        while not stop.is_set():
            how = runaway(number)
            if not stop.is_set():
                ended[how] += 1

    threads = [threading.Thread(target=again, args=(number,), daemon=True) for number in range(len(RUNAWAYS))]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def through_store(path: Path, queries: int, records: int) -> list[float]:
    store = EmbeddedGraphStore(path, read_only=True)

    def point(number: int) -> object:
        return b"".join(write_answer(store.query(point_text(number), PUBLIC), ResultFormat.JSON))

    measured(point, 100, records)
    taken = measured(point, queries, records)
    store.close()
    return taken


@contextmanager
def runner(path: Path, spool: Path) -> Iterator[tuple[Point, Runaway]]:
    queries = QueryProcesses(Folders(EmbeddedGraphStore), OnePlace(StorePlace(path, "1")), spool)
    allowance = Allowance(seconds=SECONDS)

    def point(number: int) -> object:
        request = QueryRequest(point_text(number), PUBLIC, ResultFormat.JSON)
        return queries.run(request, allowance, actor="point").read()

    def runaway(number: int) -> str:
        try:
            queries.run(QueryRequest(RUNAWAYS[number], PUBLIC, ResultFormat.JSON), allowance, actor=f"runaway {number}").close()
        except VoltagraphError as error:
            return getattr(error, "limit", "") or type(error).__name__
        return "answered"

    yield point, runaway
    queries.close()


@contextmanager
def endpoint(home: Path) -> Iterator[tuple[Point, Runaway]]:
    tokens = [add_token(home / "tokens.json", f"actor{number}", ["role:bench"]) for number in range(len(RUNAWAYS) + 1)]
    environment = {**os.environ, "VOLTAGRAPH_QUERY_ALLOWANCES": json.dumps({"auth": {"seconds": SECONDS}})}
    server = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "--home", str(home), "serve", "--port", "0", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    address = urlsplit(json.loads(server.stdout.readline())["url"]).netloc
    held = threading.local()

    def asked(text: str, token: str) -> tuple[int, bytes]:
        if not hasattr(held, "connection"):
            held.connection = http.client.HTTPConnection(address, timeout=120)
        headers = {"Authorization": f"Bearer {token}", "Accept": str(ResultFormat.JSON)}
        held.connection.request("GET", f"/sparql?{urlencode({'query': text})}", headers=headers)
        response = held.connection.getresponse()
        return response.status, response.read()

    def point(number: int) -> object:
        with suppress(ConnectionError):  # the server closed what was idle while the last runaways ended
            return pointed(number)
        held.connection.close()
        return pointed(number)

    def pointed(number: int) -> object:
        status, body = asked(point_text(number), tokens[-1])
        assert status == 200, body
        return body

    def runaway(number: int) -> str:
        status, body = asked(RUNAWAYS[number], tokens[number])
        told = json.loads(body)
        return str(told["errors"][0]["limit"] if told.get("errors") else status)

    try:
        yield point, runaway
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def compared(point: Point, runaway: Runaway, options: argparse.Namespace) -> tuple[list[float], list[float], Counter[str]]:
    measured(point, 100, options.records)
    idle: list[float] = []
    beside: list[float] = []
    ended: Counter[str] = Counter()
    for _ in range(options.rounds):
        idle += measured(point, options.queries, options.records)
        with running_away(runaway, ended):
            beside += measured(point, options.queries, options.records)
    return idle, beside, ended


def row(name: str, taken: list[float]) -> str:
    hundredths = statistics.quantiles(taken, n=100)
    return f"| {name} | {hundredths[49]:.2f} | {hundredths[94]:.2f} | {hundredths[98]:.2f} | {max(taken):.1f} |"


def ratio(idle: list[float], beside: list[float]) -> float:
    return statistics.quantiles(beside, n=100)[94] / statistics.quantiles(idle, n=100)[94]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--queries", type=int, default=2000, help="point queries in each phase")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-http", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home / "graph", options.records)
        own = through_store(home / "graph", options.queries, options.records)
        with runner(home / "graph", home / "spool") as (point, runaway):
            idle, beside, ended = compared(point, runaway, options)
        lines = [row("store in the same process", own), row("runner", idle), row("runner, beside ten runaways", beside)]
        notes = [f"Runner: p95 is {ratio(idle, beside):.2f} times as long beside ten runaways, which ended by {dict(ended)}."]
        if not options.without_http:
            with endpoint(home) as (point, runaway):
                idle, beside, ended = compared(point, runaway, options)
            lines += [row("endpoint", idle), row("endpoint, beside ten runaways", beside)]
            notes += [
                f"Endpoint: p95 is {ratio(idle, beside):.2f} times as long beside ten runaways, which ended by {dict(ended)}."
            ]
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, pyoxigraph {version('pyoxigraph')}; {options.records} records.\n")
    print("| point query | p50 ms | p95 ms | p99 ms | most ms |\n|---|---:|---:|---:|---:|")
    print("\n".join([*lines, "", *notes]))


if __name__ == "__main__":
    main()
