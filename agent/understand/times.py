"""The part of a film that a question names by the film's own clock, where that is certain.

Many numbers in questions look like times and are none: the time of day (`at 6:30 pm`), a match
clock (`the 83rd minute`), a duration (`in 25 minutes`), a decade, a score. A wrong part hides the
answer, a missed one costs a little search: whatever is in doubt is not read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from ...index.video.span import parse_seconds

EXACT_SECONDS = 2.0
"""How far from a time that names its second still is `at` it."""

ROUGH_SECONDS = 15.0
"""The same for a time in whole minutes, or one that is said to be `around` something."""

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}

_CLOCK = r"(?<![\d:.])\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:\.\d{1,3})?(?!:?\d)"
# with hours, without minutes, or with more minutes than a day has hours: no time of day is like it
_SURE = (
    r"(?<![\d:.])(?:\d{1,2}:[0-5]\d:[0-5]\d|0?0:[0-5]\d|(?:2[5-9]|[3-9]\d|\d{3}):[0-5]\d)"
    r"(?:\.\d{1,3})?(?!:?\d)"
)
_N = (
    rf"(?:\d{{1,5}}(?:\.\d{{1,3}})?|(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_SMALL[1:10])}))?"
    rf"|{'|'.join(sorted(_SMALL, key=len, reverse=True))})"
)
_HOURS, _MINUTES = r"(?:hours?|hrs?|h)\b", r"(?:minutes?|mins?)\b"
_SECONDS = r"(?:seconds?|secs?|s)\b"
_AND = r",? ?(?:and )?"
_SPELT = (
    rf"(?!\d0s\b)(?:{_N}[- ]?{_HOURS}(?:{_AND}{_N}[- ]?{_MINUTES})?(?:{_AND}{_N}[- ]?{_SECONDS})?"
    rf"|{_N}[- ]?{_MINUTES}(?:{_AND}{_N}[- ]?{_SECONDS})?|{_N}[- ]?{_SECONDS})"
)
_COUNTED = r"(?:minute|second) \d{1,5}(?:\.\d{1,3})?\b"
_NTH = rf"(?:\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(_ORDINALS[1:])})"
_FILM = r"(?:video|film|movie|clip|footage|recording|episode|documentary)\b"
_OF = rf" (?:of|into) (?:(?:the|this) )?{_FILM}"
_IN = rf" (?:of|into|in|from) (?:(?:the|this) )?{_FILM}"
# what may follow a bare time: the end of a phrase, never another noun (`30 seconds old`)
_STOP = r"(?=\s*(?:[?.,;:!)]|$))"
_TO = r"\s?(?:to|until|till|through|-|–|—)\s?"
_STAMP = r"(?:the )?(?:time ?stamp |time ?code )?"
_AT = rf"\b(?P<how>at|around|about|near) (?:(?:about|around|roughly) )?{_STAMP}"

# a clock of the story or of a match may be meant where a sentence speaks of such things
_DAY = re.compile(
    r"\b(?:[ap]\.?m\b|o.clock|noon|midnight|mornings?|afternoons?|evenings?|nights?|tonight|days?|"
    r"daily|schedule[ds]?|alarm|clock|wak(?:e|es|ing)|woke|(?:get|gets|got|getting) up|bed|local|"
    r"sleep(?:s|ing)?|train|bus|flight|depart\w*|arriv\w*|appointment|meetings?|breakfast|lunch|"
    r"dinner|opens?|closes?|leaves?|starts?|begins?|deadline|record)\b",
    re.I,
)
_MATCH = re.compile(
    r"\b(?:match|game|goals?|scor(?:e|es|ed|ing)|quarter|half|halves|period|overtime|innings?|"
    r"rounds?|teams?|players?|league|cup|referee|penalty|remaining|lanes?|race|laps?)\b",
    re.I,
)
_ANY_TIME = re.compile(rf"{_CLOCK}|\b{_NTH} minute|\b{_COUNTED}", re.I)
_EXPLICIT = re.compile(rf"(?: marks?\b|{_OF})", re.I)

Part = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to name a part: what it looks like, and how a match is turned into seconds."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], float], Part]
    sure: bool = False
    """It means the film's clock even in a sentence about a match."""
    clock: bool = False
    """In a sentence about a day it may mean the time of day."""


