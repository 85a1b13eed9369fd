"""Independent calls of one turn, made side by side: one LangGraph task each, joined afterwards.

Each call gets its number and its share of the frames before it starts, and only what it needs of
the state, not a copy. The join adds what was brought in the order of the numbers, so that memory
is the same whichever call ended first. A call that fails leaves its siblings' results in the
checkpoint; one that a kill cut short is made again alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from . import stopping
from .cost.budget import Spent
from .executor import Executor, Resources
from .planners.base import Action
from .state import RunState, steps_of
from .steps import Observation, from_json, of_type, read_steps, to_json
from .verification.audit import AUDIT_FRAMES

LEAST_SHARE = 8
"""Frames that each of several calls must get; with fewer they are made one after the other."""


@dataclass(frozen=True)
class Readers:
    """Fans the calls of a turn out and joins them.

    Attributes:
        resources: toolbox, budget, events and trace.
        patience: the planner's, for the trap guard.
    """

    resources: Resources
    patience: int

    def fan_out(self, state: RunState) -> Literal["act", "consensus"] | list[Any]:
        """Send each call of a turn on its own way, where there are several and room for them.

        Returns:
            The next node, or a list of `Send`; langgraph evaluates this annotation, hence `Any`.
        """
        pending = state["pending"]
        if not pending:
            return "consensus"
        steps, spent = steps_of(state), Spent.from_json(state["spent"])
        recent = stopping.since_audit(steps)
        frames = self.resources.budget.frames_left(spent, AUDIT_FRAMES)
        # each may ask a model once; in turn, the budget is looked at before each
        short = self.resources.budget.max_calls - spent.model_calls < len(pending)
        alone = len(pending) == 1 or short or frames // len(pending) < LEAST_SHARE
        if alone or any(stopping.trapped(call["tool"], recent, self.patience) for call in pending):
            return "act"
        from langgraph.types import Send

        made = of_type(steps, Observation)
        orders = [
            {
                "action": call,
                "spent": replace(spent, tool_calls=spent.tool_calls + place).to_json(),
                "share": len(pending),
                "known": [to_json(step) for step in made if _same(step, call)][:1],
            }
            for place, call in enumerate(pending)
        ]
        return [Send("read", order) for order in orders]

    def read(self, order: dict[str, Any]) -> dict[str, Any]:
        """Make one of several calls, with its share of the frames."""
        executor = Executor(
            self.resources, read_steps(order["known"]), Spent.from_json(order["spent"])
        )
        executor.call(Action(**order["action"]), "act", AUDIT_FRAMES, share=order["share"])
        return {"reads": [executor.update()["steps"]]}

    def gather(self, state: RunState) -> dict[str, Any]:
        """Add what the calls brought to the memory, and what they cost to the account."""
        executor = Executor(self.resources, steps_of(state), Spent.from_json(state["spent"]))
        seconds = 0.0
        for use, seen in sorted(state["reads"], key=lambda pair: pair[0]["number"]):
            step = from_json(seen)
            assert isinstance(step, Observation)
            executor.add(from_json(use))
            # what a sibling found first is no news
            executor.add(replace(step, news=stopping.is_news(step.result, executor.steps)))
            executor.pay(step.result, 0.0)
            executor.spent = replace(executor.spent, steps=executor.spent.steps + 1)
            seconds = max(seconds, step.seconds)
        executor.spent = replace(executor.spent, seconds=executor.spent.seconds + seconds)
        return {**executor.update(), "reads": None, "pending": None}


def _same(step: Observation, call: dict[str, Any]) -> bool:
    action = asdict(Action(**call))
    result = step.result
    return (result.tool, result.args) == (action["tool"], action["args"]) and not result.error
