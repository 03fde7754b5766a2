"""Causes: findings that one fix mends are one line, with how far it reaches."""

from __future__ import annotations

import pytest

from records.issues import Issue, Severity, Suggestion
from shapes.causes import Cause, cause_of, causes


def undefined_prefix(prefix: str, places: int = 1, fix: str = "") -> Issue:
    suggestions = (Suggestion(fix, fix),) if fix else ()
    message = f"the prefix '{prefix}' is not defined in the context; x was assumed (here and in {places - 1} more places)"
    return Issue("undefined-prefix", message, Severity.WARNING, value=prefix, places=places, line=3, suggestions=suggestions)


@pytest.mark.parametrize(
    ("issue", "key", "title"),
    [
        (
            Issue("undefined-term", "...", value="hasProperety"),
            "undefined-term:hasProperety",
            "the key 'hasProperety' is not defined",
        ),
        (Issue("missing-value", "...", value="", pointer="/a"), "missing-value", "an empty text stands for a value"),
        (Issue("missing-value", "...", value="{0}"), "missing-value:{0}", "'{0}' stands for a value"),
        (
            Issue("deprecated-class", "the class X is deprecated (here and in 1,204 more places); use Y", value="http://e/X"),
            "deprecated-class:http://e/X",
            "the class X is deprecated",
        ),
        (
            Issue("number-as-text", "'3' is ...", value="3", pointer="/a/0/b~1c/1"),
            "number-as-text:b/c",
            "numbers of 'b/c' are written as text",
        ),
        (Issue("number-as-text", "'3' is ...", value="3"), "number-as-text", "numbers of the document are written as text"),
        (Issue("missing-unit", "The number has no unit", shape="http://e/MissingUnit"), "missing-unit", "missing unit"),
        (Issue("implausible-value", "3 m is much", value="3"), "implausible-value", "implausible value"),
    ],
)
def test_a_cause_names_what_its_findings_have_in_common(issue: Issue, key: str, title: str) -> None:
    cause = cause_of(issue)
    assert (cause.key, cause.title) == (key, title)


def test_a_cause_counts_places_and_files_over_all_documents() -> None:
    files = [
        ("a.jsonld", [undefined_prefix("emmo", 12), undefined_prefix("unit")]),
        ("b.jsonld", []),
        ("c.jsonld", [undefined_prefix("emmo", 3), undefined_prefix("emmo", 1)]),
    ]
    emmo, unit = causes(files)
    assert (emmo.cause.subject, emmo.places, emmo.findings, emmo.files, emmo.example_file) == ("emmo", 16, 3, 2, "a.jsonld")
    assert (unit.cause.subject, unit.places, unit.findings, unit.files) == ("unit", 1, 1, 1)
    assert str(emmo) == "the prefix 'emmo' is not defined: 16 places in 2 files"
    assert str(unit) == "the prefix 'unit' is not defined: 1 place in 1 file"


def test_what_shows_in_most_places_comes_first_and_then_the_gravest() -> None:
    few = Issue("a-code", "x", Severity.VIOLATION)
    many = Issue("b-code", "x", Severity.INFO, places=5)
    grave = Issue("c-code", "x", Severity.VIOLATION, places=5)
    found = causes([("a", [few, many, grave])])
    assert [summary.cause.code for summary in found] == ["c-code", "b-code", "a-code"]


def test_the_gravest_finding_gives_the_severity_and_the_first_the_example() -> None:
    mild, grave = (Issue("code", text, severity) for text, severity in (("first", Severity.INFO), ("second", Severity.WARNING)))
    [summary] = causes([("a", [mild, grave, mild])])
    assert summary.severity is Severity.WARNING
    assert summary.example is mild


def test_one_fix_mends_all_only_when_every_finding_suggests_the_same() -> None:
    same, other, none = (undefined_prefix("emmo", fix=text) for text in ('add "emmo"', 'add "other"', ""))
    assert causes([("a", [same]), ("b", [same])])[0].fix == 'add "emmo"'
    assert causes([("a", [same]), ("b", [other])])[0].fix == ""
    assert causes([("a", [same]), ("b", [none])])[0].fix == ""
    assert causes([("a", [none])])[0].fix == ""


def test_json_names_the_cause_its_reach_and_an_example() -> None:
    [summary] = causes([("a.jsonld", [undefined_prefix("emmo", 2)])])
    assert summary.to_json() == {
        "key": "undefined-prefix:emmo",
        "code": "undefined-prefix",
        "subject": "emmo",
        "title": "the prefix 'emmo' is not defined",
        "severity": "warning",
        "places": 2,
        "findings": 1,
        "files": 1,
        "fix": None,
        "example": {"file": "a.jsonld", "message": summary.example.message, "pointer": "", "line": 3, "column": 0},
    }


def test_no_findings_have_no_cause() -> None:
    assert causes([]) == ()
    assert Cause("a", "", "x").key == "a"
