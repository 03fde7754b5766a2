"""Names and numbers that records have otherwise than the words beside them say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.record import Quantity, Record
from search.query import ConceptPart, EitherPart, TextPart
from search.service import Readable
from search.understanding.described import Described
from search.understanding.understand import understand
from search.understanding.vocabulary import Met
from tests.unit.search.asked import Asked, a_record, know, told


@pytest.fixture(scope="module")
def plain() -> Asked:
    """Of nothing that records have."""
    return Asked()


@pytest.fixture
def asked() -> Asked:
    return Asked()


def found(asked: Asked, question: str, *records: Record) -> set[str]:
    know(asked, *records)
    assert isinstance(asked.known, Readable)
    hits = asked.known.index.search(asked.query(question), asked.known.audiences, offset=0, limit=10)
    return {hit.record.title for hit in hits.hits}


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("sodium-ion anodes", ["SodiumIonBattery", "NegativeElectrode"]),
        ("lithium-ion cathodes: NCA or LCO", ["LithiumIonBattery", "LithiumNickelCobaltAluminiumOxide as PositiveElectrode"]),
        ("NCA cathodes", ["LithiumNickelCobaltAluminiumOxide as PositiveElectrode"]),
        ("electrolyte LP30", ["LP30"]),
        ("elektrolyte LP30", ["LP30"]),
        ("electrolyte LiPF6", ["LithiumHexafluorophosphate as Electrolyte"]),
        ("housing of an 18650 cell", ["Case", "R18650"]),
        ("NCA (nickel cobalt oxide)", ["LithiumNickelCobaltAluminiumOxide"]),
        ("CV (cyclic voltammetry)", ["CyclicVoltammetry", "CyclicVoltammetry"]),
        ("NCA (lithium iron phosphate)", ["LithiumNickelCobaltAluminiumOxide", "LithiumIronPhosphate"]),
        ("rechargeable lithium-ion", ["SecondaryBattery", "LithiumIonBattery"]),
        ("rechargeable lithium metal pouch", ["SecondaryBattery", "Lithium", "PouchCell"]),
        ("rechargeable lithium battery", ["LithiumIonBattery"]),
        ("measured by ICI, i.e. current interruption", ["ICI", "ICI"]),
        ("pulse tests (GITT, ICI)", ["HPPC", "GalvanostaticIntermittentTitrationTechnique"]),
        ("NMC (18650, 2.5 Ah)", ["LithiumNickelManganeseCobaltOxide", "R18650", "= 2.5 Ah (±0.5 %)"]),
        ("NaOH as dissolved salt", ["SodiumHydroxide as Solute"]),
        ("20.1 mm coin cell, CR2032", ["CoinCell", "CR2032"]),
        ("21.2 mm, 21700", ["= 21.2 mm (±0.24 %)", "R21700"]),
        ("powder with a d50 below 5 µm", ["D50ParticleSize < 5 µm"]),
        ("dc resistance of 26650 cells", ["DCInternalResistance", "R26650"]),
        ("gravimetric energy", ["SpecificEnergy"]),
        ("D50 of NCA", ["D50ParticleSize", "LithiumNickelCobaltAluminiumOxide"]),
        ("ionic conductivity of the electrolyte", ["IonicConductivity as Electrolyte"]),
        ("a full cycle", ["“full”", "CycleIndex"]),
        ("EIS data as CSV or xlsx", ["ElectrochemicalImpedanceSpectroscopy", "“CSV” or “xlsx”"]),
        ("wider than a 26650", ["Diameter > 27 mm"]),
        ("coin cells smaller than CR2032", ["CoinCell", "Diameter < 20 mm"]),
        ("bigger than 21700 mAh", ["> 21700 mAh"]),
        ("round cells, 40 mm across or more", ["CylindricalBattery", "Diameter ≥ 40 mm"]),
        ("molecular weight above 50 g/mol", ["MolarMass > 50 g/mol"]),
        ("26650 cans", ["R26650"]),
    ],
)
def test_what_stands_beside_a_name(plain: Asked, question: str, parts: list[str]) -> None:
    assert told(plain.parts(question)) == parts


def test_a_rated_capacity_is_declared_as_well_as_a_nominal_one(plain: Asked) -> None:
    part = plain.quantity("nominal capacity below 5 Ah")
    assert {plain.iri("RatedCapacity"), plain.iri("NominalCapacity")} <= part.kinds
    assert plain.iri("RatedCapacity") not in part.named
    assert plain.iri("RatedCapacity") not in plain.quantity("minimum capacity below 5 Ah").kinds


def test_a_model_that_is_called_by_an_amount_need_not_tell_it(asked: Asked) -> None:
    other = Quantity((asked.iri("RatedCapacity"),), 28.0, "Ah", 28 * 3600.0, "A·s", "T·I", "/x", 1)
    called = a_record(asked, "called", maker="Ampworks", model="AW-32140-20Ah")
    tells = replace(a_record(asked, "tells", maker="Ampworks", model="AW-33140-20Ah"), quantities=(other,))
    assert len(found(asked, "Ampworks 20 Ah", called, tells)) == 1


def test_a_housing_is_called_by_the_capacity_of_its_cell(asked: Asked) -> None:
    housings = [a_record(asked, f"{size} housing", "PrismaticCase", text="Empty can.") for size in ("60Ah", "30 Ah")]
    assert found(asked, "prismatic housing for 60 Ah", *housings, a_record(asked, "Cell", "PrismaticBattery")) == {"60Ah housing"}


def test_a_rate_and_a_temperature_may_both_be_told_in_a_title(asked: Asked) -> None:
    rate = Quantity((asked.iri("CRate"),), 2.0, "C", 2 / 3600, "s⁻¹", "T⁻¹", "/x", 1)
    warmth = Quantity((asked.iri("CelsiusTemperature"),), 35.0, "°C", 308.15, "K", "Θ", "/y", 1)
    measured = replace(a_record(asked, "Rest", "Procedure"), quantities=(rate, warmth))
    titled = a_record(asked, "Ageing during 2C Cycling at 35°C", "Procedure")
    assert len(found(asked, "cycling at 2C and 35 °C", titled, measured)) == 2


def test_a_test_that_is_called_so_is_found_with_a_slip_too(asked: Asked) -> None:
    test = a_record(asked, "Retention Balance Test", "Procedure")
    know(asked, test)
    (part,) = asked.parts("retenton balance test")
    assert isinstance(part, TextPart)
    assert "retention balance test" in part.forms


class Eager(Described):
    """Takes every text for the description of one thing."""

    def __init__(self) -> None:
        """Needs no model."""

    def name(self, text: str, met: Met = Met.NAMES) -> str:
        return "" if "Ampworks" in text else "separator"

    def tells(self, name: str, text: str, *, denied: bool = False) -> bool:
        return False


@pytest.mark.parametrize("question", ["Volto+ cells of Ampworks", "guarded insulation test example"])
def test_a_name_that_is_found_describes_nothing(asked: Asked, question: str) -> None:
    cell = a_record(asked, "AW Volto+", "Separator", maker="Ampworks", text="guarded insulation test")
    know(asked, cell, a_record(asked, "film", "Separator"))
    assert asked.known is not None
    query = understand(
        question, lookup=asked.lookup, concepts=asked.concepts, units=asked.units, known=asked.known, meanings=Eager()
    )
    assert not any(isinstance(part, ConceptPart | EitherPart) for part in query.parts)


def test_a_method_is_told_by_its_instrument_and_by_no_format_of_files(asked: Asked) -> None:
    measured, tabled = a_record(asked, "1", text="in an adiabatic calorimeter"), a_record(asked, "2", text="a CSV file")
    assert found(asked, "calorimetry", measured, tabled) == {"1"}
    assert found(asked, "cathodic stripping voltammetry", measured, tabled) == set()
    assert found(asked, "data as CSV", measured, tabled) == {"2"}


def test_materials_need_not_say_that_they_are_powders(asked: Asked) -> None:
    graphite, cell = a_record(asked, "1", "Graphite"), a_record(asked, "2", "Graphite", "BatteryCell")
    assert found(asked, "graphite powder", graphite, cell) == {"1"}


def test_tests_by_themselves_are_a_kind_of_record(plain: Asked) -> None:
    assert told(plain.parts("finished tests")) == ["BatteryTest"]
