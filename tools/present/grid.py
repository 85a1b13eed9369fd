"""grid: several frames in one picture, after IG-VLM (arXiv 2403.18406).

Six frames a picture, `round(sqrt(n))` in a row, read left to right and top to bottom, each with its
time; the words before the picture say so. The paper sends one picture of six frames; more frames
make more pictures here, and a server that takes fewer pictures gets fuller ones.
"""

from __future__ import annotations

import math

import numpy as np

from ...index.video.frames import Frames
from ...models.vlm.frame_grid import draw_grid
from ...models.vlm.laid_out import LaidOut, Picture
from .terms import PLAIN, Terms, laid_out

CELLS = 6


def as_grid(frames: Frames, terms: Terms = PLAIN) -> LaidOut:
    """Lay frames out in grids of six, or of more where the pictures are limited.

    A grid costs what its frames would, without the marks between them; one wider than 2048 px is
    drawn smaller.
    """
    most = terms.most_pictures
    cells = max(CELLS, math.ceil(len(frames) / most)) if most else CELLS
    parts = [
        frames.take(range(k, min(k + cells, len(frames)))) for k in range(0, len(frames), cells)
    ]
    return laid_out(frames, [grid_of(part, max(1, round(len(part) ** 0.5))) for part in parts])


def grid_of(frames: Frames, columns: int) -> Picture:
    """Return frames as one picture; a single one as it is."""
    seconds = tuple(float(second) for second in frames.seconds)
    if len(frames) == 1:
        return Picture(frames.pixels[0], seconds)
    return Picture(draw_grid(frames, columns), seconds)


def packed(pictures: list[Picture], most: int) -> list[Picture]:
    """Put neighbours of equal size into shared pictures until no more than `most` are left.

    The smallest are joined first, in the order of time; a picture that is a grid stays as it is.
    """
    kept = list(pictures)
    for size in sorted({picture.size for picture in pictures}):
        runs: list[list[Picture]] = []
        for picture in kept:
            alone = picture.size != size or len(picture.seconds) > 1
            if alone or not runs or runs[-1][0].size != size or len(runs[-1][0].seconds) > 1:
                runs.append([picture])
            else:
                runs[-1].append(picture)
        others = sum(len(run) for run in runs if len(run) == 1)
        longer = [run for run in runs if len(run) > 1]
        room = max(len(longer), most - others)
        each = max(2, math.ceil(sum(map(len, longer)) / room)) if longer else 1
        kept = []
        for run in runs:
            for start in range(0, len(run), each):
                part = run[start : start + each]
                if len(part) == 1:
                    kept += part
                    continue
                seconds = np.array([picture.seconds[0] for picture in part])
                joined = Frames(np.stack([picture.pixels for picture in part]), seconds)
                grid = grid_of(joined, math.ceil(len(part) ** 0.5))
                notes = [picture.note for picture in part if picture.note]
                # words about one of several clips are not about the whole picture
                note = notes[0] if len(notes) == 1 and part[0].note else ""
                kept.append(Picture(grid.pixels, grid.seconds, note))
        if len(kept) <= most:
            break
    return kept
