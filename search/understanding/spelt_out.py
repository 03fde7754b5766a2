"""Names in brackets behind a name that only spell it out: *5 V spinel (nickel manganese oxide)*."""

from __future__ import annotations

import re
from itertools import chain
from typing import Final

from search.query import ConceptPart
from search.understanding.question import Question
from search.understanding.stems import label_words

_BRACKETED: Final = re.compile(r"\s*\((?P<name>[^\W\d_]+(?:[\s-]+[^\W\d_]+)+)\)")
"""Several words in brackets."""
_WORD: Final = re.compile(r"[^\W\d_]+")


def take_spelt_out(question: Question) -> None:
    """Take what stands in brackets behind a concept and has only words of its label, but would be read as several other things."""
    for placed in tuple(question.placed):
        bracketed = _BRACKETED.match(question.text, placed.end) if isinstance(placed.part, ConceptPart) else None
        if bracketed is None or not isinstance(placed.part, ConceptPart):
            continue
        words = {word.lower() for word in chain.from_iterable(map(label_words, placed.part.labels))}
        start, end = bracketed.span()
        within = [one for one in question.placed if start <= one.start and one.end <= end]
        if len(within) > 1 and words.issuperset(_WORD.findall(bracketed["name"].lower())):
            question.placed[:] = [one for one in question.placed if one not in within]
            question.take(start, end)
