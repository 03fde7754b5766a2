"""Formulae, everyday names, two electrodes opposite to each other, and parts or materials by themselves."""

from __future__ import annotations

import pytest

from ontology import terms
from records.record import ConceptUse, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, EitherPart, QuantityPart
from tests.unit.search.asked import Asked, know, told

NMC, LFP, NCA = "LithiumNickelManganeseCobaltOxide", "LithiumIronPhosphate", "LithiumNickelCobaltAluminiumOxide"
OPEN, SECRET = Rights(PUBLIC, PUBLIC), Rights(PUBLIC, frozenset({"bma/community:team"}))


def a_record(asked: Asked, name: str, *uses: ConceptUse | str, rights: Rights = OPEN) -> Record:
    concepts = tuple(ConceptUse(asked.iri(one), (), "/x", 1) if isinstance(one, str) else one for one in uses)
    return Record(f"a/{name}", f"urn:{name}", name, "a", name, "", rights, concepts=concepts)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Li[Ni0.8Mn0.1Co0.1]O2", [f"{NMC}811"]),
        ("Li(Ni0.6Co0.2Mn0.2)O2 cathode", [f"{NMC}622 as PositiveElectrode"]),
        ("Li[Ni1/3Mn1/3Co1/3]O2", [f"{NMC}111"]),
        ("LiN(SO2F)2 as salt", ["LithiumBisfluorosulfonylimide as Solute"]),
        ("C4H8O3", ["EthylMethylCarbonate"]),
        ("NMC 8:1:1", [f"{NMC}811"]),
        ("nickel manganese cobalt oxide 6:2:2", [f"{NMC}622"]),
        ("nickel cobalt manganese 8-1-1 cathode powder", [f"{NMC}811"]),
        ("Zn(s)|KOH(aq)|MnO2", ["Zinc", "PotassiumHydroxide", "ManganeseDioxide"]),
    ],
)
def test_a_substance_by_its_formula(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_three_numbers_that_are_no_share_of_ten_stay_what_they_are(asked: Asked) -> None:
    assert told(asked.parts("NMC 9:1:1")) == [NMC]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("electrolytes based on caustic potash", ["PotassiumHydroxide as Electrolyte"]),
        ("oil of vitriol", ["SulfuricAcid"]),
        ("sal ammoniac", ["AmmoniumChloride"]),
        ("braunstein cathode", ["ManganeseDioxide as PositiveElectrode"]),
        ("water-based electrolytes", ["AqueousElectrolyte"]),
        ("aqueous KOH", ["AqueousElectrolyte", "PotassiumHydroxide"]),
        ("non-aqueous", ["NonAqueousElectrolyte"]),
    ],
)
def test_everyday_names(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize(
    "question",
    [
        "NCA against graphite",
        "NCA paired with graphite",
        "NCA vs. graphite",
        "NCA versus graphite",
        "NCA // graphite",
        "NCA|graphite",
    ],
)
def test_two_electrodes_opposite_to_each_other_are_both_there(asked: Asked, question: str) -> None:
    assert told(asked.parts(question)) == [NCA, "Graphite"]


@pytest.mark.parametrize("question", ["LFP vs NMC", "graphite versus silicon"])
def test_materials_of_one_side_are_alternatives(asked: Asked, question: str) -> None:
    assert len(asked.parts(question)) == 1


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("cells where metallic lithium is the anode", ["Lithium as NegativeElectrode"]),
        ("dimethyl carbonate electrolyte mixtures", ["DimethylCarbonate as Electrolyte"]),
        ("electrolytes that are mixtures of EC", ["EthyleneCarbonate as Electrolyte"]),
        ("LiFSI in a solvent blend of EC", ["LithiumBisfluorosulfonylimide", "EthyleneCarbonate as Solvent"]),
        ("copper on the negative side as current collector", ["Copper as CurrentCollector", "Copper as NegativeElectrode"]),
        ("copper on the negative side to collect the current", ["Copper as CurrentCollector", "Copper as NegativeElectrode"]),
        ("cathode coated on aluminium", ["PositiveElectrode", "Aluminium as CurrentCollector"]),
        ("titanium foil substrate", ["Titanium as Substrate"]),
        ("NMP as coating solvent", ["NMethyl2Pyrrolidone as Solvent"]),
        ("polypropylene as the seal material", ["Polypropylene", "Seal"]),
        (
            "cathode of LCO against an anode of graphite",
            ["LithiumCobaltOxide as PositiveElectrode", "Graphite as NegativeElectrode"],
        ),
        ("NMC622 vs. Li metal", [f"{NMC}622", "Lithium"]),
        ("specific capacity vs Li metal", ["SpecificCapacity", "Lithium as CounterElectrode"]),
        ("rated capacity at 0.1C vs. Li/Li+", ["RatedCapacity at = 0.1 C (±0.5 %)", "Lithium as CounterElectrode"]),
        ("LiSOCl2: thionyl chloride cathode", ["LithiumThionylChlorideBattery", "ThionylChlorideElectrode as PositiveElectrode"]),
    ],
)
def test_words_around_roles(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_a_kind_of_matter_by_itself_is_one(asked: Asked) -> None:
    assert told(asked.parts("mixtures")) == ["Mixture"]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "NMC cathode, anode not graphite",
            [f"{NMC} as PositiveElectrode", "not Graphite or what contains it as NegativeElectrode"],
        ),
        ("binder other than PVDF", ["Binder", "not PolyvinylideneFluoride as Binder"]),
        ("electrolytes without EC", ["Electrolyte", "not EthyleneCarbonate"]),
        ("electrode, not a cathode", ["Electrode", "not PositiveElectrode"]),
        ("electrolytes that are not aqueous", ["Electrolyte", "not AqueousElectrolyte"]),
        ("anyone but Kokam", ["not “Kokam”"]),
        ("no round cells", ["not CylindricalBattery", "not Diameter"]),
        ("no cylindrical cells", ["not CylindricalBattery"]),
    ],
)
def test_what_a_negation_denies(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_compounds_of_fluorine_have_other_words_for_it(asked: Asked) -> None:
    part = asked.concept("fluorine-free")
    assert {asked.iri("LithiumHexafluorophosphate"), asked.iri("PolyvinylideneFluoride")} <= part.expanded
    assert asked.iri("LithiumPerchlorate") not in part.expanded


def test_a_word_that_sounds_like_a_name_is_that_name(asked: Asked) -> None:
    know(asked, a_record(asked, "zinc", "ZincElectrode"))
    assert told(asked.parts("zync electrode")) == ["ZincElectrode"]


def test_cathode_materials_are_the_substances_that_stand_in_positive_electrodes(asked: Asked) -> None:
    part = asked.concept("cathode materials")
    assert {asked.iri(LFP), asked.iri(f"{NMC}811"), asked.iri("LithiumNickelManganeseOxide")} <= part.expanded
    assert part.expanded.isdisjoint(
        {asked.iri("Graphite"), asked.iri("LithiumTitanate"), asked.iri("LithiumIronPhosphateElectrode")}
    )


def test_materials_and_parts_that_lack_something_are_no_cells_where_there_are_some_by_themselves(asked: Asked) -> None:
    inside = ConceptUse(asked.iri(LFP), ("urn:p",), "/x", 1, (terms.POSITIVE_ELECTRODE, terms.ACTIVE_MATERIAL))
    cell = a_record(asked, "cell", "PouchCell", inside, "AqueousElectrolyte")
    know(asked, cell)
    assert told(asked.parts("cathode materials")) == told((asked.concept("cathode materials"),))
    assert told(asked.parts("electrolytes without EC")) == ["Electrolyte", "not EthyleneCarbonate"]
    know(asked, cell, a_record(asked, "lfp", LFP), a_record(asked, "koh", "AqueousElectrolyte"))
    for question in ("cathode materials", "electrolytes without EC", "electrolytes other than LiPF6"):
        alone = asked.parts(question)[-1]
        assert isinstance(alone, EitherPart)
        assert alone.negated
        (whole,), (rated,) = alone.ways  # not all sources say what their records are
        assert isinstance(whole, ConceptPart)
        assert whole.labels[0] == "BatteryCell"
        assert isinstance(rated, QuantityPart)
    assert told(asked.parts("electrolytes")) == ["Electrolyte"]


def test_what_nobody_may_read_leaves_cells_in(asked: Asked) -> None:
    know(
        asked,
        a_record(asked, "cell", "PouchCell", "AqueousElectrolyte"),
        a_record(asked, "koh", "AqueousElectrolyte", rights=SECRET),
    )
    assert told(asked.parts("electrolytes without EC")) == ["Electrolyte", "not EthyleneCarbonate"]
