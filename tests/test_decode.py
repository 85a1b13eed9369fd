"""Every delivered frame is the frame that a linear decode shows at that time, bit for bit."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from film_fixtures import decode_linearly, make_film, run_ffmpeg

from longtake.index.video.decode import Decoder, Limits, stream_frames
from longtake.index.video.errors import InputError
from longtake.index.video.frames import Box

SIZE = (64, 40)
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "25")
X265 = ("-c:v", "libx265", "-preset", "veryfast", "-x265-params")
FAST = ("-cpu-used", "8", "-deadline", "realtime")
OPEN = ("-bf", "4", "-x264-params", "open-gop=1:b-pyramid=normal:ref=3:scenecut=0")

KINDS = {
    "h264-b-frames.mp4": (*X264, "-bf", "3"),
    "h264-open-gop.mp4": (*X264, *OPEN),
    "h264-open-gop.ts": (*X264, *OPEN),
    "h264-open-gop.mkv": (*X264, *OPEN),
    "h264-interlaced.ts": (*X264, "-bf", "2", "-flags", "+ildct+ilme", "-x264-params", "tff=1"),
    "h264-intra-refresh.mp4": (*X264, "-x264-params", "intra-refresh=1"),
    "h264-fragmented.mp4": (*X264, "-bf", "3", "-movflags", "frag_keyframe+empty_moov"),
    "h264.flv": (*X264, "-bf", "3"),
    "h264-b-frames.avi": (*X264, "-bf", "3"),
    "h264-shifted.mkv": (*X264, "-bf", "3", "-output_ts_offset", "1.533"),
    "h264-vfr.mp4": (*X264, "-bf", "3", "-vf", "select='mod(n,7)*mod(n,5)'", "-fps_mode", "vfr"),
    "hevc-open-gop.mp4": (*X265, "log-level=none:pools=1:open-gop=1:keyint=25:bframes=4"),
    "hevc-layers.mkv": (*X265, "log-level=none:pools=1:keyint=25:bframes=7:temporal-layers=3"),
    "vp8.webm": ("-c:v", "libvpx", "-g", "30", "-auto-alt-ref", "1", "-lag-in-frames", "12", *FAST),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-g", "30", "-lag-in-frames", "12", *FAST),
    "av1.mkv": ("-c:v", "libsvtav1", "-preset", "12", "-g", "30"),
    "mpeg1.mpg": ("-c:v", "mpeg1video", "-bf", "2", "-g", "12"),
    "mpeg2.mpg": ("-c:v", "mpeg2video", "-bf", "2", "-g", "12"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-flags", "+ildct+ilme"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-bf", "2", "-g", "20"),
    "xvid-packed.avi": ("-c:v", "libxvid", "-bf", "2", "-g", "20"),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ordinary film: H.264, B-frames, 5 s, a keyframe a second."""
    return make_film(tmp_path_factory.mktemp("film") / "plain.mp4", *X264, "-bf", "3")


def check_against_linear(path: Path, decoder: Decoder) -> None:
    timeline = decoder.timeline
    derived = any("presentation times" in warning for warning in decoder.info.warnings)
    truth = decode_linearly(path, SIZE, genpts=derived)
    assert timeline.pts.tolist() == sorted(truth)
    chance = random.Random(1)
    everything = list(range(len(timeline)))
    for rows in (everything[3::7], everything, chance.sample(everything, min(9, len(timeline)))):
        frames = decoder.frames(timeline.seconds[rows], SIZE)
        assert frames.seconds.tolist() == timeline.seconds[rows].tolist()
        for row, pixels in zip(rows, frames.pixels, strict=True):
            assert np.array_equal(pixels, truth[int(timeline.pts[row])]), f"frame {row} differs"


