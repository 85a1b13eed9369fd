"""Times: those an answer names, and the part of the film that a sample is about."""

from __future__ import annotations

import re

from ...index.video.span import Span, parse_seconds
from ..sample import Sample

_CLOCK = r"\d+(?::\d{2}){0,2}(?:\.\d+)?"
_RANGE = re.compile(rf"(?<![\d:.])({_CLOCK})\s*(?:-|–|to|until)\s*({_CLOCK})")


def named_times(text: str | None) -> tuple[tuple[float, float], ...]:
    """Return every `START-END` written in a text (`12:04.5-12:10.0`), in order."""
    found = []
    for match in _RANGE.finditer(text or ""):
        try:
            span = Span(parse_seconds(match[1]), parse_seconds(match[2]))
        except ValueError:
            continue  # two numbers that are no span, `4-3`
        found.append((span.start, span.end))
    return tuple(found)


def part_of(sample: Sample, duration: float) -> Span:
    """Return the part of the film that a sample is about: the whole where it names none."""
    start = min(sample.video.start or 0.0, duration)
    end = min(sample.video.end or duration, duration)
    return Span(start, end) if end > start else Span(0.0, duration)
