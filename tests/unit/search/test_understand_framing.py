"""What people say around a question changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search.understanding.everyday import word_part
from search.understanding.framing import bare, is_headline
from tests.unit.search.asked import Asked


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked()


@pytest.mark.parametrize(
    "question",
    [
        "please show me {}",
        "Could you please tell me what there is on {}, thanks",
        "I'm looking for {}",
        "for my PhD thesis: {}",
        "my colleague asks for {}",
        "do we have {}?",
        "find all records about {}",
        "{} in the archive",
        "how is {} performed?",
        "How are the {} carried out",
        "{} that are available in this database.",
        "{}, please",
    ],
)
@pytest.mark.parametrize("said", ["LFP cells above 100 Ah", "75 Ah cells w/o NMC", "impedance spectroscopy at 25 °C"])
def test_polite_words_change_nothing(asked: Asked, question: str, said: str) -> None:
    asking = question.format(said)
    assert asked.parts(asking) == asked.parts(said)
    assert asked.query(asking).text == asking


@pytest.mark.parametrize(
    "text",
    [
        "please",
        "in the archive",
        "parameters for the DFN model",
        "cells for my e-bike battery pack of 10 cells",
        "cells of EEMB Co.",
    ],
)
def test_what_belongs_to_the_question_stays(text: str) -> None:
    assert bare(text) == text


def test_a_headline_has_no_small_words_of_its_own() -> None:
    assert is_headline("Putting Out Battery Fires")
    assert not is_headline("Panasonic cells for laptops by Sanyo")


def test_a_range_of_a_cell_beyond_a_temperature_goes_beyond_it(asked: Asked) -> None:
    below, down_to = asked.quantity("charging below 0 °C"), asked.quantity("charging down to 0 °C")
    assert (below.maximum_included, down_to.maximum_included) == (False, True)
    assert below.maximum == down_to.maximum


@pytest.mark.parametrize(
    ("capital", "small"),
    [
        ("Gives at least 30 amps continuously", "gives at least 30 amps continuously"),
        ("Container format HDF5", "container format HDF5"),
        ("Squeezing a cell flat", "squeezing a cell flat"),
    ],
)
def test_a_capital_letter_at_the_beginning_tells_of_no_name(asked: Asked, capital: str, small: str) -> None:
    assert [replace(part, text=part.text.lower()) for part in asked.parts(capital)] == [
        replace(part, text=part.text.lower()) for part in asked.parts(small)
    ]


def test_a_name_keeps_its_capital_letter(asked: Asked) -> None:
    assert any(part.text.startswith("Sharp") for part in asked.parts("Sharp cells above 5 Ah"))


def test_a_hyphen_before_cells_says_nothing(asked: Asked) -> None:
    assert asked.parts("LFP full-cells") == asked.parts("LFP full cells")


def test_british_and_american_spellings_find_the_same() -> None:
    assert "parameterization" in word_part("parameterisation").forms
    assert "modelling" in word_part("modeling").forms
