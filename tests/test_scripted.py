"""What a script spends its budget on, by what the question needs; through the whole graph."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, get_args

import pytest
from agent_doubles import (
    DURATION,
    Toolbox,
    brought,
    described,
    hits,
    items,
    lines,
    looked,
    run_double,
    verdict,
)
from chat_doubles import ScriptedChat

from longtake.agent.planners.base import Done
from longtake.agent.planners.script import follow, memory_of, refusing
from longtake.agent.planners.scripted import ScriptedPlanner
from longtake.agent.question import Question
from longtake.agent.understanding.intent import Need, neutral_intent
from longtake.tools import TOOLS

QUESTION = "What does the baker put into the oven?"
CHOICES = ("bread", "a pizza", "a cake")
UNSURE = {"A": 0.4, "B": 0.35, "C": 0.25}
SURE = {"A": 0.05, "B": 0.9, "C": 0.05}


def at(args: dict[str, Any]) -> float:
    return args["spans"][0]["start"] if "spans" in args else args.get("at", 0.0)


def script(shares: dict[str, float], enough: bool = False) -> dict[str, Any]:
    def look(args, n):
        return looked("zoom_time", at(args), at(args) + 6, shares, "a pizza", enough=enough)

    return {
        "overview": lambda a, n: looked("overview", 10, 20, UNSURE, enough=False),
        "search_clips": lambda a, n: hits(*((40.0 * k, 40.0 * k + 8) for k in range(1, 13))),
        "search_words": lambda a, n: lines((210, 214, "and into the oven it goes")),
        "enumerate": lambda a, n: items([(100, 104, 0.9), (300, 305, 0.8)], a["predicate"]),
        "caption_clip": lambda a, n: described("a kitchen"),
        "zoom_time": look,
        "zoom_space": look,
        "read_text": look,
        "verify": lambda a, n: verdict(),
    }


def run(folder, tools: Toolbox, choices=CHOICES, **intent: Any):
    cues = [
        {"text": "a thing put into an oven", "modality": "seen", "role": "target"},
        *intent.pop("cues", []),
    ]
    chat = ScriptedChat([json.dumps({"scope": "part", "cues": cues, **intent})])
    run_id = f"r{len(list(folder.iterdir()))}"
    return run_double(folder, tools, QUESTION, choices, chat=chat, run_id=run_id)


def calls(folder, **intent: Any) -> Toolbox:
    """Return the calls of a run whose looks are never sure, so that a script is played out."""
    tools = Toolbox(script(UNSURE))
    run(folder, tools, **intent)
    for tool, args, _ in tools.history:
        # what a script asks for is what the tools take
        assert TOOLS[tool].args.model_validate(args)
    return tools


def test_a_plain_question_is_searched_and_its_best_places_are_looked_at(tmp_path):
    tools = calls(tmp_path)
    assert tools.tools[:2] == ["overview", "search_clips"]
    assert "a thing put into an oven" in tools.calls("search_clips")[0]["queries"]
    looks = tools.calls("zoom_time")
    assert [span["start"] for span in looks[0]["spans"]][:4] == [40, 80, 120, 160]
    assert "enumerate" not in tools.tools
    assert "caption_clip" not in tools.tools


def test_a_new_look_is_judged_together_with_the_whole_film(tmp_path):
    looks = [args for args in calls(tmp_path).calls("zoom_time") if "turns" not in args]
    assert looks[0]["context"] > 0
    assert all("question" not in args for args in looks)


@pytest.mark.parametrize(
    ("needs", "tool"),
    [
        (["count"], "enumerate"),
        (["listen"], "search_words"),
        (["cause"], "search_words"),
        (["read"], "search_words"),
        (["detail"], "zoom_space"),
    ],
)
def test_a_need_brings_the_tool_that_meets_it(tmp_path, needs, tool):
    assert tool not in calls(tmp_path).tools
    assert tool in calls(tmp_path, needs=needs).tools


def test_counting_looks_at_all_that_may_count_in_one_call(tmp_path):
    tools = calls(tmp_path, needs=["count"])
    every = tools.tools.index("enumerate")
    assert tools.tools[every + 1] == "zoom_time"
    spans = tools.calls("zoom_time")[0]["spans"]
    assert len(spans) == 2
    assert spans[0]["start"] <= 100 < spans[0]["end"]
    assert spans[1]["start"] <= 300 < spans[1]["end"]


def test_reading_goes_where_the_search_led_before_the_rest_of_the_film(tmp_path):
    read = [a for a in calls(tmp_path, needs=["read"]).calls("search_words") if "kinds" in a]
    assert [args["kinds"] for args in read] == [["text"], ["text"]]
    assert [args.get("rest", True) for args in read] == [False, True]
    assert read[0]["first"]


@pytest.mark.parametrize("intent", [{"needs": ["order"]}, {"negated": True}])
def test_order_and_absence_search_for_every_option(tmp_path, intent):
    tools = calls(tmp_path, **intent)
    queries = {query for args in tools.calls("search_clips") for query in args["queries"]}
    assert set(CHOICES) <= queries


def test_what_a_question_goes_by_is_looked_at_with_what_comes_before_and_after(tmp_path):
    anchor = {"text": "the bell rings", "modality": "said", "role": "anchor"}
    tools = calls(tmp_path, cues=[anchor])
    assert tools.calls("search_words")[0]["queries"] == ["the bell rings"]
    (span, *_) = tools.calls("zoom_time")[0]["spans"]
    assert span["start"] < 200
    assert span["end"] > 224


def test_a_summary_is_told_from_notes_of_every_part(tmp_path):
    tools = Toolbox(script(UNSURE))
    run(tmp_path, tools, (), answer_form="summary", scope="whole")
    spans = [args["span"] for args in tools.calls("caption_clip")]
    assert spans[0]["start"] == 0
    assert spans[-1]["end"] == pytest.approx(DURATION)
    assert all(a["end"] == b["start"] for a, b in pairwise(spans))
    whole = tools.calls("zoom_time")[0]["spans"]
    assert whole == [{"start": 0.0, "end": DURATION}]


def test_a_part_named_by_the_question_bounds_every_search(tmp_path):
    tools = Toolbox(script(UNSURE))
    text = "What is put into the oven between 1:00 and 2:00?"
    run_double(tmp_path, tools, text, CHOICES)
    for tool in ("overview", "search_clips"):
        assert tools.calls(tool)[0]["within"] == {"start": 60, "end": 120}


def test_a_script_stops_as_soon_as_a_look_is_sure(tmp_path):
    tools = Toolbox(script(SURE, enough=True))
    answer = run(tmp_path, tools, needs=["read", "detail"])
    assert (answer.choice, answer.stop_reason) == ("B", "sufficient")
    assert len(tools.calls("zoom_time")) == 1
    assert "zoom_space" not in tools.tools


def test_a_look_that_saw_too_little_is_no_reason_to_stop(tmp_path):
    tools = Toolbox(script(SURE, enough=False))
    run(tmp_path, tools, needs=["detail"])
    assert len(tools.calls("zoom_space")) == 1


@pytest.mark.parametrize("needs", [[], ["count", "read", "detail", "listen"]])
def test_the_usual_budget_holds_for_whatever_is_needed(tmp_path, needs):
    answer = run(tmp_path, Toolbox(script(UNSURE)), needs=needs)
    assert (answer.status, answer.choice) == ("answered", "A")
    assert answer.usage.model_calls <= 16


@pytest.mark.parametrize("need", get_args(Need))
def test_tools_that_fail_never_take_the_answer_away(tmp_path, need):
    tools = Toolbox({"overview": lambda a, n: looked("overview", 10, 20, UNSURE, enough=False)})
    answer = run(tmp_path, tools, needs=[need])
    assert (answer.status, answer.choice) == ("answered", "A")
    nothing = run(tmp_path, Toolbox({}), needs=[need])
    assert (nothing.status, nothing.confidence.method) == ("answered", "guess")
    assert run(tmp_path, Toolbox({}), (), needs=[need]).status == "abstained"


def test_a_script_is_told_what_it_did_and_refused_what_it_did_not():
    planner = ScriptedPlanner().at_work(DURATION, lambda chat: chat)
    question = Question(QUESTION, CHOICES)
    intent = neutral_intent(question)
    first = follow(planner._script([], question, intent), memory_of([]))
    assert not isinstance(first, Done)
    end = follow(planner._script([], question, intent), refusing([], "budget"))
    assert isinstance(end, Done)
    assert planner.conclude([], question, intent, "budget").reason == "budget"


def test_an_open_question_takes_the_words_that_the_vlm_is_sure_of(tmp_path):
    sure = script({})
    sure["overview"] = lambda a, n: brought("overview", error="backend")
    sure["zoom_time"] = lambda a, n: looked("zoom_time", 40, 48, {}, "a pizza", stated=0.85)
    answer = run(tmp_path, Toolbox(sure), ())
    assert (answer.status, answer.answer, answer.choice) == ("answered", "a pizza", None)
    assert answer.evidence[0].verified
    assert answer.confidence.raw == pytest.approx(0.85)
