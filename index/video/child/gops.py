"""Decode the wanted frames of a film, a group of pictures at a time. Child side.

The method, measured fastest among the exact ones: seek to the entry point, feed packets, let
libavcodec drop pictures that nothing refers to and nobody wants, stop after the last wanted one.
Where a wanted frame does not come out intact, the group is decoded again in full, then once more
from the entry point before it; what still does not come is reported missing. So is everything that
was decoded after damage that libavcodec noticed, up to the next entry point: it conceals and
carries on, and what it then shows (grey fields, smeared blocks) was never in the film.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import av.error

from .packets import Reader, Run


class Decoding:
    """Decodes the runs of one film with one reader.

    Args:
        reader: where packets come from.
        skippable: pictures that nothing refers to may be left out.
    """

    def __init__(self, reader: Reader, *, skippable: bool) -> None:
        self.reader, self.skippable = reader, skippable

    def decode(self, run: Run, emit: Callable[[Any], None]) -> set[int]:
        """Decode one run and hand every wanted frame to `emit` in display order.

        Returns:
            The pts that did not decode.
        """
        missing = {run.pts[position - run.first] for position in run.wanted}
        attempts = [(start, False) for start in run.starts]
        if self.skippable:
            attempts.insert(0, (run.starts[0], True))
        strayed = False
        for start, skip in attempts:
            found = self.reader.go_to(run, start)
            in_step = found and _Pass(self.reader, run, missing, emit, skip=skip).feed(start)
            if not missing:
                return missing
            strayed = strayed or not in_step
        if strayed:
            # this container yields other packets after a seek than in a row: read it in a row
            self.reader.rewind()
            if self.reader.read_up_to(run, run.starts[0]):
                _Pass(self.reader, run, missing, emit, skip=False).feed(run.starts[0])
        return missing


class _Pass:
    """One pass over the packets of a run.

    Args:
        reader: placed on the first packet.
        run: what to expect.
        missing: pts wanted; those that come out are taken away.
        emit: takes the frames.
        skip: leave out what nobody wants and nothing refers to; ends at the first damage, because
            concealment looks at whatever was decoded, and a frame has to be the same whoever asks.
    """

    def __init__(
        self,
        reader: Reader,
        run: Run,
        missing: set[int],
        emit: Callable[[Any], None],
        *,
        skip: bool,
    ) -> None:
        self.reader, self.run, self.missing, self.emit = reader, run, missing, emit
        self.skip = skip
        self.context = reader.film.context
        # a picture may be shown before the one that it refers to has come out: frames wait until
        # damage further back in decode order would have shown itself
        self.held: deque[Any] = deque()
        self.patience = self.context.reorder_depth + 1
        self.position_of = dict(
            zip(run.pts, range(run.first, run.first + len(run.pts)), strict=True)
        )
        self.damaged_at: int | None = None

    def feed(self, start: int) -> bool:
        """Decode from `start` to the last missing frame.

        Returns:
            Whether every packet was the expected one.
        """
        run = self.run
        last = max(p for p in run.wanted if run.pts[p - run.first] in self.missing)
        in_step = False
        for row, packet in enumerate(self.reader.read(), start - run.first):
            if row >= len(run.size) or packet.size != run.size[row]:
                self.reader.next = None
                break
            pts = run.pts[row]
            if packet.pts != pts and (run.flags[row] & 2 or packet.pts is not None):
                packet.pts = pts  # the film's clock; after a seek some containers guess anew, too
            self.context.skip_frame = (
                "NONREF" if self.skip and pts not in self.missing else "DEFAULT"
            )
            self._take(packet, run.first + row)
            in_step = run.first + row == last
            if in_step or (self.skip and self.damaged_at is not None):
                in_step = True
                break
            if not row & 15:
                self.reader.tick()
        self._take(None, last)
        self._release(0)
        self.context.flush_buffers()
        return in_step

    def _take(self, packet: Any, position: int) -> None:
        """Decode one packet (None drains)."""
        try:
            frames = self.context.decode(packet)
        except (av.error.FFmpegError, EOFError):
            if packet is not None:
                self._mark(position)
            return
        for frame in frames:
            if frame.is_corrupt:
                self._mark(self.position_of.get(frame.pts, position))
            elif frame.pts in self.missing:
                self.held.append(frame)
            self._release(self.patience)

    def _mark(self, position: int) -> None:
        if self.damaged_at is None or position < self.damaged_at:
            self.damaged_at = position

    def _release(self, keep: int) -> None:
        """Emit the frames that have waited long enough and were decoded before any damage."""
        while len(self.held) > keep:
            frame = self.held.popleft()
            sound = self.damaged_at is None or self.position_of[frame.pts] < self.damaged_at
            if sound and frame.pts in self.missing:
                self.missing.discard(frame.pts)
                self.emit(frame)
