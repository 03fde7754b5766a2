"""What a maker or an institution is, beside its name: *the Swiss federal lab Empa*, *Quallion, the satellite battery people*."""

from __future__ import annotations

import re
from typing import Final

from records.record import EntityKind
from search.query import EntityPart
from search.understanding.countries import OF_COUNTRIES, country_of
from search.understanding.question import Question

_KINDS: Final = (EntityKind.MANUFACTURER, EntityKind.SUPPLIER, EntityKind.INSTITUTION)
_SORTS: Final = (
    r"lab(?:orator(?:y|ies)|s)?|institut(?:e|ion)s?|universit(?:y|ies)|compan(?:y|ies)|firms?|makers?|manufacturers?|producers?|suppliers?"
    r"|vendors?|brands?|organi[sz]ations?|cent(?:re|er)s?|giants?|start-?ups?|corporations?|conglomerates?|agenc(?:y|ies)|carmakers?"
)
_SAID_OF: Final = (
    r"federal|national|state|state-owned|public|private|independent|research|scientific|technical|industrial|materials|battery|cell|car"
    r"|automotive|electronics|phone|big|large|small|huge|famous|well-known|renowned|leading|European|Asian|Scandinavian"
)
_BEFORE: Final = re.compile(
    rf"(?<![\w-])(?:(?:the|an?|our|that)\s+)?(?:(?:{_SAID_OF}|{OF_COUNTRIES})\s+)*(?:{_SORTS})\s+(?:(?:called|named)\s+)?\Z",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    rf"\s*[,(–-]\s*(?:the|an?)\s+(?:(?!that\b|which\b|with\b|of\b)[\w-]+\s+){{0,4}}?(?:{_SORTS}|people|folks|guys|specialists?|experts?|pioneers?)"
    r"(?:\s+(?:from|in|of)\s+(?:the\s+)?[A-Z][\w-]+)?(?=\s*(?:[,.;:?!)]|\Z))\)?",
    re.IGNORECASE,
)


def take_appositions(question: Question) -> None:
    """Take the words beside a name that only say what bears it; its country need not be the one where its cells are made."""
    for placed in list(question.placed):
        is_name = isinstance(placed.part, EntityPart) and placed.part.kind in _KINDS
        after = _AFTER.match(question.text, placed.end) if is_name else None
        if after is not None and question.is_free(*after.span()):
            question.take(*after.span())
        said = _BEFORE.search(question.text, 0, placed.start) if is_name else None
        if said is None:
            continue
        question.placed = [
            one for one in question.placed if not (said.start() <= one.start and country_of(one.part) and one.end <= said.end())
        ]
        for word in question.words(*said.span()):
            if question.is_free(*word.span()):
                question.take(*word.span())
