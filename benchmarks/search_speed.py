"""How fast the embedded search index is made and answers, by number of records: prints Markdown tables.

    python -m benchmarks.search_speed ../shared/data/jsonld --records 10000 100000 1000000 --peers --place DIR

Every step runs in a process of its own, so that memory and opening are those of that step. Peers are measured up to 100 000 records
(`benchmarks/search_peers.py`); what is measured with is in `benchmarks/search_corpus.py`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.bootstrap import Services
from app.settings import load_settings
from benchmarks.search_corpus import (
    BEGUN,
    READER,
    READERS,
    TYPED,
    made_records,
    made_vectors,
    questions,
    real_records,
)
from benchmarks.search_peers import measure_peers, megabytes, shown, timed
from records.record import Record
from search.aspects import Aspect
from search.columns.index import ColumnIndex
from search.index import Vector
from search.query import Query, TextPart
from search.service import SearchServices, search, suggest
from search.similar import Similar

BATCH = 2_000
PEERS_UP_TO = 100_000
HARVESTED = 200
"""So many records are written in one batch."""
LATER = 16_000
"""So many records are written before suggestions are measured once more."""
LIKE = 40
"""So many vectors and records are asked for what is near."""


@dataclass(frozen=True)
class Bench:
    """One size.

    Args:
        documents: Folder of JSON-LD documents.
        folder: Where everything is kept.
        records: How many records.
        asked: Questions of each class.
    """

    documents: Path
    folder: Path
    records: int
    asked: int
    told: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.folder / f"made-{self.records}.sqlite"

    @property
    def services(self) -> Services:
        return Services(load_settings(home=self.folder / "home"))

    def real(self, services: Services) -> list[Record]:
        return real_records(services, self.documents, self.folder / "real.pickle")


class Peak:
    """The most memory that this process had at once beside mapped files, in MB, since it was begun."""

    def __init__(self) -> None:
        self.most = self.before = memory()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self.most = max(self.most, memory())

    def end(self) -> str:
        self._ended.set()
        return f"{max(self.most, memory()):,.0f} MB"


def memory() -> float:
    """Memory of this process now, without files that are mapped, in MB."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["RssAnon"].split()[0]) / 1024


def opened(services: Services, path: Path) -> ColumnIndex:
    return ColumnIndex(
        path, ancestors=services.concepts.ancestors, summary=lambda record: record.id, bookkeeping=services.bookkeeping
    )


def write(bench: Bench) -> None:
    """Write the records and their vectors."""
    services = bench.services
    real = bench.real(services)
    index = opened(services, bench.path)
    batch: list[Record] = []
    writing = 0.0
    for n, record in enumerate(made_records(real, bench.records, random.Random(7)), 1):
        batch.append(record)
        if len(batch) == BATCH or n == bench.records:
            began = time.perf_counter()
            index.apply(batch)
            writing += time.perf_counter() - began
            batch.clear()
    vector = made_vectors(len(real), np.random.default_rng(5))
    embedding = 0.0
    for start in range(0, bench.records, BATCH):
        some = range(start, min(start + BATCH, bench.records))
        vectors = {sha256(f"made/{n:08}".encode()).hexdigest(): vector(n) for n in some}
        began = time.perf_counter()
        index.embed("made", vectors)
        embedding += time.perf_counter() - began
    index._has_written = False  # the next step makes the columns
    index.close()
    bench.told["write the records"] = f"{writing:,.0f} s ({1000 * writing / bench.records:.2f} ms each)"
    bench.told["write the vectors"] = f"{embedding:,.0f} s"
    bench.told["SQLite"] = f"{megabytes(bench.path):,.0f} MB"


def derive(bench: Bench) -> None:
    """Make the columns from nothing."""
    services = bench.services
    shutil.rmtree(bench.path.with_suffix(".columns"), ignore_errors=True)
    with closing(opened(services, bench.path)) as index:
        assert services.concepts
        peak, began = Peak(), time.perf_counter()
        index.keep()
        took = time.perf_counter() - began
    bench.told["derive all columns and write them"] = f"{took:,.0f} s ({1000 * took / bench.records:.2f} ms each)"
    bench.told["memory meanwhile, at most"] = peak.end()
    bench.told["columns"] = f"{megabytes(bench.path.with_suffix('.columns')):,.0f} MB"


class MadeVectors:
    """An embedder that takes no time; what a real one takes is measured elsewhere."""

    name = "made"

    def __init__(self, vector: Callable[[int], Vector]) -> None:
        self._vector = vector
        self.dimension = len(vector(0))

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return [self._vector(len(text)) for text in texts]


