"""read_speech: everything that is said in a span, in order."""

from __future__ import annotations

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_span
from .evidence import at_time, clean, fence, found
from .types import Args, Observation, Tool, ToolFailed

LONGEST = 300.0  # seconds that one call reads
MAX_LINES = 200


class ReadSpeechArgs(Args):
    """The span to read."""

    span: SpanArg


def run(args: ReadSpeechArgs, ctx: ToolContext) -> Observation:
    """Read subtitles or transcript of a span of at most 300 seconds.

    Data: `lines` [{start, end, text, score}] in time order, `truncated`.

    Raises:
        ToolFailed: the film has neither (code `no_text`).
    """
    notes: list[str] = []
    span = clamp_span(ctx, args.span, notes)
    cut = span.duration > LONGEST
    if cut:
        span = Span(span.start, span.start + LONGEST)
        notes.append(f"only {span} was read: {LONGEST:.0f} s is the most for one call")
    cues = ctx.index.cues()
    if not cues:
        raise ToolFailed("this film has no subtitles and no transcript: look at frames", "no_text")
    said = [cue for cue in cues if cue.span.overlap(span) > 0]
    cut = cut or len(said) > MAX_LINES
    said = said[:MAX_LINES]
    rows = [
        {"start": cue.span.start, "end": cue.span.end, "text": clean(cue.text), "score": 1.0}
        for cue in said
    ]
    lines = [f"{at_time(row['start'])}: {row['text']}" for row in rows]
    return Observation(
        "read_speech",
        args.model_dump(mode="json"),
        fence("speech", lines) if lines else f"nothing is said in {span}",
        tuple(found("speech", cue.span, cue.text, "read_speech", score=1.0) for cue in said),
        data={"lines": rows, "truncated": cut},
        notes=tuple(notes),
    )


READ_SPEECH = Tool(
    "read_speech", "Read what is said in a span of at most 300 seconds.", ReadSpeechArgs, run
)
