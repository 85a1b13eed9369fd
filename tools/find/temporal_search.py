"""Temporal search by looking: where no encoder can search a film, the VLM looks at small frames.

After T* (arXiv 2504.02259): rounds of sparse frames over the film, each round asked in one request
which of its frames show what is looked for. What scored is confirmed by frames beside it, as T*
verifies what its detector found, and the rest of a round goes into the widest gaps. Frames are sent
small, each with its time, instead of as cells of a grid, so that the model names times and no
detector is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ...index.video.span import Span, merge_spans
from ..context import ToolContext
from ..results import Hit, Hits
from ..types import Cost

FOUND = 0.55
"""Score from which a frame shows what is looked for."""

BESIDE = 0.6
"""Seconds from a frame that scored to the frames that confirm it."""

A_ROUND = 128
"""Frames of one round; a VLM may lay several out in one picture."""

ROUNDS = 4
FINEST = 1.0
"""Seconds between two frames below which nothing more is looked for."""


@dataclass
class LookedAt:
    """What the rounds brought: a score by second, and what it cost."""

    scores: dict[float, float] = field(default_factory=dict)
    calls: int = 0

    @classmethod
    def recall(cls, found: Hits) -> LookedAt:
        """Return what the rounds had brought when a search returned this."""
        return cls(dict(zip(found.looked_at, found.scores, strict=True)), found.rounds)

    def kept(self, hits: Sequence[Hit], known: float | None) -> Hits:
        """Return the places with all that a later search for the same goes on from."""
        seconds = tuple(sorted(self.scores))
        scores = tuple(self.scores[second] for second in seconds)
        return Hits(tuple(hits), known, seconds, scores, self.calls)

    @property
    def seconds(self) -> np.ndarray:
        """The frames' seconds, float64 [N], rising."""
        return np.array(sorted(self.scores))

    @property
    def cost(self) -> Cost:
        """The frames and calls."""
        return Cost(len(self.scores), len(self.scores), self.calls)


def temporal_search(
    ctx: ToolContext,
    what: str,
    within: Span,
    *,
    max_frames: int,
    enough: int = 1,
    exclude: Sequence[Span] = (),
    first: Sequence[float] = (),
) -> tuple[list[Hit], Cost]:
    """Look for something in small frames, coarse to fine.

    A later search for the same goes on where an earlier one of the same run stopped.

    Args:
        ctx: the call's context.
        what: what a frame should show.
        within: where to look.
        max_frames: frames shown at most, over all rounds.
        enough: confirmed places from which the search stops.
        exclude: places in these do not count and are left out.
        first: seconds that are likely to show it; the first round looks there too.

    Returns:
        The places that show it, best first, and what looking cost now.
    """
    seen = looked_at(ctx, what, within)
    before = seen.cost

    def places() -> list[Hit]:
        found = _places(seen, within)
        return [hit for hit in found if not any(span.contains(hit.second) for span in exclude)]

    while seen.calls < ROUNDS and len(_confirmed(places(), seen)) < enough:
        if seen.calls:
            wanted = _next_round(seen, within, A_ROUND)
        else:
            likely = np.unique([s for s in first if within.contains(s)][: A_ROUND // 2])
            wanted = np.concatenate([likely, _even(within, A_ROUND - len(likely))])
            wanted.sort()
        wanted = _new(wanted, seen)[: max(0, max_frames - len(seen.scores))]
        if not len(wanted):
            break
        _look(ctx, what, wanted, seen)
    found = places()
    sure = _confirmed(found, seen)
    # one frame that nothing beside it confirms is more often a mistake than a moment that short
    spent = Cost(*(now - then for now, then in zip(_parts(seen.cost), _parts(before), strict=True)))
    return [*sure, *(place for place in found if place not in sure)], spent


def looked_at(ctx: ToolContext, what: str, within: Span) -> LookedAt:
    """Return what searches of this run for the same have looked at so far; it may be added to."""
    return ctx.memory.setdefault(("temporal_search", what, within), LookedAt())


def _parts(cost: Cost) -> tuple[int, int, int]:
    return cost.frames_decoded, cost.frames_shown, cost.model_calls


def _even(within: Span, count: int) -> np.ndarray:
    return within.start + (np.arange(count) + 0.5) * within.duration / count


def _look(ctx: ToolContext, what: str, wanted: np.ndarray, seen: LookedAt) -> None:
    # many frames are wanted of the model, so they are sent small
    size = ctx.frame_size(len(wanted))
    frames = ctx.decoder.frames([float(second) for second in wanted], size, None)
    if not len(frames):
        return
    found = ctx.vlm.find(frames, what)
    seen.calls += 1
    for second, score in zip(frames.seconds, found, strict=True):
        seen.scores[round(float(second), 3)] = float(score)


def _new(wanted: np.ndarray, seen: LookedAt) -> np.ndarray:
    """Leave out what lies within half the finest step of a frame that was looked at."""
    old = seen.seconds
    if not len(old):
        return wanted
    gaps = np.abs(wanted[:, None] - old[None, :]).min(axis=1)
    return wanted[gaps >= FINEST / 2]


def _next_round(seen: LookedAt, within: Span, count: int) -> np.ndarray:
    """Return the next frames: beside those that scored, the rest halfway across the widest gaps."""
    seconds = seen.seconds
    scored = sorted((s for s in seconds if seen.scores[s] >= FOUND), key=lambda s: -seen.scores[s])
    beside = [s + step for s in scored[: count // 4] for step in (-BESIDE, BESIDE)]
    near = [second for second in beside if within.contains(second)]
    edges = [within.start, *seconds.tolist(), within.end]
    gaps = sorted(((b - a, (a + b) / 2) for a, b in pairwise(edges)), reverse=True)
    fresh = _new(np.array(near), seen) if near else np.zeros(0)
    wide = [middle for gap, middle in gaps if gap > FINEST][: count - len(fresh)]
    return np.unique(np.round(np.concatenate([fresh, wide]), 3))


def _confirmed(places: list[Hit], seen: LookedAt) -> list[Hit]:
    """Return the places that at least two frames show, and most of those looked at there."""
    sure = []
    for place in places:
        wide = place.span.pad(BESIDE + 0.1)
        scores = [seen.scores[second] for second in seen.seconds if wide.contains(second)]
        showing = sum(score >= FOUND for score in scores)
        if showing >= 2:
            sure.append(place)
    return sure


def _places(seen: LookedAt, within: Span) -> list[Hit]:
    """Join frames that show it and follow each other; return the places, best first."""
    seconds = seen.seconds
    edges = np.concatenate([[within.start], seconds, [within.end]])
    spans: list[Span] = []
    for row, second in enumerate(seconds):
        if seen.scores[second] >= FOUND:
            start, end = (edges[row] + second) / 2, (second + edges[row + 2]) / 2
            # a wide gap is no proof that it was there all the time
            start, end = max(start, second - 5.0), min(end, second + 5.0)
            spans.append(Span(float(start), float(max(end, start + 1e-3))))
    hits = []
    for span in merge_spans(spans, gap=0.5):
        inside = [second for second in seconds if span.contains(second)]
        best = max(inside, key=lambda second: seen.scores[second])
        hits.append(Hit(span, seen.scores[best], float(best), "visual"))
    return sorted(hits, key=lambda hit: (-hit.score, hit.span.start))
