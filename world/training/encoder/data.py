"""Training pictures from seeds, with what the renderer knows about every patch.

A picture is a view of a frame (whole, or a part magnified as a zoom would) with sprites and signs.
What is too small or too hidden to be recognised is marked as unknown and taught neither way.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from longtake.world.scenes.objects import COLOURS, OBJECTS, draw_object
from longtake.world.scenes.places import PLACES
from longtake.world.scenes.scene import SIGN_SCHEMES, Sign, draw_sign
from longtake.world.training.encoder.backgrounds import place_view, unknown_view

SIZE = (288, 160)  # width, height of a picture
PATCH = 16
GRID = (SIZE[1] // PATCH, SIZE[0] // PATCH)
N_OBJECTS, N_COLOURS, N_PLACES = len(OBJECTS), len(COLOURS), len(PLACES)
NOTHING, SIGN, UNKNOWN = N_OBJECTS, N_OBJECTS + 1, -1  # patch labels beside the objects
_COLOUR_NAMES = tuple(COLOURS)
_SEEN_SIDE = 13.0  # pixels: smaller sprites are taught neither as there nor as absent
_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture and its labels.

    Attributes:
        pixels: uint8 [H, W, 3].
        objects: int8 [gh, gw]: object, `NOTHING`, `SIGN`, or `UNKNOWN` (not to be taught).
        colours: int8 [gh, gw]: colour, `N_COLOURS` for none, or `UNKNOWN`.
        place: index of the place, `N_PLACES` for footage that is none.
        pairs: int8 [objects, colours]: 1 in view, 0 not, -1 in view but not recognisable.
        sign: 1 a sign is in view, 0 none, -1 not recognisable.
    """

    pixels: np.ndarray
    objects: np.ndarray
    colours: np.ndarray
    place: int
    pairs: np.ndarray
    sign: int


@dataclass(slots=True)
class _Layer:
    """A sprite laid into the picture: what it is, its alpha, where its top left is."""

    object: int
    colour: int
    image: Image.Image
    left: int
    top: int


def make_sample(seed: int, crowd: float = 1.0) -> Sample:
    """Render the picture of a seed.

    Args:
        seed: any non-negative number; the held-out pictures are those from 2**40 on.
        crowd: factor on the number of sprites; early training takes more of them per picture.
    """
    rng = np.random.default_rng(seed)
    zoom = 1.0 if rng.random() < 0.6 else float(np.exp(rng.uniform(0, np.log(5))))
    place = int(rng.integers(N_PLACES)) if rng.random() < 0.84 else N_PLACES
    ground = place_view(rng, place, SIZE, zoom) if place < N_PLACES else unknown_view(rng, SIZE)
    picture = ground.convert("RGB")
    owner = np.full((SIZE[1], SIZE[0]), NOTHING, np.int16)
    sign = _add_signs(rng, picture, owner, zoom)
    layers = _choose_sprites(rng, zoom, crowd)
    for number, layer in enumerate(layers):
        picture.paste(layer.image, (layer.left, layer.top), layer.image)
        _claim(owner, layer, 100 + number)
    objects, colours = _patch_labels(owner, layers)
    pairs = _pair_labels(owner, layers)
    return Sample(np.asarray(_wear(rng, picture)), objects, colours, place, pairs, sign)


def _choose_sprites(rng: np.random.Generator, zoom: float, crowd: float) -> list[_Layer]:
    count = round(rng.integers(0, 7) * crowd)
    layers: list[_Layer] = []
    while len(layers) < count:
        if layers and rng.random() < 0.5:  # a near miss: same object or same colour
            like = layers[rng.integers(len(layers))]
            same = rng.random() < 0.5
            item = like.object if same else int(rng.integers(N_OBJECTS))
            colour = int(rng.integers(N_COLOURS)) if same else like.colour
        else:
            item, colour = int(rng.integers(N_OBJECTS)), int(rng.integers(N_COLOURS))
        side = SIZE[1] * _sprite_share(rng, zoom)
        if rng.random() < 0.1 and side < 0.36 * SIZE[1]:
            layers += _group(rng, item, colour, side)
        else:
            layers.append(_place_sprite(rng, item, colour, side, layers))
    return layers


def _sprite_share(rng: np.random.Generator, zoom: float) -> float:
    if rng.random() < 0.08:
        return rng.uniform(0.045, 0.07) * zoom
    share = 0.17 + 0.28 * rng.random() ** 1.5  # the small ones are the hard ones
    return min(0.95, share * rng.uniform(1, min(zoom, 3))) if zoom > 1 else share


def _place_sprite(
    rng: np.random.Generator, item: int, colour: int, side: float, others: list[_Layer]
) -> _Layer:
    image = _cut_sprite(rng, item, colour, side)
    best, best_gap = (0, 0), -1e9
    for _ in range(4):  # of four spots the emptiest, so that most sprites are in plain view
        left = (
            int(rng.uniform(-0.25, 1) * SIZE[0])
            if rng.random() < 0.1
            else int(rng.uniform(0, max(1, SIZE[0] - image.width)))
        )
        top = int(rng.uniform(-0.15, max(0.1, 1 - side / SIZE[1] + 0.1)) * SIZE[1])
        gap = min(
            (
                float(
                    np.hypot(
                        o.left + o.image.width / 2 - left - side / 2,
                        o.top + o.image.height / 2 - top - side / 2,
                    )
                )
                - (o.image.width + side) / 2
                for o in others
            ),
            default=0.0,
        )
        if gap > best_gap:
            best, best_gap = (left, top), gap
    return _Layer(item, colour, image, *best)


