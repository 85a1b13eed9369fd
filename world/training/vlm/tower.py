"""The VLM's picture tower: batched through its own layers, and started from the embedded CLIP.

Qwen3-VL's tower has what the CLIP tower has, but for three things: no class token, no norm before
the first block, and rotary positions beside the learned ones. The first two are folded into the
weights as well as that goes, the third is made small by slow rotations; a short phase of dense
labels (train/eye_dense.py) takes care of the rest.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from longtake.world.training.encoder.data import GRID, PATCH

MERGE = 2
SIDE = 18  # of the square table of learned positions
TOKENS = GRID[0] * GRID[1] // MERGE**2  # tokens of a frame, 45
MEAN, STD = 0.5, 0.25


def to_patches(pixels: np.ndarray) -> torch.Tensor:
    """Return uint8 [N, H, W, 3] as normalised patches [N, P, 768], as the image processor does.

    Patches that will be merged into one token follow each other.
    """
    gh, gw = GRID[0] // MERGE, GRID[1] // MERGE
    x = torch.from_numpy(np.ascontiguousarray(pixels))
    x = x.view(-1, gh, MERGE, PATCH, gw, MERGE, PATCH, 3).permute(0, 1, 4, 2, 5, 7, 3, 6)
    x = x.reshape(len(pixels), GRID[0] * GRID[1], 3 * PATCH * PATCH)
    return x.float().div_(255).sub_(MEAN).div_(STD)


def merge_order(grid: np.ndarray) -> np.ndarray:
    """Reorder labels [N, gh, gw] as the tower orders its patches, [N, P]."""
    gh, gw = GRID[0] // MERGE, GRID[1] // MERGE
    blocks = grid.reshape(-1, gh, MERGE, gw, MERGE).transpose(0, 1, 3, 2, 4)
    return np.ascontiguousarray(blocks.reshape(len(grid), -1))


def token_at(box: tuple[float, float, float, float]) -> int:
    """Return the number within its frame of the token in which a box has its middle."""
    rows, columns = (side // MERGE for side in GRID)
    row, column = (box[1] + box[3]) / 2 * rows, (box[0] + box[2]) / 2 * columns
    return min(rows - 1, int(row)) * columns + min(columns - 1, int(column))


def see(visual: Any, patches: torch.Tensor) -> torch.Tensor:
    """Return what the tower makes of frames before merging, [N, P, width].

    The same as `visual.forward`, which handles one picture after the other, for pictures of one
    size all together.

    Args:
        visual: the Qwen3-VL vision model.
        patches: float [N, P, 768] of `to_patches`.
    """
    places, cos, sin = _positions(visual)
    weight = visual.patch_embed.proj.weight.flatten(1)
    x = F.linear(patches, weight, visual.patch_embed.proj.bias)
    x = x + (visual.pos_embed.weight[places[0]] * places[1][:, :, None]).sum(1)
    heads = visual.config.num_heads
    for block in visual.blocks:
        qkv = block.attn.qkv(block.norm1(x)).unflatten(-1, (3, heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(turn_by(q, cos, sin), turn_by(k, cos, sin), v)
        x = x + block.attn.proj(seen.transpose(1, 2).flatten(2))
        x = x + block.mlp(block.norm2(x))
    return x


def turn_by(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Turn [..., head] by rotary positions."""
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def _positions(
    visual: Any,
) -> tuple[tuple[torch.Tensor, torch.Tensor], torch.Tensor, torch.Tensor]:
    """Return (rows and weights in the table of positions), cosines and sines, for a whole frame."""
    device = visual.pos_embed.weight.device
    rows, weights, spots = _grid_positions()
    cos, sin = visual.rotary_pos_emb(weights.to(device), spots.to(device))
    return (rows.to(device), weights.to(device)), cos, sin


