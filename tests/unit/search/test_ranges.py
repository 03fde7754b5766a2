"""Bounds that a reader chooses for a number."""

from __future__ import annotations

import pytest

from ontology.facts import packaged_facts
from ontology.terms import RATED_CAPACITY
from ontology.units import Units
from records.errors import BodyError
from search.query import QuantityPart
from search.ranges import with_range

UNITS = Units(packaged_facts())
KIND = QuantityPart("has RatedCapacity", frozenset({RATED_CAPACITY}), ("RatedCapacity",), None, None, False, False, "", "")
WARM = QuantityPart("above 20 °C", frozenset(), (), 293.15, None, False, False, "°C", "Θ", rule="warm: above 20 °C", role="urn:r")
CYCLES = QuantityPart("100 cycles", frozenset({"urn:cycles"}), ("CycleLife",), 100.0, 100.0, True, True, "", "")


@pytest.mark.parametrize(
    ("part", "text", "minimum", "maximum", "asked"),
    [
        (KIND, "1..2", 3600.0, 7200.0, "1–2 Ah"),
        (KIND, "500..2000 mAh", 1800.0, 7200.0, "500–2000 mAh"),
        (KIND, "..2 Ah", None, 7200.0, "≤ 2 Ah"),
        (KIND, "1e0.. Ah", 3600.0, None, "≥ 1 Ah"),
        (KIND, "1e-003.. Ah", 3.6, None, "≥ 0.001 Ah"),
        (KIND, "..", None, None, ""),
        (WARM, "-20..60", 253.15, 333.15, "-20–60 °C"),
        (WARM, "300..310 K", 300.0, 310.0, "300–310 K"),
        (CYCLES, "500..500", 500.0, 500.0, "= 500"),
    ],
)
def test_bounds_are_read_in_their_unit(
    part: QuantityPart, text: str, minimum: float | None, maximum: float | None, asked: str
) -> None:
    found = with_range(part, text, UNITS)
    assert [found.minimum, found.maximum] == pytest.approx([minimum, maximum])
    assert (found.minimum_included, found.maximum_included) == (minimum is not None, maximum is not None)
    assert (found.asked, found.rule, found.kinds, found.role) == (asked, "", part.kinds, part.role)


@pytest.mark.parametrize(("text", "asked"), [("1..<2 Ah", "1–<2 Ah"), ("..<2 Ah", "< 2 Ah")])
def test_an_upper_bound_can_be_left_out(text: str, asked: str) -> None:
    found = with_range(KIND, text, UNITS)
    assert (found.maximum, found.maximum_included, found.asked) == (7200.0, False, asked)
    assert found.bounds[1] < 7200.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "1...2",
        "2..1 Ah",
        "1..2 kg",
        "1..2 nothing",
        "a..b",
        "1..2Ah",
        "1..nan",
        "1..1e999",
        "1..<1 Ah",
        "1..<",
        "²..3",
        "1..2 Ah\n",
    ],
)
def test_what_is_no_range_of_this_quantity_is_refused(text: str) -> None:
    with pytest.raises(BodyError):
        with_range(KIND, text, UNITS)
