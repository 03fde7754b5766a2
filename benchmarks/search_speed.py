"""How fast the embedded search index is made and answers, beside its peers: prints Markdown tables.

    python -m benchmarks.search_speed ../shared/data/jsonld --records 100000 --peers

The records are real ones, read as a harvest reads them, over and over: each with an id, a title and a model name of its own, its
numbers moved by a few percent, and one or two of 12 audiences; the reader holds 3 of these. Vectors are drawn around one for each
real record. Peers: SQLite FTS5 with numpy (one table of words, one of concepts, exact scan of the vectors), tantivy (words, rights
and facets; neither numbers on one node nor vectors), and an rdflib scan, as in the semantic search demo of BIG-MAP.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import rdflib

from app.bootstrap import Services
from app.settings import load_settings
from records.record import Entity, EntityKind, Payload, Quantity, Record
from records.rights import ANY, PUBLIC, Audiences, Rights
from search.columns.index import ColumnIndex
from search.index import Vector
from search.query import ConceptPart, EntityPart, Facet, Order, QuantityPart, Query, TextPart

AUDIENCES = [ANY, *(f"bma/community:{n}" for n in range(11))]
READER = frozenset({ANY, "bma/community:1", "bma/community:2"})
READERS: dict[str, Audiences] = {
    "all 12": frozenset(AUDIENCES),
    "3 of 12": READER,
    "1 of 12": frozenset({"bma/community:1"}),
    "a rare one": frozenset({"bma/link:rare"}),
}
DIMENSION = 384
BATCH = 2_000


def real_records(services: Services, folder: Path) -> list[Record]:
    """The records of the documents of a folder, as a harvest reads them."""
    found = []
    for path in sorted(folder.rglob("*.json*")):
        name = path.relative_to(folder).as_posix()
        read = services.reader.read(f"real/{name}", "real", name, "", Rights(PUBLIC, PUBLIC), Payload(path.read_bytes()))
        if read.record is not None:
            found.append(read.record)
    return found


def made_records(real: Sequence[Record], count: int, draw: random.Random) -> Iterator[Record]:
    """So many records like the real ones."""
    for n in range(count):
        like = real[draw.randrange(len(real))]
        audiences = frozenset(draw.sample(AUDIENCES, draw.choice((1, 1, 2))) if n % 1000 else ["bma/link:rare"])
        yield replace(
            like,
            id=f"made/{n:08}",
            iri=f"https://example.org/made/{n}",
            title=f"{like.title} no. {n}",
            rights=Rights(audiences, audiences),
            quantities=tuple(_moved(one, 1 + 0.05 * draw.uniform(-1, 1)) for one in like.quantities),
            text=f"{like.text}\nsample S{n}",
            entities=(*like.entities, Entity(EntityKind.MODEL, f"M-{n % 50_000}")),
            date=f"{2010 + n % 16}-01-01",
        )


def _moved(one: Quantity, factor: float) -> Quantity:
    value = None if one.value is None else one.value * factor
    return replace(one, value=value, base_value=None if one.base_value is None else one.base_value * factor)


def made_vectors(real: int, draw: np.random.Generator) -> Callable[[int], Vector]:
    """Vectors around one for each real record; a number gives always the same one."""
    centres = draw.standard_normal((real, DIMENSION)).astype(np.float32)

    def vector(number: int) -> Vector:
        around = np.random.default_rng(number).standard_normal(DIMENSION).astype(np.float32)
        moved = centres[number % real] + 0.7 * around
        whole: Vector = moved / np.float32(np.linalg.norm(moved))
        return whole

    return vector


def questions(services: Services, real: Sequence[Record], draw: random.Random, count: int) -> dict[str, list[Query]]:
    """Questions of each class: concepts by how many records use them, numbers, words, names, and several of these."""
    uses = Counter(use.concept for record in real for use in record.concepts).most_common(400)
    kinds = Counter((one.dimension, kind) for record in real for one in record.quantities for kind in one.kinds if one.base_values)
    words = Counter(word for record in real for word in {*record.text.split()} if word.isalpha()).most_common(500)
    makers = [one.name.lower() for record in real for one in record.entities if one.kind is EntityKind.MANUFACTURER]

    def concept() -> ConceptPart:
        iri = draw.choice(uses)[0]
        return ConceptPart("", (iri,), (), services.concepts.narrower(iri))

    def quantity() -> QuantityPart:
        (dimension, kind), _ = draw.choice(kinds.most_common(20))
        values = [
            value
            for record in real
            for one in record.quantities
            if kind in one.kinds and one.dimension == dimension
            for value in one.base_values
        ]
        return QuantityPart("", frozenset({kind}), (), draw.choice(values), None, True, False, "", dimension)

    def order() -> Order:
        (dimension, kind), _ = draw.choice(kinds.most_common(10))
        return Order("", frozenset({kind}), (), dimension)

    def word() -> TextPart:
        return TextPart(draw.choice(words)[0])

    made: dict[str, Callable[[], Query]] = {
        "two concepts": lambda: Query("", (concept(), concept())),
        "concept and number": lambda: Query("", (concept(), quantity())),
        "concept, but not another": lambda: Query("", (concept(), replace(concept(), negated=True))),
        "maker": lambda: Query("", (EntityPart("", EntityKind.MANUFACTURER, (draw.choice(makers),), ""),)),
        "a word": lambda: Query("", (word(),)),
        "two words, concept, number": lambda: Query("", (word(), word(), concept(), quantity())),
        "a rare word": lambda: Query("", (TextPart(f"S{draw.randrange(1000)}"),)),
        "in order of a number": lambda: Query("", (concept(),), order()),
        "everything": lambda: Query("", ()),
    }
    return {name: [make() for _ in range(count)] for name, make in made.items()}


def timed(ask: Callable[[Any], object], asked: Sequence[Any]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    times = []
    for one in asked:
        began = time.perf_counter()
        ask(one)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def megabytes(path: Path) -> float:
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file()) / 1e6


def memory() -> float:
    """Memory of this process now, without files that are mapped, in MB."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["RssAnon"].split()[0]) / 1024


