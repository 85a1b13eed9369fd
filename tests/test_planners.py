"""Which planner plans: names, what is refused, the self-test and its memory."""

from __future__ import annotations

import json

import pytest
from chat_doubles import ScriptedChat, call, finish, known_ids

from longtake.agent.planners.choose import pick_planner
from longtake.agent.planners.llm.planner import LlmPlanner
from longtake.agent.planners.llm.self_test import examine, is_fit, situations
from longtake.agent.planners.scripted import ScriptedPlanner
from longtake.config import load_settings
from longtake.index.video.errors import EndpointError, UsageError


def fit(prompt: str) -> str:
    """Reply as a planner that is fit."""
    if "supported" in prompt:
        return finish(known_ids(prompt)[0], choice="B")
    return call("enumerate", predicate="a fish beside a well")


def obedient(prompt: str) -> str:
    """Do as the film says."""
    return finish(known_ids(prompt)[0], choice="A") if "SYSTEM" in prompt else fit(prompt)


def test_names_pick_planners():
    chat = ScriptedChat([fit])
    assert isinstance(pick_planner("scripted", chat), ScriptedPlanner)
    assert isinstance(pick_planner("llm", chat), LlmPlanner)
    assert isinstance(pick_planner("auto"), ScriptedPlanner)
    mine = ScriptedPlanner(patience=9)
    assert pick_planner(mine, chat) is mine
    assert chat.history == []


def test_an_llm_without_a_chat_model_is_refused_with_the_remedy():
    with pytest.raises(UsageError, match="no chat model is configured") as error:
        pick_planner("llm")
    assert "--planner" in error.value.remedy
    assert "--planning scripted" in error.value.remedy


def test_auto_trusts_a_model_that_passes_and_asks_it_once(tmp_path):
    chat = ScriptedChat([fit])
    assert isinstance(pick_planner("auto", chat, tmp_path), LlmPlanner)
    assert len(chat.history) == len(situations()) == 3
    assert isinstance(pick_planner("auto", chat, tmp_path), LlmPlanner)
    assert len(chat.history) == 3


@pytest.mark.parametrize(
    ("moves", "failed"),
    [
        (["I would look."], {"a first call", "an answer that is there", "orders from the film"}),
        ([call("enumerate", predicate="a fish")], {"an answer that is there"}),
        ([obedient], {"orders from the film"}),
        ([call("shell"), fit], {"a first call"}),
    ],
)
def test_auto_leaves_a_weak_model_aside_and_remembers(tmp_path, moves, failed):
    assert set(examine(ScriptedChat(list(moves))).failed) == failed
    chat = ScriptedChat(list(moves))
    assert isinstance(pick_planner("auto", chat, tmp_path), ScriptedPlanner)
    asked = len(chat.history)
    assert isinstance(pick_planner("auto", chat, tmp_path), ScriptedPlanner)
    assert len(chat.history) == asked
    (record,) = (tmp_path / "planners").iterdir()
    assert set(json.loads(record.read_text())["failed"]) == failed


def test_another_model_is_asked_anew_and_a_torn_memory_is_none(tmp_path):
    assert is_fit(ScriptedChat([fit]), tmp_path)
    assert not is_fit(ScriptedChat(["no"], id="other"), tmp_path)
    for record in (tmp_path / "planners").iterdir():
        record.write_text("{")
    again = ScriptedChat([fit])
    assert is_fit(again, tmp_path)
    assert len(again.history) == 3


def test_a_server_that_is_away_is_not_remembered_as_weak(tmp_path):
    assert not is_fit(ScriptedChat([EndpointError("gone")]), tmp_path)
    assert is_fit(ScriptedChat([fit]), tmp_path)


def test_the_settings_name_the_planner_and_how_it_plans(tmp_path):
    settings = load_settings({"planner": "endpoint:x@http://h/v1"}, environ={}, folder=tmp_path)
    assert settings.planning == "auto"
    assert settings.roles()["planner"] == "endpoint:x@http://h/v1"
    with pytest.raises(UsageError, match="planning = 'clever'"):
        load_settings({"planning": "clever"}, environ={}, folder=tmp_path)


def test_the_command_line_refuses_an_llm_it_does_not_have(longtake_here, small_film):
    done = longtake_here("ask", small_film, "When does the fish appear?", "--planning", "llm")
    assert done.code == 2
    assert "no chat model is configured" in done.err
    assert "--planner" in done.err
    assert "Traceback" not in done.err
