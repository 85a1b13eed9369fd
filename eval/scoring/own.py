"""Scores of people's own questions: choices, times and short texts, each by a plain rule."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..result import Result
from ..sample import Sample
from .accuracy import Pair, accuracy, is_correct, measure
from .intervals import best_iou
from .metric import Metric

THRESHOLDS = (0.3, 0.5, 0.7)


def own_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return accuracy of choices, recall of times and exact texts, where each occurs.

    A text is right when it is the true one but for case, punctuation and articles.
    """
    chosen = [pair for pair in scored if pair[0].form == "choice"]
    timed = [pair for pair in scored if pair[0].form == "spans"]
    told = [pair for pair in scored if pair[0].form in ("text", "events")]
    found = [accuracy(chosen)] if chosen else []
    found += recall_metrics(timed, headline=not chosen) if timed else []
    if told:
        found.append(measure("exact text", told, same_text, headline=not chosen and not timed))
    return found


def recall_metrics(
    scored: Sequence[Pair], *, thresholds: Sequence[float] = THRESHOLDS, headline: bool = True
) -> list[Metric]:
    """Return R1 at several overlaps and the mean overlap of the first span that was given."""
    found = [
        measure(
            f"R1@{threshold:g}",
            scored,
            lambda s, r, t=threshold: float(first_overlap(s, r) >= t),
            headline=headline and threshold == 0.5,
        )
        for threshold in thresholds
    ]
    return [*found, measure("mIoU", scored, first_overlap)]


def first_overlap(sample: Sample, result: Result) -> float:
    """Return the overlap of the first span of an answer with the true span it fits best."""
    if result.status not in ("ok", "limit") or not result.pred_spans:
        return float(not sample.answerable and result.status == "abstained")
    return best_iou(result.pred_spans[0], sample.answer_spans or ())


def same_text(sample: Sample, result: Result) -> bool:
    """Say whether a text is the true one but for case, punctuation and articles."""
    if not sample.answerable:
        return is_correct(sample, result)
    if result.status not in ("ok", "limit") or not sample.answer_text:
        return False
    return _words(result.raw_text or "") == _words(sample.answer_text)


def _words(text: str) -> list[str]:
    return [w for w in re.findall(r"\w+", text.casefold()) if w not in ("a", "an", "the")]
