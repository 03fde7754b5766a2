"""The embedded store in a process of its own, for writing: the engine and the reading of documents then use a core each.

What goes over the pipe is N-Triples text, because Python objects cost more to send than the engine takes to store them.
"""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from graph.embedded import EmbeddedGraphStore, GraphLines
from graph.store import GraphChange
from records import errors
from records.errors import StoreError, VoltagraphError
from records.ntriples import lines_of
from records.rdf import Triple
from records.rights import PUBLIC, Audiences

_PR_SET_PDEATHSIG = 1
_PROGRAM = """
import sys
path, handle, sys.path[:] = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
from multiprocessing.connection import Connection
from pathlib import Path
from graph.process import serve
serve(Path(path), Connection(handle))
"""


class _Text(NamedTuple):
    """One graph with its statements as one text."""

    graph_iri: str
    lines: str
    audiences: Audiences


class _Request(NamedTuple):
    """What the other process is to do."""

    verb: str
    graphs: tuple[_Text, ...] = ()


class _Failure(NamedTuple):
    """An error of `records.errors`, in parts: name of its class, message, remedy."""

    name: str
    message: str
    remedy: str


class GraphProcess:
    """The `graph.store.GraphWriter` in a process of its own; it ends with the process that made it, however that ends.

    Args:
        path: Folder of the store, made when absent.

    Raises:
        StoreError: As `EmbeddedGraphStore`, at the first call.
    """

    def __init__(self, path: Path) -> None:
        ours, theirs = socket.socketpair()
        # A new interpreter, because a fork would copy a process that has threads; with our module path and nothing else of ours.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program, no shell
            [sys.executable, "-P", "-c", _PROGRAM, str(path), str(theirs.fileno()), *sys.path],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()
        self._pipe = Connection(ours.detach())

    def apply(self, changes: Sequence[GraphChange]) -> None:
        """Replace these record graphs and their share of the partitions, all in one transaction."""
        self._ask(_Request("apply", tuple(_text(change.graph_iri, change.triples, change.audiences) for change in changes)))

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph that everyone may read and that is not a record."""
        self._ask(_Request("set_public_graph", (_text(graph_iri, list(triples), PUBLIC),)))

    def clear(self) -> None:
        """Drop everything."""
        self._ask(_Request("clear"))

    def close(self) -> None:
        """Write everything out and end the process."""
        try:
            if self._process.poll() is None:
                self._ask(_Request("close"))
        finally:
            self._pipe.close()
            self._process.wait()

    def _ask(self, request: _Request) -> None:
        try:
            self._pipe.send(request)
            failure: _Failure | None = self._pipe.recv()
        except (EOFError, OSError) as exc:
            raise StoreError(
                f"The process that writes the graph store ended by itself (exit code {self._process.wait(5)}).",
                "Run the command again: what was written is whole.",
            ) from exc
        if failure is not None:
            kind: type[VoltagraphError] = getattr(errors, failure.name)
            raise kind(failure.message, failure.remedy)


def serve(path: Path, pipe: Connection) -> None:
    """Be the other process: open the store, then write what comes until there is no more.

    Args:
        path: Folder of the store.
        pipe: Where requests come from and answers go to.
    """
    _die_with_parent()
    store: EmbeddedGraphStore | None = None
    verb = ""
    while verb != "close":
        try:
            verb, graphs = pipe.recv()
        except EOFError:
            return
        failure: _Failure | None = None
        try:
            store = store or EmbeddedGraphStore(path)
            lines = [GraphLines(iri, text.split("\n") if text else [], audiences) for iri, text, audiences in graphs]
            if verb == "apply":
                store.apply_lines(lines)
            elif verb == "set_public_graph":
                store.set_public_lines(lines[0])
            elif verb == "clear":
                store.clear()
            else:
                store.close()
        except VoltagraphError as exc:
            failure = _Failure(type(exc).__name__, exc.message, exc.remedy)
        pipe.send(failure)


def _text(graph_iri: str, triples: Sequence[Triple], audiences: Audiences) -> _Text:
    try:
        return _Text(graph_iri, "\n".join(lines_of(triples)), audiences)
    except ValueError as exc:
        raise StoreError(f"<{graph_iri}> cannot be stored: {exc}", "Mend the record; nothing of this batch was stored.") from exc


def _die_with_parent() -> None:
    """No orphan may hold the store's lock; and Ctrl-C is the parent's to handle, so that a transaction is not cut."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
