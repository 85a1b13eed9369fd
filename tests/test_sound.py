"""The sound of a film, from the decode child: every word at its second of the film's clock."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from film_fixtures import run_ffmpeg
from tones import RATE, ToneModel, speak, talking_film, words_in, write_wav

from longtake.index.video.decode import Decoder
from longtake.index.video.errors import InputError
from longtake.index.video.sound import Damage, stream_sound

SCRIPT = [(1.0, "the ferry leaves"), (5.0, "at nine"), (9.0, "from pier four")]
NEAR = 0.1


def listen(
    film: Path, start: float = 0.0, damage: Damage | None = None
) -> tuple[list[tuple[float, str]], float]:
    """Return (second, word) of what is heard in a film, and the second at which its sound ends."""
    with Decoder(film) as decoder:
        known = decoder.info, decoder.timeline
    blocks = list(stream_sound(film, known, start=start, damage=damage))
    end = start
    for block in blocks:
        assert block.start >= end - 1e-6
        end = block.end
    out = np.zeros(round(end * RATE) + 1, np.float32)
    for block in blocks:
        first = round(block.start * RATE)
        out[first : first + len(block.samples)] = block.samples[: len(out) - first] / 32768
    return [(word.start, word.text.strip()) for word in words_in(out)], end


def expected(script: Sequence[tuple[float, str]], shift: float = 0.0) -> list[tuple[float, str]]:
    return [
        (start + shift + place * 0.35, word)
        for start, text in script
        for place, word in enumerate(text.split())
    ]


def assert_heard(
    heard: Sequence[tuple[float, str]], wanted: Sequence[tuple[float, str]], near: float = NEAR
) -> None:
    assert [word for _, word in heard] == [word for _, word in wanted]
    assert np.allclose([s for s, _ in heard], [s for s, _ in wanted], atol=near)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("stereo.mp4", ("-c:a", "aac", "-ac", "2")),
        ("surround.mkv", ("-c:a", "ac3", "-ac", "6")),
        ("telephone.mkv", ("-c:a", "pcm_mulaw", "-ar", "8000")),
        ("opus.webm", ("-c:a", "libopus", "-c:v", "libvpx", "-deadline", "realtime")),
        ("mp3.avi", ("-c:a", "libmp3lame", "-c:v", "mpeg4")),
        ("stream.ts", ("-c:a", "mp2", "-ar", "48000")),
        ("high.mov", ("-c:a", "pcm_s24le", "-ar", "96000")),
    ],
)
def test_every_kind_of_sound_is_heard_at_its_second(tmp_path, name, how) -> None:
    heard, end = listen(talking_film(tmp_path / name, SCRIPT, 12.0, *how))
    assert_heard(heard, expected(SCRIPT))
    assert end == pytest.approx(12.0, abs=0.2)


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv", "late.ts"])
@pytest.mark.parametrize(("picture", "sound"), [(0.0, 2.5), (2.5, 0.0)])
def test_tracks_that_start_late_keep_the_clock_of_the_pictures(
    tmp_path, name, picture, sound
) -> None:
    film = talking_film(tmp_path / "plain.mkv", SCRIPT, 12.0, "-c:a", "aac")
    out = tmp_path / name
    run_ffmpeg(
        *("-itsoffset", str(picture), "-i", str(film), "-itsoffset", str(sound), "-i", str(film)),
        *("-map", "0:v", "-map", "1:a", "-c", "copy", str(out)),
    )
    wanted = [(s, word) for s, word in expected(SCRIPT, sound - picture) if s > 0]
    assert_heard(listen(out)[0], wanted, 0.1)


def test_a_gap_in_the_sound_stays_a_gap(tmp_path) -> None:
    film = talking_film(tmp_path / "plain.mkv", SCRIPT, 12.0, "-c:a", "flac")
    gapped = tmp_path / "gapped.mkv"
    drop = "noise=drop='between(pts*tb,3,8)'"
    run_ffmpeg("-i", str(film), "-c", "copy", "-bsf:a", drop, str(gapped))
    heard, _ = listen(gapped)
    assert_heard(heard, expected([SCRIPT[0], SCRIPT[2]]))


def test_the_second_part_of_a_joined_stream_follows_the_first(tmp_path) -> None:
    first = talking_film(tmp_path / "a.ts", [(1.0, "the ferry")], 6.0, "-c:a", "mp2")
    second = talking_film(tmp_path / "b.ts", [(2.0, "pier four")], 6.0, "-c:a", "mp2")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    wanted = [*expected([(1.0, "the ferry")]), *expected([(8.0, "pier four")])]
    assert_heard(listen(joined)[0], wanted, 0.2)
    assert_heard(listen(joined, start=7.0)[0], wanted[2:], 0.2)


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts"])
def test_listening_from_the_middle_hears_the_same_words_at_the_same_seconds(tmp_path, name) -> None:
    script = [(4.0 * k + 1, f"{word} parrot") for k, word in enumerate(("one", "two", "three") * 5)]
    film = talking_film(tmp_path / name, script, 62.0, "-c:a", "mp2")
    whole, _ = listen(film)
    assert_heard(whole, expected(script))
    later, _ = listen(film, start=31.0)
    assert_heard(later, [(s, word) for s, word in whole if s >= 31.0], 0.02)


def test_a_damaged_track_beside_good_pictures_is_counted(tmp_path) -> None:
    film = talking_film(tmp_path / "good.mkv", SCRIPT, 12.0, "-c:a", "aac")
    bad = tmp_path / "bad.mkv"
    noise = "noise=amount=-1:dropamount=0"
    run_ffmpeg("-i", str(film), "-c", "copy", "-bsf:a", noise.replace("-1", "20"), str(bad))
    damage = Damage()
    listen(bad, damage=damage)
    assert damage.packets > 150
    assert damage.damaged > damage.packets / 3
    assert damage.lost > 3


def test_a_film_without_sound_says_so(tmp_path) -> None:
    film = tmp_path / "silent.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "color=s=64x48:r=5:d=2", str(film))
    with pytest.raises(InputError, match=r"silent\.mp4.*no track of sound"):
        listen(film)


def test_sound_in_a_codec_that_is_not_decoded_is_named(tmp_path) -> None:
    film = tmp_path / "odd.mkv"
    sound = write_wav(tmp_path / "s.wav", speak(SCRIPT, 12.0))
    picture = ("-f", "lavfi", "-i", "color=s=64x48:r=5:d=12", "-i", str(sound))
    run_ffmpeg(*picture, "-c:a", "wmav2", "-strict", "-2", str(film))
    with pytest.raises(InputError, match="sound coded as wmav2"):
        listen(film)


def test_the_child_that_hears_is_ended_with_the_stream(tmp_path) -> None:
    film = talking_film(tmp_path / "film.mkv", SCRIPT, 12.0)
    with Decoder(film) as decoder:
        known = decoder.info, decoder.timeline
    stream = stream_sound(film, known)
    next(stream)
    stream.close()
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert not [line for line in listed.stdout.splitlines() if "longtake_child" in line
                and str(film) in line]  # fmt: skip
    assert ToneModel().heard == 0
