"""A film's sound in chunks for a speech model: cut where it is quiet, with an overlap.

A border lies in the quietest place of the last third of a chunk. Both chunks hold what is around
it, so that a word on the border is whole in each of them (see `joining`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import numpy as np

from ..video.messages import RATE
from ..video.sound import Sound
from ..video.span import Span

LONGEST = 180.0  # seconds of a chunk: at a few times real time a kill loses half a minute of work
OVERLAP = 1.5  # seconds on each side of a border that both chunks hold
_SEARCH = 60.0  # seconds before the longest end in which a border is looked for
_LONG_GAP = 20.0  # seconds without sound that end a chunk; shorter ones are filled with silence
_HOP = RATE // 50
# hops of 20 ms over which loudness is averaged: a second, and a pause between words
_SECOND, _PAUSE = 50, 15


@dataclass(frozen=True, eq=False)
class Chunk:
    """A piece of sound.

    Attributes:
        span: the time that it answers for.
        start: seconds of the film of its first sample, up to `OVERLAP` before the span.
        samples: int16 [n], mono, 16 kHz; empty where the film has no sound.
    """

    span: Span
    start: float
    samples: np.ndarray


def chunks_of(blocks: Iterable[Sound], span: Span) -> Generator[Chunk]:
    """Yield the chunks of a span in order; together they answer for all of it.

    Args:
        blocks: from `OVERLAP` before the span on, in order of time.
        span: of the film.
    """
    held = _Held(span.start)
    for block in blocks:
        if block.start - held.end > _LONG_GAP and held.filled:
            border = min(block.start, span.end)
            yield held.cut(border)
            held = _Held(border)
        if held.border >= span.end or block.start >= span.end + OVERLAP:
            break
        held.add(block)
        while held.end >= held.border + LONGEST + OVERLAP:
            if held.border + LONGEST >= span.end:
                break
            yield held.cut(held.quietest())
        if held.end >= span.end + OVERLAP:
            break
    if held.border < span.end:
        yield held.cut(span.end)


class _Held:
    """Sound that is not in a whole chunk yet.

    Attributes:
        border: where the next chunk begins to answer.
        end: seconds of the film at which the sound held ends.
    """

    def __init__(self, border: float) -> None:
        self.border = border
        self.start = self.end = border
        self._parts: list[np.ndarray] = []

    @property
    def filled(self) -> bool:
        return bool(self._parts)

    def add(self, block: Sound) -> None:
        if not self._parts:
            self.start = self.end = block.start
        gap = round((block.start - self.end) * RATE)
        if gap > 0:
            self._parts.append(np.zeros(gap, np.int16))
        self._parts.append(block.samples)
        self.end = self.start + sum(map(len, self._parts)) / RATE

    def quietest(self) -> float:
        """Return the middle of the quietest pause near the end of the longest chunk, seconds."""
        last = self.border + LONGEST
        return quietest(self._joined(), self.start, last - _SEARCH, last)

    def cut(self, border: float) -> Chunk:
        """Take the chunk that ends at a border, and keep what the next one needs."""
        samples = self._joined()
        last = max(0, round((border + OVERLAP - self.start) * RATE))
        chunk = Chunk(Span(self.border, border), self.start, samples[:last])
        first = max(0, round((border - OVERLAP - self.start) * RATE))
        rest = samples[first:].copy()
        self.start, self.border = self.start + first / RATE, border
        self._parts = [rest] if len(rest) else []
        return chunk

    def _joined(self) -> np.ndarray:
        if len(self._parts) != 1:
            self._parts = [np.concatenate(self._parts)] if self._parts else []
        return self._parts[0] if self._parts else np.zeros(0, np.int16)


def quietest(samples: np.ndarray, start: float, first: float, last: float) -> float:
    """Return the middle of the quietest pause of a stretch, seconds.

    The quietest second first, which is where a long pause is, between sentences; in it the
    quietest moment.

    Args:
        samples: int16 [n], 16 kHz.
        start: second of the first sample.
        first: second from which to look.
        last: second up to which to look.
    """
    low = max(0, round((first - start) * RATE))
    part = samples[low : max(low, round((last - start) * RATE))].astype(np.float32)
    hops = len(part) // _HOP
    if hops <= _PAUSE:
        return last
    power = np.square(part[: hops * _HOP]).reshape(hops, _HOP).mean(axis=1)
    # in decibels a pause counts by all of its length, and one loud click does not hide it
    loudness = np.log10(power + 1.0)
    at = 0
    for width in (min(_SECOND, hops), _PAUSE):
        smooth = np.convolve(loudness, np.ones(width) / width, "valid")
        best = int(smooth.argmin())
        at, loudness = at + best, loudness[best : best + width]
    return (low + (at + _PAUSE / 2) * _HOP) / RATE + start
