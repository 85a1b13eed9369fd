"""tstar: temporal search as spatial search, after T* (arXiv 2504.02259).

Rounds of g x g frames: what scored well makes its neighbours likelier to be looked at next, a cue
that is verified is not looked for any more. Scores come from an open-vocabulary detector where one
is given (`helpers.detect`), else from the encoder (a logistic of the cosine's standard score over
the film). Without either the VLM itself looks, through the search of `tools/find`, which is T*
by looking (`helpers.look`).

Other than the original: neighbours are raised from a copy, so that no raised score spreads again; a
score never falls below a floor; a cue is verified by its own score; what was drawn is seeded; the
best are taken with a least gap instead of drawn; a kernel regression over the visited frames stands
for its cubic spline (no scipy at run time), and P is tempered by a power, as a sigmoid of scores
from 0 to 1 is nearly flat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from ..scaling import smoothed
from ..selection import FilmFacts, Selection, selected
from ..uniform import UNLIKE, evenly, filled

GRID = 4
FOUND = 0.6  # score from which a cue counts as verified
SHARE, MOST_LOOKED = 0.5, 1000  # of the samples that are looked at; frames at most
FLOOR = 1e-6
REACH = 5  # samples to either side that a good score raises
GOOD = 75  # percentile of a round from which a score is good
POWER = 4.0
WIDTH = 30.0  # samples over which visited scores are averaged
CENTRE = 2.0
"""Standard score of a cosine that counts as 0.5; that of an encoder over an hour of film exceeds
it in one sample of fifty by chance."""
LOOK_FRAMES = 128  # frames that the VLM is shown at most

Rate = Callable[[np.ndarray], np.ndarray]
"""Rows of samples to how surely each shows each cue, float64 [n, cues]."""


def tstar(facts: FilmFacts, budget: int) -> Selection:
    """Search [S] samples and take the best, at least a quarter of an even step apart.

    Cost: (samples / 2) / 16 rounds, 63 at most, O(S) each; with a detector or a VLM, its calls.
    """
    rate = _rater(facts)
    if rate is None:
        return _by_looking(facts, budget)
    search = GridSearch(rate, len(facts.seconds), facts.seed)
    search.run()
    gap = facts.within.duration / budget / 4
    ranked = np.argsort(-search.scores, kind="stable")
    ranked = ranked[search.scores[ranked] > FLOOR]
    picks = zip(facts.seconds[ranked], search.scores[ranked], strict=True)
    return filled(selected(picks, facts, budget, gap), facts, budget)


@dataclass
class GridSearch:
    """The search over a timeline of samples.

    Args:
        rate: what scores frames.
        count: samples.
        seed: of what is drawn.

    Attributes:
        scores: float64 [count], 0 to 1.
        rounds: how many grids were looked at.
    """

    rate: Rate
    count: int
    seed: int = 0
    scores: np.ndarray = field(init=False)
    rounds: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.scores = np.full(self.count, FLOOR)
        self._unseen = np.ones(self.count, bool)
        self._chance = np.full(self.count, 0.3 * FOUND)
        self._rng = np.random.default_rng(self.seed)

    def run(self) -> None:
        """Look until every cue is verified or the budget is spent."""
        side = min(GRID, int(self.count**0.5)) or 1
        cells = min(side * side, self.count)
        left = min(MOST_LOOKED, max(cells, int(SHARE * self.count)))
        verified = np.zeros(0, bool)
        while left > 0 and self._unseen.any():
            rows = self._drawn(cells)
            found = np.clip(np.nan_to_num(self.rate(rows)), 0.0, 1.0)
            self.rounds += 1
            left -= len(rows)
            best = np.maximum(found.max(axis=1), FLOOR)
            self._unseen[rows] = False
            self.scores[rows] = best
            self.scores = spread(self.scores, rows[best >= np.percentile(best, GOOD)])
            self._refit()
            now = found.max(axis=0) > FOUND
            verified = verified | now if len(verified) else now
            if verified.all():
                break

    def _drawn(self, cells: int) -> np.ndarray:
        """Return the rows of the next grid: evenly at first, then by chance, rising."""
        if not self.rounds:
            return np.arange(cells) * (self.count // cells)
        base = self._chance + cells / self.count * self._chance.mean()
        chance = base * self._unseen
        chance = np.where(chance >= np.percentile(chance, GOOD), chance, 0.0)
        if np.count_nonzero(chance) < cells:
            chance = base * self._unseen
        cells = min(cells, int(np.count_nonzero(chance)))
        # the largest of exponential clocks: a weighted draw without replacement
        clocks = np.full(self.count, -np.inf)
        there = chance > 0
        clocks[there] = np.log(self._rng.random(int(there.sum()))) / chance[there]
        return np.sort(np.argpartition(-clocks, cells - 1)[:cells])

    def _refit(self) -> None:
        visited = (~self._unseen).astype(np.float64)
        weight = smoothed(visited, WIDTH)
        fit = smoothed(self.scores * visited, WIDTH) / np.maximum(weight, 1e-9)
        fit = np.where(weight > 1e-6, fit, self.scores[~self._unseen].mean())
        fit = np.maximum(fit, self.scores)
        chance = 1 / (1 + np.exp(-np.maximum(1 / self.count, fit)))
        self._chance = chance**POWER
        self._chance /= self._chance.sum()


def spread(scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return scores [S] with those of some rows spread: at distance d a score counts 1/(d+1)."""
    raised = scores.copy()
    for step in range(-REACH, REACH + 1):
        near = rows + step
        inside = (near >= 0) & (near < len(scores))
        np.maximum.at(raised, near[inside], scores[rows[inside]] / (abs(step) + 1))
    return raised


def _rater(facts: FilmFacts) -> Rate | None:
    detect = facts.helpers.detect
    if not len(facts.seconds):
        return None
    if detect is not None:
        return lambda rows: np.asarray(detect(facts.seconds[rows]), np.float64)
    if facts.similarity is None or not facts.similarity.size:
        return None
    cosines = np.where(np.isfinite(facts.similarity), facts.similarity, np.nan).astype(np.float64)
    told = np.isfinite(cosines).any(axis=1)
    cosines = cosines[told]
    if not len(cosines):
        return None
    deviation = np.nanstd(cosines, axis=1, keepdims=True)
    if not (deviation > FLOOR).any():
        return None
    mean = np.nanmean(cosines, axis=1, keepdims=True)
    standard = np.where(deviation > FLOOR, (cosines - mean) / np.maximum(deviation, FLOOR), -9.0)
    sure = 1 / (1 + np.exp(CENTRE - np.nan_to_num(standard, nan=-9.0)))
    return lambda rows: sure[:, rows].T


def _by_looking(facts: FilmFacts, budget: int) -> Selection:
    """Take the places that the VLM found in small frames; evenly where nothing can look."""
    if facts.helpers.look is None:
        return evenly(facts, budget, UNLIKE)
    hits, cost = facts.helpers.look(LOOK_FRAMES)
    found = selected([(hit.second, hit.score) for hit in hits], facts, budget)
    return replace(filled(found, facts, budget), cost=cost)
