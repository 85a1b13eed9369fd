"""Several frames in one picture, for servers that take fewer pictures than there are frames."""

from __future__ import annotations

import math

import numpy as np

from ...index.video.frames import Frames
from ..client.token_cost import LONGEST_SIDE

ASPECT = 4 / 3  # wanted of a grid: models see square-like pictures best


def grids(frames: Frames, most: int) -> list[tuple[np.ndarray, list[float]]]:
    """Return at most so many pictures, uint8 [H, W, 3], that show all frames with their times.

    Args:
        frames: in time order, at least one.
        most: pictures, at least 1.

    Returns:
        Each grid with the seconds of its frames, left to right and top to bottom.
    """
    each = math.ceil(len(frames) / most)
    parts = [frames.take(range(k, min(k + each, len(frames)))) for k in range(0, len(frames), each)]
    return [(draw_grid(part), part.seconds.tolist()) for part in parts]


def draw_grid(frames: Frames, columns: int | None = None) -> np.ndarray:
    """Return frames in time order as one picture, each with its time in the upper left corner.

    Args:
        frames: at least one.
        columns: cells of a row; None for those that make the picture about 4 by 3.
    """
    from PIL import Image, ImageDraw, ImageFont

    count, height, width = frames.pixels.shape[:3]
    columns = columns or _columns(count, width / height)
    rows = math.ceil(count / columns)
    share = min(1.0, LONGEST_SIDE / max(columns * width, rows * height))
    cell = (max(16, round(width * share)), max(16, round(height * share)))
    picture = Image.new("RGB", (columns * cell[0], rows * cell[1]), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(max(10, cell[1] // 12))
    for number, (pixels, second) in enumerate(zip(frames.pixels, frames.seconds, strict=True)):
        left, top = number % columns * cell[0], number // columns * cell[1]
        frame = Image.fromarray(pixels)
        if frame.size != cell:
            frame = frame.resize(cell, Image.Resampling.BOX)
        picture.paste(frame, (left, top))
        label = f"{second:.1f} s"
        box = pen.textbbox((left + 2, top + 1), label, font=font)
        pen.rectangle((left, top, box[2] + 2, box[3] + 2), fill=(0, 0, 0))
        pen.text((left + 2, top + 1), label, font=font, fill=(255, 255, 255))
    return np.asarray(picture)


def _columns(count: int, aspect: float) -> int:
    """Return the columns of the grid that is nearest to the wanted aspect, empty cells avoided."""

    def cost(columns: int) -> float:
        rows = math.ceil(count / columns)
        empty = 1 - count / (rows * columns)
        return abs(math.log(aspect * columns / rows / ASPECT)) + empty

    return min(range(1, count + 1), key=cost)
