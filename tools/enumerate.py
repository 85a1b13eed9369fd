"""enumerate: every time something is seen in the film, with its beginning and end; for counting.

Coarse to fine: the VLM is asked once for a whole set of frames which of them show it; frames that
follow each other become occurrences; then the gaps between a frame with it and one without are
halved until beginning and end are known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from pydantic import Field

from ..index.search import search
from ..index.video.frames import Frames
from ..index.video.span import Span
from .context import KEPT, SpanArg, ToolContext, clamp_within
from .evidence import coverage_line, coverage_of, fence, found, frame_refs
from .results import Occurrence, Occurrences, ToolResult
from .select.film_facts import film_facts
from .select.uniform import uniform
from .tool import Args, Tool
from .types import Cost, Evidence

FRAMES = 384  # shown to the VLM by one call, unless fewer are left
DENSE = 1.0  # frames a second of the first pass, as far as the budget reaches
HITS = 48  # of the search, looked at besides the even frames
EDGE = 0.5  # seconds to which beginnings and ends are looked for
ROUNDS = 5  # how often gaps are halved
UNSEEN_GAP = 3.0  # seconds: what is seen at both ends of a longer gap may have gone in between


class EnumerateArgs(Args):
    """What to look for and where."""

    predicate: str = Field(min_length=1, max_length=400, description="`a goal is scored`")
    within: SpanArg | None = None
    max_spans: int = Field(30, ge=1, le=60)
    min_score: float = Field(0.5, ge=0, le=1)


@dataclass
class FrameScores:
    """The frames that one call looks at, within its budget, and what the VLM said of each.

    Attributes:
        ctx: the call's context.
        what: what each frame is asked for.
        left: how many frames may still be shown.
        calls: how often the VLM was asked.
        scores: probability by second, of every frame looked at so far.
        shown: those frames, by second.
        asked: the seconds they were asked for.
    """

    ctx: ToolContext
    what: str
    left: int
    calls: int = 0
    scores: dict[float, float] = field(default_factory=dict)
    shown: dict[float, Frames] = field(default_factory=dict)
    asked: set[float] = field(default_factory=set)

    def look(self, wanted: list[float]) -> bool:
        """Look at the frames on screen at these seconds; False when the budget cut some off.

        The seconds come most important first; what was asked before is not looked at again.
        """
        new = [second for second in dict.fromkeys(wanted) if second not in self.asked]
        cut = len(new) > self.left
        fresh = sorted(new[: self.left])
        self.asked.update(fresh)
        if not fresh:
            return not cut
        frames = self.ctx.decoder.frames(fresh, self.ctx.frame_size(len(fresh)))
        rows = [row for row, s in enumerate(frames.seconds) if float(s) not in self.shown]
        for part in range(0, len(rows), self.ctx.vlm.max_frames):
            some = frames.take(rows[part : part + self.ctx.vlm.max_frames])
            found = self.ctx.vlm.find(some, self.what)
            seconds = some.seconds.tolist()
            self.scores |= dict(zip(seconds, map(float, found), strict=True))
            self.shown |= {second: some.take([row]) for row, second in enumerate(seconds)}
            self.calls += 1
        self.left -= len(rows)
        return not cut

    def within(self, span: Span) -> list[tuple[float, float]]:
        """Return (second, score) of the frames of a span that were looked at, in time order."""
        return sorted(
            pair for pair in self.scores.items() if span.start - 0.1 <= pair[0] <= span.end
        )

    def best_second(self, span: Span) -> float:
        """Return when it is seen best: of frames about as sure, the nearest to the middle."""
        inside = [pair for pair in self.within(span) if span.contains(pair[0] + 1e-6)]
        least = 0.9 * max((score for _, score in inside), default=0.0)
        sure = [second for second, score in inside if score >= least]
        return min(sure, key=lambda second: abs(second - span.middle), default=span.middle)

    def evidence(self, span: Span, score: float) -> Evidence:
        """Write an occurrence down with its two surest frames."""
        inside = [pair for pair in self.within(span) if span.contains(pair[0] + 1e-6)]
        best = sorted(inside, key=lambda pair: -pair[1])[:2]
        refs = tuple(
            ref for second, _ in sorted(best) for ref in frame_refs(self.shown[second], [0])
        )
        return found("frame", span, self.what, "enumerate", frames=refs, score=score)


def run(args: EnumerateArgs, ctx: ToolContext) -> ToolResult:
    """Find every occurrence of a predicate."""
    notes: list[str] = []
    within = clamp_within(ctx, args.within, notes)
    seen = FrameScores(ctx, args.predicate, frame_budget(ctx))
    first = _candidates(ctx, args.predicate, within, seen.left)
    complete = seen.look(first)
    for _ in range(ROUNDS):
        wanted = _halves(seen.within(within), args.min_score)
        if not wanted:
            break
        complete &= seen.look(wanted)
    cuts = np.array([shot.start for shot in ctx.index.shots[1:]])
    runs = _runs(seen.within(within), args.min_score, within, cuts)
    gap = coverage_of([within], list(seen.scores)).max_gap
    if gap > UNSEEN_GAP:
        complete = False
        notes.append(f"what lasts less than {gap:.0f} s may have been missed between two frames")
    return enumerated(args, ctx, seen, runs, within, complete, notes)


def frame_budget(ctx: ToolContext) -> int:
    """Return how many frames one call may show, in as many requests as that takes.

    Raises:
        ToolFailed: none are left (code `budget`).
    """
    ctx.frame_cap(1)
    left = ctx.frames_left
    return FRAMES if left is None else min(FRAMES, max(left - KEPT, left // 2, 1))


def enumerated(
    args: EnumerateArgs,
    ctx: ToolContext,
    seen: FrameScores,
    runs: list[tuple[Span, float]],
    within: Span,
    complete: bool,
    notes: list[str],
) -> ToolResult:
    """Report occurrences, the surest `max_spans` of them in time order.

    Args:
        args: of the call.
        ctx: of the call.
        seen: the frames that were looked at.
        runs: span and score of each occurrence.
        within: where was looked.
        complete: whether everything was looked through.
        notes: to pass on; where it was not complete, one is added.
    """
    if len(runs) > args.max_spans:
        runs, complete = sorted(runs, key=lambda run: -run[1])[: args.max_spans], False
        notes.append(f"only the surest {args.max_spans} are listed")
    if not complete and not notes:
        notes.append("not every candidate could be looked at within the frame budget")
    items, evidence = [], []
    for span, score in sorted(runs):
        proof = seen.evidence(span, score)
        items.append(Occurrence(span, score, seen.best_second(span), proof.id))
        evidence.append(proof)
    coverage = coverage_of([within], list(seen.scores), truncated=not complete)
    said = [f"{item.span} score {item.score:.2f}" for item in items]
    return ToolResult(
        "enumerate",
        args.model_dump(mode="json"),
        f"{len(items)} found; {coverage_line(coverage)}\n"
        + fence("vlm", [f"{args.predicate}:", *said]),
        tuple(evidence),
        coverage,
        Occurrences(tuple(items), complete),
        Cost(len(seen.scores), len(seen.scores), seen.calls),
        notes=tuple(notes),
    )


def _candidates(ctx: ToolContext, predicate: str, within: Span, left: int) -> list[float]:
    """Return the seconds of the first pass: evenly, and where a search leads; 2/3 of the budget."""
    budget = max(1, left * 2 // 3)
    dense = int(np.ceil(within.duration * DENSE))
    even = uniform(film_facts(ctx, within), min(dense, budget)).seconds.tolist()
    if dense <= budget:
        return even
    hits = search(
        ctx.index, ctx.search_encoder(), predicate, top_k=HITS, within=within, min_gap=EDGE
    )
    found = [hit.second for hit in hits if within.contains(hit.second)]
    return [*found, *uniform(film_facts(ctx, within), max(1, budget - len(found))).seconds.tolist()]


def _halves(scored: list[tuple[float, float]], least: float) -> list[float]:
    """Return the midpoints of gaps that may hold a beginning, an end, or a short absence."""
    wanted: list[tuple[bool, float, float]] = []
    for (before, a), (after, b) in pairwise(scored):
        edge = (a >= least) != (b >= least)
        gap = after - before
        if (edge and gap > EDGE) or (a >= least and b >= least and gap > UNSEEN_GAP):
            wanted.append((not edge, -gap, (before + after) / 2))
    return [round(second, 3) for _, _, second in sorted(wanted)]


def _runs(
    scored: list[tuple[float, float]], least: float, within: Span, cuts: np.ndarray
) -> list[tuple[Span, float]]:
    """Join neighbouring frames that show it; an end lies between the last yes and the first no."""
    runs: list[tuple[Span, float]] = []
    rows = [row for row, (_, score) in enumerate(scored) if score >= least]
    for part in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if rows else []:
        first, last = int(part[0]), int(part[-1])
        start = _edge(scored[first - 1][0], scored[first][0], cuts) if first else within.start
        end = within.end
        if last + 1 < len(scored):
            end = _edge(scored[last][0], scored[last + 1][0], cuts)
        score = float(np.mean(sorted(scored[row][1] for row in part)[-2:]))
        start = max(within.start, start)
        runs.append((Span(start, max(min(end, within.end), start + 1e-3)), score))
    return runs


def _edge(before: float, after: float, cuts: np.ndarray) -> float:
    """Return when it changed between two frames: at the cut between them, else half way."""
    between = cuts[(cuts > before) & (cuts <= after + 1e-3)]
    return float(between[0]) if len(between) == 1 else (before + after) / 2


ENUMERATE = Tool(
    "enumerate",
    "Find every time something is seen in the whole film, with beginnings and ends; for counting.",
    EnumerateArgs,
    run,
)
