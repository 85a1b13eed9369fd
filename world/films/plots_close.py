"""Needles about what is beside what: signs, tiny objects, neighbours."""

from __future__ import annotations

from ..scenes.cast import Pair
from ..scenes.scene import ASPECT, Sign
from ..scenes.stage import Stage, tilt
from .director import Director, Needle

SIDES = {"left": (-0.5, 0.0), "right": (0.5, 0.0), "above": (0.0, -0.33), "below": (0.0, 0.33)}


def sign_beside(director: Director) -> Needle | None:
    """A sign beside a lead; near-identical ones beside the same object in other colours."""
    pair, texts = director.cast.lead(), director.writer.four()
    if pair is None or _beside(director, pair, director.sign(texts[0])) is None:
        return None
    twins: list[Pair] = []
    for text in texts[1 : director.rng.choice((2, 3)) + 1]:
        twins.append(director.cast.twin(pair, twins))
        _beside(director, twins[-1], director.sign(text))
    return Needle("read", "sign_beside", {"pair": pair, "options": tuple(texts)})


def tiny_colour(director: Director) -> Needle | None:
    """A tiny object beside a lead; the same tiny object beside something else, in other colours."""
    pair, tiny = director.cast.lead(), director.cast.extra()
    if pair is None or tiny[0] == pair[0]:
        return None
    if _beside(director, pair, tiny) is None:
        return None
    twin = director.cast.twin(tiny)
    _beside(director, director.cast.extra({pair[0], tiny[0]}), twin)
    return Needle("detail", "tiny_colour", {"pair": pair, "object": tiny[0]})


def tiny_object(director: Director) -> Needle | None:
    """A tiny object beside a lead, and another beside another object of the same shot."""
    pair = director.cast.lead()
    if pair is None:
        return None
    four = director.cast.square({pair[0]})
    director.rng.shuffle(four)
    stage = _beside(director, pair, four[0])
    if stage is None:
        return None
    rival = next(p for p in four if p[0] != four[0][0] and p[1] != four[0][1])
    decoy = director.cast.extra(stage.objects | {rival[0]})
    if director.permits(stage, decoy) and director.permits(stage, rival):
        stage.put_beside(director.rng, decoy, rival)
    director.wanted += four[1:]
    return Needle("detail", "tiny_object", {"pair": pair, "options": tuple(four)})


def neighbour(director: Director) -> Needle | None:
    """A lead in the middle of four extras, one on each side."""
    rng, pair = director.rng, director.cast.lead()
    if pair is None:
        return None
    for stage in director.pick(lambda s: s.empty, lambda s: director.permits(s, pair)):
        barred = director.barred(stage) | {pair[0]}
        around: dict[str, Pair] = {}
        for side in SIDES:
            around[side] = director.cast.extra(barred | {o for o, _ in around.values()})
        x = ASPECT / 2 + rng.uniform(-0.15, 0.15)
        y = 0.5 + rng.uniform(-0.02, 0.02)
        stage.add(pair, x, y, rng.uniform(0.2, 0.25), tilt(rng))
        for side, (dx, dy) in SIDES.items():
            size = rng.uniform(0.2, 0.25)
            across, down = rng.uniform(-0.03, 0.03), rng.uniform(-0.015, 0.015)
            stage.add(around[side], x + dx + across, y + dy + down, size, tilt(rng))
        stage.closed = True
        side = rng.choice(sorted(SIDES))
        options = tuple(rng.sample(sorted(around.values()), 4))
        return Needle("relation", side, {"pair": pair, "options": options})
    return None


def _beside(director: Director, pair: Pair, other: Pair | Sign) -> Stage | None:
    """Put the pair with something beside it on a random stage that permits both."""

    def fits(stage: Stage) -> bool:
        if isinstance(other, Sign):
            return director.permits(stage, pair) and not stage.signs
        return director.permits(stage, pair) and director.permits(stage, other)

    for stage in director.pick(fits):
        if stage.put_beside(director.rng, pair, other):
            return stage
    return None