def _group(rng: np.random.Generator, item: int, colour: int, side: float) -> list[_Layer]:
    count = int(rng.integers(2, 7))
    left = rng.uniform(0, max(1, SIZE[0] - count * side))
    top = rng.uniform(0, max(1, SIZE[1] - side))
    return [
        _Layer(
            item,
            colour,
            _cut_sprite(rng, item, colour, side),
            int(left + k * side * rng.uniform(0.95, 1.15)),
            int(top + rng.uniform(-0.1, 0.1) * side),
        )
        for k in range(count)
    ]


def _cut_sprite(rng: np.random.Generator, item: int, colour: int, side: float) -> Image.Image:
    image = _drawn(item, colour)
    angle = float(rng.normal(0, 11))
    image = image.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    box = image.getchannel("A").getbbox()
    assert box is not None
    image = image.crop(box)
    scale = side / max(image.size)
    size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
    kind = Image.Resampling.BOX if rng.random() < 0.5 else Image.Resampling.BILINEAR
    return image.resize(size, kind)


@lru_cache(maxsize=N_OBJECTS * N_COLOURS)
def _drawn(item: int, colour: int) -> Image.Image:
    return draw_object(OBJECTS[item], _COLOUR_NAMES[colour], 144)


def _claim(owner: np.ndarray, layer: _Layer, number: int) -> None:
    alpha = np.asarray(layer.image.getchannel("A")) > 110
    y0, x0 = max(0, layer.top), max(0, layer.left)
    y1, x1 = min(SIZE[1], layer.top + alpha.shape[0]), min(SIZE[0], layer.left + alpha.shape[1])
    if y0 < y1 and x0 < x1:
        part = alpha[y0 - layer.top : y1 - layer.top, x0 - layer.left : x1 - layer.left]
        owner[y0:y1, x0:x1][part] = number


def _add_signs(
    rng: np.random.Generator, picture: Image.Image, owner: np.ndarray, zoom: float
) -> int:
    state = 0
    for _ in range(int(rng.choice([0, 0, 0, 1, 1, 2]))):
        words = ["".join(rng.choice(list(_CHARS), int(rng.integers(2, 7))))]
        words += [str(rng.integers(1, 100))] if rng.random() < 0.6 else []
        scheme = list(SIGN_SCHEMES)[rng.integers(len(SIGN_SCHEMES))]
        height = rng.uniform(0.055, 0.12) * min(zoom, 4) * rng.uniform(0.8, 1.2)
        sign = Sign(
            " ".join(words), rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.95), height, scheme
        )
        # drawn larger and reduced, as the decoder does with a film's frame
        board, _ = draw_sign(sign, SIZE[0] * 2, SIZE[1] * 2)
        board = board.resize(
            (max(4, board.width // 2), max(4, board.height // 2)), Image.Resampling.BOX
        )
        left, top = (
            int(sign.x * SIZE[0] - board.width / 2),
            int(sign.y * SIZE[1] - board.height / 2),
        )
        picture.paste(board, (left, top), board)
        _claim(owner, _Layer(SIGN, N_COLOURS, board, left, top), SIGN)
        state = 1
    return state


def _patch_labels(owner: np.ndarray, layers: list[_Layer]) -> tuple[np.ndarray, np.ndarray]:
    """Return objects and colours by patch: the sprite covering 30 % of it or more."""
    gh, gw = GRID
    cells = owner.reshape(gh, PATCH, gw, PATCH).transpose(0, 2, 1, 3).reshape(gh, gw, -1)
    objects = np.full(GRID, NOTHING, np.int8)
    colours = np.full(GRID, N_COLOURS, np.int8)
    covered = (cells != NOTHING).mean(-1)
    objects[covered > 0.06] = UNKNOWN
    colours[covered > 0.06] = UNKNOWN
    best = np.full(GRID, 0.3)
    kinds = [(SIGN, SIGN, N_COLOURS, 99.0)]
    kinds += [(100 + k, s.object, s.colour, float(max(s.image.size))) for k, s in enumerate(layers)]
    for number, item, colour, side in kinds:
        share = (cells == number).mean(-1)
        wins = (share >= best) & (side >= _SEEN_SIDE)
        objects[wins], colours[wins], best[wins] = item, colour, share[wins]
    return objects, colours


def _pair_labels(owner: np.ndarray, layers: list[_Layer]) -> np.ndarray:
    pairs = np.zeros((N_OBJECTS, N_COLOURS), np.int8)
    for number, layer in enumerate(layers):
        whole = max(1, int((np.asarray(layer.image.getchannel("A")) > 110).sum()))
        seen = float((owner == 100 + number).sum()) / whole
        if seen >= 0.5 and max(layer.image.size) >= _SEEN_SIDE:
            pairs[layer.object, layer.colour] = 1
        elif pairs[layer.object, layer.colour] == 0 and seen > 0.02:
            pairs[layer.object, layer.colour] = -1
    return pairs


def _wear(rng: np.random.Generator, picture: Image.Image) -> Image.Image:
    """Age the picture as cameras, codecs and scaling do."""
    if rng.random() < 0.4:
        picture = ImageEnhance.Brightness(picture).enhance(float(rng.uniform(0.8, 1.2)))
        picture = ImageEnhance.Contrast(picture).enhance(float(rng.uniform(0.8, 1.2)))
    if rng.random() < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 0.9))))
    if rng.random() < 0.5:
        store = io.BytesIO()
        sampling = 2 if rng.random() < 0.7 else 0
        picture.save(store, "JPEG", quality=int(rng.integers(40, 96)), subsampling=sampling)
        picture = Image.open(store).convert("RGB")
    return picture
