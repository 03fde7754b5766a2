"""Nodes of a cluster of three die while records and vectors are written and found: nothing is lost, no answer is in part."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from records.errors import StoreError
from records.record import ConceptUse, Record
from records.rights import PUBLIC, Rights
from search.index import Vector
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from search.opensearch.mapping import summary_hash
from search.query import ConceptPart, Facet, Query, TextPart
from tests.servers import opensearch

pytestmark = pytest.mark.xdist_group("opensearch")

BATCH = 20
BATCHES = 12
ASKED = Query("", (ConceptPart("cell", ("urn:cell",), ("cell",), frozenset({"urn:cell"})), TextPart("word")))
EVERYTHING = Query("", ())
DIMENSION = 8


def a_record(number: int) -> Record:
    uses = (ConceptUse("urn:cell", (), "", 1),)
    title = f"cell {number}"
    return Record(f"lab/{number}", f"urn:{number}", title, "lab", "x.json", "", Rights(PUBLIC, PUBLIC), uses, text="word")


def a_batch(number: int) -> list[Record]:
    return [a_record(n) for n in range(number * BATCH, (number + 1) * BATCH)]


def summary(record: Record) -> str:
    return record.title


def vector_of(number: int) -> Vector:
    drawn = np.random.default_rng(number).standard_normal(DIMENSION).astype(np.float32)
    return drawn / np.float32(np.linalg.norm(drawn))


def vectors_of(number: int) -> dict[str, Vector]:
    """The vectors of a batch."""
    return {summary_hash(f"cell {n}"): vector_of(n) for n in range(number * BATCH, (number + 1) * BATCH)}


def an_index(cluster: Cluster) -> OpenSearchIndex:
    return OpenSearchIndex(cluster, summary=summary)


class Reader(threading.Thread):
    """Asks on and on; `wrong` are the answers that hold a part of a batch, or less than an answer before."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__()
        self._index = an_index(cluster)
        self._most, self._most_near = 0, 0
        self.ended = threading.Event()
        self.answers: list[int] = []
        self.wrong: list[tuple[int, int, int]] = []
        self.failures: list[StoreError] = []

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                self._ask()
            except StoreError as error:
                self.failures.append(error)
            time.sleep(0.1)
        self._index.close()

    def _ask(self) -> None:
        page = self._index.search(ASKED, PUBLIC, facets=[Facet.CONCEPT], limit=5)
        near = len(self._index.neighbours(vector_of(0), EVERYTHING, PUBLIC, limit=BATCH * BATCHES))
        counted = page.facets[Facet.CONCEPT][0].count if page.total else 0
        is_less = page.total < self._most or near < self._most_near
        if page.total % BATCH or near % BATCH or is_less or counted != page.total:
            self.wrong.append((page.total, counted, near))
        self._most, self._most_near = page.total, near
        self.answers.append(page.total)


def persistently(write: Callable[[], None]) -> None:
    """As a command that is started again."""
    for _ in range(20):
        try:
            return write()
        except StoreError:
            time.sleep(0.5)
    return write()


def holder_of_the_primary(nodes: list[opensearch.Node], index: str) -> opensearch.Node:
    shards = next(node for node in nodes if node.process.poll() is None).ask(f"/_cat/shards/{index}?format=json")
    name = next(shard["node"] for shard in shards if shard["prirep"] == "p")
    return next(node for node in nodes if node.name == name)


def check_that_nothing_is_lost(index: OpenSearchIndex) -> None:
    assert index.ids() == {f"lab/{n}" for n in range(BATCH * BATCHES)}
    assert index.search(ASKED, PUBLIC).total == BATCH * BATCHES
    wanted = vector_of(BATCH * BATCHES)
    expected = sorted(((f"lab/{n}", float(vector_of(n) @ wanted)) for n in range(BATCH * BATCHES)), key=lambda one: -one[1])[:50]
    found = index.neighbours(wanted, EVERYTHING, PUBLIC, limit=50)
    assert [name for name, _ in found] == [name for name, _ in expected]
    assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in expected], abs=1e-5)


def rebuild(index: OpenSearchIndex, batches: int) -> None:
    with index.rebuilding() as new:
        for number in range(batches):
            new.apply(a_batch(number))


def test_nodes_die_while_records_and_vectors_are_written_rebuilt_and_found_and_nothing_is_lost() -> None:
    with opensearch.cluster(3, heap_mb=256) as nodes:
        cluster = Cluster(tuple(node.url for node in nodes), "records")
        index = an_index(cluster)
        index.apply(a_batch(0))
        index.embed("m", vectors_of(0))
        without_copies = an_index(replace(cluster, name="single", shards=3, replicas=0))
        without_copies.apply(a_batch(0))
        without_copies.embed("m", vectors_of(0))
        nodes[0].ask("/_cluster/health?wait_for_status=green&timeout=60s")
        reader = Reader(cluster)
        reader.start()

        first = holder_of_the_primary(nodes, "records")
        for number in range(1, BATCHES):
            if number == BATCHES // 3:
                threading.Timer(0.05, first.kill).start()
            persistently(lambda n=number: index.apply(a_batch(n)))  # type: ignore[misc]
            persistently(lambda n=number: index.embed("m", vectors_of(n)))  # type: ignore[misc]
        check_that_nothing_is_lost(index)
        check_that_what_has_no_copies_is_made_anew(without_copies)

        first.start()
        first.wait(3)
        first.ask("/_cluster/health?wait_for_status=green&timeout=60s")
        second = holder_of_the_primary(nodes, "records")
        killer = threading.Timer(0.3, second.kill)
        killer.start()
        persistently(lambda: rebuild(index, BATCHES))
        killer.join()
        seen = len(reader.answers)
        while len(reader.answers) < seen + 5:
            time.sleep(0.05)
        reader.ended.set()
        reader.join()
        check_that_nothing_is_lost(index)
        assert (reader.wrong, reader.failures) == ([], [])
        assert reader.answers[-1] == BATCH * BATCHES
        assert len(first.ask("/_cat/indices/records*?format=json")) == 2, "the index and its vectors"
        index.close()
        without_copies.close()


def check_that_what_has_no_copies_is_made_anew(index: OpenSearchIndex) -> None:
    """A part of it is lost with a node: nothing is answered of the rest."""
    with pytest.raises(StoreError, match=r"Start the nodes.*`voltagraph rebuild`"):
        index.search(ASKED, PUBLIC)
    persistently(lambda: rebuild(index, 2))
    assert index.search(ASKED, PUBLIC).total == 2 * BATCH
    index.embed("m", {**vectors_of(0), **vectors_of(1)})
    assert index.unembedded("m") == {}
    assert len(index.neighbours(vector_of(0), EVERYTHING, PUBLIC, limit=100)) == 2 * BATCH
