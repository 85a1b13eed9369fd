"""What signs say: words and numbers that come in near-identical fours, none of them the odd one."""

from __future__ import annotations

import random

WORDS = (
    *("GATE", "PIER", "ROOM", "LINE", "DOCK", "HALL", "STOP", "LANE", "BAY", "LOT", "EXIT"),
    "SHED",
)
FIRST = (
    ("NORTH", "SOUTH"),
    ("EAST", "WEST"),
    ("OLD", "COLD"),
    ("UPPER", "LOWER"),
    ("MAIN", "RAIN"),
)
LAST = (("DOCK", "ROCK"), ("LANE", "LAKE"), ("HALL", "MALL"), ("PORT", "FORT"), ("ROAD", "LOAD"))


class SignWriter:
    """Invents texts; none is used twice in a film.

    A set of four is every combination of two halves in two variants (42, 47, 92, 97): each text
    is as close to the others as any, so that the true one cannot be told by looking at the choices.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def four(self) -> list[str]:
        """Return four near-identical texts that no sign of the film bears yet."""
        while True:
            texts = self._numbers() if self._rng.random() < 0.75 else self._words()
            if not self._used & set(texts):
                self._used |= set(texts)
                self._rng.shuffle(texts)
                return texts

    def text(self) -> str:
        """Return one new text, for a sign that nobody asks about."""
        return self.four()[0]

    def _numbers(self) -> list[str]:
        word, pairs = self._rng.choice(WORDS), number_square(self._rng, 1)
        return [f"{word} {number}" for number in pairs]

    def _words(self) -> list[str]:
        first, last = self._rng.choice(FIRST), self._rng.choice(LAST)
        return [f"{a} {b}" for a in first for b in last]


def number_square(rng: random.Random, half: int) -> list[str]:
    """Return the four numbers made of two left and two right halves of `half` digits each."""
    low, high = 10 ** (half - 1), 10**half
    left = rng.sample(range(low, high), 2)
    right = rng.sample(range(low, high), 2)
    return [f"{a}{b}" for a in left for b in right]
