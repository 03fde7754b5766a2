"""Questions over real documents; the expected values are read from the JSON, by eye or by the few lines here."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from search.asking.reply import Reply
from search.query_json import query_from_json, query_to_json

Ask = Callable[[str], Reply]
Documents = dict[str, Any]

VALUES: list[tuple[str, object, str]] = [
    ("What is the rated capacity of the A123 20AH?", 20, "Ah"),
    ("rated capacity A123 20AH", 20, "Ah"),
    ("A123 20AH's rated capacity", 20, "Ah"),
    ("What rated capacity does the A123 20AH have?", 20, "Ah"),
    ("What is the capacity of the A123 20AH in mAh?", 20_000, "mAh"),
    ("How many mAh does the Samsung INR18650-35E have?", 3250, "mAh"),
    ("nominal capacity of the Samsung INR18650-35E", 3.35, "Ah"),
    ("rated capcity of the A123 20AH", 20, "Ah"),
    ("How heavy is the Samsung INR18650-35E?", 0.05, "kg"),
    ("How much does the A123 20AH weigh in grams?", 496, "g"),
    ("A123 20AH weight", 0.496, "kg"),
    ("mass of the Energizer CR2032", 3, "g"),
    ("What is the nominal voltage of LG M50?", 3.63, "V"),
    ("nominal voltage of the LG INR21700-M50 in mV", 3630, "mV"),
    ("What is the voltage of the A123 20AH?", 3.3, "V"),
    ("upper voltage limit of EVE Energy LF304-72174", 3.65, "V"),
    ("charging cut-off voltage of the A123 20AH", 3.65, "V"),
    ("lower cutoff voltage of the A123 26AH", 2.7, "V"),
    ("What is the discharge cut-off voltage of the Samsung INR18650-35E?", 2.65, "V"),
    ("How many cycles does the A123 20AH last?", 1000, ""),
    ("cycle life of the Thunder-Sky WB-LYP100AHA", 7000, ""),
    ("What is the maximum continuous discharging current of the Samsung INR18650-35E?", 13, "A"),
    ("max charge current of the Samsung INR18650-35E", 2, "A"),
    ("max pulse discharge current of the A123 ANR26650M1-B", 120, "A"),
    ("internal resistance of the Samsung INR18650-35E", 35, "mΩ"),
    ("How tall is the Saft VL 45E?", 0.222, "m"),
    ("diameter of the Saft VL45E in mm", 54.3, "mm"),
    ("What is the capacity of 'LP 33330' from Eagle Picher?", 6, "Ah"),
    ("EVE LF304-72174 capacity?", 304, "Ah"),
    ("What is the minimum capacity of the A123 ANR26650M1-B?", 2.4, "Ah"),
    ("What is the capacity of the A123 ANR26650M1-B?", 2.5, "Ah"),
    ("thickness of the separator of the COIN-LFP-2032", 20, "µm"),
    ("specific capacity of NMC811", 200, "mAh/g"),
    ("specific capacity of NMC811 at C/10", 200, "mAh/g"),
    ("What is the mass in g of the A123 20AH?", 496, "g"),
    ("In grams, what is the mass of the A123 20AH?", 496, "g"),
    ("How long is the A123 20AH?", 0.227, "m"),
    ("How long does the A123 20AH last?", 1000, ""),
    ("capacity of Samsung 35E", 3.25, "Ah"),
    ("What is the capacity of the lightest prismatic cell?", 80.45, "Ah"),
    ("What material is used for the cathode of the A123 20AH?", "lithium iron phosphate", ""),
    ("Who made the NCR18650B?", "Panasonic", ""),
    ("Which company makes the Kokam SLPB120216216G1H?", "Kokam", ""),
    ("What cathode does the A123 20AH have?", "lithium iron phosphate", ""),
    ("cathode material of the A123 26AH", "lithium nickel manganese cobalt oxide", ""),
    ("What is the anode of the COIN-LFP-2032?", "graphite", ""),
    ("What is the chemistry of the CALB CAM72?", "lithium iron phosphate", ""),
    ("Is the A123 20AH heavier than the Samsung INR18650-35E?", "yes", ""),
    ("Does the Samsung INR18650-35E have a higher nominal capacity than the A123 ANR26650M1-B?", "yes", ""),
    ("Which is heavier, the A123 20AH or the A123 26AH?", "A123 26AH", ""),
    ("Which of the A123 20AH, A123 26AH and A123 39AH is the lightest?", "A123 20AH", ""),
    ("Do the A123 20AH and the A123 26AH have the same nominal voltage?", "no", ""),
    ("What is the difference in mass between the A123 20AH and the A123 26AH?", 0.054, "kg"),
    ("How much heavier is the A123 26AH than the A123 20AH in g?", 54, "g"),
    ("Compare the nominal voltage of the A123 20AH and the LG M50", (3.3, 3.63), "V"),
    ("Compare the mass of A123 20AH, A123 26AH and A123 39AH in g", (496, 550, 820), "g"),
    ("Does the A123 20AH contain cobalt?", "no", ""),
    ("Does the A123 26AH contain cobalt?", "yes", ""),
    ("Is the A123 20AH an LFP cell?", "yes", ""),
    ("Is the A123 20AH a pouch cell?", "no", ""),
    ("Is the A123 20AH prismatic?", "yes", ""),
    ("Does the A123 20AH weigh more than 1 kg?", "no", ""),
    ("Is the capacity of the A123 20AH above 10 Ah?", "yes", ""),
    ("Is the Samsung INR18650-35E made by Panasonic?", "no", ""),
    ("Was the NCR18650B made by Panasonic?", "yes", ""),
    ("Is the A123 20AH cylindrical or prismatic?", "prismatic case", ""),
    ("Is there a pouch cell above 50 Ah?", "yes", ""),
    ("Is there a sodium-ion pouch cell above 500 Ah?", "no", ""),
    ("Does Panasonic make LFP cells?", "no", ""),
]

UNKNOWN = [
    ("What is the rated capacity of the A123 21AH?", "A123 20AH"),
    ("What is the capacity of the INR18650-35X?", "INR18650-35E"),
    ("What is the mass of the Panasonic INR18650-35E?", "Panasonic"),
    ("What is the mass of the Samsng INR18650-35E?", "Samsng"),
    ("What is the rated capacity of the Foobar X1?", "Foobar X1"),
    ("What is the price of the A123 20AH?", "rated capacity"),
    ("What is the flux capacitance of the A123 20AH?", "rated capacity"),
    ("What is the internal resistance of the A123 20AH?", "cycle life"),
    ("capacity of the A123 20AH at C/5", "20 Ah"),
    ("capacity of the A123 20AH in kg", "20 Ah"),
    ("What electrolyte does the A123 20AH have?", "rated capacity"),
    ("Is the energy density of the A123 20AH above 100 Wh/kg?", "nor anything against it"),
    ("Does the NCR18650B contain cobalt?", "nor anything against it"),
    ("Compare the mass of the A123 20AH and the Panasonic XY-77", "XY-77"),
    ("Compare the internal resistance of the A123 20AH and the Samsung INR18650-35E", "A123 20AH"),
    ("How many cells from Tesla?", "Tesla"),
    ("What is the temperature of the Samsung INR18650-35E?", "maximum charging temperature"),
    ("Is the Panasonic NCR18650B better than the Samsung INR18650-35E?", "not in what"),
    ("What is the meaning of life?", "meaning"),
    ("hello", "hello"),
]


@pytest.mark.parametrize(("question", "value", "unit"), VALUES)
def test_a_value(asked: Ask, question: str, value: object, unit: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)
    assert all(source.line >= 1 for source in reply.sources)
    assert reply.sources or value == "no"
    assert query_from_json(query_to_json(reply.query)) == reply.query


@pytest.mark.parametrize(("question", "told"), UNKNOWN)
def test_what_is_not_known_is_told_and_never_guessed(asked: Ask, question: str, told: str) -> None:
    reply = asked(question)
    assert reply.answer is None, reply.answer
    assert reply.sources == ()
    assert told in reply.understood


def test_sources_that_differ_are_both_told(asked: Ask) -> None:
    reply = asked("What is the maximum continuous discharging current of the CALB CAM72?")
    assert reply.answer is not None
    assert reply.answer.value == 21.6
    assert "differ" in reply.answer.text
    assert "216 A in cellinfo/CALB_CAM72.json" in reply.answer.text
    assert len(reply.sources) == 3


def test_several_properties_of_one_thing(asked: Ask) -> None:
    reply = asked("What is the nominal voltage and mass of the A123 20AH?")
    assert reply.answer is not None
    assert reply.answer.value == ("3.3 V", "0.496 kg")


def test_both_ends_are_told_where_both_are_meant(asked: Ask) -> None:
    reply = asked("What is the storage temperature of the Samsung INR18650-35E?")
    assert reply.answer is not None
    assert "minimum storage temperature of SAMSUNG INR18650-35E is -20" in reply.answer.text
    assert "maximum storage temperature of SAMSUNG INR18650-35E is 45" in reply.answer.text


def test_several_properties_of_several_things(asked: Ask) -> None:
    reply = asked("rated capacity and nominal voltage of the A123 20AH and the A123 26AH")
    assert reply.answer is not None
    assert reply.answer.value == ("20 / 26 Ah", "3.3 / 3.65 V")


def test_the_dimensions_are_those_that_are_known(asked: Ask) -> None:
    reply = asked("What are the dimensions of the A123 20AH in mm?")
    assert reply.answer is not None
    assert reply.answer.value == ("227 mm", "160 mm", "7.25 mm")


def test_all_that_is_known_of_a_thing(asked: Ask) -> None:
    reply = asked("What do you know about the A123 20AH?")
    assert reply.answer is not None
    for fact in ("made by A123", "prismatic", "lithium iron phosphate", "rated capacity 20 Ah", "mass 0.496 kg"):
        assert fact in reply.answer.text


def test_a_place_leads_to_the_value(asked: Ask, documents: Documents) -> None:
    [source] = asked("What is the mass of the A123 20AH?").sources
    node = documents[source.record]
    for step in source.pointer.split("/")[1:]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    assert node["hasNumericalPart"]["hasNumericalValue"] == 0.496
    assert (source.record, source.file, source.line) == ("cellinfo/A123_20AH.json", "A123_20AH.json", 119)


# Every cell of one source


KINDS = {"rated capacity": ("RatedCapacity", "Ah"), "nominal voltage": ("NominalVoltage", "V"), "mass": ("Mass", "kg")}


def numbers(document: Any, kind: str) -> list[float]:
    """Values of the root node's quantities of this class."""
    properties = document.get("hasProperty", [])
    found = [node for node in (properties if isinstance(properties, list) else [properties]) if kind in node["@type"]]
    written = [node["hasNumericalPart"].get("hasNumericalValue", node["hasNumericalPart"].get("hasNumberValue")) for node in found]
    return [float(value) for value in written if not math.isnan(float(value))]


