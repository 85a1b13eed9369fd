"""A share with its interval, for the measurements of trained models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of `n` trials and its 95 % interval after Wilson (1927), each 0 to 1."""

    value: float
    low: float
    high: float
    n: int


def rate_of(right: Sequence[bool]) -> Rate:
    """Return the share of trials that are right."""
    from scipy.stats import binomtest

    count = int(sum(map(bool, right)))
    found = binomtest(count, len(right)).proportion_ci(method="wilson")
    return Rate(count / len(right), float(found.low), float(found.high), len(right))
