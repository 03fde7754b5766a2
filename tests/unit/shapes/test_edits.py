"""Edits: what is named changes as it would by hand; everything else stays, byte for byte."""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.errors import EditConflictError
from records.issues import Edit, Operation
from shapes.edits import apply_edits, edit_content, pieces_of, value_at
from shapes.reader import Document, read_document

PRETTY = """{
  "@type": "CylindricalBattery",
  "mas": "3,4",
  "hasProperty": [
    {"@type": "Mass"},
    {"@type": "Volume"}
  ],
  "empty": {},
  "list": [],
  "last": null
}
"""


def read(text: str) -> Document:
    document = read_document(text.encode(), "a.jsonld")
    assert isinstance(document, Document), document
    return document


def edited(text: str, *edits: Edit) -> str:
    return apply_edits(read(text), edits)


def replace(pointer: str, content: str) -> Edit:
    return Edit(Operation.REPLACE, pointer, content)


def rename(pointer: str, key: str) -> Edit:
    return Edit(Operation.RENAME, pointer, json.dumps(key))


def add(pointer: str, content: str) -> Edit:
    return Edit(Operation.ADD, pointer, content)


def remove(pointer: str) -> Edit:
    return Edit(Operation.REMOVE, pointer)


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (replace("/mas", "3.40"), '"mas": "3,4"', '"mas": 3.40'),
        (rename("/mas", "mass"), '"mas": "3,4"', '"mass": "3,4"'),
        (rename("/mas", 'ma"ß'), '"mas": "3,4"', '"ma\\"\\u00df": "3,4"'),
        (remove("/mas"), '  "mas": "3,4",\n', ""),
        (remove("/@type"), '  "@type": "CylindricalBattery",\n', ""),
        (remove("/last"), ',\n  "last": null', ""),
        (remove("/hasProperty/0"), '    {"@type": "Mass"},\n', ""),
        (remove("/hasProperty/1"), ',\n    {"@type": "Volume"}', ""),
        (remove("/hasProperty/1/@type"), '{"@type": "Volume"}', "{}"),
        (add("/size", "1"), '"last": null\n', '"last": null,\n  "size": 1\n'),
        (add("/hasProperty/-", "{}"), '{"@type": "Volume"}\n', '{"@type": "Volume"},\n    {}\n'),
        (add("/hasProperty/0/a~1b", "{}"), '{"@type": "Mass"}', '{"@type": "Mass", "a/b": {}}'),
        (add("/empty/emmo", '"https://w3id.org/emmo#"'), '"empty": {}', '"empty": {\n    "emmo": "https://w3id.org/emmo#"\n  }'),
        (add("/list/-", "1.0"), '"list": []', '"list": [\n    1.0\n  ]'),
        (replace("", " [1] "), PRETTY.strip(), "[1]"),
    ],
)
def test_an_edit_changes_only_what_it_names(edit: Edit, before: str, after: str) -> None:
    assert PRETTY.count(before) == 1
    assert edited(PRETTY, edit) == PRETTY.replace(before, after)


