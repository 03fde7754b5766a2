"""Names and methods that nothing has as its own beside the rest of the question, but that are mentioned.

*Cycling test of the ANR26650M1-B* finds a test whose title has that model, *chromatography* what only a description speaks of.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Final

from ontology.concepts import Concepts
from records.record import EntityKind
from search.names import fold_name
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart
from search.understanding.amounts_in_texts import part_of_capacity
from search.understanding.in_words import tests_and_data
from search.understanding.kinds import GIVEN_FOR
from search.understanding.loosening import methods, names_thing, sure
from search.understanding.record_kinds import is_record_kind
from search.understanding.told import named_in_text, told_in_text
from search.understanding.vocabulary import Known, Vocabulary

_SHORTEST_CODE: Final = 6
"""Letters of an instrument or the code of a model that is looked for in titles and texts where nothing else is asked."""
_STATES: Final = frozenset(("StateOfCharge", "DepthOfDischarge"))
_AMOUNT: Final = re.compile(r"= (?P<value>-?[\d.]+)(?: .*)?")
"""A number by itself, in the words of `QuantityPart.asked`."""
_CELSIUS: Final = ("degC", "degree Celsius", "degrees Celsius", "deg C", "degrees C")
_KIND: Final = re.compile(rf"(?:\s+values?)?\s+(?:{GIVEN_FOR}|at|@|under)\s+|\s+(?=[\d.]|C/)", re.IGNORECASE)
"""Between a kind of quantity and its condition."""
_CODE: Final = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9][\w-]{2,}")
"""A model as makers write it."""
_SIZE: Final = re.compile(r"[A-Z]{0,3}\d{4,5}")


def with_mentioned(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which names and methods may be mentioned in a title or text, where nothing readable fits otherwise.

    Names first, methods too where that is not enough, and what a test was done under (*EIS at 50 % SOC*) last; if nothing fits even
    so, the query as it was.
    """
    if _is_rate_alone(query):  # *C/10 discharge*: tests tell their steps in words as well
        told = replace(query, parts=tuple(map(_as_told, query.parts)), first=query.first or tests_and_data(vocabulary.concepts))
        return told if known.count((told,))[0] else query
    if len(sure(query).parts) < 2:  # a name that is known is somebody's own; tests are called after a model or an instrument
        query = names = replace(query, parts=tuple(named_in_text(part) if _names_tests(part) else part for part in query.parts))
    else:
        names = replace(query, parts=tuple(map(named_in_text, query.parts)))
    methods = replace(names, parts=tuple(_told(part, vocabulary.concepts) for part in names.parts))
    words = replace(methods, parts=tuple(_as_told(part) for part in methods.parts))
    conditions = replace(methods, parts=tuple(_as_told(part, has_kind=True) for part in methods.parts))
    ways = tuple(dict.fromkeys((query, names, methods, words, conditions)))
    if len(ways) == 1:
        return query
    if names_tests(query):  # *ANR26650M1-B formation protocol* is a test that is called so
        counts = known.count(ways)
        if any(counts):
            return next(way for way, count in zip(ways, counts, strict=True) if count)
    counts = known.count([sure(way) for way in ways])
    return next((way for way, count in zip(ways, counts, strict=True) if count), query)


