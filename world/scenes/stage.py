"""A shot while it is being arranged: what stands where, and where there is still room.

Places on stage are measured in frame heights (x from 0 to 16/9, y from 0 to 1), so that a sprite
is a square; `scene` turns them into the shares that `scene.py` speaks.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from .cast import Pair
from .scene import ASPECT, Motion, Scene, Sign, Sprite

FPS = 24
NORMAL = (0.20, 0.36)  # side of a usual sprite, share of the frame's height
TINY = (0.046, 0.066)  # lost in a 224-pixel wide frame, clear in a crop from the source
BOARD = (0.085, 0.1)  # height of a sign: letters of 38 pixels and more at 720 lines
MARGIN = 0.02
TRIES = 80
APART = 0.12  # free space around two things that stand beside each other, frame heights

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Stay:
    """When a sprite comes and goes, seconds within its shot."""

    appears: float
    vanishes: float


@dataclass(slots=True)
class Stage:
    """One shot being arranged, frames `first` to `stop`; `closed` lets nothing more in."""

    first: int
    stop: int
    place: str
    seed: int
    sprites: list[Sprite] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    closed: bool = False
    taken: list[Rect] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Length of the shot."""
        return (self.stop - self.first) / FPS

    @property
    def start(self) -> float:
        """When the shot begins, seconds of the film."""
        return self.first / FPS

    @property
    def empty(self) -> bool:
        """Whether nothing is on it yet."""
        return not (self.sprites or self.signs or self.closed)

    @property
    def objects(self) -> set[str]:
        """The kinds of object on it."""
        return {s.object for s in self.sprites}

    def scene(self) -> Scene:
        """Return the arranged scene."""
        return Scene(self.place, self.seed, tuple(self.sprites), tuple(self.signs))

    def is_free(self, rect: Rect) -> bool:
        """Say whether the rectangle lies in the frame and touches nothing."""
        x0, y0, x1, y1 = rect
        if x0 < MARGIN or y0 < MARGIN or x1 > ASPECT - MARGIN or y1 > 1 - MARGIN:
            return False
        return all(x1 <= a or c <= x0 or y1 <= b or d <= y0 for a, b, c, d in self.taken)

    def find(self, rng: random.Random, width: float, height: float) -> Rect | None:
        """Find room for a width x height rectangle; None when the stage is too full."""
        for _ in range(TRIES):
            x = rng.uniform(MARGIN, max(MARGIN, ASPECT - MARGIN - width))
            y = rng.uniform(MARGIN, max(MARGIN, 1 - MARGIN - height))
            rect = (x, y, x + width, y + height)
            if self.is_free(rect):
                return rect
        return None

    def claim(self, rect: Rect, pad: float = 0.015) -> None:
        """Keep everything placed later `pad` away from the rectangle."""
        x0, y0, x1, y1 = rect
        self.taken.append((x0 - pad, y0 - pad, x1 + pad, y1 + pad))

    def add(
        self,
        pair: Pair,
        x: float,
        y: float,
        size: float,
        angle: float = 0.0,
        motion: Motion | None = None,
        stay: Stay | None = None,
    ) -> Sprite:
        """Put a sprite at (x, y), in frame heights, without looking for room."""
        appears, vanishes = (stay.appears, stay.vanishes) if stay else (None, None)
        sprite = Sprite(pair[0], pair[1], x / ASPECT, y, size, angle, motion, appears, vanishes)
        self.sprites.append(sprite)
        return sprite

    def put(
        self,
        rng: random.Random,
        pair: Pair,
        sizes: tuple[float, float] = NORMAL,
        stay: Stay | None = None,
    ) -> Sprite | None:
        """Put a sprite where there is room; None when there is none."""
        size = rng.uniform(*sizes)
        rect = self.find(rng, size, size)
        if rect is None:
            return None
        self.claim(rect)
        x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
        return self.add(pair, x, y, size, tilt(rng), stay=stay)

    def put_mover(self, rng: random.Random, pair: Pair, direction: str) -> Sprite | None:
        """Put a sprite that crosses the stage in one direction; None without a free lane."""
        size = rng.uniform(0.2, 0.28)
        across = direction in ("left", "right")
        length = rng.uniform(1.1, 1.5) if across else rng.uniform(0.68, 0.9)
        lane = self.find(rng, length if across else size, size if across else length)
        if lane is None:
            return None
        self.claim(lane)
        half = size / 2
        near, far = (lane[0] + half, lane[1] + half), (lane[2] - half, lane[3] - half)
        begin, end = (near, far) if direction in ("right", "down") else (far, near)
        first, last = rng.uniform(0.5, 1.5), self.seconds - rng.uniform(0.5, 1.5)
        motion = Motion(on_frame(first), on_frame(last), end[0] / ASPECT, end[1])
        return self.add(pair, *begin, size, motion=motion)

    def put_beside(self, rng: random.Random, pair: Pair, other: Pair | Sign) -> Sprite | None:
        """Put a sprite with a tiny object or a sign close beside it, well apart from all else."""
        size = rng.uniform(0.2, 0.27)
        if isinstance(other, Sign):
            box = other.box()
            width, height, gap = (box.x1 - box.x0) * ASPECT, box.y1 - box.y0, 0.03
        else:
            width = height = rng.uniform(*TINY)
            gap = 0.025
        rect = self.find(rng, size + gap + width, max(size, height))
        if rect is None:
            return None
        self.claim(rect, pad=APART)
        y = (rect[1] + rect[3]) / 2
        on_right = rng.random() < 0.5
        x = rect[0] + size / 2 if on_right else rect[2] - size / 2
        beside = rect[2] - width / 2 if on_right else rect[0] + width / 2
        anchor = self.add(pair, x, y, size, tilt(rng))
        low = y + rng.uniform(-0.3, 0.3) * (size - height)
        if isinstance(other, Sign):
            self.signs.append(Sign(other.text, beside / ASPECT, low, other.height, other.scheme))
        else:
            self.add(other, beside, low, width, tilt(rng))
        return anchor

    def put_sign(self, rng: random.Random, sign: Sign) -> bool:
        """Put a sign where there is room."""
        box = sign.box()
        rect = self.find(rng, (box.x1 - box.x0) * ASPECT, box.y1 - box.y0)
        if rect is None:
            return False
        self.claim(rect)
        x, y = (rect[0] + rect[2]) / 2 / ASPECT, (rect[1] + rect[3]) / 2
        self.signs.append(Sign(sign.text, x, y, sign.height, sign.scheme))
        return True


def visit(rng: random.Random, stage: Stage) -> Stay:
    """Choose when a sprite comes and goes within its shot: 3 s or more, whole frames."""
    longest = stage.seconds - 2.0
    length = rng.uniform(3.0, max(3.0, min(longest, 12.0)))
    start = rng.uniform(1.0, max(1.0, stage.seconds - 1.0 - length))
    return Stay(on_frame(start), on_frame(start + length))


def tilt(rng: random.Random) -> float:
    """Draw a small angle in degrees, so that no two sprites are quite alike."""
    return round(rng.uniform(-14, 14), 1)


def on_frame(seconds: float) -> float:
    """Round seconds to the start of a frame."""
    return round(seconds * FPS) / FPS
