"""Search scored apart from answering: how much of the evidence some instants hit, and how exactly.

Temporal precision, recall and F1 after LV-Haystack (arXiv 2504.02259), in seconds throughout: an
instant counts within `TOLERANCE` of a span, a span within as much of an instant. Nothing found
scores 0; it is not left out, since that would reward silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...index.video.span import Span
from .items import Group

TOLERANCE = 5.0
"""Seconds between an instant and the truth that still count (delta of LV-Haystack)."""


@dataclass(frozen=True, slots=True)
class SearchScore:
    """What a search was worth; shares from 0 to 1.

    Attributes:
        evidence: of the groups of facts that the answer needs, those that were hit.
        complete: whether all of them were.
        precision: of the instants, those near a span of the evidence.
        recall: of the spans, those near an instant.
        f1: harmonic mean of the two.
    """

    evidence: float
    complete: bool
    precision: float
    recall: float
    f1: float


def score_search(
    seconds: Sequence[float] | np.ndarray, groups: Sequence[Group], tolerance: float = TOLERANCE
) -> SearchScore:
    """Score the instants that a selector chose.

    Args:
        seconds: the instants, in any order.
        groups: the evidence; at least one group.
        tolerance: seconds, for precision and recall. Evidence is hit inside its spans only.

    Raises:
        ValueError: there is no evidence to score against.
    """
    if not groups:
        raise ValueError("groups: nothing to score against")
    times = np.asarray(seconds, dtype=np.float64)
    hit = [_hit(times, group) for group in groups]
    spans = list({span for group in groups for fact in group.facts for span in fact})
    precision, recall = near_shares(times, spans, tolerance)
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return SearchScore(float(np.mean(hit)), all(hit), precision, recall, f1)


def near_shares(
    times: np.ndarray, spans: Sequence[Span], tolerance: float = TOLERANCE
) -> tuple[float, float]:
    """Return the share of instants near a span, and the share of spans near an instant."""
    if not len(times):
        return 0.0, 0.0
    starts = np.array([span.start for span in spans])
    ends = np.array([span.end for span in spans])
    apart = np.maximum(starts[None] - times[:, None], times[:, None] - ends[None]).clip(min=0.0)
    near = apart <= tolerance
    return float(near.any(axis=1).mean()), float(near.any(axis=0).mean())


def _hit(times: np.ndarray, group: Group) -> bool:
    shown = sum(
        any(((times >= span.start) & (times < span.end)).any() for span in fact)
        for fact in group.facts
    )
    return shown >= group.at_least
