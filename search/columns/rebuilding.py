"""A new index takes the place of the old one at one blow.

The name of the index is a file, or from the first rebuilding on a link to one. The new file is made beside it, and the link is
replaced when it is whole. Whoever has the old file open reads on in it until the next question, even where it is removed.
"""

from __future__ import annotations

import fcntl
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from graph.files import disk_errors, sync
from graph.sqlite_file import transaction
from records.errors import StoreBusyError, StoreDamagedError
from search.columns.store import RecordStore, Stamp, connect, copy_changes, copy_vectors, told_of


def columns_of(file: Path) -> Path:
    """The folder of columns that belongs to a file of records."""
    return file.with_suffix(".columns")


def stamp_of(store: RecordStore) -> Stamp | None:
    """The state of a store; ``None`` where it, or a vector in it, is damaged, or it is of another version."""
    try:
        with store.snapshot() as snapshot:
            for _ in snapshot.vectors(0):
                pass
            return snapshot.stamp
    except StoreDamagedError:
        return None


@contextmanager
def place_beside(path: Path) -> Iterator[Path]:
    """A name for a new file of records beside this one; what does not take its place is removed.

    Raises:
        StoreBusyError: Another process is rebuilding.
    """
    with disk_errors(path):
        opened = path.with_name(f"{path.stem}.rebuilding").open("w")
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"The search index {path} is being rebuilt by another process."
            raise StoreBusyError(message, "Wait until it has ended.") from None
        _remove_others(path)
        try:
            yield path.with_name(f"{path.stem}-{secrets.token_hex(8)}{path.suffix}")
        finally:
            _remove_others(path)


def give_vectors(path: Path, new: Path) -> None:
    """Give the new file the vectors of its summaries that the old one has. Of a damaged one they have to be made again."""
    with suppress(StoreDamagedError), told_of(path), closing(connect(path)) as old, closing(connect(new)) as db:
        copy_vectors(old, db)


def take_place(path: Path, new: Path, begun: Stamp | None) -> None:
    """Put the new file in the place of the old one, with what was written to the old one meanwhile.

    Args:
        path: The old file, or the link to it.
        new: The new one; nobody has it open.
        begun: State of the old one when the new one was begun; ``None`` where that cannot be read.
    """
    with told_of(path), disk_errors(path), ExitStack() as nobody_writes:
        if begun is not None:
            old = nobody_writes.enter_context(closing(connect(path)))
            nobody_writes.enter_context(transaction(old))
            with closing(connect(new)) as db:
                copy_changes(old, db, begun.change)
                copy_vectors(old, db)
        link = new.with_suffix(".link")
        link.symlink_to(new.name)
        link.replace(path)
        sync(path.parent)


def _remove_others(path: Path) -> None:
    """Remove what is not current: an older index, or one that never became current."""
    current = path.resolve()
    beside = re.compile(rf"{re.escape(path.stem)}-[0-9a-f]{{16}}")
    others = {path.stem, *(found[0] for file in path.parent.iterdir() if (found := beside.match(file.name)))} - {current.stem}
    for stem in others:
        file = path.with_name(f"{stem}{path.suffix}")
        shutil.rmtree(columns_of(file), ignore_errors=True)
        for suffix in ("-wal", "-shm", ""):
            if file != path or suffix:
                file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
        file.with_suffix(".link").unlink(missing_ok=True)
