"""Cuts are found on the frame; motion, flashes and fades are not cuts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from film_fixtures import make_film

from longtake.index.video.decode import Decoder, stream_frames
from longtake.index.video.frames import Frames
from longtake.index.video.probing.timeline import Packets, Timeline, build_timeline
from longtake.index.video.shot_detection.shots import detect_shots

FPS = 10


class Drawn:
    """A film of flat pictures, one brightness a frame."""

    def __init__(self, levels: Sequence[float], keys: Sequence[int] = (0,)) -> None:
        count = len(levels)
        self.levels = np.array(levels)
        at = np.arange(count, dtype=np.int64)
        key = np.isin(at, keys)
        sizes = np.where(key, 1000, 50).astype(np.int32)
        packets = Packets(at, at, sizes, key, at >= 0, True)
        self.timeline: Timeline = build_timeline(packets, Fraction(1, FPS), 1)
        self.asked = 0

    def frames(self, seconds: Sequence[float] | np.ndarray, size: tuple[int, int]) -> Frames:
        """Return flat frames."""
        rows = self.timeline.rows(np.asarray(seconds))
        self.asked += len(rows)
        pixels = np.ones((len(rows), size[1], size[0], 3)) * self.levels[rows][:, None, None, None]
        return Frames(pixels.astype(np.uint8), self.timeline.seconds[rows])

    def cuts(self, *, refine: bool = True) -> list[float]:
        """Sample once a second and detect."""
        seconds = np.arange(0, self.timeline.duration, 1.0)
        levels = self.levels[self.timeline.rows(seconds)]
        thumbs = (np.ones((len(levels), 16, 16)) * levels[:, None, None]).astype(np.uint8)
        return detect_shots(thumbs, seconds, self if refine else None)


def test_a_cut_is_placed_on_its_first_frame() -> None:
    film = Drawn([40] * 37 + [160] * 43)
    assert film.cuts() == [pytest.approx(3.7)]
    assert film.cuts(refine=False) == [4.0]


def test_two_cuts_in_one_gap_are_both_found() -> None:
    assert Drawn([40] * 31 + [160] * 6 + [90] * 43).cuts() == pytest.approx([3.1, 3.7])


def test_a_fade_is_not_a_cut() -> None:
    assert Drawn([*[40] * 30, *np.linspace(40, 160, 40), *[160] * 30]).cuts() == []


def test_a_flash_is_not_a_cut() -> None:
    assert Drawn([40] * 30 + [250] + [40] * 49).cuts() == []


def test_shots_are_not_shorter_than_the_minimum() -> None:
    # the stronger of the two stays
    assert Drawn([40] * 32 + [160] * 3 + [90] * 45).cuts() == pytest.approx([3.2])


def test_an_entry_point_out_of_turn_decides_alone() -> None:
    film = Drawn([40] * 37 + [160] * 43, keys=[0, 37, 70])
    assert film.cuts() == [pytest.approx(3.7)]
    # one picture there, and the last second, which no sample closes
    assert film.asked < 20


def test_few_or_no_samples_hold_no_cut() -> None:
    none = np.zeros((1, 16, 16), np.uint8)
    assert detect_shots(none, np.zeros(1)) == []
    with pytest.raises(ValueError, match="give one each"):
        detect_shots(none, np.zeros(2))


def cuts_of(path: Path) -> list[float]:
    with Decoder(path) as decoder:
        known = decoder.info, decoder.timeline
        wanted = np.arange(0, known[0].duration, 1.0)
        chunks = list(stream_frames(path, wanted, (112, 64), known=known))
        thumbs = np.concatenate([c.thumbs for c in chunks if c.thumbs is not None])
        seconds = np.concatenate([chunk.frames.seconds for chunk in chunks])
        return detect_shots(thumbs, seconds, decoder)


@pytest.mark.parametrize("scenecut", ["40", "0"])
def test_cuts_of_an_encoded_film_are_exact(scenecut: str, tmp_path: Path) -> None:
    path = make_film(
        tmp_path / "cuts.mp4",
        *("-c:v", "libx264", "-preset", "veryfast", "-g", "60", "-sc_threshold", scenecut),
        source="testsrc2=s=160x96:r=25:d=3.4[a];smptebars=s=160x96:r=25:d=4[b];"
        "testsrc=s=160x96:r=25:d=3[c];[a][b][c]concat=n=3",
    )
    assert cuts_of(path) == pytest.approx([3.4, 7.4], abs=0.001)


def test_the_known_cuts_of_a_real_film_are_found(media: Path) -> None:
    # the second piece of this file holds a cut of its own, 1.8 s into it
    found = cuts_of(media / "derived/hardcuts_4_8_12.mp4")
    assert found == pytest.approx([4.0, 5.8, 8.0, 12.0], abs=0.02)
