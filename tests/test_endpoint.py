"""The client: what is retried and what is not, repair, lighter requests, circuit breaker."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from colour_model import Said, plain_frames
from fault_server import FAULTS, MODEL, FaultServer
from served_fixtures import QUICK, client_of

from longtake.index.video.errors import EndpointError, UsageError
from longtake.index.video.frames import Frames
from longtake.models.client.capabilities import Capabilities
from longtake.models.client.client import EndpointClient
from longtake.models.client.transport.address import clean_url
from longtake.models.client.transport.fault import Fault
from longtake.models.client.transport.problems import EndpointProblem
from longtake.models.client.transport.retry import Breaker
from longtake.models.client.usage import metered
from longtake.models.vlm.media import JpegCache
from longtake.models.vlm.prompts import caption_text
from longtake.models.vlm.request import FrameRequest

HELLO = FrameRequest("Hello.")
CAPTION = caption_text(False, None)


class Parrot:
    """Says what it was told to say."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def reply(self, asked) -> Said:
        if asked.task in ("chat", "other"):
            return Said("Hello.")
        return Said(self.texts.pop(0) if self.texts else "a cat")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_passing_fault_is_tried_again_and_counted(fault: str) -> None:
    with FaultServer(Parrot(), script=[fault]) as server, metered() as meter:
        answer = client_of(server).complete(HELLO, max_tokens=8)
    assert answer.text == "Hello."
    assert server.faults == [fault]
    assert meter.total.requests == 1
    assert meter.total.attempts == 2
    assert meter.total.tokens_in == 30
    assert meter.total.cached == 15


@pytest.mark.parametrize(
    ("kind", "words"), [("denied", "key_env"), ("missing", "which models it has")]
)
def test_what_will_not_pass_is_asked_once(kind: str, words: str) -> None:
    with FaultServer(Parrot(), key="right" if kind == "denied" else None) as server:
        client = EndpointClient(server.url, MODEL if kind == "denied" else "other", limits=QUICK)
        with metered() as meter, pytest.raises(EndpointProblem) as caught:
            client.complete(HELLO, max_tokens=8)
    assert caught.value.kind == kind
    assert caught.value.exit_code == 5
    assert words in caught.value.remedy
    assert meter.total.attempts == 1


def test_a_server_that_is_not_there_ends_in_one_error_with_a_remedy() -> None:
    client = EndpointClient("http://127.0.0.1:9/v1", MODEL, limits=QUICK)
    with pytest.raises(EndpointError, match="no connection") as caught:
        client.complete(HELLO, max_tokens=8)
    assert "3 attempts" in caught.value.message
    assert "longtake doctor --endpoint http://127.0.0.1:9/v1" in caught.value.remedy
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_attempts_end_at_the_bound() -> None:
    with (
        FaultServer(Parrot(), rate=1.0, kinds=["error"]) as server,
        metered() as meter,
        pytest.raises(EndpointProblem, match="CUDA error"),
    ):
        client_of(server, replace(QUICK, attempts=4)).complete(HELLO, max_tokens=8)
    assert meter.total.attempts == len(server.faults) == 4


def test_retry_after_is_waited_for() -> None:
    with FaultServer(Parrot(), script=["busy"], retry_after="1") as server:
        began = time.monotonic()
        client_of(server).complete(HELLO, max_tokens=8)
    assert 1.0 <= time.monotonic() - began < 3


def test_a_longer_retry_after_than_patience_is_an_error_at_once() -> None:
    with FaultServer(Parrot(), script=["busy"], retry_after="3600") as server:
        began = time.monotonic()
        with pytest.raises(EndpointProblem, match="slow down") as caught:
            client_of(server).complete(HELLO, max_tokens=8)
    assert caught.value.kind == "busy"
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("fault", ["drip", "hang"])
def test_a_server_that_takes_for_ever_is_left(fault: str) -> None:
    limits = replace(QUICK, read=0.4, attempt=0.5, attempts=2)
    with FaultServer(Parrot(), script=[fault, fault]) as server:
        began = time.monotonic()
        with pytest.raises(EndpointProblem, match="did not answer in time"):
            client_of(server, limits).complete(HELLO, max_tokens=8)
    assert time.monotonic() - began < 3


def test_the_total_ends_a_request_whatever_is_left_of_its_attempts() -> None:
    limits = replace(QUICK, total=0.6, attempts=1000, breaker_after=1000)
    with FaultServer(Parrot(), rate=1.0, kinds=["error"]) as server:
        began = time.monotonic()
        with pytest.raises(EndpointProblem):
            client_of(server, limits).complete(HELLO, max_tokens=8)
    assert time.monotonic() - began < 2


def test_a_misfit_is_repaired_once() -> None:
    asked = FrameRequest(CAPTION)

    def fits(completion):
        return None if completion.text == "a dog" else "not a dog"

    with FaultServer(Parrot("a cat", "a dog")) as server:
        assert client_of(server).complete(asked, max_tokens=8, fits=fits).text == "a dog"
        turns = [message["role"] for message in server.bodies[1]["messages"]]
    assert turns == ["system", "user", "assistant", "user"]
    assert "not a dog" in server.bodies[1]["messages"][-1]["content"]
    with (
        FaultServer(Parrot()) as server,
        metered() as meter,
        pytest.raises(EndpointProblem, match="not a dog") as caught,
    ):
        client_of(server).complete(asked, max_tokens=8, fits=fits)
    assert caught.value.kind == "unfit"
    assert meter.total.attempts == 2


