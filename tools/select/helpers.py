"""What selectors may ask of a film's models: the VLM's looks, an encoder's patches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...index.protocols import Encoder
from ...index.video.frames import Frames
from ...index.video.span import Span
from ...prompts import render
from ..context import ToolContext
from ..find.temporal_search import temporal_search
from ..results import Hit
from ..types import Cost
from .selection import Helpers

SEGMENT_FRAMES = 8  # of a segment that a model is asked about


def helpers_of(
    ctx: ToolContext,
    within: Span,
    cues: Sequence[str],
    encoder: Encoder | None,
    vectors: np.ndarray | None,
) -> Helpers:
    """Return what selectors may ask; nothing is asked until a selector does.

    Args:
        ctx: the film and its models.
        within: the part that is asked about.
        cues: what to look for.
        encoder: the one to search this film with; None for none.
        vectors: of the cues, float32 [cues, D]; None without an encoder.
    """
    asked = "; or: ".join(cues)

    def relevance(spans: Sequence[Span]) -> tuple[np.ndarray, Cost] | None:
        return _relevance(ctx, asked, spans)

    def look(frames: int) -> tuple[list[Hit], Cost]:
        return temporal_search(ctx, asked, within, max_frames=ctx.spare_frames(frames))

    def patches(seconds: np.ndarray) -> tuple[np.ndarray, Cost] | None:
        assert encoder is not None
        assert vectors is not None
        return _patches(ctx, encoder, vectors, seconds)

    with_patches = vectors is not None and hasattr(encoder, "encode_patches")
    return Helpers(relevance, look, None, patches if with_patches else None)


def _relevance(
    ctx: ToolContext, asked: str, spans: Sequence[Span]
) -> tuple[np.ndarray, Cost] | None:
    """Ask the captioner (the small VLM) of each stretch; None where no frames are left for it."""
    vlm = ctx.captioner or ctx.vlm
    count = max(1, len(spans))
    each = min(vlm.max_frames, ctx.spare_frames(SEGMENT_FRAMES * count) // count)
    if each < 1:
        return None
    wanted = [
        float(span.start + (k + 0.5) * span.duration / each) for span in spans for k in range(each)
    ]
    frames = ctx.decoder.frames(wanted, vlm.frame_size(ctx.source, each), None)
    rows = [_inside(frames, span) for span in spans]
    shown = [row for row, found in enumerate(rows) if len(found)]
    said = vlm.judge([frames.take(rows[row]) for row in shown], render("relevance", asked=asked))
    scores = np.zeros(len(spans))
    scores[shown] = said
    return scores, Cost(len(frames), sum(len(rows[row]) for row in shown), len(shown))


def _inside(frames: Frames, span: Span) -> np.ndarray:
    return np.flatnonzero((frames.seconds >= span.start) & (frames.seconds < span.end))


def _patches(
    ctx: ToolContext, encoder: Encoder, vectors: np.ndarray, seconds: np.ndarray
) -> tuple[np.ndarray, Cost] | None:
    """Return the cosine of each patch with the cues' mean; None for a model without patches."""
    frames = ctx.decoder.frames([float(second) for second in seconds], encoder.size, None)
    if not len(frames):
        return None
    try:
        found = encoder.encode_patches(frames.pixels)  # type: ignore[attr-defined]
    except RuntimeError:  # the tower pools its patches, so they share no space with texts
        return None
    mean = vectors.mean(axis=0)
    relevant = found @ (mean / max(float(np.linalg.norm(mean)), 1e-9))
    on_screen = np.searchsorted(frames.seconds, seconds + 1e-6, side="right") - 1
    return relevant[np.clip(on_screen, 0, None)], Cost(len(frames), 0, 0)
