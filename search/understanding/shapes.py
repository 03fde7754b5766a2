"""Shapes in which a substance stands in a role: ``Pt wire as counter electrode`` is platinum."""

from __future__ import annotations

import re
from typing import Final

from search.query import QuantityPart
from search.understanding.question import Question
from search.understanding.vocabulary import word_set

FOILS: Final = frozenset(("foil", "foils"))
"""Of a metal these may be a current collector."""
SHAPES: Final = FOILS | word_set(
    "powder powders particle particles flake flakes wire wires rod rods mesh gauze grid sheet sheets plate plates disc discs disk "
    "disks metal chip chips film films ribbon ribbons strip strips foam felt cloth pellet pellets"
)

_OF_PARTS: Final = re.compile(
    r"(?<![\w-])(?:electrode|cathode|anode|separator)s?[\s-]+(?P<shape>discs?|disks?|circles?|coupons?|punches|pieces?|sheets?)(?![\w-])",
    re.IGNORECASE,
)
"""Shapes in which parts are cut, which say no more: *electrode discs 15 mm in diameter*."""


def take_shapes(question: Question) -> None:
    """Take the shape in which a part is cut, where its measures are what is asked for."""
    if not any(isinstance(placed.part, QuantityPart) for placed in question.placed):
        return
    for match in _OF_PARTS.finditer(question.text):
        if question.is_free(*match.span("shape")) and not question.is_inside_name(*match.span("shape")):
            question.take(*match.span("shape"))


def end_of_shape(question: Question, end: int) -> int:
    """Where a substance ends with the shape behind it, if there is one that is no concept."""
    word = next(iter(question.words(end)), None)
    if word is None or word.group().lower() not in SHAPES - FOILS or question.text[end : word.start()].strip(" -"):
        return end
    return end if question.is_inside_name(*word.span()) or not question.is_free(*word.span()) else word.end()
