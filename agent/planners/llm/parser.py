"""What a planning model replies, and the check that leaves nothing made up in it.

A reply names calls and may carry the best answer so far. Every call is validated against its tool's
argument model, and its times against the film. What does not fit is a `ToolRetry` whose message
lists what is allowed, for the one repair turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ....tools import TOOLS, in_words
from ....tools.evidence import clean
from ....tools.finish import FinishArgs
from ....tools.tool import ToolRetry
from ....tools.types import Evidence
from ...json_reply import first_object
from ...question import Question
from ..base import Action, Done
from ..script import call_key
from .citations import check_finish
from .schema import BATCH

_TIMES = ("span", "spans", "within")
_ARGUMENTS = ("args", "arguments", "parameters", "input")


class BestSoFar(BaseModel):
    """The answer that a planner would give now; used when the run has to end."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    answer: str | None = Field(None, max_length=2000)
    choice: str | None = Field(None, max_length=2)
    evidence_ids: list[str] = Field(default_factory=list, max_length=64)
    confidence: float = Field(0.0, ge=0, le=1)


class CallWanted(BaseModel):
    """One call as the model writes it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tool: str = Field(max_length=200)
    args: dict[str, Any] = Field(default_factory=dict)


class MovesWanted(BaseModel):
    """A whole reply; further keys are left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    why: str = ""
    so_far: Any = None
    calls: list[CallWanted] = Field(min_length=1, max_length=32)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a reply is checked against.

    Attributes:
        question: as put.
        known: evidence that may be cited, by id.
        duration: length of the film, seconds.
        most: how many calls there is room for.
        finish_only: no call but `finish` is taken.
    """

    question: Question
    known: Mapping[str, Evidence]
    duration: float
    most: int = 1
    finish_only: bool = False


@dataclass(frozen=True, slots=True)
class Moves:
    """A reply that passed: calls or an answer, and the best answer so far as plain JSON."""

    decision: tuple[Action, ...] | Done
    why: str = ""
    so_far: dict[str, Any] | None = None


def read_moves(text: str, rules: Rules) -> Moves:
    """Read a reply.

    Raises:
        ToolRetry: it is no JSON, or something in it is not allowed; says what and what is.
    """
    try:
        wanted = MovesWanted.model_validate(_shaped(_object_in(text)))
    except ValidationError as error:
        raise ToolRetry(_faults(error)) from error
    why = clean(wanted.why)[:200]
    so_far = best_so_far(wanted.so_far, rules)
    finishing = [call for call in wanted.calls if call.tool == "finish"]
    if finishing and len(wanted.calls) > 1:
        raise ToolRetry("calls: finish must be the only call of its turn")
    if rules.finish_only and not finishing:
        raise ToolRetry("calls: nothing is left for another look; use finish, alone")
    if finishing:
        args = _validated(finishing[0])
        assert isinstance(args, FinishArgs)
        done = check_finish(args, rules.question, rules.known)
        return Moves(done, why, so_far)
    actions: dict[str, Action] = {}
    for call in wanted.calls:
        args = _validated(call).model_dump(mode="json", exclude_unset=True)
        check_times(call.tool, args, rules.duration)
        actions.setdefault(call_key(call.tool, args), Action(call.tool, args, why))
    return Moves(tuple(actions.values())[: max(1, min(BATCH, rules.most))], why, so_far)


def best_so_far(value: Any, rules: Rules) -> dict[str, Any] | None:
    """Return the best answer so far where it can stand; None where anything in it is made up.

    It is a by-product: a bad one costs the model no repair turn.
    """
    try:
        best = BestSoFar.model_validate(value)
        finish = FinishArgs(**best.model_dump())
        check_finish(finish, rules.question, rules.known)
    except (ValidationError, ToolRetry):
        return None
    return best.model_dump(mode="json")


def check_times(tool: str, args: Mapping[str, Any], duration: float) -> None:
    """Refuse times that are not in the film; a span that reaches over its end is cut by the tool.

    Raises:
        ToolRetry: a span is empty, reversed or wholly outside, or an instant is outside.
    """
    lasts = f"the film lasts {duration:.1f} s: give times from 0 to {duration:.1f}"
    for start, end in _spans(args):
        if start >= end:
            raise ToolRetry(
                f"{tool}: span {start:g} to {end:g} does not end after it starts; {lasts}"
            )
        if start >= duration or end <= 0:
            raise ToolRetry(f"{tool}: span {start:g} to {end:g} is outside the film; {lasts}")
    at = args.get("at")
    if at is not None and not 0 <= at <= duration:
        raise ToolRetry(f"{tool}: at = {at:g} is outside the film; {lasts}")


def _object_in(text: str) -> dict[str, Any]:
    try:
        return first_object(text)
    except ValueError as problem:
        raise ToolRetry(str(problem)) from problem


def _validated(call: CallWanted) -> Any:
    """Return a call's arguments in their tool's own model."""
    tool = TOOLS.get(call.tool)
    if tool is None:
        raise ToolRetry(f"tool = {call.tool[:80]!r}: use one of {', '.join(TOOLS)}")
    try:
        return tool.args.model_validate(call.args)
    except ValidationError as error:
        raise ToolRetry(in_words(call.tool, tool, error)) from error


def _shaped(value: dict[str, Any]) -> dict[str, Any]:
    """Take a bare call for a reply of one call, and calls under the names that models know."""
    calls = value.get("calls", value.get("tool_calls"))
    if calls is None:
        calls = [value] if {"tool", "name", "function"} & value.keys() else None
    if not isinstance(calls, list):
        return value
    return {**value, "calls": [_call(call) if isinstance(call, dict) else call for call in calls]}


def _call(value: dict[str, Any]) -> dict[str, Any]:
    """Return a call under our names; its arguments may be an object or the text of one."""
    inner = value.get("function")
    value = inner if isinstance(inner, dict) else {"tool": inner, **value} if inner else value
    args = next((value[name] for name in _ARGUMENTS if name in value), {})
    if isinstance(args, str):
        args = _object_in(args) if args.strip() else {}
    return {"tool": value.get("tool", value.get("name")), "args": args}


def _spans(args: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    for name in _TIMES:
        value = args.get(name)
        for span in value if isinstance(value, list) else [value] if value else []:
            yield span["start"], span["end"]


def _faults(error: ValidationError) -> str:
    parts = [
        f"{'.'.join(str(part) for part in item['loc']) or 'reply'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)[:4]
    ]
    return (
        "; ".join(parts)
        + '. It takes: why, so_far, and calls, a list of {"tool": name, "args": {...}}'
    )
