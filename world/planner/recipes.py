"""The recipes by kind of question, and those that need the whole film: when, order, how many.

A recipe takes the reading and the spans that an audit refused; see `agent/planners/script.py` for
how it runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ...agent.planners.base import Claim, Done
from ...index.video.span import Span
from ..grammar.phrases import bare, rivals_in, with_article
from ..grammar.reading import Reading
from ..grammar.statements import subject_phrase
from ..prompts import render
from . import calls
from .closeups import detail, generic, motion, retrieve
from .counting import count_events, count_objects
from .findings import (
    Recipe,
    Sighting,
    absent,
    answer_in,
    best_option,
    chosen,
    occurrences,
    options_of,
    sightings,
    span_words,
)
from .words import hop, read, speech

NOTHING_TO_ORDER = (
    "nothing to compare: name the things, as in `the fish or the key`, or give choices"
)

FEW = 4
"""Frames of a glance at the whole film for an open question about it."""


def when(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the one time that shows the subject; its span is the answer."""
    phrase = subject_phrase(reading)
    found = yield from occurrences(phrase, refuted)
    items = found.strong
    if not items:
        return absent(phrase)
    best = items[0]
    if reading.choices:
        return _when_among(reading, items, phrase)
    others = tuple(f"also seen at {span_words(item.span)}" for item in items[1:3])
    return Done(
        span_words(best.span),
        None,
        best.score,
        "enumerate",
        claims=best.claim(phrase),
        caveats=others,
    )


def _when_among(reading: Reading, items: Sequence[Sighting], phrase: str) -> Done:
    """Pick the option whose stated time is nearest to a sighting."""
    times: dict[str, tuple[Sighting, float]] = {}
    for letter, choice in zip(reading.letters, reading.choices, strict=True):
        stated = _stated_seconds(choice)
        if stated is not None:
            times[letter] = _nearest(items, stated), stated
    if not times:
        return absent(phrase, 0.3)
    letter = min(times, key=lambda key: abs(times[key][0].span.start - times[key][1]))
    item = times[letter][0]
    return chosen(reading, letter, item.score, item.claim(phrase), method="enumerate")


def _nearest(items: Sequence[Sighting], second: float) -> Sighting:
    return min(items, key=lambda item: abs(item.span.start - second))


def _stated_seconds(text: str) -> float | None:
    clock = re.search(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", text)
    if clock:
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
    number = re.search(r"\d+(?:\.\d+)?", text)
    return float(number.group()) if number else None


def order(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find each option's subject and compare their times."""
    named = reading.choices or rivals_in(reading.question)
    if not named:
        return Done(None, raw=0.4, abstain=True, reason="not_found", caveats=(NOTHING_TO_ORDER,))
    found: dict[str, Sighting] = {}
    pick = min if reading.which == "first" else max
    for thing in named:
        seen = yield from occurrences(with_article(bare(thing)), refuted, search_too=False)
        # an option is said to be in the film: where it is not seen well, it is where seen best
        items = seen.strong or seen.refused or seen.faint
        near_best = [item for item in items if item.score >= 0.8 * items[0].score]
        if near_best:
            found[thing] = pick(near_best, key=lambda item: item.span.start)
    if not found:
        return absent("any of the choices")
    first = pick(found, key=lambda key: found[key].span.start)
    share = len(found) / len(named)
    raw = share * min(item.score for item in found.values())
    ranked = sorted(found, key=lambda key: key != first)
    claims = tuple(claim for key in ranked for claim in found[key].claim(with_article(bare(key))))
    if not reading.choices:
        missing = (render("not_found", subject=thing) for thing in named if thing not in found)
        return Done(first, None, raw, "enumerate", claims=claims, caveats=tuple(missing))
    letter = reading.letters[reading.choices.index(first)]
    return chosen(reading, letter, raw, claims, method="enumerate")


def whole_film(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Answer about the film, or a half of it, as a whole, by how much of it shows each option."""
    half = _half(reading)
    found = yield calls.option_shares(half)
    shares = options_of(found)
    if not shares:
        return (yield from _overall(reading, half))
    least = bool(
        re.search(
            r"\b(?:least|shortest|fewest|rarest|less|fewer|smallest|lowest|briefly)\b",
            reading.question,
            re.I,
        )
    )
    ranked = sorted(shares, key=lambda letter: shares[letter], reverse=not least)
    letter, next_best = ranked[0], ranked[1]
    margin = abs(shares[letter] - shares[next_best]) / max(shares[letter], shares[next_best], 1e-9)
    says = reading.statements[reading.letters.index(letter)]
    covered = found.coverage.requested[0] if found.coverage else None
    hits = yield calls.search(says, "visual", 1, covered if half else None)
    claims: tuple[Claim, ...] = ()
    for hit in sightings(hits):
        checked = yield calls.verify(says, hit.span)
        if checked.evidence:
            claims = (Claim(checked.evidence[0].id, says),)
    raw = min(0.95, 0.5 + margin)
    return chosen(reading, letter, raw, claims, method="share of time", options=shares)


def _half(reading: Reading) -> str | None:
    """Return which half of the film the question is about; None for the whole."""
    match = re.search(r"\b(first|second|last|opening|closing) half\b", reading.question, re.I)
    if not match:
        return None
    return "first" if match.group(1).lower() in ("first", "opening") else "second"


def _overall(reading: Reading, half: str | None) -> Recipe:
    """Glance over the film, or the half that is asked about, and take what the glance says."""
    found = yield calls.overview(FEW)
    if half and found.coverage is not None:
        whole = found.coverage.requested[0]
        part = Span(0.0, whole.middle) if half == "first" else Span(whole.middle, whole.end)
        found = yield calls.overview(FEW, part)
    option = best_option(reading, found)
    if option:
        letter, raw = option
        return chosen(reading, letter, raw, (), options=options_of(found))
    answer = answer_in(found)
    return Done(answer, None, 0.4) if answer else absent(reading.subject, 0.3)


def yes_no(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Look for the subject: found is yes, not found is no."""
    phrase = subject_phrase(reading)
    seen = yield from occurrences(phrase, refuted)
    items = seen.strong
    word = "yes" if items else "no"
    raw = items[0].score if items else 0.5
    claims = items[0].claim(phrase) if items else ()
    for letter, choice in zip(reading.letters, reading.choices, strict=True):
        if choice.lower().startswith(word):
            return chosen(reading, letter, raw, claims, method="enumerate")
    return Done(word, None, raw, "enumerate", claims=claims)


RECIPES: dict[str, Callable[[Reading, Sequence[Span]], Recipe]] = {
    "when": when,
    "order": order,
    "count-events": count_events,
    "count-objects": count_objects,
    "global": whole_film,
    "yes-no": yes_no,
    "retrieve": retrieve,
    "relation": retrieve,
    "motion": motion,
    "detail": detail,
    "generic": generic,
    "read": read,
    "speech": speech,
    "hop": hop,
}
