"""The calls of an audit: claims go to `verify` until one is supported, then the other options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..executor import Executor
from ..planners.base import Action, Claim, Done
from ..question import Question
from ..steps import Observation
from .audit import audit_actions, rival_actions, verdict_of

Check = tuple[Claim, Observation]
"""A claim, and what `verify` made of it."""


def check_claims(draft: Done, verified: Sequence[str], executor: Executor) -> list[Check]:
    """Put claims to `verify`, the first first, until one is supported.

    Args:
        draft: the answer; none of its claims is checked where one was verified before.
        verified: ids of the evidence that was.
        executor: makes the calls.
    """
    checks: list[Check] = []
    if any(claim.evidence_id in verified for claim in draft.claims):
        return checks
    for claim, action in audit_actions(draft, executor.steps):
        step = _audit(action, executor)
        if step is None:
            break
        checks.append((claim, step))
        if verdict_of(step) == "supported":
            break
    return checks


def check_rivals(
    question: Question, draft: Done, checks: list[Check], executor: Executor
) -> tuple[Done, list[Check]]:
    """Where the chosen option was refuted and nothing supports it, check the other ones.

    Returns:
        The answer and the checks that it rests on, another option's where one is supported.
    """
    verdicts = [verdict_of(step) for _, step in checks]
    if "refuted" not in verdicts or "supported" in verdicts:
        return draft, checks
    refuted = checks[verdicts.index("refuted")][0]
    for letter, action in rival_actions(question, draft, refuted, executor.steps):
        step = _audit(action, executor)
        if step is None:
            break
        if verdict_of(step) == "supported":
            claim = replace(refuted, statement=str(action.args["claim"]))
            return _switched(question, draft, letter, claim), [(claim, step)]
    return draft, checks


def doubted(draft: Done, question: Question) -> Done:
    """Return an answer whose evidence was refuted: less sure with options, else withdrawn."""
    if question.options and draft.choice is not None:
        caveat = "the audit refuted the evidence for this answer"
        return replace(draft, raw=min(draft.raw * 0.5, 0.5), caveats=(*draft.caveats, caveat))
    return replace(
        draft,
        answer=None,
        choice=None,
        abstain=True,
        claims=(),
        reason="not_found",
        raw=0.0,
        caveats=(*draft.caveats, "the audit refuted every piece of evidence for an answer"),
    )


def _audit(action: Action, executor: Executor) -> Observation | None:
    """Make a call of the audit, whose steps do not count; None where the budget is spent."""
    if executor.exhausted(count_steps=False):
        return None
    return executor.call(action, "audit", 0)


def _switched(question: Question, draft: Done, letter: str, claim: Claim) -> Done:
    caveat = f"{draft.choice} was refuted by the evidence that supports {letter}"
    return replace(
        draft,
        choice=letter,
        answer=question.option(letter),
        raw=0.6,
        method="verified",
        claims=(claim,),
        caveats=(*draft.caveats, caveat),
    )