@pytest.mark.parametrize("name", KINDS)
def test_every_cell_of_cellinfo_is_found_by_maker_and_model(asked: Ask, documents: Documents, name: str) -> None:
    """What its own document says is always told, as the value or among those that differ."""
    kind, unit = KINDS[name]
    wrong = []
    for record, document in documents.items():
        maker, model = document.get("schema:manufacturer", {}), document.get("schema:name", "")
        values = numbers(document, kind) if record.startswith("cellinfo/") else []
        if not values:
            continue
        reply = asked(f"What is the {name} of the {maker['schema:name']} {model}?")
        said = [source.record for source in reply.sources]
        if reply.answer is None or record not in said or f"{values[0]:.10g} {unit}" not in reply.answer.text:
            wrong.append((maker["schema:name"], model, reply.understood))
    assert wrong == []


# Sets


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def types(document: Any) -> set[str]:
    kinds = (node.get("@type", []) for node in nodes(document))
    return {kind for each in kinds for kind in ([each] if isinstance(each, str) else each)}


def made_by(document: Any, maker: str) -> bool:
    named = document.get("schema:manufacturer") if isinstance(document, dict) else None
    return isinstance(named, dict) and str(named.get("schema:name")).lower() == maker.lower()


def is_lfp(document: Any) -> bool:
    return bool({"LithiumIronPhosphate", "LithiumIronPhosphateElectrode", "LithiumIonIronPhosphateBattery"} & types(document))


