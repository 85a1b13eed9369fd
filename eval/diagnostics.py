"""What a score is made of: questions that need no film, or no order; letters; evidence on the spot.

Each function takes results of several runs on the same samples; how frames were withheld, shuffled
or reversed is the business of the systems that made them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .result import Result
from .sample import Sample
from .scoring.accuracy import is_correct
from .scoring.intervals import length, shared

Class = Literal["language", "semantic", "temporal", "other"]
Pair = tuple[Sample, Result]
OFTEN = 0.75  # of the repetitions, from which a question counts as answered
AGREEING = 2  # models that have to answer without the film


@dataclass(frozen=True, slots=True)
class Answered:
    """How often one model was right on one question, by what it was shown; shares from 0 to 1.

    Attributes:
        blind: question and options alone.
        in_order: frames in order.
        shuffled: the same frames, shuffled.
    """

    blind: float
    in_order: float
    shuffled: float


def question_class(models: Sequence[Answered], agreeing: int = AGREEING) -> Class:
    """Say what a question needs, as VBenchComp does (arXiv 2505.14321).

    * language: models are right without the film. As many as `agreeing` have to be, or all of them
      where there are fewer.
    * semantic: right with frames in order, and with the same frames shuffled.
    * temporal: right with frames in order, wrong when they are shuffled.
    * other: wrong with frames in order.

    A model is right when it is so in three of four repetitions; for the last three classes any one
    model is enough, semantic before temporal.

    Raises:
        ValueError: no model.
    """
    if not models:
        raise ValueError("models: at least one is needed")
    if sum(model.blind >= OFTEN for model in models) >= min(agreeing, len(models)):
        return "language"
    right = [model for model in models if model.in_order >= OFTEN]
    if any(model.shuffled >= OFTEN for model in right):
        return "semantic"
    return "temporal" if right else "other"


def question_classes(
    blind: Iterable[Pair], in_order: Iterable[Pair], shuffled: Iterable[Pair]
) -> dict[str, Class]:
    """Return the class of every sample that all three runs of one model answered.

    Repetitions (epochs) of a sample are taken together.
    """
    shares = [_share_right(run) for run in (blind, in_order, shuffled)]
    both = set(shares[0]) & set(shares[1]) & set(shares[2])
    return {name: question_class([Answered(*(s[name] for s in shares))]) for name in sorted(both)}


def _share_right(run: Iterable[Pair]) -> dict[str, float]:
    right: dict[str, list[bool]] = {}
    for sample, result in run:
        right.setdefault(sample.sample_id, []).append(is_correct(sample, result))
    return {name: sum(found) / len(found) for name, found in right.items()}


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """Does order matter? Accuracies on the same questions (TVBench, arXiv 2410.07752).

    Attributes:
        n: questions that every run answered.
        chance: accuracy of choosing an option by lot.
        accuracy: of each run: `in order`, `shuffled`, `reversed`, …
    """

    n: int
    chance: float
    accuracy: Mapping[str, float]

    @property
    def needs_order(self) -> bool | None:
        """Whether reversing the frames costs more than half of what is above chance.

        None where accuracy in order is not above chance, or where there is no reversed run. On
        questions that need order a model falls to chance when frames are shuffled, and below it
        when they are reversed.
        """
        gain = self.accuracy["in order"] - self.chance
        if gain <= 0 or "reversed" not in self.accuracy:
            return None
        return self.accuracy["reversed"] - self.chance < gain / 2


def order_check(runs: Mapping[str, Sequence[Pair]]) -> OrderCheck:
    """Compare a run in order with the same run shuffled, reversed, or on one frame.

    Args:
        runs: by name; `in order` has to be one of them.

    Raises:
        ValueError: `in order` is missing, or the runs share no question.
    """
    if "in order" not in runs:
        raise ValueError(f"runs = {sorted(runs)}: 'in order' has to be one of them")
    samples = {sample.sample_id: sample for run in runs.values() for sample, _ in run}
    shares = {name: _share_right(run) for name, run in runs.items()}
    both = sorted(set.intersection(*(set(found) for found in shares.values())))
    if not both:
        raise ValueError("runs: they share no question")
    chances = [
        len(samples[name].right_indices) / len(samples[name].options or "x") for name in both
    ]
    return OrderCheck(
        len(both),
        sum(chances) / len(both),
        {name: sum(found[k] for k in both) / len(both) for name, found in shares.items()},
    )


@dataclass(frozen=True, slots=True)
class LetterCount:
    """How often each letter is chosen, and how often it is right."""

    letter: str
    chosen: int
    true: int


def letter_histogram(scored: Sequence[Pair]) -> list[LetterCount]:
    """Count chosen and true letters; a leaning towards a letter shows as a difference."""
    chosen: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for sample, result in scored:
        letters = sample.option_labels
        if result.pred_index is not None and result.pred_index < len(letters):
            chosen[letters[result.pred_index]] += 1
        if sample.answer_index is not None:
            true[letters[sample.answer_index]] += 1
    return [LetterCount(name, chosen[name], true[name]) for name in sorted({*chosen, *true})]


@dataclass(frozen=True, slots=True)
class OnTheSpot:
    """Whether cited times are where the film shows the answer.

    Attributes:
        hit: whether a cited span overlaps a true one, or holds a true moment.
        precision: share of the cited seconds that are true.
        recall: share of the true seconds that are cited.
    """

    hit: bool
    precision: float
    recall: float


def on_the_spot(sample: Sample, result: Result) -> OnTheSpot | None:
    """Compare the spans that an answer cites with the benchmark's evidence.

    Returns:
        None where the benchmark does not say where the answer is shown.
    """
    truths = sample.evidence_spans or ()
    moments = sample.evidence_frames or ()
    if not truths and not moments:
        return None
    cited = result.cited_spans or ()
    held = [m for m in moments if any(start <= m <= end for start, end in cited)]
    if not truths:
        used = sum(any(start <= m <= end for m in moments) for start, end in cited)
        share = used / len(cited) if cited else 0.0
        return OnTheSpot(bool(held), share, len(held) / len(moments))
    both = shared(cited, truths)
    touches = any(a <= end and start <= b for a, b in cited for start, end in truths)
    return OnTheSpot(
        touches,
        both / length(cited) if length(cited) else float(touches),
        both / length(truths) if length(truths) else float(touches),
    )
