"""The first look, what may leave at the gate, news and circles."""

from __future__ import annotations

import pytest
from agent_doubles import brought, items, seen, zoomed

from longtake.agent.steps import Observation, Phase, Plan, Reflection, ToolUse
from longtake.agent.stopping import (
    first_look,
    glance,
    idle_turns,
    is_news,
    knows_footage,
    since_audit,
)
from longtake.world.grammar.question import read_question


def call(found, number=1, phase: Phase = "act", news=True):
    return Observation(number, phase, found, 0.1, news)


YES_NO = read_question("Is there a red fish?", ["no", "yes"])


@pytest.mark.parametrize(
    ("question", "overview"),
    [("Is there a red fish?", 1), ("What is this about?", 1), ("When does the red fish appear?", 0),
     ("What colour is the fish on the beach?", 0), ("Which of these appears first?", 0)],
)  # fmt: skip
def test_the_full_overview_is_for_questions_about_the_film_at_large(question, overview):
    tools = [action.tool for action in first_look(read_question(question))]
    assert tools.count("overview") == overview
    assert "search_clips" in tools


def test_a_glance_needs_confidence_and_evidence_for_its_letter():
    sure = zoomed("overview", 1, 2, {"A": 0.2, "B": 0.8}, "yes")
    draft = glance(YES_NO, [call(sure, phase="first_look")])
    assert draft is not None
    assert (draft.choice, draft.answer) == ("B", "yes")
    unsure = zoomed("overview", 1, 2, {"A": 0.4, "B": 0.6}, "yes")
    assert glance(YES_NO, [call(unsure, phase="first_look")]) is None
    bare = brought("overview", {"options": {"A": 0.1, "B": 0.9}})
    assert glance(YES_NO, [call(bare, phase="first_look")]) is None
    # what the loop saw later is not a first look
    assert glance(YES_NO, [call(sure)]) is None


@pytest.mark.parametrize(
    "question",
    ["How many times does the red fish appear?", "Which of these appears first?",
     "What does the sign beside the red fish say?", "When does the red fish appear?",
     "How many red fish stand together?"],
)  # fmt: skip
def test_counting_order_and_exact_text_never_leave(question):
    sure = zoomed("overview", 1, 2, {"A": 0.01, "B": 0.99}, "x")
    reading = read_question(question, ["2", "3"])
    assert glance(reading, [call(sure, phase="first_look")]) is None


def test_news_is_new_evidence_or_a_new_answer():
    first = items("enumerate", [(1, 5, 0.9)], "a fish")
    assert is_news(first, [])
    assert not is_news(first, [call(first)])
    assert not is_news(brought("zoom_time", error="nothing"), [])
    assert not is_news(brought("search_clips", {"hits": []}), [])
    assert is_news(brought("verify", {"verdict": "refuted"}), [])


def test_idle_turns_are_counted_from_the_last():
    quiet, new = call(brought("zoom_time"), news=False), call(brought("a"))
    end = Reflection("", 0)
    assert idle_turns([new, end, quiet, end, quiet]) == 2
    assert idle_turns([quiet, end, new]) == 0
    assert idle_turns([]) == 0
    # side by side they are one turn, and one that brings news is enough
    assert idle_turns([new, end, quiet, quiet, quiet]) == 1
    assert idle_turns([quiet, end, new, quiet]) == 0


def test_patience_starts_anew_after_an_audit():
    again = Plan("once more", {"again": True})
    tail = ToolUse(3, "verify", {}, "", "act")
    assert since_audit([Plan("x"), again, tail]) == [tail]
    assert since_audit([tail]) == [tail]


def test_the_first_word_on_the_footage_counts():
    steps = [
        call(brought("search_clips", {"known": None})),
        call(brought("overview", {"known": 0.3})),
    ]
    assert knows_footage(steps) == pytest.approx(0.3)
    assert knows_footage([]) is None


def test_doubles_carry_frames():
    assert seen("x", 1, 2, "y").frames[0].seconds == 1.5
