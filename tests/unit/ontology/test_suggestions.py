"""Suggestions of the expansion: from the right pool, with edits that carry them out, and as sure as they can be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.jsonld import to_triples
from ontology.concepts import Concepts
from ontology.context_words import KEYWORDS
from ontology.contexts import BATTERY_CONTEXT, Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.terms import HAS_MEASUREMENT_UNIT
from ontology.units import Units
from records.errors import EditConflictError
from records.issues import Certainty, Edit, Issue, Operation, Severity, Suggestion
from shapes.edits import apply_edits
from shapes.reader import Document, read_document

BASE = "https://archive.example/a.jsonld"
EMMO = "https://w3id.org/emmo#"


@pytest.fixture(scope="module")
def expander() -> Expander:
    facts = packaged_facts()
    return Expander(Contexts.from_terms(facts.terms), Concepts(facts), Units(facts))


def a_document(value: Any) -> Document:
    document = read_document(json.dumps(value, indent=1).encode(), "a.jsonld")
    assert isinstance(document, Document)
    return document


def battery(*more: Any, **members: Any) -> dict[str, Any]:
    return {"@context": [BATTERY_CONTEXT, *more] if more else BATTERY_CONTEXT, **members}


def issues(value: Any, expander: Expander) -> tuple[Issue, ...]:
    found = expander.expand(a_document(value), BASE)
    return found.issues if isinstance(found, Reading) else (found,)


def only(value: Any, expander: Expander, code: str) -> Issue:
    [issue] = issues(value, expander)
    assert issue.code == code
    return issue


def first(issue: Issue) -> tuple[str | None, Certainty]:
    return issue.suggestions[0].replacement, issue.suggestions[0].certainty


def mended(value: Any, suggestion: Suggestion) -> Any:
    return json.loads(apply_edits(a_document(value), suggestion.edits))


def unit(text: Any, kind: str = "RatedCapacity") -> dict[str, Any]:
    return battery(hasProperty={"@type": kind, "hasMeasurementUnit": text})


# Keys and classes


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("hasProperety", "hasProperty"),
        ("has property", "hasProperty"),
        ("hasMeasurmentUnit", "hasMeasurementUnit"),
        ("@tpye", "@type"),
    ],
)
def test_a_key_is_renamed_to_the_property_that_is_meant(key: str, meant: str, expander: Expander) -> None:
    value = battery(**{key: "https://x.org/a"})
    issue = only(value, expander, "undefined-term")
    assert first(issue) == (meant, Certainty.CERTAIN)
    assert issue.suggestions[0].edits == (Edit(Operation.RENAME, f"/{key}", json.dumps(meant)),)
    assert mended(value, issue.suggestions[0]) == battery(**{meant: "https://x.org/a"})


def test_the_key_that_is_meant_is_a_property_and_no_class(expander: Expander) -> None:
    suggested = [item.replacement for item in only(battery(Propertty=1), expander, "undefined-term").suggestions]
    assert suggested[0] == "hasProperty"
    assert "Property" not in suggested
    assert only(battery(Propertty=1), expander, "undefined-term").expected == "a property"


def test_a_key_that_would_then_stand_twice_is_not_renamed_without_looking(expander: Expander) -> None:
    issue = only(battery(hasProperety={}, hasProperty={}), expander, "undefined-term")
    assert first(issue) == ("hasProperty", Certainty.LIKELY)
    assert issue.suggestions[0].edits == ()


def test_a_circle_of_definitions_that_is_not_used_does_no_harm(expander: Expander) -> None:
    context = {"one": "two", "two": "one", "known": "https://x.org/known"}
    found = issues({"@context": context, "knwon": 1}, expander)
    assert [issue.code for issue in found] == ["invalid-context", "invalid-context", "undefined-term"]
    assert first(found[-1]) == ("known", Certainty.CERTAIN)


@pytest.mark.parametrize("key", ["type", "id"])
def test_a_keyword_without_its_sign_is_suggested_with_it(key: str, expander: Expander) -> None:
    assert first(only(battery(**{key: "x"}), expander, "undefined-term")) == (f"@{key}", Certainty.LIKELY)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RatedCapcity", "RatedCapacity"),
        ("rated capacity", "RatedCapacity"),
        ("rated_capacity", "RatedCapacity"),
        ("CoinCells", "CoinCell"),
    ],
)
def test_a_class_is_replaced_by_the_class_that_is_meant(name: str, meant: str, expander: Expander) -> None:
    value = battery(**{"@type": ["Battery", name]})
    issue = only(value, expander, "undefined-type")
    assert (first(issue), issue.expected) == ((meant, Certainty.CERTAIN), "a class")
    assert mended(value, issue.suggestions[0])["@type"] == ["Battery", meant]


def test_an_abbreviation_of_the_field_leads_to_its_class(expander: Expander) -> None:
    suggested = [item.replacement for item in only(battery(**{"@type": "LCO"}), expander, "undefined-type").suggestions]
    assert "LithiumCobaltOxide" in suggested


def test_at_most_three_are_suggested(expander: Expander) -> None:
    assert len(only(battery(**{"@type": "Temperature"}), expander, "undefined-type").suggestions) <= 3


@pytest.mark.parametrize(("types", "left"), [("NaN", None), (["NaN"], None), (["Battery", ""], ["Battery"])])
def test_an_empty_type_is_left_out(types: Any, left: Any, expander: Expander) -> None:
    value = battery(**{"@id": "https://x.org/a", "@type": types})
    issue = only(value, expander, "empty-type")
    assert issue.suggestions[0].certainty is Certainty.CERTAIN
    assert mended(value, issue.suggestions[0]).get("@type") == left


# Units


@pytest.mark.parametrize(
    ("text", "kind", "iri"),
    [
        ("Ah", "RatedCapacity", "AmpereHour"),
        ("mAh", "RatedCapacity", "MilliAmpereHour"),
        ("ampere hours", "RatedCapacity", "AmpereHour"),
        ("mAh/g", "SpecificCapacity", "MilliAmpereHourPerGram"),
        ("V", "NominalVoltage", "Volt"),
        ("g", "Mass", "Gram"),
    ],
)
def test_a_unit_as_text_is_read_as_the_unit_that_it_means(text: str, kind: str, iri: str, expander: Expander) -> None:
    for value in (unit(text, kind), unit({"@id": text}, kind)):
        reading = expander.expand(a_document(value), BASE)
        assert isinstance(reading, Reading)
        [issue] = reading.issues
        assert (issue.code, issue.severity) == ("unit-as-text", Severity.WARNING)
        assert issue.suggestions[0].certainty is Certainty.CERTAIN
        assert reading.nodes[1].expanded[HAS_MEASUREMENT_UNIT] == {"@id": EMMO + iri}
        assert issues(mended(value, issue.suggestions[0]), expander) == ()


def test_a_unit_as_text_becomes_the_iri_where_a_term_would_be_none(expander: Expander) -> None:
    coerced = {"hasMeasurementUnit": {"@id": HAS_MEASUREMENT_UNIT, "@type": "@id"}}
    value = battery(coerced, hasProperty={"@type": "RatedCapacity", "hasMeasurementUnit": "Ah"})
    assert first(only(value, expander, "unit-as-text")) == (f"{EMMO}AmpereHour", Certainty.CERTAIN)


@pytest.mark.parametrize(("text", "kind"), [("C", "NominalTemperature"), ("xyz", "RatedCapacity"), ("REQUESTED", "RatedCapacity")])
def test_a_text_that_can_mean_no_unit_or_several_stays_undefined(text: str, kind: str, expander: Expander) -> None:
    value = battery(
        hasProperty={"hasMeasurementUnit": text} if kind == "NominalTemperature" else {"@type": kind, "hasMeasurementUnit": text}
    )
    found = expander.expand(a_document(value), BASE)
    assert isinstance(found, Reading)
    assert "unit-as-text" not in [issue.code for issue in found.issues]


def test_a_misspelt_unit_is_suggested_from_the_units(expander: Expander) -> None:
    issue = only(unit("AmpereHuor"), expander, "undefined-value")
    assert (first(issue)[1], issue.expected) == (Certainty.CERTAIN, "a unit of measurement")
    assert issues(mended(unit("AmpereHuor"), issue.suggestions[0]), expander) == ()


# Prefixes


@pytest.mark.parametrize(
    ("context", "mended_context"),
    [
        ("https://x.org/c", ["https://x.org/c", {"emmo": EMMO}]),
        ({"a": "https://x.org/a"}, {"a": "https://x.org/a", "emmo": EMMO}),
        (["https://x.org/c", {"a": "https://x.org/a"}], ["https://x.org/c", {"a": "https://x.org/a", "emmo": EMMO}]),
        (["https://x.org/c"], ["https://x.org/c", {"emmo": EMMO}]),
        (None, {"emmo": EMMO}),
    ],
)
def test_the_definition_of_a_well_known_prefix_is_added_whatever_the_context_is(context: Any, mended_context: Any) -> None:
    expander = Expander(Contexts.from_terms({}))
    value = {"@context": json.loads(json.dumps(context).replace("https://x.org/c", BATTERY_CONTEXT)), "emmo:Volt": 1}
    issue = only(value, expander, "undefined-prefix")
    assert first(issue) == (f'"emmo": "{EMMO}"', Certainty.CERTAIN)
    assert mended(value, issue.suggestions[0])["@context"] == json.loads(
        json.dumps(mended_context).replace("https://x.org/c", BATTERY_CONTEXT)
    )


def test_a_prefix_one_slip_away_from_one_of_the_context_is_taken_for_that(expander: Expander) -> None:
    value = {"@context": {"lab": "https://lab.example/", "notes": "https://n.example/"}, "ntoes:a": 1, "b": {"notse:a": 1}}
    [key] = [issue for issue in issues(value, expander) if issue.code == "undefined-prefix"]
    assert (key.value, *first(key)) == ("ntoes:a", "notes:a", Certainty.CERTAIN)
    reading = expander.expand(a_document(value), BASE)
    assert isinstance(reading, Reading)
    assert reading.value[0]["https://n.example/a"] == 1


def test_a_prefix_one_slip_away_from_a_well_known_one_is_suggested_with_its_definition_and_not_assumed(expander: Expander) -> None:
    value = {"@context": {}, "shcema:name": "X"}
    issue = only(value, expander, "undefined-prefix")
    assert issue.severity is Severity.VIOLATION
    assert first(issue) == ("schema:name", Certainty.LIKELY)
    assert mended(value, issue.suggestions[0]) == {"@context": {"schema": "https://schema.org/"}, "schema:name": "X"}


@pytest.mark.parametrize(
    ("context", "code", "replacement"),
    [
        ({"schema": "https://schema.org"}, "prefix-without-separator", "https://schema.org/"),
        ([{"schema": "https://schema.org"}], "prefix-without-separator", "https://schema.org/"),
        ({"unit": "https://qudt.org/vocab/unit/"}, "mistaken-namespace", "http://qudt.org/vocab/unit/"),
    ],
)
def test_a_badly_defined_prefix_is_mended_where_it_is_defined(
    context: Any, code: str, replacement: str, expander: Expander
) -> None:
    value = {"@context": context, "schema:name" if "schema" in str(context) else "unit:V": "X"}
    issue = only(value, expander, code)
    assert issue.pointer.startswith("/@context/")
    assert first(issue) == (replacement, Certainty.CERTAIN)
    assert issues(mended(value, issue.suggestions[0]), expander) == ()


# Assumptions


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"@context": {"RealData": f"{EMMO}R"}, "@type": "Real", "https://x.org/p": {"@type": ["Real"]}}, "renamed-term"),
        (
            battery({"emmo": EMMO}, **{"@type": "emmo:RatedCapacity", "hasProperty": {"@type": "emmo:RatedCapacity"}}),
            "label-as-iri",
        ),
        (battery({"see": {"@id": "https://x.org/s", "@type": "@id"}}, see=["Volt", {"see": "Volt"}]), "term-as-iri"),
        (battery(hasProperty=[{"hasMeasurementUnit": "V"}, {"hasMeasurementUnit": "V"}]), "unit-as-text"),
    ],
)
def test_an_assumption_is_told_once_with_its_places_and_mended_at_all_of_them(value: Any, code: str, expander: Expander) -> None:
    issue = only(value, expander, code)
    assert issue.places == 2
    assert (issue.suggestions[0].certainty, len(issue.suggestions[0].edits)) == (Certainty.CERTAIN, 2)
    assert issues(mended(value, issue.suggestions[0]), expander) == ()


def test_a_term_defined_by_a_mistyped_prefix_is_mended_in_its_definition(expander: Expander) -> None:
    context = {"schema": "https://schema.org/", "name": {"@id": "shcema:name"}}
    value = {"@context": context, "name": "X", "https://x.org/p": {"name": "Y"}}
    issue = only(value, expander, "undefined-prefix")
    assert (issue.places, *first(issue)) == (2, "schema:name", Certainty.CERTAIN)
    assert mended(value, issue.suggestions[0])["@context"]["name"] == {"@id": "schema:name"}
    assert issues(mended(value, issue.suggestions[0]), expander) == ()


# IRIs, languages, refusals


@pytest.mark.parametrize(
    ("text", "replacement"),
    [
        ("https://x.org/a b", "https://x.org/a%20b"),
        (" https://x.org/a", "https://x.org/a"),
        ("https://x.org/{a}", "https://x.org/%7Ba%7D"),
    ],
)
def test_an_iri_with_forbidden_signs_is_rewritten(text: str, replacement: str, expander: Expander) -> None:
    value = battery(**{"@id": text, "@type": "Battery"})
    issue = only(value, expander, "invalid-iri")
    assert (issue.value, *first(issue)) == (text, replacement, Certainty.CERTAIN)
    assert issues(mended(value, issue.suggestions[0]), expander) == ()


def test_an_underscore_in_a_language_tag_is_a_hyphen(expander: Expander) -> None:
    value = battery(**{"https://x.org/p": {"@value": "Zelle", "@language": "de_CH"}})
    assert first(only(value, expander, "invalid-language")) == ("de-CH", Certainty.CERTAIN)


@pytest.mark.parametrize("address", [f"{BATTERY_CONTEXT}.json", BATTERY_CONTEXT.replace("battery", "batery")])
def test_an_address_like_a_configured_context_is_mended(address: str, expander: Expander) -> None:
    value = {"@context": ["https://w3id.org/emmo/domain/electrochemistry/context", address], "@type": "Battery"}
    issue = only(value, expander, "context-not-configured")
    assert (issue.pointer, *first(issue)) == ("/@context/1", BATTERY_CONTEXT, Certainty.CERTAIN)


RECORDS = "https://w3id.org/battinfo/context/records/v1.json"


@pytest.mark.parametrize(
    ("address", "certainty"),
    [
        ("https://w3id.org/battinfo/context/records/v1.jsno", Certainty.CERTAIN),
        ("https://w3id.org/battinfo/context/records/v1json", Certainty.CERTAIN),
        ("https://w3id.org/battinfo/context/records/v1", Certainty.CERTAIN),
        ("https://www.w3id.org/battinfo/context/records/v1.jsonld/", Certainty.CERTAIN),
        ("w3id.org/battinfo/context/records/v1.json", Certainty.CERTAIN),
        ("https://w3id.org/batinfo/contxt/records/v1.json", Certainty.LIKELY),
        ("https://w3id.org/battinfo/context/records/v2.json", Certainty.POSSIBLE),
    ],
)
def test_a_slip_in_the_ending_of_an_address_is_one_slip_and_another_version_is_none(address: str, certainty: Certainty) -> None:
    facts = packaged_facts()
    contexts = Contexts(dict.fromkeys((BATTERY_CONTEXT, RECORDS), Contexts.from_terms(facts.terms).versions(BATTERY_CONTEXT)))
    expander = Expander(contexts, Concepts(facts), Units(facts))
    issue = only({"@context": address, "@type": "Battery"}, expander, "context-not-configured")
    assert [(mend.replacement, mend.certainty) for mend in issue.suggestions] == [(RECORDS, certainty)]


@pytest.mark.parametrize(
    "address",
    ["https://example.org/other", "https://schema.org", "https://w3id.org/security/v1", "https://w3id.org/emmo", "https://a.org/"],
)
def test_an_unlike_address_gets_no_suggestion(address: str, expander: Expander) -> None:
    assert only({"@context": address}, expander, "context-not-configured").suggestions == ()


def test_json_without_context_gets_the_one_that_defines_its_keys(expander: Expander) -> None:
    value = {"hasProperty": {"hasNumericalPart": {"hasNumberValue": 1}}}
    issue = only(value, expander, "not-json-ld")
    assert first(issue) == (f'"@context": "{BATTERY_CONTEXT}"', Certainty.LIKELY)
    assert issues(mended(value, issue.suggestions[0]), expander) == ()
    assert only({"mass": 40}, expander, "not-json-ld").suggestions == ()


# Any document

WORDS = [
    *sorted(KEYWORDS), "@tpye", "@", "@@", "", " ", ":", "::", "_:", "_:b", "a:b", "~1/~0", "./x", "#z", "//h/p", "http://[",
    "n.a.", "C", "Ah", "name", "hasProperty", "hasMeasurementUnit", "RatedCapacity", "rated capacity", "emo:Volt", "emmo:Volt",
    "shcema:name", "schema", "https://schema.org", "https://schema.org/", "https://x.org/a b", "xsd:date", "de_CH", "en",
    BATTERY_CONTEXT,
]  # fmt: skip
TEXTS = st.sampled_from(WORDS)
VALUES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=25,
)


@given(context=VALUES, body=st.dictionaries(TEXTS, VALUES, max_size=5))
def test_whatever_a_document_says_it_is_read_or_refused_and_every_suggested_edit_can_be_made(
    context: Any, body: dict[str, Any], expander: Expander
) -> None:
    document = read_document(json.dumps({**body, "@context": context}).encode(), "a.jsonld")
    if not isinstance(document, Document):
        return
    found = expander.expand(document, BASE)
    if isinstance(found, Reading):
        to_triples(found, BASE)
    for issue in found.issues if isinstance(found, Reading) else (found,):
        assert issue.line > 0
        for suggestion in issue.suggestions:
            json.loads(apply_edits(document, suggestion.edits))


# All real documents


def certain(found: Reading) -> Iterator[Suggestion]:
    return (item for issue in found.issues for item in issue.suggestions[:1] if item.certainty is Certainty.CERTAIN)


def test_certain_corrections_of_real_documents_come_to_an_end_and_lose_no_statement(shared_data: Path) -> None:
    facts = packaged_facts()
    expander = Expander(Contexts.from_directory(shared_data / "contexts"), Concepts(facts), Units(facts))
    made = 0
    for path in sorted((shared_data / "jsonld").glob("*/*")):
        document = read_document(path.read_bytes(), path.name)
        for _ in range(20):
            if not isinstance(document, Document):
                break  # what is no JSON, and stays so
            reading = expander.expand(document, BASE)
            assert isinstance(reading, Reading)
            suggestion = next(certain(reading), None)
            if suggestion is None:
                break
            before = len(to_triples(reading, BASE).triples)
            document = read_document(carried_out(document, suggestion).encode(), path.name)
            assert isinstance(document, Document)
            after = expander.expand(document, BASE)
            assert isinstance(after, Reading)
            assert len(to_triples(after, BASE).triples) >= before, path.name
            made += 1
        else:
            pytest.fail(f"{path.name}: corrections without end")
    assert made > 100


def carried_out(document: Document, suggestion: Suggestion) -> str:
    try:
        return apply_edits(document, suggestion.edits)
    except EditConflictError as error:
        pytest.fail(f"{document.source}: {suggestion.text}: {error}")
