from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.words import Fit, codes_of, find_word, plain, words_of

LETTERS = "aB1 -_.0ß₄é'\"ŁøΩµ½ﬁ"


@pytest.mark.parametrize(
    ("asked", "text", "found"),
    [
        ("panasonic", "The PANASONIC cell", "PANASONIC"),
        ("NCR18650", "NCR18650BF", "NCR18650BF"),
        ("18650", "US18650VTC5A", "18650"),
        ("1865", "US18650VTC5A", "18650"),
        ("mj1", "INR18650-MJ1", "MJ1"),
        ("5C", "from C/10 to 5C.", "5C"),
        ("0.5C", "0.5C charge", "0.5C"),
        ("4.2V", "to 4.2V.", "4.2V"),
        ("4.2", "at 4.2V", "4.2V"),
        ("inr18650 mj1", "INR18650-MJ1", "INR18650-MJ1"),
        ("lifepo4", "½ LiFePO₄", "LiFePO₄"),
        ("uber", "LiFePO₄ ﬁt über alles", "über"),
    ],
)
def test_a_word_is_found_where_it_stands(asked: str, text: str, found: str) -> None:
    place = find_word(asked, text)
    assert place is not None
    assert text[place.start : place.end] == found


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("865", "US18650VTC5A"),
        ("LG", "LGX"),
        ("sonic", "panasonic"),
        ("???", "???"),
        ("8650", "18650"),
        ("186", "A186B"),
        ("5C", "0.5C charge"),
        ("2 5", "2.5 Ah"),
        ("4.2", "14.2 V"),
    ],
)
def test_the_inside_of_a_word_and_two_letters_of_one_are_no_match(asked: str, text: str) -> None:
    assert find_word(asked, text) is None


def test_a_whole_word_goes_before_the_beginning_of_one() -> None:
    place = find_word("cell", "cellulose in a cell")
    assert place is not None
    assert (place.start, place.fit) == (15, Fit.WHOLE)


@given(st.text(st.sampled_from(LETTERS), max_size=8), st.text(st.sampled_from(LETTERS), max_size=24))
def test_a_word_is_found_exactly_where_the_words_of_the_text_say_so(asked: str, text: str) -> None:
    """An index keeps the words and codes of a text and never looks at the text itself: both ways must agree."""
    wanted, words, codes = words_of(asked), words_of(text), codes_of(plain(text))
    runs = [words[n : n + len(wanted)] for n in range(len(words) - len(wanted) + 1)] if wanted else []
    runs += [[code] for code in codes] if len(wanted) == 1 else []
    whole = wanted in runs
    begun = any(run[:-1] == wanted[:-1] and run[-1].startswith(wanted[-1]) for run in runs) and len(wanted[-1]) >= 3
    place = find_word(asked, text)
    expected = Fit.WHOLE if whole else Fit.PREFIX if begun else None
    assert (place.fit if place else None) == expected
    if place is not None:
        assert 0 <= place.start < place.end <= len(text)


@given(st.text(st.sampled_from("aZ19 -"), max_size=16))
def test_codes_are_runs_of_four_digits_that_touch_a_letter(text: str) -> None:
    for code in codes_of(text):
        assert len(code) >= 4
        assert code.isdigit()


@pytest.mark.parametrize(("asked", "written"), [("cafe", "café"), ("fine", "ﬁne"), ("li2o", "Li₂O"), ("oxide", "oxide")])
def test_the_place_is_that_of_the_text_as_written_behind_signs_that_are_several_letters_or_none(asked: str, written: str) -> None:
    text = "½ mol\u0301 ﬁne café of Li₂O oxide"
    place = find_word(asked, text)
    assert place is not None
    assert text[place.start : place.end] == written
