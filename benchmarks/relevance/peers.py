"""What ours is compared with: BM25, vectors, and both joined by reciprocal ranks. They rank all records and never say "nothing"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import tantivy

if TYPE_CHECKING:
    from records.record import Record
    from search.embeddings import Embedder

_RRF = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Buettcher 2009)."""


class Bm25:
    """Title and text of every record in tantivy, its default tokenizer; any word of the question may match."""

    def __init__(self, records: Sequence[Record]) -> None:
        schema = tantivy.SchemaBuilder()
        for name in ("title", "text"):
            schema.add_text_field(name, stored=False)
        schema.add_text_field("id", stored=True, tokenizer_name="raw")
        self._index = tantivy.Index(schema.build())
        writer = self._index.writer(heap_size=64_000_000, num_threads=1)
        for record in records:
            writer.add_document(tantivy.Document(title=record.title, text=record.text, id=record.id))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._count = len(records)

    def rank(self, text: str) -> list[str]:
        """Ids of all records that have a word of the question, best first."""
        searcher = self._index.searcher()
        words = "".join(c if c.isalnum() else " " for c in text)
        query = self._index.parse_query_lenient(words, ["title", "text"])[0]
        return [searcher.doc(address)["id"][0] for _, address in searcher.search(query, limit=self._count).hits]


class Vectors:
    """Embeddings of the records' summaries, all compared with that of the question."""

    def __init__(self, records: Sequence[Record], embedder: Embedder, summary: Callable[[Record], str]) -> None:
        self._ids = [record.id for record in records]
        self._embedder = embedder
        self._vectors = np.asarray(embedder.embed([summary(record) for record in records]))

    def rank(self, text: str) -> list[str]:
        """Ids of all records, nearest first."""
        nearness = self._vectors @ np.asarray(self._embedder.embed([text])[0])
        return [self._ids[row] for row in np.argsort(-nearness, kind="stable")]


def fused(*rankings: Sequence[str]) -> list[str]:
    """Reciprocal rank fusion.

    >>> fused(["a", "b"], ["b", "c"])
    ['b', 'a', 'c']
    """
    points: dict[str, float] = {}
    for ranking in rankings:
        for place, name in enumerate(ranking, 1):
            points[name] = points.get(name, 0) + 1 / (_RRF + place)
    return sorted(points, key=lambda name: (-points[name], name))


def reordered(found: Sequence[str], ranking: Sequence[str]) -> list[str]:
    """What was found, in the order of another ranking; what that lacks comes last."""
    places: Mapping[str, int] = {name: place for place, name in enumerate(ranking)}
    return sorted(found, key=lambda name: places.get(name, len(places)))
