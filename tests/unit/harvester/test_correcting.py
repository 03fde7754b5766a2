"""Corrections beside a payload: which of them still fit, what they make of the document, and what its owner gets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from harvester.correcting import changes_of, correct, json_patch
from harvester.corrections import Correction, Standing
from records.errors import EditConflictError
from records.issues import Edit, Operation
from shapes.edits import apply_edits
from shapes.reader import Document, Limits, read_document

ADD, REMOVE, RENAME, REPLACE = Operation.ADD, Operation.REMOVE, Operation.RENAME, Operation.REPLACE


def document_of(content: bytes) -> Document:
    document = read_document(content, "a.json")
    assert isinstance(document, Document)
    return document


def correction_of(content: bytes, *edits: Edit, identifier: str = "c1") -> Correction:
    """A correction that was made for this document."""
    changes = changes_of(document_of(content), edits)
    return Correction(identifier, "s/a.json", "", changes, (), "alice", "2026-01-01T00:00:00+00:00", "why")


def standing(content: bytes, *corrections: Correction) -> list[str]:
    return [one.value for one in correct(content, "a.json", corrections, Limits()).standings.values()]


@pytest.mark.parametrize(
    ("made_for", "edit", "now", "expected"),
    [
        (b'{"m": "3,4"}', Edit(REPLACE, "/m", "3.4"), b'{"m": "3,4"}', "applied"),
        (b'{"m": "3,4"}', Edit(REPLACE, "/m", "3.4"), b'{ "a": [],\n  "m" : "3\\u002c4" }', "applied"),
        (b'{"m": "3,4"}', Edit(REPLACE, "/m", "3.4"), b'{"m": 3.40}', "adopted"),
        (b'{"m": "3,4"}', Edit(REPLACE, "/m", "3.4"), b'{"m": "3,5"}', "outdated"),
        (b'{"m": "3,4"}', Edit(REPLACE, "/m", "3.4"), b"{}", "outdated"),
        (b'{"m": 1}', Edit(REPLACE, "/m", "2"), b'{"m": true}', "outdated"),
        (b'{"mas": 1}', Edit(RENAME, "/mas", '"mass"'), b'{"mas": 2}', "applied"),
        (b'{"mas": 1}', Edit(RENAME, "/mas", '"mass"'), b'{"mass": 2}', "adopted"),
        (b'{"mas": 1}', Edit(RENAME, "/mas", '"mass"'), b'{"mas": 1, "mass": 2}', "outdated"),
        (b'{"mas": 1}', Edit(RENAME, "/mas", '"mass"'), b"{}", "outdated"),
        (b'{"a/b": 1}', Edit(RENAME, "/a~1b", '"c~d/e"'), b'{"c~d/e": 1}', "adopted"),
        (b'{"q": {}}', Edit(ADD, "/q/unit", '"g"'), b'{"q": {}}', "applied"),
        (b'{"q": {}}', Edit(ADD, "/q/unit", '"g"'), b'{"q": {"unit": "g"}}', "adopted"),
        (b'{"q": {}}', Edit(ADD, "/q/unit", '"g"'), b'{"q": {"unit": "kg"}}', "outdated"),
        (b'{"q": {}}', Edit(ADD, "/q/unit", '"g"'), b'{"q": []}', "outdated"),
        (b'{"q": {}}', Edit(ADD, "/q/unit", '"g"'), b"{}", "outdated"),
        (b'{"c": ["x"]}', Edit(ADD, "/c/-", '{"e": 1}'), b'{"c": ["y"]}', "applied"),
        (b'{"c": ["x"]}', Edit(ADD, "/c/-", '{"e": 1}'), b'{"c": [{"e": 1}, "y"]}', "adopted"),
        (b'{"c": ["x"]}', Edit(ADD, "/c/-", '{"e": 1}'), b'{"c": "x"}', "outdated"),
        (b'{"x": ""}', Edit(REMOVE, "/x"), b'{"x": "", "y": 1}', "applied"),
        (b'{"x": ""}', Edit(REMOVE, "/x"), b"{}", "adopted"),
        (b'{"x": ""}', Edit(REMOVE, "/x"), b'{"x": "said now"}', "outdated"),
        (b'{"x": ["a", ""]}', Edit(REMOVE, "/x/1"), b'{"x": ["a"]}', "adopted"),
        (b'{"x": ["a", ""]}', Edit(REMOVE, "/x/1"), b'{"x": ["", "a"]}', "outdated"),
        (b'{"x": 1}', Edit(REMOVE, "/x"), b"[", "outdated"),
    ],
)
def test_a_correction_applies_where_what_it_found_still_stands(made_for: bytes, edit: Edit, now: bytes, expected: str) -> None:
    assert standing(now, correction_of(made_for, edit)) == [expected]


def test_what_is_applied_changes_nothing_else() -> None:
    content = b'\xef\xbb\xbf{\r\n\t"mas" : 1.50,\r\n\t"b": [ ]\r\n}'
    corrected = correct(content, "a.json", [correction_of(content, Edit(RENAME, "/mas", '"mass"'))], Limits())
    assert corrected.content == content.replace(b'"mas"', b'"mass"')


def test_corrections_apply_one_after_another_each_to_what_those_before_it_made() -> None:
    first = correction_of(b'{"mas": "1"}', Edit(RENAME, "/mas", '"mass"'), identifier="c1")
    second = correction_of(b'{"mass": "1"}', Edit(REPLACE, "/mass", "1"), identifier="c2")
    assert correct(b'{"mas": "1"}', "a.json", [first, second], Limits()).content == b'{"mass": 1}'
    # Without the first one there is nothing for the second.
    assert standing(b'{"mas": "1"}', second) == ["outdated"]
    # The owner took over the first one, so the second still fits.
    assert standing(b'{"mass": "1"}', first, second) == ["adopted", "applied"]


def test_what_its_owner_took_over_of_a_correction_is_left_out_and_the_rest_applied() -> None:
    made_for = b'{"mas": {"val": "1", "unit": "g"}}'
    edits = Edit(RENAME, "/mas", '"mass"'), Edit(RENAME, "/mas/val", '"value"'), Edit(REPLACE, "/mas/val", "1")
    correction = correction_of(made_for, *edits)
    for now in (made_for, b'{"mass": {"val": "1", "unit": "g"}}', b'{"mas": {"value": 1, "unit": "g"}}'):
        assert correct(now, "a.json", [correction], Limits()).content == b'{"mass": {"value": 1, "unit": "g"}}'
    assert standing(b'{"mass": {"value": 1, "unit": "kg"}}', correction) == ["adopted"]


def test_of_a_correction_that_fits_in_part_nothing_is_applied() -> None:
    content = b'{"a": 1, "b": 2}'
    correction = correction_of(content, Edit(REPLACE, "/a", "10"), Edit(REPLACE, "/b", "20"))
    corrected = correct(b'{"a": 1, "b": 3}', "a.json", [correction], Limits())
    assert corrected.content == b'{"a": 1, "b": 3}'
    assert corrected.standings == {"c1": Standing.OUTDATED}


def test_what_fits_no_more_is_told_with_the_place_and_both_texts() -> None:
    [issue] = correct(b'{\n "m": "3,5"\n}', "a.json", [correction_of(b'{"m": "3,4"}', Edit(REPLACE, "/m", "3.4"))], Limits()).issues
    assert str(issue) == (
        "a.json:2:7: info [correction-outdated] the correction that alice made on 2026-01-01 is left out: "
        'at \'/m\' stands "3,5", and it was made for "3,4"; '
        "revoke the correction, or make it again for the document as it is now"
    )


def test_a_correction_that_would_exceed_the_limits_is_left_out() -> None:
    correction = correction_of(b'{"a": 1}', Edit(REPLACE, "/a", "[[[[[1]]]]]"))
    corrected = correct(b'{"a": 1}', "a.json", [correction], Limits(max_depth=3))
    assert (corrected.content, corrected.standings["c1"]) == (b'{"a": 1}', Standing.OUTDATED)
    assert "nested more than 3 deep" in corrected.issues[0].message


# The same as a JSON Patch


def patched(value: Any, operations: Sequence[dict[str, Any]]) -> Any:
    """What RFC 6902 makes of a JSON value: an implementation of our own, so that both are from the same text."""
    value = json.loads(json.dumps(value))
    for operation in operations:
        if operation["path"] == "":
            assert operation["op"] == "replace"
            value = operation["value"]
            continue
        around, name = inner(value, operation["path"])
        if operation["op"] == "test":
            assert around[name] == operation["value"]
        elif operation["op"] == "replace":
            assert name in range(len(around)) if isinstance(around, list) else name in around
            around[name] = operation["value"]
        elif operation["op"] == "remove":
            del around[name]
        elif operation["op"] == "add" and isinstance(around, list):
            around.insert(len(around) if name == "-" else name, operation["value"])
        elif operation["op"] == "add":
            around[name] = operation["value"]
        else:
            assert operation["op"] == "move"
            source, old = inner(value, operation["from"])
            around[name] = source.pop(old)
    return value


def inner(value: Any, pointer: str) -> tuple[Any, Any]:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for step in steps[:-1]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    last = steps[-1]
    return value, (int(last) if isinstance(value, list) and last != "-" else last)


keys = st.sampled_from(["a", "b", "c/d", "e~f", "1"])
values = st.recursive(
    st.one_of(st.integers(-3, 3), st.sampled_from(["x", "", None, True])),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(keys, inside, max_size=3)),
    max_leaves=10,
)


def pointers_of(value: Any, here: str = "") -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for name, child in members:
        pointer = f"{here}/{str(name).replace('~', '~0').replace('/', '~1')}"
        found += [pointer, *pointers_of(child, pointer)]
        if isinstance(child, list):
            found.append(f"{pointer}/-")
        if isinstance(child, dict):
            found.append(f"{pointer}/new")
    return found


# Edits at random often contradict each other, more so in some runs than others.
@settings(max_examples=400, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.dictionaries(keys, values, min_size=1, max_size=4), st.data())
def test_the_json_patch_makes_the_same_of_the_document_as_the_edits(value: dict[str, Any], data: st.DataObject) -> None:
    content = json.dumps(value).encode()
    document = document_of(content)
    edit = st.builds(
        lambda operation, pointer, new, key: Edit(
            operation, pointer, "" if operation is REMOVE else json.dumps(key) if operation is RENAME else json.dumps(new)
        ),
        st.sampled_from([ADD, REMOVE, RENAME, REPLACE]),  # a splice is no correction: characters cannot be found again
        st.sampled_from(pointers_of(value)),
        values,
        st.one_of(keys, st.just("renamed")),
    )
    edits = data.draw(st.lists(edit, min_size=1, max_size=4))
    try:
        expected = json.loads(apply_edits(document, edits))
    except EditConflictError:
        assume(False)
    corrected = correct(content, "a.json", [correction_of(content, *edits)], Limits())
    operations = json_patch(corrected.steps)
    # Where some of it is there already, such as an item that the array has, it is left out of both.
    assert patched(value, operations) == json.loads(corrected.content)
    if len(corrected.steps) == 1 and len(corrected.steps[0].edits) == len(edits):
        assert json.loads(corrected.content) == expected


def test_a_name_that_something_else_gives_up_may_be_taken() -> None:
    content = b'{"a": 1, "b": 2}'
    correction = correction_of(content, Edit(RENAME, "/a", '"b"'), Edit(REMOVE, "/b"))
    corrected = correct(content, "a.json", [correction], Limits())
    assert corrected.content == b'{"b": 1}'
    assert patched({"a": 1, "b": 2}, json_patch(corrected.steps)) == {"b": 1}


def test_names_that_change_places_are_left_out_because_the_next_reading_would_change_them_back() -> None:
    content = b'{"a": 1, "b": 2}'
    correction = correction_of(content, Edit(RENAME, "/a", '"b"'), Edit(RENAME, "/b", '"a"'))
    assert standing(content, correction) == ["outdated"]
