"""The report as one HTML file: nothing is loaded from elsewhere and no script runs, so it can be kept, sent and printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from records.issues import Issue
from shapes.causes import CauseSummary, cause_of
from shapes.reports.report import FileFindings, Report, Snippet, best_first, number, visible

MAX_SNIPPETS = 20
"""Findings of one cause that are shown with their line; the others with their place alone."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One finding as the page shows it."""

    place: str
    message: str
    expected: str
    advice: str
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class _Group:
    """All findings of one cause."""

    summary: CauseSummary
    reach: str
    meaning: str
    page: str
    shown: list[_Shown]
    others: list[str]


def to_html(report: Report) -> str:
    """The page; everything that comes from documents is escaped.

    >>> "<script" in to_html(Report([]))
    False
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    template = environment.get_template("report.html")
    clean = [file.file for file in report.files if not file.findings]
    return template.render(report=report, groups=list(_groups(report)), clean=clean) + "\n"


def _groups(report: Report) -> Iterator[_Group]:
    found: dict[str, list[tuple[FileFindings, Issue]]] = {}
    for file in report.files:
        for issue in file.findings:
            found.setdefault(cause_of(issue).key, []).append((file, issue))
    for summary in report.causes:
        findings = found[summary.cause.key]
        page = report.pages.get(summary.cause.code)
        yield _Group(
            summary,
            f"{number(summary.places, 'place')} in {number(summary.files, 'file')}",
            page.summary if page else "",
            report.address + summary.cause.code if report.address else "",
            [_shown(file, issue) for file, issue in findings[:MAX_SNIPPETS]],
            [_place(file, issue) for file, issue in findings[MAX_SNIPPETS:]],
        )


def _shown(file: FileFindings, issue: Issue) -> _Shown:
    return _Shown(_place(file, issue), visible(issue.message), visible(issue.expected), best_first(issue), file.snippet(issue))


def _place(file: FileFindings, issue: Issue) -> str:
    path = visible(file.path_of(issue))
    return f"{path}:{issue.line}:{issue.column}" if issue.line else path
