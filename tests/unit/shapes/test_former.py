"""IRIs of old releases are found where they stand, and the suggestions read as the document did."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from graph.jsonld import to_triples
from harvester.normalize import Contents, Vocabulary, contents_of
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.units import Units
from records.issues import Certainty, Issue, Severity
from shapes.edits import apply_edits
from shapes.former import check_former
from shapes.lint.words import Words
from shapes.reader import Document, read_document

EMMO = "http://emmo.info/emmo#"
TODAY = "https://w3id.org/emmo#"
GRAM = "EMMO_f992dc76_f9a6_45f6_8873_c8e20d16fbbe"
MASS = "EMMO_ed4af7ae_63a2_497e_bb88_2309619ea405"
CONTEXT: dict[str, Any] = {
    "emmo": EMMO,
    "schema": "https://schema.org/",
    "hasProperty": {"@id": "emmo:EMMO_e1097637_70d2_4895_973f_2396f04fa204", "@type": "@id"},
    "hasQuantityValue": {"@id": "emmo:EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0", "@type": "@id"},
    "hasReferenceUnit": {"@id": "emmo:EMMO_67fc0a36_8dcb_4ffa_9a43_31074efa3296", "@type": "@id"},
    "hasNumericalData": "emmo:EMMO_faf79f53_749d_40b2_807c_d34244c192f4",
}
MASS_OF_45_G = {
    "@type": f"emmo:{MASS}",
    "hasQuantityValue": {"@type": "emmo:EMMO_18d180e4_5e3e_42f7_820c_e08951223486", "hasNumericalData": 45},
    "hasReferenceUnit": f"emmo:{GRAM}",
}


@cache
def vocabulary() -> Vocabulary:
    facts = packaged_facts()
    return Vocabulary(Concepts(facts), Units(facts))


@cache
def words() -> Words:
    return Words(vocabulary().concepts, vocabulary().units)


@cache
def expander() -> Expander:
    return Expander(Contexts.from_terms(packaged_facts().terms))


def read(text: str) -> tuple[Document, Reading]:
    document = read_document(text.encode(), "a.json")
    assert not isinstance(document, Issue)
    reading = expander().expand(document, "https://example.org/a")
    assert not isinstance(reading, Issue), reading
    return document, reading


def check(value: dict[str, Any]) -> list[Issue]:
    return check_former(*read(json.dumps(value, indent=1)), words(), vocabulary().former)


def contents(document: Document, reading: Reading) -> Contents:
    statements = to_triples(reading, "https://example.org/a")
    return contents_of(statements.triples, statements.pointers, lambda pointer: document.place(pointer)[0], vocabulary())


def test_a_class_is_found_with_its_place_and_todays_name() -> None:
    [issue] = check({"@context": {"schema": "https://schema.org/"}, "@type": EMMO + MASS, "schema:name": "x"})
    assert (issue.code, issue.severity, issue.pointer, (issue.line, issue.column)) == (
        "former-iri",
        Severity.INFO,
        "/@type",
        (5, 11),
    )
    assert issue.message == f"{EMMO}{MASS} (Mass) is of an old release; it is read as Mass"
    assert issue.value == EMMO + MASS
    [suggestion] = issue.suggestions
    assert (suggestion.replacement, suggestion.certainty) == (TODAY + MASS, Certainty.CERTAIN)


def test_what_kept_its_identifier_under_another_label_is_likely() -> None:
    real = "EMMO_18d180e4_5e3e_42f7_820c_e08951223486"
    [issue] = check({"@context": {"schema": "https://schema.org/"}, "@type": EMMO + real, "schema:name": "x"})
    assert "(Real) is of an old release; it is read as RealData" in issue.message
    assert [(one.replacement, one.certainty) for one in issue.suggestions] == [(TODAY + real, Certainty.LIKELY)]


def test_what_has_no_successor_is_a_warning_without_suggestion() -> None:
    iri = EMMO + "EMMO_01f08dd8_6823_44bc_a54b_9c6ce6ff1079"
    [issue] = check({"@context": {"schema": "https://schema.org/"}, "@type": iri, "schema:name": "x"})
    assert (issue.severity, issue.suggestions) == (Severity.WARNING, ())
    assert issue.message == f"{iri} (IronThreeIon) is of an old release, and has no successor: no concept of today has this label"


def test_a_prefix_of_today_is_used_where_the_document_has_one() -> None:
    context = {"old": EMMO, "emmo": TODAY}
    [issue] = check({"@context": context, "@type": f"old:{GRAM}", "https://schema.org/name": "x"})
    assert issue.suggestions[0].replacement == "emmo:Gram"


def test_many_places_are_told_once_and_mended_together() -> None:
    found = check({"@context": CONTEXT, "hasProperty": [MASS_OF_45_G, MASS_OF_45_G]})
    units = next(issue for issue in found if issue.value == f"emmo:{GRAM}")
    assert (units.places, len(units.suggestions[0].edits)) == (2, 2)


def test_a_word_of_the_documents_own_context_is_mended_where_it_is_defined() -> None:
    found = check({"@context": CONTEXT, "hasProperty": [MASS_OF_45_G, MASS_OF_45_G]})
    unit = next(issue for issue in found if "hasReferenceUnit" in issue.message)
    assert (unit.pointer, unit.places, len(unit.suggestions[0].edits)) == ("/@context/hasReferenceUnit/@id", 2, 1)
    assert unit.suggestions[0].replacement == "https://w3id.org/emmo#EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569"


def test_mending_every_finding_leaves_the_same_quantities_and_no_finding() -> None:
    value = {"@context": CONTEXT, "@type": f"emmo:{MASS}", "hasProperty": [MASS_OF_45_G]}
    document, reading = read(json.dumps(value, indent=1))
    before = contents(document, reading)
    [quantity] = before.quantities
    assert (quantity.base_value, quantity.base_unit) == (0.045, "kg")
    edits = [edit for issue in check_former(document, reading, words(), vocabulary().former) for edit in issue.suggestions[0].edits]
    mended = apply_edits(document, edits)
    document, reading = read(mended)
    assert check_former(document, reading, words(), vocabulary().former) == []
    after = contents(document, reading)
    assert [(one.kinds, one.value, one.base_value, one.pointer) for one in after.quantities] == [
        (one.kinds, one.value, one.base_value, one.pointer) for one in before.quantities
    ]
    assert after.concepts == before.concepts


def test_a_prefix_that_a_remote_context_has_for_an_old_namespace_is_noticed() -> None:
    context = "https://w3id.org/emmo/domain/battery/context"
    [issue] = check({"@context": context, "@type": "batt:battery_68ed592a_7924_45d0_a108_94d6275d57f0"})
    assert issue.suggestions[0].replacement == "battery:battery_68ed592a_7924_45d0_a108_94d6275d57f0"


def test_a_key_in_full_is_mended_as_a_key() -> None:
    key = EMMO + "EMMO_e1097637_70d2_4895_973f_2396f04fa204"
    [issue] = check({"@context": {"schema": "https://schema.org/"}, key: {"schema:name": "x"}})
    assert (issue.pointer, issue.line, issue.column) == ("/" + key.replace("/", "~1"), 5, 2)
    assert issue.suggestions[0].edits[0].operation == "rename"


@pytest.mark.parametrize(
    "value",
    [
        {"@context": {"schema": "https://schema.org/"}, "schema:description": EMMO + MASS},
        {"@context": {"schema": "https://schema.org/"}, "schema:name": "made with BattINFO"},
        {"@context": {"emmo": TODAY}, "@type": f"emmo:{MASS}", "https://schema.org/name": "x"},
        {"@context": {"emmo": EMMO}, "https://schema.org/name": "x"},
    ],
)
def test_what_is_no_old_iri_is_no_finding(value: dict[str, Any]) -> None:
    assert check(value) == []
