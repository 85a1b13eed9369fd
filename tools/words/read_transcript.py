"""read_transcript: everything that is said in a span, in order."""

from __future__ import annotations

from ...index.video.span import Span
from ..context import SpanArg, ToolContext, clamp_span
from ..evidence import at_time, fence, found
from ..results import Lines, ToolResult
from ..tool import Args, Tool, ToolFailed
from .hear_speech import hear_speech
from .lines import spoken_lines

LONGEST = 300.0  # seconds that one call reads
MAX_LINES = 200


class ReadTranscriptArgs(Args):
    """The span to read."""

    span: SpanArg


def run(args: ReadTranscriptArgs, ctx: ToolContext) -> ToolResult:
    """Read subtitles or transcript of a span of at most 300 seconds, in time order.

    Raises:
        ToolFailed: the film has neither (code `no_text`).
    """
    notes: list[str] = []
    span = clamp_span(ctx, args.span, notes)
    cut = span.duration > LONGEST
    if cut:
        span = Span(span.start, span.start + LONGEST)
        notes.append(f"only {span} was read: {LONGEST:.0f} s is the most for one call")
    notes += hear_speech(ctx, [span], whole_film=False)
    every = spoken_lines(ctx.index)
    if not every:
        says = "this film has no subtitles and nothing was heard: look at frames"
        raise ToolFailed(says, "no_text", notes)
    said = [line for line in every if line.span.overlap(span) > 0]
    cut = cut or len(said) > MAX_LINES
    said = said[:MAX_LINES]
    return ToolResult(
        "read_transcript",
        args.model_dump(mode="json"),
        fence("speech", [f"{at_time(line.span.start)}: {line.text}" for line in said])
        if said
        else f"nothing is said in {span}",
        tuple(found("speech", line.span, line.text, "read_transcript", score=1.0) for line in said),
        payload=Lines(tuple(said), cut),
        notes=tuple(notes),
    )


READ_TRANSCRIPT = Tool(
    "read_transcript",
    "Read what is said in a span of at most 300 seconds.",
    ReadTranscriptArgs,
    run,
)
