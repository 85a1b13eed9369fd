"""Clips for training the VLM: frames with times, and what is to be seen in each of them.

A clip is cut from a little film: one shot or several, in which things stand, move, come and go.
The truth is read from what was painted where, not from what was planned.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from longtake.world.scenes.objects import COLOURS, OBJECTS
from longtake.world.scenes.places import PLACES
from longtake.world.training.encoder.data import (
    _SEEN_SIDE,
    N_PLACES,
    NOTHING,
    SIZE,
    _add_signs,
    _claim,
    _Layer,
    _patch_labels,
    _wear,
)

HELD_OUT = 2**40  # seeds from here on are for measuring
COLOUR_NAMES = tuple(COLOURS)
Quad = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """A sprite as one frame shows it.

    Attributes:
        actor: tells apart two of the same kind, the same through a shot.
        box: x0, y0, x1, y1 of what is in the frame, shares of its sides.
        clear: large enough and uncovered enough to be recognised; others are asked about neither way.
    """

    actor: int
    object: str
    colour: str
    box: Quad
    clear: bool

    @property
    def pair(self) -> tuple[str, str]:
        """The object and its colour."""
        return self.object, self.colour

    @property
    def centre(self) -> tuple[float, float]:
        """The middle in frame heights, so that distances are the same both ways."""
        return (self.box[0] + self.box[2]) / 2 * SIZE[0] / SIZE[1], (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame shows; `place` is None where it is no place of the world."""

    second: float
    shot: int
    place: str | None
    seen: tuple[Seen, ...]
    signs: int

    @property
    def clear(self) -> tuple[Seen, ...]:
        """What can be recognised."""
        return tuple(s for s in self.seen if s.clear)


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames and their truth.

    Attributes:
        pixels: uint8 [N, H, W, 3].
        visible: one a frame, in time order.
        objects: int8 [N, gh, gw], patch labels as in `longtake.world.training.encoder.data.Sample`.
        colours: int8 [N, gh, gw].
        boxes: float32 [N, gh, gw, 4]: the box of the sprite on a patch, NaN where there is none.
    """

    seed: int
    pixels: np.ndarray
    visible: tuple[Sight, ...]
    objects: np.ndarray
    colours: np.ndarray
    boxes: np.ndarray


@dataclass(slots=True)
class Actor:
    """A sprite in a shot; `path` holds its top left corner in pixels over the shot's seconds."""

    layer: _Layer
    to: tuple[int, int] | None = None
    start: float = 0.0
    end: float = 0.0
    appears: float = -1.0
    vanishes: float = 1e9

    def at(self, second: float) -> _Layer | None:
        """Return it where it is at that second of the shot; None while it is away."""
        if not self.appears <= second < self.vanishes:
            return None
        if self.to is None:
            return self.layer
        share = min(max((second - self.start) / (self.end - self.start), 0.0), 1.0)
        left = round(self.layer.left + (self.to[0] - self.layer.left) * share)
        top = round(self.layer.top + (self.to[1] - self.layer.top) * share)
        return _Layer(self.layer.object, self.layer.colour, self.layer.image, left, top)


@dataclass(slots=True)
class Shot:
    """A place with what is on it; `ground` is SIZE large, `place` an index or N_PLACES."""

    ground: Image.Image
    place: int
    zoom: float
    actors: list[Actor] = field(default_factory=list)


def render(
    rng: np.random.Generator, seed: int, shots: list[Shot], times: list[tuple[int, float, float]]
) -> Clip:
    """Draw the frames of a clip.

    Args:
        rng: for signs and wear.
        seed: the clip's own.
        shots: what is shown.
        times: for each frame: which shot, seconds within it, seconds of the film.
    """
    frames, visible, labels, numbers = [], [], [], {}
    owner = np.full((SIZE[1], SIZE[0]), NOTHING, np.int16)
    dressed: dict[int, tuple[Image.Image, np.ndarray, int]] = {}
    for row, within, second in times:
        shot = shots[row]
        if row not in dressed:
            ground, claimed = shot.ground.convert("RGB"), owner.copy()
            dressed[row] = ground, claimed, _add_signs(rng, ground, claimed, shot.zoom)
        ground, claimed, signs = dressed[row]
        picture, mine = ground.copy(), claimed.copy()
        shown = [(a, layer) for a in shot.actors if (layer := a.at(within)) is not None]
        for number, (_, layer) in enumerate(shown):
            picture.paste(layer.image, (layer.left, layer.top), layer.image)
            _claim(mine, layer, 100 + number)
        seen = []
        for number, (actor, layer) in enumerate(shown):
            name = numbers.setdefault((row, id(actor)), len(numbers))
            seen.append(_seen(name, layer, mine == 100 + number))
        place = PLACES[shot.place] if shot.place < N_PLACES else None
        visible.append(Sight(second, row, place, tuple(s for s in seen if s), signs))
        labels.append((*_patch_labels(mine, [x for _, x in shown]), _patch_boxes(mine, shown)))
        frames.append(np.asarray(_wear(rng, picture)))
    objects, colours, boxes = (np.stack(part) for part in zip(*labels, strict=True))
    return Clip(seed, np.stack(frames), tuple(visible), objects, colours, boxes)


def _seen(actor: int, layer: _Layer, mask: np.ndarray) -> Seen | None:
    """Judge how a sprite is seen from the pixels it owns; None when there are next to none."""
    alpha = layer.image.getchannel("A").point([0] * 111 + [255] * 145)
    whole = max(1, alpha.histogram()[255])
    share = float(mask.sum()) / whole
    if share <= 0.02:
        return None
    box = _quad(layer)
    clear = share >= 0.5 and max(layer.image.size) >= _SEEN_SIDE
    return Seen(actor, OBJECTS[layer.object], COLOUR_NAMES[layer.colour], box, clear)


def _quad(layer: _Layer) -> Quad:
    return (
        max(0, layer.left) / SIZE[0],
        max(0, layer.top) / SIZE[1],
        min(SIZE[0], layer.left + layer.image.width) / SIZE[0],
        min(SIZE[1], layer.top + layer.image.height) / SIZE[1],
    )


def _patch_boxes(owner: np.ndarray, shown: list[tuple[Actor, _Layer]]) -> np.ndarray:
    """Return the box of the sprite that owns the middle of each patch, NaN where there is none."""
    middle = owner[8::16, 8::16]
    boxes = np.full((*middle.shape, 4), np.nan, np.float32)
    for number, (_, layer) in enumerate(shown):
        boxes[middle == 100 + number] = _quad(layer)
    return boxes
