"""Numbers in the usual spellings are read as what they are; what is no number stays none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapes.numerals import Spelling, read_numeral, read_phrase

WHOLE = st.integers(0, 10**9)
FRACTION = st.text("0123456789", min_size=1, max_size=9)
MINUS = "\u2212"
SIGN = st.sampled_from(["", "-", "+", MINUS])


def grouped(whole: int, separator: str) -> str:
    return f"{whole:,}".replace(",", separator)


@given(SIGN, WHOLE, FRACTION, st.sampled_from([".", ","]))
def test_a_decimal_number_is_read_with_point_and_comma(sign: str, whole: int, fraction: str, point: str) -> None:
    found = read_numeral(f"{sign}{whole}{point}{fraction}")
    assert found is not None
    minus = "-" if sign in ("-", MINUS) else ""
    expected = f"{minus}{whole}.{fraction}"
    assert found.number == expected
    assert json.loads(found.number) == float(expected)
    if point == ".":
        assert found.spelling is Spelling.PLAIN
    else:
        assert found.spelling in (Spelling.COMMA, Spelling.AMBIGUOUS)
        assert bool(found.other) == (found.spelling is Spelling.AMBIGUOUS)
        if found.other:
            assert found.other == expected.replace(".", "")


@given(
    st.integers(1000, 10**12),
    st.one_of(st.none(), FRACTION),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u202f", ","), ("\u2019", ".")]),
)
def test_a_number_in_groups_is_read(whole: int, fraction: str | None, style: tuple[str, str]) -> None:
    separator, point = style
    text = grouped(whole, separator) + (f"{point}{fraction}" if fraction else "")
    found = read_numeral(text)
    assert found is not None
    readings = [json.loads(number) for number in (found.number, found.other) if number]
    assert json.loads(f"{whole}.{fraction}" if fraction else str(whole)) in readings or text.count(".") == 1 == len(readings)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_as_the_same_number(number: float) -> None:
    found = read_numeral(repr(number))
    assert found is not None
    assert float(found.number) == number


@given(st.text(max_size=70))
def test_any_text_gives_a_json_number_or_none(text: str) -> None:
    found, phrase = read_numeral(text), read_phrase(text)
    for number in (found and found.number, found and found.other, phrase and phrase.number, phrase and phrase.upper):
        if number:
            assert isinstance(json.loads(number), int | float)


@pytest.mark.parametrize("text", ["", "abc", "2032-A", "1,2,3", "12,34.5", "1.2.3", "--3", "0x10", "1e999", "٣", "3 4", "1" * 61])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_numeral(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("1.5×10^3", "1.5e3"), ("3·10-3", "3e-3"), ("2 x 10**5", "2e5"), ("007", "7"), (".5", "0.5"), ("5.", "5")]
)
def test_other_spellings_are_read(text: str, number: str) -> None:
    found = read_numeral(text)
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    ("text", "number", "upper", "unit", "qualifier"),
    [
        ("3.4V", "3.4", "", "V", ""),
        ("~ 3,4 Ah", "3.4", "", "Ah", "~"),
        ("-20...60 °C", "-20", "60", "°C", ""),
        ("3 to 4", "3", "4", "", ""),
        ("3.7 ± 0.1 V", "3.7", "", "V", ""),
        ("max. 4.2", "4.2", "", "", "max."),
        ("at least 500", "500", "", "", "at least"),
    ],
)
def test_a_number_among_words_is_found_with_what_stands_around_it(
    text: str, number: str, upper: str, unit: str, qualifier: str
) -> None:
    found = read_phrase(text)
    assert found is not None
    assert (found.number, found.upper, found.unit, found.qualifier) == (number, upper, unit, qualifier)


@pytest.mark.parametrize("text", ["LFP 3", "cell 3 and 4 of batch 5 were measured", "heavy", "see table"])
def test_prose_has_no_number(text: str) -> None:
    assert read_phrase(text) is None
