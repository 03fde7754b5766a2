"""Backups of the graph store as files: whole or not there, compared before they are used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harvester.graph_backup import MANIFEST, copy_backup, read_backup, write_backup
from records.errors import StoreDamagedError, StoreError


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Files that stand for a store: a backup does not look into them."""
    made = tmp_path / "store"
    made.mkdir()
    for name in ("000001.sst", "000002.sst", "CURRENT"):
        (made / name).write_bytes(name.encode() * 1000)
    return made


@pytest.fixture
def backup(store: Path, tmp_path: Path) -> Path:
    write_backup(store, "0000000000000007", "abc", tmp_path / "backup")
    return tmp_path / "backup"


def test_a_backup_gives_the_files_back(store: Path, backup: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    read = read_backup(backup)
    assert (read.generation, read.read_as) == ("0000000000000007", "abc")
    copy_backup(backup, read, tmp_path / "copy", on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    for folder in (store, tmp_path / "copy"):
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
            name: name.encode() * 1000 for name in ("000001.sst", "000002.sst", "CURRENT")
        }


def test_what_a_kill_left_of_a_backup_is_no_backup_and_is_replaced(store: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tmp" / "graph").mkdir(parents=True)
    (tmp_path / "b.tmp" / "graph" / "old").write_text("x")
    with pytest.raises(StoreError, match=r"b/manifest\.json cannot be read"):
        read_backup(tmp_path / "b")
    write_backup(store, "1", "", tmp_path / "b")
    assert sorted(file.name for file in (tmp_path / "b" / "graph").iterdir()) == ["000001.sst", "000002.sst", "CURRENT"]
    assert not (tmp_path / "b.tmp").exists()


def test_an_empty_folder_is_filled_and_a_full_one_is_not(store: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_backup(store, "1", "", tmp_path / "empty")
    with pytest.raises(StoreError, match="not empty"):
        write_backup(store, "1", "", tmp_path / "empty")


@pytest.mark.parametrize("name", ["000001.sst", "CURRENT"])
@pytest.mark.parametrize("damage", ["other bytes", "shorter", "longer", "missing"])
def test_a_file_that_differs_is_named(backup: Path, tmp_path: Path, name: str, damage: str) -> None:
    file = backup / "graph" / name
    content = file.read_bytes()
    changed = {"other bytes": b"x" + content[1:], "shorter": content[:-1], "longer": content + b"x"}
    file.unlink()
    if damage in changed:
        file.write_bytes(changed[damage])
    with pytest.raises(StoreDamagedError, match=name) as caught:
        copy_backup(backup, read_backup(backup), tmp_path / "copy")
    assert "graph rebuild" in caught.value.remedy


def test_a_file_too_many_is_named(backup: Path) -> None:
    (backup / "graph" / "more.sst").write_bytes(b"x")
    with pytest.raises(StoreDamagedError, match=r"more\.sst does not belong"):
        read_backup(backup)


def test_a_manifest_cannot_name_a_file_elsewhere(backup: Path) -> None:
    manifest = backup / MANIFEST
    manifest.write_text(manifest.read_text().replace("graph/CURRENT", "graph/../../CURRENT"))
    with pytest.raises(StoreDamagedError, match="CURRENT"):
        read_backup(backup)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"format": 1, "files": 3}', '{"format": 1, "generation": "1", "time": "x", "read_as": "", "files": {}}'],
)
def test_a_manifest_that_is_none_is_named(backup: Path, text: str) -> None:
    (backup / MANIFEST).write_text(text)
    with pytest.raises(StoreDamagedError, match=r"manifest\.json is damaged"):
        read_backup(backup)


def test_a_backup_of_another_program_is_refused(backup: Path) -> None:
    told = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps({**told, "format": 9}))
    with pytest.raises(StoreError, match="format 9"):
        read_backup(backup)
