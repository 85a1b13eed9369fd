"""verify and zoom_time as the drawn world needs them: else they are the common tools."""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import Field

from ...tools.context import ToolContext
from ...tools.results import ToolResult
from ...tools.verify import VERIFY as COMMON_VERIFY
from ...tools.verify import VerifyArgs
from ...tools.zoom_time import ZOOM_TIME as COMMON_ZOOM_TIME
from ...tools.zoom_time import ZoomTimeArgs
from .footage import world_encoder

_MOTION = re.compile(
    r"\b(?:mov\w+|goes|going|travel\w*|fl(?:ies|ying)|drift\w*|runs?|turns?)\b", re.I
)


def verify(args: VerifyArgs, ctx: ToolContext) -> ToolResult:
    """Judge a claim again; one about motion, of a film of the drawn world, on close frames."""
    if args.kind == "frame" and _MOTION.search(args.claim) and world_encoder(ctx) is not None:
        found = COMMON_VERIFY.run(args.model_copy(update={"motion": True}), ctx)
        return replace(found, args=args.model_dump(mode="json"))
    return COMMON_VERIFY.run(args, ctx)


class AskedZoomTimeArgs(ZoomTimeArgs):
    """As the common tool, and a question of the planner's own."""

    ask: str | None = Field(
        None, max_length=600, description="a part of the question, put in its place"
    )


def zoom_time(args: AskedZoomTimeArgs, ctx: ToolContext) -> ToolResult:
    """Look closely at spans and answer the question, or a part of it, from them."""
    return COMMON_ZOOM_TIME.run(args, replace(ctx, question=args.ask) if args.ask else ctx)


VERIFY = replace(COMMON_VERIFY, run=verify)
ZOOM_TIME = replace(COMMON_ZOOM_TIME, args=AskedZoomTimeArgs, run=zoom_time)
