"""The last look at a document's findings: one a place, in its own words, with what would mend it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from graph.jsonld import to_triples
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.units import Units
from records.issues import Certainty, Issue, Severity
from shapes.advice import Advisor
from shapes.edits import apply_edits
from shapes.lint import Linter
from shapes.locate import to_issues
from shapes.reader import Document, read_document
from shapes.shacl_validator import ShaclValidator

EMMO = "https://w3id.org/emmo#"
CONTEXT = "https://w3id.org/emmo/domain/battery/context"
CELL: dict[str, Any] = {"@context": CONTEXT, "@type": "PouchCell", "schema:name": "A cell"}
IRI = "https://archive.example/a"


class Steps:
    """Everything that finds, and the last look."""

    def __init__(self) -> None:
        facts = packaged_facts()
        concepts, units = Concepts(facts), Units(facts)
        self.expander = Expander(Contexts.from_terms(facts.terms), concepts, units)
        self.linter = Linter(concepts, units)
        self.validator = ShaclValidator(parents=concepts.parents)
        self.advisor = Advisor(self.linter.words)

    def before(self, document: Document) -> tuple[Reading, list[Issue]]:
        """What the steps before find."""
        reading = self.expander.expand(document, IRI)
        assert isinstance(reading, Reading)
        statements = to_triples(reading, IRI)

        def key_of(pointer: str, path: str) -> str | None:
            node = next((node for node in reading.nodes if node.pointer == pointer), None)
            return next((key for key in node.source if reading.terms.term(key).iri == path), None) if node else None

        results = self.validator.validate(statements.triples)
        located = to_issues(results, statements.pointers, IRI, document.place, document.source, key_of)
        return reading, [*reading.issues, *self.linter.lint(document, reading), *located]


@cache
def steps() -> Steps:
    return Steps()


def a_document(members: dict[str, Any]) -> Document:
    document = read_document(json.dumps({**CELL, **members}, indent=1).encode(), "a.jsonld")
    assert isinstance(document, Document)
    return document


def advised(**members: Any) -> list[Issue]:
    """All findings; every suggestion's edits can be carried out."""
    document = a_document(members)
    reading, issues = steps().before(document)
    result = steps().advisor.advise(issues, document, reading)
    for issue in result:
        assert issue.message
        assert (issue.line, issue.column) != (0, 0)
        for suggestion in issue.suggestions:
            json.loads(apply_edits(document, suggestion.edits))
    return list(result)


def only(code: str, **members: Any) -> Issue:
    [issue] = [issue for issue in advised(**members) if issue.code == code]
    return issue


def codes(**members: Any) -> list[str]:
    return sorted(issue.code for issue in advised(**members))


def mended(issue: Issue, members: dict[str, Any], place: int = 0) -> dict[str, Any]:
    """The document after a suggestion."""
    value: dict[str, Any] = json.loads(apply_edits(a_document(members), issue.suggestions[place].edits))
    return value


def a_quantity(kind: Any = "RatedCapacity", number: Any = 5, **more: Any) -> dict[str, Any]:
    unit = {"hasMeasurementUnit": f"{EMMO}AmpereHour"}
    return {"@type": kind, "hasNumericalPart": {"@type": "RealData", "hasNumberValue": number}, **unit, **more}


def without_unit(kind: str) -> dict[str, Any]:
    quantity = a_quantity(kind)
    del quantity["hasMeasurementUnit"]
    return quantity


def test_a_missing_unit_is_told_of_its_quantity_with_the_member_to_add() -> None:
    members = {"hasProperty": without_unit("RatedCapacity")}
    issue = only("missing-unit", **members)
    assert (issue.message, issue.expected) == ("The RatedCapacity has no unit", "a unit of electric charge, e.g. AmpereHour")
    best = issue.suggestions[0]
    assert best.replacement == f'"hasMeasurementUnit": "{EMMO}AmpereHour"'
    assert best.certainty is not Certainty.CERTAIN
    assert issue.remedy.startswith(f"perhaps add {best.replacement}, or add ")
    assert mended(issue, members)["hasProperty"]["hasMeasurementUnit"] == f"{EMMO}AmpereHour"


def test_a_missing_unit_is_written_as_the_document_writes_the_others() -> None:
    context = [CONTEXT, {"emmo": EMMO}]
    other = a_quantity("Thickness", hasMeasurementUnit={"@id": "emmo:MicroMetre"})
    issue = only("missing-unit", **{"@context": context}, hasProperty=[other, without_unit("Thickness")])
    assert issue.suggestions[0].replacement == '"hasMeasurementUnit": {"@id": "emmo:MicroMetre"}'
    assert issue.suggestions[0].certainty is Certainty.LIKELY


