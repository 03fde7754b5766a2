"""Papers as researchers cite them: *Chen et al. 2020* is what texts write so, or as *Chen2020*."""

from __future__ import annotations

import re
from typing import Final

from search.query import Query, TextPart
from search.understanding.question import Question
from search.understanding.vocabulary import Known

_CITED: Final = re.compile(
    r"(?<![\w.-])(?P<family>[^\W\d_][\w'’-]+),?\s+"
    r"(?:(?:et\.?\s?al\b\.?|and (?:others|co-?workers|colleagues)|& co\b\.?)['’s]*,?\s*)"
    r"[(\[]?(?P<year>(?:19|20)\d\d)[a-z]?[)\]]?(?![\w.-]*\d)",
    re.IGNORECASE,
)


def read_citations(question: Question, known: Known) -> None:
    """Put a part for every name with *et al.* and a year that the title or text of a readable record has so."""
    for match in _CITED.finditer(question.text):
        family, year = match["family"], match["year"]
        cited = TextPart(f"{family} et al {year}", forms=(f"{family} {year}", f"{family}{year}"))
        if question.is_free(*match.span()) and known.count([Query(cited.text, (cited,))])[0]:
            question.put(*match.span(), cited)
