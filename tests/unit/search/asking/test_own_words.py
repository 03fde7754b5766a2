"""Questions in people's own words, over the real documents: verbs, limits, typing errors, units, countries, releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from search.asking.reply import Reply
from search.asking.wordings import said_plainly

Ask = Callable[[str], Reply]

PROPERTIES: list[tuple[str, object, str]] = [
    # Limits, said by what is done
    ("What maximum pulse discharging current does the LG INR21700-M52V allow?", 48, "A"),
    ("Up to what temperature can the LG INR21700-M50L be discharged?", 70, "°C"),
    ("what's the coldest temperature at which the LG INR21700-M52V can be charged", 0, "°C"),
    ("To what voltage should I charge the BAK N21700CB-48?", 4.2, "V"),
    ("Down to which voltage may the Saft MP174565 be discharged?", 2.5, "V"),
    ("voltage of the LG E63B when empty", 2.5, "V"),
    ("Which discharge current can the EVE LF90K sustain continuously?", 265, "A"),
    ("current at which the Coslight FP45173209A may be charged", 75, "A"),
    # Words that add nothing
    ("What does a single A123 39AH weigh in kilos?", 0.82, "kg"),
    ("How many cycles is the Kokam SLPB120460330 good for?", 6000, ""),
    ("expected number of cycles for the Panasonic NCR20700B", 500, ""),
    ("how large is the capacity of the LG E63B", 63, "Ah"),
    ("EVE INR18650-25P standard weight?", 0.048, "kg"),
    ("Could you look up the width of the CALB CAM72 in mm?", 216, "mm"),
    # Typing errors
    ("wieght of the ENERDEL CE175-360 Moxie+ in grams", 430, "g"),
    ("How havy is the Gaia HP 602030?", 1.5, "kg"),
    # The length of a cylinder is its height
    ("how long is the Saft VL 41M in mm", 222, "mm"),
    # Quantities that only documents name
    ("theoretical specific capacity of LFP", 170, "mAh/g"),
    ("particle radius of Chen 2020 - graphite in µm", 5.86, "µm"),
    ('rest period before measurement of "EIS at 50% SOC, 25°C"', 2, "h"),
    ("How long does it take to charge the Samsung INR21700-50E?", 3, "h"),
    # Comparisons
    ("By how many cycles does the CATL LEP71H3L7-01 outlast the CATL LEP54H4K1?", 500, ""),
    ("How many Ah more does the Kokam SLPB160460330 hold than the Kokam SLPB120460330?", 90, "Ah"),
    ("How much longer does a CATL 280Ah CATL LiFePO4 last than an EVE Energy LF304-72174?", 10_200, ""),
    ("Subtract the mass of the LG A7 from that of the LG E63B in g", 13, "g"),
    # Sets
    ("How many cycles do Thunder-Sky cells last on average?", 7000, ""),
    ("Which electrolyte conducts best?", 600, "mS/cm"),
    ("What is the highest charging current among LTO cells?", 476, "A"),
    ("most powerful Kokam in terms of continuous discharge current", 680, "A"),
    ("Which cylindrical cell is the shortest, in mm?", 0.1, "mm"),
]


@pytest.mark.parametrize(("question", "value", "unit"), PROPERTIES)
def test_the_value(asked: Ask, question: str, value: float, unit: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Which case format has the Melasta MB-IFR26650?", "cylindrical"),
        ("In which country is the Google G20M7 made?", "Vietnam"),
        ("Where was the Samsung EB-BS931ABE manufactured?", "Vietnam"),
        ("release year of the EVE INR18650-25P", "2018-01-01"),
        ("When did the LG ICR18650-HE4 come onto the market?", "2013-01-01"),
        ("licence of the Eunicell LIR2032 EIS performance dataset", "https://creativecommons.org/licenses/by/4.0/"),
        ("Does the Kokam SLPB120216216HR2 or the Kokam SLPB120216216G1 have the longer cycle life?", "Kokam SLPB120216216HR2"),
        ("Which one lasts longer, the Saft VL 4V or the Saft VL 41M?", "Saft VL 4V"),
        ("Does the CALB CAM72 hold more charge than the CALB CA60?", "yes"),
        ("Is the 35E heavier than the MJ1?", "yes"),
    ],
)
def test_the_name(asked: Ask, question: str, name: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert name in str(reply.answer.value)


def released_in(documents: dict[str, Any], year: str) -> int:
    """How many documents say that what they describe was released then."""
    return sum(str(one.get("schema:releaseDate", "")).startswith(year) for one in documents.values() if isinstance(one, dict))


@pytest.mark.parametrize("question", ["How many cells were released in {}?", "How many cells came out in {}?"])
@pytest.mark.parametrize("year", ["2020", "2025"])
def test_released_is_not_the_year_of_a_paper(asked: Ask, documents: dict[str, Any], question: str, year: str) -> None:
    reply = asked(question.format(year))
    assert reply.answer is not None
    assert reply.answer.value == released_in(documents, year) > 0


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("how many table schemas are there", 8),
        ("how many drive cycles are there", 2),
        ("Which cells come from GS Yuasa?", 6),
        ("Which cells deal with GS Yuasa according to the records?", 6),
        ("Which cells were made in China?", 3),  # three more cite a paper on batteries in China
    ],
)
def test_the_number(asked: Ask, question: str, count: int) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    assert reply.answer.value == count


@pytest.mark.parametrize(
    ("question", "property_name"),
    [
        ("How many cells can deliver more than 100 A continuously?", "maximum continuous discharging current"),
        ("How many cells can be discharged continuously with more than 100 A?", "maximum continuous discharging current"),
        ("How many cells can be charged continuously with more than 100 A?", "maximum continuous charging current"),
        ("How many cells can supply more than 100 A?", "maximum discharging current"),
    ],
)
def test_a_current_that_is_delivered_is_one_of_discharging(asked: Ask, question: str, property_name: str) -> None:
    answer, named = asked(question).answer, asked(f"How many cells have a {property_name} above 100 A?").answer
    assert answer is not None
    assert named is not None
    assert answer.value == named.value


def test_what_a_cell_is_from_is_no_matter_of_what_it_cites(asked: Ask) -> None:
    answer = asked("average mass of cells made in China").answer
    assert answer is not None
    assert "over 3 records" in answer.text


def test_a_statistic_may_be_said_twice_but_not_two_of_them(asked: Ask) -> None:
    twice, once = asked("typical cycle life of LFP cells (median)").answer, asked("median cycle life of LFP cells").answer
    assert twice is not None
    assert twice == once
    assert asked("average cycle life of LFP cells (median)").answer is None


def test_a_cell_with_a_thin_separator_is_no_thin_cell(asked: Ask) -> None:
    reply = asked("Which cells are thinner than 1 mm?")
    assert reply.answer is not None
    assert "COIN" not in reply.answer.text


def test_a_cell_with_a_thin_spacer_is_no_thin_cell(asked: Ask) -> None:
    answer = asked("How many cells are thinner than 5 mm?").answer  # a spacer of 1 mm, of which no class says what it is
    assert answer is not None
    assert answer.value == 10  # six say so, and four boxes whose height is their thickness


def test_comparisons_are_told_in_the_unit_that_people_use(asked: Ask) -> None:
    reply = asked("compare the weight of the Murata US18650VTC5D and the Murata US18650VTC6")
    assert reply.answer is not None
    assert (reply.answer.value, reply.answer.unit) == ((0.0467, 0.0466), "kg")
    assert "46.7 g" in reply.answer.text


def test_a_single_value_is_told_as_written_and_in_the_unit_that_people_use(asked: Ask) -> None:
    reply = asked("How tall is the Headway HW40152S?")
    assert reply.answer is not None
    assert (reply.answer.value, reply.answer.unit) == (0.165, "m")
    assert "0.165 m (165 mm)" in reply.answer.text


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("When was the EVE INR18650-25P released?", "releaseDate"),
        ("What licence does the LFP coin cell cycling data have?", "license"),
        ("country of the Google G20M7", "countryOfOrigin"),
    ],
)
def test_a_date_a_licence_and_a_country_have_their_lines(asked: Ask, shared_data: Any, question: str, key: str) -> None:
    reply = asked(question)
    assert reply.answer is not None, reply.understood
    for source in reply.sources:
        lines = (shared_data / "jsonld" / source.record).read_text("utf-8").splitlines()
        assert key in "".join(lines[source.line - 1 : source.line + 1])


def test_one_model_beside_another_tells_all_that_both_have(asked: Ask) -> None:
    reply = asked("MJ1 vs 35E")
    assert reply.answer is not None, reply.understood
    assert "mass: 49 g / 50 g" in reply.answer.text


def test_newest_cells_are_those_of_the_latest_release(asked: Ask) -> None:
    reply = asked("newest LG cell")
    assert reply.answer is not None
    assert "dated 2026-01-01" in reply.answer.text


@pytest.mark.parametrize(
    "question",
    [
        "change of capacity of the A123 39AH",
        "What is the charging efficiency of the Kokam SLPB75106100?",
        "State of health of the A123 39AH after 500 cycles",
        "At what temperature does the LG E63B catch fire?",
        "How many grams of cobalt are in the LG E63B?",
        "which cell is the most expensive",
        "Which cell gives the most cycles per euro?",
        "Which cell has the most capacity per weight?",
        "How many gizmo electrodes are there?",
        "How many hybrid cells?",
        "In which country is the LG E63B made?",
        "How safe is the LG E63B in a nail penetration test?",
        "voltage of the LG E63B under load",
        "How much weight can the LG E63B carry?",
        "How long can I store the LG INR21700-M50L?",
        "How much is the LG E63B?",
        "how good is the LG E63B",
    ],
)
def test_no_answer(asked: Ask, question: str) -> None:
    reply = asked(question)
    assert reply.answer is None, reply.answer


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("Up to what temperature can be discharged", "maximum discharging temperature"),
        ("temperature it may be stored at", "storage temperature"),
        ("voltage when fully charged", "charging voltage"),
        ("lowest voltage to discharge", "lower voltage limit"),
        ("highest voltage to discharge", ""),
        ("standard charge current", "standard charging current"),
        ("current to charge and discharge", ""),
        ("voltage at the anode when charged", ""),
    ],
)
def test_limits_are_named_by_what_is_done(phrase: str, name: str) -> None:
    assert (
        (said_plainly(phrase)[0] == name) if name else (not any("maximum" in one or "limit" in one for one in said_plainly(phrase)))
    )
