"""What a measure is called of other shapes: a round cell is as wide as its diameter, a box as thick as some call it high."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EitherPart, Part, QuantityPart, Query, SinglePart
from search.understanding.adjectives import classes_of
from search.understanding.vocabulary import Known, Vocabulary

_OF_SHAPE: Final = {
    "CylindricalBattery": {"Width": "Diameter", "Thickness": "Diameter", "Length": "Height"},
    "CoinCell": {"Width": "Diameter", "Thickness": "Height", "Height": "Thickness"},
}
"""Format -> measure -> what it is called of cells of this format."""


def with_measures(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which a measure may be called otherwise: *round cells wider than 50 mm*, *prismatic cells 71 mm thick*."""
    labels = {label for part in query.parts if isinstance(part, ConceptPart) and not part.negated for label in part.labels}
    shape = next((measures for label, measures in _OF_SHAPE.items() if label in labels), {})
    query = replace(query, parts=tuple(_of_shape(part, shape, vocabulary) for part in query.parts))
    if shape:
        return _ordered_by_shape(query, shape, vocabulary)
    return _with_thin_order(_with_thin_numbers(query, vocabulary, known), vocabulary, known)


def _of_shape(part: Part, shape: dict[str, str], vocabulary: Vocabulary) -> Part:
    other = shape.get(part.labels[0], "") if _is_measure(part) and isinstance(part, QuantityPart) else ""
    if not other or not isinstance(part, QuantityPart):
        return part
    return replace(part, kinds=part.kinds | classes_of((other,), vocabulary), labels=(*part.labels, other))


def _ordered_by_shape(query: Query, shape: dict[str, str], vocabulary: Vocabulary) -> Query:
    order = query.order
    other = shape.get(order.labels[0], "") if order is not None and len(order.labels) == 1 and not order.role else ""
    if order is None or not other:
        return query
    return replace(query, order=replace(order, kinds=classes_of((other,), vocabulary), labels=(other,)))


def _is_measure(part: Part) -> bool:
    return isinstance(part, QuantityPart) and len(part.labels) == 1 and bool(part.asked) and not (part.role or part.negated)


def _with_thin_numbers(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which boxes of which no thickness is told are as thick as high, where a readable record has it so."""
    parts = list(query.parts)
    for position, part in enumerate(query.parts):
        if not _is_measure(part) or not isinstance(part, QuantityPart) or part.labels != ("Thickness",):
            continue
        height = replace(part, kinds=classes_of(("Height",), vocabulary), labels=("Height",), named=frozenset())
        boxes = (height, *_of_boxes(vocabulary))
        others = (*query.parts[:position], *query.parts[position + 1 :])
        if known.count([Query(query.text, (*boxes, *others))])[0]:
            parts[position] = replace(
                part, kinds=part.kinds | height.kinds, labels=(*part.labels, *height.labels), named=part.kinds
            )
            parts.append(EitherPart("thickness, or height of boxes", ((part,), boxes)))
    return replace(query, parts=tuple(parts))


def _with_thin_order(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The same of an order: *thinnest prismatic cell*."""
    order = query.order
    if order is None or order.labels != ("Thickness",) or order.role:
        return query
    height, thickness = (_any(label, vocabulary) for label in ("Height", "Thickness"))
    boxes = (height, *_of_boxes(vocabulary))
    if not known.count([Query(query.text, (*boxes, *query.parts))])[0]:
        return query
    either = EitherPart(order.text, ((thickness, replace(height, negated=True)), boxes))
    return replace(query, parts=(*query.parts, either), order=replace(order, kinds=order.kinds | height.kinds))


def _of_boxes(vocabulary: Vocabulary) -> tuple[SinglePart, ...]:
    """What is told of a box of which no thickness is."""
    return (*(_any(label, vocabulary) for label in ("Width", "Length")), replace(_any("Thickness", vocabulary), negated=True))


def _any(label: str, vocabulary: Vocabulary) -> QuantityPart:
    return QuantityPart(label.lower(), classes_of((label,), vocabulary), (label,), None, None, False, False, "", "")
