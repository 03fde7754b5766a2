"""Papers as researchers cite them: *Chen et al. 2020* is what texts write so, or as *Chen2020*."""

from __future__ import annotations

import re
from typing import Final

from search.names import fold_name
from search.query import Query, TextPart
from search.understanding.name_books import MAKERS
from search.understanding.question import Question
from search.understanding.vocabulary import Known

_CITED: Final = re.compile(
    r"(?<![\w.-])(?P<family>[^\W\d_][\w'’-]+),?\s+"
    r"(?:(?:et\.?\s?al\b\.?|and (?:others|co-?workers|colleagues)|& co\b\.?)['’s]*,?\s*)"
    r"[(\[]?(?P<year>(?:19|20)\d\d)[a-z]?[)\]]?(?![\w.-]*\d)",
    re.IGNORECASE,
)
_SHORT: Final = re.compile(r"(?<![\w.-])(?P<family>[A-Z][a-z]+)['’s]*[\s,(]*(?P<year>(?:19|20)\d\d)\)?(?![\w-]|\.\d)")
"""The same without *et al.*: ``Chen 2020``, ``Mohtat2020``."""


def read_citations(question: Question, known: Known) -> None:
    """Put a part for every name with a year that the title or text of a readable record has so; no maker is cited."""
    for match in (*_CITED.finditer(question.text), *_SHORT.finditer(question.text)):
        family, year = match["family"], match["year"]
        cited = TextPart(f"{family} et al {year}", forms=(f"{family} {year}", f"{family}{year}"))
        if not question.is_free(*match.span()) or (match.re is _SHORT and _is_maker(family, known)):
            continue
        if known.count([Query(cited.text, (cited,))])[0]:
            question.put(*match.span(), cited)


def _is_maker(family: str, known: Known) -> bool:
    return any(named.kind in MAKERS for named in known.named([fold_name(family)]))
