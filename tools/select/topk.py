"""topk: the instants most like the cues, apart in time, and unlike each other.

Relevance against redundancy after maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998):
the next pick maximises `RELEVANCE x relevance - (1 - RELEVANCE) x likeness to what is picked`.
"""

from __future__ import annotations

import numpy as np

from .selection import FilmFacts, Selection, selected
from .uniform import uniform

RELEVANCE = 0.7
MOST_CANDIDATES = 2000  # likeliest samples that are weighed against each other


def topk(facts: FilmFacts, budget: int) -> Selection:
    """Pick by similarity with the cues; evenly where there is nothing to compare.

    Each cue's cosines are scaled by their own spread over the film (0 at the median, 1 at the
    best), so that no cue outweighs another; a sample counts by its best cue. Picks lie at least a
    quarter of an even step apart. Cost: O(budget x candidates).
    """
    if facts.similarity is None or facts.vectors is None or not len(facts.seconds):
        return uniform(facts, budget)
    relevance = _scaled(facts.similarity).max(axis=0)
    rows = np.argsort(-relevance, kind="stable")[:MOST_CANDIDATES]
    seconds, wanted = facts.seconds[rows], relevance[rows]
    vectors = np.nan_to_num(facts.vectors[facts.rows[rows]])
    gap = facts.within.duration / budget / 4
    likeness = np.zeros(len(rows))
    free = np.ones(len(rows), bool)
    picks: list[tuple[float, float]] = []
    while free.any() and len(picks) < budget:
        value = np.where(free, RELEVANCE * wanted - (1 - RELEVANCE) * likeness, -np.inf)
        best = int(value.argmax())
        picks.append((float(seconds[best]), float(wanted[best])))
        likeness = np.maximum(likeness, vectors @ vectors[best])
        free &= np.abs(seconds - seconds[best]) >= gap
        free[best] = False
    return selected(picks, facts.within, budget)


def _scaled(similarity: np.ndarray) -> np.ndarray:
    """Scale each cue's cosines to 0 at their median and 1 at their best, float64 [cues, S]."""
    clean = np.nan_to_num(similarity.astype(np.float64), nan=-1.0)
    middle = np.median(clean, axis=1, keepdims=True)
    best = clean.max(axis=1, keepdims=True)
    return np.clip((clean - middle) / np.maximum(best - middle, 1e-9), 0.0, 1.0)
