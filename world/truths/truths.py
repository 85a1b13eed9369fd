"""What is true of a film, needle by needle: one function a form, each reading the ledger.

A function returns None when the film gives no clear answer; it raises when the film breaks a promise
that its plot made (a lead seen twice, a companion missing), which would be a bug of the plot.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...index.video.span import Span, merge_spans
from ..films.director import DIRECTIONS, Needle
from ..films.narration import name_thing
from ..scenes.objects import COLOURS
from ..scenes.places import AT
from .facts import Ledger, Sighting, heading, side_of

NUMBERS = ("2", "3", "4", "5", "6")
CLEAR = 1.12  # how much longer the winner of a "most time" question stays than any other


@dataclass(frozen=True, slots=True)
class Truth:
    """What the ledger says: the answer, tempting wrong ones (None: open), and the proof."""

    answer: str
    others: tuple[str, ...] | None
    spans: tuple[Span, ...]


def phrase(pair: Sequence[str]) -> str:
    """Write an (object, colour) pair as a choice: `the green cup`."""
    return f"the {pair[1]} {pair[0]}"


def _colour(ledger: Ledger, found: Sequence[Sighting], rng: random.Random) -> Truth | None:
    """Ask for the colour of what was found; one wrong choice is a colour it has elsewhere."""
    colours = {s.sprite.colour for s in found}
    if len(colours) != 1:
        return None
    answer = colours.pop()
    name = found[0].sprite.object
    elsewhere = sorted({s.sprite.colour for s in ledger.of_object(name)} - {answer})
    tempting = rng.sample(elsewhere, min(1, len(elsewhere)))
    rest = sorted(set(COLOURS) - {answer, *tempting})
    others = tempting + rng.sample(rest, 3 - len(tempting))
    return Truth(answer, tuple(others), tuple(merge_spans(s.span for s in found)))


def _one_of(needle: Needle, pair: Sequence[str], spans: Sequence[Span]) -> Truth:
    others = tuple(phrase(p) for p in needle.about["options"] if tuple(p) != tuple(pair))
    return Truth(phrase(pair), others, tuple(spans))


def _colour_at(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    found = ledger.of_object(needle.about["object"], needle.about["place"])
    return _colour(ledger, found, rng)


def _companion(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    found = ledger.of(needle.about["pair"])[0]
    (other,) = ledger.with_others(found)
    return _one_of(needle, other.pair, [found.span])


def _where(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (found,) = ledger.of(needle.about["pair"])
    others = rng.sample(sorted(p for p in AT if p != found.place), 3)
    return Truth(AT[found.place], tuple(AT[p] for p in others), (found.span,))


def _appearance(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (span,) = ledger.appearances(needle.about["pair"])
    return Truth(str(span), None, (span,))


def _order(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    found = sorted((ledger.of(p)[0] for p in needle.about["options"]), key=lambda s: s.span)
    chosen = found[0] if needle.form == "first" else found[-1]
    return _one_of(needle, chosen.pair, [s.span for s in found])


def _repeats(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    spans = ledger.appearances(needle.about["pair"])
    return _number(len(spans), spans, rng)


def _group(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    found = [s for s in ledger.of(needle.about["pair"]) if s.place == needle.about["place"]]
    return _number(len(found), merge_spans(s.span for s in found), rng)


def _number(number: int, spans: Sequence[Span], rng: random.Random) -> Truth:
    others = rng.sample([n for n in NUMBERS if n != str(number)], 3)
    return Truth(str(number), tuple(others), tuple(spans))


def _sign_beside(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (found,) = ledger.of(needle.about["pair"])
    (sign,) = ledger.beside(found)[1]
    others = tuple(t for t in needle.about["options"] if t != sign.text)
    return Truth(sign.text, others, (found.span,))


def _tiny_colour(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (found,) = ledger.of(needle.about["pair"])
    tiny = [s for s in ledger.beside(found)[0] if s.sprite.object == needle.about["object"]]
    return _colour(ledger, tiny, rng)


def _tiny_object(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (found,) = ledger.of(needle.about["pair"])
    (tiny,) = ledger.beside(found)[0]
    return _one_of(needle, tiny.pair, [found.span])


def _direction(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (found,) = ledger.of(needle.about["pair"])
    answer = heading(found.sprite)
    return Truth(str(answer), tuple(d for d in DIRECTIONS if d != answer), (found.span,))


def _neighbour(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (found,) = ledger.of(needle.about["pair"])
    around = {side_of(found.sprite, s.sprite): s for s in ledger.with_others(found)}
    return _one_of(needle, around[needle.form].pair, [found.span])


def _fact(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (span,) = ledger.lines_with(name_thing(needle.about["thing"]))
    said = next(line.text for line in ledger.plan.lines if line.span == span)
    (answer,) = [value for value in needle.about["options"] if value in said]
    return Truth(answer, tuple(v for v in needle.about["options"] if v != answer), (span,))


def _after_sign(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (shot,) = ledger.sign_shots(needle.about["text"])
    (after,) = ledger.after(shot)
    return _one_of(needle, after.pair, [shot.span, after.span])


def _while_mentions(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    (spoken,) = ledger.lines_with(needle.about["topic"])
    found = [s for s in ledger.of_object(needle.about["object"]) if s.span.overlap(spoken)]
    truth = _colour(ledger, found, rng)
    return truth and Truth(truth.answer, truth.others, (spoken, *truth.spans))


def _total(ledger: Ledger, needle: Needle, rng: random.Random) -> Truth | None:
    """Ask for the place with the most or least time, when it is clearly ahead of the others."""
    first, last = 0.0, ledger.plan.duration
    if needle.form == "most_first_half":
        last /= 2
    elif needle.form == "most_second_half":
        first = last / 2
    spent = ledger.seconds_at(first, last)
    ranked = sorted(spent, key=lambda p: (spent[p], p), reverse=True)
    if needle.form == "least":
        # any place may have the least of four: the others are drawn from those clearly above it
        best = rng.choice(ranked[3:] or ranked)
        rivals = [p for p in ranked if spent[p] >= CLEAR * spent[best]]
        others = rng.sample(rivals, min(3, len(rivals)))
    else:
        best, *rivals = ranked
        if rivals and spent[rivals[0]] * CLEAR > spent[best]:
            return None
        # the runner-up is always among the choices
        others = rivals[:1] + rng.sample(rivals[1:], min(2, len(rivals[1:])))
    if len(others) < 3:
        return None
    spans = tuple(ledger.spans_at(best, first, last))
    return Truth(AT[best], tuple(AT[p] for p in others), spans)


TRUTHS: dict[str, Callable[[Ledger, Needle, random.Random], Truth | None]] = {
    "colour_at": _colour_at,
    "companion": _companion,
    "where": _where,
    "appearance": _appearance,
    "first": _order,
    "last": _order,
    "repeats": _repeats,
    "group": _group,
    "sign_beside": _sign_beside,
    "tiny_colour": _tiny_colour,
    "tiny_object": _tiny_object,
    "direction": _direction,
    "left": _neighbour,
    "right": _neighbour,
    "above": _neighbour,
    "below": _neighbour,
    "fact": _fact,
    "after_sign": _after_sign,
    "while_mentions": _while_mentions,
    "most": _total,
    "least": _total,
    "most_first_half": _total,
    "most_second_half": _total,
}
