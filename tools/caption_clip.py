"""caption_clip: what a stretch of the film shows, in words; the caption is kept for later calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from ..index.video.span import Span
from ..index.words.captions import caption_key
from .context import SpanArg, ToolContext, clamp_span
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import View, view_spans
from .results import Described, ToolResult
from .tool import Args, Tool

LONGEST = 900.0  # seconds that one caption describes
MAX_FRAMES = 16


class CaptionArgs(Args):
    """What to describe."""

    span: SpanArg = Field(description="at most 15 minutes")
    detail: Literal["short", "dense"] = "short"
    focus: str | None = Field(None, max_length=200, description="what to pay attention to")


def run(args: CaptionArgs, ctx: ToolContext) -> ToolResult:
    """Describe a span of at most 15 minutes from at most 16 frames."""
    notes: list[str] = []
    span = clamp_span(ctx, args.span, notes)
    if span.duration > LONGEST:
        span = Span(span.start, span.start + LONGEST)
        notes.append(f"only {span} was described: {LONGEST:.0f} s is the most for one call")
    writer = ctx.captioner or ctx.vlm
    key = caption_key(writer.id, args.detail, args.focus)
    cached = ctx.index.get_caption(span, key)
    if cached is not None:
        notes.append("this span was described before; the kept caption is shown")
        return _result(args, span, Described(cached, cached=True), None, notes)
    view = view_spans(ctx, [span], fps=1.0, max_frames=min(MAX_FRAMES, writer.max_frames))
    text = writer.caption(view.frames, dense=args.detail == "dense", focus=args.focus).text
    ctx.index.put_caption(span, key, text)
    return _result(args, span, Described(text), view, notes)


def _result(
    args: CaptionArgs, span: Span, described: Described, view: View | None, notes: list[str]
) -> ToolResult:
    """Put a caption into a result; a kept one costs nothing and has no new frames."""
    text = fence("caption", [f"{span}:", *described.caption.splitlines()])
    refs = ()
    if view is not None:
        text = f"{coverage_line(view.coverage)}\n{text}"
        refs = frame_refs(view.frames, [len(view.frames) // 2])
    evidence = found("caption", span, described.caption, "caption_clip", frames=refs, score=0.5)
    result = ToolResult(
        "caption_clip",
        args.model_dump(mode="json"),
        text,
        (evidence,),
        payload=described,
        notes=tuple(notes),
    )
    if view is None:
        return result
    return replace(result, coverage=view.coverage, cost=view.cost())


CAPTION_CLIP = Tool(
    "caption_clip", "Describe what a span of at most 15 minutes shows.", CaptionArgs, run
)
