"""The reader of multiple-choice replies: each rule, its traps, and that it never guesses."""

from __future__ import annotations

import pytest

from longtake.eval.scoring.times import charades_time, etbench_times, parse_spans
from longtake.models.choice_reader import parse_choice

COLOURS = ["red", "blue", "green", "a man"]
VITAMINS = ["Vitamin A", "Vitamin C", "Vitamin D"]


@pytest.mark.parametrize(
    ("reply", "letter", "rule"),
    [
        ('{"answer": "b", "why": "the sky"}', "B", "json"),
        ('Thinking.\n```json\n{"Answer": "C"}\n```', "C", "json"),
        ("<answer>C</answer>", "C", "tag"),
        (r"so \boxed{D}", "D", "tag"),
        (r"\boxed{\text{B}}", "B", "tag"),
        ("Based on the video, the answer is C.", "C", "statement"),
        ("A man walks in, so the answer is C", "C", "statement"),
        ("The answer is B. Wait, no. The answer is C.", "C", "statement"),
        ("Final Answer: **C**", "C", "statement"),
        ("The best answer is:\nC", "C", "statement"),
        ("答案是C", "C", "statement"),
        ("Answer: blue", "B", "statement"),
        ("Answer: D", "D", "statement"),
        ("B.", "B", "letter"),
        ("(C)", "C", "letter"),
        ("c", "C", "letter"),
        ("**C**", "C", "letter"),
        ("D: a man", "D", "letter"),
        ("blue", "B", "option-text"),
        ("I think it's B because A is wrong", "B", "last-letter"),
        ("First A seems right. In the end I choose C", "C", "last-letter"),
        ("The correct one is (c).", "C", "last-letter"),
        ("The car is green all the time.", "C", "contained-text"),
        ("greeen", "C", "similar-text"),
        ("<think>the answer is A</think>B", "B", "letter"),
    ],
)
def test_a_reply_is_read_by_the_first_rule_that_fits(reply, letter, rule):
    found = parse_choice(reply, COLOURS)
    assert (found.index, found.rule) == ("ABCD".index(letter), rule)


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("", "empty"),
        (None, "empty"),
        ("<think>it may be A, the answer is A", "empty"),
        ("E", "nothing"),
        ("Based on what I see, nothing can be said", "nothing"),
        ("A or B", "conflict"),
        ("(A) or (B)", "conflict"),
        ("A, B", "conflict"),
        ("B) green", "conflict"),
        ("red and blue", "conflict"),
        ("<answer>A</answer><answer>B</answer>", "conflict"),
    ],
)
def test_what_says_nothing_or_two_things_is_no_answer(reply, rule):
    found = parse_choice(reply, COLOURS)
    assert (found.index, found.rule) == (None, rule)


def test_a_letter_inside_an_options_text_is_no_choice():
    assert parse_choice("Vitamin C", VITAMINS).index == 1
    assert parse_choice("The label shows Vitamin C on it.", VITAMINS).index == 1
    assert parse_choice("B", VITAMINS).index == 1


def test_only_letters_of_the_question_count_and_eight_options_have_eight():
    assert parse_choice("H", [f"option {k}" for k in range(8)]).index == 7
    assert parse_choice("H", COLOURS).index is None


def test_numbers_as_options_are_read_as_text():
    assert parse_choice("2", ["1", "2", "3"]).index == 1
    assert parse_choice("There are 2 dogs", ["1", "2", "3"]).index == 1


def test_of_two_options_with_one_text_the_first_is_chosen():
    assert parse_choice("happy", ["sad", "happy", "happy"]).index == 1


@pytest.mark.parametrize(
    ("reply", "spans", "rule"),
    [
        ('{"result": [[10, 20.5], [30, 40]]}', [(10, 20.5), (30, 40)], "json"),
        ("[[3, 4]]", [(3, 4)], "json"),
        ("It happens from 1:02 to 1:10.", [(62, 70)], "range"),
        ("62 - 70.5 seconds", [(62, 70.5)], "range"),
        ("62s to 70s", [(62, 70)], "range"),
        ("61:30-62:00", [(3690, 3720)], "range"),
        ("70 - 62", [], "nothing"),
        ("[[NaN, 3]]", [], "nothing"),
        ("never", [], "nothing"),
        (None, [], "nothing"),
    ],
)
def test_spans_are_read_out_of_replies(reply, spans, rule):
    assert parse_spans(reply) == (spans, rule)


def test_the_readers_of_etbench_and_charades_keep_their_oddities():
    assert etbench_times("The event happens in 10.5 - 12 seconds") == [(10.5, 12)]
    assert etbench_times("from 30 to 12") == [(12, 30)]
    # one number of a sentence, and a full stop ends none
    assert etbench_times("It starts at 4. It ends at 9.") is None
    assert etbench_times("It starts at 4\nIt ends at 9") == [(4, 9)]
    # in a clock time the rule for numbers fires first, and takes the hours
    assert etbench_times("starts at 00:00:18\nends at 00:00:23") == [(0, 0)]
    assert etbench_times("no idea") is None
    assert charades_time("The event happens in 20.1 - 30.4 seconds") == (20.1, 30.4)
    assert charades_time("It happens in 5 to 8 seconds") == (5, 8)
    assert charades_time("20 - 30") is None  # no word such as "happens"
