"""Which frames show the answer: the served eye asks about them one by one, where that is one request."""

from __future__ import annotations

import pytest
from fault_server import BARE, VLLM, FaultServer
from served_fixtures import client_of, clip, painted_eye, served_eye

from longtake.index.video.frames import empty_frames
from longtake.models.client.capabilities import Dialect
from longtake.models.client.usage import metered
from longtake.models.vlm.frame_relevance import SCORED_FRAMES, score_frames
from longtake.models.vlm.served import ServedEye

SIZE = (128, 64)
# the painted film shows the red fish from 12 to 20 seconds, and then from 40 to 48
SECONDS = (5.0, 13.0, 14.0, 50.0)
OPTIONS = ["the red fish", "the blue car"]


@pytest.mark.parametrize("speaks", [VLLM, frozenset({"json_schema"})])
def test_frames_that_show_the_answer_score_highest(speaks) -> None:
    with FaultServer(painted_eye(), speaks=speaks) as server:
        eye = served_eye(server)
        server.bodies.clear()
        with metered() as meter:
            reply = eye.answer(clip(SIZE, *SECONDS), "Which object is seen?", OPTIONS)
        assert len(server.bodies) == meter.total.requests == 1 + len(SECONDS)
    assert len(reply.frame_scores) == len(SECONDS)
    assert min(reply.frame_scores[1:3]) > max(reply.frame_scores[0], reply.frame_scores[3])
    assert reply.tokens_in == meter.total.tokens_in


def test_scores_are_those_of_judging_each_frame() -> None:
    frames = clip(SIZE, *SECONDS)
    with FaultServer(painted_eye()) as server:
        eye = served_eye(server)
        scores = eye.frame_scores(frames, "a red fish")
        assert list(scores) == eye.judge([frames.take([k]) for k in range(4)], "a red fish")


def test_where_a_probability_costs_five_requests_frames_are_not_scored() -> None:
    with FaultServer(painted_eye(), speaks=BARE) as server:
        eye = served_eye(server)
        server.bodies.clear()
        reply = eye.answer(clip(SIZE, 13), "Which object is seen?", OPTIONS)
        assert len(server.bodies) == 5
    assert reply.frame_scores == ()


def test_an_answer_is_not_lost_where_the_scores_fail() -> None:
    with FaultServer(painted_eye(), script=[None]) as server, metered() as meter:
        eye = ServedEye(client_of(server), Dialect(logprobs=20), frame_size=SIZE)
        server.rate, server.kinds = 1.0, ("denied",)
        reply = eye.answer(clip(SIZE, 13), "Which object is seen?", OPTIONS)
    assert reply.text == "the red fish"
    assert reply.frame_scores == ()
    assert any("did not say which frames" in note for note in meter.total.notes)


def test_of_many_frames_some_are_asked_about_and_the_rest_lie_between() -> None:
    asked: list[float] = []

    def weigh(clips, text):
        assert text == "Does this clip show a fish?\nAnswer yes or no."
        asked.extend(float(one.seconds[0]) for one in clips)
        return [second / 100 for second in asked]

    frames = clip((16, 8), *range(61))
    scores = score_frames(frames, "a fish", weigh)
    assert len(asked) == SCORED_FRAMES
    assert (asked[0], asked[-1]) == (0, 60)
    assert scores == pytest.approx([second / 100 for second in range(61)])
    assert score_frames(empty_frames(), "a fish", weigh) == ()
