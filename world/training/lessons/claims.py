"""Claims about a clip, to be answered yes or no: half of them true, the rest nearly so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from longtake.world.scenes.objects import OBJECTS, article
from longtake.world.scenes.places import AT, PLACES
from longtake.world.training.clips.scene import COLOUR_NAMES
from longtake.world.training.clips.truth import SIDES, words
from longtake.world.training.encoder import statements
from longtake.world.training.encoder.data import N_PLACES
from longtake.world.training.lessons.captions import count_words
from longtake.world.training.lessons.turns import Asker, Turn
from longtake.world.training.lessons.wordings import STATEMENTS, word
from longtake.world.vlm.prompts import NO, YES, ask_text

CHECKED = 20  # things of a list


def relevant(a: Asker) -> Turn | None:
    """Ask whether the clip shows something; near misses are asked as often as what is there."""
    draw = a.rng.random()
    if draw < 0.12:
        claim = statements.say_foreign(a.rng)
        return a.open("relevant", "relevant", claim.text, NO)
    if draw < 0.24:
        there = [PLACES.index(s.place) for s in a.facts.visible if s.place]
        spot = there[0] if there and a.rng.random() < 0.5 else int(a.rng.integers(N_PLACES))
        truth = any(s.place == PLACES[spot] for s in a.facts.visible)
        return a.open("relevant", "relevant", statements.say_place(a.rng, spot).text, _say(truth))
    subject = a.subject(absent=0.5)
    if subject is None:
        return None
    (item, hue), _ = subject
    name: str | None = item
    tint: str | None = hue
    if draw > 0.85:
        name, tint = a.pick(((item, None), (None, hue)))
    spots = [s.place for s in a.facts.visible if s.place]
    spot = None
    if name and spots and a.rng.random() < 0.2:
        spot = a.pick(spots) if a.rng.random() < 0.7 else a.pick(PLACES)
    truth = a.facts.holds(name, tint, spot)
    if truth is None:
        return None
    number = OBJECTS.index(name) if name else -1
    shade = COLOUR_NAMES.index(tint) if tint else -1
    at = PLACES.index(spot) if spot else -1
    text = statements.say(a.rng, number, shade, at).text
    if a.rng.random() < 0.5 and name and tint:
        text = count_words((name, tint), 1) + (f" {AT[spot]}" if spot else "")
    return a.open("relevant", "relevant", text, _say(truth))


def checklist(a: Asker) -> Turn | None:
    """Judge many things at once, half of them there: much to learn for few tokens."""
    lines = []
    for _ in range(3 * CHECKED):
        subject = a.subject(absent=0.5)
        if subject is None:
            continue
        (item, hue), _ = subject
        name, tint = a.pick(((item, hue), (item, hue), (item, None), (None, hue)))
        truth = a.facts.holds(name, tint)
        if truth is not None:
            lines.append(f"{tint or ''} {name or ''}".strip() + f": {_say(truth)}")
        if len(lines) == CHECKED:
            break
    if not lines:
        return None
    text = ask_text("short", "What is in view?")
    # words are tokens with the space before them: none may begin a line
    listed = "one by one: " + ", ".join(lines)
    return Turn("checklist", "checklist", text, listed, graded=(YES, NO))


def exists(a: Asker) -> Turn | None:
    """Ask whether something is there, in other words."""
    subject = a.subject(absent=0.5)
    if subject is None:
        return None
    pair, there = subject
    question = word(a.rng, "exists", a.held_out, a_pair=article(words(pair)))
    return a.open("exists", "yesno", question, _say(there))


def verify(a: Asker) -> Turn | None:
    """Ask whether a statement about the clip is true."""
    makers = (_claim_at, _claim_colour, _claim_side, _claim_together, _claim_count)
    claim = a.pick(makers)(a)
    if claim is None:
        return None
    text, truth, *side = claim
    return replace(a.open("verify", "verify", text, _say(truth)), side="".join(side))


def _say(truth: bool) -> str:
    return YES if truth else NO


def _claim_at(a: Asker) -> tuple[str, bool] | None:
    subject = a.subject()
    if subject is None:
        return None
    pair, _ = subject
    places = a.facts.places(pair)
    spot = (
        a.pick(sorted(p for p in places if p) or PLACES) if a.rng.random() < 0.5 else a.pick(PLACES)
    )
    return STATEMENTS["at"].format(pair=words(pair), at=AT[spot]), spot in places


def _claim_colour(a: Asker) -> tuple[str, bool] | None:
    if not a.facts.pairs:
        return None
    item, hue = a.pick(a.facts.pairs)
    found = a.facts.colours(item)
    if not found or len(found) > 1:
        return None
    said = hue if a.rng.random() < 0.5 else a.pick(COLOUR_NAMES)
    return STATEMENTS["colour"].format(object=item, colour=said), said in found


def _claim_side(a: Asker) -> tuple[str, bool, str] | None:
    facing = a.facing()
    if facing is None:
        return None
    pair, other, side = facing
    said = side if a.rng.random() < 0.5 else a.pick(SIDES)
    return STATEMENTS[said].format(pair=words(pair), other=words(other)), said == side, side


def _claim_together(a: Asker) -> tuple[str, bool] | None:
    subject = a.subject()
    if subject is None:
        return None
    pair, _ = subject
    mates = {x.pair for i in a.facts.rows(pair) for x in a.facts.visible[i].seen} - {pair}
    sure = sorted(m for m in mates if a.facts.sure(m))
    other = (
        a.pick(sure)
        if sure and a.rng.random() < 0.5
        else a.stranger(a.pick(sure) if sure else pair)
    )
    if other is None:
        return None
    text = STATEMENTS["together"].format(pair=words(pair), other=words(other))
    return text, other in mates


def _claim_count(a: Asker) -> tuple[str, bool] | None:
    known = a.known()
    if not known:
        return None
    pair = a.pick(known)
    number = a.facts.number(pair)
    if not number or number > 9:
        return None
    said = number if a.rng.random() < 0.5 else int(a.rng.integers(2, 8))
    text = (
        f"there is {count_words(pair, 1)}" if said == 1 else f"there are {count_words(pair, said)}"
    )
    return text, said == number


CLAIMS: dict[str, tuple[Callable[[Asker], Turn | None], float]] = {
    "relevant": (relevant, 2.0),
    "exists": (exists, 0.8),
    "verify": (verify, 1.4),
    "checklist": (checklist, 0.5),
}
