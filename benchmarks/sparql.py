"""How fast SPARQL within rights is: eight query shapes against the same engine without rights, rdflib and Fuseki; prints Markdown.

    python -m benchmarks.sparql --records 10000 --peers truth,fuseki
    python -m benchmarks.sparql --records 1000 --peers truth,rdflib,fuseki

The records are copies of real documents (`benchmarks.sparql_corpus`); the reader may read 71 % of them, in about ten partitions.
``partitions``: answered from the store with all records, as for a reader who asks seldom; ``view``: from the view that a
server makes for a reader who asks often (`graph.views`); both are guarded, answered and written as JSON in this process. A query
that was asked before is not checked again; how long that takes the first time is told beside.
The peers hold what that reader may read and nothing else, each triple once and each record's graph. ``truth`` is the same engine
in this process, its default graph one graph; what ours costs more is the price of the rights. Fuseki (TDB2) is asked over HTTP: the
row ``nothing`` shows what that alone takes.

With ``--home`` the stores are kept there and used again. A million quads take about half a minute to write.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Final
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from benchmarks.sparql_corpus import READER, build, build_truth, records, templates
from graph.child import Child
from graph.embedded import EmbeddedGraphStore
from graph.guard import guard
from graph.partitions import readable
from graph.results import ResultFormat, write_answer
from graph.view_store import ViewStore, ViewTask, partitions_at, serve

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ROUNDS: Final = 7
SECONDS: Final = 20.0
"""After so long a shape is measured no more."""
GIVE_UP: Final = 300
"""Seconds after which a peer is given up on one query."""
JSON: Final = "application/sparql-results+json"

PREFIXES: Final = """PREFIX schema: <https://schema.org/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX emmo: <https://w3id.org/emmo#>
PREFIX battery: <https://w3id.org/emmo/domain/battery#> PREFIX echem: <https://w3id.org/emmo/domain/electrochemistry#>
"""
HAS_PROPERTY: Final = "emmo:EMMO_e1097637_70d2_4895_973f_2396f04fa204"
NUMERICAL_PART: Final = "emmo:EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0"
CAPACITY: Final = "echem:electrochemistry_8abde9d0_84f6_4b4f_a87e_86028a397100"
CELL: Final = "battery:battery_68ed592a_7924_45d0_a108_94d6275d57f0"
SIZE: Final = '"R18650"'


@dataclass(frozen=True)
class Shape:
    """A query, and whether it names something so that few records matter."""

    name: str
    text: str
    is_selective: bool = False


def shapes(cell: str, name: str) -> list[Shape]:
    """The queries about one readable cell and about all."""
    values = f"?q skos:prefLabel ?label ; {NUMERICAL_PART} ?n . ?n ?has ?v FILTER(isNumeric(?v))"
    return [
        Shape("nothing", "ASK {}", True),
        Shape("point", f"SELECT ?p ?o {{ {cell} ?p ?o }}", True),
        Shape("join, one cell", f"SELECT ?c ?label ?v {{ ?c schema:name {name} ; {HAS_PROPERTY} ?q . {values} }}", True),
        Shape("join, all of a size", f"SELECT ?c ?label ?v {{ ?c schema:size {SIZE} ; {HAS_PROPERTY} ?q . {values} }}"),
        Shape("numeric range", f"SELECT ?q ?v {{ ?q a {CAPACITY} ; {NUMERICAL_PART} ?n . ?n ?has ?v FILTER(?v > 10 && ?v < 12) }}"),
        Shape("subclass path", f"SELECT ?x {{ ?x a/rdfs:subClassOf* {CELL} }}"),
        Shape("group-by", "SELECT ?size (COUNT(?c) AS ?n) { ?c schema:size ?size ; schema:category ?k } GROUP BY ?size"),
        Shape("GRAPH ?g, one cell", f"SELECT ?g ?p ?o {{ GRAPH ?g {{ ?c schema:name {name} ; ?p ?o }} }}", True),
        Shape("GRAPH ?g, all of a size", f"SELECT ?g ?c {{ GRAPH ?g {{ ?c schema:size {SIZE} ; schema:name ?name }} }}"),
        Shape("text filter", 'SELECT ?c ?name { ?c schema:name ?name FILTER(CONTAINS(LCASE(?name), "hg2 15")) }'),
        Shape(
            "OPTIONAL-heavy",
            f"SELECT * {{ ?c schema:size {SIZE} OPTIONAL {{ ?c schema:name ?name }} OPTIONAL {{ ?c schema:category ?category }} "
            "OPTIONAL { ?c schema:manufacturer ?m . ?m schema:name ?maker } OPTIONAL { ?c schema:url ?url } "
            "OPTIONAL { ?c schema:releaseDate ?date } }",
        ),
    ]


@dataclass(frozen=True)
class Timing:
    """Median milliseconds, and how many rows came; ``None`` where it was given up."""

    ms: float | None
    rows: int


Ask = Callable[[str], int]


def measured(ask: Ask, text: str) -> Timing:
    """The median of `ROUNDS` answers after a first one."""
    try:
        with _given_up_after(GIVE_UP):
            started = time.perf_counter()
            rows = ask(text)
            first = time.perf_counter() - started
    except TimeoutError:
        return Timing(None, 0)
    times: list[float] = [first] if first > SECONDS / 2 else []
    end = time.perf_counter() + SECONDS
    while len(times) < ROUNDS and (not times or time.perf_counter() < end):
        started = time.perf_counter()
        ask(text)
        times.append(time.perf_counter() - started)
    return Timing(statistics.median(times) * 1000, rows)


class _given_up_after:  # noqa: N801  # reads as a verb where it is used
    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        def give_up(_number: int, _frame: FrameType | None) -> None:
            raise TimeoutError

        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(self._seconds)

    def __exit__(self, *exception: object) -> None:
        signal.alarm(0)


# --- whom to ask


def ours(store: EmbeddedGraphStore) -> Ask:
    """Guarded, answered, written."""

    def ask(text: str) -> int:
        written = b"".join(write_answer(store.query(PREFIXES + text, READER), ResultFormat.JSON))
        return _rows(written)

    return ask


def viewed(home: Path) -> tuple[Ask, str]:
    """Guarded, answered over the reader's view, written; and what making the view took, in a process of its own as in a server."""
    rights, target = home / "rights", home / "view"
    shutil.rmtree(target, ignore_errors=True)
    shutil.rmtree(home / "view.tmp", ignore_errors=True)
    task = ViewTask(rights, readable(partitions_at(rights), READER), target)
    child = Child(serve)
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    child.pipe.send(task)
    if (error := child.pipe.recv()) is not None:
        raise RuntimeError(error)
    seconds = time.perf_counter() - started
    child.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    quads = len(ox.Store.read_only(str(target / "store")))
    store = ViewStore(target)

    def ask(text: str) -> int:
        return _rows(b"".join(write_answer(store.query(PREFIXES + text, READER), ResultFormat.JSON)))

    took = (
        f"the view: {quads:,} quads, {size_of(target) / 1e6:.0f} MB, built in {seconds:.1f} s ({used:.1f} s of processor time, "
        f"at most {after.ru_maxrss / 1000:.0f} MB of memory)"
    )
    return ask, took


