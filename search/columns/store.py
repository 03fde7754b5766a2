"""What the embedded index is derived from: records, removals and vectors in one SQLite file, each with the number of its change.

See https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from graph.sqlite_file import marks, store_errors, transaction
from records.errors import StoreDamagedError, StoreError
from records.record import Record
from search.bodies import BodyDamagedError, clean, decoded, encoded
from search.index import Vector

BUSY_SECONDS: Final = 10.0
"""How long to wait for another writing process."""

_APPLICATION: Final = 0x564F4C54  # "VOLT": the file is ours
_VERSION: Final = 5
_REBUILD: Final = "Everything in it is derived: run `voltagraph rebuild`."
_ASKED: Final = 500
"""Parameters of one statement."""
_decoded = lru_cache(maxsize=1_000)(decoded)
"""Records that were read lately: a question about a set reads each of them, and the next question often the same ones."""

_SCHEMA: Final = (
    # Where neither summary nor body is left, the record was removed: whoever derives from this file must hear of it.
    "CREATE TABLE record(change INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, summary BLOB, body BLOB)",
    "CREATE INDEX record_by_summary ON record(summary, id) WHERE summary IS NOT NULL",
    "CREATE TABLE vector(change INTEGER PRIMARY KEY, summary BLOB NOT NULL UNIQUE, numbers BLOB NOT NULL)",
    # ``epoch`` is drawn anew when everything is dropped, ``model_epoch`` when all vectors are.
    """CREATE TABLE state(epoch TEXT NOT NULL, change INTEGER NOT NULL, model TEXT NOT NULL, model_epoch TEXT NOT NULL,
        vector_change INTEGER NOT NULL)""",
)


class Stamp(NamedTuple):
    """Which state the file is in.

    Args:
        epoch: Drawn anew when everything was dropped.
        change: Number of the last change of a record.
        model: Name of the model of the vectors; ``""`` before there are some.
        model_epoch: Drawn anew when all vectors were dropped.
        vector_change: Number of the last vector.
    """

    epoch: str
    change: int
    model: str
    model_epoch: str
    vector_change: int


class Change(NamedTuple):
    """A record as it is now: ``None`` when it was removed."""

    id: str
    record: Record | None
    summary: bytes


class Snapshot:
    """One state of the file."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.stamp = _stamp(db)

    @property
    def file(self) -> Path | None:
        """The file itself, also where it was opened by a link to it; ``None`` for memory."""
        *_, name = self._db.execute("PRAGMA database_list").fetchone()
        return Path(name) if name else None

    def changes(self, after: int) -> Iterator[Change]:
        """What changed after this change, oldest first."""
        rows = self._db.execute("SELECT id, body, summary FROM record WHERE change > ? ORDER BY change", (after,))
        for identifier, body, summary in rows:
            yield Change(identifier, None if body is None else decoded(body), summary or b"")

    def changed(self, after: int) -> frozenset[str]:
        """Ids that changed after this change."""
        return frozenset(row[0] for row in self._db.execute("SELECT id FROM record WHERE change > ?", (after,)))

    def count_vectors(self, after: int) -> int:
        """How many vectors were kept after this change."""
        return int(self._db.execute("SELECT COUNT(*) FROM vector WHERE change > ?", (after,)).fetchone()[0])

    def vectors(self, after: int) -> Iterator[tuple[bytes, bytes]]:
        """Vectors kept after this change: hash of the summary, and numbers.

        Raises:
            StoreDamagedError: One is not as long as the first, or has what is no number.
        """
        first = self._db.execute("SELECT length(numbers) FROM vector ORDER BY change LIMIT 1").fetchone()
        for summary, numbers in self._db.execute("SELECT summary, numbers FROM vector WHERE change > ? ORDER BY change", (after,)):
            if (len(numbers),) != first or len(numbers) % 4 or not np.isfinite(np.frombuffer(numbers, "<f4")).all():
                raise StoreDamagedError(f"The search index {self.file} is damaged: a vector cannot be read.", _REBUILD)
            yield summary, numbers


