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

_SHORTEST_FORMED = 4
_SHORTEST_STEM = 3
_ENDINGS = ("ies", "ied", "es", "s", "ed", "ing")
_HISSING = ("s", "x", "z", "ch", "sh")

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d{4,}")


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
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """Its words, in lower case: letters and digits; everything else separates.

    >>> words_of("INR18650-MJ1")
    ['inr18650', 'mj1']
    """
    return _WORD.findall(plain(text).lower())


def codes_of(text: str) -> list[str]:
    """Runs of four and more digits inside its words: the size in a model name is a word of its own.

    >>> codes_of("Sony US18650VTC5A, 2.6 Ah, made in 2015")
    ['18650']
    """
    found = ((match.group(), *match.span()) for match in _DIGITS.finditer(text))
    return [digits for digits, start, end in found if text[max(0, start - 1) : start].isalpha() or text[end : end + 1].isalpha()]


def forms_of(word: str) -> tuple[str, ...]:
    """Other forms of an English word that may stand in a text instead of it. Some are no words; no text has those.

    >>> forms_of("racing")
    ('rac', 'racs', 'raced', 'race', 'races')
    """
    word = word.lower()
    if len(word) < _SHORTEST_FORMED or not (word.isascii() and word.isalpha()):
        return ()
    return tuple(dict.fromkeys(form for stem in _stems(word) for form in _inflected(stem) if form != word))


def _stems(word: str) -> list[str]:
    """What it may be a form of; itself, where it has no such ending."""
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM), "")
    stem = word.removesuffix(ending)
    if not ending or word.endswith("ss"):
        return [word]
    if word.endswith(("ies", "ied")):
        return [f"{word[:-3]}y"]
    if ending == "s":
        return [stem]
    if ending == "es" and not stem.endswith(_HISSING):
        return [f"{stem}e"]
    is_doubled = stem[-1] == stem[-2] and stem[-1] not in "lsz"
    return [stem[:-1] if is_doubled else stem, f"{stem}e"]


def _inflected(stem: str) -> tuple[str, ...]:
    """A stem with the endings of English."""
    if stem.endswith("e"):
        return (stem, f"{stem}s", f"{stem}d", f"{stem[:-1]}ing")
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return (stem, f"{stem[:-1]}ies", f"{stem[:-1]}ied", f"{stem}ing")
    return (stem, f"{stem}es" if stem.endswith(_HISSING) else f"{stem}s", f"{stem}ed", f"{stem}ing")


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
    simple = plain(text)
    for fit, pattern in _patterns(asked):
        found = pattern.search(simple)
        if found is not None:
            start, end = _unfolded(text, *found.span())
            return Place(start, end, fit)
    return None


@lru_cache(maxsize=1024)
def _patterns(asked: str) -> tuple[tuple[Fit, re.Pattern[str]], ...]:
    words = words_of(asked)
    if not words:
        return ()
    phrase = r"[\W_]+".join(re.escape(word) for word in words)
    is_number = len(words) == 1 and words[0].isdigit()
    whole, begun = rf"(?<![^\W_]){phrase}(?![^\W_])", rf"(?<![^\W_]){phrase}[^\W_]*"
    if is_number:
        begun += rf"|(?<!\d)(?=\d{{4}}){phrase}\d*"
        whole += rf"|(?<!\d)(?=\d{{4}}){phrase}(?!\d)"
    patterns = [(Fit.WHOLE, re.compile(whole, re.IGNORECASE))]
    if prefix_counts(words):
        patterns.append((Fit.PREFIX, re.compile(begun, re.IGNORECASE)))
    return tuple(patterns)


def _unfolded(text: str, start: int, end: int) -> tuple[int, int]:
    """The place in the text as written of a place in its `plain` form."""
    if text.isascii():
        return start, end
    origins: list[int] = []
    for position, letter in enumerate(text):
        origins += [position] * len(plain(letter))
        if len(origins) >= end:
            break
    return origins[start], origins[end - 1] + 1
