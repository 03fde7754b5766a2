"""Names and concepts that one sort of reader finds: counted once, then kept up with what is written.

A tally belongs to the largest segment of a state and goes with it. What it counts is what a fresh count would give: a record that
changes, goes, or whose rights change is taken away as it was (`search/columns/history.py`) and added as it is.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from records.record import EntityKind
from records.rights import Audiences
from search.columns.arrays import Ints, distinct
from search.columns.facet_tables import greatest
from search.columns.history import Form, Step
from search.columns.segment import Ancestors, Segment
from search.columns.state import Part, State
from search.index import Named

SLACK: Final = 5_000
"""So many names are listed beyond those that are asked for: they move up when others go."""
_Place = tuple[int, str]
_END: Final[_Place] = (0, "")
"""Behind every name."""


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts beside names: pairs of both in ascending order, and which rows of the table have them.

    Args:
        names: Of each pair: position of the name.
        texts: Of each pair: term of the text.
        rows: Rows, each once for every pair that it has.
        pairs: The pairs of these.
    """

    names: Ints
    texts: Ints
    rows: Ints
    pairs: Ints

    @classmethod
    def of(cls, rows: Ints, names: Ints, texts: Ints) -> _Texts:
        """From row, name and text of each named thing."""
        key, pair = np.unique((names.astype(np.int64) << 32) | texts, return_inverse=True)
        once = distinct((rows.astype(np.int64) << 32) | pair)
        return cls(*(part.astype(np.int32) for part in (key >> 32, key & 0xFFFFFFFF, once >> 32, once & 0xFFFFFFFF)))

    def counts(self, per_row: Ints) -> Ints:
        """How many documents have each pair, from how many have each row."""
        return np.bincount(self.pairs, weights=per_row[self.rows], minlength=len(self.names)).astype(np.int32)

    def of_name(self, position: int) -> slice:
        """The pairs of one name."""
        return slice(bisect_left(self.names, position), bisect_left(self.names, position + 1))

    def commonest(self, counts: Ints, names: int) -> Ints:
        """For each of so many names the term that most documents have beside it, the first of equals; -1 for none."""
        some = np.flatnonzero(counts)
        some = some[np.lexsort((self.texts[some], -counts[some], self.names[some]))]
        found = np.full(names, -1, np.int64)
        those, first = np.unique(self.names[some], return_index=True)
        found[those] = self.texts[some[first]]
        return found


@dataclass(frozen=True, slots=True)
class NameTable:
    """The names of one kind in a segment.

    Args:
        terms: The folded names, in ascending order.
        names: The same beside themselves.
        labels: As they are written.
        iris: Their IRIs.
    """

    terms: Ints
    names: _Texts
    labels: _Texts
    iris: _Texts

    @classmethod
    def of(cls, segment: Segment, kind: EntityKind) -> NameTable:
        """The table; made once for a segment."""
        table: NameTable = segment.memo.get((cls, kind), lambda: cls._made(segment, kind))
        return table

    @classmethod
    def _made(cls, segment: Segment, kind: EntityKind) -> NameTable:
        found = segment.names(kind)
        empty = segment.columns.terms.find("")
        is_named = found.folded != empty
        terms = distinct(found.folded[is_named])

        def beside(texts: Ints) -> _Texts:
            some = np.flatnonzero(is_named & (texts != empty))
            return _Texts.of(found.row[some], np.searchsorted(terms, found.folded[some]), texts[some])

        return cls(terms, beside(found.folded), beside(found.name), beside(found.iri))


@dataclass(slots=True)
class _Since:
    """What has been added to the count of a name, and of the texts beside it."""

    count: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    iris: Counter[str] = field(default_factory=Counter)


