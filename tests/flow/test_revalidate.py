"""What other shapes or limits make of records: told before it is done, and nothing written until told to."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cell = Callable[..., str]
RunJson = Callable[..., Any]

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix schema: <https://schema.org/> .
@prefix my: <https://example.org/shapes#> .
my:NeedsModel a sh:NodeShape ; sh:targetSubjectsOf schema:name ;
    sh:property my:Model .
my:Model a sh:PropertyShape ; sh:path schema:model ; sh:minCount 1 ;
    sh:message "The model is missing; add schema:model." ; sh:severity sh:Violation .
"""


@pytest.fixture
def folder(tmp_path: Path, a_cell: Cell) -> Path:
    made = tmp_path / "cells"
    made.mkdir()
    for name in ("a", "b", "c"):
        (made / f"{name}.jsonld").write_text(a_cell(schema__name=f"Cell {name}", schema__model="M1"))
    (made / "c.jsonld").write_text(a_cell(schema__name="Cell c"))
    return made


@pytest.fixture
def shapes(tmp_path: Path) -> dict[str, str]:
    """The environment of a new release, with a shape that asks for a model."""
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES)
    return {"VOLTAGRAPH_SHAPES_FILE": str(path)}


def kept(home: Path) -> dict[str, str]:
    """What lies in the home; of databases their content, whose place in the file SQLite changes when it likes."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and "cache" not in path.parts]
    found = {}
    for path in files:
        if path.suffix == ".sqlite":
            connection = sqlite3.connect(path)
            content = "\n".join(connection.iterdump()).encode()
            connection.close()
        elif path.name.endswith(("-wal", "-shm")):
            continue
        else:
            content = path.read_bytes()
        found[path.relative_to(home).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def names(run_json: RunJson) -> list[str]:
    return [hit["title"] for hit in run_json("search", "cell")["hits"]]


def test_nothing_changes_under_the_settings_of_the_harvest(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    found = run_json("revalidate")
    assert found["seconds"] > 0
    assert {key: found[key] for key in ("documents", "differ", "outdated")} == {"documents": 3, "differ": 0, "outdated": False}
    assert (found["breaks"]["records"], found["repairs"]["records"]) == (0, 0)


def test_what_a_new_shape_breaks_is_told_by_cause_and_nothing_is_written(
    run: Callable[..., Any], run_json: RunJson, folder: Path, home: Path, shapes: dict[str, str]
) -> None:
    run_json("harvest", str(folder))
    before = kept(home)
    found = run_json("revalidate", env=shapes)
    assert found["breaks"]["records"] == 1
    assert [(cause["code"], cause["records"], cause["first"]) for cause in found["breaks"]["causes"]] == [
        ("model", 1, ["cells/c.jsonld"])
    ]
    assert (found["repairs"]["records"], found["outdated"]) == (0, True)
    told = " ".join(run("revalidate", env=shapes).stdout.split())
    assert "1 record would break and 0 would be repaired, of 3 documents" in told
    assert kept(home) == before


def test_it_is_done_when_told_to_and_then_the_way_back_repairs(run_json: RunJson, folder: Path, shapes: dict[str, str]) -> None:
    run_json("harvest", str(folder))
    done = run_json("revalidate", "--apply", env=shapes)
    assert (done["breaks"]["records"], done["rebuilt"]["documents"]) == (1, 3)
    assert run_json("findings", "--code", "model", env=shapes)["causes"][0]["examples"] == ["cells/c.jsonld"]
    assert run_json("revalidate", env=shapes)["outdated"] is False
    back = run_json("revalidate")
    assert (back["breaks"]["records"], back["repairs"]["records"]) == (0, 1)
    assert [cause["code"] for cause in back["repairs"]["causes"]] == ["model"]


def test_a_document_that_would_be_refused_breaks_and_one_that_would_be_loaded_is_repaired(
    run_json: RunJson, folder: Path, a_cell: Cell
) -> None:
    deep: Any = {"@type": "Electrode"}
    for _ in range(10):
        deep = {"@type": "Electrode", "hasActiveMaterial": deep}
    (folder / "b.jsonld").write_text(a_cell(schema__name="Cell b", schema__model="M1", hasPositiveElectrode=deep))
    shallow = {"VOLTAGRAPH_MAX_DOCUMENT_DEPTH": "10"}
    run_json("harvest", str(folder))
    found = run_json("revalidate", env=shallow)
    assert [(cause["code"], cause["first"]) for cause in found["breaks"]["causes"]] == [("too-deep", ["cells/b.jsonld"])]
    assert run_json("revalidate", "--apply", env=shallow)["breaks"]["records"] == 1
    assert "Cell b" not in names(run_json)
    assert run_json("revalidate")["repairs"]["records"] == 1
    run_json("revalidate", "--apply")
    assert "Cell b" in names(run_json)


def test_corrections_count(run_json: RunJson, folder: Path, shapes: dict[str, str]) -> None:
    """A record that is broken but for its correction is not told as broken."""
    run_json("harvest", str(folder))
    edits = [{"operation": "add", "pointer": "/schema:model", "content": '"M3"'}]
    run_json("correct", "cells/c.jsonld", "--edits", "-", "--reason", "on its label", stdin=json.dumps(edits))
    assert run_json("revalidate", env=shapes)["breaks"]["records"] == 0


def test_interrupted_it_ends_at_once_and_nothing_has_happened(
    run_json: RunJson,
    folder: Path,
    home: Path,
    a_cell: Cell,
    command: list[str],
    environment: dict[str, str],
    repository: Path,
    shapes: dict[str, str],
) -> None:
    for number in range(3000):
        (folder / f"{number:04}.jsonld").write_text(a_cell(schema__name=f"Cell {number}"))
    run_json("harvest", str(folder))
    before = kept(home)
    process = subprocess.Popen(
        [*command, "--home", str(home), "revalidate"],
        env=environment | shapes,
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(2)  # it reads by now, or is about to
    if process.poll() is None:
        os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert kept(home) == before
