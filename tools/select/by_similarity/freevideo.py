"""freevideo: a few likely frames and a few even ones, cut to the region that the question names.

After Free Video-LLM (arXiv 2410.10441): three slow frames by cosine with the question, five middle
ones at floor(i T / 5), fifty small ones over the film; slow and middle frames are cut to a region
of interest. A patch's relevance is its cosine with the question; the region's centre is the mean
row and column of the best patches, its sides are sqrt(r) of the grid, shifted inside. The original
reads its pooled 24 x 12 grid as 12 x 24, which scrambles the box; here rows are rows. Its r = 0.8
cuts next to nothing off, so r is 0.3 here, as for a zoom.
"""

from __future__ import annotations

import numpy as np

from ....index.video.frames import Box
from ...types import Cost
from ..scaling import relevance
from ..selection import FilmFacts, Selection
from ..uniform import uniform

SLOW, MIDDLE, FAST = 3, 5, 50
FAST_SCALE = 6.0  # 4 x 4 of 24 x 24 patches
SMALL_SHARE = 0.15  # of the budget for small frames, as 50 x 16 of the paper's 2648 tokens
KEPT = 0.3  # share of the picture in the region


def freevideo(facts: FilmFacts, budget: int) -> Selection:
    """Spend 3/8 of the large frames by relevance and 5/8 evenly; small ones fill the rest.

    Regions need `facts.helpers.patches` (an encoder that gives patches; it decodes the large
    frames); without, whole frames are shown. Without relevance all large frames are even. Cost:
    O(S log S), and the patches of the large frames.
    """
    most = facts.most_frames or max(budget, FAST)
    small = min(FAST, int(budget * SMALL_SHARE * FAST_SCALE**2), most - 1)
    large = max(1, min(int(budget - small / FAST_SCALE**2), most // 2 if small else most))
    small = min(small, most - large, int((budget - large) * FAST_SCALE**2))
    wanted = relevance(facts)
    slow = 0 if wanted is None else max(1, round(large * SLOW / (SLOW + MIDDLE)))
    picks = _slow(facts, wanted, slow) if wanted is not None else {}
    for second in _middle(facts, large - len(picks)):
        picks.setdefault(second, 0.0)
    shown = np.array(sorted(picks))
    scores = np.array([picks[second] for second in shown.tolist()])
    regions, cost = _regions(facts, shown)
    even = uniform(facts, small).seconds if small > 0 else np.zeros(0)
    even = even[(np.abs(even[:, None] - shown[None, :]) >= 1e-3).all(axis=1)]
    seconds = np.concatenate([shown, even])
    order = np.argsort(seconds)
    every = [*regions, *[None] * len(even)]
    scales = np.concatenate([np.ones(len(shown)), np.full(len(even), FAST_SCALE)])[order]
    return Selection(
        seconds[order],
        np.concatenate([scores, np.zeros(len(even))])[order],
        None if not len(even) else scales,
        tuple(every[row] for row in order) if any(regions) else (),
        cost,
    )


def region(relevant: np.ndarray, kept: float = KEPT) -> Box:
    """Return the region of interest of one picture.

    Args:
        relevant: of each patch, [rows, columns].
        kept: share of the patches in it.
    """
    rows, columns = relevant.shape
    count = max(1, int(rows * columns * kept))
    best = np.argsort(-np.nan_to_num(relevant).ravel(), kind="stable")[:count]
    height, width = (max(1, round(side * kept**0.5)) for side in (rows, columns))
    row, column = (best // columns).mean() + 0.5, (best % columns).mean() + 0.5
    top = int(np.clip(round(row - height / 2), 0, rows - height))
    left = int(np.clip(round(column - width / 2), 0, columns - width))
    return Box(left / columns, top / rows, (left + width) / columns, (top + height) / rows)


def _slow(facts: FilmFacts, wanted: np.ndarray, count: int) -> dict[float, float]:
    rows = np.argsort(-wanted, kind="stable")[:count]
    return {float(facts.seconds[row]): float(wanted[row]) for row in rows}


def _middle(facts: FilmFacts, count: int) -> list[float]:
    """Return the samples at floor(i T / count); even instants where nothing is sampled."""
    if count < 1:
        return []
    if not len(facts.seconds):
        return uniform(facts, count).seconds.tolist()
    rows = np.unique(np.arange(count) * len(facts.seconds) // count)
    return facts.seconds[rows].tolist()


def _regions(facts: FilmFacts, seconds: np.ndarray) -> tuple[list[Box | None], Cost]:
    """Return the region of each frame, None for all of it, and what finding them cost."""
    found = facts.helpers.patches(seconds) if facts.helpers.patches and len(seconds) else None
    if found is None:
        return [None] * len(seconds), Cost()
    relevant, cost = found
    boxes: list[Box | None] = [
        region(patch) if np.isfinite(patch).all() and np.ptp(patch) > 1e-6 else None
        for patch in relevant
    ]
    boxes += [None] * (len(seconds) - len(boxes))
    return boxes, cost