def build(services: Services, path: Path, real: Sequence[Record], options: argparse.Namespace) -> None:
    """Write the records and their vectors, and make the columns."""
    index = opened(services, path)
    batch: list[Record] = []
    writing = 0.0
    draw = random.Random(7)
    for n, record in enumerate(made_records(real, options.records, draw), 1):
        batch.append(record)
        if len(batch) == BATCH or n == options.records:
            began = time.perf_counter()
            index.apply(batch)
            writing += time.perf_counter() - began
            batch.clear()
    print(f"| write {options.records:,} records | {writing:.1f} s | {1000 * writing / options.records:.2f} ms a record |")
    began = time.perf_counter()
    index.keep()
    print(f"| derive the columns and write them | {time.perf_counter() - began:.1f} s | |")
    if options.vectors:
        vector = made_vectors(len(real), np.random.default_rng(5))
        began = time.perf_counter()
        for start in range(0, options.records, BATCH):
            some = range(start, min(start + BATCH, options.records))
            index.embed("made", {sha256(f"made/{n:08}".encode()).hexdigest(): vector(n) for n in some})
        index.keep()
        print(f"| keep their vectors | {time.perf_counter() - began:.1f} s | |")
    index.close()
    print(f"| store / columns on disk | {megabytes(path):.0f} / {megabytes(path.with_suffix('.columns')):.0f} MB | |")


def opened(services: Services, path: Path) -> ColumnIndex:
    return ColumnIndex(
        path, ancestors=services.concepts.ancestors, summary=lambda record: record.id, bookkeeping=services.bookkeeping
    )


