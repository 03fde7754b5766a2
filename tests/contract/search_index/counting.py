"""Names, numbers and vectors."""

from __future__ import annotations

import numpy as np
import pytest

from records.record import Entity, EntityKind
from records.rights import NOBODY, PUBLIC, Rights
from search.index import Histogram, SearchIndex
from search.query import (
    TextPart,
)
from search.ranking import SIMILARITY
from tests.contract.search_index.examples import (
    DIMENSION,
    a_capacity,
    a_record,
    a_vector,
    asking,
    capacity,
    concept,
    summary,
    summary_hash,
)


class Counting:
    """Names, numbers and vectors in every `SearchIndex`."""

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
        asked = []

        def cut(low: float, high: float) -> list[float]:
            asked.append((low, high))
            return [0.0, 18000.0, 40000.0]

        assert index.histogram(asking(), capacity(7), PUBLIC, cut) == Histogram(0.0, 36000.0, (1, 2), 2)
        assert index.histogram(asking(), capacity(None, None, "urn:other"), PUBLIC, cut) is None
        assert asked == [(0.0, 36000.0)]

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
        assert index.model == ""
        index.embed("old", {summary_hash(record): a_vector(1)})
        assert index.model == "old"
        assert index.unembedded("new") == {summary_hash(record): summary(record)}
        other = np.ones(3, np.float32) / np.sqrt(np.float32(3))
        index.embed("new", {summary_hash(record): other})
        assert (index.unembedded("new"), index.model) == ({}, "new")
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
