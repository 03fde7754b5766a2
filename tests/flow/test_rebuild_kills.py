"""The process that rebuilds the search index is killed again and again: the old one answers, and the next rebuilding ends well."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from search.columns.index import ColumnIndex
from search.query import Query
from tests.flow.test_index_kills import IDS, TEAM, form, opened, told

KILLS = 30


def rebuild_for_ever(path: Path, first_turn: int, begun: Event, ended: Event) -> None:
    """Rebuild, each time with another form of every record."""
    index = opened(path)
    for turn in range(first_turn, first_turn + 3_000, 3):
        with index.rebuilding() as fresh:
            for start in range(0, IDS, 50):
                fresh.apply([form(number, turn) for number in range(start, start + 50)])
                begun.set()
        ended.set()


def turns_of(index: ColumnIndex) -> list[int]:
    records = [hit.record for hit in index.search(Query("", ()), TEAM, limit=2 * IDS).hits]
    assert len(records) == IDS
    return sorted({int(record.text.removeprefix("cell turn")) for record in records})


def test_thirty_kills_while_rebuilding_leave_a_whole_index_that_can_be_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    context = multiprocessing.get_context("spawn")
    wait = random.Random(7)
    before = 0
    with_it_open = opened(path)
    with_it_open.apply([form(number, 0) for number in range(IDS)])
    assert turns_of(with_it_open) == [0]
    for kill in range(KILLS):
        begun, ended = context.Event(), context.Event()
        process = context.Process(target=rebuild_for_ever, args=(path, 3_000 * (kill + 1), begun, ended))
        process.start()
        assert (begun if kill % 3 else ended).wait(120)
        time.sleep(wait.random() * 0.4)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        index = opened(path)
        [turn] = turns_of(index)  # one state, whole
        assert turns_of(with_it_open) == [turn]
        assert told(index) == told(with_it_open)
        assert turn > before or kill % 3
        before = turn
        index.close()
    with with_it_open.rebuilding() as fresh:
        fresh.apply([form(number, 1) for number in range(IDS)])
    assert turns_of(with_it_open) == [1]
    with_it_open.close()
    assert len(list(tmp_path.glob("index-*.sqlite"))) == len(list(tmp_path.glob("index-*.columns"))) == 1