def truth(path: Path) -> Ask:
    """The engine alone."""
    store = ox.Store.read_only(str(path))

    def ask(text: str) -> int:
        answer = store.query(PREFIXES + text)
        written = answer.serialize(format=ox.QueryResultsFormat.JSON) if not isinstance(answer, ox.QueryTriples) else None
        return _rows(written or b"")

    return ask


def rdflib_peer(nquads: Iterator[bytes]) -> Ask:
    """rdflib in memory."""
    import rdflib

    dataset = rdflib.Dataset()
    dataset.parse(data=b"".join(nquads), format="nquads")

    def ask(text: str) -> int:
        result = dataset.query(PREFIXES + text)
        return len(result) if result.type == "SELECT" else 0

    return ask


def fuseki_peer(query: str, data: str, nquads: Iterator[bytes]) -> Ask:
    """Fuseki over HTTP, on a connection that stays open."""
    for piece in nquads:
        _send(data, piece)
    address = urlsplit(query)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=GIVE_UP + 10)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": JSON}

    def ask(text: str) -> int:
        connection.request("POST", address.path, urlencode({"query": PREFIXES + text}), headers)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"Fuseki answers {response.status}: {body[:200]!r}")
        return _rows(body)

    return ask


def _send(address: str, nquads: bytes) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=1800)
    connection.request("POST", parts.path, nquads, {"Content-Type": "application/n-quads"})
    response = connection.getresponse()
    if response.status >= 300:
        raise RuntimeError(f"Fuseki takes no data: {response.status} {response.read()[:200]!r}")
    response.read()
    connection.close()


