"""Recipes that find a thing and then look closely: what colour, where, beside what, which way."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from ..index.film.span import Span
from ..tools.base import Evidence
from ..tools.base import Observation as Found
from . import calls
from .findings import (
    Recipe,
    Sighting,
    absent,
    best_option,
    chosen,
    occurrences,
    sightings,
    unrefuted,
)  # fmt: skip
from .phrases import with_article, without_tiny
from .planner import Action, Claim, Done
from .reading import Reading
from .statements import anchor_phrase, answer_statement, subject_phrase

SURE = 0.8
"""A look at least this sure needs no second one."""


@dataclass(frozen=True, slots=True)
class Look:
    """One close look: where, and what came of it."""

    at: Sighting
    found: Found
    letter: str | None
    raw: float
    answer: str | None


def look(reading: Reading, item: Sighting, found: Found) -> Look:
    """Read a zoom's observation."""
    if found.error:
        return Look(item, found, None, 0.0, None)
    option = best_option(reading, found)
    if option:
        letter, raw = option
        return Look(item, found, letter, raw, reading.choices[reading.letters.index(letter)])
    answer = str(found.data.get("answer") or "").strip()
    raw = max((e.score for e in found.evidence), default=0.5) if answer else 0.0
    return Look(item, found, None, raw, answer or None)


def best_look(
    reading: Reading,
    items: Sequence[Sighting],
    make: Callable[[Sighting], Action],
    most: int = 3,
) -> Generator[Action, Found, Look | None]:
    """Look at candidates, best first, until one look is sure; return the surest."""
    best: Look | None = None
    for item in items[:most]:
        found = yield make(item)
        seen = look(reading, item, found)
        # a sure look at a weak candidate is worth less than one at a strong candidate
        weight = seen.raw * (0.5 + 0.5 * item.score)
        if seen.answer and (best is None or weight > best.raw * (0.5 + 0.5 * best.at.score)):
            best = seen
        if seen.answer and seen.raw >= SURE:
            break
    return best


def conclude(reading: Reading, seen: Look | None, missing: str) -> Done:
    """Turn the best look into an answer that cites what it looked at."""
    if seen is None or seen.answer is None:
        return absent(missing, 0.4)
    says = answer_statement(reading, seen.answer)
    cited = _cited(seen)
    claims = (Claim(cited.id, says),) if cited else ()
    if seen.letter is not None:
        return chosen(reading, seen.letter, seen.raw, claims, method=_method(seen),
                      options=seen.found.data.get("options"))  # fmt: skip
    return Done(seen.answer, None, seen.raw, _method(seen), claims=claims)


def _cited(seen: Look) -> Evidence | None:
    backing = [e for e in seen.found.evidence if seen.letter and e.supports == seen.letter]
    return next(iter(backing or seen.found.evidence), None) or seen.at.evidence


def _method(seen: Look) -> str:
    return str(seen.found.data.get("method") or "similarity")


def retrieve(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the thing, then look at it with the question."""
    if reading.subject == "object" and not reading.anchor:
        return (yield from generic(reading, refuted))
    phrase = anchor_phrase(reading)
    items = yield from occurrences(phrase, refuted)
    if not items:
        return absent(phrase)
    seen = yield from best_look(
        reading, items, lambda item: calls.zoom_time(reading.question, [item.span])
    )
    return conclude(reading, seen, phrase)


def relation(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the anchor, then ask what is on that side of it."""
    return (yield from retrieve(reading, refuted))


def motion(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the thing and watch it move."""
    phrase = subject_phrase(reading)
    items = yield from occurrences(phrase, refuted)
    if not items:
        return absent(phrase)
    seen = yield from best_look(
        reading, items, lambda item: calls.zoom_time(reading.question, [item.span])
    )
    return conclude(reading, seen, phrase)


def detail(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the anchor, then look at a crop around it at the film's own resolution."""
    phrase = anchor_phrase(reading)
    region = with_article(without_tiny(reading.anchor or reading.subject))
    items = yield from occurrences(phrase, refuted)
    if not items:
        return absent(phrase)
    seen = yield from best_look(
        reading, items, lambda item: calls.zoom_space(reading.question, item.second, region)
    )
    return conclude(reading, seen, phrase)


def generic(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Search with the question's own words and look at the best clips."""
    query = subject_phrase(reading) if reading.place else reading.subject
    hits = yield calls.search(query, "fused", 5)
    items = unrefuted(sightings(hits, "hits"), refuted)
    if not items:
        return absent(query)
    seen = yield from best_look(
        reading, items, lambda item: calls.zoom_time(reading.question, [item.span])
    )
    if seen is None or (not reading.choices and seen.found.data.get("relevant") is False):
        return absent(query, 0.4)
    return conclude(reading, seen, query)
