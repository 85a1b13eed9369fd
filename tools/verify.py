"""verify: a fresh look at a claim, on other frames than those that led to it."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
from pydantic import Field

from ..index.video.frames import Box
from ..index.video.span import Span
from .context import BoxArg, SpanArg, ToolContext, clamp_span
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import View, crop_size, instants_of, view_instants
from .read_text import best_lines, read_frames
from .types import Args, Observation, Tool, ToolFailed, ToolRetry

SUPPORTED = 0.6
REFUTED = 0.3
CROP_SIDE = 768  # pixels of a crop's long side
OFFSET = 0.29  # other tools look at the middle of a step
MAX_FRAMES = 24
MOTION_SECONDS = 8.0
_MOTION = re.compile(
    r"\b(?:mov\w+|goes|going|travel\w*|fl(?:ies|ying)|drift\w*|runs?|turns?)\b", re.I
)
Verdict = Literal["supported", "refuted", "unclear"]


class VerifyArgs(Args):
    """A claim and where it should be true."""

    claim: str = Field(min_length=1, max_length=400, description="a statement, self-contained")
    spans: list[SpanArg] = Field(min_length=1, max_length=3)
    region: BoxArg | None = Field(None, description="judge this part of the frame only")
    kind: Literal["frame", "speech", "text"] = "frame"
    words: str | None = Field(None, max_length=200, description="what must be said or written")


def run(args: VerifyArgs, ctx: ToolContext) -> Observation:
    """Judge the claim again.

    Data: `verdict` supported | refuted | unclear, `score` 0 to 1.

    Raises:
        ToolRetry: `words` is missing for speech or text.
        ToolFailed: text is to be verified and there is no reader.
    """
    notes: list[str] = []
    spans = [clamp_span(ctx, span, notes) for span in args.spans]
    if args.kind == "frame":
        return _by_frames(args, ctx, spans, notes)
    if not args.words or not args.words.strip():
        raise ToolRetry(f"words is missing: say which words must be {args.kind}")
    return _by_words(args, ctx, spans, notes, args.words)


def verdict_of(score: float) -> Verdict:
    """Turn a probability into a verdict."""
    if score >= SUPPORTED:
        return "supported"
    return "refuted" if score <= REFUTED else "unclear"


def _by_frames(
    args: VerifyArgs, ctx: ToolContext, spans: list[Span], notes: list[str]
) -> Observation:
    """Let the eye judge the claim on frames of each span, and take the span that shows it best."""
    crop = args.region.box if args.region else None
    view = _fresh(args.claim, ctx, spans, crop)
    scores = ctx.eye.judge([view.of(row) for row in range(len(spans))], args.claim)
    best = int(np.argmax(scores))
    score = float(scores[best])
    verdict = verdict_of(score)
    # a crop shows too little of a place to be known by it
    known = ctx.eye.knows(view.of(best)) if crop is None else None
    if known is not None and known < 0.5 and verdict != "unclear":
        verdict = "unclear"
        notes.append("the eye does not know this kind of footage, so its verdict counts for little")
    rows = np.flatnonzero(view.part == best)
    shown = [int(rows[len(rows) // 2])] if len(rows) else []
    evidence = ()
    if verdict == "supported":
        refs = frame_refs(view.frames, shown, crop)
        evidence = (
            found(
                "frame", spans[best], args.claim, "verify", frames=refs, verified=True, score=score
            ),
        )
    return Observation(
        "verify",
        args.model_dump(mode="json"),
        f"{verdict} ({score:.2f}): {args.claim}\n{coverage_line(view.coverage)}",
        evidence,
        view.coverage,
        {"verdict": verdict, "score": score},
        view.cost(),
        notes=tuple(notes),
    )


def _fresh(claim: str, ctx: ToolContext, spans: list[Span], crop: Box | None) -> View:
    """Decode frames that other tools did not look at, as many as the claim needs."""
    rate, most = 1.0, 8
    if _MOTION.search(claim):
        # motion shows between neighbouring frames: a few seconds closely, not the whole thinly
        spans = [_middle(span, MOTION_SECONDS) for span in spans]
        rate, most = 2.0, 16
    size = None
    if crop is not None:
        size = crop_size(crop, (ctx.index.info.width, ctx.index.info.height), CROP_SIDE)
        # a crop is looked at in many tiles, so two frames must do
        most = 2
    chosen, capped = instants_of(spans, rate, ctx.frame_cap(MAX_FRAMES), OFFSET)
    chosen = [_inner(seconds, most) for seconds in chosen]
    return view_instants(ctx, spans, chosen, capped=capped, size=size, crop=crop)


def _middle(span: Span, seconds: float) -> Span:
    """Return the middle of a span, at most so long."""
    spare = max(0.0, span.duration - seconds) / 2
    return Span(span.start + spare, span.end - spare)


def _inner(seconds: np.ndarray, most: int) -> np.ndarray:
    """Keep at most so many instants of a span, evenly."""
    if len(seconds) <= most:
        return seconds
    return seconds[np.linspace(0, len(seconds) - 1, most).round().astype(int)]


def _by_words(
    args: VerifyArgs, ctx: ToolContext, spans: list[Span], notes: list[str], words: str
) -> Observation:
    """Look for the words in what is said, or read the frames again at other instants."""
    coverage = None
    refs = ()
    if args.kind == "speech":
        lines = [c.text for c in ctx.index.cues() if any(c.span.overlap(s) > 0 for s in spans)]
        hits = [1.0 for line in lines if holds(line, words)]
    else:
        if ctx.reader is None:
            raise ToolFailed("no reader is set: choose a profile with one", "no_text")
        chosen, capped = instants_of(spans, 0.5, ctx.frame_cap(2 * len(spans)), OFFSET)
        size = (ctx.index.info.width, ctx.index.info.height)
        view = view_instants(ctx, spans, chosen, capped=capped, size=size)
        read = best_lines(read_frames(view.frames, ctx.reader))
        lines = [line.text for line in read]
        right = [line for line in read if holds(line.text, words)]
        hits = [line.score for line in right]
        coverage = view.coverage
        refs = frame_refs(view.frames, [right[0].row]) if right else ()
    # words that are not there refute only what was looked through entirely
    score = max(hits, default=0.1 if lines else 0.4)
    verdict = verdict_of(score)
    evidence = ()
    if verdict == "supported":
        evidence = (
            found(args.kind, spans[0], words, "verify", frames=refs, verified=True, score=score),
        )
    return Observation(
        "verify",
        args.model_dump(mode="json"),
        f"{verdict} ({score:.2f}): {args.claim}\n{fence(args.kind, lines[:8])}",
        evidence,
        coverage,
        {"verdict": verdict, "score": score},
        notes=tuple(notes),
    )


def holds(line: str, words: str) -> bool:
    """Say whether a line holds the words, whole, whatever the case, punctuation and spacing.

    A reader of text often loses the space in `GATE 41`, or sees one that is not there.
    """
    have, want = (re.sub(r"[^0-9a-z]+", " ", text.lower()).split() for text in (line, words))
    target = "".join(want)
    return bool(target) and any(
        "".join(have[first:last]) == target
        for first in range(len(have))
        for last in range(first + 1, len(have) + 1)
    )


VERIFY = Tool(
    "verify",
    "Judge a claim again on other frames (or lines) of the spans it rests on.",
    VerifyArgs,
    run,
)
