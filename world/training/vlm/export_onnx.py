"""Write the picture tower and the decoder of the embedded VLM as ONNX graphs.

    python -m longtake.world.training.vlm.export_onnx FOLDER

The graphs are those of Qwen3-VL (`transformers.models.qwen3_vl`) without DeepStack, for pictures of
one size in a call; positions come in from outside (`world/vlm/onnx_model.py`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from longtake.world.training.onnx_graph import Graph, given
from longtake.world.vlm.onnx_model import DECODER, TOWER, WEIGHTS

FLOAT = 1  # of ONNX's types
EPSILON = 1e-6


def export(folder: Path) -> None:
    """Write the graphs beside the weights of a folder.

    Raises:
        ValueError: the model uses DeepStack, or a picture of it spans several frames.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    vision = config["vision_config"]
    if vision["deepstack_visual_indexes"] or vision["temporal_patch_size"] != 1:
        raise ValueError("only a tower without DeepStack and with single frames is exported")
    _export_tower(Graph(folder / WEIGHTS), vision, folder / TOWER)
    _export_decoder(Graph(folder / WEIGHTS), config["text_config"], folder / DECODER)


def _export_tower(graph: Graph, about: Mapping[str, Any], path: Path) -> None:
    """From pixels [n, H, W, 3] to tokens [n, tokens, width of the decoder].

    Patches are in order of rows; `order` brings those together that become one token.
    """
    width, patch, merged = about["hidden_size"], about["patch_size"], about["spatial_merge_size"]
    heads = about["num_heads"]
    x = graph.op("Cast", "pixels", to=FLOAT)
    x = graph.op("Div", graph.op("Sub", x, graph.constant(127.5)), graph.constant(63.75))
    x = graph.op("Transpose", x, perm=[0, 3, 1, 2])
    kernel = graph.weight("model.visual.patch_embed.proj.weight")
    kernel = graph.op("Reshape", kernel, graph.shape(width, 3, patch, patch))
    bias = graph.weight("model.visual.patch_embed.proj.bias")
    x = graph.op("Conv", x, kernel, bias, strides=[patch, patch])
    x = graph.op("Transpose", graph.op("Reshape", x, graph.shape(0, width, -1)), perm=[0, 2, 1])
    x = graph.op("Add", x, "places")
    for block in (f"model.visual.blocks.{layer}" for layer in range(about["depth"])):
        inner = graph.layer(graph.normalised(x, f"{block}.norm1", EPSILON), f"{block}.attn.qkv")
        apart = graph.shape(0, 0, heads, width // heads)
        query, key, value = (
            graph.op("Transpose", graph.op("Reshape", part, apart), perm=[0, 2, 1, 3])
            for part in graph.split(inner, 3)
        )
        seen = graph.attention(_turned(graph, query), _turned(graph, key), value, width // heads)
        seen = graph.op("Transpose", seen, perm=[0, 2, 1, 3])
        seen = graph.op("Reshape", seen, graph.shape(0, 0, width))
        x = graph.op("Add", x, graph.layer(seen, f"{block}.attn.proj"))
        inner = graph.normalised(x, f"{block}.norm2", EPSILON)
        inner = graph.op("Gelu", graph.layer(inner, f"{block}.mlp.linear_fc1"))
        x = graph.op("Add", x, graph.layer(inner, f"{block}.mlp.linear_fc2"))
    x = graph.normalised(x, "model.visual.merger.norm", EPSILON)
    x = graph.op("Gather", x, "order", axis=1)
    x = graph.op("Reshape", x, graph.shape(0, -1, width * merged**2))
    x = graph.op("Gelu", graph.layer(x, "model.visual.merger.linear_fc1"))
    x = graph.layer(x, "model.visual.merger.linear_fc2")
    side = width // heads
    inputs = [
        given("pixels", ["n", "height", "width", 3], "UINT8"),
        given("places", ["patches", width]),
        given("cos", ["patches", side]),
        given("sin", ["patches", side]),
        given("order", ["patches"], "INT64"),
    ]
    graph.save(path, inputs, {x: ["n", "tokens", about["out_hidden_size"]]})


def _export_decoder(graph: Graph, about: Mapping[str, Any], path: Path) -> None:
    """From states [n, tokens, width] and what was read before to the logits of the next token."""
    heads, side, groups = about["num_attention_heads"], about["head_dim"], _groups(about)
    layers, width = about["num_hidden_layers"], about["hidden_size"]
    x, keys, values = "states", [], []
    for number in range(layers):
        layer = f"model.language_model.layers.{number}"
        inner = _scaled(graph, x, f"{layer}.input_layernorm")
        query = _heads(graph, graph.linear(inner, f"{layer}.self_attn.q_proj.weight"), heads, side)
        query = _turned(graph, _scaled(graph, query, f"{layer}.self_attn.q_norm"))
        key = _heads(graph, graph.linear(inner, f"{layer}.self_attn.k_proj.weight"), groups, side)
        key = _turned(graph, _scaled(graph, key, f"{layer}.self_attn.k_norm"))
        value = _heads(graph, graph.linear(inner, f"{layer}.self_attn.v_proj.weight"), groups, side)
        key, value = (
            graph.op(
                "Concat", graph.op("Gather", f"past_{name}", _number(graph, number)), new, axis=2
            )
            for name, new in (("keys", key), ("values", value))
        )
        keys.append(graph.op("Unsqueeze", key, graph.shape(0)))
        values.append(graph.op("Unsqueeze", value, graph.shape(0)))
        # the queries of a group of heads share its keys and values
        query = graph.op("Reshape", query, graph.shape(0, groups, heads // groups, -1, side))
        key, value = (graph.op("Unsqueeze", each, graph.shape(2)) for each in (key, value))
        seen = graph.attention(query, key, value, side, "mask", axes=5)
        seen = graph.op("Reshape", seen, graph.shape(0, heads, -1, side))
        seen = graph.op("Transpose", seen, perm=[0, 2, 1, 3])
        seen = graph.op("Reshape", seen, graph.shape(0, 0, heads * side))
        x = graph.op("Add", x, graph.linear(seen, f"{layer}.self_attn.o_proj.weight"))
        inner = _scaled(graph, x, f"{layer}.post_attention_layernorm")
        gate = graph.linear(inner, f"{layer}.mlp.gate_proj.weight")
        gate = graph.op("Mul", gate, graph.op("Sigmoid", gate))
        inner = graph.op("Mul", gate, graph.linear(inner, f"{layer}.mlp.up_proj.weight"))
        x = graph.op("Add", x, graph.linear(inner, f"{layer}.mlp.down_proj.weight"))
    x = graph.op("Gather", x, _number(graph, -1), axis=1)
    x = _scaled(graph, x, "model.language_model.norm")
    logits = graph.linear(x, "model.language_model.embed_tokens.weight")
    kept = [layers, "n", groups, "so far", side]
    inputs = [
        given("states", ["n", "tokens", width]),
        given("cos", ["n", 1, "tokens", side]),
        given("sin", ["n", 1, "tokens", side]),
        given("mask", ["n", 1, 1, "tokens", "all"]),
        given("past_keys", kept),
        given("past_values", kept),
    ]
    kept = [layers, "n", groups, "all", side]
    outputs = {
        logits: ["n", about["vocab_size"]],
        graph.op("Concat", *keys, axis=0): kept,
        graph.op("Concat", *values, axis=0): kept,
    }
    graph.save(path, inputs, outputs)


def _groups(about: Mapping[str, Any]) -> int:
    return int(about["num_key_value_heads"])


def _number(graph: Graph, value: int) -> str:
    return graph.constant(value, "int64")


def _heads(graph: Graph, x: str, heads: int, side: int) -> str:
    """[n, tokens, heads * side] to [n, heads, tokens, side]."""
    apart = graph.op("Reshape", x, graph.shape(0, 0, heads, side))
    return graph.op("Transpose", apart, perm=[0, 2, 1, 3])


def _turned(graph: Graph, x: str) -> str:
    """Turn heads by rotary positions."""
    first, second = graph.split(x, 2)
    half = graph.op("Concat", graph.op("Neg", second), first, axis=-1)
    return graph.op("Add", graph.op("Mul", x, "cos"), graph.op("Mul", half, "sin"))


def _scaled(graph: Graph, x: str, name: str) -> str:
    """RMS normalisation over the last axis."""
    square = graph.op("ReduceMean", graph.op("Mul", x, x), graph.shape(-1), keepdims=1)
    root = graph.op("Sqrt", graph.op("Add", square, graph.constant(EPSILON)))
    return graph.op("Mul", graph.op("Div", x, root), graph.weight(f"{name}.weight"))


if __name__ == "__main__":
    export(Path(sys.argv[1]))
