"""The strict JSON reader: what it refuses, with which place, and the places of what it takes."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.issues import Certainty, Issue
from shapes.edits import edit_content
from shapes.reader import Document, Limits, read_document

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS, lambda child: st.lists(child, max_size=4) | st.dictionaries(st.text(max_size=5), child, max_size=4), max_leaves=20
)


def refused(content: bytes, limits: Limits = Limits()) -> Issue:  # noqa: B008
    read = read_document(content, "a.jsonld", limits)
    assert isinstance(read, Issue), read
    assert read.source == "a.jsonld"
    assert read.remedy
    return read


def taken(content: bytes) -> Document:
    read = read_document(content, "a.jsonld")
    assert isinstance(read, Document), read
    return read


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"", "empty-file", (1, 1)),
        (b" \n\t\r\n", "empty-file", (1, 1)),
        (b"\xef\xbb\xbf", "empty-file", (1, 1)),
        (b'{"a":\n  "\xff"}', "not-utf8", (2, 4)),
        (b"\xff\xfe{\x00}\x00", "not-utf8", (1, 1)),
        (b'{"a":\n  NaN}', "nan", (2, 3)),
        (b"[1, Infinity]", "nan", (1, 5)),
        (b"[1, -Infinity]", "nan", (1, 5)),
        (b'{"a": 1,\n "b": 2,\n "a": 3}', "duplicate-key", (3, 2)),
        (b'{"a": 1, "\\u0061": 3}', "duplicate-key", (1, 10)),
        (b'{"a": {"b": NaN}, "a": 3}', "nan", (1, 13)),
        (b'{"a": 1, "a": 3, "b": NaN}', "duplicate-key", (1, 10)),
        (b'{"a": NaN,\n "b" 1}', "nan", (1, 7)),
        (b'{"a": 1,\n "b" 1, "c": NaN}', "not-json", (2, 5)),
        (b'{"a": 1} x', "not-json", (1, 10)),
        (b"[1,]", "not-json", (1, 3)),
        (b'{"a": "b\nc"}', "not-json", (1, 9)),
        (b'{"a": "b', "not-json", (1, 7)),
        (b"{'a': 1}", "not-json", (1, 2)),
        (b"[01]", "not-json", (1, 2)),
        (b"[1e999]", "number-range", (1, 2)),
        (b"[" + b"9" * 5000 + b"]", "number-range", (1, 2)),
        (b'["\\ud800"]', "lone-surrogate", (1, 2)),
        (b'{"\\udc00": 1}', "lone-surrogate", (1, 2)),
    ],
)
def test_what_is_not_json_is_refused_with_one_issue_at_its_place(content: bytes, code: str, place: tuple[int, int]) -> None:
    issue = refused(content)
    assert (issue.code, (issue.line, issue.column)) == (code, place)


SURE, LIKELY = Certainty.CERTAIN, Certainty.LIKELY


@pytest.mark.parametrize(
    ("text", "place", "value", "replacement", "certainty", "mended"),
    [
        ('{"a": 1\n "b": 2}', (1, 8), "", ",", SURE, '{"a": 1,\n "b": 2}'),
        ('{"a": "x"\n\n "b": 2}', (1, 10), "", ",", SURE, '{"a": "x",\n\n "b": 2}'),
        ('[{"a": 1}\n {"b": 2}]', (1, 10), "", ",", SURE, '[{"a": 1},\n {"b": 2}]'),
        ('{"a": 1 "b": 2}', (1, 8), "", ",", SURE, '{"a": 1, "b": 2}'),
        ('{"a":"b""c":1}', (1, 9), "", ",", SURE, '{"a":"b","c":1}'),
        ('["a" "b"]', (1, 5), "", ",", LIKELY, '["a", "b"]'),
        ("[1 2]", (1, 3), "", ",", LIKELY, "[1, 2]"),
        ('{"a": 1,\n}', (1, 8), ",", "", SURE, '{"a": 1\n}'),
        ('{"a": 1,, "b": 2}', (1, 8), ",", "", SURE, '{"a": 1, "b": 2}'),
        ("[1,, 2]", (1, 3), ",", "", LIKELY, "[1, 2]"),
        ('{"a": 1; "b": 2}', (1, 8), ";", ",", LIKELY, '{"a": 1, "b": 2}'),
        ('{"a" 1}', (1, 5), "", ":", LIKELY, '{"a": 1}'),
        ('{"a" = 1}', (1, 6), "=", ":", LIKELY, '{"a" : 1}'),
        ("{'a': 1}", (1, 2), "'a'", '"a"', SURE, '{"a": 1}'),
        ('{"a": \u201cb\u201d}', (1, 7), "\u201cb\u201d", '"b"', SURE, '{"a": "b"}'),
        ('{"a: "x", "b": 2}', (1, 2), '"a', '"a"', SURE, '{"a": "x", "b": 2}'),
        (
            '{"x": {"https://a.b/c: {"b": 2}}}',
            (1, 8),
            '"https://a.b/c',
            '"https://a.b/c"',
            SURE,
            '{"x": {"https://a.b/c": {"b": 2}}}',
        ),
        ('{"a: 1,\n "b": 2}', (1, 2), '"a', '"a"', LIKELY, '{"a": 1,\n "b": 2}'),
        ('{"a": {"b: 1\n}}', (1, 8), '"b', '"b"', LIKELY, '{"a": {"b": 1\n}}'),
        ('{a": 1}', (1, 2), 'a"', '"a"', LIKELY, '{"a": 1}'),
        ('{"a": True}', (1, 7), "True", "true", SURE, '{"a": true}'),
        ('{"a": None}', (1, 7), "None", "null", SURE, '{"a": null}'),
        ('{"a": nan}', (1, 7), "nan", "null", LIKELY, '{"a": null}'),
        ('{"a": NaN, "b": ["NaN", NaN]}', (1, 7), "NaN", "null", LIKELY, '{"a": null, "b": ["NaN", null]}'),
        ("{a: 1}", (1, 2), "a", '"a"', LIKELY, '{"a": 1}'),
        ('{"a": b}', (1, 7), "b", '"b"', LIKELY, '{"a": "b"}'),
        ('{"a": +1}', (1, 7), "+1", "1", SURE, '{"a": 1}'),
        ('{"a": .5}', (1, 7), ".5", "0.5", SURE, '{"a": 0.5}'),
        ('{"a": -.5}', (1, 7), "-.5", "-0.5", SURE, '{"a": -0.5}'),
        ('{"a": -01.5}', (1, 7), "-01.5", "-1.5", LIKELY, '{"a": -1.5}'),
        ('{"a": 1 // one\n}', (1, 9), "// one", "", LIKELY, '{"a": 1\n}'),
        ('{\r\n // one\r\n "a": 1}', (2, 2), "// one", "", LIKELY, '{\r\n "a": 1}'),
        ('{"a": 1 # one\r\n}', (1, 9), "# one", "", LIKELY, '{"a": 1\r\n}'),
        ('{ /* one,\n two */ "a": 1}', (1, 3), "/* one,", "", LIKELY, '{ "a": 1}'),
        ('{"a": 1}}', (1, 9), "}", "", LIKELY, '{"a": 1}'),
        ('{"a": 3,4}', (1, 7), "3,4", "3.4", SURE, '{"a": 3.4}'),
        ('{"a": -0,015, "b": 1}', (1, 7), "-0,015", "-0.015", SURE, '{"a": -0.015, "b": 1}'),
        ('{"a": 1,\n "b": [2], "b":[ 2]}', (2, 12), '"b"', "", SURE, '{"a": 1,\n "b": [2]}'),
    ],
)
def test_a_breach_of_the_grammar_is_told_at_the_fault_itself_with_the_text_that_mends_it(
    text: str, place: tuple[int, int], value: str, replacement: str, certainty: Certainty, mended: str
) -> None:
    issue = refused(text.encode())
    assert (issue.line, issue.column) == place
    assert issue.value == value
    best = issue.suggestions[0]
    assert (best.replacement, best.certainty) == (replacement, certainty)
    assert edit_content(text.encode(), None, best.edits).decode() == mended
    taken(mended.encode())


def test_what_makes_a_number_null_is_told_as_a_change_of_the_value() -> None:
    for text in ("[NaN]", "[nan]", "[-Infinity]", "[NA]"):
        assert refused(text.encode()).suggestions[0].changes_value
    assert not refused(b"[None]").suggestions[0].changes_value


def test_a_word_in_a_text_is_never_taken_for_the_number() -> None:
    """Behind the next breach nobody knows what is inside a text."""
    issue = refused(b'{"a": NaN, "b": ["x, "NaN", NaN]}')
    assert [edit.offset for edit in issue.suggestions[0].edits] == [6]
    assert refused(b"[NaN, 1, NaN]").places == 2


@pytest.mark.parametrize("text", ["{'a': 'don't'}", '{"a": b c}', '{"a": 1 /* one}', '{"a": ["x: 3\n"]}', '{"a": "x: 3\n"}'])
def test_what_is_not_clear_has_no_exact_text(text: str) -> None:
    found = read_document(text.encode(), "a.json")
    while isinstance(found, Issue) and found.suggestions and found.suggestions[0].certainty is SURE:
        text = edit_content(text.encode(), None, found.suggestions[0].edits).decode()
        found = read_document(text.encode(), "a.json")
    assert isinstance(found, Issue)
    assert found.suggestions == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": {"b": 1', "ends before"),
        ('{"a": 1}\n{"b": 2}', "second JSON document"),
        ('{"a": "say "hi" now"}', "closing quote"),
        ('{"a": 3.4 V}', "V stands behind a number"),
    ],
)
def test_a_breach_that_can_be_mended_in_more_than_one_way_says_what_it_is(text: str, words: str) -> None:
    assert words in refused(text.encode()).message


def test_a_key_that_stands_twice_is_told_with_the_line_of_the_first() -> None:
    issue = refused(b'{"a": 1,\n "b": [{"c": 2}],\n "b": [{"c": 2}]}')
    assert (issue.line, issue.message) == (3, 'the key "b" stands twice in one object, in line 2 for the first time')
    assert "both say the same" in issue.remedy
    assert "keep one" in refused(b'{"a": 1, "a": 2}').remedy


def test_nan_comes_with_the_remedy_to_leave_it_out_or_write_null() -> None:
    assert str(refused(b'{"mass": NaN}')) == (
        "a.jsonld:1:10: violation [nan] NaN is not a JSON value; leave the property out, or write null"
    )


def test_a_byte_order_mark_is_read_over_and_does_not_move_columns() -> None:
    document = taken(b'\xef\xbb\xbf{"a": "\xef\xbb\xbf"}')
    assert document.value == {"a": "\ufeff"}
    assert document.place("/a") == (1, 7)


def test_a_surrogate_pair_is_one_character() -> None:
    assert taken(b'["\\ud83d\\ude00", "\\\\ud800"]').value == ["\U0001f600", "\\ud800"]


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_hundred_thousand_levels_end_at_once_at_the_first_level_too_deep(opening: bytes) -> None:
    start = time.perf_counter()
    issue = refused(opening * 100_000)
    assert time.perf_counter() - start < 2
    assert (issue.code, issue.line, issue.column) == ("too-deep", 1, 64 * len(opening) + 1)


def test_the_depth_limit_itself_is_allowed() -> None:
    limits = Limits(max_depth=3)
    assert isinstance(read_document(b"[[[1]]]", "a", limits), Document)
    assert refused(b"[[[\n[]]]]", limits).line == 2


def test_two_hundred_megabytes_are_refused_by_their_size_alone() -> None:
    content = b" " * 200_000_000
    start = time.perf_counter()
    assert refused(content).code == "too-large"
    assert time.perf_counter() - start < 0.2


def pointers(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    found = [(pointer, value)]
    if isinstance(value, dict):
        for key, child in value.items():
            found += pointers(child, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += pointers(child, f"{pointer}/{index}")
    return found


@given(VALUES, st.sampled_from([None, 0, 1, "\t", " \r\n "]), st.booleans())
@settings(max_examples=300, deadline=None)
def test_valid_json_is_read_as_json_loads_reads_it_and_every_place_is_where_its_text_begins(
    value: Any, indent: str | int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = read_document(text.encode("utf-8", "surrogatepass"), "a.jsonld", Limits(max_depth=100))
    assert isinstance(document, Document)
    assert document.value == json.loads(text) == value
    decoder = json.JSONDecoder()
    lines = text.split("\n")
    for pointer, part in pointers(value):
        offset = document.offset(pointer)
        assert decoder.raw_decode(text, offset)[0] == part
        line, column = document.place(pointer)
        assert len("\n".join(lines[: line - 1])) + (line > 1) + column - 1 == offset
        key_line, key_column = document.place(pointer, of="key")
        if pointer and text[offset - 1 : offset] != "[" and isinstance(part, str | int):
            assert (key_line, key_column) <= (line, column)


@given(st.text(alphabet='[]{}",:0123456789.eE+-\\/bfnrtu trueflsNaI\n\u00e9', max_size=24))
@settings(max_examples=1500, deadline=None)
def test_anything_is_taken_exactly_when_strict_json_takes_it(text: str) -> None:
    read = read_document(text.encode(), "a.jsonld")
    expected = strictly(text)
    if isinstance(expected, Exception):
        assert isinstance(read, Issue)
        assert 1 <= read.line <= text.count("\n") + 1
        assert read.column >= 1
    else:
        assert isinstance(read, Document)
        assert read.value == expected[0]


def strictly(text: str) -> tuple[Any] | Exception:
    """What the grammar of RFC 8259 says, with the refusals of this reader, by way of Python's own parser."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("duplicate")
        return dict(pairs)

    def no_constant(name: str) -> float:
        raise ValueError(name)

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)
        json.dumps(value, ensure_ascii=False).encode()
        if any(isinstance(part, float) and math.isinf(part) for _, part in pointers(value)):
            raise ValueError("range")
    except ValueError as error:
        return error
    return (value,)


