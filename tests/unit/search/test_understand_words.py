"""Years, adjectives and superlatives in questions."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from ontology.roles import Roles
from search.query import Facet, OrderBy, QuantityPart, TextPart, ValuePart, YearPart
from search.understanding.adjectives import adjectives, class_of, measured, superlatives
from search.understanding.kinds import kind_names
from search.understanding.vocabulary import Vocabulary
from tests.unit.search.asked import Asked, told


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked()


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("from 2019", 2019, 2019),
        ("from 2019 on", 2019, None),
        ("from 2019 onwards", 2019, None),
        ("since 2020", 2020, None),
        ("2015-2018", 2015, 2018),
        ("from 2015 to 2018", 2015, 2018),
        ("between 2019 and 2021", 2019, 2021),
        ("published in 2021", 2021, 2021),
        ("papers published 2021", 2021, 2021),
        ("after 2020", 2021, None),
        ("before 2010", None, 2009),
        ("until 2010", None, 2010),
        ("2018", 2018, 2018),
    ],
)
def test_years(asked: Asked, question: str, first: int | None, last: int | None) -> None:
    (part,) = asked.parts(question)
    assert isinstance(part, YearPart)
    assert (part.first, part.last) == (first, last)


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("cells published in the last 5 years", -5, None),
        ("LFP of the past three years", -3, None),
        ("datasets from the last decade", -10, None),
        ("over the last two decades", -20, None),
        ("data from this year", 0, 0),
        ("papers of last year", -1, -1),
        ("in the previous year", -1, -1),
    ],
)
def test_years_counted_back_from_today(asked: Asked, question: str, first: int, last: int | None) -> None:
    today = datetime.now(UTC).year
    (part,) = (part for part in asked.parts(question) if isinstance(part, YearPart))
    assert (part.first, part.last) == (today + first, None if last is None else today + last)


@pytest.mark.parametrize("question", ["cells that last 10 years", "a calendar life of 10 years", "batteries last 15 years"])
def test_how_long_cells_last_is_no_year(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, YearPart) for part in asked.parts(question))


@pytest.mark.parametrize(
    "question", ["capacity of 2021 mAh", "2000 cycles", "coin cell 2032", "2016 coin cells", "cycle life above 2000"]
)
def test_other_numbers_are_no_years(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, YearPart) for part in asked.parts(question))


@pytest.mark.parametrize(
    ("question", "condition"),
    [
        ("high power", "MaximumContinuousDischargingCurrent ≥ 20 A"),
        ("high-power cells", "MaximumContinuousDischargingCurrent ≥ 20 A"),
        ("high energy density", "SpecificEnergy ≥ 220 Wh/kg"),
        ("long life", "CycleLife ≥ 2000"),
        ("low resistance", "InternalResistance ≤ 20 mOhm"),
        ("lightweight cells", "Mass ≤ 50 g"),
        ("fast charging", "MaximumContinuousChargingCurrent ≥ 10 A"),
        ("low temperature", "MinimumDischargingTemperature ≤ -30 degC"),
    ],
)
def test_an_adjective_is_a_condition_with_its_definition(asked: Asked, question: str, condition: str) -> None:
    part = asked.quantity(question)
    assert told((part,)) == [condition]
    assert part.rule


def test_a_number_says_more_than_an_adjective(asked: Asked) -> None:
    assert told(asked.parts("high capacity above 3 Ah"))[-1] == "Capacity > 3 Ah"


def test_every_adjective_means_classes_of_its_dimension(asked: Asked) -> None:
    for adjective in adjectives():
        for words in adjective.words:
            (part,) = asked.parts(words)
            assert isinstance(part, QuantityPart), words
            assert part.kinds, words
            assert (part.minimum is None) != (part.maximum is None), words
            demanded = {asked.units.dimension_of_kind(asked.iri(kind)) for kind in adjective.kinds}
            assert demanded <= {part.dimension, None}, words


def test_every_name_in_our_tables_is_a_class(asked: Asked) -> None:
    vocabulary = Vocabulary(asked.lookup, asked.concepts, asked.units, Roles(asked.concepts))
    labels = {label for names in kind_names().values() for label in names}
    labels |= {label for one in superlatives() for label in one.kinds}
    labels |= {label for one in measured() for label in one.kinds}
    assert [label for label in labels if not class_of(label, vocabulary)] == []
    assert all(re.fullmatch(r"[a-z0-9 ]+", name) for name in kind_names())


@pytest.mark.parametrize(
    ("question", "label", "descending", "parts"),
    [
        ("lightest prismatic cell", "Mass", False, ["PrismaticBattery"]),
        ("heaviest cell", "Mass", True, []),
        ("highest capacity", "Capacity", True, []),
        ("the lowest internal resistance of 18650 cells", "InternalResistance", False, ["R18650"]),
        ("cell with the maximum capacity", "Capacity", True, []),
        ("longest cycle life", "CycleLife", True, []),
        ("longest lasting LFP", "CycleLife", True, ["LithiumIronPhosphate"]),
        ("the 5 lightest pouch cells", "Mass", False, ["PouchCell"]),
        ("cells sorted by mass", "Mass", False, []),
        ("sorted by capacity descending", "Capacity", True, []),
        ("top 10 cells by nominal voltage", "NominalVoltage", True, []),
        ("lightest LFP cell above 100 Ah", "Mass", False, ["LithiumIronPhosphate", "> 100 Ah"]),
        ("Hitachi with the most ampere hours", "RatedCapacity", True, ["“Hitachi”"]),
        ("the fewest grams", "Mass", False, []),
        ("coin cell that weighs the least", "Mass", False, ["CoinCell"]),
        ("pouch, the greatest number of cycles", "CycleLife", True, ["PouchCell"]),
        ("highest stated capacity", "Capacity", True, []),
        ("strongest continuous discharge", "MaximumContinuousDischargingCurrent", True, []),
        ("the strongest prismatic cell", "MaximumContinuousDischargingCurrent", True, ["PrismaticBattery"]),
        ("heaviest mass", "Mass", True, []),
        ("fattest pouch cell, by width", "Width", True, ["PouchCell"]),
        ("densest graphite", "Density", True, ["Graphite"]),
    ],
)
def test_superlatives_put_hits_in_order(asked: Asked, question: str, label: str, descending: bool, parts: list[str]) -> None:
    query = asked.query(question)
    assert query.order is not None
    assert query.order.labels[0] == label
    assert asked.iri(label) in query.order.kinds
    assert query.order.descending is descending
    assert told(query.parts) == parts


@pytest.mark.parametrize(
    ("question", "by", "descending", "parts"),
    [
        ("newest LFP", OrderBy.DATE, True, ["LithiumIronPhosphate"]),
        ("latest test protocols", OrderBy.DATE, True, ["Procedure"]),
        ("the 5 oldest", OrderBy.DATE, False, []),
        ("most recently released LFP", OrderBy.RELEASED, True, ["LithiumIronPhosphate"]),
        ("LFP, newest first", OrderBy.DATE, True, ["LithiumIronPhosphate"]),
        ("datasets sorted by date", OrderBy.DATE, True, ["Dataset"]),
        ("datasets by date, oldest first", OrderBy.DATE, False, ["Dataset"]),
        ("datasets in chronological order", OrderBy.DATE, False, ["Dataset"]),
        ("LFP by release date", OrderBy.RELEASED, True, ["LithiumIronPhosphate"]),
    ],
)
def test_words_for_age_put_hits_in_the_order_of_a_date(
    asked: Asked, question: str, by: OrderBy, descending: bool, parts: list[str]
) -> None:
    query = asked.query(question)
    assert query.order is not None
    assert (query.order.by, query.order.descending) == (by, descending)
    assert told(query.parts) == parts


def test_how_wide_a_range_is_is_no_width(asked: Asked) -> None:
    assert asked.query("widest temperature range").order is None
    assert asked.query("widest cell").order is not None


def test_what_cannot_be_put_in_order_stays_text(asked: Asked) -> None:
    query = asked.query("cheapest LFP cell")
    assert query.order is None
    assert isinstance(query.parts[0], TextPart)
    assert query.parts[0].text == "cheapest"


def test_a_full_cell_is_a_cell(asked: Asked) -> None:
    assert not any(isinstance(part, TextPart) for part in asked.parts("LCO graphite full cells"))
    assert any("full" in part.text for part in asked.parts("cells of full text"))


@pytest.mark.parametrize(
    "question", ["32700-type round cells", "32700 type", "32700-size", "the 32700 format", "round cells, 32700-class"]
)
def test_a_size_is_a_size_with_words_about_it(asked: Asked, question: str) -> None:
    assert [part.text for part in asked.parts(question) if "32700" in part.text] == ["32700"]


@pytest.mark.parametrize(
    "question",
    [
        "Vietnamese-made cells", "cells made in Vietnam", "Vietnam-built", "which cells come from Vietnam", "of Vietnamese origin",
        "country of origin: Vietnam", "cells whose country of origin is Vietnam",
    ],
)  # fmt: skip
def test_a_country_is_that_in_which_something_was_made(asked: Asked, question: str) -> None:
    (part,) = asked.parts(question)
    assert isinstance(part, ValuePart)
    assert (part.facet, part.value) == (Facet.COUNTRY, "Vietnam")
