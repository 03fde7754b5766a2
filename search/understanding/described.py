"""Questions that describe a thing instead of naming it: *metal sheet on which the coating sits* is a current collector.

What things are is told in plain words in ``described.toml``. A question that means the same as one of these, and is far from all
others, is read as its name: by the cosine of both, and by the rare words that both have. It needs a model of embeddings; without
one such questions are looked for by their words.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Final

import numpy as np

from ontology import terms
from ontology.concepts import Concepts
from search.embeddings import Embedder
from search.index import Vector
from search.names import fold_name
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart
from search.understanding import framing
from search.understanding.in_words import in_words
from search.understanding.loosening import names_thing
from search.understanding.sides import materials_of
from search.understanding.stems import stem
from search.understanding.vocabulary import SILENT, SOFT, Known, Met, Vocabulary
from search.words import words_of

_BOUNDS: Final[Mapping[Met, Sequence[tuple[float, float]]]] = {
    Met.NO_WORDS: ((0.8, 0.0), (0.75, 0.05), (0.65, 0.14)),
    Met.OTHER_FORMS: ((0.9, 0.15),),
    Met.NOTHING: ((0.96, 0.1), (0.89, 0.15)),
    Met.WORDS: ((0.85, 0.05),),
    Met.NAMES: ((0.95, 0.2),),
}
"""How near a question must be to what is described, and how much nearer than to others, by what it finds as it is: chosen on the
known questions of ``benchmarks/relevance``. One of several pairs is enough."""
_OF_WORDS: Final = 0.3
"""What words in common add to the cosine, where all are: the model takes much of the field for alike, a rare word tells."""
_MODEL: Final = "all-minilm-l6-v2"
"""The model for which these bounds hold."""
_OTHER_WORD: Final = {"battery": "cell", "batteries": "cells", "cell": "battery", "cells": "batteries"}
"""Words for the same, of which it does not matter which one a question has."""
_CELL: Final = re.compile(r"(?<!half )(?<!fuel )(?<![\w-])(?:cells?|battery|batteries)(?![\w-])", re.IGNORECASE)
_FEWEST_WORDS: Final = 2
_DENYING: Final = frozenset(map(stem, ("without", "not", "no", "never", "cannot", "nobody", "instead", "only")))
_NAMED: Final = (terms.CHEMICAL_SUBSTANCE, terms.ELECTROCHEMICAL_DEVICE)
"""Of these a question that names one means that one, and finds nothing where no record has it."""
_FEWEST_OF_DESCRIPTION: Final = 3
"""A question of so many words that are all in some text may still describe a thing: long texts have many words."""


def is_measured(embedder: Embedder) -> bool:
    """Whether the bounds of nearness hold for the vectors of this model."""
    return embedder.name.startswith(_MODEL)


@dataclass(frozen=True)
class Reading:
    """What a question describes.

    Args:
        name: Its name.
        beside: Parts of the question that say more than that: *what happens if one crushes a cylindrical cell*.
    """

    name: str
    beside: tuple[Part, ...] = ()


def described(query: Query, vocabulary: Vocabulary, known: Known) -> Reading | None:
    """What a question describes, where its words are not found as they are.

    Not where it says more than what a thing is (a number, what must not be), or names what no readable record has; but what the
    description itself says is no more than that (*the night on the Moon*, *looking inside without opening*), and a name may stay.
    """
    if vocabulary.meanings is None or query.order is not None or not all(map(_may_describe, query.parts)):
        return None
    words = [part for part in query.parts if isinstance(part, TextPart) or _is_slip(part)]
    named = [part for part in query.parts if part not in words]
    things = [part for part in named if isinstance(part, EntityPart | EitherPart) or _is_thing(part, vocabulary.concepts)]
    own = [part for part in named if part in things or _is_of(terms.ELECTROLYTE, part, vocabulary.concepts)]
    is_found, *there = known.count((query, *(Query(part.text, (part,)) for part in own)))
    if not is_found and _is_term(query, vocabulary):
        return None
    is_general = all(part.text.lower() in SOFT for part in query.parts)
    if is_found and not is_general and all(map(_is_phrase, words)):
        return None
    is_literal = (named and not is_general) or len(query.text.split()) < _FEWEST_OF_DESCRIPTION
    nothing = Met.NOTHING if any(names_thing(part, vocabulary.concepts) for part in named) else Met.NO_WORDS
    met = nothing if not is_found else Met.NAMES if is_literal else Met.WORDS
    is_headline = not is_found and framing.is_headline(query.text)
    more = [part for part in query.parts if _says_more(part, is_headline=is_headline)]
    more += [part for part, count in zip(own, there, strict=True) if not count]  # *solid electrolyte* is no aqueous one
    asides = tuple(dict.fromkeys((*more, *things)))
    name = vocabulary.meanings.name(query.text, met)
    if name and met is Met.NO_WORDS and _is_said_once(query, vocabulary, known):
        name = vocabulary.meanings.name(query.text, Met.OTHER_FORMS)
    if not name:
        return None if 0 in there else _beside(query, asides, vocabulary, Met.WORDS if is_found else Met.NOTHING)
    if is_found and known.count((Query(query.text, (TextPart(query.text),)),))[0]:  # a text has it as it stands
        return None
    untold = tuple(part for part in asides if not _tells(name, (part,), vocabulary))
    return Reading(name, untold) if not untold or (not is_found and all(map(_stays, untold))) else None


def _is_term(query: Query, vocabulary: Vocabulary) -> bool:
    """Whether all of it names one concept in several words: *battery tester* describes nothing else where there is none."""
    is_one = len(query.parts) == 1 and isinstance(query.parts[0], ConceptPart)
    return is_one and " " in query.text.strip() and bool(vocabulary.lookup.named(query.text, limit=1))


def _is_said_once(query: Query, vocabulary: Vocabulary, known: Known) -> bool:
    """Whether one record alone has all words, in any form and order: *apparent diffusion coefficient by titration*."""
    said = in_words(query, vocabulary, known, frozenset())
    return said is not None and known.count((said,))[0] == 1


def _beside(query: Query, asides: Sequence[Part], vocabulary: Vocabulary, met: Met) -> Reading | None:
    """What a question describes apart from what it names: *what happens if one crushes a cylindrical cell*, *a PyBaMM model*."""
    names = tuple(part for part in asides if _stays(part) and (not isinstance(part, ConceptPart) or _is_of_cell(part, vocabulary)))
    text = query.text
    for part in names:
        text = text.replace(part.text, "cell" if _is_cell(part) else "")
    text = " ".join(text.split())
    if vocabulary.meanings is None or not names or len(words_of(text)) < _FEWEST_OF_DESCRIPTION:
        return None
    name = vocabulary.meanings.name(text, met)
    others = [part for part in asides if part not in names]
    return Reading(name, names) if name and _tells(name, others, vocabulary) else None


def _is_of_cell(part: Part, vocabulary: Vocabulary) -> bool:
    """Whether it names a kind of cell, or a chemistry by which cells are called: *large blocks for the home, iron phosphate*."""
    if not isinstance(part, ConceptPart) or part.roles:
        return _is_cell(part)
    return _is_cell(part) or not materials_of(terms.POSITIVE_ELECTRODE, vocabulary.concepts).isdisjoint(part.concepts)


def _is_cell(part: Part) -> bool:
    """Whether it names a kind of cell."""
    return isinstance(part, ConceptPart) and part.text.split()[-1].lower() in SOFT


def _stays(part: Part) -> bool:
    """Whether it is a name that may stand beside what is described."""
    return not part.negated and not isinstance(part, QuantityPart)


def _is_phrase(part: Part) -> bool:
    """Whether it is what a text calls something in several words: *capacity retention test*."""
    return isinstance(part, TextPart) and len(part.text.split()) >= _FEWEST_OF_DESCRIPTION


def _is_slip(part: Part) -> bool:
    """Whether it is a word with an error that was mended to a name."""
    return isinstance(part, EntityPart) and part.text.islower() and fold_name(part.text) not in part.names


def _tells(name: str, parts: Sequence[Part], vocabulary: Vocabulary) -> bool:
    """Whether descriptions of this name say these parts themselves."""
    return vocabulary.meanings is not None and all(
        vocabulary.meanings.tells(name, part.text, denied=part.negated) for part in parts
    )


def _may_describe(part: Part) -> bool:
    """Whether a description may say it, or it may stand beside: no number, but an adjective with a stated meaning."""
    match part:
        case TextPart() | ConceptPart() | EitherPart():
            return True
        case QuantityPart():
            return part.rule != "" or not (part.conditions or part.minimum is not None or part.maximum is not None)
        case EntityPart():
            return not part.negated
        case _:
            return False


def _is_of(top: str, part: Part, concepts: Concepts) -> bool:
    return isinstance(part, ConceptPart) and not concepts.narrower(top).isdisjoint(part.concepts)


def _is_thing(part: Part, concepts: Concepts) -> bool:
    return any(_is_of(top, part, concepts) for top in _NAMED)


def _says_more(part: Part, *, is_headline: bool) -> bool:
    """Whether few descriptions say it: an adjective, what must not be, a word that is written like a name or code."""
    if isinstance(part, TextPart) and not part.negated:
        is_plain = part.text.replace("-", "").replace(" ", "").isalpha()
        return not is_plain or not (part.text.islower() or is_headline)
    return part.negated or (isinstance(part, QuantityPart) and part.rule != "")


def _said_otherwise(text: str) -> str:
    """The text with the other word for cells.

    >>> _said_otherwise("batteries of phones"), _said_otherwise("ageing of a cell"), _said_otherwise("half cell")
    ('cells of phones', 'ageing of a battery', 'half cell')
    """
    return _CELL.sub(lambda said: _OTHER_WORD[said.group().lower()], text)


def _says(name: str, text: str) -> bool:
    """Whether a text has a name as it stands, or one of its phrases, and so describes nothing.

    >>> _says('"particle swarm" or "ant colony"', "particle swarm optimisation"), _says("binder", "glue of powders")
    (True, False)
    """
    said = f" {' '.join(words_of(text))} "
    return any(f" {' '.join(words_of(phrase))} " in said for phrase in re.findall(r'"(.+?)"', name) or [name])


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
        names, vectors = self._descriptions
        cosines: dict[str, float] = {}
        for said in {text, _said_otherwise(text)}:
            for name, cosine in zip(names, vectors @ self.embedder.embed([said])[0], strict=True):
                cosines[name] = max(float(cosine), cosines.get(name, -1.0))
        shares = self._shares(text)
        nearness = {name: cosine + _OF_WORDS * shares[name] for name, cosine in cosines.items()}
        (best, most), (_, next_most) = sorted(nearness.items(), key=lambda one: -one[1])[:2]
        bounds = _BOUNDS[Met.NAMES if _says(best, text) else met]
        return best if any(most >= near and most - next_most >= apart for near, apart in bounds) else ""

    def _shares(self, text: str) -> Mapping[str, float]:
        """The share of the words of a text that each name and its descriptions have; a word weighs the more the fewer have it."""
        told, counts = self._vocabulary
        words = {stem(word) for word in words_of(text) if word not in SILENT}
        weights = {word: math.log((len(told) + 1) / (counts[word] + 1)) for word in words}
        total = sum(weights.values()) or 1.0
        return {name: sum(weights[word] for word in words & said) / total for name, said in told.items()}

    def tells(self, name: str, text: str, *, denied: bool = False) -> bool:
        """Whether the descriptions of this name have all words of a text, in any form; denied, one that denies something."""
        words, told = {stem(word) for word in words_of(text) if word not in SILENT}, self._words[name]
        return any(words <= one and one & _DENYING for one in told) if denied else words <= frozenset().union(*told)

    @cached_property
    def _words(self) -> Mapping[str, Sequence[frozenset[str]]]:
        return {name: [frozenset(map(stem, words_of(text))) for text in texts] for name, texts in _told().items()}

    @cached_property
    def _vocabulary(self) -> tuple[Mapping[str, frozenset[str]], Counter[str]]:
        """The words of each name and its descriptions, and how many names have each."""
        told = {name: frozenset(map(stem, words_of(name))).union(*said) for name, said in self._words.items()}
        return told, Counter(word for said in told.values() for word in said)

    @cached_property
    def _descriptions(self) -> tuple[list[str], Vector]:
        pairs = [(name, text) for name, texts in _told().items() for text in texts]
        return [name for name, _ in pairs], np.array(self.embedder.embed([text for _, text in pairs]), dtype=np.float32)


@lru_cache(maxsize=1)
def _told() -> Mapping[str, Sequence[str]]:
    """The descriptions of each name."""
    told: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("described.toml").read_text(encoding="utf-8"))
    return told
