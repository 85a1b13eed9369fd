"""Decode the wanted frames of a film, a group of pictures at a time. Child side.

The method, measured fastest among the exact ones: seek to the entry point, feed packets, let
libavcodec drop pictures that nothing refers to and nobody wants, stop after the last wanted one.
Where a wanted frame does not come out intact, the group is decoded again in full, then once more
from the entry point before it; what still does not come is reported missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import av.error
import numpy as np

from .demux import Film
from .wire import Message

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
    """

    first: int
    starts: list[int]
    wanted: list[int]
    pts: list[int]
    dts: list[int]
    size: list[int]
    flags: list[int]


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
        yield Run(
            first=run["first"],
            starts=run["starts"],
            wanted=run["wanted"],
            pts=column(np.int64, count),
            dts=column(np.int64, count),
            size=column(np.int32, count),
            flags=column(np.uint8, count),
        )


class Cursor:
    """A reading position in a film, kept between requests.

    Args:
        reopen: opens the film anew; used at first, and when a seek leads nowhere.
        tick: called while working, so that the parent sees life.
        skippable: unreferenced pictures may be left out.
    """

    def __init__(
        self, reopen: Callable[[], Film], tick: Callable[[], None], *, skippable: bool
    ) -> None:
        self._reopen, self._tick, self._skippable = reopen, tick, skippable
        self._packets: Iterator[Any] | None = None
        # decode position of the next packet; None when unknown
        self._next: int | None = None
        self._waiting: Any = None
        self._rewind()

    def decode(self, run: Run, emit: Callable[[Any], None]) -> set[int]:
        """Decode one run and hand every wanted frame to `emit` in display order.

        Returns:
            The pts that did not decode.
        """
        missing = {run.pts[position - run.first] for position in run.wanted}
        attempts = [(start, False) for start in run.starts]
        if self._skippable:
            attempts.insert(0, (run.starts[0], True))
        strayed = False
        for start, skip in attempts:
            in_step = self._go_to(run, start) and self._feed(run, start, missing, emit, skip=skip)
            if not missing:
                return missing
            strayed = strayed or not in_step
        if strayed:
            # this container yields other packets after a seek than in a row: read it in a row
            self._rewind()
            if self._read_up_to(run, run.starts[0]):
                self._feed(run, run.starts[0], missing, emit, skip=False)
        return missing

    def _feed(
        self,
        run: Run,
        start: int,
        missing: set[int],
        emit: Callable[[Any], None],
        *,
        skip: bool,
    ) -> bool:
        """Decode from `start` to the last missing frame and drain.

        Returns:
            Whether every packet was the expected one.
        """
        context = self.film.stream.codec_context
        in_step, intact = False, True
        last = max(p for p in run.wanted if run.pts[p - run.first] in missing)
        for row, packet in enumerate(self._read(), start - run.first):
            if row >= len(run.size) or packet.size != run.size[row]:
                self._next = None
                break
            pts = run.pts[row]
            if run.flags[row] & 2 and packet.pts != pts:
                packet.pts = pts  # as in the demux pass: after a seek some containers guess anew
            context.skip_frame = "NONREF" if skip and pts not in missing else "DEFAULT"
            intact = self._take(context, packet, missing, emit)
            if skip and not intact:
                # concealment looks at whatever was decoded: start over and leave nothing out, so
                # that a frame after the damage is the same whoever asks for it
                in_step = True
                break
            if run.first + row == last:
                in_step = True
                break
            if not row & 15:
                self._tick()
        if intact or not skip:
            self._take(context, None, missing, emit)
        context.flush_buffers()
        return in_step

    def _take(
        self, context: Any, packet: Any, missing: set[int], emit: Callable[[Any], None]
    ) -> bool:
        """Decode one packet (None drains); say whether no damage showed."""
        try:
            frames = context.decode(packet)
        except (av.error.FFmpegError, EOFError):
            return packet is None
        intact = True
        for frame in frames:
            # a frame put together over damage, or from references that were never read, is no proof
            if frame.is_corrupt:
                intact = False
            elif frame.pts in missing:
                missing.discard(frame.pts)
                emit(frame)
        return intact

    def _read(self) -> Iterator[Any]:
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
                self._packets, self._next = None, None
                return
            if not packet.size:
                continue
            if self._next is not None:
                self._next += 1
            yield packet

    def _go_to(self, run: Run, start: int) -> bool:
        """Place the reading position on the packet at `start`; say whether that worked."""
        near = self._next is not None and 0 <= start - self._next <= _READ_ON
        if near and self._read_up_to(run, start):
            return True
        stream, container = self.film.stream, self.film.container
        second = int(stream.time_base.denominator / stream.time_base.numerator)
        row = start - run.first
        # matroska looks cues up by pts, everything else by dts
        by_pts = container.format.name.startswith("matroska")
        target = run.pts[row] if by_pts else run.dts[row]
        for back in (0, second, 10 * second):
            try:
                container.seek(target - back, stream=stream)
            except (av.error.FFmpegError, OSError):
                continue
            self._packets = container.demux(stream)
            self._next, self._waiting = None, None
            if self._search(run, start):
                return True
        self._rewind()
        return self._read_up_to(run, start)

    def _rewind(self) -> None:
        """Open the film anew, at its first packet."""
        if self._packets is not None or self._waiting is not None:
            self.film.close()
        self.film = self._reopen()
        self.film.discard_others({self.film.stream.index})
        self._packets = self.film.container.demux(self.film.stream)
        self._next, self._waiting = 0, None

    def _read_up_to(self, run: Run, start: int) -> bool:
        """Read on, counting, until the packet at `start` is next; check that it is that one."""
        for packet in self._read():
            assert self._next is not None
            if self._next > start:
                self._waiting = packet
                return self._next == start + 1 and packet.size == run.size[start - run.first]
            if not self._next & 1023:
                self._tick()
        return False

    def _search(self, run: Run, start: int) -> bool:
        """Read on until the packet at `start` is next, knowing it by size and time."""
        row = start - run.first
        pts, dts, size = run.pts[row], run.dts[row], run.size[row]
        second = self.film.stream.time_base.denominator // self.film.stream.time_base.numerator
        # program streams stamp whole packs: the times of single pictures are guesses after a seek
        loose = self.film.container.format.name == "mpeg"
        for count, packet in enumerate(self._read()):
            same = packet.pts == pts or packet.dts == dts or (loose and packet.is_keyframe)
            if packet.size == size and same:
                self._waiting, self._next = packet, start + 1
                return True
            if count > _SEARCH or (packet.dts is not None and packet.dts > dts + second):
                break
            if not count & 1023:
                self._tick()
        return False
