"""The embedded search index: adapter of `search/index.py`.

Records are kept in a SQLite file (`store.py`). Questions are answered from columns that follow from it (`state.py`), under masks of
what the reader may see: concepts, numbers, names, words and vectors meet as sets of documents. Every process derives the columns
for itself, from files that another one has left (`files.py`) as far as there are some.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from records.errors import CursorExpiredError
from records.record import EntityKind, Record
from records.rights import PUBLIC, Audiences, Rights
from search.columns import answer
from search.columns.answer import Matching, Near, Placed
from search.columns.evidence import View
from search.columns.facet_tables import ENTITIES, OF_METADATA, FacetTable, RowCounts, facet_table, top
from search.columns.rebuilding import give_vectors, place_beside, stamp_of, take_place
from search.columns.segment import Ancestors, Segment
from search.columns.state import State, States
from search.columns.store import RecordStore
from search.columns.tallies import ConceptTally, NameTally, per_row_of
from search.index import CLASS_FACET_SIZE, FACET_SIZE, Counts, Cut, FacetCount, Histogram, IndexHit, Named, Page, Vector
from search.query import Facet, QuantityPart, Query, TextPart

KEPT_STATES: Final = 32
"""Older states that are kept for cursors."""
MOST_CHANGED: Final = 5_000
"""A state is no longer kept when so many records have changed since."""


class ColumnIndex:
    """`SearchIndex` on columns. Many threads and processes may read while one writes.

    A committed batch survives a kill of the process; after a loss of power the last batches may be missing, never half of one.

    Args:
        path: The SQLite file, or a link to it; it is opened at the first use. The files of columns are in a folder beside it.
            ``None`` keeps everything in memory.
        ancestors: Everything broader than a concept, itself left out.
        bookkeeping: Concepts that nearly every record uses and that tell nobody anything: left out of facets.
        summary: What is embedded of a record: a text that its content alone decides.
        is_expected: Whether a file that is not there has been lost: it is told then, and not taken for an empty index.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        ancestors: Ancestors,
        summary: Callable[[Record], str],
        bookkeeping: Iterable[str] = (),
        is_expected: Callable[[], bool] = lambda: False,
    ) -> None:
        self._path = path
        self._store = RecordStore(path, is_expected)
        self._states = States(self._store)
        self._ancestors = ancestors
        self._summary = summary
        self._bookkeeping = frozenset(bookkeeping)
        self._keeping = threading.Lock()
        self._older: dict[str, _Older] = {}
        self._has_written = False

    @property
    def generation(self) -> str:
        """Name of the newest state."""
        return self._now().generation

    @property
    def model(self) -> str:
        """Name of the model of the vectors."""
        return self._store.stamp().model

    def apply(self, records: Sequence[Record], removed: Iterable[str] = ()) -> None:
        """Write these records (replacing older forms) and remove those ids, all in one transaction; see `SearchIndex.apply`."""
        latest = {record.id: record for record in records}
        gone = set(removed) - set(latest)
        if latest or gone:
            self._store.write([(record, _hash(self._summary(record))) for record in latest.values()], gone)
            self._has_written = True

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
        """Find records that match every part and no negated one; see `SearchIndex.search`."""
        older, start = _Older(self._now(), set()), None
        if after:
            older, start = self._pinned(after, older.state)
        state = older.state
        views = self._views(state, audiences, older.changed)
        has_words = any(isinstance(part, TextPart) and not part.negated for part in query.parts)
        near = self._near(state, vector) if has_words else None
        matches, relaxed = answer.find(query, views, near)
        rare = answer.rarities(query.parts, self._views(state, PUBLIC)) if has_words else {}
        placed = answer.ordered(query, matches, rare, near, start, offset + limit + 1)
        shown = placed[offset : offset + limit]
        hits = self._hits(query, matches, shown, rare, near, audiences)
        more = len(placed) > offset + limit and bool(shown)
        return Page(
            total=sum(len(match.docs) for match in matches),
            hits=hits,
            facets={facet: self._facet(facet, matches) for facet in facets},
            relaxed=relaxed,
            after=_cursor(state.generation, shown[-1]) if more else "",
            generation=state.generation,
        )

    def get(self, record: str, audiences: Audiences) -> Record | None:
        """The record as these audiences may see it; see `SearchIndex.get`."""
        found = list(self._store.records([record]).values())
        return _seen(found[0], audiences) if found else None

    def count(self, queries: Sequence[Query], audiences: Audiences) -> tuple[int, ...]:
        """How many readable records match each of these queries, nothing relaxed."""
        return self.counter(audiences)(queries)

    def counter(self, audiences: Audiences) -> Counts:
        """Counts queries for this reader in the state as it is now; see `SearchIndex.counter`."""
        return answer.Counting(self._views(self._now(), audiences))

    def concept_counts(self, audiences: Audiences) -> Mapping[str, int]:
        """How many readable records use each concept or a narrower one."""
        state = self._now()
        if not state.parts:
            return {}
        tallies = _largest(state).tallies
        tally: ConceptTally = tallies.get(audiences, lambda: ConceptTally(audiences, self._ancestors))
        return tally.counts(state, lambda: self._count_concepts(state, audiences))

    def named(self, names: Collection[str], audiences: Audiences) -> tuple[Named, ...]:
        """Which of these folded names readable records have, as what: most records first."""
        state = self._now()
        if not state.parts:
            return ()
        found = [one for kind in EntityKind for one in _tally(state, kind, audiences).named(state, set(names))]
        return tuple(sorted(found, key=lambda one: (-one.count, one.kind, one.name)))

    def names(self, kind: EntityKind, audiences: Audiences, *, limit: int = 10_000) -> tuple[Named, ...]:
        """The names of this kind that readable records have, most records first."""
        state = self._now()
        return _tally(state, kind, audiences).first(state, limit) if state.parts else ()

    def histogram(self, query: Query, quantity: QuantityPart, audiences: Audiences, cut: Cut) -> Histogram | None:
        """How the values of a kind of quantity spread over the hits; see `SearchIndex.histogram`."""
        matches, _ = answer.find(query, self._views(self._now(), audiences), None)
        return answer.histogram(answer.values_of_hits(matches, quantity), cut)

    def nearest_values(self, query: Query, quantity: QuantityPart, audiences: Audiences) -> tuple[float, ...]:
        """Of the records that match *query*, the values nearest below and above the bounds of *quantity*, in the base unit."""
        matches, _ = answer.find(query, self._views(self._now(), audiences), None)
        numbers = np.concatenate([np.zeros(0), *(numbers for _, numbers in answer.values_of_hits(matches, quantity))])
        low, high = quantity.bounds
        below, above = numbers[numbers < low], numbers[numbers > high]
        return (*([float(below.max())] if len(below) else []), *([float(above.min())] if len(above) else []))

    def neighbours(self, vector: Vector, query: Query, audiences: Audiences, *, limit: int = 10) -> tuple[tuple[str, float], ...]:
        """Of the records that match *query*, the ids of those with the nearest vectors, with the cosine: exact, best first."""
        state = self._now()
        near = self._near(state, vector)
        if near is None:
            return ()
        matches, _ = answer.find(query, self._views(state, audiences), None)
        return tuple(answer.nearest(matches, near, limit))

    def vector_of(self, record: str, audiences: Audiences) -> Vector | None:
        """The vector of a record whose content these audiences may read."""
        state = self._now()
        for view in self._views(state, audiences):
            [*docs] = view.segment.find_all([record])
            if docs and view.content[docs[0]]:
                row = int(state.vectors.rows_of(view.segment, np.array(docs))[0])
                return None if row < 0 else state.vectors.row(row)
        return None

    def unembedded(self, model: str, *, limit: int = 1000) -> Mapping[str, str]:
        """Summaries that have no vector of this model yet, by their hash."""
        missing = self._store.unembedded(model, limit)
        records = self._store.records(list(missing.values()))
        return {summary.hex(): self._summary(records[of]) for summary, of in missing.items() if of in records}

    def embed(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors of summaries, by their hash."""
        self._store.embed(model, {bytes.fromhex(summary): vector for summary, vector in vectors.items()})
        self._has_written = True

    def ids(self) -> set[str]:
        """Every record id: for checks and rebuilds by the operator, not for answers."""
        return self._store.ids()

    @contextmanager
    def rebuilding(self) -> Iterator[ColumnIndex]:
        """Build the index anew beside the one that answers; see `SearchIndex.rebuilding`."""
        if self._path is None:
            at_first, fresh = self._store.stamp(), self._beside(None)
            yield fresh
            self._store.adopt(fresh._store, at_first)
            return
        with place_beside(self._path) as place:
            begun = stamp_of(self._store)
            fresh = self._beside(place)
            fresh._store.stamp()  # so that the file is there, also when nothing is written
            try:
                yield fresh
                if begun is not None:
                    give_vectors(self._path, place)
                fresh.keep()
            finally:
                fresh._let_go()
            take_place(self._path, place, begun)

    def _beside(self, path: Path | None) -> ColumnIndex:
        return ColumnIndex(path, ancestors=self._ancestors, summary=self._summary, bookkeeping=self._bookkeeping)

    def keep(self) -> None:
        """Write out the columns, so that no other process has to derive them again; forget vectors of texts that are gone."""
        self._store.forget_vectors()
        self._states.keep()
        self._has_written = False

    def close(self) -> None:
        """Write everything out and let go of the files."""
        if self._has_written:
            self.keep()
        self._let_go()

    def _let_go(self) -> None:
        self._states.close()
        self._store.close()

    def _now(self) -> State:
        """The newest state; the one before is kept for its cursors."""
        state, before = self._states.now()
        if before is not None:
            with self._keeping:
                self._older[before.generation] = _Older(before, set())
                for name, older in list(self._older.items()):
                    older.changed.update(state.changed)
                    if older.state.stamp.epoch != state.stamp.epoch or len(older.changed) > MOST_CHANGED:
                        del self._older[name]
                for name in list(self._older)[:-KEPT_STATES]:
                    del self._older[name]
        return state

    def _pinned(self, after: str, now: State) -> tuple[_Older, tuple[float, str]]:
        """The state that a cursor belongs to, and the place behind which the page begins."""
        try:
            generation, key, identifier = json.loads(base64.urlsafe_b64decode(after.encode()))
            place = float(key), str(identifier)
            older = _Older(now, set()) if generation == now.generation else self._older[generation]
        except (ValueError, TypeError, KeyError) as error:
            message = "The state of the index that this page belongs to is no longer kept."
            raise CursorExpiredError(message, "Ask again from the first page.") from error
        return older, place

    def _views(self, state: State, audiences: Audiences, changed: Collection[str] = ()) -> list[View]:
        """What a reader may see of a state.

        Args:
            state: The state.
            audiences: What the reader holds.
            changed: Ids that have changed since: who may not read their content today does not see them in an older state either.
        """
        hidden: set[str] = set()
        if changed:
            today = self._store.records(changed)
            hidden = {one for one in changed if one not in today or not _may_read_all(today[one], audiences)}
        views = []
        for part in state.parts:
            metadata, content = (mask.copy() for mask in part.segment.readable(audiences))
            gone = [part.dead, part.segment.find_all(hidden)] if hidden else [part.dead]
            for docs in gone:
                metadata[docs] = content[docs] = False
            views.append(View(part.segment, metadata, content))
        return views

    def _near(self, state: State, vector: Vector | None) -> Near | None:
        """The vector, where the index has vectors like it."""
        if vector is None or len(vector) != state.vectors.dimension:
            return None
        return Near(state.vectors, np.asarray(vector, np.float32))

    def _hits(
        self,
        query: Query,
        matches: Sequence[Matching],
        placed: Sequence[Placed],
        rare: Mapping[int, float],
        near: Near | None,
        audiences: Audiences,
    ) -> tuple[IndexHit, ...]:
        """What is shown of these hits. What was removed or hidden since just now is left out."""
        records = self._store.records([one.id for one in placed])
        worth: dict[str, dict[str, float]] = {}
        for number, match in enumerate(matches):
            ours = [one for one in placed if one.match == number]
            if ours:
                groups = answer.points(query, match, np.array([one.doc for one in ours]), rare, near)
                for place, one in enumerate(ours):
                    worth[one.id] = {name: float(found[place]) for name, found in groups.items() if found[place]}
        hits = []
        for one in placed:
            seen = _seen(records[one.id], audiences) if one.id in records else None
            if seen is not None:
                parts = worth[one.id]
                hits.append(IndexHit(seen, round(sum(parts.values()), answer.DECIMALS), parts))
        return tuple(hits)

    def _facet(self, facet: Facet, matches: Sequence[Matching]) -> tuple[FacetCount, ...]:
        found, counted = [], []
        for match in matches:
            docs = match.docs if facet in OF_METADATA else match.of_content
            if len(docs):
                table = self._table(match.view.segment, facet, self._bookkeeping)
                rows = RowCounts.of(table.codes[docs], len(table.rows))
                found.append((table.values, *table.counts(rows)))
                counted.append((match.view.segment, rows))
        best = top(found, CLASS_FACET_SIZE if facet in (Facet.CONCEPT, Facet.QUANTITY) else FACET_SIZE)
        labels: Mapping[str, str] = {}
        if facet in ENTITIES:
            labels = answer.commonest([value for value, _ in best], ENTITIES[facet], counted, lambda names: names.name)
        return tuple(FacetCount(value, count, labels.get(value, "")) for value, count in best)

    def _count_concepts(self, state: State, audiences: Audiences) -> Mapping[str, int]:
        found = []
        for part in state.parts:
            table = self._table(part.segment, Facet.CONCEPT, frozenset())
            found.append((table.values, *table.counts(RowCounts.of_all(per_row_of(part, audiences, "uses")))))
        return dict(top(found, sum(len(values) for values, *_ in found)))

    def _table(self, segment: Segment, facet: Facet | EntityKind, bookkeeping: frozenset[str]) -> FacetTable:
        table: FacetTable = segment.memo.get(
            (facet, bookkeeping), lambda: facet_table(segment, facet, self._ancestors, bookkeeping)
        )
        return table


def _largest(state: State) -> Segment:
    return max((part.segment for part in state.parts), key=lambda segment: segment.size)


def _tally(state: State, kind: EntityKind, audiences: Audiences) -> NameTally:
    segment = _largest(state)
    tally: NameTally = segment.tallies.get((kind, audiences), lambda: NameTally(segment, kind, audiences))
    return tally


class _Older(NamedTuple):
    """A state, and what has changed since."""

    state: State
    changed: set[str]


def _hash(summary: str) -> bytes:
    return sha256(summary.encode("utf-8", "replace")).digest()


def _may_read_all(record: Record, audiences: Audiences) -> bool:
    return not (record.rights.read_metadata.isdisjoint(audiences) or record.rights.read_files.isdisjoint(audiences))


def _seen(record: Record, audiences: Audiences) -> Record | None:
    """The record as these audiences may see it."""
    rights = Rights(record.rights.read_metadata & audiences, record.rights.read_files & audiences)
    if not rights.read_metadata:
        return None
    if rights.read_files:
        return replace(record, rights=rights)
    bare = Record(record.id, record.iri, record.title, record.source, record.source_file, "", rights)
    return replace(bare, communities=record.communities)


def _cursor(generation: str, place: Placed) -> str:
    return base64.urlsafe_b64encode(json.dumps([generation, place.key, place.id]).encode()).decode()
