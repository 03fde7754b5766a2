"""What stands in quotation marks is looked for as it stands, and nothing makes up for it: *"solid electrolyte" cells*."""

from __future__ import annotations

import re
from typing import Final

from search.query import EitherPart, TextPart
from search.understanding.question import Question

_QUOTED: Final = re.compile(r"""(?<!\w)["“„«]\s*([^"“”„«»]*\w[^"“”„«»]*?)\s*["”»“](?!\w)""")


def read_quoted(question: Question) -> None:
    """Put a part for each stretch in quotation marks; the mark for inches is none.

    >>> question = Question('NMC cells for the "special purpose"', ())
    >>> read_quoted(question)
    >>> question.placed[0].part.ways
    ((TextPart(text='special purpose', negated=False, forms=(), weight=1),),)
    """
    for match in _QUOTED.finditer(question.text):
        question.put(*match.span(), EitherPart(match.group(), ((TextPart(match.group(1)),),)))


def without_marks(text: str) -> str:
    """The text with what is quoted as words among the others.

    >>> without_marks('density of "7M KOH in H2O"')
    'density of 7M KOH in H2O'
    """
    return _QUOTED.sub(lambda match: match.group(1), text)
