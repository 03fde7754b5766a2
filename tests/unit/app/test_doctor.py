"""What `voltagraph doctor` finds, and what it says to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import build_services
from app.commands import harvest_folder, rebuild_all
from app.doctor import Check, examine
from app.embedding import embed_all
from app.settings import Settings
from harvester.corrections import Change, Correction
from records.issues import Edit, Operation

CELL = {"@context": "https://w3id.org/emmo/domain/battery/context", "@type": "PouchCell", "schema:name": "A cell"}


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("doctor")
    folder = place / "cells"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.jsonld").write_text(json.dumps(CELL))
    services = build_services(Settings(home=place / "home"))
    with closing(services.graph), closing(services.index), closing(services.ledger), closing(services.corrections):
        assert harvest_folder(services, folder, name=None, audience=["any"], on_progress=None).harvest.loaded == 2
    return place / "home"


@pytest.fixture
def home(harvested: Path, tmp_path: Path) -> Path:
    """A copy of a home with two records, to be spoilt."""
    shutil.copytree(harvested, tmp_path / "home")
    return tmp_path / "home"


def checks(home: Path, **settings: Any) -> dict[str, Check]:
    services = build_services(Settings(home=home, **settings))
    found = {check.name: check for check in examine(services)}
    for name in ("index", "ledger", "graph_reader", "corrections"):
        if name in vars(services):
            getattr(services, name).close()
    return found


def failing(found: dict[str, Check]) -> set[str]:
    for check in found.values():
        assert check.found, check
        assert check.ok or check.remedy, check
    return {check.name for check in found.values() if not check.ok}


def test_a_record_that_waits_to_be_read_with_its_correction_is_told(home: Path) -> None:
    services = build_services(Settings(home=home))
    change = Change(Edit(Operation.REPLACE, "/schema:name", '"Another cell"'), '"A cell"')
    with closing(services.corrections) as corrections:
        corrections.add(Correction("c1", "cells/a.jsonld", "", (change,), (), "alice", "2026-01-01T00:00:00+00:00", "its label"))
    found = checks(home)
    assert failing(found) == {"Corrections"}
    assert found["Corrections"].found == "1 hold; 1 record waits to be read with them"


def test_a_new_home_lacks_nothing_but_records(tmp_path: Path) -> None:
    found = checks(tmp_path / "new")
    assert failing(found) == set()
    assert found["Records"].remedy == "Run `voltagraph harvest FOLDER`."
    assert "will be made" in found["Home"].found
    assert not (tmp_path / "new" / "ledger.sqlite").exists()


def test_a_harvested_home_is_well(home: Path) -> None:
    found = checks(home)
    assert failing(found) == set()
    assert (found["Records"].found, found["Index"].found, found["Graph"].found) == ("2 loaded", "2 records", "2 record graphs")


def test_an_index_that_lacks_a_record_is_told(home: Path) -> None:
    services = build_services(Settings(home=home))
    with closing(services.index):
        services.index.apply([], removed=["cells/a.jsonld"])
    found = checks(home)
    assert failing(found) == {"Index"}
    assert "1 differ" in found["Index"].found
    assert "rebuild" in found["Index"].remedy


def test_a_graph_store_that_is_lost_is_told(home: Path) -> None:
    shutil.rmtree(home / "graph")
    found = checks(home)
    assert failing(found) == {"Graph"}
    assert "rebuild" in found["Graph"].remedy


def test_records_that_were_read_under_other_ontologies_are_told(home: Path) -> None:
    (home / "read-as").write_text("another")
    found = checks(home)
    assert failing(found) == {"Records"}
    assert "rebuild" in found["Records"].remedy


def test_payloads_that_are_lost_are_told_after_a_rebuild_too(home: Path) -> None:
    shutil.rmtree(home / "payloads")
    services = build_services(Settings(home=home))
    with closing(services.index), closing(services.ledger), closing(services.corrections):
        done = rebuild_all(services, on_progress=None)
    assert (done["documents"], done["refused"]) == (2, 2)
    found = checks(home)
    assert failing(found) == {"Records"}
    assert found["Records"].found == "0 loaded, 2 refused; the documents of 2 are damaged or gone"
    assert "backup" in found["Records"].remedy


@pytest.mark.parametrize(("store", "others"), [("ledger.sqlite", {"Tokens"}), ("index.sqlite", {"Records", "Graph", "Tokens"})])
def test_a_damaged_store_is_told_once_and_does_not_keep_the_other_checks_from_running(
    home: Path, store: str, others: set[str]
) -> None:
    for file in home.glob(f"{store}*"):
        file.unlink()
    (home / store).write_bytes(b"no database" * 1000)
    found = checks(home)
    [name] = failing(found)
    assert "damaged" in found[name].found
    assert others <= found.keys()


def test_damaged_vectors_are_told_and_a_rebuild_leaves_them_behind(home: Path) -> None:
    services = build_services(Settings(home=home))
    assert services.embedder is not None
    embed_all(services, None)
    services.index.close()
    with closing(sqlite3.connect(home / "index.sqlite")) as db, db:
        [(number,)] = db.execute("SELECT vector_change FROM state").fetchall()
        db.execute("UPDATE vector SET change = ?, numbers = ? WHERE change = ?", (number + 1, b"\xff" * 1536, number))
        db.execute("UPDATE state SET vector_change = ?", (number + 1,))
    found = checks(home)
    assert failing(found) == {"Index"}
    assert "a vector cannot be read" in found["Index"].found
    assert "voltagraph rebuild" in found["Index"].remedy
    services = build_services(Settings(home=home))
    with closing(services.index), closing(services.ledger), closing(services.corrections):
        rebuild_all(services, on_progress=None)
    assert failing(checks(home)) == set()


def test_shapes_that_cannot_be_read_are_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text("this is no Turtle")
    found = checks(home, shapes_file=tmp_path / "shapes.ttl")
    assert any("shapes.ttl" in check.found for check in found.values() if not check.ok)
    assert "Tokens" in found


def test_a_token_file_that_others_can_read_is_told(home: Path) -> None:
    tokens = home / "tokens.json"
    tokens.write_text('{"tokens": []}')
    tokens.chmod(0o600)
    assert failing(checks(home)) == set()
    tokens.chmod(0o644)
    found = checks(home)
    assert failing(found) == {"Token file"}
    assert found["Token file"].remedy == f"chmod 600 {tokens}"


def test_a_malformed_token_file_is_told(home: Path) -> None:
    (home / "tokens.json").write_text("{")
    found = checks(home)
    assert any("tokens.json" in check.found for check in found.values() if not check.ok)
