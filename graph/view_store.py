"""A view: a read-only store that holds what one kind of reader may read of a checkpoint, and nothing else.

`docs/adr/0010-reader-views.md` says why. Its default graph is the union of the partitions that these readers may read, its named
graphs are the record graphs that stand in them, so it is asked whole:

    VIEW/store          the engine's
    VIEW/readers.json   every partition of the checkpoint with its audiences, and which of them are here: who may ask

`graph.views` decides when one is made.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

from graph.answering import Answering, WholeLayout, dump
from graph.engine import engine_errors, open_engine, written_down
from graph.guard import QueryLimits, guard
from graph.partitions import held_by, readable
from graph.store import Answer, Term
from graph.system_graph import AUDIENCE, IN, VERSION, check_layout, partitions_of
from records.errors import StoreDamagedError, StoreError, VoltagraphError
from records.ntriples import iri_text
from records.rights import Audiences

LOADED_BYTES: Final = 32_000_000
"""Text that is loaded in one step: more is faster and takes more memory, a dozen times as much."""
READERS_CACHE: Final = 1_000
"""Number of audience sets of which is remembered that they are of the view's kind."""


@dataclass(frozen=True, slots=True)
class ViewTask:
    """A view to build.

    Args:
        checkpoint: Folder of the checkpoint; held by whoever asks.
        readable: The partitions of it that the readers of the view may read.
        target: Folder of the view; there, and whole, when the task is done.
    """

    checkpoint: Path
    readable: frozenset[str]
    target: Path

    @property
    def unfinished(self) -> Path:
        """Where it is while it is built."""
        return self.target.with_name(f"{self.target.name}.tmp")


class ViewStore:
    """Answers the readers of one view; the reading half of a `graph.store.GraphStore`.

    Args:
        path: Folder of the view.
        limits: How long and how deep a query may be.

    Raises:
        StoreDamagedError: It cannot be read.
    """

    def __init__(self, path: Path, *, limits: QueryLimits | None = None) -> None:
        self._path = path
        self._limits = limits or QueryLimits()
        with engine_errors(path), _damage(path):
            known = json.loads((path / "readers.json").read_text())
            self._partitions = {iri: frozenset(audiences) for iri, audiences in known["partitions"].items()}
            self._readable = frozenset(known["readable"])
            engine = open_engine(path / "store", read_only=True)
        self._welcome: set[Audiences] = set()
        self._answering: Answering | None = Answering(engine, WholeLayout(engine), partial(engine_errors, path))

    def query(
        self,
        text: str,
        audiences: Audiences,
        *,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        bindings: Mapping[str, Term] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """Answer a SPARQL 1.1 query over the view, to readers of its kind and nobody else.

        Raises:
            StoreError: These audiences may read less than the view holds, or more.
        """
        held = held_by(audiences)
        self._check_reader(held)
        guarded = guard(text, self._limits, bindings, repeatable).asked_over(default_graphs, named_graphs)
        if self._answering is None:
            raise StoreError("The view is closed.", "Open it again.")
        return self._answering.answer(guarded, held, repeatable=repeatable, shorten=True)

    def close(self) -> None:
        """Let go of the files; answers still being read keep them open."""
        self._answering = None

    def _check_reader(self, held: Audiences) -> None:
        if held in self._welcome:
            return
        if readable(self._partitions, held) != self._readable:
            raise StoreError(f"The view {self._path.name} is for readers with other rights.", "Report it: this must not happen.")
        if len(self._welcome) >= READERS_CACHE:
            self._welcome.clear()
        self._welcome.add(held)


def partitions_at(checkpoint: Path) -> dict[str, Audiences]:
    """The partitions of a checkpoint, each with its audiences; whoever asks holds it.

    Raises:
        StoreError: It cannot be read.
    """
    with engine_errors(checkpoint):
        return _partitions(open_engine(checkpoint, read_only=True), checkpoint)


def _partitions(engine: ox.Store, checkpoint: Path) -> dict[str, Audiences]:
    check_layout([value for _, value in written_down(engine, VERSION)], str(checkpoint))
    return partitions_of(written_down(engine, AUDIENCE))


def build(task: ViewTask) -> None:
    """Build a view; it is whole or not there. After a kill, `ViewTask.unfinished` is left.

    Raises:
        StoreError: It cannot be read, or written.
    """
    with engine_errors(task.unfinished):
        task.unfinished.mkdir(mode=0o700)
        source = open_engine(task.checkpoint, read_only=True)
        known = {
            "partitions": {iri: sorted(audiences) for iri, audiences in _partitions(source, task.checkpoint).items()},
            "readable": sorted(task.readable),
        }
        (task.unfinished / "readers.json").write_text(json.dumps(known))
        view = open_engine(task.unfinished / "store")
        _fill(view, source, task.readable)
        view.flush()
        view.optimize()
        del view
        task.unfinished.rename(task.target)


def serve(pipe: Connection) -> None:
    """Be the process that builds one view: a `ViewTask` comes, and ``None`` goes back or the text of an error."""
    _give_way()
    task: ViewTask = pipe.recv()
    try:
        build(task)
    except VoltagraphError as exc:
        pipe.send(str(exc))
    else:
        pipe.send(None)


def _give_way() -> None:
    """Run only when nothing else on this machine wants to, and be the first to go when memory is short."""
    os.nice(19)
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("900")


def _fill(view: ox.Store, source: ox.Store, partitions: frozenset[str]) -> None:
    """Load the partitions into the default graph, and the record graphs under their names."""
    loading = _Loading(view)
    output: IO[bytes] = loading  # type: ignore[assignment]  # the engine calls write and flush alone
    for partition in sorted(partitions):
        source.dump(output, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(partition))
    for graph, partition in written_down(source, IN):
        if partition in partitions:
            node = ox.NamedNode(graph)
            lines = dump(source, node)
            if lines:
                # Within a line no end of a line stands unescaped, so this is the end of each statement.
                loading.write(lines.replace(b" .\n", f" {iri_text(graph)} .\n".encode()))
            else:
                view.add_graph(node)
    loading.load()


class _Loading:
    """A file that loads the statements that are written to it."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, text: bytes) -> int:
        self._pieces.append(bytes(text))
        self._size += len(text)
        if self._size > LOADED_BYTES:
            self.load()
        return len(text)

    def flush(self) -> None:
        """Nothing to do: `load` is called at the end."""

    def load(self) -> None:
        """Load all whole lines."""
        text = b"".join(self._pieces)
        end = text.rfind(b"\n") + 1
        self._pieces, self._size = [text[end:]], len(text) - end
        if end:
            self._store.bulk_load(text[:end], ox.RdfFormat.N_QUADS)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn what a view without its list of readers says into our error."""
    try:
        yield
    except (json.JSONDecodeError, KeyError, FileNotFoundError) as exc:
        raise StoreDamagedError(f"The view {path} is damaged.", "Start the server again: it makes its views anew.") from exc
