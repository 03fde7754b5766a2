"""Quantities in questions: conditions on the same node, what has the quantity, windows, and how numbers are written."""

from __future__ import annotations

import pytest

from tests.unit.search.asked import Asked, told


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("density from 4.5 to 5g/cm3", ["Density 4.5–5 g/cm3"]),
        ("density between 4 and 6g/cm³", ["Density 4–6 g/cm³"]),
        ("areal capacity over 2.5mAh/cm2", ["AreicCapacity > 2.5 mAh/cm2"]),
        ("Six Ampere Hours", ["= 6 Ampere Hours (±0.5 %)"]),
        ("Twenty Amp Hours", ["= 20 Amp Hours (±0.5 %)"]),
        ("Half a Kilo", ["= 0.5 kg (±0.5 %)"]),
        ("at least 3000 cycles at 25 °C", ["CycleLife ≥ 3000 at = 25 °C (±0.5 %)"]),
        ("capacity above 2 Ah at C/5", ["Capacity > 2 Ah at = 0.2 C (±0.5 %)"]),
        ("capacity at C/5 above 2 Ah", ["Capacity > 2 Ah at = 0.2 C (±0.5 %)"]),
        ("2 Ah capacity @ 0.2C", ["Capacity = 2 Ah (±0.5 %) at = 0.2 C (±0.5 %)"]),
        ("C/10 capacity", ["Capacity at = 0.1 C (±0.5 %)"]),
        ("capacity at C/10", ["Capacity at = 0.1 C (±0.5 %)"]),
        (
            "discharge capacity at 1C and 25 °C of at least 3 Ah",
            ["DischargingCapacity ≥ 3 Ah at = 1 C (±0.5 %) at = 25 °C (±0.5 %)"],
        ),
        ("internal resistance at 1 kHz below 30 mΩ", ["InternalResistance < 30 mΩ at = 1 kHz (±0.5 %)"]),
        ("capacity above 2 Ah when discharged at 2C", ["Capacity > 2 Ah at = 2 C (±0.5 %)"]),
        ("cycle life over 2000 cycles at 80% DOD", ["CycleLife > 2000 at DepthOfDischarge = 80 % (±0.5 %)"]),
        ("cycling test at 45 °C", ["CyclingTest", "= 45 °C (±0.5 %)"]),
        ("internal resistance 1kHz below 20 mOhm", ["InternalResistance < 20 mOhm at = 1 kHz (±0.5 %)"]),
        ("1 kHz impedance under 20 mOhm", ["ElectricImpedance < 20 mOhm at = 1 kHz (±0.5 %)"]),
        ("capacity 0.2C above 2 Ah", ["Capacity > 2 Ah at = 0.2 C (±0.5 %)"]),
        ("capacity in mAh/g at C/10", ["SpecificCapacity at = 0.1 C (±0.5 %)"]),
        ("cycling test at room temperature", ["CyclingTest", "= 25 °C (±0.5 %)"]),
        ("capacity at ambient temperature above 3 Ah", ["Capacity > 3 Ah at = 25 °C (±0.5 %)"]),
        ("room-temperature cycling test", ["= 25 °C (±0.5 %)", "CyclingTest"]),
        ("ambient temperature of 20 °C", ["AmbientCelsiusTemperature = 20 °C (±0.5 %)"]),
        ("specific capacity to 4.2 V", ["SpecificCapacity at UpperVoltageLimit = 4.2 V"]),
        ("LCO, specific capacity to 4.2 V", ["LithiumCobaltOxide", "SpecificCapacity at UpperVoltageLimit = 4.2 V"]),
        (
            "specific capacity between 3 and 4.2 V",
            ["SpecificCapacity at LowerVoltageLimit = 3 V at UpperVoltageLimit = 4.2 V"],
        ),
        ("max temperature 60 °C capacity 3 Ah", ["MaximumTemperature = 60 °C (±0.5 %)", "Capacity = 3 Ah (±0.5 %)"]),
        ("mass below 50 g and capacity above 3 Ah", ["Mass < 50 g", "Capacity > 3 Ah"]),
    ],
)
def test_a_number_after_at_is_a_condition_of_the_quantity_before_it(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize(
    ("question", "limits"),
    [
        ("specific capacity at C/10 between 2.5 V and 3.65 V", ["LowerVoltageLimit = 2.5 V", "UpperVoltageLimit = 3.65 V"]),
        ("specific capacity at C/10 cycled between 3.0 and 4.3 V", ["LowerVoltageLimit = 3 V", "UpperVoltageLimit = 4.3 V"]),
        ("specific capacity at C/10, 2.5-4.2 V window", ["LowerVoltageLimit = 2.5 V", "UpperVoltageLimit = 4.2 V"]),
        ("capacity at C/10 to 4.3 V", ["UpperVoltageLimit = 4.3 V"]),
        ("capacity at C/10 up to 4.3 V", ["UpperVoltageLimit = 4.3 V"]),
        ("capacity at C/10 down to 2.5 V", ["LowerVoltageLimit = 2.5 V"]),
    ],
)
def test_voltages_after_a_condition_are_the_limits_of_the_measurement(asked: Asked, question: str, limits: list[str]) -> None:
    assert told(asked.quantity(question).conditions) == ["= 0.1 C (±0.5 %)", *limits]


def test_a_capacity_at_a_rate_is_also_that_of_a_material(asked: Asked) -> None:
    assert asked.iri("SpecificCapacity") in asked.quantity("capacity at C/10").kinds
    assert asked.iri("SpecificCapacity") not in asked.quantity("capacity above 2 Ah at C/10").kinds


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("cells above 40 Ah with nominal voltage 3.6 V", ["> 40 Ah", "NominalVoltage = 3.6 V (±0.5 %)"]),
        ("over 40 Ah with rated energy 150 Wh", ["> 40 Ah", "RatedEnergy = 150 Wh (±0.5 %)"]),
        ("discharge current max. 100 A or more", ["DischargingCurrent ≥ 100 A"]),
        ("cells rated for 60 °C discharge", ["MaximumDischargingTemperature ≥ 60 °C"]),
        ("test protocols that are not run at 25 °C", ["Procedure", "not = 25 °C (±0.5 %)"]),
    ],
)
def test_whose_number_it_is(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.query(question).parts) == parts


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("cells below 3 V", "NominalVoltage < 3 V"),
        ("Samsung batteries over 3.6 volts", "NominalVoltage > 3.6 volts"),
        ("3.7 V cells", "= 3.7 V (±0.5 %)"),
        ("cells with charging voltage above 4.3 V", "ChargingVoltage > 4.3 V"),
        ("cells cycled up to 4.5 V", "≤ 4.5 V"),
        ("materials above 4 V", "> 4 V"),
    ],
)
def test_a_bound_on_volts_of_cells_is_one_of_their_nominal_voltage(asked: Asked, question: str, part: str) -> None:
    assert part in told(asked.query(question).parts)


