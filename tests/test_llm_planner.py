"""A language model that plans: what it may do, what it may not, and that nothing is made up."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from agent_doubles import DURATION, Toolbox, glance, hits, items, lines, looked, run_double, verdict
from chat_doubles import (
    CANARY,
    RandomChat,
    ScriptedChat,
    call,
    calls,
    finish,
    hostile_toolbox,
    known_ids,
)

from longtake.agent.answer import Answer
from longtake.agent.cost.budget import Budget
from longtake.agent.planners.base import Done
from longtake.agent.planners.llm.parser import Rules, read_moves
from longtake.agent.planners.llm.planner import GIVE_UP, LlmPlanner
from longtake.agent.question import Question
from longtake.agent.runs.record import RunFolder
from longtake.agent.runs.trace import read_trace
from longtake.index.video.errors import EndpointError

FISH = ["red", "blue"]
COLOUR = "What colour is the fish beside the well?"


def at(args):
    return args["spans"][0]["start"]


def look(args, n):
    return looked("zoom_time", at(args), at(args) + 8, {"A": 0.1, "B": 0.9}, "blue")


def script():
    return {
        "overview": glance,
        "search_clips": lambda a, n: hits((100, 108)),
        "enumerate": lambda a, n: items([(100, 108, 0.9)], "a fish"),
        "zoom_time": look,
        "verify": lambda a, n: verdict(),
        "search_words": lambda a, n: lines(),
    }


def ask(tmp_path, *moves, question=COLOUR, choices=FISH, toolbox=None, **options):
    chat = ScriptedChat(list(moves))
    toolbox = toolbox or Toolbox(script())
    planner = LlmPlanner(chat)
    answer = run_double(tmp_path, toolbox, question, choices or (), planner=planner, **options)
    return answer, chat, toolbox


def events_of(tmp_path, run_id="r1"):
    return read_trace(RunFolder.find(tmp_path, run_id).trace)


def last_id(prompt):
    return finish(known_ids(prompt)[-1], choice="B")


ZOOM = call("zoom_time", question="what colour is the fish", spans=[[100, 108]])


def test_a_model_looks_finishes_and_is_audited(tmp_path):
    answer, chat, toolbox = ask(tmp_path, ZOOM, last_id)
    assert (answer.status, answer.choice, answer.answer) == ("answered", "B", "blue")
    assert answer.stop_reason == "sufficient"
    assert answer.evidence[0].verified
    assert answer.confidence.raw == pytest.approx(0.9)
    assert answer.confidence.method == "stated"
    assert toolbox.calls("zoom_time")[0]["spans"] == [{"start": 100.0, "end": 108.0}]
    # the audit puts the question and the answer to the VLM, not what the planner says of them
    claim = toolbox.calls("verify")[-1]["claim"]
    assert COLOUR in claim
    assert "blue" in claim
    assert len(chat.history) == 2


def test_tokens_and_calls_of_the_planner_are_charged(tmp_path):
    answer, chat, _ = ask(tmp_path, ZOOM, last_id)
    replies = [e for e in events_of(tmp_path) if e["type"] == "chat.reply"]
    assert answer.usage.tokens_in == sum(e["tokens_in"] for e in replies) > 0
    assert answer.usage.tokens_out == sum(e["tokens_out"] for e in replies) > 0
    assert len(replies) == len(chat.history) == 2


def test_one_repair_turn_says_what_is_wrong_and_what_is_allowed(tmp_path):
    answer, chat, _ = ask(tmp_path, call("shell", command="ls"), ZOOM, last_id)
    assert answer.choice == "B"
    mend = chat.history[1]
    assert [message["role"] for message in mend] == ["system", "user", "assistant", "user"]
    assert "'shell'" in mend[-1]["content"]
    assert "overview, search_clips" in mend[-1]["content"]
    assert not answer.caveats


@pytest.mark.parametrize(
    "written",
    [
        {"name": "read_transcript", "arguments": {"span": [3, 9]}},
        {"tool": "read_transcript", "args": '{"span": [3, 9]}'},
        {"calls": [{"name": "read_transcript", "parameters": {"span": [3, 9]}}]},
        {"calls": [{"function": "read_transcript", "input": {"span": [3, 9]}}]},
        {"tool_calls": [{"type": "function", "function": {
            "name": "read_transcript", "arguments": '{"span": [3, 9]}'}}]},
    ],
)  # fmt: skip
def test_a_call_is_taken_under_the_names_that_models_know(written):
    rules = Rules(Question("What is said?"), {}, 600.0)
    usual = read_moves(call("read_transcript", span=[3, 9]), rules).decision
    found = read_moves(json.dumps(written), rules).decision
    assert not isinstance(found, Done)
    assert not isinstance(usual, Done)
    assert [(one.tool, one.args) for one in found] == [(one.tool, one.args) for one in usual]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("I think I should look.", "no JSON object"),
        ("{" + "[" * 9000, "not valid JSON"),
        ('{"a": NaN}', "calls: Field required"),
        (call("zoom_time", question="q", spans=[[700, 720]]), "film lasts 600.0 s"),
        (call("zoom_time", question="q", spans=[[30, 20]]), "does not end after it starts"),
        (call("zoom_time", question="q"), "spans: Field required"),
        (call("zoom_time", question="q", spans=[[1, 2]], path="/etc"), "path: Extra inputs"),
        (call("zoom_space", question="q", at=900, region="x"), "at = 900 is outside"),
        (finish("e00000000", choice="B"), "e00000000"),
        (finish(choice="B"), "evidence_ids is empty"),
        (finish("e1", choice="C"), "give one of A, B"),
        (calls(("finish", {"confidence": 1}), ("read_transcript", {"span": [1, 2]})), "only call"),
        ('{"calls": []}', "at least 1 item"),
    ],
)
def test_what_is_not_allowed_is_named_with_what_is(tmp_path, bad, words):
    answer, chat, _ = ask(tmp_path, bad, ZOOM, last_id)
    assert words in chat.history[1][-1]["content"]
    assert answer.choice == "B"


def test_the_ids_that_exist_are_listed_when_one_is_made_up(tmp_path):
    _, chat, _ = ask(tmp_path, ZOOM, finish("e00000000", choice="B"), last_id)
    real = known_ids(chat.prompts[1])
    assert all(key in chat.history[2][-1]["content"] for key in real)


def test_after_two_bad_replies_the_scripted_planner_decides_and_the_record_says_so(tmp_path):
    answer, chat, toolbox = ask(tmp_path, "no", "no", ZOOM, last_id)
    assert answer.choice == "B"
    assert len(chat.history) == 4
    assert toolbox.calls("search_clips")
    assert any("no help in one step" in caveat for caveat in answer.caveats)
    notes = [e["text"] for e in events_of(tmp_path) if e["type"] == "plan"]
    assert notes[1].startswith("the scripted planner decided this step: there is no JSON")


def test_a_model_that_is_never_any_help_is_not_asked_for_ever(tmp_path):
    answer, chat, _ = ask(tmp_path, "no")
    assert len(chat.history) <= 2 * GIVE_UP
    assert answer.choice == "B"
    assert any("no help" in caveat for caveat in answer.caveats)


def test_a_server_that_never_answered_is_an_error_and_one_that_stopped_is_not(tmp_path):
    with pytest.raises(EndpointError, match="gone"):
        ask(tmp_path, EndpointError("gone"), run_id="r1")
    answer, *_ = ask(tmp_path, ZOOM, EndpointError("gone"), run_id="r2")
    assert answer.choice == "B"
    assert any("no help" in caveat for caveat in answer.caveats)


def test_a_stalled_run_ends_with_the_best_answer_so_far(tmp_path):
    def idle(prompt):
        best = {
            "answer": None,
            "choice": "A",
            "confidence": 0.6,
            "evidence_ids": known_ids(prompt)[-1:],
        }
        return call("search_words", best, queries=["the fish"])

    answer, *_ = ask(tmp_path, ZOOM, idle)
    assert (answer.stop_reason, answer.choice, answer.status) == ("stall", "A", "answered")
    assert answer.evidence


def test_a_best_answer_so_far_that_is_made_up_is_dropped(tmp_path):
    best = {"answer": None, "choice": "A", "confidence": 0.6, "evidence_ids": ["e00000000"]}
    answer, *_ = ask(tmp_path, call("search_words", best, queries=["the fish"]))
    assert answer.stop_reason == "stall"
    assert all(item.id != "e00000000" for item in answer.evidence)


def test_the_last_step_is_kept_for_the_answer(tmp_path):
    shown = iter(range(0, 500, 10))

    def on(prompt):
        if "This is the last turn" in prompt:
            return last_id(prompt)
        start = next(shown)
        return call("zoom_time", question="what", spans=[[start, start + 8]])

    answer, chat, toolbox = ask(tmp_path, on, budget=Budget(max_steps=4))
    assert (answer.status, answer.choice) == ("answered", "B")
    assert len(toolbox.calls("zoom_time")) == 3
    assert len(chat.history) == 4


def test_evidence_that_the_audit_refused_cannot_be_cited_again(tmp_path):
    toolbox = Toolbox({**script(), "verify": lambda a, n: verdict("refuted")})
    answer, chat, _ = ask(tmp_path, ZOOM, last_id, last_id, last_id, toolbox=toolbox)
    refused = known_ids(chat.prompts[1])[-1]
    told = [messages[-1]["content"] for messages in chat.history[2:]]
    assert any("audit refuted" in text and refused in text for text in told)
    assert answer.evidence == []


def test_the_prompt_keeps_its_beginning_and_its_bounds(tmp_path):
    def long(args, n):
        found = looked("zoom_time", at(args), at(args) + 4, {}, "cat", frames=1)
        return replace(found, text="\n".join(["word " * 70] * 30))

    def on(prompt):
        start = 5 * len(known_ids(prompt))
        return call("zoom_time", question="what", spans=[[start, start + 4]])

    toolbox = Toolbox({**script(), "zoom_time": long})
    _, chat, _ = ask(tmp_path, on, toolbox=toolbox, budget=Budget(25, max_tokens=900_000))
    assert len(chat.history) >= 25
    assert {m[0]["content"] for m in chat.history} == {chat.history[0][0]["content"]}
    facts = chat.prompts[0].split("\n\n[1] ")[0]
    assert COLOUR in facts
    assert "600.0 seconds" in facts
    assert all(prompt.startswith(facts) for prompt in chat.prompts)
    assert max(map(len, chat.prompts)) < 24_000
    # most turns only append: all that was told before stays, byte for byte
    told = [prompt.rsplit("Best answer so far", 1)[0] for prompt in chat.prompts]
    same = [new.startswith(old) for old, new in pairwise(told)]
    assert sum(same) >= 0.6 * len(same)


def test_the_film_speaks_inside_its_fence_only(tmp_path):
    for seed in range(12):
        chat = ScriptedChat([ZOOM, call("overview"), call("read_text", at=30), last_id])
        planner, toolbox = LlmPlanner(chat), hostile_toolbox(seed)
        run_double(tmp_path, toolbox, COLOUR, FISH, planner=planner, run_id=f"r{seed}")
        assert any(CANARY in prompt for prompt in chat.prompts)
        for prompt in chat.prompts:
            outside = re.sub(r"<film-data[^>]*>\n.*?\n</film-data>", "", prompt, flags=re.DOTALL)
            assert CANARY not in outside
            assert "film-data" not in outside
            assert "\x1b" not in prompt
            assert "\u202e" not in prompt


MANY = calls(
    ("zoom_time", {"question": "what", "spans": [[10, 20]]}),
    ("zoom_time", {"question": "what", "spans": [[100, 108]]}),
    ("search_words", {"queries": ["fish"]}),
)


def test_independent_calls_are_made_side_by_side_and_joined_in_order(tmp_path):
    meeting = threading.Barrier(2, timeout=20)

    def together(args, n):
        # neither returns before the other has begun
        place = meeting.wait()
        time.sleep(0.05 * place)
        return look(args, n)

    toolbox = Toolbox({**script(), "zoom_time": together})
    answer, chat, _ = ask(tmp_path, MANY, last_id, toolbox=toolbox)
    assert answer.choice == "B"
    told = re.findall(r"\[\d+\] act, (\w+)", chat.prompts[1])
    assert told == ["zoom_time", "zoom_time", "search_words"]
    frames = [n for tool, _, n in toolbox.history if tool == "zoom_time"]
    assert sum(frames) <= 640 - 32
    seqs = [event["seq"] for event in events_of(tmp_path)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_calls_side_by_side_bring_what_calls_in_turn_bring(tmp_path, monkeypatch):
    at_once, *_ = ask(tmp_path / "a", MANY, last_id)
    monkeypatch.setattr("longtake.agent.parallel.LEAST_SHARE", 10_000)
    in_turn, *_ = ask(tmp_path / "b", MANY, last_id)
    assert at_once.usage.frames_shown == in_turn.usage.frames_shown > 0
    assert at_once.evidence == in_turn.evidence
    assert at_once.confidence == in_turn.confidence


def test_a_call_that_crashes_leaves_its_siblings_finished(tmp_path):
    broken = {"now": True}

    def listen(args, n):
        time.sleep(0.1)
        if broken["now"]:
            raise ZeroDivisionError("a bug")
        return lines()

    toolbox = Toolbox({**script(), "search_words": listen})
    chat = ScriptedChat([MANY, last_id])
    with pytest.raises(ZeroDivisionError):
        run_double(tmp_path, toolbox, COLOUR, FISH, planner=LlmPlanner(chat))
    assert len(toolbox.calls("zoom_time")) == 2
    broken["now"] = False
    answer = run_double(tmp_path, toolbox, COLOUR, FISH, planner=LlmPlanner(chat))
    assert answer.choice == "B"
    assert len(toolbox.calls("zoom_time")) == 2
    assert len(chat.history) == 2


def test_a_batch_ends_with_the_steps_that_are_left(tmp_path):
    answer, _, toolbox = ask(tmp_path, MANY, last_id, budget=Budget(max_steps=3))
    assert len(toolbox.calls("zoom_time")) == 2
    assert toolbox.calls("search_words") == []
    assert answer.choice == "B"


def misbehave(folder, seed):
    """Run one random script through the real graph and hold the outcome to the rules."""
    rng = random.Random(seed)
    # half of the budgets leave room for a whole run, the others are short of something
    budget = Budget()
    if seed % 2 == 0:
        budget = Budget(
            max_steps=rng.randint(1, 15),
            max_frames=rng.randint(8, 192),
            max_calls=rng.randint(1, 60),
            max_tokens=rng.randint(3_000, 120_000),
        )
    choices = [FISH, ["this", "that", "both"], None][seed % 3]
    question = [COLOUR, "What is going on here?", "When does the red fish appear?"][seed % 3]
    chat, toolbox = RandomChat(seed), hostile_toolbox(seed)
    answer = run_double(
        folder,
        toolbox,
        question,
        choices or (),
        run_id=f"r{seed}",
        planner=LlmPlanner(chat),
        chat=chat,
        budget=budget,
    )
    events = events_of(folder, f"r{seed}")
    acts = [e for e in events if e["type"] == "observation" and e["phase"] == "act"]
    found = {e["evidence"]["id"] for e in events if e["type"] == "evidence"}
    assert len(acts) <= budget.max_steps
    assert answer.usage.frames_shown <= budget.max_frames
    assert answer.usage.model_calls <= budget.max_calls
    assert answer.usage.tokens_in + answer.usage.tokens_out <= budget.max_tokens
    assert Answer.model_validate(json.loads(json.dumps(answer.to_json()))) == answer
    assert answer.status in ("answered", "abstained", "budget")
    assert answer.stop_reason in ("sufficient", "consensus", "stall", "budget", "not_found")
    assert answer.choice in [None, *"ABC"[: len(choices or ())]]
    assert {item.id for item in answer.evidence} <= found
    assert all(0 <= item.start <= item.end <= DURATION for item in answer.evidence)
    assert answer.confidence.raw <= (1.0 if any(e.verified for e in answer.evidence) else 0.5)
    assert (answer.choice is not None) == bool(choices)
    return answer, chat, toolbox


@pytest.mark.parametrize("block", range(3))
def test_no_script_of_a_bad_planner_breaks_the_rules(block, tmp_path):
    for seed in range(block * 50, block * 50 + 50):
        misbehave(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_no_script_of_a_thousand_breaks_the_rules(block, tmp_path):
    for seed in range(1000 + block * 50, 1000 + block * 50 + 50):
        misbehave(tmp_path, seed)
