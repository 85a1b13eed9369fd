"""A small brush box: pictures addressed in shares of their size, so that they look alike at any."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageDraw

RGB = tuple[int, int, int]


class Canvas:
    """A picture addressed in shares of its size, with the place's own luck."""

    def __init__(self, width: int, height: int, rng: random.Random) -> None:
        self.image = Image.new("RGB", (width, height))
        self.draw = ImageDraw.Draw(self.image)
        self.w, self.h, self.rng = width, height, rng

    def tone(self, colour: RGB, spread: float = 0.06) -> RGB:
        """Return the colour a little lighter or darker, by luck."""
        k = 1 + self.rng.uniform(-spread, spread)
        return (
            min(255, int(colour[0] * k)),
            min(255, int(colour[1] * k)),
            min(255, int(colour[2] * k)),
        )

    def fade(self, top: float, bottom: float, first: RGB, last: RGB) -> None:
        """Fill the band between two heights with a vertical gradient."""
        y0, y1 = round(top * self.h), max(round(top * self.h) + 1, round(bottom * self.h))
        share = np.linspace(0, 1, y1 - y0)[:, None, None]
        rows = np.asarray(first) * (1 - share) + np.asarray(last) * share
        band = np.broadcast_to(rows, (y1 - y0, self.w, 3)).astype(np.uint8)
        self.image.paste(Image.fromarray(np.ascontiguousarray(band)), (0, y0))

    def poly(self, points: list[tuple[float, float]], fill: RGB) -> None:
        """Fill a polygon."""
        self.draw.polygon([(x * self.w, y * self.h) for x, y in points], fill=fill)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: RGB) -> None:
        """Fill a rectangle, at least one pixel a side."""
        box = (round(x0 * self.w), round(y0 * self.h), round(x1 * self.w), round(y1 * self.h))
        self.draw.rectangle((box[0], box[1], max(box[0], box[2]), max(box[1], box[3])), fill=fill)

    def blob(self, x: float, y: float, rx: float, ry: float, fill: RGB) -> None:
        """Draw an ellipse; both radii are shares of the height."""
        cx, cy, a, b = x * self.w, y * self.h, rx * self.h, ry * self.h
        self.draw.ellipse((cx - a, cy - b, cx + a, cy + b), fill=fill)

    def line(self, points: list[tuple[float, float]], width: float, fill: RGB) -> None:
        """Draw a line; its width is a share of the height."""
        pixels = [(x * self.w, y * self.h) for x, y in points]
        self.draw.line(pixels, fill=fill, width=max(1, round(width * self.h)), joint="curve")

    def ridge(self, level: float, height: float, steps: int, fill: RGB) -> None:
        """Fill below a jagged line of `steps` peaks around `level`."""
        points = [(0.0, 1.0), (0.0, level)]
        for i in range(steps):
            points.append(
                (
                    (i + self.rng.uniform(0.3, 0.7)) / steps,
                    level - height * self.rng.uniform(0.4, 1),
                )
            )
            points.append(((i + 1) / steps, level - height * self.rng.uniform(0, 0.3)))
        self.poly([*points, (1.0, 1.0)], fill)

    def hills(self, level: float, height: float, fill: RGB) -> None:
        """Fill below a soft wave around `level`."""
        a, b = self.rng.uniform(0, 6.3), self.rng.uniform(0, 6.3)
        k = self.rng.uniform(1.0, 2.2)
        xs = np.linspace(0, 1, 49)
        ys = level - height * (0.5 * np.sin(6.3 * k * xs + a) + 0.3 * np.sin(14 * k * xs + b))
        wave = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        self.poly([(0.0, 1.0), *wave, (1.0, 1.0)], fill)


def finish(image: Image.Image, seed: int, rng: random.Random) -> Image.Image:
    """Give the picture its light, its tint and a grain that does not depend on its size."""
    light = rng.uniform(0.9, 1.07)
    tint = np.array([light * rng.uniform(0.96, 1.04) for _ in range(3)], np.float32)
    grain = np.random.default_rng(seed).normal(0, 5.0, (72, 128)).astype(np.float32)
    field = Image.fromarray(grain).resize(image.size, Image.Resampling.BILINEAR)
    pixels = np.asarray(image, np.float32) * tint + np.asarray(field)[:, :, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
