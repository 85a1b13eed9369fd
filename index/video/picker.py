"""Decoding jobs, and one child that runs them: runs of frames in, slots of pictures out."""

from __future__ import annotations

import mmap
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from .frames import Box
from .orientation import Orientation
from .plan import Run
from .probing.probe import FilmInfo
from .probing.timeline import Timeline
from .sandbox import Child, ChildDied, Limits, OpenFilm, SharedMemory, refuse

_THUMB = 16
# packets; below this a second child is not worth starting
_WORTH_DIVIDING = 200


@dataclass
class Job:
    """Frames to decode and how they should look.

    Attributes:
        runs: what each pass needs, as `Run.to_wire` gives it.
        size: (width, height) of a picture.
        orientation: turns a stored picture upright.
        crop: shares of the upright frame, or None.
        thumbs: whether a 16x16 luma thumbnail goes with each picture.
        capacity: frames a slot of shared memory.
        peak: brightest light of an HDR film, cd/m2.
    """

    runs: list[tuple[dict[str, Any], bytes]]
    size: tuple[int, int]
    orientation: Orientation
    crop: tuple[float, float, float, float] | None
    skip: bool
    thumbs: bool = False
    capacity: int = 1
    peak: float = 0.0

    @property
    def slot_bytes(self) -> int:
        """Shared memory for one slot."""
        return self.capacity * (self.size[0] * self.size[1] * 3 + _THUMB * _THUMB)


@dataclass(frozen=True)
class Part:
    """Some frames of a job, copied out of shared memory.

    Attributes:
        pts: int64 [n].
        pixels: uint8 [n, H, W, 3].
        thumbs: uint8 [n, 16, 16] luma; zeros unless asked for.
    """

    pts: np.ndarray
    pixels: np.ndarray
    thumbs: np.ndarray


def make_job(
    timeline: Timeline,
    info: FilmInfo,
    runs: list[Run],
    size: tuple[int, int],
    crop: Box | None = None,
) -> Job:
    """Describe the decoding of some runs.

    Raises:
        ValueError: the size is not positive.
    """
    width, height = (int(side) for side in size)
    if width <= 0 or height <= 0 or width * height > 1 << 27:
        raise ValueError(f"size = {size!r}: both sides must be positive pixels, below 134 million")
    return Job(
        runs=[run.to_wire(timeline) for run in runs],
        size=(width, height),
        orientation=info.orientation,
        crop=(crop.x0, crop.y0, crop.x1, crop.y1) if crop else None,
        skip=timeline.packets.skippable,
        peak=info.peak,
    )


def split_job(job: Job, parts: int) -> list[Job]:
    """Divide a job into up to `parts` of about equal work; small ones stay whole."""
    work = np.cumsum([header["count"] for header, _ in job.runs])
    if parts < 2 or len(job.runs) < 2 or work[-1] < _WORTH_DIVIDING:
        return [job]
    cuts = np.searchsorted(work, work[-1] * np.arange(1, parts) / parts, side="right")
    bounds = sorted({0, *(max(1, int(cut)) for cut in cuts), len(job.runs)})
    return [replace(job, runs=job.runs[a:b]) for a, b in pairwise(bounds)]


class Picker:
    """One child, its film and its slots.

    Args:
        film: opened and checked; closed with the picker.
        limits: what it may cost.
        slots: parts that the child may have ready before they are taken.

    Raises:
        InputError: the film is refused by the child.
        ChildDied: the child could not be started, crashed or hung.
    """

    def __init__(self, film: OpenFilm, limits: Limits, slots: int) -> None:
        self.film, self.limits, self.slots = film, limits, slots
        self.memory = SharedMemory()
        self.child = Child(film, self.memory, limits)
        self._sent: deque[int] = deque()
        self._ids = 0
        for _ in range(slots):
            self.child.send({"op": "free"})

    def close(self) -> None:
        """End the child, give back memory and file."""
        self.child.close()
        self.memory.close()
        self.film.close()

    def ask(self, request: dict[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Send a request that has one answer, and return it with its payload."""
        self.child.send(request, payload)
        message = self.child.receive()
        self._check(message.header)
        return message.header, message.payload

    def stream(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Send a request that has many answers, and yield them; the last one says `done`."""
        self.child.send(request)
        while True:
            message = self.child.receive()
            self._check(message.header)
            yield message.header, message.payload
            if "done" in message.header:
                return

    def run(self, job: Job) -> Iterator[Part]:
        """Run one job and yield its parts in order of time."""
        self.submit(job)
        yield from self.collect(job)

    def submit(self, job: Job) -> None:
        """Queue a job; `collect` the jobs in the same order."""
        self.memory.reserve(self.slots * job.slot_bytes)
        self._ids += 1
        self._sent.append(self._ids)
        self.child.send(
            {
                "op": "pick",
                "id": self._ids,
                "runs": [header for header, _ in job.runs],
                "size": job.size,
                "turns": job.orientation.turns,
                "mirrored": job.orientation.mirrored,
                "peak": job.peak,
                "crop": job.crop,
                "thumbs": job.thumbs,
                "capacity": job.capacity,
                "slots": self.slots,
                "skip": job.skip,
            },
            b"".join(columns for _, columns in job.runs),
        )

    def collect(self, job: Job) -> Iterator[Part]:
        """Yield the parts of the oldest queued job, which is `job`."""
        expected = self._sent.popleft()
        deadline = time.monotonic() + self.limits.wall_seconds
        with mmap.mmap(self.memory.fd, self.slots * job.slot_bytes, prot=mmap.PROT_READ) as memory:
            while True:
                header = self.child.receive(deadline).header
                self._check(header)
                if header.get("done") == expected:
                    return
                part = self._copy(memory, job, header)
                self.child.send({"op": "free"})
                yield part

    def _copy(self, memory: mmap.mmap, job: Job, header: dict[str, Any]) -> Part:
        try:
            slot, pts = header["slot"], np.asarray(header["pts"], np.int64)
            if not 0 <= slot < self.slots or not 0 < len(pts) <= job.capacity:
                raise ValueError(f"slot {slot} with {len(pts)} frames")
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            self.child.close()
            raise ChildDied(f"its answer makes no sense ({error!r})") from error
        width, height = job.size
        start = slot * job.slot_bytes
        pixels = np.frombuffer(memory, np.uint8, len(pts) * height * width * 3, start)
        start += job.capacity * height * width * 3
        thumbs = np.frombuffer(memory, np.uint8, len(pts) * _THUMB * _THUMB, start)
        return Part(
            pts,
            pixels.reshape(len(pts), height, width, 3).copy(),
            thumbs.reshape(len(pts), _THUMB, _THUMB).copy(),
        )

    def _check(self, header: dict[str, Any]) -> None:
        if "refused" in header:
            raise refuse(self.film.path, str(header["refused"])[:300])
