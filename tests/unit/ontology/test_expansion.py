"""Expansion: the traps of JSON-LD, one by one, and all real documents."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ontology.contexts import BATTERY_CONTEXT, ELECTROCHEMISTRY_CONTEXT, Contexts
from ontology.expansion import Expander, Reading
from ontology.terms import HAS_MEASUREMENT_UNIT, HAS_NUMBER_VALUE, HAS_NUMERICAL_PART, HAS_PROPERTY, REAL_DATA
from records.errors import OntologyError
from records.issues import Issue, Severity
from shapes.reader import Document, Limits, read_document

BASE = "https://archive.example/cells/a.jsonld"
EMMO = "https://w3id.org/emmo#"
TERMS = {
    "hasProperty": (HAS_PROPERTY, "@id"),
    "hasNumericalPart": (HAS_NUMERICAL_PART, "@id"),
    "hasNumberValue": (HAS_NUMBER_VALUE, ""),
    "hasMeasurementUnit": (HAS_MEASUREMENT_UNIT, "@id"),
    "RealData": (REAL_DATA, ""),
    "Volt": (f"{EMMO}Volt", ""),
    "Mass": (f"{EMMO}EMMO_mass", ""),
    "seeAlso": ("http://www.w3.org/2000/01/rdf-schema#seeAlso", "@id"),
}
EXPANDER = Expander(Contexts.from_terms(TERMS))


def a_document(value: Any) -> Document:
    text = value if isinstance(value, str) else json.dumps(value, indent=1)
    document = read_document(text.encode(), "a.jsonld", Limits(max_depth=500))
    assert isinstance(document, Document), document
    return document


def read(value: Any, expander: Expander = EXPANDER, **pins: Any) -> Reading:
    reading = expander.expand(a_document(value), BASE, **pins)
    assert isinstance(reading, Reading), reading
    return reading


def refused(value: Any, expander: Expander = EXPANDER) -> Issue:
    issue = expander.expand(a_document(value), BASE)
    assert isinstance(issue, Issue)
    assert issue.line > 0
    assert issue.remedy
    return issue


def battery(**members: Any) -> dict[str, Any]:
    return {"@context": BATTERY_CONTEXT, **members}


def codes(reading: Reading) -> list[str]:
    return [issue.code for issue in reading.issues]


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Expander:
    return Expander(Contexts.from_directory(shared_data / "contexts"))


# What is no JSON-LD, and contexts that cannot be used


@pytest.mark.parametrize("value", ['"text"', "5", "null", "[]", "{}", '{"a": 1}', '[{"a": {"b": "c"}}]', '{"user@host": 1}'])
def test_json_that_is_no_json_ld_is_refused(value: str) -> None:
    assert refused(value).code == "not-json-ld"


@pytest.mark.parametrize("value", [{"@id": "x"}, {"https://x.org/a": 1}, {"a": [{"@context": {}, "@type": "https://x.org/T"}]}])
def test_a_keyword_or_an_iri_as_key_makes_it_json_ld(value: Any) -> None:
    read(value)


def test_a_context_that_is_not_configured_is_refused_at_its_place_and_not_fetched() -> None:
    issue = refused('{\n "@context": "https://evil.example/context"\n}')
    assert (issue.code, issue.line, issue.column) == ("context-not-configured", 2, 14)
    assert "https://evil.example/context" in issue.message


@pytest.mark.parametrize("address", ["file:///etc/passwd", "/etc/passwd", "http://169.254.169.254/", "../c.json"])
def test_no_address_from_a_document_is_opened(address: str) -> None:
    assert refused({"@context": [BATTERY_CONTEXT, address]}).code == "context-not-configured"
    assert refused({"@context": {"@import": address, "@version": 1.1}, "@id": "x"}).code == "context-not-configured"


def test_a_context_file_that_refers_to_itself_is_a_cycle(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"@context": ["https://x.org/c", {"a": "https://x.org/a"}]}')
    (tmp_path / "contexts.json").write_text('{"map": {"https://x.org/c": "c.json"}}')
    expander = Expander(Contexts.from_directory(tmp_path))
    assert refused({"@context": "https://x.org/c", "a": 1}, expander).code == "context-cycle"


def test_a_term_defined_in_a_circle_is_a_cycle_with_a_place() -> None:
    issue = refused('{"@id": "x",\n "@context": {"a": "b:x", "b": "a:x"}, "a": 1}')
    assert (issue.code, issue.line) == ("context-cycle", 2)


@pytest.mark.parametrize("context", [5, [True], {"@vocab": 5}, {"@base": []}])
def test_a_context_of_the_wrong_kind_is_refused(context: Any) -> None:
    assert refused({"@context": context, "@id": "x"}).code == "invalid-context"


def test_too_many_contexts_and_too_large_ones_are_refused() -> None:
    many = [{"@context": {"a": "https://x.org/a"}, "a": 1}] * 100
    assert refused({"@graph": many}).code == "too-many-contexts"
    assert refused({"@context": {f"t{n}": "https://x.org/t" for n in range(10_001)}, "@id": "x"}).code == "too-many-contexts"


def test_a_document_deeper_than_the_walk_can_go_is_refused() -> None:
    value: Any = 1
    for _ in range(450):
        value = {"https://x.org/a": value}
    assert refused(value).code == "too-deep"


# What a document loses is told


def test_a_key_that_is_not_defined_is_left_out_with_all_below_and_the_numbers_lost_are_counted() -> None:
    wrong = '"hasProperety": {"@type": "Mass", "hasNumberValue": [5, 6.5]}'
    reading = read(f'{{"@context": "{BATTERY_CONTEXT}",\n  {wrong}, "hasProperty": {{"@type": "Mass"}}}}')
    [issue] = reading.issues
    assert (issue.code, issue.pointer, issue.line, issue.column) == ("undefined-term", "/hasProperety", 2, 3)
    assert "2 numbers below it are not read" in issue.message
    assert issue.remedy == "perhaps 'hasProperty' is meant"
    assert [node.pointer for node in reading.nodes] == ["", "/hasProperty"]


def test_a_type_that_is_not_defined_is_left_out_and_never_relative_to_the_document() -> None:
    reading = read(battery(hasProperty={"@type": ["Mass", "Misspelt"], "hasNumberValue": 1}))
    [issue] = reading.issues
    assert (issue.code, issue.pointer, issue.value) == ("undefined-type", "/hasProperty/@type/1", "Misspelt")
    assert reading.value[0][HAS_PROPERTY]["@type"] == [f"{EMMO}EMMO_mass"]


@pytest.mark.parametrize("name", ["", "NaN", "n.a.", " N/A "])
def test_what_stands_for_nothing_is_no_type(name: str) -> None:
    assert codes(read(battery(**{"@type": ["Mass", name]}))) == ["empty-type"]


def test_a_prefix_that_the_context_lacks_is_assumed_once_for_all_its_uses() -> None:
    reading = read(battery(hasProperty=[{"hasMeasurementUnit": "emmo:AmpereHour"}, {"hasMeasurementUnit": "emmo:Volt"}]))
    assert [item[HAS_MEASUREMENT_UNIT] for item in reading.value[0][HAS_PROPERTY]] == [
        {"@id": f"{EMMO}AmpereHour"},
        {"@id": f"{EMMO}Volt"},
    ]
    [issue] = reading.issues
    assert (issue.code, issue.severity, issue.pointer) == (
        "undefined-prefix",
        Severity.WARNING,
        "/hasProperty/0/hasMeasurementUnit",
    )
    assert f"{EMMO} was assumed (here and in 1 more places)" in issue.message


def test_a_prefix_that_nobody_knows_is_told_and_kept_as_it_stands() -> None:
    reading = read(battery(**{"nobody:knows": 5}))
    assert codes(reading) == ["undefined-prefix"]
    assert reading.issues[0].severity is Severity.VIOLATION
    assert reading.value[0]["nobody:knows"] == 5


def test_a_prefix_without_its_separator_is_mended() -> None:
    reading = read({"@context": [BATTERY_CONTEXT, {"schema": "https://schema.org"}], "schema:name": "X", "@type": "schema:Product"})
    assert reading.value[0]["https://schema.org/name"] == "X"
    assert reading.value[0]["@type"] == ["https://schema.org/Product"]
    assert codes(reading) == ["prefix-without-separator"]


@pytest.mark.parametrize(("word", "code"), [("Volt", "term-as-iri"), ("emmo:Volt", "undefined-prefix")])
def test_a_unit_by_word_or_prefix_becomes_its_iri(word: str, code: str) -> None:
    reading = read(battery(hasMeasurementUnit=word))
    assert reading.value[0][HAS_MEASUREMENT_UNIT] == {"@id": f"{EMMO}Volt"}
    assert codes(reading) == [code]


def test_a_word_under_vocab_coercion_needs_no_assumption() -> None:
    coerced = {"hasMeasurementUnit": {"@id": HAS_MEASUREMENT_UNIT, "@type": "@vocab"}}
    reading = read({"@context": [BATTERY_CONTEXT, coerced], "hasMeasurementUnit": "Volt"})
    assert reading.value[0][HAS_MEASUREMENT_UNIT] == {"@id": f"{EMMO}Volt"}
    assert reading.issues == ()


def test_a_unit_that_nobody_knows_is_told_and_not_made_relative_to_the_document() -> None:
    reading = read(battery(hasMeasurementUnit="REQUESTED", hasNumberValue=1))
    assert HAS_MEASUREMENT_UNIT not in reading.value[0]
    assert codes(reading) == ["undefined-value"]


def test_an_iri_with_a_space_is_told_and_not_dropped() -> None:
    reading = read(battery(**{"@id": "https://x.org/a b", "hasNumberValue": 1, "seeAlso": "https://x.org/[c]"}))
    assert reading.value[0]["@id"] == "https://x.org/a%20b"
    assert [(issue.code, issue.pointer) for issue in reading.issues] == [("invalid-iri", "/@id"), ("invalid-iri", "/seeAlso")]


@pytest.mark.parametrize("keyword", ["@inverse", "@label"])
def test_an_invented_keyword_is_told_like_any_undefined_key(keyword: str) -> None:
    assert codes(read(battery(**{keyword: {"hasNumberValue": 1}, "hasNumberValue": 2}))) == ["undefined-term"]


def test_a_blank_node_as_property_is_not_read() -> None:
    assert codes(read(battery(**{"_:p": 1}))) == ["undefined-term"]


def test_a_thousand_findings_are_enough() -> None:
    reading = read(battery(**{f"nothing{n}": 1 for n in range(2000)}))
    assert len(reading.issues) == 1001
    assert reading.issues[-1].code == "too-many-issues"


# Nodes and values


def test_a_node_without_id_has_an_iri_that_gives_its_pointer_back() -> None:
    reading = read(battery(hasProperty=[{"@type": "Mass"}, {"https://x.org/a b~c": 1, "seeAlso": {"hasNumberValue": 1}}]))
    assert dict(reading.pointers) == {
        BASE: "",
        f"{BASE}#/hasProperty/0": "/hasProperty/0",
        f"{BASE}#/hasProperty/1": "/hasProperty/1",
        f"{BASE}#/hasProperty/1/seeAlso": "/hasProperty/1/seeAlso",
    }
    assert reading.subject == BASE


def test_a_pointer_is_percent_encoded_in_the_iri_as_rfc_6901_says() -> None:
    reading = read({"@context": {"m%n o/p~q\u00e9": "https://x.org/p"}, "m%n o/p~q\u00e9": {"https://x.org/v": 1}})
    assert list(reading.pointers.items())[1] == (f"{BASE}#/m%25n%20o~1p~0q%C3%A9", "/m%n o~1p~0q\u00e9")


def test_nodes_keep_the_ids_they_have_relative_ones_resolved_and_blank_ones_made_iris() -> None:
    value = battery(hasProperty=[{"@id": "#p", "@type": "Mass"}, {"@id": "_:b", "@type": "Mass"}], seeAlso=["_:b", "#p", "./q"])
    reading = read(value)
    ids = [item["@id"] for item in reading.value[0]["http://www.w3.org/2000/01/rdf-schema#seeAlso"]]
    assert ids == [f"{BASE}#_:b", f"{BASE}#p", "https://archive.example/cells/q"]
    assert reading.pointers[f"{BASE}#_:b"] == "/hasProperty/1"


def test_base_holds_for_ids() -> None:
    reading = read({"@context": {"@base": "https://y.org/z/"}, "@id": "a", "https://x.org/p": 1})
    assert reading.subject == "https://y.org/z/a"


def test_a_graph_at_the_top_is_the_document_and_a_named_one_is_merged_and_told() -> None:
    reading = read(battery(**{"@graph": [{"@id": "https://x.org/a", "hasNumberValue": 1}, {"hasNumberValue": 2}]}))
    assert list(reading.pointers.values()) == ["/@graph/0", "/@graph/1"]
    assert reading.issues == ()
    named = read(battery(**{"@id": "https://x.org/g", "hasNumberValue": 0, "@graph": {"hasNumberValue": 1}}))
    assert [node[HAS_NUMBER_VALUE] for node in named.value] == [0, 1]
    assert codes(named) == ["named-graph-merged"]


def test_a_context_inside_a_node_holds_for_that_node_alone() -> None:
    value = battery(hasProperty=[{"@context": {"mine": "https://x.org/mine"}, "mine": 1}, {"mine": 2}])
    reading = read(value)
    assert reading.value[0][HAS_PROPERTY][0]["https://x.org/mine"] == 1
    assert [(issue.code, issue.pointer) for issue in reading.issues] == [("undefined-term", "/hasProperty/1/mine")]


def test_a_context_of_a_property_holds_below_it_and_one_of_a_type_for_its_node() -> None:
    context = {
        "@vocab": "https://x.org/",
        "sum": {"@context": {"value": "https://y.org/checksum"}},
        "Special": {"@context": {"value": "https://z.org/special"}},
    }
    reading = read(
        {"@context": context, "value": 1, "sum": {"value": 2}, "other": {"@type": "Special", "value": 3, "more": {"value": 4}}}
    )
    root = reading.value[0]
    assert root["https://x.org/value"] == 1
    assert root["https://x.org/sum"]["https://y.org/checksum"] == 2
    assert root["https://x.org/other"]["https://z.org/special"] == 3
    assert root["https://x.org/other"]["https://x.org/more"]["https://x.org/value"] == 4


def test_two_keys_of_one_iri_keep_all_values() -> None:
    reading = read({"@context": {"a": "https://x.org/p", "b": "https://x.org/p"}, "a": [1, 2], "b": 3})
    assert reading.value[0]["https://x.org/p"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("definition", "value", "expanded"),
    [
        ({"@container": "@list"}, [1, [2]], {"@list": [1, {"@list": [2]}]}),
        ({"@container": "@set"}, [1, None], [1]),
        (
            {"@container": "@language"},
            {"en": "a", "de": ["b"]},
            [{"@value": "a", "@language": "en"}, {"@value": "b", "@language": "de"}],
        ),
        ({"@container": "@index"}, {"i": 1, "j": [2]}, [1, 2]),
        ({"@type": "xsd:date"}, "2024-01-01", {"@value": "2024-01-01", "@type": "http://www.w3.org/2001/XMLSchema#date"}),
        ({"@type": "@json"}, {"x": [1]}, {"@value": {"x": [1]}, "@type": "@json"}),
        ({"@language": "en"}, "a", {"@value": "a", "@language": "en"}),
        ({}, {"@value": "a", "@language": "not a tag"}, "a"),
        ({}, {"@set": [1, {"@value": 2}]}, [1, 2]),
    ],
)
def test_containers_and_coercions_are_written_out(definition: dict[str, Any], value: Any, expanded: Any) -> None:
    context = {"xsd": "http://www.w3.org/2001/XMLSchema#", "p": {"@id": "https://x.org/p", **definition}}
    assert read({"@context": context, "p": value}).value[0]["https://x.org/p"] == expanded


def test_reverse_properties_point_the_other_way() -> None:
    context = [BATTERY_CONTEXT, {"isPropertyOf": {"@reverse": "hasProperty"}}]
    for value in ({"isPropertyOf": {"@id": "https://x.org/cell"}}, {"@reverse": {"hasProperty": {"@id": "https://x.org/cell"}}}):
        assert read({"@context": context, **value}).value[0]["@reverse"] == {HAS_PROPERTY: [{"@id": "https://x.org/cell"}]}


# Context by fit


def test_the_version_that_loses_least_is_chosen_for_documents_of_each_time(real: Expander) -> None:
    def chosen(**members: Any) -> str:
        reading = read(battery(**members), real)
        assert reading.issues == ()
        return reading.contexts[0][1]

    old = {"hasNumericalPart": {"@type": "Real", "hasNumericalValue": 1.5}, "hasMeasurementUnit": "emmo:Volt"}
    new = {"hasNumericalPart": {"@type": "RealData", "hasNumberValue": 1.5}, "hasMeasurementUnit": f"{EMMO}Volt"}
    assert chosen(**old) == "domain-battery-0.14.0-beta.json"
    assert chosen(**new) == "domain-battery-0.20.2.json"
    assert chosen(**old) == "domain-battery-0.14.0-beta.json"
    assert chosen(hasMeasurementUnit="emmo:Volt") == "domain-battery-0.18.5-beta.json"


def test_a_pinned_version_is_used_whatever_fits(real: Expander) -> None:
    value = battery(hasNumericalPart={"@type": "Real", "hasNumericalValue": 1.5})
    reading = read(value, real, pins={BATTERY_CONTEXT: "domain-battery-0.18.5-beta.json"})
    assert reading.contexts == ((BATTERY_CONTEXT, "domain-battery-0.18.5-beta.json"),)
    assert set(codes(reading)) == {"renamed-term"}
    with pytest.raises(OntologyError, match="no version"):
        read(value, real, pins={BATTERY_CONTEXT: "9.9"})


def test_former_terms_are_understood_by_the_fact_table_alone() -> None:
    reading = read(battery(hasNumericalPart={"@type": "Real", "hasNumericalValue": 1.5}))
    assert reading.value[0][HAS_NUMERICAL_PART] == {"@id": f"{BASE}#/hasNumericalPart", "@type": [REAL_DATA], HAS_NUMBER_VALUE: 1.5}
    assert codes(reading) == ["renamed-term", "renamed-term"]


def test_a_context_after_another_is_read_with_what_came_before(real: Expander) -> None:
    crate = "https://w3id.org/ro/crate/1.1/context"
    reading = read({"@context": [crate, BATTERY_CONTEXT], "name": "X", "hasMeasurementUnit": f"{EMMO}Volt"}, real)
    assert [url for url, _ in reading.contexts] == [crate, BATTERY_CONTEXT]
    assert reading.value[0]["http://schema.org/name"] == "X"


# All real documents


@pytest.fixture(scope="module")
def readings(shared_data: Path, real: Expander) -> list[tuple[Document, Reading]]:
    found = []
    for file in sorted((shared_data / "jsonld").glob("*/*")):
        document = read_document(file.read_bytes(), f"{file.parent.name}/{file.name}")
        if isinstance(document, Document):
            reading = real.expand(document, BASE)
            assert isinstance(reading, Reading), reading
            found.append((document, reading))
    assert len(found) > 1_100
    return found


def numbers(value: Any, keys: frozenset[str], lost: frozenset[str] = frozenset(), pointer: str = "") -> Counter[float]:
    if pointer in lost:
        return Counter()
    if isinstance(value, list):
        return sum((numbers(item, keys, lost, f"{pointer}/{index}") for index, item in enumerate(value)), Counter())
    if not isinstance(value, dict):
        return Counter()
    found: Counter[float] = Counter()
    for key, child in value.items():
        for item in child if isinstance(child, list) else [child]:
            if key in keys and isinstance(item, int | float) and f"{pointer}/{key}" not in lost:
                found[item] += 1
        found += numbers(child, keys, lost, f"{pointer}/{key}")
    return found


def test_no_number_of_a_real_document_is_lost_that_no_issue_names(readings: list[tuple[Document, Reading]]) -> None:
    total = 0
    for document, reading in readings:
        told = frozenset(issue.pointer for issue in reading.issues if issue.code == "undefined-term")
        written = numbers(document.value, frozenset(("hasNumericalValue", "hasNumberValue")), told)
        assert written == numbers(reading.value, frozenset((HAS_NUMBER_VALUE,))), document.source
        total += written.total()
    assert total > 11_000


def test_no_unit_or_type_of_a_real_document_keeps_a_bare_prefix_or_hangs_on_the_document(
    readings: list[tuple[Document, Reading]],
) -> None:
    units = 0
    for document, reading in readings:
        for node in reading.nodes:
            unit = node.expanded.get(HAS_MEASUREMENT_UNIT)
            for name in [
                *node.expanded.get("@type", []),
                *([unit["@id"]] if isinstance(unit, dict) and "@type" not in unit else []),
            ]:
                assert name.startswith(("http://", "https://", "csv:", "csw:")), (document.source, name)
                assert not name.startswith("https://archive.example/"), (document.source, name)
            units += isinstance(unit, dict)
    assert units > 9_000


def test_what_is_told_of_the_real_documents(readings: list[tuple[Document, Reading]]) -> None:
    by_folder: dict[str, Counter[str]] = {}
    for document, reading in readings:
        by_folder.setdefault(document.source.partition("/")[0], Counter()).update(codes(reading))
    assert by_folder["battinfo-records"].keys() <= {"undefined-type"}
    assert by_folder["cellinfo"].keys() == {"undefined-type", "empty-type"}
    assert by_folder["domain-battery"]["undefined-term"] == 3
    assert {"prefix-without-separator", "mistaken-namespace", "label-as-iri"} <= by_folder["battinfo-converter"].keys()


def test_every_issue_of_a_real_document_stands_where_its_value_is_written(readings: list[tuple[Document, Reading]]) -> None:
    for document, reading in readings:
        lines = document.text.split("\n")
        for issue in reading.issues:
            there = lines[issue.line - 1][issue.column - 1 :]
            if issue.code in ("undefined-term", "undefined-type", "undefined-value", "empty-type"):
                assert there.startswith(json.dumps(issue.value, ensure_ascii=False)), issue


def test_the_electrochemistry_context_is_read_too(real: Expander) -> None:
    reading = read({"@context": ELECTROCHEMISTRY_CONTEXT, "hasNumericalPart": {"@type": "Real", "hasNumericalValue": 2}}, real)
    assert reading.value[0][HAS_NUMERICAL_PART]["@type"] == [REAL_DATA]
