"""Phrases in quotation marks, and the question with them blanked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .intent import Modality
from .wording import WRITTEN_THING, shows_words

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
_BETWEEN = (
    r"(?:\W+(?:to|him|her|them|the|that|this|like|of|phrase|words?|line|sentence|text)){0,3}\W*$"
)
_SAID_BEFORE = re.compile(
    rf"\b(?:say|says|said|saying|mention(?:s|ed|ing)?|mutters?|shouts?|utters?|replie[sd]){_BETWEEN}|"
    r"\bsubtitles?(?:\W+(?:appears?|reads?|shows?|displays?|changes?|is|are|with|of|in|to|the)){0,3}\W*$",
    re.I,
)
_SAID_AFTER = re.compile(
    r"^\W*(?:is|are|was|were|gets?) (?:being )?(?:mentioned|spoken|said|uttered|heard)\b", re.I
)
# `the word "x"` alone may be a word that is talked about
_WRITTEN_BEFORE = re.compile(
    rf"\b(?:{WRITTEN_THING}|letters?|title|characters|inscription)(?:\W+(?:that|which|is|are|reads?|"
    r"reading|marked|labell?ed|titled|written|of|with|the|words?|text)){0,3}\W*$|"
    r"\b(?:reads|reading|labell?ed|displays?|displaying)\W*$|"
    r"\b(?:with|has|have|shows?|there (?:is|are)|bears?|bearing) (?:the|a) (?:\w+ )?"
    r"(?:words?|phrase)\W*$",
    re.I,
)
_WRITTEN_AFTER = re.compile(
    r"^\W*(?:is |are |was |were )?(?:(?:written|printed|displayed)\b|appears? (?:in|on|at) the "
    r"(?:\w+ )?(?:screen|slide|top|bottom|left|right)\b)",
    re.I,
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


def quote_modality(question: str, quote: Quote) -> Modality | None:
    """Say whether a quoted phrase is spoken or written; None when the words around do not tell."""
    before = question[max(0, quote.start - 80) : quote.start]
    after = question[quote.end : quote.end + 60]
    if _SAID_AFTER.match(after):
        return "said"
    if _WRITTEN_AFTER.match(after) or shows_words(before):
        return "written"
    if _SAID_BEFORE.search(before):
        return "said"
    return "written" if _WRITTEN_BEFORE.search(before) else None


def _quotes(question: str) -> Iterator[Quote]:
    for match in _QUOTES.finditer(question):
        phrase = next(group for group in match.groups() if group is not None).strip(_EDGES)
        if any(char.isalnum() for char in phrase):
            yield Quote(phrase, match.start(), match.end())
