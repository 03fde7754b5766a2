"""Numbers that cannot be right: found, explained, placed, and mended; the table of what is usual."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.plausibility import Corpus, Read, findings, slip_outcomes, table
from graph.jsonld import to_triples
from harvester.normalize import Vocabulary, contents_of
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.units import Units
from records.errors import OntologyError
from records.issues import Certainty, Edit, Issue, Operation
from shapes.edits import edit_content
from shapes.plausibility import Plausibility
from shapes.ranges import LEAST, Observation, Range, make_ranges, packaged_ranges, read_ranges
from shapes.reader import Document, read_document

IRI = "http://localhost/records/a"
Check = Callable[[Any], list[Issue]]


@pytest.fixture(scope="module")
def check() -> Check:
    """Findings of a document, given as a JSON value."""
    concepts = Concepts(packaged_facts())
    units = Units(concepts.facts)
    expander = Expander(Contexts.from_terms(concepts.facts.terms), concepts, units)
    vocabulary = Vocabulary(concepts, units)
    plausibility = Plausibility(concepts, units)

    def found(value: Any) -> list[Issue]:
        document = read_document(json.dumps(value, indent=1).encode(), "a.jsonld")
        assert isinstance(document, Document)
        reading = expander.expand(document, IRI)
        assert isinstance(reading, Reading)
        statements = to_triples(reading, IRI)
        contents = contents_of(statements.triples, statements.pointers, lambda _: 0, vocabulary)
        return plausibility.check(document, reading, contents.quantities, contents.concepts)

    return found


def quantity(kind: str, value: float, unit: str = "") -> dict[str, Any]:
    found = {"@type": [kind, "ConventionalProperty"], "hasNumericalPart": {"@type": "RealData", "hasNumberValue": value}}
    return found | ({"hasMeasurementUnit": unit} if unit else {})


def cell(*quantities: dict[str, Any], kind: str = "CylindricalBattery", **members: Any) -> dict[str, Any]:
    return {
        "@context": "https://w3id.org/emmo/domain/battery/context",
        "@type": kind,
        "schema:name": "A cell",
        **members,
        "hasProperty": list(quantities),
    }


MASS = quantity("Mass", 0.047, "emmo:Kilogram")
CAPACITY = quantity("RatedCapacity", 3.4, "emmo:AmpereHour")
VOLTAGE = quantity("NominalVoltage", 3.6, "emmo:Volt")
SIZE = (quantity("Diameter", 18.4, "emmo:MilliMetre"), quantity("Height", 65.2, "emmo:MilliMetre"))


def only(issues: list[Issue]) -> Issue:
    [issue] = issues
    return issue


def test_a_cell_as_it_should_be_has_no_finding(check: Check) -> None:
    limits = (quantity("LowerVoltageLimit", 2.5, "emmo:Volt"), quantity("UpperVoltageLimit", 4.2, "emmo:Volt"))
    energy = quantity("NominalEnergy", 12.2, "emmo:Watthour")
    assert check(cell(MASS, CAPACITY, VOLTAGE, energy, *SIZE, *limits)) == []


def test_a_mass_in_kilogram_instead_of_gram_is_found_with_number_and_unit_to_write(check: Check) -> None:
    issue = only(check(cell(quantity("Mass", 47, "emmo:Kilogram"), CAPACITY, VOLTAGE, *SIZE)))
    assert (issue.code, issue.value, issue.pointer) == ("implausible-value", "47", "/hasProperty/0/hasNumericalPart/hasNumberValue")
    assert issue.line == 13
    assert issue.message.startswith("Mass is 47 kg, while half of all cylindrical cells have 0.0")
    number, unit = issue.suggestions
    assert (number.replacement, number.edits) == ("0.047", (Edit(Operation.REPLACE, issue.pointer, "0.047"),))
    assert unit.text == "write the unit as emmo:Gram"
    assert unit.edits == (Edit(Operation.REPLACE, "/hasProperty/0/hasMeasurementUnit", '"emmo:Gram"'),)
    assert all(mend.changes_value and mend.certainty is Certainty.LIKELY for mend in issue.suggestions)


def test_a_slip_that_lands_beside_what_is_usual_is_only_possible(check: Check) -> None:
    """The real cell has 47 g: it is its tolerance of 3 g that was written."""
    issue = only(check(cell(quantity("Mass", 0.003, "emmo:Kilogram"))))
    assert (issue.suggestions[0].replacement, issue.suggestions[0].certainty) == ("0.03", Certainty.POSSIBLE)
    assert issue.expected == "usually 0.047 to 0.07 kg"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (quantity("RatedCapacity", 3400, "emmo:AmpereHour"), "3.4"),
        (quantity("RatedCapacity", 0.0034, "emmo:AmpereHour"), "3.4"),
        (quantity("RatedCapacity", 3.4, "emmo:MilliAmpereHour"), "3400"),
        (quantity("NominalVoltage", 3600, "emmo:Volt"), "3.6"),
        (quantity("NominalVoltage", 3.6, "emmo:MilliVolt"), "3600"),
        (quantity("Height", 65.2, "emmo:Metre"), "0.0652"),
        (quantity("Mass", 0.047, "emmo:Gram"), "47"),
    ],
)
def test_a_slip_by_a_power_of_ten_is_found_and_the_first_suggestion_mends_it(
    check: Check, wrong: dict[str, Any], right: str
) -> None:
    others = [one for one in (MASS, CAPACITY, VOLTAGE, *SIZE) if one["@type"] != wrong["@type"]]
    issue = only(check(cell(wrong, *others)))
    assert (issue.code, issue.suggestions[0].replacement) == ("implausible-value", right)


@pytest.mark.parametrize("choice", [0, 1])
def test_what_a_suggestion_makes_of_the_document_has_no_finding_any_more(check: Check, choice: int) -> None:
    value = cell(quantity("Mass", 47, "emmo:Kilogram"), CAPACITY, VOLTAGE, *SIZE)
    issue = only(check(value))
    content = json.dumps(value, indent=1).encode()
    document = read_document(content, "a.jsonld")
    assert isinstance(document, Document)
    mended = json.loads(edit_content(content, document, issue.suggestions[choice].edits))
    assert mended != value
    assert check(mended) == []


def test_a_unit_that_is_written_as_a_full_iri_is_suggested_as_one(check: Check) -> None:
    issue = only(check(cell(quantity("Mass", 47, "https://w3id.org/emmo#Kilogram"), CAPACITY)))
    assert issue.suggestions[1].text == "write the unit as https://w3id.org/emmo#Gram"


def test_two_numbers_that_are_each_possible_but_not_together_are_found(check: Check) -> None:
    issue = only(
        check(
            cell(
                quantity("Mass", 0.0011, "emmo:Kilogram"), quantity("RatedCapacity", 80, "emmo:AmpereHour"), kind="PrismaticBattery"
            )
        )
    )
    assert issue.message == "Mass is 0.0011 kg, which does not go with RatedCapacity 80 Ah in prismatic cells"
    assert issue.suggestions[0].replacement == "1.1"


def test_a_large_battery_is_not_measured_by_the_small_ones(check: Check) -> None:
    pack = (quantity("Mass", 450, "emmo:Kilogram"), quantity("NominalVoltage", 400, "emmo:Volt"), CAPACITY)
    assert check(cell(*pack, kind="BatteryPack")) == []
    assert check(cell(*pack)) != []


def test_parts_are_judged_by_what_is_possible_at_all(check: Check) -> None:
    part = {**cell(quantity("Mass", 1e-5, "emmo:Kilogram"), quantity("Thickness", 2e-5, "emmo:Metre")), "@type": "ElectrodeCoating"}
    assert check(part) == []
    issue = only(check({**part, "hasProperty": quantity("Thickness", 20, "emmo:Metre")}))
    assert (issue.code, issue.pointer) == ("implausible-value", "/hasProperty/hasNumericalPart/hasNumberValue")


def test_a_fraction_above_one_is_told(check: Check) -> None:
    part = {**cell(quantity("MassFraction", 96, "emmo:EMMO_5ebd5e01_0ed3_49a2_a30d_cd05cbe72978")), "@type": "ElectrodeCoating"}
    issue = only(check(part))
    assert "MassFraction is 96" in issue.message
    assert issue.suggestions[0].replacement == "0.96"
    assert issue.suggestions[1].text == "write the unit as emmo:Percent"


def test_degrees_celsius_written_as_kelvin_are_told(check: Check) -> None:
    issue = only(check(cell(quantity("CelsiusTemperature", 25, "emmo:Kelvin"), kind="Cycling")))
    assert [mend.replacement for mend in issue.suggestions] == ["298.15", None]
    assert issue.suggestions[1].text == "write the unit as emmo:DegreeCelsius"
    assert check(cell(quantity("CelsiusTemperature", 25, "emmo:DegreeCelsius"), kind="Cycling")) == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"hasCase": {"@type": "R18650"}}, "R18650"),
        ({"schema:model": "INR18650-35E"}, "18650"),
        ({"schema:size": "R18650"}, "18650"),
        ({"schema:name": "Maker INR18650MJ1"}, "18650"),
    ],
)
def test_a_diameter_that_contradicts_the_size_code_is_found_wherever_the_code_stands(
    check: Check, members: dict[str, Any], code: str
) -> None:
    issue = only(check(cell(quantity("Diameter", 0.00015, "emmo:Metre"), quantity("Height", 0.065, "emmo:Metre"), **members)))
    assert issue.code == "size-against-format"
    assert issue.message == "Diameter is 0.00015 m, but the size code 18650 means 0.018 m"
    assert (issue.expected, issue.suggestions[0].replacement) == ("0.018 m", "0.018")
    assert issue.suggestions[0].certainty is Certainty.POSSIBLE  # what the code says, not what was measured


@pytest.mark.parametrize(
    ("model", "diameter", "height"),
    [("CR2450", 24.5, 5.0), ("INR21700-50E", 21.1, 70.2), ("IFR32135", 32.2, 135.0), ("18650", 18.5, 69.5)],
)
def test_real_cells_agree_with_their_size_codes(check: Check, model: str, diameter: float, height: float) -> None:
    sides = (quantity("Diameter", diameter, "emmo:MilliMetre"), quantity("Height", height, "emmo:MilliMetre"))
    assert check(cell(*sides, kind="BatteryCell", **{"schema:model": model})) == []


def test_a_length_that_is_a_slip_from_the_size_code_keeps_its_digits(check: Check) -> None:
    issue = only(check(cell(quantity("Diameter", 18.35, "emmo:Metre"), **{"schema:model": "INR18650"})))
    assert [mend.replacement for mend in issue.suggestions] == ["0.01835", None]
    assert issue.suggestions[1].text == "write the unit as emmo:MilliMetre"


def test_a_number_in_the_name_that_is_no_size_code_says_nothing(check: Check) -> None:
    assert check(cell(quantity("Thickness", 5, "emmo:MilliMetre"), kind="PouchCell", **{"schema:model": "SLPB 186502105"})) == []


@pytest.mark.parametrize(
    ("low", "high", "unit"),
    [
        ("LowerVoltageLimit", "UpperVoltageLimit", "emmo:Volt"),
        ("LowerVoltageLimit", "ChargingVoltage", "emmo:Volt"),
        ("NominalVoltage", "UpperVoltageLimit", "emmo:Volt"),
        ("MinimumChargingTemperature", "MaximumChargingTemperature", "emmo:DegreeCelsius"),
    ],
)
def test_limits_that_are_the_wrong_way_round_are_swapped(check: Check, low: str, high: str, unit: str) -> None:
    issue = only(check(cell(quantity(low, 4.2, unit), quantity(high, 2.5, unit))))
    assert (issue.code, issue.value) == ("limits-reversed", "4.2")
    assert issue.message.startswith(f"{low} is 4.2 ")
    swapped = issue.suggestions[0].edits
    assert [edit.content for edit in swapped] == ["2.5", "4.2"]
    assert check(cell(quantity(low, 2.5, unit), quantity(high, 4.2, unit))) == []


@pytest.mark.parametrize(
    ("kind", "quantities"),
    [
        ("NickelMetalHydrideBattery", [quantity("NominalVoltage", 1.2, "emmo:Volt")]),
        ("LeadAcidBattery", [quantity("RatedCapacity", 225, "emmo:AmpereHour"), quantity("Mass", 28, "emmo:Kilogram")]),
        ("MonoblocBattery", [quantity("NominalVoltage", 12, "emmo:Volt")]),
    ],
)
def test_what_the_table_knows_nothing_of_is_not_compared_with_it(check: Check, kind: str, quantities: list[dict[str, Any]]) -> None:
    assert check(cell(*quantities, kind=kind)) == []


def test_swapped_limits_are_told_and_not_the_nominal_value_between_them(check: Check) -> None:
    nominal, low, high = (
        quantity("NominalVoltage", 3.7, "emmo:Volt"),
        quantity("LowerVoltageLimit", 4.2, "emmo:Volt"),
        quantity("UpperVoltageLimit", 2.7, "emmo:Volt"),
    )
    [issue] = check(cell(nominal, low, high))
    assert (issue.code, issue.value, issue.suggestions[0].replacement) == ("limits-reversed", "4.2", "2.7")


def test_limits_in_different_units_are_compared_in_one(check: Check) -> None:
    low, high = quantity("LowerVoltageLimit", 2.5, "emmo:Volt"), quantity("UpperVoltageLimit", 4200, "emmo:MilliVolt")
    assert check(cell(low, high)) == []


def test_limits_of_different_things_are_not_compared(check: Check) -> None:
    charging = {"@type": "Charging", "hasInput": quantity("UpperVoltageLimit", 2.5, "emmo:Volt")}
    discharging = {"@type": "Discharging", "hasInput": quantity("LowerVoltageLimit", 4.2, "emmo:Volt")}
    assert check({**cell(), "@type": "Cycling", "hasTask": [charging, discharging]}) == []


def test_an_energy_that_is_not_capacity_times_voltage_is_found(check: Check) -> None:
    issue = only(check(cell(CAPACITY, VOLTAGE, quantity("NominalEnergy", 122, "emmo:Watthour"))))
    assert issue.code == "energy-against-capacity"
    assert issue.message == "NominalEnergy is 122 Wh, which does not go with RatedCapacity 3.4 Ah and NominalVoltage 3.6 V"
    assert (issue.expected, issue.suggestions[0].replacement) == ("about 12.2 Wh", "12.2")


def test_an_energy_that_no_power_of_ten_explains_is_told_without_one(check: Check) -> None:
    issue = only(check(cell(CAPACITY, VOLTAGE, quantity("NominalEnergy", 33, "emmo:Watthour"))))
    assert (issue.code, issue.expected, issue.suggestions) == ("energy-against-capacity", "about 12.2 Wh", ())
    assert issue.remedy


def test_specific_energy_and_energy_density_are_compared_with_mass_and_volume(check: Check) -> None:
    good = (quantity("SpecificEnergy", 260, "emmo:WattHourPerKilogram"), quantity("EnergyDensity", 710, "emmo:WattHourPerLitre"))
    assert check(cell(MASS, CAPACITY, VOLTAGE, *SIZE, *good)) == []
    wrong = (quantity("SpecificEnergy", 2600, "emmo:WattHourPerKilogram"), quantity("EnergyDensity", 71, "emmo:WattHourPerLitre"))
    issues = check(cell(MASS, CAPACITY, VOLTAGE, *SIZE, *wrong))
    assert [(issue.code, issue.suggestions[0].replacement) for issue in issues] == [
        ("energy-against-capacity", "260"),
        ("energy-against-capacity", "710"),
    ]


def test_things_of_a_flat_document_are_told_apart_by_what_refers_to_them(check: Check) -> None:
    def flat(mass: float) -> dict[str, Any]:
        light = {"@id": "#light", "@type": "CoinCell", "schema:name": "A coin", "hasProperty": {"@id": "#m1"}}
        heavy = {"@id": "#heavy", "@type": "CylindricalBattery", "schema:name": "A cylinder", "hasProperty": {"@id": "#m2"}}
        masses = [
            {"@id": "#m1", **quantity("Mass", 0.003, "emmo:Kilogram")},
            {"@id": "#m2", **quantity("Mass", mass, "emmo:Kilogram")},
        ]
        return {"@context": "https://w3id.org/emmo/domain/battery/context", "@graph": [light, heavy, *masses]}

    assert check(flat(0.047)) == []
    issue = only(check(flat(47)))
    assert (issue.pointer, issue.suggestions[0].replacement) == ("/@graph/3/hasNumericalPart/hasNumberValue", "0.047")


def test_one_quantity_has_one_finding(check: Check) -> None:
    wrong = quantity("Diameter", 0.00018, "emmo:Metre")
    issues = check(cell(wrong, quantity("Height", 0.065, "emmo:Metre"), MASS, CAPACITY, **{"schema:model": "INR18650"}))
    assert [issue.code for issue in issues] == ["size-against-format"]


def test_what_is_said_twice_with_different_values_is_not_used_for_others(check: Check) -> None:
    assert check(cell(quantity("Mass", 0.047, "emmo:Kilogram"), quantity("Mass", 0.05, "emmo:Kilogram"), CAPACITY)) == []


def test_limits_without_a_known_unit_are_compared_as_written_but_not_when_one_is_given_twice(check: Check) -> None:
    low, high = quantity("MinimumStorageTemperature", 60, "cosy"), quantity("MaximumStorageTemperature", 45, "cosy")
    assert [issue.code for issue in check(cell(low, high))] == ["limits-reversed"]
    assert check(cell(low, quantity("MinimumStorageTemperature", -20, "cosy"), high)) == []


numbers = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**20), 10**20))
kinds = st.sampled_from(
    ["Mass", "RatedCapacity", "NominalVoltage", "Diameter", "Height", "NominalEnergy", "LowerVoltageLimit", "UpperVoltageLimit"]
)
unit_names = st.sampled_from(
    ["emmo:Kilogram", "emmo:AmpereHour", "emmo:Volt", "emmo:Metre", "emmo:Watthour", "emmo:DegreeCelsius", "", "what"]
)


@given(
    st.lists(st.builds(quantity, kinds, numbers, unit_names), max_size=6), st.sampled_from(["CoinCell", "BatteryPack", "Electrode"])
)
def test_whatever_the_numbers_each_finding_is_placed_and_its_replacement_is_json(
    check: Check, quantities: list[dict[str, Any]], kind: str
) -> None:
    issues = check(cell(*quantities, kind=kind))
    assert len({issue.pointer for issue in issues}) == len(issues)
    for issue in issues:
        assert issue.line
        for mend in issue.suggestions:
            assert mend.replacement is None or isinstance(json.loads(mend.replacement), int | float)
            assert all(json.loads(edit.content) is not None for edit in mend.edits)


# The table.


def test_the_table_comes_from_the_public_documents_byte_for_byte(shared_data: Path, repository: Path) -> None:
    assert table(shared_data) == (repository / "shapes" / "ranges.tsv").read_text()


def test_every_name_in_the_table_is_a_class_or_a_ratio() -> None:
    labels = {label.text for concept in packaged_facts().concepts.values() for label in concept.labels}
    plain = {name for name, _, _ in packaged_ranges() if "/" not in name and "·" not in name}
    assert plain - labels == {"capacity"}


def test_a_draft_and_its_final_form_count_once() -> None:
    twice = [Observation(f"{n}.json", "Mass", "cell", "kg", n + 1) for n in range(LEAST - 1)] * 2
    assert read_ranges(make_ranges(twice)) == {}


@given(st.lists(st.floats(1e-6, 1e6), min_size=LEAST, max_size=60), st.randoms())
def test_the_table_does_not_depend_on_the_order_and_holds_its_own_middle(values: list[float], order: Any) -> None:
    seen = [Observation(str(n), "Mass", "cell", "kg", value) for n, value in enumerate(values)]
    text = make_ranges(seen)
    order.shuffle(seen)
    assert make_ranges(seen) == text
    found = read_ranges(text)["Mass", "cell", "kg"]
    assert found.low <= found.median <= found.high
    assert found.excess(found.median) == 0


@pytest.mark.parametrize(
    "spoilt",
    ["", "voltagraph-ranges\t9\n", "voltagraph-ranges\t1\nrange\tMass\n", "voltagraph-ranges\t1\nx\ta\tb\tc\t1\t1\t1\t1\t1\t1\n"],
)
def test_a_spoilt_table_is_refused(spoilt: str) -> None:
    with pytest.raises(OntologyError, match="range"):
        read_ranges(spoilt)


def test_bounds_without_a_distribution_have_their_middle_between_them() -> None:
    assert Range.between(0.5, 2).excess(0) == 0
    assert Range.between(0.5, 2).excess(1) > 0


# Real documents.


@pytest.fixture(scope="module")
def corpus(shared_data: Path) -> Corpus:
    return Corpus(shared_data)


@pytest.fixture(scope="module")
def reads(corpus: Corpus) -> list[Read]:
    return list(corpus.read_all())


def test_few_real_documents_have_a_finding_and_the_known_faults_are_among_them(corpus: Corpus, reads: list[Read]) -> None:
    """Looked at one by one: docs/plausibility.md. Of the 29 cells that contradict their size code three quarters are here."""
    check = corpus.plausibility()
    found = {read.key: issues for read in reads if (issues := findings(check, read))}
    assert len(found) < 0.06 * len(reads)
    size = {key.rpartition("/")[2] for key, issues in found.items() if any(one.code == "size-against-format" for one in issues)}
    assert len(size) == 20
    bak = found["battinfo-records/cell-spec__bak--n18650ck--2017.jsonld"]
    assert [issue.message for issue in bak] == ["Diameter is 0.00015 m, but the size code 18650 means 0.018 m"]


def test_slips_put_into_real_documents_are_found_and_set_right(corpus: Corpus, reads: list[Read]) -> None:
    """A small sample of `python -m benchmarks.plausibility`, with a seed of its own."""
    outcomes = slip_outcomes(corpus, reads, 7, 40)
    found = [one for one in outcomes if one.found]
    assert len(found) > 0.85 * len(outcomes)
    assert sum(one.right for one in found) > 0.95 * len(found)
    assert sum(one.elsewhere for one in outcomes) < 0.02 * len(outcomes)
