"""Statements of documents: against two independent processors, and the traps of pyoxigraph's own."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld

from graph.jsonld import Statements, to_triples
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from shapes.reader import Document, read_document

BASE = "https://archive.example/a.jsonld"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
P = "https://x.org/p"
EXPANDER = Expander(Contexts({}))
REPAIRED = frozenset(
    (
        "undefined-prefix",
        "prefix-without-separator",
        "mistaken-namespace",
        "label-as-iri",
        "renamed-term",
        "term-as-iri",
        "undefined-value",
    )
)


def statements(value: Any, expander: Expander = EXPANDER) -> Statements:
    document = read_document(json.dumps(value).encode(), "a.jsonld")
    assert isinstance(document, Document)
    reading = expander.expand(document, BASE)
    assert isinstance(reading, Reading), reading
    return to_triples(reading, BASE)


def objects(value: Any) -> list[Any]:
    return [triple.object for triple in statements({P: value}).triples if triple.predicate == P]


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("a", Literal("a")),
        (5, Literal("5", f"{XSD}integer")),
        (5.0, Literal("5", f"{XSD}integer")),
        (-0.0, Literal("0", f"{XSD}integer")),
        (0.55, Literal("5.5E-1", f"{XSD}double")),
        (1e22, Literal("1.0E22", f"{XSD}double")),
        (123456789012345678901234567890, Literal("1.2345678901234568E29", f"{XSD}double")),
        (-1.5e-7, Literal("-1.5E-7", f"{XSD}double")),
        (0.1 + 0.2, Literal("3.0000000000000004E-1", f"{XSD}double")),
        (True, Literal("true", f"{XSD}boolean")),
        ({"@value": "a", "@language": "EN-gb"}, Literal("a", f"{RDF}langString", "en-gb")),
        ({"@value": 5, "@type": f"{XSD}double"}, Literal("5.0E0", f"{XSD}double")),
        ({"@value": 5.5, "@type": f"{XSD}decimal"}, Literal("5.5E0", f"{XSD}decimal")),
        ({"@value": {"b": 1, "a": [True]}, "@type": "@json"}, Literal('{"a":[true],"b":1}', f"{RDF}JSON")),
    ],
)
def test_values_become_literals_as_the_standard_says(value: Any, literal: Literal) -> None:
    assert objects(value) == [literal]


def test_null_is_no_value() -> None:
    assert objects([None, {"@value": None}]) == []


def test_one_and_true_stay_apart() -> None:
    assert [item.value for item in objects([1, True, 1.0, 0, False])] == ["1", "true", "0", "false"]


def test_lists_keep_their_order_and_their_cells_have_stable_iris() -> None:
    value = {P: {"@list": [1, "b"]}, f"{P}2": {"@list": []}}
    found = statements(value).triples
    assert found == statements(value).triples
    assert Triple(BASE, f"{P}2", Iri(f"{RDF}nil")) in found
    by_subject = {(triple.subject, triple.predicate): triple.object for triple in found}
    head = by_subject[BASE, P]
    assert by_subject[str(head), f"{RDF}first"] == Literal("1", f"{XSD}integer")
    rest = by_subject[str(head), f"{RDF}rest"]
    assert by_subject[str(rest), f"{RDF}first"] == Literal("b")
    assert by_subject[str(rest), f"{RDF}rest"] == f"{RDF}nil"


def test_a_key_that_means_nothing_leaves_no_orphan_types_behind() -> None:
    found = statements({"@context": {"known": P}, "known": 1, "unknown": {"@type": "https://x.org/T", "known": 2}}).triples
    assert list(found) == [Triple(BASE, P, Literal("1", f"{XSD}integer"))]


def test_a_statement_stands_once_however_often_it_is_written() -> None:
    node = {"@id": "https://x.org/n", P: [1, 1]}
    found = statements({f"{P}1": [node, node], f"{P}2": node}).triples
    assert len(found) == len(set(found)) == 3


def test_reverse_properties_turn_round() -> None:
    assert list(statements({"@reverse": {P: {"@id": "https://x.org/n"}}}).triples) == [Triple("https://x.org/n", P, Iri(BASE))]


def test_pointers_lead_from_subjects_to_the_document() -> None:
    found = statements({P: {"@type": "https://x.org/T"}})
    assert found.pointers == {BASE: "", f"{BASE}#/https:~1~1x.org~1p": "/https:~1~1x.org~1p"}
    assert {triple.subject for triple in found.triples} == found.pointers.keys()


@pytest.fixture(scope="module")
def documents(shared_data: Path) -> list[tuple[Document, Reading]]:
    expander = Expander(Contexts.from_directory(shared_data / "contexts"))
    found = []
    for file in sorted((shared_data / "jsonld").glob("*/*")):
        document = read_document(file.read_bytes(), f"{file.parent.name}/{file.name}")
        if isinstance(document, Document):
            reading = expander.expand(document, BASE)
            assert isinstance(reading, Reading)
            found.append((document, reading))
    return found


def canonical(quads: Iterable[ox.Quad]) -> list[str]:
    dataset = ox.Dataset(ox.Quad(quad.subject, quad.predicate, _by_value(quad.object)) for quad in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def _by_value(term: Any) -> Any:
    if isinstance(term, ox.Literal) and term.datatype.value in (f"{XSD}double", f"{XSD}integer"):
        return ox.Literal(f"{float(term.value):.14e}")  # PyLD keeps 15 digits
    return term


def as_quads(triples: Iterable[Triple], blank: frozenset[str] | None = None) -> list[ox.Quad]:
    """Statements with the IRIs of list cells as blank nodes again; with *blank*, these and what was blank in the document too."""
    labels: dict[str, ox.BlankNode] = {}

    def node(iri: str) -> ox.NamedNode | ox.BlankNode:
        if "#_." in iri or (blank is not None and (iri in blank or "#_:" in iri)):
            return labels.setdefault(iri, ox.BlankNode())
        return ox.NamedNode(iri)

    def target(value: Iri | Literal) -> ox.NamedNode | ox.BlankNode | ox.Literal:
        if isinstance(value, Iri):
            return node(value)
        if value.language:
            return ox.Literal(value.value, language=value.language)
        return ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))

    return [ox.Quad(node(triple.subject), ox.NamedNode(triple.predicate), target(triple.object)) for triple in triples]


def test_all_real_documents_give_what_pyoxigraph_makes_of_their_expanded_form(documents: list[tuple[Document, Reading]]) -> None:
    total = 0
    for document, reading in documents:
        found = to_triples(reading, BASE).triples
        expected = ox.parse(json.dumps(reading.value), format=ox.RdfFormat.JSON_LD, base_iri=BASE)
        assert canonical(as_quads(found)) == canonical(expected), document.source
        assert len(found) == len(set(found))
        total += len(found)
    assert total > 110_000


def test_a_sample_of_real_documents_gives_what_pyld_gives_under_the_whole_contexts(
    documents: list[tuple[Document, Reading]], shared_data: Path
) -> None:
    files: dict[str, str] = {}

    def load(url: str, options: Any = None) -> dict[str, Any]:
        content = json.loads((shared_data / "contexts" / files[url]).read_text())
        return {"contextUrl": None, "documentUrl": url, "contentType": "application/ld+json", "document": content}

    unrepaired = [(document, reading) for document, reading in documents if not REPAIRED & {issue.code for issue in reading.issues}]
    by_folder: dict[str, list[tuple[Document, Reading]]] = {}
    for document, reading in unrepaired:
        by_folder.setdefault(document.source.partition("/")[0], []).append((document, reading))
    assert by_folder.keys() >= {
        "battinfo-examples",
        "battinfo-records",
        "battinfo-records-staging",
        "cellinfo",
        "domain-electrochemistry",
    }
    for sample in by_folder.values():
        for document, reading in sample[:: max(1, len(sample) // 8)]:
            files.clear()
            files.update(reading.contexts)
            with warnings.catch_warnings(action="ignore", category=SyntaxWarning):  # the RO-Crate context defines "@label"
                text = jsonld.to_rdf(document.value, {"base": BASE, "format": "application/n-quads", "documentLoader": load})
            # What PyLD makes of an unknown type: an IRI relative to the document. Here it is an issue and no statement.
            kept = [
                line for line in text.split("\n") if not re.search(rf"<{re.escape(RDF_TYPE)}> <https://archive\.example/", line)
            ]
            expected = ox.parse("\n".join(kept), format=ox.RdfFormat.N_QUADS)
            blank = frozenset(node.expanded["@id"] for node in reading.nodes if "@id" not in node.source)
            assert canonical(as_quads(to_triples(reading, BASE).triples, blank)) == canonical(expected), document.source
