"""Which name was meant: the slips that people make, and how sure the guess is."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.nearest import MAX_NEAR, Entry, Names, nearest
from records.issues import Certainty

PROPERTIES = ("hasProperty", "hasNumericalPart", "hasMeasurementUnit", "hasNegativeElectrode", "hasPositiveElectrode", "author")
CLASSES = ("RatedCapacity", "NominalCapacity", "Mass", "BatteryCell", "CoinCell", "LithiumCobaltOxide")


def names(*texts: str) -> Names:
    return Names(Entry(text, text, f"https://x.org/{text}") for text in texts)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hasProperety", "hasProperty"),
        ("hasPropetry", "hasProperty"),
        ("hasPropert", "hasProperty"),
        ("hasPropertty", "hasProperty"),
        ("hasNumericlaPart", "hasNumericalPart"),
        ("HasProperty", "hasProperty"),
        ("has measurement unit", "hasMeasurementUnit"),
        ("has_measurement-unit", "hasMeasurementUnit"),
        ("authors", "author"),
    ],
)
def test_a_slip_a_case_or_a_separator_leaves_no_doubt(written: str, meant: str) -> None:
    assert nearest(written, [names(*PROPERTIES)]) == ((meant, Certainty.CERTAIN),)


@pytest.mark.parametrize(
    ("written", "meant"), [("property", "hasProperty"), ("hasAuthor", "author"), ("PropertyHas", "hasProperty")]
)
def test_a_stem_left_out_or_words_in_another_order_are_likely(written: str, meant: str) -> None:
    assert nearest(written, [names(*PROPERTIES)], stem="has") == ((meant, Certainty.LIKELY),)


def test_of_several_that_are_as_near_none_is_certain() -> None:
    near = nearest("RoinCell", [names("CoinCell", "JoinCell", "LoinCell", "SoinCell")])
    assert len(near) == MAX_NEAR
    assert {certainty for _, certainty in near} == {Certainty.POSSIBLE}


def test_two_names_of_one_thing_are_no_rivals() -> None:
    pool = Names([Entry("Real", "Real", "https://x.org/1"), Entry("Reel", "Reel", "https://x.org/1")])
    assert [certainty for _, certainty in nearest("Reall", [pool])] == [Certainty.CERTAIN]


def test_a_label_leads_to_the_name_of_what_it_names() -> None:
    pool = Names([*(Entry(text, text, text) for text in CLASSES), Entry("LCO", "LithiumCobaltOxide", "LithiumCobaltOxide")])
    assert nearest("lco", [pool]) == (("LithiumCobaltOxide", Certainty.CERTAIN),)


def test_a_name_is_not_doubtful_because_something_else_has_it_as_label() -> None:
    pool = Names([Entry("CoinCell", "ButtonCell", "button"), *(Entry(text, text, text) for text in CLASSES)])
    assert nearest("CoinCel", [pool]) == (("CoinCell", Certainty.CERTAIN),)


def test_what_a_thing_is_stands_in_its_last_word() -> None:
    near = nearest("RatedCapacityTest", [names("RatedCapacity", "CapacityTest")])
    assert near == (("CapacityTest", Certainty.POSSIBLE),)


@pytest.mark.parametrize("written", ["", "  ", "@", "???", "x", "pH", "Zebra", "x" * 500, "电池"])
def test_what_is_near_to_nothing_gets_no_suggestion(written: str) -> None:
    assert nearest(written, [names(*CLASSES)]) == ()


@given(st.text(max_size=60), st.lists(st.text(alphabet=string.printable, max_size=20), max_size=8))
def test_any_text_against_any_names_ends_and_gives_only_these(written: str, texts: list[str]) -> None:
    near = nearest(written, [names(*texts)], stem="has")
    assert len(near) <= MAX_NEAR
    assert {name for name, _ in near} <= set(texts)


@given(st.sampled_from(CLASSES + PROPERTIES), st.data())
def test_one_slip_in_a_long_name_finds_it_again(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(name) - 2))
    swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    assert name in [near for near, _ in nearest(swapped, [names(*CLASSES, *PROPERTIES)])]
