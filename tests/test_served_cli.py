"""`--profile served` and `doctor --endpoint`, as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fault_server import BARE, MODEL, FaultServer
from served_fixtures import painted_eye

from longtake.agent.toolbox import with_usage
from longtake.config import load_settings
from longtake.index.video.errors import UsageError
from longtake.models.client.usage import Meter, Usage, metered, note, side_by_side, spend
from longtake.models.registry import load_models
from longtake.models.runtime import Runtime
from longtake.tools.types import Cost, Observation


def test_a_whole_question_is_answered_by_a_served_eye(
    longtake, small_film: Path, shelf: Path
) -> None:
    """Ask in a process of its own; the server's eye is the tagger of this process."""
    questions = json.loads(small_film.with_suffix(".questions.json").read_text())["questions"]
    asked = next(q for q in questions if q["choices"])
    choices = [part for choice in asked["choices"] for part in ("--choice", choice)]
    with FaultServer(load_models("embedded").eye) as server:
        prices = small_film.with_name("prices.toml")
        prices.write_text(
            f'[[price]]\nmodel = "{MODEL}"\nat = "{server.url}"\ninput = 1.0\ncached = 0.5\n'
            'output = 4.0\ndate = 2026-11-20\nsource = "this test"\n'
        )
        done = longtake(
            "ask", small_film, asked["question"], *choices, "--profile", "served", "--json",
            "--store", shelf, LONGTAKE_ENDPOINT=server.url, LONGTAKE_ENDPOINT_MODEL=MODEL,
            LONGTAKE_PRICES=str(prices),
        )  # fmt: skip
        bodies = list(server.bodies)
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["models"]["eye"] == f"endpoint:{MODEL}@{server.url}"
    assert answer["status"] in ("answered", "abstained")
    usage = answer["usage"]
    assert usage["model_calls"] > 0
    assert usage["tokens_in"] > 112 * usage["frames_shown"]
    assert usage["tokens_out"] > 0
    # this server has half of what it reads in its cache
    assert usage["tokens_cached"] == pytest.approx(usage["tokens_in"] / 2, rel=0.01)
    paid = usage["tokens_in"] * 0.75 + usage["tokens_out"] * 4.0
    assert usage["usd"] == pytest.approx(paid / 1e6, rel=0.01)
    assert usage["by_role"]["eye"]["tokens_in"] == usage["tokens_in"]
    # the probe's few requests are no part of the question
    assert len(bodies) - 10 <= usage["model_calls"] <= len(bodies)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "LONGTAKE_ENDPOINT_MODEL=NAME"),
        ({"LONGTAKE_ENDPOINT": "http://127.0.0.1:9/v1"}, "LONGTAKE_ENDPOINT_MODEL=NAME"),
        ({"LONGTAKE_EYE": "endpoint:model-without-url"}, "endpoint:MODEL@URL"),
        ({"LONGTAKE_ENDPOINT": "nowhere", "LONGTAKE_ENDPOINT_MODEL": "m"}, "endpoint:MODEL@URL"),
    ],
)
def test_what_is_not_set_is_one_usage_error(given, wanted, longtake_here, monkeypatch, media):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    film = media / "derived" / "bbb_vfr_h264.mp4"
    done = longtake_here("ask", film, "What is it?", "--profile", "served")
    assert done.code == 2
    assert wanted in done.err
    assert done.err.count("\n") == 1


def test_the_served_eye_is_named_by_settings_or_by_its_own_name(tmp_path: Path) -> None:
    environ = {"LONGTAKE_PROFILE": "served", "LONGTAKE_ENDPOINT": "http://h:1/v1/"}
    environ["LONGTAKE_ENDPOINT_MODEL"] = "org/model@2"
    roles = load_settings(environ=environ, folder=tmp_path).roles()
    assert roles == {"eye": "endpoint:org/model@2@http://h:1/v1/"}
    models = load_models("served", roles, Runtime(key_variable="MY_KEY"))
    assert models.ids["eye"] == roles["eye"]
    assert load_models("embedded", {"eye": "endpoint:m@https://h/v1"}).profile.eye.endswith("/v1")
    with pytest.raises(UsageError, match="user name or password"):
        load_models("embedded", {"eye": "endpoint:m@https://a:b@h/v1"})


def test_a_server_that_fails_every_time_ends_with_exit_5(longtake_here, monkeypatch) -> None:
    with FaultServer(painted_eye(), key="another") as server:
        done = longtake_here("doctor", "--endpoint", server.url)
        assert done.code == 5
        assert "401" in done.err
    done = longtake_here("doctor", "--endpoint", server.url)
    assert done.code == 5
    assert "no connection" in done.err


