"""The words an encoder was taught, and how they are found in a sentence.

An encoder with a lexicon knows a closed world: objects, colours, places. This module finds these
words in free text (plurals and synonyms included) and groups them into things: `the tiny red fish`
is one thing with a size, a colour and an object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

WordKind = Literal["object", "colour", "place", "tiny", "sign", "number", "other"]

_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*|\d+")
_TINY = frozenset({"tiny", "small", "little", "miniature", "minuscule"})
_SIGNS = frozenset({"sign", "signs", "board", "billboard", "signpost"})
_NUMBERS = {
    word: value
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
}
# what may follow a colour without being the name of a thing that we do not know
_AFTER_COLOUR = re.compile(
    r"and|or|is|are|was|were|be|on|in|at|to|of|by|near|with|things?|objects?|items?|ones?|colou?r|"
    r"it|that|which|while|when|seen|shown|visible|together|appears?|beside|above|below|next|the|"
    r"a|an|not|there"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a sentence and what it means to the encoder.

    Attributes:
        kind: what it names; `other` for words without a picture.
        name: the lexicon's own name for it (singular), or the word itself.
        plural: True for a plural of an object.
        at: position among the words.
    """

    kind: WordKind
    name: str
    plural: bool
    at: int


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to look for: an object, a colour, or both.

    Attributes:
        object: name of the object, None for any.
        colour: name of the colour, None for any.
        tiny: True when the words call it tiny.
        plural: True when the words say more than one.
        at: position of its first word in the sentence.
    """

    object: str | None = None
    colour: str | None = None
    tiny: bool = False
    plural: bool = False
    at: int = 0

    def __str__(self) -> str:
        return " ".join(part for part in (self.colour, self.object or "thing") if part)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The closed world of an encoder.

    Attributes:
        objects, colours, places: names, in the encoder's order.
        words: every known spelling (plurals, synonyms, phrases) to its kind, name and plural flag.
        at: place to the phrase that puts something there, `beach` to `on the beach`.
        plurals: object to its plural.
    """

    objects: tuple[str, ...]
    colours: tuple[str, ...]
    places: tuple[str, ...]
    words: Mapping[str, tuple[WordKind, str, bool]]
    at: Mapping[str, str]
    plurals: Mapping[str, str]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Lexicon:
        """Build it from an encoder's `lexicon.json`.

        Args:
            data: `objects`, `colours`, `places` (lists of names); optional `plurals` (name to
                plural), `at` (place to phrase) and `synonyms` (spelling to name).
        """
        objects, colours, places = (tuple(data[k]) for k in ("objects", "colours", "places"))
        plurals = {name: data.get("plurals", {}).get(name, name + "s") for name in objects}
        at = {name: data.get("at", {}).get(name, f"at the {name}") for name in places}
        words: dict[str, tuple[WordKind, str, bool]] = {}
        for place, phrase in at.items():
            # "in the snow" also teaches that snow means the snowfield
            words[phrase.split()[-1]] = ("place", place, False)
        words |= {name: ("place", name, False) for name in places}
        words |= {name: ("colour", name, False) for name in colours}
        words |= {plural: ("object", name, True) for name, plural in plurals.items()}
        words |= {name: ("object", name, False) for name in objects}
        for spelling, name in data.get("synonyms", {}).items():
            if name not in words or spelling in words:
                continue
            kind, own, _ = words[name]
            words[spelling] = (kind, own, False)
            if kind == "object":
                words.setdefault(spelling + "s", (kind, own, True))
        return cls(objects, colours, places, words, at, plurals)

    def read(self, text: str) -> list[Word]:
        """Split a sentence into words with their meaning; two-word names count as one word."""
        tokens = _TOKEN.findall(text.lower())
        out: list[Word] = []
        at = 0
        while at < len(tokens):
            pair = " ".join(tokens[at : at + 2])
            if pair in self.words and " " in pair:
                kind, name, plural = self.words[pair]
                out.append(Word(kind, name, plural, at))
                at += 2
                continue
            out.append(self._word(tokens[at], at))
            at += 1
        return out

    def _word(self, token: str, at: int) -> Word:
        if token in self.words:
            kind, name, plural = self.words[token]
            return Word(kind, name, plural, at)
        if token in _TINY:
            return Word("tiny", token, False, at)
        if token in _SIGNS:
            return Word("sign", "sign", token.endswith("s"), at)
        if token.isdigit() or token in _NUMBERS:
            return Word("number", str(_NUMBERS.get(token, token)), False, at)
        return Word("other", token, False, at)

    def thing(self, text: str) -> Thing | None:
        """Return the only thing a short phrase names, None when it names none or several."""
        found = group_things(self.read(text)).things
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Grouped:
    """The things of a sentence.

    Attributes:
        things: in the order of the words; a predicate (`the fish is red`) is folded into its
            subject.
        unknown: words that stand where an object should (`a red dragon`) and are not known.
    """

    things: tuple[Thing, ...]
    unknown: tuple[str, ...]


def group_things(words: Sequence[Word]) -> Grouped:
    """Group colours, sizes and objects that stand together into things."""
    things: list[Thing] = []
    unknown: list[str] = []
    tiny, colour, start = False, None, 0
    predicates: list[str] = []
    for here, following in zip(words, [*words[1:], None], strict=True):
        if here.kind == "tiny":
            tiny, start = True, here.at
        elif here.kind == "colour":
            next_kind = following.kind if following else "other"
            next_name = following.name if following else ""
            if next_kind == "other" and next_name and not _AFTER_COLOUR.fullmatch(next_name):
                unknown.append(next_name)
            elif next_kind in ("object", "tiny") or next_name.startswith(("thing", "object")):
                start = start if tiny else here.at
                colour = here.name
                if next_kind == "other":
                    things.append(Thing(None, colour, tiny, next_name.endswith("s"), start))
                    tiny, colour = False, None
            else:
                predicates.append(here.name)
                tiny = False
        elif here.kind == "object":
            at = start if tiny or colour else here.at
            things.append(Thing(here.name, colour, tiny, here.plural, at))
            tiny, colour = False, None
    return Grouped(tuple(_fold(things, predicates)), tuple(unknown))


def _fold(things: list[Thing], predicates: list[str]) -> list[Thing]:
    """Give each colour that stands alone to the first object without a colour."""
    out = list(things)
    for colour in predicates:
        bare = next((i for i, t in enumerate(out) if t.colour is None), None)
        if bare is None:
            out.append(Thing(None, colour))
        else:
            one = out[bare]
            out[bare] = Thing(one.object, colour, one.tiny, one.plural, one.at)
    return out