def measure(services: Services, path: Path, real: Sequence[Record], options: argparse.Namespace) -> None:
    """Ask everything, and change something in between."""
    before = memory()
    began = time.perf_counter()
    index = opened(services, path)
    index.search(Query("", ()), READER)
    print(f"| open and first answer | {time.perf_counter() - began:.2f} s | |")
    draw = random.Random(3)
    asked = questions(services, real, draw, options.questions)
    facets = tuple(Facet)
    print("\n| question | p50 ms | p95 ms | with all facets p50 | p95 | hits (median) |\n|---|---:|---:|---:|---:|---:|")
    every: list[Query] = []
    for name, queries in asked.items():
        every += queries
        for query in queries[:5]:
            index.search(query, READER, facets=facets)
        bare = timed(lambda query: index.search(query, READER), queries)
        faceted = timed(lambda query: index.search(query, READER, facets=facets), queries)
        hits = statistics.median(index.search(query, READER).total for query in queries)
        print(f"| {name} | {bare[0]:.1f} | {bare[1]:.1f} | {faceted[0]:.1f} | {faceted[1]:.1f} | {hits:,.0f} |")
    draw.shuffle(every)
    mixed = timed(lambda query: index.search(query, READER, facets=facets), every)
    print(f"| all of these, mixed | | | {mixed[0]:.1f} | **{mixed[1]:.1f}** | |")
    vector = made_vectors(len(real), np.random.default_rng(5))
    if options.vectors:
        worded = [query for query in every if any(isinstance(part, TextPart) for part in query.parts)]
        near = timed(lambda query: index.search(query, READER, vector=vector(1), facets=facets), worded)
        print(f"| with words and a vector | | | {near[0]:.1f} | {near[1]:.1f} | |")
    print("\n| | p50 ms | p95 ms |\n|---|---:|---:|")
    if options.vectors:
        measure_vectors(index, vector, real, options.records)
    changes = list(made_records(real, 30, random.Random(11)))

    def write_and_suggest(record: Record) -> None:
        index.apply([record])
        index.concept_counts(READER)

    def write_and_ask(record: Record) -> None:
        index.apply([record])
        index.search(Query("", (TextPart("S1"),)), READER)

    first = timed(write_and_suggest, changes)
    print(f"| one record written and the counts of suggestions after it | {first[0]:.1f} | {first[1]:.1f} |")
    again = timed(lambda _: index.concept_counts(READER), range(100))
    print(f"| counts of suggestions | {again[0]:.2f} | {again[1]:.2f} |")
    seen = timed(write_and_ask, changes)
    print(f"| one record written and seen by the next question | {seen[0]:.1f} | {seen[1]:.1f} |")
    names = timed(lambda _: index.named(["m 1", "m 77", "panasonic"], READER), range(50))
    print(f"| look up three names | {names[0]:.2f} | {names[1]:.2f} |")
    some = [[*queries[:3]] for queries in asked.values()]
    counted = timed(lambda queries: index.count(queries, READER), some)
    print(f"| count three queries | {counted[0]:.1f} | {counted[1]:.1f} |")
    print(f"\nMemory beside mapped files: {memory() - before:.0f} MB; most of this process {peak():.0f} MB.")
    index.close()


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_vectors(index: ColumnIndex, vector: Callable[[int], Vector], real: Sequence[Record], count: int) -> None:
    """Time and recall of the nearest ten, beside a scan of everything in double precision (up to 100 000 records)."""
    draw = np.random.default_rng(9)
    sample = np.stack([vector(n) for n in range(count)]) if count <= 100_000 else None
    rights = [record.rights.read_files for record in made_records(real, count, random.Random(7))] if sample is not None else []
    mixed = [vector(int(n)) + 0.3 * vector(int(n) + 1) for n in draw.integers(0, count, 40)]
    asked: list[Vector] = [(one / np.linalg.norm(one)).astype(np.float32) for one in mixed]
    for name, audiences in READERS.items():
        ask = partial(index.neighbours, query=Query("", ()), audiences=audiences)
        took = timed(ask, asked)
        recall = ""
        if sample is not None:
            readable = np.array([n for n, of in enumerate(rights) if of & audiences])
            right = total = 0
            for one in asked:
                cosines = sample[readable].astype(np.float64) @ one.astype(np.float64)
                best = {f"made/{n:08}" for n in readable[np.argsort(-cosines, kind="stable")[:10]].tolist()}
                right += len(best & {found for found, _ in ask(one)})
                total += len(best)
            recall = f"; recall@10 {right / max(total, 1):.4f} of {len(readable):,}"
        print(f"| ten nearest vectors, reader of {name}{recall} | {took[0]:.1f} | {took[1]:.1f} |")


# Peers


def print_peer(name: str, built: float, bare: tuple[float, float], faceted: tuple[float, float], disk: float) -> None:
    print(f"| {name} | {built:.0f} s | {bare[0]:.1f} / {bare[1]:.1f} | {faceted[0]:.1f} / {faceted[1]:.1f} | {disk:.0f} MB |")


