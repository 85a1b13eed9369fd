"""Hints: what a model could know in the middle of a question, learned beside the answer.

An answer is one bit for fifty tokens, and a letter is right only when everything before it is. So
the words of the question are taught too: where a red fish is named, whether there is one; where a
colour is, what has it; behind it, where or when it is; after each option, whether it is the right
one. They are read before the last layer, which is to use them.

And heads of the next layers are taught where to look from a name: at the tokens that show the
thing, or at the very first token when none does; and then to know where it is, and how many there
are. What is taught in answers, train/eye_trails.py knows. Nothing is added to what the model reads;
in use nobody looks at what it would say there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from longtake.eval.world.objects import OBJECTS, plural
from longtake.eval.world.places import PLACES
from longtake.models.eye_prompts import LETTERS, NO, YES, time_text
from train.eye_lessons import ANYWHERE, FACTS, FIRST, LAST, Hint, Point, Told, spell
from train.eye_pack import encode
from train.eye_scene import COLOUR_NAMES, Clip
from train.eye_tokenizer import END, IMAGE, VISION_END, VISION_START
from train.eye_tower import MERGE, TOKENS, merge_order
from train.eye_trails import NOTHING, follow
from train.eye_truth import Facts, Name
from train.eye_turns import Turn


class Hints:
    """The hints of one clip's questions."""

    def __init__(self, clip: Clip) -> None:
        self.facts = Facts(clip)
        self.known: dict[tuple[str, str, str], str | None] = {}
        self.lead: list[int] = []
        self.pictures = NOTHING  # the places of the clip's tokens among those
        self.shown: dict[Name, dict[int, np.ndarray]] = {}
        self.numbers: dict[Name, np.ndarray] = {}
        # of each token's patches, [tokens of the clip, 4]
        self.objects, self.colours = (
            merge_order(labels).reshape(len(clip.sights) * TOKENS, MERGE**2)
            for labels in (clip.objects, clip.colours)
        )

    def before(self, lead: list[int]) -> list[Hint]:
        """Return what can be known ahead of a frame, its number, and behind it, its place."""
        hints, self.lead = list[Hint](), list(lead)
        self.pictures = np.flatnonzero(np.array(lead) == encode(IMAGE)[0])
        starts, ends = (encode(mark)[0] for mark in (VISION_START, VISION_END))
        ahead = (at for at, token in enumerate(lead) if token == starts)
        behind = (at for at, token in enumerate(lead) if token == ends)
        for number, (first, last) in enumerate(zip(ahead, behind, strict=True)):
            place = self.facts.sights[number].place
            hints.append((first, encode(str(min(number, 9)))[0]))
            hints.append((last, encode(f" {place}")[0] if place else encode(NO)[0]))
            # a word that may be repeated must still be itself in the upper layers
            size = len(encode(time_text(self.facts.sights[number].second)))
            hints += [(at, lead[at]) for at in range(first - size, first)]
        return hints

    def of(self, turn: Turn, tokens: list[int]) -> Told:
        """Return what can be known where in a question with its answer, given as tokens."""
        hints, points, later = _options(turn, tokens), list[Point](), list[Hint]()
        for at, kind, name, colour in _named(tokens):
            key = kind, name, colour
            if key not in self.known:
                self.known[key] = self._say(*key)
            said = self.known[key]
            if said is None:
                continue
            hints.append((at, encode(said)[0]))
            if kind != "place":
                thing = ("", name) if kind == "colour" else (name, colour)
                shown = self._shown(*thing)
                # what is there without owning a patch cannot be pointed at
                if (shown[ANYWHERE] is not NOTHING) == (said not in (NO, "0")):
                    points.append(Point(at, shown, self._facts(thing, said)))
            if kind == "object" and colour and said == YES:
                where = _sides(turn) or self._where((name, colour))
                later += [(at + k, encode(word)[0]) for k, word in enumerate(where, 1)]
        start = _answer(tokens)
        things = [
            (at, name, hue) for at, kind, name, hue in _named(tokens) if kind in ("object", "many")
        ]
        parts = self._parts(turn)

        def place(name: str, hue: str, part: int) -> np.ndarray:
            tokens = self._shown(name, hue)[ANYWHERE]
            inside = np.isin(self._frames(tokens), parts[part]) if part < len(parts) else False
            return tokens[inside] if np.any(inside) else tokens

        points += follow(turn, tokens, start, self.lead, things, place)
        noted = (
            turn.text.count("\n", 0, turn.text.rfind("Note:")) + 1 if "Note:" in turn.text else 0
        )
        lines = [at for at, token in enumerate(tokens) if token == encode("\n")[0]]
        quoted = [(at, tokens[at]) for at in range(lines[noted - 1] if noted else 0)]
        # what is said of a word itself goes before what is said behind another
        return Told([*quoted, *later, *hints], points)

    def _where(self, pair: Name) -> list[str]:
        """Return where something is in a frame, in tenths; of several, the first and its way."""
        if len(self.facts.sights) > 1:
            first, way = self.facts.rows(pair)[:1], self.facts.way(pair)
            return [*(str(min(row, 9)) for row in first), *([way] if way else [])]
        found = self.facts.find(self.facts.sights[0], pair)
        if found is None:
            return []
        x0, y0, x1, y1 = found.box
        return [str(min(9, int(5 * (a + b)))) for a, b in ((x0, x1), (y0, y1))]

    def _frames(self, tokens: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.pictures, tokens) // TOKENS

    def _parts(self, turn: Turn) -> list[list[int]]:
        """Return the frames that each part of a caption is about, where that is plain."""
        sights = self.facts.sights
        if turn.task == "dense":
            seconds = [f"{s.second:.1f} seconds" for s in sights]
            return [[seconds.index(line.split(":")[0])] for line in turn.answer.split("\n")]
        shots = list(dict.fromkeys(s.shot for s in sights))
        whole = len(shots) == len(turn.answer.split(";"))
        return [[k for k, s in enumerate(sights) if s.shot == x] for x in shots] if whole else []

    def _shown(self, name: str, colour: str) -> dict[int, np.ndarray]:
        """Return the places of tokens that show a thing, as in `Point`."""
        if (name, colour) not in self.shown:
            mine = np.ones_like(self.objects, bool)
            if name:
                mine &= self.objects == OBJECTS.index(name)
            if colour:
                mine &= self.colours == COLOUR_NAMES.index(colour)
            found = np.flatnonzero(mine.any(1))
            places, rows = self.pictures[found], found // TOKENS
            parts = (places, places[rows == rows[:1]], places[rows == rows[-1:]])
            self.shown[name, colour] = {
                look: part if len(found) else NOTHING
                for look, part in zip((ANYWHERE, FIRST, LAST), parts, strict=True)
            }
        return self.shown[name, colour]

    def _facts(self, thing: Name, said: str) -> np.ndarray:
        """Return numbers about a thing, as in `Point`; `said` is the other half of half a name."""
        name, colour = (part or said.strip() for part in thing)
        if (name, colour) not in self.numbers:
            found = np.full(FACTS, np.nan, np.float32)
            rows = self.facts.rows((name, colour)) if said != NO else []
            if rows:
                for start, row in ((0, rows[0]), (4, rows[-1])):
                    seen = self.facts.find(self.facts.sights[row], (name, colour))
                    found[start : start + 4] = seen.box if seen else np.nan
                found[8:10] = rows[0] / 16, rows[-1] / 16
                number = self.facts.number((name, colour))
                found[10] = np.nan if number is None else number / 10
                middles = [
                    (s.box[0] + s.box[2]) / 2
                    for s in self.facts.sights[rows[0]].clear
                    if name in ("", s.object) and colour in ("", s.colour)
                ]
                found[11:] = (spell(min(middles)) + 1) / 2 if middles else np.nan
            self.numbers[name, colour] = 2 * found - 1
        return self.numbers[name, colour]

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


