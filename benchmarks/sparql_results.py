"""How fast answers become bytes: terms a second for each form, from the embedded store to the last byte; prints one Markdown table.

    python benchmarks/sparql_results.py --records 84000

The peer is the engine's own writer, which is not Python, in the same run over the same statements. It names no blank nodes,
counts no rows, and has no Arrow, Parquet or JSON lines. The records are made up, each of three statements: a class, a
number, a name. The table is all statements with a fourth column that is always the same IRI; the graph is all statements. Reading
them from the store is in all figures. They are seconds of this process, not of the clock.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyoxigraph as ox

from graph.embedded import EmbeddedGraphStore
from graph.results import GRAPH_FORMATS, TABLE_FORMATS, ResultFormat, write_answer
from graph.store import GraphChange
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.rights import PUBLIC

DOUBLE = "http://www.w3.org/2001/XMLSchema#double"
NAME, CAPACITY = "https://schema.org/name", "https://w3id.org/emmo/domain/electrochemistry#capacity"
TABLE = "SELECT ?s ?p ?o (<https://w3id.org/emmo#Volt> AS ?unit) { ?s ?p ?o }"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
PEERS = {
    ResultFormat.JSON: ox.QueryResultsFormat.JSON,
    ResultFormat.XML: ox.QueryResultsFormat.XML,
    ResultFormat.CSV: ox.QueryResultsFormat.CSV,
    ResultFormat.TSV: ox.QueryResultsFormat.TSV,
    ResultFormat.TURTLE: ox.RdfFormat.TURTLE,
    ResultFormat.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    ResultFormat.RDF_XML: ox.RdfFormat.RDF_XML,
    ResultFormat.JSON_LD: ox.RdfFormat.JSON_LD,
}


def triples(records: int) -> list[Triple]:
    found = []
    for number in range(records):
        cell = f"https://records.example/{number // 50}#cell-{number}"
        found += [
            Triple(
                cell, RDF_TYPE, Iri(f"https://w3id.org/emmo/domain/battery#battery_{number % 100:08x}_c3d4_4e5f_a6b7_000000000000")
            ),
            Triple(cell, CAPACITY, Literal(f"{number / 7:.3f}", DOUBLE)),
            Triple(cell, NAME, Literal(f'Cell {number}, "INR{18650 + number % 3}"')),
        ]
    return found


def seconds(work: Callable[[], object], runs: int) -> float:
    """The median; the first run is not counted."""
    times = []
    for _ in range(runs + 1):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=84_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    records = triples(arguments.records)
    store, bare = EmbeddedGraphStore(None), ox.Store()
    store.apply([GraphChange("https://records.example/all#graph", records, PUBLIC)])
    bare.bulk_load(b"".join(line.encode() for line in lines(store)), ox.RdfFormat.N_TRIPLES)
    print("| form | MB | terms/s | peer, terms/s | times as long |")
    print("|---|---|---|---|---|")
    for form in (*TABLE_FORMATS, *GRAPH_FORMATS):
        text, terms = (TABLE, 12 * arguments.records) if form in TABLE_FORMATS else (GRAPH, 9 * arguments.records)
        size = sum(map(len, write_answer(store.query(text, PUBLIC), form)))
        ours = seconds(lambda text=text, form=form: sum(map(len, write_answer(store.query(text, PUBLIC), form))), arguments.runs)  # type: ignore[misc]
        row = f"| {form} | {size / 1e6:.1f} | {terms / ours:,.0f} |"
        if form in PEERS:
            theirs = seconds(lambda text=text, form=form: serialised(bare, text, form), arguments.runs)  # type: ignore[misc]
            print(f"{row} {terms / theirs:,.0f} | {ours / theirs:.1f} |")
        else:
            print(f"{row} | |")


def lines(store: EmbeddedGraphStore) -> list[str]:
    return [piece.decode() for piece in write_answer(store.query(GRAPH, PUBLIC), ResultFormat.N_TRIPLES)]


def serialised(store: ox.Store, text: str, form: ResultFormat) -> int:
    target = BytesIO()
    answer = store.query(text)
    if isinstance(answer, ox.QueryBoolean):
        raise TypeError("no table and no graph")
    answer.serialize(target, format=PEERS[form])  # type: ignore[arg-type]  # as the form of the query says
    return len(target.getvalue())


if __name__ == "__main__":
    main()
