"""The audit: every cited claim goes to `verify`, on its own frames or lines, in a fresh context.

What is refuted is dropped. Confidence is reported as it came, capped where nothing was verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ...tools.results import Judged, Verdict
from ...tools.types import Evidence
from ..planners.actions import verify
from ..planners.base import Action, Claim, Done
from ..planners.looks import claim_on
from ..question import Question
from ..steps import Observation, Step, evidence_of

UNVERIFIED_CAP = 0.5
"""Most confidence an answer without verified evidence may state."""

MAX_CLAIMS = 4
"""Claims put to `verify`; further ones stay cited and unverified."""

MOST_RIVALS = 3
"""Other options that are checked where the one chosen was refuted."""

AUDIT_FRAMES = 32
"""Frames kept back from the loop, so that a spent budget does not leave an answer unaudited."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the audit made of the claims: ids confirmed, ids refused."""

    verified: tuple[str, ...]
    dropped: tuple[str, ...]


def audit_actions(draft: Done, steps: Sequence[Step]) -> list[tuple[Claim, Action]]:
    """Return the calls that check the draft's claims; claims on unknown evidence have none."""
    known = evidence_of(steps)
    return [
        (claim, verify_action(claim, known[claim.evidence_id]))
        for claim in draft.claims[:MAX_CLAIMS]
        if claim.evidence_id in known
    ]


def verify_action(claim: Claim, evidence: Evidence) -> Action:
    """Return the call that puts one claim to `verify`, on the crop that the evidence shows."""
    args = {**verify(claim.statement, [evidence]).args, "kind": claim.kind}
    if claim.words:
        args["words"] = claim.words
    boxes = [ref.box for ref in evidence.frames if ref.box is not None]
    if boxes and claim.kind == "frame":
        args["region"] = asdict(boxes[0])
    return Action("verify", args, f"audit of {claim.evidence_id}")


def rule(checks: Sequence[tuple[Claim, Observation]], draft: Done, steps: Sequence[Step]) -> Ruling:
    """Decide which cited evidence stands.

    Supported is verified, refuted is dropped, unclear and failed checks stay cited as unverified.
    Evidence that does not exist cannot be cited.
    """
    known = evidence_of(steps)
    verified: list[str] = []
    dropped = [claim.evidence_id for claim in draft.claims if claim.evidence_id not in known]
    for claim, step in checks:
        verdict = verdict_of(step)
        if verdict == "supported":
            verified.append(claim.evidence_id)
        elif verdict == "refuted":
            dropped.append(claim.evidence_id)
    return Ruling(tuple(verified), tuple(dropped))


def rival_actions(
    question: Question, draft: Done, refuted: Claim, steps: Sequence[Step]
) -> list[tuple[str, Action]]:
    """Return the calls that verify the other options where one was refuted, likeliest first.

    The evidence that refutes an option often supports another one.
    """
    evidence = evidence_of(steps).get(refuted.evidence_id)
    if evidence is None or not question.options:
        return []
    others = [letter for letter in question.letters if letter != draft.choice]
    others.sort(key=lambda letter: -draft.options.get(letter, 0.0))
    return [
        (letter, verify_action(claim_on(evidence, question, question.option(letter)), evidence))
        for letter in others[:MOST_RIVALS]
    ]


def verdict_of(step: Observation) -> Verdict | None:
    """Return what a check said; None where it failed."""
    payload = step.result.payload
    return payload.verdict if isinstance(payload, Judged) and not step.result.error else None


def capped(raw: float, verified: Sequence[str]) -> float:
    """Return a confidence that says no more than the evidence allows."""
    return min(raw, 1.0) if verified else min(raw, UNVERIFIED_CAP)
