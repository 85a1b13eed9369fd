import json

import pytest

from longtake.eval.baseline import Glance, uniform_glance
from longtake.eval.needles import AGENT, Subject, baseline_name, read_results, run_needles
from longtake.eval.report import Report
from longtake.eval.sample import Prediction, Sample, load_samples
from longtake.eval.score import is_right, is_within, named_span, span_in_text
from longtake.index.video.errors import InputError, UsageError
from longtake.index.video.span import Span


def sample(kind="retrieve", options=("red", "blue"), index=0, spans=((10.0, 15.0),)):
    answer = options[index] if options else (None if kind == "absent" else "0:10.0-0:15.0")
    return Sample(
        id=f"film/{kind}-01",
        film="film.mp4",
        revision="abc",
        kind=kind,
        question="?",
        options=options,
        answer_index=index if options else None,
        answer=answer,
        spans=() if kind == "absent" else spans,
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


class Script:
    """Answers with the true option, except where told otherwise; counts how often it is asked."""

    def __init__(self, truths, fail=()):
        self.truths, self.fail, self.asked = truths, fail, []

    def ask(self, question, options):
        from longtake.agent.answer import Answer, Confidence, FilmDoc
        from longtake.agent.cost.usage import Usage

        self.asked.append(question)
        if question in self.fail:
            raise RuntimeError("the decoder died")
        truth = self.truths[question]
        return Answer(
            run_id="r1",
            film=FilmDoc(id="f", path="f", duration=60, coverage=[(0, 60)]),
            question=question,
            choices=options,
            status="abstained" if truth is None else "answered",
            answer=truth,
            choice="ABCD"[options.index(truth)] if options else None,
            confidence=Confidence(raw=0.5, method="none"),
            evidence=[],
            stop_reason="test",
            caveats=[],
            models={},
            usage=Usage(
                model_calls=0,
                frames_decoded=0,
                frames_shown=7,
                tokens_in=0,
                tokens_out=0,
                seconds=0,
                usd=None,
            ),
            timings={},
        )

    def glance(self, question, options):
        return Glance("", 0 if options else None, None, not options, 64)


@pytest.fixture
def film(tmp_path):
    from longtake.world.films.film import plan_film
    from longtake.world.truths.questions import write_questions

    path = tmp_path / "film.mp4"
    write_questions(plan_film(2, 1), "film.mp4", tmp_path / "film.questions.json")
    return path


def script_for(film, fail=0):
    samples = load_samples(film.with_name("film.questions.json"), film)
    # the same words may be asked of two needles; the last one's truth would stand for both
    assert len({s.question for s in samples}) == len(samples)
    return Script({s.question: s.answer for s in samples}, [s.question for s in samples][:fail])


def test_needles_asks_everything_once_and_goes_on_where_it_stopped(film, tmp_path):
    out = tmp_path / "runs" / "needles.jsonl"
    script = script_for(film)
    report = run_needles([Subject(film, script.ask, script.glance)], out)
    assert report.total is not None
    assert report.total.agent.value == 1
    assert report.total.baseline is not None
    assert report.total.baseline.value < 1
    asked = len(script.asked)
    again = run_needles([Subject(film, script.ask, script.glance)], out)
    assert len(script.asked) == asked
    assert again.rows == report.rows


def test_a_second_baseline_goes_beside_the_first_and_the_agent_is_not_asked_again(film, tmp_path):
    out, script = tmp_path / "needles.jsonl", script_for(film)
    run_needles([Subject(film, script.ask, script.glance)], out)
    asked = len(script.asked)
    blind = run_needles([Subject(film, script.ask, script.glance, frames=0)], out)
    assert len(script.asked) == asked
    assert {p.method for p in read_results(out).values()} == {"agent", "uniform-64", "blind"}
    assert "| blind % |" in blind.table()


def test_more_uniform_frames_than_the_eye_takes_are_refused():
    from tools_fixtures import PaintEncoder

    from longtake.world.vlm.tagger import TaggerVLM

    eye = TaggerVLM(PaintEncoder())
    with pytest.raises(UsageError, match=r"frames = 129: .* takes 0 to 128"):
        uniform_glance(None, eye, 60.0, 129)  # type: ignore[arg-type]
    glance = uniform_glance(None, eye, 60.0, 0)  # type: ignore[arg-type]
    seen = glance("Which object is red?", ["the fish", "the cup"])
    assert (seen.frames, seen.span) == (0, None)
    assert seen.choice in (0, 1)


def test_a_torn_last_line_is_asked_again(film, tmp_path):
    out, script = tmp_path / "needles.jsonl", script_for(film)
    run_needles([Subject(film, script.ask)], out)
    asked = len(script.asked)
    out.write_text(out.read_text()[:-40])
    report = run_needles([Subject(film, script.ask)], out)
    assert len(script.asked) == asked + 1
    assert len(read_results(out)) == asked
    assert report.total is not None
    assert report.total.agent.n == asked


def test_a_failure_is_recorded_counts_as_wrong_and_is_tried_again(film, tmp_path):
    out, script = tmp_path / "needles.jsonl", script_for(film, fail=1)
    report = run_needles([Subject(film, script.ask)], out)
    assert report.errors == 1
    assert report.total is not None
    assert report.total.agent.value < 1
    assert "decoder died" in out.read_text()
    script.fail = ()
    total = run_needles([Subject(film, script.ask)], out).total
    assert total is not None
    assert total.agent.value == 1


def test_limit_and_kinds_choose_questions(film, tmp_path):
    script = script_for(film)
    report = run_needles(
        [Subject(film, script.ask)], tmp_path / "n.jsonl", limit=1, kinds=["when", "read"]
    )
    assert [(row.kind, row.agent.n) for row in report.rows] == [("read", 1), ("when", 1)]


def test_the_table_shows_n_interval_and_difference():
    predictions = [
        Prediction(
            sample=f"{film}/{k}",
            film=film,
            revision="r",
            kind="read",
            method=method,
            status="answered",
            correct=method == AGENT or k == 0,
        )
        for film in ("a", "b")
        for k in range(4)
        for method in (AGENT, baseline_name(64))
    ]
    table = Report.of(predictions).table()
    assert "| read | 8 | 100 | 68 to 100 | 25 | +75 (" in table
    assert "2 films" in table
