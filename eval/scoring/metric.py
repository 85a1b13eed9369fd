"""A metric as its units: so that one routine puts an interval around any of them.

A unit is what a metric counts: a question, a group of questions that is scored as one, or a
question under one of several labels. The value of a metric is the mean of its units, or the mean
over strata of their means; a bootstrap over films draws units again and reduces them in that way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Rule = Literal["strict", "official"]


@dataclass(frozen=True, slots=True)
class Unit:
    """What a metric counts once.

    Attributes:
        id: of the sample or group.
        cluster: the film.
        value: 0 to 1.
        stratum: the class within which a macro mean is taken; "" for a plain mean.
        second: the other number of a unit where a metric needs two, such as a recall.
    """

    id: str
    cluster: str
    value: float
    stratum: str = ""
    second: float = 0.0


Reduce = Callable[[Sequence[Unit]], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a benchmark, with all that it was made of.

    Attributes:
        name: as the authors name it: `accuracy`, `M-Avg`, `R1@0.5`.
        rule: strict (every sample counts) or official (the authors' own rule).
        units: what was counted.
        reduce: from units to the value; `mean` and `macro_mean` below are the usual ones.
        left_out: samples outside the denominator: those whose answers the benchmark keeps back
            and, by an official rule, those that the authors drop.
        note: the official rule in one sentence, its oddities named; "" for strict.
        headline: whether it is the number that papers quote.
    """

    name: str
    rule: Rule
    units: tuple[Unit, ...]
    reduce: Reduce
    left_out: int = 0
    note: str = ""
    headline: bool = False

    @property
    def value(self) -> float | None:
        """The metric; None without a unit."""
        return self.reduce(self.units) if self.units else None


def mean(units: Sequence[Unit]) -> float:
    """Return the mean of the units' values."""
    return sum(unit.value for unit in units) / len(units)


def macro_mean(units: Sequence[Unit]) -> float:
    """Return the mean over strata of the mean of each."""
    strata: dict[str, list[Unit]] = {}
    for unit in units:
        strata.setdefault(unit.stratum, []).append(unit)
    return sum(map(mean, strata.values())) / len(strata)


def nested_macro_mean(units: Sequence[Unit]) -> float:
    """Return the mean over groups of the mean over their classes; strata are `group/class/…`."""
    return _tree([(unit.stratum.split("/"), unit) for unit in units], mean)


def nested_mean_f1(units: Sequence[Unit]) -> float:
    """Return the same mean of the F1 of each innermost class."""
    return _tree([(unit.stratum.split("/"), unit) for unit in units], mean_f1)


def _tree(units: Sequence[tuple[list[str], Unit]], leaf: Reduce) -> float:
    branches: dict[str, list[tuple[list[str], Unit]]] = {}
    for path, unit in units:
        if not path:
            return leaf([unit for _, unit in units])
        branches.setdefault(path[0], []).append((path[1:], unit))
    return sum(_tree(branch, leaf) for branch in branches.values()) / len(branches)


def mean_f1(units: Sequence[Unit]) -> float:
    """Return the F1 of the mean precision (`value`) and the mean recall (`second`)."""
    return f1(mean(units), sum(unit.second for unit in units) / len(units))


def f1(precision: float, recall: float) -> float:
    """Return the harmonic mean; 0 where both are 0."""
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0
