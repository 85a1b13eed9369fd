"""The ways to name a part of a film by its clock: what each looks like, and what it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ...index.text.spelled_times import (
    CLOCK,
    COUNTED,
    NO_TIME_OF_DAY,
    NTH,
    NUMBER,
    SPELT,
    UNITS,
    number_of,
    seconds_of,
)

EXACT_SECONDS = 2.0
"""How far from a time that names its second still is `at` it."""

ROUGH_SECONDS = 15.0
"""The same for a time in whole minutes, or one that is said to be `around` something."""

_FILM = r"(?:video|film|movie|clip|footage|recording|episode|documentary)\b"
OF_FILM = rf" (?:of|into) (?:(?:the|this) )?{_FILM}"
_IN = rf" (?:of|into|in|from) (?:(?:the|this) )?{_FILM}"
# what may follow a bare time: the end of a phrase, never another noun (`30 seconds old`)
_STOP = r"(?=\s*(?:[?.,;:!)]|$))"
_TO = r"\s?(?:to|until|'?till?|through|thru|up (?:to|until)|-|–|—|\.{2,3})\s?"
_STAMP = (
    r"(?:(?:about|around|roughly|approximately) )?(?:the )?"
    r"(?:(?:time ?(?:stamp|code)?|minute|min|mark|position) )?"
)
_TIME = rf"(?:{CLOCK}|{COUNTED})"
_AT = rf"(?:\b(?P<how>at|around|about|near) |@ ?)(?:(?:about|around|roughly) )?{_STAMP}"

_ASKER = r"(?:^\W*(?:please )?|\b(?:I|we) (?:\w+ )?)"
_BRACKET_NUMBER = r"\d{1,6}(?:\.\d{1,3})?"
_CLAUSE = re.compile(r"\b(?:when|while|after|before|once|during)\b", re.I)


class Part(NamedTuple):
    """A part of the film as it is named.

    Attributes:
        start, end: seconds; equal for an instant.
        around: seconds before and after that are meant too.
    """

    start: float
    end: float
    around: float = 0.0


@dataclass(frozen=True, slots=True)
class Form:
    """One way to name a part: what it looks like, and how a match is turned into seconds."""

    pattern: str
    read: Callable[[re.Match[str], float], Part]
    sure: bool = False
    """It means the film's clock even in a sentence about a match."""
    clock: bool = False
    """In a sentence about a day it may mean the time of day."""
    length: bool = False
    """In a sentence about how long something is it may mean that."""
    bare: bool = False
    """Nothing beside it says that it is a time of the film: the words before it must allow it."""

    def find(self, question: str) -> re.Match[str] | None:
        """Return where a question names a part in this way; compiled when it is first asked."""
        return re.search(self.pattern, question, re.I)


def _two_times(found: re.Match[str], _duration: float) -> Part:
    return Part(seconds_of(found["a"]), seconds_of(found["b"]))


def _two_numbers(found: re.Match[str], _duration: float) -> Part:
    unit = UNITS[(found.groupdict().get("unit") or "s")[0].casefold()]
    return Part(number_of(found["a"]) * unit, number_of(found["b"]) * unit)


def _ordinals(found: re.Match[str], _duration: float) -> Part:
    """The 39th minute begins at 38:00, the 43rd ends at 43:00."""
    unit = UNITS[found["unit"][0].casefold()]
    last = found.groupdict().get("b") or found["a"]
    return Part((number_of(found["a"]) - 1) * unit, number_of(last) * unit)


def _at_ordinal(found: re.Match[str], _duration: float) -> Part:
    """`At the 16th minute` is said of 16:00 as well as of 15:00 to 16:00."""
    nth = number_of(found["a"])
    if found["unit"].casefold() == "minute":
        return Part((nth - 1) * 60.0, (nth + 1) * 60.0)
    return Part(nth, nth, EXACT_SECONDS)


def _in_minute(found: re.Match[str], _duration: float) -> Part:
    """`In minute 16` is said of 15:00 to 16:00 and of 16:00 to 17:00."""
    nth = number_of(found["a"])
    return Part(max(0.0, nth - 1) * 60.0, (nth + 1) * 60.0)


def _instant(found: re.Match[str], _duration: float) -> Part:
    exact = ":" in found["a"] or re.search(r"\bsec|\ds\b| s\b", found["a"], re.I)
    how = found.groupdict().get("how") or "at"
    around = EXACT_SECONDS if exact and how.casefold() == "at" else ROUGH_SECONDS
    named = found["a"]
    # `timestamp 300`: of nothing else, so of seconds
    second = float(named) if re.fullmatch(_BRACKET_NUMBER, named) else seconds_of(named)
    return Part(second, second, around)


