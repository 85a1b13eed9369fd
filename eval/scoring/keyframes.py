"""Keyframes found against keyframes that answer, in time and by sight (LV-Haystack, CVPR 2025)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..result import Result
from ..sample import Sample
from .accuracy import Pair, accuracy, measure
from .metric import Metric, f1
from .replies import first_letter, matches, reply_of

NEAR = 5.0  # seconds
_NOTE = (
    "within 5 s; questions without predicted frames leave the denominator, which rewards silence"
)


def keyframe_scores(
    predicted: Sequence[float], truth: Sequence[float], near: float = NEAR
) -> tuple[float, float, float]:
    """Return precision, recall and F1 of moments; an end within `near` seconds counts.

    Args:
        predicted: moments that were picked, in seconds.
        truth: the moments that answer.
        near: how far apart two moments may be, in seconds, inclusive.
    """
    if not len(predicted) or not len(truth):
        return 0.0, 0.0, 0.0
    apart = np.abs(np.subtract.outer(np.asarray(predicted, float), np.asarray(truth, float)))
    precision = float((apart.min(axis=1) <= near).mean())
    recall = float((apart.min(axis=0) <= near).mean())
    return precision, recall, f1(precision, recall)


def frame_similarity(one: np.ndarray, two: np.ndarray) -> float:
    """Return the structural similarity of two pictures (Wang et al., 2004), at most 1.

    An 11 × 11 Gaussian window of σ 1.5, zeros beyond the edges, the mean over pixels and channels,
    as in the script of LV-Haystack.

    Args:
        one: uint8 [H, W, 3].
        two: the same shape.

    Raises:
        ValueError: the shapes differ.
    """
    if one.shape != two.shape:
        raise ValueError(f"pictures of {one.shape} and {two.shape}: the shapes have to be equal")
    from scipy.ndimage import correlate1d

    steps = np.arange(11) - 5
    window = np.exp(-(steps**2) / (2 * 1.5**2))
    window /= window.sum()

    def blur(picture: np.ndarray) -> np.ndarray:
        rows = correlate1d(picture, window, axis=0, mode="constant")
        return correlate1d(rows, window, axis=1, mode="constant")

    a, b = one.astype(float) / 255, two.astype(float) / 255
    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def visual_scores(
    predicted: Sequence[np.ndarray], truth: Sequence[np.ndarray]
) -> tuple[float, float]:
    """Return visual precision and recall: the best similarity of each picture to the other set.

    The benchmark's SSIM-F1 is the F1 of the means of both over questions.

    Raises:
        ValueError: one of the sets is empty.
    """
    if not predicted or not truth:
        raise ValueError("both sets need a picture; a frame that does not decode is to be reported")
    table = np.array([[frame_similarity(p, t) for t in truth] for p in predicted])
    return float(table.max(axis=1).mean()), float(table.max(axis=0).mean())


def lv_haystack_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return temporal precision, recall and F1 of the picked frames, and the answers' accuracy.

    Strictly a question without picked frames counts as 0; officially it is skipped.
    """
    marked = [pair for pair in scored if pair[0].evidence_frames]
    found = []
    for column, name in enumerate(("temporal P", "temporal R", "temporal F1")):
        found.append(measure(name, marked, lambda s, r, k=column: _scores(s, r)[k]))
        found.append(
            measure(
                name,
                marked,
                lambda s, r, k=column: _scores(s, r)[k] if r.pred_frames else None,
                rule="official",
                note=_NOTE,
            )
        )
    answered = measure("frames were picked", marked, lambda s, r: float(bool(r.pred_frames)))
    answers = measure(
        "accuracy", scored, _right, rule="official", note="first of A to F in the reply"
    )
    return [accuracy(scored), answers, *found, answered]


def _scores(sample: Sample, result: Result) -> tuple[float, float, float]:
    return keyframe_scores(result.pred_frames or (), sample.evidence_frames or ())


def _right(sample: Sample, result: Result) -> bool | None:
    reply = reply_of(sample, result)
    if reply is None:
        return None
    letter = first_letter(reply, "ABCDEF")
    return matches(letter, sample) if letter else reply.strip() == (sample.answer_text or "")