def is_nca(document: Any) -> bool:
    return any(kind.startswith(("LithiumNickelCobaltAlumini", "LithiumIonNickelCobaltAlumini")) for kind in types(document))


def of_cells(documents: Documents) -> dict[str, Any]:
    """The documents of the sources that hold nothing but cells."""
    return {key: each for key, each in documents.items() if key.startswith(("cellinfo/", "battinfo-records"))}


def above(document: Any, kind: str, bound: float) -> bool:
    return any(value > bound for value in numbers(document, kind))


COUNTED: dict[str, Callable[[Any], bool]] = {
    "How many NCA cells from Panasonic?": lambda d: made_by(d, "Panasonic") and is_nca(d),
    "How many cells does Saft make?": lambda d: made_by(d, "Saft"),
    "List LFP cells from Thunder-Sky": lambda d: made_by(d, "Thunder-Sky") and is_lfp(d),
    "How many Kokam cells have a rated capacity above 200 Ah?": lambda d: made_by(d, "Kokam") and above(d, "RatedCapacity", 200),
    "Which LFP cells above 100 Ah weigh less than 2 kg?": lambda d: (
        is_lfp(d)
        and (above(d, "RatedCapacity", 100) or above(d, "NominalCapacity", 100))
        and any(value < 2 for value in numbers(d, "Mass"))
    ),
    "Which cells have a maximum continuous discharging current above 500 A?": lambda d: above(
        d, "MaximumContinuousDischargingCurrent", 500
    ),
}


