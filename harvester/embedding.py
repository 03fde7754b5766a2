"""Embeds what the index has no vector of yet. Each batch is kept when it is made: interrupted, it goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from search.embeddings import Embedder
from search.index import SearchIndex

AT_ONCE: Final = 100_000
"""So many summaries are held in memory."""

OnProgress = Callable[[int, int], None]
"""Called with the number of summaries done and the number there are."""


def embed_new(index: SearchIndex, embedder: Embedder, *, batch: int = 256, on_progress: OnProgress | None = None) -> int:
    """Give every summary a vector that has none of this model, and return how many there were.

    Args:
        index: Where summaries and vectors are.
        embedder: The model.
        batch: Vectors written in one transaction.
        on_progress: Told after every batch.

    Raises:
        StoreError: The model cannot be used or the index not be written; what was written before stays.
    """
    done = 0
    while found := index.unembedded(embedder.name, limit=AT_ONCE):
        total = done + len(found)
        left = iter(found.items())
        while group := dict(islice(left, batch)):
            vectors = embedder.embed(list(group.values()))
            index.embed(embedder.name, dict(zip(group, vectors, strict=True)))
            done += len(group)
            if on_progress:
                on_progress(done, total)
    return done
