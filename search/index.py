"""Port: the search index. Everything in it is derived and can be rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from records.record import EntityKind, Record
from records.rights import Audiences
from search.query import Facet, QuantityPart, Query

Vector = NDArray[np.float32]
"""An embedding of length 1."""

Cut = Callable[[float, float], Sequence[float]]
"""From the least and the greatest value: where each bin of a histogram begins, and where the last one ends. A value where one bin
ends and the next begins is in the next; none is outside of them all."""

Counts = Callable[[Sequence[Query]], tuple[int, ...]]
"""How many of the records that one reader may read match each of these queries."""

FACET_SIZE: Final = 50
"""How many values of a facet a page counts, those with most hits first; classes: `CLASS_FACET_SIZE`."""
CLASS_FACET_SIZE: Final = 400
"""How many concepts and kinds of quantity a page counts: broader ones are among them."""


@dataclass(frozen=True, slots=True)
class IndexHit:
    """A record that matches.

    Args:
        record: As the reader may see it: without content when only its metadata may be read (`SearchIndex.get`).
        score: Sum of ``parts``.
        parts: What each part of the score adds, by its name in `search.ranking`.
    """

    record: Record
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the hits have this value.

    ``concept``: IRI of a class, counted with its narrower ones. ``role``: IRI of the role, a space, IRI of the class, counted
    alone. ``quantity``: IRI of a class, counted with its narrower ones. Entities: the folded name. ``year``: four digits.
    """

    value: str
    count: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many of the hits have a value in each bin; a record with several values counts once in each bin.

    Args:
        low: The least value, in the base unit.
        high: The greatest value.
        counts: Hits in each bin.
        records: Hits that have such a value at all.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    records: int


@dataclass(frozen=True, slots=True)
class Page:
    """Hits in a stable order: score (or the query's own order), then record id.

    Args:
        total: How many records match.
        hits: The asked slice of them.
        facets: Counts over all that match, most hits first, then by value.
        relaxed: Positions of the text parts that need not match, because no record has all these words.
        after: Where the next page begins; ``""`` after the last hit.
        generation: State of the index that this was answered from.
    """

    total: int
    hits: tuple[IndexHit, ...]
    facets: Mapping[Facet, tuple[FacetCount, ...]]
    relaxed: tuple[int, ...] = ()
    after: str = ""
    generation: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A name that readable records have: folded, as most of them write it, and how many there are."""

    kind: EntityKind
    name: str
    label: str
    iri: str
    count: int


class IndexWriter(Protocol):
    """What records are written to: an index, or the one that is built beside it (`SearchIndex.rebuilding`)."""

    def apply(self, records: Sequence[Record], removed: Iterable[str] = ()) -> None:
        """Write these records (replacing older forms) and remove those ids, all in one transaction; the next question sees it.

        Raises:
            StoreError: Nothing was changed.
        """


class SearchIndex(IndexWriter, Protocol):
    """Concepts in their roles, numbers, names, text, vectors and facets, all under audiences.

    A record counts for a reader in up to two ways: its metadata (title, source, communities) under ``read_metadata``, its
    content (all the rest) under both ``read_metadata`` and ``read_files``. Nothing in an answer depends on a record beyond that:
    scores hold no statistic of the corpus but how many *public* records have a word.
    """

    @property
    def generation(self) -> str:
        """Name of the newest state; changes with every `apply`."""

    @property
    def model(self) -> str:
        """Name of the model whose vectors it has, and no other's; ``""`` before there are some."""

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
        """Find records that match every part and no negated one, among those these audiences may read.

        A query without parts finds every readable record. Where no record has all the words of the text parts, those that have at
        least one of them are found; where none has one, those whose vector is near, else the other parts decide alone:
        `Page.relaxed` says so. Where the query says what is enough (`Query.enough`), that decides instead. A negated part is never
        relaxed. Each step keeps to the hits of the steps before.

        Args:
            query: What is asked.
            audiences: What the reader holds.
            vector: The question's embedding, by `model`: of another one nothing may be compared; only used beside text parts.
            facets: What to count the hits by.
            offset: How many hits to skip.
            limit: Most hits to give.
            after: `Page.after` of the page before, of the same query; ``offset`` counts from there.

        Raises:
            CursorExpiredError: The state that ``after`` belongs to is no longer kept.
            StoreError: The index cannot be read.
        """

    def get(self, record: str, audiences: Audiences) -> Record | None:
        """The record as these audiences may see it; ``None`` when they may not see it at all.

        Without content (and digest of the content) when they may read metadata alone; its rights name only these audiences.
        """

    def count(self, queries: Sequence[Query], audiences: Audiences) -> tuple[int, ...]:
        """How many readable records match each of these queries, nothing relaxed, and have what it puts them in order by."""

    def counter(self, audiences: Audiences) -> Counts:
        """`count` for many questions one after the other: what was worked out for one may serve the next, in the same state."""

    def concept_counts(self, audiences: Audiences) -> Mapping[str, int]:
        """How many readable records use each concept or a narrower one."""

    def named(self, names: Collection[str], audiences: Audiences) -> tuple[Named, ...]:
        """Which of these folded names readable records have, as what: most records first."""

    def names(self, kind: EntityKind, audiences: Audiences, *, limit: int = 10_000) -> tuple[Named, ...]:
        """The names of this kind that readable records have, most records first."""

    def histogram(self, query: Query, quantity: QuantityPart, audiences: Audiences, cut: Cut) -> Histogram | None:
        """How the values of a kind of quantity (its own bounds left aside) spread over the hits; ``None`` when no hit has one."""

    def nearest_values(self, query: Query, quantity: QuantityPart, audiences: Audiences) -> tuple[float, ...]:
        """Of the records that match *query*, the values nearest below and above the bounds of *quantity*, in the base unit."""

    def neighbours(self, vector: Vector, query: Query, audiences: Audiences, *, limit: int = 10) -> tuple[tuple[str, float], ...]:
        """Of the records that match *query*, the ids of those with the nearest vectors, with the cosine: exact, best first."""

    def vector_of(self, record: str, audiences: Audiences) -> Vector | None:
        """The vector of a record whose content these audiences may read."""

    def unembedded(self, model: str, *, limit: int = 1000) -> Mapping[str, str]:
        """Summaries that have no vector of this model yet, by their hash; of other models' vectors none is used."""

    def embed(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors of summaries, by their hash.

        Raises:
            StoreError: Nothing was changed.
        """

    def ids(self) -> set[str]:
        """Every record id: for checks and rebuilds by the operator, not for answers."""

    def rebuilding(self) -> AbstractContextManager[IndexWriter]:
        """Build the index anew, from nothing, beside the one that answers.

        What is written to the index that the block is given is seen by nobody until the block ends well; then it takes the place
        of the old one at one blow, for all processes, and is as ready to answer as after `keep`. When the block fails or the
        process dies, the old one stays as it was, and what was built is removed, at the latest by the next rebuilding. What is
        written to the old one meanwhile counts, over what was built. Vectors of summaries that come again are kept. Older
        cursors expire. It also works when the old one is damaged or of another version.

        Raises:
            StoreBusyError: Another process is rebuilding it.
            StoreError: The old one stays.
        """

    def keep(self) -> None:
        """Make ready what was written, after the last of many writes, so that other processes open it at once."""

    def close(self) -> None:
        """Write everything out and let go of the files."""
