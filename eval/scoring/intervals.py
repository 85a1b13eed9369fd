"""Overlap of spans of time, one by one and as sets."""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[float, float]


def iou(one: Pair, two: Pair) -> float:
    """Return intersection over union of two spans in seconds; 1 for the same instant twice."""
    shared = max(0.0, min(one[1], two[1]) - max(one[0], two[0]))
    union = max(one[1], two[1]) - min(one[0], two[0])
    if union <= 0:
        return 1.0
    together = (one[1] - one[0]) + (two[1] - two[0]) - shared
    return shared / together if together else 0.0


def best_iou(one: Pair | None, truths: Sequence[Pair]) -> float:
    """Return the best intersection over union with any of the true spans; 0 without a span."""
    return max((iou(one, truth) for truth in truths), default=0.0) if one else 0.0


def merged(spans: Sequence[Pair]) -> list[Pair]:
    """Return the union of spans as spans that do not touch, in time order."""
    out: list[Pair] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def length(spans: Sequence[Pair]) -> float:
    """Return the seconds that spans cover together."""
    return sum(end - start for start, end in merged(spans))


def shared(one: Sequence[Pair], two: Sequence[Pair]) -> float:
    """Return the seconds that two sets of spans have in common."""
    other = merged(two)
    return sum(
        max(0.0, min(end, stop) - max(start, begin))
        for start, end in merged(one)
        for begin, stop in other
    )


def set_iou(one: Sequence[Pair], two: Sequence[Pair]) -> float:
    """Return intersection over union of two sets of spans, each taken as a union."""
    common = shared(one, two)
    union = length(one) + length(two) - common
    return common / union if union else 0.0
