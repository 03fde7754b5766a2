"""What something was measured against: ``capacity vs lithium`` has a counter electrode of lithium, ``4.3 V vs Li/Li+`` a zero."""

from __future__ import annotations

import re
from typing import Final

from search.query import QuantityPart
from search.understanding.concept_reader import in_role
from search.understanding.concepts import concept_of
from search.understanding.kinds import is_quantity
from search.understanding.question import Question
from search.understanding.roles import RoleReader
from search.understanding.vocabulary import Vocabulary

_AGAINST: Final = re.compile(
    r"(?<![\w-])(?:(?:measured|tested|cycled)\s+)?(?:vs\.?|versus|against)\s+(?:an?\s+|the\s+)?"
    r"(?P<metal>Li|lithium|Na|sodium|K|potassium|Zn|zinc)(?P<couple>\s*\+?\s*/\s*(?:Li|Na|K|Zn)\s*\d?\+?)?"
    r"(?P<rest>\s+(?:metal|foil|counter(?:[\s-]electrode)?|reference|anode))*(?![\w-])",
    re.IGNORECASE,
)
_HALF_CELL: Final = re.compile(r"(?<![\w-])(?:in\s+)?(?:an?\s+)?half[\s-]cells?(?![\w-])", re.IGNORECASE)
"""What one electrode is measured in against another, which then says no more."""
_VOLTAGE: Final = "L²·M·T⁻³·I⁻¹"


def read_against(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for the counter electrode of what was measured; take the zero of a potential."""
    for match in _AGAINST.finditer(question.text):
        before = [one for one in question.placed if one.end <= match.start() and isinstance(one.part, QuantityPart)]
        if not question.is_free(*match.span()) or not (before or _names_quantity(question, match.start(), vocabulary)):
            continue
        last = before[-1].part if before else None
        is_potential = (
            isinstance(last, QuantityPart)
            and last.dimension == _VOLTAGE
            and not question.text[before[-1].end : match.start()].strip()
        )
        span = next((one for one in question.spans if one.start == match.start("metal")), None)
        metal = concept_of(span, vocabulary) if span else None
        role = RoleReader(question, vocabulary).by_label("counter electrode")
        if is_potential:
            question.take(*match.span())
        elif metal is not None:
            question.put(*match.span(), in_role(metal, role))
            for half in _HALF_CELL.finditer(question.text):
                question.take(*half.span())


def _names_quantity(question: Question, end: int, vocabulary: Vocabulary) -> bool:
    """Whether a kind of quantity is named before: ``specific capacity vs Li``."""
    named = (one for span in question.spans if span.end <= end for one in span.candidates[:1])
    return any(is_quantity(vocabulary, one.iri) for one in named)
