"""Everyday sayings for what records have a name for, temperatures in words, citations, and people that only texts name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.record import Entity, EntityKind, Record
from records.rights import PUBLIC, Rights
from search.query import TextPart
from search.service import Readable
from search.understanding.sayings import in_names
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    asked = Asked()
    index = PlainIndex(asked.concepts.ancestors)
    feng = (Entity(EntityKind.PERSON, "Fei Feng", "", "/x", 1), Entity(EntityKind.PERSON, "Peter M. Attia", "", "/x", 1))
    index.apply([_record("1", "Chen2020 - graphite"), _record("2", "A cell", entities=feng), _record("3", "by Jingyu Feng")])
    asked.known = Readable(index, PUBLIC)
    yield asked
    index.close()


@pytest.mark.parametrize(
    ("question", "order"), [("as light as possible", "Mass"), ("LFP cell with as many cycles as possible", "CycleLife")]
)
def test_as_much_as_possible_is_a_superlative(asked: Asked, question: str, order: str) -> None:
    query = asked.query(question)
    assert query.order is not None
    assert query.order.labels[0] == order


def _record(number: str, title: str, entities: tuple[Entity, ...] = ()) -> Record:
    return Record(f"a/{number}", f"urn:{number}", title, "a", number, "", Rights(PUBLIC, PUBLIC), entities=entities)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("what survives the most charging and discharging, ten thousand times or more", ["CycleLife ≥ 10000"]),
        ("cells that can be recharged more than 3000 times", ["CycleLife > 3000"]),
        ("current can be drawn in short bursts above 100 A", ["MaximumPulseDischargingCurrent > 100 A"]),
        ("works in arctic cold, minus thirty", ["MinimumDischargingTemperature ≤ -30 °C"]),
        ("works at minus thirty-five degrees", ["MinimumDischargingTemperature ≤ -35 °C"]),
        ("survives heat of 70 degrees", ["MaximumDischargingTemperature ≥ 70 °C"]),
        ("must not drop below 2.5 V", ["LowerVoltageLimit = 2.5 V (±0.5 %)"]),
        ("glue that holds the electrode powder together", ["Binder"]),
        ("thin metal sheets that the coating is on", ["CurrentCollector"]),
        ("the plastic film between anode and cathode", ["Separator"]),
        ("how a battery ages in a drawer", ["StorageTest"]),
    ],
)
def test_a_saying_is_read_as_the_name_that_records_have(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("the flat little battery for a wrist watch or key fob", "the coin cells"),
        ("batteries packed in a soft bag", "batteries pouch"),
        ("boxy LFP cells", "prismatic LFP cells"),
        ("batteries that breathe air", "metal-air batteries"),
        ("cells that take oxygen from the surrounding air", "metal-air batteries"),
        ("throw-away cells", "non-rechargeable cells"),
        ("what happens when a battery is heated until it burns", "thermal runaway test"),
        ("can I leave it in the freezer and still use it at minus 20?", "works at minus 20?"),
        ("cells you can fill and empty five hundred times", "cells cycle life five hundred times"),
        ("charged in less than half an hour", "charging in less than half an hour"),
        ("flat cells, thinner than a finger, below 8 mm", "flat cells, thinner  below 8 mm"),
        ("one year on the shelf at half charge", "calendar ageing at half charge"),
        ("thin metal foil under the anode coating", "anode current collector"),
        ("how often can I charge an LFP cell", "cycle life an LFP cell"),
        ("galvanostatic cycling data files", "galvanostatic cycling datasets"),
    ],
)
def test_everyday_words_are_the_names_of_what_records_have(question: str, names: str) -> None:
    assert in_names(question) == names


@pytest.mark.parametrize(
    "question",
    [
        "smart watch battery",
        "lighter than 50 g or thinner than 5 mm",
        "NMC cells charged at 1C",
        "heated until 200 °C",
        "air cooling of a battery",
        "metal foil",
        "empty",
        "columns of cycler data files",
        "state of charge after an hour",
    ],
)
def test_what_can_mean_something_else_is_no_saying(question: str) -> None:
    assert in_names(question) == question


def test_what_is_quoted_stays_as_it_is() -> None:
    assert in_names('"short bursts" and short bursts') == '"short bursts" and maximum pulse discharging current'


def test_a_citation_is_found_as_texts_write_it(asked: Asked) -> None:
    (part,) = asked.parts("Chen et al. 2020")
    assert isinstance(part, TextPart)
    assert part.forms == ("Chen 2020", "Chen2020")


def test_somebody_whom_only_a_text_names_is_no_other_one_of_that_family(asked: Asked) -> None:
    (part,) = asked.parts("Jingyu Feng")
    assert isinstance(part, TextPart)
    assert part.text == "Jingyu Feng"
    assert "Peter M. Attia" in " ".join(told(asked.parts("Peter Attia")))


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("constant current pulses followed by rest periods", "GITT or current interruption"),
        ("pulses and pauses to measure the lithium diffusion", "GITT"),
        ("calendaric ageing", "calendar ageing"),
        ("a calendar life investigation", "a calendar ageing"),
    ],
)
def test_tests_by_what_is_done_in_them(question: str, name: str) -> None:
    assert in_names(question) == name
