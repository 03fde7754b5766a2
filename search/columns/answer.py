"""Hits of a query among views of segments: which, in what order, and what they have in common."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from records.record import EntityKind
from search.columns.arrays import Ints, Mask
from search.columns.evidence import Evidence, Points, View, evidence, is_nowhere, matching_values, order_values, text_places
from search.columns.facet_tables import RowCounts
from search.columns.segment import Names, Segment
from search.columns.vectors import ERROR, Vectors
from search.index import Cut, Histogram, Vector
from search.query import Order, Part, QuantityPart, Query, TextPart
from search.ranking import NEAR, PARTS, RARITY, SIMILARITY, rarity

DECIMALS: Final = 6
"""Of a score: rounding errors are below."""
Bits: TypeAlias = NDArray[np.uint8]
"""A mask, eight documents in a byte."""
_SLACK: Final = 2 * (SIMILARITY * ERROR + 10**-DECIMALS)


@dataclass(frozen=True)
class Matching:
    """What matches a query in one view.

    Args:
        view: The view.
        evidence: For each part of the query, what has what it asks for.
        docs: Documents that match, in ascending order.
        values: What each document is put in order by, where the query says so.
        first: What goes first (`Query.first`), where the query says so.
    """

    view: View
    evidence: tuple[Evidence, ...]
    docs: Ints
    values: Points | None
    first: Evidence | None = None

    @cached_property
    def of_content(self) -> Ints:
        """Those of the documents whose content may be read."""
        return self.docs[self.view.content[self.docs]]


class Near(NamedTuple):
    """A vector to be near to, among those that documents have."""

    vectors: Vectors
    vector: Vector

    def cosines(self, view: View, docs: Ints, *, exact: bool) -> Points:
        """The cosine of each of these documents; 0 for those without a vector that may be seen."""
        found = np.zeros(len(docs))
        rows = np.where(view.content[docs], self.vectors.rows_of(view.segment, docs), -1)
        there = rows >= 0
        if there.any():
            distinct, place = np.unique(rows[there], return_inverse=True)
            near = self.vectors.exactly(distinct, self.vector) if exact else self.vectors.roughly(distinct, self.vector)
            found[there] = near[place]
        return found


class Placed(NamedTuple):
    """A hit in its place: smaller keys first, then by id."""

    key: float
    id: str
    match: int
    doc: int


def find(query: Query, views: Sequence[View], near: Near | None) -> tuple[list[Matching], tuple[int, ...]]:
    """What matches, and the positions of the text parts that need not; see `SearchIndex.search`."""
    told = [tuple(evidence(part, view) for part in query.parts) for view in views]
    values = [None if query.order is None else _order_values(query.order, view) for view in views]
    left = [_of_others(query.parts, *one) for one in zip(views, told, values, strict=True)]
    words = [position for position, part in enumerate(query.parts) if _is_word(part)]
    relaxed: tuple[int, ...] = ()
    if query.enough:
        left, relaxed = [mask & _with_enough(query, view) for mask, view in zip(left, views, strict=True)], tuple(words)
    elif words and any(mask.any() for mask in left):
        others_decide = any(not (part.negated or _is_word(part)) for part in query.parts)
        left, relaxed = _with_words(words, left, views, told, near, others_decide=others_decide)
    return [
        Matching(view, found, np.flatnonzero(mask), value, None if query.first is None else evidence(query.first, view))
        for view, found, mask, value in zip(views, told, left, values, strict=True)
    ], relaxed


class Counting:
    """Counts what matches every part of a query; what a part matches is worked out for the first query that has it.

    It is kept as one bit for each document: a question is read in many ways, and records may be millions.

    Args:
        views: Where.
    """

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views
        self._matching: dict[tuple[Part | Order | None, int], Bits] = {}

    def __call__(self, queries: Sequence[Query]) -> tuple[int, ...]:
        """How many match each of these queries."""
        return tuple(sum(self._count(query, number) for number in range(len(self._views))) for query in queries)

    def _count(self, query: Query, number: int) -> int:
        view = self._views[number]
        left = self._bits(None, number, lambda: view.metadata).copy()
        if (order := query.order) is not None:
            left &= self._bits(order, number, lambda: ~np.isnan(_order_values(order, view)))
        if query.enough:
            left &= np.packbits(_with_enough(query, view))
        for part in query.parts:
            if query.enough and _is_word(part):
                continue
            if isinstance(part, TextPart) and not part.negated and is_nowhere(part, view.segment):
                return 0  # hundreds of spellings of a word are counted, and few are words
            bits = self._bits(part, number, lambda: evidence(part, view).mask)  # noqa: B023
            left &= ~bits if part.negated else bits
        return int(np.bitwise_count(left).sum(dtype=np.int64))

    def _bits(self, key: Part | Order | None, number: int, matching: Callable[[], Mask]) -> Bits:
        if (key, number) not in self._matching:
            self._matching[key, number] = np.packbits(matching())
        return self._matching[key, number]


def _is_word(part: Part) -> bool:
    return isinstance(part, TextPart) and not part.negated


def _order_values(order: Order, view: View) -> Points:
    return np.where(view.content, order_values(order, view.segment), np.nan)


def _of_others(parts: Sequence[Part], view: View, found: Sequence[Evidence], values: Points | None) -> Mask:
    """What matches all parts but the words, and has a place in the query's order."""
    left = view.metadata.copy() if values is None else view.metadata & ~np.isnan(values)
    for part, one in zip(parts, found, strict=True):
        if not _is_word(part):
            left &= one.mask ^ part.negated
    return left


