"""What is read less strictly where no readable record has all of a question, and what never is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.record import ConceptUse, Entity, EntityKind, Record
from records.rights import DENIED, PUBLIC, Rights
from search.service import Readable
from tests.unit.search.asked import Asked
from tests.unit.search.plain_index import PlainIndex

OPEN = Rights(PUBLIC, PUBLIC)
OCV, GRAPHITE = "OpenCircuitVoltage", "Graphite"
CURVE = "Half-cell open-circuit potential of lfp, which is lithium iron phosphate."


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked()


def a_record(asked: Asked, title: str, *concepts: str, text: str = "", rights: Rights = OPEN) -> Record:
    uses = tuple(ConceptUse(asked.iri(label), (), "", 1) for label in concepts)
    maker = (Entity(EntityKind.MANUFACTURER, "Acme", "", "", 1),)
    return Record(title, f"urn:{title}", title, "s", title, "", rights, text=text, concepts=uses, entities=maker)


def found(asked: Asked, question: str, *records: Record) -> list[str]:
    """Titles of what the question finds among these records."""
    index = PlainIndex()
    index.apply(records)
    asked.known = Readable(index, PUBLIC)
    return [hit.record.title for hit in index.search(asked.query(question), PUBLIC).hits]


def test_a_text_may_speak_of_what_no_record_is(asked: Asked) -> None:
    curve, other = a_record(asked, "Prada 2013", OCV, text=CURVE), a_record(asked, "Chen 2020", OCV, text="Graphite.")
    assert found(asked, "half-cell OCV curve of LFP", curve, other) == ["Prada 2013"]


def test_what_is_so_keeps_out_what_only_speaks_of_it(asked: Asked) -> None:
    measured, spoken = a_record(asked, "Measured", OCV, GRAPHITE), a_record(asked, "Spoken", OCV, text="graphite")
    assert found(asked, "open circuit voltage of graphite", measured, spoken) == ["Measured"]


@pytest.mark.parametrize(
    "question", ["Acme LFP cells", "half cells of LFP, not graphite", "LFP half-cell above 3 V", "lithium iron phosphate"]
)
def test_a_text_does_not_answer_what_is_made_or_bounded_or_denied_or_asked_alone(asked: Asked, question: str) -> None:
    assert found(asked, question, a_record(asked, "Prada 2013", OCV, text=CURVE)) == []


def test_a_general_word_need_not_be_what_a_record_is(asked: Asked) -> None:
    gitt = "GalvanostaticIntermittentTitrationTechnique"
    told_of, bare = a_record(asked, "Told", gitt, text="A parquet file."), a_record(asked, "Bare", gitt)
    assert found(asked, "GITT data as parquet file", told_of, bare) == ["Told"]
    assert found(asked, "GITT points", bare) == ["Bare"]


@pytest.mark.parametrize("question", ["GITT over time", "GITT for internal resistance", "GITT: charge"])
def test_a_kind_of_quantity_beside_a_method_need_not_be_a_value(asked: Asked, question: str) -> None:
    assert found(asked, question, a_record(asked, "Bare", "GalvanostaticIntermittentTitrationTechnique")) == ["Bare"]


@pytest.mark.parametrize("question", ["time", "internal resistance of graphite", "capacity different from 2.5 Ah"])
def test_a_kind_of_quantity_is_not_given_up_where_little_else_is_asked(asked: Asked, question: str) -> None:
    assert found(asked, question, a_record(asked, "Bare", GRAPHITE)) == []


def test_a_question_that_a_text_says_word_for_word_finds_it(asked: Asked) -> None:
    told_of = a_record(asked, "Told", text="Made at the Federal Laboratories for Materials Science in the Alps.")
    assert found(asked, "Federal Laboratories for Materials Science", told_of, a_record(asked, "Bare")) == ["Told"]


@pytest.mark.parametrize("question", ["MIT licence", "licensed under MIT", "license MIT"])
def test_a_licence_is_known_by_its_name(asked: Asked, question: str) -> None:
    free = replace(a_record(asked, "Free"), licence="https://spdx.org/licenses/MIT.html")
    assert found(asked, question, free, a_record(asked, "Bare")) == ["Free"]


def test_records_of_a_source_are_those_from_it(asked: Asked) -> None:
    kept = replace(a_record(asked, "Kept"), source="cellinfo")
    assert found(asked, "CellInfo records of Acme", kept, a_record(asked, "Bare", text="CellInfo")) == ["Kept"]


def test_tests_of_a_model_are_no_cells(asked: Asked) -> None:
    model = Entity(EntityKind.MODEL, "ANR26650M1-B", "", "", 1)
    cell = replace(a_record(asked, "Acme ANR26650M1-B"), entities=(model,))
    test = replace(a_record(asked, "ANR26650M1-B formation protocol", "BatteryTest"), entities=())
    assert found(asked, "tests of the ANR26650M1-B", cell, test) == [test.title]
    assert found(asked, "tests of the ANR26650M1-B", cell) == [cell.title]
    assert found(asked, "ANR26650M1-B formation", cell, test) == [test.title]


def test_what_an_instrument_is_need_not_be_said(asked: Asked) -> None:
    instrument = Entity(EntityKind.INSTRUMENT, "Biologic VMP-300", "", "", 1)
    measured = replace(a_record(asked, "Measured"), entities=(instrument,))
    assert found(asked, "measured with a Biologic potentiostat", measured, a_record(asked, "Bare")) == ["Measured"]
    assert found(asked, "test run on a Biologic cycler (VMP-300)", measured, a_record(asked, "Bare")) == ["Measured"]


def test_a_plural_finds_one_of_them_too(asked: Asked) -> None:
    one, many = a_record(asked, "One", text="A satellite."), a_record(asked, "Many", text="Satellites.")
    assert sorted(found(asked, "batteries for satellites", one, many)) == ["Many", "One"]


def test_a_model_that_no_record_of_the_maker_has_finds_nothing(asked: Asked) -> None:
    assert found(asked, "Acme HG2", a_record(asked, "Bare")) == []
    assert found(asked, "Acme HG2", a_record(asked, "Acme HG2"), a_record(asked, "Bare")) == ["Acme HG2"]


def test_what_is_named_is_never_given_up(asked: Asked) -> None:
    assert found(asked, "garnet LLZO solid electrolyte", a_record(asked, "Review", text="On every solid electrolyte.")) == []
    cell = a_record(asked, "Cell", "CylindricalBattery", text="4651")
    assert [found(asked, f"{size} cylindrical cells", cell) for size in ("4651", "4695", "XR-88812")] == [["Cell"], [], []]
    assert found(asked, "selenium electrode file", a_record(asked, "Electrode", "Electrode", text="A file.")) == []


def test_a_condition_may_stand_in_a_title_but_its_number_is_not_given_up(asked: Asked) -> None:
    protocol = a_record(asked, "EIS at 50% SOC", text="impedance spectroscopy")
    assert found(asked, "impedance at 50% SoC", protocol) == ["EIS at 50% SOC"]
    assert found(asked, "impedance at 60% SoC", protocol) == []
    rates = a_record(asked, "Rate Capability: C/10 to 5C Discharge at 25°C")
    assert found(asked, "rate test up to 5C at room temperature", rates) == [rates.title]
    assert found(asked, "rate test up to 6C at room temperature", rates) == []


def test_the_quantity_of_a_part_is_found_as_others_say_it(asked: Asked) -> None:
    separator = ConceptUse(asked.iri("Porosity"), (), "", 1, within=(asked.iri("Separator"),))
    cell = replace(a_record(asked, "Cell"), concepts=(separator,))
    assert found(asked, "separator porosity", cell) == ["Cell"]
    assert found(asked, "separator porosity", cell, a_record(asked, "Own", "SeparatorPorosity")) == ["Own"]


def test_a_code_with_which_other_words_begin_is_not_looked_for_in_texts(asked: Asked) -> None:
    assert found(asked, "transmission electron microscopy", a_record(asked, "Cell", text="At room temperature.")) == []


def test_only_readable_records_decide_how_strictly_a_question_is_read(asked: Asked) -> None:
    spoken = a_record(asked, "Spoken", OCV, text="graphite")
    hidden = a_record(asked, "Hidden", OCV, GRAPHITE, rights=DENIED)
    assert found(asked, "open circuit voltage of graphite", spoken, hidden) == ["Spoken"]
