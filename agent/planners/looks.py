"""What the looks so far say: a pure reading of the memory, shared by planners and consensus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...index.video.span import Span
from ...prompts import render
from ...tools.results import Answered, Hits, Lines, Occurrences, ToolResult
from ...tools.types import Evidence
from ..question import Question
from ..steps import Observation, Step, of_type
from ..stopping import LEAST_KNOWN
from .base import Claim, Done

CITED = 3
"""Pieces of evidence that an answer cites."""


@dataclass(frozen=True, slots=True)
class Look:
    """One answer of the VLM, and where it came from.

    Attributes:
        number: of the call.
        tool: that made it.
        answered: what the VLM said.
        evidence: what the call found.
    """

    number: int
    tool: str
    answered: Answered
    evidence: tuple[Evidence, ...]


def looks_of(steps: Sequence[Step]) -> list[Look]:
    """Return the VLM's answers so far that count, oldest first.

    On footage of a kind that the VLM was not made for its answers do not count.
    """
    found = []
    for step in of_type(steps, Observation):
        payload = step.result.payload
        if step.result.error or not isinstance(payload, Answered) or not payload.answer:
            continue
        if payload.known is None or payload.known >= LEAST_KNOWN:
            found.append(Look(step.number, step.result.tool, payload, step.result.evidence))
    return found


def best_look(steps: Sequence[Step]) -> Look | None:
    """Return the answer to go by: one that saw enough before one that did not, then the surest.

    Of equals the later one stands: it saw what the earlier one saw and more.
    """
    found = looks_of(steps)
    return max(
        found,
        key=lambda look: (look.answered.enough is not False, sureness(look.answered), look.number),
        default=None,
    )


def sureness(answered: Answered) -> float:
    """Return how sure an answer is, 0 to 1: of the option, or as stated for words."""
    if answered.options:
        return answered.confidence
    if answered.stated is not None:
        return answered.stated
    return 0.6 if answered.enough else 0.4


def answer_of(look: Look, question: Question) -> Done:
    """Return a look's answer with the evidence it rests on, each piece a claim for the audit."""
    answered = look.answered
    letter = answered.letter if question.options else None
    answer = question.option(letter) if letter else answered.answer
    cited = [item for item in look.evidence if item.supports in (letter or answer, answer)]
    return Done(
        answer,
        letter,
        sureness(answered),
        answered.method,
        dict(answered.options),
        tuple(claim_on(item, question, answer) for item in cited[:CITED]),
    )


def conclusion(steps: Sequence[Step], question: Question, refuted: Sequence[Span]) -> Done:
    """Return the answer that the looks so far support, or that there is none."""
    look = best_look(steps)
    if look is None:
        return nothing_found()
    if not question.options and look.answered.enough is False:
        return nothing_found(looks_of(steps)[-1].answered.answer)
    done = answer_of(look, question)
    doubted = {
        item.id for item in look.evidence if any(item.span.iou(span) > 0.5 for span in refuted)
    }
    claims = tuple(claim for claim in done.claims if claim.evidence_id not in doubted)
    return replace(done, claims=claims)


def nothing_found(guess: str = "") -> Done:
    """Return an abstention; with options the graph turns it into its best guess."""
    guessed = f"; a guess was {guess[:80]!r}" if guess else ""
    return Done(None, abstain=True, reason="not_found", caveats=(render("not_found") + guessed,))


def claim_on(item: Evidence, question: Question, answer: str) -> Claim:
    """Return what a piece of evidence is said to show: that this answers the question."""
    statement = render("claim", question=question.text, answer=answer)
    if item.kind == "speech" or item.kind == "text" or item.kind == "caption":
        return Claim(item.id, statement, item.kind)
    return Claim(item.id, statement)


def spans_in(result: ToolResult) -> list[Span]:
    """Return the places that one result names, in its own order."""
    payload = result.payload
    if isinstance(payload, Hits):
        return [hit.span for hit in payload.hits]
    if isinstance(payload, Lines):
        return [line.span for line in payload.lines]
    if isinstance(payload, Occurrences):
        return [item.span for item in payload.items]
    return []


def around(span: Span, duration: float, least: float = 6.0) -> Span:
    """Return a span widened to at least so many seconds, inside the film."""
    spare = max(0.0, least - span.duration) / 2
    start = max(0.0, span.start - spare)
    return Span(start, max(min(duration, span.end + spare), start + 1e-3))
