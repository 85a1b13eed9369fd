"""`doctor --endpoint`, as a user meets it."""

from __future__ import annotations

import json

from fault_server import BARE, MODEL, VLLM, FaultServer


def test_the_doctor_asks_one_question_and_says_what_it_found(longtake_here) -> None:
    with FaultServer(speaks=VLLM) as server:
        done = longtake_here("doctor", "--endpoint", server.url, "--json")
        assert len(server.bodies) == 1
    checks = {check["name"]: check for check in json.loads(done.out)}
    assert done.code == 0
    assert checks["model"]["found"] == MODEL
    assert checks["images"]["found"] == "taken as data URIs, the colour of two was told"
    assert checks["probabilities"]["found"] == "from log-probabilities, 20 a token"
    assert checks["JSON replies"]["found"] == "bound by a JSON schema"
    assert checks["cached tokens"]["found"] == "yes"
    assert checks["context"]["found"].startswith("32768 tokens; 64 frames of ")


def test_what_a_server_lacks_is_said_in_its_own_words(longtake_here) -> None:
    with FaultServer(speaks=BARE | {"strict"}) as server:
        done = longtake_here("doctor", "--endpoint", server.url, "--model", MODEL)
    assert done.code == 0
    assert "warn  probabilities    from the model's own word for its confidence" in done.out
    assert "logprobs is not supported" in done.out
    assert "JSON replies     asked for in words (json_schema: " in done.out
    assert "json_object is not supported" in done.out


def test_what_was_remembered_of_a_server_is_found_anew(longtake_here) -> None:
    with FaultServer(speaks=frozenset({"strict"})) as server:
        for speaks, said in (("strict", "asked for in words"), ("json_schema", "bound by a JSON")):
            server.speaks = frozenset({speaks})
            assert said in longtake_here("doctor", "--endpoint", server.url).out


def test_a_server_that_takes_no_images_may_plan(longtake_here) -> None:
    with FaultServer(most_images=0) as server:
        done = longtake_here("doctor", "--endpoint", server.url)
    assert done.code == 0
    assert "warn  images           not taken: status 400: At most 0 image(s)" in done.out
    assert "it can plan" in done.out
    assert "probabilities" not in done.out


def test_a_server_that_fails_every_time_ends_with_exit_5(longtake_here) -> None:
    with FaultServer(key="another") as server:
        done = longtake_here("doctor", "--endpoint", server.url)
        assert done.code == 5
        assert "401" in done.err
    done = longtake_here("doctor", "--endpoint", server.url)
    assert done.code == 5
    assert "no connection" in done.err
    assert done.err.count("\n") == 1


def test_the_doctor_wants_one_thing_at_a_time(longtake_here) -> None:
    assert longtake_here("doctor", "x.mp4", "--endpoint", "http://h/v1").code == 2
    assert longtake_here("doctor", "--model", "m").code == 2
    assert longtake_here("doctor", "--endpoint", "example.org:1").code == 2
