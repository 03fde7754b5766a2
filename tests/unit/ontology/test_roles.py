"""Roles: which property and which word stands for which class."""

from __future__ import annotations

from functools import cache

import pytest

from ontology import terms
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.roles import Roles


@cache
def roles() -> Roles:
    return Roles(Concepts(packaged_facts()))


def label(iri: str) -> str:
    return Concepts(packaged_facts()).label(iri) if iri else ""


def term(name: str) -> str:
    return packaged_facts().terms[name][0]


@pytest.mark.parametrize(
    "name",
    [
        *("PositiveElectrode", "NegativeElectrode", "ReferenceElectrode", "CounterElectrode", "WorkingElectrode", "Electrode"),
        *("Electrolyte", "Anolyte", "Catholyte", "Separator", "Case", "CurrentCollector", "Coating", "Substrate"),
        *("ActiveMaterial", "Binder", "ConductiveAdditive", "Additive", "Solvent", "Solute"),
    ],
)
def test_a_property_stands_for_the_class_that_it_is_called_after(name: str) -> None:
    assert label(roles().of_property(term(f"has{name}"))) == name


@pytest.mark.parametrize(
    "name", ["hasProperty", "hasConstituent", "hasComponent", "hasNumericalPart", "hasMeasurementUnit", "Mass"]
)
def test_what_tells_no_role_stands_for_none(name: str) -> None:
    assert roles().of_property(term(name)) == ""


def test_a_foreign_property_stands_for_no_role() -> None:
    assert roles().of_property("https://example.org/hasBinder") == ""


def test_a_class_of_things_as_a_property_stands_for_itself() -> None:
    assert label(roles().of_property(term("CellCan"))) == "CellCan"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("cathode", "PositiveElectrode"),
        ("anode", "NegativeElectrode"),
        ("active material", "ActiveMaterial"),
        ("salt", "Solute"),
        ("housing", "Case"),
        ("current collector", "CurrentCollector"),
    ],
)
def test_a_word_names_a_role(word: str, name: str) -> None:
    assert label(roles().words[word]) == name


def test_a_role_is_asked_for_with_what_is_narrower_and_what_means_the_same() -> None:
    assert terms.CATHODE in roles().expanded(terms.POSITIVE_ELECTRODE)
    assert terms.ANODE not in roles().expanded(terms.POSITIVE_ELECTRODE)
    assert term("LithiumIronPhosphateElectrode") in roles().expanded(terms.ELECTRODE)
    assert roles().expanded(terms.ACTIVE_MATERIAL) == {terms.ACTIVE_MATERIAL}