def time_range(question: str, duration: float) -> Part | None:
    """Return the part of the film that a question names for certain.

    Args:
        question: in English, its quoted phrases blanked out.
        duration: of the film, in seconds; may be infinite.

    Returns:
        (start, end) in seconds inside the film; None where the question names no part, two, one
        that the film does not have, or one by what may be another clock.
    """
    for form in _FORMS:
        found = form.pattern.search(question)
        if found is None:
            continue
        if not (form.sure or _EXPLICIT.match(question, found.end())):
            if _MATCH.search(question) or (form.clock and _DAY.search(question)):
                return None
        elif re.match(r" ?[ap]\.?m\b", question[found.end() :], re.I):
            return None
        if _ANY_TIME.search(question[: found.start()] + " " + question[found.end() :]):
            return None
        return _inside(form.read(found, duration), duration)
    return None


def seconds_of(text: str) -> float:
    """Read `1:02:03`, `2 minutes and 5 seconds`, `ten minutes` or `minute 3` as seconds.

    Raises:
        ValueError: it is none of these.
    """
    if ":" in text:
        return parse_seconds(text)
    counted = re.fullmatch(r"(minute|second) (.+)", text, re.I)
    if counted:
        return _number(counted[2]) * _UNITS[counted[1][0].casefold()]
    parts = re.findall(rf"({_N})[- ]?({_HOURS}|{_MINUTES}|{_SECONDS})", text, re.I)
    if not parts:
        raise ValueError(f"time = {text!r}: write 1:33, 93 seconds or 2 minutes")
    return sum(_number(amount) * _UNITS[unit[0].casefold()] for amount, unit in parts)


def _number(text: str) -> float:
    """Read digits, a number word or an ordinal: `10`, `ten`, `forty-five`, `39th`, `third`."""
    text = text.casefold()
    digits = re.match(r"\d+(?:\.\d+)?", text)
    if digits:
        return float(digits[0])
    if text in _ORDINALS:
        return float(_ORDINALS.index(text))
    tens, _, unit = text.replace("-", " ").partition(" ")
    if tens in _TENS:
        return float(_TENS[tens] + (_SMALL.index(unit) if unit else 0))
    return float(_SMALL.index(text))


def _inside(part: Part, duration: float) -> Part | None:
    """Return a part within the film; None where it lies past the end: another clock is meant."""
    start, end = part
    if not 0 <= start + ROUGH_SECONDS or not start < end <= duration + 60.0 or start >= duration:
        return None
    return max(0.0, start), min(end, duration)


def _two_times(found: re.Match[str], _duration: float) -> Part:
    return seconds_of(found["a"]), seconds_of(found["b"])


def _two_numbers(found: re.Match[str], _duration: float) -> Part:
    unit = _UNITS[(found.groupdict().get("unit") or "s")[0].casefold()]
    return _number(found["a"]) * unit, _number(found["b"]) * unit


def _ordinals(found: re.Match[str], _duration: float) -> Part:
    """The 39th minute begins at 38:00, the 43rd ends at 43:00."""
    unit = _UNITS[found["unit"][0].casefold()]
    last = found.groupdict().get("b") or found["a"]
    return (_number(found["a"]) - 1) * unit, _number(last) * unit


def _instant(found: re.Match[str], _duration: float) -> Part:
    exact = ":" in found["a"] or re.search(r"\bsec|\ds\b| s\b", found["a"], re.I)
    how = found.groupdict().get("how") or "at"
    around = EXACT_SECONDS if exact and how.casefold() == "at" else ROUGH_SECONDS
    second = seconds_of(found["a"])
    return max(0.0, second - around), second + around


def _edge(found: re.Match[str], duration: float) -> Part:
    length = seconds_of(found["a"])
    if found["edge"].casefold() in ("first", "opening", "initial"):
        return 0.0, length
    return duration - length, duration


def _onwards(found: re.Match[str], duration: float) -> Part:
    return seconds_of(found["a"]), duration


def _until(found: re.Match[str], _duration: float) -> Part:
    return 0.0, seconds_of(found["a"])


def _form(
    pattern: str,
    read: Callable[[re.Match[str], float], Part],
    *,
    sure: bool = False,
    clock: bool = False,
) -> _Form:
    return _Form(re.compile(pattern, re.I), read, sure, clock)


