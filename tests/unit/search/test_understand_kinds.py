"""What records shall be, what goes first, tests that texts name, identifiers, and names that are only mentioned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ontology import terms
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, EitherPart, EntityPart, QuantityPart, TextPart, YearPart
from search.service import Readable
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex


@pytest.fixture
def asked(ontologies: Asked) -> Asked:
    ontologies.known = None
    return ontologies


@pytest.fixture(scope="module")
def ontologies() -> Asked:
    return Asked()


def a_record(name: str, title: str, *concepts: str, text: str = "", entities: tuple[Entity, ...] = ()) -> Record:
    uses = tuple(ConceptUse(iri, (), "", 1) for iri in concepts)
    return Record(
        name, f"urn:{name}", title, "s", name, "", Rights(PUBLIC, PUBLIC), text=text, concepts=uses, entities=entities, date="2019"
    )


def knowing(asked: Asked, *records: Record) -> Asked:
    index = PlainIndex()
    index.apply(records)
    asked.known = Readable(index, PUBLIC)
    return asked


def test_cells_go_first_beside_other_parts_and_leave_nothing_out(asked: Asked) -> None:
    query = asked.query("cells lighter than 50 g")
    assert [type(part) for part in query.parts] == [QuantityPart]
    assert query.first is not None
    assert terms.BATTERY_CELL in query.first.expanded
    assert query.first.text == "cells"
    assert asked.query("lighter than 50 g").first is None


def test_hits_in_an_order_are_cells_alone_where_there_are_such(asked: Asked) -> None:
    mass = Quantity((asked.iri("Mass"),), 0.04, "kg", 0.04, "kg", "M", "/mass", 1)
    electrode, cell = (
        replace(a_record(name, name, *iris), quantities=(mass,)) for name, iris in (("e", ()), ("c", (terms.BATTERY_CELL,)))
    )
    rated = replace(mass, kinds=(asked.iri("RatedCapacity"),), pointer="/rated")
    unnamed = replace(electrode, id="u", quantities=(mass, rated))  # only cells have one
    query = knowing(asked, electrode, cell, unnamed).query("lightest cell")
    assert query.order is not None
    assert isinstance(asked.known, Readable)
    assert [hit.record.id for hit in asked.known.index.search(query, PUBLIC).hits] == ["c", "u"]
    assert knowing(asked, electrode).query("lightest cell").parts == ()
    assert knowing(asked, electrode, cell).query("lightest").parts == ()
    assert [type(part) for part in knowing(asked, electrode, cell, replace(cell, id="d")).query("lightest").parts] == [EitherPart]


def test_hits_in_an_order_of_cells_are_put_there_by_what_the_cells_have_themselves(asked: Asked) -> None:
    mass = Quantity((asked.iri("Mass"),), 0.04, "kg", 0.04, "kg", "M", "/hasPart/mass", 1, within=("urn:part",))
    cell = replace(a_record("c", "c", terms.BATTERY_CELL), quantities=(mass,))
    order = knowing(asked, cell).query("lightest cell").order
    assert order is not None
    assert not order.own  # only parts have one
    order = knowing(asked, cell, replace(cell, id="o", quantities=(replace(mass, within=()),))).query("lightest cell").order
    assert order is not None
    assert order.own


def test_a_kind_of_record_restricts_where_there_are_such_records_and_goes_first_where_there_are_none(asked: Asked) -> None:
    knowing(asked, a_record("d", "A data set", terms.DATASET))
    kind, year = asked.parts("datasets published in 2019")
    assert isinstance(kind, ConceptPart)
    assert kind.concepts == (terms.DATASET,)
    assert isinstance(year, YearPart)
    query = knowing(asked, a_record("c", "A cell")).query("datasets published in 2019")
    assert [type(part) for part in query.parts] == [YearPart]
    assert query.first is not None
    assert query.first.concepts == (terms.DATASET,)


def test_a_test_that_only_texts_name_is_looked_for_as_one_phrase(asked: Asked) -> None:
    knowing(asked, a_record("t", "Example Rated Capacity Test"))
    assert asked.parts("rated capacity test") == (TextPart("rated capacity test"),)
    assert [type(part) for part in knowing(asked, a_record("c", "A cell")).parts("rated capacity test")] == [ConceptPart]


@pytest.mark.parametrize(
    ("question", "iri"),
    [
        ("0000-0002-9019-2290", "https://orcid.org/0000-0002-9019-2290"),
        ("data of https://orcid.org/0000-0002-1825-009X", "https://orcid.org/0000-0002-1825-009X"),
        ("doi:10.1149/2.0501913jes", "https://doi.org/10.1149/2.0501913jes"),
        ("cells in 10.1016/j.est.2022.105676.", "https://doi.org/10.1016/j.est.2022.105676"),
    ],
)
def test_an_identifier_is_one_part(asked: Asked, question: str, iri: str) -> None:
    (part,) = asked.parts(question)
    assert isinstance(part, EntityPart)
    assert part.iri == iri


def test_a_person_is_found_under_initials_and_under_a_surname_that_is_a_word(asked: Asked) -> None:
    people = ("Gregory Offer", "G. J. Offer", "Gregory J. Offer", "Hans Offer")
    knowing(asked, *(a_record(f"r{n}", "", entities=(Entity(EntityKind.PERSON, who),)) for n, who in enumerate(people)))
    (part,) = asked.parts("cells studied by Gregory Offer")
    assert isinstance(part, EntityPart)
    assert set(part.names) == {"gregory offer", "g j offer", "gregory j offer"}
    (part,) = asked.parts("papers by Offer")
    assert isinstance(part, EntityPart)
    assert "hans offer" in part.names


def test_a_model_that_nothing_has_beside_the_rest_may_be_mentioned(asked: Asked) -> None:
    cell = a_record("c", "MJ1", entities=(Entity(EntityKind.MODEL, "INR18650-MJ1"),))
    test = a_record("t", "GITT of the INR18650-MJ1", asked.iri("GalvanostaticIntermittentTitrationTechnique"))
    method, model = knowing(asked, cell, test).parts("GITT of the INR18650-MJ1")
    assert isinstance(model, EntityPart)
    assert "INR18650-MJ1" in model.mentioned
    (model,) = asked.parts("INR18650-MJ1")
    assert isinstance(model, EntityPart)
    assert model.mentioned == ("INR18650-MJ1",)  # tests are called after the model
    assert isinstance(method, ConceptPart)


@pytest.mark.parametrize(
    ("question", "minimum"), [("above half a kilo", 0.5), ("heavier than two kilos", 2.0), ("longer than half a centimetre", 0.005)]
)
def test_sizes_in_words(asked: Asked, question: str, minimum: float) -> None:
    assert asked.quantity(question).minimum == pytest.approx(minimum)


def test_charged_to_is_a_condition_of_a_kind_without_a_number_and_else_a_quantity_of_its_own(asked: Asked) -> None:
    assert [one.unit for one in asked.quantity("specific capacity charged to 4.2 V").conditions] == ["V"]
    assert [type(part) for part in asked.parts("capacity above 2 Ah charged to 4.2 V")] == [QuantityPart, QuantityPart]


def test_the_maximum_charging_temperature_is_a_quantity_of_its_own(asked: Asked) -> None:
    part = asked.quantity("maximum charging temperature of 45 °C")
    assert (part.labels, part.asked) == (("MaximumChargingTemperature",), "= 45 °C (±0.5 %)")


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("lithium titanium oxide", "LithiumTitanate"),
        ("impedance spectra", "ElectrochemicalImpedanceSpectroscopy"),
        ("constant current discharge", "ConstantCurrentDischarging"),
        ("zinc air cels", "ZincAirBattery"),
    ],
)
def test_other_names_of_classes(asked: Asked, question: str, label: str) -> None:
    assert asked.concept(question).labels[0] == label


def test_a_method_that_only_a_text_tells_of_counts_where_nothing_else_fits(asked: Asked) -> None:
    told = a_record("t", "Gas analysis", text="Samples went through gas chromatography.")
    (part,) = knowing(asked, told).parts("gas chromatography")
    assert isinstance(part, ConceptPart)
    assert part.reads_text
    own = a_record("o", "Gas", asked.iri("GasChromatograph"))
    (part,) = knowing(asked, told, own).parts("gas chromatography")
    assert isinstance(part, ConceptPart)
    assert not part.reads_text


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("C/25 discharge at 25 °C", "Quasi-OCV, C/25 discharge at 25 °C"),
        ("0.04C discharge at 25 °C", "Quasi-OCV, C/25 discharge at 25°C"),
        ("1C cycling at 25 °C", "1C cycle life at 25 C"),
        ("impedance at 50 % state of charge", "Impedance at 50% SOC"),
    ],
)
def test_what_a_test_was_done_under_may_stand_in_its_title(asked: Asked, question: str, title: str) -> None:
    knowing(asked, a_record("t", title))
    assert [type(part) for part in asked.parts(question)] == [EitherPart]
    assert asked.known is not None
    assert asked.known.count([asked.query(question)]) == (1,)
    assert [type(part) for part in knowing(asked, a_record("c", "A cell")).parts(question)] == [QuantityPart]


def test_a_bound_is_never_looked_for_in_titles(asked: Asked) -> None:
    assert [type(part) for part in knowing(asked, a_record("t", "Cycling at 25 C")).parts("above 25 °C")] == [QuantityPart]


def test_a_description_that_ends_with_an_amount_is_no_model(asked: Asked) -> None:
    knowing(asked, a_record("c", "", entities=(Entity(EntityKind.MODEL, "YLE-LTO-26650-40Ah"),)))
    assert not any(isinstance(part, EntityPart) for part in asked.parts("LTO 26650 40Ah"))
    (part,) = asked.parts("YLE-LTO-26650-40Ah")
    assert isinstance(part, EntityPart)


def test_a_material_that_only_a_text_tells_of_does_not_count(asked: Asked) -> None:
    (part,) = knowing(asked, a_record("t", "Review", text="Better than polyethylene.")).parts("polyethylene")
    assert isinstance(part, ConceptPart)
    assert not part.reads_text


def test_an_acronym_is_a_word_where_no_record_has_its_concept_but_texts_have_it(asked: Asked) -> None:
    file = a_record("f", "Table schema", text="A CSV file.")
    assert knowing(asked, file).parts("CSV") == (TextPart("CSV"),)
    method = a_record("m", "Stripping", asked.iri("CathodicStrippingVoltammetry"))
    assert isinstance(knowing(asked, file, method).parts("CSV")[0], ConceptPart)
    assert isinstance(knowing(asked, a_record("n", "Nothing")).parts("CSV")[0], ConceptPart)


@pytest.mark.parametrize(
    "question", ["released since 2020", "cells on the market since 2020", "launched after 2019", "that came out from 2020 on"]
)
def test_a_product_is_released_in_a_year_of_its_own(asked: Asked, question: str) -> None:
    cell = replace(a_record("c", "Acme X1", terms.BATTERY_CELL), released="2021-06-01")
    (part,) = knowing(asked, cell, a_record("d", "Data", terms.DATASET)).query(question).parts
    assert isinstance(part, YearPart)
    assert (part.first, part.last, part.released) == (2020, None, True)


def test_where_no_record_is_of_that_year_the_release_counts(asked: Asked) -> None:
    cell = replace(a_record("c", "Acme X1", terms.BATTERY_CELL), released="2014", date="2026")
    parts = knowing(asked, cell).query("cells before 2015").parts
    assert [part.released for part in parts if isinstance(part, YearPart)] == [True]


def test_datasets_are_released_when_they_are_published(asked: Asked) -> None:
    cell = replace(a_record("c", "Acme X1", terms.BATTERY_CELL), released="2019")
    parts = knowing(asked, cell, a_record("d", "Data", terms.DATASET)).query("datasets released in 2019").parts
    assert [part.released for part in parts if isinstance(part, YearPart)] == [False]


def test_a_drive_cycle_is_no_number_of_cycles(asked: Asked) -> None:
    records = a_record("w", "WLTP Drive-cycle Power Profile", terms.PROCEDURE), a_record("c", "Capacity check", terms.PROCEDURE)
    parts = knowing(asked, *records).parts("test protocols except drive cycles")
    assert told(knowing(asked, *records).parts("test-protocols except drive cycles")) == told(parts)
    assert [part.text for part in parts if part.negated and isinstance(part, TextPart)] == ["drive cycle"]


@pytest.mark.parametrize(
    ("cell", "battery"),
    [
        ("round cells", "round batteries"),
        ("small square cell under 50 g", "small square battery under 50 g"),
        ("cell ageing by storage", "battery ageing by storage"),
        ("waking up a new cell with a few gentle cycles", "waking up a new battery with a few gentle cycles"),
        ("cell instances", "battery instances"),
    ],
)
def test_a_battery_is_a_cell(asked: Asked, cell: str, battery: str) -> None:
    known = knowing(asked, a_record("c", "Acme X1", terms.BATTERY_CELL))
    assert told(known.parts(battery)) == told(known.parts(cell))
    assert any(isinstance(part, ConceptPart) for part in known.parts(battery))


def test_instances_of_cells_go_first_where_no_record_is_called_one(asked: Asked) -> None:
    batch = Entity(EntityKind.IDENTIFIER, "P025", "", "/x", 1)
    query = knowing(asked, a_record("c", "Cell 1", terms.BATTERY_CELL, entities=(batch,))).query("cell instances of batch P025")
    assert told(query.parts) == ["identifier P025"]
    assert query.first is not None
