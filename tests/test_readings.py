"""Reading letters, yes and no, JSON and boxes out of what a model wrote."""

from __future__ import annotations

import pytest

from longtake.index.video.frames import Box
from longtake.models.choice_reader import parse_choice
from longtake.models.client.parsing import (
    read_box,
    read_json,
    read_object,
    read_share,
    read_times,
)
from longtake.models.vlm.readings import read_answer, read_verdict

OPTIONS = ("the red fish", "the blue car", "a green key", "nothing of these")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        (" (C). ", "C"),
        ("**D**", "D"),
        ("<answer>C</answer>", "C"),
        (r"So \boxed{B}", "B"),
        ("The answer is B.", "B"),
        ("Answer: D", "D"),
        ("First I thought the answer is A, but the answer is (C).", "C"),
        ("A red fish swims, so it must be B", "B"),
        ("The blue car.", "B"),
        ("the green key", "C"),
        ("B. the blue car", "B"),
        ("It shows the blue cars", "B"),
        ("Based on what I see I cannot say", None),
        ("E", None),
        ("", None),
    ],
)
def test_a_letter_is_read_by_the_most_trusted_rule(text: str, letter: str | None) -> None:
    found = parse_choice(text, OPTIONS).index
    assert (None if found is None else "ABCD"[found]) == letter


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"answer": "B"}', {"answer": "B"}),
        ('Here it is:\n{"answer": "B"} I hope.', {"answer": "B"}),
        ('First {"answer": "A"}, no: {"answer": "B", "x": {}}', {"answer": "B", "x": {}}),
        ('```json\n{"answer": "B"}\n```', {"answer": "B"}),
        ('{"answer": "B", "seconds": [1,', None),
        ("[1, 2]", None),
        ("{" * 5000, None),
        ("", None),
    ],
)
def test_an_object_is_found_among_words(text: str, found: object) -> None:
    assert read_object(text) == found


@pytest.mark.parametrize(
    "text",
    [
        '{\n // the letter\n "answer": "B", /* seen */ "seconds": [1, 2.5] # so\n}',
        '{"answer": "B", "seconds": [1, 2.5],}',
        "{'answer': 'B', 'seconds': [1, 2.5]}",
        '{answer: "B", seconds: [1, 2.5]}',
        '{"Answer": "B", "SECONDS": [1, 2.5]}',
        '"{\\"answer\\": \\"B\\", \\"seconds\\": [1, 2.5]}"',
        '{"result": {"answer": "B", "seconds": [1, 2.5]}}',
        '[{"answer": "B", "seconds": [1, 2.5]}]',
        '{"answer": "B", "seconds": [1, 2.5]}\n{"note": "sure of it"}',
        '```json5\n{"answer": "B", "seconds": [1, 2.5]}',
    ],
)
def test_what_models_write_for_json_is_read_as_it(text: str) -> None:
    assert read_object(text, "answer") == {"answer": "B", "seconds": [1, 2.5]}


def test_numbers_that_json_does_not_have_are_null() -> None:
    assert read_object('{"a": NaN, "b": [Infinity, 1e999, 2]}') == {"a": None, "b": [None, None, 2]}


@pytest.mark.parametrize(
    "text", ["a {b} c", "{" * 300_000 + ":" + "}" * 300_000, '{"a":' * 300_000 + "}", "{" * 600_000]
)
def test_what_is_far_from_json_ends_quickly_and_harms_nothing(text: str) -> None:
    assert not isinstance(read_object(text), str)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ('{"answer": "b"}', "B"),
        ('{"answer": ["B"]}', "B"),
        ('{"answer": {"letter": "B", "text": "the blue car"}}', "B"),
        ('{"choice": "B", "reason": "A fish that is C-shaped"}', "B"),
        ('{"answer": "the blue car"}', "B"),
        ("答案是\uff22", "B"),
        ("(b)", "B"),
        ("A. the red fish\nB. the blue car\nC. a green key\n\nThe answer is B.", "B"),
        ("B\n\nThe options were:\nA. the red fish\nB. the blue car\nC. a green key", "B"),
        ("A. the red fish\nB. the blue car\nC. a green key\nD. nothing of these", None),
        ("A. red: wrong\nB. blue: right\nC. green: wrong", None),
        ("It is B, not A.", None),
    ],
)
def test_a_choice_is_read_in_the_forms_models_write_or_not_at_all(text: str, letter) -> None:
    found = read_answer(text, OPTIONS, "ABCD")
    assert found.chosen == (None if letter is None else "ABCD".index(letter))


