"""What is said of how a document is written."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.model import Concept, Facts, Kind, Label, LabelKind
from ontology.terms import HAS_NUMBER_VALUE, HAS_NUMERICAL_PART
from ontology.units import Units
from records.issues import Certainty, Edit, Issue, Operation, Severity
from shapes.edits import apply_edits
from shapes.lint import Linter
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


LINTER = Linter(CONCEPTS, Units(CONCEPTS.facts))


def linted(value: Any) -> list[Issue]:
    document = read_document(json.dumps({"@context": CONTEXT, **value}, indent=1).encode(), "a.jsonld")
    assert isinstance(document, Document)
    reading = Expander(Contexts({})).expand(document, "https://archive.example/a")
    assert isinstance(reading, Reading)
    return checked(LINTER.lint(document, reading), document)


def checked(issues: list[Issue], document: Document) -> list[Issue]:
    """Every finding is complete, and its edits can be carried out."""
    for issue in issues:
        assert issue.line > 1
        assert issue.source == "a.jsonld"
        assert issue.remedy
        assert issue.focus_node or issue.code == "too-many-issues"
        for suggestion in issue.suggestions:
            assert suggestion.text
            json.loads(apply_edits(document, suggestion.edits))
    return issues


@pytest.mark.parametrize("text", ["", " ", "NaN", "n.a.", "N/A", "-", "null"])
def test_a_text_that_stands_for_nothing_is_told_with_its_place(text: str) -> None:
    for value, pointer in (({"a": text}, "/a"), ({"a": [1, text]}, "/a/1"), ({"a": {"b/c": {"@value": text}}}, "/a/b~1c/@value")):
        [issue] = linted(value)
        assert (issue.code, issue.pointer, issue.value) == ("missing-value", pointer, text)


def test_values_that_say_something_and_null_are_left_alone() -> None:
    assert linted({"a": "nano", "b": None, "c": 0, "d": "no", "e": "5", "type": "New"}) == []


@pytest.mark.parametrize("key", ["schema:value", "schema:minValue", HAS_NUMBER_VALUE])
def test_a_number_in_quotes_is_told_with_the_number(key: str) -> None:
    for text in ("5", "-1.5e3", "0.10"):
        [issue] = linted({key: text})
        assert (issue.code, issue.value, issue.path) == ("number-as-text", text, key.replace("schema:", "https://schema.org/"))
        [suggestion] = issue.suggestions
        assert (suggestion.replacement, suggestion.certainty) == (text, Certainty.CERTAIN)
        assert suggestion.edits == (Edit(Operation.REPLACE, issue.pointer, text),)
    assert linted({key: "5 mm"}) == linted({key: 5}) == linted({"schema:serialNumber": "123"}) == []


@pytest.mark.parametrize(
    ("text", "numbers"), [("3,7", ["3.7"]), ("1.234,5", ["1234.5"]), ("1,000", ["1.000", "1000"]), ("-0,050", ["-0.050"])]
)
def test_a_decimal_comma_is_told_with_the_numbers_that_it_can_mean(text: str, numbers: list[str]) -> None:
    [issue] = linted({HAS_NUMBER_VALUE: text})
    assert (issue.code, issue.severity) == ("decimal-comma", Severity.VIOLATION)
    assert [suggestion.replacement for suggestion in issue.suggestions] == numbers
    is_sure = issue.suggestions[0].certainty is Certainty.CERTAIN
    assert is_sure == (len(numbers) == 1)


def test_a_typed_number_is_a_number_unless_it_has_a_comma() -> None:
    double = "http://www.w3.org/2001/XMLSchema#double"
    assert linted({HAS_NUMBER_VALUE: {"@value": "3.4", "@type": double}}) == []
    [issue] = linted({HAS_NUMBER_VALUE: {"@value": "3,4", "@type": double}})
    [edit] = issue.suggestions[0].edits
    assert (edit.pointer[-7:], edit.content) == ("/@value", '"3.4"')


def test_an_empty_number_suggests_to_leave_the_quantity_out() -> None:
    for text in ("", "NaN", "n.a."):
        [issue] = linted({"p": [{HAS_NUMERICAL_PART: {HAS_NUMBER_VALUE: text}}, {"x": 1}]})
        assert (issue.code, issue.severity) == ("missing-value", Severity.VIOLATION)
        assert issue.suggestions[0].edits == (Edit(Operation.REMOVE, "/p/0"),)


def test_what_can_only_mean_nothing_may_be_left_out_without_looking() -> None:
    for text, certainty in (("", Certainty.CERTAIN), ("NaN", Certainty.CERTAIN), ("-", Certainty.LIKELY), ("na", Certainty.LIKELY)):
        [issue] = linted({"a": text})
        [suggestion] = issue.suggestions
        assert (suggestion.certainty, suggestion.edits) == (certainty, (Edit(Operation.REMOVE, "/a"),))


def test_a_deprecated_class_is_told_where_it_is_written_with_its_replacement() -> None:
    [issue] = linted({"a": {"type": ["New", f"{X}Old"]}})
    assert (issue.code, issue.pointer, issue.value) == ("deprecated-class", "/a/type/1", f"{X}Old")
    assert "the Old" in issue.message
    assert issue.remedy == f"write {X}New (the New)"
    assert issue.suggestions[0].replacement == f"{X}New"
    assert issue.suggestions[0].certainty is Certainty.CERTAIN
    [issue] = linted({"@type": "Gone"})
    assert issue.pointer == "/@type"
    assert "ontology" in issue.remedy


def test_a_deprecated_property_is_told_at_its_key() -> None:
    [issue] = linted({"hasOld": 1})
    assert (issue.code, issue.pointer, issue.column) == ("deprecated-property", "/hasOld", 2)


def test_the_empty_values_of_the_real_cells_are_all_told_where_they_stand(shared_data: Path) -> None:
    expander = Expander(Contexts.from_directory(shared_data / "contexts"))
    told = 0
    for file in sorted((shared_data / "jsonld" / "cellinfo").glob("*.json")):
        document = read_document(file.read_bytes(), file.name)
        assert isinstance(document, Document)
        reading = expander.expand(document, "https://archive.example/a")
        assert isinstance(reading, Reading)
        lines = document.text.split("\n")
        for issue in LINTER.lint(document, reading):
            assert lines[issue.line - 1][issue.column - 1 :].startswith(json.dumps(issue.value))
            told += 1
    assert told >= 160


def test_no_more_than_a_thousand_findings_are_listed() -> None:
    issues = linted({"a": [""] * 1500})
    assert len(issues) == 1001
    assert issues[-1].code == "too-many-issues"


# With the ontologies

CELL: dict[str, Any] = {"@context": "https://w3id.org/emmo/domain/battery/context", "@type": "PouchCell"}
EMMO = "https://w3id.org/emmo#"
C_LANGUAGE = f"{EMMO}EMMO_36a9bf69_483b_42fd_8a0c_7ac9206320bc"


@cache
def real() -> tuple[Expander, Linter]:
    facts = packaged_facts()
    return Expander(Contexts.from_terms(facts.terms)), Linter(Concepts(facts), Units(facts))


def found(**members: Any) -> list[Issue]:
    expander, linter = real()
    document = read_document(json.dumps({**CELL, **members}, indent=1).encode(), "a.jsonld")
    assert isinstance(document, Document)
    reading = expander.expand(document, "https://archive.example/a")
    assert isinstance(reading, Reading)
    return checked(linter.lint(document, reading), document)


def a_quantity(kind: Any, unit: Any, number: Any = 5) -> dict[str, Any]:
    return {"@type": kind, "hasNumericalPart": {"@type": "RealData", "hasNumberValue": number}, "hasMeasurementUnit": unit}


def test_a_sound_quantity_has_no_finding() -> None:
    for kind, unit in (
        ("RatedCapacity", f"{EMMO}AmpereHour"),
        (["RatedCapacity", "ConventionalProperty"], "http://qudt.org/vocab/unit/MilliA-HR"),
        ("EnergyDensity", f"{EMMO}WattHourPerLitre"),
        ("MassFraction", f"{EMMO}Percent"),
        ("CelsiusTemperature", f"{EMMO}Kelvin"),
        ("Mass", {"@id": f"{EMMO}Gram"}),
        (["LowerVoltageLimit", "TerminationQuantity"], f"{EMMO}Volt"),
    ):
        assert found(hasProperty=a_quantity(kind, unit)) == []


@pytest.mark.parametrize(
    ("kind", "unit", "right", "expected"),
    [
        ("RatedCapacity", "Ampere", "AmpereHour", "a unit of electric charge, e.g. AmpereHour"),
        ("RatedCapacity", "MilliAmpere", "MilliAmpereHour", "a unit of electric charge, e.g. MilliAmpereHour"),
        ("NominalVoltage", "Kilogram", "Volt", "a unit of electric potential, e.g. Volt"),
        ("EnergyDensity", "Joule", "WattHourPerLitre", "a unit of energy density, e.g. WattHourPerLitre"),
    ],
)
def test_a_unit_of_another_dimension_is_told_with_the_one_that_is_most_likely_meant(
    kind: str, unit: str, right: str, expected: str
) -> None:
    [issue] = found(hasProperty=[a_quantity(kind, f"{EMMO}{unit}")])
    assert (issue.code, issue.pointer) == ("wrong-dimension", "/hasProperty/0/hasMeasurementUnit")
    assert issue.expected == expected
    best = issue.suggestions[0]
    assert (best.replacement, best.changes_value) == (f"{EMMO}{right}", True)
    assert best.certainty is not Certainty.CERTAIN


def test_the_units_of_the_same_document_come_first() -> None:
    issues = found(hasProperty=[a_quantity("Thickness", f"{EMMO}MicroMetre"), a_quantity("Thickness", f"{EMMO}Volt")])
    assert [issue.suggestions[0].replacement for issue in issues] == [f"{EMMO}MicroMetre"]


def test_the_kind_may_be_wrong_rather_than_the_unit() -> None:
    [issue] = found(hasProperty=a_quantity("RatedCapacity", "http://qudt.org/vocab/unit/MilliA-HR-PER-GM"))
    assert issue.message == "a RatedCapacity is not measured in mAh/g"
    assert issue.suggestions[0].edits == (Edit(Operation.REPLACE, "/hasProperty/@type", '"SpecificCapacity"'),)
    [issue] = found(hasProperty=a_quantity("RatedCapacity", f"{EMMO}MilliAmpereHourPerSquareCentiMetre"))
    assert "AreicCapacity" in issue.suggestions[0].edits[0].content


def test_the_programming_language_c_is_the_degree_celsius_of_a_temperature() -> None:
    [issue] = found(hasProperty=a_quantity("MinimumStorageTemperature", C_LANGUAGE))
    [suggestion] = issue.suggestions
    assert issue.code == "language-as-unit"
    assert (suggestion.replacement, suggestion.certainty) == (f"{EMMO}DegreeCelsius", Certainty.CERTAIN)
    [issue] = found(hasProperty=a_quantity("RatedCapacity", C_LANGUAGE))
    assert issue.suggestions[0].certainty is not Certainty.CERTAIN


def test_a_class_that_is_no_unit_is_told_with_the_unit_that_it_is_read_as() -> None:
    quantity = f"{EMMO}EMMO_66bc9029_f473_45ff_bab9_c3509ff37a22"
    [issue] = found(hasProperty=a_quantity("CelsiusTemperature", quantity))
    assert (issue.code, issue.message) == ("not-a-unit", "CelsiusTemperature is no unit")
    assert issue.suggestions[0].replacement == f"{EMMO}DegreeCelsius"


@pytest.mark.parametrize(
    ("written", "right", "certainty"),
    [
        ("Vollt", "Volt", Certainty.CERTAIN),
        ("GramPerCubicCentimetre", "GramPerCubicCentiMetre", Certainty.CERTAIN),
        ("WattHour", "Watthour", Certainty.CERTAIN),
        ("UnitOne", "EMMO_5ebd5e01_0ed3_49a2_a30d_cd05cbe72978", Certainty.CERTAIN),
        ("EMMO_5ebd5e01_0ed3_49a2_a30d_cd05cbe72987", "EMMO_5ebd5e01_0ed3_49a2_a30d_cd05cbe72978", Certainty.CERTAIN),
    ],
)
def test_a_unit_that_no_ontology_has_is_told_with_the_nearest(written: str, right: str, certainty: Certainty) -> None:
    [issue] = found(hasProperty=a_quantity("Property", EMMO + written))
    assert (issue.code, issue.value) == ("unknown-concept", EMMO + written)
    assert (issue.suggestions[0].replacement, issue.suggestions[0].certainty) == (EMMO + right, certainty)


def test_a_unit_that_qudt_does_not_have_is_told_with_the_nearest() -> None:
    [issue] = found(hasProperty=a_quantity("Property", "http://qudt.org/vocab/unit/PERCNT"))
    assert (issue.code, issue.suggestions[0].replacement) == ("unknown-concept", "http://qudt.org/vocab/unit/PERCENT")


def test_a_unit_that_is_understood_without_the_ontologies_gets_no_other_size_suggested() -> None:
    [issue] = found(hasProperty=a_quantity("Property", f"{EMMO}MilliWattHour"))
    assert (issue.code, issue.severity, issue.suggestions) == ("unknown-concept", Severity.INFO, ())
    assert "mWh" in issue.message


def test_classes_and_properties_that_no_ontology_has_are_told_at_their_place() -> None:
    [issue] = found(hasCase={"@type": f"{EMMO}EMMO_00000000_0000_0000_0000_000000000000"})
    assert (issue.code, issue.pointer, issue.suggestions) == ("unknown-concept", "/hasCase/@type", ())
    [issue] = found(**{f"{EMMO}hasProperti": {"@id": "https://example.org/x"}})
    assert (issue.code, issue.value) == ("unknown-concept", f"{EMMO}hasProperti")
    assert issue.suggestions[0].edits[0].operation is Operation.RENAME


def test_terms_of_other_vocabularies_and_of_nobody_are_left_alone() -> None:
    terms = {
        "https://example.org/p": {"@id": "https://example.org/x"},
        "schema:color": "red",
        "schema:url": {"@id": "https://a.org#b"},
    }
    assert found(**terms, hasCase={"@type": ["https://example.org/Case", "schema:Product"]}) == []


def test_a_class_as_a_key_goes_under_the_property_that_fits() -> None:
    [issue] = found(RatedCapacity=a_quantity("RatedCapacity", f"{EMMO}AmpereHour"))
    assert (issue.code, issue.pointer, issue.column) == ("class-as-property", "/RatedCapacity", 2)
    assert issue.suggestions[0].edits == (Edit(Operation.RENAME, "/RatedCapacity", '"hasProperty"'),)
    [issue] = found(Separator={"@type": "Separator"})
    assert issue.suggestions[0].replacement == "hasSeparator"


def test_a_class_as_a_key_joins_what_stands_under_the_property_already() -> None:
    mass, capacity = a_quantity("Mass", f"{EMMO}Gram"), a_quantity("RatedCapacity", f"{EMMO}AmpereHour")
    [issue] = found(hasProperty=mass, RatedCapacity=capacity)
    document = read_document(json.dumps({**CELL, "hasProperty": mass, "RatedCapacity": capacity}).encode(), "a.jsonld")
    assert isinstance(document, Document)
    assert json.loads(apply_edits(document, issue.suggestions[0].edits)) == {**CELL, "hasProperty": [mass, capacity]}


def test_an_object_with_classes_as_keys_is_the_things_themselves() -> None:
    issues = found(hasConstituent={"Spring": {"@type": "Spring"}, "Spacer": {"schema:name": "a"}})
    assert [issue.code for issue in issues] == ["class-as-property"] * 2
    [edit] = issues[0].suggestions[0].edits
    assert (edit.pointer, json.loads(edit.content)) == (
        "/hasConstituent",
        [{"@type": "Spring"}, {"@type": "Spacer", "schema:name": "a"}],
    )


def test_a_property_as_a_class_is_told_with_the_class_of_that_name() -> None:
    [issue] = found(hasActiveMaterial={"@type": "molecularFormula"})
    assert (issue.code, issue.pointer, issue.expected) == ("property-as-class", "/hasActiveMaterial/@type", "a class")
    assert issue.suggestions[0].replacement == "MolecularFormula"


def test_a_deprecated_unit_is_told_with_its_replacement() -> None:
    [issue] = found(hasProperty=a_quantity("NominalVoltage", f"{EMMO}EMMO_e2207e91_02b0_4a8a_b13e_61d2a2a839f1"))
    assert (issue.code, issue.pointer) == ("deprecated-class", "/hasProperty/hasMeasurementUnit")
    assert (issue.suggestions[0].replacement, issue.suggestions[0].certainty) == (f"{EMMO}Volt", Certainty.CERTAIN)


def test_a_deprecated_class_without_replacement_leaves_its_parents_as_possible() -> None:
    [issue] = found(hasCase={"@type": "LithiumIonTitanateBattery"})
    [suggestion] = issue.suggestions
    assert (suggestion.replacement, suggestion.certainty) == ("LithiumIonBattery", Certainty.POSSIBLE)
    [issue] = found(hasCase={"@type": ["LithiumIonTitanateBattery", "LithiumIonBattery"]})
    assert issue.suggestions[0].edits == (Edit(Operation.REMOVE, "/hasCase/@type/0"),)


@pytest.mark.parametrize("written", ["emmo:Vollt", "Vollt"])
def test_a_replacement_keeps_the_authors_style(written: str) -> None:
    context = [CELL["@context"], {"emmo": EMMO, "Vollt": f"{EMMO}Vollt"}]
    [issue] = found(**{"@context": context}, hasProperty=a_quantity("Property", written))
    assert issue.suggestions[0].replacement == written.replace("Vollt", "Volt")
