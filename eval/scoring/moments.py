"""Retrieval of moments and highlights as QVHighlights measures it (Lei et al., 2021)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..result import Result
from ..sample import Sample
from .accuracy import Pair, measure
from .intervals import iou
from .metric import Metric
from .own import recall_metrics

THRESHOLDS = tuple(round(0.5 + 0.05 * k, 2) for k in range(10))
MOST_WINDOWS = 10
CLIP = 2.0  # seconds
LEVELS = {"Fair": 2, "Good": 3, "VeryGood": 4}
Span = tuple[float, float]


def qvhighlights_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return R1, mAP and, where clips were rated, the highlight scores.

    The authors' script wants an answer to every query, so strict and official agree.
    """
    found = [pair for pair in scored if pair[0].answer_spans is not None]
    out = recall_metrics(found, thresholds=(0.5, 0.7))
    out.append(measure("MR-mAP", found, lambda s, r: float(np.mean(_precisions(s, r)))))
    for threshold in (0.5, 0.75):
        column = THRESHOLDS.index(threshold)
        out.append(
            measure(
                f"MR-mAP@{threshold:g}", found, lambda s, r, k=column: float(_precisions(s, r)[k])
            )
        )
    rated = [
        pair for pair in found if pair[1].pred_clip_scores and "saliency_scores" in pair[0].meta
    ]
    for name, level in LEVELS.items() if rated else ():
        out.append(measure(f"HL-{name}-mAP", rated, lambda s, r, m=level: highlight_ap(s, r, m)))
        out.append(measure(f"HL-{name}-Hit1", rated, lambda s, r, m=level: hit_at_one(s, r, m)))
    return out


def _precisions(sample: Sample, result: Result) -> np.ndarray:
    given = result.pred_spans if result.status in ("ok", "limit") else None
    return average_precision((given or ())[:MOST_WINDOWS], sample.answer_spans or ())


def average_precision(
    predicted: Sequence[Span], truths: Sequence[Span], thresholds: Sequence[float] = THRESHOLDS
) -> np.ndarray:
    """Return the interpolated average precision at each overlap, float [thresholds].

    Args:
        predicted: spans, the best one first.
        truths: the true spans; each is found once, by the first prediction that overlaps enough.
        thresholds: overlaps from which a span is found.
    """
    out = np.zeros(len(thresholds))
    if not predicted or not truths:
        return out
    overlaps = np.array([[iou(p, t) for t in truths] for p in predicted])
    for row, threshold in enumerate(thresholds):
        free = np.ones(len(truths), bool)
        hits = np.zeros(len(predicted))
        for k, line in enumerate(overlaps):
            order = [j for j in np.argsort(line)[::-1] if line[j] >= threshold and free[j]]
            if order:
                hits[k], free[order[0]] = 1, False
        total = np.cumsum(hits)
        precision = total / np.arange(1, len(hits) + 1)
        out[row] = _interpolated(precision, total / len(truths))
    return out


def _interpolated(precision: np.ndarray, recall: np.ndarray) -> float:
    best = np.maximum.accumulate(np.concatenate([precision, [0.0]])[::-1])[::-1][:-1]
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float((steps * best).sum())


def _raters(sample: Sample, level: int) -> np.ndarray:
    """Return which clip each of three raters found good enough, bool [clips, 3]."""
    clips = int(float(sample.meta["duration"]) / CLIP)
    good = np.zeros((clips, 3), bool)
    good[np.array(sample.meta["relevant_clip_ids"], int)] = (
        np.array(sample.meta["saliency_scores"]) >= level
    )
    return good


def hit_at_one(sample: Sample, result: Result, level: int) -> float:
    """Say whether any rater found the clip with the highest score good enough, 0 or 1."""
    good = _raters(sample, level)
    first = int(np.argmax(result.pred_clip_scores or (0.0,)))
    return float(first < len(good) and good[first].any())


def highlight_ap(sample: Sample, result: Result, level: int) -> float:
    """Return the mean over raters of the average precision of the clips' scores."""
    good = _raters(sample, level)
    scores = np.zeros(len(good))
    given = np.array(result.pred_clip_scores or ())[: len(good)]
    scores[: len(given)] = given
    return float(np.mean([_ranked_precision(good[:, k], scores) for k in range(good.shape[1])]))


def _ranked_precision(good: np.ndarray, scores: np.ndarray) -> float:
    """Return the mean precision at each new recall; ties are one step, later precision counts."""
    if good.all() or not good.any():
        return float(good.all())
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(good[order])[ends]
    ends = ends[: int(np.argmax(hits == hits[-1])) + 1]  # the curve ends where all are found
    hits = hits[: len(ends)]
    precision = np.maximum.accumulate((hits / (ends + 1))[::-1])[::-1]
    new = np.diff(np.concatenate([[0], hits])) > 0
    return float(precision[new].mean())
