"""Fixing: takes what is sure, checks again, and gives nothing back that is worse anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.jsonld import Statements
from harvester.fixing import Fixed, fix
from harvester.reading import Checked
from records.issues import Certainty, Edit, Issue, Operation, Suggestion
from records.ntriples import Triples
from shapes.reader import Document, read_document


def rename(pointer: str, key: str) -> Edit:
    return Edit(Operation.RENAME, pointer, json.dumps(key))


def a_suggestion(*edits: Edit, certainty: Certainty = Certainty.CERTAIN, changes_value: bool = False) -> Suggestion:
    return Suggestion("do so", "so", certainty, edits, changes_value)


# A small language with rules of its own: the key of a member says what is wrong with it and what mends it.


def finding(code: str, pointer: str, *suggestions: Suggestion) -> Issue:
    return Issue(code, code, pointer=pointer, value=pointer.rpartition("/")[2], suggestions=suggestions)


RULES: dict[str, Callable[[str, Any, str], Issue | None]] = {
    "misspelt": lambda here, _value, _text: finding("misspelt", here, a_suggestion(rename(here, "good"))),
    "guess": lambda here, _value, _text: finding("guess", here, a_suggestion(rename(here, "good"), certainty=Certainty.LIKELY)),
    "number": lambda here, value, _text: (
        finding("comma", here, a_suggestion(Edit(Operation.REPLACE, here, "3.4"), changes_value=True)) if value == "3,4" else None
    ),
    "stuck": lambda here, _value, _text: finding("stuck", here, a_suggestion(Edit(Operation.REPLACE, here, "1"))),
    "trap": lambda here, _value, _text: finding("trap", here, a_suggestion(rename(here, "sprung"))),
    "far": lambda here, _value, text: finding("far-away", here) if '"sprung"' in text else None,
    "lid": lambda here, _value, _text: finding("lid", here, a_suggestion(rename(here, "opened"))),
    "under": lambda here, _value, text: finding("under", here, a_suggestion(rename(here, "clean"))) if '"opened"' in text else None,
    "ruin": lambda here, _value, _text: finding("ruin", here, a_suggestion(rename(here, "ruined"))),
    "unit": lambda here, _value, text: (
        None if '"declared"' in text else finding("undeclared", here, a_suggestion(Edit(Operation.ADD, "/declared", "true")))
    ),
    "bundle": lambda here, _value, _text: finding("bundle", here, a_suggestion(Edit(Operation.REMOVE, here))),
    "first": lambda here, _value, _text: finding(
        "first", here, a_suggestion(Edit(Operation.REPLACE, here.rpartition("/")[0], "{}"))
    ),
    "dull": lambda here, _value, _text: finding("dull", here),
    "odd": lambda here, _value, _text: finding("odd", here, a_suggestion(rename("/nowhere", "x"))),
}


def judge(document: Document) -> Iterator[Issue]:
    """Findings of a document, member by member; below a misspelt key nothing is read."""
    waiting = [("", document.value)]
    while waiting:
        pointer, value = waiting.pop(0)
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in members:
            here = f"{pointer}/{key}"
            if key in RULES and (found := RULES[key](here, child, document.text)):
                yield replace(found, line=document.place(here)[0])
            if key != "misspelt":
                waiting.append((here, child))


def check(content: bytes) -> Checked:
    document = read_document(content, "a.jsonld")
    if isinstance(document, Issue):
        return Checked((document,))
    if "ruined" in document.value:
        return Checked((Issue("refused", "this is refused"),), document)
    return Checked(tuple(judge(document)), document, None, Statements(Triples(), {}))


def fixed(value: Any, **options: Any) -> Fixed:
    return fix(json.dumps(value, indent=1).encode(), check, **options)


def test_certain_suggestions_are_taken_and_the_formatting_stays() -> None:
    done = fix(b'{ "misspelt" : 1,\r\n  "x":2 }', check)
    assert done.content == b'{ "good" : 1,\r\n  "x":2 }'
    assert [(mend.issue.code, mend.reason) for mend in done.applied] == [("misspelt", "")]
    assert (done.left, done.refused, done.gone) == ((), (), ())


def test_less_certain_suggestions_are_taken_only_when_asked_for() -> None:
    content = {"guess": 1}
    left = fixed(content)
    assert json.loads(left.content) == content
    assert [issue.code for issue in left.left] == ["guess"]
    assert json.loads(fixed(content, certainty=Certainty.LIKELY).content) == {"good": 1}


def test_a_value_changes_only_when_that_is_allowed_and_is_told() -> None:
    content = {"number": "3,4"}
    kept = fixed(content)
    assert json.loads(kept.content) == content
    assert [(mend.issue.code, mend.reason) for mend in kept.refused] == [("comma", "it changes a value")]
    changed = fixed(content, change_values=True)
    assert json.loads(changed.content) == {"number": 3.4}
    assert [mend.suggestion.changes_value for mend in changed.applied] == [True]


def test_what_stands_below_a_mended_key_is_mended_in_the_next_round() -> None:
    done = fixed({"misspelt": [{"misspelt": {"dull": 1}}]})
    assert json.loads(done.content) == {"good": [{"good": {"dull": 1}}]}
    assert len(done.applied) == 2
    assert [issue.code for issue in done.left] == ["dull"]


def test_a_mend_that_makes_a_finding_elsewhere_is_dropped_and_says_so_and_the_others_stay() -> None:
    content = {"a": {"misspelt": 1}, "b": {"trap": 1}, "c": {"far": 1}, "d": {"misspelt": 1}}
    done = fixed(content)
    assert json.loads(done.content) == {"a": {"good": 1}, "b": {"trap": 1}, "c": {"far": 1}, "d": {"good": 1}}
    assert [(mend.issue.code, mend.reason) for mend in done.refused] == [("trap", "line 9 would have a new finding: far-away")]
    assert [issue.code for issue in done.left] == ["trap"]


def test_a_new_finding_elsewhere_that_can_be_mended_too_is_mended_with_it() -> None:
    done = fixed({"a": {"lid": 1}, "b": {"under": 1}, "c": {"stuck": 1}})
    assert json.loads(done.content) == {"a": {"opened": 1}, "b": {"clean": 1}, "c": {"stuck": 1}}
    assert [mend.issue.code for mend in done.applied] == ["lid", "under"]
    assert [issue.code for issue in done.left] == ["stuck"]


def test_a_mend_after_which_nothing_can_be_read_is_dropped() -> None:
    done = fixed({"ruin": 1, "misspelt": 1})
    assert json.loads(done.content) == {"ruin": 1, "good": 1}
    assert [mend.reason for mend in done.refused] == ["the document could not be read afterwards: this is refused"]


def test_a_mend_that_mends_nothing_is_dropped() -> None:
    done = fixed({"stuck": 0})
    assert json.loads(done.content) == {"stuck": 0}
    assert [mend.reason for mend in done.refused] == ["the finding is still there afterwards"]


def test_a_suggestion_that_does_not_fit_the_document_is_dropped() -> None:
    done = fixed({"odd": 0, "misspelt": 1})
    assert json.loads(done.content) == {"odd": 0, "good": 1}
    assert [mend.reason for mend in done.refused] == ["its edits do not fit the document"]


def test_findings_that_ask_for_the_same_are_mended_by_one_edit() -> None:
    done = fixed({"a": {"unit": 1}, "b": {"unit": 2}})
    assert json.loads(done.content) == {"a": {"unit": 1}, "b": {"unit": 2}, "declared": True}
    assert [mend.issue.pointer for mend in done.applied] == ["/a/unit", "/b/unit"]


def test_of_mends_that_hinder_each_other_the_first_is_taken() -> None:
    done = fixed({"a": {"misspelt": 1, "first": 1}, "b": {"misspelt": 1}})
    assert json.loads(done.content) == {"a": {}, "b": {"good": 1}}
    assert done.left == ()


def test_a_finding_that_vanishes_with_another_is_told() -> None:
    done = fixed({"bundle": {"dull": 1}, "x": 1})
    assert json.loads(done.content) == {"x": 1}
    assert [issue.code for issue in done.gone] == ["dull"]


def test_what_is_no_json_and_cannot_be_made_so_is_left_as_it_is() -> None:
    done = fix(b"{", check)
    assert (done.content, done.was_json) == (b"{", False)
    assert [issue.code for issue in done.left] == ["not-json"]


def test_what_is_no_json_is_made_so_and_then_mended_as_any_other_document() -> None:
    done = fix(b"\xef\xbb\xbf{'misspelt': True,\r\n \"dull\": [1,],}", check)
    assert done.content == b'\xef\xbb\xbf{"good": true,\r\n "dull": [1]}'
    codes = [mend.issue.code for mend in done.applied]
    assert codes == ["not-json"] * 4 + ["misspelt"]
    assert not done.was_json
    assert ([issue.code for issue in done.left], done.gone, done.refused) == (["dull"], (), ())


def test_all_breaches_of_the_grammar_are_mended_or_none() -> None:
    content = b'{"misspelt": [1,],\n "a": NaN}'
    done = fix(content, check)
    assert (done.content, done.applied) == (content, ())
    [left] = done.left
    [refused] = done.refused
    assert (left.message, refused.issue) == ("there is a comma too many", left)
    assert refused.reason == (
        "line 2 is no JSON either (NaN is not a JSON value), and its mend is likely and not certain, and it changes a value"
    )
    assert fix(b"[1,] [", check).refused[0].reason.endswith("and somebody must look at it")


@pytest.mark.parametrize(
    ("certainty", "change_values", "reason"),
    [
        (Certainty.CERTAIN, False, "its mend is likely and not certain, and it changes a value"),
        (Certainty.CERTAIN, True, "its mend is likely and not certain"),
        (Certainty.LIKELY, False, "it changes a value"),
        (Certainty.LIKELY, True, ""),
    ],
)
def test_a_number_becomes_null_only_when_that_is_asked_for(certainty: Certainty, change_values: bool, reason: str) -> None:
    content = b'{"a": NaN, "b": [NaN]}'
    done = fix(content, check, certainty, change_values=change_values)
    assert [mend.reason for mend in done.refused] == ([reason] if reason else [])
    assert done.content == (content if reason else b'{"a": null, "b": [null]}')
    assert [mend.issue.places for mend in done.applied] == ([] if reason else [2])


def test_what_is_one_of_several_is_told_as_such() -> None:
    [refused] = fix(b"[Infinity]", check, Certainty.LIKELY, change_values=True).refused
    assert refused.reason == "its mend is only one of several that are possible"


def test_reading_what_is_no_json_ends_at_its_limit_and_says_so() -> None:
    content = b"[" + b"[1,]," * 40 + b"[]]"
    assert json.loads(fix(content, check).content) == [[1]] * 40 + [[]]
    done = fix(content, check, max_read=20 * len(content))
    assert done.content == content
    assert "bytes were read already" in done.refused[0].reason


# A document broken in one way, and what its author meant.


def _in_quotes(left: str, right: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{left}{match[1]}{right}"


BREAKS: dict[str, tuple[str, str | Callable[[re.Match[str]], str]]] = {
    "a comma before the end": (r"(?<![\[{,])(?=\n *[\]}])", ","),
    "no comma at the end of a line": (r",(?=\n)", ""),
    "two commas between members": (r',(?=\n *"\w+":)', ",,"),
    "single quotes": (r'"(\w*)"', _in_quotes("'", "'")),
    "typographic quotes": (r'"(\w*)"', _in_quotes("\u201c", "\u201d")),
    "no closing quote of a key": (r'(?<=\w)"(?=: "\w)', ""),
    "Python's true": (r"\btrue(?=,?\n)", "True"),
    "Python's false": (r"\bfalse(?=,?\n)", "False"),
    "Python's null": (r"\bnull(?=,?\n)", "None"),
    "a plus sign": (r"(?<= )(?=\d)", "+"),
    "no zero before the point": (r"(?<![\d-])0(?=\.\d)", ""),
    "a decimal comma": (r'(?<=": )(-?\d+)\.(?=\d+,?\n)', lambda match: f"{match[1]},"),
    "a member twice": (r'("\w+": (?:-?\d+|"\w*"|true|null))(?=,?\n)', lambda match: f"{match[1]}, {match[1]}"),
}
WORDS = st.text("abcxyzé", min_size=1, max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | st.decimals(-9, 9, places=2).map(float) | WORDS
DOCUMENTS = st.dictionaries(
    WORDS,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12),
    min_size=1,
    max_size=5,
)


def reads(content: bytes) -> Checked:
    document = read_document(content, "a.jsonld")
    return Checked((document,)) if isinstance(document, Issue) else Checked((), document, None, Statements(Triples(), {}))


@pytest.mark.parametrize("way", BREAKS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_was_broken_in_one_way_says_again_what_it_said(way: str, data: st.DataObject) -> None:
    value = {**data.draw(DOCUMENTS), "r": True, "s": False, "t": None, "u": 0.25, "v": [1], "w": "y", **data.draw(DOCUMENTS)}
    text = json.dumps(value, indent=1, ensure_ascii=False)
    pattern, broken_as = BREAKS[way]
    places = list(re.finditer(pattern, text))
    place = data.draw(st.sampled_from(places))
    new = broken_as if isinstance(broken_as, str) else broken_as(place)
    broken = text[: place.start()] + new + text[place.end() :]
    done = fix(broken.encode(), reads)
    assert not done.was_json
    assert (done.refused, done.left) == ((), ())
    assert json.loads(done.content) == value


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_what_python_prints_of_a_value_says_it_again(value: Any) -> None:
    done = fix(repr(value).encode(), reads)
    assert json.loads(done.content) == value


def test_a_document_with_nothing_to_mend_is_checked_once() -> None:
    calls = []

    def counted(content: bytes) -> Checked:
        calls.append(content)
        return check(content)

    assert fix(b'{"x": 1}', counted).content == b'{"x": 1}'
    assert len(calls) == 1


def test_checking_ends_at_its_limit_and_says_so() -> None:
    done = fixed({"a": {"stuck": 0}, "b": {"stuck": 0}, "misspelt": 1}, max_checks=2)
    assert json.loads(done.content)["a"] == {"stuck": 0}
    assert all("times already; run fix again" in mend.reason for mend in done.refused)
    assert len(done.refused) == 3


KEYS = st.sampled_from(
    ["misspelt", "guess", "number", "stuck", "trap", "far", "unit", "bundle", "first", "lid", "under", "dull", "odd", "ruin", "x"]
)
VALUES = st.recursive(
    st.sampled_from([1, "3,4", None]),
    lambda inner: st.dictionaries(KEYS, inner, max_size=5) | st.lists(inner, max_size=3),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=6), st.sampled_from(Certainty), st.booleans())
def test_the_result_reads_as_told_and_a_second_run_changes_nothing(value: Any, certainty: Certainty, change_values: bool) -> None:
    done = fixed(value, certainty=certainty, change_values=change_values)
    assert check(done.content).issues == done.left
    assert (done.content == json.dumps(value, indent=1).encode()) == (not done.applied)
    again = fix(done.content, check, certainty, change_values=change_values)
    assert again.content == done.content
    assert again.applied == ()


@pytest.mark.parametrize("count", [300])
def test_many_mends_take_few_checks(count: int) -> None:
    calls = 0

    def counted(content: bytes) -> Checked:
        nonlocal calls
        calls += 1
        return check(content)

    value = [{"misspelt": 1} for _ in range(count)]
    done = fix(json.dumps(value).encode(), counted)
    assert len(done.applied) == count
    assert calls == 2


@settings(max_examples=300, deadline=None)
@given(st.text("{}[],:\"'\u201cnNaT .5+-0/*#\\\n\r=", max_size=40), st.sampled_from(Certainty))
def test_of_any_text_comes_json_or_the_text_as_it_was(text: str, certainty: Certainty) -> None:
    content = text.encode()
    done = fix(content, reads, certainty, change_values=True)
    if done.content == content:
        assert done.applied == ()
    else:
        assert reads(done.content).document
        assert done.left == ()
