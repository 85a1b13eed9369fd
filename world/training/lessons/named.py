"""What the tokens of a question name, and where its options and its answer stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from longtake.world.scenes.objects import OBJECTS, plural
from longtake.world.scenes.places import PLACES
from longtake.world.training.clips.scene import COLOUR_NAMES
from longtake.world.training.lessons.lessons import Hint
from longtake.world.training.lessons.turns import Turn
from longtake.world.training.vlm.pack import encode
from longtake.world.training.vlm.tokenizer import END
from longtake.world.vlm.prompts import LETTERS, NO, YES


def named(tokens: list[int]) -> Iterator[tuple[int, str, str, str]]:
    """Yield where something is named, its kind, its name, and the colour said before it."""
    known, colour = names(), ""
    for at, token in enumerate(tokens):
        kind, name = known.get(token, ("", ""))
        if kind:
            yield at, kind, name, "" if kind in ("colour", "place") else colour
        colour = name if kind == "colour" else ""


def answer_start(tokens: list[int]) -> int:
    """Return where the answer begins."""
    asked = encode(f"{END}\n<|im_start|>assistant\n")
    return tokens.index(asked[0]) + len(asked)


def judged(turn: Turn, tokens: list[int]) -> list[tuple[int, Hint]]:
    """Return where options, or a statement, begin; and where they end and whether they are right."""
    line, end = encode("\n")[0], tokens.index(encode(END)[0])
    if turn.task in ("yesno", "verify", "relevant"):
        return [(end, (end, encode(turn.answer)[0]))]
    ends = [at for at, token in enumerate(tokens[:end]) if token == line]
    # a choice ends with its options and the line that asks for the letter
    starts = [-1, *ends][len(ends) - len(turn.options) :]
    truths = (encode(YES if letter == turn.answer else NO)[0] for letter in LETTERS)
    return [
        (start, (at, truth)) for start, at, truth in zip(starts, starts[1:], truths, strict=False)
    ]


@lru_cache(maxsize=1)
def names() -> dict[int, tuple[str, str]]:
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