class RecordStore:
    """The file. Many threads and processes may read while one writes.

    It is opened at the first use. Where another file takes its place (`search/columns/rebuilding.py`), that one is used from then
    on; one of another version is left to programs of that version, and what is open goes on answering.

    A committed batch survives a kill of the process; after a loss of power the last batches may be missing, never half of one.

    Every method but `close` raises `StoreDamagedError` where the file is of another version or damaged, and `StoreError` where it
    is none of ours or cannot be opened.

    Args:
        path: The file, or a link to it; ``None`` keeps everything in memory.
        is_expected: Whether a file that is not there has been lost, and is not yet to be made.
    """

    def __init__(self, path: Path | None, is_expected: Callable[[], bool] = lambda: False) -> None:
        self._path = path
        self._is_expected = is_expected
        self._writing = threading.RLock()
        # In memory there is one connection, and who reads waits for who writes.
        self._reading = self._writing if path is None else threading.RLock()
        self._open: _Open | None = None
        self._refused: tuple[_Identity, StoreError] | None = None
        self._closed = False

    def stamp(self) -> Stamp:
        """The state of the file now."""
        with self._read() as db:
            return _stamp(db)

    def write(self, changed: Sequence[tuple[Record, bytes]], removed: Iterable[str]) -> None:
        """Write these records with the hashes of their summaries, and remove those ids, in one transaction."""
        with self._write() as db:
            change = _stamp(db).change
            for identifier in map(clean, removed):
                change += 1
                db.execute(
                    "UPDATE record SET change = ?, body = NULL, summary = NULL WHERE id = ? AND body IS NOT NULL",
                    (change, identifier),
                )
            for record, summary in changed:
                change += 1
                db.execute(
                    "INSERT OR REPLACE INTO record(change, id, summary, body) VALUES (?, ?, ?, ?)",
                    (change, clean(record.id), summary, encoded(record)),
                )
            db.execute("UPDATE state SET change = ?", (change,))

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One state of the file, whatever is written meanwhile."""
        if self._path is None:
            with self._read() as db:
                yield Snapshot(db)
            return
        with self._told():
            self._current()
            if _identity(self._path) is None:
                raise self._lost()  # or SQLite would make an empty file
            db = connect(self._path)
            try:
                db.execute("BEGIN")
                yield Snapshot(db)
            finally:
                db.close()

    def records(self, ids: Collection[str]) -> dict[str, Record]:
        """Those of these records that are there, as they are now."""
        wanted = [clean(one) for one in ids]
        found: dict[str, bytes] = {}
        with self._read() as db:
            for start in range(0, len(wanted), _ASKED):
                some = wanted[start : start + _ASKED]
                statement = f"SELECT id, body FROM record WHERE body IS NOT NULL AND id IN ({marks(len(some))})"  # noqa: S608  # marks only
                found.update(db.execute(statement, some).fetchall())
        with self._told():
            return {identifier: _decoded(body) for identifier, body in found.items()}

    def ids(self) -> set[str]:
        """Every record id."""
        with self._read() as db:
            return {row[0] for row in db.execute("SELECT id FROM record WHERE summary IS NOT NULL")}

    def unembedded(self, model: str, limit: int) -> dict[bytes, str]:
        """Hashes of summaries without a vector of this model, each with the id of a record that has it."""
        with self._read() as db:
            return dict(
                db.execute(
                    """SELECT summary, MIN(id) FROM record WHERE summary IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM vector WHERE vector.summary = record.summary AND ?)
                    GROUP BY summary ORDER BY summary LIMIT ?""",
                    (_stamp(db).model == model, limit),
                ).fetchall()
            )

    def embed(self, model: str, vectors: Mapping[bytes, Vector]) -> None:
        """Keep these vectors; those of another model go."""
        with self._write() as db:
            stamp = _stamp(db)
            if stamp.model != model:
                db.execute("DELETE FROM vector")
                db.execute("UPDATE state SET model = ?, model_epoch = ?", (model, secrets.token_hex(8)))
            change = stamp.vector_change
            for summary, vector in vectors.items():
                change += 1
                numbers = np.asarray(vector, "<f4").tobytes()
                db.execute("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", (change, summary, numbers))
            db.execute("UPDATE state SET vector_change = ?", (change,))

    def forget_vectors(self) -> None:
        """Drop the vectors of summaries that no record has any more."""
        with self._write() as db:
            db.execute("DELETE FROM vector WHERE NOT EXISTS (SELECT 1 FROM record WHERE record.summary = vector.summary)")

    def adopt(self, other: RecordStore, begun: Stamp) -> None:
        """Take everything of another store in memory in place of what is here, with what was written here since it was begun."""
        with self._writing, other._writing, other._told():
            ours, theirs = self._current(), other._current()
            copy_changes(ours.writer, theirs.writer, begun.change)
            copy_vectors(ours.writer, theirs.writer)
            self._open, other._open, other._closed = theirs, None, True
            ours.close()

    def close(self) -> None:
        """Write everything out and let go of the file."""
        with self._writing, self._reading, self._told():
            self._closed = True
            if self._open is not None:
                self._open.close()

    def _current(self) -> _Open:
        """The connections to the file that has the name now."""
        identity = _identity(self._path)
        kept = self._open
        if kept is not None and (identity in (None, kept.identity) or (self._refused is not None and self._refused[0] == identity)):
            return kept
        with self._writing, self._reading:
            if self._open is kept:
                try:
                    if identity is None and self._path is not None and self._is_expected():
                        raise self._lost()
                    self._open = _Open.of(self._path)
                except StoreError as error:
                    if kept is None or identity is None:
                        raise
                    self._refused = identity, error
                    return kept
                if kept is not None:
                    kept.close()
            return self._current()

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            opened = self._current()
            with self._reading:
                yield (self._open or opened).reader

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._told():
            written = False
            while not written:
                opened = self._current()
                with transaction(opened.writer):
                    # Who puts another file in the place of this one writes to this one meanwhile.
                    identity = _identity(self._path)
                    if self._refused is not None and self._refused[0] == identity:
                        raise self._refused[1]
                    if identity is None and self._path is not None:
                        raise self._lost()
                    if identity == opened.identity:
                        yield opened.writer
                        written = True

    def _lost(self) -> StoreDamagedError:
        return StoreDamagedError(f"The search index {self._path} is gone.", _REBUILD)

    @contextmanager
    def _told(self) -> Iterator[None]:
        if self._closed:
            raise StoreError("The search index is closed.", "Open it again.")
        with told_of(self._path):
            try:
                yield
            except BodyDamagedError as error:
                raise StoreDamagedError(f"The search index {self._path} is damaged: a record cannot be read.", _REBUILD) from error


_Identity: TypeAlias = tuple[int, int]
"""Device and number of a file."""


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """Connections to one file."""

    identity: _Identity | None
    writer: sqlite3.Connection
    reader: sqlite3.Connection

    @classmethod
    def of(cls, path: Path | None) -> _Open:
        """Open a file; a new one is made where there is none."""
        with told_of(path), ExitStack() as opened:
            writer = opened.enter_context(closing(connect(path)))
            _prepare(writer, path)
            reader = writer if path is None else opened.enter_context(closing(connect(path)))
            opened.pop_all()
            return cls(_identity(path), writer, reader)

    def close(self) -> None:
        self.reader.close()
        self.writer.close()


def _identity(path: Path | None) -> _Identity | None:
    """Which file has this name; ``None`` for none."""
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection to the file for several threads, one at a time."""
    db = sqlite3.connect(path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def told_of(path: Path | None) -> AbstractContextManager[None]:
    """Turns errors of SQLite into ours."""
    return store_errors("search index", path, _REBUILD)


def _prepare(db: sqlite3.Connection, path: Path | None) -> None:
    """Make the tables in a new file; refuse a file that is not ours or of another version."""
    if not _is_ours(db, path):
        db.execute("PRAGMA journal_mode = WAL")
        with transaction(db):
            if not _is_ours(db, path):  # somebody else may have made it just now
                for statement in _SCHEMA:
                    db.execute(statement)
                db.execute("INSERT INTO state VALUES (?, 0, '', '', 0)", (secrets.token_hex(8),))
                db.execute(f"PRAGMA application_id = {_APPLICATION}")
                db.execute(f"PRAGMA user_version = {_VERSION}")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != _VERSION:
        raise StoreDamagedError(f"The search index {path} is of version {version}, not {_VERSION}.", _REBUILD)


def _is_ours(db: sqlite3.Connection, path: Path | None) -> bool:
    application = db.execute("PRAGMA application_id").fetchone()[0]
    if application == _APPLICATION:
        return True
    if application or db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
        raise StoreError(f"{path} is not a search index of Voltagraph.", "Choose another directory with --home.")
    return False


def copy_changes(old: sqlite3.Connection, new: sqlite3.Connection, after: int) -> None:
    """Write to a new file what was written to an old one after this change."""
    changes = old.execute("SELECT id, summary, body FROM record WHERE change > ? ORDER BY change", (after,))
    with transaction(new):
        change = _stamp(new).change
        for row in changes:
            change += 1
            new.execute("INSERT OR REPLACE INTO record(change, id, summary, body) VALUES (?, ?, ?, ?)", (change, *row))
        new.execute("UPDATE state SET change = ?", (change,))


def copy_vectors(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """Give a new file the vectors of its summaries that an old one has, but for those that it has been given before.

    They keep the numbers of their changes, so whoever has the old ones in memory need not read these.
    """
    (_, _, *model, last), (_, _, *given, before) = _stamp(old), _stamp(new)
    with transaction(new):
        if model != given:
            new.execute("DELETE FROM vector")
            before = 0
        new.executemany(
            """INSERT OR REPLACE INTO vector SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM record WHERE record.summary = ?2)""",
            old.execute("SELECT change, summary, numbers FROM vector WHERE change > ?", (before,)),
        )
        new.execute("UPDATE state SET model = ?, model_epoch = ?, vector_change = ?", (*model, last))


def _stamp(db: sqlite3.Connection) -> Stamp:
    return Stamp(*db.execute("SELECT epoch, change, model, model_epoch, vector_change FROM state").fetchone())
