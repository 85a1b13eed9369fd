"""topk: the instants most like the cues, apart in time, and unlike each other.

Relevance against redundancy after maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998):
the next pick maximises `RELEVANCE x relevance - (1 - RELEVANCE) x likeness to what is picked`.
"""

from __future__ import annotations

import numpy as np

from ..scaling import relevance
from ..selection import FilmFacts, Selection, selected
from ..uniform import uniform

RELEVANCE = 0.7
MOST_CANDIDATES = 2000  # likeliest samples that are weighed against each other


def topk(facts: FilmFacts, budget: int) -> Selection:
    """Pick by similarity with the cues; evenly where there is nothing to compare.

    Picks lie at least a quarter of an even step apart. Cost: O(budget x candidates).
    """
    wanted = relevance(facts)
    if wanted is None:
        return uniform(facts, budget)
    rows = np.argsort(-wanted, kind="stable")[:MOST_CANDIDATES]
    seconds, wanted = facts.seconds[rows], wanted[rows]
    vectors = facts.frames(rows)
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
    return selected(picks, facts, budget)
