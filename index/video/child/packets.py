"""Read the packets of a film from any entry point on. Child side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import av.error
import numpy as np

from ..messages import Message
from .demux import Film

# reading on is cheaper than a seek up to this many packets
_READ_ON = 300
_SEARCH = 20_000


@dataclass(frozen=True)
class Run:
    """Packets to expect in decode order, where to start, and which of their frames are wanted.

    Attributes:
        first: position of the first packet of the columns.
        starts: positions of the entry points, best first.
        wanted: positions of the wanted frames.
        pts: presentation times on the film's clock.
        stamps: the container's presentation times.
        joined: the container's clock starts again somewhere: its times name no place in the file.
        places: byte of the file at which each of `starts` begins, where `joined`; may be empty.
    """

    first: int
    starts: list[int]
    wanted: list[int]
    pts: list[int]
    dts: list[int]
    size: list[int]
    flags: list[int]
    stamps: list[int]
    joined: bool
    places: list[int]


def read_runs(message: Message) -> Iterator[Run]:
    """Read the runs of a request one by one; the packets come as columns in its payload."""
    at = 0

    def column(kind: Any, count: int) -> list[int]:
        nonlocal at
        values = np.frombuffer(message.payload, kind, count, at)
        at += values.nbytes
        return values.tolist()

    for run in message.header["runs"]:
        count = run["count"]
        pts = column(np.int64, count)
        yield Run(
            first=run["first"],
            starts=run["starts"],
            wanted=run["wanted"],
            pts=pts,
            dts=column(np.int64, count),
            size=column(np.int32, count),
            flags=column(np.uint8, count),
            stamps=column(np.int64, count) if run.get("stamped") else pts,
            joined=run.get("joined", False),
            places=run.get("places", []),
        )


class Reader:
    """A reading position in a film, kept between requests.

    Args:
        reopen: opens the film anew; used at first, and when a seek leads nowhere.
        tick: called while reading on, so that the parent sees life.

    Attributes:
        film: open, with every other stream switched off.
        next: decode position of the next packet; None when unknown.
    """

    def __init__(self, reopen: Callable[[], Film], tick: Callable[[], None]) -> None:
        self._reopen, self.tick = reopen, tick
        self._waiting: Any = None
        self._begin()

    def read(self) -> Iterator[Any]:
        """Yield the packets from the reading position on."""
        if self._waiting is not None:
            packet, self._waiting = self._waiting, None
            yield packet
        while self._packets is not None:
            try:
                packet = next(self._packets, None)
            except (av.error.FFmpegError, OSError):
                packet = None
            if packet is None or (not packet.size and packet.dts is None):
                self._packets, self.next = None, None
                return
            if not packet.size:
                continue
            if self.next is not None:
                self.next += 1
            yield packet

    def go_to(self, run: Run, start: int) -> bool:
        """Place the reading position on the packet at `start`; say whether that worked."""
        ahead = start - self.next if self.next is not None else -1
        if 0 <= ahead <= _READ_ON and self.read_up_to(run, start):
            return True
        if run.joined:
            if self._go_to_place(run, start):
                return True
            self.rewind()
            return self.read_up_to(run, start)
        stream, container = self.film.stream, self.film.container
        second = int(stream.time_base.denominator / stream.time_base.numerator)
        row = start - run.first
        # matroska looks cues up by pts, everything else by dts
        by_pts = container.format.name.startswith("matroska")
        target = run.stamps[row] if by_pts else run.dts[row]
        for back in (0, second, 10 * second):
            try:
                container.seek(target - back, stream=stream)
            except (av.error.FFmpegError, OSError):
                continue
            self._packets = container.demux(stream)
            self.next, self._waiting = None, None
            if self._search(run, start):
                return True
        self.rewind()
        return self.read_up_to(run, start)

    def _go_to_place(self, run: Run, start: int) -> bool:
        """Seek to the byte at which the packet at `start` begins."""
        place = dict(zip(run.starts, run.places, strict=False)).get(start, -1)
        if place < 0:
            return False
        stream = self.film.stream
        try:
            self.film.container.seek(place, stream=stream, unsupported_byte_offset=True)
        except (av.error.FFmpegError, OSError):
            return False
        self._packets = self.film.container.demux(stream)
        self.next, self._waiting = None, None
        for count, packet in enumerate(self.read()):
            if packet.pos == place and packet.size == run.size[start - run.first]:
                self._waiting, self.next = packet, start + 1
                return True
            if count > _READ_ON or (packet.pos or 0) > place:
                break
        return False

    def rewind(self) -> None:
        """Open the film anew, at its first packet."""
        self.film.close()
        self._begin()

    def _begin(self) -> None:
        self.film = self._reopen()
        self.film.discard_others({self.film.stream.index})
        self._packets: Iterator[Any] | None = self.film.container.demux(self.film.stream)
        self._waiting = None
        self.next: int | None = 0

    def read_up_to(self, run: Run, start: int) -> bool:
        """Read on, counting, until the packet at `start` is next; check that it is that one."""
        for packet in self.read():
            assert self.next is not None
            if self.next > start:
                self._waiting = packet
                return self.next == start + 1 and packet.size == run.size[start - run.first]
            if not self.next & 1023:
                self.tick()
        return False

    def _search(self, run: Run, start: int) -> bool:
        """Read on until the packet at `start` is next, knowing it by size and time."""
        row = start - run.first
        pts, dts, size = run.stamps[row], run.dts[row], run.size[row]
        second = self.film.stream.time_base.denominator // self.film.stream.time_base.numerator
        # program streams stamp whole packs: the times of single pictures are guesses after a seek
        loose = self.film.container.format.name == "mpeg"
        for count, packet in enumerate(self.read()):
            same = packet.pts == pts or packet.dts == dts or (loose and packet.is_keyframe)
            if packet.size == size and same:
                self._waiting, self.next = packet, start + 1
                return True
            if count > _SEARCH or (packet.dts is not None and packet.dts > dts + second):
                break
            if not count & 1023:
                self.tick()
        return False
