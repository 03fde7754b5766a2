"""Nothing that a reader may not read influences what the reader gets: the answers with and without it are equal, byte for byte.

Records, rights and questions are random, 10 000 questions in all. One index holds everything; the other holds only what the reader
(or everybody) may read, and other content wherever the reader may not read files. What they are asked goes from the methods of the
index up to the whole search: suggestions, facets, explanations, histograms, cursors, help where nothing is found, and errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.units import Units
from records.errors import VoltagraphError
from records.record import EntityKind, Record
from records.rights import PUBLIC, Audiences
from search.columns.index import ColumnIndex
from search.index import SearchIndex, Vector
from search.matching import explain
from search.query import Facet, QuantityPart, Query
from search.service import Edits, SearchServices, Wish, search, suggest
from tests.unit.search.plain_index import PlainIndex
from tests.unit.search.random_records import CONCEPTS, IDS, KINDS, NAMES, WORDS, Choice, ancestors, embedding, summary

WORLDS = 250
QUESTIONS = 40
"""Questions to the index in each world: 10 000 in all."""
ASKED = 3
"""Questions to the whole search in each world."""


class Near:
    """A model, so that vectors take part."""

    name = "near"
    dimension = 36

    def embed(self, texts: Any) -> list[Vector]:
        return [embedding(text) for text in texts]


def may_read_metadata(record: Record, reader: Audiences) -> bool:
    return not reader.isdisjoint(record.rights.read_metadata)


def may_read_files(record: Record, reader: Audiences) -> bool:
    return may_read_metadata(record, reader) and not reader.isdisjoint(record.rights.read_files)


def an_index() -> SearchIndex:
    return ColumnIndex(None, ancestors=ancestors, summary=summary)


def filled(index: SearchIndex, *batches: list[Record]) -> SearchIndex:
    """The index after these batches, each removing the one before, with a vector for every summary."""
    before: list[Record] = []
    for batch in batches:
        index.apply(batch, removed=[record.id for record in before if record.id not in {one.id for one in batch}])
        before = batch
    missing = index.unembedded("near")
    index.embed("near", {key: embedding(text) for key, text in missing.items()})
    return index


def text_of(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=lambda one: sorted(one) if isinstance(one, frozenset) else str(one))


def pages(index: SearchIndex, query: Query, reader: Audiences, vector: Vector | None) -> Iterator[object]:
    """All pages by cursor; the cursor itself holds the name of a state, which changes with every write."""
    after = ""
    for _ in range(9):
        page = index.search(query, reader, vector=vector, facets=tuple(Facet), limit=2, after=after)
        yield {**asdict(page), "after": bool(page.after), "generation": ""}
        yield [explain(query, hit.record) for hit in page.hits]
        after = page.after
        if not after:
            return


def in_steps(low: float, high: float) -> list[float]:
    return [low, (2 * low + high) / 3, (low + 2 * high) / 3, high]


def told_by_index(index: SearchIndex, query: Query, reader: Audiences, choice: Choice) -> str:
    vector = embedding(query.text) if choice.chance(0.5) else None
    told: list[object] = [*pages(index, query, reader, vector), index.count([query], reader)]
    for part in query.parts:
        if isinstance(part, QuantityPart):
            histogram = index.histogram(query, part, reader, in_steps)
            told += [histogram and asdict(histogram), index.nearest_values(query, part, reader)]
    told.append(index.neighbours(embedding(query.text), query, reader, limit=3))
    return text_of(told)


def told_of_all(index: SearchIndex, reader: Audiences) -> str:
    """What an index tells without a question."""
    got = [index.get(record_id, reader) for record_id in (*IDS, "bma/none")]
    vectors = [index.vector_of(record_id, reader) for record_id in IDS]
    names = [asdict(one) for kind in EntityKind for one in index.names(kind, reader)]
    named = [asdict(one) for one in index.named({"panasonic", "lg", "nobody"}, reader)]
    return text_of(
        [
            [record and asdict(record) for record in got],
            [vector is not None and vector.tolist() for vector in vectors],
            sorted((iri, count) for iri, count in index.concept_counts(reader).items() if count),
            names,
            named,
        ]
    )


def told_by_search(services: SearchServices, query: Query, reader: Audiences, choice: Choice) -> str:
    """The whole search, for a query and for free words, with edits of which some fit nothing."""
    words = " ".join(choice.some((*WORDS, *NAMES, "above 5 Ah", "LFP", "not", "from", "2019", "lightest"), 4))
    edits = Edits(
        chosen=tuple(choice.some(((Facet.CONCEPT, "urn:a"), (Facet.MANUFACTURER, "panasonic"), (Facet.YEAR, "2019")), 1)),
        without=tuple(choice.some((0, 7), 1)),
        sort=choice.random.choice(["", "", *KINDS]),
    )
    told: list[object] = []
    for question in (query, words):
        try:
            answer = search(services, question, reader, edits=edits, wish=Wish(reaches=True, score_parts=True), limit=4)
            told.append({**answer.to_json(), "after": bool(answer.after), "query": asdict(answer.query)})
        except VoltagraphError as error:
            told.append([type(error).__name__, error.message, error.remedy])
    told += [[one.to_json() for one in suggest(services, prefix, reader, limit=20)] for prefix in ("pan", "ok", "lithiumiron")]
    return text_of(told)


@pytest.fixture(scope="module")
def search_over() -> Callable[[SearchIndex], SearchServices]:
    concepts = Concepts(packaged_facts())
    lookup, units = Lookup(concepts), Units(concepts.facts)
    return lambda index: SearchServices(index, lookup, concepts, units, Near())


def test_what_may_not_be_read_changes_no_byte_of_any_answer(search_over: Callable[[SearchIndex], SearchServices]) -> None:
    """Also when forbidden records were written first, between the others, or in an older form that is readable no more."""
    differing = 0
    for world in range(WORLDS):
        choice = Choice(world)
        reader, present, earlier = choice.audiences(), choice.records(), choice.records(3)
        readable = [record for record in present if may_read_metadata(record, reader) or may_read_metadata(record, PUBLIC)]
        seen = [
            record if may_read_files(record, reader) or may_read_files(record, PUBLIC) else replace(record, **choice.content())
            for record in readable
        ]
        differing += seen != present
        whole, alone = filled(an_index(), earlier, present), filled(an_index(), seen)
        assert told_of_all(whole, reader) == told_of_all(alone, reader), world
        for number in range(QUESTIONS):
            query, seed = choice.query(), 1_000_000 * number + world
            one, other = (told_by_index(index, query, reader, Choice(seed)) for index in (whole, alone))
            assert one == other, (world, number, query)
            if number < ASKED:
                one, other = (told_by_search(search_over(index), query, reader, Choice(seed)) for index in (whole, alone))
                assert one == other, (world, number, query)
        whole.close()
        alone.close()
    assert differing > WORLDS / 2


def test_the_comparison_notices_a_leak() -> None:
    """An index that counts what it does not show is told apart."""

    class Leaking(PlainIndex):
        def concept_counts(self, audiences: Audiences) -> dict[str, int]:
            return dict(super().concept_counts(frozenset({*audiences, "bma/user:1"})))

    secret = replace(Choice(1).record("bma/0"), concepts=(replace(Choice(2).use(), concept=CONCEPTS[0]),))
    secret = replace(
        secret, rights=replace(secret.rights, read_metadata=frozenset({"bma/user:1"}), read_files=frozenset({"bma/user:1"}))
    )
    whole, alone = Leaking(ancestors), Leaking(ancestors)
    whole.apply([secret])
    assert told_of_all(whole, PUBLIC) != told_of_all(alone, PUBLIC)
    honest = PlainIndex(ancestors)
    honest.apply([secret])
    assert told_of_all(honest, PUBLIC) == told_of_all(alone, PUBLIC)
