"""Contact sheets: the frames that prove an answer, with their times, on one tidy page."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longtake.index.video.errors import UsageError
from longtake.index.video.span import Span, format_seconds
from longtake.safe import printable

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH, MARGIN, GAP, COLUMNS = 1280, 36, 16, 4
PAPER, INK, FAINT, LINE = (250, 249, 246), (28, 30, 34), (120, 122, 128), (222, 220, 214)
ACCENT, GOOD, SHADE = (176, 58, 32), (40, 116, 74), (20, 20, 22)
_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture of a sheet.

    Attributes:
        pixels: uint8 [H, W, 3]; None where the frame does not decode.
        second: its time in the film.
        caption: what it shows, says or writes.
        badge: its number, drawn into the corner; empty for none.
        verified: True draws the mark of a checked claim.
    """

    pixels: np.ndarray | None
    second: float
    caption: str = ""
    badge: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet before it is drawn.

    Attributes:
        title: the small line on top, a question or a film's name.
        options: what could be chosen, below the title.
        headline: the large line, an answer; empty for none.
        facts: short remarks, joined on one line.
        cells: the pictures.
        marks: spans to mark on the strip that stands for the whole film.
        duration: the film's length in seconds; 0 leaves the strip out.
        notes: remarks below the strip.
    """

    title: str
    options: Sequence[str] = ()
    headline: str = ""
    facts: Sequence[str] = ()
    cells: Sequence[Cell] = ()
    marks: Sequence[Span] = ()
    duration: float = 0.0
    notes: Sequence[str] = ()


def draw_page(page: Page) -> Image:
    """Draw the sheet, `WIDTH` pixels wide and as high as it needs."""
    from PIL import Image, ImageDraw

    # drawn on a canvas that is surely high enough, then cut to what was used
    rows = -(-len(page.cells) // _columns(page))
    canvas = Image.new("RGB", (WIDTH, 900 + rows * (WIDTH // _columns(page) + 80)), PAPER)
    draw = ImageDraw.Draw(canvas)
    y = MARGIN
    y = _write(draw, page.title, y, 26, INK if page.headline == "" else FAINT, lines=3)
    if page.options:
        y = _write(draw, " · ".join(page.options), y + 2, 19, FAINT, lines=3)
    if page.headline:
        y = _write(draw, page.headline, y + 4, 44, INK, lines=3)
    if page.facts:
        y = _write(draw, "  ·  ".join(page.facts), y + 6, 19, FAINT, lines=2)
    if page.cells:
        y = _draw_grid(canvas, draw, page, y + 20)
    if page.duration > 0:
        y = _draw_strip(draw, page, y + 14)
    for note in page.notes:
        y = _write(draw, note, y + 4, 17, FAINT, lines=2)
    return canvas.crop((0, 0, WIDTH, y + MARGIN - 8))


def save_page(page: Page, path: Path) -> None:
    """Draw the sheet into a .jpg or .png file, whole or not at all.

    Raises:
        UsageError: another ending, or the file cannot be written.
    """
    save_image(draw_page(page), path)


def save_image(image: Image, path: Path) -> None:
    """Write a picture as a .jpg or .png file, whole or not at all.

    Raises:
        UsageError: another ending, or the file cannot be written.
    """
    kind = picture_format(path)
    try:
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        with os.fdopen(handle, "wb") as file:
            image.save(file, kind, quality=90)
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "choose another") from error


def picture_format(path: Path) -> str:
    """Return Pillow's name for the format that the file's ending asks for.

    Raises:
        UsageError: an ending that is not a picture's, or no such folder.
    """
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(f"{path.name} is no picture", f"end it in {', '.join(_FORMATS)}")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", "make it first")
    return kind


def _columns(page: Page) -> int:
    return min(COLUMNS, max(1, len(page.cells))) if len(page.cells) != 4 else 2


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _wrap(draw: ImageDraw, text: str, size: int, width: int, lines: int) -> list[str]:
    """Break the text into at most `lines` lines that fit; what is left out becomes an ellipsis."""
    font, rows, row = _font(size), [], ""
    words = printable(text).split(" ")
    for place, word in enumerate(words):
        while draw.textlength(word, font=font) > width and len(word) > 8:
            word = word[: len(word) * 3 // 4] + "…"
        longer = f"{row} {word}".strip()
        if draw.textlength(longer, font=font) <= width:
            row = longer
            continue
        rows.append(row)
        row = word
        if len(rows) == lines:
            rest = rows[-1]
            while rest and draw.textlength(rest + "…", font=font) > width:
                rest = rest[:-1]
            return [*rows[:-1], rest.rstrip() + ("…" if place < len(words) else "")]
    return [*rows, row]


def _write(
    draw: ImageDraw,
    text: str,
    y: int,
    size: int,
    fill: tuple[int, int, int],
    *,
    x: int = MARGIN,
    width: int = WIDTH - 2 * MARGIN,
    lines: int = 1,
) -> int:
    """Write wrapped text and return the y below it."""
    for row in _wrap(draw, text, size, width, lines):
        draw.text((x, y), row, fill=fill, font=_font(size))
        y += round(size * 1.32)
    return y


def _draw_grid(canvas: Image, draw: ImageDraw, page: Page, top: int) -> int:
    columns = _columns(page)
    # a lone picture at full width would drown the words
    width = min(760, (WIDTH - 2 * MARGIN - GAP * (columns - 1)) // columns)
    for first in range(0, len(page.cells), columns):
        row = page.cells[first : first + columns]
        height = max(_height(cell, width) for cell in row)
        bottom = top + height
        for place, cell in enumerate(row):
            left = MARGIN + place * (width + GAP)
            _draw_cell(canvas, draw, cell, (left, top, width, height))
            below = top + height + 6
            if cell.caption:
                below = _write(
                    draw, cell.caption, below, 17, INK, x=left + 1, width=width - 2, lines=2
                )
            bottom = max(bottom, below)
        top = bottom + GAP
    return top - GAP


def _height(cell: Cell, width: int) -> int:
    if cell.pixels is None:
        return round(width * 9 / 16)
    rows, columns = cell.pixels.shape[:2]
    return max(24, min(round(width * rows / columns), round(width * 1.25)))


def _draw_cell(
    canvas: Image, draw: ImageDraw, cell: Cell, place: tuple[int, int, int, int]
) -> None:
    from PIL import Image, ImageOps

    left, top, width, height = place
    draw.rectangle((left, top, left + width - 1, top + height - 1), fill=SHADE)
    if cell.pixels is None:
        draw.text((left + 14, top + height // 2 - 9), "does not decode", FAINT, _font(17))
    else:
        picture = Image.fromarray(cell.pixels)
        picture = ImageOps.contain(picture, (width, height))
        if width - picture.width <= 2 and height - picture.height <= 2:
            picture = picture.resize((width, height))  # no dark hairline from rounding
        spare = (left + (width - picture.width) // 2, top + (height - picture.height) // 2)
        canvas.paste(picture, spare)
    _tag(draw, format_seconds(cell.second), left + 8, top + height - 34, SHADE)
    if cell.badge:
        edge = _tag(draw, cell.badge, left + 8, top + 8, ACCENT)
        if cell.verified:
            _tick(draw, edge + 8, top + 8)


def _tag(draw: ImageDraw, text: str, x: int, y: int, fill: tuple[int, int, int]) -> int:
    """Draw light text on a dark label; return the label's right edge."""
    font = _font(17)
    right = x + round(draw.textlength(text, font=font)) + 16
    draw.rounded_rectangle((x, y, right, y + 26), 5, fill=fill)
    draw.text((x + 8, y + 3), text, fill=PAPER, font=font)
    return right


def _tick(draw: ImageDraw, x: int, y: int) -> None:
    draw.rounded_rectangle((x, y, x + 26, y + 26), 5, fill=GOOD)
    draw.line(
        ((x + 6, y + 14), (x + 11, y + 19), (x + 20, y + 7)), fill=PAPER, width=3, joint="curve"
    )


def _draw_strip(draw: ImageDraw, page: Page, top: int) -> int:
    """Draw the film as a bar with its marked spans; return the y below."""
    left, right = MARGIN, WIDTH - MARGIN
    scale = (right - left) / page.duration
    draw.rounded_rectangle((left, top + 6, right, top + 16), 5, fill=LINE)
    for mark in page.marks:
        x0 = left + mark.start * scale
        x1 = min(float(right), max(x0 + 5, left + mark.end * scale))
        draw.rounded_rectangle((min(x0, right - 5), top, x1, top + 22), 2, fill=ACCENT)
    ends = format_seconds(page.duration)
    draw.text((left, top + 28), "0:00", fill=FAINT, font=_font(16))
    draw.text((right, top + 28), ends, fill=FAINT, font=_font(16), anchor="ra")
    return top + 50
