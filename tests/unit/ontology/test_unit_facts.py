"""Unit facts from the real EMMO closure, checked against the unit library and against EMMO itself."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pint
import pyoxigraph as ox
import pytest

from ontology.model import UnitFact
from ontology.unit_facts import UnitReport, extract_units, read_dimension, report_units
from ontology.unit_grammar import from_qudt, from_symbols, from_words, shown
from ontology.unit_measure import measure
from ontology.unit_table import read_expression, rows

EMMO = "https://w3id.org/emmo#"

WRONG_FACTOR_IN_EMMO = {
    "AmperePerDegreeCelsius",
    "MilliAmpereHourPerSquareCentiMetre",
    "KiloAmpereHour",
    "Percent",
    "JoulePerHour",
    "MilliGramPerLitre",
    "MicroGramPerSquareCentiMetre",
    "ReciprocalHour",
    "ReciprocalÅngström",
}
"""Some of the units whose stated multiplier contradicts both their label and their code."""

OTHER_SIZE_IN_QUDT = {
    "CaloriePerGramDegreeCelsius",
    "GramDegreeCelsius",
    "PoundForceFootPerAmpere",
    "PoundForceFootPerPound",
    "PoundForcePerFoot",
}
"""EMMO units that refer to a QUDT unit of another size."""


@pytest.fixture(scope="module")
def store(shared_data: Path) -> ox.Store:
    loaded = ox.Store()
    for name in ("merged.ttl", "merged-extra.ttl"):
        loaded.bulk_load(path=str(shared_data / "ontologies" / name), format=ox.RdfFormat.TURTLE)
    return loaded


@pytest.fixture(scope="module")
def report(store: ox.Store) -> UnitReport:
    return report_units(store)


@pytest.fixture(scope="module")
def convertible(report: UnitReport) -> list[UnitFact]:
    return [fact for fact in report.units.values() if fact.expression]


def test_most_units_of_emmo_convert_and_every_other_one_has_a_reason(report: UnitReport, convertible: list[UnitFact]) -> None:
    assert len(convertible) > 1300
    without = {iri for iri, fact in report.units.items() if not fact.expression}
    assert without == report.excluded.keys()
    assert all(report.excluded.values())
    assert all(report.units[iri].factor == 0 for iri in without)


def test_the_same_triples_give_the_same_facts_in_sorted_order(store: ox.Store, report: UnitReport) -> None:
    again = extract_units(store)
    assert list(again.items()) == list(report.units.items())
    assert list(again) == sorted(again)


def test_ampere_hour_carries_everything_that_emmo_says_of_it(report: UnitReport) -> None:
    iri = EMMO + "AmpereHour"
    assert report.units[iri] == UnitFact(
        iri=iri,
        label="AmpereHour",
        symbols=("A⋅h",),
        qudt="http://qudt.org/vocab/unit/A-HR",
        ucum="A.h",
        expression="ampere * hour",
        factor=3600.0,
        offset=0.0,
        dimension=(0, 0, 1, 1, 0, 0, 0),
    )


def test_factor_offset_and_dimension_of_every_unit_are_those_of_the_unit_library(convertible: list[UnitFact]) -> None:
    """Independent of our evaluation: pint's own parser and floats, from the text of the expression."""
    registry: pint.UnitRegistry[float] = pint.UnitRegistry(cache_folder=None)
    base = ("[length]", "[mass]", "[time]", "[current]", "[temperature]", "[substance]", "[luminosity]")
    for fact in convertible:
        text = fact.expression
        if text in ("degree_Celsius", "degree_Fahrenheit"):
            assert fact.offset == pytest.approx(registry.Quantity(0, text).to("kelvin").magnitude)
        else:
            assert fact.offset == 0
        text = text.replace("degree_Celsius", "delta_degree_Celsius").replace("degree_Fahrenheit", "delta_degree_Fahrenheit")
        quantity = registry.Quantity(1, "") * registry.parse_expression(text)
        assert math.isclose(quantity.to_base_units().magnitude, fact.factor, rel_tol=1e-9), fact.label
        assert tuple(quantity.dimensionality.get(name, 0) for name in base) == fact.dimension, fact.label


def test_units_that_contradict_the_dimension_of_emmo_are_excluded_and_named(report: UnitReport) -> None:
    reasons = {report.units[iri].label: reason for iri, reason in report.excluded.items() if "has not the dimension" in reason}
    assert {"SquareMetrePerVoltSecond", "JoulePerTesla", "AmperePerJoule"} <= reasons.keys()
    assert len(reasons) < 50


def test_wrong_factors_of_emmo_do_not_get_into_the_facts(report: UnitReport) -> None:
    doubted = {report.units[iri].label for iri in report.doubts}
    assert doubted >= WRONG_FACTOR_IN_EMMO
    assert len(doubted) < 70
    assert report.units[EMMO + "MilliAmpereHourPerSquareCentiMetre"].factor == 36000.0
    assert report.units[EMMO + "Percent"].factor == 0.01


