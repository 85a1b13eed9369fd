"""A value with its interval, and the simplest one: the rate of independent samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...index.video.errors import UsageError

FEW_CLUSTERS = 30  # below this intervals over films are only a rough guide
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval and what is behind it.

    Attributes:
        n: samples.
        clusters: films that the interval was taken over; None where samples count as independent.
    """

    value: float
    low: float
    high: float
    n: int
    clusters: int | None = None


def scipy_stats() -> Any:
    """Return `scipy.stats`, loaded when first needed.

    Raises:
        UsageError: scipy is not installed.
    """
    try:
        from scipy import stats
    except ImportError as error:
        raise UsageError(
            "statistics need scipy, which is not installed", "pip install 'longtake[eval]'"
        ) from error
    return stats


def wilson(right: int, n: int) -> Estimate:
    """Return a rate with its Wilson score interval (Wilson, 1927); samples are independent.

    Raises:
        ValueError: no samples, or more right ones than samples.
    """
    if not 0 <= right <= n or n == 0:
        raise ValueError(f"right = {right}, n = {n}: a rate needs 0 <= right <= n and n > 0")
    low, high = scipy_stats().binomtest(right, n).proportion_ci(LEVEL, method="wilson")
    return Estimate(right / n, float(low), float(high), n)


def few_clusters(clusters: int) -> str | None:
    """Return the warning that belongs beside intervals over so few films; None for enough."""
    if clusters >= FEW_CLUSTERS:
        return None
    films = "1 film" if clusters == 1 else f"{clusters} films"
    return f"{films}: below {FEW_CLUSTERS} films the intervals over films are only a rough guide"
