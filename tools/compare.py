"""compare: up to six spans side by side, for order, change and conflict."""

from __future__ import annotations

from pydantic import Field

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import View, view_spans
from .query.film_notes import notes_at
from .query.vlm_query import RELEVANT, AnswerArgs, VlmAnswer, ask_vlm
from .results import ToolResult
from .tool import Tool
from .types import Evidence


class CompareArgs(AnswerArgs):
    """What to attend to in which spans."""

    spans: list[SpanArg] = Field(min_length=1, max_length=6)
    frames_each: int = Field(8, ge=1, le=16)


def run(args: CompareArgs, ctx: ToolContext) -> ToolResult:
    """Answer from frames of all the spans together, and say which span speaks for it."""
    remarks: list[str] = []
    # in time order, so that what comes first is first for the VLM too
    spans = [clamp_span(ctx, span, remarks) for span in sorted(args.spans, key=lambda s: s.start)]
    rate = args.frames_each / min(span.duration for span in spans)
    view = view_spans(ctx, spans, fps=rate, max_frames=args.frames_each * len(spans))
    notes = notes_at(ctx, spans)[0] if args.notes else []
    said = ask_vlm(ctx, view.frames, args, notes)
    strength = _strengths(view, spans, said)
    shown = []
    if said.named:
        pairs = zip(spans, strength, strict=True)
        shown = [f"{span}: strength {score:.2f}" for span, score in pairs]
    return ToolResult(
        "compare",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}\n{fence('vlm', [*said.lines(), *shown])}",
        _evidence(view, spans, said, strength) if said.relevant else (),
        view.coverage,
        said.payload(view.frames, ctx.vlm.covers(view.frames)),
        view.cost(said.asked),
        notes=tuple(remarks),
    )


def _strengths(view: View, spans: list[Span], said: VlmAnswer) -> list[float]:
    """Return how strongly each span supports the answer, 0 to 1."""
    scores = said.reply.frame_scores
    if len(scores) != len(view.frames):
        # a model that scores no frames: the spans whose frames it cites
        scores = tuple(said.strength * (row in said.rows) for row in range(len(view.frames)))
    return [
        max((s for s, part in zip(scores, view.part, strict=True) if part == row), default=0.0)
        for row in range(len(spans))
    ]


def _evidence(
    view: View, spans: list[Span], said: VlmAnswer, strength: list[float]
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
            supports=said.supports,
            score=strength[part],
        )
        for part, mine in rows.items()
        if mine and strength[part] >= RELEVANT
    )


COMPARE = Tool("compare", "Answer from up to six spans side by side.", CompareArgs, run)
