"""finish: the last call, with the answer and the evidence it rests on."""

from __future__ import annotations

from pydantic import Field

from .context import ToolContext
from .results import Finished, ToolResult
from .tool import Args, Tool, ToolRetry


class FinishArgs(Args):
    """The answer."""

    answer: str | None = Field(None, max_length=2000)
    choice: str | None = Field(None, max_length=2, description="letter of the choice")
    evidence_ids: list[str] = Field(default_factory=list, max_length=64)
    confidence: float = Field(ge=0, le=1)
    abstain: bool = False


def run(args: FinishArgs, ctx: ToolContext) -> ToolResult:
    """Check the answer's form and end the run.

    Raises:
        ToolRetry: an unknown letter, no answer, no evidence without abstaining, or an abstention
            where there are options: with options there is always an answer.
    """
    choice = args.choice.strip().upper() if args.choice else None
    if choice is not None and choice not in ctx.letters:
        raise ToolRetry(
            f"choice = {args.choice!r} is not one of {', '.join(ctx.letters) or 'no choices'}"
        )
    answer = (args.answer or "").strip()
    if args.abstain and ctx.letters:
        raise ToolRetry(
            f"abstain = true: choose one of {', '.join(ctx.letters)}, with a low confidence"
        )
    if not args.abstain:
        if choice is None and ctx.letters:
            raise ToolRetry(f"choice is missing: give one of {', '.join(ctx.letters)}")
        if choice is None and not answer:
            raise ToolRetry("answer is empty: give an answer, or abstain")
        if not args.evidence_ids and not ctx.letters:
            raise ToolRetry("evidence_ids is empty: name the evidence it rests on, or abstain")
    if choice is not None and not answer:
        answer = ctx.options[ctx.letters.index(choice)]
    return ToolResult(
        "finish",
        args.model_dump(mode="json"),
        "abstained" if args.abstain else f"answered: {answer}",
        payload=Finished(
            None if args.abstain else answer,
            None if args.abstain else choice,
            tuple(args.evidence_ids),
            args.confidence,
            args.abstain,
        ),
    )


FINISH = Tool("finish", "Give the answer with its evidence, or abstain.", FinishArgs, run)
