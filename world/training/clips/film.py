"""Little films that training clips are cut from: who is on stage, where, and when.

Every clip has a small cast full of near relations (same object in another colour, same colour on
another object), so that no question can be answered from half of a name.
"""

from __future__ import annotations

import numpy as np

from longtake.world.scenes.scene import ASPECT
from longtake.world.training.clips.scene import HELD_OUT, Actor, Clip, Shot, render
from longtake.world.training.encoder.backgrounds import place_view, unknown_view
from longtake.world.training.encoder.data import (
    N_COLOURS,
    N_OBJECTS,
    N_PLACES,
    SIZE,
    _cut_sprite,
    _Layer,
    _sprite_share,
)

Pair = tuple[int, int]  # indices of object and colour
HELD_SHARE = 29  # one in so many combinations of object, colour and place is never trained on
STYLES = ("crowd", "crowd", "crowd", "group", "cross", "few", "beside", "empty")


def held_out(item: int, colour: int, place: int) -> bool:
    """Say whether this combination is kept for measuring."""
    number = (item * N_COLOURS + colour) * (N_PLACES + 1) + place
    return place < N_PLACES and (number * 2654435761) % 2**32 // 7 % HELD_SHARE == 0


def make_clip(seed: int, frames: int) -> Clip:
    """Draw the clip of a seed with so many frames; seeds from 2**40 on are for measuring."""
    rng = np.random.default_rng([seed, frames])
    cast = _cast(rng)
    free = seed >= HELD_OUT
    if frames == 1:
        times = [(0, 2.0, _clock(rng))]
        style = STYLES[rng.integers(len(STYLES))]
        shots = [_make_shot(rng, cast, style, 4.0, free)]
    else:
        shots, times = _cut(rng, cast, frames, free)
    return render(rng, seed, shots, times)


def _cast(rng: np.random.Generator) -> list[Pair]:
    """Draw pairs of which many share the object or the colour."""
    cast: list[Pair] = []
    for _ in range(int(rng.integers(4, 9))):
        item, colour = int(rng.integers(N_OBJECTS)), int(rng.integers(N_COLOURS))
        if cast and rng.random() < 0.6:
            like = cast[rng.integers(len(cast))]
            item, colour = (like[0], colour) if rng.random() < 0.5 else (item, like[1])
        cast.append((item, colour))
    return cast


def _clock(rng: np.random.Generator) -> float:
    return round(float(rng.uniform(0, 3700)) if rng.random() < 0.7 else rng.uniform(0, 60), 1)


def _cut(
    rng: np.random.Generator, cast: list[Pair], frames: int, free: bool
) -> tuple[list[Shot], list[tuple[int, float, float]]]:
    """Choose shots and the times of the frames in them."""
    step = float(rng.choice([0.5, 1.0, 1.0, 2.0]))
    kind = rng.random()
    if kind < 0.45:
        sizes = [frames]
    elif kind < 0.7:  # a montage: every frame is another shot
        sizes = [1] * frames
    else:
        cuts = np.sort(rng.choice(np.arange(1, frames), min(frames - 1, 4), replace=False))
        sizes = np.diff([0, *cuts[: rng.integers(1, len(cuts) + 1)], frames]).tolist()
    far = rng.random() < 0.5
    second, shots, times = _clock(rng), [], []
    for row, size in enumerate(sizes):
        length = max(2.0, size * step)
        style = "few" if len(sizes) > 3 else STYLES[rng.integers(7)]
        if size >= 3 and rng.random() < 0.75:
            style = "film"
        shots.append(_make_shot(rng, cast, style, length, free))
        for k in range(size):
            times.append((row, 0.2 * step + k * step, round(second, 1)))
            second += step
        second += float(np.exp(rng.uniform(0, 5.3))) if far else 0.0
    if len(shots) > 2 and rng.random() < 0.5:
        _let_return(rng, shots, cast, free)
    return shots, times


def _make_shot(
    rng: np.random.Generator, cast: list[Pair], style: str, length: float, free: bool
) -> Shot:
    """Set a shot in one of the styles; `length` in seconds, `free` lets held-out ones in."""
    place = int(rng.integers(N_PLACES)) if rng.random() < 0.9 else N_PLACES
    zoom = 1.0 if style in ("film", "few", "cross", "group") or rng.random() < 0.5 else 2.0
    if style == "beside":
        zoom = 2.0
    zoom = float(zoom * np.exp(rng.uniform(-0.4, 0.7))) if zoom > 1 else 1.0
    ground = place_view(rng, place, SIZE, zoom) if place < N_PLACES else unknown_view(rng, SIZE)
    shot = Shot(ground, place, zoom)
    layers = _LAYOUTS[style](rng, shot, cast, length)
    shot.actors = [a for a in layers if free or not held_out(a.layer.object, a.layer.colour, place)]
    return shot


