"""A maker with a part of a title names a thing, where it stands in one title alone."""

from __future__ import annotations

import pytest

from app.bootstrap import Services
from app.settings import load_settings
from records.rights import PUBLIC, Rights
from search.asking.ask import ask
from search.asking.reply import Reply
from tests.unit.search.asking.test_rights import FORBIDDEN, METADATA, record, services

OPEN = Rights(PUBLIC, PUBLIC)
BLADE, LANCE = ("Zirconia Power", "Blade 138 Ah", 138), ("Zirconia Power", "Lance 20 Ah", 20)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return Services(load_settings(home=tmp_path_factory.mktemp("home")))


def reply(made: Services, question: str, *cells: tuple[str, str, float, Rights]) -> Reply:
    return ask(services(made, [record(number, *cell) for number, cell in enumerate(cells)]), question, PUBLIC)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capacity of the Zirconia Power Blade?",
        "capacity of the Zirconia Blade",
        "zirconia power blade capacity",
        "how many Ah has the zirconia blade",
    ],
)
def test_a_maker_and_a_name_in_one_title_alone_is_that_thing(made: Services, question: str) -> None:
    answer = reply(made, question, (*BLADE, OPEN), (*LANCE, OPEN)).answer
    assert answer is not None
    assert (answer.value, answer.unit) == (138, "Ah")


@pytest.mark.parametrize(
    "question",
    [
        "What is the capacity of the Kokam Blade?",  # of another maker
        "What is the capacity of the Zirconia Power Sword?",
        "What is the capacity of the Zirconia lance?",  # a word, where the maker has its capital
        "What is the capacity of the Zirconia Power Ah?",
    ],
)
def test_another_maker_or_name_is_nothing(made: Services, question: str) -> None:
    assert reply(made, question, (*BLADE, OPEN), (*LANCE, OPEN), ("Kokam", "KO 5", 5, OPEN)).answer is None


def test_a_name_in_two_titles_is_neither(made: Services) -> None:
    two = (*BLADE, OPEN), ("Zirconia Power", "Blade 20 Ah", 20, OPEN)
    assert reply(made, "What is the capacity of the Zirconia Power Blade?", *two).answer is None


@pytest.mark.parametrize("rights", [FORBIDDEN, METADATA])
def test_what_may_not_be_read_makes_no_name_known_or_ambiguous(made: Services, rights: Rights) -> None:
    question = "What is the capacity of the Zirconia Power Blade?"
    other = ("Zirconia Power", "Blade 20 Ah", 20, rights)
    alone, beside = (reply(made, question, *cells) for cells in ([(*BLADE, OPEN)], [(*BLADE, OPEN), other]))
    assert alone.answer is not None
    assert alone.to_json() == beside.to_json()
    assert reply(made, question, other).answer is None
