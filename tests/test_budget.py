"""Budgets: validation, what is left, and that no plan ever exceeds one by one call."""

from __future__ import annotations

import pytest
from agent_doubles import RandomPlanner, random_toolbox, run_double

from longtake.agent.cost.budget import Budget, Spent
from longtake.agent.graph import recursion_limit
from longtake.agent.runs.record import RunFolder
from longtake.agent.runs.trace import read_trace
from longtake.index.video.errors import UsageError
from longtake.tools.types import Cost


@pytest.mark.parametrize("name", ["max_steps", "max_frames", "max_calls", "max_tokens", "max_usd"])
@pytest.mark.parametrize("value", [0, -3, float("nan"), float("inf")])
def test_a_budget_of_nothing_is_refused(name, value):
    with pytest.raises(UsageError, match=name):
        Budget(**{name: value})


def test_the_first_spent_limit_is_named():
    budget = Budget(max_steps=2, max_frames=10, max_usd=1.0)
    assert budget.exhausted(Spent(steps=1)) is None
    assert "steps" in (budget.exhausted(Spent(steps=2)) or "")
    assert "frames" in (budget.exhausted(Spent(frames_shown=6), reserve_frames=4) or "")
    assert "usd" in (budget.exhausted(Spent(usd=1.0)) or "")
    assert "seconds" in (budget.exhausted(Spent(seconds=300)) or "")
    assert "tokens" in (budget.exhausted(Spent(tokens_in=200_000, tokens_out=200_000)) or "")


def test_costs_add_up():
    spent = Spent().add(Cost(4, 3, 2, 10, 1), 0.5).add(Cost(1, 1, 1), 0.25)
    assert (spent.tool_calls, spent.frames_decoded, spent.frames_shown) == (2, 5, 4)
    assert (spent.model_calls, spent.tokens_in, spent.seconds) == (3, 10, 0.75)
    assert Spent.from_json(spent.to_json()) == spent


def test_the_recursion_limit_leaves_room_for_the_whole_budget():
    assert recursion_limit(Budget(max_steps=15)) > 3 * 15 + 10


@pytest.mark.parametrize("block", range(6))
def test_no_never_stopping_plan_exceeds_a_budget(block, tmp_path):
    for seed in range(block * 50, block * 50 + 50):
        budget = Budget(max_steps=1 + seed % 15, max_frames=8 + seed % 185, max_calls=1 + seed % 40)
        toolbox = random_toolbox(seed)
        answer = run_double(
            tmp_path,
            toolbox,
            "What is going on here?",
            ["this", "that"],
            run_id=f"r{seed}",
            planner=RandomPlanner(seed=seed, patience=2 + seed % 20),
            budget=budget,
        )
        assert answer.usage.frames_shown <= budget.max_frames
        folder = RunFolder.find(tmp_path, f"r{seed}")
        acts = [
            e
            for e in read_trace(folder.trace)
            if e["type"] == "observation" and e["phase"] == "act"
        ]
        assert len(acts) <= budget.max_steps
        assert all(0 < frames <= budget.max_frames for _, _, frames in toolbox.history)
        # a call starts only while model calls are left, and each of these makes one at most
        assert answer.usage.model_calls <= budget.max_calls
        assert answer.choice in ("A", "B")
        assert answer.stop_reason in ("sufficient", "consensus", "stall", "budget", "not_found")
        assert all(item.id != "e0000000" for item in answer.evidence)
        assert answer.confidence.raw <= (1.0 if any(e.verified for e in answer.evidence) else 0.5)
