"""enumerate: every time something is seen in a film of the drawn world, for few frames.

Coarse to fine. The index's vectors are compared with the predicate for nothing, which leaves a few
candidate runs; the VLM looks at two frames of each; and the runs that it confirms are looked at
around both ends, until beginning and end are known to half a second. Other films are left to the
common tool.
"""

from __future__ import annotations

import numpy as np

from ...index.video.span import Span
from ...tools.context import ToolContext, clamp_within
from ...tools.enumerate import ENUMERATE as COMMON
from ...tools.enumerate import EnumerateArgs, FrameScores, enumerated
from ...tools.results import ToolResult
from ...tools.tool import Tool
from .footage import world_encoder
from .occurrences import Run, candidate_runs, cuts_of, indefinite, join_runs, prominence

PEAKS = 2  # frames looked at to confirm or refuse a run
FRAMES = 64  # shown to the VLM by one call, unless fewer are left
ROUNDS = 4  # how often an end may be looked for further out
SURE = 0.5  # score from which a run's ends are looked for
EDGE_STEP = 0.5  # seconds between frames around an end


def run(args: EnumerateArgs, ctx: ToolContext) -> ToolResult:
    """Find every occurrence of a predicate."""
    encoder = world_encoder(ctx)
    if encoder is None:
        return COMMON.run(args, ctx)
    notes: list[str] = []
    within = clamp_within(ctx, args.within, notes)
    predicate = indefinite(args.predicate)
    vector = encoder.encode_texts([predicate])[0]
    strength = prominence(ctx.index.similarity(vector), encoder)
    cuts = cuts_of(ctx.index)
    runs = candidate_runs(ctx.index.sample_seconds, strength, cuts, within)
    seen = FrameScores(ctx, predicate, ctx.frame_cap(FRAMES))
    complete = confirm(runs, seen, args.min_score)
    runs = [run for run in runs if run.score >= args.min_score]
    complete &= sharpen(worth_sharpening(runs), seen, cuts, within)
    found = [(item.span, item.score) for item in join_runs(runs, cuts)]
    return enumerated(args, ctx, seen, found, within, complete, notes)


def confirm(runs: list[Run], seen: FrameScores, least: float) -> bool:
    """Look at the strongest frames of each run, the likeliest runs first.

    Returns:
        True when every run was judged. Half of the frames are kept for the ends of what is found.
    """
    ranked = sorted(runs, key=lambda run: -run.strength)
    budget = max(PEAKS, seen.left * 2 // 3) // PEAKS
    judged = ranked[:budget]
    timeline = seen.ctx.decoder.timeline
    keyframes = timeline.seconds[timeline.keyframe]
    seen.look([second for run in judged for second in run.peaks(PEAKS, keyframes)])
    for run in judged:
        scores = [score for _, score in seen.within(run.span)]
        run.score = float(np.mean(sorted(scores)[-PEAKS:])) if scores else 0.0
    # a run that the index hardly believes in, below everything that was refused, may go unseen
    missed = ranked[budget:]
    return all(run.strength < least / 2 for run in missed)


def worth_sharpening(runs: list[Run]) -> list[Run]:
    """Return the runs that the VLM believes in; the two likeliest when it believes in none.

    The others keep the ends that the index gave them: most are mistakes, and ends cost frames.
    """
    sure = [run for run in runs if run.score >= SURE]
    return sure or sorted(runs, key=lambda run: -run.score)[:2]


def sharpen(runs: list[Run], seen: FrameScores, cuts: np.ndarray, within: Span) -> bool:
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
        complete &= seen.look(wanted)
        for run in ranked:
            run.settle(seen.within(run.window), cuts, within)
    return complete


ENUMERATE = Tool(COMMON.name, COMMON.description, EnumerateArgs, run)
