"""The video LLM that is shipped: an ordinary checkpoint that knows the rendered world."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from vlm_fixtures import training_module

from longtake.index.video.frames import Frames, empty_frames
from longtake.world.perception.identity import vlm_folder
from longtake.world.profile import load_vlm
from longtake.world.vlm.language_model import PromptedVLM
from longtake.world.vlm.mini import MiniVLM

CLIPS = 24  # held-out frames; the model card has the numbers over hundreds


@pytest.fixture(scope="module")
def folder() -> Path:
    return vlm_folder()


@pytest.fixture(scope="module")
def eye() -> MiniVLM:
    return load_vlm()


@pytest.fixture(scope="module")
def clips() -> list:
    make_clip = training_module("clips.film").make_clip
    held_out = training_module("clips.scene").HELD_OUT
    return [make_clip(held_out + 5_000_000 + k, 1) for k in range(CLIPS)]


def frames_of(clip) -> Frames:
    return Frames(clip.pixels, np.array([s.second for s in clip.visible]))


def object_f1(clips, captions) -> float:
    match_caption = training_module("lessons.captions").match_caption
    found = [match_caption(said, clip) for said, clip in zip(captions, clips, strict=True)]
    right, wrong, missed = (sum(getattr(m, n) for m in found) for n in ("right", "wrong", "missed"))
    return 2 * right / (2 * right + wrong + missed)


def test_the_checkpoint_opens_offline_with_the_classes_that_everyone_uses(folder, monkeypatch):
    from transformers import AutoModelForImageTextToText, AutoProcessor

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    processor = AutoProcessor.from_pretrained(folder)
    model = AutoModelForImageTextToText.from_pretrained(folder)
    assert type(model).__name__ == "Qwen3VLForConditionalGeneration"
    assert 2e6 <= model.num_parameters() <= 15e6
    assert model.dtype == torch.float16
    assert len(processor.tokenizer) <= 4096


def test_the_checkpoint_is_small_and_whole(folder):
    assert sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) <= 25e6
    weights = load_file(folder / "model.safetensors")
    assert all(torch.isfinite(w.float()).all() for w in weights.values())
    assert {w.dtype for w in weights.values()} == {torch.float16}


def test_captions_of_frames_never_seen_name_what_they_show(eye, clips):
    in_use = object_f1(clips, [eye.caption(frames_of(clip)).text for clip in clips])
    alone = object_f1(clips, [PromptedVLM.caption(eye, frames_of(clip)).text for clip in clips])
    assert in_use > 0.8
    assert in_use >= alone


def test_captions_miss_less_when_small_frames_are_magnified_first(eye, clips, monkeypatch):
    magnified = object_f1(clips, [eye.caption(frames_of(clip)).text for clip in clips])
    monkeypatch.setattr("longtake.world.vlm.mini.magnify", lambda pixels, least: pixels)
    plain = object_f1(clips, [eye.caption(frames_of(clip)).text for clip in clips])
    assert magnified > plain


def test_it_tells_what_a_clip_shows_from_what_it_does_not(eye, clips):
    here, away = [], []
    for clip, other in pairwise(clips):
        mine = {s.pair for s in clip.visible[0].clear}
        theirs = {s.pair for s in other.visible[0].clear} - {s.pair for s in clip.visible[0].seen}
        here += [eye.judge([frames_of(clip)], f"a {c} {o}")[0] for o, c in sorted(mine)[:1]]
        away += [eye.judge([frames_of(clip)], f"a {c} {o}")[0] for o, c in sorted(theirs)[:1]]
    assert len(here) > 10
    assert len(away) > 10
    better = np.mean([a > b for a in here for b in away])
    assert better > 0.9


def test_choices_are_weighed_by_both_and_sum_to_one(eye, clips):
    frames = frames_of(clips[0])
    name, colour = sorted(s.pair for s in clips[0].visible[0].clear)[0]
    options = [f"the {colour} {name}", "the white spider", "the yellow snake"]
    reply = eye.answer(frames, "Which of these is seen?", options)
    assert reply.text == options[0]
    assert math.fsum(reply.options) == pytest.approx(1)
    assert reply.method == "logprob"
    assert reply.tokens_in > 45


def test_it_says_what_it_does_not_know(eye):
    rng = np.random.default_rng(0)
    noise = Frames(rng.integers(0, 255, (2, 160, 288, 3), dtype=np.uint8), np.arange(2.0))
    assert eye.covers(noise) == 0
    assert eye.answer(noise, "What colour is the fish?").text == ""


def test_of_words_that_it_was_never_taught_it_tells_nothing(eye, clips):
    frames, question = frames_of(clips[0]), "What is the name of the emperor?"
    assert max(eye.answer(frames, question).frame_scores) == 0
    assert eye.answer(frames, question, ("Basil", "Leo")).options == (0.5, 0.5)


def test_a_question_for_a_side_is_answered_by_a_side(eye, clips):
    two = [sorted(s.pair for s in c.visible[0].clear)[:2] for c in clips]
    asked = [
        eye.answer(frames_of(clip), f"Where is the {c} {o}, seen from the {d} {p}?").text
        for clip, ((o, c), (p, d)) in (
            (c, t) for c, t in zip(clips, two, strict=True) if len(t) > 1
        )
    ]
    assert len(asked) > 8
    assert set(asked) <= {"left", "right", "above", "below", ""}


def test_choices_that_offer_not_visible_themselves_are_not_offered_it_twice(eye, clips):
    right = []
    for clip in clips:
        seen = {s.pair for s in clip.visible[0].seen}
        away = [
            p for p in (("spider", "white"), ("snake", "yellow"), ("key", "pink")) if p not in seen
        ]
        options = [*(f"the {c} {o}" for o, c in away), "not visible"]
        right.append(eye.answer(frames_of(clip), "Which of these can be seen?", options).text)
    assert right.count("not visible") >= 0.8 * len(right)


def test_its_name_changes_with_either_of_its_weights(eye):
    assert eye.id.startswith("longtake-mini@")
    assert "tagger:" in eye.id


def test_no_frames_are_no_evidence(eye):
    assert eye.judge([empty_frames()], "a red fish") == [0.0]
