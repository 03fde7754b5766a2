"""Sizes of batteries from shops (``AA``, ``LR6``, ``AG13``), by whatever designation records have (``consumer_sizes.toml``)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from records.record import EntityKind
from search.names import fold_name
from search.query import ConceptPart, EitherPart, EntityPart, Part
from search.understanding.adjectives import class_of
from search.understanding.question import Question
from search.understanding.vocabulary import Known, Vocabulary

_THINGS: Final = r"(?:cells?|batter(?:y|ies))"
_BEFORE: Final = r"(?:(?i:alkaline|primary|disposable|single-use|household|consumer)[\s-]+)?"
"""What is said of such a size anyway: records that have no more than its name do not say that it is alkaline."""
_NO_NAME: Final = r"(?![\w-])(?!\s+[A-Z][a-z])"
"""After letters that also begin a company's name: *AA Portable Power Corp*."""


@dataclass(frozen=True, slots=True)
class ConsumerSize:
    """A size, the class of the ontologies (or ``""``), what people say, and the designations that models are called by."""

    label: str
    said: tuple[str, ...]
    codes: tuple[str, ...]


@lru_cache(maxsize=1)
def consumer_sizes() -> tuple[ConsumerSize, ...]:
    """The sizes of ``consumer_sizes.toml``."""
    rows = tomllib.loads(files(__package__).joinpath("consumer_sizes.toml").read_text(encoding="utf-8"))["size"]
    return tuple(ConsumerSize(row["label"], tuple(row["said"]), tuple(row["codes"])) for row in rows)


def read_consumer_sizes(question: Question, vocabulary: Vocabulary, known: Known) -> None:
    """Put a part for every size that the ontologies name, or of which readable records have a model by any of its designations."""
    for pattern, size in _patterns():
        for match in pattern.finditer(question.text):
            part = _part(match.group(), size, vocabulary, known) if question.is_free(*match.span()) else None
            if part is not None:
                question.put(*match.span(), part)


def _part(text: str, size: ConsumerSize, vocabulary: Vocabulary, known: Known) -> Part | None:
    """The models of this size, and what the ontologies call so; ``None`` where there is neither."""
    named = sorted(known.named([fold_name(code) for code in size.codes]), key=lambda one: -one.count)
    models = [one for one in named if one.kind is EntityKind.MODEL]
    names = tuple(dict.fromkeys(one.name for one in models))
    model = EntityPart(text, EntityKind.MODEL, names, models[0].label) if models else None
    iri = class_of(size.label, vocabulary) if size.label else ""
    concept = ConceptPart(text, (iri,), (size.label,), vocabulary.concepts.narrower(iri)) if iri else None
    return EitherPart(text, ((model,), (concept,))) if model and concept else model or concept


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], ConsumerSize], ...]:
    return tuple((re.compile(rf"(?<![\w/.-]){_BEFORE}(?:{_said(size)})"), size) for size in consumer_sizes())


def _said(size: ConsumerSize) -> str:
    """The ways to say a size, with the words for what it is; a single letter says it only beside them."""
    ways = [rf"{re.escape(code)}(?:[\s-]*{_THINGS})?(?![\w-])" for code in size.codes]
    for word in size.said:
        name = re.escape(word) if word.isupper() else rf"(?i:{re.escape(word)})"
        ways.append(rf"(?i:size|type)\s+{name}{_NO_NAME}")
        beside = rf"(?:[\s-]*(?:sized?|type|format))?(?:[\s-]*{_THINGS})"
        ways.append(rf"{name}{beside}(?![\w-])" if len(word) == 1 else rf"{name}(?:{beside}|[\s-]*(?:sized?|format))?{_NO_NAME}")
    return "|".join(ways)
