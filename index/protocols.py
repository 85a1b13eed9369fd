"""What the index needs of models: encoders, a reader of screen text, a hearer of speech."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .video.frames import Box


class Encoder(Protocol):
    """A CLIP-like model: pictures and texts into one space.

    One with `encode_views(pixels) -> [N, views, dim]` gives a frame several vectors, its own first;
    the index keeps them all, and a frame is as like a text as the best of them.

    Attributes:
        id: name and version; part of the index's identity, a change makes the vectors stale.
        dim: width of a vector.
        size: (width, height) in pixels that `encode_frames` expects.
    """

    @property
    def id(self) -> str:
        """Name and version."""
        ...

    @property
    def dim(self) -> int:
        """Width of a vector."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) that `encode_frames` expects, pixels."""
        ...

    def encode_frames(self, pixels: np.ndarray) -> np.ndarray:
        """Embed RGB frames uint8 [N, height, width, 3] as unit vectors float32 [N, dim]."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as unit vectors float32 [N, dim]."""
        ...


class TextEncoder(Protocol):
    """A sentence-embedding model: texts of like meaning get vectors that lie close.

    Attributes:
        id: name and version; kept vectors of another id are not used.
        dim: width of a vector.
    """

    @property
    def id(self) -> str:
        """Name and version."""
        ...

    @property
    def dim(self) -> int:
        """Width of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts as unit vectors float32 [N, dim]."""
        ...


@dataclass(frozen=True, slots=True)
class TextHit:
    """A line of text read in a frame.

    Attributes:
        box: where.
        text: what.
        score: how sure the reader is, 0 to 1.
        certain: False where the line may well say something else: letters of an alphabet that the
            reader does not know, or a low score.
    """

    box: Box
    text: str
    score: float
    certain: bool = True


class Reader(Protocol):
    """Reads text in pictures (OCR).

    One with `scripts`, the Unicode scripts whose letters it knows, lets others say what it cannot
    read (see `text.script.unreadable_scripts`).
    """

    @property
    def id(self) -> str:
        """Name and version."""
        ...

    def detect(self, pixels: np.ndarray) -> list[Box]:
        """Return where text is in one RGB frame, uint8 [H, W, 3]; cheap."""
        ...

    def read(self, pixels: np.ndarray) -> list[TextHit]:
        """Return the lines of text in one RGB frame, uint8 [H, W, 3]; costly."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was heard.

    Attributes:
        start, end: seconds.
        text: as it joins on to the word before, with the space that parts them.
        score: how sure the model is, 0 to 1.
    """

    start: float
    end: float
    text: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech that was heard.

    Attributes:
        start, end: seconds.
        text: what was said.
        words: with times; empty where the model tells none.
        language: ISO 639-1, "" where it is not known.
        score: how sure the model is, 0 to 1.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    language: str = ""
    score: float = 1.0


class Transcriber(Protocol):
    """A model that hears speech (ASR).

    Attributes:
        id: name and version; what was heard is kept under it.
        name: as people call it, for example `whisper base`.
    """

    @property
    def id(self) -> str:
        """Name and version."""
        ...

    @property
    def name(self) -> str:
        """As people call it."""
        ...

    def transcribe(self, samples: np.ndarray) -> Iterator[Utterance]:
        """Yield what is said in float32 [n], mono, 16 kHz, in order of time from its start."""
        ...
