"""Saved queries on SQLite: a file of its own, because nothing else can be rebuilt into it."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from access.identity import Actor
from graph.guard import QueryKind
from graph.parameters import Parameter, ValueType
from graph.saved_queries import Added, SavedQuery, Visibility
from graph.sqlite_file import connect_kept, store_errors, transaction
from records.errors import LimitError

_VERSION: Final = 1
_STORE: Final = "file of saved queries"
_SCHEMA: Final = """
CREATE TABLE name (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, slug TEXT NOT NULL, last INTEGER NOT NULL, UNIQUE (owner, slug));
CREATE TABLE query (
    id INTEGER PRIMARY KEY, name INTEGER NOT NULL REFERENCES name (id), version INTEGER NOT NULL, title TEXT NOT NULL,
    description TEXT NOT NULL, text TEXT NOT NULL, kind TEXT NOT NULL, parameters TEXT NOT NULL, keywords TEXT NOT NULL,
    visibility TEXT NOT NULL, created TEXT NOT NULL, UNIQUE (name, version)
);
CREATE TABLE reader (
    query INTEGER NOT NULL REFERENCES query (id), audience TEXT NOT NULL, PRIMARY KEY (query, audience)
) WITHOUT ROWID;
CREATE INDEX reader_audience ON reader (audience);
"""
# The audiences come as one JSON text: an actor may hold more of them than a statement may have values.
_SELECT: Final = """
SELECT query.id, owner, slug, version, title, description, text, kind, parameters, keywords, visibility, created,
    (SELECT json_group_array(audience) FROM reader WHERE reader.query = query.id)
FROM query JOIN name ON name.id = query.name
WHERE (owner = ? OR query.id IN (SELECT query FROM reader WHERE audience IN (SELECT value FROM json_each(?))))
"""


class SqliteSavedQueries:
    """Adapter of `graph.saved_queries.SavedQueries`.

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

    def add(self, query: SavedQuery, *, at_most: int) -> Added:
        """See `SavedQueries.add`."""
        with self._lock, self._errors(), transaction(self._connection):
            newest = self._newest(query)
            if newest is not None and newest.says_the_same(query):
                return Added(newest, False)
            self._check_room(query.owner, at_most)
            name, version = self._execute(
                "INSERT INTO name (owner, slug, last) VALUES (?, ?, 1) "
                "ON CONFLICT (owner, slug) DO UPDATE SET last = last + 1 RETURNING id, last",
                query.owner,
                query.slug,
            )[0]
            kept = replace(query, version=version)
            row = self._execute(
                "INSERT INTO query (name, version, title, description, text, kind, parameters, keywords, visibility, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                *(name, version, kept.title, kept.description, kept.text, kept.kind.value),
                json.dumps([parameter.to_json() for parameter in kept.parameters]),
                *(json.dumps(kept.keywords), kept.visibility.value, kept.created),
            )[0]
            for audience in sorted(kept.readers):
                self._execute("INSERT INTO reader (query, audience) VALUES (?, ?)", row[0], audience)
        return Added(kept, True)

    def visible(self, reader: Actor) -> tuple[SavedQuery, ...]:
        """See `SavedQueries.visible`."""
        found = self._read(f"{_SELECT} ORDER BY owner, slug, version", *_who(reader))
        return tuple(list(versions)[-1] for _, versions in groupby(found, key=lambda query: (query.owner, query.slug)))

    def versions(self, owner: str, slug: str, reader: Actor) -> tuple[SavedQuery, ...]:
        """See `SavedQueries.versions`."""
        return self._read(f"{_SELECT} AND owner = ? AND slug = ? ORDER BY version", *_who(reader), owner, slug)

    def remove(self, owner: str, slug: str, version: int | None = None) -> bool:
        """See `SavedQueries.remove`."""
        with self._lock, self._errors(), transaction(self._connection):
            gone = self._execute(
                "DELETE FROM query WHERE name = (SELECT id FROM name WHERE owner = ? AND slug = ?) "
                "AND version = coalesce(?, version) RETURNING id",
                *(owner, slug, version),
            )
            for (query,) in gone:
                self._execute("DELETE FROM reader WHERE query = ?", query)
        return bool(gone)

    def close(self) -> None:
        """See `SavedQueries.close`."""
        with self._lock:
            self._connection.close()

    def _newest(self, query: SavedQuery) -> SavedQuery | None:
        owner = Actor(query.owner, frozenset())
        rows = self._execute(
            f"{_SELECT} AND owner = ? AND slug = ? ORDER BY version DESC LIMIT 1", *_who(owner), query.owner, query.slug
        )
        return _query(rows[0]) if rows else None

    def _check_room(self, owner: str, at_most: int) -> None:
        had = self._execute("SELECT count(*) FROM query JOIN name ON name.id = query.name WHERE owner = ?", owner)[0][0]
        if had >= at_most:
            raise LimitError(
                f"{owner} has {had:,} versions of saved queries; {at_most:,} are kept for one owner.",
                "Delete some that nobody needs.",
            )

    def _read(self, statement: str, *values: object) -> tuple[SavedQuery, ...]:
        with self._lock, self._errors():
            return tuple(map(_query, self._execute(statement, *values)))

    def _execute(self, statement: str, *values: object) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _errors(self) -> AbstractContextManager[None]:
        return store_errors(_STORE, self._path, "Restore it from the backup: nothing else knows what it holds.")


def _who(reader: Actor) -> tuple[str, str]:
    # No account is called as those without a token are: nobody owns what they would.
    return reader.name, json.dumps(sorted(reader.audiences))


def _query(row: Sequence[Any]) -> SavedQuery:
    _, owner, slug, version, title, description, text, kind, parameters, keywords, visibility, created, readers = row
    return SavedQuery(
        owner=owner,
        slug=slug,
        version=version,
        title=title,
        description=description,
        text=text,
        kind=QueryKind(kind),
        parameters=tuple(
            Parameter(**{**one, "type": ValueType(one["type"]), "allowed": tuple(one["allowed"])}) for one in json.loads(parameters)
        ),
        keywords=tuple(json.loads(keywords)),
        visibility=Visibility(visibility),
        readers=frozenset(json.loads(readers)),
        created=created,
    )
