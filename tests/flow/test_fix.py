"""`voltagraph fix` as its users start it: shows, prints a patch that tools take, or writes whole files."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.flow.conftest import Run

CONTEXT = '"@context": "https://w3id.org/emmo/domain/battery/context"'
BEFORE = "{\r\n\t" + CONTEXT + ',\r\n\t"@type" : "PouchCell",\r\n\t"schema:name": "größe",\r\n\t"hasProperety": [ ]\r\n}'
AFTER = BEFORE.replace("hasProperety", "hasProperty")
CLEAN = "{" + CONTEXT + ', "@type": "PouchCell", "schema:name": "x"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "cells"
    (made / "deep er").mkdir(parents=True)
    (made / "a.jsonld").write_bytes(BEFORE.encode())
    (made / "deep er" / "b.jsonld").write_bytes(b"\xef\xbb\xbf" + BEFORE.encode())
    (made / "clean.jsonld").write_text(CLEAN)
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


MENDED = {"a.jsonld": AFTER.encode(), "deep er/b.jsonld": b"\xef\xbb\xbf" + AFTER.encode(), "clean.jsonld": CLEAN.encode()}


def test_without_being_told_to_write_it_shows_what_would_change(run: Run, folder: Path) -> None:
    before = contents(folder)
    done = run("fix", str(folder), code=1)
    assert contents(folder) == before
    assert f"{folder}/a.jsonld: 1 finding mended" in done.stdout
    assert "5:2 undefined-term: write hasProperty: hasProperety -> hasProperty" in done.stdout
    assert '-  "hasProperety": [ ]\n+  "hasProperty": [ ]' in done.stdout.replace("\t", " ").replace("- ", "-  ").replace(
        "+ ", "+  "
    )
    assert "3 files: 2 would change, 2 findings mended" in done.stdout
    assert "--apply" in done.stdout


def test_apply_writes_the_files_and_a_second_run_has_nothing_to_do(run: Run, folder: Path) -> None:
    (folder / "a.jsonld").chmod(0o640)
    assert "2 changed, 2 findings mended" in run("fix", str(folder), "--apply").stdout
    assert contents(folder) == MENDED
    assert stat.S_IMODE((folder / "a.jsonld").stat().st_mode) == 0o640
    assert "0 would change" in run("fix", str(folder)).stdout
    assert contents(folder) == MENDED


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-p1", "--binary"]], ids=["git", "patch"])
def test_the_patch_is_applied_by_other_tools_to_the_same_result(
    run: Run, folder: Path, tool: list[str], command: list[str], repository: Path, home: Path
) -> None:
    done = run("fix", str(folder), "--patch")
    assert done.stdout.startswith("--- a/a.jsonld\n+++ b/a.jsonld\n@@ ")
    assert "2 would change" in done.stderr
    raw = subprocess.run(
        [*command, "--home", str(home), "fix", str(folder), "--patch"], cwd=repository, capture_output=True, check=True, timeout=300
    )
    subprocess.run(tool, input=raw.stdout, cwd=folder, check=True, capture_output=True, timeout=60)
    assert contents(folder) == MENDED


def test_paths_in_the_patch_begin_at_the_working_directory(run: Run, repository: Path) -> None:
    file = "app/samples/materials/silicon-graphite-half-cell.jsonld"
    for named in (file, str(repository / file)):
        assert run("fix", named, "--patch").stdout.startswith(f"--- a/{file}\n")


def test_what_changes_a_value_is_left_unless_that_is_allowed(run: Run, tmp_path: Path) -> None:
    """Trojan T-105 weighs 28 kg, not the 2.8 that others of its kind suggest."""
    report = json.loads(run("fix", "app/samples", "--certainty", "likely", "--json", code=1).stdout)
    changing = [mend for file in report["files"] for mend in file["refused"] if mend["reason"] == "it changes a value"]
    applied = [mend for file in report["files"] for mend in file["applied"]]
    assert all(mend["suggestion"]["changes_value"] for mend in changing)
    assert not any(mend["suggestion"]["changes_value"] for mend in applied)
    if changing:
        args = ("fix", "app/samples", "--certainty", "likely", "--allow-value-changes")
        assert "changes the value" in run(*args, code=1).stdout


def test_json_tells_what_was_done_and_what_is_left(run: Run, folder: Path) -> None:
    report = json.loads(run("fix", str(folder), "--json", code=1).stdout)
    assert report["applied"] is False
    a, clean, b = report["files"]
    assert [file["changed"] for file in (a, clean, b)] == [True, False, True]
    assert [mend["code"] for mend in a["applied"]] == ["undefined-term"]
    assert a["diff"].startswith("--- a/a.jsonld\n")
    assert clean["diff"] == ""
    assert all(key in a for key in ("refused", "gone", "left", "error"))
    assert json.loads(run("fix", str(folder), "--apply", "--json").stdout)["applied"] is True
    assert contents(folder) == MENDED


def test_a_file_that_cannot_be_written_is_told_and_left_whole_and_the_others_are_written(run: Run, folder: Path) -> None:
    (folder / "a.jsonld").unlink()
    (folder / "a.jsonld").symlink_to("deep er/b.jsonld")
    done = run("fix", str(folder), "--apply", code=4)  # the link and the file are one: the second finds it changed
    assert "left as it is: " in done.stdout
    assert "3 files: 1 changed, 1 finding mended" in done.stdout
    assert "1 failed" in done.stdout
    assert (folder / "deep er" / "b.jsonld").read_bytes() == MENDED["deep er/b.jsonld"]
    assert (folder / "a.jsonld").is_symlink()
    assert not list(folder.rglob("*.part"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everything")
def test_a_read_only_file_stays_as_it_is(run: Run, folder: Path) -> None:
    (folder / "a.jsonld").chmod(0o444)
    assert "it is not writable" in run("fix", str(folder), "--apply", code=4).stdout
    assert (folder / "a.jsonld").read_bytes() == BEFORE.encode()
    assert (folder / "deep er" / "b.jsonld").read_bytes() == MENDED["deep er/b.jsonld"]


def test_what_is_no_json_is_left_as_it_is(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonld"
    file.write_text('{"a": NaN}')
    assert "1 file: 0 changed, 0 findings mended, 1 left." in run("fix", str(file), "--apply").stdout
    assert file.read_text() == '{"a": NaN}'


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("-",), 4, "cannot be mended in place"),
        (("https://example.org/a.jsonld",), 4, "cannot be mended in place"),
        (("/does/not/exist",), 4, "/does/not/exist"),
        (("app/samples", "--apply", "--patch"), 2, "choose one"),
        (("app/samples", "--certainty", "possible"), 2, "likely"),
        (("app/samples", "--profile", "no-such-profile"), 3, "no-such-profile"),
    ],
)
def test_wrong_use_is_a_clear_error(run: Run, arguments: tuple[str, ...], code: int, told: str) -> None:
    assert told in run("fix", *arguments, code=code).stderr


def test_real_documents_with_numbers_that_are_none_are_mended_when_asked_for_and_told_else(
    run: Run, shared_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cells"
    folder.mkdir()
    names = [f"interop__converter-versions__converter-v1.1.{version}.coincell.jsonld" for version in (2, 11, 15, 17)]
    for name in names:
        (folder / name).write_bytes((shared_data / "jsonld" / "battinfo-native" / name).read_bytes())
    before = contents(folder)
    done = run("fix", str(folder), "--apply")
    assert contents(folder) == before
    assert (
        done.stdout.count("not done, for its mend is likely and not certain, and it changes a value: write null: NaN -> null") == 4
    )
    assert "4 more with --certainty likely --allow-value-changes." in done.stdout
    run("fix", str(folder), "--apply", "--certainty", "likely", "--allow-value-changes")
    for name, content in before.items():
        numbers = content.count(b": NaN")
        mended = (folder / name).read_bytes()
        assert (mended.count(b": null") - content.count(b": null"), b": NaN" in mended) == (numbers, False)
        json.loads(mended, parse_constant=pytest.fail)
