"""Other readings of a question that finds nothing as it stands, which say the same of what records have instead.

The anode of an electrolytic cell is its positive electrode. Each reading is tried by itself, then all together; the query stays as
it is where none finds a readable record.
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
from search.understanding.adjectives import class_of, classes_of
from search.understanding.composition import contains, is_element
from search.understanding.concepts import expanded
from search.understanding.designations import so_designated
from search.understanding.everyday import is_general
from search.understanding.loosening import sure
from search.understanding.part_order import MEASURED_INSTEAD
from search.understanding.sides import materials_of
from search.understanding.told import called_otherwise, told_in_text
from search.understanding.vocabulary import Known, Vocabulary

_OPPOSITE: Final = {terms.POSITIVE_ELECTRODE: terms.NEGATIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE: terms.POSITIVE_ELECTRODE}
_SIDES: Final = {
    terms.POSITIVE_ELECTRODE: ("cathode", "positive electrode"),
    terms.NEGATIVE_ELECTRODE: ("anode", "negative electrode"),
}
_MEASURING: Final = frozenset(("CounterElectrode", "WorkingElectrode", "ReferenceElectrode"))
"""Electrodes of which texts tell, where the thing that was measured with them is described."""
_FOR: Final = frozenset(("Binder", "Solvent", "Solute", "Additive", "ConductiveAdditive"))
"""Roles that tell what a substance is for; others tell where it stands."""
_COATING: Final = "Coating"
_COATING_WORD: Final = re.compile(r"[\s-]*\bcoatings?\b[\s-]*(?:of\s+)?", re.IGNORECASE)
_ELECTRODE_FOIL: Final = re.compile(r"\b(?P<electrode>anode|cathode)[\s-]foil\b", re.IGNORECASE)
_BY_DIRECTION: Final = ("cathode", "anode")
"""Words for an electrode that depend on the direction of the current."""
_SHORTEST_BEGINNING: Final = 6
"""Letters of a word that tell a name which begins with it."""


def widened(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query as it is where a readable record has all that was understood; else the first other reading that finds one."""
    if known.count((sure(query),))[0]:
        return query
    readings: list[Callable[[Part], Part]] = [
        partial(_of_electrolysis, vocabulary=vocabulary),
        partial(_told_electrode, vocabulary=vocabulary),
        partial(_told_coating, vocabulary=vocabulary),
        partial(_of_whole_cell, vocabulary=vocabulary),
        partial(_on_substrate, vocabulary=vocabulary),
        partial(_foil_by_itself, vocabulary=vocabulary),
        _whatever_for,
        partial(_measured_otherwise, vocabulary=vocabulary),
        partial(_on_its_side, vocabulary=vocabulary),
        partial(_with_compounds, vocabulary=vocabulary),
        _of_any_kind,
    ]
    called = replace(query, parts=tuple(map(called_otherwise, query.parts)))
    if len(query.parts) > 1 or not known.count((called,))[0]:  # what titles call so is all of *lithium polymer*
        readings.append(partial(so_designated, known=known))
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


def _on_substrate(part: Part, vocabulary: Vocabulary) -> Part:
    """The substrate of an electrode, which collects its current: *copper substrate*."""
    collector = vocabulary.roles.words.get("current collector", "")
    if not isinstance(part, ConceptPart) or part.negated or part.role_label != "Substrate" or not collector:
        return part
    label, within = vocabulary.concepts.label(collector), vocabulary.roles.expanded(collector)
    return replace(part, role=collector, role_label=label, roles=within)


def _foil_by_itself(part: Part, vocabulary: Vocabulary) -> Part:
    """The foil of an electrode that is all of it: *lithium as the anode foil*."""
    said = _ELECTRODE_FOIL.search(part.text) if isinstance(part, ConceptPart) and not part.negated else None
    if not isinstance(part, ConceptPart) or said is None or part.role_label != "CurrentCollector":
        return part
    electrode = vocabulary.roles.words[said["electrode"].lower()]
    label, within = vocabulary.concepts.label(electrode), vocabulary.roles.expanded(electrode)
    return replace(part, role=electrode, role_label=label, roles=within)


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


def _measured_otherwise(part: Part, vocabulary: Vocabulary) -> Part:
    """A measure by its name of other shapes: *cylindrical cells wider than 50 mm*."""
    other = MEASURED_INSTEAD.get(part.labels[0], "") if isinstance(part, QuantityPart) and len(part.labels) == 1 else ""
    if not isinstance(part, QuantityPart) or part.negated or not other:
        return part
    return replace(part, kinds=classes_of((other,), vocabulary), labels=(other,))


def _of_any_kind(part: Part) -> Part:
    """An institution, or the maker of that name: *work done at SINTEF on zinc*."""
    if not isinstance(part, EntityPart) or part.negated or part.kind is not EntityKind.INSTITUTION:
        return part
    return replace(part, kind=None)


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


def _of_whole_cell(part: Part, vocabulary: Vocabulary) -> Part:
    """An electrode of a cell that is named, where a title or text says which one: *GITT on the MJ1 anode*."""
    if not isinstance(part, ConceptPart) or part.negated or part.role not in _SIDES:
        return part
    if not vocabulary.concepts.narrower(terms.ELECTROCHEMICAL_DEVICE).issuperset(part.concepts):
        return part
    own, *others = _SIDES[part.role]
    name = part.text.removesuffix(own).removesuffix(others[0]).strip()
    cell = told_in_text(replace(part, text=name, role="", role_label="", roles=frozenset()), vocabulary.concepts)
    said = TextPart(own, forms=tuple(others))
    return EitherPart(part.text, ((part,), (cell, said))) if isinstance(cell, ConceptPart) else part


def _whatever_for(part: Part) -> Part:
    """What a substance is for is seldom told of all: *PTFE binder* is PTFE where nothing has it as a binder."""
    if not isinstance(part, ConceptPart) or part.negated or part.role_label not in _FOR:
        return part
    return EitherPart(part.text, ((part,), (replace(part, role="", role_label="", roles=frozenset()),)))


def _on_its_side(part: Part, vocabulary: Vocabulary) -> Part:
    """The material of one side, of which it need not be told on which it stands: *NMC cathode, lithium titanate anode*."""
    if not isinstance(part, ConceptPart) or part.negated or part.role not in _OPPOSITE:
        return part
    is_own = not materials_of(part.role, vocabulary.concepts).isdisjoint(part.concepts)
    return replace(part, role="", role_label="", roles=frozenset()) if is_own else part


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
