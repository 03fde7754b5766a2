"""Shares of a set and several sets beside each other; and that a part is not taken for the whole, nor the whole for a part."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import pytest

from search.asking.reply import Reply
from tests.unit.search.asking.test_real_answers import made_by, nodes, numbers, of_cells

Ask = Callable[[str], Reply]
Documents = dict[str, Any]

ANSWERED: list[tuple[str, object, str]] = [
    # Parts of parts, what holds, currents
    ("concentration of the solute in the electrolyte of the ExampleLab POUCH-ML-LFP-018", 1.1, "mol/L"),
    ("thickness of the coating of the cathode of the COIN-LFP-2032", 55, "µm"),
    ("How many ampere-hours does the CALB SE180AHA hold?", 180, "Ah"),
    ("how many Wh does the LG E78 store", 286, "Wh"),
    ("at how many A can the A123 20AH be charged", 20, "A"),
    ("what current can the A123 20AH be discharged with", 20, "A"),
    ("what is the weight of A123 20AH and A123 26AH together", 1.046, "kg"),
    # Order of words
    ("What specific capacity has LNMO at 0.1C?", 140, "mAh/g"),
    ("What nominal voltage has the A123 20AH", 3.3, "V"),
    ("biggest 18650 by rated capacity", 3.5, "Ah"),
    ("Which cell can be charged with the highest maximum continuous charging current?", 3000, "A"),
    ("what format has the heaviest cell", "prismatic battery", ""),
    ("What is the anode of the OSN-08198255-LT28 made of?", "lithium titanate", ""),
    ("who is behind the A123 20AH", "A123", ""),
    # What is asked about, and not what has it as a part
    ("which electrolytes contain diethyl carbonate", 3, ""),
    ("How many electrolytes contain LiPF6?", 7, ""),
    ("how many separators are there", 2, ""),
    ("which separators are thinner than 30 µm", 1, ""),
    ("which electrolyte has a conductivity above 10 mS/cm", 2, ""),
    ("which protocols are at 25 degC", 13, ""),
    ("thickness of copper", 10, "µm"),
]

UNKNOWN: list[tuple[str, str]] = [
    ("compare the price of LFP and NMC cells", "price"),
    ("compare the cycle life of prismatic and pouch cells", "pouch cell"),
    ("compare the thickness of graphite and silicon anodes", "No record that you may read gives such a value"),
    ("what percentage of unicorn cells are red", "unicorn"),
    ("what share of the cells", "share"),
    ("how many housings are there", "No record that you may read is one; it is a part in"),
    ("how many different solvents are there", "Not understood what is asked"),
    ("how many cathode materials are there", "Not understood what is asked"),
    ("what protocols use CCCV", "protocols"),
    ("thickness of the aluminium foil", "No record that you may read gives such a value"),
    ("density of the electrolyte LP30", "No record that you may read gives this value"),
    ("at what pressure is the calendar ageing protocol", "No record that you may read gives this value"),
    ("diameter of the COIN-LFP-2032", "No record that you may read gives this value"),
    ("which spring has the largest diameter", "No record that you may read gives such a value"),
    ("which cell may be discharged at the highest current", "discharged"),
    ("how many cells from Germany", "Germany"),
    # Several sets, groups and names that are missing are not left out silently
    ("are there more LFP or NMC cells", "Not understood what is asked"),
    ("does Kokam make more cells than Saft", "Not understood what is asked"),
    ("which has more cells, Kokam or Saft", "Not understood what is asked"),
    ("do NMC cells have a higher nominal voltage than LFP cells", "Not understood what is asked"),
    ("does Samsung make both pouch and cylindrical cells", "Not understood what is asked"),
    ("how many LFP cells are there per maker", "Not understood what is asked"),
    ("how many cells of each format", "Not understood what is asked"),
    ("how many cells have no maker", "no maker"),
    ("cells with no manufacturer", "no manufacturer"),
]


@pytest.mark.parametrize(("question", "value", "unit"), ANSWERED)
def test_the_answer(asked: Ask, question: str, value: object, unit: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)
    assert reply.sources


@pytest.mark.parametrize(("question", "told"), UNKNOWN)
def test_no_answer_and_why(asked: Ask, question: str, told: str) -> None:
    reply = asked(question)
    assert reply.answer is None, reply.answer
    assert told in reply.understood


def kokam(documents: Documents) -> dict[str, Any]:
    return {key: each for key, each in of_cells(documents).items() if made_by(each, "Kokam")}


@pytest.mark.parametrize(
    "question",
    [
        "what fraction of Kokam cells weigh more than 1 kg",
        "what percentage of the Kokam cells is heavier than 1 kg?",
        "share of cells from Kokam that weigh more than 1000 g",
        "percentage of Kokam cells with a mass above 1 kg",
    ],
)
def test_the_share_of_a_set(asked: Ask, documents: Documents, question: str) -> None:
    every = kokam(documents)
    heavy = {key for key, each in every.items() if any(value > 1 for value in numbers(each, "Mass"))}
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert reply.answer.unit == "%"
    assert reply.answer.value == pytest.approx(100 * len(heavy) / len(every))
    assert f"{len(heavy)} of {len(every)} records" in reply.answer.text
    assert {source.record for source in reply.sources} == heavy


def test_the_last_verb_says_what_is_counted(asked: Ask) -> None:
    """A condition of the set makes the set smaller, and is not counted."""
    part = asked("how many NMC cells weigh more than 1 kg and are prismatic").answer
    whole = asked("how many NMC cells weigh more than 1 kg").answer
    share = asked("what fraction of the NMC cells that weigh more than 1 kg are prismatic").answer
    assert part is not None
    assert whole is not None
    assert share is not None
    assert f"{part.value} of {whole.value} records" in share.text


@pytest.mark.parametrize(
    "question",
    [
        "compare the mass of Kokam and Saft cells",
        "average mass of Kokam vs Saft cells",
        "compare the mean mass of Kokam cells with that of Saft cells in kg",
        "what is the mass of Kokam cells compared to Saft cells",
    ],
)
def test_two_sets_beside_each_other(asked: Ask, documents: Documents, question: str) -> None:
    cells = of_cells(documents).values()
    means = [
        statistics.fmean(value for each in cells if made_by(each, maker) for value in numbers(each, "Mass")[:1])
        for maker in ("Kokam", "Saft")
    ]
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert reply.answer.value == pytest.approx(means)
    assert reply.answer.unit == "kg"


def test_more_than_two_sets_and_their_median(asked: Ask) -> None:
    answer = asked("compare the median nominal voltage of LFP, NMC and LTO cells").answer
    alone = [asked(f"median nominal voltage of {name} cells").answer for name in ("LFP", "NMC", "LTO")]
    assert answer is not None
    assert answer.value == tuple(one.value for one in alone if one is not None)


def test_and_more_than_begins_another_condition(asked: Ask, documents: Documents) -> None:
    """*3.7 V and more than 5 Ah* is no *3.7 V and more*."""
    reply = asked("how many Kokam cells with a nominal voltage of 3.7 V and more than 50 Ah")
    expected = {
        key
        for key, each in kokam(documents).items()
        if any(value == pytest.approx(3.7) for value in numbers(each, "NominalVoltage"))
        and any(value > 50 for node in nodes(each) for value in numbers(node, "RatedCapacity"))
    }
    assert reply.answer is not None
    assert {source.record for source in reply.sources} == expected
    assert expected
