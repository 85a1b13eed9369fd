"""The interval of any metric of a benchmark, by the way in which it is put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..scoring.metric import Metric, Unit, macro_mean, mean, mean_f1, nested_macro_mean
from ..statistics import Estimate, bootstrap_mean, wilson
from ..statistics import macro_mean as macro_estimate
from ..statistics.bootstrap import bootstrap_means, bootstrap_statistic
from ..statistics.clusters import codes

_SLOW_UNITS = 4_000_000  # units drawn in all, for a metric of unknown make
LEAST_ROUNDS = 200


def metric_interval(metric: Metric) -> Estimate | None:
    """Return a metric with its interval over films; None without a unit."""
    units = metric.units
    if not units or metric.value is None:
        return None
    values = np.array([unit.value for unit in units])
    films = [unit.cluster for unit in units]
    if metric.reduce is mean:
        if (values == values[0]).all() and values[0] in (0.0, 1.0):
            # all right or all wrong: drawing again shows no spread, which is not certainty
            return replace(wilson(int(values.sum()), len(values)), clusters=len(set(films)))
        return bootstrap_mean(values, films)
    if metric.reduce is macro_mean:
        return macro_estimate(values, [unit.stratum for unit in units], films)
    if metric.reduce is nested_macro_mean:
        low, high = _nested(units, values, films)
    elif metric.reduce is mean_f1:
        pairs = np.stack([values, [unit.second for unit in units]], axis=1)
        low, high = bootstrap_means(pairs, np.ones_like(pairs), films, _f1)
    else:
        rounds = max(LEAST_ROUNDS, min(5000, _SLOW_UNITS // len(units)))
        low, high = bootstrap_statistic(
            lambda rows: metric.reduce([units[row] for row in rows]), films, rounds=rounds
        )
    return Estimate(metric.value, low, high, len(units), len(set(films)))


def _nested(units: Sequence[Unit], values: np.ndarray, films: Sequence[str]) -> tuple[float, float]:
    strata, many = codes([unit.stratum for unit in units])
    names = list(dict.fromkeys(unit.stratum for unit in units))
    groups, count = codes([name.split("/", 1)[0] for name in names])
    masks = np.eye(many)[strata]

    def combine(means: np.ndarray) -> np.ndarray:
        of_groups = [np.nanmean(means[:, groups == group], axis=1) for group in range(count)]
        return np.nanmean(np.stack(of_groups), axis=0)

    return bootstrap_means(values[:, None] * masks, masks, films, combine)


def _f1(means: np.ndarray) -> np.ndarray:
    total = means.sum(axis=1)
    return np.divide(2 * means.prod(axis=1), total, out=np.zeros_like(total), where=total > 0)
