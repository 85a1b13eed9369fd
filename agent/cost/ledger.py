"""What a run cost, call by call: a pure function of its steps and of the prices it began with.

Sums by role say who was paid, sums by tool what for. Seconds of calls that were made side by side
count in full, so these sums can be longer than the run was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...tools.types import Cost
from ..steps import Observation, Plan, Step, result_from_json
from .rates import Rates

PLANNER = "planner"
_INDEX = frozenset({"search_words", "read_transcript", "answer_words"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What one call, or one decision of a planning model, cost.

    Attributes:
        number: the call's number, that of the last call before it for a decision.
        phase: where in the graph it was made.
        tool: the tool's name, `planner` for a decision.
        role: who worked: vlm, ocr, index (which asks no model) or planner.
        cost: calls, frames and tokens.
        seconds: wall-clock seconds.
        usd: US dollars; None where no price is known, or nothing is paid for tokens.
    """

    number: int
    phase: str
    tool: str
    role: str
    cost: Cost
    seconds: float
    usd: float | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types, on one level."""
        place = {"number": self.number, "phase": self.phase, "tool": self.tool, "role": self.role}
        return {**place, **Sum.of([self]).to_json()}


@dataclass(frozen=True, slots=True)
class Sum:
    """What several entries cost together; fields as in the answer document."""

    model_calls: int = 0
    frames_decoded: int = 0
    frames_shown: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    usd: float | None = None

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Sum:
        """Add entries up; `usd` is None when none of them has a price."""
        entries = list(entries)
        paid = [entry.usd for entry in entries if entry.usd is not None]
        return cls(
            sum(entry.cost.model_calls for entry in entries),
            sum(entry.cost.frames_decoded for entry in entries),
            sum(entry.cost.frames_shown for entry in entries),
            sum(entry.cost.tokens_in for entry in entries),
            sum(entry.cost.cached for entry in entries),
            sum(entry.cost.tokens_out for entry in entries),
            round(sum(entry.seconds for entry in entries), 3),
            round(sum(paid), 8) if paid else None,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}


def entries_of(steps: Sequence[Step], rates: Rates) -> list[Entry]:
    """Return an entry for each call, and for each decision that a model was asked for."""
    entries: list[Entry] = []
    number = 0
    for step in steps:
        if isinstance(step, Observation):
            # calls made side by side end, and are written down, in any order
            number, result = max(number, step.number), step.result
            role = role_of(result.tool, result.args)
            usd = rates.usd(role, result.cost)
            entries.append(
                Entry(step.number, step.phase, result.tool, role, result.cost, step.seconds, usd)
            )
        elif isinstance(step, Plan) and step.cost != Cost():
            usd = rates.usd(PLANNER, step.cost)
            entries.append(Entry(number, "plan", PLANNER, PLANNER, step.cost, step.seconds, usd))
    return sorted(entries, key=lambda entry: entry.number)


def by_role(entries: Sequence[Entry]) -> dict[str, Sum]:
    """Return the sum of each role, in the order of their first work."""
    roles = dict.fromkeys(entry.role for entry in entries)
    return {role: Sum.of(e for e in entries if e.role == role) for role in roles}


def by_tool(entries: Sequence[Entry]) -> dict[str, Sum]:
    """Return the sum of each tool, in the order of their first use."""
    tools = dict.fromkeys(entry.tool for entry in entries)
    return {tool: Sum.of(e for e in entries if e.tool == tool) for tool in tools}


def total_usd(entries: Sequence[Entry], rates: Rates) -> float | None:
    """Return US dollars of a run.

    None where no server was in it, and where one that was asked has no price: a sum that leaves
    something out would look like the whole.
    """
    asked = {entry.role for entry in entries if entry.cost.model_calls}
    if not rates.prices or asked & set(rates.unknown):
        return None
    return round(sum(entry.usd or 0.0 for entry in entries), 8)


def role_of(tool: str, args: dict[str, Any]) -> str:
    """Return who works when a tool is called."""
    kind = args.get("kind") if tool == "verify" else None
    if tool in _INDEX or kind == "speech":
        return "index"
    return "ocr" if tool == "read_text" or kind == "text" else "vlm"


def steps_of_trace(events: Sequence[dict[str, Any]]) -> list[Step]:
    """Return what a trace tells of calls and decisions, finished run or not."""
    steps: list[Step] = []
    for event in events:
        if event["type"] == "observation":
            result = result_from_json(event["result"])
            steps.append(
                Observation(
                    event["number"], event["phase"], result, event["seconds"], event["news"]
                )
            )
        elif event["type"] == "plan" and "cost" in event:
            cost = Cost(**event["cost"])
            steps.append(Plan(event["text"], event["detail"], cost, event["seconds"]))
    return steps
