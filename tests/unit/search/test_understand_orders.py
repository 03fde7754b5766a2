"""Superlatives: which quantity and which end of it is meant, of what, and where its kind stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ontology import terms
from records.record import ConceptUse, Quantity, Record
from records.rights import PUBLIC, Rights
from search.query import QuantityPart
from search.service import Readable
from search.understanding.adjectives import superlatives
from search.understanding.order import SAYS_MOST
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex


@pytest.fixture
def asked(ontologies: Asked) -> Asked:
    ontologies.known = None
    return ontologies


@pytest.fixture(scope="module")
def ontologies() -> Asked:
    return Asked()


def a_record(name: str, *concepts: str, quantities: tuple[Quantity, ...] = ()) -> Record:
    uses = tuple(ConceptUse(iri, (), "", 1) for iri in concepts)
    return Record(name, f"urn:{name}", name, "s", name, "", Rights(PUBLIC, PUBLIC), concepts=uses, quantities=quantities)


def knowing(asked: Asked, *records: Record) -> Asked:
    index = PlainIndex()
    index.apply(records)
    asked.known = Readable(index, PUBLIC)
    return asked


def found(asked: Asked, question: str) -> list[str]:
    assert isinstance(asked.known, Readable)
    return [hit.record.id for hit in asked.known.index.search(asked.query(question), PUBLIC).hits]


def a_quantity(asked: Asked, label: str, value: float, unit: str, dimension: str, *within: str) -> Quantity:
    return Quantity((asked.iri(label),), value, unit, value, unit, dimension, f"/{label}", 1, within=within)


@pytest.mark.parametrize(
    ("question", "label", "descending"),
    [
        ("which cell takes the highest discharge pulse in amps", "MaximumPulseDischargingCurrent", True),
        ("highest charge pulse", "MaximumPulseChargingCurrent", True),
        ("maximum charging current of all", "MaximumContinuousChargingCurrent", True),
        ("strongest discharge (A)", "MaximumContinuousDischargingCurrent", True),
        ("highest amperage", "MaximumContinuousDischargingCurrent", True),
        ("cell with worst (highest) impedance in mOhm", "ElectricImpedance", True),
        ("maximum pulse current, in A", "MaximumPulseDischargingCurrent", True),
        ("cell that survives the fewest charge cycles", "CycleLife", False),
        ("poorest cycle durability", "CycleLife", False),
        ("coin cell holding the most charge", "RatedCapacity", True),
        ("longest time to charge", "ChargingTime", True),
        ("slowest charging cell", "MaximumContinuousChargingCurrent", False),
        ("deepest permitted discharge voltage", "DischargingVoltage", False),
        ("best energy density by weight", "SpecificEnergy", True),
        ("cell storing the most watt hours", "NominalEnergy", True),
        ("highest-capacity 21700", "Capacity", True),
        ("top five cycle life", "CycleLife", True),
        ("rank the cells by cycle life", "CycleLife", True),
        # the kind follows what has the quantity
        ("highest cell, height in mm", "Height", True),
        ("biggest coin cell (diameter)", "Diameter", True),
        ("greatest cell in terms of mass", "Mass", True),
        # the end of a range that is meant
        ("highest permitted discharge temperature", "MaximumDischargingTemperature", True),
        ("lowest storage temperature", "MinimumStorageTemperature", False),
        ("lowest cut-off voltage", "LowerVoltageLimit", False),
        ("highest cut-off voltage", "UpperVoltageLimit", True),
        # what is done with the cell
        ("cell that can be charged at the lowest temperature", "MinimumChargingTemperature", False),
        ("cell that stands the highest temperature while discharging", "MaximumDischargingTemperature", True),
        ("coldest charging", "MinimumChargingTemperature", False),
        ("hottest storage temperature allowed", "MaximumStorageTemperature", True),
    ],
)
def test_the_quantity_and_the_end_of_it_that_a_superlative_means(asked: Asked, question: str, label: str, descending: bool) -> None:
    order = asked.query(question).order
    assert order is not None
    assert (order.labels[0], order.descending) == (label, descending)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("slimmest cell (thickness)", []),
        ("broadest cell, mm", []),
        ("deepest discharge: lowest lower voltage limit", []),
        ("most powerful charging: highest maximum continuous charging current", []),
        ("least cycles before end of life", []),
        ("densest material", []),
        ("which material has the highest specific capacity", []),
        ("densest active material", ["ActiveMaterial"]),
        ("material with a density over 4 g/cm³", ["Density > 4 g/cm³"]),
        ("most porous separator", ["Separator"]),
    ],
)
def test_what_only_repeats_an_order_is_no_part(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_every_superlative_is_looked_for_where_it_is_said() -> None:
    assert [words for one in superlatives() for words in one.words if SAYS_MOST.search(words) is None] == []


def test_a_number_of_another_dimension_leaves_the_kind_to_the_superlative(asked: Asked) -> None:
    query = asked.query("highest capacity below 50 g")
    assert query.order is not None
    assert "Capacity" in query.order.labels
    assert [type(part) for part in query.parts] == [QuantityPart]


def test_a_part_is_put_in_order_by_what_such_parts_have(asked: Asked) -> None:
    separator = asked.iri("Separator")
    thick, thin = (a_quantity(asked, "Thickness", value, "m", "L", separator) for value in (25e-6, 16e-6))
    foil = a_quantity(asked, "Thickness", 10e-6, "m", "L", asked.iri("CurrentCollector"))
    knowing(asked, a_record("b", separator, quantities=(thick, foil)), a_record("a", separator, quantities=(thin,)))
    assert found(asked, "thinnest separator") == ["a", "b"]
    order = asked.query("thinnest separator").order
    assert order is not None
    assert order.role_label == "Separator"
    knowing(asked, a_record("c", separator, quantities=(foil,)))  # no separator tells it
    assert found(asked, "thinnest separator") == ["c"]


def test_a_measure_that_nothing_has_goes_by_its_other_name(asked: Asked) -> None:
    height = a_quantity(asked, "Height", 0.065, "m", "L")
    cell = a_record("c", asked.iri("CylindricalBattery"), terms.BATTERY_CELL, quantities=(height,))
    order = knowing(asked, cell).query("longest cylindrical cell").order
    assert order is not None
    assert order.labels == ("Height",)


def test_materials_are_in_the_order_of_what_is_told_of_materials(asked: Asked) -> None:
    of_cell = (
        a_quantity(asked, "RatedCapacity", 9000, "A·s", "T·I"),
        a_quantity(asked, "NominalVoltage", 3.7, "V", "L²·M·T⁻³·I⁻¹"),
    )
    cell = a_record("c", terms.BATTERY_CELL, quantities=of_cell)
    of_silicon, of_graphite = (a_quantity(asked, "SpecificCapacity", value, "A·s/kg", "M⁻¹·T·I") for value in (12e6, 1.3e6))
    graphite = a_record("g", asked.iri("Graphite"), quantities=(of_graphite,))
    silicon = a_record("s", asked.iri("Silicon"), quantities=(of_silicon,))
    knowing(asked, cell, graphite, silicon)
    assert found(asked, "material of the largest capacity") == ["s", "g"]
    assert found(asked, "anode material with the lowest capacity") == ["g", "s"]
    assert found(asked, "cell with the largest capacity") == ["c"]
    assert found(asked, "substance of the highest voltage") == ["c"]  # no material tells it


def test_numbers_of_cells_are_those_of_cells_alone(asked: Asked) -> None:
    mass = a_quantity(asked, "Mass", 0.03, "kg", "M")
    cell = a_record("c", terms.BATTERY_CELL, quantities=(mass,))
    housing = a_record("h", terms.CASE, quantities=(mass,))
    knowing(asked, cell, replace(cell, id="d"), housing)
    assert found(asked, "cells below 40 g") == ["c", "d"]
    assert sorted(found(asked, "below 40 g")) == ["c", "d", "h"]
    assert sorted(found(knowing(asked, cell, housing, replace(housing, id="i")), "cells below 40 g")) == ["c", "h", "i"]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("40 to 60 cm in length", ["Length 40–60 cm"]),
        ("32 mm across (diameter)", ["Diameter = 32 mm (±0.5 %)"]),
        ("fully charged at 4.35 V", ["UpperVoltageLimit = 4.35 V (±0.11 %)"]),
        ("areal mass loading of 20 mg/cm2", ["MassLoading = 20 mg/cm2 (±0.5 %)"]),
        ("limit of the discharge current 10 A", ["MaximumContinuousDischargingCurrent = 10 A (±0.5 %)"]),
        ("constant current discharge at C/10", ["ConstantCurrentDischarging", "= 0.1 C (±0.5 %)"]),
    ],
)
def test_kinds_stand_after_their_number_and_in_any_order_of_words(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize("question", ["the single heaviest cell", "the very lightest", "overall highest capacity"])
def test_a_superlative_may_be_stressed(asked: Asked, question: str) -> None:
    query = asked.query(question)
    assert query.order is not None
    assert told(query.parts) == told(asked.query("heaviest cell").parts)


@pytest.mark.parametrize(
    ("question", "label", "descending"),
    [
        ("cells ordered by specific energy, best first", "SpecificEnergy", True),
        ("cells by mass, least first", "Mass", False),
        ("widest diameter", "Diameter", True),
        ("first released cells", "Date of release", False),
        ("last launched cells", "Date of release", True),
    ],
)
def test_which_way_an_order_goes(asked: Asked, question: str, label: str, descending: bool) -> None:
    query = asked.query(question)
    assert query.order is not None
    assert (query.order.labels[0], query.order.descending) == (label, descending)
    assert not [part for part in told(query.parts) if part.startswith("“")]
