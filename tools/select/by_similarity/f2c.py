"""f2c: short clips around the peaks of relevance, longer ones at lower resolution.

After F2C, *From Frames to Clips* (arXiv 2510.02262): a watershed over relevance gives anchors; the
length of each clip weighs its relevance against its own redundancy; a clip of l frames is shown at
1/s of width and height, `s = sqrt(anchors l / budget)`, so that it costs what its anchor alone
would. The pairwise term needs vectors; relevance is that of `scaling` (each cue scaled by its own
spread) in place of one cosine with the whole question, which would overflow a text encoder.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..scaling import relevance, smoothed
from ..selection import FilmFacts, Selection
from ..uniform import filled, uniform

MOST_SCALE = 2.0
REDUNDANCY, LENGTH = 0.5, 0.05  # weights of the pairwise cosine and of the length
SMOOTH = 1.0  # samples over which relevance is averaged before the watershed


def f2c(facts: FilmFacts, budget: int) -> Selection:
    """Choose clips of [S] relevance and [S, D] vectors; evenly without relevance.

    The sum of 1/scale**2 over the frames is at most `budget`; what few peaks leave of it is spent
    evenly. Cost: O(S + budget x longest**2 x D).
    """
    wanted = relevance(facts)
    if wanted is None:
        return uniform(facts, budget)
    most = facts.most_frames or int(budget * MOST_SCALE**2)
    peaks = anchors(smoothed(wanted, SMOOTH).round(9), facts.seconds, min(budget, most))
    longest = max(1, min(int(MOST_SCALE**2 * budget / len(peaks)), most // len(peaks)))
    cost = budget / len(peaks)  # frames of full size that a clip may cost
    scales = np.full(len(wanted), np.inf)
    for peak in peaks:
        around = np.arange(max(0, peak - longest), min(len(wanted), peak + longest + 1))
        rows = around[
            clip_rows(wanted[around], facts.frames(around), peak - int(around[0]), longest)
        ]
        scale = float(np.clip(np.sqrt(len(rows) / cost), 1.0, MOST_SCALE))
        # a frame that two clips want keeps the finer of both
        scales[rows] = np.minimum(scales[rows], scale)
    chosen = np.flatnonzero(np.isfinite(scales))
    shown = None if (scales[chosen] == 1).all() else scales[chosen]
    return filled(Selection(facts.seconds[chosen], wanted[chosen], shown), facts, budget)


def anchors(wanted: np.ndarray, seconds: np.ndarray, most: int) -> list[int]:
    """Return the rows of the peaks between valleys of relevance [S], rising, at most `most`.

    A valley is no higher than the one before it and lower than the one after it, so that a plateau
    is no row of valleys. Of too many peaks, neighbours in time share one (k-means of their times).
    """
    count = len(wanted)
    inner = (wanted[1:-1] <= wanted[:-2]) & (wanted[1:-1] < wanted[2:])
    edges = np.unique(np.concatenate([[0], np.flatnonzero(inner) + 1, [count]]))
    peaks = np.array([a + int(np.argmax(wanted[a:b])) for a, b in pairwise(edges)])
    if wanted.any():
        peaks = peaks[wanted[peaks] > 0]
    if len(peaks) <= most:
        return peaks.tolist()
    groups = _groups_in_time(seconds[peaks], most)
    best = [part[np.argmax(wanted[part])] for part in np.split(peaks, groups)]
    return [int(row) for row in best]


def clip_rows(wanted: np.ndarray, vectors: np.ndarray, anchor: int, longest: int) -> np.ndarray:
    """Return the rows of the best clip around an anchor: the l that maximises J(l).

    `J(l) = mean relevance - 0.5 mean pairwise cosine + 0.05 l / longest`, the pairwise term 0 for
    one frame. A window of even length has its extra frame on the left and is shifted inside.
    """
    cosines = vectors.astype(np.float64) @ vectors.T
    np.fill_diagonal(cosines, 0.0)
    sums = np.pad(cosines.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    best, found = -np.inf, (anchor, anchor + 1)
    for length in range(1, min(longest, len(wanted)) + 1):
        a = int(np.clip(anchor - length // 2, 0, len(wanted) - length))
        b = a + length
        inside = sums[b, b] - sums[a, b] - sums[b, a] + sums[a, a]
        redundancy = inside / max(1, length * (length - 1))
        value = wanted[a:b].mean() - REDUNDANCY * redundancy + LENGTH * length / longest
        if value > best + 1e-12:
            best, found = value, (a, b)
    return np.arange(*found)


def _groups_in_time(seconds: np.ndarray, count: int) -> np.ndarray:
    """Return where sorted times [P] are split into `count` groups by k-means in one dimension."""
    centres = np.quantile(seconds, (np.arange(count) + 0.5) / count)
    splits = np.zeros(0, int)
    for _ in range(50):
        now = np.searchsorted(seconds, (centres[1:] + centres[:-1]) / 2)
        # no group is empty
        now = np.maximum.accumulate(np.maximum(now, 1) - np.arange(count - 1)) + np.arange(
            count - 1
        )
        now = np.minimum(now, len(seconds) - np.arange(count - 1, 0, -1))
        if len(splits) == len(now) and (splits == now).all():
            break
        splits = now
        centres = np.array([part.mean() for part in np.split(seconds, splits)])
    return splits
