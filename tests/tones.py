"""Speech for tests: words as tones of a pitch each, and a model that really hears them.

Nothing of it has weights, yet what it hears is in the sound or is not heard: a word that a border
cuts, that lies at another second or was left out, is missed as a real model would miss it.
"""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Iterator, Sequence
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from film_fixtures import run_ffmpeg

from longtake.index.protocols import Utterance, Word

RATE = 16_000
_SAID = """the ferry leaves at nine from pier four captain keeps a parrot lighthouse was built by
two brothers storm broke bridge one three five six seven eight"""
VOCABULARY = tuple(_SAID.split())
LENGTH, PAUSE = 0.25, 0.1
_LOUD = 0.02
_HOP = 160


def pitch_of(word: str) -> float:
    return 400.0 + 60.0 * VOCABULARY.index(word)


def speak(script: Sequence[tuple[float, str]], seconds: float, rate: int = RATE) -> np.ndarray:
    """Return float32 [n] in which each text begins at its second."""
    out = np.zeros(round(seconds * rate), np.float32)
    for start, text in script:
        for place, word in enumerate(text.split()):
            first = round((start + place * (LENGTH + PAUSE)) * rate)
            time = np.arange(round(LENGTH * rate)) / rate
            tone = 0.4 * np.sin(2 * np.pi * pitch_of(word) * time)
            out[first : first + len(time)] += tone[: max(0, len(out) - first)]
    return out


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    path.write_bytes(wav_of(samples, rate))
    return path


def wav_of(samples: np.ndarray, rate: int = RATE) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def talking_film(
    path: Path, script: Sequence[tuple[float, str]], seconds: float, *more: str
) -> Path:
    """Write a film of a grey picture in which this is said; `more` are ffmpeg's arguments."""
    sound = write_wav(path.with_suffix(".wav"), speak(script, seconds))
    picture = f"color=c=gray:s=64x48:r=5:d={seconds}"
    more = more or ("-c:a", "aac", "-b:a", "96k")
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10")
    run_ffmpeg("-f", "lavfi", "-i", picture, "-i", str(sound), *video, *more, str(path))
    return path


class ToneModel:
    """A `Transcriber` that hears tones.

    Attributes:
        heard: seconds of sound that it was given, in all.
    """

    def __init__(self, name: str = "tones") -> None:
        self.id = self.name = name
        self.heard = 0.0

    def transcribe(self, samples: np.ndarray) -> Iterator[Utterance]:
        self.heard += len(samples) / RATE
        yield from _utterances(words_in(samples))


def words_in(samples: np.ndarray) -> list[Word]:
    """Return the tones of float32 [n], 16 kHz; half a tone is no word."""
    hops = len(samples) // _HOP
    if not hops:
        return []
    power = np.square(samples[: hops * _HOP]).reshape(hops, _HOP).mean(axis=1)
    loud = np.concatenate([[False], np.sqrt(power) > _LOUD, [False]])
    edges = np.flatnonzero(np.diff(loud.astype(int)))
    words = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        seconds = (last - first) * _HOP / RATE
        if seconds < 0.7 * LENGTH:
            continue
        part = samples[first * _HOP : last * _HOP] * np.hanning((last - first) * _HOP)
        spectrum = np.abs(np.fft.rfft(part, 1 << 15))
        pitch = float(spectrum.argmax()) * RATE / (1 << 15)
        place = round((pitch - 400) / 60)
        if 0 <= place < len(VOCABULARY) and abs(pitch - 400 - 60 * place) < 15:
            start = first * _HOP / RATE
            words.append(Word(start, start + seconds, f" {VOCABULARY[place]}"))
    return words


def _utterances(words: Sequence[Word]) -> Iterator[Utterance]:
    group: list[Word] = []
    for word in words:
        if group and word.start - group[-1].end > 3 * PAUSE:
            yield _utterance(group)
            group = []
        group.append(word)
    if group:
        yield _utterance(group)


def _utterance(words: Sequence[Word]) -> Utterance:
    text = "".join(word.text for word in words).strip()
    return Utterance(words[0].start, words[-1].end, text, tuple(words), "en")


class HearingServer:
    """A server with `/v1/audio/transcriptions`, in which a `ToneModel` hears; a context manager.

    Args:
        form: `words` and `segments` with times, `segments` alone, or `text` without times, as a
            server that refuses `verbose_json`.
        failures: this many requests meet status 503 first.
    """

    def __init__(self, form: str = "words", failures: int = 0) -> None:
        self.form, self.failures = form, failures
        self.requests: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    def __enter__(self) -> HearingServer:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def name(self) -> str:
        return f"endpoint:tones@{self.url}"

    def answer(self, fields: dict[str, Any], sound: bytes) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.requests.append(fields)
            if self.failures:
                self.failures -= 1
                return 503, {"error": {"message": "warming up"}}
        if self.form == "text" and fields.get("response_format") == "verbose_json":
            return 400, {"error": {"message": "response_format verbose_json is not supported"}}
        with wave.open(io.BytesIO(sound)) as file:
            assert (file.getframerate(), file.getnchannels()) == (RATE, 1)
            pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        said = list(ToneModel().transcribe(pcm.astype(np.float32) / 32768))
        reply: dict[str, Any] = {"text": " ".join(one.text for one in said)}
        if self.form != "text":
            reply["language"] = "english"
            reply["segments"] = [
                {"start": one.start, "end": one.end, "text": f" {one.text}", "avg_logprob": -0.1}
                for one in said
            ]
        if self.form == "words":
            reply["words"] = [
                {"word": word.text.strip(), "start": word.start, "end": word.end}
                for one in said
                for word in one.words
            ]
        return 200, reply


def _handler(server: HearingServer) -> type[BaseHTTPRequestHandler]:
    import json

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            fields: dict[str, Any] = {}
            sound = b""
            for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
                name = part.get_param("name", header="content-disposition")
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                if name == "file":
                    sound = content
                else:
                    fields[str(name)] = content.decode()
            status, reply = 404, {"error": {"message": self.path}}
            if self.path == "/v1/audio/transcriptions":
                status, reply = server.answer(fields, sound)
            data = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler
