"""What is laid over real footage: simple drawings, boards with text, changes of the picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from .plan import Event

Picture = Image.Image
RGB = {
    "red": (214, 30, 34),
    "yellow": (250, 214, 20),
    "green": (26, 160, 60),
    "blue": (30, 80, 220),
    "orange": (245, 130, 20),
    "purple": (140, 50, 180),
    "white": (250, 250, 250),
    "black": (16, 16, 16),
}
# strokes in a square of 100: `o` an ellipse, `e` one that is cut out, `p` a polygon,
# `l` a line, `a` an arc
ICONS: dict[str, str] = {
    "kite": "p 50 2 82 36 50 80 18 36; l 50 80 40 88 58 94 46 99",
    "umbrella": "a 5 10 95 90 180 360; p 5 50 95 50 88 40 12 40; l 50 50 50 88 38 92",
    "hat": "p 28 20 72 20 76 66 24 66; o 4 60 96 78",
    "balloon": "o 22 2 78 66; p 44 70 56 70 50 64; l 50 70 46 84 54 98",
    "fish": "o 20 28 96 72; p 26 50 2 26 2 74",
    "key": "o 4 32 40 68; e 14 42 30 58; p 38 45 96 45 96 55 38 55; p 80 55 88 55 88 72 80 72",
    "mushroom": "a 6 10 94 90 180 360; p 38 50 62 50 66 92 34 92",
    "crown": "p 8 84 8 24 30 52 50 16 70 52 92 24 92 84",
    "mug": "p 16 20 66 20 66 86 16 86; a 56 32 92 70 270 90",
    "candle": "p 38 36 62 36 62 96 38 96; o 43 8 57 32",
    "flag": "p 14 4 22 4 22 98 14 98; p 22 8 92 28 22 50",
    "drum": "o 10 16 90 44; p 10 30 90 30 90 76 10 76; o 10 62 90 90",
    "star": "p 50 2 62 36 98 38 69 60 80 96 50 74 20 96 31 60 2 38 38 36",
    "leaf": "p 50 4 82 36 72 74 50 90 28 74 18 36; l 50 90 50 99",
    "moon": "p 60 4 34 20 24 50 34 80 60 96 48 72 46 50 48 28",
    "ladder": "p 20 2 28 2 28 98 20 98; p 72 2 80 2 80 98 72 98; l 24 20 76 20; l 24 50 76 50; "
    "l 24 80 76 80",
    "house": "p 50 4 96 46 4 46; p 16 46 84 46 84 96 16 96",
    "heart": "o 8 12 54 56; o 46 12 92 56; p 11 44 89 44 50 94",
    "boat": "p 4 66 96 66 78 92 22 92; p 48 6 48 60 12 60; p 54 16 54 60 84 60",
    "tree": "p 50 2 88 44 12 44; p 50 22 96 74 4 74; p 42 74 58 74 58 98 42 98",
    "arrow": "p 2 38 56 38 56 14 98 50 56 86 56 62 2 62",
    "lantern": "p 28 26 72 26 80 86 20 86; a 34 2 66 46 180 360; p 24 86 76 86 76 96 24 96",
    "wheel": "o 4 4 96 96; e 14 14 86 86; l 50 4 50 96; l 4 50 96 50; l 18 18 82 82; l 82 18 18 82",
    "cloud": "o 4 40 44 80; o 26 18 74 76; o 56 36 96 80; p 24 58 78 58 78 80 24 80",
}
SIDE = 0.28  # of the frame's height
ICON_PIXELS, TEXT_PIXELS = 24.0, 8.0  # heights from which a strong model makes them out
_CENTRES = {
    "top left": (0.17, 0.24),
    "top right": (0.83, 0.24),
    "bottom left": (0.17, 0.76),
    "bottom right": (0.83, 0.76),
    "centre": (0.5, 0.5),
}


def box_of(event: Event, size: tuple[int, int]) -> tuple[float, float, float, float] | None:
    """Return where an event's drawing or text is, shares of the frame; None for whole pictures."""
    if event.sign:
        return _shares(_sign_boxes(event, size)[1], size)
    if event.icon:
        return _shares(_icon_box(event.place, size), size)
    return None


def overlay_of(event: Event, size: tuple[int, int]) -> Picture | None:
    """Return the picture that lies over the footage, RGBA; None where there is none."""
    if not event.sign and not event.icon:
        return None
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    if event.sign:
        board, text = _sign_boxes(event, size)
        draw = ImageDraw.Draw(layer)
        draw.rectangle(board, fill=(246, 240, 222, 255), outline=(40, 36, 30, 255), width=2)
        font = _font(_letters(event, size))
        draw.text((text[0], text[1]), event.sign, font=font, fill=(24, 22, 20, 255), anchor="lt")
    else:
        box = _icon_box(event.place, size)
        icon = _icon(event.icon, event.colour, box[2] - box[0])
        layer.paste(icon, (box[0], box[1]))
    return layer


def change(picture: Picture, effect: str) -> Picture:
    """Return a picture with an effect of the bank."""
    return _EFFECTS[effect](picture) if effect else picture


