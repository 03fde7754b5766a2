"""Tests that the ontologies do not name, but texts do: *rated capacity test*, *capacity retention and recovery test*."""

from __future__ import annotations

import re
from typing import Final

from ontology.lookup import STOP_WORDS
from search.query import Query, TextPart
from search.understanding.everyday import is_general, word_part
from search.understanding.question import Question
from search.understanding.vocabulary import ARTICLES, Known, Vocabulary

_TEST: Final = re.compile(r"(?<![\w-])tests?(?![\w-])", re.IGNORECASE)
_CYCLE: Final = re.compile(r"(?<![\w-])(?P<said>(?:driv(?:e|ing)|duty|load)[\s-]cycle)s?(?![\w-])", re.IGNORECASE)
"""What a cell is loaded with, which has nothing to do with how often it is charged."""
_LONGEST: Final = 5
"""Most words before *test*."""
_JOINING: Final = frozenset(("and", "of", "or"))


def read_tests(question: Question, vocabulary: Vocabulary, known: Known) -> None:
    """Put the longest run of words before *test* that readable titles or texts have, unless it is a concept's name.

    As it stands, or without typing errors.

    Drive and duty cycles too, where a readable record speaks of one.
    """
    for match in _TEST.finditer(question.text):
        words = question.words(0, match.start())[-_LONGEST:]
        for first in range(len(words) - 1):
            start, end = words[first].start(), match.end()
            said = question.text[start:end].removesuffix("s")
            if not _is_run(question, start, end) or not _tells(words[first:]):
                continue
            if vocabulary.lookup.named(question.text[start:end], limit=1):
                break
            meant = " ".join(_mended(word, vocabulary) for word in said.split())
            ways = [TextPart(said), *((TextPart(said, forms=(meant,)),) if meant != said else ())]
            counts = known.count([Query(said, (way,)) for way in ways])
            if any(counts):
                question.put(start, end, next(way for way, count in zip(ways, counts, strict=True) if count))
                break
    for match in _CYCLE.finditer(question.text):
        cycle = word_part(match["said"])
        if question.is_free(*match.span()) and known.count([Query(cycle.text, (cycle,))])[0]:
            question.put(*match.span("said"), cycle)


def _mended(word: str, vocabulary: Vocabulary) -> str:
    is_word = is_general(word) or vocabulary.lookup.spells(word)
    return word if is_word else vocabulary.lookup.respelt(word.lower()) or word


def _is_run(question: Question, start: int, end: int) -> bool:
    return question.is_free(start, end) and re.search(r"[^\w\s-]", question.text[start:end]) is None


def _tells(words: list[re.Match[str]]) -> bool:
    """Whether the first of these words belongs to a name, and two of them at least tell something."""
    said = [word.group().lower() for word in words]
    telling = [word for word in said if word not in STOP_WORDS and word not in ARTICLES and not word[0].isdigit()]
    return said[0] in telling and len(telling) >= 2 and all(word in telling or word in _JOINING for word in said)
