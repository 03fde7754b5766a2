"""Bins of a histogram between bounds that are easy to read: in equal steps, or over several decades in ratios."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from search.query import QuantityPart

BINS: Final = 20
"""Most bins, or one more."""
DECADES: Final = 2.0
"""Values that reach over more powers of ten than these are put in ratios."""

_STEPS: Final = (1, 2, 5, 10)
_RATIOS: Final = ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1,))
"""Where the bins of one decade begin, the finest first."""
_DIGITS: Final = 10
"""Digits of a value that count: the others are noise of conversion."""
_NOISE: Final = 1e-12
_LEAST, _MOST = 1e-100, 1e100
"""Beyond these there is nothing that is measured, and numbers do not let themselves be divided into bins."""


class Scale(StrEnum):
    """How the bounds of the bins follow each other."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Bins:
    """Bounds between bins. A bin has its lower bound and not its upper one; the last bin has both.

    Args:
        edges: The bounds, rising, one more than there are bins.
        scale: How they follow each other.
    """

    edges: tuple[float, ...]
    scale: Scale


def bins_between(low: float, high: float) -> Bins:
    """Bins that hold all values from *low* to *high*; in equal steps where one of them is zero or less, which no ratio leads to.

    >>> bins_between(2.6, 4.9).edges[:4], bins_between(0.5, 90).edges[:8]
    ((2.6, 2.8, 3.0, 3.2), (0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0))
    >>> bins_between(3, 3)
    Bins(edges=(3.0, 3.0), scale=<Scale.LINEAR: 'linear'>)
    """
    if any(end and not _LEAST < abs(end) < _MOST for end in (low, high)):
        return Bins((low, high), Scale.LINEAR)
    ends = float(low), float(high)
    low, high = (float(f"{end:.{_DIGITS}g}") for end in ends)
    if not high - low > _LEAST:
        return Bins(ends, Scale.LINEAR)
    if low > 0 and math.log10(high) - math.log10(low) > DECADES:
        return Bins(_in_ratios(low, high), Scale.LOG)
    return Bins(_in_steps(low, high), Scale.LINEAR)


def bounded(part: QuantityPart, edges: Sequence[float]) -> list[QuantityPart]:
    """The part with the bounds of each bin (in the base unit): what a click on that bin asks for."""
    last = len(edges) - 2
    return [
        replace(part, minimum=low, maximum=high, minimum_included=True, maximum_included=number == last)
        for number, (low, high) in enumerate(pairwise(edges))
    ]


def limits(part: QuantityPart, edges: Sequence[float]) -> list[float]:
    """Where each bin begins, and where the last one ends, as `search.index.Cut` tells: to count what a click finds."""
    parts = bounded(part, edges)
    return [*(one.bounds[0] for one in parts), parts[-1].bounds[1]]


def _in_steps(low: float, high: float) -> tuple[float, ...]:
    least = high / BINS - low / BINS
    exponent = math.floor(math.log10(least))
    step = next(one for one in (float(f"{digit}e{exponent}") for digit in _STEPS) if one >= least)
    below, above = low / step, high / step
    first, last = math.floor(below + _NOISE * abs(below)), math.ceil(above - _NOISE * abs(above))
    # Next to nothing beyond a bound is lost in the division.
    first -= first * step > low + _NOISE * abs(low)
    last += last * step < high - _NOISE * abs(high)
    return tuple(round(place * step, -math.floor(math.log10(step))) for place in range(first, last + 1))


def _in_ratios(low: float, high: float) -> tuple[float, ...]:
    first, last = math.floor(math.log10(low)), math.floor(math.log10(high)) + 1
    stride = math.ceil((last - first) / BINS)
    ways = [_ratios(low, high, range(first, last + stride, stride), digits) for digits in _RATIOS]
    return next((edges for edges in ways if len(edges) <= BINS + 1), ways[-1])


def _ratios(low: float, high: float, exponents: range, digits: tuple[float, ...]) -> tuple[float, ...]:
    edges = [float(f"{digit}e{exponent}") for exponent in exponents for digit in digits]
    return tuple(edges[bisect_right(edges, low) - 1 : bisect_left(edges, high) + 1])
