"""Keeps the film's promises while it is arranged: who may enter which shot, and who still must.

Promises are what makes a question have one answer: an object that is asked for at a place shows no
second colour there, a lead is seen only where its needle put it. The other half of a fair question
is temptation: every lead has the same object in another colour, and the same colour on another
object, somewhere else in the film.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..scenes.cast import Cast, Pair
from ..scenes.scene import SIGN_SCHEMES, Sign
from ..scenes.signs import SignWriter
from ..scenes.stage import BOARD, NORMAL, TINY, Stage, visit

CROWD = 4  # sprites in a shot beyond which only groups may go
DIRECTIONS = ("left", "right", "up", "down")


@dataclass(frozen=True, slots=True)
class Needle:
    """Something planted to be asked about: a question kind, its form, and its subject."""

    kind: str
    form: str
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """A topic that the narrator must speak of during one shot."""

    stage: Stage
    topic: str


class Director:
    """The stages of one film, the cast, and what has been promised about them."""

    def __init__(
        self, rng: random.Random, stages: list[Stage], cast: Cast, *, per_kind: int
    ) -> None:
        self.rng = rng
        self.stages = stages
        self.cast = cast
        self.per_kind = per_kind
        self.writer = SignWriter(rng)
        self.forbidden: set[Pair] = set()  # (object, place)
        self.wanted: list[Pair] = []
        self.mentions: list[Mention] = []
        self.unsaid: list[tuple[str, str]] = []  # things (attribute, owner) never spoken of
        self.absent_forms: list[str] = []  # still to come in this round

    @property
    def seconds(self) -> float:
        """Length of the film."""
        return self.stages[-1].start + self.stages[-1].seconds

    def barred(self, stage: Stage) -> set[str]:
        """Return the objects that may not enter the stage, whatever their colour."""
        return {o for o, place in self.forbidden if place == stage.place} | stage.objects

    def permits(self, stage: Stage, pair: Pair, crowd: int = CROWD) -> bool:
        """Say whether the pair may enter the stage, on which at most `crowd` may be."""
        return (
            not stage.closed
            and len(stage.sprites) < crowd
            and pair[0] not in stage.objects
            and (pair[0], stage.place) not in self.forbidden
        )

    def pick(self, *tests: Callable[[Stage], bool]) -> Iterator[Stage]:
        """Yield the stages that pass all tests, in a random order."""
        for stage in self.rng.sample(self.stages, len(self.stages)):
            if all(test(stage) for test in tests):
                yield stage

    def seat(self, pair: Pair, *tests: Callable[[Stage], bool], crowd: int = CROWD) -> Stage | None:
        """Put the pair on a random stage that permits it and passes the tests."""
        for stage in self.pick(lambda s: self.permits(s, pair, crowd), *tests):
            if stage.put(self.rng, pair):
                return stage
        return None

    def sign(self, text: str) -> Sign:
        """Make a sign of a random size and scheme, to be put somewhere."""
        scheme = self.rng.choice(sorted(SIGN_SCHEMES))
        return Sign(text, 0.5, 0.5, self.rng.uniform(*BOARD), scheme)

    def shown_at(self, name: str) -> set[str]:
        """Return the places where the object is seen in any colour."""
        return {s.place for s in self.stages if name in s.objects}

    def shown(self) -> dict[Pair, int]:
        """Count the sprites of each pair over the whole film."""
        count: dict[Pair, int] = {}
        for stage in self.stages:
            for sprite in stage.sprites:
                pair = (sprite.object, sprite.colour)
                count[pair] = count.get(pair, 0) + 1
        return count

    def fill(self) -> None:
        """Bring in the temptations first, then extras until every open shot is alive."""
        self._want_temptations()
        # a short film may have to be crowded to hold every temptation
        for limit in (3, CROWD, CROWD + 3):
            self._seat_wanted(limit)
        for stage in self.stages:
            if not stage.closed:
                self._dress(stage)

    def _want_temptations(self) -> None:
        shown = self.shown()
        for name, colour in self.cast.given:
            coming = {*shown, *self.wanted}
            if not any(n == name and c != colour for n, c in coming):
                self.wanted.append(self.cast.twin((name, colour)))
            if not any(n != name and c == colour for n, c in coming):
                self.wanted.append(self.cast.extra({name}, colour))

    def _seat_wanted(self, limit: int) -> None:
        shown = self.shown()
        missing = [p for p in dict.fromkeys(self.wanted) if p not in shown]
        for pair in missing:
            self.seat(pair, crowd=limit)

    def _dress(self, stage: Stage) -> None:
        """Add extras, now and then a tiny one, a moving one, or one that comes and goes."""
        rng = self.rng
        for _ in range(max(0, rng.choice((2, 2, 3, 3, 4)) - len(stage.sprites))):
            pair, style = self.cast.extra(self.barred(stage)), rng.random()
            if style < 0.08:
                stage.put_mover(rng, pair, rng.choice(DIRECTIONS))
            elif style < 0.16:
                stage.put(rng, pair, NORMAL, visit(rng, stage))
            else:
                stage.put(rng, pair, TINY if style < 0.3 else NORMAL)
        if not stage.signs and rng.random() < 0.08:
            stage.put_sign(rng, self.sign(self.writer.text()))
