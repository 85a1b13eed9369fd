"""Frames travel with their times; boxes say where in a frame."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a display-oriented frame, each side a share of the frame, 0 to 1.

    Raises:
        ValueError: a side is outside 0..1 or the box has no area.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not (0 <= self.x0 < self.x1 <= 1 and 0 <= self.y0 < self.y1 <= 1):
            raise ValueError(f"a box needs 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1, got {self}")

    @property
    def area(self) -> float:
        """Share of the frame covered, 0 to 1."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, as (x, y)."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def iou(self, other: Box) -> float:
        """Return intersection over union with `other`, 0 to 1."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        shared = max(0.0, width) * max(0.0, height)
        return shared / (self.area + other.area - shared)

    def grow(self, margin: float, minimum: float = 0.0) -> Box:
        """Return the box widened by `margin` of its own size, at least `minimum` a side."""
        cx, cy = self.centre
        half_w = max((self.x1 - self.x0) * (0.5 + margin), minimum / 2)
        half_h = max((self.y1 - self.y0) * (0.5 + margin), minimum / 2)
        # shift rather than cut at the border, so that the minimum side survives
        cx = min(max(cx, half_w), 1 - half_w) if half_w < 0.5 else 0.5
        cy = min(max(cy, half_h), 1 - half_h) if half_h < 0.5 else 0.5
        return Box(
            max(0.0, cx - half_w),
            max(0.0, cy - half_h),
            min(1.0, cx + half_w),
            min(1.0, cy + half_h),
        )


@dataclass(frozen=True, slots=True)
class Frames:
    """Display-oriented RGB frames and the presentation time of each.

    Attributes:
        pixels: uint8 [N, H, W, 3].
        seconds: float64 [N], the PTS of the frame on screen, in seconds.

    Raises:
        ValueError: shapes or dtypes do not fit.
    """

    pixels: np.ndarray
    seconds: np.ndarray

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 4 or self.pixels.shape[3] != 3:
            raise ValueError(
                f"pixels must be uint8 [N, H, W, 3], got {self.pixels.dtype} {self.pixels.shape}"
            )
        if self.seconds.dtype != np.float64 or self.seconds.shape != self.pixels.shape[:1]:
            raise ValueError(
                f"seconds must be float64 [{len(self.pixels)}], "
                f"got {self.seconds.dtype} {self.seconds.shape}"
            )

    def __len__(self) -> int:
        return len(self.pixels)

    def __repr__(self) -> str:
        n, height, width, _ = self.pixels.shape
        when = f", {self.seconds[0]:.2f}..{self.seconds[-1]:.2f} s" if n else ""
        return f"Frames({n} of {width}x{height}{when})"

    def take(self, rows: Sequence[int] | np.ndarray) -> Frames:
        """Return the frames at these rows, in this order."""
        index = np.asarray(rows, dtype=np.intp)
        return Frames(self.pixels[index], self.seconds[index])

    def crop(self, box: Box) -> Frames:
        """Return the part of every frame inside `box` (at least one pixel a side)."""
        _, height, width, _ = self.pixels.shape
        x0, y0 = int(box.x0 * width), int(box.y0 * height)
        x1 = max(x0 + 1, round(box.x1 * width))
        y1 = max(y0 + 1, round(box.y1 * height))
        return Frames(np.ascontiguousarray(self.pixels[:, y0:y1, x0:x1]), self.seconds)

    def digests(self) -> list[str]:
        """Return the sha256 (hex) of each frame's pixels, the proof kept in evidence."""
        return [hashlib.sha256(np.ascontiguousarray(p).tobytes()).hexdigest() for p in self.pixels]


def empty_frames(width: int = 1, height: int = 1) -> Frames:
    """Return no frames of the given size."""
    return Frames(np.zeros((0, height, width, 3), np.uint8), np.zeros(0))


def concat_frames(parts: Sequence[Frames]) -> Frames:
    """Join frames of one size, keeping their order."""
    if not parts:
        return empty_frames()
    return Frames(
        np.concatenate([p.pixels for p in parts]), np.concatenate([p.seconds for p in parts])
    )


def reduced(pixels: np.ndarray, share: float) -> np.ndarray:
    """Return a picture scaled to a share of its size, each pixel the mean of those it stands for.

    Args:
        pixels: uint8 [H, W, 3].
        share: of each side; from 1 on the picture stays as it is.
    """
    if share >= 1:
        return pixels
    from PIL import Image

    height, width = pixels.shape[:2]
    size = max(1, round(width * share)), max(1, round(height * share))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
