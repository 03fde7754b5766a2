"""Questions in shorthand, and what they are not about, over the real documents: sets, groups, names and kinds of record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from search.asking.reply import Reply

Ask = Callable[[str], Reply]

VALUES: list[tuple[str, object, str]] = [
    # Titles beside a quantity, and the beginning of a title
    ("alumina density in g/cm3", 3.95, "g/cm³"),
    ("density LFP", 3.6, "g/cm³"),
    ("conductivity of 7M KOH", 600, "mS/cm"),
    ("temperature of the GITT protocol", 25, "°C"),
    ("polyethylene separator porosity", 0.42, ""),
    # Against what it was measured
    ("specific capacity of LNMO vs Li", 140, "mAh/g"),
    # Units apart
    ("weight in grams: Saft VL 34570", 125, "g"),
    ("median capacity of Kokam cells Ah", 40, "Ah"),
    # Said once more in brackets
    ("discharge current (max, continuous) of the Saft VL 6A", 750, "A"),
    ("cutoff voltage (lower) of the Yinglong LTO66160H/40Ah", 1.5, "V"),
    ("how much LiPF6 is in LP57 (mass fraction)", 0.127, ""),
    ("EC content in LP57", 0.3, ""),
    # Who asks
    ("Hi, I'm a student, what does one Samsung INR18650-25S weigh (g)?", 47, "g"),
    ("Could someone tell me the nominal voltage of VL 34P?", 3.6, "V"),
    # Verbs
    ("Which current can the Saft VL 6A deliver continuously?", 750, "A"),
    ("At which voltage is charging the CALB CA100 stopped?", 3.65, "V"),
    ("What temperature is the calendar ageing protocol run at?", 40, "°C"),
    ("areal capacity of the Si-Gr anode, water processed", 2.8, "mAh/cm²"),
    ("How many layers does POUCH-ML-LFP-018 have?", 18, ""),
    ("How many milliohms is the DC resistance of the Samsung INR18650-25S?", 15, "mΩ"),
    # Several things
    ("By how many volts do the nominal voltages of EMPA COIN-LMFP-D and EMPA COIN-LCO-D differ?", 0.1, "V"),
    ("How far apart are the Saft VES140 and VES100 in mass, in grams?", 320, "g"),
    ("Compare the Kokam SLPB53460330 and SLPB75106205 by mass", (1.7, 0.33), "kg"),
    ("NCR20700A mass vs NCR20700B mass in g", (60, 63), "g"),
    # Superlatives
    ("thinnest separator", 20, "µm"),
    ("narrowest cell by width", 0.0031, "m"),
    ("longest-lived EnerDel cell by number of cycles", 4000, ""),
    ("What cycle life does the lightest LTO cell offer?", 16_000, ""),
    ("lightest Kokam cell capacity", 4.8, "Ah"),
    ("Kokam's lightest cell's capacity", 4.8, "Ah"),
    ("heaviest cell cycle life", 7000, ""),
    # Ranges in other words
    ("Between what values do the masses of Kokam cells lie?", (0.115, 4.51), "kg"),
    ("How heavy are 21700 cells usually?", 0.07, "kg"),
    # Several of a size
    ("what is the mean internal resistance of Samsung 18650s?", 27, "mΩ"),
    # A property and a set beside it
    ("nominal voltage, LTO", (2.2, 2.4), "V"),
]


@pytest.mark.parametrize(("question", "value", "unit"), VALUES)
def test_the_value(asked: Ask, question: str, value: object, unit: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)
    assert reply.sources


NAMES: list[tuple[str, object]] = [
    ("chemical formula of alumina", "Al2O3"),
    ("sum formula of ethylene carbonate", "C3H4O3"),
    ("What is the anode of the Organic Lithium Manganese Dioxide cell?", "lithium"),
    ("chemistries used by A123", ("lithium iron phosphate", "lithium nickel manganese cobalt oxide")),
    ("What is LP57 made of?", ("ethylene carbonate", "ethyl methyl carbonate", "lithium hexafluorophosphate")),
    ("list all countries of origin", ("China", "Vietnam", "United States")),
    ("When did the LG INR21700-M52V come out?", "2024-01-01"),
    ("denser material: NMC811 or LFP?", "NMC811"),
    ("Which of VL 6A and VL 8V has the maximum discharge current?", "Saft VL 6A"),
    # Yes and no
    ("Is graphite used in any anode?", "yes"),
    ("Does the Si-Gr anode processed with NMP use PVDF?", "yes"),
    ("Do all EVE prismatic cells use LFP?", "no"),
    ("Do you have a test protocol for the WLTP?", "yes"),
    ("Is NMC811 denser than LFP?", "yes"),
    ("Is the VES140 as heavy as the VES100?", "no"),
    ("Does the LF50 exceed 60 Ah?", "no"),
    ("does the LF50 reach 3000 cycles?", "yes"),
    # How many names
    ("how many solvents does LP57 have?", 2),
]


@pytest.mark.parametrize(("question", "value"), NAMES)
def test_the_name(asked: Ask, question: str, value: object) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert reply.answer.value == value


def _kinds(document: Any) -> list[str]:
    types = document.get("@type", []) if isinstance(document, dict) else []
    return [one.rpartition("#")[2].rpartition(":")[2] for one in ([types] if isinstance(types, str) else types)]


@pytest.mark.parametrize("question", ["How many table schemas for battery cyclers are in the archive?", "number of table schemas"])
def test_what_is_made_for_batteries_is_no_battery(asked: Ask, documents: dict[str, Any], question: str) -> None:
    reply = asked(question)
    assert reply.answer is not None
    assert reply.answer.value == sum("TableSchema" in _kinds(one) for one in documents.values()) == 8


COUNTS: list[tuple[str, int]] = [
    ("How many battery data sets are there?", 22),
    ("How many datasets come from the Battery Data Commons?", 4),
    ("Which parameter sets use PyBaMM?", 6),
    ("How many NEDC or WLTP protocols are there?", 2),
    ("Which tests were done on the A123 ANR26650M1-B?", 6),
    ("materials containing cobalt", 5),
    ("How many NMC622 materials are there?", 1),
    ("names of all LFP cells above 200 Ah", 49),
    ("How many different Kokam cells are there?", 33),
    ("How many LF50 records do you have?", 3),
]


@pytest.mark.parametrize(("question", "value"), COUNTS)
def test_how_many(asked: Ask, question: str, value: int) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert reply.answer.value == value


UNKNOWN = [
    "Samsung models ending in E",
    "coin cells of EMPA with a name starting COIN: list them",
    "average mass of LFP cells by manufacturer",
    "median energy density",
    "release year of the Samsung INR18650-20S",
    "formula of carbon",
    "formula of the A123 20AH",
    "electrolyte conductivity, 1M LiPF6 in EC:DMC",
    "How many LG E72B cells do I need for 1 kWh?",
    "how many makers have only one cell",
    "How many different nominal voltages are there?",
    "version of the BattINFO converter",
    "how heavy is an electron",
    "[1,2]",
    "battery data",
    "?!…",
]


@pytest.mark.parametrize("question", UNKNOWN)
def test_no_answer(asked: Ask, question: str) -> None:
    reply = asked(question)
    assert reply.answer is None, reply.answer


def test_values_that_stand_in_the_same_record_are_told(asked: Ask) -> None:
    reply = asked("C-rate of the capacity check")
    assert reply.answer is not None
    assert "0.1 A/Ah" in reply.answer.text
    assert len(reply.sources) == 2
