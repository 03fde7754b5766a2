"""The report for people at a terminal: place, message, the line with a caret, what to do; over many files grouped by cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from records.issues import Certainty, Issue, Severity
from shapes.causes import CauseSummary, cause_of
from shapes.reports.report import SNIPPET_WIDTH, FileFindings, Report, best_first, number, visible

MANY_FILES = 10
"""From more files with findings on, they are grouped by cause, each cause with one example."""

_PLACES_SHOWN = 4
_COLOURS: Mapping[Severity, str] = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def to_text(report: Report, width: int = SNIPPET_WIDTH) -> Iterator[Text]:
    r"""Lines to print, with colours for a terminal that has them.

    Args:
        report: The findings.
        width: Columns of the terminal.

    >>> from shapes.reports.report import FileFindings
    >>> issue = Issue("nan", "NaN is not a JSON value", line=2, column=5, value="NaN")
    >>> broken = FileFindings("a.jsonld", (issue,), '{\n"m":NaN}')
    >>> for line in to_text(Report([broken])):
    ...     print(line.plain)
    a.jsonld:2:5: violation NaN is not a JSON value (nan)
       2 | "m":NaN}
         |     ^^^
    <BLANKLINE>
    1 file, 1 finding
          1  nan
    """
    with_findings = [file for file in report.files if file.findings]
    if len(with_findings) > MANY_FILES:
        yield from _causes(report, width)
    else:
        for file in with_findings:
            for issue in file.findings:
                yield from _finding(report, file, issue, width)
        if with_findings:
            yield Text("")
    yield Text(report.summary(), "bold")
    for code, count in report.codes.most_common():
        yield Text.assemble(f"{count:7,}  ", _linked(code, report), ("  " + report.address + code if report.address else "", "dim"))


def _finding(report: Report, file: FileFindings, issue: Issue, width: int) -> Iterator[Text]:
    path = visible(file.path_of(issue))
    yield Text.assemble(
        (f"{path}:{issue.line}:{issue.column}" if issue.line else path, "bold"),
        ": ",
        (issue.severity.value, _COLOURS[issue.severity]),
        f" {visible(issue.message)} (",
        _linked(issue.code, report),
        ")",
    )
    yield from _details(file, issue, width)


def _details(file: FileFindings, issue: Issue, width: int) -> Iterator[Text]:
    snippet = file.snippet(issue, max(width - 8, 40))
    if snippet:
        gutter = f"{snippet.line:4}"
        colour = _COLOURS[issue.severity]
        yield Text.assemble((f"{gutter} | ", "dim"), snippet.before, (snippet.marked, colour), snippet.after)
        caret = " " * cell_len(snippet.before) + "^" * max(cell_len(snippet.marked), 1)
        yield Text.assemble((f"{' ' * len(gutter)} | ", "dim"), (caret, colour))
    if issue.expected:
        yield Text.assemble("     expected: ", visible(issue.expected))
    if advice := best_first(issue):
        certain = bool(issue.suggestions) and issue.suggestions[0].certainty is Certainty.CERTAIN and issue.suggestions[0].edits
        yield Text.assemble("     ", (advice, "green"), (" (certain: `voltagraph fix` does it)" if certain else "", "dim"))


def _linked(code: str, report: Report) -> Text:
    """The code; in a terminal that can, it leads to its page."""
    return Text(code, Style(link=report.address + code) if report.address else "")


def _causes(report: Report, width: int) -> Iterator[Text]:
    places = _places(report)
    files = {file.file: file for file in report.files}
    for summary in report.causes:
        yield Text.assemble(
            (summary.severity.value, _COLOURS[summary.severity]),
            " ",
            (visible(summary.cause.title), "bold"),
            f": {number(summary.places, 'place')} in {number(summary.files, 'file')}",
            ("; one fix" if summary.fix else "", "green"),
            " (",
            _linked(summary.cause.code, report),
            ")",
        )
        yield from _details(files[summary.example_file], summary.example, width)
        yield from _where(places[summary.cause.key], summary)
        yield Text("")
    yield Text("Each finding by itself: name fewer files, or take --format json, html or sarif.", "dim")


def _places(report: Report) -> dict[str, dict[str, str]]:
    """Of each cause the files, each with its first place."""
    places: dict[str, dict[str, str]] = {}
    for file in report.files:
        for issue in file.findings:
            path = file.path_of(issue)
            place = f"{path}:{issue.line}:{issue.column}" if issue.line else path
            places.setdefault(cause_of(issue).key, {}).setdefault(file.file, place)
    return places


def _where(places: Mapping[str, str], summary: CauseSummary) -> Iterator[Text]:
    for place in islice(places.values(), _PLACES_SHOWN):
        yield Text.assemble("     ", (visible(place), "dim"))
    if summary.files > _PLACES_SHOWN:
        yield Text.assemble("     ", (f"and in {number(summary.files - _PLACES_SHOWN, 'more file')}", "dim"))
