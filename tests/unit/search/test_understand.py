"""Questions as people write them, understood with the fact table that comes with the program."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.query import ConceptPart, Part, QuantityPart, Query, TextPart, merged
from search.understanding.numerals import APPROXIMATE, EQUAL
from tests.unit.search.asked import Asked


@pytest.fixture(scope="module")
def ontology() -> Asked:
    return Asked()


def quantities(parts: tuple[Part, ...]) -> list[QuantityPart]:
    return [part for part in parts if isinstance(part, QuantityPart)]


def concepts(parts: tuple[Part, ...]) -> list[ConceptPart]:
    return [part for part in parts if isinstance(part, ConceptPart)]


def texts(parts: tuple[Part, ...]) -> list[str]:
    return [part.text for part in parts if isinstance(part, TextPart)]


AH = 3600.0


@pytest.mark.parametrize(
    ("question", "low", "high", "low_included", "high_included"),
    [
        ("above 100 Ah", 100, None, False, False),
        ("> 100 Ah", 100, None, False, False),
        (">100Ah", 100, None, False, False),
        ("more than 100 Ah", 100, None, False, False),
        ("over 100 Ah", 100, None, False, False),
        (">= 100 Ah", 100, None, True, False),
        ("≥100 Ah", 100, None, True, False),
        ("at least 100 Ah", 100, None, True, False),
        ("no less than 100 Ah", 100, None, True, False),
        ("not below 100 Ah", 100, None, True, False),
        ("100 Ah or more", 100, None, True, False),
        ("100 Ah and above", 100, None, True, False),
        ("100+ Ah", 100, None, True, False),
        ("100 Ah+", 100, None, True, False),
        ("below 100 Ah", None, 100, False, False),
        ("less than 100 Ah", None, 100, False, False),
        ("under 100 Ah", None, 100, False, False),
        ("<= 100 Ah", None, 100, False, True),
        ("at most 100 Ah", None, 100, False, True),
        ("no more than 100 Ah", None, 100, False, True),
        ("not above 100 Ah", None, 100, False, True),
        ("up to 100 Ah", None, 100, False, True),
        ("max. 100 Ah", None, 100, False, True),
        ("100 Ah or less", None, 100, False, True),
        ("between 50 and 100 Ah", 50, 100, True, True),
        ("from 50 to 100 Ah", 50, 100, True, True),
        ("50-100 Ah", 50, 100, True, True),
        ("50 – 100 Ah", 50, 100, True, True),
        ("50 to 100 Ah", 50, 100, True, True),
        ("between 50000 mAh and 100 Ah", 50, 100, True, True),
        ("75 ± 25 Ah", 50, 100, True, True),
        ("100 Ah", 100 * (1 - EQUAL), 100 * (1 + EQUAL), True, True),
        ("100Ah", 100 * (1 - EQUAL), 100 * (1 + EQUAL), True, True),
        ("exactly 100 Ah", 100 * (1 - EQUAL), 100 * (1 + EQUAL), True, True),
        ("about 100 Ah", 100 * (1 - APPROXIMATE), 100 * (1 + APPROXIMATE), True, True),
        ("~100 Ah", 100 * (1 - APPROXIMATE), 100 * (1 + APPROXIMATE), True, True),
        ("above 1,000 Ah", 1000, None, False, False),
        ("above 1 000 Ah", 1000, None, False, False),
        ("above 1e3 Ah", 1000, None, False, False),
        ("above 2.5 Ah", 2.5, None, False, False),
        ("above 2,5 Ah", 2.5, None, False, False),
        ("above .5 Ah", 0.5, None, False, False),
        ("above 1,234.5 Ah", 1234.5, None, False, False),
        ("ABOVE 100 AH", 100, None, False, False),
    ],
)
def test_conditions_and_numbers(
    ontology: Asked, question: str, low: float | None, high: float | None, low_included: bool, high_included: bool
) -> None:
    (part,) = ontology.parts(question)
    assert isinstance(part, QuantityPart)
    assert part.dimension == "T·I"
    assert part.kinds == frozenset()
    assert part.minimum == (None if low is None else pytest.approx(low * AH))
    assert part.maximum == (None if high is None else pytest.approx(high * AH))
    assert (part.minimum_included, part.maximum_included) == (low_included, high_included)


@pytest.mark.parametrize(
    ("question", "label", "asked"),
    [
        ("capacity above 100 Ah", "Capacity", "> 100 Ah"),
        ("with a capacity of at least 3 Ah", "Capacity", "≥ 3 Ah"),
        ("100 Ah capacity", "Capacity", "= 100 Ah (±0.5 %)"),
        ("nominal voltage 3.2 V", "NominalVoltage", "= 3.2 V (±0.5 %)"),
        ("3.2 V nominal voltage", "NominalVoltage", "= 3.2 V (±0.5 %)"),
        ("nominal voltage between 3.2 and 3.7 V", "NominalVoltage", "3.2–3.7 V"),
        ("mass below 2 kg", "Mass", "< 2 kg"),
        ("weigh less than 2 kg", "Mass", "< 2 kg"),
        ("lighter than 50 g", "Mass", "< 50 g"),
        ("heavier than 1 kg", "Mass", "> 1 kg"),
        ("10 mm thick", "Thickness", "= 10 mm (±0.5 %)"),
        ("thinner than 10 mm", "Thickness", "< 10 mm"),
        ("internal resistance less than 50 mOhm", "InternalResistance", "< 50 mOhm"),
        ("at least 3000 cycles", "CycleLife", "≥ 3000"),
        ("cycle life more than 2000", "CycleLife", "> 2000"),
        ("cycle life over 2000 cycles", "CycleLife", "> 2000"),
        ("max discharge current over 100 A", "MaximumContinuousDischargingCurrent", "> 100 A"),
        ("energy density above 200 Wh/kg", "SpecificEnergy", "> 200 Wh/kg"),
        ("current above 10 A", "ElectricCurrent", "> 10 A"),
    ],
)
def test_words_beside_a_number_pick_its_kind(ontology: Asked, question: str, label: str, asked: str) -> None:
    (part,) = ontology.parts(question)
    assert isinstance(part, QuantityPart)
    assert label in part.labels
    assert ontology.lookup.find(label)[0].iri in part.kinds
    assert part.asked == asked


def test_each_number_keeps_its_own_kind(ontology: Asked) -> None:
    parts = ontology.parts("mass below 2 kg and capacity above 100 Ah, 3.2 V nominal voltage")
    assert [(part.labels[0], part.asked) for part in quantities(parts)] == [
        ("Mass", "< 2 kg"),
        ("Capacity", "> 100 Ah"),
        ("NominalVoltage", "= 3.2 V (±0.5 %)"),
    ]
    assert len(parts) == 3


def test_the_question_of_the_design_becomes_three_parts(ontology: Asked) -> None:
    prismatic, lfp, capacity = ontology.parts("prismatic LFP cell above 100 Ah")
    assert isinstance(prismatic, ConceptPart)
    assert {"PrismaticCase", "PrismaticBattery"} <= set(prismatic.labels)
    assert isinstance(lfp, ConceptPart)
    assert set(lfp.labels) == {"LithiumIronPhosphate", "LithiumIronPhosphateElectrode", "LithiumIonIronPhosphateBattery"}
    assert set(lfp.concepts) <= lfp.expanded
    assert lfp.words == ("LFP",)
    assert isinstance(capacity, QuantityPart)
    assert (capacity.minimum, capacity.maximum, capacity.minimum_included) == (360000.0, None, False)


@pytest.mark.parametrize("question", ["prismatc lithum iron phosphate", "Prismatic cells with lithium iron phosphate"])
def test_typing_errors_and_long_names_are_understood(ontology: Asked, question: str) -> None:
    found = concepts(ontology.parts(question))
    assert any("PrismaticCase" in part.labels for part in found)
    assert any("LithiumIronPhosphate" in part.labels for part in found)


@pytest.mark.parametrize("word", ["cell", "cells", "battery", "batteries"])
def test_words_for_what_every_record_is_about_count_only_alone(ontology: Asked, word: str) -> None:
    assert concepts(ontology.parts(word))
    assert ontology.parts(f"Panasonic {word}") == (TextPart("Panasonic"),)
    assert len(ontology.parts(f"{word} above 100 Ah")) == 1


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("A123", ["A123"]),
        ("show me all cells made by Panasonic please", ["Panasonic"]),
        ("Panasonic NCR18650B", ["Panasonic", "NCR18650B"]),
        ("Lishen LP71173207-272Ah", ["Lishen", "LP71173207-272Ah"]),
        ("BMZ 40PS1", ["BMZ", "40PS1"]),
    ],
)
def test_what_is_not_understood_stays_text_and_model_codes_stay_whole(ontology: Asked, question: str, words: list[str]) -> None:
    parts = ontology.parts(question)
    assert texts(parts) == words
    assert len(parts) == len(words)


def test_a_size_is_a_concept_or_a_word(ontology: Asked) -> None:
    (part,) = ontology.parts("18650 cells")
    assert isinstance(part, ConceptPart)
    assert "R18650" in part.labels
    assert part.words == ("18650",)


@pytest.mark.parametrize(
    ("question", "label"),
    [("R18650 case", "R18650"), ("LP30 electrolyte", "LP30"), ("NMC cathode", "LithiumNickelManganeseCobaltOxide")],
)
def test_a_broader_word_after_a_name_only_repeats_it(ontology: Asked, question: str, label: str) -> None:
    (part,) = ontology.parts(question)
    assert isinstance(part, ConceptPart)
    assert label in part.labels
    assert part.text == question


def test_a_number_in_a_name_is_no_quantity_and_the_next_one_is(ontology: Asked) -> None:
    nmc, energy = ontology.parts("NMC 811 200 Wh/kg")
    assert isinstance(nmc, ConceptPart)
    assert isinstance(energy, QuantityPart)
    assert energy.asked == "= 200 Wh/kg (±0.5 %)"


def test_temperatures_convert_on_their_scale(ontology: Asked) -> None:
    (part,) = ontology.parts("-20 to 60 °C")
    assert isinstance(part, QuantityPart)
    assert part.minimum == pytest.approx(253.15)
    assert part.maximum == pytest.approx(333.15)


def test_a_number_beyond_all_bounds_stays_text(ontology: Asked) -> None:
    assert quantities(ontology.parts("above 1e999 Ah")) == []
    (part,) = quantities(ontology.parts("about 1e307 Ah"))
    assert part.bounds[0] <= part.bounds[1]


@pytest.mark.parametrize("question", ["", "   ", "?!", "the of and"])
def test_a_question_without_content_has_no_parts(ontology: Asked, question: str) -> None:
    assert ontology.parts(question) == ()


@settings(max_examples=150, deadline=None)
@given(
    question=st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from(
                [
                    "LFP",
                    "above",
                    "100",
                    "Ah",
                    "-",
                    "2.5",
                    "V",
                    "between",
                    "and",
                    "cell",
                    "capacity",
                    "±",
                    "+",
                    "1 000",
                    "e3",
                    ">",
                    "%",
                ]
            ),
            max_size=12,
        ).map(" ".join),
    )
)
def test_any_text_is_understood_somehow_and_always_alike(ontology: Asked, question: str) -> None:
    parts = ontology.parts(question)
    assert parts == ontology.parts(question)
    assert len(set(parts)) == len(parts)
    for part in quantities(parts):
        low, high = part.bounds
        assert low <= high


def test_parts_are_added_once_and_removed_by_position() -> None:
    query = Query("a b", (TextPart("a"), TextPart("b")))
    assert merged(query, [TextPart("a"), TextPart("c")]).parts == (TextPart("a"), TextPart("b"), TextPart("c"))
    assert merged(query, [], without=[0, 7]).parts == (TextPart("b"),)
