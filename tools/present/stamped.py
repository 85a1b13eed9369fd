"""stamped: the time of every frame burnt into it, lower right in red, after LOVE-R1.

LOVE-R1 (arXiv 2509.24786) stamps the seconds and says so in words, so that a model reads the time
off the picture where its processor loses it. Here the digits stand on a dark plate: red on red
would not be read.
"""

from __future__ import annotations

import numpy as np

from ...index.video.frames import Frames
from ...models.vlm.laid_out import LaidOut
from ...prompts import render
from .limits import within_limits
from .terms import PLAIN, Terms, laid_out, shown_at

INK, PLATE = (255, 64, 64), (0, 0, 0)
LEAST, SHARE = 11, 14  # pixels of the digits; and the part of the picture's height that they are


def as_stamped(frames: Frames, terms: Terms = PLAIN) -> LaidOut:
    """Burn the second into every frame; costs what the frames would, and one line of words."""
    pixels = [stamp(p, float(s)) for p, s in zip(frames.pixels, frames.seconds, strict=True)]
    if not pixels:
        return laid_out(frames, [])
    stamped = Frames(np.stack(pixels), frames.seconds)
    first = render("vlm_stamped")
    pictures = [shown_at(stamped, row, 1.0, "" if row else first) for row in range(len(stamped))]
    return within_limits(laid_out(stamped, pictures), terms)


def stamp(pixels: np.ndarray, second: float) -> np.ndarray:
    """Return a frame, uint8 [H, W, 3], with its second in the lower right corner."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(pixels)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(max(LEAST, picture.height // SHARE))
    label = f"{second:.1f} s"
    left, top, right, bottom = pen.textbbox((0, 0), label, font=font)
    pad = max(2, (bottom - top) // 4)
    x, y = picture.width - (right - left) - 2 * pad, picture.height - (bottom - top) - 2 * pad
    pen.rectangle((x, y, picture.width, picture.height), fill=PLATE)
    pen.text((x + pad - left, y + pad - top), label, font=font, fill=INK)
    return np.asarray(picture)
