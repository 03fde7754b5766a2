"""One document from bytes to a record: what is refused, what is read, what its address is."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.normalize import Vocabulary
from harvester.reading import Read, Reader
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.issues import Severity
from records.record import Payload
from records.rights import PUBLIC, Rights
from shapes.profiles import Checks, always
from shapes.reader import Limits
from shapes.shacl_validator import ShaclValidator

BASE = "https://example.org/records/"
CONTEXT = "https://w3id.org/emmo/domain/battery/context"
KEYS = (
    *("@id", "@type", "@value", "@list", "@graph", "@language", "schema:name", "schema:value", "x", "a:b", ""),
    *("hasProperty", "hasNumericalPart", "hasNumberValue", "hasMeasurementUnit", "https://example.org/p"),
)


@cache
def reader(limits: Limits | None = None) -> Reader:
    facts = packaged_facts()
    concepts = Concepts(facts)
    return Reader(
        base_iri=BASE,
        contexts=Contexts.from_terms(facts.terms),
        vocabulary=Vocabulary(concepts, Units(facts)),
        checks=always(Checks(ShaclValidator(parents=concepts.parents))),
        limits=limits or Limits(),
    )


def read(content: bytes | dict[str, Any], *, key: str = "a.jsonld", limits: Limits | None = None) -> Read:
    payload = Payload(content if isinstance(content, bytes) else json.dumps(content, indent=1).encode())
    return reader(limits).read(f"lab/{key}", "lab", key, "", Rights(PUBLIC, PUBLIC), payload)


def cell(**more: object) -> dict[str, Any]:
    return {"@context": CONTEXT, "@type": "PouchCell", "schema:name": "A cell", **more}


def test_a_good_document_gives_a_record_its_statements_and_no_finding() -> None:
    mass = {
        "@type": "Mass",
        "hasNumericalPart": {"@type": "RealData", "hasNumberValue": 5},
        "hasMeasurementUnit": "https://w3id.org/emmo#Gram",
    }
    result = read(cell(hasProperty=mass))
    assert result.issues == ()
    assert result.record is not None
    assert (result.record.id, result.record.iri) == ("lab/a.jsonld", f"{BASE}lab/a.jsonld")
    assert result.record.graph_iri == f"{BASE}lab/a.jsonld#graph"
    assert (result.record.source, result.record.source_file) == ("lab", "a.jsonld")
    assert len(result.triples) == 8
    assert result.contexts == ((CONTEXT, "fact-table"),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"{", "not-json"),
        (b'{"a": NaN}', "nan"),
        (b'{"@type": "a", "@type": "b"}', "duplicate-key"),
        (b'{"a": "\xff"}', "not-utf8"),
        (b'{"a": 1}', "not-json-ld"),
        (b'{"@context": "https://example.org/unknown", "@type": "a"}', "context-not-configured"),
    ],
)
def test_what_cannot_be_read_gives_one_finding_and_nothing_else(content: bytes, code: str) -> None:
    result = read(content, key="folder/bad.jsonld")
    [issue] = result.issues
    assert (issue.code, issue.severity, issue.source) == (code, Severity.VIOLATION, "folder/bad.jsonld")
    assert issue.line >= 1
    assert issue.remedy
    assert (result.record, result.triples, result.contexts) == (None, (), ())


def test_size_and_depth_have_limits() -> None:
    small = Limits(2000, 8)
    assert read(cell(), limits=small).record is not None
    assert read(cell(**{"schema:description": "x" * 3000}), limits=small).record is None
    nested: dict[str, Any] = {"@type": "PrismaticCase"}
    for _ in range(10):
        nested = {"@type": "PrismaticCase", "hasCase": nested}
    assert [issue.code for issue in read(cell(hasCase=nested), limits=small).issues] == ["too-deep"]


def test_a_record_with_findings_is_still_a_record() -> None:
    result = read(cell(hasActiveMateral="LFP", hasProperty={"@type": "Mass", "hasNumericalPart": {"hasNumberValue": 5}}))
    assert result.record is not None
    codes = {issue.code for issue in result.issues}
    assert {"undefined-term", "missing-unit"} <= codes
    lines = json.dumps(cell(hasActiveMateral="LFP"), indent=1).splitlines()
    [misspelt] = [issue for issue in result.issues if issue.code == "undefined-term"]
    assert "hasActiveMateral" in lines[misspelt.line - 1]
    assert misspelt.pointer == "/hasActiveMateral"
    assert all(issue.source == "a.jsonld" for issue in result.issues)


def test_what_a_record_holds_has_its_line() -> None:
    content = cell(hasCase={"@type": "PouchCase"}, hasProperty={"@type": "Mass", "hasNumericalPart": {"hasNumberValue": 5}})
    record = read(content).record
    assert record is not None
    lines = json.dumps(content, indent=1).splitlines()
    places = [*(use.line for use in record.concepts), *(quantity.line for quantity in record.quantities)]
    assert all(lines[line - 1].endswith("{") for line in places)
    assert len(set(places)) == 3


def test_reading_twice_gives_the_same() -> None:
    assert read(cell(hasActiveMateral="LFP")) == read(cell(hasActiveMateral="LFP"))


def test_two_documents_with_the_same_content_share_no_node_of_their_own() -> None:
    content = cell(hasCase={"@type": "PouchCase"})
    subjects = [{str(triple[0]) for triple in read(content, key=key).triples} for key in ("a.jsonld", "b.jsonld")]
    assert len(subjects[0]) == 2
    assert subjects[0].isdisjoint(subjects[1])
    assert all(subject.startswith(f"{BASE}lab/a.jsonld") for subject in subjects[0])


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ("lab/a.jsonld", "lab/a.jsonld"),
        ("lab/a b.jsonld", "lab/a%20b.jsonld"),
        ("lab/a#b?c.jsonld", "lab/a%23b%3Fc.jsonld"),
        ("lab/100%.jsonld", "lab/100%25.jsonld"),
        ("lab/%41.jsonld", "lab/%2541.jsonld"),
        ("lab/é.jsonld", "lab/%C3%A9.jsonld"),
        ('lab/<>"{}|\\^`.jsonld', "lab/%3C%3E%22%7B%7D%7C%5C%5E%60.jsonld"),
        ("lab/(1)+,;=@:!$&'*-._~", "lab/(1)+,;=@:!$&'*-._~"),
    ],
)
def test_the_address_of_a_record_escapes_what_an_iri_does_not_hold(record: str, path: str) -> None:
    assert reader().iri_of(record) == BASE + path


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
)
def test_two_records_never_have_one_address(one: str, other: str) -> None:
    same = reader().iri_of(f"lab/{one}") == reader().iri_of(f"lab/{other}")
    assert same == (one == other)


@pytest.mark.parametrize("key", ["a b#c?.jsonld", "100%.jsonld", "é/ü.jsonld", "<x>.jsonld"])
def test_a_document_in_an_oddly_named_file_is_read(key: str) -> None:
    result = read(cell(hasCase={"@type": "PouchCase"}), key=key)
    assert result.record is not None
    assert result.issues == ()
    assert all(" " not in subject and "<" not in subject for subject, *_ in result.triples)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(KEYS),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_json_comes_is_read_or_refused_with_a_reason(value: object) -> None:
    result = read(json.dumps({"@context": CONTEXT, "hasProperty": value}).encode())
    if result.record is None:
        [issue] = result.issues
        assert issue.message
        assert issue.remedy
    else:
        assert result.record.title
