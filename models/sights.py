"""From frames to sights: which things are where in a picture, by an encoder's patches.

The encoder's patch vectors live in the space of its texts. A frame is looked at whole and in
overlapping tiles at the encoder's own resolution, every patch is compared with every (colour,
object) pair of the lexicon, and neighbouring patches of one object become one sight.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ..index.film.frames import Box, Frames
from ..index.seams import Encoder
from .lexicon import Lexicon, Thing
from .tiles import connected, cut_tiles, distinct_tiles, into, tile_boxes

PATCH_FLOOR = 0.35  # a patch belongs to a thing from this probability on
BATCH = 48
KEPT = 256  # looks kept, a few kilobytes each: answer, knows and caption share the same frames


class PatchEncoder(Encoder, Protocol):
    """An encoder that also gives patch vectors and knows its own scale (models/encoder.py)."""

    @property
    def scale(self) -> float:
        """What a cosine is multiplied with before the sigmoid or softmax."""
        ...

    @property
    def bias(self) -> float:
        """What is added after that; 0 for encoders trained with a softmax."""
        ...

    @property
    def lexicon(self) -> dict[str, Any] | None:
        """The closed world it was taught, None for an encoder of the open world."""
        ...

    def encode_patches(self, pixels: np.ndarray) -> np.ndarray:
        """Embed the patches of RGB frames as unit vectors float32 [N, gh, gw, dim]."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing seen in one frame.

    Attributes:
        box: where.
        odds: probability of each (object, colour) pair, float32 [objects, colours].
        score: probability that a thing is there at all.
        cut: True when the border of a tile cuts it, so that its box is too small.
    """

    box: Box
    odds: np.ndarray
    score: float
    cut: bool = False

    @property
    def best(self) -> tuple[int, int]:
        """The likeliest (object, colour), as rows of the lexicon."""
        row = int(self.odds.argmax())
        return row // self.odds.shape[1], row % self.odds.shape[1]


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame shows.

    Attributes:
        second: time of the frame.
        sights: things, the surest first.
        places: probability of each place, float32 [places].
        whole: probability that each (object, colour) pair is visible, from the whole frame,
            float32 [objects, colours].
        sign: probability that a sign is visible.
        sign_boxes: where signs are.
    """

    second: float
    sights: tuple[Sight, ...]
    places: np.ndarray
    whole: np.ndarray
    sign: float
    sign_boxes: tuple[Box, ...]


