"""The whole graph over a scripted toolbox: stop rules, trap guard, audit, votes, events, state."""

from __future__ import annotations

import json

import pytest
from agent_doubles import (
    FixedPlanner,
    RandomPlanner,
    Toolbox,
    brought,
    glance,
    hits,
    lines,
    looked,
    random_toolbox,
    run_double,
    seen,
    verdict,
)

from longtake.agent.cost.budget import Budget
from longtake.agent.graph import open_saver
from longtake.agent.planners.base import Action, Claim, Done
from longtake.agent.planners.choose import pick_planner
from longtake.agent.runs.record import RunFolder
from longtake.agent.runs.trace import read_trace
from longtake.index.video.errors import UsageError
from longtake.tools.results import Answered, Hits

QUESTION = "What does the baker put into the oven?"
CHOICES = ("bread", "a pizza", "a cake")
UNSURE = {"A": 0.4, "B": 0.35, "C": 0.25}
SURE = {"A": 0.05, "B": 0.9, "C": 0.05}


def at(args):
    return args["spans"][0]["start"]


SEARCHED = {
    "overview": lambda a, n: looked("overview", 10, 20, UNSURE, enough=False),
    "search_clips": lambda a, n: hits((100, 108), (300, 308)),
    "zoom_time": lambda a, n: looked("zoom_time", 100, 108, SURE, "a pizza"),
    "verify": lambda a, n: verdict(),
}


def test_a_question_is_answered_with_its_span_and_proof(tmp_path):
    answer = run_double(tmp_path, Toolbox(dict(SEARCHED)), QUESTION, CHOICES)
    assert (answer.status, answer.stop_reason) == ("answered", "sufficient")
    assert (answer.choice, answer.answer) == ("B", "a pizza")
    assert (answer.evidence[0].start, answer.evidence[0].end) == (100, 108)
    assert answer.evidence[0].verified
    assert len(answer.evidence[0].frames[0].sha256) == 64
    assert answer.confidence.raw == pytest.approx(0.9)
    assert answer.confidence.calibrated is None


def test_a_sure_first_look_leaves_at_the_gate_once_verified(tmp_path):
    def sure(args, n):
        return looked("overview", 40, 50, SURE, "a pizza")

    toolbox = Toolbox({**SEARCHED, "overview": sure})
    answer = run_double(tmp_path, toolbox, QUESTION, CHOICES)
    assert (answer.choice, answer.stop_reason) == ("B", "sufficient")
    assert toolbox.tools == ["overview", "verify"]


def test_what_refutes_an_option_may_support_another_one(tmp_path):
    def check(args, n):
        return verdict("supported" if "a cake" in args["claim"] else "refuted")

    sure = looked("overview", 40, 50, SURE, "a pizza")
    toolbox = Toolbox({**SEARCHED, "overview": lambda a, n: sure, "verify": check})
    answer = run_double(tmp_path, toolbox, QUESTION, CHOICES)
    assert (answer.choice, answer.answer, answer.evidence[0].verified) == ("C", "a cake", True)
    assert answer.confidence.raw < 0.9
    assert any(caveat.startswith("B was refuted") for caveat in answer.caveats)


def test_counting_never_leaves_at_the_gate(tmp_path):
    toolbox = Toolbox({**SEARCHED, "overview": lambda a, n: looked("overview", 40, 50, SURE)})
    run_double(tmp_path, toolbox, "How many times does the baker sneeze?", ["1", "2", "3"])
    assert len(toolbox.calls("enumerate")) == 1


def test_an_open_answer_that_is_refuted_twice_is_withdrawn(tmp_path):
    script = {
        **SEARCHED,
        "overview": glance,
        "zoom_time": lambda a, n: looked("zoom_time", at(a), at(a) + 5, {}, "a pizza", stated=0.9),
        "verify": lambda a, n: verdict("refuted"),
    }
    toolbox = Toolbox(script)
    answer = run_double(tmp_path, toolbox, QUESTION)
    assert (answer.status, answer.stop_reason) == ("abstained", "not_found")
    assert (answer.answer, answer.evidence) == (None, [])
    assert any("refuted" in caveat for caveat in answer.caveats)
    # the second loop answers the search from memory
    assert len(toolbox.calls("search_clips")) == 1


