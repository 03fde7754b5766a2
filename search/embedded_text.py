"""The search index on SQLite: exact order, counts and facets, numbers on one node, transactions, nothing to install.

What is stored: a narrow row per record; its content for explanations; an FTS5 table of title and text; its *profile*, the set of
(concept, shortest distance from the root), interned because records of one template share it; and one row per number, ordered by
*family* (kinds and dimension) and base value. Every statement that uses evidence of a record keeps to the records whose audience
sets the reader meets, for metadata or for files as the evidence demands, so nothing about other records can reach an answer.

Scores are sums of the constants below and hold no corpus statistic (no IDF, no bm25).
See https://www.sqlite.org/fts5.html and https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from records.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from records.record import ConceptUse, Condition, Quantity, Record, Spread
from records.rights import Audiences, Rights
from search.explain import codes_of, explain, nesting, plain, prefix_counts, words_of
from search.index import FacetCount, IndexHit, Page
from search.query import ConceptPart, QuantityPart, Query, SourcePart, TextPart

# Scores, in hundredths, added up over the parts.
EXACT_CONCEPT = 300  # a use of a concept that was asked for
NARROWER_CONCEPT = 200  # a use of a narrower one
QUANTITY = 300  # a quantity within the bounds
NEAR_ROOT = 100  # divided by 1 + distance from the root, for concepts and quantities
WORD = 1000  # for every word that occurs, so that more words always go before better ones
TITLE_WORD, TEXT_WORD, PREFIX = 400, 200, 100  # where and how it occurs

FACET_SIZE = 20
"""How many concepts and how many sources a page counts."""
MAX_KINDS = 16
"""Classes kept of one quantity."""
BUSY_SECONDS = 10.0
"""How long to wait for another writing process."""

_APPLICATION = 0x564F4C54  # "VOLT": the file is ours
_VERSION = 2
_REBUILD = "Everything in it is derived: stop `voltagraph serve` and run `voltagraph rebuild`."
_CACHED = 200_000
_MAX_DEPTH = 7

_compact = json.JSONEncoder(separators=(",", ":")).encode

_SCHEMA = """
CREATE TABLE term(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE audience_set(id INTEGER PRIMARY KEY, members TEXT NOT NULL UNIQUE);
CREATE TABLE audience_member(audience TEXT NOT NULL, audience_set INTEGER NOT NULL,
    PRIMARY KEY(audience, audience_set)) WITHOUT ROWID;
CREATE TABLE record(doc INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, read_metadata INTEGER NOT NULL, read_files INTEGER NOT NULL,
    profile INTEGER NOT NULL, source INTEGER NOT NULL);
CREATE INDEX record_by_profile ON record(profile, read_metadata, read_files, source);
CREATE TABLE content(doc INTEGER PRIMARY KEY, iri TEXT NOT NULL, title TEXT NOT NULL, source_file TEXT NOT NULL,
    digest TEXT NOT NULL, concepts TEXT NOT NULL, quantities TEXT NOT NULL, text TEXT);
CREATE TABLE profile(id INTEGER PRIMARY KEY, concepts TEXT NOT NULL UNIQUE);
CREATE TABLE profile_concept(concept INTEGER NOT NULL, profile INTEGER NOT NULL, depth INTEGER NOT NULL,
    PRIMARY KEY(concept, profile)) WITHOUT ROWID;
CREATE INDEX concept_by_profile ON profile_concept(profile);
CREATE TABLE family(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, dimension TEXT NOT NULL);
CREATE TABLE family_kind(kind TEXT NOT NULL, family INTEGER NOT NULL, PRIMARY KEY(kind, family)) WITHOUT ROWID;
CREATE TABLE quantity(family INTEGER NOT NULL, base_value REAL NOT NULL, doc INTEGER NOT NULL, depth INTEGER NOT NULL,
    PRIMARY KEY(family, base_value, doc)) WITHOUT ROWID;
CREATE VIRTUAL TABLE word USING fts5(title, text, columnsize=0, tokenize='unicode61 remove_diacritics 2');
"""
_TABLES = (
    *("term", "audience_set", "audience_member", "record", "content", "profile", "profile_concept"),
    *("family", "family_kind", "quantity", "word"),
)

# A question is answered in temporary tables of its own connection; they are emptied before the next one.
_SCRATCH = """
CREATE TEMP TABLE may_metadata(audience_set INTEGER PRIMARY KEY);
CREATE TEMP TABLE may_files(audience_set INTEGER PRIMARY KEY);
CREATE TEMP TABLE wanted(part INTEGER NOT NULL, concept INTEGER NOT NULL, weight INTEGER NOT NULL,
    PRIMARY KEY(part, concept)) WITHOUT ROWID;
CREATE TEMP TABLE by_profile(profile INTEGER PRIMARY KEY, score INTEGER NOT NULL);
CREATE TEMP TABLE worded(doc INTEGER NOT NULL, part INTEGER NOT NULL, score INTEGER NOT NULL, PRIMARY KEY(doc, part)) WITHOUT ROWID;
CREATE TEMP TABLE evidence(doc INTEGER PRIMARY KEY, score INTEGER NOT NULL);
CREATE TEMP TABLE hit(doc INTEGER PRIMARY KEY, score INTEGER NOT NULL, profile INTEGER NOT NULL, source INTEGER NOT NULL,
    content INTEGER NOT NULL);
CREATE TEMP TABLE narrowed(doc INTEGER PRIMARY KEY, score INTEGER NOT NULL, profile INTEGER NOT NULL, source INTEGER NOT NULL,
    content INTEGER NOT NULL);
"""
_SCRATCH_TABLES = ("may_metadata", "may_files", "wanted", "by_profile", "worded", "evidence", "hit", "narrowed")

_MAY_METADATA = """INSERT OR IGNORE INTO temp.may_metadata
    SELECT audience_set FROM audience_member WHERE audience IN (SELECT value FROM json_each(?))"""
_MAY_FILES = "INSERT INTO temp.may_files SELECT audience_set FROM temp.may_metadata"

# "+column IN" keeps SQLite from seeking every pair of audience sets for every profile; the filter itself is the same.
_WANT = """INSERT OR IGNORE INTO temp.wanted
    SELECT ?, t.id, ? FROM json_each(?) AS asked JOIN term AS t ON t.text = asked.value"""
_PROFILES = """INSERT INTO temp.by_profile
    SELECT profile, SUM(best) FROM (
        SELECT w.part, u.profile, MAX(w.weight + ? / (1 + u.depth)) AS best
        FROM temp.wanted AS w CROSS JOIN profile_concept AS u ON u.concept = w.concept GROUP BY w.part, u.profile)
    GROUP BY profile HAVING COUNT(*) = ?"""

_EVIDENCE_OF_QUANTITY = """INSERT INTO temp.evidence
    SELECT q.doc, MAX(? + ? / (1 + q.depth))
    FROM family AS f CROSS JOIN quantity AS q ON q.family = f.id AND q.base_value BETWEEN ? AND ?
    JOIN record AS r ON r.doc = q.doc
    WHERE f.dimension = ? AND (? OR f.id IN (SELECT family FROM family_kind WHERE kind IN (SELECT value FROM json_each(?))))
    AND r.read_metadata IN temp.may_metadata AND r.read_files IN temp.may_files
    GROUP BY q.doc"""
_EVIDENCE_OF_CONCEPT_OR_WORD = """INSERT INTO temp.evidence
    SELECT doc, MAX(score) FROM (
        SELECT r.doc, p.score FROM temp.by_profile AS p CROSS JOIN record AS r ON r.profile = p.profile
        WHERE +r.read_metadata IN temp.may_metadata AND +r.read_files IN temp.may_files
        UNION ALL SELECT doc, MIN(score - ?, ?) FROM temp.worded)
    GROUP BY doc"""
_EVIDENCE_OF_WORDS = "INSERT INTO temp.evidence SELECT doc, SUM(score) FROM temp.worded GROUP BY doc HAVING COUNT(*) >= ?"

_HIT_ALL = """INSERT INTO temp.hit SELECT doc, 0, profile, source, read_files IN temp.may_files FROM record
    WHERE read_metadata IN temp.may_metadata"""
_HIT_BY_PROFILE = """INSERT INTO temp.hit SELECT r.doc, p.score, r.profile, r.source, 1
    FROM temp.by_profile AS p CROSS JOIN record AS r ON r.profile = p.profile
    WHERE +r.read_metadata IN temp.may_metadata AND +r.read_files IN temp.may_files"""
_HIT_BY_EVIDENCE = """INSERT INTO temp.hit SELECT r.doc, e.score, r.profile, r.source, r.read_files IN temp.may_files
    FROM temp.evidence AS e CROSS JOIN record AS r ON r.doc = e.doc WHERE r.read_metadata IN temp.may_metadata"""
_NARROW_BY_PROFILE = """INSERT INTO temp.narrowed SELECT h.doc, h.score + p.score, h.profile, h.source, h.content
    FROM temp.hit AS h CROSS JOIN temp.by_profile AS p ON p.profile = h.profile WHERE h.content"""
_NARROW_BY_EVIDENCE = """INSERT INTO temp.narrowed SELECT h.doc, h.score + e.score, h.profile, h.source, h.content
    FROM temp.evidence AS e CROSS JOIN temp.hit AS h ON h.doc = e.doc"""
_NARROW_BY_SOURCE = """INSERT INTO temp.narrowed SELECT h.doc, h.score, h.profile, h.source, h.content
    FROM temp.hit AS h WHERE h.source = (SELECT id FROM term WHERE text = ?)"""

# The first form of a word that a record has is its best one: later forms are ignored.
_TITLE_WORDS = """INSERT OR IGNORE INTO temp.worded SELECT w.rowid, ?, ?
    FROM word AS w CROSS JOIN record AS r ON r.doc = w.rowid WHERE w.word MATCH ? AND r.read_metadata IN temp.may_metadata"""
_TEXT_WORDS = """INSERT OR IGNORE INTO temp.worded SELECT w.rowid, ?, ?
    FROM word AS w CROSS JOIN record AS r ON r.doc = w.rowid WHERE w.word MATCH ?
    AND r.read_metadata IN temp.may_metadata AND r.read_files IN temp.may_files"""
_TITLE_WORDS_OF_HITS = """INSERT OR IGNORE INTO temp.worded SELECT w.rowid, ?, ?
    FROM word AS w CROSS JOIN temp.hit AS h ON h.doc = w.rowid WHERE w.word MATCH ?"""
_TEXT_WORDS_OF_HITS = """INSERT OR IGNORE INTO temp.worded SELECT w.rowid, ?, ?
    FROM word AS w CROSS JOIN temp.hit AS h ON h.doc = w.rowid WHERE w.word MATCH ? AND h.content"""

_PAGE = """SELECT h.doc, h.score, h.content, r.id, s.text
    FROM temp.hit AS h CROSS JOIN record AS r ON r.doc = h.doc JOIN term AS s ON s.id = r.source
    ORDER BY h.score DESC, r.id LIMIT ? OFFSET ?"""
_CONCEPT_FACET = """SELECT t.text, c.n FROM (
        SELECT u.concept, SUM(h.n) AS n
        FROM (SELECT profile, COUNT(*) AS n FROM temp.hit WHERE content GROUP BY profile) AS h
        CROSS JOIN profile_concept AS u ON u.profile = h.profile
        GROUP BY u.concept) AS c JOIN term AS t ON t.id = c.concept
    ORDER BY c.n DESC, t.text"""
_SOURCE_FACET = """SELECT t.text, h.n FROM (SELECT source, COUNT(*) AS n FROM temp.hit GROUP BY source) AS h
    JOIN term AS t ON t.id = h.source
    ORDER BY h.n DESC, t.text LIMIT ?"""
_CONCEPT_COUNTS = """SELECT t.text, c.n FROM (
        SELECT u.concept, SUM(r.n) AS n
        FROM (SELECT profile, COUNT(*) AS n FROM record
            WHERE +read_metadata IN temp.may_metadata AND +read_files IN temp.may_files GROUP BY profile) AS r
        CROSS JOIN profile_concept AS u ON u.profile = r.profile GROUP BY u.concept) AS c JOIN term AS t ON t.id = c.concept"""
_COUNT_PROFILES = """INSERT INTO temp.by_profile
    SELECT profile, COUNT(*) FROM record
    WHERE +read_metadata IN temp.may_metadata AND +read_files IN temp.may_files GROUP BY profile"""
_COUNT_SETS = """SELECT position, SUM(score) FROM (
        SELECT DISTINCT sets.key AS position, p.profile, p.score
        FROM json_each(?) AS sets CROSS JOIN json_each(sets.value) AS asked CROSS JOIN term AS t ON t.text = asked.value
        CROSS JOIN profile_concept AS u ON u.concept = t.id CROSS JOIN temp.by_profile AS p ON p.profile = u.profile)
    GROUP BY position"""
_CONTENT = """SELECT c.doc, c.iri, c.title, c.source_file, c.digest, c.concepts, c.quantities, COALESCE(c.text, w.text)
    FROM json_each(?) AS asked CROSS JOIN content AS c ON c.doc = asked.value CROSS JOIN word AS w ON w.rowid = c.doc"""


_Row: TypeAlias = list[Any]
"""One use or one number as it is stored, in JSON."""


class _Content(NamedTuple):
    """What is stored of a record's content, decoded."""

    iri: str
    title: str
    source_file: str
    digest: str
    concepts: tuple[ConceptUse, ...]
    quantities: tuple[Quantity, ...]
    text: str


class SqliteTextIndex:
    """`TextIndex` on one SQLite file. Many threads and processes may read while one writes.

    A committed batch survives a kill of the process; after a loss of power the last batches may be missing, never half of one.

    Args:
        path: The file; ``None`` keeps everything in memory.
        ubiquitous: Concepts that nearly every record uses for bookkeeping: left out of the facet.

    Raises:
        StoreDamagedError: The file is of another version, or damaged.
        StoreError: The file is none of ours, or cannot be opened.
    """

    def __init__(self, path: Path | None, *, ubiquitous: Iterable[str] = ()) -> None:
        self._path = path
        self._ubiquitous = frozenset(ubiquitous)
        self._writing_now = threading.RLock()  # one writer; in memory it is the reader as well
        self._pool = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._data_version = -1
        self._terms: dict[str, int] = {}
        self._roles: dict[tuple[str, ...], int] = {}
        self._families: dict[tuple[str, tuple[str, ...]], int] = {}
        self._profiles: dict[str, int] = {}
        self._audience_sets: dict[Audiences, int] = {}
        with self._told():
            self._writer = self._connect()
            self._prepare(self._writer)

    @staticmethod
    def drop(path: Path) -> None:
        """Remove the file and what belongs to it, readable or not; nobody may have it open."""
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def apply(self, records: Sequence[Record], removed: Iterable[str] = ()) -> None:
        """Write these records (replacing older forms) and remove those ids, all in one transaction.

        Raises:
            StoreBusyError: Another process is writing for longer than `BUSY_SECONDS`.
            StoreFullError: No space is left.
            StoreError: Nothing was changed.
        """
        latest = {_clean(record.id): record for record in records}
        with self._writing() as db:
            docs = self._forget(db, [*latest, *map(_clean, removed)])
            fresh = (db.execute("SELECT MAX(doc) FROM record").fetchone()[0] or 0) + 1
            fresh = max(fresh, max(docs.values(), default=0) + 1)
            for position, (record_id, record) in enumerate(latest.items()):
                self._write(db, docs.get(record_id, fresh + position), record_id, record)

    def search(self, query: Query, audiences: Audiences, *, offset: int = 0, limit: int = 10) -> Page:
        """Find records that match every part, among those these audiences may read; see `TextIndex.search`."""
        with self._reading(audiences) as db:
            relaxed = _find(db, query)
            total: int = db.execute("SELECT COUNT(*) FROM temp.hit").fetchone()[0]
            rows = db.execute(_PAGE, (limit, offset)).fetchall()
            contents = _contents(db, [row[0] for row in rows])
            concepts = list(islice((row for row in db.execute(_CONCEPT_FACET) if row[0] not in self._ubiquitous), FACET_SIZE))
            sources = db.execute(_SOURCE_FACET, (FACET_SIZE,)).fetchall()
        hits = tuple(_hit(query, row, contents[row[0]]) for row in rows)
        facets = {"concept": _facet(concepts), "source": _facet(sources)}
        return Page(total, hits, facets, relaxed)

    def get(self, record: str, audiences: Audiences) -> Record | None:
        """The record as these audiences may see it; see `TextIndex.get`."""
        with self._reading(audiences) as db:
            row = db.execute(
                """SELECT r.doc, r.read_files IN temp.may_files, s.text, m.members, f.members FROM record AS r
                JOIN term AS s ON s.id = r.source
                JOIN audience_set AS m ON m.id = r.read_metadata JOIN audience_set AS f ON f.id = r.read_files
                WHERE r.id = ? AND r.read_metadata IN temp.may_metadata""",
                (_clean(record),),
            ).fetchone()
            if row is None:
                return None
            doc, content_readable, source, metadata, files = row
            content = _contents(db, [doc])[doc]
        rights = Rights(audiences.intersection(json.loads(metadata)), audiences.intersection(json.loads(files)))
        return _record(record, source, content, rights, content_readable)

    def count(self, concepts: Sequence[Collection[str]], audiences: Audiences) -> tuple[int, ...]:
        """For each of these sets, how many readable records use any of its concepts."""
        with self._reading(audiences) as db:
            db.execute(_COUNT_PROFILES)
            asked = json.dumps([sorted(each) for each in concepts])
            found: dict[int, int] = dict(db.execute(_COUNT_SETS, (asked,)).fetchall())
        return tuple(found.get(position, 0) for position in range(len(concepts)))

    def concept_counts(self, audiences: Audiences) -> dict[str, int]:
        """How many readable records use each concept directly."""
        with self._reading(audiences) as db:
            return dict(db.execute(_CONCEPT_COUNTS).fetchall())

    def ids(self) -> set[str]:
        """Every record id: for checks and rebuilds by the operator, not for answers."""
        with self._reading(frozenset()) as db:
            return {row[0] for row in db.execute("SELECT id FROM record")}

    def clear(self) -> None:
        """Drop everything; the next `apply` starts from nothing."""
        with self._writing() as db:
            for table in _TABLES:
                db.execute(f"DROP TABLE {table}")
            _make_tables(db)
            self._forget_numbers()

    def close(self) -> None:
        """Write everything out and let go of the files."""
        with self._writing_now, self._pool, self._told():
            self._closed = True
            for db in (*self._idle, self._writer):
                db.close()
            self._idle.clear()

    # Connections

    def _connect(self) -> sqlite3.Connection:
        name = ":memory:" if self._path is None else str(self._path)
        db = sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA temp_store = MEMORY")
            db.execute("PRAGMA cache_size = -32768")
            db.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            db.close()
            raise
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        """Make the tables in a new file; refuse a file that is not ours or of another version."""
        try:
            if not self._is_ours(db):
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("BEGIN IMMEDIATE")
                if not self._is_ours(db):  # another process may have been first
                    _make_tables(db)
                    db.execute(f"PRAGMA application_id = {_APPLICATION}")
                    db.execute(f"PRAGMA user_version = {_VERSION}")
                db.execute("COMMIT")
            db.execute("PRAGMA wal_autocheckpoint = 4000")
            db.executescript(_SCRATCH)
        except BaseException:
            db.close()
            raise

    def _is_ours(self, db: sqlite3.Connection) -> bool:
        """Whether the file is an index of this version; ``False`` when it is empty."""
        application = db.execute("PRAGMA application_id").fetchone()[0]
        version = db.execute("PRAGMA user_version").fetchone()[0]
        empty = db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0] == 0
        if not empty and application != _APPLICATION:
            raise StoreError(f"{self._path} is not a search index of Voltagraph.", "Move it away: this place is the index's.")
        if not empty and version != _VERSION:
            message = f"The search index {self._path} has version {version}, this program needs version {_VERSION}."
            raise StoreDamagedError(message, _REBUILD)
        return not empty

    @contextmanager
    def _reading(self, audiences: Audiences) -> Iterator[sqlite3.Connection]:
        """One snapshot of the index, with the audience sets that these audiences meet."""
        with self._told(), self._borrowed() as db, _transaction(db, "BEGIN"):
            for table in _SCRATCH_TABLES:
                db.execute(f"DELETE FROM temp.{table}")  # noqa: S608  # names of our own tables
            db.execute(_MAY_METADATA, (json.dumps(sorted(audiences)),))
            db.execute(_MAY_FILES)
            yield db

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        """A connection nobody else uses meanwhile."""
        if self._path is None:
            with self._writing_now:
                yield self._open(self._writer)
        else:
            db = self._take()
            try:
                yield db
            finally:
                self._give_back(db)

    def _take(self) -> sqlite3.Connection:
        with self._pool:
            if self._idle:
                return self._idle.pop()
        db = self._open(self._connect())
        db.executescript(_SCRATCH)
        return db

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._pool:
            if not self._closed:
                self._idle.append(db)
                return
        db.close()

    def _open(self, db: sqlite3.Connection) -> sqlite3.Connection:
        if self._closed:
            db.close()
            raise StoreError("The search index is closed.", "Open it again.")
        return db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; what is remembered of it is forgotten when it fails."""
        with self._writing_now, self._told():
            self._open(self._writer)
            try:
                with _transaction(self._writer, "BEGIN IMMEDIATE"):
                    version = self._writer.execute("PRAGMA data_version").fetchone()[0]
                    if version != self._data_version or len(self._terms) > _CACHED:
                        self._forget_numbers()  # another process may have written, even started anew
                        self._data_version = version
                    yield self._writer
            except BaseException:
                self._forget_numbers()
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell SQLite's errors in our words."""
        name = "The search index in memory" if self._path is None else f"The search index {self._path}"
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise StoreBusyError(
                    f"{name} is being written by another process.", "Wait for it to end, then try again."
                ) from error
            if code == sqlite3.SQLITE_FULL:
                raise StoreFullError(
                    f"{name} cannot grow: no space is left. Nothing was changed.", "Free some space, then try again."
                ) from error
            if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise StoreDamagedError(f"{name} is damaged: {error}.", _REBUILD) from error
            raise StoreError(f"{name} cannot be used: {error}.", "See that the file can be read and written.") from error

    # Writing

    def _forget_numbers(self) -> None:
        """Drop the remembered ids of terms, roles, families, profiles and audience sets."""
        self._terms.clear()
        self._roles.clear()
        self._families.clear()
        self._profiles.clear()
        self._audience_sets.clear()

    def _forget(self, db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, int]:
        """Remove every trace of these records; their row ids, so that a new form keeps its own."""
        old = db.execute(
            """SELECT r.id, r.doc, c.quantities FROM json_each(?) AS asked CROSS JOIN record AS r ON r.id = asked.value
            JOIN content AS c ON c.doc = r.doc""",
            (json.dumps(sorted(set(ids))),),
        ).fetchall()
        docs = [(doc,) for _, doc, _ in old]
        numbers = [(row[0], value, doc) for _, doc, quantities in old for row in json.loads(quantities) for value in _found_by(row)]
        db.executemany("DELETE FROM quantity WHERE family = ? AND base_value = ? AND doc = ?", numbers)
        db.executemany("DELETE FROM word WHERE rowid = ?", docs)
        db.executemany("DELETE FROM content WHERE doc = ?", docs)
        db.executemany("DELETE FROM record WHERE doc = ?", docs)
        return {record_id: doc for record_id, doc, _ in old}

    def _write(self, db: sqlite3.Connection, doc: int, record_id: str, record: Record) -> None:
        uses = [(self._term(db, use.concept), self._role(db, use.role), use.pointer, use.line) for use in record.concepts]
        numbers = [self._number(db, quantity) for quantity in record.quantities]
        title, text = _clean(record.title), _clean(record.text)
        searched = _searchable(text)
        rights = record.rights
        db.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)",
            (
                doc,
                record_id,
                self._audience_set(db, rights.read_metadata),
                self._audience_set(db, rights.read_files),
                self._profile(db, uses, record.concepts),
                self._term(db, record.source),
            ),
        )
        db.execute(
            "INSERT INTO content VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                doc,
                _clean(record.iri),
                title,
                _clean(record.source_file),
                record.digest,
                _compact(uses),
                _compact(numbers),
                None if searched == text else text,
            ),
        )
        db.execute("INSERT INTO word(rowid, title, text) VALUES (?, ?, ?)", (doc, _searchable(title), searched))
        depths: dict[tuple[int, float], int] = {}
        for row in numbers:
            for base_value in _found_by(row):
                key = (row[0], base_value)
                depths[key] = min(nesting(row[5]), depths.get(key, _MAX_DEPTH))
        db.executemany(
            "INSERT INTO quantity VALUES (?, ?, ?, ?)", [(family, value, doc, depth) for (family, value), depth in depths.items()]
        )

    def _number(self, db: sqlite3.Connection, quantity: Quantity) -> _Row:
        """A quantity as it is stored; most have neither name nor spread nor conditions, and then nothing is stored of them."""
        row = self._plain_number(db, quantity)
        if quantity.name or quantity.spread is not None or quantity.conditions:
            conditions = [[*self._plain_number(db, one), one.name] for one in quantity.conditions]
            row += [quantity.name, None if quantity.spread is None else list(astuple(quantity.spread)), conditions]
        return row

    def _plain_number(self, db: sqlite3.Connection, quantity: Quantity | Condition) -> _Row:
        return [
            self._family(db, quantity),
            quantity.value,
            self._term(db, quantity.unit),
            quantity.base_value,
            self._term(db, quantity.base_unit),
            quantity.pointer,
            quantity.line,
        ]

    def _term(self, db: sqlite3.Connection, text: str) -> int:
        known = self._terms.get(text)
        if known is None:
            known = self._terms[text] = _interned(
                db, "INSERT OR IGNORE INTO term(text) VALUES (?)", "SELECT id FROM term WHERE text = ?", _clean(text)
            )
        return known

    def _role(self, db: sqlite3.Connection, role: tuple[str, ...]) -> int:
        known = self._roles.get(role)
        if known is None:
            known = self._roles[role] = self._term(db, json.dumps(role))
        return known

    def _family(self, db: sqlite3.Connection, quantity: Quantity | Condition) -> int:
        family = (quantity.dimension, quantity.kinds[:MAX_KINDS])
        known = self._families.get(family)
        if known is None:
            key = json.dumps(family)
            known = _interned(
                db,
                "INSERT OR IGNORE INTO family(key, dimension) VALUES (?1, json_extract(?1, '$[0]'))",
                "SELECT id FROM family WHERE key = ?",
                key,
            )
            db.executemany("INSERT OR IGNORE INTO family_kind VALUES (?, ?)", [(_clean(kind), known) for kind in family[1]])
            self._families[family] = known
        return known

    def _profile(self, db: sqlite3.Connection, uses: Sequence[tuple[int, int, str, int]], concepts: Sequence[ConceptUse]) -> int:
        depths: dict[int, int] = {}
        for (concept, *_), use in zip(uses, concepts, strict=True):
            depths[concept] = min(len(use.role), depths.get(concept, _MAX_DEPTH))
        key = _compact(sorted(depths.items()))
        known = self._profiles.get(key)
        if known is None:
            if len(self._profiles) > _CACHED:
                self._profiles.clear()
            known = _interned(
                db, "INSERT OR IGNORE INTO profile(concepts) VALUES (?)", "SELECT id FROM profile WHERE concepts = ?", key
            )
            db.executemany(
                "INSERT OR IGNORE INTO profile_concept VALUES (?, ?, ?)",
                [(concept, known, depth) for concept, depth in depths.items()],
            )
            self._profiles[key] = known
        return known

    def _audience_set(self, db: sqlite3.Connection, audiences: Audiences) -> int:
        known = self._audience_sets.get(audiences)
        if known is None:
            key = json.dumps(sorted(audiences))
            known = _interned(
                db, "INSERT OR IGNORE INTO audience_set(members) VALUES (?)", "SELECT id FROM audience_set WHERE members = ?", key
            )
            db.executemany(
                "INSERT OR IGNORE INTO audience_member VALUES (?, ?)", [(_clean(audience), known) for audience in audiences]
            )
            self._audience_sets[audiences] = known
        return known


