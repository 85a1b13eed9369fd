"""The part of a film that a question names by the film's own clock, where that is certain.

Many numbers in questions look like times and are none: the time of day (`at 6:30 pm`), a match
clock (`the 83rd minute`), a duration (`in 25 minutes`), a decade, a score. A wrong part hides the
answer, a missed one costs a little search: whatever is in doubt is not read.
"""

from __future__ import annotations

import math
import re

from ...index.text.spelled_times import CLOCK, COUNTED, NO_TIME_OF_DAY, NTH, SPELT
from .time_forms import FORMS, FORMS_OF_DIGITS, OF_FILM, Part

_ROUNDED = 1.0  # seconds by which a player may show a film longer than it is

# a clock of the story or of a match may be meant where a sentence speaks of such things
_DAY = re.compile(
    r"\b(?:[ap]\.?m\b|o.clock|noon|midnight|mornings?|afternoons?|evenings?|nights?|tonight|days?|"
    r"daily|schedule[ds]?|alarm|clock|wak(?:e|es|ing)|woke|(?:get|gets|got|getting) up|bed|local|"
    r"sleep(?:s|ing)?|train|bus|flight|depart\w*|arriv\w*|appointment|meetings?|breakfast|lunch|"
    r"dinner|opens?|closes?|leaves?|starts?|begins?|deadline)\b",
    re.I,
)
_MATCH = re.compile(
    r"\b(?:match|game|goals?|scor(?:e|es|ed|ing)|quarter|half|halves|period|overtime|innings?|"
    r"rounds?|teams?|players?|league|cup|referee|penalty|remaining|race|laps?)\b",
    re.I,
)
_REPORTED = re.compile(
    r"\b(?:say|says|said|claims?|thinks?|tells? \w+|told \w+) "
    r"(?:that|he|she|they|it|i|we|you|his|her|happened|will|would|there (?:is|are|was|were))\b",
    re.I,
)
_LENGTH = re.compile(
    r"\b(?:how (?:long|fast|much|many)|last(?:s|ed)?|tak(?:e|es|ing)|took|durations?|lengths?|"
    r"wait\w*|records?|(?<!\bin )times?|increase\w*|decrease\w*|reduce\w*|improve\w*|chang\w*)\b",
    re.I,
)
# words after which a clock is no time of the film, or not the one that is asked about
_NOT_BARE = re.compile(
    r"\b(?:(?<!\bin )time|clock|watch|timer|phone|ticker|display\w*|show\w*|read(?:s|ing)|scor\w*|"
    r"ratio|verse|chapter|after|before|until|till?|since|by|past|for|with|only)\b(?:\W+\w+){0,2}\W*$",
    re.I,
)
_LEFT = re.compile(r"\W*(?:left|remaining|to go|minutes?|hours?|in the)\b", re.I)
_AM_PM = re.compile(r" ?[ap]\.?m\b", re.I)
_NO_DAY = re.compile(NO_TIME_OF_DAY)
_ANY_TIME = re.compile(rf"{CLOCK}|\b{NTH} minute|\b{COUNTED}", re.I)
# every form holds one of these; without, none is compiled, which takes longer than all the rest
_MAY_NAME_A_TIME = re.compile(rf"\d|hour|minute|second|{SPELT}", re.I)
_EXPLICIT = re.compile(rf"(?: marks?\b(?! (?:of|in) the (?:match|game|half|race))|{OF_FILM})", re.I)


def time_range(
    question: str, duration: float, *, english: bool = True
) -> tuple[float, float] | None:
    """Return the part of the film that a question names for certain.

    Args:
        question: its quoted phrases blanked out.
        duration: of the film, in seconds; may be infinite.
        english: in another language only times in digits are read that are no time of day.

    Returns:
        (start, end) in seconds inside the film; None where the question names no part, two, one
        that the film does not have, or one by what may be another clock.
    """
    part = _named_part(question, duration, english)
    return None if part is None else _inside(part, duration)


def second_past_end(question: str, duration: float, *, english: bool = True) -> float | None:
    """Return the second that a question names alone and the film does not have; None: it has it.

    Arguments as in `time_range`.
    """
    part = _named_part(question, math.inf, english)
    if part is None:
        return None
    # a player that shows whole seconds may round the last one up
    tolerance = _ROUNDED if part.start == part.end else 0.0
    return part.start if duration + tolerance <= part.start < math.inf else None


def _named_part(question: str, duration: float, english: bool) -> Part | None:
    if not _MAY_NAME_A_TIME.search(question):
        return None
    for form in FORMS if english else FORMS_OF_DIGITS:
        found = form.find(question)
        if found is None:
            continue
        # no match and no day is told by hours, minutes and seconds
        sure = form.sure or found["a"].count(":") == 2
        rest = question[: found.start()] + " " + question[found.end() :]
        if not (sure or _EXPLICIT.match(question, found.end())) and (
            _MATCH.search(rest)
            or (_REPORTED.search(rest) and not _NO_DAY.fullmatch(found["a"]))
            or (form.clock and _DAY.search(rest))
            or ((form.length or form.bare) and _LENGTH.search(rest))
        ):
            return None
        if _AM_PM.match(question, found.end()) or _ANY_TIME.search(rest):
            return None
        if form.bare and (
            _NOT_BARE.search(question[: found.start()]) or _LEFT.match(question, found.end())
        ):
            return None
        return form.read(found, duration)
    return None


def _inside(part: Part, duration: float) -> tuple[float, float] | None:
    """Return a part within the film; None where it lies past the end: another clock is meant."""
    start, end = part.start - part.around, part.end + part.around
    start = max(0.0, start) if part.start >= 0 else start
    if not 0 <= start < end <= duration + 60.0 or start >= duration:
        return None
    return start, min(end, duration)
