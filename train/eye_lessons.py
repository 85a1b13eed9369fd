"""What a model is taught beside the answers, as the trainer's parts hand it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from train.eye_turns import Turn

FACTS = 11  # numbers that are known of a thing
Hint = tuple[int, int]  # place in a question's tokens, and the token to be said there


class Point(NamedTuple):
    """What is taught at a name.

    Attributes:
        at: place in the question's tokens.
        shown: bool [3, tokens of the clip], where the thing is to be seen: at all, in its first
            frame, in its last one.
        facts: float32 [FACTS], NaN where not known: x0, y0, x1, y1 in its first frame and in its
            last one, the numbers of these frames over 16, how many there are over 10; from -1 to 1.
    """

    at: int
    shown: np.ndarray
    facts: np.ndarray


class Told(NamedTuple):
    """What is taught in a question."""

    hints: Sequence[Hint] = ()
    points: Sequence[Point] = ()


class Teacher(Protocol):
    """Knows what a model could know ahead of the answers (train/eye_hints.py)."""

    def before(self, lead: list[int]) -> list[Hint]:
        """Return hints among the frames."""

    def of(self, turn: Turn, tokens: list[int]) -> Told:
        """Return what is taught in a turn, given with the tokens of its question and answer."""
