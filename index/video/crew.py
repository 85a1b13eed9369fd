"""Several children that decode one film at once, in order of time.

Groups of pictures are handed out in jobs of about one chunk; the children work ahead by two slots
of shared memory each, so memory does not grow with the film.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .errors import InputError
from .frames import Frames, empty_frames
from .picker import Job, Part, Picker
from .plan import Run
from .probing.timeline import Timeline
from .sandbox import DEFAULT_LIMITS, ChildDied, OpenFilm

# a film that keeps killing its decoder is not worth more than this
_MAX_RESTARTS = 8


@dataclass
class FrameChunk:
    """Some of the wanted frames.

    Attributes:
        rows: int64 [n], positions in the wanted list.
        frames: one for each of `rows`, in order of time.
        thumbs: uint8 [n, 16, 16] luma, or None when not asked for.
        missing: wanted seconds that do not decode.
    """

    rows: np.ndarray
    frames: Frames
    thumbs: np.ndarray | None
    missing: list[float] = field(default_factory=list)


@dataclass
class Batch:
    """Runs that one job decodes, and the frames (rows of the timeline) that they hold."""

    runs: list[Run]
    rows: np.ndarray


def make_batches(runs: list[Run], size: int) -> list[Batch]:
    """Join neighbouring runs into jobs of up to `size` frames (one run alone may hold more)."""
    batches: list[Batch] = []
    group: list[Run] = []
    count = 0
    for run in runs:
        if group and count + len(run.rows) > size:
            batches.append(Batch(group, np.concatenate([r.rows for r in group])))
            group, count = [], 0
        group.append(run)
        count += len(run.rows)
    if group:
        batches.append(Batch(group, np.concatenate([r.rows for r in group])))
    return batches


class Crew:
    """The workers: jobs go round, so that reading them in turn gives order of time."""

    def __init__(self, path: Path, count: int) -> None:
        self.path = path
        self.pickers: list[Picker | None] = [None] * count
        self.restarts = 0

    def close(self) -> None:
        """End all of them."""
        for worker in range(len(self.pickers)):
            self._drop(worker)

    def work(
        self, batches: list[Batch], template: Job, timeline: Timeline
    ) -> Iterator[tuple[Batch, Iterator[Part]]]:
        """Yield each batch with its parts, in order; each iterator must be used up in turn."""
        count = len(self.pickers)
        queued = 0
        for turn, batch in enumerate(batches):
            # one job running and one waiting a worker
            while queued < min(len(batches), turn + 2 * count):
                self._submit(queued % count, batches[queued], template, timeline)
                queued += 1
            ahead = batches[turn + count : queued : count]
            yield batch, self._collect(turn % count, batch, ahead, template, timeline)

    def _submit(self, worker: int, batch: Batch, template: Job, timeline: Timeline) -> None:
        try:
            picker = self.pickers[worker]
            if picker is None:
                picker = Picker(OpenFilm(self.path), DEFAULT_LIMITS, slots=2)
                self.pickers[worker] = picker
            picker.submit(_fill(template, batch.runs, timeline))
        except ChildDied:
            # found dead while handing out work: `_collect` meets the same and deals with it
            self._drop(worker)

    def _collect(
        self, worker: int, batch: Batch, ahead: list[Batch], template: Job, timeline: Timeline
    ) -> Iterator[Part]:
        """Yield the parts of a batch; if its worker dies, go on alone, run by run."""
        done: set[int] = set()
        try:
            picker = self.pickers[worker]
            if picker is None:
                raise ChildDied("it did not start")
            for part in picker.collect(template):
                done.update(part.pts.tolist())
                yield part
            return
        except ChildDied as death:
            self._drop(worker)
            reason = death
        for run in batch.runs:
            left = [row for row in run.rows if int(timeline.pts[row]) not in done]
            if left:
                rest = Run(np.asarray(left), run.starts)
                yield from self._alone(worker, rest, template, timeline, reason)
        for later in ahead:
            self._submit(worker, later, template, timeline)

    def _alone(
        self, worker: int, run: Run, template: Job, timeline: Timeline, reason: ChildDied
    ) -> Iterator[Part]:
        """Decode one run in a child that holds nothing else; what kills it stays missing."""
        if self.restarts >= _MAX_RESTARTS:
            raise InputError(
                f"{self.path}: the decoder died {self.restarts} times on this film, {reason}"
            ) from reason
        try:
            picker = self.pickers[worker]
            if picker is None:
                picker = Picker(OpenFilm(self.path), DEFAULT_LIMITS, slots=2)
                self.pickers[worker] = picker
            yield from picker.run(_fill(template, [run], timeline))
        except ChildDied:
            self.restarts += 1
            self._drop(worker)

    def _drop(self, worker: int) -> None:
        picker = self.pickers[worker]
        if picker is not None:
            picker.close()
            self.pickers[worker] = None


def _fill(template: Job, runs: list[Run], timeline: Timeline) -> Job:
    return replace(template, runs=[run.to_wire(timeline) for run in runs])


def chunks_of(
    batch: Batch,
    parts: Iterator[Part],
    seconds: np.ndarray,
    asked: np.ndarray,
    timeline: Timeline,
    template: Job,
) -> Iterator[FrameChunk]:
    """Turn the parts of one batch into chunks; the last one says what is missing."""
    order = np.argsort(asked, kind="stable")
    ordered = asked[order]
    seen: list[np.ndarray] = []
    held: FrameChunk | None = None
    for part in parts:
        if held is not None:
            yield held
        rows = np.searchsorted(timeline.pts, part.pts)
        seen.append(rows)
        # several wanted instants may show one frame
        first = np.searchsorted(ordered, rows, side="left")
        last = np.searchsorted(ordered, rows, side="right")
        pick = np.repeat(np.arange(len(rows)), last - first)
        places = np.concatenate([order[a:b] for a, b in zip(first, last, strict=True)])
        by_time = np.argsort(asked[places], kind="stable")
        pick, places = pick[by_time], places[by_time]
        held = FrameChunk(
            places,
            Frames(part.pixels[pick], timeline.seconds[rows[pick]]),
            part.thumbs[pick] if template.thumbs else None,
        )
    lost = np.setdiff1d(batch.rows, np.concatenate(seen) if seen else np.zeros(0, np.int64))
    missing = sorted(seconds[np.isin(asked, lost)].tolist())
    if held is None and missing:
        none = np.zeros(0, np.int64)
        thumbs = np.zeros((0, 16, 16), np.uint8) if template.thumbs else None
        held = FrameChunk(none, empty_frames(*template.size), thumbs)
    if held is not None:
        held.missing = missing
        yield held
