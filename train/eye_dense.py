"""The tower's own lesson: every patch says what covers it and where that thing is.

Heads that are thrown away later read object, colour, place and box from the patches. A few minutes
of this turn the CLIP's tower into Qwen3-VL's, and teach it what contrast with captions does not:
where things begin and end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from longtake.eval.world.places import PLACES
from train.data import N_PLACES, NOTHING
from train.eye_scene import Clip
from train.eye_tower import merge_order, see, to_patches
from train.losses import Heads, dense_loss


@dataclass(frozen=True, slots=True)
class Labels:
    """Frames and what their patches show, in the tower's order of patches.

    Attributes:
        pixels: uint8 [N, H, W, 3].
        objects: int8 [N, P].
        colours: int8 [N, P].
        places: int64 [N].
        boxes: float32 [N, P, 4], NaN where nothing is.
    """

    pixels: np.ndarray
    objects: np.ndarray
    colours: np.ndarray
    places: np.ndarray
    boxes: np.ndarray


class EyeHeads(nn.Module):
    """Temporary heads over the tower's output."""

    def __init__(self, width: int = 160) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.kinds = Heads(width)
        self.box = nn.Linear(width, 4)

    def forward(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return pooled [N, width], patches [N, P, width] and boxes [N, P, 4] of `see`'s output."""
        patches = self.norm(seen)
        return patches.mean(1), patches, self.box(patches)


def labels_of(clips: list[Clip]) -> Labels:
    """Join the frames of clips."""
    places = [PLACES.index(s.place) if s.place else N_PLACES for c in clips for s in c.sights]
    objects, colours = (
        merge_order(np.concatenate([getattr(c, name) for c in clips]))
        for name in ("objects", "colours")
    )
    boxes = np.concatenate([c.boxes for c in clips])
    boxes = np.stack([merge_order(boxes[..., k]) for k in range(4)], axis=-1)
    pixels = np.concatenate([c.pixels for c in clips])
    return Labels(pixels, objects, colours, np.array(places, np.int64), boxes)


def tower_loss(visual: Any, heads: EyeHeads, labels: Labels) -> dict[str, torch.Tensor]:
    """Return the losses of kinds (object, colour, place) and boxes."""
    device = visual.pos_embed.weight.device
    pooled, patches, boxes = heads(see(visual, to_patches(labels.pixels).to(device)))
    truth = torch.from_numpy(labels.boxes).to(device)
    known = ~truth[..., 0].isnan()
    kinds = dense_loss(heads.kinds, pooled, patches, labels)  # type: ignore[arg-type]
    return {"dense": kinds, "boxes": F.smooth_l1_loss(boxes[known], truth[known], beta=0.05)}


@torch.no_grad()
def tower_probe(visual: Any, heads: EyeHeads, labels: Labels) -> dict[str, float]:
    """Return shares right over patches with something on them, and the mean error of box sides."""
    device = visual.pos_embed.weight.device
    parts = [
        heads(see(visual, to_patches(labels.pixels[i : i + 32]).to(device)))
        for i in range(0, len(labels.pixels), 32)
    ]
    pooled, patches, boxes = (torch.cat(part) for part in zip(*parts, strict=True))
    objects, colours, places, truth = (
        torch.from_numpy(x).to(device)
        for x in (labels.objects, labels.colours, labels.places, labels.boxes)
    )
    full, known = (objects >= 0) & (objects < NOTHING), ~truth[..., 0].isnan()
    return {
        "patch_object": _share(heads.kinds.objects(patches[full]).argmax(1), objects[full]),
        "patch_colour": _share(heads.kinds.colours(patches[full]).argmax(1), colours[full]),
        "place": _share(heads.kinds.place(pooled).argmax(1), places),
        "box_error": float((boxes[known] - truth[known]).abs().mean()),
    }


def _share(guess: torch.Tensor, truth: torch.Tensor) -> float:
    return float((guess == truth).float().mean())
