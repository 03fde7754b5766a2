"""What names, roles and kinds of record mean where records say it otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ontology import terms
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record, Said
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, EitherPart, EntityPart, OrderBy, QuantityPart, TextPart
from tests.unit.search.asked import Asked, know, told

OPEN, SECRET = Rights(PUBLIC, PUBLIC), Rights(PUBLIC, frozenset({"bma/community:team"}))


def a_record(
    name: str,
    concepts: tuple[ConceptUse, ...] = (),
    *,
    text: str = "",
    maker: str = "",
    supplier: str = "",
    quantities: tuple[Quantity, ...] = (),
    rights: Rights = OPEN,
) -> Record:
    named = ((EntityKind.MANUFACTURER, maker), (EntityKind.SUPPLIER, supplier))
    entities = tuple(Entity(kind, one, "", "/x", 1) for kind, one in named if one)
    return Record(
        f"a/{name}",
        f"urn:{name}",
        name,
        "a",
        name,
        "",
        rights,
        concepts=concepts,
        quantities=quantities,
        text=text,
        entities=entities,
    )


def a_use(asked: Asked, label: str, *within: str) -> ConceptUse:
    return ConceptUse(asked.iri(label), tuple(within), "/x", 1, within)


@pytest.mark.parametrize(
    ("question", "electrode"),
    [
        ("oxygen as the positive electrode", "OxygenElectrode"),
        ("thionyl chloride on the cathode side", "ThionylChlorideElectrode"),
        ("Pt counter electrode", "PlatinumElectrode"),
    ],
)
def test_a_substance_as_an_electrode_is_also_the_electrode_of_that_name(asked: Asked, question: str, electrode: str) -> None:
    assert asked.iri(electrode) in asked.concept(question).expanded


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("potassium chloride as supporting electrolyte", ["PotassiumChloride as Electrolyte"]),
        ("vinylene carbonate as film-forming additive", ["VinyleneCarbonate as Additive"]),
        ("PVDF binder system", ["PolyvinylideneFluoride as Binder"]),
        ("anode made of metallic zinc", ["Zinc as NegativeElectrode"]),
        ("glassy carbon working electrode", ["GlassyCarbonElectrode as WorkingElectrode"]),
        ("NMC622 cathode material", ["LithiumNickelManganeseCobaltOxide622"]),
        ("manganese in the cathode", ["Manganese or what contains it as PositiveElectrode"]),
        ("Ag/AgCl", ["SilverChlorideElectrode"]),
        ("sulfuric acit", ["SulfuricAcid"]),
        ("cells free of nickel", ["not Nickel or what contains it"]),
        ("large cylindrical cells", ["CylindricalBattery"]),
    ],
)
def test_words_for_roles_and_materials(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_a_size_before_an_amount_is_no_amount(asked: Asked) -> None:
    size, amount = asked.parts("18650, 2.5 Ah to 3 Ah")
    assert isinstance(size, ConceptPart)
    assert told((amount,)) == ["2.5–3 Ah"]


def test_a_model_has_the_ratio_of_an_oxide_alone(asked: Asked) -> None:
    assert set(asked.concept("nmc811").words) == {"nmc811", "ncm811", "811"}


def test_an_electrolyte_additive_is_also_an_additive_and_an_additive_need_not_be_one(asked: Asked) -> None:
    additive = asked.concept("electrolyte additives")
    assert asked.iri("Additive") in additive.expanded
    assert asked.iri("ConductiveAdditive") not in additive.expanded


def test_a_round_size_without_a_class_is_looked_for_by_its_number(asked: Asked) -> None:
    assert told(asked.parts("size R66160")) == ["“66160”"]


def test_the_loading_with_active_mass_is_a_mass_loading_too(asked: Asked) -> None:
    (loading,) = asked.parts("active mass loading of 20 mg/cm² or above")
    assert isinstance(loading, QuantityPart)
    assert loading.kinds >= {asked.iri("ActiveMassLoading"), asked.iri("MassLoading")}


def test_a_coating_may_be_told_in_a_title(asked: Asked) -> None:
    oxide = a_use(asked, "LithiumNickelManganeseCobaltOxide811")
    know(asked, a_record("Al2O3-coated NMC811", (oxide,)), a_record("2", (oxide,), text="with Al2O3"))
    coating, _ = asked.parts("Al2O3 coating on NMC811")
    assert isinstance(coating, EitherPart)
    told_so = coating.ways[-1][0]
    assert isinstance(told_so, TextPart)
    assert {told_so.text, *told_so.forms} >= {"Al2O3 coated", "Al2O3 coating"}
    know(asked, a_record("2", (oxide,), text="with Al2O3"))
    assert told(asked.parts("Al2O3 coating on NMC811"))[0] == "AluminiumOxide as Coating"


def test_what_a_substance_is_for_need_not_be_told_where_nothing_tells_it(asked: Asked) -> None:
    know(asked, a_record("1", (a_use(asked, "PolyvinylideneFluoride"),)))
    assert told(asked.parts("PVDF binder")) == ["PolyvinylideneFluoride as Binder or PolyvinylideneFluoride"]
    know(asked, a_record("1", (a_use(asked, "PolyvinylideneFluoride", asked.iri("Binder")),)))
    assert told(asked.parts("PVDF binder")) == ["PolyvinylideneFluoride as Binder"]


def test_a_solute_may_stand_anywhere_in_the_electrolyte(asked: Asked) -> None:
    assert asked.iri("Electrolyte") in asked.concept("H2SO4 as solute").roles
    assert asked.iri("Electrolyte") not in asked.concept("DMC as solvent").roles


def test_names_with_or_between_them_that_nothing_is_known_of_are_alternatives(asked: Asked) -> None:
    know(asked, a_record("1", (), text="BattMo"), a_record("2", (), text="PyBaMM"))
    assert told(asked.parts("BattMo or PyBaMM")) == ["“BattMo” or “PyBaMM”"]


def test_names_of_several_words_with_or_between_them_are_alternatives(asked: Asked) -> None:
    know(asked, a_record("1", (), text="an equivalent circuit model"), a_record("2", (), text="with particle swarm optimisation"))
    assert told(asked.parts("support vector machine or particle swarm")) == ["“support vector machine” or “particle swarm”"]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("neutron or x-ray tomography", ["“neutron tomography” or “x-ray tomography”"]),
        ("internal or external short circuit", ["“internal short circuit” or “external short circuit”"]),
    ],
)
def test_what_alternatives_share_is_said_of_both(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_a_method_stands_in_no_role(asked: Asked) -> None:
    assert told(asked.parts("cathode calorimetry")) == ["PositiveElectrode", "Calorimetry"]
    assert asked.concept("NMC cathode").role_label == "PositiveElectrode"


def test_that_something_is_described_says_nothing(asked: Asked) -> None:
    assert told(asked.parts("descriptions of pouch cells")) == told(asked.parts("pouch cells"))


def test_titles_have_a_name_without_the_word_for_cells(asked: Asked) -> None:
    assert asked.concept("alkaline batteries").words == ("alkaline",)
    assert asked.concept("pouch cells").words == ("pouch cells",)


def test_a_solution_is_what_is_dissolved_in_it(asked: Asked) -> None:
    assert asked.iri("PotassiumHydroxide") in asked.concept("KOH solution").expanded


def test_makers_that_differ_by_a_letter_are_spellings_of_one(asked: Asked) -> None:
    know(
        asked,
        a_record("1", maker="YINLONG"),
        a_record("2", maker="Yinglong"),
        a_record("3", maker="LG"),
        a_record("4", maker="LGE"),
    )
    (part,) = asked.parts("not made by Yinlong")
    assert isinstance(part, EntityPart)
    assert set(part.names) == {"yinlong", "yinglong"}
    (short,) = asked.parts("made by LGE")
    assert isinstance(short, EntityPart)
    assert short.names == ("lge",)


def test_a_spelling_that_only_forbidden_records_have_is_not_told(asked: Asked) -> None:
    know(asked, a_record("1", maker="YINLONG"), a_record("2", maker="Yinglong", rights=SECRET))
    (part,) = asked.parts("made by Yinlong")
    assert isinstance(part, EntityPart)
    assert part.names == ("yinlong",)


def test_a_country_is_looked_for_as_records_write_it(asked: Asked) -> None:
    here = Said("country", "countryOfOrigin", "United States", "/countryOfOrigin", 1)
    know(asked, replace(a_record("1"), said=(here,)), a_record("2", text="a paper about cells from China"))
    assert told(asked.parts("made in the USA")) == ["country United States"]
    assert told(asked.parts("cells from the United States")) == ["country United States"]
    assert told(asked.parts("cells from China")) == ["“China”"]


def test_models_that_are_called_by_their_size_are_alternatives_to_sizes(asked: Asked) -> None:
    index_of = Entity(EntityKind.MODEL, "LIR2032", "", "/x", 1)
    know(asked, Record("a/1", "urn:1", "one", "a", "1", "", OPEN, entities=(index_of,)))
    assert told(asked.parts("CR2032 and LIR2032")) == ["CR2032 or model LIR2032"]


def test_parameter_sets_are_no_other_data_sets(asked: Asked) -> None:
    sets = ConceptUse(terms.BATTINFO_PARAMETER_SET, (), "", 1)
    know(asked, a_record("1", (sets,)), a_record("2", (ConceptUse(terms.DATASET, (), "", 1),)))
    assert asked.concept("parameter sets").expanded == {terms.BATTINFO_PARAMETER_SET}


def test_the_anode_of_an_electrolytic_cell_is_its_positive_electrode(asked: Asked) -> None:
    oxide = a_use(asked, "IridiumIIIOxide", terms.POSITIVE_ELECTRODE)
    know(asked, a_record("1", (oxide, a_use(asked, "ElectrolyticCell"))))
    (said,) = told(asked.parts("iridium oxide anode"))
    assert said.endswith("as PositiveElectrode & ElectrolyticCell")
    know(asked, a_record("1", (oxide,)))
    assert told(asked.parts("iridium oxide anode")) == ["IridiumDioxide as NegativeElectrode"]


def test_an_electrode_of_a_cell_may_be_told_in_a_title(asked: Asked) -> None:
    titration = a_use(asked, "GalvanostaticIntermittentTitrationTechnique")
    know(asked, a_record("MJ1-anode GITT", (titration,)), a_record("MJ1 GITT", (titration,)))
    query = asked.query("GITT on the MJ1 negative electrode")
    assert asked.known is not None
    assert asked.known.count((query,)) == (1,)
    assert "INR18650MJ1" in told(query.parts)[1]
    know(asked, a_record("MJ1 GITT", (titration,)))
    assert told(asked.parts("GITT on the MJ1 anode"))[1] == "INR18650MJ1 as NegativeElectrode"


def test_lithium_salts_are_those_of_electrolytes(asked: Asked) -> None:
    assert asked.iri("LithiumHexafluorophosphate") in asked.concept("lithium salts").concepts


def test_what_a_supplier_delivers_may_be_told_in_the_text(asked: Asked) -> None:
    know(asked, a_record("1", supplier="Chemours", text="Nafion D502CS"))
    part = next(part for part in asked.parts("Nafion from Chemours") if isinstance(part, ConceptPart))
    assert part.reads_text


def test_a_word_that_no_text_has_names_the_concept_that_begins_with_it(asked: Asked) -> None:
    know(asked, a_record("1", (a_use(asked, "IonomerCompound"),)))
    assert told(asked.parts("Ionomer")) == ["IonomerCompound"]
    know(asked, a_record("1", (a_use(asked, "IonomerCompound"),)), a_record("2", text="an ionomer"))
    assert told(asked.parts("Ionomer")) == ["“Ionomer”"]


def test_housings_are_no_cells_where_there_are_housings_by_themselves(asked: Asked) -> None:
    case, cell = a_use(asked, "CylindricalCase", terms.CASE), a_use(asked, "BatteryCell")
    know(asked, a_record("1", (case,)), a_record("2", (case, cell)))
    assert told(asked.parts("cell housings")) == ["Case", "not Battery or RatedCapacity"]
    assert "not Battery or RatedCapacity" not in told(asked.parts("cells with a housing"))
    assert told(asked.parts("housing of a cylindrical cell"))[1:] == ["not Battery or RatedCapacity"]
    know(asked, a_record("2", (case, cell)))
    assert told(asked.parts("cell housings")) == ["Case"]


def test_the_newest_cells_are_those_that_came_last_on_the_market(asked: Asked) -> None:
    cell = replace(a_record("1", (a_use(asked, "BatteryCell"),)), date="2024")
    know(asked, cell)
    assert [one.by for one in (asked.query("newest cells").order,) if one] == [OrderBy.DATE]
    know(asked, replace(cell, released="2019"))
    assert [one.by for one in (asked.query("newest cells").order,) if one] == [OrderBy.RELEASED]
    assert [one.by for one in (asked.query("newest cell specifications").order,) if one] == [OrderBy.DATE]


def test_a_source_is_named_in_any_case_and_its_cells_are_cells(asked: Asked) -> None:
    know(asked, replace(a_record("1"), source="cellinfo"))
    query = asked.query("CellInfo cells")
    assert told(query.parts) == ["source cellinfo"]
    assert query.first is not None
    assert told(asked.parts("LFP from CellInfo")) == ["LithiumIronPhosphate", "source cellinfo"]
