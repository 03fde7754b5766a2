"""How questions are taken apart; things in them are marked, and a few names of properties are known."""

from __future__ import annotations

import pytest

from search.asking.form import Ask
from search.asking.forms import form_of, name_of

PROPERTIES = (
    "rated capacity",
    "capacity",
    "nominal voltage",
    "mass",
    "weight",
    "thickness",
    "cycle life",
    "internal resistance",
    "energy density",
    "maximum charging current",
    "min charging current",
    "voltage",
)


def named(text: str) -> int:
    """How many characters at the beginning name one of `PROPERTIES`."""
    return max((len(name) for name in PROPERTIES if f"{text.lower()} ".startswith(f"{name} ")), default=0)


ABOUT_ONE = [
    ("What is the rated capacity of the ⟦0⟧?", Ask.VALUE),
    ("Please tell me what the mass of the ⟦0⟧ is", Ask.VALUE),
    ("Could you tell me the nominal voltage of ⟦0⟧", Ask.VALUE),
    ("⟦0⟧ rated capacity", Ask.VALUE),
    ("rated capacity ⟦0⟧", Ask.VALUE),
    ("⟦0⟧'s mass?", Ask.VALUE),
    ("How heavy is the ⟦0⟧?", Ask.VALUE),
    ("How much does the ⟦0⟧ weigh in grams?", Ask.VALUE),
    ("How many cycles does the ⟦0⟧ last?", Ask.VALUE),
    ("How many mAh does the ⟦0⟧ have", Ask.VALUE),
    ("Which format is the ⟦0⟧?", Ask.VALUE),
    ("What cathode does ⟦0⟧ have?", Ask.VALUE),
    ("Who made the ⟦0⟧?", Ask.VALUE),
    ("Which company makes the ⟦0⟧?", Ask.VALUE),
    ("By whom is the ⟦0⟧ made?", Ask.VALUE),
    ("I want to know the capacity of the ⟦0⟧", Ask.VALUE),
    ("capacity of ⟦0⟧ at C/5", Ask.VALUE),
    ("What do you know about the ⟦0⟧?", Ask.KNOWN),
    ("Tell me about ⟦0⟧", Ask.KNOWN),
    ("Tell me everything about the ⟦0⟧", Ask.KNOWN),
    ("What is the ⟦0⟧?", Ask.KNOWN),
    ("⟦0⟧", Ask.KNOWN),
    ("describe the ⟦0⟧ cell", Ask.KNOWN),
    ("Is there a ⟦0⟧?", Ask.KNOWN),
    ("Do you have the ⟦0⟧?", Ask.KNOWN),
    ("data on ⟦0⟧", Ask.KNOWN),
    ("Is the ⟦0⟧ a pouch cell?", Ask.CHECK),
    ("Does the ⟦0⟧ contain cobalt?", Ask.CHECK),
    ("Does the ⟦0⟧ weigh more than 1 kg?", Ask.CHECK),
    ("Is the capacity of ⟦0⟧ above 10 Ah?", Ask.CHECK),
    ("Was the ⟦0⟧ produced in Japan?", Ask.CHECK),
    ("Has the ⟦0⟧ a graphite anode?", Ask.CHECK),
    ("How many records describe the ⟦0⟧?", Ask.COUNT),
    ("How many sources know ⟦0⟧", Ask.COUNT),
]
ABOUT_SEVERAL = [
    ("Compare the nominal voltage of ⟦0⟧ and ⟦1⟧", Ask.COMPARE, "", True),
    ("Compare ⟦0⟧ with ⟦1⟧", Ask.COMPARE, "", True),
    ("mass of ⟦0⟧ vs ⟦1⟧", Ask.COMPARE, "", True),
    ("capacity of ⟦0⟧, ⟦1⟧ and ⟦2⟧", Ask.COMPARE, "", True),
    ("What is the difference in mass between ⟦0⟧ and ⟦1⟧?", Ask.DIFFERENCE, "", True),
    ("By how much does the voltage of ⟦0⟧ and ⟦1⟧ differ?", Ask.DIFFERENCE, "", True),
    ("How much heavier is the ⟦0⟧ than the ⟦1⟧?", Ask.DIFFERENCE, "weight", True),
    ("Is ⟦0⟧ heavier than ⟦1⟧?", Ask.MORE, "weight", True),
    ("Is the ⟦0⟧ lighter than the ⟦1⟧?", Ask.MORE, "weight", False),
    ("Which is heavier, ⟦0⟧ or ⟦1⟧?", Ask.MORE, "weight", True),
    ("Which is thinner: ⟦0⟧ or ⟦1⟧", Ask.MORE, "thickness", False),
    ("Does ⟦0⟧ have a higher capacity than ⟦1⟧?", Ask.MORE, "", True),
    ("Which of ⟦0⟧ and ⟦1⟧ has the lower mass?", Ask.MORE, "", False),
    ("Which of ⟦0⟧, ⟦1⟧ and ⟦2⟧ is the lightest?", Ask.MORE, "weight", False),
    ("Which has the most capacity, ⟦0⟧ or ⟦1⟧?", Ask.MORE, "", True),
    ("Do ⟦0⟧ and ⟦1⟧ have the same voltage?", Ask.MORE, "", True),
]
ABOUT_A_SET = [
    ("How many NCA cells from Panasonic?", Ask.COUNT, "NCA cells from Panasonic", ""),
    ("how many LFP cells are there", Ask.COUNT, "LFP cells are there", ""),
    ("What is the number of pouch cells?", Ask.COUNT, "pouch cells", ""),
    ("number of NMC cells above 4 Ah", Ask.COUNT, "NMC cells above 4 Ah", ""),
    ("Count the LTO cells", Ask.COUNT, "LTO cells", ""),
    ("How many different pouch cells?", Ask.COUNT, "pouch cells", ""),
    ("How many manufacturers are there?", Ask.MAKER_COUNT, "", ""),
    ("How many manufacturers make LFP cells?", Ask.MAKER_COUNT, "LFP cells", ""),
    ("Who makes LTO cells?", Ask.MAKERS, "LTO cells", ""),
    ("Which companies produce LFP cells above 200 Ah?", Ask.MAKERS, "LFP cells above 200 Ah", ""),
    ("Which LFP cells above 100 Ah weigh less than 2 kg?", Ask.LIST, "Which LFP cells above 100 Ah weigh less than 2 kg", ""),
    ("List cylindrical cells below 50 g", Ask.LIST, "List cylindrical cells below 50 g", ""),
    ("Show me pouch cells", Ask.LIST, "Show me pouch cells", ""),
    ("cells with at least 3000 cycles", Ask.LIST, "cells with at least 3000 cycles", ""),
    ("cells of at most 50 g", Ask.LIST, "cells of at most 50 g", ""),
    ("cells with a maximum of 2 kg", Ask.LIST, "cells with a maximum of 2 kg", ""),
    ("cells with a maximum charging current above 10 A", Ask.LIST, "cells with a maximum charging current above 10 A", ""),
    ("lightest prismatic cell", Ask.SUPERLATIVE, "prismatic cell", "weight"),
    ("What are the three lightest pouch cells?", Ask.SUPERLATIVE, "What are pouch cells", "weight"),
    ("Which cell has the highest capacity?", Ask.SUPERLATIVE, "Which cell has", "capacity"),
    ("highest nominal voltage among NMC cells", Ask.SUPERLATIVE, "among NMC cells", "nominal voltage"),
    ("Which cylindrical cell weighs the least?", Ask.SUPERLATIVE, "Which cylindrical cell", "weight"),
    ("cell with the longest cycle life", Ask.SUPERLATIVE, "cell with", "cycle life"),
    ("lowest internal resistance", Ask.SUPERLATIVE, "", "internal resistance"),
    ("What is the maximum capacity of LFP cells?", Ask.SUPERLATIVE, "What is of LFP cells", "capacity"),
    ("highest maximum charging current", Ask.SUPERLATIVE, "", "maximum charging current"),
    ("top 5 cells by capacity", Ask.SUPERLATIVE, "cells", "capacity"),
    ("top ten LFP cells by energy density", Ask.SUPERLATIVE, "LFP cells", "energy density"),
    ("What is the average capacity of LFP cells?", Ask.STATISTIC, "LFP cells", "capacity"),
    ("median mass of pouch cells", Ask.STATISTIC, "pouch cells", "mass"),
    ("What is the range of nominal voltage of LFP cells?", Ask.STATISTIC, "LFP cells", "nominal voltage"),
    ("How heavy are prismatic cells on average?", Ask.STATISTIC, "prismatic cells", "heavy"),
    ("How much do pouch cells weigh?", Ask.STATISTIC, "pouch cells", "weigh"),
    ("rated capacity of LFP cells", Ask.STATISTIC, "LFP cells", "rated capacity"),
    ("What is the thickness of all pouch cells?", Ask.STATISTIC, "pouch cells", "thickness"),
    ("what fraction of the cells are pouch cells", Ask.SHARE, "cells", ""),
    ("how many percent of cells that have cobalt are prismatic", Ask.SHARE, "cells that have cobalt", ""),
    ("what share of cells are pouch and weigh more than 1 kg", Ask.SHARE, "cells", ""),
    ("percentage of cells with a cycle life", Ask.SHARE, "cells", ""),
    ("what share of the cells", Ask.UNCLEAR, "what share of the cells", ""),
    ("mass of LFP vs NMC cells", Ask.SETS, "", "mass"),
    ("compare the mean mass of LFP, NMC and LTO cells", Ask.SETS, "", "mass"),
    ("mass of LFP and NMC cells", Ask.STATISTIC, "LFP and NMC cells", "mass"),
    ("Is there a pouch cell above 50 Ah?", Ask.CHECK, "pouch cell above 50 Ah", ""),
    ("Are there any LTO cells?", Ask.CHECK, "LTO cells", ""),
    ("Do you have any sodium cells?", Ask.CHECK, "sodium cells", ""),
    ("Do any cells exceed 500 Ah?", Ask.CHECK, "cells exceed 500 Ah", ""),
    ("Does Panasonic make LFP cells?", Ask.CHECK, "Panasonic make LFP cells", ""),
]


