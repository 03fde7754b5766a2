"""What documents are counted by: for each facet, the values of each row of a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from records.record import EntityKind
from search.columns.arrays import Ints, Lists, distinct, spans, starts_of
from search.columns.segment import Ancestors, Segment
from search.query import Facet

ENTITIES: Final = {
    Facet.MANUFACTURER: EntityKind.MANUFACTURER,
    Facet.MODEL: EntityKind.MODEL,
    Facet.PERSON: EntityKind.PERSON,
    Facet.INSTITUTION: EntityKind.INSTITUTION,
    Facet.INSTRUMENT: EntityKind.INSTRUMENT,
}
"""Facets that are names of things of a kind."""
OF_METADATA: Final = frozenset({Facet.SOURCE, Facet.COMMUNITY})
"""Facets that count under ``read_metadata``; all others are content."""
_COLUMNS: Final = {Facet.CONCEPT: "uses", Facet.ROLE: "uses", Facet.QUANTITY: "families"}


_FEW: Final = 16
"""Where there are so many more rows than documents, these are put in order and the rows are not looked at."""


class Values(Protocol):
    """Strings in ascending order."""

    def __len__(self) -> int: ...

    def __getitem__(self, position: int) -> str: ...

    def find(self, text: str) -> int:
        """The position of a string, or -1."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """Some of the terms of a segment."""

    segment: Segment
    terms: Ints

    def __len__(self) -> int:
        return len(self.terms)

    def __getitem__(self, position: int) -> str:
        return self.segment.columns.terms[int(self.terms[position])]

    def find(self, text: str) -> int:
        term = self.segment.term(text)
        place = int(np.searchsorted(self.terms, term)) if term >= 0 else len(self.terms)
        return place if place < len(self.terms) and self.terms[place] == term else -1


class _Listed:
    """Values in memory."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values
        self._positions = {value: position for position, value in enumerate(values)}

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, position: int) -> str:
        return self._values[position]

    def find(self, text: str) -> int:
        return self._positions.get(text, -1)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of a table that some documents have, in ascending order, and how many have each."""

    rows: Ints
    counts: Ints

    @classmethod
    def of(cls, codes: Ints, rows: int) -> RowCounts:
        """Of documents with these rows, of a table of so many."""
        if len(codes) * _FEW > rows:
            return cls.of_all(np.bincount(codes, minlength=rows))
        return cls(*np.unique(codes, return_counts=True))

    @classmethod
    def of_all(cls, per_row: Ints) -> RowCounts:
        """Of the number of documents that have each row of the table."""
        rows = np.flatnonzero(per_row)
        return cls(rows, per_row[rows])

    def at(self, rows: Ints) -> Ints:
        """How many documents have each of these rows."""
        if not len(self.rows):
            return np.zeros(len(rows), np.int64)
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[places] == rows, self.counts[places], 0)


@dataclass(frozen=True, slots=True)
class FacetTable:
    """The values of each row of the table that a facet counts.

    Args:
        codes: For each document, its row.
        values: The values.
        rows: For each row, positions of its values, each once.
    """

    codes: Ints
    values: Values
    rows: Lists

    def counts(self, counted: RowCounts) -> tuple[Ints, Ints]:
        """Which values documents with these rows have, and how many of them each."""
        some = self.rows.take(counted.rows)
        weights = np.repeat(counted.counts, np.diff(some.starts))
        counts = np.bincount(some.members, weights=weights, minlength=len(self.values))
        found = np.flatnonzero(counts)
        return found, counts[found].astype(np.int64)


def facet_table(segment: Segment, facet: Facet | EntityKind, ancestors: Ancestors, bookkeeping: Collection[str]) -> FacetTable:
    """The table of a facet, or of the names of a kind; concepts of bookkeeping are left out."""
    column = _column(facet)
    codes, table = segment.columns.arrays[column], segment.columns.tables[column]
    if facet is Facet.CONCEPT or facet is Facet.QUANTITY:
        return FacetTable(codes, *_with_ancestors(segment, facet, ancestors, bookkeeping))
    if facet is Facet.ROLE:
        return FacetTable(codes, *_in_roles(segment, bookkeeping))
    kind = facet if isinstance(facet, EntityKind) else ENTITIES.get(facet)
    if kind is not None:
        names = segment.names(kind)
        named = names.folded != segment.columns.terms.find("")
        rows, terms = names.row[named], names.folded[named]
    else:
        rows, terms = table.owners, table.members
    found, local = np.unique(terms, return_inverse=True)
    return FacetTable(codes, _Terms(segment, found), _distinct(rows, local, len(table)))


def _column(facet: Facet | EntityKind) -> str:
    return facet.value if isinstance(facet, EntityKind) else _COLUMNS.get(facet, facet.value)


def _distinct(rows: Ints, values: Ints, count: int) -> Lists:
    """Each row's values, each once."""
    key = distinct((np.asarray(rows, np.int64) << 32) | values)
    return Lists(starts_of(np.bincount(key >> 32, minlength=count)), (key & 0xFFFFFFFF).astype(np.int32))


