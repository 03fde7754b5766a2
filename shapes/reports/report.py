"""What every report is made of: files with their findings, and where in the text each finding stands."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from records.issues import Issue, Severity
from shapes.causes import CauseSummary, causes
from shapes.finding_pages import FindingPage

SNIPPET_WIDTH = 110
"""Characters of a line that a report shows; a longer one is cut around what is found."""

GRAVITY: Mapping[Severity, int] = {severity: position for position, severity in enumerate(Severity)}
"""The gravest severity has the lowest number."""


@dataclass(frozen=True)
class FileFindings:
    """One file with its findings.

    Args:
        file: The file as its user names it: a path, an address, or ``stdin``.
        findings: Its findings.
        text: Its text without a byte order mark, for the lines around findings; ``""`` when there is none to show.
        key: What `Issue.source` says for this file; another source is a file beside it.
        iri: IRI of the document, for findings about no node.
    """

    file: str
    findings: tuple[Issue, ...]
    text: str = ""
    key: str = ""
    iri: str = ""

    def path_of(self, issue: Issue) -> str:
        """The file that a finding is about: this one, or one beside it such as a rights file.

        >>> FileFindings("in/x/a.jsonld", (), key="x/a.jsonld").path_of(Issue("rights-unreadable", "", source="x/rights.json"))
        'in/x/rights.json'
        """
        if not self.key or issue.source in ("", self.key) or not self.file.endswith(self.key):
            return self.file
        return self.file[: len(self.file) - len(self.key)] + issue.source

    def region(self, issue: Issue) -> Region | None:
        """Where the finding stands; ``None`` when it has no place."""
        if issue.line < 1 or issue.column < 1:
            return None
        line = self._line(issue)
        start = issue.column - 1
        word = _WORD.match(line, start)
        return Region(issue.line, issue.column, max(word.end() - start if word else 0, 1))

    def snippet(self, issue: Issue, width: int = SNIPPET_WIDTH) -> Snippet | None:
        """The line of the finding, cut to a width; ``None`` when there is no line to show."""
        region, line = self.region(issue), self._line(issue)
        if region is None or region.column > len(line) + 1 or not line.strip():
            return None
        start, end = region.column - 1, region.column - 1 + region.length
        # A document without line ends is one line of megabytes, and many findings stand in it: no more is looked at than is shown.
        word = line[start:end] if end - start <= 2 * width else line[start : start + width] + line[end - width : end]
        around = line[max(start - width - 1, 0) : start], word or " ", line[end : end + width + 1]
        before, marked, after = (visible(part) for part in around)
        if len(marked) > width // 2:
            marked = f"{marked[: width // 4]}…{marked[-width // 4 :]}"
        room = max(width - len(marked), 0)
        if len(before) + len(after) > room:
            keep_before = min(len(before), max(room // 2, room - len(after)))
            before = before if keep_before == len(before) else f"…{before[len(before) - keep_before :].lstrip()}"
            keep_after = max(room - len(before), 0)
            after = after if len(after) <= keep_after else f"{after[:keep_after]}…"
        return Snippet(region.line, before, marked, after)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def _line(self, issue: Issue) -> str:
        if self.path_of(issue) != self.file or issue.line > len(self._lines):
            return ""
        return self._lines[issue.line - 1].removesuffix("\r")


# A text with its quotes, or a run of what is no white space and no punctuation of JSON; of an object or array its bracket alone.
_WORD = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[^ \t\r\n,:\]}{\["]++|.')


@dataclass(frozen=True, slots=True)
class Region:
    """Characters of one line, both numbers from 1."""

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line of a document in three parts: what is found stands in the middle one."""

    line: int
    before: str
    marked: str
    after: str


@dataclass(frozen=True)
class Report:
    """Files with their findings, and what renderers need beside them.

    Args:
        files: Every file that was looked at, also without findings.
        threshold: The least grave finding that counts as a failure.
        version: Version of this program.
        pages: What each kind of finding means.
        address: Where those pages are served; the code follows it.
    """

    files: Sequence[FileFindings]
    threshold: Severity = Severity.VIOLATION
    version: str = ""
    pages: Mapping[str, FindingPage] = field(default_factory=dict)
    address: str = ""

    @cached_property
    def causes(self) -> tuple[CauseSummary, ...]:
        """What lies behind the findings, what shows in most places first."""
        return causes((file.file, file.findings) for file in self.files)

    @cached_property
    def codes(self) -> Counter[str]:
        """How many findings there are of each kind."""
        return Counter(issue.code for file in self.files for issue in file.findings)

    @property
    def fails(self) -> bool:
        """Whether a finding is at least as grave as the threshold."""
        return any(self.is_failure(issue) for file in self.files for issue in file.findings)

    def is_failure(self, issue: Issue) -> bool:
        """Whether this finding is at least as grave as the threshold."""
        return GRAVITY[issue.severity] <= GRAVITY[self.threshold]

    def summary(self) -> str:
        """How many files, how many findings.

        >>> Report([FileFindings("a.jsonld", (Issue("nan", ""), Issue("nan", "")))]).summary()
        '1 file, 2 findings'
        """
        return f"{number(len(self.files), 'file')}, {number(self.codes.total(), 'finding')}"


def number(count: int, noun: str) -> str:
    """A count with its noun.

    >>> number(1, "file"), number(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def visible(text: str) -> str:
    r"""The text with every character shown: one that would steer a terminal or turn the line around is written as its escape.

    >>> visible("a\tb \x1b[31m \u202e")
    'a b \\u001b[31m \\u202e'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if character == "\t" else _shown(character) for character in text)


def _shown(character: str) -> str:
    return f"\\u{ord(character):04x}" if unicodedata.category(character) in _HIDDEN else character


_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def best_first(issue: Issue) -> str:
    """What to do about a finding in one line: its best suggestion, with the exact change, else its remedy.

    >>> from records.issues import Suggestion
    >>> best_first(Issue("a", "", value="masss", suggestions=(Suggestion("write mass", "mass"),)))
    'write mass: masss -> mass'
    """
    if not issue.suggestions:
        return visible(issue.remedy)
    best = issue.suggestions[0]
    if not best.replacement or not issue.value or best.replacement == issue.value or _is_addition(best.text, best.replacement):
        return visible(best.text)
    return visible(f"{best.text}: {issue.value} -> {best.replacement}")


def _is_addition(text: str, replacement: str) -> bool:
    """Whether the whole change stands in the suggestion already: a member to add is told with its text."""
    return replacement.startswith('"') and replacement in text