def test_a_refuted_option_stays_an_answer_with_less_confidence(tmp_path):
    script = {**SEARCHED, "verify": lambda a, n: verdict("refuted")}
    answer = run_double(tmp_path, Toolbox(script), QUESTION, CHOICES)
    assert (answer.status, answer.choice) == ("answered", "B")
    assert answer.confidence.raw <= 0.5
    assert any("refuted" in caveat for caveat in answer.caveats)
    assert not any(item.verified for item in answer.evidence)


def test_a_third_call_without_news_is_refused_and_the_loop_stalls(tmp_path):
    planner = FixedPlanner([Action("search_clips", {"queries": ["x"]})])
    nothing = {"search_clips": lambda a, n: brought("search_clips", Hits(()))}
    toolbox = Toolbox({"overview": glance, **nothing})
    answer = run_double(tmp_path, toolbox, "Who is it?", planner=planner)
    assert answer.stop_reason == "stall"
    assert len(toolbox.calls("search_clips")) <= 2


def test_the_refusal_tells_the_planner_to_try_another_tool(tmp_path):
    planner = FixedPlanner([Action("read_text", {"at": 1})], patience=3)
    planner.decisions = [
        *(Action("read_text", {"at": n}) for n in range(2)),
        Action("read_text", {"at": 9}),
    ]
    planner.patience = 2
    run_double(tmp_path, Toolbox({"overview": glance}), "Who is it?", planner=planner)
    events = read_trace(tmp_path / "r1" / "trace.jsonl")
    acts = [e for e in events if e["type"] == "observation" and e["phase"] == "act"]
    assert len(acts) == 2
    assert all(not e["news"] for e in acts)


def test_an_identical_call_is_answered_from_memory_at_no_cost(tmp_path):
    def zoom(args, n):
        return looked("zoom_time", 10, 12, {}, "a cat")

    toolbox = Toolbox({"overview": glance, "zoom_time": zoom})
    planner = FixedPlanner([Action("zoom_time", {"q": 1})])
    answer = run_double(tmp_path, toolbox, "Who is it?", planner=planner)
    assert len(toolbox.calls("zoom_time")) == 1
    assert answer.usage.frames_shown == 8 + 8
    assert answer.answer == "partial"


def test_a_spent_budget_gives_a_partial_answer(tmp_path):
    def zoom(args, n):
        return looked("zoom_time", args["k"], args["k"] + 2, {}, "a cat")

    planner = FixedPlanner([lambda steps: Action("zoom_time", {"k": len(steps)})])
    toolbox = Toolbox({"zoom_time": zoom, "verify": lambda a, n: verdict()})
    budget = Budget(max_steps=3)
    answer = run_double(tmp_path, toolbox, "Who is it?", planner=planner, budget=budget)
    assert (answer.status, answer.stop_reason, answer.answer) == ("budget", "budget", "partial")
    assert answer.evidence[0].verified
    assert len(toolbox.calls("zoom_time")) == 3


def test_looks_that_agree_make_a_consensus(tmp_path):
    likely = {"A": 0.2, "B": 0.6, "C": 0.2}
    script = {
        **SEARCHED,
        "overview": lambda a, n: looked("overview", 10, 20, likely, enough=False),
        "zoom_time": lambda a, n: looked("zoom_time", at(a), at(a) + 8, likely, enough=False),
    }
    answer = run_double(tmp_path, Toolbox(script), QUESTION, CHOICES)
    assert (answer.choice, answer.stop_reason) == ("B", "consensus")
    assert answer.evidence[0].verified


