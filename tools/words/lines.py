"""The film's lines of words as typed records: by time, or by a search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...index.fulltext import WordHit, WordKind
from ...index.video.span import Span
from ..evidence import clean, found
from ..results import Line
from ..types import Evidence

if TYPE_CHECKING:
    from ...index.film_index import FilmIndex
    from ..context import ToolContext

SURELY_READ = 0.6
"""The OCR's own score from which a line on screen counts as read."""


def spoken_lines(index: FilmIndex) -> list[Line]:
    """Return everything that is said, in time order; what is in doubt says so."""
    return [
        Line(cue.span, clean(cue.text), "speech", 1.0, None, not getattr(cue, "uncertain", False))
        for cue in index.cues()
    ]


def screen_lines(index: FilmIndex) -> list[Line]:
    """Return all text on screen that was read so far, in time order."""
    return [
        Line(row.span, clean(row.text), "text", row.score, row.box, row.score >= SURELY_READ)
        for row in index.texts()
    ]


def lines_within(index: FilmIndex, spans: Sequence[Span]) -> list[Line]:
    """Return what is said and on screen in any of the spans, in time order."""
    every = [*spoken_lines(index), *screen_lines(index)]
    return sorted(
        (line for line in every if overlaps(line.span, spans)),
        key=lambda line: (line.span, line.kind),
    )


def overlaps(span: Span, spans: Iterable[Span]) -> bool:
    """Say whether a span shares time with any of the others."""
    return any(span.overlap(other) > 0 for other in spans)


def lines_of(
    ctx: ToolContext, query: str, kind: WordKind, top_k: int, within: Span | None = None
) -> list[Line]:
    """Return the lines of a kind that match a query, best first."""
    return [_line(hit, kind) for hit in ctx.index.search_words(query, kind, top_k, within)]


def _line(hit: WordHit, kind: WordKind) -> Line:
    certain = not getattr(hit, "uncertain", False)
    return Line(hit.span, clean(hit.text), kind, float(hit.score), None, certain)


def evidence_of(line: Line, tool: str, supports: str | None = None) -> Evidence:
    """Write a line of words down as evidence; one in doubt counts half."""
    score = line.score if line.certain else line.score / 2
    return found(line.kind, line.span, line.text, tool, supports=supports, score=score)
