from __future__ import annotations

from dataclasses import replace

import pytest

from records.record import ConceptUse, Condition, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.matching import CONTEXT, explain, matches, nesting, order_value, ordering_quantity, score_parts
from search.query import (
    ConceptPart,
    EitherPart,
    EntityPart,
    Expansion,
    Facet,
    Order,
    Part,
    QuantityPart,
    Query,
    TextPart,
    ValuePart,
    YearPart,
)
from search.ranking import (
    EXACT_CONCEPT,
    IMPLIED_CONCEPT,
    NAME,
    NARROWER_CONCEPT,
    NARROWER_QUANTITY,
    NEAR_ROOT,
    QUANTITY,
    RARITY,
    TITLE_WORD,
    WORD,
)

BLANK = Record("s/r", "urn:r", "", "s", "r.json", "", Rights(PUBLIC, PUBLIC))


def a_record(title: str = "", text: str = "", **fields: object) -> Record:
    return replace(BLANK, title=title, text=text, **fields)  # type: ignore[arg-type]


def a_capacity(value: float | None, pointer: str = "/p/0", line: int = 1) -> Quantity:
    return Quantity(("urn:k",), 1.0, "Ah", value, "A·s", "T·I", pointer, line)


def capacity(low: float | None, high: float | None, *, included: bool = False) -> QuantityPart:
    return QuantityPart("q", frozenset({"urn:k"}), (), low, high, included, included, "Ah", "T·I")


def concept(*iris: str, narrower: tuple[str, ...] = (), **fields: object) -> ConceptPart:
    part = ConceptPart("c", iris, iris, frozenset((*iris, *narrower)))
    return replace(part, **fields)  # type: ignore[arg-type]


def test_a_match_in_a_long_text_shows_some_words_around_it_and_marks_the_word() -> None:
    [match] = explain(Query("", (TextPart("needle"),)), a_record("", "hay " * 500 + "Needle\n\n" + "hay " * 500))
    assert "hay Needle hay" in match.context
    assert len(match.context) <= 2 * CONTEXT + len("needle")
    assert [match.context[start:end] for start, end in match.spans] == ["Needle"]


def test_a_title_is_shown_whole_and_goes_before_the_text() -> None:
    [match] = explain(Query("", (TextPart("lifepo4"),)), a_record("A LiFePO₄ cell", "LiFePO4"))
    assert (match.word, match.field, match.context, match.spans) == ("LiFePO₄", "title", "A LiFePO₄ cell", ((2, 9),))


def test_a_whole_word_in_the_text_goes_before_the_beginning_of_one_in_the_title() -> None:
    [match] = explain(Query("", (TextPart("cell"),)), a_record("cellulose", "one cell"))
    assert (match.word, match.field) == ("cell", "text")


def test_the_nearest_exact_use_that_the_document_says_itself_explains_a_concept() -> None:
    uses = (
        ConceptUse("urn:narrow", (), "", 1),
        ConceptUse("urn:asked", (), "", 1, implied_by="urn:other"),
        ConceptUse("urn:asked", ("a", "b"), "/a/b", 2),
        ConceptUse("urn:asked", ("a",), "/a", 3),
        ConceptUse("urn:other", (), "", 4),
    )
    part = concept("urn:asked", narrower=("urn:narrow",))
    [match] = explain(Query("", (part,)), a_record(concepts=uses))
    assert match.concept == uses[3]


def test_a_concept_in_a_role_is_one_within_it_and_never_a_word() -> None:
    inside = ConceptUse("urn:LFP", ("p",), "/p", 1, within=("urn:PositiveElectrode", "urn:ActiveMaterial"))
    asked = concept("urn:LFP", words=("LFP",), role="urn:PositiveElectrode", roles=frozenset({"urn:PositiveElectrode"}))
    assert matches(asked, a_record(concepts=(inside,)))
    assert not matches(asked, a_record(concepts=(replace(inside, within=("urn:NegativeElectrode",)),)))
    assert not matches(asked, a_record("LFP", "LFP"))
    assert matches(replace(asked, role="", roles=frozenset()), a_record("LFP cell"))


@pytest.mark.parametrize(
    ("part", "value", "hit"),
    [
        (capacity(100, None), 100.0, False),
        (capacity(100, None), 100.0 + 1e-10, False),
        (capacity(100, None), 100.001, True),
        (capacity(100, None, included=True), 100.0 - 1e-10, True),
        (capacity(100, None, included=True), 99.999, False),
        (capacity(None, 100), 100.0, False),
        (capacity(None, 100, included=True), 100.0 + 1e-10, True),
        (capacity(0, None), 0.0, False),
        (capacity(0, None), 1e-300, True),
        (capacity(None, 0), 0.0, False),
        (capacity(None, 0, included=True), 0.0, True),
        (capacity(-20, None), -20.0, False),
        (capacity(-20, None, included=True), -20.0, True),
        (capacity(-1e300, None), float("inf"), False),
        (capacity(0, None), float("nan"), False),
        (capacity(0, None), None, False),
        (capacity(None, None), 5.0, True),
        (capacity(None, None), None, True),
    ],
)
def test_bounds_forgive_rounding_and_nothing_else(part: QuantityPart, value: float | None, hit: bool) -> None:
    assert matches(part, a_record(quantities=(a_capacity(value),))) is hit


