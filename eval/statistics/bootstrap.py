"""Cluster bootstrap: films are drawn with replacement, each with all its samples.

With a single film its samples are drawn instead; the interval then speaks of that film only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .clusters import codes
from .estimate import LEVEL, Estimate

ROUNDS = 5000
_CHUNK = 250  # rounds at a time, which bounds memory


def draws(count: int, rounds: int = ROUNDS, seed: int = 0) -> Iterator[np.ndarray]:
    """Yield how often each of `count` clusters is drawn, float [rounds of a chunk, count]."""
    rng = np.random.default_rng(seed)
    for start in range(0, rounds, _CHUNK):
        size = min(_CHUNK, rounds - start)
        picked = rng.integers(count, size=(size, count))
        picked += count * np.arange(size)[:, None]
        counts = np.bincount(picked.ravel(), minlength=size * count)
        yield counts.reshape(size, count).astype(float)


def percentile_interval(found: np.ndarray) -> tuple[float, float]:
    """Return the ends between which the middle 95 % of the draws lie; NaN draws are left out."""
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(found, (tail, 1 - tail))
    return float(low), float(high)


def bootstrap_mean(
    values: Sequence[float] | np.ndarray,
    clusters: Sequence[Hashable],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Estimate:
    """Return the mean with its cluster-bootstrap interval.

    Args:
        values: one a sample, [N].
        clusters: the film of each sample, [N].
        rounds: bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: there is no sample.
    """
    data = np.asarray(values, float)
    if not len(data):
        raise ValueError("values: a mean needs at least one sample")
    rows, count = codes(clusters)
    units = rows if count > 1 else np.arange(len(data))
    sums = np.bincount(units, weights=data)
    sizes = np.bincount(units).astype(float)
    found = np.concatenate([(w @ sums) / (w @ sizes) for w in draws(len(sums), rounds, seed)])
    return Estimate(float(data.mean()), *percentile_interval(found), len(data), count)


def paired_difference(
    pairs: Mapping[Any, Sequence[tuple[float, float]]], *, rounds: int = ROUNDS, seed: int = 0
) -> Estimate:
    """Return how much more the first of two methods scores, on the same samples.

    Args:
        pairs: for each film, (first score, second score) of every sample; 0 or 1 for a rate.
        rounds: bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: there is no sample.
    """
    values = [float(a) - float(b) for rows in pairs.values() for a, b in rows]
    films = [film for film, rows in pairs.items() for _ in rows]
    if not values:
        raise ValueError("pairs: a difference needs at least one sample")
    return bootstrap_mean(values, films, rounds=rounds, seed=seed)


def macro_mean(
    values: Sequence[float] | np.ndarray,
    groups: Sequence[Hashable],
    clusters: Sequence[Hashable],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Estimate:
    """Return the mean over groups of the groups' means (MLVU, VNBench, HourVideo).

    Films are drawn within each group where no film belongs to two groups, and all together
    otherwise, so that what the groups share stays shared.

    Args:
        values: one a sample, [N].
        groups: what the mean is taken over, such as the type of question, [N].
        clusters: the film of each sample, [N].
        rounds: bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: there is no sample.
    """
    data = np.asarray(values, float)
    if not len(data):
        raise ValueError("values: a mean needs at least one sample")
    kinds, many = codes(groups)
    films, count = codes(clusters)
    homes = {(film, kind) for film, kind in zip(films.tolist(), kinds.tolist(), strict=True)}
    macro = float(np.mean([data[kinds == kind].mean() for kind in range(many)]))
    if len(homes) == count and count > many:
        found = np.zeros(rounds)
        for kind in range(many):
            mine = kinds == kind
            found += _group_draws(data[mine], films[mine], rounds, seed + kind) / many
        return Estimate(macro, *percentile_interval(found), len(data), count)
    masks = np.eye(many)[kinds]
    low, high = bootstrap_means(
        data[:, None] * masks,
        masks,
        clusters,
        lambda means: np.nanmean(means, axis=1),
        rounds=rounds,
        seed=seed,
    )
    return Estimate(macro, low, high, len(data), count)


def _group_draws(data: np.ndarray, films: np.ndarray, rounds: int, seed: int) -> np.ndarray:
    _, rows = np.unique(films, return_inverse=True)
    sums, sizes = np.bincount(rows, weights=data), np.bincount(rows).astype(float)
    return np.concatenate([(w @ sums) / (w @ sizes) for w in draws(len(sums), rounds, seed)])


def bootstrap_means(
    values: np.ndarray,
    weights: np.ndarray,
    clusters: Sequence[Hashable],
    combine: Callable[[np.ndarray], np.ndarray],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the interval of what is combined from several weighted means.

    Args:
        values: what is summed of each sample for each mean, weights multiplied in, [N, J].
        weights: of each sample in each mean, [N, J].
        clusters: the film of each sample, [N].
        combine: from means [R, J], NaN where nothing was drawn, to the statistic, [R].
        rounds: bootstrap draws.
        seed: of the draws.
    """
    films, count = codes(clusters)
    units = films if count > 1 else np.arange(len(films))
    shape = (int(units.max()) + 1, values.shape[1])
    sums, sizes = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, units, values)
    np.add.at(sizes, units, weights)
    out = []
    for drawn in draws(shape[0], rounds, seed):
        with np.errstate(invalid="ignore"):
            means = (drawn @ sums) / (drawn @ sizes)
        out.append(combine(means))
    return percentile_interval(np.concatenate(out))


def bootstrap_statistic(
    statistic: Callable[[np.ndarray], float],
    clusters: Sequence[Hashable],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the interval of any statistic of samples, drawn film by film.

    Args:
        statistic: takes the rows of the samples drawn, int [M], repeats included.
        clusters: the film of each sample, [N].
        rounds: bootstrap draws.
        seed: of the draws.
    """
    films, count = codes(clusters)
    units = films if count > 1 else np.arange(len(films))
    members = np.split(np.argsort(units, kind="stable"), np.cumsum(np.bincount(units))[:-1])
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        picked = rng.integers(len(members), size=len(members))
        found.append(statistic(np.concatenate([members[unit] for unit in picked])))
    return percentile_interval(np.array(found))
