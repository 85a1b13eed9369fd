"""The plan of a film: shots of the rendered world, the narrator's lines, and what may be asked.

`plan_film` is a pure function of its arguments: one seed, one film. Planning only arranges; what is
true of the film is read off the finished shots by `facts.Ledger`, never remembered from planning.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from ...index.video.errors import UsageError
from ...index.video.span import Span
from ..scenes.cast import Cast
from ..scenes.places import PLACES
from ..scenes.scene import Scene
from ..scenes.stage import FPS, Stage
from .director import Director, Needle
from .narration import Line, narrate
from .plots import plant_needles
from .plots_whole import firsts, totals

MIN_SHOT, MAX_SHOT = 6 * FPS, 25 * FPS  # frames


@dataclass(frozen=True, slots=True)
class Shot:
    """One scene between two cuts; bounds are counted in frames so that nothing can drift."""

    first: int
    stop: int
    scene: Scene

    @property
    def frames(self) -> int:
        """How many frames it lasts."""
        return self.stop - self.first

    @property
    def span(self) -> Span:
        """When it is on screen, seconds of the film."""
        return Span(self.first / FPS, self.stop / FPS)


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """Everything a film is made of; its length in seconds is `duration`."""

    seed: int
    shots: tuple[Shot, ...]
    lines: tuple[Line, ...]
    needles: tuple[Needle, ...]
    has_places: bool = True

    @property
    def frames(self) -> int:
        """How many frames the film has."""
        return self.shots[-1].stop

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frames / FPS


def plan_film(minutes: float, seed: int) -> FilmPlan:
    """Plan a film of exactly `minutes` (to the frame) from a seed.

    Raises:
        UsageError: `minutes` is not between 0.5 and 600.
    """
    if not 0.5 <= minutes <= 600:
        raise UsageError(f"minutes = {minutes!r}: a film lasts 0.5 to 600 minutes")
    rng = random.Random(f"longtake film {seed}")
    cuts = cut_times(round(minutes * 60 * FPS), rng)
    places = assign_places([b - a for a, b in cuts], rng)
    stages = [
        Stage(first, stop, place, rng.randrange(1 << 30))
        for (first, stop), place in zip(cuts, places, strict=True)
    ]
    director = Director(rng, stages, Cast(rng), per_kind=questions_per_kind(minutes))
    needles = plant_needles(director)
    director.fill()
    needles += firsts(director) + totals(director)
    lines, spoken = narrate(director)
    needles += spoken
    shots = tuple(Shot(s.first, s.stop, s.scene()) for s in stages)
    return FilmPlan(seed, shots, lines, tuple(needles))


def without_places(plan: FilmPlan) -> FilmPlan:
    """Return the plan as it reads over real footage, where nothing can be asked about places."""
    return replace(plan, has_places=False)


def questions_per_kind(minutes: float) -> int:
    """Return how many questions of a kind a film of this length has room for."""
    for below, number in ((3, 1), (8, 2), (20, 3), (45, 4), (90, 6)):
        if minutes < below:
            return number
    return 8


def cut_times(frames: int, rng: random.Random) -> list[tuple[int, int]]:
    """Cut `frames` frames into shots of 6 to 25 s, most of them around 11 s."""
    lengths: list[int] = []
    while sum(lengths) < frames:
        lengths.append(round(rng.triangular(MIN_SHOT, MAX_SHOT, 9 * FPS)))
    lengths[-1] -= sum(lengths) - frames
    if len(lengths) > 1 and lengths[-1] < MIN_SHOT:
        last = lengths.pop() + lengths.pop()
        lengths += [last] if last <= MAX_SHOT else [last // 2, last - last // 2]
    stops = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    return list(zip([0, *stops[:-1]], stops, strict=True))


def assign_places(lengths: list[int], rng: random.Random) -> list[str]:
    """Give every shot a place, never the same twice running.

    One place is favoured all through, one in the first half and one in the second, so that "where
    does the film spend the most time" has a clear answer and a tempting wrong one.
    """
    overall, early, late, *_ = names = rng.sample(PLACES, len(PLACES))
    total, elapsed = sum(lengths), 0
    spent: list[dict[str, float]] = [dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)]
    chosen: list[str] = []
    for length in lengths:
        half = int(elapsed + length / 2 >= total / 2)
        weights = {name: rng.uniform(0.75, 1.0) for name in names}
        weights |= {overall: 1.9, early: (2.3, 0.6)[half], late: (0.6, 2.3)[half]}
        allowed = [n for n in names if not chosen or n != chosen[-1]]
        place = min(allowed, key=lambda n: (spent[half][n] + length / 2) / weights[n])
        spent[half][place] += length
        elapsed += length
        chosen.append(place)
    return chosen
