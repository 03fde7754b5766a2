"""Corrections on SQLite: a file of its own, because nothing else can be rebuilt into it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from graph.sqlite_file import connect_kept, marks, store_errors, transaction
from harvester.corrections import Change, Correction
from records.errors import StoreError
from records.issues import Edit, Operation

_VERSION = 1
_STORE = "corrections file"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS correction (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, digest TEXT NOT NULL, changes TEXT NOT NULL,
    codes TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL,
    revoked_by TEXT NOT NULL, revoked_at TEXT NOT NULL, revoked_reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS correction_record ON correction (record);
"""
_COLUMNS = "id, record, digest, changes, codes, by, at, reason, revoked_by, revoked_at, revoked_reason"


class SqliteCorrections:
    """Adapter of `harvester.corrections.Corrections`.

    Args:
        path: The file; ``None`` keeps everything in memory.

    Raises:
        StoreError: The file cannot be opened, is damaged, or was written by another version of the program.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._errors():
            self._connection = connect_kept(path, _STORE, _SCHEMA, _VERSION)

    def add(self, correction: Correction) -> None:
        """See `Corrections.add`."""
        with self._lock, self._errors(), transaction(self._connection):
            if self._connection.execute("SELECT 1 FROM correction WHERE id = ?", (correction.id,)).fetchone():
                raise StoreError(f"There is a correction {correction.id} already.", "Try again.")
            self._connection.execute(f"INSERT INTO correction ({_COLUMNS}) VALUES ({marks(11)})", _row(correction))

    def revoke(self, correction: str, *, by: str, at: str, reason: str) -> Correction | None:
        """See `Corrections.revoke`."""
        with self._lock, self._errors(), transaction(self._connection):
            self._connection.execute(
                "UPDATE correction SET revoked_by = ?, revoked_at = ?, revoked_reason = ? WHERE id = ? AND revoked_at = ''",
                (by, at, reason, correction),
            )
            found = self._select("WHERE id = ?", (correction,))
        return found[0] if found else None

    def get(self, correction: str) -> Correction | None:
        """See `Corrections.get`."""
        with self._lock, self._errors():
            found = self._select("WHERE id = ?", (correction,))
        return found[0] if found else None

    def of(self, record: str) -> tuple[Correction, ...]:
        """See `Corrections.of`."""
        with self._lock, self._errors():
            return self._select("WHERE record = ? ORDER BY position", (record,))

    def holding(self) -> dict[str, tuple[str, ...]]:
        """See `Corrections.holding`."""
        found: dict[str, tuple[str, ...]] = {}
        with self._lock, self._errors():
            rows = self._connection.execute("SELECT record, id FROM correction WHERE revoked_at = '' ORDER BY position").fetchall()
        for record, correction in rows:
            found[record] = (*found.get(record, ()), correction)
        return found

    def all(self) -> tuple[Correction, ...]:
        """See `Corrections.all`."""
        with self._lock, self._errors():
            return self._select("ORDER BY record, position", ())

    def close(self) -> None:
        """See `Corrections.close`."""
        with self._lock:
            self._connection.close()

    def _select(self, which: str, values: Sequence[str]) -> tuple[Correction, ...]:
        return tuple(map(_correction, self._connection.execute(f"SELECT {_COLUMNS} FROM correction {which}", values).fetchall()))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        with store_errors(_STORE, self._path, "Restore it from the backup: nothing else knows what it holds."):
            yield


def _row(correction: Correction) -> tuple[str, ...]:
    return (
        correction.id,
        correction.record,
        correction.digest,
        json.dumps([[change.edit.to_json(), change.before] for change in correction.changes]),
        json.dumps(correction.codes),
        correction.by,
        correction.at,
        correction.reason,
        correction.revoked_by,
        correction.revoked_at,
        correction.revoked_reason,
    )


def _correction(row: Sequence[str]) -> Correction:
    identifier, record, digest, changes, codes, by, at, reason, revoked_by, revoked_at, revoked_reason = row
    return Correction(
        identifier,
        record,
        digest,
        tuple(
            Change(Edit(Operation(edit["operation"]), edit["pointer"], edit["content"]), before)
            for edit, before in json.loads(changes)
        ),
        tuple(json.loads(codes)),
        by,
        at,
        reason,
        revoked_by,
        revoked_at,
        revoked_reason,
    )
