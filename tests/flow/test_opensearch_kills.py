"""The process that writes the index on a cluster is killed again and again: the index equals a fresh one."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from uuid import uuid4

import numpy as np
import pytest

from records.record import Record
from search.index import SearchIndex, Vector
from search.opensearch import beats
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from search.query import Query
from tests.flow.test_index_kills import BATCH, IDS, TEAM, ancestors, form, summary, told
from tests.servers import opensearch

pytestmark = pytest.mark.xdist_group("opensearch")

KILLS = 50
EVERYTHING = Query("", ())


def opened(url: str, name: str) -> OpenSearchIndex:
    return OpenSearchIndex(Cluster((url,), name, replicas=0), ancestors=ancestors, summary=summary)


def vector_of(text: str) -> Vector:
    drawn = np.random.default_rng(list(text.encode())).standard_normal(4).astype(np.float32)
    return drawn / np.float32(np.linalg.norm(drawn))


def embed(index: SearchIndex) -> None:
    index.embed("m", {key: vector_of(text) for key, text in index.unembedded("m").items()})


def write_for_ever(url: str, name: str, first_turn: int, begun: Event) -> None:
    """Write batches, each of one turn, with vectors and rebuilding in between."""
    beats.SILENT_SECONDS = 0.2  # type: ignore[misc]  # the one before is dead
    index = opened(url, name)
    begun.set()
    turn = first_turn
    while True:
        start = turn * BATCH % IDS
        gone = [f"bma/{(start + BATCH) % IDS}"] if turn % 2 else []
        index.apply([form(start + n, turn) for n in range(BATCH)], gone)
        if turn % 3 == 0:
            embed(index)
        if turn % 5 == 4:
            records = readable(index)
            with index.rebuilding() as fresh:
                fresh.apply(records)
        turn += 1


def readable(index: SearchIndex) -> list[Record]:
    """All of its records."""
    records = [hit.record for hit in index.search(EVERYTHING, TEAM, limit=IDS).hits]
    assert {record.id for record in records} == index.ids()
    return records


def turn_of(record: Record) -> int:
    return int(record.text.removeprefix("cell turn"))


@pytest.fixture
def names(node: opensearch.Node) -> Iterator[list[str]]:
    """Names of indices, which are gone afterwards."""
    made = [f"t{uuid4().hex[:12]}" for _ in range(2)]
    yield made
    for name in made:
        node.ask(f"/{name}*", "DELETE")


def told_of_all(index: SearchIndex) -> object:
    return told(index), index.neighbours(vector_of("cell"), EVERYTHING, TEAM, limit=IDS)


def test_fifty_kills_while_indexing_leave_an_index_that_equals_a_fresh_one(
    node: opensearch.Node, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "opensearchpy"])  # then a process takes no second to start
    chance = random.Random(11)
    index, fresh = (opened(node.url, name) for name in names)
    index.apply([form(n, 1) for n in range(BATCH)])
    changes = 0
    for kill in range(KILLS):
        before = index.generation
        begun = context.Event()
        process = context.Process(target=write_for_ever, args=(node.url, names[0], 100 * (kill + 1), begun))
        process.start()
        assert begun.wait(60)
        time.sleep(chance.random() * 1.0)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        records = readable(index)
        turns = [turn_of(record) for record in records]
        assert turns.count(max(turns)) == BATCH, "the last batch is whole"
        changes += index.generation != before
        if kill % 10 == 9:
            fresh.apply(records, fresh.ids() - {record.id for record in records})
            assert told(index) == told(fresh)
    assert changes > KILLS / 2
    monkeypatch.setattr(beats, "SILENT_SECONDS", 0.2)
    index.apply([form(n, 100_000) for n in range(BATCH)])
    fresh.apply([form(n, 100_000) for n in range(BATCH)])
    embed(index)
    embed(fresh)
    assert told_of_all(index) == told_of_all(fresh)
    begun_and_left = {"query": {"range": {"since": {"gt": int(index.generation)}}}}
    assert node.ask(f"/{names[0]}/_count", "POST", begun_and_left)["count"] == 0
    index.close()
    fresh.close()
