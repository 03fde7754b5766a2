"""Concepts in questions: in their roles, negated, as alternatives, and of several meanings."""

from __future__ import annotations

import pytest

from ontology.terms import NEGATIVE_ELECTRODE, POSITIVE_ELECTRODE
from records.record import ConceptUse, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, Facet, TextPart, ValuePart
from search.service import Readable
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex

NMC, LFP, NCA = "LithiumNickelManganeseCobaltOxide", "LithiumIronPhosphate", "LithiumNickelCobaltAluminiumOxide"

CATHODE = "ChemicalSubstance as PositiveElectrode"


@pytest.fixture
def asked(ontologies: Asked) -> Asked:
    ontologies.known = None
    return ontologies


@pytest.fixture(scope="module")
def ontologies() -> Asked:
    return Asked()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("NMC cathode", [f"{NMC} as PositiveElectrode"]),
        ("NMC cathodes", [f"{NMC} as PositiveElectrode"]),
        ("NMC-based cathode", [f"{NMC} as PositiveElectrode"]),
        ("NMC positive electrode", [f"{NMC} as PositiveElectrode"]),
        ("NCA as the positive electrode", [f"{NCA} as PositiveElectrode"]),
        ("cathode: LFP", [f"{LFP} as PositiveElectrode"]),
        ("cathode made of LFP", [f"{LFP} as PositiveElectrode"]),
        ("cathode material LFP", [f"{LFP} as PositiveElectrode"]),
        ("cathod NMC", [f"{NMC} as PositiveElectrode"]),
        ("NMC Kathode", [f"{NMC} as PositiveElectrode"]),
        ("graphite anode", ["Graphite as NegativeElectrode"]),
        ("cells with an LTO negative electrode", ["LithiumTitanate as NegativeElectrode"]),
        ("silicon additive", ["Silicon as Additive"]),
        ("PVDF binder", ["PolyvinylideneFluoride as Binder"]),
        ("zinc powder as the anode", ["Zinc as NegativeElectrode"]),
        ("zinc foil or zinc powder as the negative", ["Zinc as NegativeElectrode"]),
        ("conductive carbon black in the cathode", ["CarbonBlack as PositiveElectrode"]),
        ("silicon as binder or additive", ["Silicon as Binder or Silicon as Additive"]),
        ("lithium as counter or reference electrode", ["Lithium as CounterElectrode or Lithium as ReferenceElectrode"]),
        ("nickel-rich NMC811", [f"{NMC}811"]),
        ("NMC811 oxide", [f"{NMC}811"]),
        ("two separators", ["Separator"]),
        ("two wires", ["“two”", "“wires”"]),
        ("Li-(CF)x", ["Lithium", "CarbonMonofluoride"]),
        ("conductive additive: carbon black", ["CarbonBlack as ConductiveAdditive"]),
        ("copper current collector", ["Copper as CurrentCollector"]),
        ("stainless steel case", ["StainlessSteel as Case"]),
        ("NMC622 cathode with graphite anode", [f"{NMC}622 as PositiveElectrode", "Graphite as NegativeElectrode"]),
        ("cathode is NMC and anode is graphite", [f"{NMC} as PositiveElectrode", "Graphite as NegativeElectrode"]),
        ("NMC as cathode and LTO as anode", [f"{NMC} as PositiveElectrode", "LithiumTitanate as NegativeElectrode"]),
        (
            "LiPF6 in EC:EMC",
            ["LithiumHexafluorophosphate as Solute", "EthyleneCarbonate as Solvent", "EthylMethylCarbonate as Solvent"],
        ),
        ("electrolyte conductivity", ["ElectricConductivity as Electrolyte"]),
        ("LP30 electrolyte", ["LP30"]),
        ("cathode", ["PositiveElectrode"]),
        ("binder", ["Binder"]),
        ("aluminium foil on the cathode side", ["Aluminium as CurrentCollector", "Aluminium as PositiveElectrode"]),
        ("copper foil current collector", ["Copper as CurrentCollector"]),
        ("copper foil anode current collector", ["Copper as CurrentCollector", "Copper as NegativeElectrode"]),
        ("copper anode current collector", ["Copper as CurrentCollector", "Copper as NegativeElectrode"]),
        ("graphite anode current collector", ["Graphite as NegativeElectrode", "CurrentCollector"]),
        ("PVDF-bound graphite anodes", ["PolyvinylideneFluoride as Binder", "Graphite as NegativeElectrode"]),
        ("silicon-graphite composite anode", ["SiliconGraphiteElectrode as NegativeElectrode"]),
        ("air cathode", ["OxygenElectrode"]),
        ("PVDF binder in the anode", ["PolyvinylideneFluoride as Binder", "PolyvinylideneFluoride as NegativeElectrode"]),
        ("cathode binder PVDF", ["PolyvinylideneFluoride as PositiveElectrode", "PolyvinylideneFluoride as Binder"]),
        ("current collector of the positive electrode", ["CurrentCollector as PositiveElectrode"]),
        ("cathode current collector", ["CurrentCollector as PositiveElectrode"]),
        ("Ni-rich cathode", ["LithiumNickelManganeseCobaltOxide811 as PositiveElectrode"]),
        ("high nickel NMC", ["LithiumNickelManganeseCobaltOxide811"]),
        ("lithium foil anode", ["Lithium as NegativeElectrode"]),
        ("battery separators", ["Separator"]),
        ("cell housings", ["Case"]),
        ("graphite anode separator", ["Graphite as NegativeElectrode", "Separator"]),
        ("LiFSI in carbonate solvents", ["LithiumBisfluorosulfonylimide as Solute", "EthyleneCarbonate as Solvent"]),
    ],
)
def test_a_concept_stands_in_the_role_that_the_words_give_it(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_the_cathode_is_the_positive_electrode_and_a_title_has_no_role(asked: Asked) -> None:
    part = asked.concept("NMC cathode")
    assert (part.role, part.role_label, part.words) == (POSITIVE_ELECTRODE, "PositiveElectrode", ())
    assert POSITIVE_ELECTRODE in part.roles
    assert NEGATIVE_ELECTRODE not in part.roles


def test_nmc_includes_its_ratios_and_a_ratio_is_not_all_nmc(asked: Asked) -> None:
    assert asked.iri("NMC811") in asked.concept("NMC").expanded
    assert asked.concept("NMC811").expanded == {asked.iri("LithiumNickelManganeseCobaltOxide811")}


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("not pouch", ["not PouchCell"]),
        ("non-LFP cells", [f"not {LFP}"]),
        ("no graphite", ["not Graphite or what contains it"]),
        ("excluding LFP", [f"not {LFP}"]),
        ("prismatic but not LFP", ["PrismaticBattery", f"not {LFP}"]),
        ("cells that are not cylindrical", ["not CylindricalBattery"]),
        ("neither pouch nor prismatic", ["not PouchCell", "not PrismaticBattery"]),
        ("not cylindrical or pouch", ["not CylindricalBattery", "not PouchCell"]),
        ("without nickel and cobalt", ["not Nickel or what contains it", "not Cobalt or what contains it"]),
        ("without nickel and with LFP", ["not Nickel or what contains it", LFP]),
        ("cobalt-free LFP", ["not Cobalt or what contains it", LFP]),
        ("Co-free cathode", ["not Cobalt or what contains it", CATHODE]),
        ("cathode free of both nickel and cobalt", [CATHODE, "not Nickel or what contains it", "not Cobalt or what contains it"]),
        ("cathodes that are not NMC", ["PositiveElectrode", f"not {NMC} as PositiveElectrode"]),
        ("prismatic, cathode is not given", ["PrismaticBattery", "not ChemicalSubstance as PositiveElectrode"]),
        ("the cathode isn't stated", ["not ChemicalSubstance as PositiveElectrode"]),
        ("prismatic, of undisclosed anode", ["PrismaticBattery", "not ChemicalSubstance as NegativeElectrode"]),
        ("excluding cells above 100 Ah", ["not > 100 Ah"]),
        ("not heavier than 50 g", ["Mass ≤ 50 g"]),
        ("no less than 3 Ah", ["≥ 3 Ah"]),
        ("non-rechargeable cells", ["PrimaryBattery"]),
        ("non-aqueous electrolyte", ["NonAqueousElectrolyte"]),
        ("not the 18650s", ["not R18650"]),
        ("without warranty", ["not “warranty”"]),
    ],
)
def test_negation(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize("question", ["without cobalt", "cobalt-free", "cells containing cobalt", "cobalt-containing"])
def test_what_has_an_element_in_its_name_contains_it(asked: Asked, question: str) -> None:
    part = asked.concept(question)
    assert {asked.iri(NMC), asked.iri(NCA), asked.iri("LithiumCobaltOxideElectrode")} <= part.expanded
    assert asked.iri(LFP) not in part.expanded
    assert part.words == ()


def test_an_element_alone_is_itself(asked: Asked) -> None:
    assert asked.concept("cobalt").expanded == {asked.iri("Cobalt")}


def test_alternatives_are_one_part(asked: Asked) -> None:
    part = asked.concept("NMC or NCA cells")
    assert {asked.iri(NMC), asked.iri(NCA)} <= set(part.concepts)
    assert part.words == ("NMC", "NCA")
    part = asked.concept("LFP, NMC or NCA cathode")
    assert {asked.iri(LFP), asked.iri(NMC), asked.iri(NCA)} <= part.expanded
    assert part.role == POSITIVE_ELECTRODE


def a_record(asked: Asked, name: str, *labels: str) -> Record:
    uses = tuple(ConceptUse(asked.iri(label), (), f"/{number}", 1) for number, label in enumerate(labels))
    return Record(f"a/{name}", f"urn:{name}", name, "a", name, "", Rights(PUBLIC, PUBLIC), uses)


def test_of_several_meanings_the_best_supported_one_is_taken(asked: Asked) -> None:
    index = PlainIndex(asked.concepts.ancestors)
    index.apply([a_record(asked, "one", "ThermalConductivity"), a_record(asked, "two", "ThermalConductivity", "IonicConductivity")])
    asked.known = Readable(index, PUBLIC)
    part = asked.concept("conductivity")
    assert part.labels == ("ThermalConductivity",)
    counts = {sense.label: sense.count for sense in part.senses}
    assert (part.senses[0].label, counts["ThermalConductivity"], counts["IonicConductivity"]) == ("ThermalConductivity", 2, 1)
    assert counts["ElectricConductivity"] == 1


def test_without_records_a_word_means_what_it_is_called(asked: Asked) -> None:
    part = asked.concept("conductivity")
    assert part.labels == ("ElectricConductivity",)
    assert part.senses == ()


def test_a_unit_is_no_concept_to_look_for(asked: Asked) -> None:
    assert asked.parts("Tesla") == (TextPart("Tesla"),)


@pytest.mark.parametrize(
    "question", ["rechargeable cells", "single-use battery", "Si/C anode", "18650", "21700", "CR2032", "pouch"]
)
def test_everyday_names_are_known(asked: Asked, question: str) -> None:
    assert isinstance(asked.concept(question), ConceptPart)


def test_the_beginning_of_a_long_name_is_enough(asked: Asked) -> None:
    assert told(asked.parts("galvanostatic intermittent titration")) == ["GalvanostaticIntermittentTitrationTechnique"]


def test_what_is_said_outright_is_a_value(asked: Asked) -> None:
    assert asked.parts("LFP source:cellinfo")[1] == ValuePart("source:cellinfo", Facet.SOURCE, "cellinfo")


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("LiNi0.8Co0.1Mn0.1O2", f"{NMC}811"),
        ("LiNi0.6Co0.2Mn0.2O2 cathode", f"{NMC}622"),
        ("LiNi0.7Mn0.15Co0.15O2", NMC),
        ("zinc air cells", "ZincAirBattery"),
        ("alkaline zinc manganese dioxide cell", "AlkalineZincManganeseDioxideBattery"),
        ("LNMO high-voltage spinel", "LithiumNickelManganeseOxide"),
        ("quasi-OCV measurement", "PseudoOpenCircuitVoltageMethod"),
        ("calendar aging", "StorageTest"),
        ("calendar ageing", "StorageTest"),
        ("intermittent current interruption", "ICI"),
        ("soft-pack cells", "PouchCell"),
        ("square shape", "PrismaticBattery"),
    ],
)
def test_substances_families_and_tests_in_other_words(asked: Asked, question: str, label: str) -> None:
    assert asked.concept(question).labels[0] == label


def test_a_family_is_all_that_belongs_to_it(asked: Asked) -> None:
    olivine = asked.concept("olivine cathodes")
    assert {asked.iri(LFP), asked.iri("LithiumManganeseIronPhosphate")} <= olivine.expanded
    assert {asked.iri(NMC), asked.iri(NCA), asked.iri("LithiumCobaltOxide")} <= asked.concept("layered oxides").expanded


def test_a_code_within_a_name_is_no_other_word_for_it(asked: Asked) -> None:
    assert asked.concept("nickel-rich NMC").words == ("nickel-rich NMC",)
    assert asked.concept("NMC cells").words == ("NMC",)


def test_a_size_with_its_letters_is_found_in_titles_that_write_them_apart(asked: Asked) -> None:
    assert asked.concept("INR21700").words == ("INR21700", "INR 21700")
