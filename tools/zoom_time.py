"""zoom_time: a closer look at one to three spans, more frames a second."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import at_time, coverage_line, fence, found, frame_refs
from .frame_sampling import View, span_around, view_spans
from .types import Args, Evidence, Observation, Tool
from .vlm_query import TURNS, Answered, ask_eye


class ZoomTimeArgs(Args):
    """What to ask of which spans."""

    question: str = Field(min_length=1, max_length=600, description="self-contained")
    spans: list[SpanArg] = Field(min_length=1, max_length=3)
    fps: float = Field(2.0, gt=0, le=8)
    max_frames: int = Field(32, ge=1, le=64)
    with_options: bool = Field(True, description="show the eye the question's choices")
    turns: list[int] = TURNS


def run(args: ZoomTimeArgs, ctx: ToolContext) -> Observation:
    """Look closely at spans and answer from them.

    Data: `answer`, `options` {letter: p}, `method`, `relevant`, `best_second`, `caption` (of the
    best frame), `known`.
    """
    notes: list[str] = []
    spans = [clamp_span(ctx, span, notes) for span in args.spans]
    view = view_spans(ctx, spans, fps=args.fps, max_frames=args.max_frames)
    said = ask_eye(
        ctx, view.frames, args.question, with_options=args.with_options, turns=args.turns
    )
    second = float(view.frames.seconds[said.peak])
    caption = ctx.eye.caption(view.frames.take([said.peak])).text
    shown = [f"{at_time(second)}: {line}" for line in caption.splitlines()]
    return Observation(
        "zoom_time",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}\n{fence('eye', [*said.lines(), *shown])}",
        _evidence(view, spans, said, caption) if said.relevant else (),
        view.coverage,
        {
            **said.data,
            "relevant": said.relevant,
            "best_second": second,
            "caption": caption,
            "known": ctx.eye.knows(view.frames),
        },
        view.cost(1 + said.asked),
        notes=tuple(notes),
    )


def _evidence(view: View, spans: list[Span], said: Answered, caption: str) -> tuple[Evidence, ...]:
    """Write down the stretch around the strongest frame, with what the eye says of it."""
    scores = said.reply.frame_scores
    part = int(view.part[said.peak])
    mine = np.flatnonzero(view.part == part)
    strengths = [scores[i] for i in mine] if scores else []
    span = span_around(view.frames.seconds[mine], strengths, spans[part])
    return (
        found(
            "frame",
            span,
            f"{said.reply.text} ({caption})" if caption else said.reply.text,
            "zoom_time",
            frames=frame_refs(view.frames, [row for row in said.rows if view.part[row] == part]),
            supports=said.best,
            score=said.strength,
        ),
    )


ZOOM_TIME = Tool(
    "zoom_time",
    "Look closely at one to three spans (up to 8 frames a second) and answer a question on them.",
    ZoomTimeArgs,
    run,
)
