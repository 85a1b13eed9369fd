"""zoom_time: a closer look at one to three spans, more frames a second."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import at_time, coverage_line, fence, found, frame_refs
from .frame_sampling import View, view_spans
from .query.film_notes import notes_at
from .query.vlm_query import AnswerArgs, VlmAnswer, ask_vlm
from .results import ToolResult
from .tool import Tool
from .types import Evidence


class ZoomTimeArgs(AnswerArgs):
    """What to attend to in which spans."""

    spans: list[SpanArg] = Field(min_length=1, max_length=3)
    fps: float = Field(2.0, gt=0, le=8)
    max_frames: int = Field(32, ge=1, le=64)


def run(args: ZoomTimeArgs, ctx: ToolContext) -> ToolResult:
    """Look closely at spans and answer from them."""
    remarks: list[str] = []
    spans = [clamp_span(ctx, span, remarks) for span in args.spans]
    view = view_spans(ctx, spans, fps=args.fps, max_frames=args.max_frames)
    notes = notes_at(ctx, spans)[0] if args.notes else []
    said = ask_vlm(ctx, view.frames, args, notes)
    answered = said.payload(view.frames, ctx.vlm.covers(view.frames))
    lines = said.lines()
    if said.named and answered.best_second is not None:
        lines.append(f"best seen at {at_time(answered.best_second)}")
    return ToolResult(
        "zoom_time",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}\n{fence('vlm', lines)}",
        (_seen(view, spans, said),) if said.relevant else (),
        view.coverage,
        answered,
        view.cost(said.asked),
        notes=tuple(remarks),
    )


def _seen(view: View, spans: list[Span], said: VlmAnswer) -> Evidence:
    """Write down the stretch around the frame that supports the answer best."""
    part = int(view.part[said.peak(view.frames)])
    return found(
        "frame",
        said.span(view.frames, np.flatnonzero(view.part == part), spans[part]),
        said.reply.text,
        "zoom_time",
        frames=frame_refs(view.frames, [row for row in said.rows if view.part[row] == part]),
        supports=said.best,
        score=said.strength,
    )


ZOOM_TIME = Tool(
    "zoom_time",
    "Look closely at one to three spans (up to 8 frames a second) and answer from them.",
    ZoomTimeArgs,
    run,
)
