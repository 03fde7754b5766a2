"""`voltagraph ask`: one question, many from a file or standard input, and what people see."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.environment import plain_environment

Run = Callable[..., Any]

KEYS = ["question", "understood", "answer", "abstained", "sources", "query"]
QUESTIONS = [
    "What is the rated capacity of the Testmaker TM-26?",
    "",
    "What is the rated capacity of the Testmaker TM-27?",
    "How many cells?",
    "a" * 1001,
]
CELL = {
    "@context": "https://w3id.org/emmo/domain/battery/context",
    "@type": "PrismaticBattery",
    "schema:name": "Testmaker TM-26",
    "schema:model": "TM-26",
    "schema:manufacturer": {"@type": "schema:Organization", "schema:name": "Testmaker"},
    "hasProperty": {
        "@type": ["RatedCapacity", "ConventionalProperty"],
        "hasNumericalPart": {"@type": "RealData", "hasNumberValue": 26.5},
        "hasMeasurementUnit": "https://w3id.org/emmo#AmpereHour",
    },
}


@pytest.fixture(scope="module")
def one_cell(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A home with one cell; read only."""
    place = tmp_path_factory.mktemp("one-cell")
    (place / "cells").mkdir()
    (place / "cells" / "cell.jsonld").write_text(json.dumps(CELL, indent=1))
    subprocess.run(
        [sys.executable, "-m", "app.cli", "--home", str(place / "home"), "harvest", str(place / "cells"), "--audience", "any"],
        check=True,
        capture_output=True,
        env=plain_environment(),
        cwd=repository,
        timeout=120,
    )
    return place / "home"


@pytest.fixture
def asking(run: Run, one_cell: Path) -> Run:
    """Run a command over that home."""
    return lambda *arguments, **options: run(*arguments, "--home", str(one_cell), **options)


def test_one_question_is_answered_as_json_with_its_place(asking: Run) -> None:
    answer = json.loads(asking("ask", QUESTIONS[0], "--json").stdout)
    assert list(answer) == KEYS
    assert answer["answer"]["value"] == 26.5
    assert answer["answer"]["unit"] == "Ah"
    [source] = answer["sources"]
    assert (source["record"], source["file"], source["pointer"]) == ("cells/cell.jsonld", "cell.jsonld", "/hasProperty")
    assert source["line"] > 1


def test_people_see_the_answer_and_where_it_stands(asking: Run) -> None:
    told = asking("ask", QUESTIONS[0]).stdout
    assert "is 26.5 Ah" in told
    assert "cells/cell.jsonld, line" in told
    assert "Testmaker TM-26" in asking("ask", QUESTIONS[2]).stdout  # what is near


@pytest.mark.parametrize("given", ["words", "strings", "objects"])
@pytest.mark.parametrize("way", ["standard input", "dash", "file"])
def test_a_batch_is_answered_line_by_line_in_order(asking: Run, tmp_path: Path, given: str, way: str) -> None:
    forms: dict[str, Callable[[str], str]] = {
        "words": str,
        "strings": json.dumps,
        "objects": lambda question: json.dumps({"id": 1, "question": question}),
    }
    lines = "\n".join(forms[given](question) for question in QUESTIONS)
    file = tmp_path / "questions.txt"
    file.write_text(lines)
    arguments = {"standard input": (), "dash": ("-",), "file": (str(file),)}[way]
    printed = asking("ask", "--batch", *arguments, stdin="" if way == "file" else lines).stdout
    answers = [json.loads(line) for line in printed.splitlines()]
    assert [answer["question"] for answer in answers] == QUESTIONS
    assert all(list(answer) == KEYS for answer in answers)
    assert [answer["abstained"] for answer in answers] == [False, True, True, False, True]
    assert answers[0]["answer"]["value"] == 26.5
    assert "1001 characters" in answers[4]["understood"]


def test_a_question_is_needed_and_a_file_that_is_there(asking: Run, tmp_path: Path) -> None:
    asking("ask", code=2)
    asking("ask", "--batch", str(tmp_path / "none.txt"), code=4)


def test_broken_lines_have_an_answer_each_and_stop_nothing(asking: Run, tmp_path: Path) -> None:
    """What is no JSON with a question is a question itself; what nobody can answer says why."""
    lines = [
        b"\xff\xfe\x00",
        b'{"question": 5}',
        b'{"question": ',
        b"[1]",
        b'"\\ud800"',
        b'{"question": ' + b"[" * 5000,
        b"9" * 5000,
        b"x" * 100_000,
        b"",
        json.dumps({"question": QUESTIONS[0]}).encode(),
    ]
    file = tmp_path / "questions.txt"
    file.write_bytes(b"\r\n".join(lines))
    answers = [json.loads(line) for line in asking("ask", "--batch", str(file)).stdout.splitlines()]
    assert len(answers) == len(lines)
    assert all(list(answer) == KEYS for answer in answers)
    assert [answer["abstained"] for answer in answers] == [True] * 9 + [False]
    assert all(answer["understood"] for answer in answers)
