"""Concept look-up on the packaged facts: what people write leads to the concepts that documents use."""

from __future__ import annotations

import random
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.abbreviations import Abbreviation
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import MAX_QUESTION, MAX_TEXT, STOP_WORDS, Lookup
from ontology.model import Concept, Facts, Kind, Label, LabelKind

BATTERY_CELL = "https://w3id.org/emmo/domain/battery#battery_68ed592a_7924_45d0_a108_94d6275d57f0"


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts(packaged_facts())


@pytest.fixture(scope="module")
def lookup(concepts: Concepts) -> Lookup:
    return Lookup(concepts)


def a_lookup(*concepts: Concept, terms: dict[str, tuple[str, str]] | None = None, rows: tuple[Abbreviation, ...] = ()) -> Lookup:
    return Lookup(Concepts(Facts((), {concept.iri: concept for concept in concepts}, {}, terms or {})), rows)


def a_concept(name: str, *labels: str, kind: Kind = Kind.CLASS, deprecated: bool = False) -> Concept:
    others = tuple(Label(label, "en", LabelKind.ALT) for label in labels[1:])
    preferred = labels[0] if labels else name
    return Concept(f"https://w3id.org/emmo#{name}", kind, (Label(preferred, "en", LabelKind.PREF), *others), deprecated=deprecated)


def labels_of(lookup: Lookup, text: str, limit: int = 5) -> list[str]:
    return [candidate.label for candidate in lookup.find(text, limit=limit)]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("BatteryCell", "BatteryCell"),
        ("battery cell", "BatteryCell"),
        ("BATTERY-CELLS", "BatteryCell"),
        ("battery_cell", "BatteryCell"),
        (BATTERY_CELL, "BatteryCell"),
        (f"<{BATTERY_CELL}>", "BatteryCell"),
        ("battery:battery_68ed592a_7924_45d0_a108_94d6275d57f0", "BatteryCell"),
        ("battery:BatteryCell", "BatteryCell"),
        ("lithium iron phosphate", "LithiumIronPhosphate"),
        ("aluminum", "Aluminium"),
        ("lithium nickel cobalt aluminum oxide", "LithiumNickelCobaltAluminiumOxide"),
        ("millimeter", "MilliMetre"),
        ("characterization technique", "CharacterisationTechnique"),
        ("capacities", "Capacity"),
        ("γ-butyrolactone", "GammaButyrolactone"),
        ("LiFePO₄", "LithiumIronPhosphate"),
        ("cubic ångström", "CubicAngstrom"),
        ("C++", "CPlusPlus"),
        ("C#", "CSharp"),
    ],
)
def test_a_name_is_found_however_it_is_written(lookup: Lookup, text: str, label: str) -> None:
    assert labels_of(lookup, text)[0] == label
    assert lookup.find(text)[0].score > 0.9


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("lithum iron phosphate", "LithiumIronPhosphate"),
        ("lithium iron phoshpate", "LithiumIronPhosphate"),
        ("lithiumm iron phosphatte", "LithiumIronPhosphate"),
        ("grafite", "Graphite"),
        ("electrolite", "Electrolyte"),
        ("batery cell", "BatteryCell"),
        ("alumnium", "Aluminium"),
    ],
)
def test_one_or_two_typing_errors_are_forgiven_and_score_below_every_name(lookup: Lookup, text: str, label: str) -> None:
    best = lookup.find(text)[0]
    assert best.label == label
    assert best.score < 0.9


