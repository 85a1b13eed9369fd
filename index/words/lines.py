"""Lines of words of a film: said, shown on screen, or written about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ..video.errors import UsageError
from ..video.frames import Box
from ..video.span import Span

WordKind = Literal["speech", "text", "caption"]
KINDS: tuple[WordKind, ...] = get_args(WordKind)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words of a film.

    Attributes:
        span: when it is said or shown, seconds.
        text: the words, plain, one line.
        kind: `speech` (subtitles or heard), `text` (on screen), `caption` (written by a VLM).
        source: where it comes from, for example `sidecar:film.srt`.
        box: where it stands in the frame; None for what is not on screen.
        confidence: of who read or heard it, 0 to 1.
        certain: False where what was read may well be something else.
    """

    span: Span
    text: str
    kind: WordKind = "speech"
    source: str = ""
    box: Box | None = None
    confidence: float = 1.0
    certain: bool = True


@dataclass(frozen=True, slots=True)
class WordHit:
    """A line that answers a query.

    Attributes:
        line: the line.
        score: share of the query's information that the line holds, 0 to 1 (or the cosine, where it
            was found by meaning and that is more).
        matched: the words of the query that it holds.
    """

    line: Line
    score: float
    matched: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """When, seconds."""
        return self.line.span

    @property
    def text(self) -> str:
        """The line's words."""
        return self.line.text

    @property
    def source(self) -> str:
        """Where the line comes from."""
        return self.line.source


def check_kinds(kinds: str | Sequence[str] | None) -> tuple[WordKind, ...]:
    """Return the kinds of words named, all of them for None.

    Raises:
        UsageError: an unknown kind.
    """
    named = KINDS if kinds is None else (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for kind in named:
        if kind not in KINDS:
            raise UsageError(f"kind = {kind!r}", f"use one of {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in named)
