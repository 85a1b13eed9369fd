"""Write the two towers of an encoder as ONNX graphs, so that using it needs no torch.

    python -m longtake.world.training.encoder.export_onnx FOLDER

The graphs hold no weights of their own: each initializer names its bytes in the folder's
`open_clip_model.safetensors`, which stays the one copy and the encoder's identity.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save_model

from ...perception.encoder import PICTURES, TEXTS, WEIGHTS

OPSET = 20
EPSILON = 1e-5  # of layer normalisation, as in torch
TYPES = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT}


class Graph:
    """Nodes of a graph in the making; every method returns the name of what it computes.

    Args:
        weights: header of the safetensors file, name to type, shape and offsets.
        start: where the weights begin in that file, bytes.
    """

    def __init__(self, weights: Mapping[str, Any], start: int) -> None:
        self._weights, self._start = weights, start
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

    def weight(self, name: str) -> str:
        """Add a weight of the safetensors file, as float32."""
        if name not in self.initializers:
            about = self._weights[name]
            first, end = about["data_offsets"]
            tensor = TensorProto(name=name, dims=about["shape"], data_type=TYPES[about["dtype"]])
            tensor.data_location = TensorProto.EXTERNAL
            where = {"location": WEIGHTS, "offset": self._start + first, "length": end - first}
            for key, value in where.items():
                tensor.external_data.add(key=key, value=str(value))
            self.initializers[name] = tensor
        return self.op("Cast", name, to=TensorProto.FLOAT)

    def linear(self, x: str, weight: str, bias: str) -> str:
        """Multiply with a weight [out, in] and add a bias."""
        turned = self.op("Transpose", self.weight(weight), perm=[1, 0])
        return self.op("Add", self.op("MatMul", x, turned), self.weight(bias))

    def normalised(self, x: str, layer: str) -> str:
        """Layer normalisation over the last axis."""
        both = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.op("LayerNormalization", x, *both, axis=-1, epsilon=EPSILON)

    def blocks(self, x: str, prefix: str, width: int, heads: int, mask: str | None) -> str:
        """All blocks of a transformer, [N, tokens, width] to the same."""
        for layer in range(self._count(prefix)):
            block = f"{prefix}.{layer}"
            seen = self._attention(self.normalised(x, f"{block}.ln_1"), block, width, heads, mask)
            x = self.op("Add", x, seen)
            inner = self.normalised(x, f"{block}.ln_2")
            inner = self.linear(inner, f"{block}.mlp.c_fc.weight", f"{block}.mlp.c_fc.bias")
            inner = self.op("Gelu", inner)
            inner = self.linear(inner, f"{block}.mlp.c_proj.weight", f"{block}.mlp.c_proj.bias")
            x = self.op("Add", x, inner)
        return x

    def _count(self, prefix: str) -> int:
        return sum(name.startswith(f"{prefix}.") for name in self._weights) // 12

    def _attention(self, x: str, block: str, width: int, heads: int, mask: str | None) -> str:
        names = (f"{block}.attn.in_proj_weight", f"{block}.attn.in_proj_bias")
        apart = self.constant([0, 0, heads, width // heads], np.int64)
        query, key, value = (
            self.op("Reshape", part, apart) for part in self.split(self.linear(x, *names), 3)
        )
        query = self.op("Transpose", query, perm=[0, 2, 1, 3])
        key = self.op("Transpose", key, perm=[0, 2, 3, 1])
        value = self.op("Transpose", value, perm=[0, 2, 1, 3])
        scale = self.constant((width // heads) ** -0.5)
        scores = self.op("Mul", self.op("MatMul", query, key), scale)
        if mask is not None:
            scores = self.op("Add", scores, mask)
        mixed = self.op("MatMul", self.op("Softmax", scores, axis=-1), value)
        mixed = self.op("Transpose", mixed, perm=[0, 2, 1, 3])
        mixed = self.op("Reshape", mixed, self.constant([0, 0, width], np.int64))
        return self.linear(mixed, f"{block}.attn.out_proj.weight", f"{block}.attn.out_proj.bias")

    def finish(self, result: str, given: Any, shape: list[Any], path: Path) -> None:
        """Project nothing more: scale to unit length, check and save."""
        unit = self.op("LpNormalization", result, axis=-1, p=2)
        out = helper.make_tensor_value_info(unit, TensorProto.FLOAT, shape)
        graph = helper.make_graph(
            self.nodes, path.stem, [given], [out], list(self.initializers.values())
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = 10
        save_model(model, str(path))
        checker.check_model(str(path))


def read_header(path: Path) -> tuple[dict[str, Any], int]:
    """Return the header of a safetensors file and where its data begin, bytes."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(length)), 8 + length


