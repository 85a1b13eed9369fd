"""Whisper on this machine, run by faster-whisper (CTranslate2): int8 on the CPU, float16 on a GPU.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022). Whisper is
known to write text where nobody speaks and to fall into loops. Stretches without speech are left
out beforehand (Silero VAD); what still comes out and cannot have been said is dropped afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from ...index.protocols import Utterance, Word
from ...index.video.errors import UsageError
from ...index.video.messages import RATE
from ..loading import held_interrupt
from ..runtime import Runtime
from .invented import has_failed, is_invented
from .names import EXTRA, has_library, whisper_folder, whisper_id, whisper_name

_MOST_THREADS = 8
_BEAMS = 5
# of the languages of a chunk's windows, one must be this likely to be named
_LANGUAGE_KNOWN = 0.5
_LEAST = RATE // 10  # samples: less holds no word
_WINDOW = 30.0  # seconds that Whisper hears at a time
_PIECE = 8.0  # seconds: of 5, 8 and 12 the one in which words said 50 times were counted best


class WhisperTranscriber:
    """A `Transcriber`; weights are read with the first sound.

    Args:
        name: `whisper:SIZE`, `whisper:OWNER/NAME` or `local-dir:PATH`.
        runtime: the device.

    Raises:
        UsageError: faster-whisper is not installed, or the weights are not here.
    """

    def __init__(self, name: str, runtime: Runtime) -> None:
        if not has_library():
            raise UsageError(f"asr = {name!r} needs faster-whisper", EXTRA)
        self._folder, self._runtime = whisper_folder(name), runtime
        self._label = name
        self.id, self.name = whisper_id(name), whisper_name(name)

    def __repr__(self) -> str:
        return f"WhisperTranscriber({self.id})"

    def transcribe(self, samples: np.ndarray) -> Iterator[Utterance]:
        """Yield what is said in float32 [n], mono, 16 kHz; the language may change on the way.

        Raises:
            UsageError: the weights cannot be loaded.
        """
        start = 0.0
        while len(samples) - round(start * RATE) >= _LEAST and np.any(samples):
            start = yield from self._hear(samples, start)

    def _hear(self, samples: np.ndarray, start: float) -> Generator[Utterance, None, float]:
        """Yield what is said from a second on, and return until where it was heard.

        A window that Whisper failed in is heard in pieces and ends it: what comes after is heard
        without the text before it, on which a loop feeds.
        """
        reached = start
        for segment, said in self._segments(samples, start, vad_filter=True):
            if has_failed(segment):
                return (yield from self._in_pieces(samples, max(reached, start + segment.start)))
            if said.text and not is_invented(segment, said.words):
                yield said
                reached = max(reached, said.end)
        return len(samples) / RATE

    def _in_pieces(self, samples: np.ndarray, start: float) -> Generator[Utterance, None, float]:
        """Yield what is said in a window from a second on, in pieces; return until where.

        Whisper's own way out, a hotter decoding, draws words by chance and often writes one for
        the whole window; of a word said again and again it writes one or a hundred.
        """
        from faster_whisper.vad import (  # pyright: ignore[reportMissingImports]
            VadOptions,
            get_speech_timestamps,
        )

        first, end = round(start * RATE), min(round((start + _WINDOW) * RATE), len(samples))
        options = VadOptions(max_speech_duration_s=_PIECE, min_silence_duration_ms=2000)
        for piece in get_speech_timestamps(samples[first:end], options):
            begin, until = first + piece["start"], first + piece["end"]
            if until == end < len(samples) and begin > first:
                # the window's border may cut a word: it is heard whole with what follows
                return begin / RATE
            for segment, said in self._segments(
                samples[:until], begin / RATE, condition_on_previous_text=False
            ):
                if said.text and not is_invented(segment, said.words):
                    yield said
        return end / RATE

    def _segments(
        self, samples: np.ndarray, start: float, **options: bool
    ) -> Iterator[tuple[Any, Utterance]]:
        """Yield faster-whisper's segments from a second on, and what each says."""
        segments, info = self._model.transcribe(
            samples[round(start * RATE) :],
            beam_size=_BEAMS,
            temperature=0.0,
            word_timestamps=True,
            multilingual=self._model.model.is_multilingual,
            **options,
        )
        language = info.language if info.language_probability >= _LANGUAGE_KNOWN else ""
        for segment in segments:
            words = tuple(
                Word(start + float(w.start), start + float(w.end), w.word, float(w.probability))
                for w in segment.words or ()
            )
            yield (
                segment,
                Utterance(
                    words[0].start if words else start + float(segment.start),
                    words[-1].end if words else start + float(segment.end),
                    segment.text.strip(),
                    words,
                    language,
                    float(np.exp(segment.avg_logprob)),
                ),
            )

    @cached_property
    def _model(self) -> Any:
        device, index = _device(self._runtime.device)
        try:
            with held_interrupt():
                from faster_whisper import WhisperModel  # pyright: ignore[reportMissingImports]

                return WhisperModel(
                    str(self._folder),
                    device=device,
                    device_index=index,
                    compute_type="float16" if device == "cuda" else "int8",
                    cpu_threads=min(_MOST_THREADS, os.cpu_count() or 1),
                    local_files_only=True,
                )
        except (RuntimeError, ValueError, OSError, KeyError, TypeError) as error:
            reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
            raise UsageError(
                f"asr = {self._label!r} cannot be loaded from {self._folder}: {reason}",
                "fetch the weights again (longtake models fetch NAME), or --asr none",
            ) from error


def _device(wanted: str) -> tuple[str, int]:
    """Return CTranslate2's device and its number; it knows no MPS."""
    kind, _, number = wanted.partition(":")
    if kind not in ("auto", "cuda"):
        return "cpu", 0
    import ctranslate2  # pyright: ignore[reportMissingImports]

    cards = ctranslate2.get_cuda_device_count()
    if kind == "cuda" and int(number or 0) >= cards:
        raise UsageError(
            f"device = {wanted!r}: CTranslate2 sees {cards} GPUs", "set device to auto or cpu"
        )
    return ("cuda", int(number or 0)) if cards else ("cpu", 0)
