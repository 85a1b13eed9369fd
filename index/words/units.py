"""Units of words: lines that mean something together, a sentence, a slide or a caption."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..text.layout import reading_rows
from ..video.span import Span
from .lines import Line, WordKind

_SENTENCE_SECONDS = 20.0
_PAUSE = 2.0  # a longer one ends a sentence that has no full stop
_ENDS = re.compile(r"[.!?…。！？؟।]['\"”’»」)\]]*$")
_SENTENCE = re.compile(r"(?<=[.!?…؟।])\s+|(?<=[。！？])|\n+")
_SAME_SLIDE = 0.3  # intersection over union of the times of two lines


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece that means something alone: a sentence, a slide, a caption."""

    kind: WordKind
    span: Span
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Its words."""
        return (" " if self.kind == "speech" else "\n").join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of speech or of a caption, or a row of a slide, and the lines it stands in."""

    text: str
    lines: tuple[Line, ...]

    @property
    def kind(self) -> WordKind:
        """Whether it is said, shown or written about the film."""
        return self.lines[0].kind

    @property
    def span(self) -> Span:
        """From the beginning of its first line to the end of its last, seconds."""
        ends = max(line.span.end for line in self.lines)
        return Span(min(line.span.start for line in self.lines), ends)


def ends_sentence(text: str) -> bool:
    """Say whether a text ends with the sign that ends a sentence, in any script."""
    return _ENDS.search(text.rstrip()) is not None


def sentences_of(unit: Unit) -> list[Sentence]:
    """Cut a unit into its sentences, a slide into its rows."""
    if unit.kind == "text":
        rows = slide_rows(unit.lines)
        return [Sentence("  ".join(line.text for line in row), tuple(row)) for row in rows]
    found, start, text = [], 0, unit.text
    for match in [*_SENTENCE.finditer(text), None]:
        end = match.start() if match else len(text)
        if text[start:end].strip():
            found.append(Sentence(text[start:end].strip(), _holding(unit.lines, start, end)))
        start = match.end() if match else end
    return found


def _holding(lines: Sequence[Line], start: int, end: int) -> tuple[Line, ...]:
    """Return the lines that a stretch of their joined text touches, by its characters."""
    held, at = [], 0
    for line in lines:
        if at < end and at + len(line.text) > start:
            held.append(line)
        at += len(line.text) + 1
    return tuple(held) or tuple(lines)


def units_of(lines: Iterable[Line]) -> list[Unit]:
    """Group lines into sentences, slides and captions, by kind, source and time."""
    units: list[Unit] = []
    ordered = sorted(lines, key=lambda line: (line.kind, line.source, line.span, line.text))
    held: list[Line] = []
    for line in ordered:
        if held and not _belongs(held, line):
            units.append(_unit(held))
            held = []
        held.append(line)
    return [*units, _unit(held)] if held else units


def _belongs(held: Sequence[Line], line: Line) -> bool:
    last = held[-1]
    if (line.kind, line.source) != (last.kind, last.source) or line.kind == "caption":
        return False
    if line.kind == "text":
        return any(line.span.iou(other.span) >= _SAME_SLIDE for other in held[-8:])
    long = line.span.end - held[0].span.start > _SENTENCE_SECONDS
    pause = line.span.start - last.span.end > _PAUSE
    return not (long or pause or ends_sentence(last.text))


def _unit(lines: Sequence[Line]) -> Unit:
    start, end = min(ln.span.start for ln in lines), max(ln.span.end for ln in lines)
    if lines[0].kind == "text":
        lines = [line for row in slide_rows(lines) for line in row]
    return Unit(lines[0].kind, Span(start, end), tuple(lines))


def slide_rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines of a slide row by row; lines without a box keep their order."""
    boxes = [line.box for line in lines]
    known = [box for box in boxes if box is not None]
    if len(known) < len(boxes):
        return [[line] for line in lines]
    return [[lines[at] for at in row] for row in reading_rows(known)]


def slide_text(lines: Sequence[Line]) -> str:
    """Return the words of a slide, one row a line, cells parted by two spaces."""
    return "\n".join("  ".join(line.text for line in row) for row in slide_rows(lines))
