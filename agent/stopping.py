"""When the loop stops: the gate behind the first look, the stall rule and the trap guard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..tools.results import Answered, Judged, ToolResult
from .steps import Observation, Plan, Reflection, Step, evidence_of, of_type
from .understanding.intent import Intent

TAU = 0.7
"""Confidence from which an answer is good enough (VideoThinker, arXiv 2601.15724: 0.7 to 0.8)."""

NEVER = 1.01
"""A threshold above every confidence."""

LEAST_KNOWN = 0.5
"""Share of known footage from which a VLM's word counts."""

NEVER_AT_GATE = frozenset({"count", "order", "read"})
"""Needs that a glance cannot meet: it cannot count, put in order, or read exactly."""


def gate_threshold(calibrated: Callable[[float], float | None] | None) -> float:
    """Return the raw confidence from which the first look's answer is right in `TAU` of cases.

    Raw confidences of two models are not comparable: what a calibration of this model says counts.
    A model that is never right so often leaves at no confidence; without a calibration it is `TAU`.

    Args:
        calibrated: raw confidence to how often such answers are right; None where not measured.
    """
    known = [(raw / 100, calibrated(raw / 100)) for raw in range(101)] if calibrated else []
    if not any(rate is not None for _, rate in known):
        return TAU
    return next((raw for raw, rate in known if rate is not None and rate >= TAU), NEVER)


def may_leave(intent: Intent, look: Answered, tau: float = TAU) -> bool:
    """Say whether a first look is sure enough to leave the loop, once its evidence is verified.

    A look that names what is not so has seen no proof of it, so negated questions stay.

    Args:
        intent: what the question wants.
        look: the answer, with the probability of each option.
        tau: confidence from which it may leave.
    """
    held = bool(intent.needs & NEVER_AT_GATE) or intent.negated
    form = intent.answer_form in ("number", "order", "summary", "span")
    sure = look.confidence >= tau if look.options else bool(look.answer)
    return sure and look.enough is not False and not (held or form)


def known_footage(steps: Sequence[Step]) -> float | None:
    """Return the VLM's share of frames of a kind it was made for; None when it cannot tell.

    Only the VLM is asked: what an encoder was trained on says nothing of it.
    """
    for step in of_type(steps, Observation):
        payload = step.result.payload
        if isinstance(payload, Answered) and payload.known is not None:
            return payload.known
    return None


def foreign_footage(steps: Sequence[Step]) -> bool:
    """Say whether the VLM was not made for what the film shows, so that its word counts nothing."""
    known = known_footage(steps)
    return known is not None and known < LEAST_KNOWN


def is_news(result: ToolResult, steps: Sequence[Step]) -> bool:
    """Say whether a result brought anything that was not there before."""
    if result.error:
        return False
    known = evidence_of(steps)
    if any(item.id not in known for item in result.evidence):
        return True
    if any(_same(step.result, result) for step in of_type(steps, Observation)):
        return False
    payload = result.payload
    if isinstance(payload, Answered):
        return bool(payload.answer)
    if isinstance(payload, Judged):
        return True
    found = ("hits", "lines", "items", "caption")
    return any(getattr(payload, name, None) for name in found)


def _same(a: ToolResult, b: ToolResult) -> bool:
    return a.tool == b.tool and a.args == b.args


def idle_turns(steps: Sequence[Step]) -> int:
    """Return how many turns in a row, counted from the last, brought nothing new.

    Calls that were made side by side are one turn; a reflection ends each turn but the last.
    """
    idle, news, begun = 0, False, False
    for step in steps:
        if isinstance(step, Observation) and step.phase == "act":
            news, begun = news or step.news, True
        elif isinstance(step, Reflection) and begun:
            idle = 0 if news else idle + 1
            news = begun = False
    return (0 if news else idle + 1) if begun else idle


def trapped(tool: str, steps: Sequence[Step], patience: int) -> bool:
    """Say whether one more call of `tool` would follow `patience` in a row without news."""
    calls = [o for o in of_type(steps, Observation) if o.phase == "act"]
    tail = calls[-patience:]
    same = all(call.result.tool == tool for call in tail)
    return len(tail) == patience and same and not any(call.news for call in tail)


def since_audit(steps: Sequence[Step]) -> list[Step]:
    """Return the steps after the last audit, so that a second loop starts with fresh patience."""
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        if isinstance(step, Plan) and step.detail.get("again"):
            return list(steps[place + 1 :])
    return list(steps)