def test_a_pointer_to_nothing_gives_the_place_of_what_is_nearest() -> None:
    document = taken(b'{"a":\n [1, {"b": 2}]}')
    assert document.place("/a/1/c/d") == (2, 6)
    assert document.place("/a/7") == document.place("/a") == (2, 2)
    assert document.place("/a/-1") == (2, 2)
    assert document.place("/x") == (1, 1)


def test_keys_with_slash_tilde_and_escapes_are_found_by_pointer() -> None:
    document = taken(b'{"a/b": 1, "c~d": 2, "\\u00e9\\"": 3, "": 4}')
    assert [document.place(pointer)[1] for pointer in ("/a~1b", "/c~0d", '/\u00e9"', "/")] == [9, 19, 34, 41]


def test_all_real_documents_are_taken_but_those_with_nan_and_the_empty_ones(shared_data: Path) -> None:
    issues = []
    for file in sorted((shared_data / "jsonld").glob("*/*")):
        content = file.read_bytes()
        read = read_document(content, file.name)
        if isinstance(read, Issue):
            issues.append(read)
            line = content.decode().split("\n")[read.line - 1]
            assert line[read.column - 1 :].startswith("NaN") if read.code == "nan" else content == b""
        else:
            assert read.value == json.loads(content)
    assert sorted(issue.code for issue in issues) == ["empty-file"] * 2 + ["nan"] * 4
