"""The embedded index on disk: files, threads, processes, damage; and columns that are the same in whatever steps they were made."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.errors import CursorExpiredError, StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from records.record import Entity, EntityKind, Record
from records.rights import NOBODY, PUBLIC, Rights
from search.columns import files, history, state, store, tallies
from search.columns.columns import Columns, from_changes, merged
from search.columns.index import ColumnIndex
from search.columns.segment import Segment
from search.columns.store import Change
from search.names import fold_name
from search.query import Facet, TextPart
from tests.contract.search_index.examples import (
    NAMES,
    a_record,
    a_vector,
    ancestors,
    asking,
    concept,
    corpora,
    found,
    summary,
    summary_hash,
)
from tests.unit.search.plain_index import PlainIndex


class opened:  # noqa: N801  # reads as a function
    """An index that is closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self.index = ColumnIndex(path, ancestors=ancestors, summary=summary)

    def __enter__(self) -> ColumnIndex:
        return self.index

    def __exit__(self, *_: object) -> None:
        self.index.close()


def some(count: int, first: int = 0) -> list[Record]:
    numbers = range(first, first + count)
    return [a_record(f"{n}", title=f"cell {n}", text=f"word{n} shared", concepts=("urn:x", f"urn:{n % 7}")) for n in numbers]


def columns_of(records: list[Record]) -> Columns:
    return from_changes(Change(record.id, record, bytes.fromhex(summary_hash(record))) for record in records)


def equal(one: Columns, other: Columns) -> bool:
    return (
        all(getattr(one, name).all() == getattr(other, name).all() for name in ("ids", "terms", "words", "removed"))
        and all(
            np.array_equal(lists.starts, other.tables[name].starts) and np.array_equal(lists.members, other.tables[name].members)
            for name, lists in one.tables.items()
        )
        and all(np.array_equal(array, other.arrays[name], equal_nan=array.dtype.kind == "f") for name, array in one.arrays.items())
        and {name: array.dtype for name, array in one.arrays.items()} == {name: array.dtype for name, array in other.arrays.items()}
    )


@settings(max_examples=100, deadline=None)
@given(corpus=corpora, cuts=st.lists(st.integers(0, 10), max_size=2), kept=st.lists(st.booleans(), min_size=10, max_size=10))
def test_columns_are_the_same_in_whatever_steps_they_were_made(corpus: list[Record], cuts: list[int], kept: list[bool]) -> None:
    edges = [0, *sorted(min(cut, len(corpus)) for cut in cuts), len(corpus)]
    chosen = {record.id for record, keep in zip(corpus, kept, strict=False) if keep}
    parts = [columns_of(corpus[first:end]) for first, end in pairwise(edges)]
    masks = [np.array([name in chosen for name in part.ids.all()], bool) for part in parts]
    whole = merged(list(zip(parts, masks, strict=True)), forget_removed=True)
    assert equal(whole, columns_of([record for record in corpus if record.id in chosen]))


TEAM_ONLY = Rights(frozenset({"bma/community:team"}), frozenset({"bma/community:team"}))
READERS = [PUBLIC, frozenset({*PUBLIC, "bma/auth"}), frozenset({"bma/community:team"})]


def counts_of(index: ColumnIndex | PlainIndex, limit: int) -> list[object]:
    """Names and concepts that each reader finds."""
    asked = {fold_name(name) for name in NAMES}
    return [
        (
            [index.names(kind, reader, limit=limit) for kind in EntityKind],
            sorted(index.named(asked, reader), key=lambda one: (one.kind, one.name)),
            {iri: count for iri, count in index.concept_counts(reader).items() if count},
        )
        for reader in READERS
    ]


rewritten = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([Rights(PUBLIC, PUBLIC), Rights(PUBLIC, NOBODY), TEAM_ONLY])))


