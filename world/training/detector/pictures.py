"""Pictures that the group detector is trained on, with the middles that the renderer knows.

Groups of one to nine alike in rows, crowds, nothing at all, on places and on footage that is none,
in the sizes that whole frames and crops show. What is hidden or cut off by more than half is taught
neither way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longtake.world.perception.group_detector import STRIDE
from longtake.world.training.encoder.backgrounds import place_view, unknown_view
from longtake.world.training.encoder.data import (
    N_COLOURS,
    N_OBJECTS,
    N_PLACES,
    NOTHING,
    SIZE,
    _add_signs,
    _choose_sprites,
    _claim,
    _cut_sprite,
    _Layer,
    _wear,
)

HELD_OUT = 2**40
SMALLEST = 12.0  # pixels: smaller sprites are taught neither way
CLEAR, HIDDEN = 0.55, 0.3  # shares in view from which a sprite is taught, and below which it is not
GRID = (SIZE[1] // STRIDE, SIZE[0] // STRIDE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the middles in it.

    Attributes:
        pixels: uint8 [H, W, 3].
        middles: float32 [K, 3]: x, y and side in pixels.
        taught: bool [h, w]: cells that are taught.
    """

    pixels: np.ndarray
    middles: np.ndarray
    taught: np.ndarray


def make_picture(seed: int) -> Picture:
    """Draw the picture of a seed; those from `HELD_OUT` on are for measuring."""
    rng = np.random.default_rng([seed, 77])
    zoom = float(np.exp(rng.uniform(0, np.log(3)))) if rng.random() < 0.8 else 1.0
    place = int(rng.integers(N_PLACES)) if rng.random() < 0.85 else N_PLACES
    ground = place_view(rng, place, SIZE, zoom) if place < N_PLACES else unknown_view(rng, SIZE)
    picture = ground.convert("RGB")
    owner = np.full((SIZE[1], SIZE[0]), NOTHING, np.int16)
    _add_signs(rng, picture, owner, zoom)
    style = rng.random()
    layers = _crowd(rng, zoom) if style < 0.35 else _rows(rng, zoom) if style < 0.95 else []
    for number, layer in enumerate(layers):
        picture.paste(layer.image, (layer.left, layer.top), layer.image)
        _claim(owner, layer, 100 + number)
    return _labelled(np.asarray(_wear(rng, picture)), owner, layers)


def _crowd(rng: np.random.Generator, zoom: float) -> list[_Layer]:
    return _choose_sprites(rng, zoom, 1.5)


def _rows(rng: np.random.Generator, zoom: float) -> list[_Layer]:
    """One to nine alike side by side, as films group them, and a few others around."""
    number = int(rng.integers(1, 10))
    item, colour = int(rng.integers(N_OBJECTS)), int(rng.integers(N_COLOURS))
    side = SIZE[1] * zoom * rng.uniform(0.13, 0.3)
    side = min(side, 0.45 * SIZE[1])
    columns = number if number <= 3 else -(-number // 2)
    if rng.random() < 0.2:
        columns = int(rng.integers(1, number + 1))
    step, wild = side * rng.uniform(0.95, 1.3), rng.uniform(0, 0.06)
    rows = -(-number // columns)
    left = rng.uniform(-0.2 * step, max(0.0, SIZE[0] - (columns - 0.2) * step))
    top = rng.uniform(-0.2 * step, max(0.0, SIZE[1] - (rows - 0.2) * step))
    layers = []
    for k in range(number):
        image = _cut_sprite(rng, item, colour, side * rng.uniform(0.92, 1))
        x = left + (k % columns + 0.5 + rng.normal(0, wild)) * step
        y = top + (k // columns + 0.5 + rng.normal(0, wild)) * step
        at = int(x - image.width / 2), int(y - image.height / 2)
        layers.append(_Layer(item, colour, image, *at))
    for _ in range(int(rng.integers(0, 3))):
        near = rng.random() < 0.6
        other = item if near else int(rng.integers(N_OBJECTS))
        size = SIZE[1] * zoom * rng.uniform(0.17, 0.36)
        image = _cut_sprite(rng, other, int(rng.integers(N_COLOURS)), min(size, 0.6 * SIZE[1]))
        spot = [rng.uniform(-0.2 * s, SIZE[i] - 0.8 * s) for i, s in enumerate(image.size)]
        layers.insert(0, _Layer(other, colour, image, int(spot[0]), int(spot[1])))
    return layers


def _labelled(pixels: np.ndarray, owner: np.ndarray, layers: list[_Layer]) -> Picture:
    taught, middles = np.ones(GRID, bool), []
    for number, layer in enumerate(layers):
        width, height = layer.image.size
        x, y, side = layer.left + width / 2, layer.top + height / 2, max(width, height)
        whole = max(1, int((np.asarray(layer.image.getchannel("A")) > 110).sum()))
        seen = float((owner == 100 + number).sum()) / whole
        inside = 0 <= x < SIZE[0] and 0 <= y < SIZE[1]
        if seen >= CLEAR and side >= SMALLEST and inside:
            middles.append((x, y, side))
        elif seen >= HIDDEN or (side < SMALLEST and seen > 0):
            y0, x0 = max(0, layer.top // STRIDE), max(0, layer.left // STRIDE)
            taught[
                y0 : -(-(layer.top + height) // STRIDE), x0 : -(-(layer.left + width) // STRIDE)
            ] = False
    return Picture(pixels, np.array(middles, np.float32).reshape(-1, 3), taught)