def test_a_ratio_without_unit_is_one_or_percent() -> None:
    issue = only("missing-unit", hasProperty=without_unit("MassFraction"))
    assert [suggestion.replacement for suggestion in issue.suggestions] == [
        '"hasMeasurementUnit": "UnitOne"',
        f'"hasMeasurementUnit": "{EMMO}Percent"',
    ]


@pytest.mark.parametrize(
    ("text", "numbers", "certainty"),
    [
        ("5 Ah", ["5"], Certainty.LIKELY),
        ("approx. 5", ["5"], Certainty.POSSIBLE),
        ("> 5.0", ["5.0"], Certainty.POSSIBLE),
        ("3.0-3,4", ["3.0", "3.4"], Certainty.POSSIBLE),
        ("5 mAh", ["5"], Certainty.POSSIBLE),
    ],
)
def test_a_number_among_words_is_found(text: str, numbers: list[str], certainty: Certainty) -> None:
    issue = only("not-a-number", hasProperty=a_quantity(number=text))
    assert (issue.message, issue.expected) == (f"{text!r} is not a number", "a number")
    assert [suggestion.replacement for suggestion in issue.suggestions] == numbers
    assert issue.suggestions[0].certainty is certainty
    assert codes(hasProperty=a_quantity(number=text)) == ["not-a-number"]


def test_a_text_without_a_number_can_only_be_left_out() -> None:
    for text in ("heavy", "5 bananas", "see 3 and 4"):
        [suggestion] = only("not-a-number", hasProperty=[a_quantity(number=text)]).suggestions
        assert (suggestion.replacement, suggestion.changes_value) == (None, True)


@pytest.mark.parametrize(
    ("number", "code"), [("NaN", "missing-value"), ("", "missing-value"), ("3.4", "number-as-text"), ("3,4", "decimal-comma")]
)
def test_the_most_exact_finding_alone_is_told_of_a_number(number: str, code: str) -> None:
    assert codes(hasProperty=a_quantity(number=number)) == [code]
    limit = a_quantity("UpperVoltageLimit", number, hasMeasurementUnit=f"{EMMO}Volt")
    assert codes(hasProperty=limit) == [code]


@pytest.mark.parametrize("unit", ["", "n.a."])
def test_an_empty_unit_is_told_once(unit: str) -> None:
    assert codes(hasProperty=a_quantity(hasMeasurementUnit=unit)) == ["missing-value"]


def test_several_numbers_and_units_are_told_with_each_to_keep() -> None:
    members = {"hasProperty": a_quantity(number=[5, 6.50])}
    issue = only("several-values", **members)
    assert [suggestion.replacement for suggestion in issue.suggestions] == ["5", "6.5"]
    assert all(suggestion.changes_value for suggestion in issue.suggestions)
    assert mended(issue, members, 1)["hasProperty"]["hasNumericalPart"]["hasNumberValue"] == 6.5
    members = {"hasProperty": a_quantity(hasMeasurementUnit=[f"{EMMO}Volt", f"{EMMO}AmpereHour"])}
    issue = only("several-units", **members)
    assert [(one.replacement, one.certainty) for one in issue.suggestions] == [
        (f"{EMMO}AmpereHour", Certainty.LIKELY),
        (f"{EMMO}Volt", Certainty.POSSIBLE),
    ]
    assert mended(issue, members)["hasProperty"]["hasMeasurementUnit"] == f"{EMMO}AmpereHour"
    assert codes(**members) == ["several-units"]


def test_a_negative_size_is_placed_at_its_number() -> None:
    members = {"hasProperty": a_quantity("Mass", -4.50, hasMeasurementUnit=f"{EMMO}Gram")}
    issue = only("negative-size", **members)
    assert (issue.pointer, issue.value) == ("/hasProperty/hasNumericalPart/hasNumberValue", "-4.5")
    assert (issue.suggestions[0].replacement, issue.suggestions[0].changes_value) == ("4.5", True)
    assert issue.message == "The Mass is below zero"


def test_a_voltage_limit_that_cannot_be_in_volt_is_perhaps_in_millivolt() -> None:
    members = {"@type": "BatteryModule", "hasProperty": a_quantity("UpperVoltageLimit", 4200, hasMeasurementUnit=f"{EMMO}Volt")}
    issue = only("voltage-limit-in-volt", **members)
    assert (issue.message, issue.pointer) == ("The UpperVoltageLimit of 4200 cannot be in volt", "/hasProperty/hasMeasurementUnit")
    assert mended(issue, members)["hasProperty"]["hasMeasurementUnit"] == f"{EMMO}MilliVolt"
    assert issue.suggestions[0].changes_value


def test_a_quantity_without_number_can_be_left_out() -> None:
    quantity = a_quantity()
    del quantity["hasNumericalPart"]["hasNumberValue"]
    issue = only("missing-number", hasProperty=[quantity, a_quantity("Mass", hasMeasurementUnit=f"{EMMO}Gram")])
    assert issue.message == "The RatedCapacity has no number"
    assert mended(issue, {"hasProperty": [quantity, {}]})["hasProperty"] == [{}]


