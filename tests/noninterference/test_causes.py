"""The causes of findings that a reader is told are the same, byte for byte, with and without the records that it may not read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.ledger import Among, Entry, State
from harvester.sqlite_ledger import SqliteLedger
from records.issues import Issue, Severity, Suggestion
from records.rights import ANY, Audiences, Rights

AUDIENCES = [ANY, "bma/auth", "bma/user:1", "bma/community:x"]
COMMUNITIES = ["bma/community:x", "bma/community:y"]
IDS = [f"{source}/{number}" for source in ("bma", "lab") for number in range(3)]
AMONG = [
    Among(),
    Among(source="bma"),
    Among(community="bma/community:x"),
    Among(kind="undefined-prefix"),
    Among("lab", "bma/community:y", "missing-unit"),
]

audiences = st.frozensets(st.sampled_from(AUDIENCES), max_size=3)
issues = st.builds(
    lambda code, value, severity, places, fix: Issue(
        code,
        f"the prefix '{value}' is not defined",
        severity,
        value=value,
        places=places,
        suggestions=(Suggestion(fix, fix),) if fix else (),
    ),
    st.sampled_from(["undefined-prefix", "missing-unit"]),
    st.sampled_from(["emmo", "secret", "schema"]),
    st.sampled_from(list(Severity)),
    st.integers(1, 9),
    st.sampled_from(["", "define it", "leave it out"]),
)
entries = st.builds(
    lambda record, state, metadata, files, found, communities: Entry(
        record,
        record.partition("/")[0],
        record.partition("/")[2],
        "m",
        "d",
        "d",
        state,
        Rights(metadata, files),
        issues=tuple(found),
        communities=tuple(sorted(communities)),
    ),
    st.sampled_from(IDS),
    st.sampled_from(list(State)),
    audiences,
    audiences,
    st.lists(issues, max_size=4),
    st.frozensets(st.sampled_from(COMMUNITIES)),
)
harvests = st.lists(st.lists(entries, max_size=5, unique_by=lambda entry: entry.record), min_size=1, max_size=4)


def ledger_of(written: list[list[Entry]]) -> SqliteLedger:
    """A ledger to which so much was written, a week apart."""
    times = iter(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week) for week in range(len(written)))
    ledger = SqliteLedger(None, clock=lambda: next(times))
    for batch in written:
        ledger.write(batch)
    return ledger


def everything_told(ledger: SqliteLedger, reader: Audiences) -> str:
    """Every answer about causes that the ledger gives to this reader, as text."""
    pages = [
        ledger.causes(reader, among, limit=limit, offset=offset).to_json()
        for among in AMONG
        for limit, offset in ((100, 0), (1, 1))
    ]
    return json.dumps(pages)


def final_rights(written: list[list[Entry]]) -> dict[str, Rights]:
    return {entry.record: entry.rights for batch in written for entry in batch}


@settings(max_examples=300, deadline=None)
@given(harvests, audiences)
def test_a_forbidden_record_changes_no_byte_of_what_is_told_of_causes(written: list[list[Entry]], reader: Audiences) -> None:
    """Nor does its past, also when it could be read once."""
    rights = final_rights(written)
    readable = [[entry for entry in batch if not reader.isdisjoint(rights[entry.record].read_files)] for batch in written]
    whole, alone = ledger_of(written), ledger_of(readable)
    assert everything_told(whole, reader) == everything_told(alone, reader)
    whole.close()
    alone.close()


def test_the_comparison_sees_a_difference() -> None:
    """The two ledgers of the test above differ as soon as the reader may read the record."""
    member = frozenset({"bma/community:x"})
    entry = Entry(
        "bma/0",
        "bma",
        "0",
        "m",
        "d",
        "d",
        State.LOADED,
        Rights(member, member),
        issues=(Issue("undefined-prefix", "", value="emmo"),),
    )
    with_it, without = ledger_of([[entry]]), ledger_of([[]])
    assert everything_told(with_it, member) != everything_told(without, member)
    assert everything_told(with_it, frozenset({ANY})) == everything_told(without, frozenset({ANY}))
    with_it.close()
    without.close()
