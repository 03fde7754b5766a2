"""Doubtful JSON is refused, with a place where there is one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.strict_json import JsonFault, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(VALUES)
def test_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    assert loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": {"b": 1, "b": 2}}', "'b' stands twice"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not"),
        (b'"\xff"', "not UTF-8 at byte 1"),
        (b"[" * 200_000, "nested too deep"),
        (b"[" + b"9" * 5000 + b"]", "number that cannot be read"),
    ],
)
def test_doubtful_text_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(JsonFault, match=message):
        loads(content)


def test_the_place_of_a_syntax_error_is_told() -> None:
    with pytest.raises(JsonFault) as caught:
        loads(b'{\n  "a" 1}')
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert loads(b"\xef\xbb\xbf[1]") == [1]
