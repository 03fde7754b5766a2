"""What other engines take for a part of what the search index does.

SQLite FTS5 with numpy (one table of words, one of concepts, exact scan of the vectors), tantivy (words, rights and facets; neither
numbers on one node nor vectors), and an rdflib scan, as in the semantic search demo of BIG-MAP.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rdflib

from benchmarks.search_corpus import READER, made_records, made_vectors
from records.record import Record


def timed(ask: Callable[[Any], object], asked: Sequence[Any]) -> list[float]:
    """How long each takes, in milliseconds."""
    times = []
    for one in asked:
        began = time.perf_counter()
        ask(one)
        times.append(1000 * (time.perf_counter() - began))
    return times


def shown(times: Sequence[float]) -> str:
    """Median and 95th percentile."""
    most = statistics.quantiles(times, n=20, method="inclusive")[-1]
    return f"{statistics.median(times):.1f} / {most:.1f}"


def megabytes(path: Path) -> float:
    """What a file or a folder takes on the disk, in MB."""
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file()) / 1e6


def print_peer(name: str, built: float, bare: Sequence[float], faceted: Sequence[float], disk: float) -> None:
    print(f"| {name} | {built:.0f} s | {shown(bare)} | {shown(faceted)} | {disk:.0f} MB |")


def measure_fts5(real: Sequence[Record], words: Sequence[str], count: int, path: Path) -> None:
    """SQLite FTS5 with a join for rights and a table of concepts for facets."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("CREATE VIRTUAL TABLE word USING fts5(title, text)")
    db.execute("CREATE TABLE right(audience TEXT, doc INTEGER, PRIMARY KEY(audience, doc)) WITHOUT ROWID")
    db.execute("CREATE TABLE concept(doc INTEGER, iri INTEGER, PRIMARY KEY(doc, iri)) WITHOUT ROWID")
    began = time.perf_counter()
    numbers: dict[str, int] = {}
    db.execute("BEGIN")
    for n, record in enumerate(made_records(real, count, random.Random(7))):
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


def measure_tantivy(real: Sequence[Record], words: Sequence[str], count: int, path: Path) -> None:
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
    for record in made_records(real, count, random.Random(7)):
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


def measure_rdflib(real: Sequence[Record], count: int) -> None:
    """A graph in memory that is scanned for two concepts, as in the demo of BIG-MAP; at most 20 000 records."""
    count = min(count, 20_000)
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
    print(f"| rdflib, two concepts, {count:,} records | {built:.0f} s | {shown(took)} | | |")


def measure_numpy(count: int, real: int) -> None:
    """An exact scan of vectors with numpy under a mask, from memory."""
    vector = made_vectors(real, np.random.default_rng(5))
    numbers = np.stack([vector(n) for n in range(count)])
    readable = np.random.default_rng(1).random(len(numbers)) < 0.3

    def ask(number: int) -> None:
        cosines = np.where(readable, numbers @ vector(number), -2)
        np.argpartition(-cosines, 10)[:10]

    took = timed(ask, range(40))
    print(f"| numpy, ten nearest of {len(numbers):,} vectors | | {shown(took)} | | |")


def measure_peers(real: Sequence[Record], words: Sequence[str], count: int, folder: Path) -> None:
    """All of them, each a line of a table."""
    for name, measure in (("sqlite", measure_fts5), ("tantivy", measure_tantivy)):
        path = folder / f"peer-{count}.{name}"
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True)
        measure(real, words, count, path)
    measure_rdflib(real, count)
    measure_numpy(count, len(real))
