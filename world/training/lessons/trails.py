"""Trails: where an answer takes its next word from, as far as one can point at it.

A caption names things from left to right: behind each the next one is to be looked for. A time is
copied from before its frame, a sign's text from a note. The sides of a box are numbers that are
known at the name of the thing; said they are one by one. So are counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from longtake.world.training.lessons.lessons import COPIED, FACTS, NEXT, Point
from longtake.world.training.lessons.turns import Turn
from longtake.world.training.lessons.wordings import NUMBERS
from longtake.world.training.vlm.pack import decode, encode
from longtake.world.training.vlm.tokenizer import VISION_START
from longtake.world.vlm.prompts import time_text

NOTHING = np.zeros(1, np.int64)  # the very first token stands for it
_UNKNOWN = np.full(FACTS, np.nan, np.float32)
# of an object, a colour and a part of a caption: the tokens that show it there
Place = Callable[[str, str, int], np.ndarray]
Named = tuple[int, str, str]  # where, an object, a colour


def follow(
    turn: Turn, tokens: list[int], start: int, lead: list[int], named: list[Named], place: Place
) -> Iterator[Point]:
    """Yield what is taught in an answer.

    Args:
        turn: whose answer it is.
        tokens: of the question and the answer.
        start: where the answer begins.
        lead: the tokens before the turn.
        named: the things that the tokens name.
        place: finds the tokens that show one.
    """
    if turn.task in ("caption", "dense"):
        yield from _things(tokens, start, named, place)
    elif turn.task == "moment":
        yield from _time(tokens, start, lead, turn.answer)
    elif turn.kind in ("count", "repeats") and turn.task == "short":
        yield Point(start - 1, {}, _UNKNOWN, int(turn.answer) / 5 - 1)
    elif turn.task == "short":
        yield from _words(tokens, start, len(lead))
    elif turn.task == "box":
        for number, side in enumerate(re.findall(r"\d+", turn.answer)):
            yield Point(start + number, {}, _UNKNOWN, int(side) / 500 - 1)


def _things(tokens: list[int], start: int, named: list[Named], place: Place) -> Iterator[Point]:
    """Yield the places of a list of things from which the next one is to be found."""
    colon, ends = encode(":")[0], {encode(mark)[0] for mark in (";", "\n")}
    numbers = {encode(f" {word}")[0]: n for n, word in [(1, "a"), (1, "an"), *enumerate(NUMBERS)]}
    sign, seconds = encode(" sign")[0], encode(" seconds")[0]
    listing, signed, part, left = False, False, 0, list[Named]()
    for at in range(start, len(tokens)):
        if tokens[at] == colon and tokens[at - 1] != seconds:
            end = next((k for k in range(at, len(tokens)) if tokens[k] in ends), len(tokens))
            left = [thing for thing in named if at < thing[0] < end]
            listing, signed = bool(left), sign in tokens[at:end]
        elif tokens[at] in ends:
            listing, part = False, part + 1
        if not listing:
            continue
        ahead = next((thing for thing in left if thing[0] > at), None)
        if ahead:
            # the word before colour and name says how many
            number = numbers.get(tokens[at + 1]) if ahead[0] == at + 3 else None
            said = float("nan") if number is None else number / 5 - 1
            yield Point(at, {NEXT: place(*ahead[1:], part)}, _UNKNOWN, said)
        elif not signed:
            yield Point(at, {NEXT: NOTHING}, _UNKNOWN)


def _time(tokens: list[int], start: int, lead: list[int], answer: str) -> Iterator[Point]:
    """Yield the places of a time, each with the token before the frame that it repeats."""
    said = tokens[start:]
    starts = encode(VISION_START)[0]
    written = list(encode(time_text(float(answer.split()[0])))) if answer[:1].isdigit() else []
    for end in (k for k, token in enumerate(lead) if token == starts):
        before = lead[end - len(written) : end]
        if written and before == written:
            at = end - len(written) + _find(written, said)
            for number in range(len(said)):
                yield Point(start - 1 + number, {COPIED: np.array([at + number])}, _UNKNOWN)


def _find(whole: list[int], part: list[int]) -> int:
    return next(k for k in range(len(whole)) if whole[k : k + len(part)] == part)


def _words(tokens: list[int], start: int, lead: int) -> Iterator[Point]:
    """Yield the places of words that a note says, each with the token that says it first."""
    pieces = [decode([token]) for token in tokens]
    ends = np.cumsum([len(piece) for piece in pieces])
    question, answer = "".join(pieces[:start]), "".join(pieces[start:])
    found = question.find(answer) if len(answer) > 1 and "Note:" in question else -1
    if found < 0:
        return
    for at in range(start, len(tokens)):
        # a word's token may hold the space before it
        last = found + int(ends[at] - ends[start - 1]) - 1
        row = int(np.searchsorted(ends, last, side="right"))
        yield Point(at - 1, {COPIED: np.array([lead + row])}, _UNKNOWN)
