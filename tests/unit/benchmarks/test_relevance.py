"""The truth of the relevance benchmark: rows from documents, predicates, measures and verdicts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.relevance.__main__ import HALVES, main
from benchmarks.relevance.asked import Asked, expected, read_asked, verdict
from benchmarks.relevance.documents import fold, make_document, read_folder
from benchmarks.relevance.measures import score
from benchmarks.relevance.tables import MATERIALS, MIXED, SYMBOLS, UNITS
from benchmarks.relevance.truth import Question, Row, matching, read_questions

RELEVANCE = Path("benchmarks", "relevance")

CELL = {
    "@type": ["BatteryCellSpecification", "schema:CreativeWork"],
    "schema:name": "Acme X20",
    "schema:model": "X20",
    "schema:manufacturer": {"@type": "schema:Organization", "schema:name": "Acme Énergie"},
    "schema:size": "R21700",
    "schema:releaseDate": "2024-01-01",
    "isDescriptionFor": {"@type": ["BatteryCell", "CylindricalBattery", "LithiumIonNickelManganeseCobaltOxideBattery"]},
    "hasProperty": [
        {
            "@type": ["RatedCapacity", "ConventionalProperty"],
            "hasNumericalPart": {"hasNumberValue": 5000},
            "hasMeasurementUnit": "emmo:MilliAmpereHour",
        },
        {
            "@type": "Mass",
            "hasNumericalPart": {"hasNumericalValue": "0.07"},
            "hasMeasurementUnit": "https://w3id.org/emmo#Kilogram",
        },
        {"@type": "InternalResistance", "hasNumericalPart": {"hasNumberValue": 18.0}, "schema:unitText": "mohm"},
        {"@type": "CycleLife", "hasNumericalPart": {"hasNumericalValue": "NaN"}},
    ],
    "hasNegativeElectrode": {
        "hasActiveMaterial": {"@type": ["Graphite", "ActiveMaterial"]},
        "hasCurrentCollector": {"@type": ["CurrentCollector", "Copper"]},
        "hasProperty": {"@type": "Thickness", "hasNumericalPart": {"hasNumberValue": 60}, "schema:unitText": "um"},
    },
    "schema:subjectOf": {"schema:author": "G. J. Offer and Ada Lovelace", "schema:headline": "On thermal runaway"},
}
MATERIAL = {
    "@type": "LithiumIronPhosphate",
    "schema:name": "LFP",
    "hasProperty": {
        "@type": "SpecificCapacity",
        "hasNumericalPart": {"hasNumberValue": 160},
        "schema:unitText": "mAh/g",
        "hasMeasurementParameter": [
            {"@type": "CRate", "hasNumericalPart": {"hasNumberValue": 0.1}, "schema:unitText": "C"},
            {"@type": "CelsiusTemperature", "hasNumericalPart": {"hasNumberValue": 25}, "hasMeasurementUnit": "unit:DEG_C"},
        ],
    },
}


def row(content: dict[str, Any], name: str = "folder/file.json") -> Row:
    return Row(make_document(name, content))


@pytest.mark.parametrize(
    "predicate",
    [
        "cell and cathode('NMC') and anode('graphite') and not cathode('LFP')",
        "format('cylindrical') and size('21700') and not format('prismatic')",
        "rated_capacity > 4.9 * Ah and capacity.equals(5 * Ah) and capacity.within(5000 * mAh, 6 * Ah)",
        "not capacity > 5 * Ah and capacity >= 5 * Ah and capacity <= 5 * Ah and not capacity < 5 * Ah",
        "mass.equals(70 * g)",
        "resistance < 20 * mOhm",
        "not cycle_life",
        "not thickness and of('negative', 'thickness').equals(60 * um) and anywhere('thickness') < 1 * mm",
        "uses('Copper', 'collector') and not uses('Copper', 'active') and not uses('Copper', 'positive')",
        "maker('acme energie') and not maker('Ac')",
        "named('X20') and named('acme x20') and named('ACME-X20') and not named('X2')",
        "person('Offer', 'G') and person('Lovelace') and not person('Ada')",
        "says('thermal runaway') and says('therm*') and not says('therm')",
        "released(2024) and not released(2020) and not published(2024)",
        "released(2020, 2024) and released(2024, 2030) and made(2000, 2030) and not released(2025, 2030)",
        "cobalt and not perhaps('NMC') and not dataset and not test",
    ],
)
def test_predicate_holds_for_the_cell(predicate: str) -> None:
    assert matching(predicate, [row(CELL)])


def test_condition_belongs_to_its_own_quantity() -> None:
    assert matching("specific_capacity.at('c_rate', .1 * C).at('temperature', 25 * degC) > 150 * mAh_g", [row(MATERIAL)])
    assert not matching("specific_capacity.at('c_rate', 1 * C)", [row(MATERIAL)])
    assert not matching("specific_capacity.at('c_rate', .1 * C) > 170 * mAh_g", [row(MATERIAL)])


def test_material_by_itself_has_no_role() -> None:
    assert matching("uses('LFP') and about('LFP') and not cathode('LFP') and not cell", [row(MATERIAL)])


def test_reference_electrode_is_no_anode() -> None:
    content = {"@type": "CoinCell", "hasNegativeElectrode": {"hasTestObject": {"hasReferenceElectrode": {"@type": "Lithium"}}}}
    assert matching("uses('lithium', 'reference') and not anode('lithium')", [row(content)])


def test_files_that_are_no_json_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "empty.json").write_bytes(b"")
    (tmp_path / "source" / "nan.json").write_text('{"schema:name": NaN}', "utf-8")
    (tmp_path / "source" / "good.json").write_text('{"schema:name": "good"}', "utf-8")
    assert [document.id for document in read_folder(tmp_path)] == ["source/good.json"]


def test_no_class_means_two_things_and_every_symbol_is_a_unit() -> None:
    assert all(MATERIALS[material].isdisjoint(mixed) for material, mixed in MIXED.items())
    assert set(SYMBOLS.values()) <= set(UNITS)


def test_no_question_is_asked_twice(repository: Path) -> None:
    searched = [one for name, _ in HALVES.values() for one in read_questions(repository / RELEVANCE / name)]
    asked = [one for _, name in HALVES.values() for one in read_asked(repository / RELEVANCE / name)]
    assert len({one.id for one in searched}) == len({fold(one.text) for one in searched}) == len(searched)
    assert len({one.id for one in asked}) == len({fold(one.text) for one in asked}) == len(asked)


def test_held_half_has_every_class_of_the_other(repository: Path) -> None:
    tune, held = (Counter(one.group for one in read_questions(repository / RELEVANCE / name)) for name, _ in HALVES.values())
    assert all(held[group] >= 12 for group in tune)
    tune, held = (Counter(one.group for one in read_asked(repository / RELEVANCE / name)) for _, name in HALVES.values())
    assert set(tune) <= set(held)


def test_no_predicate_is_always_true_or_always_empty(repository: Path, shared_data: Path) -> None:
    rows = [Row(document) for document in read_folder(shared_data / "jsonld")]
    for question in (one for name, _ in HALVES.values() for one in read_questions(repository / RELEVANCE / name)):
        grades = question.grades(rows)
        assert (2 not in grades.values()) == (question.group == "nothing"), question.id
        assert len(grades) < 0.9 * len(rows), question.id
    for asked in (one for _, name in HALVES.values() for one in read_asked(repository / RELEVANCE / name)):
        assert expected(asked, rows), asked.id
        if asked.group in ("name", "choice", "value", "superlative", "statistic", "comparison", "difference"):
            assert matching(asked.of, rows), asked.id


def test_near_is_neither_missed_nor_wrong() -> None:
    question = Question("id", "class", "text", "cell", "about('LFP')")
    grades = question.grades([row(CELL, "a/cell"), row(MATERIAL, "a/material"), row({}, "a/other")])
    assert grades == {"a/cell": 2, "a/material": 1}
    assert score(["a/cell"], grades).exact == score(["a/cell", "a/material"], grades).exact == 1
    assert score(["a/cell", "a/other"], grades).precision == 0.5
    assert score(["a/material"], grades).recall == 0
    assert score(["a/cell", "a/material"], grades).ndcg == 1
    assert 0 < score(["a/material", "a/cell"], grades).ndcg < 1


def test_other_record_of_a_right_cell_is_near_where_the_question_says_so() -> None:
    bare = {"@type": "BatteryCell", "schema:name": "X20", "schema:manufacturer": "Acme Énergie"}
    rows = [row(CELL, "a/cell"), row(bare, "b/cell"), row(MATERIAL, "a/material")]
    question = Question("id", "class", "text", "cathode('NMC')", twins=True)
    assert question.grades(rows) == {"a/cell": 2, "b/cell": 1}
    assert replace(question, twins=False).grades(rows) == {"a/cell": 2}


def test_nothing_is_right_where_nothing_answers() -> None:
    assert score([], {}).ndcg == 1
    assert score(["a"], {}).ndcg == score(["a"], {}).exact == 0


@pytest.mark.parametrize(
    ("asked", "value", "unit", "right"),
    [
        (Asked("i", "value", "t", of="cell", kind="capacity", unit="Ah"), 5, "Ah", True),
        (Asked("i", "value", "t", of="cell", kind="capacity", unit="mAh"), 5000, "mAh", True),
        (Asked("i", "value", "t", of="cell", kind="capacity", unit="mAh"), 5000, "Ah", False),
        (Asked("i", "value", "t", of="cell", kind="capacity", unit="Ah"), 5, "kg", False),
        (Asked("i", "value", "t", of="cell", kind="resistance", unit="mOhm"), 18, "mΩ", True),
        (Asked("i", "value", "t", of="cell", kind="capacity", unit="Ah"), 5, "A·h", True),
        (Asked("i", "value", "t", of="cell", kind="capacity", unit="g_cm3"), 5, "g/cm³", False),
        (Asked("i", "count", "t", of="cell"), 1, "", True),
        (Asked("i", "count", "t", of="cell"), 2, "", False),
        (Asked("i", "superlative", "t", of="cell", kind="mass", unit="g", statistic="min"), 0.07, "kg", True),
        (Asked("i", "name", "t", of="cell", says=("Acme Energie",)), "Acme Énergie", "", True),
        (Asked("i", "yes or no", "t", of="cell and cathode('LFP')"), "no", "", True),
        (Asked("i", "choice", "t", of="cell", says=("X20",)), "Acme X20", "", True),
        (Asked("i", "difference", "t", of="cell", other="cell", kind="mass", unit="g"), 0, "g", True),
        (Asked("i", "difference", "t", of="cell", other="cell", kind="mass", unit="g"), 70, "g", False),
        (Asked("i", "value", "t", of="cell", kind="thickness", unit="um", part="negative"), 60, "um", True),
        (Asked("i", "unknown", "t"), 5, "Ah", False),
    ],
)
def test_verdict_on_an_answer(asked: Asked, value: float | str, unit: str, right: bool) -> None:
    sources = [{"record": "a/cell", "file": "cell", "pointer": "", "line": 1}]
    reply = {"answer": {"value": value, "unit": unit, "text": f"It is {value} {unit}."}, "abstained": False, "sources": sources}
    assert verdict(asked, reply, [row(CELL, "a/cell")]) == ("right" if right else "wrong")


def test_choice_is_what_the_value_names_whatever_the_text_names_beside() -> None:
    asked = Asked("i", "choice", "t", of="cell", says=("X20",))
    reply = {
        "answer": {"value": "Acme Y3", "unit": "", "text": "Acme Y3: 9 Ah, Acme X20: 5 Ah."},
        "abstained": False,
        "sources": [],
    }
    assert verdict(asked, reply, [row(CELL)]) == "wrong"


def test_failures_of_the_held_half_are_shown_only_when_asked_for_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["relevance", "nowhere", "--half", "held", "--show", "failures"])
    with pytest.raises(SystemExit):
        main()
    assert "--show held-failures" in capsys.readouterr().err


def test_verdict_on_no_answer() -> None:
    reply: dict[str, Any] = {"answer": None, "abstained": True, "sources": []}
    assert verdict(Asked("i", "unknown", "t"), reply, []) == "abstained rightly"
    assert verdict(Asked("i", "count", "t", of="cell"), reply, []) == "abstained wrongly"
