"""The text of which embeddings are made: content in words, short, always the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from records.record import EntityKind
from search.summary import MOST_WORDS, Summaries
from tests.unit.search.test_similar import ASPECTS, CONCEPTS, GROUP, UNITS, quantity, record, use

summary = Summaries(CONCEPTS, UNITS, ASPECTS)


def a_cell(**given: Any) -> Any:
    return record(
        "EVE LF280K",
        [
            use("BatteryCell"),
            use("PrismaticBattery"),
            use("LithiumIronPhosphate", "PositiveElectrode", "ActiveMaterial"),
            use("Graphite", "NegativeElectrode"),
            use("ConstantCurrentCharging"),
        ],
        [quantity("RatedCapacity", 280.0), quantity("Mass", 5420.0, "g")],
        [(EntityKind.MANUFACTURER, "EVE Energy"), (EntityKind.MODEL, "LF280K"), (EntityKind.PERSON, "Ada Lovelace")],
        **given,
    )


def test_it_says_what_a_record_is_about_in_words() -> None:
    assert summary(a_cell()) == (
        "EVE LF280K; prismatic battery; positive electrode: lithium iron phosphate; negative electrode: graphite; "
        "constant current charging; EVE Energy, LF280K; rated capacity 280 Ah, mass 5420 g"
    )


def test_it_holds_nothing_but_content() -> None:
    known = a_cell()
    assert summary(a_cell(readers=GROUP)) == summary(known)
    assert summary(replace(known, id="t/x", iri="https://e.org/t", source="t", communities=("c",), validation="none")) == summary(
        known
    )


def test_a_long_record_has_a_short_summary() -> None:
    long = record("word " * 200, [use("Graphite")] * 50, [quantity("RatedCapacity", float(value)) for value in range(1, 50)])
    assert len(summary(long).split()) == MOST_WORDS < 100


def test_an_empty_record_has_its_title() -> None:
    assert summary(record("nothing known")) == "nothing known"


def test_numbers_of_a_part_are_not_told_as_those_of_the_whole() -> None:
    part = replace(quantity("Mass", 5.0, "g"), within=use("Graphite", "NegativeElectrode").within)
    assert summary(record("a", quantities=[part])) == "a"
