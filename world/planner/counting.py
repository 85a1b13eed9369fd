"""Recipes that count: how often something appears, and how many stand together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...agent.planners.base import Done
from ...index.video.span import Span, merge_spans
from ...tools.results import ToolResult as Found
from ..grammar.reading import Reading
from ..grammar.statements import subject_phrase
from . import calls
from .findings import (
    Recipe,
    Sighting,
    Sightings,
    absent,
    answer_in,
    best_option,
    chosen,
    occurrences,
    options_of,
)

SEPARATE_SECONDS = 8.0
"""Sightings nearer than this are one appearance: a thing can be hidden for a moment."""

NEARLY = 0.35
"""Score from which a fainter sighting counts beside strong ones of the same thing."""

_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            *("none zero never", "once one", "twice two", "three", "four", "five", "six"),
            *("seven", "eight", "nine", "ten"),
        )
    )
    for word in words.split()
}


def count_events(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """List every appearance and count them."""
    phrase = subject_phrase(reading)
    found = yield from occurrences(phrase, refuted)
    items = counted(reading, found)
    spans = separate(items)
    claims = tuple(claim for item in items for claim in item.claim(phrase))
    raw = sum(item.score for item in items) / len(items) if items else 0.5
    if not reading.choices:
        return (
            Done(str(len(spans)), None, raw, "enumerate", claims=claims)
            if spans
            else absent(phrase)
        )
    letter = nearest_number(reading, len(spans))
    if letter is None:
        return absent(phrase)
    if not spans and stated_number(reading.choices[reading.letters.index(letter)]) != 0:
        return absent(phrase)
    exact = stated_number(reading.choices[reading.letters.index(letter)]) == len(spans)
    return chosen(reading, letter, raw if exact else 0.4 * raw, claims, method="enumerate")


def counted(reading: Reading, found: Sightings) -> list[Sighting]:
    """Return the sightings that count: the strong ones.

    Where their number is not among the options, the refused and then the nearly strong ones join.
    """
    if not found.strong:
        return []
    strong, near = list(found.strong), [item for item in found.faint if item.score >= NEARLY]
    offered = {stated_number(choice) for choice in reading.choices}
    groups = [strong, [*strong, *found.refused], [*strong, *found.refused, *near]]
    fitting = [items for items in groups if len(separate(items)) in offered]
    return fitting[0] if fitting else strong


def separate(items: Sequence[Sighting]) -> list[Span]:
    """Return the spans of sightings, those that follow on at once joined."""
    return merge_spans((item.span for item in items), SEPARATE_SECONDS)


def count_objects(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the group, then count in a close look."""
    phrase = subject_phrase(reading)
    seen = yield from occurrences(phrase, refuted)
    items = seen.strong or seen.refused or (seen.faint if reading.choices else ())
    if not items:
        return absent(phrase)
    best: tuple[float, Sighting, Found] | None = None
    for item in items[:3]:
        found = yield calls.zoom_time([item.span])
        option = best_option(reading, found)
        strength = option[1] if option else float(bool(answer_in(found))) * item.score
        if not found.error and (best is None or strength > best[0]):
            best = strength, item, found
        if strength >= 0.8:
            break
    if best is None:
        return absent(phrase, 0.3)
    raw, item, found = best
    option = best_option(reading, found)
    if option:
        return chosen(reading, option[0], raw, item.claim(phrase), options=options_of(found))
    answer = answer_in(found)
    if not answer or reading.choices:
        return absent(phrase, 0.3)
    return Done(answer, None, raw, claims=item.claim(phrase))


def stated_number(text: str) -> int | None:
    """Read `3`, `three times` or `twice` as a number."""
    digits = re.search(r"\d+", text)
    if digits:
        return int(digits.group())
    words = re.findall(r"[a-z]+", text.lower())
    return next((_NUMBERS[word] for word in words if word in _NUMBERS), None)


def nearest_number(reading: Reading, number: int) -> str | None:
    """Return the letter of the option nearest to a count; None when no option is a number."""
    stated = {
        letter: value
        for letter, choice in zip(reading.letters, reading.choices, strict=True)
        if (value := stated_number(choice)) is not None
    }
    return min(stated, key=lambda key: abs(stated[key] - number)) if stated else None