def _sides(turn: Turn) -> list[str]:
    """Return the first two digits of each side of a box that is asked for."""
    if turn.task != "box":
        return []
    return [digit for side in re.findall(r"\d+", turn.answer) for digit in side[:2]]


def _named(tokens: list[int]) -> Iterator[tuple[int, str, str, str]]:
    """Yield where something is named, its kind, its name, and the colour said before it."""
    names, colour = _names(), ""
    for at, token in enumerate(tokens):
        kind, name = names.get(token, ("", ""))
        if kind:
            yield at, kind, name, "" if kind in ("colour", "place") else colour
        colour = name if kind == "colour" else ""


def _only(found: set[str] | None) -> str | None:
    """Return the only one, spelled as inside a line; `no` where there is none; None if unknown."""
    if found is None or len(found) > 1:
        return None
    return f" {next(iter(found))}" if found else NO


def _answer(tokens: list[int]) -> int:
    """Return where the answer begins."""
    asked = encode(f"{END}\n<|im_start|>assistant\n")
    return tokens.index(asked[0]) + len(asked)


def _options(turn: Turn, tokens: list[int]) -> list[Hint]:
    """Judge each option at the end of its line."""
    line, end = encode("\n")[0], encode(END)[0]
    ends = [at for at, token in enumerate(tokens[: tokens.index(end)]) if token == line]
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
