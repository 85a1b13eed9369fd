"""The whole graph over a scripted toolbox: stop rules, trap guard, consensus, events, state."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from agent_doubles import (
    DURATION,
    RandomPlanner,
    Toolbox,
    brought,
    glance,
    items,
    random_toolbox,
    run_double,
    seen,
    verdict,
    zoomed,
)

from longtake.agent.cost.budget import Budget
from longtake.agent.graph import open_saver
from longtake.agent.planners.base import Action, Claim, Done
from longtake.agent.runs.record import RunFolder
from longtake.agent.runs.trace import read_trace
from longtake.agent.steps import evidence_of
from longtake.index.video.errors import UsageError

WHEN = {
    "overview": glance,
    "enumerate": lambda args, n: items(
        "enumerate", [(100, 108, 0.9), (300, 305, 0.7)], "a red fish"
    ),
    "verify": lambda args, n: verdict(),
}


Move = Action | Done | Callable[[object], Action | Done]


class Scripted:
    """Plays a list of decisions."""

    name = "scripted"

    def __init__(self, *decisions: Move, patience: int = 2):
        self.patience, self.decisions = patience, list(decisions)

    def next(self, steps, reading, left) -> Action | Done:
        done = sum(
            step.__class__.__name__ == "Observation" and step.phase == "act" for step in steps
        )
        decision = self.decisions[min(done, len(self.decisions) - 1)]
        return decision if isinstance(decision, (Action, Done)) else decision(steps)

    def conclude(self, steps, reading, reason) -> Done:
        ids = list(evidence_of(steps))
        return Done("partial", raw=0.9, claims=tuple(Claim(i, "so") for i in ids[:1]))


def test_a_when_question_is_answered_with_its_span_and_proof(tmp_path):
    answer = run_double(tmp_path, Toolbox(dict(WHEN)), "When does the red fish appear?")
    assert (answer.status, answer.stop_reason) == ("answered", "sufficient")
    assert answer.answer == "1:40.0-1:48.0"
    assert (answer.evidence[0].start, answer.evidence[0].end) == (100, 108)
    assert answer.evidence[0].verified
    assert len(answer.evidence[0].frames[0].sha256) == 64
    assert answer.confidence.raw == pytest.approx(0.9)
    assert answer.confidence.calibrated is None


def test_a_refuted_answer_goes_round_once_more_and_takes_the_next_candidate(tmp_path):
    script = dict(WHEN)
    script["verify"] = lambda args, n: verdict(
        "refuted" if args["spans"][0]["start"] == 100 else "supported"
    )
    toolbox = Toolbox(script)
    answer = run_double(tmp_path, toolbox, "When does the red fish appear?")
    assert answer.answer == "5:00.0-5:05.0"
    assert answer.evidence[0].verified
    # the second loop answers the enumeration from memory
    assert len(toolbox.calls("enumerate")) == 1


def test_when_the_audit_leaves_nothing_twice_the_answer_is_withdrawn(tmp_path):
    script = {**WHEN, "verify": lambda args, n: verdict("refuted")}
    script["search_clips"] = lambda args, n: brought("search_clips", {"hits": []})
    answer = run_double(tmp_path, Toolbox(script), "When does the red fish appear?")
    assert (answer.status, answer.stop_reason) == ("abstained", "not_found")
    assert answer.answer is None
    assert answer.evidence == []


def test_what_is_not_in_the_film_is_not_guessed(tmp_path):
    script = {"overview": glance, "enumerate": lambda a, n: items("enumerate", [], "")}
    answer = run_double(tmp_path, Toolbox(script), "What colour is the fish?", ["red", "blue"])
    assert (answer.status, answer.choice, answer.stop_reason) == ("abstained", None, "not_found")
    assert any("not found" in caveat for caveat in answer.caveats)


def test_forced_choice_guesses_and_says_so(tmp_path):
    script = {"overview": glance, "enumerate": lambda a, n: items("enumerate", [], "")}
    answer = run_double(
        tmp_path, Toolbox(script), "What colour is the fish?", ["red", "blue"], force_choice=True
    )
    assert (answer.status, answer.choice) == ("answered", "A")
    assert any("forced" in caveat for caveat in answer.caveats)
    assert answer.confidence.raw <= 0.5


def test_a_sure_first_look_leaves_at_the_gate_once_verified(tmp_path):
    def sure(args, n):
        found = zoomed("overview", 40, 50, {"A": 0.1, "B": 0.9}, "blue")
        return found

    toolbox = Toolbox({"overview": sure, "verify": lambda a, n: verdict()})
    answer = run_double(tmp_path, toolbox, "Is there a blue fish?", ["no", "yes"])
    assert (answer.choice, answer.stop_reason) == ("B", "sufficient")
    assert toolbox.calls("enumerate") == []
    refuting = Toolbox({"overview": sure, "verify": lambda a, n: verdict("refuted")})
    run_double(tmp_path, refuting, "Is there a blue fish?", ["no", "yes"], run_id="r2")
    assert len(refuting.calls("enumerate")) == 1


def test_counting_never_leaves_at_the_gate(tmp_path):
    def sure(args, n):
        return zoomed("overview", 40, 50, {"A": 0.05, "B": 0.95}, "3")

    script = {**WHEN, "overview": sure}
    toolbox = Toolbox(script)
    answer = run_double(tmp_path, toolbox, "How many times does the red fish appear?", ["2", "3"])
    assert toolbox.calls("enumerate")
    assert answer.choice == "A"


def test_a_third_call_without_news_is_refused_and_the_loop_stalls(tmp_path):
    planner = Scripted(Action("search_clips", {"query": "x"}), patience=2)
    toolbox = Toolbox(
        {"overview": glance, "search_clips": lambda a, n: brought("search_clips", {"hits": []})}
    )
    answer = run_double(tmp_path, toolbox, "Who is it?", planner=planner)
    assert answer.stop_reason == "stall"
    assert len(toolbox.calls("search_clips")) <= 3


def test_the_trap_guard_refuses_before_the_stall_of_other_tools():
    from longtake.agent.steps import Observation
    from longtake.agent.stopping import trapped

    def call(number, tool, news):
        return Observation(number, "act", brought(tool), 0.0, news)

    circle = [call(1, "zoom_time", False), call(2, "zoom_time", False)]
    assert trapped("zoom_time", circle, 2)
    assert not trapped("read_text", circle, 2)
    assert not trapped("zoom_time", [call(1, "zoom_time", True), circle[1]], 2)
    assert not trapped("zoom_time", circle[:1], 2)


def test_an_identical_call_is_answered_from_memory_at_no_cost(tmp_path):
    shown = [0]

    def zoom(args, n):
        shown[0] += 1
        return zoomed("zoom_time", 10, 12, {}, "a cat")

    planner = Scripted(Action("zoom_time", {"q": 1}), patience=2)
    answer = run_double(tmp_path, Toolbox({"zoom_time": zoom}), "Who is it?", planner=planner)
    assert shown[0] == 1
    assert answer.usage.frames_shown == 8 + 0
    assert answer.answer == "partial"


def test_a_spent_budget_gives_a_partial_answer(tmp_path):
    def zoom(args, n):
        return zoomed("zoom_time", args["k"], args["k"] + 2, {}, "a cat")

    class Endless(Scripted):
        def next(self, steps, reading, left) -> Action | Done:
            return Action("zoom_time", {"k": len(steps)})

    answer = run_double(
        tmp_path, Toolbox({"zoom_time": zoom, "verify": lambda a, n: verdict()}), "Who is it?",
        planner=Endless(), budget=Budget(max_steps=3),
    )  # fmt: skip
    assert (answer.status, answer.stop_reason, answer.answer) == ("budget", "budget", "partial")
    assert answer.evidence[0].verified


def test_looks_that_agree_make_a_consensus(tmp_path):
    script = {
        "overview": glance,
        "enumerate": lambda a, n: items("enumerate", [(10, 20, 0.6), (30, 40, 0.55)], "a fish"),
        "zoom_time": lambda a, n: zoomed(
            "zoom_time", a["spans"][0]["start"], 45, {"A": 0.35, "B": 0.65}, "blue"
        ),
        "verify": lambda a, n: verdict(),
    }
    answer = run_double(tmp_path, Toolbox(script), "What colour is the fish?", ["red", "blue"])
    assert (answer.choice, answer.stop_reason) == ("B", "consensus")


def test_events_and_trace_tell_the_same_story(tmp_path):
    heard = []
    run_double(
        tmp_path, Toolbox(dict(WHEN)), "When does the red fish appear?", on_event=heard.append
    )
    folder = RunFolder.find(tmp_path, "r1")
    assert read_trace(folder.trace) == json.loads(json.dumps(heard))
    kinds = [event["type"] for event in heard]
    assert kinds[0] == "run.started"
    assert kinds[-2:] == ["answer", "run.finished"]
    assert {"step.started", "observation", "evidence", "audit"} <= set(kinds)
    assert [event["seq"] for event in heard] == list(range(1, len(heard) + 1))
    assert heard[-2]["answer"] == folder.answer()


def test_the_run_folder_is_private(tmp_path):
    run_double(tmp_path, Toolbox(dict(WHEN)), "When does the red fish appear?")
    folder = tmp_path / "r1"
    assert folder.stat().st_mode & 0o777 == 0o700
    names = {path.name for path in folder.iterdir()}
    assert {"run.json", "trace.jsonl", "answer.json", "checkpoints.sqlite"} == names


def test_state_is_plain_json_in_every_checkpoint(tmp_path):
    run_double(tmp_path, random_toolbox(3), "What?", ["a", "b"], planner=RandomPlanner(3))
    with open_saver(tmp_path / "r1" / "checkpoints.sqlite", "async") as saver:
        checkpoints = list(saver.list({"configurable": {"thread_id": "r1"}}))
    assert len(checkpoints) > 5
    for item in checkpoints:
        json.dumps(item.checkpoint["channel_values"])
    # kept small: the whole state is stored at every step
    assert (tmp_path / "r1" / "checkpoints.sqlite").stat().st_size < 3_000_000


def test_times_are_clamped_into_the_film(tmp_path):
    def late(args, n):
        return items("enumerate", [(DURATION - 3, DURATION + 9, 0.9)], "a red fish")

    answer = run_double(
        tmp_path, Toolbox({**WHEN, "enumerate": late}), "When does the red fish appear?"
    )
    assert answer.evidence[0].end == DURATION


def test_footage_unknown_to_the_eye_is_answered_from_speech_with_a_caveat(tmp_path):
    def strange(args, n):
        return brought("search_clips", {"hits": [], "known": 0.1})

    def said(args, n):
        line = {"start": 5.0, "end": 8.0, "text": "The fish is blue today.", "score": 1.0}
        return brought(
            "search_speech",
            {"lines": [line]},
            [seen("search_speech", 5, 8, line["text"], kind="speech")],
        )

    script = {"search_clips": strange, "search_speech": said, "verify": lambda a, n: verdict()}
    toolbox = Toolbox(script)
    answer = run_double(tmp_path, toolbox, "What colour is the fish?", ["red", "blue"])
    assert (answer.choice, answer.evidence[0].kind) == ("B", "speech")
    assert any("does not know this footage" in caveat for caveat in answer.caveats)
    assert toolbox.calls("enumerate") == []
    answer = run_double(
        tmp_path,
        Toolbox(script),
        "In which direction does the key move?",
        ["left", "up"],
        run_id="r2",
    )
    assert answer.status == "abstained"


def test_an_unknown_planner_is_a_usage_error():
    from longtake.agent.planners.choose import pick_planner

    with pytest.raises(UsageError, match="workflow"):
        pick_planner("clever")
