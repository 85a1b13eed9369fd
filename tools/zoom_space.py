"""zoom_space: a part of one frame at the film's own resolution, for what is small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydantic import Field

from ..index.video.frames import Box
from ..index.video.span import Span
from .context import BoxArg, ToolContext, clamp_second
from .evidence import at_time, coverage_line, fence, found, frame_refs
from .frame_sampling import View, crop_size, view_instants
from .query.film_notes import notes_at
from .query.vlm_query import AnswerArgs, VlmAnswer, ask_vlm
from .results import ToolResult
from .tool import Tool, ToolRetry
from .types import Cost, Evidence

NEARBY = (0.0, -0.5, 0.5)  # seconds around the instant that are looked at too
FAINT = 0.2  # small things score low; a crop counts from this strength on
SMALLEST = 0.2  # share of the frame's side that a crop has at least


class ZoomSpaceArgs(AnswerArgs):
    """What to attend to in which part of the frame."""

    at: float = Field(description="seconds")
    region: BoxArg | str = Field(description="a box in shares of the frame, or the thing's name")
    margin: float = Field(0.25, ge=0, le=3, description="added around it, in its own sizes")
    out_side: int = Field(768, ge=64, le=1536, description="pixels of the crop's long side")


def run(args: ZoomSpaceArgs, ctx: ToolContext) -> ToolResult:
    """Crop from the source-resolution frame and answer from the crop.

    Raises:
        ToolRetry: the named thing is not visible around that instant (code `nothing`).
    """
    remarks: list[str] = []
    second = clamp_second(ctx, args.at, remarks)
    instants = np.unique(np.clip([second + d for d in NEARBY], 0.0, ctx.duration - 0.001))
    # each instant is looked at twice: whole to find the region, then the crop
    if ctx.frame_cap(2 * len(instants)) < 2 * len(instants):
        instants = np.array([second])
    span = Span(max(0.0, float(instants[0]) - 0.25), min(ctx.duration, float(instants[-1]) + 0.25))
    box, looked = _region(args, ctx, span, instants)
    crop = framed(box, args.margin, SMALLEST)
    size = crop_size(crop, ctx.source, args.out_side)
    view = view_instants(ctx, [span], [instants], size=size, crop=crop)
    notes = notes_at(ctx, [span])[0] if args.notes else []
    said = ask_vlm(ctx, view.frames, args, notes, most=1)
    shown = len(view.frames) + looked
    clear = bool(said.reply.text) and said.reply.enough is not False and said.strength >= FAINT
    answered = replace(said.payload(view.frames), relevant=clear)
    return ToolResult(
        "zoom_space",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}; crop {size[0]}x{size[1]} of {_shares(crop)}\n"
        + fence("vlm", said.lines()),
        (_seen(view, span, said, crop),) if clear else (),
        view.coverage,
        answered,
        Cost(shown, shown, said.asked + bool(looked)),
        notes=tuple(remarks),
    )


def _seen(view: View, span: Span, said: VlmAnswer, crop: Box) -> Evidence:
    """Write down what the crop shows."""
    return found(
        "frame",
        span,
        said.reply.text,
        "zoom_space",
        frames=frame_refs(view.frames, said.rows, crop),
        supports=said.supports,
        score=said.strength,
    )


def _region(
    args: ZoomSpaceArgs, ctx: ToolContext, span: Span, instants: np.ndarray
) -> tuple[Box, int]:
    """Return the region, located by the VLM when it is a phrase, and the frames that took."""
    if isinstance(args.region, BoxArg):
        return args.region.box, 0
    phrase = args.region.strip()
    if not phrase:
        raise ToolRetry("region = '': name a thing, or give a box with x0, y0, x1, y1")
    view: View = view_instants(ctx, [span], [instants])
    boxes = [box for box in ctx.vlm.locate(view.frames, phrase) if box is not None]
    if not boxes:
        raise ToolRetry(
            f"region = {phrase!r} is not visible around {at_time(args.at)}: give another instant, "
            "another name, or a box with x0, y0, x1, y1",
            "nothing",
        )
    # the box of median size: a box that a neighbour has swollen is left aside
    return sorted(boxes, key=lambda box: box.area)[len(boxes) // 2], len(view.frames)


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
