"""Metrics of the multiple-choice benchmarks, strict and as their authors count."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..result import Result
from ..sample import Sample
from .accuracy import Pair, accuracy, is_correct, measure, unit_id
from .metric import Metric, Unit, macro_mean, mean
from .own import same_text
from .replies import (
    first_letter,
    lvbench_letter,
    matches,
    mlvu_letter,
    reply_of,
    tvbench_right,
    videomme_letter,
)

Judge = Callable[[Sample, Result], bool | None]


def _judge(letter: Callable[[str], str | None], *, drops_unread: bool = False) -> Judge:
    """Return an official rule from a reader of letters.

    Args:
        letter: the reader.
        drops_unread: whether a reply without a letter leaves the denominator; else it is wrong.
    """

    def judge(sample: Sample, result: Result) -> bool | None:
        reply = reply_of(sample, result)
        if reply is None:
            return None
        found = letter(reply)
        return None if found is None and drops_unread else matches(found, sample)

    return judge


def videomme_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return Video-MME's accuracies, over all and by the films' length."""
    judge = _judge(videomme_letter, drops_unread=True)
    note = (
        "first of A to D in the reply once known phrases are gone (two commas are missing in the "
        "list of phrases); a reply without one is dropped from the denominator"
    )
    return [
        accuracy(scored),
        measure("accuracy by length", scored, is_correct, stratum=_length),
        measure("accuracy", scored, judge, rule="official", note=note),
        measure("accuracy by length", scored, judge, rule="official", note=note, stratum=_length),
    ]


def _length(sample: Sample) -> str:
    return str(sample.meta.get("duration"))


def lvbench_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return LVBench's accuracies; a question counts under each of its labels."""
    note = "text before `)` and after `(`, first character; only answered questions count"
    judge = _judge(lvbench_letter)
    return [
        accuracy(scored),
        _by_label(scored),
        measure("accuracy", scored, judge, rule="official", note=note),
    ]


def _by_label(scored: Sequence[Pair]) -> Metric:
    units = tuple(
        Unit(f"{unit_id(result)}/{label}", result.film, float(is_correct(sample, result)), label)
        for sample, result in scored
        for label in sample.task_type
    )
    return Metric("accuracy by type", "strict", units, mean)


def longvideobench_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return LongVideoBench's accuracies, over all and by length."""

    def group(sample: Sample) -> str:
        return str(sample.meta.get("duration_group"))

    note = (
        "first of A to E in the reply once known phrases are gone; the authors draw an option by "
        "chance where there is none, which counts as wrong here"
    )
    judge = _judge(lambda text: first_letter(text, "ABCDE"))
    return [
        accuracy(scored),
        measure("accuracy by length", scored, is_correct, stratum=group),
        measure("accuracy", scored, judge, rule="official", note=note),
    ]


def mlvu_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return MLVU's M-Avg, the mean over task types, and the plain mean."""
    note = "mean over task types; reply cut at `)` behind `Best Option: (`"
    return [
        measure("M-Avg", scored, is_correct, reduce=macro_mean, headline=True),
        measure(
            "M-Avg", scored, _judge(mlvu_letter), rule="official", note=note, reduce=macro_mean
        ),
        accuracy(scored, headline=False),
    ]


def tvbench_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return TVBench's mean over tasks, and the plain mean."""

    def judge(sample: Sample, result: Result) -> bool:
        return tvbench_right(reply_of(sample, result) or "", sample)

    note = "the first word of the reply lies in `(letter)`, or the other way round; mean over tasks"
    return [
        measure("mean over tasks", scored, is_correct, reduce=macro_mean, headline=True),
        measure("mean over tasks", scored, judge, rule="official", note=note, reduce=macro_mean),
        accuracy(scored, headline=False),
    ]


def hourvideo_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return HourVideo's mean over tasks, the three of summarization taken as one."""

    def task(sample: Sample) -> str:
        return re.sub(r"^summarization/.*", "summarization", sample.kind)

    note = "mean over tasks, summarization as one; answers are letters, a missing one is wrong"
    judge = _judge(lambda text: text.strip() or None)
    return [
        measure(
            "mean over tasks", scored, is_correct, stratum=task, reduce=macro_mean, headline=True
        ),
        measure(
            "mean over tasks",
            scored,
            lambda sample, result: bool(judge(sample, result)),
            rule="official",
            note=note,
            stratum=task,
            reduce=macro_mean,
        ),
        accuracy(scored, headline=False),
    ]


def egoschema_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return EgoSchema's accuracy; the authors' server takes indices and reads no text."""
    known = [pair for pair in scored if pair[0].has_truth]
    note = "index against index, of the questions with public answers; no reply is read"
    return [
        accuracy(known),
        measure(
            "accuracy",
            known,
            lambda sample, result: result.pred_index == sample.answer_index,
            rule="official",
            note=note,
        ),
    ]


def nextqa_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return NExT-QA's accuracy, over all and for causal, temporal and descriptive questions."""

    def family(sample: Sample) -> str:
        return {"C": "causal", "T": "temporal", "D": "descriptive"}.get(sample.kind[:1], "other")

    return [
        accuracy(scored),
        measure("accuracy by family", scored, is_correct, stratum=family),
        measure(
            "accuracy",
            scored,
            lambda sample, result: result.pred_index == sample.answer_index,
            rule="official",
            note="index against index; of two options with the same text only the first is right",
            stratum=family,
        ),
    ]


def videommmu_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return Video-MMMU's accuracy over all and by track; open answers have to be equal."""

    def right(sample: Sample, result: Result) -> bool:
        if sample.form == "choice":
            return is_correct(sample, result)
        return same_text(sample, result) or same_number(sample, result)

    def judge(sample: Sample, result: Result) -> bool | None:
        return None if reply_of(sample, result) is None else right(sample, result)

    return [
        measure("accuracy", scored, right, headline=True),
        measure(
            "accuracy",
            scored,
            judge,
            rule="official",
            note="questions with an API error are dropped",
        ),
    ]


def same_number(sample: Sample, result: Result) -> bool:
    """Say whether the last number of a reply is the true one to two decimals, as MMMU rounds."""
    if result.status not in ("ok", "limit"):
        return False
    try:
        truth = round(float((sample.answer_text or "").replace(",", "")), 2)
    except ValueError:
        return False
    found = re.findall(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?", result.raw_text or "")
    return bool(found) and round(float(found[-1].replace(",", "")), 2) == truth


def knowledge_gain(before: float, after: float) -> float:
    """Return Δknowledge: what a lecture adds, of what there was to gain; shares from 0 to 1.

    Raises:
        ValueError: everything was known before.
    """
    if before >= 1:
        raise ValueError(f"before = {before}: nothing was left to gain")
    return (after - before) / (1 - before)
