"""Work in processes that can be killed: answers, limits, crashes, and what is left running."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from harvester.workers import Workers, WorkLimits
from records.errors import BusyError, LimitError, NotFoundError, SettingsError

# What is called there goes to the other process by its name, so it must be something that both can import.
Evaluate = Callable[[str], object]


def evaluator() -> Evaluate:
    """Builtins are what every process has: `eval` answers questions that are Python."""
    return eval


def refuser() -> Evaluate:
    raise SettingsError("There is no such profile.", "Choose another.")


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers[str, object]]:
    made = Workers(_Maker("evaluator"), WorkLimits(seconds=2, memory_bytes=200_000_000, processes=2))
    yield made
    made.close()


class _Maker:
    """Makes `eval` in the other process; pickled as a call of `eval` there, because tests are no package that it could import."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[object, ...]:
        texts = {
            "evaluator": "lambda: eval",
            "refuser": "lambda: exec('from records.errors import SettingsError\\nraise SettingsError(\"no such profile\")')",
        }
        return eval, (texts[self.name],)

    def __call__(self) -> Evaluate:
        return evaluator()


def test_questions_are_answered_by_one_process_as_long_as_they_do_not_meet(workers: Workers[str, object]) -> None:
    pids = {workers.ask("__import__('os').getpid()") for _ in range(5)}
    assert len(pids) == 1
    assert os.getpid() not in pids


def test_two_that_meet_are_answered_by_two(workers: Workers[str, object]) -> None:
    slow = "[__import__('os').getpid(), __import__('time').sleep(0.5)][0]"
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(workers.ask, [slow, slow]))) == 2


def test_more_than_there_are_processes_wait_their_turn_and_then_are_told() -> None:
    """Two are at work for three seconds, two wait for them, and the last two would have to wait for six: more than five."""
    workers: Workers[str, object] = Workers(_Maker("evaluator"), WorkLimits(seconds=5, processes=2))
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(workers.ask, "__import__('time').sleep(3)") for _ in range(6)]
        ended = [type(one.exception()) for one in asked]
    workers.close()
    assert sorted(ended, key=str) == [type(None)] * 4 + [BusyError] * 2


def test_what_takes_too_long_is_ended_and_the_next_is_answered(workers: Workers[str, object]) -> None:
    before = workers.ask("__import__('os').getpid()")
    with pytest.raises(LimitError, match="longer than 2 seconds"):
        workers.ask("__import__('time').sleep(60)")
    after = workers.ask("__import__('os').getpid()")
    assert before != after
    assert isinstance(before, int)
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_what_takes_too_much_memory_is_told(workers: Workers[str, object]) -> None:
    with pytest.raises(LimitError, match="200,000,000 bytes"):
        workers.ask("len(b'x' * 500_000_000)")
    assert workers.ask("1 + 1") == 2


def test_a_process_that_dies_at_work_is_replaced(workers: Workers[str, object]) -> None:
    with pytest.raises(LimitError):
        workers.ask("__import__('os').abort()")
    assert workers.ask("1 + 1") == 2


def test_a_process_that_dies_while_it_waits_is_replaced(workers: Workers[str, object]) -> None:
    pid = workers.ask("__import__('os').getpid()")
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert workers.ask("1 + 1") == 2


def test_an_error_that_is_told_on_purpose_comes_through_whole(workers: Workers[str, object]) -> None:
    with pytest.raises(NotFoundError) as told:
        workers.ask("(_ for _ in ()).throw(__import__('records.errors').errors.NotFoundError('not here', 'look there'))")
    assert (told.value.message, told.value.remedy) == ("not here", "look there")


def test_any_other_error_names_its_place_and_nothing_that_was_sent(workers: Workers[str, object]) -> None:
    with pytest.raises(RuntimeError) as told:
        workers.ask("{}['zircaloy']")
    assert "KeyError" in str(told.value)
    assert "zircaloy" not in str(told.value)


def test_what_keeps_it_from_starting_is_told() -> None:
    workers: Workers[str, object] = Workers(_Maker("refuser"), WorkLimits(processes=1))
    for _ in range(2):
        with pytest.raises(SettingsError, match="no such profile"):
            workers.ask("1")
    workers.close()


def test_closing_leaves_no_process(workers: Workers[str, object]) -> None:
    pid = workers.ask("__import__('os').getpid()")
    workers.close()
    assert isinstance(pid, int)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_closing_ends_what_is_at_work_too() -> None:
    workers: Workers[str, object] = Workers(_Maker("evaluator"), WorkLimits(seconds=300, processes=1))
    pid = workers.ask("__import__('os').getpid()")
    assert isinstance(pid, int)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(workers.ask, "__import__('time').sleep(200)")
        while not workers._at_work:
            time.sleep(0.01)
        workers.close()
        assert isinstance(asked.exception(), LimitError)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