@settings(max_examples=80, deadline=None)
@given(
    corpus=corpora,
    later=st.lists(st.tuples(corpora, rewritten, st.sets(st.sampled_from(["bma/1", "lab/2", "team/3"]))), min_size=1, max_size=5),
    limit=st.integers(0, 4),
    slack=st.sampled_from([0, 1, 5_000]),
    remembered=st.sampled_from([0, 3, 20_000]),
)
def test_names_and_concepts_that_follow_from_writes_are_those_of_a_fresh_count(
    corpus: list[Record],
    later: list[tuple[list[Record], list[tuple[int, Rights]], set[str]]],
    limit: int,
    slack: int,
    remembered: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("counts") / "index.sqlite"
    plain = PlainIndex(ancestors, (), summary)
    many = [replace(one, id=f"lab/{n}") for n in range(60) for one in corpus[:1]]  # so that the first segment stays the largest
    with pytest.MonkeyPatch.context() as patched, opened(path) as index, opened(path) as beside:
        patched.setattr(tallies, "SLACK", slack)
        patched.setattr(history, "MOST_FORMS", remembered)
        patched.setattr(state, "MOST_FORMS", remembered)
        for turn, (batch, changed, removed) in enumerate([(corpus, [], set()), (many, [], set()), *later]):
            known = [record for record in plain._now.records.values() if record.id not in removed]
            other = [replace(known[n % len(known)], rights=rights) for n, rights in changed if known]
            for one in (index, plain):
                one.apply(batch, removed)
                one.apply(other)
            if turn % 2:
                beside.keep()  # another process has derived it too
            assert counts_of(index, limit) == counts_of(plain, limit)


def test_a_write_counts_nothing_but_what_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = EntityKind.MODEL
    with opened(tmp_path / "follow.sqlite") as index:
        index.apply([replace(one, entities=(Entity(kind, f"M {n % 9}"),)) for n, one in enumerate(some(60))])
        before = index.names(kind, PUBLIC)
        monkeypatch.delattr(Segment, "row_counts")  # what a fresh count begins with
        index.apply([replace(one, text="other words", entities=(Entity(kind, f"M {n % 9}"),)) for n, one in enumerate(some(3))])
        assert index.names(kind, PUBLIC) is before  # so what was made of them need not be made anew
        index.apply([replace(some(1)[0], entities=(Entity(kind, "M 8"),))], ["bma/1"])
        index.apply([replace(some(1, first=2)[0], rights=Rights(PUBLIC, NOBODY))])
        told = {one.name: one.count for one in index.names(kind, PUBLIC)}
        assert [told[f"m {n}"] for n in range(9)] == [6, 6, 6, 7, 7, 7, 6, 6, 7]


def test_names_move_up_when_others_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "SLACK", 0)
    index = ColumnIndex(None, ancestors=ancestors, summary=summary)
    index.apply([replace(one, entities=(Entity(EntityKind.MODEL, f"M {n % 9}"),)) for n, one in enumerate(some(60))])
    told = [[one.name for one in index.names(EntityKind.MODEL, PUBLIC, limit=2)]]
    for gone in ("bma/8", "bma/0", "bma/1", "bma/2"):
        index.apply([], [gone])
        told.append([one.name for one in index.names(EntityKind.MODEL, PUBLIC, limit=2)])
    assert told == [["m 0", "m 1"], ["m 0", "m 1"], ["m 1", "m 2"], ["m 2", "m 3"], ["m 3", "m 4"]]
    index.close()


def test_many_records_are_derived_out_of_memory_and_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "CHUNK", 7)
    monkeypatch.setattr(state, "HELD", 3)
    moved: list[int] = []

    def counted(of: files.Files, columns: Columns) -> Columns:
        moved.append(len(columns))
        again = spilled(of, columns)
        assert isinstance(again.ids.blob.base, np.ndarray)
        return again

    spilled = files.Files.spilled
    monkeypatch.setattr(files.Files, "spilled", counted)
    records = some(100)
    with opened(tmp_path / "many.sqlite") as index:
        index.apply(records)
        newest, _ = index._states.now()
        assert moved == [21, 21, 21, 21, 16]
        assert equal(newest.parts[0].segment.columns, columns_of(records))
        assert not list((tmp_path / "many.columns").iterdir())


