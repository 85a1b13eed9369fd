"""sevices: frames that words point at, and frames of the clusters where words and pictures agree.

After SeViCES (arXiv 2510.20622), whose equations were not published in full: the semantic branch
keeps the best candidates of equal sections of the film, the visual branch gives each cluster of
frames a share by the mutual information of semantic and visual scores. The formulas are those of
our own reading (`semantic`, `visual`). Its LLM scores captions of single frames; the passages of
the index stand for them, an instant counting by the best passage over it. The consensus of both
branches' answers is the agent's (`agent/verification/consensus.py`); the selector alone takes half
of the budget from each.
"""

from __future__ import annotations

import numpy as np

from ..scaling import largest_remainder, min_max, relevance, smoothed
from ..selection import FilmFacts, Selection, selected
from ..shots import farthest
from ..uniform import UNLIKE, UNSEEN, evenly, filled
from .kmeans import kmeans

MOST_CANDIDATES = 512
ALONE = 0.5  # weight of an instant's own score; the rest is that of its neighbourhood
NEAR = 2.0  # candidates, the deviation of the neighbourhood's Gaussian
FEWEST, MOST = 4, 32  # clusters
TOLERANCE = 1e-6
RESTARTS = 5


def sevices(facts: FilmFacts, budget: int) -> Selection:
    """Take half by `semantic` and half by `visual`; without words the cosines stand for them.

    Evenly where neither words nor pictures tell anything. Cost: O(C K D), C <= 512 candidates.
    """
    rows = _candidates(facts)
    if not len(rows):
        return evenly(facts, budget, UNSEEN)
    likeness = relevance(facts)
    said = _words(facts)[rows]
    own = min_max(said) if said.any() else None
    if own is None and likeness is None:
        return evenly(facts, budget, UNLIKE)
    s = own if own is not None else likeness[rows]  # type: ignore[index]
    s = ALONE * s + (1 - ALONE) * smoothed(s, NEAR)
    if facts.vectors is None:
        picks, value = semantic(s, budget), s
    else:
        vectors = facts.frames(rows)
        v = likeness[rows] if likeness is not None else _near_best(vectors, s)
        words = semantic(s, budget)
        pictures = visual(vectors, s, v, budget, facts.seed)
        picks = _in_turns(words, pictures, budget)
        value = (min_max(s) + min_max(v)) / 2
    pairs = [(float(facts.seconds[rows[row]]), float(value[row])) for row in picks]
    return filled(selected(pairs, facts, budget), facts, budget)


