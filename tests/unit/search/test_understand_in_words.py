"""Questions whose words and numbers stand in one record, in any form and order, where nothing has them as they were understood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import DENIED, PUBLIC, Rights
from search.query import EitherPart, TextPart
from search.service import Readable
from tests.unit.search.asked import Asked
from tests.unit.search.plain_index import PlainIndex

OPEN = Rights(PUBLIC, PUBLIC)
PULSES = "Charge pulses at nine levels: DC internal resistance. A 10s 2C discharge pulse, then a 40-minute rest, 10 mV amplitude."
VOLT = "L²·M·T⁻³·I⁻¹"


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked()


def a_record(asked: Asked, title: str, *concepts: str, text: str = "", rights: Rights = OPEN) -> Record:
    uses = tuple(ConceptUse(asked.iri(label), (), "", 1) for label in concepts)
    maker = (Entity(EntityKind.MANUFACTURER, "Acme", "", "", 1),)
    return Record(title, f"urn:{title}", title, "s", title, "", rights, text=text, concepts=uses, entities=maker)


def a_quantity(asked: Asked, kind: str, value: float, dimension: str, *within: str) -> Quantity:
    inside = tuple(map(asked.iri, within))
    return Quantity((asked.iri(kind),), value, "", value, "", dimension, "", 1, within=inside)


def found(asked: Asked, question: str, *records: Record) -> list[str]:
    index = PlainIndex()
    index.apply(records)
    asked.known = Readable(index, PUBLIC)
    return [hit.record.title for hit in index.search(asked.query(question), PUBLIC).hits]


@pytest.mark.parametrize(
    "question",
    [
        "DC internal resistance by pulses",
        "10 s discharge pulse at 2C",
        "10-second pulses, 40 min resting",
        "rest of forty minutes after the pulsed discharging",
        "resistance with an amplitude of 10 mV",
    ],
)
def test_a_protocol_is_found_by_the_words_and_numbers_of_its_description(asked: Asked, question: str) -> None:
    protocol, other = (
        a_record(asked, "Pulses", "Procedure", text=PULSES),
        a_record(asked, "Other", "Procedure", text="A pulse, 10 s."),
    )
    assert found(asked, question, protocol, other) == ["Pulses"]


@pytest.mark.parametrize("question", ["12 s discharge pulse at 2C", "10 s pulse at 3C", "resistance with an amplitude of 20 mV"])
def test_a_number_is_never_given_up(asked: Asked, question: str) -> None:
    assert found(asked, question, a_record(asked, "Pulses", "Procedure", text=PULSES)) == []


def test_a_word_may_be_in_the_name_of_a_concept_and_a_number_a_quantity(asked: Asked) -> None:
    sweep = replace(
        a_record(asked, "Sweep", "CyclicVoltammetry", "GlassyCarbonElectrode", text="Forward Voltage Sweep"),
        quantities=(a_quantity(asked, "LowerVoltageLimit", -0.2, VOLT), a_quantity(asked, "UpperVoltageLimit", 1.2, VOLT)),
    )
    assert found(asked, "glassy sweeps from -0.2 V to 1.2 V", sweep) == ["Sweep"]


def test_of_many_words_one_may_be_missing_and_is_shown_as_optional(asked: Asked) -> None:
    protocol = a_record(asked, "Pulses", "Procedure", text=PULSES)
    index = PlainIndex()
    index.apply([protocol])
    asked.known = Readable(index, PUBLIC)
    query = asked.query("nine levels of turquoise charging pulses")
    assert [part.text for part in query.parts if isinstance(part, TextPart)] == ["turquoise"]
    assert {part.text for part in query.parts if isinstance(part, EitherPart)} == {"nine", "levels", "charging", "pulses"}
    assert found(asked, "turquoise pulses", a_record(asked, "Other", text="turquoise"), protocol) != ["Pulses"]


def test_a_test_goes_before_a_cell_whose_papers_have_each_word(asked: Asked) -> None:
    cell = a_record(asked, "Cell", "CylindricalBattery", text=f"On gentle care. {PULSES}")
    assert found(asked, "DC internal resistance by pulses", cell, a_record(asked, "Pulses", "Procedure", text=PULSES)) == ["Pulses"]
    assert found(asked, "DC internal resistance by pulses", cell) == ["Cell"]


@pytest.mark.parametrize("question", ["Acme cells for 10 s pulses", "NMC811 cells, 20 V", "pulse above 3 V for 10 s"])
def test_what_was_named_is_no_matter_of_words(asked: Asked, question: str) -> None:
    said = f"Acme made NMC811 cells of 20 V and 3 V. {PULSES}"
    spoken = replace(a_record(asked, "Spoken", "CylindricalBattery", text=said), entities=())
    assert "Spoken" not in found(asked, question, spoken, a_record(asked, "Made"))


def test_only_readable_records_decide_whether_words_are_enough(asked: Asked) -> None:
    hidden = a_record(asked, "Hidden", "Procedure", text=PULSES, rights=DENIED)
    spoken = a_record(asked, "Spoken", text="internal resistance")
    queries = []
    for records in ([spoken], [spoken, hidden]):
        index = PlainIndex()
        index.apply(records)
        asked.known = Readable(index, PUBLIC)
        queries.append(asked.query("DC internal resistance by pulses"))
    assert queries[0] == queries[1]


def test_a_rate_holds_in_the_step_that_is_named_beside_it(asked: Asked) -> None:
    charged, held = (
        replace(a_record(asked, title, "Procedure"), quantities=(a_quantity(asked, "CRate", 0.05 / 3600, "T⁻¹", step),))
        for title, step in (("Charged", "ConstantCurrentCharging"), ("Held", "VoltageHold"))
    )
    assert found(asked, "charging at C/20", charged, held) == ["Charged"]
    assert found(asked, "charging at C/20", held) == ["Held"]


def test_an_adjective_before_a_plain_word_is_that_words(asked: Asked) -> None:
    procedure = a_record(asked, "WLTP", "Procedure", text="Worldwide harmonised Light-vehicles test procedure")
    assert found(asked, "harmonised light vehicles test procedure", procedure) == ["WLTP"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("half a metre long or longer", "≥ 0.5 metre"),
        ("a tenth of a kilogram or less", "≤ 0.1 kilogram"),
        ("cells that still give power at minus 30 degrees", "≤ -30 °C"),
        ("batteries that start even at -40 °C", "≤ -40 °C"),
    ],
)
def test_amounts_as_people_say_them(asked: Asked, question: str, said: str) -> None:
    asked.known = None
    assert asked.quantity(question).asked == said


def test_a_size_has_no_part_in_the_amounts_that_follow(asked: Asked) -> None:
    asked.known = None
    assert [part.text for part in asked.parts("18650, 2.5 Ah to 3 Ah")] == ["18650", "2.5 Ah to 3 Ah"]


def test_cycles_at_a_rate_have_the_rate_alone(asked: Asked) -> None:
    asked.known = None
    rates = [part for part in asked.parts("1C cycles, 500 times") if not isinstance(part, TextPart)]
    assert [getattr(part, "asked", "") for part in rates][:1] == ["= 1 C (±0.5 %)"]
