"""Roles and conditions in other words, numbers of parts, what goes first of mere numbers, series of models and denied cells."""

from __future__ import annotations

import pytest

from ontology import terms
from records.record import Quantity
from records.rights import DENIED
from search.query import EntityPart, QuantityPart
from tests.unit.search.asked import Asked, a_record, know, told

CARBON, BINDER = "CarbonBlack as ConductiveAdditive", "PolyvinylideneFluoride as Binder"

NO_CELLS = "not Battery or RatedCapacity"


def a_quantity(asked: Asked, kind: str, value: float, dimension: str, *within: str) -> Quantity:
    iri = asked.iri(kind)
    return Quantity((iri,), value, "", value, "", dimension, "/x", 1, within=tuple(map(asked.iri, within)))


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("vinylene carbonate as SEI additive", ["VinyleneCarbonate as Additive"]),
        ("VC as solid electrolyte interphase former", ["VinyleneCarbonate as Additive"]),
        ("carbon black as conductivity booster", [CARBON]),
        ("additive VC in the electrolyte", ["VinyleneCarbonate as Additive"]),
        ("lithium salt LiPF6 in the electrolyte", ["LithiumHexafluorophosphate as Solute"]),
        ("LiPF6 as salt in the electrolyte", ["LithiumHexafluorophosphate as Solute"]),
        ("Pt wire as counter electrode", ["Platinum as CounterElectrode"]),
        ("counter electrode: Pt mesh", ["Platinum as CounterElectrode"]),
        ("aluminium sheet as current collector", ["Aluminium as CurrentCollector"]),
        ("lithium metal as the counter", ["Lithium as CounterElectrode"]),
        ("cathode with carbon black as conductive additive", ["CarbonBlack as PositiveElectrode", CARBON]),
        ("PVDF as cathode binder", [BINDER, "PolyvinylideneFluoride as PositiveElectrode"]),
    ],
)
def test_roles_in_other_words(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_what_a_thing_is_against_is_no_alternative(asked: Asked) -> None:
    assert told(asked.parts("plateau at 3.4 V vs. Li+/Li"))[-1].startswith("= 3.4 V")
    against = told(asked.parts("half-cell capacity vs. Li/Li+"))
    assert "Lithium as CounterElectrode" in against
    assert "HalfCell" not in " ".join(against)
    assert told(asked.parts("NMC622 vs. Li metal"))[-1] == "Lithium"  # a cell with both


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("capacity at 0.1C, 25 °C", "Capacity at = 0.1 C (±0.5 %) at = 25 °C (±0.5 %)"),
        ("density value given for 20 degrees Celsius", "Density at = 20 degrees Celsius (±0.5 %)"),
        ("viscosity stated at 25 °C", "DynamicViscosity at = 25 °C (±0.5 %)"),
    ],
)
def test_conditions_in_other_words(asked: Asked, question: str, part: str) -> None:
    (only,) = told(asked.parts(question))
    assert only == part


@pytest.mark.parametrize(
    "question",
    [
        "constant voltage step at 4.2 V until current falls under 10 mA",
        "CV phase at 4.2 V ending when the current drops to 10 mA",
    ],
)
def test_a_step_and_its_end(asked: Asked, question: str) -> None:
    assert told(asked.parts(question)) == ["ConstantVoltageCharging", "= 4.2 V (±0.5 %)", "ElectricCurrent = 10 mA (±0.5 %)"]


def test_a_rate_by_itself_is_told_by_numbers_or_words_of_tests(asked: Asked) -> None:
    rate = a_quantity(asked, "CRate", 0.1 / 3600, "T⁻¹")
    know(
        asked,
        a_record(asked, "a test", terms.BATTERY_TEST, quantities=(rate,)),
        a_record(asked, "a protocol", terms.PROCEDURE, text="Discharge at C/10"),
    )
    query = asked.query("C/10 discharge")
    assert asked.known is not None
    assert list(asked.known.count([query])) == [2]
    assert query.first is not None
    assert terms.BATTERY_TEST in query.first.concepts


