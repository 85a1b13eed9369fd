"""A node's desk: it reads the steps, makes calls, and collects what to add to the state.

Calls are numbered. One that an earlier process finished is read back from the trace; one that the
same run made before is answered from memory, at no cost: films do not change.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..models.client.client import TimeUp
from ..models.client.deadline import ends_within
from ..tools.types import Cost
from ..tools.types import Observation as Found
from . import stopping as gate
from .cost.budget import Budget, Spent
from .cost.ledger import PLANNER, role_of
from .cost.rates import Rates
from .planners.base import Action, Turn
from .runs.events import Events
from .runs.trace import Trace
from .steps import Observation, Phase, Plan, Step, ToolUse, of_type, to_json

CallTool = Callable[[str, dict[str, Any], int], Found]
"""Call a tool by name with its arguments and the number of frames it may still show."""


GetReady = Callable[[str, dict[str, Any]], None]
"""Do the film's own work that a call needs first (read its on-screen text), once a film."""


@dataclass(frozen=True)
class Office:
    """What calls are made with.

    Attributes:
        call_tool: the toolbox.
        get_ready: work that belongs to the film, not to the question: its time is not charged.
        budget: the limits.
        events: where to report.
        trace: what earlier processes of this run finished.
        rates: what served models cost.
        one_at_a_time: held while the film's own work is done.
    """

    call_tool: CallTool
    get_ready: GetReady
    budget: Budget
    events: Events
    trace: Trace
    rates: Rates = field(default_factory=Rates)
    one_at_a_time: threading.RLock = field(default_factory=threading.RLock, repr=False)


class Desk:
    """The working memory of one node: reads the steps, makes calls, collects what to add."""

    def __init__(self, office: Office, steps: list[Step], spent: Spent) -> None:
        self.steps = steps
        self.spent = spent
        self._office = office
        self._seen = len(steps)

    def add(self, step: Step) -> None:
        """Append a step to the memory."""
        self.steps.append(step)

    def call(self, action: Action, phase: Phase, reserve: int, share: int = 1) -> Observation:
        """Make one call, or read back what an earlier process or an earlier step already knows.

        Args:
            action: the call.
            phase: where in the graph it is made.
            reserve: frames kept back for a later stage.
            share: how many calls divide what is left of the frames.
        """
        events, trace = self._office.events, self._office.trace
        number = self.spent.tool_calls + 1
        self.add(ToolUse(number, action.tool, action.args, action.why, phase))
        recalled = trace.recall(number, action.tool, action.args)
        if recalled:
            found, seconds = recalled
        else:
            events.emit("step.started", number=number, tool=action.tool, args=action.args,
                        why=action.why, phase=phase)  # fmt: skip
            with self._office.one_at_a_time:
                self._office.get_ready(action.tool, action.args)
            began = time.monotonic()
            frames = self._office.budget.frames_left(self.spent, reserve) // share
            found = self._remembered(action) or self._in_time(action, frames)
            # the planner knows its calls by the arguments it gave, whatever the tool made of them
            found = replace(found, args=action.args)
            seconds = round(time.monotonic() - began, 3)
        step = Observation(number, phase, found, seconds, gate.is_news(found, self.steps))
        if not recalled:
            plain = to_json(step)
            events.emit("observation", number=number, phase=phase, tool=action.tool,
                        args=action.args, seconds=seconds, news=step.news, found=plain["found"])  # fmt: skip
            for item in plain["found"]["evidence"]:
                events.emit("evidence", number=number, evidence=item)
        self.pay(found, seconds)
        self.add(step)
        return step

    def _in_time(self, action: Action, frames: int) -> Found:
        """Call the tool; one that waits for a server when the time is up has found nothing."""
        try:
            with ends_within(self._office.budget.seconds_left(self.spent)):
                return self._office.call_tool(action.tool, action.args, frames)
        except TimeUp as problem:
            return Found(action.tool, action.args, problem.message, error="budget")

    def pay(self, found: Found, seconds: float) -> None:
        """Put a call on the account: its cost, and money where its role has a price."""
        usd = self._office.rates.usd(role_of(found.tool, found.args), found.cost)
        self.spent = self.spent.add(found.cost, seconds, usd)

    def refuse(self, action: Action, text: str) -> None:
        """Record a call that was not made."""
        number = self.spent.tool_calls + 1
        self.add(ToolUse(number, action.tool, action.args, action.why, "act"))
        found = Found(action.tool, action.args, text, error="bad_argument")
        step = Observation(number, "act", found, 0.0, news=False)
        self._office.events.emit("observation", number=number, phase="act", tool=action.tool,
                                args=action.args, seconds=0.0, news=False, refused=True,
                                found=to_json(step)["found"])  # fmt: skip
        self.spent = self.spent.add(found.cost, 0.0)
        self.add(step)

    def note(self, turn: Turn, began: float) -> None:
        """Charge a decision, and record what the planner says of it and wants to find again.

        Args:
            turn: the decision.
            began: when planning began, on the monotonic clock.
        """
        after = len(self.steps)
        seconds = self._office.trace.recall_plan(after)
        text, detail = "; ".join(turn.notes), dict(turn.detail)
        if seconds is None:
            # replies read back from the journal took their time in an earlier process
            seconds = round(max(time.monotonic() - began, turn.seconds), 3)
            self._office.events.emit(
                "plan", after=after, text=text, detail=detail, seconds=seconds,
                cost=asdict(turn.cost),
            )  # fmt: skip
        usd = self._office.rates.usd(PLANNER, turn.cost)
        self.spent = self.spent.charge(turn.cost, seconds, usd)
        if turn.notes or turn.detail or turn.cost != Cost():
            self.add(Plan(text, detail, turn.cost, seconds))

    def update(self) -> dict[str, Any]:
        """Return the state update: the new steps and what was spent."""
        fresh = [to_json(step) for step in self.steps[self._seen :]]
        return {"steps": fresh, "spent": self.spent.to_json()}

    def _remembered(self, action: Action) -> Found | None:
        """Return an identical earlier call's findings at no cost; films do not change."""
        for step in of_type(self.steps, Observation):
            same = step.found.tool == action.tool and step.found.args == action.args
            if same and not step.found.error:
                text = "seen already, the same call brings the same: " + step.found.text
                return replace(step.found, text=text, cost=Cost())
        return None
