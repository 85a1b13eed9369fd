"""Turns about clips, packed into rows: the frames once, then one question after the other.

Every question sees the system line, the frames and itself, no other question, and its positions
follow the frames'. A row thus teaches what as many separate conversations would, at the price of
one look at the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from longtake.models.eye_prompts import system_line, time_text
from longtake.prompts import render
from train.data import GRID
from train.eye_tokenizer import END, IMAGE, build_tokenizer, vocabulary
from train.eye_tower import MERGE, TOKENS
from train.eye_turns import Turn

IGNORE = -100
HINT = 0.3  # weight of a hint beside an answer
DIGITS = (1.0, 0.5, 0.02)  # of the digits of a box's side: how far each moves it
Hint = tuple[int, int]  # place in a question's tokens, and the token to be said there


class Told(NamedTuple):
    """What is taught in a question: hints, and which of the clip's tokens to look at from where."""

    hints: Sequence[Hint] = ()
    points: Sequence[tuple[int, np.ndarray]] = ()


_MARKS = ("<|vision_start|>", "<|vision_end|>")


@dataclass(frozen=True, slots=True)
class Row:
    """One clip with its turns, as token ids.

    Attributes:
        ids: int32 [L].
        spots: int32 [3, L], positions over time, height and width.
        turn: int16 [L], 0 for what comes before the questions, then 1, 2, …
        targets: int32 [L], the next token where it is to be learned, IGNORE elsewhere.
        weights: float32 [L], how much each of those counts.
        turns: the turns, in the order of their numbers.
        lead: how many tokens come before the first turn.
        points: int32 [Q], the places from which it is taught where to look.
        shown: bool [Q, lead], what is to be looked at from there.
    """

    ids: np.ndarray
    spots: np.ndarray
    turn: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    turns: tuple[Turn, ...]
    lead: int
    points: np.ndarray
    shown: np.ndarray


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


def prefix_of(seconds: Sequence[float], served: bool = False) -> tuple[list[int], np.ndarray]:
    """Return ids and positions [3, P] of all that comes before the question."""
    line = render("served_system") if served else system_line()
    ids = list(encode(f"<|im_start|>system\n{line}{END}\n<|im_start|>user\n"))
    spots = [_line(0, len(ids))]
    at = len(ids)
    ahead, behind = (token_ids()[m] for m in _MARKS)
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
    hints: Callable[[Turn, list[int]], Told] | None = None,
    served: bool = False,
) -> Row:
    """Pack as many turns as fit into `longest` tokens.

    Every answer counts the same, however long it is: captions must not drown letters. Of a list of
    judgements each counts half an answer.

    Args:
        seconds: of the frames.
        turns: what is asked.
        longest: tokens of a row.
        hints: from a turn and its tokens; None where only answers are of interest.
        served: use the words in which a served model is asked.
    """
    ids, spots = prefix_of(seconds, served)
    start, parts = int(spots.max()) + 1, [spots]
    lead = len(ids)
    turn, targets = [0] * len(ids), [IGNORE] * len(ids)
    weights, packed = [0.0] * len(ids), list[Turn]()
    pictures, points, shown = np.array(ids) == token_ids()[IMAGE], list[int](), list[np.ndarray]()
    for asked in turns:
        question = [
            *_tokenizer().encode(served_text(asked) if served else asked.text).ids,
            *encode(f"{END}\n<|im_start|>assistant\n"),
        ]
        answer = [*_tokenizer().encode(asked.answer).ids, token_ids()[END]]
        size = len(question) + len(answer) - 1  # the end mark is only predicted
        if len(ids) + size > longest:
            break  # to go on with shorter ones would teach that answers are short
        packed.append(asked)
        ids += question + answer[:-1]
        turn += [len(packed)] * size
        graded = {encode(f" {word}")[0] for word in asked.graded}
        learned = [not graded or token in graded for token in answer]
        share = 0.5 if graded else 1 / len(answer)
        shares = _box_shares(answer) if asked.task == "box" else [share] * len(answer)
        taught = hints(asked, question + answer[:-1]) if hints else Told()
        told = {at: token for at, token in taught.hints if at < len(question) - 1}
        for at, mask in taught.points:
            points.append(len(turn) - size + at)
            shown.append(_spread(mask, pictures))
        weights += [HINT * (at in told) for at in range(len(question) - 1)]
        weights += [part * taught for part, taught in zip(shares, learned, strict=True)]
        targets += [told.get(at, IGNORE) for at in range(len(question) - 1)]
        targets += [t if taught else IGNORE for t, taught in zip(answer, learned, strict=True)]
        parts.append(_line(start, size))
    return Row(
        np.array(ids, np.int32),
        np.concatenate(parts, axis=1),
        np.array(turn, np.int16),
        np.array(targets, np.int32),
        np.array(weights, np.float32),
        tuple(packed),
        lead,
        np.array(points, np.int32),
        np.stack(shown) if shown else np.zeros((0, lead), bool),
    )


def served_text(turn: Turn) -> str:
    """Return what a served model is asked in a turn's place; only of boxes that is something else."""
    if turn.task != "box":
        return turn.text
    first, asked = turn.text.split("\n")[0], render("served_box", subject="").split("\n")[1]
    return f"{first}\n{asked}"


def _spread(mask: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Return which tokens of the lead are to be looked at: the first one when nothing is shown."""
    wide = np.zeros(len(pictures), bool)
    wide[pictures] = mask
    wide[0] = not mask.any()
    return wide


def _box_shares(answer: list[int]) -> list[float]:
    """Return the weights of a box's tokens, two answers' worth; or of what is said in its place."""
    if len(answer) < 15:
        return [1 / len(answer)] * len(answer)
    sides = [share for _ in range(4) for share in DIGITS]
    return [part / 4 for part in (0.5, *sides, 0.2, 0.2)]


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
