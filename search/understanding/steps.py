"""What numbers are in a test: in which step a setting holds, between which limits, how often it is repeated.

*Charging at C/20* is no C/20 at which a voltage hold ends; *500 cycles between 2.5 and 4.2 V* of a test are iterations, and the
voltages its limits.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EitherPart, Part, QuantityPart, Query, SinglePart
from search.understanding.adjectives import class_of, classes_of
from search.understanding.loosening import methods, sure
from search.understanding.vocabulary import Known, Vocabulary
from search.understanding.windows import limits_of

_STEPS: Final = (
    (re.compile(r"(?<![\w-])discharg(?:e|es|ed|ing)(?![\w-])", re.IGNORECASE), "Discharging"),
    (re.compile(r"(?<![\w-])charg(?:e|es|ed|ing)(?![\w-])", re.IGNORECASE), "Charging"),
)
"""Words for a step, and its class."""


_ITERATIONS: Final = "NumberOfIterations"
_CYCLES: Final = re.compile(r"(?<![\w-])cycles?(?![\w-])", re.IGNORECASE)
_RATE: Final = "T⁻¹"
_MEASURED: Final = re.compile(r"(?<![\w-])(?:tested|measured|cycled|cycling)(?![\w-])", re.IGNORECASE)


def with_steps(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which numbers are what they are in a test, where a readable record has them so."""
    stepped = tuple(_in_step(part, vocabulary) for part in query.parts)
    is_of_test = _is_of_test(query, vocabulary)
    if not is_of_test and any(isinstance(part, QuantityPart) and limits_of(part, vocabulary) for part in query.parts):
        is_of_test = not known.count((sure(query),))[0]
    readings = [tuple(_of_test(part, vocabulary) for part in parts) for parts in (stepped, query.parts) if is_of_test]
    readings.append(stepped)
    ways = [replace(query, parts=parts) for parts in dict.fromkeys(readings) if parts != query.parts]
    counts = known.count([sure(way) for way in ways]) if ways else ()
    return next((way for way, count in zip(ways, counts, strict=True) if count), query)


def _is_of_test(query: Query, vocabulary: Vocabulary) -> bool:
    """Whether it names a test or a rate, or says that something was measured; a cell by itself has a cycle life."""
    tests = methods(vocabulary.concepts)
    return _MEASURED.search(query.text) is not None or any(
        _RATE in (part.dimension, *(one.dimension for one in part.conditions))
        if isinstance(part, QuantityPart)
        else isinstance(part, ConceptPart) and not part.negated and not tests.isdisjoint(part.concepts)
        for part in query.parts
    )


def _of_test(part: Part, vocabulary: Vocabulary) -> Part:
    """A range of voltages as the limits, a number of cycles as that of iterations, each with its conditions beside it."""
    if not isinstance(part, QuantityPart) or part.negated or part.roles or part.rule:
        return part
    beside: tuple[SinglePart, ...] = tuple(replace(one, text=one.text or part.text) for one in part.conditions)
    bare = replace(part, conditions=())
    if limits := limits_of(bare, vocabulary):
        return EitherPart(part.text, ((*limits, *beside),))
    kinds = classes_of((_ITERATIONS,), vocabulary)
    if part.dimension == "1" and kinds and part.kinds and _CYCLES.search(part.text) is not None:
        return EitherPart(part.text, ((replace(bare, kinds=kinds, labels=(_ITERATIONS,), named=frozenset()), *beside),))
    return part


def _in_step(part: Part, vocabulary: Vocabulary) -> Part:
    if not isinstance(part, QuantityPart) or part.negated or part.kinds or part.roles or part.rule:
        return part
    label = next((label for words, label in _STEPS if words.search(part.text)), "")
    role = class_of(label, vocabulary) if label else ""
    return replace(part, role=role, role_label=label, roles=vocabulary.roles.expanded(role)) if role else part
