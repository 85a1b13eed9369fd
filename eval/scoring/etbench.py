"""The metrics of E.T. Bench (Liu et al., NeurIPS 2024): choices, times, and timed captions.

A task is the mean over its source data sets, a group of tasks the mean over its tasks. Replies are
read by the authors' patterns in the official metrics, and by our own parsers in the strict ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ...models.choice_reader import RULES
from ..result import Result
from ..sample import Sample
from .accuracy import Pair, is_correct, measure, unit_id
from .intervals import best_iou, iou
from .metric import Metric, Rule, Unit, f1, nested_macro_mean, nested_mean_f1
from .replies import spans_given
from .times import etbench_times, parse_spans

THRESHOLDS = (0.1, 0.3, 0.5, 0.7)
SECONDS = 1000  # of the authors' map of one-second steps
Span = tuple[float, float]
Reader = Callable[[Result], Sequence[Span] | None]

GROUPS = {
    "Acc (referring)": ("rar", "eca", "rvq"),
    "F1 (grounding)": ("tvg", "epm", "tal", "evs", "vhd"),
    "mean recall (complex)": ("tem", "gvq"),
}
_NOTE = (
    "times by the authors' patterns, which take a sentence's first number; of extractive "
    "summaries only those that could be read count; their fallback to the most similar option by "
    "sentence embeddings is not made: such a reply is wrong"
)


def etbench_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return the score of each group of tasks, strict and official, and the captions' F1."""
    found = []
    for rule in ("strict", "official"):
        for name, tasks in GROUPS.items():
            pairs = [pair for pair in scored if pair[0].kind in tasks]
            if pairs:
                found.append(_group(name, pairs, rule))
        captions = [pair for pair in scored if pair[0].form == "events"]
        if captions:
            found.append(_captions(captions, rule))
    return found


def _group(name: str, scored: Sequence[Pair], rule: Rule) -> Metric:
    read = _official if rule == "official" else _strict

    def value(sample: Sample, result: Result) -> float | None:
        if sample.kind in GROUPS["Acc (referring)"]:
            return float(_chosen(sample, result, rule))
        spans = read(result)
        if sample.kind == "gvq" and not _chosen(sample, result, rule):
            return 0.0
        if sample.kind == "evs" and rule == "official" and not spans:
            return None
        return time_score(sample, result, spans or ())

    return measure(
        name,
        scored,
        value,
        rule=rule,
        note=_NOTE if rule == "official" else "",
        stratum=_stratum,
        reduce=nested_macro_mean,
        headline=rule == "strict" and name.startswith("F1"),
    )


def _stratum(sample: Sample) -> str:
    return "/".join(part.replace("/", "-") for part in sample.task_type[:2])


def _strict(result: Result) -> Sequence[Span] | None:
    if result.status not in ("ok", "limit"):
        return None
    return result.pred_spans or parse_spans(result.raw_text)[0]


def _official(result: Result) -> Sequence[Span] | None:
    return spans_given(result) or etbench_times(result.raw_text or "")


def time_score(sample: Sample, result: Result, spans: Sequence[Span]) -> float:
    """Return the score of one grounding or complex question, the mean over overlaps where it has.

    * `tvg`, `epm`, `tem`, `gvq`: the first span against the true one it fits best.
    * `tal`: F1 of spans that overlap enough, each way.
    * `evs`: F1 of the seconds that are covered, times rounded.
    * `vhd`: whether the first number, or the start of the first span, lies in a true span.
    """
    truths = sample.evidence_spans or ()
    if sample.kind == "vhd":
        given = spans_given(result)
        number = re.search(r"[-+]?\d*\.\d+|[-+]?\d+", result.raw_text or "")
        moment = given[0][0] if given else float(number[0]) if number else -1.0
        return float(any(start <= moment <= end for start, end in truths))
    if not spans:
        return 0.0
    if sample.kind == "tal":
        return sum(_matched_f1(spans, truths, t) for t in THRESHOLDS) / len(THRESHOLDS)
    if sample.kind == "evs":
        return covered_f1(spans, truths)
    best = best_iou(spans[0], truths)
    return sum(best >= t for t in THRESHOLDS) / len(THRESHOLDS)