# Classes that real documents use (`shared/data/jsonld`), under what people call them.
REACHED = {
    "LFP": "LithiumIronPhosphate LithiumIronPhosphateElectrode LithiumIonIronPhosphateBattery",
    "LiFePO4": "LithiumIronPhosphate LithiumIronPhosphateElectrode LithiumIonIronPhosphateBattery",
    "NMC": "LithiumNickelManganeseCobaltOxide LithiumNickelManganeseCobaltOxideElectrode",
    "NMC batteries": "LithiumIonNickelManganeseCobaltOxideBattery LithiumNickelManganeseCobaltOxide",
    "LFP battery": "LithiumIonIronPhosphateBattery LithiumIronPhosphate LithiumIronPhosphateElectrode",
    "ncm": "LithiumNickelManganeseCobaltOxide LithiumNickelManganeseCobaltOxideElectrode",
    "NMC 111": "LithiumNickelManganeseCobaltOxide111 LithiumNickelManganeseCobaltOxide",
    "NMC-532": "LithiumNickelManganeseCobaltOxide532 LithiumNickelManganeseCobaltOxide",
    "NCM622": "LithiumNickelManganeseCobaltOxide622 LithiumNickelManganeseCobaltOxide",
    "NMC811": "LithiumNickelManganeseCobaltOxide811 LithiumNickelManganeseCobaltOxide",
    "NCA": "LithiumNickelCobaltAluminiumOxide LithiumIonNickelCobaltAluminiumOxideBattery",
    "LCO": "LithiumCobaltOxide LithiumCobaltOxideElectrode LithiumIonCobaltOxideBattery",
    "LMO": "LithiumManganeseOxide LithiumManganeseOxideElectrode",
    "LNMO": "LithiumNickelManganeseOxide LithiumNickelManganeseOxideElectrode",
    "LTO": "LithiumTitanate LithiumTitanateElectrode LithiumIonTitanateBattery",
    "LMFP": "LithiumManganeseIronPhosphate LithiumManganeseIronPhosphateElectrode LithiumIonManganeseIronPhosphateBattery",
    "graphite": "Graphite GraphiteElectrode LithiumIonGraphiteBattery",
    "lithium metal": "Lithium LithiumElectrode LithiumMetalBattery",
    "MnO2": "ManganeseDioxide ManganeseDioxideElectrode LithiumManganeseDioxideBattery",
    "LiPF6": "LithiumHexafluorophosphate",
    "LiTFSI": "LithiumBistrifluoromethanesulfonylimide",
    "LiFSI": "LithiumBisfluorosulfonylimide",
    "EC": "EthyleneCarbonate",
    "EMC": "EthylMethylCarbonate",
    "DMC": "DimethylCarbonate",
    "DEC": "DiethylCarbonate",
    "PC": "PropyleneCarbonate",
    "FEC": "FluoroethyleneCarbonate",
    "VC": "VinyleneCarbonate",
    "PVDF": "PolyvinylideneFluoride",
    "CMC": "CarboxymethylCellulose",
    "SBR": "StyreneButadiene",
    "NMP": "NMethyl2Pyrrolidone",
    "18650": "R18650",
    "21700": "R21700",
    "26650": "R26650",
    "CR2032": "CR2032 R2032",
    "LR44": "LR44 R1154",
    "EIS": "ElectrochemicalImpedanceSpectroscopy",
    "GITT": "GalvanostaticIntermittentTitrationTechnique",
    "PITT": "Chronoamperometry",
    "CV": "CyclicVoltammetry",
    "CCCV": "ConstantCurrentConstantVoltageCharging ConstantCurrentConstantVoltageCycling",
    "OCV": "OpenCircuitVoltage",
    "SOC": "StateOfCharge",
    "SOH": "StateOfHealth",
    "C-rate": "CRate",
    "DoD": "DepthOfDischarge",
    "SEI": "SolidElectrolyteInterphase",
    "CEI": "CathodeElectrolyteInterphase",
    "XRD": "XrayDiffraction",
    "SEM": "ScanningElectronMicroscopy",
    "TEM": "TransmissionElectronMicroscopy",
    "XPS": "XpsVariableKinetic",
    "cathode": "PositiveElectrode",
    "anodes": "NegativeElectrode",
    "pouch": "PouchCell",
    "prismatic": "PrismaticBattery PrismaticCase",
    "cylindrical": "CylindricalBattery CylindricalCase",
    "coin cell": "CoinCell CoinCase",
    "button cells": "CoinCell CoinCase",
    "capacity": "Capacity RatedCapacity NominalCapacity",
    "cells": "BatteryCell BatteryCellSpecification",
}


