"""What the ontologies rule out: two classes of one node, and roles that a class can never fill."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.plausibility import Corpus
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.units import Units
from records.issues import Certainty, Issue
from shapes.consistency import Consistency
from shapes.edits import edit_content
from shapes.lint.words import Words
from shapes.reader import Document, read_document

Check = Callable[[Any], list[Issue]]


def document_of(value: Any) -> Document:
    document = read_document(json.dumps(value, indent=1).encode(), "a.jsonld")
    assert isinstance(document, Document)
    return document


@pytest.fixture(scope="module")
def check() -> Check:
    """Findings of a document, given as a JSON value."""
    concepts = Concepts(packaged_facts())
    units = Units(concepts.facts)
    expander = Expander(Contexts.from_terms(concepts.facts.terms), concepts, units)
    consistency = Consistency(Words(concepts, units))

    def found(value: Any) -> list[Issue]:
        document = document_of(value)
        reading = expander.expand(document, "http://localhost/records/a")
        assert isinstance(reading, Reading)
        return consistency.check(document, reading)

    return found


def node(kind: str | list[str], **members: Any) -> dict[str, Any]:
    return {"@context": "https://w3id.org/emmo/domain/battery/context", "@type": kind, **members}


def test_a_node_of_two_classes_that_are_declared_disjoint_is_told_with_the_way_to_them(check: Check) -> None:
    [issue] = check(node(["PouchCell", "INR18650"]))
    assert (issue.code, issue.pointer, issue.line, issue.value) == ("disjoint-types", "/@type/1", 5, "INR18650")
    assert issue.message == "the node is PouchCell and INR18650 (a kind of CylindricalBattery), and nothing can be both"


@pytest.mark.parametrize(("choice", "left"), [(0, "PouchCell"), (1, "INR18650")])
def test_either_class_can_be_left_out(check: Check, choice: int, left: str) -> None:
    value = node(["PouchCell", "INR18650"])
    [issue] = check(value)
    mend = issue.suggestions[choice]
    assert (mend.certainty, mend.changes_value) == (Certainty.POSSIBLE, True)
    document = document_of(value)
    mended = json.loads(edit_content(document.text.encode(), document, mend.edits))
    assert mended["@type"] in (left, [left])
    assert check(mended) == []


@pytest.mark.parametrize(
    "kinds",
    [
        ["PouchCell", "BatteryCell"],
        ["PrismaticCase", "Aluminium"],
        ["Separator", "Polypropylene"],
        ["Graphite", "ActiveMaterial"],
        ["BatteryCell", "schema:Product"],
        "PouchCell",
    ],
)
def test_classes_that_go_together_have_no_finding(check: Check, kinds: str | list[str]) -> None:
    assert check(node(kinds)) == []


@pytest.mark.parametrize(
    ("role", "kind", "why"),
    [
        ("hasPositiveElectrode", "OrganicElectrolyte", "OrganicElectrolyte (a kind of Electrolyte), but is for Electrode"),
        ("hasElectrolyte", "CarbonAtom", "CarbonAtom (a kind of BondedObject), but is for Substance (a kind of "),
        ("hasCase", "PouchCell", "PouchCell (a kind of BatteryCell), but is for Case"),
        ("hasCase", "RatedCapacity", "RatedCapacity (a kind of PhysicalQuantity), but is for Case (a kind of "),
        ("hasPositiveElectrode", "Separator", "Separator, but is for Electrode"),
    ],
)
def test_a_role_that_its_value_can_never_fill_is_told(check: Check, role: str, kind: str, why: str) -> None:
    [issue] = check(node("ElectrochemicalCell", **{role: {"@type": kind}}))
    assert (issue.code, issue.pointer) == ("impossible-role", f"/{role}")
    assert issue.message.startswith(f"{role} leads to {why}")
    assert issue.message.endswith(", and nothing can be both")


def test_a_property_that_its_owner_can_never_have_is_told(check: Check) -> None:
    [issue] = check(node("SpecificCapacity", hasMeasurementParameter={"@type": "Voltage"}))
    assert (issue.code, issue.line) == ("impossible-role", 4)
    assert issue.message == (
        "hasMeasurementParameter stands at SpecificCapacity (a kind of PhysicalQuantity), but belongs to CharacterisationProcedure "
        "(a kind of Process), and nothing can be both"
    )


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("hasPositiveElectrode", "PositiveElectrode"),
        ("hasPositiveElectrode", "LithiumIronPhosphateElectrode"),
        ("hasNegativeElectrode", "CurrentCollector"),  # a cell without anode
        ("hasNegativeElectrode", "CylindricalCase"),  # a zinc can
        ("hasSeparator", "SolidElectrolyte"),
        ("hasActiveMaterial", "Graphite"),
        ("hasCase", "R18650"),
        ("hasPositiveElectrode", "schema:Thing"),
    ],
)
def test_a_role_that_may_be_filled_has_no_finding(check: Check, role: str, kind: str) -> None:
    assert check(node("ElectrochemicalCell", **{role: {"@type": kind}})) == []


def test_a_value_that_stands_elsewhere_is_judged_by_its_classes_there(check: Check) -> None:
    cell = {"@type": "ElectrochemicalCell", "hasPositiveElectrode": {"@id": "#e"}}
    graph = {"@context": node("x")["@context"], "@graph": [cell, {"@id": "#e", "@type": "OrganicElectrolyte"}]}
    [issue] = check(graph)
    assert (issue.code, issue.pointer, issue.value) == ("impossible-role", "/@graph/0/hasPositiveElectrode", "")


def test_a_class_named_as_a_value_is_judged_as_one(check: Check) -> None:
    value = node("ElectrochemicalCell", hasPositiveElectrode={"@id": packaged_facts().terms["OrganicElectrolyte"][0]})
    assert [issue.code for issue in check(value)] == ["impossible-role"]


def test_real_documents_have_few_findings_and_each_is_so(shared_data: Path) -> None:
    """Looked at one by one: docs/plausibility.md."""
    corpus = Corpus(shared_data)
    consistency = Consistency(Words(corpus.concepts, corpus.units))
    found = Counter(
        issue.message.partition(",")[0] for read in corpus.read_all() for issue in consistency.check(read.document, read.reading)
    )
    assert found == {
        "hasMeasurementParameter stands at SpecificCapacity (a kind of PhysicalQuantity)": 7,
        "hasSolvent stands at Manufacturing (a kind of Process)": 2,
    }
