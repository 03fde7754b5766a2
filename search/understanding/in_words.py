"""The whole question as words and numbers of one record, where no record has its parts as they were understood.

*DC internal resistance by pulses* is what a protocol says of itself in a sentence, *10 s discharge pulse at 2C* another. So every
word must stand in the record, in any form and order, in its title, its text or the name of a concept that it uses; every number
with its unit there too, or as a quantity. What was named (a substance beside a number, a maker, a role, a bound) stays as it was.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from search.query import ConceptPart, EitherPart, Expansion, Part, QuantityPart, Query, SinglePart, TextPart
from search.understanding.amounts_in_texts import SPELLED, exactly, said
from search.understanding.everyday import alike
from search.understanding.numerals import NUMBER, Number, Numbers
from search.understanding.question import WORD
from search.understanding.stems import label_words, stem
from search.understanding.vocabulary import FILLERS, SILENT, SOFT, Known, Vocabulary, word_set

OF_TESTS: Final = frozenset(("T", "T⁻¹", "Θ", "L²·M·T⁻⁴·I⁻¹"))
"""Dimensions of what tests are done with: times, rates and frequencies, temperatures, scan rates."""

_COUNTS: Final = "1"
_TEMPERATURE: Final = "Θ"
_SET: Final = frozenset(("I", "L²·M·T⁻³·I⁻¹"))
"""Dimensions of what tests are done with and what cells are said to have: currents and voltages."""
_FEWEST, _MOST = 2, 16
"""Words and numbers of a question that is looked for so."""
_MANY: Final = 4
"""Of so many words and numbers, a word may be missing."""
_LEAST_BEGUN: Final = 4
"""Letters that a word of a name must begin with."""
_MOST_NAMED: Final = 40
"""A word of more concepts than that is the name of none: *device*."""
_REACHED: Final = re.compile(
    rf"(?<!\w)(?:up to|down to|until|till|to|from)\s+(?:[-\d(]|C/\d|(?:{'|'.join(SPELLED)})\b)", re.IGNORECASE
)
"""Before an end that a test goes to, which is no bound of what is asked for: *charging up to 4.2 V*."""
_VERSION: Final = re.compile(r"v?\d+(?:\.\d+){2,}", re.IGNORECASE)
_ONE_SIDED: Final = ("<", ">", "≤", "≥")
_OF_NUMBERS: Final = word_set("about approximately between circa each every exactly from range then until window within")
"""Words beside numbers that texts say otherwise."""
_TESTS_AND_DATA: Final = (
    terms.BATTERY_TEST,
    terms.PROCEDURE,
    terms.DATASET,
    terms.CHARACTERISATION_TECHNIQUE,
    terms.PROCESS,
)


def in_words(query: Query, vocabulary: Vocabulary, known: Known, strict: frozenset[Part]) -> Query | None:
    """The question as words and numbers that one readable record has all of.

    A test, a protocol or data that has them goes before a cell whose many papers have each word somewhere; there kinds of quantity
    need not be said, whose numbers are, and of many words one may be missing.

    Args:
        query: The question as understood.
        vocabulary: The ontologies.
        known: Counts of what the reader may read.
        strict: Parts that must be met as they are.

    Returns:
        ``None`` where no readable record has them.
    """
    if query.order is not None or len(strict) == len(query.parts):
        return None
    reader = _Reader(vocabulary, is_alone=not strict)
    items = tuple(dict.fromkeys(item for part in query.parts for item in ((part,) if part in strict else reader.items(part))))
    asked = [item for item in items if not item.negated]
    if not _FEWEST <= len(asked) <= _MOST:
        return None
    whole = replace(query, parts=items)
    tests = tests_and_data(vocabulary.concepts)
    is_named = any(isinstance(part, ConceptPart) and not part.negated for part in strict)
    of_things = query.first is not None or reader.has_owner or is_named
    found = _first([whole], known) if of_things and not reader.only_tests else None
    if found is None:
        found = _first([_beside(whole, tests), _beside(_with_optional(whole, reader.kinds), tests)], known)
    if found is None and len(asked) >= _MANY:
        fewer = (_with_optional(whole, {item}) for item in asked if item in reader.words)
        found = _fewest([_beside(way, tests) for way in fewer], known)
    if found is None and not reader.only_tests:
        found = _first([whole], known)
    return found


def _first(ways: Sequence[Query], known: Known) -> Query | None:
    """The first of these that finds something, with what is optional left out."""
    counts = known.count([_required(way) for way in ways])
    return next((way for way, count in zip(ways, counts, strict=True) if count), None)


def _fewest(ways: Sequence[Query], known: Known) -> Query | None:
    """The one of these that finds the fewest records: what is left out of it tells the least."""
    counts = known.count([_required(way) for way in ways])
    found = [(count, number) for number, count in enumerate(counts) if count]
    return ways[min(found)[1]] if found else None


def _with_optional(whole: Query, items: Collection[Part]) -> Query:
    return replace(whole, parts=tuple(TextPart(one.text) if one in items else one for one in whole.parts))


def _required(query: Query) -> Query:
    return replace(query, parts=tuple(part for part in query.parts if part.negated or not isinstance(part, TextPart)))


def _beside(query: Query, part: Part) -> Query:
    return replace(query, parts=(*query.parts, part))


@lru_cache(maxsize=4)
def tests_and_data(concepts: Concepts) -> ConceptPart:
    """The part for tests, protocols and data."""
    labels = tuple(map(concepts.label, _TESTS_AND_DATA))
    expanded = frozenset[str]().union(*map(concepts.narrower, _TESTS_AND_DATA))
    return ConceptPart("tests and data", _TESTS_AND_DATA, labels, expanded)


class _Reader:
    """Turns parts into what a record must say.

    Args:
        vocabulary: The ontologies.
        is_alone: Whether nothing else is asked for, so that texts may tell any number.

    ``words`` are those that are plain words, ``kinds`` what names the kind of a quantity; ``only_tests`` tells whether cells have
    such quantities of their own, which are not what their papers tell, ``has_owner`` whether what has a quantity is named.
    """

    def __init__(self, vocabulary: Vocabulary, *, is_alone: bool) -> None:
        self._vocabulary = vocabulary
        self._is_alone = is_alone
        self.words: set[Part] = set()
        self.kinds: set[Part] = set()
        self.only_tests = False
        self.has_owner = False

    def items(self, part: Part) -> Iterator[Part]:
        """What a record must say instead of having a part."""
        match part:
            case ConceptPart():
                telling = _telling(part.text)
                words = tuple(TextPart(own, forms=tuple(others)) for own, *others in map(alike, telling))
                named = _named(stem(telling[0]), self._vocabulary.concepts) if len(telling) == 1 else ()
                item = _either(part.text, ((part,), words, *((one,) for one in named)))
                if is_quantity(part, self._vocabulary.concepts):
                    self.kinds.add(item)
                yield item
            case QuantityPart() if part.kinds and part.dimension not in OF_TESTS | _SET | {_COUNTS}:
                self.has_owner |= bool(part.roles)
                yield replace(part, conditions=())  # what a thing has is no matter of words
                yield from (replace(condition, text=condition.text or part.text) for condition in part.conditions)
            case TextPart() | QuantityPart():
                self.only_tests |= isinstance(part, QuantityPart) and bool(part.kinds) and part.dimension in _SET
                yield from self._said(part)
            case _:
                yield part

    def _said(self, part: TextPart | QuantityPart) -> Iterator[Part]:
        """The words and numbers of a part, each by itself."""
        text = part.text
        numbers = Numbers(text, self._vocabulary.units)
        position = 0
        words: list[str] = []
        for match in NUMBER.finditer(text):
            if match.start() < position or self._is_in_code(text, match):
                continue
            number = numbers.alone(match)
            if not math.isfinite(number.value):
                continue
            words += _telling(text[position : match.start()])
            position = number.end
            yield self._number(number, text[number.start : number.end], part)
        if isinstance(part, TextPart) and part.forms:
            yield self._everyday(part)
            return
        items = [self._word(word) for word in (*words, *_telling(text[position:]))]
        if isinstance(part, QuantityPart) and part.kinds:
            self.kinds.update(items)
        yield from items

    def _number(self, number: Number, asked: str, part: TextPart | QuantityPart) -> Part:
        quantity = exactly(number, asked, part.kinds if isinstance(part, QuantityPart) else frozenset())
        is_told = self._is_alone or quantity.dimension in OF_TESTS
        return _either(asked, ((quantity,), *((TextPart(one),) for one in said(number) if is_told)))

    def _is_in_code(self, text: str, match: re.Match[str]) -> bool:
        """Whether it is part of a longer word: a model, a version (*1.1.14*)."""
        return any(
            (word.start() < match.start() or _VERSION.fullmatch(word.group()))
            and word.start() <= match.start()
            and match.end() <= word.end()
            for word in WORD.finditer(text)
        )

    def _everyday(self, part: TextPart) -> Part:
        """A word, or several, for which there are others: *mobile phone*."""
        words = _telling(part.text)
        stems = ((TextPart(one),) for one in alike(words[0])) if len(words) == 1 else (tuple(TextPart(stem(one)) for one in words),)
        named = _named(stem(words[0]), self._vocabulary.concepts) if len(words) == 1 else ()
        item = _either(part.text, (*stems, (part,), *((replace(one, text=part.text),) for one in named)))
        self.words.add(item)
        return item

    def _word(self, word: str) -> Part:
        """A word in any form, or one that says the same, in a text or in the name of a concept that is used."""
        named = _named(stem(word), self._vocabulary.concepts)
        item = _either(word, (*((TextPart(one),) for one in alike(word)), *((replace(one, text=word),) for one in named)))
        self.words.add(item)
        return item


def is_quantity(part: ConceptPart, concepts: Concepts) -> bool:
    """Whether it is a kind of quantity."""
    return not concepts.narrower(terms.PROPERTY).isdisjoint(part.concepts)


def is_reached(part: Part) -> bool:
    """Whether the bounds of a quantity are ends that something goes to, or no bounds on one side: *down to 2.4 V*, *10 s*.

    The least and the greatest temperature that a cell bears are its own: *operating temperature down to -40 °C*.
    """
    if not isinstance(part, QuantityPart) or part.negated or part.rule:
        return False
    reached = not (part.kinds and part.dimension == _TEMPERATURE) and _REACHED.search(part.text) is not None
    return all(not one.asked.startswith(_ONE_SIDED) or reached for one in (part, *part.conditions))


def _telling(text: str) -> list[str]:
    """The words of a text that tell something."""
    words = [match.group() for match in WORD.finditer(text)]
    silent = SILENT | SOFT | FILLERS | _OF_NUMBERS
    return [word for word in words if word.lower() not in silent and (len(word) > 1 or word.isdigit())]


def _either(text: str, ways: Sequence[tuple[SinglePart, ...]]) -> EitherPart:
    return EitherPart(text, tuple(dict.fromkeys(way for way in ways if way)))


@lru_cache(maxsize=1024)
def _named(begun: str, concepts: Concepts) -> tuple[ConceptPart, ...]:
    """The part for the concepts of whose names a word begins so, where it says something."""
    words, iris = _label_words(concepts)
    said = begun.lower()
    if len(said) < _LEAST_BEGUN:
        found = iris.get(said, ())
    else:
        first, end = bisect_left(words, said), bisect_left(words, said + "\uffff")
        found = tuple(sorted({iri for word in words[first:end] for iri in iris[word]}))
    if not 0 < len(found) <= _MOST_NAMED:
        return ()
    return (ConceptPart(begun, found, tuple(map(concepts.label, found)), frozenset(found), expansion=Expansion.EXACT),)


@lru_cache(maxsize=4)
def _label_words(concepts: Concepts) -> tuple[Sequence[str], Mapping[str, tuple[str, ...]]]:
    """The words of all labels, in order, and the concepts that have each."""
    found: dict[str, set[str]] = {}
    for iri in frozenset(concepts.roots()).union(*map(concepts.narrower, concepts.roots())):
        for word in label_words(concepts.label(iri)):
            found.setdefault(word.lower(), set()).add(iri)
    return sorted(found), {word: tuple(sorted(iris)) for word, iris in found.items()}
