"""The film's lines of words as typed records: by time, or by a search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...index.video.span import Span
from ...index.words.lines import Line as IndexLine
from ...index.words.lines import WordKind
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
    return [of_index(line) for line in index.words().lines(("speech",))]


def of_index(line: IndexLine, score: float | None = None) -> Line:
    """Return a line of the index as tools report it; `score` is how well it matches, else sure."""
    sure = line.confidence if score is None else score
    return Line(line.span, clean(line.text), line.kind, float(sure), line.box, line.certain)


def lines_within(index: FilmIndex, spans: Sequence[Span]) -> list[Line]:
    """Return what is said and on screen in any of the spans, in time order."""
    every = map(of_index, index.words().lines(("speech", "text")))
    return sorted(
        (line for line in every if overlaps(line.span, spans)),
        key=lambda line: (line.span, line.kind),
    )


def overlaps(span: Span, spans: Iterable[Span]) -> bool:
    """Say whether a span shares time with any of the others."""
    return any(span.overlap(other) > 0 for other in spans)


def lines_of(
    ctx: ToolContext,
    query: str,
    kinds: WordKind | Sequence[WordKind],
    top_k: int,
    within: Span | None = None,
) -> list[Line]:
    """Return the lines of some kinds that match a query, by words and by meaning, best first."""
    hits = ctx.index.search_words(query, kinds, top_k, within, ctx.text_encoder)
    return [of_index(hit.line, hit.score) for hit in hits]


def passages_of(
    ctx: ToolContext, queries: Sequence[str], top_k: int, within: Span | None = None
) -> list[Line]:
    """Return the passages about any of the queries, whole sentences each, best first."""
    found = ctx.index.passages(list(queries), None, top_k, within, ctx.text_encoder)
    return [
        Line(
            passage.span,
            clean(passage.text),
            passage.kind,
            float(passage.score),
            None,
            all(line.certain for line in passage.lines),
        )
        for passage in found
    ]


def evidence_of(line: Line, tool: str, supports: str | None = None) -> Evidence:
    """Write a line of words down as evidence; one in doubt counts half."""
    score = line.score if line.certain else line.score / 2
    return found(line.kind, line.span, line.text, tool, supports=supports, score=score)
