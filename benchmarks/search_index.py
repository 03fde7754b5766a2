"""How fast the embedded search index writes and answers: prints one Markdown table.

    python benchmarks/search_index.py --records 100000

The records are made up: about 20 uses of concepts from a vocabulary of 1 500, about 10 numbers of 12 kinds and 2 kB of text, in 12
audiences; the reader is in 3 of them. ``--templates N`` draws the concepts from N templates (real archives have few: 750 real
documents had 194 distinct sets of concepts); 0 gives every record its own.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from records.record import ConceptUse, Quantity, Record
from records.rights import ANY, Rights
from search.embedded_text import SqliteTextIndex
from search.query import ConceptPart, Part, QuantityPart, Query, TextPart

CONCEPTS = [
    f"https://w3id.org/emmo/domain/electrochemistry#electrochemistry_{n:08x}_c3d4_4e5f_a6b7_000000000000" for n in range(1500)
]
KINDS = [f"https://w3id.org/emmo/domain/electrochemistry#kind_{n:08x}_c3d4_4e5f_a6b7_000000000000" for n in range(12)]
ROLES = [tuple(f"https://w3id.org/emmo#has_{step}_{n}" for step in range(n % 5)) for n in range(40)]
AUDIENCES = [ANY, *(f"bma/community:{n}" for n in range(11))]
READER = frozenset({ANY, "bma/community:1", "bma/community:2"})


def records(count: int, templates: int, random_: random.Random) -> Iterator[Record]:
    words = ["".join(random_.choices("abcdefghijklmnopqrstuvwxyz", k=random_.randint(3, 10))) for _ in range(30_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    concept_weights = [1 / (rank + 3) for rank in range(len(CONCEPTS))]
    drawn = random_.choices(words, weights, k=2_000_000)

    def uses() -> tuple[ConceptUse, ...]:
        chosen = random_.choices(CONCEPTS, concept_weights, k=20)
        return tuple(
            ConceptUse(iri, random_.choice(ROLES), f"/hasPart/{n}/hasActiveMaterial", 10 * n) for n, iri in enumerate(chosen)
        )

    shared = [uses() for _ in range(templates)]
    for n in range(count):
        start = random_.randrange(len(drawn) - 300)
        audiences = frozenset(random_.sample(AUDIENCES, random_.choice((1, 1, 2))))
        quantities = tuple(
            Quantity((KINDS[k], KINDS[0]), value, "Ah", value * 3600, "A·s", "T·I" if k < 6 else "L", f"/hasProperty/{k}", 20 + k)
            for k in range(1, 11)
            for value in (round(random_.lognormvariate(2, 1.5), 2),)
        )
        concepts = random_.choice(shared) if shared else uses()
        title = " ".join(drawn[start : start + 3]) + f" INR{random_.choice((18650, 21700, 26650))}-{n}"
        text = " ".join(drawn[start : start + 280])
        yield Record(
            f"bma/{n}",
            f"https://example.org/{n}",
            title,
            "bma",
            f"{n}.json",
            "0" * 64,
            Rights(audiences, audiences),
            concepts,
            quantities,
            text,
        )


def questions(random_: random.Random) -> dict[str, list[Query]]:
    def concept(rank: int, narrower: int) -> ConceptPart:
        expanded = frozenset(CONCEPTS[rank : rank + narrower])
        return ConceptPart("concept", (CONCEPTS[rank],), ("concept",), expanded)

    def capacity(low: float) -> QuantityPart:
        return QuantityPart(
            "capacity", frozenset({KINDS[random_.randint(1, 5)]}), ("capacity",), low * 3600, None, False, False, "Ah", "T·I"
        )

    def several(make: list[list[Part]]) -> list[Query]:
        return [Query("", tuple(parts)) for parts in make]

    rank = random_.randrange
    return {
        "two concepts, capacity > 100 Ah": several(
            [[concept(rank(10), 1), concept(rank(10, 100), 30), capacity(100)] for _ in range(60)]
        ),
        "broad concept": several([[concept(rank(3), 1)] for _ in range(20)]),
        "selective concept": several([[concept(rank(300, 1000), 1)] for _ in range(60)]),
        "capacity > 1 Ah": several([[capacity(1)] for _ in range(20)]),
        "concept of 1 000 narrower ones": several([[concept(100, 1000)] for _ in range(10)]),
        "rare word": several([[TextPart(f"INR21700-{rank(1000)}")] for _ in range(60)]),
        "size code or concept": several(
            [[ConceptPart("18650", (CONCEPTS[50],), ("R18650",), frozenset({CONCEPTS[50]}), words=("18650",))]] * 10
        ),
        "everything": several([[]] * 10),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--templates", type=int, default=2_000)
    options = parser.parse_args()
    random_ = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        index = SqliteTextIndex(path)
        batch: list[Record] = []
        spent = spent_early = 0.0
        for n, record in enumerate(records(options.records, options.templates, random_), 1):
            batch.append(record)
            if len(batch) == options.batch or n == options.records:
                began = time.process_time()
                index.apply(batch)
                spent += time.process_time() - began
                spent_early = spent if n <= 2_000 else spent_early
                batch.clear()
        size = path.stat().st_size / 1e6
        print(f"| apply, first 2 000 records | {1000 * spent_early / min(2_000, options.records):.3f} CPU ms per record | |")
        print(f"| apply, {options.records:,} records | {1000 * spent / options.records:.3f} CPU ms per record | {size:.0f} MB |")
        print("| question | p50 ms | p95 ms | hits (median) |\n|---|---|---|---|")
        for name, queries in questions(random_).items():
            times, totals = [], []
            for query in queries:
                began = time.perf_counter()
                page = index.search(query, READER)
                times.append(1000 * (time.perf_counter() - began))
                totals.append(page.total)
            p95 = statistics.quantiles(times, n=20)[-1]
            print(f"| {name} | {statistics.median(times):.1f} | {p95:.1f} | {statistics.median(totals):.0f} |")
        print(f"| memory of this process | {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB | | |")
        index.close()


if __name__ == "__main__":
    main()