def _edge(found: re.Match[str], duration: float) -> Part:
    length = seconds_of(found["a"])
    if found["edge"].casefold() in ("first", "opening", "initial"):
        return Part(0.0, length)
    return Part(duration - length, duration)


def _edge_of_film(found: re.Match[str], duration: float) -> Part:
    """Read `the first ten seconds` alone: of the film, unless a clause names something else."""
    return Part(0.0, 0.0) if _CLAUSE.search(found.string) else _edge(found, duration)


def _onwards(found: re.Match[str], duration: float) -> Part:
    return Part(seconds_of(found["a"]), duration)


def _until(found: re.Match[str], _duration: float) -> Part:
    return Part(0.0, seconds_of(found["a"]))


_EDGE = r"\b(?:in|during|within|over) the (?P<edge>first|opening|initial|last|final|closing)"
FORMS: tuple[Form, ...] = (
    # [[00:11:20,00:11:24]], (12:30-13:10), [[274, 278]]
    Form(rf"[\[(]\s?(?P<a>{CLOCK})\s?[,;–—-]\s?(?P<b>{CLOCK})\s?[\])]", _two_times, sure=True),
    Form(
        rf"\[\[\s?(?P<a>{_BRACKET_NUMBER})\s?[,;–—-]\s?(?P<b>{_BRACKET_NUMBER})\s?\]\]",
        _two_numbers,
        sure=True,
    ),
    Form(rf"\[\s?(?P<a>{CLOCK})\s?\]", _instant, sure=True),
    # two times
    Form(rf"(?P<a>{NO_TIME_OF_DAY}){_TO}{_STAMP}(?P<b>{CLOCK})", _two_times),
    Form(rf"\bbetween {_STAMP}(?P<a>{NO_TIME_OF_DAY}) and {_STAMP}(?P<b>{CLOCK})", _two_times),
    Form(rf"\bbetween {_STAMP}(?P<a>{CLOCK}) and {_STAMP}(?P<b>{CLOCK})", _two_times, clock=True),
    Form(rf"(?P<a>{CLOCK}){_TO}{_STAMP}(?P<b>{CLOCK})", _two_times, clock=True),
    Form(
        rf"\b(?:between|from) (?:the )?(?P<a>{COUNTED})(?:{_TO}| and )(?P<b>{COUNTED})",
        _two_times,
    ),
    Form(
        r"\b(?:between|from|in|during) (?P<unit>minutes|seconds) (?P<a>\d{1,5})"
        rf"(?:{_TO}| and )(?P<b>\d{{1,5}})\b",
        _two_numbers,
    ),
    Form(
        rf"\b(?:between|from|in|during) (?:the )?(?P<a>{NTH})(?: minute| second)?"
        rf"(?:{_TO}| and )(?:the )?(?P<b>{NTH}) (?P<unit>minute|second)s?\b",
        _ordinals,
    ),
    Form(
        rf"\b(?:between|from) (?:the )?(?P<a>{NUMBER})(?:{_TO}| and )(?:the )?(?P<b>{NUMBER})"
        rf"[- ](?P<unit>minute|second)s?(?:{OF_FILM}| marks?\b)",
        _two_numbers,
    ),
    Form(
        rf"\b(?:between|from|in|during) (?P<a>{NUMBER})(?:{_TO}| and )(?P<b>{NUMBER})"
        rf"[- ]?(?P<unit>minute|min|second|sec|s)s?\b{_STOP}",
        _two_numbers,
        length=True,
    ),
    Form(rf"\b(?:between|from) (?P<a>{SPELT})(?:{_TO}| and )(?P<b>{SPELT})(?={_IN})", _two_times),
    Form(
        rf"\b(?:between|from) (?P<a>{SPELT})(?:{_TO}| and )(?P<b>{SPELT}){_STOP}",
        _two_times,
        length=True,
    ),
    # starting at 1:05 and ending at 1:19, after 1:05 and before 1:19
    Form(
        rf"\b(?:from|between|after|since|start\w*|beg[ia]n\w*) (?:at |from |with )?{_STAMP}"
        rf"(?P<a>{_TIME}),?(?: \w+){{0,3}}? (?:to|'?till?|until|before|by|at|end\w*) {_STAMP}"
        rf"(?P<b>{_TIME})",
        _two_times,
        clock=True,
    ),
    # the 5th minute of the film; the first ten minutes
    Form(r"\b(?:in|during) minute (?P<a>\d{1,3})\b", _in_minute),
    Form(rf"\b(?:in|during) the (?P<a>{NTH}) (?P<unit>minute){OF_FILM}", _ordinals),
    Form(rf"\bat the (?P<a>{NTH}) (?P<unit>minute)(?:{OF_FILM}|(?={_IN}))", _at_ordinal),
    Form(r"\bat the (?P<a>\d{1,5}(?:st|nd|rd|th)) (?P<unit>second)\b", _at_ordinal),
    Form(rf"{_EDGE} (?P<a>{SPELT}|minute)(?={OF_FILM})", _edge),
    Form(rf"{_EDGE} (?P<a>{SPELT}|minute){_STOP}", _edge_of_film),
    # from a time on, or up to one
    Form(rf"\b(?:from|after) {_STAMP}(?P<a>{NO_TIME_OF_DAY})", _onwards),
    Form(
        rf"\bfrom {_STAMP}(?P<a>{CLOCK}) (?:on(?:wards?)?\b|(?:to|until|till) the end\b)",
        _onwards,
        clock=True,
    ),
    Form(rf"\bafter {_STAMP}(?P<a>{CLOCK}|{SPELT})(?={_IN}| marks?\b)", _onwards, clock=True),
    Form(rf"\b(?:before|until|up to) {_STAMP}(?P<a>{NO_TIME_OF_DAY})", _until),
    Form(
        rf"\b(?:before|until|up to) {_STAMP}(?P<a>{CLOCK}|{SPELT})(?={_IN}| marks?\b)",
        _until,
        clock=True,
    ),
    # at a time
    Form(rf"{_AT}(?P<a>{NO_TIME_OF_DAY})", _instant),
    Form(rf"{_AT}(?P<a>{CLOCK})", _instant, clock=True),
    # no decade is said with `at`
    Form(rf"{_AT}(?P<a>{SPELT}|\d{{1,5}}s\b)(?:(?={_IN}| (?:mark|point)s?\b)|{_STOP})", _instant),
    Form(rf"{_AT}(?P<a>{COUNTED})", _instant),
    Form(
        rf"\b(?:t ?= ?|time ?(?:stamp|code) )(?P<a>{CLOCK}|{SPELT}|{_BRACKET_NUMBER}(?![\d:]))",
        _instant,
        sure=True,
    ),
    Form(r"\b(?:on|in|during) (?P<a>second \d{1,5}(?:\.\d{1,3})?)\b", _instant),
    Form(rf"^\W*at (?P<a>{SPELT})\b(?! (?:long|old|each|per|of|a)\b)", _instant),
    Form(rf"\b(?P<a>{SPELT}|(?:half )?an? (?:hour|minute)) into (?:the |this )?{_FILM}", _instant),
    Form(rf"\b(?P<a>{SPELT}|(?:half )?an? (?:hour|minute)) in(?:{_STOP}|(?= and\b))", _instant),
    Form(
        rf"\b(?P<a>{SPELT}) (?:from|after|past) the (?:start|beginning)(?:(?={_IN})|{_STOP})",
        _instant,
    ),
    # where the asker stopped the player, or sends it
    Form(
        rf"{_ASKER}(?:stop|paus|freez|froz)\w* (?:\w+ ){{0,4}}(?:after|at) (?P<a>{SPELT})", _instant
    ),
    Form(rf"{_ASKER}(?:jump|go|skip|seek|scrub|wind|forward) to (?P<a>{SPELT})", _instant),
    # a clock without more
    Form(rf"(?P<a>{CLOCK})(?:\W+\w+){{0,3}}?\W+(?P<b>{CLOCK})", _two_times, clock=True, bare=True),
    Form(rf"(?P<a>{CLOCK})", _instant, clock=True, bare=True),
)
_NO_SCORE = r"(?<![\d:.])(?:\d{1,2}:[0-5]\d:[0-5]\d|0?0:[0-5]\d)(?:\.\d{1,3})?(?!:?\d)"
# of any language; without words of English around, only what is no time of day
FORMS_OF_DIGITS: tuple[Form, ...] = (
    *FORMS[:3],
    Form(rf"(?P<a>{_NO_SCORE})\s?[-–—~]\s?(?P<b>{CLOCK})", _two_times, sure=True),
    Form(rf"@ ?(?P<a>{CLOCK})", _instant, sure=True),
    Form(rf"(?P<a>{_NO_SCORE})", _instant, sure=True),
)
