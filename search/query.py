"""A question as understood: visible, removable parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConceptPart:
    """The record uses one of these concepts (or a narrower one).

    Args:
        text: The words of the question it stands for.
        concepts: IRIs of the candidate concepts, best first; any of them matches.
        labels: Their labels, same order.
        expanded: IRIs that match: the concepts and all their narrower ones.
        score: How sure the look-up is, 0 to 1.
    """

    text: str
    concepts: tuple[str, ...]
    labels: tuple[str, ...]
    expanded: frozenset[str]
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class QuantityPart:
    """The record has a quantity of one of these kinds within bounds, on one node.

    Args:
        text: The words of the question it stands for.
        kinds: IRIs of the matching quantity classes, narrower ones included; empty means any of this dimension.
        labels: Labels of the kinds the reader sees.
        minimum: Lower bound in the base unit, or ``None``.
        maximum: Upper bound in the base unit, or ``None``.
        minimum_included: Whether the lower bound itself matches.
        maximum_included: Whether the upper bound itself matches.
        unit: The unit as asked, for display.
        dimension: Dimension of the unit: only quantities of this dimension match.
    """

    text: str
    kinds: frozenset[str]
    labels: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    minimum_included: bool
    maximum_included: bool
    unit: str
    dimension: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """What was not understood stays text: the word must occur (prefix of a word counts for less)."""

    text: str


Part = ConceptPart | QuantityPart | TextPart


@dataclass(frozen=True, slots=True)
class Query:
    """The question and its parts; every part must match."""

    text: str
    parts: tuple[Part, ...]
