"""Signs: readings of one text on screen over time, made one.

Text over moving pictures is read again and again, and each reading may cut it into other boxes
(`NO FISHING` `FROM`, then `NO FISHING FROM`) or get a letter wrong. Readings of the same text in
the same place that follow each other are one text: the reading that lasted longest stands for all
of the time.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ..text.spelling import shape_of, words_of
from ..video.span import Span
from .lines import Line

_GAP = 1.0  # seconds between two readings of one text
_SAME_PLACE = 0.5  # of the smaller box
_ALIKE = 0.7  # of the letters
_MOST_OPEN = 64


def settled(lines: Sequence[Line]) -> list[Line]:
    """Return lines of screen text with the readings of one text made one; others as they are."""
    texts = sorted((line for line in lines if line.kind == "text"), key=lambda line: line.span)
    group = list(range(len(texts)))
    shapes = [shape_of("".join(words_of(line.text))) for line in texts]
    open_: list[int] = []
    for at, line in enumerate(texts):
        open_ = [k for k in open_ if texts[k].span.end + _GAP >= line.span.start][-_MOST_OPEN:]
        for k in open_:
            if _is_same(texts[k], line) and _alike(shapes[k], shapes[at]):
                group[_root(group, at)] = _root(group, k)
        open_.append(at)
    members: dict[int, list[Line]] = defaultdict(list)
    for at, line in enumerate(texts):
        members[_root(group, at)].append(line)
    others = [line for line in lines if line.kind != "text"]
    return [*others, *(line for group in members.values() for line in _one(group))]


def _root(group: list[int], at: int) -> int:
    while group[at] != at:
        at = group[at]
    return at


def _is_same(a: Line, b: Line) -> bool:
    """Say whether two readings are in the same place, one after the other."""
    if a.box is None or b.box is None or a.source != b.source:
        return False
    wide = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
    high = min(a.box.y1, b.box.y1) - max(a.box.y0, b.box.y0)
    least = min((box.x1 - box.x0) * (box.y1 - box.y0) for box in (a.box, b.box))
    return wide > 0 and high > 0 and wide * high >= _SAME_PLACE * least


def _alike(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    if short in long:
        return True
    return difflib.SequenceMatcher(None, short, long).ratio() >= _ALIKE


def _one(readings: Sequence[Line]) -> list[Line]:
    """Return the lines of the reading that lasted longest, for the time of all of them."""
    if len(readings) == 1:
        return list(readings)
    whole = Span(min(ln.span.start for ln in readings), max(ln.span.end for ln in readings))
    edges = sorted({edge for line in readings for edge in (line.span.start, line.span.end)})
    lasted: dict[str, float] = defaultdict(float)
    shown: dict[str, list[Line]] = {}
    for start, end in pairwise(edges):
        there = [ln for ln in readings if ln.span.start < end and ln.span.end > start]
        if there:
            words = " ".join(line.text for line in sorted(there, key=_place))
            sure = min(line.confidence * (1.0 if line.certain else 0.5) for line in there)
            lasted[words] += (end - start) * sure
            shown.setdefault(words, there)
    longest = max(map(len, lasted))
    # a reading that lost half of the text is none
    full = [words for words in lasted if len(words) >= 0.6 * longest]
    best = shown[max(full, key=lambda words: lasted[words])]
    return [replace(line, span=whole) for line in best]


def _place(line: Line) -> tuple[float, float]:
    return (line.box.y0, line.box.x0) if line.box else (0.0, 0.0)
