"""What is read less strictly where no readable record has all of a question.

*Half-cell OCV curve of LFP* finds a set of parameters that says so in words; *GITT data as parquet file* does not fail because no
record is a *file*. Every part stays visible, and what was named (a substance, a method, a maker, a number) is never given up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from records.record import EntityKind
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart
from search.understanding.everyday import is_car_make, is_general, may_describe, word_part
from search.understanding.in_words import OF_TESTS, in_words, is_quantity, is_reached, tests_and_data
from search.understanding.kinds import GIVEN_FOR
from search.understanding.part_quantities import of_its_part
from search.understanding.question import WORD
from search.understanding.record_kinds import is_record_kind
from search.understanding.told import called_otherwise, told_in_text
from search.understanding.vocabulary import SILENT, Known, Vocabulary

_NAMED: Final = (
    terms.PROPERTY,
    terms.MATTER,
    terms.DEVICE,
    terms.PROCESS,
    terms.PROCEDURE,
    terms.DATASET,
    terms.CHEMICAL_SUBSTANCE,
)
"""What is named even where the top of the ontologies has it."""
_PLACES: Final = frozenset(("Laboratory",))
"""Where something is done: *energy conversion laboratory of Empa*."""
_SHORTEST_PHRASE: Final = 3
"""Words of a question that are looked for as they stand."""
_CARS: Final = frozenset(("car", "cars", "vehicle", "vehicles", "automobile", "automobiles"))
_DIGIT: Final = re.compile(r"\d")
_AT: Final = re.compile(rf"(?:\bvalues?\s+)?\b(?:{GIVEN_FOR}|at|with|for|in)\s+", re.IGNORECASE)


def loosened(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query as it is where a readable record has all of it; else the strictest reading of it that finds something.

    First a quantity may be that of a part, then a text may speak of the concepts, then general words need not be what something is;
    then all of it may be words and numbers of one record (`in_words`). Words are given up last.
    """
    concepts = vocabulary.concepts
    if len(query.parts) == 1 and _befalls(query.parts[0], concepts):
        query = replace(query, parts=(told_in_text(query.parts[0], concepts),))
    if not query.parts or known.count((query,))[0]:
        return query
    parted = replace(query, parts=tuple(of_its_part(part, vocabulary) for part in query.parts))
    told = replace(query, parts=tuple(_told(part, concepts) for part in query.parts)) if is_open(query) else query
    if len(query.parts) == 1 and _is_spoken_of(query.parts[0], concepts):
        told = replace(query, parts=(told_in_text(query.parts[0], concepts),))
    elif len(query.parts) == 1:
        told = replace(query, parts=(called_otherwise(query.parts[0]),))
    worded = replace(told, parts=tuple(one for part in told.parts for one in _condition_in_words(part)))
    vague = _vague(_plain(worded, concepts), concepts)
    ways = [way for way in dict.fromkeys((parted, told, _plain(told, concepts), _plain(worded, concepts), vague)) if way != query]
    counts = known.count(ways)
    found = next((way for way, count in zip(ways, counts, strict=True) if count), None)
    if found is not None:
        return found
    plain = _plain(query, concepts)
    vague = _vague(plain, concepts)
    having, general, least = known.count((sure(query), sure(plain), sure(vague)))
    strict = frozenset(part for part in query.parts if not _may_be_said(part, query, concepts))
    if not any(isinstance(part, EntityPart) for part in strict) or not (having or general or least):  # who is named decides
        parts = tuple(part if part in strict else _told(part, concepts) for part in query.parts)
        said = in_words(replace(query, parts=parts), vocabulary, known, strict)
        if said is not None:
            return said
    if having:
        return query
    found = next((way for way, count in ((plain, general), (vague, least)) if count and sure(way).parts), None)
    return found or _as_phrase(query, known)


