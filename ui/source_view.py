"""A document line by line for a page: what a finding is about is marked, and what nobody needs to see is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from records.issues import Issue, Severity

MAX_LINES = 3_000
"""Of a longer document only the lines around findings are shown."""

MAX_LINE = 1_000
"""Of a longer line only what stands around its findings is shown, in characters."""

_AROUND = 3
_CUT = "…"
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[-+.\w]+|.')
_GRAVITY = {severity: position for position, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a line.

    Args:
        text: The characters.
        severity: How grave the finding about them is; ``""`` when there is none.
        codes: The findings about them.
    """

    text: str
    severity: str = ""
    codes: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document.

    Args:
        number: From 1.
        pieces: Its characters.
        severity: The gravest of its findings; ``""`` when there is none.
        after_gap: Whether lines before it are left out.
    """

    number: int
    pieces: tuple[Piece, ...]
    severity: str
    after_gap: bool


def source_lines(text: str, issues: Iterable[Issue]) -> list[Line]:
    """The lines to show.

    Args:
        text: The document.
        issues: Its findings.

    >>> [line] = source_lines('{"mas": 1}', [Issue("undefined-term", "", line=1, column=2)])
    >>> [piece.text for piece in line.pieces], line.severity, line.pieces[1].codes
    (['{', '"mas"', ': 1}'], 'violation', 'undefined-term')
    """
    found: dict[int, list[Issue]] = {}
    for issue in issues:
        found.setdefault(issue.line, []).append(issue)
    # As the reader counts: a lone carriage return ends no line there.
    lines = text.split("\n")
    shown = []
    before = 0
    for number in _numbers(len(lines), found):
        here = sorted(found.get(number, ()), key=lambda issue: (issue.column, _GRAVITY[issue.severity]))
        severity = min((issue.severity for issue in here), key=_GRAVITY.__getitem__, default="")
        shown.append(Line(number, tuple(_pieces(lines[number - 1].rstrip("\r"), here)), str(severity), number > before + 1))
        before = number
    return shown


def _numbers(count: int, found: Iterable[int]) -> Sequence[int]:
    if count <= MAX_LINES:
        return range(1, count + 1)
    near = {line + step for line in found if line for step in range(-_AROUND, _AROUND + 1)}
    return sorted(line for line in near if 1 <= line <= count)[:MAX_LINES] or range(1, MAX_LINES + 1)


def _pieces(line: str, issues: Sequence[Issue]) -> Iterator[Piece]:
    at = 0
    for start, end, severity, codes in _marks(line, issues):
        yield from _plain(line[at:start], begins=at == 0, ends=False)
        yield Piece(line[start : min(end, start + MAX_LINE)], severity, codes)
        at = end
    yield from _plain(line[at:], begins=at == 0, ends=True)


def _marks(line: str, issues: Sequence[Issue]) -> Iterator[tuple[int, int, str, str]]:
    """What to mark, in order and apart: start, end, severity, codes."""
    places: dict[int, list[Issue]] = {}
    for issue in issues:
        if 0 < issue.column <= len(line):
            places.setdefault(issue.column - 1, []).append(issue)
    at = 0
    for start, here in places.items():
        token = _TOKEN.match(line, start)
        if start >= at and token:
            yield start, token.end(), here[0].severity.value, ", ".join(dict.fromkeys(issue.code for issue in here))
            at = token.end()


def _plain(text: str, *, begins: bool, ends: bool) -> Iterator[Piece]:
    """What lies between two marks, cut in its middle when it is long; *begins* and *ends*: it reaches that end of the line."""
    if len(text) > MAX_LINE:
        half = MAX_LINE // 2
        text = (text[:half] if ends or not begins else "") + _CUT + ("" if ends else text[-half:])
    if text:
        yield Piece(text)
