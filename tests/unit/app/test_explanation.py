"""`voltagraph explain`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from app.cli import Exit, app
from shapes.finding_pages import FindingPages


@pytest.mark.parametrize("code", list(FindingPages()))
def test_every_finding_is_explained(code: str) -> None:
    result = CliRunner().invoke(app, ["explain", code])
    assert result.exit_code == Exit.OK
    assert code in result.stdout.splitlines()[0]
    assert "```" not in result.stdout
    page = json.loads(CliRunner().invoke(app, ["explain", code, "--json"]).stdout)
    assert set(page) == {"code", "severity", "summary", "page", "text", "document"}
    assert page["summary"]
    assert "\n" not in page["summary"]
    assert page["severity"] in {"violation", "warning", "info"}


def test_an_unknown_code_is_told_with_those_that_are_written_nearly_so() -> None:
    result = CliRunner().invoke(app, ["explain", "missing_unit"])
    assert result.exit_code == Exit.FAILED
    assert "missing-unit" in result.stderr
    nothing = CliRunner().invoke(app, ["explain", "zzzz", "--json"])
    assert json.loads(nothing.stderr)["error"]["remedy"]


def test_codes_that_hold_the_word_are_near() -> None:
    assert {"missing-unit", "several-units"} <= set(FindingPages().near("unit"))
    assert FindingPages().near("") == []