def without_general(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query without words of general English, where what is named beside them is found: *18650 form factor from any maker*.

    Those stay that texts have right beside another word of the question: *coin cell assembly*. A test that says the words of
    itself goes before (*periodic interruption of the current*), unless a thing or a number is named.
    """
    words = [part for part in query.words if is_general(part.text) or _tells_use(part.text, query)]
    named = [part for part in query.parts if not (part.negated or (isinstance(part, TextPart) and not _is_name(part)))]
    is_denied = any(part.negated for part in query.parts)
    if not words or not (query.order or is_denied or any(not _is_general(part, vocabulary.concepts) for part in named)):
        return query
    pairs = [(word, pair) for word in words for pair in _pairs(word.text, query.text)]
    told = known.count([Query(pair, (TextPart(pair),)) for _, pair in pairs]) if pairs else ()
    kept = {word for (word, _), count in zip(pairs, told, strict=True) if count}
    dropped = [word for word in words if word not in kept]
    rest = replace(
        query,
        parts=tuple(part for part in query.parts if part not in dropped),
        left_out=tuple(dict.fromkeys(word.text for word in dropped)),
    )
    found, of_tests = known.count((rest, replace(query, parts=(*query.parts, tests_and_data(vocabulary.concepts)))))
    is_thing = not named or any(names_thing(part, vocabulary.concepts) for part in named)
    return rest if found and (is_thing or not of_tests) else query


def _tells_use(word: str, query: Query) -> bool:
    """Whether it only says what is named anyway: what a model is for, that a make is of cars.

    *Molicel P42A drone cells*, *LG E series for electric cars*.
    """
    if word.lower() in _CARS:
        return any(is_car_make(part.text) for part in query.words)
    kinds = {part.kind for part in query.parts if isinstance(part, EntityPart) and not part.negated}
    is_before = re.search(rf"(?<![\w-]){re.escape(word)}\s+(?:cells?|batter(?:y|ies))(?![\w-])", query.text) is not None
    is_noun = word.islower() and not word.endswith(("ed", "ing"))
    is_for = query.text.lower().rstrip(" .?!").endswith(f" for {word.lower()}") and all(
        isinstance(part, TextPart | EntityPart) for part in query.parts
    )
    return (is_for or (is_before and is_noun)) and {EntityKind.MANUFACTURER, EntityKind.MODEL} <= kinds


def _is_name(word: TextPart) -> bool:
    """Whether it is a name of several words, for which there are others (*lithium plating*), or of a make of cars."""
    return (" " in word.text and bool(word.forms)) or is_car_make(word.text)


def _pairs(word: str, asked: str) -> Iterator[str]:
    """A noun or adjective with the word before and the word after it, where that one is none of general English."""
    if not may_describe(word):
        return
    words = [match.group() for match in WORD.finditer(asked)]
    for first, second in pairwise(words):
        other = second if first == word else first if second == word else ""
        if len(other) > 1 and not is_general(other.lower()) and other.lower() not in SILENT:
            yield f"{first} {second}"


def names_thing(part: Part, concepts: Concepts) -> bool:
    """Whether it is more than a word, a method or a kind of quantity."""
    if isinstance(part, ConceptPart):
        of_methods = not methods(concepts).isdisjoint(part.concepts)
        return not (of_methods or is_quantity(part, concepts) or _is_general(part, concepts))
    return not isinstance(part, TextPart)


def _is_spoken_of(part: Part, concepts: Concepts) -> bool:
    """Whether texts tell of it, though nothing has it: a method, a phenomenon, a quantity; of things they only make mention."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return False
    things = (terms.MATTER, terms.DEVICE, terms.CHEMICAL_SUBSTANCE)
    return all(concepts.narrower(thing).isdisjoint(part.concepts) for thing in things)


def _befalls(part: Part, concepts: Concepts) -> bool:
    """Whether it is what happens to things, of which texts tell as well: *thermal runaway*; no method or step of a test."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return False
    done = (terms.CHARACTERISATION_TECHNIQUE, terms.PROCEDURE, terms.BATTERY_TEST)
    return concepts.narrower(terms.PROCESS).issuperset(part.concepts) and all(
        concepts.narrower(one).isdisjoint(part.concepts) for one in done
    )


def is_open(query: Query) -> bool:
    """Whether a text that speaks of it may answer it: not one thing alone, nor what is made by somebody or within bounds.

    People and institutions write of more than what they describe.
    """
    return len(query.parts) > 1 and not any(
        (isinstance(part, EntityPart | EitherPart) and not _writes(part)) or part.negated or _is_bounded(part)
        for part in query.parts
    )


def _writes(part: Part) -> bool:
    return isinstance(part, EntityPart) and part.kind in (EntityKind.PERSON, EntityKind.INSTITUTION)


def _may_be_said(part: Part, query: Query, concepts: Concepts) -> bool:
    """Whether words may say what it asks for: a word, a quantity, a method; a thing where a text may speak of it."""
    if part.negated or isinstance(part, QuantityPart):
        return is_reached(part)
    if is_record_kind(part):
        return False
    if isinstance(part, ConceptPart):
        is_told = is_quantity(part, concepts) or _is_general(part, concepts) or not methods(concepts).isdisjoint(part.concepts)
        return not part.roles and (is_told or is_open(_without_settings(query)))
    return isinstance(part, TextPart)


def _without_settings(query: Query) -> Query:
    """The query without the numbers that tests are done with."""
    kept = (part for part in query.parts if not (isinstance(part, QuantityPart) and part.dimension in OF_TESTS))
    return replace(query, parts=tuple(kept))


def _is_bounded(part: Part) -> bool:
    return isinstance(part, QuantityPart) and (part.minimum is not None or part.maximum is not None)


def sure(query: Query) -> Query:
    """The query without the words that may be missing."""
    return replace(query, parts=tuple(part for part in query.parts if part.negated or not isinstance(part, TextPart)))


def _told(part: Part, concepts: Concepts) -> Part:
    """A thing or method, also where a text speaks of it; a text has the words for every quantity."""
    return part if isinstance(part, ConceptPart) and is_quantity(part, concepts) else told_in_text(part, concepts)


def _plain(query: Query, concepts: Concepts) -> Query:
    """The query with general concepts as words."""
    return replace(query, parts=tuple(word_part(part.text) if _is_general(part, concepts) else part for part in query.parts))


def _vague(query: Query, concepts: Concepts) -> Query:
    """The query with kinds of quantity of one plain word (*time*, *charge*), and what a named instrument is, as words.

    Only where there is more to go by.
    """
    tests = any(isinstance(part, ConceptPart) and not methods(concepts).isdisjoint(part.concepts) for part in query.parts)
    instruments = any(isinstance(part, EntityPart) and part.kind is EntityKind.INSTRUMENT for part in query.parts)
    given_up = {
        part
        for part in query.parts
        if _is_vague(part, concepts, beside_test=tests, asked=query.text) or (instruments and _is_device(part, concepts))
    }
    vague = replace(query, parts=tuple(TextPart(part.text) if part in given_up else part for part in query.parts))
    return vague if any(not part.negated for part in sure(vague).parts) else query


def _is_vague(part: Part, concepts: Concepts, *, beside_test: bool, asked: str) -> bool:
    """Whether it is a kind of quantity of one plain word; a test gives more: *pulse test for internal resistance*.

    The *thickness of* something is asked for.
    """
    if not isinstance(part, ConceptPart) or part.negated or part.roles or not is_quantity(part, concepts):
        return False
    if f"{part.text} of " in asked:
        return False
    return beside_test or (part.text.isalpha() and part.text.islower())


def _is_device(part: Part, concepts: Concepts) -> bool:
    """Whether it says what an instrument that was named is: *Biologic potentiostat*, *Biologic cycler (VMP-300)*."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return False
    return not (concepts.narrower(terms.DEVICE) | concepts.narrower(terms.MEASURING_INSTRUMENT)).isdisjoint(part.concepts)


def _as_phrase(query: Query, known: Known) -> Query:
    """The whole question as words that a text has one after the other: *Swiss Federal Laboratories for Materials Science*."""
    return as_phrase(query, known) if len(query.parts) > 1 else query


def as_phrase(query: Query, known: Known) -> Query:
    """The same of what is read as one thing alone: *battery data commons*."""
    if len(query.text.split()) < _SHORTEST_PHRASE or any(part.negated or isinstance(part, QuantityPart) for part in query.parts):
        return query
    phrase = replace(query, parts=(TextPart(query.text.strip(' .?!"“”')),))
    return phrase if known.count((phrase,))[0] else query


@lru_cache(maxsize=4)
def methods(concepts: Concepts) -> frozenset[str]:
    """Methods, tests, and the instruments for them."""
    of_methods = (terms.CHARACTERISATION_TECHNIQUE, terms.PROCEDURE, terms.BATTERY_TEST, terms.PROCESS)
    tops = (*of_methods, terms.DEVICE, terms.MEASURING_INSTRUMENT)
    return frozenset[str]().union(*map(concepts.narrower, tops)) - concepts.narrower(terms.ELECTROCHEMICAL_DEVICE)


def _condition_in_words(part: Part) -> tuple[Part, ...]:
    """A kind of quantity under a condition as words for both: *impedance at 50 % SoC* is the title of a protocol.

    So is an adjective with a stated meaning: a text says *high temperature*, and no number.
    """
    if isinstance(part, QuantityPart) and _is_bounded(part) and not part.negated and not _DIGIT.search(part.text):
        return (TextPart(_AT.sub("", part.text)),)
    if not isinstance(part, QuantityPart) or part.negated or _is_bounded(part) or not part.conditions:
        return (part,)
    held = [_AT.sub("", condition.text) for condition in part.conditions]
    kind = _AT.split(part.text)[0].strip()
    return tuple(TextPart(text) for text in (kind, *held) if text)


def _is_general(part: Part, concepts: Concepts) -> bool:
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return False
    named = _named(concepts)
    return all((terms.is_of_every_science(iri) and iri not in named) or concepts.label(iri) in _PLACES for iri in part.concepts)


@lru_cache(maxsize=4)
def _named(concepts: Concepts) -> frozenset[str]:
    return frozenset[str]().union(*map(concepts.narrower, _NAMED))
