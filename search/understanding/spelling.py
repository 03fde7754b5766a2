"""Words with typing errors: *puch cells*, *galvanostatic intermitent titration*.

Only words are mended of which nothing was understood. One error in a word, two in a long one. A word that the ontologies have or
that begins a word of a readable record is never touched; nor is what holds a digit or is written in capitals.
"""

from __future__ import annotations

import re
from typing import Final

from ontology.lookup import STOP_WORDS
from search.query import Query, TextPart
from search.understanding.question import Question
from search.understanding.vocabulary import FILLERS, SILENT, SOFT, Known, Vocabulary

_WORD: Final = re.compile(r"[^\W\d_]+")
_SHORTEST_PLAIN: Final = 5
"""Letters of a word of sentences that somebody can have meant: *betwen*."""
_PLAIN: Final = frozenset(word for word in STOP_WORDS | SILENT | SOFT | FILLERS if len(word) >= _SHORTEST_PLAIN)


def respelt(question: Question, vocabulary: Vocabulary, known: Known) -> str:
    """The text of a question that was read, with the typing errors mended in the words that are left."""
    text = question.text
    for placed in sorted(question.placed, key=lambda one: -one.start):
        if isinstance(placed.part, TextPart) and not placed.part.negated:
            meant = _meant(text[placed.start : placed.end], vocabulary, known)
            text = text[: placed.start] + meant + text[placed.end :]
    return text


def _meant(written: str, vocabulary: Vocabulary, known: Known) -> str:
    """The word that was meant: the same one, unless nothing has it and another is near."""
    word = written.lower()
    if written.isupper() or _WORD.fullmatch(word) is None or vocabulary.lookup.spells(word):
        return written
    meant = _heard(word, vocabulary) or vocabulary.lookup.respelt(word, _PLAIN)
    if not meant:
        return written
    # *oxid* is the beginning of *oxide*, so that every record with that seems to have it.
    having, as_meant = known.count([Query(one, (TextPart(one),)) for one in (word, meant)])
    return meant if not having or (meant.startswith(word) and having == as_meant) else written


def _heard(word: str, vocabulary: Vocabulary) -> str:
    """The word that sounds the same, with *ph* for *f*: *grafite*, *fosphate*; ``""`` where no name has it."""
    heard = word.replace("ph", "f").replace("f", "ph")
    return heard if heard != word and vocabulary.lookup.spells(heard) else ""
