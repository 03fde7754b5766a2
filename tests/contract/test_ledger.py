"""What every ledger does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.ledger import Entry, Ledger, State
from harvester.sqlite_ledger import SqliteLedger
from records.errors import StoreDamagedError, StoreError
from records.issues import Issue, Severity
from records.rights import DENIED, PUBLIC, Rights

FINDING = Issue(
    "undefined-term", "'x' means nothing", Severity.WARNING, "a.jsonld", "/x", 3, 5, "mend it", "urn:n", "urn:p", "v", "urn:s"
)


def an_entry(
    key: str,
    *,
    source: str = "cells",
    state: State = State.LOADED,
    rights: Rights | None = None,
    issues: tuple[Issue, ...] = (),
    quads: int = 7,
) -> Entry:
    chosen = rights or Rights(PUBLIC, PUBLIC)
    return Entry(
        f"{source}/{key}",
        source,
        key,
        "m1",
        "d1",
        "d1",
        state,
        chosen,
        "A title",
        quads,
        (("urn:c", "1"),),
        issues,
        "2026-01-01T00:00:00+00:00",
    )


class LedgerContract(ABC):
    """Subclasses say how to make one."""

    @abstractmethod
    def make(self) -> Ledger: ...

    @pytest.fixture
    def ledger(self) -> Iterator[Ledger]:
        made = self.make()
        yield made
        made.close()

    def test_an_entry_comes_back_as_it_was_written(self, ledger: Ledger) -> None:
        entry = an_entry(
            "a", rights=Rights(frozenset({"any"}), frozenset({"local/community:x", "local/user:7"})), issues=(FINDING,)
        )
        ledger.write([entry])
        assert ledger.entries("cells") == {"a": replace(entry, issues=())}
        assert ledger.get("cells/a", frozenset({"local/user:7"})) == entry

    def test_writing_again_replaces_the_entry_and_its_findings(self, ledger: Ledger) -> None:
        ledger.write([an_entry("a", issues=(FINDING, FINDING))])
        ledger.write([replace(an_entry("a"), marker="m2")])
        assert ledger.entries("cells")["a"].marker == "m2"
        assert ledger.totals("cells").findings == 0

    def test_findings_are_read_only_with_the_files(self, ledger: Ledger) -> None:
        ledger.write([an_entry("a", rights=Rights(PUBLIC, frozenset({"local/user:7"})), issues=(FINDING,))])
        assert ledger.get("cells/a", PUBLIC) is None
        assert ledger.get("cells/none", PUBLIC) is None

    def test_nobody_reads_what_is_denied(self, ledger: Ledger) -> None:
        ledger.write([an_entry("a", rights=DENIED)])
        assert ledger.get("cells/a", PUBLIC) is None

    def test_a_withdrawn_or_refused_document_is_not_read(self, ledger: Ledger) -> None:
        ledger.write([an_entry("a", state=State.WITHDRAWN), an_entry("b", state=State.REFUSED)])
        assert ledger.get("cells/a", PUBLIC) is None
        assert ledger.get("cells/b", PUBLIC) is None

    def test_totals_count_one_source_by_state(self, ledger: Ledger) -> None:
        ledger.write(
            [
                an_entry("a", issues=(FINDING,)),
                an_entry("b"),
                an_entry("c", state=State.REFUSED, quads=0),
                an_entry("a", source="other"),
            ]
        )
        totals = ledger.totals("cells")
        assert (totals.loaded, totals.refused, totals.withdrawn, totals.quads, totals.findings) == (2, 1, 0, 14, 1)
        assert ledger.issue_counts("cells") == {"undefined-term": 1}
        assert ledger.issue_counts("other") == {}

    def test_all_entries_come_in_a_stable_order(self, ledger: Ledger) -> None:
        ledger.write([an_entry("b"), an_entry("a", source="other"), an_entry("a")])
        assert [entry.record for entry in ledger.all_entries()] == ["cells/a", "cells/b", "other/a"]


class TestSqliteLedgerOnDisk(LedgerContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "ledger.sqlite"

    def make(self) -> Ledger:
        return SqliteLedger(self.path)

    def test_it_is_there_after_closing(self) -> None:
        first = self.make()
        first.write([an_entry("a", issues=(FINDING,))])
        first.close()
        again = self.make()
        assert again.get("cells/a", PUBLIC) == an_entry("a", issues=(FINDING,))
        again.close()

    def test_a_second_process_reads_while_it_is_open(self) -> None:
        first, second = self.make(), self.make()
        first.write([an_entry("a")])
        assert second.totals("cells").loaded == 1
        first.close()
        second.close()

    def test_a_damaged_file_says_so(self) -> None:
        self.path.write_bytes(b"this is no database, but long enough to be taken for one" * 50)
        with pytest.raises(StoreDamagedError, match="damaged"):
            self.make()

    def test_a_file_of_another_version_is_refused(self) -> None:
        import sqlite3

        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA user_version=99")
        connection.close()
        with pytest.raises(StoreDamagedError, match="version 99"):
            self.make()

    def test_a_directory_that_is_missing_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot be used"):
            SqliteLedger(tmp_path / "none" / "ledger.sqlite")


class TestSqliteLedgerInMemory(LedgerContract):
    def make(self) -> Ledger:
        return SqliteLedger(None)
