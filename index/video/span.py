"""Spans of film time: half-open intervals in seconds, and how times are read and printed.

The one module that parses or formats a time. Seconds are presentation seconds counted from the
first video frame; a span holds every instant `start <= t < end`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

# minutes stop at 59 only where there are hours before them
_CLOCK = re.compile(r"^(?:(?:(\d+):(?=[0-5]?\d:))?(\d+):)?(\d+(?:\.\d+)?)$")


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A half-open interval `[start, end)` of a film, in seconds.

    Raises:
        ValueError: a bound is not finite, negative, or `end` is not after `start`.
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and math.isfinite(self.end)):
            raise ValueError(f"a span needs finite seconds, got {self.start!r} to {self.end!r}")
        if self.start < 0 or self.end <= self.start:
            raise ValueError(f"a span needs 0 <= start < end, got {self.start!r} to {self.end!r}")

    def __str__(self) -> str:
        return f"{format_seconds(self.start)}-{format_seconds(self.end)}"

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """The instant half way, in seconds."""
        return (self.start + self.end) / 2

    def contains(self, second: float) -> bool:
        """Say whether the instant lies inside."""
        return self.start <= second < self.end

    def overlap(self, other: Span) -> float:
        """Return the seconds shared with `other` (0 when apart)."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))

    def distance(self, other: Span) -> float:
        """Return the seconds between the span and `other` (0 where they touch)."""
        return max(self.start - other.end, other.start - self.end, 0.0)

    def iou(self, other: Span) -> float:
        """Return intersection over union with `other`, 0 to 1."""
        shared = self.overlap(other)
        return shared / (self.duration + other.duration - shared)

    def pad(self, seconds: float) -> Span:
        """Return the span grown by `seconds` on both sides, never below 0."""
        return Span(max(0.0, self.start - seconds), self.end + seconds)

    def clamp(self, duration: float) -> tuple[Span | None, str | None]:
        """Fit the span into a film of `duration` seconds.

        Returns:
            The span inside the film (None when nothing of it is inside) and a note that says what
            was cut off (None when nothing was).
        """
        end = min(self.end, duration)
        if self.start >= duration:
            return None, f"{self} is outside the film, which lasts {format_seconds(duration)}"
        if end == self.end:
            return self, None
        return Span(self.start, end), f"{self} was cut to the film's end, {format_seconds(end)}"


def merge_spans(spans: Iterable[Span], gap: float = 0.0) -> list[Span]:
    """Join spans that overlap or lie within `gap` seconds of each other, in time order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end + gap:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(span: Span, others: Iterable[Span]) -> list[Span]:
    """Return what of a span is in none of the others, in time order."""
    rest: list[Span] = []
    start = span.start
    for other in merge_spans(others):
        if other.end <= start or other.start >= span.end:
            continue
        if other.start > start:
            rest.append(Span(start, other.start))
        start = other.end
    return [*rest, Span(start, span.end)] if start < span.end else rest


def parse_seconds(text: str) -> float:
    """Read `3753.4`, `62:33.4` or `1:02:33.4` as seconds.

    Raises:
        ValueError: the text is none of these, negative or not finite.
    """
    match = _CLOCK.match(text.strip())
    if not match:
        raise ValueError(f"time = {text!r}: write seconds (93.5), M:SS (1:33.5) or H:MM:SS")
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def parse_span(text: str) -> Span:
    """Read `START-END`, each a time that `parse_seconds` accepts.

    Raises:
        ValueError: not two times, or the end is not after the start.
    """
    parts = text.split("-")
    if len(parts) != 2:
        raise ValueError(f"span = {text!r}: write START-END, for example 1:02:30-1:03:00")
    return Span(parse_seconds(parts[0]), parse_seconds(parts[1]))


def format_seconds(seconds: float) -> str:
    """Print seconds as `M:SS.s`, or `H:MM:SS.s` from an hour on."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02d}:{tenths / 10:04.1f}" if hours else f"{minutes}:{tenths / 10:04.1f}"
    return f"{hours}:{clock}" if hours else clock
