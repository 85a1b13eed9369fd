"""The estimate of a question before it is asked: expected, at worst, and which limit is nearest.

Nothing is asked of any model, and no film is read: the question's wording, the models' names, the
budget, the prices and what earlier runs took are all that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...tools.types import Cost
from .budget import Budget
from .forecast import Forecast, reads_tokens
from .pricing import Price
from .rates import Rates

LONGEST_REPLY = 1024
"""Tokens that one request may write at most."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of the budget and what is expected against it, in the limit's own unit."""

    expected: float
    limit: float

    @property
    def share(self) -> float:
        """What is expected as a share of the limit; 1 and more stops the run."""
        return self.expected / self.limit


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a question may cost.

    Attributes:
        forecast: what is expected of each role.
        usd: US dollars expected, by role; None where the role has no price or is not paid.
        expected_usd: US dollars expected in all; None where a served role has no price, or none
            is served.
        worst: what the budget lets through: calls, frames, tokens in and out together, seconds,
            and US dollars (None as above). The call under way at the end comes on top.
        limits: each limit of the budget that something is expected against.
    """

    forecast: Forecast
    usd: Mapping[str, float | None]
    expected_usd: float | None
    worst: Mapping[str, float | None]
    limits: Mapping[str, Limit]

    @property
    def nearest(self) -> str:
        """The limit that is expected to be used most."""
        return max(self.limits, key=lambda name: self.limits[name].share)

    @property
    def stops_at(self) -> str | None:
        """The limit that would end the run before its answer; None when all are expected to do."""
        return self.nearest if self.limits[self.nearest].share >= 1 else None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types; numbers named as in the answer document."""
        costs = self.forecast.by_role
        expected = _numbers(total_of(costs), self.expected_usd)
        roles = {role: _numbers(cost, self.usd[role]) for role, cost in costs.items()}
        return {
            "basis": self.forecast.basis,
            "expected": {**expected, "seconds": self.forecast.seconds, "by_role": roles},
            "worst": dict(self.worst),
            "limits": {name: asdict(limit) for name, limit in self.limits.items()},
            "stops_at": self.stops_at,
        }


def estimate(
    expected: Forecast, models: Mapping[str, str], budget: Budget, rates: Rates
) -> Estimate:
    """Hold a forecast against a budget and prices.

    Args:
        expected: calls, frames and tokens by role.
        models: role (`vlm`, and `planner` where a model plans) to its name.
        budget: the limits.
        rates: the prices of the served roles.
    """
    usd = {role: rates.usd(role, cost) for role, cost in expected.by_role.items()}
    total = total_of(expected.by_role)
    paid = None if rates.unknown or not rates.prices else sum(v or 0.0 for v in usd.values())
    tokens = budget.max_tokens if any(map(reads_tokens, models.values())) else 0
    worst: dict[str, float | None] = {
        "model_calls": budget.max_calls,
        "frames_shown": budget.max_frames,
        "tokens": tokens,
        "seconds": budget.max_seconds,
        "usd": None if paid is None else worst_usd(budget, rates),
    }
    limits = {
        "steps": Limit(expected.steps, budget.max_steps),
        "frames": Limit(total.frames_shown, budget.max_frames),
        "calls": Limit(total.model_calls, budget.max_calls),
        "tokens": Limit(total.tokens_in + total.tokens_out, budget.max_tokens),
    }
    if expected.seconds is not None:
        limits["seconds"] = Limit(expected.seconds, budget.max_seconds)
    if paid is not None and budget.max_usd is not None:
        limits["usd"] = Limit(paid, budget.max_usd)
    return Estimate(expected, usd, paid, worst, limits)


def worst_usd(budget: Budget, rates: Rates) -> float:
    """Return US dollars if the dearest model got all tokens, as many of them written as can be."""
    known = [price for price in rates.prices.values() if price is not None]
    dearest = max((_most(price, budget) for price in known), default=0.0)
    return min(dearest, budget.max_usd) if budget.max_usd is not None else dearest


def total_of(costs: Mapping[str, Cost]) -> Cost:
    """Return the sum over all roles."""
    rows = list(costs.values())
    return Cost(**{name: sum(getattr(row, name) for row in rows) for name in Cost.__slots__})


def _most(price: Price, budget: Budget) -> float:
    written = min(budget.max_tokens, budget.max_calls * LONGEST_REPLY)
    if price.output < price.input:
        written = 0
    return price.usd(budget.max_tokens - written, written)


def _numbers(cost: Cost, usd: float | None) -> dict[str, Any]:
    return {
        "model_calls": cost.model_calls,
        "frames_shown": cost.frames_shown,
        "tokens_in": cost.tokens_in,
        "tokens_cached": cost.cached,
        "tokens_out": cost.tokens_out,
        "usd": usd,
    }
