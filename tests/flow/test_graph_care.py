"""Looking after the graph store with the installed command: checked, made anew, backed up, restored, killed, and read meanwhile."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange
from records.rdf import Literal, Triple
from records.rights import NOBODY, PUBLIC

Cell = Callable[..., str]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
RunJson = Callable[..., Any]

COUNT = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture
def folder(tmp_path: Path, a_cell: Cell) -> Path:
    made = tmp_path / "cells"
    made.mkdir()
    for name in "abc":
        (made / f"{name}.jsonld").write_text(a_cell(schema__name=f"Cell {name}"))
    return made


@pytest.fixture
def many(tmp_path: Path, a_cell: Cell) -> Path:
    made = tmp_path / "many"
    made.mkdir()
    for number in range(600):
        (made / f"{number}.jsonld").write_text(a_cell(schema__name=f"Cell {number}"))
    return made


@pytest.fixture
def start(command: list[str], home: Path, environment: dict[str, str], repository: Path) -> Iterator[Callable[..., Any]]:
    """Start a command and go on; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*command, "--home", str(home), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=repository,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def graphs(run_json: RunJson) -> int:
    return int(run_json("sparql", COUNT)["results"]["bindings"][0]["n"]["value"])


def until(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        assert process is None or process.poll() is None, process and process.communicate()
        time.sleep(0.002)


@contextmanager
def changed(home: Path) -> Iterator[EmbeddedGraphStore]:
    """The live store, changed behind everybody's back and then published."""
    with closing(EmbeddedGraphStore(home / "graph")) as store:
        yield store
        Checkpoints(home).publish(store.backup)


def published_files(home: Path, pattern: str) -> list[Path]:
    """Files of the live store and of its checkpoints."""
    return [*(home / "graph").glob(pattern), *(home / "checkpoints").glob(f"*/{pattern}")]


# --- check


def test_a_harvested_store_is_well(run: Run, run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    checked = run_json("graph", "check")
    assert {name: checked[name] for name in ("records", "compared", "waiting", "faults")} == {
        "records": 3,
        "compared": 3,
        "waiting": 0,
        "faults": [],
    }
    quick = run_json("graph", "check", "--quick")
    assert (quick["records"], quick["compared"], quick["faults"]) == (3, 0, [])
    assert "all is well" in run("graph", "check").stdout


def test_nothing_yet_is_well_too(run: Run, run_json: RunJson, tmp_path: Path) -> None:
    assert run_json("graph", "check")["faults"] == []
    refused = run("graph", "backup", str(tmp_path / "backup"), code=5)
    assert "Harvest first" in refused.stderr
    assert run_json("graph", "rebuild")["records"] == 0
    assert graphs(run_json) == 0


def test_whatever_differs_is_told_in_a_line_and_a_rebuild_mends_it(
    run: Run, run_json: RunJson, folder: Path, home: Path, a_cell: Cell
) -> None:
    (folder / "d.jsonld").write_text(a_cell(schema__name="Cell d"))
    run_json("harvest", str(folder), "--audience", "any")
    with changed(home) as store:
        a, b, c, d = sorted(store.audiences_of())
        store.apply([GraphChange(a, [], NOBODY), GraphChange(c, [Triple(c, "urn:p", Literal("x"))], PUBLIC)])
        store.apply([GraphChange("urn:x#graph", [Triple("urn:x", "urn:p", Literal("x"))], PUBLIC)])
        store.set_rights({b: frozenset({"bma/user:1"})})
        store._store.update('INSERT DATA { GRAPH <urn:stray> { <urn:s> <urn:p> "x" } }')
        store._store.update(f"DELETE WHERE {{ GRAPH <{d}> {{ ?s a ?o }} }}")
    between = (
        "cells/a.jsonld: The record is loaded and has no graph.",
        "for bma/user:1; the record's files are for any",
        "no record",
        "cells/c.jsonld: Its graph holds other",
    )
    counted = "cells/d.jsonld: Its graph has "
    within = (
        "nothing describes: <urn:stray>",
        f"digest is not that of its content: <{d}>",
    )
    for arguments, faults in ((("--quick",), (*between, counted)), ((), (*between, *within))):
        told = run("graph", "check", *arguments, code=7).stdout
        for fault in faults:
            assert any(fault in line and "voltagraph graph rebuild" in line for line in told.splitlines()), (fault, told)
    rebuilt = run_json("graph", "rebuild")
    assert (rebuilt["records"], rebuilt["faults"]) == (4, [])
    assert run_json("graph", "check")["faults"] == []
    assert graphs(run_json) == 4


def test_a_record_whose_payload_is_lost_is_told_by_check_and_rebuild(run: Run, run_json: RunJson, folder: Path, home: Path) -> None:
    run_json("harvest", str(folder))
    [lost] = [path for path in (home / "payloads").rglob("*") if path.is_file() and b"Cell b" in path.read_bytes()]
    lost.unlink()
    checked = json.loads(run("graph", "check", "--json", code=7).stdout)
    [fault] = checked["faults"]
    assert fault["subject"] == "cells/b.jsonld"
    assert fault["remedy"]
    rebuilt = json.loads(run("graph", "rebuild", "--json", code=7).stdout)
    assert rebuilt["records"] == 2
    assert [fault["subject"] for fault in rebuilt["faults"]] == ["cells/b.jsonld"]
    run_json("rebuild")
    run_json("harvest", str(folder))
    assert run_json("graph", "check")["faults"] == []


def test_records_read_under_other_ontologies_are_not_compared_and_that_is_said(
    run: Run, run_json: RunJson, folder: Path, home: Path
) -> None:
    run_json("harvest", str(folder))
    (home / "read-as").write_text("others")
    told = json.loads(run("graph", "check", "--json", code=7).stdout)
    assert [(fault["subject"], fault["remedy"]) for fault in told["faults"]] == [("records", "Run `voltagraph rebuild`.")]
    assert told["compared"] == 0


def test_a_correction_is_in_what_is_rebuilt(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    edits = json.dumps([{"operation": "replace", "pointer": "/schema:name", "content": json.dumps("Cell mended")}])
    run_json("correct", "cells/a.jsonld", "--edits", "-", "--reason", "as printed on it", stdin=edits)
    assert run_json("graph", "check")["faults"] == []
    run_json("graph", "rebuild")
    assert run_json("sparql", 'ASK { ?s <https://schema.org/name> "Cell mended" }')["boolean"] is True
    assert run_json("graph", "check")["faults"] == []


# --- while others are at work


def test_everything_reads_while_a_harvest_writes(
    run: Run, run_json: RunJson, start: Callable[..., Any], folder: Path, many: Path, home: Path, tmp_path: Path
) -> None:
    run_json("harvest", str(folder))
    harvest = start("harvest", str(many), "--json")
    until(lambda: (home / "checkpoints" / "unpublished").exists(), harvest)
    harvest.send_signal(signal.SIGSTOP)  # in the middle of its work, for as long as the rest takes
    try:
        assert graphs(run_json) >= 3
        run_json("graph", "backup", str(tmp_path / "backup"))
        for refused in (run("graph", "rebuild", code=5), run("graph", "restore", str(tmp_path / "backup"), code=5)):
            assert "Another process" in refused.stderr
    finally:
        harvest.send_signal(signal.SIGCONT)
    assert json.loads(harvest.communicate(timeout=300)[0])["loaded"] == 600
    assert graphs(run_json) == 603
    assert run_json("graph", "check", "--quick")["faults"] == []


def test_a_check_beside_a_harvest_finds_no_fault_that_is_none(
    run_json: RunJson, start: Callable[..., Any], folder: Path, many: Path
) -> None:
    run_json("harvest", str(folder))
    harvest = start("harvest", str(many), "--json")
    while harvest.poll() is None:
        assert run_json("graph", "check", "--quick")["faults"] == []
        assert [check for check in run_json("doctor") if not check["ok"]] == []
    assert harvest.returncode == 0


def test_a_harvest_is_refused_while_the_graphs_are_rebuilt_and_readers_go_on(
    run: Run, run_json: RunJson, start: Callable[..., Any], folder: Path, home: Path
) -> None:
    run_json("harvest", str(folder))
    rebuild = start("graph", "rebuild", "--json")
    until(lambda: (home / "graph.new").exists(), rebuild)
    rebuild.send_signal(signal.SIGSTOP)
    try:
        (folder / "new.jsonld").write_text((folder / "a.jsonld").read_text())
        assert "Another process" in run("harvest", str(folder), code=5).stderr
        assert "Another process" in run("graph", "rebuild", code=5).stderr
        assert graphs(run_json) == 3
    finally:
        rebuild.send_signal(signal.SIGCONT)
    assert json.loads(rebuild.communicate(timeout=300)[0])["records"] == 3
    assert run_json("harvest", str(folder))["loaded"] == 4
    assert graphs(run_json) == 4


def has_tables(folder: Path) -> bool:
    """Whether the engine has written a file of data; the folder may come and go meanwhile."""
    with suppress(FileNotFoundError):
        return any(folder.glob("*.sst"))
    return False


def test_a_rebuild_that_is_killed_at_any_moment_leaves_a_whole_store(
    run_json: RunJson, start: Callable[..., Any], folder: Path, many: Path, home: Path
) -> None:
    run_json("harvest", str(folder))
    run_json("harvest", str(many))
    moments: tuple[Callable[[], bool], ...] = (
        lambda: (home / "graph.new").exists(),
        lambda: has_tables(home / "graph.new"),
        lambda: (home / "checkpoints" / "unpublished").exists(),
        lambda: (home / "graph.old").exists(),
        lambda: not (home / "graph.new").exists(),
    )
    for moment in moments:
        rebuild = start("graph", "rebuild", "--json")
        until(lambda: (home / "graph.new").exists(), rebuild)
        end = time.monotonic() + 60
        while not moment() and rebuild.poll() is None and time.monotonic() < end:
            pass
        rebuild.kill()
        rebuild.communicate()
        assert graphs(run_json) == 603
        assert run_json("graph", "check", "--quick")["faults"] == []
    assert run_json("graph", "rebuild")["records"] == 603
    assert run_json("graph", "check")["faults"] == []
    assert not [path.name for path in home.iterdir() if path.name.startswith("graph.") and path.name != "graph.lock"]


def test_a_harvest_that_is_killed_is_published_by_the_next_reader(
    run: Run, run_json: RunJson, start: Callable[..., Any], folder: Path, many: Path, home: Path
) -> None:
    run_json("harvest", str(folder))
    harvest = start("harvest", str(many))
    until(lambda: (home / "checkpoints" / "unpublished").exists(), harvest)
    harvest.kill()
    harvest.communicate()
    assert graphs(run_json) >= 3
    until(lambda: graphs(run_json) >= 3 and not (home / "checkpoints" / "unpublished").exists())
    assert run_json("harvest", str(many))["loaded"] == 600
    assert run_json("graph", "check", "--quick")["faults"] == []


# --- backup and restore


def test_what_is_restored_is_what_may_be_read_today(
    run: Run, run_json: RunJson, folder: Path, home: Path, tmp_path: Path, a_cell: Cell
) -> None:
    """Rights that were withdrawn after the backup win over what it holds."""
    run_json("harvest", str(folder), "--audience", "any")
    made = run_json("graph", "backup", str(tmp_path / "backup"))
    assert made["files"] > 3
    assert json.loads((tmp_path / "backup" / "manifest.json").read_text())["generation"] == made["generation"]
    (folder / "a.jsonld").unlink()
    (folder / "b.jsonld").write_text(a_cell(schema__name="Cell changed"))
    (folder / "d.jsonld").write_text(a_cell(schema__name="Cell d"))
    run_json("harvest", str(folder), "--audience", "user:1")
    shutil.move(tmp_path / "backup", tmp_path / "moved")
    restored = run_json("graph", "restore", str(tmp_path / "moved"))
    assert (restored["records"], restored["removed"], restored["rights"], restored["faults"]) == (3, 1, 2, [])
    assert graphs(run_json) == 0
    token = run_json("token", "add", "me", "--audience", "user:1")["token"]
    found = run_json("sparql", "SELECT ?n { ?s <https://schema.org/name> ?n }", "--token", token)["results"]["bindings"]
    assert sorted(row["n"]["value"] for row in found) == ["Cell c", "Cell changed", "Cell d"]
    assert run_json("graph", "check")["faults"] == []
    assert run_json("harvest", str(folder), "--audience", "user:1")["unchanged"] == 3


def test_a_store_is_restored_after_all_that_is_derived_was_lost(
    run_json: RunJson, folder: Path, home: Path, tmp_path: Path
) -> None:
    run_json("harvest", str(folder))
    run_json("graph", "backup", str(tmp_path / "backup"))
    shutil.rmtree(home / "graph")
    shutil.rmtree(home / "checkpoints")
    assert run_json("graph", "restore", str(tmp_path / "backup"))["records"] == 3
    assert graphs(run_json) == 3


def test_a_damaged_backup_is_refused_and_the_store_stays(
    run: Run, run_json: RunJson, folder: Path, home: Path, tmp_path: Path
) -> None:
    run_json("harvest", str(folder))
    backup = tmp_path / "backup"
    run_json("graph", "backup", str(backup))
    table = max((backup / "graph").glob("*.sst"), key=lambda file: file.stat().st_size)
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    refused = run("graph", "restore", str(backup), code=5).stderr
    assert table.name in refused
    assert len(refused.strip().splitlines()) == 1
    assert graphs(run_json) == 3
    assert run_json("graph", "check")["faults"] == []
    assert not (home / "graph.new").exists()


def test_a_backup_is_not_written_over_another(run: Run, run_json: RunJson, folder: Path, tmp_path: Path) -> None:
    run_json("harvest", str(folder))
    run_json("graph", "backup", str(tmp_path / "backup"))
    assert "not empty" in run("graph", "backup", str(tmp_path / "backup"), code=5).stderr


def test_without_a_ledger_nothing_is_restored(run: Run, run_json: RunJson, folder: Path, home: Path, tmp_path: Path) -> None:
    run_json("harvest", str(folder))
    run_json("graph", "backup", str(tmp_path / "backup"))
    for left in home.glob("ledger.sqlite*"):
        left.unlink()
    assert "Restore the ledger first" in run("graph", "restore", str(tmp_path / "backup"), code=5).stderr


# --- damage


@pytest.mark.parametrize(
    ("pattern", "how"), [("*.sst", "removed"), ("*.sst", "truncated"), ("MANIFEST-*", "garbage"), ("CURRENT", "removed")]
)
def test_a_damaged_store_is_noticed_at_start_and_a_rebuild_mends_it(
    run: Run, run_json: RunJson, folder: Path, home: Path, a_cell: Cell, pattern: str, how: str
) -> None:
    run_json("harvest", str(folder))
    for file in published_files(home, pattern):
        content = file.read_bytes()
        file.unlink()
        if how != "removed":
            file.write_bytes(content[: len(content) // 2] if how == "truncated" else b"damage" * 30)
    (folder / "d.jsonld").write_text(a_cell(schema__name="Cell d"))
    for arguments in (("sparql", COUNT), ("harvest", str(folder)), ("serve", "--port", "0"), ("graph", "check")):
        told = run(*arguments, code=5).stderr
        assert "damaged" in told
        assert "voltagraph graph rebuild" in told
    failing = [check for check in json.loads(run("doctor", "--json", code=7).stdout) if not check["ok"]]
    assert [check["name"] for check in failing] == ["Graph"]
    assert "voltagraph graph rebuild" in failing[0]["remedy"]
    assert run_json("graph", "rebuild")["records"] == 3
    assert run_json("harvest", str(folder))["loaded"] == 4
    assert graphs(run_json) == 4
    assert run_json("graph", "check")["faults"] == []


def test_other_bytes_in_a_file_that_no_query_reads_are_found_by_the_check(
    run: Run, run_json: RunJson, folder: Path, home: Path
) -> None:
    run_json("harvest", str(folder))
    table = max((home / "graph").glob("*.sst"), key=lambda file: file.stat().st_size)
    with table.open("r+b") as file:
        file.seek(table.stat().st_size // 3)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 0xFF]))
    told = run("graph", "check", code=7).stdout
    assert any(table.name in line and "other bytes" in line for line in told.splitlines())
    run("graph", "rebuild")
    assert run_json("graph", "check")["faults"] == []


# --- a server that runs meanwhile


def test_a_server_goes_on_while_graphs_are_withdrawn_rebuilt_restored_and_damaged(
    run: Run, run_json: RunJson, start: Callable[..., Any], folder: Path, home: Path, tmp_path: Path
) -> None:
    run_json("harvest", str(folder), "--audience", "any")
    server = start("serve", "--port", "0", "--json")
    url = json.loads(server.stdout.readline())["url"]

    def ask(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{url}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def served() -> int:
        status, body = ask(f"sparql?{urllib.parse.urlencode({'query': COUNT})}")
        assert status == 200, body
        return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])

    assert served() == 3
    run_json("graph", "backup", str(tmp_path / "backup"))
    (folder / "a.jsonld").unlink()
    run_json("harvest", str(folder), "--audience", "any")
    assert served() == 2, "from the moment at which the harvest ended"
    run_json("graph", "rebuild")
    assert served() == 2
    run_json("graph", "restore", str(tmp_path / "backup"))
    assert served() == 2
    run_json("harvest", str(folder), "--audience", "user:1")
    assert served() == 0
    assert ask("ready")[0] == 200
    for file in published_files(home, "CURRENT"):
        file.unlink()
    status, body = ask("ready")
    assert status == 503, body
    run_json("graph", "rebuild")
    assert ask("ready")[0] == 200
    assert served() == 0
    server.send_signal(signal.SIGTERM)
    said = server.communicate(timeout=60)[1]
    assert "not ready" in said
    assert "voltagraph graph rebuild" in said
