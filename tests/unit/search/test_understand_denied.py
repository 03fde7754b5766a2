"""What a negation denies beside the usual: whole cells, phrases, all of a list; and what else stands beside what is named."""

from __future__ import annotations

import pytest

from ontology import terms
from records.record import Quantity
from records.rights import DENIED
from search.query import ConceptPart, EntityPart
from tests.unit.search.asked import Asked, a_record, know, told

LFP, NMC, LTO = "LithiumIronPhosphate", "LithiumNickelManganeseCobaltOxide", "LithiumTitanate"
GRAPHITE, EIS = "Graphite", "ElectrochemicalImpedanceSpectroscopy"
NO_CELLS = "not Battery or RatedCapacity"


def voltage(asked: Asked) -> Quantity:
    return Quantity((asked.iri("NominalVoltage"),), 3.2, "V", 3.2, "V", "L²·M·T⁻³·I⁻¹", "/x", 1)


@pytest.mark.parametrize(
    "question",
    [
        "zinc electrodes, no complete cells please",
        "zinc electrode, not a whole cell",
        "zinc electrodes, not in a cell",
        "zinc electrodes by themselves",
        "zinc electrode alone",
    ],
)
def test_whole_cells_may_be_denied_whether_or_not_they_say_what_they_are(asked: Asked, question: str) -> None:
    bare, cell = a_record(asked, "foil", "ZincElectrode"), a_record(asked, "1", "ZincElectrode", "BatteryCell")
    unnamed = a_record(asked, "2", "ZincElectrode", quantities=(voltage(asked),))
    know(asked, bare, cell, unnamed)
    assert told(asked.parts(question)) == ["ZincElectrode", NO_CELLS]
    know(asked, cell, unnamed, a_record(asked, "foil", "ZincElectrode", rights=DENIED))
    assert told(asked.parts(question)) == ["ZincElectrode"]


@pytest.mark.parametrize("question", ["everything except cells", "records not about cells", "non-cell records", "no batteries"])
def test_what_is_no_cell_may_be_all_of_a_question(asked: Asked, question: str) -> None:
    know(asked, a_record(asked, "foil", "ZincElectrode"), a_record(asked, "1", "BatteryCell"))
    assert told(asked.parts(question)) == [NO_CELLS]


def test_tests_on_something_else_do_not_mention_it_either(asked: Asked) -> None:
    know(asked, a_record(asked, "1", "BatteryTest", maker="Kokam"), a_record(asked, "2", "BatteryTest", text="of a Kokam cell"))
    for question in ("tests on something other than Kokam", "tests not on Kokam cells"):
        denied = asked.parts(question)[-1]
        assert isinstance(denied, EntityPart), question
        assert denied.negated, question
        assert denied.mentioned == ("Kokam", "Kokam"), question


def test_cells_of_which_nothing_else_is_asked_but_what_they_are_not_are_cells(asked: Asked) -> None:
    know(asked, a_record(asked, "cell", "BatteryCell"), a_record(asked, "protocol", terms.PROCEDURE))
    assert told(asked.parts("cells without cobalt")) == ["Battery or RatedCapacity", "not Cobalt or what contains it"]
    assert told(asked.parts("without cobalt")) == ["not Cobalt or what contains it"]


