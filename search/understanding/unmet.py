"""Words that name what no readable record has: *argyrodite separator*, *pouch cells manufactured by Toyota*.

Beside things (a part, a material, a format) such a word is no detail that may be missing: other separators are no answer. Nor is
who made or wrote it, whatever else is asked.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart
from search.understanding.everyday import is_everyday, is_general
from search.understanding.framing import is_headline
from search.understanding.loosening import names_thing
from search.understanding.stems import bases
from search.understanding.vocabulary import Known, Vocabulary

_NAME: Final = re.compile(r"[A-Za-z][a-z]{4,}(?<!ed)(?<!ing)(?<!ly)(?<!ation)")
"""No word for what is done, or how: *discs punched from foil*, *parameterisation*."""
_WRITTEN_SO: Final = re.compile(r"[A-Za-z]+[A-Z][a-z]\w*|[A-Z]{4,}|[A-Z][a-z]?\d+[A-Z]\w*")
"""Capitals within are no slip of a plain word: *MXene*, *PEDOT*, *Na3V2(PO4)3*."""
_ORIGIN: Final = re.compile(r"(?:by|from)\s+(?:the\s+)?(?P<name>[A-Z]\w{2,})")
"""Who made it, as far as anybody of that name is known."""
_AUTHOR: Final = re.compile(r"(?<![\w-])by\s+(?:[A-Z]\.[\s-]?)*(?P<name>[A-Z]\w{2,})(?![\w-]|\s+[A-Z])")
"""Who made or wrote it, whatever else is asked: *data by Lin (SINTEF)* are no others of SINTEF."""
_BRAND: Final = re.compile(
    r"(?<![\w-])(?P<name>[A-Z][a-z]{3,})(?:\s+(?!(?:of|for|in|with|at|on|from|by|and|or|to|than|that)\s)[\w.-]+){0,3}\s+(?:cells?|batter(?:y|ies))(?![\w-])"
)
"""What cells are called by, whatever bounds they shall be within: *Northvolt cells above 50 Ah*."""
_SLIP: Final = 0.6
"""How sure a name must be that a word was meant for, so that the word may be a slip of the pen."""


def with_unmet_names(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query with such words as parts that nothing makes up for."""
    others = [part for part in query.parts if not (part.negated or isinstance(part, TextPart))]
    are_things = bool(others) and all(isinstance(part, ConceptPart) and names_thing(part, vocabulary.concepts) for part in others)
    if not others and query.order is None:
        return query
    headed = is_headline(query.text)
    words = [word for word in query.words if are_things or _is_maker(word, query)]
    names = [word for word in words if _names(word.text.lower() if headed else word.text, query.text, vocabulary)]
    if not names:
        return query
    every, *counts = known.count([Query("", ()), *(Query(word.text, (word,)) for word in names)])
    unmet = {word for word, count in zip(names, counts, strict=True) if every and not count}
    return replace(query, parts=tuple(_firm(part) if part in unmet else part for part in query.parts))


def _names(word: str, asked: str, vocabulary: Vocabulary) -> bool:
    """Whether it is a name: no word of general English or for a use, nor one with a typing error."""
    if _is_said(_ORIGIN, word, asked) or _is_said(_AUTHOR, word, asked) or _WRITTEN_SO.fullmatch(word):
        return True
    plain = word.lower()
    if not _NAME.fullmatch(word) or any(map(is_everyday, bases(plain))) or is_general(plain):
        return False
    near = vocabulary.lookup.find(word, limit=1)
    return vocabulary.lookup.spells(word) or not near or near[0].score < _SLIP


def _is_said(pattern: re.Pattern[str], word: str, asked: str) -> bool:
    """Whether the words around it say that it is who made it."""
    return any(said["name"] == word for said in pattern.finditer(asked))


def _is_maker(word: TextPart, query: Query) -> bool:
    """Whether it is who made or wrote it, or what is called so, and no other: *SCiB 20 Ah*."""
    if _is_said(_AUTHOR, word.text, query.text):
        return True
    if any(isinstance(part, QuantityPart) for part in query.parts) and _WRITTEN_SO.fullmatch(word.text):
        return not any(isinstance(part, EntityPart) for part in query.parts)
    is_named = any(isinstance(part, EntityPart) for part in query.parts)
    return not is_named and not is_headline(query.text) and _is_said(_BRAND, word.text, query.text)


def _firm(part: Part) -> Part:
    return EitherPart(part.text, ((part,),)) if isinstance(part, TextPart) else part
