"""Reading letters, yes and no, JSON and boxes out of what a model wrote."""

from __future__ import annotations

import pytest

from longtake.index.video.frames import Box
from longtake.models.client.parsing import (
    read_box,
    read_json,
    read_letter,
    read_object,
    read_share,
    read_times,
)

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
    assert read_letter(text, "ABCD", OPTIONS) == letter


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


def test_a_letter_is_read_out_of_json_that_was_cut_off() -> None:
    assert read_letter('{"answer": "B", "seconds": [1,', "ABCD") == "B"


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
