"""Harvesting a folder: new, changed, withdrawn, broken, killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Cell = Callable[..., str]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
RunJson = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, a_cell: Cell) -> Path:
    made = tmp_path / "cells"
    made.mkdir()
    for name in ("a", "b", "c"):
        (made / f"{name}.jsonld").write_text(a_cell(schema__name=f"Cell {name}"))
    return made


def _names(run_json: RunJson, text: str = "cell") -> list[str]:
    return [hit["title"] for hit in run_json("search", text, "--limit", "100")["hits"]]


def test_a_first_harvest_loads_every_document(run_json: RunJson, folder: Path) -> None:
    report = run_json("harvest", str(folder))
    assert {key: report[key] for key in ("source", "documents", "loaded", "refused", "new", "findings")} == {
        "source": "cells",
        "documents": 3,
        "loaded": 3,
        "refused": 0,
        "new": 3,
        "findings": 0,
    }
    assert report["quads"] > 0
    assert report["seconds"] > 0
    assert _names(run_json) == ["Cell a", "Cell b", "Cell c"]


def test_a_second_harvest_has_nothing_to_do(run_json: RunJson, folder: Path) -> None:
    first = run_json("harvest", str(folder))
    again = run_json("harvest", str(folder))
    assert (again["new"], again["changed"], again["unchanged"], again["withdrawn"]) == (0, 0, 3, 0)
    assert (again["loaded"], again["quads"]) == (first["loaded"], first["quads"])


def test_changes_are_followed(run_json: RunJson, folder: Path, a_cell: Cell) -> None:
    run_json("harvest", str(folder))
    (folder / "a.jsonld").write_text(a_cell(schema__name="Cell renamed"))
    (folder / "b.jsonld").unlink()
    (folder / "d.jsonld").write_text(a_cell(schema__name="Cell d"))
    report = run_json("harvest", str(folder))
    assert (report["new"], report["changed"], report["unchanged"], report["withdrawn"], report["loaded"]) == (1, 1, 1, 1, 3)
    assert _names(run_json) == ["Cell renamed", "Cell c", "Cell d"]
    answer = run_json("sparql", "SELECT ?n { GRAPH ?g { ?s <https://schema.org/name> ?n } }", "--format", "json")
    assert sorted(row["n"]["value"] for row in answer["results"]["bindings"]) == ["Cell c", "Cell d", "Cell renamed"]


def test_a_withdrawn_document_can_come_back(run_json: RunJson, folder: Path, a_cell: Cell) -> None:
    run_json("harvest", str(folder))
    (folder / "a.jsonld").unlink()
    run_json("harvest", str(folder))
    (folder / "a.jsonld").write_text(a_cell(schema__name="Cell a"))
    assert run_json("harvest", str(folder))["loaded"] == 3
    assert _names(run_json) == ["Cell a", "Cell b", "Cell c"]


def test_a_document_that_breaks_keeps_the_form_that_was_loaded(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    (folder / "a.jsonld").write_text('{"@context": ')
    report = run_json("harvest", str(folder))
    assert (report["loaded"], report["refused"]) == (3, 0)
    assert report["finding_counts"] == {"not-json": 1}
    assert report["issues"][0]["source"] == "a.jsonld"
    assert _names(run_json) == ["Cell a", "Cell b", "Cell c"]


def test_two_folders_stand_beside_each_other(run_json: RunJson, folder: Path, tmp_path: Path, a_cell: Cell) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.jsonld").write_text(a_cell(schema__name="Cell elsewhere"))
    run_json("harvest", str(folder))
    run_json("harvest", str(other))
    assert sorted(_names(run_json)) == ["Cell a", "Cell b", "Cell c", "Cell elsewhere"]


def test_rights_come_from_the_command_and_from_files(
    run_json: RunJson, run: Callable[..., Any], folder: Path, a_cell: Cell
) -> None:
    (folder / "a.jsonld.rights.json").write_text(json.dumps({"access": {"record": "public", "files": "public"}}))
    run_json("harvest", str(folder), "--audience", "community:bigmap")
    assert _names(run_json) == ["Cell a"]
    token = run_json("token", "add", "alice", "--audience", "community:bigmap")["token"]
    found = run_json("search", "cell", "--token", token)
    assert [hit["title"] for hit in found["hits"]] == ["Cell a", "Cell b", "Cell c"]
    query = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert run_json("sparql", query)["results"]["bindings"][0]["n"]["value"] == "1"
    assert run_json("sparql", query, "--token", token)["results"]["bindings"][0]["n"]["value"] == "3"
    run_json("token", "remove", "alice")
    assert "token" in run("search", "cell", "--token", token, code=7).stderr


def test_a_change_of_rights_alone_is_followed(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    (folder / "rights.json").write_text(json.dumps({"access": {"record": "restricted", "files": "restricted"}}))
    report = run_json("harvest", str(folder))
    assert report["changed"] == 3
    assert _names(run_json) == []
    assert run_json("sparql", "ASK { ?s ?p <https://w3id.org/emmo#AmpereHour> }")["boolean"] is False


def test_a_rebuild_gives_the_same(run_json: RunJson, folder: Path, home: Path) -> None:
    first = run_json("harvest", str(folder))
    before = run_json("search", "cell above 100 Ah")
    (home / "index.sqlite").unlink()
    assert run_json("rebuild")["documents"] == 3
    assert run_json("search", "cell above 100 Ah") == before
    assert run_json("harvest", str(folder))["quads"] == first["quads"]


def test_killed_at_any_moment_the_next_run_finishes_the_job(
    run_json: RunJson, home: Path, tmp_path: Path, a_cell: Cell, command: list[str], environment: dict[str, str], repository: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    shared = {"@id": "https://example.org/maker", "@type": "schema:Organization", "schema:name": "A maker of all"}
    for number in range(400):
        (folder / f"{number:03}.jsonld").write_text(a_cell(schema__name=f"Cell {number}", schema__manufacturer=shared))
    random.seed(7)
    environment |= {"VOLTAGRAPH_BATCH_DOCUMENTS": "10"}
    for _ in range(6):
        process = subprocess.Popen(
            [*command, "--home", str(home), "harvest", str(folder), "--json"],
            env=environment,
            cwd=repository,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        ledger = home / "ledger.sqlite"
        while not ledger.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(random.uniform(0.0, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
    report = run_json("harvest", str(folder))
    assert (report["documents"], report["loaded"], report["refused"]) == (400, 400, 0)
    doctor = {check["name"]: check for check in run_json("doctor")}
    assert doctor["Index"]["ok"]
    assert doctor["Graph"]["ok"]
    assert run_json("search", "cell above 100 Ah")["total"] == 400
    count = "SELECT (COUNT(*) AS ?n) { ?s <https://schema.org/name> ?name }"
    # 400 names of cells, and one of the maker that all of them share.
    assert run_json("sparql", count)["results"]["bindings"][0]["n"]["value"] == "401"


def test_only_one_process_writes_at_a_time(
    run: Callable[..., Any], run_json: RunJson, home: Path, folder: Path, repository: Path, environment: dict[str, str]
) -> None:

    run_json("harvest", str(folder))
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom graph.embedded import EmbeddedGraphStore\n"
        "store = EmbeddedGraphStore(Path(sys.argv[1]))\nprint('open', flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(home / "graph")], stdout=subprocess.PIPE, text=True, env=environment, cwd=repository
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        (folder / "new.jsonld").write_text((folder / "a.jsonld").read_text())
        refused = run("harvest", str(folder), code=5)
        assert "another process" in refused.stderr.lower()
        assert run_json("search", "cell")["total"] == 3
        other.kill()
    assert run_json("harvest", str(folder))["loaded"] == 4


@pytest.mark.parametrize("spoilt", ["PRAGMA user_version = 1", "other bytes", "gone"])
def test_a_rebuild_replaces_an_outdated_damaged_or_lost_index(
    run: Run, run_json: RunJson, folder: Path, home: Path, spoilt: str
) -> None:
    run_json("harvest", str(folder))
    answer = run_json("search", "LFP cell")
    index = home / "index.sqlite"
    if spoilt == "gone":
        for file in home.glob("index.*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    elif spoilt == "other bytes":
        index.write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    else:
        with closing(sqlite3.connect(index)) as db:
            db.execute(spoilt)
    assert "voltagraph rebuild" in run("search", "LFP cell", code=5).stderr
    (folder / "more.jsonld").write_text((folder / "a.jsonld").read_text().replace("Cell a", "Cell of glass"))
    assert "voltagraph rebuild" in run("harvest", str(folder), code=5).stderr
    (folder / "more.jsonld").unlink()
    run_json("rebuild")
    assert run_json("search", "LFP cell") == answer


def test_a_rebuild_forgets_what_the_ledger_does_not_know(run_json: RunJson, folder: Path, home: Path) -> None:
    """A graph that nobody answers for any more would be read under rights that nobody keeps."""
    run_json("harvest", str(folder))
    for left in home.glob("ledger.sqlite*"):
        left.unlink()
    assert run_json("rebuild")["documents"] == 0
    assert run_json("sparql", "ASK { GRAPH ?g { ?s ?p ?o } }")["boolean"] is False
    assert run_json("search", "cell")["total"] == 0
    assert run_json("harvest", str(folder))["loaded"] == 3


def test_a_lost_payload_is_fetched_again(run_json: RunJson, folder: Path, home: Path) -> None:
    run_json("harvest", str(folder))
    kept = [path for path in (home / "payloads").rglob("*") if path.is_file() and b"Cell b" in path.read_bytes()]
    kept[0].unlink()
    run_json("rebuild")
    assert _names(run_json) == ["Cell a", "Cell c"]
    report = run_json("harvest", str(folder))
    assert (report["new"], report["loaded"], report["finding_counts"]) == (1, 3, {})
    assert _names(run_json) == ["Cell a", "Cell b", "Cell c"]


def test_an_interrupted_rebuild_is_noticed(run_json: RunJson, folder: Path, home: Path) -> None:
    run_json("harvest", str(folder))
    (home / "read-as").write_text("being rebuilt")
    assert "rebuild" in run_json("harvest", str(folder))["note"]
    run_json("rebuild")
    assert "rebuild" not in run_json("harvest", str(folder))["note"]


def test_nobody_else_on_the_machine_may_look_into_the_home(run_json: RunJson, folder: Path, tmp_path: Path) -> None:
    run_json("harvest", str(folder), env={"VOLTAGRAPH_HOME": str(tmp_path / "unused")})
    fresh = tmp_path / "fresh"
    run_json("--home", str(fresh), "harvest", str(folder))
    assert fresh.stat().st_mode & 0o077 == 0


def test_who_reads_an_answer_may_stop_early(
    run_json: RunJson, home: Path, tmp_path: Path, a_cell: Cell, command: list[str], environment: dict[str, str], repository: Path
) -> None:
    """As ``voltagraph sparql ... | head -1`` does."""
    many = tmp_path / "many"
    many.mkdir()
    for number in range(200):
        (many / f"{number}.jsonld").write_text(a_cell(schema__name=f"Cell {number}", schema__description="long " * 200))
    run_json("harvest", str(many))
    query = "SELECT ?s ?p ?o { ?s ?p ?o }"
    with subprocess.Popen(
        [*command, "--home", str(home), "sparql", query, "--format", "csv"],
        env=environment,
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"s,p,o")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_an_earlier_form_that_is_refused_today_goes_too(run_json: RunJson, tmp_path: Path, a_cell: Cell) -> None:
    part: dict[str, object] = {"schema:name": "innermost"}
    for _ in range(12):
        part = {"schema:hasPart": part}
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "a.jsonld").write_text(a_cell(schema__name="Cell deep", schema__hasPart=part))
    assert run_json("harvest", str(folder))["loaded"] == 1
    (folder / "a.jsonld").write_text('{"@context": ')
    report = run_json("harvest", str(folder), env={"VOLTAGRAPH_MAX_DOCUMENT_DEPTH": "8"})
    assert (report["loaded"], report["refused"]) == (0, 1)
    assert _names(run_json) == []
    assert run_json("sparql", "ASK { GRAPH ?g { ?s ?p ?o } }")["boolean"] is False
