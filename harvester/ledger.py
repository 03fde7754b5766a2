"""Port: what was harvested, in which form it was seen last, what came of it, every finding, and the causes of findings over time.

The ledger is written last: a document that it calls loaded is in the graph and in the index, and what it does not call loaded is
done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from harvester.corrections import Standing
from records.issues import Issue, Severity
from records.rights import Audiences, Rights
from shapes.causes import Cause


class State(StrEnum):
    """What came of a document.

    ``loaded``: it can be found. ``refused``: nothing of it is loaded, its findings say why. ``withdrawn``: gone at the source; a
    tombstone stays.
    """

    LOADED = "loaded"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one document of a source.

    Args:
        record: Record id, ``SOURCE/KEY``.
        source: Name of the source.
        key: Path within the source.
        marker: The source's change marker when it was last seen.
        digest: SHA-256 of the payload that is loaded; ``""`` when nothing is.
        seen: SHA-256 of the payload that was last seen; differs from ``digest`` when the newer one was refused.
        state: What came of it.
        rights: Who may read it.
        title: Title in the source's own metadata.
        quads: Statements in its named graph.
        contexts: JSON-LD contexts it was read with, as (address, version).
        issues: Its findings: first what its source said of it, then those of reading it.
        changed_at: When this entry last changed, ISO 8601 in UTC.
        told: How many of the findings its source told (about its rights, say): reading the payload again does not find them.
        communities: The source's communities that it is in, written as the audiences of their members.
        corrections: The corrections it was read with, by id, and what each of them did.
    """

    record: str
    source: str
    key: str
    marker: str
    digest: str
    seen: str
    state: State
    rights: Rights
    title: str = ""
    quads: int = 0
    contexts: tuple[tuple[str, str], ...] = ()
    issues: tuple[Issue, ...] = ()
    changed_at: str = ""
    told: int = 0
    communities: tuple[str, ...] = ()
    corrections: tuple[tuple[str, Standing], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTotals:
    """Sums over the documents of one source."""

    loaded: int
    refused: int
    withdrawn: int
    quads: int
    findings: int


@dataclass(frozen=True, slots=True)
class Among:
    """Which findings a question is about; what is not said does not matter.

    Args:
        source: Of documents of this source.
        community: Of documents in this community.
        kind: Of this code.
    """

    source: str = ""
    community: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """What became of one cause in one week.

    Args:
        week: ISO 8601 year and week, as ``2026-W05``.
        appeared: Records in which it was first found.
        gone: Records in which it was found no more.
        records: Records that had it when the week ended, or have it now.
    """

    week: str
    appeared: int
    gone: int
    records: int

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {"week": self.week, "appeared": self.appeared, "gone": self.gone, "records": self.records}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one cause reaches in one community: now, and from week to week."""

    records: int
    places: int
    weeks: tuple[Week, ...]

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {"records": self.records, "places": self.places, "weeks": [week.to_json() for week in self.weeks]}


@dataclass(frozen=True, slots=True)
class CauseReport:
    """How far one cause reaches over all documents that somebody may read.

    Args:
        cause: The cause.
        severity: The gravest of its findings.
        records: In how many records it is now.
        places: In how many places of them.
        first_seen: When it was first found, ISO 8601 in UTC.
        unblocks: Records that have no violation of another cause: mending this one mends them. 0 when it is no violation.
        fix: What to do, when the same suggestion mends all of them; else ``""``.
        examples: Ids of a few of the records, those with the most places first.
        weeks: Its weeks in which something happened, oldest first, and the last.
        communities: The same by community; a record in several counts in each.
    """

    cause: Cause
    severity: Severity
    records: int
    places: int
    first_seen: str
    unblocks: int
    fix: str
    examples: tuple[str, ...]
    weeks: tuple[Week, ...]
    communities: Mapping[str, Reach]

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {
            **self.cause.to_json(),
            "severity": self.severity.value,
            "places": self.places,
            "records": self.records,
            "fix": self.fix or None,
            "first_seen": self.first_seen,
            "unblocks": self.unblocks,
            "examples": list(self.examples),
            "weeks": [week.to_json() for week in self.weeks],
            "communities": {name: reach.to_json() for name, reach in self.communities.items()},
        }


@dataclass(frozen=True, slots=True)
class CauseReports:
    """A page of causes, those in most places first.

    Args:
        total: How many causes there are in all.
        records: In how many records they are.
        places: In how many places.
        causes: Some of them.
    """

    total: int
    records: int
    places: int
    causes: tuple[CauseReport, ...]

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {
            "total": self.total,
            "records": self.records,
            "places": self.places,
            "causes": [cause.to_json() for cause in self.causes],
        }


class Ledger(Protocol):
    """Keeps one entry per document, and since when which cause of findings is in it."""

    def entries(self, source: str) -> dict[str, Entry]:
        """Every entry of this source by key, without its issues."""

    def write(self, entries: Sequence[Entry]) -> None:
        """Write these entries with their issues, replacing older ones, in one transaction.

        A cause that an entry has for the first time is noted with the time, and so is one that it has no more.

        Raises:
            StoreError: Nothing was changed.
        """

    def all_entries(self) -> Iterator[Entry]:
        """Every entry of every source, in a stable order, without its issues: for rebuilds by the operator."""

    def totals(self, source: str) -> SourceTotals:
        """Sums over one source."""

    def issue_counts(self, source: str) -> dict[str, int]:
        """How many findings of each code the documents of one source have."""

    def entry(self, record: str) -> Entry | None:
        """The entry with its issues, whatever its state and rights: for harvests and the operator, never to answer a reader."""

    def corrected(self) -> dict[str, tuple[str, ...]]:
        """Ids of the corrections with which each record was read, by record, those without left out: for harvests."""

    def get(self, record: str, audiences: Audiences) -> Entry | None:
        """The entry with its issues, if these audiences may read the record's files; else ``None``."""

    def causes(self, audiences: Audiences, among: Among, *, limit: int, offset: int) -> CauseReports:
        """What lies behind the findings of the documents whose files these audiences may read, what is in most places first.

        A document that they may not read leaves no trace: in no count, no time, no word.
        """

    def all_causes(self, among: Among, *, limit: int, offset: int) -> CauseReports:
        """The same over every document: for the operator."""

    def close(self) -> None:
        """Write everything out and let go of the file."""
