"""The agent's memory: an append-only list of typed steps.

What a planner sees is a pure function of this list. Steps travel through checkpoints and traces as
plain JSON; `to_json` and `from_json` are exact inverses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeVar

from ..index.video.frames import Box
from ..index.video.span import Span
from ..tools.results import Judged, ToolResult, payload_from_json
from ..tools.types import Cost, Coverage, Evidence, FrameRef

Phase = Literal["first_look", "gate", "act", "consensus", "audit"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the question was read, or which way the planner goes on.

    Attributes:
        text: in words.
        detail: what the planner wants to find again.
        cost: model calls and tokens of the decision itself.
        seconds: wall-clock seconds of the decision.
    """

    text: str
    detail: dict[str, Any] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call that is about to be made. `number` counts all calls of a run from 1."""

    number: int
    tool: str
    args: dict[str, Any]
    why: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Observation:
    """What a call brought, with the call's number and arguments as planned.

    Attributes:
        number: the number of its `ToolUse`.
        phase: where in the graph the call was made.
        result: what the tool returned.
        seconds: wall-clock seconds of the call.
        news: it brought evidence, an answer or a verdict that was not there before.
    """

    number: int
    phase: Phase
    result: ToolResult
    seconds: float
    news: bool


@dataclass(frozen=True, slots=True)
class Reflection:
    """What the loop made of the last observation: go on, or stop and why."""

    text: str
    idle: int
    stop: str | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """One voice in the consensus: who, for which answer, how sure."""

    voter: str
    answer: str | None
    choice: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class Final:
    """The outcome that the answer document is made from."""

    status: str
    answer: str | None
    choice: str | None
    stop_reason: str
    evidence_ids: tuple[str, ...] = ()


Step = Plan | ToolUse | Observation | Reflection | Vote | Final
_TYPES: dict[str, type] = {
    "plan": Plan,
    "tool_use": ToolUse,
    "observation": Observation,
    "reflection": Reflection,
    "vote": Vote,
    "final": Final,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}
StepT = TypeVar("StepT", Plan, ToolUse, Observation, Reflection, Vote, Final)


def to_json(step: Step) -> dict[str, Any]:
    """Return the step as plain JSON types, its kind under `type`."""
    value = asdict(step)
    if isinstance(step, Observation):
        value["result"] = step.result.to_json()
    return {"type": _NAMES[type(step)], **_plain(value)}


def from_json(value: dict[str, Any]) -> Step:
    """Read a step that `to_json` wrote.

    Raises:
        ValueError: the kind of step is not known.
    """
    fields = dict(value)
    name = fields.pop("type", None)
    if name not in _TYPES:
        raise ValueError(f"step type = {name!r}: expected one of {', '.join(_TYPES)}")
    if name == "observation":
        fields["result"] = result_from_json(fields["result"])
    if name == "plan" and "cost" in fields:
        fields["cost"] = Cost(**fields["cost"])
    if name == "final":
        fields["evidence_ids"] = tuple(fields["evidence_ids"])
    return _TYPES[name](**fields)


def read_steps(values: Sequence[dict[str, Any]]) -> list[Step]:
    """Read a list of steps."""
    return [from_json(value) for value in values]


def of_type(steps: Sequence[Step], kind: type[StepT]) -> list[StepT]:
    """Return the steps of one kind, in order."""
    return [step for step in steps if isinstance(step, kind)]


def evidence_of(steps: Sequence[Step]) -> dict[str, Evidence]:
    """Return everything found so far by id; the same finding twice is one entry."""
    found: dict[str, Evidence] = {}
    for step in of_type(steps, Observation):
        for item in step.result.evidence:
            found.setdefault(item.id, item)
    return found


def refuted_spans(steps: Sequence[Step]) -> list[Span]:
    """Return the spans whose claims an audit refused, for the next loop to leave out."""
    spans: list[Span] = []
    for step in of_type(steps, Observation):
        payload = step.result.payload
        if step.phase == "audit" and isinstance(payload, Judged) and payload.verdict == "refuted":
            spans.extend(Span(s["start"], s["end"]) for s in step.result.args.get("spans", ()))
    return spans


def result_from_json(value: dict[str, Any]) -> ToolResult:
    """Read a tool's result back from plain JSON."""
    fields = dict(value)
    coverage = fields.get("coverage")
    if coverage is not None:
        requested = tuple(Span(**span) for span in coverage["requested"])
        fields["coverage"] = Coverage(**{**coverage, "requested": requested})
    fields["evidence"] = tuple(_evidence(item) for item in fields["evidence"])
    fields["cost"] = Cost(**fields["cost"])
    fields["notes"] = tuple(fields["notes"])
    fields["payload"] = payload_from_json(fields["payload"])
    return ToolResult(**fields)


def _evidence(value: dict[str, Any]) -> Evidence:
    frames = tuple(
        FrameRef(ref["seconds"], ref["sha256"], Box(**ref["box"]) if ref["box"] else None)
        for ref in value["frames"]
    )
    return Evidence(**{**value, "span": Span(**value["span"]), "frames": frames})


def _plain(value: Any) -> Any:
    """Turn tuples into lists and numpy scalars into numbers; strict msgpack refuses the rest."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or type(value) in (str, bool, int, float):
        return value
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a step holds plain JSON only, got {type(value).__name__}: {value!r}")
