"""Port: what was harvested, in which form it was seen last, what came of it, and every finding.

The ledger is written last: a document that it calls loaded is in the graph and in the index, and what it does not call loaded is
done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from records.issues import Issue
from records.rights import Audiences, Rights


class State(StrEnum):
    """What came of a document.

    ``loaded``: it can be found. ``refused``: it was never loaded, its findings say why. ``withdrawn``: gone at the source; a
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
        issues: Its findings.
        changed_at: When this entry last changed, ISO 8601 in UTC.
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


@dataclass(frozen=True, slots=True)
class SourceTotals:
    """Sums over the documents of one source."""

    loaded: int
    refused: int
    withdrawn: int
    quads: int
    findings: int


class Ledger(Protocol):
    """Keeps one entry per document."""

    def entries(self, source: str) -> dict[str, Entry]:
        """Every entry of this source by key, without its issues."""

    def write(self, entries: Sequence[Entry]) -> None:
        """Write these entries with their issues, replacing older ones, in one transaction.

        Raises:
            StoreError: Nothing was changed.
        """

    def all_entries(self) -> Iterator[Entry]:
        """Every entry of every source, in a stable order, without its issues: for rebuilds by the operator."""

    def totals(self, source: str) -> SourceTotals:
        """Sums over one source."""

    def issue_counts(self, source: str) -> dict[str, int]:
        """How many findings of each code the documents of one source have."""

    def get(self, record: str, audiences: Audiences) -> Entry | None:
        """The entry with its issues, if these audiences may read the record's files; else ``None``."""

    def close(self) -> None:
        """Write everything out and let go of the file."""
