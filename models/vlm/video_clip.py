"""Which frames may go to a server as a clip: those whose times a server cannot mistake.

Servers take a frame's time for its number over the rate, and look at two frames a second: so the
frames must be evenly spaced, no denser than that, and an even number, as Qwen's readers drop one
that is over.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ...index.video.frames import Frames

MOST_FRAMES = 32  # many servers take no more of a video unless told so
FEWEST_FRAMES = 4
CLOSEST = 0.5  # seconds between two frames
OFF = 0.05  # seconds that a frame's time may be off: as much as its time in words is


def clip_rate(frames: Frames) -> Fraction | None:
    """Return the frames a second of a clip in which every frame has its true time, or None."""
    count = len(frames)
    height, width = frames.pixels.shape[1:3]
    # the encoder halves the colours' resolution, which takes even sides
    if count % 2 or not FEWEST_FRAMES <= count <= MOST_FRAMES or height % 2 or width % 2:
        return None
    since = frames.seconds - frames.seconds[0]
    step = round(float(since[-1]) / (count - 1) * 1000) / 1000
    if step < CLOSEST or np.abs(since - step * np.arange(count)).max() > OFF:
        return None
    return 1 / Fraction(round(step * 1000), 1000)
