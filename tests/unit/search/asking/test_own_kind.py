"""Questions that say beside a name what the thing is, and others that people word in their own way."""

from __future__ import annotations

import pytest

from records.rights import PUBLIC
from search.asking.ask import ask
from search.asking.services import AskServices
from tests.unit.search.asking.conftest import Ask

SAID = [
    # What the thing is, beside its name
    ("width of the LG E101A pouch cell in mm", "width of the LG E101A in mm"),
    ("cycle life of the CATL 280Ah LiFePO4 cell", "cycle life of the CATL 280Ah"),
    ("cycle life CATL 280Ah LiFePO4", "cycle life of the CATL 280Ah"),
    ("LFP A123 20AH mass", "mass of the A123 20AH"),
    ("Is the A123 20AH LFP cell heavier than the A123 26AH?", "is the A123 20AH heavier than the A123 26AH"),
    # Units
    ("energy density LG INR21700-M52V Wh/L", "energy density of the LG INR21700-M52V in Wh/L"),
    ("How many Wh per kilogram does the LG E101A offer?", "specific energy of the LG E101A in Wh/kg"),
    ("How many mAh per gram does silicon offer in theory?", "theoretical specific capacity of silicon in mAh/g"),
    ("LCO cathode: active mass per cm2?", "mass loading of the LCO cathode"),
    # Differences
    ("How many kilos lie between the CALB CA400 and the CALB CA60?", "difference in mass of the CALB CA400 and the CALB CA60"),
    ("What mass separates the CALB CA400 from the CALB CA60?", "difference in mass of the CALB CA400 and the CALB CA60"),
    ("difference in kg between CALB CA400 and CALB CA60", "difference in mass of the CALB CA400 and the CALB CA60"),
    # Others
    ("Which of the two lasts longer, Panasonic NCR20700A or NCR20700B?", "which lasts longer, Panasonic NCR20700A or NCR20700B"),
    ("Of the two, which is heavier: CALB CA400 or CALB CA60?", "which is heavier, CALB CA400 or CALB CA60"),
    ("specific capacities of NMC622 and LCO side by side", "compare the specific capacity of NMC622 and LCO"),
    ("typical (mean) nominal voltage of the LTO cells", "mean nominal voltage of the LTO cells"),
    ("Electrolyte volume put into the Empa coin cell?", "electrolyte volume of the Empa coin cell"),
    ("Which datasets were curated by Simon Clark?", "which datasets are by Simon Clark"),
    ("Which instrument measured LAB-2026-0001?", "instrument of the LAB-2026-0001 dataset"),
]


@pytest.mark.parametrize(("said", "plain"), SAID)
def test_the_same_in_other_words(asked: Ask, said: str, plain: str) -> None:
    reply, expected = asked(said), asked(plain)
    assert reply.answer is not None, reply.understood
    assert expected.answer is not None, expected.understood
    assert (reply.answer.value, reply.answer.unit) == (expected.answer.value, expected.answer.unit)


@pytest.mark.parametrize("question", ["Do you have cells from Northvolt?", "Are there LTO cells made by Northvolt?"])
def test_a_maker_that_no_record_names_has_no_cells(asked: Ask, question: str) -> None:
    answer = asked(question).answer
    assert answer is not None
    assert answer.value == "no"


def test_a_maker_that_the_reader_may_not_know_has_no_cells_either(asking: AskServices) -> None:
    answer = ask(asking, "Do you have cells from Molicel?", frozenset()).answer
    assert answer is not None
    assert answer.value == "no"
    known = ask(asking, "Do you have cells from Molicel?", PUBLIC).answer
    assert known is not None
    assert known.value == "yes"


@pytest.mark.parametrize(
    "question",
    [
        "width of the LG E101A cylindrical cell",
        "mass of the A123 20AH NMC cell",
        "mass of lithium A123 20AH",
        "Are there cells from Freyr?",  # FREY is another maker
        "Are there any datasets from Northvolt?",
        "Do you have LFP cells from Germany?",
        "Are there cells from Europe?",
        "capacity of the best LFP cell",
        "How many years separate the A123 20AH and the A123 26AH?",
        "LAB-2031-0007 instrument",
        "Which people published datasets?",
    ],
)
def test_what_is_not_so_or_not_said_has_no_answer(asked: Ask, question: str) -> None:
    assert asked(question).answer is None
