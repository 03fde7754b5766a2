"""Parts and materials by themselves: *electrolytes without EC* are no cells, and neither are *cathode materials*.

Of a cell that says little of its electrolyte nobody knows what is not in it. Cells, electrodes around a material, tests and data
are left out where readable records are what was asked for by themselves.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from search.query import ConceptPart, OrderBy, Part, Query
from search.understanding.adjectives import class_of, classes_of
from search.understanding.kinds import common_dimension
from search.understanding.loosening import sure
from search.understanding.record_kinds import with_unnamed
from search.understanding.sides import materials_of
from search.understanding.vocabulary import Known, Vocabulary

_CELLS: Final = (terms.BATTERY_CELL, terms.BATTERY_CELL_SPECIFICATION, terms.ELECTROCHEMICAL_CELL)
_DATA: Final = (terms.DATASET, terms.BATTINFO_PARAMETER_SET)
_TESTS: Final = (terms.BATTERY_TEST, terms.PROCEDURE, terms.CHARACTERISATION_TECHNIQUE)
_PARTS: Final = (terms.ELECTROLYTE, terms.SEPARATOR)
"""Parts that records describe by themselves; an electrode only where it is called no more than that."""

_POWDER: Final = "Powder"
"""What materials of electrodes are, of which few records say so."""
_MATERIAL: Final = re.compile(r"(?<![\w-])(?:materials?|substances?)(?![\w-])", re.IGNORECASE)
_OF_MATERIALS: Final = {
    "NominalVoltage": "Voltage",
    **dict.fromkeys(("Capacity", "RatedCapacity", "NominalCapacity"), "SpecificCapacity"),
    **dict.fromkeys(("Energy", "RatedEnergy", "NominalEnergy"), "SpecificEnergy"),
}
"""What cells have -> what is told of a material instead, which is not so much of it."""


def with_order_of_materials(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of materials in the order of what is told of a material: *substance of the highest voltage* is no cell.

    Only where hits would be in the order of what cells have, and a readable record has the other by itself.
    """
    order = query.order
    if order is None or order.by is not OrderBy.QUANTITY or not _asks_for_materials(query, vocabulary.concepts):
        return query
    labels = tuple(dict.fromkeys(_OF_MATERIALS[label] for label in order.labels if label in _OF_MATERIALS))
    if not labels:
        return query
    dimension = common_dimension(vocabulary, (iri for label in labels if (iri := class_of(label, vocabulary))))
    told = replace(order, kinds=classes_of(labels, vocabulary), labels=labels, dimension=dimension, own=True)
    others = _without(query, (*_CELLS, *_TESTS), vocabulary)
    ordered = replace(others, order=told)
    return ordered if known.count([ordered])[0] else query


def _asks_for_materials(query: Query, concepts: Concepts) -> bool:
    """Whether any material is asked for, or every one of a side; one that is named by such a word is more than that."""
    said = any(_MATERIAL.search(part.text) for part in query.parts)
    return any(_are_materials(part, concepts) for part in query.parts) or (not said and _MATERIAL.search(query.text) is not None)


def with_materials(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which *materials* are no cells, electrodes or data, where nothing is called a material beside the rest.

    Records of a material have the class of the substance: *materials above 190 mAh/g*, *graphite powder*.
    """
    said = frozenset((terms.MATERIAL, *classes_of((_POWDER,), vocabulary)))
    materials = [part for part in query.parts if isinstance(part, ConceptPart) and not said.isdisjoint(part.concepts)]
    plain = [part for part in materials if not (part.negated or part.roles)]
    if not plain or len(query.parts) == len(plain) or known.count((sure(query),))[0]:
        return query
    alone = replace(_one_of(vocabulary.concepts, (*_CELLS, *_DATA, terms.ELECTRODE)), negated=True)
    of_materials = replace(query, parts=tuple(alone if part in plain else part for part in query.parts))
    return of_materials if known.count((of_materials,))[0] else query


def without_wholes(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query without what only has the part or material that was asked for, where something is that by itself."""
    asked = [part for part in query.parts if not part.negated]
    is_denied = any(part.negated for part in query.parts)
    concepts = vocabulary.concepts
    around: tuple[str, ...]
    if query.first is not None or len(asked) != 1:
        return query
    if _are_materials(asked[0], concepts):
        around = (*_CELLS, *_DATA, terms.ELECTRODE)
    elif is_denied and _is_part(asked[0], concepts):
        around = (*_CELLS, *_DATA, *_TESTS)
    else:
        return query
    alone = _without(query, around, vocabulary)
    return alone if known.count([alone])[0] else query


def _without(query: Query, around: tuple[str, ...], vocabulary: Vocabulary) -> Query:
    """The query without what is of these classes, or has what only cells have."""
    whole = with_unnamed(_one_of(vocabulary.concepts, around), vocabulary)
    return replace(query, parts=(*query.parts, replace(whole, negated=True)))


def _are_materials(part: Part, concepts: Concepts) -> bool:
    """Whether it is every material of one side: *cathode materials*."""
    sides = (materials_of(role, concepts) for role in (terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE))
    return isinstance(part, ConceptPart) and not part.roles and any(side == frozenset(part.concepts) for side in sides)


def _is_part(part: Part, concepts: Concepts) -> bool:
    if not isinstance(part, ConceptPart) or part.roles:
        return False
    kinds = frozenset((terms.ELECTRODE,)).union(*map(concepts.narrower, _PARTS))
    return kinds.issuperset(part.concepts) or part.concepts[:1] in ((terms.POSITIVE_ELECTRODE,), (terms.NEGATIVE_ELECTRODE,))


@lru_cache(maxsize=8)
def _one_of(concepts: Concepts, classes: tuple[str, ...]) -> ConceptPart:
    expanded = frozenset[str]().union(*map(concepts.narrower, classes))
    return ConceptPart("whole cells, tests or data", classes, tuple(map(concepts.label, classes)), expanded)
