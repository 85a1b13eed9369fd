"""What a model is taught beside the answers, as the trainer's parts hand it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from longtake.world.training.lessons.turns import Turn

WAVES = (0.5, 1.5, 4.0)  # periods, from 0 to 1, of numbers that are spelled: near ones look alike
PLAIN, APART = 11, 4
FACTS = PLAIN + 4 * len(WAVES) + APART  # numbers that are known of a thing
# what heads are taught to look at, by its number in `Point.shown`: a named thing anywhere, in its
# first frame, in its last one; in an answer what is named next, and the word that is copied; all
# that are to be counted and the very first token alike, so that the share of that one tells how
# many they are; from a name what it is to be compared with, or what is on the side asked about; and
# from the end of an option or a statement the name at which is known whether it holds
ANYWHERE, FIRST, LAST, NEXT, COPIED, COUNTED, OTHER, DECIDES = range(8)
LOOKS = 8
Hint = tuple[int, int]  # place in a question's tokens, and the token to be said there


def spell(numbers: np.ndarray) -> np.ndarray:
    """Return cosines and sines of numbers from 0 to 1, float32 [..., 2 * len(WAVES)]."""
    angles = 2 * np.pi * np.asarray(numbers)[..., None] * np.array(WAVES)
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=-1).astype(np.float32)


class Point(NamedTuple):
    """What is taught at a word.

    Attributes:
        at: place in the tokens of its turn.
        shown: the tokens to be looked at, by what they are (`ANYWHERE` and so on), as places in a
            row in which the turn is the only one; place 0 where there is nothing to be seen.
        facts: float32 [FACTS], NaN where not known: x0, y0, x1, y1 in its first frame and in its
            last one, the numbers of these frames over 16, how many there are over 10; from -1 to 1;
            the middle, x and y, of the first from the left, spelled; and the way to it from
            what it is compared with, or the way it moves: right and down, in frame widths, and the
            nearest of the four directions, -1, 0 or 1.
        said: the number to be said next, from -1 to 1; NaN where it is none.
    """

    at: int
    shown: Mapping[int, np.ndarray]
    facts: np.ndarray
    said: float = float("nan")


class Told(NamedTuple):
    """What is taught in a question and its answer."""

    hints: Sequence[Hint] = ()
    points: Sequence[Point] = ()


class Teacher(Protocol):
    """Knows what a model could know ahead of the answers (train/eye_hints.py)."""

    def before(self, lead: list[int]) -> list[Hint]:
        """Return hints among the frames; called first, once."""
        ...

    def of(self, turn: Turn, tokens: list[int]) -> Told:
        """Return what is taught in a turn, given with the tokens of its question and answer."""
        ...