def _make_tables(db: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";\n"):
        db.execute(statement)


def _interned(db: sqlite3.Connection, insert: str, select: str, key: str) -> int:
    """The number of a key, given now if it had none."""
    row = db.execute(select, (key,)).fetchone()
    if row is not None:
        return int(row[0])
    return int(db.execute(insert, (key,)).lastrowid or 0)


@contextmanager
def _transaction(db: sqlite3.Connection, begin: str) -> Iterator[None]:
    db.execute(begin)
    try:
        yield
    except BaseException:
        if db.in_transaction:  # SQLite has rolled back itself when the disk was full
            db.execute("ROLLBACK")
        raise
    try:
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _clean(text: str) -> str:
    """The text, with what is no Unicode scalar value (a lone surrogate from a JSON escape) replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _searchable(text: str) -> str:
    """The text as it is given to FTS5: `plain`, with the codes inside its words as words of their own."""
    simple, codes = plain(text), codes_of(text)
    return f"{simple}\n{' '.join(codes)}" if codes else simple


# Finding: temporary tables are filled step by step; `hit` holds what is left.


def _find(db: sqlite3.Connection, query: Query) -> tuple[int, ...]:
    """Fill ``hit`` with what matches; the positions of the text parts that had to be relaxed."""
    words = [(position, part.text) for position, part in enumerate(query.parts) if isinstance(part, TextPart)]
    structured = len(words) < len(query.parts)
    if structured:
        _find_structured(db, query)
    elif not words:
        db.execute(_HIT_ALL)
    if not words:
        return ()
    for position, text in words:
        _match_word(db, position, text, among_hits=structured)
    for least in dict.fromkeys((len(words), 1)):
        db.execute("DELETE FROM temp.evidence")
        if db.execute(_EVIDENCE_OF_WORDS, (least,)).rowcount:
            if structured:
                _narrow(db, _NARROW_BY_EVIDENCE)
            else:
                db.execute(_HIT_BY_EVIDENCE)
            return () if least == len(words) else tuple(position for position, _ in words)
    any_left = db.execute("SELECT 1 FROM temp.hit LIMIT 1").fetchone() is not None
    return tuple(position for position, _ in words) if any_left else ()


def _find_structured(db: sqlite3.Connection, query: Query) -> None:
    """Fill ``hit`` with what matches all parts but the text parts; the most selective kind of part goes first."""
    started = False
    for part in query.parts:
        if isinstance(part, QuantityPart):
            low, high = part.bounds
            kinds = json.dumps(sorted(part.kinds))
            db.execute("DELETE FROM temp.evidence")
            db.execute(_EVIDENCE_OF_QUANTITY, (QUANTITY, NEAR_ROOT, low, high, part.dimension, not part.kinds, kinds))
            started = _keep(db, started, _HIT_BY_EVIDENCE, _NARROW_BY_EVIDENCE)
    plain_concepts = [part for part in query.parts if isinstance(part, ConceptPart) and not part.words]
    if plain_concepts:
        _match_profiles(db, plain_concepts)
        started = _keep(db, started, _HIT_BY_PROFILE, _NARROW_BY_PROFILE)
    for part in query.parts:
        if isinstance(part, ConceptPart) and part.words:
            _match_profiles(db, [part])
            db.execute("DELETE FROM temp.worded")
            for word in part.words:
                _match_word(db, 0, word, among_hits=started)
            db.execute("DELETE FROM temp.evidence")
            db.execute(_EVIDENCE_OF_CONCEPT_OR_WORD, (WORD, NARROWER_CONCEPT))
            db.execute("DELETE FROM temp.worded")
            started = _keep(db, started, _HIT_BY_EVIDENCE, _NARROW_BY_EVIDENCE)
    for part in query.parts:
        if isinstance(part, SourcePart):
            if not started:
                db.execute(_HIT_ALL)
                started = True
            _narrow(db, _NARROW_BY_SOURCE, _clean(part.source))


def _keep(db: sqlite3.Connection, started: bool, start: str, narrow: str) -> bool:
    """Keep what this step found: as the first hits, or among the hits so far."""
    if started:
        _narrow(db, narrow)
    else:
        db.execute(start)
    return True


def _narrow(db: sqlite3.Connection, statement: str, *arguments: str) -> None:
    db.execute(statement, arguments)
    db.execute("DELETE FROM temp.hit")
    db.execute("INSERT INTO temp.hit SELECT * FROM temp.narrowed")
    db.execute("DELETE FROM temp.narrowed")


def _match_profiles(db: sqlite3.Connection, parts: Sequence[ConceptPart]) -> None:
    """Fill ``by_profile`` with the profiles that match all of these parts."""
    db.execute("DELETE FROM temp.wanted")
    db.execute("DELETE FROM temp.by_profile")
    for position, part in enumerate(parts):
        db.execute(_WANT, (position, EXACT_CONCEPT, json.dumps(sorted(part.expanded.intersection(part.concepts)))))
        db.execute(_WANT, (position, NARROWER_CONCEPT, json.dumps(sorted(part.expanded))))
    db.execute(_PROFILES, (NEAR_ROOT, len(parts)))


def _match_word(db: sqlite3.Connection, position: int, text: str, *, among_hits: bool) -> None:
    """Add to ``worded`` the records that have this word, each under the right that the place of the word demands."""
    words = words_of(text)
    if not words:
        return
    in_title, in_text = (_TITLE_WORDS_OF_HITS, _TEXT_WORDS_OF_HITS) if among_hits else (_TITLE_WORDS, _TEXT_WORDS)
    phrase = '"' + " ".join(words) + '"'  # letters and digits only: nothing of FTS5's syntax can be in it
    db.execute(in_title, (position, WORD + TITLE_WORD, "{title} : " + phrase))
    db.execute(in_text, (position, WORD + TEXT_WORD, "{text} : " + phrase))
    if prefix_counts(words):
        db.execute(in_title, (position, WORD + PREFIX, "{title} : " + phrase + " *"))
        db.execute(in_text, (position, WORD + PREFIX, "{text} : " + phrase + " *"))


def _facet(rows: Iterable[tuple[str, int]]) -> tuple[FacetCount, ...]:
    return tuple(FacetCount(value, count) for value, count in rows)


# Reading content


def _contents(db: sqlite3.Connection, docs: Sequence[int]) -> dict[int, _Content]:
    """The stored content of these rows."""
    rows = [(*row[:5], json.loads(row[5]), json.loads(row[6]), row[7]) for row in db.execute(_CONTENT, (json.dumps(docs),))]
    numbers = [one for row in rows for number in row[6] for one in (number, *_stored_conditions(number))]
    terms = {term for row in rows for use in row[5] for term in use[:2]} | {one[place] for one in numbers for place in (2, 4)}
    families = {one[0] for one in numbers}
    asked = (json.dumps(sorted(terms)),)
    texts: dict[int, str] = dict(
        db.execute("SELECT t.id, t.text FROM json_each(?) AS asked CROSS JOIN term AS t ON t.id = asked.value", asked)
    )
    asked = (json.dumps(sorted(families)),)
    keys = {
        family: json.loads(key)
        for family, key in db.execute(
            "SELECT f.id, f.key FROM json_each(?) AS asked CROSS JOIN family AS f ON f.id = asked.value", asked
        )
    }
    roles: dict[int, tuple[str, ...]] = {}
    return {
        doc: _Content(iri, title, source_file, digest, _uses(uses, texts, roles), _quantities(numbers, texts, keys), text)
        for doc, iri, title, source_file, digest, uses, numbers, text in rows
    }


def _uses(rows: Iterable[_Row], texts: Mapping[int, str], roles: dict[int, tuple[str, ...]]) -> tuple[ConceptUse, ...]:
    uses = []
    for concept, role, pointer, line in rows:
        if role not in roles:
            roles[role] = tuple(json.loads(texts[role]))
        uses.append(ConceptUse(texts[concept], roles[role], pointer, line))
    return tuple(uses)


def _quantities(rows: Iterable[_Row], texts: Mapping[int, str], keys: Mapping[int, tuple[str, list[str]]]) -> tuple[Quantity, ...]:
    found = []
    for family, value, unit, base_value, base_unit, pointer, line, *more in rows:
        name, spread, conditions = more or ("", None, ())
        found.append(
            Quantity(
                *(tuple(keys[family][1]), value, texts[unit], base_value, texts[base_unit], keys[family][0], pointer, line),
                spread=None if spread is None else Spread(*spread),
                conditions=tuple(_condition(one, texts, keys) for one in conditions),
                name=name,
            )
        )
    return tuple(found)


def _stored_conditions(row: _Row) -> list[_Row]:
    return row[9] if row[7:] else []


def _condition(row: _Row, texts: Mapping[int, str], keys: Mapping[int, tuple[str, list[str]]]) -> Condition:
    family, value, unit, base_value, base_unit, pointer, line, name = row
    kinds, dimension = tuple(keys[family][1]), keys[family][0]
    return Condition(kinds, value, texts[unit], base_value, texts[base_unit], dimension, pointer, line, name)


def _found_by(row: _Row) -> list[float]:
    """The numbers in base units by which a stored quantity is found (`Quantity.base_values`)."""
    values = [row[3]]
    if row[1] is None and row[7:]:
        values = row[8][3:5] if row[8] is not None else []
    return [value for value in values if value is not None and math.isfinite(value)]


def _record(record_id: str, source: str, content: _Content, rights: Rights, content_readable: bool) -> Record:
    """The record, without what was read from its files when the reader may not read them."""
    if not content_readable:
        return Record(record_id, content.iri, content.title, source, content.source_file, "", rights)
    return Record(record_id, content.iri, content.title, source, content.source_file, content.digest, rights, *content[4:])


def _hit(query: Query, row: tuple[int, int, int, str, str], content: _Content) -> IndexHit:
    _, score, content_readable, record_id, source = row
    seen = _record(record_id, source, content, Rights(frozenset(), frozenset()), bool(content_readable))
    return IndexHit(record_id, seen.iri, seen.title, source, seen.source_file, score / 100, explain(query.parts, seen))