def _with_ancestors(segment: Segment, facet: Facet, ancestors: Ancestors, bookkeeping: Collection[str]) -> tuple[Values, Lists]:
    rows, terms = _classes(segment, facet)
    used, local = np.unique(terms, return_inverse=True)
    closures = [{iri, *ancestors(iri)} for iri in segment.columns.terms.some(used.tolist())]
    left_out = frozenset(bookkeeping) if facet is Facet.CONCEPT else frozenset()
    values = sorted(set().union(*closures) - left_out)
    number = {iri: place for place, iri in enumerate(values)}
    lists = Lists.of([[number[iri] for iri in closure if iri in number] for closure in closures])
    places, starts = spans(lists.starts[local], lists.starts[local + 1])
    table = segment.columns.tables[_column(facet)]
    return _Listed(values), _distinct(np.repeat(rows, np.diff(starts)), lists.members[places], len(table))


def _classes(segment: Segment, facet: Facet) -> tuple[Ints, Ints]:
    """Row and class of each use of a concept, or of each kind of a quantity."""
    if facet is Facet.CONCEPT:
        return segment.uses.row, segment.uses.concept
    families, family = segment.columns.tables["families"], segment.columns.tables["family"]
    places, starts = spans(family.starts[families.members] + 1, family.starts[families.members + 1])  # the first is the dimension
    return np.repeat(families.owners, np.diff(starts)), family.members[places]


def _in_roles(segment: Segment, bookkeeping: Collection[str]) -> tuple[Values, Lists]:
    uses, within = segment.uses, segment.columns.tables["within"]
    left_out = [segment.columns.terms.find(iri) for iri in bookkeeping]
    chosen = ~np.isin(uses.concept, left_out)
    places, starts = spans(within.starts[uses.within[chosen]], within.starts[uses.within[chosen] + 1])
    roles = within.members[places]
    rows, concepts = (np.repeat(one[chosen], np.diff(starts)) for one in (uses.row, uses.concept))
    kept = ~np.isin(roles, left_out)
    pairs, local = np.unique((roles[kept].astype(np.int64) << 32) | concepts[kept], return_inverse=True)
    terms = segment.columns.terms
    texts = [f"{terms[pair >> 32]} {terms[pair & 0xFFFFFFFF]}" for pair in pairs.tolist()]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    table = segment.columns.tables["uses"]
    return _Listed([texts[one] for one in order]), _distinct(rows[kept], place[local], len(table))


def top(found: Sequence[tuple[Values, Ints, Ints]], most: int) -> list[tuple[str, int]]:
    """Values with their counts in several tables added up: the greatest counts first, then by value."""
    if not found:
        return []
    if len(found) == 1:
        values, positions, counts = found[0]
        best = greatest(counts, most)
        return [(values[int(positions[place])], int(counts[place])) for place in best]
    total: dict[str, int] = {}
    # What the largest has besides the values of the others is cut to those that can be among the best.
    largest, *others = sorted(found, key=lambda one: -len(one[1]))
    for values, positions, counts in others:
        for position, count in zip(positions.tolist(), counts.tolist(), strict=True):
            value = values[position]
            total[value] = total.get(value, 0) + count
    values, positions, counts = largest
    places = np.array([values.find(value) for value in total], np.int64)
    at = np.searchsorted(positions, places)
    at_safe = np.minimum(at, max(len(positions) - 1, 0))
    shared = (places >= 0) & (at < len(positions))
    if len(positions):
        shared &= positions[at_safe] == places
    for value, place, is_shared in zip(list(total), at.tolist(), shared.tolist(), strict=True):
        if is_shared:
            total[value] += int(counts[place])
    rest = np.ones(len(positions), bool)
    rest[at[shared]] = False
    remaining = np.flatnonzero(rest)
    for place in remaining[greatest(counts[remaining], most)].tolist():
        total[values[int(positions[place])]] = int(counts[place])
    return sorted(total.items(), key=lambda one: (-one[1], one[0]))[:most]


def greatest(counts: Ints, most: int) -> Ints:
    """Positions of the greatest counts; the first ones of equals."""
    if len(counts) > most:
        least = np.partition(counts, len(counts) - most)[len(counts) - most]
        above, equal = np.flatnonzero(counts > least), np.flatnonzero(counts == least)
        chosen = np.concatenate([above, equal[: most - len(above)]])
    else:
        chosen = np.arange(len(counts))
    return chosen[np.lexsort((chosen, -counts[chosen]))]
