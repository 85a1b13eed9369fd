"""A film seen instant by instant, straight from its scenes: what the checker goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..films.film import FilmPlan
from ..scenes.cast import Pair
from ..scenes.scene import Sign, Sprite

STEP = 0.25  # seconds between two looks
SLACK = 2 * STEP


@dataclass(frozen=True, slots=True)
class Look:
    """What is in view at one instant: centres are shares of the frame."""

    second: float
    shot: int
    place: str
    seen: tuple[tuple[Sprite, float, float], ...]
    signs: tuple[Sign, ...]

    def pairs(self) -> set[Pair]:
        """Return the coloured objects in view."""
        return {(s.object, s.colour) for s, _, _ in self.seen}

    def find(self, pair: Sequence[str]) -> list[tuple[Sprite, float, float]]:
        """Return where the pair is in view."""
        return [e for e in self.seen if (e[0].object, e[0].colour) == tuple(pair)]


def look_through(plan: FilmPlan) -> list[Look]:
    """Sample the whole film."""
    looks: list[Look] = []
    for row, shot in enumerate(plan.shots):
        length, second = shot.span.duration, STEP / 2
        while second < length:
            seen = []
            for sprite in shot.scene.sprites:
                centre = sprite.at(second)
                if centre is not None:
                    seen.append((sprite, *centre))
            signs = tuple(s for s in shot.scene.signs if s.visible(second))
            looks.append(Look(shot.span.start + second, row, shot.scene.place, tuple(seen), signs))
            second += STEP
    return looks


def seen_when(looks: Sequence[Look], pair: Sequence[str]) -> list[tuple[float, float]]:
    """Return the stretches in which the pair is in view, to the sampling step."""
    spans: list[tuple[float, float]] = []
    for look in looks:
        if look.find(pair):
            if spans and look.second - spans[-1][1] <= SLACK + 1e-6:
                spans[-1] = (spans[-1][0], look.second)
            else:
                spans.append((look.second, look.second))
    return spans
