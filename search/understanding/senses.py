"""Words with several meanings: *conductivity* is ionic, electronic or thermal.

The meaning that most records have is taken meanwhile; all are told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from ontology.model import Kind
from search.query import ConceptPart, Part, Query, Sense, TextPart
from search.understanding.concepts import MENDED, expanded
from search.understanding.kinds import is_quantity
from search.understanding.question import Question
from search.understanding.vocabulary import Known, Vocabulary

MAX_SENSES: Final = 8
"""Most meanings told of one word."""

_ACRONYM: Final = re.compile(r"[A-Z]{2,4}")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def read_senses(question: Question, vocabulary: Vocabulary, known: Known) -> None:
    """Give every concept that is named by a single ambiguous word its senses, and the best supported one.

    An acronym of a concept that no readable record has, though their texts have the letters, is a word: the *CSV* of a file; so is
    a word that was taken for a typing error: the *driving* that is near to *Drilling*.
    """
    for position, placed in enumerate(question.placed):
        if isinstance(placed.part, ConceptPart):
            part = _with_senses(placed.part, vocabulary, known)
            is_word = _is_acronym(part) or _is_mended(part, vocabulary)
            question.placed[position] = replace(placed, part=_as_word(part, known) if is_word else part)


def _is_acronym(part: ConceptPart) -> bool:
    return _ACRONYM.fullmatch(part.text) is not None and not part.roles and not part.negated


def _is_mended(part: ConceptPart, vocabulary: Vocabulary) -> bool:
    """Whether it was taken for a typing error, and names no substance."""
    if part.score >= MENDED or part.roles or part.negated or not part.text.isalpha() or vocabulary.lookup.spells(part.text):
        return False
    return vocabulary.concepts.narrower(terms.MATTER).isdisjoint(part.concepts)


def _as_word(part: ConceptPart, known: Known) -> Part:
    word = TextPart(part.text)
    used, written = known.count([Query(part.text, (replace(part, words=()),)), Query(part.text, (word,))])
    return word if written and not used else part


def _with_senses(part: ConceptPart, vocabulary: Vocabulary, known: Known) -> ConceptPart:
    others = _others(part, vocabulary)
    if not others:
        return part
    meanings = [*part.concepts, *others]
    choices = [part, *(_meaning(part, iri, vocabulary) for iri in others)]
    alone = [_meaning(part, iri, vocabulary) for iri in part.concepts]
    asked = [*choices, *alone]
    counts = known.count([Query(one.text, (replace(one, words=(), negated=False),)) for one in asked])
    best = max(range(len(choices)), key=lambda number: counts[number])  # the first of equals: the word as it stands
    count_of = dict(zip(meanings, [*counts[len(choices) :], *counts[1 : len(choices)]], strict=True))
    chosen = choices[best]
    if not any(count_of[iri] for iri in meanings if iri not in chosen.concepts):
        return chosen
    senses = [Sense(iri, vocabulary.concepts.label(iri), count_of[iri]) for iri in meanings]
    senses.sort(key=lambda sense: (sense.iri not in chosen.concepts, -sense.count))
    return replace(chosen, senses=tuple(senses[:MAX_SENSES]))


def _meaning(part: ConceptPart, iri: str, vocabulary: Vocabulary) -> ConceptPart:
    return replace(part, concepts=(iri,), labels=(vocabulary.concepts.label(iri),), expanded=expanded((iri,), vocabulary))


def _others(part: ConceptPart, vocabulary: Vocabulary) -> list[str]:
    """Other kinds of quantity whose names end in the same word, where it is all that the question says."""
    words = part.text.split()
    if len(words) != 1 or not part.concepts or not all(is_quantity(vocabulary, iri) for iri in part.concepts):
        return []
    named = _quantities_by_last_word(vocabulary.concepts).get(words[0].lower().removesuffix("s"), ())
    return [iri for iri in named if iri not in part.concepts and is_quantity(vocabulary, iri)]


@lru_cache(maxsize=4)
def _quantities_by_last_word(concepts: Concepts) -> Mapping[str, tuple[str, ...]]:
    """Last word of a label -> the classes of two or three words that end in it."""
    found: dict[str, list[str]] = {}
    for iri, concept in concepts.facts.concepts.items():
        words = _WORDS.findall(concepts.label(iri)) if concept.kind is Kind.CLASS and not concept.deprecated else []
        if 2 <= len(words) <= 3:
            found.setdefault(words[-1].lower(), []).append(iri)
    return {word: tuple(iris) for word, iris in found.items()}
