"""Where things stand in a document, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from records.record import ConceptUse, Record

ReadRecord = Callable[..., Record]
MASS = {
    "@type": "Mass",
    "hasNumericalPart": {"@type": "RealData", "hasNumberValue": 5},
    "hasMeasurementUnit": "https://w3id.org/emmo#Gram",
}


def label(iri: str) -> str:
    return Concepts(packaged_facts()).label(iri)


def term(name: str) -> str:
    return packaged_facts().terms[name][0]


def places(record: Record, name: str, *, implied: bool = False) -> list[list[str]]:
    """In what each use of a concept stands."""
    uses = [use for use in record.concepts if label(use.concept) == name and bool(use.implied_by) == implied]
    return [[label(one) for one in use.within] for use in uses]


def implied(record: Record) -> dict[str, ConceptUse]:
    return {label(use.concept): use for use in record.concepts if use.implied_by}


# --- in what things stand


def test_a_material_stands_in_the_roles_and_things_that_lead_to_it(read_record: ReadRecord) -> None:
    coating = {
        "@type": "ElectrodeCoating",
        "hasActiveMaterial": {"@type": "LithiumIronPhosphate"},
        "hasBinder": {"@type": "Binder"},
    }
    record = read_record({"@type": "CoinCell", "hasPositiveElectrode": {"@type": "Electrode", "hasCoating": coating}})
    assert places(record, "CoinCell") == [[]]
    assert places(record, "Electrode") == [["PositiveElectrode"]]
    assert places(record, "LithiumIronPhosphate") == [
        ["PositiveElectrode", "Electrode", "Coating", "ElectrodeCoating", "ActiveMaterial"]
    ]
    assert places(record, "Binder") == [["PositiveElectrode", "Electrode", "Coating", "ElectrodeCoating", "Binder"]]


def test_a_node_that_is_only_named_stands_where_it_is_named(read_record: ReadRecord) -> None:
    record = read_record(
        {"@type": "CoinCell", "hasPositiveElectrode": {"hasActiveMaterial": {"@id": term("LithiumIronPhosphate")}}}
    )
    assert places(record, "LithiumIronPhosphate") == [["PositiveElectrode", "ActiveMaterial"]]


def test_another_class_of_a_node_may_be_its_role(read_record: ReadRecord) -> None:
    record = read_record({"@type": "Electrode", "hasConstituent": {"@type": ["Silicon", "Additive"]}})
    assert places(record, "Silicon") == [["Electrode", "Additive"]]
    assert places(record, "Additive") == [["Electrode"]]


def test_the_parts_of_an_electrode_record_stand_in_that_electrode(read_record: ReadRecord) -> None:
    record = read_record({"@type": "PositiveElectrode", "hasActiveMaterial": {"@type": "LithiumCobaltOxide"}})
    assert places(record, "LithiumCobaltOxide") == [["PositiveElectrode", "ActiveMaterial"]]


@pytest.mark.parametrize("key", ["isDescriptionFor", "hasTestObject", "schema:about", "schema:mainEntity"])
def test_what_a_record_is_about_stands_in_nothing(read_record: ReadRecord, key: str) -> None:
    cell = {"@type": "PouchCell", "hasNegativeElectrode": {"@type": "GraphiteElectrode"}, "hasProperty": MASS}
    record = read_record({"@type": "schema:Dataset", key: cell})
    assert places(record, "PouchCell") == [[]]
    assert places(record, "GraphiteElectrode") == [["NegativeElectrode"]]
    assert record.quantities[0].within == ()


def test_a_quantity_stands_in_what_has_it(read_record: ReadRecord) -> None:
    record = read_record(
        {"@type": "CoinCell", "hasProperty": MASS, "hasNegativeElectrode": {"@type": "Electrode", "hasProperty": MASS}}
    )
    assert [[label(one) for one in found.within] for found in record.quantities] == [[], ["NegativeElectrode", "Electrode"]]


def test_what_a_part_without_a_known_class_has_is_not_the_own_of_the_record(read_record: ReadRecord) -> None:
    record = read_record({"@type": "CoinCell", "hasProperty": MASS, "hasConstituent": {"hasProperty": MASS}})
    assert [[label(one) for one in found.within] for found in record.quantities] == [[], ["PhysicalObject"]]


def test_flattened_documents_say_the_same(read_record: ReadRecord) -> None:
    flat = [
        {"@id": "urn:c", "@type": "CoinCell", "hasPositiveElectrode": {"@id": "urn:e"}},
        {"@id": "urn:e", "@type": "Electrode", "hasActiveMaterial": {"@id": "urn:m"}},
        {"@id": "urn:m", "@type": "LithiumCobaltOxide"},
    ]
    assert places(read_record({"@graph": flat}), "LithiumCobaltOxide") == [["PositiveElectrode", "Electrode", "ActiveMaterial"]]


def test_what_the_root_does_not_lead_to_stands_in_what_does(read_record: ReadRecord) -> None:
    other = {"@id": "urn:d", "@type": "PouchCell", "hasSeparator": {"@id": "urn:s", "@type": "Polypropylene"}}
    record = read_record({"@graph": [{"@id": "urn:c", "@type": "CoinCell"}, other]})
    assert places(record, "Polypropylene") == [["Separator"]]


def test_a_circle_ends(read_record: ReadRecord) -> None:
    electrode = {"@id": "urn:e", "@type": "Electrode", "hasConstituent": {"@id": "urn:c"}}
    record = read_record({"@id": "urn:c", "@type": "CoinCell", "hasPositiveElectrode": electrode})
    assert places(record, "Electrode") == [["PositiveElectrode"]]


# --- what follows


def test_a_chemistry_implies_its_materials_at_the_place_of_the_class(read_record: ReadRecord) -> None:
    record = read_record({"@type": "schema:CreativeWork", "isDescriptionFor": {"@type": "LithiumIonIronPhosphateBattery"}})
    use = implied(record)["LithiumIronPhosphate"]
    assert [label(one) for one in use.within] == ["PositiveElectrode", "LithiumIronPhosphateElectrode", "ActiveMaterial"]
    assert [label(one) for one in use.role] == ["isDescriptionFor", "hasPositiveElectrode", "hasActiveMaterial"]
    assert (use.implied_by, use.pointer) == (term("LithiumIonIronPhosphateBattery"), "/isDescriptionFor")
    assert use.line == next(one.line for one in record.concepts if one.concept == use.implied_by)


def test_two_ways_to_say_a_chemistry_and_a_format_come_to_the_same(read_record: ReadRecord) -> None:
    by_class = read_record({"@type": ["PrismaticBattery", "LithiumIonIronPhosphateBattery"]})
    by_parts = read_record(
        {
            "hasPositiveElectrode": {"@type": "PositiveElectrode", "hasActiveMaterial": {"@type": "LithiumIronPhosphate"}},
            "hasCase": [{"@type": "PrismaticCase"}],
        }
    )
    names = {
        "PrismaticBattery",
        "LithiumIonIronPhosphateBattery",
        "LithiumIronPhosphateElectrode",
        "LithiumIronPhosphate",
        "PrismaticCase",
    }
    for record in (by_class, by_parts):
        assert names <= {label(use.concept) for use in record.concepts}
        [*asserted], [*follows] = places(record, "LithiumIronPhosphate"), places(record, "LithiumIronPhosphate", implied=True)
        assert {"PositiveElectrode", "ActiveMaterial"} <= set((asserted or follows)[0])


def test_what_the_document_says_is_not_implied_again(read_record: ReadRecord) -> None:
    electrode = {"@type": "LithiumIronPhosphateElectrode", "hasActiveMaterial": {"@type": "LithiumIronPhosphate"}}
    record = read_record({"@type": ["LithiumIonIronPhosphateBattery", "PouchCell"], "hasPositiveElectrode": electrode})
    assert set(implied(record)) == {"PouchCase"}


def test_a_narrower_case_says_the_wider_one(read_record: ReadRecord) -> None:
    record = read_record({"@type": "CylindricalBattery", "hasCase": {"@type": "R18650"}})
    assert set(implied(record)) == set()


def test_a_role_is_no_other_role(read_record: ReadRecord) -> None:
    """Graphite as an additive of the positive electrode makes it no graphite electrode."""
    record = read_record({"@type": "BatteryCell", "hasPositiveElectrode": {"hasAdditive": {"@type": "Graphite"}}})
    assert implied(record) == {}


def test_an_electrode_that_is_told_is_no_other_one(read_record: ReadRecord) -> None:
    electrode = {"@type": "SiliconGraphiteElectrode", "hasActiveMaterial": [{"@type": "Silicon"}, {"@type": "Graphite"}]}
    record = read_record({"@type": "BatteryCell", "hasNegativeElectrode": electrode})
    assert "GraphiteElectrode" not in implied(record)


def test_a_half_cell_with_lithium_is_no_lithium_ion_cell(read_record: ReadRecord) -> None:
    positive = {"hasActiveMaterial": {"@type": "LithiumIronPhosphate"}}
    full = read_record({"@type": "CoinCell", "hasPositiveElectrode": positive})
    half = read_record(
        {"@type": "CoinCell", "hasPositiveElectrode": positive, "hasNegativeElectrode": {"hasActiveMaterial": {"@type": "Lithium"}}}
    )
    assert "LithiumIonIronPhosphateBattery" in implied(full)
    assert "LithiumIonIronPhosphateBattery" not in implied(half)


def test_a_graphite_electrode_alone_makes_no_lithium_ion_cell(read_record: ReadRecord) -> None:
    negative: dict[str, Any] = {"hasNegativeElectrode": {"@type": "GraphiteElectrode"}}
    assert "LithiumIonGraphiteBattery" not in implied(read_record({"@type": "CoinCell", **negative}))
    assert "LithiumIonGraphiteBattery" in implied(read_record({"@type": "LithiumIonBattery", **negative}))


@pytest.mark.parametrize(("solute", "kind"), [("PotassiumHydroxide", "AlkalineElectrolyte"), ("Water", "AqueousElectrolyte")])
@pytest.mark.parametrize("document", [{"@type": "CoinCell", "hasElectrolyte": {}}, {"@type": "Electrolyte"}])
def test_what_is_in_an_electrolyte_tells_what_it_is(
    read_record: ReadRecord, document: dict[str, Any], solute: str, kind: str
) -> None:
    within = {"@type": "Electrolyte", "hasSolute": {"@type": solute}}
    record = read_record({**document, "hasElectrolyte": within} if "hasElectrolyte" in document else within)
    assert kind in {label(use.concept) for use in record.concepts if use.implied_by}


def test_a_zinc_cell_with_a_hydroxide_is_an_alkaline_one(read_record: ReadRecord) -> None:
    cell = {
        "@type": "ElectrochemicalCell",
        "hasNegativeElectrode": {"@type": "ZincElectrode"},
        "hasPositiveElectrode": {"@type": "ManganeseDioxideElectrode"},
        "hasElectrolyte": {"@type": "AqueousElectrolyte", "hasSolute": {"@type": "PotassiumHydroxide"}},
    }
    assert "AlkalineZincManganeseDioxideBattery" in {label(use.concept) for use in read_record(cell).concepts if use.implied_by}


@pytest.mark.parametrize(
    ("electrode", "side"),
    [
        ("ZincElectrode", ["NegativeElectrode"]),
        ("LithiumIronPhosphateElectrode", ["PositiveElectrode"]),
        ("PlatinumElectrode", []),
        (["LithiumTitanateElectrode", "PositiveElectrode"], []),
    ],
)
def test_an_electrode_by_itself_is_that_of_its_side_by_definition(
    read_record: ReadRecord, electrode: str | list[str], side: list[str]
) -> None:
    found = implied(read_record({"@type": electrode}))
    assert [one for one in ("NegativeElectrode", "PositiveElectrode") if one in found] == side


def test_the_active_material_of_an_electrode_by_itself_stands_on_its_side(read_record: ReadRecord) -> None:
    record = read_record({"@type": "Electrode", "hasActiveMaterial": {"@type": "Zinc"}})
    assert places(record, "Zinc", implied=True) == [["NegativeElectrode", "Electrode", "ActiveMaterial"]]


def test_an_electrode_by_itself_is_no_battery(read_record: ReadRecord) -> None:
    electrode = {"@type": "PositiveElectrode", "hasActiveMaterial": {"@type": "LithiumIronPhosphate"}}
    found = implied(read_record(electrode))
    assert "LithiumIonIronPhosphateBattery" not in found
    assert "LithiumIonIronPhosphateBattery" in implied(read_record({"@type": "BatteryCell", "hasPositiveElectrode": electrode}))


def test_a_long_chain_of_nodes_is_read_in_its_size(read_record: ReadRecord) -> None:
    names = sorted(packaged_facts().terms)[:300]
    chain = [{"@id": f"urn:{n}", "@type": names[n], "hasConstituent": {"@id": f"urn:{n + 1}"}} for n in range(299)]
    record = read_record({"@graph": [{"@id": "urn:0", "@type": "CoinCell"}, *chain]})
    assert max(len(use.within) for use in record.concepts) < 70
