"""Recipes that find a thing and then look closely: what colour, where, beside what, which way."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from ...agent.planners.base import Action, Claim, Done
from ...agent.verification.audit import UNVERIFIED_CAP
from ...index.video.span import Span
from ...tools.results import Answered
from ...tools.results import ToolResult as Found
from ...tools.types import Evidence
from ..grammar.phrases import with_article, without_tiny
from ..grammar.reading import Reading
from ..grammar.statements import anchor_phrase, answer_part, answer_statement, subject_phrase
from . import calls
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
    unclear,
    verdict,
)

SURE = 0.8
"""A look at least this sure needs no second one."""

TELLING = 1.2
"""Times chance that the best option must reach for a look to tell the options apart."""

FAIRLY_SURE = 0.6
"""A look at a thing that is seen faintly counts from here."""


@dataclass(frozen=True, slots=True)
class CloseUp:
    """One close look: where, and what came of it."""

    at: Sighting
    found: Found
    letter: str | None
    raw: float
    answer: str | None


def look(reading: Reading, item: Sighting, found: Found) -> CloseUp:
    """Read a zoom's observation; one that does not tell the options apart is no answer."""
    if found.error:
        return CloseUp(item, found, None, 0.0, None)
    option = best_option(reading, found)
    if option:
        letter, raw = option
        if raw < TELLING / len(reading.choices):
            return CloseUp(item, found, None, 0.0, None)
        return CloseUp(item, found, letter, raw, reading.choices[reading.letters.index(letter)])
    answer = answer_in(found)
    raw = max((e.score for e in found.evidence), default=0.5) if answer else 0.0
    return CloseUp(item, found, None, raw, answer or None)


def best_look(
    reading: Reading,
    items: Sequence[Sighting],
    make: Callable[[Sighting], Action],
    most: int = 3,
) -> Generator[Action, Found, CloseUp | None]:
    """CloseUp at candidates, best first, until one look is sure; return the surest."""
    best: CloseUp | None = None
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


def conclude(reading: Reading, seen: CloseUp | None, missing: str) -> Done:
    """Turn the best look into an answer that cites what it looked at."""
    if seen is None or seen.answer is None:
        return absent(missing, 0.4)
    says = answer_statement(reading, seen.answer)
    cited = _cited(seen)
    claims = (Claim(cited.id, says),) if cited else ()
    options = options_of(seen.found)
    if seen.letter is not None:
        return chosen(reading, seen.letter, seen.raw, claims, method=_method(seen), options=options)
    return Done(seen.answer, None, seen.raw, _method(seen), claims=claims)


def _cited(seen: CloseUp) -> Evidence | None:
    backing = [e for e in seen.found.evidence if seen.letter and e.supports == seen.letter]
    return next(iter(backing or seen.found.evidence), None) or seen.at.evidence


def _method(seen: CloseUp) -> str:
    payload = seen.found.payload
    return payload.method if isinstance(payload, Answered) else "similarity"


def look_closely(
    reading: Reading, phrase: str, refuted: Sequence[Span], make: Callable[[Sighting], Action]
) -> Recipe:
    """Find the thing and answer from a close look at it, from firm to weak ground.

    Where it is seen, what the look says is claimed. With options to choose from, two weaker grounds
    are left: it is seen, but the claim did not stand (the best option, citing only the thing);
    or it is seen faintly, and what an option names is there.
    """
    found = yield from occurrences(phrase, refuted)
    seen = yield from best_look(reading, found.strong, make)
    if seen is not None:
        return conclude(reading, seen, phrase)
    if not reading.choices:
        return unclear(phrase) if found.strong or found.refused else absent(phrase)
    seen = yield from best_look(reading, found.refused, make)
    if seen is not None and seen.letter is not None:
        caveat = f"{phrase} was seen, which choice is right was not verified"
        return _best_guess(reading, seen, seen.at.claim(phrase), caveat)
    seen = yield from best_look(reading, found.faint, make, most=2)
    if seen is not None and seen.letter is not None and seen.raw >= FAIRLY_SURE:
        part = answer_part(reading, seen.answer or "")
        checked = yield calls.verify(part, seen.at.span)
        judged = verdict(checked)
        if judged is not None and judged.verdict != "refuted":
            cited = next(iter(checked.evidence), None) or seen.at.evidence
            claims = (Claim(cited.id, part),) if cited else ()
            caveat = f"{phrase} was seen only faintly"
            return _best_guess(reading, seen, claims, caveat)
    return absent(phrase)


def _best_guess(reading: Reading, seen: CloseUp, claims: tuple[Claim, ...], caveat: str) -> Done:
    assert seen.letter is not None
    raw = min(UNVERIFIED_CAP, seen.raw * seen.at.score)
    options = options_of(seen.found)
    done = chosen(reading, seen.letter, raw, claims, method="best of the choices", options=options)
    return replace(done, caveats=(caveat,))


def _zoom(item: Sighting) -> Action:
    return calls.zoom_time([item.span])


def retrieve(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the thing (or the anchor of a relation), then look at it with the question."""
    if reading.subject == "object" and not reading.anchor:
        return (yield from generic(reading, refuted))
    return (yield from look_closely(reading, anchor_phrase(reading), refuted, _zoom))


def motion(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the thing and watch it move."""
    return (yield from look_closely(reading, subject_phrase(reading), refuted, _zoom))


def detail(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the anchor, then look at a crop around it at the film's own resolution."""
    region = with_article(without_tiny(reading.anchor or reading.subject))

    def crop(item: Sighting) -> Action:
        return calls.zoom_space(reading.question, item.second, region)

    return (yield from look_closely(reading, anchor_phrase(reading), refuted, crop))


def generic(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Search with the question's own words and look at the best clips."""
    query = subject_phrase(reading) if reading.place else reading.subject
    hits = yield calls.search(query, "fused", 5)
    items = [hit for hit in sightings(hits) if all(hit.span.iou(span) < 0.5 for span in refuted)]
    if not items:
        return absent(query)
    seen = yield from best_look(reading, items, _zoom)
    payload = seen.found.payload if seen else None
    irrelevant = isinstance(payload, Answered) and not payload.relevant
    if seen is None or (not reading.choices and irrelevant):
        return absent(query, 0.4)
    return conclude(reading, seen, query)
