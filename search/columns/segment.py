"""A segment: columns that never change, with what finds documents in them by concept, word, number and name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from records.record import EntityKind
from records.rights import Audiences
from search.columns.arrays import (
    Array,
    DamagedError,
    Ints,
    Lists,
    Mask,
    Recent,
    inverted,
    open_arrays,
    spans,
    write_arrays,
)
from search.columns.columns import FIELDS, ROWS, TABLES, Columns, Postings

LAYOUT: Final = 3
"""Of the files; those of another layout are derived anew."""

_READERS: Final = 32
"""Sorts of readers whose masks are kept."""
_TALLIES: Final = 256
"""Tallies that are kept, up to eight for each sort of reader."""
_TABLES: Final = 64
"""Tables of facets that are kept."""
_ORDERS: Final = 8
"""Orders of documents by a quantity that are kept."""
_PHRASES: Final = 256
"""Names of several words of which the documents are kept, one bit for each."""
_TERMS: Final = 50_000
"""Terms of which the number is kept."""
Ancestors = Callable[[str], Collection[str]]


class Family(NamedTuple):
    """Quantities of the same kinds and dimension."""

    dimension: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses of concepts, those of one concept next to each other.

    Args:
        of: Concept -> where its uses are.
        row: Row of the table ``uses`` of each use.
        concept: Term of its concept.
        depth: Steps from the record's root.
        implied: Whether a definition alone says so.
        within: Row of the table ``within``.
    """

    of: Mapping[str, slice]
    row: Ints
    concept: Ints
    depth: Ints
    implied: Mask
    within: Ints


@dataclass(frozen=True, slots=True)
class Names:
    """Named things of one kind: rows of its table, by folded name and by IRI.

    Args:
        row: Row of the table of each.
        folded: Term of the folded name.
        name: Term of the name as written.
        iri: Term of the IRI.
        by_folded: Order of these by folded name.
        by_iri: Order of these by IRI.
    """

    row: Ints
    folded: Ints
    name: Ints
    iri: Ints
    by_folded: Ints
    by_iri: Ints

    def with_folded(self, terms: Iterable[int]) -> Ints:
        """Those with one of these folded names."""
        return _of_equal(self.folded, self.by_folded, terms)

    def with_iri(self, term: int) -> Ints:
        """Those with this IRI."""
        return _of_equal(self.iri, self.by_iri, (term,))


def _of_equal(values: Ints, order: Ints, wanted: Iterable[int]) -> Ints:
    asked = np.array([one for one in wanted if one >= 0], np.int64)
    firsts = np.searchsorted(values, asked, "left", sorter=order)
    places, _ = spans(firsts, np.searchsorted(values, asked, "right", sorter=order))
    return order[places]


