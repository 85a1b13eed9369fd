"""The first look, the gate behind it, the stop rules and the trap guard."""

from __future__ import annotations

from collections.abc import Sequence

from ..tools.types import Observation as Found
from ..world.grammar.moments import inside
from ..world.grammar.reading import NEVER_AT_GATE, Reading
from ..world.grammar.statements import anchor_phrase, subject_phrase
from ..world.planner import calls
from .planners.base import Action, Claim, Done
from .steps import Observation, Plan, Reflection, Step, evidence_of, of_type

TAU = 0.7
"""Confidence from which an answer is good enough; uncalibrated, as in published agents."""

LOOK_FRAMES = 64
"""Frames of a first look that may answer the question."""


def first_look(reading: Reading) -> list[Action]:
    """Return the calls of the first look.

    Questions about the film at large get the full overview, whose answer may leave at the gate. A
    named thing is in view for seconds of an hour: 64 frames would miss it, so the index is searched
    instead, which also tells whether this is footage that the eye knows.
    """
    phrase = anchor_phrase(reading) if reading.anchor else subject_phrase(reading)
    actions = [calls.overview(LOOK_FRAMES)] if reading.kind in ("generic", "yes-no") else []
    actions.append(calls.search(phrase or reading.question))
    if reading.kind in ("generic", "speech"):
        actions.append(calls.search_speech(reading.subject))
    return [inside(action, reading.within) for action in actions]


def glance(reading: Reading, steps: Sequence[Step]) -> Done | None:
    """Return the answer of the first look when it may leave at the gate, once verified.

    None for kinds that never leave there, for open questions, below the threshold, and when no
    evidence speaks for the answer.
    """
    if reading.kind in NEVER_AT_GATE or not reading.choices:
        return None
    for step in reversed(of_type(steps, Observation)):
        options = step.found.data.get("options") or {}
        if step.phase != "first_look" or step.found.error or not options:
            continue
        letter = max(options, key=lambda key: options[key])
        support = [e for e in step.found.evidence if e.supports == letter]
        if letter not in reading.letters or options[letter] < TAU or not support:
            return None
        place = reading.letters.index(letter)
        statement = reading.statements[place]
        return Done(
            reading.choices[place], letter, options[letter],
            str(step.found.data.get("method", "similarity")), dict(options),
            (Claim(support[0].id, statement),),
        )  # fmt: skip
    return None


def knows_footage(steps: Sequence[Step]) -> float | None:
    """Return the eye's share of frames of a kind it knows; None when it cannot tell."""
    for step in of_type(steps, Observation):
        known = step.found.data.get("known")
        if known is not None:
            return float(known)
    return None


def is_news(found: Found, steps: Sequence[Step]) -> bool:
    """Say whether an observation brought anything that was not there before."""
    if found.error:
        return False
    known = evidence_of(steps)
    if any(item.id not in known for item in found.evidence):
        return True
    if any(_same(step.found, found) for step in of_type(steps, Observation)):
        return False
    payload = ("hits", "lines", "items", "options", "answer", "verdict", "caption")
    return any(found.data.get(key) for key in payload)


def _same(a: Found, b: Found) -> bool:
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
    same = all(call.found.tool == tool for call in tail)
    return len(tail) == patience and same and _trailing(calls) >= patience


def _trailing(calls: Sequence[Observation]) -> int:
    count = 0
    for call in reversed(calls):
        if call.news:
            break
        count += 1
    return count


def since_audit(steps: Sequence[Step]) -> list[Step]:
    """Return the steps after the last audit, so that a second loop starts with fresh patience."""
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        if isinstance(step, Plan) and step.detail.get("again"):
            return list(steps[place + 1 :])
    return list(steps)
