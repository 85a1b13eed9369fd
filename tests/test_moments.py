"""A time in a question is where to look, not a word to look for."""

from __future__ import annotations

import pytest

from longtake.index.video.span import Span
from longtake.tools.evidence import found
from longtake.tools.results import Described, Judged, Line, Lines
from longtake.tools.results import ToolResult as Found
from longtake.world.grammar.moments import FAR, fitted, inside, seconds_of, split_moment
from longtake.world.grammar.question import read_question
from longtake.world.grammar.reading import Reading
from longtake.world.planner.calls import enumerate_all, zoom_time
from longtake.world.planner.timed import at_moment, looks_only, names_nothing


@pytest.mark.parametrize(
    ("question", "rest", "within"),
    [
        ("What colour is the cup at 2:00?", "What colour is the cup?", (119.0, 121.0)),
        ("At 1:02:03, what is shown?", "what is shown?", (3722.0, 3724.0)),
        ("What happens between 1:00 and 1:10?", "What happens?", (60.0, 70.0)),
        ("From 1:10 to 1:00, what is said?", "what is said?", (60.0, 70.0)),
        ("Where is the boat before 2:00?", "Where is the boat?", (0.0, 120.0)),
        ("When does the boot appear after 1:30?", "When does the boot appear?", (90.0, FAR)),
        ("Is there a fish in the first minute?", "Is there a fish?", (0.0, 60.0)),
        ("What is shown in the last 10 seconds?", "What is shown?", (-10.0, 0.0)),
        ("What can be seen 30 seconds into the film?", "What can be seen?", (29.0, 31.0)),
        ("Describe the scene at minute 2", "Describe the scene", (119.0, 121.0)),
        ("What is at 2 minutes and 5 seconds?", "What is?", (124.0, 126.0)),
    ],
)
def test_a_time_is_taken_off_the_question(
    question: str, rest: str, within: tuple[float, float]
) -> None:
    assert split_moment(question) == (rest, within)


@pytest.mark.parametrize(
    "question",
    [
        "When does the red fish appear?",
        "What appears 10 seconds after the red fish?",
        "At what time in the film is the yellow penguin shown?",
        "Which object is seen right after the sign SHED 69 is shown?",
        "What comes after the sign that says 'OPEN AFTER 9:30'?",
        "Is the film longer than 2 minutes?",
        "How many bottles are there in the first scene?",
    ],
)
def test_numbers_that_are_no_time_of_the_film_stay(question: str) -> None:
    assert split_moment(question) == (question, None)


def test_the_last_seconds_and_an_open_end_are_fitted_into_the_film() -> None:
    assert fitted((-10.0, 0.0), 180.0) == (170.0, 180.0)
    assert fitted((90.0, FAR), 180.0) == (90.0, 180.0)
    assert fitted((179.0, 181.0), 180.0) == (178.0, 180.0)
    assert fitted((299.0, 301.0), 180.0) is None
    assert seconds_of("1:02:03.5") == 3723.5


def test_the_reading_keeps_the_part_and_the_words_as_asked() -> None:
    reading = read_question("What colour is the cup at 2:00?")
    assert (reading.kind, reading.subject, reading.within) == ("retrieve", "cup", (119.0, 121.0))
    assert reading.question == "What colour is the cup at 2:00?"
    assert Reading.from_json(reading.to_json()) == reading


def test_every_search_stays_inside_the_part_and_looks_are_left_alone() -> None:
    search = inside(enumerate_all("a cup"), (119.0, 121.0))
    assert search.args["within"] == {"start": 119.0, "end": 121.0}
    assert inside(enumerate_all("a cup"), None) == enumerate_all("a cup")
    look = zoom_time([Span(1, 2)])
    assert inside(look, (119.0, 121.0)) == look


@pytest.mark.parametrize(
    ("question", "nothing", "looked_at"),
    [
        ("What is on screen at 0:35?", True, True),
        ("What happens between 1:00 and 1:10?", True, True),
        ("What is said at 0:15?", True, False),
        ("What does the narrator say at 1:05?", True, False),
        ("What number is on the screen at 2 seconds?", True, False),
        ("What colour is the cup at 2:00?", False, True),
        ("What is on screen?", False, True),
    ],
)
def test_what_is_there_at_a_time_needs_no_search(
    question: str, nothing: bool, looked_at: bool
) -> None:
    reading = read_question(question)
    assert names_nothing(reading) is nothing
    if nothing:
        assert looks_only(reading) is looked_at


def test_a_moment_is_described_and_each_thing_in_it_put_to_the_vlm() -> None:
    recipe = at_moment(read_question("What is on screen at 0:35?"))
    span = Span(34, 36)
    assert next(recipe).tool == "caption_clip"
    listed = Found("caption_clip", {}, "", payload=Described("in the snow: a red fish, a sign"))
    assert recipe.send(listed).args["claim"] == "a red fish"
    seen = found("frame", span, "a red fish", "verify")
    supported = Found("verify", {}, "", (seen,), payload=Judged("supported", 0.9))
    assert recipe.send(supported).args["claim"] == "a sign"
    with pytest.raises(StopIteration) as stop:
        recipe.send(Found("verify", {}, "", payload=Judged("refuted", 0.1)))
    assert stop.value.value.answer == "in the snow: a red fish, a sign"
    assert [claim.statement for claim in stop.value.value.claims] == ["a red fish"]


def test_what_is_said_at_a_time_is_told_word_for_word() -> None:
    recipe = at_moment(read_question("What is said at 0:15?"))
    assert next(recipe).tool == "read_transcript"
    line = Line(Span(14, 16), "The code is 4723.", "speech", 1.0)
    cited = found("speech", line.span, line.text, "read_transcript")
    with pytest.raises(StopIteration) as stop:
        recipe.send(Found("read_transcript", {}, "", (cited,), payload=Lines((line,))))
    assert stop.value.value.answer == "The code is 4723."
    assert [claim.evidence_id for claim in stop.value.value.claims] == [cited.id]


@pytest.mark.parametrize(
    "question",
    [
        "Who comes home at 8:30 pm?",
        "What does she do at 7:15 in the morning?",
        "Who is awake at 2:00 a.m. on the farm?",
        "Who rings at 10:00 o'clock?",
    ],
)
def test_the_time_of_day_is_no_time_of_the_film(question: str) -> None:
    assert split_moment(question) == (question, None)
