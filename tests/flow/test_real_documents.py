"""All the real documents at once, by the installed command; what is expected is read from the JSON, not through our own reading."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from ontology import terms
from tests.environment import CACHE, plain_environment

REFUSED = {
    "battinfo-native/interop__converter-versions__converter-v1.1.11.coincell.jsonld": "nan",
    "battinfo-native/interop__converter-versions__converter-v1.1.15.coincell.jsonld": "nan",
    "battinfo-native/interop__converter-versions__converter-v1.1.17.coincell.jsonld": "nan",
    "battinfo-native/interop__converter-versions__converter-v1.1.2.coincell.jsonld": "nan",
    "malformed/domain-electrochemistry__testing__electrochemical_test_electrochemical_impedance_spectroscopy.jsonld": "empty-file",
    "malformed/domain-electrochemistry__testing__electrochemical_test_linear_sweep_voltammetry.jsonld": "empty-file",
    "origins.json": "not-json-ld",
}


_MEASURED = """
import os, subprocess, sys
_, status, usage = os.wait4(subprocess.Popen(sys.argv[2:]).pid, 0)
open(sys.argv[1], "w").write(str(usage.ru_maxrss))
os._exit(os.waitstatus_to_exitcode(status))
"""
# A process that is started by a larger one counts that one's memory as its own until it runs: so the one between is small.


@dataclass(frozen=True)
class Harvested:
    """A home with every real document, and how it came to be."""

    home: Path
    folder: Path
    report: dict[str, Any]
    peak_bytes: int

    def run(self, *arguments: str, stdin: str = "", code: int = 0) -> Any:
        """What a command prints over this home, lines of JSON read."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "--home", str(self.home), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=plain_environment(),
            cwd=Path(__file__).parents[2],
            timeout=300,
        )
        assert done.returncode == code, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    @cached_property
    def documents(self) -> dict[str, Any]:
        """The documents that load, by path."""
        paths = (path for path in sorted(self.folder.rglob("*.json*")))
        keys = ((path.relative_to(self.folder).as_posix(), path) for path in paths)
        return {key: json.loads(path.read_bytes()) for key, path in keys if key not in REFUSED}