@pytest.mark.parametrize(("question", "ask"), ABOUT_ONE)
def test_a_question_about_one_thing(question: str, ask: Ask) -> None:
    assert form_of(question, named).ask is ask


@pytest.mark.parametrize(("question", "ask", "name", "descending"), ABOUT_SEVERAL)
def test_a_question_about_several_things(question: str, ask: Ask, name: str, descending: bool) -> None:
    form = form_of(question, named)
    assert (form.ask, form.property, form.descending) == (ask, name, descending)


@pytest.mark.parametrize(("question", "ask", "rest", "name"), ABOUT_A_SET)
def test_a_question_about_a_set(question: str, ask: Ask, rest: str, name: str) -> None:
    form = form_of(question, named)
    assert (form.ask, form.rest, form.property) == (ask, rest, name)


@pytest.mark.parametrize(
    ("question", "descending", "count"),
    [
        ("top 5 cells by capacity", True, 5),
        ("the three lightest cells", False, 3),
        ("10 heaviest cells", True, 10),
        ("lowest capacity", False, 1),
        ("top 3 lightest cells", False, 3),
    ],
)
def test_a_superlative_says_which_end_and_how_many(question: str, descending: bool, count: int) -> None:
    form = form_of(question, named)
    assert (form.ask, form.descending, form.count) == (Ask.SUPERLATIVE, descending, count)


