"""Why a record matches: the best use, quantity or word for every part. Pure; the same for every index."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

from records.record import ConceptUse, Quantity, Record
from search.index import Match
from search.query import ConceptPart, Part, QuantityPart, SourcePart, TextPart

CONTEXT = 60
"""Characters shown on either side of a word that was found in the text."""
PREFIX_LENGTH = 3
"""Words of the question shorter than this match whole words only: two letters are a prefix of everything."""

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d{4,}")


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


def explain(parts: Sequence[Part], record: Record) -> tuple[Match, ...]:
    """The best match of every part that matches, in the order of the parts.

    Args:
        parts: Parts of a query.
        record: The record as the reader may see it: what is not in it cannot be told.
    """
    found = (_explain(position, part, record) for position, part in enumerate(parts))
    return tuple(match for match in found if match is not None)


def _explain(position: int, part: Part, record: Record) -> Match | None:
    match part:
        case ConceptPart():
            use = best_use(part, record.concepts)
            if use is not None:
                return Match(position, concept=use)
            words = (_find_word(position, word, record) for word in part.words)
            return next((found for found in words if found is not None), None)
        case QuantityPart():
            quantity = best_quantity(part, record.quantities)
            return None if quantity is None else Match(position, quantity=quantity)
        case SourcePart():
            return Match(position) if record.source == part.source else None
        case TextPart():
            return _find_word(position, part.text, record)


def best_use(part: ConceptPart, uses: Sequence[ConceptUse]) -> ConceptUse | None:
    """The use that matches best: a concept that was asked for before a narrower one, near the root before deep inside."""
    matching = [use for use in uses if use.concept in part.expanded]
    return min(matching, key=lambda use: (use.concept not in part.concepts, len(use.role), use.line, use.pointer), default=None)


def best_quantity(part: QuantityPart, quantities: Sequence[Quantity]) -> Quantity | None:
    """The quantity that matches best: near the root before deep inside."""
    matching = [quantity for quantity in quantities if quantity_matches(part, quantity)]
    return min(matching, key=lambda quantity: (nesting(quantity.pointer), quantity.line, quantity.pointer), default=None)


def quantity_matches(part: QuantityPart, quantity: Quantity) -> bool:
    """Whether kind, dimension and value fit, all on this one node; of a range without a value, an end of it."""
    low, high = part.bounds
    return (
        quantity.dimension == part.dimension
        and any(math.isfinite(value) and low <= value <= high for value in quantity.base_values)
        and (not part.kinds or not part.kinds.isdisjoint(quantity.kinds))
    )


def nesting(pointer: str) -> int:
    """How many objects deep a JSON Pointer goes; positions in arrays do not count.

    >>> nesting("/hasPositiveElectrode/hasProperty/0")
    2
    """
    return sum(not step.isdigit() for step in pointer.split("/")[1:])


def _find_word(position: int, asked: str, record: Record) -> Match | None:
    """Where the word stands: as a whole word in the title, then in the text, then as a prefix in the title, then in the text."""
    wanted = words_of(asked)
    if not wanted:
        return None
    phrase = r"[\W_]+".join(re.escape(word) for word in wanted)
    patterns = [rf"(?<![^\W_]){phrase}(?![^\W_])"]
    if len(wanted) == 1 and asked.isdigit():
        patterns.append(rf"(?<!\d){phrase}(?!\d)")
    if prefix_counts(wanted):
        patterns.append(rf"(?<![^\W_]){phrase}[^\W_]*")
    for pattern in (re.compile(each, re.IGNORECASE) for each in patterns):
        for field, text in (("title", plain(record.title)), ("text", plain(record.text))):
            found = pattern.search(text)
            if found:
                context = " ".join(text[max(0, found.start() - CONTEXT) : found.end() + CONTEXT].split())
                return Match(position, word=found.group(), field=field, context=context)
    return None


def prefix_counts(words: Sequence[str]) -> bool:
    """Whether the last of these words also matches as the beginning of a longer one."""
    return bool(words) and len(words[-1]) >= PREFIX_LENGTH
