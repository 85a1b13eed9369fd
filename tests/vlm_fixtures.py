"""Tiny video LLMs with random weights, saved the way that real ones are."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longtake.index.video.frames import Frames

SIZE = (288, 160)

# one picture a mark, whatever the class makes of it
_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}:{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}END\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"
)


def training_module(name: str) -> Any:
    """Import a module of world/training by its name, with its room (`vlm.model`) or without."""
    rooms = [""] if "." in name else ["clips.", "lessons.", "vlm.", "encoder.", "detector."]
    for room in rooms:
        full = f"longtake.world.training.{room}{name}"
        if importlib.util.find_spec(full) is not None:
            return importlib.import_module(full)
    raise ModuleNotFoundError(name)


def tiny_qwen(folder: Path) -> Path:
    """Save a Qwen3-VL of the embedded model's class, with its tokenizer and processor."""
    model = training_module("vlm.model")
    torch.manual_seed(0)
    shape = model.Shape(width=64, layers=2, heads=2, groups=1, inner=96)
    model.export_model(model.build_model(shape), folder)
    return folder


def tiny_smolvlm(folder: Path) -> Path:
    """Save a SmolVLM: another class, another template, another way to mark pictures."""
    from transformers import (
        SmolVLMConfig,
        SmolVLMForConditionalGeneration,
        SmolVLMImageProcessor,
        SmolVLMProcessor,
        SmolVLMVideoProcessor,
    )

    marks = (
        "<image>",
        "<fake_token_around_image>",
        "<global-img>",
        "<end_of_utterance>",
        "<video>",
    )
    tokenizer = _tokenizer(marks, end="<end_of_utterance>")
    side = {"longest_edge": 64}
    SmolVLMProcessor(
        SmolVLMImageProcessor(size=side, max_image_size=side, do_image_splitting=False),
        tokenizer, SmolVLMVideoProcessor(size=side, max_image_size=side),
        image_seq_len=4, chat_template=_TEMPLATE.replace("END", "<end_of_utterance>"),
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


def tiny_qwen25(folder: Path) -> Path:
    """Save a Qwen2.5-VL: attention in windows, two frames of a video to a token, no time text."""
    from transformers import (
        AutoTokenizer,
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )

    words = training_module("vlm.tokenizer")
    words.save_tokenizer(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in words.SPECIALS}
    sides = {"patch_size": 14, "merge_size": 2, "temporal_patch_size": 2,
             "size": {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}}  # fmt: skip
    Qwen2_5_VLProcessor(
        Qwen2VLImageProcessor(**sides), tokenizer, Qwen2VLVideoProcessor(**sides),
        chat_template=words.TEMPLATE,
    ).save_pretrained(folder)  # fmt: skip
    config = Qwen2_5_VLConfig(
        text_config={"vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64,
                     "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
                     "pad_token_id": ids[words.PAD], "bos_token_id": None,
                     "eos_token_id": ids[words.END],
                     "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0,
                                         "mrope_section": [2, 3, 3]}},
        vision_config={"depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2,
                       "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2,
                       "window_size": 56, "fullatt_block_indexes": [1], "out_hidden_size": 32},
        image_token_id=ids[words.IMAGE], video_token_id=ids[words.VIDEO],
        vision_start_token_id=ids[words.VISION_START],
        vision_end_token_id=ids[words.VISION_END],
    )  # fmt: skip
    torch.manual_seed(0)
    Qwen2_5_VLForConditionalGeneration(config).save_pretrained(folder)
    return folder


def tiny_llava(folder: Path) -> Path:
    """Save a LLaVA-OneVision: a lone picture is cut into tiles, several are not."""
    from transformers import (
        LlavaOnevisionConfig,
        LlavaOnevisionForConditionalGeneration,
        LlavaOnevisionImageProcessor,
        LlavaOnevisionProcessor,
        LlavaOnevisionVideoProcessor,
    )

    tokenizer = _tokenizer(("<image>", "<video>", "<end>"), end="<end>")
    side, tiles = {"height": 56, "width": 56}, [[56, 56], [56, 112], [112, 56]]
    LlavaOnevisionProcessor(
        LlavaOnevisionImageProcessor(size=side, image_grid_pinpoints=tiles), tokenizer,
        LlavaOnevisionVideoProcessor(size=side), num_image_tokens=16,
        vision_feature_select_strategy="full", chat_template=_TEMPLATE.replace("END", "<end>"),
    ).save_pretrained(folder)  # fmt: skip
    config = LlavaOnevisionConfig(
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        video_token_index=tokenizer.convert_tokens_to_ids("<video>"),
        image_grid_pinpoints=tiles,
        vision_config={"model_type": "siglip_vision_model", "hidden_size": 32, "image_size": 56,
                       "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2,
                       "patch_size": 14, "vision_use_head": False},
        text_config={"model_type": "qwen2", "vocab_size": len(tokenizer), "hidden_size": 32,
                     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
                     "num_key_value_heads": 1, "pad_token_id": tokenizer.pad_token_id,
                     "bos_token_id": None, "eos_token_id": tokenizer.eos_token_id},
    )  # fmt: skip
    torch.manual_seed(0)
    LlavaOnevisionForConditionalGeneration(config).save_pretrained(folder)
    return folder


def _tokenizer(marks: Sequence[str], end: str) -> Any:
    """Return the embedded model's tokenizer with another model's marks."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=training_module("vlm.tokenizer").build_tokenizer(), eos_token=end,
        pad_token="<|endoftext|>", padding_side="left",
    )  # fmt: skip
    tokenizer.add_special_tokens({"additional_special_tokens": list(marks)})
    return tokenizer


def noise(count: int, seed: int = 0, size: tuple[int, int] = SIZE) -> Frames:
    """Return frames of noise, two seconds apart."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (count, size[1], size[0], 3), dtype=np.uint8)
    return Frames(pixels, np.arange(count) * 2.0)