@pytest.mark.parametrize(
    ("text", "edits", "result"),
    [
        ('{"a":1}', [add("/b", "2")], '{"a":1,"b":2}'),
        ('{"a": 1}', [add("/b", "2")], '{"a": 1, "b": 2}'),
        ('{ "a" : 1 }', [add("/b", "2")], '{ "a" : 1, "b" : 2 }'),
        ("{}", [add("/b", "2"), add("/c", "3")], '{"b": 2, "c": 3}'),
        ("[1]", [add("/-", "2"), add("/-", "3")], "[1, 2, 3]"),
        ('{"a": {}, "b": []}', [add("/a/x", "1"), add("/b/-", "1")], '{"a": {"x": 1}, "b": [1]}'),
        ("[1,2,3,4,5]", [remove("/1"), remove("/2"), remove("/4")], "[1,4]"),
        ("[1, 2, 3]", [remove("/0"), remove("/1"), remove("/2")], "[]"),
        ("[ 1, 2, 3 ]", [remove("/0"), remove("/1"), remove("/2"), add("/-", "4"), add("/-", "5")], "[ 4, 5 ]"),
        ('{"a": 1, "b": 2}', [remove("/b"), add("/c", "3")], '{"a": 1, "c": 3}'),
        ('{"a": 1, "b": 2}', [rename("/a", "b"), rename("/b", "a")], '{"b": 1, "a": 2}'),
        ('{"a": 1, "b": 2}', [rename("/a", "b"), remove("/b")], '{"b": 1}'),
        ('{"a": {"x": 1}}', [rename("/a", "b"), rename("/a/x", "y"), replace("/a/x", "2")], '{"b": {"y": 2}}'),
        ('{\n"a": 1\n, "b": 2\n, "c": 3\n}', [remove("/b")], '{\n"a": 1\n, "c": 3\n}'),
        ('{\n"a": 1\n, "b": 2\n}', [add("/c", "3")], '{\n"a": 1\n, "b": 2\n, "c": 3\n}'),
        ('{\n  "a": 1,\n  "b": 2\n  , "c": 3}', [remove("/b")], '{\n  "a": 1,\n  "c": 3}'),
        ('{\n"a": 1, "b": 2,\n"c": 3}', [remove("/b")], '{\n"a": 1,\n"c": 3}'),
        ('{"a": {\r\n\t"b": {}\r\n}}', [add("/a/b/c", "1")], '{"a": {\r\n\t"b": {\r\n\t  "c": 1\r\n\t}\r\n}}'),
        ('{\r\n\t"a": 1\r\n}\r\n', [add("/b", "2")], '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}\r\n'),
    ],
)
def test_commas_and_line_ends_follow_the_author(text: str, edits: Sequence[Edit], result: str) -> None:
    assert edited(text, *edits) == result


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ([replace("/nothing", "1")], "nothing is at '/nothing'"),
        ([replace("mas", "1")], "nothing is at 'mas'"),
        ([remove("/nothing")], "nothing is at '/nothing'"),
        ([remove("/hasProperty/2")], "nothing is at '/hasProperty/2'"),
        ([remove("/hasProperty/01")], "nothing is at '/hasProperty/01'"),
        ([remove("/hasProperty/-")], "nothing is at '/hasProperty/-'"),
        ([remove("")], "the whole document can only be replaced"),
        ([rename("/hasProperty/0", "x")], "has no key"),
        ([add("/nothing/x", "1")], "no object or array is at '/nothing'"),
        ([add("/mas/x", "1")], "no object or array is at '/mas'"),
        ([add("/hasProperty/0", "1")], "are added at its end"),
        ([add("/mas", "1")], "the key 'mas' would stand twice"),
        ([add("/x", "1"), add("/x", "1")], "several are about '/x'"),
        ([add("/x", "1"), rename("/mas", "x")], "the key 'x' would stand twice"),
        ([rename("/mas", "last")], "the key 'last' would stand twice"),
        ([replace("/mas", "1"), replace("/mas", "2")], "several are about '/mas'"),
        ([replace("/mas", "1"), remove("/mas")], "several are about '/mas'"),
        ([remove("/hasProperty"), replace("/hasProperty/0", "1")], "another about '/hasProperty/0' inside it"),
        ([replace("", "1"), remove("/hasProperty/0/@type")], "one is about ''"),
        ([add("/x", "{}"), add("/x/y", "1")], "another about '/x/y' inside it"),
        ([replace("/mas", "NaN")], "no JSON"),
        ([replace("/mas", "1, 2")], "no JSON"),
        ([replace("/mas", "")], "no JSON"),
        ([replace("/mas", '"\ud800"')], "no JSON"),
        ([add("/\ud800", "1")], "no JSON"),
        ([Edit(Operation.RENAME, "/mas", "mass")], "no JSON"),
        ([Edit(Operation.RENAME, "/mas", "1")], "no text in double quotes"),
    ],
)
def test_edits_that_do_not_fit_are_refused(edits: Sequence[Edit], told: str) -> None:
    with pytest.raises(EditConflictError, match=r"The changes do not fit the document") as refused:
        edited(PRETTY, *edits)
    assert told in refused.value.message
    assert refused.value.remedy


def test_two_ways_to_write_one_pointer_are_one_place() -> None:
    with pytest.raises(EditConflictError, match="several are about"):
        edited('{"~2": 1}', replace("/~2", "1"), replace("/~02", "2"))


def test_a_byte_order_mark_stays_and_none_is_added() -> None:
    for mark in (b"", codecs.BOM_UTF8):
        content = mark + '{"größe": 1}'.encode()
        document = read_document(content, "a.jsonld")
        assert isinstance(document, Document)
        assert edit_content(content, document, [replace("/größe", "2")]) == mark + '{"größe": 2}'.encode()


