"""What bad input gets: one clear line (what, where, how to mend), and the rest goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RunJson = Callable[..., Any]

CONTEXT = '"@context": "https://w3id.org/emmo/domain/battery/context"'

BAD = {
    "empty.jsonld": (b"", "empty-file", 1, 1),
    "not-json.jsonld": (b'{"@type": "BatteryCell",\n  oops}', "not-json", 2, 3),
    "not-json-ld.json": (b'{"a": 1}', "not-json-ld", 1, 1),
    "not-utf8.jsonld": (b'{"a":\n "\xff"}', "not-utf8", 2, 3),
    "deep.jsonld": (b"[" * 100_000 + b"]" * 100_000, "too-deep", 1, None),
    "duplicate.jsonld": (b'{"@type": "A",\n "@type": "B"}', "duplicate-key", 2, 2),
    "nan.jsonld": (b'{"@type": "A",\n "x": NaN}', "nan", 2, 7),
    "infinite.jsonld": (b'{"@type": "A",\n "x": -Infinity}', "nan", 2, 7),
    "remote.jsonld": (b'{\n "@context": "https://evil.example/context", "@type": "A"}', "context-not-configured", 2, 14),
    "itself.jsonld": (b'{"@context": {"a": {"@id": "b:c"},\n "b": "a:d"}, "a": 1}', "context-cycle", 1, 2),
}


@pytest.fixture
def folder(tmp_path: Path, a_cell: Callable[..., str]) -> Path:
    made = tmp_path / "mixed"
    made.mkdir()
    for name, (content, *_) in BAD.items():
        (made / name).write_bytes(content)
    (made / "good.jsonld").write_text(a_cell(schema__name="A good cell"))
    return made


def test_every_bad_document_gets_one_line_and_the_good_one_is_loaded(run_json: RunJson, folder: Path) -> None:
    report = run_json("harvest", str(folder))
    assert (report["documents"], report["loaded"], report["refused"]) == (len(BAD) + 1, 1, len(BAD))
    told = {issue["source"]: issue for issue in report["issues"]}
    assert {name: issue["code"] for name, issue in told.items()} == {name: code for name, (_, code, *_rest) in BAD.items()}
    for name, (_, _, line, column) in BAD.items():
        assert told[name]["line"] == line, told[name]
        assert column is None or told[name]["column"] == column, told[name]
        assert told[name]["remedy"], told[name]
    assert [hit["title"] for hit in run_json("search", "good cell")["hits"]] == ["A good cell"]


def test_what_was_refused_is_not_read_again_until_it_changes(run_json: RunJson, folder: Path, a_cell: Callable[..., str]) -> None:
    run_json("harvest", str(folder))
    again = run_json("harvest", str(folder))
    assert (again["unchanged"], again["refused"]) == (len(BAD) + 1, len(BAD))
    (folder / "empty.jsonld").write_text(a_cell(schema__name="No longer empty"))
    mended = run_json("harvest", str(folder))
    assert (mended["new"], mended["loaded"], mended["refused"]) == (1, 2, len(BAD) - 1)


def test_strict_makes_refused_documents_an_exit_code(run: Callable[..., Any], folder: Path) -> None:
    run("harvest", str(folder), "--strict", "--json", code=1)


def test_a_document_of_200_megabytes_is_refused_before_it_is_read(run_json: RunJson, tmp_path: Path) -> None:
    made = tmp_path / "large"
    made.mkdir()
    with (made / "large.jsonld").open("wb") as file:
        file.truncate(200_000_000)
    report = run_json("harvest", str(made))
    assert report["refused"] == 1
    assert "200000000" in report["issues"][0]["message"].replace(" ", "").replace(",", "")
    assert report["seconds"] < 30


def test_a_folder_that_is_missing_is_said(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("harvest", str(tmp_path / "none"), code=4)
    assert "There is no folder or file" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_without_permission_is_said_and_its_records_stay(
    run_json: RunJson, tmp_path: Path, a_cell: Callable[..., str]
) -> None:
    if os.geteuid() == 0 and not _can_drop_rights():
        pytest.skip("the superuser reads everything, and rights cannot be dropped here")
    made = tmp_path / "cells"
    (made / "closed").mkdir(parents=True)
    (made / "a.jsonld").write_text(a_cell(schema__name="Cell a"))
    (made / "closed" / "b.jsonld").write_text(a_cell(schema__name="Cell b"))
    env: dict[str, str] = {}
    assert run_json("harvest", str(made), env=env)["loaded"] == 2
    (made / "closed").chmod(0)
    try:
        report = _harvest_without_privilege(run_json, made)
    finally:
        (made / "closed").chmod(0o755)
    assert [issue["code"] for issue in report["issues"]] == ["source-unreadable"]
    assert (report["loaded"], report["withdrawn"]) == (2, 0)


def _can_drop_rights() -> bool:
    """Whether this kernel lets the superuser start a process without the capability to read everything."""
    import subprocess

    return subprocess.run(["setpriv", "--bounding-set", "-all", "true"], capture_output=True, check=False).returncode == 0


def _harvest_without_privilege(run_json: RunJson, folder: Path) -> Any:
    """Harvest as somebody who is bound by permissions."""
    import subprocess
    import sys

    if os.geteuid() != 0:
        return run_json("harvest", str(folder))
    home = folder.parent / "home"
    done = subprocess.run(
        [
            "setpriv",
            "--bounding-set",
            "-all",
            "--inh-caps",
            "-all",
            sys.executable,
            "-m",
            "app.cli",
            "--home",
            str(home),
            "harvest",
            str(folder),
            "--json",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=120,
    )
    return json.loads(done.stdout)


def test_a_disk_that_fills_up_ends_in_one_line_and_loses_nothing(
    run: Callable[..., Any], run_json: RunJson, home: Path, tmp_path: Path, a_cell: Callable[..., str]
) -> None:
    """A real full disk: the home is on a file system of a few megabytes."""
    import subprocess

    home.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(home)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        few, many = tmp_path / "few", tmp_path / "many"
        few.mkdir()
        many.mkdir()
        (few / "a.jsonld").write_text(a_cell(schema__name="Cell before"))
        run_json("harvest", str(few))
        for number in range(60):
            (many / f"{number}.jsonld").write_text(
                a_cell(schema__name=f"Cell {number}", schema__description=os.urandom(400_000).hex())
            )
        failed = run("harvest", str(many), code=5)
        assert "space" in failed.stderr.lower()
        assert len(failed.stderr.strip().splitlines()) == 1
        assert "Cell before" in [hit["title"] for hit in run_json("search", "before")["hits"]]
    finally:
        subprocess.run(["umount", str(home)], check=True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("search",), 2, "say what to look for"),
        (("search", "x", "--limit", "1000"), 2, "--limit"),
        (("sparql", "SELECT * {"), 6, "line"),
        (("sparql", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), 6, "SERVICE"),
        (("sparql", "DELETE WHERE { ?s ?p ?o }"), 6, ""),
        (("ontology", "tree", "zzzzqqqq"), 7, "No concept is called"),
        (("validate", "/does/not/exist.jsonld"), 4, "/does/not/exist.jsonld"),
        (("search", "x", "--token", "wrong"), 7, "token"),
    ],
)
def test_wrong_use_is_told_in_one_line(run: Callable[..., Any], arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments, code=code)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_told_at_start(run: Callable[..., Any]) -> None:
    done = run("search", "x", code=3, env={"VOLTAGRAPH_PROT": "1"})
    assert "VOLTAGRAPH_PROT" in done.stderr


def test_errors_are_json_for_scripts(run: Callable[..., Any]) -> None:
    done = run("ontology", "tree", "zzzzqqqq", "--json", code=7)
    assert json.loads(done.stderr)["error"]["message"].startswith("No concept")
