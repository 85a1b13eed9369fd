"""Getting frames of spans: which instants, one decode, and what was really obtained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..index.video.frames import Box, Frames, concat_frames
from ..index.video.span import Span, merge_spans
from .context import ToolContext
from .evidence import coverage_of
from .tool import ToolFailed
from .types import Cost, Coverage


@dataclass(frozen=True, slots=True)
class View:
    """Frames of some spans.

    Attributes:
        frames: in the order of the spans, each span in time order.
        part: for each frame, the row of the span that it was taken for, int [N].
        coverage: what was really obtained.
    """

    frames: Frames
    part: np.ndarray
    coverage: Coverage

    def in_time_order(self) -> View:
        """Return the view with all frames in time order, each second once."""
        _, first = np.unique(self.frames.seconds, return_index=True)
        return View(self.frames.take(first), self.part[first], self.coverage)

    def of(self, row: int) -> Frames:
        """Return the frames of one span."""
        return self.frames.take(np.flatnonzero(self.part == row))

    def cost(self, calls: int = 1) -> Cost:
        """Return what looking at them once cost."""
        return Cost(len(self.frames), len(self.frames), calls)


def instants_of(
    spans: Sequence[Span], fps: float, max_frames: int, offset: float = 0.5
) -> tuple[list[np.ndarray], bool]:
    """Choose instants evenly inside each span.

    Args:
        spans: where to look.
        fps: frames per second wanted.
        max_frames: cap over all spans, shared by duration, one frame a span at least.
        offset: where inside each step the instant lies, 0 to 1; another offset sees other frames.

    Returns:
        seconds of each span, and whether the cap lowered the rate.
    """
    wanted = [max(1, math.ceil(span.duration * fps - 1e-6)) for span in spans]
    capped = sum(wanted) > max_frames
    if capped:
        share = max_frames / sum(wanted)
        wanted = [max(1, math.floor(count * share)) for count in wanted]
    return [
        span.start + (np.arange(count) + offset) * span.duration / count
        for span, count in zip(spans, wanted, strict=True)
    ], capped


def view_spans(
    ctx: ToolContext,
    spans: Sequence[Span],
    *,
    fps: float,
    max_frames: int,
) -> View:
    """Decode frames of the spans at the VLM's size, in one call.

    Raises:
        ToolFailed: nothing of the spans decodes (code `nothing`).
    """
    chosen, capped = instants_of(spans, fps, ctx.frame_cap(max_frames))
    return view_instants(ctx, spans, chosen, capped=capped)


def view_instants(
    ctx: ToolContext,
    spans: Sequence[Span],
    chosen: Sequence[np.ndarray],
    *,
    capped: bool = False,
    size: tuple[int, int] | None = None,
    crop: Box | None = None,
) -> View:
    """Decode frames at chosen instants of each span; a frame wanted twice is decoded once.

    Raises:
        ToolFailed: nothing of it decodes (code `nothing`).
    """
    wanted = np.unique(np.concatenate(chosen)) if chosen else np.zeros(0)
    frames = ctx.decoder.frames(
        [float(s) for s in wanted], size or ctx.frame_size(len(wanted)), crop
    )
    if not len(frames):
        raise ToolFailed(
            f"nothing decodes in {', '.join(map(str, spans[:4]))}: the film is damaged there",
            "nothing",
        )
    parts, owner = [], []
    for row, seconds in enumerate(chosen):
        rows = _on_screen(ctx, frames.seconds, seconds)
        parts.append(frames.take(rows))
        owner.extend([row] * len(rows))
    missing = len(frames) < len(wanted) and not _covered(ctx, spans)
    coverage = coverage_of(spans, frames.seconds.tolist(), truncated=capped or missing)
    return View(concat_frames(parts), np.array(owner, dtype=np.intp), coverage)


def _on_screen(ctx: ToolContext, available: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the rows of the frames on screen at the wanted seconds, each once.

    A slide may stand for minutes, so the film's own clock tells which frame is on screen when; one
    that is not among those available did not decode.
    """
    rows = np.searchsorted(available, wanted + 1e-6, side="right") - 1
    wanted, rows = wanted[rows >= 0], rows[rows >= 0]
    clock = ctx.decoder.timeline.seconds
    if not len(rows) or not len(clock):
        return np.unique(rows)
    there = np.maximum(0, np.searchsorted(clock, wanted + 1e-6, side="right") - 1)
    return np.unique(rows[np.abs(available[rows] - clock[there]) < 0.05])


def _covered(ctx: ToolContext, spans: Sequence[Span]) -> bool:
    """Say whether the index says that all of the spans decode."""
    whole = merge_spans(ctx.index.coverage, gap=1.0)
    return all(any(span.overlap(w) >= span.duration - 1.0 for w in whole) for span in spans)


def crop_size(crop: Box, source: tuple[int, int], long_side: int) -> tuple[int, int]:
    """Return the pixels to show a crop at: its own shape, enlarged at most twice."""
    width = (crop.x1 - crop.x0) * source[0]
    height = (crop.y1 - crop.y0) * source[1]
    scale = min(2.0, long_side / max(width, height))
    return max(16, round(width * scale)), max(16, round(height * scale))


def strongest(scores: Sequence[float], count: int, most: int = 3) -> list[int]:
    """Return the rows of the frames that support a reply best, in time order.

    Args:
        scores: one a frame; empty when the model gives none.
        count: number of frames.
        most: how many rows at most.
    """
    if len(scores) != count or max(scores, default=0.0) < 0.05:
        return sorted({0, count // 2, count - 1})[:most] if count else []
    ranked = np.argsort(-np.array(scores), kind="stable")[:most]
    return sorted(int(row) for row in ranked if scores[row] >= 0.5 * scores[ranked[0]])


def span_around(seconds: np.ndarray, scores: Sequence[float], whole: Span) -> Span:
    """Return the stretch around the strongest frame, inside `whole`.

    Args:
        seconds: times of the frames of this span, in order.
        scores: one a frame; empty when the model gives none.
        whole: what is returned when no frame stands out.
    """
    count = len(seconds)
    if len(scores) != count or max(scores, default=0.0) < 0.05:
        return whole
    strong = np.array(scores) >= 0.5 * max(scores)
    first = last = int(np.argmax(scores))
    while first > 0 and strong[first - 1]:
        first -= 1
    while last + 1 < count and strong[last + 1]:
        last += 1
    step = float(np.median(np.diff(seconds))) if count > 1 else whole.duration
    start = max(whole.start, float(seconds[first]) - step / 2)
    end = min(whole.end, float(seconds[last]) + step / 2)
    return Span(start, end) if end > start else whole
