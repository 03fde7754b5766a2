"""What is said of how a document is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.model import Concept, Facts, Kind, Label, LabelKind
from records.issues import Issue, Severity
from shapes.lint import lint
from shapes.reader import Document, read_document

X = "https://x.org/"
CONTEXT = {"@vocab": X, "schema": "https://schema.org/", "type": "@type"}


def a_concept(name: str, **members: Any) -> Concept:
    kind = Kind.OBJECT_PROPERTY if name[0].islower() else Kind.CLASS
    return Concept(X + name, kind, (Label(f"the {name}", "en", LabelKind.PREF),), **members)


CONCEPTS = Concepts(
    Facts(
        sources=(),
        concepts={
            concept.iri: concept
            for concept in (
                a_concept("New"),
                a_concept("Old", deprecated=True, replaced_by=f"{X}New"),
                a_concept("Gone", deprecated=True),
                a_concept("hasOld", deprecated=True),
            )
        },
        units={},
        terms={},
    )
)


def linted(value: Any) -> list[Issue]:
    document = read_document(json.dumps({"@context": CONTEXT, **value}, indent=1).encode(), "a.jsonld")
    assert isinstance(document, Document)
    reading = Expander(Contexts({})).expand(document, "https://archive.example/a")
    assert isinstance(reading, Reading)
    issues = lint(document, reading, CONCEPTS)
    for issue in issues:
        assert issue.line > 1
        assert issue.source == "a.jsonld"
        assert issue.remedy
        assert issue.severity is Severity.WARNING
    return issues


@pytest.mark.parametrize("text", ["", " ", "NaN", "n.a.", "N/A", "-", "null"])
def test_a_text_that_stands_for_nothing_is_told_with_its_place(text: str) -> None:
    for value, pointer in (({"a": text}, "/a"), ({"a": [1, text]}, "/a/1"), ({"a": {"b/c": {"@value": text}}}, "/a/b~1c/@value")):
        [issue] = linted(value)
        assert (issue.code, issue.pointer, issue.value) == ("missing-value", pointer, text)


def test_values_that_say_something_and_null_are_left_alone() -> None:
    assert linted({"a": "nano", "b": None, "c": 0, "d": "no", "e": "5", "type": "New"}) == []


@pytest.mark.parametrize(("text", "number"), [("5", "5"), ("-1.5e3", "-1.5e3"), ("3,7", "3.7")])
def test_a_number_in_quotes_as_the_value_of_a_property_value_is_told(text: str, number: str) -> None:
    [issue] = linted({"schema:value": text})
    assert (issue.code, issue.pointer) == ("number-as-text", "/schema:value")
    assert number in issue.remedy
    assert linted({"schema:value": "5 mm"}) == linted({"schema:serialNumber": "123"}) == []


def test_a_deprecated_class_is_told_where_it_is_written_with_its_replacement() -> None:
    [issue] = linted({"a": {"type": ["New", "Old"]}})
    assert (issue.code, issue.pointer, issue.value) == ("deprecated-class", "/a/type/1", f"{X}Old")
    assert "the Old" in issue.message
    assert issue.remedy == f"use the New ({X}New)"
    [issue] = linted({"@type": "Gone"})
    assert issue.pointer == "/@type"
    assert "ontology" in issue.remedy


def test_a_deprecated_property_is_told_at_its_key() -> None:
    [issue] = linted({"hasOld": 1})
    assert (issue.code, issue.pointer, issue.column) == ("deprecated-property", "/hasOld", 2)


def test_without_concepts_nothing_is_deprecated() -> None:
    document = read_document(b'{"@type": "https://x.org/Old"}', "a.jsonld")
    assert isinstance(document, Document)
    reading = Expander(Contexts({})).expand(document, "https://archive.example/a")
    assert isinstance(reading, Reading)
    assert lint(document, reading) == []


def test_the_empty_values_of_the_real_cells_are_all_told_where_they_stand(shared_data: Path) -> None:
    expander = Expander(Contexts.from_directory(shared_data / "contexts"))
    told = 0
    for file in sorted((shared_data / "jsonld" / "cellinfo").glob("*.json")):
        document = read_document(file.read_bytes(), file.name)
        assert isinstance(document, Document)
        reading = expander.expand(document, "https://archive.example/a")
        assert isinstance(reading, Reading)
        lines = document.text.split("\n")
        for issue in lint(document, reading):
            assert lines[issue.line - 1][issue.column - 1 :].startswith(json.dumps(issue.value))
            told += 1
    assert told >= 160
