"""The ledger on SQLite: one file, one transaction per batch, readable while another process writes."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from access.audiences import readable
from graph.sqlite_file import connect, marks, store_errors, transaction
from harvester.corrections import Standing
from harvester.ledger import Among, CauseReports, Entry, SourceTotals, State
from harvester.sightings import Sighting, reports, sightings_of
from records.errors import StoreDamagedError
from records.issues import Issue, Severity, Suggestion
from records.rights import Audiences, Rights

_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    record TEXT PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, marker TEXT NOT NULL, digest TEXT NOT NULL,
    seen TEXT NOT NULL, state TEXT NOT NULL, read_metadata TEXT NOT NULL, read_files TEXT NOT NULL, title TEXT NOT NULL,
    quads INTEGER NOT NULL, contexts TEXT NOT NULL, changed_at TEXT NOT NULL, told INTEGER NOT NULL,
    communities TEXT NOT NULL, corrections TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_source ON entry (source);
CREATE INDEX IF NOT EXISTS entry_corrected ON entry (record) WHERE corrections != '[]';
CREATE TABLE IF NOT EXISTS finding (
    record TEXT NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, severity TEXT NOT NULL,
    source TEXT NOT NULL, pointer TEXT NOT NULL, line INTEGER NOT NULL, "column" INTEGER NOT NULL, remedy TEXT NOT NULL,
    focus_node TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL, shape TEXT NOT NULL,
    expected TEXT NOT NULL, suggestions TEXT NOT NULL, places INTEGER NOT NULL, PRIMARY KEY (record, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sighting (
    record TEXT NOT NULL, cause TEXT NOT NULL, first_seen TEXT NOT NULL, gone_at TEXT NOT NULL, code TEXT NOT NULL,
    subject TEXT NOT NULL, title TEXT NOT NULL, gravity INTEGER NOT NULL, places INTEGER NOT NULL, fix TEXT NOT NULL,
    PRIMARY KEY (record, cause, first_seen)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sighting_cause ON sighting (cause);
"""
# What version 1 lacked.
_ADDED_IN_2 = (
    "ALTER TABLE entry ADD COLUMN told INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE entry ADD COLUMN communities TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE entry ADD COLUMN corrections TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE finding ADD COLUMN expected TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE finding ADD COLUMN suggestions TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE finding ADD COLUMN places INTEGER NOT NULL DEFAULT 1",
)
_ENTRY_COLUMNS = (
    "record, source, key, marker, digest, seen, state, read_metadata, read_files, title, quads, contexts, changed_at, "
    "told, communities, corrections"
)
_FINDING_COLUMNS = (
    'code, message, severity, source, pointer, line, "column", remedy, focus_node, path, value, shape, '
    "expected, suggestions, places"
)
_SIGHTING_COLUMNS = "record, cause, first_seen, gone_at, code, subject, title, gravity, places, fix"

_READABLE = """
    entry.read_files IN (
        SELECT read_files FROM (SELECT DISTINCT read_files FROM entry) AS rights
        WHERE EXISTS (SELECT 1 FROM json_each(rights.read_files) WHERE value IN (SELECT value FROM json_each(:audiences)))
    )
"""
# The documents that a question is about; whatever is counted is counted over these.
_MINE = """
WITH mine AS MATERIALIZED (
    SELECT record, communities FROM entry
    WHERE state != 'withdrawn' AND (:source = '' OR source = :source)
    AND (:community = '' OR EXISTS (SELECT 1 FROM json_each(entry.communities) WHERE value = :community))
    AND {allowed}
),
present AS (
    SELECT sighting.* FROM sighting JOIN mine USING (record) WHERE gone_at = '' AND (:kind = '' OR code = :kind)
)
"""
_TOTALS = "SELECT COUNT(DISTINCT cause), COUNT(DISTINCT record), TOTAL(places) FROM present"
_CAUSES = """,
past AS (SELECT cause, MIN(first_seen) AS first_seen FROM sighting JOIN mine USING (record) GROUP BY cause),
alone AS (
    SELECT record, MIN(cause) AS cause FROM sighting JOIN mine USING (record) WHERE gone_at = '' AND gravity = 0
    GROUP BY record HAVING COUNT(*) = 1
),
unblocked AS (SELECT cause, COUNT(*) AS records FROM alone GROUP BY cause)
SELECT cause, MIN(code), MIN(subject), MIN(title), MIN(gravity), COUNT(*), SUM(places), past.first_seen,
    COALESCE(unblocked.records, 0), CASE WHEN MIN(fix) = MAX(fix) THEN MIN(fix) ELSE '' END
FROM present JOIN past USING (cause) LEFT JOIN unblocked USING (cause)
GROUP BY cause ORDER BY SUM(places) DESC, MIN(gravity), cause LIMIT :limit OFFSET :offset
"""
_EXAMPLES = """,
ranked AS (
    SELECT cause, record, ROW_NUMBER() OVER (PARTITION BY cause ORDER BY places DESC, record) AS place FROM present
    WHERE cause IN (SELECT value FROM json_each(:causes))
)
SELECT cause, record FROM ranked WHERE place <= :examples ORDER BY cause, place
"""
_HISTORY = """
SELECT cause, communities, SUBSTR(first_seen, 1, 10), SUBSTR(gone_at, 1, 10), COUNT(*), SUM(places)
FROM sighting JOIN mine USING (record) WHERE cause IN (SELECT value FROM json_each(:causes)) GROUP BY 1, 2, 3, 4
"""
_EXAMPLES_SHOWN = 5
_REPORTS_KEPT = 64


