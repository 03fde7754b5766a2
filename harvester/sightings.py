"""Which causes one record shows, and how what is known of many records is told. No input or output."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from harvester.ledger import CauseReport, CauseReports, Reach, Week
from records.issues import Issue, Severity
from shapes.causes import Cause, cause_of

_SEVERITIES = tuple(Severity)
_GRAVITY = {severity: position for position, severity in enumerate(_SEVERITIES)}


@dataclass(frozen=True, slots=True)
class Sighting:
    """One cause in one record.

    Args:
        cause: The cause.
        gravity: Position of its gravest finding in `Severity`, 0 for a violation.
        places: In how many places it shows.
        fix: What to do, when the same exact suggestion mends all of them; else ``""``.
    """

    cause: Cause
    gravity: int
    places: int
    fix: str


def sightings_of(issues: Iterable[Issue]) -> dict[str, Sighting]:
    """The causes of a record's findings, by key.

    >>> issue = Issue("undefined-prefix", "the prefix 'emmo' is not defined", value="emmo", places=3)
    >>> [(key, found.places) for key, found in sightings_of([issue, issue]).items()]
    [('undefined-prefix:emmo', 6)]
    """
    found: dict[str, Sighting] = {}
    for issue in issues:
        cause = cause_of(issue)
        best = issue.suggestions[0] if issue.suggestions else None
        fix = best.text if best is not None and best.replacement is not None else ""
        gravity = _GRAVITY[issue.severity]
        key = cause.key
        before = found.get(key)
        if before is None:
            found[key] = Sighting(cause, gravity, issue.places, fix)
        else:
            same = fix if fix == before.fix else ""
            found[key] = Sighting(before.cause, min(gravity, before.gravity), before.places + issue.places, same)
    return found


class CauseRow(NamedTuple):
    """One cause over many records, as a ledger sums it up."""

    key: str
    code: str
    subject: str
    title: str
    gravity: int
    records: int
    places: int
    first_seen: str
    unblocks: int
    fix: str


class HistoryRow(NamedTuple):
    """How many records of the same communities a cause came to, and left again, on the same days."""

    key: str
    communities: str
    first_seen: str
    gone_at: str
    records: int
    places: int


def reports(
    totals: tuple[int, int, float],
    causes: Iterable[Sequence[object]],
    examples: Iterable[tuple[str, str]],
    history: Iterable[Sequence[object]],
) -> CauseReports:
    """Puts together what a ledger summed up.

    Args:
        totals: Number of causes, of records, of places.
        causes: A `CauseRow` each, in order.
        examples: Keys of causes, each with the id of a record.
        history: A `HistoryRow` each.
    """
    shown: dict[str, list[str]] = defaultdict(list)
    for key, record in examples:
        shown[key].append(record)
    past: dict[str, list[HistoryRow]] = defaultdict(list)
    for row in (HistoryRow(*values) for values in history):  # type: ignore[arg-type]  # as the ledger selects them
        past[row.key].append(row)
    rows = (CauseRow(*values) for values in causes)  # type: ignore[arg-type]
    number, records, places = totals
    return CauseReports(number, records, int(places), tuple(_report(row, shown[row.key], past[row.key]) for row in rows))


def _report(row: CauseRow, examples: Sequence[str], history: Sequence[HistoryRow]) -> CauseReport:
    by_community: dict[str, list[HistoryRow]] = defaultdict(list)
    for one in history:
        for community in json.loads(one.communities):
            by_community[community].append(one)
    return CauseReport(
        cause=Cause(row.code, row.subject, row.title),
        severity=_SEVERITIES[row.gravity],
        records=row.records,
        places=row.places,
        first_seen=row.first_seen,
        unblocks=row.unblocks,
        fix=row.fix,
        examples=tuple(examples),
        weeks=weeks(history),
        communities={community: _reach(rows) for community, rows in sorted(by_community.items())},
    )


def _reach(history: Sequence[HistoryRow]) -> Reach:
    now = [row for row in history if not row.gone_at]
    return Reach(sum(row.records for row in now), sum(row.places for row in now), weeks(history))


def weeks(history: Iterable[HistoryRow]) -> tuple[Week, ...]:
    """The weeks in which a cause came to records or left them, oldest first.

    >>> came = HistoryRow("c", "[]", "2025-12-29", "", 5, 9), HistoryRow("c", "[]", "2025-12-31", "2026-01-07", 2, 2)
    >>> [(week.week, week.appeared, week.gone, week.records) for week in weeks(came)]
    [('2026-W01', 7, 0, 7), ('2026-W02', 0, 2, 5)]
    """
    appeared: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for row in history:
        appeared[_week(row.first_seen)] += row.records
        if row.gone_at:
            gone[_week(row.gone_at)] += row.records
    found, records = [], 0
    for week in sorted(appeared.keys() | gone.keys()):
        records += appeared[week] - gone[week]
        found.append(Week(week, appeared[week], gone[week], records))
    return tuple(found)


def _week(day: str) -> str:
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year:04}-W{week:02}"