@lru_cache(maxsize=1)
def _grid_positions() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    from transformers.vision_utils import (
        get_vision_interpolation_indices_and_weights,
        get_vision_position_ids,
    )

    grid = torch.tensor([[1, *GRID]])
    rows, weights = get_vision_interpolation_indices_and_weights(
        grid, num_grid_per_side=SIDE, align_corners=True, spatial_merge_size=MERGE
    )
    return rows, weights, get_vision_position_ids(grid, MERGE)


@torch.no_grad()
def start_from_clip(visual: Any, folder: Path, calibration: np.ndarray) -> None:
    """Take over the embedded CLIP's picture tower, as far as it fits.

    Args:
        visual: the Qwen3-VL vision model, of the same width and depth.
        folder: with `open_clip_model.safetensors`.
        calibration: uint8 [N, H, W, 3], pictures over which the scale of the first norm is taken.
    """
    from safetensors.torch import load_file

    file = folder / "open_clip_model.safetensors"
    w = {k[7:]: v.float() for k, v in load_file(file).items() if k.startswith("visual.")}
    for number, block in enumerate(visual.blocks):
        name = f"transformer.resblocks.{number}."
        pairs = (
            (block.norm1, "ln_1."),
            (block.norm2, "ln_2."),
            (block.attn.proj, "attn.out_proj."),
            (block.mlp.linear_fc1, "mlp.c_fc."),
            (block.mlp.linear_fc2, "mlp.c_proj."),
        )
        for module, part in pairs:
            module.weight.copy_(w[name + part + "weight"])
            module.bias.copy_(w[name + part + "bias"])
        block.attn.qkv.weight.copy_(w[name + "attn.in_proj_weight"])
        block.attn.qkv.bias.copy_(w[name + "attn.in_proj_bias"])
    _fold_first_norm(visual, w, to_patches(calibration))


def _fold_first_norm(visual: Any, w: dict[str, torch.Tensor], patches: torch.Tensor) -> None:
    """Fold the norm before the first block into embedding and positions, at its mean scale."""
    kernel, spots = w["conv1.weight"].flatten(1), w["positional_embedding"][1:]
    order = torch.from_numpy(merge_order(np.arange(len(spots)).reshape(1, *GRID))[0])
    scale = (F.linear(patches, kernel) + spots[order]).std(-1).mean()
    gain = w["ln_pre.weight"] / scale
    kernel = (kernel - kernel.mean(0)) * gain[:, None]
    spots = (spots - spots.mean(1, keepdim=True)) * gain
    visual.patch_embed.proj.weight.copy_(kernel.view_as(visual.patch_embed.proj.weight))
    visual.patch_embed.proj.bias.copy_(w["ln_pre.bias"])
    visual.pos_embed.weight.copy_(_square(spots.unflatten(0, GRID)))


def _square(spots: torch.Tensor) -> torch.Tensor:
    """Return a table [SIDE * SIDE, width] that gives [gh, gw, width] when read as the tower does."""
    table = F.interpolate(
        spots.permute(2, 0, 1)[None], (SIDE, SIDE), mode="bilinear", align_corners=True
    )[0].permute(1, 2, 0)
    # reading interpolates again, which blurs; the smallest change of the table that makes it exact
    reads = torch.zeros(GRID[0], SIDE)
    at = torch.linspace(0, SIDE - 1, GRID[0])
    low = at.floor().long().clamp(max=SIDE - 2)
    rows = torch.arange(GRID[0])
    reads[rows, low], reads[rows, low + 1] = 1 - (at - low), at - low
    wrong = spots - torch.einsum("rs,swd->rwd", reads, table)
    table = table + torch.einsum("sr,rwd->swd", torch.linalg.pinv(reads), wrong)
    return table.flatten(0, 1)


def merged(visual: nn.Module, seen: torch.Tensor) -> torch.Tensor:
    """Return the decoder's tokens of frames, [N, 45, out], from `see`'s [N, P, width]."""
    out = visual.merger(seen.flatten(0, 1))  # type: ignore[operator]
    return out.unflatten(0, (len(seen), TOKENS))
