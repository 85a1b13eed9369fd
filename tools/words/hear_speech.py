"""The film's speech, heard inside a question's time: what was heard is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ...index.speech.hearing import ensure_speech
from ...index.video.errors import EndpointError, InputError, UsageError
from ...index.video.span import Span
from ..context import ToolContext

SHARE = 0.6
"""Share of the question's remaining time that hearing may take."""


def hear_speech(
    ctx: ToolContext, first: Sequence[Span] = (), *, whole_film: bool = True
) -> list[str]:
    """Hear what is said where no subtitles tell it: of some spans first, then of the film.

    Args:
        ctx: the call's context.
        first: where it is wanted most, in this order.
        whole_film: then hear all the rest.

    Returns:
        What to note: who heard it, how much of it, or why nothing was heard.
    """
    index = ctx.index
    if index.subtitles is not None:
        return []
    if not index.info.audio:
        return ["the film has no sound: nothing is said in it"]
    if ctx.asr is None:
        return [_speech(ctx)] if index.heard_spans() else [_deaf(ctx)]
    end = None if ctx.seconds_left is None else time.monotonic() + SHARE * ctx.seconds_left
    try:
        done = ensure_speech(
            index,
            ctx.asr,
            spans=list(first) or None,
            whole_film=whole_film,
            until=None if end is None else lambda: time.monotonic() > end,
            progress=ctx.progress,
        )
    except (EndpointError, InputError, UsageError) as error:
        # the film's pictures and screen text may still answer
        return [f"speech was not heard: {error}"]
    if done:
        return [_speech(ctx)]
    return [
        f"{_speech(ctx)}: the question's time is short; longtake index FILM --listen hears the rest"
    ]


def _speech(ctx: ToolContext) -> str:
    sources = ctx.index.speech_sources()
    return f"speech: {sources[0]}" if sources else "speech: none heard"


def _deaf(ctx: ToolContext) -> str:
    """Say that nothing hears speech here, and the one command after which something would."""
    then = f": {ctx.hearing_remedy} fetches a speech model" if ctx.hearing_remedy else ""
    return f"there are no subtitles and no speech model here: speech was not heard{then}"
