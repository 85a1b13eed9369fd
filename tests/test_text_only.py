"""Answers from words alone: nothing of the film is shown, lines are cited with their times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recording_server import RecordingServer
from test_telling import BREAD, HARBOUR, film_of

import longtake
from longtake.agent.planners.choose import pick_planner
from longtake.agent.planners.text_only import TextPlanner

QUESTION = "Who built the harbour?"
SAID = {"enough": True, "confidence": 0.9, "verdict": "supported", "seconds": [1.0]}


def ask(folder: Path, server: RecordingServer | None, question: str = QUESTION, **options):
    path = film_of(folder, HARBOUR + BREAD)
    vlm = {"vlm": server.name} if server is not None else {"profile": "embedded"}
    models = {"encoder": "none", "text_encoder": "none", "planning": "scripted", **vlm}
    with longtake.open(path, store=folder / "store", runs=folder / "runs", **models) as film:
        return film.ask(question, text_only=True, **options)


def shows_pictures(server: RecordingServer) -> bool:
    return any("image_url" in json.dumps(body) for body in server.bodies)


def test_a_model_reads_the_words_and_its_answer_cites_the_line_verbatim(tmp_path):
    with RecordingServer(answer="Anna Berg", **SAID) as server:
        answer = ask(tmp_path, server)
        assert not shows_pictures(server)
        (asked,) = server.answering()
    assert "said] Anna Berg kept a book of all boats and their nets." in asked
    assert QUESTION in asked
    assert (answer.answer, answer.status) == ("Anna Berg", "answered")
    cited = answer.evidence[0]
    assert (cited.kind, cited.text, cited.start) == ("speech", HARBOUR[0], 1.0)
    assert cited.verified
    assert answer.usage.frames_shown == 0


def test_options_go_along_verbatim_and_an_unsure_choice_is_still_a_choice(tmp_path):
    choices = ["Anna Berg", "the king", "nobody"]
    with RecordingServer(answer="B", **{**SAID, "confidence": 0.4}) as server:
        answer = ask(tmp_path, server, choices=choices)
        assert not shows_pictures(server)
        assert all(choice in server.answering()[0] for choice in choices)
    assert (answer.choice, answer.answer) == ("B", "the king")


def test_with_options_there_is_an_answer_where_no_reply_can_be_read(tmp_path):
    with RecordingServer("I would rather not say.") as server:
        answer = ask(tmp_path, server, choices=["Anna Berg", "the king", "nobody"])
    assert (answer.status, answer.choice is not None) == ("answered", True)
    assert answer.confidence.raw <= 0.5
    assert any("no usable answer" in caveat for caveat in answer.caveats)


def test_a_model_that_finds_nothing_in_the_words_abstains(tmp_path):
    with RecordingServer(answer="", enough=False, confidence=0.1, seconds=[]) as server:
        answer = ask(tmp_path, server, "What colour is the lighthouse keeper's hat?")
        assert len(server.answering()) == 1  # reading the screen brought no other words
    assert answer.status == "abstained"


def test_a_choice_on_too_few_words_stands_where_the_screen_adds_none(tmp_path):
    with RecordingServer(answer="B", **{**SAID, "enough": False}) as server:
        answer = ask(tmp_path, server, choices=["Anna Berg", "the king", "nobody"])
        assert len(server.answering()) == 1
    assert (answer.choice, answer.answer) == ("B", "the king")


def test_without_a_model_that_reads_the_line_itself_is_the_answer(tmp_path):
    answer = ask(tmp_path, None, "At how many degrees is the dough put into the oven?")
    assert BREAD[2] in str(answer.answer)
    assert answer.evidence[0].text == BREAD[2]
    assert answer.usage.frames_shown == 0


def test_a_chat_model_reads_the_words_where_no_video_llm_knows_the_footage(tmp_path):
    path = film_of(tmp_path, HARBOUR + BREAD)
    models = {"profile": "embedded", "text_encoder": "none", "planning": "scripted"}
    folders = {"store": tmp_path / "store", "runs": tmp_path / "runs"}
    with RecordingServer(answer="Anna Berg", **SAID) as server:
        with longtake.open(path, planner=server.name, **models, **folders) as film:
            answer = film.ask(QUESTION)
        (asked,) = server.answering()
        assert not shows_pictures(server)
    assert f"{HARBOUR[0]}" in asked
    assert (answer.answer, answer.status) == ("Anna Berg", "answered")
    cited = answer.evidence[0]
    assert (cited.text, cited.verified) == (HARBOUR[0], True)
    nothing = {**SAID, "enough": False}
    with (
        RecordingServer(answer="", **nothing) as server,
        longtake.open(path, planner=server.name, **models, **folders) as film,
    ):
        line = film.ask("At how many degrees is the dough put into the oven?")
        absent = film.ask("Who painted the lighthouse keeper's portrait?")
    assert BREAD[2] in str(line.answer)
    assert absent.status == "abstained"


def test_of_more_words_than_the_context_holds_the_passages_asked_about_go_along(tmp_path):
    tail = [f"The boat number {k} left the harbour early in the morning." for k in range(300)]
    path = film_of(tmp_path, [*tail[:150], *BREAD, *tail[150:]], seconds=1.0)
    with RecordingServer(answer="250 degrees", context=2048, **SAID) as server:
        models = {"vlm": server.name, "encoder": "none", "planning": "scripted"}
        with longtake.open(
            path, store=tmp_path / "store", runs=tmp_path / "runs", **models
        ) as film:
            film.ask("At how many degrees is the dough put into the oven?", text_only=True)
        (asked,) = server.answering()
    assert BREAD[2] in asked
    assert len(asked) < 3 * 2048


LONG = [f"The boat number {k} left the harbour early in the morning." for k in range(300)]
LONG[150:150] = BREAD


def read_long(folder: Path, question: str, **says) -> list[str]:
    """Return what a model was asked when it read an hour's words for one question."""
    path = film_of(folder, LONG, seconds=1.0)
    with RecordingServer(**{**SAID, **says}) as server:
        models = {"vlm": server.name, "encoder": "none", "planning": "scripted"}
        with longtake.open(path, store=folder / "store", runs=folder / "runs", **models) as film:
            film.ask(question, text_only=True)
        return server.answering()


