"""Pictures as people's films hold them: turned, mirrored, HDR, interlaced, transparent, refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from case_films import X264, case, make_colours, turn_matrix
from film_fixtures import run_ffmpeg

from longtake.index.video.decode import Decoder
from longtake.index.video.errors import InputError
from longtake.index.video.frames import Box
from longtake.index.video.orientation import read_matrix
from longtake.index.video.probing.probe import check_regular
from longtake.index.video.tone import HLG, PQ, ToneMap

EIGHT = [
    (a, b, c, d)
    for a, b, c, d in np.ndindex(3, 3, 3, 3)
    if abs((a - 1) * (d - 1) - (b - 1) * (c - 1)) == 1
    and abs(a - 1) + abs(b - 1) == 1
    and abs(c - 1) + abs(d - 1) == 1
]
EIGHT = [(a - 1, b - 1, c - 1, d - 1) for a, b, c, d in EIGHT]
CORNERS = (
    "color=red:s=80x48:r=5:d=1[a];color=lime:s=80x48:r=5:d=1[b];color=blue:s=80x48:r=5:d=1[c];"
    "color=gray:s=80x48:r=5:d=1[d];[a][b]hstack[e];[c][d]hstack[f];[e][f]vstack[out0]"
)


def as_ffmpeg_shows(path: Path, width: int, height: int) -> np.ndarray:
    """Return the first frame as the ffmpeg command turns it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-frames:v", "1"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)


