"""The executor: makes calls for a node, pays for them, and collects what to add to the state.

Calls are numbered. One that an earlier process finished is read back from the trace; one that the
same run made before is answered from memory, at no cost: films do not change.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..models.client.transport.deadline import ends_within
from ..models.client.transport.problems import TimeUp
from ..tools.results import ToolResult
from ..tools.types import Cost
from . import stopping
from .cost.budget import Budget, Spent
from .cost.ledger import PLANNER, role_of
from .cost.rates import Rates
from .planners.base import Action, Turn
from .runs.events import Events
from .runs.trace import Trace
from .steps import Observation, Phase, Plan, Step, ToolUse, of_type, to_json

CallTool = Callable[[str, dict[str, Any], int, float], ToolResult]
"""Call a tool by name with its arguments, the frames it may still show and the seconds left."""


@dataclass(frozen=True)
class Resources:
    """What calls are made with, for a whole run.

    Attributes:
        call_tool: the toolbox.
        budget: the limits.
        events: where to report.
        trace: what earlier processes of this run finished.
        rates: what served models cost.
    """

    call_tool: CallTool
    budget: Budget
    events: Events
    trace: Trace
    rates: Rates = field(default_factory=Rates)


class Executor:
    """The working memory of one node: reads the steps, makes calls, collects what to add."""

    def __init__(self, resources: Resources, steps: list[Step], spent: Spent) -> None:
        self.steps = steps
        self.spent = spent
        self._resources = resources
        self._seen = len(steps)

    def add(self, step: Step) -> None:
        """Append a step to the memory."""
        self.steps.append(step)

    def exhausted(self, reserve: int = 0, *, count_steps: bool = True) -> str | None:
        """Name the limit that leaves no room for another call; None when there is room."""
        spent = self.spent if count_steps else replace(self.spent, steps=0)
        return self._resources.budget.exhausted(spent, reserve)

    def call(self, action: Action, phase: Phase, reserve: int, share: int = 1) -> Observation:
        """Make one call, or read back what an earlier process or an earlier step already knows.

        Args:
            action: the call.
            phase: where in the graph it is made.
            reserve: frames kept back for a later stage.
            share: how many calls divide what is left of the frames.
        """
        number = self.spent.tool_calls + 1
        self.add(ToolUse(number, action.tool, action.args, action.why, phase))
        recalled = self._resources.trace.recall(number, action.tool, action.args)
        if recalled:
            result, seconds = recalled
        else:
            result, seconds = self._make(action, number, phase, reserve, share)
        news = stopping.is_news(result, self.steps)
        step = Observation(number, phase, result, seconds, news)
        if not recalled:
            self._report(step)
        self.pay(result, seconds)
        self.add(step)
        return step

    def _make(
        self, action: Action, number: int, phase: Phase, reserve: int, share: int
    ) -> tuple[ToolResult, float]:
        self._resources.events.emit(
            "step.started",
            number=number,
            tool=action.tool,
            args=action.args,
            why=action.why,
            phase=phase,
        )
        began = time.monotonic()
        frames = self._resources.budget.frames_left(self.spent, reserve) // share
        result = self._remembered(action) or self._in_time(action, frames)
        # the planner knows its calls by the arguments it gave, whatever the tool made of them
        result = replace(result, args=action.args)
        return result, round(time.monotonic() - began, 3)

    def _report(self, step: Observation, **fields: Any) -> None:
        plain = to_json(step)
        self._resources.events.emit(
            "observation",
            number=step.number,
            phase=step.phase,
            tool=step.result.tool,
            args=step.result.args,
            seconds=step.seconds,
            news=step.news,
            result=plain["result"],
            **fields,
        )
        for item in plain["result"]["evidence"]:
            self._resources.events.emit("evidence", number=step.number, evidence=item)

    def _in_time(self, action: Action, frames: int) -> ToolResult:
        """Call the tool; one that waits for a server when the time is up has found nothing."""
        left = self._resources.budget.seconds_left(self.spent)
        try:
            with ends_within(left):
                return self._resources.call_tool(action.tool, action.args, frames, left)
        except TimeUp as problem:
            return ToolResult(action.tool, action.args, problem.message, error="budget")

    def pay(self, result: ToolResult, seconds: float) -> None:
        """Put a call on the account: its cost, and money where its role has a price."""
        usd = self._resources.rates.usd(role_of(result.tool, result.args), result.cost)
        self.spent = self.spent.add(result.cost, seconds, usd)

    def refuse(self, action: Action, text: str) -> None:
        """Record a call that was not made."""
        number = self.spent.tool_calls + 1
        self.add(ToolUse(number, action.tool, action.args, action.why, "act"))
        result = ToolResult(action.tool, action.args, text, error="bad_argument")
        step = Observation(number, "act", result, 0.0, news=False)
        self._report(step, refused=True)
        self.spent = self.spent.add(result.cost, 0.0)
        self.add(step)

    def note(self, turn: Turn, began: float) -> None:
        """Charge a decision, and record what the planner says of it and wants to find again.

        Args:
            turn: the decision.
            began: when planning began, on the monotonic clock.
        """
        after = len(self.steps)
        seconds = self._resources.trace.recall_plan(after)
        text, detail = "; ".join(turn.notes), dict(turn.detail)
        if seconds is None:
            # replies read back from the journal took their time in an earlier process
            seconds = round(max(time.monotonic() - began, turn.seconds), 3)
            self._resources.events.emit(
                "plan",
                after=after,
                text=text,
                detail=detail,
                seconds=seconds,
                cost=asdict(turn.cost),
            )
        usd = self._resources.rates.usd(PLANNER, turn.cost)
        self.spent = self.spent.charge(turn.cost, seconds, usd)
        if turn.notes or turn.detail or turn.cost != Cost():
            self.add(Plan(text, detail, turn.cost, seconds))

    def update(self) -> dict[str, Any]:
        """Return the state update: the new steps and what was spent."""
        fresh = [to_json(step) for step in self.steps[self._seen :]]
        return {"steps": fresh, "spent": self.spent.to_json()}

    def _remembered(self, action: Action) -> ToolResult | None:
        """Return an identical earlier call's result at no cost; films do not change."""
        for step in of_type(self.steps, Observation):
            same = step.result.tool == action.tool and step.result.args == action.args
            if same and not step.result.error:
                text = "seen already, the same call brings the same: " + step.result.text
                return replace(step.result, text=text, cost=Cost())
        return None
