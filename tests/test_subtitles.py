"""Subtitles come out as plain text with usable times, whatever went in."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.index.video.decode import Decoder
from longtake.index.video.probing.probe import Track
from longtake.index.video.subtitles import (
    MAX_TEXT,
    SubtitleTrack,
    clean_text,
    cues_from_packets,
    load_sidecars,
    read_subtitles,
)


def read_one(path: Path) -> SubtitleTrack:
    (track,) = read_subtitles(path)
    return track


SRT = "0\n00:00:01,000 --> 00:00:02,500\n{text}\n\n"


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        (r"{\an8}{\i1}up{\i0}\Nhere", "up here"),
        ("<v Anna>Hello <i>there</i>", "Hello there"),
        ("<00:00:01.000><c>one</c> two", "one two"),
        ("a < b &amp; c > d, I <3 it", "a < b & c > d, I <3 it"),
        ("\x1b[31mred\x07\u202egnissim\u2066\u200b", "[31mredgnissim"),
        (r"{\p1}m 0 0 l 100 0 100 100{\p0}", ""),
        ("two\r\n  lines\t", "two lines"),
        ("漢字 ünï", "漢字 ünï"),
    ],
)
def test_text_is_cleaned(marked: str, plain: str) -> None:
    assert clean_text(marked) == plain


def test_text_is_capped() -> None:
    assert len(clean_text("word " * 1000)) <= MAX_TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_recognised(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(SRT.format(text="café über").encode(encoding))
    assert [cue.text for cue in read_one(path).cues] == ["café über"]


def test_sidecars_are_found_by_the_name_of_the_film(tmp_path: Path) -> None:
    film = tmp_path / "my film.mp4"
    film.touch()
    for name in (
        "my film.srt",
        "my film.en.forced.srt",
        "my film.vtt",
        "other.srt",
        "my film2.srt",
    ):
        head = "WEBVTT\n\n" if name.endswith("vtt") else ""
        text = SRT.format(text=name)
        (tmp_path / name).write_text(head + (text.replace(",", ".") if head else text))
    (tmp_path / "my film.de.srt").mkdir()
    found = {track.source for track in load_sidecars(film)}
    assert found == {
        "sidecar:my film.srt",
        "sidecar:my film.en.forced.srt",
        "sidecar:my film.vtt",
    }
    assert load_sidecars(tmp_path / "absent" / "film.mp4") == []


def test_what_is_no_subtitle_file_is_skipped_and_said(tmp_path: Path) -> None:
    (tmp_path / "film.srt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "film.ass").write_text("not ass at all")
    (tmp_path / "film.en.srt").touch()
    tracks = load_sidecars(tmp_path / "film.mp4")
    assert [track.cues for track in tracks] == [(), (), ()]
    for track, name in zip(tracks, ["film.ass", "film.en.srt", "film.srt"], strict=True):
        assert track.notes == (f"{name} is not used: there is no line with a time in it",)


def test_times_are_made_usable() -> None:
    track = Track(2, "subrip", "eng", None, default=True)

    def packet(start: float, length: float, text: str) -> dict:
        return {"track": 2, "start": start, "length": length, "data": text}

    cues = cues_from_packets(
        [
            packet(100.0, 2.0, "first"),
            packet(102.0, 1.5, "first"),
            packet(110.0, 0.0, "no end"),
            packet(99.0, 2.0, "begins before the film"),
            packet(90.0, 1.0, "is over before the film"),
            packet(float("nan"), 1.0, "never"),
        ],
        [track],
        origin=100.0,
    )
    assert [(cue.span.start, cue.span.end, cue.text) for cue in cues] == [
        (0.0, 1.0, "begins before the film"),
        (0.0, 3.5, "first"),
        (10.0, 13.0, "no end"),
    ]
    assert cues[0].source == "track:2:eng"


def test_every_subtitle_file_of_the_media_is_survived(media: Path) -> None:
    read = {
        path.name: read_one(path).cues
        for path in sorted(media.glob("*/*"))
        if path.suffix in (".srt", ".vtt", ".ass", ".sbv")
    }
    assert len(read["sample.vtt"]) == 16
    assert len(read["synth.ass"]) == 3
    assert read["synth_latin1.srt"][0].text == "café latin-1 über"
    assert read["subtitles-unicode.srt"][0].text == "ÁÉíöÙ"
    assert read["empty.vtt"] == ()
    assert len(read["sample.sbv"]) == 5
    for cues in read.values():
        for cue in cues:
            assert cue.text.isprintable()
            assert cue.span.duration > 0


def test_embedded_tracks_are_read_in_film_time(media: Path) -> None:
    with Decoder(media / "derived/bbb_embedded_subs.mkv") as decoder:
        cues = decoder.subtitles()
    assert {cue.source for cue in cues} == {"track:2:eng", "track:3:deu"}
    assert any(cue.text == "big yawn — ünïcödé 漢字" for cue in cues)
    with Decoder(media / "torchcodec/nasa_13013.mp4") as decoder:
        assert decoder.subtitles()[0].text.startswith("NAR: This is the optical")
