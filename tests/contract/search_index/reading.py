"""What a reader may see, and pages that follow each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.errors import CursorExpiredError
from records.record import Entity, EntityKind, Record
from records.rights import NOBODY, PUBLIC, Rights
from search.index import SearchIndex
from search.query import (
    EntityPart,
    Facet,
    Order,
    Part,
    TextPart,
    YearPart,
)
from tests.contract.search_index.examples import (
    FACETS,
    TEAM,
    a_capacity,
    a_record,
    a_vector,
    asking,
    capacity,
    concept,
    found,
    in_thirds,
    summary_hash,
)


class Reading:
    """Rights and pages of every `SearchIndex`."""

    def test_who_reads_metadata_alone_sees_the_title_and_nothing_from_the_files(self, index: SearchIndex) -> None:
        rights = Rights(PUBLIC, frozenset({"bma/community:team"}))
        maker = Entity(EntityKind.MANUFACTURER, "Acme")
        secret = a_record(
            "a",
            title="Cell A",
            text="panasonic",
            concepts=("urn:LFP",),
            quantities=(a_capacity(280),),
            entities=(maker,),
            rights=rights,
            date="2021",
        )
        index.apply([secret])
        index.embed("m", {summary_hash(secret): a_vector(1)})
        assert found(index, TextPart("cell")) == ["bma/a"]
        content: list[Part] = [TextPart("panasonic"), concept("urn:LFP"), capacity(1), concept("urn:LFP", words=("panasonic",))]
        content += [EntityPart("", None, ("acme",), ""), YearPart("", 2021, 2021)]
        for part in content:
            assert found(index, part) == []
            assert found(index, replace(part, negated=True)) == ["bma/a"]
            assert found(index, part, audiences=TEAM) == ["bma/a"]
        page = index.search(asking(TextPart("cell")), PUBLIC, facets=FACETS)
        assert {facet: [one.count for one in counts] for facet, counts in page.facets.items() if counts} == {Facet.SOURCE: [1]}
        assert index.concept_counts(PUBLIC) == {}
        assert index.count([asking(concept("urn:LFP"))], PUBLIC) == (0,)
        assert index.named(["acme"], PUBLIC) == index.names(EntityKind.MANUFACTURER, PUBLIC) == ()
        assert index.vector_of("bma/a", PUBLIC) is None
        assert index.neighbours(a_vector(1), asking(), PUBLIC) == ()
        assert index.histogram(asking(), capacity(), PUBLIC, in_thirds) is None
        assert index.nearest_values(asking(), capacity(300), PUBLIC) == ()
        bare = Record("bma/a", secret.iri, "Cell A", "bma", "a.json", "", Rights(PUBLIC, NOBODY))
        assert index.get("bma/a", PUBLIC) == page.hits[0].record == bare
        assert index.get("bma/a", TEAM) == secret
        assert index.vector_of("bma/a", TEAM) is not None

    def test_rights_to_files_without_metadata_give_nothing(self, index: SearchIndex) -> None:
        index.apply([a_record("a", text="panasonic", rights=Rights(NOBODY, PUBLIC))])
        assert found(index, TextPart("panasonic")) == []
        assert index.get("bma/a", PUBLIC) is None

    def test_nobody_reads_nothing(self, index: SearchIndex) -> None:
        index.apply([a_record("a", concepts=("urn:x",))])
        page = index.search(asking(), NOBODY, facets=FACETS)
        assert (page.total, page.hits, set(page.facets.values())) == (0, (), {()})

    def test_a_change_of_rights_counts_at_once(self, index: SearchIndex) -> None:
        index.apply([a_record("a", concepts=("urn:x",), text="word")])
        assert found(index) == ["bma/a"]
        index.apply([a_record("a", concepts=("urn:x",), text="word", rights=Rights(TEAM - PUBLIC, TEAM - PUBLIC))])
        assert found(index) == found(index, TextPart("word")) == found(index, concept("urn:x")) == []
        assert found(index, concept("urn:x"), audiences=TEAM) == ["bma/a"]

    # Pages

    def test_pages_are_slices_of_one_order(self, index: SearchIndex) -> None:
        index.apply([a_record(f"{n:02}", title="cell " * (1 + n % 2), text="cell" * (n % 3)) for n in range(25)])
        whole = [hit.record.id for hit in index.search(asking(TextPart("cell")), PUBLIC, limit=100).hits]
        pages = [index.search(asking(TextPart("cell")), PUBLIC, offset=start, limit=7) for start in range(0, 28, 7)]
        assert [hit.record.id for page in pages for hit in page.hits] == whole
        assert {page.total for page in pages} == {25}
        followed, after = [], ""
        for number in range(4):
            page = index.search(asking(TextPart("cell")), PUBLIC, limit=7, after=after)
            followed += [hit.record.id for hit in page.hits]
            after = page.after
            assert bool(after) == (number < 3)
        assert followed == whole

    def test_a_cursor_stays_with_the_state_it_began_in(self, index: SearchIndex) -> None:
        index.apply([a_record(f"{n}", quantities=(a_capacity(n, "urn:k"),)) for n in range(6)])
        order = Order("", frozenset({"urn:k"}), ())
        first = index.search(asking(order=order), PUBLIC, limit=2)
        index.apply(
            [a_record("25", quantities=(a_capacity(2.5, "urn:k"),)), a_record("new", quantities=(a_capacity(9, "urn:k"),))],
            ["bma/0"],
        )
        second = index.search(asking(order=order), PUBLIC, limit=2, after=first.after)
        assert [hit.record.id for hit in second.hits] == ["bma/2", "bma/3"]
        assert second.generation == first.generation != index.generation
        third = index.search(asking(order=order), PUBLIC, limit=2, after=second.after)
        assert ([hit.record.id for hit in third.hits], third.after) == (["bma/4", "bma/5"], "")

    def test_a_cursor_shows_nothing_that_may_no_longer_be_read(self, index: SearchIndex) -> None:
        index.apply([a_record(f"{n}", concepts=("urn:x",)) for n in range(5)])
        first = index.search(asking(), PUBLIC, limit=1, facets=[Facet.CONCEPT])
        index.apply([a_record("2", rights=Rights(TEAM - PUBLIC, TEAM - PUBLIC))], ["bma/3"])
        rest = index.search(asking(), PUBLIC, after=first.after, facets=[Facet.CONCEPT])
        assert [hit.record.id for hit in rest.hits] == ["bma/1", "bma/4"]

    @pytest.mark.parametrize("after", ["nonsense", "W10=", "WyJ4IiwgMS4wLCAieSJd"])
    def test_a_strange_cursor_is_refused(self, index: SearchIndex, after: str) -> None:
        with pytest.raises(CursorExpiredError):
            index.search(asking(), PUBLIC, after=after)
