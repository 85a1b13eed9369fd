"""Hearing with real Whisper weights (marker `weights`): speech, and what is none, of espeak-ng."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from film_fixtures import run_ffmpeg
from tones import RATE, write_wav

from longtake.index.protocols import Utterance
from longtake.index.text.language import language_of
from longtake.index.text.spelling import words_of
from longtake.models.asr.whisper import WhisperTranscriber
from longtake.models.runtime import Runtime

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def folder(weights: Path) -> Path:
    found = weights / "whisper-base"
    if not (found / "model.bin").is_file():
        pytest.skip(f"no Whisper: {found} is absent")
    pytest.importorskip("faster_whisper", reason="the extra asr is not installed")
    return found


@pytest.fixture(scope="module")
def whisper(folder: Path) -> WhisperTranscriber:
    return WhisperTranscriber(f"local-dir:{folder}", Runtime("cpu"))


def say(text: str, voice: str = "en-us") -> np.ndarray:
    """Return spoken text, float32 [n], 16 kHz."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    command = ["espeak-ng", "-v", voice, "-s", "150", "--stdout", text]
    spoken = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        rate = file.getframerate()
        pcm = np.frombuffer(file.readframes(1 << 26), np.int16).astype(np.float32) / 32768
    at = np.arange(round(len(pcm) * RATE / rate)) * rate / RATE
    return np.interp(at, np.arange(len(pcm)), pcm).astype(np.float32)


def padded(sound: np.ndarray, before: float, after: float) -> np.ndarray:
    return np.concatenate(
        [np.zeros(round(before * RATE)), sound, np.zeros(round(after * RATE))]
    ).astype(np.float32)


def text_of(said: list[Utterance]) -> str:
    return " ".join(one.text for one in said).casefold()


def test_speech_is_heard_at_its_second(whisper: WhisperTranscriber) -> None:
    sound = padded(say("The night ferry leaves from the old harbour."), 7.0, 4.0)
    said = list(whisper.transcribe(sound))
    assert "the old harbo" in text_of(said)
    assert said[0].start == pytest.approx(7.0, abs=0.5)
    assert said[-1].end == pytest.approx(len(sound) / RATE - 4.0, abs=0.6)
    assert all(word.start <= word.end for one in said for word in one.words)


@pytest.mark.parametrize("kind", ["silence", "noise", "hum", "music"])
def test_where_nobody_speaks_nothing_is_heard(whisper: WhisperTranscriber, kind: str) -> None:
    rng, time = np.random.default_rng(0), np.arange(40 * RATE) / RATE
    sounds = {
        "silence": np.zeros(40 * RATE),
        "noise": rng.normal(0, 0.05, 40 * RATE),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * time),
        "music": sum(
            0.1 * np.sin(2 * np.pi * 220 * 2 ** (step / 12) * time) * (time * (1 + step) % 1 < 0.5)
            for step in (0, 4, 7)
        ),
    }
    assert list(whisper.transcribe(np.asarray(sounds[kind], np.float32))) == []


def test_two_languages_are_each_heard_in_their_own(whisper: WhisperTranscriber) -> None:
    english = say("Good morning, the weather is very nice today. We will walk along the river.")
    german = say("Guten Morgen, heute ist das Wetter sehr schön. Wir gehen am Fluss entlang.", "de")
    border = 5 * len(english) / RATE
    sound = np.concatenate([english] * 5 + [german] * 5)
    said = list(whisper.transcribe(sound))
    early = text_of([one for one in said if one.start < border])
    late = text_of([one for one in said if one.start >= border + 5])
    assert "weather" in early
    assert "wir gehen am fluss entlang" in late
    assert language_of(words_of(late)) == "de"


def test_one_word_again_and_again_does_not_run_away(whisper: WhisperTranscriber) -> None:
    sound = np.concatenate([padded(say("welcome"), 0.1, 0.4) for _ in range(50)])
    said = list(whisper.transcribe(sound))
    assert 10 <= len(text_of(said).split()) <= 150
    assert all(one.end <= len(sound) / RATE + 0.5 for one in said)


def test_a_language_that_whisper_does_not_know_ends_and_stays_inside_the_sound(
    whisper: WhisperTranscriber,
) -> None:
    sound = say("La suno brilas kaj la birdoj kantas en la granda arbaro apud la rivero.", "eo")
    said = list(whisper.transcribe(sound))
    assert all(0 <= one.start <= one.end <= len(sound) / RATE + 0.5 for one in said)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("telephone.mkv", ("-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1")),
        ("surround.mkv", ("-c:a", "ac3", "-ac", "6")),
    ],
)
def test_a_lecture_is_answered_from_what_it_says(
    folder: Path, tmp_path: Path, longtake_here, name: str, how: tuple[str, ...]
) -> None:
    told = "Welcome to the harbour. The old bridge was built by two brothers. Mind your step."
    sound = write_wav(tmp_path / "said.wav", padded(say(told), 3.0, 3.0))
    film = tmp_path / name
    picture = ("-f", "lavfi", "-i", "color=c=gray:s=64x48:r=5", "-i", str(sound))
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    run_ffmpeg(*picture, *video, *how, "-shortest", str(film))
    ran = longtake_here(
        "ask", film, "Who built the bridge?", "--asr", f"local-dir:{folder}", "--json",
        "--encoder", "none", "--store", tmp_path / "store",
    )  # fmt: skip
    answer = json.loads(ran.out)
    assert ran.code == 0
    assert "brothers" in answer["answer"]
    assert answer["evidence"][0]["kind"] == "speech"
    assert any("speech: whisper base" in caveat for caveat in answer["caveats"])
    assert answer["models"]["asr"].startswith("whisper-base@")
