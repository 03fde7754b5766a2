"""Words of a text: what counts as the same word, and where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

PREFIX_LENGTH = 3
"""Words of the question shorter than this match whole words only: two letters are a prefix of everything."""

_WORD = re.compile(r"[^\W_]+(?:(?<=\d)\.(?=\d)[^\W_]+)*")
"""Letters and digits; a number with a decimal point is one word with the unit behind it, so that ``5C`` is no part of ``0.5C``."""
_POINT_BEFORE, _POINT_AFTER = r"(?<!\d\.)", r"(?!\.\d)"
"""Where a number is not part of a longer one."""
_DIGITS = re.compile(r"\d{4,}")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
"""One sign, which may be none, one or several in plain form: ``é``, ``½``, an accent by itself."""


class Fit(IntEnum):
    """How well a word fits: the beginning of a word, or the whole of it."""

    PREFIX = 1
    WHOLE = 2


class Place(NamedTuple):
    """Where a word stands in a text: ``text[start:end]``, and how well it fits."""

    start: int
    end: int
    fit: Fit


def plain(text: str) -> str:
    """The text without diacritics and typographic variants, so that ``LiFePO₄`` and ``LiFePO4`` are the same word.

    >>> plain("LiFePO₄ über alles")
    'LiFePO4 uber alles'
    """
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return decomposed.translate({ord(one): None for one in set(decomposed) if unicodedata.combining(one)})


@lru_cache(maxsize=4)
def _plain_lately(text: str) -> tuple[str, str]:
    """The plain text, and the same in small letters: many words are looked for in one long text, one after the other."""
    simple = plain(text)
    return simple, simple.lower()


def words_of(text: str) -> list[str]:
    """Its words, in lower case: letters and digits; everything else separates but the point of a number.

    >>> words_of("INR18650-MJ1 at 0.5C.")
    ['inr18650', 'mj1', 'at', '0.5c']
    """
    return _WORD.findall(plain(text).lower())


def codes_of(text: str) -> list[str]:
    """Runs of four and more digits inside its words: the size in a model name is a word of its own.

    >>> codes_of("Sony US18650VTC5A, 2.6 Ah, made in 2015")
    ['18650']
    """
    found = ((match.group(), *match.span()) for match in _DIGITS.finditer(text))
    return [digits for digits, start, end in found if text[max(0, start - 1) : start].isalpha() or text[end : end + 1].isalpha()]


def prefix_counts(words: Sequence[str]) -> bool:
    """Whether the last of these words also matches as the beginning of a longer one."""
    return bool(words) and len(words[-1]) >= PREFIX_LENGTH


def find_word(asked: str, text: str) -> Place | None:
    """Where these words first stand in a text, next to each other: as whole words, else the last one as the beginning of a word.

    A number of four and more digits is found within a word too (`codes_of`).

    Args:
        asked: A word of a question, or a code of several (``INR18650-MJ1``).
        text: Where to look.

    >>> find_word("18650", "Sony US18650VTC5A"), find_word("vtc", "VTC5A")
    (Place(start=7, end=12, fit=<Fit.WHOLE: 2>), Place(start=0, end=5, fit=<Fit.PREFIX: 1>))
    """
    simple, small = _plain_lately(text)
    words, patterns = _patterns(asked)
    if not all(word in small for word in words):
        return None  # most are not there, and that is told much faster than a pattern can
    for fit, pattern in patterns:
        found = pattern.search(simple)
        if found is not None:
            start, end = _unfolded(text, *found.span())
            return Place(start, end, fit)
    return None


@lru_cache(maxsize=1024)
def _patterns(asked: str) -> tuple[Sequence[str], Sequence[tuple[Fit, re.Pattern[str]]]]:
    """The words asked for, and by what they are found next to each other."""
    words = words_of(asked)
    if not words:
        return (), ()
    begin = r"(?<![^\W_])" + _POINT_BEFORE * words[0][0].isdecimal()
    end = r"(?![^\W_])" + _POINT_AFTER * words[-1][-1].isdecimal()
    phrase = "".join(map(_followed, words[:-1])) + re.escape(words[-1])
    is_number = len(words) == 1 and words[0].isdigit()
    whole, begun = f"{begin}{phrase}{end}", rf"{begin}{phrase}[^\W_]*"
    if is_number:
        begun += rf"|(?<!\d)(?=\d{{4}}){phrase}\d*"
        whole += rf"|(?<!\d)(?=\d{{4}}){phrase}(?!\d)"
    patterns = [(Fit.WHOLE, re.compile(whole, re.IGNORECASE))]
    if prefix_counts(words):
        patterns.append((Fit.PREFIX, re.compile(begun, re.IGNORECASE)))
    return words, patterns


def _followed(word: str) -> str:
    """A word, and what parts it from the next one."""
    return re.escape(word) + _POINT_AFTER * word[-1].isdecimal() + r"[\W_]+"


def _unfolded(text: str, start: int, end: int) -> tuple[int, int]:
    """The place in the text as written of a place in its `plain` form."""
    return _origin(text, start), _origin(text, end - 1) + 1


def _origin(text: str, place: int) -> int:
    """Where the letter stands in the text as written that makes what stands at a place of its `plain` form."""
    more = 0
    for other in _NOT_ASCII.finditer(text):
        begins, length = other.start() + more, len(plain(other.group()))
        if place < begins:
            break
        if place < begins + length:
            return other.start()
        more += length - 1
    return place - more