def test_the_best_passages_are_read_before_all_words(tmp_path):
    at = LONG.index(BREAD[2]) + 1.0
    question = "At how many degrees is the dough put into the oven?"
    (asked,) = read_long(tmp_path, question, answer="250 degrees", seconds=[at])
    assert BREAD[2] in asked
    assert len(asked) < 9_000
    assert sum(line in asked for line in LONG) < 120


def test_where_the_best_passages_do_not_tell_it_all_words_are_read(tmp_path):
    question = "At how many degrees is the dough put into the oven?"
    first, second = read_long(tmp_path, question, answer="", enough=False, seconds=[])
    assert len(first) < 9_000
    assert all(line in second for line in LONG)


def test_an_answer_likelier_wrong_than_right_takes_no_place_of_abstaining(tmp_path):
    path = film_of(tmp_path, HARBOUR + BREAD)
    models = {"profile": "embedded", "text_encoder": "none", "planning": "scripted"}
    folders = {"store": tmp_path / "store", "runs": tmp_path / "runs"}
    guess = {**SAID, "confidence": 0.3, "seconds": [1.0]}
    with (
        RecordingServer(answer="a sailor", **guess) as server,
        longtake.open(path, planner=server.name, **models, **folders) as film,
    ):
        assert film.ask("Who painted the lighthouse keeper's portrait?").status == "abstained"


