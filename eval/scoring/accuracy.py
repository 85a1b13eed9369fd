"""Accuracy of choices: strict, where every sample counts, and as units for any metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..result import Result
from ..sample import Sample
from .metric import Metric, Reduce, Unit, macro_mean, mean

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


def choice_units(
    scored: Iterable[Pair], stratum: Callable[[Sample], str] = lambda sample: ""
) -> tuple[Unit, ...]:
    """Return a unit for every question, 1 where it is right."""
    return tuple(
        Unit(unit_id(result), result.film, float(is_correct(sample, result)), stratum(sample))
        for sample, result in scored
    )


def unit_id(result: Result) -> str:
    """Return the id of a question's unit: of a later repetition, with its number."""
    return f"{result.sample_id}#{result.epoch}" if result.epoch else result.sample_id


def accuracy(scored: Sequence[Pair], *, headline: bool = True) -> Metric:
    """Return the strict accuracy over all questions, with their main label as stratum."""
    units = choice_units(scored, lambda sample: sample.kind)
    return Metric("accuracy", "strict", units, mean, headline=headline)


def official(
    name: str,
    scored: Sequence[Pair],
    right: Callable[[Sample, Result], bool | None],
    note: str,
    *,
    stratum: Callable[[Sample], str] = lambda sample: sample.kind,
    reduce: Reduce = mean,
) -> Metric:
    """Return an accuracy by the authors' own rule.

    Args:
        name: as they name it.
        scored: samples with results.
        right: their rule; None where they leave the sample out of the denominator.
        note: the rule in a sentence.
        stratum: the class of a sample.
        reduce: `mean`, or `macro_mean` over the classes.
    """
    units, left_out = [], 0
    for sample, result in scored:
        value = right(sample, result)
        if value is None:
            left_out += 1
        else:
            units.append(Unit(unit_id(result), result.film, float(value), stratum(sample)))
    return Metric(name, "official", tuple(units), reduce, left_out, note)


def macro(
    name: str, scored: Sequence[Pair], stratum: Callable[[Sample], str], *, headline: bool = True
) -> Metric:
    """Return the strict mean over classes of the accuracy of each."""
    return Metric(name, "strict", choice_units(scored, stratum), macro_mean, headline=headline)
