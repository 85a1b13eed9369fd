"""How times and numbers are spelled in English, as patterns, and what they come to in seconds."""

from __future__ import annotations

import re

from ..video.span import parse_seconds

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
"""Seconds of a unit, by its first letter."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_ORDINALS = (
    *("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
    *("ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}

CLOCK = r"(?<![\d:.])\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:\.\d{1,3})?(?!:?\d)"
"""`M:SS` or `H:MM:SS`."""

NO_TIME_OF_DAY = (
    r"(?<![\d:.])(?:\d{1,2}:[0-5]\d:[0-5]\d|0?0:[0-5]\d|(?:2[5-9]|[3-9]\d|\d{3}):[0-5]\d)"
    r"(?:\.\d{1,3})?(?!:?\d)"
)
"""Such a time with seconds beside hours, without minutes, or with more of them than 24."""

NUMBER = (
    rf"(?:\d{{1,5}}(?:\.\d{{1,3}})?|(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_SMALL[1:10])}))?"
    rf"|{'|'.join(sorted(_SMALL, key=len, reverse=True))})"
)
"""Digits, or a number word below a hundred."""

NTH = rf"(?:\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(_ORDINALS[1:])})"
"""`39th`, `third`."""

COUNTED = r"(?:minute|second) \d{1,5}(?:\.\d{1,3})?\b(?!:\d)"
"""`minute 3`, `second 189`; not the beginning of `minute 1:12`."""

_HOURS, _MINUTES = r"(?:hours?|hrs?|h)(?![a-z])", r"(?:minutes?|mins?)(?![a-z])"
_SECONDS = r"(?:seconds?|secs?|s)(?![a-z])"
# a lone `m` is a metre
_MINUTES_BESIDE = r"(?:minutes?|mins?|m)(?![a-z])"
_AND = r",? ?(?:and )?"
_N_SECONDS = rf"{NUMBER}[- ]?{_SECONDS}"
SPELT = (
    rf"(?!\d0s\b)(?:{NUMBER}[- ]?{_HOURS}(?:{_AND}{NUMBER}[- ]?{_MINUTES_BESIDE})?"
    rf"(?:{_AND}{_N_SECONDS})?|{NUMBER}[- ]?{_MINUTES_BESIDE}{_AND}{_N_SECONDS}"
    rf"|{NUMBER}[- ]?{_MINUTES}|{_N_SECONDS})"
)
"""`2 minutes and 5 seconds`, `ten minutes`, `90 s`, `1h 2m`; no decade (`90s`)."""

ONE = r"(?P<half>half )?an? (?P<unit>hour|minute)"
"""`an hour`, `half a minute`."""

_PART = re.compile(rf"({NUMBER})[- ]?({_HOURS}|{_MINUTES_BESIDE}|{_SECONDS})", re.I)


def seconds_of(text: str) -> float:
    """Read `1:02:03`, `2 minutes and 5 seconds`, `minute 3` or `minute` as seconds.

    Raises:
        ValueError: it is none of these.
    """
    if ":" in text:
        return parse_seconds(text)
    counted = re.fullmatch(r"(minute|second)(?: (.+))?", text, re.I)
    if single := re.fullmatch(ONE, text, re.I):
        return UNITS[single["unit"][0].casefold()] / (2 if single["half"] else 1)
    if counted:
        return number_of(counted[2] or "1") * UNITS[counted[1][0].casefold()]
    parts = _PART.findall(text)
    if not parts:
        raise ValueError(f"time = {text!r}: write 1:33, 93 seconds or 2 minutes")
    return sum(number_of(amount) * UNITS[unit[0].casefold()] for amount, unit in parts)


def number_of(text: str) -> float:
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
