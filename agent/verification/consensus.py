"""Answer-consensus refinement: words and pictures answer apart, rivals are asked again.

After SeViCES (arXiv 2510.20622): one branch is given the places that words lead to, with these
words, the other the places that pictures lead to, without. If both give the same answer it stands,
after two calls. If not, their evidence is put together and the question is asked a third time with
the two rival options only, under their own letters. Still unsure: the surer, marked as contested.

A model that likes a letter would agree with itself, so the second branch is offered the options in
another order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ...index.video.span import Span, merge_spans
from ...tools.results import Answered, Hits, Lines, ToolResult
from ..planners import actions
from ..planners.base import Action, Done
from ..planners.looks import Look, answer_of, around
from ..question import Question
from ..steps import Observation, Plan, Step, of_type
from ..stopping import TAU

PLACES = 4
CONTESTED = "contested: words and pictures speak for different answers"

Ask = Callable[[Action], Observation | None]
"""Makes a call of the consensus; None where the budget is spent or the call failed."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the consensus came to: the answer, and what the record should say."""

    draft: Done
    plan: Plan | None = None


def needs_consensus(question: Question, draft: Done) -> bool:
    """Say whether the answer is unsure of something that options can settle."""
    return bool(question.options) and (draft.choice is None or draft.raw < TAU)


def settle(
    question: Question, draft: Done, steps: Sequence[Step], ask: Ask, duration: float
) -> Settlement:
    """Let words and pictures answer apart, and settle between them.

    Args:
        question: with options.
        draft: the planner's answer; it stands unless both branches have one.
        steps: the memory.
        ask: makes the calls.
        duration: length of the film, seconds.
    """
    words = [around(span, duration, 10.0) for span in _places(steps, ("speech", "text", "caption"))]
    looks = [around(span, duration) for span in _places(steps, ("visual",))]
    if not words or not looks:
        return Settlement(draft)
    opinions = [_opinion(question, ask(action)) for action in _branches(question, words, looks)]
    found = [opinion for opinion in opinions if opinion]
    if len(found) < 2:
        return Settlement(draft)
    rivals = sorted({str(opinion.answered.letter) for opinion in found})
    surest = max(found, key=lambda opinion: opinion.answered.confidence)
    contested = False
    if len(rivals) > 1:
        fused = merge_spans([*words, *looks])
        again = actions.look(fused, frames=32, only=rivals, why=f"{' or '.join(rivals)}")
        last = _opinion(question, ask(again))
        contested = last is None or last.answered.confidence < TAU
        surest = last or surest
    detail = {
        "answers": [opinion.answered.letter for opinion in found],
        "asked_again": len(rivals) > 1,
        "final": surest.answered.letter,
    }
    plan = Plan(f"consensus of words and pictures: {surest.answered.letter}", detail)
    return Settlement(_settled(question, draft, surest, contested), plan)


def _branches(question: Question, words: list[Span], looks: list[Span]) -> list[Action]:
    """Return the two calls: where words lead, with the words; where pictures lead, without."""
    pictures = "where pictures lead, without words"
    turn = other_order(question)
    return [
        actions.look(words, frames=24, context=0, why="where words lead, with the words"),
        actions.look(looks, frames=24, context=0, notes=False, turn=turn, why=pictures),
    ]


def other_order(question: Question) -> int:
    """Return by how many places to turn the options: not 0, the same for a question always."""
    if len(question.options) < 2:
        return 0
    seed = hashlib.sha256(question.text.encode()).digest()
    return 1 + int.from_bytes(seed[:4], "big") % (len(question.options) - 1)


def _opinion(question: Question, step: Observation | None) -> Look | None:
    """Return what a branch answered; None where it does not tell the options apart."""
    if step is None or not isinstance(step.result.payload, Answered):
        return None
    answered = step.result.payload
    offered = step.result.args.get("only") or question.options
    if answered.letter not in question.letters or answered.confidence < 1.2 / len(offered):
        return None
    return Look(step.number, step.result.tool, answered, step.result.evidence)


def _places(steps: Sequence[Step], modalities: Sequence[str]) -> list[Span]:
    """Return the best places that searches found by words, or by pictures."""
    found: list[tuple[float, Span]] = []
    for step in of_type(steps, Observation):
        found += [row for row in _scored(step.result, modalities)]
        found += [
            (item.score, item.span)
            for item in step.result.evidence
            if (item.kind if item.kind != "frame" else "visual") in modalities
        ]
    best = [span for _, span in sorted(found, key=lambda row: -row[0])]
    return list(dict.fromkeys(best))[:PLACES]


def _scored(result: ToolResult, modalities: Sequence[str]) -> list[tuple[float, Span]]:
    payload = result.payload
    if isinstance(payload, Hits):
        return [(hit.score, hit.span) for hit in payload.hits if hit.modality in modalities]
    if isinstance(payload, Lines):
        return [(line.score, line.span) for line in payload.lines if line.kind in modalities]
    return []


def _settled(question: Question, draft: Done, surest: Look, contested: bool) -> Done:
    """Return the draft with the consensus' answer.

    The draft's evidence stays where the answer is the same; for another one it proves nothing.
    """
    caveats = (*draft.caveats, CONTESTED) if contested else draft.caveats
    settled = answer_of(surest, question)
    if settled.choice == draft.choice:
        raw = draft.raw if contested else max(draft.raw, settled.raw)
        return replace(draft, raw=raw, caveats=caveats)
    return replace(
        settled,
        raw=min(settled.raw, 0.5) if contested else settled.raw,
        method="consensus",
        caveats=caveats,
    )
