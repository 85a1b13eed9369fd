"""Is one method better than another on the same samples?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from .bootstrap import ROUNDS, bootstrap_mean
from .clusters import cluster_interval, standard_error
from .estimate import LEVEL, Estimate, scipy_stats

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two methods on the samples that both have.

    Attributes:
        difference: first minus second, cluster bootstrap.
        by_t: the same with the cluster-robust t interval; None where it cannot be estimated.
        first_only: samples that only the first got right; `second_only` likewise.
        mcnemar_p: exact p value, samples taken as independent.
        detectable: the smallest true difference that such a comparison finds in 80 of 100 cases;
            None where it cannot be estimated.
    """

    difference: Estimate
    by_t: Estimate | None
    first_only: int
    second_only: int
    mcnemar_p: float
    detectable: float | None


def compare(
    first: Sequence[float],
    second: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Comparison:
    """Compare two methods on the same samples, in the same order.

    Args:
        first: scores from 0 to 1, [N]; a sample is right above 0.5.
        second: scores of the other method, [N].
        clusters: the film of each sample, [N].
        rounds: bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: there is no sample.
    """
    one, two = np.asarray(first, float), np.asarray(second, float)
    gain = one - two
    only_one = int(((one > 0.5) & (two <= 0.5)).sum())
    only_two = int(((two > 0.5) & (one <= 0.5)).sum())
    return Comparison(
        bootstrap_mean(gain, clusters, rounds=rounds, seed=seed),
        cluster_interval(gain, clusters),
        only_one,
        only_two,
        mcnemar(only_one, only_two),
        minimum_detectable(gain, clusters),
    )


def mcnemar(first_only: int, second_only: int) -> float:
    """Return the exact two-sided p value of McNemar's test (McNemar, 1947).

    Args:
        first_only: samples that only the first method got right.
        second_only: samples that only the second got right.
    """
    if first_only + second_only == 0:
        return 1.0
    return float(scipy_stats().binomtest(first_only, first_only + second_only, 0.5).pvalue)


def cluster_p(gains: Sequence[float] | np.ndarray, clusters: Sequence[Hashable]) -> float | None:
    """Return the two-sided p value of a mean of 0, cluster-robust t test; None without spread."""
    found = cluster_interval(gains, clusters)
    if found is None or found.clusters is None:
        return None
    error = standard_error(gains, clusters)
    return float(2 * scipy_stats().t.sf(abs(found.value) / error, found.clusters - 1))


def minimum_detectable(
    gains: Sequence[float] | np.ndarray, clusters: Sequence[Hashable]
) -> float | None:
    """Return the smallest mean difference that is found with power 80 % at level 5 %.

    Args:
        gains: first score minus second score of each sample, [N].
        clusters: the film of each sample, [N].
    """
    found = cluster_interval(gains, clusters)
    if found is None or found.clusters is None:
        return None
    t = scipy_stats().t
    factor = t.ppf((1 + LEVEL) / 2, found.clusters - 1) + t.ppf(POWER, found.clusters - 1)
    return float(factor) * standard_error(gains, clusters)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values adjusted for how many there are (Holm, 1979), in the same order."""
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    adjusted = np.empty_like(steps)
    adjusted[order] = steps
    return adjusted.tolist()
