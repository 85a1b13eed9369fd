"""zoom_time: a closer look at up to eight spans, beside a few frames of the whole film."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from ..index.video.frames import concat_frames
from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import at_time, coverage_line, fence, found, frame_refs
from .frame_sampling import View, instants_of, view_instants
from .query.film_notes import notes_at
from .query.vlm_query import AnswerArgs, VlmAnswer, ask_vlm
from .results import ToolResult
from .select.film_facts import film_facts
from .select.uniform import uniform
from .tool import Tool
from .types import Evidence


class ZoomTimeArgs(AnswerArgs):
    """What to attend to in which spans."""

    spans: list[SpanArg] = Field(min_length=1, max_length=8)
    fps: float = Field(2.0, gt=0, le=8)
    max_frames: int = Field(32, ge=1, le=64)
    context: int = Field(
        0, ge=0, le=32, description="frames of the whole film to show besides, for the setting"
    )


def run(args: ZoomTimeArgs, ctx: ToolContext) -> ToolResult:
    """Look closely at spans and answer from them."""
    remarks: list[str] = []
    spans = [clamp_span(ctx, span, remarks) for span in args.spans]
    view = _view(args, ctx, spans)
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


def _view(args: ZoomTimeArgs, ctx: ToolContext, spans: list[Span]) -> View:
    """Decode frames of the spans, and of the whole film between them; those have part -1."""
    cap = ctx.frame_cap(args.max_frames + args.context)
    context = min(args.context, cap // 3)
    chosen, capped = instants_of(spans, args.fps, min(args.max_frames, cap - context))
    view = view_instants(ctx, spans, chosen, capped=capped, size=ctx.frame_size(cap))
    frames, part = view.frames, view.part
    whole = Span(0.0, ctx.duration)
    around = uniform(film_facts(ctx, whole), context).seconds if context else np.zeros(0)
    around = np.array([s for s in around if not any(span.contains(s) for span in spans)])
    if len(around):
        beside = view_instants(ctx, [whole], [around], size=ctx.frame_size(cap))
        frames = concat_frames([frames, beside.frames])
        part = np.concatenate([part, np.full(len(beside.frames), -1)])
    # in time order, so that what comes first is first for the VLM too
    order = np.argsort(frames.seconds, kind="stable")
    return View(frames.take(order), part[order], view.coverage)


def _seen(view: View, spans: list[Span], said: VlmAnswer) -> Evidence:
    """Write down the stretch around the frame that supports the answer best."""
    part = int(view.part[said.peak(view.frames)])
    rows = np.flatnonzero(view.part == part)
    # a frame of the whole film stands for itself only
    second = float(view.frames.seconds[said.peak(view.frames)])
    whole = spans[part] if part >= 0 else Span(max(0.0, second - 1.0), second + 1.0)
    return found(
        "frame",
        said.span(view.frames, rows, whole) if part >= 0 else whole,
        said.reply.text,
        "zoom_time",
        frames=frame_refs(view.frames, [row for row in said.rows if view.part[row] == part]),
        supports=said.best,
        score=said.strength,
    )


ZOOM_TIME = Tool(
    "zoom_time",
    "Look closely at up to eight spans (up to 8 frames a second) and answer from them.",
    ZoomTimeArgs,
    run,
)
