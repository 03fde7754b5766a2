"""The embedder for any other model, on a graphics card where there is one: by sentence-transformers, an extra that is large."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from records.errors import StoreError
from search.index import Vector


class SentenceModel:
    """A model of sentence-transformers (https://sbert.net). A text's vector depends on the text alone.

    Args:
        model: A directory, or a name that was downloaded before: nothing is downloaded here.

    Raises:
        StoreError: The library or the model is not there.
    """

    def __init__(self, model: str) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"  # `local_files_only` alone still asks the hub for its newest version of a name
        try:
            from sentence_transformers import SentenceTransformer  # takes seconds to import

            self._model: Any = SentenceTransformer(model, local_files_only=True)
        except ImportError as error:
            raise StoreError(
                "sentence-transformers is not installed.", "Run in the checkout: pip install -e '.[sentence-transformers]'"
            ) from error
        except (OSError, ValueError) as error:
            why = str(error).partition("\n")[0]
            raise StoreError(f"The embedding model {model} cannot be read: {why}", "Name a directory that holds it.") from error
        self._name = f"sentence-transformers:{model}"
        self._dimension = len(self.embed(["A cell."])[0])

    @property
    def name(self) -> str:
        """The model as the settings name it."""
        return self._name

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 for each text.

        Raises:
            StoreError: The model cannot be used.
        """
        try:
            # One by one: beside others the last digits change, and so a public record's place would tell of a forbidden one.
            vectors = self._model.encode(list(texts), batch_size=1, normalize_embeddings=True, show_progress_bar=False)
        except RuntimeError as error:  # what torch raises, on a card without memory too
            raise StoreError(f"The embedding model {self._name} failed: {error}", "Choose another embedding_model.") from error
        return list(np.asarray(vectors, np.float32))
