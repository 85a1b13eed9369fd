"""Hints: what a model could know in the middle of a question, learned beside the answer.

An answer is one bit for fifty tokens, and a letter is right only when everything before it is. So
the words of the question are taught too: where a red fish is named, whether there is one; where a
colour is, what has it; after each option, whether it is the right one. Nothing is added to what
the model reads; in use nobody looks at what it would say there.
"""

from __future__ import annotations

from functools import lru_cache

from longtake.eval.world.objects import OBJECTS, plural
from longtake.eval.world.places import PLACES
from longtake.models.eye_prompts import LETTERS, NO, YES
from train.eye_pack import Hint, encode
from train.eye_scene import COLOUR_NAMES, Clip
from train.eye_tokenizer import END
from train.eye_truth import Facts
from train.eye_turns import Turn


class Hints:
    """The hints of one clip's questions."""

    def __init__(self, clip: Clip) -> None:
        self.facts = Facts(clip)
        self.known: dict[tuple[str, str, str], str | None] = {}

    def of(self, turn: Turn, question: list[int]) -> list[Hint]:
        """Return what can be known where in a question, given as tokens."""
        return self._words(question) + _options(turn, question)

    def _words(self, question: list[int]) -> list[Hint]:
        names, hints, colour = _names(), list[Hint](), ""
        for at, token in enumerate(question):
            kind, name = names.get(token, ("", ""))
            if kind:
                tint = "" if kind in ("colour", "place") else colour
                if (kind, name, tint) not in self.known:
                    self.known[kind, name, tint] = self._say(kind, name, tint)
                said = self.known[kind, name, tint]
                if said is not None:
                    hints.append((at, encode(said)[0]))
            colour = name if kind == "colour" else ""
        return hints

    def _say(self, kind: str, name: str, colour: str) -> str | None:
        if kind == "place":
            return YES if any(s.place == name for s in self.facts.sights) else NO
        if kind == "colour":
            return _only(self.facts.objects(name))
        if not colour:
            return _only(self.facts.colours(name))
        if kind == "many":
            number = self.facts.number((name, colour))
            return str(number) if number is not None and number < 10 else None
        there = self.facts.holds(name, colour)
        return None if there is None else YES if there else NO


def _only(found: set[str] | None) -> str | None:
    """Return the only one, spelled as inside a line; `no` where there is none; None if unknown."""
    if found is None or len(found) > 1:
        return None
    return f" {next(iter(found))}" if found else NO


def _options(turn: Turn, question: list[int]) -> list[Hint]:
    """Judge each option at the end of its line."""
    line, end = encode("\n")[0], encode(END)[0]
    ends = [at for at, token in enumerate(question[: question.index(end)]) if token == line]
    # a choice ends with its options and the line that asks for the letter
    return [
        (at, encode(YES if LETTERS[row] == turn.answer else NO)[0])
        for row, at in enumerate(ends[len(ends) - len(turn.options) :])
        if turn.options
    ]


@lru_cache(maxsize=1)
def _names() -> dict[int, tuple[str, str]]:
    """Return what tokens name: their kind and the name."""
    found = {}
    for kind, words in (
        ("place", [(p, p) for p in PLACES]),
        ("many", [(plural(o), o) for o in OBJECTS]),
        ("object", [(o, o) for o in OBJECTS]),
        ("colour", [(c, c) for c in COLOUR_NAMES]),
    ):
        found |= {encode(f" {word}")[0]: (kind, name) for word, name in words}
    return found