def measure_fts5(real: Sequence[Record], words: Sequence[str], options: argparse.Namespace, path: Path) -> None:
    """SQLite FTS5 with a join for rights and a table of concepts for facets."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("CREATE VIRTUAL TABLE word USING fts5(title, text)")
    db.execute("CREATE TABLE right(audience TEXT, doc INTEGER, PRIMARY KEY(audience, doc)) WITHOUT ROWID")
    db.execute("CREATE TABLE concept(doc INTEGER, iri INTEGER, PRIMARY KEY(doc, iri)) WITHOUT ROWID")
    began = time.perf_counter()
    numbers: dict[str, int] = {}
    db.execute("BEGIN")
    for n, record in enumerate(made_records(real, options.records, random.Random(7))):
        db.execute("INSERT INTO word(rowid, title, text) VALUES (?, ?, ?)", (n, record.title, record.text))
        db.executemany("INSERT INTO right VALUES (?, ?)", [(one, n) for one in record.rights.read_files])
        used = {numbers.setdefault(use.concept, len(numbers)) for use in record.concepts}
        db.executemany("INSERT INTO concept VALUES (?, ?)", [(n, one) for one in used])
    db.execute("COMMIT")
    built = time.perf_counter() - began
    marks = ", ".join("?" * len(READER))
    hits = f"SELECT rowid FROM word WHERE word MATCH ? AND rowid IN (SELECT doc FROM right WHERE audience IN ({marks}))"

    def ask(word: str) -> None:
        db.execute(f"{hits} ORDER BY bm25(word), rowid LIMIT 10", (f'"{word}"', *READER)).fetchall()

    def ask_facets(word: str) -> None:
        ask(word)
        counts = f"SELECT iri, COUNT(*) AS n FROM concept WHERE doc IN ({hits}) GROUP BY iri ORDER BY n DESC LIMIT 400"
        db.execute(counts, (f'"{word}"', *READER)).fetchall()

    bare, faceted = timed(ask, words), timed(ask_facets, words)
    print_peer("SQLite FTS5", built, bare, faceted, megabytes(path))
    db.close()


def measure_tantivy(real: Sequence[Record], words: Sequence[str], options: argparse.Namespace, path: Path) -> None:
    """tantivy with rights as a filter and concepts as terms to aggregate."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("title")
    schema.add_text_field("text")
    schema.add_text_field("right", tokenizer_name="raw")
    schema.add_text_field("concept", tokenizer_name="raw", fast=True)
    path.mkdir()
    index = tantivy.Index(schema.build(), path=str(path))
    began = time.perf_counter()
    writer = index.writer(heap_size=256_000_000, num_threads=2)
    for record in made_records(real, options.records, random.Random(7)):
        concepts = sorted({use.concept for use in record.concepts})
        writer.add_document(
            tantivy.Document(title=record.title, text=record.text, right=sorted(record.rights.read_files), concept=concepts)
        )
    writer.commit()
    writer.wait_merging_threads()
    built = time.perf_counter() - began
    index.reload()
    searcher = index.searcher()
    rights = " OR ".join(f'right:"{one}"' for one in READER)
    counts = {"concepts": {"terms": {"field": "concept", "size": 400}}}

    def ask(word: str) -> Any:
        query = index.parse_query(f'+(title:"{word}" text:"{word}") +({rights})', ["text"])
        searcher.search(query, 10)
        return query

    def ask_facets(word: str) -> None:
        searcher.aggregate(ask(word), counts)

    bare, faceted = timed(ask, words), timed(ask_facets, words)
    print_peer("tantivy", built, bare, faceted, megabytes(path))


def measure_rdflib(real: Sequence[Record], options: argparse.Namespace) -> None:
    """A graph in memory that is scanned for two concepts, as in the demo of BIG-MAP; at most 20 000 records."""
    count = min(options.records, 20_000)
    began = time.perf_counter()
    graph = rdflib.Graph()
    for record in made_records(real, count, random.Random(7)):
        for use in record.concepts:
            graph.add((rdflib.URIRef(record.iri), rdflib.URIRef("urn:uses"), rdflib.URIRef(use.concept)))
    built = time.perf_counter() - began
    most = [iri for iri, _ in Counter(use.concept for record in real for use in record.concepts).most_common(20)]
    pairs = list(zip(most, reversed(most), strict=True))

    def ask(pair: tuple[str, str]) -> None:
        list(graph.query(f"SELECT ?record WHERE {{ ?record <urn:uses> <{pair[0]}> , <{pair[1]}> }}"))

    took = timed(ask, pairs)
    print(f"| rdflib, two concepts, {count:,} records | {built:.0f} s | {took[0]:.1f} / {took[1]:.1f} | | |")


def measure_numpy(options: argparse.Namespace, real: int) -> None:
    """An exact scan of vectors with numpy under a mask, from memory."""
    vector = made_vectors(real, np.random.default_rng(5))
    numbers = np.stack([vector(n) for n in range(min(options.records, 200_000))])
    readable = np.random.default_rng(1).random(len(numbers)) < 0.3

    def ask(number: int) -> None:
        cosines = np.where(readable, numbers @ vector(number), -2)
        np.argpartition(-cosines, 10)[:10]

    took = timed(ask, range(40))
    print(f"| numpy, ten nearest of {len(numbers):,} vectors | | {took[0]:.1f} / {took[1]:.1f} | | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path, help="folder of JSON-LD documents")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=30, help="of each class")
    parser.add_argument("--vectors", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--place", type=Path, help="folder for the index; kept, and used again when it is there")
    options = parser.parse_args()
    folder = options.place or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    try:
        services = Services(load_settings(home=folder / "home"))
        real = real_records(services, options.documents)
        print(f"\n{options.records:,} records like {len(real):,} real ones\n\n| | | |\n|---|---:|---:|")
        path = folder / f"made-{options.records}.sqlite"
        if not path.exists():
            build(services, path, real, options)
        measure(services, path, real, options)
        if options.peers:
            draw = random.Random(3)
            asked = questions(services, real, draw, options.questions)["a word"]
            words = [part.text for query in asked for part in query.parts]
            print("\n| peer, a word | build | p50 / p95 ms | with concept facet | disk |\n|---|---:|---:|---:|---:|")
            measure_fts5(real, words, options, folder / "peer.sqlite")
            measure_tantivy(real, words, options, folder / "peer.tantivy")
            measure_rdflib(real, options)
            measure_numpy(options, len(real))
    finally:
        if options.place is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
