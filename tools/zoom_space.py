"""zoom_space: a part of one frame at the film's own resolution, for what is small."""

from __future__ import annotations

import re

import numpy as np
from pydantic import Field

from ..index.video.frames import Box
from ..index.video.span import Span
from .context import BoxArg, ToolContext, clamp_second
from .evidence import at_time, coverage_line, fence, found, frame_refs
from .frame_sampling import View, crop_size, view_instants
from .types import Args, Cost, Evidence, Observation, Tool, ToolRetry
from .vlm_query import Answered, ask_eye

NEARBY = (0.0, -0.5, 0.5)  # seconds around the instant that are looked at too
BESIDE_MARGIN = (
    1.0  # in the named thing's own sizes: how far around it to look for what is beside it
)
FAINT = 0.2  # small things score low; a crop counts from this strength on
SMALLEST = 0.2  # share of the frame's side that a crop has at least
_AROUND = re.compile(
    r"\b(?:tiny|small|little|beside|next to|near|close to|by the)\b", re.IGNORECASE
)


class ZoomSpaceArgs(Args):
    """What to ask of which part of the frame."""

    question: str = Field(min_length=1, max_length=600, description="self-contained")
    at: float = Field(description="seconds")
    region: BoxArg | str = Field(description="a box in shares of the frame, or the thing's name")
    margin: float = Field(0.1, ge=0, le=3, description="added around it, in its own sizes")
    out_side: int = Field(768, ge=64, le=1536, description="pixels of the crop's long side")
    with_options: bool = Field(True, description="show the eye the question's choices")


def run(args: ZoomSpaceArgs, ctx: ToolContext) -> Observation:
    """Crop from the source-resolution frame and answer from the crop.

    Data: `answer`, `options` {letter: p}, `method`, `relevant`, `best_second`, `caption`,
    `box` [x0, y0, x1, y1].

    Raises:
        ToolRetry: the named thing is not visible around that instant (code `nothing`).
    """
    notes: list[str] = []
    second = clamp_second(ctx, args.at, notes)
    instants = np.unique(np.clip([second + d for d in NEARBY], 0.0, ctx.duration - 0.001))
    # each instant is looked at twice: whole to find the region, then the crop
    if ctx.frame_cap(2 * len(instants)) < 2 * len(instants):
        instants = np.array([second])
    span = Span(max(0.0, float(instants[0]) - 0.25), min(ctx.duration, float(instants[-1]) + 0.25))
    box, looked = _region(args, ctx, span, instants)
    crop = framed(box, _margin(args), SMALLEST)
    size = crop_size(crop, (ctx.index.info.width, ctx.index.info.height), args.out_side)
    view = view_instants(ctx, [span], [instants], size=size, crop=crop)
    said = ask_eye(ctx, view.frames, args.question, with_options=args.with_options, most=1)
    caption = ctx.eye.caption(view.frames.take(said.rows)).text
    when = float(view.frames.seconds[said.peak])
    shown = len(view.frames) + looked
    return Observation(
        "zoom_space",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}; crop {size[0]}x{size[1]} of {_shares(crop)}\n"
        + fence("eye", [*said.lines(), f"{at_time(when)}: {caption}"]),
        _evidence(view, span, said, caption, crop) if said.strength >= FAINT else (),
        view.coverage,
        {
            **said.data,
            "relevant": bool(said.reply.text) and said.strength >= FAINT,
            "best_second": when,
            "caption": caption,
            "box": [crop.x0, crop.y0, crop.x1, crop.y1],
        },
        Cost(shown, shown, 2 + bool(looked)),
        notes=tuple(notes),
    )


def _evidence(
    view: View, span: Span, said: Answered, caption: str, crop: Box
) -> tuple[Evidence, ...]:
    """Write down what the crop shows."""
    if not said.reply.text:
        return ()
    text = f"{said.reply.text} ({caption})" if caption else said.reply.text
    refs = frame_refs(view.frames, said.rows, crop)
    strength = said.strength
    return (
        found("frame", span, text, "zoom_space", frames=refs, supports=said.best, score=strength),
    )


def _region(
    args: ZoomSpaceArgs, ctx: ToolContext, span: Span, instants: np.ndarray
) -> tuple[Box, int]:
    """Return the region, located by the eye when it is a phrase, and the frames that took."""
    if isinstance(args.region, BoxArg):
        return args.region.box, 0
    phrase = args.region.strip()
    if not phrase:
        raise ToolRetry("region = '': name a thing, or give a box with x0, y0, x1, y1")
    view: View = view_instants(ctx, [span], [instants])
    boxes = [box for box in ctx.eye.locate(view.frames, phrase) if box is not None]
    if not boxes:
        raise ToolRetry(
            f"region = {phrase!r} is not visible around {at_time(args.at)}: give another instant, "
            "another name, or a box with x0, y0, x1, y1",
            "nothing",
        )
    # the box of median size: a box that a neighbour has swollen is left aside
    return sorted(boxes, key=lambda box: box.area)[len(boxes) // 2], len(view.frames)


def _margin(args: ZoomSpaceArgs) -> float:
    """Return the margin; a question about what is beside the named thing looks around it."""
    if isinstance(args.region, str) and _AROUND.search(args.question):
        return max(args.margin, BESIDE_MARGIN)
    return args.margin


def framed(box: Box, margin: float, smallest: float) -> Box:
    """Widen a box to the frame's own shape with a margin, shifted where the border is near."""
    side = max(box.x1 - box.x0, box.y1 - box.y0) * (1 + 2 * margin)
    side = min(1.0, max(side, smallest))
    cx, cy = box.centre
    cx = min(max(cx, side / 2), 1 - side / 2)
    cy = min(max(cy, side / 2), 1 - side / 2)
    return Box(
        max(0.0, cx - side / 2),
        max(0.0, cy - side / 2),
        min(1.0, cx + side / 2),
        min(1.0, cy + side / 2),
    )


def _shares(box: Box) -> str:
    return f"x {box.x0:.2f}-{box.x1:.2f}, y {box.y0:.2f}-{box.y1:.2f}"


ZOOM_SPACE = Tool(
    "zoom_space",
    "Look at a part of one frame at full resolution: a box, or a named thing and its surroundings.",
    ZoomSpaceArgs,
    run,
)
