"""binmax: the likeliest instant of every part of a film.

After TSPO (arXiv 2508.04369): `budget` positions lie evenly over the candidates, each candidate
belongs to the nearest position, and of each group the one most like the question is taken. TSPO's
trained agent is left out; its logit is the plain cosine here.
"""

from __future__ import annotations

import numpy as np

from ..scaling import relevance
from ..selection import FilmFacts, Selection, selected
from ..uniform import filled, uniform


def binmax(facts: FilmFacts, budget: int) -> Selection:
    """Take the argmax of relevance [S] in each of `budget` groups; evenly without relevance.

    The earlier of equals is taken. Cost: O(S).
    """
    wanted = relevance(facts)
    if wanted is None:
        return uniform(facts, budget)
    rows = group_best(wanted, budget)
    picks = [(float(facts.seconds[row]), float(wanted[row])) for row in rows]
    picks.sort(key=lambda pick: -pick[1])
    return filled(selected(picks, facts, budget), facts, budget)


def group_best(scores: np.ndarray, groups: int) -> list[int]:
    """Return the row of the best score of each group, rising.

    Args:
        scores: [S], in time order.
        groups: evenly spaced positions, from the first row to the last; one is in the middle.
    """
    count = len(scores)
    if count <= groups:
        return list(range(count))
    middle = [(count - 1) / 2]
    positions = np.linspace(0, count - 1, groups) if groups > 1 else np.array(middle)
    edges = np.ceil((positions[1:] + positions[:-1]) / 2 - 1e-9).astype(int)
    return [int(part[0] + np.argmax(scores[part])) for part in np.split(np.arange(count), edges)]
