"""What every ledger does."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.corrections import Standing
from harvester.ledger import Among, CauseReport, Entry, Ledger, State, Week
from harvester.sqlite_ledger import SqliteLedger
from records.errors import StoreDamagedError, StoreError
from records.issues import Certainty, Edit, Issue, Operation, Severity, Suggestion
from records.rights import DENIED, PUBLIC, Rights

FINDING = Issue(
    "undefined-term", "'x' means nothing", Severity.WARNING, "a.jsonld", "/x", 3, 5, "mend it", "urn:n", "urn:p", "v", "urn:s"
)


def undefined_prefix(prefix: str = "emmo", *, places: int = 1, mend: str = "") -> Issue:
    exact = (Suggestion(mend, mend, Certainty.CERTAIN, (Edit(Operation.ADD, "/@context/emmo", '"urn:emmo"'),)),) if mend else ()
    return Issue("undefined-prefix", f"the prefix '{prefix}' is not defined", value=prefix, places=places, suggestions=exact)


MISSING_UNIT = Issue("missing-unit", "The number has no unit", Severity.WARNING, shape="urn:MissingUnit")


def an_entry(
    key: str,
    *,
    source: str = "cells",
    state: State = State.LOADED,
    rights: Rights | None = None,
    issues: tuple[Issue, ...] = (),
    quads: int = 7,
    communities: tuple[str, ...] = (),
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
        communities=communities,
    )


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def set(self, day: str) -> None:
        self.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")


def causes(ledger: Ledger, among: Among = Among(), audiences: frozenset[str] = PUBLIC) -> dict[str, CauseReport]:  # noqa: B008
    return {report.cause.key: report for report in ledger.causes(audiences, among, limit=100, offset=0).causes}


class LedgerContract(ABC):
    """Subclasses say how to make one."""

    @abstractmethod
    def make(self, clock: Callable[[], datetime] = ...) -> Ledger: ...

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def ledger(self, clock: Clock) -> Iterator[Ledger]:
        made = self.make(clock)
        yield made
        made.close()

    def test_an_entry_comes_back_as_it_was_written(self, ledger: Ledger) -> None:
        entry = an_entry(
            "a",
            rights=Rights(frozenset({"any"}), frozenset({"local/community:x", "local/user:7"})),
            issues=(FINDING, undefined_prefix(mend="define it")),
            communities=("local/community:x", "local/community:y"),
        )
        entry = replace(entry, told=1, corrections=(("c1", Standing.APPLIED), ("c2", Standing.OUTDATED)))
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

    def test_the_operator_sees_an_entry_in_every_state_and_under_all_rights(self, ledger: Ledger) -> None:
        refused = an_entry("a", state=State.REFUSED, rights=DENIED, issues=(FINDING,))
        ledger.write([refused])
        assert ledger.entry("cells/a") == refused
        assert ledger.entry("cells/none") is None

    def test_records_that_were_read_with_corrections_are_known(self, ledger: Ledger) -> None:
        ledger.write([replace(an_entry("a"), corrections=(("c1", Standing.APPLIED), ("c2", Standing.ADOPTED))), an_entry("b")])
        assert ledger.corrected() == {"cells/a": ("c1", "c2")}
        ledger.write([an_entry("a")])
        assert ledger.corrected() == {}

    # Causes

    def test_findings_of_many_documents_are_told_by_cause_those_in_most_places_first(self, ledger: Ledger) -> None:
        ledger.write(
            [
                an_entry("a", issues=(undefined_prefix(places=40), undefined_prefix(places=2), MISSING_UNIT)),
                an_entry("b", issues=(undefined_prefix(places=8), undefined_prefix("schema"))),
                an_entry("c"),
            ]
        )
        found = ledger.causes(PUBLIC, Among(), limit=10, offset=0)
        assert (found.total, found.records, found.places) == (3, 2, 52)
        first = found.causes[0]
        assert (first.cause.key, first.severity, first.places, first.records) == (
            "undefined-prefix:emmo",
            Severity.VIOLATION,
            50,
            2,
        )
        assert first.cause.title == "the prefix 'emmo' is not defined"
        assert first.examples == ("cells/a", "cells/b")
        # A violation before a warning where both are in as many places.
        assert [report.cause.key for report in found.causes[1:]] == ["undefined-prefix:schema", "missing-unit"]

    def test_a_page_of_causes_goes_on_where_the_one_before_ended(self, ledger: Ledger) -> None:
        ledger.write([an_entry("a", issues=tuple(undefined_prefix(f"p{number}", places=9 - number) for number in range(5)))])
        pages = [ledger.causes(PUBLIC, Among(), limit=2, offset=offset) for offset in (0, 2, 4)]
        assert [report.cause.subject for page in pages for report in page.causes] == ["p0", "p1", "p2", "p3", "p4"]
        assert {page.total for page in pages} == {5}

    def test_a_cause_unblocks_the_records_that_have_no_other_violation(self, ledger: Ledger) -> None:
        ledger.write(
            [
                an_entry("alone", issues=(undefined_prefix(), undefined_prefix(), MISSING_UNIT)),
                an_entry("both", issues=(undefined_prefix(), undefined_prefix("schema"))),
                an_entry("warned", issues=(MISSING_UNIT,)),
                an_entry("refused", state=State.REFUSED, issues=(undefined_prefix(),)),
            ]
        )
        found = causes(ledger)
        assert {key: report.unblocks for key, report in found.items()} == {
            "undefined-prefix:emmo": 2,
            "undefined-prefix:schema": 0,
            "missing-unit": 0,
        }
        # Asked for one kind alone, the others still block.
        assert causes(ledger, Among(kind="undefined-prefix"))["undefined-prefix:emmo"].unblocks == 2

    def test_there_is_one_fix_when_the_same_suggestion_mends_all(self, ledger: Ledger) -> None:
        ledger.write([an_entry("a", issues=(undefined_prefix(mend="define it"),)), an_entry("b", issues=(undefined_prefix(),))])
        assert causes(ledger)["undefined-prefix:emmo"].fix == ""
        ledger.write([an_entry("b", issues=(undefined_prefix(mend="define it"),))])
        assert causes(ledger)["undefined-prefix:emmo"].fix == "define it"

    def test_causes_are_told_of_a_source_a_community_or_a_kind(self, ledger: Ledger) -> None:
        ledger.write(
            [
                an_entry("a", issues=(undefined_prefix(), MISSING_UNIT), communities=("local/community:x",)),
                an_entry("b", issues=(undefined_prefix(),), communities=("local/community:x", "local/community:y")),
                an_entry("a", source="other", issues=(undefined_prefix(),)),
            ]
        )
        counts = {
            name: {key: report.records for key, report in causes(ledger, among).items()}
            for name, among in {
                "source": Among(source="other"),
                "community": Among(community="local/community:y"),
                "code": Among(kind="missing-unit"),
                "all three": Among("cells", "local/community:x", "undefined-prefix"),
                "none": Among(source="nothing"),
            }.items()
        }
        assert counts == {
            "source": {"undefined-prefix:emmo": 1},
            "community": {"undefined-prefix:emmo": 1},
            "code": {"missing-unit": 1},
            "all three": {"undefined-prefix:emmo": 2},
            "none": {},
        }
        reaches = causes(ledger)["undefined-prefix:emmo"].communities
        assert {name: reach.records for name, reach in reaches.items()} == {"local/community:x": 2, "local/community:y": 1}

    def test_since_when_a_cause_is_there_is_kept_however_often_the_document_is_read(self, ledger: Ledger, clock: Clock) -> None:
        for day in ("2026-01-05", "2026-02-06", "2026-03-07"):
            clock.set(day)
            ledger.write([an_entry("a", issues=(undefined_prefix(places=int(day[6])),))])
        found = causes(ledger)["undefined-prefix:emmo"]
        assert (found.first_seen, found.places) == ("2026-01-05T12:00:00+00:00", 3)
        assert found.weeks == (Week("2026-W02", 1, 0, 1),)

    def test_the_weeks_tell_when_records_got_a_cause_and_lost_it(self, ledger: Ledger, clock: Clock) -> None:
        x = ("local/community:x",)
        clock.set("2026-01-05")
        ledger.write([an_entry("a", issues=(undefined_prefix(),), communities=x), an_entry("b", issues=(undefined_prefix(),))])
        clock.set("2026-01-20")
        ledger.write([an_entry("a", communities=x), an_entry("c", issues=(undefined_prefix(),), communities=x)])
        clock.set("2026-02-10")
        ledger.write([an_entry("a", issues=(undefined_prefix(),), communities=x)])
        found = causes(ledger)["undefined-prefix:emmo"]
        assert found.weeks == (Week("2026-W02", 2, 0, 2), Week("2026-W04", 1, 1, 2), Week("2026-W07", 1, 0, 3))
        reach = found.communities["local/community:x"]
        assert reach.weeks == (Week("2026-W02", 1, 0, 1), Week("2026-W04", 1, 1, 1), Week("2026-W07", 1, 0, 2))
        assert (reach.records, reach.places) == (2, 2)

    def test_a_withdrawn_document_has_no_causes(self, ledger: Ledger) -> None:
        ledger.write([an_entry("a", issues=(undefined_prefix(),))])
        ledger.write([an_entry("a", state=State.WITHDRAWN)])
        assert causes(ledger) == {}

    def test_causes_are_told_only_of_files_that_the_reader_may_read(self, ledger: Ledger) -> None:
        for_x = Rights(PUBLIC, frozenset({"local/community:x"}))
        ledger.write(
            [
                an_entry("a", issues=(undefined_prefix(),)),
                an_entry("b", issues=(undefined_prefix(places=9), MISSING_UNIT), rights=for_x),
                an_entry("c", issues=(undefined_prefix("secret"),), rights=DENIED),
            ]
        )
        assert {key: report.places for key, report in causes(ledger).items()} == {"undefined-prefix:emmo": 1}
        member = frozenset({"any", "local/community:x"})
        assert {key: report.places for key, report in causes(ledger, audiences=member).items()} == {
            "undefined-prefix:emmo": 10,
            "missing-unit": 1,
        }
        assert ledger.causes(frozenset(), Among(), limit=10, offset=0).total == 0
        assert ledger.all_causes(Among(), limit=10, offset=0).total == 3

    def test_all_entries_come_in_a_stable_order(self, ledger: Ledger) -> None:
        ledger.write([an_entry("b"), an_entry("a", source="other"), an_entry("a")])
        assert [entry.record for entry in ledger.all_entries()] == ["cells/a", "cells/b", "other/a"]


# What the first released version wrote.
VERSION_1 = """
PRAGMA journal_mode=WAL;
CREATE TABLE IF NOT EXISTS entry (
    record TEXT PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, marker TEXT NOT NULL, digest TEXT NOT NULL,
    seen TEXT NOT NULL, state TEXT NOT NULL, read_metadata TEXT NOT NULL, read_files TEXT NOT NULL, title TEXT NOT NULL,
    quads INTEGER NOT NULL, contexts TEXT NOT NULL, changed_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_source ON entry (source);
CREATE TABLE IF NOT EXISTS finding (
    record TEXT NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, severity TEXT NOT NULL,
    source TEXT NOT NULL, pointer TEXT NOT NULL, line INTEGER NOT NULL, "column" INTEGER NOT NULL, remedy TEXT NOT NULL,
    focus_node TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL, shape TEXT NOT NULL, PRIMARY KEY (record, position)
) WITHOUT ROWID;
PRAGMA user_version=1;
INSERT INTO entry (record, source, key, marker, digest, seen, state, read_metadata, read_files, title, quads, contexts, changed_at)
VALUES ('cells/a.jsonld', 'cells', 'a.jsonld', 'm', 'd', 'd', 'loaded', '["any"]', '["any"]', 'A cell', 12,
    '[["https://w3id.org/emmo/domain/battery/context", "domain-battery-0.20.2.json"]]', '2026-03-04T05:06:07+00:00');
INSERT INTO finding (record, position, code, message, severity, source, pointer, line, "column", remedy, focus_node, path, value,
    shape)
VALUES ('cells/a.jsonld', 0, 'undefined-prefix', 'the prefix ''emmo'' is not defined', 'violation', 'a.jsonld', '/x', 3, 5,
    'define it', '', '', 'emmo', '');
"""


class TestSqliteLedgerOnDisk(LedgerContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "ledger.sqlite"

    def make(self, clock: Callable[[], datetime] = Clock()) -> Ledger:  # noqa: B008 - a time that stands still
        return SqliteLedger(self.path, clock=clock)

    def test_it_is_there_after_closing(self) -> None:
        first = self.make()
        first.write([an_entry("a", issues=(FINDING,))])
        first.close()
        again = self.make()
        assert again.get("cells/a", PUBLIC) == an_entry("a", issues=(FINDING,))
        again.close()

    def test_causes_that_another_process_wrote_are_told(self) -> None:
        first, second = self.make(), self.make()
        for places in (1, 2, 3):
            assert causes(second).keys() == (set() if places == 1 else {"undefined-prefix:emmo"})
            first.write([an_entry("a", issues=(undefined_prefix(places=places),))])
            assert causes(second)["undefined-prefix:emmo"].places == causes(first)["undefined-prefix:emmo"].places == places
        first.close()
        second.close()

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
        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA user_version=99")
        connection.close()
        with pytest.raises(StoreDamagedError, match="version 99"):
            self.make()

    def test_a_file_of_the_first_version_is_brought_up_to_date(self) -> None:
        connection = sqlite3.connect(self.path)
        connection.executescript(VERSION_1)
        connection.close()
        for _ in range(2):  # the second time it is a file of today
            ledger = self.make()
            entry = ledger.get("cells/a.jsonld", PUBLIC)
            assert entry is not None
            assert (entry.title, entry.told, entry.communities, entry.corrections) == ("A cell", 0, (), ())
            assert [(issue.code, issue.places, issue.suggestions) for issue in entry.issues] == [("undefined-prefix", 1, ())]
            report = causes(ledger)["undefined-prefix:emmo"]
            assert (report.records, report.first_seen) == (1, "2026-03-04T05:06:07+00:00")
            ledger.close()
        ledger = self.make()
        entry = ledger.entry("cells/a.jsonld")
        assert entry is not None
        ledger.write([replace(entry, issues=(undefined_prefix(places=3),), communities=("local/community:x",))])
        report = causes(ledger, Among(community="local/community:x"))["undefined-prefix:emmo"]
        assert (report.places, report.first_seen) == (3, "2026-03-04T05:06:07+00:00")
        ledger.close()

    def test_a_migration_that_was_cut_short_begins_anew(self) -> None:
        connection = sqlite3.connect(self.path)
        connection.executescript(VERSION_1)
        # A record that cannot be read stops it in the middle.
        connection.execute("UPDATE finding SET severity = 'unheard-of'")
        connection.commit()
        with pytest.raises(ValueError, match="unheard-of"):
            self.make()
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        connection.execute("UPDATE finding SET severity = 'violation'")
        connection.commit()
        connection.close()
        ledger = self.make()
        assert "undefined-prefix:emmo" in causes(ledger)
        ledger.close()

    def test_a_directory_that_is_missing_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot be used"):
            SqliteLedger(tmp_path / "none" / "ledger.sqlite")


class TestSqliteLedgerInMemory(LedgerContract):
    def make(self, clock: Callable[[], datetime] = Clock()) -> Ledger:  # noqa: B008 - a time that stands still
        return SqliteLedger(None, clock=clock)
