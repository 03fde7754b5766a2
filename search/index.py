"""Port: the search index. Everything in it is derived and can be rebuilt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from records.record import ConceptUse, Quantity, Record
from records.rights import Audiences
from search.query import Query


@dataclass(frozen=True, slots=True)
class Match:
    """One reason why a record was found: which part, by which use, where.

    At most one of ``concept``, ``quantity`` and ``word`` is set; none of them when the part is about the source.

    Args:
        part: Position of the part in the query.
        concept: The best use of a concept that matches.
        quantity: The best quantity that matches.
        word: The word that matches, as it stands there.
        field: Where the word stands: ``title`` or ``text``.
        context: Some words around it.
    """

    part: int
    concept: ConceptUse | None = None
    quantity: Quantity | None = None
    word: str = ""
    field: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class IndexHit:
    """A record that matches, as the index knows it for these audiences."""

    record: str
    iri: str
    title: str
    source: str
    source_file: str
    score: float
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the hits use a concept; ``value`` is its IRI (or a plain value for other facets)."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    """Hits in a stable order: score, then record id.

    Args:
        total: How many records match.
        hits: The asked slice of them.
        facets: ``concept`` and ``source``: exact counts over all that match.
        relaxed: Positions of the text parts that need not match, because no record has all these words.
    """

    total: int
    hits: tuple[IndexHit, ...]
    facets: dict[str, tuple[FacetCount, ...]]
    relaxed: tuple[int, ...] = ()


class TextIndex(Protocol):
    """Text, concepts, numbers and facets under audiences.

    Scores hold no corpus statistic, so they cannot depend on what the reader may not read.
    """

    def apply(self, records: Sequence[Record], removed: Iterable[str] = ()) -> None:
        """Write these records (replacing older forms) and remove those ids, all in one transaction.

        Raises:
            StoreError: Nothing was changed.
        """

    def search(self, query: Query, audiences: Audiences, *, offset: int = 0, limit: int = 10) -> Page:
        """Find records that match every part, among those these audiences may read.

        Content (concepts, quantities, text) counts only under ``read_files``; title and source count under ``read_metadata``.
        A query without parts finds every readable record. Where no record has all the words of the text parts, those that have
        at least one of them are found; where none has one, the other parts decide alone: `Page.relaxed` says so. Each step keeps
        to the hits of the steps before, so a concept added from a facet finds as many records as the facet said.

        Raises:
            StoreError: The index cannot be read.
        """

    def get(self, record: str, audiences: Audiences) -> Record | None:
        """The record as these audiences may see it; ``None`` when they may not see it at all.

        Without content (and digest of the content) when they may read metadata alone; its rights name only these audiences.
        """

    def count(self, concepts: Sequence[Collection[str]], audiences: Audiences) -> tuple[int, ...]:
        """For each of these sets, how many readable records use any of its concepts."""

    def concept_counts(self, audiences: Audiences) -> dict[str, int]:
        """How many readable records use each concept directly."""

    def ids(self) -> set[str]:
        """Every record id: for checks and rebuilds by the operator, not for answers."""

    def clear(self) -> None:
        """Drop everything; the next `apply` starts from nothing."""

    def close(self) -> None:
        """Write everything out and let go of the files."""
