"""`voltagraph ontology check`: its exit code, its JSON and its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import Exit, app
from ontology.release import reasoner
from records.errors import SettingsError

TURTLE = """
    @prefix : <https://e.org/o#> .  @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    :Solid a owl:Class ; rdfs:label "Solid" . :Liquid a owl:Class ; owl:disjointWith :Solid .
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    try:
        reasoner()
    except SettingsError as error:
        pytest.skip(f"the reasoner is not here: {error}")
    (tmp_path / "a.ttl").write_text(TURTLE)
    return tmp_path


def test_sound_ontologies_end_with_zero_and_say_so(folder: Path) -> None:
    result = CliRunner().invoke(app, ["ontology", "check", str(folder)])
    assert result.exit_code == Exit.OK
    assert "2 classes in" in result.output
    assert "left out: 1 statements of annotations, rules and facts." in result.output
    assert "Every class can have members." in result.output


def test_a_class_that_can_have_no_member_is_named_and_ends_with_findings(folder: Path) -> None:
    with (folder / "a.ttl").open("a") as file:
        file.write(":Slush rdfs:subClassOf :Solid , :Liquid ; a owl:Class .")
    result = CliRunner().invoke(app, ["ontology", "check", str(folder)])
    assert (result.exit_code, "can have no member: https://e.org/o#Slush" in result.output) == (Exit.FINDINGS, True)
    as_json = CliRunner().invoke(app, ["ontology", "check", str(folder), "--json"])
    assert as_json.exit_code == Exit.FINDINGS
    found = json.loads(as_json.stdout)
    assert (found["unsatisfiable"], found["classes"]) == (["https://e.org/o#Slush"], 3)


def test_what_cannot_be_checked_says_why(folder: Path) -> None:
    (folder / "a.ttl").unlink()
    result = CliRunner().invoke(app, ["ontology", "check", str(folder)])
    assert result.exit_code == Exit.SOURCE
    assert "There is no ontology (.ttl) that can be read" in result.output