@settings(max_examples=20, deadline=None)
@given(corpus=corpora)
def test_a_segment_comes_back_from_its_file(corpus: list[Record], tmp_path_factory: pytest.TempPathFactory) -> None:
    segment = Segment.of(columns_of(corpus))
    path = tmp_path_factory.mktemp("segments") / "one"
    segment.write(path, {"of": "test"})
    again, about = Segment.open(path)
    assert equal(segment.columns, again.columns)
    assert all(np.array_equal(array, again.found[name]) for name, array in segment.found.items())
    assert about["of"] == "test"


def test_it_is_there_again_after_closing(tmp_path: Path) -> None:
    with opened(tmp_path / "again.sqlite") as index:
        index.apply([a_record("a", concepts=("urn:x",))])
    with opened(tmp_path / "again.sqlite") as index:
        index.apply([a_record("b", concepts=("urn:x",))])
        assert found(index, concept("urn:x")) == ["bma/a", "bma/b"]


def test_the_next_process_derives_nothing_that_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = some(300)
    with opened(tmp_path / "kept.sqlite") as index:
        index.apply(records)
        index.embed("m", {summary_hash(record): a_vector(n + 1, 5) for n, record in enumerate(records)})
    derived: list[int] = []

    def counted(changes: Iterable[Change]) -> Columns:
        derived.append(1)
        return from_changes(changes)

    monkeypatch.setattr(state, "from_changes", counted)
    with opened(tmp_path / "kept.sqlite") as index:
        assert index.search(asking(TextPart("shared")), PUBLIC).total == 300
        assert len(index.neighbours(a_vector(1), asking(), PUBLIC, limit=5)) == 5
        assert derived == []
        index.apply([a_record("7", title="changed")], ["bma/8"])
        assert index.search(asking(TextPart("shared")), PUBLIC).total == 298
        assert derived == [1]
    with opened(tmp_path / "kept.sqlite") as index:
        assert index.search(asking(TextPart("shared")), PUBLIC).total == 298
        assert index.search(asking(TextPart("changed")), PUBLIC).total == 1
        assert index.get("bma/8", PUBLIC) is None
        assert derived == [1]


def test_vectors_outlive_a_rebuild_and_not_their_records(tmp_path: Path) -> None:
    stays, goes = some(2)
    with opened(tmp_path / "vectors.sqlite") as index:
        index.apply([stays, goes])
        index.embed("m", {summary_hash(one): a_vector(1, 2) for one in (stays, goes)})
        with index.rebuilding() as fresh:
            fresh.apply([stays])
        assert index.unembedded("m") == {}
        assert index.vector_of(stays.id, PUBLIC) is not None
        index.keep()
        index.apply([goes])
        assert set(index.unembedded("m")) == {summary_hash(goes)}


def test_files_of_other_states_go(tmp_path: Path) -> None:
    for turn in range(4):
        with opened(tmp_path / "turns.sqlite") as index:
            index.apply(some(50, first=40 * turn))
            assert index.search(asking(), PUBLIC).total == 40 * turn + 50
    assert len(list((tmp_path / "turns.columns").glob("segment-*"))) <= 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:2000] + bytes(byte ^ 255 for byte in content[2000:]),
        lambda content: b"x" * len(content),
    ],
)
def test_damaged_files_of_columns_are_derived_anew(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    records = some(60)
    with opened(tmp_path / "damaged.sqlite") as index:
        index.apply(records)
        index.embed("m", {summary_hash(record): a_vector(1, 2) for record in records})
    for file in (tmp_path / "damaged.columns").iterdir():
        content = damage(file.read_bytes())
        file.unlink()
        file.write_bytes(content)
    with opened(tmp_path / "damaged.sqlite") as index:
        page = index.search(asking(TextPart("shared")), PUBLIC, facets=[Facet.CONCEPT])
        assert (page.total, page.facets[Facet.CONCEPT][0].count) == (60, 60)
        assert len(index.neighbours(a_vector(1), asking(), PUBLIC)) == 10
        index.keep()
    with opened(tmp_path / "damaged.sqlite") as index:
        assert index.search(asking(TextPart("shared")), PUBLIC).total == 60


def test_files_that_belong_to_another_store_are_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path / "one.sqlite") as index:
        index.apply(some(20))
    (tmp_path / "one.sqlite").unlink()
    with opened(tmp_path / "one.sqlite") as index:
        assert index.search(asking(), PUBLIC).total == 0