_BRACKET_NUMBER = r"\d{1,6}(?:\.\d{1,3})?"
_EDGE = r"\b(?:in|during|within|over) the (?P<edge>first|opening|initial|last|final|closing)"
_FORMS: tuple[_Form, ...] = (
    # [[00:11:20,00:11:24]], (12:30-13:10), [[274, 278]]
    _form(rf"[\[(]\s?(?P<a>{_CLOCK})\s?[,;–-]\s?(?P<b>{_CLOCK})\s?[\])]", _two_times, sure=True),
    _form(
        rf"\[\[\s?(?P<a>{_BRACKET_NUMBER})\s?[,;–-]\s?(?P<b>{_BRACKET_NUMBER})\s?\]\]",
        _two_numbers,
        sure=True,
    ),
    # two times
    _form(rf"(?P<a>{_SURE}){_TO}{_STAMP}(?P<b>{_CLOCK})", _two_times, sure=True),
    _form(
        rf"\bbetween {_STAMP}(?P<a>{_SURE}) and {_STAMP}(?P<b>{_CLOCK})", _two_times, sure=True
    ),
    _form(rf"\bbetween {_STAMP}(?P<a>{_CLOCK}) and {_STAMP}(?P<b>{_CLOCK})", _two_times, clock=True),
    _form(
        rf"\b(?:from|in|during) {_STAMP}(?P<a>{_CLOCK}){_TO}{_STAMP}(?P<b>{_CLOCK})",
        _two_times,
        clock=True,
    ),
    _form(
        rf"\b(?:between|from) (?:the )?(?P<a>{_COUNTED})(?:{_TO}| and )(?P<b>{_COUNTED})", _two_times
    ),
    _form(
        r"\b(?:between|from|in|during) (?P<unit>minutes|seconds) (?P<a>\d{1,5})"
        rf"(?:{_TO}| and )(?P<b>\d{{1,5}})\b",
        _two_numbers,
    ),
    _form(
        rf"\b(?:between|from|in|during) (?:the )?(?P<a>{_NTH})(?: minute| second)?"
        rf"(?:{_TO}| and )(?:the )?(?P<b>{_NTH}) (?P<unit>minute|second)s?\b",
        _ordinals,
    ),
    _form(
        rf"\b(?:between|from) (?:the )?(?P<a>{_N})(?:{_TO}| and )(?:the )?(?P<b>{_N})"
        rf"[- ](?P<unit>minute|second)s?(?:{_OF}| marks?\b)",
        _two_numbers,
    ),
    _form(rf"\b(?:between|from) (?P<a>{_SPELT})(?:{_TO}| and )(?P<b>{_SPELT})(?={_IN})", _two_times),
    # the 5th minute of the film; the first ten minutes
    _form(rf"\b(?:in|during|at) the (?P<a>{_NTH}) (?P<unit>minute){_OF}", _ordinals),
    _form(rf"{_EDGE} (?P<a>{_SPELT}|minute)(?:(?={_OF})|{_STOP})", _edge),
    # from a time on, or up to one
    _form(
        rf"\b(?:from|after) {_STAMP}(?P<a>{_SURE})(?: on(?:wards?)?\b| (?:to|until|till) the end\b)?",
        _onwards,
        sure=True,
    ),
    _form(
        rf"\bfrom {_STAMP}(?P<a>{_CLOCK}) (?:on(?:wards?)?\b|(?:to|until|till) the end\b)",
        _onwards,
        clock=True,
    ),
    _form(
        rf"\bafter {_STAMP}(?P<a>{_CLOCK}|{_SPELT})(?={_IN}| marks?\b)", _onwards, clock=True
    ),
    _form(rf"\b(?:before|until|up to) {_STAMP}(?P<a>{_SURE})", _until, sure=True),
    _form(
        rf"\b(?:before|until|up to) {_STAMP}(?P<a>{_CLOCK}|{_SPELT})(?={_IN}| marks?\b)",
        _until,
        clock=True,
    ),
    # at a time
    _form(rf"{_AT}(?P<a>{_SURE})", _instant, sure=True),
    _form(rf"{_AT}(?P<a>{_CLOCK})", _instant, clock=True),
    _form(rf"{_AT}(?P<a>{_SPELT})(?:(?={_IN}| marks?\b)|{_STOP})", _instant),
    _form(rf"{_AT}(?P<a>{_COUNTED})", _instant),
    _form(rf"\b(?P<a>{_SPELT}) into (?:the |this )?{_FILM}", _instant),
)
