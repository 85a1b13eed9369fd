"""Frames of a film at given seconds, decoded in warm child processes.

    with Decoder("film.mp4") as decoder:
        frames = decoder.frames([12.0, 12.5], size=(448, 256), crop=Box(0.2, 0.1, 0.6, 0.5))

No libav in this process: it holds the API keys and the memory of everything else.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import numpy as np

from .crew import Crew, FrameChunk, chunks_of, make_batches
from .errors import InputError
from .frames import Box, Frames
from .picker import Job, Picker, make_job, split_job
from .plan import plan_runs
from .probing.examine import examine
from .probing.probe import FilmInfo, film_id_of
from .probing.timeline import Timeline
from .sandbox import DEFAULT_LIMITS, ChildDied, Limits, OpenFilm
from .subtitles import Cue

__all__ = ["Decoder", "FrameChunk", "Limits", "film_id_of", "stream_frames"]

# one slot of shared memory; larger requests travel in several
_SLOT_BYTES = 64 << 20
# a slot counts as the worker's own memory: two of these keep it well below 110 MB
_STREAM_SLOT_BYTES = 12 << 20


class Decoder:
    """A film and the warm children that decode it. Safe to share between threads.

    Args:
        path: the film.
        limits: what it may cost.
        known: what an earlier decoder found about this very file (`info`, `timeline`); skips
            the demux pass. The caller answers for the file being the same.

    Raises:
        InputError: from every method, with one line that names the file, what was found and what
            is accepted.
    """

    def __init__(
        self,
        path: str | Path,
        limits: Limits = DEFAULT_LIMITS,
        *,
        known: tuple[FilmInfo, Timeline] | None = None,
    ) -> None:
        self.path, self.limits = Path(path), limits
        self._lock = threading.RLock()
        # the second one is started by the first request that is worth dividing
        self._pickers: list[Picker | None] = [None] * min(2, os.cpu_count() or 1)
        self._info, self._timeline = known if known else (None, None)
        self._cues: list[Cue] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the children. The decoder can be used again; it then starts others."""
        with self._lock:
            for number, picker in enumerate(self._pickers):
                if picker is not None:
                    picker.close()
                    self._pickers[number] = None

    def start(self) -> None:
        """Start the first child in the background; trouble with it is told by what needs it."""

        def warm() -> None:
            with self._lock, suppress(InputError, ChildDied, OSError, RuntimeError):
                self._child()

        threading.Thread(target=warm, daemon=True, name="longtake-decoder").start()

    @property
    def info(self) -> FilmInfo:
        """What the film is."""
        with self._lock:
            if self._info is None:
                self._scan()
            assert self._info is not None
            return self._info

    @property
    def timeline(self) -> Timeline:
        """The exact times of its frames."""
        with self._lock:
            if self._timeline is None:
                self._scan()
            assert self._timeline is not None
            return self._timeline

    def subtitles(self) -> list[Cue]:
        """Return the cues of the embedded text tracks, in order of time."""
        with self._lock:
            if self._cues is None:
                self._scan()
            assert self._cues is not None
            return list(self._cues)

    def frames(
        self,
        seconds: Sequence[float] | np.ndarray,
        size: tuple[int, int] | None = None,
        crop: Box | None = None,
    ) -> Frames:
        """Return the frame on screen at each second, in the order asked.

        Args:
            seconds: instants of the film, clamped into it.
            size: (width, height) of the result; None keeps the upright source size (of the crop).
            crop: part of the upright frame, cut from the source before it is resized.

        Returns:
            One frame an instant, less those that do not decode: compare `seconds` of the result,
            which are the true presentation times.

        Raises:
            InputError: the film cannot be read.
            ValueError: a second is not finite, or the size is not positive.
        """
        with self._lock:
            timeline, info = self.timeline, self.info
            asked = timeline.rows(np.asarray(seconds, np.float64))
            rows = np.unique(asked)
            width, height = size or _source_size(info, crop)
            job = make_job(timeline, info, plan_runs(timeline, rows), (width, height), crop)
            job.capacity = max(1, min(len(rows), _SLOT_BYTES // (width * height * 3)))
            pixels = np.zeros((len(rows), height, width, 3), np.uint8)
            have = np.zeros(len(rows), bool)
            if len(rows):
                self._pick(job, rows, pixels, have)
        place = np.searchsorted(rows, asked)
        place = place[have[place]]
        if np.array_equal(place, np.arange(len(rows))):
            return Frames(pixels, timeline.seconds[rows])  # spare a copy
        return Frames(pixels[place], timeline.seconds[rows[place]])

    def _pick(self, job: Job, rows: np.ndarray, pixels: np.ndarray, have: np.ndarray) -> None:
        """Run a job, starting the children again once if one dies."""
        timeline = self.timeline
        for attempt in (1, 2):
            try:
                shares = split_job(job, len(self._pickers))
                pickers = [self._child(number) for number in range(len(shares))]
                for picker, share in zip(pickers, shares, strict=True):
                    picker.submit(share)
                for picker, share in zip(pickers, shares, strict=True):
                    for part in picker.collect(share):
                        place = np.searchsorted(timeline.pts[rows], part.pts)
                        pixels[place], have[place] = part.pixels, True
                return
            except ChildDied as death:
                self.close()
                if attempt == 2:
                    raise InputError(
                        f"{self.path}: the decoder gave up twice on this film, {death}"
                    ) from death

    def _child(self, number: int = 0) -> Picker:
        picker = self._pickers[number]
        if picker is None:
            picker = Picker(OpenFilm(self.path), self.limits, slots=1)
            self._pickers[number] = picker
        return picker

    def _scan(self) -> None:
        for attempt in (1, 2):
            try:
                found = examine(self._child(), self.limits.max_frames)
                self._timeline, self._info, self._cues = found.timeline, found.info, found.cues
                return
            except InputError:
                self.close()
                raise
            except ChildDied as death:
                self.close()
                if attempt == 2:
                    raise InputError(
                        f"{self.path}: the decoder gave up twice on this film, {death}"
                    ) from death


def stream_frames(
    path: str | Path,
    seconds: Sequence[float] | np.ndarray,
    size: tuple[int, int],
    *,
    workers: int = 2,
    chunk: int = 128,
    thumbs: bool = True,
    known: tuple[FilmInfo, Timeline] | None = None,
) -> Generator[FrameChunk]:
    """Yield the frame on screen at each wanted second, in chunks in order of time.

    Args:
        path: the film.
        seconds: instants, clamped into the film.
        size: (width, height) of the frames.
        workers: child processes.
        chunk: frames a chunk at most.
        thumbs: also a 16x16 luma thumbnail a frame.
        known: what a `Decoder` already found about this file.

    Raises:
        InputError: the film cannot be read.
    """
    if workers < 1 or chunk < 1:
        raise ValueError(f"{workers = }, {chunk = }: both must be at least 1")
    if known is None:
        with Decoder(path) as decoder:
            known = decoder.info, decoder.timeline
    info, timeline = known
    instants = np.asarray(seconds, np.float64)
    asked = timeline.rows(instants)
    capacity = max(1, min(chunk, _STREAM_SLOT_BYTES // (size[0] * size[1] * 3)))
    batches = make_batches(plan_runs(timeline, np.unique(asked)), capacity)
    template = make_job(timeline, info, [], size)
    template.capacity, template.thumbs = capacity, thumbs
    crew = Crew(Path(path), min(workers, max(1, len(batches))))
    try:
        for batch, parts in crew.work(batches, template, timeline):
            yield from chunks_of(batch, parts, instants, asked, timeline, template)
    finally:
        crew.close()


def _source_size(info: FilmInfo, crop: Box | None) -> tuple[int, int]:
    if crop is None:
        return info.width, info.height
    return (
        max(1, round((crop.x1 - crop.x0) * info.width)),
        max(1, round((crop.y1 - crop.y0) * info.height)),
    )
