"""What an 8-billion-parameter video LLM costs on this GPU: prefill, decode, batch, memory, tokens.

    python bench/gpu_vlm.py --out gpu_vlm.json
    python bench/gpu_vlm.py --shape tiny --device cpu     # a rehearsal where there is no GPU

The model has the shape of Qwen3-VL-8B and random weights: time and memory do not depend on what it
says. Every number is the median of `--repeat` runs after one that is not counted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longtake.models.client.token_cost import MARKS, family_of, vision_tokens

WORDS = 64  # tokens of question and system line
START, END, IMAGE = 1, 2, 3  # ids of the marks
SHAPES: dict[str, dict[str, dict[str, Any]]] = {
    "8b": {
        "text": {"hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36,
                 "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
                 "vocab_size": 151936},
        "vision": {"depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "num_heads": 16,
                   "out_hidden_size": 4096, "deepstack_visual_indexes": [8, 16, 24]},
    },
    "tiny": {
        "text": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                 "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32,
                 "vocab_size": 512},
        "vision": {"depth": 2, "hidden_size": 64, "intermediate_size": 128, "num_heads": 2,
                   "out_hidden_size": 64, "deepstack_visual_indexes": [0]},
    },
}  # fmt: skip


def build(shape: str, device: str) -> Any:
    """Return a model with random weights, made on the device."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    parts = SHAPES[shape]
    head = parts["text"]["head_dim"]
    third = head // 6
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_interleaved": True,
            "mrope_section": [head // 2 - 2 * third, third, third]}  # fmt: skip
    config = Qwen3VLConfig(
        text_config=parts["text"] | {"rope_parameters": rope, "max_position_embeddings": 262144},
        vision_config=parts["vision"],
        image_token_id=IMAGE, vision_start_token_id=START, vision_end_token_id=END,
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float32 if device == "cpu" else torch.bfloat16)
    try:
        with torch.device(device):
            return Qwen3VLForConditionalGeneration(config).eval().requires_grad_(False)
    finally:
        torch.set_default_dtype(torch.float32)


def inputs_of(model: Any, frames: int, size: tuple[int, int], batch: int = 1) -> dict[str, Any]:
    """Return a request about frames of noise, each of (width, height), as a processor makes it."""
    from transformers import Qwen2VLImageProcessor

    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (frames, 3, size[1], size[0]), dtype=np.uint8)
    vision = model.config.vision_config
    processor = Qwen2VLImageProcessor(
        patch_size=vision.patch_size,
        merge_size=vision.spatial_merge_size,
        temporal_patch_size=vision.temporal_patch_size,
        size={"shortest_edge": 1, "longest_edge": size[0] * size[1] * 2},
    )
    made = processor(images=list(torch.from_numpy(pixels)), return_tensors="pt")
    words = model.config.text_config.vocab_size - 1
    ids = [words] * WORDS
    for grid in made["image_grid_thw"]:
        ids += [START, *[IMAGE] * (int(grid.prod()) // vision.spatial_merge_size**2), END]
    ids = torch.tensor([ids] * batch, device=model.device)
    return {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "mm_token_type_ids": (ids == IMAGE).int(),
        "pixel_values": made["pixel_values"].to(model.device, model.dtype).repeat(batch, 1),
        "image_grid_thw": made["image_grid_thw"].to(model.device).repeat(batch, 1),
    }


def seconds(work: Callable[[], Any], repeat: int, device: str) -> float:
    """Return the median wall time, seconds, of finished work."""
    found = []
    for _ in range(repeat + 1):
        began = time.perf_counter()
        work()
        if device != "cpu":
            torch.cuda.synchronize()
        found.append(time.perf_counter() - began)
    return statistics.median(found[1:])


def measure(
    model: Any, frames: int, size: tuple[int, int], batch: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Return what one request, or a batch of equal ones, costs."""
    device = options.device
    given = inputs_of(model, frames, size, batch)
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()

    def write(count: int) -> Any:
        kept = {"max_new_tokens": count, "min_new_tokens": count, "do_sample": False}
        return model.generate(**given, **kept, pad_token_id=0)

    with torch.inference_mode():
        first = seconds(lambda: write(1), options.repeat, device)
        both = seconds(lambda: write(1 + options.tokens), options.repeat, device)
    seen = int((given["input_ids"][0] == IMAGE).sum())
    peak = 0.0 if device == "cpu" else torch.cuda.max_memory_allocated() / 2**30
    return {
        "frames": frames, "size": f"{size[0]}x{size[1]}", "batch": batch,
        "tokens": given["input_ids"].shape[1] - WORDS,
        "formula": vision_tokens(family_of("Qwen3-VL"), frames, size) + MARKS * frames,
        "vision_tokens": seen, "prefill_s": first, "tokens_per_s": batch * seen / first,
        "decode_ms": 1000 * (both - first) / options.tokens, "peak_gib": peak,
    }  # fmt: skip


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description="Measure a video LLM on this GPU.")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="8b")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--frames", type=int, nargs="+", default=[8, 32, 64, 128])
    parser.add_argument("--sizes", nargs="+", default=["448x256", "896x512"], help="WIDTHxHEIGHT")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--tokens", type=int, default=32, help="written after the first")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.device != "cpu" and not torch.cuda.is_available():
        parser.error("--device cuda: there is no GPU here; rehearse with --shape tiny --device cpu")
    name = "CPU" if options.device == "cpu" else torch.cuda.get_device_name()
    model, rows = build(options.shape, options.device), []
    print(f"{options.shape} on {name}, {model.num_parameters() / 1e9:.2f} billion parameters")
    print("frames     size batch  tokens formula  prefill  tokens/s  decode   peak")
    for size in (tuple(map(int, text.split("x"))) for text in options.sizes):
        for frames in options.frames:
            for batch in options.batches:
                row = measure(model, frames, size, batch, options)
                rows.append(row)
                print("{frames:6} {size:>8} {batch:5} {tokens:7} {formula:7} {prefill_s:7.3f}s "
                      "{tokens_per_s:9.0f} {decode_ms:5.1f}ms {peak_gib:5.1f}G".format(**row),
                      flush=True)  # fmt: skip
    if options.out:
        found = {"device": name, "shape": options.shape, "rows": rows}
        options.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
