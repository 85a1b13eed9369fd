"""Metrics of answers with times: NExT-GQA, Charades-STA and CG-Bench."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from ..result import Result
from ..sample import Sample
from .accuracy import Pair, is_correct, measure
from .intervals import set_iou
from .metric import Metric
from .own import recall_metrics
from .replies import hit_by_mention, reply_of, spans_given
from .times import charades_time

Span = tuple[float, float]
CG_THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)
CG_MOST_SPANS = 5
Value = Callable[[Sample, Result], float | None]

_NEXTGQA = "the first span of the answer; questions without a span leave the denominator"
_CHARADES = (
    'one span read from the text, every "to" taken for a dash; a reply without one counts as 0; '
    "overlap over the hull of both spans"
)
_CGBENCH = (
    'the JSON field "result", else every stand-alone letter of the reply is an answer and one of '
    "them has to be right; replies without either are dropped"
)


def spans_of(result: Result) -> tuple[Span, ...]:
    """Return the times that an answer gives, or else those of the evidence that it cites."""
    if result.status not in ("ok", "limit"):
        return ()
    return result.pred_spans or result.cited_spans or ()


def nextgqa_overlaps(span: Span, truths: Sequence[Span]) -> tuple[float, float]:
    """Return the best IoU and the best intersection over prediction, each over the true spans.

    As in the authors' script a prediction without length has no IoU, and an IoP of 1 inside a true
    span, and spans that are apart count as 0.
    """
    best_iou = best_iop = 0.0
    for start, end in truths:
        if span[0] == span[1]:
            best_iop = max(best_iop, float(start <= span[0] <= end))
            continue
        shared = min(end, span[1]) - max(start, span[0])
        best_iou = max(best_iou, shared / (max(end, span[1]) - min(start, span[0])))
        best_iop = max(best_iop, shared / (span[1] - span[0]))
    return best_iou, best_iop


def nextgqa_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return NExT-GQA's Acc@GQA, mIoP, IoP@, mIoU, IoU@ and Acc@QA (Xiao et al., 2024)."""
    return [
        *_nextgqa(scored, official=False),
        *_nextgqa(scored, official=True),
        measure("Acc@QA", scored, is_correct),
    ]


def _nextgqa(scored: Sequence[Pair], *, official: bool) -> list[Metric]:
    def best(sample: Sample, result: Result) -> tuple[float, float] | None:
        spans = spans_of(result)
        if not spans:
            return None if official else (0.0, 0.0)
        published = sample.meta.get("location") if official else None
        return nextgqa_overlaps(spans[0], published or sample.evidence_spans or ())

    def grounded(sample: Sample, result: Result) -> float | None:
        found = best(sample, result)
        return None if found is None else float(found[1] >= 0.5 and is_correct(sample, result))

    def overlap(which: int, threshold: float | None = None) -> Value:
        def value(sample: Sample, result: Result) -> float | None:
            found = best(sample, result)
            if found is None or threshold is None:
                return found and found[which]
            return float(found[which] >= threshold)

        return value

    iop, over = 1, 0
    return [
        measure(
            name,
            scored,
            value,
            rule="official" if official else "strict",
            note=_NEXTGQA if official else "",
            headline=name == "Acc@GQA" and not official,
        )
        for name, value in (
            ("Acc@GQA", grounded),
            ("mIoP", overlap(iop)),
            ("IoP@0.3", overlap(iop, 0.3)),
            ("IoP@0.5", overlap(iop, 0.5)),
            ("mIoU", overlap(over)),
            ("IoU@0.3", overlap(over, 0.3)),
            ("IoU@0.5", overlap(over, 0.5)),
        )
    ]


def charades_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return R1 at 0.3, 0.5 and 0.7 and mIoU, strict and as the common script reads replies."""

    def overlap(sample: Sample, result: Result) -> float:
        given = spans_given(result)
        found = given[0] if given else charades_time(result.raw_text or "")
        if found is None or not sample.answer_spans:
            return 0.0
        truth = sample.answer_spans[0]
        shared = max(0.0, min(found[1], truth[1]) - max(found[0], truth[0]))
        hull = max(found[1], truth[1]) - min(found[0], truth[0])
        return shared / hull if hull else 0.0

    official = [
        measure(
            f"R1@{threshold:g}",
            scored,
            lambda s, r, t=threshold: float(overlap(s, r) >= t),
            rule="official",
            note=_CHARADES,
        )
        for threshold in (0.3, 0.5, 0.7)
    ]
    mean_overlap = measure("mIoU", scored, overlap, rule="official", note=_CHARADES)
    return [*recall_metrics(scored), *official, mean_overlap]


def cgbench_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return CG-Bench's long-acc, mIoU, rec@IoU and acc@IoU (Chen et al., ICLR 2025).

    The last two are means over five overlaps from 0.1 to 0.5; acc@IoU wants the answer right and
    the clues found.
    """

    def overlap(sample: Sample, result: Result) -> float:
        return set_iou(spans_of(result)[:CG_MOST_SPANS], sample.evidence_spans or ())

    def recall(sample: Sample, result: Result) -> float:
        found = overlap(sample, result)
        return sum(found >= t for t in CG_THRESHOLDS) / len(CG_THRESHOLDS)

    clued = [pair for pair in scored if pair[0].evidence_spans]
    return [
        measure("long-acc", scored, is_correct, headline=True),
        measure("mIoU", clued, overlap),
        measure("rec@IoU", clued, recall),
        measure("acc@IoU", clued, lambda s, r: is_correct(s, r) * recall(s, r)),
        measure("long-acc", scored, _cgbench_right, rule="official", note=_CGBENCH),
    ]


def _cgbench_right(sample: Sample, result: Result) -> bool | None:
    reply = reply_of(sample, result)
    if reply is None or sample.answer_index is None:
        return None
    right = sample.option_labels[sample.answer_index]
    fenced = re.search(r"```json(.*?)```", reply, re.DOTALL)
    if fenced:
        quoted = re.sub(r"(?<=:\s)([A-Za-z_]\w*)", r'"\1"', fenced[1].strip())
        try:
            return json.loads(quoted)["result"] == right
        except (ValueError, KeyError, TypeError):
            pass  # their script goes on to the letters as well
    return hit_by_mention(reply, right)