@pytest.mark.parametrize(("text", "expected"), REACHED.items())
def test_what_the_field_says_reaches_the_classes_that_documents_use(lookup: Lookup, text: str, expected: str) -> None:
    found = labels_of(lookup, text)
    wanted = expected.split()
    assert found[0] == wanted[0]
    assert set(wanted) <= set(found)


def test_a_class_with_two_spellings_of_its_iri_is_reached_by_both(lookup: Lookup) -> None:
    """The ontology writes this IRI with hyphens, its context since 0.20 with underscores; documents use either."""
    found = {candidate.iri for candidate in lookup.find("prismatic")}
    assert {
        "https://w3id.org/emmo/domain/battery#battery_86c9ca80-de6f-417f-afdc-a7e52fa6322d",
        "https://w3id.org/emmo/domain/battery#battery_86c9ca80_de6f_417f_afdc_a7e52fa6322d",
    } <= found


@pytest.mark.parametrize("text", ["EC:EMC", "EC/EMC", "EC + EMC", "ethylene carbonate and ethyl methyl carbonate"])
def test_of_a_mixture_every_part_is_a_candidate(lookup: Lookup, text: str) -> None:
    assert labels_of(lookup, text)[:2] == ["EthyleneCarbonate", "EthylMethylCarbonate"]


def test_two_known_words_are_not_taken_for_two_typing_errors() -> None:
    lookup = a_lookup(a_concept("1", "LMOBattery"), a_concept("2", "NMC"), a_concept("3", "Battery"))
    assert labels_of(lookup, "NMC battery") == ["NMC", "Battery"]
    assert labels_of(lookup, "LMU batttery") == ["LMOBattery"]


def test_words_in_another_order_and_parts_are_the_last_resort(lookup: Lookup) -> None:
    assert labels_of(lookup, "phosphate of lithium iron")[0] == "LithiumIronPhosphate"
    assert labels_of(lookup, "aluminum foil") == ["Aluminium", "Foil"]


def test_a_label_of_several_classes_gives_them_all_and_those_given_up_last(lookup: Lookup) -> None:
    found = [candidate for candidate in lookup.find("Powder") if candidate.score > 0.5]
    assert [candidate.deprecated for candidate in found] == [False, True]
    assert len({candidate.iri for candidate in found}) == 2


def test_known_words_are_rather_the_beginning_of_a_name_than_a_typing_error(lookup: Lookup) -> None:
    assert lookup.find("lithium iron")[0].label == "LithiumIronPhosphate"
    assert lookup.find("lithim ion battery")[0].label == "LithiumIonBattery"


def test_what_only_begins_so_fills_the_rest(lookup: Lookup) -> None:
    found = lookup.find("lithium", limit=5)
    assert [found[0].label, len(found)] == ["Lithium", 5]
    assert all(candidate.score < 0.5 for candidate in found[1:])
    assert lookup.find("positive elec")[0].label == "PositiveElectrode"


def test_the_label_as_written_comes_first() -> None:
    lookup = a_lookup(a_concept("1", "PH"), a_concept("2", "pH"))
    assert labels_of(lookup, "pH") == ["pH", "PH"]
    assert labels_of(lookup, "PH") == ["PH", "pH"]


def test_a_hidden_label_comes_after_the_altlabel_of_another_class(lookup: Lookup) -> None:
    """Hidden labels are what instruments call their columns."""
    kinds = [candidate.matched.kind for candidate in lookup.find("Step")]
    assert kinds[0] is LabelKind.ALT
    assert LabelKind.HIDDEN in kinds[1:]


