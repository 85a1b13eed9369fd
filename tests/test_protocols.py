"""Published protocols of the agent: the gate, zooming, segments; with their test vectors."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from longtake.agent.planners.choose import at_gate
from longtake.agent.planners.scripted import ScriptedPlanner
from longtake.agent.planners.strategies import segments_of
from longtake.agent.planners.zoom import turn_frames, zoom_frames, zoom_span
from longtake.agent.stopping import TAU, gate_threshold, may_leave
from longtake.agent.understanding.intent import Intent
from longtake.index.video.span import Span
from longtake.models.vlm.choice_scoring import answer_confidence
from longtake.tools.results import Answered


def written(*tokens: tuple[str, float]) -> list[tuple[str, dict[str, float]]]:
    return [(token, {token: math.log(p), "other": math.log(0.01)}) for token, p in tokens]


def test_an_open_answer_is_as_sure_as_the_geometric_mean_of_its_tokens() -> None:
    tokens = written(
        ('{"', 1.0),
        ("answer", 0.2),
        ('": "', 1.0),
        ("a", 0.9),
        (" red", 0.4),
        (" kite", 0.9),
        ('", "', 0.1),
        ("enough", 0.1),
        ('": true}', 0.1),
    )
    found = answer_confidence(tokens, "answer")
    assert found == pytest.approx((0.9 * 0.4 * 0.9) ** (1 / 3))


def test_a_token_that_ends_an_answer_counts_to_it_and_a_quoted_mark_does_not_end_it() -> None:
    tokens = written(('{"answer": "', 1.0), ('say \\"', 0.5), ("hi", 0.5), ('\\""}', 0.5))
    assert answer_confidence(tokens, "answer") == pytest.approx(0.5)
    # an answer that is not written, or a reply without log-probabilities, says nothing
    assert answer_confidence(written(('{"answer": "', 1.0), ('"}', 0.5)), "other") is None
    assert answer_confidence([], "answer") is None
    assert answer_confidence([('{"answer": "', {}), ("kite", {})], "answer") is None


def test_reasoning_before_the_answer_does_not_count() -> None:
    tokens = written(
        ('{"answer": "', 1.0),
        ("a draft", 0.1),
        ('"} no: ', 1.0),
        ('{"answer": "', 1.0),
        ("a kite", 0.8),
        ('"}', 1.0),
    )
    assert answer_confidence(tokens, "answer") == pytest.approx(0.8)


def test_the_gate_opens_where_answers_are_right_often_enough() -> None:
    assert gate_threshold(None) == TAU
    assert gate_threshold(lambda raw: None) == TAU
    assert gate_threshold(lambda raw: raw) == pytest.approx(TAU)
    boastful, modest = gate_threshold(lambda raw: raw**3), gate_threshold(lambda raw: raw**0.5)
    assert boastful == pytest.approx(0.89)
    assert modest == pytest.approx(0.49)
    assert gate_threshold(lambda raw: 0.6) > 1


def test_a_look_leaves_by_the_threshold_of_its_model() -> None:
    look = Answered("a kite", {"A": 0.8, "B": 0.2}, enough=True)
    intent = Intent("choice")
    assert may_leave(intent, look)
    assert not may_leave(intent, look, 0.85)
    assert may_leave(intent, replace(look, options={"A": 0.55, "B": 0.45}), 0.5)
    planner = at_gate(ScriptedPlanner(), 0.85)
    assert isinstance(planner, ScriptedPlanner)
    assert planner.tau == 0.85


def test_an_interval_is_padded_and_widened_around_its_middle() -> None:
    # an hour: padded by five seconds, then widened to thirty
    assert zoom_span(Span(100, 104), 3600) == Span(87, 117)
    assert zoom_span(Span(100, 160), 3600) == Span(95, 165)
    # a short film is widened to an eighth of it only
    assert zoom_span(Span(50, 52), 80) == Span(45, 57)
    assert zoom_span(Span(0, 1), 3600) == Span(0, 30)
    assert zoom_span(Span(3599, 3600), 3600) == Span(3570, 3600)


def test_zooming_stops_at_what_is_too_short_or_was_looked_at() -> None:
    assert zoom_span(Span(0, 1), 2.5) is None
    earlier = [Span(90, 120)]
    assert zoom_span(Span(100, 104), 3600, earlier) is None
    assert zoom_span(Span(125, 127), 3600, earlier) == Span(111, 141)  # overlaps by 9 of 51


def test_a_zoom_has_two_frames_a_second_and_32_at_most() -> None:
    assert [zoom_frames(Span(0, d)) for d in (0.3, 6, 16, 100)] == [1, 12, 32, 32]


def test_half_of_the_frames_go_to_the_first_look_and_a_quarter_to_each_later_one() -> None:
    assert [turn_frames(64, turn) for turn in range(4)] == [32, 16, 16, 0]
    for budget in (1, 2, 3, 7, 33):
        turns = [turn_frames(budget, turn) for turn in range(3)]
        assert sum(turns) == budget
        assert min(turns) >= 0


def test_a_film_is_described_in_two_or_three_parts_as_it_is_long() -> None:
    assert [segments_of(s) for s in (599, 600, 899, 900, 1800)] == [0, 2, 2, 3, 3]
    assert [segments_of(s) for s in (2400, 3600, 36_000)] == [4, 6, 8]
