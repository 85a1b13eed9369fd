"""What presenters go by: the model's limits, and how large the selector wants each frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...index.video.frames import Box, Frames
from ...models.vlm.laid_out import LaidOut, Picture
from ...models.vlm.media import shrink
from ..protocols import VLM
from ..select.selection import Selection

SMALLEST = 48  # pixels of a shown frame's long side, below which nothing is recognised


@dataclass(frozen=True, slots=True)
class Terms:
    """What a layout keeps to.

    Attributes:
        model: name of the model that will see it, for the cost in tokens; empty: not known.
        most_pictures: pictures that one request may carry; None: no limit known.
        room: tokens that the pictures may take; None: what the frames take as they are.
        scales: each frame is to be shown at 1/scale of its sides, float64 [N]; None: all alike.
        regions: for each frame the part that is shown, None for all of it; empty: all of all.
    """

    model: str = ""
    most_pictures: int | None = None
    room: int | None = None
    scales: np.ndarray | None = None
    regions: tuple[Box | None, ...] = ()


PLAIN = Terms()
Presenter = Callable[[Frames, Terms], LaidOut]


def terms_of(vlm: VLM, frames: Frames, chosen: Selection | None = None) -> Terms:
    """Return the terms of a VLM for decoded frames, with the scales of the selection.

    Args:
        vlm: who will look; one with `most_pictures` says how many pictures a request may carry.
        frames: decoded; each stands for the wanted seconds from its own to the next frame's.
        chosen: the selection that they were decoded for.
    """
    scales, regions = None, ()
    if chosen is not None and len(frames):
        rows = np.searchsorted(frames.seconds, chosen.seconds + 1e-6, side="right") - 1
        rows = np.clip(rows, 0, None)
        if chosen.scales is not None:
            scales = np.full(len(frames), np.inf)
            np.minimum.at(scales, rows, chosen.scales)
            scales[~np.isfinite(scales)] = 1.0
        if chosen.regions:
            boxes = dict(zip(rows.tolist(), chosen.regions, strict=True))
            regions = tuple(boxes.get(row) for row in range(len(frames)))
    name = vlm.id.partition("@")[0]  # a served model's id goes on with its address
    return Terms(name, getattr(vlm, "most_pictures", None), None, scales, regions)


def shown_at(
    frames: Frames, row: int, scale: float, note: str = "", region: Box | None = None
) -> Picture:
    """Return one frame, or a region of it, at 1/scale of its sides; nothing is enlarged."""
    pixels = frames.pixels[row] if region is None else frames.take([row]).crop(region).pixels[0]
    side = max(pixels.shape[:2])
    share = min(1.0, max(1.0 / scale, SMALLEST / side))
    if share < 1:
        pixels = shrink(pixels[None], share)[0]
    return Picture(pixels, (float(frames.seconds[row]),), note)


def laid_out(frames: Frames, pictures: list[Picture]) -> LaidOut:
    """Return frames with the pictures that show them."""
    return LaidOut(frames.pixels, frames.seconds, tuple(pictures))
