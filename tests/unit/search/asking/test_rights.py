"""What may not be read changes no answer, and no text makes answering fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bootstrap import Services
from app.settings import load_settings
from ontology import terms
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.asking.ask import ask
from search.asking.services import AskServices
from search.service import SearchServices
from tests.unit.search.plain_index import PlainIndex

FORBIDDEN = Rights(frozenset({"community:secret"}), frozenset({"community:secret"}))
METADATA = Rights(PUBLIC, frozenset({"community:secret"}))
MAKERS = ("A123", "Kokam", "Zirconia Power")
MODELS = ("20AH", "INR21700-M50", "ZX-77", "KO 5", "Blade 20 Ah")
WORDS = (
    *("what is the", "how many", "which", "compare", "is", "lightest", "average", "who makes", "highest", "are there"),
    *(
        "rated capacity",
        "nominal voltage",
        "of",
        "mass",
        "and",
        "cells",
        "LFP",
        "above 10 Ah",
        "in mAh",
        "in grams",
        "heavier than",
    ),
    *(
        "Zirconia Power ZX-77",
        "A123 20AH",
        "LG M50",
        "Kokam KO 5",
        "Kokam Blade",
        "INR21700-M50",
        "cobalt",
        "made by",
        "?",
        "at C/5",
        "top 3",
    ),
    *("newest", "oldest", "second", "total", "ratio of", "where is", "who makes the most", "how many different models", "the"),
    *("how many times heavier", "chemistries", "zirconiapowerzx77", "a123-20ah", "ZX77", "list all manufacturers", "rechargeable"),
    *("what fraction of", "share of cells that are", "compare the mass of", "versus", "electrolytes"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return Services(load_settings(home=tmp_path_factory.mktemp("home")))


def record(number: int, maker: str, model: str, capacity: float, rights: Rights) -> Record:
    """A cell of a maker, with a capacity and an LFP electrode."""
    return Record(
        f"lab/{number}",
        f"urn:{number}",
        f"{maker} {model}",
        "lab",
        f"{number}.json",
        "",
        rights,
        concepts=(ConceptUse(terms.BATTERY_CELL, (), "", 1),),
        quantities=(
            Quantity((terms.RATED_CAPACITY,), capacity, "Ah", capacity * 3600, "A·s", "T·I", "/hasProperty/0", 5),
            Quantity((terms.NOMINAL_VOLTAGE,), 3.2, "V", 3.2, "V", "L²·M·T⁻³·I⁻¹", "/hasProperty/1", 9),
        ),
        entities=(Entity(EntityKind.MANUFACTURER, maker, "", "/m", 2), Entity(EntityKind.MODEL, model, "", "/n", 3)),
    )


def services(made: Services, records: Sequence[Record]) -> AskServices:
    index = PlainIndex(made.concepts.ancestors)
    index.apply(records)
    return AskServices(SearchServices(index, made.lookup, made.concepts, made.units))


cells = st.lists(
    st.tuples(
        st.sampled_from(MAKERS),
        st.sampled_from(MODELS),
        st.floats(1, 100).map(lambda value: round(value, 1)),
        st.sampled_from((Rights(PUBLIC, PUBLIC), FORBIDDEN, METADATA)),
    ),
    max_size=6,
)
questions = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)


@settings(max_examples=100)
@given(cells=cells, question=questions)
def test_an_answer_is_the_same_without_what_may_not_be_read(
    made: Services, cells: list[tuple[str, str, float, Rights]], question: str
) -> None:
    every = [record(number, *cell) for number, cell in enumerate(cells)]
    readable = [one for one in every if one.rights is not FORBIDDEN]
    bare = [replace(one, concepts=(), quantities=(), entities=()) if one.rights is METADATA else one for one in readable]
    told = [ask(services(made, each), question, PUBLIC).to_json() for each in (every, readable, bare)]
    assert told[0] == told[1] == told[2]


@settings(max_examples=100)
@given(
    question=st.text(max_size=200)
    | questions
    | st.lists(st.sampled_from((*WORDS, "⟦0⟧", "⟦9⟧", "%", "\x00", "“", "'"))).map("".join)
)
def test_every_text_is_answered_or_not(made: Services, question: str) -> None:
    reply = ask(services(made, [record(1, "A123", "20AH", 20, Rights(PUBLIC, PUBLIC))]), question, PUBLIC)
    assert reply.understood
    assert (reply.answer is None) == reply.to_json()["abstained"]
    assert reply.to_json()["question"] == question


@pytest.mark.parametrize(
    "seen", ["\u202emass of the A123\u200b 20AH", "\x00rated capacity\x01of\tthe A123 20AH", "﻿A123 20AH rated capacity"]
)
def test_what_nobody_sees_of_a_question_changes_nothing(made: Services, seen: str) -> None:
    answer = ask(
        services(made, [record(1, "A123", "20AH", 20, Rights(PUBLIC, PUBLIC))]), seen.replace("mass", "rated capacity"), PUBLIC
    )
    assert answer.answer is not None
    assert answer.answer.value == 20


@pytest.mark.parametrize("asked", ["Какова масса A123 20AH?", "A123 20AH 的质量是多少", "ما هي كتلة A123 20AH", "🔋" * 300])
def test_what_is_not_understood_in_other_scripts_is_not_answered(made: Services, asked: str) -> None:
    assert ask(services(made, [record(1, "A123", "20AH", 20, Rights(PUBLIC, PUBLIC))]), asked, PUBLIC).answer is None


def test_none_is_no_answer_where_a_readable_title_says_otherwise(made: Services) -> None:
    """A forbidden title changes nothing: then there is none."""
    told = [
        ask(
            services(made, [replace(record(1, "A123", "20AH", 20, rights), title="Trial of acid and lead")]),
            "How many lead acid batteries?",
            PUBLIC,
        )
        for rights in (Rights(PUBLIC, PUBLIC), FORBIDDEN)
    ]
    assert told[0].answer is None
    assert "Trial of acid and lead" in told[0].understood
    assert told[1].answer is not None
    assert told[1].answer.value == 0


def test_a_question_of_the_longest_length_is_read_soon(made: Services) -> None:
    """Patterns that go back and forth would take minutes for one of these."""
    reading = services(made, [record(1, "A123", "20AH", 20, Rights(PUBLIC, PUBLIC))])
    for words in (
        *(
            "cells with the ",
            "second third ",
            "most heaviest ",
            "where is ",
            "when published ",
            "ratio of ",
            "(g) ",
            "in (g",
            "1 1 1 ",
        ),
        *("what is the ", "the 3 top ", "of the of ", "higher than ", "A123 20AH ", "how many how many ", "a in g in "),
    ):
        assert ask(reading, (words * 500)[:1000], PUBLIC).understood
