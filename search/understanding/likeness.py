"""What something is only like: a *pouch-like prismatic cell* is prismatic, *LR44-like cells from Kodak* are no LR44."""

from __future__ import annotations

import re
from typing import Final

from ontology.concepts import Concepts
from search.query import Query
from search.understanding.alternatives import sort_of
from search.understanding.question import Placed, Question
from search.understanding.vocabulary import Known

_LIKE: Final = re.compile(r"-like(?![\w-])", re.IGNORECASE)
_SHAPES: Final = frozenset(("format", "size"))


def without_likeness(question: Question, concepts: Concepts, known: Known) -> None:
    """Leave out a format or size said with *-like*, where another one of its sort is said, or nothing has it beside the rest."""
    like = [one for one in question.placed if sort_of(one.part, concepts) in _SHAPES and _is_like(one, question)]
    for one in like:
        others = [other.part for other in question.placed if other not in like]
        sorts = {sort_of(other, concepts) for other in others}
        if sort_of(one.part, concepts) in sorts or (others and not known.count((Query("", (one.part, *others)),))[0]):
            question.placed.remove(one)


def _is_like(placed: Placed, question: Question) -> bool:
    return _LIKE.match(question.text, placed.end) is not None or placed.part.text.lower().endswith("-like")
