import json

import pytest

from longtake.eval.datasets.own.needles import load_samples
from longtake.eval.sample import Sample, Video
from longtake.eval.scoring.needle import is_right, is_within, named_span, span_in_text
from longtake.index.video.errors import InputError
from longtake.index.video.span import Span


def sample(kind="retrieve", options=("red", "blue"), index=0, spans=((10.0, 15.0),)):
    return Sample(
        dataset="needles",
        revision="abc",
        split="test",
        sample_id=f"film/{kind}-01",
        video=Video(id="film", path="/films/film.mp4"),
        question="?",
        options=options,
        form="choice" if options else "spans",
        answer_index=index if options else None,
        answer_spans=None if options or kind == "absent" else spans,
        evidence_spans=spans,
        answerable=kind != "absent",
        task_type=(kind,),
    )


WHEN = sample("when", options=None)
ABSENT = sample("absent", options=None)


def test_a_choice_is_right_when_it_is_the_true_one():
    assert is_right(sample(), abstained=False, choice=0)
    assert not is_right(sample(), abstained=False, choice=1)
    assert not is_right(sample(), abstained=False, choice=None)
    assert not is_right(sample(), abstained=True, choice=0)


def test_an_absent_question_is_right_when_nothing_is_claimed():
    assert is_right(ABSENT, abstained=True)
    assert not is_right(ABSENT, abstained=False, span=Span(1, 2))


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [
        (10, 15, True),
        (9.0, 16.0, True),
        (8.9, 15, False),
        (10, 16.1, False),
        (12, 12.1, True),
        (9.1, 9.9, False),
        (15.0, 15.9, False),
        (0, 3600, False),
    ],
)
def test_a_time_is_right_within_a_second_of_the_true_span(start, end, right):
    assert is_right(WHEN, abstained=False, span=Span(start, end)) is right


def test_no_time_is_wrong():
    assert not is_right(WHEN, abstained=False, span=None)


def test_any_of_several_true_spans_will_do():
    twice = sample("when", options=None, spans=((10.0, 15.0), (40.0, 42.0)))
    assert is_right(twice, abstained=False, span=Span(40, 42))


def test_touching_without_overlap_is_not_within():
    assert not is_within(Span(15, 15.5), Span(10, 15))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("12:04.5-12:10.0", Span(724.5, 730)),
        ("It appears from 1:02:03 to 1:02:05.5.", Span(3723, 3725.5)),
        ("between 3.5 – 4", Span(3.5, 4)),
        ("2 to 5 red fish", Span(2, 5)),
        ("4-3", None),
        ("the red fish", None),
        (None, None),
    ],
)
def test_times_are_read_out_of_answers(text, span):
    assert span_in_text(text) == span


def test_the_time_written_comes_before_the_evidence():
    assert named_span("0:10-0:12", [Span(1, 2)]) == Span(10, 12)
    assert named_span("the red fish", [Span(1, 2), Span(5, 6)]) == Span(1, 2)
    assert named_span("the red fish", []) is None


def test_samples_that_do_not_hang_together_are_refused(tmp_path):
    path = tmp_path / "film.questions.json"
    entry = {
        "id": "x-01",
        "kind": "x",
        "question": "?",
        "choices": ["a", "b"],
        "answer_index": 0,
        "answer": "b",
        "spans": [],
    }
    path.write_text(json.dumps({"questions": [entry]}))
    with pytest.raises(InputError, match="answer_index"):
        load_samples(path, tmp_path / "film.mp4")
    with pytest.raises(InputError, match="no questions"):
        load_samples(tmp_path / "none.json", tmp_path / "film.mp4")