def test_a_server_that_dies_within_a_question_leaves_what_was_found_and_a_way_on(
    longtake_here, small_film: Path, shelf: Path, monkeypatch
) -> None:
    questions = json.loads(small_film.with_suffix(".questions.json").read_text())["questions"]
    asked = next(q for q in questions if q["choices"])
    choices = [part for choice in asked["choices"] for part in ("--choice", choice)]
    with FaultServer(load_models("embedded").eye, kinds=("denied",)) as server:
        monkeypatch.setenv("LONGTAKE_ENDPOINT", server.url)
        monkeypatch.setenv("LONGTAKE_ENDPOINT_MODEL", MODEL)
        assert longtake_here("doctor", "--endpoint", server.url).code == 0
        server.script += [None] * 6
        server.rate = 1.0
        command = ("ask", small_film, asked["question"], *choices, "--profile", "served")
        done = longtake_here(*command, "--store", shelf)
        assert done.code == 5
        assert "found so far: " in done.err
        way = done.err.splitlines()[-2].partition("To go on: longtake ")[2].split()
        assert way[0] == "resume"
        server.rate = 0.0
        done = longtake_here(*way, "--profile", "served", "--store", shelf, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["run_id"] == way[1]


@pytest.mark.parametrize("planner", ["workflow", "llm"])
def test_a_slow_server_does_not_hold_a_question_beyond_its_time(
    planner, longtake_here, small_film: Path, shelf: Path, monkeypatch
) -> None:
    questions = json.loads(small_film.with_suffix(".questions.json").read_text())["questions"]
    asked = next(q for q in questions if q["choices"])
    choices = [part for choice in asked["choices"] for part in ("--choice", choice)]
    with FaultServer(load_models("embedded").eye) as server:
        assert longtake_here("doctor", "--endpoint", server.url).code == 0
        server.delay, server.replies = 40.0, ["{}"] * 9
        eye = ("--profile", "served") if planner == "workflow" else ()
        monkeypatch.setenv("LONGTAKE_ENDPOINT", server.url)
        monkeypatch.setenv("LONGTAKE_ENDPOINT_MODEL", MODEL)
        done = longtake_here(
            "ask", small_film, asked["question"], *choices, *eye, "--store", shelf, "--json",
            "--planner", planner, "--planner-model", f"endpoint:{MODEL}@{server.url}",
            "--max-seconds", "12",
        )  # fmt: skip
        assert done.code == 6, done.err
        answer = json.loads(done.out)
        assert answer["status"] == "budget"
        assert answer["usage"]["seconds"] < 16
        again = longtake_here("replay", answer["run_id"], "--json")
    assert again.code == 6
    assert json.loads(again.out) == answer


def test_the_doctor_says_what_a_server_can_do(longtake_here) -> None:
    with FaultServer(painted_eye()) as server:
        done = longtake_here("doctor", "--endpoint", server.url, "--json")
        checks = {check["name"]: check for check in json.loads(done.out)}
    assert done.code == 0
    assert checks["model"]["found"] == MODEL
    assert (
        checks["probabilities"]["found"]
        == "from log-probabilities of every letter; else 20 a token"
    )
    assert checks["context"]["found"].startswith("32768 tokens")
    with FaultServer(painted_eye(), speaks=BARE) as server:
        done = longtake_here("doctor", "--endpoint", server.url, "--model", MODEL)
    assert "warn  probabilities    from agreement over samples" in done.out
    assert "frame lists      no: status 422: extra fields not permitted" in done.out


def test_a_server_without_eyes_may_plan(longtake_here) -> None:
    with FaultServer(painted_eye(), most_images=0) as server:
        done = longtake_here("doctor", "--endpoint", server.url)
    assert done.code == 0
    assert "warn  images           not taken: status 400: At most 0 image(s)" in done.out
    assert "it can plan" in done.out


@pytest.mark.parametrize(("media", "sent"), [("images", "image_url"), ("video", "video_url")])
def test_frames_are_sent_as_the_settings_say(
    media, sent, longtake_here, small_film, shelf, monkeypatch
) -> None:
    with FaultServer(painted_eye()) as server:
        for name, value in (("", server.url), ("_MODEL", MODEL), ("_MEDIA", media)):
            monkeypatch.setenv(f"LONGTAKE_ENDPOINT{name}", value)
        done = longtake_here(
            "ask", small_film, "Where is the red fish?", "--profile", "served", "--store", shelf
        )
        bodies = [json.dumps(body) for body in server.bodies if "tools" not in body]
    assert done.code == 0, done.err
    assert sent in bodies[-1]


def test_the_doctor_wants_one_thing_at_a_time(longtake_here) -> None:
    assert longtake_here("doctor", "x.mp4", "--endpoint", "http://h/v1").code == 2
    assert longtake_here("doctor", "--model", "m").code == 2
    assert longtake_here("doctor", "--endpoint", "h:1").code == 2


def test_usage_reaches_the_observation_of_the_call_that_it_was_for() -> None:
    seen = Observation("overview", {}, "x", cost=Cost(4, 4, 1), notes=("cut",))
    used = Usage(requests=3, attempts=5, tokens_in=700, tokens_out=9, notes=("8 were shown",))
    after = with_usage(seen, used)
    assert after.cost == Cost(4, 4, 3, 700, 9)
    assert after.notes == ("cut", "8 were shown")
    assert with_usage(seen, Usage()) == seen


def test_meters_nest_and_follow_work_into_threads() -> None:
    spend(Usage(requests=1))  # nobody asked
    with metered() as outer:
        with metered() as inner:
            side_by_side(lambda k: spend(Usage(requests=k)), [1, 2, 3], 3)
        note("so it is")
        note("so it is")
    assert inner.total == Usage(requests=6)
    assert outer.total == Usage(requests=6, notes=("so it is",))
    assert Meter().total == Usage()


def test_work_side_by_side_keeps_its_order_and_passes_errors_on() -> None:
    assert side_by_side(lambda k: k * k, range(20), 4) == [k * k for k in range(20)]
    assert side_by_side(lambda k: k, [], 4) == []
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda k: 1 // k, [1, 0, 1], 2)
