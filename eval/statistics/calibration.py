"""Is a confidence of 0.8 right four times in five? Fitting, and measuring how far off it is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from .bootstrap import bootstrap_statistic
from .estimate import Estimate

FOLDS = 5
GROUPS, SMALLEST = 12, 8  # of a fitted map: groups at most, answers of a group at least


def fit_isotonic(
    raw: Sequence[float] | np.ndarray, right: Sequence[bool] | np.ndarray
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return points of a rising map from confidence to the share of right answers, as two lists.

    Answers of similar confidence are taken together, their share is drawn towards that of
    all by two answers more, and the shares are made to rise (isotonic regression).

    Raises:
        ValueError: no answers.
    """
    if not len(raw):
        raise ValueError("raw: a calibration needs at least one answer")
    from scipy.optimize import isotonic_regression

    order = np.argsort(np.asarray(raw, float), kind="stable")
    bins = np.array_split(order, max(1, min(GROUPS, len(order) // SMALLEST)))
    sizes = np.array([len(rows) for rows in bins], float)
    levels = np.array([np.mean([raw[row] for row in rows]) for rows in bins])
    overall = (sum(map(bool, right)) + 1) / (len(order) + 2)  # never certain (Laplace)
    hits = np.array([sum(bool(right[row]) for row in rows) for rows in bins])
    shares = (hits + 2 * overall) / (sizes + 2)
    fitted = isotonic_regression(shares, weights=sizes).x
    points = dict(zip(levels.round(4).tolist(), fitted.round(4).tolist(), strict=True))
    return tuple(points), tuple(points.values())


def cross_fitted(
    raw: Sequence[float], right: Sequence[bool], groups: Sequence[str], seed: int = 0
) -> np.ndarray:
    """Return each answer's calibrated confidence from a map fitted without its group, float [N].

    Args:
        raw: confidences.
        right: whether each answer was right.
        groups: what must not be on both sides, a film's name; with one group only, random folds.
        seed: of the folds.
    """
    names = np.array(groups)
    if len(set(groups)) < 2:
        names = np.random.default_rng(seed).integers(FOLDS, size=len(raw)).astype(str)
    scores, truth = np.array(raw, float), np.array(right, bool)
    out = np.zeros(len(scores))
    for name in np.unique(names):
        mine = names == name
        out[mine] = np.interp(scores[mine], *fit_isotonic(scores[~mine], truth[~mine]))
    return out


def calibration_error(
    confidence: Sequence[float] | np.ndarray, right: Sequence[bool], bins: int = 10
) -> float:
    """Return the expected calibration error (Naeini et al. 2015) over bins of equal width."""
    scores, truth = np.asarray(confidence, float), np.asarray(right, float)
    rows = np.minimum((scores * bins).astype(int), bins - 1)
    off = [abs(scores[rows == b].sum() - truth[rows == b].sum()) for b in range(bins)]
    return float(sum(off) / len(scores))


def accuracy_at(
    confidence: Sequence[float] | np.ndarray, right: Sequence[bool], coverage: float
) -> float:
    """Return how often the most confident share of answers is right, a point of risk-coverage."""
    order = np.argsort(-np.asarray(confidence, float), kind="stable")
    kept = order[: max(1, round(coverage * len(order)))]
    return float(np.asarray(right, float)[kept].mean())


def brier(confidence: Sequence[float] | np.ndarray, right: Sequence[bool]) -> float:
    """Return the mean squared distance of confidence and outcome (Brier, 1950); 0 is perfect."""
    return float(np.mean((np.asarray(confidence, float) - np.asarray(right, float)) ** 2))


def adaptive_error(
    confidence: Sequence[float] | np.ndarray, right: Sequence[bool] | np.ndarray, bins: int = 15
) -> float:
    """Return the calibration error over bins of equally many answers (Nixon et al., 2019).

    Answers of the same confidence share their average outcome, so their order says nothing.
    """
    scores, truth = np.asarray(confidence, float), np.asarray(right, float)
    _, rows = np.unique(scores, return_inverse=True)
    truth = (np.bincount(rows, weights=truth) / np.bincount(rows))[rows]
    order = np.argsort(scores, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    off = [abs(scores[part].sum() - truth[part].sum()) for part in parts]
    return float(sum(off) / len(scores))


def adaptive_error_interval(
    confidence: Sequence[float],
    right: Sequence[bool],
    clusters: Sequence[Hashable],
    *,
    rounds: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Return the adaptive calibration error with its cluster-bootstrap interval.

    Args:
        confidence: from 0 to 1, [N].
        right: whether each answer was right, [N].
        clusters: the film of each answer, [N].
        rounds: bootstrap draws.
        seed: of the draws.
    """
    scores, truth = np.asarray(confidence, float), np.asarray(right, float)
    low, high = bootstrap_statistic(
        lambda rows: adaptive_error(scores[rows], truth[rows]), clusters, rounds=rounds, seed=seed
    )
    value = adaptive_error(scores, truth)
    return Estimate(value, low, high, len(scores), len(set(clusters)))


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """How often the most confident share of the answers is wrong (El-Yaniv and Wiener, 2010).

    Attributes:
        coverage: shares of the answers kept, rising to 1.
        risk: share of wrong ones among them.
        area: under the curve (AURC): the mean risk over all coverages; small is good.
    """

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    area: float


def risk_coverage(
    confidence: Sequence[float] | np.ndarray, right: Sequence[bool] | np.ndarray
) -> RiskCoverage:
    """Return the risk-coverage curve; answers of the same confidence come and go together."""
    scores, wrong = np.asarray(confidence, float), 1 - np.asarray(right, float)
    levels, rows = np.unique(-scores, return_inverse=True)
    sizes = np.bincount(rows, minlength=len(levels))
    kept, bad = np.cumsum(sizes), np.cumsum(np.bincount(rows, weights=wrong))
    risk = bad / kept
    area = float((risk * sizes).sum() / len(scores))
    return RiskCoverage(tuple((kept / len(scores)).tolist()), tuple(risk.tolist()), area)