@pytest.mark.parametrize("question", COUNTED)
def test_a_set_has_exactly_the_documents_that_say_so(asked: Ask, documents: Documents, question: str) -> None:
    expected = {key for key, document in of_cells(documents).items() if COUNTED[question](document)}
    assert len(expected) >= 3
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert {source.record for source in reply.sources} == expected
    assert reply.answer.value == len(expected)


def test_the_one_with_most(asked: Ask, documents: Documents) -> None:
    capacities = {key: max(numbers(each, "RatedCapacity"), default=0.0) for key, each in of_cells(documents).items()}
    reply = asked("Which cell has the highest rated capacity?")
    assert reply.answer is not None
    assert (reply.answer.value, reply.answer.unit) == (max(capacities.values()), "Ah")
    assert {source.record for source in reply.sources} == {key for key, value in capacities.items() if value == reply.answer.value}


def test_the_lightest_of_a_set(asked: Ask, documents: Documents) -> None:
    prismatic = {key: each for key, each in of_cells(documents).items() if {"PrismaticCase", "PrismaticBattery"} & types(each)}
    masses = {key: min(numbers(each, "Mass")) for key, each in prismatic.items() if numbers(each, "Mass")}
    reply = asked("lightest prismatic cell")
    assert reply.answer is not None
    assert (reply.answer.value, reply.answer.unit) == (min(masses.values()), "kg")
    assert reply.sources[0].record == min(masses, key=lambda key: masses[key])


def test_the_first_few(asked: Ask) -> None:
    reply = asked("top 3 cells by rated capacity")
    assert reply.answer is not None
    assert "1000 Ah" in reply.answer.text
    assert "700 Ah" in reply.answer.text
    assert "400 Ah" in reply.answer.text


def test_numbers_over_a_set(asked: Ask, documents: Documents) -> None:
    masses = [value for each in of_cells(documents).values() if made_by(each, "Thunder-Sky") for value in numbers(each, "Mass")[:1]]
    mean, median = asked("average mass of Thunder-Sky cells").answer, asked("median mass of Thunder-Sky cells").answer
    reach = asked("What is the mass of Thunder-Sky cells?").answer
    assert mean is not None
    assert median is not None
    assert reach is not None
    assert mean.value == pytest.approx(statistics.fmean(masses))
    assert median.value == pytest.approx(statistics.median(masses))
    assert reach.value == pytest.approx((min(masses), max(masses)))


def test_more_than_a_thing(asked: Ask, documents: Documents) -> None:
    kokam = {key for key, each in of_cells(documents).items() if made_by(each, "Kokam") and above(each, "Mass", 0.496)}
    reply = asked("Which Kokam cells are heavier than the A123 20AH?")
    assert {source.record for source in reply.sources} == kokam
    assert reply.answer is not None
    assert reply.answer.value == len(kokam)


def test_the_makers_of_a_set(asked: Ask, documents: Documents) -> None:
    reply = asked("Who makes LTO cells?")
    assert reply.answer is not None
    assert {"Yinglong", "LECLANCHÉ", "OSN"} <= set(reply.answer.value)  # type: ignore[arg-type]
    assert asked("Which manufacturer makes the NCR18650B?").answer == asked("Who made the NCR18650B?").answer
