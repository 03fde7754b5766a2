"""Who and what has a name in a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from records.record import Record

ReadRecord = Callable[..., Record]
ORCID = "https://orcid.org/0000-0002-1825-0097"
ROR = "https://ror.org/01f677e56"


def organisation(name: str, **more: Any) -> dict[str, Any]:
    return {"@type": "schema:Organization", "schema:name": name, **more}


def entities(record: Record) -> set[tuple[str, str]]:
    return {(entity.kind.value, entity.name) for entity in record.entities}


def test_who_makes_the_thing_is_its_manufacturer_and_who_makes_a_part_a_supplier(read_record: ReadRecord) -> None:
    electrode = {"@type": "Electrode", "schema:manufacturer": organisation("Foils & Co"), "schema:productID": "100000030"}
    record = read_record(
        {"@type": "CoinCell", "schema:model": "C1", "schema:manufacturer": organisation("Cells"), "hasPositiveElectrode": electrode}
    )
    assert entities(record) == {
        ("manufacturer", "Cells"),
        ("model", "C1"),
        ("supplier", "Foils & Co"),
        ("identifier", "100000030"),
    }
    supplier = next(entity for entity in record.entities if entity.kind == "supplier")
    assert supplier.pointer == "/hasPositiveElectrode/schema:manufacturer"
    assert supplier.line > 1


def test_the_maker_of_what_a_record_describes_is_a_manufacturer(read_record: ReadRecord) -> None:
    cell = {
        "@type": "PouchCell",
        "schema:manufacturer": "Cells",
        "schema:model": {"@type": "schema:ProductModel", "schema:name": "C1"},
    }
    record = read_record({"@type": "BatteryCellSpecification", "isDescriptionFor": cell})
    assert entities(record) == {("manufacturer", "Cells"), ("model", "C1")}


def test_a_product_without_a_model_is_called_by_its_name(read_record: ReadRecord) -> None:
    assert ("model", "20AH") in entities(read_record({"schema:name": "20AH", "schema:manufacturer": organisation("A123")}))
    assert entities(read_record({"@type": "schema:Dataset", "schema:name": "My data"})) == set()


@pytest.mark.parametrize("key", ["schema:creator", "schema:author", "schema:contributor", "dc:creator", "dcterms:creator"])
def test_people_have_their_orcid_and_their_institution(read_record: ReadRecord, key: str) -> None:
    person = {
        "@id": ORCID,
        "@type": "schema:Person",
        "schema:name": "Ada Lovelace",
        "schema:email": "mailto:ada@example.org",
        "schema:affiliation": organisation("Analytical Institute", **{"@id": ROR}),
    }
    record = read_record({"@type": "schema:Dataset", key: person})
    assert {(one.kind.value, one.name, one.iri) for one in record.entities} == {
        ("person", "Ada Lovelace", ORCID),
        ("institution", "Analytical Institute", ROR),
    }


def test_an_organisation_that_creates_is_an_institution(read_record: ReadRecord) -> None:
    assert entities(read_record({"@type": "schema:Dataset", "schema:creator": organisation("Institute")})) == {
        ("institution", "Institute")
    }


def test_one_text_may_name_several_people(read_record: ReadRecord) -> None:
    work = {"@id": "https://doi.org/10.1234/Work.1", "schema:author": "A. Bell and C. Dorn; E. Fink"}
    record = read_record({"@type": "PouchCell", "schema:subjectOf": [work]})
    assert entities(record) == {
        ("person", "A. Bell"),
        ("person", "C. Dorn"),
        ("person", "E. Fink"),
        ("identifier", "10.1234/Work.1"),
    }


def test_somebody_is_named_once_with_the_iri_that_is_known(read_record: ReadRecord) -> None:
    people = ["Ada Lovelace", {"@id": ORCID, "schema:name": "ADA LOVELACE"}]
    record = read_record({"@type": "schema:Dataset", "schema:creator": people[0], "schema:contributor": people[1]})
    assert [(one.name, one.iri) for one in record.entities] == [("Ada Lovelace", ORCID)]


def test_who_has_no_name_goes_by_the_iri(read_record: ReadRecord) -> None:
    record = read_record({"@type": "schema:Dataset", "schema:creator": [{"@id": ORCID}, {"@id": "#grace"}]})
    assert [(one.name, one.iri) for one in record.entities] == [(ORCID, ORCID), ("grace", "")]


def test_identifiers_by_value_and_not_by_what_they_are_called(read_record: ReadRecord) -> None:
    batch = {"@type": "schema:PropertyValue", "schema:propertyID": "batch_id", "schema:value": "B-7"}
    lot = {"@type": "schema:PropertyValue", "schema:name": "lot_id", "schema:value": "P025"}
    record = read_record(
        {
            "@type": "PouchCell",
            "schema:serialNumber": "SN1",
            "schema:identifier": [lot, "doi:10.1234/x"],
            "schema:additionalProperty": batch,
        }
    )
    assert entities(record) == {("identifier", name) for name in ("SN1", "P025", "10.1234/x", "B-7")}
    assert next(one.iri for one in record.entities if one.name == "10.1234/x") == "https://doi.org/10.1234/x"


def test_instruments_are_devices_with_a_name(read_record: ReadRecord) -> None:
    instrument = {"@type": "Potentiostat", "schema:name": "SP-150"}
    record = read_record(
        {"@type": "CyclicVoltammetry", "isParticipatedBy": [instrument, {"@type": "Potentiostat"}], "schema:instrument": "VMP-300"}
    )
    assert entities(record) == {("instrument", "SP-150"), ("instrument", "VMP-300")}


@pytest.mark.parametrize("name", ["", "  ", "NaN", "unknown", "n/a", "someone@example.org", "x" * 201])
def test_what_is_no_name_is_left_out(read_record: ReadRecord, name: str) -> None:
    assert read_record({"@type": "PouchCell", "schema:manufacturer": {"schema:name": name}}).entities == ()


def test_a_document_with_many_names_ends(read_record: ReadRecord) -> None:
    record = read_record({"@type": "schema:Dataset", "schema:creator": [f"Person {number}" for number in range(3_000)]})
    assert len(record.entities) == 2_000


def test_the_catalogue_of_a_data_set_is_an_institution(read_record: ReadRecord) -> None:
    catalogue = {"@type": "schema:DataCatalog", "schema:name": "Open Cells"}
    record = read_record({"@type": "schema:Dataset", "schema:includedInDataCatalog": catalogue})
    assert entities(record) == {("institution", "Open Cells")}