class Segment:
    """Columns and what finds documents in them.

    Args:
        columns: The columns.
        found: What is derived from them and kept with them.

    Attributes:
        memo: What others derive from the segment.
        tallies: What readers find in the states of which it is the largest segment.
        orders: Values that documents are put in order by.
        phrases: Documents that have words next to each other.
        term: Gives the number of a term, or -1.
    """

    def __init__(self, columns: Columns, found: Mapping[str, Array]) -> None:
        self.columns = columns
        self.found = found
        self.size = len(columns)
        self._readable: Recent[Audiences, tuple[Mask, Mask]] = Recent(_READERS)
        self.memo: Recent[Hashable, Any] = Recent(_TABLES)
        self.tallies: Recent[Hashable, Any] = Recent(_TALLIES)
        self.orders: Recent[Hashable, NDArray[np.float64]] = Recent(_ORDERS)
        self.phrases: Recent[tuple[str, ...], tuple[NDArray[np.uint8], ...]] = Recent(_PHRASES)
        self.term = lru_cache(_TERMS)(columns.terms.find)

    @classmethod
    def of(cls, columns: Columns) -> Segment:
        """The segment of these columns."""
        return cls(columns, _derived(columns))

    def find_all(self, ids: Collection[str]) -> Ints:
        """The documents with one of these ids, in ascending order."""
        strings = self.columns.ids
        if len(ids) * 50 < len(strings):
            found = [strings.find(one) for one in ids]
        else:
            number = {one: place for place, one in enumerate(strings.all())}
            found = [number.get(one, -1) for one in ids]
        return np.array(sorted(place for place in found if place >= 0), np.int64)

    def posted(self, field: str, first: int, end: int) -> Ints:
        """Documents that have one of these words in a field; perhaps several times."""
        starts = self.found[f"{field}_posting_starts"]
        return self.found[f"{field}_postings"][starts[first] : starts[end]]

    def places(self, field: str, first: int, end: int) -> Ints:
        """Where these words stand in the stream of a field."""
        starts = self.found[f"{field}_place_starts"]
        return self.found[f"{field}_places"][starts[first] : starts[end]]

    def readable(self, audiences: Audiences) -> tuple[Mask, Mask]:
        """Documents whose metadata, and whose content, these audiences may read."""
        return self._readable.get(audiences, lambda: self._find_readable(audiences))

    def _find_readable(self, audiences: Audiences) -> tuple[Mask, Mask]:
        rows = rows_with(self.columns.tables["audiences"], [self.term(one) for one in audiences])
        metadata: Mask = rows[self.columns.arrays["metadata"]]
        return metadata, metadata & rows[self.columns.arrays["files"]]

    def row_counts(self, audiences: Audiences, column: str) -> Ints:
        """How many documents whose content these audiences may read have each row of a column."""
        _, content = self.readable(audiences)
        return np.bincount(self.columns.arrays[column][content], minlength=len(self.columns.tables[ROWS[column]]))

    def families_of(self, dimension: str, kinds: frozenset[str]) -> Mask:
        """Which families have this dimension (``""``: any) and one of these kinds (none: any)."""
        return np.fromiter(
            (dimension in ("", one.dimension) and (not kinds or not kinds.isdisjoint(one.kinds)) for one in self.families),
            bool,
            len(self.families),
        )

    def nodes_of(self, families: Mask) -> Ints:
        """The nodes of these families."""
        lists = Lists(self.found["family_node_starts"], self.found["family_nodes"])
        return lists.take(np.flatnonzero(families)).members

    def values_of(self, families: Mask, low: float, high: float) -> tuple[Ints, NDArray[np.float64]]:
        """The numbers of these families from *low* to *high*: node and number of each."""
        starts, numbers = self.found["family_value_starts"], self.found["sorted_numbers"]
        ranges = []
        for family in np.flatnonzero(families).tolist():
            first, end = int(starts[family]), int(starts[family + 1])
            of_family = numbers[first:end]
            ranges.append((first + np.searchsorted(of_family, low, "left"), first + np.searchsorted(of_family, high, "right")))
        firsts, ends = np.array(ranges, np.int64).reshape(-1, 2).T
        places, _ = spans(firsts, ends)
        return self.found["sorted_nodes"][places], numbers[places]

    def within_one_of(self, roles: Iterable[str]) -> Mask:
        """Which rows of the table ``within`` have one of these classes."""
        return rows_with(self.columns.tables["within"], (self.term(role) for role in roles))

    @cached_property
    def families(self) -> list[Family]:
        """The families of quantities."""
        terms, lists = self.columns.terms, self.columns.tables["family"]
        texts = [terms.some(lists[row].tolist()) for row in range(len(lists))]
        return [Family(dimension, frozenset(kinds)) for dimension, *kinds in texts]

    @cached_property
    def uses(self) -> Uses:
        """The uses of concepts."""
        table = self.columns.tables["uses"]
        rows = table.members.reshape(-1, len(TABLES["uses"]))
        owners = np.repeat(np.arange(len(table)), np.diff(table.starts) // len(TABLES["uses"]))
        order = np.argsort(rows[:, 0], kind="stable")
        concept = rows[order, 0]
        concepts, firsts = np.unique(concept, return_index=True)
        ends = np.append(firsts, len(concept))[1:]
        texts = self.columns.terms.some(concepts.tolist())
        of = {text: slice(first, end) for text, first, end in zip(texts, firsts.tolist(), ends.tolist(), strict=True)}
        return Uses(of, owners[order], concept, rows[order, 1], rows[order, 2].astype(bool), rows[order, 3])

    def names(self, kind: EntityKind) -> Names:
        """The named things of one kind."""
        known = self._names.get(kind)
        if known is None:
            table = self.columns.tables[kind.value]
            folded, name, iri = table.members.reshape(-1, 3).T
            row = np.repeat(np.arange(len(table)), np.diff(table.starts) // 3)
            known = Names(row, folded, name, iri, np.argsort(folded, kind="stable"), np.argsort(iri, kind="stable"))
            self._names[kind] = known
        return known

    @cached_property
    def summaries(self) -> tuple[Array, Ints]:
        """The distinct hashes of summaries in ascending order, and for each document which of them it has."""
        hashes, codes = np.unique(self.columns.arrays["summary"], return_inverse=True)
        return hashes, codes.astype(np.int32)

    @cached_property
    def _names(self) -> dict[EntityKind, Names]:
        return {}

    def write(self, path: Path, about: Mapping[str, Any]) -> None:
        """Write it to a file.

        Raises:
            OSError: It cannot be written.
        """
        write_arrays(path, {**self.columns.to_arrays(), **self.found}, {**about, "layout": LAYOUT})

    @classmethod
    def open(cls, path: Path) -> tuple[Segment, dict[str, Any]]:
        """The segment in a file, memory-mapped, and what was said about it.

        Raises:
            DamagedError: It is not as it was written, or of another layout.
            OSError: It cannot be read.
        """
        arrays, about = open_arrays(path)
        if about.get("layout") != LAYOUT:
            raise DamagedError(path)
        found = {name: arrays.pop(name) for name in _FOUND}
        return cls(Columns.from_arrays(arrays), found), about


_FOUND: Final = (
    *(f"{field}_{name}" for field in FIELDS for name in ("posting_starts", "postings", "place_starts", "places")),
    *("sorted_numbers", "sorted_nodes", "family_value_starts", "family_node_starts", "family_nodes"),
)


def _derived(columns: Columns) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for field in FIELDS:
        posted = Postings.of(columns.stream(field), len(columns.words))
        found[f"{field}_posting_starts"], found[f"{field}_postings"] = posted.documents.starts, posted.documents.members
        found[f"{field}_place_starts"], found[f"{field}_places"] = posted.places.starts, posted.places.members
    family, count = columns.arrays["node_family"], len(columns.tables["family"])
    by_family = inverted(np.arange(len(family), dtype=np.int32), family, count)
    found["family_node_starts"], found["family_nodes"] = by_family.starts, by_family.members
    node, number = columns.arrays["value_node"], columns.arrays["value_number"]
    order = np.lexsort((node, number, family[node]))
    found["sorted_nodes"], found["sorted_numbers"] = node[order], number[order]
    found["family_value_starts"] = np.searchsorted(family[node][order], np.arange(count + 1))
    return found


def rows_with(lists: Lists, members: Iterable[int]) -> Mask:
    """Which lists have one of these members."""
    wanted = np.array([one for one in members if one >= 0], np.int64)
    found = np.zeros(len(lists), bool)
    if len(wanted):
        found[lists.owners[np.isin(lists.members, wanted)]] = True
    return found
