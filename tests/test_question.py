"""The door: what may be asked, which options are taken, and options that stand in the text."""

from __future__ import annotations

import pytest

from longtake.agent.question import NO_TEXT, Question, check_question
from longtake.agent.understanding.options import question_as_put
from longtake.index.video.errors import UsageError

LISTED = "What is the man holding?\n(A) a lamp\n(B) a rope\n(C) nothing\nAnswer with the letter."


def test_a_question_is_kept_verbatim():
    text = "  Wer sagt “NEIN”?\n\nUnd wann?  "
    assert check_question(text) == Question(text.strip())
    assert check_question(text).letters == ()


def test_benchmarks_own_options_are_taken_and_told_apart():
    asked = check_question("How many?", [3, 2.5, "", "a  lamp ", "a lamp"])
    assert asked.options == ("3", "2.5", NO_TEXT, "a lamp", "a lamp")
    assert asked.letters == ("A", "B", "C", "D", "E")
    assert asked.option("E") == "a lamp"


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("", None, "question = ''"),
        (" ?! ", None, "it is empty"),
        (7, None, "it is no text"),
        ("Who?", ["one"], "one choice is not a choice"),
        ("Who?", "ab", "they are no list"),
        ("Who?", {"a": 1, "b": 2}, "they are no list"),
        ("Who?", ["a", None], r"choices\[1\] = None"),
        ("Who?", ["a", True], r"choices\[1\] = True"),
        ("Who?", [str(n) for n in range(27)], "27 given, at most 26"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(text, options, says):
    with pytest.raises(UsageError, match=says) as caught:
        check_question(text, options)
    assert "\n" not in caught.value.message


def test_options_inside_the_text_are_taken_and_the_text_stays_verbatim():
    asked = question_as_put(LISTED)
    assert asked.text == LISTED
    assert asked.options == ("a lamp", "a rope", "nothing")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("What is it? A. a cat B. a dog", ("a cat", "a dog")),
        ("¿De qué color es?\na) rojo\nb) azul", ("rojo", "azul")),
        ("これは何ですか？\n1. 猫\n2. 犬", ("猫", "犬")),
        ("Which one is shown?\n- a tram\n- a bus\n- a boat", ("a tram", "a bus", "a boat")),
        ("Name the animal. Options:\n1. cat\n2. dog", ("cat", "dog")),
    ],
)
def test_options_are_found_in_the_forms_that_people_paste(text, options):
    assert question_as_put(text).options == options


@pytest.mark.parametrize(
    "text",
    [
        "What did Mr. A. Jones give to B. Brown?",
        "Describe these scenes:\n- the opening\n- the end",
        "Say in a sentence each what happens in\n1. the kitchen\n2. the garden",
        "In which order do they happen?\n1. rain\n2. snow",
        "Which of them is named?\n" + "\n".join(f"{n}. name {n}" for n in range(1, 41)),
    ],
)
def test_other_lists_are_part_of_an_open_question(text):
    assert question_as_put(text) == Question(text)


def test_given_options_come_before_those_in_the_text():
    asked = question_as_put(LISTED, ["yes", "no"])
    assert (asked.text, asked.options) == (LISTED, ("yes", "no"))


def test_the_same_checks_hold_at_the_door():
    with pytest.raises(UsageError, match="it is empty"):
        question_as_put(" ")
    with pytest.raises(UsageError, match="one choice"):
        question_as_put("Who?", ["Ann"])
