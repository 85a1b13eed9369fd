"""What is asked about a clip: one question and its true answer, ready to be shown to a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from longtake.world.training.clips.scene import COLOUR_NAMES, Clip
from longtake.world.training.clips.truth import ALL_PAIRS, Facts, Name
from longtake.world.vlm.prompts import LETTERS, NOT_VISIBLE, Task, ask_text


@dataclass(frozen=True, slots=True)
class Turn:
    """One question about a clip.

    Attributes:
        kind: what it is about.
        task: the form of the answer.
        text: what the model is told after the frames.
        answer: what it should say.
        subject: the question, or the thing or statement it is about, by itself.
        notes: what is told beside the frames.
        options: for multiple choice.
        graded: words of the answer that alone are learned; empty for all of it.
        side: of two things that are named, on which side of the other one is; or nothing.
        beside: what there is on the side that is asked about; None for other questions.
    """

    kind: str
    task: Task | Literal["checklist"]
    text: str
    answer: str
    subject: str = ""
    notes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    graded: tuple[str, ...] = ()
    side: str = ""
    beside: tuple[Name, ...] | None = None


class Asker:
    """Makes turns about one clip; `held_out` asks in the wordings that training never uses."""

    def __init__(self, rng: np.random.Generator, clip: Clip, held_out: bool = False) -> None:
        self.rng, self.clip, self.held_out = rng, clip, held_out
        self.facts = Facts(clip)

    def pick(self, items: Sequence[Any]) -> Any:
        """Choose one."""
        return items[int(self.rng.integers(len(items)))]

    def some(self, items: Sequence[Any], count: int) -> list[Any]:
        """Choose several different ones, as many as there are at most."""
        order = self.rng.permutation(len(items))[:count]
        return [items[int(k)] for k in order]

    def known(self) -> list[Name]:
        """Return the pairs that are seen and never doubtful."""
        return [p for p in self.facts.pairs if self.facts.sure(p)]

    def facing(self) -> tuple[Name, Name, str] | None:
        """Return two things and the side of the second on which the first is, all sides alike often."""
        found, known = dict[str, tuple[Name, Name, str]](), self.known()
        for _ in range(8 if len(known) > 1 else 0):
            pair, other = self.some(known, 2)
            side = self.facts.side(pair, other)
            if side:
                found[side] = pair, other, side
        return self.pick(sorted(found.values())) if found else None

    def stranger(self, near: Name | None = None) -> Name | None:
        """Return a pair that is surely not in the clip; with `near`, one that shares half of it."""
        for _ in range(8):
            pair = self.pick(ALL_PAIRS)
            if near is not None:
                swapped = (near[0], self.pick(COLOUR_NAMES)), (pair[0], near[1])
                pair = self.pick(swapped)
            if self.away(pair):
                return pair
        return None

    def subject(self, absent: float = 0.0) -> tuple[Name, bool] | None:
        """Return a pair to ask about and whether it is there; `absent` is the share that is not."""
        known = self.known()
        if known and self.rng.random() >= absent:
            return self.pick(known), True
        pair = self.stranger(self.pick(known) if known and self.rng.random() < 0.75 else None)
        return None if pair is None or (not known and absent == 0) else (pair, False)

    def tempting(self, right: Name) -> list[Name]:
        """Return wrong pairs beside a right one, so that none of them all is the odd one out.

        Either the other three of two objects in two colours, or pairs of no relation.
        """
        if self.rng.random() < 0.6:
            for _ in range(8):
                name, colour = self.pick(ALL_PAIRS)
                three = [(right[0], colour), (name, right[1]), (name, colour)]
                if name != right[0] and colour != right[1] and all(map(self.away, three)):
                    return three
        return self.strangers(4)

    def strangers(self, count: int) -> list[Name]:
        """Return different pairs that are surely not in the clip."""
        found = (self.stranger() for _ in range(3 * count))
        return list(dict.fromkeys(p for p in found if p))[:count]

    def away(self, pair: Name) -> bool:
        """Whether a pair is surely not in the clip."""
        return pair not in self.facts.pairs and self.facts.sure(pair)

    def choice(
        self,
        kind: str,
        question: str,
        right: str | None,
        wrong: Sequence[str],
        notes: Sequence[str] = (),
    ) -> Turn | None:
        """Ask with options; `right` None makes `not visible` the right one.

        Returns:
            None when there are no wrong options.
        """
        others = [w for w in dict.fromkeys(wrong) if w != right]
        if not others:
            return None
        others = self.some(others, self.size() - 1)
        answer = NOT_VISIBLE if right is None else right
        options = [*others, answer]
        if right is not None and len(options) < 5 and self.rng.random() < 0.25:
            options.append(NOT_VISIBLE)  # wrong about as often as right, so that it tells nothing
        order = self.rng.permutation(len(options))
        shown = [options[int(k)] for k in order]
        at = shown.index(answer)
        text = ask_text("choice", question, shown, notes)
        return Turn(kind, "choice", text, LETTERS[at], question, tuple(notes), tuple(shown))

    def size(self) -> int:
        """Draw a number of options; four as the film asks, mostly."""
        return int(self.pick((2, 3, 4, 4, 4, 4, 5)))

    def open(
        self, kind: str, task: Task, subject: str, answer: str, notes: Sequence[str] = ()
    ) -> Turn:
        """Ask without options."""
        return Turn(kind, task, ask_text(task, subject, notes=notes), answer, subject, tuple(notes))