@pytest.mark.parametrize(
    ("question", "name", "descending", "rest"),
    [
        ("Which cells are heavier than the ⟦0⟧?", "weight", True, "Which cells"),
        ("LFP cells with a higher capacity than the ⟦0⟧", "capacity", True, "LFP cells"),
        ("cells lighter than ⟦0⟧ from Kokam", "weight", False, "cells from Kokam"),
    ],
)
def test_records_beyond_a_thing(question: str, name: str, descending: bool, rest: str) -> None:
    form = form_of(question, named)
    assert (form.ask, form.property, form.descending, form.rest) == (Ask.BEYOND, name, descending, rest)


def test_whether_the_first_is_more_wants_yes_or_no() -> None:
    assert form_of("Is ⟦0⟧ heavier than ⟦1⟧?", named).is_question
    assert not form_of("Which is heavier, ⟦0⟧ or ⟦1⟧?", named).is_question
    assert not form_of("Does ⟦0⟧ or the ⟦1⟧ have the higher mass?", named).is_question
    assert form_of("Is ⟦0⟧ heavier than ⟦1⟧ or ⟦2⟧?", named).is_question


@pytest.mark.parametrize("question", ["", "?", "please", "hello, ", "tell me", "⟦0⟧⟦1⟧", "than ⟦0⟧", "top", "the most"])
def test_scraps_have_a_form_too(question: str) -> None:
    assert form_of(question, named).ask in Ask


def test_a_title_is_asked_for_with_or_without_words() -> None:
    assert [name_of(text) for text in ("LP30", "What is LP30?", "tell me about the LP30")] == ["LP30"] * 3
