"""read_text: what is written in the picture, read from frames at full resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field, model_validator

from ...index.protocols import Reader
from ...index.video.frames import Box, Frames
from ...index.video.span import Span
from ..context import BoxArg, SpanArg, ToolContext, clamp_second, clamp_span
from ..evidence import at_time, clean, coverage_line, fence, found, frame_refs
from ..frame_sampling import instants_of, view_instants
from ..results import Line, Lines, ToolResult
from ..tool import Args, Tool, ToolFailed
from ..types import Cost
from .lines import SURELY_READ

SAME_PICTURE = 3.0  # mean difference (0-255) under which a frame need not be read again
LEAST_SCORE = 0.3
INSTANT = 0.05  # seconds to either side of an instant


class ReadTextArgs(Args):
    """Where to read: a span or an instant, the whole frame or a region."""

    span: SpanArg | None = None
    at: float | None = Field(None, description="seconds; instead of a span")
    region: BoxArg | None = None
    near: str | None = Field(None, max_length=200, description="sort by distance to this thing")
    max_frames: int = Field(4, ge=1, le=16)

    @model_validator(mode="after")
    def _one_time(self) -> ReadTextArgs:
        if (self.span is None) == (self.at is None):
            raise ValueError("give exactly one of span and at")
        return self


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of text, with the frame (its row) and the second where it was read."""

    second: float
    text: str
    score: float
    box: Box
    row: int

    def as_line(self, duration: float) -> Line:
        """Return it as tools hand lines on."""
        start = max(0.0, self.second - INSTANT)
        span = Span(start, max(min(duration, self.second + INSTANT), start + 1e-3))
        return Line(span, self.text, "text", self.score, self.box, self.score >= SURELY_READ)


def run(args: ReadTextArgs, ctx: ToolContext) -> ToolResult:
    """Read text in at most `max_frames` frames, the nearest or surest line first.

    Frames that look the same are read once.

    Raises:
        ToolFailed: there is no OCR (code `no_text`).
    """
    ocr = need_ocr(ctx)
    notes: list[str] = []
    span = _span(args, ctx, notes)
    chosen, capped = instants_of([span], 1.0, ctx.frame_cap(args.max_frames))
    region = args.region.box if args.region else None
    view = view_instants(ctx, [span], chosen, capped=capped, size=_size(ctx, region), crop=region)
    lines = best_lines(read_frames(view.frames, ocr))
    if args.near:
        lines = _by_distance(lines, ctx, args.near, notes)
    evidence = tuple(
        found(
            "text",
            span,
            line.text,
            "read_text",
            frames=frame_refs(view.frames, [line.row], region),
            score=line.score,
        )
        for line in lines[:8]
    )
    said = [f"{at_time(line.second)}: {line.text} (score {line.score:.2f})" for line in lines]
    return ToolResult(
        "read_text",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}\n"
        + (fence("text", said) if said else "no text was found in these frames"),
        evidence,
        view.coverage,
        Lines(tuple(line.as_line(ctx.duration) for line in lines)),
        Cost(len(view.frames), len(view.frames), len(view.frames)),
        notes=tuple(notes),
    )


def need_ocr(ctx: ToolContext) -> Reader:
    """Return what reads text in frames.

    Raises:
        ToolFailed: there is none (code `no_text`).
    """
    if ctx.ocr is None:
        raise ToolFailed("no OCR is set: set the role, as in ocr = rapidocr", "no_text")
    return ctx.ocr


def _size(ctx: ToolContext, region: Box | None) -> tuple[int, int]:
    """Return the source's own pixels, of the frame or of the region."""
    width, height = ctx.source
    if region is None:
        return width, height
    share_w, share_h = region.x1 - region.x0, region.y1 - region.y0
    return max(16, round(width * share_w)), max(16, round(height * share_h))


def _span(args: ReadTextArgs, ctx: ToolContext, notes: list[str]) -> Span:
    if args.span is not None:
        return clamp_span(ctx, args.span, notes)
    second = clamp_second(ctx, args.at or 0.0, notes)
    return Span(max(0.0, second - INSTANT), min(ctx.duration, second + INSTANT))


def read_frames(frames: Frames, ocr: Reader) -> list[ReadLine]:
    """Read every frame that does not look like the last one read."""
    lines: list[ReadLine] = []
    last: np.ndarray | None = None
    for row, second in enumerate(frames.seconds):
        small = frames.pixels[row, ::8, ::8].astype(np.float32)
        if last is not None and float(np.abs(small - last).mean()) < SAME_PICTURE:
            continue
        last = small
        lines.extend(
            ReadLine(float(second), clean(hit.text), float(hit.score), hit.box, row)
            for hit in ocr.read(frames.pixels[row])
            if hit.score >= LEAST_SCORE and hit.text.strip()
        )
    return lines


def best_lines(lines: list[ReadLine]) -> list[ReadLine]:
    """Keep each text once, where it was read most surely; the surest first."""
    best: dict[str, ReadLine] = {}
    for line in lines:
        key = "".join(line.text.split()).casefold()
        if key not in best or line.score > best[key].score:
            best[key] = line
    return sorted(best.values(), key=lambda line: -line.score)


def _by_distance(
    lines: list[ReadLine], ctx: ToolContext, near: str, notes: list[str]
) -> list[ReadLine]:
    """Sort lines by how near they are to a thing that the VLM locates in the same frame."""
    if not lines:
        return lines
    wanted = sorted({line.second for line in lines})
    frames = ctx.decoder.frames([s + 1e-4 for s in wanted], ctx.frame_size(len(wanted)), None)
    boxes = dict(zip(frames.seconds.tolist(), ctx.vlm.locate(frames, near), strict=True))
    width, height = ctx.source

    def distance(line: ReadLine) -> float:
        box = min(boxes.items(), key=lambda item: abs(item[0] - line.second))[1]
        if box is None:
            return 9.0
        (x, y), (nx, ny) = line.box.centre, box.centre
        return float(np.hypot((x - nx) * width / height, y - ny))

    if not any(boxes.values()):
        notes.append(f"near = {near!r} was not found in these frames; lines are sorted by score")
        return lines
    return sorted(lines, key=lambda line: (round(distance(line), 2), -line.score))


READ_TEXT = Tool(
    "read_text",
    "Read text in the picture (signs, titles) from full-resolution frames of a span.",
    ReadTextArgs,
    run,
)
