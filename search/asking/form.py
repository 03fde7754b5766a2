"""What a question wants of what, once it is taken apart (`search.asking.forms`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Ask(StrEnum):
    """What is wanted."""

    VALUE = "value"
    """A property of a thing, or of a set of records."""
    KNOWN = "known"
    """All that is known of a thing."""
    CHECK = "check"
    """Whether something is so: of a thing, or whether there is one."""
    COMPARE = "compare"
    """A property of several things."""
    DIFFERENCE = "difference"
    """How far two things are apart in a property."""
    MORE = "more"
    """Which of several things has more (or less) of a property, or whether the first one has."""
    COUNT = "count"
    """How many records there are."""
    LIST = "list"
    """Which records there are."""
    BEYOND = "beyond"
    """Which records have more (or less) of a property than a thing."""
    MAKERS = "makers"
    """Who makes the things of a set."""
    MAKER_COUNT = "maker count"
    """How many they are."""
    SUPERLATIVE = "superlative"
    """The record with most (or least) of a property."""
    STATISTIC = "statistic"
    """A number over a set: mean, median, range, sum."""
    LATEST = "latest"
    """The newest (or oldest) records of a set."""
    RATIO = "ratio"
    """How many times as much of a property one thing has as another."""
    COMBINED = "combined"
    """The sum or the mean of a property over several things."""
    PLACE = "place"
    """Where in the documents something stands."""
    SHARE = "share"
    """How many per cent of a set are so."""
    SETS = "sets"
    """A property of several sets beside each other."""
    EVERY = "every"
    """Whether all of a set are so."""
    UNCLEAR = "unclear"
    """What no list answers: *who …*, *why …*."""


@dataclass(frozen=True, slots=True)
class Form:
    """A question taken apart.

    Args:
        ask: What is wanted.
        rest: What describes the property (things) or the records (sets).
        property: Words that name the property, where they stand apart from the rest.
        descending: For `Ask.SUPERLATIVE` and `Ask.MORE`: whether more is wanted.
        count: How many values a superlative wants.
        rank: From which value in order on: 2 for *the second heaviest*.
        statistic: ``mean``, ``median``, ``sum`` or ``range``; ``same`` where two things are asked to be equal;
            ``percent`` of a ratio; ``different`` where different things are counted.
        is_question: For `Ask.MORE`: whether *yes* or *no* is wanted.
        others: For `Ask.SHARE`: what is counted of the set; for `Ask.SETS`: the sets.
        of_it: For `Ask.SUPERLATIVE`: words for a property of the record that is found, *the capacity of the lightest cell*.
    """

    ask: Ask
    rest: str
    property: str = ""
    descending: bool = True
    count: int = 1
    rank: int = 1
    statistic: str = ""
    is_question: bool = False
    others: tuple[str, ...] = ()
    of_it: str = ""


THING: Final = re.compile(r"⟦(\d+)⟧")


def marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with each of these stretches replaced by its number in brackets.

    >>> marked("mass of the A123 20AH?", [(12, 21)])
    'mass of the ⟦0⟧?'
    """
    pieces, position = [], 0
    for number, (start, end) in enumerate(spans):
        pieces += [text[position:start], f"⟦{number}⟧"]
        position = end
    return "".join([*pieces, text[position:]])
