"""option_shares: how much of the film shows each choice, by the index alone."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from ...index.video.span import Span
from ...tools.context import SpanArg, ToolContext, clamp_within
from ...tools.evidence import coverage_line, coverage_of, fence, options_line
from ...tools.results import Answered, ToolResult
from ...tools.tool import Args, Tool, ToolFailed
from .footage import known_share, world_encoder
from .occurrences import indefinite, prominence, says_where


class OptionSharesArgs(Args):
    """Which part of the film."""

    within: SpanArg | None = None
    half: Literal["first", "second"] | None = Field(None, description="that half of `within` only")


def run(args: OptionSharesArgs, ctx: ToolContext) -> ToolResult:
    """Compare every sample of the index with each of the question's choices.

    Raises:
        ToolFailed: there are no choices, or the film is not of the drawn world.
    """
    encoder = world_encoder(ctx)
    if not ctx.options or encoder is None:
        raise ToolFailed("there are no choices to compare, or the encoder does not know this film")
    notes: list[str] = []
    within = clamp_within(ctx, args.within, notes)
    if args.half == "first":
        within = Span(within.start, within.middle)
    elif args.half == "second":
        within = Span(within.middle, within.end)
    seconds = ctx.index.sample_seconds
    rows = (seconds >= within.start) & (seconds < within.end)
    if not rows.any():
        raise ToolFailed(f"nothing of {within} was sampled")
    shares = _shares(ctx, encoder, rows)
    best = max(shares, key=lambda letter: shares[letter])
    coverage = coverage_of([within], seconds[rows].tolist())
    return ToolResult(
        "option_shares",
        args.model_dump(mode="json"),
        f"by the index: {coverage_line(coverage)}\n{fence('vlm', [options_line(shares)])}",
        coverage=coverage,
        payload=Answered(
            ctx.options[ctx.letters.index(best)],
            shares,
            "share of time",
            known=known_share(ctx),
        ),
        notes=tuple(notes),
    )


def _shares(ctx: ToolContext, encoder: Any, rows: np.ndarray) -> dict[str, float]:
    """Return for each letter how much of the samples shows its option, summing to 1."""
    vectors = encoder.encode_texts([indefinite(option) for option in ctx.options])
    found = [
        prominence(ctx.index.similarity(vector, whole=says_where(option))[rows], encoder).mean()
        for option, vector in zip(ctx.options, vectors, strict=True)
    ]
    total = float(sum(found)) or 1.0
    return {letter: float(s) / total for letter, s in zip(ctx.letters, found, strict=True)}


OPTION_SHARES = Tool(
    "option_shares",
    "Tell how much of the film (or a half of it) shows each choice; costs no frames.",
    OptionSharesArgs,
    run,
)