@pytest.mark.parametrize("name", KINDS)
def test_frames_equal_the_linear_decode(name: str, tmp_path: Path) -> None:
    path = make_film(tmp_path / name, *KINDS[name])
    with Decoder(path) as decoder:
        check_against_linear(path, decoder)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotated_films_come_out_upright(degrees: int, plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation:v:0", str(degrees), "-i", str(plain), "-c", "copy", str(path))
    with Decoder(path) as decoder:
        assert decoder.info.rotation == degrees
        assert (decoder.info.width < decoder.info.height) == (degrees != 180)
        check_against_linear(path, decoder)
        whole = decoder.frames([2.0])
        part = decoder.frames([2.0], crop=Box(0.0, 0.5, 0.5, 1.0)).pixels[0]
        height, width = part.shape[:2]
        assert np.abs(part.astype(int) - whole.pixels[0, -height:, :width]).mean() < 2


def test_an_edit_list_hides_the_frames_before_its_start(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    run_ffmpeg("-ss", "1.3", "-i", str(plain), "-c", "copy", str(path))
    with Decoder(path) as decoder:
        assert len(decoder.timeline) < len(decoder.timeline.packets.pts)
        check_against_linear(path, decoder)


MEDIA = [
    "derived/bbb_start3600.ts",
    "derived/bbb_vfr_h264.mp4",
    "derived/bbb_truncated.webm",
    "torchcodec/discard_first_keyframe.mp4",
    "torchcodec/nasa_13013.mp4",
    "torchcodec/nasa_13013_rotated.mp4",
    "torchcodec/nasa_13013_hdr.mp4",
    "torchcodec/test_non_zero_start.mp4",
    "torchcodec/testsrc2_444_10bit_hevc.mp4",
    "torchcodec/testsrc2_av1_10bit.mp4",
    "torchcodec/testsrc2_mpeg4.avi",
    "torchcodec/sine_stereo_mp2.mpg",
    "torchcodec/testsrc2_odd_height_and_width_mpeg2.mp4",
    "moviepy/transparent.webm",
    "moviepy/-video-with-dash-.mp4",
]


@pytest.mark.parametrize("name", MEDIA)
def test_real_files_equal_the_linear_decode(name: str, media: Path) -> None:
    with Decoder(media / name) as decoder:
        check_against_linear(media / name, decoder)


def test_what_comes_out_of_a_damaged_film_was_in_the_film(plain: Path, tmp_path: Path) -> None:
    data = bytearray(plain.read_bytes())
    with av.open(str(plain)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    for number in (30, 78):  # in the second and the fourth group of 25 pictures
        # the length of the coded unit: flipped picture bits may decode to another picture, and
        # nothing in H.264 could tell
        start = packets[number].pos or 0
        data[start : start + 4] = b"\x7f\xff\xff\xff"
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    truth = decode_linearly(plain, SIZE)
    with Decoder(damaged) as decoder:
        timeline = decoder.timeline
        frames = decoder.frames(timeline.seconds, SIZE)
        chunks = list(stream_frames(damaged, timeline.seconds, SIZE))
    for second, pixels in zip(frames.seconds, frames.pixels, strict=True):
        assert np.array_equal(pixels, truth[int(timeline.pts[timeline.at(second)])])
    # nothing is lost of the groups that are whole, nothing claimed behind damage
    seconds = set(frames.seconds.tolist())
    assert seconds >= {float(s) for s in timeline.seconds if int(s) in (0, 2, 4)}
    entries = np.flatnonzero(timeline.packets.keyframe)
    for number in (30, 78):
        behind = (timeline.order >= number) & (timeline.order < entries[entries > number].min())
        assert behind.any()
        assert not seconds & set(timeline.seconds[behind].tolist())
    missing = [second for chunk in chunks for second in chunk.missing]
    assert sorted([*missing, *seconds]) == timeline.seconds.tolist()


def test_grey_fields_behind_damage_are_not_shown(media: Path) -> None:
    # 400 flipped bytes, from the start of every group but the first four on
    truth = decode_linearly(media / "derived/bbb_faststart.mp4", SIZE)
    with Decoder(media / "derived/bbb_bitflips.mp4") as decoder:
        timeline = decoder.timeline
        frames = decoder.frames(timeline.seconds, SIZE)
        assert len(frames) == 48
        for second, pixels in zip(frames.seconds, frames.pixels, strict=True):
            assert np.array_equal(pixels, truth[int(timeline.pts[timeline.at(second)])])


def test_a_truncated_film_keeps_what_is_left_and_says_so(media: Path) -> None:
    with Decoder(media / "derived/bbb_truncated_faststart.mp4") as decoder:
        assert 11 < decoder.info.duration < 12
        told = {loss.kind: loss.text for loss in decoder.info.losses}
        assert "20.0 s" in told["declared"]
        assert "lists 480 pictures, 196 of them cannot be read" in told["unlisted"]
        assert len(decoder.frames(decoder.timeline.seconds, SIZE)) == 283


def test_a_crop_is_cut_from_the_source(plain: Path) -> None:
    with Decoder(plain) as decoder:
        whole = decoder.frames([1.0, 2.0])
        assert whole.pixels.shape == (2, 96, 160, 3)
        part = decoder.frames([1.0, 2.0], crop=Box(0.25, 0.5, 0.75, 1.0))
        assert np.array_equal(part.pixels, whole.pixels[:, 48:, 40:120])
        assert decoder.frames([1.0], (320, 192), Box(0, 0, 0.5, 0.5)).pixels.shape[1:3] == (
            192,
            320,
        )


def test_instants_are_clamped_and_answered_one_by_one(plain: Path) -> None:
    with Decoder(plain) as decoder:
        frames = decoder.frames([2.5, -3.0, 2.51, 99.0], SIZE)
        assert frames.seconds.tolist() == [2.48, 0.0, 2.48, 4.96]
        assert len(decoder.frames([], SIZE)) == 0
        with pytest.raises(ValueError, match="finite"):
            decoder.frames([float("nan")], SIZE)
        with pytest.raises(ValueError, match="size"):
            decoder.frames([1.0], (0, 10))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stream_covers_every_instant_in_order_of_time(workers: int, plain: Path) -> None:
    wanted = [4.0, 0.0, 1.0, 1.01, 2.0, 3.5, 0.5, 4.5]
    chunks = list(stream_frames(plain, wanted, SIZE, workers=workers, chunk=3))
    assert sorted(np.concatenate([chunk.rows for chunk in chunks]).tolist()) == list(range(8))
    times = np.concatenate([chunk.frames.seconds for chunk in chunks])
    assert times.tolist() == sorted(times.tolist())
    with Decoder(plain) as decoder:
        for chunk in chunks:
            same = decoder.frames(np.asarray(wanted)[chunk.rows], SIZE)
            assert np.array_equal(same.pixels, chunk.frames.pixels)
            assert chunk.thumbs is not None
            assert chunk.thumbs.shape == (len(chunk.rows), 16, 16)
            assert abs(chunk.thumbs.mean() - same.pixels.mean()) < 25
            assert not chunk.missing


def test_a_known_film_is_not_scanned_again(plain: Path) -> None:
    with Decoder(plain) as decoder:
        known = decoder.info, decoder.timeline
        want = decoder.frames([3.2], SIZE)
    with Decoder(plain, known=known) as decoder:
        assert decoder.info is known[0]
        assert np.array_equal(decoder.frames([3.2], SIZE).pixels, want.pixels)


def test_a_killed_child_is_replaced_once(plain: Path) -> None:
    with Decoder(plain) as decoder:
        before = decoder.frames([1.0], SIZE)
        picker = decoder._pickers[0]
        assert picker is not None
        os.kill(picker.child.process.pid, signal.SIGKILL)
        assert np.array_equal(decoder.frames([1.0], SIZE).pixels, before.pixels)


def test_a_stuck_child_is_ended(plain: Path) -> None:
    with Decoder(plain, Limits(idle_seconds=8.0)) as decoder:
        decoder.frames([1.0], SIZE)
        picker = decoder._pickers[0]
        assert picker is not None
        process = picker.child.process
        os.kill(process.pid, signal.SIGSTOP)
        start = time.monotonic()
        assert len(decoder.frames([1.0], SIZE)) == 1
        assert time.monotonic() - start < 60
        assert process.poll() == -signal.SIGKILL


def test_a_film_that_always_kills_its_decoder_is_refused(plain: Path) -> None:
    # an address space too small to start in stands for a decoder that dies on a film
    with (
        Decoder(plain, Limits(memory_bytes=40 << 20, idle_seconds=20)) as decoder,
        pytest.raises(InputError, match="gave up twice"),
    ):
        _ = decoder.info


def test_a_stream_outlives_a_worker(plain: Path) -> None:
    import psutil

    with Decoder(plain) as decoder:
        known = decoder.info, decoder.timeline
    rows = []
    chunks = stream_frames(plain, np.arange(0, 5, 0.1), SIZE, chunk=5, known=known)
    for number, chunk in enumerate(chunks):
        rows += chunk.rows.tolist()
        assert not chunk.missing
        if number == 1:
            for child in psutil.Process().children():
                child.kill()
    assert sorted(rows) == list(range(50))


def test_threads_share_one_decoder_and_nothing_is_left_behind(plain: Path) -> None:
    import psutil

    ours = psutil.Process()
    before = set(ours.children())
    with Decoder(plain) as decoder:
        found = []
        threads = [
            threading.Thread(target=lambda s=s: found.append(decoder.frames([s], SIZE)))
            for s in (0.5, 1.5, 2.5, 3.5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
    assert set(ours.children()) == before


def test_the_parent_never_imports_libav() -> None:
    import subprocess

    code = (
        "import sys; import longtake.index.video.decode, longtake.index.video.shot_detection.shots;"
        "import longtake.index.video.subtitles; assert 'av' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
