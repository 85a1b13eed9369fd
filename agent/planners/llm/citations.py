"""From an answer in a model's words to one that can be audited: citations become claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....prompts import render
from ....tools.evidence import clean
from ....tools.finish import FinishArgs
from ....tools.tool import ToolRetry
from ....tools.types import Evidence
from ...question import Question
from ...steps import Step, evidence_of, refuted_spans
from ..base import Done
from ..looks import claim_on

SAME = 0.5
"""Intersection over union from which a span is one that the audit refuted."""


def citable(steps: Sequence[Step]) -> dict[str, Evidence]:
    """Return the evidence that may be cited: what was found, less what an audit refuted."""
    refuted = refuted_spans(steps)
    return {
        key: item
        for key, item in evidence_of(steps).items()
        if item.kind not in ("frame", "caption")
        or not any(item.span.iou(span) > SAME for span in refuted)
    }


def check_finish(args: FinishArgs, question: Question, known: Mapping[str, Evidence]) -> Done:
    """Return the planner's answer, every part of it checked against what there is.

    Args:
        args: what the model gave.
        question: as put.
        known: evidence that may be cited, by id.

    Raises:
        ToolRetry: an unknown letter or evidence id, or nothing to answer with; the message lists
            what is allowed.
    """
    if args.abstain:
        return Done(
            None,
            raw=args.confidence,
            method="stated",
            abstain=True,
            reason="not_found",
            caveats=(render("not_found"),),
        )
    letter = checked_letter(args.choice, question)
    cited = [known[key] for key in checked_ids(args.evidence_ids, known)]
    answer = question.option(letter) if letter else clean(args.answer or "")
    if not answer:
        raise ToolRetry("answer is empty: give an answer in words, or abstain")
    return answer_with(answer, letter, cited, args.confidence, question)


def answer_with(
    answer: str,
    letter: str | None,
    cited: Sequence[Evidence],
    confidence: float,
    question: Question,
) -> Done:
    """Return an answer whose citations are claims that the audit can put to `verify`."""
    claims = tuple(claim_on(item, question, answer) for item in cited)
    options = {letter: confidence} if letter else {}
    return Done(answer, letter, confidence, "stated", options, claims)


def checked_letter(choice: str | None, question: Question) -> str | None:
    """Return the letter chosen; None for an open question.

    Raises:
        ToolRetry: no such letter, or none where there are options.
    """
    if not question.options:
        return None
    letter = (choice or "").strip().upper()
    if letter not in question.letters:
        raise ToolRetry(
            f"choice = {choice!r}: give one of {', '.join(question.letters)}, or abstain"
        )
    return letter


def checked_ids(ids: Sequence[str], known: Mapping[str, Evidence]) -> list[str]:
    """Return the evidence cited, each piece once.

    Raises:
        ToolRetry: none, or one that nobody found or that the audit refuted.
    """
    there = ", ".join(known) or "none yet: look at the film first, or abstain"
    unknown = [key for key in ids if key not in known]
    if unknown:
        raise ToolRetry(
            f"evidence_ids = {[key[:40] for key in unknown[:4]]!r}: no tool reported these, or the "
            f"audit refuted them; there are: {there}"
        )
    if not ids:
        raise ToolRetry(f"evidence_ids is empty: cite what shows the answer; there are: {there}")
    return list(dict.fromkeys(ids))
