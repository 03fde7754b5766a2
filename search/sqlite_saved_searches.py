"""Saved searches on SQLite: a file of its own, because nothing else can be rebuilt into it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from graph.sqlite_file import connect_kept, store_errors, transaction
from records.errors import LimitError
from search.query_json import query_from_json, query_to_json
from search.saved_searches import EVENTS_KEPT, Event, EventKind, SavedSearch, Seen, Sending

_VERSION: Final = 2
_STORE: Final = "file of saved searches"
_SCHEMA: Final = """
CREATE TABLE search (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, token_sha256 TEXT NOT NULL, title TEXT NOT NULL,
    query TEXT, records TEXT NOT NULL, created TEXT NOT NULL, feed_key_sha256 TEXT NOT NULL, webhook TEXT NOT NULL,
    webhook_secret TEXT NOT NULL, state TEXT NOT NULL, last_event INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '', old_secret TEXT NOT NULL DEFAULT '', old_secret_until REAL NOT NULL DEFAULT 0,
    paused INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX search_owner ON search (owner);
CREATE TABLE seen (
    search INTEGER NOT NULL REFERENCES search (number), record TEXT NOT NULL, version TEXT NOT NULL, facts TEXT NOT NULL,
    PRIMARY KEY (search, record)
) WITHOUT ROWID;
CREATE TABLE event (
    search INTEGER NOT NULL REFERENCES search (number), number INTEGER NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL,
    record TEXT NOT NULL, title TEXT NOT NULL, reasons TEXT NOT NULL, PRIMARY KEY (search, number)
) WITHOUT ROWID;
"""
_CHANGES: Final = {
    1: """
ALTER TABLE search ADD COLUMN old_secret TEXT NOT NULL DEFAULT '';
ALTER TABLE search ADD COLUMN old_secret_until REAL NOT NULL DEFAULT 0;
ALTER TABLE search ADD COLUMN paused INTEGER NOT NULL DEFAULT 0
"""
}
"""From the tables of an earlier version to those of the next one."""
_SEARCH: Final = (
    "SELECT id, owner, token_sha256, title, query, records, created, feed_key_sha256, webhook, webhook_secret, old_secret, "
    "old_secret_until, paused FROM search"
)


class SqliteSavedSearches:
    """Adapter of `search.saved_searches.SavedSearches`. The file holds secrets of webhooks: only its owner may read it.

    Args:
        path: The file; ``None`` keeps everything in memory.

    Raises:
        StoreError: The file cannot be opened, is damaged, or was written by another version of the program.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._errors():
            if path is not None and not path.exists():
                path.touch(0o600)
            self._connection = connect_kept(path, _STORE, _SCHEMA, _VERSION, _CHANGES)

    def add(self, search: SavedSearch, seen: Mapping[str, Seen], state: str, *, at_most: int) -> None:
        """See `SavedSearches.add`."""
        with self._lock, self._errors(), transaction(self._connection):
            had = self._execute("SELECT count(*) FROM search WHERE owner = ?", search.owner)[0][0]
            if had >= at_most:
                raise LimitError(f"{search.owner} has {had} saved searches, and no more are kept.", "Delete some first.")
            number = self._execute(
                "INSERT INTO search (id, owner, token_sha256, title, query, records, created, feed_key_sha256, webhook, "
                "webhook_secret, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
                *(search.id, search.owner, search.token_sha256, search.title),
                None if search.query is None else json.dumps(query_to_json(search.query)),
                json.dumps(search.records),
                *(search.created, search.feed_key_sha256, search.webhook, search.webhook_secret, state),
            )[0][0]
            self._see(number, seen)

    def get(self, search: str) -> SavedSearch | None:
        """See `SavedSearches.get`."""
        return next(iter(self._read(f"{_SEARCH} WHERE id = ?", search)), None)

    def of_owner(self, owner: str) -> tuple[SavedSearch, ...]:
        """See `SavedSearches.of_owner`."""
        return self._read(f"{_SEARCH} WHERE owner = ? ORDER BY number", owner)

    def all(self) -> tuple[SavedSearch, ...]:
        """See `SavedSearches.all`."""
        return self._read(f"{_SEARCH} ORDER BY number")

    def replace(self, search: SavedSearch) -> None:
        """See `SavedSearches.replace`."""
        with self._lock, self._errors(), transaction(self._connection):
            self._execute(
                "UPDATE search SET token_sha256 = ?, title = ?, feed_key_sha256 = ?, webhook = ?, webhook_secret = ?, "
                "old_secret = ?, old_secret_until = ?, paused = ? WHERE id = ?",
                *(search.token_sha256, search.title, search.feed_key_sha256, search.webhook, search.webhook_secret),
                *(search.old_secret, search.old_secret_until, search.paused, search.id),
            )

    def remove(self, search: str, owner: str) -> bool:
        """See `SavedSearches.remove`."""
        with self._lock, self._errors(), transaction(self._connection):
            gone = self._execute("DELETE FROM search WHERE id = ? AND owner = ? RETURNING number", search, owner)
            for (number,) in gone:
                self._execute("DELETE FROM seen WHERE search = ?", number)
                self._execute("DELETE FROM event WHERE search = ?", number)
        return bool(gone)

    def seen(self, search: str) -> tuple[str, dict[str, Seen]]:
        """See `SavedSearches.seen`."""
        with self._lock, self._errors():
            row = self._execute("SELECT number, state FROM search WHERE id = ?", search)
            if not row:
                return "", {}
            rows = self._execute("SELECT record, version, facts FROM seen WHERE search = ?", row[0][0])
        return row[0][1], {record: Seen(version, json.loads(facts)) for record, version, facts in rows}

    def keep(self, search: str, state: str, seen: Mapping[str, Seen | None], events: Sequence[Event]) -> None:
        """See `SavedSearches.keep`."""
        with self._lock, self._errors(), transaction(self._connection):
            rows = self._execute(
                "UPDATE search SET state = ?, last_event = last_event + ? WHERE id = ? RETURNING number, last_event",
                *(state, len(events), search),
            )
            if not rows:  # it was deleted meanwhile
                return
            number, last = rows[0]
            self._see(number, seen)
            for position, event in enumerate(events, last - len(events) + 1):
                self._execute(
                    "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)",
                    *(number, position, event.time, event.kind.value, event.record, event.title, json.dumps(event.reasons)),
                )
            self._execute("DELETE FROM event WHERE search = ? AND number <= ?", number, last - EVENTS_KEPT)

    def events(self, search: str, *, after: int = 0, limit: int = EVENTS_KEPT) -> tuple[Event, ...]:
        """See `SavedSearches.events`."""
        with self._lock, self._errors():
            rows = self._execute(
                "SELECT event.number, time, kind, record, event.title, reasons "
                "FROM event JOIN search ON search.number = event.search "
                "WHERE search.id = ? AND event.number > ? ORDER BY event.number LIMIT ?",
                *(search, after, limit),
            )
        return tuple(
            Event(number, time, EventKind(kind), record, title, tuple(json.loads(reasons)))
            for number, time, kind, record, title, reasons in rows
        )

    def sending(self, search: str) -> Sending:
        """See `SavedSearches.sending`."""
        with self._lock, self._errors():
            rows = self._execute("SELECT sent, tries, next_try, problem FROM search WHERE id = ?", search)
        return Sending(*rows[0]) if rows else Sending()

    def set_sending(self, search: str, sending: Sending) -> None:
        """See `SavedSearches.set_sending`."""
        with self._lock, self._errors(), transaction(self._connection):
            self._execute(
                "UPDATE search SET sent = ?, tries = ?, next_try = ?, problem = ? WHERE id = ?",
                *(sending.sent, sending.tries, sending.next_try, sending.problem, search),
            )

    def close(self) -> None:
        """See `SavedSearches.close`."""
        with self._lock:
            self._connection.close()

    def _see(self, number: int, seen: Mapping[str, Seen | None]) -> None:
        for record, one in seen.items():
            if one is None:
                self._execute("DELETE FROM seen WHERE search = ? AND record = ?", number, record)
            else:
                facts = json.dumps(dict(one.facts), ensure_ascii=False)
                self._execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", number, record, one.version, facts)

    def _read(self, statement: str, *values: object) -> tuple[SavedSearch, ...]:
        with self._lock, self._errors():
            return tuple(map(_search, self._execute(statement, *values)))

    def _execute(self, statement: str, *values: object) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _errors(self) -> AbstractContextManager[None]:
        return store_errors(_STORE, self._path, "Restore it from the backup: nothing else knows what it holds.")


def _search(row: Sequence[Any]) -> SavedSearch:
    id_, owner, token, title, query, records, created, feed_key, webhook, secret, old_secret, until, paused = row
    return SavedSearch(
        id=id_,
        owner=owner,
        token_sha256=token,
        title=title,
        query=None if query is None else query_from_json(json.loads(query)),
        records=tuple(json.loads(records)),
        created=created,
        feed_key_sha256=feed_key,
        webhook=webhook,
        webhook_secret=secret,
        old_secret=old_secret,
        old_secret_until=until,
        paused=bool(paused),
    )
