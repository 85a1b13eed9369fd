"""footage: whether a film is of the drawn world, by its index alone."""

from __future__ import annotations

from typing import Any

from ...tools.context import ToolContext
from ...tools.results import Answered, ToolResult
from ...tools.tool import Args, Tool
from ..perception.coverage import place_share

KNOWN_FROM = 0.5
"""Share of a film's pictures with a place of the drawn world from which it is one of its films."""


class FootageArgs(Args):
    """Nothing."""


def world_encoder(ctx: ToolContext) -> Any | None:
    """Return the encoder where it was taught the drawn world, and the film is of it."""
    return ctx.encoder if (known_share(ctx) or 0.0) >= KNOWN_FROM else None


def known_share(ctx: ToolContext) -> float | None:
    """Return the share of the film's samples in which a place of the drawn world is recognised.

    It costs no frames. None where the encoder was not taught the drawn world.
    """
    lexicon, index = getattr(ctx.encoder, "lexicon", None), ctx.index
    if not lexicon or not len(index.sample_seconds):
        return None
    encoder: Any = ctx.encoder
    return place_share(encoder, lexicon, index.vectors[index.row_of_sample])


def run(args: FootageArgs, ctx: ToolContext) -> ToolResult:
    """Say how much of the film is of the drawn world; 0 where no encoder can tell."""
    share = known_share(ctx) or 0.0
    return ToolResult(
        "footage",
        {},
        f"{share:.0%} of the film's samples show a place of the drawn world",
        payload=Answered("", relevant=False, known=share),
    )


FOOTAGE = Tool(
    "footage", "Tell how much of the film is of the drawn world; costs no frames.", FootageArgs, run
)
