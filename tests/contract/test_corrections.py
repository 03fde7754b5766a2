"""What every store of corrections does."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.corrections import Change, Correction, Corrections, Standing
from harvester.sqlite_corrections import SqliteCorrections
from records.errors import StoreDamagedError, StoreError
from records.issues import Edit, Operation

CHANGES = (
    Change(Edit(Operation.RENAME, "/hasProperety", '"hasProperty"'), '"hasProperety"'),
    Change(Edit(Operation.REPLACE, "/a~1b/0", '"µ ☃ \\ud83d\\ude00"'), "1.50"),
    Change(Edit(Operation.REMOVE, "/x"), '{"y": []}'),
    Change(Edit(Operation.ADD, "/@context/-", '{"emmo": "https://w3id.org/emmo#"}')),
)


def a_correction(identifier: str, record: str = "cells/a") -> Correction:
    return Correction(
        identifier, record, "d" * 64, CHANGES, ("missing-unit",), "alice", "2026-01-01T00:00:00+00:00", "datasheet, p. 3"
    )


class CorrectionsContract(ABC):
    """Subclasses say how to make one."""

    @abstractmethod
    def make(self) -> Corrections: ...

    @pytest.fixture
    def corrections(self) -> Iterator[Corrections]:
        made = self.make()
        yield made
        made.close()

    def test_a_correction_comes_back_as_it_was_kept(self, corrections: Corrections) -> None:
        corrections.add(a_correction("c1"))
        assert corrections.get("c1") == a_correction("c1")
        assert corrections.of("cells/a") == (a_correction("c1"),)
        assert corrections.get("c2") is None
        assert corrections.of("cells/b") == ()

    def test_those_of_a_record_come_in_the_order_in_which_they_were_accepted(self, corrections: Corrections) -> None:
        for identifier in ("z", "a", "m"):
            corrections.add(a_correction(identifier))
            corrections.add(a_correction(f"{identifier}-other", "cells/0"))
        assert [correction.id for correction in corrections.of("cells/a")] == ["z", "a", "m"]
        assert corrections.holding() == {"cells/a": ("z", "a", "m"), "cells/0": ("z-other", "a-other", "m-other")}
        assert [correction.id for correction in corrections.all()] == ["z-other", "a-other", "m-other", "z", "a", "m"]

    def test_an_id_is_given_once(self, corrections: Corrections) -> None:
        corrections.add(a_correction("c1"))
        with pytest.raises(StoreError, match="c1"):
            corrections.add(replace(a_correction("c1"), reason="another"))
        assert corrections.get("c1") == a_correction("c1")

    def test_a_revoked_correction_stays_and_holds_no_more(self, corrections: Corrections) -> None:
        corrections.add(a_correction("c1"))
        corrections.add(a_correction("c2"))
        revoked = corrections.revoke("c1", by="bob", at="2026-02-02T00:00:00+00:00", reason="mistaken")
        assert revoked == replace(
            a_correction("c1"), revoked_by="bob", revoked_at="2026-02-02T00:00:00+00:00", revoked_reason="mistaken"
        )
        assert corrections.get("c1") == revoked
        assert not revoked.holds
        assert corrections.holding() == {"cells/a": ("c2",)}
        assert [correction.id for correction in corrections.of("cells/a")] == ["c1", "c2"]

    def test_who_revoked_first_stays_known(self, corrections: Corrections) -> None:
        corrections.add(a_correction("c1"))
        first = corrections.revoke("c1", by="bob", at="2026-02-02T00:00:00+00:00", reason="mistaken")
        assert corrections.revoke("c1", by="eve", at="2026-03-03T00:00:00+00:00", reason="me too") == first

    def test_there_is_nothing_to_revoke_of_what_is_not_there(self, corrections: Corrections) -> None:
        assert corrections.revoke("c1", by="bob", at="2026-02-02T00:00:00+00:00", reason="mistaken") is None
        assert corrections.holding() == {}

    def test_a_correction_prints_with_what_it_does_now(self) -> None:
        shown = a_correction("c1").to_json(Standing.APPLIED)
        assert (shown["id"], shown["standing"], shown["revoked"]) == ("c1", "applied", None)
        assert shown["changes"][0] == {  # type: ignore[index]
            "operation": "rename",
            "pointer": "/hasProperety",
            "before": '"hasProperety"',
            "after": '"hasProperty"',
        }


class TestSqliteCorrectionsOnDisk(CorrectionsContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "corrections.sqlite"

    def make(self) -> Corrections:
        return SqliteCorrections(self.path)

    def test_it_is_there_after_closing(self) -> None:
        first = self.make()
        first.add(a_correction("c1"))
        first.close()
        again = self.make()
        assert again.of("cells/a") == (a_correction("c1"),)
        again.close()

    def test_another_process_sees_it_at_once(self) -> None:
        first, second = self.make(), self.make()
        first.add(a_correction("c1"))
        assert second.holding() == {"cells/a": ("c1",)}
        second.revoke("c1", by="bob", at="2026-02-02T00:00:00+00:00", reason="mistaken")
        assert first.holding() == {}
        first.close()
        second.close()

    def test_a_damaged_file_says_so_and_that_only_a_backup_helps(self) -> None:
        self.path.write_bytes(b"this is no database, but long enough to be taken for one" * 50)
        with pytest.raises(StoreDamagedError, match="backup"):
            self.make()

    def test_a_file_of_another_version_is_refused_and_left_as_it_is(self) -> None:
        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA user_version=99")
        with pytest.raises(StoreDamagedError, match="version 99"):
            self.make()
        assert connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
        connection.close()

    def test_a_directory_that_is_missing_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot be used"):
            SqliteCorrections(tmp_path / "none" / "corrections.sqlite")


class TestSqliteCorrectionsInMemory(CorrectionsContract):
    def make(self) -> Corrections:
        return SqliteCorrections(None)
