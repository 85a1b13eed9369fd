"""Where things have their middles: a small network that tells apart what stands close together.

Patches say what covers a spot, not where one thing ends and the next of its kind begins. This
network (Objects as Points, Zhou et al. 2019, arXiv:1904.07850) marks the middle of every thing in a
picture of any size, and how large it is; it knows no names. It runs by onnxruntime; its training
and its graph are in `world/training/detector`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from ...models.onnx_session import open_session
from .grouping import Centre
from .identity import group_detector_folder

WEIGHTS, GRAPH = "model.safetensors", "model.onnx"
STRIDE = 8  # pixels between two cells of the map
FLOOR = 0.4  # a cell is a middle from this score on
APART = 0.45  # middles nearer than this share of the larger one's side are one thing's
BATCH = 8
Peak = tuple[float, float, float, float]  # (x, y, side, score) in cells
Maps = Callable[[np.ndarray], np.ndarray]
"""From RGB uint8 [N, 8 h, 8 w, 3] to logits of middles and logarithms of sides in cells, [N, 2, h, w]."""


def detect_groups(maps: Maps, pixels: np.ndarray) -> list[list[Centre]]:
    """Return the middles in each frame, the surest first.

    Args:
        maps: from `load_group_detector`.
        pixels: RGB frames uint8 [N, H, W, 3]; up to seven pixels at the right and bottom are left
            out of the look.
    """
    height, width = (side // STRIDE * STRIDE for side in pixels.shape[1:3])
    found: list[list[Peak]] = []
    for start in range(0, len(pixels), BATCH):
        part = np.ascontiguousarray(pixels[start : start + BATCH, :height, :width])
        found += [_peaks(1 / (1 + np.exp(-heat)), np.exp(side)) for heat, side in maps(part)]
    high, wide = pixels.shape[1] / STRIDE, pixels.shape[2] / STRIDE
    return [[Centre(x / wide, y / high, s / high, p) for x, y, s, p in row] for row in found]


def _peaks(heat: np.ndarray, sides: np.ndarray) -> list[Peak]:
    """Return the peaks of one frame; of two within one thing the surer."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(heat, 1), (3, 3))
    rows, columns = np.nonzero((heat == around.max((2, 3))) & (heat >= FLOOR))
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
def load_group_detector() -> Maps:
    """Load the network that comes with the package; it knows the rendered world."""
    session = open_session(group_detector_folder() / GRAPH)
    return lambda pixels: session.run(None, {"pixels": pixels})[0]
