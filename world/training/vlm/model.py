"""Longtake-mini's architecture (Qwen3-VL, small) and how it is saved as an ordinary checkpoint.

Qwen3-VL is what a served video LLM is: frames of any size with time text before each, 2 x 2 patches
merged into a token, positions over height and width. Frames are single (temporal patch 1), so that
a video and a list of images read the same.
"""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from longtake.world.training.encoder.data import PATCH, SIZE
from longtake.world.training.vlm.tokenizer import (
    END,
    IMAGE,
    PAD,
    TEMPLATE,
    VIDEO,
    VISION_END,
    VISION_START,
    save_tokenizer,
    vocabulary,
)
from longtake.world.training.vlm.tower import MEAN, MERGE, SIDE, STD


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of the decoder."""

    width: int = 256
    layers: int = 6
    heads: int = 4
    groups: int = 2
    inner: int = 512


def build_model(shape: Shape | None = None) -> Any:
    """Return an untrained model."""
    from transformers import Qwen3VLForConditionalGeneration

    return Qwen3VLForConditionalGeneration(config_of(shape or Shape()))


def config_of(shape: Shape) -> Any:
    """Return the configuration."""
    from transformers import Qwen3VLConfig

    ids = {token: i for i, token in enumerate(vocabulary())}
    head = shape.width // shape.heads
    third = head // 6
    text = {
        "vocab_size": len(ids),
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.groups,
        "head_dim": head,
        "max_position_embeddings": 32768,
        "pad_token_id": ids[PAD],
        "bos_token_id": None,
        "eos_token_id": ids[END],
        "tie_word_embeddings": True,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10000.0,
            "mrope_section": [head // 2 - 2 * third, third, third],
            "mrope_interleaved": True,
        },
    }
    vision = {
        "depth": 5,
        "hidden_size": 160,
        "hidden_act": "gelu",
        "intermediate_size": 640,
        "num_heads": 5,
        "patch_size": PATCH,
        "spatial_merge_size": MERGE,
        "temporal_patch_size": 1,
        "out_hidden_size": shape.width,
        "num_position_embeddings": SIDE**2,
        "deepstack_visual_indexes": [],
    }
    return Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        tie_word_embeddings=True,
        image_token_id=ids[IMAGE],
        video_token_id=ids[VIDEO],
        vision_start_token_id=ids[VISION_START],
        vision_end_token_id=ids[VISION_END],
    )


def export_model(model: Any, folder: Path) -> None:
    """Write configs, tokenizer, processor, fp16 weights whole or not at all, and their graphs."""
    from safetensors.torch import save_file

    from longtake.world.training.vlm.export_onnx import export

    save_processor(folder)
    config = copy.deepcopy(model.config)
    config.architectures, config.dtype = ["Qwen3VLForConditionalGeneration"], torch.float16
    config.save_pretrained(folder)
    generation = {
        "do_sample": False,
        "max_new_tokens": 192,
        "eos_token_id": model.config.text_config.eos_token_id,
        "pad_token_id": model.config.text_config.pad_token_id,
    }
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=1) + "\n")
    weights = {
        name: value.detach().half().contiguous()
        for name, value in model.state_dict().items()
        if name != "lm_head.weight"  # tied to the embedding
    }
    aside = folder / "model.safetensors.part"
    save_file(weights, aside, {"format": "pt"})
    aside.chmod(0o644)
    os.replace(aside, folder / "model.safetensors")
    export(folder)


def save_processor(folder: Path) -> None:
    """Write the tokenizer, the picture and video processors and the chat template."""
    from transformers import (
        AutoTokenizer,
        Qwen2VLImageProcessor,
        Qwen3VLProcessor,
        Qwen3VLVideoProcessor,
    )

    save_tokenizer(folder)
    # every frame is brought to about the size of the training's, so that tokens stay few
    sides = {
        "patch_size": PATCH,
        "merge_size": MERGE,
        "temporal_patch_size": 1,
        "image_mean": [MEAN] * 3,
        "image_std": [STD] * 3,
    }
    # a little room above: 16:9 in any size is to become just 288 x 160
    area, most = SIZE[0] * SIZE[1], SIZE[0] * (SIZE[1] + 2)
    # the video processor counts pixels of the whole video, 256 frames at most
    picture = Qwen2VLImageProcessor(size={"shortest_edge": area, "longest_edge": most}, **sides)
    video = Qwen3VLVideoProcessor(
        size={"shortest_edge": area, "longest_edge": most * 256}, fps=1, max_frames=256, **sides
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    Qwen3VLProcessor(picture, tokenizer, video, chat_template=TEMPLATE).save_pretrained(folder)


def decoder_parts(model: Any) -> list[nn.Module]:
    """Return what the decoder's training steps: decoder and merger."""
    return [model.model.language_model, model.model.visual.merger]
