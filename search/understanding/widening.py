"""Other readings of a question that finds nothing as it stands, which say the same of what records have instead.

*Cylindrical* is what has a diameter, the anode of an electrolytic cell its positive electrode. Each reading is tried by itself,
then all together; the query stays as it is where none finds a readable record.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from ontology import terms
from ontology.model import Kind
from records.record import EntityKind
from search.expansion import concept_part
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart
from search.understanding.adjectives import class_of
from search.understanding.composition import contains, is_element
from search.understanding.concepts import expanded
from search.understanding.everyday import is_general
from search.understanding.loosening import sure, told_in_text
from search.understanding.vocabulary import Known, Vocabulary

_OPPOSITE: Final = {terms.POSITIVE_ELECTRODE: terms.NEGATIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE: terms.POSITIVE_ELECTRODE}
_MEASURING: Final = frozenset(("CounterElectrode", "WorkingElectrode", "ReferenceElectrode"))
"""Electrodes of which texts tell, where the thing that was measured with them is described."""
_COATING: Final = "Coating"
_COATING_WORD: Final = re.compile(r"[\s-]*\bcoatings?\b[\s-]*(?:of\s+)?", re.IGNORECASE)
_BY_DIRECTION: Final = ("cathode", "anode")
"""Words for an electrode that depend on the direction of the current."""
_SHORTEST_BEGINNING: Final = 6
"""Letters of a word that tell a name which begins with it."""


def widened(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query as it is where a readable record has all that was understood; else the first other reading that finds one."""
    if known.count((sure(query),))[0]:
        return query
    readings: list[Callable[[Part], Part]] = [
        partial(_round, vocabulary=vocabulary),
        partial(_of_electrolysis, vocabulary=vocabulary),
        partial(_told_electrode, vocabulary=vocabulary),
        partial(_told_coating, vocabulary=vocabulary),
        partial(_with_compounds, vocabulary=vocabulary),
    ]
    if any(isinstance(part, EntityPart) and part.kind is EntityKind.SUPPLIER for part in query.parts):
        readings.append(lambda part: told_in_text(part, vocabulary.concepts))
    single = [replace(query, parts=tuple(map(read, query.parts))) for read in readings]
    ways = [way for way in dict.fromkeys((*single, _all_of(query, readings))) if way != query]
    counts = known.count([sure(way) for way in ways]) if ways else ()
    return next((way for way, count in zip(ways, counts, strict=True) if count), query)


def with_begun_names(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query with the concepts whose names begin with a word that no text has: *ionomer* is an IonomerCompound."""
    return replace(query, parts=tuple(_begun(part, vocabulary, known) for part in query.parts))


def _all_of(query: Query, readings: list[Callable[[Part], Part]]) -> Query:
    for read in readings:
        query = replace(query, parts=tuple(map(read, query.parts)))
    return query


def _round(part: Part, vocabulary: Vocabulary) -> Part:
    """A cylinder, or what has a diameter."""
    if not isinstance(part, ConceptPart) or part.negated or "CylindricalBattery" not in part.labels:
        return part
    diameter = class_of("Diameter", vocabulary)
    kinds = vocabulary.concepts.narrower(diameter)
    quantity = QuantityPart(part.text, kinds, ("Diameter",), None, None, False, False, "", "", named=frozenset({diameter}))
    return EitherPart(part.text, ((part,), (quantity,)))


def _of_electrolysis(part: Part, vocabulary: Vocabulary) -> Part:
    """A cathode or anode, or that of an electrolytic cell, where the other electrode is called so."""
    if not isinstance(part, ConceptPart) or part.negated or part.role not in _OPPOSITE:
        return part
    cell = class_of("ElectrolyticCell", vocabulary)
    if not cell or not any(word in part.text.lower() for word in _BY_DIRECTION):
        return part
    role = _OPPOSITE[part.role]
    turned = replace(part, role=role, role_label=vocabulary.concepts.label(role), roles=vocabulary.roles.expanded(role))
    return EitherPart(part.text, ((part,), (turned, concept_part(cell, vocabulary.concepts, text=part.text))))


def _with_compounds(part: Part, vocabulary: Vocabulary) -> Part:
    """An element and what contains it: *Li cells of 18650 size*."""
    is_free = isinstance(part, ConceptPart) and not part.negated and not part.role
    if not is_free or not isinstance(part, ConceptPart) or not all(is_element(iri, vocabulary) for iri in part.concepts):
        return part
    return contains(part, vocabulary)


def _told_electrode(part: Part, vocabulary: Vocabulary) -> Part:
    """What an electrode was measured with or against, where a text tells both: *lithium counter electrode*."""
    if not isinstance(part, ConceptPart) or part.negated or part.role_label not in _MEASURING:
        return part
    material = replace(part, role="", role_label="", roles=frozenset())
    words = part.role_label.removesuffix("Electrode").lower() + " electrode"
    symbols = tuple(text for iri in part.concepts for text in (vocabulary.concepts.label(iri),) if is_element(iri, vocabulary))
    told = told_in_text(replace(material, text=symbols[0] if symbols else part.text), vocabulary.concepts)
    return EitherPart(part.text, ((part,), (*((told,) if isinstance(told, ConceptPart) else ()), TextPart(words))))


def _told_coating(part: Part, vocabulary: Vocabulary) -> Part:
    """What something is coated with, where a title or text says so: *Al2O3-coated*."""
    if not isinstance(part, ConceptPart) or part.negated or part.role_label != _COATING:
        return part
    told = told_in_text(replace(part, text=_COATING_WORD.sub("", part.text), roles=frozenset()), vocabulary.concepts)
    names = told.words if isinstance(told, ConceptPart) else ()
    said = tuple(f"{name} {coated}" for name in names for coated in ("coated", "coating"))
    return EitherPart(part.text, ((part,), (TextPart(said[0], forms=said[1:]),)))


def _begun(part: Part, vocabulary: Vocabulary, known: Known) -> Part:
    if not isinstance(part, TextPart) or part.negated or len(part.text) < _SHORTEST_BEGINNING or not part.text.isalpha():
        return part
    if is_general(part.text):
        return part
    word = part.text.lower()
    found = vocabulary.lookup.find(part.text, limit=4, kinds=frozenset({Kind.CLASS}))
    iris = tuple(one.iri for one in found if one.label.lower().startswith(word) and not one.deprecated)
    if not iris:
        return part
    labels = tuple(vocabulary.concepts.label(iri) for iri in iris)
    named = ConceptPart(part.text, iris, labels, expanded(iris, vocabulary))
    written, used = known.count((Query(part.text, (part,)), Query(part.text, (named,))))
    return named if used and not written else part
