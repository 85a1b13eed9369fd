"""Hints: what a model could know in the middle of a question, learned beside the answer.

An answer is one bit for fifty tokens, and a letter is right only when everything before it is. So
the words of the question are taught too: where a red fish is named, whether there is one; where a
colour is, what has it; behind it, where or when it is; after each option, whether it is the right
one. They are read before the last layer, which is to use them.

And heads of the next layers are taught where to look from a name: at the tokens that show the
thing, or at the very first token when none does; and then to know where it is, and how many there
are. What is taught in answers, train/eye_trails.py knows; what is compared, train/eye_compared.py.
Nothing is added to what the model reads; in use nobody looks at what it would say there.
"""

from __future__ import annotations

import re

import numpy as np

from longtake.world.training.clips.scene import Clip
from longtake.world.training.clips.truth import Facts, Name
from longtake.world.training.lessons.captions import reading_order
from longtake.world.training.lessons.compared import compare, decide, way_facts
from longtake.world.training.lessons.lessons import (
    ANYWHERE,
    APART,
    COUNTED,
    FACTS,
    PLAIN,
    Hint,
    Point,
    Told,
    spell,
)
from longtake.world.training.lessons.named import answer_start, judged, named
from longtake.world.training.lessons.shown import Shown
from longtake.world.training.lessons.trails import NOTHING, follow
from longtake.world.training.lessons.turns import Turn
from longtake.world.training.vlm.pack import encode
from longtake.world.training.vlm.tokenizer import IMAGE, VISION_END, VISION_START
from longtake.world.vlm.prompts import NO, YES, time_text


