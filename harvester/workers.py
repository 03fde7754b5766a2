"""Work on what strangers send, in processes that can be killed: within a time, within a memory, beside the server's own thread.

A thread cannot be stopped, and one that computes slows all others of its process; a process can, and does not.
"""

from __future__ import annotations

import os
import queue
import resource
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Generic, TypeVar, cast

import structlog

from graph.child import Child
from records.errors import BusyError, LimitError, VoltagraphError

Question = TypeVar("Question")
Answer = TypeVar("Answer")

START_SECONDS = 300
"""How long a process may take before its first answer: it reads the ontologies, which takes a minute where they were never read."""

_log = structlog.get_logger("workers")


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """What one piece of work may take.

    Args:
        seconds: Time for one question.
        memory_bytes: Memory for one question, beyond what the process has when it starts.
        processes: How many questions are worked on at once; the others wait their turn for as long as one may take.
    """

    seconds: float = 10
    memory_bytes: int = 1_000_000_000
    processes: int = 2


class Workers(Generic[Question, Answer]):
    """Answers questions in a few processes of its own, each started when it is first needed.

    Args:
        make: Called once in each process; gives the function that answers. It goes there by `pickle`, as do questions and answers.
        limits: Time, memory and number of processes.
    """

    def __init__(self, make: Callable[[], Callable[[Question], Answer]], limits: WorkLimits) -> None:
        self._make = make
        self._limits = limits
        # Last in, first out: a second process is started only when two questions meet.
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._at_work: set[_Worker] = set()
        for _ in range(limits.processes):
            self._free.put(None)

    def ask(self, question: Question) -> Answer:
        """The answer to one question; may be called from several threads.

        Raises:
            LimitError: It took longer or more memory than allowed; its process was ended.
            BusyError: All processes are at work.
            VoltagraphError: What the function raised.
        """
        try:
            worker = self._free.get(timeout=self._limits.seconds)
        except queue.Empty:
            raise BusyError(
                "Too many documents are being checked just now.", "Try again in a while.", retry_after=round(self._limits.seconds)
            ) from None
        try:
            if worker is not None and not worker.is_alive:
                worker.kill()
                worker = None
            worker = worker or _Worker(self._make, self._limits)
            self._at_work.add(worker)
            answer = worker.ask(question)
        except BaseException:
            if worker is not None:
                worker.kill()
                self._at_work.discard(worker)
            self._free.put(None)
            raise
        self._at_work.discard(worker)
        self._free.put(worker)
        if isinstance(answer, VoltagraphError):
            raise answer
        if isinstance(answer, _Crash):
            raise RuntimeError(f"the work failed with {answer.kind} at {answer.place}")
        return cast("Answer", answer)

    def close(self) -> None:
        """End every process; whoever waits for an answer is told that there is none."""
        for busy in tuple(self._at_work):
            busy.end()
        waiting = [self._free.get() for _ in range(self._free.qsize())]
        for worker in waiting:
            if worker is not None:
                worker.kill()
            self._free.put(None)


@dataclass(frozen=True, slots=True)
class _Crash:
    """An error that nobody foresaw: without its message, which may quote what was sent."""

    kind: str
    place: str


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, make: Callable[[], object], limits: WorkLimits) -> None:
        self._limits = limits
        self._child = Child(serve)
        try:
            self._child.pipe.send((make, limits))
            failure = self._received(START_SECONDS)
        except BaseException:
            self.kill()
            raise
        if isinstance(failure, VoltagraphError):
            self.kill()
            raise failure

    @property
    def is_alive(self) -> bool:
        return self._child.is_alive

    def ask(self, question: object) -> object:
        self._child.pipe.send(question)
        return self._received(self._limits.seconds)

    def _received(self, seconds: float) -> object:
        if not self._child.pipe.poll(seconds):
            raise LimitError(f"The document took longer than {seconds:g} seconds.", "Check a smaller one, or a part of it.")
        try:
            return self._child.pipe.recv()
        except (EOFError, OSError) as exc:
            _log.error("a checking process ended by itself", exit_code=self._child.wait(5))
            raise _too_much(self._limits) from exc

    def end(self) -> None:
        self._child.kill()

    def kill(self) -> None:
        self._child.close()


def serve(pipe: Connection) -> None:
    """Be such a process: make the function, then answer until the other end is closed.

    Args:
        pipe: Where questions come from and answers go to.
    """
    os.nice(10)  # searches go first
    try:
        make, limits = pipe.recv()
        try:
            answer_to = make()
            pipe.send(None)
        except VoltagraphError as exc:
            pipe.send(exc)
            return
        _limit_memory(limits)
        while True:
            question = pipe.recv()
            # Ends the process where nobody waits for it any more.
            signal.setitimer(signal.ITIMER_REAL, 2 * limits.seconds)
            pipe.send(_answered(answer_to, question, limits))
            signal.setitimer(signal.ITIMER_REAL, 0)
    except (EOFError, BrokenPipeError):
        return


def _answered(answer_to: Callable[[object], object], question: object, limits: WorkLimits) -> object:
    try:
        return answer_to(question)
    except MemoryError:
        return _too_much(limits)
    except VoltagraphError as exc:
        return exc
    except Exception as exc:  # noqa: BLE001 - the last resort: the server logs it and tells the client no more than that
        last = traceback.extract_tb(exc.__traceback__)[-1]
        return _Crash(type(exc).__name__, f"{Path(last.filename).name}:{last.lineno}")


def _limit_memory(limits: WorkLimits) -> None:
    statm = Path("/proc/self/statm")
    if not statm.is_file():
        return  # no Linux
    now = int(statm.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + limits.memory_bytes, now + limits.memory_bytes))


def _too_much(limits: WorkLimits) -> LimitError:
    return LimitError(
        f"The document takes more memory than {limits.memory_bytes:,} bytes to check.", "Check a smaller one, or a part of it."
    )