def answer(bench: Bench) -> None:
    """Open it and ask everything, with rights, facets, histograms and explanations."""
    services = bench.services
    real = bench.real(services)
    concepts, lookup, units, bookkeeping = services.concepts, services.lookup, services.units, services.bookkeeping
    assert bookkeeping
    peak, began = Peak(), time.perf_counter()
    index = opened(services, bench.path)
    index.search(Query("", ()), READER)
    bench.told["open, with the first answer"] = f"{1000 * (time.perf_counter() - began):,.0f} ms"
    with_model = SearchServices(index, lookup, concepts, units, MadeVectors(made_vectors(len(real), np.random.default_rng(5))))
    plain = SearchServices(index, lookup, concepts, units)
    draw = random.Random(3)
    asked: dict[str, Sequence[str | Query]] = {
        **questions(services, real, draw, bench.asked),
        "as people type": [TYPED[n % len(TYPED)] for n in range(bench.asked)],
    }
    every = [question for some in asked.values() for question in some]
    ask = partial(search, plain, audiences=READER)
    ask("LFP")
    for name in ("the first time", "again"):
        bench.told[f"search: as people type, {name}"] = shown(timed(ask, TYPED))
    for name, some in asked.items():
        ask(some[0])
        bench.told[f"search: {name}"] = shown(timed(ask, some))
    draw.shuffle(every)
    bench.told["**search: all of these**"] = shown(timed(ask, every))
    worded = [one for one in every if isinstance(one, str) or any(isinstance(part, TextPart) for part in one.parts)]
    bench.told["search: with words and a vector"] = shown(timed(partial(search, with_model, audiences=READER), worded))
    hinted = partial(suggest, plain, audiences=READER)
    hinted("x")
    bench.told["**suggestions**"] = shown(timed(hinted, [*BEGUN] * 3))
    like = Similar(index, concepts, units, services.aspects)
    readable = [hit.record.id for hit in index.search(Query("", ()), READER, limit=10 * LIKE).hits][::10]
    for by in (Aspect.ALL, Aspect.DESIGN):
        bench.told[f"similar records, {by.value}"] = shown(timed(partial(like.find, audiences=READER, by=by), readable))
    near(bench, index, made_vectors(len(real), np.random.default_rng(5)))
    bench.told["memory while asked, at most"] = peak.end()
    index.close()


def near(bench: Bench, index: ColumnIndex, vector: Callable[[int], Vector]) -> None:
    """Time and recall of the nearest ten vectors, beside a scan of everything in double precision."""
    draw = np.random.default_rng(9)
    mixed = [vector(int(n)) + 0.3 * vector(int(n) + 1) for n in draw.integers(0, bench.records, LIKE)]
    asked: list[Vector] = [(one / np.linalg.norm(one)).astype(np.float32) for one in mixed]
    rights = [record.rights.read_files for record in made_records(bench.real(bench.services), bench.records, random.Random(7))]
    for name, audiences in READERS.items():
        readable = np.array([n for n, of in enumerate(rights) if of & audiences])
        expected = scanned(asked, readable, vector)
        ask = partial(index.neighbours, query=Query("", ()), audiences=audiences)
        took = shown(timed(ask, asked))
        right = sum(len(best & {found for found, _ in ask(one)}) for one, best in zip(asked, expected, strict=True))
        recall = right / sum(map(len, expected))
        bench.told[f"ten nearest vectors, reader of {name}"] = f"{took}, recall {recall:.4f} of {len(readable):,}"


