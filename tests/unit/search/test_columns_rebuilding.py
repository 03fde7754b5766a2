"""The embedded index is built anew on disk: other processes, what is left behind, damage, other versions."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from records.errors import StoreBusyError, StoreDamagedError
from records.rights import PUBLIC
from search.columns import rebuilding, state
from search.columns.columns import Columns, from_changes
from search.columns.index import ColumnIndex
from search.columns.store import Change, copy_changes
from search.query import TextPart
from tests.contract.search_index.examples import a_vector, ancestors, asking, found, summary, summary_hash
from tests.unit.search.test_columns import opened, some


def names(folder: Path) -> set[str]:
    """What is in the folder, without what is drawn of names and what SQLite puts beside a file."""
    return {re.sub("-[0-9a-f]{16}", "-", file.name) for file in folder.iterdir() if not file.name.endswith(("-wal", "-shm"))}


def test_whoever_has_it_open_goes_over_to_the_new_one_and_the_old_one_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with opened(path) as reader, opened(path) as writer:
        writer.apply(some(30))
        writer.keep()
        assert reader.search(asking(), PUBLIC).total == 30
        for turn in range(3):
            with writer.rebuilding() as fresh:
                fresh.apply(some(10 + turn))
                assert len(found(reader)) == (30 if turn == 0 else 10 + turn)
            assert len(found(reader)) == len(found(writer)) == 10 + turn
            reader.apply(some(1, first=50))
            assert len(found(writer)) == 11 + turn
            assert path.is_symlink()
            assert names(tmp_path) == {"index.sqlite", "index-.sqlite", "index-.columns", "index.rebuilding"}
            assert len(list(tmp_path.glob("index-*.columns"))) == len(list(tmp_path.glob("index-*.sqlite"))) == 1
    with opened(path) as index:
        assert len(found(index)) == 13


def test_nobody_has_to_derive_what_was_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path / "index.sqlite") as reader, opened(tmp_path / "index.sqlite") as writer:
        assert found(reader) == []
        with writer.rebuilding() as fresh:
            fresh.apply(some(200))
            writer.apply(some(3, first=500))
        derived: list[int] = []

        def counted(changes: Sequence[Change]) -> Columns:
            derived.append(len(changes))
            return from_changes(changes)

        monkeypatch.setattr(state, "from_changes", counted)
        assert reader.search(asking(TextPart("shared")), PUBLIC).total == 203
        assert derived == [3]  # what was written meanwhile


def test_two_do_not_rebuild_at_once(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    refused = pytest.raises(StoreBusyError, match="being rebuilt by another process")
    with opened(path) as one, opened(path) as other, one.rebuilding(), refused:
        other.rebuilding().__enter__()


def test_a_write_that_waits_while_the_new_one_takes_its_place_goes_to_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.sqlite"
    with opened(path) as one, opened(path) as other:
        one.apply(some(3))
        assert len(found(other)) == 3
        waiting = threading.Thread(target=other.apply, args=[some(1, first=9)])

        def copied_while_another_waits(old: sqlite3.Connection, new: sqlite3.Connection, after: int) -> None:
            copy_changes(old, new, after)
            waiting.start()
            time.sleep(0.3)  # so that it is at the old file
            assert waiting.is_alive()

        monkeypatch.setattr(rebuilding, "copy_changes", copied_while_another_waits)
        with one.rebuilding() as fresh:
            fresh.apply(some(3))
        waiting.join()
        assert len(found(one)) == len(found(other)) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"no database at all" * 300,
        lambda content: content[: len(content) // 2],
        lambda content: content[:8192] + bytes(len(content) - 8192),
    ],
)
def test_a_damaged_index_is_rebuilt(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "index.sqlite"
    with opened(path) as index:
        index.apply(some(100))
    path.write_bytes(damage(path.read_bytes()))
    with opened(path) as index:
        with pytest.raises(StoreDamagedError, match="voltagraph rebuild"):
            index.unembedded("m")
        with index.rebuilding() as fresh:
            fresh.apply(some(3))
        assert len(found(index)) == 3


def test_a_program_goes_on_with_the_old_one_when_another_version_rebuilds(tmp_path: Path) -> None:
    """As when a server still runs while the operator has installed a newer version."""
    path = tmp_path / "index.sqlite"
    with opened(path) as index:
        index.apply(some(5))
        assert len(found(index)) == 5
        newer = tmp_path / "newer.sqlite"
        with opened(newer) as other:
            other.apply(some(7))
        db = sqlite3.connect(newer)
        db.execute("PRAGMA user_version = 99")
        db.close()
        (tmp_path / "link").symlink_to(newer.name)
        (tmp_path / "link").replace(path)
        assert len(found(index)) == 5
        assert index.get("bma/3", PUBLIC) is not None
        with pytest.raises(StoreDamagedError, match="version 99"):
            index.apply(some(1, first=9))
        index._has_written = False


def test_what_a_killed_rebuilding_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with opened(path) as index:
        index.apply(some(3))
    left = [tmp_path / f"index-{'0' * 16}{end}" for end in (".sqlite", ".sqlite-wal", ".sqlite-shm", ".link")]
    for file in left:
        file.write_bytes(b"left")
    (tmp_path / f"index-{'0' * 16}.columns").mkdir()
    others = [tmp_path / "index-of-something.sqlite", tmp_path / "index.md", tmp_path / "other.sqlite"]
    for file in others:
        file.write_bytes(b"not ours")
    index = ColumnIndex(path, ancestors=ancestors, summary=summary)
    with index.rebuilding() as fresh:
        fresh.apply(some(2))
    index.close()
    assert not any(file.exists() for file in left)
    assert all(file.exists() for file in others)
    assert len(list(tmp_path.glob("index-*.columns"))) == 1


@pytest.mark.parametrize("numbers", [b"", b"12345678", b"123", b"\xff" * 8])
def test_a_vector_that_cannot_be_read_is_told_and_left_behind_by_a_rebuild(tmp_path: Path, numbers: bytes) -> None:
    path = tmp_path / "index.sqlite"
    records = some(3)
    with opened(path) as index:
        index.apply(records)
        index.embed("m", {summary_hash(record): a_vector(1, 2, 3) for record in records})
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute("UPDATE vector SET numbers = ? WHERE change = 2", (numbers,)).rowcount == 1
    shutil.rmtree(path.with_suffix(".columns"))
    with opened(path) as index:
        with pytest.raises(StoreDamagedError, match="a vector cannot be read"):
            index.search(asking(), PUBLIC)
        with index.rebuilding() as fresh:
            fresh.apply(records)
        assert index.search(asking(), PUBLIC).total == 3
        assert len(index.unembedded("m")) == 3


def test_an_index_that_is_lost_is_told_and_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    held: list[str] = []

    def an_index() -> ColumnIndex:
        return ColumnIndex(path, ancestors=ancestors, summary=summary, is_expected=lambda: bool(held))

    with closing(an_index()) as index:
        index.apply(some(3))
        assert len(found(index)) == 3
        held += ["a record"]
        for file in tmp_path.glob("index.sqlite*"):
            file.unlink()
        assert len(found(index)) == 3  # what is open goes on answering
        with pytest.raises(StoreDamagedError, match="is gone"):
            index.apply(some(1, first=10))
        with closing(an_index()) as other:
            with pytest.raises(StoreDamagedError, match="is gone"):
                other.search(asking(), PUBLIC)
            assert not path.exists()
            with other.rebuilding() as fresh:
                fresh.apply(some(2))
            assert len(found(other)) == len(found(index)) == 2