def _rows(body: bytes) -> int:
    """Rows of an answer in JSON; counted by what stands before each, for reading it all would cost more than answering."""
    head, _, bindings = body.partition(b'"bindings"')
    return sum(1 for _ in _objects(bindings)) if bindings else int(b"true" in head)


def _objects(text: bytes) -> Iterator[None]:
    import json

    for _ in json.loads(b"[" + text.partition(b"[")[2].rpartition(b"]")[0] + b"]"):
        yield None


def nquads_of(path: Path, size: int = 20_000_000) -> Iterator[bytes]:
    """What the bare store holds, in pieces of whole lines."""
    dumped = path.with_name("truth.nq")
    if not dumped.exists():
        ox.Store.read_only(str(path)).dump(str(dumped), ox.RdfFormat.N_QUADS)
    with dumped.open("rb") as source:
        while lines := source.readlines(size):
            yield b"".join(lines)


def checked(texts: Sequence[str]) -> tuple[float, float]:
    """Least and most milliseconds that checking one of these queries takes when it was not asked before."""
    times = []
    for text in texts:
        one = []
        for number in range(50):
            started = time.perf_counter()
            guard(f"{PREFIXES}{text} # {number}")
            one.append(time.perf_counter() - started)
        times.append(statistics.median(one) * 1000)
    return min(times), max(times)


# --- writing


@dataclass(frozen=True)
class Writing:
    """What writing and opening took."""

    records_per_second: float
    quads: int
    bytes_per_quad: float
    replace_ms: tuple[float, float]
    start_ms: float


_READ_FOR_EVER: Final = """
import sys
from pathlib import Path
from benchmarks.sparql_corpus import READER
from graph.embedded import EmbeddedGraphStore
store = EmbeddedGraphStore(Path(sys.argv[1]), read_only=True)
while True:
    list(store.query('SELECT ?c ?n { ?c <https://schema.org/size> "R18650" ; <https://schema.org/name> ?n }', READER).rows)
"""


def replaced(home: Path, count: int, rounds: int = 200) -> tuple[float, float]:
    """Median and 95th percentile of replacing one record, in a copy of the store, while two processes read a checkpoint of it."""
    copy, checkpoint = home / "replaced", home / "read"
    for folder in (copy, checkpoint):
        shutil.rmtree(folder, ignore_errors=True)
    original = EmbeddedGraphStore(home / "rights")
    original.backup(copy)
    original.close()
    store = EmbeddedGraphStore(copy)
    store.backup(checkpoint)
    readers = [subprocess.Popen([sys.executable, "-c", _READ_FOR_EVER, str(checkpoint)]) for _ in range(2)]
    try:
        made_from, _ = templates(DATA)
        chance = random.Random(2)
        changed = {record.graph_iri: record for record in records(made_from, min(count, rounds), seed=7)}
        times = []
        for record in chance.sample(sorted(changed.values(), key=lambda one: one.graph_iri), len(changed)):
            started = time.perf_counter()
            store.apply_lines([record])
            times.append(time.perf_counter() - started)
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
        store.close()
        for folder in (copy, checkpoint):
            shutil.rmtree(folder, ignore_errors=True)
    return statistics.median(times) * 1000, statistics.quantiles(times, n=20)[-1] * 1000


def started_in(store: Path) -> float:
    """Milliseconds from opening to the first answer, within a new process."""
    code = (
        "import sys, time; from pathlib import Path; from graph.embedded import EmbeddedGraphStore\n"
        "start = time.perf_counter(); store = EmbeddedGraphStore(Path(sys.argv[1]), read_only=True)\n"
        "list(store.query('SELECT * { ?s ?p ?o } LIMIT 1', frozenset({'any'})).rows); print((time.perf_counter() - start) * 1000)"
    )
    done = [subprocess.run([sys.executable, "-c", code, str(store)], capture_output=True, text=True, check=True) for _ in range(3)]
    return statistics.median(float(one.stdout) for one in done)


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def written(home: Path, count: int) -> Writing:
    """Make the stores, unless they are there, and measure."""
    seconds = 0.0
    if not (home / "rights").exists():
        store = EmbeddedGraphStore(home / "rights")
        started = time.perf_counter()
        build(store, DATA, count)
        store.close()
        seconds = time.perf_counter() - started
    if not (home / "truth").exists():
        build_truth(home / "truth", DATA, count)
    quads = len(ox.Store.read_only(str(home / "rights")))
    size = size_of(home / "rights")
    return Writing(count / seconds if seconds else 0.0, quads, size / quads, replaced(home, count), started_in(home / "rights"))


