from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.issues import Severity
from shapes.locate import code_of, to_issues
from shapes.reader import Document, read_document
from shapes.validator import ShaclResult

BASE = "http://localhost:8000/records/s/x.jsonld"
CONTENT = b"""{
  "@id": "https://doi.org/10.1/x",
  "hasProperty": [
    {"@type": "Mass",
     "hasNumericalPart": {"hasNumberValue": "heavy"}}
  ],
  "a/b~c": {"name": "n"}
}"""
NUMBER = "https://w3id.org/emmo#EMMO_faf79f53_749d_40b2_807c_d34244c192f4"


def a_document() -> Document:
    document = read_document(CONTENT, "x.jsonld")
    assert isinstance(document, Document)
    return document


def a_result(
    focus_node: str, path: str = "", value: str = "", message: str = "Wrong; mend it.", component: str = "x"
) -> ShaclResult:
    return ShaclResult(
        Severity.VIOLATION, message, focus_node, path, value, "https://w3id.org/voltagraph/shapes#NotANumber", component
    )


def key_of(pointer: str, path: str) -> str | None:
    return {("/hasProperty/0/hasNumericalPart", NUMBER): "hasNumberValue", ("", "http://e/slash"): "a/b~c"}.get((pointer, path))


def locate(*results: ShaclResult, pointers: dict[str, str] | None = None) -> list[tuple[str, int, int]]:
    issues = to_issues(results, pointers or {}, BASE, a_document().place, "x.jsonld", key_of)
    return [(issue.pointer, issue.line, issue.column) for issue in issues]


def test_a_node_without_id_is_found_by_the_pointer_in_its_iri() -> None:
    assert locate(a_result(f"{BASE}#/hasProperty/0")) == [("/hasProperty/0", 4, 5)]


def test_a_node_with_an_id_is_found_among_the_pointers() -> None:
    assert locate(a_result("https://doi.org/10.1/x"), pointers={"https://doi.org/10.1/x": ""}) == [("", 1, 1)]


def test_the_root_without_id_is_the_document() -> None:
    assert locate(a_result(f"{BASE}#")) == [("", 1, 1)]


def test_a_property_that_is_there_is_placed_at_its_value() -> None:
    result = a_result(f"{BASE}#/hasProperty/0/hasNumericalPart", NUMBER, "heavy")
    assert locate(result) == [("/hasProperty/0/hasNumericalPart/hasNumberValue", 5, 45)]


def test_a_property_that_is_missing_is_placed_at_its_node() -> None:
    assert locate(a_result(f"{BASE}#/hasProperty/0", "http://e/unit")) == [("/hasProperty/0", 4, 5)]


def test_a_path_of_several_steps_is_placed_by_its_first() -> None:
    result = a_result(f"{BASE}#/hasProperty/0/hasNumericalPart", f"<{NUMBER}>/<http://e/q>")
    [issue] = to_issues([result], {}, BASE, a_document().place, "x.jsonld", key_of)
    assert (issue.path, issue.line) == (NUMBER, 5)


def test_keys_are_escaped_in_the_pointer() -> None:
    assert locate(a_result(f"{BASE}#", "http://e/slash")) == [("/a~1b~0c", 7, 12)]


@pytest.mark.parametrize("node", ["https://doi.org/unknown", f"{BASE}2#/hasProperty/0", f"{BASE}#section", BASE])
def test_a_node_that_is_not_in_the_document_has_no_place(node: str) -> None:
    assert locate(a_result(node)) == [("", 0, 0)]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_key_survives_percent_encoding(key: str) -> None:
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    seen: list[str] = []

    def place(pointer: str, of: object) -> tuple[int, int]:
        seen.append(pointer)
        return 1, 1

    to_issues([a_result(f"{BASE}#{quote(pointer)}")], {}, BASE, place, "x.jsonld")
    assert seen == [pointer]


def test_the_message_is_split_into_what_is_wrong_and_the_remedy() -> None:
    [issue] = to_issues([a_result(f"{BASE}#", message="It is; twice; wrong.")], {}, BASE, a_document().place, "x.jsonld")
    assert (issue.message, issue.remedy) == ("It is", "twice; wrong.")


def test_two_constraints_of_one_shape_on_one_value_are_one_finding() -> None:
    results = [a_result(f"{BASE}#", NUMBER, "heavy", component=name) for name in ("or", "pattern")]
    assert len(locate(*results)) == 1


def test_findings_come_in_the_order_of_the_document() -> None:
    lines = [line for _, line, _ in locate(a_result(f"{BASE}#/a~1b~0c"), a_result(f"{BASE}#/hasProperty/0"), a_result(f"{BASE}#"))]
    assert lines == [1, 4, 7]


def test_the_value_is_left_out_when_it_is_the_node_itself() -> None:
    [issue] = to_issues([a_result(f"{BASE}#", value=f"{BASE}#")], {}, BASE, a_document().place, "x.jsonld")
    assert (issue.value, issue.focus_node) == ("", f"{BASE}#")


@pytest.mark.parametrize(("iri", "code"), [("http://e/shapes/CO2Mass", "co-2-mass"), ("http://e/x#", "shape"), ("", "shape")])
def test_a_code_is_kebab_case_and_never_empty(iri: str, code: str) -> None:
    assert code_of(iri) == code