def test_an_open_index_takes_over_what_another_process_has_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "two.sqlite") as reader, opened(tmp_path / "two.sqlite") as writer:
        writer.apply(some(30))
        assert reader.search(asking(), PUBLIC).total == 30
        writer.keep()
        writer.apply(some(30, first=20), ["bma/0"])
        assert reader.search(asking(), PUBLIC).total == 49
        assert reader.search(asking(TextPart("word45")), PUBLIC).total == 1


def test_large_segments_are_merged_beside_the_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "AT_ONCE", 10)
    monkeypatch.setattr(files, "WORTH_KEEPING", 100)
    with opened(tmp_path / "beside.sqlite") as index:
        for turn in range(30):
            index.apply(some(20, first=15 * turn), [f"bma/{turn}"])
            alive = len(index.ids())
            assert index.search(asking(concept("urn:x")), PUBLIC).total == alive
        merging = index._states._merging
        assert merging is not None
        merging.join()
        newest, _ = index._states.now()
        assert len(newest.parts) <= 4
        assert index.search(asking(concept("urn:x")), PUBLIC).total == alive
        assert set(found(index)) <= index.ids()


def test_cursors_end_when_too_much_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.columns.index.MOST_CHANGED", 10)
    with opened(tmp_path / "cursor.sqlite") as index:
        index.apply(some(30))
        first = index.search(asking(), PUBLIC)
        index.apply(some(5, first=30))
        assert index.search(asking(), PUBLIC, after=first.after).total == 30
        index.apply(some(20, first=50))
        index.search(asking(), PUBLIC)
        with pytest.raises(CursorExpiredError):
            index.search(asking(), PUBLIC, after=first.after)


def test_a_concept_of_bookkeeping_is_left_out_of_facets_and_counted_for_suggestions() -> None:
    index = ColumnIndex(None, ancestors=ancestors, summary=summary, bookkeeping=["urn:RealData"])
    index.apply([a_record("a", concepts=("urn:RealData", "urn:LFP"))])
    assert [one.value for one in index.search(asking(), PUBLIC, facets=[Facet.CONCEPT]).facets[Facet.CONCEPT]] == ["urn:LFP"]
    assert index.concept_counts(PUBLIC) == {"urn:RealData": 1, "urn:LFP": 1}
    index.close()


def test_threads_read_while_one_writes(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def read(index: ColumnIndex) -> None:
        try:
            for _ in range(40):
                page = index.search(asking(concept("urn:x")), PUBLIC, facets=[Facet.CONCEPT], limit=100)
                assert page.total == len(page.hits) == page.facets[Facet.CONCEPT][0].count
                assert page.total % 5 == 0
        except BaseException as error:  # noqa: BLE001  # handed to the main thread
            failures.append(error)

    with opened(tmp_path / "threads.sqlite") as index:
        index.apply([a_record(f"0-{n}", concepts=("urn:x",)) for n in range(5)])
        threads = [threading.Thread(target=read, args=[index]) for _ in range(3)]
        for thread in threads:
            thread.start()
        for batch in range(1, 15):
            index.apply([a_record(f"{batch}-{n}", concepts=("urn:x",)) for n in range(5)])
        for thread in threads:
            thread.join()
    assert failures == []


def test_another_process_may_have_written_or_begun_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "two.sqlite") as one, opened(tmp_path / "two.sqlite") as other:
        one.apply([a_record("a", concepts=("urn:x", "urn:y"))])
        assert found(one) == found(other) == ["bma/a"]
        with other.rebuilding() as fresh:
            fresh.apply([a_record("b", concepts=("urn:z",))])
        one.apply([a_record("c", concepts=("urn:y", "urn:x"))])
        for index in (one, other):
            assert index.concept_counts(PUBLIC) == {"urn:x": 1, "urn:y": 1, "urn:z": 1}


