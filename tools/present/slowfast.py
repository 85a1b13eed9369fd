"""slowfast: frames that change are shown large, those like the one before small.

After Keye-VL 1.5: the first frame is slow; one whose patches are like those of the latest slow
frame in more than 95 % is fast, else the new slow one; a fast frame has 30 % of the tokens of a
slow one, and the tokens of slow frames are searched by halving so that all fit. The likeness of
patches is ours: the cosine of two blocks' pixels around mid-grey; the share of blocks with 0.95 or
more counts.
"""

from __future__ import annotations

import numpy as np

from ...index.video.frames import Frames
from ...models.client.token_cost import MARKS, TIME_TOKENS, family_of, vision_tokens
from ...models.vlm.laid_out import LaidOut
from .limits import within_limits
from .terms import PLAIN, Terms, laid_out, shown_at

ALIKE = 0.95
FAST = 0.3  # tokens of a fast frame, as a share of a slow one's
LEAST_TOKENS = 64  # of a slow frame
BLOCKS, SIDE = 8, 8  # blocks of a side of the picture, pixels of a side of a block


def as_slowfast(frames: Frames, terms: Terms = PLAIN) -> LaidOut:
    """Lay out slow and fast frames within the room, in tokens; costs at most what frames would."""
    if not len(frames):
        return laid_out(frames, [])
    slow = slow_frames(frames)
    size = frames.pixels.shape[2], frames.pixels.shape[1]
    native = vision_tokens(family_of(terms.model), 1, size)
    words = (MARKS + TIME_TOKENS) * len(frames)
    room = len(frames) * native if terms.room is None else terms.room - words
    given = slow_tokens(int(slow.sum()), int((~slow).sum()), room, native)
    scale = (native / given) ** 0.5
    pictures = [
        shown_at(frames, row, scale if large else scale * FAST**-0.5)
        for row, large in enumerate(slow.tolist())
    ]
    return within_limits(laid_out(frames, pictures), terms)


def slow_tokens(slow: int, fast: int, room: int, native: int) -> int:
    """Return the tokens of a slow frame: the most that fit, 64 at least and `native` at most.

    Args:
        slow: frames of this kind.
        fast: frames of `floor(0.3 x tokens)` each.
        room: tokens in all.
        native: tokens of a frame as it is.
    """
    low, high = min(LEAST_TOKENS, native), native
    while low < high:
        middle = (low + high + 1) // 2
        if slow * middle + fast * int(FAST * middle) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def slow_frames(frames: Frames) -> np.ndarray:
    """Return which frames are slow, bool [N]."""
    blocks = _blocks(frames.pixels)
    lengths = np.linalg.norm(blocks, axis=2)
    slow = np.zeros(len(frames), bool)
    slow[0], last = True, 0
    for row in range(1, len(frames)):
        dots = (blocks[row] * blocks[last]).sum(axis=1)
        both = lengths[row] * lengths[last]
        grey = (lengths[row] < 1) & (lengths[last] < 1)
        alike = grey | (dots >= ALIKE * np.maximum(both, 1e-9))
        if alike.mean() <= ALIKE:
            slow[row], last = True, row
    return slow


def _blocks(pixels: np.ndarray) -> np.ndarray:
    """Return the blocks of frames around mid-grey, float32 [N, blocks, values]."""
    from PIL import Image

    side = BLOCKS * SIDE
    small = np.stack(
        [np.asarray(Image.fromarray(p).resize((side, side), Image.Resampling.BOX)) for p in pixels]
    )
    cut = small.reshape(len(small), BLOCKS, SIDE, BLOCKS, SIDE, 3).transpose(0, 1, 3, 2, 4, 5)
    return cut.reshape(len(small), BLOCKS * BLOCKS, -1).astype(np.float32) - 127.5
