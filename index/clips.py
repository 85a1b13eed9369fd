"""Clips: the units that search returns, about ten seconds each, cut where the film is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .video.span import Span

CLIP_SECONDS = 10.0
SNAP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A search unit: its number in the film and its span."""

    id: int
    span: Span


def shots_between(cuts: Sequence[float], duration: float) -> list[Span]:
    """Return the shots of a film of `duration` seconds from the times of its cuts."""
    inside = sorted({float(cut) for cut in cuts if 0.0 < cut < duration})
    edges = [0.0, *inside, duration]
    return [Span(a, b) for a, b in pairwise(edges) if b > a]


def make_clips(cuts: Sequence[float], duration: float) -> list[Clip]:
    """Cover a film of `duration` seconds with clips of about ten seconds.

    A clip ends at the cut nearest to its tenth second when one lies within two seconds of it; a
    last piece of under half a clip joins the one before.
    """
    edges = [0.0]
    while duration - edges[-1] > CLIP_SECONDS * 1.5:
        target = edges[-1] + CLIP_SECONDS
        near = [cut for cut in cuts if abs(cut - target) <= SNAP_SECONDS]
        edges.append(min(near, key=lambda cut: abs(cut - target), default=target))
    edges.append(duration)
    return [Clip(number, Span(start, end)) for number, (start, end) in enumerate(pairwise(edges))]
