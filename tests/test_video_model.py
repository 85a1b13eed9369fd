"""One class runs any transformers model that reads pictures; here four of different make."""

import numpy as np
import pytest
import torch
from vlm_fixtures import noise, tiny_llava, tiny_qwen, tiny_qwen25, tiny_smolvlm

from longtake.index.video.errors import UsageError
from longtake.index.video.frames import Frames, empty_frames
from longtake.models.client.usage import metered
from longtake.models.vlm.local import LocalVLM
from longtake.models.vlm.prompts import LETTERS, caption_text, choice_text
from longtake.models.vlm.request import Request
from longtake.models.vlm.transformers_model import VideoModel
from longtake.tools.present import PRESENTERS, Terms

MAKERS = {
    "llava-onevision": tiny_llava,
    "qwen2.5-vl": tiny_qwen25,
    "qwen3-vl": tiny_qwen,
    "smolvlm": tiny_smolvlm,
}
COLOURS = ["red", "blue", "green"]


@pytest.fixture(scope="module", params=sorted(MAKERS))
def folder(request, tmp_path_factory):
    return MAKERS[request.param](tmp_path_factory.mktemp("checkpoint") / request.param)


@pytest.fixture(scope="module")
def model(folder):
    return VideoModel(folder)


@pytest.fixture(scope="module")
def vlm(folder):
    return LocalVLM(folder)


def asked(question: str) -> str:
    return choice_text(question, COLOURS, (), LETTERS[:3])


def test_going_on_from_kept_frames_says_what_reading_everything_says(model):
    frames = noise(3)
    for question in ("What colour is the fish?", "Which of these is the sky?"):
        request = Request(frames, asked(question))
        with torch.inference_mode():
            whole = model.model(**model._inputs([request]), logits_to_keep=1).logits[0, -1]
        torch.testing.assert_close(model._first([request])[0], whole, rtol=1e-4, atol=1e-4)


def test_a_second_question_about_the_same_frames_reads_only_itself(model):
    frames = noise(4, seed=1)
    model.weigh([Request(frames, asked("What colour is the fish?"))], LETTERS[:3])
    with metered() as again:
        model.weigh([Request(frames, asked("What colour is the cup?"))], LETTERS[:3])
    with metered() as anew:
        model.weigh([Request(noise(4, seed=2), asked("What colour is the cup?"))], LETTERS[:3])
    assert 0 < again.total.tokens_in < anew.total.tokens_in / 2


@pytest.mark.parametrize("frames", [1, 2])
def test_a_batch_says_what_its_requests_say_apart(model, frames):
    clips = [noise(frames, seed=k) for k in range(5)]
    requests = [Request(clip, asked(f"What colour is number {k}?")) for k, clip in enumerate(clips)]
    together = model.weigh(requests, LETTERS[:3])
    apart = [model.weigh([request], LETTERS[:3])[0] for request in requests]
    np.testing.assert_allclose(together, apart, rtol=1e-3, atol=1e-7)


def test_probabilities_of_words_are_shares_of_all_that_could_be_said(model):
    weights = model.weigh([Request(noise(2), asked("What colour is it?"))], ["yes", "no", "A"])
    assert weights.shape == (1, 3)
    assert (weights > 0).all()
    assert weights.sum() <= 1 + 1e-9


def test_without_frames_the_model_is_asked_blind(model):
    blind = Request(empty_frames(288, 160), asked("What colour is it?"))
    assert model.weigh([blind], LETTERS[:3]).shape == (1, 3)


def test_written_replies_are_words_and_counted(model):
    with metered() as meter:
        asked = caption_text(False, None)
        texts = model.write([Request(noise(1, seed=k), asked) for k in range(3)], 5)
    assert len(texts) == 3
    assert all(isinstance(text, str) for text in texts)
    assert 0 < meter.total.tokens_out <= 15


def test_a_reply_that_was_begun_goes_on_from_there(model):
    frames, question = noise(2), asked("What colour is it?")
    begun = Request(frames, question, '{"answer": "')
    plain = Request(frames, question)
    one, two = (model.weigh([request], LETTERS[:3]) for request in (begun, plain))
    assert not np.allclose(one, two, rtol=1e-6, atol=0)
    with torch.inference_mode():
        whole = model.model(**model._inputs([begun]), logits_to_keep=1).logits[0, -1]
    torch.testing.assert_close(model._first([begun])[0], whole, rtol=1e-4, atol=1e-4)


