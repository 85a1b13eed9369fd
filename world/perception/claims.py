"""What a statement claims about a picture, in the terms of a lexicon.

`the tiny blue key is beside the red cup on the beach` claims two things, a place and a relation.
The reading goes by words and a few patterns, not by whole sentences, so that free wordings pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..grammar.plain import plain
from .lexicon import Lexicon, Thing, group_things

Relation = Literal["left", "right", "above", "below", "beside", "before", "after"]
Direction = Literal["left", "right", "up", "down"]
Asked = Literal["colour", "object", "place", "count", "direction", "side", "yes", "other"]

_RELATIONS: tuple[tuple[Relation, re.Pattern[str]], ...] = (
    ("left", re.compile(r"\b(?:left of|on the left (?:side )?of)\b")),
    ("right", re.compile(r"\b(?:right of|on the right (?:side )?of)\b")),
    ("above", re.compile(r"\b(?:above|over|on top of)\b")),
    ("below", re.compile(r"\b(?:below|under|underneath|beneath)\b")),
    ("before", re.compile(r"\b(?:before|earlier than)\b")),
    ("after", re.compile(r"\b(?:after|later than)\b")),
    ("beside", re.compile(r"\b(?:beside|next to|near|close to|adjacent to|by the)\b")),
)
_DIRECTIONS: tuple[tuple[Direction, re.Pattern[str]], ...] = (
    ("left", re.compile(r"\bleft(?:wards?)?\b")),
    ("right", re.compile(r"\bright(?:wards?)?\b")),
    ("up", re.compile(r"\bup(?:wards?)?\b")),
    ("down", re.compile(r"\bdown(?:wards?)?\b")),
)
_MOVES = re.compile(r"\b(?:move[sd]?|moving|go(?:es|ing)?|travel\w*|fl(?:y|ies|ying)|drift\w*)\b")
_NOT = re.compile(r"^not:|\b(?:no|not|never|without|isn't|aren't)\b")
_SHOWN = re.compile(
    r"\b(?:objects?|things?|items?|appears?|comes?|moves?|seen?|shows?|shown|visible|view"
    r"|left|right|up|down|above|below|over|under|yes|no)\b"
)
_ORDER = re.compile(r"\b(first|earliest|last|latest)\b")


@dataclass(frozen=True, slots=True)
class Claim:
    """What must be seen for a statement to be true.

    Attributes:
        things: all of them, in one picture; the first is the subject.
        place: where; None for anywhere.
        relation: how the first thing lies to the second, or whether it comes before or after it.
        direction: which way the first thing moves.
        count: how many of the first thing; None when not said.
        sign: True when a sign is part of it.
        negated: True when it says that this is not so.
        known: False when it names something the lexicon has no word for.
    """

    things: tuple[Thing, ...] = ()
    place: str | None = None
    relation: Relation | None = None
    direction: Direction | None = None
    count: int | None = None
    sign: bool = False
    negated: bool = False
    known: bool = True

    @property
    def empty(self) -> bool:
        """True when nothing in it can be looked for."""
        return not self.things and self.place is None and not self.sign


def read_claim(text: str, lexicon: Lexicon) -> Claim:
    """Read a statement; words that say nothing about pictures are passed over."""
    lowered = text.lower()
    words = lexicon.read(text)
    grouped = group_things(words)
    places = [w.name for w in words if w.kind == "place"]
    relation: Relation | None = next(
        (name for name, pattern in _RELATIONS if pattern.search(lowered)), None
    )
    direction: Direction | None = None
    if relation is None and _MOVES.search(lowered):
        direction = next((n for n, pattern in _DIRECTIONS if pattern.search(lowered)), None)
    sign = any(w.kind == "sign" for w in words)
    # a number of things stands right before them; any other is a time, a price, a sign's
    counts = [int(w.name) for w in words if w.kind == "number" and _counts(w.at, grouped.things)]
    if re.search(r"\b(?:times|occasions)\b", lowered):
        counts = []
    return Claim(
        things=grouped.things,
        place=places[0] if places else None,
        relation=relation,
        direction=direction,
        count=counts[0] if counts else None,
        sign=sign,
        negated=bool(_NOT.search(lowered)),
        known=not grouped.unknown,
    )


def _counts(at: int, things: tuple[Thing, ...]) -> bool:
    return bool(things) and at == things[0].at - 1


def is_readable(text: str, lexicon: Lexicon) -> bool:
    """Say whether a text has any word about what pictures show: who has none says nothing of them."""
    known = any(word.kind != "other" for word in lexicon.read(text))
    return known or bool(_SHOWN.search(text.lower()))


def what_is_asked(question: str) -> Asked:
    """Say what kind of word answers the question."""
    text = plain(question).lower()
    if re.search(r"\bcolou?r\b", text):
        return "colour"
    if text.startswith("on which side of "):
        return "side"
    if re.search(r"^when\b|\b(?:what|which) time\b", text):
        return "other"
    if re.search(r"\bhow (?:many|often)\b", text):
        return "count"
    if re.search(r"\bdirection\b|\bwhich way\b", text) and _MOVES.search(text):
        return "direction"
    if re.search(r"^where\b|\b(?:which|what) (?:place|location)\b", text):
        return "place"
    if re.search(r"^(?:is|are|was|were|does|do|did|can|has|have)\b", text):
        return "yes"
    if re.search(r"\b(?:which|what)\b", text) and not re.search(r"\b(?:sign|say|says)\b", text):
        return "object"
    return "other"


def order_asked(question: str) -> Literal["first", "last"] | None:
    """Say whether the question asks which comes first or last."""
    asked = plain(question).lower()
    match = _ORDER.search(asked)
    if not match or not re.search(r"\b(?:which|what)\b", asked):
        return None
    return "first" if match.group(1) in ("first", "earliest") else "last"
