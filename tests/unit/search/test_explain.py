from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.record import ConceptUse, Quantity, Record
from records.rights import PUBLIC, Rights
from search.explain import CONTEXT, codes_of, explain, nesting, plain, words_of
from search.query import ConceptPart, QuantityPart, Query, TextPart


def a_record(
    title: str = "", text: str = "", concepts: tuple[ConceptUse, ...] = (), quantities: tuple[Quantity, ...] = ()
) -> Record:
    return Record("s/r", "urn:r", title, "s", "r.json", "", Rights(PUBLIC, PUBLIC), concepts, quantities, text)


def a_capacity(value: float | None, pointer: str = "/p/0", line: int = 1) -> Quantity:
    return Quantity(("urn:k",), 1.0, "Ah", value, "A·s", "T·I", pointer, line)


def capacity(low: float | None, high: float | None, *, included: bool = False) -> QuantityPart:
    return QuantityPart("q", frozenset({"urn:k"}), (), low, high, included, included, "Ah", "T·I")


@pytest.mark.parametrize(
    ("asked", "title", "word"),
    [
        ("panasonic", "The PANASONIC cell", "PANASONIC"),
        ("NCR18650", "NCR18650BF", "NCR18650BF"),
        ("18650", "US18650VTC5A", "18650"),
        ("mj1", "INR18650-MJ1", "MJ1"),
        ("inr18650 mj1", "INR18650-MJ1", "INR18650-MJ1"),
        ("lifepo4", "LiFePO₄", "LiFePO4"),
    ],
)
def test_a_word_is_shown_as_it_stands_there(asked: str, title: str, word: str) -> None:
    (match,) = explain([TextPart(asked)], a_record(title))
    assert (match.word, match.field) == (word, "title")


@pytest.mark.parametrize(
    ("asked", "title"), [("865", "US18650VTC5A"), ("LG", "LGX"), ("sonic", "panasonic"), ("???", "???"), ("8650", "18650")]
)
def test_the_inside_of_a_word_and_two_letters_of_one_are_no_match(asked: str, title: str) -> None:
    assert explain([TextPart(asked)], a_record(title)) == ()


def test_a_whole_word_in_the_text_goes_before_the_beginning_of_one_in_the_title() -> None:
    (match,) = explain([TextPart("cell")], a_record("cellulose", "one cell"))
    assert (match.word, match.field) == ("cell", "text")


def test_a_match_in_a_long_text_shows_some_words_around_it() -> None:
    (match,) = explain([TextPart("needle")], a_record("", "hay " * 500 + "needle\n\n" + "hay " * 500))
    assert "hay needle hay" in match.context
    assert len(match.context) <= 2 * CONTEXT + len("needle")


def test_the_nearest_exact_use_explains_a_concept() -> None:
    uses = (
        ConceptUse("urn:narrow", (), "", 1),
        ConceptUse("urn:asked", ("a", "b"), "/a/b", 2),
        ConceptUse("urn:asked", ("a",), "/a", 3),
        ConceptUse("urn:other", (), "", 4),
    )
    part = ConceptPart("c", ("urn:asked",), ("c",), frozenset({"urn:asked", "urn:narrow"}))
    (match,) = explain([part], a_record(concepts=uses))
    assert match.concept == uses[2]


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
        (capacity(None, None), 5.0, True),
        (capacity(None, None), None, False),
        (capacity(None, None), float("nan"), False),
        (capacity(None, None), float("inf"), False),
    ],
)
def test_bounds_forgive_rounding_and_nothing_else(part: QuantityPart, value: float | None, hit: bool) -> None:
    assert bool(explain([part], a_record(quantities=(a_capacity(value),)))) is hit


def test_the_least_nested_quantity_explains_a_number() -> None:
    deep, near = a_capacity(5.0, "/hasPart/hasProperty/0", 2), a_capacity(5.0, "/hasProperty/12", 9)
    (match,) = explain([capacity(1, None)], a_record(quantities=(deep, near)))
    assert match.quantity == near


def test_parts_that_do_not_match_explain_nothing() -> None:
    assert (
        explain([TextPart("x"), capacity(1, None), ConceptPart("c", ("urn:c",), ("c",), frozenset({"urn:c"}))], a_record("y")) == ()
    )


def test_array_positions_are_no_nesting() -> None:
    assert [nesting(pointer) for pointer in ("", "/a", "/a/0", "/a/0/b/1/c")] == [0, 1, 1, 3]


@given(st.text(st.sampled_from("aB1 -_.0ß₄é'\"ŁøΩµ"), max_size=20))
def test_words_are_what_the_embedded_index_takes_for_words(text: str) -> None:
    """Else the index would look for other words than it stored: FTS5's own tokenizer is asked."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='unicode61 remove_diacritics 2')")
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
    db.execute("INSERT INTO t VALUES (?)", (plain(text),))
    tokens = [row[0] for row in db.execute("SELECT term FROM v ORDER BY offset")]
    db.close()
    assert len(tokens) == len(words_of(text))
    ascii_words = [(token, word) for token, word in zip(tokens, words_of(text), strict=True) if word.isascii()]
    assert all(token == word for token, word in ascii_words)


@given(st.text(st.sampled_from("aZ19 -"), max_size=16))
def test_codes_are_runs_of_four_digits_that_touch_a_letter(text: str) -> None:
    for code in codes_of(text):
        assert len(code) >= 4
        assert code.isdigit()


def test_an_empty_query_is_explained_by_nothing() -> None:
    assert explain(Query("", ()).parts, a_record("x")) == ()
