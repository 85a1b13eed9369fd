"""How findings are written down: frame proofs, evidence, coverage, and fenced film text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ..index.video.frames import Box, Frames
from ..index.video.span import Span, format_seconds
from .types import Coverage, Evidence, EvidenceKind, FrameRef, evidence_id

MAX_LINE = 400  # characters of one line of film text that are passed on
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def clean(text: str) -> str:
    """Make text of a film one printable line of bounded length."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"


def fence(kind: str, lines: Iterable[str]) -> str:
    """Wrap text that came out of the film, so that nobody takes it for an instruction."""
    body = "\n".join(clean(line).replace("film-data", "film data") for line in lines)
    return f'<film-data kind="{kind}">\n{body}\n</film-data>'


def frame_refs(frames: Frames, rows: Sequence[int], box: Box | None = None) -> tuple[FrameRef, ...]:
    """Name frames by time and sha256 of the pixels that were looked at."""
    shown = frames.take(rows)
    return tuple(
        FrameRef(round(float(second), 6), digest, box)
        for second, digest in zip(shown.seconds, shown.digests(), strict=True)
    )


def found(
    kind: EvidenceKind,
    span: Span,
    text: str,
    tool: str,
    *,
    frames: tuple[FrameRef, ...] = (),
    supports: str | None = None,
    verified: bool = False,
    score: float = 0.0,
) -> Evidence:
    """Write one finding down."""
    line = clean(text)
    return Evidence(
        evidence_id(kind, span, line),
        span,
        kind,
        line,
        frames,
        tool,
        supports,
        verified,
        round(min(1.0, max(0.0, score)), 4),
    )


def coverage_of(
    spans: Sequence[Span], seconds: Sequence[float], *, truncated: bool = False
) -> Coverage:
    """Measure what frames at these seconds show of the spans, from the frames really obtained."""
    seconds = sorted(float(s) for s in seconds)
    total = sum(span.duration for span in spans)
    gap = 0.0
    for span in spans:
        # the frame on screen at the start of a span may have come up just before it
        inside = [max(span.start, s) for s in seconds if span.start - 0.5 <= s < span.end]
        edges = [span.start, *inside, span.end]
        gap = max([gap, *(after - before for before, after in pairwise(edges))])
    rate = len(seconds) / total if total else 0.0
    return Coverage(tuple(spans), len(seconds), round(rate, 4), round(gap, 3), truncated)


def coverage_line(coverage: Coverage) -> str:
    """Say in words what was seen, so that a planner does not claim more."""
    spans = ", ".join(str(span) for span in coverage.requested[:4])
    more = f" and {len(coverage.requested) - 4} more" if len(coverage.requested) > 4 else ""
    limit = ", fewer than asked for" if coverage.truncated else ""
    return (
        f"looked at {coverage.frames} frames of {spans}{more} "
        f"({coverage.achieved_fps:.2f} a second, longest gap {coverage.max_gap:.1f} s{limit})"
    )


def options_line(options: dict[str, float]) -> str:
    """Print option probabilities, likeliest first."""
    ranked = sorted(options.items(), key=lambda item: -item[1])
    return ", ".join(f"{letter} {share:.2f}" for letter, share in ranked)


def at_time(second: float) -> str:
    """Print one instant for a report."""
    return f"{format_seconds(second)} ({second:.1f} s)"
