"""How a quantity is told: value, spread, conditions."""

from __future__ import annotations

from functools import cache

import pytest

from ontology import terms
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.record import Condition, Quantity, Spread
from search.quantity_text import condition_texts, label_of, spread_text, unit_of, value_text

C_RATE = packaged_facts().terms["CRate"][0]
EMMO = "https://w3id.org/emmo#"


@cache
def units() -> Units:
    return Units(packaged_facts())


@cache
def concepts() -> Concepts:
    return Concepts(packaged_facts())


def quantity(
    value: float | None = 2.5, unit: str = "Ah", spread: Spread | None = None, kind: str = terms.RATED_CAPACITY
) -> Quantity:
    return Quantity((kind,), value, unit, None, "", "", "", 1, spread)


def condition(value: float, unit: str, dimension: str, *kinds: str, name: str = "") -> Condition:
    return Condition(kinds, value, unit, None, "", dimension, "", 1, name)


@pytest.mark.parametrize(
    ("given", "value", "spread"),
    [
        (quantity(), "2.5 Ah", ""),
        (quantity(spread=Spread(2.4, 2.6)), "2.5 Ah", "2.4 to 2.6 Ah"),
        (quantity(spread=Spread(2.4)), "2.5 Ah", "at least 2.4 Ah"),
        (quantity(spread=Spread(maximum=2.6)), "2.5 Ah", "at most 2.6 Ah"),
        (quantity(spread=Spread(deviation=0.1)), "2.5 ± 0.1 Ah", ""),
        (quantity(None, spread=Spread(2.4, 2.6)), "2.4 to 2.6 Ah", "2.4 to 2.6 Ah"),
        (quantity(50, "%"), "50 %", ""),
        (quantity(0.5, "1"), "0.5", ""),
        (quantity(3000, ""), "3000", ""),
        (quantity(3, "https://example.org/unknown"), "3", ""),
        (quantity(3, "unheard-of"), "3 unheard-of", ""),
    ],
)
def test_value_and_spread_are_told_with_their_unit(given: Quantity, value: str, spread: str) -> None:
    assert (value_text(given, units()), spread_text(given, units())) == (value, spread)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (condition(25, "degC", "Θ", "urn:any"), "25 °C"),
        (condition(1 / 3, "C", "T⁻¹", C_RATE), "C/3"),
        (condition(0.1, f"{EMMO}AmperePerAmpereHour", "T⁻¹", C_RATE), "C/10"),
        (condition(0.15, "C", "T⁻¹", C_RATE), "0.15 C"),
        (condition(2, "C", "T⁻¹", C_RATE), "2 C"),
        (condition(0.5, f"{EMMO}Coulomb", "T·I", terms.RATED_CAPACITY), "RatedCapacity 0.5 C"),
        (condition(4.2, "V", "L²·M·T⁻³·I⁻¹", terms.NOMINAL_VOLTAGE, terms.CONVENTIONAL_PROPERTY), "NominalVoltage 4.2 V"),
        (condition(8, "", "1", name="sample_count"), "sample_count 8"),
    ],
)
def test_a_condition_is_told_as_people_write_it(given: Condition, text: str) -> None:
    told = Quantity((), 1.0, "", None, "", "", "", 1, None, (given,))
    assert condition_texts(told, concepts(), units()) == (text,)


def test_a_label_leaves_out_how_a_quantity_was_come_by_and_prefers_a_name() -> None:
    assert label_of(quantity(), concepts()) == "RatedCapacity"
    both = Quantity((terms.RATED_CAPACITY, terms.MEASURED_PROPERTY), 1.0, "", None, "", "", "", 1)
    assert label_of(both, concepts()) == "RatedCapacity"
    assert label_of(Quantity((terms.MEASURED_PROPERTY,), 1.0, "", None, "", "", "", 1), concepts()) == "MeasuredProperty"
    assert label_of(Quantity((), 1.0, "", None, "", "", "", 1, name="layer count"), concepts()) == "layer count"
    assert label_of(Quantity((), 1.0, "", None, "", "", "", 1), concepts()) == ""


def test_the_letter_c_is_read_by_the_kind() -> None:
    charge = unit_of(quantity(1, "C"), units())
    rate = unit_of(quantity(1, "C", kind=C_RATE), units())
    assert (charge and charge.dimension, rate and rate.dimension) == ("T·I", "T⁻¹")
