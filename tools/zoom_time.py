"""zoom_time: a closer look at some spans, judged together with frames of the whole film."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import at_time, coverage_line, fence, found, frame_refs
from .frame_sampling import View, instants_of, view_instants
from .query.film_notes import REACH, cited_lines, cites_words, notes_at
from .query.vlm_query import AnswerArgs, VlmAnswer, ask_vlm
from .results import Line, ToolResult
from .select.film_facts import film_facts
from .select.uniform import uniform
from .tool import Tool
from .types import Evidence


class ZoomTimeArgs(AnswerArgs):
    """What to attend to in which spans."""

    spans: list[SpanArg] = Field(min_length=1, max_length=16)
    fps: float = Field(2.0, gt=0, le=8)
    max_frames: int = Field(32, ge=1, le=64)
    context: int = Field(
        0, ge=0, le=48, description="frames of the whole film that are shown beside, evenly"
    )
    cues: list[str] = Field(
        default_factory=list, max_length=30, description="passages about these go into the notes"
    )


def run(args: ZoomTimeArgs, ctx: ToolContext) -> ToolResult:
    """Look closely at spans and answer from them."""
    remarks: list[str] = []
    spans = [clamp_span(ctx, span, remarks) for span in args.spans]
    view = _view(args, ctx, spans)
    notes: list[str] = []
    passages: list[Line] = []
    if args.notes:
        notes, passages = notes_at(ctx, [span.pad(REACH) for span in spans], args.cues)
    said = ask_vlm(ctx, view.frames, args, notes)
    answered = said.payload(view.frames, ctx.vlm.covers(view.frames))
    lines = said.lines()
    if said.named and answered.best_second is not None:
        lines.append(f"best seen at {at_time(answered.best_second)}")
    evidence = cited_lines(ctx, said, passages, spans, "zoom_time")
    if said.relevant:
        place = len(evidence) if cites_words(said, evidence) else 0
        evidence.insert(place, _seen(view, spans, said))
    return ToolResult(
        "zoom_time",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}\n{fence('vlm', lines)}",
        tuple(evidence),
        view.coverage,
        answered,
        view.cost(said.asked),
        notes=tuple(remarks),
    )


def _view(args: ZoomTimeArgs, ctx: ToolContext, spans: list[Span]) -> View:
    """Decode frames of the spans, and of the whole film beside them, in time order."""
    cap = ctx.frame_cap(args.max_frames + args.context)
    beside = min(args.context, cap // 3)
    chosen, capped = instants_of(spans, args.fps, max(len(spans), cap - beside))
    if beside:
        whole = Span(0.0, ctx.duration)
        chosen.append(uniform(film_facts(ctx, whole), beside).seconds)
    return view_instants(ctx, spans, chosen, capped=capped).in_time_order()


def _seen(view: View, spans: list[Span], said: VlmAnswer) -> Evidence:
    """Write down the stretch around the frame that supports the answer best."""
    peak = said.peak(view.frames)
    part = int(view.part[peak])
    second = float(view.frames.seconds[peak])
    # a frame of the whole film stands for the time around it
    whole = spans[part] if part < len(spans) else Span(max(0.0, second - 2.0), second + 2.0)
    return found(
        "frame",
        said.span(view.frames, np.flatnonzero(view.part == part), whole)
        if part < len(spans)
        else whole,
        said.reply.text,
        "zoom_time",
        frames=frame_refs(view.frames, [row for row in said.rows if view.part[row] == part]),
        supports=said.supports,
        score=said.strength,
    )


ZOOM_TIME = Tool(
    "zoom_time",
    "Look closely at up to sixteen spans (up to 8 frames a second) and answer from them.",
    ZoomTimeArgs,
    run,
)
