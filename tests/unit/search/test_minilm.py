"""The real model: its own numbers, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from records.errors import StoreError
from search import minilm, minilm_graph
from search.minilm import DIMENSION, MOST_TOKENS, TOKENIZER, WEIGHTS, MiniLm
from search.minilm import _package_directory as package_directory

ALIKE = 0.98


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(cache: Path) -> MiniLm:
    return MiniLm(cache)


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> onnxruntime.InferenceSession:
    """The network with numbers of 32 bits."""
    network = tmp_path_factory.mktemp("exact") / "network.onnx"
    minilm_graph.write_network(minilm_graph.read_weights(package_directory() / WEIGHTS), network)
    return onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])


def exact_vector(exact: onnxruntime.InferenceSession, text: str) -> np.ndarray:
    tokenizer = Tokenizer.from_file(str(package_directory() / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    vector = exact.run(None, {"ids": np.array(tokenizer.encode(text).ids)})[0]
    return np.asarray(vector / np.linalg.norm(vector))


def test_the_network_gives_the_numbers_that_its_authors_publish(exact: onnxruntime.InferenceSession) -> None:
    # The first numbers for this sentence on the page of the model.
    vector = exact_vector(exact, "This is an example sentence")
    assert vector[:4] == pytest.approx([0.06765690, 0.06349597, 0.04871311, 0.07930496], abs=1e-5)


def test_8_bits_are_as_good_as_32(model: MiniLm, exact: onnxruntime.InferenceSession, repository: Path) -> None:
    paragraphs = [text for page in sorted((repository / "docs").glob("*.md")) for text in page.read_text().split("\n\n")]
    texts = [text for text in paragraphs if len(text.split()) > 8][:200]
    assert len(texts) == 200
    cosines = [float(vector @ exact_vector(exact, text)) for text, vector in zip(texts, model.embed(texts), strict=True)]
    assert min(cosines) >= ALIKE


def test_what_means_the_same_is_near(model: MiniLm) -> None:
    cell, same, other = model.embed(
        ["cylindrical lithium iron phosphate cell", "round LFP battery cell", "the opening hours of the town hall"]
    )
    assert float(cell @ same) > 0.5 > 0.1 > float(cell @ other)
    assert cell.shape == (DIMENSION,)
    assert cell.dtype == np.float32
    assert float(np.linalg.norm(cell)) == pytest.approx(1, abs=1e-6)


def test_a_vector_depends_on_its_text_alone(model: MiniLm) -> None:
    texts = ["graphite", "a much longer text about the ageing of cells at low temperature, and about how to measure it", ""]
    alone = [model.embed([text])[0].tobytes() for text in texts]
    assert [vector.tobytes() for vector in model.embed(texts)] == alone
    assert [vector.tobytes() for vector in model.embed(texts[::-1])] == alone[::-1]


def test_what_is_too_long_is_cut(model: MiniLm) -> None:
    beginning = "cell " * 400
    one, other = model.embed([f"{beginning} with graphite", f"{beginning} with silicon"])
    assert one.tobytes() == other.tobytes()


def test_the_network_is_made_once(model: MiniLm, cache: Path) -> None:
    (network,) = cache.iterdir()
    made = network.stat().st_mtime_ns
    again = MiniLm(cache)
    assert network.stat().st_mtime_ns == made
    assert again.embed(["cell"])[0].tobytes() == model.embed(["cell"])[0].tobytes()


def test_a_directory_with_the_files_is_as_good_as_the_package(model: MiniLm, cache: Path, tmp_path: Path) -> None:
    shutil.copy(package_directory() / TOKENIZER, tmp_path)  # the network is there already
    assert MiniLm(cache, tmp_path).embed(["cell"])[0].tobytes() == model.embed(["cell"])[0].tobytes()


@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER])
def test_other_files_are_refused(name: str, tmp_path: Path) -> None:
    files, cache = tmp_path / "files", tmp_path / "cache"
    files.mkdir()
    for each in (WEIGHTS, TOKENIZER):
        shutil.copy(package_directory() / each, files)
    content = bytearray((files / name).read_bytes())
    content[-1] ^= 1
    (files / name).write_bytes(content)
    with pytest.raises(StoreError, match=f"{name} is not the official file"):
        MiniLm(cache, files)
    assert not list(cache.glob("*.onnx"))


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"tokenizer\.json: No such file"):
        MiniLm(tmp_path, tmp_path / "nothing")


def test_a_package_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    assert not minilm.is_installed()
    with pytest.raises(StoreError, match="not installed") as caught:
        MiniLm(tmp_path)
    assert "docs/embeddings.md" in caught.value.remedy


def test_a_damaged_network_is_told_with_a_remedy(tmp_path: Path, cache: Path, model: MiniLm) -> None:
    (network,) = cache.iterdir()
    (tmp_path / network.name).write_bytes(network.read_bytes()[:1000])
    with pytest.raises(StoreError, match="cannot be used") as caught:
        MiniLm(tmp_path)
    assert "cache_dir" in caught.value.remedy


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(StoreError, match="file: ") as caught:
        MiniLm(tmp_path / "file")
    assert "cache_dir" in caught.value.remedy
