"""Records as columns: what of them is searched, as arrays of numbers; how columns are made, and many made into one.

Documents are numbered in the order of their ids. What many of them have in common (a set of audiences, all their uses of concepts)
is kept once, as a row of a *table*, and the documents hold its number. Every dictionary and table is sorted and holds nothing
unused, so the same records give the same columns, in whatever steps these were made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np

from records.record import EntityKind, Quantity, Record
from search.columns.arrays import Array, Ints, Lists, Mask, Strings, spans, starts_of
from search.columns.store import Change
from search.matching import nesting, values_of, year_of
from search.names import fold_name
from search.query import Facet
from search.words import words_of

_Row: TypeAlias = tuple[Any, ...]

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "within": ("term",),
    "family": ("term",),  # dimension, then kinds
    "audiences": ("term",),
    "source": ("term",),
    "community": ("term",),
    "year": ("term",),
    "released": ("term",),
    "date": ("term",),  # the whole date, of which *year* is the year
    "release_date": ("term",),
    "country": ("term",),
    "licence": ("term",),
    "validation": ("term",),
    "uses": ("term", "number", "number", "within"),  # concept, depth, implied, within
    "families": ("family",),
    **{kind.value: ("term", "term", "term") for kind in EntityKind},  # folded name, name, IRI
}
"""Name of each table -> what the numbers in its rows are, over and over; those a table refers to come before it."""
ROWS: Final[Mapping[str, str]] = {"metadata": "audiences", "files": "audiences"} | {
    name: name for name in TABLES if name not in ("within", "family", "audiences")
}
"""Column with a number for each document -> table of which it is a row."""
FIELDS: Final = ("title", "text")
_STRINGS: Final = ("ids", "terms", "words", "removed")
_POSTED_AT_ONCE: Final = 50_000
"""Documents of which the words are put in order at a time."""
BREAK: Final = -1
"""Stands between words that are not next to each other."""
NO_VALUE: Final = math.nan
_DEEPEST: Final = 250
_CODE: Final = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Columns:
    """Some records as arrays.

    Args:
        ids: Ids of the records.
        terms: All strings that are compared whole: IRIs, names, values.
        words: All words of titles and texts.
        tables: Rows of `TABLES`.
        arrays: The rest. For each document: its row in each column of `ROWS`, and ``summary``, the hash of its summary. For each
            field, ``FIELD_starts`` and ``FIELD_words``: its words in order. ``node_...``: document, family, within and depth of
            each quantity; ``value_...``: node and number; ``condition_...``: node, family and number.
        removed: Ids that were removed by then.
    """

    ids: Strings
    terms: Strings
    words: Strings
    tables: Mapping[str, Lists]
    arrays: Mapping[str, Array]
    removed: Strings

    def __len__(self) -> int:
        return len(self.ids)

    def stream(self, field: str) -> Lists:
        """The words of a field of each document, in order."""
        return Lists(self.arrays[f"{field}_starts"], self.arrays[f"{field}_words"])

    def to_arrays(self) -> dict[str, Array]:
        """All of it as arrays with names."""
        arrays = dict(self.arrays)
        for name in _STRINGS:
            strings: Strings = getattr(self, name)
            arrays[f"{name}/starts"], arrays[f"{name}/blob"] = strings.starts, strings.blob
        for table, lists in self.tables.items():
            arrays[f"{table}/starts"], arrays[f"{table}/members"] = lists.starts, lists.members
        return arrays

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Columns:
        """From such arrays; they are taken out."""
        strings = {name: Strings(arrays.pop(f"{name}/starts"), arrays.pop(f"{name}/blob")) for name in _STRINGS}
        tables = {table: Lists(arrays.pop(f"{table}/starts"), arrays.pop(f"{table}/members")) for table in TABLES}
        return cls(tables=tables, arrays=arrays, **strings)


def from_changes(changes: Iterable[Change]) -> Columns:
    """Columns of the records among these changes."""
    latest = {change.id: change for change in changes}
    there = sorted((one.id, one.record, one.summary) for one in latest.values() if one.record is not None)
    records = [record for _, record, _ in there]
    rows = {column: [_READ[column](record) for record in records] for column in ROWS}
    nodes = [(doc, quantity) for doc, record in enumerate(records) for quantity in record.quantities]
    conditions = [(node, one) for node, (_, quantity) in enumerate(nodes) for one in quantity.conditions]
    needed: dict[str, set[_Row]] = {table: set() for table in TABLES}
    for column, table in ROWS.items():
        needed[table].update(rows[column])
    needed["within"].update(use[3] for row in needed["uses"] for use in row)
    needed["within"].update(_within(quantity.within) for _, quantity in nodes)
    needed["family"].update(family for row in needed["families"] for family in row)
    needed["family"].update((one.dimension, *one.kinds) for _, one in conditions)
    ordered = {table: sorted(found) for table, found in needed.items()}
    terms = sorted(
        {term for table, found in ordered.items() if table not in ("uses", "families") for term in _terms(found)}
        | {use[0] for row in ordered["uses"] for use in row}
    )
    number: dict[str, dict[Any, int]] = {"term": {term: place for place, term in enumerate(terms)}}
    tables = {}
    for table, pattern in TABLES.items():
        tables[table] = Lists.of([_numbered(row, pattern, number) for row in ordered[table]])
        number[table] = {row: place for place, row in enumerate(ordered[table])}
    arrays: dict[str, Array] = {
        column: np.fromiter((number[table][row] for row in rows[column]), np.int32, len(records)) for column, table in ROWS.items()
    }
    arrays["summary"] = np.frombuffer(b"".join(summary[:16].ljust(16, b"\0") for *_, summary in there), "S16")
    words = _add_words(arrays, records)
    _add_quantities(arrays, nodes, number)
    arrays["condition_node"] = np.fromiter((node for node, _ in conditions), np.int32, len(conditions))
    arrays["condition_family"] = np.fromiter(
        (number["family"][(one.dimension, *one.kinds)] for _, one in conditions), np.int32, len(conditions)
    )
    arrays["condition_value"] = np.fromiter(
        (NO_VALUE if one.base_value is None else one.base_value for _, one in conditions), np.float64, len(conditions)
    )
    removed = Strings.of(sorted(one.id for one in latest.values() if one.record is None))
    return Columns(Strings.of([identifier for identifier, *_ in there]), Strings.of(terms), words, tables, arrays, removed)


def _terms(rows: Iterable[_Row]) -> Iterable[str]:
    for row in rows:
        for item in row:
            if isinstance(item, str):
                yield item
            else:
                yield from item


def _numbered(row: _Row, pattern: tuple[str, ...], number: Mapping[str, Mapping[Any, int]]) -> list[int]:
    if len(pattern) == 1:
        return [number[pattern[0]][item] for item in row]
    return [item if of == "number" else number[of][item] for one in row for of, item in zip(pattern, one, strict=True)]


def _within(classes: Sequence[str]) -> _Row:
    return tuple(sorted(set(classes)))


def _uses(record: Record) -> _Row:
    uses = {(use.concept, min(len(use.role), _DEEPEST), int(bool(use.implied_by)), _within(use.within)) for use in record.concepts}
    return tuple(sorted(uses))


def _year(date: str) -> _Row:
    year = year_of(date)
    return () if year is None else (f"{year:04}",)


def _entities(kind: EntityKind) -> Callable[[Record], _Row]:
    return lambda record: tuple(sorted({(fold_name(one.name), one.name, one.iri) for one in record.entities if one.kind is kind}))


def _some(text: str) -> _Row:
    return (text,) if text else ()


_READ: Final[Mapping[str, Callable[[Record], _Row]]] = {
    "metadata": lambda record: tuple(sorted(record.rights.read_metadata)),
    "files": lambda record: tuple(sorted(record.rights.read_files)),
    "source": lambda record: _some(record.source),
    "community": lambda record: tuple(sorted({one for one in record.communities if one})),
    "year": lambda record: _year(record.date),
    "released": lambda record: _year(record.released),
    "date": lambda record: _some(record.date[:10]),
    "release_date": lambda record: _some(record.released[:10]),
    "country": lambda record: tuple(sorted(set(values_of(Facet.COUNTRY, record)))),
    "licence": lambda record: _some(record.licence),
    "validation": lambda record: _some(record.validation),
    "uses": _uses,
    "families": lambda record: tuple(sorted({(one.dimension, *one.kinds) for one in record.quantities})),
    **{kind.value: _entities(kind) for kind in EntityKind},
}
"""What of a record is a row of each column."""


def _add_words(arrays: dict[str, Array], records: Sequence[Record]) -> Strings:
    """Add the words of each field, with the long numbers within its words behind them; all words in order."""
    streams = {"title": [_stream(record.title) for record in records], "text": [_stream(record.text) for record in records]}
    words = sorted({word for stream in streams.values() for found in stream for word in found if word})
    number = {word: place for place, word in enumerate(words)} | {"": BREAK}
    for field in FIELDS:
        lists = Lists.of([[number[word] for word in found] for found in streams[field]])
        arrays[f"{field}_starts"], arrays[f"{field}_words"] = lists.starts, lists.members
    return Strings.of(words)


def _stream(text: str) -> list[str]:
    words = words_of(text)
    codes = [code for word in words if not word.isdigit() for code in _CODE.findall(word)]
    return [*words, *(item for code in codes for item in ("", code))]


def _add_quantities(
    arrays: dict[str, Array], nodes: Sequence[tuple[int, Quantity]], number: Mapping[str, Mapping[Any, int]]
) -> None:
    count = len(nodes)
    arrays["node_doc"] = np.fromiter((doc for doc, _ in nodes), np.int32, count)
    arrays["node_family"] = np.fromiter((number["family"][(one.dimension, *one.kinds)] for _, one in nodes), np.int32, count)
    arrays["node_within"] = np.fromiter((number["within"][_within(one.within)] for _, one in nodes), np.int32, count)
    arrays["node_depth"] = np.fromiter((min(nesting(one.pointer), _DEEPEST) for _, one in nodes), np.uint8, count)
    values = [(node, value) for node, (_, one) in enumerate(nodes) for value in one.base_values if math.isfinite(value)]
    arrays["value_node"] = np.fromiter((node for node, _ in values), np.int32, len(values))
    arrays["value_number"] = np.fromiter((value for _, value in values), np.float64, len(values))


def merged(parts: Sequence[tuple[Columns, Mask]], *, forget_removed: bool) -> Columns:
    """One set of columns from several.

    Args:
        parts: Columns, oldest first, with which of their documents to keep; no id twice among these.
        forget_removed: Whether nothing older is left that would have to know what was removed.
    """
    kept = [np.flatnonzero(keep) for _, keep in parts]
    ids = [columns.ids.some(docs.tolist()) for (columns, _), docs in zip(parts, kept, strict=True)]
    order = np.array(sorted(range(sum(map(len, ids))), key=[one for part in ids for one in part].__getitem__), np.int64)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    places = np.split(place, np.cumsum([len(one) for one in ids])[:-1])
    sources = [_Source(columns, docs, to) for (columns, _), docs, to in zip(parts, kept, places, strict=True)]
    terms = _merge_strings([(source.columns.terms, source.used["term"]) for source in sources], [s.to["term"] for s in sources])
    words = _merge_strings([(source.columns.words, source.used["word"]) for source in sources], [s.to["word"] for s in sources])
    tables = {table: _merge_table(table, sources) for table in TABLES}
    arrays = _merge_arrays(sources, len(order))
    there = sorted(one for part in ids for one in part)
    removed: list[str] = []
    if not forget_removed:
        removed = sorted({one for columns, _ in parts for one in columns.removed.all()} - set(there))
    return Columns(Strings.of(there), terms, words, tables, arrays, Strings.of(removed))


class _Source:
    """One of several columns to be merged: what of it is used, and the new numbers of that.

    Args:
        columns: The columns.
        docs: Documents to keep.
        places: Their new numbers.
    """

    def __init__(self, columns: Columns, docs: Ints, places: Ints) -> None:
        self.columns, self.docs = columns, docs
        arrays = columns.arrays
        self.doc_to = np.full(len(columns), -1, np.int64)
        self.doc_to[docs] = places
        self.nodes = np.flatnonzero(self.doc_to[arrays["node_doc"]] >= 0)
        is_kept = np.zeros(len(arrays["node_doc"]) + 1, bool)
        is_kept[self.nodes] = True
        self.values = np.flatnonzero(is_kept[arrays["value_node"]])
        self.conditions = np.flatnonzero(is_kept[arrays["condition_node"]])
        self.used = self._used()
        self.to = {name: np.full(len(used), -1, np.int64) for name, used in self.used.items()}

    def _used(self) -> dict[str, Mask]:
        columns, arrays = self.columns, self.columns.arrays
        used = {table: np.zeros(len(columns.tables[table]), bool) for table in TABLES}
        used |= {"term": np.zeros(len(columns.terms), bool), "word": np.zeros(len(columns.words), bool)}
        for column, table in ROWS.items():
            used[table][arrays[column][self.docs]] = True
        used["within"][arrays["node_within"][self.nodes]] = True
        used["family"][arrays["node_family"][self.nodes]] = True
        used["family"][arrays["condition_family"][self.conditions]] = True
        for table in reversed(list(TABLES)):
            rows = columns.tables[table].take(np.flatnonzero(used[table])).members
            for position, of in enumerate(TABLES[table]):
                if of != "number":
                    used[of][rows[position :: len(TABLES[table])]] = True
        for field in FIELDS:
            words = self.stream(field).members
            used["word"][words[words >= 0]] = True
        return used

    def stream(self, field: str) -> Lists:
        """The words of a field of each document to keep."""
        return self.columns.stream(field).take(self.docs)

    def rows(self, table: str) -> Lists:
        """The used rows of a table, in the new numbers of what they refer to."""
        lists = self.columns.tables[table].take(np.flatnonzero(self.used[table]))
        members = lists.members.copy()
        for position, of in enumerate(TABLES[table]):
            if of != "number":
                members[position :: len(TABLES[table])] = self.to[of][members[position :: len(TABLES[table])]]
        return Lists(lists.starts, members)


def _merge_strings(parts: Sequence[tuple[Strings, Mask]], to: Sequence[Ints]) -> Strings:
    found = [strings.some(np.flatnonzero(used).tolist()) for strings, used in parts]
    ordered = sorted(set().union(*found))
    number = {text: place for place, text in enumerate(ordered)}
    for (_, used), texts, numbers in zip(parts, found, to, strict=True):
        numbers[used] = [number[text] for text in texts]
    return Strings.of(ordered)


def _merge_table(table: str, sources: Sequence[_Source]) -> Lists:
    found = []
    for source in sources:
        rows = source.rows(table)
        members, starts = rows.members.tolist(), rows.starts.tolist()
        found.append([tuple(members[start:end]) for start, end in pairwise(starts)])
    ordered = sorted(set().union(*found))
    number = {row: place for place, row in enumerate(ordered)}
    for source, rows_found in zip(sources, found, strict=True):
        source.to[table][source.used[table]] = [number[row] for row in rows_found]
    return Lists.of(ordered)


def _merge_arrays(sources: Sequence[_Source], count: int) -> dict[str, Array]:
    arrays: dict[str, Array] = {column: np.zeros(count, np.int32) for column in ROWS}
    arrays["summary"] = np.zeros(count, "S16")
    for source in sources:
        places = source.doc_to[source.docs]
        arrays["summary"][places] = source.columns.arrays["summary"][source.docs]
        for column, table in ROWS.items():
            arrays[column][places] = source.to[table][source.columns.arrays[column][source.docs]]
    for field in FIELDS:
        stream = _merge_streams(sources, field, count)
        arrays[f"{field}_starts"], arrays[f"{field}_words"] = stream.starts, stream.members
    docs = np.concatenate([source.doc_to[source.columns.arrays["node_doc"][source.nodes]] for source in sources])
    order = np.argsort(docs, kind="stable")
    arrays["node_doc"] = docs[order].astype(np.int32)
    for column, table in (("node_family", "family"), ("node_within", "within"), ("node_depth", "")):
        parts = [source.columns.arrays[column][source.nodes] for source in sources]
        if table:
            parts = [source.to[table][part] for source, part in zip(sources, parts, strict=True)]
        arrays[column] = np.concatenate(parts)[order].astype(np.int32 if table else np.uint8)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    node_to = _node_numbers(sources, place)
    for rows, columns in (("value", ("number",)), ("condition", ("family", "value"))):
        chosen = [getattr(source, f"{rows}s") for source in sources]
        nodes = np.concatenate(
            [to[source.columns.arrays[f"{rows}_node"][some]] for source, some, to in zip(sources, chosen, node_to, strict=True)]
        )
        order = np.argsort(nodes, kind="stable")
        arrays[f"{rows}_node"] = nodes[order].astype(np.int32)
        for column in columns:
            parts = [source.columns.arrays[f"{rows}_{column}"][some] for source, some in zip(sources, chosen, strict=True)]
            if column == "family":
                parts = [source.to["family"][part] for source, part in zip(sources, parts, strict=True)]
            arrays[f"{rows}_{column}"] = np.concatenate(parts)[order].astype(np.int32 if column == "family" else np.float64)
    return arrays


def _node_numbers(sources: Sequence[_Source], place: Ints) -> list[Ints]:
    """For each source, its nodes' new numbers."""
    numbers: list[Ints] = []
    start = 0
    for source in sources:
        to = np.full(len(source.columns.arrays["node_doc"]), -1, np.int64)
        to[source.nodes] = place[start : start + len(source.nodes)]
        start += len(source.nodes)
        numbers.append(to)
    return numbers


