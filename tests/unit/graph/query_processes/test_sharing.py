"""Processes are shared: who waits, who gives way, and which state each query reads."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph import query_pool
from graph.embedded import EmbeddedGraphStore
from graph.queries import Allowance, StorePlace
from graph.query_processes import SHORT, Folders, QueryProcesses
from records.errors import BusyError, CancelledError, QueryLimitError, RateLimitError, StoreError
from tests.unit.graph.query_processes.asking import (
    ALL,
    CROSS,
    POINT,
    ask,
    asking,
    assert_point,
    at_work,
    children,
    fill,
    processes,
    until,
)


class TestSharing:
    def test_an_actor_has_no_more_than_its_share_and_others_have_theirs(self, queries: QueryProcesses) -> None:
        one = Allowance(seconds=300, concurrent=1)
        gone = threading.Event()
        with asking(queries, CROSS, one, actor="ada", is_cancelled=gone.is_set) as asked:
            with pytest.raises(RateLimitError, match="1 of your queries") as told:
                ask(queries, POINT, one, actor="ada")
            assert told.value.retry_after >= 1
            assert ask(queries, POINT, one, actor="bob").rows == 1
            gone.set()
            assert isinstance(asked.exception(), CancelledError)
        assert ask(queries, POINT, one, actor="ada").rows == 1

    def test_when_all_are_at_work_a_query_waits_its_turn(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool, processes=1, wait_seconds=60)
        with asking(queries, CROSS, Allowance(seconds=1), actor="ada") as asked:
            assert ask(queries, POINT, Allowance(), actor="bob").rows == 1
            assert isinstance(asked.exception(), QueryLimitError)
        queries.close()

    def test_and_is_told_when_it_waited_long_enough(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool, processes=1, wait_seconds=0.2)
        ask(queries, POINT)
        gone = threading.Event()
        with asking(queries, CROSS, Allowance(seconds=300), actor="ada", is_cancelled=gone.is_set):
            with pytest.raises(BusyError, match="Too many queries") as told:
                ask(queries, POINT, actor="bob")
            assert told.value.retry_after >= 1
            assert not isinstance(told.value, RateLimitError)
            gone.set()
        queries.close()

    def test_without_waiting_the_first_query_is_still_answered(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool, processes=2, wait_seconds=0)
        assert_point(queries)
        queries.close()

    def test_there_are_never_more_processes_than_allowed(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool, processes=3, wait_seconds=60)
        most = 0
        with ThreadPoolExecutor(12) as pool:
            asked = [pool.submit(ask, queries, POINT, Allowance(concurrent=20)) for _ in range(300)]
            while not all(one.done() for one in asked):
                most = max(most, len(children()))
                time.sleep(0.001)
        assert all(one.result().rows == 1 for one in asked)
        assert 1 < most <= 3
        queries.close()

    def test_long_queries_leave_room_for_short_ones(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool, processes=4, wait_seconds=60)
        gone = threading.Event()
        long = Allowance(seconds=300, concurrent=10)
        with ThreadPoolExecutor(5) as pool:
            asked = [pool.submit(ask, queries, CROSS, long, is_cancelled=gone.is_set) for _ in range(5)]
            until(lambda: sum(one.done() for one in asked) == 3, "more than two long ones go on")
            assert ask(queries, POINT, actor="bob").rows == 1
            gone.set()
            ended = [type(one.exception()) for one in asked]
        assert sorted(ended, key=str) == [BusyError] * 3 + [CancelledError] * 2
        queries.close()

    @pytest.mark.skipif(sys.platform != "linux", reason="reads the threads of a process as Linux tells them")
    def test_a_long_query_gives_way_with_all_its_threads_and_its_process_is_not_used_again(self, queries: QueryProcesses) -> None:
        gone = threading.Event()
        with asking(queries, CROSS, Allowance(seconds=300), is_cancelled=gone.is_set):
            (pid,) = at_work(queries)
            threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
            until(lambda: all(os.getpriority(os.PRIO_PROCESS, thread) == 19 for thread in threads), "it does not give way")
            gone.set()
        assert pid not in children()
        quick = ask(queries, "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?b ?q ?d }", Allowance(seconds=300))
        assert quick.seconds < SHORT or pid not in children()

    def test_spare_processes_wait_and_those_beyond_end_after_a_while(
        self, place: StorePlace, spool: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(query_pool, "IDLE_SECONDS", 0.1)
        queries = processes(place, spool, processes=8, wait_seconds=60)
        queries.warm()
        until(lambda: len(queries._pool._idle) == query_pool.SPARE, "no spare processes")
        gone = threading.Event()
        with ThreadPoolExecutor(6) as pool:
            asked = [
                pool.submit(ask, queries, CROSS, Allowance(seconds=0.2, concurrent=6), is_cancelled=gone.is_set) for _ in range(6)
            ]
            assert {type(one.exception()) for one in asked} == {QueryLimitError}
        until(lambda: len(children()) == query_pool.SPARE, "they do not end")
        assert_point(queries)
        queries.close()


class TestPlaces:
    def test_the_next_query_reads_what_is_newest(self, place: StorePlace, spool: Path, tmp_path: Path) -> None:
        second = StorePlace(tmp_path / "second", "g2")
        fill(tmp_path / "second", 20)
        places = _Places(place)
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool)
        text = "SELECT (COUNT(*) AS ?n) { ?s <urn:name> ?n }"
        first = ask(queries, text)
        places.newest = second
        then = ask(queries, text)
        assert (first.generation, then.generation) == ("g1", "g2")
        assert (b'"300"' in first.read(), b'"20"' in then.read()) == (True, True)
        until(lambda: set(places.held) == {second}, "the old one is still held by processes that nobody asks")
        queries.close()
        assert not places.held

    def test_another_place_is_read_when_asked_for_and_held_meanwhile(self, place: StorePlace, spool: Path, tmp_path: Path) -> None:
        fill(tmp_path / "snapshot", 20)
        snapshot = StorePlace(tmp_path / "snapshot", "s1")
        places = _Places(place)
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool, processes=1)
        answer = ask(queries, ALL, Allowance(), place=snapshot)
        assert (answer.generation, answer.rows) == ("s1", 20 * 21)
        assert set(places.held) == {place, snapshot}
        assert ask(queries, POINT).generation == "g1"
        queries.close()
        assert not places.held

    def test_no_more_than_a_few_places_stay_open(self, place: StorePlace, spool: Path, tmp_path: Path) -> None:
        places = _Places(place)
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool, processes=1)
        for number in range(query_pool.PLACES + 3):
            fill(tmp_path / str(number), 3)
            ask(queries, ALL, place=StorePlace(tmp_path / str(number), str(number)))
        assert len(places.held) == query_pool.PLACES
        open_here = {str(file.readlink()) for pid in children() for file in Path(f"/proc/{pid}/fd").iterdir()}
        assert {Path(name).parent.name for name in open_here if name.endswith(".sst")} <= {held.generation for held in places.held}
        assert ask(queries, POINT).generation == "g1"
        queries.close()

    def test_a_store_that_nobody_has_written_is_empty(self, spool: Path) -> None:
        queries = processes(StorePlace(None, "empty"), spool)
        answer = ask(queries, ALL)
        assert (answer.rows, answer.generation) == (0, "empty")
        queries.close()

    def test_places_that_cannot_be_told_are_an_error_of_the_query_alone(self, place: StorePlace, spool: Path) -> None:
        places = _Places(place)
        places.fails = True
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool)
        with pytest.raises(StoreError, match="not today"):
            ask(queries, POINT)
        places.fails = False
        assert_point(queries)
        queries.close()


class _Places:
    """States that a test chooses, and who holds them."""

    def __init__(self, newest: StorePlace) -> None:
        self.newest = newest
        self.held: dict[StorePlace, int] = {}
        self.fails = False
        self._lock = threading.Lock()

    def current(self) -> StorePlace:
        if self.fails:
            raise StoreError("not today")
        return self.newest

    @contextmanager
    def hold(self, place: StorePlace) -> Iterator[StorePlace]:
        with self._lock:
            self.held[place] = self.held.get(place, 0) + 1
        yield place
        with self._lock:
            self.held[place] -= 1
            if not self.held[place]:
                del self.held[place]
