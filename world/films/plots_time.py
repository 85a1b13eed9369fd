"""Needles that need the course of the film: when, how often, which way, what came next."""

from __future__ import annotations

from ..scenes.cast import Pair
from ..scenes.stage import Stage, visit
from .director import DIRECTIONS, Director, Mention, Needle
from .narration import TOPICS

MAX_VISIT = 20.0  # seconds; the longest appearance that "when" asks for
EVENT_GAP = 20.0  # seconds between two appearances that count as separate
SPOKEN = 9.0  # seconds a shot needs to hold a line of the narrator with room on both sides


def appearance(director: Director) -> Needle | None:
    """A lead seen once, for a whole shot or for a part of one."""
    rng, pair = director.rng, director.cast.lead()
    if pair is None:
        return None
    passing = rng.random() < 0.5
    for stage in director.pick(lambda s: director.permits(s, pair)):
        if not passing and stage.seconds > MAX_VISIT:
            continue
        stay = visit(rng, stage) if passing else None
        if stage.put(rng, pair, stay=stay):
            return Needle("when", "appearance", {"pair": pair})
    return None


def repeats(director: Director) -> Needle | None:
    """A lead seen two to six separate times, 20 s or more apart."""
    rng, pair = director.rng, director.cast.lead()
    if pair is None:
        return None
    number, hosts = rng.randint(2, 6), list[Stage]()
    for stage in director.pick(lambda s: director.permits(s, pair)):
        if all(_gap(stage, host) >= EVENT_GAP for host in hosts) and stage.put(rng, pair):
            hosts.append(stage)
        if len(hosts) == number:
            return Needle("count-events", "repeats", {"pair": pair})
    # a film too short for the number drawn asks about as many as found room
    return Needle("count-events", "repeats", {"pair": pair}) if len(hosts) > 1 else None


def direction(director: Director) -> Needle | None:
    """A lead that crosses one shot; the same object in another colour goes another way."""
    pair = director.cast.lead()
    if pair is None:
        return None
    way, other = director.rng.sample(DIRECTIONS, 2)
    stage = _cross(director, pair, way)
    if stage is None:
        return None
    _cross(director, director.cast.twin(pair), other, avoid=stage)
    return Needle("motion", "direction", {"pair": pair})


def after_sign(director: Director) -> Needle | None:
    """A sign in one shot and a single extra in the next; a near-identical sign elsewhere."""
    rng = director.rng
    four, texts = director.cast.square(), director.writer.four()
    rng.shuffle(four)
    follows = dict(zip(map(id, director.stages), director.stages[1:], strict=False))
    for stage in director.pick(lambda s: not s.closed and not s.signs and id(s) in follows):
        after = follows[id(stage)]
        if not (after.empty and director.permits(after, four[0])):
            continue
        if not stage.put_sign(rng, director.sign(texts[0])):
            continue
        after.put(rng, four[0])
        after.closed = True
        for decoy in director.pick(lambda s: not s.closed and not s.signs):
            if decoy.put_sign(rng, director.sign(texts[1])):
                break
        director.wanted += four[1:]
        return Needle("hop", "after_sign", {"text": texts[0], "options": tuple(four)})
    return None


def while_mentions(director: Director) -> Needle | None:
    """A lead in view while a topic is spoken of; its twin during a topic of almost that name."""
    pair = director.cast.lead()
    used = {m.topic for m in director.mentions}
    free = [names for names in TOPICS if not used & set(names)]
    if pair is None or not free:
        return None

    def silent(stage: Stage) -> bool:
        return all(m.stage is not stage for m in director.mentions)

    names = director.rng.sample(director.rng.choice(free), 2)
    twin = director.cast.twin(pair)
    for role, topic in ((pair, names[0]), (twin, names[1])):
        stage = director.seat(role, lambda s: s.seconds >= SPOKEN, silent)
        if stage is None:
            break
        director.mentions.append(Mention(stage, topic))
    if names[0] not in {m.topic for m in director.mentions}:
        return None
    return Needle("hop", "while_mentions", {"object": pair[0], "topic": names[0]})


def _gap(a: Stage, b: Stage) -> float:
    return max(a.start - (b.start + b.seconds), b.start - (a.start + a.seconds))


def _cross(director: Director, pair: Pair, way: str, avoid: Stage | None = None) -> Stage | None:
    """Let the pair cross a random stage that permits it."""
    for stage in director.pick(lambda s: s is not avoid and director.permits(s, pair)):
        if stage.put_mover(director.rng, pair, way):
            return stage
    return None