def export(folder: Path) -> None:
    """Write the graphs of both towers beside the weights of a folder."""
    header, start = read_header(folder / WEIGHTS)
    config = json.loads((folder / "open_clip_config.json").read_text("utf-8"))
    _export_texts(Graph(header, start), config["model_cfg"], folder / TEXTS)
    _export_pictures(Graph(header, start), config, folder / PICTURES)


def _export_texts(graph: Graph, config: Mapping[str, Any], path: Path) -> None:
    about = config["text_cfg"]
    length, width = about["context_length"], about["width"]
    given = helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", length])
    mask = graph.constant(np.triu(np.full((length, length), -np.inf), 1))
    x = graph.op("Gather", graph.weight("token_embedding.weight"), "ids")
    x = graph.op("Add", x, graph.weight("positional_embedding"))
    x = graph.blocks(x, "transformer.resblocks", width, about["heads"], mask)
    x = graph.normalised(x, "ln_final")
    ends = graph.op("Equal", "ids", graph.constant(about["eos_id"], np.int64))
    ends = graph.op("Cast", ends, to=TensorProto.INT32)
    last = graph.op("ArgMax", ends, axis=-1, keepdims=1)
    x = graph.op("GatherND", x, last, batch_dims=1)
    x = graph.op("MatMul", x, graph.weight("text_projection"))
    graph.finish(x, given, ["n", config["embed_dim"]], path)


def _export_pictures(graph: Graph, config: Mapping[str, Any], path: Path) -> None:
    about, prepared = config["model_cfg"]["vision_cfg"], config["preprocess_cfg"]
    height, width, patch = *about["image_size"], about["patch_size"]
    given = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", height, width, 3])
    x = graph.op("Cast", "pixels", to=TensorProto.FLOAT)
    x = graph.op("Div", x, graph.constant(255))
    x = graph.op("Sub", x, graph.constant(prepared["mean"]))
    x = graph.op("Div", x, graph.constant(prepared["std"]))
    x = graph.op("Transpose", x, perm=[0, 3, 1, 2])
    x = graph.op("Conv", x, graph.weight("visual.conv1.weight"), strides=[patch, patch])
    x = graph.op("Reshape", x, graph.constant([0, about["width"], -1], np.int64))
    x = graph.op("Transpose", x, perm=[0, 2, 1])
    shape = graph.op("Concat", *_class_shape(graph, about["width"]), axis=0)
    first = graph.op("Expand", graph.weight("visual.class_embedding"), shape)
    x = graph.op("Concat", first, x, axis=1)
    x = graph.normalised(
        graph.op("Add", x, graph.weight("visual.positional_embedding")), "visual.ln_pre"
    )
    heads = about["width"] // about["head_width"]
    x = graph.blocks(x, "visual.transformer.resblocks", about["width"], heads, None)
    ends = (graph.constant([value], np.int64) for value in (1, np.iinfo(np.int64).max, 1))
    patches = graph.op("Slice", x, *ends)
    mean = graph.op("ReduceMean", patches, graph.constant([1], np.int64), keepdims=1)
    x = graph.normalised(graph.op("Concat", mean, patches, axis=1), "visual.ln_post")
    x = graph.op("MatMul", x, graph.weight("visual.proj"))
    tokens = 1 + (height // patch) * (width // patch)
    graph.finish(x, given, ["n", tokens, config["model_cfg"]["embed_dim"]], path)


def _class_shape(graph: Graph, width: int) -> Iterator[str]:
    """Yield what the shape of the class tokens is joined from: [N], [1, width]."""
    yield graph.op("Shape", "pixels", start=0, end=1)
    yield graph.constant([1, width], np.int64)


if __name__ == "__main__":
    export(Path(sys.argv[1]))