def of_what_is_tested(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of tests of something that is named, without what that has by itself: *GITT on an A123 LFP cell*.

    A test tells whose cell it is about, seldom what that is made of. The name must have the rest by itself somewhere.
    """
    concepts = vocabulary.concepts
    tests = [part for part in query.parts if isinstance(part, ConceptPart) and not methods(concepts).isdisjoint(part.concepts)]
    names = [part for part in query.parts if not part.negated and (isinstance(part, EntityPart) or _is_size(part))]
    own = [part for part in query.parts if part not in (*tests, *names) and names_thing(part, concepts)]
    if not tests or not names or not own or any(not isinstance(part, ConceptPart) or part.negated for part in own):
        return query
    thing = Query("", (*names, *own))
    about = with_mentioned(replace(query, parts=tuple(part for part in query.parts if part not in own)), vocabulary, known)
    having, *others = known.count((sure(query), thing, sure(about)))
    return about if not having and all(others) else query


def _is_size(part: Part) -> bool:
    return isinstance(part, ConceptPart) and any(_SIZE.fullmatch(label) for label in part.labels)


def with_unknown_models(query: Query, known: Known) -> Query:
    """The query in which a code after a maker, which no readable record of that maker has, is a model that nothing is: *LG HG2*."""
    parts = list(query.parts)
    for position, (maker, code) in enumerate(pairwise(parts), start=1):
        if not isinstance(maker, EntityPart) or maker.negated or maker.kind is not EntityKind.MANUFACTURER:
            continue
        if not isinstance(code, TextPart) or code.negated or _CODE.fullmatch(code.text) is None:
            continue
        is_beside = re.search(rf"{re.escape(maker.text)}\s+{re.escape(code.text)}(?!\w)", query.text) is not None
        if is_beside and not known.count((replace(query, parts=(maker, code)),))[0]:
            parts[position] = EntityPart(code.text, EntityKind.MODEL, (fold_name(code.text),), code.text)
    return replace(query, parts=tuple(parts))


def _told(part: Part, concepts: Concepts) -> Part:
    """A method, also where only a text speaks of it; of what a record shall be no text tells."""
    is_free = isinstance(part, ConceptPart) and not part.negated and not part.roles and not is_record_kind(part)
    if not isinstance(part, ConceptPart) or not is_free or methods(concepts).isdisjoint(part.concepts):
        return part
    return told_in_text(part, concepts)


def _as_told(part: Part, *, has_kind: bool = False) -> Part:
    """A rate, a temperature or a state of charge by itself, also where a title or text says it in words: ``1C``, ``50% SOC``.

    A kind of quantity that holds under it is a word as well, or has to be there as such.
    """
    if not isinstance(part, QuantityPart) or part.negated or part.rule:
        return part
    amounts = [part, *part.conditions] if part.asked else list(part.conditions)
    said = [text for amount in amounts if (text := _said(amount)) is not None]
    if not said or len(said) < len(amounts) or (part.asked and part.kinds and not _is_state(part)):
        return part
    if part.asked:
        return EitherPart(part.text, ((part,), tuple(said)))
    words = _KIND.split(part.text)[0].split()
    own = (
        [TextPart(word) for word in words] if part.role else [TextPart(" ".join(words))]
    )  # *electrolyte density*: of an electrolyte
    kind = [replace(part, conditions=())] if has_kind else own
    return EitherPart(part.text, ((part,), (*kind, *said)))


def _said(amount: QuantityPart) -> TextPart | None:
    """How titles write such an amount, ``None`` for one that they hardly tell."""
    number = _AMOUNT.fullmatch(amount.asked)
    if number is None:
        return None
    value = number["value"]
    if _is_state(amount):
        state = "SOC" if "StateOfCharge" in amount.labels else "DOD"
        return TextPart(f"{value} {state}", forms=(f"{state}{value}", f"{state} {value}", f"{value}{state}"))
    match amount.dimension:
        case "Θ" if "C" in amount.unit or "elsius" in amount.unit:
            return TextPart(f"{value} C", forms=(f"{value}C", *(f"{value} {unit}" for unit in _CELSIUS)))
        case "T⁻¹" if amount.unit == "C" and (rate := float(value)) > 0:
            return TextPart(f"{rate:g}C") if rate >= 1 else TextPart(f"C/{part_of_capacity(rate)}", forms=(f"{rate:g}C",))
        case "T⁻¹" if amount.unit != "C":
            return TextPart(f"{value} {amount.unit}", forms=(f"{value}{amount.unit}",))
    return None


def _is_state(amount: QuantityPart) -> bool:
    return not _STATES.isdisjoint(amount.labels)


def _is_rate_alone(query: Query) -> bool:
    """Whether a rate is all of it, of no quantity, perhaps beside a temperature and the kind of record: *protocols at 1C*."""
    settings = [part for part in query.parts if not is_record_kind(part)]
    rates = [part for part in settings if _is_setting(part, "T⁻¹") and isinstance(part, QuantityPart) and part.unit == "C"]
    return len(rates) == 1 and all(part in rates or _is_setting(part, "Θ") for part in settings)


def _is_setting(part: Part, dimension: str) -> bool:
    """Whether it is one number of this dimension, of no kind of quantity."""
    return isinstance(part, QuantityPart) and part.asked.startswith("=") and part.dimension == dimension and not part.kinds


def names_tests(query: Query, *, or_kinds: bool = True) -> bool:
    """Whether it names what tests are called after, or (unless that does not matter) says that tests or data are asked for."""
    return any(_names_tests(part) or (or_kinds and is_record_kind(part)) for part in query.parts)


def _names_tests(part: Part) -> bool:
    """Whether it is an instrument, or the code of a model, which nothing else is called by."""
    if not isinstance(part, EntityPart) or len(part.text) < _SHORTEST_CODE:
        return False
    return part.kind is EntityKind.INSTRUMENT or (part.kind is EntityKind.MODEL and re.search(r"\d", part.text) is not None)