def test_a_factor_that_only_one_name_supports_excludes_the_unit(report: UnitReport) -> None:
    """EMMO gives the sidereal day the UCUM code of the day."""
    assert "86164" in report.excluded[EMMO + "SiderealDay"]


def test_classes_of_units_are_known_by_their_dimension(report: UnitReport) -> None:
    charge = next(fact for fact in report.units.values() if fact.label == "ElectricChargeUnit")
    assert charge.dimension == (0, 0, 1, 1, 0, 0, 0)
    assert charge.expression == ""
    assert report.excluded[charge.iri] == "it is a class of units, not a unit"


def test_qudt_names_read_by_their_grammar_have_the_size_of_the_emmo_unit(convertible: list[UnitFact]) -> None:
    outcome: Counter[str] = Counter()
    different = set()
    for fact in convertible:
        expression = from_qudt(fact.qudt.rpartition("/")[2])
        if expression is None:
            outcome["no name" if not fact.qudt else "not read"] += 1
            continue
        outcome["read"] += 1
        size = measure(expression)
        if size.dimension != fact.dimension or not math.isclose(float(size.factor), fact.factor, rel_tol=1e-3):
            different.add(fact.label)
    assert different == OTHER_SIZE_IN_QUDT
    assert outcome["read"] > 1200


def test_ucum_codes_of_emmo_are_read_unless_the_unit_is_excluded(convertible: list[UnitFact]) -> None:
    unread = [fact.label for fact in convertible if fact.ucum and from_symbols(fact.ucum, exact=True) is None]
    assert set(unread) == {"BitPerSecond", "KiloCal_Th", "MegaBitPerSecond"}


def test_every_row_of_our_table_resolves_in_the_unit_library_and_means_one_thing() -> None:
    seen: dict[str, str] = {}
    for row in rows():
        assert measure(row.expression).factor > 0
        for text in (*row.ucum, *row.symbols):
            assert seen.setdefault(text, str(row.expression)) == str(row.expression), text
        for word in row.words:
            assert word == word.lower()
            assert seen.setdefault("word " + word, str(row.expression)) == str(row.expression), word


def test_an_expression_reads_back_as_itself(convertible: list[UnitFact]) -> None:
    for fact in convertible:
        assert str(read_expression(fact.expression)) == fact.expression
    with pytest.raises(ValueError, match="not a unit name"):
        read_expression("volt ** ampere")


def test_dimension_strings_of_emmo_are_read_and_others_refused() -> None:
    assert read_dimension("T-2 L+2 M+1 I-1 Θ0 N0 J0") == (2, 1, -2, -1, 0, 0, 0)
    for wrong in ("", "T-2 L+2", "T-2 L+2 M+1 I-1 Θ0 N0 N0", "volt"):
        with pytest.raises(ValueError, match="not a dimension string"):
            read_dimension(wrong)


def test_a_unit_outside_the_unit_library_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="cannot resolve"):
        measure(read_expression("no_such_unit"))
    with pytest.raises(ValueError, match="outside the SI"):
        measure(read_expression("gauss"))


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("mol.m-2.s-1", "mole / metre ** 2 / second"),
        ("J/kg K", "joule / kilogram / kelvin"),
        ("W/m/K", "watt / metre / kelvin"),
        ("n/a", None),
        ("mAh/cm^{2}", "milliampere * hour / centimetre ** 2"),
        ("mg{Li}/g", "milligram / gram"),
        ("{#}.cm-3", "1 / centimetre ** 3"),
        ("kJ.(kg.K)-1", "kilojoule / kilogram / kelvin"),
        ("t{long}", None),
        ("m^13", None),
        ("m^999999999", None),
        ("(((((m)))))", None),
        ("V-4V", None),
        ("m*", None),
        ("", None),
        ("10*3.m", "1000 * metre"),
        ("square metre", "metre ** 2"),
    ],
)
def test_symbols_follow_ucum_and_what_does_not_parse_is_none(text: str, expression: str | None) -> None:
    found = from_symbols(text)
    assert (None if found is None else str(found)) == expression


def test_words_are_cut_the_same_with_and_without_camel_case() -> None:
    expected = read_expression("gram / centimetre ** 3")
    for text in ("GramPerCubicCentiMetre", "GramPerCubicCentimetre", "gram per cubic centimeter", "gram-per-cubic-centimetre"):
        assert from_words(text) == expected
    assert from_words("gramper") is None
    assert from_words("milliminute") is None


def test_expressions_are_shown_in_symbols() -> None:
    assert shown(read_expression("milliampere * hour / gram")) == "mAh/g"
    assert shown(read_expression("watt / metre / kelvin")) == "W/(m·K)"
    assert shown(read_expression("1 / centimetre ** 3")) == "1/cm³"
