"""Intervals and sizes where the samples come in clusters: the questions of one film."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np

from .estimate import LEVEL, Estimate, scipy_stats


def codes(clusters: Sequence[Hashable]) -> tuple[np.ndarray, int]:
    """Number the clusters from 0: int [N] and how many there are."""
    known: dict[Hashable, int] = {}
    rows = np.array([known.setdefault(name, len(known)) for name in clusters], dtype=np.int64)
    return rows, len(known)


def standard_error(values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable]) -> float:
    """Return the cluster-robust standard error of the mean, with the factor C/(C-1).

    Raises:
        ValueError: fewer than two clusters.
    """
    rows, count = codes(clusters)
    if count < 2:
        raise ValueError(f"clusters = {count}: a standard error needs at least 2")
    data = np.asarray(values, float)
    sums = np.bincount(rows, weights=data - data.mean(), minlength=count)
    return math.sqrt(count / (count - 1) * float(sums @ sums)) / len(data)


def cluster_interval(
    values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable]
) -> Estimate | None:
    """Return the mean with its cluster-robust t interval, C-1 degrees of freedom.

    Args:
        values: one a sample, 0 or 1 for a rate; [N].
        clusters: the film of each sample, [N].

    Returns:
        None where it cannot be estimated: fewer than two clusters, or no spread at all.
    """
    data = np.asarray(values, float)
    count = len(set(clusters))
    if count < 2:
        return None
    error = standard_error(data, clusters)
    if error <= 1e-12:
        return None
    half = float(scipy_stats().t.ppf((1 + LEVEL) / 2, count - 1)) * error
    mean = float(data.mean())
    return Estimate(mean, mean - half, mean + half, len(data), count)


def icc(values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable]) -> float | None:
    """Return the intra-class correlation, by one-way analysis of variance (Donner, 1986).

    Returns:
        At most 1; negative values are noise around 0. None where it cannot be estimated: one
        cluster, one sample a cluster, or no spread at all.
    """
    data = np.asarray(values, float)
    rows, count = codes(clusters)
    n = len(data)
    if count < 2 or n <= count:
        return None
    sizes = np.bincount(rows, minlength=count)
    means = np.bincount(rows, weights=data, minlength=count) / sizes
    between = float((sizes * (means - data.mean()) ** 2).sum()) / (count - 1)
    within = float(((data - means[rows]) ** 2).sum()) / (n - count)
    typical = (n - float((sizes**2).sum()) / n) / (count - 1)
    spread = between + (typical - 1) * within
    return (between - within) / spread if spread > 0 else None


def effective_n(values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable]) -> float:
    """Return how many independent samples these are worth: n / (1 + (m - 1) ICC) (Kish, 1965).

    m is the size of the cluster of an average sample; a negative ICC counts as 0.
    """
    rows, count = codes(clusters)
    sizes = np.bincount(rows, minlength=count)
    n = len(rows)
    m = float((sizes**2).sum()) / n
    return n / (1 + (m - 1) * max(0.0, icc(values, clusters) or 0.0))
