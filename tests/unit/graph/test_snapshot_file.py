"""The file that tells what a snapshot is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.snapshot_file import Snapshot, Visibility, read_snapshot, write_snapshot
from records.errors import StoreError
from records.rights import PUBLIC

TIME = datetime(2026, 11, 22, 3, tzinfo=UTC)
KEPT = Snapshot("s1", "ann", Visibility.PRIVATE, "for the paper", TIME, TIME, 3, "d", "g", PUBLIC)


def test_what_is_written_is_read_again_and_nothing_is_no_snapshot(tmp_path: Path) -> None:
    assert read_snapshot(tmp_path) is None
    write_snapshot(tmp_path, KEPT)
    assert read_snapshot(tmp_path) == KEPT


@pytest.mark.parametrize("change", [{"visibility": "secret"}, {"created": "long ago"}, {"audiences": None}, {"more": 1}])
def test_a_file_of_another_form_is_told_as_what_cannot_be_read(tmp_path: Path, change: dict[str, object]) -> None:
    write_snapshot(tmp_path, KEPT)
    file = tmp_path / "snapshot.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(StoreError, match=r"The snapshot in .* cannot be read") as told:
        read_snapshot(tmp_path)
    assert told.value.remedy == "Remove its folder."


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"id": "s1"'])
def test_a_damaged_file_is_told_as_what_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "snapshot.json").write_bytes(content)
    with pytest.raises(StoreError, match="cannot be read"):
        read_snapshot(tmp_path)