class Hints:
    """The hints of one clip's questions."""

    def __init__(self, clip: Clip) -> None:
        self.facts = Facts(clip)
        self.known: dict[tuple[str, str, str], str | None] = {}
        self.clip, self.lead = clip, list[int]()
        self.shown = Shown(clip, NOTHING)
        self.numbers: dict[Name, np.ndarray] = {}

    def before(self, lead: list[int]) -> list[Hint]:
        """Return what can be known ahead of a frame, its number, and behind it, its place."""
        hints, self.lead = list[Hint](), list(lead)
        self.shown = Shown(self.clip, np.flatnonzero(np.array(lead) == encode(IMAGE)[0]))
        starts, ends = (encode(mark)[0] for mark in (VISION_START, VISION_END))
        ahead = (at for at, token in enumerate(lead) if token == starts)
        behind = (at for at, token in enumerate(lead) if token == ends)
        for number, (first, last) in enumerate(zip(ahead, behind, strict=True)):
            place = self.facts.visible[number].place
            hints.append((first, encode(str(min(number, 9)))[0]))
            hints.append((last, encode(f" {place}")[0] if place else encode(NO)[0]))
            # a word that may be repeated must still be itself in the upper layers
            size = len(encode(time_text(self.facts.visible[number].second)))
            hints += [(at, lead[at]) for at in range(first - size, first)]
        return hints

    def of(self, turn: Turn, tokens: list[int]) -> Told:
        """Return what can be known where in a question with its answer, given as tokens."""
        told = judged(turn, tokens)
        hints, points, later = [verdict for _, verdict in told], list[Point](), list[Hint]()
        for at, kind, name, colour in named(tokens):
            key = kind, name, colour
            if key not in self.known:
                self.known[key] = self._say(*key)
            said = self.known[key]
            if said is None:
                continue
            hints.append((at, encode(said)[0]))
            if kind != "place":
                thing = ("", name) if kind == "colour" else (name, colour)
                shown = self.shown.of(*thing)
                if turn.kind == "repeats":
                    shown = shown | {COUNTED: self.shown.starts(*thing)}
                # what is there without owning a patch cannot be pointed at
                if (shown[ANYWHERE] is not NOTHING) == (said not in (NO, "0")):
                    points.append(Point(at, shown, self._facts(thing, said)))
            if kind == "object" and colour and said == YES:
                where = _sides(turn) or self._where((name, colour))
                later += [(at + k, encode(word)[0]) for k, word in enumerate(where, 1)]
        start = answer_start(tokens)
        things = [
            (at, name, hue) for at, kind, name, hue in named(tokens) if kind in ("object", "many")
        ]
        parts = self._parts(turn)

        def place(name: str, hue: str, part: int) -> np.ndarray:
            frames = parts[part] if part < len(parts) else range(len(self.clip.visible))
            middles = self.shown.middles(name, hue, frames)
            return middles if len(middles) else self.shown.of(name, hue)[ANYWHERE]

        points += follow(turn, tokens, start, self.lead, things, place)
        asked = [x for x in things if x[0] < start]
        later += compare(turn, asked, points, self.facts, self.shown, len(self.lead))
        points += decide(turn, asked, told, len(self.lead))
        noted = (
            turn.text.count("\n", 0, turn.text.rfind("Note:")) + 1 if "Note:" in turn.text else 0
        )
        lines = [at for at, token in enumerate(tokens) if token == encode("\n")[0]]
        quoted = [(at, tokens[at]) for at in range(lines[noted - 1] if noted else 0)]
        # what is said of a word itself goes before what is said behind another
        return Told([*quoted, *later, *hints], points)

    def _where(self, pair: Name) -> list[str]:
        """Return where something is in a frame, in tenths; of several, the first and its way."""
        sight, *later = self.facts.visible
        if later:
            first, way = self.facts.rows(pair)[:1], self.facts.way(pair)
            return [*(str(min(row, 9)) for row in first), *([way] if way else [])]
        found = self.facts.find(sight, pair)
        if found is None:
            return []
        x0, y0, x1, y1 = found.box
        return [str(min(9, int(5 * (a + b)))) for a, b in ((x0, x1), (y0, y1))]

    def _parts(self, turn: Turn) -> list[list[int]]:
        """Return the frames that each part of a caption is about, where that is plain."""
        visible = self.facts.visible
        if turn.task == "dense":
            seconds = [f"{s.second:.1f} seconds" for s in visible]
            return [[seconds.index(line.split(":")[0])] for line in turn.answer.split("\n")]
        shots = list(dict.fromkeys(s.shot for s in visible))
        whole = len(shots) == len(turn.answer.split(";"))
        return [[k for k, s in enumerate(visible) if s.shot == x] for x in shots] if whole else []

    def _facts(self, thing: Name, said: str) -> np.ndarray:
        """Return numbers about a thing, as in `Point`; `said` is the other half of half a name."""
        name, colour = (part or said.strip() for part in thing)
        if (name, colour) not in self.numbers:
            found = np.full(FACTS, np.nan, np.float32)
            rows = self.facts.rows((name, colour)) if said != NO else []
            if rows:
                for start, row in ((0, rows[0]), (4, rows[-1])):
                    seen = self.facts.find(self.facts.visible[row], (name, colour))
                    found[start : start + 4] = seen.box if seen else np.nan
                found[8:10] = rows[0] / 16, rows[-1] / 16
                number = self.facts.number((name, colour))
                found[10] = np.nan if number is None else number / 10
                alike = [
                    s
                    for s in self.facts.visible[rows[0]].clear
                    if name in ("", s.object) and colour in ("", s.colour)
                ]
                if alike:
                    box = np.array(min(alike, key=reading_order).box)
                    found[PLAIN:-APART] = (spell((box[:2] + box[2:]) / 2).ravel() + 1) / 2
            self.numbers[name, colour] = 2 * found - 1
            self.numbers[name, colour][-APART:] = way_facts(self.facts.course((name, colour)))
        return self.numbers[name, colour]

    def _say(self, kind: str, name: str, colour: str) -> str | None:
        if kind == "place":
            return YES if any(s.place == name for s in self.facts.visible) else NO
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


def _only(found: set[str] | None) -> str | None:
    """Return the only one, spelled as inside a line; `no` where there is none; None if unknown."""
    if found is None or len(found) > 1:
        return None
    return f" {next(iter(found))}" if found else NO
