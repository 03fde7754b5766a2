"""What every search index does, and what the embedded one does besides (files, processes, kills)."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from records.record import ConceptUse, Condition, Quantity, Record, Spread
from records.rights import ANY, NOBODY, PUBLIC, Audiences, Rights
from search import embedded_text
from search.embedded_text import SqliteTextIndex
from search.explain import quantity_matches, words_of
from search.index import TextIndex
from search.query import ConceptPart, Part, QuantityPart, Query, SourcePart, TextPart

OPEN = Rights(PUBLIC, PUBLIC)
TEAM = frozenset({ANY, "bma/community:team"})
CHARGE = "T·I"


def a_record(
    name: str,
    *,
    title: str = "",
    text: str = "",
    concepts: tuple[ConceptUse | str, ...] = (),
    quantities: tuple[Quantity, ...] = (),
    rights: Rights = OPEN,
    source: str = "bma",
) -> Record:
    uses = tuple(ConceptUse(use, ("urn:hasPart",), "/part", 7) if isinstance(use, str) else use for use in concepts)
    return Record(
        f"{source}/{name}",
        f"https://example.org/{name}",
        title or name,
        source,
        f"{name}.json",
        "ab" * 32,
        rights,
        uses,
        quantities,
        text,
    )


def a_capacity(ampere_hours: float, *kinds: str, pointer: str = "/hasProperty/0", line: int = 9) -> Quantity:
    return Quantity(kinds or ("urn:RatedCapacity",), ampere_hours, "Ah", ampere_hours * 3600, "A·s", CHARGE, pointer, line)


def concept(*iris: str, narrower: tuple[str, ...] = (), words: tuple[str, ...] = ()) -> ConceptPart:
    return ConceptPart(iris[0], iris, iris, frozenset({*iris, *narrower}), words=words)


def capacity(
    low: float | None = None, high: float | None = None, *kinds: str, included: bool = False, dimension: str = CHARGE
) -> QuantityPart:
    bounds = [None if bound is None else bound * 3600 for bound in (low, high)]
    return QuantityPart("capacity", frozenset(kinds), (), bounds[0], bounds[1], included, included, "Ah", dimension)


def asking(*parts: Part) -> Query:
    return Query("", parts)


def found(index: TextIndex, *parts: Part, audiences: Audiences = PUBLIC) -> list[str]:
    return [hit.record for hit in index.search(asking(*parts), audiences, limit=100).hits]


SHARED_INDEX = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
"""The index is emptied before each example, and each adapter is its own executor on purpose."""
IRIS = ["urn:a", "urn:b", "urn:c", "urn:d"]
WORDS = ["alpha", "alphabet", "beta", "gamma", "18650", "INR18650-MJ1"]
uses = st.builds(ConceptUse, st.sampled_from(IRIS), st.lists(st.just("urn:p"), max_size=3).map(tuple), st.just("/x"), st.just(3))
numbers = st.builds(
    Quantity,
    kinds=st.lists(st.sampled_from(["urn:k", "urn:l", "urn:m"]), min_size=1, max_size=2, unique=True).map(tuple),
    value=st.just(1.0),
    unit=st.just("Ah"),
    base_value=st.sampled_from([None, -1.0, 0.0, 1.0, 1.0 + 1e-12, 2.0, math.inf, math.nan]),
    base_unit=st.just("A·s"),
    dimension=st.sampled_from([CHARGE, "L"]),
    pointer=st.sampled_from(["/p/0", "/p/0/q", "/p/1"]),
    line=st.just(5),
)
phrases = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
records = st.lists(
    st.builds(
        Record,
        id=st.sampled_from([f"bma/{n}" for n in range(8)]),
        iri=st.just("urn:x"),
        title=phrases,
        source=st.sampled_from(["bma", "lab"]),
        source_file=st.just("x.json"),
        digest=st.just("d"),
        rights=st.just(OPEN),
        concepts=st.lists(uses, max_size=4).map(tuple),
        quantities=st.lists(numbers, max_size=3).map(tuple),
        text=phrases,
    ),
    unique_by=lambda record: record.id,
    max_size=8,
)
bounds = st.sampled_from([None, -1.0, 0.0, 1.0, 2.0])
parts = st.lists(
    st.one_of(
        st.sets(st.sampled_from(IRIS), min_size=1).map(lambda iris: concept(*sorted(iris))),
        st.builds(lambda iri, word: concept(iri, words=(word,)), st.sampled_from(IRIS), st.sampled_from(WORDS)),
        st.builds(
            QuantityPart,
            st.just("q"),
            st.frozensets(st.sampled_from(["urn:k", "urn:l"])),
            st.just(()),
            bounds,
            bounds,
            st.booleans(),
            st.booleans(),
            st.just("Ah"),
            st.just(CHARGE),
        ),
        st.sampled_from(["bma", "lab"]).map(lambda source: SourcePart(source, source)),
        st.sampled_from([*WORDS, "alp", "zeta", "???"]).map(TextPart),
    ),
    max_size=3,
).map(lambda chosen: Query("", tuple(chosen)))


def has_word(asked: str, record: Record) -> bool:
    """By definition: as a word or the beginning of one; a size also inside a model code."""
    wanted = words_of(asked)
    for text in (record.title, record.text):
        tokens = words_of(text)
        runs = [tokens[n : n + len(wanted)] for n in range(len(tokens) - len(wanted) + 1)] if wanted else []
        if any(run[:-1] == wanted[:-1] and run[-1].startswith(wanted[-1]) for run in runs):
            return True
        if wanted == ["18650"] and any("18650" in token for token in tokens):
            return True
    return False


def matches(part: Part, record: Record) -> bool:
    match part:
        case ConceptPart():
            return any(use.concept in part.expanded for use in record.concepts) or any(
                has_word(word, record) for word in part.words
            )
        case QuantityPart():
            return any(quantity_matches(part, quantity) for quantity in record.quantities)
        case SourcePart():
            return record.source == part.source
        case TextPart():
            return has_word(part.text, record)


def expected(query: Query, all_records: list[Record]) -> tuple[set[str], bool]:
    """The definition of the answer, record by record: what is found, and whether the words had to be relaxed."""
    texts = [part for part in query.parts if isinstance(part, TextPart)]
    others = [part for part in query.parts if not isinstance(part, TextPart)]
    base = [record for record in all_records if all(matches(part, record) for part in others)]
    for least in (len(texts), 1):
        enough = {record.id for record in base if sum(matches(part, record) for part in texts) >= least}
        if not texts or enough:
            return enough, bool(texts) and least < len(texts)
    return ({record.id for record in base}, bool(base)) if others else (set(), False)


class TextIndexContract:
    """Behaviours of every `TextIndex`; a subclass says how to make one."""

    @pytest.fixture
    def index(self) -> Iterator[TextIndex]:
        raise NotImplementedError

    def test_a_record_comes_back_as_it_was_written(self, index: TextIndex) -> None:
        uses_ = (ConceptUse("urn:Prismatic", ("urn:hasCase",), "/hasCase", 14), ConceptUse("urn:Cell", (), "", 1))
        written = a_record(
            "a",
            title="Zelle Ä1 “x”",
            text="LiFePO₄\nµ-Batterie",
            concepts=uses_,
            quantities=(a_capacity(280, "urn:RatedCapacity", "urn:C"),),
        )
        index.apply([written])
        assert index.get("bma/a", PUBLIC) == written

    def test_an_unknown_and_a_forbidden_record_look_the_same(self, index: TextIndex) -> None:
        index.apply([a_record("a", rights=Rights(NOBODY, NOBODY))])
        assert index.get("bma/a", PUBLIC) is None
        assert index.get("bma/b", PUBLIC) is None

    def test_a_new_form_replaces_the_old_one_in_every_channel(self, index: TextIndex) -> None:
        index.apply([a_record("a", title="old", text="panasonic", concepts=("urn:old",), quantities=(a_capacity(10),))])
        index.apply([a_record("a", title="new", text="samsung", concepts=("urn:new",), quantities=(a_capacity(99),))])
        assert found(index, TextPart("old")) == found(index, TextPart("panasonic")) == []
        assert found(index, concept("urn:old")) == found(index, capacity(9, 11)) == []
        assert found(index, TextPart("new"), TextPart("samsung"), concept("urn:new"), capacity(98, 100)) == ["bma/a"]
        assert index.concept_counts(PUBLIC) == {"urn:new": 1}

    def test_a_removed_record_leaves_every_channel(self, index: TextIndex) -> None:
        index.apply(
            [a_record("a", title="cell", text="panasonic", concepts=("urn:x",), quantities=(a_capacity(10),)), a_record("b")]
        )
        index.apply([], removed=["bma/a", "bma/never-there"])
        assert found(index) == ["bma/b"]
        assert found(index, TextPart("panasonic")) == found(index, concept("urn:x")) == found(index, capacity(1)) == []
        assert index.ids() == {"bma/b"}
        assert index.get("bma/a", PUBLIC) is None

    def test_the_last_form_in_a_batch_counts(self, index: TextIndex) -> None:
        index.apply([a_record("a", title="first"), a_record("a", title="second")], removed=["bma/a"])
        assert [hit.title for hit in index.search(asking(), PUBLIC).hits] == ["second"]

    def test_clear_drops_everything_and_the_index_goes_on(self, index: TextIndex) -> None:
        index.apply([a_record("a", concepts=("urn:x",))])
        index.clear()
        assert index.ids() == set()
        assert index.search(asking(), PUBLIC).total == 0
        index.apply([a_record("b", concepts=("urn:x",), quantities=(a_capacity(5),), text="word")])
        assert found(index, concept("urn:x"), capacity(1), TextPart("word")) == ["bma/b"]

    def test_every_part_must_match(self, index: TextIndex) -> None:
        index.apply(
            [
                a_record("both", concepts=("urn:LFP",), quantities=(a_capacity(280),)),
                a_record("small", concepts=("urn:LFP",), quantities=(a_capacity(20),)),
                a_record("other", concepts=("urn:NMC",), quantities=(a_capacity(280),)),
            ]
        )
        assert found(index, concept("urn:LFP"), capacity(100)) == ["bma/both"]

    def test_kind_and_number_must_meet_on_one_node(self, index: TextIndex) -> None:
        index.apply(
            [a_record("a", quantities=(a_capacity(280, "urn:Rated"), a_capacity(5, "urn:Nominal", pointer="/hasProperty/1")))]
        )
        assert found(index, capacity(100, None, "urn:Rated")) == ["bma/a"]
        assert found(index, capacity(100, None, "urn:Nominal")) == []

    @pytest.mark.parametrize(("included", "hits"), [(False, ["bma/more"]), (True, ["bma/equal", "bma/more"])])
    def test_a_bound_matches_itself_only_when_included_whatever_the_rounding(
        self, index: TextIndex, included: bool, hits: list[str]
    ) -> None:
        equal = Quantity(("urn:k",), 100000, "mAh", 100000 * 3.6 + 6e-11, "A·s", CHARGE, "/p/0", 4)
        index.apply([a_record("equal", quantities=(equal,)), a_record("more", quantities=(a_capacity(100.1),))])
        assert sorted(found(index, capacity(100, None, included=included))) == hits

    def test_a_quantity_of_another_dimension_or_without_base_value_does_not_match(self, index: TextIndex) -> None:
        bare = replace(a_capacity(280), base_value=None, base_unit="", dimension="")
        index.apply([a_record("a", quantities=(bare,)), a_record("b", quantities=(replace(a_capacity(280), dimension="L"),))])
        assert found(index, capacity(1)) == []

    def test_spread_conditions_and_name_come_back_as_they_were(self, index: TextIndex) -> None:
        at = Condition(("urn:Temperature",), 25.0, "degC", 298.15, "K", "Θ", "/hasProperty/0/at", 12, "ambient")
        bare = Condition((), 3.0, "", None, "", "", "/hasProperty/0/n", 13)
        told = replace(
            a_capacity(2.5), spread=Spread(2.4, None, 0.1, 8640.0, None, 360.0), conditions=(at, bare), name="of the batch"
        )
        index.apply([a_record("a", quantities=(told, a_capacity(3)))])
        stored = index.get("bma/a", PUBLIC)
        assert stored is not None
        assert stored.quantities == (told, a_capacity(3))
        [hit] = index.search(asking(capacity(2, 2.6)), PUBLIC).hits
        assert hit.matches[0].quantity == told

    def test_a_range_without_a_value_is_found_by_its_ends(self, index: TextIndex) -> None:
        between = replace(a_capacity(0), value=None, base_value=None, spread=Spread(2, 4, None, 7200.0, 14400.0))
        index.apply([a_record("a", quantities=(between,))])
        assert found(index, capacity(3)) == ["bma/a"]
        assert found(index, capacity(None, 3)) == ["bma/a"]
        assert found(index, capacity(5)) == []
        [hit] = index.search(asking(capacity(3)), PUBLIC).hits
        assert hit.matches[0].quantity == between

    def test_a_range_that_is_replaced_leaves_no_trace(self, index: TextIndex) -> None:
        between = replace(a_capacity(0), value=None, base_value=None, spread=Spread(2, 4, None, 7200.0, 14400.0))
        index.apply([a_record("a", quantities=(between,))])
        index.apply([a_record("a", quantities=(a_capacity(100),))])
        assert found(index, capacity(1, 50)) == []
        index.apply([], ["bma/a"])
        assert found(index, capacity(1)) == []

    def test_a_concept_that_was_asked_for_goes_before_a_narrower_and_a_near_one_before_a_deep_one(self, index: TextIndex) -> None:
        deep = ConceptUse("urn:LFP", ("urn:1", "urn:2", "urn:3"), "/x", 1)
        near = ConceptUse("urn:LFP", ("urn:1",), "/x", 1)
        narrow = ConceptUse("urn:LFP-doped", ("urn:1",), "/x", 1)
        index.apply([a_record("1", concepts=(narrow,)), a_record("2", concepts=(deep,)), a_record("3", concepts=(near,))])
        assert found(index, concept("urn:LFP", narrower=("urn:LFP-doped",))) == ["bma/3", "bma/2", "bma/1"]

    def test_title_before_text_before_prefix_and_equals_by_id(self, index: TextIndex) -> None:
        index.apply(
            [
                a_record("d", title="x", text="panasonics"),
                a_record("c", title="x", text="by Panasonic"),
                a_record("b", title="Panasonic NCR"),
                a_record("a", title="Panasonic UR"),
            ]
        )
        assert found(index, TextPart("panasonic")) == ["bma/a", "bma/b", "bma/c", "bma/d"]

    def test_a_model_code_is_one_word_and_its_beginning_and_its_size_find_it(self, index: TextIndex) -> None:
        index.apply([a_record("a", title="LG INR18650-MJ1"), a_record("b", title="MJ1 and INR18650")])
        assert found(index, TextPart("INR18650-MJ1")) == ["bma/a"]
        assert set(found(index, TextPart("inr18650"))) == set(found(index, TextPart("18650"))) == {"bma/a", "bma/b"}

    def test_variants_of_writing_are_one_word(self, index: TextIndex) -> None:
        index.apply([a_record("a", text="LiFePO₄ Elektrode für Zürich")])
        assert found(index, TextPart("lifepo4")) == found(index, TextPart("ZURICH")) == ["bma/a"]

    @pytest.mark.parametrize(
        "word",
        ['"', "a OR b", "title:x", "x*", "NEAR(a b)", "-x", "^x", "'; DROP TABLE record; --", "\x00", "\ud800", "(", "{text}"],
    )
    def test_no_syntax_of_the_engine_is_reached_by_a_question(self, index: TextIndex, word: str) -> None:
        index.apply([a_record("a", title="title text near or drop")])
        page = index.search(asking(TextPart(word), concept(word, words=(word,)), SourcePart(word, word)), frozenset({word, ANY}))
        assert page.total == 0
        assert index.ids() == {"bma/a"}

    def test_words_that_no_record_has_together_are_relaxed_and_more_words_go_first(self, index: TextIndex) -> None:
        index.apply([a_record("a", text="alpha"), a_record("b", text="alpha beta"), a_record("c", text="delta")])
        page = index.search(asking(TextPart("alpha"), TextPart("beta"), TextPart("gamma")), PUBLIC)
        assert [hit.record for hit in page.hits] == ["bma/b", "bma/a"]
        assert page.relaxed == (0, 1, 2)

    def test_a_word_that_no_hit_has_is_relaxed_when_there_are_other_parts(self, index: TextIndex) -> None:
        index.apply([a_record("a", concepts=("urn:LFP",)), a_record("b", text="truck")])
        page = index.search(asking(concept("urn:LFP"), TextPart("truck")), PUBLIC)
        assert ([hit.record for hit in page.hits], page.relaxed) == (["bma/a"], (1,))

    def test_concept_or_word_finds_both(self, index: TextIndex) -> None:
        index.apply([a_record("typed", concepts=("urn:R18650",)), a_record("named", title="US18650VTC5A"), a_record("other")])
        assert set(found(index, concept("urn:R18650", words=("18650",)))) == {"bma/typed", "bma/named"}

    def test_matches_say_where(self, index: TextIndex) -> None:
        use = ConceptUse("urn:Prismatic", ("urn:hasCase",), "/hasCase", 14)
        quantity = a_capacity(280, line=32)
        index.apply(
            [
                a_record(
                    "a",
                    text="made by Panasonic in Osaka",
                    concepts=(use, ConceptUse("urn:Prismatic", ("urn:p",) * 3, "/z", 90)),
                    quantities=(quantity,),
                )
            ]
        )
        (hit,) = index.search(
            asking(concept("urn:Prismatic"), capacity(100), TextPart("panasonic"), SourcePart("bma", "bma")), PUBLIC
        ).hits
        assert [match.part for match in hit.matches] == [0, 1, 2, 3]
        assert hit.matches[0].concept == use
        assert hit.matches[1].quantity == quantity
        assert (hit.matches[2].word, hit.matches[2].field, hit.matches[2].context) == (
            "Panasonic",
            "text",
            "made by Panasonic in Osaka",
        )

    def test_who_reads_metadata_alone_sees_the_title_and_nothing_from_the_files(self, index: TextIndex) -> None:
        rights = Rights(PUBLIC, frozenset({"bma/community:team"}))
        secret = a_record(
            "a", title="Cell A", text="panasonic", concepts=("urn:LFP",), quantities=(a_capacity(280),), rights=rights
        )
        index.apply([secret])
        assert found(index, TextPart("cell")) == ["bma/a"]
        assert found(index, TextPart("panasonic")) == found(index, concept("urn:LFP")) == found(index, capacity(1)) == []
        assert found(index, concept("urn:LFP", words=("panasonic",))) == []
        page = index.search(asking(TextPart("cell")), PUBLIC)
        assert page.facets["concept"] == ()
        assert [facet.count for facet in page.facets["source"]] == [1]
        assert index.concept_counts(PUBLIC) == {}
        assert index.count([["urn:LFP"]], PUBLIC) == (0,)
        assert index.get("bma/a", PUBLIC) == replace(
            secret, text="", concepts=(), quantities=(), digest="", rights=Rights(PUBLIC, NOBODY)
        )
        assert found(index, TextPart("panasonic"), concept("urn:LFP"), capacity(1), audiences=TEAM) == ["bma/a"]
        assert index.get("bma/a", TEAM) == secret

    def test_rights_to_files_without_metadata_give_nothing(self, index: TextIndex) -> None:
        index.apply([a_record("a", text="panasonic", rights=Rights(NOBODY, PUBLIC))])
        assert found(index, TextPart("panasonic")) == []
        assert index.get("bma/a", PUBLIC) is None

    def test_nobody_reads_nothing(self, index: TextIndex) -> None:
        index.apply([a_record("a", concepts=("urn:x",))])
        page = index.search(asking(), NOBODY)
        assert (page.total, page.hits, page.facets) == (0, (), {"concept": (), "source": ()})

    def test_a_change_of_rights_counts_at_once(self, index: TextIndex) -> None:
        index.apply([a_record("a", concepts=("urn:x",), text="word")])
        index.apply([a_record("a", concepts=("urn:x",), text="word", rights=Rights(TEAM - PUBLIC, TEAM - PUBLIC))])
        assert found(index) == found(index, TextPart("word")) == found(index, concept("urn:x")) == []
        assert found(index, concept("urn:x"), audiences=TEAM) == ["bma/a"]

    def test_pages_are_slices_of_one_order(self, index: TextIndex) -> None:
        index.apply([a_record(f"{n:02}", title="cell " * (1 + n % 2)) for n in range(25)])
        whole = [hit.record for hit in index.search(asking(TextPart("cell")), PUBLIC, limit=100).hits]
        pages = [index.search(asking(TextPart("cell")), PUBLIC, offset=start, limit=7) for start in range(0, 28, 7)]
        assert [hit.record for page in pages for hit in page.hits] == whole
        assert {page.total for page in pages} == {25}

    def test_thousands_of_narrower_concepts_are_one_question(self, index: TextIndex) -> None:
        many = tuple(f"urn:n{n}" for n in range(4_000))
        index.apply([a_record("a", concepts=("urn:n3999",)), a_record("b", concepts=("urn:other",))])
        assert found(index, concept("urn:top", narrower=many)) == ["bma/a"]

    @settings(max_examples=60, suppress_health_check=SHARED_INDEX, deadline=None)
    @given(all_records=records, query=parts)
    def test_the_answer_is_what_its_definition_says(self, index: TextIndex, all_records: list[Record], query: Query) -> None:
        index.clear()
        index.apply(all_records)
        page = index.search(query, PUBLIC, limit=100)
        hits, relaxed = expected(query, all_records)
        assert {hit.record for hit in page.hits} == hits
        assert (page.total, bool(page.relaxed)) == (len(hits), relaxed)
        assert [(-hit.score, hit.record) for hit in page.hits] == sorted((-hit.score, hit.record) for hit in page.hits)
        used = {use.concept for record in all_records if record.id in hits for use in record.concepts}
        assert {facet.value for facet in page.facets["concept"]} == used
        counts = [index.count([[iri]], PUBLIC)[0] for iri in IRIS]
        assert counts == [index.concept_counts(PUBLIC).get(iri, 0) for iri in IRIS]

    @settings(max_examples=60, suppress_health_check=SHARED_INDEX, deadline=None)
    @given(all_records=records, query=parts)
    def test_a_click_on_a_facet_finds_as_many_as_it_said(self, index: TextIndex, all_records: list[Record], query: Query) -> None:
        index.clear()
        index.apply(all_records)
        page = index.search(query, PUBLIC)
        for facet in page.facets["concept"]:
            assert index.search(Query("", (*query.parts, concept(facet.value))), PUBLIC).total == facet.count
        for facet in page.facets["source"]:
            clicked = Query("", (*query.parts, SourcePart(facet.value, facet.value)))
            assert index.search(clicked, PUBLIC).total == facet.count


class TestSqliteInMemory(TextIndexContract):
    @pytest.fixture
    def index(self) -> Iterator[TextIndex]:
        index = SqliteTextIndex(None)
        yield index
        index.close()


class TestSqliteOnDisk(TextIndexContract):
    @pytest.fixture
    def index(self, tmp_path: Path) -> Iterator[TextIndex]:
        index = SqliteTextIndex(tmp_path / "index.sqlite")
        yield index
        index.close()

    def test_it_is_there_again_after_closing(self, tmp_path: Path) -> None:
        with opened(tmp_path / "again.sqlite") as index:
            index.apply([a_record("a", concepts=("urn:x",))])
        with opened(tmp_path / "again.sqlite") as index:
            index.apply([a_record("b", concepts=("urn:x",))])
            assert found(index, concept("urn:x")) == ["bma/a", "bma/b"]

    def test_bookkeeping_concepts_are_left_out_of_the_facet(self, tmp_path: Path) -> None:
        index = SqliteTextIndex(tmp_path / "u.sqlite", ubiquitous=["urn:RealData"])
        index.apply([a_record("a", concepts=("urn:RealData", "urn:LFP"))])
        assert [facet.value for facet in index.search(asking(), PUBLIC).facets["concept"]] == ["urn:LFP"]
        index.close()

    def test_threads_read_while_one_writes(self, tmp_path: Path) -> None:
        failures: list[BaseException] = []

        def read() -> None:
            try:
                for _ in range(40):
                    page = index.search(asking(concept("urn:x")), PUBLIC, limit=100)
                    assert page.total == len(page.hits) == page.facets["concept"][0].count
                    assert page.total % 5 == 0
            except BaseException as error:  # noqa: BLE001  # handed to the main thread
                failures.append(error)

        with opened(tmp_path / "threads.sqlite") as index:
            index.apply([a_record(f"0-{n}", concepts=("urn:x",)) for n in range(5)])
            threads = [threading.Thread(target=read) for _ in range(3)]
            for thread in threads:
                thread.start()
            for batch in range(1, 15):
                index.apply([a_record(f"{batch}-{n}", concepts=("urn:x",)) for n in range(5)])
            for thread in threads:
                thread.join()
        assert failures == []

    def test_another_process_may_have_written_or_begun_anew(self, tmp_path: Path) -> None:
        with opened(tmp_path / "two.sqlite") as one, opened(tmp_path / "two.sqlite") as other:
            one.apply([a_record("a", concepts=("urn:x", "urn:y"))])
            other.clear()
            other.apply([a_record("b", concepts=("urn:z",))])
            one.apply([a_record("c", concepts=("urn:y", "urn:x"))])
            for index in (one, other):
                assert index.concept_counts(PUBLIC) == {"urn:x": 1, "urn:y": 1, "urn:z": 1}

    def test_a_second_writer_is_told_that_the_first_is_writing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded_text, "BUSY_SECONDS", 0.05)
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

    def test_a_full_disk_is_told_and_changes_nothing(self, tmp_path: Path) -> None:
        with opened(tmp_path / "full.sqlite") as index:
            index.apply([a_record("a", concepts=("urn:x",))])
            pages = index._writer.execute("PRAGMA page_count").fetchone()[0]
            index._writer.execute(f"PRAGMA max_page_count = {pages + 5}")
            with pytest.raises(StoreFullError, match="no space is left"):
                index.apply([a_record(f"b{n}", text=f"word{n} " * 500, concepts=(f"urn:{n}",)) for n in range(50)])
            assert index.ids() == {"bma/a"}
            index._writer.execute("PRAGMA max_page_count = 1000000")
            index.apply([a_record("c", concepts=("urn:7", "urn:x"))])
            assert index.concept_counts(PUBLIC) == {"urn:x": 2, "urn:7": 1}

    @pytest.mark.parametrize("damage", [lambda content: b"no database at all" * 300, lambda content: content[: len(content) // 2]])
    def test_a_damaged_file_names_the_remedy(self, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
        path = tmp_path / "damaged.sqlite"
        with opened(path) as index:
            index.apply([a_record(f"{n}", text=f"word{n} " * 200, concepts=(f"urn:{n}",)) for n in range(50)])
        path.write_bytes(damage(path.read_bytes()))
        with pytest.raises(StoreDamagedError, match="voltagraph rebuild"):
            read_everything(path)
        SqliteTextIndex.drop(path)
        with opened(path) as index:
            assert index.ids() == set()

    def test_another_version_and_a_strange_file_are_noticed(self, tmp_path: Path) -> None:
        with opened(tmp_path / "old.sqlite"):
            pass
        other = sqlite3.connect(tmp_path / "old.sqlite")
        other.execute("PRAGMA user_version = 999")
        other.close()
        with pytest.raises(StoreDamagedError, match=r"version 999.*rebuild"):
            SqliteTextIndex(tmp_path / "old.sqlite")
        strange = sqlite3.connect(tmp_path / "strange.sqlite")
        strange.execute("CREATE TABLE mine(x)")
        strange.close()
        with pytest.raises(StoreError, match="not a search index"):
            SqliteTextIndex(tmp_path / "strange.sqlite")

    def test_a_directory_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot be used"):
            SqliteTextIndex(tmp_path / "missing" / "index.sqlite")

    def test_a_closed_index_says_so(self, tmp_path: Path) -> None:
        with opened(tmp_path / "closed.sqlite") as index:
            pass
        with pytest.raises(StoreError, match="closed"):
            index.search(asking(), PUBLIC)
        with pytest.raises(StoreError, match="closed"):
            index.apply([])

    def test_batches_are_whole_after_a_kill(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        for turn in range(3):
            path = tmp_path / f"killed{turn}.sqlite"
            ready = context.Event()
            process = context.Process(target=write_for_ever, args=(path, ready))
            process.start()
            assert ready.wait(60)
            process.join(0.05 * (turn + 1))
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            with opened(path) as index:
                total = index.search(asking(concept("urn:x")), PUBLIC, limit=0).total
                assert total >= 20
                assert total % 20 == 0
                assert len(index.ids()) == total
                assert index.search(asking(TextPart("panasonic")), PUBLIC, limit=0).total == total
                index.apply([a_record("after", concepts=("urn:x",))])
                assert index.search(asking(concept("urn:x")), PUBLIC, limit=0).total == total + 1


class opened:  # noqa: N801  # reads as a function
    """An index that is closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self.index = SqliteTextIndex(path)

    def __enter__(self) -> SqliteTextIndex:
        return self.index

    def __exit__(self, *_: object) -> None:
        self.index.close()


def read_everything(path: Path) -> None:
    with opened(path) as index:
        for n in range(50):
            index.get(f"bma/{n}", PUBLIC)
        found(index, TextPart("word7"))


def write_for_ever(path: Path, ready: threading.Event) -> None:
    index = SqliteTextIndex(path)
    batch = 0
    while True:
        index.apply(
            [a_record(f"{batch}-{n}", concepts=("urn:x",), text="panasonic", quantities=(a_capacity(n),)) for n in range(20)]
        )
        ready.set()
        batch += 1
