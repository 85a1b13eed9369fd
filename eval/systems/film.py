"""A film under test: opened once, indexed once, asked by every system."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ...index.video.frames import Frames, empty_frames
from ...index.video.span import Span
from ..sample import Sample
from .watch import WatchedVLM


class OpenFilm(Protocol):
    """What is needed of an open film; `longtake.Film` by shape."""

    path: Path
    settings: Any
    parts: Any

    @property
    def info(self) -> Any:
        """Its `FilmInfo`."""
        ...

    def index(self, *, progress: Any = None) -> Any:
        """Make it searchable."""
        ...

    def ask(self, question: str, choices: Sequence[str] | None = None, **options: Any) -> Any:
        """Answer a question."""
        ...

    def resume(self, run_id: str) -> Any:
        """Go on with an interrupted question."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


OpensFilms = Callable[[Path, Path | None], OpenFilm]
"""From a film's path and its subtitle file (None: as the film has them) to the open film."""


class FilmUnderTest:
    """An open film with its index, its models watched.

    Args:
        film: open; closed by whoever opened it.

    Attributes:
        film: the same.
        vlm: the film's video LLM, watched.
        index_seconds: how long its index took here; 0 where it was there already.
        words_seconds: how long reading the screen text of the whole film took here.
    """

    def __init__(self, film: OpenFilm) -> None:
        self.film = film
        began = time.perf_counter()
        film.index()
        self.index_seconds = round(time.perf_counter() - began, 3)
        self.words_seconds = 0.0
        self.vlm = WatchedVLM(film.parts.models.vlm)
        film.parts.models.vlm = self.vlm
        self._kept: dict[tuple[float, float, int, int], Frames] = {}

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.film.info.duration)

    @cached_property
    def index(self) -> Any:
        """The film's `FilmIndex`."""
        return self.film.parts.index()

    def cost(self) -> dict[str, Any]:
        """Return what the index cost, here and when it was made, and what was decoded with."""
        return {
            "index_seconds": self.index_seconds,
            "text_seconds": self.words_seconds,
            "stages": dict(self.index.record.get("timings", {})),
            "duration": self.duration,
            "coverage": round(sum(span.duration for span in self.index.coverage), 3),
            "caveats": list(self.index.caveats),
            "backend": backend(),
            "container": self.film.info.container,
            "codec": self.film.info.codec,
        }

    def even_frames(self, part: Span, count: int, like: int | None = None) -> Frames:
        """Return frames spread evenly over a part; the same ones are decoded once.

        Args:
            part: of the film.
            count: of frames.
            like: they are as large as each of so many would be; None: as of `count`.
        """
        key = (part.start, part.end, count, like or count)
        if key not in self._kept:
            if len(self._kept) > 3:
                self._kept.clear()
            step = part.duration / max(1, count)
            times = [part.start + step * (k + 0.5) for k in range(count)]
            self._kept[key] = self.frames(times, like)
        return self._kept[key]

    def frames(self, seconds: Sequence[float], like: int | None = None) -> Frames:
        """Return the frames on screen at these seconds, at the size that the VLM takes them.

        `like`: at the size at which it takes so many.
        """
        if not len(seconds):
            return empty_frames()
        info = self.film.info
        size = self.vlm.frame_size((info.width, info.height), like or len(seconds))
        found = self.film.parts.decoder.frames(sorted(seconds), size)
        return _once(found)

    def read_screen_text(self) -> None:
        """Read the film's screen text into its index, where there is something to read with."""
        began = time.perf_counter()
        self.film.parts.ensure_text()
        self.words_seconds += round(time.perf_counter() - began, 3)


def part_of(sample: Sample, duration: float) -> Span:
    """Return the part of the film that a sample is about: the whole where it names none."""
    start = min(sample.video.start or 0.0, duration)
    end = min(sample.video.end or duration, duration)
    return Span(start, end) if end > start else Span(0.0, duration)


def backend() -> str:
    """Name what decodes, with its version."""
    return f"libav through PyAV {version('av')}"


def _once(frames: Frames) -> Frames:
    """Leave out frames of a time that is there already."""
    _, rows = np.unique(frames.seconds, return_index=True)
    return Frames(frames.pixels[rows], frames.seconds[rows])