def _with_words(
    words: Sequence[int],
    left: list[Mask],
    views: Sequence[View],
    told: Sequence[Sequence[Evidence]],
    near: Near | None,
    *,
    others_decide: bool,
) -> tuple[list[Mask], tuple[int, ...]]:
    """Those with all words; else those with one of them; else those that are near; else all, where other parts decide."""
    every = [mask & np.logical_and.reduce([found[n].mask for n in words]) for mask, found in zip(left, told, strict=True)]
    if any(mask.any() for mask in every):
        return every, ()
    some = [mask & np.logical_or.reduce([found[n].mask for n in words]) for mask, found in zip(left, told, strict=True)]
    if any(mask.any() for mask in some):
        return some, tuple(words)
    if near is not None:
        close = [_close(view, mask, near) for view, mask in zip(views, left, strict=True)]
        if any(mask.any() for mask in close):
            return close, tuple(words)
    if others_decide:
        return left, tuple(words)
    return [np.zeros_like(mask) for mask in left], ()


def _with_enough(query: Query, view: View) -> Mask:
    """Which documents have enough of the words (`Query.enough`)."""
    weights = np.zeros(view.segment.size, np.int64)
    for word in query.words:
        weights += word.weight * text_places(word, view).whole
    found: Mask = weights >= query.enough
    return found


def _close(view: View, mask: Mask, near: Near) -> Mask:
    """Which of these documents are nearer than `NEAR`."""
    docs = np.flatnonzero(mask)
    docs = docs[near.cosines(view, docs, exact=False) > NEAR - ERROR]
    found = np.zeros_like(mask)
    found[docs[near.cosines(view, docs, exact=True) > NEAR]] = True
    return found


def rarities(parts: Sequence[Part], views: Sequence[View]) -> dict[int, float]:
    """The rarity of each word of a query, by its position.

    Args:
        parts: Parts of the query.
        views: What the public may see.
    """
    words = {position: part for position, part in enumerate(parts) if isinstance(part, TextPart) and not part.negated}
    if not words:
        return {}
    records = sum(int(np.count_nonzero(view.metadata)) for view in views)
    found = {
        position: sum(int(np.count_nonzero(text_places(part, view).anywhere)) for view in views) for position, part in words.items()
    }
    return {position: rarity(with_word, records) for position, with_word in found.items()}


def points(
    query: Query, match: Matching, docs: Ints, rare: Mapping[int, float], near: Near | None, *, exact: bool = True
) -> dict[str, Points]:
    """What each part of the score adds for these documents, by its name in `search.ranking`."""
    groups = {name: np.zeros(len(docs)) for name in PARTS}
    for position, (part, one) in enumerate(zip(query.parts, match.evidence, strict=True)):
        if part.negated:
            continue
        worth = one.points(docs) + RARITY * rare.get(position, 0.0)
        groups[one.group] += np.where(one.mask[docs], worth, 0.0)
    if match.first is not None:
        groups[match.first.group] += np.where(match.first.mask[docs], match.first.points(docs), 0.0)
    if near is not None:
        groups["similarity"] = SIMILARITY * np.maximum(near.cosines(match.view, docs, exact=exact), 0.0)
    return {name: np.round(worth, DECIMALS) for name, worth in groups.items()}


def total(groups: Mapping[str, Points]) -> Points:
    """The scores."""
    return np.round(sum(groups[name] for name in PARTS), DECIMALS)


def ordered(
    query: Query,
    matches: Sequence[Matching],
    rare: Mapping[int, float],
    near: Near | None,
    after: tuple[float, str] | None,
    most: int,
) -> list[Placed]:
    """The first hits, or the first after a place: by the query's own order, else by score; then by id."""
    docs = [match.docs for match in matches]
    keys = [_keys(query, match, match.docs, rare, near, exact=False) for match in matches]
    if near is not None and query.order is None:
        docs = _candidates(docs, keys, after, most)
        keys = [_keys(query, match, some, rare, near, exact=True) for match, some in zip(matches, docs, strict=True)]
    if after is not None:
        kept = [_after(match.view.segment, some, key, after) for match, some, key in zip(matches, docs, keys, strict=True)]
        docs, keys = [d[k] for d, k in zip(docs, kept, strict=True)], [key[k] for key, k in zip(keys, kept, strict=True)]
    return _first(matches, docs, keys, most)


def _keys(query: Query, match: Matching, docs: Ints, rare: Mapping[int, float], near: Near | None, *, exact: bool) -> Points:
    if query.order is not None and match.values is not None:
        values = match.values[docs]
        return -values if query.order.descending else values
    return -total(points(query, match, docs, rare, near, exact=exact))


