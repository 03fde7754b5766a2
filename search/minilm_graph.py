"""The network of all-MiniLM-L6-v2 as an ONNX file, made from its published weights.

Six layers of BERT (https://arxiv.org/abs/1810.04805), mean of the last states: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
One text at a time and no padding: a number of an int8 network depends on all that goes through it together, and the vector of a
record must not depend on other records. Only `search/minilm.py` uses this, once for each home.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

LAYERS: Final = 6
HEADS: Final = 12
WIDTH: Final = 384
OPSET: Final = 17
IR_VERSION: Final = 8
INPUT: Final = "ids"
OUTPUT: Final = "vector"

_PREPARED: Final = {"onnx.quant.pre_process": "onnxruntime.quant"}
"""Tells the quantiser that there is nothing to simplify before it begins, or it warns."""

Weights = Mapping[str, NDArray[np.float32]]


def read_weights(file: Path) -> Weights:
    """The tensors of a safetensors file: a length, a JSON header of that length, the numbers.

    See https://huggingface.co/docs/safetensors/index#format

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no safetensors file.
    """
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    data = memoryview(content)[8 + length :]
    return {
        name: np.frombuffer(data[slice(*tensor["data_offsets"])], np.float32).reshape(tensor["shape"])
        for name, tensor in header.items()
        if name != "__metadata__" and tensor["dtype"] == "F32"
    }


def write_network(weights: Weights, file: Path) -> None:
    """Write the network with numbers of 32 bits."""
    onnx.save(_Network(weights).model(), file)


def write_int8(network: Path, file: Path) -> None:
    """Write the network with numbers of 8 bits, a scale for each column of a matrix: a quarter of the size, twice as fast."""
    quantize_dynamic(network, file, per_channel=True, weight_type=QuantType.QInt8)


class _Network:
    """Writes down one step after the other; each gives the name of what it makes."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> Any:
        """The whole network."""
        state = self._embedding()
        for layer in range(LAYERS):
            state = self._layer(f"encoder.layer.{layer}", state)
        self._add("ReduceMean", [state], output=OUTPUT, axes=[0], keepdims=0)
        graph = helper.make_graph(
            self._nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["tokens"])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [WIDTH])],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        helper.set_model_props(model, _PREPARED)
        onnx.checker.check_model(model)
        return model

    def _embedding(self) -> str:
        """Word, place and kind of each token."""
        words = self._add("Gather", [self._weight("embeddings.word_embeddings.weight"), INPUT])
        start, length = self._constant("start", np.array([0])), self._add("Shape", [INPUT])
        places = self._add("Slice", [self._weight("embeddings.position_embeddings.weight"), start, length])
        kind = self._constant("kind", self._weights["embeddings.token_type_embeddings.weight"][0])
        return self._normed("embeddings.LayerNorm", self._sum(self._sum(words, places), kind))

    def _layer(self, name: str, state: str) -> str:
        attended = self._linear([f"{name}.attention.output.dense"], self._attention(f"{name}.attention.self", state))
        state = self._normed(f"{name}.attention.output.LayerNorm", self._sum(attended, state))
        wide = self._gelu(self._linear([f"{name}.intermediate.dense"], state))
        return self._normed(f"{name}.output.LayerNorm", self._sum(self._linear([f"{name}.output.dense"], wide), state))

    def _attention(self, name: str, state: str) -> str:
        """Each token looks at all others, in every head for itself; all arrays are ``(heads, tokens, WIDTH / HEADS)``."""
        together = self._linear([f"{name}.query", f"{name}.key", f"{name}.value"], state)
        shape = self._constant("heads", np.array([-1, 3, HEADS, WIDTH // HEADS]))
        by_head = self._add("Transpose", [self._add("Reshape", [together, shape])], perm=[1, 2, 0, 3])
        query, key, value = (
            self._add("Gather", [by_head, self._constant(f"part{part}", np.array(part))], axis=0) for part in range(3)
        )
        near = self._add("MatMul", [query, self._add("Transpose", [key], perm=[0, 2, 1])])
        scale = self._constant("scale", np.array((WIDTH // HEADS) ** -0.5, np.float32))
        looked = self._add("MatMul", [self._add("Softmax", [self._add("Mul", [near, scale])], axis=-1), value])
        flat = self._constant("flat", np.array([-1, WIDTH]))
        return self._add("Reshape", [self._add("Transpose", [looked], perm=[1, 0, 2]), flat])

    def _linear(self, names: Sequence[str], state: str) -> str:
        """One matrix and bias, or several beside each other."""
        matrix = np.concatenate([self._weights[f"{name}.weight"] for name in names]).T
        bias = np.concatenate([self._weights[f"{name}.bias"] for name in names])
        product = self._add("MatMul", [state, self._constant(f"{names[0]}.matrix", np.ascontiguousarray(matrix))])
        return self._sum(product, self._constant(f"{names[0]}.bias", bias))

    def _gelu(self, state: str) -> str:
        """``x · (1 + erf(x / √2)) / 2``."""
        error = self._add("Erf", [self._add("Div", [state, self._constant("root", np.array(2**0.5, np.float32))])])
        grown = self._add("Mul", [state, self._add("Add", [error, self._constant("one", np.array(1, np.float32))])])
        return self._add("Mul", [grown, self._constant("half", np.array(0.5, np.float32))])

    def _normed(self, name: str, state: str) -> str:
        scale, shift = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._add("LayerNormalization", [state, scale, shift], axis=-1, epsilon=1e-12)

    def _sum(self, one: str, other: str) -> str:
        return self._add("Add", [one, other])

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, numbers: NDArray[Any]) -> str:
        if all(constant.name != name for constant in self._constants):
            self._constants.append(numpy_helper.from_array(numbers, name))
        return name

    def _add(self, operator: str, inputs: Sequence[str], *, output: str = "", **attributes: Any) -> str:
        made = output or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [made], **attributes))
        return made
