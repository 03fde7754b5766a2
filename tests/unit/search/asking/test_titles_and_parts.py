"""Things by their titles, substances in their roles, amounts of them, and what is no number of records, over the real documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from search.asking.reply import Reply

Ask = Callable[[str], Reply]

NAMES: list[tuple[str, object]] = [
    # A kind of substance in a role
    ("Which salt is dissolved in LF100?", "lithium bisfluorosulfonylimide"),
    ("What lithium salt is in LP30?", "lithium hexafluorophosphate"),
    ("Which metal is the current collector of the MnO2 cathode?", "nickel"),
    ("Which carbon is used as conductive additive in the MnO2 cathode?", "carbon black"),
    ("Which solvents make up LP57?", ("ethylene carbonate", "ethyl methyl carbonate")),
    ("Which binder is in the anode of the COIN-LFP-2032?", ("carboxymethyl cellulose", "styrene butadiene")),
    ("What is the binder of the cathode of the COIN-LFP-2032?", "polyvinylidene fluoride"),
    ("Who supplied the separators of Empa's coin cells?", "Celgard"),
    # Licences and countries
    ("Which licence applies to the Neware Cycler Data Table Schema?", "https://spdx.org/licenses/MIT.html"),
    ("Under what licence can I reuse the Arbin Cycler Data Table Schema?", "https://spdx.org/licenses/MIT.html"),
    ("Which licence covers the Eunicell LIR2032 EIS performance dataset?", "https://creativecommons.org/licenses/by/4.0/"),
    ("What is the licence of the MJ1 GITT dataset?", "http://opendefinition.org/licenses/cc-by/"),
    ("Under which licence is the Eunicell dataset?", "https://creativecommons.org/licenses/by/4.0/"),
    ("Country of origin of the Sunwoda BM68?", "China"),
    ("Where does the Sunwoda BM68 come from?", "China"),
    ("Which manufacturer has the most cells?", "Kokam"),
    ("Who makes the newest LG cell?", "LG"),
]

VALUES: list[tuple[str, object, str]] = [
    ("How much ethylene carbonate is in the solvent of LP57?", 0.3, ""),
    ("How much binder is in the LNMO cathode?", 0.02, ""),
    ("What share of the LNMO cathode is active material, in mass percent?", 96, "%"),
    ("concentration of KOH in 7M KOH in H2O", 7, "mol/L"),
    ("thickness of the aluminium foil in the LCO cathode", 15, "µm"),
    ("How thick is the cathode coating of the COIN-LFP-2032?", 55, "µm"),
    ("thickness of the copper foil in current_collector_copper_foil", 10, "µm"),
    ("theoretical specific capacity of silicon according to the reference anchors", 3579, "mAh/g"),
    ("How dense is NMC811?", 4.8, "g/cm³"),
    ("How porous is the polyethylene separator?", 0.42, ""),
    ("How many grams does the Molicel INR-21700-P42A weigh?", 70, "g"),
    ("what does one OSN-08198255-LT28 last in cycles", 30_000, ""),
    ("How much does the EVE LF105-73103 bring onto the scales?", 1.98, "kg"),
    ("capacity of CATL 280Ah in mAh", 280_000, "mAh"),
    ("What charging temperature must I not go below with the LG E101A?", -30, "°C"),
    ("Which temperature should the LG M50L not be discharged above?", 70, "°C"),
    ("Which cell stores the most energy (nominal energy)?", 374, "Wh"),
    ("maximum continuous discharge current of all EVE Energy cells", 319.5, "A"),
    ("second largest Thunder-Sky cell", 700, "Ah"),
    ("How many times can the A123 20AH be cycled?", 1000, ""),
    ("On average, how heavy is an Amita cell?", 0.4773, "kg"),
    ("Put side by side the nominal voltage of Kokam SLPB75106100 and A123 20AH", (3.7, 3.3), "V"),
    ("How many cycles more does the Amita Technologies 120155250P-LF01 reach than the Amita Technologies 7799130N?", 2000, ""),
]

CHECKS: list[tuple[str, str]] = [
    ("Was any cell released in 2026?", "yes"),
    ("Has Samsung released a cell in 2025?", "yes"),
    ("Did any cell come out in 1999?", "no"),
    ("Is there an LNMO cell?", "no"),
    ("Does Kokam build cells bigger than 200 Ah?", "yes"),
    ("Does LP57 contain dimethyl carbonate?", "no"),  # it tells its two solvents
    ("Does LP57 contain ethylene carbonate?", "yes"),
    ("Is LiFSI the salt of LP30?", "no"),
    ("Is the CATL 280Ah an LFP cell?", "yes"),
    ("Do all LFP cells have a nominal voltage of 3.2 V?", "no"),
]

UNKNOWN: list[tuple[str, str]] = [
    # The parts of something are no records
    ("How many electrons are in one coulomb?", "Records are counted here"),
    ("How many protons does lithium have?", "Records are counted here"),
    ("How many tabs are on a pouch cell?", "Records are counted here"),
    ("How many lithium atoms are in LiFePO4?", "Records are counted here"),
    ("How many cells do I need for 48 V?", "Records are counted here"),
    ("How many cells are in the A123 battery pack?", "Records are counted here"),
    ("How many minutes are in an hour?", "Nothing is known here"),  # words of a text describe no record
    # Another kind of substance than the one that is there
    ("Which polymer is the current collector of the MnO2 cathode?", "No record that you may read says it"),
    ("Does LP30 contain graphite?", "nor anything against it"),
    ("Which shop sells the CALB CA100?", "shop"),
    ("Which company supplies the copper foil?", "No record that you may read says it"),
    ("Are LFP cells prismatic?", "146 of 199"),
    ("capacity of A123 ANR26650M1", "A123 ANR26650M1"),  # a letter more is another product
    ("How much does the LP57 cost?", "cost"),
    ("mean nominal voltage per chemistry", "Not understood what is asked"),
    ("mass of", "not of what"),
    ("What is graphite?", "Not understood what is asked"),
    ("Which salt is not in LP57?", "Not understood what is asked"),
    ("How do I charge the A123 20AH?", "Not understood what is asked"),
]


@pytest.mark.parametrize(("question", "value"), [*NAMES, *CHECKS])
def test_the_name(asked: Ask, question: str, value: object) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert reply.answer.value == value
    assert reply.sources or value == "no"


@pytest.mark.parametrize(("question", "value", "unit"), VALUES)
def test_the_value(asked: Ask, question: str, value: object, unit: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)
    assert reply.sources


@pytest.mark.parametrize(("question", "told"), UNKNOWN)
def test_no_answer_and_why(asked: Ask, question: str, told: str) -> None:
    reply = asked(question)
    assert reply.answer is None, reply.answer
    assert told in reply.understood


@pytest.mark.parametrize(
    "question",
    [
        "How many Thunder-Sky cells are in the archive?",
        "How many Thunder-Sky cells does the repository contain?",
        "How many Thunder-Sky cells are listed in this catalogue?",
        "How many Thunder-Sky cells does this database know?",
    ],
)
def test_where_they_are_kept_says_nothing(asked: Ask, question: str) -> None:
    plain, reply = asked("How many Thunder-Sky cells?"), asked(question)
    assert plain.answer is not None
    assert reply.answer == plain.answer


def test_in_how_many_is_how_many_have_it(asked: Ask) -> None:
    one, other = asked("In how many cells is lithium titanate the anode?"), asked("How many cells have lithium titanate as anode?")
    assert one.answer is not None
    assert other.answer is not None
    assert one.answer.value == other.answer.value


def test_an_abbreviation_is_told_beside_the_name(asked: Ask) -> None:
    answer = asked("salt of LF100").answer
    assert answer is not None
    assert answer.text == "The salt of LF100 is lithium bisfluorosulfonylimide (LiFSI)."