def test_the_least_nested_quantity_explains_a_number() -> None:
    deep, near = a_capacity(5.0, "/hasPart/hasProperty/0", 2), a_capacity(5.0, "/hasProperty/12", 9)
    [match] = explain(Query("", (capacity(1, None),)), a_record(quantities=(deep, near)))
    assert match.quantity == near


def test_conditions_must_hold_on_the_same_quantity() -> None:
    warm = Condition(("urn:T",), 60.0, "degC", 333.15, "K", "Θ", "/p/0/at", 2)
    cold = replace(warm, value=25.0, base_value=298.15)
    at_25 = QuantityPart("at 25 °C", frozenset(), (), 298.0, 298.3, True, True, "°C", "Θ")
    asked = replace(capacity(5, None), conditions=(at_25,))
    high, low = a_capacity(9.0), a_capacity(1.0)
    assert matches(asked, a_record(quantities=(replace(high, conditions=(cold,)),)))
    assert not matches(asked, a_record(quantities=(replace(high, conditions=(warm,)), replace(low, conditions=(cold,)))))
    assert not matches(asked, a_record(quantities=(high,)))


def test_a_quantity_of_a_part_is_not_that_of_the_whole() -> None:
    asked = replace(capacity(1, None), role="urn:Electrode", roles=frozenset({"urn:Electrode"}))
    assert not matches(asked, a_record(quantities=(a_capacity(5.0),)))
    assert matches(asked, a_record(quantities=(replace(a_capacity(5.0), within=("urn:Electrode",)),)))


def test_a_name_matches_however_it_is_spelt_as_what_it_was_asked_for() -> None:
    record = a_record(entities=(Entity(EntityKind.MANUFACTURER, "Samsung SDI Co., Ltd.", "https://e.org/samsung"),))
    assert matches(EntityPart("s", EntityKind.MANUFACTURER, ("samsung sdi",), "Samsung"), record)
    assert matches(EntityPart("s", None, ("samsung sdi",), "Samsung"), record)
    assert matches(EntityPart("s", None, (), "Samsung", "https://e.org/samsung"), record)
    assert not matches(EntityPart("s", EntityKind.SUPPLIER, ("samsung sdi",), "Samsung"), record)
    assert not matches(EntityPart("s", None, ("samsung",), "Samsung"), record)
    nameless = a_record(entities=(Entity(EntityKind.MODEL, "-"),))
    assert not matches(EntityPart("", None, ("",), ""), nameless)


@pytest.mark.parametrize(
    ("first", "last", "date", "hit"),
    [
        (2019, 2020, "2019-05", True),
        (2019, None, "2024", True),
        (None, 2018, "2019", False),
        (2019, 2019, "", False),
        (None, None, "soon", False),
        (None, None, "1999-01-01T00:00", True),
    ],
)
def test_years_count_both_ends_and_need_a_date(first: int | None, last: int | None, date: str, hit: bool) -> None:
    assert matches(YearPart("y", first, last), a_record(date=date)) is hit


def test_a_year_of_release_is_not_that_of_the_record() -> None:
    record = a_record(date="2026-01-02", released="2019-05")
    assert matches(YearPart("y", 2019, 2019, released=True), record)
    assert not matches(YearPart("y", 2026, 2026, released=True), record)
    assert not matches(YearPart("y", 2019, 2019, released=True), a_record(date="2019"))


def test_values_match_as_they_stand_and_nothing_is_no_value() -> None:
    record = a_record(licence="CC0", communities=("s/community:a", "s/community:b"), validation="warning")
    found = [(Facet.LICENCE, "CC0"), (Facet.COMMUNITY, "s/community:b"), (Facet.VALIDATION, "warning"), (Facet.SOURCE, "s")]
    assert all(matches(ValuePart(value, facet, value), record) for facet, value in found)
    assert not any(matches(ValuePart(value, facet, f"{value}x"), record) for facet, value in found)
    assert not matches(ValuePart("", Facet.LICENCE, ""), a_record())


PARTS: list[Part] = [
    TextPart("x"),
    capacity(1, None),
    concept("urn:c"),
    EntityPart("e", None, ("e",), "E"),
    YearPart("y", 2000, 2000),
    ValuePart("v", Facet.LICENCE, "v"),
]


def test_a_part_that_does_not_match_explains_nothing_and_denied_it_matches() -> None:
    assert explain(Query("", tuple(PARTS)), a_record("y")) == ()
    assert all(matches(replace(part, negated=True), a_record("y")) for part in PARTS)


def test_a_denied_part_has_nothing_to_show_and_no_points() -> None:
    record = a_record("x", date="2000")
    denied = Query("", (replace(PARTS[0], negated=True), PARTS[4]))
    assert not matches(denied.parts[0], record)
    assert [match.part for match in explain(denied, record)] == [1]
    assert score_parts(denied, record, lambda _: 1.0, 0.9) == {"name": NAME}


