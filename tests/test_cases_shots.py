"""Cuts of fast, sparse and still films, against the truth and against PySceneDetect."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from longtake.index.video.decode import Decoder, stream_frames
from longtake.index.video.shot_detection.shots import detect_shots

SIZE = (160, 90)
CODECS = {
    "x264": ["-c:v", "libx264", "-preset", "veryfast"],
    "x264 without scene cuts": ["-c:v", "libx264", "-preset", "veryfast", "-sc_threshold", "0"],
    "mpeg4": ["-c:v", "mpeg4", "-q:v", "4", "-g", "12"],
}


def write_film(path: Path, frames: np.ndarray, fps: float, codec: str = "x264") -> Path:
    size = f"{frames.shape[2]}x{frames.shape[1]}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "rawvideo"]
    command += ["-pix_fmt", "rgb24", "-s", size, "-r", str(fps), "-i", "-"]
    command += [*CODECS[codec], "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, input=frames.tobytes(), check=True)
    return path


def cuts_of(path: Path) -> list[float]:
    with Decoder(path) as decoder:
        known = decoder.info, decoder.timeline
        wanted = np.arange(0, known[0].duration, 1.0)
        chunks = list(stream_frames(path, wanted, (112, 64), known=known, workers=1))
        thumbs = np.concatenate([c.thumbs for c in chunks if c.thumbs is not None])
        seconds = np.concatenate([wanted[np.asarray(chunk.rows)] for chunk in chunks])
        return detect_shots(thumbs, seconds, decoder)


def f1(found: Sequence[float], truth: Sequence[float], tolerance: float) -> float:
    left, hits = list(truth), 0
    for cut in found:
        near = [other for other in left if abs(other - cut) <= tolerance]
        if near:
            hits += 1
            left.remove(near[0])
    return 2 * hits / (len(found) + len(truth)) if found or truth else 1.0


def texture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Draw a picture with large and small structure, uint8 [H, W, 3]."""
    picture = np.zeros((height, width, 3))
    for cells in (3, 7, 19):
        coarse = rng.uniform(0, 255 / 3, (cells, cells, 3))
        rows = np.arange(height) * cells // height
        picture += coarse[rows][:, np.arange(width) * cells // width]
    return picture.astype(np.uint8)


def shaken(rng: np.random.Generator, count: int, strength: float) -> np.ndarray:
    """Film a picture from the hand: a window that drifts and shakes over it."""
    width, height = SIZE
    picture = texture(rng, height + 80, width + 120)
    place, speed, frames = np.zeros(2), np.zeros(2), []
    for _ in range(count):
        speed = 0.9 * speed + rng.normal(0, strength, 2)
        place = np.clip(place + speed, [-40, -60], [40, 60])
        top, left = 40 + int(place[0]), 60 + int(place[1])
        frames.append(picture[top : top + height, left : left + width])
    return np.stack(frames)


def spliced(
    rng: np.random.Generator, lengths: Sequence[int], strength: float, fps: float
) -> tuple[np.ndarray, list[float]]:
    frames = np.concatenate([shaken(rng, length, strength) for length in lengths])
    return frames, [float(cut) / fps for cut in np.cumsum(lengths)[:-1]]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("kind", "fps", "lengths"),
    [
        ("a second a shot", 25, [25] * 12),
        ("half a second a shot", 25, [13, 15, 13, 14, 17, 13, 20, 14, 13, 16, 15, 14]),
        ("long and short shots", 24, [70, 20, 120, 14, 15, 90, 30]),
        ("two frames a second", 2, [3, 5, 2, 9, 4, 3, 7]),
    ],
)
def test_every_cut_is_found(
    kind: str, fps: float, lengths: list[int], codec: str, tmp_path: Path
) -> None:
    frames, truth = spliced(np.random.default_rng(len(kind)), lengths, 0.4, fps)
    found = cuts_of(write_film(tmp_path / "film.mp4", frames, fps, codec))
    # at two frames a second a jerk after a still picture looks like the next slide
    assert f1(found, truth, 0.6 / fps) >= (0.95 if fps > 5 else 0.9), (found, truth)


@pytest.mark.parametrize("strength", [0.3, 0.8, 1.5])
def test_a_shot_from_the_hand_is_one_shot(strength: float, tmp_path: Path) -> None:
    frames = shaken(np.random.default_rng(8), 500, strength)
    assert cuts_of(write_film(tmp_path / "film.mp4", frames, 25)) == []


def test_slides_that_differ_in_a_few_words_are_shots(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    lengths, slides = [60, 35, 110, 26, 49], []
    for length in lengths:
        slide = np.full((SIZE[1], SIZE[0], 3), 250, np.uint8)
        for row in range(8, 80, 18):
            words = rng.random((6, SIZE[0] // 3)) < 0.5
            slide[row : row + 6, : words.shape[1] * 2] = np.where(words, 30, 250).repeat(2, 1)[
                ..., None
            ]
        slides.append(np.repeat(slide[None], length, 0))
    truth = [float(cut) / 25 for cut in np.cumsum(lengths)[:-1]]
    found = cuts_of(write_film(tmp_path / "film.mp4", np.concatenate(slides), 25))
    assert found == pytest.approx(truth, abs=0.02)


def test_a_dissolve_is_no_cut(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    one, two = shaken(rng, 60, 0.3), shaken(rng, 60, 0.3)
    share = np.linspace(0, 1, 30)[:, None, None, None]
    between = (one[-30:] * (1 - share) + two[:30] * share).astype(np.uint8)
    frames = np.concatenate([one[:-30], between, two[30:]])
    assert cuts_of(write_film(tmp_path / "film.mp4", frames, 25)) == []


@pytest.mark.parametrize(
    ("name", "shots"),
    [
        ("02-vfr-screen-recording/rec.mp4", [0.52, 7.32, 9.08]),
        ("02-vfr-screen-recording/rec.mkv", [0.52, 7.32, 9.08]),
        ("18-8k-and-odd-rates/8k.mp4", [1.5, 3.0, 4.5]),
        ("18-8k-and-odd-rates/timelapse_0.2fps.mp4", [5.0, 10.0, 15.0]),
        ("18-8k-and-odd-rates/slowmo_240fps.mp4", [0.5, 1.0, 1.5]),
        ("30-fast-cuts/trailer.mp4", [float(second) for second in range(1, 16)]),
    ],
)
def test_the_cuts_of_the_reported_films_are_found(
    name: str, shots: list[float], media: Path
) -> None:
    path = media.parent / "cases" / name
    if not path.is_file():
        pytest.skip(f"no reported cases: {path} is absent")
    assert cuts_of(path) == pytest.approx(shots, abs=0.02)


@pytest.mark.parametrize("detector", ["ContentDetector", "AdaptiveDetector"])
@pytest.mark.parametrize("name", ["derived/hardcuts_4_8_12.mp4", "inspect_ai/video.mp4"])
@pytest.mark.filterwarnings("ignore")
def test_cuts_agree_with_pyscenedetect(name: str, detector: str, media: Path) -> None:
    scenedetect = pytest.importorskip("scenedetect", reason="the oracle is not installed")
    scenes = scenedetect.detect(str(media / name), getattr(scenedetect, detector)())
    theirs = [start.seconds for start, _ in scenes][1:]
    assert f1(cuts_of(media / name), theirs, 0.04) >= 0.95
