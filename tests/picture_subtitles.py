"""Subtitles as pictures: a writer of Blu-ray's format (PGS), from which ffmpeg makes the others."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from film_fixtures import run_ffmpeg
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 640, 360
_COLOURS, _MARGIN, _OUTLINE = 15, 4, 3
_PALETTE, _OBJECT, _COMPOSITION, _WINDOW, _END = 0x14, 0x15, 0x16, 0x17, 0x80

Line = tuple[float, float, str]


def make_subtitled(
    path: Path,
    lines: Sequence[Line],
    *options: str,
    codec: str = "copy",
    fill: int = 240,
    delay: float = 0,
) -> Path:
    """Make a film of 12 s with picture subtitles.

    Args:
        path: its ending chooses the container.
        lines: start and end in seconds, and text.
        options: of ffmpeg, for the output.
        codec: of the subtitles: `copy` for PGS, `dvbsub`, `dvdsub`.
        fill: grey of the letters.
        delay: seconds after the subtitles' own beginning at which the pictures begin.
    """
    sup = path.with_suffix(".pgs")
    sup.write_bytes(write_pgs(lines, fill))
    video = "mpeg2video" if path.suffix == ".vob" else "libx264"
    source = f"testsrc2=s={WIDTH}x{HEIGHT}:r=5:d=12"
    run_ffmpeg(
        *(
            "-itsoffset",
            str(delay),
            "-f",
            "lavfi",
            "-i",
            source,
            "-fix_sub_duration",
            "-f",
            "sup",
            "-i",
            str(sup),
        ),
        *("-map", "0:v", "-map", "1:s"),
        *(
            "-c:v",
            video,
            *(("-r", "25") if path.suffix == ".vob" else ("-preset", "ultrafast")),
            "-c:s",
            codec,
            *options,
            str(path),
        ),
    )
    sup.unlink()
    return path


def write_pgs(lines: Sequence[Line], fill: int = 240) -> bytes:
    """Return a file of Blu-ray subtitles."""
    parts, number = [_clear(0, 0.0)], 1
    for start, end, text in lines:
        parts += [_show(number, start, draw(text, fill)), _clear(number + 1, end)]
        number += 2
    return b"".join(parts)


def draw(text: str, fill: int) -> Image.Image:
    """Draw outlined text on nothing, RGBA."""
    font = ImageFont.load_default(36)
    where = ImageDraw.Draw(Image.new("L", (1, 1)))
    box = where.multiline_textbbox((0, 0), text, font=font, stroke_width=_OUTLINE)
    size = round(box[2] - box[0]) + 2 * _MARGIN, round(box[3] - box[1]) + 2 * _MARGIN
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(picture).multiline_text(
        (_MARGIN - box[0], _MARGIN - box[1]),
        text,
        font=font,
        fill=(fill, fill, fill, 255),
        stroke_width=_OUTLINE,
        stroke_fill=(0, 0, 0, 255),
    )
    return picture


def _segment(kind: int, seconds: float, body: bytes) -> bytes:
    return b"PG" + struct.pack(">IIBH", round(seconds * 90_000), 0, kind, len(body)) + body


def _composition(number: int, state: int, parts: bytes) -> bytes:
    count = len(parts) // 8
    return struct.pack(">HHBHBBBB", WIDTH, HEIGHT, 0x10, number, state, 0, 0, count) + parts


def _show(number: int, seconds: float, picture: Image.Image) -> bytes:
    quantized = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)
    colours = np.array(quantized.getpalette("RGBA")).reshape(-1, 4)
    drawn = np.asarray(quantized).astype(int) + 1
    drawn[np.asarray(picture)[:, :, 3] == 0] = 0
    height, width = drawn.shape
    x, y = (WIDTH - width) // 2, HEIGHT - height - 20
    data = b"".join(_run_lengths(row) for row in drawn)
    assert len(data) < 65_000
    size = (len(data) + 4).to_bytes(3, "big") + struct.pack(">HH", width, height)
    palette = b"".join(
        bytes([index + 1, 16 + round(0.859 * red), 128, 128, alpha])
        for index, (red, _, _, alpha) in enumerate(colours.tolist())
    )
    bodies = {
        _COMPOSITION: _composition(number, 0x80, struct.pack(">HBBHH", 0, 0, 0, x, y)),
        _WINDOW: struct.pack(">BBHHHH", 1, 0, x, y, width, height),
        _PALETTE: b"\0\0" + palette,
        _OBJECT: b"\0\0\0\xc0" + size + data,
        _END: b"",
    }
    return b"".join(_segment(kind, seconds, body) for kind, body in bodies.items())


def _clear(number: int, seconds: float) -> bytes:
    window = struct.pack(">BBHHHH", 1, 0, 0, 0, 1, 1)
    bodies = {_COMPOSITION: _composition(number, 0, b""), _WINDOW: window, _END: b""}
    return b"".join(_segment(kind, seconds, body) for kind, body in bodies.items())


def _run_lengths(row: np.ndarray) -> bytes:
    out = bytearray()
    bounds = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
    for start, end in pairwise(bounds):
        colour, left = int(row[start]), end - start
        flag = 0x80 if colour else 0
        length = bytes([flag | left]) if left < 64 else struct.pack(">H", (flag | 0x40) << 8 | left)
        out += b"\0" + length + (bytes([colour]) if colour else b"")
    return bytes(out + b"\0\0")
