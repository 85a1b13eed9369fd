"""Questions about single frames and whole clips that need no sense of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from longtake.world.scenes.objects import OBJECTS, article, plural
from longtake.world.scenes.places import AT
from longtake.world.training.clips.scene import COLOUR_NAMES
from longtake.world.training.clips.truth import SIDES, Name, words
from longtake.world.training.lessons.captions import dense_caption, focus_caption, short_caption
from longtake.world.training.lessons.turns import Asker, Turn
from longtake.world.training.lessons.wordings import word
from longtake.world.vlm.prompts import NOT_VISIBLE

LONGEST_CAPTION = 420  # characters; longer ones cost more than they teach


def the(pair: Name) -> str:
    """Write a pair as the film's choices do."""
    return f"the {words(pair)}"


def colour(a: Asker) -> Turn | None:
    """Ask for the colour of an object, anywhere or at a place."""
    item, hue = a.pick(a.facts.pairs) if a.facts.pairs else (a.pick(OBJECTS), "")
    places = a.facts.places((item, hue)) - {None}
    place = a.pick(sorted(p for p in places if p)) if places and a.rng.random() < 0.5 else None
    if a.rng.random() < 0.12:
        item = a.pick(OBJECTS)
    found = a.facts.colours(item, place)
    if found is None or len(found) > 1:
        return None
    form = "colour_at" if place else "colour"
    question = word(a.rng, form, a.held_out, object=item, at=AT[place] if place else "")
    answer = next(iter(found), None)
    if a.rng.random() < 0.6:
        others = [c for c in COLOUR_NAMES if a.facts.holds(None, c)]
        return a.choice("colour", question, answer, others[:1] + a.some(COLOUR_NAMES, 8))
    return a.open("colour", "short", question, answer or NOT_VISIBLE)


def thing(a: Asker) -> Turn | None:
    """Ask which object has a colour."""
    hue = (
        a.pick(a.facts.pairs)[1] if a.facts.pairs and a.rng.random() < 0.9 else a.pick(COLOUR_NAMES)
    )
    found = a.facts.objects(hue)
    if found is None or len(found) > 1:
        return None
    question = word(a.rng, "object", a.held_out, colour=hue)
    answer = next(iter(found), None)
    if a.rng.random() < 0.5:
        seen = [o for o, _ in a.facts.pairs if o != answer]
        others = a.some(seen, 2) + a.some(OBJECTS, 5)
        right = f"the {answer}" if answer else None
        return a.choice("object", question, right, [f"the {o}" for o in others if o != answer])
    return a.open("object", "short", question, answer or NOT_VISIBLE)


def place(a: Asker) -> Turn | None:
    """Ask for the place of the clip, or of something in it."""
    subject = a.subject(absent=0.1)
    if subject is None or a.rng.random() < 0.4:
        places = {s.place for s in a.facts.visible}
        question = word(a.rng, "place", a.held_out)
    else:
        pair, there = subject
        places = a.facts.places(pair) if there else {""}
        question = word(a.rng, "where", a.held_out, pair=words(pair))
    if len(places) != 1 or places == {None}:
        return None
    name = places.pop()
    right = AT[name] if name else None
    if a.rng.random() < 0.6:
        shown = [AT[s.place] for s in a.facts.visible if s.place and s.place != name]
        return a.choice("place", question, right, shown[:1] + a.some(list(AT.values()), 6))
    return a.open("place", "short", question, right or NOT_VISIBLE)


def seen(a: Asker) -> Turn | None:
    """Ask which of several things is in view; the others nearly are."""
    known = a.known()
    right = a.pick(known) if known and a.rng.random() < 0.93 else None
    near = right or (a.pick(known) if known else None)
    wrong = a.tempting(near) if near else []
    question = word(a.rng, "seen", a.held_out)
    return a.choice("seen", question, the(right) if right else None, [the(p) for p in wrong])


def companion(a: Asker) -> Turn | None:
    """Ask what is seen together with something."""
    subject = a.subject()
    if subject is None:
        return None
    pair, _ = subject
    rows = a.facts.rows(pair)
    mates = {x.pair for i in rows for x in a.facts.visible[i].seen} - {pair}
    sure = sorted(m for m in mates if a.facts.sure(m))
    if not sure:
        return None
    question = word(a.rng, "companion", a.held_out, pair=words(pair))
    right = a.pick(sure)
    if a.rng.random() < 0.3 and len(mates) == 1:
        return a.open("companion", "short", question, the(right))
    apart = [p for p in a.known() if p not in mates and p != pair]
    wrong = a.some(apart, 4) if len(apart) > 2 else a.tempting(right)
    return a.choice("companion", question, the(right), [the(p) for p in wrong])


