"""Queries as JSON and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.errors import BodyError, LimitError
from records.record import EntityKind
from search.query import (
    VALUE_FACETS,
    ConceptPart,
    EitherPart,
    EntityPart,
    Expansion,
    Order,
    Part,
    QuantityPart,
    Query,
    Sense,
    TextPart,
    ValuePart,
    YearPart,
)
from search.query_json import MAX_CONDITIONS, MAX_PARTS, MAX_TEXT, MAX_WAYS, query_from_json, query_to_json
from tests.unit.search.asked import Asked

TEXT = st.text(max_size=12)
IRIS = st.frozensets(TEXT, max_size=4)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.lists(TEXT, max_size=3).map(tuple)
YEAR = st.none() | st.integers(0, 9999)


@st.composite
def roles(draw: st.DrawFn) -> dict[str, object]:
    iri = draw(TEXT)
    return {"role": iri, "role_label": draw(TEXT) if iri else "", "roles": draw(IRIS) if iri else frozenset()}


@st.composite
def concept_parts(draw: st.DrawFn) -> ConceptPart:
    meant = draw(st.lists(st.tuples(TEXT, TEXT), max_size=3))
    senses = st.lists(st.builds(Sense, TEXT, TEXT, st.integers(0, 99)), max_size=3).map(tuple)
    return ConceptPart(
        draw(TEXT),
        tuple(iri for iri, _ in meant),
        tuple(label for _, label in meant),
        draw(IRIS),
        score=draw(st.floats(0, 1)),
        words=draw(WORDS),
        expansion=draw(st.sampled_from(Expansion)),
        senses=draw(senses),
        negated=draw(st.booleans()),
        **draw(roles()),  # type: ignore[arg-type]
    )


@st.composite
def quantity_parts(draw: st.DrawFn, depth: int = 1) -> QuantityPart:
    flag = st.booleans()
    conditions = draw(st.lists(quantity_parts(0), max_size=2)) if depth else []
    return QuantityPart(
        draw(TEXT),
        draw(IRIS),
        draw(WORDS),
        draw(NUMBER),
        draw(NUMBER),
        draw(flag),
        draw(flag),
        draw(TEXT),
        draw(TEXT),
        asked=draw(TEXT),
        conditions=tuple(conditions),
        rule=draw(TEXT),
        negated=draw(flag),
        **draw(roles()),  # type: ignore[arg-type]
    )


PARTS: st.SearchStrategy[Part] = st.one_of(
    concept_parts(),
    quantity_parts(),
    st.builds(EntityPart, TEXT, st.none() | st.sampled_from(EntityKind), WORDS, TEXT, TEXT, st.booleans()),
    st.builds(ValuePart, TEXT, st.sampled_from(sorted(VALUE_FACETS)), TEXT, st.booleans()),
    st.builds(YearPart, TEXT, YEAR, YEAR, st.booleans(), st.booleans()),
    st.builds(TextPart, TEXT, st.booleans()),
)
EITHER = st.builds(EitherPart, TEXT, st.lists(st.lists(PARTS, max_size=2).map(tuple), max_size=3).map(tuple), st.booleans())


@st.composite
def orders(draw: st.DrawFn) -> Order:
    order = Order(draw(TEXT), draw(IRIS), draw(WORDS), draw(TEXT), draw(TEXT), draw(st.booleans()))
    return replace(order, **draw(roles()))  # type: ignore[arg-type]


ORDERS = orders()


@settings(max_examples=300, deadline=None)
@given(st.builds(Query, TEXT, st.lists(PARTS | EITHER, max_size=5).map(tuple), st.none() | ORDERS))
def test_a_query_comes_back_as_it_was(query: Query) -> None:
    again = query_from_json(json.loads(json.dumps(query_to_json(query))))
    assert again == query
    assert query_to_json(again) == query_to_json(query)  # what is only shown comes back too


def test_a_real_question_comes_back_as_it_was() -> None:
    query = Asked().query("lightest NMC or NCA cathode not pouch, high power, at least 3000 cycles at 25 °C, since 2020, warranty")
    assert len(query.parts) == 6
    assert query.order is not None
    assert query_from_json(json.loads(json.dumps(query_to_json(query)))) == query


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ([], "The query is no object"),
        ({"parts": []}, "/text is missing"),
        ({"text": "a", "extra": 1}, "unknown field 'extra'"),
        ({"text": "a", "parts": {}}, "/parts is no list"),
        ({"text": "a", "parts": [1]}, "/parts/0/type"),
        ({"text": "a", "parts": [{"type": "magic", "text": "a"}]}, "/parts/0/type"),
        ({"text": "a", "parts": [{"type": "text"}]}, "/parts/0/text is missing"),
        ({"text": "a", "parts": [{"type": "text", "text": "a", "negated": "no"}]}, "/parts/0/negated"),
        ({"text": "a", "parts": [{"type": "concept", "text": "a", "concepts": ["x"]}]}, "/parts/0/concepts/0"),
        ({"text": "a", "parts": [{"type": "concept", "text": "a", "expansion": "all"}]}, "/parts/0/expansion"),
        ({"text": "a", "parts": [{"type": "quantity", "text": "a", "minimum": True}]}, "/parts/0/minimum"),
        ({"text": "a", "parts": [{"type": "quantity", "text": "a", "maximum": float("inf")}]}, "/parts/0/maximum"),
        ({"text": "a", "parts": [{"type": "quantity", "text": "a", "minimum": 10**400}]}, "/parts/0/minimum"),
        ({"text": "a", "parts": [{"type": "entity", "text": "a", "kind": "dog"}]}, "/parts/0/kind"),
        ({"text": "a", "parts": [{"type": "value", "text": "a", "facet": "concept", "value": "x"}]}, "/parts/0/facet"),
        ({"text": "a", "parts": [{"type": "year", "text": "a", "first": 2019.5}]}, "/parts/0/first"),
        ({"text": "a", "parts": [{"type": "either", "text": "a", "ways": [{}]}]}, "/parts/0/ways/0"),
        ({"text": "a", "parts": [{"type": "either", "text": "a", "ways": [[{"type": "either"}]]}]}, "/parts/0/ways/0/0/type"),
        ({"text": "a", "order": []}, "/order"),
    ],
)
def test_a_fault_says_where_and_how_to_mend_it(sent: object, place: str) -> None:
    with pytest.raises(BodyError) as fault:
        query_from_json(sent)
    assert place in fault.value.message
    assert fault.value.remedy


def test_what_is_too_large_is_refused() -> None:
    word = {"type": "text", "text": "a"}
    inner = {"type": "quantity", "text": "a"}
    for sent in (
        {"text": "a" * (MAX_TEXT + 1)},
        {"text": "a", "parts": [word] * (MAX_PARTS + 1)},
        {"text": "a", "parts": [{**inner, "conditions": [inner] * (MAX_CONDITIONS + 1)}]},
        {"text": "a", "parts": [{"type": "either", "text": "a", "ways": [[word]] * (MAX_WAYS + 1)}]},
        {"text": "a", "parts": [{**inner, "conditions": [{**inner, "conditions": [inner]}]}]},
    ):
        with pytest.raises(LimitError) as fault:
            query_from_json(sent)
        assert fault.value.remedy


def test_what_may_be_left_out_has_its_default() -> None:
    sent = {
        "text": "a",
        "parts": [{"type": "concept", "text": "LFP", "concepts": [{"iri": "urn:lfp"}], "role": {"iri": "urn:role"}}],
    }
    (part,) = query_from_json(sent).parts
    assert part == ConceptPart("LFP", ("urn:lfp",), ("",), frozenset(), role="urn:role")  # `completed` says what they reach
