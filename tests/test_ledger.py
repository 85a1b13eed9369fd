"""The ledger: who cost what, in the answer and step by step, and that a replay pays the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from agent_doubles import Toolbox, run_double
from chat_doubles import ScriptedChat
from test_llm_resume import CHOICES, QUESTION, moves, script

from longtake.agent.cost.budget import Budget
from longtake.agent.cost.ledger import by_role, entries_of, role_of, steps_of_trace
from longtake.agent.cost.pricing import Price
from longtake.agent.cost.rates import Rates
from longtake.agent.planners.llm.planner import LlmPlanner
from longtake.agent.runs.record import RunFolder
from longtake.agent.runs.replay import replay
from longtake.agent.runs.trace import read_trace
from longtake.models.client.usage import Usage, spend

VLM = Price("vlm-*", 1.0, 4.0, cached=0.5, date="2026-11-20", source="mine")
PLANNER = Price("chat", 2.0, 8.0, date="2026-11-20", source="mine")
SERVED = Rates({"vlm": VLM, "planner": PLANNER})


class CachingChat(ScriptedChat):
    """Tells its tokens as a served model's client does: replies sent back for repair included."""

    def complete(self, messages, *, schema, max_tokens):
        said = super().complete(messages, schema=schema, max_tokens=max_tokens)
        spend(Usage(1, 2, 2 * said.tokens_in, said.tokens_out, cached=said.tokens_in))
        return said


def paying(tools):
    """Let every look of a scripted toolbox read 1,000 tokens, 400 of them cached, and write 10."""

    def paid(answer):
        def run(args, frames):
            found = answer(args, frames)
            cost = found.cost
            if cost.model_calls:
                cost = replace(cost, tokens_in=1000, tokens_out=10, cached=400)
            return replace(found, cost=cost)

        return run

    return Toolbox({tool: paid(answer) for tool, answer in tools.items()})


def asked(folder, rates: Rates = SERVED, **options):
    planner = LlmPlanner(CachingChat([moves()]))
    toolbox = paying(script())
    return run_double(folder, toolbox, QUESTION, CHOICES, planner=planner, rates=rates, **options)


def test_roles_and_tools_each_add_up_to_the_whole(tmp_path):
    usage = asked(tmp_path).usage
    assert set(usage.by_role) >= {"vlm", "planner"}
    for part in (usage.by_role, usage.by_tool):
        for name in ("model_calls", "frames_shown", "tokens_in", "tokens_out", "tokens_cached"):
            assert sum(getattr(share, name) for share in part.values()) == getattr(usage, name)
        assert sum(share.usd or 0 for share in part.values()) == pytest.approx(usage.usd)
    assert usage.by_tool["planner"] == usage.by_role["planner"]


def test_money_is_what_the_prices_say(tmp_path):
    usage = asked(tmp_path).usage
    vlm, planner = usage.by_role["vlm"], usage.by_role["planner"]
    looks = vlm.tokens_in // 1000
    assert vlm.usd == pytest.approx(looks * (600 * 1.0 + 400 * 0.5 + 10 * 4.0) / 1e6)
    assert planner.usd == pytest.approx((planner.tokens_in * 2.0 + planner.tokens_out * 8.0) / 1e6)
    # half of what the planner read was cached, and a repaired reply is paid for twice
    assert planner.tokens_cached * 2 == planner.tokens_in
    assert usage.cached_share == pytest.approx(usage.tokens_cached / usage.tokens_in)


def test_a_sum_that_would_leave_something_out_is_not_given(tmp_path):
    usage = asked(tmp_path, Rates({"vlm": VLM, "planner": None})).usage
    assert usage.usd is None
    assert usage.by_role["vlm"].usd > 0
    assert usage.by_role["planner"].usd is None


def test_spent_money_stops_a_run(tmp_path):
    answer = asked(tmp_path, budget=Budget(max_usd=0.0005))
    assert (answer.status, answer.stop_reason) == ("budget", "budget")
    events = read_trace(tmp_path / "r1" / "trace.jsonl")
    paid = sum(e.usd or 0 for e in entries_of(steps_of_trace(events), SERVED))
    assert answer.usage.usd == pytest.approx(paid)
    replay("r1", runs_dir=tmp_path)


def test_a_replay_reckons_with_the_prices_of_then(tmp_path):
    before = asked(tmp_path).to_json()
    assert replay("r1", runs_dir=tmp_path).to_json() == before
    assert RunFolder.find(tmp_path, "r1").record()["prices"]["vlm"]["date"] == "2026-11-20"


def test_the_trace_tells_the_same_as_the_answer(tmp_path):
    usage = asked(tmp_path).usage
    entries = entries_of(steps_of_trace(read_trace(tmp_path / "r1" / "trace.jsonl")), SERVED)
    sums = {role: found.to_json() for role, found in by_role(entries).items()}
    assert sums == {role: share.to_json() for role, share in usage.by_role.items()}


@pytest.mark.parametrize(
    ("tool", "kind", "role"),
    [
        ("overview", None, "vlm"),
        ("search_clips", None, "vlm"),
        ("read_text", None, "ocr"),
        ("search_words", None, "index"),
        ("answer_words", None, "index"),
        ("verify", "frame", "vlm"),
        ("verify", "text", "ocr"),
        ("verify", "speech", "index"),
    ],
)
def test_a_call_is_put_down_to_who_worked(tool, kind, role):
    assert role_of(tool, {"kind": kind} if kind else {}) == role


def test_the_command_shows_a_run_call_by_call(own_places, longtake_here):
    runs = own_places / "state" / "longtake" / "runs"
    answer = asked(runs)
    done = longtake_here("runs", "r1")
    assert done.code == 0
    for words in ("in all", "planner", "zoom_time", "of the tokens read came from the", "mine"):
        assert words in done.out
    told = json.loads(longtake_here("runs", "r1", "--json").out)
    assert told["total"]["usd"] == answer.usage.usd
    assert told["total"]["seconds"] == answer.usage.seconds
    assert [step["number"] for step in told["steps"]] == sorted(s["number"] for s in told["steps"])
    assert longtake_here("runs", "none").code == 2
