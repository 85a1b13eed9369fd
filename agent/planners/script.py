"""Scripts: plans written as generators, made again from the top for every decision.

A script yields a call, is sent what the call brought, and returns its answer. It is fed from the
memory, so that a planner keeps no state and a resumed run goes on as if it had never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from typing import Any

from ...tools.results import ToolResult
from ..steps import Observation, Step, of_type
from .base import Action, Done

Script = Generator[Action, ToolResult, Done]
Recall = Callable[[Action], ToolResult | None]


def follow(script: Script, recall: Recall) -> Action | Done:
    """Run a script as far as the memory reaches; return its next call, or its answer."""
    try:
        action = next(script)
        while (result := recall(action)) is not None:
            action = script.send(result)
    except StopIteration as stop:
        return stop.value
    return action


def memory_of(steps: Sequence[Step]) -> Recall:
    """Return what finds the result of a call that was made already."""
    made = {
        call_key(step.result.tool, step.result.args): step.result
        for step in of_type(steps, Observation)
    }
    return lambda action: made.get(call_key(action.tool, action.args))


def refusing(steps: Sequence[Step], reason: str) -> Recall:
    """Return what answers every call: with its result, or with a refusal where it was not made."""
    recall = memory_of(steps)

    def answered(action: Action) -> ToolResult:
        refused = ToolResult(action.tool, action.args, f"not made: {reason}", error="budget")
        return recall(action) or refused

    return answered


def call_key(tool: str, args: dict[str, Any]) -> str:
    """Return a key that is the same for the same call."""
    return tool + " " + json.dumps(args, sort_keys=True)