def test_an_option_in_another_alphabet_is_found_by_its_text() -> None:
    assert read_answer("蓝色", ["红色", "蓝色", "绿色"], "ABC").chosen == 1
    assert read_answer("жёлтый", ["красный", "синий"], "AB").chosen is None


@pytest.mark.parametrize(
    "text",
    [
        '{"response": "A blue car.", "confidence": 0.9}',
        '{"answer": ["A blue car."], "confidence": "0,9"}',
        '{"answer": {"text": "A blue car."}, "confidence": "90%"}',
        '{"output": {"answer": "A blue car.", "confidence": 0.9}}',
    ],
)
def test_an_open_answer_under_another_name_or_form_is_not_lost(text: str) -> None:
    found = read_answer(text, (), "")
    assert (found.text, found.confidence) == ("A blue car.", 0.9)


@pytest.mark.parametrize(
    ("word", "place"), [("supported", 0), ("unsupported", None), ("not supported", None)]
)
def test_a_verdict_is_the_word_itself(word: str, place: int | None) -> None:
    assert read_verdict(f'{{"verdict": "{word}"}}')[0] == place
    assert read_verdict(f"The claim is {word}.")[0] == place


def test_a_letter_is_read_out_of_json_that_was_cut_off() -> None:
    assert parse_choice('{"answer": "B", "seconds": [1,', OPTIONS).index == 1


@pytest.mark.parametrize(
    ("value", "share"),
    [(0.8, 0.8), (1, 1.0), (80, 0.8), ("80 %", 0.8), ("0.8", 0.8), ("1%", 0.01)],
)
def test_a_confidence_is_read_in_the_forms_models_write(value, share) -> None:
    assert read_share(value) == pytest.approx(share)


@pytest.mark.parametrize("value", [None, True, "high", -1, 101, [], {}, float("nan")])
def test_what_is_no_confidence_is_none(value) -> None:
    assert read_share(value) is None


def test_times_are_read_in_the_forms_models_write() -> None:
    said = [12, 3.5, "7.0", "<8.0 seconds>", "1:02.5", "1:00:00", "9s", None, "soon", -1, True]
    assert read_times(said) == (12, 3.5, 7, 8, 62.5, 3600, 9)
    assert read_times("4 seconds") == (4,)
    assert read_times(["12m30s", "0:12:30", "1h 2m"]) == (750, 750, 3720)
    assert read_times(["12.0-15.5", "0:12 to 0:15", "00:00:12,500"]) == (12, 15.5, 12, 15, 12.5)
    assert read_times("12.0, 14.0") == (12, 14)
    assert read_times("frame 3, at 30.5 s") == (30.5,)
    assert read_times([[12, 15], {"start": 20, "end": "21s"}]) == (12, 15, 20, 21)


def test_json_comes_out_of_its_fence() -> None:
    assert read_json('```json\n{"a": 1}\n```') == {"a": 1}
    with pytest.raises(ValueError):
        read_json("a: 1")


@pytest.mark.parametrize(
    "text",
    [
        "<box>100 200 300 400</box>",
        "It is here: <box>100, 200, 300, 400</box>.",
        "<|box_start|>(100,200),(300,400)<|box_end|>",
        '```json\n[{"bbox_2d": [100, 200, 300, 400], "label": "fish"}]\n```',
        '{"bbox_2d": [300, 400, 100, 200]}',
        '{"box": [0.1, 0.2, 0.3, 0.4]}',
        "[100, 200, 300, 400]",
        "The fish is at (100, 200, 300, 400).",
    ],
)
def test_a_box_is_read_in_the_forms_models_write(text: str) -> None:
    assert read_box(text) == Box(0.1, 0.2, 0.3, 0.4)


def test_a_box_in_pixels_is_read_by_the_size_of_the_frame() -> None:
    assert read_box('{"bbox_2d": [112, 64, 224, 128]}', (448, 256)) == Box(0.25, 0.25, 0.5, 0.5)
    assert read_box("<box>250 250 500 500</box>", (448, 256)) == Box(0.25, 0.25, 0.5, 0.5)


@pytest.mark.parametrize("text", ["not visible", "Not visible.", "none", "[]", "null", "```[]```"])
def test_no_box_is_an_answer(text: str) -> None:
    assert read_box(text) is None


@pytest.mark.parametrize(
    "text", ["at the left", "<box>1 2 3</box>", "<box>5 5 5 5</box>", '{"x": 1}', "[1, 2]"]
)
def test_what_is_no_box_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        read_box(text)
