"""shots: one frame a shot, those shots that differ most from each other.

Ours, on a common idea: key frames of shots, picked by the farthest-point rule of Gonzalez
(Theoretical Computer Science 38, 1985). A film without a cut is one shot.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .selection import FilmFacts, Selection, selected
from .uniform import filled


def shots(facts: FilmFacts, budget: int) -> Selection:
    """Take the middle sample of each shot; of more shots than budget, the most diverse ones.

    The longest shot comes first, then whichever is farthest from all taken. Without
    vectors the shots are thinned evenly; fewer shots than budget are filled up evenly. Cost:
    O(budget x shots x D).
    """
    middles, lengths = _middles(facts)
    if len(middles) > budget:
        rows = _rows_of(facts, middles)
        if facts.vectors is None or rows is None:
            keep = np.linspace(0, len(middles) - 1, budget).round().astype(int)
        else:
            keep = farthest(facts.frames(rows), budget, int(np.argmax(lengths)))
        middles = middles[keep]
    picks = [(float(second), 0.0) for second in middles]
    return filled(selected(picks, facts, budget), facts, budget)


def farthest(points: np.ndarray, count: int, first: int = 0) -> np.ndarray:
    """Return at most so many rows of points [N, D], each the farthest from all before it, int64."""
    rows = [first]
    near = np.full(len(points), np.inf)
    while len(rows) < min(count, len(points)):
        near = np.minimum(near, ((points - points[rows[-1]]) ** 2).sum(axis=1))
        near[rows] = -1.0
        rows.append(int(np.argmax(near)))
    return np.array(rows)


def _middles(facts: FilmFacts) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle second and the length of every shot of what decodes."""
    pairs: list[tuple[float, float]] = []
    for part in facts.parts:
        inner = facts.cuts[(facts.cuts > part.start) & (facts.cuts < part.end)]
        edges = np.concatenate([[part.start], inner, [part.end]])
        pairs += [((a + b) / 2, b - a) for a, b in pairwise(edges)]
    table = np.array(pairs)
    return table[:, 0], table[:, 1]


def _rows_of(facts: FilmFacts, seconds: np.ndarray) -> np.ndarray | None:
    if not len(facts.seconds):
        return None
    rows = np.searchsorted(facts.seconds, seconds)
    rows = np.clip(rows, 0, len(facts.seconds) - 1)
    before = np.maximum(rows - 1, 0)
    closer = np.abs(facts.seconds[before] - seconds) < np.abs(facts.seconds[rows] - seconds)
    return np.where(closer, before, rows)
