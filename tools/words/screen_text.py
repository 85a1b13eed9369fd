"""The film's screen text, read inside a question's time: what was read is kept."""

from __future__ import annotations

import time
from typing import Any

from ...index.text_pass import ensure_text
from ...index.video.span import Span
from ..context import ToolContext

SHARE = 0.6
"""Share of the question's remaining time that reading may take."""


class _TimeSpent(Exception):
    """The share of the time is used up."""


def read_screen_text(ctx: ToolContext, within: Span | None = None) -> list[str]:
    """Read the screen text of the film, or of a part of it, as far as the time reaches.

    Args:
        ctx: the call's context.
        within: the part; None for all of the film.

    Returns:
        What to note: that there is no OCR, or that not all was read.
    """
    if ctx.ocr is None:
        return ["there is no OCR here: screen text was not read"]
    until = None
    if ctx.seconds_left is not None:
        until = time.monotonic() + SHARE * ctx.seconds_left

    def report(progress: Any) -> None:
        if ctx.progress is not None:
            ctx.progress(progress)
        if until is not None and time.monotonic() > until:
            raise _TimeSpent

    try:
        ensure_text(ctx.index, ctx.decoder, ctx.ocr, within=within, progress=report)
    except _TimeSpent:
        read = len(ctx.index.text_minutes())
        return [f"screen text was read of {read} minutes only: the question's time is short"]
    return []
