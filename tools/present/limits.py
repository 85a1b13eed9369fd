"""Keeping a layout within the pictures that a server takes."""

from __future__ import annotations

import math

from ...index.video.frames import Frames
from ...models.vlm.laid_out import LaidOut, plain, shared_pictures
from ...models.vlm.media import shrink
from .grid import packed
from .terms import Terms, laid_out


def within_limits(layout: LaidOut, terms: Terms) -> LaidOut:
    """Return a layout of no more pictures than the server takes.

    Neighbours of one size share pictures first; where that is not enough, all frames share them
    alike, at the cost of the layout.
    """
    most = terms.most_pictures
    if most is None or len(layout.pictures) <= most:
        return layout
    fewer = packed(list(layout.pictures), most)
    if len(fewer) <= most:
        return laid_out(layout, fewer)
    frames = plain(layout)
    shown = sum(p.pixels.shape[0] * p.pixels.shape[1] for p in layout.pictures)
    height, width = frames.pixels.shape[1:3]
    share = math.sqrt(min(1.0, shown / (len(frames) * height * width)))
    small = Frames(shrink(frames.pixels, share), frames.seconds) if share < 1 else frames
    return laid_out(layout, shared_pictures(small, most))
