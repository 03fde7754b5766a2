"""Reports: each form says the same findings, is what its standard asks for, and lets nothing of a document escape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.issues import Certainty, Edit, Issue, Operation, Severity, Suggestion
from shapes.finding_pages import FindingPages
from shapes.reader import read_document
from shapes.reports.html_report import MAX_SNIPPETS, to_html
from shapes.reports.json_report import to_json, to_value
from shapes.reports.junit_report import to_junit
from shapes.reports.report import FileFindings, Report, best_first, visible
from shapes.reports.sarif_report import to_sarif
from shapes.reports.shacl_report import to_shacl
from shapes.reports.text_report import MANY_FILES, to_text

TEXT = '{\r\n  "hasProperety": [1],\r\n  "größe": {"a": "3,4"}\r\n}\r\n'
MISSPELT = Issue(
    "undefined-term",
    "'hasProperety' is not defined",
    source="a.jsonld",
    pointer="/hasProperety",
    line=2,
    column=3,
    value="hasProperety",
    expected="a property",
    suggestions=(
        Suggestion(
            "write hasProperty", "hasProperty", Certainty.CERTAIN, (Edit(Operation.RENAME, "/hasProperety", '"hasProperty"'),)
        ),
    ),
)
COMMA = Issue(
    "decimal-comma",
    "'3,4' has a comma",
    Severity.WARNING,
    source="a.jsonld",
    pointer="/größe/a",
    line=3,
    column=18,
    remedy="write it with a point",
    focus_node="https://example.org/a.jsonld#/gr%C3%B6%C3%9Fe",
    path="https://w3id.org/emmo#EMMO_1",
    value="3,4",
    shape="https://w3id.org/voltagraph/shapes#Comma",
    places=3,
)
FILE = FileFindings("cells/a.jsonld", (MISSPELT, COMMA), TEXT, "a.jsonld", "https://example.org/validate/a.jsonld")
CLEAN = FileFindings("cells/clean.jsonld", (), "", "clean.jsonld", "https://example.org/validate/clean.jsonld")
REPORT = Report([FILE, CLEAN], pages=FindingPages(), version="1.2.3", address="https://example.org/findings/")


def copies(count: int) -> list[FileFindings]:
    names = [f"{index}.jsonld" for index in range(count)]
    return [FileFindings(name, (replace(MISSPELT, source=name),), TEXT, name) for name in names]


def sarif(report: Report) -> Any:
    return json.loads(to_sarif(report, lambda file: file))["runs"][0]


def printed(report: Report, width: int = 110) -> str:
    return "\n".join(line.plain for line in to_text(report, width))


# Places and snippets


def snippet(line: str, column: int, width: int = 60) -> tuple[str, str, str]:
    issue = Issue("code", "", line=1, column=column)
    found = FileFindings("a", (issue,), line).snippet(issue, width)
    assert found is not None
    return found.before, found.marked, found.after


@pytest.mark.parametrize(
    ("line", "column", "marked"),
    [
        ('{"a": 1}', 2, '"a"'),
        ('{"a": 1.5e3}', 7, "1.5e3"),
        ('{"a": "x \\" y"}', 7, '"x \\" y"'),
        ('{"a": {"b": 1}}', 7, "{"),
        ('{"a": [1]}', 7, "["),
        ('{"a": NaN}', 7, "NaN"),
        ('{"a" 1}', 6, "1"),
        ('{"a": "open', 7, '"open'),
        ('{"a": 1,}', 8, ","),
        ('{"a": 1', 8, " "),
    ],
)
def test_what_is_found_is_marked_to_its_end(line: str, column: int, marked: str) -> None:
    before, found, after = snippet(line, column)
    assert (before, found, after) == (line[: column - 1], marked, line[column - 1 + len(marked) :])


def test_a_long_line_is_cut_around_what_is_found() -> None:
    line = "x" * 500 + '"here"' + "y" * 500
    before, marked, after = snippet(line, 501, 60)
    assert marked == '"here"'
    assert before.startswith("…x")
    assert after.endswith("y…")
    assert 50 <= len(before + marked + after) <= 62
    assert snippet('"' + "z" * 500 + '"', 1, 60)[1] == '"' + "z" * 14 + "…" + "z" * 14 + '"'


def test_a_finding_without_a_place_or_in_another_file_has_no_snippet() -> None:
    beside = Issue("rights-unreadable", "", source="rights.json", line=1, column=1)
    assert FILE.snippet(Issue("code", "")) is None
    assert FILE.snippet(beside) is None
    assert FILE.path_of(beside) == "cells/rights.json"
    assert FILE.snippet(Issue("code", "", line=99, column=1)) is None
    assert FILE.snippet(Issue("code", "", line=2, column=999)) is None


@settings(max_examples=200, deadline=None)
@given(st.text(), st.integers(0, 60), st.integers(0, 60), st.integers(1, 80))
def test_any_place_in_any_text_can_be_shown(text: str, line: int, column: int, width: int) -> None:
    issue = Issue("code", text, line=line, column=column, value=text)
    file = FileFindings("a", (issue,), text)
    found = file.snippet(issue, width)
    assert found is None or visible(found.before + found.marked + found.after) == found.before + found.marked + found.after
    printed(Report([file]))


def test_no_character_of_a_document_steers_the_terminal() -> None:
    assert visible("\x1b[2J\u202e\u2028\ud800\x7f é 電") == "\\u001b[2J\\u202e\\u2028\\ud800\\u007f é 電"
    issue = Issue("code", "\x1b[31m", line=1, column=1, value="\x1b", suggestions=(Suggestion("\x1b", "\x1b"),))
    assert "\x1b" not in printed(Report([FileFindings("\x1b.jsonld", (issue,), "\x9b\x1b")]))


# Text


def test_text_shows_place_line_caret_expectation_and_change() -> None:
    assert printed(REPORT) == "\n".join(
        [
            "cells/a.jsonld:2:3: violation 'hasProperety' is not defined (undefined-term)",
            '   2 |   "hasProperety": [1],',
            "     |   ^^^^^^^^^^^^^^",
            "     expected: a property",
            "     write hasProperty: hasProperety -> hasProperty (certain: `voltagraph fix` does it)",
            "cells/a.jsonld:3:18: warning '3,4' has a comma (decimal-comma)",
            '   3 |   "größe": {"a": "3,4"}',
            "     |                  ^^^^^",
            "     write it with a point",
            "",
            "2 files, 2 findings",
            "      1  undefined-term  https://example.org/findings/undefined-term",
            "      1  decimal-comma  https://example.org/findings/decimal-comma",
        ]
    )


def test_the_caret_stands_below_wide_characters_too() -> None:
    issue = Issue("code", "x", line=1, column=8)
    lines = printed(Report([FileFindings("a", (issue,), '{"電池": "x"}')])).splitlines()
    assert lines[2] == "     | " + " " * 9 + "^^^"


def test_many_files_are_grouped_by_cause_each_with_an_example_and_the_first_places() -> None:
    files = copies(MANY_FILES + 1)
    told = printed(Report(files))
    assert told.startswith(
        "violation the key 'hasProperety' is not defined: 11 places in 11 files; one fix (undefined-term)\n   2 |"
    )
    assert told.count("^^^") < 10
    assert told.count('hasProperety": [1]') == 1
    assert "and in 7 more files" in told
    assert "11 files, 11 findings" in told


def test_without_findings_only_the_count_is_told() -> None:
    assert printed(Report([CLEAN])) == "1 file, 0 findings"


@pytest.mark.parametrize(
    ("issue", "told"),
    [
        (Issue("a", "", remedy="do so"), "do so"),
        (Issue("a", ""), ""),
        (MISSPELT, "write hasProperty: hasProperety -> hasProperty"),
        (Issue("a", "", value="emmo", suggestions=(Suggestion('add "e": "x" to it', '"e": "x"'),)), 'add "e": "x" to it'),
        (Issue("a", "", value=",", suggestions=(Suggestion("leave it out", ""),)), "leave it out"),
        (Issue("a", "", value="x", suggestions=(Suggestion("look"), Suggestion("write y", "y"))), "look"),
    ],
)
def test_advice_is_the_best_suggestion_with_before_and_after(issue: Issue, told: str) -> None:
    assert best_first(issue) == told


# JSON


def test_json_has_every_file_with_its_findings_and_the_causes() -> None:
    value = json.loads(to_json(REPORT))
    assert value == to_value(REPORT)
    assert value["files"][0] == {"file": "cells/a.jsonld", "findings": [MISSPELT.to_json(), COMMA.to_json()]}
    assert value["files"][1] == {"file": "cells/clean.jsonld", "findings": []}
    assert [cause["key"] for cause in value["causes"]] == ["decimal-comma:a", "undefined-term:hasProperety"]


def test_json_of_half_a_character_is_utf_8() -> None:
    issue = Issue("code", "half \ud800 é", value="\ud800")
    text = to_json(Report([FileFindings("a", (issue,))]))
    assert json.loads(text.encode())["files"][0]["findings"][0]["value"] == "\ud800"


# SARIF (section numbers are those of SARIF 2.1.0)


def check_sarif(run: Any) -> None:
    """What the standard and GitHub ask of a run."""
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    assert driver["name"]
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")  # 3.14.17
    assert len({rule["id"] for rule in rules}) == len(rules)  # 3.19.23
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")  # 3.50.3
        if "help" in rule:
            assert rule["help"]["text"]  # 3.12.3: markdown never without text
        if "helpUri" in rule:
            assert urlsplit(rule["helpUri"]).scheme in ("http", "https")  # 3.49.12: absolute
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.7
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        assert result.get("occurrenceCount", 1) >= 1
        [location] = result["locations"]
        check_uri(location["physicalLocation"]["artifactLocation"]["uri"])
        if region := location["physicalLocation"].get("region"):
            check_region(region)
            assert region["endColumn"] > region["startColumn"]
        for fix in result.get("fixes", ()):
            assert fix["description"]["text"]
            for change in fix["artifactChanges"]:  # 3.55.3: at least one
                check_uri(change["artifactLocation"]["uri"])
                assert change["replacements"]  # 3.56.3
                for replacement in change["replacements"]:
                    check_region(replacement["deletedRegion"])


def check_uri(uri: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", uri), uri  # 3.4.3: RFC 3986
    assert "\\" not in uri


def check_region(region: Any) -> None:
    assert all(isinstance(value, int) and value >= 1 for value in region.values())  # 3.30.5 to 3.30.8
    assert (region["endLine"], region["endColumn"]) >= (region["startLine"], region["startColumn"])


def test_sarif_has_rule_place_pointer_message_and_fix() -> None:
    run = sarif(REPORT)
    check_sarif(run)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["decimal-comma", "undefined-term"]
    first, second = run["results"]
    assert (first["ruleId"], first["level"], second["level"], second["occurrenceCount"]) == (
        "undefined-term",
        "error",
        "warning",
        3,
    )
    assert first["message"]["text"] == "'hasProperety' is not defined; write hasProperty: hasProperety -> hasProperty"
    [location] = first["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "cells/a.jsonld"},
        "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 17},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "/hasProperety", "kind": "value"}]
    assert run["tool"]["driver"]["rules"][1]["help"]["text"].startswith("A key is not defined")
    assert run["tool"]["driver"]["rules"][1]["helpUri"] == "https://example.org/findings/undefined-term"


def test_a_sarif_fix_applied_by_its_regions_is_the_edit() -> None:
    [fix] = sarif(REPORT)["results"][0]["fixes"]
    [change] = fix["artifactChanges"]
    lines = TEXT.split("\n")
    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        assert region["startLine"] == region["endLine"]
        line = lines[region["startLine"] - 1]
        put = replacement["insertedContent"]["text"]
        lines[region["startLine"] - 1] = line[: region["startColumn"] - 1] + put + line[region["endColumn"] - 1 :]
    assert "\n".join(lines) == TEXT.replace("hasProperety", "hasProperty")


def test_a_sarif_fix_of_what_is_no_json_names_its_characters() -> None:
    text = '{"a": 1\n "größe": NaN}'
    issue = read_document(text.encode(), "a.jsonld")
    assert isinstance(issue, Issue)
    [result] = sarif(Report([FileFindings("a.jsonld", (issue,), text, "a.jsonld")]))["results"]
    [replacement] = result["fixes"][0]["artifactChanges"][0]["replacements"]
    region = {"startLine": 1, "startColumn": 8, "endLine": 1, "endColumn": 8}
    assert replacement == {"deletedRegion": region, "insertedContent": {"text": ","}}


def test_a_sarif_fingerprint_survives_lines_that_come_before() -> None:
    moved = FileFindings(FILE.file, (replace(MISSPELT, line=7),), "\n" * 5 + TEXT, FILE.key)
    one, two = (sarif(Report([file]))["results"][0]["partialFingerprints"] for file in (FILE, moved))
    assert one == two
    assert one != sarif(REPORT)["results"][1]["partialFingerprints"]


# JUnit


def test_junit_has_one_case_a_file_which_fails_at_the_threshold() -> None:
    for threshold, expected in ((Severity.VIOLATION, 1), (Severity.WARNING, 2)):
        warned = FileFindings("w.jsonld", (COMMA,), TEXT)
        suites = ET.fromstring(to_junit(Report([FILE, CLEAN, warned], threshold)))
        [suite] = suites
        cases = suite.findall("testcase")
        assert [case.get("name") for case in cases] == ["cells/a.jsonld", "cells/clean.jsonld", "w.jsonld"]
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", str(expected), "0")
        assert sum(case.find("failure") is not None for case in cases) == expected
        failure = cases[0].find("failure")
        assert failure is not None
        assert failure.get("message") == "'hasProperety' is not defined"
        assert "cells/a.jsonld:2:3: violation [undefined-term]" in (failure.text or "")
        assert list(cases[1]) == []
    assert "w.jsonld:3:18: warning" in to_junit(Report([FileFindings("w.jsonld", (COMMA,), TEXT)]))


# SHACL

SH = "http://www.w3.org/ns/shacl#"


def graph(report: Report) -> ox.Store:
    store = ox.Store()
    store.load(to_shacl(report).encode(), ox.RdfFormat.TURTLE)
    return store


def test_shacl_is_a_validation_report_with_what_the_standard_asks_for() -> None:
    query = f"""PREFIX sh: <{SH}> PREFIX vf: <https://w3id.org/voltagraph/findings#>
    SELECT * WHERE {{ ?report a sh:ValidationReport ; sh:conforms false ; sh:result ?result .
      ?result a sh:ValidationResult ; sh:focusNode ?focus ; sh:resultSeverity ?severity ; sh:sourceConstraintComponent ?component ;
        sh:resultMessage ?message ; sh:value ?value ; vf:file ?file ; vf:line ?line ; vf:column ?column ; vf:pointer ?pointer .
      OPTIONAL {{ ?result sh:resultPath ?path }} OPTIONAL {{ ?result sh:sourceShape ?shape }} }} ORDER BY ?line"""
    solutions = graph(REPORT).query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    first, second = list(solutions)
    assert first["focus"] == ox.NamedNode("https://example.org/validate/a.jsonld#/hasProperety")
    assert first["severity"] == ox.NamedNode(SH + "Violation")
    assert first["component"] == ox.NamedNode("https://w3id.org/voltagraph/findings#undefined-term")
    assert first["path"] is first["shape"] is None
    assert (str(first["line"].value), str(first["column"].value), first["pointer"].value) == ("2", "3", "/hasProperety")
    assert second["focus"] == ox.NamedNode(COMMA.focus_node)
    assert second["path"] == ox.NamedNode(COMMA.path)
    assert second["shape"] == ox.NamedNode(COMMA.shape)
    assert second["value"] == ox.Literal("3,4")
    assert second["severity"] == ox.NamedNode(SH + "Warning")


def test_shacl_of_no_findings_conforms() -> None:
    answer = graph(Report([CLEAN])).query(f"PREFIX sh: <{SH}> ASK {{ ?report a sh:ValidationReport ; sh:conforms true }}")
    assert bool(answer)


# HTML


class Page(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [
            value or "" for name, value in attrs if name in ("src", "srcset", "data") or (name, tag) == ("href", "link")
        ]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def page(report: Report) -> Page:
    found = Page()
    found.feed(to_html(report))
    return found


def test_html_shows_cause_place_line_and_advice_and_loads_nothing() -> None:
    found = page(REPORT)
    assert not {"script", "iframe", "img", "link", "object"} & set(found.tags)
    assert found.loaded == found.handlers == []
    for told in ("the key 'hasProperety' is not defined", "cells/a.jsonld:2:3", '"hasProperety"', "Expected: a property"):
        assert told in found.text
    assert "write hasProperty: hasProperety -> hasProperty" in found.text
    assert "cells/clean.jsonld" in found.text


def test_html_escapes_everything_that_comes_from_documents() -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=y>'
    issue = Issue(
        "undefined-term",
        evil,
        source="a.jsonld",
        line=1,
        column=1,
        value=evil,
        expected=evil,
        suggestions=(Suggestion(evil, evil),),
    )
    found = page(Report([FileFindings(f"{evil}.jsonld", (issue,), evil)], pages=FindingPages()))
    assert not {"script", "img"} & set(found.tags)
    assert found.handlers == []
    assert evil in found.text


def test_html_of_a_large_cause_shows_some_lines_and_all_places() -> None:
    files = copies(MAX_SNIPPETS + 5)
    found = page(Report(files))
    assert found.tags.count("pre") == MAX_SNIPPETS
    assert all(f"{index}.jsonld:2:3" in found.text for index in range(MAX_SNIPPETS + 5))
    assert page(Report([CLEAN])).text.count("Nothing was found.") == 1


# All


TEXTS = st.text(max_size=12)
ISSUES = st.builds(
    Issue,
    code=st.sampled_from(["undefined-term", "missing-value", "decimal-comma", "own-code"]),
    message=TEXTS.filter(bool),
    severity=st.sampled_from(Severity),
    source=st.sampled_from(["a.jsonld", "rights.json", ""]),
    pointer=TEXTS.map(lambda text: f"/{text}"),
    line=st.integers(0, 5),
    column=st.integers(0, 9),
    remedy=TEXTS,
    focus_node=TEXTS | st.just("https://example.org/n") | st.just("urn:x:ö"),
    path=TEXTS | st.just("https://example.org/p?q=[x]"),
    value=TEXTS | st.just("http://a b/") | st.just("http://[/"),
    shape=TEXTS,
    expected=TEXTS,
    suggestions=st.lists(st.builds(Suggestion, TEXTS.filter(bool), st.none() | TEXTS), max_size=2).map(tuple),
    places=st.integers(1, 3),
)
FORMS: list[Callable[[Report], object]] = [
    lambda report: json.loads(to_json(report).encode()),
    lambda report: check_sarif(sarif(report)),
    lambda report: ET.fromstring(to_junit(report).encode()),
    graph,
    page,
    printed,
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(FileFindings, st.just("in/a.jsonld"), st.lists(ISSUES, max_size=3).map(tuple), TEXTS, st.just("a.jsonld")),
        max_size=2,
    )
)
def test_any_findings_give_well_formed_reports(files: list[FileFindings]) -> None:
    for form in FORMS:
        form(Report(files, pages=FindingPages()))