def _matched_f1(spans: Sequence[Span], truths: Sequence[Span], threshold: float) -> float:
    recall = sum(best_iou(truth, spans) >= threshold for truth in truths) / len(truths)
    precision = sum(best_iou(span, truths) >= threshold for span in spans) / len(spans)
    return f1(precision, recall)


def covered_f1(spans: Sequence[Span], truths: Sequence[Span]) -> float:
    """Return the F1 of the seconds that spans cover, ends rounded, the first 1,000 s only."""
    marked, true = _seconds(spans), _seconds(truths)
    both = len(marked & true)
    return f1(both / len(marked), both / len(true)) if both else 0.0


def _seconds(spans: Sequence[Span]) -> set[int]:
    return {
        second
        for start, end in spans
        for second in range(max(0, round(start)), min(SECONDS, round(end)))
    }


def _chosen(sample: Sample, result: Result, rule: Rule) -> bool:
    if rule == "strict" or result.parse_rule not in RULES:
        return is_correct(sample, result)
    text = result.raw_text or ""
    marked = re.search(r"\(([A-Za-z])\)", text)
    if sample.kind != "gvq" and marked and marked[1].upper() in sample.option_labels:
        return _is_letter(marked[1], sample)
    low = text.lower()
    low = low.removeprefix("best option:").lstrip().lstrip("(").lstrip()
    alone = bool(low) and (len(low) == 1 or low[1] in ".,) ")
    return alone and _is_letter(low[0], sample)


def _is_letter(letter: str, sample: Sample) -> bool:
    index = sample.answer_index
    return index is not None and letter.upper() == sample.option_labels[index]


def _captions(scored: Sequence[Pair], rule: Rule) -> Metric:
    """Return the F1 of the spans of captions: at each overlap of mean precision and recall."""
    units = []
    for sample, result in scored:
        spans = (_official if rule == "official" else _strict)(result) or ()
        for threshold in THRESHOLDS:
            precision, recall = caption_coverage(spans, sample.answer_spans or (), threshold)
            units.append(
                Unit(
                    f"{unit_id(result)}@{threshold}",
                    result.film,
                    precision,
                    f"{_stratum(sample)}/{threshold}",
                    recall,
                )
            )
    note = _NOTE if rule == "official" else ""
    return Metric("F1 (captions)", rule, tuple(units), nested_mean_f1, note=note)


def caption_coverage(
    spans: Sequence[Span], truths: Sequence[Span], threshold: float
) -> tuple[float, float]:
    """Return which share of spans and of true spans has a partner that overlaps by more."""
    if not spans or not truths:
        return 0.0, 0.0
    table = [[iou(span, truth) > threshold for truth in truths] for span in spans]
    covered = [any(line[k] for line in table) for k in range(len(truths))]
    return sum(map(any, table)) / len(spans), sum(covered) / len(truths)


def caption_similarity(
    events: Sequence[tuple[Span, str]],
    truths: Sequence[tuple[Span, str]],
    similarity: Callable[[str, str], float],
) -> float:
    """Return the mean similarity of captions to the true ones that they overlap, over overlaps.

    A caption that overlaps none counts as 0: the authors pair it with letters drawn by chance.

    Args:
        events: spans and captions of the reply.
        truths: true ones.
        similarity: of two sentences, for the official figure the cosine of all-MiniLM-L6-v2.
    """
    if not events:
        return 0.0
    scores = []
    for threshold in THRESHOLDS:
        found: list[float] = []
        for span, caption in events:
            near = [truth for other, truth in truths if iou(span, other) >= threshold]
            found += [similarity(caption, truth) for truth in near] or [0.0]
        scores.append(sum(found) / len(found))
    return sum(scores) / len(scores)
