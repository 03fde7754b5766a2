"""Units as they occur in real records and questions, and as hostile text."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ontology.facts import packaged_facts
from ontology.model import Concept, Facts, Kind, Restriction
from ontology.units import HAS_MEASUREMENT_UNIT, Unit, Units, base_unit, dimension_key

EMMO = "https://w3id.org/emmo#"
ELECTROCHEMISTRY = "https://w3id.org/emmo/domain/electrochemistry#"
C_LANGUAGE = EMMO + "EMMO_36a9bf69_483b_42fd_8a0c_7ac9206320bc"
RATED_CAPACITY = ELECTROCHEMISTRY + "electrochemistry_9b3b4668_0795_4a35_9965_2af383497a26"
VOLTAGE = EMMO + "EMMO_17b031fb_4695_49b6_bb69_189ec63df3ee"
CELSIUS_TEMPERATURE = EMMO + "EMMO_66bc9029_f473_45ff_bab9_c3509ff37a22"
C_RATE = ELECTROCHEMISTRY + "electrochemistry_e1fd84eb_acdb_4b2c_b90c_e899d552a3ee"
CAPACITY, POTENTIAL = "T·I", "L²·M·T⁻³·I⁻¹"

NOT_UNITS = {
    C_LANGUAGE: "the programming language C",
    HAS_MEASUREMENT_UNIT: "the property hasMeasurementUnit itself, in the context of the file",
    "https://qudt.org/vocab/unit/": "the vocabulary, no unit of it (a prefix in a context)",
    "http://qudt.org/vocab/unit/": "the same",
    "REQUESTED": "a placeholder of a template",
    "n/a": "says that there is none",
}
"""Every unit text of the real documents that does not convert, with the reason."""


@pytest.fixture(scope="module")
def units() -> Units:
    return Units(packaged_facts())


def found(units: Units, text: str, kind: str | None = None) -> Unit:
    unit = units.find(text, kind)
    assert unit is not None, text
    return unit


def unit_texts(node: Any) -> Iterator[str]:
    """Every text under a key that names a unit, as a string, a node, a typed value or in a list."""
    if isinstance(node, list):
        for item in node:
            yield from unit_texts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if "unit" in key.lower():
                yield from _texts(value)
            yield from unit_texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from (value[key] for key in ("@id", "@value") if isinstance(value.get(key), str))


def test_every_unit_in_the_real_documents_converts_or_is_known_not_to_be_one(units: Units, shared_data: Path) -> None:
    texts: set[str] = set()
    for path in sorted((shared_data / "jsonld").rglob("*.json*")):
        if path.name != "origins.json" and path.stat().st_size:
            texts.update(unit_texts(json.loads(path.read_text(encoding="utf-8"))))
    assert len(texts) > 100
    assert {text for text in texts if units.find(text) is None} == NOT_UNITS.keys() & texts
    for text in texts - NOT_UNITS.keys():
        unit = found(units, text)
        assert unit.factor > 0
        assert unit.base_unit


@pytest.mark.parametrize(
    ("texts", "factor", "base"),
    [
        (["mohm", "mOhm", "mΩ", "m\u2126", "MilliOhm", "unit:MilliOHM", EMMO + "MilliOhm", "milliohms"], 1e-3, "Ω"),
        (["um", "µm", "μm", "MicroMetre", "emmo:MicroMetre", "unit:MicroM", "micrometers"], 1e-6, "m"),
        (["Ah", "A.h", "A⋅h", "A h", "AmpereHour", "emmo:AmpereHour", "unit:A-HR", "amp hours", "AMH", "AH"], 3600.0, "A·s"),
        (["mAh", "mA.h", "mah", "MAH", "MilliAmpereHour", "https://qudt.org/vocab/unit/MilliA-HR"], 3.6, "A·s"),
        (["mAh/g", "mA.h/g", "mAh g-1", "mA·h·g⁻¹", "unit:MilliA-HR-PER-GM", "mAh per gram"], 3600.0, "A·s/kg"),
        (["mAh/cm2", "mAh/cm^2", "mAh/cm²", "mA.h.cm-2", "emmo:MilliAmpereHourPerSquareCentiMetre"], 36000.0, "A·s/m²"),
        (["mA/cm2", "MilliAmperePerSquareCentiMetre", "emmo:MilliAmperePerSquareCentiMetre"], 10.0, "A/m²"),
        (["mg/cm²", "mg/cm^2", "unit:MilliGM-PER-CentiM2", "mg per square centimetre"], 1e-2, "kg/m²"),
        (["Wh", "W.h", "Watthour", EMMO + "Watthour", "emmo:WattHour", "unit:W-HR", "watt-hours"], 3600.0, "J"),
        (["Wh/kg", "W h kg-1", "Wh kg⁻¹", "W.h/kg", EMMO + "WattHourPerKilogram"], 3600.0, "J/kg"),
        (["kWh", "kwh", "KWH"], 3.6e6, "J"),
        (["mPa*s", "mPa.s", "mPa s", "unit:MilliPA-SEC", "cP"], 1e-3, "Pa·s"),
        (["mS/cm", "unit:MilliS-PER-CentiM"], 0.1, "S/m"),
        (["S/m", "S.m-1"], 1.0, "S/m"),
        (["mol/L", "M", "unit:MOL-PER-L", "emmo:MolePerLitre", "mol/l"], 1000.0, "mol/m³"),
        (["mol.m-2.s-1"], 1.0, "mol/(m²·s)"),
        (["GramPerCubicCentimetre", "GramPerCubicCentiMetre", "emmo:GramPerCubicCentimetre", "g/cm3", "g/cm^3"], 1000.0, "kg/m³"),
        (["%", "unit:PERCENT", "percent", "wt%", "vol.%", EMMO + "Percent"], 0.01, "1"),
        (["1", "emmo:UnitOne", EMMO + "EMMO_5ebd5e01_0ed3_49a2_a30d_cd05cbe72978", "unit:UNITLESS", "cycles"], 1.0, "1"),
        (["emmo:AmperePerAmpereHour", "electrochemistry:AmperePerAmpereHour", ELECTROCHEMISTRY + "C", "1/h", "C"], 1 / 3600, "1/s"),
        (["Hz", "emmo:Hertz"], 1.0, "1/s"),
        (["V", "Volt", "emmo:Volt", EMMO + "Volt", "unit:V", "VLT", "http://qudt.org/vocab/unit/V", "volts", "v"], 1.0, "V"),
        (["unit:MilliA-HR-PER-V-GM"], 3600.0, "F/kg"),
        (["unit:MilliL-PER-MIN"], 1e-6 / 60, "m³/s"),
        (["[in_i]", "inches", "unit:IN"], 0.0254, "m"),
    ],
)
def test_one_unit_in_all_its_spellings(units: Units, texts: list[str], factor: float, base: str) -> None:
    for text in texts:
        unit = found(units, text)
        assert math.isclose(unit.factor, factor, rel_tol=1e-12), text
        assert (unit.offset, unit.base_unit) == (0.0, base), text


@pytest.mark.parametrize(
    "text", ["degC", "°C", "ºC", "℃", "Cel", "CEL", "emmo:DegreeCelsius", "unit:DEG_C", "degrees Celsius", "celsius"]
)
def test_celsius_keeps_its_offset(units: Units, text: str) -> None:
    assert found(units, text).to_base(25) == pytest.approx(298.15)


def test_fahrenheit_and_kelvin_share_the_scale(units: Units) -> None:
    assert found(units, "[degF]").to_base(212) == pytest.approx(373.15)
    assert found(units, "K").to_base(298.15) == 298.15
    assert found(units, "°C").from_base(273.15) == 0


def test_a_degree_inside_a_product_is_a_difference(units: Units) -> None:
    assert found(units, "mV/°C") == Unit("mV/°C", 1e-3, 0.0, found(units, "V/K").dimension, "V/K")


def test_the_quantity_class_celsius_temperature_is_read_as_degree_celsius(units: Units) -> None:
    assert units.find("emmo:CelsiusTemperature") == units.find("degC")


def test_the_letter_c_depends_on_the_kind_of_quantity(units: Units) -> None:
    assert found(units, "C") == Unit("C", 1 / 3600, 0.0, "T⁻¹", "1/s")
    assert units.find("C", C_RATE) == units.find("C")
    assert found(units, "C", RATED_CAPACITY) == Unit("C", 1.0, 0.0, CAPACITY, "A·s")
    assert units.find("C", CELSIUS_TEMPERATURE) is None
    assert found(units, "emmo:Coulomb").dimension == found(units, "unit:C").dimension == CAPACITY
    assert found(units, "mC").dimension == CAPACITY


def test_the_programming_language_c_is_no_unit_whatever_the_kind(units: Units) -> None:
    assert packaged_facts().concepts[C_LANGUAGE].labels[0].text == "C"
    for kind in (None, C_RATE, CELSIUS_TEMPERATURE, RATED_CAPACITY):
        assert units.find(C_LANGUAGE, kind) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "dog",
        "100",
        "NaN",
        "cell",
        "NMC",
        "LFP",
        "V-",
        "mAh//g",
        "https://example.org/Volt",
        "file:///V",
        "gal{UK}x",
        "nmc811",
    ],
)
def test_what_is_no_unit_is_none(units: Units, text: str) -> None:
    assert units.find(text) is None


def test_a_unit_that_emmo_contradicts_does_not_convert_by_its_iri(units: Units) -> None:
    assert units.find(EMMO + "SquareMetrePerVoltSecond") is None
    assert found(units, "m2.V-1.s-1").factor == 1.0


def test_the_ontology_demands_dimensions_and_they_are_inherited(units: Units) -> None:
    assert units.dimension_of_kind(RATED_CAPACITY) == CAPACITY
    assert units.dimension_of_kind(VOLTAGE) == POTENTIAL
    assert units.dimension_of_kind(CELSIUS_TEMPERATURE) == "Θ"
    assert units.dimension_of_kind(C_RATE) == "T⁻¹"
    assert units.dimension_of_kind("https://example.org/nothing") is None


def test_volts_are_refused_for_a_capacity(units: Units) -> None:
    assert found(units, "V").dimension != units.dimension_of_kind(RATED_CAPACITY)
    assert found(units, "mAh").dimension == units.dimension_of_kind(RATED_CAPACITY)


def test_parents_that_demand_different_dimensions_demand_none_and_circles_end() -> None:
    charge = next(fact for fact in packaged_facts().units.values() if fact.label == "ElectricChargeUnit")
    length = next(fact for fact in packaged_facts().units.values() if fact.label == "LengthUnit")
    kinds = {
        "a": Concept("a", Kind.CLASS, restrictions=(Restriction(HAS_MEASUREMENT_UNIT, "some", charge.iri),)),
        "b": Concept("b", Kind.CLASS, restrictions=(Restriction(HAS_MEASUREMENT_UNIT, "some", length.iri),)),
        "both": Concept("both", Kind.CLASS, parents=("a", "b")),
        "one": Concept("one", Kind.CLASS, parents=("a", "circle")),
        "circle": Concept("circle", Kind.CLASS, parents=("one",)),
    }
    units = Units(Facts((), kinds, {charge.iri: charge, length.iri: length}, {}))
    assert units.dimension_of_kind("a") == CAPACITY
    assert units.dimension_of_kind("both") is None
    assert units.dimension_of_kind("one") == CAPACITY


def test_what_kinds_demand_does_not_depend_on_which_is_asked_first() -> None:
    facts = packaged_facts()
    alone = {kind: Units(facts).dimension_of_kind(kind) for kind in sorted(facts.concepts)[::40]}
    together = Units(facts)
    assert {kind: together.dimension_of_kind(kind) for kind in sorted(facts.concepts, reverse=True) if kind in alone} == alone


def test_units_of_a_dimension_are_those_that_convert_to_it(units: Units) -> None:
    facts = packaged_facts().units
    measured = {iri: unit.dimension for iri in facts if (unit := units.find(iri)) is not None}
    assert {iri: dimension for dimension in set(measured.values()) for iri in units.of_dimension(dimension)} == measured
    assert units.of_dimension("nothing") == ()


@pytest.mark.parametrize(
    ("question", "at", "name", "matched"),
    [
        ("above 100 Ah", 10, "Ah", "Ah"),
        ("20Ah", 2, "Ah", "Ah"),
        ("3 A", 2, "A", "A"),
        ("2.5V-4.2V", 3, "V", "V"),
        ("2 V-3 V", 2, "V", "V"),
        ("3.7 V a cell", 4, "V", "V"),
        ("120 amp hours and", 4, "Ah", "amp hours"),
        ("25 degrees celsius", 3, "°C", "degrees celsius"),
        ("3 mah", 2, "mAh", "mah"),
        ("2 milliohm", 2, "mΩ", "milliohm"),
        ("200 mAh g-1.", 4, "mAh/g", "mAh g-1"),
        ("200 mAh/g, coated", 4, "mAh/g", "mAh/g"),
        ("15 mg per square centimetre", 3, "mg/cm²", "mg per square centimetre"),
        ("3.2 V per cell", 4, "V", "V"),
        ("3000 cycles", 5, "1", "cycles"),
        ("0.5c rate", 3, "C", "c rate"),
        ("10 C", 3, "C", "C"),
        ("5 kg", 2, "kg", "kg"),
        ("100 grams of", 4, "g", "grams"),
        ("80% SOC", 2, "%", "%"),
        ("1 M LiPF6", 2, "mol/L", "M"),
        ("50 mm x 20 mm", 3, "mm", "mm"),
    ],
)
def test_the_longest_unit_at_a_position_of_a_question(units: Units, question: str, at: int, name: str, matched: str) -> None:
    hit = units.match_prefix(question, at)
    assert hit is not None
    assert (hit[0].name, question[at : hit[1]]) == (name, matched)


@pytest.mark.parametrize(
    ("question", "at"), [("5 in series", 2), ("3 a", 2), ("18650 cells", 6), ("4 Ah", 1), ("100", 3), ("5 at", 2), ("2.5-4.2 V", 3)]
)
def test_words_of_a_sentence_are_no_units(units: Units, question: str, at: int) -> None:
    assert units.match_prefix(question, at) is None


def test_dimension_and_base_unit_texts_are_stable() -> None:
    assert dimension_key((0, 0, 0, 0, 0, 0, 0)) == "1"
    assert dimension_key((0, 0, 1, 1, 0, 0, 0)) == CAPACITY
    assert base_unit((-3, 1, 0, 0, 0, 0, 0)) == "kg/m³"
    assert base_unit((0, 0, -1, 0, 0, 0, 0)) == "1/s"


def test_all_units_of_one_dimension_have_one_base_unit(units: Units) -> None:
    bases: dict[str, set[str]] = {}
    for fact in packaged_facts().units.values():
        unit = units.find(fact.iri)
        if fact.iri == ELECTROCHEMISTRY + "C":
            continue  # deprecated: its replacement is found
        assert (unit is None) == (not fact.expression)
        if unit is not None:
            assert (unit.factor, unit.offset) == (fact.factor, fact.offset)
            bases.setdefault(unit.dimension, set()).add(unit.base_unit)
    assert len(bases) > 150
    assert all(len(symbols) == 1 for symbols in bases.values())


CONVERTIBLE = [fact.iri for fact in packaged_facts().units.values() if fact.expression]
UNITS = Units(packaged_facts())


@given(iri=st.sampled_from(CONVERTIBLE), value=st.floats(-1e9, 1e9))
def test_to_the_base_unit_and_back_gives_the_value(iri: str, value: float) -> None:
    unit = found(UNITS, iri)
    tolerance = 1e-12 * abs(unit.offset / unit.factor) + 1e-300
    assert math.isclose(unit.from_base(unit.to_base(value)), value, rel_tol=1e-12, abs_tol=tolerance)


PIECES = [
    "m",
    "A",
    "h",
    "Ah",
    "C",
    "/",
    ".",
    "-",
    "^",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "2",
    "99",
    "-1",
    " ",
    "per",
    "square",
    "Milli",
    "µ",
    "²",
    "#",
]


@settings(max_examples=400, deadline=None)
@given(text=st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=80).map("".join)))
@example(text="m^999999999")
@example(text="(" * 100 + "m" + ")" * 100)
@example(text="__import__('os').system('true')")
@example(text="10^99999.m")
@example(text="Qm12.Qm12.Qm12")
@example(text="qm-12.qm-12.qm-12.qm-12")
@example(text="milli" * 25)
@example(text="emmo:" + "square" * 30)
@example(text="unit:" + "M-" * 60)
@example(text="٣m²٣")
def test_no_text_raises_and_every_unit_found_can_convert(text: str) -> None:
    unit = UNITS.find(text)
    if unit is not None:
        assert math.isfinite(unit.factor)
        assert unit.factor > 0
        assert math.isfinite(unit.to_base(1.0))
        assert unit.base_unit
        assert unit.dimension
    for start in range(min(len(text), 20)):
        hit = UNITS.match_prefix(text, start)
        assert hit is None or start < hit[1] <= len(text)


def test_hostile_texts_end_quickly_and_do_not_pile_up(units: Units) -> None:
    started = time.perf_counter()
    for number in range(10_000):
        units.find(f"{number} no unit")
    assert len(units._found) <= 8192
    for text in ("perper" * 30, "are" * 42 + "x", "metre" * 25 + "x", "(m" * 60, "m " * 60, "k" * 1_000_000, "[" * 120, "m^" * 60):
        assert units.find(text) is None
    units.match_prefix("m " * 100_000, 0)
    assert time.perf_counter() - started < 5


def test_the_unit_library_is_not_imported_for_the_units_of_the_fact_table() -> None:
    code = (
        "import sys; from ontology.facts import packaged_facts; from ontology.units import Units\n"
        "units = Units(packaged_facts())\n"
        "assert all(map(units.find, ['mAh/g', 'unit:MilliA-HR-PER-V-GM', 'emmo:Volt', 'M', 'degC', '%', 'kWh', 'C', 'wt%']))\n"
        "assert 'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
