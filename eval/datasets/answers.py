"""Options and answers of raw rows: letters, indices and texts brought to one index."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..sample import labels
from .rows import Answer, Row, RowError, finite

_PADDING = ("n/a", "na", "none", "null", "")
_LETTER = re.compile(r"^\s*(?:\(([A-Za-z])\)|([A-Za-z])\s*[.):：])\s*")
_LOOSE = re.compile(r"[^\w]+")


def clean_options(row: Row, raw: Any, *, lettered: bool = False, padded: bool = False) -> list[str]:
    """Return the options as text, without letters before them, and flag what is odd.

    Args:
        row: takes the flags.
        raw: a list, or a mapping from letter to option.
        lettered: whether the benchmark publishes them with letters before them.
        padded: whether it pads short lists.

    Raises:
        RowError: it is no list, or fewer than two options are left.
    """
    if isinstance(raw, Mapping):
        raw = [raw[key] for key in sorted(raw)]
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise RowError(f"options = {raw!r:.60}: a list is expected")
    for item in raw:
        if not isinstance(item, str | int | float | None):
            raise RowError(f"an option is {item!r:.60}: text is expected")
    if any(isinstance(item, int | float) for item in raw):
        row.flag("number-options")
    options = ["" if item is None else str(item).strip() for item in raw]
    if padded:
        options = _without_padding(row, options)
    options = _without_letters(row, options, lettered)
    if len(options) < 2:
        raise RowError(f"{len(options)} options: a choice needs two at least")
    if not all(options):
        row.flag("empty-option")
    if len(set(options)) < len(options):
        row.flag("duplicate-options")
    return options


def _without_padding(row: Row, options: list[str]) -> list[str]:
    kept = len(options)
    while kept and options[kept - 1].casefold() in _PADDING:
        kept -= 1
    if kept < len(options):
        row.flag("padding-options")
    return options[:kept]


def _without_letters(row: Row, options: list[str], lettered: bool) -> list[str]:
    found = [_LETTER.match(option) for option in options]
    own = [
        bool(match) and (match[1] or match[2]).upper() == label
        for match, label in zip(found, labels(options), strict=True)
    ]
    if all(own):
        if not lettered:
            row.flag("letters-in-options")
        return [
            option[match.end() :] for option, match in zip(options, found, strict=True) if match
        ]
    if lettered:
        row.flag("letters-in-options")
        return [
            option[match.end() :] if match and mine else option
            for option, match, mine in zip(options, found, own, strict=True)
        ]
    if any(own):
        row.flag("letters-in-options")
    return options


def answer_of_text(row: Row, answer: Any, options: Sequence[str]) -> Answer:
    """Find the option that an answer spells; more than one with the same text are all right.

    Returns:
        The first such option, and the others.

    Raises:
        RowError: none, or two options that differ, fit equally well.
    """
    wanted = str(answer).strip()
    exact = [k for k, option in enumerate(options) if option == wanted]
    if not exact:
        exact = [k for k, option in enumerate(options) if loose(option) == loose(wanted)]
        if not exact or not loose(wanted):
            raise RowError(f"answer = {answer!r:.60}: not one of the options")
        row.flag("answer-loose")
        if len({options[k] for k in exact}) > 1:
            raise RowError(f"answer = {answer!r:.60}: it fits options {_named(exact)} equally")
    if len(exact) > 1:
        row.flag("answer-matches-two")
    return exact[0], tuple(exact[1:])


def answer_of_letter(row: Row, answer: Any, options: Sequence[str]) -> Answer:
    """Find the option that a letter names, and others with the same text.

    Raises:
        RowError: it is no letter of an option.
    """
    letter = str(answer).strip().strip("().").upper()
    if letter not in labels(options):
        raise RowError(f"answer = {answer!r:.60}: not a letter of A to {labels(options)[-1]}")
    return answer_of_index(row, labels(options).index(letter), options)


def answer_of_index(row: Row, answer: Any, options: Sequence[str]) -> Answer:
    """Take an index counted from 0, and find others with the same text.

    Raises:
        RowError: it is no index of an option.
    """
    number = finite(answer)
    if isinstance(answer, bool) or number is None or number != int(number):
        raise RowError(f"answer = {answer!r:.60}: an index from 0 is expected")
    index = int(number)
    if not 0 <= index < len(options):
        raise RowError(f"answer = {index}: there are {len(options)} options, counted from 0")
    others = tuple(k for k, option in enumerate(options) if k != index and option == options[index])
    if others:
        row.flag("answer-matches-two")
    return index, others


def _named(indices: Sequence[int]) -> str:
    return " and ".join(chr(ord("A") + k) for k in indices)


def loose(text: str) -> str:
    """Return a text without case, punctuation and space."""
    return _LOOSE.sub("", text).casefold()
