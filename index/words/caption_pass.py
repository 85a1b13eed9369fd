"""Captions of a whole film, made ahead: many requests under way, what is there is never made again.

Frames are decoded in turn by the one decoder while earlier clips are with the captioner. A pass
that is stopped, by a failing server, a spent budget or Ctrl-C, keeps what was captioned.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from ..film_index import FilmIndex
from ..progress import Listener, Meter
from ..video.decode import Decoder
from ..video.errors import LongtakeError
from ..video.frames import Frames
from ..video.span import Span
from .captions import Caption, Detail, caption_key

FRAMES = 8
"""Frames of a clip that a caption is written from."""

LEAST_KNOWN = 0.5
"""Share of known footage from which a captioner's word counts."""

_FLUSH_COUNT, _FLUSH_SECONDS = 16, 5.0


class Captioner(Protocol):
    """What describes frames; a VLM is one by shape. With `in_flight` it says how many at a time."""

    @property
    def id(self) -> str:
        """Name and version; captions of another one are other captions."""
        ...

    @property
    def max_frames(self) -> int:
        """The most frames of one call."""
        ...

    def frame_size(self, source: tuple[int, int], count: int) -> tuple[int, int]:
        """Return the (width, height) that frames are best decoded at, pixels."""
        ...

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Any:
        """Describe frames; the reply's `text` is the caption."""
        ...

    def covers(self, frames: Frames) -> float | None:
        """Return the share of frames of a kind it was made for; None: it cannot tell."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A caption to write."""

    span: Span
    detail: Detail


@dataclass
class Captioned:
    """What a pass came to.

    Attributes:
        total: captions asked for.
        done: of these there by now, from before included.
        skipped: clips that have no caption, and why.
        stopped: why it ended before the last one; empty where it did not.
        seconds: of the pass.
        requests: captions written by this pass.
    """

    total: int
    done: int
    skipped: list[tuple[Span, str]] = field(default_factory=list)
    stopped: str = ""
    seconds: float = 0.0
    requests: int = 0


def even_spans(duration: float, every: float) -> list[Span]:
    """Return a film in stretches of so many seconds; a last one of under half joins the others."""
    count = max(1, round(duration / every))
    edges = [min(duration, k * every) for k in range(count)] + [duration]
    return [Span(a, b) for a, b in pairwise(edges) if b > a]


def missing_captions(
    index: FilmIndex, captioner: str, spans: Sequence[Span], details: Sequence[Detail]
) -> list[Job]:
    """Return the captions of these spans that are not there yet, in time order.

    Args:
        index: of the film.
        captioner: id of the model.
        spans: to describe.
        details: forms that are wanted.
    """
    there = {(caption.span, caption.key) for caption in index.captions()}
    return [
        Job(span, detail)
        for span in spans
        for detail in details
        if (span, caption_key(captioner, detail)) not in there
    ]


def ensure_captions(
    index: FilmIndex,
    decoder: Decoder,
    captioner: Captioner,
    spans: Sequence[Span],
    *,
    details: Sequence[Detail] = ("short",),
    until: Callable[[int], str] | None = None,
    progress: Listener | None = None,
) -> Captioned:
    """Caption spans of a film, unless that was done before; the index's words have them then.

    Args:
        index: of the film.
        decoder: of the same film.
        captioner: describes frames.
        spans: to describe, in time order.
        details: short, dense or both.
        until: asked before every request, with how many were made before it; once it gives a
            reason, no more are made.
        progress: called after every caption; it may raise to stop. What was captioned is kept.

    Raises:
        EndpointError: the captioner's server gave up; what was captioned before is kept.
    """
    jobs = missing_captions(index, captioner.id, spans, details)
    total = len(spans) * len(details)
    found = Captioned(total, total - len(jobs))
    if jobs:
        _Pass(index, decoder, captioner, found, Meter(progress, "captions", total, "clips")).run(
            jobs, until or (lambda made: "")
        )
    return found


class _Pass:
    """One pass over a film: what is under way and what is not kept yet."""

    def __init__(
        self,
        index: FilmIndex,
        decoder: Decoder,
        captioner: Captioner,
        found: Captioned,
        meter: Meter,
    ) -> None:
        self.index, self.decoder, self.captioner = index, decoder, captioner
        self.found, self.meter = found, meter
        self.most = max(1, getattr(captioner, "in_flight", 1))
        self.running: dict[Future[str], Job] = {}
        self.fresh: list[Caption] = []
        self.kept_at = time.monotonic()
        self.shown: tuple[Span, Frames] | None = None

    def run(self, jobs: Sequence[Job], until: Callable[[int], str]) -> None:
        pool = ThreadPoolExecutor(self.most, "longtake-captions")
        try:
            for job in jobs:
                self.found.stopped = until(self.found.requests + len(self.running))
                if self.found.stopped:
                    break
                frames = self._frames(job.span)
                if frames is not None:
                    work = contextvars.copy_context().run
                    self.running[pool.submit(work, self._caption, job, frames)] = job
                if len(self.running) >= self.most:
                    self._collect(FIRST_COMPLETED)
            self._collect()
        except LongtakeError:
            # those under way are paid for
            pool.shutdown(wait=True, cancel_futures=True)
            self._take([f for f in self.running if not f.cancelled() and not f.exception()])
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self._keep()
            self.found.seconds = self.meter.seconds

    def _frames(self, span: Span) -> Frames | None:
        """Return the frames of a clip; None, and a note, where it cannot be described."""
        if self.shown is not None and self.shown[0] == span:
            return self.shown[1]
        count = min(FRAMES, self.captioner.max_frames)
        source = self.index.info.width, self.index.info.height
        size = self.captioner.frame_size(source, count)
        step = span.duration / count
        frames = self.decoder.frames([span.start + step * (k + 0.5) for k in range(count)], size)
        known = self.captioner.covers(frames) if len(frames) else None
        if not len(frames):
            self._skip(span, "it does not decode")
        elif known is not None and known < LEAST_KNOWN:
            self._skip(span, "the captioner was not made for such footage")
        else:
            self.shown = span, frames
            return frames
        return None

    def _skip(self, span: Span, why: str) -> None:
        self.found.skipped.append((span, why))

    def _caption(self, job: Job, frames: Frames) -> str:
        return self.captioner.caption(frames, dense=job.detail == "dense").text

    def _collect(self, when: str = "ALL_COMPLETED") -> None:
        """Take what is finished; wait for one, or for all one by one."""
        while self.running:
            done, _ = wait(self.running, return_when=FIRST_COMPLETED)
            self._take(list(done))
            if when == FIRST_COMPLETED:
                return

    def _take(self, done: Sequence[Future[str]]) -> None:
        for future in done:
            error = future.exception()
            if error is not None and getattr(error, "kind", "") != "unfit":
                raise error
            job = self.running.pop(future)
            text = "" if error is not None else future.result().strip()
            if not text:
                self._skip(job.span, "the captioner gave no usable description")
                continue
            self.fresh.append(Caption(job.span, caption_key(self.captioner.id, job.detail), text))
            self.found.done += 1
            self.found.requests += 1
        late = time.monotonic() - self.kept_at > _FLUSH_SECONDS
        if len(self.fresh) >= _FLUSH_COUNT or (late and self.fresh):
            self._keep()
        self.meter.tell(self.found.done)

    def _keep(self) -> None:
        fresh, self.fresh = self.fresh, []
        if fresh:
            self.index.put_captions(fresh)
        self.kept_at = time.monotonic()
