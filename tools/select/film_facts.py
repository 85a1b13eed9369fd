"""What selectors know of a film, gathered from its index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from ...index.protocols import Encoder
from ...index.video.span import Span
from ..context import ToolContext
from ..results import Line
from ..words.lines import passages_of
from .helpers import helpers_of
from .selection import FilmFacts

PER_CUE = 8  # passages of a cue
LONGEST = 160
"""Characters that are embedded at once: text encoders of CLIP's kind read 64 to 77 tokens and cut
off the rest in silence."""


def film_facts(
    ctx: ToolContext,
    within: Span,
    cues: Sequence[str] = (),
    *,
    roles: Sequence[str] = (),
    modalities: Sequence[str] = (),
    scope: str = "",
    needs: Collection[str] = (),
    most_frames: int | None = None,
) -> FilmFacts:
    """Gather what selectors may use; without cues nothing is searched or encoded.

    Args:
        ctx: the film, its index and models.
        within: the part that is asked about.
        cues: what to look for, in words; empty ones are left out, long ones read piece by piece.
        roles: of each cue, see `FilmFacts`.
        modalities: of each cue, see `FilmFacts`.
        scope: see `FilmFacts`.
        needs: see `FilmFacts`.
        most_frames: the most frames that may be shown.
    """
    index, timeline = ctx.index, ctx.decoder.timeline
    inside = (index.sample_seconds >= within.start) & (index.sample_seconds < within.end)
    there = [row for row, cue in enumerate(cues) if cue.strip()]
    cues = [cues[row] for row in there]
    encoder = ctx.search_encoder() if cues and inside.any() else None
    facts = FilmFacts(
        within,
        timeline.seconds[timeline.keyframe],
        np.array([shot.start for shot in index.shots[1:]], dtype=np.float64),
        index.sample_seconds[inside],
        _thumbs(ctx) if encoder is None else index.vectors,
        np.flatnonzero(inside) if encoder is None else index.row_of_sample[inside],
        None,
        # the question itself names no single thing to find
        roles=tuple(
            "context" if cues[k].strip() == ctx.question.strip() else roles[row]
            for k, row in enumerate(there)
            if roles
        ),
        modalities=tuple(modalities[row] for row in there if modalities),
        coverage=tuple(index.coverage),
        scope=scope,
        needs=frozenset(needs),
        most_frames=most_frames,
    )
    if not cues:
        return facts
    vectors = None if encoder is None else encode_cues(encoder, cues)
    similarity = None
    if vectors is not None:
        similarity = np.stack([index.similarity(vector)[inside] for vector in vectors])
    return replace(
        facts,
        similarity=similarity,
        passages=tuple(_passages(ctx, cue, within) for cue in cues),
        helpers=helpers_of(ctx, within, cues, encoder, vectors),
    )


def thumb_vectors(thumbs: np.ndarray) -> np.ndarray:
    """Return luma thumbnails uint8 [N, H, W] as unit vectors float32 [N, H W], brightness removed.

    They tell pictures apart where no encoder does; they say nothing of what is in them.
    """
    flat = thumbs.reshape(len(thumbs), -1).astype(np.float32)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def _thumbs(ctx: ToolContext) -> np.ndarray:
    """Return `thumb_vectors` of the film, made once a run."""
    if "thumb_vectors" not in ctx.memory:
        ctx.memory["thumb_vectors"] = thumb_vectors(ctx.index.thumbs)
    return ctx.memory["thumb_vectors"]


def encode_cues(encoder: Encoder, cues: Sequence[str]) -> np.ndarray:
    """Embed texts of any length as unit vectors float32 [N, D].

    One that is longer than a text encoder reads is embedded piece by piece, and the mean counts.
    """
    parts = [pieces(cue) for cue in cues]
    every = encoder.encode_texts([piece for group in parts for piece in group])
    ends = np.cumsum([len(group) for group in parts])
    means = [group.mean(axis=0) for group in np.split(every, ends[:-1])]
    return np.stack([m / max(float(np.linalg.norm(m)), 1e-9) for m in means]).astype(np.float32)


def pieces(text: str) -> list[str]:
    """Cut a text at spaces into pieces of about equal length, none much longer than `LONGEST`.

    Writing without spaces is cut between characters.
    """
    text = text.strip()
    if len(text) <= LONGEST:
        return [text]
    count = -(-len(text) // LONGEST)
    size, found, begin = -(-len(text) // count), [], 0
    while begin < len(text):
        end = min(len(text), begin + size)
        space = text.rfind(" ", begin + size // 2, end + 1)
        end = space if space > 0 and end < len(text) else end
        found.append(text[begin:end].strip())
        begin = end
    return [piece for piece in found if piece]


def _passages(ctx: ToolContext, cue: str, within: Span) -> tuple[Line, ...]:
    return tuple(passages_of(ctx, [cue], PER_CUE, within))
