"""Every named IRI is the one that the ontologies label so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ontology import terms
from ontology.facts import packaged_facts
from ontology.loader import load_ontologies
from ontology.model import Facts, LabelKind

CONSTANTS = {
    name: value for name, value in vars(terms).items() if name.isupper() and not name.startswith("_") and isinstance(value, str)
}
EMMO_FAMILY = {name: value for name, value in CONSTANTS.items() if value.startswith("https://w3id.org/emmo")}


def as_constant(label: str) -> str:
    """``hasNumberValue`` -> ``HAS_NUMBER_VALUE``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label).upper()


@pytest.fixture(scope="module")
def full(shared_data: Path) -> Facts:
    return load_ontologies(shared_data / "ontologies")[0]


def test_every_emmo_term_has_a_label_in_the_table() -> None:
    assert set(EMMO_FAMILY.values()) == set(terms.LABELS)
    assert len(set(CONSTANTS.values())) == len(CONSTANTS)


@pytest.mark.parametrize("name", EMMO_FAMILY)
def test_the_name_of_the_constant_is_its_label(name: str) -> None:
    assert as_constant(terms.LABELS[EMMO_FAMILY[name]]) == name


@pytest.mark.parametrize("name", EMMO_FAMILY)
def test_the_full_ontologies_give_the_same_label(name: str, full: Facts) -> None:
    iri = EMMO_FAMILY[name]
    concept = full.concepts[iri]
    assert terms.LABELS[iri] in {label.text for label in concept.labels if label.kind is LabelKind.PREF}
    assert not concept.deprecated


@pytest.mark.parametrize("name", EMMO_FAMILY)
def test_the_packaged_facts_give_the_same_label(name: str) -> None:
    iri = EMMO_FAMILY[name]
    assert terms.LABELS[iri] in {label.text for label in packaged_facts().concepts[iri].labels}


@pytest.mark.parametrize("name", sorted(CONSTANTS.keys() - EMMO_FAMILY.keys()))
def test_a_standard_term_is_named_by_the_last_part_of_its_iri(name: str) -> None:
    prefix, _, rest = name.partition("_")
    spaces = {
        "SCHEMA": "https://schema.org/",
        "SKOS": "http://www.w3.org/2004/02/skos/core#",
        "RDFS": "http://www.w3.org/2000/01/rdf-schema#",
        "OWL": "http://www.w3.org/2002/07/owl#",
        "DCTERMS": "http://purl.org/dc/terms/",
        "DC": "http://purl.org/dc/elements/1.1/",
        "BATTINFO": "https://w3id.org/battinfo/",
        "CSVW": "http://www.w3.org/ns/csvw#",
    }
    space = spaces[prefix]
    assert CONSTANTS[name].startswith(space)
    assert as_constant(CONSTANTS[name].removeprefix(space)) == rest
