"""Substances by their composition."""

from __future__ import annotations

import pytest

from ontology.concepts import Concepts
from ontology.definitions import Definitions
from ontology.facts import packaged_facts
from ontology.formulae import Formulae
from ontology.roles import Roles


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts(packaged_facts())


@pytest.mark.parametrize(
    ("formula", "label"),
    [
        ("LiNi0.6Mn0.2Co0.2", "LithiumNickelManganeseCobaltOxide622"),
        ("LiNi0.8Co0.1Mn0.1", "LithiumNickelManganeseCobaltOxide811"),
        ("NiMn", ""),
    ],
)
def test_the_metals_of_an_oxide_tell_it(concepts: Concepts, formula: str, label: str) -> None:
    assert concepts.label(Formulae(Definitions(concepts, Roles(concepts))).substance(formula)) == label
