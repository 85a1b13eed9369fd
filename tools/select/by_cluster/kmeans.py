"""k-means in plain numpy, seeded: every restart is sown by k-means++, the tightest one wins.

Lloyd, IEEE Trans. Inf. Theory 28, 1982; Arthur and Vassilvitskii, SODA 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDS = 50
RESTARTS = 10
WIDEST = 64
"""Columns above which points are projected at random before they are clustered: distances then
hold within about a tenth (Johnson and Lindenstrauss), at a tenth of the cost."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Groups of points.

    Attributes:
        labels: group of each point, int64 [N], 0 to `count` - 1; no group is empty.
        centres: mean of each group, float64 [count, D].
        count: how many groups; fewer than asked where fewer points differ.
    """

    labels: np.ndarray
    centres: np.ndarray

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.centres)

    def nearest(self, points: np.ndarray) -> np.ndarray:
        """Return for each group the row of its own point that is nearest to its mean, int64."""
        far = ((points - self.centres[self.labels]) ** 2).sum(axis=1)
        order = np.lexsort((np.arange(len(points)), far, self.labels))
        first = np.searchsorted(self.labels[order], np.arange(self.count))
        return order[first]


def kmeans(points: np.ndarray, count: int, seed: int = 0, restarts: int = RESTARTS) -> Clusters:
    """Group points by distance.

    Args:
        points: [N, D], N at least 1.
        count: groups wanted, at least 1.
        seed: of everything that is drawn.
        restarts: how often it is begun anew.
    """
    rng = np.random.default_rng(seed)
    whole = np.asarray(points, np.float64)
    flat = points.astype(np.float32)
    if flat.shape[1] > WIDEST:
        flat = flat @ (rng.normal(size=(flat.shape[1], WIDEST)) / WIDEST**0.5).astype(np.float32)
    norms = (flat**2).sum(axis=1)
    best, least = np.zeros(len(flat), np.int64), np.inf
    for _ in range(restarts):
        labels, spread = _settle(flat, norms, _sown(flat, norms, count, rng))
        if spread < least - 1e-9:
            best, least = labels, spread
    _, labels = np.unique(best, return_inverse=True)
    return Clusters(labels, _means(whole, labels, int(labels.max()) + 1))


def _sown(
    points: np.ndarray, norms: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw first centres, each with a chance that grows with the distance to those before it."""
    rows = [int(rng.integers(len(points)))]
    far = np.full(len(points), np.inf, np.float32)
    while True:
        last = points[rows[-1]]
        far = np.minimum(far, np.maximum(norms - 2 * (points @ last) + norms[rows[-1]], 0.0))
        # rounding leaves a trace of distance between equal points
        far[far < 1e-6 * max(1.0, float(norms.max()))] = 0.0
        if len(rows) == min(count, len(points)) or not far.any():
            return points[rows]
        steps = np.cumsum(far, dtype=np.float64)
        rows.append(int(np.searchsorted(steps, rng.random() * steps[-1], side="right")))


def _settle(points: np.ndarray, norms: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, float]:
    labels = np.full(len(points), -1)
    spread = np.inf
    for _ in range(ROUNDS):
        far = (centres**2).sum(axis=1)[None, :] - 2 * (points @ centres.T)
        now = far.argmin(axis=1)
        spread = float(far[np.arange(len(points)), now].sum() + norms.sum())
        if (now == labels).all():
            break
        labels = now
        sizes = np.bincount(labels, minlength=len(centres))
        means = _means(points, labels, len(centres))
        centres = np.where(sizes[:, None] > 0, means, centres).astype(np.float32)
    return labels, spread


def _means(points: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of each group's points, [count, D]; 0 for a group without any."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count))
    sizes = np.bincount(labels, minlength=count)
    sums = np.zeros((count, points.shape[1]), points.dtype)
    full = sizes > 0
    sums[full] = np.add.reduceat(points[order], starts[full], axis=0)
    return sums / np.maximum(sizes, 1)[:, None]
