"""Backgrounds of training pictures: the world's places, and everything that is not one of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from longtake.world.scenes.places import PLACES, draw_place

_POOL_SIZE = (480, 270)
_POOL_SEEDS = 24
_LARGE_SIZE = (1280, 720)
_LARGE_SEEDS = 5


def place_view(
    rng: np.random.Generator, place: int, size: tuple[int, int], zoom: float
) -> Image.Image:
    """Return a view of a place: the whole of it, or a part magnified by `zoom`.

    Seeds below 1_000_000 are drawn from pools that are filled on first use, since painting a place
    costs more than all the rest of a training picture.
    """
    if zoom <= 1.6:
        if rng.random() < 0.08:
            whole = draw_place(PLACES[place], *_POOL_SIZE, int(rng.integers(1_000_000)))
        else:
            whole = _pooled(place, int(rng.integers(_POOL_SEEDS)), False)
    else:
        whole = _pooled(place, int(rng.integers(_LARGE_SEEDS)), True)
    width, height = whole.size
    part_w, part_h = width / zoom, height / zoom
    x, y = rng.uniform(0, width - part_w), rng.uniform(0, height - part_h)
    box = (x, y, x + part_w, y + part_h)
    return whole.resize(size, Image.Resampling.BOX if zoom < 2 else Image.Resampling.BILINEAR, box)


@lru_cache(maxsize=len(PLACES) * (_POOL_SEEDS + _LARGE_SEEDS))
def _pooled(place: int, seed: int, large: bool) -> Image.Image:
    size = _LARGE_SIZE if large else _POOL_SIZE
    return draw_place(PLACES[place], *size, seed + (500 if large else 0))


def unknown_view(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Return footage that is none of the places: noise, gradients, collages, photo-like blur."""
    painters = (_clouds, _clouds, _gradient, _collage, _collage, _grain, _stripes, _flat, _page)
    image = painters[rng.integers(len(painters))](rng, size)
    if rng.random() < 0.3:
        other = painters[rng.integers(len(painters))](rng, size)
        image = Image.blend(image, other, float(rng.uniform(0.2, 0.6)))
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 3))))
    return image


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    r, g, b = rng.integers(0, 256, 3)
    if rng.random() < 0.6:  # real footage is mostly dull
        grey = (int(r) + int(g) + int(b)) / 3
        share = rng.uniform(0.2, 0.7)
        r, g, b = (c * share + grey * (1 - share) for c in (r, g, b))
    return int(r), int(g), int(b)


def _clouds(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Sum octaves of coloured noise, whose spectrum falls off like that of photographs."""
    total = np.zeros((size[1], size[0], 3), np.float32)
    fall = rng.uniform(0.4, 0.8)
    for octave in range(1, 7):
        cells = rng.normal(0, 1, (2**octave, int(2**octave * 1.75) + 1, 3)).astype(np.float32)
        grey = cells.mean(2, keepdims=True) * 1.7
        cells = cells * 0.4 + grey * 0.6
        for channel in range(3):
            layer = Image.fromarray(np.ascontiguousarray(cells[:, :, channel]))
            total[:, :, channel] += (
                np.asarray(layer.resize(size, Image.Resampling.BICUBIC)) * fall**octave
            )
    total *= rng.uniform(40, 120)
    return _to_image(total + np.asarray(_colour(rng), np.float32))


def _gradient(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    corners = np.array([[_colour(rng) for _ in range(2)] for _ in range(2)], np.uint8)
    return Image.fromarray(corners).resize(size, Image.Resampling.BILINEAR)


def _collage(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Pile up polygons, ellipses and lines, as cluttered scenes do."""
    image = _gradient(rng, size)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(3, 30))):
        cx, cy, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(4, 70)
        fill = _colour(rng)
        edge = (20, 20, 24) if rng.random() < 0.4 else None
        kind = rng.integers(4)
        if kind == 0:
            draw.ellipse((cx - r, cy - r * 0.7, cx + r, cy + r * 0.7), fill=fill, outline=edge)
        elif kind == 1:
            draw.rectangle((cx - r, cy - r * 0.6, cx + r, cy + r * 0.6), fill=fill, outline=edge)
        elif kind == 2:
            turns = np.sort(rng.uniform(0, 6.28, int(rng.integers(3, 9))))
            points = [(cx + r * float(np.cos(t)), cy + r * float(np.sin(t))) for t in turns]
            draw.polygon(points, fill=fill, outline=edge)
        else:
            end = (cx + rng.uniform(-r, r) * 2, cy + rng.uniform(-r, r) * 2)
            draw.line((cx, cy, *end), fill=fill, width=int(rng.integers(1, 9)))
    return image


def _grain(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    noise = rng.normal(0, rng.uniform(5, 70), (size[1], size[0], 3 if rng.random() < 0.5 else 1))
    return _to_image(noise + np.asarray(_colour(rng)))


def _stripes(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    y, x = np.mgrid[: size[1], : size[0]]
    a, k = rng.uniform(0, 3.14), rng.uniform(0.03, 0.6)
    wave = np.sin(k * (x * np.cos(a) + y * np.sin(a)))
    if rng.random() < 0.5:
        wave = wave * np.sin(k * (y * np.cos(a) - x * np.sin(a)))
    if rng.random() < 0.6:
        wave = np.sign(wave)
    share = (wave[:, :, None] + 1) / 2
    return _to_image(share * np.asarray(_colour(rng)) + (1 - share) * np.asarray(_colour(rng)))


def _flat(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    choices = [(0, 0, 0), (255, 255, 255), _colour(rng), _colour(rng)]
    return Image.new("RGB", size, choices[rng.integers(4)])


def _page(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Draw titles on a plain ground, as credits and slides do."""
    image = Image.new("RGB", size, _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 8))):
        text = "".join(chr(rng.integers(97, 123)) for _ in range(int(rng.integers(3, 18))))
        place = (rng.uniform(-10, size[0] * 0.8), rng.uniform(0, size[1] * 0.95))
        draw.text(place, text, fill=_colour(rng), font_size=float(rng.uniform(6, 40)))
    return image


def _to_image(pixels: np.ndarray) -> Image.Image:
    full = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    return Image.fromarray(np.clip(full, 0, 255).astype(np.uint8))
