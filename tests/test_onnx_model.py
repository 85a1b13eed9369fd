"""The embedded VLM by onnxruntime: the same words and probabilities as by transformers."""

from __future__ import annotations

import numpy as np
import pytest
from vlm_fixtures import training_module

from longtake.index.video.frames import Frames
from longtake.models.client.usage import metered
from longtake.models.vlm.request import Request
from longtake.models.vlm.transformers_model import VideoModel
from longtake.world.perception.identity import vlm_folder
from longtake.world.vlm.onnx_model import OnnxVideoModel
from longtake.world.vlm.picture_tower import fitted_size
from longtake.world.vlm.prompts import ask_text, chat

CHOICE = ask_text("choice", "Which colour does the fish have?", ["red", "blue", "green"])
LETTERS = ("A", "B", "C")


@pytest.fixture(scope="module")
def onnx() -> OnnxVideoModel:
    return OnnxVideoModel(vlm_folder())


@pytest.fixture(scope="module")
def by_torch() -> VideoModel:
    return VideoModel(vlm_folder(), "cpu", turns=chat)


@pytest.fixture(scope="module")
def frames() -> Frames:
    film = training_module("clips.film")
    held_out = training_module("clips.scene").HELD_OUT
    pixels = np.concatenate([film.make_clip(held_out + 77 + k, 1).pixels for k in range(5)])
    return Frames(pixels, np.array([1.5, 2.0, 7.25, 61.0, 3599.9]))


@pytest.mark.parametrize("rows", [[0], [1, 2, 3], [], [0, 1, 2, 3, 4]])
def test_options_weigh_the_same(onnx, by_torch, frames, rows: list[int]) -> None:
    request = Request(frames.take(rows), CHOICE)
    ours, theirs = onnx.weigh([request], LETTERS), by_torch.weigh([request], LETTERS)
    assert ours.shape == (1, 3)
    assert np.abs(ours - theirs).max() < 1e-3


def test_requests_of_unlike_length_weigh_the_same_together_and_alone(
    onnx, by_torch, frames
) -> None:
    clips = [frames.take(rows) for rows in ([0], [1, 2, 3], [4], [2, 3], [0, 1, 2, 3, 4])]
    requests = [Request(clip, ask_text("yesno", "Is there a sign?")) for clip in clips]
    together = onnx.weigh(requests, ("yes", "no"))
    alone = np.concatenate([onnx.weigh([request], ("yes", "no")) for request in requests])
    assert np.abs(together - alone).max() < 1e-4
    assert np.abs(together - by_torch.weigh(requests, ("yes", "no"))).max() < 1e-3
    assert onnx.weigh([], ("yes",)).shape == (0, 1)


def test_it_writes_the_same_words(onnx, by_torch, frames) -> None:
    asked = ask_text("caption")
    requests = [Request(frames.take([row]), asked) for row in range(3)]
    requests.append(Request(frames.take([1, 2]), ask_text("dense"), "0"))
    requests.append(Request(frames.take([]), ask_text("short", "Who?", notes=["It is Ann."])))
    written = onnx.write(requests, 60)
    assert written == by_torch.write(requests, 60)
    assert all(written)


@pytest.mark.parametrize("shape", [(90, 120), (260, 466), (400, 100)])
def test_pictures_of_any_shape_are_seen_alike(onnx, by_torch, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (2, 10, 10, 3)).astype(np.uint8)
    pixels = coarse.repeat(shape[0] // 10, 1).repeat(shape[1] // 10, 2)
    request = Request(Frames(pixels, np.array([0.0, 1.0])), CHOICE)
    # two libraries resize a picture, which differ by a step of brightness here and there
    ours, theirs = onnx.weigh([request], LETTERS), by_torch.weigh([request], LETTERS)
    assert np.abs(ours - theirs).max() < 0.03


def test_sizes_are_those_of_the_image_processor() -> None:
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

    for height, width in ((160, 288), (90, 120), (260, 466), (1080, 1920), (400, 100), (33, 600)):
        theirs = smart_resize(height, width, 32, 46080, 46656)
        assert fitted_size(height, width, 32, 46080, 46656) == theirs


def test_marks_of_pictures_in_a_question_are_words_like_others(onnx, frames) -> None:
    asked = ask_text("short", "What does <|image_pad|> mean?")
    assert isinstance(onnx.write([Request(frames.take([0]), asked)], 8)[0], str)


def test_a_second_request_about_the_same_frames_reads_only_its_own_words(onnx, frames) -> None:
    clip = Frames(frames.pixels[:3].copy(), np.array([10.0, 11.0, 12.0]))
    with metered() as first:
        onnx.weigh([Request(clip, CHOICE)], LETTERS)
    with metered() as second:
        onnx.weigh([Request(clip, ask_text("yesno", "Is there a sign?"))], ("yes", "no"))
    assert first.total.tokens_in > 3 * 45
    assert second.total.cached > 3 * 45
    assert 0 < second.total.tokens_in - second.total.cached < 45
