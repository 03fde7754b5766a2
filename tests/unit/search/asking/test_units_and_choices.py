"""Units that say a property, what is counted of a maker said first, who ran a test, and one of several that have only titles."""

from __future__ import annotations

import pytest

from tests.unit.search.asking.conftest import Ask

VALUES: list[tuple[str, object, str]] = [
    # A unit of two, in words or signs, says what is asked for
    ("How many g/mol has KOH (potassium hydroxide)?", 56.11, "g/mol"),
    ("grams per cubic centimetre of alumina", 3.95, "g/cm³"),
    ("How many watt-hours per litre does the LG E101A pack?", 637, "Wh/L"),
    ("Wh per kg of the LG E78", 265, "Wh/kg"),
    ("How many milliamp hours per gram has the LCO material?", 150, "mAh/g"),
    ("specific energy of the LG E101A per kilogram", 287, "Wh/kg"),
    ("What does one mole of ethylene carbonate weigh?", 88.06, "g/mol"),
    ("How many Wh/L more has the LG E101A than the LG E78?", 35, "Wh/L"),
    # In the same unit with verbs, and of sets
    ("How many millimetres does the LG E78 measure in thickness?", 8.65, "mm"),
    ("How many volts does the LG E63 deliver nominally?", 3.6, "V"),
    ("How many volts lie between LCO and LNMO?", 0.8, "V"),
    ("By how many volts do the LCO and LNMO materials differ?", 0.8, "V"),
    ("How many Wh does the heaviest LG cell hold?", 374, "Wh"),
    ("mass in g of the heaviest LG cell", 1303, "g"),
    ("How many volts do LTO cells have on average?", pytest.approx(2.2958, rel=1e-3), "V"),
    ("How many hours does the Samsung INR21700-50E take to charge?", 3, "h"),
    # Counted, with the maker first or the verb of a list
    ("Lishen: how many cells are on record?", 20, ""),
    ("For Headway, how many cells are known?", 7, ""),
    ("Samsung: how many 21700 cells are there?", 20, ""),
    ("Does Kodak occur with a coin cell?", "yes", ""),
    ("Is A123 listed with a coin cell?", "no", ""),
    ("Do any LTO cells turn up in your records?", "yes", ""),
    ("Which maker appears most often?", "Kokam", ""),
    # People and laboratories of tests
    ("operator of the Example Capacity Retention and Recovery Test", "Simon Clark", ""),
    ("Who ran the example rated capacity test?", "Simon Clark", ""),
    ("Which laboratory carried out the Example Rated Capacity Test?", "SINTEF Battery Laboratory", ""),
    # One of several
    ("Is the EC or the PVDF the material of higher density?", "PVDF", ""),
    ("Which material has the lower voltage, LFP or LNMO?", "LFP", ""),
    ("Has LFP or LCO the larger specific capacity?", "LFP", ""),
    ("Do the LG E78 and the LG E63 differ in mass?", "yes", ""),
    ("Do the LG E72B and the LG E101A differ in specific energy?", "no", ""),
    ("Which salt is in LP57, LiPF6 or LiFSI?", "lithium hexafluorophosphate", ""),
    ("Is the NCR18650B made by Sony or by Panasonic?", "Panasonic", ""),
    ("Sort LFP, LCO and LNMO by voltage", (3.4, 3.9, 4.7), "V"),
    ("How many g/mol separate KOH from EC?", 31.95, "g/mol"),
    # Limits of what may be done with it, and not any number that is alike
    ("Can the LG JP3 be discharged at 55 °C?", "no", ""),
    ("May the LG JP3 be stored at 55 °C?", "yes", ""),
    ("Is it OK to charge the LG JP3 at -15 °C?", "no", ""),
    # What a maker states, what exceeds what, and what is said of a set behind a colon
    ("What mass does LG state for the E78?", 1083, "g"),
    ("heaviest LG cell, how many grams", 1303, "g"),
    ("By how many Wh/kg does the LG E101A exceed the LG E78?", 22, "Wh/kg"),
    ("How many grams does the LG E101A weigh more than the LG E78?", 220, "g"),
    ("Where does the Sunwoda BM68 come from, which country?", "China", ""),
    ("LTO cells: what do they weigh on average, in g", pytest.approx(1126.818, rel=1e-5), "g"),
    ("Which stores more Ah, the Saft VL 41M or the Saft VL 20P?", "Saft VL 41M", ""),
    # Other words
    ("What charge does the LG JP3 hold?", 62.4, "Ah"),
    ("How many charge cycles does the LG E63 endure?", 1000, ""),
    ("KOH's molar mass", 56.11, "g/mol"),
    ("Is PVDF denser than 2 g/cm3?", "no", ""),
    ("Is the SKI Kia Niro battery heavier than the LG E78?", "no", ""),
]


@pytest.mark.parametrize(("question", "value", "unit"), VALUES)
def test_the_value(asked: Ask, question: str, value: object, unit: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)


@pytest.mark.parametrize(
    "question",
    [
        "How many euros per kilogram does LFP cost?",
        "density of PVDF (polypropylene)",  # it is something else in brackets
        "Tesla: how many cells are on record?",
        "Kokam: how many employees?",
        "Who is the operator of the LFP coin cell cycling data?",
        "Who is the operator of “Demo Zinc Electrode”?",  # its author need not have made it
        "In which laboratory was the example cyclic voltammetry measurement made?",  # no number of records
        "Is the salt concentration higher in LP30 or in LP71?",  # what LP30 contains is no answer
        "Which have the higher capacity, LTO or LFP cells?",
        "LFP or NMC cells: which have the higher nominal voltage?",
        "How many grams does Simon Clark weigh?",  # what he wrote about weighs something
        "How many volts has a lemon?",
        "What do EC and PVDF have in common?",
        "Is LCO's voltage above 4.1 V?",  # its upper limit is, and its voltage is not
        "Is the voltage of the LG E63 above 4 V?",
        "Can the LG E63 be stored at 20 °C?",  # of which no limit is known
    ],
)
def test_no_answer(asked: Ask, question: str) -> None:
    reply = asked(question)
    assert reply.answer is None, reply.answer