def draw_pair(rng: np.random.Generator, cast: list[Pair]) -> Pair:
    """Draw one of the cast, or now and then a stranger."""
    if rng.random() < 0.75:
        return cast[rng.integers(len(cast))]
    return int(rng.integers(N_OBJECTS)), int(rng.integers(N_COLOURS))


def _sprite(rng: np.random.Generator, pair: Pair, x: float, y: float, side: float) -> _Layer:
    """Cut a sprite of `side` frame heights with its middle at (x, y), in frame heights."""
    image = _cut_sprite(rng, *pair, side * SIZE[1])
    left, top = round(x * SIZE[1] - image.width / 2), round(y * SIZE[1] - image.height / 2)
    return _Layer(*pair, image, left, top)


def _spot(
    rng: np.random.Generator, side: float, others: list[Actor], inside: bool = True
) -> tuple[float, float]:
    """Return the emptiest of some random middles for a sprite, in frame heights."""
    lap = 0.5 * side if inside else 0.15 * side
    best, most = (ASPECT / 2, 0.5), -9.0
    for _ in range(6):
        x = rng.uniform(min(lap, ASPECT / 2), max(ASPECT - lap, ASPECT / 2))
        y = rng.uniform(min(lap, 0.5), max(1 - lap, 0.5))
        gaps = [
            max(abs(x - cx), abs(y - cy)) - (side + size) / 2
            for cx, cy, size in (_extent(a.layer) for a in others)
        ]
        gap = min(gaps, default=0.0)
        if gap > most:
            best, most = (float(x), float(y)), gap
    return best


def _extent(layer: _Layer) -> tuple[float, float, float]:
    w, h = layer.image.size
    return (layer.left + w / 2) / SIZE[1], (layer.top + h / 2) / SIZE[1], max(w, h) / SIZE[1]


def _crowd(rng: np.random.Generator, shot: Shot, cast: list[Pair], length: float) -> list[Actor]:
    """Up to six sprites of any size, some hidden or cut off."""
    actors: list[Actor] = []
    for _ in range(int(rng.integers(1, 7))):
        side = _sprite_share(rng, shot.zoom)
        spot = _spot(rng, side, actors, inside=rng.random() < 0.85)
        actors.append(Actor(_sprite(rng, draw_pair(rng, cast), *spot, side)))
    return actors


def _few(rng: np.random.Generator, shot: Shot, cast: list[Pair], length: float) -> list[Actor]:
    """One to three sprites of usual size in plain view."""
    actors: list[Actor] = []
    for _ in range(int(rng.integers(1, 4))):
        side = rng.uniform(0.2, 0.4)
        actors.append(Actor(_sprite(rng, draw_pair(rng, cast), *_spot(rng, side, actors), side)))
    return actors


