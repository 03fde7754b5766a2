"""Questions as researchers word them, over the real documents; what is right was read from the documents, or is reckoned here."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.asking.reply import Reply
from tests.unit.search.asking.test_real_answers import above, is_lfp, made_by, nodes, numbers, of_cells

Ask = Callable[[str], Reply]
Documents = dict[str, Any]

AS_WRITTEN: list[tuple[str, object, str]] = [
    # Names written together, apart, in small letters, without their maker
    ("inr1865035e mass", 0.05, "kg"),
    ("INR 18650 35E mass", 0.05, "kg"),
    ("a123-20ah weight", 0.496, "kg"),
    ("A123 20 AH weight", 0.496, "kg"),
    ("lgm50 nominal voltage", 3.63, "V"),
    ("VTC6 capacity", 3.12, "Ah"),
    ("murata vtc6 capacity", 3.12, "Ah"),
    ("thundersky wb-lyp100aha mass", 3.5, "kg"),
    ("calb ca 400 weight", 13.6, "kg"),
    ("E78 nominal voltage", 3.67, "V"),
    ("capacity lg e-78", 78, "Ah"),
    ("8845135 width", 0.045, "m"),
    # Wording
    ("hey, could you tell me how heavy the LG E78 is?", 1083, "g"),
    ("Please give me the nominal voltage of LG E78.", 3.67, "V"),
    ("Do you know the mass of the A123 20AH?", 0.496, "kg"),
    ("What's the energy density of the LG INR21700-M52V?", 763, "Wh/L"),
    ("max continuous discharge current of the Samsung INR18650-35E", 13, "A"),
    ("charging cut off voltage A123 20AH", 3.65, "V"),
    ("impedance of Samsung INR18650-35E", 35, "mΩ"),
    ("minimum discharge temperature of the Samsung INR18650-35E", -10, "°C"),
    ("What is the maximum storage temperature of the LG M50?", 45, "°C"),
    # What is no cell
    ("density of NMC811", 4.8, "g/cm³"),
    ("density of PVDF", 1.78, "g/cm³"),
    ("mass loading of the NMC811 cathode", 21, "mg/cm²"),
    ("porosity of the Si-Gr anode", 0.35, ""),
    ("thickness of the copper foil current collector", 10, "µm"),
    ("What is the diameter of the graphite anode disc (16 mm)?", 16, "mm"),
    ("separator thickness of POUCH-ML-LFP-018", 20, "µm"),
    ("which electrolyte has the highest conductivity", 600, "mS/cm"),
    ("diameter of the graphite anode disc", 16, "mm"),
    ("What density does the NMC811 show?", 4.8, "g/cm³"),
    ("How thick is the separator in the ExampleLab POUCH-ML-LFP-018, in microns?", 20, "µm"),
    # Superlatives
    ("second heaviest cell", 35, "kg"),
    ("the third largest capacity", 400, "Ah"),
    ("thinnest pouch cell", 8.65, "mm"),
    ("what is the maximum capacity of Kokam cells", 240, "Ah"),
    ("max cycle life of NMC cells", 10_000, ""),
    ("which cell lasts longest", 30_000, ""),
    ("which cell survives the most cycles", 30_000, ""),
    ("What is the lowest storage temperature of the LG M50?", 0, "°C"),
    ("nominal voltage of the VARTA CR2032", 3, "V"),
    ("conductivity of 1M LiPF6 in EC:EMC 3:7", 10, "mS/cm"),
    ("cell with the lowest internal resistance", 0.88, "mΩ"),
    ("nominal voltage of the cell with the highest capacity", 3.3, "V"),
]

VALUES: list[tuple[str, object, str]] = [
    ("mass A123 20AH (g)", 496, "g"),
    ("tell me the mass of lg e78 in pounds please", 2.387606299, "lb"),
    ("rated capacity of the a123 20 ah in coulombs", 72_000, "C"),
    ("What is the maximum storage temperature of the LG M50 in K?", 318.15, "K"),
    ("nominal energy of LG E78 in kWh", 0.286, "kWh"),
    ("minimum and maximum voltage of the A123 20AH", ("2.5 V", "3.65 V"), ""),
    ("voltage range of the A123 20AH", ("2.5 V", "3.65 V"), ""),
    ("charging temperature range of the Samsung INR18650-35E", ("0 °C", "45 °C"), ""),
    # Several things
    ("How many grams heavier is the A123 26AH than the A123 20AH?", 54, "g"),
    ("By how much is the A123 39AH heavier than the A123 20AH?", 0.324, "kg"),
    ("by how many percent is the A123 39AH heavier than the A123 20AH", 65.32258065, "%"),
    ("ratio of the capacity of the A123 26AH to the A123 20AH", 1.3, ""),
    ("How many times heavier is the A123 39AH than the A123 20AH?", 1.653225806, ""),
    ("How many times lighter is the A123 20AH than the A123 39AH?", 1.653225806, ""),
    ("total mass of the A123 20AH and the A123 26AH", 1.046, "kg"),
    ("average mass of the A123 20AH and the A123 26AH", 0.523, "kg"),
    ("how many more cycles does the Thunder-Sky WB-LYP100AHA last than the A123 20AH", 6000, ""),
    ("Which is lighter, LG E78 or LG JP3?", "LG E78", ""),
    ("is LG E78 heavier than LG JP3 and A123 20AH", "no", ""),
    ("How do NMC622 and NMC811 compare in specific capacity?", (180, 200), "mAh/g"),
    ("Compare the specific capacity of NMC622 and NMC811", (180, 200), "mAh/g"),
    ("How do the A123 20AH and the LG E78 compare in mass?", (0.496, 1.083), "kg"),
    # Names
    ("Who performed the Example Rated Capacity Test?", "Simon Clark", ""),
    ("what solvent is in LP30", ("ethylene carbonate", "dimethyl carbonate"), ""),
    ("what salt does LP40 use", "lithium hexafluorophosphate", ""),
    ("what binder does the NMC811 cathode use", "polyvinylidene fluoride", ""),
    ("active material of the LNMO cathode", "lithium nickel manganese oxide", ""),
    ("what chemistry is the heaviest cell", "lithium iron phosphate", ""),
    ("Which company makes the heaviest cell?", "Thunder-Sky", ""),
    ("Who is the author of 18650-LG-3500-MJ1-anode-GITT-EIS-Ch?", ("Yannick Kuhn", "Simon Clark"), ""),
    ("What licence does the LFP coin cell cycling data have?", "https://creativecommons.org/licenses/by/4.0/", ""),
    ("when was the LG M50 published", "2016-01-01", ""),
    ("When was the A123 APR18650M1A released?", "2009-01-01", ""),
    ("where is the data of the A123 20AH", "cellinfo/A123_20AH.json", ""),
    ("Where does the mass of the A123 20AH come from?", "cellinfo/A123_20AH.json, line 119", ""),
    ("newest dataset", "LFP coin cell cycling data", ""),
    ("oldest LG cell", "LG ICR18650C2", ""),
    # Yes and no
    ("Is the A123 20AH rechargeable?", "yes", ""),
    ("Is the Energizer CR2032 rechargeable?", "no", ""),
    ("Is the A123 20AH a lead acid battery?", "no", ""),
    ("Is the mass of the A123 20AH 500 g?", "no", ""),
    ("is lg m50 a 21700 cell", "yes", ""),
    ("Is the lg m50 an 18650", "no", ""),
    ("Was the LG M50 published before 2018?", "yes", ""),
    ("Are NMC cells lithium-ion batteries?", "yes", ""),
    ("Is there a Kokam cell heavier than 4 kg?", "yes", ""),
    ("does the A123 20AH contain nickel", "no", ""),
    ("how many A123 20AH are there", 1, ""),
]

UNKNOWN: list[tuple[str, str]] = [
    ("Does the A123 20AH contain graphite?", "nor anything against it"),
    ("Does the A123 20AH contain copper?", "nor anything against it"),
    ("Does the A123 20AH contain LiPF6?", "nor anything against it"),
    ("does the LG MJ1 contain silicon", "nor anything against it"),
    ("is the CR2032 rechargeable", "18 of 25 records"),
    ("Which cell is the best?", "Not understood what is asked"),
    ("which cell is the most expensive", "Not understood what is asked"),
    ("Which cell has the lowest mass and highest capacity?", "highest capacity"),
    ("what is the mass", "not of what"),
    ("what time is it", "not understood of what"),
    ("how many chemistries are there", "Not understood what is asked"),
    ("how many more cells does Kokam have than Saft", "Not understood what is asked"),
    ("compare LFP and NMC cells", "Not understood what is asked"),
    ("how many LFP and NMC cells", "No record has all of these"),
    ("who published the dataset on the LG M50", "no property that is known"),
    ("which licence does the LG M50 record have", "No record that you may read says it"),
    ("What does the 7M KOH in H2O contain?", "Not understood what is asked"),
    ("average mass and capacity of Kokam cells", "average"),
    ("capacity of the Tesla 4680", "Tesla"),
    ("lgm50 capacity", "nominal voltage"),
    ("US18650VTC6A mass", "MURATA US18650VTC6"),
    ("1 kg in g", "Not understood what is asked"),
    ("who are you", "Not understood what is asked"),
    ("boiling point of the A123 20AH", "boiling point"),
    ("capacity of A123 20AH at 1C", "Near: 20 Ah"),
    ("nominal voltage of A123 20AH in Ah", "not measured in Ah"),
]


@pytest.mark.parametrize(("question", "value", "unit"), [*AS_WRITTEN, *VALUES])
def test_the_answer(asked: Ask, question: str, value: object, unit: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)
    assert reply.answer.text
    assert reply.sources


@pytest.mark.parametrize(("question", "value", "unit"), AS_WRITTEN)
def test_every_first_place_shows_the_value(asked: Ask, shared_data: Path, question: str, value: float, unit: str) -> None:
    """The node that begins at this line has the number."""
    source = asked(question).sources[0]
    path = shared_data / "jsonld" / source.record
    assert (path.name, path.parent.name) == (source.file, source.record.split("/")[0])
    from_there = "\n".join(path.read_text(encoding="utf-8").splitlines()[source.line - 1 :])
    node, _ = json.JSONDecoder().raw_decode(from_there[from_there.index("{") :])
    said = [node[key] for node in nodes(node) for key in ("hasNumericalValue", "hasNumberValue") if key in node]
    assert any(float(one) == pytest.approx(value) for one in said)


@pytest.mark.parametrize(("question", "told"), UNKNOWN)
def test_no_answer_and_why(asked: Ask, question: str, told: str) -> None:
    reply = asked(question)
    assert reply.answer is None, reply.answer
    assert reply.sources == ()
    assert told in reply.understood


def test_the_same_question_has_the_same_answer(asked: Ask) -> None:
    for question, _, _ in VALUES[::4]:
        assert asked(question).to_json() == asked(question).to_json()


def test_a_value_that_can_hardly_be_right_is_told_with_a_note(asked: Ask) -> None:
    for question in ("mass of LG M50", "lightest cell", "Is the LG M50 heavier than the Samsung 35E?"):
        answer = asked(question).answer
        assert answer is not None
        assert "0.001 kg may be a mistake of the document: most cylindrical cells have 0.047 to 0.07 kg" in answer.text
    usual = asked("mass of the A123 20AH").answer
    assert usual is not None
    assert "Note" not in usual.text


# Sets


COUNTED: dict[str, Callable[[Any], bool]] = {
    "How many cells weigh less than 50 g?": lambda d: any(value < 0.05 for value in numbers(d, "Mass")),
    "number of cells above 1 kg": lambda d: any(value > 1 for value in numbers(d, "Mass")),
    "how many Kokam and Saft cells": lambda d: made_by(d, "Kokam") or made_by(d, "Saft"),
    "How many cells does Kokam have in the database?": lambda d: made_by(d, "Kokam"),
    "list the cells of Kokam in the collection": lambda d: made_by(d, "Kokam"),
    "show me all LFP cells with a cycle life above 5000": lambda d: is_lfp(d) and above(d, "CycleLife", 5000),
    "Which cells have a cycle life above 10000?": lambda d: above(d, "CycleLife", 10_000),
}


@pytest.mark.parametrize("question", COUNTED)
def test_cells_are_counted_and_nothing_else(asked: Ask, documents: Documents, question: str) -> None:
    expected = {key for key, document in of_cells(documents).items() if COUNTED[question](document)}
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    told = {source.record for source in reply.sources if source.record.startswith(("cellinfo/", "battinfo-records"))}
    in_grams = {
        key
        for key in told ^ expected
        if any(str(node.get("hasMeasurementUnit")).endswith("Gram") for node in nodes(documents[key]))
    }
    assert told ^ expected <= in_grams
    assert len(expected) >= 20
    assert reply.answer.value == len(reply.sources)
    assert not [source.record for source in reply.sources if "/electrode" in source.record or "/material" in source.record]


def test_the_sum_and_the_models_of_a_maker(asked: Ask, documents: Documents) -> None:
    kokam = [each for each in of_cells(documents).values() if made_by(each, "Kokam")]
    total = asked("total mass of Kokam cells").answer
    models = asked("how many different models does Kokam make").answer
    assert total is not None
    assert models is not None
    assert total.value == pytest.approx(sum(value for each in kokam for value in numbers(each, "Mass")[:1]))
    assert models.value == len({str(each.get("schema:model") or each["schema:name"]).lower() for each in kokam})


def test_a_kind_of_quantity_at_the_end_asks_for_its_values(asked: Ask, documents: Documents) -> None:
    kokam = [value for each in of_cells(documents).values() if made_by(each, "Kokam") for value in numbers(each, "Mass")[:1]]
    reply = asked("Kokam cells mass in kg")
    assert reply.answer is not None
    assert reply.answer.value == pytest.approx((min(kokam), max(kokam)))
    assert f"median is {statistics.median(kokam):.6g} kg" in reply.answer.text


def test_the_maker_of_most(asked: Ask, documents: Documents) -> None:
    makers = Counter(
        str(each["schema:manufacturer"].get("schema:name")).lower()
        for each in of_cells(documents).values()
        if isinstance(each.get("schema:manufacturer"), dict)
    )
    for question in ("Which manufacturer has the most cells?", "who makes the most cells"):
        answer = asked(question).answer
        assert answer is not None
        assert str(answer.value).lower() == makers.most_common(1)[0][0]
    listed, all_makers = asked("list all manufacturers").answer, asked("How many manufacturers are there?").answer
    assert listed is not None
    assert all_makers is not None
    assert isinstance(listed.value, tuple)
    assert len(listed.value) == all_makers.value
    assert {"Kokam", "Saft", "CATL", "Molicel"} <= set(listed.value)


def test_what_the_cells_of_a_maker_have(asked: Ask) -> None:
    answer = asked("what chemistries does Saft use?").answer
    assert answer is not None
    assert isinstance(answer.value, tuple)
    assert {"lithium nickel cobalt aluminium oxide", "lithium iron phosphate"} <= set(answer.value)


def test_several_values_in_order(asked: Ask) -> None:
    for question in ("top three heaviest cells", "name the three heaviest cells", "3 cells with the highest mass"):
        answer = asked(question).answer
        assert answer is not None
        assert all(told in answer.text for told in ("41 kg", "35 kg", "21 kg"))
