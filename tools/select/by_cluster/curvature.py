"""curvature: the instants at which the picture's path through feature space bends most.

After CurveStream (arXiv 2603.19571): with features F of the samples, `M = 1 - cos(F_t, F_t-1)`,
`d_1 = F_t-1 - F_t-2`, `d_2 = F_t - F_t-1`, `C = 1 - cos(d_1, d_2)`, `CS = M + LAMBDA C`; against a
running mean and deviation, `CS >= mean + K_CLEAR dev` is shown clearly, `CS >= mean + K_FUZZY dev`
small, the rest is dropped. The paper gives no decay; 0.9 is ours. Offline form, ours: the stream's
first-in-first-out memory forgets the beginning of a film, so that the strongest are kept here.
"""

from __future__ import annotations

import math

import numpy as np

from ..selection import FilmFacts, Selection
from ..uniform import UNSEEN, evenly, uniform

LAMBDA = 0.2
DECAY = 0.9
K_FUZZY, K_CLEAR = 0.0, 1.0
CLEAR = 0.8  # share of the budget for clear frames
FUZZY_SCALE = 2.0
WARM_UP = 3
STILL = 1e-6
"""Length of a step below which it has no direction."""


def curvature(facts: FilmFacts, budget: int) -> Selection:
    """Keep the strongest bends [S], clear at full size, fuzzy at half; evenly without vectors.

    Four fifths of the budget go to clear frames and the rest to fuzzy ones, a quarter of a frame
    each: about as many of one as of the other, which is the paper's best. Picks lie a quarter of
    an even step apart, or a scene of fast cuts would take all. Not question-aware. Cost: O(S D).
    """
    if facts.vectors is None or len(facts.seconds) < WARM_UP:
        return evenly(facts, budget, UNSEEN)
    height = heights(bends(facts.frames()))
    rank = np.argsort(-height, kind="stable")
    gap = facts.within.duration / budget / 4
    most = facts.most_frames or int(budget * FUZZY_SCALE**2)
    clear_rank = rank[height[rank] >= K_CLEAR]
    clear = _apart(facts.seconds, clear_rank, gap, min(most, math.ceil(CLEAR * budget)), [])
    fuzzy_rank = rank[(height[rank] >= K_FUZZY) & (height[rank] < K_CLEAR)]
    room = min(most, len(clear) + int((budget - len(clear)) * FUZZY_SCALE**2))
    both = _apart(facts.seconds, fuzzy_rank, gap, room, clear)
    rows = np.array(both, dtype=np.intp)
    if not len(rows):
        return uniform(facts, budget)
    scales = np.where(np.arange(len(rows)) < len(clear), 1.0, FUZZY_SCALE)
    order = np.argsort(facts.seconds[rows])
    rows, scales = rows[order], scales[order]
    scores = np.clip(height[rows] / max(float(height[rows].max()), 1e-9), 0.0, 1.0)
    return Selection(facts.seconds[rows], scores, None if (scales == 1).all() else scales)


def bends(vectors: np.ndarray, weight: float = LAMBDA) -> np.ndarray:
    """Return CS of each vector [N, D], float64 [N]; 0 for the first, M alone for the second."""
    x = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(x, axis=1)
    change, turn = np.zeros(len(x)), np.zeros(len(x))
    change[1:] = 1 - _cosines(x[1:], x[:-1], norms[1:], norms[:-1], 0.0)
    steps = x[1:] - x[:-1]
    lengths = np.linalg.norm(steps, axis=1)
    turn[2:] = 1 - _cosines(steps[1:], steps[:-1], lengths[1:], lengths[:-1], STILL)
    return change + weight * turn


def _cosines(
    a: np.ndarray, b: np.ndarray, a_long: np.ndarray, b_long: np.ndarray, least: float
) -> np.ndarray:
    """Return the cosine of each pair, float64 [N]; 1 where either is no longer than `least`."""
    there = (a_long > least) & (b_long > least)
    dots = np.einsum("ij,ij->i", a, b)
    return np.where(there, dots / np.where(there, a_long * b_long, 1.0), 1.0).astype(np.float64)


def heights(strength: np.ndarray) -> np.ndarray:
    """Return how many running deviations each CS lies above the running mean, float64 [N].

    The first three, before there is a mean to speak of, count as clear.
    """
    found = np.full(len(strength), K_CLEAR)
    mean, variance = float(strength[0]), 0.0
    for row, value in enumerate(strength.tolist()):
        mean = DECAY * mean + (1 - DECAY) * value
        variance = DECAY * variance + (1 - DECAY) * (value - mean) ** 2
        if row >= WARM_UP:
            deviation = variance**0.5
            found[row] = (value - mean) / deviation if deviation > 1e-9 else -1.0
    return found


def _apart(
    seconds: np.ndarray, ranked: np.ndarray, gap: float, most: int, kept: list[int]
) -> list[int]:
    """Return `kept` with rows of a ranking after it, at least `gap` apart, `most` in all."""
    rows = list(kept)
    taken = np.full(max(most, len(rows)), np.inf)
    taken[: len(rows)] = seconds[rows]
    for row in ranked.tolist():
        if len(rows) >= most:
            break
        if (np.abs(taken[: len(rows)] - seconds[row]) >= gap).all():
            taken[len(rows)] = seconds[row]
            rows.append(row)
    return rows
