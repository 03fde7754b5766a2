"""A child interpreter with a pipe to it, which ends with the process that made it, however that ends."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Final

_PROGRAM: Final = """
import sys
pipe, lifeline, module, name, sys.path[:] = *sys.argv[1:5], sys.argv[5:]
from graph.child import begin
begin(int(pipe), int(lifeline), module, name)
"""


class Child:
    """A new interpreter that runs one function of ours.

    A fork would copy a process that has threads; a new interpreter has our module path and nothing else of ours. It ends when this
    process ends, even by a kill, and even in the middle of a call into an engine: see `begin`. It does not end with the thread
    that made it. Ctrl-C is left to its parent.

    Args:
        serve: A function of a module; called there with the other end of the pipe. The child ends when it returns.
        environment: Variables besides those of this process.
        quiet: Drop what it writes to standard error, too; what it writes to standard output is always dropped.

    Raises:
        OSError: No process can be started.
    """

    def __init__(
        self, serve: Callable[[Connection], None], *, environment: Mapping[str, str] | None = None, quiet: bool = False
    ) -> None:
        ours, theirs = socket.socketpair()
        theirs_to_live, self._lifeline = os.pipe()
        try:
            handles = (theirs.fileno(), theirs_to_live)
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program, no shell
                [sys.executable, "-P", "-c", _PROGRAM, *map(str, handles), serve.__module__, serve.__qualname__, *sys.path],
                pass_fds=handles,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL if quiet else None,
            )
        except BaseException:
            ours.close()
            os.close(self._lifeline)
            raise
        finally:
            theirs.close()
            os.close(theirs_to_live)
        self.pipe = Connection(ours.detach())
        """Where messages go and come; readable at its end too, when the child is gone."""

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code, once it has ended: the number of the signal that ended it, below zero.

        Raises:
            TimeoutError: It has not ended within this time.
        """
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as exc:
            raise TimeoutError(f"process {self.pid} has not ended within {seconds:g} seconds") from exc

    def kill(self) -> None:
        """End it now, whatever it does; it may be waited for afterwards. May be called from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End it if it has not ended, and let go of all that belongs to it."""
        self.kill()
        self.wait()
        self.pipe.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def begin(pipe: int, lifeline: int, module: str, name: str) -> None:
    """Be the child.

    Args:
        pipe: File number of the pipe.
        lifeline: File number of a pipe on which nothing ever comes but its end, when the parent is gone. The kernel then
            kills this process: a thread of ours that waits for it would have to wait for the interpreter.
        module: Where the function is.
        name: What the function is called.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([lifeline], [], [], 0)[0]:
            return  # the parent was gone before we asked to be told
    getattr(import_module(module), name)(Connection(pipe))