@pytest.mark.parametrize("pointer", ["/a/2", "/a/-1", "/a/01", "/a/٠", "/b", "/a/0/0", "/a/" + "9" * 5000])
def test_a_pointer_to_nothing_has_no_value_and_no_span(pointer: str) -> None:
    document = read('{"a": [1, 2]}')
    assert document.span(pointer) is None
    with pytest.raises(KeyError):
        value_at(document.value, pointer)


# Random documents in random formatting, with random edits, against an oracle that knows no text.

KEYS = st.text(max_size=3) | st.sampled_from(["a", "b", "c/d", "~", "-", "0"])
SCALARS = (
    st.none() | st.booleans() | st.integers(-999, 999) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4)
)
VALUES = st.recursive(SCALARS, lambda child: st.lists(child, max_size=4) | st.dictionaries(KEYS, child, max_size=4), max_leaves=15)
SPACES = st.text(alphabet=" \t\r\n", max_size=3) | st.sampled_from(["", " ", "\n  ", "\r\n\t"])


@st.composite
def texts(draw: st.DrawFn, value: Any) -> str:
    """The value as JSON text with white space anywhere, as a person might leave it."""

    def space() -> str:
        return draw(SPACES)

    def write(value: Any) -> str:
        if isinstance(value, dict):
            members = [f"{space()}{write(key)}{space()}:{space()}{write(child)}{space()}" for key, child in value.items()]
            return "{" + (",".join(members) or space()) + "}"
        if isinstance(value, list):
            return "[" + (",".join(f"{space()}{write(child)}{space()}" for child in value) or space()) + "]"
        return json.dumps(value, ensure_ascii=draw(st.booleans()))

    return space() + write(value) + space()


