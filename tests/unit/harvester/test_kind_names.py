from __future__ import annotations

import pytest

from harvester.kind_names import KindNames
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.units import Units

UNITS = Units(packaged_facts())
NAMES = KindNames(Concepts(packaged_facts()), UNITS)


def like(name: str, unit: str) -> str:
    found = UNITS.find(unit)
    assert found is not None
    return NAMES.concepts.label(NAMES.like(name, found))


@pytest.mark.parametrize(
    ("name", "unit", "kind"),
    [
        ("Charging", "min", "ChargingTime"),
        ("particleD50", "µm", "D50ParticleSize"),
        ("theoreticalSpecificCapacity", "mAh/g", "SpecificCapacity"),
        ("storage_temperature", "°C", "ThermodynamicTemperature"),
        ("initial_state_of_charge", "%", "StateOfCharge"),
        ("NominalContinuousDischargingCurrent", "A", "DischargingCurrent"),
    ],
)
def test_a_name_of_its_own_is_the_kind_that_is_nearly_called_so(name: str, unit: str, kind: str) -> None:
    assert like(name, unit) == kind


@pytest.mark.parametrize(
    ("name", "unit"), [("Layer Count", "%"), ("Charging", "g"), ("rest_period_before_measurement", "h"), ("", "V")]
)
def test_a_name_that_says_no_kind_of_the_unit_is_left_alone(name: str, unit: str) -> None:
    assert like(name, unit) == ""
