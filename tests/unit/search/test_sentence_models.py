"""Models of sentence-transformers, for real: the files of MiniLM that the dev package ships, and a network that may not be used."""

from __future__ import annotations

import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import build_services
from app.settings import Settings
from harvester.embedding import embed_new
from records.errors import StoreError
from records.rights import PUBLIC
from search.columns.index import ColumnIndex
from search.minilm import _package_directory as package_directory
from search.query import Query
from search.sentence_models import SentenceModel
from tests.unit.search.test_similar import CONCEPTS, record

pytestmark = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="the extra 'sentence-transformers' is not installed: it brings torch"
)
TEXTS = ("LFP cell", "A much longer text about graphite anodes and cathodes of lithium iron phosphate. " * 5, "cell", "Zelle ⚡")


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    return SentenceModel(str(package_directory()))


def test_the_numbers_are_those_that_the_authors_publish(model: SentenceModel) -> None:
    (vector,) = model.embed(["This is an example sentence"])
    assert vector[:4] == pytest.approx([0.06765690, 0.06349597, 0.04871311, 0.07930496], abs=1e-5)
    assert (model.dimension, vector.dtype.name, len(vector)) == (384, "float32", 384)
    assert float(vector @ vector) == pytest.approx(1, abs=1e-5)


def test_a_vector_depends_on_its_text_alone(model: SentenceModel) -> None:
    together = model.embed(TEXTS)
    backwards = model.embed(TEXTS[::-1])[::-1]
    for text, one, other in zip(TEXTS, together, backwards, strict=True):
        assert model.embed([text])[0].tobytes() == one.tobytes() == other.tobytes()
    assert model.embed([]) == []


@pytest.mark.parametrize("name", ["nowhere/at-all", "/nowhere", "empty"])
def test_what_is_not_there_is_told_and_not_downloaded(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refused(*address: Any) -> None:
        asked.append(address)
        raise OSError("something outside was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with pytest.raises(StoreError, match="cannot be read") as caught:
        SentenceModel(str(tmp_path) if name == "empty" else name)
    assert "\n" not in str(caught.value)
    assert asked == []


def test_the_setting_chooses_it_and_the_index_finds_by_its_vectors(tmp_path: Path) -> None:
    name = f"sentence-transformers:{package_directory()}"
    embedder = build_services(Settings(home=tmp_path, embedding_model=name)).embedder
    assert embedder is not None
    assert embedder.name == name
    index = ColumnIndex(None, ancestors=CONCEPTS.ancestors, summary=lambda one: one.title)
    index.apply([record("graphite anode"), record("price of apples"), record("lithium battery")])
    assert embed_new(index, embedder) == 3
    assert index.unembedded(name) == {}
    (near, *_) = index.neighbours(embedder.embed(["negative electrode of carbon"])[0], Query("", ()), PUBLIC)
    assert near[0] == "s/graphite anode"