@pytest.fixture(scope="module")
def corners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film with another colour in each corner."""
    path = tmp_path_factory.mktemp("corners") / "corners.mp4"
    run_ffmpeg("-f", "lavfi", "-i", CORNERS, "-pix_fmt", "yuv420p", *X264, str(path))
    return path


@pytest.mark.parametrize("matrix", EIGHT)
def test_every_orientation_is_shown_as_ffmpeg_shows_it(
    matrix: tuple[int, int, int, int], corners: Path, tmp_path: Path
) -> None:
    path = tmp_path / "turned.mp4"
    path.write_bytes(corners.read_bytes())
    turn_matrix(path, matrix)
    with Decoder(path) as decoder:
        info, whole = decoder.info, decoder.frames([0.5]).pixels[0]
        corner = decoder.frames([0.5], crop=Box(0, 0, 0.4, 0.4)).pixels[0]
    truth = as_ffmpeg_shows(path, info.width, info.height)
    assert np.abs(whole.astype(int) - truth).mean() < 3
    middle = whole[whole.shape[0] // 5, whole.shape[1] // 5]
    assert np.abs(corner.astype(int) - middle).mean() < 8


def test_a_matrix_between_two_orientations_takes_the_nearer_one() -> None:
    assert len(EIGHT) == 8
    nearly = read_matrix((3, 98, -99, 2))
    assert (nearly.turns, nearly.mirrored) == (3, False)


def test_a_mirrored_phone_film_is_upright() -> None:
    path = case("01-phone-rotated/selfie_mirrored.mp4")
    with Decoder(path) as decoder:
        assert (decoder.info.rotation, decoder.info.mirrored) == (0, True)
        shown = decoder.frames([1.0]).pixels[0]
    truth = as_ffmpeg_shows(path, *shown.shape[1::-1])
    assert np.abs(shown.astype(int) - truth).mean() < 6


def map_code(transfer: int, code: float, primaries: int = 9, peak: float = 1000.0) -> np.ndarray:
    picture = np.full((1, 1, 3), round(65535 * code), np.uint16)
    return ToneMap(transfer, primaries, peak).apply(picture)[0, 0]


def test_reference_white_of_both_hdr_systems_is_nearly_white() -> None:
    # 203 cd/m2 is 58 % PQ and 75 % HLG (BT.2408)
    for transfer, code in ((PQ, 0.5807), (HLG, 0.75)):
        assert (map_code(transfer, code) >= 240).all()
        assert (map_code(transfer, 0.0) == 0).all()
        assert (map_code(transfer, 1.0) == 255).all()
    # a film graded for 200 cd/m2 needs no compression at all
    assert (map_code(PQ, 0.5807, peak=203.0) >= 254).all()


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_brighter_light_is_never_darker_after_the_mapping(transfer: int) -> None:
    ramp = np.repeat(np.linspace(0, 65535, 4096).astype(np.uint16)[None, :, None], 3, axis=2)
    mapped = ToneMap(transfer, 9, 1000.0).apply(ramp)[0].astype(int)
    assert (np.diff(mapped, axis=0) >= 0).all()
    assert mapped.min() == 0
    assert mapped.max() == 255


def test_wide_gamut_red_becomes_the_red_of_bt709() -> None:
    # the red primary of BT.709 in BT.2020 light, encoded as sRGB
    light = np.array([0.6274, 0.0691, 0.0164])
    code = 1.055 * light ** (1 / 2.4) - 0.055
    picture = np.round(65535 * code).astype(np.uint16)[None, None]
    shown = ToneMap(1, 9, 0.0).apply(picture)[0, 0]
    assert shown[0] >= 253
    assert shown[1:].max() <= 8


def test_an_hdr_film_looks_like_its_sdr_original_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "hdr.mp4"
    to_pq = (
        "zscale=tin=iec61966-2-1:pin=bt709:min=bt709:rin=tv:t=smpte2084:p=bt2020:m=bt2020nc"
        ":npl=203,format=yuv420p10le"
    )
    run_ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "color=0x781e1e:s=160x96:r=5:d=1,format=yuv444p,"
        "scale=out_color_matrix=bt709,setparams=colorspace=bt709:color_primaries=bt709:"
        "color_trc=iec61966-2-1:range=tv," + to_pq,
        "-c:v",
        "libx265",
        "-x265-params",
        "log-level=none:pools=1",
        str(path),
    )
    with Decoder(path) as decoder:
        shown = decoder.frames([0.5]).pixels[0].reshape(-1, 3).mean(axis=0)
        notes = [text for text in decoder.info.warnings if "HDR (PQ" in text]
    assert np.abs(shown - (120, 30, 30)).max() < 6
    assert len(notes) == 1
    assert "BT.2390" in notes[0]


def combs(picture: np.ndarray) -> float:
    """Return how much lines differ from both neighbours, on the same side, in levels."""
    grey = picture.mean(axis=2)
    up, down = grey[1:-1] - grey[:-2], grey[1:-1] - grey[2:]
    return float(np.where(up * down > 0, np.minimum(np.abs(up), np.abs(down)), 0).mean())


def test_a_moving_thing_in_an_interlaced_film_has_no_comb_and_a_still_one_keeps_its_lines(
    tmp_path: Path,
) -> None:
    path, plain = tmp_path / "fields.ts", tmp_path / "plain.ts"
    # a bar that runs to the right, above fine lines that stand still
    scene = (
        "color=black:s=320x192:r=50:d=1[b];color=white:s=24x96:r=50:d=1[w];"
        "color=black:s=320x96:r=50:d=1,geq=lum='if(mod(floor(Y/2),2),235,16)':cb=128:cr=128[l];"
        "[b][w]overlay=x='t*250':y=0:eval=frame[c];[c][l]overlay=y=96,interlace=lowpass=0[out0]"
    )
    coded = ("-c:v", "mpeg2video", "-q:v", "2", "-g", "12", "-bf", "2")
    run_ffmpeg("-f", "lavfi", "-i", scene, *coded, "-flags", "+ildct+ilme", str(path))
    run_ffmpeg("-f", "lavfi", "-i", scene, *coded, str(plain))
    with Decoder(path) as decoder, Decoder(plain) as other:
        shown = decoder.frames([0.52]).pixels[0]
        combed = other.frames([0.52]).pixels[0]
        assert any("interlaced" in text for text in decoder.info.warnings)
        assert not any("interlaced" in text for text in other.info.warnings)
        # frames keep their exact times
        assert decoder.timeline.seconds.tolist() == other.timeline.seconds.tolist()
    assert combs(combed[:90]) > 3
    assert combs(shown[:90]) < 0.2 * combs(combed[:90])
    assert np.abs(shown[104:].astype(int) - combed[104:]).mean() < 4


def test_what_alpha_hides_does_not_show_and_white_on_nothing_does(tmp_path: Path) -> None:
    path = tmp_path / "lower_third.webm"
    scene = (
        "color=white:s=160x96:r=5:d=1,format=yuva420p,"
        "geq=lum=235:cb=128:cr=128:a='if(between(X,40,120)*between(Y,30,66),255,0)'"
    )
    run_ffmpeg("-f", "lavfi", "-i", scene, "-c:v", "libvpx-vp9", "-auto-alt-ref", "0", str(path))
    with Decoder(path) as decoder:
        picture = decoder.frames([0.5]).pixels[0]
        assert any("transparent" in text for text in decoder.info.warnings)
    assert picture[40:56, 50:110].min() > 240
    assert np.abs(picture[:20].astype(int) - 128).max() < 8


@pytest.mark.parametrize(
    ("name", "options", "found", "remedy"),
    [
        ("moving.gif", (), "a GIF picture", "ffmpeg -i moving.gif -c:v libx264"),
        ("a film.mov", ("-c:v", "mjpeg"), "video coded as mjpeg", "ffmpeg -i 'a film.mov'"),
        ("old.wmv", ("-c:v", "wmv2"), "an ASF/WMV file", "ffmpeg -i old.wmv"),
    ],
)
def test_a_refusal_names_the_kind_and_the_command_that_converts_it(
    name: str, options: tuple[str, ...], found: str, remedy: str, tmp_path: Path
) -> None:
    path = make_colours(tmp_path / name, "red lime", *(options or ("-f", "gif")))
    with pytest.raises(InputError) as refused, Decoder(path) as decoder:
        assert decoder.info is None
    assert found in refused.value.message
    assert remedy in refused.value.remedy
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("address", ["https://example.org/film.mp4", "rtsp://camera.local/1"])
def test_an_address_is_answered_with_the_way_to_fetch_it(address: str) -> None:
    for given in (address, Path(address), Path(address).absolute()):
        with pytest.raises(InputError) as refused:
            check_regular(given)
        assert f"yt-dlp -o film.mp4 {address}" in refused.value.remedy


@pytest.mark.parametrize("suffix", [".webm", ".mkv", ".ts"])
def test_pictures_that_change_their_size_keep_the_detail_of_the_largest(
    suffix: str, tmp_path: Path
) -> None:
    codec = ("-c:v", "libvpx") if suffix == ".webm" else X264
    joined = "".join(
        f"file {make_colours(tmp_path / f'{side}{suffix}', colour, *codec, '-s', side).name}\n"
        for side, colour in (("80x48", "red"), ("320x192", "lime blue gray"))
    )
    (tmp_path / "list.txt").write_text(joined)
    path = tmp_path / f"ramp{suffix}"
    run_ffmpeg("-f", "concat", "-i", str(tmp_path / "list.txt"), "-c", "copy", str(path))
    with Decoder(path) as decoder:
        assert (decoder.info.width, decoder.info.height) == (320, 192)
        assert any("change their size (80x48, 320x192)" in w for w in decoder.info.warnings)
        assert decoder.frames([0.5, 2.5]).pixels.shape == (2, 192, 320, 3)


@pytest.mark.parametrize("kind", ["common encryption", "scrambled broadcast"])
def test_an_encrypted_film_is_refused_as_that(kind: str, tmp_path: Path) -> None:
    if kind == "common encryption":
        key = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "7" * 32)
        path = make_colours(
            tmp_path / "film.mp4", "red lime", *X264, *key, "-encryption_kid", "a" * 32
        )
    else:
        path = make_colours(tmp_path / "film.ts", "red lime")
        data = bytearray(path.read_bytes())
        for at in range(0, len(data), 188):
            if (data[at + 1] & 0x1F) << 8 | data[at + 2] == 0x100:
                data[at + 3] |= 0x80
                start = at + 4 + (1 + data[at + 4] if data[at + 3] & 0x20 else 0)
                data[start : at + 188] = bytes(b ^ 0xA5 for b in data[start : at + 188])
        path.write_bytes(data)
    with pytest.raises(InputError) as refused, Decoder(path) as decoder:
        assert decoder.info is None
    assert "encrypted video" in refused.value.message
    assert refused.value.remedy == "only a copy without encryption can be read"


@pytest.mark.parametrize(
    ("name", "head", "found", "remedy"),
    [
        ("raw.h264", b"\0\0\0\1\x67\x64\0\x0a" * 99, "raw video (H.264", "ffmpeg -i raw.h264"),
        ("raw.y4m", b"YUV4MPEG2 W16 H16 F25:1\n", "raw video (Y4M)", "ffmpeg -i raw.y4m"),
        ("av1.ivf", b"DKIF\0\0 \0AV01", "raw video (IVF)", "ffmpeg -i av1.ivf"),
        ("tape.mxf", b"\x06\x0e\x2b\x34\2\5\1\1", "an MXF file", "ffmpeg -i tape.mxf"),
        ("old.rm", b".RMF\0\0\0\x12", "a RealMedia file", "ffmpeg -i old.rm"),
        ("talk.aac", b"\xff\xf1\x50\x80", "an audio file (AAC)", "color=s=640x360:d=1"),
        ("talk.opus", b"OggS\0\2" + b"OpusHead", "an audio file (Ogg)", "-map 0:v -map 1:a"),
        ("film.ogv", b"OggS\0\2" + b"\x80theora", "an Ogg file", "ffmpeg -i film.ogv"),
        ("moves.png", b"\x89PNG\r\n\x1a\n" + b"acTL", "an animated PNG", "ffmpeg -i moves.png"),
        ("film.zip", b"PK\3\4film.mp4", "a ZIP archive", "unpack it first"),
        ("film.mp4", b"<!DOCTYPE html><html>", "an HTML page", "yt-dlp"),
    ],
)
def test_what_is_no_film_of_ours_is_called_by_its_name(
    name: str, head: bytes, found: str, remedy: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(head + bytes(range(256)) * 20)
    with pytest.raises(InputError) as refused:
        check_regular(tmp_path / name)
    assert found in refused.value.message
    assert remedy in refused.value.remedy


def test_sound_alone_becomes_a_film_of_its_length_by_the_command_that_is_named(
    tmp_path: Path,
) -> None:
    path = tmp_path / "talk.m4a"
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=5", "-c:a", "aac", str(path))
    with pytest.raises(InputError) as refused, Decoder(path) as decoder:
        assert decoder.info is None
    command = refused.value.remedy.partition("ffmpeg ")[2].split()
    run_ffmpeg(*(str(tmp_path / part) if "talk" in part else part for part in command))
    with Decoder(tmp_path / "talk-longtake.mp4") as decoder:
        assert decoder.info.duration == pytest.approx(5.0, abs=0.1)
