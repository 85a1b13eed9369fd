"""How much each sampled instant is wanted: cosines of several cues as one relevance, 0 to 1."""

from __future__ import annotations

import numpy as np

from .selection import FilmFacts

LEAST_SPREAD = 1e-6
"""Cosines that spread less than this over a film tell nothing."""


def relevance(facts: FilmFacts) -> np.ndarray | None:
    """Return how like the cues each sampled instant is, float64 [S], 0 to 1; None: nothing tells.

    Each cue's cosines are scaled by their own spread over the film (0 at the median, 1 at the
    best), so that no cue outweighs another; an instant counts by its best cue. What is not a
    number counts as unlike.
    """
    if facts.similarity is None or facts.vectors is None or not facts.similarity.size:
        return None
    wanted = scaled(facts.similarity).max(axis=0)
    return wanted if wanted.any() else None


def scaled(similarity: np.ndarray) -> np.ndarray:
    """Scale each cue's cosines to 0 at their median and 1 at their best, float64 [cues, S]."""
    above, told = _above_median(similarity)
    spread = above.max(axis=1, keepdims=True)
    return np.clip(np.where(told, above / np.where(told, spread, 1.0), 0.0), 0.0, 1.0)


def standard(similarity: np.ndarray) -> np.ndarray:
    """Return how many deviations each cosine lies above its cue's median, float64 [cues, S].

    A cue that tells nothing is 0 everywhere.
    """
    above, told = _above_median(similarity)
    return np.where(told, above / np.maximum(above.std(axis=1, keepdims=True), LEAST_SPREAD), 0.0)


def _above_median(similarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return cosines above each cue's median, and whether the cue tells anything, bool [cues, 1].

    What is not a number counts as the least of all.
    """
    cosines = similarity.astype(np.float64)
    lowest = np.nanmin(cosines) if np.isfinite(cosines).any() else 0.0
    clean = np.nan_to_num(cosines, nan=lowest, posinf=lowest, neginf=lowest)
    above = clean - np.median(clean, axis=1, keepdims=True)
    return above, above.max(axis=1, keepdims=True) > LEAST_SPREAD


def min_max(values: np.ndarray) -> np.ndarray:
    """Scale values to 0 at the least and 1 at the most, float64 [N]; all 0 where all are equal."""
    values = np.nan_to_num(np.asarray(values, np.float64))
    low, high = (values.min(), values.max()) if len(values) else (0.0, 0.0)
    return (values - low) / (high - low) if high - low > 1e-8 else np.zeros(len(values))


def smoothed(values: np.ndarray, sigma: float) -> np.ndarray:
    """Return values averaged with a Gaussian of so many instants, the ends not darkened."""
    reach = max(1, min(int(3 * sigma + 0.5), len(values) - 1)) if len(values) > 1 else 0
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    inner = slice(reach, reach + len(values))
    weight = np.convolve(np.ones(len(values)), kernel)[inner]
    return np.convolve(values, kernel)[inner] / weight


def largest_remainder(weights: np.ndarray, count: int) -> np.ndarray:
    """Share `count` out by weight in whole numbers, int64 [N]: what is left goes to the remainders.

    Without any weight it is shared evenly, the first ones getting what is left.
    """
    weights = np.clip(np.nan_to_num(np.asarray(weights, np.float64)), 0.0, None)
    if weights.sum() <= 0:
        weights = np.ones(len(weights))
    exact = weights / weights.sum() * count
    shares = np.floor(exact + 1e-9).astype(np.int64)
    left = count - int(shares.sum())
    shares[np.argsort(-(exact - shares), kind="stable")[:left]] += 1
    return shares
