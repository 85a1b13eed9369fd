"""Whisper on this machine, run by faster-whisper (CTranslate2): int8 on the CPU, float16 on a GPU.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022). Whisper is
known to write text where nobody speaks and to fall into loops. Stretches without speech are left
out beforehand (Silero VAD); what still comes out and cannot have been said is dropped afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from ...index.protocols import Utterance, Word
from ...index.video.errors import UsageError
from ...index.video.messages import RATE
from ..loading import held_interrupt
from ..runtime import Runtime
from .invented import is_invented
from .names import EXTRA, has_library, whisper_folder, whisper_id, whisper_name

# a hotter decoding is tried once where the first one loops or is unlikely; more cost minutes in
# noise and bring little (Whisper's own list has six)
_TEMPERATURES = (0.0, 0.4, 0.8)
_MOST_THREADS = 8
_BEAMS = 5
# of the languages of a chunk's windows, one must be this likely to be named
_LANGUAGE_KNOWN = 0.5
_LEAST = RATE // 10  # samples: less holds no word


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
        if len(samples) >= _LEAST and np.any(samples):
            yield from self._hear(samples, 0.0, prompted=True)

    def _hear(self, samples: np.ndarray, start: float, *, prompted: bool) -> Iterator[Utterance]:
        """Yield what is said from a second on; `prompted` by what was said before each window."""
        segments, info = self._model.transcribe(
            samples[round(start * RATE) :],
            beam_size=_BEAMS,
            temperature=_TEMPERATURES,
            condition_on_previous_text=prompted,
            vad_filter=True,
            word_timestamps=True,
            multilingual=self._model.model.is_multilingual,
        )
        language = info.language if info.language_probability >= _LANGUAGE_KNOWN else ""
        reached = start
        for segment in segments:
            words = tuple(
                Word(start + float(w.start), start + float(w.end), w.word, float(w.probability))
                for w in segment.words or ()
            )
            if not segment.text.strip():
                continue
            if is_invented(segment, words):
                if prompted and len(samples) - round(reached * RATE) >= _LEAST:
                    # a loop feeds on the text before it
                    yield from self._hear(samples, reached, prompted=False)
                    return
                continue
            end = words[-1].end if words else start + float(segment.end)
            yield Utterance(
                words[0].start if words else start + float(segment.start),
                end,
                segment.text.strip(),
                words,
                language,
                float(np.exp(segment.avg_logprob)),
            )
            reached = max(reached, end)

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