def test_a_number_of_a_part_may_have_a_class_of_its_own(asked: Asked) -> None:
    thin = a_quantity(asked, "CoatingThickness", 5e-5, "L")
    question = "coating thickness between 40 and 70 µm"
    know(asked, a_record(asked, "secret", quantities=(thin,), rights=DENIED))
    assert told(asked.parts(question)) == ["Thickness of Coating 40–70 µm"]
    know(asked, a_record(asked, "anode", quantities=(thin,)))
    assert told(asked.parts(question)) == ["Thickness of Coating 40–70 µm or CoatingThickness 40–70 µm"]


def test_a_small_length_behind_a_part_is_that_of_the_part(asked: Asked) -> None:
    thin = a_quantity(asked, "Thickness", 2.5e-5, "L", "Separator")
    know(asked, a_record(asked, "cell", "Separator", quantities=(thin,)))
    *_, length = asked.parts("separator, 25 µm")
    assert isinstance(length, QuantityPart)
    assert length.role_label == "Separator"
    know(asked, a_record(asked, "cell", "Separator", quantities=(a_quantity(asked, "Thickness", 2.5e-5, "L"),)))
    *_, length = asked.parts("separator, 25 µm")
    assert isinstance(length, QuantityPart)
    assert not length.role


def test_of_mere_numbers_cells_go_first_where_most_are_cells_and_tests_where_something_is_done(asked: Asked) -> None:
    light = (a_quantity(asked, "Mass", 0.02, "M"),)
    cells = [a_record(asked, name, "BatteryCell", quantities=light) for name in ("one", "two")]
    know(asked, *cells, a_record(asked, "electrode", "ZincElectrode", quantities=light))
    query = asked.query("weight under 30 g")
    assert query.first is not None
    assert asked.iri("BatteryCell") in query.first.expanded
    know(asked, *cells)
    assert asked.query("weight under 30 g").first is None
    done = asked.query("cut-off 2.5 V, charge to 4.2 V").first
    assert done is not None
    assert terms.BATTERY_TEST in done.concepts


def test_a_series_of_models(asked: Asked) -> None:
    models = (("Acme", "CA60"), ("Acme", "CA 100"), ("Acme", "CAM72"), ("Other", "CB7"))
    know(asked, *(a_record(asked, model, maker=maker, model=model) for maker, model in models))
    _, series = asked.parts("Acme without CA series")
    assert isinstance(series, EntityPart)
    assert (set(series.names), series.negated) == ({"ca60", "ca 100"}, True)
    assert told(asked.parts("the CB series")) == ["model CB"]
    assert told(asked.parts("Acme CB series")) == ["manufacturer Acme", "model CB"]


def test_without_cells_what_mentions_the_maker_is_left(asked: Asked) -> None:
    cell = a_record(asked, "X1", "BatteryCell", maker="Acme")
    know(asked, cell, a_record(asked, "Acme X1 cycling", terms.BATTERY_TEST))
    for question in ("anything from Acme except cells", "Acme, apart from cells"):
        maker, cells = asked.parts(question)
        assert isinstance(maker, EntityPart)
        assert (maker.mentioned, told((cells,))) == (("Acme",), [NO_CELLS]), question
    know(asked, cell, a_record(asked, "Acme X1 cycling", terms.BATTERY_TEST, rights=DENIED))
    assert told(asked.parts("anything from Acme except cells")) == ["manufacturer Acme"]


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("cells that do not mention their mass", "not Mass"),
        ("graphite, no tests", "not BatteryTest"),
        ("LFP, leaving out pouch cells", "not PouchCell"),
    ],
)
def test_other_ways_to_deny(asked: Asked, question: str, denied: str) -> None:
    assert told(asked.parts(question))[-1] == denied
