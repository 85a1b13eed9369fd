"""verify: a fresh look at a claim, on other frames than those that led to it.

*Supported* means confirmed: the VLM judged it so on frames of its own, a model judged it so by what
is said and written there, a second reading of other frames gave the same text, or the words stand
in lines that are not in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from ..index.search import KNOWN_FROM
from ..index.video.frames import Box, empty_frames
from ..index.video.span import Span
from ..index.words.lines import KINDS
from .context import BoxArg, SpanArg, ToolContext, clamp_span
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import View, crop_size, instants_of, view_instants
from .query.film_notes import NARROW, note_of, thinned
from .results import Judged, ToolResult, Verdict
from .tool import Args, Tool
from .types import Cost, Coverage, Evidence, EvidenceKind, FrameRef
from .words.holding import holds, lines_holding
from .words.lines import SURELY_READ, lines_within, of_index, overlaps, spoken_lines
from .words.read_text import best_lines, need_ocr, read_frames

SUPPORTED = 0.6
REFUTED = 0.3
UNCLEAR = 0.45  # score of what was found in a form that is in doubt
CROP_SIDE = 768  # pixels of a crop's long side
CONTEXT = 10.0  # seconds around lines that are judged: what "it" and "there" refer to
OFFSET = 0.29  # other tools look at the middle of a step
MAX_FRAMES = 24
CLOSE_SECONDS = 8.0
"""How long a part of a span is watched closely where the claim is about motion."""


class VerifyArgs(Args):
    """A claim and where it should be true."""

    claim: str = Field(min_length=1, max_length=60_000, description="a statement, self-contained")
    spans: list[SpanArg] = Field(min_length=1, max_length=3)
    region: BoxArg | None = Field(None, description="judge this part of the frame only")
    kind: Literal["frame", "speech", "text", "caption"] = "frame"
    words: str | None = Field(None, max_length=400, description="what must be said or written")
    motion: bool = Field(False, description="watch the middle of each span closely")


def run(args: VerifyArgs, ctx: ToolContext) -> ToolResult:
    """Judge the claim again.

    Without `words`, the model that reads judges the claim by the lines in and around the spans.

    Raises:
        ToolFailed: text is to be verified and there is no OCR.
    """
    notes: list[str] = []
    spans = [clamp_span(ctx, span, notes) for span in args.spans]
    if args.kind == "frame":
        return _by_frames(args, ctx, spans, notes)
    if not args.words or not args.words.strip():
        return _by_notes(args, ctx, spans, notes)
    look = _spoken if args.kind == "speech" else _written
    return _by_words(args, ctx, spans, notes, look(ctx, spans, args.words))


def verdict_of(score: float) -> Verdict:
    """Turn a probability into a verdict."""
    if score >= SUPPORTED:
        return "supported"
    return "refuted" if score <= REFUTED else "unclear"


def _by_frames(
    args: VerifyArgs, ctx: ToolContext, spans: list[Span], notes: list[str]
) -> ToolResult:
    """Let the VLM judge the claim on frames of each span, and take the span that shows it best."""
    crop = args.region.box if args.region else None
    view = _fresh(args, ctx, spans, crop)
    scores = ctx.vlm.judge([view.of(row) for row in range(len(spans))], args.claim)
    best = int(np.argmax(scores))
    score = float(scores[best])
    verdict = verdict_of(score)
    # a crop shows too little of a place to be known by it
    known = ctx.vlm.covers(view.of(best)) if crop is None else None
    if known is not None and known < KNOWN_FROM and verdict != "unclear":
        verdict = "unclear"
        notes.append("the VLM does not know this kind of footage, so its verdict counts for little")
    rows = np.flatnonzero(view.part == best)
    shown = [int(rows[len(rows) // 2])] if len(rows) else []
    evidence = None
    if verdict == "supported":
        refs = frame_refs(view.frames, shown, crop)
        evidence = _proof("frame", spans[best], args.claim, score, refs)
    judged, rest = Judged(verdict, score), coverage_line(view.coverage)
    return _report(args, judged, rest, evidence, view.coverage, view.cost(), notes)


def _by_notes(
    args: VerifyArgs, ctx: ToolContext, spans: list[Span], notes: list[str]
) -> ToolResult:
    """Let the model that reads judge the claim by the words in and around the spans.

    Where that is the VLM, a few frames stand beside them.
    """
    wide = [Span(max(0.0, s.start - CONTEXT), min(ctx.duration, s.end + CONTEXT)) for s in spans]
    every = [of_index(line) for line in ctx.index.words().lines(KINDS)]
    near = [line for line in every if overlaps(line.span, wide)]
    model = (ctx.reader if near else None) or ctx.vlm
    # where no frame may be shown, the words alone are judged
    alone = model is not ctx.vlm or ctx.frames_left == 0
    words = [note_of(line) for line in thinned(near, ctx.note_room(NARROW, frames=not alone))]
    view = None if alone else _fresh(args, ctx, spans, None)
    frames = empty_frames() if view is None else view.frames
    frames = frames.take(_inner(np.arange(len(frames)), 4).astype(int))
    # neither words nor frames tell anything
    told = bool(words or len(frames))
    score = float(model.judge([frames], args.claim, words)[0]) if told else UNCLEAR
    lines = [ln for ln in every if ln.kind == args.kind and overlaps(ln.span, spans)]
    verdict = verdict_of(score)
    if lines and not any(line.certain for line in lines):
        verdict = verdict_of(min(score, UNCLEAR))
        notes.append("the words were found in lines whose reading is in doubt")
    judged, evidence = Judged(verdict, score), None
    if judged.verdict == "supported" and lines:
        said = " ".join(line.text for line in lines)
        evidence = _proof(lines[0].kind, spans[0], said, score)
    coverage = None if view is None else view.coverage
    cost = Cost(0 if view is None else len(view.frames), len(frames), int(told))
    rest = fence(args.kind, words[:8])
    return _report(args, judged, rest, evidence, coverage, cost, notes)


def _fresh(args: VerifyArgs, ctx: ToolContext, spans: list[Span], crop: Box | None) -> View:
    """Decode frames that other tools did not look at, as many as the claim needs."""
    rate, most = 1.0, 8
    if args.motion:
        # motion shows between neighbouring frames: a few seconds closely, not the whole thinly
        spans = [_middle(span, CLOSE_SECONDS) for span in spans]
        rate, most = 2.0, 16
    size = None
    if crop is not None:
        size = crop_size(crop, ctx.source, CROP_SIDE)
        # a crop is large, so two frames must do
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


@dataclass(frozen=True, slots=True)
class _Search:
    """What looking for words came to: the lines looked through, a score, and what to note."""

    lines: list[str]
    score: float
    note: str = ""
    coverage: Coverage | None = None
    frames: tuple[FrameRef, ...] = ()


def _spoken(ctx: ToolContext, spans: list[Span], words: str) -> _Search:
    """Look for the words in what is said, also where they run over neighbouring lines."""
    lines = [line for line in spoken_lines(ctx.index) if overlaps(line.span, spans)]
    texts = [line.text for line in lines]
    holding = [line for line in lines if holds(line.text, words)]
    if not holding and holds(" ".join(texts), words):
        holding = lines
    if not holding:
        # words that are not there refute only what was looked through entirely
        return _Search(texts, 0.1 if lines else 0.4)
    if not any(line.certain for line in holding):
        return _Search(texts, UNCLEAR, "the words were found in lines whose reading is in doubt")
    return _Search([line.text for line in holding], 1.0)


def _written(ctx: ToolContext, spans: list[Span], words: str) -> _Search:
    """Read other frames of the spans than those that gave the words, and look for them there."""
    ocr = need_ocr(ctx)
    chosen, capped = instants_of(spans, 0.5, ctx.frame_cap(4 * len(spans)), OFFSET)
    view = view_instants(ctx, spans, chosen, capped=capped, size=ctx.source)
    read = best_lines(read_frames(view.frames, ocr))
    texts = [line.text for line in read]
    right = [read[row] for row in lines_holding(texts, words)]
    if not right:
        known = [line.text for line in lines_within(ctx.index, spans) if line.kind == "text"]
        note = "an earlier reading had these words, a second one did not"
        earlier = bool(lines_holding(known, words))
        return _Search(
            texts, UNCLEAR if earlier else 0.1 if read else 0.4, note * earlier, view.coverage
        )
    refs = frame_refs(view.frames, [right[0].row])
    # each of them holds the words, or each holds a part
    whole = [line.score for line in right if holds(line.text, words)]
    score = max(whole) if whole else min(line.score for line in right)
    if score < SURELY_READ:
        note = f"the words were read with a score of {score:.2f} only"
        return _Search(texts, min(score, UNCLEAR), note, view.coverage, refs)
    return _Search(texts, score, "", view.coverage, refs)


def _by_words(
    args: VerifyArgs, ctx: ToolContext, spans: list[Span], notes: list[str], search: _Search
) -> ToolResult:
    """Report what looking for the words came to."""
    judged, evidence = Judged(verdict_of(search.score), search.score), None
    if judged.verdict == "supported":
        kind = "speech" if args.kind == "speech" else "text"
        evidence = _proof(kind, spans[0], args.words or "", search.score, search.frames)
    shown = search.coverage.frames if search.coverage else 0
    cost, rest = Cost(shown, shown, shown), fence(args.kind, search.lines[:8])
    told = [*notes, search.note] if search.note else notes
    return _report(args, judged, rest, evidence, search.coverage, cost, told)


def _proof(
    kind: EvidenceKind, span: Span, text: str, score: float, frames: tuple[FrameRef, ...] = ()
) -> Evidence:
    return found(kind, span, text, "verify", frames=frames, verified=True, score=score)


def _report(
    args: VerifyArgs,
    judged: Judged,
    rest: str,
    evidence: Evidence | None,
    coverage: Coverage | None,
    cost: Cost,
    notes: list[str],
) -> ToolResult:
    """Return a verdict as the tool's result; `rest` follows its first line."""
    return ToolResult(
        "verify",
        args.model_dump(mode="json"),
        f"{judged.verdict} ({judged.score:.2f}): {args.claim}\n{rest}",
        () if evidence is None else (evidence,),
        coverage,
        judged,
        cost,
        notes=tuple(notes),
    )


VERIFY = Tool(
    "verify",
    "Judge a claim again on other frames (or lines) of the spans it rests on.",
    VerifyArgs,
    run,
)
