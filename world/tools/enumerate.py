"""enumerate: every time something is seen in the film, with its beginning and end.

Coarse to fine. The index's vectors are compared with the predicate for nothing, which leaves a few
candidate runs; the eye looks at two frames of each; and the runs that it confirms are looked at
around both ends, until beginning and end are known to half a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pydantic import Field

from ...index.video.frames import Frames
from ...index.video.span import Span
from ...tools.context import SpanArg, ToolContext, clamp_within
from ...tools.evidence import coverage_line, coverage_of, fence, found, frame_refs
from ...tools.types import Args, Cost, Evidence, Observation, Tool
from .footage import known_share
from .occurrences import Run, candidate_runs, cuts_of, indefinite, join_runs, prominence

PEAKS = 2  # frames looked at to confirm or refuse a run
FRAMES = 64  # shown to the eye by one call, unless fewer are left
ROUNDS = 4  # how often an end may be looked for further out
SURE = 0.5  # score from which a run's ends are looked for
EDGE_STEP = 0.5  # seconds between frames around an end


class EnumerateArgs(Args):
    """What to look for and where."""

    predicate: str = Field(min_length=1, max_length=200, description="`a red fish on the beach`")
    within: SpanArg | None = None
    max_spans: int = Field(30, ge=1, le=60)
    min_score: float = Field(0.5, ge=0, le=1)


@dataclass
class Gaze:
    """The frames that one call looks at, within its budget, and what the eye said of each.

    Attributes:
        ctx: the call's context.
        statement: what each frame is judged by.
        left: how many frames may still be shown.
        calls: how often the eye was asked.
        seconds, scores: of every frame judged so far.
        shown: those frames, by second.
        asked: the seconds they were asked for.
    """

    ctx: ToolContext
    statement: str
    left: int
    calls: int = 0
    seconds: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    shown: dict[float, Frames] = field(default_factory=dict)
    asked: set[float] = field(default_factory=set)

    def judge(self, wanted: list[float]) -> bool:
        """Judge the frames on screen at these seconds; False when the budget cut some off.

        The seconds come most important first; what was asked before is not looked at again.
        """
        new = [second for second in dict.fromkeys(wanted) if second not in self.asked]
        cut = len(new) > self.left
        fresh = sorted(new[: self.left])
        self.asked.update(fresh)
        if not fresh:
            return not cut
        frames = self.ctx.decoder.frames(fresh, self.ctx.eye.frame_size)
        new = [row for row, s in enumerate(frames.seconds) if float(s) not in self.shown]
        if new:
            clips = [frames.take([row]) for row in new]
            self.scores.extend(self.ctx.eye.judge(clips, self.statement))
            self.seconds.extend(float(frames.seconds[row]) for row in new)
            self.shown |= {float(clip.seconds[0]): clip for clip in clips}
            self.left -= len(new)
            self.calls += 1
        return not cut

    def within(self, span: Span) -> list[tuple[float, float]]:
        """Return (second, score) of the judged frames of a span, in time order."""
        pairs = zip(self.seconds, self.scores, strict=True)
        return sorted(pair for pair in pairs if span.start - 0.1 <= pair[0] <= span.end)


def run(args: EnumerateArgs, ctx: ToolContext) -> Observation:
    """Find every occurrence of a predicate.

    Data: `items` [{start, end, score}] in time order, `complete` (every candidate was judged),
    `known` (share of the film of a kind that the encoder was taught, None: cannot tell).
    """
    notes: list[str] = []
    within = clamp_within(ctx, args.within, notes)
    predicate = indefinite(args.predicate)
    vector = ctx.encoder.encode_texts([predicate])[0]
    strength = prominence(ctx.index.similarity(vector), ctx.encoder)
    cuts = cuts_of(ctx.index)
    runs = candidate_runs(ctx.index.sample_seconds, strength, cuts, within)
    gaze = Gaze(ctx, predicate, ctx.frame_cap(FRAMES))
    complete = confirm(runs, gaze, args.min_score)
    runs = [run for run in runs if run.score >= args.min_score]
    complete &= sharpen(worth_sharpening(runs), gaze, cuts, within)
    items = join_runs(runs, cuts)
    if len(items) > args.max_spans:
        items, complete = sorted(items, key=lambda r: -r.score)[: args.max_spans], False
    items.sort(key=lambda run: run.span.start)
    if not complete:
        notes.append("not every candidate could be judged within the frame budget")
    coverage = coverage_of([within], gaze.seconds, truncated=not complete)
    said = [f"{item.span} score {item.score:.2f}" for item in items]
    return Observation(
        "enumerate",
        args.model_dump(mode="json"),
        f"{len(items)} found; the index was searched at {ctx.index.fps:g} frames a second, and the "
        f"eye {coverage_line(coverage)}\n" + fence("eye", [f"{predicate}:", *said]),
        tuple(_evidence(item, args.predicate, gaze) for item in items),
        coverage,
        {
            "items": [{"start": i.span.start, "end": i.span.end, "score": i.score} for i in items],
            "complete": complete,
            "known": known_share(ctx.index, ctx.encoder),
        },
        Cost(len(gaze.seconds), len(gaze.seconds), gaze.calls),
        notes=tuple(notes),
    )


def confirm(runs: list[Run], gaze: Gaze, least: float) -> bool:
    """Look at the strongest frames of each run, the likeliest runs first.

    Returns:
        True when every run was judged. Half of the frames are kept for the ends of what is found.
    """
    ranked = sorted(runs, key=lambda run: -run.strength)
    budget = max(PEAKS, gaze.left * 2 // 3) // PEAKS
    judged = ranked[:budget]
    timeline = gaze.ctx.decoder.timeline
    keyframes = timeline.seconds[timeline.keyframe]
    gaze.judge([second for run in judged for second in run.peaks(PEAKS, keyframes)])
    for run in judged:
        scores = [score for _, score in gaze.within(run.span)]
        run.score = float(np.mean(sorted(scores)[-PEAKS:])) if scores else 0.0
    # a run that the index hardly believes in, below everything that was refused, may go unseen
    missed = ranked[budget:]
    return all(run.strength < least / 2 for run in missed)


def worth_sharpening(runs: list[Run]) -> list[Run]:
    """Return the runs that the eye believes in; the two likeliest when it believes in none.

    The others keep the ends that the index gave them: most are mistakes, and ends cost frames.
    """
    sure = [run for run in runs if run.score >= SURE]
    return sure or sorted(runs, key=lambda run: -run.score)[:2]


def sharpen(runs: list[Run], gaze: Gaze, cuts: np.ndarray, within: Span) -> bool:
    """Find beginning and end of each confirmed run, half-second-wise, further out if need be.

    Returns:
        True when every end was looked for within the budget.
    """
    ranked = sorted(runs, key=lambda run: -run.score)
    complete = True
    for _ in range(ROUNDS):
        wanted = [second for run in ranked for second in run.edges(cuts, within, EDGE_STEP)]
        if not wanted:
            break
        complete &= gaze.judge(wanted)
        for run in ranked:
            run.settle(gaze.within(run.window), cuts, within)
    return complete


def _evidence(run: Run, predicate: str, gaze: Gaze) -> Evidence:
    inside = [pair for pair in gaze.within(run.span) if run.span.contains(pair[0] + 1e-6)]
    best = sorted(inside, key=lambda pair: -pair[1])[:2]
    refs = tuple(ref for second, _ in sorted(best) for ref in frame_refs(gaze.shown[second], [0]))
    return found("frame", run.span, predicate, "enumerate", frames=refs, score=run.score)


ENUMERATE = Tool(
    "enumerate",
    "Find every time something is seen in the whole film, with beginnings and ends; for counting.",
    EnumerateArgs,
    run,
)
