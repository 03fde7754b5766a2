"""The embedder for any other model, on a graphics card where there is one: by sentence-transformers, an extra that is large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from records.errors import StoreError
from search.index import Vector

BATCH = 32
"""Texts that go through the model at once."""


class SentenceModel:
    """A model of sentence-transformers (https://sbert.net).

    Args:
        model: A directory, or a name that was downloaded before: nothing is downloaded here.

    Raises:
        StoreError: The library or the model is not there.
    """

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer  # takes seconds to import

            self._model: Any = SentenceTransformer(model, local_files_only=True)
        except ImportError as error:
            raise StoreError(
                "sentence-transformers is not installed.", "pip install 'voltagraph[sentence-transformers]'"
            ) from error
        except (OSError, ValueError) as error:
            raise StoreError(f"The embedding model {model} cannot be read: {error}", "Name a directory that holds it.") from error
        self._name = f"sentence-transformers:{model}"

    @property
    def name(self) -> str:
        """The model as the settings name it."""
        return self._name

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._model.get_sentence_embedding_dimension())

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 for each text.

        Raises:
            StoreError: The model cannot be used.
        """
        try:
            vectors = self._model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        except RuntimeError as error:  # what torch raises, on a card without memory too
            raise StoreError(f"The embedding model {self._name} failed: {error}", "Choose another embedding_model.") from error
        return list(np.asarray(vectors, np.float32))
