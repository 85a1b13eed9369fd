"""Accuracy of choices: strict, where every sample counts, and as units for any metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..result import Result
from ..sample import Sample
from .metric import Metric, Reduce, Rule, Unit, mean

Pair = tuple[Sample, Result]


def is_correct(sample: Sample, result: Result) -> bool:
    """Say whether an answer counts by the strict rule.

    A reply that could not be read, an error, a missing film and abstaining are wrong; an answer
    given when a budget ended is scored as it is. Where the film does not hold the answer only
    abstaining is right.
    """
    if not sample.answerable:
        return result.status == "abstained"
    return result.status in ("ok", "limit") and result.pred_index in sample.right_indices


def unit_id(result: Result) -> str:
    """Return the id of a question's unit: of a later repetition, with its number."""
    return f"{result.sample_id}#{result.epoch}" if result.epoch else result.sample_id


def measure(
    name: str,
    scored: Iterable[Pair],
    value: Callable[[Sample, Result], float | None],
    *,
    rule: Rule = "strict",
    note: str = "",
    stratum: Callable[[Sample], str] = lambda sample: sample.kind,
    reduce: Reduce = mean,
    headline: bool = False,
) -> Metric:
    """Return a metric with a unit for every question whose answer is public.

    Args:
        name: as the authors name it.
        scored: samples with results.
        value: of a question, 0 to 1; None where the authors leave it out of the denominator.
        rule: whose rule it is.
        note: the official rule in a sentence.
        stratum: the class of a sample.
        reduce: from units to the metric.
        headline: whether papers quote it.
    """
    units, left_out = [], 0
    for sample, result in scored:
        found = value(sample, result) if sample.has_truth else None
        if found is None:
            left_out += 1
        else:
            units.append(Unit(unit_id(result), result.film, float(found), stratum(sample)))
    return Metric(name, rule, tuple(units), reduce, left_out, note, headline)


def accuracy(scored: Sequence[Pair], *, headline: bool = True) -> Metric:
    """Return the strict accuracy over all questions, with their main label as stratum."""
    return measure("accuracy", scored, is_correct, headline=headline)
