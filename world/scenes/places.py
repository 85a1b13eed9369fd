"""The 12 places of the rendered world, each drawn from a seed.

Places are painted in muted tones, so that the saturated sprites stand out on every one of them;
layout, light and texture follow the seed, what makes the place recognisable does not.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image

from .canvas import Canvas, finish

AT: dict[str, str] = {
    "beach": "on the beach",
    "forest": "in the forest",
    "desert": "in the desert",
    "city": "in the city",
    "kitchen": "in the kitchen",
    "library": "in the library",
    "harbour": "at the harbour",
    "mountain": "on the mountain",
    "farm": "on the farm",
    "cave": "in the cave",
    "garden": "in the garden",
    "snowfield": "in the snow",
}
PLACES: tuple[str, ...] = tuple(AT)


def draw_place(name: str, width: int, height: int, seed: int) -> Image.Image:
    """Draw a place.

    Args:
        name: one of `PLACES`.
        width: of the picture, pixels.
        height: of the picture, pixels.
        seed: varies layout, light and texture.

    Returns:
        An RGB picture of width x height.

    Raises:
        ValueError: the place is not part of the world.
    """
    if name not in _PAINTERS:
        raise ValueError(f"name = {name!r}: use one of {', '.join(PLACES)}")
    rng = random.Random(f"{name}:{seed}")
    canvas = Canvas(width, height, rng)
    _PAINTERS[name](canvas, rng)
    return finish(canvas.image, seed, rng)


def _beach(c: Canvas, rng: random.Random) -> None:
    sea, shore = rng.uniform(0.28, 0.38), rng.uniform(0.5, 0.6)
    c.fade(0, sea, (168, 200, 222), (208, 224, 230))
    c.fade(sea, shore + 0.08, (96, 152, 172), (150, 192, 196))
    for i in range(5):
        y = sea + (shore - sea) * (i + 0.5) / 5
        c.line(
            [(x / 12, y + rng.uniform(-0.008, 0.008)) for x in range(13)], 0.008, (188, 214, 216)
        )
    c.hills(shore, 0.03, (224, 232, 226))
    c.hills(shore + 0.035, 0.03, c.tone((222, 200, 158)))
    for _ in range(60):
        c.blob(rng.random(), rng.uniform(shore + 0.1, 1), 0.006, 0.004, (190, 166, 126))
    x = rng.choice([rng.uniform(0.03, 0.15), rng.uniform(0.85, 0.97)])
    c.line([(x, 0.62), (x + 0.01, 0.4), (x + 0.03, 0.2)], 0.035, (140, 112, 82))
    for dx, dy in ((-0.12, 0.05), (-0.08, -0.1), (0.09, -0.1), (0.13, 0.06), (0.02, -0.15)):
        c.poly(
            [(x + 0.03, 0.17), (x + 0.03 + dx, 0.2 + dy), (x + 0.03, 0.24)], c.tone((106, 140, 96))
        )


def _forest(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 1, (150, 172, 146), (178, 190, 160))
    for depth, tone in ((0.5, (118, 142, 112)), (0.62, (92, 118, 88)), (0.72, (70, 96, 70))):
        for _ in range(11):
            x, top = rng.random(), depth - rng.uniform(0.3, 0.55)
            c.rect(x - 0.006, depth - 0.1, x + 0.006, depth + 0.06, (92, 78, 62))
            for k in range(3):
                y, half = top + 0.12 * k, 0.028 + 0.016 * k
                c.poly([(x, y), (x - half, y + 0.17), (x + half, y + 0.17)], c.tone(tone))
    c.hills(0.76, 0.02, c.tone((110, 112, 82)))
    for _ in range(50):
        c.blob(rng.random(), rng.uniform(0.8, 1), 0.02, 0.008, c.tone((94, 100, 70), 0.15))


def _desert(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 1, (206, 190, 172), (232, 212, 180))
    c.blob(rng.uniform(0.15, 0.85), rng.uniform(0.1, 0.25), 0.07, 0.07, (246, 234, 206))
    for level, tone in ((0.48, (208, 172, 130)), (0.62, (196, 154, 110)), (0.8, (214, 176, 130))):
        c.hills(level, 0.09, c.tone(tone))
    for _ in range(16):
        x, y = rng.random(), rng.uniform(0.65, 0.97)
        c.line([(x, y), (x + 0.05, y - 0.01), (x + 0.1, y)], 0.006, (176, 138, 100))


def _city(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 0.8, (176, 184, 198), (214, 212, 208))
    for tone, low in (((156, 160, 172), 0.15), ((122, 126, 140), 0.3)):
        x = -0.02
        while x < 1:
            wide, top = rng.uniform(0.07, 0.14), rng.uniform(low, low + 0.25)
            c.rect(x, top, x + wide, 0.8, c.tone(tone, 0.1))
            for wy in range(int((0.78 - top) / 0.06)):
                for wx in range(int(wide / 0.024)):
                    lit = (206, 202, 180) if rng.random() < 0.4 else (98, 104, 120)
                    x0, y0 = x + 0.009 + wx * 0.024, top + 0.025 + wy * 0.06
                    c.rect(x0, y0, x0 + 0.011, y0 + 0.028, lit)
            x += wide + rng.uniform(0.0, 0.02)
    c.rect(0, 0.8, 1, 0.84, (166, 164, 160))
    c.rect(0, 0.84, 1, 1, c.tone((94, 94, 98)))
    for i in range(8):
        c.rect(i / 8 + 0.02, 0.91, i / 8 + 0.08, 0.925, (206, 206, 200))


def _kitchen(c: Canvas, rng: random.Random) -> None:
    wall = rng.choice([(216, 208, 190), (200, 210, 206), (214, 202, 204)])
    c.rect(0, 0, 1, 0.62, c.tone(wall))
    for i in range(1, 18):
        c.line([(i / 18, 0), (i / 18, 0.62)], 0.006, (178, 172, 162))
    for i in range(1, 8):
        c.line([(0, i * 0.08), (1, i * 0.08)], 0.006, (178, 172, 162))
    x = rng.uniform(0.1, 0.6)
    c.rect(x, 0.08, x + 0.24, 0.42, (150, 132, 112))
    c.rect(x + 0.012, 0.1, x + 0.114, 0.4, (184, 204, 214))
    c.rect(x + 0.126, 0.1, x + 0.228, 0.4, (184, 204, 214))
    c.rect(0, 0.62, 1, 0.68, c.tone((132, 112, 94)))
    c.rect(0, 0.68, 1, 1, c.tone((176, 154, 130)))
    for i in range(6):
        c.rect(i / 6 + 0.008, 0.71, (i + 1) / 6 - 0.008, 0.97, c.tone((192, 170, 146), 0.03))
        c.rect(i / 6 + 0.07, 0.75, i / 6 + 0.095, 0.765, (110, 96, 84))


def _library(c: Canvas, rng: random.Random) -> None:
    c.rect(0, 0, 1, 1, c.tone((112, 86, 66)))
    spines = (
        (136, 92, 84),
        (96, 112, 104),
        (150, 132, 98),
        (98, 100, 124),
        (128, 108, 120),
        (166, 150, 126),
    )
    for row in range(4):
        y0, y1 = row * 0.21 + 0.02, row * 0.21 + 0.19
        c.rect(0, y0, 1, y1, (74, 58, 48))
        x = 0.005
        while x < 0.99:
            wide = rng.uniform(0.011, 0.024)
            c.rect(x, y0 + rng.uniform(0.01, 0.06), x + wide, y1, c.tone(rng.choice(spines), 0.1))
            x += wide + 0.003
        c.rect(0, y1, 1, y1 + 0.02, (142, 112, 86))
    for i in range(1, 4):
        c.rect(i / 4 - 0.012, 0, i / 4 + 0.012, 0.86, (134, 104, 80))
    c.rect(0, 0.86, 1, 1, c.tone((150, 124, 108)))


def _harbour(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 0.4, (182, 192, 204), (210, 212, 214))
    for _ in range(3):
        x, wide = rng.uniform(0, 0.9), rng.uniform(0.09, 0.16)
        c.rect(x, 0.27, x + wide, 0.41, c.tone((146, 138, 136), 0.1))
    x = rng.uniform(0.1, 0.9)
    c.rect(x, 0.08, x + 0.012, 0.41, (106, 104, 108))
    c.line([(x - 0.1, 0.08), (x + 0.14, 0.1)], 0.018, (106, 104, 108))
    c.line([(x + 0.13, 0.1), (x + 0.13, 0.24)], 0.006, (106, 104, 108))
    c.fade(0.4, 0.76, (96, 126, 142), (118, 148, 158))
    for _ in range(46):
        x, y = rng.random(), rng.uniform(0.42, 0.75)
        c.line([(x, y), (x + 0.03, y)], 0.006, (152, 176, 182))
    for i in range(7):
        x = (i + 0.5) / 7
        c.rect(x - 0.013, 0.62, x + 0.013, 0.8, (92, 78, 66))
    c.rect(0, 0.76, 1, 1, c.tone((148, 128, 106)))
    for i in range(1, 5):
        c.line([(0, 0.76 + i * 0.05), (1, 0.76 + i * 0.05)], 0.008, (112, 94, 78))


def _mountain(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 1, (166, 184, 208), (212, 218, 224))
    c.ridge(0.62, 0.34, 5, c.tone((156, 164, 180)))
    for _ in range(3):
        x, top = rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.22)
        half = rng.uniform(0.2, 0.28)
        c.poly([(x, top), (x - half, 0.8), (x + half, 0.8)], c.tone((124, 126, 138), 0.1))
        c.poly([(x, top), (x + half * 0.2, 0.8), (x + half, 0.8)], c.tone((104, 106, 120)))
        c.poly(
            [
                (x, top),
                (x - half * 0.3, top + 0.2),
                (x - 0.02, top + 0.15),
                (x + 0.02, top + 0.2),
                (x + half * 0.3, top + 0.2),
            ],
            (228, 230, 232),
        )
    c.ridge(0.86, 0.1, 9, c.tone((122, 128, 108)))
    for _ in range(24):
        c.blob(rng.random(), rng.uniform(0.88, 1), 0.03, 0.02, c.tone((136, 134, 128), 0.15))


def _farm(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 1, (182, 204, 216), (222, 226, 214))
    c.hills(0.44, 0.05, c.tone((150, 166, 116)))
    c.hills(0.52, 0.03, c.tone((178, 174, 112)))
    for i in range(-8, 17):
        c.poly(
            [(0.5 + (i / 8 - 0.5) * 0.5, 0.55), (i / 8 - 0.05, 1.0), (i / 8 + 0.02, 1.0)],
            (146, 138, 88),
        )
    x = rng.uniform(0.05, 0.75)
    c.rect(x, 0.26, x + 0.18, 0.52, c.tone((142, 96, 84)))
    c.poly([(x - 0.01, 0.27), (x + 0.03, 0.14), (x + 0.15, 0.14), (x + 0.19, 0.27)], (108, 96, 92))
    c.line([(x + 0.05, 0.34), (x + 0.13, 0.51)], 0.012, (204, 190, 176))
    c.line([(x + 0.13, 0.34), (x + 0.05, 0.51)], 0.012, (204, 190, 176))
    for i in range(15):
        c.rect(i / 14 - 0.006, 0.6, i / 14 + 0.006, 0.76, (196, 184, 164))
    c.rect(0, 0.63, 1, 0.65, (196, 184, 164))
    c.rect(0, 0.7, 1, 0.72, (196, 184, 164))


def _cave(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 1, (70, 66, 74), (96, 88, 88))
    c.blob(rng.uniform(0.35, 0.65), 0.5, 0.55, 0.36, (58, 54, 64))
    c.blob(rng.uniform(0.4, 0.6), 0.5, 0.34, 0.24, (44, 42, 52))
    for level, sign in ((-0.02, 1), (1.02, -1)):
        for i in range(13):
            x, long = (i + rng.random()) / 13, rng.uniform(0.1, 0.3)
            half = rng.uniform(0.02, 0.045)
            tip = (x + rng.uniform(-0.01, 0.01), level + sign * long)
            c.poly([(x - half, level), (x + half, level), tip], c.tone((108, 98, 96), 0.15))
    for _ in range(30):
        c.blob(rng.random(), rng.random(), 0.025, 0.015, c.tone((86, 80, 84), 0.12))


def _garden(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 0.4, (196, 212, 218), (220, 226, 220))
    for i in range(24):
        c.blob(
            (i + rng.random()) / 24,
            rng.uniform(0.32, 0.4),
            0.09,
            0.11,
            c.tone((116, 142, 104), 0.12),
        )
    c.rect(0, 0.4, 1, 1, c.tone((150, 176, 124)))
    x = rng.uniform(0.3, 0.7)
    c.poly(
        [(x - 0.03, 0.42), (x + 0.03, 0.42), (x + 0.2, 1), (x - 0.2, 1)], c.tone((198, 186, 168))
    )
    petals = ((206, 150, 156), (212, 196, 146), (182, 160, 194), (222, 216, 208))
    for bed in (0.5, 0.64, 0.86):
        for i in range(32):
            px = i / 32 + rng.uniform(-0.01, 0.01)
            if abs(px - x) > 0.05 + (bed - 0.42) * 0.33:
                y = bed + rng.uniform(-0.03, 0.03)
                c.blob(px, y, 0.022, 0.022, c.tone((112, 138, 92)))
                c.blob(px, y - 0.012, 0.012, 0.012, rng.choice(petals))


def _snowfield(c: Canvas, rng: random.Random) -> None:
    c.fade(0, 1, (164, 176, 196), (196, 206, 218))
    c.hills(0.46, 0.07, c.tone((190, 202, 216), 0.03))
    for _ in range(7):
        x, top = rng.random(), rng.uniform(0.26, 0.36)
        for k in range(3):
            y, half = top + 0.06 * k, 0.016 + 0.009 * k
            c.poly([(x, y), (x - half, y + 0.09), (x + half, y + 0.09)], (122, 140, 146))
            c.poly(
                [(x, y), (x - half * 0.5, y + 0.045), (x + half * 0.5, y + 0.045)], (214, 222, 230)
            )
    c.hills(0.6, 0.05, c.tone((204, 214, 226), 0.03))
    c.hills(0.78, 0.05, c.tone((214, 222, 232), 0.03))
    for _ in range(70):
        c.blob(rng.random(), rng.random(), 0.008, 0.008, (236, 240, 246))


_PAINTERS: dict[str, Callable[[Canvas, random.Random], None]] = {
    "beach": _beach,
    "forest": _forest,
    "desert": _desert,
    "city": _city,
    "kitchen": _kitchen,
    "library": _library,
    "harbour": _harbour,
    "mountain": _mountain,
    "farm": _farm,
    "cave": _cave,
    "garden": _garden,
    "snowfield": _snowfield,
}
