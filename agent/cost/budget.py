"""What a question may cost, and what it has cost so far.

Budgets are checked before every call: nothing starts once a limit is reached, and a call that shows
frames is told how many are left. So no limit on steps or frames is ever passed, not by one call.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from ...index.video.errors import UsageError

if TYPE_CHECKING:
    from ...tools.types import Cost


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of one question.

    Attributes:
        max_steps: rounds of plan, act, reflect.
        max_frames: frames shown to models, first look and audit included.
        max_calls: model calls.
        max_tokens: language-model tokens, in and out together.
        max_seconds: wall-clock seconds spent working (not those between a stop and a resume).
        max_usd: US dollars; None for no limit. Looked at between calls, so that the call under way
            when it is reached is still paid for.

    Raises:
        UsageError: a limit is not a positive number.
    """

    max_steps: int = 15
    max_frames: int = 640
    max_calls: int = 60
    max_tokens: int = 400_000
    max_seconds: float = 300.0
    max_usd: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "max_usd" and value is None:
                continue
            if value is None or not math.isfinite(value) or value <= 0:
                raise UsageError(
                    f"{field.name} = {value!r}: a budget needs a number above 0",
                    f"give {field.name} a positive value or leave it out",
                )

    def exhausted(self, spent: Spent, reserve_frames: int = 0) -> str | None:
        """Name the first limit that leaves no room for another call; None when there is room.

        Args:
            spent: what has been used.
            reserve_frames: frames kept back for a later stage (the audit).
        """
        checks = (
            ("steps", spent.steps, self.max_steps),
            ("frames", spent.frames_shown, self.max_frames - reserve_frames),
            ("calls", spent.model_calls, self.max_calls),
            ("tokens", spent.tokens_in + spent.tokens_out, self.max_tokens),
            ("seconds", spent.seconds, self.max_seconds),
            ("usd", spent.usd, math.inf if self.max_usd is None else self.max_usd),
        )
        for name, used, limit in checks:
            if used >= limit:
                return f"{name}: {used:g} of {limit:g} used"
        return None

    def frames_left(self, spent: Spent, reserve_frames: int = 0) -> int:
        """Return how many frames the next call may show."""
        return max(0, self.max_frames - reserve_frames - spent.frames_shown)

    def seconds_left(self, spent: Spent) -> float:
        """Return how long the next call may take."""
        return max(0.0, self.max_seconds - spent.seconds)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Spent:
    """What has been used up so far; grows with every call."""

    steps: int = 0
    tool_calls: int = 0
    frames_decoded: int = 0
    frames_shown: int = 0
    model_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    usd: float = 0.0
    cached: int = 0

    def add(self, cost: Cost, seconds: float, usd: float | None = None) -> Spent:
        """Return the sum after one more tool call that took `seconds`; None is no known price."""
        return replace(
            self,
            tool_calls=self.tool_calls + 1,
            frames_decoded=self.frames_decoded + cost.frames_decoded,
            frames_shown=self.frames_shown + cost.frames_shown,
            model_calls=self.model_calls + cost.model_calls,
            tokens_in=self.tokens_in + cost.tokens_in,
            tokens_out=self.tokens_out + cost.tokens_out,
            seconds=self.seconds + seconds,
            usd=self.usd + (usd or 0.0),
            cached=self.cached + cost.cached,
        )

    def charge(self, cost: Cost, seconds: float, usd: float | None = None) -> Spent:
        """Return the sum after the planner's own thinking, which is no tool call."""
        return replace(self.add(cost, seconds, usd), tool_calls=self.tool_calls)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Spent:
        """Read what `to_json` wrote."""
        return cls(**value)
