"""A node of a cluster of three is killed while records are written and found: nothing is lost, no answer is half of something."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from records.errors import StoreError
from records.record import ConceptUse, Record
from records.rights import PUBLIC, Rights
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from search.query import ConceptPart, Facet, Query, TextPart
from tests.servers import opensearch

BATCH = 20
BATCHES = 30
ASKED = Query("", (ConceptPart("cell", ("urn:cell",), ("cell",), frozenset({"urn:cell"})), TextPart("word")))


def a_batch(number: int) -> list[Record]:
    uses = (ConceptUse("urn:cell", (), "", 1),)
    return [
        Record(f"lab/{n}", f"urn:{n}", f"cell {n}", "lab", f"{n}.json", "", Rights(PUBLIC, PUBLIC), uses, text="word")
        for n in range(number * BATCH, (number + 1) * BATCH)
    ]


class Reader(threading.Thread):
    """Asks on and on; `wrong` are the answers that hold a part of a batch, or less than an answer before."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__()
        self._cluster = cluster
        self.ended = threading.Event()
        self.answers: list[int] = []
        self.wrong: list[tuple[int, int]] = []
        self.failures: list[StoreError] = []

    def run(self) -> None:
        index = OpenSearchIndex(self._cluster)
        most = 0
        while not self.ended.is_set():
            try:
                page = index.search(ASKED, PUBLIC, facets=[Facet.CONCEPT], limit=5)
            except StoreError as error:
                self.failures.append(error)
                continue
            counted = page.facets[Facet.CONCEPT][0].count if page.total else 0
            if page.total % BATCH or page.total < most or counted != page.total:
                self.wrong.append((page.total, counted))
            most = page.total
            self.answers.append(page.total)
        index.close()


def holder_of_the_primary(nodes: list[opensearch.Node]) -> opensearch.Node:
    shards = nodes[0].ask("/_cat/shards/records?format=json")
    name = next(shard["node"] for shard in shards if shard["prirep"] == "p")
    return next(node for node in nodes if node.name == name)


def test_a_node_dies_while_records_are_written_and_found_and_nothing_is_lost(tmp_path: Path) -> None:
    with opensearch.cluster(tmp_path, 3, heap_mb=256) as nodes:
        cluster = Cluster(tuple(node.url for node in nodes), "records", seconds=30)
        index = OpenSearchIndex(cluster)
        index.apply(a_batch(0))
        nodes[0].ask("/_cluster/health/records?wait_for_status=green&timeout=60s")
        reader = Reader(cluster)
        reader.start()
        tries = 0
        for number in range(1, BATCHES):
            if number == BATCHES // 3:
                threading.Timer(0.05, holder_of_the_primary(nodes).kill).start()
            while True:
                tries += 1
                try:
                    index.apply(a_batch(number))
                    break
                except StoreError:  # as a harvest that is started again
                    assert tries < 10 * BATCHES
                    time.sleep(0.5)
        seen_after = len(reader.answers)
        while len(reader.answers) < seen_after + 5:
            time.sleep(0.05)
        reader.ended.set()
        reader.join()

        assert sum(node.process.poll() is None for node in nodes) == 2
        assert index.ids() == {f"lab/{n}" for n in range(BATCH * BATCHES)}
        assert index.search(ASKED, PUBLIC).total == BATCH * BATCHES
        assert (reader.wrong, reader.failures) == ([], [])
        assert reader.answers[-1] == BATCH * BATCHES
        index.close()
