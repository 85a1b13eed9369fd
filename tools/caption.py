"""caption_clip: what a stretch of the film shows, in words; kept for the next time."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import view_spans
from .types import Args, Observation, Tool

LONGEST = 60.0  # seconds that one caption describes
MAX_FRAMES = 16


class CaptionArgs(Args):
    """What to describe."""

    span: SpanArg = Field(description="at most 60 seconds")
    detail: Literal["short", "dense"] = "short"
    focus: str | None = Field(None, max_length=200, description="what to pay attention to")


def run(args: CaptionArgs, ctx: ToolContext) -> Observation:
    """Describe a span of at most 60 seconds from at most 16 frames.

    Data: `caption`, `tags` [words], `cached`.
    """
    notes: list[str] = []
    span = clamp_span(ctx, args.span, notes)
    if span.duration > LONGEST:
        span = Span(span.start, span.start + LONGEST)
        notes.append(f"only {span} was described: {LONGEST:.0f} s is the most for one call")
    key = f"{ctx.eye.id}|{args.detail}|{args.focus or ''}"
    cached = ctx.index.get_caption(span, key)
    if cached is not None:
        return _report(args, span, cached, notes, cached=True)
    view = view_spans(ctx, [span], fps=1.0, max_frames=MAX_FRAMES)
    reply = ctx.eye.caption(view.frames, dense=args.detail == "dense", focus=args.focus)
    ctx.index.put_caption(span, key, reply.text)
    seen = _report(args, span, reply.text, notes, cached=False)
    evidence = found(
        "caption",
        span,
        reply.text,
        "caption_clip",
        frames=frame_refs(view.frames, [len(view.frames) // 2]),
        score=0.5,
    )
    return Observation(
        seen.tool,
        seen.args,
        f"{coverage_line(view.coverage)}\n{seen.text}",
        (evidence,),
        view.coverage,
        seen.data,
        view.cost(),
        notes=seen.notes,
    )


def _report(
    args: CaptionArgs, span: Span, text: str, notes: list[str], *, cached: bool
) -> Observation:
    """Put a caption into an observation; a kept one costs nothing and has no new frames."""
    tags = [tag for tag in re.split(r"[;,\n]\s*", text) if tag]
    if cached:
        notes = [*notes, "this span was described before; the kept caption is shown"]
    return Observation(
        "caption_clip",
        args.model_dump(mode="json"),
        fence("caption", [f"{span}:", *text.splitlines()]),
        (found("caption", span, text, "caption_clip", score=0.5),),
        data={"caption": text, "tags": tags, "cached": cached},
        notes=tuple(notes),
    )


CAPTION_CLIP = Tool(
    "caption_clip", "Describe what a span of at most 60 seconds shows.", CaptionArgs, run
)