def test_where_a_format_or_a_maker_is_denied_cells_go_first(asked: Asked) -> None:
    know(asked, a_record(asked, "1", LFP, "PrismaticBattery", maker="Kokam"), a_record(asked, "2", LFP))
    assert asked.query("LFP, not prismatic").first is not None
    assert asked.query("LFP, not from Kokam").first is not None
    assert asked.query("LFP, not graphite").first is None


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("cylindrical other than 18650, 21700 and 26650", ["CylindricalBattery", "not R18650", "not R21700", "not R26650"]),
        ("without LFP, NMC and LTO", [f"not {LFP}", f"not {NMC}", f"not {LTO}"]),
        ("any cathode but LFP", ["PositiveElectrode", f"not {LFP}"]),
        ("all LFP cells but prismatic", [LFP, "not PrismaticBattery"]),
        ("all LFP cells but with more than 2 Ah", [LFP, "> 2 Ah"]),
        ("cells without a stated cycle life", ["not CycleLife"]),
        ("non-alkaline electrolyte", ["not AlkalineElectrolyte", "Electrolyte"]),
        ("non-graphite anodes", ["not Graphite or what contains it as NegativeElectrode", "NegativeElectrode"]),
        ("coin cells, no lithium metal", ["CoinCell", "not Lithium"]),
        ("coin cells, no lithium", ["CoinCell", "not Lithium or what contains it"]),
        ("coin cells that state no cycle life", ["CoinCell", "not CycleLife"]),
        ("coin cells giving no cycle life", ["CoinCell", "not CycleLife"]),
        ("coin cells of something else than NMC", ["CoinCell", f"not {NMC}"]),
        ("coin cells, NMC excluded", ["CoinCell", f"not {NMC}"]),
        ("coin cells, LFP and NMC left out", ["CoinCell", f"not {LFP}", f"not {NMC}"]),
        ("coin cells, NMC not wanted", ["CoinCell", f"not {NMC}"]),
        ("LFP in place of NMC", [LFP, f"not {NMC}"]),
        ("LFP in lieu of NMC", [LFP, f"not {NMC}"]),
    ],
)
def test_what_a_negation_reaches(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_what_is_not_stated_is_denied_wherever_the_word_stands(asked: Asked) -> None:
    for question in ("cells with no cycle life stated", "cells without a stated cycle life"):
        assert told(asked.parts(question))[-1] == "not CycleLife", question


def test_another_temperature_than_denies_the_number(asked: Asked) -> None:
    (part,) = told(asked.parts("another temperature than 25 °C"))
    assert part.startswith("not ")
    assert part.endswith("= 25 °C (±0.5 %)")


def test_words_side_by_side_are_denied_together(asked: Asked) -> None:
    (part,) = told(asked.parts("without a constant voltage step"))
    assert part.startswith("not ")
    assert told(asked.parts("without lithium plating and prismatic"))[-1] == "PrismaticBattery"


def test_tests_that_are_not_something_are_tests(asked: Asked) -> None:
    eis = a_record(asked, "A123 EIS", terms.BATTERY_TEST, EIS)
    cycling = a_record(asked, "A123 cycling", terms.BATTERY_TEST)
    know(asked, eis, cycling, a_record(asked, "cell", "BatteryCell", maker="A123"))
    assert told(asked.parts("tests other than EIS"))[0] == "BatteryTest"
    assert [part.labels[0] for part in asked.parts("A123 tests without EIS") if isinstance(part, ConceptPart)] == [
        "BatteryTest",
        EIS,
    ]


def test_data_about_a_material_are_of_it_in_no_role(asked: Asked) -> None:
    know(asked, a_record(asked, "set", terms.BATTINFO_PARAMETER_SET, GRAPHITE), a_record(asked, "cell", "BatteryCell", GRAPHITE))
    for question in ("parameter sets for graphite anodes", "model parameters of graphite anodes", "parameterisation of graphite"):
        assert sorted(told(asked.parts(question))) == [GRAPHITE, "Parameter Set"], question


def test_a_quantity_may_be_told_in_the_words_of_a_parameter_set(asked: Asked) -> None:
    told_of = a_record(asked, "set", terms.BATTINFO_PARAMETER_SET, GRAPHITE, text="Diffusivity of lithium in graphite")
    know(asked, told_of, a_record(asked, "cell", "BatteryCell", GRAPHITE))
    assert any(
        isinstance(part, ConceptPart) and part.concepts == (terms.BATTINFO_PARAMETER_SET,)
        for part in asked.parts("graphite diffusivity in parameter sets")
    )


@pytest.mark.parametrize("question", ["GITT of an Acme LFP cell", "GITT of an LFP cell by Acme"])
def test_a_test_need_not_say_what_the_thing_that_it_names_is_made_of(asked: Asked, question: str) -> None:
    gitt = a_record(asked, "Acme X1 GITT", terms.BATTERY_TEST, "GalvanostaticIntermittentTitrationTechnique")
    cell = a_record(asked, "X1", "BatteryCell", LFP, maker="Acme")
    know(asked, gitt, cell)
    assert "GalvanostaticIntermittentTitrationTechnique" in told(asked.parts(question))
    assert LFP not in told(asked.parts(question))
    know(asked, gitt, a_record(asked, "X1", "BatteryCell", NMC, maker="Acme"))  # whoever makes no LFP has no test of it
    assert LFP in told(asked.parts(question))


@pytest.mark.parametrize("question", ["Chen 2020 graphite", "graphite, Chen2020", "graphite (Chen et al., 2020)"])
def test_a_paper_is_cited_with_or_without_et_al(asked: Asked, question: str) -> None:
    know(asked, a_record(asked, "Chen2020 - graphite", GRAPHITE), a_record(asked, "Chen 2020 - graphite", GRAPHITE))
    assert asked.known is not None
    assert list(asked.known.count([asked.query(question)])) == [2]


def test_a_maker_and_a_year_cite_nobody(asked: Asked) -> None:
    know(asked, a_record(asked, "Saft 2020", maker="Saft"))
    assert told(asked.parts("Saft 2020"))[0] == "manufacturer Saft"


def test_examples_are_alternatives(asked: Asked) -> None:
    assert told(asked.parts("cells with LFP and NMC")) == [LFP, NMC]
    (part,) = asked.parts("cells such as LFP and NMC")
    assert isinstance(part, ConceptPart)
    assert {LFP, NMC} <= set(part.labels)
    assert len(asked.parts("chemistries such as LFP, NMC and LTO")) == 1


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "lithium-ion cell, EC/EMC electrolyte",
            ["LithiumIonBattery", "EthyleneCarbonate as Electrolyte", "EthylMethylCarbonate as Electrolyte"],
        ),
        ("positive: LCO; negative: graphite", ["LithiumCobaltOxide as PositiveElectrode", "Graphite as NegativeElectrode"]),
        ("zinc metal negative electrode", ["Zinc as NegativeElectrode"]),
        ("NMP as solvent for the slurry", ["NMethyl2Pyrrolidone as Solvent"]),
        ("conductive carbon black in the cathode", ["CarbonBlack as PositiveElectrode"]),
        ("LiPF6 and conductivity above 8 mS/cm", ["LithiumHexafluorophosphate", "ElectricConductivity > 8 mS/cm"]),
        ("charge and discharge current above 10 A", ["DischargingCurrent > 10 A"]),
    ],
)
def test_what_stands_beside_a_substance(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_a_formula_after_a_maker_is_no_end_of_a_model(asked: Asked) -> None:
    know(
        asked, a_record(asked, "1", LFP, maker="Acme", model="280Ah LiFePO4"), a_record(asked, "2", LFP, maker="Acme", model="MJ1")
    )
    assert told(asked.parts("Acme LiFePO4")) == ["manufacturer Acme", LFP]
    assert told(asked.parts("Acme MJ1")) == ["manufacturer Acme", "model MJ1"]


def test_a_title_has_one_of_what_is_asked_for_in_the_plural(asked: Asked) -> None:
    assert "zinc electrode" in asked.concept("zinc electrodes").words
    assert "pouch cell" not in asked.concept("pouch cells").words


def test_a_thing_that_nothing_is_may_have_another_of_its_names_in_a_title(asked: Asked) -> None:
    know(asked, a_record(asked, "Acme Li-Polymer 45", "BatteryCell"), a_record(asked, "other", "BatteryCell", text="Li-Polymer"))
    assert asked.known is not None
    assert list(asked.known.count([asked.query("lithium polymer")])) == [1]
