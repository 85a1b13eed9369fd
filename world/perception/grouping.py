"""From patch probabilities to things: which patches belong together, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...index.video.frames import Box
from .tiles import connected

PATCH_FLOOR = 0.35  # a patch belongs to a thing from this probability on
CORE = 0.6  # share of a box whose patches say what is in it
SHARP = 4.0  # what a thing looks most like stands out by this power
CRUMB = 0.5  # a group at most this share of its neighbour's size may be a part of it


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing seen in one frame.

    Attributes:
        box: where.
        odds: probability of each (object, colour) pair, float32 [objects, colours].
        score: probability that a thing is there at all.
        cut: True when the border of a tile cuts it, so that its box is too small.
    """

    box: Box
    odds: np.ndarray
    score: float
    cut: bool = False

    @property
    def best(self) -> tuple[int, int]:
        """The likeliest (object, colour), as rows of the lexicon."""
        row = int(self.odds.argmax())
        return row // self.odds.shape[1], row % self.odds.shape[1]


@dataclass(frozen=True, slots=True)
class Centre:
    """The middle of one thing, whatever it is.

    Attributes:
        x: share of the frame's width.
        y: share of the frame's height.
        side: of the square it fits in, share of the frame's height.
        score: how surely it is a thing's middle, 0 to 1.
    """

    x: float
    y: float
    side: float
    score: float

    def box(self, aspect: float) -> Box:
        """Return the square around it, in a frame that is `aspect` times as wide as high."""
        half, low = self.side / aspect / 2, self.side / 2
        return Box(
            max(0.0, self.x - half),
            max(0.0, self.y - low),
            min(1.0, self.x + half),
            min(1.0, self.y + low),
        )


def group_patches(pairs: np.ndarray) -> list[Detection]:
    """Group the patches of one view into detections.

    Neighbouring patches of one object are a group; a small group that touches a larger one of the
    same colour is a part of it whose patches were taken for something else.

    Args:
        pairs: probability of each pair in each patch, [rows, columns, objects, colours].
    """
    rows, columns, _, colours = pairs.shape
    flat = pairs.reshape(rows, columns, -1)
    best = flat.argmax(axis=2)
    sure = flat.max(axis=2)
    label = np.where(sure >= PATCH_FLOOR, best // colours, -1)
    groups = sorted(
        connected(label), key=lambda cells: -float(sure[cells[:, 0], cells[:, 1]].sum())
    )
    whole: list[np.ndarray] = []
    for cells in groups:
        host = _host(cells, whole, best % colours, sure)
        if host is None:
            whole.append(cells)
        else:
            whole[host] = np.concatenate([whole[host], cells])
    return [_detection(cells, pairs) for cells in whole]


def _host(
    cells: np.ndarray, whole: Sequence[np.ndarray], colour: np.ndarray, sure: np.ndarray
) -> int | None:
    """Return which larger group a crumb belongs to, None when it stands for itself."""
    own = _main_colour(cells, colour, sure)
    for row, other in enumerate(whole):
        if len(cells) > CRUMB * len(other) or _main_colour(other, colour, sure) != own:
            continue
        if np.abs(cells[:, None] - other[None]).max(axis=2).min() <= 1:
            return row
    return None


def _main_colour(cells: np.ndarray, colour: np.ndarray, sure: np.ndarray) -> int:
    at = cells[:, 0], cells[:, 1]
    return int(np.bincount(colour[at], weights=sure[at]).argmax())


def _detection(cells: np.ndarray, pairs: np.ndarray) -> Detection:
    rows, columns = cells[:, 0], cells[:, 1]
    height, width = pairs.shape[:2]
    odds = pairs[rows, columns]
    # the surest patches speak for the thing: its rim is half background
    weight = odds.max(axis=(1, 2)) ** 2
    mean = np.tensordot(weight / weight.sum(), odds, axes=1)
    edge = (rows == 0) | (rows == height - 1) | (columns == 0) | (columns == width - 1)
    return Detection(_cells_box(cells, height, width), mean, float(mean.max()), bool(edge.any()))


def detection_at(pairs: np.ndarray, view: Box, box: Box, score: float) -> Detection:
    """Return what the patches in the middle of a box show.

    Args:
        pairs: probability of each pair in each patch of a view, [rows, columns, objects, colours].
        view: what part of the frame that is.
        box: where the thing is in the frame, and
        score: how surely it is there.
    """
    rows, columns = pairs.shape[:2]
    x = view.x0 + (np.arange(columns) + 0.5) / columns * (view.x1 - view.x0)
    y = view.y0 + (np.arange(rows) + 0.5) / rows * (view.y1 - view.y0)
    (mid_x, mid_y), reach = box.centre, CORE / 2
    far_x = np.abs(x - mid_x) / (box.x1 - box.x0)
    far_y = np.abs(y - mid_y) / (box.y1 - box.y0)
    # of a thing smaller than a patch the nearest one
    near = (far_x <= max(reach, far_x.min()))[None] & (far_y <= max(reach, far_y.min()))[:, None]
    odds = pairs[near]
    weight = odds.max(axis=(1, 2)) ** 2 + 1e-9
    # it is one thing, so what speaks for one pair speaks against the others
    sharp = np.tensordot(weight / weight.sum(), odds, axes=1) ** SHARP
    return Detection(box, (sharp / (sharp.sum() + 1e-9)).astype(np.float32), score)


def patch_boxes(mask: np.ndarray) -> list[Box]:
    """Return the box around each connected group of patches, in shares of the view."""
    height, width = mask.shape
    return [_cells_box(cells, height, width) for cells in connected(np.where(mask, 0, -1))]


def _cells_box(cells: np.ndarray, height: int, width: int) -> Box:
    (y0, x0), (y1, x1) = cells.min(axis=0), cells.max(axis=0) + 1
    return Box(float(x0 / width), float(y0 / height), float(x1 / width), float(y1 / height))


def once(detections: Sequence[Detection]) -> list[Detection]:
    """Keep each thing once: whole boxes before cut ones, surer ones before others."""
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda s: (s.cut, -s.score)):
        if all(_apart(detection, other) for other in kept):
            kept.append(detection)
    return sorted(kept, key=lambda s: -s.score)


def _apart(one: Detection, other: Detection) -> bool:
    """Say whether two boxes are different things: little of the smaller lies in the larger."""
    shared = one.box.iou(other.box)
    overlap = shared / (1 + shared) * (one.box.area + other.box.area)
    return overlap < 0.45 * min(one.box.area, other.box.area)
