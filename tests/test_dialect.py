"""What a probe proves, and how long it is remembered."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fault_server import BARE, VLLM, FaultServer
from served_fixtures import QUICK, client_of, clip, painted_eye, served_eye
from server_fields import VOCABULARY
from server_reading import read_request

from longtake.models.client import known as dialects
from longtake.models.client.capabilities import Dialect
from longtake.models.client.client import EndpointProblem
from longtake.models.client.known import dialect_of, recall
from longtake.models.client.media import JpegCache
from longtake.models.client.prompt import Prompt
from longtake.world.vlm.prompts import ask_text

# many frames a request take a busy machine longer
PATIENT = replace(QUICK, read=30.0, attempt=30.0)
# all that write a letter, yes or no
LABEL_TOKENS = {
    token.replace(" ", "Ġ"): number
    for number, token in VOCABULARY.items()
    if token.strip() not in ("", "The", "It")
}


@pytest.mark.parametrize(
    ("speaks", "found"),
    [
        (
            VLLM,
            Dialect(
                images=True, json_schema=True, logprobs=20, cached_tokens=True, frame_lists=True,
                tools=True, usage=True, context=32768, label_tokens=LABEL_TOKENS,
            ),
        ),
        (BARE, Dialect(images=True, usage=True)),
        (frozenset({"json_schema"}), Dialect(json_schema=True, usage=True, context=32768)),
        (
            frozenset({"structured_outputs", "clips"}),
            Dialect(structured_outputs=True, clips=True, usage=True, context=32768),
        ),
        (frozenset({"logprobs"}), Dialect(logprobs=20, usage=True, context=32768)),
    ],
)  # fmt: skip
def test_each_capability_is_proven_by_a_request(speaks, found) -> None:
    with FaultServer(painted_eye(), speaks=speaks) as server:
        known = dialect_of(client_of(server, PATIENT))
        assert replace(known, probed=0.0, lacking={}) == found
        asked = len(server.bodies)
        assert asked <= 12
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


def test_a_server_that_drops_frames_of_a_clip_is_not_sent_any() -> None:
    with FaultServer(painted_eye(), speaks=frozenset({"clips"}), clip_frames=8) as server:
        assert not dialect_of(client_of(server, PATIENT)).clips


def test_a_clip_holds_every_frame_at_its_time_and_brings_the_same_answers() -> None:
    speaks = frozenset({"clips", "logprobs"})
    frames = clip((512, 256), 42.5, 43.25, 44.0, 44.75, 45.5, 46.25)
    with FaultServer(painted_eye(), speaks=speaks) as server:
        shown = [served_eye(server, PATIENT, video=video) for video in (True, False)]
        shares = [eye.judge([frames], "a red fish moving right")[0] for eye in shown]
        (part,) = (p for p in server.bodies[-2]["messages"][1]["content"] if "video_url" in p)
        asked = read_request(server.bodies[-2])
    assert part["video_url"]["url"].startswith("data:video/mp4;base64,")
    assert "media_io_kwargs" not in server.bodies[-2]
    assert asked.frames.seconds.tolist() == frames.seconds.tolist()
    assert np.abs(asked.frames.pixels.astype(int) - frames.pixels).mean() < 3
    assert shares[0] == pytest.approx(shares[1], abs=0.1)
    assert "image_url" in [part["type"] for part in server.bodies[-1]["messages"][1]["content"]]


@pytest.mark.parametrize(
    "seconds",
    [
        (13, 14, 15),  # an odd one is dropped by some readers
        (13, 14, 15, 17),  # not evenly spaced
        (13, 13.2, 13.4, 13.6),  # denser than servers look
        tuple(range(34)),  # more than servers take
    ],
)
def test_frames_whose_times_a_server_would_get_wrong_go_as_images(seconds) -> None:
    prompt = Prompt("What?", clip((64, 48), *seconds), media="clip")
    kinds = {part["type"] for part in prompt.messages(JpegCache())[1]["content"]}
    assert kinds == {"text", "image_url"}


def test_equal_frames_are_equal_clips_and_encoded_once() -> None:
    prompt = Prompt("What?", clip((64, 48), 13, 14, 15, 16), media="clip")
    jpegs = JpegCache()
    assert prompt.messages(jpegs) == prompt.messages(jpegs) == prompt.messages(JpegCache())
    assert jpegs.encoded == 1


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
        from longtake.models.vlm.served import ServedEye

        eye = ServedEye(client, Dialect(context=4096), frame_size=(448, 256))
        assert eye.max_frames == (4096 - 2048) // (112 + 12)
        with pytest.raises(EndpointProblem, match="takes no images"):
            ServedEye(client, Dialect(images=False))
