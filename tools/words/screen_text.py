"""The film's screen text, read inside a question's time: what was read is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ...index.protocols import Reader
from ...index.text.script import unreadable_scripts
from ...index.video.span import Span
from ...index.words.text_pass import ensure_text
from ..context import ToolContext

_MOST_NOTES = 4
SHARE = 0.6
"""Share of the question's remaining time that reading may take."""


def read_screen_text(
    ctx: ToolContext,
    first: Sequence[Span] = (),
    *,
    whole_film: bool = True,
    queries: Sequence[str] = (),
) -> list[str]:
    """Read screen text: of some spans first, then of the film, as far as the time reaches.

    Args:
        ctx: the call's context.
        first: where it is likeliest, in this order.
        whole_film: then read all the rest.
        queries: what will be looked for in it.

    Returns:
        What to note: that there is no OCR, that it does not know letters of a query, or that not
        all was read.
    """
    if ctx.ocr is None:
        return ["there is no OCR here: screen text was not read"]
    end = None if ctx.seconds_left is None else time.monotonic() + SHARE * ctx.seconds_left
    done = ensure_text(
        ctx.index,
        ctx.decoder,
        ctx.ocr,
        spans=list(first) or None,
        whole_film=whole_film,
        until=None if end is None else lambda: time.monotonic() > end,
        progress=ctx.progress,
    )
    notes = [*unknown_letters(ctx.ocr, " ".join(queries)), *_doubtful(ctx, first)]
    if done:
        return notes
    read = sum(span.duration for span in ctx.index.text_read())
    share = min(1.0, read / ctx.duration)
    short = f"screen text was read of {share:.0%} of the film: the question's time is short"
    return [*notes, short]


def unknown_letters(ocr: Reader, text: str) -> list[str]:
    """Note the scripts of a text that the OCR cannot read; plain Latin is not worth loading it."""
    if text.isascii():
        return []
    scripts = unreadable_scripts(text, getattr(ocr, "scripts", None))
    return [f"the OCR knows no {', '.join(scripts)} letters"] if scripts else []


def _doubtful(ctx: ToolContext, spans: Sequence[Span]) -> list[str]:
    """Note what stands in some spans that the OCR could not read, or not for certain."""
    inside = [line for line in ctx.index.texts() if any(line.span.overlap(s) for s in spans)]
    unread = [dark for dark in ctx.index.text_unread() if any(dark.overlap(s) for s in spans)]
    notes = [
        f"the OCR is not sure of {line.text!r} ({line.span})" for line in inside if not line.certain
    ]
    if unread and not inside:
        notes.append(f"something like text could not be read ({unread[0]})")
    if notes and (scripts := getattr(ctx.ocr, "scripts", None)):
        notes.append(f"the OCR knows {', '.join(scripts)} letters only")
    return notes[:_MOST_NOTES]