# --- the table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--peers", default="truth", help="of truth, rdflib, fuseki; with commas")
    parser.add_argument("--home", type=Path, default=None, help="folder that keeps the stores")
    parser.add_argument("--compact", action="store_true", help="compact our store first, as a store that has had time is")
    options = parser.parse_args()
    peers = options.peers.split(",")
    with ExitStack() as stack:
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home.mkdir(parents=True, exist_ok=True)
        writing = written(home, options.records)
        if options.compact:
            compacted = ox.Store(home / "rights")
            compacted.optimize()
            compacted.flush()
            del compacted
        bare = ox.Store.read_only(str(home / "truth"))
        chosen = bare.query(f"{PREFIXES} SELECT ?c ?n {{ ?c schema:size {SIZE} ; schema:name ?n }} ORDER BY ?n LIMIT 1")
        if not isinstance(chosen, ox.QuerySolutions):
            raise TypeError("a SELECT gives solutions")
        cell, name = map(str, next(chosen))
        store = EmbeddedGraphStore(home / "rights", read_only=True)
        asked: dict[str, Ask] = {"Voltagraph": ours(store)}
        asked["view"], took = viewed(home)
        if "truth" in peers:
            asked["truth"] = truth(home / "truth")
        if "rdflib" in peers:
            asked["rdflib"] = rdflib_peer(nquads_of(home / "truth"))
        if "fuseki" in peers:
            from tests.servers.sparql import fuseki

            server = stack.enter_context(fuseki(home / f"fuseki-{os.getpid()}"))
            asked["Fuseki"] = fuseki_peer(server.query, server.data or "", nquads_of(home / "truth"))
        table = [(shape, {who: measured(ask, shape.text) for who, ask in asked.items()}) for shape in shapes(cell, name)]
        least, longest = checked([shape.text for shape, _ in table])
        took += f"; checking a new query {least:.2f} to {longest:.2f} ms"
    _print(options, writing, took, table)


def _print(options: argparse.Namespace, writing: Writing, took: str, table: list[tuple[Shape, dict[str, Timing]]]) -> None:
    who = list(table[0][1])
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    machine = f"Python {platform.python_version()}, pyoxigraph {version('pyoxigraph')}, {platform.machine()}, {os.cpu_count()} CPUs"
    compact = " --compact" if options.compact else ""
    rate = f", written at {writing.records_per_second:.0f} records/s" if writing.records_per_second else ""
    print(
        f"{today}, {machine}. `python -m benchmarks.sparql --records {options.records} --peers {options.peers}{compact}`: "
        f"{writing.quads:,} quads, {writing.bytes_per_quad:.0f} bytes each on disk{rate}; one record replaced in "
        f"{writing.replace_ms[0]:.1f} ms (p95 {writing.replace_ms[1]:.1f}) while two processes read; opened and first answer in "
        f"{writing.start_ms:.0f} ms; {took}.\n"
    )
    peers = who[2:]
    compared = [f"{one} / truth" if peer == "truth" else f"{peer} / {one}" for peer in peers for one in ("partitions", "view")]
    print(f"| shape | rows | {' | '.join(['partitions ms', *(f'{one} ms' for one in who[1:])])} | {' | '.join(compared)} |")
    print(f"|---|---:|{'---:|' * (len(who) + len(compared))}")
    for shape, timings in table:
        mine = timings[who[0]]
        cells = [_ms(timings[one].ms) + ("" if timings[one].rows == mine.rows else f" ({timings[one].rows} rows)") for one in who]
        quotients = [_ratio(timings[peer].ms, timings[one].ms, peer == "truth") for peer in peers for one in who[:2]]
        label = f"{shape.name} (selective)" if shape.is_selective else shape.name
        print(f"| {' | '.join([label, str(mine.rows), *cells, *quotients])} |")


def _ms(ms: float | None) -> str:
    return "given up" if ms is None else f"{ms:.2f}" if ms < 10 else f"{ms:.0f}"


def _ratio(theirs: float | None, mine: float | None, is_truth: bool) -> str:
    if theirs is None or mine is None:
        return "–"
    return f"{mine / theirs:.1f}" if is_truth else f"{theirs / mine:.1f}"


if __name__ == "__main__":
    main()
