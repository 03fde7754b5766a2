"""The ledger on SQLite: one file, one transaction per batch, readable while another process writes."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from access.audiences import readable
from harvester.ledger import Entry, SourceTotals, State
from records.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from records.issues import Issue, Severity, Suggestion
from records.rights import Audiences, Rights

_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    record TEXT PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, marker TEXT NOT NULL, digest TEXT NOT NULL,
    seen TEXT NOT NULL, state TEXT NOT NULL, read_metadata TEXT NOT NULL, read_files TEXT NOT NULL, title TEXT NOT NULL,
    quads INTEGER NOT NULL, contexts TEXT NOT NULL, changed_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_source ON entry (source);
CREATE TABLE IF NOT EXISTS finding (
    record TEXT NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, severity TEXT NOT NULL,
    source TEXT NOT NULL, pointer TEXT NOT NULL, line INTEGER NOT NULL, "column" INTEGER NOT NULL, remedy TEXT NOT NULL,
    focus_node TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL, shape TEXT NOT NULL,
    expected TEXT NOT NULL, suggestions TEXT NOT NULL, places INTEGER NOT NULL, PRIMARY KEY (record, position)
) WITHOUT ROWID;
"""
_ENTRY_COLUMNS = "record, source, key, marker, digest, seen, state, read_metadata, read_files, title, quads, contexts, changed_at"
_FINDING_COLUMNS = (
    'code, message, severity, source, pointer, line, "column", remedy, focus_node, path, value, shape, '
    "expected, suggestions, places"
)


