"""A machine with nothing but the program: the fact table stands in for ontologies and contexts, and the samples read the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.environment import plain_environment

QUESTIONS = [
    "prismatic LFP cell above 100 Ah",
    "NMC pouch cell",
    "electrochemical impedance spectroscopy",
    "LFP",
    "cells lighter than 0.5 kg",
    "capacity between 2 and 3 Ah",
    "nominal voltage 3.2 V",
    "graphite foil",
    "21700 cell below 70 g",
    "sodium-ion cell",
    "A123",
    "electrolyte with LiPF6",
    "cell",
]

# The records context writes the IRI of PrismaticBattery unlike the battery context; the term map has one IRI for a term.
TWO_SPELLINGS = ("battery_86c9ca80-de6f-417f-afdc-a7e52fa6322d", "battery_86c9ca80_de6f_417f_afdc_a7e52fa6322d")

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The tracked files of the packages, in a place without data beside it."""
    if shutil.which("git") is None or not (repository / ".git").exists():
        pytest.skip("this is no checkout, so what belongs to the program cannot be listed")
    place = tmp_path_factory.mktemp("elsewhere") / "checkout"
    packages = ("access", "api", "app", "graph", "harvester", "ontology", "records", "search", "shapes", "ui")
    listed = subprocess.run(["git", "ls-files", "-z", *packages], capture_output=True, check=True, cwd=repository)
    for name in listed.stdout.decode().split("\0"):
        if name and (repository / name).is_file():
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(repository / name, target)
    assert not (place.parent / "shared").exists()
    return place


def _command(place: Path, home: Path) -> Command:
    environment = plain_environment()

    def run(*arguments: str, stdin: str = "", code: int = 0) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "--home", str(home), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment | {"PYTHONPATH": str(place)},
            cwd=place,
            timeout=120,
        )
        assert done.returncode == code, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


@pytest.fixture(scope="module")
def bare(copy: Path) -> Command:
    """The command of the copy, its samples harvested."""
    run = _command(copy, copy.parent / "home")
    run("harvest", "app/samples", "--json")
    return run


@pytest.fixture(scope="module")
def full(repository: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command with the full ontologies, the same samples harvested."""
    home = tmp_path_factory.mktemp("full") / "home"
    run = _command(repository, home)
    run("harvest", "app/samples", "--json")
    return run


def checks(run: Command) -> dict[str, dict[str, Any]]:
    [found] = run("doctor", "--json")
    return {check["name"]: check for check in found}


def test_the_copy_runs_its_own_code_without_data(bare: Command) -> None:
    found = checks(bare)
    assert all(check["ok"] for check in found.values()), found
    assert found["Ontologies"]["found"].endswith("the fact table of the program")
    assert int(found["Ontologies"]["found"].split()[0]) > 5000
    assert found["Contexts"]["found"].endswith("the term map of the fact table")
    assert found["Full ontologies"]["remedy"] == "Optional: run `voltagraph ontology fetch`."
    assert found["Records"]["found"] == "56 loaded"


def test_the_full_data_are_used_where_they_are(full: Command) -> None:
    found = checks(full)
    assert "Full ontologies" not in found
    assert "ontologies" in found["Ontologies"]["found"].split(" from ")[1]


def test_a_second_harvest_without_data_has_nothing_to_do(bare: Command) -> None:
    [report] = bare("harvest", "app/samples", "--json")
    assert (report["documents"], report["loaded"], report["unchanged"], report["findings"]) == (56, 56, 56, 4)


def test_the_same_statements_and_findings_come_of_the_samples(bare: Command, full: Command) -> None:
    [here], [there] = bare("harvest", "app/samples", "--json"), full("harvest", "app/samples", "--json")
    for key in ("documents", "loaded", "refused", "quads", "findings", "finding_counts"):
        assert here[key] == there[key], key
    query = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"

    def statements(run: Command) -> set[tuple[str, ...]]:
        [answer] = run("sparql", query, "--json")
        return {tuple(json.dumps(row[name]).replace(*TWO_SPELLINGS) for name in "gspo") for row in answer["results"]["bindings"]}

    mine, theirs = statements(bare), statements(full)
    assert len(mine) == here["quads"] > 2000
    assert (mine - theirs, theirs - mine) == (set(), set())


def test_the_same_findings_with_the_same_words(bare: Command, full: Command) -> None:
    def told(run: Command) -> list[dict[str, Any]]:
        [report] = run("validate", "app/samples", "--json", code=1)
        return [
            {
                **{key: finding[key] for key in ("code", "severity", "pointer", "line", "column", "value", "path", "shape")},
                "file": file["file"],
            }
            for file in report["files"]
            for finding in file["findings"]
        ]

    assert told(bare) == told(full)
    assert len(told(bare)) == 4


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_answer_to_each_question(answers: Any, question: str) -> None:
    here, there = answers
    assert here[question]["total"] > 0
    assert here[question] == there[question]


@pytest.fixture(scope="module")
def answers(bare: Command, full: Command) -> tuple[dict[str, Any], dict[str, Any]]:
    asked = "\n".join(QUESTIONS) + "\n"
    here, there = (run("search", "--batch", "--limit", "100", stdin=asked) for run in (bare, full))
    return dict(zip(QUESTIONS, here, strict=True)), dict(zip(QUESTIONS, there, strict=True))


def test_the_same_concepts_are_found(bare: Command, full: Command) -> None:
    asked = "LFP\nNMC\npouch\nrated capacity\nmAh\nBatteryHalfCell\nPVDF\nimpedance\nemmo:EMMO_0000\n"
    assert bare("concepts", "--batch", stdin=asked) == full("concepts", "--batch", stdin=asked)


def test_what_needs_the_full_data_says_so(bare: Command, copy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "--home", str(copy.parent / "home"), "ontology", "facts", str(copy.parent / "out.tsv")],
        capture_output=True,
        text=True,
        env=plain_environment() | {"PYTHONPATH": str(copy)},
        cwd=copy,
        timeout=60,
    )
    assert done.returncode == 4
    assert "voltagraph ontology fetch" in done.stderr
    assert not (copy.parent / "out.tsv").exists()
