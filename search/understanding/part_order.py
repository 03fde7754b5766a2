"""Parts in the order of a quantity: *thinnest separator*, *electrode with the lowest porosity*, *highest cathode loading*."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from search.query import ConceptPart, OrderBy, Query
from search.understanding.adjectives import classes_of
from search.understanding.vocabulary import Known, Vocabulary

MEASURED_INSTEAD: Final = {"Length": "Height", "Height": "Length", "Thickness": "Height", "Width": "Diameter"}
"""A measure -> what it is called of other shapes: a cylinder is as long as it is high, and as wide as its diameter."""


def with_told_measure(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in the order of another name of the measure, where nothing has it by the one that was said."""
    order = query.order
    other = MEASURED_INSTEAD.get(order.labels[0], "") if order is not None and len(order.labels) == 1 else ""
    if order is None or not other or known.count([query])[0]:
        return query
    told = replace(query, order=replace(order, kinds=classes_of((other,), vocabulary), labels=(other,)))
    return told if known.count([told])[0] else query


def with_part_order(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of a part in an order, by what such parts have, where readable records tell it of them.

    A cell with a separator has other thicknesses too; the separator of *thinnest separator* has its own.
    """
    order = query.order
    if order is None or order.by is not OrderBy.QUANTITY:
        return query
    roles = vocabulary.roles
    for part in query.parts:
        if not isinstance(part, ConceptPart) or part.negated:
            continue
        role = part.role or next((iri for iri in part.concepts if iri in roles.classes), "")
        if role:
            by_part = replace(order, role=role, role_label=vocabulary.concepts.label(role), roles=roles.expanded(role))
            ordered = replace(query, order=by_part)
            return ordered if known.count([ordered])[0] else query
    return query
