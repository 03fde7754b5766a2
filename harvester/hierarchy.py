"""The ontologies as everyone may read them in SPARQL: classes, labels, and what stands below what."""

from __future__ import annotations

from ontology import terms
from ontology.concepts import Concepts
from ontology.model import Kind, LabelKind
from records.ntriples import Triples
from records.rdf import RDF_TYPE, Iri, Literal, Triple

_LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"

ONTOLOGY_GRAPH = "https://w3id.org/voltagraph/graph/ontologies"
"""Name of the public graph that holds them."""


def hierarchy(concepts: Concepts) -> Triples:
    """Every class with its prefLabels and named super-classes, so that ``?x a/rdfs:subClassOf* ?class`` finds what it should.

    Args:
        concepts: The concepts of the ontologies.

    Returns:
        ``rdf:type owl:Class``, ``skos:prefLabel`` and ``rdfs:subClassOf`` statements; facts alone, no definitions.
    """
    found: list[Triple] = []
    for iri, concept in concepts.facts.concepts.items():
        if concept.kind is Kind.CLASS:
            found.append(Triple(iri, RDF_TYPE, Iri(terms.OWL_CLASS)))
            found += [
                Triple(iri, terms.SKOS_PREF_LABEL, Literal(text, _LANG_STRING, language) if language else Literal(text))
                for text, language, kind in concept.labels
                if kind is LabelKind.PREF
            ]
            found += [Triple(iri, terms.RDFS_SUB_CLASS_OF, Iri(parent)) for parent in concepts.parents(iri)]
    return Triples(dict.fromkeys(found))
