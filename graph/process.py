"""The embedded store in a process of its own, for writing: the engine and the reading of documents then use a core each.

What goes over the pipe is N-Triples text, because Python objects cost more to send than the engine takes to store them.

It also publishes what it wrote, for those who read (`graph.checkpoints`): at once when something was taken from a reader, else in
a while.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

from graph.checkpoints import Checkpoints
from graph.child import Child
from graph.embedded import EmbeddedGraphStore
from graph.lattice import GraphLines
from graph.store import GraphChange
from records import errors
from records.errors import StoreBusyError, StoreError, VoltagraphError
from records.ntriples import lines_of
from records.rdf import Triple
from records.rights import PUBLIC, Audiences

PUBLISH_SECONDS: Final = 1.0
"""How much older what readers see may be than what is written, while more is written."""
IDLE_SECONDS: Final = 0.5
"""After so long without work, what was written is published."""
WAIT_SECONDS: Final = 1.0
"""How long a writer waits for another one to let go of the store: a correction has it for a fraction of that."""


class _Text(NamedTuple):
    """One graph with its statements as one text."""

    graph_iri: str
    lines: str
    audiences: Audiences


class _Request(NamedTuple):
    """What the other process is to do."""

    verb: str
    graphs: tuple[_Text, ...] = ()
    rights: Mapping[str, Audiences] = {}


class _Failure(NamedTuple):
    """An error of `records.errors`, in parts: name of its class, message, remedy."""

    name: str
    message: str
    remedy: str


class GraphProcess:
    """The `graph.store.GraphWriter` in a process of its own; it ends with the process that made it, however that ends.

    Args:
        path: Folder of the store, made when absent.
        home: Where what is written is published; ``None``: nobody is to read it yet.

    Raises:
        StoreError: As `EmbeddedGraphStore`, at the first call.
    """

    def __init__(self, path: Path, *, home: Path | None = None) -> None:
        self._child = Child(serve)
        self._child.pipe.send((path, home))

    def apply(self, changes: Sequence[GraphChange]) -> None:
        """Replace these record graphs and their share of the partitions, all in one transaction."""
        self._ask(_Request("apply", tuple(_text(change.graph_iri, change.triples, change.audiences) for change in changes)))

    def set_rights(self, rights: Mapping[str, Audiences]) -> None:
        """Change who may read these record graphs, and nothing of what they hold; all in one transaction."""
        self._ask(_Request("set_rights", rights=dict(rights)))

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        """Replace a graph that everyone may read and that is not a record."""
        self._ask(_Request("set_public_graph", (_text(graph_iri, list(triples), PUBLIC),)))

    def clear(self) -> None:
        """Drop everything."""
        self._ask(_Request("clear"))

    def close(self) -> None:
        """Write everything out and end the process."""
        try:
            if self._child.is_alive:
                self._ask(_Request("close"))
                self._child.wait()
        finally:
            self._child.close()

    def _ask(self, request: _Request) -> None:
        try:
            self._child.pipe.send(request)
            failure: _Failure | None = self._child.pipe.recv()
        except (EOFError, OSError) as exc:
            raise StoreError(
                f"The process that writes the graph store ended by itself (exit code {self._child.wait(5)}).",
                "Run the command again: what was written is whole.",
            ) from exc
        if failure is not None:
            kind: type[VoltagraphError] = getattr(errors, failure.name)
            raise kind(failure.message, failure.remedy)


def serve(pipe: Connection) -> None:
    """Be the other process: open the store, then write what comes until there is no more.

    Args:
        pipe: Where the folders come from, then requests, and where answers go to.
    """
    writer = _Writer(*pipe.recv())
    verb = ""
    while verb != "close":
        try:
            if not pipe.poll(IDLE_SECONDS if writer.has_work else None):
                writer.publish_if_it_works(seal=True)
                continue
            request = pipe.recv()
        except EOFError:
            return
        failure: _Failure | None = None
        verb = request.verb
        try:
            writer.do(request)
        except VoltagraphError as exc:
            failure = _Failure(type(exc).__name__, exc.message, exc.remedy)
        pipe.send(failure)
        if writer.is_due:
            writer.publish_if_it_works(seal=False)


class _Writer:
    """The store in the process that writes it, and what of it is not published."""

    def __init__(self, path: Path, home: Path | None) -> None:
        self._path = path
        self._checkpoints = None if home is None else Checkpoints(home)
        self._store: EmbeddedGraphStore | None = None
        self._published = 0.0
        self._owes = False
        self._sealed = True

    @property
    def has_work(self) -> bool:
        """Whether there is something to do between requests."""
        return self._owes or not self._sealed

    @property
    def is_due(self) -> bool:
        """Whether readers have seen the same for long enough."""
        return self._owes and time.monotonic() - self._published >= PUBLISH_SECONDS

    def do(self, request: _Request) -> None:
        """Do one request; what takes something from a reader is published when this returns."""
        if request.verb == "close":
            self._close()
            return
        store = self._store = self._store or self._opened()
        if self._checkpoints is not None and not self._owes:
            self._checkpoints.mark_unpublished()
            self._owes = True
        lines = [GraphLines(iri, text.split("\n") if text else [], audiences) for iri, text, audiences in request.graphs]
        if request.verb == "apply":
            store.apply_lines(lines)
        elif request.verb == "set_rights":
            store.set_rights(request.rights)
        elif request.verb == "set_public_graph":
            store.set_public_lines(lines[0])
        elif request.verb == "clear":
            store.clear()
        if store.withdrew:
            self.publish(seal=False)

    def publish(self, *, seal: bool = True) -> None:
        """Let readers see everything that was written."""
        if self._checkpoints is not None and self._store is not None and (self._owes or (seal and not self._sealed)):
            self._published = time.monotonic()
            self._checkpoints.publish(self._store.backup, seal=seal)
            self._owes, self._sealed = False, seal

    def publish_if_it_works(self, *, seal: bool) -> None:
        """The same between requests; what fails now is tried again, and told at the end."""
        try:
            self.publish(seal=seal)
        except StoreError:
            self._published = time.monotonic()

    def _close(self) -> None:
        if self._store is not None:
            try:
                self.publish()
            finally:
                self._store.close()

    def _opened(self) -> EmbeddedGraphStore:
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                if self._checkpoints is not None:
                    self._checkpoints.settle()
                store = EmbeddedGraphStore(self._path)
            except StoreBusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                self._owes = self._checkpoints is not None and not self._checkpoints.is_published()
                return store


def _text(graph_iri: str, triples: Sequence[Triple], audiences: Audiences) -> _Text:
    try:
        return _Text(graph_iri, "\n".join(lines_of(triples)), audiences)
    except ValueError as exc:
        raise StoreError(f"<{graph_iri}> cannot be stored: {exc}", "Mend the record; nothing of this batch was stored.") from exc
