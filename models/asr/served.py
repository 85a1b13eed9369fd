"""Speech heard by a server with OpenAI's `/v1/audio/transcriptions`.

Asked for segments and words with times. A server that tells no times is sent short pieces instead,
cut where it is quiet, so that what was said has a time all the same.
"""

from __future__ import annotations

import io
import math
import re
import wave
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...index.protocols import Utterance, Word
from ...index.speech.chunks import quietest
from ...index.video.messages import RATE
from ...index.video.subtitles import parse_language, primary
from ..client.client import EndpointClient
from ..client.transport.problems import EndpointProblem
from .invented import LEAST_LOGPROB, MOST_COMPRESSION, NO_SPEECH

# seconds of a piece, where the server tells no times, and where it takes no longer ones
_PIECE = 15.0
_SILENT = 40.0  # root mean square of int16 under which nobody is asked
_LEAST_SECONDS = 0.2


class ServedTranscriber:
    """A `Transcriber` behind an endpoint.

    Args:
        client: of the server.
    """

    def __init__(self, client: EndpointClient) -> None:
        self._client = client
        self.id = self.name = client.model
        self._verbose = True

    def __repr__(self) -> str:
        return f"ServedTranscriber({self.id} at {self._client.base_url})"

    def transcribe(self, samples: np.ndarray) -> Iterator[Utterance]:
        """Yield what is said in float32 [n], mono, 16 kHz.

        Raises:
            EndpointProblem: the server cannot be reached, refuses, or gives no usable reply.
        """
        pcm = np.clip(np.asarray(samples) * 32768.0, -32768, 32767).astype(np.int16)
        if self._verbose and _sounds(pcm):
            said = self._with_times(pcm)
            if said is not None:
                yield from said
                return
            self._verbose = False
        yield from self._piece_by_piece(pcm)

    def _with_times(self, pcm: np.ndarray) -> list[Utterance] | None:
        """Ask for times; None where the server tells none, or takes no such request."""
        try:
            reply = self._client.transcribe(_VERBOSE, _wav(pcm))
        except EndpointProblem as problem:
            if problem.kind in ("refused", "too_large"):
                return None
            raise
        return read_reply(reply, len(pcm) / RATE)

    def _piece_by_piece(self, pcm: np.ndarray) -> Iterator[Utterance]:
        start, total = 0.0, len(pcm) / RATE
        while total - start > _LEAST_SECONDS:
            end = total
            if total - start > _PIECE:
                end = quietest(pcm, 0.0, start + _PIECE / 2, start + _PIECE)
            part = pcm[round(start * RATE) : round(end * RATE)]
            if _sounds(part):
                text = str(self._client.transcribe({}, _wav(part))["text"]).strip()
                if text:
                    yield Utterance(start, end, text)
            start = end


_VERBOSE: dict[str, Any] = {
    "response_format": "verbose_json",
    "timestamp_granularities": ["segment", "word"],
}


def read_reply(reply: dict[str, Any], seconds: float) -> list[Utterance] | None:
    """Read a reply of `verbose_json`; None where it tells no times.

    Args:
        reply: as the server gave it.
        seconds: the sound's length; what is said to lie beyond it was not said.
    """
    named = reply.get("language")
    # OpenAI's own server gives the English name (`german`), others the code
    language = (isinstance(named, str) and primary(parse_language(named))) or ""
    words = [word for row in _rows(reply, "words") if (word := _word(row, seconds))]
    segments = _rows(reply, "segments")
    if not segments:
        if words:
            text = "".join(word.text for word in words).strip()
            return [Utterance(words[0].start, words[-1].end, text, tuple(words), language)]
        return [] if not reply["text"].strip() else None
    said, silent = [], 0
    for row in segments:
        start, end, text = _number(row.get("start")), _number(row.get("end")), row.get("text")
        if _is_silence(row) or not isinstance(text, str) or not text.strip():
            silent += 1
            continue
        if start is None or end is None or start >= seconds or end <= start:
            continue
        own = [word for row in _rows(row, "words") if (word := _word(row, seconds))]
        inside = own or [word for word in words if start <= (word.start + word.end) / 2 < end]
        score = _number(row.get("avg_logprob"))
        said.append(
            Utterance(
                max(0.0, start),
                min(end, seconds),
                text.strip(),
                tuple(inside),
                language,
                1.0 if score is None else math.exp(min(0.0, score)),
            )
        )
    # segments of which no time can be read tell none
    return said if said or silent == len(segments) else None


def _rows(reply: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = reply.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _word(row: dict[str, Any], seconds: float) -> Word | None:
    start, end, text = _number(row.get("start")), _number(row.get("end")), row.get("word")
    if start is None or end is None or not isinstance(text, str) or not 0 <= start < seconds:
        return None
    sure = _number(row.get("probability"))
    # some servers strip the space before a word, as OpenAI's own does
    text = text if text.startswith(" ") else f" {text}"
    return Word(start, min(max(end, start), seconds), text, 1.0 if sure is None else sure)


def _number(value: Any) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        value = float(value)
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None


def _is_silence(row: dict[str, Any]) -> bool:
    """Say whether a segment is one that Whisper's own rules take for silence or a loop."""
    no_speech, likely = _number(row.get("no_speech_prob")), _number(row.get("avg_logprob"))
    unlikely = likely is not None and likely < LEAST_LOGPROB
    looped = (_number(row.get("compression_ratio")) or 0.0) > MOST_COMPRESSION
    return unlikely and (looped or (no_speech or 0.0) > NO_SPEECH)


def _sounds(pcm: np.ndarray) -> bool:
    if len(pcm) < _LEAST_SECONDS * RATE:
        return False
    return float(np.sqrt(np.square(pcm.astype(np.float32)).mean())) > _SILENT


def _wav(pcm: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.astype("<i2").tobytes())
    return buffer.getvalue()