def test_a_model_that_says_nothing_is_told_so_and_then_given_up() -> None:
    with FaultServer(Parrot(), script=["empty", "null", "no_choices"]) as server:
        assert client_of(server).complete(HELLO, max_tokens=8).text == "Hello."
        assert "it was empty" in server.bodies[0]["messages"][-1]["content"]
    with (
        FaultServer(Parrot(), rate=1.0, kinds=["empty"]) as server,
        metered() as meter,
        pytest.raises(EndpointProblem, match="it was empty"),
    ):
        client_of(server).complete(HELLO, max_tokens=8)
    assert meter.total.attempts == 6


def test_a_reply_of_the_wrong_shape_is_a_fault() -> None:
    with FaultServer(Parrot(), script=["strange"]) as server:
        assert client_of(server).complete(HELLO, max_tokens=8).text == "Hello."


def test_a_lighter_request_has_fewer_then_smaller_frames_and_an_end() -> None:
    request = FrameRequest("x", Frames(np.zeros((20, 256, 448, 3), np.uint8), np.arange(20.0)))
    views = []
    while (lighter := request.lighter(0.5)) is not None:
        request = lighter
        views.append(request.view)
    assert views == [
        "10 frames of 448x256",
        "8 frames of 448x256",
        "8 frames of 314x179",
        "4 frames of 314x179",
        "2 frames of 314x179",
        "1 frames of 314x179",
        "1 frames of 220x125",
    ]


def test_a_request_far_too_large_is_made_small_at_once() -> None:
    request = FrameRequest("x", Frames(np.zeros((64, 256, 448, 3), np.uint8), np.arange(64.0)))
    lighter = request.lighter(0.2)
    assert lighter is not None
    assert lighter.view == "12 frames of 448x256"
    assert lighter.frames.seconds[[0, -1]].tolist() == [0, 63]


def test_the_breaker_stops_asking_and_tries_again_after_a_rest() -> None:
    breaker = Breaker(after=2, rest=0.1)
    for _ in range(2):
        breaker.enter()
        breaker.leave(Fault("server", "500"))
    with pytest.raises(Fault, match="2 times in a row"):
        breaker.enter()
    time.sleep(0.12)
    breaker.enter()
    with pytest.raises(Fault):  # only one finds out
        breaker.enter()
    breaker.leave(None)
    breaker.enter()


def test_an_open_breaker_is_an_error_without_an_attempt() -> None:
    limits = replace(QUICK, breaker_after=3, breaker_rest=30)
    with FaultServer(Parrot(), rate=1.0, kinds=["error"]) as server, metered() as meter:
        client = client_of(server, limits)
        for _ in range(2):
            with pytest.raises(EndpointProblem, match="3 times in a row") as caught:
                client.complete(HELLO, max_tokens=8)
            assert caught.value.kind == "open"
    assert meter.total.attempts == 3


def test_only_pictures_that_we_encoded_are_sent_and_equal_ones_are_encoded_once() -> None:
    jpegs = JpegCache()
    frames = plain_frames("red", "blue", "red")
    request = FrameRequest(CAPTION, frames, jpegs=jpegs)
    first, second = request.messages(Capabilities()), request.messages(Capabilities())
    assert first == second
    assert jpegs.encoded == 2
    urls = [p["image_url"]["url"] for p in first[1]["content"] if p["type"] == "image_url"]
    assert len(urls) == 3
    assert all(url.startswith("data:image/jpeg;base64,/9j/") for url in urls)


def test_the_cache_of_pictures_is_bounded() -> None:
    jpegs = JpegCache(max_bytes=20_000)
    noise = np.random.default_rng(0).integers(0, 256, (50, 48, 64, 3), np.uint8)
    for pixels in noise:
        jpegs.base64_of(pixels)
    assert 0 < jpegs.size <= 20_000
    assert jpegs.encoded == 50


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "http://",
        "http://h/v1?key=x",
        "http//h/v1",
        "http:/h/v1",
        "http://h:abc/v1",
        "http://[::1/v1",
        "http://h h/v1",
        "http://h/\ud800",
        "api.example.org/v1",
    ],
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="endpoint") as caught:
        EndpointClient(url, MODEL)
    assert caught.value.remedy
    str(caught.value).encode()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("localhost:8000/v1/", "http://localhost:8000/v1"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("gpu-box:8000/v1", "http://gpu-box:8000/v1"),
        ("[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("http://h:1/v1/chat/completions", "http://h:1/v1"),
        ("https://api.example.org/v1", "https://api.example.org/v1"),
    ],
)
def test_a_local_address_needs_no_scheme_and_a_copied_call_is_cut_off(given, wanted) -> None:
    assert clean_url(given) == wanted


def test_of_a_request_too_long_the_larger_part_becomes_less_and_then_the_other() -> None:
    frames = Frames(np.zeros((4, 28, 28, 3), np.uint8), np.arange(4.0))
    request = FrameRequest("x", frames, notes=tuple("a line of words" for _ in range(8)))
    views = []
    while request is not None:
        views.append(request.view)
        request = request.lighter(0.5)
    assert views[:4] == [
        "4 frames of 28x28 and 8 lines of words",
        "4 frames of 28x28 and 4 lines of words",
        "4 frames of 28x28 and 2 lines of words",
        "4 frames of 28x28 and 1 lines of words",
    ]
    assert views[-1] == "1 frames of 28x28 and 1 lines of words"


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        EndpointClient("http://me:canary-5e1f@host/v1", MODEL)
    assert "canary" not in str(caught.value)


def test_a_closed_client_opens_again() -> None:
    with FaultServer(Parrot()) as server:
        client = client_of(server)
        client.complete(HELLO, max_tokens=8)
        client.close()
        assert client.complete(HELLO, max_tokens=8).text == "Hello."
        client.close()
