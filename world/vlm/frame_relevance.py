"""How strongly each frame shows what was answered: one yes-or-no question a frame.

No more than `SCORED_FRAMES` are asked about; between those the scores are interpolated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...index.video.frames import Frames
from .prompts import ask_text

SCORED_FRAMES = 16


def score_frames(
    frames: Frames,
    statement: str,
    weigh: Callable[[Sequence[Frames], str], Sequence[float]],
) -> tuple[float, ...]:
    """Return how strongly each frame shows what is stated, [N], 0 to 1.

    Args:
        frames: in time order; may be none.
        statement: what is to be seen.
        weigh: returns the probability of `yes` for each of some frames, asked this question.
    """
    count = len(frames)
    rows = np.unique(np.linspace(0, count - 1, min(count, SCORED_FRAMES)).round().astype(int))
    if not len(rows):
        return ()
    shares = weigh([frames.take([row]) for row in rows], ask_text("relevant", statement))
    return tuple(np.interp(np.arange(count), rows, np.asarray(shares, float)).tolist())
