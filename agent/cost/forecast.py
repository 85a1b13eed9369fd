"""What each role is expected to do for a question: calls, frames and tokens, before any is spent.

Own runs with the same models say it best. Without them the loop's own plan is turned into tokens
by the formula of the model's family: a reading of the question, a first look, a check, and half of
the times a search and two closer looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ...models.client.token_cost import family_of, prompt_tokens
from ...models.client.transport.address import SERVED, read_address
from ...tools.types import Cost
from .ledger import PLANNER

ENOUGH = 3
"""Own runs from which they count instead of the loop's plan."""

FRAMES, SIZE = 110, (448, 252)
CALLS, WORDS, REPLY = 4, 700, 60
TURNS, TURN_IN, TURN_OUT = 5, 3000, 150
"""What the loop's plan takes: frames shown, their size, requests, and tokens of each."""

_BY_TRANSFORMERS = ("transformers:", "local-dir:")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a question is expected to take.

    Attributes:
        by_role: role to its calls, frames and tokens.
        steps: tool calls.
        seconds: of work; None where it was never measured here.
        basis: where the numbers come from, in words.
    """

    by_role: Mapping[str, Cost]
    steps: int
    seconds: float | None
    basis: str


def forecast(usages: Sequence[Mapping[str, Any]], vlm: str, planner: str | None) -> Forecast:
    """Return what a question is expected to take.

    Args:
        usages: of own runs with these models (`runs.past_usages`).
        vlm: name of the video LLM, as in a profile.
        planner: name of the model that plans; None where scripts do.
    """
    if len(usages) >= ENOUGH:
        roles = dict.fromkeys(role for usage in usages for role in usage["by_role"])
        costs = {role: _medians([u["by_role"].get(role) or {} for u in usages]) for role in roles}
        seconds = median(usage["seconds"] for usage in usages)
        basis = f"the median of {len(usages)} runs with these models"
        return Forecast(costs, CALLS, seconds, basis)
    costs = {"vlm": vlm_cost(vlm)}
    if planner is not None:
        costs[PLANNER] = Cost(0, 0, TURNS, TURNS * TURN_IN, TURNS * TURN_OUT)
    return Forecast(costs, CALLS, None, "the loop's plan, not measured with these models")


def vlm_cost(vlm: str) -> Cost:
    """Return what the video LLM is asked and shown by the loop's plan."""
    if not reads_tokens(vlm):
        return Cost(FRAMES, FRAMES, CALLS)
    a_frame = prompt_tokens(family_of(_model(vlm)), 1, SIZE)
    return Cost(FRAMES, FRAMES, CALLS + 1, FRAMES * a_frame + (CALLS + 1) * WORDS, CALLS * REPLY)


def reads_tokens(model: str) -> bool:
    """Say whether a model is a language model that is counted in tokens."""
    return model.startswith((SERVED, *_BY_TRANSFORMERS))


def _model(vlm: str) -> str:
    return read_address(vlm).model if vlm.startswith(SERVED) else vlm.partition(":")[2]


def _medians(shares: Sequence[Mapping[str, Any]]) -> Cost:
    names = ("model_calls", "frames_shown", "tokens_in", "tokens_cached", "tokens_out")
    found = {name: round(median(share.get(name, 0) for share in shares)) for name in names}
    return Cost(
        found["frames_shown"],
        found["frames_shown"],
        found["model_calls"],
        found["tokens_in"],
        found["tokens_out"],
        found["tokens_cached"],
    )
