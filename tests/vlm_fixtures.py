"""Tiny video LLMs with random weights, saved the way that real ones are."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longtake.index.film.frames import Frames

SIZE = (288, 160)
ROOT = Path(__file__).resolve().parent.parent


def training_module(name: str) -> Any:
    """Import a module of train/, which is not installed; the root itself stays off the path."""
    if "train" not in sys.modules:
        package = types.ModuleType("train")
        package.__path__ = [str(ROOT / "train")]
        sys.modules["train"] = package
    return importlib.import_module(f"train.{name}")


def tiny_qwen(folder: Path) -> Path:
    """Save a Qwen3-VL of the embedded model's class, with its tokenizer and processor."""
    model = training_module("eye_model")
    torch.manual_seed(0)
    shape = model.Shape(width=64, layers=2, heads=2, groups=1, inner=96)
    model.export_model(model.build_model(shape), folder)
    return folder


def tiny_smolvlm(folder: Path) -> Path:
    """Save a SmolVLM: another class, another template, another way to mark pictures."""
    from transformers import (
        PreTrainedTokenizerFast,
        SmolVLMConfig,
        SmolVLMForConditionalGeneration,
        SmolVLMImageProcessor,
        SmolVLMProcessor,
        SmolVLMVideoProcessor,
    )

    marks = [
        "<image>",
        "<fake_token_around_image>",
        "<global-img>",
        "<end_of_utterance>",
        "<video>",
    ]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=training_module("eye_tokenizer").build_tokenizer(), eos_token="<end_of_utterance>",
        pad_token="<|endoftext|>", padding_side="left",
    )  # fmt: skip
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    side = {"longest_edge": 64}
    template = (
        "{% for message in messages %}{{ message['role'] }}:{% for part in message['content'] %}"
        "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
        "{% endfor %}<end_of_utterance>\n{% endfor %}"
        "{% if add_generation_prompt %}assistant:{% endif %}"
    )
    SmolVLMProcessor(
        SmolVLMImageProcessor(size=side, max_image_size=side, do_image_splitting=False),
        tokenizer, SmolVLMVideoProcessor(size=side, max_image_size=side),
        image_seq_len=4, chat_template=template,
    ).save_pretrained(folder)  # fmt: skip
    config = SmolVLMConfig(
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,  # pyright: ignore[reportCallIssue]
        vision_config={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
                       "num_attention_heads": 2, "image_size": 64, "patch_size": 16},
        text_config={"model_type": "llama", "vocab_size": len(tokenizer), "hidden_size": 32,
                     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
                     "num_key_value_heads": 1, "pad_token_id": tokenizer.pad_token_id},
    )  # fmt: skip
    torch.manual_seed(0)
    SmolVLMForConditionalGeneration(config).save_pretrained(folder)
    return folder


def noise(count: int, seed: int = 0, size: tuple[int, int] = SIZE) -> Frames:
    """Return frames of noise, two seconds apart."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (count, size[1], size[0], 3), dtype=np.uint8)
    return Frames(pixels, np.arange(count) * 2.0)
