"""When the loop stops: what may leave at the gate, news, circles, and footage that is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from agent_doubles import brought, hits, items, lines, looked, seen, verdict

from longtake.agent.planners.looks import conclusion
from longtake.agent.question import Question
from longtake.agent.steps import Observation, Phase, Plan, Reflection, ToolUse
from longtake.agent.stopping import (
    TAU,
    idle_turns,
    is_news,
    known_footage,
    may_leave,
    since_audit,
    trapped,
)
from longtake.agent.understanding.intent import Intent
from longtake.tools.results import Answered, Described, Hits, Lines, Occurrences

CHOICE = Intent("choice")
SURE = Answered("yes", {"A": 1 - TAU, "B": TAU}, "logprob", enough=True)


def call(found, number=1, phase: Phase = "act", news=True):
    return Observation(number, phase, found, 0.1, news)


def test_a_sure_first_look_may_leave_and_an_unsure_one_stays():
    assert may_leave(CHOICE, SURE)
    assert may_leave(CHOICE, replace(SURE, enough=None))
    assert not may_leave(CHOICE, replace(SURE, options={"A": 0.4, "B": 0.6}))
    assert not may_leave(CHOICE, replace(SURE, enough=False))


def test_an_open_answer_may_leave_where_there_is_one():
    assert may_leave(Intent("text"), Answered("a tram", enough=True))
    assert not may_leave(Intent("text"), Answered("", enough=True))


@pytest.mark.parametrize(
    "intent",
    [
        Intent("choice", needs=frozenset({"count"})),
        Intent("choice", needs=frozenset({"order", "motion"})),
        Intent("choice", needs=frozenset({"read"})),
        Intent("choice", negated=True),
        Intent("number"),
        Intent("order"),
        Intent("span"),
        Intent("summary"),
    ],
)
def test_counting_order_absence_exact_text_times_and_summaries_never_leave(intent):
    sure = replace(SURE, options={"A": 0.01, "B": 0.99})
    assert not may_leave(intent, sure)


@pytest.mark.parametrize("need", ["listen", "motion", "detail", "cause"])
def test_other_needs_leave_when_the_look_is_sure(need):
    assert may_leave(Intent("choice", needs=frozenset({need})), SURE)


@pytest.mark.parametrize(
    "found",
    [
        items([(1, 5, 0.9)], "a fish"),
        hits((1, 5)),
        lines((1, 5, "hello")),
        looked("zoom_time", 1, 5, {"A": 1.0}),
        verdict("refuted"),
        brought("caption_clip", Described("a boat")),
    ],
)
def test_what_a_call_brings_is_news_once(found):
    assert is_news(found, [])
    assert not is_news(found, [call(found)])


@pytest.mark.parametrize(
    "found",
    [
        brought("zoom_time", error="nothing"),
        brought("search_clips", Hits(())),
        brought("search_words", Lines(())),
        brought("enumerate", Occurrences(())),
        brought("overview", Answered("")),
    ],
)
def test_nothing_found_is_no_news(found):
    assert not is_news(found, [])


def test_idle_turns_are_counted_from_the_last():
    quiet, new = call(brought("zoom_time"), news=False), call(brought("overview"))
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


def test_the_trap_guard_refuses_a_further_call_of_one_tool_without_news():
    def quiet(number, tool, news=False):
        return call(brought(tool), number, news=news)

    circle = [quiet(1, "zoom_time"), quiet(2, "zoom_time")]
    assert trapped("zoom_time", circle, 2)
    assert not trapped("read_text", circle, 2)
    assert not trapped("zoom_time", [quiet(1, "zoom_time", news=True), circle[1]], 2)
    assert not trapped("zoom_time", circle[:1], 2)
    # what the audit or the first look called does not count
    elsewhere = [call(brought("zoom_time"), n, "audit", news=False) for n in (1, 2)]
    assert not trapped("zoom_time", elsewhere, 2)


def test_only_the_vlm_says_whether_it_knows_the_footage():
    from_encoder = call(brought("search_clips", Hits((), known=0.1)))
    silent = call(looked("zoom_time", 1, 2, {"A": 1.0}))
    told = call(looked("overview", 1, 2, {"A": 1.0}, known=0.3))
    assert known_footage([from_encoder, silent]) is None
    assert known_footage([from_encoder, told, silent]) == pytest.approx(0.3)


def test_an_answer_keeps_the_evidence_that_was_not_refuted_whatever_lies_before_it():
    question = Question("Which one arrives?", ("a tram", "a bus"))
    aside = seen("zoom_time", 10, 14, "a lamp", supports="A")
    proof = seen("zoom_time", 50, 54, "a bus", supports="B")
    steps = [call(brought("zoom_time", SURE, [aside, proof]))]

    def cited(*refuted):
        return [claim.evidence_id for claim in conclusion(steps, question, refuted).claims]

    assert cited() == cited(aside.span) == [proof.id]
    assert cited(proof.span) == []
