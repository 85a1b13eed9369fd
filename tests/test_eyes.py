"""Every eye keeps the contract of tools/base.py: adding an eye is adding a line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from fault_server import BARE, VLLM, FaultServer
from PIL import Image
from served_fixtures import painted_eye, served_eye
from tools_fixtures import PaintEncoder, paint

from longtake.index.video.frames import Frames
from longtake.models.vlm.served import ServedEye
from longtake.models.vlm_registry import load_eye


@contextmanager
def behind_a_server(speaks: frozenset[str]) -> Iterator[ServedEye]:
    with FaultServer(painted_eye(), speaks=speaks) as server:
        yield served_eye(server)


EYES = {
    "tagger": lambda: nullcontext(load_eye("tagger", PaintEncoder())),
    "similarity": lambda: nullcontext(load_eye("tagger", PaintEncoder(lexicon=None))),
    "served, logprobs": lambda: behind_a_server(VLLM),
    "served, schema": lambda: behind_a_server(frozenset({"json_schema"})),
    "served, samples": lambda: behind_a_server(BARE),
}


@pytest.fixture(scope="module", params=sorted(EYES))
def eye(request, tmp_path_factory):
    # made before the test's own places are, so that what a probe remembers needs a place here
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with EYES[request.param]() as eye:
            yield eye


def clip(eye, *seconds: float) -> Frames:
    frames = [np.asarray(Image.fromarray(paint(s)).resize(eye.frame_size)) for s in seconds]
    return Frames(np.stack(frames), np.array(seconds, float))


def test_an_eye_says_who_it_is_and_what_it_takes(eye):
    assert eye.id
    assert isinstance(eye.id, str)
    width, height = eye.frame_size
    assert 16 <= width <= 4096
    assert 16 <= height <= 4096
    assert eye.max_frames >= 8


def test_option_probabilities_sum_to_one_and_name_the_best(eye):
    options = ["the red fish", "the blue car", "the green key"]
    reply = eye.answer(clip(eye, 13, 14), "Which object is seen in the forest?", options)
    assert math.fsum(reply.options) == pytest.approx(1)
    assert all(p >= 0 for p in reply.options)
    assert reply.text == options[int(np.argmax(reply.options))] == "the red fish"
    assert len(reply.frame_scores) in (0, 2)
    assert all(0 <= s <= 1 for s in reply.frame_scores)
    assert reply.method in ("similarity", "logprob", "schema", "samples")


def test_without_options_there_are_no_probabilities(eye):
    reply = eye.answer(clip(eye, 13), "What is there to see?")
    assert reply.options is None
    assert isinstance(reply.text, str)


def test_judging_gives_one_probability_a_clip_and_ranks_them(eye):
    scores = eye.judge([clip(eye, 13, 14), clip(eye, 50)], "a red fish")
    assert len(scores) == 2
    assert all(0 <= s <= 1 for s in scores)
    assert scores[0] > scores[1]
    assert eye.judge([], "a red fish") == []


def test_judging_clips_together_or_apart_is_the_same(eye):
    parts = [clip(eye, 13, 14), clip(eye, 24), clip(eye, 50)]
    together = eye.judge(parts, "a red cup")
    assert together == pytest.approx([eye.judge([part], "a red cup")[0] for part in parts])


def test_captions_are_words_and_boxes_lie_in_the_frame(eye):
    frames = clip(eye, 13, 50)
    assert eye.caption(frames).text
    boxes = eye.locate(frames, "a red fish")
    assert len(boxes) == 2
    assert all(box is None or 0 < box.area <= 1 for box in boxes)


def test_knowing_is_a_share_or_unknown(eye):
    known = eye.knows(clip(eye, 13))
    assert known is None or 0 <= known <= 1


def test_larger_frames_than_asked_for_are_taken(eye):
    frames = Frames(paint(13)[None], np.array([13.0]))
    assert eye.judge([frames], "a red fish")[0] > eye.judge([frames], "a blue car")[0]


def test_the_same_frames_give_the_same_reply(eye):
    frames = clip(eye, 13, 24)
    first = eye.answer(frames, "What colour is the fish?", ["red", "blue"])
    assert first == eye.answer(frames, "What colour is the fish?", ["red", "blue"])
