"""Numbers in words: spelled out, in the languages that num2words knows, and which are said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from itertools import groupby

import regex

from .spelling import parts_of, words_of

# one is an article in too many languages
_SPELLED = (*range(2, 101), 200, 500, 1000, 2000, 10**6, 2 * 10**6, 10**9, 2 * 10**9)

_SCALES = (10**3, 10**6, 10**9)
_MOST = 2 * 10**9  # some languages take for ever to spell larger ones
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


def unsaid_numbers(
    text: str, lines: Sequence[str], languages: Sequence[str], *, strict: bool = False
) -> tuple[str, ...]:
    """Return the numbers of a text that no line says, in digits or spelled out.

    Ordinals that the text spells out are not looked at.

    Args:
        text: whose numbers.
        lines: that may say them, in order.
        languages: of both (ISO 639-1), which numbers are spelled in.
        strict: also times by the clock (`12:30`), which a line carries apart, and digits behind
            letters (`B12`, `m²`).
    """
    joins = frozenset().union(*(_joins(code) for code in languages))
    known = frozenset().union(*(number_words(code) for code in languages))
    asked = [w for w in words_of(text if strict else _CLOCK.sub(" ", text)) if w not in joins]
    values = list(dict.fromkeys(_digits(asked, leading=not strict)))
    # one is a number beside others only
    numbers = known.union(*(_spelled(1, code) for code in languages))
    runs = [tuple(group) for spelled, group in groupby(asked, numbers.__contains__) if spelled]
    runs = [run for run in runs if known.intersection(run)]
    if not values and not runs:
        return ()
    words = [word for line in lines for word in words_of(line) if word not in joins]
    digits, said = set(_digits(words)), _in_row(words)

    def is_said(forms: Iterable[tuple[str, ...]]) -> bool:
        return any(_in_row(form) in said for form in forms)

    unsaid = [
        str(value)
        for value in values
        if value not in digits and not is_said(_forms(value, languages))
    ]
    for run in runs:
        written = any(_in_row(run) in _in_row(f) for v in digits for f in _forms(v, languages))
        if not written and not is_said([run]):
            unsaid.append(" ".join(run))
    return tuple(unsaid)


def _in_row(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _digits(words: Sequence[str], *, leading: bool = False) -> list[int]:
    """Return the numbers in digits; with `leading` only those that a word begins with."""
    parts = (parts_of(word)[: 1 if leading else None] for word in words)
    return [int(part) for some in parts for part in some if part.isdecimal()]


def _forms(value: int, languages: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the words that a number is spelled with, of each way to say it, without joins."""
    forms: set[tuple[str, ...]] = set()
    for code in languages:
        joins, one = _joins(code), _spelled(1, code)
        for way in ("cardinal", "ordinal", "year"):
            form = tuple(word for word in _spelled(value, code, way) if word not in joins)
            # "a hundred" for "one hundred"
            forms |= {form, form[len(one) :] if one and form[: len(one)] == one else form}
        for scale in _SCALES:
            if value > scale and value % scale == 0:  # "2 million"
                words = [word for word in _spelled(scale, code) if word not in one]
                forms.add((str(value // scale), *words))
    return forms - {()}


@lru_cache(10_000)
def _spelled(value: int, language: str, way: str = "cardinal") -> tuple[str, ...]:
    """Return the folded words of a number; none where num2words cannot spell it."""
    from num2words import num2words

    if value > _MOST:
        return ()
    # what a language lacks or cannot spell differs by its module
    lacks = (NotImplementedError, AttributeError, AssertionError, TypeError, ValueError)
    with suppress(ArithmeticError, LookupError, *lacks):
        return tuple(words_of(num2words(value, lang=language, to=way)))
    return ()


@cache
def _joins(language: str) -> frozenset[str]:
    """Return the words that only ever stand between the parts of a number ("and", "et")."""
    spelled = [_spelled(number, language) for number in range(1, 1001)]
    ends = {word for words in spelled for word in (*words[:1], *words[-1:])}
    return frozenset(word for words in spelled for word in words) - ends
