"""Who may play what: which coloured objects are kept for the needles and which fill the film."""

from __future__ import annotations

import random
from collections.abc import Collection

from .objects import COLOURS, OBJECTS

Pair = tuple[str, str]  # (object, colour)

KEPT_COLOURS = 3  # of each object's eight; the others are extras, free to appear anywhere


class Cast:
    """Splits all coloured objects into leads, each given to one needle, and extras.

    The split is uniform over colours for every object, so that nothing about a question's subject
    tells its answer.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._leads: list[Pair] = []
        self.extras: list[Pair] = []
        for name in OBJECTS:
            colours = rng.sample(tuple(COLOURS), len(COLOURS))
            self._leads += [(name, c) for c in colours[:KEPT_COLOURS]]
            self.extras += [(name, c) for c in colours[KEPT_COLOURS:]]
        rng.shuffle(self._leads)
        self.given: list[Pair] = []

    def lead(self) -> Pair | None:
        """Give away a lead; None when there is none left."""
        if not self._leads:
            return None
        self.given.append(self._leads.pop(0))
        return self.given[-1]

    def extra(self, avoid: Collection[str] = (), colour: str | None = None) -> Pair:
        """Draw an extra whose object is not in `avoid`, of one colour when asked."""
        return self._rng.choice(
            [p for p in self.extras if p[0] not in avoid and colour in (None, p[1])]
        )

    def twin(self, pair: Pair, avoid: Collection[Pair] = ()) -> Pair:
        """Draw an extra that is the same object in another colour."""
        return self._rng.choice([p for p in self.extras if p[0] == pair[0] and p not in avoid])

    def square(self, avoid: Collection[str] = ()) -> list[Pair]:
        """Draw two objects in two colours, all four extras: no one of them is the odd one out."""
        while True:
            first, second = self.extra(avoid), self.extra(avoid)
            four = [first, second, (first[0], second[1]), (second[0], first[1])]
            if len(set(four)) == 4 and all(p in self.extras for p in four):
                return four
