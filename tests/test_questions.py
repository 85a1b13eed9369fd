import json
from collections import Counter
from dataclasses import replace

import pytest

from longtake.world.films.film import plan_film, without_places
from longtake.world.truths.questions import make_questions, write_questions
from longtake.world.truths.truths import phrase
from longtake.world.truths.wordings import WORDINGS

KINDS = {
    "retrieve",
    "when",
    "order",
    "count-events",
    "count-objects",
    "read",
    "detail",
    "motion",
    "relation",
    "speech",
    "hop",
    "absent",
    "global",
}


@pytest.fixture(scope="module")
def hours():
    return [make_questions(plan_film(60, seed)) for seed in range(3)]


def test_an_hour_has_at_least_four_questions_of_every_kind(hours):
    for questions in hours:
        counts = Counter(q.kind for q in questions)
        assert set(counts) == KINDS
        assert min(counts.values()) >= 3  # "most" is left out where no place is clearly ahead
        assert sum(n >= 4 for n in counts.values()) >= len(KINDS) - 1


def test_ten_minutes_have_about_three_of_every_kind():
    counts = Counter(q.kind for q in make_questions(plan_film(10, 2)))
    assert set(counts) == KINDS
    assert sum(n >= 3 for n in counts.values()) >= len(KINDS) - 3


def test_half_a_minute_still_has_questions():
    assert make_questions(plan_film(0.5, 1))


def test_ids_are_unique_and_name_the_kind(hours):
    ids = [q.id for q in hours[0]]
    assert len(set(ids)) == len(ids)
    assert all(q.id.startswith(f"{q.kind}-") for q in hours[0])


def test_absent_questions_have_no_choices_no_answer_and_no_spans(hours):
    for question in hours[0]:
        empty = (question.choices, question.answer_index, question.answer, question.spans)
        assert (question.kind == "absent") == (empty == (None, None, None, ()))


def test_when_questions_are_open_and_have_one_span(hours):
    for question in (q for q in hours[0] if q.kind == "when"):
        assert question.choices is None
        assert question.answer == str(question.spans[0])
        assert len(question.spans) == 1


def test_right_letters_are_even(hours):
    for questions in hours:
        right = Counter(q.answer_index for q in questions if q.choices and len(q.choices) == 4)
        assert max(right.values()) - min(right.get(k, 0) for k in range(4)) <= 1


def test_blind_rules_do_not_beat_chance():
    """Rules that see no film: the middle number, the most usual words, the odd one out."""
    rules = {
        "longest": lambda c: max(range(4), key=lambda i: (len(c[i]), -i)),
        "alphabetical": lambda c: min(range(4), key=lambda i: c[i]),
        "medoid": lambda c: max(range(4), key=lambda i: sum(len(set(c[i]) & set(x)) for x in c)),
        "middle": lambda c: sorted(range(4), key=lambda i: (len(c[i]), c[i]))[1],
    }
    questions = [
        q
        for seed in range(20)
        for q in make_questions(plan_film(20, seed))
        if q.choices and len(q.choices) == 4
    ]
    assert len(questions) > 500
    for name, rule in rules.items():
        rate = sum(rule(q.choices) == q.answer_index for q in questions) / len(questions)
        assert abs(rate - 0.25) < 0.06, name


def test_numbers_asked_for_are_as_often_small_as_large():
    answers = Counter(
        q.answer
        for seed in range(30)
        for q in make_questions(plan_film(20, seed))
        if q.kind == "count-objects"
    )
    total = sum(answers.values())
    assert all(abs(answers[n] / total - 0.2) < 0.12 for n in "23456")


def test_every_form_has_two_wordings_and_all_are_used():
    assert all(len(set(texts)) >= 2 for texts in WORDINGS.values())
    asked = [q for seed in range(12) for q in make_questions(plan_film(20, seed))]
    for form, wordings in WORDINGS.items():
        texts = [q.question for q in asked if q.form == form]
        for wording in wordings:
            assert any(text.startswith(wording.split("{")[0]) for text in texts), wording


def test_over_real_footage_nothing_is_asked_about_places():
    questions = make_questions(without_places(plan_film(10, 3)))
    assert questions
    assert not any(q.kind == "global" or "Where" in q.question for q in questions)
    assert not any(" on the beach" in q.question for q in questions)


def test_the_json_is_as_published_and_the_same_every_time(tmp_path):
    plan = plan_film(3, 4)
    write_questions(plan, "a.mp4", tmp_path / "one.json")
    write_questions(plan_film(3, 4), "a.mp4", tmp_path / "two.json")
    text = (tmp_path / "one.json").read_bytes()
    assert text == (tmp_path / "two.json").read_bytes()
    record = json.loads(text)
    assert list(record) == ["film", "seed", "duration", "questions"]
    assert record["film"] == "a.mp4"
    assert record["duration"] == 180.0
    keys = ["id", "kind", "question", "choices", "answer_index", "answer", "spans"]
    assert all(list(q) == keys for q in record["questions"])
    for question in record["questions"]:
        if question["choices"] is not None:
            assert question["choices"][question["answer_index"]] == question["answer"]
        assert all(0 <= a < b <= 180 for a, b in question["spans"])


def test_a_broken_promise_of_a_plot_is_not_hidden():
    plan = plan_film(5, 1)
    needle = next(n for n in plan.needles if n.form == "appearance")
    nobody = replace(needle, about={"pair": ("fish", "plaid")})
    with pytest.raises(ValueError, match="not enough values"):
        make_questions(replace(plan, needles=(nobody,)))


def test_choices_are_written_with_article_and_colour_first():
    assert phrase(("cup", "green")) == "the green cup"