def test_scores_are_sums_of_the_stated_constants() -> None:
    record = a_record(
        "needle",
        concepts=(ConceptUse("urn:narrow", ("a",), "/a", 1), ConceptUse("urn:b", (), "", 1, implied_by="urn:x")),
        quantities=(a_capacity(5.0, "/p/0"),),
    )
    query = Query(
        "", (concept("urn:a", narrower=("urn:narrow",)), concept("urn:b"), capacity(1, None), TextPart("needle"), TextPart("no"))
    )
    parts = score_parts(query, record, lambda _: 0.5, 0.25)
    assert parts["concept"] == NARROWER_CONCEPT + NEAR_ROOT / 2 + IMPLIED_CONCEPT + NEAR_ROOT
    assert parts["quantity"] == QUANTITY + NEAR_ROOT / 2
    assert parts["word"] == WORD + TITLE_WORD + RARITY * 0.5
    assert parts["similarity"] == 2.0
    assert EXACT_CONCEPT > NARROWER_CONCEPT > IMPLIED_CONCEPT


def test_hits_are_put_in_order_by_their_least_or_greatest_value() -> None:
    order = Order("lightest", frozenset({"urn:k"}), ("k",), "T·I")
    record = a_record(quantities=(a_capacity(5.0), a_capacity(3.0, line=2), a_capacity(float("nan")), a_capacity(None)))
    assert (order_value(order, record), order_value(replace(order, descending=True), record)) == (3.0, 5.0)
    assert ordering_quantity(order, record) == record.quantities[1]
    assert order_value(replace(order, dimension="M"), record) is None
    assert ordering_quantity(replace(order, dimension="M"), record) is None


def test_array_positions_are_no_nesting() -> None:
    assert [nesting(pointer) for pointer in ("", "/a", "/a/0", "/a/0/b/1/c")] == [0, 1, 1, 3]


def test_words_for_a_concept_count_in_the_title_and_in_the_text_only_from_the_reach_synonyms_on() -> None:
    asked = concept("urn:NCA", words=("NCA",))
    assert matches(asked, a_record("An NCA cell"))
    assert not matches(asked, a_record("A cell", "cites a paper on NCA"))
    assert matches(replace(asked, expansion=Expansion.SYNONYMS), a_record("A cell", "cites a paper on NCA"))


def test_a_quantity_of_the_kind_that_was_named_goes_before_one_of_a_narrower_kind() -> None:
    named = a_capacity(1.0, "/p/q/r/0", line=9)
    other = replace(a_capacity(1.0), kinds=("urn:narrow",))
    part = replace(capacity(0.0, None), kinds=frozenset({"urn:k", "urn:narrow"}), named=frozenset({"urn:k"}))
    [match] = explain(Query("", (part,)), a_record(quantities=(other, named)))
    assert match.quantity == named
    scores = [
        score_parts(Query("", (part,)), a_record(quantities=(one,)), lambda _: 0.0)["quantity"]
        for one in (replace(named, pointer="/p/0"), other)
    ]
    assert scores == [QUANTITY + NEAR_ROOT / 2, NARROWER_QUANTITY + NEAR_ROOT / 2]


def test_what_goes_first_adds_points_and_leaves_nothing_out() -> None:
    cell = a_record(concepts=(ConceptUse("urn:cell", (), "", 1),))
    query = Query("", (), first=concept("urn:cell"))
    assert score_parts(query, cell, lambda _: 0.0) == {"concept": EXACT_CONCEPT + NEAR_ROOT}
    assert score_parts(query, a_record(), lambda _: 0.0) == {}


def test_a_name_that_may_be_mentioned_is_found_in_title_and_text_and_shown_there() -> None:
    strict = EntityPart("MJ1", EntityKind.MODEL, ("inr18650 mj1",), "INR18650 MJ1")
    part = replace(strict, mentioned=("MJ1",))
    record = a_record("GITT of the LG MJ1")
    assert not matches(strict, record)
    [match] = explain(Query("", (part,)), record)
    assert (match.word, match.field) == ("MJ1", "title")


def test_one_of_several_ways_is_enough_and_shows_what_it_found() -> None:
    either = EitherPart("e", ((TextPart("lto"), capacity(20.0, None)), (TextPart("lfp"), TextPart("pouch", negated=True))))
    lto, lfp = a_record("LTO", quantities=(a_capacity(30.0),)), a_record("LFP")
    assert [matches(either, record) for record in (lto, lfp, a_record("LTO"), a_record("LFP pouch"))] == [True, True, False, False]
    shown = [[match.word or match.quantity for match in explain(Query("", (either,)), record)] for record in (lto, lfp)]
    assert shown == [["LTO", a_capacity(30.0)], ["LFP"]]
    assert score_parts(Query("", (either,)), lto, lambda _: 0.0) == {"name": NAME}
    assert not matches(replace(either, negated=True), lto)


def test_a_way_that_only_denies_has_nothing_to_show() -> None:
    either = EitherPart("e", ((TextPart("pouch", negated=True),),))
    [match] = explain(Query("", (either,)), a_record("LFP"))
    assert (match.way, match.word) == (None, "")
