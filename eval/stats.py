"""Error bars: how far a measured rate, or a difference of two rates, can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FEW_CLUSTERS = 30  # below this a bootstrap over films is only a rough guide
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval and the number of samples behind it."""

    value: float
    low: float
    high: float
    n: int


def wilson(right: int, n: int) -> Estimate:
    """Return a rate with its Wilson score interval (Wilson, 1927).

    Raises:
        ValueError: no samples, or more right ones than samples.
    """
    if not 0 <= right <= n or n == 0:
        raise ValueError(f"right = {right}, n = {n}: a rate needs 0 <= right <= n and n > 0")
    rate, z2 = right / n, Z95**2
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Estimate(rate, max(0.0, centre - half), min(1.0, centre + half), n)


def paired_difference(
    pairs: Mapping[str, Sequence[tuple[bool, bool]]], *, rounds: int = 5000, seed: int = 0
) -> Estimate:
    """Return how much more often the first of two methods is right, on the same samples.

    Films are drawn with replacement and, within each, samples: questions about one film share
    its difficulty, so treating them as independent would make the interval too narrow.

    Args:
        pairs: for each film, (first right, second right) of every sample.
        rounds: bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: there is no sample.
    """
    films = [np.array([int(a) - int(b) for a, b in rows]) for rows in pairs.values() if rows]
    if not films:
        raise ValueError("pairs: a difference needs at least one sample")
    rng = np.random.default_rng(seed)
    sizes = np.array([len(film) for film in films])
    # drawing samples with replacement is drawing how many of them are +1, 0 and -1
    sums = np.stack([_redraw(rng, film, (rounds, len(films))) for film in films])
    picked = rng.integers(len(films), size=(rounds, len(films)))
    total = np.take_along_axis(sums, picked[None], axis=0)[0].sum(axis=1)
    low, high = np.quantile(total / sizes[picked].sum(axis=1), (0.025, 0.975))
    every = np.concatenate(films)
    return Estimate(float(every.mean()), float(low), float(high), len(every))


def _redraw(rng: np.random.Generator, film: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return sums of as many draws from a film's differences as it has samples, int [shape]."""
    shares = [np.mean(film == value) for value in (1, 0, -1)]
    counts = rng.multinomial(len(film), shares, size=shape)
    return counts[..., 0] - counts[..., 2]


def mcnemar(first_only: int, second_only: int) -> float:
    """Return the exact two-sided p value of McNemar's test (McNemar, 1947).

    Args:
        first_only: samples that only the first method got right.
        second_only: samples that only the second got right.
    """
    n, k = first_only + second_only, min(first_only, second_only)
    tail = sum(math.comb(n, i) for i in range(k + 1)) / 2**n
    return min(1.0, 2 * tail)