def _shares(
    box: tuple[int, int, int, int], size: tuple[int, int]
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    width, height = size
    return (
        round(x0 / width, 4),
        round(y0 / height, 4),
        round(x1 / width, 4),
        round(y1 / height, 4),
    )


def _icon_box(place: str, size: tuple[int, int]) -> tuple[int, int, int, int]:
    side = round(SIDE * size[1])
    x, y = (round(share * length) for share, length in zip(_CENTRES[place], size, strict=True))
    return x - side // 2, y - side // 2, x - side // 2 + side, y - side // 2 + side


def _letters(event: Event, size: tuple[int, int]) -> int:
    return max(8, round(size[1] * (0.04 if event.small else 0.075)))


def _sign_boxes(
    event: Event, size: tuple[int, int]
) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Return the board and the text on it, pixels, moved into the frame."""
    letters = _letters(event, size)
    x0, y0, x1, y1 = _font(letters).getbbox(event.sign, anchor="lt")
    width, height, margin = round(x1 - x0), round(y1 - y0), letters // 2
    cx, cy = (share * length for share, length in zip(_CENTRES[event.place], size, strict=True))
    x = round(min(max(cx - width / 2, margin + 2), size[0] - width - margin - 2))
    y = round(min(max(cy - height / 2, margin + 2), size[1] - height - margin - 2))
    board = (x - margin, y - margin, x + width + margin, y + height + margin)
    return board, (x, y, x + width, y + height)


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _icon(name: str, colour: str, side: int) -> Picture:
    """Return a drawing, RGBA, with a rim that stands out from any footage."""
    big = 4 * side
    mask = Image.new("L", (big, big))
    draw = ImageDraw.Draw(mask)
    for stroke in ICONS[name].split(";"):
        form, *numbers = stroke.split()
        at = [float(n) * big / 100 for n in numbers]
        if form in "oe":
            draw.ellipse(at, fill=255 if form == "o" else 0)
        elif form == "p":
            draw.polygon(at, fill=255)
        elif form == "l":
            draw.line(at, fill=255, width=big // 22)
        else:
            draw.pieslice(at[:4], float(numbers[4]), float(numbers[5]), fill=255)
    mask = mask.resize((side, side), Image.Resampling.LANCZOS)
    rim = mask.filter(ImageFilter.MaxFilter(5))
    dark = (250, 250, 250) if colour == "black" else (12, 12, 12)
    icon = Image.new("RGBA", (side, side), (*dark, 0))
    icon.putalpha(rim)
    icon.paste(Image.new("RGB", (side, side), RGB[colour]), (0, 0), mask)
    icon.putalpha(rim)
    return icon


def _upside(picture: Picture) -> Picture:
    return picture.transpose(Image.Transpose.ROTATE_180)


def _inset(picture: Picture) -> Picture:
    width, height = picture.size
    small = ImageOps.mirror(picture).resize((width // 4, height // 4))
    small = ImageOps.expand(small, 3, (240, 240, 240))
    out = picture.copy()
    out.paste(small, (width - small.width - 12, height - small.height - 12))
    return out


def _fourfold(picture: Picture) -> Picture:
    width, height = picture.size
    half = picture.resize((width // 2, height // 2))
    out = Image.new("RGB", picture.size)
    for x in (0, width // 2):
        for y in (0, height // 2):
            out.paste(half, (x, y))
    return out


def _border(picture: Picture) -> Picture:
    out = picture.copy()
    width = round(0.09 * picture.height)
    ImageDraw.Draw(out).rectangle((0, 0, *picture.size), outline=(245, 245, 245), width=width)
    return out


def _bars(picture: Picture) -> Picture:
    out = picture.copy()
    draw, (width, height) = ImageDraw.Draw(out), picture.size
    draw.rectangle((0, 0, width, 0.2 * height), fill=(4, 4, 4))
    draw.rectangle((0, 0.8 * height, width, height), fill=(4, 4, 4))
    return out


def _grey(picture: Picture) -> Picture:
    return picture.convert("L").convert("RGB")


def _blur(picture: Picture) -> Picture:
    width, height = picture.size
    return picture.reduce(16).resize((width, height), Image.Resampling.BICUBIC)


def _mosaic(picture: Picture) -> Picture:
    return picture.reduce(24).resize(picture.size, Image.Resampling.NEAREST)


def _tint(colour: str) -> Callable[[Picture], Picture]:
    def apply(picture: Picture) -> Picture:
        return Image.blend(picture, Image.new("RGB", picture.size, RGB[colour]), 0.5)

    return apply


_EFFECTS: dict[str, Callable[[Picture], Picture]] = {
    "upside": _upside,
    "inset": _inset,
    "fourfold": _fourfold,
    "border": _border,
    "negative": ImageOps.invert,
    "bars": _bars,
    "grey": _grey,
    "blur": _blur,
    "mosaic": _mosaic,
    "red": _tint("red"),
    "blue": _tint("blue"),
    "green": _tint("green"),
}
