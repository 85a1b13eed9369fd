from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tools_fixtures import LEXICON, PaintEncoder, paint

from longtake.index.video.frames import Box, Frames
from longtake.world.perception.grouping import Detection, once
from longtake.world.perception.tiles import (
    connected,
    cut_tiles,
    distinct_tiles,
    magnify,
    tile_boxes,
)
from longtake.world.perception.weigh import related
from longtake.world.vlm.tagger import TaggerVLM


@pytest.fixture(scope="module")
def eye() -> TaggerVLM:
    return TaggerVLM(PaintEncoder())


def shots(eye: TaggerVLM, *seconds: float) -> Frames:
    frames = [np.asarray(Image.fromarray(paint(s)).resize(eye.size)) for s in seconds]
    return Frames(np.stack(frames), np.array(seconds, float))


def test_an_encoder_without_a_lexicon_is_refused():
    with pytest.raises(ValueError, match="no lexicon"):
        TaggerVLM(PaintEncoder(lexicon=None))


def test_judge_tells_true_statements_from_near_misses(eye):
    clips = [shots(eye, 13, 14, 15), shots(eye, 24, 25), shots(eye, 50, 51)]
    assert eye.judge(clips, "a red fish") == pytest.approx([1, 0, 0], abs=0.1)
    assert eye.judge(clips, "a blue fish") == pytest.approx([0, 1, 0], abs=0.1)
    assert eye.judge(clips, "there is no red fish") == pytest.approx([0, 1, 1], abs=0.1)


def test_one_frame_of_many_is_not_enough_to_believe(eye):
    many = shots(eye, 13, *range(20, 28))
    assert eye.judge([many], "a red fish")[0] < 0.6


def test_answers_do_not_depend_on_the_order_of_options(eye):
    frames = shots(eye, 13, 14)
    options = ["the red fish", "the blue car", "the green key"]
    question = "Which object is seen together with the green cup?"
    forward = eye.answer(frames, question, options)
    backward = eye.answer(frames, question, options[::-1])
    assert forward.text == backward.text == "the red fish"
    assert forward.options == pytest.approx(backward.options[::-1])


def test_with_nothing_to_see_the_options_are_near_uniform(eye):
    reply = eye.answer(shots(eye, 50), "What colour is the car?", ["red", "blue", "green"])
    assert max(reply.options) < 0.45


def test_words_to_be_read_are_taken_from_the_notes(eye):
    frames = shots(eye, 41)
    options = ["GATE 42", "GATE 47"]
    blind = eye.answer(frames, "What does the sign say?", options)
    told = eye.answer(frames, "What does the sign say?", options, notes=["sign: GATE 47"])
    assert blind.options == (0.5, 0.5)
    assert told.text == "GATE 47"
    assert told.options[1] > 0.9


def test_locate_returns_boxes_where_the_thing_is(eye):
    boxes = eye.locate(shots(eye, 13, 30), "the red fish")
    assert boxes[1] is None
    assert boxes[0].centre == pytest.approx((0.25, 0.5), abs=0.06)
    sign = eye.locate(shots(eye, 41), "the sign")[0]
    assert sign.iou(Box(380 / 512, 20 / 256, 480 / 512, 60 / 256)) > 0.4


def test_captions_name_place_and_things_and_what_is_in_focus_first(eye):
    frames = shots(eye, 24)
    assert eye.caption(frames).text in (
        "beach; a blue fish, a red cup",
        "beach; a red cup, a blue fish",
    )
    assert eye.caption(frames, focus="a red cup").text == "beach; a red cup, a blue fish"
    assert "3 green keys" in eye.caption(shots(eye, 50)).text
    assert eye.caption(shots(eye, 13, 24), dense=True).text.count("\n") == 1


def test_footage_of_another_world_is_not_known(eye):
    noise = np.full((3, 104, 208, 3), (200, 20, 100), np.uint8)
    assert eye.covers(Frames(noise, np.arange(3.0))) == 0.0
    assert eye.covers(shots(eye, 13, 24)) == 1.0
    assert eye.covers(Frames(noise[:0], np.zeros(0))) is None


def test_no_frames_give_an_answer_that_knows_nothing(eye):
    none = Frames(np.zeros((0, 104, 208, 3), np.uint8), np.zeros(0))
    assert eye.answer(none, "What colour is the fish?", ["red", "blue"]).options == (0.5, 0.5)
    assert eye.judge([none], "a red fish") == [0.0]


def test_tiles_cover_the_frame_and_overlap():
    boxes = tile_boxes(362, 208, (224, 128))
    assert len(boxes) == 5
    assert boxes[0] == Box(0, 0, 1, 1)
    assert max(b.x1 for b in boxes[1:]) == pytest.approx(1)
    assert boxes[1].x1 - boxes[2].x0 > 0.2
    assert tile_boxes(224, 128, (224, 128)) == boxes[:1]
    assert len(tile_boxes(768, 432, (224, 128))) > 16


@pytest.mark.parametrize(
    ("size", "becomes"),
    [((160, 288), (260, 466)), ((100, 100), (260, 260)), ((300, 500), (300, 500))],
)
def test_only_small_frames_are_magnified_and_keep_their_proportions(size, becomes):
    rows = np.linspace(0, 255, size[0]).astype(np.uint8)
    frames = np.broadcast_to(rows[None, :, None, None], (2, *size, 3))
    large = magnify(frames, (466, 260))
    assert large.shape[1:3] == pytest.approx(becomes, abs=2)
    assert np.abs(large[:, -1].astype(int) - 255).max() <= 2
    assert large.mean() == pytest.approx(frames.mean(), abs=1)


def test_no_frames_are_magnified_to_none():
    assert magnify(np.zeros((0, 16, 16, 3), np.uint8), (466, 260)).shape == (0, 16, 16, 3)


def test_still_tiles_are_looked_at_once_and_changed_ones_again():
    frames = np.stack([paint(s, 256, 128) for s in (24.0, 25.0, 40.5, 44.5)])
    owner, distinct = distinct_tiles([cut_tiles(frames, Box(0, 0, 1, 1), (128, 64))])
    assert owner.tolist() == [[0, 0, 1, 2]]
    assert len(distinct) == 3


def test_connected_groups_join_equal_neighbours_only():
    label = np.array([[0, 0, -1, 0], [-1, 1, 0, -1], [2, -1, -1, 1]])
    assert sorted(len(group) for group in connected(label)) == [1, 1, 1, 4]


def test_one_thing_seen_in_two_tiles_counts_once():
    odds = np.full((4, 3), 0.9, np.float32)
    whole = Detection(Box(0.1, 0.1, 0.4, 0.4), odds, 0.8)
    part = Detection(Box(0.25, 0.1, 0.42, 0.4), odds, 0.95, cut=True)
    apart = Detection(Box(0.6, 0.1, 0.9, 0.4), odds, 0.7)
    assert once([part, whole, apart]) == [whole, apart]


def test_relations_go_by_the_centres():
    left, right = Box(0.1, 0.4, 0.2, 0.6), Box(0.7, 0.4, 0.8, 0.6)
    assert related(left, right, "left") > 0.9 > 0.1 > related(right, left, "left")
    assert related(left, right, "above") < 0.5
    assert related(left, Box(0.22, 0.4, 0.3, 0.6), "beside") > 0.8 > related(left, right, "beside")


def test_the_lexicon_of_an_eye_is_its_encoders(eye):
    assert list(eye.lexicon.objects) == LEXICON["objects"]
    assert eye.id == "tagger:paint-1"  # the middles are for the embedded encoder only
