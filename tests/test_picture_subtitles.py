"""Picture subtitles (Blu-ray, DVD, broadcast) are read by OCR when asked, on the film's clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from film_fixtures import run_ffmpeg
from picture_subtitles import make_subtitled

import longtake
from longtake.index.video.decode import Decoder
from longtake.index.video.errors import InputError
from longtake.index.video.subtitle_pictures import SubtitlePicture, stream_subtitle_pictures

LINES = [
    (1.0, 2.5, "Good morning, everyone."),
    (3.0, 5.0, "The ferry leaves at nine\nfrom pier seven."),
    (6.5, 8.0, "Please bring your ticket."),
]
SPANS = [(start, end) for start, end, _ in LINES]
TEXTS = [" ".join(text.split()) for _, _, text in LINES]
KINDS = {
    "blu-ray in Matroska": ("a.mkv", "copy"),
    "blu-ray in M2TS": ("a.m2ts", "copy"),
    "broadcast": ("a.ts", "dvbsub"),
    "DVD in Matroska": ("b.mkv", "dvdsub"),
    "DVD": ("a.vob", "dvdsub"),
}


def pictures_of(path: Path) -> list[SubtitlePicture]:
    with Decoder(path) as decoder:
        (track,) = decoder.info.subtitles
    return list(stream_subtitle_pictures(path, track))


def spans_of(pictures: list[SubtitlePicture]) -> np.ndarray:
    return np.array([(picture.span.start, picture.span.end) for picture in pictures])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_read_on_the_clock_of_the_film(kind: str, tmp_path: Path) -> None:
    name, codec = KINDS[kind]
    film = make_subtitled(tmp_path / name, LINES, codec=codec)
    with longtake.open(film, store=tmp_path / "store", subtitles="ocr") as opened:
        index = opened.parts.index()
        cues = index.cues()
        assert [cue.text for cue in cues] == TEXTS
        spans = np.array([(cue.span.start, cue.span.end) for cue in cues])
        assert np.allclose(spans, SPANS, atol=0.04)
        answer = opened.ask("When does the ferry leave?")
        assert "nine" in str(answer.answer)
        assert any("by OCR" in caveat for caveat in answer.caveats)


def test_a_film_that_starts_late_and_a_joined_one_have_one_clock(tmp_path: Path) -> None:
    film = make_subtitled(tmp_path / "a.ts", LINES, codec="dvbsub")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(film.read_bytes() * 2)
    twice = np.array(SPANS + [(start + 12, end + 12) for start, end in SPANS])
    assert np.allclose(spans_of(pictures_of(joined)), twice, atol=0.04)

    late = make_subtitled(tmp_path / "late.mkv", LINES, delay=2)
    shifted = np.maximum(np.array(SPANS) - 2, 0)
    assert np.allclose(spans_of(pictures_of(late)), shifted, atol=0.04)


def test_dark_text_without_anything_bright_is_laid_on_white(tmp_path: Path) -> None:
    (bright, *_) = pictures_of(make_subtitled(tmp_path / "a.mkv", LINES))
    assert (bright.pixels[0, 0], bright.pixels.max() > 200) == (0, True)
    (dark, *_) = pictures_of(make_subtitled(tmp_path / "b.mkv", LINES, fill=20))
    assert (dark.pixels[0, 0], dark.pixels.min() < 40) == (255, True)


def test_nothing_is_read_unasked_and_what_was_read_is_not_read_again(
    tmp_path: Path, longtake_here: Callable
) -> None:
    film = make_subtitled(tmp_path / "a.mkv", LINES, "-metadata:s:s:0", "language=eng")
    store = ("--store", tmp_path / "store")
    plain = longtake_here("index", film, *store, "--json")
    (row,) = json.loads(plain.out)
    assert row["lines_of_speech"] == 0
    assert any("--subtitles ocr:eng reads it" in caveat for caveat in row["caveats"])
    read = longtake_here("index", film, *store, "--subtitles", "ocr")
    assert "subtitles: done" in read.err
    again = longtake_here("index", film, *store, "--subtitles", "ocr")
    assert "subtitles: done" not in again.err
    assert "3 lines of speech" in again.out
    # a later command has the lines without the setting
    assert "ferry leaves" in longtake_here("search", film, "ferry", *store).out
    refreshed = longtake_here("index", film, *store, "--refresh", "speech")
    assert "0 lines of speech" in refreshed.out


def test_an_interrupted_reading_goes_on_with_the_next_minute(tmp_path: Path) -> None:
    far = [(start + 110, end + 110, text) for start, end, text in LINES]
    film = tmp_path / "long.mkv"
    make_subtitled(tmp_path / "a.mkv", [*LINES, *far])
    run_ffmpeg("-stream_loop", "10", "-i", str(tmp_path / "a.mkv"), "-i", str(tmp_path / "a.mkv"),
               "-map", "0:v", "-map", "1:s", "-c", "copy", str(film))  # fmt: skip

    def stop(progress: longtake.Progress) -> None:
        if progress.stage == "subtitles" and progress.done == 1:
            raise KeyboardInterrupt

    wanted = longtake.open(film, store=tmp_path / "store", subtitles="ocr")
    with wanted as opened, pytest.raises(KeyboardInterrupt):
        opened.parts.index(stop)
    with longtake.open(film, store=tmp_path / "store") as opened:
        index = opened.parts.index()
        assert [cue.text for cue in index.cues()] == TEXTS
        assert any("in part only" in caveat for caveat in index.caveats)
    with longtake.open(film, store=tmp_path / "store", subtitles="ocr") as opened:
        index = opened.parts.index()
        assert [cue.text for cue in index.cues()] == TEXTS * 2
        assert not any("in part only" in caveat for caveat in index.caveats)


def test_one_language_is_read_and_the_wrong_wishes_are_told(
    tmp_path: Path, longtake_here: Callable
) -> None:
    german = [(1.0, 2.5, "Guten Morgen zusammen."), (3.0, 5.0, "Das Schiff legt um neun ab.")]
    english, other = tmp_path / "en.mkv", tmp_path / "de.mkv"
    make_subtitled(english, LINES)
    make_subtitled(other, german)
    film = tmp_path / "both.mkv"
    run_ffmpeg("-i", str(english), "-i", str(other), "-map", "0", "-map", "1:s", "-c", "copy",
               "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=ger",
               str(film))  # fmt: skip
    store = ("--store", tmp_path / "store")
    found = longtake_here("search", film, "Schiff", *store, "--subtitles", "ocr:de")
    assert "legt um neun ab" in found.out
    none = longtake_here("ask", film, "What is said at 0:01?", *store, "--subtitles", "ocr:x1")
    assert (none.code, "'x1' is no language" in none.err) == (2, True)
    bare = tmp_path / "bare.mkv"
    run_ffmpeg("-i", str(film), "-map", "0:v", "-c", "copy", str(bare))
    plain = longtake_here("index", bare, *store, "--subtitles", "ocr")
    assert (plain.code, "there are no picture subtitles" in plain.err) == (0, True)


def test_letters_that_the_ocr_does_not_know_are_said(tmp_path: Path) -> None:
    film = make_subtitled(tmp_path / "a.mkv", LINES, "-metadata:s:s:0", "language=rus")
    with longtake.open(film, store=tmp_path / "store", subtitles="ocr") as opened:
        index = opened.parts.index()
        assert index.subtitles is not None
        assert index.subtitles.uncertain
        assert any("does not know Cyrillic letters" in caveat for caveat in index.caveats)
        assert not any(hit.line.certain for hit in index.search_words("ferry", "speech"))


def test_damaged_pictures_harm_nothing(tmp_path: Path) -> None:
    film = make_subtitled(tmp_path / "a.m2ts", LINES)
    data = bytearray(film.read_bytes())
    rng = np.random.default_rng(4)
    for place in rng.integers(2000, len(data), 400):
        data[place] ^= 0x55
    film.write_bytes(bytes(data))
    try:
        found = pictures_of(film)
    except InputError:
        return
    assert all(picture.span.end > picture.span.start for picture in found)
