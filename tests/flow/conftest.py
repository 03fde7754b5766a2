"""The whole program as its users start it: the installed command, a home of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.environment import plain_environment

Run = Callable[..., subprocess.CompletedProcess[str]]

CELL = {
    "@context": "https://w3id.org/emmo/domain/battery/context",
    "@type": "PrismaticBattery",
    "schema:name": "Test cell",
    "hasProperty": [
        {
            "@type": ["RatedCapacity", "ConventionalProperty"],
            "hasNumericalPart": {"@type": "RealData", "hasNumberValue": 120.0},
            "hasMeasurementUnit": "https://w3id.org/emmo#AmpereHour",
        }
    ],
}


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment without settings of whoever runs the tests; vectors take time, and have tests of their own."""
    return plain_environment() | {"COLUMNS": "200", "VOLTAGRAPH_EMBEDDING_MODEL": "none"}


@pytest.fixture
def command() -> list[str]:
    """How the program is started."""
    return [sys.executable, "-m", "app.cli"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, environment: dict[str, str], command: list[str], repository: Path) -> Run:
    """Run a command with a home of its own; fails on an unexpected exit code."""

    def run(*arguments: str, code: int = 0, stdin: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*command, "--home", str(home), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment | (env or {}),
            cwd=repository,
            timeout=300,
        )
        assert done.returncode == code, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
        return done

    return run


@pytest.fixture
def run_json(run: Run) -> Callable[..., Any]:
    """Run a command with ``--json`` and give what it printed, read."""
    return lambda *arguments, **options: json.loads(run(*arguments, "--json", **options).stdout)


@pytest.fixture
def a_cell() -> Callable[..., str]:
    """A document about a cell, as text; arguments replace its keys."""

    def make(**changes: object) -> str:
        renamed = {key.replace("__", ":"): value for key, value in changes.items()}
        return json.dumps({**CELL, **renamed}, indent=2)

    return make
