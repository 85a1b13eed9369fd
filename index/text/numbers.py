"""Numbers in words: spelled out, in the languages that num2words knows, and which are said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, lru_cache
from itertools import groupby

import regex

from .spelling import parts_of, words_of

# one is an article in too many languages
_SPELLED = (*range(2, 101), 200, 500, 1000, 2000, 10**6, 2 * 10**6, 10**9, 2 * 10**9)

_CLOCK = regex.compile(r"\d+(?::\d\d)+(?:\.\d+)?")


@cache
def number_words(language: str) -> frozenset[str]:
    """Return the folded words that numbers from two on are spelled with; none where unknown.

    Args:
        language: ISO 639-1 code.
    """
    counts = Counter(word for number in _SPELLED for word in set(_spelled(number, language)))
    # what joins the parts of many numbers ("and", "y") is no number
    joins = {word for word, n in counts.items() if n > len(_SPELLED) / 3}
    return frozenset(counts) - joins - frozenset(_spelled(1, language))


def count_numbers(words: list[str], languages: tuple[str, ...]) -> int:
    """Return how many of the folded words are numbers, in digits or spelled out."""
    spelled = frozenset().union(*(number_words(code) for code in languages))
    return sum(word in spelled or any(c.isdigit() for c in word) for word in words)


def unsaid_numbers(text: str, lines: Sequence[str], languages: Sequence[str]) -> tuple[str, ...]:
    """Return the numbers of a text that no line says, in digits or spelled out.

    Times by the clock (`12:30`) are left out: a line carries its own apart.

    Args:
        text: whose numbers.
        lines: that may say them.
        languages: of both (ISO 639-1), which numbers are spelled in.
    """
    joins = frozenset().union(*(_joins(code) for code in languages))
    known = frozenset().union(*(number_words(code) for code in languages))
    asked = [word for word in words_of(_CLOCK.sub(" ", text)) if word not in joins]
    values = list(dict.fromkeys(_digits(asked)))
    # one is a number beside others only
    numbers = known.union(*(_spelled(1, code) for code in languages))
    runs = [tuple(group) for spelled, group in groupby(asked, numbers.__contains__) if spelled]
    runs = [run for run in runs if known.intersection(run)]
    if not values and not runs:
        return ()
    said = [[word for word in words_of(line) if word not in joins] for line in lines]
    digits = {value for words in said for value in _digits(words)}
    unsaid = [
        str(value)
        for value in values
        if value not in digits and not _is_said(_forms(value, languages), said)
    ]
    for run in runs:
        written = any(run in _forms(value, languages) for value in digits)
        if not written and not _is_said({run}, said):
            unsaid.append(" ".join(run))
    return tuple(unsaid)


def _digits(words: Sequence[str]) -> list[int]:
    return [int(part) for word in words for part in parts_of(word) if part.isdecimal()]


def _forms(value: int, languages: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the words that a number is spelled with, of each way to say it, without joins."""
    spelled = {
        tuple(word for word in _spelled(value, code, way) if word not in _joins(code))
        for code in languages
        for way in ("cardinal", "ordinal", "year")
    }
    return spelled - {()}


@lru_cache(10_000)
def _spelled(value: int, language: str, way: str = "cardinal") -> tuple[str, ...]:
    """Return the folded words of a number; none where num2words cannot spell it."""
    from num2words import num2words

    # what a language lacks or cannot spell differs by its module
    with suppress(NotImplementedError, ArithmeticError, LookupError, ValueError, TypeError):
        return tuple(words_of(num2words(value, lang=language, to=way)))
    return ()


@cache
def _joins(language: str) -> frozenset[str]:
    """Return the words that only ever stand between the parts of a number ("and", "et")."""
    spelled = [_spelled(number, language) for number in range(1, 1001)]
    ends = {word for words in spelled for word in (*words[:1], *words[-1:])}
    return frozenset(word for words in spelled for word in words) - ends


def _is_said(forms: set[tuple[str, ...]], said: Sequence[Sequence[str]]) -> bool:
    """Say whether a line holds the words of one of the forms in a row."""
    return any(
        tuple(words[at : at + len(form)]) == form
        for form in forms
        for words in said
        if form[0] in words
        for at in range(len(words) - len(form) + 1)
    )
