"""Embedding what has no vector yet: all of it, once, and on where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harvester.embedding import embed_new
from records.errors import StoreError
from records.rights import PUBLIC
from search.columns.index import ColumnIndex
from search.index import Vector
from search.minilm import MiniLm
from tests.unit.search.test_similar import CONCEPTS, record


class Counting:
    """An embedder that notes what it was asked, and may fail."""

    def __init__(self, name: str = "m", *, fails_after: int | None = None) -> None:
        self.name = name
        self.dimension = 2
        self.asked: list[str] = []
        self._fails_after = fails_after

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        if self._fails_after is not None and len(self.asked) >= self._fails_after:
            raise StoreError("The model failed.")
        self.asked += texts
        return [np.array([1, 0], np.float32) for _ in texts]


@pytest.fixture
def index() -> ColumnIndex:
    made = ColumnIndex(None, ancestors=CONCEPTS.ancestors, summary=lambda one: one.title)
    made.apply([record(f"cell {number}") for number in range(10)])
    return made


def test_every_summary_is_embedded_once_and_progress_is_told(index: ColumnIndex) -> None:
    model, told = Counting(), list[tuple[int, int]]()
    assert embed_new(index, model, batch=4, on_progress=lambda done, total: told.append((done, total))) == 10
    assert sorted(model.asked) == sorted(f"cell {number}" for number in range(10))
    assert told == [(4, 10), (8, 10), (10, 10)]
    assert embed_new(index, model) == 0
    assert len(model.asked) == 10


def test_what_was_made_before_an_interruption_is_kept(index: ColumnIndex) -> None:
    with pytest.raises(StoreError):
        embed_new(index, Counting(fails_after=4), batch=4)
    rest = Counting()
    assert embed_new(index, rest, batch=4) == 6


def test_records_with_the_same_summary_share_a_vector(index: ColumnIndex) -> None:
    index.apply([record("x/cell 0")])
    model = Counting()
    embed_new(index, model)
    assert len(model.asked) == 11
    index.apply([record("cell 0")])
    assert embed_new(index, model) == 0


def test_another_model_embeds_everything_anew(index: ColumnIndex) -> None:
    embed_new(index, Counting("one"))
    assert embed_new(index, Counting("other")) == 10


def test_the_real_model_finds_what_means_the_same(tmp_path: Path) -> None:
    index = ColumnIndex(None, ancestors=CONCEPTS.ancestors, summary=lambda one: one.title)
    titles = ("lithium iron phosphate battery, cylindrical", "coin cell with zinc electrode", "ageing test at low temperature")
    index.apply([record(title) for title in titles])
    model = MiniLm(tmp_path)
    assert embed_new(index, model) == 3
    from search.query import Query

    (question,) = model.embed(["round LFP battery"])
    (nearest, cosine), *_ = index.neighbours(question, Query("", ()), PUBLIC)
    assert nearest == f"s/{titles[0]}"
    assert cosine > 0.4