def semantic(scores: np.ndarray, budget: int) -> list[int]:
    """Return `budget` rows of scores [C], the best first: each section of the film has a quota.

    Sections are equal, a quarter of the budget in number; each gets one and a share of the rest by
    the sum of its scores. What a section cannot use goes to the best that remain; all rows where
    there are no more than the budget.
    """
    count = len(scores)
    if count <= budget:
        return np.argsort(-scores, kind="stable").tolist()
    sections = np.array_split(np.arange(count), -(-budget // 4))
    sums = np.array([scores[section].sum() for section in sections])
    quotas = 1 + largest_remainder(sums, budget - len(sections))
    kept: list[int] = []
    for section, quota in zip(sections, quotas.tolist(), strict=True):
        ranked = section[np.argsort(-scores[section], kind="stable")]
        kept += ranked[:quota].tolist()
    taken = np.zeros(count, bool)
    taken[kept] = True
    rest = np.argsort(-np.where(taken, -np.inf, scores), kind="stable")
    kept += rest[: budget - len(kept)].tolist()
    return sorted(kept, key=lambda row: (-scores[row], row))


def visual(
    vectors: np.ndarray, s: np.ndarray, v: np.ndarray, budget: int, seed: int = 0
) -> list[int]:
    """Return `budget` rows, the best of each cluster first.

    A cluster of n rows weighs `n**0.5 (1 + I) (mean s + eps)` with `I = -1/2 ln(1 - rho**2 + eps)`,
    rho the correlation of s and v in it (0 for fewer than four rows, or where either is constant).
    Inside, the row of the largest s v comes first, then the farthest in picture and time.

    Args:
        vectors: unit vectors of the candidates, float32 [C, D].
        s: semantic score of each, [C].
        v: visual score of each, [C].
        budget: rows wanted.
        seed: of k-means.
    """
    count = len(s)
    if count <= budget:
        return np.argsort(-s * v, kind="stable").tolist()
    wanted = int(np.clip(round((count / 2) ** 0.5), FEWEST, MOST))
    groups = kmeans(vectors, wanted, seed, RESTARTS)
    members = [np.flatnonzero(groups.labels == group) for group in range(groups.count)]
    weights = np.array(
        [
            len(m) ** 0.5 * (1 + _information(s[m], v[m])) * (float(s[m].mean()) + TOLERANCE)
            for m in members
        ]
    )
    shares = _shares(weights, np.array([len(m) for m in members]), budget)
    ranked = [
        _spread_out(vectors[m], m / count, s[m] * v[m], share)
        for m, share in zip(members, shares.tolist(), strict=True)
    ]
    order = np.argsort(-weights, kind="stable")
    turns = max((len(rows) for rows in ranked), default=0)
    return [
        int(members[group][ranked[group][turn]])
        for turn in range(turns)
        for group in order
        if turn < len(ranked[group])
    ]


def _shares(weights: np.ndarray, sizes: np.ndarray, budget: int) -> np.ndarray:
    """Share rows among clusters: one each and the rest by weight; none gets more than it has."""
    shares = np.zeros(len(weights), np.int64)
    if len(weights) > budget:
        shares[np.argsort(-weights, kind="stable")[:budget]] = 1
        return shares
    shares += 1
    while (left := budget - int(shares.sum())) > 0:
        room = sizes - shares
        extra = largest_remainder(np.where(room > 0, weights + 1e-12, 0.0), left)
        shares += np.minimum(extra, room)
    return shares


def _information(s: np.ndarray, v: np.ndarray) -> float:
    if len(s) < FEWEST or s.std() < 1e-9 or v.std() < 1e-9:
        return 0.0
    rho = float(((s - s.mean()) * (v - v.mean())).mean() / (s.std() * v.std()))
    return -0.5 * float(np.log(max(1 - rho**2, 0.0) + TOLERANCE))


def _spread_out(vectors: np.ndarray, when: np.ndarray, value: np.ndarray, count: int) -> list[int]:
    """Return rows of a cluster: the most valuable, then each the farthest from all before it."""
    if not count:
        return []
    places = np.concatenate([vectors, when[:, None]], axis=1)
    return farthest(places, count, int(np.argmax(value))).tolist()


def _in_turns(first: list[int], second: list[int], budget: int) -> list[int]:
    """Return rows of both rankings in turn, each once."""
    both = [row for pair in zip(first, second, strict=False) for row in pair]
    return list(dict.fromkeys([*both, *first, *second]))[: max(budget, 1)]


def _candidates(facts: FilmFacts) -> np.ndarray:
    count = min(len(facts.seconds), MOST_CANDIDATES)
    if not count:
        return np.zeros(0, np.intp)
    rows = np.unique(np.linspace(0, len(facts.seconds) - 1, count).round().astype(np.intp))
    wanted = relevance(facts)
    if wanted is None or count == len(facts.seconds):
        return rows
    # of a long film each candidate is the likeliest instant of its group
    groups = np.array_split(np.arange(len(facts.seconds)), count)
    return np.array([int(group[np.argmax(wanted[group])]) for group in groups])


def _words(facts: FilmFacts) -> np.ndarray:
    """Return the score of the best passage over each sampled instant, float64 [S]; 0 for none."""
    scores = np.zeros(len(facts.seconds))
    for line in (line for lines in facts.passages for line in lines):
        inside = (facts.seconds >= line.span.start) & (facts.seconds < line.span.end)
        scores[inside] = np.maximum(scores[inside], line.score)
    return np.nan_to_num(scores)


def _near_best(vectors: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Return the cosine with the weighted mean of the semantically best tenth, [C]."""
    best = np.argsort(-s, kind="stable")[: max(1, len(s) // 10)]
    centre = (vectors[best] * s[best, None]).sum(axis=0)
    length = float(np.linalg.norm(centre))
    return np.clip(vectors @ (centre / length), 0.0, 1.0) if length > 0 else np.zeros(len(s))
