"""overview: a first look at the whole film, a few dozen frames spread evenly."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from ..index.video.span import Span
from ..world.tools.occurrences import indefinite, prominence, says_where
from .context import SpanArg, ToolContext, clamp_within
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import span_around, view_instants
from .types import Args, Observation, Tool
from .vlm_query import ask_eye


class OverviewArgs(Args):
    """What to ask of the whole film."""

    question: str | None = Field(None, max_length=600, description="default: the user's question")
    with_options: bool = Field(True, description="show the eye the question's choices")
    n_frames: int = Field(64, ge=4, le=64)
    within: SpanArg | None = Field(None, description="only this part of the film")


def run(args: OverviewArgs, ctx: ToolContext) -> Observation:
    """Look at frames spread over the film and answer from them.

    Data: `options` {letter: p}, `answer`, `method`, `known` (share of frames of a kind that the
    eye was trained on, or None), `shares` {letter: share of the film that shows it, by the index}.
    """
    notes: list[str] = []
    within = clamp_within(ctx, args.within, notes)
    count = ctx.frame_cap(args.n_frames)
    instants = cheap_instants(ctx, within, count)
    view = view_instants(ctx, [within], [instants], capped=count < args.n_frames)
    question = args.question or ctx.question
    said = ask_eye(ctx, view.frames, question, with_options=args.with_options)
    reply = said.reply
    evidence = ()
    if said.relevant:
        evidence = (
            found(
                "frame",
                span_around(view.frames.seconds, reply.frame_scores, within),
                reply.text,
                "overview",
                frames=frame_refs(view.frames, said.rows),
                supports=said.best,
                score=said.strength,
            ),
        )
    return Observation(
        "overview",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}\n{fence('eye', said.lines())}",
        evidence,
        view.coverage,
        {
            **said.data,
            "known": ctx.eye.knows(view.frames),
            "shares": shares_of(ctx, within) if args.with_options else {},
        },
        view.cost(),
        notes=tuple(notes),
    )


def shares_of(ctx: ToolContext, within: Span) -> dict[str, float]:
    """Return for each option the share of the index's samples that show it; costs no frames."""
    seconds = ctx.index.sample_seconds
    rows = (seconds >= within.start) & (seconds < within.end)
    if not ctx.options or not rows.any():
        return {}
    vectors = ctx.encoder.encode_texts([indefinite(option) for option in ctx.options])
    cosines = np.stack(
        [
            ctx.index.similarity(vector, whole=says_where(option))[rows]
            for option, vector in zip(ctx.options, vectors, strict=True)
        ]
    )
    if getattr(ctx.encoder, "bias", 0.0):
        odds = np.stack([prominence(row, ctx.encoder) for row in cosines])
    else:
        # no probability of its own: each sample goes to the options by a softmax
        odds = np.exp(getattr(ctx.encoder, "scale", 100.0) * (cosines - cosines.max(axis=0)))
        odds /= odds.sum(axis=0)
    shares = odds.mean(axis=1)
    return {letter: float(share) for letter, share in zip(ctx.letters, shares, strict=True)}


def cheap_instants(ctx: ToolContext, within: Span, count: int) -> np.ndarray:
    """Spread instants evenly, then move each to a keyframe of its own step if there is one.

    A keyframe decodes alone; any other frame costs the whole way from the keyframe before it.
    """
    step = within.duration / count
    even = within.start + (np.arange(count) + 0.5) * step
    timeline = ctx.decoder.timeline
    keys = timeline.seconds[timeline.keyframe]
    if not len(keys):
        return even
    after = np.clip(np.searchsorted(keys, even), 0, len(keys) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(
        np.abs(keys[before] - even) <= np.abs(keys[after] - even), keys[before], keys[after]
    )
    # just past the keyframe's own time, so that rounding cannot fall on the frame before
    return np.where(np.abs(nearest - even) < step / 2, nearest + 1e-4, even)


OVERVIEW = Tool(
    "overview",
    "Look at up to 64 frames spread over the whole film (or a part) and answer from them.",
    OverviewArgs,
    run,
)
