"""What LangGraph carries and checkpoints: the steps, what was spent, and where the run stands.

Plain JSON only, never pixels: the checkpoint database stores the whole state at every step.
"""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from .cost.budget import Spent
from .steps import Step, read_steps


def collect(old: list[Any], new: list[Any] | None) -> list[Any]:
    """Append; None empties the list."""
    return [] if new is None else old + new


class RunState(TypedDict):
    """The state of one run.

    Attributes:
        run_id: names the run's folder and its checkpoint thread.
        intent: what the question wants (`Intent` as JSON).
        steps: append-only memory (see `steps.py`).
        spent: what was used up (`Spent` as JSON).
        pending: the calls that `plan` decided on and `act` makes; None in between.
        reads: what calls made side by side brought, until they are joined (see `parallel.py`).
        draft: the answer so far (`Done` as JSON); None while nothing is known.
        stop: why the loop stopped; None while it runs.
        audits: how often the audit has sent the loop back.
        verified: ids of evidence that the audit confirmed.
        dropped: ids of evidence that the audit refused.
    """

    run_id: str
    intent: dict[str, Any]
    steps: Annotated[list[dict[str, Any]], operator.add]
    spent: dict[str, Any]
    pending: list[dict[str, Any]] | None
    reads: Annotated[list[list[dict[str, Any]]], collect]
    draft: dict[str, Any] | None
    stop: str | None
    audits: int
    verified: list[str]
    dropped: list[str]


def fresh_state(run_id: str) -> RunState:
    """Return the state that a run begins with."""
    return RunState(
        run_id=run_id,
        intent={},
        steps=[],
        spent=Spent().to_json(),
        pending=None,
        reads=[],
        draft=None,
        stop=None,
        audits=0,
        verified=[],
        dropped=[],
    )


def steps_of(state: RunState) -> list[Step]:
    """Return the memory as typed steps."""
    return read_steps(state["steps"])
