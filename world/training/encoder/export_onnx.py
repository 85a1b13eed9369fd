"""Write the two towers of an encoder as ONNX graphs, so that using it needs no torch.

python -m longtake.world.training.encoder.export_onnx FOLDER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from longtake.world.perception.encoder import PICTURES, TEXTS, WEIGHTS
from longtake.world.training.onnx_graph import Graph, given

INT32 = 6  # of ONNX's types
FLOAT = 1
LAYER_WEIGHTS = 12  # tensors of one block


def export(folder: Path) -> None:
    """Write the graphs of both towers beside the weights of a folder."""
    config = json.loads((folder / "open_clip_config.json").read_text("utf-8"))
    _export_texts(Graph(folder / WEIGHTS), config["model_cfg"], folder / TEXTS)
    _export_pictures(Graph(folder / WEIGHTS), config, folder / PICTURES)


def _export_texts(graph: Graph, config: Mapping[str, Any], path: Path) -> None:
    about = config["text_cfg"]
    length, width = about["context_length"], about["width"]
    mask = graph.constant(np.triu(np.full((length, length), -np.inf), 1))
    x = graph.op("Gather", graph.weight("token_embedding.weight"), "ids")
    x = graph.op("Add", x, graph.weight("positional_embedding"))
    x = _blocks(graph, x, "transformer.resblocks", width, about["heads"], mask)
    x = graph.normalised(x, "ln_final")
    ends = graph.op("Equal", "ids", graph.constant(about["eos_id"], np.int64))
    last = graph.op("ArgMax", graph.op("Cast", ends, to=INT32), axis=-1, keepdims=1)
    x = graph.op("GatherND", x, last, batch_dims=1)
    x = graph.op("MatMul", x, graph.weight("text_projection"))
    x = graph.op("LpNormalization", x, axis=-1, p=2)
    graph.save(path, [given("ids", ["n", length], "INT64")], {x: ["n", config["embed_dim"]]})


def _export_pictures(graph: Graph, config: Mapping[str, Any], path: Path) -> None:
    about, prepared = config["model_cfg"]["vision_cfg"], config["preprocess_cfg"]
    height, width, patch = *about["image_size"], about["patch_size"]
    x = graph.op("Cast", "pixels", to=FLOAT)
    x = graph.op("Div", x, graph.constant(255))
    x = graph.op("Sub", x, graph.constant(prepared["mean"]))
    x = graph.op("Div", x, graph.constant(prepared["std"]))
    x = graph.op("Transpose", x, perm=[0, 3, 1, 2])
    x = graph.op("Conv", x, graph.weight("visual.conv1.weight"), strides=[patch, patch])
    x = graph.op("Reshape", x, graph.shape(0, about["width"], -1))
    x = graph.op("Transpose", x, perm=[0, 2, 1])
    count = graph.op("Shape", "pixels", start=0, end=1)
    shape = graph.op("Concat", count, graph.shape(1, about["width"]), axis=0)
    first = graph.op("Expand", graph.weight("visual.class_embedding"), shape)
    x = graph.op("Concat", first, x, axis=1)
    x = graph.op("Add", x, graph.weight("visual.positional_embedding"))
    x = graph.normalised(x, "visual.ln_pre")
    heads = about["width"] // about["head_width"]
    x = _blocks(graph, x, "visual.transformer.resblocks", about["width"], heads, None)
    ends = (graph.shape(value) for value in (1, np.iinfo(np.int64).max, 1))
    patches = graph.op("Slice", x, *ends)
    mean = graph.op("ReduceMean", patches, graph.shape(1), keepdims=1)
    x = graph.normalised(graph.op("Concat", mean, patches, axis=1), "visual.ln_post")
    x = graph.op("MatMul", x, graph.weight("visual.proj"))
    x = graph.op("LpNormalization", x, axis=-1, p=2)
    tokens = 1 + (height // patch) * (width // patch)
    pixels = given("pixels", ["n", height, width, 3], "UINT8")
    graph.save(path, [pixels], {x: ["n", tokens, config["model_cfg"]["embed_dim"]]})


def _blocks(graph: Graph, x: str, prefix: str, width: int, heads: int, mask: str | None) -> str:
    """All blocks of a transformer, [N, tokens, width] to the same."""
    count = sum(name.startswith(f"{prefix}.") for name in graph.weights) // LAYER_WEIGHTS
    for block in (f"{prefix}.{layer}" for layer in range(count)):
        inner = graph.normalised(x, f"{block}.ln_1")
        names = (f"{block}.attn.in_proj_weight", f"{block}.attn.in_proj_bias")
        apart = graph.shape(0, 0, heads, width // heads)
        query, key, value = (
            graph.op("Transpose", graph.op("Reshape", part, apart), perm=[0, 2, 1, 3])
            for part in graph.split(graph.linear(inner, *names), 3)
        )
        seen = graph.attention(query, key, value, width // heads, mask)
        seen = graph.op("Transpose", seen, perm=[0, 2, 1, 3])
        seen = graph.op("Reshape", seen, graph.shape(0, 0, width))
        x = graph.op("Add", x, graph.layer(seen, f"{block}.attn.out_proj"))
        inner = graph.layer(graph.normalised(x, f"{block}.ln_2"), f"{block}.mlp.c_fc")
        x = graph.op("Add", x, graph.layer(graph.op("Gelu", inner), f"{block}.mlp.c_proj"))
    return x


if __name__ == "__main__":
    export(Path(sys.argv[1]))
