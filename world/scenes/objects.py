"""The 64 objects of the rendered world in their 8 colours: names, plurals and drawings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

from .shapes_living import LIVING
from .shapes_things import THINGS

RGB = tuple[int, int, int]
Points = list[tuple[float, float]]

COLOURS: dict[str, RGB] = {
    "red": (214, 30, 38),
    "orange": (248, 132, 14),
    "yellow": (252, 224, 36),
    "green": (30, 158, 58),
    "blue": (28, 84, 224),
    "purple": (128, 36, 176),
    "pink": (255, 150, 200),
    "white": (250, 250, 250),
}

_IRREGULAR = {"fish": "fish"}
_INK: RGB = (26, 26, 32)
_PAPER: RGB = (238, 234, 222)
_MASTER = 256  # side in pixels of the drawing that all sizes are scaled from
_MARGIN = 0.16  # of the master, so that strokes may leave the 0..100 grid
_EDGE = 0.028  # width of the dark outline, share of the sprite's side


@dataclass(frozen=True, slots=True)
class _Stroke:
    fill: str
    kind: str
    numbers: tuple[float, ...]


def _read_shapes(text: str) -> dict[str, tuple[_Stroke, ...]]:
    shapes: dict[str, tuple[_Stroke, ...]] = {}
    for line in text.splitlines():
        name, _, body = line.partition(": ")
        strokes = []
        for part in body.split("; "):
            fill, kind, *numbers = part.replace(",", " ").split()
            strokes.append(_Stroke(fill, kind, tuple(float(n) for n in numbers)))
        shapes[name] = tuple(strokes)
    return shapes


_SHAPES = _read_shapes(LIVING + "\n" + THINGS)
OBJECTS: tuple[str, ...] = tuple(_SHAPES)


def plural(name: str) -> str:
    """Return the plural of an object's name, `key` -> `keys`."""
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


def article(phrase: str) -> str:
    """Put `a` or `an` in front of a phrase of the world, `orange key` -> `an orange key`."""
    return f"{'an' if phrase[:1] in 'aeio' or phrase.startswith('umb') else 'a'} {phrase}"


def draw_object(name: str, colour: str, size: int, angle: float = 0.0) -> Image.Image:
    """Draw one object so that it just fits a square.

    Args:
        name: one of `OBJECTS`.
        colour: a key of `COLOURS`.
        size: side of the square, pixels.
        angle: degrees, counter-clockwise.

    Returns:
        RGBA picture, size x size.

    Raises:
        ValueError: the object or the colour is not part of the world.
    """
    if name not in _SHAPES:
        raise ValueError(f"name = {name!r}: use one of {', '.join(OBJECTS)}")
    if colour not in COLOURS:
        raise ValueError(f"colour = {colour!r}: use one of {', '.join(COLOURS)}")
    image = _master(name, colour)
    if angle:
        image = image.rotate(angle, Image.Resampling.BICUBIC, expand=True)
        image = _trim(image)
    # the outline keeps its share of the sprite at every size, so it is drawn on the master
    return image.resize(
        (size, size), Image.Resampling.BOX if size < 40 else Image.Resampling.LANCZOS
    )


@lru_cache(maxsize=1024)
def _master(name: str, colour: str) -> Image.Image:
    """Return the outlined drawing at full resolution, trimmed to a square."""
    scale = 2  # supersampling of the master; edges are smoothed by the reduction
    side = round(_MASTER * scale * (1 + 2 * _MARGIN))
    offset, unit = _MASTER * scale * _MARGIN, _MASTER * scale / 100
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    fills = _fills(COLOURS[colour])
    for stroke in _SHAPES[name]:
        _draw_stroke(draw, stroke, fills[stroke.fill], offset, unit)
    small = image.resize((side // scale, side // scale), Image.Resampling.BOX)
    return _trim(_outlined(small))


def _outlined(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A")
    # a blur lifted to full strength grows the silhouette, at a fifth of a rank filter's cost
    grown = alpha.filter(ImageFilter.BoxBlur(_MASTER * _EDGE))
    grown = grown.point([min(255, max(0, a - 6) * 10) for a in range(256)])
    below = Image.new("RGBA", image.size, (*_INK, 0))
    below.putalpha(grown)
    below.alpha_composite(image)
    return below


def _trim(image: Image.Image) -> Image.Image:
    """Cut away the empty border, keeping a square with the drawing in its middle."""
    box = image.getchannel("A").point([255 if a > 8 else 0 for a in range(256)]).getbbox()
    assert box is not None
    cut = image.crop(box)
    side = max(cut.size)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    return square


def _fills(main: RGB) -> dict[str, tuple[int, int, int, int]]:
    dark = (round(main[0] * 0.68), round(main[1] * 0.68), round(main[2] * 0.68))
    light = tuple(round(c + (255 - c) * 0.42) for c in main)
    if min(main) >= 240:  # white cannot get lighter; a hint of grey keeps its inner lines visible
        light, dark = (226, 226, 230), (206, 206, 212)
    return {
        "m": (*main, 255),
        "d": (*dark, 255),
        "l": (light[0], light[1], light[2], 255),
        "k": (*_INK, 255),
        "w": (*_PAPER, 255),
        "x": (0, 0, 0, 0),
    }


def _draw_stroke(
    draw: ImageDraw.ImageDraw,
    stroke: _Stroke,
    fill: tuple[int, int, int, int],
    offset: float,
    unit: float,
) -> None:
    n = [value * unit + offset for value in stroke.numbers]
    raw = stroke.numbers
    if stroke.kind in "PS":
        points = list(zip(n[::2], n[1::2], strict=True))
        draw.polygon(_smooth(points) if stroke.kind == "S" else points, fill=fill)
    elif stroke.kind == "E":
        rx, ry = raw[2] * unit, raw[3] * unit
        draw.ellipse((n[0] - rx, n[1] - ry, n[0] + rx, n[1] + ry), fill=fill)
    elif stroke.kind == "R":
        draw.rounded_rectangle((n[0], n[1], n[2], n[3]), radius=raw[4] * unit, fill=fill)
    elif stroke.kind == "L":
        points = list(zip(n[1::2], n[2::2], strict=True))
        _draw_line(draw, points, raw[0] * unit, fill)
    elif stroke.kind == "A":
        first, last = raw[4], raw[5] if raw[5] > raw[4] else raw[5] + 360
        steps = max(6, round((last - first) / 6))
        turns = [math.radians(first + (last - first) * i / steps) for i in range(steps + 1)]
        rx, ry = (raw[2] - raw[6] / 2) * unit, (raw[3] - raw[6] / 2) * unit
        arc = [(n[0] + rx * math.cos(t), n[1] + ry * math.sin(t)) for t in turns]
        _draw_line(draw, arc, raw[6] * unit, fill)
    else:
        raise ValueError(f"stroke kind {stroke.kind!r}: use P, S, E, R, L or A")


def _draw_line(
    draw: ImageDraw.ImageDraw, points: Points, width: float, fill: tuple[int, int, int, int]
) -> None:
    draw.line(points, fill=fill, width=max(1, round(width)), joint="curve")


def _smooth(points: Points) -> Points:
    """Return a closed Catmull-Rom curve through the points."""
    curve: Points = []
    count = len(points)
    for i in range(count):
        p0, p1, p2, p3 = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        for step in range(8):
            t = step / 8
            curve.append(
                (_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t))
            )
    return curve


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
    )