def _group(rng: np.random.Generator, shot: Shot, cast: list[Pair], length: float) -> list[Actor]:
    """One to nine alike, in rows or anywhere, and others beside them."""
    number = int(rng.choice([1, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6, 7, 8, 9]))
    pair = cast[0]
    side = rng.uniform(0.19, 0.24) if number <= 6 else rng.uniform(0.13, 0.19)
    actors: list[Actor] = []
    if rng.random() < 0.7:
        columns = number if number <= 3 else -(-number // 2)
        rows, step = -(-number // columns), side * rng.uniform(1.05, 1.2)
        x0 = rng.uniform(0, max(0.01, ASPECT - columns * step))
        y0 = rng.uniform(0, max(0.01, 1 - rows * step))
        for k in range(number):
            x, y = x0 + (k % columns + 0.5) * step, y0 + (k // columns + 0.5) * step
            actors.append(Actor(_sprite(rng, pair, x, y, side * rng.uniform(0.92, 1))))
    else:
        for _ in range(number):
            spot = _spot(rng, side, actors)
            actors.append(Actor(_sprite(rng, pair, *spot, side * rng.uniform(0.92, 1))))
    for other in cast[1 : 1 + int(rng.integers(0, 3))]:
        spot = _spot(rng, side, actors)
        actors.append(Actor(_sprite(rng, other, *spot, rng.uniform(0.2, 0.3))))
    return actors


def _cross(rng: np.random.Generator, shot: Shot, cast: list[Pair], length: float) -> list[Actor]:
    """One in the middle and up to four around it, as the film's questions about sides have it."""
    x, y = ASPECT / 2 + rng.uniform(-0.15, 0.15), 0.5 + rng.uniform(-0.03, 0.03)
    actors = [Actor(_sprite(rng, cast[0], x, y, rng.uniform(0.19, 0.26)))]
    for dx, dy in ((-0.5, 0.0), (0.5, 0.0), (0.0, -0.33), (0.0, 0.33)):
        if rng.random() < 0.85:
            at = x + dx + rng.uniform(-0.04, 0.04), y + dy + rng.uniform(-0.02, 0.02)
            actors.append(Actor(_sprite(rng, draw_pair(rng, cast), *at, rng.uniform(0.19, 0.26))))
    return actors


def _beside(rng: np.random.Generator, shot: Shot, cast: list[Pair], length: float) -> list[Actor]:
    """A magnified sprite with a small one close to it, as a crop around a detail shows them."""
    actors: list[Actor] = []
    for anchor in (cast[0], cast[1])[: int(rng.integers(1, 3))]:
        side = rng.uniform(0.28, 0.55)
        x, y = _spot(rng, side * 1.4, actors)
        small = side * rng.uniform(0.22, 0.34)
        turn = rng.choice([-1, 1]) * (side / 2 + small / 2 + rng.uniform(0.02, 0.08))
        low = y + rng.uniform(-0.3, 0.3) * (side - small)
        actors.append(Actor(_sprite(rng, anchor, x, y, side)))
        tiny = cast[2 + int(rng.integers(len(cast) - 2))]
        actors.append(Actor(_sprite(rng, tiny, x + turn, low, small)))
    return actors


def _film(rng: np.random.Generator, shot: Shot, cast: list[Pair], length: float) -> list[Actor]:
    """A shot as films have it: some stand, some cross the stage, some come and go."""
    actors: list[Actor] = []
    for _ in range(int(rng.integers(1, 5))):
        pair, style = draw_pair(rng, cast), rng.random()
        side = rng.uniform(0.19, 0.36)
        spot = _spot(rng, side, actors)
        if style < 0.35:
            actors.append(_mover(rng, pair, length, actors))
            continue
        actor = Actor(_sprite(rng, pair, *spot, side))
        if style < 0.6:
            actor.appears = rng.uniform(0.1, 0.8) * length if rng.random() < 0.7 else -1.0
            left = rng.uniform(max(0.0, actor.appears) + 0.15 * length, 1.3 * length)
            actor.vanishes = left if rng.random() < 0.7 else 1e9
        actors.append(actor)
    return actors


def _mover(rng: np.random.Generator, pair: Pair, length: float, others: list[Actor]) -> Actor:
    """A sprite that crosses the stage to the left, right, top or bottom."""
    side, across = rng.uniform(0.18, 0.3), rng.random() < 0.5
    far = rng.uniform(0.6, 1.4) if across else rng.uniform(0.4, 0.75)
    x, y = _spot(rng, side, others)
    if across:
        x = rng.uniform(side / 2, max(side / 2 + 0.01, ASPECT - side / 2 - far))
    else:
        y = rng.uniform(side / 2, max(side / 2 + 0.01, 1 - side / 2 - far))
    first = _sprite(rng, pair, x, y, side)
    dx, dy = (far, 0.0) if across else (0.0, far)
    to = round(first.left + dx * SIZE[1]), round(first.top + dy * SIZE[1])
    if rng.random() < 0.5:
        to, (first.left, first.top) = (first.left, first.top), to
    start = rng.uniform(-0.2, 0.2) * length
    return Actor(first, to, start, max(start + 1.0, rng.uniform(0.8, 1.3) * length))


def _let_return(rng: np.random.Generator, shots: list[Shot], cast: list[Pair], free: bool) -> None:
    """Put one of the cast into several shots, so that appearances can be counted."""
    star = cast[0]
    for shot in shots:
        if rng.random() < 0.45 and (free or not held_out(*star, shot.place)):
            side = rng.uniform(0.22, 0.34)
            shot.actors.append(Actor(_sprite(rng, star, *_spot(rng, side, shot.actors), side)))


_LAYOUTS = {
    "crowd": _crowd,
    "few": _few,
    "group": _group,
    "cross": _cross,
    "beside": _beside,
    "film": _film,
    "empty": lambda *_: [],
}
