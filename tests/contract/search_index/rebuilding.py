"""The index is built anew beside the one that answers."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from records.errors import CursorExpiredError
from records.record import Entity, EntityKind
from records.rights import PUBLIC, Rights
from search.index import SearchIndex
from search.query import TextPart
from tests.contract.search_index.examples import TEAM, a_record, a_vector, asking, concept, found, summary, summary_hash


class Rebuilding:
    """Behaviours of every `SearchIndex` that is built anew."""

    def test_readers_see_the_whole_old_state_until_the_new_one_is_whole(self, index: SearchIndex) -> None:
        maker = Entity(EntityKind.MANUFACTURER, "Old")
        old = [a_record(f"{n}", text="word", concepts=("urn:old",), entities=(maker,)) for n in range(5)]
        index.apply(old)
        before = index.generation
        with index.rebuilding() as fresh:
            for n in range(3, 8):
                fresh.apply([a_record(f"{n}", text="word", concepts=("urn:new",))])
                assert found(index, TextPart("word")) == [record.id for record in old]
                assert (index.generation, index.concept_counts(PUBLIC)) == (before, {"urn:old": 5})
                assert index.get("bma/7", PUBLIC) is None
                assert index.ids() == {record.id for record in old}
        assert found(index, TextPart("word")) == [f"bma/{n}" for n in range(3, 8)]
        assert found(index, concept("urn:old")) == []
        assert index.concept_counts(PUBLIC) == {"urn:new": 5}
        assert index.names(EntityKind.MANUFACTURER, PUBLIC) == ()
        assert index.ids() == {f"bma/{n}" for n in range(3, 8)}
        assert index.generation != before

    def test_no_question_finds_anything_between_the_old_and_the_new_state(self, index: SearchIndex) -> None:
        index.apply([a_record(f"{n}", text="word") for n in range(4)])
        totals, ended = set(), threading.Event()

        def ask() -> None:
            while not ended.is_set():
                totals.add(index.search(asking(TextPart("word")), PUBLIC).total)

        asker = threading.Thread(target=ask)
        asker.start()
        try:
            with index.rebuilding() as fresh:
                for n in range(9):
                    fresh.apply([a_record(f"new{n}", text="word")])
        finally:
            ended.set()
            asker.join()
        assert totals <= {4, 9}
        assert index.search(asking(TextPart("word")), PUBLIC).total == 9

    def test_what_fails_leaves_the_old_one(self, index: SearchIndex) -> None:
        index.apply([a_record("a", text="word")])
        before = index.generation

        def fail() -> None:
            with index.rebuilding() as fresh:
                fresh.apply([a_record("b", text="word")])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert (found(index), index.generation) == (["bma/a"], before)
        with index.rebuilding() as fresh:
            fresh.apply([a_record("c", text="word")])
        assert found(index) == ["bma/c"]

    def test_what_is_written_meanwhile_counts_over_what_was_built(self, index: SearchIndex) -> None:
        index.apply([a_record("stays"), a_record("changed"), a_record("removed"), a_record("hidden")])
        secret = Rights(TEAM - PUBLIC, TEAM - PUBLIC)
        with index.rebuilding() as fresh:
            index.apply([a_record("changed", title="meanwhile"), a_record("added")], ["bma/removed"])
            fresh.apply([a_record(name, title="built") for name in ("stays", "changed", "removed", "hidden")])
            index.apply([a_record("hidden", rights=secret)])
        titles = {hit.record.id: hit.record.title for hit in index.search(asking(), PUBLIC).hits}
        assert titles == {"bma/stays": "built", "bma/changed": "meanwhile", "bma/added": "added"}
        assert index.ids() == {"bma/stays", "bma/changed", "bma/added", "bma/hidden"}
        index.apply([a_record("stays", title="afterwards")])
        assert found(index, TextPart("afterwards")) == ["bma/stays"]

    def test_vectors_of_summaries_that_come_again_are_kept_with_those_made_meanwhile(self, index: SearchIndex) -> None:
        stays, goes, late, fresh_one = (a_record(name, text=f"text {name}") for name in ("stays", "goes", "late", "fresh"))
        index.apply([stays, goes, late])
        index.embed("m", {summary_hash(stays): a_vector(1, 2), summary_hash(goes): a_vector(3)})
        assert len(index.neighbours(a_vector(1), asking(), PUBLIC)) == 2
        with index.rebuilding() as fresh:
            fresh.apply([stays, late, fresh_one])
            index.embed("m", {summary_hash(late): a_vector(2, 1)})
        assert index.unembedded("m") == {summary_hash(fresh_one): summary(fresh_one)}
        kept = index.vector_of("bma/stays", PUBLIC)
        assert kept is not None
        assert np.array_equal(kept, a_vector(1, 2))
        assert [name for name, _ in index.neighbours(a_vector(1), asking(), PUBLIC)] == ["bma/late", "bma/stays"]
        index.apply([goes])
        index.embed("m", {summary_hash(goes): a_vector(3), summary_hash(fresh_one): a_vector(1)})
        assert index.unembedded("m") == {}
        assert [name for name, _ in index.neighbours(a_vector(1), asking(), PUBLIC, limit=2)] == ["bma/fresh", "bma/goes"]

    def test_a_page_of_the_old_index_is_not_followed(self, index: SearchIndex) -> None:
        index.apply([a_record(f"{n}") for n in range(5)])
        first = index.search(asking(), PUBLIC, limit=2)
        with index.rebuilding() as fresh:
            fresh.apply([a_record(f"{n}") for n in range(5)])
        with pytest.raises(CursorExpiredError):
            index.search(asking(), PUBLIC, limit=2, after=first.after)
