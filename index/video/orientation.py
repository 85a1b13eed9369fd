"""How a picture as stored is turned and mirrored to be seen upright: the eight orientations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Orientation:
    """A mirroring, then quarter turns.

    Attributes:
        turns: quarter turns counter-clockwise, 0 to 3.
        mirrored: left and right are exchanged before the turns.
    """

    turns: int = 0
    mirrored: bool = False

    def upright(self, picture: np.ndarray) -> np.ndarray:
        """Return a view of a stored picture [H, W, ...] as it should be seen."""
        return np.rot90(picture[:, ::-1] if self.mirrored else picture, self.turns)

    def stored_box(self, box: Sequence[float]) -> tuple[float, float, float, float]:
        """Return where a box (x0, y0, x1, y1 in shares) of the upright picture lies as stored."""
        x0, y0, x1, y1 = box
        for _ in range(self.turns):
            # undo one counter-clockwise quarter turn: stored (x, y) shows up at (y, 1 - x)
            x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
        return (1 - x1, y0, 1 - x0, y1) if self.mirrored else (x0, y0, x1, y1)


def read_matrix(matrix: Sequence[int]) -> Orientation:
    """Return the nearest orientation to the display matrix of a film.

    Args:
        matrix: its upper left numbers a, b, c, d: the stored point (x, y), y downwards, is shown at
            (a x + c y, b x + d y).
    """
    a, b, c, d = matrix
    mirrored = a * d - b * c < 0
    if mirrored:  # take the mirroring off, a rotation is left
        a, b = -a, -b
    return Orientation(round(math.atan2(-b, a) / (math.pi / 2)) % 4, mirrored)
