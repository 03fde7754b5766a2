"""Bins with bounds that are easy to read, for any values."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from search.bins import BINS, Scale, bins_between, bounded, limits
from search.query import QuantityPart

PART = QuantityPart("has Mass", frozenset({"urn:mass"}), ("Mass",), None, None, False, False, "g", "M")


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_bins_hold_all_values_and_are_few_and_rising(one: float, other: float) -> None:
    low, high = sorted((one, other))
    edges = limits(PART, bins_between(low, high).edges)
    assert edges[0] <= low <= high <= edges[-1]
    assert 2 <= len(edges) <= BINS + 2
    assert len(edges) == 2 or all(first < last for first, last in pairwise(edges))


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_bounds_have_few_digits_and_ratios_are_for_decades(one: float, other: float) -> None:
    low, high = sorted((one, other))
    bins = bins_between(low, high)
    assert len(bins.edges) == 2 or all(float(f"{edge:.12g}") == edge for edge in bins.edges)
    if high > 101 * low:
        assert bins.scale is Scale.LOG
        assert all(last / first >= 1.33 for first, last in pairwise(bins.edges))
    elif high < 99 * low:
        assert bins.scale is Scale.LINEAR


def test_a_bin_has_its_lower_bound_and_the_last_one_both() -> None:
    told = [(one.minimum, one.maximum, one.minimum_included, one.maximum_included) for one in bounded(PART, (1.0, 2.0, 5.0))]
    assert told == [(1.0, 2.0, True, False), (2.0, 5.0, True, True)]