def relation(a: Asker) -> Turn | None:
    """Ask what is on a side of something, or on which side something is."""
    known = a.known()
    if len(known) < 2:
        return None
    draw = a.rng.random()
    if draw < 0.3:
        facing = a.facing()
        if facing is None:
            return None
        pair, other, side = facing
        question = word(a.rng, "side", a.held_out, pair=words(pair), other=words(other))
        open_ended = a.rng.random() < 0.5
        asked = (
            a.open("relation", "short", question, side)
            if open_ended
            else a.choice("relation", question, side, SIDES)
        )
        return asked and replace(asked, side=side)
    pair = a.pick(known)
    around = a.facts.around(pair)
    if around is None or not any(around.values()):
        return None
    side = a.pick([s for s in SIDES if around[s]])
    if draw > 0.93:
        side = a.pick(SIDES)
    question = word(a.rng, side, a.held_out, pair=words(pair))
    right = a.pick(sorted(around[side])) if around[side] else None
    beside = tuple(around[side])
    if draw > 0.7 and len(beside) == 1 and right:
        return replace(a.open("relation", "short", question, the(right)), beside=beside)
    wrong = [p for s in SIDES if s != side for p in around[s]]
    if len(wrong) < 3:
        wrong += a.strangers(3)
    asked = a.choice("relation", question, the(right) if right else None, [the(p) for p in wrong])
    return asked and replace(asked, beside=beside)


def count(a: Asker) -> Turn | None:
    """Ask how many of something there are."""
    known = a.known()
    if not known:
        return None
    many = [p for p in known if (a.facts.number(p) or 0) > 1]
    pair = a.pick(many) if many and a.rng.random() < 0.8 else a.pick(known)
    if a.rng.random() < 0.06:
        pair = a.stranger(pair) or pair
    places = sorted(p for p in a.facts.places(pair) if p)
    spot = a.pick(places) if places and a.rng.random() < 0.5 else None
    number = a.facts.number(pair, spot)
    if number is None or number > 9 or (number == 1 and a.rng.random() < 0.5):
        return None
    values = {"pairs": f"{pair[1]} {plural(pair[0])}", "at": AT[spot] if spot else ""}
    question = word(a.rng, "group" if spot else "count", a.held_out, **values)
    if a.rng.random() < 0.5:
        return a.open("count", "short", question, str(number))
    near = [n for n in range(10) if n != number and abs(n - number) <= 3]
    return a.choice("count", question, str(number), [str(n) for n in near])


def box(a: Asker) -> Turn | None:
    """Ask where in a single frame something is."""
    if len(a.facts.visible) != 1:
        return None
    subject = a.subject(absent=0.2)
    if subject is None:
        return None
    pair, there = subject
    found = a.facts.find(a.facts.visible[0], pair)
    if there and found is None:
        return None
    named = article(words(pair)) if a.rng.random() < 0.5 else the(pair)
    return a.open("box", "box", named, box_text(found.box) if found else NOT_VISIBLE)


def box_text(quad: tuple[float, float, float, float]) -> str:
    """Write a box in thousandths of the frame's sides, rounded to tens.

    Always three digits, so that the first one says the same whatever comes after it.
    """
    return "<box>" + " ".join(f"{min(99, round(side * 100)):02}0" for side in quad) + "</box>"


def caption(a: Asker) -> Turn | None:
    """Ask for a caption in one line."""
    text = short_caption(a.clip)
    return a.open("caption", "caption", "", text) if len(text) <= LONGEST_CAPTION else None


def focus(a: Asker) -> Turn | None:
    """Ask for a caption with a focus on something, which may not be there."""
    subject = a.subject(absent=0.2)
    if subject is None:
        return None
    text = focus_caption(a.clip, subject[0])
    return a.open("focus", "focus", the(subject[0]), text) if len(text) <= LONGEST_CAPTION else None


def dense(a: Asker) -> Turn | None:
    """Ask for a caption with times."""
    text = dense_caption(a.clip)
    return a.open("dense", "dense", "", text) if len(text) <= LONGEST_CAPTION else None


STILL: dict[str, tuple[Callable[[Asker], Turn | None], float]] = {
    "colour": (colour, 1.0),
    "object": (thing, 0.7),
    "place": (place, 0.7),
    "seen": (seen, 1.0),
    "companion": (companion, 0.7),
    "relation": (relation, 2.4),
    "count": (count, 1.8),
    "box": (box, 2.0),
    "caption": (caption, 1.6),
    "focus": (focus, 0.4),
    "dense": (dense, 0.5),
}