def scanned(asked: Sequence[Vector], readable: NDArray[np.int64], vector: Callable[[int], Vector]) -> list[set[str]]:
    """The ids of the nearest ten of these to each, by a scan in double precision."""
    rows = np.stack(asked).astype(np.float64)
    best, ids = np.full((len(asked), 10), -2.0), np.full((len(asked), 10), -1)
    for some in np.array_split(readable, len(readable) // BATCH + 1):
        found = rows @ np.stack([vector(int(n)) for n in some]).astype(np.float64).T
        every, of = np.hstack([best, found]), np.hstack([ids, np.broadcast_to(some, found.shape)])
        first = np.argsort(-every, axis=1, kind="stable")[:, :10]
        best, ids = np.take_along_axis(every, first, 1), np.take_along_axis(of, first, 1)
    return [{f"made/{n:08}" for n in row if n >= 0} for row in ids.tolist()]


def change(bench: Bench) -> None:
    """Write while it is asked: what another process writes is seen by the next question, and large writes stop nobody."""
    services = bench.services
    real = bench.real(services)
    concepts, lookup, units = services.concepts, services.lookup, services.units
    with closing(opened(services, bench.path)) as reader, closing(opened(services, bench.path)) as writer:
        plain = SearchServices(reader, lookup, concepts, units)
        search(plain, "LFP", READER)
        suggest(plain, "li", READER)
        made = made_records(real, 10**9, random.Random(11))

        def write_and_see(_: int) -> None:
            writer.apply([next(made)])
            search(plain, Query("", (TextPart("S1"),)), READER)

        def after(records: int, ask: Callable[[str], object], asked: Sequence[str]) -> str:
            """How long each takes, asked after so many records were written."""
            took: list[float] = []
            for one in asked:
                writer.apply([next(made) for _ in range(records)])
                took += timed(ask, [one])
            return shown(took)

        ask, hint = partial(search, plain, audiences=READER), partial(suggest, plain, audiences=READER)
        turns = range(40)
        bench.told["**one record written and seen by the next search**"] = shown(timed(write_and_see, turns))
        bench.told["suggestions, the first after one record"] = after(1, hint, ["li"] * len(turns))
        bench.told["as people type, the first after one record"] = after(1, ask, TYPED * 2)
        bench.told[f"as people type, the first after {HARVESTED} records"] = after(HARVESTED, ask, TYPED * 2)
        bench.told[f"suggestions, the first after {HARVESTED} records"] = after(HARVESTED, hint, ["li"] * len(TYPED))
        worst = while_harvested(bench, plain)
        bench.told["search while 8 000 records are written in batches of 200"] = f"{shown(worst)}, at most {max(worst):,.0f}"
        for _ in range(LATER // BATCH):
            writer.apply([next(made) for _ in range(BATCH)])
            hint("li")
        bench.told[f"suggestions, the first after one record, {LATER:,} records later"] = after(1, hint, ["li"] * len(turns))
        writer._has_written = False
        reader._has_written = False


def write_as_a_harvest(bench: Bench, began: Event) -> None:
    """Write batches, as fast as a harvest does."""
    services = bench.services
    made = made_records(bench.real(services), 10**9, random.Random(12))
    with closing(opened(services, bench.path)) as writer:
        for _ in range(40):
            writer.apply([next(made) for _ in range(HARVESTED)])
            began.set()
            time.sleep(0.5)
        writer._has_written = False


def while_harvested(bench: Bench, plain: SearchServices) -> list[float]:
    """How long questions take while another process writes."""
    context = multiprocessing.get_context("spawn")
    began = context.Event()
    harvest = context.Process(target=write_as_a_harvest, args=(bench, began))
    harvest.start()
    began.wait()
    took: list[float] = []
    while harvest.is_alive():
        took += timed(partial(search, plain, audiences=READER), [TYPED[len(took) % len(TYPED)]])
        time.sleep(0.05)
    harvest.join()
    return took


def peers(bench: Bench) -> None:
    services = bench.services
    real = bench.real(services)
    asked = questions(services, real, random.Random(3), bench.asked)["a word"]
    words = [part.text for query in asked for part in query.parts]
    print(f"\n| a word, {bench.records:,} records | build | p50 / p95 ms | with concept facet | disk |\n|---|---:|---:|---:|---:|")
    measure_peers(real, words, bench.records, bench.folder)


STEPS = {"write": write, "derive": derive, "answer": answer, "change": change}


def run(step: Callable[[Bench], None], bench: Bench) -> None:
    """One step, and what it tells, in a file."""
    step(bench)
    (bench.folder / f"told-{bench.records}-{step.__name__}.json").write_text(json.dumps(bench.told))


def measured(step: Callable[[Bench], None], bench: Bench) -> dict[str, str]:
    """What a step tells, run in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=run, args=(step, bench))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{step.__name__} of {bench.records:,} records failed.")
    told: dict[str, str] = json.loads((bench.folder / f"told-{bench.records}-{step.__name__}.json").read_text())
    return told


def print_table(told: dict[int, dict[str, str]]) -> None:
    sizes = sorted(told)
    print(f"\n| p50 / p95 | {' | '.join(f'{size:,}' for size in sizes)} |\n|---|{'---:|' * len(sizes)}")
    for name in dict.fromkeys(name for size in sizes for name in told[size]):
        print(f"| {name} | {' | '.join(told[size].get(name, '') for size in sizes)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path, help="folder of JSON-LD documents")
    parser.add_argument("--records", type=int, nargs="+", default=[10_000])
    parser.add_argument("--questions", type=int, default=30, help="of each class")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--steps", nargs="+", choices=STEPS, help="only these, of an index that is there")
    parser.add_argument("--place", type=Path, help="folder for the index; kept, and records are not written again")
    options = parser.parse_args()
    folder = options.place or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    told: dict[int, dict[str, str]] = {}
    try:
        for records in options.records:
            bench = Bench(options.documents, folder, records, options.questions)
            told[records] = {}
            for name in options.steps or (list(STEPS)[1:] if bench.path.exists() else STEPS):
                told[records] |= measured(STEPS[name], bench)
            if options.peers and records <= PEERS_UP_TO:
                measured(peers, bench)
        print_table(told)
    finally:
        if options.place is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
