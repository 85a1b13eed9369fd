"""The part of the film that a question names by times: `at 2:00`, `between 1:00 and 1:10`."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...agent.planners.base import Action, Done
    from ...tools.results import ToolResult as Found

AROUND_SECONDS = 1.0
"""How far from a named instant still is `at` it: nobody means a single frame."""

# as far as a film can reach: `after 2:00` is cut to the film once its length is known
FAR = 360_000.0

_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:\.\d+)?(?: ?(?:min(?:utes?)?|h(?:ours?)?)\b)?"
_SPELT = (
    r"(?:\d+(?:\.\d+)? ?(?:hours?|h|minutes?|mins?|m|seconds?|secs?|s)\b"
    r"(?:,? (?:and )?)?){1,3}|(?:the )?(?:minute|second) \d+(?:\.\d+)?\b|"
    r"(?:the )?\d+(?:st|nd|rd|th) (?:minute|second)\b"
)
_TIME = rf"(?:{_CLOCK}|{_SPELT})"
_MARK = r"(?:(?:the )?(?:time(?:stamp|code)?|mark|minute|second)\s+)?"
_REST = r"(?:\s*(?:mark|into the (?:film|video|movie)|in(?:to)? (?:the )?(?:film|video|movie)))?"
_LEAD = r"(?:^|[\s,(]+)"
_FORMS: tuple[tuple[str, str], ...] = (
    (
        "part",
        rf"{_LEAD}(?:between|from|in|during)\s+{_MARK}(?P<a>{_TIME})\s*(?:and|to|until|till|-|–)\s*{_MARK}(?P<b>{_TIME}){_REST}",
    ),
    (
        "first",
        rf"{_LEAD}(?:in|during|within|over)\s+the\s+(?:first|opening)\s+(?P<a>{_SPELT}|minute|second){_REST}",
    ),
    (
        "last",
        rf"{_LEAD}(?:in|during|within|over)\s+the\s+(?:last|final|closing)\s+(?P<a>{_SPELT}|minute|second){_REST}",
    ),
    (
        "from",
        rf"{_LEAD}(?:after|since|from|past)\s+{_MARK}(?P<a>{_CLOCK}|{_SPELT}){_REST}(?:\s+on(?:wards?)?)?",
    ),
    ("until", rf"{_LEAD}(?:before|until|till|up to)\s+{_MARK}(?P<a>{_TIME}){_REST}"),
    (
        "at",
        rf"{_LEAD}(?:right |exactly |just )?(?:at|around|about|near|by|in)\s+(?:about |around |roughly |exactly )?{_MARK}(?P<a>{_TIME}){_REST}",
    ),
    ("at", rf"{_LEAD}(?P<a>{_SPELT})\s+(?:into|in)\s+the\s+(?:film|video|movie)"),
)
_COMPILED = tuple((name, re.compile(form, re.I)) for name, form in _FORMS)
# times that are heard or written are words of the film, not of its clock
_QUOTED = re.compile(r"[\"“”]|\b(?:say|says|said|saying|reads|reading|mentions?|train|bus)\b", re.I)

# the time of day is one of the story's clocks, too
_OF_DAY = re.compile(
    r"\s*(?:[ap]\.?m\b|o'clock|(?:in the|at|this) (?:morning|afternoon|evening|night))", re.I
)


def split_moment(question: str) -> tuple[str, tuple[float, float] | None]:
    """Take a time off a question.

    Returns:
        The question without it, and (start, end) in seconds: the last `N seconds` as (-N, 0);
        None when it names none.
    """
    for name, form in _COMPILED:
        match = form.search(question)
        if match is None or (_QUOTED.search(question[: match.start()]) and name != "at"):
            continue
        if _OF_DAY.match(question, match.end()):
            continue
        part = _part(name, [seconds_of(x) for x in match.groups() if x])
        rest = f"{question[: match.start()]} {question[match.end() :]}"
        rest = re.sub(r"\s+(?=[?.!,])", "", " ".join(rest.split())).lstrip(",:; ")
        return rest or question, part
    return question, None


def _part(name: str, at: list[float]) -> tuple[float, float]:
    if name == "part":
        return min(at), max(at) if at[0] != at[1] else at[0] + AROUND_SECONDS
    if name == "first":
        return 0.0, max(at[0], AROUND_SECONDS)
    if name == "last":
        return -max(at[0], AROUND_SECONDS), 0.0
    if name == "from":
        return at[0], FAR
    if name == "until":
        return 0.0, max(at[0], AROUND_SECONDS)
    return max(0.0, at[0] - AROUND_SECONDS), at[0] + AROUND_SECONDS


def seconds_of(text: str) -> float:
    """Read `1:02:03`, `2 minutes and 5 seconds`, `minute 3` or `minute` as seconds."""
    if ":" in text:
        digits = re.findall(r"\d+(?:\.\d+)?", text)
        return sum(float(digit) * 60**power for power, digit in enumerate(reversed(digits)))
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    found = re.findall(r"(\d+(?:\.\d+)?) ?(?:st|nd|rd|th)? ?([hms])", text, re.I)
    if found:
        return sum(float(number) * units[unit.lower()] for number, unit in found)
    number = re.search(r"\d+(?:\.\d+)?", text)
    return float(number.group() if number else 1) * (60.0 if "minute" in text.lower() else 1.0)


def fitted(within: tuple[float, float], duration: float) -> tuple[float, float] | None:
    """Fit a named part into a film of `duration` seconds; None when it lies after its end."""
    start, end = within
    if start < 0:
        return max(0.0, duration + start), duration
    # what is asked about the very end means the last pictures
    if start >= duration + AROUND_SECONDS:
        return None
    return min(start, max(0.0, duration - 2 * AROUND_SECONDS)), min(end, duration)


_SEARCHES = ("enumerate", "search_clips", "search_words", "overview", "option_shares")


def inside(action: Action, within: tuple[float, float] | None) -> Action:
    """Return a call that looks at the named part only."""
    if within is None or action.tool not in _SEARCHES or action.args.get("within"):
        return action
    part = {"start": round(within[0], 3), "end": round(within[1], 3)}
    return replace(action, args={**action.args, "within": part})


def held(
    recipe: Generator[Action, Found, Done], within: tuple[float, float] | None
) -> Generator[Action, Found, Done]:
    """Keep every search of a recipe inside the named part."""
    try:
        action = next(recipe)
        while True:
            found = yield inside(action, within)
            action = recipe.send(found)
    except StopIteration as stop:
        return stop.value
