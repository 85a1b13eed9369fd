"""Which frames do not continue the one before them: cuts, told from movement, fades and flashes.

A cut is one large step among small ones. What a camera's move leaves is measured by shifting one
picture over the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..frames import Frames

# a cut stands out from the steps around it by this factor; and by this much at least, which is
# less where nothing else moves: a slide of a lecture is mostly paper
_FACTOR, _STEP, _STILL_STEP, _STILL = 3.0, 5.0, 1.5, 0.4
# two frames that no shift of the picture makes more alike than this are of two shots
_STRANGE, _STRANGE_FACTOR = 26.0, 1.5
# smaller steps have to stand out from the two next to them too: a sudden move takes three frames
_PEAK = 2.5
# frames further apart than this may show a move as one step, in seconds; no move makes a larger one
_SPARSE, _NO_MOVE, _SPARSE_FACTOR = 0.2, 40.0, 5.0
# share of a step that is left when the picture only moved is less than this
_UNMOVED = 0.5
# a picture that comes late shows as much more movement as it is late, up to this factor
_LATEST = 4.0
# steps on each side that tell what is usual, and pixels that a camera may move from frame to frame
AROUND, _SHIFT = 5, (4, 8)
LUMA = np.array([0.299, 0.587, 0.114])


def cut_rows(frames: Frames) -> list[tuple[int, float]]:
    """Return which of some frames in a row do not continue the one before, and their steps."""
    pixels = frames.pixels
    if len(pixels) < 2:
        return []
    steps, apart = steps_of(pixels), np.diff(frames.seconds)
    late = np.minimum(apart / max(float(np.median(apart)), 1e-6), _LATEST)
    found = []
    for at in np.flatnonzero(steps > _STILL_STEP):
        around = _Around.of(steps, int(at), max(1.0, float(late[at])))
        sparse = bool(apart[at] > _SPARSE)
        if not _is_cut(float(steps[at]), around, pixels[at : at + 2], sparse=sparse):
            continue
        first, last = pixels[max(0, at - 1)], pixels[min(len(pixels) - 1, at + 2)]
        # a flash goes back to what was there
        if np.abs(last.astype(np.int16) - first).mean() > steps[at] / 2:
            found.append((int(at) + 1, float(steps[at])))
    return found


@dataclass(frozen=True)
class _Around:
    """The steps around one: the usual, the mean of the two next to it, and the largest."""

    usual: float
    next_to: float
    largest: float

    @classmethod
    def of(cls, steps: np.ndarray, at: int, late: float) -> _Around:
        """Look at the steps on both sides, as large as if they came as late as this one."""
        sides = steps[max(0, at - AROUND) : at], steps[at + 1 :][:AROUND]
        both = np.concatenate(sides) if len(steps) > 1 else np.zeros(1)
        # one side of a cut may stand still while the other moves
        usual = max((float(np.median(side)) for side in sides if len(side)), default=0.0)
        next_to = float(np.mean([*sides[0][-1:], *sides[1][:1]] or [0.0]))
        return cls(usual * late, next_to * late, float(both.max()))


def _is_cut(step: float, around: _Around, pair: np.ndarray, *, sparse: bool) -> bool:
    """Say whether a step from one frame to the next is more than the movement around it."""
    usual = around.usual
    luma = pair @ LUMA

    def unmoved(share: float, least: float = 0.0) -> bool:
        """Say whether no shift of the picture explains more than the rest of the step."""
        return bool(shifted_steps(luma[:1], luma[1:], *_SHIFT)[0] > max(share * step, least))

    if usual < _STILL:
        # a jerk of what stands still is followed by others
        lone = sparse or step > _PEAK * around.largest
        return step > _NO_MOVE or (step > _STILL_STEP and lone and unmoved(_UNMOVED))
    if step > max(_STRANGE, _STRANGE_FACTOR * usual) and unmoved(0.0, _STRANGE):
        return True
    if sparse:
        lone = step > max(_STRANGE, _SPARSE_FACTOR * usual)
        return step > _NO_MOVE or (lone and unmoved(_UNMOVED))
    stands_out = step > max(_STEP, _FACTOR * usual)
    return stands_out and (step > _STRANGE or step > _PEAK * around.next_to)


def steps_of(pictures: np.ndarray) -> np.ndarray:
    """Return the mean absolute difference of neighbours, float64 [N - 1]."""
    flat = pictures.reshape(len(pictures), -1)
    return np.array([np.abs(b.astype(np.int16) - a).mean() for a, b in pairwise(flat)])


def shifted_steps(before: np.ndarray, after: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the least mean difference of pictures over shifts: what a moving camera leaves.

    Args:
        before: luma [N, H, W].
        after: likewise, the pictures compared with.
        down: pixels that the picture may move up or down.
        right: pixels that it may move to a side.

    Returns:
        float64 [N].
    """
    one, two = before.astype(np.int16), after.astype(np.int16)
    height, width = one.shape[1:]
    least = np.full(len(one), np.inf)
    for y in range(-down, down + 1):
        for x in range(-right, right + 1):
            rows, columns = height - abs(y), width - abs(x)
            kept = one[:, max(0, y) :][:, :rows, max(0, x) :][:, :, :columns]
            moved = two[:, max(0, -y) :][:, :rows, max(0, -x) :][:, :, :columns]
            least = np.minimum(least, np.abs(kept - moved).mean(axis=(1, 2)))
    return least
