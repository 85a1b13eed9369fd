"""Narrated films for the hearing benches: espeak-ng over a real clip, with exact truth.

Needs `espeak-ng` on the path. The facts that are said are those of `spoken_facts.toml`.
"""

from __future__ import annotations

import io
import random
import subprocess
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np

FACTS = Path(__file__).with_name("spoken_facts.toml")
VOICES = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-us+f3", "en-gb-x-gbclan+m3")
RATE = 22_050
_SILENT = 0.01


@dataclass(frozen=True)
class Sentence:
    """What was said, and when, seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Fact:
    """A fact: what is said, what is asked, and the pattern that a right answer holds."""

    number: int
    said: str
    asked: str
    key: str


def read_facts() -> tuple[list[Fact], list[list[str]]]:
    """Return the facts, and the filler sentences by topic (of fact number // 5)."""
    topics = tomllib.loads(FACTS.read_text("utf-8"))["topic"]
    rows = [row for topic in topics for row in topic["facts"]]
    facts = [Fact(number, *row) for number, row in enumerate(rows)]
    return facts, [topic["filler"] for topic in topics]


def say(text: str, voice: str, speed: int = 155) -> np.ndarray:
    """Return a spoken sentence, float32 [n] at `RATE`, without silence around it."""
    spoken = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", text],
        check=True,
        capture_output=True,
    ).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        samples = np.frombuffer(file.readframes(1 << 26), np.int16).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    return samples[loud[0] : loud[-1] + 1]


class Track:
    """A track of sound that sentences are put on."""

    def __init__(self, seconds: float) -> None:
        self.samples = np.zeros(round(seconds * RATE), np.float32)
        self.sentences: list[Sentence] = []

    def put(self, at: float, text: str, voice: str, speed: int = 155) -> float:
        """Put a sentence at a second; return the second at which it ends."""
        spoken = say(text, voice, speed)
        first = round(at * RATE)
        part = self.samples[first : first + len(spoken)]
        part += spoken[: len(part)]
        self.sentences.append(Sentence(at, at + len(part) / RATE, text))
        return self.sentences[-1].end

    def mix(self, bed: np.ndarray, decibels: float) -> None:
        """Put a bed of sound under the speech, so many decibels below it."""
        spoken = self.samples[np.abs(self.samples) > _SILENT]
        under = np.resize(bed, len(self.samples)).astype(np.float32)
        level = np.sqrt(np.square(spoken).mean()) / max(1e-9, np.sqrt(np.square(under).mean()))
        self.samples = self.samples + under * level * 10 ** (-decibels / 20)

    def write(self, clip: Path, film: Path, *extra: str) -> Path:
        """Write a film: this sound over the pictures of a clip, again and again."""
        peak = max(1.0, float(np.abs(self.samples).max()))
        sound = film.with_suffix(".wav")
        with wave.open(str(sound), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes((self.samples / peak * 32000).astype("<i2").tobytes())
        seconds = f"{len(self.samples) / RATE:.3f}"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-stream_loop", "-1"]
        command += ["-i", str(clip), "-i", str(sound), "-map", "0:v:0", "-map", "1:a:0"]
        command += ["-t", seconds, "-vf", "scale=256:-2,fps=4", "-c:v", "libx264", "-threads", "1"]
        command += ["-preset", "ultrafast", "-c:a", "aac", "-b:a", "96k", *extra, str(film)]
        subprocess.run(command, check=True)
        return film


def noise(seconds: float, seed: int) -> np.ndarray:
    """Return pink noise, float32 at `RATE`."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(round(seconds * RATE)))
    spectrum /= np.sqrt(np.maximum(1.0, np.arange(len(spectrum))))
    return np.fft.irfft(spectrum).astype(np.float32)


def music(seconds: float, seed: int) -> np.ndarray:
    """Return chords of a few decaying harmonics each, float32 at `RATE`."""
    rng = random.Random(seed)
    out = np.zeros(round(seconds * RATE), np.float32)
    for beat in range(int(seconds / 0.5)):
        first = round(beat * 0.5 * RATE)
        time = np.arange(min(2 * RATE, len(out) - first)) / RATE
        root = 110 * 2 ** (rng.choice([0, 3, 5, 7, 10]) / 12)
        for step in (0, 4, 7):
            pitch = root * 2 ** (step / 12)
            for harmonic in (1, 2, 3):
                tone = np.sin(2 * np.pi * pitch * harmonic * time) / harmonic
                out[first : first + len(time)] += (tone * np.exp(-2.5 * time)).astype(np.float32)
    return out


def reading(seed: int, minutes: float, gap: float = 0.4) -> Track:
    """Return all sentences in a mixed order, read by six voices, until the time is up."""
    facts, fillers = read_facts()
    rng = random.Random(seed)
    texts = [fact.said for fact in facts] + [text for rows in fillers for text in rows]
    rng.shuffle(texts)
    track = Track(minutes * 60)
    at, count = 1.0, 0
    while True:
        voice = VOICES[count // 12 % len(VOICES)]
        at = track.put(at, texts[count % len(texts)], voice) + gap
        count += 1
        if at > minutes * 60 - 12:
            return track


def narrated(numbers: list[int], minutes: float, seed: int) -> Track:
    """Return an hour's narration: these facts, each between two fillers of its topic."""
    facts, fillers = read_facts()
    rng = random.Random(seed)
    track = Track(minutes * 60)
    step = (minutes * 60 - 20) / len(numbers)
    for place, number in enumerate(numbers):
        at = 5 + place * step + rng.uniform(0, max(0.0, step - 30))
        voice = VOICES[rng.randrange(len(VOICES))]
        before, after = rng.sample(fillers[number // 5], 2)
        for text in (before, facts[number].said, after):
            at = track.put(at, text, voice) + rng.uniform(0.4, 1.2)
    return track