def test_the_chat_is_written_by_whoever_brings_other_turns(folder):
    def turns(seconds, asked):
        parts = [{"type": "image"} for _ in seconds]
        return [{"role": "user", "content": [*parts, {"type": "text", "text": asked}]}]

    model = VideoModel(folder, turns=turns)
    head, tail = model._parts(Request(noise(2), "Is it red?"))
    assert "analyst" not in head
    assert tail.startswith("Is it red?")
    assert model.weigh([Request(noise(2), "Is it red?")], ["yes", "no"]).shape == (1, 2)


def test_a_layout_of_pictures_of_several_sizes_is_read_as_it_was_laid_out(model, vlm):
    frames = noise(6)
    grid = PRESENTERS["grid"](frames, Terms())
    summed = PRESENTERS["thumbnail"](frames, Terms())
    sizes = {picture.size for picture in summed.pictures}
    assert (len(grid.pictures), len(summed.pictures), len(sizes)) == (1, 7, 2)
    head, _ = model._parts(Request(grid, asked("What colour is the fish?")))
    assert "6 frames" in head
    reply = vlm.answer(summed, "What colour is the fish?", COLOURS)
    assert sum(reply.options) == pytest.approx(1)
    assert len(reply.frame_scores) in (0, 6)


def test_a_model_with_turns_of_its_own_sees_plain_frames(folder):
    def turns(seconds, asked):
        parts = [{"type": "image"} for _ in seconds]
        return [{"role": "user", "content": [*parts, {"type": "text", "text": asked}]}]

    model = VideoModel(folder, turns=turns)
    frames = noise(3)
    plain, laid = (Request(f, "Is it red?") for f in (frames, PRESENTERS["grid"](frames, Terms())))
    assert model._parts(laid) == model._parts(plain)
    np.testing.assert_allclose(
        model.weigh([laid], ["yes", "no"]), model.weigh([plain], ["yes", "no"]), rtol=1e-5
    )


def test_the_vlm_keeps_the_contract_of_its_seam(vlm):
    frames = noise(2)
    reply = vlm.answer(frames, "What colour is the fish?", COLOURS, ["0:01 A red fish."])
    assert sum(reply.options) == pytest.approx(1)
    assert reply.text == COLOURS[int(np.argmax(reply.options))]
    assert reply.method == "logprob"
    assert reply.tokens_in > 0
    assert len(reply.frame_scores) in (0, 2)
    scores = vlm.judge([frames, frames.take([0]), frames.take([])], "a red fish")
    assert scores[2] == 0
    assert all(0 <= score <= 1 for score in scores)
    assert vlm.judge([frames.take([])], "a red fish", ["0:01 A red fish."])[0] > 0
    assert vlm.judge([], "a red fish") == []
    assert len(vlm.locate(frames, "a red fish")) == 2
    assert vlm.covers(frames) is None
    assert isinstance(vlm.caption(frames, focus="the fish").text, str)
    found = vlm.find(frames, "a red fish")
    assert len(found) == 2
    assert all(0 <= score <= 1 for score in found)
    assert isinstance(vlm.answer(frames, "What is it?").text, str)


def test_a_question_asked_again_with_two_options_keeps_their_letters(vlm):
    weights = []
    real = vlm.model.weigh

    def spy(requests, words):
        weights.append((requests[0].asked, requests[0].begun, tuple(words)))
        return real(requests, words)

    vlm.model.weigh = spy
    try:
        reply = vlm.answer(noise(1), "What colour is it?", ["blue", "green"], letters="BD")
    finally:
        del vlm.model.weigh
    asked_text, begun, words = weights[0]
    assert words == ("B", "D")
    assert begun == '{"answer": "'
    assert "What colour is it?\nB. blue\nD. green\n" in asked_text
    assert len(reply.options) == 2


def test_frames_are_shown_in_the_aspect_of_the_film(vlm):
    few, many = (vlm.frame_size((1920, 1080), count) for count in (2, 64))
    assert few >= many
    assert many[0] / many[1] == pytest.approx(16 / 9, rel=0.03)
    assert vlm.frame_size((320, 240), 1) <= (320, 240)


def test_what_is_no_model_is_refused_with_a_way_out(tmp_path):
    with pytest.raises(UsageError, match="cannot be loaded") as caught:
        VideoModel(tmp_path)
    assert "local-dir:PATH" in caught.value.remedy


def test_frames_in_another_order_are_other_frames(model):
    frames = noise(2)
    turned = Frames(frames.pixels[::-1].copy(), frames.seconds)
    question = asked("What colour is it?")
    one, two = (model.weigh([Request(f, question)], LETTERS[:3]) for f in (frames, turned))
    assert not np.allclose(one, two, rtol=1e-6, atol=0)
