"""What a server can do: found with the first real requests, remembered, and used from then on."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from colour_model import plain_frames
from fault_server import BARE, MODEL, VLLM, FaultServer
from served_fixtures import QUICK, known_client, served_vlm
from server_reading import read_request

from longtake.index.video.frames import Frames
from longtake.models.client.capabilities import Capabilities, forget, recall, remember
from longtake.models.client.transport.problems import EndpointProblem
from longtake.models.vlm.media import JpegCache
from longtake.models.vlm.request import FrameRequest
from longtake.models.vlm.served import ServedVLM

# many frames a request take a busy machine longer
PATIENT = replace(QUICK, read=30.0, attempt=30.0)
STRICT = frozenset({"strict"})


def ask(server: FaultServer, **options) -> ServedVLM:
    """Ask a served VLM a first question, and check the answer."""
    vlm = served_vlm(server, PATIENT, **options)
    reply = vlm.answer(plain_frames("red", "blue"), "What is seen?", ["green", "blue"])
    assert reply.text == "blue"
    return vlm


@pytest.mark.parametrize(
    ("speaks", "requests", "found"),
    [
        (VLLM, 1, {"logprobs": 20, "binding": "json_schema", "caches_prompts": True}),
        (BARE, 1, {"logprobs": 0, "binding": "json_schema", "context": None}),
        (STRICT, 5, {"logprobs": 0, "binding": "plain"}),
        (STRICT | {"json_object"}, 4, {"logprobs": 0, "binding": "json_object"}),
        (STRICT | {"logprobs", "structured_outputs"}, 2, {"binding": "structured_outputs"}),
        (STRICT | {"json_schema"}, 2, {"logprobs": 0, "binding": "json_schema"}),
        (frozenset({"words"}), 1, {"logprobs": 0, "binding": "structured_outputs"}),
    ],
)
def test_the_first_question_finds_out_what_a_server_takes(speaks, requests, found) -> None:
    with FaultServer(speaks=speaks) as server:
        vlm = ask(server)
        assert len(server.bodies) == requests
        known = vlm.client.capabilities
        assert {name: getattr(known, name) for name in found} == found
        assert known.counts_tokens
        # it is remembered: the next process asks once
        server.bodies.clear()
        if "words" not in speaks:
            ask(server)
            assert len(server.bodies) == 1


def test_why_something_is_not_used_is_kept_in_the_servers_words() -> None:
    with FaultServer(speaks=STRICT) as server:
        lacking = ask(server).client.capabilities.lacking
    assert "logprobs is not supported" in lacking["logprobs"]
    assert "json_schema is not supported" in lacking["json_schema"]


def test_what_is_old_torn_or_of_another_version_is_forgotten(own_places: Path) -> None:
    with FaultServer() as server:
        known = ask(server).client.capabilities
        where = (server.url, MODEL)
        assert recall(*where) == known
        (file,) = own_places.rglob("endpoints/*.json")
        kept = json.loads(file.read_text())
        for change in ({"version": 0}, {"since": time.time() - 8 * 86400}, {"more": 1}):
            file.write_text(json.dumps(kept | change))
            assert recall(*where) is None
        file.write_text('{"version"')
        assert recall(*where) is None
        remember(*where, known)
        assert recall(*where) == known
        assert not list(file.parent.glob(f"{file.name}.*"))
        forget(*where)
        assert recall(*where) is None


def test_a_server_that_refuses_us_is_an_error_and_nothing_is_remembered(own_places: Path) -> None:
    with (
        FaultServer(key="right-key") as server,
        pytest.raises(EndpointProblem, match="401"),
    ):
        ask(server)
    assert not list(own_places.rglob("endpoints/*.json"))


def test_frames_go_as_a_list_only_where_that_was_proven() -> None:
    frames = Frames(plain_frames("red", "blue").pixels, np.array([13.5, 14.25]))
    for speaks, kind in ((VLLM, "video_url"), (BARE, "image_url")):
        with FaultServer(speaks=speaks) as server:
            shares = served_vlm(server, PATIENT, video=True).judge([frames], "it is blue")
            body = server.bodies[-1]
        assert shares[0] > 0.7
        assert kind in [part["type"] for part in body["messages"][1]["content"]]
        if kind == "video_url":
            timing = body["media_io_kwargs"]["video"]
            assert timing["frames_indices"] == [13500, 14250]
            assert timing["fps"] == 1000
            assert timing["num_frames"] == -1


def test_a_server_that_drops_frames_of_a_clip_is_not_sent_any() -> None:
    with FaultServer(speaks=frozenset({"clips"}), clip_frames=8) as server:
        known = ask(server, video=True).client.capabilities
    assert known.video == "images"
    assert "are only" in known.lacking["clip"]
    assert known.checked == ("video",)


def test_a_clip_holds_every_frame_at_its_time_and_brings_the_same_answers() -> None:
    colours = ("red", "green", "blue", "red", "yellow", "white")
    frames = plain_frames(*colours, step=0.75, size=(128, 64))
    with FaultServer(speaks=frozenset({"clips"})) as server:
        clip, pictures = (served_vlm(server, PATIENT, video=video) for video in (True, False))
        found = clip.find(frames, "something yellow")
        asked = read_request(server.bodies[-1])
        assert found == pictures.find(frames, "something yellow")
        kinds = [
            {part["type"] for part in body["messages"][1]["content"]} for body in server.bodies[-2:]
        ]
    assert kinds == [{"text", "video_url"}, {"text", "image_url"}]
    assert [score > 0.5 for score in found] == [colour == "yellow" for colour in colours]
    assert asked.frames.seconds.tolist() == frames.seconds.tolist()
    assert np.abs(asked.frames.pixels.astype(int) - frames.pixels).mean() < 3


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
    pixels = np.zeros((len(seconds), 48, 64, 3), np.uint8)
    request = FrameRequest("What?", Frames(pixels, np.array(seconds, float)), media="clip")
    parts = request.messages(Capabilities(video="clip"))[1]["content"]
    assert {part["type"] for part in parts} == {"text", "image_url"}


def test_equal_frames_are_equal_clips_and_encoded_once() -> None:
    frames = plain_frames("red", "green", "blue", "red", size=(64, 48))
    jpegs, known = JpegCache(), Capabilities(video="clip")
    request = FrameRequest("What?", frames, media="clip", jpegs=jpegs)
    other = replace(request, jpegs=JpegCache())
    assert request.messages(known) == request.messages(known) == other.messages(known)
    assert jpegs.encoded == 1


def test_everything_before_the_question_stays_the_same_between_questions() -> None:
    frames = plain_frames("red", "blue")
    with FaultServer() as server:
        vlm = served_vlm(server)
        for question in ("What is it?", "Where is it?"):
            vlm.answer(frames, question)
        first, second = (json.dumps(body["messages"]) for body in server.bodies)
    assert first[: first.index("What is it")] == second[: second.index("Where is it")]
    times = [p.get("text") for p in server.bodies[0]["messages"][1]["content"]]
    assert times == ["<0.0 seconds>", None, "<2.0 seconds>", None, times[-1]]


def test_a_short_context_holds_fewer_and_smaller_frames() -> None:
    with FaultServer() as server:
        short = ServedVLM(known_client(server, context=4096))
        wide = ServedVLM(known_client(server, context=32_768))
        assert short.max_frames == 2048 // (64 + 12)
        assert wide.max_frames == 64
        film = (1920, 1080)
        assert short.frame_size(film, 16) < wide.frame_size(film, 16)
        assert wide.frame_size(film, 64) < wide.frame_size(film, 8) <= film
        assert not server.bodies
