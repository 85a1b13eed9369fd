"""`ask --plan`: what a question would cost, with nothing asked of any model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agent_doubles import Toolbox, looked, run_double, verdict
from fault_server import MODEL, FaultServer

from longtake.agent.cost.budget import Budget
from longtake.agent.cost.estimate import estimate
from longtake.agent.cost.forecast import ENOUGH, forecast
from longtake.agent.cost.pricing import Price
from longtake.agent.cost.rates import Rates
from longtake.agent.runs.past_usages import past_usages

QUESTION = "When does the red fish appear?"
VLM = "endpoint:Qwen/Qwen3-VL-8B-Instruct@http://h/v1"
CHAT = "endpoint:chat@http://h/v1"
PRICES = '[[price]]\nmodel = "*"\ninput = 0.4\noutput = 1.6\ndate = 2026-11-20\nsource = "mine"\n'


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file that only begins as a film does: a plan does not look into it."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2")
    return path


def test_a_plan_asks_no_server_and_opens_no_film(longtake_here, film: Path, own_places) -> None:
    (film.parent / "p.toml").write_text(PRICES)
    with FaultServer(None) as server:
        address = f"endpoint:{MODEL}@{server.url}"
        (film.parent / "longtake.toml").write_text(
            f'vlm = "{address}"\nplanner = "{address}"\nencoder = "none"\nprices = "p.toml"\n'
        )
        done = longtake_here("ask", film, QUESTION, "--plan", "--json")
        assert (server.bodies, server.served, done.code) == ([], [], 0)
    plan = json.loads(done.out)
    assert plan["question"] == QUESTION
    assert plan["models"] == {"vlm": address, "planner": address}
    expected = plan["expected"]
    assert expected["usd"] == pytest.approx(
        (expected["tokens_in"] * 0.4 + expected["tokens_out"] * 1.6) / 1e6
    )
    assert expected["seconds"] is None
    assert plan["worst"]["tokens"] == plan["budget"]["max_tokens"]
    assert plan["worst"]["usd"] > expected["usd"]
    assert any("self-test" in note for note in plan["notes"])
    assert any("not indexed" in note for note in plan["notes"])
    assert not (own_places / "state").exists()


def test_a_plan_for_a_person_names_the_limit_that_would_stop_it(longtake_here, film: Path) -> None:
    done = longtake_here("ask", film, QUESTION, "--plan")
    assert done.code == 0
    assert "within the budget; nearest limit:" in done.out
    done = longtake_here("ask", film, QUESTION, "--plan", "--max-frames", "5")
    assert "would stop at the budget: 110 of 5 frames; raise --max-frames" in done.out
    done = longtake_here("ask", film, QUESTION, "--plan", "--eye-of-a-needle")
    assert done.code == 2


def test_what_ask_would_refuse_a_plan_refuses(longtake_here, film: Path) -> None:
    (film.parent / "longtake.toml").write_text(f'vlm = "{VLM}"\nencoder = "none"\n')
    done = longtake_here("ask", film, QUESTION, "--plan", "--max-usd", "0.5")
    assert done.code == 2
    assert "max_usd = 0.5: no price is known for the vlm" in done.err
    assert (
        longtake_here(
            "ask", film, QUESTION, "--plan", "--planner", "scripted", "--planning", "llm"
        ).code
        == 2
    )
    assert longtake_here("ask", film, " ", "--plan").code == 2


def test_tokens_are_the_familys_formula_over_the_frames() -> None:
    served = forecast([], VLM, None).by_role["vlm"]
    # 14 x 8 tokens a frame of 448 x 256, its time and its marks
    assert served.tokens_in >= served.frames_shown * (14 * 8 + 12)
    embedded = forecast([], "embedded", None).by_role["vlm"]
    assert (embedded.tokens_in, embedded.frames_shown) == (0, served.frames_shown)
    both = forecast([], VLM, CHAT)
    assert both.by_role["planner"].tokens_in > 1000
    assert both.by_role["vlm"] == served


def test_the_dearest_model_bounds_the_money_and_a_money_limit_bounds_that() -> None:
    rates = Rates({"vlm": Price("a", 1.0, 4.0), "planner": Price("b", 2.0, 8.0)})
    models = {"vlm": VLM, "planner": CHAT}
    expected = forecast([], VLM, CHAT)
    found = estimate(expected, models, Budget(max_tokens=1_000_000, max_calls=100), rates)
    assert found.worst["usd"] == pytest.approx(((1e6 - 102_400) * 2 + 102_400 * 8) / 1e6)
    assert found.expected_usd
    assert found.worst["usd"]
    assert found.expected_usd <= found.worst["usd"]
    limited = estimate(expected, models, Budget(max_usd=0.001), rates)
    assert (limited.worst["usd"], limited.stops_at) == (0.001, "usd")
    unknown = estimate(expected, models, Budget(), Rates({"vlm": None, "planner": None}))
    assert (unknown.expected_usd, unknown.worst["usd"]) == (None, None)


def test_the_usual_budget_is_enough_for_the_usual_question() -> None:
    expected = forecast([], VLM, CHAT)
    assert estimate(expected, {"vlm": VLM, "planner": CHAT}, Budget(), Rates()).stops_at is None


def test_own_runs_count_once_there_are_enough_of_them(tmp_path: Path) -> None:
    tools = {
        "overview": lambda a, n: looked("overview", 10, 15, {"A": 0.1, "B": 0.9}),
        "verify": lambda a, n: verdict(),
    }
    for number in range(ENOUGH):
        usages = past_usages(tmp_path, "script", "scripted")
        assert len(usages) == number
        assert "not measured" in forecast(usages, "script", None).basis
        run_double(tmp_path, Toolbox(tools), QUESTION, ("no", "yes"), run_id=f"r{number}")
    told = forecast(past_usages(tmp_path, "script", "scripted"), "script", None)
    assert told.basis == f"the median of {ENOUGH} runs with these models"
    assert told.by_role["vlm"].frames_shown == 8 + 4
    assert told.seconds is not None
    assert past_usages(tmp_path, "another", "scripted") == []
    assert past_usages(tmp_path, "script", CHAT) == []
