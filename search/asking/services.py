"""What answering a question uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ontology.roles import Roles
from records.record import Record
from records.rights import Audiences
from search.asking.properties import Properties
from search.asking.reply import Reply, Source
from search.index import IndexHit, SearchIndex
from search.matching import Match, explain
from search.query import Part, Query, YearPart
from search.service import SearchServices, understood
from search.understanding.vocabulary import Vocabulary
from shapes.plausibility import Plausibility

MAX_RECORDS: Final = 5_000
"""Most records of a set that are looked at one by one."""
_PAGE: Final = 100


@dataclass(frozen=True)
class AskServices:
    """What questions are answered from; `app.bootstrap` makes it.

    Args:
        search: What searching uses: the records, the ontologies, understanding.
    """

    search: SearchServices

    @property
    def index(self) -> SearchIndex:
        """The records."""
        return self.search.index

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The ontologies."""
        return Vocabulary(self.search.lookup, self.search.concepts, self.search.units, Roles(self.search.concepts))

    @cached_property
    def properties(self) -> Properties:
        """What can be asked of a thing."""
        return Properties(self.vocabulary)

    @cached_property
    def plausibility(self) -> Plausibility:
        """What numbers are usual."""
        return Plausibility(self.search.concepts, self.search.units)

    def understand(self, text: str, audiences: Audiences) -> Query:
        """From words that describe records to a query."""
        return understood(self.search, text, audiences, every_word=True)


@dataclass(frozen=True, slots=True)
class Asking:
    """One question of one reader.

    Args:
        services: What it is answered from.
        question: As asked.
        audiences: What the reader holds.
    """

    services: AskServices
    question: str
    audiences: Audiences

    def query(self, parts: Iterable[Part] = ()) -> Query:
        """A query of these parts for this question."""
        return Query(self.question, tuple(dict.fromkeys(parts)))

    def unknown(self, understood: str, query: Query | None = None) -> Reply:
        """No answer, and why."""
        return Reply(understood, None, (), query or self.query())

    def records(self, query: Query, most: int = MAX_RECORDS) -> tuple[int, list[Record]]:
        """How many records match exactly, and as many of them as are looked at, in the order of the query."""
        page = self.services.index.search(query, self.audiences, limit=min(_PAGE, most))
        if page.relaxed:
            return 0, []
        hits: list[IndexHit] = list(page.hits)
        while page.after and len(hits) < most:
            page = self.services.index.search(query, self.audiences, limit=_PAGE, after=page.after)
            hits += page.hits
        return page.total, [hit.record for hit in hits[:most]]


def evidence(query: Query, records: Iterable[Record]) -> tuple[Source, ...]:
    """For each record the place that says most: a number, else a concept, a name, its date, the document."""
    is_of_dates = any(isinstance(part, YearPart) for part in query.parts)
    return tuple(_place(record, explain(query, record), is_of_dates=is_of_dates) for record in records)


def _place(record: Record, matches: Sequence[Match], *, is_of_dates: bool) -> Source:
    for name in ("quantity", "concept", "entity"):
        for match in matches:
            found = getattr(match, name)
            if found is not None:
                return Source(record.id, record.source_file, found.pointer, found.line)
    date = next((one for one in record.said if one.kind == "date"), None) if is_of_dates else None
    if date is not None:
        return Source(record.id, record.source_file, date.pointer, date.line)
    return Source(record.id, record.source_file)