def test_the_order_of_the_table_decides_and_unknown_targets_are_left_out() -> None:
    cell, case = a_concept("cell", "PouchCell"), a_concept("case", "Pouch")
    iris = ("https://w3id.org/emmo#gone", cell.iri, case.iri)
    rows = tuple(Abbreviation("pouch", LabelKind.ABBREVIATION, iri, "label", "source") for iri in iris)
    lookup = a_lookup(cell, case, rows=rows)
    assert [(found.label, found.matched.kind) for found in lookup.find("Pouches")] == [
        ("PouchCell", LabelKind.ABBREVIATION),
        ("Pouch", LabelKind.ABBREVIATION),
    ]


def test_terms_that_only_the_context_knows_are_found_but_not_its_prefixes() -> None:
    terms = {"LateClass": "https://w3id.org/emmo#late", "emmo": "https://w3id.org/emmo#", "AName": "https://orcid.org/0"}
    lookup = a_lookup(terms={term: (iri, "") for term, iri in terms.items()})
    (found,) = lookup.find("late class")
    assert (found.iri, found.label, found.matched.kind) == ("https://w3id.org/emmo#late", "LateClass", LabelKind.TERM)
    assert lookup.find("emmo") == lookup.find("AName") == ()


def test_kinds_and_limit_are_kept() -> None:
    lookup = a_lookup(a_concept("1", "Mesh"), a_concept("2", "mesh", kind=Kind.OBJECT_PROPERTY), a_concept("3", "Mesh"))
    assert [found.iri[-1] for found in lookup.find("mesh", kinds={Kind.OBJECT_PROPERTY})] == ["2"]
    assert [found.iri[-1] for found in lookup.find("mesh", kinds={Kind.CLASS})] == ["1", "3"]
    assert len(lookup.find("mesh", limit=1)) == 1
    assert lookup.find("mesh", limit=0) == ()


@pytest.mark.parametrize("text", ["", "   ", "---", "x" * (MAX_TEXT + 1)])
def test_nothing_comes_of_nothing_or_too_much(lookup: Lookup, text: str) -> None:
    assert lookup.find(text) == ()
    assert lookup.complete(text) == ()


def test_a_typing_error_never_changes_a_size_code_before_a_letter() -> None:
    lookup = a_lookup(a_concept("1", "CR2032"), a_concept("2", "CX2025"))
    assert labels_of(lookup, "CX2032")[0] == "CR2032"


def test_completion_gives_whole_labels_before_inner_words_and_short_before_long(lookup: Lookup) -> None:
    found = lookup.complete("lithium ir")
    assert found[0].label == "LithiumIronPhosphate"
    assert len({candidate.iri for candidate in found}) == len(found)
    lookup = a_lookup(
        a_concept("1", "CellVoltage"),
        a_concept("2", "BatteryCell"),
        a_concept("3", "Cell", deprecated=True),
        a_concept("4", "CellLid"),
    )
    assert [candidate.label for candidate in lookup.complete("cell")] == ["CellLid", "CellVoltage", "BatteryCell", "Cell"]
    assert [candidate.label for candidate in lookup.complete("cell", limit=2)] == ["CellLid", "CellVoltage"]
    assert lookup.complete("zzz") == ()


