"""The answer document: its fields to the letter, caveats, clamps."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from agent_doubles import DURATION, Toolbox, brought, looked, run_double, verdict
from pydantic import ValidationError

from longtake.agent.answer import Answer, FilmDoc, gaps
from longtake.tools.results import Answered

FIELDS = [
    "schema_version",
    "run_id",
    "film",
    "question",
    "choices",
    "status",
    "answer",
    "choice",
    "confidence",
    "evidence",
    "stop_reason",
    "caveats",
    "models",
    "usage",
    "timings",
]
QUESTION = "What does the baker put into the oven?"
CHOICES = ("bread", "a pizza")
SURE = looked("overview", 40, 48, {"A": 0.1, "B": 0.9}, "a pizza")


def answered(tmp_path, choices=CHOICES, **script):
    tools = {"overview": lambda a, n: SURE, "verify": lambda a, n: verdict(), **script}
    return run_double(tmp_path, Toolbox(tools), QUESTION, choices)


def test_the_document_has_these_fields_in_this_order(tmp_path):
    document = answered(tmp_path).to_json()
    assert list(document) == FIELDS
    assert list(document["film"]) == ["id", "path", "duration", "coverage"]
    assert list(document["confidence"]) == ["raw", "calibrated", "method"]
    found = ["id", "start", "end", "kind", "text", "frames", "tool", "verified", "supports"]
    assert list(document["evidence"][0]) == found
    assert list(document["evidence"][0]["frames"][0]) == ["seconds", "sha256"]
    spent = ["model_calls", "frames_decoded", "frames_shown", "tokens_in", "tokens_out", "seconds"]
    assert list(document["usage"])[:7] == [*spent, "usd"]
    assert document["choices"] == list(CHOICES)
    assert (document["choice"], document["answer"]) == ("B", "a pizza")
    assert document["usage"]["usd"] is None
    assert document["timings"]["total"] >= 0


def test_the_document_survives_json_and_refuses_more_fields(tmp_path):
    answer = answered(tmp_path)
    assert Answer.model_validate(json.loads(json.dumps(answer.to_json()))) == answer
    with pytest.raises(ValidationError):
        Answer.model_validate({**answer.to_json(), "extra": 1})


def test_evidence_says_what_it_supports(tmp_path):
    answer = answered(tmp_path)
    assert answer.evidence[0].supports == answer.choice == "B"
    assert [(s.start, s.end) for s in answer.spans] == [(40, 48)]


def test_an_abstention_cites_nothing_and_says_why(tmp_path):
    nothing = Answered("", enough=False)
    answer = answered(tmp_path, (), overview=lambda a, n: brought("overview", nothing, frames=8))
    assert (answer.status, answer.answer, answer.evidence) == ("abstained", None, [])
    assert answer.confidence.calibrated is None
    assert any("nothing in it was found" in caveat for caveat in answer.caveats)


def test_stretches_that_do_not_decode_are_told():
    film = FilmDoc(id="f", path="f.mp4", duration=100, coverage=[(0, 30), (60, 90)])
    assert gaps(film) == [
        "the film does not decode at 0:30.0-1:00.0: nothing is claimed about it",
        "the film does not decode at 1:30.0-1:40.0: nothing is claimed about it",
    ]
    assert gaps(film.model_copy(update={"coverage": [(0.0, 99.5)]})) == []


def test_notes_of_the_tools_become_caveats_once(tmp_path):
    noted = replace(SURE, notes=("a span was cut to the film's end",))
    answer = answered(tmp_path, overview=lambda a, n: noted)
    assert answer.caveats.count("overview: a span was cut to the film's end") == 1


def test_times_are_clamped_into_the_film(tmp_path):
    late = looked("overview", DURATION - 3, DURATION + 9, {"A": 0.1, "B": 0.9})
    answer = answered(tmp_path, overview=lambda a, n: late)
    assert (answer.evidence[0].start, answer.evidence[0].end) == (DURATION - 3, DURATION)


def test_usage_adds_up_over_all_calls(tmp_path):
    answer = answered(tmp_path)
    # the first look, and the check of its evidence
    assert answer.usage.frames_shown == 8 + 4
    assert answer.usage.model_calls == 2
