"""In which step of a test a setting holds: *charging at C/20* is no C/20 at which a voltage hold ends."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from search.query import Part, QuantityPart, Query
from search.understanding.adjectives import class_of
from search.understanding.loosening import sure
from search.understanding.vocabulary import Known, Vocabulary

_STEPS: Final = (
    (re.compile(r"(?<![\w-])discharg(?:e|es|ed|ing)(?![\w-])", re.IGNORECASE), "Discharging"),
    (re.compile(r"(?<![\w-])charg(?:e|es|ed|ing)(?![\w-])", re.IGNORECASE), "Charging"),
)
"""Words for a step, and its class."""


def with_steps(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which numbers stand in the step that is named beside them, where a readable record has them so."""
    parts = tuple(_in_step(part, vocabulary) for part in query.parts)
    if parts == query.parts:
        return query
    stepped = replace(query, parts=parts)
    return stepped if known.count((sure(stepped),))[0] else query


def _in_step(part: Part, vocabulary: Vocabulary) -> Part:
    if not isinstance(part, QuantityPart) or part.negated or part.kinds or part.roles or part.rule:
        return part
    label = next((label for words, label in _STEPS if words.search(part.text)), "")
    role = class_of(label, vocabulary) if label else ""
    return replace(part, role=role, role_label=label, roles=vocabulary.roles.expanded(role)) if role else part
