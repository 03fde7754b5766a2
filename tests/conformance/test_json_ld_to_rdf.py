"""The W3C JSON-LD 1.1 test suite, toRdf (https://w3c.github.io/json-ld-api/tests/), against our own reading path.

Every test that comes out differently is listed with the reason. A listed test that passes fails here, so that the lists stay true.
Tests of JSON-LD 1.0 are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox
import pytest

from graph.jsonld import to_triples
from ontology.contexts import Contexts, ContextVersion
from ontology.expansion import Expander, Reading
from records.issues import Issue, Severity
from records.rdf import Iri, Literal, Triple
from shapes.reader import Document, read_document

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "w3c" / "json-ld" / "tests"
if not SUITE.is_dir():
    pytest.skip("the W3C suite (../shared/data/w3c) is not here", allow_module_level=True)

MANIFEST = json.loads((SUITE / "toRdf-manifest.jsonld").read_text())
BASE = MANIFEST["baseIri"]


class Difference(NamedTuple):
    """Tests that come out differently: why, by which findings a curator is told of it, and their names in the manifest."""

    reason: str
    codes: str
    names: str


DIFFERENT = (
    Difference(
        "one graph per record: named graphs are merged into it",
        "named-graph-merged",
        "0027 0028 0029 0030 0113 0114 0115 0116 0117 c025 e020 e021 e079 e080 e081 e082 e083 e084 e085 e086 e087 e093 e094 e095 "
        "e096 e097 e098 e099 e100 e101 e102 e103 e104 e105 e106 e107 e108 m013 m014 m015 m016 pi11 pr25 pr43 wf07",
    ),
    Difference(
        "a type or term relative to the document is a slip and not read, unless @vocab itself is relative",
        "undefined-type undefined-term undefined-value",
        "e029 e057 e059 e060 e062",
    ),
    Difference("a term where an IRI is asked for is taken for what it stands for", "term-as-iri", "e056"),
    Difference("an IRI with characters that none may have is mended", "invalid-iri", "wf01 wf03 wf04 li12"),
    Difference("what cannot be read leaves no empty cell in a list", "invalid-iri", "li14"),
    Difference("text with a bad language tag is kept without it", "invalid-language", "wf05"),
    Difference("blank nodes are no predicates: generalized RDF is not offered", "undefined-term", "e075"),
    Difference("text direction is not kept: the rdfDirection option is not offered", "", "di09 di10 di11 di12"),
    Difference("a document says itself what it means: the expandContext option is not offered", "undefined-term", "e077"),
)
LENIENT = (
    Difference("it is an error in JSON-LD 1.0 alone, and 1.1 is what is read", "", "c029 ep02 er21 er42 tn01"),
    Difference("an unused context in an unused definition: whether its terms come to an IRI is not looked into", "", "c033"),
    Difference("text in a type map is read as a reference", "", "m020"),
    Difference("@type, or a term of an imported context, is protected: the later definition holds all the same", "", "pr32 so10"),
    Difference("the suite does not hold this file", "", "er56"),
)


class Case(NamedTuple):
    """One entry of the manifest."""

    name: str
    source: str
    base: str
    expected: str


def cases(kind: str, known: Iterable[Difference]) -> list[Any]:
    """The tests of one kind, those known to differ marked with the reason."""
    found = []
    reasons = {name: difference.reason for difference in known for name in difference.names.split()}
    for entry in MANIFEST["sequence"]:
        option = entry.get("option", {})
        if f"jld:{kind}" not in entry["@type"] or option.get("specVersion") == "json-ld-1.0":
            continue
        name = entry["@id"].removeprefix("#t")
        case = Case(name, entry["input"], option.get("base", BASE + entry["input"]), entry.get("expect", ""))
        reason = reasons.pop(name, "")
        raises = (AssertionError, FileNotFoundError)
        marks = [pytest.mark.xfail(reason=reason, strict=True, raises=raises)] if reason else []
        found.append(pytest.param(case, id=name, marks=marks))
    assert not reasons, f"not in the suite: {sorted(reasons)}"
    return found


@pytest.fixture(scope="module")
def contexts() -> Contexts:
    """The context files of the suite, by their addresses there."""
    files = sorted((SUITE / "toRdf").rglob("*-context*.jsonld"))
    return Contexts({BASE + file.relative_to(SUITE).as_posix(): (ContextVersion(file.name, file),) for file in files})


def read(case: Case, contexts: Contexts) -> Reading | Issue:
    document = read_document((SUITE / case.source).read_bytes(), case.source)
    return Expander(contexts).expand(document, case.base) if isinstance(document, Document) else document


@pytest.mark.parametrize("case", cases("PositiveEvaluationTest", DIFFERENT))
def test_a_document_gives_the_statements_that_the_standard_says(case: Case, contexts: Contexts) -> None:
    reading = read(case, contexts)
    assert isinstance(reading, Reading), reading
    assert canonical(with_blank_nodes(to_triples(reading, case.base).triples, reading, case.base)) == expected(case)


@pytest.mark.parametrize("case", cases("PositiveSyntaxTest", ()))
def test_a_document_that_is_right_is_read(case: Case, contexts: Contexts) -> None:
    assert isinstance(read(case, contexts), Reading)


@pytest.mark.parametrize("case", cases("NegativeEvaluationTest", LENIENT))
def test_a_document_that_is_wrong_is_refused_or_told_of(case: Case, contexts: Contexts) -> None:
    reading = read(case, contexts)
    found = (reading,) if isinstance(reading, Issue) else reading.issues
    assert any(issue.severity is not Severity.INFO for issue in found)


@pytest.mark.parametrize("difference", [item for item in DIFFERENT if item.codes], ids=lambda item: item.codes)
def test_what_comes_out_differently_is_told(difference: Difference, contexts: Contexts) -> None:
    entries = {entry["@id"].removeprefix("#t"): entry for entry in MANIFEST["sequence"]}
    for name in difference.names.split():
        reading = read(Case(name, entries[name]["input"], BASE + entries[name]["input"], ""), contexts)
        assert isinstance(reading, Reading)
        assert {issue.code for issue in reading.issues} & set(difference.codes.split()), name


def expected(case: Case) -> list[str]:
    try:
        return canonical(ox.parse((SUITE / case.expected).read_bytes(), format=ox.RdfFormat.N_QUADS))
    except SyntaxError:
        return ["statements that RDF does not allow"]


def canonical(quads: Iterable[ox.Quad]) -> list[str]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def with_blank_nodes(triples: Iterable[Triple], reading: Reading, base: str) -> list[ox.Quad]:
    """Statements with a blank node for every node that has no name in the document: our readings name them all."""
    stem = base.partition("#")[0] + "#"
    labels: dict[str, ox.BlankNode] = {}
    names_itself = any(
        node.expanded["@id"] == base and any(reading.terms.term(key).iri == "@id" for key in node.source) for node in reading.nodes
    )

    def node(iri: str) -> ox.NamedNode | ox.BlankNode:
        is_ours = iri.startswith((f"{stem}/", f"{stem}_:", f"{stem}_.")) or (iri == base and not names_itself)
        return (
            labels.setdefault(iri, ox.BlankNode()) if is_ours and (iri != base or base in reading.pointers) else ox.NamedNode(iri)
        )

    def target(value: Iri | Literal) -> ox.NamedNode | ox.BlankNode | ox.Literal:
        if isinstance(value, Iri):
            return node(value)
        if value.language:
            return ox.Literal(value.value, language=value.language)
        return ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))

    return [ox.Quad(node(triple.subject), ox.NamedNode(triple.predicate), target(triple.object)) for triple in triples]
