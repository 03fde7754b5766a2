"""What today's shapes, contexts, ontologies and severities make of records that were read under others: told before it is done.

Every kept document is read as `harvester.run.rebuild` would read it, and nothing is written. Interrupted, nothing has happened.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harvester.corrections import Corrections
from harvester.ledger import Ledger, State
from harvester.payloads import Payloads
from harvester.reading import Reader
from harvester.run import OnProgress, derive, kept_entries
from records.issues import Issue, Severity
from shapes.causes import Cause, cause_of

FIRST = 5
"""How many records are named for each cause."""

_STEP = 50


@dataclass(frozen=True, slots=True)
class CauseChange:
    """A cause that records would gain, or lose.

    Args:
        cause: The cause.
        records: How many records.
        first: Ids of the first few.
    """

    cause: Cause
    records: int
    first: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {
            "key": self.cause.key,
            "code": self.cause.code,
            "title": self.cause.title,
            "records": self.records,
            "first": list(self.first),
        }


@dataclass(frozen=True, slots=True)
class Side:
    """Records that would break, or be repaired.

    Args:
        records: How many.
        first: Ids of the first few.
        causes: Because of what, most records first; a record counts in each of its causes.
    """

    records: int
    first: tuple[str, ...]
    causes: tuple[CauseChange, ...]

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {"records": self.records, "first": list(self.first), "causes": [cause.to_json() for cause in self.causes]}


@dataclass(frozen=True, slots=True)
class Revalidation:
    """What reading everything anew would change.

    Args:
        documents: How many documents were read.
        breaks: Those that would gain a violation, or be refused.
        repairs: Those that would lose their last violation, or be refused no more.
        differ: Those whose findings would change in another way.
        seconds: Time it took.
    """

    documents: int
    breaks: Side
    repairs: Side
    differ: int
    seconds: float

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {
            "documents": self.documents,
            "breaks": self.breaks.to_json(),
            "repairs": self.repairs.to_json(),
            "differ": self.differ,
            "seconds": round(self.seconds, 3),
        }


def revalidate(
    reader: Reader, ledger: Ledger, payloads: Payloads, corrections: Corrections, *, on_progress: OnProgress | None = None
) -> Revalidation:
    """Read every kept document under today's settings and compare its findings with those that are stored; nothing is written.

    Args:
        reader: Reads under today's settings.
        ledger: What is known of them.
        payloads: The documents as harvested.
        corrections: What curators accepted.
        on_progress: Told now and then.

    Raises:
        StoreError: A store cannot be read.
    """
    started = time.perf_counter()
    breaks, repairs = _Tally(), _Tally()
    differ = 0
    entries = kept_entries(ledger)
    for done, entry in enumerate(entries, 1):
        known = ledger.entry(entry.record) or entry
        today = derive(known, reader, payloads, corrections).entry
        had, has = _violations(known.issues), _violations(today.issues)
        if has.keys() - had.keys() or (known.state is State.LOADED and today.state is State.REFUSED):
            breaks.add(entry.record, (has[key] for key in has.keys() - had.keys()))
        elif had and not has:
            repairs.add(entry.record, had.values())
        elif _kinds(known.issues) != _kinds(today.issues):
            differ += 1
        if on_progress and (done % _STEP == 0 or done == len(entries)):
            on_progress(done, len(entries))
    return Revalidation(len(entries), breaks.side(), repairs.side(), differ, time.perf_counter() - started)


@dataclass(slots=True)
class _Tally:
    records: list[str] = field(default_factory=list)
    causes: dict[str, tuple[Cause, list[str]]] = field(default_factory=dict)

    def add(self, record: str, causes: Iterable[Cause]) -> None:
        self.records.append(record)
        for cause in causes:
            self.causes.setdefault(cause.key, (cause, []))[1].append(record)

    def side(self) -> Side:
        most_first = sorted(self.causes.values(), key=lambda found: (-len(found[1]), found[0].key))
        causes = tuple(CauseChange(cause, len(records), tuple(records[:FIRST])) for cause, records in most_first)
        return Side(len(self.records), tuple(self.records[:FIRST]), causes)


def _violations(issues: Iterable[Issue]) -> Mapping[str, Cause]:
    causes = (cause_of(issue) for issue in issues if issue.severity is Severity.VIOLATION)
    return {cause.key: cause for cause in causes}


def _kinds(issues: Iterable[Issue]) -> list[tuple[str, Severity, str]]:
    return sorted((issue.code, issue.severity, issue.pointer) for issue in issues)