def article(phrase: str) -> str:
    """Put `a` or `an` before a phrase."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


class Seer:
    """Turns frames into looks. Keeps the text vectors of the lexicon and the last looks.

    Args:
        encoder: with patches, scale, bias and a lexicon.
        lexicon: its words.
    """

    def __init__(self, encoder: PatchEncoder, lexicon: Lexicon) -> None:
        self.encoder = encoder
        self.lexicon = lexicon
        self._texts: np.ndarray | None = None
        self._kept: dict[bytes, Look] = {}

    @property
    def texts(self) -> np.ndarray:
        """Vectors of every pair, then every place, then the sign, float32 [N, dim]."""
        if self._texts is None:
            known = self.lexicon
            pairs = [article(f"{c} {o}") for o in known.objects for c in known.colours]
            places = [f"the {place}" for place in known.places]
            self._texts = self.encoder.encode_texts([*pairs, *places, "a sign"])
        return self._texts

    def look(self, frames: Frames) -> list[Look]:
        """Look at every frame, whole and in tiles; a frame seen lately is not looked at again."""
        keys = [hashlib.blake2b(np.ascontiguousarray(p).data).digest() for p in frames.pixels]
        new = [row for row, key in enumerate(keys) if key not in self._kept]
        fresh = self._look(frames.take(new)) if new else []
        now = {keys[row]: look for row, look in zip(new, fresh, strict=True)}
        looks = [now[key] if key in now else self._kept[key] for key in keys]
        self._kept |= now
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return [
            replace(look, second=float(second))
            for look, second in zip(looks, frames.seconds, strict=True)
        ]

    def _look(self, frames: Frames) -> list[Look]:
        """Look at frames; near-identical tiles of neighbours are looked at once."""
        views = tile_boxes(frames.pixels.shape[2], frames.pixels.shape[1], self.encoder.size)
        stacks = [cut_tiles(frames.pixels, box, self.encoder.size) for box in views]
        owner, distinct = distinct_tiles(stacks)
        wholes = self._probability(self.encoder.encode_frames(distinct[: owner[0].max() + 1]))
        found = [
            self._components(self._probability(patches))
            for start in range(0, len(distinct), BATCH)
            for patches in self.encoder.encode_patches(distinct[start : start + BATCH])
        ]
        return [
            self._merge(float(second), views, owner[:, row], wholes[owner[0, row]], found)
            for row, second in enumerate(frames.seconds)
        ]

    def _probability(self, vectors: np.ndarray) -> np.ndarray:
        """Return the probability of every text, [..., texts]."""
        logits = vectors @ self.texts.T * self.encoder.scale + self.encoder.bias
        return (1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)

    def _components(self, grid: np.ndarray) -> tuple[list[Sight], list[Box]]:
        """Group the patches of one view into sights and sign boxes (in shares of the view)."""
        height, width, _ = grid.shape
        objects, colours = len(self.lexicon.objects), len(self.lexicon.colours)
        pairs = grid[..., : objects * colours].reshape(height, width, objects, colours)
        of_object = pairs.max(axis=3)
        label = np.where(of_object.max(axis=2) >= PATCH_FLOOR, of_object.argmax(axis=2), -1)
        sights = []
        for cells in connected(label):
            rows, columns = cells[:, 0], cells[:, 1]
            odds = pairs[rows, columns]
            # the surest patches speak for the thing: its rim is half background
            weight = odds.max(axis=(1, 2)) ** 2
            mean = np.tensordot(weight / weight.sum(), odds, axes=1)
            edge = (rows == 0) | (rows == height - 1) | (columns == 0) | (columns == width - 1)
            sights.append(
                Sight(_cells_box(cells, height, width), mean, float(mean.max()), bool(edge.any()))
            )
        signs = np.where(grid[..., -1] >= 0.5, 0, -1)
        return sights, [_cells_box(cells, height, width) for cells in connected(signs)]

    def _merge(
        self,
        second: float,
        views: Sequence[Box],
        owner: np.ndarray,
        whole: np.ndarray,
        found: Sequence[tuple[list[Sight], list[Box]]],
    ) -> Look:
        """Bring the sights of all views of a frame together, each thing once."""
        sights: list[Sight] = []
        signs: list[Box] = []
        for view, row in zip(views, owner, strict=True):
            seen, boards = found[row]
            for sight in seen:
                cut = sight.cut and view.area < 1
                sights.append(Sight(into(view, sight.box), sight.odds, sight.score, cut))
            signs.extend(into(view, box) for box in boards)
        objects, colours = len(self.lexicon.objects), len(self.lexicon.colours)
        pairs = objects * colours
        return Look(
            second,
            tuple(once(sights)),
            whole[pairs:-1],
            whole[:pairs].reshape(objects, colours),
            float(whole[-1]),
            tuple(signs),
        )

    def match(self, sight: Sight, thing: Thing) -> float:
        """Return the probability that a sight is such a thing."""
        return pair_score(sight.odds, thing, self.lexicon)


def pair_score(odds: np.ndarray, thing: Thing, lexicon: Lexicon) -> float:
    """Return the best of the (object, colour) probabilities that fit the thing."""
    rows = slice(None) if thing.object is None else lexicon.objects.index(thing.object)
    columns = slice(None) if thing.colour is None else lexicon.colours.index(thing.colour)
    return float(np.max(odds[rows, columns]))


def _cells_box(cells: np.ndarray, height: int, width: int) -> Box:
    (y0, x0), (y1, x1) = cells.min(axis=0), cells.max(axis=0) + 1
    return Box(x0 / width, y0 / height, x1 / width, y1 / height)


def once(sights: Sequence[Sight]) -> list[Sight]:
    """Keep each thing once: whole boxes before cut ones, surer ones before others."""
    kept: list[Sight] = []
    for sight in sorted(sights, key=lambda s: (s.cut, -s.score)):
        if all(_apart(sight, other) for other in kept):
            kept.append(sight)
    return sorted(kept, key=lambda s: -s.score)


def _apart(one: Sight, other: Sight) -> bool:
    """Say whether two boxes are different things: little of the smaller lies in the larger."""
    shared = one.box.iou(other.box)
    overlap = shared / (1 + shared) * (one.box.area + other.box.area)
    return overlap < 0.45 * min(one.box.area, other.box.area)
