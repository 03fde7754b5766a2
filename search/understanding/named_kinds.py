"""Kinds of quantity that are named without a number, as our own table calls them: *dc resistance of 18650 cells*, *D50 of NMC*.

The ontologies have other labels for them, so that their words by themselves would be looked for in texts.
"""

from __future__ import annotations

from typing import Final

from ontology.lookup import Span
from search.understanding.kinds import REACH, KindReader, kind_names
from search.understanding.question import Question
from search.understanding.roles import RoleReader
from search.understanding.vocabulary import Vocabulary

_ALONE: Final = frozenset(("d50", "dcir", "acir", "dcr", "molarity"))
"""Names of one word that mean nothing else."""
_LAST: Final = frozenset(
    (
        *(
            "voltage",
            "current",
            "temperature",
            "resistance",
            "impedance",
            "capacity",
            "energy",
            "density",
            "loading",
            "conductivity",
        ),
        *("rate", "fraction", "size", "diameter", "life", "lifetime", "endurance", "count", "concentration", "amperage"),
    )
)
"""Last words of names that are no sentence: *full cycle* and *cut off* may be."""
_OF_METHODS: Final = frozenset(("ohmic resistance",))
"""What texts about methods speak of, and no data sheet."""
_OF_MATTER: Final = frozenset(("molecular weight", "molecular mass", "formula weight", "weight fraction", "tap density"))


def name_kinds(question: Question, vocabulary: Vocabulary) -> None:
    """Let such a name be one of the names of concepts in the question."""
    kinds = KindReader(question, vocabulary, RoleReader(question, vocabulary))
    words = question.words()
    position = 0
    while position < len(words):
        spans = (words[position : position + count] for count in range(REACH, 0, -1))
        named = next((span for run in spans if (span := _span([one.span() for one in run], question, kinds)) is not None), None)
        if named is None:
            position += 1
            continue
        outside = (span for span in question.spans if span.end <= named.start or named.end <= span.start)
        question.spans = tuple(sorted((*outside, named), key=lambda span: span.start))
        position += sum(named.start <= one.start() < named.end for one in words)


def _span(places: list[tuple[int, int]], question: Question, kinds: KindReader) -> Span | None:
    """The name that these words are, where nothing of them is understood and they belong to no longer name."""
    start, end = places[0][0], places[-1][1]
    said = " ".join(question.text[start:end].lower().replace("-", " ").split())
    is_kind = said in _ALONE or said in _OF_MATTER or (" " in said and said.split()[-1] in _LAST)
    if (
        not is_kind
        or said in _OF_METHODS
        or said not in kind_names()
        or not question.is_free(start, end)
        or question.is_inside_name(start, end)
    ):
        return None
    if any((span.start, span.end) == (start, end) for span in question.spans):
        return None  # a label of the ontologies
    listed = kinds.listed(said)
    return Span(start, end, question.text[start:end], listed) if listed else None
