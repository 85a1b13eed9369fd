"""ktv: one frame of each kind of picture, whatever the question is.

After KTV (arXiv 2602.03615): k-means over the frames' vectors, k = budget, and of each cluster the
frame nearest to its mean. The paper clusters DINOv2 vectors; here they are those of the index. Its
code looks for the nearest among all frames, so that two clusters may return one; here it is looked
for inside the cluster. The question only ranks the frames (`scores`), as in the paper.
"""

from __future__ import annotations

import numpy as np

from ..scaling import relevance
from ..selection import FilmFacts, Selection, selected
from ..uniform import filled, uniform
from .kmeans import RESTARTS, kmeans

MOST_FRAMES = 5400  # that are clustered, evenly spaced, as in the paper
FEW = 12
"""Clusters up to which k-means is begun ten times, as the paper does for its 6 or 12."""


def ktv(facts: FilmFacts, budget: int) -> Selection:
    """Cluster [S, D] into `budget` groups; evenly without vectors.

    Film of fewer kinds of picture than the budget is filled up evenly. Cost: O(S k D') a round of
    k-means, D' = min(D, 64).
    """
    if facts.vectors is None or not len(facts.seconds):
        return uniform(facts, budget)
    count = min(len(facts.seconds), MOST_FRAMES)
    rows = np.unique(np.linspace(0, len(facts.seconds) - 1, count).round().astype(int))
    points = facts.frames(rows)
    groups = kmeans(points, budget, facts.seed, RESTARTS if budget <= FEW else 2)
    chosen = rows[groups.nearest(points)]
    wanted = relevance(facts)
    scores = np.zeros(len(facts.seconds)) if wanted is None else wanted
    picks = [(float(facts.seconds[row]), float(scores[row])) for row in chosen]
    return filled(selected(picks, facts, budget), facts, budget)
