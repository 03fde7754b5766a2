"""Words that name what no readable record has: *argyrodite separator*, *pouch cells manufactured by Toyota*.

Beside things (a part, a material, a format) such a word is no detail that may be missing: other separators are no answer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EitherPart, Part, Query, TextPart
from search.understanding.everyday import is_everyday, is_general
from search.understanding.framing import is_headline
from search.understanding.loosening import names_thing
from search.understanding.stems import bases
from search.understanding.vocabulary import Known, Vocabulary

_NAME: Final = re.compile(r"[A-Za-z][a-z]{4,}(?<!ed)(?<!ing)(?<!ly)")
"""No word for what is done, or how: *discs punched from foil*."""
_ORIGIN: Final = re.compile(r"(?:by|from)\s+(?:the\s+)?(?P<name>[A-Z]\w{2,})")
"""Who made it, as far as anybody of that name is known."""
_SLIP: Final = 0.6
"""How sure a name must be that a word was meant for, so that the word may be a slip of the pen."""


def with_unmet_names(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query with such words as parts that nothing makes up for."""
    others = [part for part in query.parts if not (part.negated or isinstance(part, TextPart))]
    if not others or not all(isinstance(part, ConceptPart) and names_thing(part, vocabulary.concepts) for part in others):
        return query
    headed = is_headline(query.text)
    names = [word for word in query.words if _names(word.text.lower() if headed else word.text, query.text, vocabulary)]
    if not names:
        return query
    every, *counts = known.count([Query("", ()), *(Query(word.text, (word,)) for word in names)])
    unmet = {word for word, count in zip(names, counts, strict=True) if every and not count}
    return replace(query, parts=tuple(_firm(part) if part in unmet else part for part in query.parts))


def _names(word: str, asked: str, vocabulary: Vocabulary) -> bool:
    """Whether it is a name: no word of general English or for a use, nor one with a typing error."""
    if any(origin["name"] == word for origin in _ORIGIN.finditer(asked)):
        return True
    plain = word.lower()
    if not _NAME.fullmatch(word) or any(map(is_everyday, bases(plain))) or is_general(plain):
        return False
    near = vocabulary.lookup.find(word, limit=1)
    return vocabulary.lookup.spells(word) or not near or near[0].score < _SLIP


def _firm(part: Part) -> Part:
    return EitherPart(part.text, ((part,),)) if isinstance(part, TextPart) else part
