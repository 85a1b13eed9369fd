"""A model reads the question: its reply is checked part by part, what is made up is dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agent_doubles import DURATION
from chat_doubles import ScriptedChat
from index_fixtures import SCENES, make_film
from recording_server import RecordingServer

import longtake
from longtake.agent.question import Question
from longtake.agent.understanding.intent import MOST_CUES, Cue, Intent, neutral_intent
from longtake.agent.understanding.understand import (
    LONGEST_CUE,
    LONGEST_QUESTION,
    Understood,
    intent_schema,
    understand,
)
from longtake.index.video.errors import EndpointError
from longtake.index.video.span import Span

CHOICE = Question("What falls after the bell rings?", ("a cup", "a plate"))
OPEN = Question("Was fällt nach dem Läuten vom Tisch?")
GOOD = {
    "answer_form": "choice",
    "scope": "moment",
    "within": None,
    "cues": [
        {"text": "a thing that falls", "modality": "seen", "role": "target"},
        {"text": "a bell ringing", "modality": "any", "role": "anchor"},
    ],
    "needs": ["motion"],
    "negated": False,
}


def read(value, question: Question = CHOICE, duration: float = DURATION) -> Understood:
    text = value if isinstance(value, str) else json.dumps(value)
    return understand(question, duration, ScriptedChat([text]))


def test_what_a_model_reads_joins_the_options_and_what_rules_are_sure_of():
    found = read(GOOD)
    intent = found.intent
    assert (intent.answer_form, intent.scope, intent.source) == ("choice", "moment", "scripted")
    assert intent.cues[:2] == (
        Cue("a thing that falls", "seen", "target"),
        Cue("a bell ringing", None, "anchor"),
    )
    assert [cue.text for cue in intent.cues if cue.role == "option"] == ["a cup", "a plate"]
    assert intent.needs == {"motion"}
    assert found.cost.model_calls == 1
    assert found.cost.tokens_in > 0
    assert (found.dropped, found.problem) == ((), "")
    counted = read(GOOD, Question('How many times is "ready" heard?', ("1", "2")))
    assert {"motion", "count"} <= counted.intent.needs
    assert ("ready", "anchor") in [(cue.text, cue.role) for cue in counted.intent.cues]


def test_without_a_model_the_rules_stand():
    found = understand(CHOICE, DURATION, None)
    assert found.intent == neutral_intent(CHOICE)
    assert (found.cost.model_calls, found.problem) == (0, "")


@pytest.mark.parametrize(
    ("part", "value", "kept"),
    [
        ("answer_form", "poem", "text"),
        ("answer_form", ["text"], "text"),
        ("scope", 7, "whole"),
        ("within", {"start": 30, "end": 60}, None),
        ("within", {"start": 60, "end": 30}, None),
        ("within", {"start": "soon"}, None),
        ("within", [1, 2], None),
        ("within", "1:00", None),
        ("negated", "yes", False),
        ("needs", ["fly", None, {"count": 1}], frozenset()),
        ("needs", "count", frozenset()),
        ("cues", [None, 7, [], {"word": "x"}, {"text": " "}], (Cue(OPEN.text),)),
        ("cues", {"text": "x"}, (Cue(OPEN.text),)),
    ],
)
def test_one_impossible_part_is_dropped_and_the_others_stay(part, value, kept):
    intent = read({**GOOD, "answer_form": "text", part: value}, OPEN).intent
    assert getattr(intent, part) == kept
    others = {"scope": "moment", "needs": {"motion"}}
    for name, right in others.items():
        if name != part:
            assert getattr(intent, name) == right


def test_what_was_dropped_is_told():
    dropped = read({**GOOD, "scope": "?", "cues": [{"text": ""}], "within": {"start": 1}}).dropped
    assert set(dropped) == {"scope", "a cue", "within"}


@pytest.mark.parametrize(
    ("text", "said", "kept"),
    [
        ("Was geschieht zwischen 2:10 und 2:30?", (130, 150), (130, 150)),
        ("Was geschieht in den letzten 30 Sekunden?", (570, 600), (570, 600)),
        ("Was geschieht von Sekunde 189 bis 195?", (189, 195), (189, 195)),
        ("Qu'arrive-t-il après 3 minutes ?", (180, 600), (180, 600)),
        # beyond the film's end it is cut, wholly outside it is dropped
        ("Was geschieht ab 9:00?", (540, 9000), (540, 600)),
        ("Was geschieht ab 90:00?", (5400, 5500), None),
        # made up: the question names no such time
        ("Was geschieht nach dem Tor?", (130, 150), None),
        ("Was trägt die Nummer 7?", (300, 330), None),
    ],
)
def test_a_span_stands_only_where_the_question_names_it(text, said, kept):
    value = {**GOOD, "within": {"start": said[0], "end": said[1]}}
    within = read(value, Question(text)).intent.within
    assert within == (None if kept is None else Span(*kept))


@pytest.mark.parametrize(
    "reply", ["", "I cannot help.", "[]", "null", '{"cues": [', "{" * 5000, "\ud800{"]
)
def test_a_reply_that_is_no_object_leaves_the_rules_and_is_paid_for(reply):
    found = read(reply)
    assert found.intent == neutral_intent(CHOICE)
    assert found.cost.model_calls == 1
    assert found.problem


def test_a_reply_that_is_cut_or_almost_json_keeps_its_parts():
    many = json.dumps({**GOOD, "cues": [{"text": f"plate {k}"} for k in range(5000)]})
    assert [cue.text for cue in read(many).intent.cues[:2]] == ["plate 0", "plate 1"]
    odd = json.dumps(GOOD)[:-1] + ', "within": {"start": NaN, "end": 1}, // done\n}'
    found = read(odd)
    assert "a thing that falls" in [cue.text for cue in found.intent.cues]
    assert (found.intent.within, found.dropped) == (None, ("within",))


def test_an_object_of_nothing_but_nonsense_is_the_neutral_intent():
    nonsense = {"answer_form": 3, "scope": [], "within": 9, "cues": 1, "needs": {}}
    intent = read(nonsense).intent
    assert intent == Intent(**{**_fields(neutral_intent(CHOICE)), "source": "scripted"})


def _fields(intent: Intent) -> dict:
    return {name: getattr(intent, name) for name in Intent.__slots__}


def test_with_options_the_answer_is_a_choice_whatever_a_model_says():
    intent = read({**GOOD, "answer_form": "number"}).intent
    assert intent.answer_form == "choice"
    # the form still says what the answer takes
    assert "count" in intent.needs
    assert "order" in read({**GOOD, "answer_form": "order"}).intent.needs


def test_everything_has_its_longest():
    cues = [{"text": f"{n} " + "x" * (LONGEST_CUE - 1), "role": "boss"} for n in range(13)]
    intent = read({"cues": cues}).intent
    assert len(intent.cues) == MOST_CUES
    assert all(len(cue.text) <= LONGEST_CUE and cue.role == "target" for cue in intent.cues)
    intent = read({"needs": ["count"] * 99}).intent
    assert intent.needs == {"count"}
    assert Intent.from_json(json.loads(json.dumps(intent.to_json()))) == intent


def test_a_question_of_5000_words_is_read_within_bounds_and_stays_whole():
    text = " ".join(f"word{n}" for n in range(5000)) + "?"
    options = tuple(" ".join([letter] * 500) for letter in "xyz")
    chat = ScriptedChat([json.dumps(GOOD)])
    question = Question(text, options)
    understand(question, DURATION, chat)
    assert len(chat.prompts[0]) < 2 * LONGEST_QUESTION + 500
    assert question.text == text
    assert text[:LONGEST_QUESTION] in chat.prompts[0]


def test_a_question_in_another_language_goes_to_the_model_verbatim():
    chat = ScriptedChat([json.dumps(GOOD)])
    understand(OPEN, DURATION, chat)
    assert OPEN.text in chat.prompts[0]
    assert understand(OPEN, DURATION, None).intent == neutral_intent(OPEN)


def test_a_server_that_is_away_leaves_the_rules_and_says_why():
    found = understand(CHOICE, DURATION, ScriptedChat([EndpointError("the server is gone")]))
    assert found.intent == neutral_intent(CHOICE)
    assert found.problem == "the server is gone"


def test_tokens_that_are_not_there_are_not_spent():
    chat = ScriptedChat([json.dumps(GOOD)])
    assert "no room" in understand(CHOICE, DURATION, chat, room=400).problem
    assert chat.history == []
    assert understand(CHOICE, DURATION, chat, room=20_000).problem == ""


def test_the_schema_lets_through_what_is_asked_for():
    properties = intent_schema()["properties"]
    assert set(properties) == set(GOOD)
    assert intent_schema()["required"] == list(properties)


@pytest.mark.parametrize("words", ["{", '{"within": {"start": 9, "end": 12}, "cues": [7]}', "no"])
def test_a_server_that_fills_the_intent_with_nonsense_does_not_change_what_is_asked(
    tmp_path: Path, words: str
):
    film = make_film(tmp_path / "film.mp4", SCENES[:2])
    values = {"answer": "B", "enough": True, "confidence": 0.9, "verdict": "supported"}
    settings = {"encoder": "none", "text_encoder": "none", "ocr": "none"}
    with (
        RecordingServer(words, **values, seconds=[2.0]) as server,
        longtake.open(
            film, profile="served", vlm=server.name, store=tmp_path / "s", **settings
        ) as opened,
    ):
        answer = opened.ask(CHOICE.text, CHOICE.options)
    assert (answer.status, answer.choice) == ("answered", "B")
    assert all(CHOICE.text in text for text in server.answering())


def test_cues_that_share_no_word_with_the_question_stand_behind_the_question():
    intent = read({**GOOD, "cues": [{"text": "900.0 seconds"}]}, OPEN).intent
    assert [cue.text for cue in intent.cues] == [OPEN.text, "900.0 seconds"]
