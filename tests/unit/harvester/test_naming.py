"""Concepts that texts of a document name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.formulae import composition
from records.record import Record

ReadRecord = Callable[..., Record]


def label(iri: str) -> str:
    return Concepts(packaged_facts()).label(iri)


def named(record: Record) -> set[str]:
    """What texts name: the asserted concepts that stand at a property which is not their type."""
    last = {"name", "label", "prefLabel", "molecularFormula", "size", "model", "keywords", "additionalType", "measurementTechnique"}
    return {label(use.concept) for use in record.concepts if not use.implied_by and use.role and label(use.role[-1]) in last}


def material(**texts: Any) -> dict[str, Any]:
    return {"@type": "CoinCell", "hasPositiveElectrode": {"hasActiveMaterial": {"@type": "ActiveMaterial", **texts}}}


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("LiFePO4", {"LithiumIronPhosphate"}),
        ("LiFePO4 ", {"LithiumIronPhosphate"}),
        ("LiFePO₄", {"LithiumIronPhosphate"}),
        ("LiNi0.6Mn0.2Co0.2O2", {"LithiumNickelManganeseCobaltOxide622"}),
        ("LiNi0.6Co0.2Mn0.2O2", {"LithiumNickelManganeseCobaltOxide622"}),
        ("LiNi0.7Mn0.15Co0.15O2", {"LithiumNickelManganeseCobaltOxide"}),
        ("LiNi0.88Co0.09Al0.03O2", {"LithiumNickelCobaltAluminiumOxide"}),
        ("LiNi0.5Mn1.5O4", {"LithiumNickelManganeseOxide"}),
        ("Li2FeP2O7", set()),
        ("Al2O3", {"AluminiumOxide"}),
        ("Ni1/0", set()),
        ("no formula", set()),
        ("", set()),
    ],
)
def test_a_formula_says_the_substance(read_record: ReadRecord, formula: str, names: set[str]) -> None:
    assert named(read_record(material(**{"schema:molecularFormula": formula}))) == names


def test_what_a_formula_says_stands_where_it_is_written(read_record: ReadRecord) -> None:
    record = read_record(material(**{"schema:molecularFormula": "LiFePO4"}))
    [use] = [use for use in record.concepts if label(use.concept) == "LithiumIronPhosphate"]
    assert [label(one) for one in use.within] == ["PositiveElectrode", "ActiveMaterial"]
    assert use.pointer == "/hasPositiveElectrode/hasActiveMaterial"
    assert "LithiumIonIronPhosphateBattery" in {label(one.concept) for one in record.concepts if one.implied_by}


def test_a_formula_as_a_value_is_read(read_record: ReadRecord) -> None:
    formula = {"@type": "molecularFormula", "hasStringValue": "LiNi0.6Mn0.2Co0.2O2"}
    record = read_record({"hasPositiveElectrode": {"hasActiveMaterial": {"hasMeasuredProperty": formula}}})
    assert "LithiumNickelManganeseCobaltOxide622" in {label(use.concept) for use in record.concepts}
    # The family is said with it, though the ontologies give the composition no parent.
    assert "LithiumNickelManganeseCobaltOxide" in {label(use.concept) for use in record.concepts}


@pytest.mark.parametrize(
    ("role", "name", "names"),
    [
        ("hasActiveMaterial", "NMC622", {"LithiumNickelManganeseCobaltOxide622"}),
        ("hasActiveMaterial", "Graphite", {"Graphite"}),
        ("hasBinder", "CMC/SBR", {"CarboxymethylCellulose", "StyreneButadiene"}),
        ("hasBinder", "CMC/secret", set()),
        ("hasActiveMaterial", "Grafite of ours", set()),
        ("hasSeparator", "Graphite", set()),
    ],
)
def test_the_name_of_a_material_counts_where_a_material_is_expected(
    read_record: ReadRecord, role: str, name: str, names: set[str]
) -> None:
    assert named(read_record({"@type": "CoinCell", "hasNegativeElectrode": {role: {"schema:name": name}}})) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("LithiumNickelManganeseCobaltOxide and LithiumNickelCobaltAluminiumOxide", ["NMC", "NCA"]),
        ("LCO", ["LCO"]),
        ("ambiguous - LCO", []),
        ("NaN", []),
    ],
)
def test_a_material_in_the_place_of_a_class_counts_though_no_context_defines_it(
    read_record: ReadRecord, text: str, names: list[str]
) -> None:
    labels = {
        "NMC": "LithiumNickelManganeseCobaltOxide",
        "NCA": "LithiumNickelCobaltAluminiumOxide",
        "LCO": "LithiumCobaltOxide",
    }
    material = {"@type": text, "schema:url": "https://example.org/"}
    record = read_record({"hasPositiveElectrode": {"@type": "PositiveElectrode", "hasActiveMaterial": material}})
    uses = [use for use in record.concepts if not use.implied_by and use.pointer.endswith("hasActiveMaterial")]
    assert [label(use.concept) for use in uses] == [labels[name] for name in names]
    assert all([label(one) for one in use.within] == ["PositiveElectrode", "ActiveMaterial"] for use in uses)
    assert record.validation == "violation"


@pytest.mark.parametrize(
    ("part", "types", "name", "names"),
    [
        ("hasCurrentCollector", ["CurrentCollector", "Foil"], "Al foil", {"Aluminium"}),
        ("hasCurrentCollector", ["CurrentCollector", "Copper", "Foil"], "Al foil", set()),
        ("hasSeparator", ["Separator"], "PP membrane", {"Polypropylene"}),
        ("hasSeparator", ["Separator"], "PE/PP trilayer", {"Polyethylene", "Polypropylene"}),
        ("hasSeparator", ["Separator"], "Ceramic-coated PE", {"Polyethylene"}),
        ("hasSeparator", ["Separator"], "separator of ours", set()),
        ("hasSeparator", ["Separator"], "foil", set()),
    ],
)
def test_the_name_of_a_part_tells_what_it_is_made_of(
    read_record: ReadRecord, part: str, types: list[str], name: str, names: set[str]
) -> None:
    assert named(read_record({"@type": "CoinCell", part: {"@type": types, "schema:name": name}})) == names


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("NMC811 cathode disc (11 mm)", {"PositiveElectrode", "LithiumNickelManganeseCobaltOxideElectrode"}),
        ("Si-Gr anode, batch 1", {"NegativeElectrode", "SiliconGraphiteElectrode"}),
        ("best cathode disc", set()),
    ],
)
def test_the_name_of_an_electrode_tells_its_side_and_material(read_record: ReadRecord, name: str, names: set[str]) -> None:
    record = read_record({"@type": "Electrode", "schema:name": name})
    assert {one for one in named(record) if one.endswith("Electrode")} == names


def test_the_material_in_the_name_of_an_electrode_is_active_on_its_side(read_record: ReadRecord) -> None:
    record = read_record({"@type": "Electrode", "schema:name": "Graphite anode disc (16 mm)"})
    [use] = [use for use in record.concepts if label(use.concept) == "Graphite" and not use.implied_by]
    assert [label(one) for one in use.within] == ["NegativeElectrode", "ActiveMaterial"]


@pytest.mark.parametrize(
    ("name", "value", "places"),
    [
        ("counterElectrode", "Li metal", [["CounterElectrode"]]),
        ("counterElectrode", "n/a", []),
        ("cutoff", "Li metal", []),
    ],
)
def test_an_electrode_of_a_measurement_is_read_from_its_value(
    read_record: ReadRecord, name: str, value: str, places: list[list[str]]
) -> None:
    parameter = {"@type": "ConventionalProperty", "skos:prefLabel": name, "schema:value": value}
    capacity = {"@type": "SpecificCapacity", "hasMeasurementParameter": [parameter]}
    record = read_record({"@type": "LithiumIronPhosphate", "hasProperty": [capacity]})
    lithium = [use for use in record.concepts if label(use.concept) == "Lithium"]
    assert [[label(one) for one in use.within] for use in lithium] == places


def test_the_name_of_a_maker_is_no_material(read_record: ReadRecord) -> None:
    electrode = {"@type": "Electrode", "schema:manufacturer": {"@type": "schema:Organization", "schema:name": "Graphite"}}
    assert named(read_record({"hasNegativeElectrode": electrode})) == set()


def test_a_class_that_says_which_material_it_is_outweighs_its_name(read_record: ReadRecord) -> None:
    binder = {"@type": ["PolyvinylideneFluoride", "Binder"], "schema:name": "CMC"}
    assert named(read_record({"hasNegativeElectrode": {"hasBinder": binder}})) == set()


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ({"schema:size": "R18650"}, {"R18650"}),
        ({"schema:size": "2032"}, {"R2032"}),
        ({"schema:size": "P9/112/580"}, set()),
        ({"schema:model": "INR18650-35E"}, {"R18650"}),
        ({"schema:model": "26650HC2"}, {"R26650"}),
        ({"schema:model": "LIR2032"}, {"R2032"}),
        ({"schema:model": "120155250N"}, set()),
        ({"schema:model": "AMP20M1HD-A"}, set()),
        ({"schema:name": "NCR18650BF", "schema:manufacturer": {"schema:name": "Panasonic"}}, {"R18650"}),
        ({"schema:name": "Notes on the 18650"}, set()),
        ({"@type": "PouchCell", "schema:model": "18650"}, set()),
        ({"schema:model": "18650", "hasCase": {"@type": "PrismaticCase"}}, set()),
    ],
)
def test_a_size_says_the_case(read_record: ReadRecord, texts: dict[str, Any], names: set[str]) -> None:
    assert named(read_record({"@type": "BatteryCell", **texts})) == names


@pytest.mark.parametrize(
    ("diameter", "height", "more", "is_cylinder"),
    [
        (54, 222, {}, True),
        (20, 3.2, {}, False),
        (54, 222, {"hasCase": {"@type": "PrismaticCase"}}, False),
        (54, 222, {"@type": "Case"}, False),
    ],
)
def test_measures_make_a_cell_cylindrical(
    read_record: ReadRecord, diameter: float, height: float, more: dict[str, Any], *, is_cylinder: bool
) -> None:
    def measured(kind: str, number: float, unit: str) -> dict[str, Any]:
        return {
            "@type": [kind, "NominalProperty"],
            "hasNumericalPart": {"@type": "RealData", "hasNumberValue": number},
            "hasMeasurementUnit": f"https://w3id.org/emmo#{unit}",
        }

    sizes = [measured("Diameter", diameter, "MilliMetre"), measured("Height", height, "MilliMetre")]
    record = read_record({"@type": "BatteryCell", "hasProperty": [*sizes, measured("RatedCapacity", 5, "AmpereHour")], **more})
    told = [use for use in record.concepts if label(use.concept) == "CylindricalBattery"]
    assert [label(use.implied_by) for use in told] == (["Diameter"] if is_cylinder else [])


def test_a_size_makes_the_cell_cylindrical(read_record: ReadRecord) -> None:
    record = read_record({"@type": "BatteryCell", "schema:size": "R18650", "schema:model": "INR18650-35E"})
    [case] = [use for use in record.concepts if label(use.concept) == "R18650"]
    assert [label(one) for one in case.within] == ["Case"]
    assert "CylindricalBattery" in {label(use.concept) for use in record.concepts if use.implied_by}


def test_a_method_and_keywords_are_concepts(read_record: ReadRecord) -> None:
    record = read_record(
        {"@type": "BatteryTest", "schema:additionalType": "gitt", "schema:keywords": ["lithium_cobalt_oxide", "our best", "r18650"]}
    )
    assert named(record) == {"GalvanostaticIntermittentTitrationTechnique", "LithiumCobaltOxide", "R18650"}


@given(st.text(alphabet="LiNiOo0123456789./x ()₂", max_size=30))
def test_any_text_is_a_formula_or_none(text: str) -> None:
    amounts = composition(text)
    assert amounts is None or all(amount >= 0 for amount in amounts.values())


def test_a_class_with_a_letter_wrong_is_the_one_that_was_meant(read_record: ReadRecord) -> None:
    record = read_record({"@type": "CoinCell", "hasElectrolyte": {"@type": "AlkalineElectroylte", "schema:name": "KOH"}})
    [use] = [use for use in record.concepts if label(use.concept) == "AlkalineElectrolyte"]
    assert [label(one) for one in use.within] == ["Electrolyte"]
    assert use.pointer == "/hasElectrolyte"


def test_a_class_below_a_key_that_means_nothing_is_told_at_its_place(read_record: ReadRecord) -> None:
    record = read_record({"@type": "CoinCell", "madeInsideOf": [{"part": {"@type": ["Autoclave", "Nonsense"]}}]})
    [use] = [use for use in record.concepts if label(use.concept) == "Autoclave"]
    assert (use.role, use.pointer) == ((), "/madeInsideOf/0/part")


def test_what_is_no_class_is_a_text_in_words(read_record: ReadRecord) -> None:
    record = read_record({"@type": "CoinCell", "madeInsideOf": [{"part": {"@type": ["ForwardNonsenseSweep", "a b"]}}]})
    assert "Forward Nonsense Sweep" in record.text
    assert "a b" in record.text


def test_a_quantity_below_a_key_that_means_nothing_is_not_read(read_record: ReadRecord) -> None:
    record = read_record({"@type": "CoinCell", "madeInsideOf": {"@type": "Mass"}})
    assert "Mass" not in {label(use.concept) for use in record.concepts}


@pytest.mark.parametrize(
    ("model", "formats"),
    [
        ("NCR20700", {"CylindricalBattery"}),
        ("LR41", {"CoinCell"}),
        ("SR626", set()),
        ("LP32975", set()),
        ("LR2170SA", set()),
    ],
)
def test_a_model_says_that_it_is_round_where_its_letters_do(read_record: ReadRecord, model: str, formats: set[str]) -> None:
    cell = {"@type": "BatteryCell", "schema:manufacturer": {"schema:name": "Maker"}, "schema:model": model}
    assert {label(use.concept) for use in read_record(cell).concepts} & {"CylindricalBattery", "CoinCell"} == formats


@pytest.mark.parametrize(
    ("negative", "positive", "cells"),
    [
        ("ZincElectrode", "ManganeseDioxideElectrode", {"ZincBattery", "ZincCarbonBattery", "PrimaryBattery"}),
        ("ZincElectrode", "OxygenElectrode", {"ZincBattery", "ZincAirBattery"}),
        (
            "LithiumElectrode",
            "ManganeseDioxideElectrode",
            {"LithiumManganeseDioxideBattery", "PrimaryBattery"},
        ),
        ("GraphiteElectrode", "LithiumIronPhosphateElectrode", {"LithiumIonIronPhosphateBattery", "SecondaryBattery"}),
    ],
)
def test_a_cell_is_what_its_electrodes_make_it(read_record: ReadRecord, negative: str, positive: str, cells: set[str]) -> None:
    cell = {"@type": "BatteryCell", "hasNegativeElectrode": {"@type": negative}, "hasPositiveElectrode": {"@type": positive}}
    concepts = Concepts(packaged_facts())
    found = {use.concept for use in read_record(cell).concepts}
    reached = {label(one) for iri in found for one in (iri, *concepts.ancestors(iri))}
    assert cells <= reached
    assert "MetalCarbonDioxideBattery" not in reached
