"""The answer document: its fields to the letter, caveats, clamps."""

from __future__ import annotations

import json

import pytest
from agent_doubles import Toolbox, brought, items, run_double, searched, verdict
from pydantic import ValidationError

from longtake.agent.answer import Answer, FilmDoc, gaps

FIELDS = [
    "schema_version", "run_id", "film", "question", "choices", "status", "answer", "choice",
    "confidence", "evidence", "stop_reason", "caveats", "models", "usage", "timings",
]  # fmt: skip


def answered(tmp_path, question="When does the red fish appear?", choices=(), **script):
    tools = {
        "search_clips": searched,
        "enumerate": lambda a, n: items("enumerate", [(10, 15, 0.8)], "a red fish"),
        "verify": lambda a, n: verdict(),
        **script,
    }
    return run_double(tmp_path, Toolbox(tools), question, choices)


def test_the_document_has_these_fields_in_this_order(tmp_path):
    document = answered(tmp_path).to_json()
    assert list(document) == FIELDS
    assert list(document["film"]) == ["id", "path", "duration", "coverage"]
    assert list(document["confidence"]) == ["raw", "calibrated", "method"]
    assert list(document["evidence"][0]) == [
        "id", "start", "end", "kind", "text", "frames", "tool", "verified", "supports",
    ]  # fmt: skip
    assert list(document["evidence"][0]["frames"][0]) == ["seconds", "sha256"]
    assert list(document["usage"]) == [
        "model_calls", "frames_decoded", "frames_shown", "tokens_in", "tokens_out", "seconds", "usd",
    ]  # fmt: skip
    assert document["choices"] is None
    assert document["usage"]["usd"] is None
    assert document["timings"]["total"] >= 0


def test_the_document_survives_json_and_refuses_more_fields(tmp_path):
    answer = answered(tmp_path)
    assert Answer.model_validate(json.loads(json.dumps(answer.to_json()))) == answer
    with pytest.raises(ValidationError):
        Answer.model_validate({**answer.to_json(), "extra": 1})


def test_evidence_says_what_it_supports(tmp_path):
    answer = answered(tmp_path)
    assert answer.evidence[0].supports == answer.answer
    assert [(s.start, s.end) for s in answer.spans] == [(10, 15)]


def test_an_abstention_cites_nothing_and_says_why(tmp_path):
    answer = answered(tmp_path, enumerate=lambda a, n: items("enumerate", [], ""))
    assert (answer.status, answer.answer, answer.evidence) == ("abstained", None, [])
    assert answer.caveats == ["a red fish: not found in the film"]


def test_stretches_that_do_not_decode_are_told():
    film = FilmDoc(id="f", path="f.mp4", duration=100, coverage=[(0, 30), (60, 90)])
    assert gaps(film) == [
        "the film does not decode at 0:30.0-1:00.0: nothing is claimed about it",
        "the film does not decode at 1:30.0-1:40.0: nothing is claimed about it",
    ]
    assert gaps(film.model_copy(update={"coverage": [(0.0, 99.5)]})) == []


def test_notes_of_the_tools_become_caveats_once(tmp_path):
    from dataclasses import replace

    def noted(args, n):
        found = items("enumerate", [(10, 15, 0.8)], "a red fish")
        return replace(found, notes=("a span was cut to the film's end",))

    answer = answered(tmp_path, enumerate=noted)
    assert answer.caveats.count("enumerate: a span was cut to the film's end") == 1


def test_usage_adds_up_over_all_calls(tmp_path):
    answer = answered(tmp_path, search_clips=lambda a, n: brought("search_clips", {"hits": []}))
    assert answer.usage.frames_shown == 4 + 4
    assert answer.usage.model_calls == 2
