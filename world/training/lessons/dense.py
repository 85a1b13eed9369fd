"""The tower's own lesson: every patch says what covers it and where that thing is.

Heads that are thrown away later read object, colour, place and box from the patches. A few minutes
of this turn the CLIP's tower into Qwen3-VL's, and teach it what contrast with captions does not:
where things begin and end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from longtake.world.scenes.places import PLACES
from longtake.world.training.clips.scene import Clip
from longtake.world.training.encoder.data import GRID, N_PLACES, NOTHING
from longtake.world.training.encoder.losses import Heads, dense_loss
from longtake.world.training.vlm.tower import TOKENS, merge_order, see, to_patches, token_at


@dataclass(frozen=True, slots=True)
class Labels:
    """Frames and what their patches show, in the tower's order of patches.

    Attributes:
        pixels: uint8 [N, H, W, 3].
        objects: int8 [N, P].
        colours: int8 [N, P].
        places: int64 [N].
        boxes: float32 [N, P, 4], NaN where nothing is.
        middles: float32 [N, 45], how many things have their middle in a token.
    """

    pixels: np.ndarray
    objects: np.ndarray
    colours: np.ndarray
    places: np.ndarray
    boxes: np.ndarray
    middles: np.ndarray

    def take(self, rows: np.ndarray) -> Labels:
        """Return some of the frames."""
        return Labels(*(getattr(self, name)[rows] for name in self.__slots__))


class VlmHeads(nn.Module):
    """Temporary heads over the tower's output.

    Boxes are told from the middle of their patch, and that middle beside them: a decoder must be
    able to read where a patch is from the patch itself.
    """

    def __init__(self, width: int = 160) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.kinds = Heads(width)
        self.box = nn.Linear(width, 6)

    def forward(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return pooled [N, width], patches [N, P, width] and boxes [N, P, 6] of `see`'s output."""
        patches = self.norm(seen)
        return patches.mean(1), patches, self.box(patches)


def labels_of(clips: Sequence[Clip]) -> Labels:
    """Join the frames of clips."""
    places = [PLACES.index(s.place) if s.place else N_PLACES for c in clips for s in c.visible]
    objects, colours = (
        merge_order(np.concatenate([getattr(c, name) for c in clips]))
        for name in ("objects", "colours")
    )
    boxes = np.concatenate([c.boxes for c in clips])
    boxes = np.stack([merge_order(boxes[..., k]) for k in range(4)], axis=-1)
    pixels = np.concatenate([c.pixels for c in clips])
    middles = np.zeros((len(boxes), TOKENS), np.float32)
    for row, sight in enumerate(s for c in clips for s in c.visible):
        for seen in sight.clear:
            middles[row, token_at(seen.box)] += 1
    return Labels(pixels, objects, colours, np.array(places, np.int64), boxes, middles)


def head_losses(heads: VlmHeads, seen: torch.Tensor, labels: Labels) -> dict[str, torch.Tensor]:
    """Return the losses of kinds and boxes from the tower's output, [N, P, width]."""
    pooled, patches, boxes = heads(seen)
    truth = _box_targets(labels).to(seen.device)
    known = ~truth[..., 0].isnan()
    kinds = dense_loss(heads.kinds, pooled, patches, labels)  # type: ignore[arg-type]
    return {"dense": kinds, "boxes": F.smooth_l1_loss(boxes[known], truth[known], beta=0.05)}


def warm_heads(visual: Any, heads: VlmHeads, labels: Labels, steps: int = 160) -> None:
    """Fit the heads to the tower as it is, so that their first mistakes do not spoil it."""
    device = visual.pos_embed.weight.device
    with torch.no_grad():
        parts = [
            see(visual, to_patches(labels.pixels[i : i + 32]).to(device))
            for i in range(0, len(labels.pixels), 32)
        ]
    seen = torch.cat(parts)
    stepper = torch.optim.AdamW(heads.parameters(), lr=1e-2, weight_decay=0.01)
    for step in range(steps):
        rows = torch.arange(step % 4, len(seen), 4)
        losses = head_losses(heads, seen[rows], labels.take(rows.numpy()))
        (losses["dense"] + 4.0 * losses["boxes"]).backward()
        stepper.param_groups[0]["lr"] = 1e-2 * (1 - step / steps)
        stepper.step()
        stepper.zero_grad()


@torch.no_grad()
def tower_probe(visual: Any, heads: VlmHeads, labels: Labels) -> dict[str, float]:
    """Return shares right over patches with something on them, and the mean error of box sides."""
    device = visual.pos_embed.weight.device
    parts = [
        heads(see(visual, to_patches(labels.pixels[i : i + 32]).to(device)))
        for i in range(0, len(labels.pixels), 32)
    ]
    pooled, patches, boxes = (torch.cat(part) for part in zip(*parts, strict=True))
    objects, colours, places = (
        torch.from_numpy(x).to(device) for x in (labels.objects, labels.colours, labels.places)
    )
    truth = _box_targets(labels).to(device)
    full, known = (objects >= 0) & (objects < NOTHING), ~truth[..., 0].isnan()
    return {
        "patch_object": _share(heads.kinds.objects(patches[full]).argmax(1), objects[full]),
        "patch_colour": _share(heads.kinds.colours(patches[full]).argmax(1), colours[full]),
        "place": _share(heads.kinds.place(pooled).argmax(1), places),
        "box_error": float((boxes[known] - truth[known]).abs().mean()),
    }


def _box_targets(labels: Labels) -> torch.Tensor:
    """Return boxes as the heads tell them, [N, P, 6], NaN where there is none."""
    y, x = np.meshgrid(*((np.arange(n, dtype=np.float32) + 0.5) / n for n in GRID), indexing="ij")
    middles = np.stack([merge_order(axis[None])[0] for axis in (x, y)], axis=-1)
    boxes = labels.boxes - np.concatenate([middles, middles], axis=1)
    return torch.from_numpy(np.concatenate([boxes, boxes * 0 + np.tile(middles, 2)], 2)[..., :6])


def _share(guess: torch.Tensor, truth: torch.Tensor) -> float:
    return float((guess == truth).float().mean())
