"""What documents mean without a class of the ontologies for it."""

from __future__ import annotations

from ontology import terms
from tests.unit.harvester.conftest import ReadRecord

GRAPHITE = "https://w3id.org/emmo/domain/chemical-substance#substance_d53259a7_0d9c_48b9_a6c1_4418169df303"


def test_a_data_set_about_a_material_is_a_set_of_parameters(read_record: ReadRecord) -> None:
    about = {"@type": "Graphite", "@id": GRAPHITE, "schema:name": "Graphite"}
    found = read_record({"@type": "schema:Dataset", "schema:name": "a", "schema:about": about})
    assert {terms.BATTINFO_PARAMETER_SET, GRAPHITE} <= {use.concept for use in found.concepts}
    cell = read_record({"@type": "schema:Dataset", "schema:name": "a", "schema:about": {"@type": "BatteryCell"}})
    assert terms.BATTINFO_PARAMETER_SET not in {use.concept for use in cell.concepts}


def test_texts_that_no_context_defines_can_be_found(read_record: ReadRecord) -> None:
    lab = {"@type": "Laboratory", "schema:name": "SINTEFBatteryLab"}
    found = read_record({"@type": "CoinCell", "hasNowhere": lab, "hasCase": {"@type": ["R2032", "ImmersionThing"]}})
    assert {"SINTEFBatteryLab", "SINTEF Battery Lab", "Immersion Thing"} <= set(found.text.split("\n"))


def test_a_product_with_a_case_alone_is_a_housing_and_no_cell(read_record: ReadRecord) -> None:
    case = {"hasCase": {"@type": "CoinCase"}}
    product = read_record({"@type": "schema:Product", **case})
    assert terms.COIN_CELL not in {use.concept for use in product.concepts}
    for cell in (case, {"@type": "schema:Product", "hasPositiveElectrode": {"@type": "Electrode"}, **case}):
        assert terms.COIN_CELL in {use.concept for use in read_record(cell).concepts}


def test_a_table_schema_is_a_kind_of_record(read_record: ReadRecord) -> None:
    for name in ("TableSchema", "Schema"):
        found = read_record({"@context": {"csvw": "http://www.w3.org/ns/csvw#"}, "@type": f"csvw:{name}", "csvw:title": "Columns"})
        assert terms.CSVW_TABLE_SCHEMA in {use.concept for use in found.concepts}
