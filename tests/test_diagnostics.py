"""What a score is made of: classes of questions, order, letters, evidence on the spot."""

from __future__ import annotations

import random

import numpy as np
import pytest
from benchmark_files import result
from film_fixtures import make_film
from test_scoring_choices import question

from longtake.eval.datasets.registry import load_dataset
from longtake.eval.diagnostics import (
    Answered,
    letter_histogram,
    on_the_spot,
    order_check,
    question_class,
    question_classes,
)
from longtake.eval.fragments import CHANGES, changed
from longtake.eval.scoring.events import Event, event_scores, events_of, same_event
from longtake.index.video.decode import Decoder
from longtake.index.video.span import Span
from longtake.index.words.lines import Line
from longtake.world.render import make_film as render_drawn


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


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_fragment_is_changed_as_its_question_says(change):
    pixels = np.arange(32, dtype=np.uint8)[:, None, None, None].repeat(3, axis=3)
    rows = changed(pixels, change, random.Random(4))[:, 0, 0, 0].tolist()
    assert {
        "none": rows == list(range(32)),
        "reversed": rows == list(range(31, -1, -1)),
        "faster": rows == list(range(0, 32, 2)),
        "slower": rows == [k // 2 for k in range(64)],
        "shuffled": sorted(rows) == list(range(32)) and rows not in (sorted(rows), rows[::-1]),
    }[change]
    if change == "shuffled":
        parts = [rows[k : k + 8] for k in range(0, 32, 8)]
        assert all(part == list(range(part[0], part[0] + 8)) for part in parts)
        assert parts not in (sorted(parts), sorted(parts, reverse=True))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    film = tmp_path_factory.mktemp("drawn") / "drawn.mp4"
    render_drawn(1, 3, film)
    return film


def test_fragments_of_a_drawn_film_show_what_their_answers_say(drawn, tmp_path, longtake_here):
    done = longtake_here("eval", "fragments", drawn, "--out", tmp_path / "f", "--count", "5", "-q")
    assert done.code == 0, done.err
    loaded = load_dataset("jsonl", tmp_path / "f" / "drawn.jsonl")
    assert len(loaded.samples) == 5
    assert not loaded.refused
    assert sorted(s.kind for s in loaded.samples) == ["order", "reversal", "same", "speed", "speed"]
    by_option = {option: change for change, (_, option) in CHANGES.items()}
    lengths = set()
    for sample in loaded.samples:
        with Decoder(sample.video.path) as decoder:
            lengths.add(len(decoder.timeline.seconds))
            pixels = decoder.frames(np.arange(104) / 8).pixels.astype(int)
        first, second = pixels[:32], pixels[36:]

        shown = {
            "none": first,
            "reversed": first[::-1],
            "faster": first[::2],
            "slower": first.repeat(2, axis=0),
        }
        distances = {
            change: np.abs(second[: len(wanted)] - wanted).mean()
            for change, wanted in shown.items()
        }
        said = by_option[sample.answer_text]
        nearest = min(distances, key=distances.__getitem__)
        if said == "shuffled":
            assert distances[nearest] > 1.0
        else:
            assert said == nearest, distances
    assert len(lengths) == 1, "a clip's length tells its answer"


def test_a_film_in_which_nothing_moves_has_no_fragments(tmp_path, longtake_here):
    still = make_film(tmp_path / "still.mp4", source="color=red:s=64x36:r=8:d=20")
    done = longtake_here("eval", "fragments", still, "--out", tmp_path / "f")
    assert (done.code, done.err.count("\n")) == (3, 1), done.err
    assert "something moves in 0 of" in done.err


def test_events_that_are_told_are_held_against_those_that_happen():
    known = [Event("a man opens the door", (10, 12)), Event("a dog barks at a postman", (40, 44))]
    told = [
        Event("The man is opening a red door.", (9, 15)),  # entails, says more than is known
        Event("a dog barks", (41, 43)),  # happens; does not entail the postman
        Event("a man opens the door", (80, 82)),  # at another time
    ]
    found = event_scores(told, known, same_event)
    assert (found.told, found.known) == (3, 2)
    assert (found.precision, found.recall) == (pytest.approx(1 / 3), 0.5)
    assert found.f1 == pytest.approx(0.4)
    assert event_scores([], known, same_event).f1 == 0
    with pytest.raises(ValueError, match="without known events"):
        event_scores(told, [], same_event)


def test_captions_are_cut_into_events():
    line = Line(Span(0, 10), "A man sits. He sings; the dog sleeps", "caption")
    found = events_of([line])
    assert [event.text for event in found] == ["A man sits.", "He sings", "the dog sleeps"]
    assert {event.span for event in found} == {(0, 10)}
