"""What JSON-LD forbids in a context, each with its place."""

from __future__ import annotations

from typing import Any

import pytest

from ontology.active_context import ActiveContext
from ontology.context_check import faults
from ontology.context_fit import ContextFit, Scope
from ontology.contexts import Contexts

FIT = ContextFit(Contexts({}))
NAME = "https://schema.org/name"


def found(local: Any, before: ActiveContext | None = None) -> list[tuple[str, str]]:
    return list(faults(local, before, FIT.extend(local, before, Scope("", {}))))


@pytest.mark.parametrize(
    "local",
    [
        {"name": NAME, "alias": "@id", "list": {"@id": NAME, "@container": ["@list"]}, "none": None},
        {"@version": 1.1, "@base": None, "@language": "en", "@direction": "ltr", "@propagate": True, "@protected": False},
        {"@type": {"@container": "@set"}, "graph": {"@id": NAME, "@container": ["@graph", "@id", "@set"]}},
        {"xsd": "http://www.w3.org/2001/XMLSchema#", "date": {"@id": NAME, "@type": "xsd:date"}, "other": {"@reverse": NAME}},
        {"ignored": "@unknown", "schema": "https://schema.org/", "schema:name": {"@id": "schema:name", "@type": "@id"}},
    ],
)
def test_what_the_standard_allows_is_no_fault(local: Any) -> None:
    assert found(local) == []


@pytest.mark.parametrize(
    ("local", "pointer", "part"),
    [
        ({"name": 5}, "/name", "none of these"),
        ({"name": {"@id": NAME, "@kind": "x"}}, "/name", "no '@kind'"),
        ({"name": {"@id": NAME, "@container": "@bag"}}, "/name", '"@bag"'),
        ({"name": {"@id": NAME, "@container": 5}}, "/name", "may not be 5"),
        ({"name": {"@id": NAME, "@container": ["@list", "@set"]}}, "/name", "@container"),
        ({"name": {"@id": NAME, "@type": "relative"}}, "/name", "comes to no IRI"),
        ({"name": {"@id": NAME, "@reverse": NAME}}, "/name", "@reverse may not stand beside"),
        ({"name": {"@container": "@set"}}, "/name", "comes to no IRI"),
        ({"name": {"@id": NAME, "@index": "x"}}, "/name", "@index"),
        ({"name": "@context"}, "/name", "@context"),
        ({"a/b": {"@id": NAME}}, "/a~1b", "reads as an IRI"),
        ({"@version": "1.1"}, "/@version", "1.1"),
        ({"@id": "name"}, "/@id", "defined anew"),
        ({"@direction": "up"}, "/@direction", "rtl"),
        ([{"name": NAME}, {"name": {"@id": NAME, "@prefix": 1}}], "/1/name", "@prefix"),
        ([{"@protected": True, "name": NAME}, {"name": "https://x.org/name"}], "/1/name", "protected"),
        ([{"@protected": True, "name": NAME}, None], "/1", "null"),
        ({"name": {"@id": NAME, "@context": {"inner": 5}}}, "/name/@context/inner", "none of these"),
    ],
)
def test_a_fault_is_told_at_its_definition(local: Any, pointer: str, part: str) -> None:
    [(place, message)] = found(local)
    assert place == pointer
    assert part in message


def test_the_same_definition_again_breaks_no_protection() -> None:
    before = FIT.extend({"@protected": True, "name": NAME}, None, Scope("", {}))
    assert found({"name": {"@id": NAME}}, before) == []
    assert [place for place, _ in found({"name": {"@id": NAME, "@type": "@id"}}, before)] == ["/name"]
