"""Scores of questions that count together: rotations of VNBench, groups of Video-MME-v2."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from ..result import Result
from ..sample import Sample
from .accuracy import Pair, accuracy, is_correct, measure
from .metric import Metric, Rule, Unit, macro_mean, mean
from .replies import matches, reply_of, videomme_v2_letter, vnbench_letter

ROTATIONS = 4
Judge = Callable[[Sample, Result], bool | None]


def grouped(scored: Sequence[Pair]) -> dict[tuple[str, int], list[Pair]]:
    """Return the questions of each group and repetition, in the order of their ids."""
    groups: dict[tuple[str, int], list[Pair]] = {}
    for sample, result in scored:
        groups.setdefault((sample.group_id or sample.sample_id, result.epoch), []).append(
            (sample, result)
        )
    for pairs in groups.values():
        pairs.sort(key=lambda pair: _number(pair[0].sample_id))
    return groups


def _number(name: str) -> int:
    tail = name.replace("-", "_").rsplit("_", 1)[-1]
    return int(tail) if tail.isdigit() else 0


def vnbench_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return VNBench's scores (Zhao et al., 2024): right only when all four rotations are right.

    A group with a rotation missing is wrong. Chance is 0.4 %.
    """
    return [
        _circular(scored, is_correct, "strict", headline=True),
        _circular(
            scored,
            _vnbench_right,
            "official",
            note="reply cut at the first full stop, then A before B before C before D wherever it "
            "occurs; rotations without a reply are skipped, so a group without any is left out",
        ),
        accuracy(scored, headline=False),
    ]


def _vnbench_right(sample: Sample, result: Result) -> bool | None:
    reply = reply_of(sample, result)
    return None if reply is None else matches(vnbench_letter(reply), sample)


def _circular(
    scored: Sequence[Pair], judge: Judge, rule: Rule, *, note: str = "", headline: bool = False
) -> Metric:
    units, left_out = [], 0
    for (name, epoch), pairs in grouped(scored).items():
        judged = [judge(sample, result) for sample, result in pairs]
        if all(found is None for found in judged):
            left_out += 1
            continue
        right = sum(bool(found) for found in judged) == ROTATIONS
        units.append(Unit(_id(name, epoch), pairs[0][1].film, float(right), pairs[0][0].kind))
    return Metric("circular", rule, tuple(units), macro_mean, left_out, note, headline)


def videomme_v2_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return Video-MME-v2's group score and average accuracy (arXiv 2604.05015)."""
    note = (
        "first of A to H in the reply once known phrases are gone; a reply without a letter takes "
        "one away from a relevance group and holds a logic chain together, as the authors' -1 "
        "does; a group's class is that of its last question"
    )
    left_out = "the same letter; replies without one are left out"
    return [
        _group_scores(scored, is_correct, "strict", headline=True),
        _group_scores(scored, _v2_mark, "official", note=note),
        accuracy(scored, headline=False),
        measure("accuracy", scored, _v2_valid, rule="official", note=left_out),
    ]


def _v2_mark(sample: Sample, result: Result) -> int:
    """Return 1 for right, 0 for wrong, -1 for a reply without a letter."""
    letter = videomme_v2_letter(reply_of(sample, result) or "")
    return -1 if letter is None else int(matches(letter, sample))


def _v2_valid(sample: Sample, result: Result) -> float | None:
    mark = _v2_mark(sample, result)
    return None if mark < 0 else float(mark)


def _group_scores(
    scored: Sequence[Pair],
    judge: Callable[[Sample, Result], int],
    rule: Rule,
    *,
    note: str = "",
    headline: bool = False,
) -> Metric:
    units = []
    for (name, epoch), pairs in grouped(scored).items():
        right = [judge(sample, result) for sample, result in pairs]
        last = pairs[-1][0].meta
        kind = str(last.get("group_type"))
        value = group_score(kind, last.get("group_structure"), right)
        units.append(Unit(_id(name, epoch), pairs[0][1].film, value, kind))
    return Metric("group score", rule, tuple(units), mean, note=note, headline=headline)


def group_score(kind: str, structure: Any, right: Sequence[int]) -> float:
    """Return the score of a group of four, 0 to 1; questions that are missing are wrong.

    Args:
        kind: `relevance` or `logic`.
        structure: of a logic group, as the benchmark writes it: `[1, [2, 3], 4]`.
        right: 1 or 0 of each question, in order; the authors' script has -1 for no letter.
    """
    right = [*right, *[0] * (4 - len(right))]
    if kind == "relevance":
        return (max(0, sum(right)) / 4) ** 2
    order = ast.literal_eval(structure) if isinstance(structure, str) else structure
    chain = right.index(0) if 0 in right else 4
    if order == [1, [2, 3], 4]:
        # question 3 may stand in for question 2
        chain += chain == 1 and bool(right[2])
        return (0, 1, 4, 7, 12)[chain] / 12
    if order == [[1, 2], 3, 4]:
        chain += chain == 0 and bool(right[1])
        return (0, 1, 2, 5, 10)[chain] / 10
    return chain**2 / 16


def _id(name: str, epoch: int) -> str:
    return f"{name}#{epoch}" if epoch else name
