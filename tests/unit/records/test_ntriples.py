"""Statements as N-Triples text."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.ntriples import Triples, lines_of
from records.rdf import Iri, Literal, Triple

XSD = "http://www.w3.org/2001/XMLSchema#"

texts = st.text(st.characters(exclude_categories=["Cs"]))
kinds = st.sampled_from([(XSD + "string", ""), (XSD + "double", ""), (XSD + "string", "en"), (XSD + "string", "de-ch")])
values = st.tuples(texts, kinds).map(lambda drawn: Literal(drawn[0], *drawn[1]))


@settings(max_examples=200, deadline=None)
@given(st.lists(values, max_size=4))
def test_n_triples_read_back_give_the_same_literals(literals: list[Literal]) -> None:
    written = "".join(f"{line} .\n" for line in lines_of([Triple("http://e/s", "http://e/p", value) for value in literals]))
    read = [quad.object for quad in pyoxigraph.parse(written, format=pyoxigraph.RdfFormat.N_TRIPLES)]
    assert [(o.value, o.language or "") for o in read if isinstance(o, pyoxigraph.Literal)] == [
        (v.value, v.language) for v in literals
    ]


@pytest.mark.parametrize("iri", ["http://e/a b", "http://e/>", "http://e/\n", 'http://e/"', "http://e/\\"])
def test_what_is_no_iri_is_refused(iri: str) -> None:
    for triple in (
        Triple(iri, "http://e/p", Iri("http://e/o")),
        Triple("http://e/s", iri, Iri("http://e/o")),
        Triple("http://e/s", "http://e/p", Iri(iri)),
    ):
        with pytest.raises(ValueError, match="is not an IRI"):
            lines_of([triple])


def test_what_is_no_language_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a language tag"):
        lines_of([Triple("http://e/s", "http://e/p", Literal("a", language='en" .'))])


def test_the_lines_of_a_document_are_written_once() -> None:
    triples = Triples([Triple("http://e/s", "http://e/p", Iri("http://e/o"))])
    assert lines_of(triples) is lines_of(triples)
    assert lines_of(list(triples)) == lines_of(triples)
