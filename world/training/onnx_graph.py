"""ONNX graphs written node by node, with their weights left in a safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save_model

OPSET = 20
TYPES = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT}


class Graph:
    """Nodes of a graph in the making; every method returns the name of what it computes.

    The graph holds no weights of its own: each initializer names its bytes in the safetensors file
    beside it, which stays the one copy and the model's identity.

    Args:
        weights: the safetensors file.
    """

    def __init__(self, weights: Path) -> None:
        self._file = weights.name
        self.weights, self._start = read_header(weights)
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def split(self, value: str, parts: int) -> list[str]:
        """Cut the last axis into equal parts."""
        names = [f"Split_{len(self.nodes)}_{part}" for part in range(parts)]
        node = helper.make_node("Split", [value], names, axis=-1, num_outputs=parts)
        self.nodes.append(node)
        return names

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """Add a small array."""
        name = f"constant_{len(self.initializers)}"
        self.initializers[name] = numpy_helper.from_array(np.asarray(value, dtype), name)
        return name

    def shape(self, *sides: int) -> str:
        """Add the shape of a Reshape: 0 keeps a side, -1 takes what is left."""
        return self.constant(sides, np.int64)

    def weight(self, name: str) -> str:
        """Add a weight of the safetensors file, as float32."""
        if name not in self.initializers:
            about = self.weights[name]
            first, end = about["data_offsets"]
            tensor = TensorProto(name=name, dims=about["shape"], data_type=TYPES[about["dtype"]])
            tensor.data_location = TensorProto.EXTERNAL
            where = {"location": self._file, "offset": self._start + first, "length": end - first}
            for key, value in where.items():
                tensor.external_data.add(key=key, value=str(value))
            self.initializers[name] = tensor
        return self.op("Cast", name, to=TensorProto.FLOAT)

    def linear(self, x: str, weight: str, bias: str | None = None) -> str:
        """Multiply with a weight [out, in] and add a bias."""
        x = self.op("MatMul", x, self.op("Transpose", self.weight(weight), perm=[1, 0]))
        return x if bias is None else self.op("Add", x, self.weight(bias))

    def layer(self, x: str, name: str) -> str:
        """Apply the linear layer of a name, with its bias."""
        return self.linear(x, f"{name}.weight", f"{name}.bias")

    def normalised(self, x: str, layer: str, epsilon: float = 1e-5) -> str:
        """Layer normalisation over the last axis."""
        both = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.op("LayerNormalization", x, *both, axis=-1, epsilon=epsilon)

    def attention(
        self, query: str, key: str, value: str, width: int, mask: str | None = None, axes: int = 4
    ) -> str:
        """Attention of heads [..., tokens, width] with so many axes."""
        scaled = self.op("Mul", query, self.constant(width**-0.5))
        turned = [*range(axes - 2), axes - 1, axes - 2]
        scores = self.op("MatMul", scaled, self.op("Transpose", key, perm=turned))
        if mask is not None:
            scores = self.op("Add", scores, mask)
        return self.op("MatMul", self.op("Softmax", scores, axis=-1), value)

    def save(self, path: Path, inputs: Sequence[Any], outputs: Mapping[str, Any]) -> None:
        """Check the graph and write it beside the weights.

        Args:
            path: the file.
            inputs: from `given`.
            outputs: name of what was computed to its shape; the first output comes first.
        """
        infos = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ]
        graph = helper.make_graph(
            self.nodes, path.stem, list(inputs), infos, list(self.initializers.values())
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = 10
        save_model(model, str(path))
        checker.check_model(str(path))


def given(name: str, shape: Sequence[int | str], kind: str = "FLOAT") -> Any:
    """Describe an input: its shape, names for free sides, and its ONNX type."""
    return helper.make_tensor_value_info(name, getattr(TensorProto, kind), list(shape))


def read_header(path: Path) -> tuple[dict[str, Any], int]:
    """Return the header of a safetensors file and where its data begin, bytes."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(length)), 8 + length
