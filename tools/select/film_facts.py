"""What selectors know of a film, gathered from its index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...index.video.span import Span
from ..context import ToolContext
from ..results import Line
from ..words.lines import passages_of
from .selection import FilmFacts

PER_CUE = 8  # passages of a cue


def film_facts(ctx: ToolContext, within: Span, cues: Sequence[str] = ()) -> FilmFacts:
    """Gather what selectors may use; without cues nothing is searched or encoded.

    Args:
        ctx: the film, its index and models.
        within: the part that is asked about.
        cues: what to look for, in words.
    """
    index, timeline = ctx.index, ctx.decoder.timeline
    inside = (index.sample_seconds >= within.start) & (index.sample_seconds < within.end)
    encoder = ctx.search_encoder() if cues and inside.any() else None
    similarity = None
    if encoder is not None:
        vectors = encoder.encode_texts(list(cues))
        similarity = np.stack([index.similarity(vector)[inside] for vector in vectors])
    return FilmFacts(
        within,
        timeline.seconds[timeline.keyframe],
        np.array([shot.start for shot in index.shots[1:]], dtype=np.float64),
        index.sample_seconds[inside],
        None if encoder is None else index.vectors,
        index.row_of_sample[inside],
        similarity,
        tuple(_passages(ctx, cue, within) for cue in cues),
    )


def _passages(ctx: ToolContext, cue: str, within: Span) -> tuple[Line, ...]:
    return tuple(passages_of(ctx, [cue], PER_CUE, within))
