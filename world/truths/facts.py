"""The ledger of a film: what is on screen, where and when, read off the finished shots.

Every answer comes from here. Visibility is worked out per shot from each sprite's own bounds;
`tests/film_check.py` proves the same answers a second way, by looking at the film instant by instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...index.video.span import Span, merge_spans
from ..films.film import FilmPlan, Shot
from ..scenes.cast import Pair
from ..scenes.scene import ASPECT, Sign, Sprite

SMALL = 0.1  # share of the frame's height below which a sprite is a tiny object
NEAR = 0.08  # widest gap between two things that stand beside each other, frame heights


@dataclass(frozen=True, slots=True)
class Sighting:
    """One sprite while it is in view: what, where, when."""

    sprite: Sprite
    shot: Shot
    span: Span

    @property
    def pair(self) -> Pair:
        """The object and its colour."""
        return self.sprite.object, self.sprite.colour

    @property
    def place(self) -> str:
        """Where the shot is set."""
        return self.shot.scene.place

    @property
    def tiny(self) -> bool:
        """Whether it is a detail rather than a usual sprite."""
        return self.sprite.size < SMALL


class Ledger:
    """All sightings, signs and lines of one film."""

    def __init__(self, plan: FilmPlan) -> None:
        self.plan = plan
        self.sightings = [
            Sighting(sprite, shot, _span(shot, sprite))
            for shot in plan.shots
            for sprite in shot.scene.sprites
        ]
        self._by_pair: dict[Pair, list[Sighting]] = {}
        for sighting in self.sightings:
            self._by_pair.setdefault(sighting.pair, []).append(sighting)

    def of(self, pair: Sequence[str]) -> list[Sighting]:
        """Return the sightings of a coloured object, in time order."""
        return self._by_pair.get((pair[0], pair[1]), [])

    def of_object(self, name: str, place: str | None = None) -> list[Sighting]:
        """Return the sightings of an object in any colour, at one place when asked."""
        return [s for s in self.sightings if s.sprite.object == name and place in (None, s.place)]

    def appearances(self, pair: Sequence[str]) -> list[Span]:
        """Return when the pair is in view, neighbouring times joined."""
        return merge_spans([s.span for s in self.of(pair)], gap=0.01)

    def with_others(self, sighting: Sighting) -> list[Sighting]:
        """Return the other sightings of the same shot."""
        return [s for s in self._in(sighting.shot) if s is not sighting]

    def after(self, shot: Shot) -> list[Sighting]:
        """Return the sightings of the shot that follows."""
        row = self.plan.shots.index(shot) + 1
        return self._in(self.plan.shots[row]) if row < len(self.plan.shots) else []

    def sign_shots(self, text: str) -> list[Shot]:
        """Return the shots that show a sign with exactly this text."""
        return [shot for shot in self.plan.shots if text in {s.text for s in shot.scene.signs}]

    def beside(self, sighting: Sighting) -> tuple[list[Sighting], list[Sign]]:
        """Return the tiny objects and the signs close beside a sprite that stands still."""
        tiny = [
            s
            for s in self.with_others(sighting)
            if s.tiny and gap(sighting.sprite, s.sprite) <= NEAR
        ]
        return tiny, [s for s in sighting.shot.scene.signs if gap(sighting.sprite, s) <= NEAR]

    def lines_with(self, phrase: str) -> list[Span]:
        """Return when the narrator says the phrase."""
        return [line.span for line in self.plan.lines if phrase.lower() in line.text.lower()]

    def seconds_at(self, first: float, last: float) -> dict[str, float]:
        """Return how long each place is on screen between two seconds of the film."""
        window, spent = Span(first, last), dict[str, float]()
        for shot in self.plan.shots:
            place = shot.scene.place
            spent[place] = spent.get(place, 0.0) + shot.span.overlap(window)
        return {place: seconds for place, seconds in spent.items() if seconds}

    def spans_at(self, place: str, first: float, last: float) -> list[Span]:
        """Return the shots set at a place that touch the window."""
        window = Span(first, last)
        return [
            s.span for s in self.plan.shots if s.scene.place == place and s.span.overlap(window)
        ]

    def _in(self, shot: Shot) -> list[Sighting]:
        return [s for s in self.sightings if s.shot is shot]


def gap(sprite: Sprite, other: Sprite | Sign) -> float:
    """Return the free distance between two things, in frame heights; 0 when they touch."""
    box = other.box(other.appears or 0.0) if isinstance(other, Sprite) else other.box()
    mine = sprite.box(sprite.appears or 0.0)
    if box is None or mine is None:
        return ASPECT
    across = max(box.x0 - mine.x1, mine.x0 - box.x1, 0.0) * ASPECT
    down = max(box.y0 - mine.y1, mine.y0 - box.y1, 0.0)
    return (across**2 + down**2) ** 0.5


def heading(sprite: Sprite) -> str | None:
    """Return which way a sprite moves: left, right, up or down; None when it stands."""
    if sprite.motion is None:
        return None
    across = (sprite.motion.to_x - sprite.x) * ASPECT
    down = sprite.motion.to_y - sprite.y
    if abs(across) >= abs(down):
        return "right" if across > 0 else "left"
    return "down" if down > 0 else "up"


def side_of(sprite: Sprite, other: Sprite) -> str:
    """Return on which side of `sprite` the `other` stands: left, right, above or below."""
    across, down = (other.x - sprite.x) * ASPECT, other.y - sprite.y
    if abs(across) >= abs(down):
        return "right" if across > 0 else "left"
    return "below" if down > 0 else "above"


def _span(shot: Shot, sprite: Sprite) -> Span:
    start = shot.span.start + (sprite.appears or 0.0)
    end = shot.span.end if sprite.vanishes is None else shot.span.start + sprite.vanishes
    return Span(start, min(end, shot.span.end))
