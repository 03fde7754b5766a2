"""Adjectives with a stated meaning (``high power``): conditions that readers see with their definition (``adjectives.toml``)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from ontology.units import Unit
from search.query import QuantityPart
from search.understanding.kinds import quantity_classes
from search.understanding.numerals import NUMBERLESS
from search.understanding.question import Question
from search.understanding.vocabulary import FILLERS, SILENT, SOFT, Vocabulary

_LIMIT: Final = re.compile(r"(?P<number>-?[\d.]+)\s*(?P<unit>.*)")
_STUDY: Final = (
    r"(?:protocols?|procedures?|strateg(?:y|ies)|algorithms?|stud(?:y|ies)|experiments?|research|simulations?|papers?|articles?"
    r"|publications?|literature|methods?|models?|modelling|modeling|optimi[sz]ation|applications?)"
)
_STUDIES: Final = re.compile(rf"[\s-]+{_STUDY}(?![\w-])", re.IGNORECASE)
_STUDIES_OF: Final = re.compile(rf"(?<![\w-]){_STUDY}\s+(?:on|about|of|for|into|in)\s+\Z", re.IGNORECASE)
_PLAIN_WORD: Final = re.compile(r"\s+(?P<word>[a-z]{4,})(?![\w-])")


@dataclass(frozen=True, slots=True)
class Adjective:
    """What an adjective means.

    Args:
        words: What people say, in small letters with single spaces.
        kinds: Labels of classes of quantities, any of them.
        limit: The bound in its unit.
        unit: The unit as written; ``""`` for a pure number.
        at_least: Whether the limit is the least that matches; else it is the most.
        meaning: The definition in words.
    """

    words: tuple[str, ...]
    kinds: tuple[str, ...]
    limit: float
    unit: str
    at_least: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Superlative:
    """By which quantity a superlative puts records in order, and whether the greatest comes first."""

    words: tuple[str, ...]
    kinds: tuple[str, ...]
    greatest: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """Which kinds are meant where a unit alone says by what records shall be put in order."""

    unit: str
    kinds: tuple[str, ...]


@lru_cache(maxsize=1)
def adjectives() -> tuple[Adjective, ...]:
    """The adjectives of ``adjectives.toml``."""
    return tuple(_adjective(row) for row in _rows("adjective"))


@lru_cache(maxsize=1)
def superlatives() -> tuple[Superlative, ...]:
    """The superlatives of ``adjectives.toml``."""
    return tuple(Superlative(_normal(row["words"]), tuple(row["kinds"]), row["greatest"]) for row in _rows("superlative"))


@lru_cache(maxsize=1)
def measured() -> tuple[Measured, ...]:
    """The units of ``adjectives.toml``."""
    return tuple(Measured(row["unit"], tuple(row["kinds"])) for row in _rows("measured"))


def read_adjectives(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for every adjective of which nothing is understood yet."""
    for pattern, adjective in _patterns():
        for match in pattern.finditer(question.text):
            is_name = question.is_inside_name(*match.span()) or _is_of_something_else(question, *match.span(), vocabulary)
            if question.is_free(*match.span()) and not is_name:
                question.put(*match.span(), _part(match.group(), adjective, vocabulary))


def _is_of_something_else(question: Question, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether a plain word follows that names nothing here, so that the adjective is its own: *light vehicles*.

    What studies are about is no bound either: *fast charging strategies*.
    """
    if _STUDIES.match(question.text, end) is not None or _STUDIES_OF.search(question.text, 0, start) is not None:
        return True
    following = _PLAIN_WORD.match(question.text, end)
    if following is None or not question.is_free(*following.span("word")):
        return False
    word = following["word"]
    return word not in SILENT | SOFT | FILLERS and not vocabulary.lookup.named(word, limit=1)


def class_of(label: str, vocabulary: Vocabulary) -> str:
    """IRI of the class with this prefLabel; ``""`` when these ontologies have none."""
    return next((one.iri for one in vocabulary.lookup.find(label, limit=2) if one.label == label and not one.deprecated), "")


def classes_of(labels: tuple[str, ...], vocabulary: Vocabulary) -> frozenset[str]:
    """The classes with these labels, and their narrower ones."""
    found = (class_of(label, vocabulary) for label in labels)
    return frozenset().union(*(quantity_classes(vocabulary, iri) for iri in found if iri))


def phrase(words: str) -> str:
    """A pattern for words, whether a space or a hyphen stands between them.

    >>> re.fullmatch(phrase("high power"), "High-power", re.IGNORECASE) is not None
    True
    """
    return r"[\s-]+".join(re.escape(word) for word in words.split())


def _part(text: str, adjective: Adjective, vocabulary: Vocabulary) -> QuantityPart:
    unit: Unit = (vocabulary.units.find(adjective.unit) if adjective.unit else None) or NUMBERLESS
    bound = unit.to_base(adjective.limit)
    sign = "≥" if adjective.at_least else "≤"
    return QuantityPart(
        text=text,
        kinds=classes_of(adjective.kinds, vocabulary),
        labels=adjective.kinds,
        minimum=bound if adjective.at_least else None,
        maximum=None if adjective.at_least else bound,
        minimum_included=adjective.at_least,
        maximum_included=not adjective.at_least,
        unit=adjective.unit if unit.dimension != "1" else "",
        dimension=unit.dimension,
        asked=f"{sign} {adjective.limit:g} {adjective.unit}".strip(),
        rule=f"{adjective.words[0]}: {adjective.meaning}",
    )


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Adjective], ...]:
    """One pattern for every way to say an adjective, the longest first."""
    said = sorted(((words, one) for one in adjectives() for words in one.words), key=lambda row: -len(row[0]))
    return tuple((re.compile(rf"(?<![\w-]){phrase(words)}(?![\w-])", re.IGNORECASE), one) for words, one in said)


def _adjective(row: dict[str, Any]) -> Adjective:
    at_least = "at_least" in row
    limit = _LIMIT.fullmatch(row["at_least" if at_least else "at_most"])
    if limit is None:
        raise ValueError(f"adjectives.toml: {row['words'][0]}: the limit is no number with a unit")
    return Adjective(_normal(row["words"]), tuple(row["kinds"]), float(limit["number"]), limit["unit"], at_least, row["meaning"])


def _rows(table: str) -> list[dict[str, Any]]:
    content = tomllib.loads(files(__package__).joinpath("adjectives.toml").read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = content[table]
    return rows


def _normal(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.replace("-", " ") for word in words))
