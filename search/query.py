"""A question as understood: visible, removable parts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

SAME = 1e-9
"""Numbers closer than this, relatively, are the same number: 100000 mAh is not more than 100 Ah by a rounding error."""


@dataclass(frozen=True, slots=True)
class ConceptPart:
    """The record uses one of these concepts (or a narrower one).

    Args:
        text: The words of the question it stands for.
        concepts: IRIs of the candidate concepts, best first; any of them matches.
        labels: Their labels, same order.
        expanded: IRIs that match: the concepts and all their narrower ones.
        score: How sure the look-up is, 0 to 1.
        words: Words that match as well when they stand in the title or text, e.g. ``18650`` beside the class ``R18650``.
    """

    text: str
    concepts: tuple[str, ...]
    labels: tuple[str, ...]
    expanded: frozenset[str]
    score: float = 1.0
    words: tuple[str, ...] = ()


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
        asked: The condition in plain words and the unit as asked, e.g. ``> 100 Ah``.
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
    asked: str = field(default="", compare=False)

    @property
    def bounds(self) -> tuple[float, float]:
        """The bounds as one closed interval in the base unit, rounding errors forgiven (`SAME`).

        >>> QuantityPart("> 1 A", frozenset(), (), 1.0, None, False, False, "A", "I").bounds
        (1.000000001, inf)
        """
        low = -math.inf if self.minimum is None else _edge(self.minimum, -1 if self.minimum_included else 1)
        high = math.inf if self.maximum is None else _edge(self.maximum, 1 if self.maximum_included else -1)
        return low, high


def _edge(bound: float, direction: int) -> float:
    """The bound moved a hair up (1) or down (-1); zero has no relative hair, so it moves to the next number."""
    if not bound or math.isinf(bound):
        return bound or math.nextafter(0.0, direction)
    return bound + direction * SAME * abs(bound)


@dataclass(frozen=True, slots=True)
class SourcePart:
    """The record comes from this source: what a click on the facet ``source`` adds."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """What was not understood stays text: the word must occur (prefix of a word counts for less)."""

    text: str


Part = ConceptPart | QuantityPart | SourcePart | TextPart


@dataclass(frozen=True, slots=True)
class Query:
    """The question and its parts; every part must match."""

    text: str
    parts: tuple[Part, ...]
