"""compare: up to six spans side by side, for order, change and conflict."""

from __future__ import annotations

from pydantic import Field

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import View, view_spans
from .types import Args, Evidence, Observation, Tool
from .vlm_query import RELEVANT, TURNS, Answered, ask_eye


class CompareArgs(Args):
    """What to ask of which spans."""

    question: str = Field(min_length=1, max_length=600, description="self-contained")
    spans: list[SpanArg] = Field(min_length=1, max_length=6)
    frames_each: int = Field(8, ge=1, le=16)
    with_options: bool = Field(True, description="show the eye the question's choices")
    only: list[str] = Field([], max_length=26, description="letters of the choices to show; all")
    turns: list[int] = TURNS


def run(args: CompareArgs, ctx: ToolContext) -> Observation:
    """Answer from frames of all the spans together, and say which span speaks for it.

    Data: `answer`, `options` {letter: p}, `method`, `per_span` [strength of the answer in each].
    """
    notes: list[str] = []
    # in time order, so that what comes first is first for the eye too
    order = sorted(range(len(args.spans)), key=lambda i: args.spans[i].start)
    spans = [clamp_span(ctx, args.spans[i], notes) for i in order]
    rate = args.frames_each / min(span.duration for span in spans)
    view = view_spans(ctx, spans, fps=rate, max_frames=args.frames_each * len(spans))
    said = ask_eye(
        ctx, view.frames, args.question,
        with_options=args.with_options, only=args.only, turns=args.turns,
    )  # fmt: skip
    scores = said.reply.frame_scores or (0.0,) * len(view.frames)
    strength = [
        max((s for s, part in zip(scores, view.part, strict=True) if part == row), default=0.0)
        for row in range(len(spans))
    ]
    shown = [f"{span}: strength {p:.2f}" for span, p in zip(spans, strength, strict=True)]
    return Observation(
        "compare",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}\n{fence('eye', [*said.lines(), *shown])}",
        _evidence(view, spans, said, strength),
        view.coverage,
        {**said.data, "per_span": [strength[order.index(i)] for i in range(len(order))]},
        view.cost(said.asked),
        notes=tuple(notes),
    )


def _evidence(
    view: View, spans: list[Span], said: Answered, strength: list[float]
) -> tuple[Evidence, ...]:
    """Write down each span that supports the answer."""
    rows = {
        part: [row for row in said.rows if view.part[row] == part] for part in range(len(spans))
    }
    return tuple(
        found(
            "frame",
            spans[part],
            said.reply.text,
            "compare",
            frames=frame_refs(view.frames, mine),
            supports=said.best,
            score=strength[part],
        )
        for part, mine in rows.items()
        if mine and said.reply.text and strength[part] >= RELEVANT
    )


COMPARE = Tool("compare", "Answer a question from up to six spans side by side.", CompareArgs, run)
