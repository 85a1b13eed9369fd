"""Where a film turns to another topic: the best cut of its words into stretches that hold together.

The cost of a segmentation is exact and found by dynamic programming, as in Utiyama and Isahara, "A
Statistical Model for Domain-Independent Text Segmentation" (ACL 2001); how well a stretch holds
together is the mean likeness of its parts, as in Fragkou, Petridis and Kehagias, "A Dynamic
Programming Algorithm for Linear Text Segmentation" (2004). Pauses and cuts of the film speak for a
boundary by how rare they are in this film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..video.span import Span

# how much longer stretches count; likeness above the mean that holds a stretch together, in
# standard deviations; what rare pauses and cuts bring, and what each boundary costs, in the same
_LENGTH, _LIKENESS = 0.75, 0.2
_PAUSE, _CUT, _COST = 0.5, 0.5, 2.0
_AT_CUT = 0.75  # seconds around a gap in which a cut belongs to it
_LEAST_PARTS, _LEAST_SECONDS, _MOST_CHAPTERS = 3, 12.0, 120
_MOST_PARTS = 1500


@dataclass(frozen=True, slots=True)
class Parts:
    """What a film is made of, in time order.

    Attributes:
        spans: when each part is said or shown.
        vectors: float32 [N, D], unit length: what it is about.
    """

    spans: tuple[Span, ...]
    vectors: np.ndarray


def find_topics(parts: Parts, cuts: Sequence[float], duration: float) -> list[Span]:
    """Return the stretches of a film that are about one thing each; together they are all of it.

    Args:
        parts: its sentences, captions or pictures.
        cuts: seconds at which the film is cut.
        duration: of the film, seconds.
    """
    parts = _coarser(parts)
    if len(parts.spans) < 2 * _LEAST_PARTS:
        return [Span(0.0, duration)]
    likeness = parts.vectors @ parts.vectors.T
    apart = likeness[np.triu_indices(len(likeness), min(3, len(likeness) - 1))]
    spread = float(apart.std())
    if spread < 1e-3:  # all of it is alike
        return [Span(0.0, duration)]
    worth = _PAUSE * _pause_surprise(parts.spans) + _CUT * _cut_surprise(parts.spans, cuts) - _COST
    starts = np.array([span.start for span in parts.spans] + [duration])
    least = max(_LEAST_SECONDS, duration / _MOST_CHAPTERS)
    held = likeness - float(apart.mean()) - _LIKENESS * spread
    firsts = _best_cut(held, spread * worth, starts, least)
    edges = [0.0, *(_edge(parts.spans, first, cuts) for first in firsts), duration]
    return [Span(a, b) for a, b in pairwise(edges) if b > a]


def _coarser(parts: Parts) -> Parts:
    """Join neighbours where a film has more parts than can be compared with each other."""
    step = -(-len(parts.spans) // _MOST_PARTS)
    if step < 2:
        return parts
    rows = range(0, len(parts.spans), step)
    groups = [parts.spans[row : row + step] for row in rows]
    spans = tuple(Span(group[0].start, max(span.end for span in group)) for group in groups)
    sums = np.add.reduceat(parts.vectors, list(rows))
    return Parts(spans, unit(sums))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors float32 [N, D] at unit length; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def _pause_surprise(spans: Sequence[Span]) -> np.ndarray:
    """Return for each gap the negative logarithm of how many are at least as long, [N - 1]."""
    pauses = np.array([max(0.0, b.start - a.end) for a, b in pairwise(spans)])
    ordered = np.sort(pauses)
    longer = len(pauses) - np.searchsorted(ordered, pauses - 1e-3)
    return -np.log(longer / len(pauses))


def _cut_surprise(spans: Sequence[Span], cuts: Sequence[float]) -> np.ndarray:
    """Return for each gap with a cut how rare such gaps are, as for pauses; 0 elsewhere."""
    cuts_at = np.sort(np.asarray(cuts, np.float64))
    low = np.array([span.end for span in spans[:-1]])
    high = np.array([span.start for span in spans[1:]])
    low, high = np.minimum(low, high) - _AT_CUT, np.maximum(low, high) + _AT_CUT
    cut = np.searchsorted(cuts_at, high) > np.searchsorted(cuts_at, low)
    return np.where(cut, -np.log(max(float(cut.mean()), 1e-9)) if cut.any() else 0.0, 0.0)


def _best_cut(held: np.ndarray, worth: np.ndarray, starts: np.ndarray, least: float) -> list[int]:
    """Return the first part of every stretch after the first, of the segmentation worth most.

    Args:
        held: [N, N], how much two parts hold together, below zero where they do not.
        worth: [N - 1], what a boundary at each gap brings.
        starts: [N + 1], seconds.
        least: seconds of a stretch, at least.
    """
    count = len(held)
    sums = np.zeros((count + 1, count + 1))
    sums[1:, 1:] = np.triu(held, 1).cumsum(0).cumsum(1)
    diagonal = np.diagonal(sums)
    worth = np.concatenate([[0.0], worth])
    best, before = np.full(count + 1, -np.inf), np.zeros(count + 1, int)
    best[0] = 0.0
    for end in range(1, count + 1):
        first = np.arange(end)
        inside = diagonal[end] - sums[first, end] - sums[end, first] + diagonal[first]
        total = best[first] + inside / (end - first) ** _LENGTH + worth[first]
        # what is too short is a stretch only where nothing else is left
        total[(end - first < _LEAST_PARTS) | (starts[end] - starts[first] < least)] -= 1e6
        before[end] = int(total.argmax())
        best[end] = total[before[end]]
    firsts, at = [], int(before[count])
    while at > 0:
        firsts.append(at)
        at = int(before[at])
    return firsts[::-1]


def _edge(spans: Sequence[Span], first: int, cuts: Sequence[float]) -> float:
    """Return when a stretch begins: at a cut in the pause before it, else with its first words."""
    start, end = spans[first].start, spans[first - 1].end
    near = [cut for cut in cuts if min(start, end) - _AT_CUT <= cut <= start + _AT_CUT]
    return float(min(near, key=lambda cut: abs(cut - start), default=start))
