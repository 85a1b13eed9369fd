"""`ask --plan`: what a question would cost, with nothing asked of any model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agent_doubles import Toolbox, items, run_double, searched, verdict
from fault_server import MODEL, FaultServer

from longtake.agent.cost.budget import Budget
from longtake.agent.cost.estimate import estimate
from longtake.agent.cost.forecast import forecast
from longtake.agent.cost.history import HABITS, past_runs
from longtake.agent.cost.pricing import Price
from longtake.agent.cost.rates import Rates
from longtake.world.grammar.question import read_question
from longtake.world.grammar.reading import Kind

QUESTION = "When does the red fish appear?"
EYE = "endpoint:Qwen/Qwen3-VL-8B-Instruct@http://h/v1"
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
            f'eye = "{address}"\nplanner_model = "{address}"\nprices = "p.toml"\n'
        )
        done = longtake_here("ask", film, QUESTION, "--plan", "--json")
        assert (server.bodies, server.served, done.code) == ([], [], 0)
    plan = json.loads(done.out)
    assert plan["kind"] == "when"
    assert plan["models"] == {"eye": address, "planner": address}
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
    assert "would stop at the budget: 29 of 5 frames; raise --max-frames" in done.out
    done = longtake_here("ask", film, QUESTION, "--plan", "--eye-of-a-needle")
    assert done.code == 2


def test_what_ask_would_refuse_a_plan_refuses(longtake_here, film: Path) -> None:
    (film.parent / "longtake.toml").write_text(f'eye = "{EYE}"\n')
    done = longtake_here("ask", film, QUESTION, "--plan", "--max-usd", "0.5")
    assert done.code == 2
    assert "max_usd = 0.5: no price is known for the eye" in done.err
    assert longtake_here("ask", film, QUESTION, "--plan", "--planner", "llm").code == 2
    assert longtake_here("ask", film, " ", "--plan").code == 2


@pytest.mark.parametrize("kind", HABITS)
def test_every_kind_of_question_has_a_habit(kind: Kind) -> None:
    assert set(HABITS) == set(Kind.__args__)
    habit = HABITS[kind]
    assert habit.single + habit.frames > 0 or kind == "speech"
    assert habit.tools <= Budget().max_steps


def test_tokens_are_the_familys_formula_over_the_frames() -> None:
    reading = read_question("Which comes first?", ["a red fish", "a blue key"])
    served = forecast(reading, EYE, None, None).by_role["eye"]
    habit = HABITS["order"]
    # 14 x 8 tokens a frame of 448 x 256, its time and its marks
    assert served.tokens_in >= (habit.single + habit.frames) * (14 * 8 + 12)
    assert served.model_calls == round(habit.single + habit.calls)
    embedded = forecast(reading, "tagger", None, None).by_role["eye"]
    assert (embedded.tokens_in, embedded.frames_shown) == (0, served.frames_shown)
    both = forecast(reading, EYE, CHAT, None)
    assert both.by_role["planner"].tokens_in > 1000


def test_the_dearest_model_bounds_the_money_and_a_money_limit_bounds_that() -> None:
    reading = read_question(QUESTION)
    rates = Rates({"eye": Price("a", 1.0, 4.0), "planner": Price("b", 2.0, 8.0)})
    models = {"eye": EYE, "planner": CHAT}
    expected = forecast(reading, EYE, CHAT, None)
    found = estimate(expected, models, Budget(max_tokens=1_000_000, max_calls=100), rates)
    assert found.worst["usd"] == pytest.approx(((1e6 - 102_400) * 2 + 102_400 * 8) / 1e6)
    assert found.expected_usd
    assert found.worst["usd"]
    assert found.expected_usd <= found.worst["usd"]
    limited = estimate(expected, models, Budget(max_usd=0.001), rates)
    assert (limited.worst["usd"], limited.stops_at) == (0.001, "usd")
    unknown = estimate(expected, models, Budget(), Rates({"eye": None, "planner": None}))
    assert (unknown.expected_usd, unknown.worst["usd"]) == (None, None)


def test_own_runs_count_once_there_are_three_of_them(tmp_path: Path) -> None:
    tools = {
        "search_clips": searched,
        "enumerate": lambda a, n: items("enumerate", [(10, 15, 0.8)], "a red fish"),
        "verify": lambda a, n: verdict(),
    }
    for number in range(3):
        assert past_runs(tmp_path, "when", "script", "workflow") is None
        run_double(tmp_path, Toolbox(tools), QUESTION, run_id=f"r{number}", rates=Rates())
    past = past_runs(tmp_path, "when", "script", "workflow")
    assert past is not None
    assert (past.runs, past.by_role["eye"]["frames_shown"]) == (3, 8)
    assert past_runs(tmp_path, "order", "script", "workflow") is None
    assert past_runs(tmp_path, "when", "another", "workflow") is None
    assert past_runs(tmp_path, "when", "script", CHAT) is None
    told = forecast(read_question(QUESTION), "script", None, past)
    assert told.seconds == past.seconds
    assert told.basis == "the median of 3 runs of this kind"