def test_voltages_beside_another_quantity_are_one_of_their_own(asked: Asked) -> None:
    parts = ["Capacity > 3 Ah", "NominalVoltage 3–4 V"]
    assert told(asked.parts("capacity above 3 Ah and nominal voltage between 3 and 4 V")) == parts


@pytest.mark.parametrize(
    ("question", "rate"),
    [("C/10", 0.1), ("0.5C discharge rate", 0.5), ("C-rate of C/20", 0.05), ("10C discharge", 10.0), ("discharge at 3C", 3.0)],
)
def test_c_rates(asked: Asked, question: str, rate: float) -> None:
    part = asked.quantity(question)
    assert part.text == question
    assert part.dimension == "T⁻¹"
    assert part.bounds[0] < rate / 3600 < part.bounds[1]


@pytest.mark.parametrize("question", ["25 C", "-20 C", "between -20 and 60 C"])
def test_a_large_or_negative_c_is_a_temperature(asked: Asked, question: str) -> None:
    assert asked.quantity(question).dimension == "Θ"


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("cathode thickness above 50 µm", ["Thickness of PositiveElectrode > 50 µm"]),
        ("thickness of the cathode above 50 µm", ["Thickness of PositiveElectrode > 50 µm"]),
        ("50 µm thick cathode", ["Thickness of PositiveElectrode = 50 µm (±0.5 %)"]),
        ("electrolyte volume below 100 µl", ["Volume of Electrolyte < 100 µl"]),
        ("porosity of the anode below 40 %", ["Porosity of NegativeElectrode < 40 %"]),
        ("separator porosity above 40%", ["Porosity of Separator > 40 %"]),
    ],
)
def test_a_quantity_of_a_part_stands_in_its_role(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts
    assert asked.quantity(question).roles


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "operating between -20 and 60 degC",
            ["MinimumDischargingTemperature ≤ -20 degC", "MaximumDischargingTemperature ≥ 60 degC"],
        ),
        ("voltage window 2.5 to 4.2 V", ["LowerVoltageLimit = 2.5 V", "UpperVoltageLimit = 4.2 V"]),
        ("storage temperature range -40 to 60 °C", ["MinimumStorageTemperature ≤ -40 °C", "MaximumStorageTemperature ≥ 60 °C"]),
        ("2.5-4.2 V", ["2.5–4.2 V"]),
        ("works at -30 °C", ["MinimumDischargingTemperature ≤ -30 °C"]),
        ("can be charged at 45 °C", ["MaximumChargingTemperature ≥ 45 °C"]),
        ("stored at 45 °C", ["“stored”", "= 45 °C (±0.5 %)"]),
    ],
)
def test_both_ends_of_a_window_are_limits(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize(
    ("question", "low", "high"),
    [
        ("above 10^-3 S/cm", 0.1, None),
        ("above 2×10^-3 S/cm", 0.2, None),
        ("above 10⁻³ S/cm", 0.1, None),
        ("above 1e-3 S/cm", 0.1, None),
    ],
)
def test_powers_of_ten(asked: Asked, question: str, low: float, high: float | None) -> None:
    part = asked.quantity(question)
    assert part.minimum == pytest.approx(low)
    assert part.maximum == high


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("2...3 Ah", ["2–3 Ah"]),
        ("3k cycles", ["CycleLife = 3000 (±0.5 %)"]),
        ("4.2V max voltage", ["UpperVoltageLimit = 4.2 V (±0.5 %)"]),
        ("4.20V charge voltage 2.5V cutoff", ["ChargingVoltage = 4.2 V (±0.12 %)", "LowerVoltageLimit = 2.5 V (±0.5 %)"]),
        ("2Ah minimum", ["≥ 2 Ah"]),
        ("greater than or equal to 5 A", ["≥ 5 A"]),
        ("capacity=2.5Ah", ["Capacity = 2.5 Ah (±0.5 %)"]),
        ("charged to 4.35 V", ["ChargingVoltage = 4.35 V (±0.11 %)"]),
        ("capacity above 150 mAh/g", ["> 150 mAh/g"]),
        ("less than a kilogram", ["< 1 kilogram"]),
        ("half a kilogram", ["= 0.5 kilogram (±0.5 %)"]),
        ("below fifty milliohm", ["< 50 milliohm"]),
        ("two thousand cycles", ["CycleLife = 2000 (±0.5 %)"]),
        ("at least 2000 charge/discharge cycles", ["CycleLife ≥ 2000"]),
        ("2000 full cycles or more", ["CycleLife ≥ 2000"]),
        ("last more than 2000 cycles", ["CycleLife > 2000"]),
        ("FEC above 2 wt%", ["MassFraction of FluoroethyleneCarbonate > 2 wt%"]),
        ("3.6 V nominal", ["NominalVoltage = 3.6 V (±0.5 %)"]),
        ("10 A discharge", ["DischargingCurrent = 10 A (±0.5 %)"]),
        ("25 degrees", ["= 25 °C (±0.5 %)"]),
        ("EC:EMC 3:7", ["EthyleneCarbonate", "EthylMethylCarbonate"]),
    ],
)
def test_ways_to_write_it(asked: Asked, question: str, parts: list[str]) -> None:
    assert [one.replace("  ", " ") for one in told(asked.parts(question))] == parts


def test_the_length_is_not_the_width(asked: Asked) -> None:
    length = asked.quantity("length above 200 mm").kinds
    assert asked.iri("Length") in length
    assert length.isdisjoint({asked.iri("Width"), asked.iri("Height"), asked.iri("Thickness")})