@pytest.fixture(scope="module")
def harvested(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Harvested:
    place = tmp_path_factory.mktemp("real")
    home = place / "home"
    printed, peak = place / "report.json", place / "peak"
    with printed.open("w") as file:
        command = [sys.executable, "-m", "app.cli", "--home", str(home), "harvest", str(shared_data / "jsonld"), "--json"]
        subprocess.run(
            [sys.executable, "-c", _MEASURED, str(peak), *command],
            stdout=file,
            env=plain_environment() | {CACHE: str(home / "cache")},  # as on a new machine: all is made, and its memory counts
            cwd=Path(__file__).parents[2],
            check=True,
        )
    return Harvested(home, shared_data / "jsonld", json.loads(printed.read_text()), int(peak.read_text()) * 1024)


def test_every_valid_document_loads_and_the_others_are_told_with_their_place(harvested: Harvested) -> None:
    report = harvested.report
    assert (report["documents"], report["loaded"], report["refused"]) == (1161, 1154, 7)
    assert len(harvested.documents) == 1154
    assert {issue["source"]: issue["code"] for issue in report["issues"]} == REFUSED
    for issue in report["issues"]:
        assert issue["line"] > 0
        assert issue["column"] > 0
        assert issue["remedy"]
        if issue["code"] == "nan":
            line = (harvested.folder / issue["source"]).read_text().splitlines()[issue["line"] - 1]
            assert line[issue["column"] - 1 :].startswith("NaN")


def test_a_second_harvest_leaves_all_alone(harvested: Harvested) -> None:
    [again] = harvested.run("harvest", str(harvested.folder), "--json")
    assert (again["new"], again["changed"], again["unchanged"], again["withdrawn"]) == (0, 0, 1161, 0)
    for key in ("documents", "loaded", "refused", "quads", "findings", "finding_counts"):
        assert again[key] == harvested.report[key], key


def test_a_harvest_needs_less_than_a_gigabyte(harvested: Harvested) -> None:
    assert 20_000_000 < harvested.peak_bytes < 1_000_000_000


def test_the_doctor_finds_every_store_whole(harvested: Harvested) -> None:
    [checks] = harvested.run("doctor", "--json")
    named = {check["name"]: check for check in checks}
    assert all(check["ok"] for check in checks), checks
    assert named["Index"]["found"] == "1154 records"
    assert named["Graph"]["found"] == "1154 record graphs"


# --- no number is lost


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def name_of(key: str) -> str:
    """A key or type without its prefix."""
    return re.split(r"[:#/]", key)[-1]


def values(node: dict[str, Any], *names: str) -> list[Any]:
    return [one for key, value in node.items() if name_of(key) in names for one in listed(value)]


def number(value: Any) -> float | str:
    """Compared as a number where it is one."""
    value = value.get("@value") if isinstance(value, dict) else value
    try:
        read = float(value)
    except (TypeError, ValueError):
        return str(value)
    return read if math.isfinite(read) else str(value)


def numbers_under_parts(document: Any) -> Counter[float | str]:
    return Counter(
        number(value)
        for node in nodes(document)
        for part in values(node, "hasNumericalPart")
        if isinstance(part, dict)
        for value in values(part, "hasNumericalValue", "hasNumberValue")
    )


def by_document(harvested: Harvested, query: str) -> dict[str, list[dict[str, Any]]]:
    [answer] = harvested.run("sparql", query, "--format", "json")
    rows: dict[str, list[dict[str, Any]]] = {}
    start = "http://localhost:8000/records/jsonld/"
    for row in answer["results"]["bindings"]:
        key = unquote(row["g"]["value"].removeprefix(start).removesuffix("#graph"))
        rows.setdefault(key, []).append(row)
    return rows


def test_no_number_of_any_document_is_lost_without_a_word(harvested: Harvested) -> None:
    """What stands below a key that no context defines is lost to JSON-LD; then a finding says how many numbers that are."""
    query = f"""SELECT ?g ?part ?value {{ GRAPH ?g {{
        ?quantity <{terms.HAS_NUMERICAL_PART}> ?part . ?part <{terms.HAS_NUMBER_VALUE}> ?value }} }}"""
    stored = {key: Counter(number(row["value"]["value"]) for row in rows) for key, rows in by_document(harvested, query).items()}
    expected = {key: found for key, document in harvested.documents.items() if (found := numbers_under_parts(document))}
    assert sum(found.total() for found in expected.values()) > 10_000
    none: Counter[float | str] = Counter()
    assert {key: more for key in stored if (more := stored[key] - expected.get(key, none))} == {}
    missing = {key: less for key in expected if (less := expected[key] - stored.get(key, none))}
    files = [str(harvested.folder / key) for key in missing]
    [report] = harvested.run("validate", *files, "--json", "--fail-on", "violation", code=1)
    told = {
        file["file"].removeprefix(f"{harvested.folder}/"): sum(
            int(match[1]) for finding in file["findings"] if (match := re.search(r"(\d+) numbers? below it", finding["message"]))
        )
        for file in report["files"]
    }
    # Findings also count numbers that stand there without hasNumericalPart.
    assert {key: less.total() for key, less in missing.items() if less.total() > told[key]} == {}
    assert 0 < sum(less.total() for less in missing.values()) < 50


def test_every_number_is_in_the_normal_form_of_a_number(harvested: Harvested) -> None:
    query = f"SELECT ?g ?value {{ GRAPH ?g {{ ?part <{terms.HAS_NUMBER_VALUE}> ?value FILTER(isNumeric(?value)) }} }}"
    rows = [row for rows in by_document(harvested, query).values() for row in rows]
    assert len(rows) > 10_000
    assert {row["value"]["datatype"] for row in rows} <= {
        f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("double", "integer", "decimal")
    }
    assert all(math.isfinite(float(row["value"]["value"])) for row in rows)


def test_no_unit_is_left_with_a_prefix_instead_of_its_address(harvested: Harvested) -> None:
    query = f"SELECT ?g ?unit {{ GRAPH ?g {{ ?quantity <{terms.HAS_MEASUREMENT_UNIT}> ?unit }} }}"
    rows = by_document(harvested, query)
    written = [row["unit"] for found in rows.values() for row in found]
    assert len(written) > 10_000
    assert [unit["value"] for unit in written if unit["value"].startswith("emmo:")] == []
    ampere_hours = sum(unit["value"] == "https://w3id.org/emmo#AmpereHour" for unit in written)
    expected = sum(
        name_of(unit["@id"] if isinstance(unit, dict) else unit) == "AmpereHour"
        for document in harvested.documents.values()
        for node in nodes(document)
        for unit in values(node, "hasMeasurementUnit")
    )
    assert ampere_hours == expected > 500


def test_the_old_name_real_is_read_as_real_data(harvested: Harvested) -> None:
    query = f"SELECT ?g ?part {{ GRAPH ?g {{ ?part a <{terms.REAL_DATA}> ; <{terms.HAS_NUMBER_VALUE}> ?value }} }}"
    stored = {key: len(rows) for key, rows in by_document(harvested, query).items() if key.startswith("cellinfo/")}
    expected = {
        key: sum(part.get("@type") == "Real" for node in nodes(document) for part in values(node, "hasNumericalPart"))
        for key, document in harvested.documents.items()
        if key.startswith("cellinfo/")
    }
    assert len(expected) == 256
    assert stored == {key: found for key, found in expected.items() if found}


# --- questions


def types_of(node: dict[str, Any]) -> set[str]:
    return {name_of(kind) for kind in listed(node.get("@type")) if isinstance(kind, str)}


def types(document: Any) -> set[str]:
    return {kind for node in nodes(document) for kind in types_of(node)}


def quantities(document: Any, kind: str, **factors: float) -> list[float]:
    """Values of nodes one of whose types fits the pattern, times the factor of their unit."""
    found = []
    for node in nodes(document):
        if not any(re.fullmatch(kind, each) for each in types_of(node)):
            continue
        units = [name_of(str(unit)) for unit in values(node, "hasMeasurementUnit")] or [""]
        for part in values(node, "hasNumericalPart"):
            for value in values(part, "hasNumericalValue", "hasNumberValue") if isinstance(part, dict) else ():
                read = number(value)
                if units[0] in factors and isinstance(read, float):
                    found.append(read * factors[units[0]])
    return found


AMPERE_HOURS = {"AmpereHour": 1.0, "MilliAmpereHour": 0.001}
GRAMS = {"Gram": 1.0, "Kilogram": 1000.0}
VOLTS = {"Volt": 1.0, "MilliVolt": 0.001}
COUNTS = {"": 1.0, "UnitOne": 1.0, "EMMO_5ebd5e01_0ed3_49a2_a30d_cd05cbe72978": 1.0}


def uses(*names: str) -> Callable[[Any], bool]:
    return lambda document: not types(document).isdisjoint(names)


is_lfp = uses("LithiumIronPhosphate", "LithiumIronPhosphateElectrode", "LithiumIonIronPhosphateBattery")
is_prismatic = uses("PrismaticCase", "PrismaticBattery")


def is_cylindrical(document: Any) -> bool:
    """By case, or by a size such as R18650 or a cell such as INR18650MJ1."""
    return any(re.fullmatch(r"Cylindrical(Case|Battery)?|[A-Z]*R\d{5}\w*", kind) for kind in types(document))


def is_nca(document: Any) -> bool:
    """By material, electrode or kind of battery, or because its own name says NCA; an article that it cites says nothing of it."""
    return any(
        re.search(r"\bLithium(Ion)?NickelCobaltAlumini?umOxide(Electrode|Battery)?\b", kind)  # or one of two, joined by "and"
        for kind in types(document)
    ) or any(re.search(r"\bNCA\b", value) for value in values(document, "name", "model") if isinstance(value, str))


QUESTIONS: dict[str, Callable[[Any], bool]] = {
    "prismatic LFP cell above 100 Ah": lambda d: (
        is_prismatic(d) and is_lfp(d) and any(value > 100 for value in quantities(d, ".*Capacity", **AMPERE_HOURS))
    ),
    "NCA cells": is_nca,
    "cylindrical cells below 50 g": lambda d: is_cylindrical(d) and any(value < 50 for value in quantities(d, "Mass", **GRAMS)),
    "nominal voltage 3.2 V": lambda d: any(math.isclose(value, 3.2) for value in quantities(d, "NominalVoltage", **VOLTS)),
    "cycle life at least 3000": lambda d: any(value >= 3000 for value in quantities(d, "CycleLife", **COUNTS)),
    "capacity between 2 and 3 Ah": lambda d: any(2 <= value <= 3 for value in quantities(d, ".*Capacity", **AMPERE_HOURS)),
    "mass above 2 kg": lambda d: any(value > 2000 for value in quantities(d, "Mass", **GRAMS)),
}


@pytest.fixture(scope="module")
def answers(harvested: Harvested) -> dict[str, set[str]]:
    """Every hit of each question."""
    found: dict[str, set[str]] = {question: set() for question in QUESTIONS}
    offset = 0
    while open_questions := [question for question in QUESTIONS if len(found[question]) == offset]:
        pages = harvested.run(
            "search", "--batch", "--limit", "100", "--offset", str(offset), stdin="\n".join(open_questions) + "\n"
        )
        for question, page in zip(open_questions, pages, strict=True):
            found[question] |= {hit["source_file"] for hit in page["hits"]}
        offset += 100
    return found


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_finds_exactly_what_the_documents_say(harvested: Harvested, answers: dict[str, set[str]], question: str) -> None:
    expected = {key for key, document in harvested.documents.items() if QUESTIONS[question](document)}
    assert len(expected) >= 5
    found = answers[question]
    assert (sorted(found - expected), sorted(expected - found)) == ([], [])
