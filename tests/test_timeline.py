"""Exact times: built from packets, asked by the second, kept across processes."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from longtake.index.video.decode import Decoder
from longtake.index.video.plan import plan_runs
from longtake.index.video.probing.timeline import Packets, Timeline, build_timeline


def packets(pts: list[int], keys: list[int], hidden: tuple[int, ...] = ()) -> Packets:
    count = len(pts)
    return Packets(
        pts=np.array(pts, np.int64),
        dts=np.arange(count, dtype=np.int64),
        size=np.full(count, 100, np.int32),
        keyframe=np.isin(np.arange(count), keys),
        shown=~np.isin(np.arange(count), hidden),
        skippable=True,
    )


def timeline(pts: list[int], keys: list[int], hidden: tuple[int, ...] = ()) -> Timeline:
    return build_timeline(packets(pts, keys, hidden), Fraction(1, 10), 1)


def test_frames_are_sorted_by_time_and_counted_from_the_first() -> None:
    film = timeline([100, 103, 101, 102], [0])
    assert film.pts.tolist() == [100, 101, 102, 103]
    assert film.order.tolist() == [0, 2, 3, 1]
    assert film.seconds.tolist() == pytest.approx([0, 0.1, 0.2, 0.3])
    assert film.duration == pytest.approx(0.4)


def test_the_frame_on_screen_is_the_last_one_not_after_the_instant() -> None:
    film = timeline([0, 1, 5, 6], [0])
    assert [film.at(s) for s in (0, 0.09, 0.1, 0.49, 0.5, 0.61)] == [0, 0, 1, 1, 2, 3]
    assert film.at(-5) == 0
    assert film.at(1e9) == 3
    assert film.rows(film.seconds).tolist() == [0, 1, 2, 3]


def test_an_instant_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        timeline([0], [0]).at(float("inf"))


def test_hidden_pictures_and_second_fields_are_no_frames() -> None:
    coded = packets([0, 2, 2, 1], [0], hidden=(3,))
    film = build_timeline(coded, Fraction(1, 10), 1, fields=True)
    assert film.pts.tolist() == [0, 2]
    assert film.order.tolist() == [0, 1]


def test_pictures_of_one_time_share_the_time_until_the_next() -> None:
    film = timeline([0, 4, 4, 8, 8], [0])
    assert film.pts.tolist() == [0, 4, 6, 8, 10]
    assert film.order.tolist() == [0, 1, 2, 3, 4]
    assert film.packets.stamps is not None
    assert film.packets.stamps.tolist() == [0, 4, 4, 8, 8]
    crowded = timeline([0, 0, 0, 1, 2], [0])
    assert (crowded.pts.tolist(), crowded.merged) == ([0, 1, 2], 2)


def test_a_single_frame_lasts_its_own_duration() -> None:
    assert timeline([7], [0]).duration == pytest.approx(0.1)


def test_bytes_bring_back_the_same_timeline() -> None:
    film = timeline([0, 3, 1, 2, 4], [0, 4], hidden=(2,))
    again = Timeline.from_bytes(film.to_bytes())
    assert again.time_base == film.time_base
    assert (again.origin, again.duration) == (film.origin, film.duration)
    for name in ("pts", "keyframe", "order"):
        assert np.array_equal(getattr(again, name), getattr(film, name))
    for name in ("pts", "dts", "size", "keyframe", "shown", "skippable"):
        assert np.array_equal(getattr(again.packets, name), getattr(film.packets, name))


def test_runs_follow_the_entry_points() -> None:
    film = timeline([0, 1, 2, 3, 4, 5], [0, 3])
    runs = plan_runs(film, np.array([1, 2, 4]))
    assert [run.rows.tolist() for run in runs] == [[1, 2], [4]]
    assert [run.starts for run in runs] == [(0,), (3, 0)]


def test_leading_pictures_belong_to_the_group_before() -> None:
    # decode order 0, 3 (entry), then 1 and 2, which refer back across the entry
    film = timeline([0, 3, 1, 2, 4], [0, 1])
    runs = plan_runs(film, np.array([1, 2, 3, 4]))
    assert [run.rows.tolist() for run in runs] == [[1, 2], [3, 4]]
    assert runs[0].starts == (0,)
    header, columns = runs[0].to_wire(film)
    assert (header["first"], header["count"], header["wanted"]) == (0, 4, [2, 3])
    assert len(columns) == 4 * 21


def test_frames_before_any_entry_point_start_at_the_first_packet() -> None:
    runs = plan_runs(timeline([0, 1, 2, 3], [2]), np.array([0, 1, 2]))
    assert [run.starts for run in runs] == [(0,), (2, 0)]
    assert plan_runs(timeline([0], [0]), np.array([], np.int64)) == []


@pytest.mark.parametrize(
    ("name", "frames", "duration"),
    [
        ("torchcodec/discard_first_keyframe.mp4", 25, 1.0),
        ("torchcodec/test_non_zero_start.mp4", 12, 0.4),
        ("derived/bbb_start3600.ts", 480, 20.0),
        ("derived/bbb_vfr_h264.mp4", 334, 19.958),
        ("derived/bbb_embedded_subs.mkv", 480, 20.0),
        ("torchcodec/testsrc2_mpeg4.mp4", 1, 0.04),
    ],
)
def test_real_files_have_their_true_times(
    name: str, frames: int, duration: float, media: Path
) -> None:
    with Decoder(media / name) as decoder:
        assert len(decoder.timeline) == frames
        assert decoder.timeline.duration == pytest.approx(duration, abs=0.01)
        assert decoder.timeline.seconds[0] == 0


def test_times_equal_the_published_truth(media: Path) -> None:
    name = "torchcodec/nasa_13013.mp4"
    truth = json.loads((media / f"{name}.stream3.all_frames_info.json").read_text())
    stamps = sorted(float(frame["pts_time"]) for frame in truth)
    with Decoder(media / name) as decoder:
        assert decoder.timeline.seconds == pytest.approx(np.array(stamps) - stamps[0], abs=1e-5)
