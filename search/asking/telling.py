"""Pieces of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from search.asking.property_names import plain_words
from search.query import ConceptPart, EntityPart, Part, QuantityPart

MAX_NAMES: Final = 10
"""Most names in a sentence."""
MAX_PROPERTIES: Final = 20
"""Most properties that are told of one thing."""


def listed(names: Sequence[str], most: int = MAX_NAMES, last: str = "and") -> str:
    """Names in a row, the first ones when there are many.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], most=2)
    ('a, b and c', 'a, b and 1 more')
    """
    unique = list(dict.fromkeys(names))
    if len(unique) > most:
        return f"{', '.join(unique[:most])} and {len(unique) - most} more"
    return f" {last} ".join(filter(None, (", ".join(unique[:-1]), *unique[-1:])))


def counted(number: int, word: str = "record") -> str:
    """A number with its word.

    >>> counted(1), counted(3)
    ('1 record', '3 records')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def near_text(names: Sequence[str]) -> str:
    """What is near, as a sentence; ``""`` when nothing is."""
    return f" Near: {listed(names)}." if names else ""


def part_text(part: Part) -> str:
    """A part as words."""
    negation = "not " if part.negated else ""
    match part:
        case QuantityPart():
            return f"{negation}{' or '.join(map(plain_words, part.labels)) or 'a quantity'} {part.asked}".strip()
        case ConceptPart():
            role = f" as {plain_words(part.role_label)}" if part.role else ""
            label = plain_words(part.labels[0]) if part.labels else ""
            return f"{negation}{label}" + ("" if part.text.lower() == label else f" (“{part.text}”)") + role
        case EntityPart():
            return f"{negation}{part.kind.value + ' ' if part.kind else ''}{part.label}"
        case _:
            return f"{negation}{part.text}"
