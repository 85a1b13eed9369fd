"""frames: every frame as a picture of its own, its time written before it."""

from __future__ import annotations

from ...index.video.frames import Frames
from ...models.vlm.laid_out import LaidOut
from .limits import within_limits
from .terms import PLAIN, Terms, laid_out, shown_at


def as_frames(frames: Frames, terms: Terms = PLAIN) -> LaidOut:
    """Show all frames alike: where some were to be smaller, all are made smaller at equal cost."""
    scale = 1.0
    if terms.scales is not None and len(frames):
        scale = float((len(frames) / (1 / terms.scales**2).sum()) ** 0.5)
    pictures = [shown_at(frames, row, scale) for row in range(len(frames))]
    return within_limits(laid_out(frames, pictures), terms)
