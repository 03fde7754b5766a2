"""Every runaway is ended in time and leaves nothing; so is a query that nobody waits for."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from graph.queries import Allowance, StorePlace
from graph.query_processes import QueryProcesses
from records.errors import CancelledError, QueryLimitError, StoreError
from tests.unit.graph.query_processes.asking import (
    ALL,
    CROSS,
    LITTLE,
    POINT,
    RECORDS,
    RUNAWAYS,
    ask,
    asking,
    assert_point,
    at_work,
    children,
    doubled,
    processes,
    until,
)


class TestLimits:
    @pytest.mark.parametrize("name", RUNAWAYS)
    def test_a_runaway_is_ended_leaves_nothing_and_the_next_is_answered(
        self, name: str, queries: QueryProcesses, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        assert_point(queries)
        before = set(children())
        seen: set[int] = set()

        def is_cancelled() -> bool:
            seen.update(at_work(queries))
            return False

        started = time.monotonic()
        with pytest.raises(QueryLimitError) as told:
            ask(queries, RUNAWAYS[name], is_cancelled=is_cancelled)
        assert time.monotonic() - started < LITTLE.seconds + 30
        assert told.value.limit in {"seconds", "memory_bytes", "rows", "bytes"}
        assert told.value.allowed == getattr(LITTLE, told.value.limit)
        assert told.value.message
        assert told.value.remedy
        left = children()
        assert seen <= before
        assert not seen & set(left)
        assert "Z" not in left.values()
        assert not list(queries._spool._folder.glob("*/*.answer"))
        assert_point(queries)

    def test_there_are_enough_kinds_of_them(self) -> None:
        assert len(set(RUNAWAYS.values())) >= 24

    @pytest.mark.parametrize(
        ("allowance", "limit", "allowed"),
        [
            (Allowance(rows=100), "rows", 100),
            (Allowance(bytes=300_000), "bytes", 300_000),
            (Allowance(bytes=3_000), "bytes", 3_000),
        ],
    )
    def test_an_answer_beyond_a_bound_is_an_error_and_no_file(
        self, allowance: Allowance, limit: str, allowed: int, queries: QueryProcesses, spool: Path
    ) -> None:
        with pytest.raises(QueryLimitError) as told:
            ask(queries, ALL, allowance)
        assert (told.value.limit, told.value.allowed) == (limit, allowed)
        assert not list(spool.glob("*/*.answer"))

    def test_an_answer_up_to_its_bounds_is_whole(self, queries: QueryProcesses) -> None:
        size = ask(queries, "SELECT * { ?a <urn:name> ?b }", Allowance()).size
        exact = Allowance(rows=RECORDS, bytes=size)
        assert ask(queries, "SELECT * { ?a <urn:name> ?b }", exact).rows == RECORDS
        for tighter in (Allowance(rows=RECORDS - 1, bytes=size), Allowance(rows=RECORDS, bytes=size - 1)):
            with pytest.raises(QueryLimitError):
                ask(queries, "SELECT * { ?a <urn:name> ?b }", tighter)

    def test_the_memory_bound_holds(self, queries: QueryProcesses) -> None:
        """The most that a process ever had is what it had before, and what it was allowed."""
        ask(queries, POINT)
        before = max(map(_most_memory, children()))
        most = [0]

        def is_cancelled() -> bool:
            most[0] = max([most[0], *map(_most_memory, at_work(queries))])
            return False

        allowed = 400_000_000
        with pytest.raises(QueryLimitError) as told:
            ask(
                queries, RUNAWAYS["a cross product sorted"], Allowance(memory_bytes=allowed, seconds=120), is_cancelled=is_cancelled
            )
        assert told.value.limit == "memory_bytes"
        assert allowed / 4 < most[0] < before + allowed

    def test_memory_within_the_bound_is_given(self, queries: QueryProcesses) -> None:
        text = doubled(22)  # 64 MB, with the half of it and a copy
        with pytest.raises(QueryLimitError):
            ask(queries, text, Allowance(memory_bytes=60_000_000))
        assert b"67108864" in ask(queries, text, Allowance(memory_bytes=300_000_000)).read()

    def test_the_bound_counts_from_what_a_process_has_so_that_a_second_query_has_as_much(self, queries: QueryProcesses) -> None:
        text = doubled(22)
        for _ in range(4):
            assert ask(queries, text, Allowance(memory_bytes=300_000_000)).rows == 1

    def test_a_process_that_the_system_kills_for_its_memory_counts_as_too_much(self, queries: QueryProcesses) -> None:
        text = RUNAWAYS["distinct rows of a cross product, counted"]
        with asking(queries, text, Allowance(memory_bytes=200_000_000, seconds=120)) as asked:
            (pid,) = at_work(queries)
            until(lambda: asked.done() or _memory(pid) > 160_000_000, "it takes no memory")
            time.sleep(0.1)
            if pid in children():
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(QueryLimitError) as told:
                asked.result()
            assert told.value.limit == "memory_bytes"


def _most_memory(pid: int) -> int:
    return _of_status(pid, "VmHWM:")


def _memory(pid: int) -> int:
    return _of_status(pid, "VmRSS:")


def _of_status(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


class TestCancelling:
    def test_a_query_that_nobody_waits_for_is_killed(self, queries: QueryProcesses, spool: Path) -> None:
        gone = threading.Event()
        with asking(queries, CROSS, Allowance(seconds=300), is_cancelled=gone.is_set) as asked:
            (pid,) = at_work(queries)
            gone.set()
            assert isinstance(asked.exception(), CancelledError)
        assert pid not in children()
        assert_point(queries)
        assert not list(spool.glob("*/*.answer"))

    def test_one_that_waits_for_a_process_is_given_up(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool, processes=1, wait_seconds=300)
        with asking(queries, CROSS, Allowance(seconds=300), actor="ada"):
            with pytest.raises(CancelledError):
                ask(queries, POINT, actor="bob", is_cancelled=lambda: True)
            queries.close()

    def test_an_error_of_who_asks_ends_the_query_too(self, queries: QueryProcesses) -> None:
        def is_cancelled() -> bool:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ask(queries, CROSS, Allowance(seconds=300), is_cancelled=is_cancelled)
        assert not at_work(queries)
        assert_point(queries)

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
    def test_a_process_that_is_killed_from_outside_is_an_error_and_the_next_is_answered(
        self, number: signal.Signals, queries: QueryProcesses
    ) -> None:
        with asking(queries, CROSS, Allowance(seconds=300)) as asked:
            (pid,) = at_work(queries)
            # One that dies before it began is not missed: another process answers.
            until(lambda: any(process.is_long for process in queries._pool._at_work), "it does not begin")
            os.kill(pid, number)
            assert isinstance(asked.exception(), StoreError)
            assert "Ask again" in str(asked.exception())
        assert pid not in children()
        assert_point(queries)

    def test_a_process_that_dies_while_it_waits_is_replaced(self, queries: QueryProcesses) -> None:
        ask(queries, POINT)
        for _ in range(3):
            until(lambda: not queries._pool._preparing, "they do not start")
            killed = children()
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            until(lambda: {children().get(pid, "Z") for pid in killed} <= {"Z"}, "they did not die")  # noqa: B023
            assert_point(queries)
