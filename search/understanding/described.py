"""Questions that describe a thing instead of naming it: *metal sheet on which the coating sits* is a current collector.

What things are is told in plain words in ``described.toml``. A question that means the same as one of these, and is far from all
others, is read as its name. It needs a model of embeddings; without one such questions are looked for by their words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Final

import numpy as np

from ontology import terms
from ontology.concepts import Concepts
from search.embeddings import Embedder
from search.index import Vector
from search.query import ConceptPart, Part, Query, TextPart
from search.understanding.framing import is_headline
from search.understanding.vocabulary import Known, Met, Vocabulary

_BOUNDS: Final[Mapping[Met, tuple[float, float]]] = {Met.NOTHING: (0.68, 0.02), Met.WORDS: (0.68, 0.12), Met.NAMES: (0.85, 0.2)}
"""How near a question must be to a description, and how much nearer than to others, by what it finds as it is: cosines, chosen on
the known questions of ``benchmarks/relevance``."""
_MODEL: Final = "all-minilm-l6-v2"
"""The model for which these bounds hold."""
_OTHER_WORD: Final = {"battery": "cell", "batteries": "cells", "cell": "battery", "cells": "batteries"}
"""Words for the same, of which it does not matter which one a question has."""
_CELL: Final = re.compile(r"(?<!half )(?<!fuel )(?<![\w-])(?:cells?|battery|batteries)(?![\w-])", re.IGNORECASE)
_FEWEST_WORDS: Final = 2
_NAMED: Final = (terms.CHEMICAL_SUBSTANCE, terms.ELECTROCHEMICAL_DEVICE)
"""Of these a question that names one means that one, and finds nothing where no record has it."""
_FEWEST_OF_DESCRIPTION: Final = 3
"""A question of so many words that are all in some text may still describe a thing: long texts have many words."""


def is_measured(embedder: Embedder) -> bool:
    """Whether the bounds of nearness hold for the vectors of this model."""
    return embedder.name.startswith(_MODEL)


def described(query: Query, vocabulary: Vocabulary, known: Known) -> str:
    """The name of what a question describes, where its words are not found as they are; ``""`` for none.

    Not where it says more than what a thing is (a number, a maker, what must not be), or names what no readable record has.
    """
    if vocabulary.meanings is None or query.order is not None or not any(map(_is_word, query.parts)):
        return ""
    words = [part for part in query.parts if _is_word(part)]
    named = [part for part in query.parts if part not in words]
    if not all(isinstance(part, ConceptPart) and not part.negated for part in named) or any(
        _is_name(word, query.text) for word in words
    ):
        return ""
    is_found, *there = known.count((query, *(Query(part.text, (part,)) for part in named if _is_meant(part, vocabulary.concepts))))
    is_literal = named or len(query.text.split()) < _FEWEST_OF_DESCRIPTION
    met = Met.NOTHING if not is_found else Met.NAMES if is_literal else Met.WORDS
    return vocabulary.meanings.name(query.text, met) if all(there) else ""


def _is_word(part: Part) -> bool:
    return isinstance(part, TextPart) and not part.negated


def _is_meant(part: Part, concepts: Concepts) -> bool:
    return isinstance(part, ConceptPart) and any(not concepts.narrower(top).isdisjoint(part.concepts) for top in _NAMED)


def _is_name(part: Part, asked: str) -> bool:
    """Whether a word is written like a name or a code, which no description has."""
    is_plain = part.text.replace("-", "").replace(" ", "").isalpha()
    return not is_plain or not (part.text.islower() or is_headline(asked))


def _said_otherwise(text: str) -> str:
    """The text with the other word for cells.

    >>> _said_otherwise("batteries of phones"), _said_otherwise("ageing of a cell"), _said_otherwise("half cell")
    ('cells of phones', 'ageing of a battery', 'half cell')
    """
    return _CELL.sub(lambda said: _OTHER_WORD[said.group().lower()], text)


@dataclass(frozen=True)
class Described:
    """Finds the name of what a question describes.

    Args:
        embedder: The model that compares the texts.
    """

    embedder: Embedder

    def name(self, text: str, met: Met = Met.NAMES) -> str:
        """The name of what this text describes; ``""`` where it describes nothing that is known, or more than one thing.

        Args:
            text: The question.
            met: What it finds as it is: the less, the less near it must come.
        """
        if len(text.split()) < _FEWEST_WORDS:
            return ""
        other = _said_otherwise(text)
        return self._nearest(text, met) or (self._nearest(other, met) if other != text else "")

    def _nearest(self, text: str, met: Met) -> str:
        names, vectors = self._descriptions
        nearness: dict[str, float] = {}
        for name, cosine in zip(names, vectors @ self.embedder.embed([text])[0], strict=True):
            nearness[name] = max(float(cosine), nearness.get(name, -1.0))
        (best, most), (_, next_most) = sorted(nearness.items(), key=lambda one: -one[1])[:2]
        near, apart = _BOUNDS[met]
        return best if most >= near and most - next_most >= apart else ""

    @cached_property
    def _descriptions(self) -> tuple[list[str], Vector]:
        told = tomllib.loads(files(__package__).joinpath("described.toml").read_text(encoding="utf-8"))
        pairs = [(name, text) for name, texts in told.items() for text in texts]
        return [name for name, _ in pairs], np.array(self.embedder.embed([text for _, text in pairs]), dtype=np.float32)
