"""Presenters: the pictures that are sent, their words, their cost, and a server's limits."""

from __future__ import annotations

import numpy as np
import pytest

from longtake.index.video.frames import Box, Frames, empty_frames
from longtake.models.client.capabilities import Capabilities
from longtake.models.vlm.laid_out import LaidOut, parts_of, picture_tokens, plain
from longtake.models.vlm.request import FrameRequest
from longtake.tools.present import PRESENTERS, Terms, terms_of
from longtake.tools.present.clips import clip_edges
from longtake.tools.present.slowfast import slow_frames, slow_tokens
from longtake.tools.present.stamped import stamp
from longtake.tools.present.thumbnail import columns_of
from longtake.tools.select import Selection

MODEL = "Qwen/Qwen3-VL-8B-Instruct"


def frames(count: int, size: tuple[int, int] = (320, 180), still: bool = False) -> Frames:
    """Frames of coarse noise, each unlike the others (or all alike), two seconds apart."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 255, (1 if still else count, 9, 16, 3), np.uint8)
    width, height = size
    large = coarse.repeat(-(-height // 9), axis=1)[:, :height]
    large = large.repeat(-(-width // 16), axis=2)[:, :, :width]
    pixels = np.ascontiguousarray(np.resize(large, (count, height, width, 3)))
    return Frames(pixels, np.arange(count) * 2.0 + 1.0)


@pytest.mark.parametrize("name", PRESENTERS)
@pytest.mark.parametrize("size", [(320, 180), (180, 320), (101, 77)])
@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 32])
def test_every_presenter_shows_every_frame_with_its_time_and_keeps_the_aspect(name, size, count):
    given = frames(count, size)
    shown = PRESENTERS[name](given, Terms(MODEL))
    again = PRESENTERS[name](given, Terms(MODEL))
    seconds = [second for picture in shown.pictures for second in picture.seconds]
    assert set(seconds) == set(given.seconds.tolist())
    assert [p.pixels.tobytes() for p in shown.pictures] == [
        p.pixels.tobytes() for p in again.pictures
    ]
    assert (shown.seconds == given.seconds).all()
    for picture in shown.pictures:
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.shape[2] == 3
        assert list(picture.seconds) == sorted(picture.seconds)
        if len(picture.seconds) == 1:
            width, height = picture.size
            assert width / height == pytest.approx(size[0] / size[1], rel=0.06)
            assert width <= size[0]
        assert all(f"{second:.1f}" in picture.words for second in picture.seconds)


@pytest.mark.parametrize("name", PRESENTERS)
@pytest.mark.parametrize("most", [1, 2, 5, 16])
@pytest.mark.parametrize("scaled", [False, True])
def test_no_presenter_makes_more_pictures_than_a_server_takes(name, most, scaled):
    scales = np.tile([1.0, 2.0, 2.0, 2.0, 2.0, 1.5], 4) if scaled else None
    shown = PRESENTERS[name](frames(24), Terms(MODEL, most, None, scales))
    assert 1 <= len(shown.pictures) <= most
    seconds = {second for picture in shown.pictures for second in picture.seconds}
    assert seconds == set(frames(24).seconds.tolist())


@pytest.mark.parametrize("name", PRESENTERS)
@pytest.mark.parametrize("scaled", [False, True])
def test_no_layout_costs_more_than_the_frames_that_the_budget_pays_for(name, scaled):
    given = frames(32, (448, 252))
    scales = np.tile([1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0], 4) if scaled else None
    shown = PRESENTERS[name](given, Terms(MODEL, None, None, scales))
    budget = given.pixels.shape[1] * given.pixels.shape[2]
    budget *= 32 if scales is None else float((1 / scales**2).sum())
    spent = sum(picture.pixels.shape[0] * picture.pixels.shape[1] for picture in shown.pictures)
    if name in ("frames", "clips") or not scaled:
        assert spent <= 1.02 * budget
    assert shown.tokens(MODEL) == sum(picture_tokens(p, MODEL) for p in shown.pictures)
    assert shown.tokens(MODEL) > 32


@pytest.mark.parametrize("name", PRESENTERS)
def test_every_presenter_takes_no_frames(name):
    assert PRESENTERS[name](empty_frames(), Terms(MODEL)).pictures == ()


def test_the_cost_is_that_of_the_models_family():
    shown = PRESENTERS["frames"](frames(4, (320, 192)), Terms())
    # 10 x 6 tokens of 32 px, and the marks and the time of each
    assert shown.tokens("Qwen3-VL-8B") == 4 * (60 + 12)
    assert shown.tokens("InternVL3-8B") == 4 * (256 + 12)


def test_grid_has_two_in_a_row_for_six_and_fills_more_pictures_with_more_frames():
    shown = PRESENTERS["grid"](frames(13), Terms(MODEL))
    assert [len(picture.seconds) for picture in shown.pictures] == [6, 6, 1]
    assert shown.pictures[0].size == (2 * 320, 3 * 180)
    one = PRESENTERS["grid"](frames(13), Terms(MODEL, 1))
    assert [len(picture.seconds) for picture in one.pictures] == [13]
    assert "13 frames" in one.pictures[0].words


def test_grid_shows_each_frame_in_its_cell_in_reading_order():
    given = frames(6)
    picture = PRESENTERS["grid"](given, Terms(MODEL)).pictures[0].pixels
    for row in range(6):
        x, y = row % 2 * 320, row // 2 * 180
        cell = picture[y : y + 180, x : x + 320]
        assert (cell[60:] == given.pixels[row][60:]).all()


def test_thumbnail_comes_last_and_has_six_even_frames_in_three_rows():
    given = frames(36)
    shown = PRESENTERS["thumbnail"](given, Terms(MODEL))
    *singles, composite = shown.pictures
    assert len(singles) == 36
    assert composite.seconds == (1.0, 15.0, 29.0, 43.0, 57.0, 71.0)
    assert composite.size == (2 * 320, 3 * 180)
    assert composite.words.startswith("A summary")
    area = sum(p.pixels.shape[0] * p.pixels.shape[1] for p in singles)
    # 2880 of 3456 tokens
    assert area / (area + 6 * 320 * 180) == pytest.approx(5 / 6, abs=0.01)


@pytest.mark.parametrize(("cells", "columns"), [(6, 2), (4, 2), (8, 2), (9, 3), (5, 1), (1, 1)])
def test_thumbnail_has_at_least_as_many_rows_as_columns(cells, columns):
    assert columns_of(cells) == columns


def test_slowfast_shows_what_changes_large_and_the_rest_with_three_tenths_of_the_tokens():
    a, b = frames(1), Frames(255 - frames(1).pixels, np.zeros(1))
    pixels = np.concatenate([a.pixels, a.pixels, a.pixels, b.pixels, b.pixels, a.pixels])
    given = Frames(pixels, np.arange(6.0))
    assert slow_frames(given).tolist() == [True, False, False, True, False, True]
    areas = [p.pixels.shape[0] * p.pixels.shape[1] for p in
             PRESENTERS["slowfast"](given, Terms(MODEL)).pictures]  # fmt: skip
    assert areas[0] == 320 * 180
    assert areas[1] / areas[0] == pytest.approx(0.3, abs=0.02)


def test_slowfast_finds_the_largest_tokens_that_fit():
    assert slow_tokens(10, 10, 10**6, 500) == 500
    most = slow_tokens(10, 20, 1000, 500)
    assert 10 * most + 20 * int(0.3 * most) <= 1000
    assert 10 * (most + 1) + 20 * int(0.3 * (most + 1)) > 1000
    assert slow_tokens(100, 0, 1000, 500) == 64
    assert slow_tokens(1, 0, 10, 40) == 40


def test_slowfast_keeps_within_a_room_in_tokens():
    given = frames(20, (640, 360))
    shown = PRESENTERS["slowfast"](given, Terms(MODEL, None, 2400))
    assert shown.tokens(MODEL) <= 2400
    assert shown.tokens(MODEL) > 1700


def test_stamped_writes_the_time_into_the_lower_right_corner_and_nowhere_else():
    given = frames(3, (320, 180))
    shown = PRESENTERS["stamped"](given, Terms(MODEL)).pictures
    assert "red number" in shown[0].words
    assert "red number" not in shown[1].words
    for before, picture in zip(given.pixels, shown, strict=True):
        changed = (before != picture.pixels).any(axis=2)
        assert changed[150:, 240:].any()
        assert not changed[:150].any()
        assert not changed[:, :230].any()
        red = (picture.pixels[:, :, 0] > 200) & (picture.pixels[:, :, 1:].max(axis=2) < 100)
        assert red[155:, 240:].sum() > 20


@pytest.mark.parametrize("size", [(64, 36), (1920, 1080), (36, 64)])
def test_a_stamp_fits_into_any_picture(size):
    pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    marked = stamp(pixels, 35999.9)
    assert marked.shape == pixels.shape
    assert (marked[: size[1] // 2] == 200).all()


def test_clips_show_frames_at_the_scales_of_the_selection_and_name_their_spans():
    seconds = np.array([10.0, 11.0, 12.0, 13.0, 40.0, 70.0, 71.0])
    given = Frames(frames(7).pixels, seconds)
    scales = np.array([2.0, 2.0, 2.0, 2.0, 1.0, 2**0.5, 2**0.5])
    assert clip_edges(seconds, scales) == [0, 4, 5, 7]
    shown = PRESENTERS["clips"](given, Terms(MODEL, None, None, scales)).pictures
    assert [p.size[0] for p in shown] == [160, 160, 160, 160, 320, 226, 226]
    assert shown[0].words.startswith("A clip from 10.0 s to 13.0 s")
    assert [bool(p.note) for p in shown] == [True, False, False, False, False, True, False]


def test_clips_cut_a_frame_to_the_region_that_the_selector_named():
    box = Box(0.5, 0.0, 1.0, 0.5)
    given = frames(2)
    shown = PRESENTERS["clips"](given, Terms(MODEL, regions=(None, box))).pictures
    assert (shown[1].pixels == given.pixels[1, :90, 160:]).all()
    assert shown[0].size == (320, 180)


def test_terms_carry_scales_and_regions_over_to_the_frames_on_screen():
    class Looks:
        id, most_pictures = "a model", 7

    box = Box(0, 0, 0.5, 0.5)
    chosen = Selection(
        np.array([1.5, 2.9, 5.2]), np.zeros(3), np.array([2.0, 1.0, 2.0]), (None, None, box)
    )
    given = Frames(frames(2).pixels, np.array([1.4, 5.0]))
    terms = terms_of(Looks(), given, chosen)  # type: ignore[arg-type]
    assert terms.scales.tolist() == [1.0, 2.0]
    assert terms.regions == (None, box)
    assert (terms.model, terms.most_pictures) == ("a model", 7)


def test_a_request_sends_the_pictures_of_a_layout_with_their_words():
    shown = PRESENTERS["grid"](frames(12), Terms(MODEL))
    request = FrameRequest("What happens?", shown)
    known = Capabilities()
    content = request.messages(known)[-1]["content"]
    assert sum(part["type"] == "image_url" for part in content) == 2
    assert request.images(known) == 2
    assert [part["text"] for part in content[:3:2]] == [p.words for p in shown.pictures]
    assert request.view.endswith("in 2 pictures")


def test_a_layout_is_given_up_where_a_server_takes_fewer_pictures_or_less_than_was_shown():
    shown = PRESENTERS["thumbnail"](frames(12), Terms(MODEL))
    request = FrameRequest("What happens?", shown, most_images=3)
    content = request.messages(Capabilities())[-1]["content"]
    assert sum(part["type"] == "image_url" for part in content) == 3
    lighter = FrameRequest("What happens?", shown).lighter(0.7)
    assert not isinstance(lighter.frames, LaidOut)
    assert len(lighter.frames) == 8
    assert not isinstance(plain(shown), LaidOut)
    assert len(parts_of(plain(shown))) == 12
