"""Turns about clips, packed into rows: the frames once, then one question after the other.

Every question sees the system line, the frames and itself, no other question, and its positions
follow the frames'. A row thus teaches what as many separate conversations would, at the price of
one look at the frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from longtake.prompts import render
from longtake.world.training.encoder.data import GRID
from longtake.world.training.lessons.lessons import FACTS, LOOKS, Point, Teacher, Told
from longtake.world.training.lessons.turns import Turn
from longtake.world.training.vlm.tokenizer import (
    END,
    IMAGE,
    VISION_END,
    VISION_START,
    build_tokenizer,
    vocabulary,
)
from longtake.world.training.vlm.tower import MERGE, TOKENS
from longtake.world.vlm.prompts import system_line, time_text

IGNORE = -100


@dataclass(frozen=True, slots=True)
class Row:
    """One clip with its turns, as token ids.

    Attributes:
        ids: int32 [L].
        spots: int32 [3, L], positions over time, height and width.
        turn: int16 [L], 0 for what comes before the questions, then 1, 2, …
        targets: int32 [L], the next token where it is to be learned, IGNORE elsewhere.
        weights: float32 [L], how much each of those counts.
        hints: int32 [L], what could be said in the middle of a question, IGNORE elsewhere.
        turns: the turns, in the order of their numbers.
        lead: how many tokens come before the first turn.
        points: int32 [Q], the places of words where more is taught; see `Point`.
        shown: bool [Q, LOOKS, L], what is to be looked at from there.
        facts: float32 [Q, FACTS], what is to be known there.
        said: float32 [Q], the number to be said next, NaN where it is none.
    """

    ids: np.ndarray
    spots: np.ndarray
    turn: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    hints: np.ndarray
    turns: tuple[Turn, ...]
    lead: int
    points: np.ndarray
    shown: np.ndarray
    facts: np.ndarray
    said: np.ndarray


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    return build_tokenizer()


@lru_cache(maxsize=1)
def token_ids() -> dict[str, int]:
    """Return the number of every token."""
    return {token: i for i, token in enumerate(vocabulary())}


@lru_cache(maxsize=4096)
def encode(text: str) -> tuple[int, ...]:
    """Return the tokens of a text."""
    return tuple(_tokenizer().encode(text).ids)


def prefix_of(seconds: Sequence[float]) -> tuple[list[int], np.ndarray]:
    """Return ids and positions [3, P] of all that comes before the question."""
    ids = list(encode(f"<|im_start|>system\n{system_line()}{END}\n<|im_start|>user\n"))
    spots = [_line(0, len(ids))]
    at = len(ids)
    ahead, behind = (token_ids()[m] for m in (VISION_START, VISION_END))
    picture = [token_ids()[IMAGE]] * TOKENS
    for second in seconds:
        text = [*_tokenizer().encode(time_text(second)).ids, ahead]
        spots += [_line(at, len(text)), _frame() + at + len(text)]
        at += len(text) + max(GRID) // MERGE
        spots.append(_line(at, 1))
        at += 1
        ids += [*text, *picture, behind]
    return ids, np.concatenate(spots, axis=1)


def pack_row(
    seconds: Sequence[float],
    turns: Sequence[Turn],
    longest: int,
    teacher: Teacher | None = None,
    served: bool = False,
) -> Row:
    """Pack as many turns as fit into `longest` tokens.

    Args:
        seconds: of the frames.
        turns: what is asked.
        longest: tokens of a row.
        teacher: gives hints; None where only answers are of interest.
        served: ask for boxes in the words in which a served model is asked.
    """
    row = _Writer(seconds, teacher, served)
    for turn in turns:
        # to go on with shorter ones would teach that answers are short
        if not row.add(turn, longest):
            break
    return row.close()


class _Writer:
    """A row that grows turn by turn."""

    def __init__(self, seconds: Sequence[float], teacher: Teacher | None, served: bool) -> None:
        self.teacher, self.served = teacher, served
        self.ids, spots = prefix_of(seconds)
        self.lead, self.spots, self.start = len(self.ids), [spots], int(spots.max()) + 1
        self.turn, self.weights = [0] * self.lead, [0.0] * self.lead
        self.targets, self.hints = [IGNORE] * self.lead, [IGNORE] * self.lead
        self.turns, self.points = list[Turn](), list[Point]()
        for at, token in teacher.before(self.ids) if teacher else ():
            self.hints[at] = token

    def add(self, turn: Turn, longest: int) -> bool:
        """Write a turn, unless the row would become too long; say whether it was written."""
        text = served_text(turn) if self.served else turn.text
        asked = [
            *_tokenizer().encode(text).ids,
            *encode(f"{END}\n<|im_start|>assistant\n"),
        ]
        answer = [*_tokenizer().encode(turn.answer).ids, token_ids()[END]]
        size = len(asked) + len(answer) - 1  # the end mark is only predicted
        if len(self.ids) + size > longest:
            return False
        if self.teacher:
            self._teach(self.teacher.of(turn, asked + answer[:-1]), size, len(asked) - 1)
        else:
            self.hints += [IGNORE] * size
        self.turns.append(turn)
        self.ids += asked + answer[:-1]
        self.turn += [len(self.turns)] * size
        self.weights += [0.0] * (len(asked) - 1) + _shares(turn, answer)
        self.targets += [IGNORE] * (len(asked) - 1)
        self.targets += [
            token if share else IGNORE
            for token, share in zip(answer, _shares(turn, answer), strict=True)
        ]
        self.spots.append(_line(self.start, size))
        return True

    def _teach(self, told: Told, size: int, last: int) -> None:
        hints = dict(told.hints)
        self.hints += [hints.get(at, IGNORE) if at < last else IGNORE for at in range(size)]
        here = len(self.ids)
        for at, shown, facts, said in told.points:
            moved = {k: np.where(p < self.lead, p, p + here - self.lead) for k, p in shown.items()}
            self.points.append(Point(here + at, moved, facts, said))

    def close(self) -> Row:
        """Return the row."""
        shown = np.zeros((len(self.points), LOOKS, len(self.ids)), bool)
        for row, point in enumerate(self.points):
            for look, places in point.shown.items():
                shown[row, look, places] = True
        return Row(
            np.array(self.ids, np.int32),
            np.concatenate(self.spots, axis=1),
            np.array(self.turn, np.int16),
            np.array(self.targets, np.int32),
            np.array(self.weights, np.float32),
            np.array(self.hints, np.int32),
            tuple(self.turns),
            self.lead,
            np.array([p.at for p in self.points], np.int32),
            shown,
            np.array([p.facts for p in self.points], np.float32).reshape(-1, FACTS),
            np.array([p.said for p in self.points], np.float32),
        )


def _shares(turn: Turn, answer: list[int]) -> list[float]:
    """Return the weight of each token of an answer.

    Every answer counts the same, however long it is: captions must not drown letters. Of a list of
    judgements each counts half an answer, a box counts two.
    """
    if turn.graded:
        graded = {encode(f" {word}")[0] for word in turn.graded}
        return [0.5 * (token in graded) for token in answer]
    if turn.task == "box" and len(answer) == 7:
        return [0.12, *[0.44] * 4, 0.05, 0.05]
    return [1 / len(answer)] * len(answer)


def served_text(turn: Turn) -> str:
    """Return what a served model is asked in a turn's place; only of boxes that is something else."""
    if turn.task != "box":
        return turn.text
    first, asked = turn.text.split("\n")[0], render("served_box", subject="").split("\n")[1]
    return f"{first}\n{asked}"


def _line(start: int, count: int) -> np.ndarray:
    return np.tile(np.arange(start, start + count, dtype=np.int32), (3, 1))


@lru_cache(maxsize=1)
def _frame() -> np.ndarray:
    """Return the positions of a frame's tokens from its start, [3, TOKENS]."""
    gh, gw = GRID[0] // MERGE, GRID[1] // MERGE
    rows, columns = np.divmod(np.arange(TOKENS, dtype=np.int32), gw)
    assert gh * gw == TOKENS
    return np.stack([np.zeros(TOKENS, np.int32), rows, columns])


def decode(ids: Sequence[int]) -> str:
    """Return the text of tokens, without the special ones."""
    return _tokenizer().decode([int(i) for i in ids])