class NameTally:
    """The names of one kind that one sort of reader finds.

    Args:
        segment: The largest segment of the states it is asked about.
        kind: The kind.
        audiences: What the reader holds.
    """

    def __init__(self, segment: Segment, kind: EntityKind, audiences: Audiences) -> None:
        self._segment = segment
        self._kind = kind
        self._audiences = audiences
        self._one_follows = threading.Lock()
        self._change = -1

    def first(self, state: State, limit: int) -> tuple[Named, ...]:
        """The names, most records first; the same object as long as they are the same."""
        with self._one_follows:
            self._follow(state)
            if len(self._listed) < limit and self._end != _END:
                self._list(limit + SLACK)
            return self._told.setdefault(limit, tuple(self._listed[:limit]))

    def named(self, state: State, names: Iterable[str]) -> list[Named]:
        """Those of these folded names that there are."""
        with self._one_follows:
            self._follow(state)
            return [found for name in names if (found := self._of(name)) is not None]

    def _follow(self, state: State) -> None:
        """Bring it up to a state, or leave it where it is newer."""
        steps = state.history.after(self._change)
        if steps is None:
            self._count(state)
        elif steps:
            self._add(steps)
            self._change = steps[-1].change

    def _count(self, state: State) -> None:
        """Count from the beginning."""
        self._table = table = NameTable.of(self._segment, self._kind)
        self._since: dict[str, _Since] = {}
        for part in state.parts:
            per_row = per_row_of(part, self._audiences, self._kind)
            if part.segment is self._segment:
                self._counts, self._labels, self._iris = (one.counts(per_row) for one in (table.names, table.labels, table.iris))
            else:
                self._add_part(part.segment, per_row)
        self._listed: list[Named] = []
        self._end: _Place = (-(1 << 62), "")
        self._told: dict[int, tuple[Named, ...]] = {}
        self._change = state.stamp.change

    def _add_part(self, segment: Segment, per_row: Ints) -> None:
        table, texts = NameTable.of(segment, self._kind), segment.columns.terms
        names = texts.some(table.terms.tolist())
        for name, _, count in _counted(table.names, per_row):
            self._at(names[name]).count += count
        for name, text, count in _counted(table.labels, per_row):
            self._at(names[name]).labels[texts[text]] += count
        for name, text, count in _counted(table.iris, per_row):
            self._at(names[name]).iris[texts[text]] += count

    def _add(self, steps: Iterable[Step]) -> None:
        """Add what these steps brought and take away what went, and put the names of both in their places."""
        moved: set[str] = set()
        for sign, form in signed(steps, self._audiences):
            for name, labels, iris in form.names.get(self._kind, ()):
                since = self._at(name)
                since.count += sign
                for label in labels:
                    since.labels[label] += sign
                for iri in iris:
                    since.iris[iri] += sign
                moved.add(name)
        now = {name: found for name in moved if (found := self._of(name)) is not None and _place(found) <= self._end}
        before = {one.name: one for one in self._listed if one.name in moved}
        if now != before:
            self._listed = sorted([*(one for one in self._listed if one.name not in moved), *now.values()], key=_place)
            self._told.clear()

    def _at(self, name: str) -> _Since:
        return self._since.setdefault(name, _Since())

    def _position(self, name: str) -> int:
        """The position of a folded name in the table, or -1."""
        term = self._segment.term(name)
        place = bisect_left(self._table.terms, term)
        return place if term >= 0 and place < len(self._table.terms) and self._table.terms[place] == term else -1

    def _of(self, name: str) -> Named | None:
        """A folded name, if there is one."""
        position, since = self._position(name), self._since.get(name, _Since())
        count = since.count + (int(self._counts[position]) if position >= 0 else 0)
        if not count:
            return None
        label = self._commonest(self._table.labels, self._labels, position, since.labels)
        iri = self._commonest(self._table.iris, self._iris, position, since.iris)
        return Named(self._kind, name, label, iri, count)

    def _commonest(self, texts: _Texts, counts: Ints, position: int, since: Mapping[str, int]) -> str:
        every = Counter(since)
        if position >= 0:
            pairs = texts.of_name(position)
            for term, count in zip(texts.texts[pairs].tolist(), counts[pairs].tolist(), strict=True):
                every[self._segment.columns.terms[term]] += count
        return min((text for text, count in every.items() if count), key=lambda text: (-every[text], text), default="")

    def _list(self, most: int) -> None:
        """List so many of the names that are as in the segment, and the others as far as they belong among them."""
        table, texts = self._table, self._segment.columns.terms
        counts = self._counts.copy()
        counts[[position for name in self._since if (position := self._position(name)) >= 0]] = 0
        some = np.flatnonzero(counts)
        chosen = some[greatest(counts[some], most)]
        labels, iris = (
            one.commonest(of_one, len(counts))[chosen].tolist()
            for one, of_one in ((table.labels, self._labels), (table.iris, self._iris))
        )
        terms = table.terms[chosen].tolist()
        listed = [
            Named(self._kind, texts[term], texts[label] if label >= 0 else "", texts[iri] if iri >= 0 else "", count)
            for term, label, iri, count in zip(terms, labels, iris, counts[chosen].tolist(), strict=True)
        ]
        self._end = _END if len(chosen) == len(some) else _place(listed[-1])
        others = [found for name in self._since if (found := self._of(name)) is not None and _place(found) <= self._end]
        self._listed = sorted([*listed, *others], key=_place)
        self._told.clear()


class ConceptTally:
    """How many records use each concept or a narrower one, for one sort of reader.

    Args:
        audiences: What the reader holds.
        ancestors: Everything broader than a concept.
    """

    def __init__(self, audiences: Audiences, ancestors: Ancestors) -> None:
        self._audiences = audiences
        self._ancestors = ancestors
        self._one_follows = threading.Lock()
        self._change = -1
        self._counts: Mapping[str, int] = {}

    def counts(self, state: State, counted: Callable[[], Mapping[str, int]]) -> Mapping[str, int]:
        """The counts in a state.

        Args:
            state: The state.
            counted: Counts from the beginning.
        """
        with self._one_follows:
            steps = state.history.after(self._change)
            if steps is None:
                self._counts, self._change = counted(), state.stamp.change
            elif steps:
                counts = Counter(self._counts)
                for sign, form in signed(steps, self._audiences):
                    for iri in self._with_broader(form.concepts):
                        counts[iri] += sign
                self._counts, self._change = {iri: count for iri, count in counts.items() if count}, steps[-1].change
            return self._counts

    def _with_broader(self, concepts: Collection[str]) -> set[str]:
        return set(concepts).union(*map(self._ancestors, concepts))


def signed(steps: Iterable[Step], audiences: Audiences) -> Iterator[tuple[int, Form]]:
    """Forms of which these audiences may read the content: -1 for those that went, 1 for those that came."""
    for step in steps:
        for sign, some in ((-1, step.gone), (1, step.came)):
            yield from ((sign, form) for form in some if form.is_content_for(audiences))


def per_row_of(part: Part, audiences: Audiences, column: str) -> Ints:
    """How many documents whose content a reader may see have each row of a column."""
    counts, (_, content) = part.segment.row_counts(audiences, column), part.segment.readable(audiences)
    gone = part.dead[content[part.dead]]
    if len(gone):
        counts = counts - np.bincount(part.segment.columns.arrays[column][gone], minlength=len(counts))
    return counts


def _counted(texts: _Texts, per_row: Ints) -> Iterator[tuple[int, int, int]]:
    """Position of the name, term of the text, and count of each pair that there is."""
    counts = texts.counts(per_row)
    some = np.flatnonzero(counts)
    return zip(texts.names[some].tolist(), texts.texts[some].tolist(), counts[some].tolist(), strict=True)


def _place(one: Named) -> _Place:
    return (-one.count, one.name)
