"""What every search index does: the same as `PlainIndex`, which looks at every record for every question."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.errors import CursorExpiredError
from records.record import ConceptUse, Condition, Entity, EntityKind, Quantity, Record, Spread
from records.rights import ANY, NOBODY, PUBLIC, Audiences, Rights
from search.columns.index import ColumnIndex
from search.index import Page, SearchIndex, Vector
from search.names import fold_name
from search.query import (
    VALUE_FACETS,
    ConceptPart,
    EntityPart,
    Facet,
    Order,
    Part,
    QuantityPart,
    Query,
    TextPart,
    ValuePart,
    YearPart,
)
from search.ranking import EXACT_CONCEPT, NEAR_ROOT, SIMILARITY
from tests.unit.search.plain_index import PlainIndex

FACETS = tuple(Facet)
OPEN = Rights(PUBLIC, PUBLIC)
TEAM = frozenset({ANY, "bma/community:team"})
CHARGE = "T·I"
PARENTS = {"urn:a": ("urn:top",), "urn:b": ("urn:a", "urn:top"), "urn:k": ("urn:quantity",), "urn:l": ("urn:k", "urn:quantity")}
"""Everything above some concepts."""
BOOKKEEPING = frozenset({"urn:formal"})
DIMENSION = 8


def ancestors(iri: str) -> Collection[str]:
    return PARENTS.get(iri, ())


def narrower(iri: str) -> frozenset[str]:
    return frozenset({iri, *(below for below, above in PARENTS.items() if iri in above)})


def summary(record: Record) -> str:
    return f"{record.title}\n{record.text}".strip()


def summary_hash(record: Record) -> str:
    return sha256(summary(record).encode("utf-8", "replace")).hexdigest()


def a_record(
    name: str,
    *,
    title: str = "",
    text: str = "",
    concepts: tuple[ConceptUse | str, ...] = (),
    quantities: tuple[Quantity, ...] = (),
    entities: tuple[Entity, ...] = (),
    rights: Rights = OPEN,
    source: str = "bma",
    date: str = "",
) -> Record:
    uses = tuple(ConceptUse(use, ("urn:hasPart",), "/part", 7) if isinstance(use, str) else use for use in concepts)
    return Record(
        *(f"{source}/{name}", f"https://example.org/{name}", title or name, source, f"{name}.json", "ab" * 32, rights),
        *(uses, quantities, text, entities, date),
    )


def a_capacity(ampere_hours: float, *kinds: str, pointer: str = "/hasProperty/0", line: int = 9) -> Quantity:
    return Quantity(kinds or ("urn:RatedCapacity",), ampere_hours, "Ah", ampere_hours * 3600, "A·s", CHARGE, pointer, line)


def at(kelvin: float) -> Condition:
    return Condition(("urn:Temperature",), kelvin, "K", kelvin, "K", "Θ", "/hasProperty/0/at", 12)


def concept(
    *iris: str, below: tuple[str, ...] = (), words: tuple[str, ...] = (), roles: frozenset[str] = frozenset()
) -> ConceptPart:
    return ConceptPart(iris[0], iris, iris, frozenset({*iris, *below}), words=words, roles=roles)


def capacity(low: float | None = None, high: float | None = None, *kinds: str, included: bool = False) -> QuantityPart:
    bounds = [None if bound is None else bound * 3600 for bound in (low, high)]
    return QuantityPart("capacity", frozenset(kinds), (), bounds[0], bounds[1], included, included, "Ah", CHARGE)


def warmer_than(kelvin: float) -> QuantityPart:
    return QuantityPart("warm", frozenset({"urn:Temperature"}), (), kelvin, None, True, True, "K", "Θ")


def asking(*parts: Part, order: Order | None = None) -> Query:
    return Query("", parts, order)


def found(index: SearchIndex, *parts: Part, audiences: Audiences = PUBLIC) -> list[str]:
    return [hit.record.id for hit in index.search(asking(*parts), audiences, limit=100).hits]


def a_vector(*numbers: float) -> Vector:
    whole = np.zeros(DIMENSION, np.float32)
    whole[: len(numbers)] = numbers
    return whole / np.float32(np.linalg.norm(whole))


# Random records and questions

IRIS = ["urn:a", "urn:b", "urn:c", "urn:formal"]
ROLES = ["urn:anode", "urn:cathode"]
WORDS = ["alpha", "alphabet", "beta", "gamma", "18650", "INR18650-MJ1", "LiFePO₄"]
NAMES = ["Acme GmbH", "ACME", "acme inc", "Öko AG", "B-12", ""]
AUDIENCES = [ANY, "bma/auth", "bma/community:team"]
phrases = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
withins = st.lists(st.sampled_from(ROLES), max_size=2).map(tuple)
uses = st.builds(
    ConceptUse,
    st.sampled_from(IRIS),
    st.lists(st.just("urn:p"), max_size=3).map(tuple),
    st.just("/x"),
    st.just(3),
    withins,
    st.sampled_from(["", "", "urn:definition"]),
)
numbers = st.sampled_from([None, -1.0, 0.0, 1.0, 1.0 + 1e-12, 2.0, math.inf, math.nan])
kinds = st.lists(st.sampled_from(["urn:k", "urn:l", "urn:m"]), min_size=1, max_size=2, unique=True).map(tuple)
conditions = st.builds(
    Condition,
    st.sampled_from([("urn:t",), ("urn:c",)]),
    st.just(1.0),
    st.just("K"),
    numbers,
    st.just("K"),
    st.just("Θ"),
    st.just(""),
    st.just(1),
)
quantities = st.builds(
    Quantity,
    kinds=kinds,
    value=st.sampled_from([1.0, None]),
    unit=st.just("Ah"),
    base_value=numbers,
    base_unit=st.just("A·s"),
    dimension=st.sampled_from([CHARGE, "L"]),
    pointer=st.sampled_from(["/p/0", "/p/0/q", "/p/1"]),
    line=st.just(5),
    spread=st.sampled_from([None, Spread(0, 2, None, 0.0, 2.0)]),
    conditions=st.lists(conditions, max_size=2).map(tuple),
    within=withins,
)
entities = st.builds(Entity, st.sampled_from(EntityKind), st.sampled_from(NAMES), st.sampled_from(["", "urn:acme"]))
audience_sets = st.frozensets(st.sampled_from(AUDIENCES), max_size=2)
records = st.builds(
    Record,
    id=st.sampled_from([f"bma/{n}" for n in range(12)]),
    iri=st.just("urn:x"),
    title=phrases,
    source=st.sampled_from(["bma", "lab"]),
    source_file=st.just("x.json"),
    digest=st.just("d"),
    rights=st.one_of(st.just(OPEN), st.builds(Rights, audience_sets, audience_sets)),
    concepts=st.lists(uses, max_size=4).map(tuple),
    quantities=st.lists(quantities, max_size=3).map(tuple),
    text=phrases,
    entities=st.lists(entities, max_size=3).map(tuple),
    date=st.sampled_from(["", "2021", "2022-03", "2022-03-04", "soon"]),
    licence=st.sampled_from(["", "CC-BY-4.0"]),
    communities=st.sampled_from([(), ("bma/community:team",), ("bma/community:other", "bma/community:team")]),
    validation=st.sampled_from(["", "none", "warning"]),
)
corpora = st.lists(records, unique_by=lambda record: record.id, max_size=10)
bounds = st.sampled_from([None, -1.0, 0.0, 1.0, 2.0])
role_sets = st.sampled_from([frozenset[str](), frozenset(ROLES[:1]), frozenset(ROLES)])
negations = st.sampled_from([False, False, False, True])
concept_parts = st.builds(
    lambda iri, words, roles, negated: ConceptPart(
        iri, (iri,), (iri,), narrower(iri), words=words, role=min(roles, default=""), roles=roles, negated=negated
    ),
    st.sampled_from([*IRIS, "urn:top"]),
    st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    role_sets,
    negations,
)
amounts = (st.frozensets(st.sampled_from(["urn:k", "urn:l"])), st.just(()), bounds, bounds, st.booleans(), st.booleans())
condition_parts = st.builds(
    QuantityPart,
    *(st.just("c"), st.frozensets(st.sampled_from(["urn:t", "urn:c"])), *amounts[1:], st.just("K"), st.sampled_from(["Θ", ""])),
)
quantity_parts = st.builds(
    QuantityPart,
    *(st.just("q"), *amounts, st.just("Ah"), st.sampled_from([CHARGE, ""])),
    roles=role_sets,
    conditions=st.lists(condition_parts, max_size=1).map(tuple),
    negated=negations,
)
entity_parts = st.builds(
    EntityPart,
    *(st.just("e"), st.sampled_from([None, *EntityKind]), st.sampled_from([(), ("acme",), ("oko", "b 12")]), st.just("Acme")),
    st.sampled_from(["", "urn:acme"]),
    negations,
)
value_parts = st.builds(
    ValuePart,
    st.just("v"),
    st.sampled_from(sorted(VALUE_FACETS)),
    st.sampled_from(["bma", "CC-BY-4.0", "none", "bma/community:team", ""]),
    negations,
)
years = st.sampled_from([None, 2021, 2022])
text_parts = st.builds(TextPart, st.sampled_from([*WORDS, "alp", "186", "alpha beta", "zeta", "???"]), negations)
parts = st.lists(
    st.one_of(
        concept_parts,
        quantity_parts,
        entity_parts,
        value_parts,
        st.builds(YearPart, st.just("y"), years, years, negations),
        text_parts,
    ),
    max_size=3,
)
orders = st.one_of(
    st.none(),
    st.none(),
    st.builds(
        Order,
        st.just("o"),
        st.frozensets(st.sampled_from(["urn:k", "urn:l"])),
        st.just(()),
        st.sampled_from([CHARGE, ""]),
        descending=st.booleans(),
    ),
)
queries = st.builds(lambda chosen, order: Query("", tuple(chosen), order), parts, orders)
readers = st.sampled_from([PUBLIC, TEAM, frozenset({"bma/auth"}), NOBODY])
vectors = (
    st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0]), min_size=3, max_size=3).filter(any).map(lambda numbers: a_vector(*numbers))
)


def clicked(facet: Facet, value: str) -> Part:
    """What a click on a value asks for, as `FacetCount` says."""
    match facet:
        case Facet.CONCEPT:
            return ConceptPart(value, (value,), (), narrower(value))
        case Facet.ROLE:
            role, _, iri = value.partition(" ")
            return ConceptPart(value, (iri,), (), frozenset({iri}), role=role, roles=frozenset({role}))
        case Facet.QUANTITY:
            return QuantityPart(value, narrower(value), (), None, None, False, False, "", "")
        case Facet.YEAR:
            return YearPart(value, int(value), int(value))
        case facet if facet in VALUE_FACETS:
            return ValuePart(value, facet, value)
        case _:
            return EntityPart(value, EntityKind(facet.value), (value,), value)


def told(page: Page) -> tuple[object, ...]:
    """Everything of a page that does not name the state of the index; numbers up to rounding errors."""
    hits = [(hit.record, round(hit.score, 4), {name: round(hit.parts[name], 4) for name in sorted(hit.parts)}) for hit in page.hits]
    facets = {facet: [(one.value, one.count, one.label) for one in counts] for facet, counts in page.facets.items()}
    return page.total, repr(hits), facets, page.relaxed, bool(page.after)


class SearchIndexContract:
    """Behaviours of every `SearchIndex`; a subclass makes one with `ancestors`, `BOOKKEEPING` and `summary`."""

    @pytest.fixture
    def index(self) -> Iterator[SearchIndex]:
        raise NotImplementedError

    # Writing

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

    def test_clear_drops_every_record_and_the_index_goes_on(self, index: SearchIndex) -> None:
        index.apply([a_record("a", concepts=("urn:x",))])
        assert found(index) == ["bma/a"]
        index.clear()
        assert index.ids() == set()
        assert index.search(asking(), PUBLIC).total == 0
        index.apply([a_record("b", concepts=("urn:x",), quantities=(a_capacity(5),), text="word")])
        assert found(index, concept("urn:x"), capacity(1), TextPart("word")) == ["bma/b"]

    def test_the_generation_changes_with_every_write(self, index: SearchIndex) -> None:
        seen = [index.generation]
        writes: list[Callable[[], None]] = [
            lambda: index.apply([a_record("a")]),
            lambda: index.apply([], ["bma/a"]),
            lambda: index.embed("m", {}),
            index.clear,
        ]
        for write in writes:
            write()
            seen.append(index.generation)
        assert len({*seen[:3], seen[4]}) == 4
        assert index.generation == index.search(asking(), PUBLIC).generation == seen[-1]

    # Finding

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

    # Rights

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
        assert index.histogram(asking(), capacity(), PUBLIC) is None
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

    # Names, numbers, vectors

    def test_names_are_told_as_most_write_them(self, index: SearchIndex) -> None:
        def made_by(name: str, iri: str = "") -> Entity:
            return Entity(EntityKind.MANUFACTURER, name, iri)

        index.apply(
            [
                a_record("a", entities=(made_by("ACME"), Entity(EntityKind.PERSON, "Acme"))),
                a_record("b", entities=(made_by("Acme Inc."), made_by("ACME", "urn:acme"))),
                a_record("c", entities=(made_by("Acme"), made_by("Zeta"))),
                a_record("d", entities=(made_by("Secret"),), rights=Rights(NOBODY, NOBODY)),
            ]
        )
        [acme, zeta] = index.names(EntityKind.MANUFACTURER, PUBLIC)
        assert (acme.name, acme.label, acme.iri, acme.count) == ("acme", "ACME", "urn:acme", 3)
        assert (zeta.name, zeta.count) == ("zeta", 1)
        assert [one.kind for one in index.named(["acme", "secret"], PUBLIC)] == [EntityKind.MANUFACTURER, EntityKind.PERSON]
        assert len(index.names(EntityKind.MANUFACTURER, PUBLIC, limit=1)) == 1

    def test_a_histogram_counts_each_record_once_in_each_bin(self, index: SearchIndex) -> None:
        index.apply(
            [
                a_record("a", quantities=(a_capacity(0), a_capacity(0.5), a_capacity(10))),
                a_record("b", quantities=(a_capacity(5),)),
                a_record("c"),
            ]
        )
        histogram = index.histogram(asking(), capacity(7), PUBLIC, bins=2)
        assert histogram is not None
        assert (histogram.edges, histogram.counts, histogram.records) == ((0.0, 18000.0, 36000.0), (1, 2), 2)
        assert index.histogram(asking(), capacity(None, None, "urn:other"), PUBLIC) is None

    def test_the_nearest_values_lie_on_either_side_of_the_bounds(self, index: SearchIndex) -> None:
        index.apply([a_record(f"{n}", quantities=(a_capacity(n),)) for n in (1, 2, 8, 9)])
        assert index.nearest_values(asking(), capacity(3, 7), PUBLIC) == (2 * 3600, 8 * 3600)
        assert index.nearest_values(asking(), capacity(20), PUBLIC) == (9 * 3600,)

    def test_vectors_come_back_and_neighbours_are_exact(self, index: SearchIndex) -> None:
        some = [a_record(f"{n:03}", text=f"text {n % 40}", concepts=(f"urn:{n % 3}",)) for n in range(120)]
        index.apply(some)
        missing = index.unembedded("m", limit=1000)
        assert missing == {summary_hash(record): summary(record) for record in some}
        draw = np.random.default_rng(5)
        chosen = {key: a_vector(*draw.standard_normal(DIMENSION)) for key in missing}
        for start in range(0, len(chosen), 25):
            index.embed("m", dict(list(chosen.items())[start : start + 25]))
        assert index.unembedded("m") == {}
        wanted = a_vector(1, 2, 3)
        own = index.vector_of("bma/007", PUBLIC)
        assert own is not None
        assert np.array_equal(own, chosen[summary_hash(some[7])])
        near = index.neighbours(wanted, asking(concept("urn:1")), PUBLIC, limit=7)
        cosines = {
            record.id: float(chosen[summary_hash(record)] @ wanted) for record in some if record.concepts[0].concept == "urn:1"
        }
        assert [name for name, _ in near] == sorted(cosines, key=lambda name: (-cosines[name], name))[:7]
        assert [cosine for _, cosine in near] == pytest.approx([cosines[name] for name, _ in near], abs=1e-5)

    def test_another_model_begins_anew(self, index: SearchIndex) -> None:
        record = a_record("a", text="word")
        index.apply([record])
        index.embed("old", {summary_hash(record): a_vector(1)})
        assert index.unembedded("new") == {summary_hash(record): summary(record)}
        other = np.ones(3, np.float32) / np.sqrt(np.float32(3))
        index.embed("new", {summary_hash(record): other})
        assert index.unembedded("new") == {}
        found_again = index.vector_of("bma/a", PUBLIC)
        assert found_again is not None
        assert np.array_equal(found_again, other)

    def test_nearness_is_part_of_the_score_beside_words_alone(self, index: SearchIndex) -> None:
        far, near = a_record("1", text="word far"), a_record("2", text="word near")
        index.apply([far, near])
        index.embed("m", {summary_hash(far): a_vector(0, 1), summary_hash(near): a_vector(1, 0.1)})
        page = index.search(asking(TextPart("word")), PUBLIC, vector=a_vector(1))
        assert [hit.record.id for hit in page.hits] == ["bma/2", "bma/1"]
        assert page.hits[0].parts["similarity"] == pytest.approx(SIMILARITY * float(a_vector(1, 0.1)[0]), abs=1e-4)
        assert "similarity" not in index.search(asking(), PUBLIC, vector=a_vector(1)).hits[0].parts

    def test_where_no_record_has_a_word_the_near_ones_are_found(self, index: SearchIndex) -> None:
        far, near = a_record("1", text="far"), a_record("2", text="near")
        index.apply([far, near])
        index.embed("m", {summary_hash(far): a_vector(0, 1), summary_hash(near): a_vector(1, 0.1)})
        page = index.search(asking(TextPart("unknown")), PUBLIC, vector=a_vector(1))
        assert ([hit.record.id for hit in page.hits], page.relaxed) == (["bma/2"], (0,))
        assert index.search(asking(TextPart("unknown")), PUBLIC).total == 0

    # By definition

    @settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
    @given(
        corpus=corpora,
        changed=corpora,
        gone=st.lists(st.sampled_from([f"bma/{n}" for n in range(12)]), max_size=3),
        query=queries,
        audiences=readers,
        vector=st.one_of(st.none(), vectors),
        drawn=st.lists(vectors, min_size=3, max_size=3),
        cut=st.integers(1, 4),
    )
    def test_every_answer_is_what_its_definition_says(
        self,
        index: SearchIndex,
        corpus: list[Record],
        changed: list[Record],
        gone: list[str],
        query: Query,
        audiences: Audiences,
        vector: Vector | None,
        drawn: list[Vector],
        cut: int,
    ) -> None:
        plain = PlainIndex(ancestors, BOOKKEEPING, summary)
        index.clear()
        embedded = {summary_hash(record): drawn[n % 3] for n, record in enumerate(corpus)}
        for one in (plain, index):
            one.apply(corpus)
            one.embed("other", {"00" * 32: a_vector(1)})  # nothing is left of examples before
            one.embed("m", embedded)
        index.search(query, audiences)
        for one in (plain, index):
            one.apply(changed, gone)
        for how in ({"limit": 100}, {"limit": cut}, {"offset": cut, "limit": 2}):
            expected = plain.search(query, audiences, vector=vector, facets=FACETS, **how)  # type: ignore[arg-type]
            assert told(index.search(query, audiences, vector=vector, facets=FACETS, **how)) == told(expected)  # type: ignore[arg-type]
        assert index.count([query, asking()], audiences) == plain.count([query, asking()], audiences)
        assert index.concept_counts(audiences) == plain.concept_counts(audiences)
        for kind in EntityKind:
            assert index.names(kind, audiences) == plain.names(kind, audiences)
        folded = [fold_name(name) for name in NAMES]
        assert index.named(folded, audiences) == plain.named(folded, audiences)
        for number in [part for part in query.parts if isinstance(part, QuantityPart)]:
            assert index.histogram(query, number, audiences, bins=3) == plain.histogram(query, number, audiences, bins=3)
            assert index.nearest_values(query, number, audiences) == plain.nearest_values(query, number, audiences)
        if vector is not None:
            near, expected_near = index.neighbours(vector, query, audiences), plain.neighbours(vector, query, audiences)
            assert [round(cosine, 4) for _, cosine in near] == [round(cosine, 4) for _, cosine in expected_near]
        for name in index.ids():
            assert repr(index.get(name, audiences)) == repr(plain.get(name, audiences))
        assert index.ids() == plain.ids()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
    @given(corpus=corpora, query=queries, audiences=readers)
    def test_a_click_on_a_facet_finds_as_many_as_it_said(
        self, index: SearchIndex, corpus: list[Record], query: Query, audiences: Audiences
    ) -> None:
        index.clear()
        index.apply(corpus)
        page = index.search(query, audiences, facets=FACETS)
        for facet, counts in page.facets.items():
            for one in counts:
                after = index.search(Query("", (*query.parts, clicked(facet, one.value)), query.order), audiences)
                assert (facet, one.value, after.total) == (facet, one.value, one.count)


class TestColumnsInMemory(SearchIndexContract):
    @pytest.fixture
    def index(self) -> Iterator[SearchIndex]:
        index = ColumnIndex(None, ancestors=ancestors, summary=summary, bookkeeping=BOOKKEEPING)
        yield index
        index.close()


class TestColumnsOnDisk(SearchIndexContract):
    @pytest.fixture
    def index(self, tmp_path: Path) -> Iterator[SearchIndex]:
        index = ColumnIndex(tmp_path / "index.sqlite", ancestors=ancestors, summary=summary, bookkeeping=BOOKKEEPING)
        yield index
        index.close()
