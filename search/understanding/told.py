"""Concepts under all their names, and names of makers and models, where titles and texts speak of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology.abbreviations import texts_of
from ontology.concepts import Concepts
from records.record import EntityKind
from search.expansion import MAX_WORDS, expanded
from search.query import ConceptPart, EntityPart, Expansion, Part
from search.understanding.stems import of_method

_BEGINS: Final = re.compile(r"\w{1,2}|[^aeiou][aeiou][^aeiou]|CSV", re.IGNORECASE)
"""A code that says too little in a text, means a format of files there, or with which other words begin: *TEM*."""

_MENTIONED: Final = (EntityKind.MANUFACTURER, EntityKind.SUPPLIER, EntityKind.MODEL, EntityKind.INSTRUMENT, None)
_SHORTEST: Final = 2
"""Letters of a name that is looked for in texts."""


def named_in_text(part: Part) -> Part:
    """A maker, model or instrument, also where it is only mentioned in a title or text."""
    is_name = isinstance(part, EntityPart) and not part.negated and not part.mentioned and part.kind in _MENTIONED
    if not isinstance(part, EntityPart) or not is_name or len(part.text) < _SHORTEST:
        return part
    return replace(part, mentioned=tuple(dict.fromkeys((part.text, part.label))))


def told_in_text(part: Part, concepts: Concepts) -> Part:
    """A concept, also where only a text speaks of it; a word stands in no role."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return part
    told = expanded(part, Expansion.SYNONYMS, concepts)
    names = (*_names(part), *(text for text in told.words if not _BEGINS.fullmatch(text)))
    return replace(told, words=tuple(dict.fromkeys([part.text, *of_method(part.text), *names]))[:MAX_WORDS])


def called_otherwise(part: Part) -> Part:
    """A thing, also by its other names in a title: *Li-Polymer* for *lithium polymer*."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return part
    return replace(part, words=tuple(dict.fromkeys([*part.words, *_names(part)]))[:MAX_WORDS])


def _names(part: ConceptPart) -> Iterator[str]:
    """What our table calls these concepts and no others."""
    named = (text for iri in part.concepts for text in texts_of().get(iri, ()) if _meant_by()[text] <= set(part.concepts))
    return (text for text in named if not _BEGINS.fullmatch(text))


@lru_cache(maxsize=1)
def _meant_by() -> Mapping[str, set[str]]:
    """What each text of our table can mean: *carbonate* is more than one solvent."""
    meant: dict[str, set[str]] = {}
    for iri, texts in texts_of().items():
        for text in texts:
            meant.setdefault(text, set()).add(iri)
    return meant
