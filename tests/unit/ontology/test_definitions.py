"""What follows from definitions, in both directions."""

from __future__ import annotations

from functools import cache

import pytest

from ontology.concepts import Concepts
from ontology.definitions import Definitions
from ontology.facts import packaged_facts
from ontology.roles import Roles


@cache
def definitions() -> Definitions:
    concepts = Concepts(packaged_facts())
    return Definitions(concepts, Roles(concepts))


def label(iri: str) -> str:
    return Concepts(packaged_facts()).label(iri)


def term(name: str) -> str:
    return packaged_facts().terms[name][0]


def implied(name: str) -> set[tuple[str, ...]]:
    """What a class implies, as in what it stands and the concept."""
    return {(*map(label, one.within), label(one.concept)) for one in definitions().implied(term(name))}


def test_a_chemistry_implies_its_electrode_and_its_active_material() -> None:
    assert implied("LithiumIonIronPhosphateBattery") == {
        ("PositiveElectrode", "LithiumIronPhosphateElectrode"),
        ("PositiveElectrode", "LithiumIronPhosphateElectrode", "ActiveMaterial", "LithiumIronPhosphate"),
    }


def test_a_format_implies_its_case() -> None:
    assert implied("PouchCell") == {("Case", "PouchCase")}
    assert ("Case", "R2032") in implied("CR2032")


@pytest.mark.parametrize("name", ["BatteryCell", "LithiumIonBattery", "SecondaryBattery", "Electrode", "Electrolyte", "Mass"])
def test_what_every_battery_has_is_left_out(name: str) -> None:
    assert implied(name) == set()


def test_a_numbered_composition_implies_its_family() -> None:
    assert implied("LithiumNickelManganeseCobaltOxide811") == {("LithiumNickelManganeseCobaltOxide",)}


def test_a_cell_is_known_by_its_case() -> None:
    known = {label(whole.concept): [label(part) for _, part in whole.parts] for whole in definitions().formats}
    assert known == {
        "PouchCell": ["PouchCase"],
        "PrismaticBattery": ["PrismaticCase"],
        "CylindricalBattery": ["CylindricalCase"],
        "CoinCell": ["CoinCase"],
    }


def test_an_electrode_is_known_by_the_material_that_it_is_called_after() -> None:
    known = {label(whole.concept): [label(part) for _, part in whole.parts] for whole in definitions().electrodes}
    assert known["GraphiteElectrode"] == ["Graphite"]
    assert known["LithiumNickelCobaltAluminumOxideElectrode"] == ["LithiumNickelCobaltAluminiumOxide"]
    # Its definition has Graphite alone, which would make it of every graphite electrode.
    assert "SiliconOxideGraphiteElectrode" not in known