def test_the_passage_that_holds_the_answer_is_cited_before_the_line_that_was_named(tmp_path):
    path = film_of(tmp_path, LONG, seconds=1.0)
    with RecordingServer(answer="at 250 degrees", **SAID) as server:
        models = {"vlm": server.name, "encoder": "none", "planning": "scripted"}
        folders = {"store": tmp_path / "store", "runs": tmp_path / "runs"}
        with longtake.open(path, **models, **folders) as film:
            question = "At how many degrees is the dough put into the oven?"
            answer = film.ask(question, text_only=True)
    assert answer.answer == "at 250 degrees"
    assert "250 degrees" in answer.evidence[0].text


def test_what_is_counted_is_looked_for_in_all_words_at_once(tmp_path):
    (asked,) = read_long(tmp_path, "How many boats left the harbour?", answer="300", seconds=[1.0])
    assert all(line in asked for line in LONG)


def test_stretches_that_words_lead_to_are_described_before_the_answer(tmp_path):
    with RecordingServer(answer="Anna Berg", **SAID) as server:
        answer = ask(tmp_path, server, describe=1)
        described = [body for body in server.bodies if "image_url" in json.dumps(body)]
        (asked,) = server.answering()
    assert len(described) == 1
    assert "caption] a room" in asked
    assert answer.answer == "Anna Berg"
    assert 0 < answer.usage.frames_shown <= 16


@pytest.mark.parametrize("planner", [TextPlanner(), TextPlanner(False), TextPlanner(True, 3)])
def test_a_recorded_run_finds_its_planner_by_name(planner):
    assert pick_planner(planner.name) == planner


def test_describing_stretches_belongs_to_answers_from_words(tmp_path, longtake_here):
    path = film_of(tmp_path, HARBOUR)
    ran = longtake_here("ask", path, "Who?", "--describe", "2")
    assert ran.code == 2
    assert "--describe 2 without --text-only" in ran.err


@pytest.mark.parametrize(
    ("question", "answer", "confidence", "stands"),
    [
        ("In which year was the lighthouse built?", "1902", 0.6, False),
        ("In which year was the lighthouse built?", "nineteen hundred", 0.6, False),
        ("How long does it take in all?", "95 minutes", 0.9, True),  # worked out by a sure model
        ("How many people are mentioned?", "2", 0.6, True),  # a count need not be said
        ("How hot is the oven?", "250 degrees", 0.6, True),  # said
        ("At what time does it end, by the film's clock?", "at 0:12", 0.6, True),
    ],
)
def test_a_number_that_no_line_says_takes_a_sure_model(
    tmp_path, question, answer, confidence, stands
):
    said = {**SAID, "answer": answer, "confidence": confidence}
    with RecordingServer(**said) as server:
        told = ask(tmp_path, server, question)
    assert (told.status == "answered", told.answer == answer) == (stands, stands)


@pytest.mark.parametrize(("verdict", "profile"), [("unclear", "served"), ("refuted", "embedded")])
def test_an_answer_that_its_lines_do_not_support_does_not_stand(tmp_path, verdict, profile):
    path = film_of(tmp_path, LONG, seconds=1.0)
    folders = {"store": tmp_path / "store", "runs": tmp_path / "runs"}
    said = {**SAID, "verdict": verdict, "seconds": [100.0]}
    with RecordingServer(answer="a sailor", **said) as server:
        named = {"vlm" if profile == "served" else "planner": server.name}
        models = {"encoder": "none", "text_encoder": "none", "planning": "scripted", **named}
        with longtake.open(path, **models, **folders) as film:
            question = "Who painted the lighthouse keeper's portrait?"
            answer = film.ask(question, text_only=profile == "served")
        judged = server.judging()
    assert answer.status == "abstained"
    assert judged
    assert all("Proposed answer: a sailor" in asked for asked in judged)
    # beside the line that was cited only those around it, of three hundred
    assert all("boat number 100 " in asked for asked in judged)
    assert not any("boat number 120 " in asked for asked in judged)
