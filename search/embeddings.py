"""Port: texts to vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from search.index import Vector


class Embedder(Protocol):
    """A model that turns texts into vectors of length 1, near to each other where the texts mean the same."""

    @property
    def name(self) -> str:
        """Model, version and precision in one word: part of the index, which holds the vectors of one model only."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, the same text the same vector.

        Raises:
            StoreError: The model cannot be used.
        """