def _merge_streams(sources: Sequence[_Source], field: str, count: int) -> Lists:
    lengths = np.zeros(count, np.int64)
    for source in sources:
        lengths[source.doc_to[source.docs]] = np.diff(source.columns.stream(field).starts)[source.docs]
    starts = starts_of(lengths)
    words = np.empty(starts[-1], np.int32)
    for source in sources:
        stream, places = source.stream(field), source.doc_to[source.docs]
        to = np.append(source.to["word"], BREAK)  # the last one is the break: -1
        into, _ = spans(starts[places], starts[places + 1])
        words[into] = to[stream.members]
    return Lists(starts, words)


@dataclass(frozen=True, slots=True)
class Postings:
    """Where words stand.

    Args:
        documents: For each word, the documents that have it, in ascending order.
        places: For each word, where it stands in the stream of all documents, in ascending order.
    """

    documents: Lists
    places: Lists

    @classmethod
    def of(cls, stream: Lists, words: int) -> Postings:
        """The postings of a stream of so many distinct words."""
        some = [_posted(stream, first, words) for first in range(0, len(stream), _POSTED_AT_ONCE)]
        return cls(*(_joined(lists, words) for lists in zip(*some, strict=True))) if some else cls(*[_joined([], words)] * 2)


def _joined(some: Sequence[Lists], words: int) -> Lists:
    """For each word its members in all of these, one after another."""
    starts = starts_of(np.sum([np.zeros(words, np.int64), *(np.diff(one.starts) for one in some)], axis=0))
    kind = np.result_type(np.int32, *(one.members for one in some))
    members, free = np.empty(starts[-1], kind), starts[:-1].copy()
    for one in some:
        lengths = np.diff(one.starts)
        members[np.arange(len(one.members)) + np.repeat(free - one.starts[:-1], lengths)] = one.members
        free += lengths
    return Lists(starts, members)


def _posted(stream: Lists, first: int, words: int) -> tuple[Lists, Lists]:
    """Documents and places of each word, of some documents from one on."""
    starts = stream.starts[first : first + _POSTED_AT_ONCE + 1]
    members = stream.members[starts[0] : starts[-1]]
    owners = np.repeat(np.arange(first, first + len(starts) - 1, dtype=np.int32), np.diff(starts))
    places = np.flatnonzero(members >= 0)
    key = np.sort((members[places].astype(np.int64) << 32) | places)
    word, place = key >> 32, key & 0xFFFFFFFF
    owner = owners[place]
    is_first = np.ones(len(key), bool)
    is_first[1:] = (word[1:] != word[:-1]) | (owner[1:] != owner[:-1])
    kind = np.int32 if len(stream.members) < 1 << 31 else np.int64
    return (
        Lists(starts_of(np.bincount(word[is_first], minlength=words)), owner[is_first]),
        Lists(starts_of(np.bincount(word, minlength=words)), (place + starts[0]).astype(kind)),
    )