def _candidates(docs: Sequence[Ints], keys: Sequence[Points], after: tuple[float, str] | None, most: int) -> list[Ints]:
    """Documents that can be among the first, though their keys are known but roughly."""
    start = -math.inf if after is None else after[0]
    surely = np.concatenate([np.zeros(0), *(key[key > start + _SLACK] for key in keys)])
    end = np.partition(surely, most - 1)[most - 1] if len(surely) > most else math.inf
    return [some[(key >= start - _SLACK) & (key <= end + _SLACK)] for some, key in zip(docs, keys, strict=True)]


def _after(segment: Segment, docs: Ints, keys: Points, after: tuple[float, str]) -> Mask:
    key, identifier = after
    behind: Mask = (keys > key) | ((keys == key) & (docs >= segment.columns.ids.first_above(identifier)))
    return behind


def _first(matches: Sequence[Matching], docs: Sequence[Ints], keys: Sequence[Points], most: int) -> list[Placed]:
    every = np.concatenate([np.zeros(0), *keys])
    last = np.partition(every, most - 1)[most - 1] if len(every) > most > 0 else math.inf
    placed = []
    for number, (match, some, key) in enumerate(zip(matches, docs, keys, strict=True)):
        # Among equals the first documents have the first ids.
        chosen = np.concatenate([np.flatnonzero(key < last), np.flatnonzero(key == last)[:most]])
        ids = match.view.segment.columns.ids
        placed += [Placed(float(key[n]), ids[int(some[n])], number, int(some[n])) for n in chosen.tolist()]
    return sorted(placed)[:most]


def nearest(matches: Sequence[Matching], near: Near, most: int) -> list[tuple[str, float]]:
    """Ids and cosines of the documents with the nearest vectors, best first."""
    docs = [
        match.docs[match.view.content[match.docs] & (near.vectors.rows_of(match.view.segment, match.docs) >= 0)]
        for match in matches
    ]
    keys = [-near.cosines(match.view, some, exact=False) for match, some in zip(matches, docs, strict=True)]
    docs = _candidates(docs, keys, None, most)
    keys = [-near.cosines(match.view, some, exact=True) for match, some in zip(matches, docs, strict=True)]
    return [(one.id, -one.key) for one in _first(matches, docs, keys, most)]


def values_of_hits(matches: Sequence[Matching], part: QuantityPart) -> list[tuple[Ints, Points]]:
    """For each view, document and number of every value of this kind that a hit has, whatever the bounds."""
    found = []
    for match in matches:
        hit = np.zeros(match.view.segment.size, bool)
        hit[match.docs] = True
        docs, numbers = matching_values(part, match.view.segment)
        seen = (hit & match.view.content)[docs]
        found.append((docs[seen], numbers[seen]))
    return found


def histogram(values: Sequence[tuple[Ints, Points]], cut: Cut) -> Histogram | None:
    """How values spread; ``None`` when there are none."""
    every = np.concatenate([np.zeros(0), *(numbers for _, numbers in values)])
    if not len(every):
        return None
    low, high = float(every.min()), float(every.max())
    starts = cut(low, high)[:-1]
    steps = len(starts)
    counts, records = np.zeros(steps, np.int64), 0
    for docs, numbers in values:
        place = np.searchsorted(starts, numbers, "right") - 1
        has = np.zeros((steps, int(docs.max(initial=-1)) + 1), bool)
        has[place, docs] = True
        counts += np.count_nonzero(has, axis=1)
        records += int(np.count_nonzero(has.any(axis=0)))
    return Histogram(low, high, tuple(counts.tolist()), records)


def tally(names: Names, some: Ints, texts: Ints, counted: RowCounts) -> Iterable[tuple[int, int, int]]:
    """For each folded name and text beside it (as terms), how many documents have both.

    Args:
        names: Named things of a segment.
        some: Which of them.
        texts: For each named thing, the text.
        counted: How many documents have each row.
    """
    there = counted.at(names.row[some])
    some, there = some[there > 0], there[there > 0]
    pairs, pair = np.unique((names.folded[some].astype(np.int64) << 32) | texts[some], return_inverse=True)
    once, first = np.unique((names.row[some].astype(np.int64) << 32) | pair, return_index=True)
    counts = np.bincount(once & 0xFFFFFFFF, weights=there[first], minlength=len(pairs)).astype(np.int64)
    return zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), counts.tolist(), strict=True)


def commonest(
    folded: Iterable[str], kind: EntityKind, counted: Sequence[tuple[Segment, RowCounts]], told: Callable[[Names], Ints]
) -> dict[str, str]:
    """For each folded name, the text beside it that most documents have; the first by alphabet among equals.

    Args:
        folded: The names.
        kind: Of what kind.
        counted: Segments, each with how many documents of it have each row.
        told: Chooses the texts.
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in folded}
    for segment, rows in counted:
        names, terms = segment.names(kind), segment.columns.terms
        some = names.with_folded(map(segment.term, counts))
        for name, text, number in tally(names, some, told(names), rows):
            if number and terms[text]:
                counts[terms[name]][terms[text]] += number
    return {name: min(found, key=lambda text: (-found[text], text), default="") for name, found in counts.items()}