def test_a_quantity_of_no_known_kind_is_told_with_the_kinds_of_its_name_and_unit() -> None:
    charging = a_quantity(
        "ConventionalProperty", hasMeasurementUnit=f"{EMMO}DegreeCelsius", **{"rdfs:label": "ambient temperature"}
    )
    issue = only("unknown-quantity-kind", hasProperty=charging)
    assert "AmbientCelsiusTemperature" in issue.suggestions[0].text
    assert mended(issue, {"hasProperty": charging})["hasProperty"]["@type"][1] == "ConventionalProperty"
    own = a_quantity(["https://example.org/meanThickness", "ConventionalProperty"], hasMeasurementUnit=f"{EMMO}MilliMetre")
    issue = only("unknown-quantity-kind", hasProperty=own)
    assert issue.value == "meanThickness"
    assert mended(issue, {"hasProperty": own})["hasProperty"]["@type"] == [issue.suggestions[0].replacement, "ConventionalProperty"]


def test_a_name_is_made_of_the_maker_and_what_it_is() -> None:
    electrode = {"@type": "Electrode", "schema:manufacturer": {"schema:name": "Maker"}, "schema:productID": "X 1"}
    issue = only("missing-name", hasPositiveElectrode=electrode)
    assert issue.message == "The Electrode has nothing to call it by"
    assert issue.suggestions[0].replacement == '"schema:name": "Maker X 1"'
    assert issue.suggestions[0].certainty is Certainty.LIKELY


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("hasMeasurementUnit", "hasMesurementUnit", "undefined-term"),
        ("hasNumericalPart", "hasNumericlPart", "undefined-term"),
        ("hasNumberValue", "hasNumberValu", "undefined-term"),
        ("RatedCapacity", "RatedCapcity", "undefined-type"),
        ("RatedCapacity", "", "empty-type"),
        ("RatedCapacity", "hasProperty", "property-as-class"),
        ("hasProperty", "RatedCapacity", "class-as-property"),
        ("hasProperty", "hasProperety", "undefined-term"),
    ],
)
def test_what_follows_from_a_misspelt_word_is_not_told_as_well(right: str, wrong: str, code: str) -> None:
    specification = {**CELL, "@type": ["BatteryCellSpecification", "PouchCell"], "hasProperty": [a_quantity()]}
    text = json.dumps(specification).replace(f'"{right}"', f'"{wrong}"', 1)
    assert set(codes(**json.loads(text))) - set(codes(**specification)) == {code}


def test_what_is_missing_elsewhere_is_told_all_the_same() -> None:
    misspelt = a_quantity()
    misspelt["hasMesurementUnit"] = misspelt.pop("hasMeasurementUnit")
    found = advised(hasProperty=[misspelt, without_unit("Mass")])
    assert [(issue.code, issue.pointer) for issue in found if issue.code == "missing-unit"] == [("missing-unit", "/hasProperty/1")]


def test_a_fault_of_the_unit_does_not_hide_that_the_kind_is_unknown() -> None:
    quantity = a_quantity("ConventionalProperty", hasMeasurementUnit=f"{EMMO}Vollt")
    assert codes(hasProperty=quantity) == ["unknown-concept", "unknown-quantity-kind"]
    quantity = a_quantity("emmo:Property", hasMeasurementUnit="emmo:Volt")
    assert "unknown-quantity-kind" in codes(hasProperty=quantity)


def test_findings_that_are_not_known_stay_as_they_are_and_in_order() -> None:
    document = a_document({})
    reading, _ = steps().before(document)
    foreign = [
        Issue(code, "Something; else.", Severity.INFO, "a.jsonld", "", 1, 1, focus_node=IRI)
        for code in (
            "zzz",
            "missing-soul",
            "missing-unit",
            "not-a-number",
            "several-units",
            "negative-size",
            "unknown-quantity-kind",
        )
    ]
    found = steps().advisor.advise(foreign, document, reading)
    assert [issue.code for issue in found] == [issue.code for issue in foreign]
    assert found[:2] == tuple(foreign[:2])


def test_a_unit_as_text_that_does_not_fit_is_told_once_at_the_text() -> None:
    quantity = {
        "@type": "RatedCapacity",
        "hasNumericalPart": {"@type": "RealData", "hasNumberValue": 3.4},
        "hasMeasurementUnit": "A",
    }
    [issue] = [issue for issue in advised(hasProperty=quantity) if "unit" in issue.expected]
    assert (issue.code, issue.value, issue.pointer) == ("wrong-dimension", "A", "/hasProperty/hasMeasurementUnit")
    assert issue.suggestions[0].replacement == "AmpereHour"
