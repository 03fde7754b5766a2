"""Numbers in people's own words: what a cell bears, how long it charges, ends that are reached, what a test repeats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.record import Quantity, Record
from search.query import QuantityPart
from tests.unit.search.asked import Asked, told
from tests.unit.search.test_understand_in_words import a_quantity, a_record, found


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("storage up to 60 degrees Celsius", ["MaximumStorageTemperature ≥ 60 degrees Celsius"]),
        ("storage temperature limit 45 °C", ["MaximumStorageTemperature ≥ 45 °C"]),
        ("charging allowed from -10 °C to 45 °C", ["MinimumChargingTemperature ≤ -10 °C", "MaximumChargingTemperature ≥ 45 °C"]),
        ("charging only up to 45 °C", ["MaximumChargingTemperature = 45 °C"]),
        ("-20 to 60 °C operation", ["MinimumDischargingTemperature ≤ -20 °C", "MaximumDischargingTemperature ≥ 60 °C"]),
        ("works from -40 up to 85 °C", ["MinimumDischargingTemperature ≤ -40 °C", "MaximumDischargingTemperature ≥ 85 °C"]),
        ("down to minus 30 °C discharge", ["MinimumDischargingTemperature ≤ -30 °C"]),
        ("down to -30 °C discharge", ["MinimumDischargingTemperature ≤ -30 °C"]),
        ("may be stored at minus twenty-five Celsius", ["MinimumStorageTemperature ≤ -25 °C"]),
        ("can I still use it at minus 20?", ["MinimumDischargingTemperature ≤ -20 °C"]),
        ("calendar ageing, storage at 40 °C", ["StorageTest", "“storage”", "= 40 °C (±0.5 %)"]),
    ],
)
def test_temperatures_that_a_cell_bears_are_its_limits(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question))[-len(parts) :] == parts


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("full charge within 3 hours", "ChargingTime ≤ 3 hours"),
        ("fully charged in at most an hour", "ChargingTime ≤ 1 hour"),
        ("charges in roughly an hour", "ChargingTime ≈ 1 hour (±5 %)"),
        ("needs less than 2 h to charge", "ChargingTime < 2 h"),
    ],
)
def test_how_long_it_charges_is_the_charging_time(asked: Asked, question: str, part: str) -> None:
    assert told(asked.parts(question))[-1] == part


def test_a_charge_of_some_seconds_in_a_test_is_no_charging_time(asked: Asked) -> None:
    assert not any("ChargingTime" in one for one in told(asked.parts("charge 10 s at 2C, rest 40 s")))
    assert not any("ChargingTime" in one for one in told(asked.parts("impedance at 50 % state of charge after two hours rest")))


@pytest.mark.parametrize(
    ("question", "asked_for"),
    [
        ("12 A pulse discharge minimum", "≥ 12 A"),
        ("cell weight 70 g max", "≤ 70 g"),
        ("needs to supply 500 A continuous", "≥ 500 A"),
        ("a few grams", "< 10 grams"),
        ("two thousand five hundred cycles or more", "≥ 2500"),
        ("a hundred and twenty Ah", "= 120 Ah (±0.5 %)"),
        ("three and a half volts", "= 3.5 volts (±0.5 %)"),
        ("forty-five grams", "= 45 grams (±0.5 %)"),
        ("90 g or even lighter", "≤ 90 g"),
        ("60 mm or wider", "≥ 60 mm"),
        ("from 4.1 V down to 2.7 V", "2.7–4.1 V"),
        ("diameter of 21 mm, give or take 0.5", "20.5–21.5 mm"),
        ("charged up to 4.35 V", "= 4.35 V (±0.5 %)"),
        ("discharge rates up to 5C", "= 5 C (±0.5 %)"),
        ("hold until the current is below 10 mA", "= 10 mA (±0.5 %)"),
        ("tortuosity factor of 2.5", "= 2.5 (±0.5 %)"),
        ("155 < specific capacity < 185 mAh/g", "> 155 mAh/g, < 185 mAh/g"),
        ("nominal voltage 3.65 V", "= 3.65 V (±0.14 %)"),
        ("nominal voltage 3.6 V", "= 3.6 V (±0.5 %)"),
        ("0.33C", "= 0.33 C (±1.5 %)"),
        ("0.2C", "= 0.2 C (±0.5 %)"),
        ("2.5e3 mAh", "= 2500 mAh (±0.5 %)"),
    ],
)
def test_bounds_as_people_say_them(asked: Asked, question: str, asked_for: str) -> None:
    quantities = [part for part in asked.parts(question) if isinstance(part, QuantityPart)]
    assert [part.asked for part in quantities] == [asked_for]


def test_the_diameter_is_not_the_size_of_particles(asked: Asked) -> None:
    [part] = asked.parts("diameter below 16 mm")
    assert isinstance(part, QuantityPart)
    assert part.kinds.isdisjoint({asked.iri("ParticleSize")})


VOLTAGE = "L²·M·T⁻³·I⁻¹"


def a_test(asked: Asked, title: str, *quantities: Quantity, text: str = "") -> Record:
    return replace(a_record(asked, title, "CyclingTest", text=text), quantities=quantities)


@pytest.mark.parametrize(
    "question", ["500 cycles at 1C between 2.5 and 4.2 V", "500 cycles between 2.5 and 4.2 V", "cycling test from 2.5 to 4.2 V"]
)
def test_voltages_and_cycles_of_a_test_are_its_limits_and_repetitions(asked: Asked, question: str) -> None:
    repeated = (a_quantity(asked, "NumberOfIterations", 500, "1"), a_quantity(asked, "CRate", 1 / 3600, "T⁻¹"))
    ends = (a_quantity(asked, "LowerVoltageLimit", 2.5, VOLTAGE), a_quantity(asked, "UpperVoltageLimit", 4.2, VOLTAGE))
    within = a_test(asked, "Within", *repeated, a_quantity(asked, "UpperVoltageLimit", 4.1, VOLTAGE))
    assert found(asked, question, a_test(asked, "Asked", *repeated, *ends), within) == ["Asked"]


def test_a_number_of_repetitions_is_one_of_a_test(asked: Asked) -> None:
    four = a_test(asked, "Four", a_quantity(asked, "NumberOfIterations", 4, "1"))
    assert found(asked, "cycling test, 4 repetitions", four, a_test(asked, "None", text="4 repetitions")) == ["Four"]


@pytest.mark.parametrize("title", ["g_charge_SOC99_eis", "EIS at 99% SOC", "EIS, SOC 99"])
def test_a_state_of_charge_is_found_as_titles_write_it(asked: Asked, title: str) -> None:
    tests = [a_record(asked, one, "ElectrochemicalImpedanceSpectroscopy") for one in (title, "EIS at 9% SOC")]
    assert found(asked, "impedance spectroscopy at 99 % SOC", *tests) == [title]


def test_a_condition_may_stand_in_a_text_beside_the_quantity(asked: Asked) -> None:
    density = (a_quantity(asked, "Density", 1290, "L⁻³·M"),)
    at_20, other = (
        replace(a_record(asked, title, "PotassiumHydroxide", text=text), quantities=density)
        for title, text in (("At 20", "taken at 20 degrees Celsius"), ("Other", "taken at noon"))
    )
    assert found(asked, "density at 20 °C", at_20, other) == ["At 20"]


def test_a_part_of_a_decimal_number_is_not_that_number(asked: Asked) -> None:
    assert found(
        asked, "discharge at 5C", a_record(asked, "5C discharge", "Procedure"), a_record(asked, "0.5C discharge", "Procedure")
    ) == ["5C discharge"]


def test_what_has_a_quantity_goes_before_tests_that_only_tell_the_conditions(asked: Asked) -> None:
    conducting = (
        a_quantity(asked, "ElectrolyticConductivity", 0.8, "L⁻³·M⁻¹·T³·I²", "Electrolyte"),
        a_quantity(asked, "CelsiusTemperature", 298.15, "Θ"),
    )
    cell = replace(a_record(asked, "Cell", "BatteryCell"), quantities=conducting)
    assert found(asked, "electrolyte conductivity of 8 mS/cm at 25 °C", cell, a_test(asked, "Test", *conducting)) == [
        "Cell",
        "Test",
    ]


def test_a_temperature_that_nothing_bears_is_not_looked_for_in_words(asked: Asked) -> None:
    stored = a_record(asked, "Ageing", "Procedure", text="stored at -40 °C, temperature down")
    assert found(asked, "operating temperature down to -40 °C", stored) == []
