"""Scenes of the rendered world: sprites and signs on a place, and how they are drawn.

All positions are shares of the frame (0 to 1, from the top left), all times are seconds counted
from the start of the scene. A scene is plain data, so that the questions asked about a film, the
training labels and the pixels all come from the same record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ...index.video.frames import Box
from .objects import draw_object
from .places import draw_place

ASPECT = 16 / 9

# board and letters of a sign; the first is the usual one
SIGN_SCHEMES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "paper": ((244, 240, 226), (24, 24, 30)),
    "slate": ((38, 50, 56), (250, 250, 245)),
    "wood": ((226, 196, 150), (50, 28, 12)),
    "mint": ((206, 230, 216), (10, 52, 40)),
}


@dataclass(frozen=True, slots=True)
class Motion:
    """A straight walk: from the sprite's own (x, y) at `start` to (to_x, to_y) at `end`."""

    start: float
    end: float
    to_x: float
    to_y: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a motion needs 0 <= start < end seconds, got {self}")


@dataclass(frozen=True, slots=True)
class Sprite:
    """One drawn object in a scene.

    Attributes:
        x: centre, share of the frame's width.
        y: centre, share of the frame's height.
        size: side of the square it fits in, share of the frame's height.
        angle: degrees, counter-clockwise.
        motion: None for a sprite that stands still.
        appears: second at which it comes into view; None for the scene's start.
        vanishes: second at which it is gone; None for the scene's end.
    """

    object: str
    colour: str
    x: float
    y: float
    size: float
    angle: float = 0.0
    motion: Motion | None = None
    appears: float | None = None
    vanishes: float | None = None

    @property
    def still(self) -> bool:
        """Whether it looks the same during the whole scene."""
        return self.motion is None and self.appears is None and self.vanishes is None

    def at(self, second: float) -> tuple[float, float] | None:
        """Return the centre at that second, None while the sprite is out of view."""
        if self.appears is not None and second < self.appears:
            return None
        if self.vanishes is not None and second >= self.vanishes:
            return None
        if self.motion is None:
            return self.x, self.y
        m = self.motion
        share = min(max((second - m.start) / (m.end - m.start), 0.0), 1.0)
        return self.x + (m.to_x - self.x) * share, self.y + (m.to_y - self.y) * share

    def box(self, second: float, aspect: float = ASPECT) -> Box | None:
        """Return the square it fits in, cut to the frame; None while nothing of it is in view."""
        centre = self.at(second)
        if centre is None:
            return None
        half_w, half_h = self.size / aspect / 2, self.size / 2
        x0, x1 = max(0.0, centre[0] - half_w), min(1.0, centre[0] + half_w)
        y0, y1 = max(0.0, centre[1] - half_h), min(1.0, centre[1] + half_h)
        return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


@dataclass(frozen=True, slots=True)
class Sign:
    """A board with one line of text; (x, y) is its centre, `height` its share of the frame's.

    Attributes:
        scheme: a key of `SIGN_SCHEMES`.
        appears: as for a sprite.
        vanishes: as for a sprite.
    """

    text: str
    x: float
    y: float
    height: float
    scheme: str = "paper"
    appears: float | None = None
    vanishes: float | None = None

    def __post_init__(self) -> None:
        if self.scheme not in SIGN_SCHEMES:
            raise ValueError(f"scheme = {self.scheme!r}: use one of {sorted(SIGN_SCHEMES)}")

    @property
    def still(self) -> bool:
        """Whether it is in view during the whole scene."""
        return self.appears is None and self.vanishes is None

    def visible(self, second: float) -> bool:
        """Say whether the sign is in view at that second."""
        after = self.appears is None or second >= self.appears
        return after and (self.vanishes is None or second < self.vanishes)

    def box(self, aspect: float = ASPECT, lines: int = 720) -> Box:
        """Return the board's rectangle, cut to the frame (measured at `lines` of height)."""
        width, height = _board_size(self.text, max(8, round(self.height * lines)))
        half_w, half_h = width / (lines * aspect) / 2, height / lines / 2
        return Box(
            max(0.0, self.x - half_w),
            max(0.0, self.y - half_h),
            min(1.0, self.x + half_w),
            min(1.0, self.y + half_h),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """A place, drawn from a seed, with sprites and signs on it."""

    place: str
    seed: int
    sprites: tuple[Sprite, ...] = ()
    signs: tuple[Sign, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the scene as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Scene:
        """Read a scene that `to_json` wrote."""
        sprites = []
        for entry in record["sprites"]:
            motion = entry.get("motion")
            sprites.append(Sprite(**{**entry, "motion": Motion(**motion) if motion else None}))
        signs = tuple(Sign(**entry) for entry in record["signs"])
        return cls(record["place"], record["seed"], tuple(sprites), signs)


def draw_scene(
    scene: Scene,
    width: int,
    height: int,
    second: float = 0.0,
    background: Image.Image | None = None,
    moving: bool = True,
) -> Image.Image:
    """Draw the scene as it looks at `second`.

    Args:
        scene: what to draw.
        width: of the picture, pixels.
        height: of the picture, pixels.
        second: seconds since the start of the scene.
        background: drawn on instead of the place (resized when it does not fit).
        moving: False leaves out everything that moves, appears or vanishes, for a renderer that
            lays those over the picture itself.

    Returns:
        An RGB picture of width x height.
    """
    if background is None:
        picture = draw_place(scene.place, width, height, scene.seed)
    else:
        picture = background.convert("RGB")
        picture = picture if picture.size == (width, height) else picture.resize((width, height))
    for sign in scene.signs:
        if sign.visible(second) and (moving or sign.still):
            board, corner = draw_sign(sign, width, height)
            picture.paste(board, corner, board)
    for sprite in scene.sprites:
        centre = sprite.at(second)
        if centre is not None and (moving or sprite.still):
            image = draw_sprite(sprite, height)
            corner = (
                round(centre[0] * width - image.width / 2),
                round(centre[1] * height - image.height / 2),
            )
            picture.paste(image, corner, image)
    return picture


def draw_sprite(sprite: Sprite, height: int) -> Image.Image:
    """Draw a sprite alone, RGBA, for a frame of `height` lines."""
    return draw_object(
        sprite.object, sprite.colour, max(4, round(sprite.size * height)), sprite.angle
    )


def draw_sign(sign: Sign, width: int, height: int) -> tuple[Image.Image, tuple[int, int]]:
    """Draw a sign for a frame of width x height: its RGBA board and where its top left goes."""
    board_height = max(8, round(sign.height * height))
    size = _board_size(sign.text, board_height)
    board, ink = SIGN_SCHEMES[sign.scheme]
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    edge = max(1, board_height // 22)
    draw.rounded_rectangle(
        (0, 0, size[0] - 1, size[1] - 1),
        radius=board_height // 8,
        fill=(*board, 255),
        outline=(*ink, 255),
        width=edge,
    )
    draw.text(
        (size[0] / 2, size[1] / 2),
        sign.text,
        font=_font(_letter_size(board_height)),
        fill=(*ink, 255),
        anchor="mm",
    )
    corner = (round(sign.x * width - size[0] / 2), round(sign.y * height - size[1] / 2))
    return image, corner


def _letter_size(board_height: int) -> int:
    return max(5, round(board_height * 0.62))


def _board_size(text: str, board_height: int) -> tuple[int, int]:
    left, _, right, _ = _font(_letter_size(board_height)).getbbox(text)
    return round(right - left + board_height * 0.7), board_height


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
