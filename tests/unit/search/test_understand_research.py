"""Questions about research: who did it and where, when, what tests and tables are asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ontology import terms
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, QuantityPart
from tests.unit.search.asked import Asked, know, told

OPEN = Rights(PUBLIC, PUBLIC)


def a_record(name: str, concepts: tuple[str, ...] = (), *named: tuple[EntityKind, str], text: str = "") -> Record:
    entities = tuple(Entity(kind, one, "", "/x", 1) for kind, one in named)
    uses = tuple(ConceptUse(iri, (), "", 1) for iri in concepts)
    return Record(f"a/{name}", f"urn:{name}", name, "a", name, "", OPEN, concepts=uses, entities=entities, text=text)


def counts(asked: Asked, *questions: str) -> list[int]:
    """How many of these records each question finds."""
    assert asked.known is not None
    return list(asked.known.count([asked.query(question) for question in questions]))


@pytest.mark.parametrize(
    "question",
    [
        "table schemas",
        "csvw table schemas",
        "CSVW schema",
        "cycler table schemas",
        "data table schemata for battery cyclers",
        "table schemas of cycler data",
    ],
)
def test_table_schemas_are_a_kind_of_record(asked: Asked, question: str) -> None:
    know(asked, a_record("1", (terms.CSVW_TABLE_SCHEMA,)), a_record("2", text="csvw table schema of a cycler"))
    assert asked.concept(question).concepts == (terms.CSVW_TABLE_SCHEMA,)


def test_tests_of_a_cell_are_those_that_mention_it(asked: Asked) -> None:
    """They are no cells of that maker and size, as which nothing is a test."""
    cell = a_record("A123 ANR26650M1-B", (asked.iri("R26650"),), (EntityKind.MANUFACTURER, "A123"))
    know(asked, cell, a_record("A123 ANR26650M1-B cycling", (terms.BATTERY_TEST,)))
    assert told(asked.parts("tests run on the A123 26650 cell"))[0] == "BatteryTest"
    know(asked, cell)
    assert told(asked.parts("tests run on the A123 26650 cell")) == ["manufacturer A123", "R26650"]


def test_a_protocol_may_speak_of_all_else(asked: Asked) -> None:
    resistance = a_record("1", (asked.iri("ElectricResistance"),))
    pulses = a_record("2", (terms.PROCEDURE,), text="pulses that give the internal resistance")
    know(asked, resistance, pulses)
    protocol, kind = asked.parts("protocol for the internal resistance")
    assert isinstance(protocol, ConceptPart)
    assert isinstance(kind, ConceptPart)
    assert (protocol.concepts, "internal resistance" in kind.words) == ((terms.PROCEDURE,), True)
    know(asked, a_record("1", (asked.iri("InternalResistance"),)))
    assert len(asked.parts("protocol for the internal resistance")) == 1


def test_people_write_of_more_than_they_describe(asked: Asked) -> None:
    author = (EntityKind.PERSON, "T.M.M. Heenan")
    know(asked, a_record("1", (), author, text="Datasheet on cells with NMC811 cathodes"), a_record("2", (asked.iri("NMC811"),)))
    person, material = asked.parts("Thomas Heenan NMC811")
    assert isinstance(material, ConceptPart)
    assert (told((person,)), "NMC811" in material.words, material.reads_text) == (["person T.M.M. Heenan"], True, True)


def test_who_works_at_an_institute_may_be_its_maker(asked: Asked) -> None:
    made = a_record("1", (asked.iri("Zinc"),), (EntityKind.MANUFACTURER, "SINTEF"))
    know(asked, made, a_record("2", (), (EntityKind.INSTITUTION, "SINTEF")))
    assert told(asked.parts("work at SINTEF on zinc"))[0] == "anything SINTEF"
    assert told(asked.parts("work at SINTEF")) == ["institution SINTEF"]


@pytest.mark.parametrize("question", ["SINTEF Battery Lab", "tests in the SINTEF battery lab", "SINTEF Battery Laboratory"])
def test_names_of_institutions_may_be_shortened(asked: Asked, question: str) -> None:
    know(asked, a_record("1", (), (EntityKind.INSTITUTION, "SINTEF Battery Laboratory")), a_record("2", text="SINTEF Battery Lab"))
    assert told(asked.parts(question)) == ["institution SINTEF Battery Laboratory"]
    assert counts(asked, question) == [2]


def test_where_it_was_done_need_not_be_a_concept(asked: Asked) -> None:
    """A laboratory that a text calls otherwise: Laboratory Materials for Energy Conversion."""
    text = "in the Laboratory Materials for Energy Conversion"
    know(asked, a_record("1", (), (EntityKind.MANUFACTURER, "Empa"), text=text), a_record("2", (asked.iri("Energy"),)))
    parts = told(asked.parts("energy conversion laboratory of Empa"))
    assert parts == ["“energy”", "“conversion”", "“laboratory”", "manufacturer Empa"]


def test_an_address_of_mail_is_one_thing(asked: Asked) -> None:
    know(asked, a_record("1", (), (EntityKind.PERSON, "Simon Clark"), (EntityKind.INSTITUTION, "SINTEF")))
    assert told(asked.parts("simon.clark@sintef.no")) == ["“simon.clark@sintef.no”"]


def test_citations_need_no_et_al(asked: Asked) -> None:
    know(asked, a_record("Chen2020 (PyBaMM) - graphite"), a_record("Ai2020 (PyBaMM) - graphite"))
    assert told(asked.parts("parameter sets not from Chen 2020"))[-1] == "not “Chen 2020”"
    assert told(asked.parts("cells of Mohtat 2020"))[-1] == "2020-2020"  # nobody is cited so


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("in July 2024", "2024-2024"),
        ("12 May 2024", "2024-2024"),
        ("published since March 2023", "2023-"),
        ("made in Dec. 2019", "2019-2019"),
    ],
)
def test_of_a_date_the_year_decides(asked: Asked, question: str, years: str) -> None:
    assert told(asked.parts(question)) == [years]


def test_cells_of_a_year_came_on_the_market_then(asked: Asked) -> None:
    know(asked, replace(a_record("1"), released="2018-05"), replace(a_record("2"), date="2018"))
    assert counts(asked, "cells from 2018", "data from 2018") == [1, 1]


def test_creative_commons_is_any_of_its_licences(asked: Asked) -> None:
    licences = ("CC-BY-4.0", "https://creativecommons.org/licenses/by-sa/4.0/", "MIT")
    know(asked, *(replace(a_record(one[-6:]), licence=one) for one in licences))
    said = ("records under Creative Commons", "Creative Commons Attribution 4.0", "CC BY-SA")
    assert counts(asked, *said) == [2, 1, 1]


@pytest.mark.parametrize("question", ["papers on fast charging", "fast charging strategies in the literature"])
def test_what_is_studied_is_no_bound(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, QuantityPart) for part in asked.parts(question))
    assert isinstance(asked.parts("fast charging cells")[0], QuantityPart)


def test_what_befalls_cells_is_in_texts_beside_tests(asked: Asked) -> None:
    test = a_record("1", (asked.iri("ThermalRunaway"),))
    know(asked, test, a_record("2", text="a paper on thermal runaway of cells"), a_record("3", (asked.iri("FormationCycling"),)))
    assert asked.concept("thermal runaway of cells").reads_text
    assert not asked.concept("formation cycling").reads_text


def test_general_words_beside_a_phrase_do_not_count(asked: Asked) -> None:
    know(asked, a_record("1", text="detection of lithium plating"), a_record("2", text="lithium plating at low temperatures"))
    assert told(asked.parts("detecting lithium plating")) == ["“lithium plating”"]


def test_what_is_done_is_no_name(asked: Asked) -> None:
    know(asked, a_record("1", (asked.iri("Graphite"),)))
    assert told(asked.parts("pelletisation of graphite")) == ["“pelletisation”", "Graphite"]
    assert told(asked.parts("argyrodite and graphite")) == ["“argyrodite”", "Graphite"]


def test_materials_are_what_is_no_cell(asked: Asked) -> None:
    unit = asked.units.find("mAh/g")
    assert unit is not None
    value = Quantity((asked.iri("SpecificCapacity"),), 200.0, "mAh/g", unit.to_base(200.0), "", unit.dimension, "/x", 1)
    cell = replace(a_record("1", (terms.BATTERY_CELL,)), quantities=(value,))
    know(asked, cell, replace(a_record("2", (asked.iri("NMC811"),)), quantities=(value,)))
    assert told(asked.parts("materials above 190 mAh/g"))[0].startswith("not ")
    assert counts(asked, "materials above 190 mAh/g") == [1]


def test_drive_cycles_are_said_in_several_ways(asked: Asked) -> None:
    know(asked, a_record("WLTP Drive-cycle Power Profile"), a_record("2", text="New European Driving Cycle"))
    assert counts(asked, "driving cycles") == [2]


def test_ends_of_tests_may_be_said_in_words(asked: Asked) -> None:
    stored = a_record("1", (terms.PROCEDURE,), text="Cells are stored at 50 % SOC. The protocol runs for up to 12 months.")
    know(asked, stored, a_record("2", (terms.BATTERY_CELL,)))
    assert counts(asked, "stored for up to one year at 50 % SOC") == [1]


def test_a_version_is_one_word(asked: Asked) -> None:
    know(asked, *(a_record(one, (terms.DATASET,), text=f"Schema version: {one}") for one in ("1.1.14", "1.1.15")))
    assert counts(asked, "test data of schema version 1.1.14") == [1]


def test_names_of_methods_are_no_counts(asked: Asked) -> None:
    formation = asked.iri("FormationCycling")
    know(asked, a_record("1", (formation,)))
    assert told(asked.parts("formation cycles at C/20"))[0] == "FormationCycling"
    assert told(asked.parts("SEI formation cycles")) == ["FormationCycling"]


def test_experiments_conducted_on_a_cell_are_tests(asked: Asked) -> None:
    cell = a_record("A123 ANR26650M1-B", (), (EntityKind.MANUFACTURER, "A123"))
    know(asked, cell, a_record("A123 ANR26650M1-B cycling", (terms.BATTERY_TEST,)))
    assert told(asked.parts("experiments conducted on A123 cells"))[0] == "BatteryTest"


def test_a_word_of_talk_is_nobodys_name(asked: Asked) -> None:
    know(asked, a_record("1", (asked.iri("CyclicVoltammetry"),), (EntityKind.PERSON, "Ian Doin")))
    assert told(asked.parts("instructions for doing cyclic voltammetry")) == ["CyclicVoltammetry"]


def test_a_test_of_its_own_class_goes_first_where_none_is_called_a_test(asked: Asked) -> None:
    know(asked, a_record("1", (asked.iri("ThermalRunaway"),)), a_record("2", text="a paper on thermal runaway"))
    first = asked.query("experiments on thermal runaway").first
    assert first is not None
    assert asked.iri("ThermalRunawayTest") in first.expanded
