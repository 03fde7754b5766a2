"""What the stores on SQLite share: how a file is opened, and the vendor's errors turned into ours."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from records.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError

_WAIT_S = 10
"""How long a store waits for another process that is writing, in seconds."""


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection for use by several threads, one at a time; ``None`` keeps everything in memory."""
    connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=_WAIT_S)
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:  # who makes the file at the same time is not waited for by SQLite itself
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return connection


def connect_kept(
    path: Path | None, store: str, schema: str, version: int, changes: Mapping[int, str] = MappingProxyType({})
) -> sqlite3.Connection:
    """A connection to a file that cannot be derived from anything: made where it is missing, every transaction on the disk at once.

    Args:
        path: The file; ``None`` keeps everything in memory.
        store: What the file is, for messages.
        schema: Statements that make its tables.
        version: Of these tables.
        changes: By an earlier version, the statements that make the tables of the next one of them.

    Raises:
        StoreDamagedError: It was written by another version of the program, from which none of the changes leads here.
    """
    connection = connect(path)
    connection.execute("PRAGMA synchronous=FULL")
    while (found := _version_of(connection)) == 0 or found in changes:
        with transaction(connection):
            if _version_of(connection) != found:  # another process was first
                continue
            for statement in (changes[found] if found else schema).split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={found + 1 if found else version}")
    if (found := _version_of(connection)) != version:
        connection.close()
        raise StoreDamagedError(
            f"The {store} {path} has version {found}, this program needs {version}.",
            "Use the program version that wrote it, or restore the backup.",
        )
    return connection


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written within it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it
            connection.execute("ROLLBACK")
        raise


@contextmanager
def store_errors(store: str, path: Path | None, when_damaged: str) -> Iterator[None]:
    """Turns what SQLite raises into the errors of `records.errors`.

    Args:
        store: What the file is, for messages: ``ledger``.
        path: The file.
        when_damaged: What to do when the file is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text or "disk I/O" in text:
            raise StoreFullError(
                f"The {store} {path} cannot be written: {text}.", "Free some space and run the command again; nothing is lost."
            ) from error
        if "locked" in text or "busy" in text:
            raise StoreBusyError(f"The {store} {path} is being written by another process.", "Wait until it has ended.") from error
        raise StoreError(
            f"The {store} {path} cannot be used: {text}.", "Check that the directory exists and can be written."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreDamagedError(f"The {store} {path} is damaged: {error}.", when_damaged) from error


def marks(number: int) -> str:
    """So many parameters of a statement.

    >>> marks(3)
    '?, ?, ?'
    """
    return ", ".join("?" * number)
