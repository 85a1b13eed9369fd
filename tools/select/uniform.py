"""uniform: evenly over the film, each instant moved to a keyframe of its own step."""

from __future__ import annotations

import numpy as np

from .selection import FilmFacts, Selection


def uniform(facts: FilmFacts, budget: int) -> Selection:
    """Divide the span into `budget` equal steps and take the middle of each.

    A keyframe decodes alone; any other frame costs the whole way from the keyframe before it. So
    each instant is moved to the nearest keyframe of its own step if there is one.
    """
    step = facts.within.duration / budget
    even = facts.within.start + (np.arange(budget) + 0.5) * step
    keys = facts.keyframes
    if len(keys):
        after = np.clip(np.searchsorted(keys, even), 0, len(keys) - 1)
        before = np.maximum(after - 1, 0)
        near_before = np.abs(keys[before] - even) <= np.abs(keys[after] - even)
        nearest = np.where(near_before, keys[before], keys[after])
        # just past the keyframe's own time, so that rounding cannot fall on the frame before
        even = np.where(np.abs(nearest - even) < step / 2, nearest + 1e-4, even)
    return Selection(even, np.zeros(budget))
