"""Needles that take in the whole film: what came first, what is missing, where most time is spent."""

from __future__ import annotations

from ..scenes.objects import OBJECTS
from ..scenes.places import PLACES
from ..scenes.stage import Stage
from .director import Director, Needle
from .narration import ATTRIBUTES, OWNERS

APART = 20.0  # seconds between two first appearances that are compared
ABSENT_FORMS = (
    "appearance",
    "where",
    "direction",
    "sign_beside",
    "fact",
    "after_sign",
    "colour_at",
    "companion",
)
TOTALS = ("most", "least", "most_first_half", "most_second_half")


def missing(director: Director) -> Needle | None:
    """Keep something out of the film that will be asked for; its near relations come in."""
    if not director.absent_forms:
        director.absent_forms = director.rng.sample(ABSENT_FORMS, len(ABSENT_FORMS))
    form = director.absent_forms.pop()
    if form == "fact":
        thing = (director.rng.choice(ATTRIBUTES), director.rng.choice(OWNERS))
        director.unsaid.append(thing)
        return Needle("absent", form, {"thing": thing})
    if form == "after_sign":
        texts = director.writer.four()
        for stage in director.pick(lambda s: not s.closed and not s.signs):
            if stage.put_sign(director.rng, director.sign(texts[1])):
                return Needle("absent", form, {"text": texts[0]})
        return None
    if form == "colour_at":
        name, place = director.rng.choice(OBJECTS), director.rng.choice(PLACES)
        if place in director.shown_at(name):
            return None
        director.forbidden.add((name, place))
        director.wanted.append(director.cast.extra(set(OBJECTS) - {name}))
        return Needle("absent", form, {"object": name, "place": place})
    pair = director.cast.lead()
    return Needle("absent", form, {"pair": pair}) if pair else None


def firsts(director: Director) -> list[Needle]:
    """Choose fours of coloured objects, each seen once, to ask which came first or last."""
    pool = list(_seen_once(director).items())
    director.rng.shuffle(pool)
    needles: list[Needle] = []
    for turn in range(director.per_kind):
        four: list[tuple[tuple[str, str], Stage]] = []
        for entry in pool:
            if all(abs(entry[1].start - s.start) >= APART for _, s in four):
                four.append(entry)
            if len(four) == 4:
                break
        if len(four) < 4:
            break
        pool = [entry for entry in pool if entry not in four] + four
        form = ("first", "last")[turn % 2]
        needles.append(Needle("order", form, {"options": tuple(pair for pair, _ in four)}))
    return needles


def totals(director: Director) -> list[Needle]:
    """Plant the questions about how long the film stays at its places."""
    return [Needle("global", form) for form in TOTALS[: 1 if director.per_kind < 3 else 4]]


def _seen_once(director: Director) -> dict[tuple[str, str], Stage]:
    counts, hosts = director.shown(), {}
    for stage in director.stages:
        for sprite in stage.sprites:
            pair = (sprite.object, sprite.colour)
            if counts[pair] == 1 and pair in director.cast.given:
                hosts[pair] = stage
    return hosts
