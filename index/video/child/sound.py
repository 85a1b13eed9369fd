"""Decode the sound of a film: 16 kHz mono, each block with its time. Child side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av.audio.resampler
import av.error
import numpy as np

from ..messages import RATE
from ..probing.clock import Clock
from ..probing.sniff import AUDIO_CODECS
from .demux import Film, Refused, codec_name

# samples a message
_BLOCK = RATE
# seconds: sound that is this far from where it should follow is put where its own time says
_SLACK = 0.08
# seconds before the wanted start at which decoding begins: decoders need what came before
_WARM_UP = 1.0
_SEEK_FROM = 10.0

Emit = Callable[[dict[str, Any], bytes], None]


class Hearing:
    """One pass over a track of sound from some second on.

    Args:
        film: open, with the sound's decoders allowed.
        request: `track` the stream's index, `start` seconds, `base` and `origin` of the pictures'
            clock, and the columns of the `Clock`.
        reopen: opens the film again, at its first packet.
        tick: shows the parent a sign of life.
    """

    def __init__(
        self,
        film: Film,
        request: dict[str, Any],
        reopen: Callable[[], Film],
        tick: Callable[[], None],
    ) -> None:
        self.film, self.reopen, self.tick = film, reopen, tick
        self.track, self.start = request["track"], float(request["start"])
        self.base, self.origin = Fraction(*request["base"]), request["origin"]
        columns = (np.array(request[name], np.int64) for name in _COLUMNS)
        starts, shifts, lows, highs = columns
        self.clock = Clock(starts[:0], starts, shifts, lows, highs, 0)
        self.joined = len(starts) > 1
        self.damaged = self.packets = 0
        self.lost = 0.0
        self.at = -1.0
        self._resampler: Any = None
        self._shape: tuple[Any, ...] = ()
        self._parts: list[np.ndarray] = []
        self._held = 0

    @property
    def state(self) -> dict[str, Any]:
        """How much was read, and how much of it did not decode."""
        return {"packets": self.packets, "damaged": self.damaged, "lost": self.lost}

    def run(self, emit: Emit) -> None:
        """Decode to the end of the sound.

        Args:
            emit: takes a block: the second of its first sample and what did not decode so far,
                and its samples, int16.
        """
        for packet, shift in self._packets():
            self.packets += 1
            for frame, second in self._decoded(packet, shift):
                self._place(frame, second, emit)
            if not self.packets & 63:
                self.tick()
        self._flush(emit)

    def _packets(self) -> Iterator[tuple[Any, float]]:
        """Yield the packets of the track from the start on, each with its shift in seconds."""
        stream = self._open_track()
        if not self.joined and self.start > _SEEK_FROM and not self._seek(stream):
            self.film.close()
            self.film = self.reopen()
            stream = self._open_track()
        streams = [stream]
        keep = {stream.index}
        if self.joined:  # pictures tell where in the film a jump of the clock is
            streams.append(self.film.stream)
            keep.add(self.film.stream.index)
        self.film.discard_others(keep)
        position = 0
        try:
            for packet in self.film.container.demux(*streams):
                if packet.stream_index != stream.index:
                    position += bool(packet.size)
                    continue
                shift = self._shift(packet, position)
                end = _seconds(packet) + shift + _length(packet)
                if packet.size and end == end and end < self.start - _WARM_UP:
                    self.tick()
                    continue
                yield packet, shift
        except (av.error.FFmpegError, OSError):
            pass  # a damaged tail: what was read so far stands

    def _open_track(self) -> Any:
        for stream in self.film.container.streams.audio:
            if stream.index == self.track:
                if codec_name(stream) not in AUDIO_CODECS:
                    raise Refused(f"sound coded as {codec_name(stream) or 'an unknown codec'}")
                stream.codec_context.thread_count = 1
                return stream
        raise Refused(f"no track of sound number {self.track}")

    def _seek(self, stream: Any) -> bool:
        """Go near the start; say whether that led to a place before it."""
        second = self.start - _WARM_UP - self._shift_of_one()
        base = stream.time_base
        try:
            self.film.container.seek(int(second / base), stream=stream, backward=True)
            self.film.discard_others({stream.index})
            first = next((p for p in self.film.container.demux(stream) if p.pts is not None), None)
            if first is None or float(first.pts * base) > second + _WARM_UP / 2:
                return False
            self.film.container.seek(int(second / base), stream=stream, backward=True)
        except (av.error.FFmpegError, OSError):
            return False
        return True

    def _shift_of_one(self) -> float:
        return float((int(self.clock.shifts[0]) - self.origin) * self.base)

    def _shift(self, packet: Any, position: int) -> float:
        """Return the seconds to add to a packet's time in the container."""
        if not self.joined or packet.pts is None:
            return self._shift_of_one()
        stamp = float(packet.pts * packet.time_base / self.base)
        return float((self.clock.shift_of(position, stamp) - self.origin) * self.base)

    def _decoded(self, packet: Any, shift: float) -> Iterator[tuple[Any, float]]:
        """Yield the frames of a packet with their seconds; NaN where a frame has no time."""
        try:
            frames: list[Any] = packet.decode()
        except (av.error.FFmpegError, ValueError, OSError):
            self.damaged += 1
            self.lost += _length(packet)
            return
        self.damaged += bool(packet.is_corrupt)
        for frame in frames:
            if not frame.samples or not frame.sample_rate:
                continue
            second = float("nan")
            if frame.pts is not None and frame.time_base is not None:
                second = float(frame.pts * frame.time_base) + shift
            yield frame, second

    def _place(self, frame: Any, second: float, emit: Emit) -> None:
        """Put a frame where it belongs: behind the one before, or at its own time."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        follows = self.at + self._held / RATE
        apart = self.at < 0 or abs(second - follows) > _SLACK
        if shape != self._shape or (second == second and apart):
            self._flush(emit)
            self._shape = shape
            self._resampler = av.audio.resampler.AudioResampler("s16", "mono", RATE)
            if second == second:
                self.at = second
            elif self.at < 0:
                self.at = 0.0
        frame.pts = None
        self._take(self._resampler.resample(frame), emit)

    def _take(self, frames: list[Any], emit: Emit) -> None:
        for frame in frames:
            samples = frame.to_ndarray().reshape(-1)
            self._parts.append(samples)
            self._held += len(samples)
        if self._held >= _BLOCK:
            self._send(emit)

    def _flush(self, emit: Emit) -> None:
        if self._resampler is not None:
            resampler, self._resampler = self._resampler, None
            self._take(resampler.resample(None), emit)
        self._send(emit)

    def _send(self, emit: Emit) -> None:
        if not self._held:
            return
        samples = np.concatenate(self._parts).astype("<i2")
        at, early = self.at, round((self.start - self.at) * RATE)
        self.at += len(samples) / RATE
        self._parts, self._held = [], 0
        if early > 0:
            samples, at = samples[early:], self.start
        if len(samples):
            emit({"at": at, **self.state}, samples.tobytes())


_COLUMNS = ("starts", "shifts", "lows", "highs")


def _seconds(packet: Any) -> float:
    """Return a packet's time in the container; NaN where it has none."""
    return float(packet.pts * packet.time_base) if packet.pts is not None else float("nan")


def _length(packet: Any) -> float:
    return float((packet.duration or 0) * packet.time_base)
