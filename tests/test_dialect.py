"""What a probe proves, and how long it is remembered."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import BARE, VLLM, FaultServer
from served_fixtures import QUICK, client_of, clip, painted_eye, served_eye

from longtake.models import dialect as dialects
from longtake.models.dialect import Dialect, dialect_of, recall
from longtake.models.endpoint import EndpointProblem
from longtake.models.eye_prompts import ask_text
from longtake.models.prompt import Prompt


@pytest.mark.parametrize(
    ("speaks", "found"),
    [
        (
            VLLM,
            Dialect(
                images=True, json_schema=True, logprobs=20, cached_tokens=True, frame_lists=True,
                tools=True, usage=True, context=32768,
            ),
        ),
        (BARE, Dialect(images=True, usage=True)),
        (frozenset({"json_schema"}), Dialect(json_schema=True, usage=True, context=32768)),
    ],
)  # fmt: skip
def test_each_capability_is_proven_by_a_request(speaks, found) -> None:
    with FaultServer(painted_eye(), speaks=speaks) as server:
        known = dialect_of(client_of(server))
        assert replace(known, probed=0.0) == found
        asked = len(server.bodies)
        assert asked <= 10
        assert dialect_of(client_of(server)) == known
        assert len(server.bodies) == asked
        dialect_of(client_of(server), refresh=True)
        assert len(server.bodies) > asked


def test_what_is_old_torn_or_of_another_version_is_probed_again(own_places: Path) -> None:
    with FaultServer(painted_eye()) as server:
        client = client_of(server)
        known = dialect_of(client)
        (file,) = own_places.rglob("endpoints/*.json")
        kept = json.loads(file.read_text())
        for change in ({"version": 0}, {"probed": time.time() - 8 * 86400}, {"more": 1}):
            file.write_text(json.dumps(kept | change))
            assert recall(client) is None
        file.write_text('{"version"')
        assert recall(client) is None
        dialects.remember(client, known)
        assert recall(client) == known
        assert not list(file.parent.glob(f"{file.name}.*"))
        dialects.forget(client)
        assert recall(client) is None


def test_a_server_that_refuses_us_is_an_error_and_nothing_is_remembered(own_places: Path) -> None:
    with (
        FaultServer(painted_eye(), key="right-key") as server,
        pytest.raises(EndpointProblem, match="401"),
    ):
        dialect_of(client_of(server))
    assert not list(own_places.rglob("endpoints/*.json"))


def test_frames_go_as_a_list_only_where_that_was_proven() -> None:
    frames = clip((128, 64), 13.5, 14.25)
    for speaks, kind in ((VLLM, "video_url"), (frozenset({"logprobs"}), "image_url")):
        with FaultServer(painted_eye(), speaks=speaks) as server:
            served_eye(server, video=True).judge([frames], "a red fish")
            body = server.bodies[-1]
        assert kind in [part["type"] for part in body["messages"][1]["content"]]
        if kind == "video_url":
            timing = body["media_io_kwargs"]["video"]
            assert timing["frames_indices"] == [13500, 14250]
            assert timing["fps"] == 1000
            assert timing["num_frames"] == -1


def test_everything_before_the_question_stays_the_same_between_questions() -> None:
    frames = clip((128, 64), 13, 14)
    with FaultServer(painted_eye()) as server:
        client = client_of(server, QUICK)
        for question in ("What is it?", "Where is it?"):
            client.complete(Prompt(ask_text("short", question), frames), max_tokens=8)
        first, second = (json.dumps(body["messages"]) for body in server.bodies)
    assert first[: first.index("What is it")] == second[: second.index("Where is it")]
    times = [p.get("text") for p in server.bodies[0]["messages"][1]["content"]]
    assert times == ["<13.0 seconds>", None, "<14.0 seconds>", None, times[-1]]


def test_a_short_context_holds_fewer_frames() -> None:
    with FaultServer(painted_eye()) as server:
        client = client_of(server)
        client.model = "Qwen3-VL-8B"
        from longtake.models.served import ServedEye

        eye = ServedEye(client, Dialect(context=4096), frame_size=(448, 256))
        assert eye.max_frames == (4096 - 2048) // (112 + 12)
        with pytest.raises(EndpointProblem, match="takes no images"):
            ServedEye(client, Dialect(images=False))
