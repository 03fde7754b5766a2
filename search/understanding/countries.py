"""Where something was made: ``made in the USA``, ``Vietnamese-made cells``. Records write countries by their names."""

from __future__ import annotations

import re
from typing import Final

from search.query import EitherPart, Part, Query, TextPart
from search.understanding.question import Question
from search.understanding.vocabulary import Known

_COUNTRIES: Final = (
    (("United States", "USA"), r"U\.?S\.?A\.?|United\s+States(?:\s+of\s+America)?|America|the\s+States", r"US|U\.S\.|American"),
    (("United Kingdom", "UK", "Great Britain"), r"U\.?K\.?|United\s+Kingdom|(?:Great\s+)?Britain|England", r"UK|British|English"),
    (("South Korea", "Korea"), r"(?:South\s+|Republic\s+of\s+)?Korea", r"(?:South\s+)?Korean?"),
    (("China", "PRC"), r"China|PRC|People['’]s\s+Republic\s+of\s+China", r"China|Chinese"),
    (("Germany", "Deutschland"), r"Germany|Deutschland", r"German"),
    (("Switzerland",), r"Switzerland|Schweiz", r"Swiss"),
    (("Vietnam", "Viet Nam"), r"Viet\s?nam", r"Viet\s?nam(?:ese)?"),
    (("Japan",), r"Japan", r"Japan(?:ese)?"),
    (("France",), r"France", r"French"),
    (("Taiwan",), r"Taiwan", r"Taiwan(?:ese)?"),
    (("Norway", "Norge"), r"Norway|Norge", r"Norwegian"),
    (("Sweden",), r"Sweden", r"Swedish"),
    (("Poland",), r"Poland", r"Polish"),
    (("Hungary",), r"Hungary", r"Hungarian"),
    (("India",), r"India", r"Indian"),
    (("Canada",), r"Canada", r"Canadian"),
    (("Singapore",), r"Singapore", r"Singaporean"),
    (("Malaysia",), r"Malaysia", r"Malaysian"),
    (("Indonesia",), r"Indonesia", r"Indonesian"),
)
"""How records write a country, how people do, and what they call what comes from there."""
_MADE_IN: Final = (
    r"(?<![\w-])(?:made|manufactured|produced|built|assembled|originate|originating|origin(?:ally)?|comes?|coming)\s+(?:in|from)"
)
_SAID: Final = tuple(
    (
        names,
        re.compile(
            rf"{_MADE_IN}\s+(?:the\s+)?(?:{country})(?![\w-])|(?<![\w-])(?:{from_there})[\s-](?:made|built|manufactured)(?!\w)",
            re.IGNORECASE,
        ),
    )
    for names, country, from_there in _COUNTRIES
)


def read_countries(question: Question, known: Known) -> None:
    """Put a part for the country in which something was made, by the first of its names that readable records have.

    >>> from search.understanding.vocabulary import NothingKnown
    >>> question = Question("cells made in the USA", ())
    >>> read_countries(question, NothingKnown())
    >>> question.placed[0].part.ways[0][0].text
    'United States'
    """
    for names, pattern in _SAID:
        for match in pattern.finditer(question.text):
            if question.is_free(*match.span()):
                counts = known.count([Query(name, (TextPart(name),)) for name in names])
                found = next((name for name, count in zip(names, counts, strict=True) if count), names[0])
                question.put(*match.span(), EitherPart(match.group(), ((TextPart(found),),)))


def country_of(part: Part) -> str:
    """The country in which something shall be made, as records write it, where that is what the part says; else ``""``."""
    if not isinstance(part, EitherPart) or part.negated or len(part.ways) != 1 or len(part.ways[0]) != 1:
        return ""
    word = part.ways[0][0]
    is_country = isinstance(word, TextPart) and any(word.text in names for names, _ in _SAID)
    return word.text if is_country and any(pattern.fullmatch(part.text) for _, pattern in _SAID) else ""
