"""A finished run made again from its record: the same bytes, with nothing to ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest
from agent_doubles import Toolbox, run_double
from chat_doubles import RandomChat, ScriptedChat, finish, hostile_toolbox, known_ids
from test_llm_resume import CHOICES, QUESTION, moves, script

from longtake.agent.cost.budget import Budget
from longtake.agent.planners.llm.planner import LlmPlanner
from longtake.agent.runs.record import RunFolder
from longtake.agent.runs.replay import ReplayDiffers, keep, replay
from longtake.agent.runs.trace import read_trace
from longtake.index.video.errors import EndpointError, UsageError


def planned(folder, model=None, **options):
    planner = LlmPlanner(model or ScriptedChat([moves()]))
    return run_double(folder, Toolbox(script()), QUESTION, CHOICES, planner=planner, **options)


def kept(folder, run_id="r1"):
    return (RunFolder.find(folder, run_id).path / "answer.json").read_bytes()


def test_a_run_of_each_planner_is_made_again_byte_for_byte(tmp_path):
    first = planned(tmp_path, run_id="llm")
    run_double(tmp_path, Toolbox(script()), QUESTION, CHOICES, run_id="scripted")
    for name in ("llm", "scripted"):
        before = kept(tmp_path, name)
        again = replay(name, runs_dir=tmp_path)
        assert json.loads(before) == again.to_json()
        assert kept(tmp_path, name) == before
    assert first.choice == "B"


def test_a_replay_leaves_the_record_as_it_is(tmp_path):
    planned(tmp_path)
    folder = tmp_path / "r1"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    replay("r1", runs_dir=tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["r1"]


@pytest.mark.parametrize("block", range(2))
def test_runs_of_bad_planners_are_made_again_too(block, tmp_path):
    for seed in range(block * 15, block * 15 + 15):
        model, tools = RandomChat(seed), hostile_toolbox(seed)
        run_double(
            tmp_path,
            tools,
            QUESTION,
            CHOICES,
            run_id=f"r{seed}",
            planner=LlmPlanner(model),
            chat=model if seed % 2 else None,
            budget=Budget(max_steps=3 + seed % 12, max_tokens=400 if seed % 7 == 0 else 90_000),
        )
        replay(f"r{seed}", runs_dir=tmp_path)


def test_a_server_that_went_away_goes_away_again(tmp_path):
    def first(prompt):
        return moves()(prompt)

    planned(tmp_path, ScriptedChat([first, EndpointError("gone"), first]))
    kinds = [event["type"] for event in read_trace(tmp_path / "r1" / "trace.jsonl")]
    assert "chat.failed" in kinds
    replay("r1", runs_dir=tmp_path)


def test_a_question_that_a_model_read_is_read_again_from_the_record(tmp_path):
    def read(prompt):
        return json.dumps({"answer_form": "number", "needs": ["count"], "cues": [{"text": "fish"}]})

    chat = ScriptedChat([read])
    run_double(tmp_path, Toolbox(script()), QUESTION, CHOICES, chat=chat)
    events = read_trace(tmp_path / "r1" / "trace.jsonl")
    intent = next(event["intent"] for event in events if event["type"] == "intent")
    assert (intent["needs"], intent["source"]) == (["count"], "scripted")
    assert replay("r1", runs_dir=tmp_path).usage.model_calls > 1


def test_a_server_that_could_not_read_the_question_is_told_and_replayed(tmp_path):
    chat = ScriptedChat([EndpointError("the server is gone")])
    answer = run_double(tmp_path, Toolbox(script()), QUESTION, CHOICES, chat=chat)
    assert any("the server is gone" in caveat for caveat in answer.caveats)
    assert replay("r1", runs_dir=tmp_path) == answer


def test_a_budget_without_room_for_reading_is_told_and_replayed(tmp_path):
    chat = ScriptedChat(["never asked"])
    planner, tools = LlmPlanner(chat), Toolbox(script())
    budget = Budget(max_tokens=400)
    answer = run_double(
        tmp_path, tools, QUESTION, CHOICES, planner=planner, chat=chat, budget=budget
    )
    assert chat.history == []
    assert any("no room" in caveat for caveat in answer.caveats)
    assert replay("r1", runs_dir=tmp_path) == answer


def test_a_run_that_was_taken_up_again_replays_like_one_that_was_not(tmp_path):
    def gone(prompt):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        planned(tmp_path, ScriptedChat([moves(), gone]))
    planned(tmp_path, ScriptedChat([moves()]))
    replay("r1", runs_dir=tmp_path)


def test_a_record_that_was_changed_does_not_pass(tmp_path):
    planned(tmp_path)
    trace = tmp_path / "r1" / "trace.jsonl"
    text = trace.read_text()
    trace.write_text(text.replace('"verdict": "supported"', '"verdict": "refuted"'))
    with pytest.raises(ReplayDiffers, match="differs"):
        replay("r1", runs_dir=tmp_path)
    trace.write_text(text)
    answer = tmp_path / "r1" / "answer.json"
    answer.write_text(answer.read_text().replace('"choice": "B"', '"choice": "A"'))
    with pytest.raises(ReplayDiffers, match="choice = 'B', recorded is 'A'"):
        replay("r1", runs_dir=tmp_path)


def test_what_cannot_be_replayed_is_refused_with_the_reason(tmp_path):
    with pytest.raises(UsageError, match="no such run"):
        replay("r1", runs_dir=tmp_path)
    planned(tmp_path)
    (tmp_path / "r1" / "answer.json").rename(tmp_path / "aside")
    with pytest.raises(UsageError, match="not finished"):
        replay("r1", runs_dir=tmp_path)
    (tmp_path / "aside").rename(tmp_path / "r1" / "answer.json")
    record = tmp_path / "r1" / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"film": {"id": "f"}}))
    with pytest.raises(UsageError, match="earlier version"):
        replay("r1", runs_dir=tmp_path)


def test_a_recording_replays_from_its_own_folder(longtake_here, tmp_path):
    planned(tmp_path / "runs")
    target = keep(RunFolder.find(tmp_path / "runs", "r1"), tmp_path / "kept")
    names = sorted(path.name for path in target.iterdir())
    assert names == ["answer.json", "run.json", "trace.jsonl"]
    done = longtake_here("replay", "r1", "--from", tmp_path / "kept")
    assert (done.code, done.out.splitlines()[0]) == (0, "B. blue")
    with pytest.raises(UsageError, match="record = "):
        keep(RunFolder.find(tmp_path / "runs", "r1"), tmp_path / "kept")
    assert longtake_here("replay", "r2", "--from", tmp_path / "kept").code == 2


WITHOUT_NETWORK = textwrap.dedent(
    """
    import socket, sys
    def refuse(*a, **k):
        raise OSError("no network in a replay")
    socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
    from longtake.cli.main import run
    code = run(["replay", "r1", "--json"])
    heavy = {"torch", "openai", "av", "faiss", "transformers"} & set(sys.modules)
    assert not heavy, heavy
    sys.exit(code)
    """
)


def test_the_command_replays_without_film_models_or_network(own_places, tmp_path):
    runs = own_places / "state" / "longtake" / "runs"
    planned(runs)
    command = [sys.executable, "-c", WITHOUT_NETWORK]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ), timeout=240
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(kept(runs))


def test_the_finishing_move_is_replayed_from_its_reply(tmp_path):
    def end(prompt):
        return finish(known_ids(prompt)[0], choice="A", sure=0.31)

    planned(tmp_path, ScriptedChat([moves(), end]))
    assert replay("r1", runs_dir=tmp_path).choice == "A"
