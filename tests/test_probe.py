"""What a film is, told from its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from film_fixtures import make_film

from longtake.index.video.child.bits import DropRule, is_hidden
from longtake.index.video.decode import Decoder
from longtake.index.video.probing.probe import FilmInfo, upright_size
from longtake.index.video.probing.sniff import describe, find_container

HEADS = {
    "mov": b"\0\0\0\x20ftypisom",
    "matroska": b"\x1a\x45\xdf\xa3\x01",
    "avi": b"RIFF\x10\0\0\0AVI LIST",
    "flv": b"FLV\x01\x05",
    "mpeg": b"\0\0\x01\xba\x44",
    "mpegts": (b"G" + b"\xff" * 187) * 6,
}


@pytest.mark.parametrize("name", HEADS)
def test_containers_are_known_by_their_first_bytes(name: str) -> None:
    assert find_container(HEADS[name]) == name


def test_m2ts_has_its_marks_four_bytes_later() -> None:
    assert find_container((b"\0\0\0\0G" + b"\xff" * 187) * 6) == "mpegts"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"", "zero bytes"),
        (b"#EXTM3U\n", "HLS playlist"),
        (b"ID3\x04", "MP3"),
        (b"<html>", "HTML page"),
        (b"<?xml version='1.0'?><MPD/>", "XML"),
        (b"G", "text file"),
        (b"\x00\x01\x02\x03\x80" * 9, "no known video container"),
        (b"GGGG plain words that begin with a G", "text file"),
    ],
)
def test_other_files_are_named_and_no_container(head: bytes, name: str) -> None:
    assert find_container(head) is None
    assert name in describe(head)


def test_pixels_are_stretched_never_squeezed() -> None:
    assert upright_size(720, 576, (16, 11), 0) == (1047, 576)
    assert upright_size(720, 576, (1, 2), 0) == (720, 1152)
    assert upright_size(1920, 1080, (1, 1), 90) == (1080, 1920)


def test_sample_aspect_is_applied_to_frames(tmp_path: Path) -> None:
    path = make_film(tmp_path / "wide.mp4", "-vf", "setsar=2", "-c:v", "libx264", "-t", "0.4")
    with Decoder(path) as decoder:
        assert decoder.info.sar == (2, 1)
        assert (decoder.info.width, decoder.info.height) == (320, 96)
        assert decoder.frames([0.0]).pixels.shape[1:3] == (96, 320)


def test_info_survives_json(media: Path) -> None:
    with Decoder(media / "torchcodec/nasa_13013.mp4") as decoder:
        info = decoder.info
    assert FilmInfo.from_json(info.to_json()) == info
    data = (media / "torchcodec/nasa_13013.mp4").read_bytes()
    assert info.film_id == hashlib.sha256(data).hexdigest()[:16]
    assert info.size_bytes == len(data)
    assert (info.width, info.height, info.codec) == (480, 270, "h264")
    assert [track.codec for track in info.audio] == ["aac", "aac"]
    assert [track.language for track in info.subtitles] == ["eng", "eng"]
    assert not info.vfr
    assert info.fps == pytest.approx(29.97, abs=0.01)


def test_variable_frame_rate_is_noticed(media: Path) -> None:
    with Decoder(media / "derived/bbb_vfr_h264.mp4") as decoder:
        assert decoder.info.vfr
        assert decoder.info.fps == pytest.approx(16.73, abs=0.02)


def test_a_container_longer_than_its_pictures_is_told(media: Path) -> None:
    with Decoder(media / "derived/bbb_embedded_subs.mkv") as decoder:
        assert "23.9 s" in decoder.info.warnings[0]
    with Decoder(media / "derived/bbb_faststart.mp4") as decoder:
        assert decoder.info.warnings == ()


def test_hidden_reference_frames_are_recognised() -> None:
    assert is_hidden("vp8", memoryview(b"\x00\x00\x00"))
    assert not is_hidden("vp8", memoryview(b"\x10\x00\x00"))
    assert is_hidden("vp9", memoryview(b"\x84\x00"))
    assert not is_hidden("vp9", memoryview(b"\x86\x00"))
    assert not is_hidden("vp9", memoryview(b"\x84\x00\xc1"))
    assert not is_hidden("h264", memoryview(b"\x00"))


def unit(kind: int, layer: int) -> bytes:
    return bytes([kind << 1, layer + 1, 0x80, 0])


def test_pictures_are_left_out_only_where_that_is_proven_safe() -> None:
    assert DropRule("h264", b"", 1).skippable
    assert not DropRule("h264", b"", 2).skippable
    assert not DropRule("vp9", b"", 1).skippable
    for kinds, safe in (
        ([(19, 0), (1, 0), (0, 1)], True),  # unreferenced pictures in the top layer
        ([(19, 0), (0, 0), (1, 1)], False),  # below a layer that may use them
        ([(19, 0), (0, 0), (1, 0)], True),
    ):
        streamed = DropRule("hevc", b"", 1)
        boxed = DropRule("hevc", b"\x01" + bytes(20) + b"\x03" + bytes(8), 1)
        for kind, layer in kinds:
            message = unit(39, 0)  # supplemental information comes first
            streamed.look(memoryview(b"\0\0\x01" + message + b"\0\0\x01" + unit(kind, layer)))
            lengths = [len(u).to_bytes(4, "big") + u for u in (message, unit(kind, layer))]
            boxed.look(memoryview(b"".join(lengths)))
        assert streamed.skippable == boxed.skippable == safe
