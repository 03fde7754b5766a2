"""What is written, replaced and removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from records.record import ConceptUse, Condition, Entity, EntityKind, Spread
from records.rights import NOBODY, PUBLIC, Rights
from search.index import SearchIndex
from search.query import (
    TextPart,
)
from tests.contract.search_index.examples import (
    a_capacity,
    a_record,
    asking,
    at,
    capacity,
    concept,
    found,
)


class Writing:
    """Behaviours of every `SearchIndex` when it is written to."""

    def test_a_record_comes_back_as_it_was_written(self, index: SearchIndex) -> None:
        told_of = replace(
            a_capacity(2.5, "urn:RatedCapacity", "urn:C"),
            spread=Spread(2.4, None, 0.1, 8640.0, None, 360.0),
            conditions=(at(298.15), Condition((), 3.0, "", None, "", "", "/hasProperty/0/n", 13, "ambient")),
            name="of the batch",
            within=("urn:cell",),
        )
        written = replace(
            a_record(
                "a",
                title="Zelle Ä1 “x”",
                text="LiFePO₄\nµ-Batterie",
                concepts=(
                    ConceptUse("urn:Prismatic", ("urn:hasCase",), "/hasCase", 14, ("urn:case",), "urn:def"),
                    ConceptUse("urn:Cell", (), "", 1),
                ),
                quantities=(told_of, a_capacity(3)),
                entities=(Entity(EntityKind.PERSON, "Ä. Müller", "https://orcid.org/0", "/by", 3),),
                date="2022-03",
            ),
            licence="CC-BY-4.0",
            communities=("bma/community:x",),
            validation="warning",
        )
        index.apply([written])
        assert index.get("bma/a", PUBLIC) == written
        assert [hit.record for hit in index.search(asking(), PUBLIC).hits] == [written]

    def test_an_unknown_and_a_forbidden_record_look_the_same(self, index: SearchIndex) -> None:
        index.apply([a_record("a", rights=Rights(NOBODY, NOBODY))])
        assert index.get("bma/a", PUBLIC) is None
        assert index.get("bma/b", PUBLIC) is None

    def test_a_new_form_replaces_the_old_one_in_every_channel(self, index: SearchIndex) -> None:
        maker = Entity(EntityKind.MANUFACTURER, "Old")
        index.apply(
            [a_record("a", title="old", text="panasonic", concepts=("urn:old",), quantities=(a_capacity(10),), entities=(maker,))]
        )
        assert found(index, TextPart("old"), concept("urn:old")) == ["bma/a"]
        index.apply([a_record("a", title="new", text="samsung", concepts=("urn:new",), quantities=(a_capacity(99),))])
        assert found(index, TextPart("old")) == found(index, TextPart("panasonic")) == []
        assert found(index, concept("urn:old")) == found(index, capacity(9, 11)) == []
        assert found(index, TextPart("new"), TextPart("samsung"), concept("urn:new"), capacity(98, 100)) == ["bma/a"]
        assert index.concept_counts(PUBLIC) == {"urn:new": 1}
        assert index.named(["old"], PUBLIC) == index.names(EntityKind.MANUFACTURER, PUBLIC) == ()

    def test_a_removed_record_leaves_every_channel(self, index: SearchIndex) -> None:
        index.apply(
            [a_record("a", title="cell", text="panasonic", concepts=("urn:x",), quantities=(a_capacity(10),)), a_record("b")]
        )
        assert found(index) == ["bma/a", "bma/b"]
        index.apply([], removed=["bma/a", "bma/never-there"])
        assert found(index) == ["bma/b"]
        assert found(index, TextPart("panasonic")) == found(index, concept("urn:x")) == found(index, capacity(1)) == []
        assert index.ids() == {"bma/b"}
        assert index.get("bma/a", PUBLIC) is None
        assert index.concept_counts(PUBLIC) == {}

    def test_the_last_form_in_a_batch_counts(self, index: SearchIndex) -> None:
        index.apply([a_record("a", title="first"), a_record("a", title="second")], removed=["bma/a"])
        assert [hit.record.title for hit in index.search(asking(), PUBLIC).hits] == ["second"]

    def test_a_rebuilding_that_writes_nothing_drops_every_record_and_the_index_goes_on(self, index: SearchIndex) -> None:
        index.apply([a_record("a", concepts=("urn:x",))])
        assert found(index) == ["bma/a"]
        with index.rebuilding():
            pass
        assert index.ids() == set()
        assert index.search(asking(), PUBLIC).total == 0
        index.apply([a_record("b", concepts=("urn:x",), quantities=(a_capacity(5),), text="word")])
        assert found(index, concept("urn:x"), capacity(1), TextPart("word")) == ["bma/b"]

    def test_the_generation_changes_with_every_write(self, index: SearchIndex) -> None:
        def begin_anew() -> None:
            with index.rebuilding():
                pass

        seen = [index.generation]
        writes: list[Callable[[], None]] = [
            lambda: index.apply([a_record("a")]),
            lambda: index.apply([], ["bma/a"]),
            lambda: index.embed("m", {}),
            begin_anew,
        ]
        for write in writes:
            write()
            seen.append(index.generation)
        assert len({*seen[:3], seen[4]}) == 4
        assert index.generation == index.search(asking(), PUBLIC).generation == seen[-1]
