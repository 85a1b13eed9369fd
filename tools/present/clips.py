"""clips: frames at the sizes that the selector gave them, clip by clip, after F2C.

F2C (arXiv 2510.02262) shows a clip of l frames at 1/s of their sides; each clip is named by its
time span. Without scales every frame is a clip of full size.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ...index.video.frames import Frames
from ...models.vlm.laid_out import LaidOut
from ...prompts import render
from .limits import within_limits
from .terms import PLAIN, Terms, laid_out, shown_at

NEXT = 1.6
"""Frames farther apart than this many of the film's closest steps are of different clips."""


def as_clips(frames: Frames, terms: Terms = PLAIN) -> LaidOut:
    """Lay frames out at 1/scale of their sides; costs the selection's budget of full frames."""
    scales = np.ones(len(frames)) if terms.scales is None else terms.scales
    pictures = []
    for a, b in pairwise(clip_edges(frames.seconds, scales)):
        span = {"start": f"{frames.seconds[a]:.1f}", "end": f"{frames.seconds[b - 1]:.1f}"}
        note = render("vlm_clip_span", **span) if b - a > 1 else ""
        for row in range(a, b):
            region = terms.regions[row] if terms.regions else None
            said = "" if row > a else note
            pictures.append(shown_at(frames, row, float(scales[row]), said, region))
    return within_limits(laid_out(frames, pictures), terms)


def clip_edges(seconds: np.ndarray, scales: np.ndarray) -> list[int]:
    """Return where clips begin, and the end: neighbours in time of one scale are of one clip."""
    if not len(seconds):
        return [0]
    steps = np.diff(seconds)
    near = steps <= NEXT * max(1.0, float(steps.min(initial=np.inf)))
    alike = np.abs(np.diff(scales)) < 1e-6
    return [0, *(np.flatnonzero(~(near & alike)) + 1).tolist(), len(seconds)]
