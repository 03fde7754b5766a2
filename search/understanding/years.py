"""Years: ``since 2020``, ``published in 2021``, ``2015-2018``; other numbers are left alone.

A product is *released* or comes *on the market*: that year is one of its own, where a readable record has it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from search.query import Query, YearPart
from search.understanding.question import Question
from search.understanding.vocabulary import Known

_YEAR: Final = r"(?:19[5-9]\d|20\d\d)"
_MONTH: Final = (
    r"(?:(?:\d{1,2}(?:st|nd|rd|th)?\.?\s+)?(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?)?"
)
"""A day or month before a year, which decides."""
_NUMBER_AFTER: Final = (
    r"(?![\w.,:/-]*\d)(?!\s*[-–]?\s*(?:%|°|[kmµMG]?(?:Ah|Wh|A|V|W|Hz|Ω|g|s)\b|cycles?\b|mAh|cells?\b|coin\b|button\b))"
)
_RELEASED: Final = (
    r"released?|launch(?:ed)?|introduced|(?:that |which )?(?:came|comes?|coming|has come|have come) (?:out|on(?:to)? the market)"
    r"|(?:put |brought |available |new )?on(?:to)? the market|market(?:ed| launch)|release (?:date|year)|year of release"
)
_PUBLISHED: Final = rf"(?:(?:published|created|measured|recorded|made|dated|issued|built|produced|{_RELEASED})\s+)?"
_ON: Final = r"(?:onwards?|on|or (?:later|newer)|and (?:later|newer))(?!\w)"
_SINCE: Final = r"since|starting(?: in| from)?|not before|no earlier than"
_CUES: Final = (
    ("range", rf"{_PUBLISHED}(?:between|from|in|during)?\s*(?P<a>{_YEAR})\s*(?:-|–|to|and|until|through)\s*(?P<b>{_YEAR})"),
    ("first", rf"{_PUBLISHED}(?:{_SINCE})\s+(?:the\s+year\s+)?(?P<a>{_YEAR})(?:\s+{_ON})?"),
    ("first", rf"{_PUBLISHED}(?:(?:from|as of|in)\s+)?(?P<a>{_YEAR})\s+{_ON}"),
    ("last", rf"{_PUBLISHED}(?:(?:from|as of|in)\s+)?(?P<a>{_YEAR})\s+or (?:earlier|older|before)"),
    ("after", rf"{_PUBLISHED}(?:after|later than|newer than)\s+(?P<a>{_YEAR})"),
    ("before", rf"{_PUBLISHED}(?:before|earlier than|older than|prior to)\s+(?P<a>{_YEAR})"),
    ("before", rf"pre[\s-]?(?P<a>{_YEAR})"),
    ("after", rf"post[\s-]?(?P<a>{_YEAR})"),
    ("decade", rf"{_PUBLISHED}(?:(?:in|from|of)\s+)?(?:the\s+)?(?P<a>{_YEAR})s(?!\w)"),
    ("last", rf"{_PUBLISHED}(?:until|till|up to|by|no later than)\s+(?P<a>{_YEAR})"),
    ("one", rf"{_PUBLISHED}(?:in|of|from|during|year|the year|in the year|from the year|vintage)\s*:?\s*(?P<a>{_YEAR})"),
    ("one", rf"(?:published|created|measured|recorded|made|dated|issued|{_RELEASED})\s+(?P<a>{_YEAR})"),
)
_PATTERNS: Final = tuple(
    (sort, re.compile(rf"(?<![\w.,-]){pattern.replace('(?P<a>', f'{_MONTH}(?P<a>')}{_NUMBER_AFTER}", re.IGNORECASE))
    for sort, pattern in _CUES
)
_BARE: Final = re.compile(
    rf"(?<![\w.,-]){_MONTH}(?P<a>{_YEAR}){_NUMBER_AFTER}(?=\s*(?:[,;?!.]|$|data|papers?|publications?|records?))"
    rf"|\A{_MONTH}(?P<b>{_YEAR}){_NUMBER_AFTER}(?=\s)",
    re.IGNORECASE,
)


_IN_WORDS: Final = {
    "": 1, "one": 1, "two": 2, "couple of": 2, "few": 3, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_RECENT: Final = re.compile(
    rf"(?<![\w-])(?:{_PUBLISHED}(?:(?:with)?in|from|of|over|during|since|for)\s+(?P<this>this|last|(?:the\s+)?(?:current|previous|past))\s+year"
    rf"|{_PUBLISHED}(?:(?:(?:with)?in|from|of|over|during|for)\s+)?(?:(?:the|these|our)\s+)?(?P<past>last|past|previous|recent)"
    rf"\s+(?P<many>\d{{1,2}}|{'|'.join(word for word in _IN_WORDS if word)})?[\s-]*(?P<unit>years|decades?))(?![\w-])",
    re.IGNORECASE,
)
_IS_RELEASED: Final = re.compile(rf"(?:{_RELEASED})\b", re.IGNORECASE)
_OF_CELLS: Final = re.compile(r"(?<![\w-])(?:cells?|batter(?:y|ies)|accumulators?)\s+\Z", re.IGNORECASE)
_OF: Final = re.compile(r"(?:from|of)\s", re.IGNORECASE)
"""Cells of a year came on the market then, if that is told: *cells from 2018*."""
_VERB_BEFORE: Final = re.compile(
    r"(?<!\w)(?:that|which|to|must|should|can|could|will|would|and|cells?|batter(?:y|ies))\s+\Z", re.IGNORECASE
)
"""Before *last*: ``cells that last 10 years`` are not of the last ten years."""


def read_recent_years(question: Question) -> None:
    """Put a part for years that are counted back from today, before their number is read: ``in the last 5 years``."""
    today = datetime.now(UTC).year
    for match in _RECENT.finditer(question.text):
        if match["past"] and match.group().lower().startswith("last") and _VERB_BEFORE.search(question.text, 0, match.start()):
            continue
        if match["this"]:
            is_now = match["this"].lower().endswith(("this", "current"))
            first, last = (today, today) if is_now else (today - 1, today - 1)
        else:
            many = (match["many"] or "").lower()
            unit = match["unit"].lower()
            count = int(many) if many.isdigit() else _IN_WORDS[many or ("" if unit == "decade" else "few")]
            first, last = today - count * (10 if unit.startswith("decade") else 1), None
        if question.is_free(*match.span()):
            question.put(*match.span(), _years(match, first, last))


def read_years(question: Question) -> None:
    """Put a part for every year or span of years that no stage before has taken for something else."""
    for sort, pattern in _PATTERNS:
        for match in pattern.finditer(question.text):
            if question.is_free(*match.span("a")) and not _is_size(question, match):
                first, last = _bounds(sort, match)
                years = _years(match, first, last)
                is_of_cells = _OF_CELLS.search(question.text, 0, match.start()) is not None and _OF.match(match.group()) is not None
                question.put(*match.span(), replace(years, released=years.released or is_of_cells))
    for match in _BARE.finditer(question.text):
        if question.is_free(*match.span()) and not _named(question, *match.span("a" if match["a"] else "b")):
            year = int(match["a"] or match["b"])
            question.put(*match.span(), YearPart(match.group(), year, year))


def of_records(query: Query, known: Known) -> Query:
    """The query with the other date where no readable record has the one: *datasets released in 2025*, *LG cells before 2015*."""
    years = [part for part in query.parts if isinstance(part, YearPart)]
    if not years or known.count((query,))[0]:
        return query
    parts = (replace(part, released=not part.released) if isinstance(part, YearPart) else part for part in query.parts)
    other = replace(query, parts=tuple(parts))
    return other if any(part.released for part in years) or known.count((other,))[0] else query


def _years(said: re.Match[str], first: int | None, last: int | None) -> YearPart:
    return YearPart(said.group().strip(), first, last, released=_IS_RELEASED.match(said.group()) is not None)


def _bounds(sort: str, match: re.Match[str]) -> tuple[int | None, int | None]:
    year = int(match["a"])
    match sort:
        case "range":
            return min(year, int(match["b"])), max(year, int(match["b"]))
        case "first":
            return year, None
        case "decade":
            return year, year + 9
        case "after":
            return year + 1, None
        case "before":
            return None, year - 1
        case "last":
            return None, year
        case _:
            return year, year


def _is_size(question: Question, match: re.Match[str]) -> bool:
    """Whether the words name a size that looks like a year, such as a coin cell 2032, and no verb says when it was published."""
    said = match.group().lower()
    return _named(question, *match.span("a")) and not re.search(
        r"publi|creat|measur|record|releas|market|launch|dated|since|issued|year|before|after|than|or|until|till|by", said
    )


def _named(question: Question, start: int, end: int) -> bool:
    return any(span.start < end and start < span.end for span in question.spans)
