"""The narrator: facts, facts that are nearly the same, topics, and talk in between.

Every fact is about a thing (an attribute of an owner) and is said once. A fact that is asked for has
near misses in the film: the same attribute of somebody else, with a value that is among the
choices, and another attribute of the same owner.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ...index.video.span import Span
from ..scenes.signs import number_square
from .director import Director, Needle

Thing = tuple[str, str]  # (attribute, owner)

ATTRIBUTES = (
    "door code",
    "telephone number",
    "year of construction",
    "ticket price",
    "password",
    "name of the keeper",
)
OWNERS = (
    *("museum", "ferry", "mill", "theatre", "clock tower", "old bank", "railway station"),
    *("observatory", "glass factory", "town hall", "swimming pool", "post office"),
    *("opera house", "brewery", "grand hotel", "chapel", "courthouse", "power plant"),
    *("market hall", "customs office"),
)
NAMES = (
    *("Adele Morgan", "Bruno Keller", "Clara Novak", "Dmitri Hale", "Edith Larsen"),
    *("Felix Moreau", "Greta Olsen", "Hugo Brandt", "Irene Castle", "Jonas Weber"),
    *("Klara Stone", "Leo Marchetti", "Mira Dahl", "Nils Aubert", "Olga Prince", "Pavel Winter"),
    *("Quentin Shaw", "Rosa Lindqvist"),
)
PASSWORDS = (
    *("thistle", "bramble", "quartz", "cobalt", "juniper", "marzipan", "velvet", "saffron"),
    *("pepper", "granite", "willow", "sonata", "nutmeg", "cinder", "harvest", "lagoon"),
    *("paprika", "tundra"),
)
TOPICS = (
    ("the lost orchestra", "the lost choir"),
    ("the great flood", "the great fire"),
    ("the night train", "the night bus"),
    ("the winter market", "the summer market"),
    ("the first postman", "the last postman"),
    ("the long strike", "the long drought"),
    ("the missing diary", "the missing letter"),
    ("the stolen painting", "the stolen statue"),
    ("the royal wedding", "the royal visit"),
    ("the midnight concert", "the morning concert"),
    ("the blind watchmaker", "the blind baker"),
    ("the secret tunnel", "the secret staircase"),
)
FACT_LINES = (
    "{Thing} is {value}.",
    "Remember this: {thing} is {value}.",
    "As everyone here knows, {thing} is {value}.",
    "They wrote down {value} as {thing}.",
)
TOPIC_LINES = (
    "People here still talk about {topic}.",
    "Nobody has forgotten {topic}.",
    "This brings {topic} to mind.",
    "It all began with {topic}.",
)
TALK = (
    "Time passes slowly here.",
    "Nothing much happens for a while.",
    "The light is changing.",
    "Listen to how quiet it is.",
    "We have come a long way.",
    "Let us stay a moment longer.",
    "It was not always like this.",
    "Some things are best seen twice.",
    "Look closely.",
    "Not everything is what it seems.",
    "We will come back to this.",
    "And so it goes on.",
    "There is more to see.",
    "Patience is rewarded.",
    "The day is still young.",
    "Somewhere a door is closing.",
    "Every picture tells a story.",
    "Take your time.",
    "Who would have thought so.",
    "It could have been otherwise.",
    "Now something different.",
    "Old habits are hard to break.",
    "A little further on, things look different.",
    "Few people ever stop to notice.",
    "That is a story for another day.",
    "Wait and see.",
    "The rest is a matter of taste.",
    "No two days are the same.",
    "Silence says a great deal.",
    "It takes some getting used to.",
    "One gets used to anything.",
    "Let us move on.",
)
TALK_SHARE = 0.65


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the narrator and when it is on screen."""

    span: Span
    text: str


def name_thing(thing: Thing) -> str:
    """Write a thing in words: `the door code of the museum`."""
    return f"the {thing[0]} of the {thing[1]}"