class SqliteLedger:
    """Adapter of `harvester.ledger.Ledger`.

    Args:
        path: The file; ``None`` keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        with _mapped(path):
            self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=10)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            found = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, _VERSION):
                raise StoreDamagedError(
                    f"The ledger {path} has version {found}, this program needs {_VERSION}.",
                    "Use the program version that wrote it, or a new --home.",
                )
            self._connection.executescript(_SCHEMA)
            self._connection.execute(f"PRAGMA user_version={_VERSION}")

    def entries(self, source: str) -> dict[str, Entry]:
        """See `Ledger.entries`."""
        with self._lock, _mapped(self._path):
            rows = self._connection.execute(f"SELECT {_ENTRY_COLUMNS} FROM entry WHERE source = ?", (source,)).fetchall()
        return {row[2]: _entry(row) for row in rows}

    def write(self, entries: Sequence[Entry]) -> None:
        """See `Ledger.write`."""
        with self._lock, _mapped(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("DELETE FROM finding WHERE record = ?", [(entry.record,) for entry in entries])
                self._connection.executemany(
                    f"INSERT OR REPLACE INTO entry ({_ENTRY_COLUMNS}) VALUES ({_marks(13)})", [_row(entry) for entry in entries]
                )
                self._connection.executemany(
                    f"INSERT INTO finding (record, position, {_FINDING_COLUMNS}) VALUES ({_marks(17)})",
                    [
                        (entry.record, position, *_issue_row(issue))
                        for entry in entries
                        for position, issue in enumerate(entry.issues)
                    ],
                )
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def all_entries(self) -> Iterator[Entry]:
        """See `Ledger.all_entries`."""
        with self._lock, _mapped(self._path):
            rows = self._connection.execute(f"SELECT {_ENTRY_COLUMNS} FROM entry ORDER BY record").fetchall()
        return map(_entry, rows)

    def totals(self, source: str) -> SourceTotals:
        """See `Ledger.totals`."""
        with self._lock, _mapped(self._path):
            counts = {
                State(state): (number, quads)
                for state, number, quads in self._connection.execute(
                    "SELECT state, COUNT(*), SUM(quads) FROM entry WHERE source = ? GROUP BY state", (source,)
                )
            }
            findings = self._connection.execute(
                "SELECT COUNT(*) FROM finding JOIN entry USING (record) WHERE entry.source = ?", (source,)
            ).fetchone()[0]
        none = (0, 0)
        return SourceTotals(
            loaded=counts.get(State.LOADED, none)[0],
            refused=counts.get(State.REFUSED, none)[0],
            withdrawn=counts.get(State.WITHDRAWN, none)[0],
            quads=counts.get(State.LOADED, none)[1],
            findings=findings,
        )

    def issue_counts(self, source: str) -> dict[str, int]:
        """See `Ledger.issue_counts`."""
        with self._lock, _mapped(self._path):
            return dict(
                self._connection.execute(
                    "SELECT code, COUNT(*) FROM finding JOIN entry USING (record) WHERE entry.source = ? "
                    "GROUP BY code ORDER BY 2 DESC, 1",
                    (source,),
                ).fetchall()
            )

    def get(self, record: str, audiences: Audiences) -> Entry | None:
        """See `Ledger.get`."""
        with self._lock, _mapped(self._path):
            row = self._connection.execute(f"SELECT {_ENTRY_COLUMNS} FROM entry WHERE record = ?", (record,)).fetchone()
            if row is None:
                return None
            issues = self._connection.execute(
                f"SELECT {_FINDING_COLUMNS} FROM finding WHERE record = ? ORDER BY position", (record,)
            ).fetchall()
        entry = _entry(row, tuple(_issue(values) for values in issues))
        return entry if entry.state is State.LOADED and readable(entry.rights.read_files, audiences) else None

    def close(self) -> None:
        """See `Ledger.close`."""
        with self._lock:
            self._connection.close()


def _marks(number: int) -> str:
    return ", ".join("?" * number)


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.record,
        entry.source,
        entry.key,
        entry.marker,
        entry.digest,
        entry.seen,
        entry.state.value,
        json.dumps(sorted(entry.rights.read_metadata)),
        json.dumps(sorted(entry.rights.read_files)),
        entry.title,
        entry.quads,
        json.dumps(entry.contexts),
        entry.changed_at,
    )


def _entry(row: Sequence[object], issues: tuple[Issue, ...] = ()) -> Entry:
    record, source, key, marker, digest, seen, state, metadata, files, title, quads, contexts, changed_at = row
    return Entry(
        record=str(record),
        source=str(source),
        key=str(key),
        marker=str(marker),
        digest=str(digest),
        seen=str(seen),
        state=State(str(state)),
        rights=Rights(frozenset(json.loads(str(metadata))), frozenset(json.loads(str(files)))),
        title=str(title),
        quads=int(str(quads)),
        contexts=tuple((address, version) for address, version in json.loads(str(contexts))),
        issues=issues,
        changed_at=str(changed_at),
    )


def _issue_row(issue: Issue) -> tuple[object, ...]:
    return (
        issue.code,
        issue.message,
        issue.severity.value,
        issue.source,
        issue.pointer,
        issue.line,
        issue.column,
        issue.remedy,
        issue.focus_node,
        issue.path,
        issue.value,
        issue.shape,
        issue.expected,
        json.dumps([suggestion.to_json() for suggestion in issue.suggestions]) if issue.suggestions else "",
        issue.places,
    )


def _issue(row: Sequence[str]) -> Issue:
    (
        code,
        message,
        severity,
        source,
        pointer,
        line,
        column,
        remedy,
        focus_node,
        path,
        value,
        shape,
        expected,
        suggestions,
        places,
    ) = row
    return Issue(
        code=code,
        message=message,
        severity=Severity(severity),
        source=source,
        pointer=pointer,
        line=int(line),
        column=int(column),
        remedy=remedy,
        focus_node=focus_node,
        path=path,
        value=value,
        shape=shape,
        expected=expected,
        suggestions=tuple(map(Suggestion.from_json, json.loads(suggestions or "[]"))),
        places=int(places),
    )


@contextmanager
def _mapped(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text or "disk I/O" in text:
            raise StoreFullError(
                f"The ledger {path} cannot be written: {text}.", "Free some space and run the command again; nothing is lost."
            ) from error
        if "locked" in text or "busy" in text:
            raise StoreBusyError(f"The ledger {path} is being written by another process.", "Wait until it has ended.") from error
        raise StoreError(
            f"The ledger {path} cannot be used: {text}.", "Check that the directory exists and can be written."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreDamagedError(
            f"The ledger {path} is damaged: {error}.", "Move it away and harvest again; the payloads are kept."
        ) from error
