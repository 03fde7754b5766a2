"""What is found by concepts, numbers, names and words, and in what order."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from string import ascii_lowercase

import pytest

from records.record import ConceptUse, Entity, EntityKind, Quantity, Said, Spread
from records.rights import ANY, PUBLIC, Rights
from search.index import SearchIndex
from search.query import (
    EntityPart,
    Facet,
    Order,
    OrderBy,
    TextPart,
    ValuePart,
    dated_order,
)
from search.ranking import EXACT_CONCEPT, NEAR_ROOT
from tests.contract.search_index.examples import (
    CHARGE,
    TEAM,
    a_capacity,
    a_record,
    asking,
    at,
    capacity,
    concept,
    found,
    warmer_than,
)


class Finding:
    """Behaviours of every `SearchIndex` when it is asked."""

    def test_every_part_must_match(self, index: SearchIndex) -> None:
        index.apply(
            [
                a_record("both", concepts=("urn:LFP",), quantities=(a_capacity(280),)),
                a_record("small", concepts=("urn:LFP",), quantities=(a_capacity(20),)),
                a_record("other", concepts=("urn:NMC",), quantities=(a_capacity(280),)),
            ]
        )
        assert found(index, concept("urn:LFP"), capacity(100)) == ["bma/both"]
        assert found(index, concept("urn:LFP"), replace(capacity(100), negated=True)) == ["bma/small"]
        assert found(index, replace(concept("urn:LFP"), negated=True)) == ["bma/other"]

    def test_kind_number_role_and_condition_must_meet_on_one_node(self, index: SearchIndex) -> None:
        warm = replace(a_capacity(280, "urn:Rated"), conditions=(at(298.15),), within=("urn:cell",))
        cold = replace(a_capacity(5, "urn:Rated", pointer="/hasProperty/1"), conditions=(at(250.0),), within=("urn:anode",))
        index.apply([a_record("a", quantities=(warm, cold))])
        assert found(index, capacity(100, None, "urn:Rated")) == ["bma/a"]
        assert found(index, capacity(100, None, "urn:Nominal")) == []
        assert found(index, replace(capacity(100), conditions=(warmer_than(290),))) == ["bma/a"]
        assert found(index, replace(capacity(None, 50), conditions=(warmer_than(290),))) == []
        assert found(index, replace(capacity(None, 50), roles=frozenset({"urn:anode"}))) == ["bma/a"]
        assert found(index, replace(capacity(100), roles=frozenset({"urn:anode"}))) == []

    @pytest.mark.parametrize(("included", "hits"), [(False, ["bma/more"]), (True, ["bma/equal", "bma/more"])])
    def test_a_bound_matches_itself_only_when_included_whatever_the_rounding(
        self, index: SearchIndex, included: bool, hits: list[str]
    ) -> None:
        equal = Quantity(("urn:k",), 100000, "mAh", 100000 * 3.6 + 6e-11, "A·s", CHARGE, "/p/0", 4)
        index.apply([a_record("equal", quantities=(equal,)), a_record("more", quantities=(a_capacity(100.1),))])
        assert sorted(found(index, capacity(100, None, included=included))) == hits

    def test_a_quantity_of_another_dimension_or_without_base_value_does_not_match(self, index: SearchIndex) -> None:
        bare = replace(a_capacity(280), base_value=None, base_unit="", dimension="")
        index.apply([a_record("a", quantities=(bare,)), a_record("b", quantities=(replace(a_capacity(280), dimension="L"),))])
        assert found(index, capacity(1)) == []

    def test_a_range_without_a_value_is_found_by_its_ends(self, index: SearchIndex) -> None:
        between = replace(a_capacity(0), value=None, base_value=None, spread=Spread(2, 4, None, 7200.0, 14400.0))
        index.apply([a_record("a", quantities=(between,))])
        assert found(index, capacity(3)) == found(index, capacity(None, 3)) == ["bma/a"]
        assert found(index, capacity(5)) == []
        index.apply([a_record("a", quantities=(a_capacity(100),))])
        assert found(index, capacity(1, 50)) == []

    def test_a_concept_matches_only_in_its_role(self, index: SearchIndex) -> None:
        at_cathode = ConceptUse("urn:Graphite", ("urn:p",), "/x", 1, ("urn:cathode", "urn:additive"))
        at_anode = ConceptUse("urn:Graphite", ("urn:p",), "/x", 1, ("urn:anode",))
        index.apply([a_record("1", concepts=(at_cathode,)), a_record("2", concepts=(at_anode,), text="cathode")])
        assert found(index, concept("urn:Graphite", roles=frozenset({"urn:cathode"}), words=("cathode",))) == ["bma/1"]
        assert found(index, concept("urn:Graphite", roles=frozenset({"urn:electrode", "urn:anode"}))) == ["bma/2"]

    def test_said_before_implied_asked_for_before_narrower_near_before_deep(self, index: SearchIndex) -> None:
        def use(iri: str, depth: int, implied_by: str = "") -> ConceptUse:
            return ConceptUse(iri, ("urn:p",) * depth, "/x", 1, (), implied_by)

        index.apply(
            [
                a_record("1", concepts=(use("urn:LFP", 1, "urn:def"),)),
                a_record("2", concepts=(use("urn:LFP-doped", 1),)),
                a_record("3", concepts=(use("urn:LFP", 3),)),
                a_record("4", concepts=(use("urn:LFP", 1), use("urn:LFP", 3))),
            ]
        )
        page = index.search(asking(concept("urn:LFP", below=("urn:LFP-doped",))), PUBLIC)
        assert [hit.record.id for hit in page.hits] == ["bma/4", "bma/3", "bma/2", "bma/1"]
        assert page.hits[0].score == page.hits[0].parts["concept"] == EXACT_CONCEPT + NEAR_ROOT / 2

    def test_names_match_folded_and_by_iri_and_kind(self, index: SearchIndex) -> None:
        maker, person = Entity(EntityKind.MANUFACTURER, "Panasonic Corp.", "urn:p"), Entity(EntityKind.PERSON, "Panasonic")
        index.apply([a_record("a", entities=(maker,)), a_record("b", entities=(person,))])
        assert found(index, EntityPart("", EntityKind.MANUFACTURER, ("panasonic",), "")) == ["bma/a"]
        assert found(index, EntityPart("", None, ("panasonic",), "")) == ["bma/a", "bma/b"]
        assert found(index, EntityPart("", None, (), "", "urn:p")) == ["bma/a"]
        assert found(index, EntityPart("", None, ("",), "", "")) == []

    def test_title_before_text_before_prefix_and_equals_by_id(self, index: SearchIndex) -> None:
        index.apply(
            [
                a_record("d", title="x", text="panasonics"),
                a_record("c", title="x", text="by Panasonic"),
                a_record("b", title="Panasonic NCR"),
                a_record("a", title="Panasonic UR"),
            ]
        )
        assert found(index, TextPart("panasonic")) == ["bma/a", "bma/b", "bma/c", "bma/d"]

    def test_a_long_beginning_after_another_word_finds_all_of_thousands_of_words(self, index: SearchIndex) -> None:
        begun = "polyethylenedioxythiophene"
        words = [begun + "".join(letters) for letters in product(ascii_lowercase, repeat=3)][:3000]
        records = [a_record("many", text=" ".join(words)), a_record("last", text=f"red {words[-1]}")]
        index.apply([*records, a_record("apart", text=f"red and {words[-1]}")])
        assert found(index, TextPart(f"red {begun}")) == ["bma/last"]
        assert sorted(found(index, TextPart(begun))) == ["bma/apart", "bma/last", "bma/many"]

    def test_a_model_code_is_one_word_and_its_beginning_and_its_size_find_it(self, index: SearchIndex) -> None:
        index.apply([a_record("a", title="LG INR18650-MJ1"), a_record("b", title="MJ1 and INR18650"), a_record("c", text="18 650")])
        assert found(index, TextPart("INR18650-MJ1")) == ["bma/a"]
        assert set(found(index, TextPart("inr18650"))) == set(found(index, TextPart("18650"))) == {"bma/a", "bma/b"}
        assert set(found(index, TextPart("INR18650 M"))) == set()
        assert found(index, TextPart("INR18650 MJ")) == []

    def test_variants_of_writing_are_one_word(self, index: SearchIndex) -> None:
        index.apply([a_record("a", text="LiFePO₄ Elektrode für Zürich")])
        assert found(index, TextPart("lifepo4")) == found(index, TextPart("ZURICH")) == ["bma/a"]

    @pytest.mark.parametrize(
        "word",
        ['"', "a OR b", "title:x", "x*", "NEAR(a b)", "-x", "^x", "'; DROP TABLE record; --", "\x00", "\ud800", "(", "{text}"],
    )
    def test_no_syntax_of_the_engine_is_reached_by_a_question(self, index: SearchIndex, word: str) -> None:
        index.apply([a_record("a", title="title text near or drop")])
        asked = asking(
            TextPart(word), concept(word, words=(word,)), ValuePart(word, Facet.SOURCE, word), EntityPart("", None, (word,), "")
        )
        assert index.search(asked, frozenset({word, ANY})).total == 0
        assert index.named([word], frozenset({word, ANY})) == ()
        assert index.ids() == {"bma/a"}

    def test_what_is_no_text_is_kept_as_well_as_can_be(self, index: SearchIndex) -> None:
        strange = a_record(
            "a\ud800",
            title="b\ud800c \x00",
            text="d\ud800",
            concepts=("urn:\ud800",),
            entities=(Entity(EntityKind.MODEL, "\ud800x"),),
        )
        index.apply([strange])
        [name] = index.ids()
        assert found(index) == [name]
        index.apply([], ["bma/a\ud800"])
        assert index.ids() == set()

    def test_words_that_no_record_has_together_are_relaxed_and_more_words_go_first(self, index: SearchIndex) -> None:
        index.apply([a_record("a", text="alpha"), a_record("b", text="alpha beta"), a_record("c", text="delta")])
        page = index.search(asking(TextPart("alpha"), TextPart("beta"), TextPart("gamma")), PUBLIC)
        assert [hit.record.id for hit in page.hits] == ["bma/b", "bma/a"]
        assert page.relaxed == (0, 1, 2)

    def test_other_forms_of_a_word_count_as_whole_words(self, index: SearchIndex) -> None:
        index.apply([a_record("a", text="a race"), a_record("b", title="Racing cars"), a_record("c", text="racetrack")])
        assert set(found(index, TextPart("racing", forms=("race",)))) == {"bma/a", "bma/b"}
        assert found(index, TextPart("racing", forms=("formula one",))) == ["bma/b"]

    def test_enough_of_the_words_are_those_whose_weights_come_to_it(self, index: SearchIndex) -> None:
        texts = {"a": "solar car", "b": "a car", "c": "solar", "d": "carbon solarium"}
        index.apply([a_record(name, text=text) for name, text in texts.items()])
        words = TextPart("solar", weight=3), TextPart("car", weight=1), TextPart("nowhere", weight=9)
        expected = {1: {"bma/a", "bma/b", "bma/c"}, 3: {"bma/a", "bma/c"}, 4: {"bma/a"}, 5: set()}
        for enough, hits in expected.items():
            query = replace(asking(*words), enough=enough)
            page = index.search(query, PUBLIC, facets=(Facet.SOURCE,))
            assert ({hit.record.id for hit in page.hits}, page.relaxed) == (hits, (0, 1, 2))
            assert sum(one.count for one in page.facets[Facet.SOURCE]) == page.total == index.count([query], PUBLIC)[0] == len(hits)

    def test_an_order_by_what_records_have_themselves_leaves_out_what_their_parts_have(self, index: SearchIndex) -> None:
        own, part = a_capacity(3), replace(a_capacity(1, pointer="/hasPart/hasProperty/0"), within=("urn:anode",))
        index.apply([a_record("whole", quantities=(own,)), a_record("both", quantities=(a_capacity(5), part))])
        index.apply([a_record("part", quantities=(part,))])
        order = Order("smallest", frozenset(own.kinds), (), own.dimension)
        assert next(hit.record.id for hit in index.search(replace(asking(), order=order), PUBLIC).hits) != "bma/whole"
        query = replace(asking(), order=replace(order, own=True))
        assert [hit.record.id for hit in index.search(query, PUBLIC).hits] == ["bma/whole", "bma/both"]
        assert index.count([query, replace(query, order=order)], PUBLIC) == (2, 3)

    def test_a_word_that_no_hit_has_is_relaxed_when_there_are_other_parts_but_never_a_negated_one(self, index: SearchIndex) -> None:
        index.apply([a_record("a", concepts=("urn:LFP",)), a_record("b", text="truck")])
        page = index.search(asking(concept("urn:LFP"), TextPart("truck")), PUBLIC)
        assert ([hit.record.id for hit in page.hits], page.relaxed) == (["bma/a"], (1,))
        assert found(index, TextPart("truck", negated=True), TextPart("lorry")) == []
        assert found(index, TextPart("truck", negated=True)) == ["bma/a"]

    def test_concept_or_word_finds_both(self, index: SearchIndex) -> None:
        index.apply([a_record("typed", concepts=("urn:R18650",)), a_record("named", title="US18650VTC5A"), a_record("other")])
        assert set(found(index, concept("urn:R18650", words=("18650",)))) == {"bma/typed", "bma/named"}

    def test_a_rare_word_counts_more_and_only_public_records_say_what_is_rare(self, index: SearchIndex) -> None:
        index.apply([a_record("a", text="rare"), a_record("b", text="common"), a_record("c", text="common")])
        before = index.search(asking(TextPart("common")), PUBLIC)
        assert index.search(asking(TextPart("rare")), PUBLIC).hits[0].score > before.hits[0].score
        index.apply([a_record(f"secret{n}", text="rare", rights=Rights(TEAM - PUBLIC, TEAM - PUBLIC)) for n in range(5)])
        after = index.search(asking(TextPart("common")), PUBLIC)
        assert (after.hits, after.total) == (before.hits, before.total)

    def test_thousands_of_narrower_concepts_are_one_question(self, index: SearchIndex) -> None:
        many = tuple(f"urn:n{n}" for n in range(4_000))
        index.apply([a_record("a", concepts=("urn:n3999",)), a_record("b", concepts=("urn:other",))])
        assert found(index, concept("urn:top", below=many)) == ["bma/a"]

    def test_a_country_is_what_a_record_says_of_itself(self, index: SearchIndex) -> None:
        made = Said("country", "countryOfOrigin", "Norway", "/countryOfOrigin", 3)
        secret = replace(a_record("c", rights=Rights(PUBLIC, TEAM - PUBLIC)), said=(made,))
        index.apply([replace(a_record("a"), said=(made,)), a_record("b", text="a paper from Norway"), secret])
        assert found(index, ValuePart("", Facet.COUNTRY, "Norway")) == ["bma/a"]
        assert found(index, ValuePart("", Facet.COUNTRY, "Norway"), audiences=TEAM | PUBLIC) == ["bma/a", "bma/c"]

    @pytest.mark.parametrize("by", [OrderBy.DATE, OrderBy.RELEASED])
    def test_hits_come_in_the_order_of_a_date(self, index: SearchIndex, by: OrderBy) -> None:
        """Those without one are no hits; a date of which a reader may not know is none."""
        dates = {"a": "2021", "b": "2019-12-31", "c": "", "d": "2021-03-05", "e": "2021-03", "f": "soon"}
        records = [a_record(name, date=date) for name, date in dates.items()]
        secret = a_record("g", date="2030", rights=Rights(PUBLIC, TEAM - PUBLIC))
        index.apply([replace(one, released=one.date, date="2000") if by is OrderBy.RELEASED else one for one in (*records, secret)])
        newest, oldest = (asking(order=dated_order(by, "", descending=descending)) for descending in (True, False))
        assert [hit.record.id for hit in index.search(newest, PUBLIC).hits] == ["bma/d", "bma/e", "bma/a", "bma/b"]
        assert [hit.record.id for hit in index.search(oldest, PUBLIC).hits] == ["bma/b", "bma/a", "bma/e", "bma/d"]
        assert index.count([newest], PUBLIC) == (4,)
        first = index.search(newest, PUBLIC, limit=2)
        assert [hit.record.id for hit in index.search(newest, PUBLIC, limit=2, after=first.after).hits] == ["bma/a", "bma/b"]

    def test_hits_come_in_the_order_of_a_quantity(self, index: SearchIndex) -> None:
        index.apply(
            [
                a_record("a", quantities=(a_capacity(3, "urn:k"), a_capacity(9, "urn:k"))),
                a_record("b", quantities=(a_capacity(5, "urn:k"),)),
                a_record("c", quantities=(a_capacity(1, "urn:other"),)),
                a_record("d", quantities=(a_capacity(5, "urn:k"),)),
            ]
        )
        order = Order("lightest", frozenset({"urn:k"}), ())
        for asked, expected in (
            (order, ["bma/a", "bma/b", "bma/d"]),
            (replace(order, descending=True), ["bma/a", "bma/b", "bma/d"]),
        ):
            page = index.search(asking(order=asked), PUBLIC)
            assert [hit.record.id for hit in page.hits] == expected
            assert page.total == 3
