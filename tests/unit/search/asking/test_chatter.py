"""What people say around a question changes no answer, and neither does where they put its unit."""

from __future__ import annotations

import pytest

from search.asking.chatter import without_chatter
from tests.unit.search.asking.conftest import Ask

FRAMES = [
    "Hi all, {}, please?",
    "Quick question: {}?",
    "Could you tell me {}?",
    "I was wondering, {}",
    "Short answer please: {}",
    "According to your data, {}?",
    "{} in the archive?",
    "{} again?",
]
QUESTIONS = [
    "how heavy is the A123 20AH",
    "how many cells does Kokam make",
    "is there a pouch cell above 50 Ah",
    "count the cells heavier than 10 kg",
    "what is the mean mass of Kokam cells",
    "who makes LTO cells",
]
SAID = [
    ("I need the mean mass of Kokam cells", "mean mass of Kokam cells"),
    ("for my thesis I need the mean mass of Kokam cells", "mean mass of Kokam cells"),
    ("Does anyone know the mass of the A123 20AH?", "mass of the A123 20AH"),
    ("Could I have the mass of the A123 20AH?", "mass of the A123 20AH"),
    ("I'm writing a report and need the mass of the A123 20AH", "mass of the A123 20AH"),
    ("I have an A123 20AH in our lab. What is its mass?", "mass of the A123 20AH"),
    ("whats the mass of the A123 20AH", "what is the mass of the A123 20AH"),
    ("I wonder whether the A123 20AH contains cobalt", "does the A123 20AH contain cobalt"),
    ("Tell me whether there are LTO cells by Kokam", "are there LTO cells by Kokam"),
    ("Are LTO cells in the archive?", "are there LTO cells"),
    ("avg. mass of Kokam cells", "average mass of Kokam cells"),
    ("LFP cells, how many?", "how many LFP cells"),
    ("# of LFP cells", "number of LFP cells"),
    ("in total, how many cells does Kokam have", "how many cells does Kokam have"),
    ("mean mass, Kokam cells", "mean mass of Kokam cells"),
    ("Kokam cells mean mass", "mean mass of Kokam cells"),
    ("nominal voltage LTO cells", "nominal voltage of LTO cells"),
    ("LTO cell makers", "makers of LTO cells"),
    ("heaviest Kokam cell's capacity", "capacity of the heaviest Kokam cell"),
    ("What does the lightest pouch cell weigh?", "weight of the lightest pouch cell"),
    ("LG cell with the max energy density", "LG cell with the highest energy density"),
    ("EVE cell with the max. capacity", "EVE cell with the highest capacity"),
    ("Is there a Kokam cell >200Ah?", "is there a Kokam cell above 200 Ah"),
    ("molecular weight of potassium hydroxide", "molar mass of potassium hydroxide"),
    ("Compare the A123 20AH with the A123 50AH in terms of mass", "compare the mass of the A123 20AH and the A123 50AH"),
]
UNITS = [
    "mass of the A123 20AH, g",
    "mass (g) of the A123 20AH",
    "A123 20AH mass g",
    "Mass [g] of the A123 20AH?",
    "What mass in g does the A123 20AH have?",
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_polite_words_change_nothing(asked: Ask, frame: str, question: str) -> None:
    reply, plain = asked(frame.format(question)), asked(question)
    assert reply.answer is not None, reply.understood
    assert reply.answer == plain.answer


@pytest.mark.parametrize(("said", "plain"), SAID)
def test_the_same_in_other_words(asked: Ask, said: str, plain: str) -> None:
    reply, expected = asked(said), asked(plain)
    assert reply.answer is not None, reply.understood
    assert expected.answer is not None
    assert reply.answer.value == expected.answer.value


@pytest.mark.parametrize("question", UNITS)
def test_a_unit_may_stand_apart(asked: Ask, question: str) -> None:
    answer = asked(question).answer
    assert answer is not None
    assert (answer.value, answer.unit) == (496, "g")


@pytest.mark.parametrize(("question", "models"), [("how many 20700 cells", 8), ("How many 32700 cells do we have on file?", 4)])
def test_a_size_without_a_class_is_that_of_models(asked: Ask, question: str, models: int) -> None:
    answer = asked(question).answer
    assert answer is not None
    assert answer.value == models


def test_where_nothing_is_there_are_no_datasets_of_it(asked: Ask) -> None:
    none, unknown = asked("Are there any datasets on LMFP cells from Kokam?"), asked("Are there any datasets from Kokam?")
    assert none.answer is not None
    assert none.answer.value == "no"
    assert unknown.answer is None  # its cells may be meant


@pytest.mark.parametrize(
    "question",
    [
        "my neighbour's dog: mean mass of the Lishen cells",
        "blah blah, is there a pouch cell above 50 Ah",
        "to be honest the density of manganese dioxide",
        "Kokam SLPB75106205 under 400 g?",
        "A123 20AH in mm",
        "average mass and capacity of Kokam cells",
        "how many 99999 cells",
    ],
)
def test_what_is_not_understood_is_no_list(asked: Ask, question: str) -> None:
    assert asked(question).answer is None


@pytest.mark.parametrize(
    "text",
    [
        "Where is the mass of the A123 20AH in the archive?",
        "How many cells are in the archive?",
        "how many cells do I need",
        "please",
    ],
)
def test_what_is_asked_stays(text: str) -> None:
    assert without_chatter(text) == text