def draw_values(rng: random.Random, attribute: str) -> list[str]:
    """Draw four values that an attribute could have, each as likely as the others."""
    if attribute == "name of the keeper":
        return rng.sample(NAMES, 4)
    if attribute == "password":
        return rng.sample(PASSWORDS, 4)
    if attribute == "year of construction":
        centuries, years = rng.sample((17, 18, 19), 2), rng.sample(range(10, 100), 2)
        return [f"{c}{y}" for c in centuries for y in years]
    if attribute == "ticket price":
        return [f"{n} coins" for n in number_square(rng, 1)]
    return number_square(rng, 2 if attribute == "door code" else 3)


def narrate(director: Director) -> tuple[tuple[Line, ...], list[Needle]]:
    """Write the narration of the arranged film, and plant the questions about what was said."""
    rng = director.rng
    lines = [_mention(rng, m.stage.start, m.stage.seconds, m.topic) for m in director.mentions]
    slots = _slots(rng, [line.span for line in lines], director.seconds)
    rng.shuffle(slots)
    facts, needles = _facts(director, len(slots))
    for (thing, value), start in zip(facts.items(), slots, strict=False):
        sentence = rng.choice(FACT_LINES)
        named = name_thing(thing)
        text = sentence.format(Thing=named[0].upper() + named[1:], thing=named, value=value)
        lines.append(_line(start, text))
    for start in slots[len(facts) :]:
        if rng.random() < TALK_SHARE:
            lines.append(_line(start, rng.choice(TALK)))
    return tuple(sorted(lines, key=lambda line: line.span)), needles


def _facts(director: Director, room: int) -> tuple[dict[Thing, str], list[Needle]]:
    """Choose what is said: the facts asked for, then the near misses, as far as there is room."""
    rng, facts, misses, needles = director.rng, dict[Thing, str](), dict[Thing, str](), []
    asked: list[tuple[Thing, bool]] = [(thing, False) for thing in director.unsaid]
    while len(asked) < director.per_kind + len(director.unsaid):
        thing = (rng.choice(ATTRIBUTES), rng.choice(OWNERS))
        if thing not in dict(asked):
            asked.append((thing, True))
    taken = set(dict(asked))
    for thing, said in asked:
        values = draw_values(rng, thing[0])
        rng.shuffle(values)
        if said and len(facts) < room:
            facts[thing] = values[0]
            needles.append(Needle("speech", "fact", {"thing": thing, "options": tuple(values)}))
        owners = [o for o in OWNERS if (thing[0], o) not in taken]
        others = [a for a in ATTRIBUTES if (a, thing[1]) not in taken]
        near = [(thing[0], o) for o in rng.sample(owners, 2)]
        near += [(rng.choice(others), thing[1])] if others else []
        for miss, value in zip(near, values[1:3], strict=False):
            misses[miss] = value
        for miss in near[2:]:
            misses[miss] = draw_values(rng, miss[0])[0]
        taken |= set(near)
    for thing, value in list(misses.items())[: max(0, room - len(facts))]:
        facts[thing] = value
    return facts, needles


def _mention(rng: random.Random, start: float, seconds: float, topic: str) -> Line:
    line = _line(0.0, rng.choice(TOPIC_LINES).format(topic=topic))
    begin = start + rng.uniform(1.5, seconds - 1.5 - line.span.end)
    return _line(begin, line.text)


def _line(start: float, text: str) -> Line:
    start = round(start, 2)
    return Line(Span(start, round(start + 1.6 + 0.05 * len(text), 2)), text)


def _slots(rng: random.Random, busy: Sequence[Span], seconds: float) -> list[float]:
    """Find starts of 6 s stretches in which nothing is said yet."""
    starts, at = [], rng.uniform(1.0, 3.0)
    while at + 6.5 < seconds:
        clash = [s.end for s in busy if s.start < at + 6.2 and at < s.end + 0.2]
        if clash:
            at = max(clash) + 0.3
            continue
        starts.append(at)
        at += 6.2 + rng.uniform(0.5, 8.0)
    return starts
