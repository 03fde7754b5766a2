"""How fast documents go through the whole write path while others read, and when readers see it; prints Markdown.

    python -m benchmarks.write_path ../shared/data --documents 2000

The documents are copies of real ones with `@id`s and numbers of their own. Every step of a harvest is taken: payload, reading,
lint, SHACL, findings, graph, index, ledger, published checkpoint. *alone* and *while read* harvest the same documents into fresh
homes, one after the other and round by round; *while read* a server (`voltagraph serve`) answers three readers without a pause: one
asks SPARQL, two search. Then, with the readers still there, single documents are replaced and taken away: *written* is the whole
harvest of a source with that document alone, *seen* and *gone* the time from the start of that harvest until SPARQL or search
answers so for a reader who asks every few milliseconds; *seen by vector* until similar records are found by its vector; *search
after commit* the time from the graph's commit until search answers so. All of it without an embedding model and with one: the
server embeds what its readers ask, the harvest what it has written.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from app.bootstrap import Services, build_services
from app.commands import harvest_folder
from app.embedding import embed_harvested
from app.settings import Settings
from benchmarks.harvest import machine
from benchmarks.peers.classic import documents
from graph.store import GraphChange

KEPT: Final = ("https://orcid.org/", "https://ror.org/", "https://www.wikidata.org/")
"""People and organisations stay who they are."""
QUERIES: Final = (
    "SELECT ?c ?n { ?c <https://schema.org/size> ?s ; <https://schema.org/name> ?n } LIMIT 50",
    "SELECT ?size (COUNT(?c) AS ?n) { ?c <https://schema.org/size> ?size } GROUP BY ?size",
)
QUESTIONS: Final = ("cylindrical cell above 3 Ah", "graphite electrode")
PAUSE: Final = 0.003
WATCHED: Final = "https://watched.example/cell"
WATCHED_RECORD: Final = "watched/one.jsonld"


def copies(data: Path, count: int, seed: int = 1) -> Iterator[bytes]:
    """So many documents: real ones, each with its own IRIs and numbers."""
    chance = random.Random(seed)
    originals = []
    for path in documents(data / "jsonld", 300):
        try:
            originals.append(json.loads(path.read_bytes()))
        except ValueError:
            continue
    for number in range(count):
        original = originals[number % len(originals)]
        own = {one for one in _ids(original) if isinstance(one, str) and not one.startswith(("_:", *KEPT))}
        yield json.dumps(_copied(original, own, number, chance), ensure_ascii=False, indent=1).encode()


def _ids(value: Any) -> Iterator[str]:
    """IRIs that the document says something about."""
    if isinstance(value, dict):
        if "@id" in value and len(value) > 1:
            yield value["@id"]
        for key, one in value.items():
            if key != "@context":
                yield from _ids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _ids(one)


def _copied(value: Any, own: set[str], number: int, chance: random.Random) -> Any:
    match value:
        case dict():
            return {key: one if key == "@context" else _copied(one, own, number, chance) for key, one in value.items()}
        case list():
            return [_copied(one, own, number, chance) for one in value]
        case str():
            return f"{value}/copy-{number}" if value in own else value
        case float():
            return round(value * chance.lognormvariate(0, 0.3), 6)
    return value


def fill(folder: Path, data: Path, count: int) -> None:
    """Write the copies, a thousand to a folder."""
    for number, text in enumerate(copies(data, count)):
        target = folder / f"{number // 1000:03}" / f"{number}.jsonld"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)


def services_at(home: Path, data: Path, model: str) -> Services:
    """Services that are ready: what only the first use takes is done."""
    settings = Settings(home=home, contexts_dir=data / "contexts", ontology_dir=data / "ontologies", embedding_model=model)
    services = build_services(settings)
    _ = services.reader, services.embedder
    return services


def harvested(services: Services, folder: Path, name: str) -> float:
    """Seconds of a harvest as the command does it, publishing and embedding included."""
    started = time.perf_counter()
    harvest_folder(services, folder, name=name, audience=["any"], on_progress=None)
    embed_harvested(services)
    return time.perf_counter() - started


@contextmanager
def serving(home: Path, data: Path, model: str) -> Iterator[str]:
    """A server of its own; gives where it listens."""
    environment = {
        **os.environ,
        "VOLTAGRAPH_CONTEXTS_DIR": str(data / "contexts"),
        "VOLTAGRAPH_ONTOLOGY_DIR": str(data / "ontologies"),
        "VOLTAGRAPH_EMBEDDING_MODEL": model,
    }
    server = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "--home", str(home), "serve", "--port", "0", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield urlsplit(json.loads(server.stdout.readline())["url"]).netloc
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def asked(connection: http.client.HTTPConnection, path: str, **parameters: str) -> Any:
    """A JSON answer."""
    connection.request("GET", f"{path}?{urlencode(parameters)}", headers={"Accept": "application/json"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} answers {response.status}: {body[:300]!r}")
    return json.loads(body)


@contextmanager
def readers(address: str) -> Iterator[dict[str, list[float]]]:
    """Three readers without a pause; gives the milliseconds that their answers take."""
    stop = threading.Event()
    taken: dict[str, list[float]] = {"SPARQL": [], "search": []}

    def read(kind: str, path: str, name: str, asks: Sequence[str]) -> None:
        connection = http.client.HTTPConnection(address, timeout=120)
        for text in itertools.cycle(asks):
            if stop.is_set():
                return
            started = time.perf_counter()
            asked(connection, path, **{name: text})
            taken[kind].append((time.perf_counter() - started) * 1000)
            time.sleep(PAUSE)

    # One asks SPARQL: nobody without a name may have more than two queries at work, and the other one watches.
    who = [("SPARQL", "/sparql", "query", QUERIES), *(("search", "/api/search", "q", [one]) for one in QUESTIONS)]
    threads = [threading.Thread(target=read, args=one) for one in who]
    for thread in threads:
        thread.start()
    try:
        yield taken
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def watched(address: str, started: float, is_so: Callable[[http.client.HTTPConnection], bool]) -> float:
    """Clock when this became so."""
    connection = http.client.HTTPConnection(address, timeout=120)
    while not is_so(connection):
        time.sleep(PAUSE)
        if time.perf_counter() - started > 60:
            raise TimeoutError("not seen within a minute")
    return time.perf_counter()


Look = Callable[[http.client.HTTPConnection], bool]


def one_by_one(services: Services, address: str, original: bytes, rounds: int) -> dict[str, list[float]]:
    """Replace and withdraw a document again and again; milliseconds of each step."""
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.jsonld"
        for number in range(rounds):
            name = f"Watched{number}x"
            path.write_text(json.dumps({**json.loads(original), "@id": WATCHED, "schema:name": name}))
            looks = _looks(name)
            if services.embedder is not None:
                looks["vector"] = _has_vector
            _timed(services, Path(folder), "seen by", address, looks, taken)
            path.unlink()
            gone = {kind: _not(look) for kind, look in _looks(name).items()}
            _timed(services, Path(folder), "gone from", address, gone, taken)
    return taken


def _looks(name: str) -> dict[str, Look]:
    """For SPARQL and for search: whether it is there."""
    ask = f'ASK {{ <{WATCHED}> ?p ?n FILTER(STR(?n) = "{name}") }}'
    return {
        "SPARQL": lambda connection: bool(asked(connection, "/sparql", query=ask)["boolean"]),
        "search": lambda connection: any(
            hit["record"] == WATCHED_RECORD for hit in asked(connection, "/api/search", q=name)["hits"]
        ),
    }


def _has_vector(connection: http.client.HTTPConnection) -> bool:
    """Whether the record is there, and its similar records are found by its vector too."""
    connection.request("GET", f"/api/records/{WATCHED_RECORD}/similar")
    response = connection.getresponse()
    body = response.read()
    return response.status == 200 and bool(json.loads(body)["vectors"])


def _not(look: Look) -> Look:
    return lambda connection: not look(connection)


def _timed(
    services: Services, folder: Path, what: str, address: str, looks: dict[str, Look], taken: dict[str, list[float]]
) -> None:
    committed: list[float] = []
    graph = services.graph
    apply = graph.apply

    def applied(changes: Sequence[GraphChange]) -> None:
        apply(changes)
        committed.append(time.perf_counter())

    graph.apply = applied  # type: ignore[method-assign]
    with ThreadPoolExecutor(len(looks)) as pool:
        started = time.perf_counter()
        seen = {kind: pool.submit(watched, address, started, look) for kind, look in looks.items()}
        taken.setdefault("written" if what == "seen by" else "withdrawn", []).append(harvested(services, folder, "watched") * 1000)
        for kind, future in seen.items():
            taken.setdefault(f"{what} {kind}", []).append((future.result() - started) * 1000)
    after = (seen["search"].result() - committed[0]) * 1000
    taken.setdefault(f"{'seen' if what == 'seen by' else 'gone'}: search after commit", []).append(after)


def measured(options: argparse.Namespace, data: Path, folder: Path, scratch: Path, model: str) -> None:
    """All of it with one model; prints its table."""
    alone: list[float] = []
    beside: list[float] = []
    answers: dict[str, list[float]] = {"SPARQL": [], "search": []}
    original = next(doc for doc in copies(data, 300) if b'"schema:name"' in doc)
    for number in range(options.rounds):
        alone.append(options.documents / harvested(services_at(scratch / f"alone-{model}-{number}", data, model), folder, "copies"))
        gc.unfreeze()
        home = scratch / f"read-{model}-{number}"
        warm = services_at(home, data, model)
        harvested(warm, folder / "000" / "0.jsonld", "first")
        with serving(home, data, model) as address, readers(address) as taken:
            beside.append(options.documents / harvested(warm, folder, "copies"))
            if number == options.rounds - 1:
                singles = one_by_one(services_at(home, data, model), address, original, options.singles)
        for kind, times in taken.items():
            answers[kind] += times
    both = statistics.median(alone), statistics.median(beside)
    print(f"**Embedding model: {model}.** Alone {both[0]:.0f} documents/s, while read {both[1]:.0f} (x {both[1] / both[0]:.2f}).\n")
    print("| while all this is written | p50 ms | p95 ms | most ms | within 1 s |\n|---|---:|---:|---:|---:|")
    for name, times in {**{f"{kind} answered": times for kind, times in answers.items()}, **singles}.items():
        cuts = statistics.quantiles(times, n=20)
        soon = sum(one < 1_000 for one in times) / len(times)
        print(f"| {name} ({len(times)}) | {cuts[9]:.1f} | {cuts[18]:.1f} | {max(times):.1f} | {soon:.1%} |")
    print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with jsonld/, contexts/ and ontologies/")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--singles", type=int, default=60)
    parser.add_argument("--models", nargs="+", default=["none", "minilm"], help="embedding models, one table each")
    options = parser.parse_args()
    data = options.data.resolve()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, pyoxigraph {version('pyoxigraph')}; "
        f"{options.documents} documents, {options.rounds} rounds.\n"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "documents"
        fill(folder, data, options.documents)
        for model in options.models:
            measured(options, data, folder, Path(scratch), model)


if __name__ == "__main__":
    main()