def _now() -> datetime:
    return datetime.now(UTC)


class SqliteLedger:
    """Adapter of `harvester.ledger.Ledger`.

    A file of version 1 is brought to today's version when it is opened; the causes of its findings count from when it was last
    written.

    Args:
        path: The file; ``None`` keeps everything in memory.
        clock: Tells the time, with its zone, at which causes are seen first.

    Raises:
        StoreError: The file cannot be opened, is damaged, or was written by a newer version of the program.
    """

    def __init__(self, path: Path | None, *, clock: Callable[[], datetime] = _now) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._reporting = threading.Lock()
        self._reported: OrderedDict[tuple[str, tuple[str, ...], Among, int, int], CauseReports] = OrderedDict()
        self._reported_state = (0, 0)
        with self._errors():
            self._connection = connect(path)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            if self._version() in (0, 1):
                self._make()
            if self._version() != _VERSION:
                raise StoreDamagedError(
                    f"The ledger {path} has version {self._version()}, this program needs {_VERSION}.",
                    "Use the program version that wrote it, or a new --home.",
                )

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _make(self) -> None:
        """From nothing or from version 1, all in one transaction; another process may have been faster."""
        with transaction(self._connection):
            added = {0: (), 1: _ADDED_IN_2}.get(self._version())
            if added is None:
                return
            for statement in (*added, *_SCHEMA.split(";")):
                self._connection.execute(statement)
            for record, changed_at in self._connection.execute("SELECT record, changed_at FROM entry").fetchall():
                self._note({record: sightings_of(self._issues(record))}, changed_at or self._time())
            self._connection.execute(f"PRAGMA user_version={_VERSION}")

    def entries(self, source: str) -> dict[str, Entry]:
        """See `Ledger.entries`."""
        with self._lock, self._errors():
            rows = self._connection.execute(f"SELECT {_ENTRY_COLUMNS} FROM entry WHERE source = ?", (source,)).fetchall()
        return {row[2]: _entry(row) for row in rows}

    def write(self, entries: Sequence[Entry]) -> None:
        """See `Ledger.write`."""
        with self._lock, self._errors(), transaction(self._connection):
            self._connection.executemany("DELETE FROM finding WHERE record = ?", [(entry.record,) for entry in entries])
            self._connection.executemany(
                f"INSERT OR REPLACE INTO entry ({_ENTRY_COLUMNS}) VALUES ({marks(16)})", [_row(entry) for entry in entries]
            )
            self._connection.executemany(
                f"INSERT INTO finding (record, position, {_FINDING_COLUMNS}) VALUES ({marks(17)})",
                [(entry.record, position, *_issue_row(issue)) for entry in entries for position, issue in enumerate(entry.issues)],
            )
            self._note({entry.record: sightings_of(entry.issues) for entry in entries}, self._time())

    def _time(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="seconds")

    def _note(self, found: dict[str, dict[str, Sighting]], now: str) -> None:
        """Note which causes these records have at this time: new ones, those that are still there, and those that are gone."""
        present = self._connection.execute(
            "SELECT record, cause FROM sighting WHERE gone_at = '' AND record IN (SELECT value FROM json_each(?))",
            (json.dumps(list(found)),),
        ).fetchall()
        known = set(present)
        self._connection.executemany(
            "UPDATE sighting SET gone_at = ? WHERE record = ? AND cause = ? AND gone_at = ''",
            [(now, record, cause) for record, cause in present if cause not in found[record]],
        )
        self._connection.executemany(
            "UPDATE sighting SET title = ?, gravity = ?, places = ?, fix = ? WHERE record = ? AND cause = ? AND gone_at = ''",
            [
                (one.cause.title, one.gravity, one.places, one.fix, record, cause)
                for record, cause in present
                if (one := found[record].get(cause))
            ],
        )
        self._connection.executemany(
            f"INSERT OR REPLACE INTO sighting ({_SIGHTING_COLUMNS}) VALUES ({marks(10)})",
            [
                (record, key, now, "", one.cause.code, one.cause.subject, one.cause.title, one.gravity, one.places, one.fix)
                for record, sightings in found.items()
                for key, one in sightings.items()
                if (record, key) not in known
            ],
        )

    def all_entries(self) -> Iterator[Entry]:
        """See `Ledger.all_entries`."""
        with self._lock, self._errors():
            rows = self._connection.execute(f"SELECT {_ENTRY_COLUMNS} FROM entry ORDER BY record").fetchall()
        return map(_entry, rows)

    def totals(self, source: str) -> SourceTotals:
        """See `Ledger.totals`."""
        with self._lock, self._errors():
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
        with self._lock, self._errors():
            return dict(
                self._connection.execute(
                    "SELECT code, COUNT(*) FROM finding JOIN entry USING (record) WHERE entry.source = ? "
                    "GROUP BY code ORDER BY 2 DESC, 1",
                    (source,),
                ).fetchall()
            )

    def corrected(self) -> dict[str, tuple[str, ...]]:
        """See `Ledger.corrected`."""
        with self._lock, self._errors():
            rows = self._connection.execute("SELECT record, corrections FROM entry WHERE corrections != '[]'").fetchall()
        return {record: tuple(correction for correction, _ in json.loads(corrections)) for record, corrections in rows}

    def entry(self, record: str) -> Entry | None:
        """See `Ledger.entry`."""
        with self._lock, self._errors():
            row = self._connection.execute(f"SELECT {_ENTRY_COLUMNS} FROM entry WHERE record = ?", (record,)).fetchone()
            return _entry(row, self._issues(record)) if row else None

    def get(self, record: str, audiences: Audiences) -> Entry | None:
        """See `Ledger.get`."""
        entry = self.entry(record)
        return entry if entry and entry.state is State.LOADED and readable(entry.rights.read_files, audiences) else None

    def _issues(self, record: str) -> tuple[Issue, ...]:
        rows = self._connection.execute(f"SELECT {_FINDING_COLUMNS} FROM finding WHERE record = ? ORDER BY position", (record,))
        return tuple(map(_issue, rows.fetchall()))

    def causes(self, audiences: Audiences, among: Among, *, limit: int, offset: int) -> CauseReports:
        """See `Ledger.causes`."""
        return self._causes(_READABLE, sorted(audiences), among, limit, offset)

    def all_causes(self, among: Among, *, limit: int, offset: int) -> CauseReports:
        """See `Ledger.all_causes`."""
        return self._causes("TRUE", [], among, limit, offset)

    def _causes(self, allowed: str, audiences: list[str], among: Among, limit: int, offset: int) -> CauseReports:
        """One after another, because each may look at everything there is; told again while nothing was written since."""
        asked = (allowed, tuple(audiences), among, limit, offset)
        with self._reporting:
            state = self._state()
            if state != self._reported_state:
                self._reported_state = state
                self._reported.clear()
            if asked not in self._reported:
                if len(self._reported) >= _REPORTS_KEPT:
                    self._reported.popitem(last=False)
                self._reported[asked] = self._report(*asked)
            return self._reported[asked]

    def _state(self) -> tuple[int, int]:
        """Another one after anything was written, by this process or another."""
        with self._lock, self._errors():
            return self._connection.execute("PRAGMA data_version").fetchone()[0], self._connection.total_changes

    def _report(self, allowed: str, audiences: tuple[str, ...], among: Among, limit: int, offset: int) -> CauseReports:
        mine = _MINE.format(allowed=allowed)
        asked: dict[str, str | int] = {
            "audiences": json.dumps(audiences),
            "source": among.source,
            "community": among.community,
            "kind": among.kind,
            "limit": limit,
            "offset": offset,
            "examples": _EXAMPLES_SHOWN,
        }
        with self._errors(), self._snapshot() as connection:
            totals = connection.execute(mine + _TOTALS, asked).fetchone()
            causes = connection.execute(mine + _CAUSES, asked).fetchall()
            asked["causes"] = json.dumps([row[0] for row in causes])
            examples = connection.execute(mine + _EXAMPLES, asked).fetchall()
            history = connection.execute(mine + _HISTORY, asked).fetchall()
        return reports(totals, causes, examples, history)

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """One state of everything for several statements, without keeping those waiting who read single records."""
        if self._path is None:
            with self._lock:
                yield self._connection
            return
        connection = connect(self._path)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """See `Ledger.close`."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        with store_errors("ledger", self._path, "Move it away and harvest again; the payloads are kept."):
            yield


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
        entry.told,
        json.dumps(entry.communities),
        json.dumps(entry.corrections),
    )


def _entry(row: Sequence[object], issues: tuple[Issue, ...] = ()) -> Entry:
    (
        record,
        source,
        key,
        marker,
        digest,
        seen,
        state,
        metadata,
        files,
        title,
        quads,
        contexts,
        changed_at,
        told,
        communities,
        corrections,
    ) = row
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
        told=int(str(told)),
        communities=tuple(json.loads(str(communities))),
        corrections=tuple((correction, Standing(standing)) for correction, standing in json.loads(str(corrections))),
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
