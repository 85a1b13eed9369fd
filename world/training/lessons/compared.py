"""What is compared in a question: two things by their places, an option with what decides on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from longtake.world.training.clips.truth import Facts, Way
from longtake.world.training.lessons.lessons import APART, DECIDES, FACTS, OTHER, Hint, Point
from longtake.world.training.lessons.shown import Shown
from longtake.world.training.lessons.trails import NOTHING, Named
from longtake.world.training.lessons.turns import Turn
from longtake.world.training.vlm.pack import encode

TOWARDS = {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)}


def compare(
    turn: Turn, asked: Sequence[Named], points: list[Point], facts: Facts, shown: Shown, lead: int
) -> list[Hint]:
    """Add to the points what a thing is to be compared with; return what is then known.

    Args:
        turn: the question.
        asked: the things that it names.
        points: of the turn.
        facts: of the clip.
        shown: the tokens that show things.
        lead: how many tokens are before the turn.
    """
    if turn.side and len(asked) > 1:
        _face(points, asked[1], asked[0], facts, lead, turn.side)
        return [(asked[1][0] + 1, encode(turn.side)[0])]
    if turn.beside is None or not asked:
        return []
    # of several choices each is to be compared with what it may be beside
    for thing in asked[1:]:
        _face(points, thing, asked[0], facts, lead)
    frames = facts.rows(asked[0][1:])
    found = [shown.middles(*pair, frames) for pair in turn.beside]
    _look(points, asked[0][0], {OTHER: np.concatenate(found) if found else NOTHING})
    known = [f" {part}" for part in reversed(turn.beside[0])] if len(found) == 1 else []
    return [(asked[0][0] + k, encode(word)[0]) for k, word in enumerate(known, 1)]


def decide(
    turn: Turn, asked: Sequence[Named], judged: Sequence[tuple[int, Hint]], lead: int
) -> Iterator[Point]:
    """Yield the ends of options or of a statement, each with the names that decide on it.

    Args:
        turn: the question.
        asked: the things that it names.
        judged: from `eye_named.judged`.
        lead: how many tokens are before the turn.
    """
    ahead = [at for at, *_ in asked if judged and at < judged[0][0]]
    ahead = ahead[1:] if turn.side else ahead
    for start, (end, _) in judged:
        own = [at for at, *_ in asked if start < at < end]
        names = own if own and turn.options else ahead
        if names and turn.kind != "noted":
            yield Point(end, {DECIDES: np.array(names) + lead}, np.full(FACTS, np.nan, np.float32))


def way_facts(way: Way | None) -> np.ndarray:
    """Return a way and the nearest of the four directions, float32 [APART], NaN for none."""
    if way is None:
        return np.full(APART, np.nan, np.float32)
    across = abs(way[0]) > abs(way[1])
    return np.array([*way, np.sign(way[0]) * across, np.sign(way[1]) * (not across)], np.float32)


def _face(
    points: list[Point], thing: Named, other: Named, facts: Facts, lead: int, side: str = ""
) -> None:
    """Let one thing look at another that is named before it, and know the way from that one.

    With a side it is the way from the one that the side is one of, whichever was named first.
    """
    way = facts.apart(other[1:], thing[1:])
    if way is not None:
        turned = side and np.dot(way, TOWARDS[side]) < 0
        known = way_facts((-way[0], -way[1]) if turned else way)
        _look(points, thing[0], {OTHER: np.array([lead + other[0]])}, known)


def _look(
    points: list[Point], at: int, shown: dict[int, np.ndarray], apart: np.ndarray | None = None
) -> None:
    """Add something to be looked at to the point at a name, and the way to it."""
    for number, point in enumerate(points):
        if point.at == at:
            facts = point.facts.copy()
            if apart is not None:
                facts[-APART:] = apart
            points[number] = point._replace(shown={**point.shown, **shown}, facts=facts)
