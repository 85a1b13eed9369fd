"""Where things have their middles: a small network that tells apart what stands close together.

Patches say what covers a spot, not where one thing ends and the next of its kind begins. This
network (Objects as Points, Zhou et al. 2019, arXiv:1904.07850) marks the middle of every thing in a
picture of any size, and how large it is; it knows no names.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .grouping import Centre
from .identity import group_detector_folder

STRIDE = 8  # pixels between two cells of the map
WIDTH = 48
DILATIONS = (1, 2, 4, 8, 2, 1)
FLOOR = 0.4  # a cell is a middle from this score on
APART = 0.45  # middles nearer than this share of the larger one's side are one thing's
BATCH = 8
Peak = tuple[float, float, float, float]  # (x, y, side, score) in cells


class GroupDetector(nn.Module):
    """A convolutional network from RGB to a map of middles and a map of sizes, at 1/8."""

    def __init__(self) -> None:
        super().__init__()
        sides = ((3, 16, 5), (16, 24, 3), (24, WIDTH, 3))
        self.stem = nn.Sequential(*(_layer(a, b, kernel, 2) for a, b, kernel in sides))
        self.blocks = nn.ModuleList(_layer(WIDTH, WIDTH, 3, 1, gap) for gap in DILATIONS)
        self.out = nn.Conv2d(WIDTH, 2, 1)
        with torch.no_grad():  # middles are rare
            self.out.bias = nn.Parameter(torch.tensor([-4.0, 0.0]))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits of middles and logarithms of sides in cells, [N, h, w] each.

        Args:
            pictures: float32 [N, 3, 8 h, 8 w], 0 to 1.
        """
        x = self.stem(pictures * 2 - 1)
        for block in self.blocks:
            x = x + block(x)
        return self.out(x).unbind(1)


def _layer(inner: int, outer: int, kernel: int, stride: int, gap: int = 1) -> nn.Sequential:
    pad = gap * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inner, outer, kernel, stride, pad, gap, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )


@torch.inference_mode()
def detect_groups(net: GroupDetector, pixels: np.ndarray) -> list[list[Centre]]:
    """Return the middles in each frame, the surest first.

    Args:
        net: from `load_group_detector`.
        pixels: RGB frames uint8 [N, H, W, 3]; up to seven pixels at the right and bottom are left
            out of the look.
    """
    height, width = (side // STRIDE * STRIDE for side in pixels.shape[1:3])
    found: list[list[Peak]] = []
    for start in range(0, len(pixels), BATCH):
        part = torch.from_numpy(np.array(pixels[start : start + BATCH, :height, :width]))
        heat, sides = net(part.permute(0, 3, 1, 2).float() / 255)
        heat = heat.sigmoid()
        top = (heat == F.max_pool2d(heat[:, None], 3, 1, 1)[:, 0]) & (heat >= FLOOR)
        found += [_peaks(*maps) for maps in zip(top, heat, sides.exp(), strict=True)]
    high, wide = pixels.shape[1] / STRIDE, pixels.shape[2] / STRIDE
    return [[Centre(x / wide, y / high, s / high, p) for x, y, s, p in row] for row in found]


def _peaks(top: torch.Tensor, heat: torch.Tensor, sides: torch.Tensor) -> list[Peak]:
    """Return the peaks of one frame; of two within one thing the surer."""
    rows, columns = top.nonzero(as_tuple=True)
    every = sorted(
        zip(
            (columns + 0.5).tolist(),
            (rows + 0.5).tolist(),
            sides[rows, columns].tolist(),
            heat[rows, columns].tolist(),
            strict=True,
        ),
        key=lambda peak: -peak[3],
    )
    kept: list[Peak] = []
    for x, y, side, score in every:
        if all(np.hypot(x - a, y - b) >= APART * max(side, s) for a, b, s, _ in kept):
            kept.append((x, y, side, score))
    return kept


@lru_cache(maxsize=1)
def load_group_detector() -> GroupDetector:
    """Load the network that comes with the package; it knows the rendered world."""
    from safetensors.torch import load_file

    net = GroupDetector()
    weights = load_file(group_detector_folder() / "model.safetensors")
    net.load_state_dict(weights)
    return net.eval().requires_grad_(False)
