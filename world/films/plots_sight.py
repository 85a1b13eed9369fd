"""Needles that one look answers: with whom, where, in which colour, how many together."""

from __future__ import annotations

from ..scenes.cast import Pair
from ..scenes.scene import ASPECT
from ..scenes.stage import Stage, tilt
from .director import Director, Needle


def companion(director: Director) -> Needle | None:
    """A lead alone with one extra in a shot of their own."""
    pair = director.cast.lead()
    for stage in director.pick(lambda s: s.empty, lambda s: pair is not None):
        assert pair is not None
        four = director.cast.square({pair[0]})
        if not (director.permits(stage, pair) and director.permits(stage, four[0])):
            continue
        director.rng.shuffle(four)
        if not director.permits(stage, four[0]):
            continue
        stage.put(director.rng, pair)
        stage.put(director.rng, four[0])
        stage.closed = True
        director.wanted += four[1:]
        return Needle("retrieve", "companion", {"pair": pair, "options": tuple(four)})
    return None


def where(director: Director) -> Needle | None:
    """A lead seen in one shot only."""
    pair = director.cast.lead()
    if pair is None or director.seat(pair) is None:
        return None
    return Needle("retrieve", "where", {"pair": pair})


def colour_at(director: Director) -> Needle | None:
    """An object that is seen at a place in one colour, and elsewhere in others."""
    pair = director.cast.lead()
    if pair is None:
        return None
    known = director.shown_at(pair[0])
    stage = director.seat(pair, lambda s: s.place not in known)
    if stage is None:
        return None
    director.forbidden.add((pair[0], stage.place))
    twin = director.cast.twin(pair)
    director.wanted += [twin, director.cast.twin(pair, [twin])]
    return Needle("retrieve", "colour_at", {"object": pair[0], "place": stage.place})


def group(director: Director) -> Needle | None:
    """Two to six of a lead together at a place; now and then another number somewhere else."""
    rng, pair = director.rng, director.cast.lead()
    if pair is None:
        return None
    number, other = rng.sample(range(2, 7), 2)
    stage = _gather(director, pair, number)
    if stage is None:
        return None
    if rng.random() < 0.5:
        _gather(director, pair, other, avoid_place=stage.place)
    return Needle("count-objects", "group", {"pair": pair, "place": stage.place})


def _gather(director: Director, pair: Pair, number: int, avoid_place: str = "") -> Stage | None:
    """Stand `number` copies side by side, in one row or two, on an empty stage."""
    rng = director.rng
    size = rng.uniform(0.2, 0.24)
    step = size * 1.12
    columns = number if number <= 3 else -(-number // 2)
    rows = -(-number // columns)
    for stage in director.pick(
        lambda s: s.empty, lambda s: director.permits(s, pair), lambda s: s.place != avoid_place
    ):
        block = stage.find(rng, columns * step, rows * step)
        if block is None or block[2] > ASPECT:
            continue
        stage.claim(block)
        for k in range(number):
            x = block[0] + (k % columns + 0.5) * step
            y = block[1] + (k // columns + 0.5) * step
            stage.add(pair, x, y, size * rng.uniform(0.94, 1.0), tilt(rng))
        # the same object in another colour stands by, to be left out of the count
        if rng.random() < 0.7:
            stage.put(rng, director.cast.twin(pair))
        if rng.random() < 0.5:
            stage.put(rng, director.cast.extra(director.barred(stage), pair[1]))
        stage.closed = True
        return stage
    return None
