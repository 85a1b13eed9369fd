"""What the question rules read, what they leave alone, and how they fare on public questions."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from longtake.agent.question import Question
from longtake.agent.understanding.intent import Cue, neutral_intent
from longtake.agent.understanding.options import options_inside
from longtake.agent.understanding.rules import read_rules
from longtake.eval.question_labels import Label, faults, load_labels, stated
from longtake.index.video.span import Span, parse_seconds

HOUR = 3600.0
LABELS = Path(__file__).parent / "data" / "question_labels.jsonl"


def within(question: str, duration: float = 2 * HOUR) -> tuple[float, float] | None:
    span = read_rules(question, (), duration).within
    return None if span is None else (span.start, span.end)


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("Who walks in between 12:30 and 13:10?", (750, 790)),
        ("0:03 to 0:06: what does the host hold up?", (3, 6)),
        ("What changes from 1:02:03 until 1:05:00?", (3723, 3900)),
        ("From 1:02:03 until the end, who is still at the table?", (3723, 7200)),
        ("What colour is the tent in the first ten minutes?", (0, 600)),
        ("What is on the stove in the last 30 seconds of the clip?", (7170, 7200)),
        ("What is built from the 39th to 43rd minute?", (2280, 2580)),
        ("Between the 6th and 13th minutes of the video, why does she laugh?", (300, 780)),
        ("What does the potter do in [[00:11:20,00:11:24]]?", (680, 684)),
        ("What is cut in the interval [[274, 278]]?", (274, 278)),
        ("Which tool is used from second 189 to second 195?", (189, 195)),
        ("What is shown between minutes 5 and 7?", (300, 420)),
        ("What is poured between 1 and 2 minutes into the film?", (60, 120)),
        ("Who leaves during the third minute of the movie?", (120, 180)),
        ("What does the coach draw until 0:45?", (0, 45)),
    ],
)
def test_a_part_named_by_the_films_clock_is_read(question: str, part: tuple[float, float]) -> None:
    assert within(question) == part


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("What happens at 2:00?", 120),
        ("What lies on the bench at 10 minutes and 40 seconds in the video?", 640),
        ("Who speaks around 90 s?", 90),
        ("At the 5 minute mark, what is on the screen?", 300),
        ("What is on the wall at timestamp 1:02:03?", 3723),
        ("Twenty-five minutes into the film, who arrives?", 1500),
        ("What is seen at [[0:33]]?", 33),
        ("At 95:10, what falls?", 5710),
    ],
)
def test_an_instant_is_read_as_a_short_part_around_it(question: str, second: float) -> None:
    intent = read_rules(question, (), 2 * HOUR)
    assert intent.scope == "moment"
    assert intent.within is not None
    assert intent.within.contains(second)
    assert intent.within.duration <= 30


@pytest.mark.parametrize(
    "question",
    [
        "Which song from the 90s is played?",
        "Where do they meet at 5 o'clock?",
        "Was the final score 3:1 or 3:2?",
        "What does she cook at 1:30 pm?",
        "When he gets up at 6:30, what does he drink?",
        "What does her daily routine look like from 5:00 to 7:20 in the video?",
        "Who scores in the 83rd minute?",
        "Which team leads at 67:20?",
        "How did the player shoot at 10 minutes and 33 seconds in the second quarter?",
        "Who finishes the puzzle in 25 minutes?",
        "How long is the dough kneaded, 10 minutes or 20 minutes?",
        "Is the red car twice as fast as the blue one?",
        "What was invented in 1999?",
        "What is sold for 3.50 at the second stall?",
        "Which girl is 12 years old?",
        "A clock on the wall shows 11:43. What hangs beside it?",
        "What happened in the last 24 hours?",
        "What does he say he did in the last two minutes?",
        "When the baker folds the dough, how often does he turn it in the first ten seconds?",
        "What happens at 2:00 and what happens at 5:00?",
        'What is shown when the guide says "we leave at 4:50"?',
        "What is the ratio, 16:9 or 4:3?",
    ],
)
def test_numbers_that_may_mean_another_clock_are_left_alone(question: str) -> None:
    assert within(question) is None


def test_a_time_past_the_end_of_the_film_is_left_alone() -> None:
    assert within("What happens at 12:30?", 600) is None
    assert within("What happens in the last 30 minutes?", 600) is None
    assert within("What happens between 9:30 and 10:20?", 600) == (570, 600)


def test_minutes_above_59_are_a_time() -> None:
    assert parse_seconds("62:33.4") == parse_seconds("1:02:33.4") == 3753.4
    with pytest.raises(ValueError, match="H:MM:SS"):
        parse_seconds("1:75:10")


@pytest.mark.parametrize(
    ("question", "needs"),
    [
        ("How many times does the bell ring?", {"count"}),
        ("How many boats are in the harbour?", {"count"}),
        ("How many minutes does the cake stay in the oven?", set()),
        ("How many people did the storm kill, according to the report?", set()),
        ("How many brothers does he say he has?", {"listen"}),
        ("What does the guide say about the bridge?", {"listen"}),
        ("When is the ferry mentioned?", {"listen"}),
        ("What are the two fishermen talking about?", {"listen"}),
        ("What does the man in the hat say?", {"listen"}),
        ("What does the sign above the gate say?", {"read"}),
        ("What is written on the crate?", {"read"}),
        ("Which number is on the sign that starts with DOCK?", {"read"}),
        ("What does the slide about costs say?", {"read"}),
        ("In what order do the four dancers enter?", {"order"}),
        ("Put these scenes in chronological order: harbour, market, church.", {"order"}),
        ("What did the guest order first?", set()),
        ("He reads a book in order to relax. Where does he sit?", set()),
        ("Who is talking to the driver?", set()),
        ("How does she say goodbye?", set()),
        ("What does he do after reading the letter?", set()),
        ("Why does the dog bark?", set()),
    ],
)
def test_only_what_the_words_say_for_certain_is_needed(question: str, needs: set[str]) -> None:
    assert read_rules(question).needs == needs


def test_an_amount_is_a_number_and_an_order_an_order_only_where_there_are_no_options() -> None:
    assert read_rules("How many minutes does the cake stay in the oven?").answer_form == "number"
    assert read_rules("In what order do the dancers enter?").answer_form == "order"
    assert read_rules("How many boats are there?", ["two", "three"]).answer_form == "choice"
    assert read_rules("Who opens the gate?").answer_form == "text"


def test_an_amount_beyond_counting_is_not_counted() -> None:
    question = "How many seats are in the hall?"
    assert read_rules(question, ["4", "6"]).needs == {"count"}
    assert read_rules(question, ["1,024 seats", "5120 seats"]).needs == set()


@pytest.mark.parametrize(
    ("question", "negated"),
    [
        ("Which of the following is NOT on the table?", True),
        ("Which animal does not appear?", True),
        ("Who isn't wearing a helmet?", True),
        ("All of the following are sold except:", True),
        ("Which of these statements is incorrect?", True),
        ("When the bell rings, what object is not present?", True),
        ("Why isn't the child wearing a helmet?", False),
        ("What did he do when he could not open the door?", False),
        ("What does the woman who does not sing hold?", False),
        ("Who is not only singing but also dancing?", False),
        ("What is wrong with the bicycle?", False),
        ("What does the boy say he doesn't like?", False),
        ("Is there a knot in the rope?", False),
    ],
)
def test_only_a_question_for_what_is_not_so_is_negated(question: str, negated: bool) -> None:
    assert read_rules(question).negated is negated


@pytest.mark.parametrize(
    ("question", "cues"),
    [
        ("What is shown when she says 'mind the gap'?", [("mind the gap", "said")]),
        ("After the subtitle “let's go home” appears, who waves?", [("let's go home", "said")]),
        ("When does the text “ROOM 118” appear?", [("ROOM 118", "written")]),
        ("A box with 'FRAGILE' written on it falls. Who drops it?", [("FRAGILE", "written")]),
        ("How often is the 'triple jump' performed?", [("triple jump", None)]),
        ("What is Leonard 's laptop doing in Sheldon 's room?", []),
        ("What are the boys' and the girls' teams called?", []),
        ("Who were the '90s stars of the '80s film?", []),
    ],
)
def test_quoted_phrases_are_cues(question: str, cues: list[tuple[str, str | None]]) -> None:
    intent = read_rules(question)
    found = [(cue.text, cue.modality) for cue in intent.cues if cue.role == "anchor"]
    assert found == cues
    assert Cue(question) in intent.cues


@pytest.mark.parametrize(
    "question",
    [
        "Was sagt der Mann um 12:30, und wie oft steht „EXIT“ auf dem Schild?",
        "Que dit la dame entre 12:30 et 13:10 ?",
        "¿Cuántas veces aparece 'SALIDA' en el minuto 3?",
        "Сколько людей появляется в 12:30?",
        "视频中第39分钟到43分钟发生了什么？",
        "कितने लोग 2:00 पर दिखाई देते हैं?",
        "12:30?",
    ],
)
def test_a_question_in_another_language_is_read_as_neutral(question: str) -> None:
    options = ["A", "B"]
    assert read_rules(question, options, HOUR) == neutral_intent(Question(question, tuple(options)))


@pytest.mark.parametrize(
    "unit",
    [
        "What is the man at the long table doing while the others wait outside? ",
        "what 'a ",
        'what "a ',
        "which is it, which at 12:30 and ",
        "how many of the following is correct except ",
        "what does the sign on the ",
        "the first ten minutes and 3 hours ",
    ],
)
def test_reading_time_grows_no_faster_than_the_question(unit: str) -> None:
    words = len(unit.split())

    def seconds(count: int) -> float:
        text = unit * (count // words)
        began = time.perf_counter()
        read_rules(text, (), HOUR)
        options_inside(text)
        return time.perf_counter() - began

    seconds(500)
    # eight times the words: a quadratic rule would take 64 times as long
    assert min(seconds(8000) for _ in range(2)) < 30 * max(
        min(seconds(1000) for _ in range(3)), 0.002
    )


def test_rules_never_read_the_options_of_a_question_as_its_words() -> None:
    options = ["No, he does not say it", "Not at 2:00", "How many?", "Normal"]
    intent = read_rules("What does the runner carry?", options, HOUR)
    assert intent == neutral_intent(Question("What does the runner carry?", tuple(options)))


@pytest.mark.parametrize(
    ("question", "stem", "options"),
    [
        ("What colour is it? (A) red (B) light blue", "What colour is it?", ("red", "light blue")),
        ("What is it? A. a cat B. a dog C. a cow", "What is it?", ("a cat", "a dog", "a cow")),
        ("Who wins: a) Ann, b) Bob", "Who wins:", ("Ann", "Bob")),
        (
            "Where is it?\nA: at sea\nB: on land\nAnswer with the letter.",
            "Where is it?\nAnswer with the letter.",
            ("at sea", "on land"),
        ),
        ("Which is shown?\n1. tram\n2. bus\n3. car", "Which is shown?", ("tram", "bus", "car")),
        ("Which is shown?\n- tram\n- bus", "Which is shown?", ("tram", "bus")),
        ("What is it? Options: (A) tea (B) soup", "What is it?", ("tea", "soup")),
        ("¿De qué color es? (A) rojo (B) azul", "¿De qué color es?", ("rojo", "azul")),
    ],
)
def test_options_inside_a_question_are_split_off(
    question: str, stem: str, options: tuple[str, ...]
) -> None:
    assert options_inside(question) == (stem, options)


@pytest.mark.parametrize(
    "question",
    [
        "What colour is it?",
        "What did Mr. A. Jones give to B. Brown?",
        "Is plan A better than plan B?",
        "Arrange the events: (1)a cat sleeps; (2)a dog barks; (3)a man sings.",
        "In which order do they happen?\n1. rain\n2. snow",
        "(A) red (B) blue",
        "What is in bowl (A)?",
    ],
)
def test_a_question_without_options_inside_is_left_whole(question: str) -> None:
    assert options_inside(question) is None


# ---- public questions, labelled by hand


def wrong(labels: list[Label]) -> list[tuple[dict[str, str], str]]:
    readings = [(label, read_rules(label.text, label.options, label.duration)) for label in labels]
    return [(fault, label.text) for label, r in readings if (fault := faults(r, label))]


def check(labels: list[Label], least_stated: float) -> None:
    """At most 3 % of the questions read wrongly, and not by saying nothing."""
    assert len(wrong(labels)) <= 0.03 * len(labels), wrong(labels)
    says = [
        any(stated(read_rules(label.text, label.options, label.duration)).values())
        for label in labels
    ]
    assert sum(says) >= least_stated * len(labels)


def test_the_rules_read_public_questions_with_committed_text_rightly() -> None:
    labels, missing = load_labels(LABELS, None)
    assert len(labels) + len(missing) == 300
    assert {label.values["source"] for label in labels} == {"next_gqa"}
    check(labels, least_stated=0.05)


def test_the_rules_read_all_labelled_public_questions_rightly() -> None:
    folder = os.environ.get("LONGTAKE_TEST_QUESTIONS")
    if not folder:
        pytest.skip("no question sets: LONGTAKE_TEST_QUESTIONS names the folder of their copies")
    labels, missing = load_labels(LABELS, Path(folder))
    assert not missing
    check([label for label in labels if not label.tuning], least_stated=0.25)


def test_a_wrong_reading_is_found_out_by_the_labels() -> None:
    labels, _ = load_labels(LABELS, None)
    label = next(label for label in labels if label.values["needs"] == ["cause"])
    intent = neutral_intent(Question(label.text, label.options))
    assert faults(intent, label) == {}
    assert "within" in faults(replace(intent, within=Span(3, 9)), label)
    assert faults(replace(intent, needs=frozenset({"count"})), label) == {"needs": "count"}
    assert "negated" in faults(replace(intent, negated=True), label)
    assert "answer_form" in faults(replace(intent, answer_form="order"), label)
    assert "quoted" in faults(replace(intent, cues=(Cue("thumbs", "said", "anchor"),)), label)
