"""Decode the wanted frames of a film, a group of pictures at a time. Child side.

The method, measured fastest among the exact ones: seek to the entry point, feed packets, let
libavcodec drop pictures that nothing refers to and nobody wants, stop after the last wanted one.
Where a wanted frame does not come out intact, the group is decoded again in full, then once more
from the entry point before it; what still does not come is reported missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import av.error

from .demux import Film

# reading on is cheaper than a seek up to this many packets
_READ_ON = 300
# a container whose packets come back different after a seek gets this much slack
_SLACK = 64
# formats in which a picture marked as not referenced can be left out without a trace. Not VP8,
# VP9, AV1: there a dropped picture still carries probabilities, segment maps or motion for the next
_SKIPPABLE = {"h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4"}


class Cursor:
    """A reading position in a film, kept between requests.

    Args:
        reopen: opens the film anew; used at first, and when a seek leads nowhere.
        tick: called while working, so that the parent sees life.
    """

    def __init__(self, reopen: Callable[[], Film], tick: Callable[[], None]) -> None:
        self._reopen, self._tick = reopen, tick
        self.film = reopen()
        self.film.discard_others({self.film.stream.index})
        self.skippable = self.film.codec in _SKIPPABLE
        self._packets: Iterator[Any] | None = None
        # decode position of the next packet; None when unknown
        self._next: int | None = None
        self._waiting: Any = None

    def decode(self, run: dict[str, Any], emit: Callable[[Any], None]) -> set[int]:
        """Decode one run and hand every wanted frame to `emit` in display order.

        Args:
            run: `starts` [[position, pts, dts], ...] best first, `wanted` [[position, pts], ...].
            emit: takes a decoded frame whose pts is wanted; each pts once.

        Returns:
            The pts that did not decode.
        """
        missing = {pts for _, pts in run["wanted"]}
        last = max(position for position, _ in run["wanted"])
        attempts = [(run["starts"][0], True)] if self.skippable else []
        attempts += [(start, False) for start in run["starts"]]
        for (position, pts, dts), skip in attempts:
            if not self._go_to(position, pts, dts):
                continue
            self._feed(last - position + 1, missing, emit, skip=skip)
            if not missing:
                break
        return missing

    def _feed(
        self, count: int, missing: set[int], emit: Callable[[Any], None], *, skip: bool
    ) -> None:
        """Decode until every missing pts was fed, and drain."""
        context = self.film.stream.codec_context
        unfed = set(missing)
        budget = count + _SLACK
        for packet in self._read():
            wanted = packet.pts in unfed
            context.skip_frame = "DEFAULT" if wanted or not skip else "NONREF"
            self._take(context, packet, missing, emit)
            unfed.discard(packet.pts)
            budget -= 1
            if not unfed or budget <= 0:
                break
            if not budget & 15:
                self._tick()
        self._take(context, None, missing, emit)
        context.flush_buffers()

    def _take(
        self, context: Any, packet: Any, missing: set[int], emit: Callable[[Any], None]
    ) -> None:
        try:
            frames = context.decode(packet)
        except (av.error.FFmpegError, EOFError):
            return
        for frame in frames:
            # a frame put together over damage, or from references that were never read, is no proof
            if frame.pts in missing and not frame.is_corrupt:
                missing.discard(frame.pts)
                emit(frame)

    def _read(self) -> Iterator[Any]:
        """Yield the packets from the reading position on."""
        if self._waiting is not None:
            packet, self._waiting = self._waiting, None
            yield packet
        while True:
            try:
                packet = next(self._packets, None) if self._packets is not None else None
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

    def _go_to(self, position: int, pts: int, dts: int) -> bool:
        """Place the reading position on the packet at `position`; say whether that worked."""
        ahead = position - self._next if self._next is not None else -1
        if 0 <= ahead <= _READ_ON and self._find(position, pts, ahead + 1):
            return True
        base = self.film.stream.time_base
        second = int(base.denominator / base.numerator)
        # matroska looks cues up by pts, everything else by dts
        target = pts if self.film.container.format.name.startswith("matroska") else dts
        for back in (0, second, 10 * second):
            try:
                self.film.container.seek(target - back, stream=self.film.stream)
            except (av.error.FFmpegError, OSError):
                continue
            self._restart()
            if self._find(position, pts, 20_000):
                return True
        self.film.close()
        self.film = self._reopen()
        self.film.discard_others({self.film.stream.index})
        self._restart()
        return self._find(position, pts, position + 1 + _SLACK)

    def _restart(self) -> None:
        self._packets = self.film.container.demux(self.film.stream)
        self._next, self._waiting = None, None

    def _find(self, position: int, pts: int, limit: int) -> bool:
        """Read up to `limit` packets for the one with this pts, and leave it to be read next."""
        for packet in self._read():
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp == pts:
                self._waiting, self._next = packet, position + 1
                return True
            # past it: every later packet of the stream is decoded later still
            if packet.is_keyframe and packet.pts is not None and packet.pts > pts:
                break
            limit -= 1
            if limit <= 0:
                break
            if not limit & 1023:
                self._tick()
        self._next = None
        return False
