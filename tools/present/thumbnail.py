"""thumbnail: the frames, and after them one composite of six, after TS-LLaVA (arXiv 2411.11066).

The paper gives 2880 tokens to tokens sampled from 50 frames and 576 to the composite, which comes
last. Tokens cannot be sampled from outside a model, so the frames are shown smaller instead: they
take five sixths of what all frames would cost, the composite the last sixth. The composite is the
most square grid of its factors with rows >= columns (six: 3 x 2).
"""

from __future__ import annotations

import numpy as np

from ...index.video.frames import Frames
from ...models.vlm.laid_out import LaidOut, Picture
from ...models.vlm.media import shrink
from .grid import grid_of
from .limits import within_limits
from .terms import PLAIN, Terms, laid_out, shown_at

CELLS = 6
SAMPLED = 5 / 6  # share of the tokens for the frames themselves
NOTE = "A summary of the frames above:"


def as_thumbnail(frames: Frames, terms: Terms = PLAIN) -> LaidOut:
    """Lay out all frames small and a composite of six even ones; costs what the frames would.

    With fewer than three frames there is nothing to sum up, and they are shown as they are.
    """
    count = len(frames)
    if count < 3:
        pictures = [shown_at(frames, row, 1.0) for row in range(count)]
        return within_limits(laid_out(frames, pictures), terms)
    cells = min(CELLS, count)
    rows = np.linspace(0, count - 1, cells).round().astype(int)
    part = frames.take(rows)
    # a sixth of the frames' cost, over its cells
    share = min(1.0, (count * (1 - SAMPLED) / cells) ** 0.5)
    small = Frames(shrink(part.pixels, share), part.seconds) if share < 1 else part
    grid = grid_of(small, columns_of(cells))
    pictures = [shown_at(frames, row, SAMPLED**-0.5) for row in range(count)]
    if terms.most_pictures is not None and terms.most_pictures < 2:
        return within_limits(laid_out(frames, pictures), terms)
    room = None if terms.most_pictures is None else terms.most_pictures - 1
    shown = within_limits(laid_out(frames, pictures), Terms(most_pictures=room))
    return laid_out(frames, [*shown.pictures, Picture(grid.pixels, grid.seconds, NOTE)])


def columns_of(cells: int) -> int:
    """Return the columns of the most square grid of exactly so many cells, rows >= columns."""
    return max(n for n in range(1, int(cells**0.5) + 1) if cells % n == 0)
