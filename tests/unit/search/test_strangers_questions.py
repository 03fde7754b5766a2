"""Questions as strangers type them: a purchaser, a chemist, who thinks in another language, who types telegrams."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.record import Entity, EntityKind, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, QuantityPart
from search.service import Readable
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex

MAKER, MODEL = EntityKind.MANUFACTURER, EntityKind.MODEL
NAMES: tuple[tuple[tuple[EntityKind, str], ...], ...] = (
    ((MAKER, "Panasonic"), (MODEL, "NCR18650B")),
    ((MAKER, "SAMSUNG"), (MODEL, "INR18650-35E")),
    ((MAKER, "LG"), (MODEL, "INR18650-MJ1")),
    ((MAKER, "A123"), (MODEL, "20AH")),
    ((MAKER, "CATL"), (MODEL, "280Ah CATL LiFePO4")),
    ((MAKER, "Kokam"), (MODEL, "35Ah")),
    ((MAKER, "SINTEF"), (EntityKind.INSTITUTION, "SINTEF")),
    ((EntityKind.INSTITUTION, "SINTEF"),),
)
QUESTIONS: tuple[tuple[str, list[str]], ...] = (
    # Numbers, ranges, bounds.
    ("cells rated between 3 and 3.5 Ah that weigh under 50 g", ["3–3.5 Ah", "Mass < 50 g"]),
    ("21700 cells 4.8 Ah or higher, max 70 g", ["R21700", "≥ 4.8 Ah", "≤ 70 g"]),
    ("nominal voltage 3.6 or 3.7 V", ["NominalVoltage = 3.6 V (±0.5 %) or NominalVoltage = 3.7 V (±0.5 %)"]),
    ("3.6V or 3.7V cells", ["= 3.6 V (±0.5 %) or = 3.7 V (±0.5 %)"]),
    ("capacity of 2.5 Ah or 3 Ah", ["Capacity = 2.5 Ah (±0.5 %) or Capacity = 3 Ah (±0.5 %)"]),
    ("18 mm or 21 mm diameter", ["Diameter = 18 mm (±0.5 %) or Diameter = 21 mm (±0.5 %)"]),
    ("above 100 Ah or below 1 Ah", ["> 100 Ah or < 1 Ah"]),
    ("at least 3 but no more than 5 Ah", ["≥ 3 Ah, ≤ 5 Ah"]),
    ("> 3 Ah and < 5 Ah", ["> 3 Ah, < 5 Ah"]),
    ("3 Ah < capacity < 5 Ah", ["Capacity > 3 Ah, < 5 Ah"]),
    ("capacity min 3 Ah max 4 Ah", ["Capacity ≥ 3 Ah, ≤ 4 Ah"]),
    ("from 3Ah up to 5Ah", ["≥ 3 Ah, ≤ 5 Ah"]),
    ("energy density > 400 Wh/L and < 600 Wh/L", ["EnergyDensity > 400 Wh/L, < 600 Wh/L"]),
    ("5 Ah ± 10%", ["4.5–5.5 Ah"]),
    ("capacity 100Ah ± 5 %", ["Capacity 95–105 Ah"]),
    ("within 5% of 3.2 V nominal", ["NominalVoltage 3.04–3.36 V"]),
    ("around 3 Ah give or take 0.2", ["2.8–3.2 Ah"]),
    ("between 2 till 3 Ah", ["2–3 Ah"]),
    ("3~5 Ah", ["3–5 Ah"]),
    ("3..5 Ah", ["3–5 Ah"]),
    ("50 or more Ah", ["≥ 50 Ah"]),
    ("2.5V min", ["≥ 2.5 V"]),
    ("1'000 mAh", ["= 1000 mAh (±0.5 %)"]),
    ("1/2 Ah", ["= 0.5 Ah (±0.5 %)"]),
    ("upper voltage limit 4.35 V and higher", ["UpperVoltageLimit ≥ 4.35 V"]),
    ("2.5 Ah and less", ["≤ 2.5 Ah"]),
    ("100 Ah are there", ["= 100 Ah (±0.5 %)"]),
    ("nominal voltage other than 3.2 V", ["NominalVoltage", "not NominalVoltage = 3.2 V (±0.5 %)"]),
    ("nominal voltage ≠ 3.2 V", ["NominalVoltage", "not NominalVoltage = 3.2 V (±0.5 %)"]),
    ("capacity different from 2.5 Ah", ["Capacity", "not Capacity = 2.5 Ah (±0.5 %)"]),
    ("between 2 and 3 Ah but not 2.5 Ah", ["2–3 Ah", "not = 2.5 Ah (±0.5 %)"]),
    # What people say for an amount.
    ("2000 full charge cycles or more", ["CycleLife ≥ 2000"]),
    ("at least 3000 charge/discharge cycles", ["CycleLife ≥ 3000"]),
    ("EIS at half charge", ["ElectrochemicalImpedanceSpectroscopy", "StateOfCharge = 50 % (±0.5 %)"]),
    ("can be charged at the freezing point or below", ["MinimumChargingTemperature ≤ 0 °C"]),
    ("charging below freezing", ["MinimumChargingTemperature < 0 °C"]),
    ("35 A all the time", ["MaximumContinuousDischargingCurrent = 35 A (±0.5 %)"]),
    # Against each other.
    ("LFP cathode vs graphite anode", ["LithiumIronPhosphate as PositiveElectrode", "Graphite as NegativeElectrode"]),
    ("conducting salt LiPF6", ["LithiumHexafluorophosphate as Solute"]),
    ("LFP on the positive side", ["LithiumIronPhosphate as PositiveElectrode"]),
    ("PVDF as binding agent", ["PolyvinylideneFluoride as Binder"]),
    ("data in container format HDF5", ["“HDF5”"]),
    # A unit without a number.
    ("capacity in mAh/g", ["SpecificCapacity"]),
    ("energy in Wh/kg of LFP cells", ["SpecificEnergy", "LithiumIronPhosphate"]),
    ("density in g/cc", ["Density"]),
    ("density in kg/m3", ["Density"]),
    ("sweep, rate in mV/s", ["“sweep”", "Rate", "“mV”"]),
    ("mass in grams of Samsung cells", ["Mass", "manufacturer SAMSUNG"]),
    ("LFP sorted by capacity (Ah)", ["LithiumIronPhosphate", "least Capacity first"]),
    ("capacity (mAh) > 3000", ["Capacity > 3000 mAh"]),
    ("mass (g) below 50", ["Mass < 50 g"]),
    ("capacity (Ah) above 3", ["Capacity > 3 Ah"]),
    ("nothing about LFP", ["not LithiumIronPhosphate"]),
    ("cells in a pouch", ["PouchCell"]),
    # What records hold.
    ("time series", ["“time series”"]),
    ("csv files", ["“csv”"]),
    ("GITT data as parquet file", ["GalvanostaticIntermittentTitrationTechnique", "“parquet”"]),
    ("latest publications on NMC", ["LithiumNickelManganeseCobaltOxide", "greatest Date first"]),
    ("one or two Ah", ["= 1 Ah (±0.5 %) or = 2 Ah (±0.5 %)"]),
    ("18 x 65 mm cell", ["R18650"]),
    ("27 x 173 x 200 mm", ["= 27 mm (±0.5 %)", "= 173 mm (±0.5 %)", "= 200 mm (±0.5 %)"]),
    ("cycle life between 500 and 1000", ["CycleLife 500–1000"]),
    ("porosity of 0.3", ["Porosity = 0.3 (±0.5 %)"]),
    ("coating thickness between 50 and 100 microns", ["Thickness of Coating 50–100 µm"]),
    ("density 2.2 g/cc", ["Density = 2.2 g/cm3 (±0.5 %)"]),
    ("2% VC", ["MassFraction of VinyleneCarbonate = 2 % (±0.5 %)"]),
    ("PVDF 2%", ["MassFraction of PolyvinylideneFluoride = 2 % (±0.5 %)"]),
    ("VC > 1 %", ["MassFraction of VinyleneCarbonate > 1 %"]),
    ("less than 2% PVDF", ["MassFraction of PolyvinylideneFluoride < 2 %"]),
    ("binder content of 3 % by mass", ["MassFraction of Binder = 3 wt% (±0.5 %)"]),
    ("10 percent by volume FEC", ["VolumeFraction of FluoroethyleneCarbonate = 10 vol% (±0.5 %)"]),
    ("survives ten thousand cycles", ["CycleLife ≥ 10000"]),
    ("cells that last longer than six thousand cycles", ["CycleLife > 6000"]),
    ("80% capacity retention", ["“80%”", "ChargeRetention"]),
    ("5000 cycles to 80 % capacity", ["CycleLife = 5000 (±0.5 %)", "“80 %”", "Capacity"]),
    ("capacity fade below 20%", ["CapacityFade", "“below 20%”"]),
    # A unit is left out.
    ("voltage 3.7", ["Voltage = 3.7 V (±0.5 %)"]),
    ("capacity 3000", ["Capacity = 3000 mAh (±0.5 %)"]),
    ("capacity above 100 LFP", ["Capacity > 100 Ah", "LithiumIronPhosphate"]),
    ("weight below 50", ["Mass < 50 g"]),
    ("weight below 2", ["Mass", "“below 2”"]),
    ("lighter than 50", ["Mass < 50 g"]),
    ("thickness under 5", ["Thickness < 5 mm"]),
    ("discharge current above 20", ["DischargingCurrent > 20 A"]),
    ("capacity of the 18650", ["Capacity", "R18650"]),
    # Comparisons as people write them.
    ("give me cell LFP more 100Ah", ["LithiumIronPhosphate", "> 100 Ah"]),
    ("capacity big than 50Ah", ["Capacity > 50 Ah"]),
    ("weight less 50g", ["Mass < 50 g"]),
    ("weight inferior at 50 gram", ["Mass < 50 gram"]),
    ("capacity superior to 50 ampere hour", ["Capacity > 50 ampere hour"]),
    ("a higher nominal voltage than 3.6 V", ["NominalVoltage > 3.6 V"]),
    ("more capacity than 3 Ah and less weight than 50 g", ["Capacity > 3 Ah", "Mass < 50 g"]),
    ("the cell must not be heavier as 50 g", ["Mass ≤ 50 g"]),
    ("cells that don't weigh more than 50 g", ["Mass ≤ 50 g"]),
    ("max weight 50 g", ["Mass ≤ 50 g"]),
    ("minimum cycle life 3000", ["CycleLife ≥ 3000"]),
    ("max. thickness 5mm pouch", ["Thickness ≤ 5 mm", "PouchCell"]),
    ("Zelle über 100 Ah", ["> 100 Ah"]),
    ("plus de 3 Ah", ["> 3 Ah"]),
    ("charged at 2C or faster", ["≥ 2 C"]),
    # Limits and windows.
    ("voltage range 2.5-4.2 V", ["LowerVoltageLimit = 2.5 V", "UpperVoltageLimit = 4.2 V"]),
    ("2.5 V - 3.65 V window", ["LowerVoltageLimit = 2.5 V", "UpperVoltageLimit = 3.65 V"]),
    ("voltage limits 2.5/4.2 V", ["LowerVoltageLimit = 2.5 V", "UpperVoltageLimit = 4.2 V"]),
    ("upper cut-off 4.2 V, lower cut-off 2.75 V", ["UpperVoltageLimit = 4.2 V (±0.5 %)", "LowerVoltageLimit = 2.75 V (±0.18 %)"]),
    (
        "lower voltage limit of 2.0 V and upper of 3.65 V",
        ["LowerVoltageLimit = 2 V (±0.5 %)", "UpperVoltageLimit = 3.65 V (±0.14 %)"],
    ),
    ("discharge cut-off of 2.5 V", ["LowerVoltageLimit = 2.5 V (±0.5 %)"]),
    (
        "max continuous discharge >= 10 A and max charge >= 4 A",
        ["MaximumContinuousDischargingCurrent ≥ 10 A", "MaximumContinuousChargingCurrent ≥ 4 A"],
    ),
    ("max internal resistance 20 mOhm", ["InternalResistance ≤ 20 mOhm"]),
    ("work in -30 degree", ["MinimumDischargingTemperature ≤ -30 °C"]),
    ("operate below minus 40 degrees Celsius", ["MinimumDischargingTemperature < -40 degrees Celsius"]),
    ("works even at -40 °C", ["MinimumDischargingTemperature ≤ -40 °C"]),
    ("charging below 0 °C", ["MinimumChargingTemperature < 0 °C"]),
    ("can be charged at -10 °C", ["MinimumChargingTemperature ≤ -10 °C"]),
    ("tested at -20 °C", ["= -20 °C (±0.5 %)"]),
    ("DCIR below 20 mohm at 50% SOC", ["DCInternalResistance < 20 mohm at StateOfCharge = 50 % (±0.5 %)"]),
    ("discharge capacity at -20C above 2 Ah", ["DischargingCapacity > 2 Ah at = -20 °C (±0.5 %)"]),
    # Names.
    ("A123 Systems 26650", ["manufacturer A123", "R26650"]),
    ("Samsung SDI 18650", ["manufacturer SAMSUNG", "R18650"]),
    ("LG Energy Solution pouch", ["manufacturer LG"]),
    (
        "R18650 excluding Samsung, LG and Panasonic",
        ["R18650", "not manufacturer SAMSUNG", "not manufacturer LG", "not manufacturer Panasonic"],
    ),
    ("LG/Samsung 18650", ["manufacturer LG or SAMSUNG", "R18650"]),
    ("not made at SINTEF", ["not institution SINTEF"]),
    ("Samsung, LG and Panasonic cells", ["manufacturer SAMSUNG or LG or Panasonic"]),
    ("cells by Samsung, LG or Panasonic", ["manufacturer SAMSUNG or LG or Panasonic"]),
    ("Panasonic or Sony 18650", ["manufacturer Panasonic or “Sony”", "R18650"]),
    (
        "Panasonic NCR18650B or Samsung INR18650-35E",
        ["manufacturer Panasonic & model NCR18650B or manufacturer SAMSUNG & model INR18650-35E"],
    ),
    ("Samsung 35E or LG MJ1", ["manufacturer SAMSUNG & model INR18650-35E or manufacturer LG & model INR18650-MJ1"]),
    ("cells that aren't from Panasonic or LG", ["not manufacturer Panasonic", "not manufacturer LG"]),
    ("other makers than BYD", ["not “BYD”"]),
    ("any maker except Panasonic", ["not manufacturer Panasonic"]),
    ("data from SINTEF", ["anything SINTEF"]),
    ("3..20 AH", ["3–20 AH"]),
    ("lfp >280ah <3kg", ["LithiumIronPhosphate", "> 280 ah", "< 3 kg"]),
    # Alternatives of several kinds.
    ("pouch NMC or prismatic LFP", ["PouchCell & LithiumNickelManganeseCobaltOxide or PrismaticBattery & LithiumIronPhosphate"]),
    (
        "LFP prismatic or NMC pouch above 50 Ah",
        ["LithiumIronPhosphate & PrismaticBattery or LithiumNickelManganeseCobaltOxide & PouchCell", "> 50 Ah"],
    ),
    ("18650 NMC or 21700 NCA", ["R18650 & LithiumNickelManganeseCobaltOxide or R21700 & LithiumNickelCobaltAluminiumOxide"]),
    ("NMC/graphite or LFP/graphite", ["LithiumNickelManganeseCobaltOxide & Graphite or LithiumIronPhosphate & Graphite"]),
    ("LTO or more than 10000 cycles", ["LithiumTitanate or CycleLife > 10000"]),
    ("lighter than 50 g or thinner than 5 mm", ["Mass < 50 g or Thickness < 5 mm"]),
    ("cylindrical or from Panasonic", ["CylindricalBattery or manufacturer Panasonic"]),
    ("Samsung or 21700", ["manufacturer SAMSUNG or R21700"]),
    ("LFP, NCA or made by CATL", ["LithiumIronPhosphate or LithiumNickelCobaltAluminiumOxide or manufacturer CATL"]),
    ("everything but pouch and coin cells", ["not PouchCell", "not CoinCell"]),
    ("not prismatic or above 100 Ah", ["not PrismaticBattery", "not > 100 Ah"]),
    (
        "weight < 50g, capacity > 3Ah, 18650, NCA or NMC",
        ["Mass < 50 g", "Capacity > 3 Ah", "R18650", "LithiumNickelCobaltAluminiumOxide"],
    ),
    # Years.
    ("published 2019 or 2021", ["2019-2019 or 2021-2021"]),
    ("from 2015 or 2016", ["2015-2015 or 2016-2016"]),
    ("in 2020 or later", ["2020-"]),
    ("2016 or earlier", ["-2016"]),
    ("newer than 2019", ["2020-"]),
    ("2019 NMC", ["2019-2019", "LithiumNickelManganeseCobaltOxide"]),
    ("2032 3 V", ["R2032", "= 3 V (±0.5 %)"]),
    # Negation.
    ("except those below 2 Ah", ["not < 2 Ah"]),
    ("no capacity given", ["not Capacity"]),
    ("cells with neither mass nor cycle life", ["not Mass", "not CycleLife"]),
    ("not 3.6 or 3.7 V", ["not = 3.6 V (±0.5 %)", "not = 3.7 V (±0.5 %)"]),
    # Orders.
    ("top 5 cycle life LFP", ["LithiumIronPhosphate", "greatest CycleLife first"]),
    ("top 10 lightest", ["least Mass first"]),
    ("I want the three heaviest cells that use LTO.", ["LithiumTitanate", "greatest Mass first"]),
    ("max capacity 18650", ["R18650", "greatest Capacity first"]),
    ("minimum mass 21700", ["R21700", "least Mass first"]),
    ("capacity, descending", ["greatest Capacity first"]),
    ("in order of increasing mass", ["least Mass first"]),
    ("from lightest to heaviest", ["least Mass first"]),
    ("cells ranked from highest to lowest capacity", ["greatest Capacity first"]),
    ("the most light cell", ["least Mass first"]),
    ("lowest self discharge", ["least SelfDischargeRate first"]),
    # Licences.
    ("CC0 LFP", ["licence CC0-1.0", "LithiumIronPhosphate"]),
    ("CC BY-SA 4.0", ["licence CC-BY-SA-4.0"]),
)


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    asked = Asked()
    index = PlainIndex(asked.concepts.ancestors)
    index.apply([a_record(number, names) for number, names in enumerate(NAMES)])
    asked.known = Readable(index, PUBLIC)
    yield asked
    index.close()


def a_record(number: int, names: tuple[tuple[EntityKind, str], ...]) -> Record:
    entities = tuple(Entity(kind, name, "", "/x", 1) for kind, name in names)
    title, rights = f"record {number}", Rights(PUBLIC, PUBLIC)
    return Record(f"cells/{number}", f"urn:{number}", title, "cells", f"{number}.json", "", rights, entities=entities)


def understood(asked: Asked, question: str) -> list[str]:
    query = asked.query(question)
    order = query.order
    ordered = [] if order is None else [f"{'greatest' if order.descending else 'least'} {order.labels[0]} first"]
    return [*told(query.parts), *ordered]


@pytest.mark.parametrize(("question", "parts"), QUESTIONS)
def test_every_word_is_understood_as_it_is_meant(asked: Asked, question: str, parts: list[str]) -> None:
    assert understood(asked, question) == parts


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("either LTO or LFP", {"LithiumTitanate", "LithiumIronPhosphate"}),
        ("18650 and 21700 cells", {"R18650", "R21700"}),
        ("pouch and prismatic cells", {"PouchCell", "PrismaticBattery"}),
    ],
)
def test_what_is_alike_is_one_part(asked: Asked, question: str, labels: set[str]) -> None:
    part = asked.concept(question)
    assert labels <= set(part.labels)
    assert {asked.iri(label) for label in labels} <= part.expanded


def test_materials_joined_by_and_must_both_be_there(asked: Asked) -> None:
    one, other = asked.parts("LFP and graphite")
    assert isinstance(one, ConceptPart)
    assert isinstance(other, ConceptPart)


def test_a_unit_that_was_left_out_is_told(asked: Asked) -> None:
    part = asked.quantity("voltage 3.7")
    assert part.rule == "no unit was given, so this one is meant: V"


def test_two_bounds_are_one_range_that_one_quantity_must_lie_in(asked: Asked) -> None:
    part = asked.quantity("> 3 Ah and < 5 Ah")
    assert isinstance(part, QuantityPart)
    assert (part.minimum, part.maximum) == pytest.approx((3 * 3600, 5 * 3600))
    assert not part.minimum_included
    assert not part.maximum_included


def test_a_bound_that_is_denied_is_the_other_one(asked: Asked) -> None:
    part = asked.quantity("cells that don't weigh more than 50 g")
    assert (part.minimum, part.maximum_included, part.negated) == (None, True, False)
    assert part.maximum == pytest.approx(0.05)
