"""Phrases in quotation marks, and the question with them blanked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 400
"""Characters of the longest phrase that is read; beyond it a mark was forgotten."""

_MOST = rf"{{1,{LONGEST}}}?"
_QUOTES = re.compile(
    rf"(?<![\w\"])\"(?=[^\s\"])([^\"]{_MOST})(?<!\s)\""
    rf"|“([^“”]{_MOST})”"
    rf"|«([^«»]{_MOST})»"
    rf"|‘((?:[^‘’]|(?<=\w)’(?=\w)|‘[^‘’]{{1,80}}’){_MOST})’(?!\w)"
    # a single quote may hold apostrophes; a decade ('90s) and a cut-off ending ('s) are none
    rf"|(?<![\w'])'(?!\d0s\b|(?:s|t|re|ve|ll|d|m) )(?=[^\s'])((?:[^'\n]|(?<=\w)'(?=\w)){_MOST})"
    r"(?<!\s)'(?![\w'])"
)
_EDGES = " .,;:!?…'\"“”‘’«»"


@dataclass(frozen=True, slots=True)
class Quote:
    """A phrase in quotation marks.

    Attributes:
        text: verbatim, without the marks and the punctuation at its ends.
        start: where the opening mark stands in the question.
        end: just after the closing mark.
    """

    text: str
    start: int
    end: int


def find_quotes(question: str) -> tuple[Quote, ...]:
    """Return the quoted phrases of a question in their order."""
    return tuple(_quotes(question))


def blank_quotes(question: str, quotes: tuple[Quote, ...]) -> str:
    """Return the question with every quoted phrase replaced by as many blanks."""
    pieces, at = [], 0
    for quote in quotes:
        pieces += [question[at : quote.start], " " * (quote.end - quote.start)]
        at = quote.end
    return "".join([*pieces, question[at:]])


def _quotes(question: str) -> Iterator[Quote]:
    for match in _QUOTES.finditer(question):
        phrase = next(group for group in match.groups() if group is not None).strip(_EDGES)
        if any(char.isalnum() for char in phrase):
            yield Quote(phrase, match.start(), match.end())
