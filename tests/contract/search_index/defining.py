"""Every answer beside its definition, for records and questions drawn at random."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.record import EntityKind, Record
from records.rights import Audiences
from search.bins import bins_between, bounded, limits
from search.index import SearchIndex, Vector
from search.names import fold_name
from search.query import (
    QuantityPart,
    Query,
)
from tests.contract.search_index.examples import (
    BOOKKEEPING,
    FACETS,
    NAMES,
    a_vector,
    ancestors,
    asking,
    clicked,
    corpora,
    in_thirds,
    quantity_parts,
    queries,
    readers,
    summary,
    summary_hash,
    told,
    vectors,
)
from tests.unit.search.plain_index import PlainIndex


class Defining:
    """What every `SearchIndex` answers, by definition."""

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
        index.apply([], index.ids())
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
        counted = [query, asking(), *(replace(query, parts=(part,)) for part in query.parts), replace(query, order=None)]
        expected_counts = plain.count(counted, audiences)
        assert index.count(counted, audiences) == expected_counts
        count = index.counter(audiences)  # what it worked out for one question must not spoil the next
        assert (count(counted), count(counted[::-1])[::-1]) == (expected_counts, expected_counts)
        assert index.concept_counts(audiences) == plain.concept_counts(audiences)
        for kind in EntityKind:
            assert index.names(kind, audiences) == plain.names(kind, audiences)
        folded = [fold_name(name) for name in NAMES]
        assert index.named(folded, audiences) == plain.named(folded, audiences)
        for number in [part for part in query.parts if isinstance(part, QuantityPart)]:
            assert index.histogram(query, number, audiences, in_thirds) == plain.histogram(query, number, audiences, in_thirds)
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
        index.apply([], index.ids())
        index.apply(corpus)
        page = index.search(query, audiences, facets=FACETS)
        for facet, counts in page.facets.items():
            for one in counts:
                after = index.search(query.with_parts((*query.parts, clicked(facet, one.value))), audiences)
                assert (facet, one.value, after.total) == (facet, one.value, one.count)

    @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
    @given(corpus=corpora, query=queries, number=quantity_parts, audiences=readers)
    def test_a_click_on_a_bar_finds_as_many_as_it_said(
        self, index: SearchIndex, corpus: list[Record], query: Query, number: QuantityPart, audiences: Audiences
    ) -> None:
        index.apply([], index.ids())
        index.apply(corpus)
        any_number = replace(number, minimum=None, maximum=None, negated=False)
        query = replace(query, parts=(*query.parts, any_number))
        told = index.histogram(query, any_number, audiences, lambda low, high: limits(any_number, bins_between(low, high).edges))
        if told is None:
            return
        clicks = bounded(any_number, bins_between(told.low, told.high).edges)
        assert len(clicks) == len(told.counts)
        for click, count in zip(clicks, told.counts, strict=True):
            after = index.search(replace(query, parts=(*query.parts[:-1], click)), audiences)
            assert (after.total == count) if count else after.relaxed or not after.total