def step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def places(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    """Every pointer with its value, the outermost first."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(pointer, value)] + [
        found for key, child in children for found in places(child, f"{pointer}/{step(key) if isinstance(key, str) else key}")
    ]


@st.composite
def some_edits(draw: st.DrawFn, value: Any) -> list[Edit]:
    """Edits that may or may not fit the value."""
    found = places(value)
    edits = []
    for _ in range(draw(st.integers(0, 4))):
        pointer, here = draw(st.sampled_from(found))
        content = draw(VALUES.flatmap(texts))
        match draw(st.sampled_from(Operation)):
            case Operation.REPLACE:
                edits.append(replace(pointer, content))
            case Operation.RENAME:
                edits.append(rename(pointer, draw(KEYS)))
            case Operation.REMOVE:
                edits.append(remove(pointer))
            case Operation.ADD:
                edits.append(add(f"{pointer}/{step(draw(KEYS)) if isinstance(here, dict) else '-'}", content))
    return edits


def oracle(value: Any, edits: Sequence[Edit], pointer: str = "") -> Any:
    """The value with the edits in it."""
    at = {(edit.operation, edit.pointer): edit for edit in edits}
    if (Operation.REPLACE, pointer) in at:
        return json.loads(at[Operation.REPLACE, pointer].content)
    added = [edit for edit in edits if edit.operation is Operation.ADD and edit.pointer.rpartition("/")[0] == pointer]
    if isinstance(value, list):
        inner = [(f"{pointer}/{index}", child) for index, child in enumerate(value)]
        kept = [oracle(child, edits, below) for below, child in inner if (Operation.REMOVE, below) not in at]
        return kept + [json.loads(edit.content) for edit in added]
    if isinstance(value, dict):
        members: list[tuple[str, Any]] = []
        for key, child in value.items():
            below = f"{pointer}/{step(key)}"
            renamed = at.get((Operation.RENAME, below))
            if (Operation.REMOVE, below) not in at:
                members.append((json.loads(renamed.content) if renamed else key, oracle(child, edits, below)))
        for edit in added:
            key = edit.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            members.append((key, json.loads(edit.content)))
        assert len(dict(members)) == len(members)
        return dict(members)
    return value


def touched(document: Document, edit: Edit) -> tuple[int, int]:
    """Where an edit may change the text: the value, the key, or a member with what lies between it and its neighbours."""
    if edit.operation in (Operation.REPLACE, Operation.RENAME):
        span = document.span(edit.pointer, of="value" if edit.operation is Operation.REPLACE else "key")
        assert span
        return span
    parent = edit.pointer.rpartition("/")[0]
    container = value_at(document.value, parent)
    around = document.span(parent)
    assert around
    spans = []
    for below in (
        [f"{parent}/{step(key)}" for key in container]
        if isinstance(container, dict)
        else [f"{parent}/{index}" for index in range(len(container))]
    ):
        value, key = document.span(below), document.span(below, of="key")
        assert value
        spans.append((below, key[0] if key else value[0], value[1]))
    names = [below for below, _, _ in spans]
    if edit.operation is Operation.ADD:
        return (spans[-1][2] if spans else around[0] + 1), around[1] - 1
    here = names.index(edit.pointer)
    before = spans[here - 1][2] if here else around[0] + 1
    after = spans[here + 1][1] if here + 1 < len(spans) else around[1] - 1
    return before, after


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_the_result_says_what_the_edits_say_and_the_rest_is_byte_equal(data: st.DataObject) -> None:
    value = data.draw(VALUES)
    text = data.draw(texts(value))
    edits = data.draw(some_edits(value))
    document = read(text)
    try:
        result = apply_edits(document, edits)
    except EditConflictError:
        return
    assert json.dumps(json.loads(result)) == json.dumps(oracle(value, edits))  # order, -0.0 and 1 against True included
    regions = sorted(touched(document, edit) for edit in edits)
    here, found = 0, 0
    for start, end in [*regions, (len(text), len(text))]:
        untouched = text[here:start] if start > here else ""
        found = result.find(untouched, found)
        assert found >= 0, untouched
        assert here or found == 0
        found += len(untouched)
        here = max(here, end)
    assert result.endswith(text[max((end for _, end in regions), default=0) :])


@settings(max_examples=100, deadline=None)
@given(VALUES.flatmap(texts))
def test_no_edit_changes_nothing(text: str) -> None:
    assert edited(text) == text


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_one_fitting_edit_is_never_refused(data: st.DataObject) -> None:
    value = data.draw(VALUES)
    pointer, here = data.draw(st.sampled_from(places(value)))
    possible = [replace(pointer, "1")]
    if pointer:
        possible.append(remove(pointer))
    if isinstance(here, list):
        possible.append(add(f"{pointer}/-", "1"))
    if isinstance(here, dict):
        possible.append(add(f"{pointer}/new~1key", "1"))
        possible += [rename(f"{pointer}/{step(key)}", "new/key") for key in here]
    edit = data.draw(st.sampled_from(possible))
    text = data.draw(texts(value))
    assert json.loads(edited(text, edit)) == oracle(value, [edit])


# Text that is no JSON


def splice(offset: int, length: int, text: str) -> Edit:
    return Edit(Operation.SPLICE, "", text, offset, length)


def test_a_splice_changes_characters_of_a_text_that_is_no_json() -> None:
    content = codecs.BOM_UTF8 + '{"größe": NaN\r\n "b": NaN}'.encode()
    edits = [splice(21, 3, "null"), splice(13, 0, ","), splice(10, 3, "null")]
    assert edit_content(content, None, edits) == codecs.BOM_UTF8 + '{"größe": null,\r\n "b": null}'.encode()
    assert [piece.start for piece in pieces_of(Document(None, "", content.decode()), edits)] == [10, 13, 21]


@pytest.mark.parametrize(
    ("content", "edits"),
    [
        (b"{", [splice(0, 2, "")]),
        (b"{", [splice(2, 0, "")]),
        (b"{", [splice(-1, 1, "")]),
        (b"{a}", [splice(0, 2, ""), splice(1, 2, "")]),
        (b"{a}", [splice(0, 1, ""), splice(0, 1, "")]),
        (b"{a}", [splice(0, 1, ""), remove("/a")]),
        (b"{a}", [remove("/a")]),
        (b"\xff", [splice(0, 1, "")]),
    ],
)
def test_splices_that_do_not_fit_are_refused(content: bytes, edits: list[Edit]) -> None:
    with pytest.raises(EditConflictError, match="do not fit"):
        edit_content(content, None, edits)


def test_splices_and_pointers_do_not_go_together() -> None:
    with pytest.raises(EditConflictError, match="others places"):
        edited('{"a": 1}', splice(6, 1, "2"), remove("/a"))
