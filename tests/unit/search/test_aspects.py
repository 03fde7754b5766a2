"""What concepts and numbers tell of a record, by where they stand in the ontologies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ontology import terms
from search.aspects import Aspect
from tests.unit.search.test_similar import ASPECTS, BY_LABEL, quantity


@pytest.mark.parametrize(
    ("label", "aspect"),
    [
        ("LithiumIronPhosphate", Aspect.CHEMISTRY),
        ("LithiumIonIronPhosphateBattery", Aspect.CHEMISTRY),
        ("GraphiteElectrode", Aspect.CHEMISTRY),
        ("OrganicElectrolyte", Aspect.CHEMISTRY),
        ("SecondaryBattery", Aspect.CHEMISTRY),
        ("PrismaticBattery", Aspect.DESIGN),
        ("CylindricalBattery", Aspect.DESIGN),
        ("PouchCell", Aspect.DESIGN),
        ("R18650", Aspect.DESIGN),
        ("ConstantCurrentCharging", Aspect.PROTOCOL),
        ("BatteryTest", Aspect.PROTOCOL),
        ("GalvanostaticIntermittentTitrationTechnique", Aspect.PROTOCOL),
        ("BatteryCell", None),
        ("PositiveElectrode", None),
        ("RatedCapacity", None),
        ("Volt", None),
    ],
)
def test_concepts(label: str, aspect: Aspect | None) -> None:
    assert ASPECTS.of_concept(BY_LABEL[label]) is aspect


def test_sizes_are_design_and_the_rest_performance_but_in_a_test() -> None:
    assert ASPECTS.of_quantity(quantity("Mass", 1.0, "g")) is Aspect.DESIGN
    assert ASPECTS.of_quantity(quantity("Height", 1.0, "mm")) is Aspect.DESIGN
    assert ASPECTS.of_quantity(quantity("RatedCapacity", 1.0)) is Aspect.PERFORMANCE
    in_a_test = replace(quantity("RatedCapacity", 1.0), within=(BY_LABEL["ConstantCurrentCharging"],))
    assert ASPECTS.of_quantity(in_a_test) is Aspect.PROTOCOL


def test_the_part_of_a_cell_is_the_outermost() -> None:
    within = (terms.POSITIVE_ELECTRODE, terms.ACTIVE_MATERIAL)
    assert ASPECTS.side_of(within) == terms.POSITIVE_ELECTRODE
    assert ASPECTS.side_of((terms.CATHODE,)) == terms.POSITIVE_ELECTRODE
    assert ASPECTS.side_of((terms.BATTERY_CELL,)) == ""


def test_steps_are_counted_on_the_shortest_way() -> None:
    one, other = BY_LABEL["LithiumIronPhosphate"], BY_LABEL["LithiumNickelManganeseCobaltOxide"]
    assert ASPECTS.steps(one, BY_LABEL["MixedMetalOxideCompound"]) == 1
    assert BY_LABEL["MixedMetalOxideCompound"] in ASPECTS.common(one, other)
    assert ASPECTS.steps(one, one) == 0
