"""The engine of the embedded stores, pyoxigraph: opening a folder of it, the lock beside it, and its errors as ours."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from graph.answering import value_of
from graph.files import FULL
from graph.system_graph import REBUILD, SYSTEM
from records.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError


def open_engine(path: Path | None, *, read_only: bool = False) -> ox.Store:
    """The engine over a folder; ``None`` keeps everything in memory."""
    if path is None:
        return ox.Store()
    return ox.Store.read_only(str(path)) if read_only else ox.Store(path)


def lock_store(path: Path, *, shared: bool) -> IO[bytes]:
    """Take the lock beside the store: one writer, or any number of readers.

    The engine itself refuses a second writer, but a reader beside a writer would be undefined behaviour.
    """
    if shared and not path.is_dir():
        raise StoreError(f"There is no graph store at {path}.", "Harvest first, or mend the path.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_name(f"{path.name}.lock").open("ab")
    except OSError as exc:
        raise _full_or_other(exc, path) from exc
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as exc:
        file.close()
        if exc.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise _busy(path) from exc
        raise _full_or_other(exc, path) from exc
    return file


def written_down(engine: ox.Store, predicate: str, subject: str | None = None) -> Iterator[tuple[str, str]]:
    """What the system graph (`graph.system_graph`) says with a predicate, about one subject or all: subject and value."""
    about = None if subject is None else ox.NamedNode(subject)
    for quad in engine.quads_for_pattern(about, ox.NamedNode(predicate), None, ox.NamedNode(SYSTEM)):
        yield value_of(quad.subject), value_of(quad.object)


def _busy(path: Path | None) -> StoreBusyError:
    return StoreBusyError(f"Another process has the graph store {path} open.", "Stop it or wait for it to end, then try again.")


def _full_or_other(exc: BaseException, path: Path | None) -> StoreError:
    text = str(exc)
    number = exc.errno if isinstance(exc, OSError) else None
    if number in FULL or any(os.strerror(n) in text for n in FULL):
        return StoreFullError(f"No space is left for the graph store {path}.", "Make room, then start again.")
    # The engine says so of a file of its own that was removed; while the folder is there it must have been.
    is_lacking = "No such file or directory" in text and path is not None and path.is_dir()
    if "Corruption" in text or "orrupted" in text or is_lacking:
        return StoreDamagedError(f"The graph store {path} is damaged: {text}.", REBUILD)
    if "While lock file" in text or "lock hold by current process" in text:
        return _busy(path)
    return StoreError(f"The graph store {path} cannot be used: {text}.", "Check the folder and its permissions.")


@contextmanager
def engine_errors(path: Path | None) -> Iterator[None]:
    """Turn the engine's errors into ours."""
    try:
        yield
    except (SyntaxError, ValueError) as exc:  # an IRI that the engine takes for none, a lone surrogate
        raise StoreError(f"What was given cannot be stored: {exc}.", "Mend the record; nothing of this batch was stored.") from exc
    except (OSError, RuntimeError) as exc:
        raise _full_or_other(exc, path) from exc
