"""A question about a time: every usual wording is read, and one past the end is refused at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from film_fixtures import make_film

from longtake.agent.question import Question
from longtake.agent.run import check_time
from longtake.agent.understanding.rules import past_end, read_rules
from longtake.index.video.errors import UsageError

# each names 0:30, or a span that begins there
WORDINGS = [
    *("at 0:30", "at 00:00:30", "at 30 s", "at 30s", "at 30 seconds", "at 30 sec", "at second 30"),
    *("at the 30 second mark", "at the 30-second mark", "at the 30-second point", "@ 0:30"),
    *("30 seconds in", "thirty seconds in", "30 seconds into the video", "on second 30"),
    *("at t=30", "at t = 30 s", "at timestamp 30", "at timestamp 0:30", "at the 30th second"),
    *("thirty seconds from the start", "at about 0:30", "around the 30-second mark", "[0:30]"),
    *("between 0:30 and 0:40", "from 0:30 to 0:40", "0:30-0:40", "in 0:30–0:40", "[0:30, 0:40]"),
    *("from 30 s to 40 s", "between 30 and 40 seconds", "from second 30 to second 40"),
    *("in seconds 30 to 40", "between seconds 30 and 40", "from 0:30 onwards", "after 0:30"),
    *("from 0:30 until 0:40", "from 30 seconds to 40 seconds", "from 0:30 to the end"),
    *("starting at 0:30 and ending at 0:40", "after 0:30 and before 0:40", "from 0:30 til 0:40"),
    *("in the part that starts at 0:30 and goes on to 0:40", "from 0:30 up to 0:40"),
    *("at minute 0:30", "between minute 0:30 and minute 0:40", "(0:30)"),
]
IN_A_HURRY = [
    *("sign @ 0:30?", "text on screen at 30 seconds?", "whats that sign say at second 30"),
    *("narration @ 0:30?", "spoken text 0:30 - 0:40?", "what are they saying from 0:30 til 0:40"),
]
OTHER_LANGUAGES = [
    *("Was wird bei 0:30 gesagt?", "Que dit-on à 0:30 ?", "¿Qué se dice en 0:30?"),
    *("Что говорят на 0:30?", "0:30で何と言っていますか", "[0:30-0:40] 发生了什么？"),
    "00:00:30 अंश में क्या कहा गया?",
]
QUESTIONS = [f"What is said {wording}?" for wording in WORDINGS] + IN_A_HURRY + OTHER_LANGUAGES


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_wording_is_read_and_refused_where_the_film_is_shorter(question: str) -> None:
    within = read_rules(question, (), 60.0).within
    assert within is not None
    assert within.start <= 30.0 < within.end
    with pytest.raises(UsageError, match=r"asks about 0:30\.0, after the end of the film") as error:
        check_time(Question(question), 12.0)
    assert "0:12.0" in error.value.remedy
    check_time(Question(question), 60.0)


@pytest.mark.parametrize(
    "question",
    [
        "What is said at 0:03?",
        "What is said in the last ten seconds?",
        "What is said from 0:03 onwards?",
        "What is said until 0:30?",
        "What is said between 0:03 and 0:30?",
        "What changes between 0:03 and 0:04, and what between 0:30 and 0:31?",
        "Which train leaves at 8:30?",
        "Who scores in the 83rd minute of the match?",
        "How long does it take, from 30 seconds to 40 seconds?",
        "Did the record fall from 50 s to 40 s?",
        "El resultado es 78:54, ¿quién gana?",
        "What is said at the end?",
    ],
)
def test_what_names_no_time_past_the_end_is_not_refused(question: str) -> None:
    assert past_end(question, 12.0) is None
    check_time(Question(question), 12.0)


def test_the_last_instant_may_be_rounded_up() -> None:
    assert past_end("What is said at 0:12?", 11.6) is None
    assert past_end("What is said at 0:13?", 11.6) == 13.0
    within = read_rules("What is said at 0:12?", (), 11.6).within
    assert within is None or within.end <= 11.6


def test_the_command_says_the_length_before_it_works(tmp_path: Path, longtake: Callable) -> None:
    film = make_film(tmp_path / "a.mp4", source="testsrc2=s=160x96:r=25:d=2")
    store = tmp_path / "store"
    done = longtake("ask", film, "What is said from 5:00 onwards?", "--store", store)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "The film lasts 0:02.0" in done.err
    assert not [path for path in store.rglob("*") if path.is_file()]