def test_nobody_can_cite_what_nobody_found(tmp_path):
    made_up = Done("bread", "A", 0.99, claims=(Claim("e0000000", "bread"),))
    toolbox = Toolbox(dict(SEARCHED))
    answer = run_double(tmp_path, toolbox, QUESTION, CHOICES, planner=FixedPlanner([made_up]))
    assert (answer.choice, answer.evidence) == ("A", [])
    assert answer.confidence.raw == 0.5


def test_events_and_trace_tell_the_same_story(tmp_path):
    heard = []
    run_double(tmp_path, Toolbox(dict(SEARCHED)), QUESTION, CHOICES, on_event=heard.append)
    folder = RunFolder.find(tmp_path, "r1")
    assert read_trace(folder.trace) == json.loads(json.dumps(heard))
    kinds = [event["type"] for event in heard]
    assert kinds[0] == "run.started"
    assert kinds[-2:] == ["answer", "run.finished"]
    assert {"intent", "step.started", "observation", "evidence", "vote", "audit"} <= set(kinds)
    assert [event["seq"] for event in heard] == list(range(1, len(heard) + 1))
    assert heard[-2]["answer"] == folder.answer()


def test_the_run_folder_is_private(tmp_path):
    run_double(tmp_path, Toolbox(dict(SEARCHED)), QUESTION, CHOICES)
    folder = tmp_path / "r1"
    assert folder.stat().st_mode & 0o777 == 0o700
    names = {path.name for path in folder.iterdir()}
    assert {"run.json", "trace.jsonl", "answer.json", "checkpoints.sqlite"} == names


def test_state_is_plain_json_in_every_checkpoint(tmp_path):
    run_double(tmp_path, random_toolbox(3), "What?", ["a", "b"], planner=RandomPlanner(seed=3))
    with open_saver(tmp_path / "r1" / "checkpoints.sqlite", "async") as saver:
        checkpoints = list(saver.list({"configurable": {"thread_id": "r1"}}))
    assert len(checkpoints) > 5
    for item in checkpoints:
        json.dumps(item.checkpoint["channel_values"])
    # kept small: the whole state is stored at every step
    assert (tmp_path / "r1" / "checkpoints.sqlite").stat().st_size < 3_000_000


def test_footage_unknown_to_the_vlm_is_answered_from_words_with_a_caveat(tmp_path):
    def strange(args, n):
        return looked("overview", 40, 50, SURE, "a pizza", known=0.1)

    def words(args, n):
        line = seen("answer_words", 5, 8, "And now the bread goes in.", kind="speech")
        said = Answered("bread", {"A": 0.8, "B": 0.1, "C": 0.1}, "passages")
        return brought("answer_words", said, [line])

    script = {**SEARCHED, "overview": strange, "answer_words": words}
    toolbox = Toolbox(script)
    answer = run_double(tmp_path, toolbox, QUESTION, CHOICES)
    assert (answer.choice, answer.evidence[0].kind) == ("A", "speech")
    assert answer.evidence[0].verified
    assert any("not made for this kind of footage" in caveat for caveat in answer.caveats)
    assert toolbox.calls("zoom_time") == []
    # a film without words: a guess with options, an abstention without
    script["answer_words"] = lambda a, n: brought("answer_words", error="no_text")
    guess = run_double(tmp_path, Toolbox(script), QUESTION, CHOICES, run_id="r2")
    assert (guess.status, guess.confidence.method) == ("answered", "guess")
    assert guess.confidence.raw <= 0.5
    assert run_double(tmp_path, Toolbox(script), QUESTION, run_id="r3").status == "abstained"


def test_words_in_an_enumeration_do_not_hide_an_empty_search(tmp_path):
    script = {**SEARCHED, "search_clips": lambda a, n: brought("search_clips", Hits(()))}
    script["search_words"] = lambda a, n: lines((5, 8, "nothing of the kind"))
    answer = run_double(tmp_path, Toolbox(script), QUESTION, CHOICES)
    assert answer.choice == "A"
    assert answer.confidence.raw <= 0.5


def test_an_unknown_planner_is_a_usage_error():
    with pytest.raises(UsageError, match="scripted"):
        pick_planner("clever")
