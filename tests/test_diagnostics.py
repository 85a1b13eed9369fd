"""What a score is made of: classes of questions, order, letters, evidence on the spot."""

from __future__ import annotations

import random

import pytest
from benchmark_files import result
from test_scoring_choices import question

from longtake.eval.diagnostics import (
    Answered,
    letter_histogram,
    on_the_spot,
    order_check,
    question_class,
    question_classes,
)


@pytest.mark.parametrize(
    ("models", "found"),
    [
        ([Answered(1, 1, 1)], "language"),
        ([Answered(0, 1, 1)], "semantic"),
        ([Answered(0, 1, 0)], "temporal"),
        ([Answered(0, 0, 1)], "other"),
        ([Answered(0.75, 0, 0)], "language"),  # three of four repetitions
        ([Answered(0.5, 0.5, 1)], "other"),
        ([Answered(1, 1, 1), Answered(0, 1, 0)], "semantic"),  # two have to agree on language
        ([Answered(1, 1, 1), Answered(1, 0, 0), Answered(0, 0, 0)], "language"),
    ],
)
def test_a_question_is_classed_by_what_it_takes_to_answer_it(models, found):
    assert question_class(models) == found


def run(samples, right):
    return [(s, result(s, pred_index=0 if s.sample_id in right else 1)) for s in samples]


def test_classes_come_from_three_runs_over_the_questions_that_all_answered():
    samples = [question(name) for name in "abcd"]
    found = question_classes(run(samples, "a"), run(samples, "abc"), run(samples[:3], "ab"))
    assert found == {"a": "language", "b": "semantic", "c": "temporal"}


def test_a_model_that_sees_order_falls_when_frames_are_reversed_and_one_that_does_not_stays():
    rng = random.Random(0)
    samples = [question(str(k), n=2) for k in range(200)]
    names = [s.sample_id for s in samples]
    chance = {name for name in names if rng.random() < 0.5}
    seeing = order_check(
        {
            "in order": run(samples, set(names)),
            "shuffled": run(samples, chance),
            "reversed": run(samples, set()),
        }
    )
    assert (seeing.n, seeing.chance, seeing.needs_order) == (200, 0.5, True)
    assert seeing.accuracy["reversed"] < seeing.chance < seeing.accuracy["in order"]
    static = order_check(
        {"in order": run(samples, set(names)), "reversed": run(samples, set(names))}
    )
    assert static.needs_order is False
    blind = order_check({"in order": run(samples, set()), "reversed": run(samples, chance)})
    assert blind.needs_order is None
    with pytest.raises(ValueError, match="in order"):
        order_check({"shuffled": run(samples, chance)})
    with pytest.raises(ValueError, match="share no question"):
        order_check({"in order": run(samples[:1], ()), "reversed": run(samples[1:], ())})


def test_letters_chosen_are_counted_beside_the_true_ones():
    pairs = [(question(str(k), answer=k % 4), None) for k in range(8)]
    scored = [(s, result(s, pred_index=0 if k < 6 else None)) for k, (s, _) in enumerate(pairs)]
    found = {row.letter: (row.chosen, row.true) for row in letter_histogram(scored)}
    assert found == {"A": (6, 2), "B": (0, 2), "C": (0, 2), "D": (0, 2)}


@pytest.mark.parametrize(
    ("cited", "hit", "precision", "recall"),
    [
        (((10, 20),), True, 1, 1),
        (((15, 25),), True, 0.5, 0.5),
        (((30, 40),), False, 0, 0),
        (((10, 12), (11, 14)), True, 1, 0.4),
        ((), False, 0, 0),
    ],
)
def test_cited_times_are_held_against_the_evidence(cited, hit, precision, recall):
    sample = question(evidence_spans=((10, 20),))
    found = on_the_spot(sample, result(sample, cited_spans=cited))
    assert (found.hit, found.precision, found.recall) == (hit, precision, recall)


def test_cited_times_are_held_against_moments_too():
    sample = question(evidence_frames=(10.0, 95.0))
    found = on_the_spot(sample, result(sample, cited_spans=((8, 12), (40, 50))))
    assert (found.hit, found.precision, found.recall) == (True, 0.5, 0.5)
    assert on_the_spot(question(), result(question(), cited_spans=((8, 12),))) is None