def test_a_second_writer_is_told_that_the_first_is_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    with opened(tmp_path / "busy.sqlite") as index:
        index.apply([a_record("a")])
        other = sqlite3.connect(tmp_path / "busy.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="another process"):
            index.apply([a_record("b")])
        assert found(index) == ["bma/a"]
        other.execute("ROLLBACK")
        other.close()
        index.apply([a_record("b")])
        assert found(index) == ["bma/a", "bma/b"]


def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "full.sqlite") as index:
        index.apply([a_record("a", concepts=("urn:x",))])
        writer = index._store._current().writer
        pages = writer.execute("PRAGMA page_count").fetchone()[0]
        writer.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(StoreFullError, match="is full"):
            index.apply([a_record(f"b{n}", text=os.urandom(500).hex()) for n in range(50)])
        assert index.ids() == {"bma/a"}
        writer.execute("PRAGMA max_page_count = 1000000")
        index.apply([a_record("c", concepts=("urn:7", "urn:x"))])
        assert index.concept_counts(PUBLIC) == {"urn:x": 2, "urn:7": 1}


@pytest.mark.parametrize("damage", [lambda content: b"no database at all" * 300, lambda content: content[: len(content) // 2]])
def test_a_damaged_store_names_the_remedy(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "damaged.sqlite"
    with opened(path) as index:
        index.apply([a_record(f"{n}", text=os.urandom(500).hex()) for n in range(50)])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreDamagedError, match="voltagraph rebuild"), opened(path) as index:
        index.unembedded("m")
    with opened(path) as index:
        with index.rebuilding() as fresh:
            fresh.apply(some(3))
        assert index.search(asking(TextPart("shared")), PUBLIC).total == 3


def test_a_damaged_record_is_noticed(tmp_path: Path) -> None:
    with opened(tmp_path / "body.sqlite") as index:
        index.apply(some(3))
        index._store._current().writer.execute("UPDATE record SET body = x'00' WHERE id = 'bma/1'")
        with pytest.raises(StoreDamagedError, match="voltagraph rebuild"):
            index.get("bma/1", PUBLIC)
        with pytest.raises(StoreDamagedError, match="voltagraph rebuild"):
            found(index)
        index._has_written = False


def test_another_version_and_a_strange_file_are_noticed(tmp_path: Path) -> None:
    with opened(tmp_path / "old.sqlite") as index:
        index.apply(some(2))
    other = sqlite3.connect(tmp_path / "old.sqlite")
    other.execute("PRAGMA user_version = 2")
    other.close()
    with opened(tmp_path / "old.sqlite") as index:
        with pytest.raises(StoreDamagedError, match=r"version 2.*rebuild"):
            index.ids()
        with index.rebuilding() as fresh:
            fresh.apply(some(3))
        assert len(index.ids()) == 3
    strange = sqlite3.connect(tmp_path / "strange.sqlite")
    strange.execute("CREATE TABLE mine(x)")
    strange.close()
    with opened(tmp_path / "strange.sqlite") as index:
        for use in (index.ids, index.rebuilding().__enter__):
            with pytest.raises(StoreError, match="not a search index"):
                use()


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with opened(tmp_path / "missing" / "index.sqlite") as index, pytest.raises(StoreError, match="cannot be used"):
        index.ids()
    with pytest.raises(StoreError, match="cannot be written"):
        index.rebuilding().__enter__()


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    with opened(tmp_path / "closed.sqlite") as index:
        pass
    with pytest.raises(StoreError, match="closed"):
        index.search(asking(), PUBLIC)
    with pytest.raises(StoreError, match="closed"):
        index.apply([a_record("a")])


def read_in_another_process(path: Path, answers: multiprocessing.Queue[int]) -> None:
    with opened(path) as index:
        answers.put(index.search(asking(TextPart("shared")), PUBLIC).total)


def test_several_processes_answer_from_the_same_files(tmp_path: Path) -> None:
    with opened(tmp_path / "shared.sqlite") as index:
        index.apply(some(100))
        index.keep()
        index.apply([replace(some(1)[0], text="other")])
        context = multiprocessing.get_context("spawn")
        answers = context.Queue()
        processes = [context.Process(target=read_in_another_process, args=(tmp_path / "shared.sqlite", answers)) for _ in range(2)]
        for process in processes:
            process.start()
        assert [answers.get(timeout=60) for _ in processes] == [99, 99]
        for process in processes:
            process.join()
