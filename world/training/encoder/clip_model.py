"""The embedded CLIP's architecture, and how it is written in the form that open_clip loads."""

from __future__ import annotations

import copy
import json
import math
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

from longtake.world.scenes.objects import COLOURS, OBJECTS, plural
from longtake.world.scenes.places import AT, PLACES
from longtake.world.training.encoder.data import GRID, PATCH, SIZE
from longtake.world.training.encoder.statements import SYNONYMS
from longtake.world.training.encoder.tokenizer import CONTEXT, save_tokenizer, vocabulary

DIM = 256
EOS = vocabulary().index("</s>")
MODEL_CFG = {
    "embed_dim": DIM,
    "init_logit_bias": -6.0,
    "init_logit_scale": math.log(16.0),
    "vision_cfg": {
        "image_size": [SIZE[1], SIZE[0]],
        "patch_size": PATCH,
        "width": 160,
        "layers": 5,
        "head_width": 32,
        "pool_type": "avg",
        "final_ln_after_pool": True,
    },
    "text_cfg": {
        "context_length": CONTEXT,
        "vocab_size": len(vocabulary()),
        "hf_tokenizer_name": "longtake-mini",
        "width": 128,
        "heads": 4,
        "layers": 2,
        "pool_type": "eos",
        "eos_id": EOS,
        "pad_id": 0,
    },
}
PREPROCESS_CFG = {
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "interpolation": "bicubic",
    "resize_mode": "squash",
}


def build_model() -> nn.Module:
    """Return the CLIP of `MODEL_CFG`, untrained."""
    from open_clip.model import CLIP

    return CLIP(**copy.deepcopy(MODEL_CFG))


def fit_positions(table: torch.Tensor) -> torch.Tensor:
    """Stretch position embeddings [1 + P, width] of a grid of the same shape to `GRID`."""
    rows = round((len(table) - 1) ** 0.5 * (GRID[0] / GRID[1]) ** 0.5)
    grid = table[1:].unflatten(0, (rows, -1)).permute(2, 0, 1)[None]
    grid = nn.functional.interpolate(grid, GRID, mode="bilinear", align_corners=False)
    return torch.cat([table[:1], grid[0].flatten(1).T])


def look(
    visual: nn.Module, pixels: torch.Tensor, keep: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the picture's feature [B, width] and its patches' [B, P, width], before projection.

    Args:
        visual: the picture tower.
        pixels: float [B, 3, H, W], normalised.
        keep: int64 [B, K], the patches to look at; None for all.
    """
    x = visual._embeds(pixels)  # type: ignore[operator]
    if keep is not None:
        chosen = x[:, 1:].gather(1, keep[:, :, None].expand(-1, -1, x.shape[2]))
        x = torch.cat([x[:, :1], chosen], dim=1)
    x = visual.transformer(x)[:, 1:]  # type: ignore[operator]
    return visual.ln_post(x.mean(1)), visual.ln_post(x)  # type: ignore[operator]


def read(model: nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    """Return unit vectors of texts, as `encode_text` does, but only as far as the longest goes.

    The tower is causal: what follows the end mark cannot change what stands at it.
    """
    length = int((tokens != 0).sum(1).max())
    tokens = tokens[:, :length]
    x = model.token_embedding(tokens) + model.positional_embedding[:length]  # type: ignore
    x = model.transformer(x, attn_mask=model.attn_mask[:length, :length])  # type: ignore
    ends = (tokens == EOS).int().argmax(1)
    x = model.ln_final(x)[torch.arange(len(tokens)), ends]  # type: ignore
    return nn.functional.normalize(x @ model.text_projection, dim=-1)  # type: ignore


def to_pixels(batch: np.ndarray) -> torch.Tensor:
    """Return uint8 [B, H, W, 3] as normalised float [B, 3, H, W]."""
    x = torch.from_numpy(batch).permute(0, 3, 1, 2).float()
    return x.div_(255).sub_(PREPROCESS_CFG["mean"][0]).div_(PREPROCESS_CFG["std"][0])


def export_model(model: nn.Module, folder: Path) -> None:
    """Write config, tokenizer, lexicon and fp16 weights whole or not at all, and their graphs."""
    from safetensors.torch import save_file

    from longtake.world.training.encoder.export_onnx import export

    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(folder)
    config = {"model_cfg": MODEL_CFG, "preprocess_cfg": PREPROCESS_CFG}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "lexicon.json").write_text(json.dumps(lexicon(), indent=1) + "\n")
    weights = {k: v.detach().half().contiguous() for k, v in model.state_dict().items()}
    # scale and bias make scores into probabilities: half precision would move them
    for name in ("logit_scale", "logit_bias"):
        weights[name] = model.state_dict()[name].detach().float()
    aside = folder / "open_clip_model.safetensors.part"
    save_file(weights, aside, {"format": "pt"})
    os.replace(aside, folder / "open_clip_model.safetensors")
    export(folder)


def lexicon() -> dict[str, object]:
    """Return the words that the encoder was taught."""
    return {
        "objects": list(OBJECTS),
        "colours": list(COLOURS),
        "places": list(PLACES),
        "plurals": {name: plural(name) for name in OBJECTS},
        "at": dict(AT),
        "synonyms": dict(SYNONYMS),
    }