def spans_of(lookup: Lookup, text: str) -> dict[str, str]:
    return {span.text: span.candidates[0].label for span in lookup.spans(text)}


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (
            "prismatic LFP cells above 100 Ah",
            {"prismatic": "PrismaticBattery", "LFP": "LithiumIronPhosphate", "cells": "BatteryCell"},
        ),
        (
            "lithum iron phosphate positive electrodes in coin-cells",
            {"lithum iron phosphate": "LithiumIronPhosphate", "positive electrodes": "PositiveElectrode", "coin-cells": "CoinCell"},
        ),
        (
            "1 M LiPF6 in EC:EMC (3:7) with 2% VC",
            {
                "LiPF6": "LithiumHexafluorophosphate",
                "EC": "EthyleneCarbonate",
                "EMC": "EthylMethylCarbonate",
                "VC": "VinyleneCarbonate",
            },
        ),
        ("no 2 in 2 as he can be at it", {}),
        ("cells", {"cells": "BatteryCell"}),
        ("state of charge of the cell", {"state of charge": "StateOfCharge", "cell": "BatteryCell"}),
        ("graphite, silicon", {"graphite": "Graphite", "silicon": "Silicon"}),
        ("SHE or she", {"SHE": "StandardHydrogenElectrode"}),
        ("Li or li", {"Li": "Lithium"}),
        ("wibbly wobbly", {}),
    ],
)
def test_spans_are_the_longest_names_in_a_question(lookup: Lookup, text: str, spans: dict[str, str]) -> None:
    assert spans_of(lookup, text) == spans


def test_a_span_says_how_sure_it_is(lookup: Lookup) -> None:
    written, mistyped = lookup.spans("graphite or graphitte")
    assert written.candidates[0].score > 0.9 > mistyped.candidates[0].score


def test_spans_are_of_classes_unless_asked_otherwise() -> None:
    lookup = a_lookup(a_concept("1", "hasMember", kind=Kind.OBJECT_PROPERTY))
    assert lookup.spans("what has member") == ()


words = st.sampled_from(["LFP", "cell", "cells", "of", "in", "2", " ", "-", "(", ":", "lithum"])


@given(st.text(max_size=60) | st.lists(words).map(" ".join))
def test_spans_point_into_the_text_in_order_and_hold_candidates(lookup: Lookup, text: str) -> None:
    end = 0
    for span in lookup.spans(text):
        assert end <= span.start < span.end
        assert text[span.start : span.end] == span.text
        assert span.candidates
        assert span.text not in STOP_WORDS
        end = span.end


@given(st.text(max_size=30))
def test_any_text_gives_candidates_without_repetition_best_first(lookup: Lookup, text: str) -> None:
    found = lookup.find(text)
    assert len({candidate.iri for candidate in found}) == len(found) <= 5
    assert [candidate.score for candidate in found] == sorted((candidate.score for candidate in found), reverse=True)


def test_every_label_leads_to_its_concept(lookup: Lookup, concepts: Concepts) -> None:
    """Unless our table says what the field means by it, or more than 25 concepts are called so."""
    lost = [
        (label.text, concept.iri)
        for concept in concepts.facts.concepts.values()
        for label in concept.labels
        if concept.iri not in {candidate.iri for candidate in lookup.find(label.text, limit=25)}
    ]
    assert lost == []


def test_look_up_is_fast_enough_to_be_used_at_every_key_stroke(concepts: Concepts) -> None:
    """The bounds are ten times what was measured on two shared cores; `benchmarks/concept_lookup.py` has the figures."""
    started = perf_counter()
    lookup = Lookup(concepts)
    assert perf_counter() - started < 0.75
    texts = random.Random(7).sample([label.text for concept in concepts.facts.concepts.values() for label in concept.labels], 300)
    uses = (
        (lookup.find, 0.0005),
        (lambda text: lookup.find(text + "q"), 0.005),
        (lambda text: lookup.complete(text[:3]), 0.002),
    )
    for use, bound in uses:
        use("warmup")
        started = perf_counter()
        for text in texts:
            use(text)
        assert (perf_counter() - started) / len(texts) < bound
    started = perf_counter()
    lookup.spans("a b c d e f " * MAX_QUESTION)
    assert perf_counter() - started < 0.5


def test_a_slip_of_the_pen_in_a_single_label_is_no_spelling(lookup: Lookup) -> None:
    assert lookup.find("GrueneisenParamter")[0].label == "GrueneisenParamter"
    assert not lookup.spells("paramter")
    assert [lookup.respelt(word) for word in ("paramter", "paramters")] == ["parameter", "parameter"]
    assert lookup.spells("nitrite"), "another word is no slip"
