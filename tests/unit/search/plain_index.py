"""A `SearchIndex` in memory that looks at every record for every question: slow, and plainly what the port says.

Tests compare the real indexes with it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from itertools import pairwise

from records.errors import CursorExpiredError
from records.record import Entity, EntityKind, Record
from records.rights import PUBLIC, Audiences, Rights
from search.index import CLASS_FACET_SIZE, FACET_SIZE, Counts, Cut, FacetCount, Histogram, IndexHit, Named, Page, Vector
from search.matching import has_word, matches, order_value, quantity_matches, score_parts, values_of, year_of
from search.names import fold_name
from search.query import VALUE_FACETS, Facet, QuantityPart, Query, TextPart
from search.ranking import NEAR, rarity

KEPT_STATES = 4
"""Older states that are kept for cursors."""

_ENTITY_FACETS = {
    Facet.MANUFACTURER: EntityKind.MANUFACTURER,
    Facet.MODEL: EntityKind.MODEL,
    Facet.PERSON: EntityKind.PERSON,
    Facet.INSTITUTION: EntityKind.INSTITUTION,
    Facet.INSTRUMENT: EntityKind.INSTRUMENT,
}


@dataclass(frozen=True, slots=True)
class _State:
    records: Mapping[str, Record] = field(default_factory=dict)
    model: str = ""
    vectors: Mapping[str, Vector] = field(default_factory=dict)


def _nothing_above(_iri: str) -> Collection[str]:
    return ()


def _title_and_text(record: Record) -> str:
    return f"{record.title}\n{record.text}".strip()


class PlainIndex:
    """`SearchIndex` by brute force.

    Args:
        ancestors: Everything broader than a concept.
        ubiquitous: Concepts left out of the facets ``concept`` and ``role``.
        summary: What is embedded of a record.
    """

    def __init__(
        self,
        ancestors: Callable[[str], Collection[str]] = _nothing_above,
        ubiquitous: Collection[str] = frozenset(),
        summary: Callable[[Record], str] = _title_and_text,
    ) -> None:
        self._ancestors = ancestors
        self._ubiquitous = frozenset(ubiquitous)
        self._summary = summary
        self._states = {1: _State()}

    @property
    def generation(self) -> str:
        return str(max(self._states))

    @property
    def model(self) -> str:
        return self._now.model

    def apply(self, records: Sequence[Record], removed: Iterable[str] = ()) -> None:
        gone = set(removed)
        kept = {record_id: record for record_id, record in self._now.records.items() if record_id not in gone}
        self._become(replace(self._now, records={**kept, **{record.id: record for record in records}}))

    def search(
        self,
        query: Query,
        audiences: Audiences,
        *,
        vector: Vector | None = None,
        facets: Collection[Facet] = (),
        offset: int = 0,
        limit: int = 10,
        after: str = "",
    ) -> Page:
        generation, _, position = after.partition(".") if after else (self.generation, "", "0")
        if not (generation.isdigit() and position.isdigit() and int(generation) in self._states):
            raise CursorExpiredError("The state that this page belongs to is no longer kept.", "Ask again from the first page.")
        state = self._states[int(generation)]
        found, relaxed = self._find(state, query, audiences, vector)
        rarity_of = self._rarity(state)
        hits = [self._hit(state, query, record, vector, rarity_of) for record in found]
        hits.sort(key=lambda hit: (_place(query, hit), hit.record.id))
        start = int(position) + offset
        return Page(
            total=len(hits),
            hits=tuple(hits[start : start + limit]),
            facets={facet: self._facet(facet, found) for facet in facets},
            relaxed=relaxed,
            after=f"{generation}.{start + limit}" if start + limit < len(hits) else "",
            generation=generation,
        )

    def get(self, record: str, audiences: Audiences) -> Record | None:
        kept = self._now.records.get(record)
        return None if kept is None else _seen(kept, audiences)

    def count(self, queries: Sequence[Query], audiences: Audiences) -> tuple[int, ...]:
        readable = self._readable(self._now, audiences)
        return tuple(sum(_has_all(query, record) for record in readable) for query in queries)

    def counter(self, audiences: Audiences) -> Counts:
        return partial(self.count, audiences=audiences)

    def concept_counts(self, audiences: Audiences) -> Mapping[str, int]:
        return Counter(iri for record in self._readable(self._now, audiences) for iri in self._concepts(record))

    def named(self, names: Collection[str], audiences: Audiences) -> tuple[Named, ...]:
        return tuple(one for one in self._names(audiences) if one.name in names)

    def names(self, kind: EntityKind, audiences: Audiences, *, limit: int = 10_000) -> tuple[Named, ...]:
        return tuple(one for one in self._names(audiences) if one.kind is kind)[:limit]

    def histogram(self, query: Query, quantity: QuantityPart, audiences: Audiences, cut: Cut) -> Histogram | None:
        values = self._values(query, quantity, audiences)
        if not values:
            return None
        every = [value for of_record in values for value in of_record]
        low, high = min(every), max(every)
        bins = list(pairwise([*cut(low, high)[:-1], math.inf]))
        counts = [sum(any(start <= value < end for value in one) for one in values) for start, end in bins]
        return Histogram(low, high, tuple(counts), len(values))

    def nearest_values(self, query: Query, quantity: QuantityPart, audiences: Audiences) -> tuple[float, ...]:
        every = [value for of_record in self._values(query, quantity, audiences) for value in of_record]
        low, high = quantity.bounds
        below, above = [value for value in every if value < low], [value for value in every if value > high]
        return (*([max(below)] if below else []), *([min(above)] if above else []))

    def neighbours(self, vector: Vector, query: Query, audiences: Audiences, *, limit: int = 10) -> tuple[tuple[str, float], ...]:
        found, _ = self._find(self._now, query, audiences, None)
        near = [(record.id, self._cosine(self._now, record, vector)) for record in found]
        return tuple(sorted(((name, c) for name, c in near if c is not None), key=lambda one: (-one[1], one[0]))[:limit])

    def vector_of(self, record: str, audiences: Audiences) -> Vector | None:
        seen = self.get(record, audiences)
        return None if seen is None else self._vector(self._now, seen)

    def unembedded(self, model: str, *, limit: int = 1000) -> Mapping[str, str]:
        known = self._now.vectors if model == self._now.model else {}
        summaries = {_hash(text): text for text in map(self._summary, self._now.records.values())}
        return dict([(key, text) for key, text in sorted(summaries.items()) if key not in known][:limit])

    def embed(self, model: str, vectors: Mapping[str, Vector]) -> None:
        known = self._now.vectors if model == self._now.model else {}
        self._become(replace(self._now, model=model, vectors={**known, **vectors}))

    def ids(self) -> set[str]:
        return set(self._now.records)

    @contextmanager
    def rebuilding(self) -> Iterator[PlainIndex]:
        fresh = PlainIndex(self._ancestors, self._ubiquitous, self._summary)
        yield fresh
        self._become(replace(fresh._now, model=self._now.model, vectors=self._now.vectors))

    def keep(self) -> None:
        pass

    def close(self) -> None:
        pass

    @property
    def _now(self) -> _State:
        return self._states[max(self._states)]

    def _become(self, state: _State) -> None:
        number = max(self._states) + 1
        self._states[number] = state
        self._states.pop(number - 1 - KEPT_STATES, None)

    def _readable(self, state: _State, audiences: Audiences) -> list[Record]:
        seen = (_seen(record, audiences) for record in state.records.values())
        return [record for record in seen if record is not None]

    def _find(
        self, state: _State, query: Query, audiences: Audiences, vector: Vector | None
    ) -> tuple[list[Record], tuple[int, ...]]:
        """What matches, and the positions of the text parts that need not."""
        words = [(n, part) for n, part in enumerate(query.parts) if isinstance(part, TextPart) and not part.negated]
        others = [part for part in query.parts if not isinstance(part, TextPart) or part.negated]
        left = [record for record in self._readable(state, audiences) if all(matches(part, record) for part in others)]
        if query.order is not None:
            left = [record for record in left if order_value(query.order, record) is not None]
        if query.enough:
            return [record for record in left if _has_enough(query, record)], tuple(n for n, _ in words)
        if not words or not left:
            return left, ()
        with_all = [record for record in left if all(matches(part, record) for _, part in words)]
        if with_all:
            return with_all, ()
        relaxed = tuple(n for n, _ in words)
        with_any = [record for record in left if any(matches(part, record) for _, part in words)]
        if with_any:
            return with_any, relaxed
        near = [record for record in left if vector is not None and (self._cosine(state, record, vector) or 0) > NEAR]
        if near:
            return near, relaxed
        return (left, relaxed) if any(not part.negated for part in others) else ([], ())

    def _rarity(self, state: _State) -> Callable[[TextPart], float]:
        public = self._readable(state, PUBLIC)
        return lambda part: rarity(sum(matches(part, record) for record in public), len(public))

    def _hit(
        self, state: _State, query: Query, record: Record, vector: Vector | None, rarity_of: Callable[[TextPart], float]
    ) -> IndexHit:
        cosine = None if vector is None else self._cosine(state, record, vector)
        parts = {name: round(points, 6) for name, points in score_parts(query, record, rarity_of, cosine).items()}
        return IndexHit(record, round(sum(parts.values()), 6), parts)

    def _vector(self, state: _State, seen: Record) -> Vector | None:
        return state.vectors.get(_hash(self._summary(seen))) if seen.rights.read_files else None

    def _cosine(self, state: _State, seen: Record, vector: Vector) -> float | None:
        own = self._vector(state, seen)
        return None if own is None else float(own @ vector)

    def _values(self, query: Query, quantity: QuantityPart, audiences: Audiences) -> list[list[float]]:
        """For every hit that has some: its values of this kind, whatever the bounds."""
        anything = replace(quantity, minimum=None, maximum=None)
        found, _ = self._find(self._now, query, audiences, None)
        values = [
            [
                value
                for one in record.quantities
                if quantity_matches(anything, one)
                for value in one.base_values
                if math.isfinite(value)
            ]
            for record in found
        ]
        return [of_record for of_record in values if of_record]

    def _concepts(self, record: Record) -> set[str]:
        return {iri for use in record.concepts for iri in (use.concept, *self._ancestors(use.concept))}

    def _facet(self, facet: Facet, hits: Sequence[Record]) -> tuple[FacetCount, ...]:
        if facet in _ENTITY_FACETS:
            counts = [FacetCount(one.name, one.count, one.label) for one in _named(hits) if one.kind is _ENTITY_FACETS[facet]]
            return tuple(counts[:FACET_SIZE])
        counted = Counter(value for record in hits for value in self._facet_values(facet, record))
        most = CLASS_FACET_SIZE if facet in (Facet.CONCEPT, Facet.QUANTITY) else FACET_SIZE
        ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:most]
        return tuple(FacetCount(value, count) for value, count in ordered)

    def _facet_values(self, facet: Facet, record: Record) -> set[str]:
        match facet:
            case Facet.CONCEPT:
                return self._concepts(record) - self._ubiquitous
            case Facet.ROLE:
                uses = (use for use in record.concepts if use.concept not in self._ubiquitous)
                return {f"{role} {use.concept}" for use in uses for role in use.within if role not in self._ubiquitous}
            case Facet.QUANTITY:
                kinds = {kind for quantity in record.quantities for kind in quantity.kinds}
                return {iri for kind in kinds for iri in (kind, *self._ancestors(kind))}
            case Facet.YEAR:
                year = year_of(record.date)
                return set() if year is None else {f"{year:04}"}
            case _:
                assert facet in VALUE_FACETS
                return set(values_of(facet, record))

    def _names(self, audiences: Audiences) -> tuple[Named, ...]:
        return _named(self._readable(self._now, audiences))


def _has_all(query: Query, record: Record) -> bool:
    """Whether it matches, nothing relaxed."""
    parts = [part for part in query.parts if not (query.enough and isinstance(part, TextPart) and not part.negated)]
    placed = query.order is None or order_value(query.order, record) is not None
    return placed and _has_enough(query, record) and all(matches(part, record) for part in parts)


def _has_enough(query: Query, record: Record) -> bool:
    """Whether it has as many of the words as the query says."""
    return not query.enough or sum(word.weight for word in query.words if has_word(word, record)) >= query.enough


def _seen(record: Record, audiences: Audiences) -> Record | None:
    """The record as these audiences may see it."""
    rights = Rights(record.rights.read_metadata & audiences, record.rights.read_files & audiences)
    if not rights.read_metadata:
        return None
    if rights.read_files:
        return replace(record, rights=rights)
    return Record(
        record.id, record.iri, record.title, record.source, record.source_file, "", rights, communities=record.communities
    )


def _place(query: Query, hit: IndexHit) -> float:
    """Smaller goes first."""
    if query.order is None:
        return -hit.score
    value = order_value(query.order, hit.record)
    assert value is not None
    return -value if query.order.descending else value


def _named(records: Iterable[Record]) -> tuple[Named, ...]:
    """The names of these records, each with its commonest spelling: most records first, then by kind and name."""
    found: dict[tuple[EntityKind, str], list[set[Entity]]] = {}
    for record in records:
        of_record: dict[tuple[EntityKind, str], set[Entity]] = {}
        for entity in record.entities:
            if fold_name(entity.name):
                of_record.setdefault((entity.kind, fold_name(entity.name)), set()).add(entity)
        for key, entities in of_record.items():
            found.setdefault(key, []).append(entities)
    named = [
        Named(kind, name, _commonest(each, lambda one: one.name), _commonest(each, lambda one: one.iri), len(each))
        for (kind, name), each in found.items()
    ]
    return tuple(sorted(named, key=lambda one: (-one.count, one.kind, one.name)))


def _commonest(each: Sequence[set[Entity]], told: Callable[[Entity], str]) -> str:
    """What most records say, the first by alphabet among equals; ``""`` when none says anything."""
    counted = Counter(text for entities in each for text in {told(entity) for entity in entities} if text)
    return min(counted, key=lambda text: (-counted[text], text), default="")


def _hash(summary: str) -> str:
    return sha256(summary.encode()).hexdigest()
