"""What the embedded index is derived from: records, removals and vectors in one SQLite file, each with the number of its change.

See https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from graph.sqlite_file import marks, store_errors, transaction
from records.errors import StoreDamagedError, StoreError
from records.record import Record
from search.columns.bodies import BodyDamagedError, clean, decoded, encoded
from search.index import Vector

BUSY_SECONDS: Final = 10.0
"""How long to wait for another writing process."""

_APPLICATION: Final = 0x564F4C54  # "VOLT": the file is ours
_VERSION: Final = 4
_REBUILD: Final = "Everything in it is derived: stop `voltagraph serve` and run `voltagraph rebuild`."
_ASKED: Final = 500
"""Parameters of one statement."""

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

    def changes(self, after: int) -> Iterator[Change]:
        """What changed after this change, oldest first."""
        rows = self._db.execute("SELECT id, body, summary FROM record WHERE change > ? ORDER BY change", (after,))
        for identifier, body, summary in rows:
            yield Change(identifier, None if body is None else decoded(body), summary or b"")

    def changed(self, after: int) -> frozenset[str]:
        """Ids that changed after this change."""
        return frozenset(row[0] for row in self._db.execute("SELECT id FROM record WHERE change > ?", (after,)))

    def vectors(self, after: int) -> Iterator[tuple[bytes, bytes]]:
        """Vectors kept after this change: hash of the summary, and numbers."""
        yield from self._db.execute("SELECT summary, numbers FROM vector WHERE change > ? ORDER BY change", (after,))


class RecordStore:
    """The file. Many threads and processes may read while one writes.

    A committed batch survives a kill of the process; after a loss of power the last batches may be missing, never half of one.

    Args:
        path: The file; ``None`` keeps everything in memory.

    Raises:
        StoreDamagedError: It is of another version, or damaged.
        StoreError: It is none of ours, or cannot be opened.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._writing = threading.RLock()
        self._closed = False
        with self._told():
            self._writer = self._connect()
            try:
                self._prepare()
                # In memory there is one connection, and who reads waits for who writes.
                self._reader = self._writer if path is None else self._connect()
            except BaseException:
                self._writer.close()
                raise
        self._reading = self._writing if path is None else threading.RLock()

    @staticmethod
    def drop(path: Path) -> None:
        """Remove the file and what belongs to it, readable or not; nobody may have it open."""
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

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
        with self._told():
            if self._path is None:
                with self._reading:
                    yield Snapshot(self._reader)
                return
            db = self._connect()
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
            return {identifier: decoded(body) for identifier, body in found.items()}

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

    def clear(self) -> None:
        """Drop everything but the vectors: they are of texts, which come again."""
        with self._write() as db:
            db.execute("DELETE FROM record")
            db.execute("UPDATE state SET epoch = ?, change = 0", (secrets.token_hex(8),))

    def close(self) -> None:
        """Write everything out and let go of the file."""
        with self._writing, self._reading, self._told():
            self._closed = True
            self._reader.close()
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        name = ":memory:" if self._path is None else str(self._path)
        db = sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def _prepare(self) -> None:
        """Make the tables in a new file; refuse a file that is not ours or of another version."""
        db = self._writer
        if not self._is_ours():
            db.execute("PRAGMA journal_mode = WAL")
            with transaction(db):
                if not self._is_ours():  # somebody else may have made it just now
                    for statement in _SCHEMA:
                        db.execute(statement)
                    db.execute("INSERT INTO state VALUES (?, 0, '', '', 0)", (secrets.token_hex(8),))
                    db.execute(f"PRAGMA application_id = {_APPLICATION}")
                    db.execute(f"PRAGMA user_version = {_VERSION}")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version != _VERSION:
            raise StoreDamagedError(f"The search index {self._path} is of version {version}, not {_VERSION}.", _REBUILD)

    def _is_ours(self) -> bool:
        application = self._writer.execute("PRAGMA application_id").fetchone()[0]
        if application == _APPLICATION:
            return True
        if application or self._writer.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
            raise StoreError(f"{self._path} is not a search index of Voltagraph.", "Choose another directory with --home.")
        return False

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._reading, self._told():
            yield self._reader

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._told(), transaction(self._writer):
            yield self._writer

    @contextmanager
    def _told(self) -> Iterator[None]:
        if self._closed:
            raise StoreError("The search index is closed.", "Open it again.")
        with store_errors("search index", self._path, _REBUILD):
            try:
                yield
            except BodyDamagedError as error:
                raise StoreDamagedError(f"The search index {self._path} is damaged: a record cannot be read.", _REBUILD) from error


def _stamp(db: sqlite3.Connection) -> Stamp:
    return Stamp(*db.execute("SELECT epoch, change, model, model_epoch, vector_change FROM state").fetchone())
